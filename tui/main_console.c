/* The console on its loop: terminal, keys, frames, signals; and what goes on without a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/num.h"
#include "tui/main.h"
#include "tui/terminal.h"
#include "tui/theme.h"
#include "tui/theme_mode.h"
#include "tui/tui.h"

enum { FRAME_US = 33333, LEAVE_S = 10, FILE_MODE = 0600 };

struct console {
    struct book *book;
    const struct options *options;
    const struct console_extra *extra;
    struct tui tui;
    struct theme theme; /* that is shown */
    struct theme_choice themes;
    enum theme_mode mode; /* whose theme it is */
    struct keymap keys;
    struct canvas canvas;
    struct decoder decoder;
    struct loop_poll input;
    struct loop_timer timer;
    struct loop_turn turn;
    struct loop_signal window, hang_up, end, interrupt;
    struct sq_listener listener; /* headless: events as lines of text */
    bool screen;                 /* the terminal is ours */
    bool pending;                /* a frame is wanted */
    sq_time drawn;               /* when the last frame went out */
    bool leaving;                /* no new sends; ends when nothing is in flight */
    bool logged_out;
    sq_time leave_by;            /* SQ_NEVER: when all has ended, however long it takes */
    char complaint[REPORT_SIZE]; /* first thing that was wrong with a theme or key file */
};

static int64_t monotonic_us(void)
{
    return (int64_t)(uv_hrtime() / 1000);
}

/* ---- what the screen asks for ------------------------------------------------------------------- */

static uint64_t random_bits(void *owner)
{
    (void)owner;
    return loop_random();
}

/* A new file that only its owner reads; one that is there already is not touched. */
static int write_file(void *owner, const char *name, const char *text, size_t length, char *why,
                      size_t why_room)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    bool written = fd >= 0;

    (void)owner;
    while (written && length > 0) {
        ssize_t n = write(fd, text, length);

        written = n > 0;
        if (written) {
            text += n;
            length -= (size_t)n;
        }
    }
    if (!written)
        snprintf(why, why_room, "%s: %s", name, strerror(errno));
    if (fd >= 0 && close(fd) != 0)
        written = false;
    return written ? 0 : -1;
}

static void complain(void *context, const char *text)
{
    struct console *c = context;

    if (c->complaint[0] == '\0')
        snprintf(c->complaint, sizeof c->complaint, "%s", text);
}

/* Shows a theme by name; what was shown stays when there is none of that name. */
static bool show_theme(struct console *c, const char *name, char *why, size_t why_room)
{
    struct theme_source source = theme_files();
    struct report report = {.line = complain, .context = c};
    struct theme theme;

    c->complaint[0] = '\0';
    if (!theme_load(&theme, name, &source, &report)) {
        snprintf(why, why_room, "there is no theme \"%s\"", name);
        return false;
    }
    c->theme = theme;
    if (c->screen)
        terminal_theme(&c->theme);
    return true;
}

/* ":theme NAME" and ":theme MODE NAME". */
static bool set_theme(void *owner, const char *words, char *why, size_t why_room)
{
    struct console *c = owner;
    struct theme_choice choice = c->themes;
    const char *name = strrchr(words, ' ') ? strrchr(words, ' ') + 1 : words;

    if (!theme_choice_set(&choice, c->mode, words, why, why_room) ||
        !show_theme(c, name, why, why_room))
        return false;
    c->themes = choice;
    return show_theme(c, theme_choice_name(&c->themes, c->mode), why, why_room);
}

/* The theme follows the mode: a link that is lost shows at once. */
static void follow_mode(struct console *c)
{
    enum theme_mode mode = theme_mode_of(&c->tui.source, tui_is_offline(&c->tui));
    const char *was = theme_choice_name(&c->themes, c->mode);
    const char *is = theme_choice_name(&c->themes, mode);
    char why[REPORT_SIZE];

    c->mode = mode;
    if (strcmp(was, is) != 0 && !show_theme(c, is, why, sizeof why))
        tui_say(&c->tui, ROLE_WARN, "theme: %s", why);
}

/* ---- keys --------------------------------------------------------------------------------------- */

/* A preset by name, or a key file over the neat preset; without either, the person's own file. */
static void load_keys(struct console *c)
{
    char own[PATH_SIZE];
    bool has_own =
        xdg_path("XDG_CONFIG_HOME", ".config", "keys.conf", own) && access(own, R_OK) == 0;
    const char *name = c->options->keys ? c->options->keys : has_own ? own : "neat";
    struct report report = {.line = complain, .context = c};
    static char text[65536];
    char why[REPORT_SIZE];
    long length;

    if (keys_preset(&c->keys, name))
        return;
    keys_preset(&c->keys, "neat");
    length = theme_read_file(name, text, sizeof text, why);
    if (length < 0)
        complain(c, why);
    else
        keys_load(&c->keys, text, (size_t)length, name, &report);
}

static void deliver(void *context, const struct decode_event *event)
{
    struct console *c = context;

    tui_input(&c->tui, event, loop_now(&c->book->loop));
}

static bool is_guarded(void *context, uint32_t key)
{
    return tui_key_is_guarded(&((struct console *)context)->tui, key);
}

/* ---- leaving ------------------------------------------------------------------------------------ */

static void close_screen(struct console *c)
{
    if (!c->screen)
        return;
    c->screen = false;
    loop_poll_stop(&c->input);
    terminal_close();
}

/* A server's host goes on by itself. */
static uint32_t in_flight_here(const struct console *c)
{
    return c->book->host ? sq_host_in_flight(c->book->host) : 0;
}

/* No new sends from here on; what is in flight is read to its end, without a screen. */
static void leave(struct console *c, sq_time by)
{
    uint32_t in_flight = in_flight_here(c);

    close_screen(c);
    if (c->book->host)
        sq_host_set_no_new(c->book->host, true);
    if (!c->leaving && in_flight > 0)
        fprintf(stderr, "squareoff: %u orders in flight, staying until they have ended\n",
                in_flight);
    c->leaving = true;
    c->leave_by = by;
}

static void go_on_leaving(struct console *c, sq_time now)
{
    bool late = now >= c->leave_by;

    loop_timer_set(&c->timer, now + 50 * SQ_MS);
    if (!c->logged_out && (late || in_flight_here(c) == 0)) {
        c->logged_out = true;
        c->leave_by = now + LEAVE_S * SQ_SECOND;
        if (c->book->link)
            standalone_logout(c->book->link, "console left");
        return;
    }
    if (c->logged_out && (late || !c->book->link || standalone_is_quiet(c->book->link)))
        loop_stop(&c->book->loop);
}

/* ---- frames ------------------------------------------------------------------------------------- */

static void take_size(struct console *c)
{
    int rows, columns;

    terminal_size(&rows, &columns);
    canvas_finish(&c->canvas);
    if (!canvas_init(&c->canvas, rows, columns)) {
        leave(c, SQ_NEVER);
        return;
    }
    tui_resize(&c->tui, c->canvas.rows, c->canvas.columns);
    c->pending = true;
}

static void draw(struct console *c, sq_time now)
{
    int row = -1, column = 0;
    enum terminal_result result;

    if (c->tui.redraw)
        terminal_redraw();
    if (c->tui.bell.ring)
        terminal_bell();
    c->tui.redraw = c->tui.bell.ring = false;
    tui_draw(&c->tui, &c->canvas);
    if (!tui_cursor(&c->tui, &row, &column))
        row = -1;
    result = terminal_draw(&c->canvas, row, column);
    c->pending = result == TERMINAL_BEHIND;
    c->drawn = now;
    loop_poll_set(&c->input, true, result == TERMINAL_BEHIND);
    if (result == TERMINAL_LOST)
        leave(c, SQ_NEVER);
}

static sq_time next_look(const struct console *c, sq_time now)
{
    sq_time at = tui_deadline(&c->tui);
    int64_t keys = decode_deadline(&c->decoder);

    if (c->pending && c->drawn + FRAME_US < at)
        at = c->drawn + FRAME_US;
    if (keys != DECODE_NEVER && now + (keys - monotonic_us()) < at)
        at = now + (keys - monotonic_us());
    return at;
}

/* Once a turn, after all that came in and before it waits. */
static void act(void *owner)
{
    struct console *c = owner;
    sq_time now = loop_now(&c->book->loop);

    book_tick(c->book);
    if (c->extra->turn)
        c->extra->turn(c->extra->owner, now);
    if (c->leaving) {
        go_on_leaving(c, now);
        return;
    }
    if (!c->screen)
        return;
    if (decode_deadline(&c->decoder) <= monotonic_us())
        decode_time(&c->decoder, monotonic_us());
    if (tui_update(&c->tui, now))
        c->pending = true;
    follow_mode(c);
    if (c->tui.quit) {
        leave(c, SQ_NEVER);
        loop_timer_set(&c->timer, now);
        return;
    }
    if (c->pending && now - c->drawn >= FRAME_US)
        draw(c, now);
    if (!c->screen)
        return;
    loop_timer_set(&c->timer, next_look(c, now));
    decode_away(&c->decoder, (int64_t)uv_now(&c->book->loop.uv) * 1000, monotonic_us());
}

static void woken(void *owner)
{
    (void)owner; /* the turn that follows does the work */
}

static void ready(void *owner, bool readable, bool writable)
{
    struct console *c = owner;
    char bytes[4096];
    ssize_t n;

    if (writable && terminal_flush() == TERMINAL_DONE)
        loop_poll_set(&c->input, true, false);
    if (!readable)
        return;
    while ((n = read(terminal_fd(), bytes, sizeof bytes)) > 0)
        decode_bytes(&c->decoder, bytes, (size_t)n, monotonic_us());
    if (n == 0 || (errno != EAGAIN && errno != EINTR))
        leave(c, SQ_NEVER);
}

/* ---- signals ------------------------------------------------------------------------------------ */

static void signalled(void *owner, int number)
{
    struct console *c = owner;
    sq_time now = loop_now(&c->book->loop);

    if (number == SIGWINCH && c->screen)
        take_size(c);
    else if (number == SIGHUP && c->options->headless)
        return;
    else if (number == SIGHUP)
        leave(c, SQ_NEVER);
    else if (number == SIGTERM || number == SIGINT)
        leave(c, c->leaving ? now : now + LEAVE_S * SQ_SECOND);
    loop_timer_set(&c->timer, now);
}

static void start_signals(struct console *c)
{
    struct loop *loop = &c->book->loop;

    signal(SIGTSTP, SIG_IGN); /* a stopped console would leave its orders unread */
    signal(SIGPIPE, SIG_IGN);
    loop_signal_start(&c->window, loop, SIGWINCH, signalled, c);
    loop_signal_start(&c->hang_up, loop, SIGHUP, signalled, c);
    loop_signal_start(&c->end, loop, SIGTERM, signalled, c);
    loop_signal_start(&c->interrupt, loop, SIGINT, signalled, c);
}

static void stop_signals(struct console *c)
{
    loop_signal_stop(&c->window);
    loop_signal_stop(&c->hang_up);
    loop_signal_stop(&c->end);
    loop_signal_stop(&c->interrupt);
}

/* ---- with and without a screen ------------------------------------------------------------------ */

void console_print(const struct sq_message *event)
{
    char line[SQ_LINE_MAX], time[48];

    sq_print_iso(event->time, time);
    sq_line((enum sq_kind)event->kind, &event->as, line, sizeof line);
    printf("%s %llu %s\n", time, (unsigned long long)event->seq, line);
    fflush(stdout);
}

static void print_event(struct sq_listener *listener, const struct sq_message *event)
{
    (void)listener;
    console_print(event);
}

/* A server's events are printed by who hears them. */
static enum console_exit start_headless(struct console *c)
{
    if (!c->book->host)
        return EXIT_DONE;
    c->listener.event = print_event;
    return sq_host_listen(c->book->host, &c->listener) ? EXIT_DONE : EXIT_STATE;
}

/* The first theme: a wrong name is told, and the terminal's own colours do. */
static void choose_theme(struct console *c)
{
    char why[REPORT_SIZE];

    if (c->options->themes)
        c->themes = *c->options->themes;
    if (c->options->theme)
        snprintf(c->themes.name[THEME_MODE_ANY], THEME_CHOICE_SIZE, "%s", c->options->theme);
    c->mode = theme_mode_of(&c->book->source, false);
    if (show_theme(c, theme_choice_name(&c->themes, c->mode), why, sizeof why))
        return;
    theme_init(&c->theme);
    complain(c, why);
}

static enum console_exit start_screen(struct console *c)
{
    const struct console_extra *extra = c->extra;
    struct terminal_options how = {.colour = c->options->colour, .mouse = c->options->mouse};
    struct decode_calls calls = {.deliver = deliver, .destructive = is_guarded, .context = c};
    struct tui_options options = {.session = c->book->session,
                                  .keys = &c->keys,
                                  .theme = &c->theme,
                                  .function_keys = c->options->function_keys,
                                  .coach = c->book->source.drill && !c->options->no_coach,
                                  .silent = c->options->silent};
    char why[TERMINAL_WHY_SIZE];
    int rows, columns;

    options.calls = (struct tui_calls){.random = random_bits,
                                       .write = write_file,
                                       .theme = set_theme,
                                       .drill = extra->drill,
                                       .account = extra->account,
                                       .alarms = extra->alarms,
                                       .pin = extra->pin,
                                       .servers = extra->servers,
                                       .login = extra->login,
                                       .logout = extra->logout,
                                       .keep = extra->keep,
                                       .own = extra->own,
                                       .own_words = extra->own_words,
                                       .owner = c,
                                       .extra = extra->owner};
    load_keys(c);
    choose_theme(c);
    if (!terminal_open(&how, why)) {
        fprintf(stderr, "squareoff: %s\n", why);
        return EXIT_CONFIG;
    }
    c->screen = true;
    terminal_theme(&c->theme);
    terminal_size(&rows, &columns);
    if (!canvas_init(&c->canvas, rows, columns) ||
        !tui_init(&c->tui, &options, rows, columns, loop_now(&c->book->loop))) {
        terminal_close();
        fprintf(stderr, "squareoff: no memory for the screen\n");
        return EXIT_STATE;
    }
    if (c->complaint[0])
        tui_say(&c->tui, ROLE_WARN, "%s", c->complaint);
    if (extra->screen)
        extra->screen(extra->owner, &c->tui);
    decode_init(&c->decoder, calls);
    loop_poll_init(&c->input, &c->book->loop, terminal_fd(), ready, c);
    loop_poll_set(&c->input, true, false);
    return EXIT_DONE;
}

enum console_exit console_run(struct book *book, const struct options *options,
                              const struct console_extra *extra)
{
    struct console *c = calloc(1, sizeof *c);
    enum console_exit result;

    if (!c)
        return EXIT_STATE;
    c->book = book;
    c->options = options;
    c->extra = extra;
    c->leave_by = SQ_NEVER;
    result = options->headless ? start_headless(c) : start_screen(c);
    if (result == EXIT_DONE) {
        start_signals(c);
        loop_timer_init(&c->timer, &book->loop, woken, c);
        loop_timer_set(&c->timer, loop_now(&book->loop));
        loop_turn_init(&c->turn, &book->loop, act, c);
        loop_run(&book->loop);
        close_screen(c);
        loop_turn_stop(&c->turn);
        loop_timer_stop(&c->timer);
        stop_signals(c);
        tui_finish(&c->tui);
        canvas_finish(&c->canvas);
        result = book->failed ? EXIT_DISK : EXIT_DONE;
    }
    if (book->link)
        standalone_stop(book->link);
    if (extra->stop)
        extra->stop(extra->owner);
    loop_finish(&book->loop);
    free(c);
    return result;
}
