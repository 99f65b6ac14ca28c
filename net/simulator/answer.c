/*
 * Answers: to cancel requests, to questions about one order and about all; and the late fills that a
 * fault lets follow a confirmed cancel.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>

/* ---- Cancels ---- */

/* CxlRejReason(102). */
enum { TOO_LATE = 0, UNKNOWN_ORDER = 1, DUPLICATE_ID = 6 };

/* The order a request names: by ClOrdID, else by the exchange's number, if it is the sender's. */
static int32_t named_order(struct exchange *x, const struct sim_request *r, const char *clord_id)
{
    int32_t order = sim_book_find(&x->state->book, r->owner, clord_id);
    if (order == SIM_NONE)
        order = sim_book_numbered(&x->state->book, r->order_no);
    if (order != SIM_NONE && x->state->book.order[order].owner != r->owner)
        return SIM_NONE;
    return order;
}

static void refuse_cancel(struct exchange *x, const struct sim_request *q, int32_t order, int code,
                          const char *why)
{
    struct sim_report r =
        order == SIM_NONE ? sim_report_refusing(x, q) : sim_report_of(x, order, '8');
    r.type = '9';
    r.reason = (int16_t)code;
    memcpy(r.clord_id, q->clord_id, sizeof r.clord_id);
    memcpy(r.orig_clord_id, q->orig_clord_id, sizeof r.orig_clord_id);
    snprintf(r.text, sizeof r.text, "%s", why);
    sim_log_answer(x, "cancel-reject", q, code, why);
    sim_report_file(x, &r);
}

/* A report that answers a cancel request: its own ClOrdID, the order's as OrigClOrdID. */
static void answer_cancel(struct exchange *x, const struct sim_request *q, int32_t order,
                          char exec_type, char status)
{
    const struct sim_order *o = &x->state->book.order[order];
    struct sim_report r = sim_report_of(x, order, exec_type);
    r.exec = sim_exec_next(x);
    r.status = status;
    memcpy(r.clord_id, q->clord_id, sizeof r.clord_id);
    memcpy(r.orig_clord_id, o->clord_id[0] != '\0' ? o->clord_id : q->orig_clord_id,
           sizeof r.orig_clord_id);
    sim_report_file(x, &r);
}

/* Fills what is left just before the cancel is looked at: the request came too late. */
static bool overtake_cancel(struct exchange *x, int32_t order)
{
    struct sim_order *o = &x->state->book.order[order];
    if (o->stop || !sim_fault_strikes(&x->faults, SIM_FAULT_CANCEL_REJECT))
        return false;
    sim_fill(x, order, sim_order_open(o), o->price, sim_fill_cause(o));
    return true;
}

static void plan_late_fill(struct exchange *x, int32_t order)
{
    const struct sim_order *o = &x->state->book.order[order];
    if (o->stop || !sim_fault_strikes(&x->faults, SIM_FAULT_LATE_FILL))
        return;
    struct sim_request late = {.kind = SIM_LATE_FILL,
                               .owner = o->owner,
                               .order = order,
                               .run = (int32_t)x->count.run,
                               .due_us =
                                   x->now_us + x->faults.value[SIM_FAULT_LATE_FILL_MS] * 1000 + 1};
    sim_request_push(x, &late);
}

void sim_answer_cancel(struct exchange *x, const struct sim_request *r)
{
    x->count.cancels++;
    sim_log_answer(x, "cancel-in", r, 0, "");
    if (sim_fault_strikes(&x->faults, SIM_FAULT_DROP_CANCEL)) {
        sim_log_answer(x, "vanish", r, 0, "cancel");
        return;
    }
    int32_t order = named_order(x, r, r->orig_clord_id);
    if (order == SIM_NONE) {
        refuse_cancel(x, r, order, UNKNOWN_ORDER, "unknown order");
    } else if (sim_order_is_used(x, r)) {
        refuse_cancel(x, r, order, DUPLICATE_ID, "duplicate ClOrdID");
    } else if (!sim_order_live(&x->state->book.order[order]) || overtake_cancel(x, order)) {
        refuse_cancel(x, r, order, TOO_LATE, "too late: the order has ended");
    } else {
        if (sim_fault_strikes(&x->faults, SIM_FAULT_PENDING))
            answer_cancel(x, r, order, '6', '6');
        sim_order_end(x, order, SIM_CANCELLED, "member");
        answer_cancel(x, r, order, '4', '4');
        plan_late_fill(x, order);
    }
}

/*
 * The fill that was on its way when the cancel was confirmed. It never does more than close the
 * position: what the exchange does wrong shall not look like the member's violation.
 */
void sim_answer_late_fill(struct exchange *x, const struct sim_request *r)
{
    struct sim_order *o = &x->state->book.order[r->order];
    if (r->run != (int32_t)x->count.run)
        return;
    int64_t bearable = x->state->account.holding[o->holding].net * -o->side;
    int64_t quantity = o->quantity - o->filled - o->busted;
    if (quantity > bearable)
        quantity = bearable - bearable % x->day->contract[o->contract].lot;
    if (quantity > 0)
        sim_fill(x, r->order, quantity, o->price, SIM_BY_FAULT);
}

/* ---- Questions ---- */

static void log_status(struct exchange *x, const struct sim_request *r, const char *state)
{
    struct sim_log log;
    sim_log_begin(x, &log, "status");
    sim_line_text(&log.line, "session", x->state->owner[r->owner].comp_id);
    sim_line_text(&log.line, "clord", r->clord_id);
    sim_line_text(&log.line, "order", r->order_no);
    sim_line_text(&log.line, "state", state);
    sim_log_end(x, &log);
}

static void answer_unknown(struct exchange *x, const struct sim_request *q, int32_t total)
{
    struct sim_report r = sim_report_refusing(x, q);
    r.exec_type = 'I';
    r.reason = 5;
    r.total = total;
    r.last = true;
    r.quantity = r.price = 0;
    snprintf(r.text, sizeof r.text, total < 0 ? "unknown order" : "no orders");
    sim_report_file(x, &r);
}

/* A venue's query service may lag behind its matching: a member must not believe it at once. */
static bool is_forgotten(struct exchange *x, int32_t order)
{
    struct sim_order *o = &x->state->book.order[order];
    if (o->forgotten || !sim_fault_strikes(&x->faults, SIM_FAULT_FORGET))
        return false;
    o->forgotten = true;
    return true;
}

void sim_answer_status(struct exchange *x, const struct sim_request *q)
{
    int32_t order = named_order(x, q, q->clord_id);
    if (order == SIM_NONE || is_forgotten(x, order)) {
        log_status(x, q, "unknown");
        answer_unknown(x, q, -1);
        return;
    }
    log_status(x, q, sim_state_name(x->state->book.order[order].state));
    sim_report_release(x, q->owner, order);
    struct sim_report r = sim_report_of(x, order, 'I');
    memcpy(r.request_id, q->request_id, sizeof r.request_id);
    sim_report_file(x, &r);
}

static int32_t count_of_owner(const struct exchange *x, int32_t owner)
{
    int32_t total = 0;
    for (int32_t i = 0; i < x->state->book.count; i++)
        total += x->state->book.order[i].owner == owner;
    return total;
}

void sim_answer_mass(struct exchange *x, const struct sim_request *q)
{
    struct sim_log log;
    int32_t total = count_of_owner(x, q->owner), left = total;
    sim_log_begin(x, &log, "mass");
    sim_line_text(&log.line, "session", x->state->owner[q->owner].comp_id);
    sim_line_int(&log.line, "reports", total);
    sim_log_end(x, &log);
    sim_report_release(x, q->owner, SIM_NONE);
    if (total == 0 || q->type != '7') {
        answer_unknown(x, q, 0);
        return;
    }
    for (int32_t i = 0; i < x->state->book.count; i++) {
        if (x->state->book.order[i].owner != q->owner)
            continue;
        struct sim_report r = sim_report_of(x, i, 'I');
        r.total = total;
        r.last = --left == 0;
        memcpy(r.request_id, q->request_id, sizeof r.request_id);
        sim_report_file(x, &r);
    }
}
