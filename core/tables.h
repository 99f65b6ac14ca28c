/*
 * tables.h: the rows of a book, found by their keys. The engine's state is one of these; a view
 * (what a screen holds) is another one, made by folding events.
 *
 * Rows are arrays in order of insertion, and are never removed during a day, so an index stays
 * good. Indexes by key are open-addressing maps beside them. Memory is the caller's.
 */
#ifndef SQ_CORE_TABLES_H
#define SQ_CORE_TABLES_H

#include "core/record.h"

/* An open-addressing map from a 64-bit hash to a row index. */
struct sq_map {
    uint32_t *slots; /* row + 1; 0: empty */
    uint32_t mask;   /* slots - 1, a power of two less one */
};

#define SQ_TABLES_MAP(X) /* X(member, struct, KIND) : keyed tables, in the order of a snapshot */ \
    X(instrument, sq_instrument, INSTRUMENT)                                                      \
    X(client, sq_client, CLIENT)                                                                  \
    X(person, sq_person, PERSON)                                                                  \
    X(hours, sq_hours, HOURS)                                                                     \
    X(position, sq_position, POSITION)                                                            \
    X(order, sq_order, ORDER)                                                                     \
    X(close, sq_close, CLOSE)                                                                     \
    X(fill, sq_fill, FILL)                                                                        \
    X(intent, sq_intent_row, INTENT)

struct sq_tables {
    struct sq_config config;
    struct sq_book book;
#define X(member, type, kind) \
    struct type *member;      \
    uint32_t member##_count;  \
    uint32_t member##_room;   \
    struct sq_map member##_map;
    SQ_TABLES_MAP(X)
#undef X
    struct sq_map order_clord_map; /* orders by ClOrdID, their own or of their cancel */
    /* Links that are not part of a row: rebuilt by inserting it. NONE ends a list. */
    uint32_t *position_instrument; /* instrument of a position */
    uint32_t *position_client;     /* client of a position */
    uint32_t *position_order;      /* newest order on a position; SQ_NO_ROW: none */
    uint32_t *order_next;          /* next older order on the same position */
    uint32_t *order_position;      /* position of an order */
    uint32_t *close_position;      /* position of a close */
    uint32_t *client_position;     /* newest position of a client */
    uint32_t *position_next;       /* next older position of the same client */
    uint32_t *position_sibling;    /* ring of a client's positions in one underlying (symbol) */
    uint32_t *position_close;      /* newest close on a position */
};

#define SQ_NO_ROW UINT32_MAX

size_t sq_tables_size(const struct sq_config *config);
/* memory: sq_tables_size() zero bytes, 16-byte aligned. */
void sq_tables_init(struct sq_tables *tables, void *memory, const struct sq_config *config);

/*
 * Inserts or replaces the row with the same key (CONFIG is ignored, BOOK replaces the book).
 * Returns 0, -1 when the table is full, when a position, order, close or fill names a row that is
 * not there, or when an order or close would move to another position.
 * Rows may be changed in place too, except keys, ClOrdIDs and an order's cancel_clord: those are
 * mapped, so they change through here, from a copy of the row.
 */
int sq_tables_apply(struct sq_tables *tables, enum sq_kind kind, const void *body);

/* Row by key, or SQ_NO_ROW. */
uint32_t sq_find_instrument(const struct sq_tables *t, enum sq_exchange exchange, uint32_t token);
uint32_t sq_find_client(const struct sq_tables *t, const char *code);
uint32_t sq_find_person(const struct sq_tables *t, const char *code);
uint32_t sq_find_position(const struct sq_tables *t, const struct sq_key *key);
uint32_t sq_find_order(const struct sq_tables *t, uint64_t no);
uint32_t sq_find_clord(const struct sq_tables *t, const char *clord);
uint32_t sq_find_close(const struct sq_tables *t, uint64_t no);
uint32_t sq_find_fill(const struct sq_tables *t, enum sq_exchange exchange, const char *exec_id,
                      enum sq_side side);
uint32_t sq_find_intent(const struct sq_tables *t, struct sq_id id);
/* Hours of an instrument: those of its series, else of its segment; NULL: none. */
const struct sq_hours *sq_find_hours(const struct sq_tables *t, const struct sq_instrument *i);

/* The close that is open on a position, or NULL. */
const struct sq_close *sq_open_close(const struct sq_tables *t, uint32_t position);

/* ---- what follows from the rows ------------------------------------------------------------ */
/* Quantity on a position's closing side that may still trade: working, unknown, resting. On a flat
 * position every order would open a new one: both sides count. */
sq_quantity sq_reserved(const struct sq_tables *t, uint32_t position);
/* "NIFTY 01DEC 24500C", "BANKNIFTY 29DEC FUT", "HDFCBANK": into at least SQ_LABEL_SIZE bytes. */
enum { SQ_LABEL_SIZE = 48 };
size_t sq_label(const struct sq_instrument *instrument, char *label);
/* "#sq-0412"; pre-outage orders print their exchange number. At least SQ_LABEL_SIZE bytes. */
size_t sq_order_label(const struct sq_order *order, char *label);

#endif
