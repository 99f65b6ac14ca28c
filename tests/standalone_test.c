/* The whole way of a key press, over FIX, on the sample day: see tests/desk.h. */
#include "tests/desk.h"

#include <string.h>

/* Below zero: the last kick has had its time to be felt. */
static bool kicks_are_over(struct desk *d)
{
    return d->kicks_left < 0 && desk_is_ready(d);
}

static void both_links_come_up_and_rates_arrive(void **state)
{
    struct desk *d = *state;
    desk_run_until(d, desk_has_prices, 20);
    const struct sq_tables *t = &d->session->view->tables;
    uint32_t priced = 0;
    for (uint32_t i = 0; i < t->instrument_count; i++)
        priced += sq_board_get(d->session->view->board, i)->close > 0;
    print_message("%u of %u contracts have a price\n", priced, t->instrument_count);
    assert_true(priced > t->instrument_count / 2);
    struct sq_source_info info = {0};
    standalone_source(d->link, &info);
    assert_true(info.price_up && info.order_up);
    assert_false(sq_board_feed_of(d->session->view->board, SQ_EXCHANGE_NFO)->gap);
    desk_agrees_with_exchange(d);
}

static void one_key_closes_one_position(void **state)
{
    struct desk *d = *state;
    desk_get_ready(d);
    uint32_t position = desk_position(d, "C10733", "HDFCBANK");
    struct sq_message m = desk_close_of(d, position, 0);
    uint64_t before = exchange_counts(inproc_exchange(d->exchange)).orders;
    assert_true(sq_host_submit(d->host, &m));
    assert_true(sq_host_submit(d->host, &m)); /* the key bounces: the same intent */
    desk_run_until(d, desk_is_idle, 10);
    assert_int_equal(desk_book(d)->position[position].net, 0);
    assert_int_equal(exchange_counts(inproc_exchange(d->exchange)).orders, before + 1);
    assert_true(standalone_orders(d->link)->rtt_us > 0);
    print_message("round trip %ld us\n", (long)standalone_orders(d->link)->rtt_us);
    desk_agrees_with_exchange(d);
}

static void all_of_the_book_closes(void **state)
{
    struct desk *d = *state;
    desk_get_ready(d);
    uint32_t open = desk_open_positions(d);
    sq_time began = loop_now(&d->loop);
    uint32_t staged = desk_close_all(d, 1);
    desk_run_until(d, desk_is_idle, 60);
    print_message("%u staged of %u open; %u left after %ld ms, %lu orders, %lu turns\n", staged,
                  open, desk_open_positions(d), (long)((loop_now(&d->loop) - began) / SQ_MS),
                  (unsigned long)exchange_counts(inproc_exchange(d->exchange)).orders,
                  (unsigned long)standalone_driver(d->link)->turns);
    assert_true(desk_open_positions(d) < open / 2);
    desk_agrees_with_exchange(d);
}

static void a_failing_link_sends_nothing_twice(void **state)
{
    struct desk *d = *state;
    desk_get_ready(d);
    uint32_t open = desk_open_positions(d);
    for (int round = 1; round <= 6; round++) {
        desk_close_all(d, (uint64_t)round);
        d->kicks_left = 3;
        loop_timer_set(&d->poke, loop_now(&d->loop) + DESK_KICK_MS * SQ_MS / 2);
        desk_run_until(d, kicks_are_over, 30);
        desk_run_until(d, desk_is_idle, 30);
        desk_agrees_with_exchange(d);
    }
    desk_close_all(d, 99); /* and once in peace */
    desk_run_until(d, desk_is_idle, 30);
    print_message("%d cuts, %u of %u left, %d not sent\n", d->kicks, desk_open_positions(d), open,
                  d->not_sent);
    assert_true(d->kicks >= 6);
    assert_true(desk_open_positions(d) < open / 2);
    desk_agrees_with_exchange(d);
}

/* In the middle of a round, at another place in each, as long as there is something to do. */
static bool is_half_way(struct desk *d)
{
    return desk_is_idle(d) ||
           (desk_book(d)->fill_count >= d->fills_wanted && sq_host_in_flight(d->host) > 0);
}

static void a_killed_desk_reconciles_and_sends_nothing_by_itself(void **state)
{
    struct desk *d = *state;
    desk_get_ready(d);
    uint32_t open = desk_open_positions(d);
    int kills = 0;
    for (int round = 1; round <= 6; round++) {
        desk_close_all(d, (uint64_t)round);
        d->fills_wanted = desk_book(d)->fill_count + 5 + (uint32_t)round * 7 % 40;
        desk_run_until(d, is_half_way, 20);
        kills += sq_host_in_flight(d->host) > 0;
        desk_kill(d);
        for (int i = 0; i < 20; i++) /* what was written before arrives */
            uv_run(&d->loop.uv, UV_RUN_NOWAIT);
        uint64_t orders = exchange_counts(inproc_exchange(d->exchange)).orders;
        desk_open(d);
        desk_link(d);
        desk_run_until(d, desk_is_idle, 30);
        assert_int_equal(exchange_counts(inproc_exchange(d->exchange)).orders, orders);
        desk_agrees_with_exchange(d);
        desk_get_ready(d);
    }
    print_message("%u of %u left, %d kills with orders out\n", desk_open_positions(d), open, kills);
    assert_true(kills > 3);
    assert_true(desk_open_positions(d) < open);
}

static void a_log_out_is_orderly(void **state)
{
    struct desk *d = *state;
    desk_get_ready(d);
    standalone_logout(d->link, "end of day");
    for (int i = 0; i < 2000 && !standalone_is_quiet(d->link); i++)
        uv_run(&d->loop.uv, UV_RUN_ONCE);
    assert_true(standalone_is_quiet(d->link));
    assert_int_equal(desk_book(d)->book.link, SQ_LINK_DOWN);
    assert_string_equal(standalone_orders(d->link)->why, "logged_out: logged out");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, desk_begin, desk_end)
#define SLOW(name) cmocka_unit_test_setup_teardown(name, desk_begin_slowly, desk_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_links_come_up_and_rates_arrive),
        TEST(one_key_closes_one_position),
        TEST(all_of_the_book_closes),
        SLOW(a_failing_link_sends_nothing_twice),
        SLOW(a_killed_desk_reconciles_and_sends_nothing_by_itself),
        TEST(a_log_out_is_orderly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
