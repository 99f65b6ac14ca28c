/*
 * squareoff-exchange: the simulated exchange as a program, on TCP.
 */
#include "net/simulator/control_line.h"
#include "net/simulator/config.h"
#include "net/simulator/text.h"

#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    EXIT_FINE = 0,   /* ended by SIGTERM or SIGINT, or --help, --version */
    EXIT_USAGE = 2,  /* command line */
    EXIT_CONFIG = 3, /* configuration file, or what it names */
    EXIT_DAY = 4,    /* the day's files */
    EXIT_SYSTEM = 5, /* socket, log, memory */
};

static const char usage[] =
    "usage: squareoff-exchange [options]\n"
    "A simulated exchange that speaks FIX 4.4. For drills and tests: no order reaches a market.\n"
    "\n"
    "  --listen HOST:PORT  where members connect (127.0.0.1:9880); port 0 chooses one\n"
    "  --config FILE       sessions, market and faults (INI); without: SQDRILL and SQDRILL-MD\n"
    "  --day DIR           instruments.csv, qtyfreeze.csv, positions.csv, orders.csv, trades.csv\n"
    "                      (drill)\n"
    "  --log FILE          one line an event, appended; '-' is standard error\n"
    "  --seed N            of the market and of chance (1)\n"
    "  --control PATH      a Unix socket for commands, one a line; '-' is standard input\n"
    "  --help, --version\n"
    "\n"
    "Prints 'listening HOST:PORT' when it is ready. SIGTERM and SIGINT end it.\n"
    "Exit codes: 0 ended, 2 command line, 3 configuration, 4 the day's files, 5 system.\n";

struct options {
    char host[256];
    char port[16];
    const char *config, *day, *log, *control;
    bool seeded;
    uint64_t seed;
};

/* Everything of the running program. */
struct program {
    struct options options;
    struct sim_settings settings;
    struct sim_day day;
    struct sim_tick *ticks;
    void *memory;
    struct exchange *exchange;
    FILE *log;
    uv_loop_t loop;
    struct sim_wire wire;
    struct sim_control control;
    bool controlled;
    uv_poll_t listener;
    int listen_fd;
    uv_signal_t term, interrupt;
};

/* One program a process; too large for the stack. */
static struct program program;

/* Error texts may quote a file: nothing of them reaches a terminal raw. */
static int fail(int code, const char *why)
{
    fputs("squareoff-exchange: ", stderr);
    for (; *why != '\0'; why++)
        fputc(*why >= ' ' && *why <= '~' ? *why : '?', stderr);
    fputc('\n', stderr);
    return code;
}

/* ---- Command line ---- */

static int read_address(struct options *o, const char *text)
{
    const char *colon = strrchr(text, ':');
    int64_t port;
    if (colon == NULL || colon == text || (size_t)(colon - text) >= sizeof o->host ||
        sim_integer(colon + 1, &port) != 0 || port < 0 || port > 65535)
        return fail(EXIT_USAGE, "--listen wants HOST:PORT");
    snprintf(o->host, sizeof o->host, "%.*s", (int)(colon - text), text);
    snprintf(o->port, sizeof o->port, "%d", (int)port);
    return 0;
}

static int read_seed(struct options *o, const char *text)
{
    int64_t seed;
    if (sim_integer(text, &seed) != 0 || seed < 0)
        return fail(EXIT_USAGE, "--seed wants a number");
    o->seed = (uint64_t)seed;
    o->seeded = true;
    return 0;
}

/* 0: go on; else the exit code + 1. */
static int read_option(struct options *o, int option)
{
    int code = 0;
    switch (option) {
    case 'l': code = read_address(o, optarg); break;
    case 's': code = read_seed(o, optarg); break;
    case 'c': o->config = optarg; break;
    case 'd': o->day = optarg; break;
    case 'g': o->log = optarg; break;
    case 'p': o->control = optarg; break;
    case 'h': fputs(usage, stdout); return EXIT_FINE + 1;
    case 'v': puts("squareoff-exchange " SQ_VERSION); return EXIT_FINE + 1;
    default: fputs("try --help\n", stderr); return EXIT_USAGE + 1;
    }
    return code == 0 ? 0 : code + 1;
}

static int read_options(struct options *o, int argc, char **argv)
{
    static const struct option table[] = {{"listen", required_argument, NULL, 'l'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"day", required_argument, NULL, 'd'},
                                          {"log", required_argument, NULL, 'g'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"control", required_argument, NULL, 'p'},
                                          {"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, 'v'},
                                          {NULL, 0, NULL, 0}};
    int option, code;
    *o = (struct options){.host = "127.0.0.1", .port = "9880", .day = "drill"};
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
        if ((code = read_option(o, option)) != 0)
            return code;
    if (optind < argc)
        return fail(EXIT_USAGE, "an argument too many; try --help") + 1;
    return 0;
}

/* ---- The exchange ---- */

/* What a member must never bring about is said aloud too, whether or not there is a log. */
static bool is_alarm(const char *line)
{
    return strstr(line, " verdict=alarm") != NULL ||
           (strstr(line, " event=overwork ") != NULL && strstr(line, " excused=0") != NULL);
}

static void write_log(void *context, const char *line, size_t length)
{
    struct program *p = context;
    if (p->log != NULL) {
        fwrite(line, 1, length, p->log);
        fputc('\n', p->log);
    }
    if (is_alarm(line) && p->log != stderr)
        fprintf(stderr, "ALARM %s\n", line);
}

static int open_log(struct program *p)
{
    struct exchange_config *c = &p->settings.exchange;
    c->log = write_log;
    c->log_context = p;
    if (p->options.log == NULL)
        return 0;
    p->log = strcmp(p->options.log, "-") == 0 ? stderr : fopen(p->options.log, "ae");
    if (p->log == NULL)
        return -1;
    setvbuf(p->log, NULL, _IOLBF, 4096); /* a line that happened is in the file */
    return 0;
}

static int open_exchange(struct program *p, int64_t now_us)
{
    char why[SIM_WHY] = "";
    sim_settings_defaults(&p->settings);
    if (p->options.config != NULL && sim_settings_read(&p->settings, p->options.config, why) != 0)
        return fail(EXIT_CONFIG, why);
    if (p->options.seeded)
        p->settings.exchange.seed = p->options.seed;
    if (sim_day_read(&p->day, p->options.day, why) != 0)
        return fail(EXIT_DAY, why);
    if (open_log(p) != 0)
        return fail(EXIT_SYSTEM, "the log cannot be opened");
    p->memory = malloc(exchange_size(&p->settings.exchange, &p->day));
    if (p->memory == NULL)
        return fail(EXIT_SYSTEM, "out of memory");
    p->exchange = exchange_init(p->memory, &p->settings.exchange, &p->day, now_us, why);
    if (p->exchange == NULL)
        return fail(EXIT_CONFIG, why);
    if (sim_settings_replay(&p->settings, p->exchange, &p->day, now_us, &p->ticks, why) != 0)
        return fail(EXIT_CONFIG, why);
    return 0;
}

/* ---- The listener ---- */

static void on_member(uv_poll_t *poll, int status, int events)
{
    struct program *p = poll->data;
    int on = 1;
    (void)status;
    (void)events;
    int fd = accept4(p->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sim_wire_adopt(&p->wire, fd);
}

static int bind_one(const struct addrinfo *a)
{
    int on = 1;
    int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 64) == 0)
        return fd;
    close(fd);
    return -1;
}

static int bind_any(const struct options *o)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found;
    int fd = -1;
    if (getaddrinfo(o->host, o->port, &hints, &found) != 0)
        return -1;
    for (const struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
        fd = bind_one(a);
    freeaddrinfo(found);
    return fd;
}

/* Port 0 chose one: say which. */
static void announce(const struct program *p)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    char port[16];
    getsockname(p->listen_fd, (struct sockaddr *)&address, &size);
    getnameinfo((struct sockaddr *)&address, size, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    printf("listening %s:%s\n", p->options.host, port);
    fflush(stdout);
}

/* ---- Running ---- */

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    uv_stop(handle->loop);
}

static int start(struct program *p)
{
    char why[SIM_WHY];
    int error = sim_wire_start(&p->wire, &p->loop, p->exchange, NULL, NULL);
    p->listen_fd = bind_any(&p->options);
    if (p->listen_fd < 0)
        return fail(EXIT_SYSTEM, "cannot listen there");
    error = error != 0 ? error : uv_poll_init(&p->loop, &p->listener, p->listen_fd);
    p->listener.data = p;
    error = error != 0 ? error : uv_poll_start(&p->listener, UV_READABLE, on_member);
    error = error != 0 ? error : uv_signal_init(&p->loop, &p->term);
    error = error != 0 ? error : uv_signal_start(&p->term, on_signal, SIGTERM);
    error = error != 0 ? error : uv_signal_init(&p->loop, &p->interrupt);
    error = error != 0 ? error : uv_signal_start(&p->interrupt, on_signal, SIGINT);
    if (error != 0)
        return fail(EXIT_SYSTEM, uv_strerror(error));
    if (p->options.control == NULL)
        return 0;
    p->controlled = sim_control_start(&p->control, &p->wire, p->options.control, why) == 0;
    return p->controlled ? 0 : fail(EXIT_SYSTEM, why);
}

static void close_handle(uv_handle_t *handle, void *context)
{
    (void)context;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void stop(struct program *p)
{
    if (p->controlled)
        sim_control_stop(&p->control);
    sim_wire_stop(&p->wire);
    uv_walk(&p->loop, close_handle, NULL);
    uv_run(&p->loop, UV_RUN_DEFAULT);
    uv_loop_close(&p->loop);
    sim_wire_finish(&p->wire);
}

static int run(struct program *p)
{
    if (uv_loop_init(&p->loop) != 0)
        return fail(EXIT_SYSTEM, "no event loop");
    int code = start(p);
    if (code == 0) {
        announce(p);
        uv_run(&p->loop, UV_RUN_DEFAULT);
    }
    stop(p);
    return code;
}

int main(int argc, char **argv)
{
    struct program *p = &program;
    struct timespec t;
    signal(SIGPIPE, SIG_IGN);
    int code = read_options(&p->options, argc, argv);
    if (code != 0)
        return code - 1;
    clock_gettime(CLOCK_REALTIME, &t);
    code = open_exchange(p, (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000);
    if (code == 0)
        code = run(p);
    if (p->log != NULL && p->log != stderr && fclose(p->log) != 0 && code == 0)
        code = fail(EXIT_SYSTEM, "the log could not be written");
    free(p->ticks);
    free(p->memory);
    sim_day_finish(&p->day);
    return code;
}
