/*
 * Reports to members: made once as a struct, kept in a ring, encoded whenever they are sent. So a
 * resend request gets the very values that were reported then, however the order has moved since.
 */
#include "net/simulator/exchange_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- Making ---- */

/* An execution number is the run (1 + lost tails) and a count: unique although counts fall back. */
enum { EXEC_RUN_BITS = 40 };

uint64_t sim_exec_next(struct exchange *x)
{
    return x->count.run << EXEC_RUN_BITS | ++x->state->next_exec;
}

void sim_exec_name(uint64_t exec, char out[32])
{
    snprintf(out, 32, "E%" PRIu64 "-%" PRIu64, exec >> EXEC_RUN_BITS,
             exec & ((UINT64_C(1) << EXEC_RUN_BITS) - 1));
}

uint64_t sim_exec_number(const char *name)
{
    uint64_t run, count;
    if (sscanf(name, "E%8" SCNu64 "-%12" SCNu64, &run, &count) != 2)
        return 0;
    return run << EXEC_RUN_BITS | count;
}

/* OrdStatus(39) of a state. */
static char status_of(const struct sim_order *o)
{
    static const char status[] = {'0', '1', '2', '4', '8', 'C'};
    return status[o->state];
}

/* Value and quantity fit 63 bits each, their product with 100 may not. */
static int64_t average_cents(const struct sim_order *o)
{
    return o->filled == 0 ? 0 : (int64_t)((__int128)o->value * 100 / o->filled);
}

struct sim_report sim_report_of(struct exchange *x, int32_t order, char exec_type)
{
    const struct sim_order *o = &x->state->book.order[order];
    struct sim_report r = {
        .owner = o->owner,
        .order = order,
        .type = '8',
        .exec_type = exec_type,
        .status = status_of(o),
        .side = o->side,
        .product = o->product,
        .ioc = o->ioc,
        .contract = o->contract,
        .total = -1,
        .reason = -1,
        .quantity = o->quantity,
        .price = o->price,
        .filled = o->filled,
        .left = sim_order_open(o),
        .average_cents = average_cents(o),
        .time_us = x->now_us,
    };
    memcpy(r.client, o->client, sizeof r.client);
    memcpy(r.clord_id, o->clord_id, sizeof r.clord_id);
    memcpy(r.order_no, o->order_no, sizeof r.order_no);
    return r;
}

struct sim_report sim_report_refusing(struct exchange *x, const struct sim_request *q)
{
    struct sim_report r = {
        .owner = q->owner,
        .order = SIM_NONE,
        .type = '8',
        .exec_type = '8',
        .status = '8',
        .side = (int8_t)q->side,
        .product = (uint8_t)(q->product < 0 ? SIM_PRODUCT_UNKNOWN : q->product),
        .contract = q->contract,
        .total = -1,
        .reason = -1,
        .token = q->token,
        .quantity = q->quantity,
        .price = q->price,
        .time_us = x->now_us,
    };
    memcpy(r.client, q->client, sizeof r.client);
    memcpy(r.clord_id, q->clord_id, sizeof r.clord_id);
    memcpy(r.order_no, q->order_no, sizeof r.order_no);
    memcpy(r.symbol, q->symbol, sizeof r.symbol);
    memcpy(r.venue, q->venue, sizeof r.venue);
    memcpy(r.request_id, q->request_id, sizeof r.request_id);
    return r;
}

/* ---- Keeping ---- */

/* The oldest report makes room: it is the first of its owner, or is held. */
static void forget_oldest(struct exchange *x, int32_t at)
{
    struct sim_state *s = x->state;
    const struct sim_report *r = &s->report[at];
    if (r->held)
        return;
    struct sim_owner *owner = &s->owner[r->owner];
    owner->first = r->next;
    if (owner->last == at)
        owner->last = SIM_NONE;
    if (owner->unsent == at)
        owner->unsent = r->next;
    if (owner->cursor == at)
        owner->cursor = SIM_NONE;
}

/* The newest report takes the next place of the ring, and the end of its owner's chain. */
static void append(struct exchange *x, const struct sim_report *report, bool held)
{
    struct sim_state *s = x->state;
    int32_t at = s->report_at;
    s->report_at = (at + 1) % s->report_room;
    if (s->report_count == s->report_room)
        forget_oldest(x, at);
    else
        s->report_count++;
    struct sim_report *r = &s->report[at];
    *r = *report;
    r->next = SIM_NONE;
    r->number = 0;
    r->held = held;
    if (held)
        return;
    struct sim_owner *owner = &s->owner[r->owner];
    if (owner->last != SIM_NONE)
        s->report[owner->last].next = at;
    else
        owner->first = at;
    owner->last = at;
    if (owner->unsent == SIM_NONE)
        owner->unsent = at;
}

void sim_report_reset(struct exchange *x, int32_t owner)
{
    struct sim_state *s = x->state;
    struct sim_owner *o = &s->owner[owner];
    while (o->first != o->unsent) {
        struct sim_report *r = &s->report[o->first];
        o->first = r->next;
        r->held = true; /* held and of nobody: nothing refers to it any more */
        r->owner = SIM_NONE;
    }
    o->last = o->first == SIM_NONE ? SIM_NONE : o->last;
    o->cursor = SIM_NONE;
}

static int32_t link_of(const struct exchange *x, int32_t owner)
{
    return owner < x->config.sessions ? owner : SIM_NONE;
}

void sim_report_file(struct exchange *x, const struct sim_report *report)
{
    bool asked = report->exec_type == 'I';
    if (link_of(x, report->owner) == SIM_NONE)
        return; /* the sender of a loaded order: nobody is there to be told */
    bool muted = report->order != SIM_NONE && x->state->book.order[report->order].muted;
    append(x, report, muted && !asked);
    if (!muted && !asked && report->type == '8' &&
        sim_fault_strikes(&x->faults, SIM_FAULT_DUPLICATE))
        append(x, report, false);
}

void sim_report_release(struct exchange *x, int32_t owner, int32_t order)
{
    struct sim_state *s = x->state;
    int32_t first = (s->report_at - s->report_count + s->report_room) % s->report_room;
    for (int32_t n = s->report_count, i = first; n > 0; n--, i = (i + 1) % s->report_room) {
        struct sim_report copy = s->report[i];
        if (!copy.held || copy.owner != owner || (order != SIM_NONE && copy.order != order))
            continue;
        s->book.order[copy.order].muted = false;
        s->report[i].owner = SIM_NONE; /* held and of nobody: it was released */
        append(x, &copy, false);
    }
}

/* ---- Encoding ---- */

static void put_optional(struct fix_writer *w, uint32_t tag, const char *text)
{
    if (*text != '\0')
        fix_put_text(w, tag, text);
}

/* A field that must be there, although the member's own text for it may be missing or too long. */
static void put_required(struct fix_writer *w, uint32_t tag, const char *text)
{
    fix_put_text(w, tag, *text == '\0' ? "NONE" : text);
}

static void put_exec_id(struct fix_writer *w, uint32_t tag, uint64_t exec)
{
    char name[32];
    sim_exec_name(exec, name);
    fix_put_text(w, tag, exec == 0 ? "0" : name);
}

static void put_contract(const struct exchange *x, struct fix_writer *w, const struct sim_report *r)
{
    const struct sim_contract *c = r->contract == SIM_NONE ? NULL : &x->day->contract[r->contract];
    const char *venue = c == NULL ? r->venue : sim_segment_name(c->segment);
    const char *symbol = c == NULL ? r->symbol : c->symbol;
    uint32_t token = c == NULL ? r->token : c->token;
    fix_put_text(w, FIX_SYMBOL, *symbol == '\0' ? "[N/A]" : symbol);
    if (token != 0) {
        fix_put_int(w, FIX_SECURITY_ID, token);
        fix_put_char(w, FIX_SECURITY_ID_SOURCE, '8');
    }
    put_optional(w, FIX_SECURITY_EXCHANGE, venue);
}

/* Side, quantity and price as far as they are known: a status of nothing knows none. */
static void put_terms(const struct exchange *x, struct fix_writer *w, const struct sim_report *r)
{
    int decimals = r->contract == SIM_NONE ? 2 : x->day->contract[r->contract].price_decimals;
    fix_put_char(w, FIX_SIDE, r->side == SIM_SELL ? '2' : '1');
    if (r->quantity > 0)
        fix_put_int(w, FIX_ORDER_QTY, r->quantity);
    if (r->price > 0) {
        fix_put_char(w, FIX_ORD_TYPE, '2');
        fix_put_price(w, FIX_PRICE, r->price, decimals);
    }
    fix_put_char(w, FIX_TIME_IN_FORCE, r->ioc ? '3' : '0');
    if (r->last_quantity != 0) {
        fix_put_int(w, FIX_LAST_QTY, r->last_quantity);
        fix_put_price(w, FIX_LAST_PX, r->last_price, decimals);
    }
    fix_put_int(w, FIX_LEAVES_QTY, r->left);
    fix_put_int(w, FIX_CUM_QTY, r->filled);
    fix_put_price(w, FIX_AVG_PX, r->average_cents, decimals + 2);
}

static void put_mass(struct fix_writer *w, const struct sim_report *r)
{
    if (r->total < 0) {
        put_optional(w, FIX_ORD_STATUS_REQ_ID, r->request_id);
        return;
    }
    put_optional(w, FIX_MASS_STATUS_REQ_ID, r->request_id);
    fix_put_int(w, FIX_TOT_NUM_REPORTS, r->total);
    fix_put_bool(w, FIX_LAST_RPT_REQUESTED, r->last);
}

enum { BY_EXCHANGE = 8 }; /* ExecRestatementReason(378): market (exchange) option */

/* ExecutionReport, FIX 4.4 volume 4. */
static void put_execution(const struct exchange *x, struct fix_writer *w,
                          const struct sim_report *r)
{
    put_required(w, FIX_ORDER_ID, r->order_no);
    put_optional(w, FIX_CL_ORD_ID, r->clord_id);
    put_optional(w, FIX_ORIG_CL_ORD_ID, r->orig_clord_id);
    put_mass(w, r);
    put_exec_id(w, FIX_EXEC_ID, r->exec);
    if (r->ref_exec != 0)
        put_exec_id(w, FIX_EXEC_REF_ID, r->ref_exec);
    fix_put_char(w, FIX_EXEC_TYPE, r->exec_type);
    fix_put_char(w, FIX_ORD_STATUS, r->status);
    if (r->exec_type == 'D')
        fix_put_int(w, FIX_EXEC_RESTATEMENT_REASON, BY_EXCHANGE);
    if (r->reason >= 0)
        fix_put_int(w, FIX_ORD_REJ_REASON, r->reason);
    put_optional(w, FIX_ACCOUNT, r->client);
    put_contract(x, w, r);
    put_terms(x, w, r);
    fix_put_time(w, FIX_TRANSACT_TIME, r->time_us);
    put_optional(w, FIX_TEXT, r->text);
    if (r->product != SIM_PRODUCT_UNKNOWN)
        fix_put_text(w, FIX_PRODUCT_CODE, sim_product_name(r->product));
}

static void put_cancel_reject(struct fix_writer *w, const struct sim_report *r)
{
    put_required(w, FIX_ORDER_ID, r->order_no);
    put_required(w, FIX_CL_ORD_ID, r->clord_id);
    put_required(w, FIX_ORIG_CL_ORD_ID, r->orig_clord_id);
    fix_put_char(w, FIX_ORD_STATUS, r->status);
    fix_put_time(w, FIX_TRANSACT_TIME, r->time_us);
    fix_put_char(w, FIX_CXL_REJ_RESPONSE_TO, '1');
    fix_put_int(w, FIX_CXL_REJ_REASON, r->reason);
    put_optional(w, FIX_TEXT, r->text);
}

static void put_business_reject(struct fix_writer *w, const struct sim_report *r)
{
    fix_put_int(w, FIX_REF_SEQ_NUM, r->ref_number);
    put_required(w, FIX_REF_MSG_TYPE, r->ref_type);
    put_optional(w, FIX_BUSINESS_REJECT_REF_ID, r->clord_id);
    fix_put_int(w, FIX_BUSINESS_REJECT_REASON, r->reason);
    put_optional(w, FIX_TEXT, r->text);
}

static void put_report(const struct exchange *x, struct fix_writer *w, const struct sim_report *r)
{
    if (r->type == '8')
        put_execution(x, w, r);
    else if (r->type == '9')
        put_cancel_reject(w, r);
    else
        put_business_reject(w, r);
}

/* ---- Sending ---- */

/* True: the report is out. A fault may then cut the link before a byte of it was written. */
static bool send_one(struct exchange *x, struct sim_link *link, struct sim_report *r)
{
    struct fix_writer *w;
    char type[2] = {r->type, '\0'};
    if (fix_session_begin(&link->fix, x->now_us, type, &w) != FIX_SENT)
        return false;
    put_report(x, w, r);
    if (fix_session_send(&link->fix, &r->number) != FIX_SENT)
        return false;
    r->sent_us = x->now_us;
    if (r->order != SIM_NONE && sim_fault_strikes(&x->faults, SIM_FAULT_LOSE))
        sim_cut(x, link, "kick", "reports lost on the way");
    return true;
}

void sim_report_send(struct exchange *x, struct sim_link *link)
{
    struct sim_owner *owner = &x->state->owner[link->owner];
    while (owner->unsent != SIM_NONE && link->fix.state == FIX_ACTIVE) {
        struct sim_report *r = &x->state->report[owner->unsent];
        if (!send_one(x, link, r))
            return;
        owner->unsent = r->next;
    }
}

/* From where the last search ended, else from the oldest: numbers rise along the chain. */
static const struct sim_report *numbered(struct exchange *x, struct sim_owner *owner,
                                         uint32_t number)
{
    const struct sim_report *ring = x->state->report;
    int32_t i = owner->cursor;
    if (i == SIM_NONE || ring[i].number > number)
        i = owner->first;
    while (i != SIM_NONE && ring[i].number != 0 && ring[i].number < number)
        i = ring[i].next;
    if (i == SIM_NONE || ring[i].number != number)
        return NULL;
    owner->cursor = i;
    return &ring[i];
}

const char *sim_report_stored(void *context, uint32_t number, size_t *length)
{
    struct sim_link *link = context;
    struct exchange *x = link->exchange;
    const struct sim_report *r = numbered(x, &x->state->owner[link->owner], number);
    if (r == NULL || (r->type == '8' && r->exec_type == 'I'))
        return NULL; /* what an order was like at the time helps nobody now */
    char type[2] = {r->type, '\0'};
    fix_begin(&x->writer, x->scratch, sizeof x->scratch, type);
    fix_put_text(&x->writer, FIX_SENDER_COMP_ID, x->config.comp_id);
    fix_put_text(&x->writer, FIX_TARGET_COMP_ID, x->state->owner[link->owner].comp_id);
    fix_put_int(&x->writer, FIX_MSG_SEQ_NUM, number);
    fix_put_time(&x->writer, FIX_SENDING_TIME, r->sent_us);
    put_report(x, &x->writer, r);
    if (fix_end(&x->writer) != 0)
        return NULL;
    *length = x->writer.length;
    return x->writer.start;
}

/* A walk over all of them: busts and corrections are rare, and made by hand. */
int32_t sim_report_fill(const struct exchange *x, uint64_t exec)
{
    for (int32_t i = 0; i < x->state->report_count && exec != 0; i++)
        if (x->state->report[i].exec == exec && x->state->report[i].exec_type == 'F')
            return i;
    return SIM_NONE;
}
