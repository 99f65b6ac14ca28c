/*
 * rows.c: turns as rows, and their hash.
 *
 * Inputs and events come in two arrays, each in order of seq; the walk merges them. A row's place
 * (seq, ord), time, kind and face are hashed with its body: none of them can be changed alone.
 */
#include "db/rows.h"

#include <string.h>

void row_walk_init(struct row_walk *walk, const struct sq_turn *turn)
{
    memset(walk, 0, offsetof(struct row_walk, body));
    walk->turn = turn;
}

static const struct sq_message *next_message(struct row_walk *walk, bool *is_input)
{
    const struct sq_turn *turn = walk->turn;
    *is_input = false;
    if (walk->input > 0 && walk->event < turn->event_count &&
        turn->events[walk->event].seq == walk->seq)
        return &turn->events[walk->event++];
    if (walk->input == turn->input_count)
        return NULL;
    *is_input = true;
    return &turn->inputs[walk->input++];
}

bool row_walk_next(struct row_walk *walk, struct row *row)
{
    bool is_input;
    const struct sq_message *message = next_message(walk, &is_input);
    if (message == NULL)
        return false;
    walk->message = message;
    walk->ord = is_input ? 0 : walk->ord + 1;
    walk->seq = message->seq;
    row->seq = message->seq;
    row->ord = walk->ord;
    row->time = message->time;
    row->kind = message->kind;
    row->is_input = is_input;
    row->body = walk->body;
    row->length = sq_encode(message->kind, &message->as, walk->body, sizeof walk->body);
    return true;
}

const char *turn_check(const struct sq_turn *turn, uint64_t last_seq)
{
    size_t event = 0;
    if (turn->input_count == 0)
        return "turn without an input";
    for (size_t i = 0; i < turn->input_count; i++) {
        uint64_t seq = turn->inputs[i].seq;
        if (seq != last_seq + 1 + i)
            return "seq does not follow the journal";
        while (event < turn->event_count && turn->events[event].seq == seq)
            event++;
    }
    return event == turn->event_count ? NULL : "event of no input in its turn";
}

void chain_begin(struct chain *chain, const uint8_t previous[HASH_SIZE])
{
    hash_init(&chain->hash);
    hash_add(&chain->hash, previous, HASH_SIZE);
}

/* What places the row, then the row: lengths are told, so no two rows run into each other. */
void chain_row(struct chain *chain, const struct row *row)
{
    uint64_t what = (uint64_t)row->length << 17 | (uint64_t)row->kind << 1 | row->is_input;
    hash_add_u64(&chain->hash, row->seq);
    hash_add_u64(&chain->hash, (uint64_t)row->time);
    hash_add_u64(&chain->hash, what << 20 | row->ord);
    hash_add(&chain->hash, row->body, row->length);
}

void chain_end(struct chain *chain, uint8_t out[HASH_SIZE])
{
    hash_end(&chain->hash, out);
}

void row_hash(struct hash *hash, int kind, const void *body, size_t length)
{
    hash_add_u64(hash, (uint64_t)kind << 32 | length);
    hash_add(hash, body, length);
}

int row_decode(const struct row *row, struct sq_message *message)
{
    if (row->kind <= SQ_KIND_NONE || row->kind >= SQ_KIND_COUNT)
        return -1;
    memset(message, 0, sizeof *message);
    message->seq = row->seq;
    message->time = row->time;
    message->kind = row->kind;
    return sq_decode(row->kind, row->body, row->length, &message->as);
}
