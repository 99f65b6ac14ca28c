/*
 * Opening the exchange: its defaults and the check of its configuration, the places of everything in
 * the caller's one block of memory, its sessions and what it loads of the day.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>

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
