/* A book of squareoffd: who owns it, its opening, and its end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/day.h"
#include "db/day_store.h"
#include "db/incident.h"
#include "db/rehearse.h"
#include "db/store_postgres.h"
#include "db/store_sqlite.h"
#include "net/main.h"

enum { LOOK_MS = 500, LOST_MS = 1500 };

/* ---- owned by a lock on the state's directory -------------------------------------------------- */

static enum sq_err claim_lock(struct daemon_book *book, char why[WHY_SIZE])
{
    struct store_sqlite_options how = {.mode = STORE_SQLITE_OWN};
    enum sq_err error = SQ_ERR_OK;
    book->store = store_sqlite_open(book->state, &how, &error, why, WHY_SIZE);
    return book->store != NULL ? SQ_ERR_OK : error;
}

static void close_store(struct daemon_book *book)
{
    if (book->store != NULL)
        book->store->ops->destroy(book->store);
    book->store = NULL;
}

const struct owner_ops owner_by_lock = {.claim = claim_lock, .release = close_store};

/* ---- owned by a lease in the database ---------------------------------------------------------- */

static enum sq_err claim_lease(struct daemon_book *book, char why[WHY_SIZE])
{
    const struct daemon_settings *s = &book->daemon->settings;
    enum sq_err error = SQ_ERR_OK;
    if (book->store == NULL)
        error = store_postgres_open(s->conninfo, book->code, s->name, s->lease_ms, &book->store,
                                    why, WHY_SIZE);
    if (error != SQ_ERR_OK)
        return error;
    error = store_postgres_claim(book->store, &book->epoch);
    if (error != SQ_ERR_OK)
        snprintf(why, WHY_SIZE, "%s", book->store->ops->why(book->store));
    return error;
}

/* A database that does not answer is waited for as long as the lease is good, and no longer. */
static enum sq_err beat_lease(struct daemon_book *book, char why[WHY_SIZE])
{
    enum sq_err error = store_postgres_beat(book->store, why, WHY_SIZE);
    if (error == SQ_ERR_IO && store_postgres_lease_left_ms(book->store) > 0)
        return SQ_ERR_OK;
    return error;
}

static void release_lease(struct daemon_book *book)
{
    if (book->store != NULL)
        store_postgres_release(book->store);
    close_store(book);
}

const struct owner_ops owner_by_lease = {claim_lease, beat_lease, release_lease};

/* ---- opening ----------------------------------------------------------------------------------- */

static void say(const struct daemon_book *book, const char *what)
{
    char line[WHY_SIZE + 64];
    snprintf(line, sizeof line, "book %s: %s", book->code, what);
    daemon_log(book->daemon, line);
}

static enum daemon_exit exit_of(enum sq_err error)
{
    return error == SQ_ERR_DISK_FULL || error == SQ_ERR_IO ? EXIT_DISK : EXIT_STATE;
}

static enum sq_err failed(struct daemon_book *book, enum sq_err error, const char *why)
{
    snprintf(book->why, sizeof book->why, "%s", why);
    return error;
}

/* The day of an empty journal: its size decides how much room the engine has. */
static enum sq_err read_day(struct daemon_book *book, struct day *day)
{
    const char *path = book->day;
    struct day_options how = {.sender = book->exchange.sender[0] ? book->exchange.sender : NULL,
                              .book = book->code,
                              .epoch = book->epoch,
                              .accepted_by = book->accepted_by[0] ? book->accepted_by : NULL,
                              .accepted_why = book->accepted_why};
    char why[WHY_SIZE];
    int read = day_load(day, &how, &path, 1, why, sizeof why);
    if (read > 0)
        snprintf(why, sizeof why, "%.300s: rows were refused, nothing is loaded", path);
    return read == 0 ? SQ_ERR_OK : failed(book, SQ_ERR_NOT_FOUND, why);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* Capacities as the day needs them, limits as the configuration file has them. */
static void fresh_config(struct daemon_book *book, const struct day *day)
{
    struct sq_config sized;
    book->config = book->exchange.engine;
    if (day->inputs == NULL)
        return;
    rehearse_config(day, &sized);
    book->config.instruments = larger(book->config.instruments, sized.instruments);
    book->config.clients = larger(book->config.clients, sized.clients);
    book->config.people = larger(book->config.people, sized.people);
    book->config.hours = larger(book->config.hours, sized.hours);
    book->config.positions = larger(book->config.positions, sized.positions);
    book->config.orders = larger(book->config.orders, sized.orders);
    book->config.fills = larger(book->config.fills, sized.fills);
}

static enum sq_err load_day(struct daemon_book *book, struct day *day)
{
    struct day_attachment attachment = {.day = day, .now = loop_now(&book->daemon->loop)};
    day_store_attach(book->store, &attachment);
    enum sq_err error = sq_host_load(book->host, day->inputs, day->input_count, attachment.now);
    return error == SQ_ERR_OK ? SQ_ERR_OK : failed(book, error, "the day was not loaded");
}

/* What stopped the last process keeps this one from sending, until a person has looked. */
static bool stopped_before(const struct daemon_book *book, struct incident *incident)
{
    incident_read(book->state, incident);
    return incident_is_view_only(incident);
}

static enum sq_err recover(struct daemon_book *book, struct served_open *how,
                           struct incident *incident)
{
    static char why[WHY_SIZE]; /* lives as long as `how` refers to it: this opening */
    if (sq_host_recover(book->host, why, sizeof why) != SQ_ERR_OK) {
        how->why = why;
    } else if (stopped_before(book, incident)) {
        sq_host_set_view_only(book->host);
        how->why = incident->words;
    }
    how->view_only = how->why != NULL;
    if (how->view_only)
        return SQ_ERR_OK;
    incident_watch(book->state, book->host);
    enum sq_err error = sq_host_run(book->host, loop_now(&book->daemon->loop));
    return error == SQ_ERR_OK ? SQ_ERR_OK : failed(book, error, book->store->ops->why(book->store));
}

/* The store's lock or epoch has fenced the last server; a console is waited for. */
static enum sq_err settle_owner(struct daemon_book *book)
{
    if (!handover_leads(book->host, book->daemon->settings.name, book->consoles, book->epoch))
        say(book, "is with a console: it is shown, and comes back by :handback there");
    enum sq_err error = sq_host_run(book->host, loop_now(&book->daemon->loop));
    return error == SQ_ERR_OK ? SQ_ERR_OK : failed(book, error, book->store->ops->why(book->store));
}

/* Replay, the day when there is none, and consoles may come. */
static enum sq_err open_host(struct daemon_book *book, struct day *day)
{
    struct served_open how = {
        .store = book->store, .engine = &book->config, .link = &book->exchange.link};
    struct incident incident = {0};
    book->memory = calloc(1, sq_host_size(&book->config));
    if (book->memory == NULL)
        return failed(book, SQ_ERR_IO, "no memory for an engine");
    book->host = how.host = sq_host_init(book->memory, &book->config, book->store, NULL, NULL);
    enum sq_err error = recover(book, &how, &incident);
    const struct sq_book *row = &sq_engine_tables(sq_host_engine(book->host))->book;
    if (error == SQ_ERR_OK && day->inputs != NULL && !how.view_only && !row->loaded)
        error = load_day(book, day);
    if (error == SQ_ERR_OK && !how.view_only)
        error = settle_owner(book);
    if (error != SQ_ERR_OK)
        return error;
    return served_open(&book->served, &how) == 0 ? SQ_ERR_OK
                                                 : failed(book, SQ_ERR_IO, "no memory for a book");
}

static enum sq_err open_book(struct daemon_book *book)
{
    struct day day = {0};
    enum sq_err error = sq_host_stored_config(book->store, &book->config);
    if (error == SQ_ERR_NOT_FOUND) {
        error = book->day[0] != '\0' ? read_day(book, &day) : SQ_ERR_OK;
        fresh_config(book, &day);
    } else if (error != SQ_ERR_OK) {
        failed(book, error, book->store->ops->why(book->store));
    }
    if (error == SQ_ERR_OK)
        error = open_host(book, &day);
    if (book->day[0] != '\0' && day.import != NULL)
        day_finish(&day);
    return error;
}

/* ---- the stages of a book ---------------------------------------------------------------------- */

static void look_again(struct daemon_book *book, int64_t in_ms)
{
    loop_timer_set(&book->look, loop_now(&book->daemon->loop) + in_ms * SQ_MS);
}

static void give_up(struct daemon_book *book)
{
    book->stage = BOOK_FAILED;
    book->served.state = SERVED_FAILED;
    sq_text_cut(book->served.why, sizeof book->served.why, book->why);
    say(book, book->why);
}

static void claimed(struct daemon_book *book)
{
    if (open_book(book) != SQ_ERR_OK) {
        give_up(book);
        return;
    }
    book->stage = BOOK_OPEN;
    say(book, book->served.view_only ? "is open, to look at only" : "is open");
    if (book->owner->beat != NULL)
        look_again(book, book->daemon->settings.lease_ms / 3);
}

/* On a lock the owner is another process of this machine, whose number the lock has. */
static void note_owner(struct daemon_book *book)
{
    bool lease = book->owner->beat != NULL && book->store != NULL;
    sq_text_cut(book->served.owner, sizeof book->served.owner,
                lease ? store_postgres_other(book->store) : "another process");
}

static void lose(struct daemon_book *book)
{
    if (book->stage != BOOK_OPEN)
        return;
    say(book, "is lost: another server owns it");
    book->stage = BOOK_LOST;
    book->lost_at = loop_now(&book->daemon->loop);
    sq_host_set_view_only(book->host);
    strcpy(book->served.owner, "another");
    server_lost_book(book->daemon->server, &book->served);
    handover_finish(&book->handover); /* here: its timer is closed by the time of forget() */
    served_close(&book->served);
    look_again(book, LOST_MS);
}

static bool is_committing(const struct daemon_book *book)
{
    const struct served *s = &book->served;
    return (s->link != NULL && standalone_driver(s->link)->committing) ||
           (s->driven && s->driver.committing);
}

static struct served_config served_config_of(struct daemon_book *book)
{
    struct served_config config = {.loop = &book->daemon->loop,
                                   .wake = server_wake,
                                   .answer = server_answer,
                                   .stopped = book_stopped,
                                   .log = daemon_log,
                                   .owner = book->daemon};
    memcpy(config.code, book->code, sizeof config.code);
    return config;
}

/* What a book begins with, and again when it was lost. */
static void serve_anew(struct daemon_book *book)
{
    struct daemon *d = book->daemon;
    struct served_config config = served_config_of(book);
    struct handover_config handover = {.book = &book->served,
                                       .signer = d->signer,
                                       .answer = server_handed_over,
                                       .log = daemon_log,
                                       .owner = d};
    served_init(&book->served, &config);
    sq_text_cut(handover.server, sizeof handover.server, d->settings.name);
    memcpy(handover.replicas, book->replicas, sizeof handover.replicas);
    memcpy(handover.consoles, book->consoles, sizeof handover.consoles);
    handover_init(&book->handover, &handover);
}

/* What ran for a book that was lost has ended: it is waited for again. */
static void forget(struct daemon_book *book)
{
    char owner[sizeof book->served.owner];
    memcpy(owner, book->served.owner, sizeof owner);
    incident_forget(book->host);
    served_free(&book->served);
    close_store(book);
    free(book->memory);
    book->memory = NULL;
    book->host = NULL;
    serve_anew(book);
    memcpy(book->served.owner, owner, sizeof owner);
    book->stage = BOOK_WAITING;
}

static void on_claimed(struct daemon_book *book)
{
    if (book->result == SQ_ERR_OK) {
        claimed(book);
        return;
    }
    if (book->result == SQ_ERR_LOCKED)
        note_owner(book);
    look_again(book, LOOK_MS); /* a database that is not there yet comes, too */
}

static void on_beaten(struct daemon_book *book)
{
    if (book->result != SQ_ERR_OK) {
        say(book, book->why);
        lose(book);
    } else {
        look_again(book, book->daemon->settings.lease_ms / 3);
    }
}

static void work(void *owner)
{
    struct daemon_book *book = owner;
    book->result = book->stage == BOOK_WAITING ? book->owner->claim(book, book->why)
                                               : book->owner->beat(book, book->why);
}

static void done(void *owner)
{
    struct daemon_book *book = owner;
    book->busy = false;
    if (book->daemon->ending)
        return;
    if (book->stage == BOOK_WAITING)
        on_claimed(book);
    else if (book->stage == BOOK_OPEN)
        on_beaten(book);
}

static void look(void *owner)
{
    struct daemon_book *book = owner;
    if (book->busy || book->daemon->ending)
        return;
    if (book->stage == BOOK_LOST) {
        if (is_committing(book)) {
            look_again(book, LOOK_MS);
            return;
        }
        forget(book);
    }
    book->busy = loop_task_start(&book->task, &book->daemon->loop) == 0;
    if (!book->busy)
        look_again(book, LOOK_MS);
}

enum daemon_exit book_start(struct daemon_book *book)
{
    struct daemon *d = book->daemon;
    serve_anew(book);
    loop_timer_init(&book->look, &d->loop, look, book);
    book->task = (struct loop_task){.work = work, .done = done, .owner = book};
    enum sq_err error = book->owner->claim(book, book->why);
    if (error == SQ_ERR_OK)
        claimed(book);
    if (error == SQ_ERR_OK && book->stage == BOOK_OPEN)
        return EXIT_DONE;
    if (error == SQ_ERR_LOCKED && d->standby) {
        note_owner(book);
        say(book, book->why);
        look_again(book, LOOK_MS);
        return EXIT_DONE;
    }
    snprintf(d->why, sizeof d->why, "book %s: %.400s", book->code, book->why);
    return error == SQ_ERR_OK ? EXIT_STATE : exit_of(error);
}

void book_stopped(void *owner, struct served *served, enum sq_err error)
{
    struct daemon *d = owner;
    struct daemon_book *book =
        (struct daemon_book *)(void *)((char *)served - offsetof(struct daemon_book, served));
    say(book, book->store->ops->why(book->store));
    if (error == SQ_ERR_FENCED) {
        lose(book);
        return;
    }
    incident_commit_failed(book->state, book->store->ops->why(book->store));
    daemon_end(d, EXIT_DISK);
}

void book_finish(struct daemon_book *book)
{
    bool sound = book->stage == BOOK_OPEN && !book->served.view_only &&
                 sq_host_mode(book->host) == SQ_HOST_RUNNING && !is_committing(book);
    loop_timer_stop(&book->look);
    if (sound)
        sq_host_snapshot(book->host);
    if (book->served.handover != NULL)
        handover_finish(&book->handover);
    served_close(&book->served);
}

void book_free(struct daemon_book *book)
{
    if (book->host != NULL)
        incident_forget(book->host);
    served_free(&book->served);
    if (book->stage == BOOK_OPEN)
        book->owner->release(book);
    else
        close_store(book);
    free(book->memory);
    explicit_bzero(book->exchange.password, sizeof book->exchange.password);
    free(book);
}
