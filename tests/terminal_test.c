/* The terminal itself, on a pseudo-terminal: what is sent to take it, and that it is given back by a
 * clean end, by exit(), by a crash and by abort(). */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#include <utmp.h>

#include "tests/check.h"
#include "tui/terminal.h"

enum ending { END_CLOSE, END_EXIT, END_ABORT, END_CRASH, END_SLOW };

static const struct theme *plain_theme(void)
{
    static struct theme theme;

    theme_init(&theme);
    return &theme;
}

static void draw(const char *text)
{
    struct canvas canvas;
    int rows, columns;

    terminal_size(&rows, &columns);
    if (!canvas_init(&canvas, rows, columns))
        _exit(90);
    canvas_print(&canvas, 1, 2, 40, ROLE_DEFAULT, text);
    while (terminal_draw(&canvas, -1, 0) == TERMINAL_BEHIND) {
        struct pollfd room = {terminal_fd(), POLLOUT, 0};

        poll(&room, 1, 1000);
    }
    canvas_finish(&canvas);
}

/* A terminal that nobody reads: drawing must come back, again and again, without waiting. */
static void draw_unread(void)
{
    struct canvas canvas;
    int behind = 0;

    if (!canvas_init(&canvas, 60, 200))
        _exit(90);
    for (int i = 0; i < 400; i++) {
        for (int row = 0; row < 60; row++)
            canvas_repeat(&canvas, row, 0, 200, i & 1 ? ROLE_DANGER : ROLE_DEFAULT,
                          (uint32_t)('a' + i % 26));
        behind += terminal_draw(&canvas, -1, 0) == TERMINAL_BEHIND;
    }
    canvas_finish(&canvas);
    _exit(behind > 300 ? 70 : 71);
}

static void child(enum ending ending)
{
    const struct terminal_options options = {NULL, true};
    char why[TERMINAL_WHY_SIZE];

    alarm(20);
    if (!terminal_open(&options, why)) {
        puts(why);
        fflush(stdout);
        _exit(80);
    }
    terminal_theme(plain_theme());
    switch (ending) {
    case END_CLOSE:
        draw("hello");
        terminal_close();
        _exit(0);
    case END_EXIT: draw("hello"); exit(0);
    case END_ABORT: draw("hello"); abort();
    case END_CRASH:
        draw("hello");
        raise(SIGSEGV);
        break;
    case END_SLOW: draw_unread();
    }
    _exit(91);
}

struct session {
    char bytes[65536]; /* what the child wrote, terminated */
    size_t length;
    int status;                   /* of wait */
    struct termios before, after; /* line settings */
};

/* Reads until the child has ended; a terminal that nobody reads is read only then. */
static void collect(struct session *session, int master, pid_t pid, bool late)
{
    struct pollfd input = {master, POLLIN, 0};
    bool ended = false;

    session->length = 0;
    while (!ended || poll(&input, 1, 100) > 0) {
        size_t room = sizeof session->bytes - 1 - session->length;

        if (!ended)
            ended = waitpid(pid, &session->status, late ? 0 : WNOHANG) == pid;
        if (poll(&input, 1, 20) > 0 && room > 0) {
            ssize_t got = read(master, session->bytes + session->length, room);

            if (got <= 0)
                break;
            session->length += (size_t)got;
        } else if (room == 0) {
            break;
        }
    }
    session->bytes[session->length] = '\0';
}

static void run(struct session *session, enum ending ending, const char *term)
{
    struct winsize size = {.ws_row = 10, .ws_col = 50};
    int master, slave;
    pid_t pid;

    if (openpty(&master, &slave, NULL, NULL, &size) != 0)
        check_skip("no pseudo-terminal here: %s", strerror(errno));
    tcgetattr(slave, &session->before);
    fflush(stdout);
    pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        close(master);
        login_tty(dup(slave));
        setenv("TERM", term, 1);
        signal(SIGABRT, SIG_DFL);
        signal(SIGSEGV, SIG_DFL);
        child(ending);
    }
    collect(session, master, pid, ending == END_SLOW);
    tcgetattr(slave, &session->after);
    close(slave);
    close(master);
}

static void check_given_back(const struct session *session)
{
    static const char *const taken[] = {"\033[?1049h", "\033[?25l", "\033[?2004h",
                                        "\033[?7l",    "\033>",     "\033[?1006h"};
    static const char *const given[] = {"\033[?1006l", "\033[?2004l", "\033[?7h",
                                        "\033[?25h",   "\033[m",      "\033[?1049l"};
    const char *hello = strstr(session->bytes, "hello");

    assert_non_null(hello);
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        const char *sent = strstr(session->bytes, taken[i]);

        assert_true(sent != NULL && sent < hello);
    }
    for (size_t i = 0; i < sizeof given / sizeof given[0]; i++) {
        const char *sent = strstr(hello, given[i]);

        assert_non_null(sent);
        assert_null(strstr(sent + 1, given[i])); /* once */
    }
    assert_int_equal(session->before.c_lflag, session->after.c_lflag);
    assert_int_equal(session->before.c_iflag, session->after.c_iflag);
    assert_int_equal(session->before.c_oflag, session->after.c_oflag);
}

static void test_clean_end(void **state)
{
    struct session session;

    (void)state;
    run(&session, END_CLOSE, "tmux-256color");
    assert_true(WIFEXITED(session.status) && WEXITSTATUS(session.status) == 0);
    check_given_back(&session);
    run(&session, END_EXIT, "xterm-256color");
    assert_true(WIFEXITED(session.status) && WEXITSTATUS(session.status) == 0);
    check_given_back(&session);
}

static void test_crash(void **state)
{
    struct session session;

    (void)state;
    run(&session, END_CRASH, "xterm-256color");
    assert_true(WIFSIGNALED(session.status) && WTERMSIG(session.status) == SIGSEGV);
    check_given_back(&session);
    run(&session, END_ABORT, "tmux-256color");
    assert_true(WIFSIGNALED(session.status) && WTERMSIG(session.status) == SIGABRT);
    check_given_back(&session);
}

static void test_terminals_of_other_kinds(void **state)
{
    static const char *const poor[] = {"dumb", "no-such-terminal", ""};
    struct session session;

    (void)state;
    for (size_t i = 0; i < sizeof poor / sizeof poor[0]; i++) {
        run(&session, END_CLOSE, poor[i]);
        assert_true(WIFEXITED(session.status) && WEXITSTATUS(session.status) == 80);
        assert_non_null(strstr(session.bytes, i == 1 ? "not known" : "cannot show the console"));
        assert_null(strstr(session.bytes, "\033"));
    }
    run(&session, END_CLOSE, "linux");
    assert_non_null(strstr(session.bytes, "hello"));
    run(&session, END_CLOSE, "vt220");
    assert_non_null(strstr(session.bytes, "hello"));
    run(&session, END_CLOSE, "screen");
    assert_non_null(strstr(session.bytes, "hello"));
}

static void test_slow_terminal_never_waits(void **state)
{
    struct session session;

    (void)state;
    run(&session, END_SLOW, "xterm-256color");
    assert_true(WIFEXITED(session.status));
    assert_int_equal(70, WEXITSTATUS(session.status));
}

static void test_no_terminal(void **state)
{
    int kept = dup(STDOUT_FILENO), null = open("/dev/null", O_WRONLY);
    const struct terminal_options options = {NULL, false};
    char why[TERMINAL_WHY_SIZE];
    bool opened;

    (void)state;
    setenv("TERM", "xterm", 1);
    fflush(stdout);
    dup2(null, STDOUT_FILENO);
    opened = terminal_open(&options, why);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(null);
    assert_false(opened);
    assert_string_equal("standard output is not a terminal", why);
    terminal_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_end),
        cmocka_unit_test(test_crash),
        cmocka_unit_test(test_terminals_of_other_kinds),
        cmocka_unit_test(test_slow_terminal_never_waits),
        cmocka_unit_test(test_no_terminal),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
