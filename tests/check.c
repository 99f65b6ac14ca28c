/* check.c - see check.h. */
#include "tests/check.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONTEXT_LINES 2
#define DIFF_LINES    30

static const char *line_end(const char *text)
{
    return text + strcspn(text, "\n");
}

static const char *next_line(const char *text)
{
    const char *end = line_end(text);
    return *end ? end + 1 : end;
}

static void print_line(char mark, const char *text)
{
    print_error("  %c %.*s\n", mark, (int)(line_end(text) - text), text);
}

/* Where both texts stop to be the same, as the starts of the lines that differ. */
static int first_difference(const char **got, const char **expected, const char *context[])
{
    int line = 1;
    while (**got && **expected) {
        size_t length = (size_t)(next_line(*got) - *got);
        if (strncmp(*got, *expected, length) != 0)
            break;
        context[line % CONTEXT_LINES] = *got;
        *got += length;
        *expected += length;
        line++;
    }
    return line;
}

static void print_rest(char mark, const char *text)
{
    for (int i = 0; i < DIFF_LINES && *text; i++, text = next_line(text))
        print_line(mark, text);
    if (*text)
        print_error("  %c ... and more\n", mark);
}

/* Lines at the end that both have are left out: the reader looks for what differs. */
static size_t common_tail(const char *a, const char *b)
{
    size_t an = strlen(a), bn = strlen(b), same = 0, whole = 0;
    while (same < an && same < bn && a[an - same - 1] == b[bn - same - 1]) {
        same++;
        if (same < an && a[an - same - 1] == '\n')
            whole = same;
    }
    return whole;
}

static void print_difference(const char *got, const char *expected)
{
    const char *context[CONTEXT_LINES] = {0};
    int line = first_difference(&got, &expected, context);
    size_t tail = common_tail(got, expected);
    char *got_part = strndup(got, strlen(got) - tail);
    char *expected_part = strndup(expected, strlen(expected) - tail);

    print_error("first difference in line %d ('-' expected, '+' got):\n", line);
    for (int i = 0; i < CONTEXT_LINES; i++)
        if (context[(line + i) % CONTEXT_LINES])
            print_line(' ', context[(line + i) % CONTEXT_LINES]);
    print_rest('-', expected_part ? expected_part : expected);
    print_rest('+', got_part ? got_part : got);
    free(got_part);
    free(expected_part);
}

void check_text_at(const char *got, const char *expected, const char *what, const char *file,
                   int line)
{
    if (strcmp(got, expected) == 0)
        return;
    print_error("%s is not as expected, ", what);
    print_difference(got, expected);
    _fail(file, line);
}

void check_golden_at(const char *path, const char *got, const char *file, int line)
{
    const char *update = getenv("SQ_UPDATE");
    if (update && strcmp(update, "1") == 0) {
        check_write_file(path, got, strlen(got));
        return;
    }
    if (!check_can_read(path)) {
        print_error("%s does not exist; SQ_UPDATE=1 writes it\n", path);
        _fail(file, line);
    }
    char *expected = check_read_file_at(path, NULL, file, line);
    check_text_at(got, expected, path, file, line);
    free(expected);
}

/* Read in steps, not by its size: a pipe or a file of /proc has none. */
char *check_read_file_at(const char *path, size_t *length, const char *file, int line)
{
    FILE *in = fopen(path, "rb");
    if (!in) {
        print_error("%s: %s\n", path, strerror(errno));
        _fail(file, line);
        return NULL; /* _fail() does not return; the compiler does not know */
    }
    size_t used = 0, capacity = 4096;
    char *bytes = malloc(capacity);
    size_t got;
    assert_non_null(bytes);
    while ((got = fread(bytes + used, 1, capacity - used - 1, in)) > 0) {
        used += got;
        if (used + 1 == capacity) {
            bytes = realloc(bytes, capacity *= 2);
            assert_non_null(bytes);
        }
    }
    fclose(in);
    bytes[used] = '\0';
    if (length)
        *length = used;
    return bytes;
}

int check_can_read(const char *path)
{
    return access(path, R_OK) == 0;
}

void check_write_file(const char *path, const void *bytes, size_t length)
{
    FILE *out = fopen(path, "wb");
    if (!out)
        fail_msg("%s: %s", path, strerror(errno));
    assert_int_equal(fwrite(bytes, 1, length, out), length);
    assert_int_equal(fclose(out), 0);
}

static int ends_with(const char *name, const char *suffix)
{
    size_t length = strlen(name), tail = strlen(suffix);
    return length >= tail && strcmp(name + length - tail, suffix) == 0;
}

size_t check_each_file(const char *folder, const char *suffix,
                       void (*visit)(const char *path, void *context), void *context)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, NULL, alphasort);
    size_t visited = 0;
    if (count < 0)
        fail_msg("%s: %s", folder, strerror(errno));
    for (int i = 0; i < count; i++) {
        char path[4096];
        struct stat about;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (ends_with(names[i]->d_name, suffix) && stat(path, &about) == 0 &&
            S_ISREG(about.st_mode)) {
            visit(path, context);
            visited++;
        }
        free(names[i]);
    }
    free(names);
    if (visited == 0)
        fail_msg("%s: no file *%s", folder, suffix);
    return visited;
}

void check_make_folder(char *path, size_t capacity)
{
    const char *base = getenv("TMPDIR");
    int length = snprintf(path, capacity, "%s/sqtest.XXXXXX", base ? base : "/tmp");
    assert_true(length > 0 && (size_t)length < capacity);
    assert_non_null(mkdtemp(path));
}

void check_remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (!folder)
        return;
    for (struct dirent *entry; (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    rmdir(path);
}
