/* Events of the host: folded into the tables, rendered once, put into the ring. */
#include <string.h>

#include "net/served_parts.h"

enum { TEXT_ROOM = 8192, REPLAYED_INPUTS = 4096, STARTS_BEFORE_DAY = 256 };

/* ---- rows ----------------------------------------------------------------------------------- */

/* Row number of what an event carries, in the tables as they are: SQ_NO_ROW when it is new. */
static uint32_t row_of(const struct sq_tables *t, enum sq_kind kind, const union sq_body *b)
{
    switch (kind) {
    case SQ_INSTRUMENT:
        return sq_find_instrument(t, (enum sq_exchange)b->instrument.exchange, b->instrument.token);
    case SQ_CLIENT: return sq_find_client(t, b->client.code);
    case SQ_PERSON: return sq_find_person(t, b->person.code);
    case SQ_POSITION: return sq_find_position(t, &b->position.key);
    case SQ_ORDER: return sq_find_order(t, b->order.no);
    case SQ_CLOSE: return sq_find_close(t, b->close.no);
    case SQ_FILL:
        return sq_find_fill(t, (enum sq_exchange)b->fill.key.exchange, b->fill.exec_id,
                            (enum sq_side)b->fill.side);
    case SQ_BOOK: return 0;
    default: return SQ_NO_ROW;
    }
}

static uint32_t count_of(const struct sq_tables *t, enum sq_kind kind)
{
    switch (kind) {
#define X(member, type, tail) \
    case SQ_##tail: return t->member##_count;
        SQ_TABLES_MAP(X)
#undef X
    case SQ_BOOK: return 1;
    default: return 0;
    }
}

const void *served_row(const struct sq_tables *t, enum sq_kind kind, uint32_t row)
{
    if (row >= count_of(t, kind))
        return NULL;
    switch (kind) {
#define X(member, type, tail) \
    case SQ_##tail: return &t->member[row];
        SQ_TABLES_MAP(X)
#undef X
    case SQ_BOOK: return &t->book;
    default: return NULL;
    }
}

/* ---- whom it concerns ------------------------------------------------------------------------ */

static void address(const struct served *book, const struct sq_message *event,
                    struct ring_event *entry)
{
    const struct sq_tables *t = &book->tables;
    entry->client = sq_client_of(t, (enum sq_kind)event->kind, &event->as);
    entry->person = SQ_NO_ROW;
    switch (event->kind) {
    case SQ_CLIENT:
    case SQ_POSITION:
    case SQ_ORDER:
    case SQ_CLOSE:
    case SQ_FILL: entry->audience = AUDIENCE_CLIENT; return;
    case SQ_ALARM:
        entry->audience = event->as.alarm.key.client[0] ? AUDIENCE_CLIENT : AUDIENCE_ALL;
        return;
    case SQ_REFUSED:
        entry->audience = AUDIENCE_PERSON;
        entry->person = sq_find_person(t, event->as.refused.person);
        return;
    default: entry->audience = entry->client == SQ_NO_ROW ? AUDIENCE_ALL : AUDIENCE_CLIENT;
    }
}

/*
 * What a person has closed today changes with each close: told to whoever watches all, and to that
 * person. To tell everybody would cost a frame a console for each close.
 */
static bool is_own_business(const struct served *book, const struct sq_message *event, uint32_t row)
{
    if (event->kind != SQ_PERSON || row == SQ_NO_ROW)
        return false;
    struct sq_person was = book->tables.person[row];
    was.day_paise = event->as.person.day_paise;
    return sq_same_body(SQ_PERSON, &was, &event->as.person);
}

/* Nobody at a screen sees these. */
static bool is_hidden(enum sq_kind kind)
{
    return kind == SQ_CONFIG || kind == SQ_INTENT;
}

/* ---- the ring -------------------------------------------------------------------------------- */

static void add(struct served *book, const struct sq_message *event, uint32_t row, bool own,
                const struct wire_out *out)
{
    struct ring_event entry = {.seq = event->seq,
                               .time = event->time,
                               .row = row,
                               .kind = event->kind,
                               .length = (uint32_t)out->length};
    SQ_ASSERT(!out->cut);
    address(book, event, &entry);
    if (own) {
        entry.audience = AUDIENCE_PERSON;
        entry.person = row;
    }
    event_ring_add(&book->ring, &entry, out->bytes);
    book->figures.events++;
    book->figures.event_bytes += entry.length;
}

/* What the consoles have of this row: for the book, what was rendered last. */
static const void *told_row(const struct served *book, enum sq_kind kind, uint32_t row)
{
    return kind == SQ_BOOK ? (const void *)&book->told_book : served_row(&book->tables, kind, row);
}

/* False: nothing that a person can see is different. */
static bool render(struct served *book, const struct sq_message *event, uint32_t row,
                   struct wire_out *out)
{
    enum sq_kind kind = (enum sq_kind)event->kind;
    const void *was = told_row(book, kind, row);
    return wire_is_visible_change(kind, was, &event->as) && wire_change(out, kind, was, &event->as);
}

/* Who sees what has changed: everybody begins again with the rows that are theirs now. */
static bool changes_scope(const struct sq_tables *t, const struct sq_message *event, uint32_t row)
{
    const struct sq_client *c = &event->as.client;
    const struct sq_person *p = &event->as.person;
    if (event->kind == SQ_CLIENT && row != SQ_NO_ROW)
        return memcmp(c->dealer, t->client[row].dealer, sizeof c->dealer) != 0 ||
               memcmp(c->backup_dealer, t->client[row].backup_dealer, sizeof c->dealer) != 0 ||
               memcmp(c->stand_in, t->client[row].stand_in, sizeof c->stand_in) != 0;
    return event->kind == SQ_PERSON && row != SQ_NO_ROW && p->role != t->person[row].role;
}

static void begin_all_walks(struct served *book)
{
    for (struct subscriber *s = book->subscribers; s != NULL; s = s->next)
        served_begin_walk(s);
}

static void note_book(struct served *book, const struct sq_message *event)
{
    if (event->kind != SQ_BOOK)
        return;
    if (event->as.book.epoch != book->told_book.epoch) {
        book->epoch_seq = event->seq;
        book->epoch_was = book->told_book.epoch;
    }
    book->told_book = event->as.book;
}

static void fold(struct served *book, const struct sq_message *event, uint32_t row)
{
    if (sq_tables_apply(&book->tables, (enum sq_kind)event->kind, &event->as) != 0)
        book->full = true;
    else if (event->kind == SQ_POSITION)
        sq_board_position(book->board, row);
}

static bool is_row(enum sq_kind kind)
{
    return sq_kind_info(kind)->family == SQ_FAMILY_RECORD;
}

void served_take_event(struct served *book, const struct sq_message *event)
{
    char text[TEXT_ROOM];
    struct wire_out out;
    enum sq_kind kind = (enum sq_kind)event->kind;
    uint32_t row = row_of(&book->tables, kind, &event->as);
    bool scope = changes_scope(&book->tables, event, row), seen;
    bool own = is_own_business(book, event, row);

    book->seq = event->seq > book->seq ? event->seq : book->seq;
    wire_begin(&out, text, sizeof text);
    seen = !is_hidden(kind) && render(book, event, row, &out);
    if (row == SQ_NO_ROW)
        row = count_of(&book->tables, kind); /* where it will be */
    if (is_row(kind))
        fold(book, event, row);
    if (seen) {
        add(book, event, row, own, &out);
        note_book(book, event);
    }
    if (scope) {
        book->scope_seq = event->seq;
        begin_all_walks(book);
    }
}

/* ---- the journal's newest -------------------------------------------------------------------- */

/* Reading the newest of the journal: whole rows, since what they were is not known. */
struct replaying {
    struct served *book;
    uint64_t began; /* the newest input that may have begun an epoch */
};

static bool may_begin_epoch(const struct sq_message *input)
{
    return input->kind == SQ_DAY ||
           (input->kind == SQ_OWNERSHIP && input->as.ownership.what == SQ_OWNERSHIP_TAKE);
}

static void replay_row(struct replaying *r, const struct sq_message *event)
{
    struct served *book = r->book;
    char text[TEXT_ROOM];
    struct wire_out out;
    enum sq_kind kind = (enum sq_kind)event->kind;

    wire_begin(&out, text, sizeof text);
    wire_change(&out, kind, NULL, &event->as);
    add(book, event, row_of(&book->tables, kind, &event->as), false, &out);
    bool first = kind == SQ_BOOK && book->told_book.epoch == 0;
    note_book(book, event);
    if (first && event->seq != r->began) /* its epoch is older than what is read */
        book->epoch_seq = 0;
    if (kind == SQ_CLIENT)
        book->scope_seq = event->seq;
}

static int replay_event(void *owner, const struct sq_message *event, bool is_input)
{
    struct replaying *r = owner;
    enum sq_kind kind = (enum sq_kind)event->kind;
    if (is_input)
        r->began = may_begin_epoch(event) ? event->seq : r->began;
    else if (!is_hidden(kind) &&
             (kind != SQ_BOOK || wire_is_visible_change(kind, &r->book->told_book, &event->as)))
        replay_row(r, event);
    return 0;
}

/* A journal begins with its day, and what was started before that was there. */
static int find_day(void *owner, const struct sq_message *input, bool is_input)
{
    struct served *book = owner;
    if (is_input && input->kind == SQ_DAY)
        book->day_epoch = input->as.day.epoch;
    return book->day_epoch != 0 || input->seq > STARTS_BEFORE_DAY;
}

void served_fill_ring(struct served *book)
{
    struct sq_store *store = book->store;
    struct replaying replaying = {.book = book};
    struct sq_book now = book->tables.book;
    uint64_t last = store->ops->last_seq(store);
    uint64_t after = last > REPLAYED_INPUTS ? last - REPLAYED_INPUTS : 0;

    event_ring_clear(&book->ring, after);
    if (store->ops->read(store, 0, find_day, book) != SQ_ERR_OK ||
        store->ops->read(store, after, replay_event, &replaying) != SQ_ERR_OK)
        event_ring_clear(&book->ring, last);
    book->told_book = now;
}
