/*
 * The exchange port over FIX, inwards: reports and refusals become inputs, faulty ones do not, and the
 * answer to a mass status has an end.
 */
#include "tests/adaptor_world.h"
#include "tests/check.h"

#include "core/engine.h"

#include <string.h>

/* ---- reports --------------------------------------------------------------------------------- */

/* What the peer says, and the input that it becomes; the numbers in front are the same for all. */
static void becomes(struct adaptor_world *w, const char *message, const char *expected)
{
    char line[2 * SQ_LINE_MAX];
    uint32_t number = fix_peer_say(w->peer, w->now, message);
    assert_true(number > 0);
    adaptor_run(w);
    const char *kind_end = strchr(expected, ' ');
    snprintf(line, sizeof line, "%.*s conn=1 fix_seq=%u%s\n", (int)(kind_end - expected), expected,
             number, kind_end);
    check_text(adaptor_said(w), line);
}

static void reports_become_inputs(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    becomes(
        w,
        "35=8|37=E1|11=OUR1|17=X1|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0|60=20251126-04:15:01",
        "report " ADAPTOR_KEY "clord=OUR1 exch_no=E1 exec_id=X1 exec_type=NEW order_state=ACKED "
        "side=SELL qty=65 leaves=65 limit=12040 time=2025-11-26T09:45:01.000000+05:30");
    becomes(w,
            "35=8|37=E1|11=OUR1|17=X2|150=F|39=1|" ADAPTOR_ABOUT
            "14=25|151=40|6=120.45|32=25|31=120.45",
            "report " ADAPTOR_KEY
            "clord=OUR1 exch_no=E1 exec_id=X2 exec_type=TRADE order_state=PARTIAL "
            "side=SELL qty=65 cum=25 leaves=40 last_qty=25 last_price=12045 limit=12040");
    becomes(w,
            "35=8|37=E1|11=CXL1|41=OUR1|17=X3|150=4|39=4|" ADAPTOR_ABOUT
            "14=25|151=0|6=0|58=by user",
            "report " ADAPTOR_KEY "clord=CXL1 orig_clord=OUR1 exch_no=E1 exec_id=X3 "
            "exec_type=CANCELLED order_state=CANCELLED side=SELL qty=65 cum=25 limit=12040 "
            "text=\"by user\"");
    becomes(w, "35=8|37=E1|11=OUR1|17=X4|19=X2|150=H|39=4|" ADAPTOR_ABOUT "14=0|151=0|6=0",
            "report " ADAPTOR_KEY "clord=OUR1 exch_no=E1 exec_id=X4 ref_exec_id=X2 "
            "exec_type=\"TRADE CANCEL\" order_state=CANCELLED side=SELL qty=65 limit=12040");
    becomes(w,
            "35=8|37=E1|11=OUR1|17=X5|19=X2|150=G|39=1|" ADAPTOR_ABOUT
            "14=20|151=0|6=0|32=20|31=120.5",
            "report " ADAPTOR_KEY "clord=OUR1 exch_no=E1 exec_id=X5 ref_exec_id=X2 "
            "exec_type=\"TRADE CORRECT\" order_state=PARTIAL side=SELL qty=65 cum=20 last_qty=20 "
            "last_price=12050 limit=12040");
    becomes(
        w, "35=8|37=NONE|11=OUR1|17=X6|150=I|39=8|103=5|" ADAPTOR_ABOUT "14=0|151=0|6=0|58=unknown",
        "report " ADAPTOR_KEY "clord=OUR1 exch_no=NONE exec_id=X6 exec_type=STATUS "
        "order_state=REJECTED side=SELL unknown_order=1 proven=1 qty=65 limit=12040 text=unknown");
}

/* A venue that says no more than FIX asks for is understood by the order's own ClOrdID. */
static void a_terse_report_is_completed_by_the_order(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    becomes(w, "35=8|37=E1|11=OUR1|17=X1|150=F|39=2|55=NIFTY|54=2|14=65|151=0|6=0|32=65|31=120",
            "report " ADAPTOR_KEY
            "clord=OUR1 exch_no=E1 exec_id=X1 exec_type=TRADE order_state=FILLED "
            "side=SELL cum=65 last_qty=65 last_price=12000");
}

static void a_strange_order_keeps_its_names(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    becomes(w,
            "35=8|37=E9|17=X9|150=0|39=0|1=OTHER|55=USDINR|48=1122|22=8|207=CDS|54=1|38=10|40=1|"
            "14=0|151=10|6=0",
            "report client=OTHER exchange=CDS token=1122 exch_no=E9 exec_id=X9 exec_type=NEW "
            "order_state=ACKED side=BUY type=MARKET qty=10 leaves=10");
    becomes(w,
            "35=8|37=E9|17=X10|150=F|39=1|1=ACC10421|55=USDINR|48=1122|22=8|207=CDS|54=1|38=10|"
            "40=2|44=84.0025|14=1|151=9|6=0|32=1|31=84.0025|5001=MIS",
            "report client=C10421 exchange=CDS token=1122 product=MIS exch_no=E9 exec_id=X10 "
            "exec_type=TRADE order_state=PARTIAL side=BUY qty=10 cum=1 leaves=9 last_qty=1 "
            "last_price=840025 limit=840025");
}

static void every_exec_type_and_status_has_its_word(void **state)
{
    static const struct {
        const char *exec, *status;
        uint8_t exec_type, order_state;
    } rows[] = {
        {"0", "0", SQ_EXEC_NEW, SQ_ORDER_ACKED},
        {"3", "3", SQ_EXEC_DONE_FOR_DAY, SQ_ORDER_EXPIRED},
        {"4", "4", SQ_EXEC_CANCELLED, SQ_ORDER_CANCELLED},
        {"5", "5", SQ_EXEC_REPLACED, SQ_ORDER_ACKED},
        {"6", "6", SQ_EXEC_PENDING_CANCEL, SQ_ORDER_ACKED},
        {"7", "7", SQ_EXEC_STOPPED, SQ_ORDER_ACKED},
        {"8", "8", SQ_EXEC_REJECTED, SQ_ORDER_REJECTED},
        {"9", "9", SQ_EXEC_SUSPENDED, SQ_ORDER_ACKED},
        {"A", "A", SQ_EXEC_PENDING_NEW, SQ_ORDER_SENT},
        {"B", "B", SQ_EXEC_CALCULATED, SQ_ORDER_EXPIRED},
        {"C", "C", SQ_EXEC_EXPIRED, SQ_ORDER_EXPIRED},
        {"D", "D", SQ_EXEC_RESTATED, SQ_ORDER_ACKED},
        {"E", "E", SQ_EXEC_PENDING_REPLACE, SQ_ORDER_ACKED},
        {"I", "2", SQ_EXEC_STATUS, SQ_ORDER_FILLED},
        {"I", "1", SQ_EXEC_STATUS, SQ_ORDER_PARTIAL},
    };
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "35=8|37=E1|11=OUR1|17=X1|150=%s|39=%s|" ADAPTOR_ABOUT "14=0|151=0|6=0",
                 rows[i].exec, rows[i].status);
        fix_peer_say(w->peer, w->now, text);
        adaptor_run(w);
        assert_int_equal(w->inputs, 1);
        assert_int_equal(w->input[0].as.report.exec_type, rows[i].exec_type);
        assert_int_equal(w->input[0].as.report.order_state, rows[i].order_state);
        w->inputs = 0;
    }
}

/* A fault in any field: no input at all, a Reject(3) to the exchange, a line to the operator. */
static void a_faulty_report_is_no_input(void **state)
{
    static const struct {
        const char *what, *text;
    } rows[] = {
        {"no OrderID", "11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"no ExecID", "37=E|11=OUR1|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"no ExecType", "37=E|11=OUR1|17=X|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"no OrdStatus", "37=E|11=OUR1|17=X|150=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"ExecType not of FIX", "37=E|11=OUR1|17=X|150=Z|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"no LeavesQty", "37=E|11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=0|6=0"},
        {"quantity below zero", "37=E|11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=-5|151=65|6=0"},
        {"quantity too large",
         "37=E|11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=9007199254740992|151=0|6=0"},
        {"quantity broken", "37=E|11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=1.5|151=65|6=0"},
        {"trade of nothing",
         "37=E|11=OUR1|17=X|150=F|39=1|" ADAPTOR_ABOUT "14=0|151=65|6=0|32=0|31=1"},
        {"trade without price",
         "37=E|11=OUR1|17=X|150=F|39=1|" ADAPTOR_ABOUT "14=5|151=60|6=0|32=5"},
        {"price off the unit",
         "37=E|11=OUR1|17=X|150=F|39=1|" ADAPTOR_ABOUT "14=5|151=60|6=0|32=5|31=1.005"},
        {"bust of nothing", "37=E|11=OUR1|17=X|150=H|39=1|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"id too long to keep",
         "37=123456789012345678901234|11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"id with a blank", "37=1 2|11=OUR1|17=X|150=0|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0"},
        {"segment not ours", "37=E|17=X|150=0|39=0|1=A|55=S|48=1|207=NYSE|54=1|14=0|151=1|6=0"},
        {"token zero", "37=E|17=X|150=0|39=0|1=A|55=S|48=0|207=NFO|54=1|14=0|151=1|6=0"},
        {"token of 33 bits",
         "37=E|17=X|150=0|39=0|1=A|55=S|48=4294967296|207=NFO|54=1|14=0|151=1|6=0"},
        {"no contract at all", "37=E|17=X|150=0|39=0|1=A|55=S|54=1|14=0|151=1|6=0"},
        {"no account at all", "37=E|17=X|150=0|39=0|55=S|48=52223|207=NFO|54=1|14=0|151=1|6=0"},
        {"sell short", "37=E|11=OUR1|17=X|150=0|39=0|55=S|54=5|14=0|151=1|6=0"},
        {"product not ours", "37=E|11=OUR1|17=X|150=0|39=0|55=S|54=2|14=0|151=1|6=0|5001=XYZ"},
    };
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        uint32_t before = w->x->session.next_out;
        snprintf(text, sizeof text, "35=8|%s", rows[i].text);
        print_message("%s\n", rows[i].what);
        assert_true(fix_peer_say(w->peer, w->now, text) > 0);
        adaptor_run(w);
        check_text(adaptor_said(w), "");
        assert_int_equal(w->x->session.next_out, before + 1); /* the Reject */
        assert_true(w->x->up);
    }
}

static void hostile_text_is_cut_and_made_printable(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    char text[600], line[200];
    memset(line, 'x', sizeof line);
    memcpy(line, "\x1b[31m", 5);
    line[sizeof line - 1] = '\0';
    snprintf(text, sizeof text,
             "35=8|37=E|11=OUR1|17=X|150=8|39=8|" ADAPTOR_ABOUT "14=0|151=0|6=0|58=%s", line);
    fix_peer_say(w->peer, w->now, text);
    adaptor_run(w);
    const char *got = w->input[0].as.report.text;
    assert_int_equal(strlen(got), SQ_TEXT_SIZE - 1);
    assert_int_equal(strncmp(got, "?[31mxxx", 8), 0);
}

static void refusals_of_cancels_and_messages(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    becomes(w, "35=9|37=E1|11=CXL1|41=OUR1|39=2|434=1|102=0|58=too late",
            "cancel-reject clord=CXL1 orig_clord=OUR1 too_late=1 text=\"too late\"");
    becomes(w, "35=9|37=NONE|11=CXL1|41=OUR1|39=8|434=1|102=1",
            "cancel-reject clord=CXL1 orig_clord=OUR1 unknown_order=1");
    becomes(w, "35=j|45=5|372=D|380=0|58=closed",
            "message-reject ref_seq=5 business=1 text=closed");
    becomes(w, "35=j|372=D|379=OUR1|380=0", "message-reject ref_seq=77 business=1");
    fix_peer_say(w->peer, w->now, "35=j|372=D|380=0");
    adaptor_run(w);
    check_text(adaptor_said(w), "");
    assert_non_null(strstr(w->log, "refuses nothing that we know"));
}

static void a_session_reject_is_told(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    adaptor_send_new(w, "OUR1");
    adaptor_run(w);
    uint32_t number = w->peer->heard_number[0];
    w->inputs = 0;
    fix_session_reject(&w->peer->session, w->now, &w->peer->session.view, FIX_REJECT_VALUE, 44,
                       "no such price");
    adaptor_run(w);
    assert_int_equal(w->inputs, 1);
    assert_int_equal(w->input[0].kind, SQ_MESSAGE_REJECT);
    assert_int_equal(w->input[0].as.message_reject.ref_seq, number);
    assert_int_equal(w->input[0].as.message_reject.business, 0);
    assert_true(w->input[0].as.message_reject.fix_seq > 0);
}

static void other_messages_are_refused_by_type(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    uint32_t number = fix_peer_say(w->peer, w->now, "35=B|148=News|33=1|58=hello");
    adaptor_run(w);
    char expected[64];
    snprintf(expected, sizeof expected, "35=j|45=%u|372=B|380=3", number);
    check_text(fix_peer_last(w->peer), expected);
    check_text(adaptor_said(w), "");
}

/* ---- mass status ----------------------------------------------------------------------------- */

static void ask_mass(struct adaptor_world *w)
{
    struct sq_message m = adaptor_request(w, SQ_REQUEST_MASS_STATUS, "");
    adaptor_ask(w, &m);
    adaptor_run(w);
    w->inputs = 0;
}

#define MASS "35=8|37=E1|11=OUR1|17=X1|150=I|39=0|" ADAPTOR_ABOUT "14=0|151=65|6=0|584=M1-1|"

static void a_mass_status_ends_with_its_last_report(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now, MASS "911=2|912=N");
    fix_peer_say(w->peer, w->now, MASS "911=2|912=Y");
    adaptor_run(w);
    assert_int_equal(w->inputs, 3);
    assert_int_equal(w->input[2].kind, SQ_MASS_DONE);
    assert_int_equal(w->input[2].as.mass_done.reports, 2);
    assert_int_equal(w->input[2].as.mass_done.proven, 1);
    assert_int_equal(w->input[2].as.mass_done.fix_seq, w->input[1].as.report.fix_seq);
}

static void a_mass_status_ends_by_its_count(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now, MASS "911=2");
    adaptor_run(w);
    assert_int_equal(w->inputs, 1);
    fix_peer_say(w->peer, w->now, MASS "911=2");
    adaptor_run(w);
    assert_int_equal(w->inputs, 3);
    assert_int_equal(w->input[2].kind, SQ_MASS_DONE);
}

static void a_mass_status_of_nothing_has_no_report(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now,
                 "35=8|37=NONE|17=X1|150=I|39=8|103=5|55=NONE|54=1|14=0|151=0|6=0|584=M1-1|911=0");
    adaptor_run(w);
    char expected[80];
    snprintf(expected, sizeof expected, "mass-done conn=1 fix_seq=%u proven=1\n",
             w->x->session.next_in - 1);
    check_text(adaptor_said(w), expected);
}

/* A rejected order is part of a mass answer, not its end. */
static void a_rejected_order_does_not_end_a_mass_status(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X1|150=I|39=8|103=0|" ADAPTOR_ABOUT
                 "14=0|151=0|6=0|584=M1-1|911=2|912=N");
    adaptor_run(w);
    assert_int_equal(w->inputs, 1);
    assert_int_equal(w->input[0].kind, SQ_REPORT);
}

static void an_answer_to_an_older_question_is_no_answer(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    ask_mass(w);
    adaptor_cut(w);
    adaptor_connect(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now, MASS "911=1|912=Y");
    adaptor_run(w);
    assert_int_equal(w->inputs, 1);
    assert_int_equal(w->input[0].kind, SQ_REPORT);
}

static void a_mass_answer_across_a_gap_is_asked_again(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_log_on(w);
    ask_mass(w);
    w->peer->forgets = true;
    w->peer->session.next_out += 3; /* three messages are lost on the way */
    fix_peer_clear(w->peer);
    fix_peer_say(w->peer, w->now, MASS "911=1|912=Y");
    adaptor_run(w);
    /* The answer lay in the gap: the session has it filled, and the question stands. */
    w->peer->forgets = false;
    for (int i = 0; i < w->inputs; i++)
        assert_int_not_equal(w->input[i].kind, SQ_MASS_DONE);
    w->inputs = 0;
    fix_peer_say(w->peer, w->now, MASS "911=1|912=Y");
    adaptor_run(w);
    assert_int_equal(w->inputs, 2);
    assert_int_equal(w->input[1].kind, SQ_MASS_DONE);
    assert_int_equal(w->input[1].as.mass_done.proven, 1);
}

static void a_venue_without_mass_status_is_answered_for(void **state)
{
    struct adaptor_world *w = *state;
    adaptor_start(w);
    w->x->config.no_mass_status = true;
    adaptor_connect(w);
    w->inputs = 0;
    struct sq_message m = adaptor_request(w, SQ_REQUEST_MASS_STATUS, "");
    adaptor_ask(w, &m);
    adaptor_run(w);
    check_text(adaptor_said(w), "mass-done conn=1 proven=1\n");
    assert_int_equal(w->peer->heard_count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ADAPTOR_TEST(reports_become_inputs),
        ADAPTOR_TEST(a_terse_report_is_completed_by_the_order),
        ADAPTOR_TEST(a_strange_order_keeps_its_names),
        ADAPTOR_TEST(every_exec_type_and_status_has_its_word),
        ADAPTOR_TEST(a_faulty_report_is_no_input),
        ADAPTOR_TEST(hostile_text_is_cut_and_made_printable),
        ADAPTOR_TEST(refusals_of_cancels_and_messages),
        ADAPTOR_TEST(a_session_reject_is_told),
        ADAPTOR_TEST(other_messages_are_refused_by_type),
        ADAPTOR_TEST(a_mass_status_ends_with_its_last_report),
        ADAPTOR_TEST(a_mass_status_ends_by_its_count),
        ADAPTOR_TEST(a_mass_status_of_nothing_has_no_report),
        ADAPTOR_TEST(a_rejected_order_does_not_end_a_mass_status),
        ADAPTOR_TEST(an_answer_to_an_older_question_is_no_answer),
        ADAPTOR_TEST(a_mass_answer_across_a_gap_is_asked_again),
        ADAPTOR_TEST(a_venue_without_mass_status_is_answered_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
