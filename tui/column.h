/* Tables: which columns are shown in a given width, how wide, and where.
 *
 * Columns of priority 0 say what the row is (client, exchange, symbol, product): they are never cut
 * and never left out. The others go in order of their priority, the highest number first, until the
 * rest fits; what is left over is then given to the columns that want more, most important first.
 */
#ifndef TUI_COLUMN_H
#define TUI_COLUMN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/canvas.h"

#define COLUMN_GAP 1 /* blanks between two columns */

struct column {
    const char *title;
    uint8_t min, max; /* columns of the screen; an identity column's min is its widest content */
    uint8_t priority; /* 0: identity */
    enum align align;
};

struct column_place {
    uint8_t index; /* of the column in the table */
    int x, width;  /* x from the left edge of the table */
};

/* Fills places with the columns shown, left to right, and returns how many they are (at most count,
 * which is at most 255). 0: not even the identity columns fit; the table needs two lines a row, or a
 * wider terminal. */
size_t column_fit(const struct column *columns, size_t count, int width,
                  struct column_place *places);

/* Width of all columns up to a priority at their least, gaps included. */
int column_least_width(const struct column *columns, size_t count, int priority);

/* Draws the titles of the shown columns. */
void column_titles(struct canvas *canvas, int row, int left, const struct column *columns,
                   const struct column_place *places, size_t shown);

#endif
