/*
 * New orders: checks in order of precedence, matching, the day's own orders, stops.
 */
#include "net/simulator/exchange_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Refusals of a new order ---- */

/* OrdRejReason(103) and words, in order of precedence; numbers of NSE's own errors in brackets. */
struct refusal {
    int code;
    const char *text;
    bool (*applies)(struct exchange *x, const struct sim_request *r);
};

static const struct sim_contract *contract_of(const struct exchange *x, const struct sim_request *r)
{
    return &x->day->contract[r->contract];
}

bool sim_order_is_used(const struct exchange *x, const struct sim_request *r)
{
    return sim_book_find(&x->state->book, r->owner, r->clord_id) != SIM_NONE;
}

static bool is_used(struct exchange *x, const struct sim_request *r)
{
    return sim_order_is_used(x, r);
}

static bool is_unnamed(struct exchange *x, const struct sim_request *r)
{
    (void)x;
    return r->clord_id[0] == '\0';
}

static bool is_unknown(struct exchange *x, const struct sim_request *r)
{
    (void)x;
    return r->contract == SIM_NONE;
}

static bool has_no_account(struct exchange *x, const struct sim_request *r)
{
    (void)x;
    return r->client[0] == '\0' || r->product < 0;
}

static bool is_halted(struct exchange *x, const struct sim_request *r)
{
    return x->halted[contract_of(x, r)->segment];
}

static bool is_suspended(struct exchange *x, const struct sim_request *r)
{
    return contract_of(x, r)->index || x->market.mark[r->contract].suspended;
}

static bool is_unsupported(struct exchange *x, const struct sim_request *r)
{
    (void)x;
    return r->type != '2' || (r->validity != '0' && r->validity != '3') || r->side == 0;
}

static bool is_no_lot(struct exchange *x, const struct sim_request *r)
{
    return r->quantity <= 0 || r->quantity > SIM_QUANTITY_MAX ||
           r->quantity % contract_of(x, r)->lot != 0;
}

static bool is_frozen(struct exchange *x, const struct sim_request *r)
{
    int64_t freeze = contract_of(x, r)->freeze;
    return freeze > 0 && r->quantity >= freeze;
}

static bool is_off_tick(struct exchange *x, const struct sim_request *r)
{
    return r->price <= 0 || r->price % contract_of(x, r)->tick != 0;
}

static bool is_outside_band(struct exchange *x, const struct sim_request *r)
{
    const struct sim_mark *k = &x->market.mark[r->contract];
    return r->price < k->band_low || r->price > k->band_high;
}

/* A place in the book and one among the positions: the order may need both. */
static bool is_full(struct exchange *x, const struct sim_request *r)
{
    struct sim_account *a = &x->state->account;
    if (x->state->book.count == x->state->book.room)
        return true;
    return sim_account_find(a, r->client, r->contract, r->product, true) == SIM_NONE;
}

static bool strikes(struct exchange *x, const struct sim_request *r)
{
    (void)r;
    return sim_fault_strikes(&x->faults, SIM_FAULT_REJECT);
}

static const struct refusal refusals[] = {
    {6, "duplicate ClOrdID", is_used},
    {99, "ClOrdID is missing or too long", is_unnamed},
    {1, "unknown contract", is_unknown},
    {15, "unknown account or product", has_no_account},
    {2, "market is halted", is_halted},
    {12, "contract is suspended or not traded", is_suspended},
    {11, "only limit orders, DAY or IOC, BUY or SELL", is_unsupported},
    {13, "quantity is no multiple of the lot (16328)", is_no_lot},
    {3, "quantity at or above the freeze quantity (16606)", is_frozen},
    {99, "price is no multiple of the tick (16283)", is_off_tick},
    {99, "price outside the day's band (16284)", is_outside_band},
    {0, "exchange is full", is_full},
    {0, "rejected by chance", strikes},
};

static const struct refusal *refusal_of(struct exchange *x, const struct sim_request *r)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++)
        if (refusals[i].applies(x, r))
            return &refusals[i];
    return NULL;
}

/* ---- The log ---- */

static void log_request(struct exchange *x, const char *event, const struct sim_request *r)
{
    struct sim_log log;
    struct sim_line *line = &log.line;
    int decimals = r->contract == SIM_NONE ? 2 : contract_of(x, r)->price_decimals;
    const char *product = sim_product_name(r->product);
    sim_log_begin(x, &log, event);
    sim_line_text(line, "session", x->state->owner[r->owner].comp_id);
    sim_line_text(line, "clord", r->clord_id);
    sim_line_text(line, "client", r->client);
    sim_line_text(line, "segment", r->venue);
    sim_line_int(line, "token", r->token);
    sim_line_text(line, "symbol", r->symbol);
    sim_line_text(line, "product", product == NULL ? "" : product);
    sim_line_text(line, "side", r->side == SIM_BUY ? "BUY" : r->side == SIM_SELL ? "SELL" : "");
    sim_line_int(line, "quantity", r->quantity);
    sim_line_price(line, "price", r->price, decimals);
    sim_line_int(line, "possdup", r->poss_dup);
    sim_line_int(line, "possresend", r->poss_resend);
    sim_log_end(x, &log);
}

static void log_order(struct exchange *x, const char *event, const struct sim_order *o)
{
    struct sim_log log;
    sim_log_begin(x, &log, event);
    sim_log_order(x, &log, o);
    sim_log_end(x, &log);
}

/* Halted or suspended: the order stands as it is, and trades with the next tick after that. */
static void match_all(struct exchange *x, int32_t order)
{
    struct sim_order *o = &x->state->book.order[order];
    struct sim_match match;
    if (x->halted[x->day->contract[o->contract].segment] || x->market.mark[o->contract].suspended)
        return;
    while (sim_order_open(o) > 0 && sim_book_match(&x->state->book, &x->market, order, &match))
        if (!sim_fill_match(x, order, &match))
            break;
}

/* ---- New orders ---- */

static void refuse_order(struct exchange *x, const struct sim_request *q, const struct refusal *why)
{
    struct sim_report r = sim_report_refusing(x, q);
    r.exec = sim_exec_next(x);
    r.reason = (int16_t)why->code;
    snprintf(r.text, sizeof r.text, "%s", why->text);
    x->count.rejected++;
    sim_log_answer(x, "reject", q, why->code, why->text);
    sim_report_file(x, &r);
}

/* A refused order is remembered too: its ClOrdID is used, and a status request finds it. */
static void remember_refused(struct exchange *x, const struct sim_request *r)
{
    if (r->contract == SIM_NONE || is_unnamed(x, r) || is_used(x, r) || has_no_account(x, r) ||
        is_full(x, r))
        return;
    struct sim_order o = {.contract = r->contract, .owner = r->owner, .state = SIM_REJECTED};
    o.product = (uint8_t)r->product;
    o.side = (int8_t)(r->side == 0 ? SIM_BUY : r->side);
    o.quantity = r->quantity < 0 ? 0 : r->quantity;
    o.price = r->price < 0 ? 0 : r->price;
    o.entered_us = x->now_us;
    o.holding = sim_account_find(&x->state->account, r->client, r->contract, r->product, true);
    memcpy(o.client, r->client, sizeof o.client);
    memcpy(o.clord_id, r->clord_id, sizeof o.clord_id);
    sim_book_add(&x->state->book, &o);
}

/* From here on the order exists: it has a number, a position, and is in the book's memory. */
static int32_t accept(struct exchange *x, const struct sim_request *r)
{
    struct sim_order o = {.contract = r->contract,
                          .owner = r->owner,
                          .product = (uint8_t)r->product,
                          .side = (int8_t)r->side,
                          .ioc = r->validity == '3',
                          .quantity = r->quantity,
                          .price = r->price,
                          .entered_us = x->now_us};
    o.holding = sim_account_find(&x->state->account, r->client, r->contract, r->product, true);
    o.muted = sim_fault_strikes(&x->faults, SIM_FAULT_DROP_ANSWER);
    memcpy(o.client, r->client, sizeof o.client);
    memcpy(o.clord_id, r->clord_id, sizeof o.clord_id);
    snprintf(o.order_no, sizeof o.order_no, "9%03" PRIu64 "%012" PRIu64, x->count.run % 1000,
             ++x->state->next_order);
    return sim_book_add(&x->state->book, &o);
}

static void report_simply(struct exchange *x, int32_t order, char exec_type, char status)
{
    struct sim_report r = sim_report_of(x, order, exec_type);
    r.exec = sim_exec_next(x);
    r.status = status;
    sim_report_file(x, &r);
}

/* Counts what the order could still do, and says so if it is more than its position can bear. */
static void put_to_work(struct exchange *x, int32_t order)
{
    struct sim_order *o = &x->state->book.order[order];
    struct sim_account *a = &x->state->account;
    const struct sim_holding *h = &a->holding[o->holding];
    bool over = sim_account_live(a, o->holding, o->side, sim_order_open(o));
    bool excused = o->entered_us <= h->disturbed_us + a->grace_us;
    if (!over || o->loaded)
        return;
    a->overworked += !excused;
    struct sim_log log;
    sim_log_begin(x, &log, "overwork");
    sim_log_order(x, &log, o);
    sim_line_int(&log.line, "net", h->net);
    sim_line_int(&log.line, "live", o->side == SIM_BUY ? h->live_buy : h->live_sell);
    sim_line_int(&log.line, "excused", excused);
    sim_log_end(x, &log);
}

static void handle_order(struct exchange *x, const struct sim_request *r)
{
    x->count.orders++;
    log_request(x, "order-in", r);
    x->count.resent_orders += r->poss_dup;
    x->count.duplicate_ids += is_used(x, r);
    if (!is_used(x, r) && sim_fault_strikes(&x->faults, SIM_FAULT_DROP_ORDER)) {
        sim_log_answer(x, "vanish", r, 0, "order");
        return;
    }
    const struct refusal *why = refusal_of(x, r);
    if (why != NULL) {
        refuse_order(x, r, why);
        remember_refused(x, r);
        return;
    }
    int32_t order = accept(x, r);
    struct sim_order *o = &x->state->book.order[order];
    log_order(x, "ack", o);
    put_to_work(x, order);
    if (sim_fault_strikes(&x->faults, SIM_FAULT_PENDING))
        report_simply(x, order, 'A', 'A');
    report_simply(x, order, '0', '0');
    match_all(x, order);
    if (sim_order_open(o) > 0 && o->ioc)
        sim_order_end_unasked(x, order, SIM_CANCELLED, "ioc");
    else if (sim_order_open(o) > 0)
        sim_book_rest(&x->state->book, order);
}

void sim_order_handle(struct exchange *x, const struct sim_request *r)
{
    switch ((enum sim_request_kind)r->kind) {
    case SIM_ORDER: handle_order(x, r); break;
    case SIM_CANCEL: sim_answer_cancel(x, r); break;
    case SIM_STATUS: sim_answer_status(x, r); break;
    case SIM_MASS: sim_answer_mass(x, r); break;
    case SIM_LATE_FILL: sim_answer_late_fill(x, r); break;
    }
}

/* ---- The day's orders, and time ---- */

/* A market order that waits (SL-M) is a limit at the far edge of the band when it triggers. */
static void load_one(struct exchange *x, const struct sim_resting *r)
{
    const struct sim_mark *k = &x->market.mark[r->contract];
    struct sim_order o = {.contract = r->contract,
                          .owner = sim_owner_named(x, r->sender),
                          .product = r->product,
                          .side = r->side,
                          .stop = r->stop,
                          .loaded = true,
                          .quantity = r->open,
                          .trigger = r->trigger_price,
                          .entered_us = r->entered_us};
    o.price = r->limit_price > 0 ? r->limit_price : r->side == SIM_BUY ? k->band_high : k->band_low;
    o.holding = sim_account_find(&x->state->account, r->client, r->contract, r->product, true);
    memcpy(o.client, r->client, sizeof o.client);
    memcpy(o.clord_id, r->clord_id, sizeof o.clord_id);
    memcpy(o.order_no, r->order_no, sizeof o.order_no);
    int32_t order = sim_book_add(&x->state->book, &o);
    put_to_work(x, order);
    sim_book_rest(&x->state->book, order);
    struct sim_log log;
    sim_log_begin(x, &log, "loaded");
    sim_log_order(x, &log, &o);
    sim_line_int(&log.line, "stop", o.stop);
    sim_log_end(x, &log);
}

bool sim_order_load(struct exchange *x)
{
    for (int i = 0; i < x->day->restings; i++) {
        const struct sim_resting *r = &x->day->resting[i];
        struct sim_account *a = &x->state->account;
        if (r->open == 0)
            continue; /* the day's trades filled it */
        if (x->state->book.count == x->state->book.room ||
            sim_account_find(a, r->client, r->contract, r->product, true) == SIM_NONE)
            return false;
        load_one(x, r);
        sim_market_watch(&x->market, r->contract);
    }
    return true;
}

/* A stop becomes an order like any other. FIX 4.4 has no ExecType for that: Restated (150=D). */
static void trigger(struct exchange *x, int32_t order)
{
    struct sim_order *o = &x->state->book.order[order];
    sim_book_remove(&x->state->book, order);
    o->stop = false;
    log_order(x, "trigger", o);
    report_simply(x, order, 'D', '0');
    match_all(x, order);
    if (sim_order_open(o) > 0)
        sim_book_rest(&x->state->book, order);
}

void sim_order_tick(struct exchange *x, int32_t contract)
{
    struct sim_book *b = &x->state->book;
    const struct sim_book_side *side = &b->side[contract];
    struct sim_match match;
    int32_t order;
    if (x->halted[x->day->contract[contract].segment] || x->market.mark[contract].suspended)
        return;
    while ((order = sim_book_triggered(b, &x->market, contract)) != SIM_NONE)
        trigger(x, order);
    while (sim_book_cross(b, &x->market, contract, &order, &match))
        if (!sim_fill_match(x, order, &match))
            break;
    int32_t first = side->buy != SIM_NONE ? side->buy : side->sell;
    if (first != SIM_NONE && sim_fault_strikes(&x->faults, SIM_FAULT_UNSOLICITED))
        sim_order_end_unasked(x, first, SIM_CANCELLED, "exchange");
}
