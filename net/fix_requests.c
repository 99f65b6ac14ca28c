/*
 * The outgoing half of the adaptor: requests of the engine wait here for their FIX number.
 */
#include "net/fix_exchange.h"

#include "net/fix_orders.h"

#include <stdio.h>
#include <string.h>

static struct fix_request *push(struct fix_request_queue *q)
{
    if (q->count == q->room)
        return NULL;
    return &q->slot[(q->first + q->count++) % q->room];
}

static void pop(struct fix_request_queue *q)
{
    q->first = --q->count == 0 ? 0 : (q->first + 1) % q->room;
}

static bool is_question(enum sq_kind kind)
{
    return kind == SQ_REQUEST_STATUS || kind == SQ_REQUEST_MASS_STATUS;
}

/*
 * No room: an engine that asks for more than can wait faces an exchange that reads nothing. The
 * connection ends, so that the order becomes UNKNOWN and is asked about, and nothing is forgotten.
 */
static void overflow(struct fix_exchange *x, enum sq_kind kind)
{
    if (is_question(kind))
        return; /* the engine asks again by itself */
    fix_exchange_log(x, "too many requests wait for the exchange: link dropped");
    x->closing = x->session.state != FIX_DISCONNECTED;
}

void fix_requests_add(struct fix_exchange *x, enum sq_kind kind,
                      const struct sq_request_order *request)
{
    struct fix_request *slot = push(is_question(kind) ? &x->questions : &x->orders);
    if (slot == NULL) {
        overflow(x, kind);
        return;
    }
    slot->kind = (uint16_t)kind;
    slot->order = *request;
}

void fix_requests_send(struct sq_exchange_port *port, const struct sq_message *request)
{
    enum sq_kind kind = (enum sq_kind)request->kind;
    if (fix_orders_knows(kind))
        fix_requests_add((struct fix_exchange *)port, kind, &request->as.request);
}

/* ---- the last checks ------------------------------------------------------------------------ */

/* Why a request may not be numbered any more; NULL: it may. */
static const char *too_late(const struct fix_exchange *x, const struct fix_request *r)
{
    if (!x->up || r->order.conn != x->conn || x->session.state != FIX_ACTIVE)
        return "connection lost before it was sent";
    if (r->kind != SQ_REQUEST_NEW)
        return NULL;
    if (r->order.epoch != x->book.epoch || !x->book.owned)
        return "book has another owner";
    if (x->now_us >= r->order.send_before)
        return "not sent in time";
    return NULL;
}

static void refuse(struct fix_exchange *x, const struct fix_request *r, const char *why)
{
    if (is_question((enum sq_kind)r->kind))
        return;
    struct sq_not_sent *not_sent = &fix_exchange_pend(x, SQ_NOT_SENT)->not_sent;
    memcpy(not_sent->clord, r->order.clord, sizeof not_sent->clord);
    snprintf(not_sent->why, sizeof not_sent->why, "%s", why);
}

static void time_round_trip(struct fix_exchange *x, const struct fix_request *r)
{
    if (r->kind != SQ_REQUEST_NEW || x->timed[0] != '\0')
        return;
    memcpy(x->timed, r->order.clord, sizeof x->timed);
    x->timed_us = x->now_us;
}

static void numbered(struct fix_exchange *x, const struct fix_request *r, uint32_t number)
{
    time_round_trip(x, r);
    if (is_question((enum sq_kind)r->kind))
        return;
    struct sq_sent *sent = &fix_exchange_pend(x, SQ_SENT)->sent;
    memcpy(sent->clord, r->order.clord, sizeof sent->clord);
    sent->conn = x->conn;
    sent->fix_seq = number;
}

/* Its id is ours, so that an answer to an earlier connection's question is not taken for this. */
static void name_mass_request(struct fix_exchange *x, struct fix_request *r)
{
    if (r->kind != SQ_REQUEST_MASS_STATUS)
        return;
    snprintf(x->mass_id, sizeof x->mass_id, "M%u-%u", x->conn, ++x->mass_count);
    memcpy(r->order.clord, x->mass_id, sizeof r->order.clord);
    x->mass_request = r->order;
    x->mass_reports = 0;
}

/* A venue without mass status is taken to have answered: what is UNKNOWN is asked one by one. */
static bool answer_for_venue(struct fix_exchange *x, const struct fix_request *r)
{
    if (r->kind != SQ_REQUEST_MASS_STATUS || !x->config.no_mass_status)
        return false;
    struct sq_mass_done *done = &fix_exchange_pend(x, SQ_MASS_DONE)->mass_done;
    done->conn = x->conn;
    done->proven = fix_exchange_proven(x);
    return true;
}

/* True: the request is settled. False: the session cannot take it yet. */
static bool give_number(struct fix_exchange *x, struct fix_request *r)
{
    const char *why = too_late(x, r);
    if (why != NULL) {
        refuse(x, r, why);
        return true;
    }
    if (answer_for_venue(x, r))
        return true;
    name_mass_request(x, r);
    uint32_t number = 0;
    enum fix_send result =
        fix_orders_send(&x->session, x->now_us, (enum sq_kind)r->kind, &r->order, &number);
    if (result == FIX_NO_ROOM || result == FIX_NO_NUMBER || result == FIX_RESENDING)
        return false;
    if (result == FIX_SENT)
        numbered(x, r, number);
    else
        refuse(x, r, fix_send_name(result));
    return true;
}

static bool settle_first(struct fix_exchange *x, struct fix_request_queue *q)
{
    if (q->count == 0 || !give_number(x, &q->slot[q->first]))
        return false;
    pop(q);
    return true;
}

bool fix_requests_step(struct fix_exchange *x)
{
    if (x->orders.count > 0)
        return settle_first(x, &x->orders);
    return (fix_exchange_proven(x) || !x->up) && settle_first(x, &x->questions);
}

int64_t fix_requests_deadline(const struct fix_exchange *x)
{
    const struct fix_request *r = &x->orders.slot[x->orders.first];
    return x->orders.count > 0 && r->kind == SQ_REQUEST_NEW ? r->order.send_before : INT64_MAX;
}
