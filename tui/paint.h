/* Two frames -> the bytes that turn a terminal from the one into the other.
 *
 * Only cells that differ are written. The way from one to the next is the cheapest of: line feeds and
 * backspaces, a relative move, an absolute move, or writing again the few cells in between. A change
 * of look writes only what changes. Pure: bytes go to a buffer of the caller.
 *
 * Made for terminals of the ECMA-48 kind, which is every one that the console is for (xterm, tmux,
 * screen, Linux console, VT220, PuTTY); tui/curses.c asks terminfo whether it has one. Automatic
 * wrapping must be off and output unprocessed (a line feed only moves down).
 *
 * Sources: ECMA-48 8.3 (CUP, CUF, SGR, LF, BS); ISO 8613-6 for colours 38;5 and 38;2.
 */
#ifndef TUI_PAINT_H
#define TUI_PAINT_H

#include <stdbool.h>
#include <stddef.h>

#include "tui/canvas.h"
#include "tui/theme.h"

/* Most bytes that a cell can need: a move, a look of every part, a character. */
#define PAINT_CELL_BYTES 80

struct paint {
    enum theme_depth depth;
    int colours;        /* of the terminal's palette: with 8, the bright ones are bold */
    unsigned attr_mask; /* attributes that the terminal has, enum theme_attr */
    struct theme_look looks[ROLES][2]; /* [1]: on the cursor's row */
    struct theme_look pen;             /* what the terminal writes with now */
    bool pen_known;
    int row, column; /* of the terminal's cursor, -1: not known */
};

/* Everything about the terminal unknown; no theme yet. */
void paint_init(struct paint *paint, enum theme_depth depth, int colours, unsigned attr_mask);

/* Takes the looks of a theme. The next frame should be drawn against an unknown screen. */
void paint_theme(struct paint *paint, const struct theme *theme);

/* The terminal's cursor and pen are no longer known (another program wrote, the size changed). */
void paint_forget(struct paint *paint);

/* Makes a canvas that differs from any frame in every cell: the screen of paint_forget(). */
void paint_unknown(struct canvas *canvas);

/* Writes the change from `before` to `now`, of one size, and returns its length. The buffer must hold
 * PAINT_CELL_BYTES for each cell that differs. */
size_t paint_frame(struct paint *paint, const struct canvas *now, const struct canvas *before,
                   char *bytes);

/* Moves the terminal's cursor; returns the length written, at most PAINT_CELL_BYTES. */
size_t paint_cursor(struct paint *paint, int row, int column, char *bytes);

#endif
