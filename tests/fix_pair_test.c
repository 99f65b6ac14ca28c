/*
 * Two FIX sessions against each other over a transport that delivers in pieces, is cut at any byte,
 * and whose initiator crashes: every report arrives exactly once and in order, every order at most once.
 */
#include "tests/check.h"

#include "net/fix_session.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    REPORTS = 400, /* of one run */
    ORDERS = 200,
    LONG_REPORTS = 3000, /* more than fit into the output at once */
    BLOCK = 50,          /* numbers that the initiator reserves at a time */
    QUEUE = 1 << 16,
    STEPS = 20000,
};

/* Bytes on their way to one side. */
struct queue {
    char bytes[QUEUE];
    size_t length;
};

struct side {
    struct fix_session session;
    struct queue in;
    uint32_t orders[ORDERS + 1]; /* acceptor: how often each came */
    uint32_t sent;               /* application messages sent */
    uint32_t received;           /* initiator: reports, which are numbered from 1 */
    uint32_t last_in;            /* initiator: MsgSeqNum of the last one, as a journal keeps it */
    bool proved;
};

struct pair {
    struct side initiator, acceptor;
    uint32_t report_at[STEPS]; /* acceptor: MsgSeqNum -> report */
    int64_t now_us;
    uint32_t random;
    uint32_t refused; /* sends refused because a resend was going on */
};

static uint32_t next_random(struct pair *p)
{
    p->random ^= p->random << 13;
    p->random ^= p->random >> 17;
    p->random ^= p->random << 5;
    return p->random;
}

static void put_report(struct fix_writer *w, uint32_t report)
{
    fix_put_int(w, FIX_ORDER_ID, report);
    fix_put_int(w, FIX_EXEC_ID, report);
    fix_put_char(w, FIX_EXEC_TYPE, '0');
    fix_put_char(w, FIX_ORD_STATUS, '0');
    fix_put_text(w, FIX_SYMBOL, "NIFTY");
    fix_put_char(w, FIX_SIDE, '1');
    fix_put_int(w, FIX_LEAVES_QTY, 50);
    fix_put_int(w, FIX_CUM_QTY, 0);
    fix_put_int(w, FIX_AVG_PX, 0);
    fix_put_text(w, FIX_TEXT, "a text that makes the report as long as a report of an exchange is");
}

/* The acceptor's store makes the message again from what it knows of it. */
static const char *stored(void *owner, uint32_t number, size_t *length)
{
    static char bytes[512];
    struct pair *p = owner;
    struct fix_writer w;
    if (number >= STEPS || p->report_at[number] == 0)
        return NULL;
    fix_begin(&w, bytes, sizeof bytes, "8");
    fix_put_text(&w, FIX_SENDER_COMP_ID, "EXCH");
    fix_put_text(&w, FIX_TARGET_COMP_ID, "DESK");
    fix_put_int(&w, FIX_MSG_SEQ_NUM, number);
    fix_put_time(&w, FIX_SENDING_TIME, p->now_us - 1000000);
    put_report(&w, p->report_at[number]);
    assert_int_equal(fix_end(&w), 0);
    *length = w.length;
    return w.start;
}

static struct pair *make_pair(uint32_t seed)
{
    struct pair *p = calloc(1, sizeof *p);
    struct fix_session_config config = {.role = FIX_INITIATOR,
                                        .sender_comp_id = "DESK",
                                        .target_comp_id = "EXCH",
                                        .reserve_low_water = 10};
    fix_session_init(&p->initiator.session, &config);
    config = (struct fix_session_config){.role = FIX_ACCEPTOR,
                                         .sender_comp_id = "EXCH",
                                         .target_comp_id = "DESK",
                                         .stored = stored,
                                         .owner = p};
    fix_session_init(&p->acceptor.session, &config);
    fix_session_numbers(&p->initiator.session, 1, 1, BLOCK);
    fix_session_numbers(&p->acceptor.session, 1, 1, UINT32_MAX);
    p->now_us = 1795335300000000;
    p->random = seed;
    return p;
}

static void connect_pair(struct pair *p)
{
    p->initiator.in.length = p->acceptor.in.length = 0;
    fix_session_connect(&p->acceptor.session, p->now_us);
    fix_session_connect(&p->initiator.session, p->now_us);
}

/* The transport breaks: what was on its way is lost. */
static void cut(struct pair *p)
{
    fix_session_disconnect(&p->initiator.session);
    fix_session_disconnect(&p->acceptor.session);
    p->now_us += 1000000;
    connect_pair(p);
}

/* The initiator loses all but what a journal keeps: the last report's number and the reservation. */
static void crash(struct pair *p)
{
    struct fix_session *s = &p->initiator.session;
    uint32_t reserved = s->out_reserved;
    fix_session_disconnect(s);
    fix_session_disconnect(&p->acceptor.session);
    fix_session_numbers(s, p->initiator.last_in + 1, reserved, reserved + BLOCK);
    p->now_us += 1000000;
    connect_pair(p);
}

/* Moves at most `most` bytes from one side's output to the other's queue, and from there into it. */
static void carry(struct side *from, struct side *to, size_t most)
{
    size_t n;
    const char *bytes = fix_session_output(&from->session, &n);
    if (n > most)
        n = most;
    if (n > QUEUE - to->in.length)
        n = QUEUE - to->in.length;
    memcpy(to->in.bytes + to->in.length, bytes, n);
    to->in.length += n;
    fix_session_written(&from->session, n);

    size_t part = to->in.length < most ? to->in.length : most;
    size_t taken = fix_session_receive(&to->session, to->in.bytes, part);
    to->in.length -= taken;
    memmove(to->in.bytes, to->in.bytes + taken, to->in.length);
}

static void take_order(struct side *acceptor, const struct fix_event *event)
{
    int64_t order;
    assert_true(fix_is(event->view, "D"));
    assert_false(event->poss_dup);
    assert_int_equal(fix_int(fix_get(event->view, FIX_CL_ORD_ID), &order), FIX_VALUE);
    assert_in_range(order, 1, ORDERS);
    assert_int_equal(++acceptor->orders[order], 1);
}

static void take_report(struct side *initiator, const struct fix_event *event)
{
    int64_t report;
    assert_true(fix_is(event->view, "8"));
    assert_int_equal(fix_int(fix_get(event->view, FIX_EXEC_ID), &report), FIX_VALUE);
    assert_int_equal(report, initiator->received + 1);
    initiator->received++;
    initiator->last_in = event->number;
}

static void poll_side(struct pair *p, struct side *side)
{
    struct fix_event event;
    while (fix_session_poll(&side->session, p->now_us, &event)) {
        assert_int_not_equal(event.kind, FIX_EVENT_DISCONNECT);
        assert_int_not_equal(event.kind, FIX_EVENT_REFUSED);
        assert_int_not_equal(event.kind, FIX_EVENT_GARBLED);
        if (event.kind == FIX_EVENT_MESSAGE && side == &p->acceptor)
            take_order(side, &event);
        else if (event.kind == FIX_EVENT_MESSAGE)
            take_report(side, &event);
        else if (event.kind == FIX_EVENT_RESERVE)
            fix_session_reserve(&side->session, side->session.out_reserved + BLOCK);
        else if (event.kind == FIX_EVENT_PROBED)
            side->proved = true;
    }
}

static void send_report(struct pair *p)
{
    struct fix_writer *w;
    uint32_t number;
    enum fix_send result = fix_session_begin(&p->acceptor.session, p->now_us, "8", &w);
    p->refused += result == FIX_RESENDING;
    if (result != FIX_SENT)
        return;
    put_report(w, p->acceptor.sent + 1);
    assert_int_equal(fix_session_send(&p->acceptor.session, &number), FIX_SENT);
    p->report_at[number] = ++p->acceptor.sent;
}

/* An order that the session takes is out; one that it does not take is never tried again. */
static void send_order(struct pair *p)
{
    struct fix_writer *w;
    uint32_t number;
    p->initiator.sent++;
    if (fix_session_begin(&p->initiator.session, p->now_us, "D", &w) != FIX_SENT)
        return;
    fix_put_int(w, FIX_CL_ORD_ID, p->initiator.sent);
    fix_put_text(w, FIX_SYMBOL, "NIFTY");
    fix_put_char(w, FIX_SIDE, '2');
    fix_put_time(w, FIX_TRANSACT_TIME, p->now_us);
    fix_put_char(w, FIX_ORD_TYPE, '2');
    assert_int_equal(fix_session_send(&p->initiator.session, &number), FIX_SENT);
}

static void step(struct pair *p, size_t most)
{
    p->now_us += 1000;
    poll_side(p, &p->initiator);
    poll_side(p, &p->acceptor);
    carry(&p->initiator, &p->acceptor, most);
    carry(&p->acceptor, &p->initiator, most);
}

static bool is_quiet(const struct pair *p)
{
    return p->initiator.session.state == FIX_ACTIVE && p->acceptor.session.state == FIX_ACTIVE &&
           !p->initiator.session.in_gap_open && !p->acceptor.session.in_gap_open &&
           !p->initiator.session.out_gap_open && !p->acceptor.session.out_gap_open;
}

static void run_cuts(uint32_t seed)
{
    struct pair *p = make_pair(seed);
    connect_pair(p);
    for (int i = 0; i < STEPS && (p->initiator.received < REPORTS || !is_quiet(p)); i++) {
        uint32_t what = next_random(p) % 100;
        if (what < 30 && p->acceptor.sent < REPORTS)
            send_report(p);
        else if (what < 45 && p->initiator.sent < ORDERS)
            send_order(p);
        else if (what == 98)
            cut(p);
        else if (what == 99)
            crash(p);
        step(p, 1 + next_random(p) % 700);
    }
    if (p->initiator.received != REPORTS)
        fail_msg("seed %u: %u reports of %u", seed, p->initiator.received, p->acceptor.sent);
    fix_session_probe(&p->initiator.session, p->now_us);
    for (int i = 0; i < STEPS && !p->initiator.proved; i++)
        step(p, 100);
    if (!p->initiator.proved)
        fail_msg("seed %u: not proved", seed);
    free(p);
}

static void test_cuts_and_crashes(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 60; seed++)
        run_cuts(seed);
}

/*
 * The initiator comes back without anything, and asks for more than the output holds: the answer goes
 * on as the transport takes it, and no new message slips in between.
 */
static void test_long_answer(void **state)
{
    struct pair *p = make_pair(1);
    uint32_t highest = 0;
    (void)state;
    fix_session_numbers(&p->acceptor.session, 1, LONG_REPORTS + 2, UINT32_MAX);
    for (uint32_t i = 1; i <= LONG_REPORTS; i++)
        p->report_at[i + 1] = i;
    p->acceptor.sent = LONG_REPORTS;
    connect_pair(p);
    for (int i = 0; i < STEPS && p->initiator.received < LONG_REPORTS + 10; i++) {
        size_t waiting;
        if (p->acceptor.session.state == FIX_ACTIVE && p->acceptor.sent < LONG_REPORTS + 10)
            send_report(p);
        fix_session_output(&p->acceptor.session, &waiting);
        highest = waiting > highest ? (uint32_t)waiting : highest;
        step(p, 2000);
    }
    assert_int_equal(p->initiator.received, LONG_REPORTS + 10);
    assert_true(is_quiet(p));
    assert_in_range(highest, FIX_SESSION_OUT / 2, FIX_SESSION_OUT);
    assert_true(p->refused > 0);
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts_and_crashes),
        cmocka_unit_test(test_long_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
