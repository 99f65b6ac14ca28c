/* An open book: store, host, session. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/session_here.h"
#include "db/day.h"
#include "db/day_store_sqlite.h"
#include "db/incident.h"
#include "db/rehearse.h"
#include "db/store_sqlite.h"
#include "tui/main.h"

static enum console_exit exit_of(enum sq_err error)
{
    return error == SQ_ERR_DISK_FULL || error == SQ_ERR_IO ? EXIT_DISK : EXIT_STATE;
}

static void look_only(struct book *book, const char *why)
{
    book->source.view_only = true;
    sq_text_cut(book->source.why, sizeof book->source.why, why);
}

/* What stopped the last process may keep this one from sending, until a person has looked. */
static bool stopped_before(struct book *book, const char *state)
{
    struct incident incident;

    incident_read(state, &incident);
    if (!incident_is_view_only(&incident))
        return false;
    sq_host_set_view_only(book->host);
    look_only(book, incident.words);
    return true;
}

/* A damaged journal still shows what can be read of it; nobody can send from there. */
static enum console_exit open_store(struct book *book, const char *state, char why[WHY_SIZE])
{
    struct store_sqlite_options how = {.mode = STORE_SQLITE_OWN};
    char salvage_why[WHY_SIZE];
    enum sq_err error, salvage_error;

    book->store = store_sqlite_open(state, &how, &error, why, WHY_SIZE);
    if (book->store)
        return EXIT_DONE;
    if (error != SQ_ERR_DAMAGED)
        return exit_of(error);
    how.mode = STORE_SQLITE_SALVAGE;
    book->store = store_sqlite_open(state, &how, &salvage_error, salvage_why, sizeof salvage_why);
    if (!book->store)
        return exit_of(error);
    look_only(book, why);
    return EXIT_DONE;
}

static enum console_exit read_config(struct book *book, const struct sq_config *fresh,
                                     char why[WHY_SIZE])
{
    enum sq_err error = sq_host_stored_config(book->store, &book->config);

    if (error == SQ_ERR_NOT_FOUND)
        book->config = *fresh;
    else if (error != SQ_ERR_OK) {
        snprintf(why, WHY_SIZE, "%s", book->store->ops->why(book->store));
        return exit_of(error);
    }
    book->memory = calloc(1, sq_host_size(&book->config));
    if (book->memory)
        return EXIT_DONE;
    snprintf(why, WHY_SIZE, "no memory for an engine");
    return EXIT_STATE;
}

/* Alarms of the recovery and of the day's load come before there is a session to see them. */
static void take_early(struct sq_listener *listener, const struct sq_message *event)
{
    struct book *book = (struct book *)(void *)((char *)listener - offsetof(struct book, early));

    if (book->session == NULL && event->kind == SQ_ALARM)
        book->early_alarms[book->early_count++ % EARLY_ALARMS] = *event;
}

/* The session takes them as news; of more than are kept it has the count. */
static void tell_early(struct book *book)
{
    struct sq_view *view = book->session->view;
    uint32_t first = book->early_count > EARLY_ALARMS ? book->early_count - EARLY_ALARMS : 0;

    view->alarms += first;
    for (uint32_t i = first; i < book->early_count; i++)
        sq_view_apply(view, &book->early_alarms[i % EARLY_ALARMS]);
}

/* A journal that ends with another owner is a replica, or was given away: nothing is put behind it. */
static void look_whose(struct book *book)
{
    const struct sq_book *row = &sq_engine_tables(sq_host_engine(book->host))->book;
    char why[SQ_TEXT_SIZE];

    if (!row->loaded || row->owner[0] == '\0' ||
        (row->owned && sq_text_equal(row->owner, book->name)))
        return;
    snprintf(why, sizeof why, "%s %s", row->owned ? "the book is owned by" : "it was released to",
             row->owner);
    look_only(book, why);
}

/* Replay, RESTARTED, and from then on an open book; or one to look at only. */
static enum console_exit recover(struct book *book, const char *state, char why[WHY_SIZE])
{
    book->host = sq_host_init(book->memory, &book->config, book->store, NULL, NULL);
    book->early.event = take_early;
    if (!sq_host_listen(book->host, &book->early))
        return EXIT_STATE;
    if (sq_host_recover(book->host, why, WHY_SIZE) != SQ_ERR_OK) {
        look_only(book, why);
        return EXIT_DONE;
    }
    look_whose(book);
    if (book->source.view_only)
        sq_host_set_view_only(book->host);
    if (book->source.view_only || stopped_before(book, state))
        return EXIT_DONE;
    incident_watch(state, book->host);
    if (sq_host_run(book->host, loop_now(&book->loop)) == SQ_ERR_OK)
        return EXIT_DONE;
    snprintf(why, WHY_SIZE, "%s", book->store->ops->why(book->store));
    return EXIT_DISK;
}

enum console_exit book_open(struct book *book, const char *state, const struct sq_config *fresh,
                            char why[WHY_SIZE])
{
    enum console_exit result = open_store(book, state, why);

    if (result == EXIT_DONE)
        result = read_config(book, fresh, why);
    return result == EXIT_DONE ? recover(book, state, why) : result;
}

enum console_exit book_load(struct book *book, struct day *day, char why[WHY_SIZE])
{
    struct day_attachment attachment = {.day = day, .now = loop_now(&book->loop)};
    enum sq_err error;

    if (sq_engine_tables(sq_host_engine(book->host))->book.loaded)
        return EXIT_DONE;
    day_store_sqlite_attach(book->store, &attachment);
    error = sq_host_load(book->host, day->inputs, day->input_count, attachment.now);
    if (error == SQ_ERR_OK)
        return EXIT_DONE;
    snprintf(why, WHY_SIZE, "the day was not loaded: %s", sq_strerror(error));
    return exit_of(error);
}

enum console_exit book_sit_down(struct book *book, const char *person, char why[WHY_SIZE])
{
    book->session_memory = calloc(1, sq_session_here_size(&book->config));
    if (book->session_memory)
        book->session =
            sq_session_here_init(book->session_memory, &book->config, book->host, person);
    if (!book->session) {
        snprintf(why, WHY_SIZE, "no memory for the screen's view");
        return EXIT_STATE;
    }
    tell_early(book);
    book->board = sq_session_here_board(book->session);
    book_tick(book);
    return EXIT_DONE;
}

void book_tick(struct book *book)
{
    struct sq_source_info source = book->source;

    if (!book->host) /* a server's: its session knows */
        return;
    if (book->link)
        standalone_source(book->link, &source);
    sq_session_here_time(book->session, loop_now(&book->loop));
    sq_session_here_source(book->session, &source);
}

void book_close(struct book *book)
{
    if (book->host && !book->failed && !book->source.view_only)
        sq_host_snapshot(book->host);
    if (book->session)
        book->session->ops->destroy(book->session);
    if (book->store)
        book->store->ops->destroy(book->store);
    free(book->session_memory);
    free(book->memory);
}

void book_log(struct book *book, FILE *log, const char *line)
{
    char time[48];

    sq_print_iso(loop_now(&book->loop), time);
    fprintf(log, "%s %s\n", time, line);
    fflush(log);
}
