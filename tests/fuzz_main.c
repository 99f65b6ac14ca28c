/*
 * fuzz_main.c - feeds files to a fuzz target, without a fuzzer
 *
 *     replay_X FILE-OR-FOLDER...
 *
 * `make test` links each tests/fuzz_X.c with this and gives it tests/corpus/X: an input that
 * once broke a parser never breaks it again. The fuzzing itself (`make fuzz`) does not use it.
 * Prints how many inputs were fed; exit 1 when a file cannot be read or there was none.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define LARGEST_INPUT (4 << 20)

/* The entry that each tests/fuzz_X.c defines (the name is libFuzzer's). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int fed;

/* A block of exactly the file's size, so that a sanitizer sees a read past its end. */
static int feed(const char *path, size_t size)
{
    FILE *in = fopen(path, "rb");
    uint8_t *bytes = malloc(size ? size : 1);
    int bad = !in || !bytes || size > LARGEST_INPUT || fread(bytes, 1, size, in) != size;
    if (bad)
        fprintf(stderr, "%s: cannot be read\n", path);
    else {
        LLVMFuzzerTestOneInput(bytes, size);
        fed++;
    }
    if (in)
        fclose(in);
    free(bytes);
    return bad;
}

static int feed_path(const char *path);

static int feed_folder(const char *folder)
{
    struct dirent **names = NULL;
    int bad = 0, count = scandir(folder, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            bad |= feed_path(path);
        free(names[i]);
    }
    free(names);
    return bad || count < 0;
}

static int feed_path(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0) {
        perror(path);
        return 1;
    }
    return S_ISDIR(about.st_mode) ? feed_folder(path) : feed(path, (size_t)about.st_size);
}

int main(int argc, char **argv)
{
    int bad = 0;
    for (int i = 1; i < argc; i++)
        bad |= feed_path(argv[i]);
    printf("%d inputs\n", fed);
    return bad || fed == 0;
}
