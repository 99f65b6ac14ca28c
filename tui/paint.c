/* Looks are worked out once a theme (paint_theme); a frame then only compares, moves and copies. Each
 * put_...() writes at `out` and returns the end, so that nothing measures what it has just written. */
#include "tui/paint.h"

#include <stdlib.h>
#include <string.h>

#include "tui/text.h"

#define GAP_MAX   3 /* cells that are cheaper to write again than to jump over */
#define STEPS_MAX 8 /* most line feeds or backspaces worth looking at */

void paint_init(struct paint *paint, enum theme_depth depth, int colours, unsigned attr_mask)
{
    *paint = (struct paint){.depth = depth, .colours = colours, .attr_mask = attr_mask};
    paint_forget(paint);
}

void paint_forget(struct paint *paint)
{
    paint->row = paint->column = -1;
    paint->pen_known = false;
}

void paint_unknown(struct canvas *canvas)
{
    memset(canvas->cells, 0xff,
           (size_t)canvas->rows * (size_t)canvas->columns * sizeof *canvas->cells);
}

/* Looks */

/* A palette of eight has the bright colours only as bold. */
static void dull(struct theme_look *look)
{
    if (look->fg != THEME_DEFAULT && (look->fg & 0xff) >= 8) {
        look->fg -= 8;
        look->attr |= THEME_BOLD;
    }
    if (look->bg != THEME_DEFAULT && (look->bg & 0xff) >= 8)
        look->bg -= 8;
}

/* On the cursor's row. Reverse on reverse turns back, so that an alarm still stands out. */
static struct theme_look selected(struct theme_look look, struct theme_look select)
{
    look.bg = select.bg;
    look.attr =
        (uint8_t)((look.attr | (select.attr & ~THEME_REVERSE)) ^ (select.attr & THEME_REVERSE));
    return look;
}

void paint_theme(struct paint *paint, const struct theme *theme)
{
    struct theme_look select = theme_look(theme, ROLE_SELECT, paint->depth);

    for (enum role role = 0; role < ROLES; role++) {
        struct theme_look look = theme_look(theme, role, paint->depth);

        paint->looks[role][0] = look;
        paint->looks[role][1] = selected(look, select);
        for (int i = 0; i < 2; i++) {
            if (paint->depth == THEME_16 && paint->colours < 16)
                dull(&paint->looks[role][i]);
            paint->looks[role][i].attr &= (uint8_t)paint->attr_mask;
        }
    }
}

static const struct theme_look *look_of(const struct paint *paint, const struct canvas_cell *cell)
{
    return &paint->looks[cell->role][cell->flags & CANVAS_SELECTED ? 1 : 0];
}

static bool same_look(const struct theme_look *a, const struct theme_look *b)
{
    return a->fg == b->fg && a->bg == b->bg && a->attr == b->attr;
}

/* Bytes */

static char *put_text(char *out, const char *text)
{
    while (*text != '\0')
        *out++ = *text++;
    return out;
}

static char *put_number(char *out, int number)
{
    char digits[10];
    int count = 0;

    do
        digits[count++] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (count > 0)
        *out++ = digits[--count];
    return out;
}

static int digits_of(int number)
{
    return number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : 4;
}

/* Select Graphic Rendition: ESC [ parameters m. */

/* With the semicolon that parts it from the one before. */
static char *put_parameter(char *out, int number)
{
    if (out[-1] != '[')
        *out++ = ';';
    return put_number(out, number);
}

static const struct {
    uint8_t attr;
    int on, off;
} renditions[] = {{THEME_BOLD, 1, 22},      {THEME_DIM, 2, 22},   {THEME_ITALIC, 3, 23},
                  {THEME_UNDERLINE, 4, 24}, {THEME_BLINK, 5, 25}, {THEME_REVERSE, 7, 27}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Switches off what `to` has not, then on what it has. 22 ends bold and dim together. */
static char *put_attr(char *out, uint8_t from, uint8_t to)
{
    int ended = 0;

    for (size_t i = 0; i < COUNT(renditions); i++)
        if ((from & ~to & renditions[i].attr) && renditions[i].off != ended) {
            ended = renditions[i].off;
            out = put_parameter(out, ended);
            if (ended == 22)
                from &= (uint8_t) ~(THEME_BOLD | THEME_DIM);
        }
    for (size_t i = 0; i < COUNT(renditions); i++)
        if (to & ~from & renditions[i].attr)
            out = put_parameter(out, renditions[i].on);
    return out;
}

/* `base` is 30 for the foreground, 40 for the background. */
static char *put_colour(char *out, int base, int32_t colour)
{
    int index = colour & 0xff;

    if (colour == THEME_DEFAULT)
        return put_parameter(out, base + 9);
    if (!(colour & THEME_INDEX)) {
        out = put_parameter(put_parameter(out, base + 8), 2);
        for (int shift = 16; shift >= 0; shift -= 8)
            out = put_parameter(out, colour >> shift & 0xff);
        return out;
    }
    if (index < 16)
        return put_parameter(out, (index < 8 ? base : base + 60 - 8) + index);
    return put_parameter(put_parameter(put_parameter(out, base + 8), 5), index);
}

/* From the look that the terminal writes with now to another one. Plain has a form of its own, the
 * shortest there is; from an unknown look everything is reset first. */
static char *put_look(struct paint *paint, const struct theme_look *to, char *out)
{
    static const struct theme_look plain = {THEME_DEFAULT, THEME_DEFAULT, 0};
    struct theme_look from = paint->pen;

    if (paint->pen_known && same_look(&from, to))
        return out;
    out = put_text(out, "\033[");
    if (!paint->pen_known || same_look(to, &plain)) {
        from = plain;
        if (!same_look(to, &plain))
            out = put_parameter(out, 0);
    }
    out = put_attr(out, from.attr, to->attr);
    if (from.fg != to->fg)
        out = put_colour(out, 30, to->fg);
    if (from.bg != to->bg)
        out = put_colour(out, 40, to->bg);
    paint->pen = *to;
    paint->pen_known = true;
    *out++ = 'm';
    return out;
}

/* Moves */

static char *put_repeated(char *out, char byte, int count)
{
    memset(out, byte, (size_t)count);
    return out + count;
}

/* CUP counts from 1, and a column of 1 may be left out. */
static char *put_absolute(char *out, int row, int column)
{
    out = put_number(put_text(out, "\033["), row + 1);
    if (column > 0) {
        *out++ = ';';
        out = put_number(out, column + 1);
    }
    *out++ = 'H';
    return out;
}

/* Bytes of a move by columns within a line, and the move itself. */
/* A backspace is one byte, ESC [ n D at least four. There is no single byte for the way right. */
static int sideways_cost(int by)
{
    if (by < 0)
        return -by <= 3 + digits_of(-by) ? -by : 3 + digits_of(-by);
    return by == 0 ? 0 : by == 1 ? 3 : 3 + digits_of(by);
}

static char *put_sideways(char *out, int by)
{
    if (by == 0)
        return out;
    if (by < 0 && -by <= 3 + digits_of(-by))
        return put_repeated(out, '\b', -by);
    out = put_text(out, "\033[");
    if (abs(by) > 1)
        out = put_number(out, abs(by));
    *out++ = by < 0 ? 'D' : 'C';
    return out;
}

/* Down by line feeds (the column stays, since output is not processed), then sideways from there or
 * from the start of the line; or to the place itself. The shortest wins. */
static char *put_move(struct paint *paint, int row, int column, char *out)
{
    int down = row - paint->row, by = column - paint->column;
    int absolute = 4 + digits_of(row + 1) + (column > 0 ? digits_of(column + 1) : -1);
    bool known = paint->row >= 0 && paint->column >= 0 && down >= 0 && down <= STEPS_MAX;

    if (known && down == 0 && by == 0)
        return out;
    if (known && down + sideways_cost(by) < absolute)
        out = put_sideways(put_repeated(out, '\n', down), by);
    else if (known && down + 1 + sideways_cost(column) < absolute)
        out = put_sideways(put_text(put_repeated(out, '\n', down), "\r"), column);
    else
        out = put_absolute(out, row, column);
    paint->row = row;
    paint->column = column;
    return out;
}

/* Cells */

/* Letters of Latin scripts, and the lines and blocks of U+2500, are one column everywhere. About
 * anything else terminals differ, so the cursor counts as lost and one wrong width cannot shift the
 * rest of the line. */
static bool is_certain(uint32_t character)
{
    return character < 0x300 || (character >= 0x2500 && character < 0x25a0);
}

static char *put_cell(struct paint *paint, const struct canvas *now, int row, int column, char *out)
{
    const struct canvas_cell *cell =
        &now->cells[(size_t)row * (size_t)now->columns + (size_t)column];

    if (cell->character == 0)
        return out;
    out = put_move(paint, row, column, out);
    out = put_look(paint, look_of(paint, cell), out);
    out += text_utf8(cell->character, out);
    paint->column++;
    if (!is_certain(cell->character) || paint->column == now->columns)
        paint->column = -1;
    return out;
}

/* Can the cells between the cursor and a column be written again with the pen as it is? */
static bool is_cheap_gap(const struct paint *paint, const struct canvas *now, int row, int column)
{
    const struct canvas_cell *cells = &now->cells[(size_t)row * (size_t)now->columns];

    if (paint->row != row || paint->column < 0 || column <= paint->column ||
        column - paint->column > GAP_MAX || !paint->pen_known)
        return false;
    for (int i = paint->column; i < column; i++)
        if (cells[i].character < 0x20 || cells[i].character > 0x7e ||
            !same_look(look_of(paint, &cells[i]), &paint->pen))
            return false;
    return true;
}

size_t paint_frame(struct paint *paint, const struct canvas *now, const struct canvas *before,
                   char *bytes)
{
    struct canvas_run run = {0};
    char *out = bytes;

    while (canvas_next_change(now, before, &run)) {
        if (is_cheap_gap(paint, now, run.row, run.column))
            for (int column = paint->column; column < run.column; column++)
                out = put_cell(paint, now, run.row, column, out);
        for (int i = 0; i < run.count; i++)
            out = put_cell(paint, now, run.row, run.column + i, out);
    }
    return (size_t)(out - bytes);
}

size_t paint_cursor(struct paint *paint, int row, int column, char *bytes)
{
    return (size_t)(put_move(paint, row, column, bytes) - bytes);
}
