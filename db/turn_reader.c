/*
 * turn_reader.c: rows wait for their turn's hash.
 *
 * What waits is bounded by the largest turn in the journal; a row is never longer than
 * SQ_ENCODED_MAX, whatever a database says.
 */
#include "db/turn_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t turn_id_after(uint64_t seq)
{
    return seq < UINT64_MAX >> (TURN_ORD_BITS + 1) ? (int64_t)((seq + 1) << TURN_ORD_BITS)
                                                   : INT64_MAX;
}

enum sq_err turn_damaged(char *why, size_t why_room, uint64_t seq, const char *what)
{
    snprintf(why, why_room, "%s in the turn that begins at seq %llu", what,
             (unsigned long long)seq);
    return SQ_ERR_DAMAGED;
}

static enum sq_err damaged(struct turn_reader *r, uint64_t seq, const char *what)
{
    return turn_damaged(r->why, r->why_room, seq, what);
}

static bool make_room(struct turn_reader *r, size_t length)
{
    if (r->count == r->room) {
        size_t room = r->room ? r->room * 2 : 256;
        struct row *rows = realloc(r->rows, room * sizeof *rows);
        if (rows == NULL)
            return false;
        r->rows = rows;
        r->room = room;
    }
    if (r->bytes == NULL || r->used + length > r->bytes_room) {
        size_t room = (r->bytes_room + length) * 2 + 4096;
        uint8_t *bytes = realloc(r->bytes, room);
        if (bytes == NULL)
            return false;
        r->bytes = bytes;
        r->bytes_room = room;
    }
    return true;
}

/* Bodies lie one after another; row.body is set when they no longer move. */
static bool add(struct turn_reader *r, const struct stored_row *stored)
{
    if (stored->length > SQ_ENCODED_MAX || !make_room(r, stored->length))
        return false;
    if (stored->body != NULL)
        memcpy(r->bytes + r->used, stored->body, stored->length);
    r->used += stored->length;
    r->rows[r->count++] = (struct row){.seq = (uint64_t)stored->id >> TURN_ORD_BITS,
                                       .ord = (uint32_t)(stored->id & ((1 << TURN_ORD_BITS) - 1)),
                                       .time = stored->time,
                                       .is_input = stored->is_input,
                                       .kind = stored->kind,
                                       .length = stored->length};
    return true;
}

/* Follows the chain over the turn that waits. */
static bool is_whole(struct turn_reader *r, const void *hash)
{
    struct chain chain;
    const uint8_t *body = r->bytes;
    chain_begin(&chain, r->hash);
    for (size_t i = 0; i < r->count; i++) {
        r->rows[i].body = body;
        body += r->rows[i].length;
        chain_row(&chain, &r->rows[i]);
    }
    chain_end(&chain, r->hash);
    return memcmp(r->hash, hash, HASH_SIZE) == 0;
}

/* Only now that the whole turn has been seen to be right may anybody see a row of it. */
static enum sq_err give(struct turn_reader *r)
{
    for (size_t i = 0; i < r->count && !r->stopped; i++) {
        struct sq_message message;
        const struct row *row = &r->rows[i];
        if (row->seq <= r->after)
            continue;
        if (row_decode(row, &message) != 0)
            return damaged(r, row->seq, "a row that no version wrote");
        r->stopped = r->fn(r->owner, &message, row->is_input) != 0;
    }
    r->count = r->used = 0;
    return SQ_ERR_OK;
}

enum sq_err turn_reader_take(struct turn_reader *r, const struct stored_row *stored)
{
    if (!add(r, stored))
        return damaged(r, (uint64_t)stored->id >> TURN_ORD_BITS, "a row that is too long");
    if (stored->hash == NULL)
        return SQ_ERR_OK;
    if (stored->hash_length != HASH_SIZE || !is_whole(r, stored->hash))
        return damaged(r, r->rows[0].seq, "hash chain broken");
    return give(r);
}

enum sq_err turn_reader_end(struct turn_reader *r)
{
    return r->count && !r->stopped ? damaged(r, r->rows[0].seq, "no hash") : SQ_ERR_OK;
}

void turn_reader_finish(struct turn_reader *r)
{
    free(r->rows);
    free(r->bytes);
}
