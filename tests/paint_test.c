/* The painter, judged by a small terminal of the test's own: whatever was on the screen before, the
 * bytes of a frame must leave exactly that frame on it. */
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

#include "tui/paint.h"
#include "tui/text.h"

#define ROWS    12
#define COLUMNS 40

/* A terminal that knows what the painter may use, and fails the test for anything else. */
struct screen_cell {
    uint32_t character; /* 0: right half */
    struct theme_look look;
};

struct screen {
    struct screen_cell cells[ROWS][COLUMNS];
    int row, column;
    struct theme_look pen;
};

static void screen_char(struct screen *screen, uint32_t character)
{
    int columns = wcwidth((wchar_t)character);
    struct screen_cell *cell = &screen->cells[screen->row][screen->column];

    assert_true(columns == 1 || columns == 2);
    assert_true(screen->column + columns <= COLUMNS);
    *cell = (struct screen_cell){character, screen->pen};
    if (columns == 2)
        cell[1] = (struct screen_cell){0, screen->pen};
    screen->column += columns;
    if (screen->column == COLUMNS) /* wrapping is off */
        screen->column = COLUMNS - 1;
}

static int32_t extended_colour(const int *values, int count, int *at)
{
    if (*at + 2 < count && values[*at + 1] == 5) {
        *at += 2;
        return THEME_INDEX | values[*at];
    }
    assert_true(*at + 4 < count && values[*at + 1] == 2);
    *at += 4;
    return values[*at - 2] << 16 | values[*at - 1] << 8 | values[*at];
}

static void screen_rendition(struct theme_look *pen, const int *values, int count)
{
    static const uint8_t on[] = {[1] = THEME_BOLD,      [2] = THEME_DIM,   [3] = THEME_ITALIC,
                                 [4] = THEME_UNDERLINE, [5] = THEME_BLINK, [7] = THEME_REVERSE};
    static const uint8_t off[] = {[2] = THEME_BOLD | THEME_DIM,
                                  [3] = THEME_ITALIC,
                                  [4] = THEME_UNDERLINE,
                                  [5] = THEME_BLINK,
                                  [7] = THEME_REVERSE};

    for (int i = 0; i < count; i++) {
        int value = values[i];

        if (value == 0)
            *pen = (struct theme_look){THEME_DEFAULT, THEME_DEFAULT, 0};
        else if (value < 8)
            pen->attr |= on[value];
        else if (value >= 22 && value <= 27)
            pen->attr &= (uint8_t)~off[value - 20];
        else if (value == 38)
            pen->fg = extended_colour(values, count, &i);
        else if (value == 48)
            pen->bg = extended_colour(values, count, &i);
        else if (value >= 30 && value <= 39)
            pen->fg = value == 39 ? THEME_DEFAULT : THEME_INDEX | (value - 30);
        else if (value >= 40 && value <= 49)
            pen->bg = value == 49 ? THEME_DEFAULT : THEME_INDEX | (value - 40);
        else if (value >= 90 && value <= 97)
            pen->fg = THEME_INDEX | (value - 82);
        else if (value >= 100 && value <= 107)
            pen->bg = THEME_INDEX | (value - 92);
        else
            fail_msg("SGR %d", value);
    }
}

static const char *screen_csi(struct screen *screen, const char *bytes)
{
    int values[16] = {0}, count = 1;

    for (; *bytes == ';' || (*bytes >= '0' && *bytes <= '9'); bytes++) {
        if (*bytes == ';')
            assert_true(count++ < 15);
        else
            values[count - 1] = values[count - 1] * 10 + (*bytes - '0');
    }
    switch (*bytes) {
    case 'H':
        screen->row = values[0] > 0 ? values[0] - 1 : 0;
        screen->column = count > 1 && values[1] > 0 ? values[1] - 1 : 0;
        break;
    case 'C': screen->column += values[0] > 0 ? values[0] : 1; break;
    case 'D': screen->column -= values[0] > 0 ? values[0] : 1; break;
    case 'm': screen_rendition(&screen->pen, values, count); break;
    default: fail_msg("CSI ends in %c", *bytes);
    }
    return bytes + 1;
}

static void screen_write(struct screen *screen, const char *bytes, size_t length)
{
    for (const char *end = bytes + length; bytes < end;) {
        uint32_t character;
        int columns;

        if (bytes[0] == '\033') {
            assert_int_equal('[', bytes[1]);
            bytes = screen_csi(screen, bytes + 2);
        } else if (bytes[0] == '\n') {
            screen->row++;
            bytes++;
        } else if (bytes[0] == '\b') {
            screen->column--;
            bytes++;
        } else if (bytes[0] == '\r') {
            screen->column = 0;
            bytes++;
        } else {
            bytes += text_next(bytes, (size_t)(end - bytes), &character, &columns);
            screen_char(screen, character);
        }
        assert_in_range(screen->row, 0, ROWS - 1);
        assert_in_range(screen->column, 0, COLUMNS - 1);
    }
}

static void check_screen(const struct screen *screen, const struct canvas *canvas,
                         const struct paint *paint)
{
    for (int row = 0; row < ROWS; row++)
        for (int column = 0; column < COLUMNS; column++) {
            const struct canvas_cell *want = &canvas->cells[row * COLUMNS + column];
            const struct screen_cell *got = &screen->cells[row][column];
            const struct theme_look *look = &paint->looks[want->role][want->flags & 1];

            assert_int_equal(want->character, got->character);
            if (want->character == 0)
                continue;
            assert_int_equal(look->fg, got->look.fg);
            assert_int_equal(look->bg, got->look.bg);
            assert_int_equal(look->attr, got->look.attr);
        }
}

static void drop(void *context, const char *line)
{
    (void)context;
    fail_msg("%s", line);
}

static void load(struct theme *theme, const char *name)
{
    struct theme_source source = theme_files();
    struct report report = {drop, NULL, 0};

    assert_true(theme_load(theme, name, &source, &report));
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void scribble(struct canvas *canvas, uint64_t *seed)
{
    static const char *const texts[] = {
        "1,23,456.05",       "x", "\344\270\255\346\226\207", "-62,400", "\342\224\200\342\224\200",
        "\303\251\315\247b", " "};
    int count = (int)(next_random(seed) % 12);

    for (int i = 0; i < count; i++) {
        int row = (int)(next_random(seed) % ROWS), column = (int)(next_random(seed) % COLUMNS);
        enum role role = (enum role)(next_random(seed) % ROLES);

        canvas_print(canvas, row, column, 12, role,
                     texts[next_random(seed) % (sizeof texts / sizeof texts[0])]);
        if (next_random(seed) % 4 == 0)
            canvas_select(canvas, row, 0, COLUMNS);
    }
    if (next_random(seed) % 50 == 0)
        canvas_clear(canvas);
}

static void paint_rounds(enum theme_depth depth, int colours, const char *name)
{
    static char bytes[ROWS * COLUMNS * PAINT_CELL_BYTES];
    struct theme theme;
    struct paint paint;
    struct canvas now, shown;
    struct screen screen = {0};
    uint64_t seed = 0x2545f4914f6cdd1du + (uint64_t)depth;

    load(&theme, name);
    paint_init(&paint, depth, colours, 63);
    paint_theme(&paint, &theme);
    assert_true(canvas_init(&now, ROWS, COLUMNS) && canvas_init(&shown, ROWS, COLUMNS));
    paint_unknown(&shown);
    for (int round = 0; round < 1500; round++) {
        scribble(&now, &seed);
        screen_write(&screen, bytes, paint_frame(&paint, &now, &shown, bytes));
        check_screen(&screen, &now, &paint);
        canvas_copy(&shown, &now);
        if (next_random(&seed) % 5 == 0) {
            int row = (int)(next_random(&seed) % ROWS),
                column = (int)(next_random(&seed) % COLUMNS);

            screen_write(&screen, bytes, paint_cursor(&paint, row, column, bytes));
            assert_int_equal(row, screen.row);
            assert_int_equal(column, screen.column);
        }
        if (next_random(&seed) % 40 == 0)
            paint_forget(&paint);
    }
    canvas_finish(&now);
    canvas_finish(&shown);
}

static void test_frames_arrive(void **state)
{
    (void)state;
    paint_rounds(THEME_256, 256, "dark");
    paint_rounds(THEME_TRUE, 256, "light");
    paint_rounds(THEME_16, 16, "term16");
    paint_rounds(THEME_16, 8, "hc-dark");
    paint_rounds(THEME_MONO, 0, "mono");
}

static size_t change(struct paint *paint, struct canvas *now, struct canvas *shown, char *bytes)
{
    size_t length = paint_frame(paint, now, shown, bytes);

    canvas_copy(shown, now);
    bytes[length] = '\0';
    return length;
}

/* What it costs, case by case. */
static void test_bytes(void **state)
{
    static char bytes[ROWS * COLUMNS * PAINT_CELL_BYTES + 1];
    struct theme theme;
    struct paint paint;
    struct canvas now, shown;

    (void)state;
    load(&theme, "mono");
    paint_init(&paint, THEME_MONO, 0, 63);
    paint_theme(&paint, &theme);
    assert_true(canvas_init(&now, ROWS, COLUMNS) && canvas_init(&shown, ROWS, COLUMNS));
    paint_unknown(&shown);
    change(&paint, &now, &shown, bytes);
    assert_int_equal(0, change(&paint, &now, &shown, bytes)); /* nothing changed, nothing written */
    canvas_print(&now, 2, 20, 9, ROLE_DEFAULT, "61.15");
    canvas_print(&now, 3, 20, 9, ROLE_DEFAULT, "61.20");
    canvas_print(&now, 5, 20, 9, ROLE_DEFAULT, "61.25");
    change(&paint, &now, &shown, bytes);
    assert_string_equal("\033[3;21H61.15\n\033[5D61.20\n\n\033[5D61.25", bytes);
    canvas_print(&now, 5, 20, 9, ROLE_DEFAULT, "62.35"); /* two digits, one between them */
    change(&paint, &now, &shown, bytes);
    assert_string_equal("\b\b\b\b2.3", bytes);
    canvas_print(&now, 5, 30, 9, ROLE_STATE_UNKNOWN, "UNKNOWN");
    change(&paint, &now, &shown, bytes);
    assert_string_equal("\033[6C\033[1;7mUNKNOWN", bytes);
    canvas_print(&now, 6, 0, 9, ROLE_DIM, "x");
    change(&paint, &now, &shown, bytes);
    assert_string_equal("\n\r\033[22;27;2mx", bytes);
    canvas_finish(&now);
    canvas_finish(&shown);
}

/* Attributes that a terminal has not got are not sent; 8 colours have no bright ones. */
static void test_poor_terminal(void **state)
{
    struct theme theme;
    struct paint paint;

    (void)state;
    load(&theme, "term16");
    paint_init(&paint, THEME_16, 8, THEME_BOLD | THEME_REVERSE);
    paint_theme(&paint, &theme);
    assert_int_equal(THEME_INDEX | 1, paint.looks[ROLE_PRICE_DOWN][0].fg);
    assert_int_equal(THEME_BOLD, paint.looks[ROLE_PRICE_DOWN][0].attr);
    for (enum role role = 0; role < ROLES; role++)
        assert_int_equal(0, paint.looks[role][0].attr & ~(THEME_BOLD | THEME_REVERSE));
}

/* An UNKNOWN on the cursor's row is not like the rest of that row, in any theme. */
static void test_alarm_on_cursor_row(void **state)
{
    (void)state;
    for (size_t i = 0; theme_builtin(i) != NULL; i++)
        for (enum theme_depth depth = 0; depth < THEME_DEPTHS; depth++) {
            struct theme theme;
            struct paint paint;

            load(&theme, theme_builtin(i));
            paint_init(&paint, depth, 256, 63);
            paint_theme(&paint, &theme);
            assert_true(paint.looks[ROLE_STATE_UNKNOWN][1].fg != paint.looks[0][1].fg ||
                        paint.looks[ROLE_STATE_UNKNOWN][1].attr != paint.looks[0][1].attr);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames_arrive),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_poor_terminal),
        cmocka_unit_test(test_alarm_on_cursor_row),
    };

    setlocale(LC_ALL, "C.UTF-8");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("XDG_DATA_DIRS", "/nonexistent", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
