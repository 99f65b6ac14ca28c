/* Panels as tables: which rows, in what order, drawn in which columns. */
#include "tui/panel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/column.h"
#include "tui/offline.h"
#include "tui/print.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum { MARK_COLUMNS = 2, NUMBER_COLUMNS = 6, BELOW_COLUMNS = 2 };
#define NUMBERED           9 /* panels that a digit shows */

#define X(id, ops, action) extern const struct panel_ops ops;
PANEL_MAP(X)
#undef X

const struct panel_ops *const panels[PANELS] = {
#define X(id, ops, action) [PANEL_##id] = &ops,
    PANEL_MAP(X)
#undef X
};

void cell_set(struct cell *cell, enum role role, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(cell->text, sizeof cell->text, format, arguments);
    va_end(arguments);
    cell->role = role;
}

const struct panel_column *panel_column(const struct panel_ops *ops, const char *name)
{
    for (size_t i = 0; i < ops->column_count; i++)
        if (strcmp(ops->columns[i].name, name) == 0)
            return &ops->columns[i];
    return NULL;
}

void panel_cell(const struct tui *tui, const struct panel_ops *ops,
                const struct panel_column *column, uint32_t row, struct cell *cell)
{
    cell->text[0] = '\0';
    cell->role = ROLE_DEFAULT;
    cell->panel = ops;
    column->cell(tui, row, cell);
}

bool panel_row_contains(const struct tui *tui, const struct panel_ops *ops, uint32_t row,
                        const char *text)
{
    struct cell cell;

    for (size_t i = 0; i < ops->column_count; i++) {
        panel_cell(tui, ops, &ops->columns[i], row, &cell);
        if (filter_contains(cell.text, text))
            return true;
    }
    return false;
}

/* ---- filter ------------------------------------------------------------------------------------- */

struct question {
    const struct tui *tui;
    const struct panel_ops *ops;
    uint32_t row;
};

static bool say_text(void *context, const char *name, const char *value, bool exact)
{
    const struct question *q = context;
    struct cell cell;

    if (!name)
        return panel_row_contains(q->tui, q->ops, q->row, value);
    panel_cell(q->tui, q->ops, panel_column(q->ops, name), q->row, &cell);
    return exact ? filter_equal(cell.text, value) : filter_contains(cell.text, value);
}

static bool say_number(void *context, const char *name, int64_t *value, unsigned *decimals)
{
    const struct question *q = context;
    const struct panel_column *column = panel_column(q->ops, name);

    if (!column->number)
        return false;
    *value = column->number(q->tui, q->row);
    *decimals = column->decimals;
    return true;
}

static void drop_filtered(const struct tui *tui, const struct panel_ops *ops, struct list *list)
{
    struct question q = {tui, ops, 0};
    struct filter_row row = {say_text, say_number, &q};
    uint32_t kept = 0;

    for (uint32_t i = 0; list->filter.count > 0 && i < list->count; i++) {
        q.row = list->rows[i].row;
        if (filter_match(&list->filter, &row))
            list->rows[kept++] = list->rows[i];
    }
    if (list->filter.count > 0)
        list->count = kept;
}

/* ---- order -------------------------------------------------------------------------------------- */

/* The first sixteen bytes of a text as two numbers that compare as the text does. */
static void text_key(const char *text, int64_t key[2])
{
    bool ended = false;

    for (int i = 0; i < 2; i++) {
        uint64_t bytes = 0;

        for (int j = 0; j < 8; j++) {
            unsigned char byte = ended ? 0 : (unsigned char)text[i * 8 + j];

            ended = byte == 0;
            bytes = bytes << 8 | byte;
        }
        key[i] = (int64_t)(bytes >> 1);
    }
}

void panel_key(const struct tui *tui, const struct panel_ops *ops, const struct list *list,
               uint32_t index, struct list_row *row)
{
    const struct panel_column *column =
        list->sort == LIST_NATURAL ? NULL : &ops->columns[list->sort];
    struct cell cell;

    row->key[0] = index;
    row->key[1] = 0;
    if (list->kept) {
        row->key[0] = list_place_before(list, row->row);
        row->key[1] = index;
    } else if (!column && ops->rank) {
        ops->rank(tui, row->row, row->key);
    } else if (column && column->number) {
        row->key[0] = column->number(tui, row->row);
    } else if (column) {
        panel_cell(tui, ops, column, row->row, &cell);
        text_key(cell.text, row->key);
    }
}

void panel_rebuild(struct tui *tui, enum panel panel, bool keep)
{
    const struct panel_ops *ops = panels[panel];
    struct list *list = &tui->lists[panel];

    if (keep)
        list_remember(list);
    list->kept = keep;
    list->count = 0;
    if (!ops->collect)
        return;
    ops->collect(tui, list);
    list->candidates = list->count;
    drop_filtered(tui, ops, list);
    for (uint32_t i = 0; !ops->tree && i < list->count; i++)
        panel_key(tui, ops, list, i, &list->rows[i]);
    if (!ops->tree)
        list_sort(list, list->descending && !keep);
    list_settle(list, tui->follow);
}

/* ---- drawing ------------------------------------------------------------------------------------ */

/* Is a column as wide as its widest content? What a row is, and figures: neither is ever cut. */
static bool is_measured(const struct panel_column *column)
{
    return column->importance == 0 || column->align == ALIGN_RIGHT;
}

static void measure(struct tui *tui, enum panel panel, const struct list_row *rows, uint32_t count)
{
    const struct panel_ops *ops = panels[panel];
    struct cell cell;

    for (size_t c = 0; c < ops->column_count; c++)
        for (uint32_t i = 0; is_measured(&ops->columns[c]) && i < count; i++) {
            size_t length;

            panel_cell(tui, ops, &ops->columns[c], rows[i].row, &cell);
            length = strlen(cell.text);
            if (length > tui->widths[panel][c] && length <= ops->columns[c].max)
                tui->widths[panel][c] = (uint8_t)length;
        }
}

/* The columns of a panel as they stand in one frame. */
struct table {
    const struct panel_ops *ops;
    struct column columns[PANEL_COLUMNS];
    struct column_place places[PANEL_COLUMNS];
    uint8_t index[PANEL_COLUMNS]; /* of the panel's column, by place in `columns` */
    size_t shown;
    int left;        /* where the first one begins */
    uint8_t longest; /* the longest identity column, in `columns` */
};

/* The panel's columns as tui/column.h wants them: those with max 0 are only for filters. */
static size_t set_columns(const struct tui *tui, enum panel panel, struct table *table)
{
    size_t count = 0;

    for (size_t c = 0; c < table->ops->column_count; c++) {
        const struct panel_column *from = &table->ops->columns[c];
        uint8_t widest = tui->widths[panel][c];
        uint8_t min = widest > from->min ? widest : from->min;

        if (from->max == 0)
            continue;
        table->index[count] = (uint8_t)c;
        table->columns[count] = (struct column){.title = from->title,
                                                .min = min,
                                                .max = from->importance == 0 ? min : from->max,
                                                .priority = from->importance,
                                                .align = from->align};
        if (from->importance == 0 && min > table->columns[table->longest].min)
            table->longest = (uint8_t)count;
        count++;
    }
    return count;
}

/* Where the columns that a panel keeps do not fit, its longest identity column gives way; a row that
 * is longer than that has a line of its own for what it is. */
static void fit(const struct tui *tui, enum panel panel, struct rect place, struct table *table)
{
    int width = place.columns - MARK_COLUMNS, keep = panels[panel]->keep, least, wanted;
    struct column *column;
    size_t count;

    *table = (struct table){.ops = panels[panel], .left = place.column + MARK_COLUMNS};
    count = set_columns(tui, panel, table);
    column = &table->columns[table->longest];
    least = table->ops->columns[table->index[table->longest]].min;
    do
        wanted = column->min + width - column_least_width(table->columns, count, keep);
    while (wanted < least && keep-- > 0);
    if (wanted < column->min)
        column->min = column->max = (uint8_t)(wanted > least ? wanted : least);
    table->shown = column_fit(table->columns, count, width, table->places);
}

static const struct panel_column *column_at(const struct table *table, size_t i)
{
    return &table->ops->columns[table->index[table->places[i].index]];
}

/* Is what the row is longer than its columns? */
static bool is_split(const struct tui *tui, const struct table *table, uint32_t row)
{
    struct cell cell;

    for (size_t i = 0; i < table->shown; i++) {
        if (column_at(table, i)->importance > 0)
            continue;
        panel_cell(tui, table->ops, column_at(table, i), row, &cell);
        if (strlen(cell.text) > (size_t)table->places[i].width)
            return true;
    }
    return false;
}

/* Does the row's text that may not be cut go below it? Then the cell holds it. */
static bool is_below(const struct tui *tui, const struct table *table, uint32_t row,
                     struct cell *cell)
{
    size_t room = 0;

    if (!table->ops->whole)
        return false;
    panel_cell(tui, table->ops, panel_column(table->ops, table->ops->whole), row, cell);
    for (size_t i = 0; i < table->shown; i++)
        if (column_at(table, i) == panel_column(table->ops, table->ops->whole))
            room = (size_t)table->places[i].width;
    return strlen(cell->text) > room;
}

static int lines_of(const struct tui *tui, const struct table *table, uint32_t row)
{
    struct cell cell;

    return 1 + is_split(tui, table, row) + is_below(tui, table, row, &cell);
}

/* Identity in one line, each part in its column or behind the one before it. */
static void draw_identity(const struct tui *tui, struct canvas *canvas, const struct table *table,
                          uint32_t row, int y)
{
    int x = table->left;
    struct cell cell;

    for (size_t i = 0; i < table->shown; i++) {
        const struct column_place *place = &table->places[i];

        if (column_at(table, i)->importance > 0)
            continue;
        panel_cell(tui, table->ops, column_at(table, i), row, &cell);
        x = x > table->left + place->x ? x : table->left + place->x;
        if (strlen(cell.text) < (size_t)place->width) {
            canvas_field(canvas, y, x, place->width, column_at(table, i)->align, cell.role,
                         cell.text);
            x += place->width + COLUMN_GAP;
        } else {
            x += canvas_print(canvas, y, x, canvas->columns - x, cell.role, cell.text) + COLUMN_GAP;
        }
    }
}

static void draw_cells(const struct tui *tui, struct canvas *canvas, const struct table *table,
                       uint32_t row, int y, bool identity)
{
    struct cell cell;

    for (size_t i = 0; i < table->shown; i++) {
        const struct panel_column *column = column_at(table, i);

        if (column->importance == 0 && !identity)
            continue;
        panel_cell(tui, table->ops, column, row, &cell);
        canvas_field(canvas, y, table->left + table->places[i].x, table->places[i].width,
                     column->align, cell.role, cell.text);
    }
}

/* Draws a row; returns the lines it takes. What lies at `end` and below is not its place. */
static int draw_row(const struct tui *tui, struct canvas *canvas, const struct table *table,
                    uint32_t row, int y, int end)
{
    bool split = is_split(tui, table, row), below;
    int lines = 1 + split;
    struct cell cell;

    if (split)
        draw_identity(tui, canvas, table, row, y);
    if (!split || y + 1 < end)
        draw_cells(tui, canvas, table, row, y + split, !split);
    below = is_below(tui, table, row, &cell);
    for (size_t i = 0; below && i < table->shown; i++) /* its own place stays empty then */
        if (column_at(table, i) == panel_column(table->ops, table->ops->whole) && y + split < end)
            canvas_repeat(canvas, y + split, table->left + table->places[i].x,
                          table->places[i].width, ROLE_DEFAULT, ' ');
    if (below && y + lines < end)
        canvas_print(canvas, y + lines, table->left + BELOW_COLUMNS,
                     canvas->columns - table->left - BELOW_COLUMNS, cell.role, cell.text);
    return lines + below;
}

static void draw_marks(const struct tui *tui, struct canvas *canvas, const struct list *list,
                       uint32_t row, struct rect place)
{
    if (row == list->cursor)
        canvas_repeat(canvas, place.row, place.column, 1, ROLE_DEFAULT,
                      theme_mark(tui->theme, MARK_ROW_CURSOR));
    if (list_is_tagged(list, row))
        canvas_repeat(canvas, place.row, place.column + 1, 1, ROLE_TAG,
                      theme_mark(tui->theme, MARK_ROW_TAG));
    for (int y = 0; row == list->cursor && y < place.rows; y++)
        canvas_select(canvas, place.row + y, place.column, place.columns);
}

/* Rows from the list's top that fit whole into so many lines. */
static uint32_t rows_that_fit(const struct tui *tui, const struct table *table,
                              const struct list *list, int lines)
{
    uint32_t count = 0;

    for (; list->top + count < list->count; count++) {
        lines -= lines_of(tui, table, list->rows[list->top + count].row);
        if (lines < 0)
            break;
    }
    return count;
}

/* Scrolls so that the cursor's row is whole on the screen. */
static void scroll(const struct tui *tui, const struct table *table, struct list *list, int lines)
{
    list->page = rows_that_fit(tui, table, list, lines);
    while (list->line >= list->top + list->page && list->top < list->line) {
        list->top++;
        list->page = rows_that_fit(tui, table, list, lines);
    }
}

static bool draw_titles(struct canvas *canvas, const struct table *table, struct rect place)
{
    if (table->shown == 0)
        canvas_print(canvas, place.row, table->left, place.columns - MARK_COLUMNS, ROLE_WARN,
                     "too narrow for this table: rows would lose their names");
    else
        column_titles(canvas, place.row, table->left, table->columns, table->places, table->shown);
    return table->shown > 0;
}

void panel_draw_list(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place)
{
    struct list *list = &tui->lists[panel];
    int y = place.row + 1, end = place.row + place.rows;
    uint32_t lines = place.rows > 1 ? (uint32_t)place.rows - 1 : 0, i;
    struct table table;

    list_scroll(list, lines);
    measure(tui, panel, list->rows + list->top,
            list->count - list->top < lines ? list->count - list->top : lines);
    fit(tui, panel, place, &table);
    if (!draw_titles(canvas, &table, place))
        return;
    scroll(tui, &table, list, (int)lines);
    if (panel == tui->panel)
        memset(tui->line_rows, 0xff, sizeof tui->line_rows);
    for (i = list->top; i < list->count && y < end; i++) {
        uint32_t row = list->rows[i].row;
        int used = draw_row(tui, canvas, &table, row, y, end);

        if (panel == tui->panel)
            draw_marks(
                tui, canvas, list, row,
                (struct rect){y, place.column, used < end - y ? used : end - y, place.columns});
        for (; used > 0 && y < end; used--, y++)
            if (panel == tui->panel)
                tui->line_rows[y - place.row - 1] = i;
    }
}

static void draw_title(const struct tui *tui, struct canvas *canvas, enum panel panel,
                       struct rect place)
{
    const struct panel_ops *ops = panels[panel];
    const struct list *list = &tui->lists[panel];
    char title[32], note[160] = "", known[80], rest[500];
    bool sorted = ops->columns && list->sort != LIST_NATURAL;
    const char *sort = sorted ? ops->columns[list->sort].name : ops->order;
    const char *held = tui->frozen ? " (FROZEN: Z)" : tui->now < tui->still_until ? " (held)" : "";
    int x;

    snprintf(title, sizeof title, " %s ", ops->title);
    x = canvas_print(canvas, place.row, place.column, place.columns, ROLE_TITLE, title);
    if (ops->note)
        ops->note(tui, note, sizeof note);
    offline_title(tui, known, sizeof known);
    if (ops->columns)
        snprintf(rest, sizeof rest, "%s%s  sort:%s%s%s  filter:%s%s", known, note, sort,
                 list->descending ? " down" : "", held,
                 list->filter.text[0] ? list->filter.text : "-",
                 list->tagged ? "  tagged rows: X and K mean those" : "");
    else
        snprintf(rest, sizeof rest, "%s%s", known, note);
    canvas_print(canvas, place.row, place.column + x, place.columns - x - NUMBER_COLUMNS, ROLE_DIM,
                 rest);
    if ((unsigned)panel >= NUMBERED)
        return;
    snprintf(title, sizeof title, "%u/%d", (unsigned)panel + 1, NUMBERED);
    canvas_field(canvas, place.row, place.column + place.columns - 5, 4, ALIGN_RIGHT, ROLE_DIM,
                 title);
}

void panel_draw(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place)
{
    struct list *list = &tui->lists[panel];
    struct rect rest = place;

    rest.row++;
    rest.rows--;
    draw_title(tui, canvas, panel, place);
    if (panels[panel]->draw) {
        panels[panel]->draw(tui, canvas, rest);
        return;
    }
    panel_draw_list(tui, canvas, panel, rest);
    if (list->count == 0)
        canvas_print(canvas, rest.row + 1, rest.column + MARK_COLUMNS, rest.columns, ROLE_DIM,
                     list->candidates ? "nothing passes the filter" : "nothing here");
}

void panel_draw_rows(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place,
                     const uint32_t *rows, size_t count)
{
    int y = place.row + 1, end = place.row + place.rows;
    struct list_row list[64] = {{.row = 0}};
    struct table table;

    if (count > sizeof list / sizeof list[0])
        count = sizeof list / sizeof list[0];
    for (size_t i = 0; i < count; i++)
        list[i] = (struct list_row){.row = rows[i]};
    measure(tui, panel, list, (uint32_t)count);
    fit(tui, panel, place, &table);
    if (!draw_titles(canvas, &table, place))
        return;
    for (size_t i = 0; i < count && y < end; i++)
        y += draw_row(tui, canvas, &table, rows[i], y, end);
}

uint32_t panel_index_at(const struct tui *tui, int line)
{
    return line < 0 || line >= CANVAS_ROWS ? LIST_NO_ROW : tui->line_rows[line];
}
