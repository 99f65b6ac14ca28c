/* screen_test.c: plays every file of tests/keys/ (tests/screen_stage.h) and compares the frames. */
#include "tests/check.h"
#include "tests/screen_stage.h"

static void play(const char *path, void *context)
{
    struct screen *s = screen_create();

    (void)context;
    printf("# %s\n", path);
    screen_play(s, path);
    screen_destroy(s);
}

static void test_every_file(void **state)
{
    (void)state;
    check_each_file("tests/keys", ".keys", play, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_file)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
