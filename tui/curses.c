/* The only file that includes ncurses: it asks terminfo what the terminal is and how to take and to
 * give back its screen. The frames are written by tui/paint.c, not by curses windows: the canvas is
 * already the virtual screen, a second one costs time and bytes (tests/bench_screen.c), and a crash
 * can give back the terminal without calling into a library. */
#include "tui/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <curses.h>
#include <term.h>
#undef columns /* term.h makes a macro of every capability's name */

#include "tui/paint.h"
#include "tui/text.h"

#define STRING_SIZE 256

static struct {
    bool open;
    int fd;
    bool fd_is_ours;      /* opened by us: non-blocking for nobody else */
    int old_flags;        /* of the descriptor, when it is not ours */
    struct termios saved; /* line settings to give back */
    bool mouse;
    char start[STRING_SIZE], stop[STRING_SIZE]; /* bytes that take and give back the screen */
    size_t start_length, stop_length;
    bool cursor_shown;
    bool whole; /* the next frame is written whole */
    struct paint paint;
    struct canvas shown; /* what the terminal shows */
    char *bytes;         /* room for a frame in which every cell differs */
    size_t size, length, sent;
    struct sigaction old_actions[NSIG];
} terminal;

/* Terminfo */

static const char *capability(const char *name)
{
    const char *value = tigetstr(name);

    return value == (char *)-1 || value == NULL ? "" : value;
}

/* The painter writes ECMA-48 itself. A terminal that moves its cursor in that way does the rest too;
 * one that does not (dumb, or a type that terminfo has not got) is left to line mode. */
static bool is_ecma48(void)
{
    const char *cup = capability("cup");
    const char *there = cup[0] != '\0' ? tiparm(cup, 11, 22) : NULL;

    return there != NULL && strcmp(there, "\033[12;23H") == 0;
}

/* Padding such as $<5/> is for terminals of another age. */
static void add_capability(char *out, size_t size, const char *name)
{
    const char *value = capability(name);
    size_t length = strlen(out);

    for (; *value != '\0' && length + 1 < size; value++) {
        if (value[0] == '$' && value[1] == '<')
            value = strchr(value, '>') != NULL ? strchr(value, '>') : value;
        else
            out[length++] = *value;
    }
    out[length] = '\0';
}

static void add_text(char *out, size_t size, const char *text)
{
    strncat(out, text, size - strlen(out) - 1);
}

/* Private modes of ECMA-48 terminals; one that does not know a mode ignores it.
 * 25 cursor shown, 1 cursor keys of the application, > normal keypad, 7 automatic wrapping, 2004
 * bracketed paste, 1000 and 1006 mouse with SGR reports. */
static void make_strings(void)
{
    char *start = terminal.start, *stop = terminal.stop;

    start[0] = stop[0] = '\0';
    add_capability(start, STRING_SIZE, "smcup");
    add_text(start, STRING_SIZE, "\033[?25l\033[?1l\033>\033[?7l\033[?2004h");
    if (terminal.mouse)
        add_text(start, STRING_SIZE, "\033[?1000h\033[?1006h");
    if (terminal.mouse)
        add_text(stop, STRING_SIZE, "\033[?1006l\033[?1000l");
    add_text(stop, STRING_SIZE, "\033[?2004l\033[?7h\033[?25h\033[m");
    if (capability("rmcup")[0] == '\0')
        add_text(stop, STRING_SIZE, "\033[999;1H\r\n");
    add_capability(stop, STRING_SIZE, "rmcup");
    terminal.start_length = strlen(start);
    terminal.stop_length = strlen(stop);
}

static unsigned known_attrs(void)
{
    static const struct {
        const char *name;
        unsigned attr;
    } rows[] = {{"bold", THEME_BOLD},      {"dim", THEME_DIM},     {"sitm", THEME_ITALIC},
                {"smul", THEME_UNDERLINE}, {"blink", THEME_BLINK}, {"rev", THEME_REVERSE}};
    unsigned mask = 0;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (capability(rows[i].name)[0] != '\0')
            mask |= rows[i].attr;
    return mask;
}

static bool ask_terminfo(const struct terminal_options *options, char *why)
{
    const char *term = getenv("TERM");
    int error, colours;
    enum theme_depth depth;

    if (setupterm(NULL, STDOUT_FILENO, &error) != OK || !is_ecma48()) {
        char safe[64];

        text_safe(term ? term : "", term ? strlen(term) : 0, 40, safe, sizeof safe);
        snprintf(why, TERMINAL_WHY_SIZE,
                 "terminal type `%s` %s; TERM=xterm fits most, line mode fits all", safe,
                 error == 0 ? "is not known here (Debian: ncurses-term)"
                            : "cannot show the console");
        return false;
    }
    colours = tigetnum("colors");
    depth = theme_depth(options->colour, getenv("NO_COLOR"), term, getenv("COLORTERM"), colours);
    terminal.mouse = options->mouse;
    paint_init(&terminal.paint, depth, colours, known_attrs());
    make_strings();
    return true;
}

/* Descriptor. A new description of the same terminal: O_NONBLOCK on the one that we were given would
 * also hit the shell and every other process that has it. */

/* ttyname fails where /dev/pts is not mounted; /dev/tty may still be there. */
static int open_again(void)
{
    char path[128];
    int fd = -1;

    if (ttyname_r(STDOUT_FILENO, path, sizeof path) == 0)
        fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    return fd;
}

static bool open_descriptor(char *why)
{
    if (!isatty(STDOUT_FILENO)) {
        snprintf(why, TERMINAL_WHY_SIZE, "standard output is not a terminal");
        return false;
    }
    terminal.fd = open_again();
    terminal.fd_is_ours = terminal.fd >= 0;
    if (!terminal.fd_is_ours) {
        terminal.fd = STDOUT_FILENO;
        terminal.old_flags = fcntl(terminal.fd, F_GETFL);
        fcntl(terminal.fd, F_SETFL, terminal.old_flags | O_NONBLOCK);
    }
    return true;
}

static void close_descriptor(void)
{
    if (terminal.fd_is_ours)
        close(terminal.fd);
    else
        fcntl(terminal.fd, F_SETFL, terminal.old_flags);
    terminal.fd = -1;
}

/* Output is not processed, so that a line feed only moves down (tui/paint.h); no key makes a signal,
 * so that Ctrl-C and Ctrl-Z are keys. */
static bool set_raw(char *why)
{
    struct termios raw;

    if (tcgetattr(terminal.fd, &terminal.saved) != 0) {
        snprintf(why, TERMINAL_WHY_SIZE, "terminal settings: %s", strerror(errno));
        return false;
    }
    raw = terminal.saved;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(terminal.fd, TCSAFLUSH, &raw) == 0)
        return true;
    snprintf(why, TERMINAL_WHY_SIZE, "raw mode: %s", strerror(errno));
    return false;
}

/* Crashes */

/* No key makes SIGQUIT here: it comes from kill, of somebody who wants the core file. */
static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT};

#define CRASHES (sizeof crash_signals / sizeof crash_signals[0])

void terminal_restore(void)
{
    struct pollfd room = {terminal.fd, POLLOUT, 0};
    size_t sent = 0;
    int tries = 10;

    if (!terminal.open)
        return;
    terminal.open = false;
    while (sent < terminal.stop_length && tries-- > 0) {
        ssize_t wrote = write(terminal.fd, terminal.stop + sent, terminal.stop_length - sent);

        if (wrote > 0)
            sent += (size_t)wrote;
        else
            poll(&room, 1, 50); /* a slow terminal: give it half a second in all */
    }
    tcsetattr(terminal.fd, TCSANOW, &terminal.saved);
}

/* Gives the terminal back, then lets the signal do what it would have done. */
static void on_crash(int number)
{
    terminal_restore();
    sigaction(number, &terminal.old_actions[number], NULL);
    raise(number);
}

static void guard(void)
{
    struct sigaction action = {.sa_handler = on_crash, .sa_flags = SA_ONSTACK};
    static bool at_exit;

    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crash_signals[i], &action, &terminal.old_actions[crash_signals[i]]);
    if (!at_exit)
        atexit(terminal_restore);
    at_exit = true;
}

static void unguard(void)
{
    for (size_t i = 0; i < CRASHES; i++)
        sigaction(crash_signals[i], &terminal.old_actions[crash_signals[i]], NULL);
}

/* Open and close */

/* Bytes that go out with the next frame. Left out when there is no room: none of them is needed. */
static void queue(const char *bytes, size_t length)
{
    if (length <= terminal.size - terminal.length) {
        memcpy(terminal.bytes + terminal.length, bytes, length);
        terminal.length += length;
    }
}

/* Room for the canvas of that size, with a screen of which nothing is known. */
static bool make_room(int rows, int columns)
{
    struct canvas shown;
    size_t size = (size_t)rows * (size_t)columns * PAINT_CELL_BYTES + 4 * STRING_SIZE;
    char *bytes;

    if (!canvas_init(&shown, rows, columns))
        return false;
    bytes = realloc(terminal.bytes, size);
    if (bytes == NULL) {
        canvas_finish(&shown);
        return false;
    }
    canvas_finish(&terminal.shown);
    terminal.shown = shown;
    terminal.bytes = bytes;
    terminal.size = size;
    terminal.whole = true;
    return true;
}

bool terminal_open(const struct terminal_options *options, char why[TERMINAL_WHY_SIZE])
{
    int rows, columns;

    if (!ask_terminfo(options, why) || !open_descriptor(why))
        return false;
    if (!set_raw(why)) {
        close_descriptor();
        return false;
    }
    terminal.open = true;
    guard();
    terminal_size(&rows, &columns);
    if (!make_room(rows, columns)) {
        snprintf(why, TERMINAL_WHY_SIZE, "no memory for the screen");
        terminal_close();
        return false;
    }
    queue(terminal.start, terminal.start_length);
    return true;
}

void terminal_close(void)
{
    if (terminal.open) {
        tcflush(terminal.fd, TCIFLUSH); /* what was typed for us is not for the shell */
        unguard();
        terminal_restore();
        close_descriptor();
    }
    canvas_finish(&terminal.shown);
    free(terminal.bytes);
    terminal.bytes = NULL;
    terminal.size = terminal.length = terminal.sent = 0;
}

int terminal_fd(void)
{
    return terminal.fd;
}

void terminal_size(int *rows, int *columns)
{
    struct winsize size;
    bool known = ioctl(terminal.fd, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0;

    *rows = !known ? 24 : size.ws_row < CANVAS_ROWS ? size.ws_row : CANVAS_ROWS;
    *columns = !known ? 80 : size.ws_col < CANVAS_COLUMNS ? size.ws_col : CANVAS_COLUMNS;
}

enum theme_depth terminal_depth(void)
{
    return terminal.paint.depth;
}

void terminal_theme(const struct theme *theme)
{
    paint_theme(&terminal.paint, theme);
    terminal.whole = true;
}

void terminal_redraw(void)
{
    terminal.whole = true;
}

/* Frames */

enum terminal_result terminal_flush(void)
{
    while (terminal.sent < terminal.length) {
        ssize_t wrote =
            write(terminal.fd, terminal.bytes + terminal.sent, terminal.length - terminal.sent);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return errno == EAGAIN ? TERMINAL_BEHIND : TERMINAL_LOST;
        terminal.sent += (size_t)wrote;
    }
    terminal.sent = terminal.length = 0;
    return TERMINAL_DONE;
}

static void show_cursor(int row, int column)
{
    static const char on[] = "\033[?25h", off[] = "\033[?25l";
    bool wanted = row >= 0;

    if (wanted)
        terminal.length +=
            paint_cursor(&terminal.paint, row, column, terminal.bytes + terminal.length);
    if (wanted != terminal.cursor_shown)
        queue(wanted ? on : off, sizeof on - 1);
    terminal.cursor_shown = wanted;
}

enum terminal_result terminal_draw(const struct canvas *frame, int row, int column)
{
    enum terminal_result result = terminal_flush();

    if (result != TERMINAL_DONE)
        return result;
    if ((frame->rows != terminal.shown.rows || frame->columns != terminal.shown.columns) &&
        !make_room(frame->rows, frame->columns))
        return TERMINAL_BEHIND;
    if (terminal.whole) {
        paint_forget(&terminal.paint);
        paint_unknown(&terminal.shown);
        terminal.whole = false;
    }
    terminal.length +=
        paint_frame(&terminal.paint, frame, &terminal.shown, terminal.bytes + terminal.length);
    canvas_copy(&terminal.shown, frame);
    show_cursor(row, column);
    return terminal_flush();
}

void terminal_bell(void)
{
    queue("\a", 1);
}
