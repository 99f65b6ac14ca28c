/* The line editor: each row types keys into an empty line and says what must stand there then. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/decode.h"
#include "tui/keys.h"
#include "tui/prompt.h"

static const char *const commands[] = {"client", "close", "mode", "theme", NULL};
static const char *const themes[] = {"dark", "cvd-redgreen", "cvd-blueyellow", NULL};

/* Commands as the first word, themes after "theme ". */
static const char *word(void *context, const char *so_far, size_t index)
{
    bool second = strncmp(so_far, "theme ", 6) == 0;
    const char *const *words = second ? themes : commands;
    const char *start = second ? so_far + 6 : so_far;

    (void)context;
    for (; *words != NULL; words++)
        if (strncmp(*words, start, strlen(start)) == 0 && index-- == 0)
            return *words;
    return NULL;
}

static const struct prompt_words with_words = {word, NULL};
static const struct prompt_words no_words = {NULL, NULL};

/* Types the keys, names separated by blanks; the result of the last. */
static enum prompt_result type(struct prompt *prompt, const char *keys)
{
    char copy[256], *rest;
    enum prompt_result result = PROMPT_IGNORED;

    snprintf(copy, sizeof copy, "%s", keys);
    for (char *key = strtok_r(copy, " ", &rest); key; key = strtok_r(NULL, " ", &rest)) {
        assert_true(keys_parse(key) != 0);
        result = prompt_key(prompt, keys_parse(key));
        assert_true(prompt->cursor <= prompt->length && prompt->length <= prompt->limit);
        assert_int_equal(prompt->length, strlen(prompt->text));
    }
    return result;
}

/* clang-format off */
static const struct {
    const char *keys, *text; /* | is the cursor */
    enum prompt_result result;
} rows[] = {
    {"a b c", "abc|", PROMPT_EDITED},
    {"a space b", "a b|", PROMPT_EDITED},
    {"x X ! ? q", "xX!?q|", PROMPT_EDITED},
    {"a b c Left Left x", "ax|bc", PROMPT_EDITED},
    {"a b c Home x End y", "xabcy|", PROMPT_EDITED},
    {"a b c C-a x C-e y C-b C-b z C-f w", "xabzcw|y", PROMPT_EDITED},
    {"a b c BS", "ab|", PROMPT_EDITED},
    {"a b c Left Del", "ab|", PROMPT_EDITED},
    {"a b c Home C-d", "|bc", PROMPT_EDITED},
    {"a b c Left C-u", "|c", PROMPT_EDITED},
    {"a b c Left C-k", "ab|", PROMPT_EDITED},
    {"a b space c d C-w", "ab |", PROMPT_EDITED},
    {"a b space space C-w", "|", PROMPT_EDITED},
    {"\303\251 \342\202\271 Left BS", "|\342\202\271", PROMPT_EDITED},
    {"\303\251 \342\202\271 BS x", "\303\251x|", PROMPT_EDITED},
    {"\344\270\255 a", "a|", PROMPT_EDITED},
    {"Right Del BS", "|", PROMPT_CANCELLED},
    {"a BS BS", "|", PROMPT_CANCELLED},
    {"a Esc", "a|", PROMPT_CANCELLED},
    {"a C-g", "a|", PROMPT_CANCELLED},
    {"a C-c", "a|", PROMPT_CANCELLED},
    {"a Enter", "a|", PROMPT_ACCEPTED},
    {"a F5", "a|", PROMPT_IGNORED},
    {"a A-x", "a|", PROMPT_IGNORED},
    {"a C-x", "a|", PROMPT_IGNORED},
    {"a KP8", "a|", PROMPT_IGNORED},
    {"a Up", "a|", PROMPT_IGNORED},
    {"t Tab", "theme |", PROMPT_EDITED},
    {"c Tab", "cl|", PROMPT_EDITED},
    {"c l o Tab", "close |", PROMPT_EDITED},
    {"z Tab", "z|", PROMPT_EDITED},
    {"t h e m e space c Tab", "theme cvd-|", PROMPT_EDITED},
    {"t h e m e space d Tab", "theme dark |", PROMPT_EDITED},
    {"t h x Left Tab", "theme |x", PROMPT_EDITED},
};
/* clang-format on */

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct prompt prompt;
        char got[PROMPT_SIZE + 2];
        enum prompt_result result;

        prompt_init(&prompt, 40, NULL, NULL, with_words);
        result = type(&prompt, rows[i].keys);
        snprintf(got, sizeof got, "%.*s|%s", (int)prompt.cursor, prompt.text,
                 prompt.text + prompt.cursor);
        if (strcmp(got, rows[i].text) != 0 || result != rows[i].result)
            fail_msg("%s: expected %s got %s (%d)", rows[i].keys, rows[i].text, got, (int)result);
    }
}

static void test_limits(void **state)
{
    struct prompt prompt;

    (void)state;
    prompt_init(&prompt, 3, "0123456789", NULL, no_words);
    type(&prompt, "1 x 2 - 3 4");
    assert_string_equal("123", prompt.text);
    prompt_init(&prompt, 4, NULL, NULL, no_words);
    type(&prompt, "a b c \303\251 d");
    assert_string_equal("abcd", prompt.text);
    prompt_init(&prompt, 9999, NULL, NULL, no_words);
    assert_int_equal(PROMPT_SIZE - 1, prompt.limit);
    for (int i = 0; i < 400; i++)
        prompt_key(&prompt, 'a');
    assert_int_equal(PROMPT_SIZE - 1, prompt.length);
}

static void test_paste(void **state)
{
    static const char bytes[] = "a\nb\tc\033[2J\342\200\256\344\270\255\303\251";
    struct prompt prompt;

    (void)state;
    prompt_init(&prompt, 40, NULL, NULL, no_words);
    type(&prompt, "x y Left");
    prompt_paste(&prompt, bytes, sizeof bytes - 1);
    assert_string_equal("xa b c[2J\303\251y", prompt.text);
}

static void test_history(void **state)
{
    static struct prompt_history history;
    struct prompt prompt;

    (void)state;
    for (int i = 0; i < 40; i++) {
        char line[16];

        snprintf(line, sizeof line, "line%d", i / 2); /* each twice: kept once */
        prompt_init(&prompt, 40, NULL, &history, no_words);
        prompt_set(&prompt, line);
        type(&prompt, "Enter");
    }
    assert_int_equal(20, history.count);
    prompt_init(&prompt, 40, NULL, &history, no_words);
    type(&prompt, "n e w Up");
    assert_string_equal("line19", prompt.text);
    type(&prompt, "Up Up");
    assert_string_equal("line17", prompt.text);
    type(&prompt, "Down Down Down");
    assert_string_equal("new", prompt.text);
    type(&prompt, "Down");
    assert_string_equal("new", prompt.text);
    for (int i = 0; i < 50; i++)
        type(&prompt, "Up");
    assert_string_equal("line0", prompt.text);
    prompt_init(&prompt, 40, NULL, &history, no_words);
    type(&prompt, "Enter");
    assert_int_equal(20, history.count);
}

static void test_history_is_a_ring(void **state)
{
    static struct prompt_history history;
    struct prompt prompt;

    (void)state;
    for (int i = 0; i < 100; i++) {
        char line[16];

        snprintf(line, sizeof line, "line%d", i);
        prompt_init(&prompt, 40, NULL, &history, no_words);
        prompt_set(&prompt, line);
        type(&prompt, "Enter");
    }
    prompt_init(&prompt, 40, NULL, &history, no_words);
    for (int i = 0; i < 100; i++)
        type(&prompt, "Up");
    assert_string_equal("line68", prompt.text);
}

static void test_draw_scrolls(void **state)
{
    struct prompt prompt;
    struct canvas canvas;
    char text[64];

    (void)state;
    assert_true(canvas_init(&canvas, 1, 12));
    prompt_init(&prompt, 40, NULL, NULL, no_words);
    prompt_set(&prompt, "abc");
    assert_int_equal(5, prompt_draw(&prompt, &canvas, 0, 2, 6));
    canvas_text(&canvas, text, sizeof text);
    assert_string_equal("  abc\n", text);
    prompt_set(&prompt, "abcdefgh");
    assert_int_equal(7, prompt_draw(&prompt, &canvas, 0, 2, 6));
    canvas_text(&canvas, text, sizeof text);
    assert_string_equal("  defgh\n", text);
    type(&prompt, "Home");
    assert_int_equal(2, prompt_draw(&prompt, &canvas, 0, 2, 6));
    canvas_text(&canvas, text, sizeof text);
    assert_string_equal("  abcdef\n", text);
    canvas_finish(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_paste),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_history_is_a_ring),
        cmocka_unit_test(test_draw_scrolls),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
