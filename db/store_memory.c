/*
 * store_memory.c: the journal in growing arrays.
 *
 * Bodies are kept encoded, as a disk would have them, so whatever the encoding loses is lost here
 * too and a test sees it. Claims are one array with an index over it; each change is noted until
 * the turn is whole. A crash cuts the arrays back to the last safe turn and makes the claims anew.
 */
#include "db/store_memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/rows.h"
#include "db/unique.h"

/* A row, its body in the arena. */
struct kept_row {
    uint64_t seq;
    sq_time time;
    size_t at;
    uint32_t ord;
    uint16_t length;
    uint8_t kind;
    bool is_input;
};

/* A turn: where its rows end, and its link of the chain. */
struct kept_turn {
    size_t rows_end;
    uint64_t last_seq;
    uint8_t hash[HASH_SIZE];
};

struct undo {
    size_t claim;
    uint64_t value;
};

struct snapshot {
    uint64_t seq;
    uint64_t digest;
    struct sq_message *rows;
    size_t count;
};

/* An array that grows: bytes of `size` each. */
struct array {
    void *items;
    size_t count;
    size_t room;
};

struct store_memory {
    struct sq_store port;
    struct array bytes;  /* bodies of all rows */
    struct array rows;   /* struct kept_row */
    struct array turns;  /* struct kept_turn */
    struct array claims; /* struct unique_claim */
    struct array undo;   /* of the commit under way */
    uint32_t *slots;     /* claim + 1 by hash, 0: empty */
    uint32_t slot_mask;
    size_t safe_turns;            /* turns that a crash does not lose */
    struct snapshot snapshots[2]; /* newest first */
    uint64_t fail_in;             /* commits until the fault; 0: none */
    enum sq_err fail_with;
    bool fail_kept;
    bool full; /* DISK_FULL until the ballast goes */
    bool ballast_gone;
    bool held;
    char why[128];
};

static struct store_memory *of(struct sq_store *store)
{
    return (struct store_memory *)(void *)store;
}

/* Ends the process: a test without memory has nothing to test. */
static void *grow(struct array *array, size_t more, size_t size)
{
    if (array->count + more > array->room) {
        size_t room = array->room ? array->room * 2 : 64;
        while (room < array->count + more)
            room *= 2;
        void *items = realloc(array->items, room * size);
        if (items == NULL)
            abort();
        array->items = items;
        array->room = room;
    }
    void *first = (char *)array->items + array->count * size;
    array->count += more;
    return first;
}

static enum sq_err fail(struct store_memory *s, enum sq_err error, const char *what)
{
    snprintf(s->why, sizeof s->why, "%s", what);
    return error;
}

/* ---- claims ---------------------------------------------------------------------------------- */

static uint32_t claim_hash(const struct unique_claim *c)
{
    uint64_t h = 0xcbf29ce484222325u ^ (uint64_t)c->what;
    for (uint32_t i = 0; i < c->length; i++)
        h = (h ^ c->key[i]) * 0x100000001b3u;
    return (uint32_t)(h ^ h >> 32);
}

static struct unique_claim *claim_at(struct store_memory *s, size_t i)
{
    return (struct unique_claim *)s->claims.items + i;
}

/* Twice the slots, at half load at most: open addressing stays short. */
static void claims_rehash(struct store_memory *s, uint32_t slots)
{
    free(s->slots);
    s->slots = calloc(slots, sizeof *s->slots);
    if (s->slots == NULL)
        abort();
    s->slot_mask = slots - 1;
    for (size_t i = 0; i < s->claims.count; i++) {
        uint32_t at = claim_hash(claim_at(s, i)) & s->slot_mask;
        while (s->slots[at])
            at = (at + 1) & s->slot_mask;
        s->slots[at] = (uint32_t)i + 1;
    }
}

/* Index of the claim with this key; made, with value 0, when there is none. */
static size_t claim_find(struct store_memory *s, const struct unique_claim *c)
{
    if (s->claims.count * 2 >= s->slot_mask)
        claims_rehash(s, (s->slot_mask + 1) * 2);
    uint32_t at = claim_hash(c) & s->slot_mask;
    for (; s->slots[at]; at = (at + 1) & s->slot_mask) {
        struct unique_claim *have = claim_at(s, s->slots[at] - 1);
        if (have->what == c->what && have->length == c->length &&
            memcmp(have->key, c->key, c->length) == 0)
            return s->slots[at] - 1;
    }
    struct unique_claim *fresh = grow(&s->claims, 1, sizeof *fresh);
    *fresh = *c;
    fresh->value = 0;
    s->slots[at] = (uint32_t)s->claims.count;
    return s->claims.count - 1;
}

/* Every change is noted: a turn that conflicts at its end has to leave no trace. */
static void claim_set(struct store_memory *s, size_t i, uint64_t value)
{
    struct undo *undo = grow(&s->undo, 1, sizeof *undo);
    *undo = (struct undo){i, claim_at(s, i)->value};
    claim_at(s, i)->value = value;
}

/* The same rule as the primary key of the store on disk. */
static enum sq_err claim_apply(struct store_memory *s, const struct unique_claim *c)
{
    size_t i = claim_find(s, c);
    uint64_t have = claim_at(s, i)->value;
    if (c->release) {
        if (have == c->value)
            claim_set(s, i, 0);
    } else if (have != 0 && have != c->value) {
        snprintf(s->why, sizeof s->why, "%s is in the journal already", unique_word(c->what));
        return SQ_ERR_CONFLICT;
    } else if (have == 0) {
        claim_set(s, i, c->value);
    }
    return SQ_ERR_OK;
}

static enum sq_err claims_of_message(struct store_memory *s, const struct sq_message *message,
                                     bool is_input)
{
    struct unique_claim claims[UNIQUE_CLAIMS];
    bool new_day;
    size_t count = unique_claims(message, is_input, claims, &new_day);
    enum sq_err error = SQ_ERR_OK;
    for (size_t i = 0; new_day && i < s->claims.count; i++)
        if (claim_at(s, i)->what == UNIQUE_OPEN_CLOSE)
            claim_set(s, i, 0);
    for (size_t i = 0; i < count && error == SQ_ERR_OK; i++)
        error = claim_apply(s, &claims[i]);
    return error;
}

static void claims_undo(struct store_memory *s)
{
    struct undo *undo = s->undo.items;
    while (s->undo.count > 0) {
        s->undo.count--;
        claim_at(s, undo[s->undo.count].claim)->value = undo[s->undo.count].value;
    }
}

/* ---- rows and turns -------------------------------------------------------------------------- */

static struct kept_row *row_at(struct store_memory *s, size_t i)
{
    return (struct kept_row *)s->rows.items + i;
}

static struct kept_turn *turn_at(struct store_memory *s, size_t i)
{
    return (struct kept_turn *)s->turns.items + i;
}

static uint64_t last_seq(struct sq_store *store)
{
    struct store_memory *s = of(store);
    return s->turns.count ? turn_at(s, s->turns.count - 1)->last_seq : 0;
}

static const uint8_t *hash_before(struct store_memory *s, size_t turn)
{
    static const uint8_t nothing[HASH_SIZE];
    return turn ? turn_at(s, turn - 1)->hash : nothing;
}

static void row_keep(struct store_memory *s, const struct row *row)
{
    struct kept_row *kept = grow(&s->rows, 1, sizeof *kept);
    kept->seq = row->seq;
    kept->time = row->time;
    kept->at = s->bytes.count;
    kept->ord = row->ord;
    kept->length = (uint16_t)row->length;
    kept->kind = (uint8_t)row->kind;
    kept->is_input = row->is_input;
    memcpy(grow(&s->bytes, row->length, 1), row->body, row->length);
}

static struct row row_of(struct store_memory *s, const struct kept_row *kept)
{
    return (struct row){.seq = kept->seq,
                        .ord = kept->ord,
                        .time = kept->time,
                        .kind = kept->kind,
                        .is_input = kept->is_input,
                        .body = (uint8_t *)s->bytes.items + kept->at,
                        .length = kept->length};
}

/* Takes back rows and bytes beyond the last whole turn. */
static void cut(struct store_memory *s)
{
    s->rows.count = s->turns.count ? turn_at(s, s->turns.count - 1)->rows_end : 0;
    const struct kept_row *last = s->rows.count ? row_at(s, s->rows.count - 1) : NULL;
    s->bytes.count = last ? last->at + last->length : 0;
}

/* Rows are kept as they come and cut off again if one of them conflicts. */
static enum sq_err keep_turn(struct store_memory *s, const struct sq_turn *turn)
{
    struct row_walk walk;
    struct row row;
    struct chain chain;
    enum sq_err error = SQ_ERR_OK;
    s->undo.count = 0;
    chain_begin(&chain, hash_before(s, s->turns.count));
    row_walk_init(&walk, turn);
    while (error == SQ_ERR_OK && row_walk_next(&walk, &row)) {
        error = claims_of_message(s, walk.message, row.is_input);
        chain_row(&chain, &row);
        row_keep(s, &row);
    }
    if (error) {
        claims_undo(s);
        cut(s);
        return error;
    }
    struct kept_turn *kept = grow(&s->turns, 1, sizeof *kept);
    kept->rows_end = s->rows.count;
    kept->last_seq = row.seq;
    chain_end(&chain, kept->hash);
    if (!s->held)
        s->safe_turns = s->turns.count;
    return SQ_ERR_OK;
}

/* Faults come before the turn is kept, or, as after a lost answer, behind it. */
static enum sq_err commit(struct sq_store *store, const struct sq_turn *turn)
{
    struct store_memory *s = of(store);
    const char *reason = turn_check(turn, last_seq(store));
    if (reason)
        return fail(s, SQ_ERR_CONFLICT, reason);
    bool fault = s->fail_in > 0 && --s->fail_in == 0;
    if (fault && s->fail_with == SQ_ERR_DISK_FULL)
        s->full = true;
    if (s->full)
        return fail(s, SQ_ERR_DISK_FULL, "disk is full (as the test asked)");
    if (fault && !s->fail_kept)
        return fail(s, s->fail_with, "failed as the test asked");
    enum sq_err error = keep_turn(s, turn);
    return error ? error : fault ? s->fail_with : SQ_ERR_OK;
}

static enum sq_err release_ballast(struct sq_store *store)
{
    struct store_memory *s = of(store);
    if (s->ballast_gone)
        return fail(s, SQ_ERR_NOT_FOUND, "the ballast is gone already");
    s->ballast_gone = true;
    s->full = false;
    return SQ_ERR_OK;
}

/* Reads follow the chain here too: what a test flips has to be found. */
static bool turn_is_whole(struct store_memory *s, size_t turn, size_t first)
{
    struct chain chain;
    uint8_t hash[HASH_SIZE];
    chain_begin(&chain, hash_before(s, turn));
    for (size_t i = first; i < turn_at(s, turn)->rows_end; i++) {
        struct row row = row_of(s, row_at(s, i));
        chain_row(&chain, &row);
    }
    chain_end(&chain, hash);
    return memcmp(hash, turn_at(s, turn)->hash, HASH_SIZE) == 0;
}

/* Gives the rows of one verified turn. Non-zero when the reader has had enough. */
static int give(struct store_memory *s, size_t first, size_t end, uint64_t after, sq_journal_fn *fn,
                void *owner)
{
    int stop = 0;
    for (size_t i = first; i < end && stop == 0; i++) {
        struct sq_message message;
        struct row row = row_of(s, row_at(s, i));
        if (row.seq > after && row_decode(&row, &message) == 0)
            stop = fn(owner, &message, row.is_input);
    }
    return stop;
}

static enum sq_err read_rows(struct sq_store *store, uint64_t after, sq_journal_fn *fn, void *owner)
{
    struct store_memory *s = of(store);
    size_t first = 0;
    for (size_t turn = 0; turn < s->turns.count; turn++) {
        size_t end = turn_at(s, turn)->rows_end;
        if (turn_at(s, turn)->last_seq > after) {
            if (!turn_is_whole(s, turn, first)) {
                snprintf(s->why, sizeof s->why,
                         "hash chain broken in the turn that begins at seq %llu",
                         (unsigned long long)row_at(s, first)->seq);
                return SQ_ERR_DAMAGED;
            }
            if (give(s, first, end, after, fn, owner))
                return SQ_ERR_OK;
        }
        first = end;
    }
    return SQ_ERR_OK;
}

static enum sq_err turn_end(struct sq_store *store, uint64_t seq, uint64_t *end,
                            uint8_t hash[SQ_HASH_SIZE])
{
    struct store_memory *s = of(store);
    size_t low = 0, high = s->turns.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (turn_at(s, middle)->last_seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == s->turns.count)
        return fail(s, SQ_ERR_NOT_FOUND, "the journal ends before");
    *end = turn_at(s, low)->last_seq;
    memcpy(hash, turn_at(s, low)->hash, HASH_SIZE);
    return SQ_ERR_OK;
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static enum sq_err save_snapshot(struct sq_store *store, uint64_t seq, uint64_t digest,
                                 const struct sq_message *rows, size_t count)
{
    struct store_memory *s = of(store);
    struct sq_message *copy = malloc((count + 1) * sizeof *copy);
    if (copy == NULL)
        abort();
    memcpy(copy, rows, count * sizeof *copy);
    free(s->snapshots[1].rows);
    s->snapshots[1] = s->snapshots[0];
    s->snapshots[0].seq = seq;
    s->snapshots[0].digest = digest;
    s->snapshots[0].rows = copy;
    s->snapshots[0].count = count;
    return SQ_ERR_OK;
}

static enum sq_err load_snapshot(struct sq_store *store, sq_journal_fn *fn, void *owner,
                                 uint64_t *seq, uint64_t *digest)
{
    struct store_memory *s = of(store);
    const struct snapshot *newest = &s->snapshots[0];
    if (newest->rows == NULL)
        return fail(s, SQ_ERR_NOT_FOUND, "no snapshot");
    for (size_t i = 0; i < newest->count; i++)
        if (fn(owner, &newest->rows[i], false))
            break;
    *seq = newest->seq;
    *digest = newest->digest;
    return SQ_ERR_OK;
}

static const char *why(struct sq_store *store)
{
    return of(store)->why;
}

static void destroy(struct sq_store *store)
{
    struct store_memory *s = of(store);
    free(s->bytes.items);
    free(s->rows.items);
    free(s->turns.items);
    free(s->claims.items);
    free(s->undo.items);
    free(s->slots);
    free(s->snapshots[0].rows);
    free(s->snapshots[1].rows);
    free(s);
}

static const struct sq_store_ops ops = {
    .commit = commit,
    .release_ballast = release_ballast,
    .read = read_rows,
    .save_snapshot = save_snapshot,
    .load_snapshot = load_snapshot,
    .turn_end = turn_end,
    .last_seq = last_seq,
    .why = why,
    .destroy = destroy,
};

struct sq_store *store_memory_create(void)
{
    struct store_memory *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->port.ops = &ops;
    claims_rehash(s, 256);
    return &s->port;
}

/* ---- faults ---------------------------------------------------------------------------------- */

void store_memory_fail(struct sq_store *store, uint64_t nth, enum sq_err error, bool kept)
{
    struct store_memory *s = of(store);
    s->fail_in = nth;
    s->fail_with = error;
    s->fail_kept = kept;
}

void store_memory_hold(struct sq_store *store, bool hold)
{
    struct store_memory *s = of(store);
    s->held = hold;
    if (!hold)
        s->safe_turns = s->turns.count;
}

/* The claims are made again from what is left, as a real store would read them from its disk. */
void store_memory_crash(struct sq_store *store)
{
    struct store_memory *s = of(store);
    s->turns.count = s->safe_turns;
    cut(s);
    s->claims.count = 0;
    claims_rehash(s, s->slot_mask + 1);
    for (size_t i = 0; i < s->rows.count; i++) {
        struct sq_message message;
        struct row row = row_of(s, row_at(s, i));
        if (row_decode(&row, &message) == 0)
            claims_of_message(s, &message, row.is_input);
        s->undo.count = 0;
    }
    for (int i = 0; i < 2; i++) /* a snapshot of lost turns was as little synced as they */
        if (s->snapshots[0].rows && s->snapshots[0].seq > last_seq(store)) {
            free(s->snapshots[0].rows);
            s->snapshots[0] = s->snapshots[1];
            s->snapshots[1] = (struct snapshot){0};
        }
    s->fail_in = 0;
    s->full = s->held = false;
}

bool store_memory_damage(struct sq_store *store, uint64_t seq)
{
    struct store_memory *s = of(store);
    for (size_t i = 0; i < s->rows.count; i++)
        if (row_at(s, i)->seq == seq && row_at(s, i)->length > 0) {
            ((uint8_t *)s->bytes.items)[row_at(s, i)->at] ^= 1;
            return true;
        }
    return false;
}
