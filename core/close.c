/*
 * The life of a close: from an intent to a flat position or a residue with its reason.
 *
 *   STAGED -> APPROVAL -> CANCELLING -> WAIT_COVER (-> HELD) -> PRICING -> WORKING
 *   WORKING -> REPRICING -> PRICING ... -> DONE | RESIDUE
 *
 * `due` is when a close wants to be looked at; an event that concerns it makes it due at once.
 * Each state has one function, which either waits or moves on to the next (table `lives`).
 */
#include <string.h>

#include "core/state.h"

/* Quotes older than this do not price an order that is sent now (invariant I12). */
#define QUOTE_LIFE (1 * SQ_SECOND)

static struct sq_close *row(struct sq_engine *e, uint32_t close)
{
    return &e->t.close[close];
}

static uint32_t position_of(const struct sq_engine *e, uint32_t close)
{
    return e->t.close_position[close];
}

static bool is_ended(const struct sq_close *c)
{
    return sq_close_state_is_ended((enum sq_close_state)c->state);
}

void close_wake(struct sq_engine *e, uint32_t close)
{
    if (!is_ended(row(e, close)))
        set_close_due(e, close, e->now);
}

static void wake_covers(struct sq_engine *e, uint32_t position)
{
    const uint32_t *next = e->t.position_sibling;
    for (uint32_t p = next[position]; p != position; p = next[p]) {
        uint32_t c = e->t.position_close[p];
        if (c != SQ_NO_ROW &&
            (e->t.close[c].state == SQ_CLOSE_WAIT_COVER || e->t.close[c].state == SQ_CLOSE_HELD))
            close_wake(e, c);
    }
}

void close_wake_position(struct sq_engine *e, uint32_t position)
{
    uint32_t c = e->t.position_close[position];
    if (c != SQ_NO_ROW)
        close_wake(e, c);
    wake_covers(e, position);
}

void close_enter(struct sq_engine *e, uint32_t close, enum sq_close_state state, sq_time due)
{
    row(e, close)->state = (uint8_t)state;
    set_close_due(e, close, due);
    touch_close(e, close);
}

/* ---- ending ----------------------------------------------------------------------------------- */

static sq_quantity left_of(const struct sq_engine *e, uint32_t close)
{
    const struct sq_close *c = &e->t.close[close];
    sq_quantity net = e->t.position[position_of(e, close)].net;
    sq_quantity left = sq_abs(net) - sq_abs(c->target);
    bool same_sign = net == 0 || (net > 0) == (c->start > 0);
    return left > 0 && same_sign ? left : 0;
}

void close_end(struct sq_engine *e, uint32_t close, enum sq_residue why)
{
    struct sq_close *c = row(e, close);
    c->left = left_of(e, close);
    c->residue = (uint8_t)(c->left > 0 ? why : SQ_RESIDUE_NONE);
    close_enter(e, close, c->left > 0 ? SQ_CLOSE_RESIDUE : SQ_CLOSE_DONE, SQ_NEVER);
    wake_covers(e, position_of(e, close));
}

void close_stop_all(struct sq_engine *e, enum sq_residue why)
{
    for (uint32_t c = 0; c < e->t.close_count; c++)
        if (!is_ended(&e->t.close[c]))
            close_end(e, c, why);
}

/* ---- children --------------------------------------------------------------------------------- */

struct children {
    uint32_t live;
    uint32_t settled; /* live, and the exchange has acknowledged them */
    uint32_t unknown;
    uint32_t cancelling; /* a cancel of them is on its way, or its outcome is being asked */
    sq_quantity leaves;
    sq_time oldest; /* when the oldest live one was acknowledged */
};

/* A cancel that was rejected is open as long as the order's own state is being asked about. */
static bool cancel_is_open(const struct sq_order *o)
{
    return o->cancel_state == SQ_CANCEL_JOURNALLED || o->cancel_state == SQ_CANCEL_SENT ||
           (o->cancel_state == SQ_CANCEL_REJECTED && o->ask_at != SQ_NEVER);
}

static struct children count_children(const struct sq_engine *e, uint32_t close)
{
    struct children n = {.oldest = SQ_NEVER};
    const struct sq_tables *t = &e->t;
    for (uint32_t o = t->position_order[position_of(e, close)]; o != SQ_NO_ROW;
         o = t->order_next[o]) {
        const struct sq_order *order = &t->order[o];
        if (order->close_no != t->close[close].no || !order_is_live(order))
            continue;
        n.live++;
        n.leaves += order->leaves;
        n.unknown += order->state == SQ_ORDER_UNKNOWN;
        n.cancelling += cancel_is_open(order);
        if (order->state != SQ_ORDER_ACKED && order->state != SQ_ORDER_PARTIAL)
            continue;
        n.settled++;
        if (order->acked < n.oldest)
            n.oldest = order->acked;
    }
    return n;
}

static enum sq_residue residue_of(const struct sq_close *c, enum sq_order_state state)
{
    static const uint8_t why[SQ_ORDER_COUNT] = {
        [SQ_ORDER_CANCELLED] = SQ_RESIDUE_CANCELLED,
        [SQ_ORDER_REJECTED] = SQ_RESIDUE_REJECTED,
        [SQ_ORDER_EXPIRED] = SQ_RESIDUE_EXPIRED,
        [SQ_ORDER_NOT_SENT] = SQ_RESIDUE_NOT_SENT,
    };
    if (state == SQ_ORDER_CANCELLED && c->state == SQ_CLOSE_REPRICING)
        return SQ_RESIDUE_NONE; /* that cancel was ours, to send the rest at another price */
    return (enum sq_residue)why[state];
}

void close_child_ended(struct sq_engine *e, uint32_t close, uint32_t order)
{
    struct sq_close *c = row(e, close);
    const struct sq_order *o = &e->t.order[order];
    if (is_ended(c))
        return;
    enum sq_residue why = residue_of(c, (enum sq_order_state)o->state);
    if (why != SQ_RESIDUE_NONE && c->residue == SQ_RESIDUE_NONE) {
        c->residue = (uint8_t)why;
        memcpy(c->reason, o->text, sizeof c->reason);
    }
    close_wake(e, close);
    touch_close(e, close);
}

void close_child_filled(struct sq_engine *e, uint32_t close, sq_quantity qty, sq_money value)
{
    struct sq_close *c = row(e, close);
    c->filled += qty;
    c->value_paise += value;
    touch_close(e, close);
    close_wake(e, close);
}

/* A fill after the end may still complete what was left. Called when a position has changed. */
static void settle_residue(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    sq_quantity left = left_of(e, close);
    if (c->state != SQ_CLOSE_RESIDUE || left == c->left)
        return;
    c->left = left;
    if (left == 0)
        c->state = SQ_CLOSE_DONE;
    touch_close(e, close);
}

/* ---- rate limit ------------------------------------------------------------------------------- */

static int64_t order_cost(const struct sq_engine *e)
{
    return SQ_SECOND / e->t.config.orders_per_second;
}

static void refill(struct sq_engine *e)
{
    struct sq_book *b = &e->t.book;
    int64_t most = order_cost(e) * e->t.config.orders_burst;
    int64_t gained = e->now - b->rate_time;
    b->rate_credit = gained >= most - b->rate_credit ? most : b->rate_credit + gained;
    b->rate_time = e->now;
}

/* Takes the credit for one order, unless it is prepaid; else says in *when it will be there. */
static bool take_credit(struct sq_engine *e, struct sq_close *c, sq_time *when)
{
    if (c->prepaid) {
        c->prepaid = 0;
        return true;
    }
    refill(e);
    int64_t missing = order_cost(e) - e->t.book.rate_credit;
    *when = e->now + missing;
    if (missing > 0)
        return false;
    e->t.book.rate_credit -= order_cost(e);
    return true;
}

/* ---- states: each waits, or moves on ------------------------------------------------------------ */

static bool live_cancelling(struct sq_engine *e, uint32_t close, bool *rejected)
{
    bool live = false;
    *rejected = false;
    for (uint32_t o = e->t.position_order[position_of(e, close)]; o != SQ_NO_ROW;
         o = e->t.order_next[o]) {
        const struct sq_order *order = &e->t.order[o];
        if (!order_is_live(order) || order->cancel_state == SQ_CANCEL_NONE)
            continue;
        live = true;
        *rejected = *rejected || !cancel_is_open(order);
    }
    return live;
}

static void run_cancelling(struct sq_engine *e, uint32_t close)
{
    bool rejected = false;
    if (!live_cancelling(e, close, &rejected))
        close_enter(e, close, SQ_CLOSE_WAIT_COVER, e->now);
    else if (rejected)
        close_end(e, close, SQ_RESIDUE_CANCEL_REJECTED);
    else
        set_close_due(e, close, SQ_NEVER);
}

static void hold(struct sq_engine *e, uint32_t close)
{
    close_enter(e, close, SQ_CLOSE_HELD, SQ_NEVER);
    alarm_close(e, SQ_ALARM_HELD, close);
}

/*
 * A long waits while a short that it covers is being closed. Once it has waited, only a flat short
 * or an approval lets it go: a short that ended with a residue, or takes too long, holds it.
 */
static void run_wait_cover(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    uint32_t position = position_of(e, close);
    bool closing = plan_covered_short(e, position, true) != SQ_NO_ROW;
    bool open = plan_covered_short(e, position, false) != SQ_NO_ROW;
    bool waited = c->wait_from != 0;
    if (c->covered || (!closing && (!open || !waited))) {
        close_enter(e, close, SQ_CLOSE_PRICING, e->now);
        return;
    }
    if (!waited)
        c->wait_from = e->now;
    sq_time until = c->wait_from + e->t.config.hold_after_ms * SQ_MS;
    if (!closing || e->now >= until)
        hold(e, close);
    else
        set_close_due(e, close, until);
}

static void ask_quote(struct sq_engine *e, uint32_t close)
{
    const struct sq_close *c = row(e, close);
    struct sq_request_order *r = request(e, SQ_REQUEST_QUOTE);
    r->key = c->key;
    close_enter(e, close, SQ_CLOSE_PRICING, SQ_NEVER); /* its answer wakes it */
}

static bool quote_is_fresh(const struct sq_engine *e, const struct sq_close *c)
{
    return e->now - c->quoted < QUOTE_LIFE;
}

static bool feed_is_dead(const struct sq_engine *e, const struct sq_close *c)
{
    return c->quote.feed_age_ms < 0 || c->quote.feed_gap ||
           c->quote.feed_age_ms > e->t.config.quote_age_limit_ms;
}

/* With a fresh quote: re-reads the position and makes the limit. Ends it when there is none. */
static void price(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    struct sq_plan plan;
    plan_make(e, &c->key, c->target, c->typed_limit, &c->quote, &plan);
    if (e->t.position[plan.position].net == 0 || plan.side != c->side)
        close_end(e, close, SQ_RESIDUE_NONE);
    else if (c->typed_limit == 0 && feed_is_dead(e, c))
        close_end(e, close, SQ_RESIDUE_FEED_DEAD);
    else if (plan.limit == 0)
        close_end(e, close, plan.no_limit);
    else if (plan.quantity == 0)
        close_end(e, close, plan.residue);
    else {
        c->limit = plan.limit;
        c->at_band = plan.at_band;
        c->planned = c->filled + plan.quantity;
        c->short_of = (uint8_t)plan.residue;
        close_enter(e, close, SQ_CLOSE_WORKING, e->now);
    }
}

/*
 * A quote is asked for only when the order that it prices may go: one asked for earlier would be
 * old by then. While a child is UNKNOWN the exchange does not answer, and nothing more is sent.
 */
static void run_pricing(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    sq_time when = 0;
    if (count_children(e, close).unknown > 0) {
        set_close_due(e, close, SQ_NEVER);
    } else if (quote_is_fresh(e, c)) {
        price(e, close);
    } else if (!take_credit(e, c, &when)) {
        set_close_due(e, close, when);
    } else {
        c->prepaid = 1;
        ask_quote(e, close);
    }
}

/* What may still be sent with the net as it is now, and in slices of what size. */
static sq_quantity rest_of(const struct sq_engine *e, uint32_t close, sq_quantity *slice)
{
    const struct sq_close *c = &e->t.close[close];
    struct sq_plan plan;
    plan_make(e, &c->key, c->target, c->typed_limit, &c->quote, &plan);
    *slice = plan.slice;
    sq_quantity most = plan.side == c->side ? plan.quantity : 0;
    sq_quantity rest = c->planned - c->filled < most ? c->planned - c->filled : most;
    return rest - count_children(e, close).leaves;
}

static bool send_slice(struct sq_engine *e, uint32_t close, sq_quantity qty)
{
    uint32_t order = order_send(e, close, qty, row(e, close)->limit);
    struct sq_close *c = row(e, close);
    if (order == SQ_NO_ROW) {
        c->residue = SQ_RESIDUE_FULL;
        alarm_book(e, SQ_ALARM_FULL, "orders");
        return false;
    }
    c->children++;
    if (c->began == 0)
        c->began = e->now;
    touch_close(e, close);
    return true;
}

/* Sends what is not out yet. False: it has to wait, and `due` says until when. */
static bool send_rest(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    sq_quantity slice = 0;
    sq_quantity rest = rest_of(e, close, &slice);
    sq_time when = 0;
    while (rest > 0 && c->residue == SQ_RESIDUE_NONE) {
        if (slice == 0 || c->children >= c->child_cap) {
            c->residue = SQ_RESIDUE_CHILD_CAP;
            break;
        }
        if (!quote_is_fresh(e, c)) {
            close_enter(e, close, SQ_CLOSE_PRICING, e->now);
            return false;
        }
        if (!take_credit(e, c, &when)) {
            set_close_due(e, close, when);
            return false;
        }
        sq_quantity qty = rest < slice ? rest : slice;
        if (!send_slice(e, close, qty))
            break;
        rest -= qty;
    }
    return true;
}

static void finish(struct sq_engine *e, uint32_t close)
{
    const struct sq_close *c = row(e, close);
    close_end(e, close, (enum sq_residue)(c->residue ? c->residue : c->short_of));
}

static void cancel_children(struct sq_engine *e, uint32_t close)
{
    for (uint32_t o = e->t.position_order[position_of(e, close)]; o != SQ_NO_ROW;
         o = e->t.order_next[o]) {
        const struct sq_order *order = &e->t.order[o];
        if (order->close_no == row(e, close)->no && plan_cancellable(order) &&
            order->cancel_state == SQ_CANCEL_NONE)
            order_cancel(e, o);
    }
}

static void reprice_or_wait(struct sq_engine *e, uint32_t close, const struct children *n)
{
    struct sq_close *c = row(e, close);
    const struct sq_config *config = &e->t.config;
    sq_time at = n->oldest + config->reprice_after_ms * SQ_MS;
    bool may = config->reprice_after_ms > 0 && c->reprices < config->reprices &&
               c->typed_limit == 0 && c->residue == SQ_RESIDUE_NONE;
    if (n->settled == 0 || n->settled < n->live) {
        set_close_due(e, close, SQ_NEVER); /* an answer is still missing: it will wake us */
    } else if (c->at_band) {
        close_enter(e, close, SQ_CLOSE_LOCKED, SQ_NEVER);
    } else if (!may) {
        set_close_due(e, close, SQ_NEVER);
    } else if (e->now < at) {
        set_close_due(e, close, at);
    } else {
        close_enter(e, close, SQ_CLOSE_REPRICING, SQ_NEVER);
        cancel_children(e, close);
    }
}

static void run_working(struct sq_engine *e, uint32_t close)
{
    if (!send_rest(e, close))
        return;
    struct children n = count_children(e, close);
    if (n.live == 0)
        finish(e, close);
    else
        reprice_or_wait(e, close, &n);
}

static void run_repricing(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    struct children n = count_children(e, close);
    set_close_due(e, close, SQ_NEVER);
    if (n.live > 0 && n.cancelling == 0 && n.unknown == 0) {
        c->reprices = e->t.config.reprices; /* it could not be cancelled: it stays as it is */
        close_enter(e, close, SQ_CLOSE_WORKING, SQ_NEVER);
    }
    if (n.live > 0)
        return;
    if (c->residue != SQ_RESIDUE_NONE || c->filled >= c->planned) {
        finish(e, close);
        return;
    }
    c->reprices++;
    c->quoted = 0;
    close_enter(e, close, SQ_CLOSE_PRICING, e->now);
}

static void run_approval(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    sq_time until = c->created + e->t.config.approval_life_ms * SQ_MS;
    if (e->now >= until)
        close_end(e, close, SQ_RESIDUE_NOT_APPROVED);
    else
        set_close_due(e, close, until);
}

/* The short may still fill: then nothing is uncovered any more, and the hedge goes on. */
static void run_held(struct sq_engine *e, uint32_t close)
{
    uint32_t position = position_of(e, close);
    bool open = plan_covered_short(e, position, true) != SQ_NO_ROW ||
                plan_covered_short(e, position, false) != SQ_NO_ROW;
    if (open)
        set_close_due(e, close, SQ_NEVER);
    else
        close_enter(e, close, SQ_CLOSE_PRICING, e->now);
}

static void run_waiting(struct sq_engine *e, uint32_t close)
{
    set_close_due(e, close, SQ_NEVER);
}

typedef void life_fn(struct sq_engine *e, uint32_t close);
static life_fn *const lives[SQ_CLOSE_COUNT] = {
    [SQ_CLOSE_NONE] = run_waiting,          [SQ_CLOSE_STAGED] = run_waiting,
    [SQ_CLOSE_APPROVAL] = run_approval,     [SQ_CLOSE_CANCELLING] = run_cancelling,
    [SQ_CLOSE_WAIT_COVER] = run_wait_cover, [SQ_CLOSE_HELD] = run_held,
    [SQ_CLOSE_PRICING] = run_pricing,       [SQ_CLOSE_WORKING] = run_working,
    [SQ_CLOSE_REPRICING] = run_repricing,   [SQ_CLOSE_LOCKED] = run_working,
    [SQ_CLOSE_DONE] = run_waiting,          [SQ_CLOSE_RESIDUE] = run_waiting,
};

/* The exchange differs on this position: what is out stays out, nothing more is sent. */
static bool is_frozen(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = row(e, close);
    bool frozen = e->t.position[position_of(e, close)].frozen;
    if (frozen && c->residue == SQ_RESIDUE_NONE) {
        c->residue = SQ_RESIDUE_FROZEN;
        touch_close(e, close);
    }
    return frozen;
}

static void settle_touched(struct sq_engine *e)
{
    for (uint32_t i = 0; i < e->touch[TOUCH_POSITION].count; i++) {
        uint32_t close = e->t.position_close[e->touch[TOUCH_POSITION].rows[i]];
        if (close != SQ_NO_ROW)
            settle_residue(e, close);
    }
}

void close_run(struct sq_engine *e)
{
    while (sq_heap_first_due(&e->close_due) <= e->now) {
        uint32_t close = sq_heap_first(&e->close_due);
        if (is_frozen(e, close) && row(e, close)->began == 0)
            close_end(e, close, SQ_RESIDUE_FROZEN);
        else
            lives[row(e, close)->state](e, close);
    }
    settle_touched(e);
}

void close_quote(struct sq_engine *e, const struct sq_quote_answer *answer)
{
    for (uint32_t c = 0; c < e->t.close_count; c++) {
        struct sq_close *close = row(e, c);
        if (close->state != SQ_CLOSE_PRICING || close->due != SQ_NEVER ||
            close->key.exchange != answer->exchange || close->key.token != answer->token)
            continue;
        close->quote = answer->quote;
        close->quoted = e->now;
        close_wake(e, c);
    }
}
