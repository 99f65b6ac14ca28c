/*
 * The life of an order.
 *
 *   JOURNALLED -> SENT -> ACKED -> PARTIAL -> FILLED | CANCELLED | REJECTED | EXPIRED | NOT_SENT
 *
 * UNKNOWN can be entered from every state that is not terminal, has no time-out, and is left only
 * on positive evidence: a report of the exchange, or a person's word with a reason.
 */
#include <string.h>

#include "core/state.h"

bool order_is_live(const struct sq_order *o)
{
    return !sq_order_state_is_terminal((enum sq_order_state)o->state);
}

bool order_is_ours(const struct sq_order *o)
{
    return o->origin == SQ_ORIGIN_CLOSE || o->origin == SQ_ORIGIN_RESTING;
}

static void fill_request(const struct sq_engine *e, uint32_t row, struct sq_request_order *r)
{
    const struct sq_order *o = &e->t.order[row];
    uint32_t position = e->t.order_position[row];
    const struct sq_instrument *i = &e->t.instrument[e->t.position_instrument[position]];
    const struct sq_client *c = &e->t.client[e->t.position_client[position]];
    memcpy(r->exch_no, o->exch_no, sizeof r->exch_no);
    memcpy(r->account, c->exch_account, sizeof r->account);
    memcpy(r->symbol, i->symbol, sizeof r->symbol);
    r->key = o->key;
    r->side = o->side;
    r->price_decimals = i->price_decimals;
    r->qty = o->qty;
    r->limit = o->limit;
}

static void request_new(struct sq_engine *e, uint32_t row)
{
    const struct sq_order *o = &e->t.order[row];
    struct sq_request_order *r = request(e, SQ_REQUEST_NEW);
    fill_request(e, row, r);
    memcpy(r->clord, o->clord, sizeof r->clord);
    r->send_before = o->send_before;
}

uint32_t order_send(struct sq_engine *e, uint32_t close, sq_quantity qty, sq_price limit)
{
    const struct sq_close *c = &e->t.close[close];
    struct sq_order o = {
        .no = e->t.book.next_order,
        .key = c->key,
        .close_no = c->no,
        .qty = qty,
        .leaves = qty,
        .limit = limit,
        .side = c->side,
        .type = SQ_ORDER_TYPE_LIMIT,
        .state = SQ_ORDER_JOURNALLED,
        .origin = SQ_ORIGIN_CLOSE,
        .conn = e->t.book.conn,
        .created = e->now,
        .changed = e->now,
        .send_before = e->now + e->t.config.send_life_ms * SQ_MS,
        .ask_at = SQ_NEVER,
    };
    next_clord(e, o.clord);
    if (sq_tables_apply(&e->t, SQ_ORDER, &o) != 0)
        return SQ_NO_ROW;
    e->t.book.next_order++;
    uint32_t row = e->t.order_count - 1;
    touch_order(e, row);
    request_new(e, row);
    return row;
}

void order_cancel(struct sq_engine *e, uint32_t row)
{
    struct sq_order o = e->t.order[row];
    SQ_ASSERT(order_is_live(&o));
    next_clord(e, o.cancel_clord);
    o.cancel_state = SQ_CANCEL_JOURNALLED;
    o.cancel_at = e->now;
    int applied = sq_tables_apply(&e->t, SQ_ORDER, &o); /* finds it by the cancel's id, too */
    SQ_ASSERT(applied == 0);
    set_order_ask(e, row, e->now + e->t.config.unknown_after_ms * SQ_MS);
    touch_order(e, row);
    struct sq_request_order *r = request(e, SQ_REQUEST_CANCEL);
    fill_request(e, row, r);
    memcpy(r->clord, o.cancel_clord, sizeof r->clord);
    memcpy(r->orig_clord, o.clord, sizeof r->orig_clord);
}

void order_ask(struct sq_engine *e, uint32_t row)
{
    const struct sq_order *o = &e->t.order[row];
    struct sq_request_order *r = request(e, SQ_REQUEST_STATUS);
    fill_request(e, row, r);
    memcpy(r->clord, o->clord, sizeof r->clord);
    memcpy(r->orig_clord, o->clord, sizeof r->orig_clord);
    set_order_ask(e, row, e->now + e->t.config.ask_every_ms * SQ_MS);
}

void order_end(struct sq_engine *e, uint32_t row, enum sq_order_state state)
{
    struct sq_order *o = &e->t.order[row];
    SQ_ASSERT(sq_order_state_is_terminal(state));
    o->state = (uint8_t)state;
    o->leaves = 0;
    set_order_ask(e, row, SQ_NEVER);
    touch_order(e, row);
    uint32_t close = o->close_no ? sq_find_close(&e->t, o->close_no) : SQ_NO_ROW;
    if (close != SQ_NO_ROW)
        close_child_ended(e, close, row);
    close_wake_position(e, e->t.order_position[row]);
}

void order_unknown(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    o->state = SQ_ORDER_UNKNOWN;
    o->seen_unknown = 0;
    touch_order(e, row);
}

void order_works(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    o->state = o->cum > 0 ? SQ_ORDER_PARTIAL : SQ_ORDER_ACKED;
    if (o->cancel_state == SQ_CANCEL_NONE || o->cancel_state == SQ_CANCEL_REJECTED)
        set_order_ask(e, row, SQ_NEVER);
    else if (o->ask_at == SQ_NEVER) /* what became of the cancel is still open */
        set_order_ask(e, row, e->now + e->t.config.ask_every_ms * SQ_MS);
    touch_order(e, row);
}

static bool asks(const struct sq_engine *e, const struct sq_order *o)
{
    return e->t.book.link != SQ_LINK_DOWN &&
           (o->state == SQ_ORDER_UNKNOWN || o->cancel_state == SQ_CANCEL_SENT ||
            o->cancel_state == SQ_CANCEL_JOURNALLED);
}

static void order_due(struct sq_engine *e, uint32_t row)
{
    const struct sq_order *o = &e->t.order[row];
    if (o->state == SQ_ORDER_SENT) {
        order_unknown(e, row);
        alarm_order(e, SQ_ALARM_UNKNOWN_ORDER, row, "");
    }
    if (asks(e, o))
        order_ask(e, row);
    else
        set_order_ask(e, row, SQ_NEVER);
}

void order_run(struct sq_engine *e)
{
    while (sq_heap_first_due(&e->order_ask) <= e->now)
        order_due(e, sq_heap_first(&e->order_ask));
}

bool fill_insert(struct sq_engine *e, struct sq_fill *fill, uint32_t *row)
{
    if (sq_find_fill(&e->t, (enum sq_exchange)fill->key.exchange, fill->exec_id,
                     (enum sq_side)fill->side) != SQ_NO_ROW)
        return false;
    fill->no = e->t.book.next_fill;
    if (sq_tables_apply(&e->t, SQ_FILL, fill) != 0) {
        alarm_book(e, SQ_ALARM_FULL, "fills");
        return false;
    }
    e->t.book.next_fill++;
    if (row)
        *row = e->t.fill_count - 1;
    tell(e, SQ_FILL)->fill = *fill;
    return true;
}

/* More than the order's quantity cannot be: what is above it still moves the position, loudly. */
static void count_fill(struct sq_engine *e, uint32_t row, const struct sq_fill *fill)
{
    struct sq_order *o = &e->t.order[row];
    const struct sq_instrument *i =
        &e->t.instrument[e->t.position_instrument[e->t.order_position[row]]];
    sq_money value = sq_value_paise(fill->price, fill->qty, i->multiplier, i->price_decimals);
    bool live = order_is_live(o);
    o->cum += fill->qty;
    o->value_paise += value;
    if (live)
        o->leaves = o->qty > o->cum ? o->qty - o->cum : 0;
    touch_order(e, row);
    uint32_t close = o->close_no ? sq_find_close(&e->t, o->close_no) : SQ_NO_ROW;
    if (close != SQ_NO_ROW)
        close_child_filled(e, close, fill->qty, value);
}

void order_fill(struct sq_engine *e, uint32_t row, const struct sq_fill *fill)
{
    struct sq_order *o = &e->t.order[row];
    bool late = !order_is_live(o);
    uint32_t position = e->t.order_position[row];
    count_fill(e, row, fill);
    if (!late && o->cum >= o->qty && o->doubt == SQ_ORDER_NONE)
        order_end(e, row, SQ_ORDER_FILLED);
    else if (!late && o->state != SQ_ORDER_UNKNOWN)
        o->state = SQ_ORDER_PARTIAL;
    position_trade(e, position, (enum sq_side)fill->side, fill->qty, fill->price);
    if (o->cum > o->qty) {
        alarm_order(e, SQ_ALARM_CUM_ABOVE, row, "more filled than ordered");
        position_freeze(e, position);
    }
    if (!late)
        return;
    alarm_order(e, SQ_ALARM_LATE_FILL, row, o->text);
    uint32_t client = e->t.position_client[position];
    e->t.client[client].frozen = SQ_FROZEN_LATE_FILL;
    touch_client(e, client);
}

void order_unfill(struct sq_engine *e, uint32_t row, uint32_t fill_row, sq_quantity qty)
{
    struct sq_order *o = &e->t.order[row];
    const struct sq_fill *fill = &e->t.fill[fill_row];
    uint32_t position = e->t.order_position[row];
    const struct sq_instrument *i = &e->t.instrument[e->t.position_instrument[position]];
    tell(e, SQ_FILL)->fill = *fill;
    o->cum -= qty;
    o->value_paise -= sq_value_paise(fill->price, qty, i->multiplier, i->price_decimals);
    touch_order(e, row);
    position_unbook(e, position, (enum sq_side)fill->side, qty, fill->price);
}
