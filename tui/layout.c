/* The screen is cut from the edges inwards: lines that must always be there first, then the strip, then
 * panes as long as the table keeps enough; what is left is the table. */
#include "tui/layout.h"

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

/* A band across the terminal, taken off the top of what is left. */
static struct rect take_top(struct rect *left, int rows)
{
    struct rect band = {left->row, left->column, smaller(rows, left->rows), left->columns};

    left->row += band.rows;
    left->rows -= band.rows;
    return band;
}

static struct rect take_bottom(struct rect *left, int rows)
{
    int height = smaller(rows, left->rows);

    left->rows -= height;
    return (struct rect){left->row + left->rows, left->column, height, left->columns};
}

/* The right part of a band; one column between the two stays free for a line. */
static struct rect take_right(struct rect *band, int columns)
{
    struct rect part = {band->row, band->column + band->columns - columns, band->rows, columns};

    if (columns == 0 || band->rows == 0)
        return (struct rect){0};
    band->columns -= columns + 1;
    return part;
}

/* Bands of panes below the table, the most wanted first: each is taken as long as the table keeps
 * enough rows. */

enum { DETAIL_ROWS = 6, EVENTS_ROWS = 6, ORDERS_ROWS = 7, TABLE_GOOD = 12 };

static struct rect take_pane(struct rect *left, int rows, bool wanted)
{
    if (!wanted || left->rows - rows < TABLE_GOOD)
        return (struct rect){0};
    return take_bottom(left, rows);
}

/* On a tall screen panes grow with the table: of the rows above TABLE_GOOD, a fifth each. */
static int grown(const struct rect *left, int rows)
{
    int spare = left->rows - TABLE_GOOD - DETAIL_ROWS - EVENTS_ROWS - ORDERS_ROWS;

    return spare > 0 ? rows + spare / 5 : rows;
}

/* Depth needs two prices and two quantities side by side; the pane at the side comes on wide screens
 * only, and what is left is the detail. */
static void split_detail(struct layout *layout, int columns)
{
    layout->side = take_right(&layout->detail, columns >= 160 ? 52 : columns >= 120 ? 30 : 0);
    layout->depth = take_right(&layout->detail, columns >= 160 ? 48 : 34);
}

/* In the order in which they are wanted when rows are short: events, detail, orders. */
static void place_panes(struct layout *layout, struct rect *left, int rows, int columns)
{
    bool beside = columns >= 180;
    int events = grown(left, beside ? ORDERS_ROWS : EVENTS_ROWS);
    int orders = grown(left, ORDERS_ROWS);
    struct rect detail, below;

    below = take_pane(left, events, rows >= 30);
    detail = take_pane(left, DETAIL_ROWS, rows >= 34 && columns >= 100);
    layout->events = below;
    if (beside) {
        layout->events = take_right(&below, columns * 2 / 5);
        layout->orders = below;
    } else {
        layout->orders = take_pane(left, orders, rows >= 38);
    }
    layout->detail = detail;
    /* Detail stands above the orders: the bands below it were taken bottom up, so it moves. */
    if (detail.rows > 0 && !beside && layout->orders.rows > 0) {
        layout->detail.row = layout->orders.row;
        layout->orders.row = layout->detail.row + layout->detail.rows;
    }
    split_detail(layout, columns);
}

struct layout layout_make(int rows, int columns, int strip_rows)
{
    struct layout layout = {.view_only = rows < LAYOUT_ROWS || columns < LAYOUT_COLUMNS};
    struct rect left = {0, 0, rows, columns};
    int room;

    layout.first = take_top(&left, 1);
    layout.keybar = take_bottom(&left, 1);
    layout.message = take_bottom(&left, 1);
    layout.second = take_top(&left, 1);
    layout.title = take_top(&left, 1);
    room = left.rows > LAYOUT_TABLE_MIN ? left.rows - LAYOUT_TABLE_MIN : 0;
    layout.strip = take_bottom(&left, smaller(strip_rows, room));
    layout.fits = layout.strip.rows == strip_rows;
    if (!layout.view_only)
        place_panes(&layout, &left, rows, columns);
    layout.table = left;
    return layout;
}
