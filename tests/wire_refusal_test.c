/*
 * wire_refusal_test.c: texts, requests and frames of the wire that are taken, and those that must be
 * refused, each with its reason.
 */
#include "tests/check.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "net/wire.h"

#define SIZE(array) (sizeof(array) / sizeof *(array))

/* ---- texts --------------------------------------------------------------------------------- */

static const struct {
    const char *text, *why;
} bad_texts[] = {
    {"", "neither"},
    {"   ", "neither"},
    {"{", "no member here"},
    {"{\"a\"", "no member here"},
    {"{\"a\":1", "has no end"},
    {"{\"a\":1,}", "no member here"},
    {"{a:1}", "no member here"},
    {"[1,]", "neither"},
    {"[1 2]", "has no end"},
    {"[1]x", "behind the value"},
    {"[1][2]", "behind the value"},
    {"\xef\xbb\xbf[]", "neither"},
    {"null", "neither"},
    {"[true]", "neither"},
    {"[NaN]", "neither"},
    {"[1.0]", "no integer"},
    {"[1e2]", "no integer"},
    {"[1E400]", "no integer"},
    {"[-0]", "no integer"},
    {"[01]", "no integer"},
    {"[-]", "no integer"},
    {"[+1]", "neither"},
    {"[0x10]", "has no end"},
    {"[9007199254740992]", "beyond 2^53-1"},
    {"[-9007199254740993]", "beyond 2^53-1"},
    {"[99999999999999999999999999]", "beyond 2^53-1"},
    {"[\"a]", "no end"},
    {"[\"\\x\"]", "no such escape"},
    {"[\"\\n\"]", "a control character"},
    {"[\"\\u0000\"]", "a control character"},
    {"[\"\\u009b\"]", "a control character"},
    {"[\"\\u12\"]", "no \\u escape"},
    {"[\"\\ud800\"]", "surrogate"},
    {"[\"\\ud800\\u0041\"]", "surrogate"},
    {"[\"\\udc00\"]", "surrogate"},
    {"[\"a\nb\"]", "a control character"},
    {"[\"\xff\"]", "not UTF-8"},
    {"[\"\xc0\xaf\"]", "not UTF-8"},
    {"[\"\xc2\x9b\"]", "a control character"},
    {"[[[[[[[[[1]]]]]]]]]", "too deep"},
    {"{\"a\":1,\"b\":2,\"a\":3}", "comes twice: a"},
    {"{\"x\":[{\"q\":1,\"\\u0071\":1}]}", "comes twice: q"},
    {"{\"A\":1,\"a\":{\"b\":1,\"b\":1}}", "comes twice: b"},
};

static void wrong_texts_are_refused_with_the_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE(bad_texts); i++) {
        char why[WIRE_WHY_SIZE] = "";
        cJSON *root = wire_parse(bad_texts[i].text, strlen(bad_texts[i].text), WIRE_FRAME_MAX, why,
                                 sizeof why);
        if (root || !strstr(why, bad_texts[i].why))
            fail_msg("%s: '%s', not '%s'", bad_texts[i].text, why, bad_texts[i].why);
    }
}

static void right_texts_are_taken(void **state)
{
    (void)state;
    static const char *const texts[] = {"[[[[[[[[1]]]]]]]]",
                                        " { \"a\" : [ 1 , -2 ] } \r\n",
                                        "[9007199254740991,-9007199254740991,0]",
                                        "[\"\\u00e9\\ud83d\\ude00\\/\\\"\\\\\"]",
                                        "{\"a\":1,\"A\":2}",
                                        "\"é\"",
                                        "0"};
    for (size_t i = 0; i < SIZE(texts); i++) {
        char why[WIRE_WHY_SIZE] = "";
        cJSON *root = wire_parse(texts[i], strlen(texts[i]), strlen(texts[i]), why, sizeof why);
        if (!root)
            fail_msg("%s: %s", texts[i], why);
        wire_free(root);
        assert_null(wire_parse(texts[i], strlen(texts[i]), strlen(texts[i]) - 1, why, sizeof why));
    }
}

/* A NUL is a byte like others, and the text need not end with one. */
static void length_counts_and_not_the_nul(void **state)
{
    (void)state;
    char why[WIRE_WHY_SIZE];
    char text[] = {'[', '1', ']', '\0', '[', '1', '2', ']'};
    cJSON *root = wire_parse(text, 3, 99, why, sizeof why);
    assert_non_null(root);
    wire_free(root);
    assert_null(wire_parse(text, 4, 99, why, sizeof why));
    assert_null(wire_parse(text + 4, 3, 99, why, sizeof why));
}

/* ---- requests ------------------------------------------------------------------------------ */

static const struct {
    const char *text;
    enum wire_error error;
    const char *why;
} requests[] = {
    {"{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"RK07\",\"password\":\"p\"}", 0, ""},
    {"{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"RK07\",\"password\":\"p\",\"code\":\"1\"}", 0,
     ""},
    {"{\"do\":\"login\",\"id\":1,\"v\":1,\"token\":\"t\"}", 0, ""},
    {"{\"do\":\"login\",\"id\":1,\"v\":2,\"face\":\"x\"}", WIRE_ERROR_VERSION, "version 1"},
    {"{\"do\":\"login\",\"id\":1,\"user\":\"a\",\"password\":\"p\"}", WIRE_ERROR_FORMAT,
     "v: missing"},
    {"{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"a\"}", WIRE_ERROR_FORMAT, "password"},
    {"{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"a\",\"token\":\"t\"}", WIRE_ERROR_FORMAT,
     "or token"},
    {"{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"TWELVE BYTES\",\"password\":\"p\"}",
     WIRE_ERROR_FORMAT, "user"},
    {"{\"do\":\"open\",\"id\":2,\"book\":\"MUM\",\"after\":7,\"epoch\":1}", 0, ""},
    {"{\"do\":\"open\",\"id\":2}", WIRE_ERROR_FORMAT, "book: missing"},
    {"{\"do\":\"open\",\"id\":2,\"book\":\"MUM\",\"after\":-1}", WIRE_ERROR_FORMAT, "after"},
    {"{\"do\":\"open\",\"id\":2,\"book\":\"MUM\",\"client\":\"C1\"}", WIRE_ERROR_FORMAT,
     "open has no member client"},
    {"{\"do\":\"open\",\"id\":2,\"Book\":\"MUM\"}", WIRE_ERROR_FORMAT, "no member Book"},
    {"{\"do\":\"open\",\"id\":0,\"book\":\"MUM\"}", WIRE_ERROR_FORMAT, "id"},
    {"{\"do\":\"open\",\"id\":\"2\",\"book\":\"MUM\"}", WIRE_ERROR_FORMAT, "id"},
    {"{\"do\":\"fly\",\"id\":3}", WIRE_ERROR_FORMAT, "no such request"},
    {"{\"do\":5,\"id\":3}", WIRE_ERROR_FORMAT, "no such request"},
    {"{\"id\":3}", WIRE_ERROR_FORMAT, "no such request"},
    {"{\"do\":\"submit\",\"id\":3,\"book\":\"MUM\",\"in\":[[\"cancel\",1,\"A\"]]}", 0, ""},
    {"{\"do\":\"submit\",\"id\":3,\"book\":\"MUM\",\"in\":[]}", WIRE_ERROR_FORMAT, "nothing in it"},
    {"{\"do\":\"submit\",\"id\":3,\"book\":\"MUM\",\"in\":\"x\"}", WIRE_ERROR_FORMAT, "in"},
    {"{\"do\":\"rates\",\"id\":3,\"book\":\"MUM\",\"on\":1,\"per_s\":31}", WIRE_ERROR_FORMAT,
     "per_s"},
    {"{\"do\":\"rates\",\"id\":3,\"book\":\"MUM\",\"on\":2}", WIRE_ERROR_FORMAT, "on"},
    {"{\"do\":\"rates\",\"id\":3,\"book\":\"MUM\",\"on\":1,\"list\":[[\"NSE\",1]]}", 0, ""},
    {"{\"do\":\"history\",\"id\":3,\"book\":\"MUM\",\"client\":\"C1\",\"count\":101}",
     WIRE_ERROR_FORMAT, "count"},
    {"{\"do\":\"logout\",\"id\":3}", 0, ""},
    {"[1]", WIRE_ERROR_COUNT, "no object"},
    {"{\"do\":\"logout\",\"id\":3", WIRE_ERROR_COUNT, "no end"},
};

static void requests_are_taken_or_refused_in_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE(requests); i++) {
        struct wire_request request;
        char why[WIRE_WHY_SIZE] = "";
        enum wire_error error = wire_read_request(requests[i].text, strlen(requests[i].text),
                                                  &request, why, sizeof why);
        if (error != requests[i].error || !strstr(why, requests[i].why))
            fail_msg("%s: %s '%s'", requests[i].text, wire_error_word(error), why);
        if (!error)
            wire_request_end(&request);
    }
}

static void too_many_items_are_refused(void **state)
{
    (void)state;
    static char text[WIRE_REQUEST_MAX];
    struct wire_request request;
    char why[WIRE_WHY_SIZE];
    size_t n =
        (size_t)snprintf(text, sizeof text, "{\"do\":\"submit\",\"id\":9,\"book\":\"M\",\"in\":[1");
    for (int i = 0; i < WIRE_ITEMS_MAX; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, ",1");
    n += (size_t)snprintf(text + n, sizeof text - n, "]}");
    assert_int_equal(wire_read_request(text, n, &request, why, sizeof why), WIRE_ERROR_TOO_MANY);
    assert_int_equal(request.id, 9);
    assert_null(request.root);
}

static void only_commands_of_people_are_taken(void **state)
{
    (void)state;
    const char *text =
        "{\"do\":\"submit\",\"id\":3,\"book\":\"MUM\",\"in\":[[\"cancel\",1,\"A\"],"
        "[\"cancel\",1],[\"sent\",\"X\"],[\"position\",\"C1\"],[\"link\",1,1],[\"time\"]]}";
    struct wire_request request;
    struct sq_message message;
    char why[WIRE_WHY_SIZE];
    assert_int_equal(wire_read_request(text, strlen(text), &request, why, sizeof why), 0);
    assert_int_equal(request.in_count, 6);
    assert_int_equal(wire_request_in(&request, 0, &message, why, sizeof why), 0);
    assert_int_equal(message.kind, SQ_CANCEL);
    assert_string_equal(wire_person(&message), "A");
    for (size_t i = 1; i <= request.in_count; i++)
        assert_int_equal(wire_request_in(&request, i, &message, why, sizeof why), -1);
    assert_int_equal(wire_request_in(&request, 0, &message, why, sizeof why), 0);
    wire_request_end(&request);
}

static void contracts_are_taken_in_order(void **state)
{
    (void)state;
    const char *text =
        "{\"do\":\"rates\",\"id\":3,\"book\":\"MUM\",\"on\":1,\"list\":[[\"NSE\",1333],"
        "[\"NFO\",43650],[\"NFO\"],[\"NSE\",1,1],[\"-\",-1],7]}";
    struct wire_request request;
    enum sq_exchange exchange;
    uint32_t token;
    char why[WIRE_WHY_SIZE];
    assert_int_equal(wire_read_request(text, strlen(text), &request, why, sizeof why), 0);
    assert_int_equal(wire_request_contract(&request, 0, &exchange, &token, why, sizeof why), 0);
    assert_int_equal(wire_request_contract(&request, 1, &exchange, &token, why, sizeof why), 0);
    assert_int_equal(exchange, SQ_EXCHANGE_NFO);
    assert_int_equal(token, 43650);
    for (size_t i = 2; i < 8; i++)
        assert_int_equal(wire_request_contract(&request, i, &exchange, &token, why, sizeof why),
                         -1);
    wire_request_end(&request);
}

/* ---- frames --------------------------------------------------------------------------------- */

static int read_rate(const cJSON *array)
{
    struct sq_rate rate = {0};
    uint32_t place;
    bool traded;
    char why[WIRE_WHY_SIZE];
    return wire_read_rate(array, &place, &rate, &traded, why, sizeof why);
}

static int read_links(const cJSON *array)
{
    struct wire_links links;
    char why[WIRE_WHY_SIZE];
    return wire_read_links(array, &links, why, sizeof why);
}

static void wrong_values_are_refused(void **state)
{
    (void)state;
    static const struct {
        int (*read)(const cJSON *array);
        const char *text;
    } cases[] = {
        {read_rate, "[]"},
        {read_rate, "7"},
        {read_rate, "[17,1,1]"},
        {read_rate, "[-1,1,1,1,1,1]"},
        {read_rate, "[4294967296,1,1,1,1,1]"},
        {read_rate, "[17,1,1,1,0,1]"},
        {read_rate, "[17,1,\"-\",1,5,1]"},
        {read_rate, "[17,1,\"x\",1,0,1]"},
        {read_rate, "[17,9007199254740991,9007199254740991,1,1,1]"},
        {read_rate, "[17,1,1,1,1,1,2]"},
        {read_rate, "[17,1,1,1,1,1,1,[],[],0]"},
        {read_rate, "[17,1,1,1,1,1,1,[1],[]]"},
        {read_rate, "[17,1,1,1,1,1,1,[1,0],[]]"},
        {read_rate, "[17,1,1,1,1,1,1,[],[1,1,1,1,1,1,1,1,1,1,1,1]]"},
        {read_links, "[1,2,0,0,0,0,0,\"\"]"},
        {read_links, "[1,0,-2,0,0,0,0,\"\"]"},
        {read_links, "[1,0,0,0,0,0,0]"},
        {read_links, "[1,0,0,0,0,0,0,\"\",1]"},
    };
    for (size_t i = 0; i < SIZE(cases); i++) {
        cJSON *root = cJSON_Parse(cases[i].text);
        if (cases[i].read(root) != -1)
            fail_msg("%s was taken", cases[i].text);
        wire_free(root);
    }
}

static void frames_are_answers_or_of_a_book(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } cases[] = {
        {"{\"id\":1,\"seq\":7}", NULL},
        {"{\"b\":\"MUM\",\"at\":7}", NULL},
        {"{\"b\":\"MUM\",\"q\":[[1,2,3,4,5,6]],\"i\":[]}", NULL},
        {"{\"id\":1,\"b\":\"MUM\"}", "neither"},
        {"{}", "neither"},
        {"[]", "no object"},
        {"{\"b\":\"MUMB\",\"at\":7}", "b: not possible"},
        {"{\"b\":\"MUM\",\"at\":\"7\"}", "at: not possible"},
        {"{\"b\":\"MUM\",\"ev\":{}}", "ev: not possible"},
        {"{\"b\":\"MUM\",\"news\":1}", "no member news"},
        {"{\"id\":-1}", "id: not possible"},
    };
    for (size_t i = 0; i < SIZE(cases); i++) {
        struct wire_frame frame;
        char why[WIRE_WHY_SIZE] = "";
        int got = wire_read_frame(cases[i].text, strlen(cases[i].text), &frame, why, sizeof why);
        if (got != (cases[i].why ? -1 : 0) || (cases[i].why && !strstr(why, cases[i].why)))
            fail_msg("%s: %d '%s'", cases[i].text, got, why);
        if (got == 0)
            wire_frame_end(&frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_texts_are_refused_with_the_byte),
        cmocka_unit_test(right_texts_are_taken),
        cmocka_unit_test(length_counts_and_not_the_nul),
        cmocka_unit_test(requests_are_taken_or_refused_in_words),
        cmocka_unit_test(too_many_items_are_refused),
        cmocka_unit_test(only_commands_of_people_are_taken),
        cmocka_unit_test(contracts_are_taken_in_order),
        cmocka_unit_test(wrong_values_are_refused),
        cmocka_unit_test(frames_are_answers_or_of_a_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
