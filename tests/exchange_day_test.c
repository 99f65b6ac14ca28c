/*
 * What the simulated exchange reads: the day's files, damaged and torn ones, its configuration.
 */
#include "tests/check.h"
#include "tests/venue.h"

#include <stdlib.h>
#include <string.h>

static void test_day(void **state)
{
    (void)state;
    struct sim_day day;
    char why[SIM_WHY] = "";
    assert_int_equal(sim_day_read(&day, venue_day, why), 0);
    assert_int_equal(day.contracts, 9);
    assert_int_equal(day.skipped, 0);
    assert_int_equal(day.positions, 7);
    assert_int_equal(day.restings, 3);
    assert_int_equal(day.trades, 2); /* one is before as_of, one is a repeat */
    const struct sim_contract *c = &day.contract[sim_day_find(&day, SIM_NSE, 1)];
    assert_true(c->index);
    assert_string_equal(c->symbol, "NIFTY"); /* leads what is derived from it */
    c = &day.contract[sim_day_find(&day, SIM_NFO, 1001)];
    assert_int_equal(c->strike, 2450000);
    assert_int_equal(c->freeze, 1800);
    assert_int_equal(c->lot, 65);
    c = &day.contract[sim_day_find(&day, SIM_CDS, 501)];
    assert_int_equal(c->lot, 1);
    assert_int_equal(c->multiplier, 1000);
    assert_int_equal(c->tick, 25);
    assert_int_equal(c->close, 880000);
    /* The trade takes from its resting order, and its product from it. */
    assert_int_equal(day.resting[1].open, 30);
    int32_t p = sim_day_position(&day, "C2", sim_day_find(&day, SIM_NSE, 2885), SIM_CNC);
    assert_int_equal(day.position[p].net, 90);
    sim_day_finish(&day);
}

/* Each row damages one file: the text replaced, by what, and what the reader says. */
static const struct {
    const char *file, *from, *to, *why;
} damages[] = {
    {"instruments.csv", "exchange_token,", "exchange_tokem,",
     ":1: exchange_token: column is missing"},
    {"instruments.csv", "1,1333,", "1,x,", ":3: exchange_token: no token"},
    {"instruments.csv", "1,1333,", "1,2885,", ":4: exchange_token: this token is there already"},
    {"instruments.csv", "NSE,NSE\n2", "NSE,NYSE\n2", ":3: exchange: unknown exchange"},
    {"instruments.csv", "0.05,1,EQ", "0.05,1,CE", ":3: instrument_type: no such type on that"},
    {"instruments.csv", "2026-12-01,24500", "2026-13-01,24500", ":6: expiry: no date"},
    {"instruments.csv", "24500,0.05", "24500.001,0.05", ":6: strike: not a price"},
    {"instruments.csv", "0.05,65,CE", "0.05,-65,CE", ":6: lot_size: not a quantity"},
    {"instruments.csv", "24500,0.05", "0,0.05", ":6: strike: an option without a strike"},
    {"instruments.csv", "HDFC BANK", "\"HDFC BANK", ": broken quotes"},
    {"qtyfreeze.csv", "1800 ", "-180 ", ":2: VOL_FRZ_QTY: not a quantity"},
    {"positions.csv", "net_qty", "net_lots", ":1: net_lots: unknown column"},
    {"positions.csv", "CE,NRML,-1950", "CE,NRML,-19.5", ":2: net_qty: not a quantity"},
    {"positions.csv", "24500,CE", "24550,CE", ":2: symbol: no such contract"},
    {"positions.csv", "RELIANCE,EQ,,,,CNC", "RELIANCE,EQ,,,,ABC", ":5: product: unknown product"},
    {"positions.csv", "C2,NSE,2885", "C2,NSE,2999", ":5: token: no such contract"},
    {"positions.csv", "C4,NFO,1003", "C5,NFO,1004", ":8: client: given twice"},
    {"positions.csv", "10:41:58+05:30\nC5", "10:41:59+05:30\nC5", ":7: as_of: not the same in all"},
    {"positions.csv", "10:41:58+05:30\nC5", "10:41:58\nC5", ":7: as_of: not a time with an offset"},
    {"orders.csv", "SELL,1950", "SOLD,1950", ":2: side: neither BUY nor SELL"},
    {"orders.csv", "SELL,1950", "SELL,0", ":2: open_qty: nothing is open"},
    {"orders.csv", "LIMIT,65.00", "LIMIT,", ":2: limit_price: a limit is needed"},
    {"orders.csv", "SL-M,,24600.00", "SL-M,,", ":4: trigger_price: a trigger is needed"},
    {"orders.csv", "SL-M,", "SLM,", ":4: order_type: unknown order type"},
    {"orders.csv", "1100000000000002", "1100000000000001", ":3: exch_order_no: given twice"},
    {"orders.csv", "OMS1", "", ":3: sender_id: empty or too long"},
    {"trades.csv", "BUY,100", "BUY,-100", ":3: qty: not a quantity"},
    {"trades.csv", "50123", "", ":3: trade_no: empty or too long"},
    {"trades.csv", "exchange,", "exchange,exchange,", ":1: exchange: column given twice"},
};

/* The text with the first `from` replaced; malloc'd. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    char *out = malloc(strlen(text) + strlen(to) + 1);
    assert_non_null(out);
    sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void copy_day(const char *folder, size_t damaged)
{
    static const char *const files[] = {"instruments.csv", "qtyfreeze.csv", "positions.csv",
                                        "orders.csv", "trades.csv"};
    char path[512];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", venue_day, files[i]);
        char *text = check_read_file(path, NULL);
        if (strcmp(files[i], damages[damaged].file) == 0) {
            char *other = replaced(text, damages[damaged].from, damages[damaged].to);
            free(text);
            text = other;
        }
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        check_write_file(path, text, strlen(text));
        free(text);
    }
}

static void test_damaged_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        char folder[256], why[SIM_WHY] = "";
        struct sim_day day;
        check_make_folder(folder, sizeof folder);
        copy_day(folder, i);
        int result = sim_day_read(&day, folder, why);
        sim_day_finish(&day);
        check_remove_folder(folder);
        if (result == 0 || strstr(why, damages[i].why) == NULL ||
            strstr(why, damages[i].file) == NULL)
            fail_msg("damage %zu (%s): %d '%s'", i, damages[i].why, result, why);
    }
}

/* Cut off at every byte a file is refused or read in part, and nothing breaks. */
static void test_torn_files(void **state)
{
    (void)state;
    char folder[256], path[320], why[SIM_WHY];
    size_t length;
    char *text = check_read_file("tests/exchange/day/instruments.csv", &length);
    check_make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/instruments.csv", folder);
    for (size_t n = 0; n < length; n++) {
        struct sim_day day;
        check_write_file(path, text, n);
        int result = sim_day_read(&day, folder, why);
        assert_true(result == 0 || strstr(why, "instruments.csv") != NULL);
        assert_true(day.contracts <= 9);
        sim_day_finish(&day);
    }
    check_remove_folder(folder);
    free(text);
}

static void test_real_files(void **state)
{
    (void)state;
    char why[SIM_WHY] = "";
    struct sim_day day = {0};
    struct sim_tick *ticks;
    check_need_file(CHECK_SHARED_DATA "/kite_instruments_20240406.csv");
    if (sim_read_instruments(&day, CHECK_SHARED_DATA "/kite_instruments_20240406.csv", why) != 0 ||
        sim_read_freeze(&day, CHECK_SHARED_DATA "/nse_qtyfreeze.csv", why) != 0)
        fail_msg("%s", why);
    assert_int_equal(day.contracts, 31373);
    assert_int_equal(day.contract[sim_day_find(&day, SIM_NFO, 67336)].freeze, 600);
    sim_day_finish(&day);
    int count = sim_read_ticks(CHECK_SHARED_DATA "/ticks/ticks_CALL_10924290_10924290_20251008.csv",
                               2, &ticks, why);
    if (count < 0)
        fail_msg("%s", why);
    assert_int_equal(ticks[0].price, 23580);
    assert_true(count > 30000 && ticks[count - 1].offset_us > 0);
    free(ticks);
}

static void test_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"[exchange]\nsessions =\n", "text:2: [exchange] sessions: bad value"},
        {"[exchange]\nsession = A\n", "no such key"},
        {"[market]\nticks_per_s = many\n", "text:2: [market] ticks_per_s: bad value"},
        {"[market]\nstep_ppm = 1 2 3\n", "bad value"},
        {"[faults]\nreject_ppm = 1000001\n", "bad value"},
        {"[faults]\nno_such = 1\n", "text:2: [faults] no_such: no such key"},
        {"[session NOBODY]\nreset_on_logon = yes\n", "no such key"},
        {"[exchange]\nreset_on_logon = perhaps\n", "bad value"},
        {"[exchange\n", "text:1: not understood"},
    };
    struct sim_settings s;
    char why[SIM_WHY];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sim_settings_defaults(&s);
        assert_int_equal(sim_settings_parse(&s, bad[i].text, why), -1);
        if (strstr(why, bad[i].why) == NULL)
            fail_msg("%s: %s", bad[i].text, why);
    }
    sim_settings_defaults(&s);
    assert_int_equal(sim_settings_parse(&s,
                                        "[exchange]\ncomp_id=X\nsessions=A, B-MD\nheartbeat_s=7\n"
                                        "[session A]\nreset_on_logon=yes\nheartbeat_s=30\n"
                                        "[market]\nband_ppm=1 2 3 4\n[faults]\nkick_ppm=5\n",
                                        why),
                     0);
    assert_int_equal(s.exchange.sessions, 2);
    assert_string_equal(s.exchange.session[1].comp_id, "B-MD");
    assert_true(s.exchange.session[0].reset_on_logon);
    assert_false(s.exchange.session[1].reset_on_logon);
    assert_int_equal(s.exchange.session[0].heartbeat_s, 30);
    assert_int_equal(s.exchange.session[1].heartbeat_s, 7);
    assert_int_equal(s.exchange.market.band_ppm[3], 4);
    assert_int_equal(s.exchange.fault[SIM_FAULT_KICK], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day),           cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_torn_files),    cmocka_unit_test(test_real_files),
        cmocka_unit_test(test_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
