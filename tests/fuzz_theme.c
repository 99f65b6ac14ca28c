/* Any bytes as a theme file: read, checked and painted without harm. */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>

#include "tui/paint.h"
#include "tui/theme.h"
#include "tui/theme_check.h"

/* The file under test is also what it inherits from. */
struct input {
    const char *text;
    size_t length;
};

static bool find(void *context, const char *name, const char **text, size_t *length,
                 const char **file)
{
    const struct input *input = context;

    *file = name;
    *text = input->text;
    *length = input->length;
    return true;
}

static void look(void *context, const char *line)
{
    (void)context;
    for (; *line != '\0'; line++)
        if ((unsigned char)*line < 0x20 || *line == 0x7f)
            abort(); /* a report must be safe to print */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {(const char *)data, size};
    struct theme_source source = {find, &input};
    struct report report = {look, NULL, 0};
    struct theme theme;
    struct paint paint;

    if (MB_CUR_MAX == 1)
        setlocale(LC_ALL, "C.UTF-8");
    theme_load_text(&theme, input.text, input.length, "fuzz", &source, &report);
    theme_check(&theme, &report);
    for (enum theme_depth depth = 0; depth < THEME_DEPTHS; depth++) {
        paint_init(&paint, depth, depth == THEME_16 ? 8 : 256, 63);
        paint_theme(&paint, &theme);
    }
    for (enum mark mark = 0; mark < MARKS; mark++)
        if (theme_mark(&theme, mark) < 0x20)
            abort();
    return 0;
}
