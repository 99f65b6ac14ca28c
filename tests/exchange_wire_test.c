/*
 * The simulated exchange in another program's loop: socket pairs, a clock of the owner's, backpressure.
 */
#include "tests/check.h"

#include "net/fix_session.h"
#include "net/simulator/inproc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TURNS = 20000 };

/* A member on a socket pair, and the loop that it shares with the exchange. */
struct stage {
    uv_loop_t loop;
    struct inproc *exchange;
    struct fix_session fix;
    int fd;
    int64_t now_us; /* the drill's own clock */
    int messages;
    char last_type[4];
    bool closed;
};

static int64_t stage_clock(void *context)
{
    struct stage *s = context;
    return s->now_us += 100;
}

static int setup(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    struct sim_settings settings;
    char why[SIM_WHY] = "";
    assert_non_null(s);
    s->now_us = INT64_C(1795667000000000);
    sim_settings_defaults(&settings);
    settings.exchange.session[0].heartbeat_s = 30;
    assert_int_equal(uv_loop_init(&s->loop), 0);
    s->exchange = inproc_create(&s->loop, &settings, "tests/exchange/day", stage_clock, s, why);
    if (s->exchange == NULL)
        fail_msg("%s", why);
    s->fd = -1;
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct stage *s = *state;
    if (s->fd >= 0)
        close(s->fd);
    inproc_stop(s->exchange);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    inproc_free(s->exchange);
    assert_int_equal(uv_loop_close(&s->loop), 0); /* nothing was left behind in it */
    free(s);
    return 0;
}

/* One turn of the loop, and of the member when it reads. */
static void turn(struct stage *s, bool reads)
{
    static char bytes[65536];
    struct fix_event event;
    size_t n;
    ssize_t done;
    while (fix_session_poll(&s->fix, s->now_us, &event)) {
        s->messages += event.kind == FIX_EVENT_MESSAGE;
        if (event.kind == FIX_EVENT_MESSAGE)
            memcpy(s->last_type, event.view->type, sizeof s->last_type);
    }
    const char *out = fix_session_output(&s->fix, &n);
    if (n > 0 && (done = write(s->fd, out, n)) > 0)
        fix_session_written(&s->fix, (size_t)done);
    uv_run(&s->loop, UV_RUN_NOWAIT);
    done = reads ? read(s->fd, bytes, sizeof bytes) : -1;
    s->closed |= done == 0;
    if (done > 0)
        assert_int_equal(fix_session_receive(&s->fix, bytes, (size_t)done), done);
}

static void log_on(struct stage *s, const char *comp_id)
{
    struct fix_session_config config = {.role = FIX_INITIATOR, .target_comp_id = "SQXCHG"};
    snprintf(config.sender_comp_id, sizeof config.sender_comp_id, "%s", comp_id);
    config.reset_on_logon = strstr(comp_id, "-MD") != NULL;
    s->fd = inproc_open(s->exchange);
    assert_true(s->fd >= 0);
    fix_session_init(&s->fix, &config);
    fix_session_numbers(&s->fix, 1, 1, UINT32_MAX);
    fix_session_connect(&s->fix, s->now_us);
    for (int i = 0; i < TURNS && s->fix.state != FIX_ACTIVE; i++)
        turn(s, true);
    assert_int_equal(s->fix.state, FIX_ACTIVE);
}

static struct fix_writer *begin(struct stage *s, const char *type)
{
    struct fix_writer *w;
    assert_int_equal(fix_session_begin(&s->fix, s->now_us, type, &w), FIX_SENT);
    return w;
}

static void send_it(struct stage *s)
{
    uint32_t number;
    assert_int_equal(fix_session_send(&s->fix, &number), FIX_SENT);
}

static void put_contract(struct fix_writer *w)
{
    fix_put_text(w, FIX_SYMBOL, "HDFCBANK");
    fix_put_int(w, FIX_SECURITY_ID, 1333);
    fix_put_char(w, FIX_SECURITY_ID_SOURCE, '8');
    fix_put_text(w, FIX_SECURITY_EXCHANGE, "NSE");
}

static void test_order(void **state)
{
    struct stage *s = *state;
    log_on(s, "SQDRILL");
    struct fix_writer *w = begin(s, "D");
    fix_put_text(w, FIX_CL_ORD_ID, "W1");
    fix_put_text(w, FIX_ACCOUNT, "C2");
    put_contract(w);
    fix_put_char(w, FIX_SIDE, '2');
    fix_put_time(w, FIX_TRANSACT_TIME, s->now_us);
    fix_put_int(w, FIX_ORDER_QTY, 500);
    fix_put_char(w, FIX_ORD_TYPE, '2');
    fix_put_price(w, FIX_PRICE, 99000, 2);
    fix_put_text(w, FIX_PRODUCT_CODE, "MIS");
    send_it(s);
    for (int i = 0; i < TURNS && s->messages < 2; i++)
        turn(s, true);
    assert_true(s->messages >= 2);
    assert_int_equal(exchange_net(inproc_exchange(s->exchange), "C2", SIM_NSE, 1333, SIM_MIS), 0);
    assert_int_equal(exchange_counts(inproc_exchange(s->exchange)).alarms, 0);
}

static void test_kick_closes_the_socket(void **state)
{
    struct stage *s = *state;
    log_on(s, "SQDRILL");
    assert_true(exchange_kick(inproc_exchange(s->exchange), "SQDRILL", s->now_us));
    inproc_pump(s->exchange);
    for (int i = 0; i < TURNS && !s->closed; i++)
        turn(s, true);
    assert_true(s->closed);
    /* Its place is free again: as often as one likes. */
    for (int i = 0; i < 3 * EXCHANGE_CONNECTIONS; i++) {
        int fd = inproc_open(s->exchange);
        assert_true(fd >= 0);
        close(fd);
        for (int n = 0; n < 3; n++)
            uv_run(&s->loop, UV_RUN_NOWAIT);
    }
}

static void test_too_many_connections(void **state)
{
    struct stage *s = *state;
    int fd[EXCHANGE_CONNECTIONS];
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
        assert_true((fd[i] = inproc_open(s->exchange)) >= 0);
    assert_int_equal(inproc_open(s->exchange), -1);
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
        close(fd[i]);
}

/* Rates for a member that does not read are conflated: when it reads again it gets snapshots. */
static void test_slow_reader(void **state)
{
    struct stage *s = *state;
    log_on(s, "SQDRILL-MD");
    struct fix_writer *w = begin(s, "V");
    fix_put_text(w, FIX_MD_REQ_ID, "1");
    fix_put_char(w, FIX_SUBSCRIPTION_REQUEST_TYPE, '1');
    fix_put_int(w, FIX_MARKET_DEPTH, 5);
    fix_put_int(w, FIX_MD_UPDATE_TYPE, 1);
    fix_put_int(w, FIX_NO_MD_ENTRY_TYPES, 1);
    fix_put_char(w, FIX_MD_ENTRY_TYPE, '0');
    fix_put_int(w, FIX_NO_RELATED_SYM, 1);
    put_contract(w);
    send_it(s);
    for (int i = 0; i < TURNS && s->messages < 1; i++)
        turn(s, true);
    struct exchange *x = inproc_exchange(s->exchange);
    /* About a megabyte of changes, which neither the socket nor the session's output holds. */
    for (int i = 0; i < 8000; i++) {
        s->now_us += 5000;
        exchange_tick(x, s->now_us);
        if (i % 50 == 0)
            inproc_pump(s->exchange);
    }
    bool snapshot = false;
    for (int i = 0; i < 2000 && !snapshot && !s->closed; i++) {
        inproc_pump(s->exchange);
        turn(s, true);
        snapshot = s->messages > 1 && strcmp(s->last_type, "W") == 0;
    }
    assert_true(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_order, setup, teardown),
        cmocka_unit_test_setup_teardown(test_kick_closes_the_socket, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_connections, setup, teardown),
        cmocka_unit_test_setup_teardown(test_slow_reader, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
