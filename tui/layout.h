/* Rectangles for a size of terminal. A part that has no room has no rows.
 *
 *   80x24    status, title, table, strip, message, key bar
 *   100x34   and a line of panes: detail and depth; the events
 *   120x40   and the pane at the side; the orders
 *   180x34   orders and events beside each other
 *
 * The two status lines and the last two are there at every size and nothing covers them (console.md C1
 * rule 5). An open strip takes its rows from the panes first and then from the table, which keeps
 * LAYOUT_TABLE_MIN rows.
 */
#ifndef TUI_LAYOUT_H
#define TUI_LAYOUT_H

#include <stdbool.h>

#include "tui/canvas.h"

#define LAYOUT_ROWS      24 /* least size at which positions can be closed */
#define LAYOUT_COLUMNS   80
#define LAYOUT_TABLE_MIN 5 /* rows of the table that stay visible, its titles included */

struct layout {
    bool view_only;            /* too small: nothing may be closed */
    bool fits;                 /* the strip has all the rows that it asked for */
    struct rect first, second; /* status lines */
    struct rect title;         /* of the screen */
    struct rect table;         /* column titles and rows */
    struct rect detail, depth, side;
    struct rect orders, events;
    struct rect strip;   /* preview, ticket, coach: directly above the message */
    struct rect message; /* message, or the line being typed */
    struct rect keybar;
};

/* strip_rows: what the open strip asks for, 0 for none. */
struct layout layout_make(int rows, int columns, int strip_rows);

#endif
