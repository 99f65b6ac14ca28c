/* The title line that every strip has. */
#include "tui/strip.h"

#include <stdio.h>
#include <string.h>

void strip_title(struct canvas *canvas, struct rect place, enum role role, const char *title,
                 const char *right)
{
    char text[160];
    int columns;

    canvas_fill(canvas, place, ROLE_STRIP);
    canvas_repeat(canvas, place.row, place.column, place.columns, role, '=');
    snprintf(text, sizeof text, "= %s ", title);
    canvas_print(canvas, place.row, place.column, place.columns, role, text);
    columns = (int)strlen(right) + 4;
    if (right[0] == '\0' || columns > place.columns)
        return;
    snprintf(text, sizeof text, " %s =", right);
    canvas_print(canvas, place.row, place.column + place.columns - columns + 1, columns, role,
                 text);
}
