/*
 * wire_test.c: the wire codec. What the framer prints is read back by cJSON and by our reader, and
 * changes of rows arrive as they were. What the reader must refuse: wire_refusal_test.c.
 */
#include "tests/check.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "net/wire.h"
#include "tests/book_maker.h"

enum { TIMES = 300, ROOM = 16384 };
#define SIZE(array) (sizeof(array) / sizeof *(array))

static char bytes[ROOM];
static uint64_t chance = 7;

/* ---- random bodies that a wire can carry ---------------------------------------------------- */

static uint64_t random_bits(void)
{
    return maker_random(&chance);
}

static void random_text(char *member, size_t size)
{
    static const char *const pieces[] = {"a", "Z9", " ", "\"", "\\", "/", "é", "हि", "€", "😀", "<"};
    size_t length = 0;
    for (size_t n = random_bits() % 20; n > 0; n--) {
        const char *piece = pieces[random_bits() % SIZE(pieces)];
        if (length + strlen(piece) >= size)
            return;
        memcpy(member + length, piece, strlen(piece));
        length += strlen(piece);
    }
}

static uint64_t limit_of(const struct sq_field *field)
{
    switch (field->type) {
    case SQ_FIELD_ENUM: return sq_list_count(field->list) - 1;
    case SQ_FIELD_KIND: return SQ_KIND_COUNT - 1;
    case SQ_FIELD_GUARDS: return (UINT64_C(1) << SQ_GUARD_COUNT) - 1;
    default: return UINT64_MAX >> (64 - 8 * (field->size < 8 ? field->size : 8));
    }
}

static void random_member(const struct sq_field *field, char *member)
{
    uint64_t limit = limit_of(field), value = random_bits() >> random_bits() % 64;
    if (field->type == SQ_FIELD_TEXT) {
        memset(member, 0, field->size);
        random_text(member, field->size);
    } else if (field->type == SQ_FIELD_ID) {
        struct sq_id id = {random_bits() % 3 ? random_bits() : 0, random_bits() % 3};
        memcpy(member, &id, sizeof id);
    } else {
        uint64_t some[] = {0,
                           limit,
                           limit / 2 + 1,
                           limit == UINT64_MAX ? value : value % (limit + 1),
                           SQ_INTEGER_MAX & limit,
                           (SQ_INTEGER_MAX + UINT64_C(1)) & limit};
        value = some[random_bits() % SIZE(some)];
        if (field->type == SQ_FIELD_ENUM || field->type == SQ_FIELD_KIND)
            value %= limit + 1;
        if (field->type == SQ_FIELD_I64 || field->type == SQ_FIELD_TIME)
            value &= (uint64_t)SQ_INTEGER_MAX; /* the core keeps within it */
        if (field->type == SQ_FIELD_I64 && random_bits() % 2)
            value = 0 - value;
        if (field->type == SQ_FIELD_TIME && random_bits() % 4 == 0)
            value = (uint64_t)SQ_NEVER;
        memcpy(member, &value, field->size);
    }
}

static void random_body(enum sq_kind kind, union sq_body *body)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    memset(body, 0, sizeof *body);
    for (unsigned i = 0; i < info->field_count; i++)
        if (random_bits() % 3)
            random_member(&info->fields[i], (char *)body + info->fields[i].offset);
}

static cJSON *parsed(const struct wire_out *out)
{
    char why[WIRE_WHY_SIZE] = "";
    assert_false(out->cut);
    cJSON *root = wire_parse(out->bytes, out->length, WIRE_FRAME_MAX, why, sizeof why);
    if (!root)
        fail_msg("%.*s: %s", (int)out->length, out->bytes, why);
    return root;
}

/* ---- messages ------------------------------------------------------------------------------ */

static void check_message(enum sq_kind kind, const union sq_body *body)
{
    struct wire_out out;
    struct sq_message back;
    char why[WIRE_WHY_SIZE] = "";
    wire_begin(&out, bytes, sizeof bytes);
    wire_message(&out, kind, body);
    cJSON *root = parsed(&out);
    if (wire_read_message(root, &back, why, sizeof why) != 0)
        fail_msg("%.*s: %s", (int)out.length, bytes, why);
    assert_int_equal(back.kind, kind);
    assert_memory_equal(&back.as, body, sizeof *body);
    wire_free(root);
}

static void messages_of_every_kind_come_back(void **state)
{
    (void)state;
    static union sq_body body;
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++)
        for (int i = 0; i < TIMES; i++) {
            random_body((enum sq_kind)kind, &body);
            check_message((enum sq_kind)kind, &body);
        }
}

/* cJSON prints what we parse, and reads that as the same. */
static void cjson_agrees_on_what_is_printed(void **state)
{
    (void)state;
    static union sq_body body;
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++)
        for (int i = 0; i < TIMES; i++) {
            struct wire_out out;
            random_body((enum sq_kind)kind, &body);
            wire_begin(&out, bytes, sizeof bytes);
            wire_message(&out, (enum sq_kind)kind, &body);
            cJSON *root = parsed(&out);
            char *printed = cJSON_PrintUnformatted(root);
            cJSON *again = cJSON_Parse(printed);
            assert_true(cJSON_Compare(root, again, true));
            if (!strstr(printed, "e+")) /* it prints round numbers from 1e15 on that way */
                assert_true(strlen(printed) == out.length &&
                            memcmp(printed, bytes, out.length) == 0);
            cJSON_free(printed);
            cJSON_Delete(again);
            wire_free(root);
        }
}

static void names_need_no_escapes(void **state)
{
    (void)state;
    for (unsigned list = 0; list < SQ_LIST_LIST_COUNT; list++)
        for (unsigned i = 0; i < sq_list_count((enum sq_list)list); i++) {
            const char *name = sq_name((enum sq_list)list, i);
            for (const char *at = name; *at; at++)
                assert_true(*at >= ' ' && *at <= '~' && !strchr("\"\\", *at));
            assert_true(list != SQ_LIST_GUARD || !strchr(name, ';'));
        }
}

static void texts_of_others_are_made_harmless(void **state)
{
    (void)state;
    static const struct {
        const char *text, *printed;
    } cases[] = {
        {"plain", "\"plain\""},
        {"a\x1b[2Jb", "\"a?[2Jb\""},
        {"\xff\xc0\x80z", "\"???z\""},
        {"\xe2\x82", "\"??\""},
        {"\xed\xa0\x80", "\"???\""}, /* a surrogate */
        {"\xc2\x9b", "\"?\""},       /* C1: CSI */
        {"\x7f", "\"?\""},
        {"\xf4\x90\x80\x80", "\"????\""}, /* beyond U+10FFFF */
        {"\"\\", "\"\\\"\\\\\""},
        {"é€😀", "\"é€😀\""},
    };
    for (size_t i = 0; i < SIZE(cases); i++) {
        struct wire_out out;
        wire_begin(&out, bytes, sizeof bytes);
        wire_text(&out, cases[i].text);
        bytes[out.length] = '\0';
        assert_string_equal(bytes, cases[i].printed);
    }
}

static void what_does_not_fit_is_not_written(void **state)
{
    (void)state;
    struct wire_out whole, out;
    static char small[ROOM];
    struct sq_order order = maker_order(412, "C1", 1, SQ_SIDE_SELL, 50);
    wire_begin(&whole, bytes, sizeof bytes);
    wire_message(&whole, SQ_ORDER, &order);
    for (size_t room = 0; room < whole.length; room++) {
        memset(small, 0x55, sizeof small);
        wire_begin(&out, small, room);
        wire_message(&out, SQ_ORDER, &order);
        assert_true(out.cut && out.length <= room);
        assert_int_equal(small[room], 0x55);
    }
    wire_begin(&out, small, whole.length);
    wire_message(&out, SQ_ORDER, &order);
    assert_false(out.cut);
}

/* ---- changes ------------------------------------------------------------------------------- */

struct bed {
    struct sq_config config;
    struct sq_tables *tables;
};

static const enum sq_kind rows[] = {SQ_INSTRUMENT, SQ_CLIENT, SQ_PERSON, SQ_POSITION, SQ_ORDER,
                                    SQ_CLOSE,      SQ_FILL,   SQ_INTENT, SQ_BOOK};

static void apply(struct bed *bed, enum sq_kind kind, const void *body)
{
    assert_int_equal(sq_tables_apply(bed->tables, kind, body), 0);
}

static int set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    bed->config = maker_config(4, 4, 4);
    bed->tables = maker_tables(&bed->config);
    struct sq_instrument instrument = maker_instrument(1);
    struct sq_client client = maker_client("C1");
    struct sq_person person = {.code = "RK07", .role = SQ_ROLE_DEALER};
    struct sq_position position = maker_position("C1", 1, 100);
    struct sq_order order = maker_order(412, "C1", 1, SQ_SIDE_SELL, 50);
    struct sq_close close = maker_close(9, "C1", 1, SQ_CLOSE_WORKING);
    struct sq_fill fill = {.no = 3, .exec_id = "E1", .key = position.key, .side = SQ_SIDE_SELL};
    struct sq_intent_row intent = {.id = {1, 2}, .digest = UINT64_MAX};
    struct sq_book book = {.day = 20261126, .epoch = 1, .book = "MUM"};
    apply(bed, SQ_INSTRUMENT, &instrument);
    apply(bed, SQ_CLIENT, &client);
    apply(bed, SQ_PERSON, &person);
    apply(bed, SQ_POSITION, &position);
    apply(bed, SQ_ORDER, &order);
    apply(bed, SQ_CLOSE, &close);
    apply(bed, SQ_FILL, &fill);
    apply(bed, SQ_INTENT, &intent);
    apply(bed, SQ_BOOK, &book);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;
    maker_free(bed->tables);
    free(bed);
    return 0;
}

static const void *row_of(const struct bed *bed, enum sq_kind kind)
{
    const struct sq_tables *t = bed->tables;
    switch (kind) {
#define X(member, type, tail) \
    case SQ_##tail: return t->member;
        SQ_TABLES_MAP(X)
#undef X
    default: return &t->book;
    }
}

/* What the console shall have: told fields of `is`, the others as they were. */
static void fold(enum sq_kind kind, const void *was, const void *is, union sq_body *want)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    memset(want, 0, sizeof *want);
    memcpy(want, is, info->size);
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        union sq_body single;
        memset(&single, 0, sizeof single);
        memcpy(&single, was, info->size);
        ((char *)&single)[field->offset] ^= 1;
        if (wire_key_fields(kind) >> i & 1 || wire_is_visible_change(kind, was, &single))
            continue;
        memcpy((char *)want + field->offset, (const char *)was + field->offset, field->size);
    }
}

static void check_change(const struct bed *bed, enum sq_kind kind)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    const void *was = row_of(bed, kind);
    static union sq_body is, want;
    struct sq_message back;
    struct wire_out out;
    char why[WIRE_WHY_SIZE] = "";
    memset(&is, 0, sizeof is);
    memcpy(&is, was, info->size);
    for (unsigned i = 0; i < info->field_count; i++)
        if (!(wire_key_fields(kind) >> i & 1) && random_bits() % 4 == 0)
            random_member(&info->fields[i], (char *)&is + info->fields[i].offset);
    fold(kind, was, &is, &want);
    wire_begin(&out, bytes, sizeof bytes);
    bool told = wire_change(&out, kind, was, &is);
    assert_int_equal(told, wire_is_visible_change(kind, was, &is));
    if (!told) {
        assert_int_equal(out.length, 0);
        return;
    }
    cJSON *root = parsed(&out);
    assert_int_equal(root->child->valuestring[0], '~');
    if (wire_read_row(root, bed->tables, &back, why, sizeof why) != 0)
        fail_msg("%.*s: %s", (int)out.length, bytes, why);
    assert_int_equal(back.kind, kind);
    assert_memory_equal(&back.as, &want, info->size);
    wire_free(root);
}

static void changes_of_every_row_arrive(void **state)
{
    for (size_t k = 0; k < SIZE(rows); k++)
        for (int i = 0; i < TIMES; i++)
            check_change(*state, rows[k]);
}

static void a_change_names_only_what_differs(void **state)
{
    const struct bed *bed = *state;
    struct sq_order was = bed->tables->order[0], is = was;
    struct wire_out out;
    is.state = SQ_ORDER_PARTIAL;
    is.cum = 20;
    is.leaves = 30;
    is.fix_seq = 77;
    wire_begin(&out, bytes, sizeof bytes);
    assert_true(wire_change(&out, SQ_ORDER, &was, &is));
    bytes[out.length] = '\0';
    assert_string_equal(bytes, "[\"~order\",412,13,\"PARTIAL\",18,20,19,30]");
}

static void what_nobody_sees_is_not_told(void **state)
{
    const struct bed *bed = *state;
    struct sq_book was = bed->tables->book, is = was;
    struct wire_out out;
    is.time = 99;
    is.in_seq = 4;
    is.out_reserved = 100;
    is.rate_credit = 5;
    is.rate_time = 6;
    is.next_order = is.next_close = is.next_fill = 7;
    wire_begin(&out, bytes, sizeof bytes);
    assert_false(wire_change(&out, SQ_BOOK, &was, &is));
    assert_false(wire_is_visible_change(SQ_BOOK, &was, &is));
    assert_int_equal(out.length, 0);
    is.halted = 1;
    assert_true(wire_change(&out, SQ_BOOK, &was, &is));
    bytes[out.length] = '\0';
    assert_string_equal(bytes, "[\"~book\",13,1]");
}

static void the_hosts_own_is_zero_in_a_whole_row(void **state)
{
    const struct bed *bed = *state;
    struct sq_book book = bed->tables->book;
    struct sq_message back;
    struct wire_out out;
    char why[WIRE_WHY_SIZE];
    book.in_seq = 4;
    book.time = 99;
    book.halted = 1;
    wire_begin(&out, bytes, sizeof bytes);
    assert_true(wire_change(&out, SQ_BOOK, NULL, &book));
    cJSON *root = parsed(&out);
    assert_int_equal(wire_read_row(root, bed->tables, &back, why, sizeof why), 0);
    assert_int_equal(back.as.book.in_seq, 0);
    assert_int_equal(back.as.book.time, 0);
    assert_int_equal(back.as.book.halted, 1);
    wire_free(root);
}

/* ---- what is refused ----------------------------------------------------------------------- */

static const struct {
    const char *array, *why;
} bad_rows[] = {
    {"{}", "its name is not known"},
    {"[]", "its name is not known"},
    {"[1]", "its name is not known"},
    {"[\"no-such\",1]", "its name is not known"},
    {"[\"~no-such\",1]", "its name is not known"},
    {"[\"cancel\",-1]", "order_no"},
    {"[\"cancel\",\"412\"]", "order_no"},
    {"[\"cancel\",\"09007199254740992\"]", "order_no"},
    {"[\"cancel\",\"18446744073709551616\"]", "order_no"},
    {"[\"cancel\",412,7]", "person"},
    {"[\"cancel\",412,\"TWELVE BYTES\"]", "person"},
    {"[\"cancel\",412,\"RK07\",0]", "more than its 2 fields"},
    {"[\"cancel\",[412]]", "order_no"},
    {"[\"square-off\",\"0123\"]", "id"},
    {"[\"square-off\",\"0123456789ABCDEF0123456789abcdef\"]", "id"},
    {"[\"square-off\",\"00000000000000000000000000000000\"]", "id"},
    {"[\"square-off\",\"\",\"RK07\",\"C1\",\"LSE\"]", "exchange"},
    {"[\"square-off\",\"\",\"RK07\",\"C1\",2]", "exchange"},
    {"[\"square-off\",\"\",\"RK07\",\"C1\",\"NSE\",4294967296]", "token"},
    {"[\"supervise\",\"halt\",256]", "value"},
    {"[\"settle\",1,\"A\",\"9223372036854775807\"]", "cum"},
    {"[\"hours\",\"NSE\",\"EQ\",-1]", "open"},
    {"[\"hours\",\"NSE\",\"EQ\",\"Never\"]", "open"},
    {"[\"~order\"]", "no is not possible"},
    {"[\"~order\",413,18,1]", "no such row"},
    {"[\"~order\",412,0,1]", "no field and value"},
    {"[\"~order\",412,18]", "no field and value"},
    {"[\"~order\",412,1,1]", "no field and value"},
    {"[\"~order\",412,18,1,18,2]", "no field and value"},
    {"[\"~order\",412,99,1]", "no field and value"},
    {"[\"~order\",412,13,\"NO STATE\"]", "state"},
    {"[\"~position\",\"C1\",\"NFO\",2,\"MIS\",5,1]", "no such row"},
    {"[\"~hours\",\"NSE\",\"EQ\",3,1]", "no such row"},
    {"[\"~cancel\",412]", "no such row"},
};

static void wrong_rows_are_refused_with_the_member(void **state)
{
    const struct bed *bed = *state;
    for (size_t i = 0; i < SIZE(bad_rows); i++) {
        char why[WIRE_WHY_SIZE] = "";
        struct sq_message message;
        cJSON *root = wire_parse(bad_rows[i].array, strlen(bad_rows[i].array), WIRE_FRAME_MAX, why,
                                 sizeof why);
        assert_non_null(root);
        if (wire_read_row(root, bed->tables, &message, why, sizeof why) != -1 ||
            !strstr(why, bad_rows[i].why))
            fail_msg("%s: '%s', not '%s'", bad_rows[i].array, why, bad_rows[i].why);
        wire_free(root);
    }
}

/* ---- values of frames ---------------------------------------------------------------------- */

static void rates_come_back(void **state)
{
    (void)state;
    for (int i = 0; i < 4 * TIMES; i++) {
        struct sq_rate rate = {.last = (sq_price)(random_bits() % 1000000)}, back = {0};
        struct wire_out out;
        char why[WIRE_WHY_SIZE];
        uint32_t place;
        bool traded, depth = i % 2;
        unsigned levels = (unsigned)(random_bits() % (depth ? SQ_DEPTH_LEVELS + 1 : 2));
        for (unsigned l = 0; l < levels; l++) {
            rate.bid[l] = (struct sq_level){(sq_price)(random_bits() % 1000000), l + 5};
            rate.ask[l] = (struct sq_level){(sq_price)(random_bits() % 1000000), l + 9};
        }
        wire_begin(&out, bytes, sizeof bytes);
        wire_rate(&out, (uint32_t)i, &rate, i % 3 == 0, depth);
        cJSON *root = parsed(&out);
        assert_int_equal(wire_read_rate(root, &place, &back, &traded, why, sizeof why), 0);
        back.bid[0].price = back.bid[0].quantity ? back.bid[0].price : 0;
        assert_memory_equal(&back, &rate, sizeof rate);
        assert_int_equal(place, i);
        assert_int_equal(traded, i % 3 == 0);
        wire_free(root);
    }
}

static void a_rate_is_short(void **state)
{
    (void)state;
    struct sq_rate rate = {.last = 11840};
    struct wire_out out;
    rate.bid[0] = (struct sq_level){11825, 450};
    wire_begin(&out, bytes, sizeof bytes);
    wire_rate(&out, 18, &rate, true, false);
    bytes[out.length] = '\0';
    assert_string_equal(bytes, "[18,11840,-15,\"-\",450,0,1]");
}

static void previews_come_back(void **state)
{
    const struct bed *bed = *state;
    struct sq_preview p = {.verdict = SQ_VERDICT_APPROVE,
                           .first = SQ_GUARD_OVER_LIMIT,
                           .guards = UINT64_C(1) << SQ_GUARD_OVER_LIMIT | UINT64_C(1)
                                                                              << SQ_GUARD_ON_HOLD,
                           .side = SQ_SIDE_BUY,
                           .net = -1950,
                           .quantity = 1900,
                           .residue = 50,
                           .residue_why = SQ_RESIDUE_ODD_LOT,
                           .limit = 11850,
                           .at_band = true,
                           .estimate_paise = 2251500000,
                           .slices = 2,
                           .slice = 1800,
                           .last_slice = 100,
                           .cancels = 2,
                           .cancel_no = {412, 9},
                           .hedge_of = 1,
                           .waits = true,
                           .leg = 2,
                           .digest = UINT64_MAX - 3};
    struct sq_preview back;
    struct wire_out out;
    char why[WIRE_WHY_SIZE];
    wire_begin(&out, bytes, sizeof bytes);
    wire_preview(&out, bed->tables, &p);
    cJSON *root = parsed(&out);
    assert_int_equal(wire_read_preview(root, bed->tables, &back, why, sizeof why), 0);
    assert_int_equal(back.digest, p.digest);
    assert_int_equal(back.hedge_of, 1);
    assert_int_equal(back.cancel_no[1], 9);
    assert_int_equal(back.guards, p.guards);
    assert_int_equal(back.residue_why, SQ_RESIDUE_ODD_LOT);
    assert_int_equal(back.leg, 2);
    wire_free(root);
}

static void links_and_feeds_come_back(void **state)
{
    (void)state;
    struct wire_links links = {.time = 1764345600000000,
                               .order_up = true,
                               .order_rtt_us = -1,
                               .price_age_ms = 40,
                               .view_only = true,
                               .why = "disk \"full\""};
    struct wire_links back;
    struct wire_out out;
    enum sq_exchange exchange;
    bool alive, gap;
    char why[WIRE_WHY_SIZE];
    wire_begin(&out, bytes, sizeof bytes);
    wire_links(&out, &links);
    cJSON *root = parsed(&out);
    assert_int_equal(wire_read_links(root, &back, why, sizeof why), 0);
    assert_true(back.order_up && back.view_only && !back.price_up && !back.disk_full);
    assert_int_equal(back.order_rtt_us, -1);
    assert_string_equal(back.why, links.why);
    wire_free(root);
    root = cJSON_Parse("[\"NFO\",1,0]");
    assert_int_equal(wire_read_feed(root, &exchange, &alive, &gap, why, sizeof why), 0);
    assert_true(exchange == SQ_EXCHANGE_NFO && alive && !gap);
    wire_free(root);
}

static void errors_have_words(void **state)
{
    (void)state;
    struct wire_out out;
    struct wire_frame frame;
    char why[WIRE_WHY_SIZE];
    for (unsigned e = WIRE_ERROR_NONE; e < WIRE_ERROR_COUNT; e++)
        assert_int_equal(wire_error_named(wire_error_word((enum wire_error)e)), e);
    assert_int_equal(wire_error_named("no such"), WIRE_ERROR_COUNT);
    wire_begin(&out, bytes, sizeof bytes);
    wire_answer_error(&out, 7, WIRE_ERROR_VERSION, "speak 1");
    assert_int_equal(wire_read_frame(bytes, out.length, &frame, why, sizeof why), 0);
    assert_int_equal(frame.id, 7);
    assert_string_equal(frame.error, "VERSION");
    assert_int_equal(frame.versions->child->valueint, 1);
    wire_frame_end(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_of_every_kind_come_back),
        cmocka_unit_test(cjson_agrees_on_what_is_printed),
        cmocka_unit_test(names_need_no_escapes),
        cmocka_unit_test(texts_of_others_are_made_harmless),
        cmocka_unit_test(what_does_not_fit_is_not_written),
        cmocka_unit_test_setup_teardown(changes_of_every_row_arrive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_change_names_only_what_differs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_sees_is_not_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_hosts_own_is_zero_in_a_whole_row, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_rows_are_refused_with_the_member, set_up, tear_down),
        cmocka_unit_test(rates_come_back),
        cmocka_unit_test(a_rate_is_short),
        cmocka_unit_test_setup_teardown(previews_come_back, set_up, tear_down),
        cmocka_unit_test(links_and_feeds_come_back),
        cmocka_unit_test(errors_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
