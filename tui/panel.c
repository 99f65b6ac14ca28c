/* Panels as tables: which rows, in what order, drawn in which columns. */
#include "tui/panel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/column.h"
#include "tui/print.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum { MARK_COLUMNS = 2, NARROW_COLUMNS = 100 };

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

void cell_put_symbol(struct cell *cell, const struct sq_instrument *instrument)
{
    char label[SQ_LABEL_SIZE];

    sq_label(instrument, label);
    cell_set(cell, ROLE_DEFAULT, "%s", label);
}

void cell_put_product(struct cell *cell, const struct sq_key *key)
{
    cell_set(cell, ROLE_DEFAULT, "%s", sq_name(SQ_LIST_PRODUCT, key->product));
}

void cell_put_side(struct cell *cell, unsigned side)
{
    cell_set(cell, side == SQ_SIDE_BUY ? ROLE_SIDE_BUY : ROLE_SIDE_SELL, "%s",
             sq_name(SQ_LIST_SIDE, side));
}

const struct panel_column *panel_column(const struct panel_ops *ops, const char *name)
{
    for (size_t i = 0; i < ops->column_count; i++)
        if (strcmp(ops->columns[i].name, name) == 0)
            return &ops->columns[i];
    return NULL;
}

static void get_cell(const struct tui *tui, const struct panel_column *column, uint32_t row,
                     struct cell *cell)
{
    cell->text[0] = '\0';
    cell->role = ROLE_DEFAULT;
    column->cell(tui, row, cell);
}

bool panel_row_contains(const struct tui *tui, const struct panel_ops *ops, uint32_t row,
                        const char *text)
{
    struct cell cell;

    for (size_t i = 0; i < ops->column_count; i++) {
        get_cell(tui, &ops->columns[i], row, &cell);
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
    get_cell(q->tui, panel_column(q->ops, name), q->row, &cell);
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

static void set_key(const struct tui *tui, const struct panel_ops *ops, const struct list *list,
                    uint32_t index, struct list_row *row)
{
    const struct panel_column *column =
        list->sort == LIST_NATURAL ? NULL : &ops->columns[list->sort];
    struct cell cell;

    row->key[0] = index;
    row->key[1] = 0;
    if (!column && ops->rank) {
        ops->rank(tui, row->row, row->key);
    } else if (column && column->number) {
        row->key[0] = column->number(tui, row->row);
    } else if (column) {
        get_cell(tui, column, row->row, &cell);
        text_key(cell.text, row->key);
    }
}

void panel_rebuild(struct tui *tui, enum panel panel, bool keep)
{
    const struct panel_ops *ops = panels[panel];
    struct list *list = &tui->lists[panel];

    if (keep)
        list_remember(list);
    list->count = 0;
    if (!ops->collect)
        return;
    ops->collect(tui, list);
    list->candidates = list->count;
    drop_filtered(tui, ops, list);
    for (uint32_t i = 0; i < list->count; i++) {
        struct list_row *row = &list->rows[i];

        if (keep)
            *row = (struct list_row){{list_place_before(list, row->row), i}, row->row};
        else
            set_key(tui, ops, list, i, row);
    }
    list_sort(list, list->descending && !keep);
    list_settle(list, tui->follow);
}

/* ---- drawing ------------------------------------------------------------------------------------ */

static void measure(struct tui *tui, enum panel panel, const struct list_row *rows, uint32_t count)
{
    const struct panel_ops *ops = panels[panel];
    struct cell cell;

    for (size_t c = 0; c < ops->column_count; c++)
        for (uint32_t i = 0; ops->columns[c].importance == 0 && i < count; i++) {
            size_t length;

            get_cell(tui, &ops->columns[c], rows[i].row, &cell);
            length = strlen(cell.text);
            if (length > tui->widths[panel][c] && length <= ops->columns[c].max)
                tui->widths[panel][c] = (uint8_t)length;
        }
}

/* The panel's columns as tui/column.h wants them: those with max 0 are only for filters. */
static size_t fit(const struct tui *tui, enum panel panel, int width, struct column *columns,
                  uint8_t *index, struct column_place *places)
{
    const struct panel_ops *ops = panels[panel];
    size_t count = 0;

    for (size_t c = 0; c < ops->column_count; c++) {
        const struct panel_column *from = &ops->columns[c];
        uint8_t widest = tui->widths[panel][c];

        if (from->max == 0)
            continue;
        index[count] = (uint8_t)c;
        columns[count++] =
            (struct column){.title = from->title,
                            .min = from->importance == 0 && widest > from->min ? widest : from->min,
                            .max = from->importance == 0 && widest > from->min ? widest
                                   : from->importance == 0                     ? from->min
                                                                               : from->max,
                            .priority = from->importance,
                            .align = from->align};
    }
    return column_fit(columns, count, width, places);
}

static void draw_marks(const struct tui *tui, struct canvas *canvas, const struct list *list,
                       uint32_t row, int y, struct rect place)
{
    if (row == list->cursor)
        canvas_repeat(canvas, y, place.column, 1, ROLE_DEFAULT,
                      theme_mark(tui->theme, MARK_ROW_CURSOR));
    if (list_is_tagged(list, row))
        canvas_repeat(canvas, y, place.column + 1, 1, ROLE_TAG,
                      theme_mark(tui->theme, MARK_ROW_TAG));
    if (row == list->cursor)
        canvas_select(canvas, y, place.column, place.columns);
}

static void draw_row(const struct tui *tui, struct canvas *canvas, const struct panel_ops *ops,
                     const uint8_t *index, const struct column_place *places, size_t shown,
                     uint32_t row, int y, int left)
{
    struct cell cell;

    for (size_t i = 0; i < shown; i++) {
        const struct panel_column *column = &ops->columns[index[places[i].index]];

        get_cell(tui, column, row, &cell);
        canvas_field(canvas, y, left + places[i].x, places[i].width, column->align, cell.role,
                     cell.text);
    }
}

static void draw_table(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place,
                       const struct list_row *rows, uint32_t count, const struct list *list)
{
    struct column columns[PANEL_COLUMNS];
    struct column_place places[PANEL_COLUMNS];
    uint8_t index[PANEL_COLUMNS];
    int left = place.column + MARK_COLUMNS;
    size_t shown;

    measure(tui, panel, rows, count);
    shown = fit(tui, panel, place.columns - MARK_COLUMNS, columns, index, places);
    if (shown == 0) {
        canvas_print(canvas, place.row, left, place.columns, ROLE_WARN,
                     "too narrow for this table: rows would lose their names");
        return;
    }
    column_titles(canvas, place.row, left, columns, places, shown);
    for (uint32_t i = 0; i < count && (int)i + 1 < place.rows; i++) {
        int y = place.row + 1 + (int)i;

        draw_row(tui, canvas, panels[panel], index, places, shown, rows[i].row, y, left);
        if (list)
            draw_marks(tui, canvas, list, rows[i].row, y, place);
    }
}

static void draw_title(const struct tui *tui, struct canvas *canvas, enum panel panel,
                       struct rect place)
{
    const struct panel_ops *ops = panels[panel];
    const struct list *list = &tui->lists[panel];
    char title[32], note[160] = "", rest[400];
    bool sorted = ops->columns && list->sort != LIST_NATURAL;
    const char *sort = sorted ? ops->columns[list->sort].name : ops->order;
    const char *held = tui->frozen ? " (FROZEN: Z)" : tui->now < tui->still_until ? " (held)" : "";
    int x;

    snprintf(title, sizeof title, " %s ", ops->title);
    x = canvas_print(canvas, place.row, place.column, place.columns, ROLE_TITLE, title);
    if (ops->note)
        ops->note(tui, note, sizeof note);
    if (ops->columns)
        snprintf(rest, sizeof rest, "%s  sort:%s%s%s  filter:%s  %s", note, sort,
                 list->descending ? " down" : "", held,
                 list->filter.text[0] ? list->filter.text : "-",
                 list->tagged ? "tagged rows: X and K mean those" : "");
    else
        snprintf(rest, sizeof rest, "%s", note);
    canvas_print(canvas, place.row, place.column + x, place.columns - x, ROLE_DIM, rest);
    snprintf(title, sizeof title, "%u/%u", (unsigned)panel + 1, (unsigned)PANELS);
    canvas_field(canvas, place.row, place.column + place.columns - 5, 4, ALIGN_RIGHT, ROLE_DIM,
                 title);
}

void panel_draw(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place)
{
    struct list *list = &tui->lists[panel];
    struct rect rest = place;
    uint32_t shown;

    rest.row++;
    rest.rows--;
    draw_title(tui, canvas, panel, place);
    if (panels[panel]->draw) {
        panels[panel]->draw(tui, canvas, rest);
        return;
    }
    list_scroll(list, rest.rows > 1 ? (uint32_t)rest.rows - 1 : 0);
    shown = list->count - list->top < list->page ? list->count - list->top : list->page;
    draw_table(tui, canvas, panel, rest, list->rows + list->top, shown, list);
    if (list->count == 0)
        canvas_print(canvas, rest.row + 1, rest.column + MARK_COLUMNS, rest.columns, ROLE_DIM,
                     list->candidates ? "nothing passes the filter" : "nothing here");
}

void panel_draw_rows(struct tui *tui, struct canvas *canvas, enum panel panel, struct rect place,
                     const uint32_t *rows, size_t count)
{
    struct list_row list[64];

    if (count > sizeof list / sizeof list[0])
        count = sizeof list / sizeof list[0];
    for (size_t i = 0; i < count; i++)
        list[i] = (struct list_row){.row = rows[i]};
    draw_table(tui, canvas, panel, place, list, (uint32_t)count, NULL);
}
