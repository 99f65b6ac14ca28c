/*
 * Application messages become requests: read and judged by form only, then they wait out their
 * latency in a heap. What a request means is net/simulator/order.c.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>

/* ---- Reading ---- */

/* A text field as it is; too long or absent is empty. */
static void text(const struct fix_view *view, uint32_t tag, char *out, size_t capacity)
{
    memset(out, 0, capacity);
    if (fix_text(fix_get(view, tag), out, capacity) != FIX_VALUE)
        out[0] = '\0';
}

static char character(const struct fix_view *view, uint32_t tag, char absent)
{
    char c = absent;
    return fix_char(fix_get(view, tag), &c) == FIX_VALUE ? c : absent;
}

/* The token decides, within its segment; the symbol is only echoed. */
static void read_contract(struct exchange *x, const struct fix_view *view, struct sim_request *r)
{
    int64_t token = 0;
    text(view, FIX_SYMBOL, r->symbol, sizeof r->symbol);
    text(view, FIX_SECURITY_EXCHANGE, r->venue, sizeof r->venue);
    int segment = sim_segment_named(r->venue);
    bool named = fix_int(fix_get(view, FIX_SECURITY_ID), &token) == FIX_VALUE && token > 0 &&
                 token <= INT32_MAX;
    r->token = named ? (uint32_t)token : 0;
    r->contract = named && segment >= 0 ? sim_day_find(x->day, segment, r->token) : SIM_NONE;
}

static void read_terms(struct exchange *x, const struct fix_view *view, struct sim_request *r)
{
    char product[SIM_VENUE];
    char side = character(view, FIX_SIDE, '0');
    int decimals = r->contract == SIM_NONE ? 2 : x->day->contract[r->contract].price_decimals;
    text(view, FIX_ACCOUNT, r->client, sizeof r->client);
    text(view, FIX_PRODUCT_CODE, product, sizeof product);
    r->product =
        fix_get(view, FIX_PRODUCT_CODE) == NULL ? SIM_PRODUCT_UNKNOWN : sim_product_named(product);
    r->side = side == '1' ? SIM_BUY : side == '2' ? SIM_SELL : 0;
    r->type = character(view, FIX_ORD_TYPE, '?');
    r->validity = character(view, FIX_TIME_IN_FORCE, '0');
    if (fix_qty(fix_get(view, FIX_ORDER_QTY), &r->quantity) != FIX_VALUE)
        r->quantity = -1;
    if (fix_price(fix_get(view, FIX_PRICE), decimals, &r->price) != FIX_VALUE)
        r->price = -1;
}

static void read_request(struct exchange *x, const struct fix_event *event, struct sim_request *r)
{
    const struct fix_view *view = event->view;
    uint32_t id_tag = r->kind == SIM_MASS ? FIX_MASS_STATUS_REQ_ID : FIX_ORD_STATUS_REQ_ID;
    text(view, FIX_CL_ORD_ID, r->clord_id, sizeof r->clord_id);
    text(view, FIX_ORIG_CL_ORD_ID, r->orig_clord_id, sizeof r->orig_clord_id);
    text(view, FIX_ORDER_ID, r->order_no, sizeof r->order_no);
    text(view, id_tag, r->request_id, sizeof r->request_id);
    r->poss_dup = event->poss_dup;
    r->poss_resend = event->poss_resend;
    r->type = character(view, FIX_MASS_STATUS_REQ_TYPE, '?');
    if (r->kind == SIM_MASS)
        return;
    read_contract(x, view, r);
    read_terms(x, view, r);
}

/* ---- What the exchange does not take ---- */

/* BusinessRejectReason(380), FIX 4.4 volume 4. */
enum { UNSUPPORTED_TYPE = 3, NOT_AVAILABLE = 4, NOT_AUTHORISED = 6 };

static void reject_message(struct exchange *x, struct sim_link *link, const struct fix_event *event,
                           int reason, const char *why)
{
    struct sim_report r = {.owner = link->owner,
                           .order = SIM_NONE,
                           .contract = SIM_NONE,
                           .type = 'j',
                           .total = -1,
                           .reason = (int16_t)reason,
                           .ref_number = event->number,
                           .time_us = x->now_us};
    text(event->view, FIX_CL_ORD_ID, r.clord_id, sizeof r.clord_id);
    memcpy(r.ref_type, event->view->type, sizeof r.ref_type);
    snprintf(r.text, sizeof r.text, "%s", why);
    sim_log_session(x, "business-reject", x->state->owner[link->owner].comp_id, why);
    sim_report_file(x, &r);
}

static const struct {
    const char *type;
    uint8_t kind;
} kinds[] = {{"D", SIM_ORDER}, {"F", SIM_CANCEL}, {"H", SIM_STATUS}, {"AF", SIM_MASS}};

/* -1: nothing that is spoken on an order session. */
static int kind_of(const struct fix_view *view)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (fix_is(view, kinds[i].type))
            return kinds[i].kind;
    return -1;
}

/*
 * FIX 4.4 volume 2, SequenceReset-Reset: the numbers in between are those of messages that an exchange
 * could not send again. Here there were none, so nothing may be missing to a member that asks.
 */
static void reset_numbers(struct exchange *x, struct sim_link *link)
{
    enum { FORWARD = 100 };
    uint32_t next = link->fix.next_out + FORWARD;
    if (fix_session_reset(&link->fix, x->now_us, next) == FIX_SENT)
        sim_log_session(x, "reset", x->state->owner[link->owner].comp_id, "by chance");
}

static void take_request(struct exchange *x, struct sim_link *link, const struct fix_event *event,
                         int kind)
{
    struct sim_request r = {.kind = (uint8_t)kind, .owner = link->owner, .contract = SIM_NONE};
    if (x->requests == x->config.max_requests) {
        reject_message(x, link, event, NOT_AVAILABLE, "too many requests on their way");
        return;
    }
    read_request(x, event, &r);
    sim_request_push(x, &r);
    if (sim_fault_strikes(&x->faults, SIM_FAULT_RESET))
        reset_numbers(x, link);
    if (sim_fault_strikes(&x->faults, SIM_FAULT_KICK))
        sim_cut(x, link, "kick", "by chance");
    if (sim_fault_strikes(&x->faults, SIM_FAULT_LOST_TAIL))
        exchange_lose_tail(x, x->now_us);
}

void sim_request_take(struct exchange *x, struct sim_link *link, const struct fix_event *event)
{
    int kind = kind_of(event->view);
    if (link->rates && fix_is(event->view, "V"))
        sim_rates_request(x, link, event->view);
    else if (kind < 0)
        reject_message(x, link, event, UNSUPPORTED_TYPE, "message type is not supported here");
    else if (link->rates)
        reject_message(x, link, event, NOT_AUTHORISED, "this session carries market data only");
    else
        take_request(x, link, event, kind);
}

/* ---- On their way ---- */

static bool before(const struct sim_request *a, const struct sim_request *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->arrival < b->arrival;
}

static void swap(struct sim_request *a, struct sim_request *b)
{
    struct sim_request c = *a;
    *a = *b;
    *b = c;
}

/* A member's requests are looked at in the order of their arrival, whatever the jitter. */
static int64_t due_time(struct exchange *x, const struct sim_request *r)
{
    int64_t jitter_ms = x->faults.value[SIM_FAULT_JITTER_MS];
    int64_t latency_ms = x->faults.value[SIM_FAULT_LATENCY_MS];
    if (jitter_ms > 0)
        latency_ms += sim_random_range(&x->faults.chance, 0, jitter_ms);
    x->faults.happened[SIM_FAULT_LATENCY_MS] += latency_ms > 0;
    int64_t due_us = x->now_us + latency_ms * 1000;
    for (int32_t i = 0; i < x->requests; i++)
        if (x->request[i].owner == r->owner && x->request[i].kind != SIM_LATE_FILL &&
            x->request[i].due_us > due_us)
            due_us = x->request[i].due_us;
    return due_us;
}

void sim_request_push(struct exchange *x, const struct sim_request *request)
{
    if (x->requests == x->config.max_requests)
        return; /* only late fills come here so: a fault that does not happen */
    int64_t due_us = request->due_us != 0 ? request->due_us : due_time(x, request);
    struct sim_request *heap = x->request;
    int32_t i = x->requests++;
    heap[i] = *request;
    heap[i].arrival = ++x->arrivals;
    heap[i].due_us = due_us;
    for (; i > 0 && before(&heap[i], &heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&heap[i], &heap[(i - 1) / 2]);
}

/* The root goes, the last leaf takes its place and sinks to where it belongs. */
bool sim_request_pop(struct exchange *x, struct sim_request *out)
{
    struct sim_request *heap = x->request;
    if (x->requests == 0 || heap[0].due_us > x->now_us)
        return false;
    *out = heap[0];
    heap[0] = heap[--x->requests];
    for (int32_t i = 0, child = 1; child < x->requests; i = child, child = 2 * i + 1) {
        if (child + 1 < x->requests && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &heap[i]))
            break;
        swap(&heap[i], &heap[child]);
    }
    return true;
}
