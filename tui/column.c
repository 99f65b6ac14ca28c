/* Two passes: how far down the list of priorities everything fits at its least width, then sharing
 * what is left. Nothing is ever narrower than its least. */
#include "tui/column.h"

int column_least_width(const struct column *columns, size_t count, int priority)
{
    int width = -COLUMN_GAP;

    for (size_t i = 0; i < count; i++)
        if (columns[i].priority <= priority)
            width += columns[i].min + COLUMN_GAP;
    return width;
}

/* The highest priority number at which everything still fits; -1: not even 0 does. */
static int fitting_priority(const struct column *columns, size_t count, int width)
{
    int priority = UINT8_MAX;

    while (priority >= 0 && column_least_width(columns, count, priority) > width)
        priority--;
    return priority;
}

/* Gives `spare` to the shown columns of one priority, a column of the screen at a time so that they
 * grow alike. Returns what is left. */
static int grow(const struct column *columns, struct column_place *places, size_t shown,
                int priority, int spare)
{
    for (bool grown = true; grown && spare > 0;) {
        grown = false;
        for (size_t i = 0; i < shown && spare > 0; i++) {
            const struct column *column = &columns[places[i].index];

            if (column->priority != priority || places[i].width >= column->max)
                continue;
            places[i].width++;
            spare--;
            grown = true;
        }
    }
    return spare;
}

size_t column_fit(const struct column *columns, size_t count, int width,
                  struct column_place *places)
{
    int last = fitting_priority(columns, count, width);
    int spare = width - column_least_width(columns, count, last), x = 0;
    size_t shown = 0;

    for (size_t i = 0; i < count; i++)
        if (columns[i].priority <= last)
            places[shown++] = (struct column_place){(uint8_t)i, 0, columns[i].min};
    for (int priority = 0; priority <= last; priority++)
        spare = grow(columns, places, shown, priority, spare);
    for (size_t i = 0; i < shown; i++) {
        places[i].x = x;
        x += places[i].width + COLUMN_GAP;
    }
    return shown;
}

void column_titles(struct canvas *canvas, int row, int left, const struct column *columns,
                   const struct column_place *places, size_t shown)
{
    for (size_t i = 0; i < shown; i++)
        canvas_field(canvas, row, left + places[i].x, places[i].width,
                     columns[places[i].index].align, ROLE_HEADER, columns[places[i].index].title);
}
