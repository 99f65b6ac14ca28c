/*
 * Each side of a contract's book is a list sorted by price, equal prices in order of arrival, so the
 * head is always the next to trade. Books of a desk's drill are short: a walk beats a tree here.
 */
#include "net/simulator/book.h"

#include <string.h>

void sim_book_layout(struct sim_book *b, int32_t contracts, int32_t room, struct sim_memory *memory)
{
    b->room = room;
    b->buckets = room;
    b->order = sim_memory_take(memory, (size_t)room, sizeof *b->order);
    b->side = sim_memory_take(memory, (size_t)contracts, sizeof *b->side);
    b->by_clord = sim_memory_take(memory, (size_t)b->buckets, sizeof *b->by_clord);
    b->by_number = sim_memory_take(memory, (size_t)b->buckets, sizeof *b->by_number);
}

void sim_book_open(struct sim_book *b, int32_t contracts)
{
    b->count = 0;
    memset(b->order, 0, (size_t)b->room * sizeof *b->order);
    memset(b->side, 0xff, (size_t)contracts * sizeof *b->side);
    memset(b->by_clord, 0xff, (size_t)b->buckets * sizeof *b->by_clord);
    memset(b->by_number, 0xff, (size_t)b->buckets * sizeof *b->by_number);
}

static uint32_t hash(const struct sim_book *b, int32_t owner, const char *name)
{
    uint32_t h = 2166136261u ^ (uint32_t)owner * 2654435761u;
    for (; *name != '\0'; name++)
        h = (h ^ (uint8_t)*name) * 16777619u;
    return (h ^ h >> 15) % (uint32_t)b->buckets;
}

int32_t sim_book_add(struct sim_book *b, const struct sim_order *order)
{
    if (b->count == b->room)
        return SIM_NONE;
    int32_t i = b->count++;
    struct sim_order *o = &b->order[i];
    *o = *order;
    o->next = o->prev = SIM_NONE;
    o->resting = false;
    int32_t *clord = &b->by_clord[hash(b, o->owner, o->clord_id)];
    int32_t *number = &b->by_number[hash(b, 0, o->order_no)];
    o->next_clord = *clord;
    o->next_number = *number;
    *clord = *number = i;
    return i;
}

int32_t sim_book_find(const struct sim_book *b, int32_t owner, const char *clord_id)
{
    if (*clord_id == '\0')
        return SIM_NONE;
    int32_t i = b->by_clord[hash(b, owner, clord_id)];
    while (i != SIM_NONE &&
           (b->order[i].owner != owner || strcmp(b->order[i].clord_id, clord_id) != 0))
        i = b->order[i].next_clord;
    return i;
}

int32_t sim_book_numbered(const struct sim_book *b, const char *order_no)
{
    if (*order_no == '\0')
        return SIM_NONE;
    int32_t i = b->by_number[hash(b, 0, order_no)];
    while (i != SIM_NONE && strcmp(b->order[i].order_no, order_no) != 0)
        i = b->order[i].next_number;
    return i;
}

/* ---- Lists ---- */

/* Stops wait apart: they are no offers, and nobody may trade with them. */
static int32_t *head_of(struct sim_book *b, const struct sim_order *o)
{
    struct sim_book_side *side = &b->side[o->contract];
    if (o->stop)
        return &side->stop;
    return o->side == SIM_BUY ? &side->buy : &side->sell;
}

void sim_book_rest(struct sim_book *b, int32_t order)
{
    struct sim_order *o = &b->order[order];
    int32_t *head = head_of(b, o);
    int32_t before = SIM_NONE, after = *head;
    /* Equal prices keep their order of arrival, and stops are kept by arrival alone. */
    while (after != SIM_NONE && (o->stop || o->side * (b->order[after].price - o->price) >= 0)) {
        before = after;
        after = b->order[after].next;
    }
    o->prev = before;
    o->next = after;
    *(before == SIM_NONE ? head : &b->order[before].next) = order;
    if (after != SIM_NONE)
        b->order[after].prev = order;
    o->resting = true;
}

void sim_book_remove(struct sim_book *b, int32_t order)
{
    struct sim_order *o = &b->order[order];
    if (!o->resting)
        return;
    *(o->prev == SIM_NONE ? head_of(b, o) : &b->order[o->prev].next) = o->next;
    if (o->next != SIM_NONE)
        b->order[o->next].prev = o->prev;
    o->next = o->prev = SIM_NONE;
    o->resting = false;
}

/* ---- Matching ---- */

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Is price a better for an order of that side than price b, or as good? */
static bool as_good(int side, int64_t a, int64_t b)
{
    return side * (b - a) >= 0;
}

bool sim_book_match(struct sim_book *b, struct sim_market *m, int32_t order,
                    struct sim_match *match)
{
    const struct sim_order *o = &b->order[order];
    const struct sim_book_side *side = &b->side[o->contract];
    int64_t limit = o->price;
    int64_t wanted = sim_order_open(o);
    match->other = o->side == SIM_BUY ? side->sell : side->buy;
    if (match->other != SIM_NONE && !as_good(o->side, b->order[match->other].price, limit))
        match->other = SIM_NONE;
    /* Against a resting order the market only trades at a price that is strictly better. */
    if (match->other != SIM_NONE)
        limit = b->order[match->other].price - o->side;
    match->quantity = sim_market_take(m, o->contract, o->side, limit, wanted, &match->price);
    if (match->quantity > 0) {
        match->other = SIM_NONE;
        return true;
    }
    if (match->other == SIM_NONE)
        return false;
    match->price = b->order[match->other].price;
    match->quantity = smaller(wanted, sim_order_open(&b->order[match->other]));
    return true;
}

/* The head of one side against the market: resting orders trade at their own price, not at his. */
static bool cross_head(struct sim_book *b, struct sim_market *m, int32_t head, int32_t *order,
                       struct sim_match *match)
{
    int64_t level_price;
    if (head == SIM_NONE)
        return false;
    const struct sim_order *o = &b->order[head];
    match->quantity =
        sim_market_take(m, o->contract, o->side, o->price, sim_order_open(o), &level_price);
    match->price = o->price;
    match->other = SIM_NONE;
    *order = head;
    return match->quantity > 0;
}

bool sim_book_cross(struct sim_book *b, struct sim_market *m, int32_t contract, int32_t *order,
                    struct sim_match *match)
{
    const struct sim_book_side *side = &b->side[contract];
    return cross_head(b, m, side->buy, order, match) || cross_head(b, m, side->sell, order, match);
}

/* A buy stop triggers when the last price has risen to it, a sell stop when it has fallen to it. */
int32_t sim_book_triggered(const struct sim_book *b, const struct sim_market *m, int32_t contract)
{
    int64_t last = m->mark[contract].last;
    for (int32_t i = b->side[contract].stop; i != SIM_NONE; i = b->order[i].next)
        if (b->order[i].side * (last - b->order[i].trigger) >= 0)
            return i;
    return SIM_NONE;
}

bool sim_order_live(const struct sim_order *o)
{
    return o->state == SIM_NEW || o->state == SIM_PARTIAL;
}

int64_t sim_order_open(const struct sim_order *o)
{
    return sim_order_live(o) ? o->quantity - o->filled - o->busted : 0;
}

const char *sim_state_name(int state)
{
    static const char *const names[] = {"new",       "partial",  "filled",
                                        "cancelled", "rejected", "expired"};
    return names[state];
}
