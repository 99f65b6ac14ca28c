/* The beginning of day: rows as inputs, checked against each other before they enter. */
#include <string.h>

#include "core/state.h"

static void refuse_row(struct sq_engine *e, enum sq_kind kind, enum sq_refusal why,
                       const struct sq_key *key)
{
    command_refuse(e, kind, "", key, 0, why);
}

void day_begin(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_day *d = &input->as.day;
    struct sq_book *b = &e->t.book;
    if (b->day != 0 || !sq_date_is_valid(d->day) || d->epoch == 0) {
        refuse_row(e, SQ_DAY, b->day ? SQ_REFUSAL_DUPLICATE : SQ_REFUSAL_BAD_VALUE, NULL);
        return;
    }
    b->day = d->day;
    b->epoch = d->epoch;
    b->as_of = b->trades_to = d->as_of;
    b->accepted = d->accepted;
    memcpy(b->book, d->book, sizeof b->book);
    memcpy(b->desk, d->desk, sizeof b->desk);
    memcpy(b->sender, d->sender, sizeof b->sender);
    memcpy(b->accepted_person, d->person, sizeof b->accepted_person);
    memcpy(b->accepted_reason, d->reason, sizeof b->accepted_reason);
    touch_book(e);
}

static bool instrument_is_good(const struct sq_instrument *i)
{
    int64_t scale = i->price_decimals == 4 ? 100 : 1;
    return i->exchange != SQ_EXCHANGE_NONE && i->token != 0 && i->tick > 0 && i->lot > 0 &&
           i->multiplier > 0 && (i->price_decimals == 2 || i->price_decimals == 4) &&
           i->multiplier % scale == 0 && i->freeze >= 0 && i->symbol[0] != 0;
}

static bool order_is_good(const struct sq_engine *e, const struct sq_order *o)
{
    return sq_find_position(&e->t, &o->key) != SQ_NO_ROW && o->qty > 0 && o->cum >= 0 &&
           o->leaves == o->qty - o->cum && o->side != SQ_SIDE_NONE &&
           (o->origin == SQ_ORIGIN_RESTING || o->origin == SQ_ORIGIN_RESTING_EXT) &&
           o->exch_no[0] != 0;
}

static bool is_known(const struct sq_engine *e, const struct sq_message *in)
{
    const struct sq_tables *t = &e->t;
    switch (in->kind) {
    case SQ_INSTRUMENT:
        return sq_find_instrument(t, (enum sq_exchange)in->as.instrument.exchange,
                                  in->as.instrument.token) != SQ_NO_ROW;
    case SQ_CLIENT: return sq_find_client(t, in->as.client.code) != SQ_NO_ROW;
    case SQ_PERSON: return sq_find_person(t, in->as.person.code) != SQ_NO_ROW;
    case SQ_POSITION: return sq_find_position(t, &in->as.position.key) != SQ_NO_ROW;
    case SQ_ORDER:
        return in->as.order.clord[0] != 0 && sq_find_clord(t, in->as.order.clord) != SQ_NO_ROW;
    default: return false;
    }
}

static bool is_good(const struct sq_engine *e, const struct sq_message *in)
{
    const struct sq_tables *t = &e->t;
    const struct sq_key *key = &in->as.position.key;
    switch (in->kind) {
    case SQ_INSTRUMENT: return instrument_is_good(&in->as.instrument);
    case SQ_CLIENT: return in->as.client.code[0] != 0;
    case SQ_PERSON: return in->as.person.code[0] != 0 && in->as.person.role < SQ_ROLE_COUNT;
    case SQ_POSITION:
        return sq_find_client(t, key->client) != SQ_NO_ROW &&
               sq_find_instrument(t, (enum sq_exchange)key->exchange, key->token) != SQ_NO_ROW;
    case SQ_ORDER: return order_is_good(e, &in->as.order);
    default: return true;
    }
}

/* A contract may be added in the middle of the day; everything else only before DAY_DONE. */
static bool may_load(const struct sq_engine *e, enum sq_kind kind)
{
    return e->t.book.day != 0 && (!e->t.book.loaded || kind == SQ_INSTRUMENT);
}

static void tell_row(struct sq_engine *e, const struct sq_message *in)
{
    *tell(e, (enum sq_kind)in->kind) = in->as;
}

/* Resting orders get our number; one without a client order id is known by its exchange number. */
static void number_order(struct sq_engine *e, struct sq_order *o)
{
    o->no = e->t.book.next_order;
    o->state = o->cum > 0 ? SQ_ORDER_PARTIAL : SQ_ORDER_ACKED;
    o->ask_at = SQ_NEVER;
    o->send_before = 0;
    o->acked = o->created;
    o->changed = e->now;
}

void day_row(struct sq_engine *e, const struct sq_message *input)
{
    struct sq_message in = *input;
    const struct sq_key *key = in.kind == SQ_POSITION ? &in.as.position.key : NULL;
    enum sq_refusal why = SQ_REFUSAL_NONE;
    if (!may_load(e, (enum sq_kind)in.kind))
        why = SQ_REFUSAL_WRONG_STATE;
    else if (is_known(e, &in))
        why = SQ_REFUSAL_DUPLICATE;
    else if (!is_good(e, &in))
        why = SQ_REFUSAL_BAD_VALUE;
    if (why == SQ_REFUSAL_NONE && in.kind == SQ_ORDER)
        number_order(e, &in.as.order);
    if (why == SQ_REFUSAL_NONE && sq_tables_apply(&e->t, (enum sq_kind)in.kind, &in.as) != 0)
        why = SQ_REFUSAL_FULL;
    if (why != SQ_REFUSAL_NONE) {
        refuse_row(e, (enum sq_kind)in.kind, why, key);
        return;
    }
    if (in.kind == SQ_ORDER)
        e->t.book.next_order++;
    tell_row(e, &in);
}

void day_trade(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_trade *t = &input->as.trade;
    uint32_t position = sq_find_position(&e->t, &t->key);
    struct sq_fill fill = {.key = t->key,
                           .qty = t->qty,
                           .price = t->price,
                           .side = t->side,
                           .external = 1,
                           .time = t->time};
    memcpy(fill.exec_id, t->trade_no, sizeof fill.exec_id);
    if (position == SQ_NO_ROW || t->qty <= 0 || t->price <= 0 || t->side == SQ_SIDE_NONE) {
        refuse_row(e, SQ_TRADE,
                   position == SQ_NO_ROW ? SQ_REFUSAL_NO_SUCH_POSITION : SQ_REFUSAL_BAD_VALUE,
                   &t->key);
        return;
    }
    if (!fill_insert(e, &fill, NULL)) {
        refuse_row(e, SQ_TRADE, SQ_REFUSAL_DUPLICATE, &t->key);
        return;
    }
    e->t.book.trades++;
    if (t->time > e->t.book.trades_to)
        e->t.book.trades_to = t->time;
    touch_book(e);
    position_trade(e, position, (enum sq_side)t->side, t->qty, t->price);
}

/* What we own begins here: from now on no position may grow or turn by our hand. */
void day_done(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_day_done *d = &input->as.day_done;
    if (e->t.book.day == 0 || e->t.book.loaded || d->positions != e->t.position_count ||
        d->orders != e->t.order_count || d->trades != e->t.book.trades) {
        refuse_row(e, SQ_DAY_DONE, SQ_REFUSAL_WRONG_COUNT, NULL);
        return;
    }
    for (uint32_t p = 0; p < e->t.position_count; p++) {
        e->t.position[p].start = e->t.position[p].net;
        touch_position(e, p);
    }
    e->t.book.loaded = 1;
    e->t.book.owned = 1;
    for (uint32_t p = 0; p < e->t.position_count; p++)
        position_check_reserved(e, p);
    touch_book(e);
}
