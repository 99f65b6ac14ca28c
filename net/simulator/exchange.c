/*
 * The frame of the exchange: its memory, its connections and FIX sessions, checkpoints and time.
 *
 * Each call does the same three things: lets the sessions take what came, lets requests that have
 * arrived act, and sends what can be sent. Members never see the inside of an action half done.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>

/* ---- Opening ---- */

void exchange_defaults(struct exchange_config *config)
{
    *config = (struct exchange_config){
        .comp_id = "SQXCHG",
        .seed = 1,
        .market = sim_market_defaults,
        .grace_ms = 2000,
        .max_orders = 32768,
        .max_reports = 65536,
        .max_requests = 4096,
        .max_positions = 8192,
    };
    config->fault[SIM_FAULT_LATE_FILL_MS] = 300;
}

/* What a lost tail takes back lies together: it is saved and restored by one copy. */
static void lay_out_state(struct sim_memory *memory, struct exchange *x,
                          const struct exchange_config *config, const struct sim_day *day)
{
    size_t from = memory->used;
    struct sim_state counted = {0};
    x->state = sim_memory_take(memory, 1, sizeof *x->state);
    struct sim_state *s = x->state != NULL ? x->state : &counted;
    memset(s, 0, sizeof *s);
    sim_account_layout(&s->account, config->max_positions, memory);
    sim_book_layout(&s->book, day->contracts, config->max_orders, memory);
    s->report_room = config->max_reports;
    s->report = sim_memory_take(memory, (size_t)config->max_reports, sizeof *s->report);
    x->region_size = memory->used - from;
    if (config->fault[SIM_FAULT_CHECKPOINT_MS] > 0)
        x->saved = sim_memory_take(memory, x->region_size, 1);
}

/* The places of everything in one block, behind the exchange itself. */
static void lay_out(struct sim_memory *memory, struct exchange *x,
                    const struct exchange_config *config, const struct sim_day *day)
{
    size_t contracts = (size_t)day->contracts, sessions = (size_t)config->sessions;
    memset(x, 0, sizeof *x);
    x->link = sim_memory_take(memory, sessions, sizeof *x->link);
    for (size_t i = 0; i < sessions; i++) {
        uint8_t *wanted = sim_memory_take(memory, contracts, 1);
        uint8_t *stale = sim_memory_take(memory, contracts, 1);
        if (x->link != NULL)
            x->link[i] = (struct sim_link){.wanted = wanted, .stale = stale};
    }
    x->published = sim_memory_take(memory, contracts, sizeof *x->published);
    x->watched = sim_memory_take(memory, contracts, 1);
    x->request = sim_memory_take(memory, (size_t)config->max_requests, sizeof *x->request);
    sim_market_layout(&x->market, day, memory);
    lay_out_state(memory, x, config, day);
}

size_t exchange_size(const struct exchange_config *config, const struct sim_day *day)
{
    struct sim_memory count = {0};
    struct exchange counted;
    sim_memory_take(&count, 1, sizeof counted);
    lay_out(&count, &counted, config, day);
    return count.used;
}

static bool ends_with(const char *text, const char *tail)
{
    size_t n = strlen(text), t = strlen(tail);
    return n >= t && strcmp(text + n - t, tail) == 0;
}

static bool in_range(int64_t value, int64_t low, int64_t high)
{
    return value >= low && value <= high;
}

static int check_config(const struct exchange_config *c, const struct sim_day *day,
                        char why[SIM_WHY])
{
    why[0] = '\0';
    if (day->contracts == 0)
        snprintf(why, SIM_WHY, "the day has no contracts");
    else if (!in_range(c->sessions, 1, EXCHANGE_SESSIONS))
        snprintf(why, SIM_WHY, "between 1 and %d sessions are needed", EXCHANGE_SESSIONS);
    else if (c->max_positions < day->positions + 1 || c->max_orders < day->restings + 1)
        snprintf(why, SIM_WHY, "max_positions or max_orders does not hold the day");
    else if (!in_range(c->max_reports, 16, 1 << 22) || !in_range(c->max_requests, 16, 1 << 20))
        snprintf(why, SIM_WHY, "max_reports or max_requests is too small or too large");
    else if (!in_range(c->market.ticks_per_s, 0, 100000))
        snprintf(why, SIM_WHY, "ticks_per_s is not between 0 and 100000");
    for (int i = 0; i < c->sessions && why[0] == '\0'; i++) {
        if (c->session[i].comp_id[0] == '\0' || strcmp(c->session[i].comp_id, c->comp_id) == 0)
            snprintf(why, SIM_WHY, "a session's comp id is empty or the exchange's own");
        for (int j = 0; j < i; j++)
            if (strcmp(c->session[i].comp_id, c->session[j].comp_id) == 0)
                snprintf(why, SIM_WHY, "session %s is given twice", c->session[i].comp_id);
    }
    return why[0] == '\0' ? 0 : -1;
}

static void open_owner(struct exchange *x, const char *comp_id)
{
    struct sim_owner *o = &x->state->owner[x->state->owners++];
    *o = (struct sim_owner){.next_in = 1,
                            .next_out = 1,
                            .first = SIM_NONE,
                            .last = SIM_NONE,
                            .unsent = SIM_NONE,
                            .cursor = SIM_NONE};
    strncpy(o->comp_id, comp_id, sizeof o->comp_id - 1);
}

static void open_link(struct exchange *x, int i)
{
    const struct exchange_session_config *c = &x->config.session[i];
    struct sim_link *link = &x->link[i];
    struct fix_session_config fix = {.role = FIX_ACCEPTOR,
                                     .heartbeat_s = c->heartbeat_s,
                                     .sending_time_window_us = x->config.sending_time_window_us,
                                     .stored = sim_report_stored,
                                     .owner = link};
    link->exchange = x;
    link->owner = i;
    link->connection = -1;
    link->rates = ends_with(c->comp_id, "-MD");
    fix.reset_on_logon = c->reset_on_logon || link->rates;
    memcpy(fix.sender_comp_id, x->config.comp_id, sizeof fix.sender_comp_id);
    memcpy(fix.target_comp_id, c->comp_id, sizeof fix.target_comp_id);
    memset(link->wanted, 0, (size_t)x->day->contracts);
    memset(link->stale, 0, (size_t)x->day->contracts);
    fix_session_init(&link->fix, &fix);
    open_owner(x, c->comp_id);
}

static bool open_foreign_owners(struct exchange *x)
{
    for (int i = 0; i < x->day->restings; i++) {
        if (sim_owner_named(x, x->day->resting[i].sender) != SIM_NONE)
            continue;
        if (x->state->owners == SIM_OWNERS)
            return false;
        open_owner(x, x->day->resting[i].sender);
    }
    return true;
}

static void log_opening(struct exchange *x)
{
    struct sim_log log;
    sim_log_begin(x, &log, "open");
    sim_line_int(&log.line, "run", (int64_t)x->count.run);
    sim_line_int(&log.line, "contracts", x->day->contracts);
    sim_line_int(&log.line, "positions", x->day->positions);
    sim_line_int(&log.line, "seed", (int64_t)x->config.seed);
    sim_log_end(x, &log);
    static const char *const kinds[] = {"EQ", "FUT", "CE", "PE"};
    for (int i = 0; i < x->day->positions; i++) {
        const struct sim_position *p = &x->day->position[i];
        const struct sim_contract *c = &x->day->contract[p->contract];
        sim_log_begin(x, &log, "opening");
        sim_line_text(&log.line, "client", p->client);
        sim_line_text(&log.line, "segment", sim_segment_name(c->segment));
        sim_line_int(&log.line, "token", c->token);
        sim_line_text(&log.line, "symbol", c->symbol);
        sim_line_int(&log.line, "expiry", c->expiry);
        sim_line_price(&log.line, "strike", c->strike, c->price_decimals);
        sim_line_text(&log.line, "kind", kinds[c->kind]);
        sim_line_text(&log.line, "product", sim_product_name(p->product));
        sim_line_int(&log.line, "net", p->net);
        sim_log_end(x, &log);
    }
}

struct exchange *exchange_init(void *block, const struct exchange_config *config,
                               const struct sim_day *day, int64_t now_us, char why[SIM_WHY])
{
    struct sim_memory memory = {.base = block};
    if (check_config(config, day, why) != 0)
        return NULL;
    struct exchange *x = sim_memory_take(&memory, 1, sizeof *x);
    lay_out(&memory, x, config, day);
    x->config = *config;
    x->day = day;
    x->now_us = now_us;
    x->count.run = 1;
    x->checkpoint_us = now_us;
    x->faults.chance = config->seed * 2 + 1;
    memcpy(x->faults.value, config->fault, sizeof x->faults.value);
    fix_view_init(&x->view);
    memset(x->watched, 0, (size_t)day->contracts);
    sim_account_open(&x->state->account, day, config->grace_ms * 1000);
    sim_book_open(&x->state->book, day->contracts);
    sim_market_open(&x->market, &config->market, config->seed, now_us);
    for (int i = 0; i < config->sessions; i++)
        open_link(x, i);
    log_opening(x);
    if (!open_foreign_owners(x) || !sim_order_load(x)) {
        snprintf(why, SIM_WHY, "too many senders of resting orders, or too few max_orders");
        return NULL;
    }
    for (int i = 0; i < day->positions; i++)
        sim_market_watch(&x->market, day->position[i].contract);
    x->market.favoured = x->market.movings;
    return x;
}

void exchange_replay(struct exchange *x, int32_t contract, const struct sim_tick *ticks, int count,
                     int64_t now_us)
{
    sim_market_replay(&x->market, contract, ticks, count, now_us);
}

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
