/* Columns of tables and rectangles of the screen. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tui/column.h"
#include "tui/layout.h"

static const struct column columns[] = {
    {"", 1, 1, 0, ALIGN_LEFT},         {"CLIENT", 7, 7, 0, ALIGN_LEFT},
    {"SYMBOL", 19, 24, 0, ALIGN_LEFT}, {"EX", 3, 3, 4, ALIGN_LEFT},
    {"PROD", 4, 4, 0, ALIGN_LEFT},     {"NET", 8, 10, 1, ALIGN_RIGHT},
    {"AVG", 10, 11, 5, ALIGN_RIGHT},   {"EXIT", 10, 11, 1, ALIGN_RIGHT},
    {"MTM", 9, 12, 1, ALIGN_RIGHT},    {"STATE", 8, 24, 2, ALIGN_LEFT},
};

#define COUNT (sizeof columns / sizeof columns[0])

/* "CLIENT@2+7 SYMBOL@10+19 ..." */
static void fit(int width, char *out)
{
    struct column_place places[COUNT];
    size_t shown = column_fit(columns, COUNT, width, places);

    out[0] = '\0';
    for (size_t i = 0; i < shown; i++)
        sprintf(out + strlen(out), "%s@%d+%d ", columns[places[i].index].title, places[i].x,
                places[i].width);
}

static void test_fit(void **state)
{
    char out[400];

    (void)state;
    fit(79, out);
    assert_string_equal(
        "@0+1 CLIENT@2+7 SYMBOL@10+21 EX@32+3 PROD@36+4 NET@41+8 EXIT@50+10 MTM@61+9 "
        "STATE@71+8 ",
        out);
    fit(120, out);
    assert_string_equal("@0+1 CLIENT@2+7 SYMBOL@10+24 EX@35+3 PROD@39+4 NET@44+10 AVG@55+11 "
                        "EXIT@67+11 MTM@79+12 STATE@92+24 ",
                        out);
    fit(34, out);
    assert_string_equal("@0+1 CLIENT@2+7 SYMBOL@10+19 PROD@30+4 ", out);
    fit(33, out);
    assert_string_equal("", out);
}

/* At every width: identity whole, nothing beyond the edge, nothing narrower than its least, and a
 * wider table never shows less. */
static void test_every_width(void **state)
{
    size_t before = 0;

    (void)state;
    for (int width = 34; width < 260; width++) {
        struct column_place places[COUNT];
        size_t shown = column_fit(columns, COUNT, width, places), identity = 0;
        int edge = 0;

        for (size_t i = 0; i < shown; i++) {
            const struct column *column = &columns[places[i].index];

            identity += column->priority == 0;
            assert_in_range(places[i].width, column->min, column->max);
            assert_int_equal(edge, places[i].x);
            edge = places[i].x + places[i].width + COLUMN_GAP;
        }
        assert_true(edge - COLUMN_GAP <= width);
        assert_int_equal(4, identity);
        assert_true(shown >= before);
        before = shown;
    }
    assert_int_equal(COUNT, before);
}

static void test_titles(void **state)
{
    struct canvas canvas;
    struct column_place places[COUNT];
    char text[200];
    size_t shown = column_fit(columns, COUNT, 79, places);

    (void)state;
    assert_true(canvas_init(&canvas, 1, 80));
    column_titles(&canvas, 0, 0, columns, places, shown);
    canvas_text(&canvas, text, sizeof text);
    assert_string_equal(
        "  CLIENT  SYMBOL                EX  PROD      NET       EXIT       MTM STATE\n", text);
    canvas_finish(&canvas);
}

#define PARTS 12

static void parts_of(const struct layout *layout, const struct rect *parts[PARTS])
{
    const struct rect *all[PARTS] = {&layout->first, &layout->second,  &layout->title,
                                     &layout->table, &layout->detail,  &layout->depth,
                                     &layout->side,  &layout->orders,  &layout->events,
                                     &layout->strip, &layout->message, &layout->keybar};

    memcpy(parts, all, sizeof all);
}

static bool overlap(const struct rect *a, const struct rect *b)
{
    return a->row < b->row + b->rows && b->row < a->row + a->rows &&
           a->column < b->column + b->columns && b->column < a->column + a->columns;
}

static void check_layout(int rows, int width, int strip)
{
    struct layout layout = layout_make(rows, width, strip);
    const struct rect *parts[PARTS];

    parts_of(&layout, parts);
    for (int i = 0; i < PARTS; i++) {
        if (parts[i]->rows == 0 || parts[i]->columns == 0)
            continue;
        assert_true(parts[i]->row >= 0 && parts[i]->row + parts[i]->rows <= rows);
        assert_true(parts[i]->column >= 0 && parts[i]->column + parts[i]->columns <= width);
        for (int j = i + 1; j < PARTS; j++)
            if (overlap(parts[i], parts[j]))
                fail_msg("%dx%d strip %d: part %d covers part %d", width, rows, strip, i, j);
    }
    assert_int_equal(rows < 24 || width < 80, layout.view_only);
    if (rows >= 5) {
        assert_int_equal(1, layout.second.rows);
        assert_int_equal(1, layout.message.rows);
    }
    if (!layout.view_only)
        assert_true(layout.table.rows >= LAYOUT_TABLE_MIN);
    assert_int_equal(layout.strip.rows == strip, layout.fits);
}

/* Any size, any strip: parts never cover each other nor leave the screen. */
static void test_every_layout(void **state)
{
    (void)state;
    for (int rows = 1; rows <= 80; rows++)
        for (int width = 1; width <= 260; width += 3)
            for (int strip = 0; strip <= 30; strip += 5)
                check_layout(rows, width, strip);
}

static void show(int rows, int width, int strip, char *out)
{
    static const char *const names[PARTS] = {"first",  "second", "title",   "table",
                                             "detail", "depth",  "side",    "orders",
                                             "events", "strip",  "message", "keybar"};
    struct layout layout = layout_make(rows, width, strip);
    const struct rect *parts[PARTS];

    parts_of(&layout, parts);
    out[0] = '\0';
    for (int i = 0; i < PARTS; i++)
        if (parts[i]->rows > 0)
            sprintf(out + strlen(out), "%s %d,%d %dx%d\n", names[i], parts[i]->row,
                    parts[i]->column, parts[i]->columns, parts[i]->rows);
}

static void test_sizes(void **state)
{
    char out[800];

    (void)state;
    show(24, 80, 0, out);
    assert_string_equal("first 0,0 80x1\nsecond 1,0 80x1\ntitle 2,0 80x1\ntable 3,0 80x19\n"
                        "message 22,0 80x1\nkeybar 23,0 80x1\n",
                        out);
    show(24, 80, 7, out);
    assert_string_equal("first 0,0 80x1\nsecond 1,0 80x1\ntitle 2,0 80x1\ntable 3,0 80x12\n"
                        "strip 15,0 80x7\nmessage 22,0 80x1\nkeybar 23,0 80x1\n",
                        out);
    show(40, 120, 0, out);
    assert_string_equal("first 0,0 120x1\nsecond 1,0 120x1\ntitle 2,0 120x1\ntable 3,0 120x16\n"
                        "detail 19,0 54x6\ndepth 19,55 34x6\nside 19,90 30x6\n"
                        "orders 25,0 120x7\nevents 32,0 120x6\nmessage 38,0 120x1\n"
                        "keybar 39,0 120x1\n",
                        out);
    show(40, 120, 8, out);
    assert_string_equal("first 0,0 120x1\nsecond 1,0 120x1\ntitle 2,0 120x1\ntable 3,0 120x15\n"
                        "detail 18,0 54x6\ndepth 18,55 34x6\nside 18,90 30x6\n"
                        "events 24,0 120x6\nstrip 30,0 120x8\nmessage 38,0 120x1\n"
                        "keybar 39,0 120x1\n",
                        out);
    show(50, 200, 0, out);
    assert_string_equal("first 0,0 200x1\nsecond 1,0 200x1\ntitle 2,0 200x1\ntable 3,0 200x30\n"
                        "detail 33,0 98x6\ndepth 33,99 48x6\nside 33,148 52x6\n"
                        "orders 39,0 119x9\nevents 39,120 80x9\nmessage 48,0 200x1\n"
                        "keybar 49,0 200x1\n",
                        out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fit),    cmocka_unit_test(test_every_width),
        cmocka_unit_test(test_titles), cmocka_unit_test(test_every_layout),
        cmocka_unit_test(test_sizes),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
