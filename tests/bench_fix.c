/*
 * bench_fix.c: parsing and encoding FIX, against minimal loops written by hand that do the same work
 * and nothing more (split into tag and value, sum the bytes; copy fields, sum the bytes).
 *
 * Prints `name | ours | floor | ratio | goal` in nanoseconds an operation, best of some rounds. The goals
 * are in instructions; these are counted by
 *     valgrind --tool=callgrind --toggle-collect=parse_order build/tests/bench_fix 1000
 * (also: check_order, parse_report, check_report, encode_order), the total divided by 1000.
 */
#include "net/fix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 7, DEFAULT_TIMES = 300000 };

#define NOINLINE __attribute__((noinline))

/* 200 and 278 bytes: the sizes that the goals are set for. '|' stands for SOH, the trailer is added. */
static char order[] = "8=FIX.4.4|9=000|35=D|49=DESK|56=EXCH|34=4711|"
                      "52=20261122-08:15:00.123|11=26112200100004711|1=C421|5001=MIS|"
                      "55=NIFTY|48=501|22=8|207=NFO|54=2|60=20261122-08:15:00.123|38=750|"
                      "40=2|44=101.50|59=0|10=000|";
static char report[] = "8=FIX.4.4|9=000|35=8|49=EXCH|56=DESK|34=81234|"
                       "52=20261122-08:15:00.125|37=1100012|11=26112200100000471100|"
                       "17=7701|150=F|39=1|1=C10421|5001=NRML|55=NIFTY|48=501|22=8|207=NFO|"
                       "54=2|38=750|40=2|44=101.50|59=0|32=300|31=101.55|151=450|14=300|6=101.55|"
                       "60=20261122-08:15:00.125|10=000|";

static struct fix_view view;
static char out[512];
static uint32_t seed; /* what the floors compute, so that they are not optimized away */

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* Puts SOH, BodyLength and CheckSum in their places. */
static size_t finish(char *message)
{
    size_t n = strlen(message), body = n - 7 - (size_t)(strstr(message, "35=") - message);
    uint32_t sum = 0;
    char digits[8];
    snprintf(digits, sizeof digits, "%03zu", body);
    memcpy(strstr(message, "9=") + 2, digits, 3);
    for (size_t i = 0; i < n; i++)
        message[i] = message[i] == '|' ? FIX_SOH : message[i];
    for (size_t i = 0; i < n - 7; i++)
        sum += (unsigned char)message[i];
    snprintf(digits, sizeof digits, "%03u", sum & 0xff);
    memcpy(message + n - 4, digits, 3);
    return n;
}

/* ---- ours ---- */

static NOINLINE void parse_order(void)
{
    size_t size;
    if (fix_parse(&view, order, sizeof order - 1, &size) != FIX_OK)
        abort();
}

static NOINLINE void parse_report(void)
{
    size_t size;
    if (fix_parse(&view, report, sizeof report - 1, &size) != FIX_OK)
        abort();
}

static NOINLINE void check_order(void)
{
    size_t size;
    if (fix_parse(&view, order, sizeof order - 1, &size) != FIX_OK || !fix_check(&view))
        abort();
}

static NOINLINE void check_report(void)
{
    size_t size;
    if (fix_parse(&view, report, sizeof report - 1, &size) != FIX_OK || !fix_check(&view))
        abort();
}

static NOINLINE void encode_order(void)
{
    struct fix_writer w;
    fix_begin(&w, out, sizeof out, "D");
    fix_put_text(&w, FIX_SENDER_COMP_ID, "DESK");
    fix_put_text(&w, FIX_TARGET_COMP_ID, "EXCH");
    fix_put_int(&w, FIX_MSG_SEQ_NUM, 4711);
    fix_put_time(&w, FIX_SENDING_TIME, 1795335300123000);
    fix_put_text(&w, FIX_CL_ORD_ID, "26112200100004711");
    fix_put_text(&w, FIX_ACCOUNT, "C421");
    fix_put_text(&w, FIX_PRODUCT_CODE, "MIS");
    fix_put_text(&w, FIX_SYMBOL, "NIFTY");
    fix_put_int(&w, FIX_SECURITY_ID, 501);
    fix_put_char(&w, FIX_SECURITY_ID_SOURCE, '8');
    fix_put_text(&w, FIX_SECURITY_EXCHANGE, "NFO");
    fix_put_char(&w, FIX_SIDE, '2');
    fix_put_time(&w, FIX_TRANSACT_TIME, 1795335300123000);
    fix_put_int(&w, FIX_ORDER_QTY, 750);
    fix_put_char(&w, FIX_ORD_TYPE, '2');
    fix_put_price(&w, FIX_PRICE, 10150, 2);
    fix_put_char(&w, FIX_TIME_IN_FORCE, '0');
    if (fix_end(&w) != 0)
        abort();
}

/* ---- floors ---- */

static struct {
    uint32_t tag, length;
    const char *value;
} part[64];

/* Splits at SOH and sums: no check of any kind. */
static uint32_t split(const char *at, const char *end)
{
    uint32_t sum = 0, n = 0;
    while (at < end) {
        uint32_t tag = 0;
        for (; *at != '='; at++) {
            sum += (unsigned char)*at;
            tag = tag * 10 + (uint32_t)(*at - '0');
        }
        sum += (unsigned char)*at++;
        part[n].tag = tag;
        part[n].value = at;
        for (; *at != FIX_SOH; at++)
            sum += (unsigned char)*at;
        sum += (unsigned char)*at;
        part[n].length = (uint32_t)(at - part[n].value);
        n++;
        at++;
    }
    return sum + n;
}

static NOINLINE void floor_parse_order(void)
{
    seed += split(order, order + sizeof order - 1);
}

static NOINLINE void floor_parse_report(void)
{
    seed += split(report, report + sizeof report - 1);
}

static char *add(char *to, const char *text, size_t n)
{
    memcpy(to, text, n);
    return to + n;
}

#define ADD(text) (at = add(at, text, sizeof text - 1))

/* Constant tags, values as text already, times as text already: only copies and the sum. */
static NOINLINE void floor_encode_order(void)
{
    char *at = out;
    uint32_t sum = 0;
    ADD("8=FIX.4.4\0019=178\00135=D\00149=DESK\00156=EXCH\00134=");
    ADD("4711\001");
    ADD("52=20261122-08:15:00.123\001");
    ADD("11=26112200100004711\001");
    ADD("1=C421\001");
    ADD("5001=MIS\001");
    ADD("55=NIFTY\001");
    ADD("48=501\001");
    ADD("22=8\001207=NFO\001");
    ADD("54=2\001");
    ADD("60=20261122-08:15:00.123\001");
    ADD("38=750\001");
    ADD("40=2\00144=101.50\001");
    ADD("59=0\001");
    for (const char *c = out; c < at; c++)
        sum += (unsigned char)*c;
    sum &= 0xff;
    ADD("10=");
    *at++ = (char)('0' + sum / 100);
    *at++ = (char)('0' + sum / 10 % 10);
    *at++ = (char)('0' + sum % 10);
    *at++ = FIX_SOH;
    seed += (uint32_t)(at - out);
}

/* ---- figures ---- */

static double best_ns(void (*run)(void), long times)
{
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_ns();
        for (long i = 0; i < times; i++)
            run();
        double took = (now_ns() - start) / (double)times;
        best = took < best ? took : best;
    }
    return best;
}

static const struct {
    const char *name;
    void (*ours)(void);
    void (*floor)(void);
    const char *goal;
} figure[] = {
    {"FIX parse, order 200 B", parse_order, floor_parse_order, "<= 1300 instructions"},
    {"FIX parse + check, order 200 B", check_order, floor_parse_order, "<= 1300 instructions"},
    {"FIX parse, report 278 B", parse_report, floor_parse_report, "<= 2100 instructions"},
    {"FIX parse + check, report 278 B", check_report, floor_parse_report, "<= 2100 instructions"},
    {"FIX encode, order 200 B", encode_order, floor_encode_order, "<= 550 instructions"},
};

enum { FIGURES = sizeof figure / sizeof figure[0] };

/* Under callgrind: each figure so often, no timing. */
static void count(long times)
{
    for (size_t f = 0; f < FIGURES; f++)
        for (long i = 0; i < times; i++)
            figure[f].ours();
}

int main(int argc, char **argv)
{
    size_t order_bytes = finish(order), report_bytes = finish(report);
    fix_view_init(&view);
    printf("order %zu bytes, report %zu bytes\n", order_bytes, report_bytes);
    if (argc > 1) {
        count(atol(argv[1]));
        return 0;
    }
    for (size_t f = 0; f < FIGURES; f++) {
        double ours = best_ns(figure[f].ours, DEFAULT_TIMES);
        double floor = best_ns(figure[f].floor, DEFAULT_TIMES);
        printf("%s | %.0f ns | %.0f ns | %.2f | %s\n", figure[f].name, ours, floor, ours / floor,
               figure[f].goal);
    }
    return seed == 1;
}
