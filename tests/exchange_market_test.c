/*
 * The simulated exchange over a day: its market keeps its rules, a seed decides all, and what happens when
 * one of its stores is full.
 */
#include "tests/check.h"
#include "tests/venue.h"

#include <stdlib.h>
#include <string.h>

/* ---- The market ---- */

static void test_market_keeps_its_rules(void **state)
{
    (void)state;
    struct venue *w = venue_open("[market]\nticks_per_s=2000\nstep_ppm=9000 9000 9000 9000\n");
    const struct sim_market *m = exchange_market(w->x);
    for (int i = 0; i < 3000; i++) {
        venue_pass_time(w, 10000);
        for (int c = 0; c < w->day.contracts; c++) {
            const struct sim_mark *k = &m->mark[c];
            for (int l = 0; l < SIM_DEPTH; l++) {
                int64_t bid = k->bid[l].price, ask = k->ask[l].price;
                assert_true(bid % w->day.contract[c].tick == 0 &&
                            ask % w->day.contract[c].tick == 0);
                assert_true(bid == 0 || (bid >= k->band_low && bid <= k->band_high));
                assert_true(ask == 0 || (ask >= k->band_low && ask <= k->band_high));
                assert_true(bid == 0 || k->ask[0].price == 0 || bid < k->ask[0].price);
            }
        }
    }
    venue_close(w);
}

/* The same seed gives the same day, to the byte of the log; another seed another one. */
static void test_seed_decides(void **state)
{
    (void)state;
    static const char *const ini[] = {"[market]\nticks_per_s=2000\n[faults]\npartial_ppm=300000\n",
                                      "[market]\nticks_per_s=2000\n[faults]\npartial_ppm=300000\n",
                                      "[exchange]\nseed=2\n[market]\nticks_per_s=2000\n"};
    char *log[3];
    for (int i = 0; i < 3; i++) {
        struct venue *w = venue_open(ini[i]);
        venue_log_on(w, "SQDRILL");
        venue_order(w, "SQDRILL D1 C1 NFO:1001 NRML BUY 1755 100.50");
        for (int n = 0; n < 200; n++)
            venue_pass_time(w, 10000);
        assert_true(exchange_counts(w->x).fills > 3);
        log[i] = strdup(w->log);
        venue_close(w);
    }
    assert_string_equal(log[0], log[1]);
    assert_string_not_equal(log[0], log[2]);
    for (int i = 0; i < 3; i++)
        free(log[i]);
}

static void test_replay(void **state)
{
    (void)state;
    static const struct sim_tick ticks[] = {{0, 10000}, {500000, 10500}, {1000000, 11000}};
    struct venue *w = venue_open("[market]\nticks_per_s=1000\n");
    int32_t c = sim_day_find(&w->day, SIM_NFO, 1001);
    exchange_replay(w->x, c, ticks, 3, w->now_us);
    venue_pass_time(w, 100000);
    assert_int_equal(exchange_market(w->x)->mark[c].bid[0].price, 10000);
    venue_pass_time(w, 500000);
    assert_int_equal(exchange_market(w->x)->mark[c].bid[0].price, 10500);
    venue_pass_time(w, 500000); /* the captured day begins again */
    assert_int_equal(exchange_market(w->x)->mark[c].bid[0].price, 10000);
    venue_close(w);
}

/* ---- Limits ---- */

static void test_full(void **state)
{
    (void)state;
    struct venue *w = venue_open("[exchange]\nmax_orders=16\n");
    char text[128];
    venue_log_on(w, "SQDRILL");
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "SQDRILL L%d C2 NSE:1333 MIS SELL 1 1100.00", i);
        venue_order(w, text);
    }
    struct exchange_counts n = exchange_counts(w->x);
    assert_int_equal(n.orders, 20);
    assert_int_equal(n.rejected, 20 - (16 - 3)); /* three were loaded with the day */
    venue_close(w);
}

/* Reports that were forgotten are gap-filled, the rest is resent: the member misses no number. */
static void test_forgotten_reports(void **state)
{
    (void)state;
    struct venue *w = venue_open("[exchange]\nmax_reports=16\n");
    char text[128];
    venue_log_on(w, "SQDRILL");
    struct venue_member *m = venue_member(w, "SQDRILL");
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "SQDRILL O%d C2 NSE:1333 MIS SELL 1 1100.00", i);
        venue_order(w, text);
        assert_non_null(venue_next(w, m));
    }
    venue_drop(w, m);
    fix_session_numbers(&m->fix, 2, m->fix.next_out, UINT32_MAX); /* knows the logon only */
    venue_log_on(w, "SQDRILL");
    assert_int_equal(m->count, 16);
    for (int i = 24; i < 40; i++) {
        assert_non_null(venue_next(w, m));
        snprintf(text, sizeof text, "O%d", i);
        assert_true(fix_equals(fix_get(&w->view, FIX_CL_ORD_ID), text));
        assert_true(fix_equals(fix_get(&w->view, FIX_POSS_DUP_FLAG), "Y"));
    }
    assert_false(m->fix.in_gap_open);
    venue_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_market_keeps_its_rules),
        cmocka_unit_test(test_seed_decides),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_forgotten_reports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
