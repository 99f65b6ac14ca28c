/* Where themes are found: the user's folder, the system's, and built in. */
#include "tui/theme.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shipped files, as they are: the console has a theme even where nothing is installed. The
 * assembler reads them from the root of the tree, where make runs. */
#define BUILTIN_MAP(X)                  \
    X(dark, "dark")                     \
    X(light, "light")                   \
    X(hc_dark, "hc-dark")               \
    X(hc_light, "hc-light")             \
    X(cvd_redgreen, "cvd-redgreen")     \
    X(cvd_blueyellow, "cvd-blueyellow") \
    X(mono, "mono")                     \
    X(term16, "term16")

#define X(id, name)                                               \
    extern const char theme_text_##id[], theme_text_##id##_end[]; \
    __asm__(".pushsection .rodata\n"                              \
            ".globl theme_text_" #id ", theme_text_" #id "_end\n" \
            "theme_text_" #id ":\n"                               \
            ".incbin \"themes/" name ".theme\"\n"                 \
            "theme_text_" #id "_end:\n"                           \
            ".byte 0\n"                                           \
            ".popsection\n");
BUILTIN_MAP(X)
#undef X

static const struct {
    const char *name, *text, *end;
} builtins[] = {
#define X(id, name) {name, theme_text_##id, theme_text_##id##_end},
    BUILTIN_MAP(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *theme_builtin(size_t index)
{
    return index < COUNT(builtins) ? builtins[index].name : NULL;
}

/* The file found last. One is enough: a source's text is valid until the next call. */
static struct {
    char path[1024];
    char text[THEME_FILE_MAX];
} last;

long theme_read_file(const char *path, char *text, size_t size, char *why)
{
    FILE *file = fopen(path, "re");
    size_t length = 0;
    long result = -1;

    if (file != NULL)
        length = fread(text, 1, size, file);
    if (file == NULL || ferror(file))
        snprintf(why, REPORT_SIZE, "%.150s: %s", path, strerror(errno));
    else if (length == size)
        snprintf(why, REPORT_SIZE, "%.150s: larger than %zu bytes", path, size - 1);
    else
        result = (long)length;
    if (file != NULL)
        fclose(file);
    return result;
}

/* Reads FOLDER/BELOW/squareoff/themes/NAME.theme. A file that cannot be read counts as absent: the
 * next place, or what is built in, is tried. */
static bool find_in(const char *folder, size_t folder_length, const char *below, const char *name,
                    size_t *length)
{
    char why[REPORT_SIZE];
    int printed = snprintf(last.path, sizeof last.path, "%.*s%s/squareoff/themes/%s.theme",
                           (int)folder_length, folder, below, name);
    long got;

    if (folder_length == 0 || folder[0] != '/' || printed >= (int)sizeof last.path)
        return false; /* XDG: a path that is not absolute is to be ignored */
    got = theme_read_file(last.path, last.text, sizeof last.text, why);
    *length = got > 0 ? (size_t)got : 0;
    return got >= 0;
}

static bool find_in_user(const char *name, size_t *length)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

    if (config != NULL && config[0] != '\0')
        return find_in(config, strlen(config), "", name, length);
    return home != NULL && find_in(home, strlen(home), "/.config", name, length);
}

static bool find_in_system(const char *name, size_t *length)
{
    const char *dirs = getenv("XDG_DATA_DIRS");

    if (dirs == NULL || dirs[0] == '\0')
        dirs = "/usr/local/share:/usr/share";
    for (;;) {
        size_t size = strcspn(dirs, ":");

        if (find_in(dirs, size, "", name, length))
            return true;
        if (dirs[size] == '\0')
            return false;
        dirs += size + 1;
    }
}

static bool find(void *context, const char *name, const char **text, size_t *length,
                 const char **file)
{
    (void)context;
    *file = last.path;
    *text = last.text;
    if (find_in_user(name, length) || find_in_system(name, length))
        return true;
    for (size_t i = 0; i < COUNT(builtins); i++) {
        if (strcmp(builtins[i].name, name) != 0)
            continue;
        *text = builtins[i].text;
        *length = (size_t)(builtins[i].end - builtins[i].text);
        *file = builtins[i].name;
        return true;
    }
    return false;
}

struct theme_source theme_files(void)
{
    return (struct theme_source){find, NULL};
}
