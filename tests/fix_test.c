/*
 * FIX codec, reading: framing, structure, dictionary, values, groups. Rows of text in which '|' stands
 * for SOH; a body is framed here, so that only what a row is about can be wrong.
 */
#include "tests/check.h"

#include "net/fix.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define HEADER   "49=A|56=B|34=2|52=20261122-08:15:00|"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

enum { MESSAGE = 4096 };

static struct fix_view view;

static size_t to_soh(char *to, const char *text)
{
    size_t n = strlen(text);
    assert_true(n < MESSAGE);
    memcpy(to, text, n + 1);
    for (char *at = to; (at = strchr(at, '|')) != NULL;)
        *at = FIX_SOH;
    return n;
}

/* "8=FIX.4.4|9=n|" body "10=ddd|"; '~' in the body stands for a NUL. */
static size_t frame(char *message, const char *body)
{
    char bytes[MESSAGE];
    size_t n = to_soh(bytes, body);
    uint32_t sum = 0;
    int at = snprintf(message, MESSAGE, "8=FIX.4.4\0019=%zu\001%s", n, bytes);
    for (int i = 0; i < at; i++) {
        message[i] = message[i] == '~' ? 0 : message[i];
        sum += (unsigned char)message[i];
    }
    return (size_t)at + (size_t)sprintf(message + at, "10=%03u\001", sum & 0xff);
}

/* Parses a copy of exactly n bytes on the heap, so that a read beyond them is seen by a sanitizer. */
static enum fix_status parse(const char *bytes, size_t n, size_t *size)
{
    static char *copy;
    free(copy);
    copy = malloc(n + (n == 0));
    memcpy(copy, bytes, n);
    return fix_parse(&view, copy, n, size);
}

static enum fix_status parse_body(const char *body)
{
    char message[MESSAGE];
    size_t size, n = frame(message, body);
    enum fix_status status = parse(message, n, &size);
    if (status == FIX_OK)
        assert_int_equal(size, n);
    return status;
}

/* ---- framing ---- */

static void test_framing(void **state)
{
    static const struct {
        const char *text;
        enum fix_status status;
        size_t size;
    } rows[] = {
        {"", FIX_NEED_MORE, 21},
        {"8", FIX_NEED_MORE, 20},
        {"8=FIX.4.4|9=5|35=0|10=163|", FIX_OK, 26},
        {"8=FIX.4.4|9=5|35=0|10=163|8=FIX", FIX_OK, 26},
        {"8=FIX.4.4|9=5|35=0|10=164|", FIX_GARBLED, 26},
        {"8=FIX.4.4|9=5|35=0|10=16|", FIX_NEED_MORE, 1},
        {"8=FIX.4.4|9=5|35=0|10=163", FIX_NEED_MORE, 1},
        {"8=FIX.4.4|9=6|35=0|10=163|", FIX_NEED_MORE, 1},
        {"8=FIX.4.4|9=6|35=0|10=163||", FIX_GARBLED, 27},
        {"8=FIX.4.4|9=4|35=0|10=163|", FIX_GARBLED, 26},
        {"8=FIX.4.4|9=5|34=0|10=162|", FIX_GARBLED, 26},
        {"8=FIX.4.4|9=|35=0|10=163|", FIX_GARBLED, 25},
        {"8=FIX.4.4|9=-5|35=0|10=163|", FIX_GARBLED, 27},
        {"8=FIX.4.4|9=5x|35=0|10=163|", FIX_GARBLED, 27},
        {"8=FIX.4.4|9=65536|35=0|", FIX_NEED_MORE, 65538},
        {"8=FIX.4.4|9=65537|35=0|", FIX_TOO_LONG, 23},
        {"8=FIX.4.4|9=999999999|35=0|", FIX_GARBLED, 27},
        {"8=FIX.4.4|35=0|9=5|10=163|", FIX_GARBLED, 26},
        {"9=5|8=FIX.4.4|35=0|10=163|", FIX_GARBLED, 4},
        {"rubbish8=FIX.4.4|9=5|", FIX_GARBLED, 7},
        {"rubbish8=F", FIX_GARBLED, 7},
        {"rubbish8=Z", FIX_GARBLED, 10},
        {"8=FIX.4.2|9=5|35=0|10=161|", FIX_VERSION, 26},
        {"8=FIXT.1.1|9=5|35=0|10=241|", FIX_VERSION, 27},
        {"8=FIX.4.2.and.much.too.long|9=5|35=0|10=161|", FIX_GARBLED, 44},
        {"8=FOX.4.4|9=5|35=0|10=163|", FIX_GARBLED, 26},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char bytes[MESSAGE];
        size_t size = 0, n = to_soh(bytes, rows[i].text);
        enum fix_status status = parse(bytes, n, &size);
        if (status != rows[i].status || size != rows[i].size)
            fail_msg("row %zu: %s: status %d size %zu", i, rows[i].text, (int)status, size);
    }
}

/* Every proper beginning of a good message needs more, and never asks for too much. */
static void test_need_more(void **state)
{
    char message[MESSAGE];
    size_t size, n = frame(message, "35=0|" HEADER "112=are you there|");
    (void)state;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(parse(message, i, &size), FIX_NEED_MORE);
        assert_in_range(size, 1, n - i);
    }
    assert_int_equal(parse(message, n, &size), FIX_OK);
}

/* A single wrong bit anywhere must not pass as the same good message. */
static void test_wrong_bit(void **state)
{
    char message[MESSAGE];
    size_t size, n = frame(message, "35=0|" HEADER "112=are you there|");
    (void)state;
    for (size_t i = 0; i < n * 8; i++) {
        message[i / 8] = (char)(message[i / 8] ^ 1 << i % 8);
        assert_int_not_equal(parse(message, n, &size), FIX_OK);
        message[i / 8] = (char)(message[i / 8] ^ 1 << i % 8);
    }
}

/* ---- structure and dictionary ---- */

static void test_faults(void **state)
{
    static const struct {
        const char *body;
        enum fix_reject fault;
        uint32_t tag;
    } rows[] = {
        {"35=0|" HEADER, FIX_REJECT_NONE, 0},
        {"35=0|" HEADER "112=x|", FIX_REJECT_NONE, 0},
        /* tags */
        {"35=0|" HEADER "0=x|", FIX_REJECT_INVALID_TAG, 0},
        {"35=0|" HEADER "0112=x|", FIX_REJECT_INVALID_TAG, 0},
        {"35=0|" HEADER "-112=x|", FIX_REJECT_INVALID_TAG, 0},
        {"35=0|" HEADER "1a=x|", FIX_REJECT_INVALID_TAG, 0},
        {"35=0|" HEADER "=x|", FIX_REJECT_INVALID_TAG, 0},
        {"35=0|" HEADER "100000=x|", FIX_REJECT_INVALID_TAG, 0},
        {"35=0|" HEADER "99999=x|", FIX_REJECT_NONE, 0},
        {"35=0|" HEADER "20=1|", FIX_REJECT_INVALID_TAG, 20},
        {"35=0|" HEADER "957=1|", FIX_REJECT_INVALID_TAG, 957},
        {"35=0|" HEADER "1148=1|", FIX_REJECT_NONE, 0},
        {"35=0|" HEADER "4999=1|", FIX_REJECT_INVALID_TAG, 4999},
        {"35=0|" HEADER "5001=1|", FIX_REJECT_NONE, 0},
        /* values */
        {"35=0|" HEADER "112=|", FIX_REJECT_NO_VALUE, 112},
        {"35=0|" HEADER "112=a=b|", FIX_REJECT_NONE, 0},
        {"35=0|" HEADER "112=a|b|", FIX_REJECT_SOH_IN_VALUE, 112},
        {"35=0|" HEADER "|", FIX_REJECT_INVALID_TAG, 0},
        /* repeats */
        {"35=0|" HEADER "112=a|112=b|", FIX_REJECT_REPEATED_TAG, 112},
        {"35=0|" HEADER "5001=a|5002=b|5001=c|", FIX_REJECT_REPEATED_TAG, 5001},
        {"35=0|" HEADER "49=A|", FIX_REJECT_REPEATED_TAG, 49},
        {"35=0|35=0|" HEADER, FIX_REJECT_REPEATED_TAG, 35},
        {"35=0|9=5|" HEADER, FIX_REJECT_REPEATED_TAG, 9},
        {"35=0|8=FIX.4.4|" HEADER, FIX_REJECT_REPEATED_TAG, 8},
        /* sections */
        {"35=0|" HEADER "112=x|50=y|", FIX_REJECT_TAG_ORDER, 50},
        {"35=0|" HEADER "93=1|89=x|112=y|", FIX_REJECT_TAG_ORDER, 112},
        {"35=0|" HEADER "10=123|112=y|", FIX_REJECT_TAG_ORDER, 112},
        /* data fields */
        {"35=B|" HEADER "148=h|95=3|96=a|b|", FIX_REJECT_NONE, 0},
        {"35=B|" HEADER "148=h|95=3|96=||||", FIX_REJECT_NONE, 0},
        {"35=B|" HEADER "148=h|95=2|96=abc|", FIX_REJECT_FORMAT, 96},
        {"35=B|" HEADER "148=h|95=4|96=abc|", FIX_REJECT_FORMAT, 96},
        {"35=B|" HEADER "148=h|95=3|58=abc|", FIX_REJECT_FORMAT, 96},
        {"35=B|" HEADER "148=h|95=x|96=abc|", FIX_REJECT_FORMAT, 95},
        {"35=B|" HEADER "148=h|95=-1|96=abc|", FIX_REJECT_FORMAT, 95},
        {"35=B|" HEADER "148=h|95=3|", FIX_REJECT_NONE, 0},
        {"35=B|" HEADER "148=h|93=2|89=|||", FIX_REJECT_NONE, 0},
        /* groups */
        {"35=X|" HEADER "268=2|279=0|269=0|270=1|279=0|269=1|270=2|", FIX_REJECT_NONE, 0},
        {"35=X|" HEADER "268=3|279=0|269=0|270=1|279=0|269=1|270=2|", FIX_REJECT_GROUP_COUNT, 268},
        {"35=X|" HEADER "268=1|279=0|269=0|270=1|279=0|269=1|270=2|", FIX_REJECT_GROUP_COUNT, 268},
        {"35=X|" HEADER "268=1|270=1|269=0|", FIX_REJECT_GROUP_ORDER, 270},
        {"35=X|" HEADER "268=1|279=0|270=1|270=2|", FIX_REJECT_REPEATED_TAG, 270},
        {"35=X|" HEADER "268=2|", FIX_REJECT_GROUP_COUNT, 268},
        {"35=X|" HEADER "268=0|", FIX_REJECT_NONE, 0},
        {"35=X|" HEADER "268=x|279=0|", FIX_REJECT_FORMAT, 268},
        {"35=X|" HEADER "268=1|279=0|270=1|262=q|", FIX_REJECT_NONE, 0},
        {"35=X|" HEADER "268=1|279=0|270=1|262=q|270=1|", FIX_REJECT_NONE, 0},
        {"35=W|" HEADER "55=S|268=1|269=0|58=t|58=u|", FIX_REJECT_REPEATED_TAG, 58},
        /* a group in a group */
        {"35=8|" HEADER "37=1|17=1|150=0|39=0|55=S|54=1|151=0|14=0|6=0|"
         "453=2|448=a|802=2|523=x|523=y|448=b|447=D|",
         FIX_REJECT_NONE, 0},
        {"35=8|" HEADER "37=1|17=1|150=0|39=0|55=S|54=1|151=0|14=0|6=0|"
         "453=2|448=a|802=1|523=x|523=y|448=b|447=D|",
         FIX_REJECT_GROUP_COUNT, 802},
        /* a group that the table does not know: repeats in it pass */
        {"35=i|" HEADER "117=q|296=1|302=s|295=2|299=1|299=2|", FIX_REJECT_NONE, 0},
        /* message type and required fields */
        {"35=ZZ|" HEADER, FIX_REJECT_MSG_TYPE, 35},
        {"35=O|" HEADER, FIX_REJECT_MSG_TYPE, 35},
        {"35=BI|" HEADER, FIX_REJECT_MSG_TYPE, 35},
        {"35=ABCD|" HEADER, FIX_REJECT_MSG_TYPE, 35},
        {"35=0~|" HEADER, FIX_REJECT_MSG_TYPE, 35},
        {"35=U7|" HEADER, FIX_REJECT_NONE, 0},
        {"35=BH|" HEADER, FIX_REJECT_NONE, 0},
        {"35=0|56=B|34=2|52=20261122-08:15:00|", FIX_REJECT_REQUIRED_MISSING, 49},
        {"35=1|" HEADER, FIX_REJECT_REQUIRED_MISSING, 112},
        {"35=D|" HEADER "11=a|55=S|54=1|40=1|", FIX_REJECT_REQUIRED_MISSING, 60},
        /* tags of other message types; those of header, trailer and users stand anywhere */
        {"35=0|" HEADER "11=a|", FIX_REJECT_NOT_FOR_TYPE, 11},
        {"35=0|50=y|" HEADER "112=x|5001=MIS|93=1|89=x|", FIX_REJECT_NONE, 0},
        {"35=AF|" HEADER "584=m|585=7|11=a|", FIX_REJECT_NOT_FOR_TYPE, 11},
        {"35=F|" HEADER "41=a|11=b|55=S|54=1|60=20261122-08:15:00|40=2|", FIX_REJECT_NOT_FOR_TYPE,
         40},
        {"35=D|" HEADER "11=a|55=S|54=1|60=20261122-08:15:00|40=2|453=1|448=p|", FIX_REJECT_NONE,
         0},
        {"35=W|" HEADER "55=S|268=1|269=0|279=0|", FIX_REJECT_NOT_FOR_TYPE, 279},
        {"35=B|" HEADER "11=a|", FIX_REJECT_NONE, 0},
        /* data types, in a message that may carry any tag */
        {"35=U7|" HEADER "108=+1|", FIX_REJECT_FORMAT, 108},
        {"35=U7|" HEADER "108=1.0|", FIX_REJECT_FORMAT, 108},
        {"35=U7|" HEADER "108=-|", FIX_REJECT_FORMAT, 108},
        {"35=U7|" HEADER "108=007|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "44=1.|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "44=.5|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "44=.|", FIX_REJECT_FORMAT, 44},
        {"35=U7|" HEADER "44=1.2.3|", FIX_REJECT_FORMAT, 44},
        {"35=U7|" HEADER "44=1e3|", FIX_REJECT_FORMAT, 44},
        {"35=U7|" HEADER "44=--1|", FIX_REJECT_FORMAT, 44},
        {"35=U7|" HEADER "54=0|", FIX_REJECT_VALUE, 54},
        {"35=U7|" HEADER "54=12|", FIX_REJECT_FORMAT, 54},
        {"35=U7|" HEADER "77=OC|", FIX_REJECT_FORMAT, 77},
        {"35=U7|" HEADER "141=1|", FIX_REJECT_FORMAT, 141},
        {"35=U7|" HEADER "75=20261122|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "75=20260229|", FIX_REJECT_FORMAT, 75},
        {"35=U7|" HEADER "75=20240229|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "273=08:15:00.123|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "273=24:00:00|", FIX_REJECT_FORMAT, 273},
        {"35=U7|" HEADER "200=202611|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "200=20261126|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "200=202611w4|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "200=202613|", FIX_REJECT_FORMAT, 200},
        {"35=U7|" HEADER "60=20261122-08:15:00.123456|", FIX_REJECT_NONE, 0},
        {"35=U7|" HEADER "60=20261122-08:15|", FIX_REJECT_FORMAT, 60},
        {"35=U7|" HEADER "60=20261122-08:15:00.1|", FIX_REJECT_FORMAT, 60},
        {"35=U7|" HEADER "60=20261122 08:15:00|", FIX_REJECT_FORMAT, 60},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(parse_body(rows[i].body), FIX_OK);
        bool good = fix_check(&view);
        if (good != (rows[i].fault == FIX_REJECT_NONE) || view.fault != rows[i].fault ||
            view.fault_tag != rows[i].tag)
            fail_msg("row %zu: %s: %s, tag %u", i, rows[i].body, fix_reject_name(view.fault),
                     view.fault_tag);
    }
}

static void test_too_many_fields(void **state)
{
    static char message[FIX_MESSAGE_MAX], body[FIX_BODY_MAX - 64];
    size_t size, at = (size_t)sprintf(body, "35=0%c", FIX_SOH);
    uint32_t sum = 0;
    (void)state;
    for (unsigned tag = 5000; tag < 5000 + FIX_FIELDS_MAX; tag++)
        at += (size_t)sprintf(body + at, "%u=x%c", tag, FIX_SOH);
    int n = sprintf(message, "8=FIX.4.4%c9=%zu%c%s", FIX_SOH, at, FIX_SOH, body);
    for (int i = 0; i < n; i++)
        sum += (unsigned char)message[i];
    n += sprintf(message + n, "10=%03u%c", sum & 0xff, FIX_SOH);
    assert_int_equal(fix_parse(&view, message, (size_t)n, &size), FIX_OK);
    assert_int_equal(view.fault, FIX_REJECT_OTHER);
    assert_int_equal(view.count, FIX_FIELDS_MAX);
}

static void test_get(void **state)
{
    (void)state;
    assert_int_equal(parse_body("35=AF|" HEADER "584=m|585=7|5001=MIS|1149=9|"), FIX_OK);
    assert_true(fix_is(&view, "AF"));
    assert_false(fix_is(&view, "A"));
    assert_true(fix_equals(fix_get(&view, 584), "m"));
    assert_false(fix_equals(fix_get(&view, 584), "mm"));
    assert_true(fix_equals(fix_get(&view, 5001), "MIS"));
    assert_true(fix_equals(fix_get(&view, 1149), "9"));
    assert_true(fix_equals(fix_get(&view, FIX_BEGIN_STRING), "FIX.4.4"));
    assert_null(fix_get(&view, 58));
    assert_null(fix_get(&view, 5002));
    /* nothing of the message before shines through */
    assert_int_equal(parse_body("35=0|" HEADER), FIX_OK);
    assert_null(fix_get(&view, 584));
    assert_null(fix_get(&view, 5001));
}

/* The index is emptied by counting; when the count has run through, it must still be empty. */
static void test_generations(void **state)
{
    (void)state;
    assert_int_equal(parse_body("35=0|" HEADER "112=x|"), FIX_OK);
    view.generation = UINT32_MAX >> 10;
    assert_int_equal(parse_body("35=0|" HEADER), FIX_OK);
    assert_int_equal(view.generation, 1);
    assert_null(fix_get(&view, 112));
    assert_non_null(fix_get(&view, 49));
    assert_int_equal(view.fault, FIX_REJECT_NONE);
}

/* ---- groups ---- */

static void test_groups(void **state)
{
    struct fix_group entry, inner;
    int64_t price;
    int entries = 0;
    (void)state;
    assert_int_equal(parse_body("35=X|" HEADER
                                "262=q|268=2|279=0|269=0|55=S|454=2|455=i|456=4|455=j|"
                                "456=5|270=1.5|279=1|269=1|270=2|271=9|"),
                     FIX_OK);
    assert_int_equal(view.fault, FIX_REJECT_NONE);
    assert_int_equal(fix_group(&view, FIX_NO_MD_ENTRIES, &entry), 2);
    for (; fix_group_next(&entry); entries++) {
        assert_int_equal(fix_price(fix_group_get(&entry, FIX_MD_ENTRY_PX), 1, &price), FIX_VALUE);
        assert_int_equal(price, entries == 0 ? 15 : 20);
        assert_int_equal(fix_group_in(&entry, 454, &inner), entries == 0 ? 2 : 0);
        if (entries == 0) {
            assert_true(fix_group_next(&inner));
            assert_true(fix_equals(fix_group_get(&inner, 455), "i"));
            assert_true(fix_group_next(&inner));
            assert_true(fix_equals(fix_group_get(&inner, 455), "j"));
        }
        assert_false(fix_group_next(&inner));
    }
    assert_int_equal(entries, 2);
    assert_null(fix_get(&view, FIX_MD_ENTRY_PX)); /* not at the top level */
    assert_int_equal(fix_group(&view, 453, &entry), 0);
    assert_false(fix_group_next(&entry));
}

/* ---- values ---- */

static struct fix_field field_of(const char *text)
{
    return (struct fix_field){.tag = 1, .length = (uint32_t)strlen(text), .value = text};
}

static void test_int(void **state)
{
    static const struct {
        const char *text;
        enum fix_value got;
        int64_t value;
    } rows[] = {
        {"0", FIX_VALUE, 0},
        {"-0", FIX_VALUE, 0},
        {"00012", FIX_VALUE, 12},
        {"-12", FIX_VALUE, -12},
        {"9223372036854775807", FIX_VALUE, INT64_MAX},
        {"-9223372036854775808", FIX_VALUE, INT64_MIN},
        {"9223372036854775808", FIX_TOO_BIG, 0},
        {"-9223372036854775809", FIX_TOO_BIG, 0},
        {"99999999999999999999", FIX_TOO_BIG, 0},
        {"", FIX_SYNTAX, 0},
        {"-", FIX_SYNTAX, 0},
        {"+1", FIX_SYNTAX, 0},
        {" 1", FIX_SYNTAX, 0},
        {"1 ", FIX_SYNTAX, 0},
        {"0x1", FIX_SYNTAX, 0},
    };
    int64_t value;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fix_field field = field_of(rows[i].text);
        if (fix_int(&field, &value) != rows[i].got || (rows[i].got == 0 && value != rows[i].value))
            fail_msg("row %zu: %s", i, rows[i].text);
    }
    assert_int_equal(fix_int(NULL, &value), FIX_ABSENT);
}

static void test_price(void **state)
{
    static const struct {
        const char *text;
        int decimals;
        enum fix_value got;
        int64_t value;
    } rows[] = {
        {"101.5", 2, FIX_VALUE, 10150},
        {"101", 2, FIX_VALUE, 10100},
        {"101.", 2, FIX_VALUE, 10100},
        {".05", 2, FIX_VALUE, 5},
        {"-.05", 2, FIX_VALUE, -5},
        {"-0.00", 2, FIX_VALUE, 0},
        {"1.500", 2, FIX_VALUE, 150},
        {"1.505", 2, FIX_TOO_BIG, 0},
        {"83.1275", 4, FIX_VALUE, 831275},
        {"7", 0, FIX_VALUE, 7},
        {"7.0", 0, FIX_VALUE, 7},
        {"7.5", 0, FIX_TOO_BIG, 0},
        {"92233720368547758.07", 2, FIX_VALUE, INT64_MAX},
        {"-92233720368547758.08", 2, FIX_VALUE, INT64_MIN},
        {"92233720368547758.08", 2, FIX_TOO_BIG, 0},
        {"92233720368547759", 2, FIX_TOO_BIG, 0},
        {"1", 9, FIX_VALUE, 1000000000},
        {"", 2, FIX_SYNTAX, 0},
        {".", 2, FIX_SYNTAX, 0},
        {"1..2", 2, FIX_SYNTAX, 0},
        {"1,000", 2, FIX_SYNTAX, 0},
        {"1e2", 2, FIX_SYNTAX, 0},
        {"NaN", 2, FIX_SYNTAX, 0},
        {"1-", 2, FIX_SYNTAX, 0},
    };
    int64_t value;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fix_field field = field_of(rows[i].text);
        if (fix_price(&field, rows[i].decimals, &value) != rows[i].got ||
            (rows[i].got == 0 && value != rows[i].value))
            fail_msg("row %zu: %s", i, rows[i].text);
    }
    assert_int_equal(fix_price(NULL, 2, &value), FIX_ABSENT);
}

static void test_other_values(void **state)
{
    struct fix_field zero = field_of("0"), high = field_of("2147483647"),
                     over = field_of("2147483648"), minus = field_of("-3"),
                     tail = field_of("50.000"), nul = {.tag = 1, .length = 3, .value = "a\0b"},
                     y = field_of("Y");
    char text[4], c;
    uint32_t number;
    int64_t value;
    bool flag;
    (void)state;
    assert_int_equal(fix_seqnum(&zero, false, &number), FIX_TOO_BIG);
    assert_int_equal(fix_seqnum(&zero, true, &number), FIX_VALUE);
    assert_int_equal(fix_seqnum(&high, false, &number), FIX_VALUE);
    assert_int_equal(number, INT32_MAX);
    assert_int_equal(fix_seqnum(&over, false, &number), FIX_TOO_BIG);
    assert_int_equal(fix_seqnum(&minus, true, &number), FIX_TOO_BIG);
    assert_int_equal(fix_qty(&tail, &value), FIX_VALUE);
    assert_int_equal(value, 50);
    assert_int_equal(fix_qty(&minus, &value), FIX_TOO_BIG);
    assert_int_equal(fix_char(&y, &c), FIX_VALUE);
    assert_int_equal(c, 'Y');
    assert_int_equal(fix_char(&minus, &c), FIX_SYNTAX);
    assert_int_equal(fix_bool(&y, &flag), FIX_VALUE);
    assert_true(flag);
    assert_int_equal(fix_bool(&zero, &flag), FIX_SYNTAX);
    assert_int_equal(fix_bool(NULL, &flag), FIX_ABSENT);
    assert_int_equal(fix_text(&minus, text, sizeof text), FIX_VALUE);
    assert_string_equal(text, "-3");
    assert_int_equal(fix_text(&tail, text, sizeof text), FIX_TOO_BIG);
    assert_int_equal(fix_text(&nul, text, sizeof text), FIX_SYNTAX);
    assert_false(fix_equals(NULL, ""));
}

static void test_time(void **state)
{
    static const struct {
        const char *text;
        enum fix_value got;
        int64_t us;
    } rows[] = {
        {"19700101-00:00:00", FIX_VALUE, 0},
        {"19700101-00:00:00.001", FIX_VALUE, 1000},
        {"19700101-00:00:00.000001", FIX_VALUE, 1},
        {"20000229-12:00:00", FIX_VALUE, 951825600000000},
        {"20261122-08:15:00.250", FIX_VALUE, 1795335300250000},
        {"19691231-23:59:59", FIX_VALUE, -1000000},
        {"20161231-23:59:60", FIX_VALUE, 1483228799999999},
        {"20270229-00:00:00", FIX_SYNTAX, 0},
        {"20261301-00:00:00", FIX_SYNTAX, 0},
        {"20260001-00:00:00", FIX_SYNTAX, 0},
        {"20261100-00:00:00", FIX_SYNTAX, 0},
        {"20261122-24:00:00", FIX_SYNTAX, 0},
        {"20261122-08:60:00", FIX_SYNTAX, 0},
        {"20261122-08:15:61", FIX_SYNTAX, 0},
        {"20261122-8:15:00", FIX_SYNTAX, 0},
        {"20261122-08:15:00.", FIX_SYNTAX, 0},
        {"20261122-08:15:00.12", FIX_SYNTAX, 0},
        {"20261122-08:15:00,123", FIX_SYNTAX, 0},
        {"20261122", FIX_SYNTAX, 0},
        {"", FIX_SYNTAX, 0},
    };
    int64_t us;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fix_field field = field_of(rows[i].text);
        if (fix_utc_time(&field, &us) != rows[i].got || (rows[i].got == 0 && us != rows[i].us))
            fail_msg("row %zu: %s", i, rows[i].text);
    }
    assert_int_equal(fix_utc_time(NULL, &us), FIX_ABSENT);
}

static void test_reject_names(void **state)
{
    (void)state;
    for (unsigned reason = 0; reason < 256; reason++)
        assert_non_null(fix_reject_name((enum fix_reject)reason));
}

/* ---- the check of values against their converters ---- */

static bool converts(uint32_t tag)
{
    int64_t number;
    uint32_t seqnum;
    const struct fix_field *field = fix_get(&view, tag);
    switch (tag) {
    case FIX_TRANSACT_TIME: return fix_utc_time(field, &number) == FIX_VALUE;
    case FIX_PRICE: return fix_price(field, 9, &number) != FIX_SYNTAX;
    case FIX_BEGIN_SEQ_NO: return fix_seqnum(field, true, &seqnum) == FIX_VALUE;
    default: return fix_int(field, &number) == FIX_VALUE;
    }
}

static void check_agrees(uint32_t tag, const char *value)
{
    char body[256];
    snprintf(body, sizeof body, "35=U7|" HEADER "%u=%s|", tag, value);
    assert_int_equal(parse_body(body), FIX_OK);
    if (fix_check(&view) != converts(tag))
        fail_msg("%s: checked as %s", body, fix_reject_name(view.fault));
}

/* The check reads values in whole words, the converters byte by byte: what one takes the other takes. */
static void test_check_agrees_with_converters(void **state)
{
    static const struct {
        uint32_t tag;
        const char *value;
    } rows[] = {
        {FIX_TRANSACT_TIME, "20261122-08:15:00"},
        {FIX_TRANSACT_TIME, "20240229-23:59:60.999"},
        {FIX_TRANSACT_TIME, "20261031-19:20:59.123456"},
        {FIX_PRICE, "101.50"},
        {FIX_PRICE, "7"},
        {FIX_PRICE, "-1234567"},
        {FIX_PRICE, "123456789.12"},
        {FIX_BEGIN_SEQ_NO, "12345678"},
        {FIX_BEGIN_SEQ_NO, "0"},
        {FIX_HEART_BT_INT, "-30"},
        {FIX_HEART_BT_INT, "9223372036854775807"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char value[64];
        size_t n = strlen(rows[i].value);
        for (size_t length = 1; length <= n; length++)
            for (size_t at = 0; at < length; at++)
                for (int c = ' '; c < 256; c++) {
                    snprintf(value, sizeof value, "%.*s", (int)length, rows[i].value);
                    value[at] = (char)c;
                    if (c != '|' && c != '~')
                        check_agrees(rows[i].tag, value);
                }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing),
        cmocka_unit_test(test_need_more),
        cmocka_unit_test(test_wrong_bit),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_too_many_fields),
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_generations),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_int),
        cmocka_unit_test(test_price),
        cmocka_unit_test(test_other_values),
        cmocka_unit_test(test_time),
        cmocka_unit_test(test_reject_names),
        cmocka_unit_test(test_check_agrees_with_converters),
    };
    fix_view_init(&view);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
