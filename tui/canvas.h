/* A screen as a grid of cells, drawn by role. Nothing of a terminal is here: tui/terminal.h puts a
 * canvas on one, tests print it as text.
 *
 * Every text goes through the gate of tui/text.h when it is drawn, so no byte string can reach a cell
 * outside of the place it was given. A character of two columns takes two cells; when one half of it
 * is overwritten, the other half becomes a blank.
 *
 * A frame is drawn whole, and only the cells that differ from the frame before are written: nothing
 * is ever erased on the terminal.
 */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/role.h"

#define CANVAS_ROWS     400 /* largest screen; a larger terminal is used in part */
#define CANVAS_COLUMNS  1000

#define CANVAS_SELECTED 1 /* cell of the cursor's row: background and attributes of ROLE_SELECT */

struct canvas_cell {
    uint32_t character; /* safe to print; 0: right half of the one before */
    uint8_t role;       /* enum role */
    uint8_t flags;      /* CANVAS_SELECTED */
    uint16_t unused;    /* zero, so that cells compare byte by byte */
};

struct canvas {
    int rows, columns;
    struct canvas_cell *cells; /* rows x columns, row by row; owned */
};

/* A place on the canvas. Drawing is clipped to it, and it is clipped to the canvas. */
struct rect {
    int row, column, rows, columns;
};

enum align { ALIGN_LEFT, ALIGN_RIGHT };

/* Makes a blank canvas, at most CANVAS_ROWS x CANVAS_COLUMNS. False: no memory. */
bool canvas_init(struct canvas *canvas, int rows, int columns);

/* Frees the cells; accepts a canvas of zeros. */
void canvas_finish(struct canvas *canvas);

/* Blanks everything with ROLE_DEFAULT: the start of a frame. */
void canvas_clear(struct canvas *canvas);

/* Draws text from a cell on, in at most `width` columns. Returns the columns drawn. What is too long
 * ends in `~`, so that a cut is always seen, and never within a figure. */
int canvas_print(struct canvas *canvas, int row, int column, int width, enum role role,
                 const char *text);

/* Bytes as they are, clipped without a mark: for lines that scroll, and pieces of a line. */
int canvas_bytes(struct canvas *canvas, int row, int column, int width, enum role role,
                 const char *bytes, size_t length);

/* Draws text in a field of exactly `width` columns, blanks around it. Text that is too long is cut as
 * by canvas_print(); a figure (aligned right) that is too long becomes one `~`. */
void canvas_field(struct canvas *canvas, int row, int column, int width, enum align align,
                  enum role role, const char *text);

/* Draws one character `count` times. */
void canvas_repeat(struct canvas *canvas, int row, int column, int count, enum role role,
                   uint32_t character);

/* Fills with blanks of a role. */
void canvas_fill(struct canvas *canvas, struct rect place, enum role role);

/* Marks what is drawn there as the cursor's row; characters and roles stay. */
void canvas_select(struct canvas *canvas, int row, int column, int width);

/* The cells of one row that differ between two frames of one size. */
struct canvas_run {
    int row, column, count;
};

/* Finds the next run after `run` (zeros to begin); false when there is no more. A run never begins or
 * ends inside a character of two columns. */
bool canvas_next_change(const struct canvas *now, const struct canvas *before,
                        struct canvas_run *run);

/* Takes over the cells of another canvas of the same size. */
void canvas_copy(struct canvas *to, const struct canvas *from);

/* The screen as text, blanks at the ends of lines cut, a newline after each row. Returns the length
 * without the terminator; what does not fit in size is left out. */
size_t canvas_text(const struct canvas *canvas, char *out, size_t size);

/* Who is who on the screen: a line "row:first-last role" for each run of cells that are not blank
 * and not ROLE_DEFAULT; the cursor's row with "+selected". */
size_t canvas_roles(const struct canvas *canvas, char *out, size_t size);

#endif
