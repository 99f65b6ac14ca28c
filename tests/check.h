/*
 * check.h - small helpers over cmocka, shared by the programs of tests/
 *
 * Include this instead of <cmocka.h>: it brings the headers that cmocka wants before itself.
 * Tests run in the root of the source tree, so every path is relative to that.
 * A check that fails ends the running test, as cmocka's own asserts do; what it had allocated
 * by then is lost, which a test program can bear.
 */
#ifndef TESTS_CHECK_H
#define TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

/* Where the real files of exchanges and vendors lie, on a machine that has them. */
#define CHECK_SHARED_DATA "../shared/data"

/*
 * Compares two texts and, when they differ, prints the lines around the first difference
 * ('-' expected, '+' got) before the test fails.
 */
#define check_text(got, expected) check_text_at((got), (expected), #got, __FILE__, __LINE__)

/*
 * Compares `got` with the file at `path`. With SQ_UPDATE=1 in the environment the file is
 * written instead, and the test passes: look at `git diff` before you commit it.
 */
#define check_golden(path, got) check_golden_at((path), (got), __FILE__, __LINE__)

/* The whole file at `path` with a NUL after it, or the test fails. Free it. `length` may be NULL. */
#define check_read_file(path, length) check_read_file_at((path), (length), __FILE__, __LINE__)

/* Ends the running test as skipped, and says why on standard output. */
#define check_skip(...)                    \
    do {                                   \
        printf("# skipped: " __VA_ARGS__); \
        printf("\n");                      \
        skip();                            \
    } while (0)

/* Skips the running test unless `path` can be read. For what lies in CHECK_SHARED_DATA. */
#define check_need_file(path)               \
    do {                                    \
        if (!check_can_read(path))          \
            check_skip("no file %s", path); \
    } while (0)

/*
 * Calls visit(path, context) for each plain file of `folder` whose name ends with `suffix`
 * ("" for all), in the order of their names. Returns how many; the test fails when the folder
 * cannot be read or holds none, because a test over no files cannot fail.
 */
size_t check_each_file(const char *folder, const char *suffix,
                       void (*visit)(const char *path, void *context), void *context);

/* Makes an empty folder of this process's own and writes its path (under TMPDIR or /tmp). */
void check_make_folder(char *path, size_t capacity);

/* Removes a folder made by check_make_folder() and the plain files in it. */
void check_remove_folder(const char *path);

/* Writes `length` bytes to a new file at `path`, or the test fails. */
void check_write_file(const char *path, const void *bytes, size_t length);

int check_can_read(const char *path);

/* What the macros above call. */
void check_text_at(const char *got, const char *expected, const char *what, const char *file,
                   int line);
void check_golden_at(const char *path, const char *got, const char *file, int line);
char *check_read_file_at(const char *path, size_t *length, const char *file, int line);

#endif
