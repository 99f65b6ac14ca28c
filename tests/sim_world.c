#include "tests/sim_world.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "db/store_memory.h"

#define X(tail, name) name,
const char *const world_fault_names[WORLD_FAULT_COUNT] = {WORLD_FAULT_MAP(X)};
#undef X

/* ---- chance ------------------------------------------------------------------------------------ */

uint64_t chance(struct world *w) /* splitmix64 */
{
    uint64_t z = w->chance += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t below(struct world *w, uint64_t bound)
{
    return bound ? chance(w) % bound : 0;
}

bool strikes(struct world *w, enum world_fault fault)
{
    if (w->healed || below(w, 1000000) >= w->weight[fault])
        return false;
    w->happened[fault]++;
    return true;
}

void broken(struct world *w, const char *invariant, const char *format, ...)
{
    va_list args;
    if (w->broken)
        return;
    w->broken = invariant;
    va_start(args, format);
    vsnprintf(w->detail, sizeof w->detail, format, args);
    va_end(args);
}

void trace(const struct world *w, const char *format, ...)
{
    va_list args;
    char clock[40];
    if (!w->trace)
        return;
    sq_print_clock(w->now, true, clock);
    printf("%s ", clock);
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    putchar('\n');
}

const struct sq_tables *tables(const struct world *w)
{
    return sq_engine_tables(sq_host_engine(w->host));
}

/* ---- our process -------------------------------------------------------------------------------- */

static struct world *of_port(struct sq_exchange_port *port)
{
    return (struct world *)(void *)((char *)port - offsetof(struct world, port));
}

static void answer_quote(struct world *w, const struct sq_key *key)
{
    struct sq_message m = {.kind = SQ_QUOTE};
    m.as.quote.exchange = key->exchange;
    m.as.quote.token = key->token;
    world_quote(w, (enum sq_exchange)key->exchange, key->token, &m.as.quote.quote);
    sq_host_submit(w->host, &m);
}

static void port_send(struct sq_exchange_port *port, const struct sq_message *request)
{
    struct world *w = of_port(port);
    check_request(w, request);
    if (request->kind == SQ_REQUEST_QUOTE)
        answer_quote(w, &request->as.request.key);
    else
        w->link->port.ops->send(&w->link->port, request);
}
static const struct sq_exchange_ops port_ops = {port_send};

static void heard(struct sq_listener *listener, const struct sq_message *event)
{
    struct world *w = (struct world *)(void *)((char *)listener - offsetof(struct world, listener));
    char line[SQ_LINE_MAX];
    if (w->trace) {
        sq_line((enum sq_kind)event->kind, &event->as, line, sizeof line);
        trace(w, "< %s", line);
    }
    check_event(w, event);
}

static bool link_submit(void *owner, const struct sq_message *input)
{
    struct world *w = owner;
    return sq_host_submit(w->host, input);
}

static void link_log(void *owner, const char *line)
{
    trace(owner, "   link: %s", line);
}

/* A process begins with zeroed memory; what it knows comes from the store. */
static void new_host(struct world *w)
{
    size_t size = sq_host_size(&w->config);
    if (w->host_memory)
        munmap(w->host_memory, size);
    w->host_memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    SQ_ASSERT(w->host_memory != MAP_FAILED);
    w->host = sq_host_init(w->host_memory, &w->config, w->store, &w->port, NULL);
}

void world_start(struct world *w)
{
    char why[SQ_TEXT_SIZE * 2] = "";
    new_host(w);
    enum sq_err e = sq_host_recover(w->host, why, sizeof why);
    if (e != SQ_ERR_OK) {
        broken(w, "I8 recovery", "%s: %s", sq_strerror(e), why);
        return;
    }
    struct fix_exchange_config config = {
        .heartbeat_s = 10, .tables = tables(w), .submit = link_submit, .log = link_log, .owner = w};
    snprintf(config.target_comp_id, sizeof config.target_comp_id, "SQXCHG");
    fix_exchange_init(w->link, &config);
    sq_host_listen(w->host, &w->link->listener);
    sq_host_listen(w->host, &w->listener);
    w->crashed = false;
}

void world_crash(struct world *w, const char *when)
{
    trace(w, "-- crash %s", when);
    w->crashed = true;
    if (w->connection >= 0) {
        /* What was written may still arrive; what was not is gone. */
        exchange_input(w->exchange, w->connection, w->to_exchange.bytes + w->to_exchange.first,
                       below(w, w->to_exchange.count + 1), w->now);
        exchange_disconnect(w->exchange, w->connection, w->now);
    }
    w->connection = -1;
    world_pipe_clear(&w->to_exchange);
    world_pipe_clear(&w->from_exchange);
    store_memory_crash(w->journal);
    w->restart_at = w->now + (sq_time)below(w, 20 * SQ_SECOND);
}

static void restart(struct world *w)
{
    trace(w, "-- restart");
    world_start(w);
    w->fresh = true;
    if (!w->broken)
        check_recovered(w);
    if (!w->broken)
        fix_exchange_start(w->link, &tables(w)->book);
}

/* ---- a turn ------------------------------------------------------------------------------------- */

void world_note_durable(struct world *w)
{
    w->durable_seq = sq_engine_seq(sq_host_engine(w->host));
    w->durable_digest = sq_engine_digest(sq_host_engine(w->host));
}

static void plan_commit_fault(struct world *w)
{
    if (strikes(w, WORLD_COMMIT_KEPT))
        store_memory_fail(w->journal, 1, SQ_ERR_IO, true);
    else if (strikes(w, WORLD_COMMIT_LOST))
        store_memory_fail(w->journal, 1, SQ_ERR_IO, false);
    else if (strikes(w, WORLD_DISK_FULL))
        store_memory_fail(w->journal, 1, SQ_ERR_DISK_FULL, false);
}

/* Commits the turn; false: our process is gone. */
static bool commit(struct world *w, const struct sq_turn *turn)
{
    plan_commit_fault(w);
    for (;;) {
        enum sq_err e = w->store->ops->commit(w->store, turn);
        if (w->store->ops->last_seq(w->store) == sq_engine_seq(sq_host_engine(w->host)))
            world_note_durable(w);
        if (e == SQ_ERR_CONFLICT) { /* the last line of defence should never have to hold */
            broken(w, "I4 one chain", "the store refused: %s", w->store->ops->why(w->store));
            return false;
        }
        if (e == SQ_ERR_OK && strikes(w, WORLD_CRASH_AFTER_COMMIT)) {
            world_crash(w, "after commit");
            return false;
        }
        w->held = e == SQ_ERR_OK && w->holds && w->holds(w);
        if (w->held)
            return false;
        if (!sq_host_done(w->host, e))
            break;
    }
    if (sq_host_mode(w->host) == SQ_HOST_STOPPED) {
        world_crash(w, "by a failed commit");
        return false;
    }
    return true;
}

static bool turn(struct world *w)
{
    struct sq_turn t;
    if (sq_host_deadline(w->host) > w->now)
        return false;
    bool dies = strikes(w, WORLD_CRASH_BEFORE_COMMIT);
    if (!sq_host_gather(w->host, w->now, &t))
        return false;
    w->steps += t.input_count;
    check_growth(w, &t);
    for (size_t i = 0; w->trace && i < t.input_count; i++) {
        char line[SQ_LINE_MAX];
        sq_line((enum sq_kind)t.inputs[i].kind, &t.inputs[i].as, line, sizeof line);
        trace(w, "# %llu %s", (unsigned long long)t.inputs[i].seq, line);
    }
    if (w->fresh && t.inputs[0].kind != SQ_RESTARTED)
        broken(w, "I8 recovery", "something ran before RESTARTED");
    w->fresh = false;
    if (dies) {
        world_crash(w, "before commit");
        return false;
    }
    if (!commit(w, &t))
        return false;
    check_step(w);
    return true;
}

static bool pump_once(struct world *w)
{
    bool moved = false;
    link_connect(w);
    moved |= link_to_exchange(w);
    exchange_tick(w->exchange, w->now);
    moved |= link_take_exchange(w);
    moved |= link_from_exchange(w);
    if (w->crashed)
        return moved;
    fix_exchange_poll(w->link, w->now);
    if (turn(w))
        moved = true;
    if (w->crashed)
        return true;
    fix_exchange_poll(w->link, w->now);
    moved |= link_take_ours(w);
    return moved;
}

void world_pump(struct world *w)
{
    for (int i = 0; i < 10000 && !w->broken; i++)
        if (!pump_once(w))
            return;
    broken(w, "I16 bounded", "the world does not come to rest");
}

/* ---- time --------------------------------------------------------------------------------------- */

static sq_time sooner(sq_time a, sq_time b)
{
    return a < b ? a : b;
}

sq_time world_next_time(const struct world *w, sq_time most)
{
    if (w->connection < 0 && w->connect_at > w->now)
        most = sooner(most, w->connect_at);
    sq_time next = sooner(most, exchange_deadline(w->exchange));
    if (w->to_exchange.count > 0 && w->connection >= 0)
        next = sooner(next, w->to_exchange.arrives_us);
    if (w->from_exchange.count > 0)
        next = sooner(next, w->from_exchange.arrives_us);
    if (w->crashed)
        return sooner(next, w->restart_at);
    next = sooner(next, sq_host_deadline(w->host));
    return sooner(next, fix_exchange_deadline(w->link));
}

static void advance(struct world *w, sq_time until)
{
    while (w->now < until && !w->broken) {
        sq_time next = world_next_time(w, until);
        w->now = next > w->now ? next : w->now + 1;
        if (w->crashed && w->now >= w->restart_at)
            restart(w);
        if (!w->broken)
            world_pump(w);
    }
}

void world_misfortune(struct world *w)
{
    if (strikes(w, WORLD_CUT))
        world_cut(w, "simulated");
    if (strikes(w, WORLD_STALL))
        w->stalled_until = w->now + (sq_time)below(w, 20 * SQ_SECOND);
    if (strikes(w, WORLD_FEED_DEAD))
        w->feed_dead_until = w->now + (sq_time)below(w, 30 * SQ_SECOND);
    if (strikes(w, WORLD_CLOCK_JUMP))
        w->now += (sq_time)below(w, 120 * SQ_SECOND);
    if (strikes(w, WORLD_EXCHANGE_TAIL) && exchange_lose_tail(w->exchange, w->now)) {
        trace(w, "-- the exchange lost its tail");
        memset(w->disturbed, 1, w->config.positions);
    }
    if (strikes(w, WORLD_EXPIRE))
        act_expire(w);
    if (!w->crashed && strikes(w, WORLD_CRASH_ANY)) {
        world_note_durable(w);
        world_crash(w, "at rest");
    }
}

/* ---- life --------------------------------------------------------------------------------------- */

static void draw_weights(struct world *w)
{
    static const uint32_t most[WORLD_FAULT_COUNT] = {
        [WORLD_CRASH_BEFORE_COMMIT] = 3000,
        [WORLD_CRASH_AFTER_COMMIT] = 3000,
        [WORLD_CRASH_ANY] = 20000,
        [WORLD_COMMIT_KEPT] = 800,
        [WORLD_COMMIT_LOST] = 800,
        [WORLD_DISK_FULL] = 300,
        [WORLD_CUT] = 30000,
        [WORLD_STALL] = 30000,
        [WORLD_FEED_DEAD] = 30000,
        [WORLD_CLOCK_JUMP] = 20000,
        [WORLD_DOUBLE_PRESS] = 200000,
        [WORLD_SECOND_DEALER] = 300000,
        [WORLD_BULK] = 200000,
        [WORLD_PARTIAL_CLOSE] = 200000,
        [WORLD_CANCEL] = 200000,
        [WORLD_HALT] = 30000,
        [WORLD_SETTLE] = 300000,
        [WORLD_APPROVE] = 300000,
        [WORLD_EXCHANGE_TAIL] = 10000,
        [WORLD_EXPIRE] = 50000,
        [WORLD_WRONG_WORD] = 300000,
    };
    for (int f = 0; f < WORLD_FAULT_COUNT; f++) /* swarm: some faults never, some often */
        w->weight[f] = below(w, 3) ? (uint32_t)below(w, most[f] + 1) : 0;
}

static void draw_exchange_faults(struct world *w, struct exchange_config *c)
{
    static const int64_t most[SIM_FAULT_COUNT] = {
        [SIM_FAULT_LATENCY_MS] = 400,    [SIM_FAULT_JITTER_MS] = 200,
        [SIM_FAULT_REJECT] = 50000,      [SIM_FAULT_PARTIAL] = 500000,
        [SIM_FAULT_PENDING] = 300000,    [SIM_FAULT_LATE_FILL] = 20000,
        [SIM_FAULT_LATE_FILL_MS] = 3000, [SIM_FAULT_CANCEL_REJECT] = 200000,
        [SIM_FAULT_UNSOLICITED] = 20000, [SIM_FAULT_DROP_ANSWER] = 50000,
        [SIM_FAULT_DROP_ORDER] = 30000,  [SIM_FAULT_DROP_CANCEL] = 50000,
        [SIM_FAULT_FORGET] = 300000,     [SIM_FAULT_DUPLICATE] = 100000,
        [SIM_FAULT_KICK] = 10000,        [SIM_FAULT_LOSE] = 10000,
        [SIM_FAULT_RESET] = 5000,
    };
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        c->fault[f] = below(w, 2) ? (int64_t)below(w, (uint64_t)most[f] + 1) : 0;
    c->fault[SIM_FAULT_CHECKPOINT_MS] = 30000;
}

static void open_exchange(struct world *w)
{
    struct exchange_config c;
    char why[SIM_WHY] = "";
    exchange_defaults(&c);
    c.seed = chance(w);
    snprintf(c.comp_id, sizeof c.comp_id, "SQXCHG");
    snprintf(c.session[0].comp_id, sizeof c.session[0].comp_id, "SQSIM");
    c.sessions = 1;
    c.market.ticks_per_s = 8;
    if (below(w, 2)) { /* a thin market: orders rest, fill in parts, are re-priced */
        c.market.depth_rupees = 1;
        c.market.depth_lots = 1 + (int64_t)below(w, 12);
    }
    c.max_orders = (int32_t)w->config.orders;
    c.max_reports = (int32_t)w->config.orders;
    c.max_requests = 1024;
    c.max_positions = (int32_t)w->config.positions;
    draw_exchange_faults(w, &c);
    free(w->exchange_memory);
    w->exchange_memory = aligned_alloc(16, (exchange_size(&c, &w->day) + 15) & ~(size_t)15);
    w->exchange = exchange_init(w->exchange_memory, &c, &w->day, w->now, why);
    if (!w->exchange)
        broken(w, "set-up", "%s", why);
}

static void small_config(struct sq_config *c)
{
    sq_config_default(c);
    c->instruments = 16;
    c->clients = 8;
    c->people = 8;
    c->hours = 8;
    c->positions = 64;
    c->orders = 4096;
    c->closes = 2048;
    c->fills = 8192;
    c->intents = 4096;
    c->reprice_after_ms = 4000;
    c->hold_after_ms = 20000;
    c->approval_life_ms = 30000;
}

static void load_day(struct world *w)
{
    static struct sq_message rows[512];
    size_t count = 0;
    day_make(w, rows, sizeof rows / sizeof *rows, &count);
    if (sq_host_run(w->host, w->now) != SQ_ERR_OK ||
        sq_host_load(w->host, rows, count, w->now) != SQ_ERR_OK)
        broken(w, "set-up", "the day was not loaded");
    world_note_durable(w);
}

struct world *world_create(void)
{
    struct world *w = calloc(1, sizeof *w);
    SQ_ASSERT(w != NULL);
    w->port.ops = &port_ops;
    w->listener.event = heard;
    w->link = malloc(sizeof *w->link);
    w->to_exchange.bytes = malloc(PIPE_BYTES);
    w->from_exchange.bytes = malloc(PIPE_BYTES);
    SQ_ASSERT(w->link && w->to_exchange.bytes && w->from_exchange.bytes);
    small_config(&w->config);
    w->disturbed = calloc(w->config.positions, sizeof *w->disturbed);
    w->filled_before = calloc(w->config.positions, sizeof *w->filled_before);
    SQ_ASSERT(w->disturbed != NULL && w->filled_before != NULL);
    return w;
}

static void forget(struct world *w)
{
    if (w->store)
        w->store->ops->destroy(w->store);
    sim_day_finish(&w->day);
    memset(&w->day, 0, sizeof w->day);
    memset(w->disturbed, 0, w->config.positions);
    memset(w->filled_before, 0, w->config.positions * sizeof *w->filled_before);
    w->epoch_told = 0;
    world_pipe_clear(&w->to_exchange);
    world_pipe_clear(&w->from_exchange);
    w->connection = -1;
    w->pressed_count = 0;
    w->next_id = w->bulk = 0;
    w->healed = w->crashed = false;
    w->book_lost = 0;
    w->live = 0;
    w->broken = NULL;
    w->stalled_until = w->feed_dead_until = w->connect_at = 0;
}

void world_reset(struct world *w, uint64_t seed)
{
    forget(w);
    w->seed = seed;
    w->chance = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    w->now = sq_midnight(20261126) + 10 * 3600 * SQ_SECOND;
    draw_weights(w);
    w->narrow_band = below(w, 6) == 0;
    w->delay_us = (int64_t)below(w, 200 * SQ_MS);
    w->journal = w->store = store_memory_create();
    SQ_ASSERT(w->store != NULL);
    w->epoch = 1;
    world_start(w);
    load_day(w);
    open_exchange(w);
    if (!w->broken)
        fix_exchange_start(w->link, &tables(w)->book);
    w->end = w->now + 60 * SQ_SECOND + (sq_time)below(w, 600 * SQ_SECOND);
}

void world_heal(struct world *w)
{
    w->healed = true;
    w->stalled_until = w->feed_dead_until = 0;
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        exchange_set_fault(w->exchange, (enum sim_fault)f, 0);
    trace(w, "-- healed");
}

/* The last fills are on their way for as long as the market trades: two accounts can be compared
 * only when nothing moves any more. */
static void fall_silent(struct world *w)
{
    char answer[256];
    exchange_command(w->exchange, "halt NFO on", w->now, answer, sizeof answer);
    exchange_command(w->exchange, "halt NSE on", w->now, answer, sizeof answer);
    advance(w, w->now + 10 * SQ_SECOND);
}

bool world_run(struct world *w)
{
    while (w->now < w->end && !w->broken) {
        act(w);
        world_misfortune(w);
        advance(w, w->now + (sq_time)below(w, 8 * SQ_SECOND) + 1);
    }
    world_heal(w);
    sq_time until = w->now + 300 * SQ_SECOND;
    while (w->now < until && !w->broken) {
        act_heal(w);
        advance(w, w->now + 5 * SQ_SECOND);
    }
    fall_silent(w);
    if (!w->broken)
        check_quiet(w);
    return w->broken == NULL;
}

void world_destroy(struct world *w)
{
    forget(w);
    munmap(w->host_memory, sq_host_size(&w->config));
    free(w->exchange_memory);
    free(w->to_exchange.bytes);
    free(w->from_exchange.bytes);
    free(w->disturbed);
    free(w->filled_before);
    free(w->link);
    free(w);
}
