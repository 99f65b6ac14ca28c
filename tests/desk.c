#include "tests/desk.h"

#include "db/day.h"
#include "db/store_memory.h"

#include <stdlib.h>
#include <string.h>

#define BEGINS (sq_midnight(20261126) + 11 * 3600 * SQ_SECOND) /* 11:00 of the sample day, IST */

static int64_t clock_of(void *owner)
{
    struct desk *d = owner;
    return loop_now(&d->loop);
}

static int open_pair(void *owner, bool market)
{
    struct desk *d = owner;
    (void)market;
    return inproc_open(d->exchange);
}

static void log_line(void *owner, const char *line)
{
    (void)owner;
    if (getenv("SQ_TRACE") != NULL)
        print_message("%s\n", line);
}

static void count_event(struct sq_listener *listener, const struct sq_message *event)
{
    struct desk *d = (struct desk *)(void *)((char *)listener - offsetof(struct desk, counter));
    char line[SQ_LINE_MAX];
    d->refused += event->kind == SQ_REFUSED;
    d->alarms += event->kind == SQ_ALARM;
    d->not_sent += event->kind == SQ_ORDER && event->as.order.state == SQ_ORDER_NOT_SENT;
    if (event->kind == SQ_REFUSED || event->kind == SQ_ALARM) {
        sq_line((enum sq_kind)event->kind, &event->as, line, sizeof line);
        log_line(d, line);
    }
}

/* ---- a desk is opened, closed, and killed ----------------------------------------------------- */

/* Before each turn, so that what comes without a turn (prices) is seen, too. */
static void before_turn(void *owner, sq_time now)
{
    struct desk *d = owner;
    sq_session_here_time(d->session, now);
    if (d->until == NULL || d->reached || !d->until(d))
        return;
    d->reached = true;
    loop_stop(&d->loop);
}

/* What a start of the console does: recover, a session, the links. */
void desk_open(struct desk *d)
{
    char why[200];
    d->host_memory = calloc(1, sq_host_size(&d->config));
    d->session_memory = calloc(1, sq_session_here_size(&d->config));
    d->host = sq_host_init(d->host_memory, &d->config, d->store, NULL, NULL);
    assert_int_equal(sq_host_recover(d->host, why, sizeof why), SQ_ERR_OK);
    d->session = sq_session_here_init(d->session_memory, &d->config, d->host, "SV02");
    assert_non_null(d->session);
    d->counter.event = count_event;
    assert_true(sq_host_listen(d->host, &d->counter));
}

void desk_link(struct desk *d)
{
    struct standalone_config config = {.loop = &d->loop,
                                       .host = d->host,
                                       .store = d->store,
                                       .tables = &d->session->view->tables,
                                       .board = d->session->view->board,
                                       .instruments = d->config.instruments,
                                       .target_comp_id = "SQXCHG",
                                       .open = open_pair,
                                       .before = before_turn,
                                       .log = log_line,
                                       .owner = d};
    d->link = standalone_create(&config);
    assert_non_null(d->link);
}

static void load_day(struct desk *d)
{
    const char *paths[] = {"drill"};
    const struct day_options options = {
        .sender = "SQDRILL", .accepted_by = "SV02", .accepted_why = "sample day"};
    struct day day;
    char why[200];
    assert_int_equal(day_load(&day, &options, paths, 1, why, sizeof why), 0);
    assert_int_equal(sq_host_load(d->host, day.inputs, day.input_count, loop_now(&d->loop)),
                     SQ_ERR_OK);
    day_finish(&day);
}

static void open_exchange(struct desk *d)
{
    struct sim_settings settings;
    char why[SIM_WHY];
    sim_settings_defaults(&settings);
    settings.exchange.seed = 7;
    settings.exchange.fault[SIM_FAULT_CHECKPOINT_MS] = DESK_HOUR_MS;
    d->exchange = inproc_create(&d->loop.uv, &settings, "drill", clock_of, d, why);
    if (d->exchange == NULL)
        fail_msg("%s", why);
}

static void time_over(void *owner)
{
    struct desk *d = owner;
    loop_stop(&d->loop);
}

/* The network as it is in an outage. */
static void poke(void *owner)
{
    struct desk *d = owner;
    if (d->kicks_left-- <= 0)
        return;
    d->kicks += exchange_kick(inproc_exchange(d->exchange), "SQDRILL", loop_now(&d->loop));
    inproc_pump(d->exchange);
    loop_timer_set(&d->poke, loop_now(&d->loop) + DESK_KICK_MS * SQ_MS);
}

static int begin_at(void **state, uint32_t orders_per_second)
{
    struct desk *d = calloc(1, sizeof *d);
    loop_init(&d->loop);
    loop_set_clock(&d->loop, BEGINS);
    sq_config_default(&d->config);
    d->config.orders_per_second = orders_per_second;
    d->config.orders_burst = orders_per_second / 10;
    d->config.unknown_after_ms = 500;
    d->config.ask_every_ms = 100;
    d->store = store_memory_create();
    loop_timer_init(&d->deadline, &d->loop, time_over, d);
    loop_timer_init(&d->poke, &d->loop, poke, d);
    open_exchange(d);
    desk_open(d);
    desk_link(d); /* before there is a book: the links wait for it */
    load_day(d);
    *state = d;
    return 0;
}

int desk_begin(void **state)
{
    return begin_at(state, 5000);
}

/* So slow that a bulk close can be interrupted in its middle. */
int desk_begin_slowly(void **state)
{
    return begin_at(state, 400);
}

/* Our process ends here, as after kill -9: nobody logs out, and what was not durable is gone. */
void desk_kill(struct desk *d)
{
    standalone_stop(d->link);
    while (standalone_driver(d->link)->committing)
        uv_run(&d->loop.uv, UV_RUN_ONCE);
    uv_run(&d->loop.uv, UV_RUN_NOWAIT);
    standalone_free(d->link);
    free(d->host_memory);
    free(d->session_memory);
}

int desk_end(void **state)
{
    struct desk *d = *state;
    desk_kill(d);
    inproc_stop(d->exchange);
    loop_finish(&d->loop);
    inproc_free(d->exchange);
    d->store->ops->destroy(d->store);
    free(d);
    return 0;
}

/* What keeps a desk busy, for whoever reads of a test that did not end. */
static void print_unended(struct desk *d)
{
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(d->host));
    for (uint32_t i = 0; i < t->close_count; i++)
        if (!sq_close_state_is_ended((enum sq_close_state)t->close[i].state))
            print_message("close %lu %s %u %s filled %ld of %ld\n", (unsigned long)t->close[i].no,
                          t->close[i].key.client, t->close[i].key.token,
                          sq_name(SQ_LIST_CLOSE_STATE, t->close[i].state), (long)t->close[i].filled,
                          (long)t->close[i].planned);
    for (uint32_t i = 0; i < t->order_count; i++)
        if (!sq_order_state_is_terminal((enum sq_order_state)t->order[i].state) &&
            t->order[i].origin == SQ_ORIGIN_CLOSE)
            print_message("order %lu %s %u %s %ld of %ld at %ld, cancel %s\n",
                          (unsigned long)t->order[i].no, t->order[i].key.client,
                          t->order[i].key.token, sq_name(SQ_LIST_ORDER_STATE, t->order[i].state),
                          (long)t->order[i].cum, (long)t->order[i].qty, (long)t->order[i].limit,
                          sq_name(SQ_LIST_CANCEL_STATE, t->order[i].cancel_state));
}

/* Runs until the condition holds; false when it does not in that time. */
static bool run_for(struct desk *d, bool (*until)(struct desk *desk), int64_t at_most_s)
{
    d->until = until;
    d->reached = until(d);
    loop_timer_set(&d->deadline, loop_now(&d->loop) + at_most_s * SQ_SECOND);
    if (!d->reached)
        loop_run(&d->loop);
    loop_timer_set(&d->deadline, SQ_NEVER);
    return d->reached;
}

void desk_run_until(struct desk *d, bool (*until)(struct desk *desk), int64_t at_most_s)
{
    if (!run_for(d, until, at_most_s))
        print_unended(d);
    assert_true(d->reached);
}

const struct sq_tables *desk_book(const struct desk *d)
{
    return sq_engine_tables(sq_host_engine(d->host));
}

bool desk_is_ready(struct desk *d)
{
    return desk_book(d)->book.link == SQ_LINK_READY;
}

bool desk_has_prices(struct desk *d)
{
    const struct fix_market *m = standalone_prices(d->link);
    return desk_is_ready(d) && m->up && m->gaps == 0 && m->entries > 0;
}

static void invoke(struct desk *d)
{
    struct sq_message m = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &m.as.supervise;
    s->what = SQ_SUPERVISE_CONTROL;
    snprintf(s->person, sizeof s->person, "SV02");
    snprintf(s->reason, sizeof s->reason, "drill");
    for (int value = SQ_CONTROL_INVOKED; value <= SQ_CONTROL_ACTIVE; value++) {
        s->value = (uint8_t)value;
        assert_true(sq_host_submit(d->host, &m));
    }
}

static bool is_active(struct desk *d)
{
    return desk_book(d)->book.control == SQ_CONTROL_ACTIVE;
}

void desk_get_ready(struct desk *d)
{
    desk_run_until(d, desk_has_prices, 20);
    if (is_active(d))
        return;
    invoke(d);
    desk_run_until(d, is_active, 5);
}

/* ---- pressing keys ----------------------------------------------------------------------------- */

struct sq_message desk_close_of(struct desk *d, uint32_t position, uint64_t bulk)
{
    const struct sq_position *p = &desk_book(d)->position[position];
    struct sq_message m = {.kind = SQ_SQUARE_OFF};
    struct sq_square_off *s = &m.as.square_off;
    s->id = (struct sq_id){1, ++d->ids};
    snprintf(s->dealer, sizeof s->dealer, "SV02");
    s->key = p->key;
    s->seen_net = p->net;
    s->created = loop_now(&d->loop);
    s->confirmed = (UINT64_C(1) << SQ_GUARD_COUNT) - 1;
    s->bulk = bulk;
    s->armed = 1;
    snprintf(s->call_client, sizeof s->call_client, "%s", p->key.client);
    snprintf(s->call_ref, sizeof s->call_ref, "CALL-1");
    return m;
}

uint32_t desk_position(struct desk *d, const char *client, const char *symbol)
{
    const struct sq_tables *t = desk_book(d);
    for (uint32_t i = 0; i < t->position_count; i++)
        if (strcmp(t->position[i].key.client, client) == 0 && t->position[i].net != 0 &&
            strcmp(t->instrument[t->position_instrument[i]].symbol, symbol) == 0)
            return i;
    fail_msg("no %s of %s", symbol, client);
    return 0;
}

static bool nothing_is_closing(struct desk *d)
{
    const struct sq_tables *t = desk_book(d);
    for (uint32_t i = 0; i < t->close_count; i++)
        if (!sq_close_state_is_ended((enum sq_close_state)t->close[i].state) &&
            t->close[i].state != SQ_CLOSE_HELD && t->close[i].state != SQ_CLOSE_APPROVAL &&
            t->close[i].state != SQ_CLOSE_LOCKED)
            return false;
    return true;
}

/* An order that stands at the exchange after its close was stopped is answered for; these are not. */
static bool all_is_answered(struct desk *d)
{
    const struct sq_tables *t = desk_book(d);
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_JOURNALLED || t->order[i].state == SQ_ORDER_SENT ||
            t->order[i].state == SQ_ORDER_UNKNOWN)
            return false;
    return true;
}

bool desk_is_idle(struct desk *d)
{
    return driver_is_idle(standalone_driver(d->link)) && nothing_is_closing(d) &&
           desk_is_ready(d) && all_is_answered(d);
}

/* All that is open, in one turn; returns how many were staged. */
uint32_t desk_close_all(struct desk *d, uint64_t bulk)
{
    struct sq_message go = {.kind = SQ_BULK_GO};
    uint32_t count = 0;
    for (uint32_t i = 0; i < desk_book(d)->position_count; i++) {
        if (desk_book(d)->position[i].net == 0)
            continue;
        struct sq_message m = desk_close_of(d, i, bulk);
        assert_true(sq_host_submit(d->host, &m));
        count++;
    }
    go.as.bulk_go = (struct sq_bulk_go){.bulk = bulk, .count = count};
    snprintf(go.as.bulk_go.dealer, sizeof go.as.bulk_go.dealer, "SV02");
    assert_true(sq_host_submit(d->host, &go));
    return count;
}

/* ---- the judge -------------------------------------------------------------------------------- */

/* Core counts UNKNOWN first, the exchange last; the names are the same. */
static int product_of(uint8_t product)
{
    return product == SQ_PRODUCT_UNKNOWN ? SIM_PRODUCT_UNKNOWN
                                         : sim_product_named(sq_name(SQ_LIST_PRODUCT, product));
}

uint32_t desk_open_positions(struct desk *d)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < desk_book(d)->position_count; i++)
        open += desk_book(d)->position[i].net != 0;
    return open;
}

static int64_t net_at_exchange(const struct desk *d, uint32_t position)
{
    const struct sq_tables *t = desk_book(d);
    const struct sq_position *p = &t->position[position];
    return exchange_net(inproc_exchange(d->exchange),
                        t->client[t->position_client[position]].exch_account,
                        sim_segment_named(sq_name(SQ_LIST_EXCHANGE, p->key.exchange)), p->key.token,
                        product_of(p->key.product));
}

static bool accounts_agree(struct desk *d)
{
    for (uint32_t i = 0; i < desk_book(d)->position_count; i++)
        if (net_at_exchange(d, i) != desk_book(d)->position[i].net)
            return false;
    return true;
}

static void print_differences(struct desk *d)
{
    for (uint32_t i = 0; i < desk_book(d)->position_count; i++) {
        const struct sq_position *p = &desk_book(d)->position[i];
        if (net_at_exchange(d, i) != p->net)
            print_message("%s %u %s: we say %ld, the exchange %ld\n", p->key.client, p->key.token,
                          sq_name(SQ_LIST_PRODUCT, p->key.product), (long)p->net,
                          (long)net_at_exchange(d, i));
    }
}

/* An order that stands there may fill at any moment, and its report is on its way for a while. */
void desk_agrees_with_exchange(struct desk *d)
{
    struct exchange_counts counts = exchange_counts(inproc_exchange(d->exchange));
    if (!run_for(d, accounts_agree, 5))
        print_differences(d);
    assert_true(accounts_agree(d));
    assert_int_equal(counts.alarms, 0);
    assert_int_equal(counts.overworked, 0);
    assert_int_equal(counts.duplicate_ids, 0);
    assert_int_equal(counts.resent_orders, 0);
}
