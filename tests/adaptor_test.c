/*
 * The exchange port over FIX, outwards: every request, what cannot go out any more, and what happens when
 * the exchange or the host takes nothing.
 */
#include "tests/adaptor_world.h"
#include "tests/check.h"

#include "core/engine.h"

#include <string.h>

/* ---- requests -------------------------------------------------------------------------------- */

static void logon_tells_the_link_and_reserves_numbers_first(void **state)
{
    struct adaptor_world *w = *state;
    w->no_blocks = true;
    adaptor_start(w);
    assert_false(fix_exchange_wants_link(w->x));
    w->book.out_reserved = 1 + FIX_EXCHANGE_BLOCK;
    adaptor_tell_book(w);
    adaptor_connect(w);
    check_text(adaptor_said(w), "link conn=1 up=1\n");
    assert_true(w->peer->logged_on);
    assert_true(fix_exchange_proven(w->x));
}

static void a_new_order_is_a_day_limit_order(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    adaptor_send_new(w, "OUR1");
    adaptor_run(w);
    check_text(fix_peer_last(w->peer),
               "35=D|11=OUR1|1=ACC10421|21=1|55=NIFTY|48=52223|22=8|207=NFO|54=2|"
               "60=20251126-04:15:00.000|38=65|40=2|44=120.40|59=0|5001=NRML");
    char expected[64];
    snprintf(expected, sizeof expected, "sent clord=OUR1 conn=1 fix_seq=%u\n",
             w->peer->heard_number[0]);
    check_text(adaptor_said(w), expected);
}

static void a_cancel_names_the_order_by_both_ids(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    struct sq_message m = adaptor_request(w, SQ_REQUEST_CANCEL, "CXL1");
    snprintf(m.as.request.orig_clord, SQ_CLORD_SIZE, "OUR1");
    snprintf(m.as.request.exch_no, SQ_EXCH_NO_SIZE, "1100000000001");
    adaptor_ask(w, &m);
    adaptor_run(w);
    check_text(fix_peer_last(w->peer),
               "35=F|41=OUR1|37=1100000000001|11=CXL1|1=ACC10421|55=NIFTY|48=52223|22=8|207=NFO|"
               "54=2|60=20251126-04:15:00.000|38=65|5001=NRML");
    assert_non_null(strstr(adaptor_said(w), "sent clord=CXL1 conn=1"));
}

static void an_order_without_our_id_is_cancelled_by_the_exchange_number(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    struct sq_message m = adaptor_request(w, SQ_REQUEST_CANCEL, "CXL1");
    snprintf(m.as.request.exch_no, SQ_EXCH_NO_SIZE, "1100000000001");
    adaptor_ask(w, &m);
    adaptor_run(w);
    assert_non_null(strstr(fix_peer_last(w->peer), "35=F|41=NONE|37=1100000000001|11=CXL1|"));
}

static void questions_use_the_orders_own_id(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    struct sq_message m = adaptor_request(w, SQ_REQUEST_STATUS, "OUR1");
    snprintf(m.as.request.orig_clord, SQ_CLORD_SIZE, "OUR1");
    adaptor_ask(w, &m);
    adaptor_run(w);
    check_text(fix_peer_last(w->peer),
               "35=H|11=OUR1|1=ACC10421|55=NIFTY|48=52223|22=8|207=NFO|54=2");
    m = adaptor_request(w, SQ_REQUEST_MASS_STATUS, "");
    adaptor_ask(w, &m);
    adaptor_run(w);
    check_text(fix_peer_last(w->peer), "35=AF|584=M1-1|585=7");
    check_text(adaptor_said(w), "");
}

static void what_cannot_go_out_is_not_sent(void **state)
{
    static const struct {
        const char *what;
        int64_t late_us; /* now - send_before */
        uint32_t epoch, conn;
        bool goes;
        const char *why;
    } rows[] = {
        {"in time", -1, 3, 1, true, ""},
        {"at the deadline", 0, 3, 1, false, "not sent in time"},
        {"after it", 1, 3, 1, false, "not sent in time"},
        {"lower epoch", -1, 2, 1, false, "book has another owner"},
        {"higher epoch", -1, 4, 1, false, "book has another owner"},
        {"older connection", -1, 3, 0, false, "connection lost before it was sent"},
        {"connection to come", -1, 3, 2, false, "connection lost before it was sent"},
    };
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sq_message m = adaptor_request(w, SQ_REQUEST_NEW, "OUR2");
        m.as.request.send_before = w->now - rows[i].late_us;
        m.as.request.epoch = rows[i].epoch;
        m.as.request.conn = rows[i].conn;
        fix_peer_clear(w->peer);
        adaptor_ask(w, &m);
        adaptor_run(w);
        const char *line = adaptor_said(w);
        print_message("%s: %s", rows[i].what, line);
        assert_int_equal(w->peer->heard_count, rows[i].goes);
        assert_non_null(strstr(line, rows[i].goes ? "sent clord=OUR2 conn=1" : rows[i].why));
        assert_int_equal(strncmp(line, "not-sent ", 9) == 0, !rows[i].goes);
    }
}

static void an_order_of_a_lost_connection_never_goes_out(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    adaptor_send_new(w, "OUR1");
    struct sq_message cancel = adaptor_request(w, SQ_REQUEST_CANCEL, "CXL1");
    adaptor_ask(w, &cancel);
    adaptor_cut(w);
    check_text(adaptor_said(w), "link conn=1 why=\"cable pulled\"\n"
                                "not-sent clord=OUR1 why=\"connection lost before it was sent\"\n"
                                "not-sent clord=CXL1 why=\"connection lost before it was sent\"\n");
    adaptor_connect(w);
    check_text(adaptor_said(w), "link conn=2 up=1\n");
    assert_int_equal(w->peer->heard_count, 0);
}

static void a_numbered_order_is_never_resent(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->peer->deaf = true; /* the bytes are lost with the connection */
    adaptor_send_new(w, "OUR1");
    adaptor_run(w);
    assert_non_null(strstr(adaptor_said(w), "sent clord=OUR1 conn=1"));
    adaptor_cut(w);
    w->peer->deaf = false;
    adaptor_connect(w);
    assert_int_equal(w->peer->resend_requests, 1);
    assert_int_equal(w->peer->heard_count, 0);
    assert_true(fix_exchange_proven(w->x));
}

static void questions_wait_for_proof_and_cancels_do_not(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_start(w);
    fix_session_connect(&w->peer->session, w->now);
    fix_exchange_connect(w->x, w->now);
    adaptor_to_peer(w);
    fix_peer_poll(w->peer, w->now);
    adaptor_from_peer(w);
    fix_exchange_poll(w->x, w->now); /* logged on; the test request is not answered yet */
    struct sq_message question = adaptor_request(w, SQ_REQUEST_MASS_STATUS, "");
    struct sq_message cancel = adaptor_request(w, SQ_REQUEST_CANCEL, "CXL1");
    adaptor_ask(w, &question);
    adaptor_ask(w, &cancel);
    fix_exchange_poll(w->x, w->now);
    assert_false(fix_exchange_proven(w->x));
    assert_int_equal(w->x->orders.count, 0);
    assert_int_equal(w->x->questions.count, 1);
    adaptor_run(w);
    assert_true(fix_exchange_proven(w->x));
    assert_int_equal(w->peer->heard_count, 2);
    assert_non_null(strstr(w->peer->heard[0], "35=F"));
    check_text(w->peer->heard[1], "35=AF|584=M1-1|585=7");
}

static void a_deaf_exchange_makes_orders_wait_until_they_are_late(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->peer->deaf = true;
    int sent = 0;
    while (w->x->orders.count == 0) { /* until the session has no room left */
        adaptor_send_new(w, "OUR1");
        fix_exchange_poll(w->x, w->now);
        sent += w->inputs;
        w->inputs = 0;
        assert_true(sent < 4000);
    }
    int64_t late = w->now + 2 * SQ_SECOND;
    assert_true(fix_exchange_deadline(w->x) <= late);
    w->now = late;
    fix_exchange_poll(w->x, w->now);
    check_text(adaptor_said(w), "not-sent clord=OUR1 why=\"not sent in time\"\n");
    w->peer->deaf = false;
    adaptor_run(w);
    assert_int_equal(w->peer->heard_count, sent);
}

static void a_handed_over_book_ends_the_session(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->book.owned = 0;
    adaptor_tell_book(w);
    adaptor_run(w);
    assert_true(fix_exchange_wants_close(w->x));
    adaptor_cut(w);
    check_text(adaptor_said(w), "link conn=1 why=\"the book was handed over\"\n");
    assert_false(fix_exchange_wants_link(w->x));
}

static void another_day_begins_with_its_own_numbers(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->book =
        (struct sq_book){.day = 20251127, .epoch = 4, .sender = "DESK2", .loaded = 1, .owned = 1};
    adaptor_tell_book(w);
    adaptor_run(w);
    adaptor_cut(w);
    assert_true(fix_exchange_wants_link(w->x));
    assert_int_equal(w->x->session.next_in, 1);
    assert_int_equal(w->x->session.next_out, 1);
    assert_string_equal(w->x->session.config.sender_comp_id, "DESK2");
}

/* ---- flow control ---------------------------------------------------------------------------- */

static void a_full_host_stops_the_bytes_and_loses_nothing(void **state)
{
    enum { REPORTS = 200 };
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->room = 0;
    for (int i = 0; i < REPORTS; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "35=8|37=E1|11=OUR1|17=X%d|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0", i);
        assert_true(fix_peer_say(w->peer, w->now, text) > 0);
    }
    adaptor_run(w);
    assert_int_equal(w->inputs, 0);
    assert_int_equal(w->x->pending_count, 1);
    assert_int_equal(fix_exchange_deadline(w->x), INT64_MAX);
    for (int i = 0; i < REPORTS; i++) {
        w->room = 1;
        adaptor_run(w);
        assert_int_equal(w->inputs, i + 1);
    }
    for (int i = 0; i < REPORTS; i++) {
        char id[SQ_EXEC_SIZE];
        snprintf(id, sizeof id, "X%d", i);
        assert_string_equal(w->input[i].as.report.exec_id, id);
    }
}

static void a_full_host_gets_no_order_numbered(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    w->room = 0;
    adaptor_send_new(w, "OUR1");
    adaptor_send_new(w, "OUR2");
    adaptor_run(w);
    assert_int_equal(w->peer->heard_count, 1); /* its SENT waits, and so does the next order */
    w->room = 2;
    adaptor_run(w);
    assert_int_equal(w->peer->heard_count, 2);
    assert_int_equal(w->inputs, 2);
}

static void the_round_trip_of_an_order_is_measured(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    assert_int_equal(w->x->rtt_us, -1);
    adaptor_send_new(w, "OUR1");
    adaptor_run(w);
    w->now += 1500;
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X1|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0");
    adaptor_run(w);
    assert_int_equal(w->x->rtt_us, 1500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ADAPTOR_TEST(logon_tells_the_link_and_reserves_numbers_first),
        ADAPTOR_TEST(a_new_order_is_a_day_limit_order),
        ADAPTOR_TEST(a_cancel_names_the_order_by_both_ids),
        ADAPTOR_TEST(an_order_without_our_id_is_cancelled_by_the_exchange_number),
        ADAPTOR_TEST(questions_use_the_orders_own_id),
        ADAPTOR_TEST(what_cannot_go_out_is_not_sent),
        ADAPTOR_TEST(an_order_of_a_lost_connection_never_goes_out),
        ADAPTOR_TEST(a_numbered_order_is_never_resent),
        ADAPTOR_TEST(questions_wait_for_proof_and_cancels_do_not),
        ADAPTOR_TEST(a_deaf_exchange_makes_orders_wait_until_they_are_late),
        ADAPTOR_TEST(a_handed_over_book_ends_the_session),
        ADAPTOR_TEST(another_day_begins_with_its_own_numbers),
        ADAPTOR_TEST(a_full_host_stops_the_bytes_and_loses_nothing),
        ADAPTOR_TEST(a_full_host_gets_no_order_numbered),
        ADAPTOR_TEST(the_round_trip_of_an_order_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
