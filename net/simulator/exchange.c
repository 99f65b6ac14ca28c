/*
 * The frame of the exchange: its connections and FIX sessions, checkpoints and time. How it is opened:
 * net/simulator/opening.c.
 *
 * Each call does the same three things: lets the sessions take what came, lets requests that have
 * arrived act, and sends what can be sent. Members never see the inside of an action half done.
 */
#include "net/simulator/exchange_state.h"

#include <string.h>

int32_t sim_owner_named(const struct exchange *x, const char *comp_id)
{
    for (int32_t i = 0; i < x->state->owners; i++)
        if (strcmp(x->state->owner[i].comp_id, comp_id) == 0)
            return i;
    return SIM_NONE;
}

/* Callers may bring times out of order by a little (two clocks); the exchange's own never goes back. */
static void set_time(struct exchange *x, int64_t now_us)
{
    if (now_us > x->now_us)
        x->now_us = now_us;
}

/* ---- Connections ---- */

int exchange_connect(struct exchange *x, int64_t now_us)
{
    set_time(x, now_us);
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++) {
        struct sim_connection *c = &x->connection[i];
        if (c->open)
            continue;
        *c = (struct sim_connection){.open = true, .link = -1, .since_us = x->now_us};
        return i;
    }
    return -1;
}

/* The session has no connection any more; its numbers are kept. */
static void detach(struct exchange *x, struct sim_link *link)
{
    struct sim_owner *owner = &x->state->owner[link->owner];
    fix_session_disconnect(&link->fix);
    owner->next_in = link->fix.next_in;
    owner->next_out = link->fix.next_out;
    x->connection[link->connection].link = -1;
    x->connection[link->connection].closing = true;
    link->connection = -1;
    sim_rates_forget(x, link);
}

void sim_cut(struct exchange *x, struct sim_link *link, const char *event, const char *why)
{
    if (link->connection < 0)
        return;
    sim_log_session(x, event, x->state->owner[link->owner].comp_id, why);
    detach(x, link);
}

void exchange_disconnect(struct exchange *x, int connection, int64_t now_us)
{
    struct sim_connection *c = &x->connection[connection];
    set_time(x, now_us);
    if (c->open && c->link >= 0)
        sim_cut(x, &x->link[c->link], "disconnect", "transport closed");
    c->open = false;
}

/* Not a byte is sent: a stranger learns nothing, and a second sender nothing either (FIX case 1S). */
static void refuse(struct exchange *x, struct sim_connection *c, const char *comp_id,
                   const char *why)
{
    sim_log_session(x, "refuse", comp_id, why);
    c->closing = true;
}

/* Gives the connection to the session that its first message names. */
static void attach(struct exchange *x, int connection)
{
    struct sim_connection *c = &x->connection[connection];
    char comp_id[SIM_COMP_ID] = "";
    fix_text(fix_get(&x->view, FIX_SENDER_COMP_ID), comp_id, sizeof comp_id);
    int32_t owner = sim_owner_named(x, comp_id);
    if (owner == SIM_NONE || owner >= x->config.sessions) {
        refuse(x, c, comp_id, "no such session");
        return;
    }
    struct sim_link *link = &x->link[owner];
    if (link->connection >= 0) {
        refuse(x, c, comp_id, "session is live on another connection");
        return;
    }
    const struct sim_owner *o = &x->state->owner[owner];
    link->connection = connection;
    c->link = owner;
    fix_session_numbers(&link->fix, o->next_in, o->next_out, UINT32_MAX);
    fix_session_connect(&link->fix, x->now_us);
    fix_session_receive(&link->fix, c->bytes, c->length);
}

/* The bytes before a session is known: one whole message, which must fit. */
static size_t first_message(struct exchange *x, int connection, const char *bytes, size_t n)
{
    struct sim_connection *c = &x->connection[connection];
    size_t room = sizeof c->bytes - c->length, size;
    size_t taken = n < room ? n : room;
    memcpy(c->bytes + c->length, bytes, taken);
    c->length += taken;
    enum fix_status status = fix_parse(&x->view, c->bytes, c->length, &size);
    if (status == FIX_OK)
        attach(x, connection);
    else if (status != FIX_NEED_MORE || c->length == sizeof c->bytes)
        refuse(x, c, "", "first message is no FIX 4.4 logon");
    return taken;
}

static void log_event(struct exchange *x, const struct sim_link *link, const char *name,
                      const struct fix_event *event)
{
    struct sim_log log;
    sim_log_begin(x, &log, name);
    sim_line_text(&log.line, "session", x->state->owner[link->owner].comp_id);
    sim_line_int(&log.line, "number", event->number);
    sim_line_text(&log.line, "why", event->text);
    sim_log_end(x, &log);
}

/* With ResetSeqNumFlag what was sent before has lost its numbers: it cannot be asked for again. */
static void logged_on(struct exchange *x, struct sim_link *link, const struct fix_event *event)
{
    bool reset = fix_equals(fix_get(event->view, FIX_RESET_SEQ_NUM_FLAG), "Y");
    log_event(x, link, "logon", event);
    if (reset)
        sim_report_reset(x, link->owner);
}

/* What a session tells. Its own affairs (gaps, probes) it settles alone. */
static void on_event(struct exchange *x, struct sim_link *link, const struct fix_event *event)
{
    switch (event->kind) {
    case FIX_EVENT_LOGGED_ON: logged_on(x, link, event); break;
    case FIX_EVENT_MESSAGE: sim_request_take(x, link, event); break;
    case FIX_EVENT_LOGGED_OUT: log_event(x, link, "logout", event); break;
    case FIX_EVENT_OUT_GAP: log_event(x, link, "resend", event); break;
    case FIX_EVENT_DISCONNECT:
        log_event(x, link, "disconnect", event);
        x->connection[link->connection].closing = true;
        break;
    case FIX_EVENT_OUT_GAP_CLOSED:
    case FIX_EVENT_IN_GAP_CLOSED:
    case FIX_EVENT_PROBED:
    case FIX_EVENT_RESERVE: break;
    default: log_event(x, link, fix_event_name(event->kind), event);
    }
}

/* The connection can go away in the middle: an action may cut its own session. */
static void poll_link(struct exchange *x, struct sim_link *link)
{
    struct fix_event event;
    while (link->connection >= 0 && fix_session_poll(&link->fix, x->now_us, &event))
        on_event(x, link, &event);
}

/* Reports first: an answer to an order must not wait behind rates. */
void sim_flush(struct exchange *x)
{
    for (int i = 0; i < x->config.sessions; i++) {
        struct sim_link *link = &x->link[i];
        if (link->connection < 0 || link->fix.state != FIX_ACTIVE)
            continue;
        sim_report_send(x, link);
        if (link->rates && link->connection >= 0)
            sim_rates_send(x, link);
    }
}

/* Requests that have arrived, then everything that can be sent. */
static void settle(struct exchange *x)
{
    struct sim_request request;
    while (sim_request_pop(x, &request))
        sim_order_handle(x, &request);
    sim_flush(x);
}

size_t exchange_input(struct exchange *x, int connection, const char *bytes, size_t n,
                      int64_t now_us)
{
    struct sim_connection *c = &x->connection[connection];
    set_time(x, now_us);
    if (!c->open || c->closing)
        return n; /* whatever it still says is not read */
    size_t taken = c->link < 0 ? first_message(x, connection, bytes, n)
                               : fix_session_receive(&x->link[c->link].fix, bytes, n);
    if (c->link >= 0)
        poll_link(x, &x->link[c->link]);
    settle(x);
    return taken;
}

const char *exchange_output(const struct exchange *x, int connection, size_t *n)
{
    const struct sim_connection *c = &x->connection[connection];
    *n = 0;
    return c->link < 0 ? "" : fix_session_output(&x->link[c->link].fix, n);
}

void exchange_written(struct exchange *x, int connection, size_t k, int64_t now_us)
{
    const struct sim_connection *c = &x->connection[connection];
    set_time(x, now_us);
    if (c->link < 0)
        return;
    fix_session_written(&x->link[c->link].fix, k);
    poll_link(x, &x->link[c->link]);
    sim_flush(x);
}

bool exchange_closing(const struct exchange *x, int connection)
{
    return x->connection[connection].closing;
}

/* ---- Checkpoints ---- */

/* A live session's numbers are in the session; a checkpoint has to have them too. */
static void save(struct exchange *x)
{
    for (int i = 0; i < x->config.sessions; i++) {
        if (x->link[i].connection < 0)
            continue;
        x->state->owner[i].next_in = x->link[i].fix.next_in;
        x->state->owner[i].next_out = x->link[i].fix.next_out;
    }
    struct sim_log log;
    sim_log_begin(x, &log, "checkpoint");
    sim_log_end(x, &log);
    x->state->log_lines = x->log_lines;
    memcpy(x->saved, x->state, x->region_size);
    x->has_checkpoint = true;
    x->checkpoint_us = x->now_us;
}

static void save_when_due(struct exchange *x)
{
    int64_t every_us = x->faults.value[SIM_FAULT_CHECKPOINT_MS] * 1000;
    bool due = !x->has_checkpoint || x->now_us >= x->checkpoint_us + every_us;
    if (x->saved != NULL && every_us > 0 && due)
        save(x);
}

/* Counts of violations are of what really happened: they do not fall back. */
static void restore(struct exchange *x)
{
    struct sim_account before = x->state->account;
    memcpy(x->state, x->saved, x->region_size);
    struct sim_account *a = &x->state->account;
    a->alarms = before.alarms;
    a->excused = before.excused;
    a->overworked = before.overworked;
    for (int32_t i = 0; i < a->count; i++)
        a->holding[i].disturbed_us = x->now_us;
}

bool exchange_lose_tail(struct exchange *x, int64_t now_us)
{
    set_time(x, now_us);
    if (!x->has_checkpoint)
        return false;
    for (int i = 0; i < x->config.sessions; i++)
        sim_cut(x, &x->link[i], "disconnect", "exchange restarts");
    restore(x);
    x->requests = 0;
    x->count.run++;
    struct sim_log log;
    sim_log_begin(x, &log, "rollback");
    sim_line_int(&log.line, "keep", (int64_t)x->state->log_lines);
    sim_line_int(&log.line, "run", (int64_t)x->count.run);
    sim_log_end(x, &log);
    return true;
}

/* ---- Time ---- */

/* A connection without a logon holds a place that a member may need. */
static void refuse_silent(struct exchange *x)
{
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++) {
        struct sim_connection *c = &x->connection[i];
        if (c->open && !c->closing && c->link < 0 && x->now_us >= c->since_us + 10000000)
            refuse(x, c, "", "no logon in time");
    }
}

/* Orders see each tick before the subscribers do: what it fills is gone from the told quantity. */
static void move_market(struct exchange *x)
{
    for (int due = sim_market_due(&x->market, x->now_us); due > 0; due--) {
        int32_t contract = sim_market_tick(&x->market, x->now_us);
        if (contract == SIM_NONE)
            continue;
        sim_order_tick(x, contract);
        sim_rates_publish(x, contract);
    }
}

void exchange_tick(struct exchange *x, int64_t now_us)
{
    set_time(x, now_us);
    save_when_due(x);
    refuse_silent(x);
    for (int i = 0; i < x->config.sessions; i++)
        poll_link(x, &x->link[i]);
    move_market(x);
    settle(x);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* The earliest of what waits: market, requests, checkpoint, sessions, silent connections. */
int64_t exchange_deadline(const struct exchange *x)
{
    int64_t at = earlier(sim_market_deadline(&x->market), sim_rates_deadline(x));
    if (x->requests > 0)
        at = earlier(at, x->request[0].due_us);
    if (x->saved != NULL && x->faults.value[SIM_FAULT_CHECKPOINT_MS] > 0)
        at = earlier(at, x->checkpoint_us + x->faults.value[SIM_FAULT_CHECKPOINT_MS] * 1000);
    for (int i = 0; i < x->config.sessions; i++)
        if (x->link[i].connection >= 0)
            at = earlier(at, fix_session_deadline(&x->link[i].fix));
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
        if (x->connection[i].open && !x->connection[i].closing && x->connection[i].link < 0)
            at = earlier(at, x->connection[i].since_us + 10000000);
    return at;
}

/* ---- For tests, simulation and the control line ---- */

void exchange_replay(struct exchange *x, int32_t contract, const struct sim_tick *ticks, int count,
                     int64_t now_us)
{
    sim_market_replay(&x->market, contract, ticks, count, now_us);
}

int64_t exchange_net(const struct exchange *x, const char *client, int segment, uint32_t token,
                     int product)
{
    int32_t contract = sim_day_find(x->day, segment, token);
    int32_t h = sim_account_find(&x->state->account, client, contract, product, false);
    return h == SIM_NONE ? 0 : x->state->account.holding[h].net;
}

struct exchange_counts exchange_counts(const struct exchange *x)
{
    struct exchange_counts c = x->count;
    c.alarms = x->state->account.alarms;
    c.excused = x->state->account.excused;
    c.overworked = x->state->account.overworked;
    return c;
}

const struct sim_account *exchange_account(const struct exchange *x)
{
    return &x->state->account;
}

const struct sim_market *exchange_market(const struct exchange *x)
{
    return &x->market;
}

const struct sim_faults *exchange_faults(const struct exchange *x)
{
    return &x->faults;
}

void exchange_set_fault(struct exchange *x, enum sim_fault fault, int64_t value)
{
    int64_t most = sim_fault_most(fault);
    x->faults.value[fault] = value < 0 ? 0 : value > most ? most : value;
}

bool exchange_kick(struct exchange *x, const char *comp_id, int64_t now_us)
{
    set_time(x, now_us);
    int32_t owner = sim_owner_named(x, comp_id);
    if (owner == SIM_NONE || owner >= x->config.sessions || x->link[owner].connection < 0)
        return false;
    sim_cut(x, &x->link[owner], "kick", "by hand");
    return true;
}
