/* num_test.c: integers, dates and texts at their edges. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/text.h"
#include "tests/book_maker.h"

static void sums_and_products_say_when_they_do_not_fit(void **state)
{
    (void)state;
    int64_t out = 7;
    assert_true(sq_add(INT64_MAX - 1, 1, &out));
    assert_true(out == INT64_MAX);
    out = 7;
    assert_false(sq_add(INT64_MAX, 1, &out));
    assert_false(sq_add(INT64_MIN, -1, &out));
    assert_false(sq_mul(INT64_C(1) << 32, INT64_C(1) << 31, &out));
    assert_false(sq_mul(INT64_MIN, -1, &out));
    assert_int_equal(out, 7);
    assert_true(sq_mul(-3000000000, 3, &out));
    assert_true(out == -9000000000);
}

static void multiples_of_a_step(void **state)
{
    (void)state;
    static const struct {
        int64_t value, step, floor, ceil;
    } rows[] = {
        {0, 5, 0, 0}, {4, 5, 0, 5}, {5, 5, 5, 5}, {1799, 75, 1725, 1800}, {7, 1, 7, 7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sq_floor_to(rows[i].value, rows[i].step), rows[i].floor);
        assert_int_equal(sq_ceil_to(rows[i].value, rows[i].step), rows[i].ceil);
    }
    assert_int_equal(sq_abs(-5), 5);
    assert_int_equal(sq_abs(5), 5);
}

static void values_in_paise(void **state)
{
    (void)state;
    static const struct {
        int64_t price, qty, multiplier;
        unsigned decimals;
        int64_t paise;
    } rows[] = {
        {12345, 75, 1, 2, 925875},       /* 123.45 x 75 */
        {12345, -75, 1, 2, -925875},     /* short */
        {-3700, 100, 100, 2, -37000000}, /* crude oil was below zero once */
        {845025, 10, 1000, 4, 84502500}, /* 84.5025 x 10 lots of 1,000 dollars */
        {3, 1, 1, 4, 0},                 /* 0.0003 rupee rounds to nothing */
        {50, 1, 1, 4, 1},                /* half a paisa rounds away from zero */
        {-50, 1, 1, 4, -1},              /* on both sides */
        {5, 3, 1, 0, 1500},              /* whole rupees */
        {0, 75, 1, 2, 0},                /* no price yet */
        {1, 1, 0, 2, 0},                 /* a multiplier that an import refuses */
        {SQ_INTEGER_MAX, 2, 1, 2, SQ_INTEGER_MAX},
        {SQ_INTEGER_MAX, -SQ_INTEGER_MAX, SQ_INTEGER_MAX, 2, -SQ_INTEGER_MAX},
        {INT64_MIN, INT64_MIN, INT64_MIN, 2, -SQ_INTEGER_MAX},
        {INT64_C(1) << 43, INT64_C(1) << 42, INT64_C(1) << 47, 2, SQ_INTEGER_MAX}, /* 2^132 */
        {SQ_INTEGER_MAX, 10, 10, 4, SQ_INTEGER_MAX},
        {SQ_INTEGER_MAX, 10, 10, 5, SQ_INTEGER_MAX / 10},
        {7, 7, 7, 255, 0}, /* decimals from a hostile row stay in the table */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            sq_value_paise(rows[i].price, rows[i].qty, rows[i].multiplier, rows[i].decimals),
            rows[i].paise);
}

static void a_product_divided_is_rounded_once(void **state)
{
    (void)state;
    static const struct {
        int64_t a, b, c, result;
    } rows[] = {
        {10, 10, 3, 33},
        {10, 5, 4, 13},
        {-10, 5, 4, -13},
        {5, 1, 2, 3},
        {-5, 1, 2, -3},
        {0, 5, 3, 0},
        {SQ_INTEGER_MAX, SQ_INTEGER_MAX, SQ_INTEGER_MAX, SQ_INTEGER_MAX},
        {SQ_INTEGER_MAX, 9999, 10000, 9006298534815517},
        {INT64_MAX, INT64_MAX, INT64_MAX, SQ_INTEGER_MAX},
        {INT64_MIN, 1, 1, -SQ_INTEGER_MAX},
        {INT64_C(3000000000000), INT64_C(4000000000000), INT64_C(7000000000000), 1714285714286},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sq_mul_div(rows[i].a, rows[i].b, rows[i].c), rows[i].result);
}

static void decimals_are_read_exactly_or_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned decimals;
        bool good;
        int64_t value;
    } rows[] = {
        {"123.45", 2, true, 12345},
        {"123.4", 2, true, 12340},
        {"123", 2, true, 12300},
        {"-0.05", 2, true, -5},
        {"+7", 0, true, 7},
        {".5", 2, true, 50},
        {"5.", 2, true, 500},
        {"84.502500", 4, true, 845025},
        {"84.50251", 4, false, 0},
        {"9007199254740991", 0, true, SQ_INTEGER_MAX},
        {"9007199254740992", 0, false, 0},
        {"-9007199254740992", 0, false, 0},
        {"99999999999999999999999", 0, false, 0},
        {"90071992547409.92", 2, false, 0},
        {"90071992547409.91", 2, true, SQ_INTEGER_MAX},
        {"90071992547410", 2, false, 0},
        {"", 2, false, 0},
        {"-", 2, false, 0},
        {".", 2, false, 0},
        {" 1", 2, false, 0},
        {"1 ", 2, false, 0},
        {"1e5", 2, false, 0},
        {"1,000", 2, false, 0},
        {"1.2.3", 2, false, 0},
        {"--1", 2, false, 0},
        {"1.0", 0, false, 0},
        {"0x10", 0, false, 0},
        {"nan", 2, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int64_t value = 77;
        bool good = sq_parse_decimal(rows[i].text, strlen(rows[i].text), rows[i].decimals, &value);
        if (good != rows[i].good)
            fail_msg("'%s': good is %d", rows[i].text, good);
        assert_int_equal(value, good ? rows[i].value : 77);
    }
    int64_t value;
    assert_false(sq_parse_decimal("1\0002", 3, 0, &value));
    assert_true(sq_parse_integer("12345", 3, &value));
    assert_int_equal(value, 123);
}

static void numbers_are_printed_as_india_groups_them(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        unsigned decimals;
        bool grouped;
        const char *text;
    } rows[] = {
        {0, 2, true, "0.00"},
        {5, 2, false, "0.05"},
        {-5, 2, true, "-0.05"},
        {100000, 2, true, "1,000.00"},
        {123456705, 2, true, "12,34,567.05"},
        {123456705, 2, false, "1234567.05"},
        {999, 0, true, "999"},
        {1000, 0, true, "1,000"},
        {99999, 0, true, "99,999"},
        {100000, 0, true, "1,00,000"},
        {-10000000, 0, true, "-1,00,00,000"},
        {845025, 4, true, "84.5025"},
        {INT64_MIN, 0, true, "-92,23,37,20,36,85,47,75,808"},
        {INT64_MIN, 18, false, "-9.223372036854775808"},
        {1, 255, false, "0.000000000000000001"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[SQ_NUMBER_SIZE];
        size_t length = sq_print_decimal(rows[i].value, rows[i].decimals, rows[i].grouped, text);
        assert_string_equal(text, rows[i].text);
        assert_int_equal(length, strlen(text));
    }
}

static void printed_numbers_are_read_back(void **state)
{
    (void)state;
    uint64_t chance = 7;
    for (int i = 0; i < 100000; i++) {
        int64_t back, bits = (int64_t)maker_random(&chance);
        int64_t value = bits % SQ_INTEGER_MAX >> maker_random(&chance) % 53;
        unsigned decimals = (unsigned)(maker_random(&chance) % 8);
        char text[SQ_NUMBER_SIZE];
        size_t length = sq_print_decimal(value, decimals, false, text);
        assert_true(sq_parse_decimal(text, length, decimals, &back));
        assert_int_equal(back, value);
    }
}

static void every_day_of_four_centuries_has_its_date(void **state)
{
    (void)state;
    uint32_t year = 1970, month = 1, day = 1;
    for (int64_t days = 0; days < 146097 + 1000; days++) {
        static const uint32_t lengths[] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        uint32_t date = year * 10000 + month * 100 + day;
        assert_int_equal(sq_date_of_days(days), date);
        assert_int_equal(sq_days_of_date(date), days);
        assert_true(sq_date_is_valid(date));
        bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        if (++day > lengths[month] + (month == 2 && leap)) {
            assert_false(sq_date_is_valid(date + 1));
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_false(sq_date_is_valid(20260229));
    assert_false(sq_date_is_valid(20261301));
    assert_false(sq_date_is_valid(20260100));
    assert_false(sq_date_is_valid(0));
}

static void moments_have_an_indian_day_and_clock(void **state)
{
    (void)state;
    sq_time midnight = sq_midnight(20261126);
    assert_int_equal(midnight % SQ_SECOND, 0);
    assert_int_equal(sq_day_of_time(midnight), 20261126);
    assert_int_equal(sq_day_of_time(midnight - 1), 20261125);
    assert_int_equal(sq_time_of_day(midnight), 0);
    assert_int_equal(sq_time_of_day(midnight - 1), INT64_C(86400) * SQ_SECOND - 1);
    assert_int_equal(sq_day_of_time(-SQ_IST_OFFSET - 1), 19691231);
    char text[16];
    sq_time time = midnight + (10 * 3600 + 42 * 60 + 15) * SQ_SECOND + 123456;
    assert_int_equal(sq_print_clock(time, false, text), 8);
    assert_string_equal(text, "10:42:15");
    assert_int_equal(sq_print_clock(time, true, text), 15);
    assert_string_equal(text, "10:42:15.123456");
}

static void iso_times_go_out_and_come_back(void **state)
{
    (void)state;
    char text[40];
    sq_time time = sq_midnight(20261126) + (10 * 3600 + 41 * 60 + 58) * SQ_SECOND + 1, back;
    size_t length = sq_print_iso(time, text);
    assert_string_equal(text, "2026-11-26T10:41:58.000001+05:30");
    assert_true(sq_parse_iso(text, length, &back));
    assert_true(back == time);
    static const struct {
        const char *text;
        bool good;
        int64_t us; /* since midnight in IST */
    } rows[] = {
        {"2026-11-26T00:00:00+05:30", true, 0},
        {"2026-11-26T00:00:00.5+05:30", true, 500000},
        {"2026-11-25T18:30:00Z", true, 0},
        {"2026-11-25T13:30:00-05:00", true, 0},
        {"2026-11-26T00:00:00", false, 0},
        {"2026-11-26 00:00:00+05:30", false, 0},
        {"2026-11-26T24:00:00Z", false, 0},
        {"2026-02-29T00:00:00Z", false, 0},
        {"2026-11-26T00:00:00.Z", false, 0},
        {"2026-11-26T00:00:00.1234567Z", false, 0},
        {"2026-11-26T00:00:00Zx", false, 0},
        {"2026-11-26T00:00:00+05:3", false, 0},
        {"", false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (sq_parse_iso(rows[i].text, strlen(rows[i].text), &back) != rows[i].good)
            fail_msg("'%s'", rows[i].text);
        if (rows[i].good)
            assert_true(back == sq_midnight(20261126) + rows[i].us);
    }
}

static void a_member_is_filled_whole_or_not_at_all(void **state)
{
    (void)state;
    char member[4] = "zzz";
    assert_false(sq_text_set(member, sizeof member, "abcd", 4));
    assert_false(sq_text_set(member, sizeof member, "a\0b", 3));
    assert_string_equal(member, "zzz");
    assert_true(sq_text_set(member, sizeof member, "a", 1));
    assert_memory_equal(member, "a\0\0", 4);
    sq_text_cut(member, sizeof member, "wxyz");
    assert_memory_equal(member, "wxy", 4);
    assert_true(sq_text_equal("a", "a"));
    assert_false(sq_text_equal("a", "ab"));
}

static void a_text_that_is_too_long_says_so(void **state)
{
    (void)state;
    char bytes[12];
    struct sq_text text;
    sq_text_begin(&text, bytes, sizeof bytes);
    sq_text_put(&text, "#");
    sq_text_digits(&text, 412, 5);
    sq_text_hex(&text, 0xa5, 3);
    assert_false(text.cut);
    sq_text_integer(&text, -90);
    assert_string_equal(bytes, "#004120a5-9");
    assert_true(text.cut);
    assert_int_equal(text.length, 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_products_say_when_they_do_not_fit),
        cmocka_unit_test(multiples_of_a_step),
        cmocka_unit_test(values_in_paise),
        cmocka_unit_test(a_product_divided_is_rounded_once),
        cmocka_unit_test(decimals_are_read_exactly_or_refused),
        cmocka_unit_test(numbers_are_printed_as_india_groups_them),
        cmocka_unit_test(printed_numbers_are_read_back),
        cmocka_unit_test(every_day_of_four_centuries_has_its_date),
        cmocka_unit_test(moments_have_an_indian_day_and_clock),
        cmocka_unit_test(iso_times_go_out_and_come_back),
        cmocka_unit_test(a_member_is_filled_whole_or_not_at_all),
        cmocka_unit_test(a_text_that_is_too_long_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
