/*
 * bench_exchange.c: how fast the simulated exchange answers, so that it is never what a bench of the
 * product measures: FIX bytes of a NewOrderSingle in, its acknowledgement and fill out, no socket.
 *
 * Prints `name | ours | floor | ratio | goal`. The floor is the FIX session alone doing the same
 * round: a message parsed, two made.
 */
#include "net/fix_session.h"
#include "net/simulator/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ORDERS = 20000 };

static struct fix_session member, echo;
static int64_t now_us = INT64_C(1795667000000000);

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void fail(const char *why)
{
    fprintf(stderr, "bench_exchange: %s\n", why);
    exit(1);
}

static void send_order(int number)
{
    struct fix_writer *w;
    char id[16];
    snprintf(id, sizeof id, "B%d", number);
    if (fix_session_begin(&member, now_us, "D", &w) != FIX_SENT)
        fail("not logged on");
    fix_put_text(w, FIX_CL_ORD_ID, id);
    fix_put_text(w, FIX_ACCOUNT, "C2");
    fix_put_text(w, FIX_SYMBOL, "HDFCBANK");
    fix_put_int(w, FIX_SECURITY_ID, 1333);
    fix_put_char(w, FIX_SECURITY_ID_SOURCE, '8');
    fix_put_text(w, FIX_SECURITY_EXCHANGE, "NSE");
    fix_put_char(w, FIX_SIDE, number % 2 == 0 ? '2' : '1');
    fix_put_time(w, FIX_TRANSACT_TIME, now_us);
    fix_put_int(w, FIX_ORDER_QTY, 1);
    fix_put_char(w, FIX_ORD_TYPE, '2');
    fix_put_price(w, FIX_PRICE, number % 2 == 0 ? 99000 : 101000, 2);
    fix_put_char(w, FIX_TIME_IN_FORCE, '0');
    fix_put_text(w, FIX_PRODUCT_CODE, "MIS");
    fix_session_send(&member, &(uint32_t){0});
}

/* Moves the member's output away; returns how many application messages came since. */
static int drain_member(void)
{
    struct fix_event event;
    int messages = 0;
    while (fix_session_poll(&member, now_us, &event))
        messages += event.kind == FIX_EVENT_MESSAGE;
    return messages;
}

static void exchange_round(struct exchange *x, int connection)
{
    size_t n;
    for (int round = 0; round < 2; round++) {
        const char *out = fix_session_output(&member, &n);
        if (n > 0)
            fix_session_written(&member, exchange_input(x, connection, out, n, now_us));
        const char *in = exchange_output(x, connection, &n);
        if (n > 0)
            exchange_written(x, connection, fix_session_receive(&member, in, n), now_us);
    }
}

static double bench_exchange(void)
{
    struct exchange_config config;
    struct sim_day day;
    char why[SIM_WHY];
    exchange_defaults(&config);
    strcpy(config.session[0].comp_id, "B");
    config.sessions = 1;
    config.market.ticks_per_s = 0;
    config.market.depth_lots = 1000000;
    if (sim_day_read(&day, "tests/exchange/day", why) != 0)
        fail(why);
    void *memory = malloc(exchange_size(&config, &day));
    struct exchange *x = memory == NULL ? NULL : exchange_init(memory, &config, &day, now_us, why);
    if (x == NULL)
        fail("no exchange");
    int connection = exchange_connect(x, now_us), messages = 0;
    fix_session_connect(&member, now_us);
    drain_member();
    exchange_round(x, connection);
    drain_member();
    double from = now_ns();
    for (int i = 0; i < ORDERS; i++) {
        send_order(i);
        exchange_round(x, connection);
        messages += drain_member();
    }
    double took = now_ns() - from;
    if (messages != 2 * ORDERS)
        fail("orders were not filled");
    fix_session_disconnect(&member);
    sim_day_finish(&day);
    free(memory);
    return took / ORDERS;
}

/* What an echo costs: the member's message is parsed, and two of its kind are made. */
static void echo_round(void)
{
    struct fix_event event;
    struct fix_writer *w;
    size_t n;
    const char *out = fix_session_output(&member, &n);
    fix_session_written(&member, fix_session_receive(&echo, out, n));
    while (fix_session_poll(&echo, now_us, &event)) {
        for (int i = 0; i < 2 && event.kind == FIX_EVENT_MESSAGE; i++) {
            fix_session_begin(&echo, now_us, "8", &w);
            for (uint32_t f = 3; f < event.view->count; f++)
                if (event.view->field[f].tag != 34 && event.view->field[f].tag != 49 &&
                    event.view->field[f].tag != 52 && event.view->field[f].tag != 56)
                    fix_put_bytes(w, event.view->field[f].tag, event.view->field[f].value,
                                  event.view->field[f].length);
            fix_put_text(w, FIX_ORDER_ID, "1");
            fix_put_text(w, FIX_EXEC_ID, "1");
            fix_put_char(w, FIX_EXEC_TYPE, '0');
            fix_put_char(w, FIX_ORD_STATUS, '0');
            fix_put_int(w, FIX_LEAVES_QTY, 1);
            fix_put_int(w, FIX_CUM_QTY, 0);
            fix_put_int(w, FIX_AVG_PX, 0);
            fix_session_send(&echo, &(uint32_t){0});
        }
    }
    const char *in = fix_session_output(&echo, &n);
    fix_session_written(&echo, fix_session_receive(&member, in, n));
}

static double bench_echo(void)
{
    int messages = 0;
    fix_session_numbers(&member, 1, 1, UINT32_MAX);
    fix_session_numbers(&echo, 1, 1, UINT32_MAX);
    fix_session_connect(&echo, now_us);
    fix_session_connect(&member, now_us);
    drain_member();
    echo_round();
    drain_member();
    double from = now_ns();
    for (int i = 0; i < ORDERS; i++) {
        send_order(i);
        echo_round();
        messages += drain_member();
    }
    double took = now_ns() - from;
    if (messages != 2 * ORDERS)
        fail("the echo is incomplete");
    return took / ORDERS;
}

int main(void)
{
    struct fix_session_config one = {.role = FIX_INITIATOR};
    struct fix_session_config two = {.role = FIX_ACCEPTOR};
    strcpy(one.sender_comp_id, "B");
    strcpy(one.target_comp_id, "SQXCHG");
    strcpy(two.sender_comp_id, "SQXCHG");
    strcpy(two.target_comp_id, "B");
    fix_session_init(&member, &one);
    fix_session_numbers(&member, 1, 1, UINT32_MAX);
    fix_session_init(&echo, &two);
    double ours = bench_exchange(), floor = bench_echo();
    printf("exchange: order to ack and fill, FIX both ways | %.0f ns | %.0f ns | %.2f | -\n", ours,
           floor, ours / floor);
    return 0;
}
