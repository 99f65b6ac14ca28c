/* session_test.c: the session port on a host in this process (core/session_here.h). */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/session_here.h"
#include "db/store_memory.h"
#include "tests/stage.h"

#define DAY 20261126

/* A host on the memory store with one position, and a session of its dealer. */
struct table {
    struct sq_config config;
    struct sq_store *store;
    void *host_memory, *session_memory;
    struct sq_host *host;
    struct sq_session *session;
    sq_time now;
};

static const char *const day[] = {
    "day day=20261126 epoch=1 book=MU1 desk=MUM-1 sender=SQ1 accepted=2 person=OPS reason=sample",
    "hours exchange=NSE open=2026-11-26T09:15:00+05:30 close=2026-11-26T15:30:00+05:30",
    "person code=RAVI desk=MUM-1 role=DEALER active=1 policy=instant",
    "client code=C1 desk=MUM-1 dealer=RAVI exch_account=X1 active=1",
    "instrument exchange=NSE token=11 symbol=HDFCBANK series=EQ contract=EQ price_decimals=2 "
    "tick=5 "
    "lot=1 multiplier=1 prev_settle=164000",
    "position client=C1 exchange=NSE token=11 product=MIS net=500 overnight=500 agreed=500 "
    "source=agreed basis_paise=82000000",
    "day-done instruments=1 positions=1 orders=0",
};

static void submit_line(struct table *t, const char *line)
{
    struct sq_message message;
    char why[200] = "";

    if (sq_line_parse(line, &message, why, sizeof why) != 0) {
        print_error("%s: %s\n", line, why);
        fail();
    }
    assert_true(sq_host_submit(t->host, &message));
}

static void run(struct table *t)
{
    sq_session_here_time(t->session, t->now);
    assert_int_equal(sq_host_run(t->host, t->now), SQ_ERR_OK);
}

/* The day is loaded before the session is made: its view must begin with what is there. */
static int set_up(void **state)
{
    struct table *t = calloc(1, sizeof *t);

    sq_config_default(&t->config);
    t->now = sq_midnight(DAY) + 10 * 3600 * SQ_SECOND;
    t->store = store_memory_create();
    t->host_memory = calloc(1, sq_host_size(&t->config));
    t->host = sq_host_init(t->host_memory, &t->config, t->store, NULL, NULL);
    assert_int_equal(sq_host_recover(t->host, (char[200]){0}, 200), SQ_ERR_OK);
    for (size_t i = 0; i < sizeof day / sizeof day[0]; i++)
        submit_line(t, day[i]);
    assert_int_equal(sq_host_run(t->host, t->now), SQ_ERR_OK);
    t->session_memory = calloc(1, sq_session_here_size(&t->config));
    t->session = sq_session_here_init(t->session_memory, &t->config, t->host, "RAVI");
    assert_non_null(t->session);
    sq_session_here_time(t->session, t->now);
    *state = t;
    return 0;
}

static int tear_down(void **state)
{
    struct table *t = *state;

    t->session->ops->destroy(t->session);
    t->store->ops->destroy(t->store);
    free(t->session_memory);
    free(t->host_memory);
    free(t);
    return 0;
}

static void quote(struct table *t, sq_price bid, sq_price ask)
{
    struct sq_rate rate = {
        .last = bid, .time = t->now, .trade_time = t->now, .band_low = 100000, .band_high = 200000};

    rate.bid[0] = (struct sq_level){bid, 1000};
    rate.ask[0] = (struct sq_level){ask, 1000};
    sq_board_rate(sq_session_here_board(t->session), 0, &rate);
    sq_board_feed(sq_session_here_board(t->session), SQ_EXCHANGE_NSE, t->now, false);
}

static struct sq_square_off intent(const struct table *t)
{
    struct sq_square_off i = {.id = {7, 9},
                              .dealer = "RAVI",
                              .key = t->session->view->tables.position[0].key,
                              .seen_net = 500,
                              .created = t->now};

    return i;
}

static void test_view_begins_with_the_engine(void **state)
{
    struct table *t = *state;

    assert_int_equal(t->session->view->tables.position_count, 1);
    assert_int_equal(t->session->view->open_positions, 1);
    assert_int_equal(t->session->view->tables.book.day, DAY);
    assert_string_equal(t->session->person, "RAVI");
}

static void test_submitted_input_comes_back_as_an_event(void **state)
{
    struct table *t = *state;
    struct sq_message message = {.kind = SQ_SQUARE_OFF, .as.square_off = intent(t)};
    const struct sq_message *last;

    assert_true(t->session->ops->submit(t->session, &message, 1));
    run(t);
    last = sq_view_activity(t->session->view, 0);
    assert_non_null(last);
    assert_int_equal(last->kind, SQ_REFUSED); /* the day is dormant: no one-key yet */
    assert_int_equal(last->as.refused.guard, SQ_GUARD_NOT_ACTIVE);
    assert_int_equal(last->as.refused.id.high, 7);
}

static void test_preview_is_priced_by_the_board(void **state)
{
    struct table *t = *state;
    struct sq_square_off asked = intent(t);
    const struct sq_preview *preview;
    size_t count = 0;

    quote(t, 164000, 164050);
    assert_true(t->session->ops->preview(t->session, &asked, 1));
    preview = t->session->ops->previews(t->session, &count);
    assert_int_equal(count, 1);
    assert_int_equal(preview->quantity, 500);
    assert_int_equal(preview->side, SQ_SIDE_SELL);
    assert_in_range(preview->limit, 160000, 164000);
    assert_false(preview->guards >> SQ_GUARD_FEED_DEAD & 1);
    t->now += 60 * SQ_SECOND;
    sq_session_here_time(t->session, t->now);
    assert_true(t->session->ops->preview(t->session, &asked, 1));
    preview = t->session->ops->previews(t->session, &count);
    assert_true(preview->guards >> SQ_GUARD_FEED_DEAD & 1);
}

static void test_info_is_the_hosts_own(void **state)
{
    struct table *t = *state;
    struct sq_source_info told = {.source = "DRILL",
                                  .drill = true,
                                  .price_up = true,
                                  .order_up = true,
                                  .order_rtt_us = 41000};
    struct sq_source_info info;

    sq_session_here_source(t->session, &told);
    t->session->ops->info(t->session, &info);
    assert_string_equal(info.source, "DRILL");
    assert_true(info.live && info.price_up && !info.view_only);
    assert_false(info.order_up); /* the book says that the link is down, whatever the driver says */
    assert_int_equal(info.order_rtt_us, 41000);
    sq_host_set_view_only(t->host);
    t->session->ops->info(t->session, &info);
    assert_true(info.view_only);
    assert_false(info.live);
}

static void test_no_more_than_it_has_room_for(void **state)
{
    struct table *t = *state;
    struct sq_square_off *many = calloc(t->config.positions + 1, sizeof *many);

    assert_false(t->session->ops->preview(t->session, many, t->config.positions + 1));
    free(many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_view_begins_with_the_engine, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_submitted_input_comes_back_as_an_event, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_preview_is_priced_by_the_board, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_info_is_the_hosts_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_more_than_it_has_room_for, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
