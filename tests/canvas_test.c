/* The canvas: drawing, clipping, wide characters, changes between frames, and its text. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/canvas.h"

#define WIDE "\344\270\255"

static char text[4096];

static const char *text_of(const struct canvas *canvas)
{
    canvas_text(canvas, text, sizeof text);
    return text;
}

static const char *roles_of(const struct canvas *canvas)
{
    canvas_roles(canvas, text, sizeof text);
    return text;
}

static struct canvas make(int rows, int columns)
{
    struct canvas canvas;

    assert_true(canvas_init(&canvas, rows, columns));
    return canvas;
}

static void test_print_and_clip(void **state)
{
    struct canvas canvas = make(3, 10);

    (void)state;
    assert_int_equal(5, canvas_print(&canvas, 0, 0, 10, ROLE_TITLE, "Hello"));
    assert_int_equal(3, canvas_print(&canvas, 1, 0, 3, ROLE_DEFAULT, "Hello"));
    assert_int_equal(2, canvas_print(&canvas, 2, 8, 10, ROLE_DEFAULT, "Hello"));
    assert_int_equal(0, canvas_print(&canvas, 3, 0, 10, ROLE_DEFAULT, "Hello"));
    assert_int_equal(0, canvas_print(&canvas, -1, 0, 10, ROLE_DEFAULT, "Hello"));
    assert_int_equal(0, canvas_print(&canvas, 0, -1, 10, ROLE_DEFAULT, "Hello"));
    assert_int_equal(0, canvas_print(&canvas, 0, 10, 10, ROLE_DEFAULT, "Hello"));
    assert_int_equal(0, canvas_print(&canvas, 0, 0, -3, ROLE_DEFAULT, "Hello"));
    assert_string_equal("Hello\nHe~\n        H~\n", text_of(&canvas));
    assert_string_equal("0:0-4 title\n", roles_of(&canvas));
    canvas_finish(&canvas);
}

static void test_fields(void **state)
{
    struct canvas canvas = make(4, 12);

    (void)state;
    canvas_repeat(&canvas, 0, 0, 12, ROLE_DEFAULT, '.');
    canvas_field(&canvas, 0, 2, 6, ALIGN_RIGHT, ROLE_DEFAULT, "-390");
    canvas_field(&canvas, 1, 2, 6, ALIGN_LEFT, ROLE_DEFAULT, "ab");
    canvas_print(&canvas, 1, 8, 4, ROLE_DEFAULT, "|");
    canvas_field(&canvas, 2, 0, 6, ALIGN_RIGHT, ROLE_DEFAULT, "1,23,456.00");
    canvas_field(&canvas, 3, 0, 3, ALIGN_LEFT, ROLE_DEFAULT, "a" WIDE WIDE);
    assert_string_equal("..  -390....\n  ab    |\n     ~\na~\n", text_of(&canvas));
    canvas_finish(&canvas);
}

/* A figure that lost digits would read as another one: the whole word goes. */
static void test_figures_are_never_cut(void **state)
{
    struct canvas canvas = make(5, 20);

    (void)state;
    assert_int_equal(13, canvas_print(&canvas, 0, 0, 18, ROLE_DEFAULT, "order limit 2,00,00,000"));
    canvas_print(&canvas, 1, 0, 12, ROLE_DEFAULT, "a supervisor asks");
    canvas_print(&canvas, 2, 0, 6, ROLE_DEFAULT, "10,26,300");
    canvas_field(&canvas, 3, 0, 10, ALIGN_LEFT, ROLE_DEFAULT, "(USDINR 25)");
    canvas_print(&canvas, 4, 0, 16, ROLE_DEFAULT, "filter client=C14410"); /* no figure */
    assert_string_equal("order limit ~\na superviso~\n10,26~\n(USDINR ~\nfilter client=C~\n",
                        text_of(&canvas));
    canvas_finish(&canvas);
}

static void test_wide_halves_are_mended(void **state)
{
    struct canvas canvas = make(4, 6);

    (void)state;
    for (int row = 0; row < 4; row++)
        canvas_print(&canvas, row, 1, 5, ROLE_DEFAULT, WIDE "b");
    canvas_print(&canvas, 1, 1, 1, ROLE_DEFAULT, "x"); /* over the left half */
    canvas_print(&canvas, 2, 2, 1, ROLE_DEFAULT, "x"); /* over the right half */
    canvas_print(&canvas, 3, 0, 2, ROLE_DEFAULT, WIDE);
    assert_string_equal(" " WIDE "b\n x b\n  xb\n" WIDE " b\n", text_of(&canvas));
    canvas_finish(&canvas);
}

static void test_selected_row(void **state)
{
    struct canvas canvas = make(2, 10);

    (void)state;
    canvas_print(&canvas, 1, 0, 10, ROLE_DEFAULT, "SBIN");
    canvas_print(&canvas, 1, 5, 10, ROLE_MTM_LOSS, "-40");
    canvas_select(&canvas, 1, 0, 99);
    assert_string_equal("1:0-4 default+selected\n1:5-7 mtm.loss+selected\n"
                        "1:8-9 default+selected\n",
                        roles_of(&canvas));
    canvas_finish(&canvas);
}

static void test_fill(void **state)
{
    struct canvas canvas = make(3, 5);

    (void)state;
    for (int row = 0; row < 3; row++)
        canvas_print(&canvas, row, 0, 5, ROLE_DEFAULT, "aaaaa");
    canvas_fill(&canvas, (struct rect){1, 1, 9, 3}, ROLE_STRIP);
    assert_string_equal("aaaaa\na   a\na   a\n", text_of(&canvas));
    canvas_finish(&canvas);
}

static size_t runs(const struct canvas *now, const struct canvas *before, char *out)
{
    struct canvas_run run = {0};
    size_t length = 0;

    out[0] = '\0';
    while (canvas_next_change(now, before, &run))
        length += (size_t)sprintf(out + length, "%d:%d+%d ", run.row, run.column, run.count);
    return length;
}

static void test_changes(void **state)
{
    struct canvas now = make(3, 10), before = make(3, 10);
    char out[200];

    (void)state;
    assert_int_equal(0, runs(&now, &before, out));
    canvas_print(&now, 0, 0, 10, ROLE_DEFAULT, "a");
    canvas_print(&now, 1, 3, 10, ROLE_DEFAULT, "bb");
    canvas_print(&now, 1, 9, 10, ROLE_DEFAULT, "c");
    canvas_print(&now, 2, 0, 10, ROLE_TITLE, "          ");
    runs(&now, &before, out);
    assert_string_equal("0:0+1 1:3+2 1:9+1 2:0+10 ", out);
    canvas_copy(&before, &now);
    assert_int_equal(0, runs(&now, &before, out));
    canvas_select(&now, 1, 4, 1);
    runs(&now, &before, out);
    assert_string_equal("1:4+1 ", out);
    canvas_finish(&now);
    canvas_finish(&before);
}

/* A run takes wide characters whole, in the old frame and in the new. */
static void test_changes_of_wide_characters(void **state)
{
    struct canvas now = make(1, 10), before = make(1, 10);
    char out[200];

    (void)state;
    canvas_print(&before, 0, 2, 10, ROLE_DEFAULT, WIDE WIDE);
    canvas_print(&now, 0, 2, 10, ROLE_DEFAULT, "ab" WIDE);
    runs(&now, &before, out);
    assert_string_equal("0:2+2 ", out);
    canvas_clear(&now);
    canvas_print(&now, 0, 3, 10, ROLE_DEFAULT, WIDE);
    runs(&now, &before, out);
    assert_string_equal("0:2+4 ", out);
    canvas_finish(&now);
    canvas_finish(&before);
}

static void test_text_is_bounded(void **state)
{
    struct canvas canvas = make(2, 10);
    char out[8];

    (void)state;
    canvas_print(&canvas, 0, 0, 10, ROLE_TITLE, "abcdefghij");
    assert_int_equal(7, canvas_text(&canvas, out, sizeof out));
    assert_string_equal("abcdefg", out);
    assert_int_equal(0, canvas_roles(&canvas, out, sizeof out));
    canvas_finish(&canvas);
}

static void test_size_is_bounded(void **state)
{
    struct canvas canvas = make(0, -4);

    (void)state;
    assert_int_equal(1, canvas.rows);
    assert_int_equal(1, canvas.columns);
    canvas_finish(&canvas);
    canvas = make(100000, 100000);
    assert_int_equal(CANVAS_ROWS, canvas.rows);
    assert_int_equal(CANVAS_COLUMNS, canvas.columns);
    canvas_finish(&canvas);
    canvas_finish(&canvas);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print_and_clip),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_figures_are_never_cut),
        cmocka_unit_test(test_wide_halves_are_mended),
        cmocka_unit_test(test_selected_row),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_changes_of_wide_characters),
        cmocka_unit_test(test_text_is_bounded),
        cmocka_unit_test(test_size_is_bounded),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
