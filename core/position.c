#include "core/state.h"

enum sq_side position_closing_side(const struct sq_position *p)
{
    return p->net > 0 ? SQ_SIDE_SELL : SQ_SIDE_BUY;
}

static sq_quantity smaller(sq_quantity a, sq_quantity b)
{
    return a < b ? a : b;
}

/* The part of a trade that closes takes its share of the basis and leaves a profit. */
static void close_part(struct sq_position *p, const struct sq_instrument *i, int sign,
                       sq_quantity qty, sq_price price)
{
    sq_money share = sq_mul_div(p->basis_paise, qty, sq_abs(p->net));
    sq_money value = sq_value_paise(price, qty, i->multiplier, i->price_decimals);
    p->realised_paise += -share - sign * value;
    p->basis_paise -= share;
    p->net += sign * qty;
}

static void open_part(struct sq_position *p, const struct sq_instrument *i, int sign,
                      sq_quantity qty, sq_price price)
{
    p->basis_paise += sign * sq_value_paise(price, qty, i->multiplier, i->price_decimals);
    p->net += sign * qty;
}

static void apply(struct sq_engine *e, struct sq_position *p, const struct sq_instrument *i,
                  enum sq_side side, sq_quantity qty, sq_price price)
{
    int sign = sq_side_sign(side);
    sq_quantity before = p->net;
    sq_quantity closing = p->net * sign < 0 ? smaller(qty, sq_abs(p->net)) : 0;
    if (closing > 0)
        close_part(p, i, sign, closing, price);
    if (qty > closing)
        open_part(p, i, sign, qty - closing, price);
    if (before != 0 && p->net == 0)
        p->flat_at = e->now;
    if ((before > 0 && p->net < 0) || (before < 0 && p->net > 0))
        p->flipped = 1;
}

/*
 * While the day is being loaded a position passes through nets that nobody held. Without a link a
 * cancel cannot be sent: it is told now, and done when the link is ready again.
 */
void position_check_reserved(struct sq_engine *e, uint32_t position)
{
    const struct sq_position *p = &e->t.position[position];
    bool linked = e->t.book.link != SQ_LINK_DOWN;
    if (!e->t.book.loaded || sq_reserved(&e->t, position) <= sq_abs(p->net))
        return;
    enum sq_side closing = position_closing_side(p);
    bool told = false;
    for (uint32_t o = e->t.position_order[position]; o != SQ_NO_ROW; o = e->t.order_next[o]) {
        const struct sq_order *order = &e->t.order[o];
        if (!order_is_live(order) || (p->net != 0 && order->side != closing))
            continue;
        if (!told)
            alarm_order(e, SQ_ALARM_OVER_RESERVED, o, "");
        told = true;
        if (linked && order_is_ours(order) && order->cancel_state == SQ_CANCEL_NONE)
            order_cancel(e, o);
    }
}

void position_moved(struct sq_engine *e, uint32_t position, bool flipped_before)
{
    struct sq_position *p = &e->t.position[position];
    if (p->flipped && !flipped_before) {
        struct sq_alarm_event *a = &tell(e, SQ_ALARM)->alarm;
        a->alarm = SQ_ALARM_FLIPPED;
        a->key = p->key;
    }
    touch_position(e, position);
    position_check_reserved(e, position);
    close_wake_position(e, position);
}

static void count(struct sq_position *p, enum sq_side side, sq_quantity qty)
{
    if (side == SQ_SIDE_BUY)
        p->bought += qty;
    else
        p->sold += qty;
}

static const struct sq_instrument *instrument_of(const struct sq_engine *e, uint32_t position)
{
    return &e->t.instrument[e->t.position_instrument[position]];
}

void position_trade(struct sq_engine *e, uint32_t position, enum sq_side side, sq_quantity qty,
                    sq_price price)
{
    struct sq_position *p = &e->t.position[position];
    bool flipped = p->flipped;
    SQ_ASSERT(qty > 0 && side != SQ_SIDE_NONE);
    apply(e, p, instrument_of(e, position), side, qty, price);
    count(p, side, qty);
    position_moved(e, position, flipped);
}

void position_unbook(struct sq_engine *e, uint32_t position, enum sq_side side, sq_quantity qty,
                     sq_price price)
{
    struct sq_position *p = &e->t.position[position];
    SQ_ASSERT(qty > 0 && side != SQ_SIDE_NONE);
    apply(e, p, instrument_of(e, position), sq_opposite(side), qty, price);
    count(p, side, -qty);
}

void position_freeze(struct sq_engine *e, uint32_t position)
{
    if (e->t.position[position].frozen)
        return;
    e->t.position[position].frozen = 1;
    touch_position(e, position);
    close_wake_position(e, position);
}
