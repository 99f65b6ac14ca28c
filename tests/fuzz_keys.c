/* Any bytes as a key file: whatever it says, no key that habit presses becomes one that sends, and Esc
 * keeps its meaning. */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tui/decode.h"
#include "tui/keys.h"

static void look(void *context, const char *line)
{
    (void)context;
    if (strpbrk(line, "\033\n\r\b") != NULL)
        abort();
}

static void check(const struct keymap *map, enum keys_mode mode)
{
    static const uint32_t plain[] = {
        ' ',           '0',         '1',          '9',          DECODE_TAB,      DECODE_UP,
        DECODE_DELETE, DECODE_F(1), DECODE_F(12), DECODE_PAD_0, DECODE_PAD_ENTER};
    uint32_t escape = mode >= KEYS_DIALOG ? DECODE_ESCAPE : 'g' | DECODE_CTRL;
    enum action enter = keys_action(map, mode, DECODE_ENTER);

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (keys_guarded(map, mode, plain[i]))
            abort();
    if (action_rows[enter].flags & ACTION_DESTRUCTIVE)
        abort();
    if ((action_rows[enter].flags & ACTION_CONFIRM) && mode < KEYS_DIALOG)
        abort();
    if (keys_action(map, mode, escape) != ACTION_ESCAPE)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const presets[] = {"neat", "odin", "htop"};
    struct report report = {look, NULL, 0};
    struct keymap map;
    struct keys_help line;
    char bar[512];

    if (MB_CUR_MAX == 1)
        setlocale(LC_ALL, "C.UTF-8");
    keys_preset(&map, presets[size % 3]);
    keys_load(&map, (const char *)data, size, "fuzz", &report);
    for (enum keys_mode mode = 0; mode < KEYS_MODES; mode++)
        check(&map, mode);
    keys_bar(&map, (enum keys_mode)(size % KEYS_MODES), size & 1, 80, bar, sizeof bar);
    for (size_t i = 0; keys_help_line(&map, KEYS_POSITIONS, i, &line); i++)
        if (line.text == NULL)
            abort();
    return 0;
}
