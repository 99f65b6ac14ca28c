/* tables_test.c: rows are found by their keys, linked, bounded, and named as the desk names them. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "tests/book_maker.h"

/* Two contracts, two clients, three positions. */
static int make_book(void **state)
{
    struct sq_config config = maker_config(4, 3, 4);
    struct sq_tables *t = maker_tables(&config);
    for (uint32_t token = 1; token <= 2; token++) {
        struct sq_instrument instrument = maker_instrument(token);
        sq_tables_apply(t, SQ_INSTRUMENT, &instrument);
    }
    struct sq_client a = maker_client("A1"), b = maker_client("B2");
    sq_tables_apply(t, SQ_CLIENT, &a);
    sq_tables_apply(t, SQ_CLIENT, &b);
    struct sq_position positions[] = {
        maker_position("A1", 1, 100),
        maker_position("A1", 2, -50),
        maker_position("B2", 1, 75),
    };
    for (size_t i = 0; i < 3; i++)
        sq_tables_apply(t, SQ_POSITION, &positions[i]);
    *state = t;
    return 0;
}

static int free_book(void **state)
{
    maker_free(*state);
    return 0;
}

static void put_order(struct sq_tables *t, struct sq_order order)
{
    assert_int_equal(sq_tables_apply(t, SQ_ORDER, &order), 0);
}

static void rows_are_found_by_their_keys(void **state)
{
    const struct sq_tables *t = *state;
    assert_int_equal(sq_find_instrument(t, SQ_EXCHANGE_NFO, 2), 1);
    assert_int_equal(sq_find_instrument(t, SQ_EXCHANGE_NSE, 2), SQ_NO_ROW);
    assert_int_equal(sq_find_client(t, "B2"), 1);
    assert_int_equal(sq_find_client(t, "B"), SQ_NO_ROW);
    assert_int_equal(sq_find_client(t, "B2345678901234567890"), SQ_NO_ROW);
    assert_int_equal(sq_find_person(t, "RAVI"), SQ_NO_ROW);
    struct sq_key key = maker_key("A1", 2);
    assert_int_equal(sq_find_position(t, &key), 1);
    key.product = SQ_PRODUCT_MIS;
    assert_int_equal(sq_find_position(t, &key), SQ_NO_ROW);
    assert_int_equal(t->position_instrument[1], 1);
    assert_int_equal(t->position_client[2], 1);
}

static void a_row_with_the_same_key_is_replaced(void **state)
{
    struct sq_tables *t = *state;
    struct sq_position again = maker_position("A1", 2, -25);
    assert_int_equal(sq_tables_apply(t, SQ_POSITION, &again), 0);
    assert_int_equal(t->position_count, 3);
    assert_int_equal(t->position[1].net, -25);
    struct sq_book book = {.day = 20261126};
    assert_int_equal(sq_tables_apply(t, SQ_BOOK, &book), 0);
    assert_int_equal(t->book.day, 20261126);
}

static void a_row_that_names_no_row_is_refused(void **state)
{
    struct sq_tables *t = *state;
    struct sq_position no_contract = maker_position("A1", 3, 1),
                       no_client = maker_position("Z", 1, 1);
    assert_int_equal(sq_tables_apply(t, SQ_POSITION, &no_contract), -1);
    assert_int_equal(sq_tables_apply(t, SQ_POSITION, &no_client), -1);
    struct sq_order order = maker_order(1, "B2", 2, SQ_SIDE_BUY, 1);
    struct sq_close close = maker_close(1, "B2", 2, SQ_CLOSE_WORKING);
    struct sq_fill fill = {.no = 1, .key = maker_key("B2", 2)};
    assert_int_equal(sq_tables_apply(t, SQ_ORDER, &order), -1);
    assert_int_equal(sq_tables_apply(t, SQ_CLOSE, &close), -1);
    assert_int_equal(sq_tables_apply(t, SQ_FILL, &fill), -1);
    assert_int_equal(t->position_count, 3);
    assert_int_equal(t->order_count + t->close_count + t->fill_count, 0);
}

static void a_full_table_says_so_and_still_replaces(void **state)
{
    struct sq_tables *t = *state;
    struct sq_position fourth = maker_position("B2", 2, 1), fifth;
    struct sq_client c = maker_client("C3"), d = maker_client("D4");
    assert_int_equal(sq_tables_apply(t, SQ_POSITION, &fourth), 0);
    assert_int_equal(sq_tables_apply(t, SQ_CLIENT, &c), 0);
    assert_int_equal(sq_tables_apply(t, SQ_CLIENT, &d), -1);
    fifth = maker_position("C3", 1, 1);
    assert_int_equal(sq_tables_apply(t, SQ_POSITION, &fifth), -1);
    fourth.net = 9;
    assert_int_equal(sq_tables_apply(t, SQ_POSITION, &fourth), 0);
    assert_int_equal(t->position[3].net, 9);
}

static void positions_and_orders_are_linked_newest_first(void **state)
{
    struct sq_tables *t = *state;
    assert_int_equal(t->client_position[0], 1);
    assert_int_equal(t->position_next[1], 0);
    assert_int_equal(t->position_next[0], SQ_NO_ROW);
    assert_int_equal(t->position_order[0], SQ_NO_ROW);
    put_order(t, maker_order(1, "A1", 1, SQ_SIDE_SELL, 10));
    put_order(t, maker_order(2, "B2", 1, SQ_SIDE_SELL, 10));
    put_order(t, maker_order(3, "A1", 1, SQ_SIDE_SELL, 20));
    put_order(t, maker_order(3, "A1", 1, SQ_SIDE_SELL, 5));
    assert_int_equal(t->position_order[0], 2);
    assert_int_equal(t->order_next[2], 0);
    assert_int_equal(t->order_next[0], SQ_NO_ROW);
    assert_int_equal(t->order_position[1], 2);
    struct sq_order moved = maker_order(3, "B2", 1, SQ_SIDE_SELL, 5);
    assert_int_equal(sq_tables_apply(t, SQ_ORDER, &moved), -1);
}

static void positions_of_an_underlying_form_a_ring(void **state)
{
    struct sq_tables *t = *state;
    assert_int_equal(t->position_sibling[0], 1); /* NIFTY of A1 */
    assert_int_equal(t->position_sibling[1], 0);
    assert_int_equal(t->position_sibling[2], 2); /* alone at B2 */
    struct sq_instrument other = maker_instrument(3);
    sq_text_cut(other.symbol, sizeof other.symbol, "NIFTYNXT50");
    sq_tables_apply(t, SQ_INSTRUMENT, &other);
    struct sq_position p = maker_position("A1", 3, 1);
    sq_tables_apply(t, SQ_POSITION, &p);
    assert_int_equal(t->position_sibling[3], 3);
    assert_int_equal(t->position_sibling[0], 1);
}

static void what_may_still_trade_is_reserved(void **state)
{
    struct sq_tables *t = *state;
    struct sq_order order = maker_order(1, "A1", 1, SQ_SIDE_SELL, 10);
    static const uint8_t origins[] = {SQ_ORIGIN_CLOSE, SQ_ORIGIN_RESTING, SQ_ORIGIN_RESTING_EXT,
                                      SQ_ORIGIN_ADOPTED};
    assert_int_equal(sq_reserved(t, 0), 0);
    for (unsigned i = 0; i < 4; i++) {
        order.no = i + 1;
        order.origin = origins[i];
        order.cancel_state = i % 2 ? SQ_CANCEL_SENT : SQ_CANCEL_NONE;
        put_order(t, order);
    }
    order.no = 5;
    order.state = SQ_ORDER_UNKNOWN;
    put_order(t, order);
    order.no = 6;
    order.state = SQ_ORDER_CANCELLED; /* ended: its leaves no longer count */
    put_order(t, order);
    put_order(t, maker_order(7, "A1", 1, SQ_SIDE_BUY, 40));
    put_order(t, maker_order(8, "B2", 1, SQ_SIDE_SELL, 40));
    assert_int_equal(sq_reserved(t, 0), 50);
    t->position[0].net = -100; /* short: the buy closes */
    assert_int_equal(sq_reserved(t, 0), 40);
    t->position[0].net = 0; /* flat: whatever trades opens a new one */
    assert_int_equal(sq_reserved(t, 0), 90);
}

static void the_newest_close_may_be_open(void **state)
{
    struct sq_tables *t = *state;
    struct sq_close first = maker_close(1, "A1", 1, SQ_CLOSE_WORKING), second;
    assert_null(sq_open_close(t, 0));
    sq_tables_apply(t, SQ_CLOSE, &first);
    assert_ptr_equal(sq_open_close(t, 0), &t->close[0]);
    assert_null(sq_open_close(t, 1));
    first.state = SQ_CLOSE_RESIDUE;
    sq_tables_apply(t, SQ_CLOSE, &first);
    assert_null(sq_open_close(t, 0));
    second = maker_close(2, "A1", 1, SQ_CLOSE_HELD);
    sq_tables_apply(t, SQ_CLOSE, &second);
    assert_ptr_equal(sq_open_close(t, 0), &t->close[1]);
    assert_int_equal(sq_find_close(t, 2), 1);
    assert_int_equal(sq_find_close(t, 3), SQ_NO_ROW);
}

static void fills_are_known_by_the_exchanges_number_and_side(void **state)
{
    struct sq_tables *t = *state;
    struct sq_fill fill = {
        .no = 1, .key = maker_key("A1", 1), .exec_id = "T1", .side = SQ_SIDE_BUY};
    sq_tables_apply(t, SQ_FILL, &fill);
    assert_int_equal(sq_find_fill(t, SQ_EXCHANGE_NFO, "T1", SQ_SIDE_BUY), 0);
    assert_int_equal(sq_find_fill(t, SQ_EXCHANGE_NFO, "T1", SQ_SIDE_SELL), SQ_NO_ROW);
    assert_int_equal(sq_find_fill(t, SQ_EXCHANGE_BFO, "T1", SQ_SIDE_BUY), SQ_NO_ROW);
    /* Fills told by phone have no such number and are not one another. */
    for (uint64_t no = 2; no <= 3; no++) {
        struct sq_fill manual = {.no = no, .key = maker_key("A1", 1), .side = SQ_SIDE_BUY};
        assert_int_equal(sq_tables_apply(t, SQ_FILL, &manual), 0);
    }
    assert_int_equal(t->fill_count, 3);
    assert_int_equal(sq_find_fill(t, SQ_EXCHANGE_NFO, "", SQ_SIDE_BUY), SQ_NO_ROW);
}

static void people_are_found(void **state)
{
    struct sq_tables *t = *state;
    struct sq_person ravi = {.code = "RAVI"}, meena = {.code = "MEENA"};
    sq_tables_apply(t, SQ_PERSON, &ravi);
    sq_tables_apply(t, SQ_PERSON, &meena);
    assert_int_equal(sq_find_person(t, "MEENA"), 1);
    assert_int_equal(sq_find_person(t, "ravi"), SQ_NO_ROW);
}

static void intents_are_found(void **state)
{
    struct sq_tables *t = *state;
    struct sq_intent_row row = {.id = {1, 2}};
    assert_int_equal(sq_find_intent(t, row.id), SQ_NO_ROW);
    sq_tables_apply(t, SQ_INTENT, &row);
    assert_int_equal(sq_find_intent(t, row.id), 0);
    assert_int_equal(sq_find_intent(t, (struct sq_id){2, 1}), SQ_NO_ROW);
}

static void hours_of_the_series_come_before_those_of_the_segment(void **state)
{
    struct sq_tables *t = *state;
    struct sq_hours all = {.exchange = SQ_EXCHANGE_NFO, .open = 1},
                    be = {.exchange = SQ_EXCHANGE_NFO, .series = "BE", .open = 2};
    struct sq_instrument plain = maker_instrument(1), series = maker_instrument(1);
    sq_text_cut(series.series, sizeof series.series, "BE");
    assert_null(sq_find_hours(t, &plain));
    sq_tables_apply(t, SQ_HOURS, &be);
    assert_null(sq_find_hours(t, &plain));
    sq_tables_apply(t, SQ_HOURS, &all);
    assert_int_equal(sq_find_hours(t, &plain)->open, 1);
    assert_int_equal(sq_find_hours(t, &series)->open, 2);
    sq_text_cut(series.series, sizeof series.series, "XX");
    assert_int_equal(sq_find_hours(t, &series)->open, 1);
}

/* ---- client order ids ---------------------------------------------------------------------- */

static void set_clords(struct sq_tables *t, uint64_t no, const char *own, const char *cancel)
{
    struct sq_order order = maker_order(no, "A1", 1, SQ_SIDE_SELL, 1);
    sq_text_cut(order.clord, sizeof order.clord, own);
    sq_text_cut(order.cancel_clord, sizeof order.cancel_clord, cancel);
    put_order(t, order);
}

static void an_order_is_found_by_its_id_and_by_its_cancels(void **state)
{
    struct sq_tables *t = *state;
    set_clords(t, 1, "O1", "");
    set_clords(t, 2, "O2", "");
    assert_int_equal(sq_find_clord(t, "O1"), 0);
    assert_int_equal(sq_find_clord(t, "X1"), SQ_NO_ROW);
    assert_int_equal(sq_find_clord(t, ""), SQ_NO_ROW);
    set_clords(t, 1, "O1", "X1");
    assert_int_equal(sq_find_clord(t, "X1"), 0);
    set_clords(t, 1, "O1", "X2");
    assert_int_equal(sq_find_clord(t, "X1"), SQ_NO_ROW);
    assert_int_equal(sq_find_clord(t, "X2"), 0);
    assert_int_equal(sq_find_clord(t, "O1"), 0);
    assert_int_equal(sq_find_order(t, 2), 1);
}

/* Thousands of cancels on a few orders: the map must neither fill up nor lose one. */
static void ids_of_cancels_give_way_to_the_next(void **state)
{
    struct sq_tables *t = *state;
    char own[16][SQ_CLORD_SIZE] = {{0}}, cancel[16][SQ_CLORD_SIZE] = {{0}};
    uint64_t chance = 3;
    for (unsigned round = 0; round < 20000; round++) {
        unsigned i = (unsigned)(maker_random(&chance) % 16);
        snprintf(own[i], SQ_CLORD_SIZE, "O%u", i);
        snprintf(cancel[i], SQ_CLORD_SIZE, "X%u", round);
        set_clords(t, i + 1, own[i], cancel[i]);
        for (unsigned j = 0; j < 16; j++) {
            uint32_t row = sq_find_order(t, j + 1);
            assert_int_equal(own[j][0] ? sq_find_clord(t, own[j]) : SQ_NO_ROW, row);
            assert_int_equal(cancel[j][0] ? sq_find_clord(t, cancel[j]) : SQ_NO_ROW, row);
        }
    }
}

/* ---- many rows ----------------------------------------------------------------------------- */

static void a_full_book_finds_each_of_its_rows(void **state)
{
    (void)state;
    enum { TOKENS = 500, CLIENTS = 20 };
    struct sq_config config = maker_config(TOKENS, CLIENTS, TOKENS * CLIENTS);
    struct sq_tables *t = maker_tables(&config);
    char code[CLIENTS][8];
    for (uint32_t token = 0; token < TOKENS; token++) {
        struct sq_instrument instrument = maker_instrument(token * 7919);
        assert_int_equal(sq_tables_apply(t, SQ_INSTRUMENT, &instrument), 0);
    }
    for (unsigned c = 0; c < CLIENTS; c++) {
        snprintf(code[c], sizeof code[c], "C%u", c);
        struct sq_client client = maker_client(code[c]);
        assert_int_equal(sq_tables_apply(t, SQ_CLIENT, &client), 0);
    }
    for (uint32_t i = 0; i < TOKENS * CLIENTS; i++) {
        struct sq_position p = maker_position(code[i % CLIENTS], i / CLIENTS * 7919, i);
        assert_int_equal(sq_tables_apply(t, SQ_POSITION, &p), 0);
    }
    for (uint32_t i = 0; i < TOKENS * CLIENTS; i++) {
        struct sq_key key = maker_key(code[i % CLIENTS], i / CLIENTS * 7919);
        assert_int_equal(sq_find_position(t, &key), i);
    }
    struct sq_key other = maker_key("C3", 5);
    assert_int_equal(sq_find_position(t, &other), SQ_NO_ROW);
    maker_free(t);
}

/* ---- labels -------------------------------------------------------------------------------- */

static void labels_are_those_of_the_desk(void **state)
{
    (void)state;
    static const struct {
        struct sq_instrument instrument;
        const char *label;
    } rows[] = {
        {{.contract = SQ_CONTRACT_CALL,
          .symbol = "NIFTY",
          .expiry = 20261201,
          .strike = 2450000,
          .price_decimals = 2},
         "NIFTY 01DEC 24500C"},
        {{.contract = SQ_CONTRACT_PUT,
          .symbol = "USDINR",
          .expiry = 20261127,
          .strike = 842500,
          .price_decimals = 4},
         "USDINR 27NOV 84.25P"},
        {{.contract = SQ_CONTRACT_PUT,
          .symbol = "CRUDEOIL",
          .expiry = 20261117,
          .strike = 5200,
          .price_decimals = 0},
         "CRUDEOIL 17NOV 5200P"},
        {{.contract = SQ_CONTRACT_FUTURE, .symbol = "BANKNIFTY", .expiry = 20261229},
         "BANKNIFTY 29DEC FUT"},
        {{.contract = SQ_CONTRACT_EQUITY, .symbol = "HDFCBANK", .series = "EQ"}, "HDFCBANK"},
        {{.contract = SQ_CONTRACT_EQUITY, .symbol = "GTLINFRA", .series = "BE"}, "GTLINFRA BE"},
        {{.contract = SQ_CONTRACT_INDEX, .symbol = "NIFTY 50"}, "NIFTY 50"},
        {{.contract = SQ_CONTRACT_FUTURE, .symbol = "BROKEN", .expiry = 20269999},
         "BROKEN 99??? FUT"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char label[SQ_LABEL_SIZE];
        assert_int_equal(sq_label(&rows[i].instrument, label), strlen(rows[i].label));
        check_text(label, rows[i].label);
    }
}

static void orders_have_our_number_or_the_exchanges(void **state)
{
    (void)state;
    char label[SQ_LABEL_SIZE];
    struct sq_order order = {.no = 412, .origin = SQ_ORIGIN_CLOSE, .exch_no = "1100000000012345"};
    sq_order_label(&order, label);
    check_text(label, "#sq-0412");
    order.origin = SQ_ORIGIN_RESTING;
    sq_order_label(&order, label);
    check_text(label, "1100000000012345");
    order.exch_no[0] = '\0';
    order.no = 123456;
    sq_order_label(&order, label);
    check_text(label, "#sq-123456");
}

#define WITH_BOOK(test) cmocka_unit_test_setup_teardown(test, make_book, free_book)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_BOOK(rows_are_found_by_their_keys),
        WITH_BOOK(a_row_with_the_same_key_is_replaced),
        WITH_BOOK(a_row_that_names_no_row_is_refused),
        WITH_BOOK(a_full_table_says_so_and_still_replaces),
        WITH_BOOK(positions_and_orders_are_linked_newest_first),
        WITH_BOOK(positions_of_an_underlying_form_a_ring),
        WITH_BOOK(what_may_still_trade_is_reserved),
        WITH_BOOK(the_newest_close_may_be_open),
        WITH_BOOK(fills_are_known_by_the_exchanges_number_and_side),
        WITH_BOOK(people_are_found),
        WITH_BOOK(intents_are_found),
        WITH_BOOK(hours_of_the_series_come_before_those_of_the_segment),
        WITH_BOOK(an_order_is_found_by_its_id_and_by_its_cancels),
        WITH_BOOK(ids_of_cancels_give_way_to_the_next),
        cmocka_unit_test(a_full_book_finds_each_of_its_rows),
        cmocka_unit_test(labels_are_those_of_the_desk),
        cmocka_unit_test(orders_have_our_number_or_the_exchanges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
