/*
 * Fills and what they do to positions, busts and corrections, and the ends of orders.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>

static void log_fill(struct exchange *x, const struct sim_order *o, const struct sim_report *r,
                     int64_t net, enum sim_cause cause, enum sim_verdict verdict)
{
    struct sim_log log;
    char exec[32];
    sim_exec_name(r->exec, exec);
    sim_log_begin(x, &log, "fill");
    sim_log_order(x, &log, o);
    sim_line_text(&log.line, "exec", exec);
    sim_line_int(&log.line, "last", r->last_quantity);
    sim_line_price(&log.line, "at", r->last_price, x->day->contract[o->contract].price_decimals);
    sim_line_int(&log.line, "net_before", net - o->side * r->last_quantity);
    sim_line_int(&log.line, "net", net);
    sim_line_text(&log.line, "origin", sim_cause_name(cause));
    sim_line_text(&log.line, "verdict", sim_verdict_name(verdict));
    sim_log_end(x, &log);
}

void sim_fill(struct exchange *x, int32_t order, int64_t quantity, int64_t price,
              enum sim_cause cause)
{
    struct sim_order *o = &x->state->book.order[order];
    struct sim_account *a = &x->state->account;
    bool live = sim_order_live(o);
    if (live)
        sim_account_live(a, o->holding, o->side, -quantity);
    o->filled += quantity;
    o->value += price * quantity;
    if (live || o->filled + o->busted == o->quantity)
        o->state = o->filled + o->busted == o->quantity ? SIM_FILLED : SIM_PARTIAL;
    enum sim_verdict verdict =
        sim_account_fill(a, o->holding, o->side, quantity, cause, o->entered_us, x->now_us);
    x->count.fills++;
    struct sim_report r = sim_report_of(x, order, 'F');
    r.exec = sim_exec_next(x);
    r.last_quantity = quantity;
    r.last_price = price;
    log_fill(x, o, &r, a->holding[o->holding].net, cause, verdict);
    sim_report_file(x, &r);
    if (o->state == SIM_FILLED)
        sim_book_remove(&x->state->book, order);
}

enum sim_cause sim_fill_cause(const struct sim_order *o)
{
    return o->loaded ? SIM_BY_LOADED : SIM_BY_MEMBER;
}

/* Like a fill's line, but it names the fill that is undone. */
static void log_undoing(struct exchange *x, const char *event, const struct sim_order *o,
                        const struct sim_report *r, int64_t net_before, int64_t net)
{
    struct sim_log log;
    char exec[32], ref[32];
    sim_exec_name(r->exec, exec);
    sim_exec_name(r->ref_exec, ref);
    sim_log_begin(x, &log, event);
    sim_log_order(x, &log, o);
    sim_line_text(&log.line, "exec", exec);
    sim_line_text(&log.line, "ref", ref);
    sim_line_int(&log.line, "last", r->last_quantity);
    sim_line_price(&log.line, "at", r->last_price, x->day->contract[o->contract].price_decimals);
    sim_line_int(&log.line, "net_before", net_before);
    sim_line_int(&log.line, "net", net);
    sim_log_end(x, &log);
}

bool sim_fill_match(struct exchange *x, int32_t order, const struct sim_match *match)
{
    struct sim_order *o = &x->state->book.order[order];
    int64_t lot = x->day->contract[o->contract].lot;
    int64_t quantity = match->quantity;
    bool part = quantity > lot && sim_fault_strikes(&x->faults, SIM_FAULT_PARTIAL);
    if (part)
        quantity = lot * sim_random_range(&x->faults.chance, 1, (quantity - 1) / lot);
    sim_market_trade(&x->market, o->contract, match->price, quantity, x->now_us);
    sim_fill(x, order, quantity, match->price, sim_fill_cause(o));
    if (match->other != SIM_NONE)
        sim_fill(x, match->other, quantity, match->price,
                 sim_fill_cause(&x->state->book.order[match->other]));
    return !part;
}

void sim_order_end(struct exchange *x, int32_t order, int state, const char *by)
{
    struct sim_order *o = &x->state->book.order[order];
    struct sim_log log;
    int64_t left = sim_order_open(o);
    sim_book_remove(&x->state->book, order);
    sim_account_live(&x->state->account, o->holding, o->side, -left);
    o->state = (uint8_t)state;
    sim_log_begin(x, &log, sim_state_name(state));
    sim_log_order(x, &log, o);
    sim_line_int(&log.line, "left", left);
    sim_line_text(&log.line, "by", by);
    sim_log_end(x, &log);
}

/* An order ends without its member having asked: unsolicited cancel, IOC remainder, expiry. */
void sim_order_end_unasked(struct exchange *x, int32_t order, int state, const char *by)
{
    sim_order_end(x, order, state, by);
    struct sim_report r = sim_report_of(x, order, state == SIM_EXPIRED ? 'C' : '4');
    r.exec = sim_exec_next(x);
    snprintf(r.text, sizeof r.text, "ended by %s", by);
    sim_report_file(x, &r);
}

/* A busted fill is gone for good: its quantity does not become open again. */
bool sim_fill_bust(struct exchange *x, uint64_t exec)
{
    int32_t at = sim_report_fill(x, exec);
    if (at == SIM_NONE || x->state->report[at].undone)
        return false;
    struct sim_report *f = &x->state->report[at];
    struct sim_order *o = &x->state->book.order[f->order];
    struct sim_holding *h = &x->state->account.holding[o->holding];
    f->undone = true;
    o->filled -= f->last_quantity;
    o->value -= f->last_quantity * f->last_price;
    o->busted += f->last_quantity;
    if (o->state == SIM_FILLED)
        o->state = SIM_CANCELLED;
    if (o->state == SIM_PARTIAL && o->filled == 0)
        o->state = SIM_NEW;
    sim_account_fill(&x->state->account, o->holding, -o->side, f->last_quantity, SIM_BY_FAULT, 0,
                     x->now_us);
    struct sim_report r = sim_report_of(x, f->order, 'H');
    r.exec = sim_exec_next(x);
    r.ref_exec = exec;
    r.last_quantity = f->last_quantity;
    r.last_price = f->last_price;
    log_undoing(x, "bust", o, &r, h->net + o->side * f->last_quantity, h->net);
    sim_report_file(x, &r);
    return true;
}

/* A correction changes the price of a fill; the quantity stands. */
bool sim_fill_correct(struct exchange *x, uint64_t exec, int64_t price)
{
    int32_t at = sim_report_fill(x, exec);
    if (at == SIM_NONE || x->state->report[at].undone || price <= 0)
        return false;
    struct sim_report *f = &x->state->report[at];
    struct sim_order *o = &x->state->book.order[f->order];
    int64_t net = x->state->account.holding[o->holding].net;
    f->undone = true;
    o->value += f->last_quantity * (price - f->last_price);
    struct sim_report r = sim_report_of(x, f->order, 'G');
    r.exec = sim_exec_next(x);
    r.ref_exec = exec;
    r.last_quantity = f->last_quantity;
    r.last_price = price;
    log_undoing(x, "correct", o, &r, net, net);
    sim_report_file(x, &r);
    return true;
}
