/*
 * import_broken_test.c - the small day broken in many ways: each fault is told with line and field,
 * and nothing is loaded
 */
#include <stdlib.h>
#include <string.h>

#include "db/day.h"
#include "tests/check.h"
#include "tests/small_day.h"

/* ---- the small day, broken ------------------------------------ */

static const struct {
    const char *file, *find, *put; /* first `find` becomes `put` */
    uint32_t line;                 /* where it is reported; 0: the file or the day */
    const char *field, *reason;    /* what is said: part of it */
} broken[] = {
    {"positions.csv", "-1950", "", 2, "net_qty", "empty"},
    {"positions.csv", "-1950", "-19.5", 2, "net_qty", "not a whole number"},
    {"positions.csv", "-1950", "1e3", 2, "net_qty", "not a whole number"},
    {"positions.csv", "-1950", "99999999999999999999", 2, "net_qty", "not a whole number"},
    {"positions.csv", "118.25", "118.255", 2, "avg_price", "2 decimals"},
    {"positions.csv", "118.25", "", 2, "avg_price", "no price"},
    {"positions.csv", "118.25", "-1", 2, "avg_price", "negative"},
    {"positions.csv", "90.9275", "90.92755", 4, "avg_price", "4 decimals"},
    {"positions.csv", "C10421,NFO", "C99999,NFO", 2, "client", "not in the clients file"},
    {"positions.csv", "C10421,NFO", ",NFO", 2, "client", "empty"},
    {"positions.csv", "C10421,NFO", "C10421C10421C10421,NFO", 2, "client", "too long"},
    {"positions.csv", "C10421,NFO", "C10421,XFO", 2, "exchange", "not a known name"},
    {"positions.csv", "2026-12-01", "2026-12-02", 2, "symbol", "no such contract"},
    {"positions.csv", "2026-12-01", "2026-02-30", 2, "expiry", "not a date"},
    {"positions.csv", "2885,RELIANCE", "2885,TCS", 3, "symbol", "not what the contract"},
    {"positions.csv", "2885,RELIANCE,EQ", "2885,RELIANCE,BE", 3, "series", "not what the contract"},
    {"positions.csv", "2885,", "2886,", 3, "token", "no such token"},
    {"positions.csv", "2885,", "0,", 3, "token", "out of range"},
    {"positions.csv", "2885,", "28850000000,", 3, "token", "out of range"},
    {"positions.csv", "NSE,2885,RELIANCE,EQ", "NSE,1001,,", 3, "symbol", "an index"},
    {"instruments.csv", "100.00,2026-12-01", "100.00,2026-11-25", 2, "symbol", "no such contract"},
    {"instruments.csv", "90.9275,2026-12-29", "90.9275,2026-11-25", 4, "symbol", "has expired"},
    {"positions.csv", ",NRML", ",NRLM", 2, "product", "not a known name"},
    {"positions.csv", ",NRML", ",", 2, "product", "empty"},
    {"positions.csv", "60," AS_OF, "60,2026-11-26T10:41:59+05:30", 3, "as_of", "not the same"},
    {"positions.csv", AS_OF, "yesterday", 2, "as_of", "not a time"},
    {"positions.csv", "net_qty", "nett", 0, "", "header of no format"},
    {"positions.csv", "avg_price", "average", 1, "average", "unknown column"},
    {"positions.csv", "prev_settle", "avg_price", 1, "avg_price", "twice"},
    {"positions.csv", "C10812,MCX,,CRUDEOIL,,2026-12-18,,,MIS,3,0,5890",
     "C10421," AT_OPTION ",NRML,5,0,1", 5, "client", "the same as in line 2"},
    {"positions.csv", "CNC,100,100,1200,1260.5,60," AS_OF, "CNC,100", 3, "", "fields where"},
    {"positions.csv", "-1950", "\"-1950", 2, "field 10", "quote not closed"},
    {"positions.csv", "-1950",
     "-19\x01"
     "50",
     2, "field 10", "control byte"},
    {"positions.csv", "-1950",
     "-19\xff"
     "50",
     2, "", "not UTF-8"},
    {"orders.csv", "BUY", "buy", 2, "side", "not a known name"},
    {"orders.csv", "BUY,650", "BUY,0", 2, "open_qty", "out of range"},
    {"orders.csv", "LIMIT,75.00", "LIMIT,", 2, "limit_price", "does not fit"},
    {"orders.csv", "LIMIT,75.00", "MARKET,75.00", 2, "limit_price", "does not fit"},
    {"orders.csv", "1200,1205", "1200,", 3, "trigger_price", "does not fit"},
    {"orders.csv", "SQDRILL", "", 2, "sender_id", "empty"},
    {"orders.csv", "110001,", ",", 2, "exch_order_no", "empty"},
    {"orders.csv", "SELL,10,SL,1200,1205,DAY,110002", "SELL,10,SL,1200,1205,DAY,110001", 0, NULL,
     NULL}, /* another exchange: another order */
    {"trades.csv", "50124", "50123", 3, "trade_no", "the same as in line 2"},
    {"trades.csv", "1275.60", "0", 2, "price", "empty"},
    {"trades.csv", "2026-11-26T10:42:03+05:30", "10:42:03", 2, "trade_time", "not a time"},
    {"clients.csv", "C10812,S", "C10421,S", 3, "client", "the same as in line 2"},
    {"clients.csv", "RK07,,CLI", "RK08,,CLI", 2, "dealer", "not in the dealers file"},
    {"clients.csv", "ACTIVE", "LIVELY", 2, "status", "none of"},
    {"clients.csv", "Y,Y,ACTIVE", "Y,y,ACTIVE", 2, "call_required", "neither Y nor N"},
    {"clients.csv", "C10812,S IYER,+919800001235,MUM-1", "C10812,S IYER,,DEL-2", 0, "desk",
     "several desks"},
    {"dealers.csv", "DEALER,", "SYSTEM,", 2, "role", "not a role of people"},
    {"dealers.csv", "DEALER,", "BOSS,", 2, "role", "not a known name"},
    {"dealers.csv", "instant", "now", 2, "one_key", "not a known name"},
    {"calendar.csv", "15:30", "09:15", 3, "close", "after the opening"},
    {"calendar.csv", "15:30", "25:30", 3, "close", "not a time"},
    {"calendar.csv", "15:35", "", 2, "closing_auction_end", "after its start"},
    {"calendar.csv", "NFO,,", "NSE,EQ,", 3, "series", "the same as in line 2"},
    {"instruments.csv", "0.05,65,CE", "0,65,CE", 3, "tick_size", "not possible"},
    {"instruments.csv", "0.05,65,CE", "0.05,0,CE", 3, "lot_size", "out of range"},
    {"instruments.csv", "0.05,65,CE", "0.005,65,CE", 3, "tick_size", "2 decimals"},
    {"instruments.csv", "24500,0.05,65,CE", "0,0.05,65,CE", 3, "strike", "not possible"},
    {"instruments.csv", "2,102,", "2,101,", 4, "exchange_token", "in this file already"},
    {"instruments.csv", "2026-12-29,0,0.1", ",0,0.1", 5, "expiry", "not possible"},
    {"instruments.csv", "0.0025,1000", "0.0025,1001", 10, "lot_size", "not possible"},
    {"instruments.csv", "exchange_token", "token", 0, "", "header of no format"},
    {"qtyfreeze.csv", "1800 ", "18x0 ", 2, "VOL_FRZ_QTY", "not a whole number"},
    {"qtyfreeze.csv", "CRUDEOIL", "NIFTY   ", 3, "SYMBOL", "another freeze"},
};

/* Writes file `i` of the small day with the change; its length (a change may hold any byte). */
static void put_broken(struct small_day *b, size_t i)
{
    for (size_t k = 0; k < SMALL_FILES; k++) {
        char text[4096];
        const char *at = strstr(small_files[k].text, broken[i].find);
        if (strcmp(small_files[k].name, broken[i].file) != 0)
            continue;
        assert_non_null(at);
        int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - small_files[k].text),
                              small_files[k].text, broken[i].put, at + strlen(broken[i].find));
        small_put(b, small_files[k].name, text, (size_t)length);
    }
}

static void expect_told(const struct small_day *b, size_t i)
{
    const struct report *r = b->day.report;
    for (uint32_t k = 0; k < r->row_count; k++) {
        const struct report_row *row = &r->rows[k];
        if (row->refused && row->line == broken[i].line &&
            strcmp(row->field, broken[i].field) == 0 && strstr(row->reason, broken[i].reason))
            return;
    }
    report_print(r, stdout, 10);
    fail_msg("%s: '%s' -> '%s' is not told", broken[i].file, broken[i].find, broken[i].put);
}

static void test_broken_days(void **state)
{
    struct small_day *b = *state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        small_put_all(b);
        put_broken(b, i);
        int result = small_load(b);
        if (broken[i].reason == NULL) {
            assert_int_equal(result, 0);
            continue;
        }
        assert_int_equal(result, 1);
        assert_null(b->day.inputs);
        assert_int_equal(b->day.input_count, 0);
        expect_told(b, i);
    }
}

static void test_missing_files(void **state)
{
    struct small_day *b = *state;
    static const char *const needed[] = {"positions.csv", "clients.csv", "dealers.csv",
                                         "instruments.csv"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        char path[300];
        small_put_all(b);
        snprintf(path, sizeof path, "%s/%s", b->folder, needed[i]);
        remove(path);
        assert_int_equal(small_load(b), 1);
        assert_null(b->day.inputs);
    }
    assert_int_equal(small_load_with(b, &(struct day_options){.book = "X"}), 1);
    small_put_all(b);
    small_put(b, "more.csv", small_files[3].text, strlen(small_files[3].text));
    assert_int_equal(small_load(b), 1); /* two files of clients */
}

/* Cut anywhere, or with a byte turned: no crash, and never half a day. */
static void test_damaged_bytes(void **state)
{
    struct small_day *b = *state;
    unsigned seed = 1;
    small_put_all(b);
    for (size_t k = 0; k < SMALL_FILES; k++) {
        size_t length = strlen(small_files[k].text);
        char *text = malloc(length);
        for (size_t at = 0; at < length; at += 7) {
            memcpy(text, small_files[k].text, length);
            seed = seed * 1103515245 + 12345;
            text[at] = (char)(seed >> 16);
            small_put(b, small_files[k].name, text, at % 2 ? length : at + 1);
            int result = small_load(b);
            assert_true(result == 0 || result == 1);
            assert_true((b->day.inputs != NULL) == (result == 0));
        }
        free(text);
        small_put(b, small_files[k].name, small_files[k].text, length);
    }
    small_expect_loaded(b);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, small_set_up, small_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_FOLDER(test_broken_days),
        WITH_FOLDER(test_missing_files),
        WITH_FOLDER(test_damaged_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
