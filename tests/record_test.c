/*
 * record_test.c: the table of fields is complete, and both faces of every kind come back as they
 * went out.
 */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/record.h"
#include "tests/book_maker.h"

/* Every byte of a body that is not padding belongs to one field, and to one only. */
static void check_cover(enum sq_kind kind, const unsigned char *used)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    unsigned char covered[sizeof(union sq_body)] = {0};
    for (unsigned i = 0; i < info->field_count; i++)
        for (unsigned at = 0; at < info->fields[i].size; at++)
            covered[info->fields[i].offset + at]++;
    for (unsigned at = 0; at < info->size; at++)
        if (covered[at] != (used[at] != 0))
            fail_msg("%s: byte %u is in %u fields", info->name, at, covered[at]);
}

static void fields_cover_each_struct(void **state)
{
    (void)state;
#if !__has_builtin(__builtin_clear_padding)
    (void)check_cover;
    check_skip("this compiler does not tell which bytes are padding");
#else
#define X(tail, text, type, member, family)                   \
    {                                                         \
        struct type body;                                     \
        memset(&body, 0xff, sizeof body);                     \
        __builtin_clear_padding(&body);                       \
        check_cover(SQ_##tail, (const unsigned char *)&body); \
    }
    SQ_KIND_MAP(X)
#undef X
#endif
}

static void names_of_fields_are_unique_and_kinds_are_found(void **state)
{
    (void)state;
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++) {
        const struct sq_kind_info *info = sq_kind_info((enum sq_kind)kind);
        assert_int_equal(sq_kind_named(info->name), kind);
        assert_true(info->field_count > 0 && info->field_count <= 64);
        for (unsigned i = 0; i < info->field_count; i++)
            for (unsigned j = 0; j < i; j++)
                if (strcmp(info->fields[i].name, info->fields[j].name) == 0)
                    fail_msg("%s: two fields %s", info->name, info->fields[i].name);
    }
    assert_int_equal(sq_kind_named("no-such"), SQ_KIND_NONE);
}

/* ---- random bodies ------------------------------------------------------------------------- */

static uint64_t chance = 1;

static uint64_t random_bits(void)
{
    return maker_random(&chance);
}

/* Zero, small, of any length, and the largest: numbers change their length on the wire. */
static uint64_t random_number(unsigned bytes)
{
    uint64_t most = UINT64_MAX >> (64 - 8 * bytes);
    switch (random_bits() % 4) {
    case 0: return 0;
    case 1: return most;
    default: return random_bits() >> random_bits() % 64 & most;
    }
}

static void random_text(char *member, size_t size)
{
    size_t length = random_bits() % size;
    for (size_t i = 0; i < length; i++)
        member[i] = (char)(random_bits() % 255 + 1);
}

static uint64_t limit_of(const struct sq_field *field)
{
    switch (field->type) {
    case SQ_FIELD_ENUM: return sq_list_count(field->list);
    case SQ_FIELD_KIND: return SQ_KIND_COUNT;
    case SQ_FIELD_GUARDS: return UINT64_C(1) << SQ_GUARD_COUNT;
    default: return 0;
    }
}

static void random_member(const struct sq_field *field, char *member)
{
    uint64_t limit = limit_of(field), value = random_number(field->size <= 8 ? field->size : 8);
    if (field->type == SQ_FIELD_TEXT) {
        random_text(member, field->size);
    } else if (field->type == SQ_FIELD_ID) {
        struct sq_id id = {random_bits(), random_bits()};
        memcpy(member, &id, sizeof id);
    } else {
        value = limit ? value % limit : value;
        memcpy(member, &value, field->size);
    }
}

static void random_body(enum sq_kind kind, union sq_body *body)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    memset(body, 0, sizeof *body);
    for (unsigned i = 0; i < info->field_count; i++)
        random_member(&info->fields[i], (char *)body + info->fields[i].offset);
}

static void every_kind(void (*check)(enum sq_kind kind, const union sq_body *body))
{
    static union sq_body body;
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++)
        for (int i = 0; i < 300; i++) {
            random_body((enum sq_kind)kind, &body);
            check((enum sq_kind)kind, &body);
        }
}

static void check_bytes(enum sq_kind kind, const union sq_body *body)
{
    uint8_t bytes[SQ_ENCODED_MAX];
    union sq_body back;
    memset(&back, 0, sizeof back);
    size_t length = sq_encode(kind, body, bytes, sizeof bytes);
    assert_int_equal(sq_decode(kind, bytes, length, &back), 0);
    assert_memory_equal(&back, body, sizeof back);
}

static void encoded_bodies_come_back(void **state)
{
    (void)state;
    every_kind(check_bytes);
}

static void check_line(enum sq_kind kind, const union sq_body *body)
{
    char line[SQ_LINE_MAX], why[160] = "";
    static struct sq_message back;
    size_t length = sq_line(kind, body, line, sizeof line);
    assert_int_equal(strlen(line), length);
    assert_true(length < sizeof line - 1);
    for (size_t i = 0; i < length; i++)
        assert_in_range(line[i], ' ', '~');
    if (sq_line_parse(line, &back, why, sizeof why) != 0)
        fail_msg("%s", why);
    assert_int_equal(back.kind, kind);
    assert_memory_equal(&back.as, body, sizeof back.as);
}

static void lines_come_back(void **state)
{
    (void)state;
    every_kind(check_line);
}

/* The widest body of each kind: the limits in record.h leave room for it. */
static void the_widest_bodies_fit(void **state)
{
    (void)state;
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++) {
        const struct sq_kind_info *info = sq_kind_info((enum sq_kind)kind);
        union sq_body body;
        uint8_t bytes[SQ_ENCODED_MAX];
        char line[SQ_LINE_MAX];
        memset(&body, 0, sizeof body);
        for (unsigned i = 0; i < info->field_count; i++) {
            const struct sq_field *field = &info->fields[i];
            char *member = (char *)&body + field->offset;
            uint64_t limit = limit_of(field), most = limit ? limit - 1 : UINT64_MAX;
            if (field->type == SQ_FIELD_TIME || field->type == SQ_FIELD_I64)
                most = (uint64_t)INT64_MIN;
            if (field->type == SQ_FIELD_TEXT)
                memset(member, '\x9b', field->size - 1U);
            else
                for (size_t at = 0; at < field->size; at += 8)
                    memcpy(member + at, &most, field->size < 8 ? field->size : 8);
        }
        /* A word is stored whole at the end of a field. */
        assert_true(sq_encode((enum sq_kind)kind, &body, bytes, sizeof bytes) + 8 < sizeof bytes);
        assert_true(sq_line((enum sq_kind)kind, &body, line, sizeof line) < sizeof line - 1);
        check_bytes((enum sq_kind)kind, &body);
        check_line((enum sq_kind)kind, &body);
    }
}

/* ---- what must be refused ------------------------------------------------------------------ */

static void cut_bytes_are_an_older_writer_or_refused(void **state)
{
    (void)state;
    struct sq_sent sent = {.clord = "1126ABC001", .conn = 300, .fix_seq = 70000}, back;
    uint8_t bytes[SQ_ENCODED_MAX];
    size_t length = sq_encode(SQ_SENT, &sent, bytes, sizeof bytes);
    assert_int_equal(length, 11 + 2 + 3);
    static const size_t whole_fields[] = {0, 11, 13, 16};
    for (size_t cut = 0, next = 0; cut <= length; cut++) {
        bool whole = cut == whole_fields[next];
        assert_int_equal(sq_decode(SQ_SENT, bytes, cut, &back), whole ? 0 : -1);
        next += whole;
    }
    assert_int_equal(sq_decode(SQ_SENT, bytes, 13, &back), 0);
    assert_int_equal(back.conn, 300);
    assert_int_equal(back.fix_seq, 0);
}

static void bytes_that_nobody_wrote_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *what;
        enum sq_kind kind;
        size_t length;
        const char *bytes;
    } rows[] = {
        {"rest behind the last field", SQ_NUMBERS, 2, "\1\0"},
        {"number longer than need be", SQ_NUMBERS, 2, "\x81\0"},
        {"number above 64 bits", SQ_NUMBERS, 10, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\2"},
        {"number that never ends", SQ_NUMBERS, 11, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"},
        {"number cut off", SQ_NUMBERS, 1, "\x80"},
        {"256 in a byte", SQ_TIME, 2, "\x80\2"},
        {"an exchange that is none", SQ_QUOTE, 1, "\x09"},
        {"a role that is none", SQ_PERSON, 4, "\0\0\0\6"},
        {"text with a NUL", SQ_SENT, 3, "\2a\0"},
        {"text that fills its member", SQ_DAY, 7, "\0\0\4ABCD"},
        {"text longer than the bytes", SQ_SENT, 3, "\5ab"},
        {"half an id", SQ_INTENT, 8, "\1\2\3\4\5\6\7\x8"},
        {"a kind that is none", SQ_REFUSED, 1, "\x7f"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        union sq_body body;
        if (sq_decode(rows[i].kind, (const uint8_t *)rows[i].bytes, rows[i].length, &body) == 0)
            fail_msg("accepted: %s", rows[i].what);
    }
}

static void numbers_are_short_and_texts_exact(void **state)
{
    (void)state;
    struct sq_cancel cancel = {.order_no = 412, .person = "RAVI"};
    struct sq_quote_answer answer = {.exchange = SQ_EXCHANGE_NFO, .quote = {.age_ms = -1}};
    uint8_t bytes[SQ_ENCODED_MAX];
    assert_int_equal(sq_encode(SQ_CANCEL, &cancel, bytes, sizeof bytes), 7);
    assert_memory_equal(bytes, "\x9c\3\4RAVI", 7);
    assert_int_equal(sq_encode(SQ_QUOTE, &answer, bytes, sizeof bytes), 11);
    assert_memory_equal(bytes, "\3\0\0\0\0\0\0\1\0\0\0", 11);
}

/* ---- lines --------------------------------------------------------------------------------- */

static void a_line_is_for_people(void **state)
{
    (void)state;
    char line[SQ_LINE_MAX];
    struct sq_close close = {
        .no = 12,
        .id = {0xab, 0xcd},
        .key = {.client = "C10421",
                .token = 52223,
                .exchange = SQ_EXCHANGE_NFO,
                .product = SQ_PRODUCT_NRML},
        .state = SQ_CLOSE_WAIT_COVER,
        .reason = "no \"bid\"\n",
        .guards = UINT64_C(1) << SQ_GUARD_HEDGE | UINT64_C(1) << SQ_GUARD_WIDE,
        .target = -75,
        .created = INT64_C(1795671735123456),
        .due = SQ_NEVER,
    };
    sq_line(SQ_CLOSE, &close, line, sizeof line);
    check_text(line, "close no=12 id=00000000000000ab00000000000000cd client=C10421 exchange=NFO "
                     "token=52223 product=NRML reason=\"no \\\"bid\\\"\\x0a\" state=\"WAIT COVER\" "
                     "guards=\"hedge of an open short;spread is wide\" target=-75 "
                     "created=2026-11-26T11:12:15.123456+05:30 due=never");
    struct sq_hours hours = {.exchange = SQ_EXCHANGE_NSE, .open = INT64_C(33300) * 1000000};
    sq_line(SQ_HOURS, &hours, line, sizeof line);
    check_text(line, "hours exchange=NSE open=09:15:00");
    sq_line(SQ_TIME, &(struct sq_nothing){0}, line, sizeof line);
    check_text(line, "time");
}

static void a_line_that_is_wrong_says_where(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        const char *why;
    } rows[] = {
        {"", "no such message: "},
        {"fly high=1", "no such message: fly high=1"},
        {"cancel order=4", "no such field: order=4"},
        {"cancel order_no", "no field=value here: order_no"},
        {"cancel order_no=", "value not possible: order_no="},
        {"cancel order_no=-1", "value not possible: order_no=-1"},
        {"cancel order_no=18446744073709551616",
         "value not possible: order_no=18446744073709551616"},
        {"cancel order_no=1 order_no=2", "named twice: order_no=2"},
        {"cancel person=RAVIRAVIRAVI", "value not possible: person=RAVIRAVIRAVI"},
        {"cancel person=\"RAVI", "value not possible: person=\"RAVI"},
        {"cancel person=\"RAVI\"x", "value not possible: person=\"RAVI\"x"},
        {"cancel person=\"\\q\"", "value not possible: person=\"\\q\""},
        {"cancel person=\"\\x00\"", "value not possible: person=\"\\x00\""},
        {"cancel person=\"\\", "value not possible: person=\"\\"},
        {"hours open=25:00:00", "value not possible: open=25:00:00"},
        {"trade side=SOLD", "value not possible: side=SOLD"},
        {"close guards=\"spread is wide;spread is wide\"",
         "value not possible: guards=\"spread is wide;spread is wide\""},
        {"close id=12", "value not possible: id=12"},
        {"refused command=none", "value not possible: command=none"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sq_message message;
        char why[160] = "";
        assert_int_equal(sq_line_parse(rows[i].line, &message, why, sizeof why), -1);
        check_text(why, rows[i].why);
    }
}

static void a_line_may_be_written_by_hand(void **state)
{
    (void)state;
    struct sq_message m;
    char why[160] = "";
    if (sq_line_parse(
            "square-off  dealer=RAVI token=52223 exchange=NFO client=\"C10421\" target=-1 "
            "created=2026-11-26T04:42:15Z hold=1 ",
            &m, why, sizeof why) != 0)
        fail_msg("%s", why);
    assert_int_equal(m.kind, SQ_SQUARE_OFF);
    assert_string_equal(m.as.square_off.key.client, "C10421");
    assert_int_equal(m.as.square_off.target, -1);
    assert_true(m.as.square_off.created == INT64_C(1795668135000000));
    assert_int_equal(m.as.square_off.hold, 1);
    assert_int_equal(sq_line_parse("close due=never quoted=09:15:00.5", &m, why, sizeof why), 0);
    assert_true(m.as.close.due == SQ_NEVER);
    assert_true(m.as.close.quoted == INT64_C(33300500000));
}

static void a_line_that_is_cut_stays_a_text(void **state)
{
    (void)state;
    char line[12];
    struct sq_cancel cancel = {.order_no = 412, .person = "RAVI"};
    assert_int_equal(sq_line(SQ_CANCEL, &cancel, line, sizeof line), 11);
    assert_string_equal(line, "cancel orde");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_cover_each_struct),
        cmocka_unit_test(names_of_fields_are_unique_and_kinds_are_found),
        cmocka_unit_test(encoded_bodies_come_back),
        cmocka_unit_test(lines_come_back),
        cmocka_unit_test(the_widest_bodies_fit),
        cmocka_unit_test(cut_bytes_are_an_older_writer_or_refused),
        cmocka_unit_test(bytes_that_nobody_wrote_are_refused),
        cmocka_unit_test(numbers_are_short_and_texts_exact),
        cmocka_unit_test(a_line_is_for_people),
        cmocka_unit_test(a_line_that_is_wrong_says_where),
        cmocka_unit_test(a_line_may_be_written_by_hand),
        cmocka_unit_test(a_line_that_is_cut_stays_a_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
