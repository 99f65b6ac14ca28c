/*
 * The exchange port over FIX: numbers over restarts, reservations, losses on either side.
 */
#include "tests/adaptor_world.h"
#include "tests/check.h"

#include "core/engine.h"

#include <string.h>

/* ---- numbers --------------------------------------------------------------------------------- */

static void a_restart_takes_up_both_numbers(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    adaptor_send_new(w, "OUR1");
    adaptor_run(w);
    uint32_t first = fix_peer_say(
        w->peer, w->now, "35=8|37=E1|11=OUR1|17=X1|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0");
    adaptor_run(w);
    w->book.in_seq = first; /* that is durable; what follows is not */
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X2|150=F|39=2|" ADAPTOR_ABOUT
                 "14=65|151=0|6=0|32=65|31=120.40");
    adaptor_run(w);
    w->inputs = 0;
    fix_peer_clear(w->peer);
    uint64_t reserved = w->book.out_reserved;
    w->book.conn = 1;

    fix_session_disconnect(&w->peer->session);
    adaptor_start(w); /* kill -9, and the same book again */
    assert_int_equal(w->x->session.next_out, reserved);
    assert_int_equal(w->x->session.next_in, first + 1);
    adaptor_connect(w);
    assert_int_equal(w->peer->resend_requests, 1);
    assert_int_equal(w->peer->heard_count, 0); /* the order is gap-filled */
    assert_int_equal(w->inputs, 2);
    assert_int_equal(w->input[0].kind, SQ_LINK);
    assert_int_equal(w->input[0].as.link.conn, 2);
    assert_string_equal(w->input[1].as.report.exec_id, "X2");
    assert_int_equal(w->input[1].as.report.conn, 2);
    assert_true(fix_exchange_proven(w->x));
}

static void numbers_are_reserved_ahead(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    uint64_t before = w->book.out_reserved;
    int orders = FIX_EXCHANGE_BLOCK - FIX_EXCHANGE_LOW_WATER;
    for (int i = 0; i < orders; i++) {
        adaptor_send_new(w, "OUR1");
        adaptor_run(w);
        w->inputs = 0;
    }
    assert_int_equal(w->book.out_reserved, before + FIX_EXCHANGE_BLOCK);
    assert_int_equal(w->x->session.out_reserved, w->book.out_reserved);
}

/* The host does not answer: the session ends rather than number a message twice. */
static void without_numbers_nothing_is_sent(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->no_blocks = true;
    uint32_t reserved = w->x->session.out_reserved;
    for (int i = 0; i < FIX_EXCHANGE_BLOCK + 10 && w->x->up; i++) {
        adaptor_send_new(w, "OUR1");
        adaptor_run(w);
        w->inputs = 0;
    }
    assert_true(w->x->session.next_out <= reserved);
    w->now += 3 * SQ_SECOND;
    adaptor_run(w);
    assert_true(w->inputs > 0);
    for (int i = 0; i < w->inputs; i++)
        assert_int_not_equal(w->input[i].kind, SQ_SENT);
}

static int fills_told(const struct adaptor_world *w, const char *exec_id)
{
    int told = 0;
    for (int i = 0; i < w->inputs; i++)
        told +=
            w->input[i].kind == SQ_REPORT && strcmp(w->input[i].as.report.exec_id, exec_id) == 0;
    return told;
}

/* A machine that slept finds a fill in its socket whose SendingTime is refused by the rules. */
static void a_fill_refused_for_its_time_comes_again(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X2|150=F|39=1|" ADAPTOR_ABOUT
                 "14=25|151=40|6=120|32=25|31=120.45");
    w->now += 121 * SQ_SECOND;
    adaptor_run(w);
    assert_int_equal(fills_told(w, "X2"), 0);
    assert_true(fix_exchange_wants_close(w->x));
    adaptor_cut(w);
    w->inputs = 0;
    w->now += SQ_SECOND;
    adaptor_connect(w);
    assert_int_equal(fills_told(w, "X2"), 1);
    assert_int_equal(w->x->session.next_in, w->peer->session.next_out);
}

static void lost_numbers_of_the_exchange_are_told_once(void **state)
{
    struct adaptor_world *w = *state;
    w->book.in_seq = 500; /* the exchange begins at 1: it lost its tail */
    adaptor_start(w);
    for (int i = 0; i < 3; i++) {
        fix_session_connect(&w->peer->session, w->now);
        fix_exchange_connect(w->x, w->now);
        adaptor_run(w);
        assert_true(fix_exchange_wants_close(w->x));
        adaptor_cut(w);
    }
    const char *line = adaptor_said(w);
    assert_non_null(strstr(line, "link lost=1 why="));
    assert_null(strchr(strchr(line, '\n') + 1, '\n'));
    assert_false(w->x->up);
}

/* Another owner has used higher numbers: this one must not climb over them, attempt by attempt. */
static void a_fenced_owner_does_not_try_again(void **state)
{
    struct adaptor_world *w = *state;
    w->peer->session.next_in = 500;
    adaptor_start(w);
    fix_session_connect(&w->peer->session, w->now);
    fix_exchange_connect(w->x, w->now);
    adaptor_run(w);
    adaptor_cut(w);
    assert_false(fix_exchange_wants_link(w->x));
    check_text(adaptor_said(w),
               "link why=\"exchange knows higher numbers of ours: another owner, or lost "
               "state\"\n");
    adaptor_start(w); /* a person starts it again */
    adaptor_connect(w);
    assert_true(w->x->up);
}

static void a_reset_by_the_exchange_loses_the_link(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    assert_int_equal(fix_session_reset(&w->peer->session, w->now, 100), FIX_SENT);
    adaptor_run(w);
    check_text(adaptor_said(w), "link conn=1 why=\"exchange reset its numbers to 100\"\n");
    assert_true(fix_exchange_wants_close(w->x));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ADAPTOR_TEST(a_restart_takes_up_both_numbers),
        ADAPTOR_TEST(numbers_are_reserved_ahead),
        ADAPTOR_TEST(without_numbers_nothing_is_sent),
        ADAPTOR_TEST(a_fill_refused_for_its_time_comes_again),
        ADAPTOR_TEST(lost_numbers_of_the_exchange_are_told_once),
        ADAPTOR_TEST(a_fenced_owner_does_not_try_again),
        ADAPTOR_TEST(a_reset_by_the_exchange_loses_the_link),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
