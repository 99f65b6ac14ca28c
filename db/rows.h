/*
 * rows.h: a turn as rows of the journal, and the hash that chains turns. Shared by the stores.
 *
 * A row is one message. Order: input 1, the events it caused, input 2, its events, and so on; `ord`
 * counts within one seq, the input being 0. The hash of a turn covers the hash of the turn before
 * it and every byte of its own rows, so a change, a swap or a missing row breaks it and all after.
 * The turn, not the row, is the link: a turn is what is committed, and it hashes faster in one go.
 */
#ifndef DB_ROWS_H
#define DB_ROWS_H

#include "core/port.h"
#include "db/hash.h"

struct row {
    uint64_t seq;
    uint32_t ord;
    sq_time time;
    uint16_t kind; /* enum sq_kind */
    bool is_input;
    const uint8_t *body; /* sq_encode's bytes, borrowed */
    size_t length;
};

/* Walks the rows of a turn. */
struct row_walk {
    const struct sq_turn *turn;
    size_t input; /* next of each */
    size_t event;
    uint64_t seq; /* of the input under way */
    uint32_t ord;
    const struct sq_message *message; /* of the row that was last given */
    uint8_t body[SQ_ENCODED_MAX];
};
void row_walk_init(struct row_walk *walk, const struct sq_turn *turn);
/* Next row; its body is good until the next call. False at the end of the turn. */
bool row_walk_next(struct row_walk *walk, struct row *row);

/*
 * A turn that no host makes: no input, seq not last + 1 and rising by one, or an event whose seq
 * is of no input of the turn. Returns NULL when it is good, else the reason.
 */
const char *turn_check(const struct sq_turn *turn, uint64_t last_seq);

/* One link of the chain. */
struct chain {
    struct hash hash;
};
void chain_begin(struct chain *chain, const uint8_t previous[HASH_SIZE]);
void chain_row(struct chain *chain, const struct row *row);
void chain_end(struct chain *chain, uint8_t out[HASH_SIZE]);

/* A row of a snapshot into the snapshot's hash: kind and length first, so that two rows cannot be
 * cut differently and hash the same. */
void row_hash(struct hash *hash, int kind, const void *body, size_t length);

/* Decodes a row into a message. -1 when its bytes are nothing that was ever written. */
int row_decode(const struct row *row, struct sq_message *message);

#endif
