/* check_test.c - the helpers of check.h: a check that never fails would hide every other fault. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

static void visit(const char *path, void *context)
{
    strcat(context, strrchr(path, '/'));
}

static void files_come_in_the_order_of_their_names(void **state)
{
    (void)state;
    char folder[64], path[128], seen[64] = "";
    check_make_folder(folder, sizeof folder);
    for (const char *name = "cab"; *name; name++) {
        snprintf(path, sizeof path, "%s/%c.txt", folder, *name);
        check_write_file(path, "x", 1);
    }
    assert_int_equal(check_each_file(folder, ".txt", visit, seen), 3);
    check_text(seen, "/a.txt/b.txt/c.txt");
    check_remove_folder(folder);
    assert_false(check_can_read(folder));
}

static void a_file_comes_back_whole(void **state)
{
    (void)state;
    char folder[64], path[128];
    static char bytes[10000];
    size_t length;
    memset(bytes, 'q', sizeof bytes);
    check_make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/long", folder);
    check_write_file(path, bytes, sizeof bytes);
    char *got = check_read_file(path, &length);
    assert_int_equal(length, sizeof bytes);
    assert_memory_equal(got, bytes, length);
    assert_int_equal(got[length], '\0');
    free(got);
    check_remove_folder(folder);
}

static void golden_is_written_on_request_and_compared_otherwise(void **state)
{
    (void)state;
    char folder[64], path[128];
    check_make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/screen", folder);
    setenv("SQ_UPDATE", "1", 1);
    check_golden(path, "one\ntwo\n");
    unsetenv("SQ_UPDATE");
    check_golden(path, "one\ntwo\n");
    check_remove_folder(folder);
}

/* Run in a group of its own, whose failure is what is wanted. */
static void differing_texts(void **state)
{
    (void)state;
    check_text("one\n2\nthree\n", "one\ntwo\nthree\n");
}

static void missing_golden(void **state)
{
    (void)state;
    check_golden("/nonexistent/golden", "text");
}

static void empty_folder(void **state)
{
    (void)state;
    check_each_file("/nonexistent", "", visit, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_come_in_the_order_of_their_names),
        cmocka_unit_test(a_file_comes_back_whole),
        cmocka_unit_test(golden_is_written_on_request_and_compared_otherwise),
    };
    const struct CMUnitTest failing[] = {
        cmocka_unit_test(differing_texts),
        cmocka_unit_test(missing_golden),
        cmocka_unit_test(empty_folder),
    };
    (void)argv;
    if (argc > 1) /* tests/runner_test.sh asks for these: all three must fail */
        return cmocka_run_group_tests(failing, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
