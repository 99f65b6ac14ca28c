/* The rows of one table as they stand on the screen: which, in what order, and where the cursor is.
 * The cursor is on a thing, not on a line: when rows move, it moves with its row. */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/filter.h"

#define LIST_NO_ROW UINT32_MAX

enum { LIST_FIND_SIZE = 48, LIST_NATURAL = -1 };

struct list_row {
    int64_t key[2]; /* what it is sorted by, smallest first */
    uint32_t row;
};

struct list {
    struct list_row *rows;   /* in the order of the screen; owned */
    struct list_row *before; /* as it was, by row number: to keep the order; owned */
    uint32_t before_count;
    uint32_t count;
    uint32_t room;
    uint32_t candidates; /* rows before the filter */
    uint32_t cursor;     /* row it is on; LIST_NO_ROW: on nothing, until a key moves it */
    uint32_t line;       /* index of the cursor, or where it last was */
    uint32_t top;        /* index of the first row on the screen */
    uint32_t page;       /* rows that fit, as of the last drawing */
    int sort;            /* column, LIST_NATURAL: the panel's own order */
    bool descending;
    bool kept;    /* in this rebuild the rows stay in their order (list_place_before) */
    bool started; /* false: the next rebuild puts a lost cursor on the first row */
    struct filter filter;
    char find[LIST_FIND_SIZE]; /* what was last looked for, "" nothing */
    uint8_t *tags;             /* a bit a row; owned */
    uint32_t tagged;
};

/* False: no memory. */
bool list_init(struct list *list, uint32_t room);
void list_finish(struct list *list);

/* Adds a row at the end; the key is set by whoever sorts. Ignored when full. */
void list_add(struct list *list, uint32_t row);

/* Notes the rows as they stand, and gives the place that a row had; LIST_NO_ROW: it was not there.
 * With these the order is kept for as long as a finger may be on its way to a key. */
void list_remember(struct list *list);
uint32_t list_place_before(const struct list *list, uint32_t row);

/* Sorts by the keys; rows with equal keys in the order of their numbers. */
void list_sort(struct list *list, bool descending);

/* After a rebuild: finds the cursor's row again; when it is gone, the cursor is on nothing. The
 * first rebuild puts it on the first row. keep_line: scroll so that it stays on its screen line. */
void list_settle(struct list *list, bool keep_line);

/* Moves by delta rows; from nothing, to the row at the line where the cursor was. */
void list_move(struct list *list, int64_t delta);
/* To an index, or to a row (false: it is not shown). */
void list_go(struct list *list, uint32_t index);
bool list_go_row(struct list *list, uint32_t row);

/* Brings the cursor's line into a page of so many rows. */
void list_scroll(struct list *list, uint32_t page);

bool list_is_tagged(const struct list *list, uint32_t row);
void list_tag(struct list *list, uint32_t row, bool on);
void list_untag_all(struct list *list);

#endif
