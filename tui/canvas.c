/* Drawing keeps one promise for wide characters: a right half always stands behind its left half. It
 * is looked after at the two edges of what is drawn; in between everything is overwritten. */
#include "tui/canvas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/text.h"

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

bool canvas_init(struct canvas *canvas, int rows, int columns)
{
    canvas->rows = clamp(rows, 1, CANVAS_ROWS);
    canvas->columns = clamp(columns, 1, CANVAS_COLUMNS);
    canvas->cells = calloc((size_t)canvas->rows * (size_t)canvas->columns, sizeof *canvas->cells);
    if (canvas->cells == NULL)
        return false;
    canvas_clear(canvas);
    return true;
}

void canvas_finish(struct canvas *canvas)
{
    free(canvas->cells);
    *canvas = (struct canvas){0};
}

static size_t size_of(const struct canvas *canvas)
{
    return (size_t)canvas->rows * (size_t)canvas->columns;
}

void canvas_clear(struct canvas *canvas)
{
    for (size_t i = 0; i < size_of(canvas); i++)
        canvas->cells[i] = (struct canvas_cell){.character = ' '};
}

static struct canvas_cell *at(const struct canvas *canvas, int row, int column)
{
    return &canvas->cells[(size_t)row * (size_t)canvas->columns + (size_t)column];
}

/* Text is about to be written from a column on: the left half that it would leave behind. */
static void mend_left(struct canvas *canvas, int row, int column)
{
    if (column > 0 && at(canvas, row, column)->character == 0)
        at(canvas, row, column - 1)->character = ' ';
}

/* Text has been written up to a column: the right half that it has left behind. */
static void mend_right(struct canvas *canvas, int row, int column)
{
    if (column < canvas->columns && at(canvas, row, column)->character == 0)
        at(canvas, row, column)->character = ' ';
}

/* Columns of [column, column + width) that lie on the canvas, given that the start does; else 0. */
static int room(const struct canvas *canvas, int row, int column, int width)
{
    if (row < 0 || row >= canvas->rows || column < 0 || column >= canvas->columns || width < 0)
        return 0;
    return width < canvas->columns - column ? width : canvas->columns - column;
}

int canvas_bytes(struct canvas *canvas, int row, int column, int width, enum role role,
                 const char *bytes, size_t length)
{
    int limit = room(canvas, row, column, width), used = 0;
    struct canvas_cell *cells;

    if (limit == 0 || length == 0)
        return 0;
    cells = at(canvas, row, column);
    mend_left(canvas, row, column);
    for (size_t i = 0; i < length && used < limit;) {
        uint32_t character;
        int columns;

        i += text_next(bytes + i, length - i, &character, &columns);
        if (used + columns > limit)
            break;
        cells[used++] = (struct canvas_cell){.character = character, .role = (uint8_t)role};
        if (columns == 2)
            cells[used++] = (struct canvas_cell){.character = 0, .role = (uint8_t)role};
    }
    mend_right(canvas, row, column + used);
    return used;
}

/* Where a text that has to be cut ends: room for the mark, and no part of a figure (a word that begins
 * with a digit), since one that lost digits reads as another. A word alone is cut anywhere. */
static size_t cut_at(const char *text, size_t length, int columns)
{
    size_t end = 0, word, next;
    uint32_t character;
    int wide, used = 0;

    for (next = 0; next < length; end = next) {
        next += text_next(text + next, length - next, &character, &wide);
        used += wide;
        if (used >= columns)
            break;
    }
    for (word = end; word > 0 && text[word - 1] != ' ';)
        word--;
    next = word + strspn(text + word, "+-~(@!");
    return word > 0 && next < length && text[next] >= '0' && text[next] <= '9' ? word : end;
}

/* Text in `limit` columns, its mark of a cut included; returns the columns drawn. */
static int put_cut(struct canvas *canvas, int row, int column, int limit, enum role role,
                   const char *text, size_t length)
{
    size_t shown = cut_at(text, length, limit);
    int used = canvas_bytes(canvas, row, column, limit - 1, role, text, shown);

    canvas_repeat(canvas, row, column + used, 1, role, '~');
    return used + 1;
}

int canvas_print(struct canvas *canvas, int row, int column, int width, enum role role,
                 const char *text)
{
    int limit = room(canvas, row, column, width);
    size_t length = strlen(text);

    if (limit > 0 && text_columns(text, length) > (size_t)limit)
        return put_cut(canvas, row, column, limit, role, text, length);
    return canvas_bytes(canvas, row, column, width, role, text, length);
}

void canvas_repeat(struct canvas *canvas, int row, int column, int count, enum role role,
                   uint32_t character)
{
    int limit = room(canvas, row, column, count);
    struct canvas_cell *cells;

    if (limit == 0)
        return;
    cells = at(canvas, row, column);
    mend_left(canvas, row, column);
    for (int i = 0; i < limit; i++)
        cells[i] = (struct canvas_cell){.character = character, .role = (uint8_t)role};
    mend_right(canvas, row, column + limit);
}

void canvas_field(struct canvas *canvas, int row, int column, int width, enum align align,
                  enum role role, const char *text)
{
    size_t length = strlen(text), columns = text_columns(text, length);
    bool cut = width > 0 && columns > (size_t)width;
    int before = align == ALIGN_LEFT || width <= 0 ? 0 : width - (cut ? 1 : (int)columns), used;

    canvas_repeat(canvas, row, column, before, role, ' ');
    used = before;
    if (cut && align == ALIGN_RIGHT) /* a figure: nothing of it is better than a part */
        canvas_repeat(canvas, row, column + used++, 1, role, '~');
    else if (cut)
        used += put_cut(canvas, row, column, width, role, text, length);
    else
        used += canvas_bytes(canvas, row, column + before, width - before, role, text, length);
    canvas_repeat(canvas, row, column + used, width - used, role, ' ');
}

void canvas_fill(struct canvas *canvas, struct rect place, enum role role)
{
    for (int i = 0; i < place.rows; i++)
        canvas_repeat(canvas, place.row + i, place.column, place.columns, role, ' ');
}

void canvas_select(struct canvas *canvas, int row, int column, int width)
{
    int limit = room(canvas, row, column, width);

    for (int i = 0; i < limit; i++)
        at(canvas, row, column + i)->flags |= CANVAS_SELECTED;
}

/* Frames */

/* Cells have no padding, so bytes decide. */
static bool differs(const struct canvas *now, const struct canvas *before, int row, int column)
{
    return memcmp(at(now, row, column), at(before, row, column), sizeof *now->cells) != 0;
}

static bool is_half(const struct canvas *now, const struct canvas *before, int row, int column)
{
    return at(now, row, column)->character == 0 || at(before, row, column)->character == 0;
}

bool canvas_next_change(const struct canvas *now, const struct canvas *before,
                        struct canvas_run *run)
{
    int column = run->column + run->count;

    for (int row = run->row; row < now->rows; row++, column = 0) {
        const struct canvas_cell *cells = at(now, row, 0), *old = at(before, row, 0);

        if (column == 0 && memcmp(cells, old, (size_t)now->columns * sizeof *cells) == 0)
            continue;
        while (column < now->columns && !differs(now, before, row, column))
            column++;
        if (column == now->columns)
            continue;
        *run = (struct canvas_run){row, column, 0};
        while (run->column > 0 && is_half(now, before, row, run->column))
            run->column--;
        while (column < now->columns &&
               (differs(now, before, row, column) || is_half(now, before, row, column)))
            column++;
        run->count = column - run->column;
        return true;
    }
    return false;
}

void canvas_copy(struct canvas *to, const struct canvas *from)
{
    memcpy(to->cells, from->cells, size_of(from) * sizeof *from->cells);
}

/* Text */

struct output {
    char *text;
    size_t size, length;
};

static void add(struct output *out, const char *bytes, size_t length)
{
    if (length >= out->size - out->length)
        return;
    memcpy(out->text + out->length, bytes, length);
    out->length += length;
}

static void add_character(struct output *out, uint32_t character)
{
    char utf8[4];
    size_t length = text_utf8(character, utf8);

    add(out, utf8, length);
}

static int used_columns(const struct canvas *canvas, int row)
{
    int columns = canvas->columns;

    while (columns > 0 && at(canvas, row, columns - 1)->character == ' ')
        columns--;
    return columns;
}

size_t canvas_text(const struct canvas *canvas, char *text, size_t size)
{
    struct output out = {text, size, 0};

    for (int row = 0; row < canvas->rows; row++) {
        int columns = used_columns(canvas, row);

        for (int column = 0; column < columns; column++) {
            uint32_t character = at(canvas, row, column)->character;

            if (character != 0)
                add_character(&out, character);
        }
        add(&out, "\n", 1);
    }
    text[out.length] = '\0';
    return out.length;
}

/* For the dump of roles: characters do not matter, who they are does. */
static bool alike(const struct canvas_cell *a, const struct canvas_cell *b)
{
    return a->role == b->role && a->flags == b->flags;
}

static bool is_plain(const struct canvas_cell *cell)
{
    return cell->role == ROLE_DEFAULT && cell->flags == 0;
}

static void add_run(struct output *out, const struct canvas_cell *cell, int row, int first,
                    int last)
{
    char line[80];
    int length = snprintf(line, sizeof line, "%d:%d-%d %s%s\n", row, first, last,
                          role_names[cell->role], cell->flags & CANVAS_SELECTED ? "+selected" : "");

    add(out, line, (size_t)length);
}

size_t canvas_roles(const struct canvas *canvas, char *text, size_t size)
{
    struct output out = {text, size, 0};

    for (int row = 0; row < canvas->rows; row++)
        for (int column = 0, end; column < canvas->columns; column = end) {
            const struct canvas_cell *cell = at(canvas, row, column);
            bool blank = true;

            for (end = column; end < canvas->columns && alike(at(canvas, row, end), cell); end++)
                blank = blank && at(canvas, row, end)->character == ' ';
            if (!is_plain(cell) && !(blank && cell->flags == 0))
                add_run(&out, cell, row, column, end - 1);
        }
    text[out.length] = '\0';
    return out.length;
}
