/* Standalone: the embedded engine linked to a FIX 4.4 acceptor, by a configuration file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/day.h"
#include "db/incident.h"
#include "tui/main_config.h"
#include "tui/main_handover.h"

struct alone {
    struct book book;
    struct config config;
    struct serve *serve;
    struct handback handback;
    struct tui *tui;      /* NULL: headless */
    bool changes;         /* the book was given back */
    struct driver driver; /* when there is no link to drive the host */
    bool driven;
    FILE *log;
    char why[WHY_SIZE];
};

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
    incident_commit_failed(a->config.options.state, a->book.store->ops->why(a->book.store));
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

    if (a->config.exchange.sender[0] == '\0' || !book->loaded ||
        sq_text_equal(a->config.exchange.sender, book->sender))
        return true;
    snprintf(a->why, sizeof a->why, "%s: sender_comp_id %s, but the book's is %s", a->config.file,
             a->config.exchange.sender, book->sender);
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
    struct standalone_config *link = &a->config.exchange.link;
    struct book *book = &a->book;

    if (book->source.view_only)
        return EXIT_DONE;
    if (link->address[0] == '\0') {
        drive_alone(a);
        return EXIT_DONE;
    }
    if (!sender_agrees(a))
        return EXIT_CONFIG;
    link->loop = &book->loop;
    link->host = book->host;
    link->store = book->store;
    link->tables = &book->session->view->tables;
    link->board = book->board;
    link->instruments = book->config.instruments;
    link->before = before;
    link->stopped = stopped;
    link->log = a->log ? log_line : NULL;
    link->owner = a;
    book->link = standalone_create(link);
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

/* ---- the book goes back to its server ------------------------------------------------------------ */

static bool own(void *owner, const struct own_ask *ask, char *why, size_t why_room)
{
    return handback_ask(&((struct alone *)owner)->handback, ask, why, why_room);
}

static void own_words(void *owner, char *text, size_t size)
{
    handback_words(&((const struct alone *)owner)->handback, text, size);
}

static void screen(void *owner, struct tui *tui)
{
    ((struct alone *)owner)->handback.tui = tui;
}

static void turn(void *owner, sq_time now)
{
    struct alone *a = owner;

    if (!handback_turn(&a->handback, now) || a->changes)
        return;
    a->changes = true;
    loop_stop(&a->book.loop);
}

static bool right_pin(void *owner, const char *text)
{
    return config_is_pin(&((const struct alone *)owner)->config, text);
}

/* Loads a day's folder into an empty book, as squareoff-admin bod does. */
static enum console_exit load_book(struct alone *a)
{
    struct day_options how = {.sender =
                                  a->config.exchange.sender[0] ? a->config.exchange.sender : NULL};
    struct day day;
    const char *path = a->config.options.book;
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

    if (!config_read(&a->config, options, CONFIG_STANDALONE)) {
        memcpy(a->why, a->config.why, sizeof a->why);
        return EXIT_CONFIG;
    }
    if (options->log && !(a->log = fopen(options->log, "ae"))) {
        snprintf(a->why, sizeof a->why, "%s: cannot be written", options->log);
        return EXIT_CONFIG;
    }
    if (!a->log && options->headless)
        a->log = stderr;
    sq_text_cut(a->book.name, sizeof a->book.name, a->config.name);
    a->handback.book = &a->book;
    a->handback.log = a->log;
    console_owner_lender(a->config.options.state, a->handback.to);
    result = book_open(&a->book, a->config.options.state, &a->config.exchange.engine, a->why);
    if (result == EXIT_DONE && !a->book.source.view_only)
        result = load_book(a);
    if (result == EXIT_DONE)
        result = book_sit_down(&a->book, a->config.options.person, a->why);
    return result == EXIT_DONE ? start_link(a) : result;
}

enum console_exit standalone_main(const struct options *options)
{
    struct alone *a = calloc(1, sizeof *a);
    struct console_extra extra = {.screen = screen, .turn = turn, .stop = stop, .owner = a};
    enum console_exit result;

    if (!a || loop_init(&a->book.loop) != 0)
        return EXIT_STATE;
    strcpy(a->book.source.source, "STANDALONE");
    a->book.source.order_rtt_us = -1;
    result = open_all(a, options);
    if (result == EXIT_DONE) {
        a->serve = serve_start(&a->book, a->config.options.state, a->why);
        if (a->config.pin[0])
            extra.pin = right_pin;
        if (a->handback.to[0]) {
            extra.own = own;
            extra.own_words = own_words;
        }
        result = a->serve ? console_run(&a->book, &a->config.options, &extra) : EXIT_STATE;
    }
    if (result != EXIT_DONE && a->why[0])
        fprintf(stderr, "squareoff: %s\n", a->why);
    if (result == EXIT_DONE && a->changes)
        result = EXIT_CHANGES;
    serve_free(a->serve);
    standalone_free(a->book.link);
    book_close(&a->book);
    config_wipe(&a->config);
    if (a->log && a->log != stderr)
        fclose(a->log);
    free(a);
    return result;
}
