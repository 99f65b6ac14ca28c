/*
 * journal_wire.h: rows of a journal on the wire, from a store to another one (docs/handover.md).
 *
 * A row is [seq,time,in,kind,"body"], body the canonical encoding (core/record.h) in hexadecimal:
 * what arrives is, byte for byte, what was journalled. The last row of a turn has one more member,
 * the turn's hash; so turns stay what they are, and whoever commits them has the same chain.
 */
#ifndef NET_JOURNAL_WIRE_H
#define NET_JOURNAL_WIRE_H

#include "core/port.h"
#include "net/wire.h"

enum {
    JOURNAL_TURN_MOST = 1 << 19, /* inputs of a turn that is taken, and events */
    JOURNAL_WHY = 160
};

void journal_hash_text(const uint8_t hash[SQ_HASH_SIZE], char text[WIRE_HASH_SIZE]);
/* False: not 64 hexadecimal digits. */
bool journal_hash_read(const char *text, uint8_t hash[SQ_HASH_SIZE]);

/* ---- out ------------------------------------------------------------------------------------ */

/* Gives the rows of a store behind `after`. What is held as text is bounded by `most` of fill and
 * the largest turn. */
struct journal_feed {
    struct sq_store *store; /* borrowed */
    uint64_t after;         /* last row that is held, or was given; always the end of a turn */
    char *text;             /* rows, a line each */
    size_t length, room, at;
};
void journal_feed_init(struct journal_feed *feed, struct sq_store *store, uint64_t after);
void journal_feed_finish(struct journal_feed *feed);
/* Reads turns until `most` bytes are held; not while the store commits. -1: it cannot be read. */
int journal_feed_fill(struct journal_feed *feed, size_t most);
static inline bool journal_feed_has(const struct journal_feed *feed)
{
    return feed->at < feed->length;
}
/* Puts rows that are held as values of an open array, at most `most`, as long as the text is not
 * longer than `length` then. How many. */
int journal_feed_put(struct journal_feed *feed, struct wire_out *out, size_t length, int most);

/* ---- in ------------------------------------------------------------------------------------- */

/* A turn that comes row by row. Zero it first. */
struct journal_turn {
    struct sq_message *inputs, *events;
    size_t input_count, input_room, event_count, event_room;
    uint8_t hash[SQ_HASH_SIZE]; /* of the turn, when it is whole */
};
enum journal_taken { JOURNAL_WRONG = -1, JOURNAL_MORE, JOURNAL_WHOLE };
/*
 * Takes a row. WHOLE: journal_turn_get() has a turn; journal_turn_begin() then begins the next one.
 * WRONG, with why: not a row, not in order, or more than may be in a turn.
 */
enum journal_taken journal_turn_take(struct journal_turn *turn, const struct cJSON *row,
                                     char why[JOURNAL_WHY]);
struct sq_turn journal_turn_get(const struct journal_turn *turn);
void journal_turn_begin(struct journal_turn *turn);
void journal_turn_finish(struct journal_turn *turn);

#endif
