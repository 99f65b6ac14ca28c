/* view_test.c: a view is its events and nothing else: rows, counts, and the newest activity. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "tests/book_maker.h"

static uint64_t seq;

static int apply(struct sq_view *view, enum sq_kind kind, const void *body)
{
    struct sq_message event = maker_event(++seq, kind, body);
    return sq_view_apply(view, &event);
}

/* One contract, one client, from a snapshot. */
static int make_view(void **state)
{
    struct sq_config config = maker_config(2, 2, 4);
    struct sq_view *view = sq_view_init(maker_memory(sq_view_size(&config)), &config);
    for (uint32_t token = 1; token <= 2; token++) {
        struct sq_instrument instrument = maker_instrument(token);
        struct sq_message row = maker_event(0, SQ_INSTRUMENT, &instrument);
        assert_int_equal(sq_view_apply(view, &row), 0);
    }
    struct sq_client client = maker_client("A1");
    struct sq_message row = maker_event(0, SQ_CLIENT, &client);
    assert_int_equal(sq_view_apply(view, &row), 0);
    seq = 0;
    *state = view;
    return 0;
}

static int free_view(void **state)
{
    free(*state);
    return 0;
}

static void put_position(struct sq_view *view, uint32_t token, sq_quantity net)
{
    struct sq_position position = maker_position("A1", token, net);
    assert_int_equal(apply(view, SQ_POSITION, &position), 0);
}

static void put_order(struct sq_view *view, uint64_t no, enum sq_order_state order_state)
{
    struct sq_order order = maker_order(no, "A1", 1, SQ_SIDE_SELL, 1);
    order.state = (uint8_t)order_state;
    assert_int_equal(apply(view, SQ_ORDER, &order), 0);
}

static void put_close(struct sq_view *view, uint64_t no, uint32_t token, enum sq_close_state state)
{
    struct sq_close close = maker_close(no, "A1", token, state);
    assert_int_equal(apply(view, SQ_CLOSE, &close), 0);
}

static void open_positions_are_counted(void **state)
{
    struct sq_view *view = *state;
    static const struct {
        uint32_t token;
        sq_quantity net;
        uint32_t open;
    } rows[] = {{1, 100, 1}, {2, 0, 1}, {2, -5, 2}, {1, 50, 2}, {1, 0, 1}, {1, 0, 1}, {2, 0, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put_position(view, rows[i].token, rows[i].net);
        assert_int_equal(view->open_positions, rows[i].open);
        assert_int_equal(view->seq, i + 1);
    }
}

static void unknown_orders_are_counted(void **state)
{
    struct sq_view *view = *state;
    put_position(view, 1, 100);
    put_order(view, 1, SQ_ORDER_SENT);
    assert_int_equal(view->unknown, 0);
    put_order(view, 1, SQ_ORDER_UNKNOWN);
    put_order(view, 2, SQ_ORDER_UNKNOWN);
    put_order(view, 2, SQ_ORDER_UNKNOWN);
    assert_int_equal(view->unknown, 2);
    put_order(view, 1, SQ_ORDER_FILLED);
    assert_int_equal(view->unknown, 1);
}

static void closes_and_what_they_left_are_counted(void **state)
{
    struct sq_view *view = *state;
    static const struct {
        uint64_t no;
        uint32_t token;
        enum sq_close_state state;
        uint32_t closing, residues;
    } rows[] = {
        {1, 1, SQ_CLOSE_WORKING, 1, 0}, {2, 2, SQ_CLOSE_HELD, 2, 0},
        {1, 1, SQ_CLOSE_RESIDUE, 1, 1}, {1, 1, SQ_CLOSE_RESIDUE, 1, 1},
        {3, 1, SQ_CLOSE_PRICING, 2, 0}, /* another try: the old residue is history */
        {3, 1, SQ_CLOSE_RESIDUE, 1, 1}, {2, 2, SQ_CLOSE_DONE, 0, 1},
        {4, 1, SQ_CLOSE_DONE, 0, 0},
    };
    put_position(view, 1, 100);
    put_position(view, 2, 100);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put_close(view, rows[i].no, rows[i].token, rows[i].state);
        assert_int_equal(view->closing, rows[i].closing);
        assert_int_equal(view->residues, rows[i].residues);
    }
}

static void alarms_are_counted(void **state)
{
    struct sq_view *view = *state;
    struct sq_alarm_event alarm = {.alarm = SQ_ALARM_LATE_FILL};
    assert_int_equal(apply(view, SQ_ALARM, &alarm), 0);
    assert_int_equal(apply(view, SQ_ALARM, &alarm), 0);
    assert_int_equal(view->alarms, 2);
}

static void activity_is_what_a_person_would_read(void **state)
{
    struct sq_view *view = *state;
    struct sq_book book = {.control = SQ_CONTROL_ACTIVE};
    struct sq_refused refused = {.refusal = SQ_REFUSAL_ROLE};
    put_position(view, 1, 100); /* seq 1: not told by itself */
    put_order(view, 1, SQ_ORDER_SENT);
    apply(view, SQ_BOOK, &book);
    book.time = 5;
    book.in_seq = 77;
    apply(view, SQ_BOOK, &book); /* seq 4: only its counters moved */
    apply(view, SQ_REFUSED, &refused);
    static const uint64_t expected[] = {5, 3, 2};
    assert_int_equal(view->activity_count, 3);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(sq_view_activity(view, i)->seq, expected[i]);
    assert_int_equal(sq_view_activity(view, 0)->kind, SQ_REFUSED);
    assert_null(sq_view_activity(view, 3));
}

static void a_snapshot_is_no_activity(void **state)
{
    struct sq_view *view = *state;
    put_position(view, 1, 100);
    struct sq_order order = maker_order(1, "A1", 1, SQ_SIDE_SELL, 1);
    struct sq_message row = maker_event(0, SQ_ORDER, &order);
    uint64_t changes = view->changes;
    assert_int_equal(sq_view_apply(view, &row), 0);
    assert_int_equal(view->tables.order_count, 1);
    assert_int_equal(view->activity_count, 0);
    assert_int_equal(view->seq, 1);
    assert_int_equal(view->changes, changes + 1);
}

static void old_activity_gives_way(void **state)
{
    struct sq_view *view = *state;
    struct sq_refused refused = {.refusal = SQ_REFUSAL_ROLE};
    for (int i = 0; i < SQ_VIEW_ACTIVITY + 10; i++)
        apply(view, SQ_REFUSED, &refused);
    assert_int_equal(sq_view_activity(view, 0)->seq, SQ_VIEW_ACTIVITY + 10);
    assert_int_equal(sq_view_activity(view, SQ_VIEW_ACTIVITY - 1)->seq, 11);
    assert_null(sq_view_activity(view, SQ_VIEW_ACTIVITY));
}

static void an_event_that_does_not_fit_is_refused(void **state)
{
    struct sq_view *view = *state;
    struct sq_close close = maker_close(1, "A1", 1, SQ_CLOSE_WORKING);
    struct sq_order order = maker_order(1, "A1", 1, SQ_SIDE_SELL, 1);
    struct sq_position position = maker_position("ZZ", 1, 5);
    assert_int_equal(apply(view, SQ_CLOSE, &close), -1);
    assert_int_equal(apply(view, SQ_ORDER, &order), -1);
    assert_int_equal(apply(view, SQ_POSITION, &position), -1);
    assert_int_equal(view->closing + view->open_positions + view->unknown, 0);
    assert_int_equal(view->activity_count, 0);
}

static void the_board_hears_of_positions(void **state)
{
    struct sq_view *view = *state;
    struct sq_config config = maker_config(2, 2, 4);
    view->board = sq_board_init(maker_memory(sq_board_size(&config)), &view->tables);
    put_position(view, 1, 100);
    sq_board_last(view->board, 0, 50, 1);
    assert_int_equal(sq_board_total(view->board), 5000);
    put_position(view, 1, 10);
    assert_int_equal(sq_board_total(view->board), 500);
    free(view->board);
}

#define WITH_VIEW(test) cmocka_unit_test_setup_teardown(test, make_view, free_view)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_VIEW(open_positions_are_counted),
        WITH_VIEW(unknown_orders_are_counted),
        WITH_VIEW(closes_and_what_they_left_are_counted),
        WITH_VIEW(alarms_are_counted),
        WITH_VIEW(activity_is_what_a_person_would_read),
        WITH_VIEW(a_snapshot_is_no_activity),
        WITH_VIEW(old_activity_gives_way),
        WITH_VIEW(an_event_that_does_not_fit_is_refused),
        WITH_VIEW(the_board_hears_of_positions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
