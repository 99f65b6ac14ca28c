/*
 * FIX codec, writing: what is put comes out as it must be and is read back as it was, what cannot be
 * carried fails the message, and no byte is written beyond the buffer.
 */
#include "tests/check.h"

#include "net/fix.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct fix_view view;

static void shown(const struct fix_writer *w, char *text)
{
    memcpy(text, w->start, w->length);
    text[w->length] = 0;
    for (char *at = text; (at = strchr(at, FIX_SOH)) != NULL;)
        *at = '|';
}

static void test_writer(void **state)
{
    char buffer[1024], text[1024];
    struct fix_writer w;
    size_t size;
    (void)state;
    fix_begin(&w, buffer, sizeof buffer, "D");
    fix_put_text(&w, FIX_SENDER_COMP_ID, "DESK");
    fix_put_bytes(&w, FIX_TARGET_COMP_ID, "EXCHANGE", 4);
    fix_put_int(&w, FIX_MSG_SEQ_NUM, 1234567);
    fix_put_time(&w, FIX_SENDING_TIME, 1795335300250999);
    fix_put_text(&w, FIX_CL_ORD_ID, "an id of more than sixteen bytes, to cross a block");
    fix_put_char(&w, FIX_SIDE, '2');
    fix_put_price(&w, FIX_PRICE, 10150, 2);
    fix_put_price(&w, FIX_AVG_PX, -5, 2);
    fix_put_price(&w, 270, 831275, 4);
    fix_put_price(&w, 31, 7, 0);
    fix_put_int(&w, FIX_ORDER_QTY, INT64_MIN);
    fix_put_int(&w, 14, 0);
    fix_put_int(&w, 151, 100);
    fix_put_bool(&w, FIX_GAP_FILL_FLAG, true);
    fix_put_text(&w, FIX_PRODUCT_CODE, "MIS");
    fix_put_data(&w, 95, 96, "a\001b", 3);
    assert_int_equal(fix_end(&w), 0);
    shown(&w, text);
    check_text(text, "8=FIX.4.4|9=215|35=D|49=DESK|56=EXCH|34=1234567|52=20261122-08:15:00.250|"
                     "11=an id of more than sixteen bytes, to cross a block|54=2|44=101.50|6=-0.05|"
                     "270=83.1275|31=7|38=-9223372036854775808|14=0|151=100|123=Y|5001=MIS|95=3|"
                     "96=a|b|10=148|");
    assert_int_equal(fix_parse(&view, w.start, w.length, &size), FIX_OK);
    assert_int_equal(view.fault, FIX_REJECT_NONE);
}

/* What cannot be carried fails the whole message: hostile text never becomes a field. */
static void test_writer_refuses(void **state)
{
    static const char *const texts[] = {"", "a\00158=b", "\001", "exactly sixteen.\001 and then",
                                        "fifteen bytes..\001"};
    char buffer[256];
    struct fix_writer w;
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        fix_begin(&w, buffer, sizeof buffer, "0");
        fix_put_text(&w, FIX_TEXT, texts[i]);
        fix_put_text(&w, FIX_ACCOUNT, "good");
        assert_int_equal(fix_end(&w), -1);
    }
    fix_begin(&w, buffer, sizeof buffer, "0");
    fix_put_char(&w, FIX_SIDE, FIX_SOH);
    assert_int_equal(fix_end(&w), -1);
    fix_begin(&w, buffer, sizeof buffer, "0");
    fix_put_time(&w, FIX_TRANSACT_TIME, -1);
    assert_int_equal(fix_end(&w), -1);
    fix_begin(&w, buffer, sizeof buffer, "0");
    fix_put_data(&w, 95, 96, "", 0);
    assert_int_equal(fix_end(&w), -1);
}

/* A buffer of any size: the message fits whole or fails, and nothing beyond is touched. */
static void test_writer_bounds(void **state)
{
    int good = 0;
    (void)state;
    for (size_t capacity = 0; capacity < 256; capacity++) {
        char *buffer = malloc(capacity + (capacity == 0));
        struct fix_writer w;
        fix_begin(&w, buffer, capacity, "8");
        for (uint32_t tag = 1; tag < 8; tag++)
            fix_put_text(&w, tag, "something");
        fix_put_int(&w, 5001, INT64_MAX);
        fix_put_price(&w, 44, INT64_MIN, 9);
        fix_put_time(&w, 60, 0);
        if (fix_end(&w) == 0) {
            size_t size;
            assert_int_equal(fix_parse(&view, w.start, w.length, &size), FIX_OK);
            good++;
        }
        free(buffer);
    }
    assert_in_range(good, 1, 100);
}

/* Every tag and many numbers come back as they were put. */
static void test_writer_round_trip(void **state)
{
    char buffer[512];
    struct fix_writer w;
    (void)state;
    for (uint32_t tag = 11; tag < 12000; tag++) {
        size_t size;
        int64_t value;
        fix_begin(&w, buffer, sizeof buffer, "0");
        fix_put_int(&w, tag, tag * 7919LL * tag - 500000);
        assert_int_equal(fix_end(&w), 0);
        assert_int_equal(fix_parse(&view, w.start, w.length, &size), FIX_OK);
        assert_int_equal(view.field[3].tag, tag);
        assert_int_equal(fix_int(&view.field[3], &value), FIX_VALUE);
        assert_int_equal(value, tag * 7919LL * tag - 500000);
    }
}

static void test_time_round_trip(void **state)
{
    enum { EXPIRE_TIME = 126 };
    char buffer[256];
    struct fix_writer w;
    (void)state;
    for (int64_t day = 0; day < 365 * 200; day += 3) {
        int64_t put = (day * 86400 + day * 7 % 86400) * 1000000 + 123000, got;
        size_t size;
        fix_begin(&w, buffer, sizeof buffer, "0");
        fix_put_time(&w, FIX_SENDING_TIME, put);
        fix_put_time(&w, FIX_TRANSACT_TIME, put); /* the same text again */
        fix_put_time(&w, EXPIRE_TIME, put + 1000);
        assert_int_equal(fix_end(&w), 0);
        assert_int_equal(fix_parse(&view, w.start, w.length, &size), FIX_OK);
        assert_int_equal(fix_utc_time(fix_get(&view, FIX_TRANSACT_TIME), &got), FIX_VALUE);
        assert_int_equal(got, put);
        assert_int_equal(fix_utc_time(fix_get(&view, FIX_SENDING_TIME), &got), FIX_VALUE);
        assert_int_equal(got, put);
        assert_int_equal(fix_utc_time(fix_get(&view, EXPIRE_TIME), &got), FIX_VALUE);
        assert_int_equal(got, put + 1000);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writer),          cmocka_unit_test(test_writer_refuses),
        cmocka_unit_test(test_writer_bounds),   cmocka_unit_test(test_writer_round_trip),
        cmocka_unit_test(test_time_round_trip),
    };
    fix_view_init(&view);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
