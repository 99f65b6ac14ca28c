/* csv_test.c - the CSV reader: records, limits, and what it refuses */
#include <stdlib.h>
#include <string.h>

#include "db/csv.h"
#include "tests/check.h"

/* Reads a text and writes what was seen: fields between bars, or the line and reason of a fault. */
static void read_all(const char *text, size_t length, char *out, size_t room)
{
    struct csv csv;
    char *copy = malloc(length + 1); /* exactly: a sanitizer sees a read past its end */
    size_t used = 0;
    assert_non_null(copy);
    memcpy(copy, text, length);
    uint32_t line = csv_init(&csv, copy, length);
    enum csv_result result;
    out[0] = '\0';
    if (line > 0)
        used += (size_t)snprintf(out, room, "not UTF-8 in line %u\n", line);
    while (line == 0 && (result = csv_next(&csv)) != CSV_END && used < room) {
        used += (size_t)snprintf(out + used, room - used, "%u:", csv.line);
        for (uint32_t i = 0; result == CSV_ROW && i < csv.count; i++)
            used += (size_t)snprintf(out + used, room - used, "|%.*s", (int)csv.field[i].length,
                                     csv.field[i].text);
        if (result == CSV_BAD)
            used += (size_t)snprintf(out + used, room - used, " field %u: %s", csv.bad_field,
                                     csv.reason);
        used += (size_t)snprintf(out + used, room - used, "\n");
    }
    free(copy);
}

static const struct {
    const char *text, *seen;
} rows[] = {
    {"", ""},
    {"\n\n", ""},
    {"a", "1:|a\n"},
    {"a,b\n", "1:|a|b\n"},
    {"a,b\r\nc,d\r\n", "1:|a|b\n2:|c|d\n"},
    {"\xef\xbb\xbf"
     "a,b\n",
     "1:|a|b\n"},
    {"a,,\n,\n", "1:|a||\n2:||\n"},
    {"a\n\n\nb\n", "1:|a\n4:|b\n"},
    {"\"a,b\",c\n", "1:|a,b|c\n"},
    {"\"a\"\"b\",\"\"\n", "1:|a\"b|\n"},
    {"\"a\"", "1:|a\n"},
    {" a , b\n", "1:| a | b\n"},
    {"\xe0\xa4\xb0\n", "1:|\xe0\xa4\xb0\n"},
    {"\"a\nb\",c\nd\n",
     "1: field 1: quote not closed in its line\n2: field 1: stray quote\n3:|d\n"},
    {"\"a", "1: field 1: quote not closed in its line\n"},
    {"a\"b,c\nd\n", "1: field 1: stray quote\n2:|d\n"},
    {"x,\"a\"b\nd\n", "1: field 2: stray quote\n2:|d\n"},
    {"a,b\tc\nd\n", "1: field 2: control byte\n2:|d\n"},
    {"a\rb\nd\n", "1: field 1: control byte\n2:|d\n"},
    {"\"a\x01\"\nd\n", "1: field 1: control byte\n2:|d\n"},
    {"ok\na\xff\n", "not UTF-8 in line 2\n"},
    {"\xc0\xaf\n", "not UTF-8 in line 1\n"},     /* longer than need be */
    {"\xed\xa0\x80\n", "not UTF-8 in line 1\n"}, /* half of a pair */
    {"\xe0\xa4", "not UTF-8 in line 1\n"},       /* cut */
};

static void test_rows(void **state)
{
    char seen[512];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        read_all(rows[i].text, strlen(rows[i].text), seen, sizeof seen);
        check_text(seen, rows[i].seen);
    }
}

static void test_nul(void **state)
{
    char seen[256];
    (void)state;
    read_all("\0a\nb,\0\nc\n", 9, seen, sizeof seen);
    check_text(seen, "1: field 1: control byte\n2: field 2: control byte\n3:|c\n");
}

/* `count` fields of `length` bytes. */
static void read_block(size_t count, size_t length, char *seen, size_t room)
{
    size_t all = count * (length + 1);
    char *text = malloc(all);
    assert_non_null(text);
    memset(text, 'x', all);
    for (size_t i = 0; i < count; i++)
        text[i * (length + 1) + length] = i + 1 < count ? ',' : '\n';
    read_all(text, all, seen, room);
    free(text);
}

static void test_limits(void **state)
{
    char seen[1024];
    (void)state;
    read_block(1, CSV_FIELD_MAX, seen, sizeof seen);
    assert_int_equal(strlen(seen), CSV_FIELD_MAX + 4);
    read_block(1, CSV_FIELD_MAX + 1, seen, sizeof seen);
    check_text(seen, "1: field 1: longer than any field may be\n");
    read_block(CSV_FIELDS_MAX, 1, seen, sizeof seen);
    assert_int_equal(strlen(seen), CSV_FIELDS_MAX * 2 + 3);
    read_block(CSV_FIELDS_MAX + 1, 1, seen, sizeof seen);
    check_text(seen, "1: field 65: more fields than any file has\n");
    read_block(1, 3 << 20, seen, sizeof seen);
    check_text(seen, "1: field 1: longer than any field may be\n");
}

static void test_trim(void **state)
{
    struct csv_field field = csv_trim((struct csv_field){"  a b   ", 8});
    (void)state;
    assert_true(csv_is(&field, "a b"));
    assert_false(csv_is(&field, "a"));
    field = csv_trim((struct csv_field){"   ", 3});
    assert_true(csv_is(&field, ""));
}

static void test_files(void **state)
{
    char why[128], folder[256], path[300];
    size_t length;
    (void)state;
    check_make_folder(folder, sizeof folder);
    assert_null(csv_read_file(folder, &length, why, sizeof why));
    assert_string_equal(why, "not a plain file");
    snprintf(path, sizeof path, "%s/none", folder);
    assert_null(csv_read_file(path, &length, why, sizeof why));
    assert_string_equal(why, "No such file or directory");
    check_write_file(path, "a,b", 3);
    char *text = csv_read_file(path, &length, why, sizeof why);
    assert_non_null(text);
    assert_int_equal(length, 3);
    assert_memory_equal(text, "a,b", 3);
    free(text);
    check_remove_folder(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows), cmocka_unit_test(test_nul),   cmocka_unit_test(test_limits),
        cmocka_unit_test(test_trim), cmocka_unit_test(test_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
