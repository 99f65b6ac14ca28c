/* The text gate: whatever the bytes, what comes out is harmless and stays in its place. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <cmocka.h>

#include "tui/canvas.h"
#include "tui/text.h"

#define BAD "\357\277\275" /* U+FFFD */

struct row {
    const char *in, *out;
};

/* clang-format off */
static const struct row safe_rows[] = {
    {"NIFTY 28NOV 24500C", "NIFTY 28NOV 24500C"},
    {"caf\303\251 \342\202\271", "caf\303\251 \342\202\271"},
    {"\344\270\255\346\226\207", "\344\270\255\346\226\207"},
    {"a\033[2Jb", "a" BAD "[2Jb"},
    {"a\r\n\tb\b\177", "a" BAD BAD BAD "b" BAD BAD},
    {"C1 \302\233" "2J", "C1 " BAD "2J"},
    {"raw C1 \233", "raw C1 " BAD},
    {"bidi \342\200\256x\342\201\246", "bidi " BAD "x" BAD},
    {"zero\342\200\213width\342\200\215 \357\273\277", "zero" BAD "width" BAD " " BAD},
    {"soft\302\255hyphen", "soft" BAD "hyphen"},
    {"z\315\247\314\266\315\247", "z" BAD BAD BAD},
    {"hangul filler \343\205\244", "hangul filler " BAD},
    {"variation \357\270\217", "variation " BAD},
    {"tag \363\240\201\201", "tag " BAD},
    {"private \356\200\200", "private " BAD},
    {"overlong \300\257 \340\200\257", "overlong " BAD BAD " " BAD},
    {"surrogate \355\240\200", "surrogate " BAD},
    {"too big \364\220\200\200 \370", "too big " BAD " " BAD},
    {"cut \342\202", "cut " BAD},
    {"cut \342\202x", "cut " BAD "x"},
    {"", ""},
};

static const struct row csv_rows[] = {
    {"HDFCBANK", "HDFCBANK"},
    {"a,b", "\"a,b\""},
    {"say \"x\"", "\"say \"\"x\"\"\""},
    {"=1+1", "'=1+1"},
    {"@SUM(A1)", "'@SUM(A1)"},
    {"+cmd|x", "'+cmd|x"},
    {"-cmd", "'-cmd"},
    {"=HYPERLINK(\"a\",\"b\")", "\"'=HYPERLINK(\"\"a\"\",\"\"b\"\")\""},
    {"-62,400", "\"-62,400\""},
    {"+21150.50", "+21150.50"},
    {"-", "'-"},
    {"\t=1", BAD "=1"},
    {"a\nb", "a" BAD "b"},
    {"", ""},
};

static const struct row log_rows[] = {
    {"plain", "plain"},
    {"a\nb\r", "a\\x0ab\\x0d"},
    {"\033[31m", "\\x1b[31m"},
    {"\302\233", "\\xc2\\x9b"},
    {"\342\200\256", "\\xe2\\x80\\xae"},
    {"\377", "\\xff"},
    {"\303\251", "\303\251"},
    {"\357\277\275", BAD},
};
/* clang-format on */

static void test_safe(void **state)
{
    char out[200];

    (void)state;
    for (size_t i = 0; i < sizeof safe_rows / sizeof safe_rows[0]; i++) {
        size_t length = text_safe(safe_rows[i].in, strlen(safe_rows[i].in), 100, out, sizeof out);

        assert_string_equal(safe_rows[i].out, out);
        assert_int_equal(strlen(out), length);
    }
    text_safe("a\0b", 3, 10, out, sizeof out);
    assert_string_equal("a" BAD "b", out);
}

static void test_clip(void **state)
{
    char out[8];

    (void)state;
    text_safe("abcdef", 6, 3, out, sizeof out);
    assert_string_equal("abc", out);
    text_safe("a\344\270\255b", 5, 2, out, sizeof out); /* half of a wide character does not fit */
    assert_string_equal("a", out);
    text_safe("abcdefghij", 10, 100, out, sizeof out);
    assert_string_equal("abcdefg", out);
    text_safe("\342\202\271\342\202\271\342\202\271", 9, 100, out, sizeof out);
    assert_string_equal("\342\202\271\342\202\271", out);
    assert_int_equal(4, text_columns("a\344\270\255b", 5));
    assert_int_equal(2, text_columns("\033\315\247", 3));
}

static void test_csv(void **state)
{
    char out[200];

    (void)state;
    for (size_t i = 0; i < sizeof csv_rows / sizeof csv_rows[0]; i++) {
        text_csv(csv_rows[i].in, strlen(csv_rows[i].in), out, sizeof out);
        assert_string_equal(csv_rows[i].out, out);
    }
}

/* However small the room, a field that was opened with a quote is closed with one. */
static void test_csv_in_little_room(void **state)
{
    char out[16];

    (void)state;
    for (size_t size = 1; size <= sizeof out; size++) {
        size_t length = text_csv("a\"b,c d", 7, out, size), quotes = 0;

        assert_true(length < size && strlen(out) == length);
        for (size_t i = 0; i < length; i++)
            quotes += out[i] == '"';
        assert_int_equal(0, quotes % 2);
    }
}

static void test_log(void **state)
{
    char out[200];

    (void)state;
    for (size_t i = 0; i < sizeof log_rows / sizeof log_rows[0]; i++) {
        text_log(log_rows[i].in, strlen(log_rows[i].in), out, sizeof out);
        assert_string_equal(log_rows[i].out, out);
    }
    text_log("abc\ndef", 7, out, 6); /* an escape is written whole or not at all */
    assert_string_equal("abc", out);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Random bytes, with those that are likely to do harm often among them. */
static size_t random_bytes(uint64_t *seed, char *bytes, size_t most)
{
    static const char *const harmful[] = {
        "\033[2J",      "\033]2;x\a", "\r\n",         "\302\233",         "\b\b\b",
        "\342\200\256", "\315\247",   "\344\270\255", "\360\237\230\200", "\342\202",
        "\t",           "\377\376",   "\356\200\200"};
    size_t length = 0, want = next_random(seed) % most;

    while (length < want) {
        const char *piece = harmful[next_random(seed) % (sizeof harmful / sizeof harmful[0])];
        size_t size = strlen(piece);

        if (next_random(seed) & 1 || length + size > most) {
            bytes[length++] = (char)next_random(seed);
        } else {
            for (size_t i = 0; i < size; i++)
                bytes[length++] = piece[i];
        }
    }
    return length;
}

/* The rule of the gate: a text drawn in a field changes no cell outside of it, and every cell is
 * printable and as wide as its place. */
static void test_other_cells_stay(void **state)
{
    struct canvas canvas, before;
    uint64_t seed = 0x9e3779b97f4a7c15u;

    (void)state;
    assert_true(canvas_init(&canvas, 5, 30));
    assert_true(canvas_init(&before, 5, 30));
    for (int round = 0; round < 20000; round++) {
        char bytes[64];
        size_t length = random_bytes(&seed, bytes, sizeof bytes);
        int column = (int)(next_random(&seed) % 20), width = (int)(next_random(&seed) % 11);

        canvas_clear(&canvas);
        for (int row = 0; row < 5; row++)
            canvas_print(&canvas, row, 0, 30, ROLE_DIM, "012345678901234567890123456789");
        canvas_copy(&before, &canvas);
        canvas_bytes(&canvas, 2, column, width, ROLE_DANGER, bytes, length);
        for (int i = 0; i < 5 * 30; i++) {
            bool inside = i >= 60 + column && i < 60 + column + width;
            uint32_t c = canvas.cells[i].character;

            if (!inside)
                assert_memory_equal(&before.cells[i], &canvas.cells[i], sizeof before.cells[i]);
            if (c == 0)
                assert_int_equal(2, wcwidth((wchar_t)canvas.cells[i - 1].character));
            else
                assert_true(wcwidth((wchar_t)c) >= 1 && c >= 0x20 && (c < 0x7f || c > 0x9f));
        }
    }
    canvas_finish(&canvas);
    canvas_finish(&before);
}

/* The same for the other forms: one line, no control, and done twice nothing changes. */
static void test_forms_are_harmless(void **state)
{
    uint64_t seed = 0xd1b54a32d192ed03u;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        char bytes[64], safe[300], again[300], csv[300], log[300];
        size_t length = random_bytes(&seed, bytes, sizeof bytes);
        size_t safe_length = text_safe(bytes, length, 100, safe, sizeof safe);

        text_safe(safe, safe_length, 100, again, sizeof again);
        assert_string_equal(safe, again);
        text_csv(bytes, length, csv, sizeof csv);
        assert_null(strpbrk(csv, "\r\n\t\033\b\a"));
        assert_true(strchr("=@", csv[0]) == NULL || csv[0] == '\0');
        text_log(bytes, length, log, sizeof log);
        assert_null(strpbrk(log, "\r\n\t\033\b\a"));
    }
}

/* Where the locale cannot show U+FFFD, nor anything else beyond ASCII. */
static void test_plain_locale(void **state)
{
    char out[64];

    (void)state;
    setlocale(LC_ALL, "C");
    text_safe("a\303\251\033", 4, 10, out, sizeof out);
    setlocale(LC_ALL, "C.UTF-8");
    assert_string_equal("a??", out);
}

/* Lines are broken at blanks, between phrases where that is possible. */
static void test_pieces(void **state)
{
    (void)state;
    assert_int_equal(9, text_piece("all of it", 9));
    assert_int_equal(10, text_piece("agreed 371  differ 1  one source 0", 18));
    assert_int_equal(20, text_piece("agreed 371  differ 1  one source 0", 20));
    assert_int_equal(6, text_piece("MUM-1, epoch 1", 8));
    assert_int_equal(12, text_piece("unbreakable!", 4));
    assert_int_equal(0, text_piece("", 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_safe),
        cmocka_unit_test(test_clip),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_csv_in_little_room),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_other_cells_stay),
        cmocka_unit_test(test_forms_are_harmless),
        cmocka_unit_test(test_plain_locale),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
