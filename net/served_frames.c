/* Frames for consoles: what each has not got yet, made when it can take it. */
#include <stdlib.h>
#include <string.h>

#include "net/served_parts.h"

/* ---- scope ----------------------------------------------------------------------------------- */

static bool sees_all(const struct subscriber *s)
{
    const struct sq_tables *t = &s->book->tables;
    if (s->person >= t->person_count)
        return s->sees_all;
    return t->person[s->person].role == SQ_ROLE_SUPERVISOR ||
           t->person[s->person].role == SQ_ROLE_AUDITOR;
}

bool served_sees_client(const struct subscriber *s, uint32_t client)
{
    return sees_all(s) ||
           (client != SQ_NO_ROW && sq_client_in_scope(&s->book->tables, s->person, client));
}

bool served_concerns(const struct subscriber *s, const struct ring_event *event)
{
    switch (event->audience) {
    case AUDIENCE_CLIENT: return served_sees_client(s, event->client);
    case AUDIENCE_PERSON:
        return sees_all(s) || (event->person != SQ_NO_ROW && event->person == s->person);
    default: return true;
    }
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void begin_frame(const struct subscriber *s, struct wire_out *out)
{
    wire_open(out, '{');
    wire_member_text(out, "b", s->book->config.code);
}

/* Where a frame can be cut back to. */
struct mark {
    size_t length;
    bool comma;
};

static struct mark mark_of(const struct wire_out *out)
{
    return (struct mark){out->length, out->comma};
}

/* Room is kept for the brackets that close the frame, and a frame is long enough at a chunk. */
static bool is_full(const struct wire_out *out)
{
    return out->cut || out->length > SERVED_CHUNK;
}

static void back_to(struct wire_out *out, struct mark mark)
{
    out->length = mark.length;
    out->comma = mark.comma;
    out->cut = false;
}

/* ---- snapshot -------------------------------------------------------------------------------- */

/* The tables that a snapshot walks through, in the order in which their rows name each other. */
static const enum sq_kind walked[] = {SQ_INSTRUMENT, SQ_CLIENT, SQ_PERSON, SQ_HOURS,
                                      SQ_POSITION,   SQ_ORDER,  SQ_CLOSE,  SQ_FILL};
enum { WALKED = sizeof walked / sizeof walked[0] };

static uint32_t rows_of(const struct sq_tables *t, enum sq_kind kind)
{
    switch (kind) {
#define X(member, type, tail) \
    case SQ_##tail: return t->member##_count;
        SQ_TABLES_MAP(X)
#undef X
    default: return 0;
    }
}

static void restart_walk(struct subscriber *s)
{
    const struct served *book = s->book;
    struct served_walk *walk = s->walk;
    *walk = (struct served_walk){.from = book->ring.next};
    for (uint32_t i = 0; i < WALKED; i++)
        walk->counts[i] = rows_of(&book->tables, walked[i]);
    s->cursor = walk->from;
}

void served_begin_walk(struct subscriber *s)
{
    if (s->walk == NULL)
        s->walk = calloc(1, sizeof *s->walk);
    SQ_ASSERT(s->walk != NULL);
    s->book->figures.snapshots++;
    restart_walk(s);
}

static bool may_see(const struct subscriber *s, enum sq_kind kind, const void *body)
{
    uint32_t client;
    switch (kind) {
    case SQ_CLIENT:
    case SQ_POSITION:
    case SQ_ORDER:
    case SQ_CLOSE:
    case SQ_FILL:
        client = sq_client_of(&s->book->tables, kind, body);
        return served_sees_client(s, client);
    default: return true;
    }
}

static void put_row(const struct subscriber *s, enum sq_kind kind, uint32_t row,
                    struct wire_out *out)
{
    const void *body = served_row(&s->book->tables, kind, row);
    struct sq_person other;
    if (body == NULL || !may_see(s, kind, body))
        return;
    if (kind == SQ_PERSON && row != s->person && !sees_all(s)) {
        other = s->book->tables.person[row];
        other.day_paise = 0; /* changes of it are not told either: served_events.c */
        body = &other;
    }
    wire_change(out, kind, NULL, body);
}

/* Rows of the tables until the frame is full; false: it is. */
static bool put_tables(struct subscriber *s, struct wire_out *out)
{
    struct served_walk *walk = s->walk;
    for (; walk->table < WALKED; walk->table++, walk->row = 0)
        for (; walk->row < walk->counts[walk->table]; walk->row++) {
            if (is_full(out))
                return false;
            put_row(s, walked[walk->table], walk->row, out);
        }
    return true;
}

/* Rows that events have changed or made since the walk began; false: the frame is full. */
static bool put_changed(struct subscriber *s, struct wire_out *out)
{
    const struct event_ring *ring = &s->book->ring;
    for (; s->cursor < ring->next; s->cursor++) {
        const struct ring_event *event = event_ring_get(ring, s->cursor);
        if (is_full(out))
            return false;
        if (event->kind != SQ_BOOK)
            put_row(s, (enum sq_kind)event->kind, event->row, out);
    }
    return true;
}

static bool snapshot_frame(struct subscriber *s, struct wire_out *out)
{
    if (s->cursor < s->book->ring.first) /* slower than the book changes: from the start */
        restart_walk(s);
    begin_frame(s, out);
    wire_name(out, "rows");
    wire_open(out, '[');
    bool whole = put_tables(s, out) && put_changed(s, out);
    if (whole)
        wire_change(out, SQ_BOOK, NULL, &s->book->tables.book);
    wire_close(out, ']');
    if (whole) {
        wire_member_integer(out, "at", (int64_t)s->book->seq);
        free(s->walk);
        s->walk = NULL;
        s->wants_at = false;
        s->wants_links = s->wants_feeds = true;
    }
    wire_close(out, '}');
    return true;
}

/* After a resume: what it has now is whole, too. */
static bool at_frame(struct subscriber *s, struct wire_out *out)
{
    s->wants_at = false;
    begin_frame(s, out);
    wire_member_integer(out, "at", (int64_t)s->book->seq);
    wire_close(out, '}');
    return true;
}

/* ---- events ---------------------------------------------------------------------------------- */

static uint64_t end_of_group(const struct event_ring *ring, uint64_t at)
{
    uint64_t seq = event_ring_get(ring, at)->seq;
    while (at < ring->next && event_ring_get(ring, at)->seq == seq)
        at++;
    return at;
}

/* Events of one seq that concern the console: [seq,time,message,...]; nothing when none does. */
static void put_group(const struct subscriber *s, uint64_t end, struct wire_out *out)
{
    const struct event_ring *ring = &s->book->ring;
    bool any = false;
    for (uint64_t i = s->cursor; i < end; i++) {
        const struct ring_event *event = event_ring_get(ring, i);
        if (!served_concerns(s, event))
            continue;
        if (!any) {
            wire_open(out, '[');
            wire_unsigned(out, event->seq);
            wire_integer(out, event->time);
            any = true;
        }
        wire_raw(out, event_ring_text(ring, event), event->length);
    }
    if (any)
        wire_close(out, ']');
}

/* All that is there, until the frame is full. False: nothing concerns this console, or what came
 * with one seq is longer than a frame may be: then it gets a snapshot. */
static bool event_frame(struct subscriber *s, struct wire_out *out)
{
    const struct event_ring *ring = &s->book->ring;
    size_t empty;
    begin_frame(s, out);
    wire_name(out, "ev");
    wire_open(out, '[');
    empty = out->length;
    out->room -= 2; /* for the brackets */
    while (s->cursor < ring->next && out->length <= SERVED_CHUNK) {
        struct mark mark = mark_of(out);
        uint64_t end = end_of_group(ring, s->cursor);
        put_group(s, end, out);
        if (out->cut && mark.length == empty) {
            served_begin_walk(s);
            return false;
        }
        if (out->cut) {
            back_to(out, mark);
            break;
        }
        s->cursor = end;
    }
    out->room += 2;
    bool any = out->length > empty;
    wire_close(out, ']');
    wire_close(out, '}');
    return any;
}

/* ---- links and feeds ------------------------------------------------------------------------- */

static bool links_frame(struct subscriber *s, struct wire_out *out)
{
    s->wants_links = false;
    begin_frame(s, out);
    wire_name(out, "st");
    wire_links(out, &s->book->links);
    wire_close(out, '}');
    return true;
}

static bool feeds_frame(struct subscriber *s, struct wire_out *out)
{
    const struct served *book = s->book;
    bool any = false;
    s->wants_feeds = false;
    begin_frame(s, out);
    wire_name(out, "fd");
    wire_open(out, '[');
    for (unsigned i = 0; i < SQ_EXCHANGE_COUNT; i++) {
        if (sq_board_feed_of(book->board, (enum sq_exchange)i)->heard == 0)
            continue;
        wire_open(out, '[');
        wire_text(out, sq_name(SQ_LIST_EXCHANGE, i));
        wire_integer(out, book->feed_alive[i]);
        wire_integer(out, book->feed_gap[i]);
        wire_close(out, ']');
        any = true;
    }
    wire_close(out, ']');
    wire_close(out, '}');
    return any;
}

/* ---- the journal, for a replica -------------------------------------------------------------- */

void served_fill_logs(struct served *book)
{
    for (struct subscriber *s = book->subscribers; s != NULL; s = s->next)
        if (s->log != NULL)
            journal_feed_fill(s->log, SERVED_LOG);
}

static bool log_frame(struct subscriber *s, struct wire_out *out)
{
    if (!journal_feed_has(s->log) && served_may_read(s->book))
        journal_feed_fill(s->log, SERVED_LOG);
    if (!journal_feed_has(s->log))
        return false;
    begin_frame(s, out);
    wire_name(out, "log");
    wire_open(out, '[');
    journal_feed_put(s->log, out, SERVED_CHUNK, INT32_MAX);
    wire_close(out, ']');
    wire_close(out, '}');
    return true;
}

bool served_next_frame(struct subscriber *s, struct wire_out *out)
{
    struct mark start = mark_of(out);
    if (s->walk == NULL && s->cursor < s->book->ring.first)
        served_begin_walk(s);
    if (s->walk != NULL)
        return snapshot_frame(s, out);
    if (s->cursor < s->book->ring.next && event_frame(s, out))
        return true;
    back_to(out, start);
    if (s->walk != NULL)
        return snapshot_frame(s, out);
    if (s->wants_at)
        return at_frame(s, out);
    if (s->wants_links)
        return links_frame(s, out);
    if (s->wants_feeds && feeds_frame(s, out))
        return true;
    back_to(out, start);
    return s->log != NULL && log_frame(s, out);
}

/* ---- who has something to get ---------------------------------------------------------------- */

/* Passes over what does not concern it, so that nobody is woken for nothing. */
static bool has_events(struct subscriber *s)
{
    const struct event_ring *ring = &s->book->ring;
    if (s->walk != NULL || s->cursor < ring->first)
        return true;
    while (s->cursor < ring->next && !served_concerns(s, event_ring_get(ring, s->cursor)))
        s->cursor++;
    return s->cursor < ring->next;
}

/* What comes during a round waits for the next one: begun anew each time, no round would ever come
 * to the consoles at its end. */
void served_wake_all(struct served *book)
{
    if (book->to_wake == NULL)
        book->to_wake = book->subscribers;
    else
        book->wake_again = true;
}

bool served_wake(struct served *book, uint32_t most)
{
    for (; book->to_wake != NULL && most > 0; most--) {
        struct subscriber *s = book->to_wake;
        book->to_wake = s->next;
        if (has_events(s) || s->wants_links || s->wants_feeds ||
            (s->log != NULL && s->log->after < book->seq))
            book->config.wake(s);
    }
    if (book->to_wake == NULL && book->wake_again) {
        book->wake_again = false;
        book->to_wake = book->subscribers;
    }
    return book->to_wake != NULL;
}

/* ---- the state of the links ------------------------------------------------------------------ */

static void read_links(const struct served *book, struct wire_links *links)
{
    struct sq_source_info source = {.order_rtt_us = -1};
    enum sq_host_mode mode = sq_host_mode(book->host);
    if (book->link != NULL)
        standalone_source(book->link, &source);
    sq_time now = loop_now(book->config.loop);
    *links = (struct wire_links){
        .time = now,
        .order_up = book->tables.book.link != SQ_LINK_DOWN,
        .order_rtt_us = source.order_rtt_us,
        .price_up = source.price_up,
        .price_age_ms = source.price_heard == 0 ? -1 : (now - source.price_heard) / SQ_MS,
        .view_only = book->view_only || book->full || mode == SQ_HOST_VIEW_ONLY ||
                     served_is_fenced(book) || mode == SQ_HOST_FOLLOWING || mode == SQ_HOST_STOPPED,
        .disk_full = mode == SQ_HOST_DISK_FULL};
    if (mode == SQ_HOST_FOLLOWING)
        snprintf(links->why, sizeof links->why, "the book is handed over to %s",
                 book->tables.book.owner);
    else if (served_is_fenced(book))
        snprintf(links->why, sizeof links->why, "FENCED: another owner is or was at the exchange");
    else
        snprintf(links->why, sizeof links->why, "%s",
                 book->full ? "the server's tables are full: not all rows are shown" : book->why);
}

static bool flags_differ(const struct wire_links *a, const struct wire_links *b)
{
    return a->order_up != b->order_up || a->price_up != b->price_up ||
           a->view_only != b->view_only || a->disk_full != b->disk_full;
}

/* As a close would judge it: design's quote_age_limit_ms is the engine's own limit. */
static bool read_feeds(struct served *book)
{
    int64_t limit_us = book->tables.config.quote_age_limit_ms * SQ_MS;
    sq_time now = loop_now(book->config.loop);
    bool differs = false;
    for (unsigned i = 0; i < SQ_EXCHANGE_COUNT; i++) {
        const struct sq_feed *feed = sq_board_feed_of(book->board, (enum sq_exchange)i);
        bool alive = feed->heard != 0 && now - feed->heard <= limit_us, gap = feed->gap != 0;
        differs = differs || alive != book->feed_alive[i] || gap != book->feed_gap[i];
        book->feed_alive[i] = alive;
        book->feed_gap[i] = gap;
    }
    return differs;
}

void served_tell_links(struct served *book)
{
    struct wire_links links;
    read_links(book, &links);
    bool links_differ = flags_differ(&links, &book->links), feeds_differ = read_feeds(book);
    book->links = links;
    if (!links_differ && !feeds_differ)
        return;
    for (struct subscriber *s = book->subscribers; s != NULL; s = s->next) {
        s->wants_links = s->wants_links || links_differ;
        s->wants_feeds = s->wants_feeds || feeds_differ;
    }
    served_wake_all(book);
}
