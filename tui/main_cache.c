/* When and what of a console's book goes into its cache. */
#include "tui/main_cache.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "net/settings.h"

enum { DIRTY_ROOM = 8192, RATES_S = 2, RETRY_S = 5, KEY_TEXT_SIZE = 2 * CACHE_KEY_SIZE + 1 };

/* A row that has changed since it was written. */
struct dirty {
    uint16_t kind;
    uint32_t row;
};

struct console_cache {
    struct cache *cache;
    struct loop_task task;
    struct cache_batch batch;
    struct loop *loop;
    const struct sq_view *view; /* whose rows the file has; NULL: of none yet */
    struct cache_head head;     /* as it was last whole */
    struct dirty dirty[DIRTY_ROOM];
    size_t dirty_count;
    bool loaded;       /* a view was filled from the file */
    bool anew;         /* all of the view, the file's rows go */
    bool notes_differ; /* from the file */
    bool writing;
    bool failed;         /* the last write did; what it had is in `anew` again */
    char why[WHY_SIZE];  /* of the failure, or of the opening; "": nothing to say */
    sq_time rates_at;    /* when rates are written next */
    sq_time rates_after; /* those that are younger */
    sq_time not_before;  /* after a failure */
    struct cache_note notes[CACHE_NOTES];
    size_t note_count;
};

/* ---- what has changed --------------------------------------------------------------------------- */

/* The row of an event in the view it was folded into; SQ_NO_ROW: look at all of them. */
static uint32_t row_of(const struct sq_tables *t, const struct sq_message *m)
{
    switch (m->kind) {
    case SQ_INSTRUMENT:
        return sq_find_instrument(t, (enum sq_exchange)m->as.instrument.exchange,
                                  m->as.instrument.token);
    case SQ_CLIENT: return sq_find_client(t, m->as.client.code);
    case SQ_PERSON: return sq_find_person(t, m->as.person.code);
    case SQ_POSITION: return sq_find_position(t, &m->as.position.key);
    case SQ_ORDER: return sq_find_order(t, m->as.order.no);
    case SQ_CLOSE: return sq_find_close(t, m->as.close.no);
    case SQ_FILL:
        return sq_find_fill(t, (enum sq_exchange)m->as.fill.key.exchange, m->as.fill.exec_id,
                            (enum sq_side)m->as.fill.side);
    case SQ_INTENT: return sq_find_intent(t, m->as.intent.id);
    case SQ_BOOK: return 0;
    default: return SQ_NO_ROW;
    }
}

void console_cache_event(struct console_cache *c, const struct sq_message *event)
{
    uint32_t row;

    if (!c->view || c->anew || sq_kind_info((enum sq_kind)event->kind)->family != SQ_FAMILY_RECORD)
        return;
    row = row_of(&c->view->tables, event);
    if (row == SQ_NO_ROW || c->dirty_count == DIRTY_ROOM)
        c->anew = true;
    else
        c->dirty[c->dirty_count++] = (struct dirty){event->kind, row};
}

void console_cache_view(struct console_cache *c, const struct sq_view *view)
{
    c->anew = c->view != NULL || !c->loaded;
    c->view = view;
    c->dirty_count = 0;
    c->rates_after = 0;
}

void console_cache_notes(struct console_cache *c)
{
    c->note_count = 0;
    c->notes_differ = true;
}

void console_cache_note(struct console_cache *c, const struct cache_note *note)
{
    if (c->note_count < CACHE_NOTES)
        c->notes[c->note_count++] = *note;
}

void console_cache_each_note(struct console_cache *c,
                             void (*note)(void *owner, const struct cache_note *note), void *owner)
{
    for (size_t i = 0; i < c->note_count; i++)
        note(owner, &c->notes[i]);
}

/* ---- a batch ------------------------------------------------------------------------------------ */

static const void *row_at(const struct sq_tables *t, unsigned kind, uint32_t row)
{
    switch (kind) {
#define X(member, type, tail) \
    case SQ_##tail: return &t->member[row];
        SQ_TABLES_MAP(X)
#undef X
    default: return &t->book;
    }
}

static void put_all(struct console_cache *c)
{
    const struct sq_tables *t = &c->view->tables;

    c->batch.anew = true;
#define X(member, type, tail)                        \
    for (uint32_t i = 0; i < t->member##_count; i++) \
        cache_put_row(&c->batch, SQ_##tail, i, &t->member[i]);
    SQ_TABLES_MAP(X)
#undef X
    cache_put_row(&c->batch, SQ_BOOK, 0, &t->book);
    c->rates_after = 0;
    c->rates_at = 0;
}

static void put_rows(struct console_cache *c)
{
    if (c->anew)
        put_all(c);
    for (size_t i = 0; i < c->dirty_count && !c->anew; i++)
        cache_put_row(&c->batch, (enum sq_kind)c->dirty[i].kind, c->dirty[i].row,
                      row_at(&c->view->tables, c->dirty[i].kind, c->dirty[i].row));
    c->dirty_count = 0;
    c->anew = false;
}

static void put_rates(struct console_cache *c, sq_time now)
{
    const struct sq_board *board = c->view->board;

    for (uint32_t i = 0; board && i < c->view->tables.instrument_count; i++) {
        const struct sq_rate *rate = sq_board_get(board, i);

        if (rate && rate->time > c->rates_after)
            cache_put_rate(&c->batch, i, rate);
    }
    for (unsigned e = SQ_EXCHANGE_NSE; board && e < SQ_EXCHANGE_COUNT; e++) {
        const struct sq_feed *feed = sq_board_feed_of(board, (enum sq_exchange)e);

        if (feed && feed->heard > 0)
            cache_put_feed(&c->batch, (enum sq_exchange)e, feed->heard);
    }
    c->rates_after = now - SQ_SECOND; /* the next ones may have come in this very turn */
    c->rates_at = now + RATES_S * SQ_SECOND;
}

static void put_head(struct console_cache *c, struct sq_session *session)
{
    const struct sq_book *book = &c->view->tables.book;
    struct sq_source_info info;

    session->ops->info(session, &info);
    c->head = (struct cache_head){.seq = c->view->seq,
                                  .epoch = book->epoch,
                                  .heard = info.heard,
                                  .config = c->view->tables.config};
    memcpy(c->head.book, book->book, sizeof c->head.book);
    memcpy(c->head.source, info.source, sizeof c->head.source);
    memcpy(c->head.person, session->person, sizeof c->head.person);
    c->batch.head = c->head;
    c->batch.has_head = true;
}

static void put_notes(struct console_cache *c)
{
    c->batch.notes = c->notes_differ;
    for (size_t i = 0; i < c->note_count && c->notes_differ; i++)
        cache_put_note(&c->batch, (uint32_t)i, &c->notes[i]);
    c->notes_differ = false;
}

/* ---- beside the loop ---------------------------------------------------------------------------- */

static void write_batch(void *owner)
{
    struct console_cache *c = owner;

    c->failed = cache_write(c->cache, &c->batch, c->why, sizeof c->why) != SQ_ERR_OK;
}

static void written(void *owner)
{
    struct console_cache *c = owner;

    c->writing = false;
    if (!c->failed)
        return;
    c->anew = c->view != NULL;
    c->notes_differ = true;
    c->not_before = loop_now(c->loop) + RETRY_S * SQ_SECOND;
}

static const char *words_once(struct console_cache *c)
{
    static char said[WHY_SIZE];

    if (c->writing || c->why[0] == '\0')
        return NULL;
    snprintf(said, sizeof said, "cache: %.400s", c->why);
    c->why[0] = '\0';
    return said;
}

const char *console_cache_turn(struct console_cache *c, struct sq_session *session, bool whole,
                               sq_time now)
{
    const char *said = words_once(c);
    bool rows = whole && c->view && (c->anew || c->dirty_count > 0);
    bool rates = whole && c->view && now >= c->rates_at;

    if (c->writing || now < c->not_before || (!rows && !rates && !c->notes_differ))
        return said;
    cache_batch_begin(&c->batch);
    if (rows || rates) {
        put_rows(c);
        if (rates || c->rates_at == 0)
            put_rates(c, now);
        put_head(c, session);
    }
    put_notes(c);
    c->writing = true;
    if (loop_task_start(&c->task, c->loop) != 0) {
        c->failed = true;
        written(c);
    }
    return said;
}

/* ---- loading ------------------------------------------------------------------------------------ */

struct loading {
    struct console_cache *c;
    struct sq_view *view;
};

static bool load_row(void *owner, const struct sq_message *row)
{
    struct sq_view *view = ((struct loading *)owner)->view;

    return view == NULL || sq_view_apply(view, row) == 0;
}

static void load_rate(void *owner, uint32_t instrument, const struct sq_rate *rate)
{
    struct sq_view *view = ((struct loading *)owner)->view;

    if (view != NULL && instrument < view->tables.instrument_count)
        sq_board_rate(view->board, instrument, rate);
}

static void load_feed(void *owner, enum sq_exchange exchange, sq_time heard)
{
    struct sq_view *view = ((struct loading *)owner)->view;

    if (view != NULL)
        sq_board_feed(view->board, exchange, heard, false);
}

static void load_note(void *owner, const struct cache_note *note)
{
    console_cache_note(((struct loading *)owner)->c, note);
}

bool console_cache_head(struct console_cache *c, struct cache_head *head)
{
    char why[64];

    if (cache_read_head(c->cache, head) != SQ_ERR_OK ||
        sq_config_check(&head->config, why, sizeof why) != 0)
        return false;
    c->head = *head;
    return true;
}

bool console_cache_load(struct console_cache *c, struct sq_view *view)
{
    struct loading loading = {c, view};
    struct cache_reader reader = {.row = load_row,
                                  .rate = load_rate,
                                  .feed = load_feed,
                                  .note = load_note,
                                  .owner = &loading};

    bool read = cache_read(c->cache, &reader) == SQ_ERR_OK;

    c->loaded = read && view != NULL;
    return read;
}

/* ---- life --------------------------------------------------------------------------------------- */

static bool read_key(const char *path, uint8_t key[CACHE_KEY_SIZE], char why[WHY_SIZE])
{
    char text[KEY_TEXT_SIZE + 8];
    size_t length = 0;
    bool good;

    if (settings_read_secret(path, text, sizeof text, why, WHY_SIZE) != 0)
        return false;
    good = sodium_hex2bin(key, CACHE_KEY_SIZE, text, strlen(text), NULL, &length, NULL) == 0 &&
           length == CACHE_KEY_SIZE && strlen(text) == KEY_TEXT_SIZE - 1;
    explicit_bzero(text, sizeof text);
    if (!good)
        snprintf(why, WHY_SIZE, "%.300s: a key is %d hexadecimal digits", path, KEY_TEXT_SIZE - 1);
    return good;
}

struct console_cache *console_cache_open(struct loop *loop, const char *state, const char *key_file,
                                         char why[WHY_SIZE])
{
    struct console_cache *c = calloc(1, sizeof *c);
    uint8_t key[CACHE_KEY_SIZE];

    snprintf(why, WHY_SIZE, "no memory");
    if (!c || (key_file[0] && !read_key(key_file, key, why))) {
        free(c);
        return NULL;
    }
    c->loop = loop;
    c->task.work = write_batch;
    c->task.done = written;
    c->task.owner = c;
    c->cache = cache_open(state, key_file[0] ? key : NULL, why, WHY_SIZE);
    explicit_bzero(key, sizeof key);
    memcpy(c->why, why, WHY_SIZE); /* it may have been set aside */
    if (c->cache)
        return c;
    free(c);
    return NULL;
}

/* The book cannot be looked at any more; what a person entered is here. */
void console_cache_close(struct console_cache *c)
{
    char why[WHY_SIZE];

    if (!c)
        return;
    cache_batch_begin(&c->batch);
    put_notes(c);
    if (c->batch.notes)
        cache_write(c->cache, &c->batch, why, sizeof why);
    cache_batch_free(&c->batch);
    cache_close(c->cache);
    explicit_bzero(c->notes, sizeof c->notes);
    free(c);
}
