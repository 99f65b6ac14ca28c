/*
 * The whole way of a key press, on the shipped sample day: host, journal in memory, adaptor and
 * feed on the loop, and the simulated exchange behind socket pairs, which keeps its own account
 * and judges. Real time, FIX bytes, no screen.
 */
#include "tests/check.h"

#include "core/session_here.h"
#include "core/squareoff.h"
#include "db/day.h"
#include "db/store_memory.h"
#include "net/simulator/exchange_state.h"
#include "net/simulator/inproc.h"
#include "net/standalone.h"

#include <stdlib.h>
#include <string.h>

#define BEGINS (sq_midnight(20261126) + 11 * 3600 * SQ_SECOND) /* 11:00 of the sample day, IST */

enum { KICK_MS = 60, HOUR_MS = 3600000 };

struct desk {
    struct loop loop;
    struct sq_config config;
    struct sq_store *store;
    struct inproc *exchange;
    void *host_memory, *session_memory;
    struct sq_host *host;
    struct sq_session *session;
    struct standalone *link;
    struct loop_timer deadline, poke;
    bool (*until)(struct desk *desk);
    bool reached;
    int kicks_left; /* the exchange cuts the order session so often, KICK_MS apart */
    int kicks;
    uint32_t fills_wanted;
    int refused, alarms, not_sent;
    uint64_t ids;
    struct sq_listener counter;
};

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
static void open_desk(struct desk *d)
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

static void open_links(struct desk *d)
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
    settings.exchange.fault[SIM_FAULT_CHECKPOINT_MS] = HOUR_MS;
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
    loop_timer_set(&d->poke, loop_now(&d->loop) + KICK_MS * SQ_MS);
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
    open_desk(d);
    open_links(d); /* before there is a book: the links wait for it */
    load_day(d);
    *state = d;
    return 0;
}

static int begin(void **state)
{
    return begin_at(state, 5000);
}

/* So slow that a bulk close can be interrupted in its middle. */
static int begin_slowly(void **state)
{
    return begin_at(state, 400);
}

/* Our process ends here, as after kill -9: nobody logs out, and what was not durable is gone. */
static void kill_desk(struct desk *d)
{
    standalone_stop(d->link);
    while (standalone_driver(d->link)->committing)
        uv_run(&d->loop.uv, UV_RUN_ONCE);
    uv_run(&d->loop.uv, UV_RUN_NOWAIT);
    standalone_free(d->link);
    free(d->host_memory);
    free(d->session_memory);
}

static int end(void **state)
{
    struct desk *d = *state;
    kill_desk(d);
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

static void run_until(struct desk *d, bool (*until)(struct desk *desk), int64_t at_most_s)
{
    if (!run_for(d, until, at_most_s))
        print_unended(d);
    assert_true(d->reached);
}

static const struct sq_tables *book_of(const struct desk *d)
{
    return sq_engine_tables(sq_host_engine(d->host));
}

static bool is_ready(struct desk *d)
{
    return book_of(d)->book.link == SQ_LINK_READY;
}

static bool prices_are_there(struct desk *d)
{
    const struct fix_market *m = standalone_prices(d->link);
    return is_ready(d) && m->up && m->gaps == 0 && m->entries > 0;
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

/* Below zero: the last kick has had its time to be felt. */
static bool kicks_are_over(struct desk *d)
{
    return d->kicks_left < 0 && is_ready(d);
}

static bool is_active(struct desk *d)
{
    return book_of(d)->book.control == SQ_CONTROL_ACTIVE;
}

static void get_ready(struct desk *d)
{
    run_until(d, prices_are_there, 20);
    if (is_active(d))
        return;
    invoke(d);
    run_until(d, is_active, 5);
}

/* ---- pressing keys ----------------------------------------------------------------------------- */

static struct sq_message close_of(struct desk *d, uint32_t position, uint64_t bulk)
{
    const struct sq_position *p = &book_of(d)->position[position];
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

static uint32_t position_of(struct desk *d, const char *client, const char *symbol)
{
    const struct sq_tables *t = book_of(d);
    for (uint32_t i = 0; i < t->position_count; i++)
        if (strcmp(t->position[i].key.client, client) == 0 && t->position[i].net != 0 &&
            strcmp(t->instrument[t->position_instrument[i]].symbol, symbol) == 0)
            return i;
    fail_msg("no %s of %s", symbol, client);
    return 0;
}

static bool nothing_is_closing(struct desk *d)
{
    const struct sq_tables *t = book_of(d);
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
    const struct sq_tables *t = book_of(d);
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_JOURNALLED || t->order[i].state == SQ_ORDER_SENT ||
            t->order[i].state == SQ_ORDER_UNKNOWN)
            return false;
    return true;
}

static bool nothing_is_out(struct desk *d)
{
    return driver_is_idle(standalone_driver(d->link)) && nothing_is_closing(d) && is_ready(d) &&
           all_is_answered(d);
}

/* All that is open, in one turn; returns how many were staged. */
static uint32_t close_all(struct desk *d, uint64_t bulk)
{
    struct sq_message go = {.kind = SQ_BULK_GO};
    uint32_t count = 0;
    for (uint32_t i = 0; i < book_of(d)->position_count; i++) {
        if (book_of(d)->position[i].net == 0)
            continue;
        struct sq_message m = close_of(d, i, bulk);
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

static uint32_t open_positions(struct desk *d)
{
    uint32_t open = 0;
    for (uint32_t i = 0; i < book_of(d)->position_count; i++)
        open += book_of(d)->position[i].net != 0;
    return open;
}

static int64_t net_at_exchange(const struct desk *d, uint32_t position)
{
    const struct sq_tables *t = book_of(d);
    const struct sq_position *p = &t->position[position];
    return exchange_net(inproc_exchange(d->exchange),
                        t->client[t->position_client[position]].exch_account,
                        sim_segment_named(sq_name(SQ_LIST_EXCHANGE, p->key.exchange)), p->key.token,
                        product_of(p->key.product));
}

static bool accounts_agree(struct desk *d)
{
    for (uint32_t i = 0; i < book_of(d)->position_count; i++)
        if (net_at_exchange(d, i) != book_of(d)->position[i].net)
            return false;
    return true;
}

static void print_differences(struct desk *d)
{
    for (uint32_t i = 0; i < book_of(d)->position_count; i++) {
        const struct sq_position *p = &book_of(d)->position[i];
        if (net_at_exchange(d, i) != p->net)
            print_message("%s %u %s: we say %ld, the exchange %ld\n", p->key.client, p->key.token,
                          sq_name(SQ_LIST_PRODUCT, p->key.product), (long)p->net,
                          (long)net_at_exchange(d, i));
    }
}

/* An order that stands there may fill at any moment, and its report is on its way for a while. */
static void the_exchange_agrees(struct desk *d)
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

/* ---- tests ------------------------------------------------------------------------------------ */

static void both_links_come_up_and_rates_arrive(void **state)
{
    struct desk *d = *state;
    run_until(d, prices_are_there, 20);
    const struct sq_tables *t = &d->session->view->tables;
    uint32_t priced = 0;
    for (uint32_t i = 0; i < t->instrument_count; i++)
        priced += sq_board_get(d->session->view->board, i)->close > 0;
    print_message("%u of %u contracts have a price\n", priced, t->instrument_count);
    assert_true(priced > t->instrument_count / 2);
    struct sq_source_info info = {0};
    standalone_source(d->link, &info);
    assert_true(info.price_up && info.order_up);
    assert_false(sq_board_feed_of(d->session->view->board, SQ_EXCHANGE_NFO)->gap);
    the_exchange_agrees(d);
}

static void one_key_closes_one_position(void **state)
{
    struct desk *d = *state;
    get_ready(d);
    uint32_t position = position_of(d, "C10733", "HDFCBANK");
    struct sq_message m = close_of(d, position, 0);
    uint64_t before = exchange_counts(inproc_exchange(d->exchange)).orders;
    assert_true(sq_host_submit(d->host, &m));
    assert_true(sq_host_submit(d->host, &m)); /* the key bounces: the same intent */
    run_until(d, nothing_is_out, 10);
    assert_int_equal(book_of(d)->position[position].net, 0);
    assert_int_equal(exchange_counts(inproc_exchange(d->exchange)).orders, before + 1);
    assert_true(standalone_orders(d->link)->rtt_us > 0);
    print_message("round trip %ld us\n", (long)standalone_orders(d->link)->rtt_us);
    the_exchange_agrees(d);
}

static void all_of_the_book_closes(void **state)
{
    struct desk *d = *state;
    get_ready(d);
    uint32_t open = open_positions(d);
    sq_time began = loop_now(&d->loop);
    uint32_t staged = close_all(d, 1);
    run_until(d, nothing_is_out, 60);
    print_message("%u staged of %u open; %u left after %ld ms, %lu orders, %lu turns\n", staged,
                  open, open_positions(d), (long)((loop_now(&d->loop) - began) / SQ_MS),
                  (unsigned long)exchange_counts(inproc_exchange(d->exchange)).orders,
                  (unsigned long)standalone_driver(d->link)->turns);
    assert_true(open_positions(d) < open / 2);
    the_exchange_agrees(d);
}

static void a_failing_link_sends_nothing_twice(void **state)
{
    struct desk *d = *state;
    get_ready(d);
    uint32_t open = open_positions(d);
    for (int round = 1; round <= 6; round++) {
        close_all(d, (uint64_t)round);
        d->kicks_left = 3;
        loop_timer_set(&d->poke, loop_now(&d->loop) + KICK_MS * SQ_MS / 2);
        run_until(d, kicks_are_over, 30);
        run_until(d, nothing_is_out, 30);
        the_exchange_agrees(d);
    }
    close_all(d, 99); /* and once in peace */
    run_until(d, nothing_is_out, 30);
    print_message("%d cuts, %u of %u left, %d not sent\n", d->kicks, open_positions(d), open,
                  d->not_sent);
    assert_true(d->kicks >= 6);
    assert_true(open_positions(d) < open / 2);
    the_exchange_agrees(d);
}

/* In the middle of a round, at another place in each, as long as there is something to do. */
static bool is_half_way(struct desk *d)
{
    return nothing_is_out(d) ||
           (book_of(d)->fill_count >= d->fills_wanted && sq_host_in_flight(d->host) > 0);
}

static void a_killed_desk_reconciles_and_sends_nothing_by_itself(void **state)
{
    struct desk *d = *state;
    get_ready(d);
    uint32_t open = open_positions(d);
    int kills = 0;
    for (int round = 1; round <= 6; round++) {
        close_all(d, (uint64_t)round);
        d->fills_wanted = book_of(d)->fill_count + 5 + (uint32_t)round * 7 % 40;
        run_until(d, is_half_way, 20);
        kills += sq_host_in_flight(d->host) > 0;
        kill_desk(d);
        for (int i = 0; i < 20; i++) /* what was written before arrives */
            uv_run(&d->loop.uv, UV_RUN_NOWAIT);
        uint64_t orders = exchange_counts(inproc_exchange(d->exchange)).orders;
        open_desk(d);
        open_links(d);
        run_until(d, nothing_is_out, 30);
        assert_int_equal(exchange_counts(inproc_exchange(d->exchange)).orders, orders);
        the_exchange_agrees(d);
        get_ready(d);
    }
    print_message("%u of %u left, %d kills with orders out\n", open_positions(d), open, kills);
    assert_true(kills > 3);
    assert_true(open_positions(d) < open);
}

static void a_log_out_is_orderly(void **state)
{
    struct desk *d = *state;
    get_ready(d);
    standalone_logout(d->link, "end of day");
    for (int i = 0; i < 2000 && !standalone_is_quiet(d->link); i++)
        uv_run(&d->loop.uv, UV_RUN_ONCE);
    assert_true(standalone_is_quiet(d->link));
    assert_int_equal(book_of(d)->book.link, SQ_LINK_DOWN);
    assert_string_equal(standalone_orders(d->link)->why, "logged_out: logged out");
}

/* ---- the exchange loses data ------------------------------------------------------------------ */

static void remember_now(struct desk *d)
{
    struct exchange *x = inproc_exchange(d->exchange);
    exchange_set_fault(x, SIM_FAULT_CHECKPOINT_MS, 1);
    exchange_tick(x, loop_now(&d->loop) + SQ_SECOND / 100);
    exchange_set_fault(x, SIM_FAULT_CHECKPOINT_MS, HOUR_MS);
}

static bool is_lost(struct desk *d)
{
    return book_of(d)->book.lost && driver_is_idle(standalone_driver(d->link));
}

/* One supervisor's word: the numbers as the exchange has them. */
static void reconcile(struct desk *d, const char *person)
{
    const struct exchange *x = inproc_exchange(d->exchange);
    struct sq_message m = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &m.as.supervise;
    s->what = SQ_SUPERVISE_RECONCILE_LOSS;
    s->in_next = book_of(d)->book.lost_number;
    s->out_next = x->state->owner[sim_owner_named(x, "SQDRILL")].next_in;
    snprintf(s->person, sizeof s->person, "%s", person);
    snprintf(s->reason, sizeof s->reason, "read out by their desk");
    assert_true(sq_host_submit(d->host, &m));
}

/* Whatever the exchange still has it has named; the rest it does not know any more. */
static bool only_people_can_tell(struct desk *d)
{
    const struct sq_tables *t = book_of(d);
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_UNKNOWN && t->order[i].seen_unknown == 0)
            return false;
    return is_ready(d) && driver_is_idle(standalone_driver(d->link));
}

static uint32_t settle_what_is_forgotten(struct desk *d)
{
    const struct sq_tables *t = book_of(d);
    const struct exchange *x = inproc_exchange(d->exchange);
    uint32_t settled = 0;
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct sq_order *o = &t->order[i];
        if (o->state != SQ_ORDER_UNKNOWN)
            continue;
        struct sq_message m = {.kind = SQ_SETTLE};
        int32_t theirs = sim_book_find(&x->state->book, sim_owner_named(x, "SQDRILL"), o->clord);
        m.as.settle.order_no = o->no;
        m.as.settle.cum = theirs == SIM_NONE ? 0 : x->state->book.order[theirs].filled;
        snprintf(m.as.settle.person, SQ_PERSON_SIZE, "SV02");
        snprintf(m.as.settle.reason, SQ_TEXT_SIZE, "not in their book");
        assert_true(sq_host_submit(d->host, &m));
        settled++;
    }
    return settled;
}

static void what_the_exchange_lost_is_settled_without_a_restart(void **state)
{
    struct desk *d = *state;
    get_ready(d);
    uint32_t position = position_of(d, "C10733", "HDFCBANK");
    struct sq_message m = close_of(d, position, 0);
    assert_true(sq_host_submit(d->host, &m));
    run_until(d, nothing_is_out, 10);
    uint32_t open = open_positions(d), fills = book_of(d)->fill_count;
    remember_now(d); /* it will know this close, and nothing that comes after it */
    close_all(d, 1);
    run_until(d, nothing_is_out, 60);
    assert_true(open_positions(d) < open / 2);

    assert_true(exchange_lose_tail(inproc_exchange(d->exchange), loop_now(&d->loop)));
    inproc_pump(d->exchange);
    run_until(d, is_lost, 20);
    assert_false(fix_exchange_wants_link(standalone_orders(d->link)));
    reconcile(d, "SV02");
    reconcile(d, "SV05");
    run_until(d, only_people_can_tell, 60);
    uint32_t forgotten = settle_what_is_forgotten(d);
    run_until(d, nothing_is_out, 20);
    print_message("%u fills, %u of %u positions open again, %u orders forgotten\n",
                  book_of(d)->fill_count - fills, open_positions(d), open, forgotten);
    assert_true(forgotten > 0);
    assert_int_equal(open_positions(d), open);
    assert_int_equal(book_of(d)->position[position].net, 0);
    the_exchange_agrees(d);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
#define SLOW(name) cmocka_unit_test_setup_teardown(name, begin_slowly, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_links_come_up_and_rates_arrive),
        TEST(one_key_closes_one_position),
        TEST(all_of_the_book_closes),
        SLOW(a_failing_link_sends_nothing_twice),
        SLOW(a_killed_desk_reconciles_and_sends_nothing_by_itself),
        TEST(what_the_exchange_lost_is_settled_without_a_restart),
        TEST(a_log_out_is_orderly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
