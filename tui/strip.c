/* The title line that every strip has. */
#include "tui/strip.h"

#include <stdio.h>
#include <string.h>

void strip_title(struct canvas *canvas, struct rect place, enum role role, const char *title,
                 const char *right)
{
    char text[160];
    int columns = right[0] ? (int)strlen(right) + 4 : 0;

    if (columns > place.columns / 2)
        columns = 0;
    canvas_fill(canvas, place, ROLE_STRIP);
    canvas_repeat(canvas, place.row, place.column, place.columns, role, '=');
    snprintf(text, sizeof text, "= %s ", title);
    canvas_print(canvas, place.row, place.column, place.columns - columns, role, text);
    if (columns == 0)
        return;
    snprintf(text, sizeof text, " %s =", right);
    canvas_print(canvas, place.row, place.column + place.columns - columns + 1, columns, role,
                 text);
}
