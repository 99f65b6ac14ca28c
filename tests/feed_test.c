/*
 * The market-data session against a peer in memory: what is asked for, what becomes of snapshots
 * and changes, when a segment counts as heard, and what a gap or a lost link does.
 */
#include "tests/check.h"
#include "tests/fix_peer.h"

#include "core/engine.h"
#include "net/fix_market.h"

#include <stdlib.h>
#include <string.h>

#define START INT64_C(1764130500000000) /* 2025-11-26T04:15:00Z */

enum { ROOM = 1000 };

struct world {
    struct sq_tables tables;
    void *memory;
    void *rows;
    struct fix_market *m;
    struct fix_peer *peer;
    int64_t now;
    int told; /* rates told since the last look */
    uint32_t told_row;
    struct sq_rate rate; /* the last one */
    sq_time heard[SQ_EXCHANGE_COUNT];
    bool gap[SQ_EXCHANGE_COUNT];
};

static void on_rate(void *owner, uint32_t instrument, const struct sq_rate *rate)
{
    struct world *w = owner;
    w->told++;
    w->told_row = instrument;
    w->rate = *rate;
}

static void on_feed(void *owner, enum sq_exchange exchange, sq_time time, bool gap)
{
    struct world *w = owner;
    w->heard[exchange] = time;
    w->gap[exchange] = gap;
}

static void add_contracts(struct world *w, enum sq_exchange exchange, uint32_t first,
                          uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct sq_instrument row = {.token = first + i,
                                    .exchange = (uint8_t)exchange,
                                    .contract = SQ_CONTRACT_EQUITY,
                                    .price_decimals = 2,
                                    .tick = 5,
                                    .lot = 1,
                                    .multiplier = 1,
                                    .symbol = "ACME"};
        assert_int_equal(sq_tables_apply(&w->tables, SQ_INSTRUMENT, &row), 0);
    }
}

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    struct sq_config sizes;
    sq_config_default(&sizes);
    w->memory = calloc(1, sq_tables_size(&sizes));
    sq_tables_init(&w->tables, w->memory, &sizes);
    w->rows = calloc(1, fix_market_rows_size(ROOM));
    w->m = malloc(sizeof *w->m);
    w->now = START;
    w->peer = fix_peer_new("SQXCHG", "DESK1-MD", true);
    struct fix_market_config config = {.sender_comp_id = "DESK1-MD",
                                       .target_comp_id = "SQXCHG",
                                       .tables = &w->tables,
                                       .room = ROOM,
                                       .rate = on_rate,
                                       .feed = on_feed,
                                       .owner = w};
    fix_market_init(w->m, &config, w->rows);
    *state = w;
    return 0;
}

static int end(void **state)
{
    struct world *w = *state;
    fix_peer_free(w->peer);
    free(w->memory);
    free(w->rows);
    free(w->m);
    free(w);
    return 0;
}

static bool move(struct world *w)
{
    size_t n, k;
    const char *bytes = fix_market_output(w->m, &n);
    fix_market_written(w->m, n = fix_session_receive(&w->peer->session, bytes, n));
    bytes = fix_session_output(&w->peer->session, &k);
    k = fix_market_receive(w->m, bytes, k);
    fix_session_written(&w->peer->session, k);
    return n + k > 0;
}

static void run(struct world *w)
{
    do {
        fix_market_poll(w->m, w->now);
        fix_peer_poll(w->peer, w->now);
    } while (move(w));
}

static void log_on(struct world *w)
{
    fix_session_connect(&w->peer->session, w->now);
    fix_market_connect(w->m, w->now);
    run(w);
    assert_true(w->m->up);
}

static void cut(struct world *w)
{
    fix_session_disconnect(&w->peer->session);
    fix_market_disconnect(w->m, "cable pulled");
}

static void say(struct world *w, const char *text)
{
    assert_true(fix_peer_say(w->peer, w->now, text) > 0);
    run(w);
}

#define NAME "55=ACME|48=7|22=8|207=NSE|"
#define WHOLE                                                                     \
    "35=W|262=R0-1|" NAME "1148=90|1149=110|268=4|269=0|270=100.05|271=10|290=1|" \
    "269=0|270=100|271=20|290=2|269=1|270=100.15|271=30|290=1|"                   \
    "269=2|270=100.10|271=5|272=20251126|273=04:14:00"
#define CHANGE "35=X|262=R0-1|268="

/* One contract, live. */
static void go_live(struct world *w)
{
    add_contracts(w, SQ_EXCHANGE_NSE, 7, 1);
    log_on(w);
    say(w, WHOLE);
    assert_int_equal(w->told, 1);
    w->told = 0;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void contracts_are_asked_for_in_chunks(void **state)
{
    struct world *w = *state;
    add_contracts(w, SQ_EXCHANGE_NSE, 1, FIX_MARKET_CHUNK + 1);
    log_on(w);
    assert_int_equal(w->peer->heard_count, 2);
    assert_non_null(strstr(w->peer->heard[0], "35=V|262=R0-100|263=1|264=5|265=1|267=4|269=0|269=1|"
                                              "269=2|269=5|146=100|55=ACME|48=1|22=8|207=NSE|"));
    check_text(w->peer->heard[1], "35=V|262=R100-1|263=1|264=5|265=1|267=4|269=0|269=1|269=2|269=5|"
                                  "146=1|55=ACME|48=101|22=8|207=NSE");
}

static void rows_added_later_are_asked_for(void **state)
{
    struct world *w = *state;
    go_live(w);
    fix_peer_clear(w->peer);
    add_contracts(w, SQ_EXCHANGE_NFO, 8, 2);
    run(w);
    assert_int_equal(w->peer->heard_count, 1);
    assert_non_null(strstr(fix_peer_last(w->peer), "262=R1-2|"));
}

/* The venue knows all but token 40: every other row is asked for in the end, and that one given up. */
static void a_refused_chunk_is_halved(void **state)
{
    struct world *w = *state;
    add_contracts(w, SQ_EXCHANGE_NSE, 1, 100);
    log_on(w);
    int requests = 0;
    while (w->peer->heard_count > 0) {
        int count = w->peer->heard_count;
        char heard[16][PEER_TEXT];
        assert_true(count <= 16);
        memcpy(heard, w->peer->heard, (size_t)count * PEER_TEXT);
        fix_peer_clear(w->peer);
        for (int i = 0; i < count; i++, requests++) {
            char id[24], answer[64];
            assert_int_equal(sscanf(heard[i], "35=V|262=%20[^|]", id), 1);
            snprintf(answer, sizeof answer, "35=Y|262=%s|281=0", id);
            if (strstr(heard[i], "|48=40|") != NULL)
                say(w, answer);
        }
    }
    print_message("%d requests\n", requests);
    assert_true(requests <= 15);
    for (uint32_t row = 0; row < 100; row++)
        assert_int_equal(w->m->rows[row], row == 39 ? FIX_ROW_REFUSED : FIX_ROW_ASKED);
    assert_int_equal(w->m->waiting[SQ_EXCHANGE_NSE], 99);
}

/* ---- rates ----------------------------------------------------------------------------------- */

static void a_snapshot_is_the_whole_rate(void **state)
{
    struct world *w = *state;
    go_live(w);
    assert_int_equal(w->rate.bid[0].price, 10005);
    assert_int_equal(w->rate.bid[1].quantity, 20);
    assert_int_equal(w->rate.bid[2].quantity, 0);
    assert_int_equal(w->rate.ask[0].price, 10015);
    assert_int_equal(w->rate.last, 10010);
    assert_int_equal(w->rate.last_quantity, 5);
    assert_int_equal(w->rate.band_low, 9000);
    assert_int_equal(w->rate.band_high, 11000);
    assert_int_equal(w->rate.time, w->now);
    assert_int_equal(w->rate.trade_time, START - 60 * SQ_SECOND); /* as old as it says it is */
}

static void changes_move_levels_and_trades(void **state)
{
    struct world *w = *state;
    go_live(w);
    w->now += 250 * SQ_MS;
    say(w, CHANGE "3|279=1|269=0|" NAME "270=100.10|271=15|290=1|279=2|269=0|" NAME "290=2|"
                  "279=0|269=2|" NAME "270=100.15|271=7");
    assert_int_equal(w->told, 1);
    assert_int_equal(w->rate.bid[0].price, 10010);
    assert_int_equal(w->rate.bid[0].quantity, 15);
    assert_int_equal(w->rate.bid[1].quantity, 0);
    assert_int_equal(w->rate.last, 10015);
    assert_int_equal(w->rate.move, 1);
    assert_int_equal(w->rate.trade_time, w->now);
    say(w, CHANGE "1|279=1|269=2|" NAME "270=100.10|271=7");
    assert_int_equal(w->rate.move, -1);
}

static void a_side_that_a_snapshot_leaves_out_is_empty(void **state)
{
    struct world *w = *state;
    go_live(w);
    say(w, "35=W|262=R0-1|" NAME "268=1|269=5|270=99.95");
    assert_int_equal(w->rate.bid[0].quantity, 0);
    assert_int_equal(w->rate.ask[0].price, 0);
    assert_int_equal(w->rate.close, 9995);
    assert_int_equal(w->rate.last, 10010);
}

static void entries_that_make_no_sense_change_nothing(void **state)
{
    static const char *const rows[] = {
        "279=1|269=0|" NAME "270=-1|271=5|290=1",
        "279=1|269=0|" NAME "270=1.001|271=5|290=1",
        "279=1|269=0|" NAME "270=1|271=5|290=6",
        "279=1|269=0|" NAME "270=1|271=5|290=0",
        "279=1|269=0|" NAME "270=1|271=-5|290=1",
        "279=1|269=0|" NAME "271=5|290=1",
        "279=1|269=7|" NAME "270=1|271=5|290=1",
        "279=1|269=2|" NAME "270=0|271=5",
        "279=1|269=0|55=ACME|48=8|207=NSE|270=1|271=5|290=1",
        "279=1|269=0|55=ACME|48=7|207=XXX|270=1|271=5|290=1",
        "279=1|269=0|55=ACME|270=1|271=5|290=1",
    };
    struct world *w = *state;
    go_live(w);
    struct sq_rate before = w->m->rates[0];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        uint64_t ignored = w->m->ignored;
        snprintf(text, sizeof text, CHANGE "1|%s", rows[i]);
        print_message("%s\n", rows[i]);
        say(w, text);
        assert_int_equal(w->m->ignored, ignored + 1);
        assert_memory_equal(&before, &w->m->rates[0], sizeof before);
    }
}

/* A change before its snapshot has nothing to change. */
static void changes_wait_for_the_snapshot(void **state)
{
    struct world *w = *state;
    add_contracts(w, SQ_EXCHANGE_NSE, 7, 1);
    log_on(w);
    say(w, CHANGE "1|279=1|269=0|" NAME "270=100.10|271=15|290=1");
    assert_int_equal(w->told, 0);
    assert_int_equal(w->m->rates[0].bid[0].price, 0);
}

/* ---- is it alive? ---------------------------------------------------------------------------- */

static void a_gap_lasts_until_the_snapshots_have_come(void **state)
{
    struct world *w = *state;
    add_contracts(w, SQ_EXCHANGE_NSE, 7, 1);
    add_contracts(w, SQ_EXCHANGE_NFO, 8, 1);
    log_on(w);
    say(w, WHOLE);
    assert_false(w->gap[SQ_EXCHANGE_NSE]);
    assert_int_equal(w->m->gaps, 1U << SQ_EXCHANGE_NFO);
    cut(w);
    assert_true(w->gap[SQ_EXCHANGE_NSE]);
    assert_int_equal(w->heard[SQ_EXCHANGE_NSE], w->now);
    log_on(w);
    assert_true(w->m->gaps & 1U << SQ_EXCHANGE_NSE);
    say(w, WHOLE);
    assert_false(w->gap[SQ_EXCHANGE_NSE]);
}

static void lost_messages_make_a_new_session(void **state)
{
    struct world *w = *state;
    go_live(w);
    w->peer->session.next_out += 2;
    say(w, CHANGE "1|279=1|269=0|" NAME "270=100.10|271=15|290=1");
    assert_true(fix_market_wants_close(w->m));
    assert_true(w->gap[SQ_EXCHANGE_NSE]);
    assert_int_equal(w->told, 0);
}

static void a_segment_is_heard_when_it_is_named(void **state)
{
    struct world *w = *state;
    add_contracts(w, SQ_EXCHANGE_NFO, 8, 1);
    go_live(w);
    w->now += 5 * SQ_SECOND;
    say(w, "35=h|336=NSE|340=2");
    assert_int_equal(w->heard[SQ_EXCHANGE_NSE], w->now);
    assert_int_not_equal(w->heard[SQ_EXCHANGE_NFO], w->now);
}

static void the_sessions_heartbeat_counts_only_where_segments_have_none(void **state)
{
    struct world *w = *state;
    go_live(w);
    w->now += 31 * SQ_SECOND;
    run(w);
    assert_int_equal(w->heard[SQ_EXCHANGE_NSE], w->now);
    say(w, "35=h|336=NSE|340=2");
    sq_time heard = w->now;
    w->now += 31 * SQ_SECOND;
    run(w);
    assert_int_equal(w->heard[SQ_EXCHANGE_NSE], heard);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(contracts_are_asked_for_in_chunks),
        TEST(rows_added_later_are_asked_for),
        TEST(a_refused_chunk_is_halved),
        TEST(a_snapshot_is_the_whole_rate),
        TEST(changes_move_levels_and_trades),
        TEST(a_side_that_a_snapshot_leaves_out_is_empty),
        TEST(entries_that_make_no_sense_change_nothing),
        TEST(changes_wait_for_the_snapshot),
        TEST(a_gap_lasts_until_the_snapshots_have_come),
        TEST(lost_messages_make_a_new_session),
        TEST(a_segment_is_heard_when_it_is_named),
        TEST(the_sessions_heartbeat_counts_only_where_segments_have_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
