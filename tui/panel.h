/* A panel is a screen of its own: a const struct of functions and, for most, a table of columns.
 * A new panel is a new row of PANEL_MAP and a new struct; nothing else knows its name.
 *
 * Rows are numbers that stay with their thing for the whole day (a row of the view's tables), so
 * the cursor, tags and open strips follow the thing and not its place on the screen.
 */
#ifndef TUI_PANEL_H
#define TUI_PANEL_H

#include "core/tables.h"
#include "tui/canvas.h"
#include "tui/keys.h"
#include "tui/list.h"

struct tui;

/* X(identifier, ops, action that shows it). The first nine have the digits as keys. */
#define PANEL_MAP(X)                                \
    X(POSITIONS, panel_positions, SCREEN_POSITIONS) \
    X(ORDERS, panel_orders, SCREEN_ORDERS)          \
    X(TRADES, panel_trades, SCREEN_TRADES)          \
    X(RATES, panel_rates, SCREEN_RATES)             \
    X(CLIENTS, panel_clients, SCREEN_CLIENTS)       \
    X(LIVE, panel_live, SCREEN_MONITOR)             \
    X(AUDIT, panel_audit, SCREEN_AUDIT)             \
    X(STATUS, panel_status, SCREEN_STATUS)          \
    X(LEFT, panel_left, SCREEN_LEFT)                \
    X(NEEDS, panel_needs, SCREEN_NEEDS)             \
    X(HELP, panel_help, HELP)

enum panel {
#define X(id, ops, action) PANEL_##id,
    PANEL_MAP(X)
#undef X
        PANELS
};

enum { CELL_SIZE = 160, PANEL_COLUMNS = 24 };

struct panel_ops;

/* What one row says in one column. */
struct cell {
    char text[CELL_SIZE]; /* hostile text is fine: the canvas makes it safe */
    enum role role;
    const struct panel_ops *panel; /* that asks: set before the column's function is called */
};

/* A column of a panel. Columns of importance 0 are what the row is, and are never cut or left out;
 * the higher the number, the sooner a column goes when the screen is narrow. */
struct panel_column {
    const char *name;  /* in filters and the sort menu, lower case */
    const char *title; /* on the screen */
    uint8_t min, max;  /* columns of the screen; max 0: only for filters, never shown */
    uint8_t importance;
    enum align align;
    uint8_t decimals; /* of `number`: how a person writes it in a filter */
    void (*cell)(const struct tui *tui, uint32_t row, struct cell *cell);
    /* What it is sorted and compared by; NULL: by its text. */
    int64_t (*number)(const struct tui *tui, uint32_t row);
};

struct panel_ops {
    const char *title;   /* "Positions" */
    enum keys_mode mode; /* whose keys hold here */
    const char *order;   /* name of the order that rows have without a sort column: "risk" */
    const struct panel_column *columns; /* NULL: the panel draws itself */
    size_t column_count;
    uint8_t keep;      /* columns up to this importance are shown at 80: long rows take two lines */
    const char *whole; /* column whose text goes below its row where it would be cut; NULL: none */
    /* Adds every row that may be shown, the filter aside (list_add). */
    void (*collect)(struct tui *tui, struct list *list);
    bool tree; /* collect() adds the rows in their order, with panel_key() among siblings */
    /* Key of the panel's own order, smallest first; NULL: as collected. */
    void (*rank)(const struct tui *tui, uint32_t row, int64_t key[2]);
    /* The order a row is about, SQ_NO_ROW: none. */
    uint32_t (*order_of)(const struct tui *tui, uint32_t row);
    /* Client, contract and product of a row, NULL: it has none. For the columns panel_client() and so
     * on; and the position with that key is what the row is about. NULL: no row has a key. */
    const struct sq_key *(*key_of)(const struct tui *tui, uint32_t row);
    /* The positions a row is about, at most `room`; returns how many there are. NULL: as key_of. */
    size_t (*positions_of)(const struct tui *tui, uint32_t row, uint32_t *positions, size_t room);
    /* What Enter does beside the detail strip; NULL: only that. */
    void (*open)(struct tui *tui, uint32_t row);
    /* What the left (-1) and right (1) arrows do with a row; NULL: nothing. */
    void (*turn)(struct tui *tui, uint32_t row, int way);
    /* What stands behind the title: counts and notes; NULL: nothing. */
    void (*note)(const struct tui *tui, char *text, size_t size);
    /* Draws itself instead of a table, or with panel_draw_list() around it; without columns its rows
     * scroll by list.top. */
    void (*draw)(struct tui *tui, struct canvas *canvas, struct rect place);
};

extern const struct panel_ops *const panels[PANELS];

/* Writes a cell. */
void cell_set(struct cell *cell, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What every table says in the same way: the contract's label, the side in its role. */
void cell_put_symbol(struct cell *cell, const struct sq_instrument *instrument);
void cell_put_side(struct cell *cell, unsigned side);

/* Columns of a panel with key_of: who, where and what. A row without a key says nothing. */
void panel_client(const struct tui *tui, uint32_t row, struct cell *cell);
void panel_exchange(const struct tui *tui, uint32_t row, struct cell *cell);
void panel_symbol(const struct tui *tui, uint32_t row, struct cell *cell);
void panel_product(const struct tui *tui, uint32_t row, struct cell *cell);

/* The positions that a row of the shown panel is about, at most `room`; returns how many there are. */
size_t panel_positions_of(const struct tui *tui, uint32_t row, uint32_t *positions, size_t room);

/* Asks a column what a row says in it. */
void panel_cell(const struct tui *tui, const struct panel_ops *ops,
                const struct panel_column *column, uint32_t row, struct cell *cell);

/* Column of a panel by name, or NULL. */
const struct panel_column *panel_column(const struct panel_ops *ops, const char *name);

/* Rebuilds the list of a panel: what is collected, filtered, in order. keep: rows that were there
 * stay in their order, new ones follow. */
void panel_rebuild(struct tui *tui, enum panel panel, bool keep);

/* Sets the key by which a row stands among others: its place before where the order is kept, else
 * the sort column's, else the panel's own; index: as collected. */
void panel_key(const struct tui *tui, const struct panel_ops *ops, const struct list *list,
               uint32_t index, struct list_row *row);

/* Draws the panel's table, column titles first. Only the panel on the screen shows its cursor. */
void panel_draw_list(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place);

/* Draws the panel's title line and its table (or itself) into the place. */
void panel_draw(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place);

/* Draws the rows of a table without title and cursor: the panes of wide screens. */
void panel_draw_rows(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place,
                     const uint32_t *rows, size_t count);

/* Index in the list of the row that stands on a line of the table (0: below the titles), as of the
 * last frame; LIST_NO_ROW: none. */
uint32_t panel_index_at(const struct tui *tui, int line);

/* Does any column of the row contain the text? */
bool panel_row_contains(const struct tui *tui, const struct panel_ops *ops, uint32_t row,
                        const char *text);

#endif
