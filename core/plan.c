/*
 * What a close would do: how much, in which slices, at which limit, and what it has to wait for.
 * Nothing here changes anything, so that the preview shows what the step will do.
 * Rules: freeze and lots, price bands: domain.md 2.1 and 2.2 (exchange circulars named there);
 * order of legs: shorts before the longs that cover them.
 */
#include <string.h>

#include "core/state.h"

static sq_quantity at_least_zero(sq_quantity a)
{
    return a > 0 ? a : 0;
}

static const struct sq_instrument *instrument(const struct sq_engine *e, uint32_t position)
{
    return &e->t.instrument[e->t.position_instrument[position]];
}

bool plan_band(const struct sq_instrument *i, const struct sq_quote *q, sq_price *low,
               sq_price *high)
{
    bool live = q->band_low > 0 && q->band_high > 0;
    *low = live ? q->band_low : i->band_low;
    *high = live ? q->band_high : i->band_high;
    return *low > 0 && *high > 0;
}

/* Resting orders and children of closes that have ended are cancelled before a close sends. */
bool plan_cancellable(const struct sq_order *o)
{
    return order_is_live(o) && order_is_ours(o) && o->state != SQ_ORDER_UNKNOWN;
}

/* Quantity on the closing side that a close cannot free by cancelling. */
static sq_quantity held_by_others(const struct sq_engine *e, uint32_t position, enum sq_side side)
{
    sq_quantity held = 0;
    for (uint32_t o = e->t.position_order[position]; o != SQ_NO_ROW; o = e->t.order_next[o]) {
        const struct sq_order *order = &e->t.order[o];
        if (order_is_live(order) && order->side == side && !plan_cancellable(order))
            held += order->leaves;
    }
    return held;
}

static bool has_opposite_ext(const struct sq_engine *e, uint32_t position, enum sq_side side)
{
    for (uint32_t o = e->t.position_order[position]; o != SQ_NO_ROW; o = e->t.order_next[o]) {
        const struct sq_order *order = &e->t.order[o];
        if (order_is_live(order) && order->origin == SQ_ORIGIN_RESTING_EXT && order->side != side)
            return true;
    }
    return false;
}

static void limit_to(struct sq_plan *plan, sq_quantity most, enum sq_residue why)
{
    if (plan->quantity <= at_least_zero(most))
        return;
    plan->quantity = at_least_zero(most);
    plan->residue = why;
}

static bool is_delivery(const struct sq_key *key)
{
    return key->product == SQ_PRODUCT_CNC || key->product == SQ_PRODUCT_MTF;
}

static sq_quantity agreed_left(const struct sq_position *p)
{
    return sq_abs(p->net) - at_least_zero(sq_abs(p->start) - sq_abs(p->agreed));
}

static void plan_quantity(const struct sq_engine *e, const struct sq_position *p,
                          struct sq_plan *plan)
{
    const struct sq_instrument *i = &e->t.instrument[plan->instrument];
    plan->quantity = plan->want;
    if (p->source == SQ_SOURCE_DIFFER)
        limit_to(plan, agreed_left(p), SQ_RESIDUE_DIFFER);
    if (is_delivery(&p->key) && p->net > 0) {
        sq_quantity sellable = at_least_zero(p->sellable - p->sold);
        plan->unsettled = sellable == 0;
        limit_to(plan, sellable, SQ_RESIDUE_UNSETTLED);
    }
    limit_to(plan, sq_abs(p->net) - held_by_others(e, plan->position, plan->side),
             SQ_RESIDUE_RESTING_EXT);
    limit_to(plan, sq_floor_to(plan->quantity, i->lot), SQ_RESIDUE_ODD_LOT);
}

static bool is_cash(const struct sq_instrument *i)
{
    return i->contract == SQ_CONTRACT_EQUITY;
}

/* A quantity at or above the freeze may be frozen by the exchange: stay one below, whole lots. */
static sq_quantity slice_of(const struct sq_engine *e, const struct sq_instrument *i)
{
    if (i->freeze > 0)
        return sq_floor_to(i->freeze - 1, i->lot);
    return is_cash(i) ? sq_floor_to(e->t.config.largest_cash_qty, i->lot) : 0;
}

static sq_price clamp(sq_price price, sq_price low, sq_price high)
{
    if (price < low)
        return low;
    return price > high ? high : price;
}

/* Protected: as far as the desk allows beyond the opposite best, rounded to the passive side. */
static sq_price protected_limit(const struct sq_instrument *i, enum sq_side side, sq_price opposite,
                                int64_t protect_bps)
{
    sq_price room = sq_mul_div(opposite, protect_bps, 10000);
    sq_price limit = side == SQ_SIDE_SELL ? sq_ceil_to(opposite - room, i->tick)
                                          : sq_floor_to(opposite + room, i->tick);
    return limit < i->tick ? i->tick : limit;
}

static bool is_option(const struct sq_instrument *i)
{
    return i->contract == SQ_CONTRACT_CALL || i->contract == SQ_CONTRACT_PUT;
}

static void plan_limit(const struct sq_engine *e, sq_price typed, const struct sq_quote *q,
                       struct sq_plan *plan)
{
    const struct sq_instrument *i = &e->t.instrument[plan->instrument];
    sq_price low = 0, high = 0;
    bool band = plan_band(i, q, &low, &high);
    bool sell = plan->side == SQ_SIDE_SELL;
    sq_price opposite = sell ? q->bid : q->ask;
    if (typed > 0)
        plan->limit = typed;
    else if (opposite > 0)
        plan->limit = protected_limit(i, plan->side, opposite, e->t.config.protect_bps);
    else if (sell && is_option(i))
        plan->no_limit = SQ_RESIDUE_NO_BID;
    else if (band)
        plan->limit = sell ? sq_ceil_to(low, i->tick) : sq_floor_to(high, i->tick);
    else
        plan->no_limit = SQ_RESIDUE_NO_PRICE;
    if (plan->limit == 0 || !band)
        return;
    low = sq_ceil_to(low, i->tick);
    high = sq_floor_to(high, i->tick);
    if (typed == 0)
        plan->limit = clamp(plan->limit, low, high);
    plan->at_band = plan->limit == (sell ? low : high);
}

void plan_make(const struct sq_engine *e, const struct sq_key *key, sq_quantity target,
               sq_price typed, const struct sq_quote *quote, struct sq_plan *plan)
{
    memset(plan, 0, sizeof *plan);
    plan->position = sq_find_position(&e->t, key);
    if (plan->position == SQ_NO_ROW)
        return;
    const struct sq_position *p = &e->t.position[plan->position];
    plan->instrument = e->t.position_instrument[plan->position];
    plan->side = position_closing_side(p);
    plan->net = p->net;
    plan->want = at_least_zero(sq_abs(p->net) - sq_abs(target));
    plan_quantity(e, p, plan);
    plan->slice = slice_of(e, &e->t.instrument[plan->instrument]);
    plan->opposite_ext = has_opposite_ext(e, plan->position, plan->side);
    plan_limit(e, typed, quote, plan);
}

uint32_t plan_slices(const struct sq_plan *plan)
{
    if (plan->slice <= 0 || plan->quantity <= 0)
        return 0;
    return (uint32_t)((plan->quantity + plan->slice - 1) / plan->slice);
}

/* ---- legs ------------------------------------------------------------------------------------ */

static bool same_underlying(const struct sq_engine *e, uint32_t a, uint32_t b)
{
    return a != b && e->t.position_client[a] == e->t.position_client[b] &&
           sq_text_equal(instrument(e, a)->symbol, instrument(e, b)->symbol);
}

bool plan_covers(const struct sq_engine *e, uint32_t cover, uint32_t short_row)
{
    sq_quantity net = e->t.position[cover].net;
    if (e->t.position[short_row].net >= 0 || net == 0)
        return false;
    const struct sq_instrument *s = instrument(e, short_row);
    const struct sq_instrument *c = instrument(e, cover);
    if (!is_option(s) || !same_underlying(e, cover, short_row))
        return false;
    if (c->contract == SQ_CONTRACT_FUTURE)
        return s->contract == SQ_CONTRACT_CALL ? net > 0 : net < 0;
    return c->contract == s->contract && net > 0;
}

uint32_t plan_covered_short(const struct sq_engine *e, uint32_t position, bool closing)
{
    const uint32_t *next = e->t.position_sibling;
    for (uint32_t p = next[position]; p != position; p = next[p])
        if (e->t.position[p].net < 0 && plan_covers(e, position, p) &&
            (sq_open_close(&e->t, p) != NULL) == closing)
            return p;
    return SQ_NO_ROW;
}

uint32_t plan_leg(const struct sq_engine *e, uint32_t position)
{
    const struct sq_instrument *i = instrument(e, position);
    if (is_option(i))
        return e->t.position[position].net < 0 ? 0 : 2;
    return i->contract == SQ_CONTRACT_FUTURE ? 1 : 3;
}
