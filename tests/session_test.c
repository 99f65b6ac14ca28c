/* session_test.c: the session port: the same tests on a host in this process (core/session_here.h)
 * and on a server over a socket (net/remote.h). */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/session_here.h"
#include "tests/session_bed.h"

static void quote(struct session_bed *bed, sq_price bid, sq_price ask)
{
    sq_time now = bed->now(bed);
    struct sq_rate rate = {
        .last = bid, .time = now, .trade_time = now, .band_low = 100000, .band_high = 200000};

    rate.bid[0] = (struct sq_level){bid, 1000};
    rate.ask[0] = (struct sq_level){ask, 1000};
    sq_board_rate(bed->board, 0, &rate);
    sq_board_feed(bed->board, SQ_EXCHANGE_NSE, now, false);
}

static struct sq_square_off intent(struct session_bed *bed)
{
    struct sq_square_off i = {.id = {7, 9},
                              .dealer = "RAVI",
                              .key = bed->session->view->tables.position[0].key,
                              .seen_net = 500,
                              .created = bed->now(bed)};

    return i;
}

static void submit(struct session_bed *bed, const struct sq_message *messages, size_t count)
{
    assert_true(bed->session->ops->submit(bed->session, messages, count));
}

/* The n-th newest activity, when so many have come. */
static const struct sq_message *activity(struct session_bed *bed, uint64_t count, uint64_t n)
{
    session_bed_until(bed, bed->session->view->activity_count - bed->began >= count);
    return sq_view_activity(bed->session->view, n);
}

static void test_view_begins_with_the_engine(void **state)
{
    struct session_bed *bed = *state;

    assert_int_equal(bed->session->view->tables.position_count, 1);
    assert_int_equal(bed->session->view->tables.position[0].net, 500);
    assert_int_equal(bed->session->view->open_positions, 1);
    assert_int_equal(bed->session->view->tables.book.day, SESSION_BED_DAY);
    assert_string_equal(bed->session->person, "RAVI");
}

static void test_submitted_input_comes_back_as_an_event(void **state)
{
    struct session_bed *bed = *state;
    struct sq_message message = {.kind = SQ_SQUARE_OFF, .as.square_off = intent(bed)};
    const struct sq_message *last;

    submit(bed, &message, 1);
    last = activity(bed, 1, 0);
    assert_int_equal(last->kind, SQ_REFUSED); /* the day is dormant: no one-key yet */
    assert_int_equal(last->as.refused.guard, SQ_GUARD_NOT_ACTIVE);
    assert_int_equal(last->as.refused.id.high, 7);
    assert_string_equal(last->as.refused.person, "RAVI");
}

static void test_several_are_answered_in_their_order(void **state)
{
    struct session_bed *bed = *state;
    struct sq_message messages[3] = {
        {.kind = SQ_SQUARE_OFF, .as.square_off = intent(bed)},
        {.kind = SQ_CANCEL, .as.cancel = {.order_no = 77, .person = "RAVI"}},
        {.kind = SQ_SQUARE_OFF, .as.square_off = intent(bed)},
    };

    messages[2].as.square_off.id.low = 10;
    submit(bed, messages, 3);
    assert_int_equal(activity(bed, 3, 2)->as.refused.id.low, 9);
    assert_int_equal(activity(bed, 3, 1)->as.refused.command, SQ_CANCEL);
    assert_int_equal(activity(bed, 3, 1)->as.refused.order_no, 77);
    assert_int_equal(activity(bed, 3, 0)->as.refused.id.low, 10);
}

static void test_the_same_intent_has_the_same_answer(void **state)
{
    struct session_bed *bed = *state;
    struct sq_message message = {.kind = SQ_SQUARE_OFF, .as.square_off = intent(bed)};

    submit(bed, &message, 1);
    activity(bed, 1, 0);
    submit(bed, &message, 1);
    assert_int_equal(activity(bed, 2, 0)->as.refused.guard, SQ_GUARD_NOT_ACTIVE);
    message.as.square_off.target = 1;
    submit(bed, &message, 1);
    assert_int_equal(activity(bed, 3, 0)->as.refused.refusal, SQ_REFUSAL_ID_REUSED);
}

static const struct sq_preview *preview(struct session_bed *bed)
{
    struct sq_square_off asked = intent(bed);
    const struct sq_preview *previews;
    size_t count = 0;

    assert_true(bed->session->ops->preview(bed->session, &asked, 1));
    session_bed_until(bed, (previews = bed->session->ops->previews(bed->session, &count)) != NULL);
    assert_int_equal(count, 1);
    return previews;
}

static void test_preview_is_priced_by_the_board(void **state)
{
    struct session_bed *bed = *state;
    const struct sq_preview *now = preview(bed);
    uint64_t digest = now->digest;

    assert_true(now->guards >> SQ_GUARD_FEED_DEAD & 1);
    quote(bed, 164000, 164050);
    now = preview(bed);
    assert_int_equal(now->quantity, 500);
    assert_int_equal(now->side, SQ_SIDE_SELL);
    assert_in_range(now->limit, 160000, 164000);
    assert_false(now->guards >> SQ_GUARD_FEED_DEAD & 1);
    assert_true(now->digest != digest);
    assert_int_equal(bed->session->view->activity_count, bed->began); /* nothing was done */
}

static bool is_view_only(struct session_bed *bed)
{
    struct sq_source_info info;

    bed->session->ops->info(bed->session, &info);
    return info.view_only;
}

static void test_a_host_that_is_view_only_says_so(void **state)
{
    struct session_bed *bed = *state;

    assert_false(is_view_only(bed));
    sq_host_set_view_only(bed->host);
    session_bed_until(bed, is_view_only(bed));
}

static void test_no_more_than_it_has_room_for(void **state)
{
    struct session_bed *bed = *state;
    struct sq_square_off *many = calloc(bed->config.positions + 1, sizeof *many);

    assert_false(bed->session->ops->preview(bed->session, many, bed->config.positions + 1));
    free(many);
}

/* ---- a host in this process only ------------------------------------------------------------ */

static void test_info_is_the_hosts_own(void **state)
{
    struct session_bed *bed = *state;
    struct sq_source_info told = {.source = "DRILL",
                                  .drill = true,
                                  .price_up = true,
                                  .order_up = true,
                                  .order_rtt_us = 41000};
    struct sq_source_info info;

    sq_session_here_source(bed->session, &told);
    bed->session->ops->info(bed->session, &info);
    assert_string_equal(info.source, "DRILL");
    assert_true(info.live && info.price_up && !info.view_only);
    assert_false(info.order_up); /* the book says that the link is down, whatever the driver says */
    assert_int_equal(info.order_rtt_us, 41000);
    sq_host_set_view_only(bed->host);
    bed->session->ops->info(bed->session, &info);
    assert_true(info.view_only);
    assert_false(info.live);
}

static void test_a_feed_dies_with_its_age(void **state)
{
    struct session_bed *bed = *state;

    quote(bed, 164000, 164050);
    assert_false(preview(bed)->guards >> SQ_GUARD_FEED_DEAD & 1);
    sq_session_here_time(bed->session, bed->now(bed) + 60 * SQ_SECOND);
    struct sq_square_off asked = intent(bed);
    size_t count;
    assert_true(bed->session->ops->preview(bed->session, &asked, 1));
    assert_true(bed->session->ops->previews(bed->session, &count)->guards >> SQ_GUARD_FEED_DEAD &
                1);
}

#define ON(bed, test)                                                           \
    {                                                                           \
#test " on " #bed, test, session_bed_##bed, session_bed_tear_down, NULL \
    }
#define ON_BOTH(test) ON(here, test), ON(remote, test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(test_view_begins_with_the_engine),
        ON_BOTH(test_submitted_input_comes_back_as_an_event),
        ON_BOTH(test_several_are_answered_in_their_order),
        ON_BOTH(test_the_same_intent_has_the_same_answer),
        ON_BOTH(test_preview_is_priced_by_the_board),
        ON_BOTH(test_a_host_that_is_view_only_says_so),
        ON_BOTH(test_no_more_than_it_has_room_for),
        ON(here, test_info_is_the_hosts_own),
        ON(here, test_a_feed_dies_with_its_age),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
