/*
 * reference.c: the contracts, and the two ways to find one.
 *
 * Two open-addressing indexes of row numbers over one array. Rows are never moved or removed, so a
 * row's number is good for as long as the import lives. Masters of another day contradict each
 * other in lots and ticks; that is told, not settled, since nobody here can know which is right.
 */
#include "db/reference.h"

#include <stdlib.h>
#include <string.h>

void reference_init(struct reference *reference)
{
    memset(reference, 0, sizeof *reference);
}

void reference_finish(struct reference *reference)
{
    free(reference->rows);
    free(reference->file);
    free(reference->by_token);
    free(reference->by_name);
    reference_init(reference);
}

/* Spreads bits; tokens of a hostile file must not all fall into one slot. */
static uint64_t mix(uint64_t h)
{
    h ^= h >> 31;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 29;
}

/* Tokens come in runs: sixteen neighbours share a cache line of slots, runs are scattered. */
static uint64_t token_hash(unsigned exchange, uint32_t token)
{
    return mix((uint64_t)exchange << 32 | token >> 4) << 4 | (token & 15);
}

/* Names are NUL-padded to their size, so whole members can be hashed and compared. */
static uint64_t name_hash(const struct sq_instrument *i)
{
    uint64_t part[3], h;
    _Static_assert(sizeof part == SQ_SYMBOL_SIZE, "symbol in three words");
    memcpy(part, i->symbol, sizeof part);
    h = mix(part[0] ^ (uint64_t)i->exchange << 56) + mix(part[1] + 1) + mix(part[2] + 2);
    return mix(h ^ (uint64_t)i->strike ^ (uint64_t)i->expiry << 32 ^ (uint64_t)i->contract << 24);
}

/* Series belongs to the name in cash only: SBIN-EQ and SBIN-BE are two contracts. */
static bool same_name(const struct sq_instrument *a, const struct sq_instrument *b)
{
    return a->exchange == b->exchange && a->contract == b->contract && a->expiry == b->expiry &&
           a->strike == b->strike && memcmp(a->symbol, b->symbol, sizeof a->symbol) == 0 &&
           (a->contract != SQ_CONTRACT_EQUITY ||
            memcmp(a->series, b->series, sizeof a->series) == 0);
}

static bool token_rehash(struct reference *r, uint32_t slots)
{
    uint32_t *by_token = calloc(slots, sizeof *by_token);
    if (by_token == NULL)
        return false;
    free(r->by_token);
    r->by_token = by_token;
    r->token_mask = slots - 1;
    for (uint32_t row = 0; row < r->count; row++) {
        uint64_t at = token_hash(r->rows[row].exchange, r->rows[row].token);
        while (r->by_token[at & r->token_mask])
            at++;
        r->by_token[at & r->token_mask] = row + 1;
    }
    return true;
}

/* Rows and index grow together; the index is never more than half full. */
static bool grow(struct reference *r, uint32_t room)
{
    struct sq_instrument *rows = realloc(r->rows, room * sizeof *rows);
    if (rows)
        r->rows = rows;
    uint8_t *file = realloc(r->file, room);
    if (file)
        r->file = file;
    if (!rows || !file)
        return false;
    r->room = room;
    return token_rehash(r, room * 2);
}

static bool make_room(struct reference *r)
{
    return r->count < r->room || grow(r, r->room ? r->room * 2 : 1024);
}

bool reference_reserve(struct reference *r, uint32_t more)
{
    uint32_t room = r->room ? r->room : 1024;
    while (room - r->count < more)
        room *= 2;
    return room == r->room || grow(r, room);
}

/* Slot of a token: its row's, or the empty one where it belongs. */
static uint32_t *token_slot(const struct reference *r, unsigned exchange, uint32_t token)
{
    for (uint64_t at = token_hash(exchange, token);; at++) {
        uint32_t *slot = &r->by_token[at & r->token_mask];
        if (*slot == 0)
            return slot;
        const struct sq_instrument *row = &r->rows[*slot - 1];
        if (row->token == token && row->exchange == exchange)
            return slot;
    }
}

uint32_t reference_find(const struct reference *r, enum sq_exchange exchange, uint32_t token)
{
    uint32_t *slot = r->by_token ? token_slot(r, exchange, token) : NULL;
    return slot && *slot ? *slot - 1 : UINT32_MAX;
}

/* Takes what the row does not know. False when the two say different things. */
static bool fill_in(int64_t *have, int64_t fresh)
{
    if (*have == 0)
        *have = fresh;
    return fresh == 0 || *have == fresh;
}

/* Vendors' files lack the series of some venues: there, no series is any series. */
static enum reference_result merge(struct sq_instrument *have, const struct sq_instrument *fresh)
{
    struct sq_instrument now = *have;
    if (now.series[0] == '\0')
        memcpy(now.series, fresh->series, sizeof now.series);
    struct sq_instrument same = now;
    if (fresh->series[0] != '\0')
        memcpy(same.series, fresh->series, sizeof same.series);
    memcpy(same.symbol, fresh->symbol, sizeof same.symbol);
    same.contract = fresh->contract, same.expiry = fresh->expiry, same.strike = fresh->strike;
    if (!same_name(&now, &same))
        return REFERENCE_OTHER;
    if (!fill_in(&now.lot, fresh->lot) || !fill_in(&now.tick, fresh->tick) ||
        !fill_in(&now.multiplier, fresh->multiplier))
        return REFERENCE_DIFFERS;
    /* Bands and closes move by the day: what a master said first stays. */
    fill_in(&now.band_low, fresh->band_low);
    fill_in(&now.band_high, fresh->band_high);
    fill_in(&now.prev_settle, fresh->prev_settle);
    *have = now;
    return REFERENCE_MERGED;
}

enum reference_result reference_put(struct reference *r, const struct sq_instrument *fresh,
                                    uint8_t file, uint32_t *row)
{
    if (!make_room(r))
        return REFERENCE_NO_MEMORY;
    uint32_t *slot = token_slot(r, fresh->exchange, fresh->token);
    if (*slot) {
        *row = *slot - 1;
        if (r->file[*row] == file)
            return REFERENCE_TWICE;
        return merge(&r->rows[*row], fresh);
    }
    *row = r->count;
    r->rows[*row] = *fresh;
    r->file[*row] = file;
    *slot = ++r->count;
    free(r->by_name);
    r->by_name = NULL;
    return REFERENCE_NEW;
}

/* Masters are read first and looked up later, so this index is made once. */
static bool name_rehash(struct reference *r)
{
    uint32_t slots = 64;
    while (slots < r->count * 2)
        slots *= 2;
    r->by_name = calloc(slots, sizeof *r->by_name);
    if (r->by_name == NULL)
        return false;
    r->name_mask = slots - 1;
    for (uint32_t row = 0; row < r->count; row++) {
        uint64_t at = name_hash(&r->rows[row]);
        while (r->by_name[at & r->name_mask])
            at++;
        r->by_name[at & r->name_mask] = row + 1;
    }
    return true;
}

uint32_t reference_named(struct reference *r, const struct sq_instrument *wanted, uint32_t *matches)
{
    uint32_t found = UINT32_MAX;
    *matches = 0;
    if (r->by_name == NULL && !name_rehash(r))
        return UINT32_MAX;
    for (uint64_t at = name_hash(wanted);; at++) {
        uint32_t row = r->by_name[at & r->name_mask];
        if (row == 0)
            break;
        if (same_name(&r->rows[row - 1], wanted)) {
            found = row - 1;
            ++*matches;
        }
    }
    return *matches == 1 ? found : UINT32_MAX;
}
