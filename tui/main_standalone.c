/* Standalone: the embedded engine linked to a FIX 4.4 acceptor, by a configuration file. */
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/num.h"
#include "db/day.h"
#include "db/incident.h"
#include "tui/main.h"

enum { SECRET_SIZE = 64 };

struct alone {
    struct book book;
    struct standalone_config link;
    struct sq_config engine;
    struct options options; /* the command line's, filled up from the file */
    char sender[SQ_SENDER_SIZE];
    char person[SQ_PERSON_SIZE], theme[32], keys[256], colour[16], state[512];
    char username[SECRET_SIZE], password[SECRET_SIZE], pin[SECRET_SIZE];
    struct serve *serve;
    struct driver driver; /* when there is no link to drive the host */
    bool driven;
    FILE *log;
    char why[WHY_SIZE];
    const char *file;                               /* of the configuration; NULL: there is none */
    char own_file[PATH_SIZE], own_state[PATH_SIZE]; /* where they lie by default */
};

/* ---- configuration ------------------------------------------------------------------------------ */

/* A secret lies in a file of its own that nobody else can read. */
static bool read_secret(struct alone *a, const char *path, char secret[SECRET_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    ssize_t length = -1;

    if (fd >= 0 && fstat(fd, &st) == 0 && (st.st_mode & 077) == 0)
        length = read(fd, secret, SECRET_SIZE - 1);
    if (fd >= 0)
        close(fd);
    if (length < 0) {
        snprintf(a->why, sizeof a->why, "%s: must be there, and readable by nobody else", path);
        return false;
    }
    secret[length] = '\0';
    secret[strcspn(secret, "\r\n")] = '\0';
    return true;
}

/* Members by name; exactly one of `text`, `number`, `count`, `flag` and `secret` says what kind. */
#define AT(member)   offsetof(struct alone, member)
#define SIZE(member) sizeof(((struct alone *)0)->member)
enum kind { TEXT, INTEGER, NUMBER64, COUNT, NO_FLAG, SECRET };
static const struct setting {
    const char *section, *name;
    enum kind kind;
    size_t offset, size;
    int64_t least, most;
} settings[] = {
    {"exchange", "host", TEXT, AT(link.address), SIZE(link.address), 0, 0},
    {"exchange", "port", TEXT, AT(link.port), SIZE(link.port), 0, 0},
    {"exchange", "sender_comp_id", TEXT, AT(sender), SIZE(sender), 0, 0},
    {"exchange", "target_comp_id", TEXT, AT(link.target_comp_id), SIZE(link.target_comp_id), 0, 0},
    {"exchange", "market_sender_comp_id", TEXT, AT(link.market_sender_comp_id),
     SIZE(link.market_sender_comp_id), 0, 0},
    {"exchange", "market_target_comp_id", TEXT, AT(link.market_target_comp_id),
     SIZE(link.market_target_comp_id), 0, 0},
    {"exchange", "heartbeat_s", INTEGER, AT(link.heartbeat_s), 0, 1, 3600},
    {"exchange", "username", TEXT, AT(username), SIZE(username), 0, 0},
    {"exchange", "password_file", SECRET, AT(password), SIZE(password), 0, 0},
    {"exchange", "market_data", NO_FLAG, AT(link.no_market), 0, 0, 0},
    {"exchange", "mass_status", NO_FLAG, AT(link.no_mass_status), 0, 0, 0},
    {"console", "person", TEXT, AT(person), SIZE(person), 0, 0},
    {"console", "theme", TEXT, AT(theme), SIZE(theme), 0, 0},
    {"console", "keys", TEXT, AT(keys), SIZE(keys), 0, 0},
    {"console", "color", TEXT, AT(colour), SIZE(colour), 0, 0},
    {"console", "state", TEXT, AT(state), SIZE(state), 0, 0},
    {"console", "pin_file", SECRET, AT(pin), SIZE(pin), 0, 0},
    {"engine", "orders_per_second", COUNT, AT(engine.orders_per_second), 0, 1, 1000},
    {"engine", "orders_burst", COUNT, AT(engine.orders_burst), 0, 1, 1000},
    {"engine", "reprices", COUNT, AT(engine.reprices), 0, 0, 100},
    {"engine", "reprice_after_ms", NUMBER64, AT(engine.reprice_after_ms), 0, 0, 3600000},
    {"engine", "protect_bps", NUMBER64, AT(engine.protect_bps), 0, 0, 10000},
    {"engine", "wide_bps", NUMBER64, AT(engine.wide_bps), 0, 0, 10000},
    {"engine", "unknown_after_ms", NUMBER64, AT(engine.unknown_after_ms), 0, 100, 600000},
    {"engine", "largest_cash_qty", NUMBER64, AT(engine.largest_cash_qty), 0, 1, 100000000},
};

static bool set_number(const struct setting *s, void *member, const char *value)
{
    int64_t number;

    if (!sq_parse_integer(value, strlen(value), &number) || number < s->least || number > s->most)
        return false;
    if (s->kind == INTEGER)
        *(int *)member = (int)number;
    else if (s->kind == COUNT)
        *(uint32_t *)member = (uint32_t)number;
    else
        *(int64_t *)member = number;
    return true;
}

static bool set_value(struct alone *a, const struct setting *s, const char *value)
{
    void *member = (char *)a + s->offset;

    switch (s->kind) {
    case TEXT: return (size_t)snprintf(member, s->size, "%s", value) < s->size;
    case SECRET: return read_secret(a, value, member);
    case NO_FLAG:
        *(bool *)member = strcmp(value, "no") == 0;
        return strcmp(value, "yes") == 0 || strcmp(value, "no") == 0;
    default: return set_number(s, member, value);
    }
}

/* libinih: 0 is an error at this line. */
static int take_setting(void *owner, const char *section, const char *name, const char *value)
{
    struct alone *a = owner;

    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        if (strcmp(settings[i].section, section) != 0 || strcmp(settings[i].name, name) != 0)
            continue;
        if (set_value(a, &settings[i], value))
            return 1;
        if (a->why[0] == '\0')
            snprintf(a->why, sizeof a->why, "[%s] %s: \"%s\" is not possible", section, name,
                     value);
        return 0;
    }
    if (a->why[0] == '\0')
        snprintf(a->why, sizeof a->why, "[%s] %s: no such setting", section, name);
    return 0;
}

static const char *first(const char *option, const char *setting, const char *otherwise)
{
    return option ? option : setting[0] ? setting : otherwise;
}

/* Puts file and line in front of what is wrong there. */
static void name_line(struct alone *a, int line)
{
    char what[WHY_SIZE / 2];

    snprintf(what, sizeof what, "%.*s", (int)sizeof what - 1,
             a->why[0] ? a->why : "not understood");
    snprintf(a->why, sizeof a->why, "%.200s:%d: %s", a->file, line, what);
}

static bool read_config(struct alone *a, const struct options *options)
{
    int line;

    a->options = *options;
    a->file = options->config;
    if (!a->file && xdg_path("XDG_CONFIG_HOME", ".config", "squareoff.conf", a->own_file) &&
        access(a->own_file, R_OK) == 0)
        a->file = a->own_file;
    sq_config_default(&a->engine);
    line = a->file ? ini_parse(a->file, take_setting, a) : 0;
    if (line < 0)
        snprintf(a->why, sizeof a->why, "%s: cannot be read", a->file);
    else if (line > 0)
        name_line(a, line);
    if (a->why[0])
        return false;
    a->options.person = first(options->person, a->person, NULL);
    a->options.theme = first(options->theme, a->theme, NULL);
    a->options.keys = first(options->keys, a->keys, NULL);
    a->options.colour = first(options->colour, a->colour, NULL);
    a->options.state = first(options->state, a->state, NULL);
    if (!a->options.state && xdg_path("XDG_STATE_HOME", ".local/state", "book", a->own_state))
        a->options.state = a->own_state;
    if (!a->options.state || !a->options.person)
        snprintf(a->why, sizeof a->why,
                 "who sits here must be said: --person, or person in [console] of the file");
    return a->why[0] == '\0';
}

/* ---- links -------------------------------------------------------------------------------------- */

static void before(void *owner, sq_time now)
{
    struct alone *a = owner;

    (void)now;
    book_tick(&a->book);
}

static void stopped(void *owner, enum sq_err error)
{
    struct alone *a = owner;

    a->book.failed = true;
    incident_commit_failed(a->options.state, a->book.store->ops->why(a->book.store));
    fprintf(stderr, "squareoff: commit failed, nothing was sent: %s\n", sq_strerror(error));
    loop_stop(&a->book.loop);
}

static void log_line(void *owner, const char *line)
{
    struct alone *a = owner;

    book_log(&a->book, a->log, line);
}

/* The book says who we are at the exchange; a file that says otherwise is a mistake to stop at. */
static bool sender_agrees(struct alone *a)
{
    const struct sq_book *book = &sq_engine_tables(sq_host_engine(a->book.host))->book;

    if (a->sender[0] == '\0' || !book->loaded || sq_text_equal(a->sender, book->sender))
        return true;
    snprintf(a->why, sizeof a->why, "%s: sender_comp_id %s, but the book's is %s", a->file,
             a->sender, book->sender);
    return false;
}

/* Without an exchange there are still fills by phone, cancels of plans and a supervisor's words. */
static void drive_alone(struct alone *a)
{
    struct driver_config config = {.loop = &a->book.loop,
                                   .host = a->book.host,
                                   .store = a->book.store,
                                   .move = before,
                                   .stopped = stopped,
                                   .owner = a};

    driver_start(&a->driver, &config);
    a->driven = true;
}

static enum console_exit start_link(struct alone *a)
{
    struct book *book = &a->book;

    if (book->source.view_only)
        return EXIT_DONE;
    if (a->link.address[0] == '\0') {
        drive_alone(a);
        return EXIT_DONE;
    }
    if (!sender_agrees(a))
        return EXIT_CONFIG;
    a->link.loop = &book->loop;
    a->link.host = book->host;
    a->link.store = book->store;
    a->link.tables = &book->session->view->tables;
    a->link.board = book->board;
    a->link.instruments = book->config.instruments;
    a->link.username = a->username[0] ? a->username : NULL;
    a->link.password = a->password[0] ? a->password : NULL;
    a->link.before = before;
    a->link.stopped = stopped;
    a->link.log = a->log ? log_line : NULL;
    a->link.owner = a;
    book->link = standalone_create(&a->link);
    if (!book->link)
        snprintf(a->why, sizeof a->why, "no memory for the links");
    return book->link ? EXIT_DONE : EXIT_STATE;
}

static void stop(void *owner)
{
    struct alone *a = owner;

    serve_stop(a->serve);
    if (a->driven)
        driver_finish(&a->driver);
}

static bool right_pin(void *owner, const char *text)
{
    const struct alone *a = owner;
    size_t length = strlen(a->pin);
    unsigned char differs = (unsigned char)(strlen(text) != length);

    for (size_t i = 0; i < length && text[i]; i++)
        differs |= (unsigned char)(text[i] ^ a->pin[i]);
    return !differs;
}

/* Loads a day's folder into an empty book, as squareoff-admin bod does. */
static enum console_exit load_book(struct alone *a)
{
    struct day_options how = {.sender = a->sender[0] ? a->sender : NULL};
    struct day day;
    const char *path = a->options.book;
    enum console_exit result = EXIT_CONFIG;
    int read;

    if (!path || sq_engine_tables(sq_host_engine(a->book.host))->book.loaded)
        return EXIT_DONE;
    read = day_load(&day, &how, &path, 1, a->why, sizeof a->why);
    if (read == 0) {
        result = book_load(&a->book, &day, a->why);
    } else if (read > 0) {
        report_print(day.report, stderr, 20);
        snprintf(a->why, sizeof a->why, "%s: rows were refused, nothing is loaded", path);
    }
    day_finish(&day);
    return result;
}

static enum console_exit open_all(struct alone *a, const struct options *options)
{
    enum console_exit result;

    if (!read_config(a, options))
        return EXIT_CONFIG;
    if (options->log && !(a->log = fopen(options->log, "ae"))) {
        snprintf(a->why, sizeof a->why, "%s: cannot be written", options->log);
        return EXIT_CONFIG;
    }
    if (!a->log && options->headless)
        a->log = stderr;
    result = book_open(&a->book, a->options.state, &a->engine, a->why);
    if (result == EXIT_DONE && !a->book.source.view_only)
        result = load_book(a);
    if (result == EXIT_DONE)
        result = book_sit_down(&a->book, a->options.person, a->why);
    return result == EXIT_DONE ? start_link(a) : result;
}

enum console_exit standalone_main(const struct options *options)
{
    struct alone *a = calloc(1, sizeof *a);
    struct console_extra extra = {.stop = stop, .owner = a};
    enum console_exit result;

    if (!a || loop_init(&a->book.loop) != 0)
        return EXIT_STATE;
    strcpy(a->book.source.source, "STANDALONE");
    a->book.source.order_rtt_us = -1;
    result = open_all(a, options);
    if (result == EXIT_DONE) {
        a->serve = serve_start(&a->book, a->options.state, a->why);
        if (a->pin[0])
            extra.pin = right_pin;
        result = a->serve ? console_run(&a->book, &a->options, &extra) : EXIT_STATE;
    }
    if (result != EXIT_DONE && a->why[0])
        fprintf(stderr, "squareoff: %s\n", a->why);
    serve_free(a->serve);
    standalone_free(a->book.link);
    book_close(&a->book);
    explicit_bzero(a->password, sizeof a->password);
    if (a->log && a->log != stderr)
        fclose(a->log);
    free(a);
    return result;
}
