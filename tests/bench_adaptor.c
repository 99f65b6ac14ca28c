/*
 * bench_adaptor.c: the cost of the adaptor over the bare codec and session, in one run.
 *
 *   order out    request of the engine -> checks -> FIX bytes with a number -> SENT input
 *                floor: the same message put and ended in a buffer
 *   report in    FIX bytes -> session -> checked report -> input
 *                floor: the same bytes parsed
 *   rate in      FIX bytes of a change of three entries -> rate of an instrument
 *                floor: the same bytes parsed
 *
 * Prints `name | ours | floor | ratio | goal`, best of some rounds. Reported, never judged.
 */
#include "net/fix_market.h"
#include "tests/adaptor_day.h"
#include "tests/fix_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CLORD "261126SQO0010001A40" /* as long as those of the engine */

enum { ROUNDS = 9, TIMES = 400 }; /* so many reports fit the session's buffer */

static struct sq_tables tables;
static struct fix_exchange exchange;
static struct fix_market market;
static struct fix_view view;
static uint64_t taken, told;

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void row(const char *name, double ours, double floor)
{
    printf("%s | %.0f ns | %.0f ns | %.2f | -\n", name, ours, floor, ours / floor);
}

/* ---- both sides ------------------------------------------------------------------------------ */

static bool submit(void *owner, const struct sq_message *input)
{
    (void)owner;
    if (input->kind == SQ_NUMBERS)
        adaptor_reserve(&exchange, input);
    taken++;
    return true;
}

static void on_rate(void *owner, uint32_t instrument, const struct sq_rate *rate)
{
    (void)owner;
    told += instrument + (uint64_t)rate->last;
}

static void on_feed(void *owner, enum sq_exchange which, sq_time time, bool gap)
{
    (void)owner;
    told += which + gap + (uint64_t)time;
}

static struct fix_peer *peer;

static void run_exchange(void)
{
    do {
        fix_exchange_poll(&exchange, ADAPTOR_START);
        fix_peer_poll(peer, ADAPTOR_START);
    } while (adaptor_pass(&exchange.session, &peer->session) +
                 adaptor_pass(&peer->session, &exchange.session) >
             0);
}

static void run_market(void)
{
    do {
        fix_market_poll(&market, ADAPTOR_START);
        fix_peer_poll(peer, ADAPTOR_START);
    } while (adaptor_pass(&market.session, &peer->session) +
                 adaptor_pass(&peer->session, &market.session) >
             0);
}

/* ---- figures --------------------------------------------------------------------------------- */

static struct sq_message an_order(void)
{
    struct sq_message m = {.kind = SQ_REQUEST_NEW};
    m.as.request = (struct sq_request_order){.clord = CLORD,
                                             .account = "ACC10421",
                                             .key = adaptor_key,
                                             .symbol = "NIFTY",
                                             .side = SQ_SIDE_SELL,
                                             .price_decimals = 2,
                                             .qty = 65,
                                             .limit = 12040,
                                             .send_before = SQ_NEVER,
                                             .epoch = exchange.book.epoch,
                                             .conn = exchange.conn};
    return m;
}

static double orders_out(void)
{
    struct sq_message m = an_order();
    double began = now_ns();
    for (int i = 0; i < TIMES; i++)
        exchange.port.ops->send(&exchange.port, &m);
    fix_exchange_poll(&exchange, ADAPTOR_START);
    double ended = now_ns();
    run_exchange();
    return (ended - began) / TIMES;
}

/* The fields of the same order, put by hand. */
static double orders_put(void)
{
    static char buffer[1024];
    double began = now_ns();
    for (int i = 0; i < TIMES; i++) {
        struct fix_writer w;
        fix_begin(&w, buffer, sizeof buffer, "D");
        fix_put_text(&w, FIX_SENDER_COMP_ID, "DESK1");
        fix_put_text(&w, FIX_TARGET_COMP_ID, "SQXCHG");
        fix_put_int(&w, FIX_MSG_SEQ_NUM, i + 1);
        fix_put_time(&w, FIX_SENDING_TIME, ADAPTOR_START);
        fix_put_text(&w, FIX_CL_ORD_ID, CLORD);
        fix_put_text(&w, FIX_ACCOUNT, "ACC10421");
        fix_put_text(&w, FIX_SYMBOL, "NIFTY");
        fix_put_int(&w, FIX_SECURITY_ID, 52223);
        fix_put_text(&w, FIX_SECURITY_ID_SOURCE, "8");
        fix_put_text(&w, FIX_SECURITY_EXCHANGE, "NFO");
        fix_put_char(&w, FIX_SIDE, '2');
        fix_put_time(&w, FIX_TRANSACT_TIME, ADAPTOR_START);
        fix_put_int(&w, FIX_ORDER_QTY, 65);
        fix_put_char(&w, FIX_ORD_TYPE, '2');
        fix_put_price(&w, FIX_PRICE, 12040, 2);
        fix_put_char(&w, FIX_TIME_IN_FORCE, '0');
        fix_put_text(&w, FIX_PRODUCT_CODE, "NRML");
        if (fix_end(&w) != 0)
            abort();
    }
    return (now_ns() - began) / TIMES;
}

static double parse_all(const char *bytes, size_t n)
{
    double began = now_ns();
    for (size_t at = 0, size; at < n; at += size)
        if (fix_parse(&view, bytes + at, n - at, &size) != FIX_OK)
            abort();
    return (now_ns() - began) / TIMES;
}

static double best(double a, double b)
{
    return a == 0 || b < a ? b : a;
}

static void say_all(const char *text)
{
    for (int i = 0; i < TIMES; i++)
        if (fix_peer_say(peer, ADAPTOR_START, text) == 0)
            abort();
}

static void bench_orders(void)
{
    double ours = 0, floor = 0;
    for (int i = 0; i < ROUNDS; i++) {
        ours = best(ours, orders_out());
        floor = best(floor, orders_put());
    }
    row("adaptor: order request to FIX bytes", ours, floor);
}

static void bench_reports(void)
{
    double ours = 0, floor = 0;
    for (int i = 0; i < ROUNDS; i++) {
        size_t n;
        say_all("35=8|37=1100012|11=" CLORD "|17=7701|150=F|39=1|1=ACC10421|5001=NRML|"
                "55=NIFTY|48=52223|22=8|207=NFO|54=2|38=750|40=2|44=101.50|59=0|32=300|31=101.55|"
                "151=450|14=300|6=101.55|60=20261122-08:15:00.125");
        const char *bytes = fix_session_output(&peer->session, &n);
        floor = best(floor, parse_all(bytes, n));
        double began = now_ns();
        while (adaptor_pass(&peer->session, &exchange.session) > 0)
            fix_exchange_poll(&exchange, ADAPTOR_START);
        ours = best(ours, (now_ns() - began) / TIMES);
    }
    row("adaptor: report bytes to input", ours, floor);
}

static void bench_rates(void)
{
    double ours = 0, floor = 0;
    for (int i = 0; i < ROUNDS; i++) {
        size_t n;
        say_all("35=X|262=R0-1|268=3|279=1|269=0|55=NIFTY|48=52223|22=8|207=NFO|270=101.50|271=650|"
                "290=1|279=1|269=1|55=NIFTY|48=52223|22=8|207=NFO|270=101.60|271=130|290=1|279=1|"
                "269=2|55=NIFTY|48=52223|22=8|207=NFO|270=101.55|271=65");
        const char *bytes = fix_session_output(&peer->session, &n);
        floor = best(floor, parse_all(bytes, n));
        double began = now_ns();
        while (adaptor_pass(&peer->session, &market.session) > 0)
            fix_market_poll(&market, ADAPTOR_START);
        ours = best(ours, (now_ns() - began) / TIMES);
    }
    row("feed: change of three entries to rate", ours, floor);
}

static void open_orders(void)
{
    struct fix_exchange_config config = {
        .target_comp_id = "SQXCHG", .tables = &tables, .submit = submit};
    struct sq_book book = {.day = 20261126, .epoch = 1, .sender = "DESK1", .loaded = 1, .owned = 1};
    peer = fix_peer_new("SQXCHG", "DESK1", false);
    fix_exchange_init(&exchange, &config);
    fix_exchange_start(&exchange, &book);
    fix_exchange_poll(&exchange, ADAPTOR_START);
    fix_session_connect(&peer->session, ADAPTOR_START);
    fix_exchange_connect(&exchange, ADAPTOR_START);
    run_exchange();
}

static void open_prices(void)
{
    struct fix_market_config config = {.sender_comp_id = "DESK1-MD",
                                       .target_comp_id = "SQXCHG",
                                       .tables = &tables,
                                       .room = 8,
                                       .rate = on_rate,
                                       .feed = on_feed};
    peer = fix_peer_new("SQXCHG", "DESK1-MD", true);
    fix_market_init(&market, &config, calloc(1, fix_market_rows_size(8)));
    fix_session_connect(&peer->session, ADAPTOR_START);
    fix_market_connect(&market, ADAPTOR_START);
    run_market();
    fix_peer_say(peer, ADAPTOR_START,
                 "35=W|262=R0-1|55=NIFTY|48=52223|22=8|207=NFO|268=1|269=5|270=100");
    run_market();
}

int main(void)
{
    fix_view_init(&view);
    void *memory = adaptor_day(&tables);
    adaptor_order(&tables, 1, CLORD, 0);
    open_orders();
    bench_orders();
    bench_reports();
    fix_peer_free(peer);
    open_prices();
    bench_rates();
    fix_peer_free(peer);
    free(memory);
    return taken == 0 || told == 0;
}
