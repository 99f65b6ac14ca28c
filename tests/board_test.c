/* board_test.c: what positions are worth, kept by difference, is what it is from scratch. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "tests/book_maker.h"

enum { TOKENS = 7, CLIENTS = 3, POSITIONS = 21 };
static const char *const codes[CLIENTS] = {"A1", "B2", "C3"};

struct desk {
    struct sq_tables *t;
    struct sq_board *board;
};

static int make_desk(void **state)
{
    static struct desk desk;
    struct sq_config config = maker_config(TOKENS + 1, CLIENTS, POSITIONS);
    desk.t = maker_tables(&config);
    desk.board = sq_board_init(maker_memory(sq_board_size(&config)), desk.t);
    for (uint32_t token = 0; token < TOKENS; token++) {
        struct sq_instrument instrument = maker_instrument(token);
        if (token == 1) { /* a currency: four decimals, a lot of 1,000 */
            instrument.price_decimals = 4;
            instrument.multiplier = 1000;
        }
        sq_tables_apply(desk.t, SQ_INSTRUMENT, &instrument);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        struct sq_client client = maker_client(codes[i]);
        sq_tables_apply(desk.t, SQ_CLIENT, &client);
    }
    *state = &desk;
    return 0;
}

static int free_desk(void **state)
{
    struct desk *desk = *state;
    maker_free(desk->t);
    free(desk->board);
    return 0;
}

static void put(struct desk *desk, struct sq_position position)
{
    assert_int_equal(sq_tables_apply(desk->t, SQ_POSITION, &position), 0);
    sq_board_position(desk->board, sq_find_position(desk->t, &position.key));
}

static void mtm_is_realised_carried_and_open_profit(void **state)
{
    struct desk *desk = *state;
    struct sq_position p = maker_position("A1", 0, -75);
    p.basis_paise = -75 * 10000;
    p.realised_paise = 1234;
    p.carry_paise = 66;
    put(desk, p);
    assert_int_equal(sq_board_mtm(desk->board, 0), 0); /* no price yet */
    sq_board_last(desk->board, 0, 9900, 1);
    assert_int_equal(sq_board_mtm(desk->board, 0), 75 * 100 + 1300);
    assert_int_equal(sq_board_client_mtm(desk->board, 0), 75 * 100 + 1300);
    assert_int_equal(sq_board_total(desk->board), 75 * 100 + 1300);
    p.net = 0;
    p.basis_paise = 0;
    p.realised_paise = 7500;
    put(desk, p);
    assert_int_equal(sq_board_mtm(desk->board, 0), 7566);
}

static void a_flat_position_needs_no_price(void **state)
{
    struct desk *desk = *state;
    struct sq_position p = maker_position("B2", 3, 0);
    p.realised_paise = -500;
    put(desk, p);
    assert_int_equal(sq_board_mtm(desk->board, 0), -500);
    assert_int_equal(sq_board_client_mtm(desk->board, 1), -500);
}

static void decimals_and_multiplier_are_the_contracts(void **state)
{
    struct desk *desk = *state;
    struct sq_position p = maker_position("A1", 1, 10);
    p.basis_paise = 84500000;
    put(desk, p);
    sq_board_last(desk->board, 1, 845025, 1);
    assert_int_equal(sq_board_mtm(desk->board, 0), 2500);
}

static void nonsense_is_limited(void **state)
{
    struct desk *desk = *state;
    struct sq_position p = maker_position("A1", 2, INT64_MAX);
    p.basis_paise = INT64_MIN;
    put(desk, p);
    sq_board_last(desk->board, 2, INT64_MAX, 1);
    assert_int_equal(sq_board_mtm(desk->board, 0), 2 * SQ_INTEGER_MAX);
    sq_board_last(desk->board, 2, INT64_MIN, 1);
    assert_int_equal(sq_board_mtm(desk->board, 0), 0);
    p = maker_position("A1", 1, INT64_MIN); /* times a multiplier of 1,000 */
    put(desk, p);
    sq_board_last(desk->board, 1, 1000000, 1);
    assert_int_equal(sq_board_mtm(desk->board, 1), -SQ_INTEGER_MAX);
}

/* ---- against a plain sum ------------------------------------------------------------------- */

static sq_money expected_mtm(const struct desk *desk, uint32_t position)
{
    const struct sq_position *p = &desk->t->position[position];
    uint32_t instrument = desk->t->position_instrument[position];
    const struct sq_instrument *i = &desk->t->instrument[instrument];
    sq_price last = sq_board_get(desk->board, instrument)->last;
    if (p->net != 0 && last == 0)
        return 0;
    return sq_value_paise(last, p->net, i->multiplier, i->price_decimals) - p->basis_paise +
           p->realised_paise + p->carry_paise;
}

static void check_board(const struct desk *desk)
{
    sq_money clients[CLIENTS] = {0}, total = 0;
    for (uint32_t p = 0; p < desk->t->position_count; p++) {
        sq_money mtm = expected_mtm(desk, p);
        assert_int_equal(sq_board_mtm(desk->board, p), mtm);
        clients[desk->t->position_client[p]] += mtm;
        total += mtm;
    }
    for (uint32_t c = 0; c < CLIENTS; c++)
        assert_int_equal(sq_board_client_mtm(desk->board, c), clients[c]);
    assert_int_equal(sq_board_total(desk->board), total);
}

static uint64_t chance = 11;

static int below(int bound)
{
    return (int)(maker_random(&chance) % (uint64_t)bound);
}

static void random_position(struct desk *desk)
{
    struct sq_position p =
        maker_position(codes[below(CLIENTS)], (uint32_t)below(TOKENS), below(2001) - 1000);
    p.basis_paise = below(2000001) - 1000000;
    p.realised_paise = below(20001) - 10000;
    p.carry_paise = below(20001) - 10000;
    put(desk, p);
}

static void random_tick(struct desk *desk)
{
    struct sq_rate rate = {.last = below(4) ? below(200000) - 1000 : 0, .time = 1};
    uint32_t instrument = (uint32_t)below(TOKENS);
    if (below(2))
        sq_board_last(desk->board, instrument, rate.last, 1);
    else
        sq_board_rate(desk->board, instrument, &rate);
}

/* Positions and ticks in any order, so that ticks meet groups and newcomers. */
static void differences_add_up_to_the_sum(void **state)
{
    struct desk *desk = *state;
    for (int i = 0; i < 20000; i++) {
        if (below(3) == 0)
            random_position(desk);
        else
            random_tick(desk);
        check_board(desk);
    }
    assert_int_equal(desk->t->position_count, POSITIONS);
    sq_board_revalue(desk->board);
    check_board(desk);
    desk->t->instrument[1].multiplier = 50;
    sq_board_reload(desk->board);
    check_board(desk);
}

static void a_board_may_come_after_the_rows(void **state)
{
    struct desk *desk = *state;
    struct sq_position p = maker_position("C3", 4, 5);
    sq_tables_apply(desk->t, SQ_POSITION, &p);
    sq_board_last(desk->board, 4, 100, 1);
    check_board(desk);
    assert_int_equal(sq_board_total(desk->board), 500);
    p = maker_position("A1", 4, 2);
    sq_tables_apply(desk->t, SQ_POSITION, &p);
    sq_board_revalue(desk->board);
    assert_int_equal(sq_board_total(desk->board), 700);
    assert_ptr_equal(sq_board_tables(desk->board), desk->t);
}

static void a_contract_may_come_in_the_middle_of_the_day(void **state)
{
    struct desk *desk = *state;
    struct sq_instrument late = maker_instrument(99);
    put(desk, maker_position("A1", 0, 10));
    put(desk, maker_position("B2", TOKENS - 1, 10));
    sq_board_last(desk->board, 0, 100, 1);
    assert_int_equal(sq_tables_apply(desk->t, SQ_INSTRUMENT, &late), 0);
    sq_board_last(desk->board, TOKENS, 7000, 1);
    sq_board_last(desk->board, TOKENS - 1, 300, 1);
    check_board(desk);
    put(desk, maker_position("C3", 99, -3));
    check_board(desk);
    sq_board_last(desk->board, TOKENS, 7100, 1);
    check_board(desk);
    assert_int_equal(sq_board_total(desk->board), 1000 + 3000 - 21300);
}

/* ---- ages ---------------------------------------------------------------------------------- */

static void the_last_move_is_remembered(void **state)
{
    struct desk *desk = *state;
    static const struct {
        sq_price last;
        int move;
    } rows[] = {{100, 0}, {105, 1}, {105, 1}, {100, -1}, {100, -1}, {101, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sq_board_last(desk->board, 0, rows[i].last, 1);
        assert_int_equal(sq_board_get(desk->board, 0)->move, rows[i].move);
    }
    struct sq_rate rate = {.last = 90, .move = 1};
    sq_board_rate(desk->board, 0, &rate);
    assert_int_equal(sq_board_get(desk->board, 0)->move, -1);
}

static void a_quote_says_how_old_it_is(void **state)
{
    struct desk *desk = *state;
    struct sq_quote quote;
    sq_time now = 100 * SQ_SECOND;
    sq_board_quote(desk->board, 5, now, &quote);
    assert_int_equal(quote.age_ms, -1);
    assert_int_equal(quote.trade_age_ms, -1);
    assert_int_equal(quote.feed_age_ms, -1);
    struct sq_rate rate = {
        .bid[0] = {995, 10},
        .ask[0] = {1005, 0}, /* nobody sells: the price is left over */
        .last = 1000,
        .band_low = 800,
        .band_high = 1200,
        .time = now - 250 * SQ_MS,
        .trade_time = now - 9 * SQ_SECOND,
    };
    sq_board_rate(desk->board, 5, &rate);
    sq_board_feed(desk->board, SQ_EXCHANGE_NFO, now + 1, true);
    sq_board_quote(desk->board, 5, now, &quote);
    struct sq_quote expected = {.bid = 995,
                                .ask = 0,
                                .last = 1000,
                                .band_low = 800,
                                .band_high = 1200,
                                .age_ms = 250,
                                .trade_age_ms = 9000,
                                .feed_age_ms = 0,
                                .feed_gap = 1};
    assert_memory_equal(&quote, &expected, sizeof quote);
}

static void a_feed_is_counted_by_whole_seconds(void **state)
{
    struct desk *desk = *state;
    const struct sq_feed *feed = sq_board_feed_of(desk->board, SQ_EXCHANGE_NSE);
    for (int i = 0; i < 7; i++)
        sq_board_feed(desk->board, SQ_EXCHANGE_NSE, 50 * SQ_SECOND + i, false);
    assert_int_equal(feed->per_second, 0);
    sq_board_feed(desk->board, SQ_EXCHANGE_NSE, 51 * SQ_SECOND, false);
    assert_int_equal(feed->per_second, 7);
    sq_board_feed(desk->board, SQ_EXCHANGE_NSE, 52 * SQ_SECOND, false);
    assert_int_equal(feed->per_second, 1);
    sq_board_feed(desk->board, SQ_EXCHANGE_NSE, 60 * SQ_SECOND, false);
    assert_int_equal(feed->per_second, 0);
    assert_int_equal(feed->heard, 60 * SQ_SECOND);
    assert_int_equal(sq_board_feed_of(desk->board, SQ_EXCHANGE_BSE)->heard, 0);
}

static void stale_positions_are_counted(void **state)
{
    struct desk *desk = *state;
    sq_time now = 100 * SQ_SECOND;
    put(desk, maker_position("A1", 0, 10));
    put(desk, maker_position("B2", 0, 10));
    put(desk, maker_position("B2", 2, 10));
    put(desk, maker_position("C3", 2, 0)); /* flat: never stale */
    assert_int_equal(sq_board_stale(desk->board, now, 5000), 3);
    sq_board_last(desk->board, 0, 100, now);
    assert_int_equal(sq_board_stale(desk->board, now, 5000), 3); /* the feed is silent */
    sq_board_feed(desk->board, SQ_EXCHANGE_NFO, now, false);
    assert_int_equal(sq_board_stale(desk->board, now, 5000), 1);
    assert_int_equal(sq_board_stale(desk->board, now + 5 * SQ_SECOND, 5000), 1);
    assert_int_equal(sq_board_stale(desk->board, now + 6 * SQ_SECOND, 5000), 3);
    sq_board_feed(desk->board, SQ_EXCHANGE_NFO, now, true);
    assert_int_equal(sq_board_stale(desk->board, now, 5000), 3);
}

#define AT_DESK(test) cmocka_unit_test_setup_teardown(test, make_desk, free_desk)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_DESK(mtm_is_realised_carried_and_open_profit),
        AT_DESK(a_flat_position_needs_no_price),
        AT_DESK(decimals_and_multiplier_are_the_contracts),
        AT_DESK(nonsense_is_limited),
        AT_DESK(differences_add_up_to_the_sum),
        AT_DESK(a_board_may_come_after_the_rows),
        AT_DESK(a_contract_may_come_in_the_middle_of_the_day),
        AT_DESK(the_last_move_is_remembered),
        AT_DESK(a_quote_says_how_old_it_is),
        AT_DESK(a_feed_is_counted_by_whole_seconds),
        AT_DESK(stale_positions_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
