/* REMOTE and OFFLINE: a console on backup servers, with the last known book kept beside it.
 *
 * The session is net/remote.h's; what it says is kept by tui/main_cache.c as it comes. A console that
 * finds no server shows what was kept, and goes on looking for one. Before there is any book the
 * screen holds an empty one, so that the login is a ticket like all others.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/num.h"
#include "db/state_dir.h"
#include "net/remote.h"
#include "net/settings.h"
#include "tui/kept.h"
#include "tui/login.h"
#include "tui/main_cache.h"
#include "tui/main_config.h"
#include "tui/main_handover.h"
#include "tui/tui.h"

enum { RELOGIN_MS = 500, LOG_LINE_SIZE = 400 };

struct far {
    struct book book; /* loop and session; no host, no store: those are the server's */
    struct config config;
    struct state_dir dir;
    struct remote *remote;
    struct console_cache *cache;
    struct console_owner *owner;  /* NULL: this console owns no book */
    char typed[WIRE_SECRET_SIZE]; /* password of the login that is under way */
    struct tui *tui;              /* NULL: headless, or not made yet */
    void *blank_memory;
    struct sq_view *blank;            /* shown until there is a book */
    const struct sq_view *shown;      /* that the screen knows the rows of */
    bool ask;                         /* a person must log in, */
    char ask_why[WIRE_WHY_SIZE + 64]; /* because of that */
    enum remote_phase phase;          /* as of the last turn */
    FILE *log;
    sq_time logged_at[REMOTE_SERVERS];
    char why[WHY_SIZE];
    enum console_exit failed; /* EXIT_DONE: nothing has */
};

static void far_log(struct far *f, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void far_log(struct far *f, const char *format, ...)
{
    char line[LOG_LINE_SIZE];
    va_list arguments;

    if (!f->log)
        return;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    book_log(&f->book, f->log, line);
}

static void fail(struct far *f, enum console_exit exit, const char *why)
{
    f->failed = exit;
    snprintf(f->why, sizeof f->why, "%s", why);
    loop_stop(&f->book.loop);
}

/* ---- the token ---------------------------------------------------------------------------------- */

/* In a file that nobody else reads; a crash in mid-write leaves the old one. */
static void keep_token(void *owner, const char *token, sq_time until)
{
    struct far *f = owner;
    char path[STATE_PATH_MAX + 32], fresh[STATE_PATH_MAX + 32];
    size_t length = strlen(token);
    struct remote_status status;
    int fd;

    (void)until; /* the server knows */
    if (token[0] && f->typed[0]) {
        remote_status(f->remote, &status);
        console_owner_know(f->owner, status.person, f->typed);
    }
    explicit_bzero(f->typed, sizeof f->typed);
    state_dir_file(&f->dir, "token", path);
    if (length == 0) {
        unlink(path);
        return;
    }
    state_dir_file(&f->dir, "token.new", fresh);
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return;
    if (write(fd, token, length) == (ssize_t)length && fsync(fd) == 0)
        rename(fresh, path);
    close(fd);
}

/* "": there is none. One that others can read is none. */
static void read_token(struct far *f, char token[WIRE_TOKEN_SIZE])
{
    char path[STATE_PATH_MAX + 32], why[WHY_SIZE];

    state_dir_file(&f->dir, "token", path);
    if (access(path, F_OK) != 0 ||
        settings_read_secret(path, token, WIRE_TOKEN_SIZE, why, sizeof why) != 0)
        token[0] = '\0';
}

/* ---- what the session says ---------------------------------------------------------------------- */

static void on_ask(void *owner, const char *why)
{
    struct far *f = owner;

    f->ask = true;
    snprintf(f->ask_why, sizeof f->ask_why, "%s", why);
    far_log(f, "login wanted: %s", why);
}

/* What each server said last goes into the log once. */
static void log_servers(struct far *f)
{
    struct remote_status status;

    remote_status(f->remote, &status);
    for (size_t i = 0; i < status.line_count; i++) {
        const struct remote_line *line = &status.lines[i];

        if (line->at != f->logged_at[i] && line->why[0])
            far_log(f, "%s %s: %s", line->host, line->name, line->why);
        f->logged_at[i] = line->at;
    }
}

static void on_changed(void *owner)
{
    struct far *f = owner;

    log_servers(f);
    if (f->tui)
        f->tui->dirty = true;
}

static void on_event(void *owner, const struct sq_message *event)
{
    struct far *f = owner;

    console_cache_event(f->cache, event);
    if (f->config.options.headless)
        console_print(event);
}

/* The screen finds its rows again in the book that there is now. */
static void on_replaced(void *owner)
{
    struct far *f = owner;
    struct sq_session *session = remote_session(f->remote);
    bool first = f->shown == f->blank;

    console_cache_view(f->cache, session->view);
    if (f->tui && !tui_sit(f->tui, session, f->shown)) {
        fail(f, EXIT_STATE, "no memory for the book");
        return;
    }
    f->shown = session->view;
    if (f->tui && first)
        tui_show(f->tui, PANEL_POSITIONS);
}

static void on_lost(void *owner, const struct sq_message *message, bool known, const char *why)
{
    struct far *f = owner;
    const char *what = sq_kind_info((enum sq_kind)message->kind)->name;

    far_log(f, "%s %s: %s", known ? "not taken:" : "no answer:", what, why);
    if (!f->tui)
        return;
    if (message->kind == SQ_MANUAL_FILL)
        kept_lost(f->tui, &message->as.manual_fill.id);
    if (!known)
        tui_say(f->tui, ROLE_DANGER, "%s: %s. Look before you press again", what, why);
}

/* ---- what the screen asks ----------------------------------------------------------------------- */

static void name_server(struct tui_server *server, const struct remote_line *line,
                        const struct remote_server *address)
{
    if (line->name[0])
        sq_text_cut(server->name, sizeof server->name, line->name);
    else
        snprintf(server->name, sizeof server->name, "%.50s:%s", address->host, address->port);
    sq_text_cut(server->why, sizeof server->why, line->why);
    server->present = line->present;
    server->at = line->at;
}

static bool read_server(const char *text, struct remote_server *server);

static void servers(void *owner, struct tui_servers *told)
{
    struct far *f = owner;
    struct remote_status status;
    struct remote_server address;

    remote_status(f->remote, &status);
    told->count = status.line_count < TUI_SERVERS ? status.line_count : TUI_SERVERS;
    told->phase = remote_phase_name(status.phase);
    told->retry_at = status.retry_at;
    for (size_t i = 0; i < told->count; i++) {
        read_server(f->config.options.servers[i], &address);
        name_server(&told->list[i], &status.lines[i], &address);
    }
}

static void login(void *owner, const char *user, const char *password, const char *code)
{
    struct far *f = owner;

    f->ask = false;
    far_log(f, "login of %s", user);
    sq_text_cut(f->typed, sizeof f->typed, password);
    remote_login(f->remote, user, password, code);
}

/* ---- owning the book ---------------------------------------------------------------------------- */

static void on_log_rows(void *owner, const struct wire_frame *frame)
{
    struct far *f = owner;

    if (f->owner)
        console_owner_rows(f->owner, frame);
}

static void own_say(void *owner, bool bad, const char *words)
{
    struct far *f = owner;

    far_log(f, "%s", words);
    if (f->tui)
        tui_say(f->tui, bad ? ROLE_WARN : ROLE_MESSAGE, "%s", words);
}

static void own_taken(void *owner)
{
    fail(owner, EXIT_CHANGES, "");
}

static bool own(void *owner, const struct own_ask *ask, char *why, size_t why_room)
{
    struct far *f = owner;

    return console_owner_ask(f->owner, ask, f->book.session->person, why, why_room);
}

static void own_words(void *owner, char *text, size_t size)
{
    console_owner_words(((const struct far *)owner)->owner, text, size);
}

static bool right_pin(void *owner, const char *text)
{
    return config_is_pin(&((const struct far *)owner)->config, text);
}

static void logout(void *owner)
{
    struct far *f = owner;

    far_log(f, "logout");
    remote_logout(f->remote);
}

/* What was entered without a server, as notes of the cache. */
static void keep(void *owner)
{
    struct far *f = owner;
    const struct sq_tables *t = tui_tables(f->tui);
    struct cache_note note;

    console_cache_notes(f->cache);
    for (size_t i = 0; i < TUI_FILLS; i++) {
        const struct tui_fill *kept = &f->tui->fills[i];

        note = (struct cache_note){.time = kept->time, .net = kept->net, .fill = kept->fill};
        if (kept->time != 0)
            console_cache_note(f->cache, &note);
    }
    for (uint32_t p = 0; p < t->position_count; p++) {
        const struct tui_sheet_line *line = &f->tui->sheet_lines[p];

        if (!list_is_tagged(&f->tui->sheet, p))
            continue;
        note = (struct cache_note){.on_sheet = true, .time = line->time, .net = line->net};
        note.fill.key = t->position[p].key;
        console_cache_note(f->cache, &note);
    }
}

static void restore(void *owner, const struct cache_note *note)
{
    struct far *f = owner;

    if (note->on_sheet)
        kept_restore_line(f->tui, &note->fill.key, note->net, note->time);
    else
        kept_restore_fill(f->tui, &note->fill, note->net, note->time);
}

static void screen(void *owner, struct tui *tui)
{
    struct far *f = owner;

    f->tui = tui;
    if (f->config.options.user)
        sq_text_cut(tui->user, sizeof tui->user, f->config.options.user);
    console_cache_each_note(f->cache, restore, f);
    if (f->shown == f->blank)
        tui_show(tui, PANEL_STATUS);
}

/* ---- each turn ---------------------------------------------------------------------------------- */

static void follow_phase(struct far *f)
{
    struct remote_status status;

    remote_status(f->remote, &status);
    if (f->owner)
        console_owner_turn(f->owner, f->remote, status.phase);
    if (status.phase != f->phase)
        far_log(f, "%s %s", remote_phase_name(status.phase), status.server);
    f->phase = status.phase;
    /* Whoever has logged out may log in again, once the server has been told. */
    if (status.phase == REMOTE_ENDED && loop_now(&f->book.loop) - status.since > RELOGIN_MS * SQ_MS)
        remote_start(f->remote);
}

static void ask_person(struct far *f)
{
    if (!f->ask)
        return;
    if (!f->tui) {
        fail(f, EXIT_LINK, "nobody is logged in: log in once with a screen, on the same --state");
        return;
    }
    f->ask = false;
    login_open(f->tui, f->ask_why);
}

static bool wants_depth(const struct tui *tui)
{
    return tui->pane == TUI_PANE_DEPTH || tui->layout.depth.rows > 1;
}

static void turn(void *owner, sq_time now)
{
    struct far *f = owner;
    const char *said;

    follow_phase(f);
    ask_person(f);
    if (f->tui)
        remote_rates(f->remote, f->config.rates_per_second, wants_depth(f->tui));
    said = console_cache_turn(f->cache, remote_session(f->remote), f->phase == REMOTE_LIVE, now);
    if (said && f->tui)
        tui_say(f->tui, ROLE_WARN, "%s", said);
}

static void stop(void *owner)
{
    struct far *f = owner;

    f->tui = NULL;
    console_owner_stop(f->owner);
    remote_stop(f->remote);
}

/* ---- beginning ---------------------------------------------------------------------------------- */

/* HOST:PORT, or [ADDRESS]:PORT of IPv6. */
static bool read_server(const char *text, struct remote_server *server)
{
    const char *colon = strrchr(text, ':');
    bool bracket = text[0] == '[' && colon && colon > text + 1 && colon[-1] == ']';
    size_t length = colon ? (size_t)(colon - text) - 2 * bracket : 0;
    int64_t port;

    if (length == 0 || length >= sizeof server->host ||
        !sq_parse_integer(colon + 1, strlen(colon + 1), &port) || port < 1 || port > 65535)
        return false;
    memcpy(server->host, text + bracket, length);
    server->host[length] = '\0';
    snprintf(server->port, sizeof server->port, "%d", (int)port);
    return true;
}

static enum console_exit make_blank(struct far *f)
{
    struct sq_config small;

    sq_config_default(&small);
    small.instruments = small.clients = small.people = small.hours = small.positions = 16;
    small.orders = small.closes = small.fills = small.intents = 16;
    f->blank_memory = calloc(1, sq_view_size(&small));
    if (!f->blank_memory) {
        snprintf(f->why, sizeof f->why, "no memory for a screen");
        return EXIT_STATE;
    }
    f->blank = sq_view_init(f->blank_memory, &small);
    return EXIT_DONE;
}

static enum console_exit make_remote(struct far *f, const struct cache_head *kept)
{
    const struct options *o = &f->config.options;
    struct remote_config config = {.loop = &f->book.loop,
                                   .server_count = o->server_count,
                                   .ca_file = o->ca,
                                   .plain = o->plain,
                                   .per_s = f->config.rates_per_second,
                                   .ask = on_ask,
                                   .keep = keep_token,
                                   .changed = on_changed,
                                   .event = on_event,
                                   .replaced = on_replaced,
                                   .lost = on_lost,
                                   .log = on_log_rows,
                                   .owner = f};

    for (size_t i = 0; i < o->server_count; i++)
        if (!read_server(o->servers[i], &config.servers[i])) {
            snprintf(f->why, sizeof f->why, "%s: a server is HOST:PORT", o->servers[i]);
            return EXIT_CONFIG;
        }
    if (o->ca && access(o->ca, R_OK) != 0) {
        snprintf(f->why, sizeof f->why, "%s: the CA file cannot be read", o->ca);
        return EXIT_CONFIG;
    }
    sq_text_cut(config.user, sizeof config.user, o->user ? o->user : "");
    memcpy(config.book, f->config.book[0] ? f->config.book : kept->book, sizeof config.book);
    read_token(f, config.token);
    f->remote = remote_create(&config, f->why, sizeof f->why);
    explicit_bzero(config.token, sizeof config.token);
    return f->remote ? EXIT_DONE : EXIT_CONFIG;
}

/* Shows what was kept, and resumes from there; a book that cannot be read is none. */
static void seed(struct far *f, const struct cache_head *kept)
{
    struct sq_session *session = remote_session(f->remote);
    struct sq_view *view = remote_seed(f->remote, &kept->config);

    if (!view || !console_cache_load(f->cache, view)) {
        far_log(f, "the kept book cannot be used");
        return;
    }
    remote_seeded(f->remote, kept->seq, kept->epoch, kept->heard, kept->source);
    memcpy(session->person, kept->person, sizeof session->person);
    f->shown = session->view;
    console_cache_view(f->cache, session->view);
}

static enum console_exit open_state(struct far *f)
{
    const char *state = f->config.options.state;

    if (state_dir_init(&f->dir, state) != 0) {
        snprintf(f->why, sizeof f->why, "%s: too long a path", state);
        return EXIT_STATE;
    }
    if (state_dir_make(&f->dir, f->why, sizeof f->why) != SQ_ERR_OK ||
        state_dir_lock(&f->dir, f->why, sizeof f->why) != SQ_ERR_OK)
        return EXIT_STATE;
    f->cache = console_cache_open(&f->book.loop, state, f->config.cache_key, f->why);
    return f->cache ? EXIT_DONE : EXIT_CONFIG;
}

static enum console_exit open_owner(struct far *f)
{
    const struct console_owner_calls calls = {.say = own_say, .taken = own_taken, .owner = f};

    return console_owner_open(&f->book.loop, &f->config, f->config.options.state, &calls, &f->owner,
                              f->why);
}

static enum console_exit open_log(struct far *f)
{
    const char *path = f->config.options.log;

    if (path && !(f->log = fopen(path, "ae"))) {
        snprintf(f->why, sizeof f->why, "%s: cannot be written", path);
        return EXIT_CONFIG;
    }
    return EXIT_DONE;
}

/* The kept book is the one that is asked for, and was last seen by whom it is shown to now. */
static bool is_for_us(const struct far *f, const struct cache_head *kept)
{
    const char *user = f->config.options.user;

    return (!f->config.book[0] || strcmp(f->config.book, kept->book) == 0) &&
           (!user || strcmp(user, kept->person) == 0);
}

static enum console_exit open_all(struct far *f, const struct options *options)
{
    struct cache_head kept = {.seq = 0};
    enum console_exit result;
    bool has;

    f->config.rates_per_second = 5;
    if (!config_read(&f->config, options, CONFIG_REMOTE)) {
        memcpy(f->why, f->config.why, sizeof f->why);
        return EXIT_CONFIG;
    }
    result = open_log(f);
    if (result == EXIT_DONE)
        result = open_state(f);
    if (result == EXIT_DONE)
        result = make_blank(f);
    if (result == EXIT_DONE)
        result = open_owner(f);
    if (result != EXIT_DONE)
        return result;
    has = console_cache_head(f->cache, &kept) && is_for_us(f, &kept);
    result = make_remote(f, &kept);
    if (result != EXIT_DONE)
        return result;
    f->book.session = remote_session(f->remote);
    f->shown = f->blank;
    if (has)
        seed(f, &kept);
    else /* of another book, or none: what a person entered is kept all the same */
        console_cache_load(f->cache, NULL);
    if (f->shown == f->blank)
        f->book.session->view = f->blank;
    remote_start(f->remote);
    return EXIT_DONE;
}

static void close_all(struct far *f)
{
    if (f->remote)
        remote_free(f->remote);
    console_owner_free(f->owner);
    console_cache_close(f->cache);
    explicit_bzero(f->typed, sizeof f->typed);
    state_dir_unlock(&f->dir);
    config_wipe(&f->config);
    if (f->log)
        fclose(f->log);
    free(f->blank_memory);
    free(f);
}

enum console_exit remote_main(const struct options *options, char state[PATH_SIZE])
{
    struct far *f = calloc(1, sizeof *f);
    struct console_extra extra = {.servers = servers,
                                  .login = login,
                                  .logout = logout,
                                  .keep = keep,
                                  .screen = screen,
                                  .turn = turn,
                                  .stop = stop,
                                  .owner = f};
    enum console_exit result;

    if (!f || loop_init(&f->book.loop) != 0)
        return EXIT_STATE;
    f->dir.lock_fd = -1;
    result = open_all(f, options);
    if (f->config.pin[0])
        extra.pin = right_pin;
    if (f->owner) {
        extra.own = own;
        extra.own_words = own_words;
    }
    if (result != EXIT_DONE)
        loop_finish(&f->book.loop);
    else
        result = console_run(&f->book, &f->config.options, &extra);
    if (result == EXIT_DONE)
        result = f->failed;
    if (result == EXIT_CHANGES)
        console_owner_path(f->config.options.state, f->config.book, state);
    if (result != EXIT_DONE && f->why[0])
        fprintf(stderr, "squareoff: %s\n", f->why);
    close_all(f);
    return result;
}
