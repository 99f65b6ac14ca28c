#include "net/served.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/served_parts.h"

enum {
    LINKS_EVERY_MS = 250,
    REFUSED_MOST = WIRE_FRAME_MAX - 256, /* bytes of refusals: an answer is one frame */
    SMALL = 16,                          /* messages of a submit that never waits for a large one */
    KEPT_FOR_SMALL = 1536 /* places of the host's queue for those, and for the host's own inputs */
};

static struct served *book_of(struct sq_listener *listener)
{
    return (struct served *)(void *)((char *)listener - offsetof(struct served, listener));
}

void served_init(struct served *book, const struct served_config *config)
{
    *book = (struct served){.config = *config, .state = SERVED_STANDBY};
}

/* ---- submits --------------------------------------------------------------------------------- */

static struct served_submit *submit_of(struct served *book, uint32_t tag)
{
    struct served_submit *submit = &book->submits[tag % SERVED_SUBMITS];
    return tag != 0 && submit->tag == tag ? submit : NULL;
}

static void answer(struct served *book, struct served_submit *submit)
{
    if (submit->console != NULL)
        book->config.answer(submit->console, submit);
    free(submit->refused);
    *submit = (struct served_submit){0};
}

/* All that is durable is answered, in the order of the submits. */
static void answer_done(struct served *book)
{
    book->stepping = NULL;
    while (book->answered_tag != book->last_tag) {
        struct served_submit *submit = submit_of(book, book->answered_tag + 1);
        if (submit != NULL && submit->left > 0)
            return;
        book->answered_tag++;
        if (submit != NULL)
            answer(book, submit);
    }
}

/* A refusal is told to whoever asked, in the answer. */
static void add_refusal(struct served_submit *submit, const struct sq_message *event)
{
    char text[SQ_LINE_MAX];
    struct wire_out out;
    wire_begin(&out, text, sizeof text);
    wire_change(&out, (enum sq_kind)event->kind, NULL, &event->as);
    SQ_ASSERT(!out.cut);
    size_t length = submit->refused_length + 1 + out.length;
    char *more = length > REFUSED_MOST ? NULL : realloc(submit->refused, length);
    if (more == NULL)
        return; /* the event itself says it, too */
    submit->refused = more;
    if (submit->refused_length > 0)
        more[submit->refused_length++] = ',';
    memcpy(more + submit->refused_length, out.bytes, out.length);
    submit->refused_length += (uint32_t)out.length;
}

/* Whoever submits by the hundred leaves room for whoever closes one position. */
static bool leaves_room(const struct served *book, size_t count)
{
    return count <= SMALL || sq_host_queued(book->host) + count + KEPT_FOR_SMALL <= SQ_HOST_QUEUE;
}

/* The number 0 is nobody's. */
static uint32_t next_tag(const struct served *book)
{
    return book->last_tag == UINT32_MAX ? 1 : book->last_tag + 1;
}

bool served_submit(struct served *book, void *console, uint64_t id, struct sq_message *messages,
                   size_t count)
{
    uint32_t tag = next_tag(book);
    struct served_submit *submit = &book->submits[tag % SERVED_SUBMITS];
    if (submit->tag != 0 || !leaves_room(book, count))
        return false;
    *submit = (struct served_submit){.console = console,
                                     .id = id,
                                     .tag = tag,
                                     .left = (uint32_t)count,
                                     .seq = book->seq,
                                     .asked = loop_now(book->config.loop)};
    for (size_t i = 0; i < count; i++)
        messages[i].tag = tag;
    book->last_tag = tag;
    if (!sq_host_submit_all(book->host, messages, count)) {
        *submit = (struct served_submit){0};
        return false;
    }
    answer_done(book);
    return true;
}

void served_forget(struct served *book, const void *console)
{
    for (size_t i = 0; book->submits != NULL && i < SERVED_SUBMITS; i++)
        if (book->submits[i].console == console)
            book->submits[i].console = NULL;
}

void served_preview(const struct served *book, const struct sq_square_off *asked,
                    struct sq_preview *preview)
{
    struct sq_square_off intent = *asked;
    sq_time now = loop_now(book->config.loop);
    uint32_t row =
        sq_find_instrument(&book->tables, (enum sq_exchange)intent.key.exchange, intent.key.token);
    intent.quote = (struct sq_quote){.age_ms = -1, .trade_age_ms = -1, .feed_age_ms = -1};
    if (row != SQ_NO_ROW)
        sq_board_quote(book->board, row, now, &intent.quote);
    sq_preview(sq_host_engine(book->host), &intent, now, preview);
}

/* ---- the host's words ------------------------------------------------------------------------ */

static void on_stepped(struct sq_listener *listener, const struct sq_message *input)
{
    struct served *book = book_of(listener);
    book->figures.inputs++;
    book->stepping = submit_of(book, input->tag);
    if (book->stepping == NULL)
        return;
    book->stepping->seq = input->seq;
    book->stepping->left--;
}

/* A refusal at the door is in no journal: only its answer tells of it. */
static void refused_at_the_door(struct served *book, const struct sq_message *event)
{
    struct served_submit *submit = submit_of(book, event->tag);
    if (submit == NULL)
        return;
    add_refusal(submit, event);
    submit->left--;
}

static void on_event(struct sq_listener *listener, const struct sq_message *event)
{
    struct served *book = book_of(listener);
    if (event->kind == SQ_REFUSED && event->tag != 0) {
        refused_at_the_door(book, event);
        return;
    }
    if (event->kind == SQ_REFUSED && book->stepping != NULL)
        add_refusal(book->stepping, event);
    served_take_event(book, event);
}

static void on_acted(void *owner)
{
    struct served *book = owner;
    book->figures.turns++;
    answer_done(book);
    served_tell_links(book);
    served_fill_logs(book);
    served_wake_all(book);
}

static void on_rated(void *owner, uint32_t instrument)
{
    served_rated(owner, instrument);
}

static void on_stopped(void *owner, enum sq_err error)
{
    struct served *book = owner;
    if (book->config.stopped != NULL)
        book->config.stopped(book->config.owner, book, error);
}

static void on_log(void *owner, const char *line)
{
    struct served *book = owner;
    if (book->config.log != NULL)
        book->config.log(book->config.owner, line);
}

static void links_due(void *owner)
{
    struct served *book = owner;
    served_tell_links(book);
    loop_timer_set(&book->links_timer, loop_now(book->config.loop) + LINKS_EVERY_MS * SQ_MS);
}

/* ---- opening --------------------------------------------------------------------------------- */

static void take_row(void *owner, enum sq_kind kind, const void *body)
{
    struct served *book = owner;
    if (kind != SQ_CONFIG && sq_tables_apply(&book->tables, kind, body) != 0)
        book->full = true;
}

static int make_memory(struct served *book, const struct sq_config *engine)
{
    book->tables_memory = calloc(1, sq_tables_size(engine));
    book->board_memory = calloc(1, sq_board_size(engine));
    book->submits = calloc(SERVED_SUBMITS, sizeof *book->submits);
    if (book->tables_memory == NULL || book->board_memory == NULL || book->submits == NULL ||
        event_ring_init(&book->ring, SERVED_EVENTS, SERVED_EVENT_TEXT) != 0)
        return -1;
    sq_tables_init(&book->tables, book->tables_memory, engine);
    book->board = sq_board_init(book->board_memory, &book->tables);
    return served_rates_open(book);
}

/* A book that only shows is not driven at all: nothing can happen to it. */
static int drive(struct served *book, const struct served_open *how)
{
    if (how->view_only)
        return 0;
    if (how->link == NULL || how->link->address[0] == '\0') {
        struct driver_config config = {.loop = book->config.loop,
                                       .host = book->host,
                                       .store = book->store,
                                       .acted = on_acted,
                                       .stopped = on_stopped,
                                       .owner = book};
        driver_start(&book->driver, &config);
        book->driven = true;
        return 0;
    }
    struct standalone_config link = *how->link;
    link.loop = book->config.loop;
    link.host = book->host;
    link.store = book->store;
    link.tables = &book->tables;
    link.board = book->board;
    link.instruments = how->engine->instruments;
    link.acted = on_acted;
    link.rated = on_rated;
    link.stopped = on_stopped;
    link.log = on_log;
    link.owner = book;
    book->link = standalone_create(&link);
    return book->link == NULL ? -1 : 0;
}

int served_open(struct served *book, const struct served_open *how)
{
    book->host = how->host;
    book->store = how->store;
    book->view_only = how->view_only;
    snprintf(book->why, sizeof book->why, "%.*s", (int)sizeof book->why - 1,
             how->why != NULL ? how->why : "");
    if (make_memory(book, how->engine) != 0)
        return -1;
    sq_engine_save(sq_host_engine(book->host), take_row, book);
    sq_board_reload(book->board);
    book->tables.config = *how->engine;
    book->seq = sq_engine_seq(sq_host_engine(book->host));
    served_fill_ring(book);
    book->listener = (struct sq_listener){.event = on_event, .stepped = on_stepped};
    sq_host_set_board(book->host, book->board);
    if (!sq_host_listen(book->host, &book->listener) || drive(book, how) != 0)
        return -1;
    loop_timer_init(&book->links_timer, book->config.loop, links_due, book);
    links_due(book);
    book->state = SERVED_OPEN;
    return 0;
}

/* ---- the end --------------------------------------------------------------------------------- */

void served_close(struct served *book)
{
    if (book->state != SERVED_OPEN)
        return;
    book->state = SERVED_STANDBY;
    loop_timer_stop(&book->links_timer);
    served_rates_close(book);
    if (book->link != NULL)
        standalone_stop(book->link);
    if (book->driven)
        driver_finish(&book->driver);
    while (book->subscribers != NULL)
        served_unsubscribe(book->subscribers);
}

void served_free(struct served *book)
{
    for (size_t i = 0; book->submits != NULL && i < SERVED_SUBMITS; i++)
        free(book->submits[i].refused);
    standalone_free(book->link);
    event_ring_finish(&book->ring);
    free(book->submits);
    free(book->fresh);
    free(book->clocks);
    free(book->tables_memory);
    free(book->board_memory);
    served_init(book, &(struct served_config){0});
}

void served_logout(struct served *book, const char *why)
{
    if (book->link != NULL)
        standalone_logout(book->link, why);
}

bool served_is_fenced(const struct served *book)
{
    return book->link != NULL && standalone_orders(book->link)->fenced;
}

bool served_is_quiet(const struct served *book)
{
    if (book->link != NULL)
        return standalone_is_quiet(book->link);
    return !book->driven || driver_is_idle(&book->driver);
}

/* ---- consoles -------------------------------------------------------------------------------- */

/*
 * Is what a console has seen, up to `after`, the beginning of what we have? Of the epoch before the
 * present one it is up to the input that began the present one: what an owner that was replaced
 * wrote behind that is not in this journal. Epochs are never used twice, and those before this
 * journal's first are of another day, whose numbers mean nothing here.
 */
static bool is_ours(const struct served *book, uint64_t after, uint64_t epoch)
{
    uint64_t now = book->tables.book.epoch;
    if (epoch == now)
        return true;
    if (book->day_epoch == 0 || epoch < book->day_epoch || after >= book->epoch_seq)
        return false;
    return epoch == (book->epoch_was != 0 ? book->epoch_was : now - 1);
}

/* Who sees more clients now than then has no rows of theirs that could change. */
static bool can_resume(const struct served *book, uint64_t after, uint64_t epoch, uint64_t *cursor)
{
    if (after == 0 || after > book->seq || after < book->scope_seq || !is_ours(book, after, epoch))
        return false;
    return event_ring_after(&book->ring, after, cursor);
}

void served_subscribe(struct served *book, struct subscriber *s, uint64_t after, uint64_t epoch,
                      bool *resumed)
{
    s->book = book;
    s->prev = NULL;
    s->next = book->subscribers;
    if (s->next != NULL)
        s->next->prev = s;
    book->subscribers = s;
    book->subscriber_count++;
    s->wants_links = s->wants_feeds = true;
    *resumed = can_resume(book, after, epoch, &s->cursor);
    s->wants_at = *resumed;
    if (!*resumed)
        served_begin_walk(s);
    book->config.wake(s);
}

void served_unsubscribe(struct subscriber *s)
{
    struct served *book = s->book;
    if (book == NULL)
        return;
    if (book->to_wake == s)
        book->to_wake = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
    *(s->prev != NULL ? &s->prev->next : &book->subscribers) = s->next;
    book->subscriber_count--;
    free(s->walk);
    s->walk = NULL;
    served_rates_free(s);
    if (s->log != NULL)
        journal_feed_finish(s->log);
    free(s->log);
    s->log = NULL;
    s->book = NULL;
}

/* ---- replicas -------------------------------------------------------------------------------- */

bool served_may_read(const struct served *book)
{
    if (book->link != NULL)
        return !standalone_driver(book->link)->committing;
    return !book->driven || !book->driver.committing;
}

int served_replicate(struct subscriber *s, uint64_t after)
{
    if (s->log == NULL)
        s->log = calloc(1, sizeof *s->log);
    if (s->log == NULL)
        return -1;
    journal_feed_finish(s->log);
    journal_feed_init(s->log, s->book->store, after);
    s->book->config.wake(s);
    return 0;
}
