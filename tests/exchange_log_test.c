/*
 * The simulated exchange's log, judged by the program that knows nothing but the log.
 */
#include "tests/check.h"
#include "tests/venue.h"

#include <stdlib.h>
#include <string.h>

/* Runs scripts/check_exchange_log.py over a text; its exit code. */
static int judge(const char *text)
{
    char folder[256], path[320], command[512];
    check_make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/exchange.log", folder);
    check_write_file(path, text, strlen(text));
    snprintf(command, sizeof command,
             "python3 scripts/check_exchange_log.py %s %s/positions.csv --quiet >/dev/null", path,
             venue_day);
    int status = system(command);
    check_remove_folder(folder);
    return status / 256;
}

/* Replaces the first occurrence of a text of the same length. */
static void tamper(char *log, const char *from, const char *to)
{
    char *at = strstr(log, from);
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

static void test_log(void **state)
{
    (void)state;
    if (system("python3 -c pass >/dev/null 2>&1") != 0)
        check_skip("no python3");
    struct venue *w = venue_open("[faults]\ncheckpoint_ms=1000\n");
    venue_log_on(w, "SQDRILL");
    venue_log_on(w, "ALPHA");
    venue_order(w, "ALPHA J1 C2 NSE:1333 MIS SELL 1 1000.00");
    venue_pass_time(w, 1001000);
    venue_order(w, "SQDRILL J1 C1 NFO:1001 NRML BUY 65 100.05");
    venue_order(w, "SQDRILL J2 C1 NFO:1001 NRML BUY 65 100.10");
    assert_true(exchange_lose_tail(w->x, w->now_us));
    venue_obey(w, "bust E1-2", true);
    assert_int_equal(exchange_net(w->x, "C2", SIM_NSE, 1333, SIM_MIS), 500);
    assert_int_equal(exchange_net(w->x, "C1", SIM_NFO, 1001, SIM_NRML), -1950);
    assert_int_equal(judge(w->log), 0);
    /* What the program must find: a net that is wrong, a line that is missing, an id used twice. */
    char *copy = strdup(w->log);
    tamper(copy, "net_before=500 net=499", "net_before=500 net=498");
    assert_int_equal(judge(copy), 1);
    free(copy);
    copy = strdup(w->log);
    tamper(copy, "event=order-in session=ALPHA", "event=ignored- session=ALPHA");
    tamper(copy, "n=9 ", "n=8 ");
    assert_int_equal(judge(copy), 1);
    free(copy);
    copy = strdup(w->log);
    tamper(copy, "clord=J2", "clord=J1");
    assert_int_equal(judge(copy), 1);
    free(copy);
    venue_close(w);
}

static void test_log_shows_alarm(void **state)
{
    (void)state;
    if (system("python3 -c pass >/dev/null 2>&1") != 0)
        check_skip("no python3");
    struct venue *w = venue_open("");
    venue_log_on(w, "SQDRILL");
    venue_order(w, "SQDRILL J1 C2 NSE:1333 MIS BUY 1 1000.05");
    assert_int_equal(exchange_counts(w->x).alarms, 1);
    assert_non_null(strstr(w->log, "verdict=alarm"));
    assert_int_equal(judge(w->log), 1);
    venue_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log_shows_alarm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
