/* Help for the screen it was opened over, from the key table. */
#include <stdio.h>

#include "tui/tui.h"

/* Each line of the help is a row, so that it scrolls like every list. */
static void collect(struct tui *tui, struct list *list)
{
    struct keys_help help;

    for (uint32_t i = 0; keys_help_line(tui->keys, panels[tui->back]->mode, i, &help); i++)
        list_add(list, i);
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct list *list = &tui->lists[PANEL_HELP];
    struct keys_help help;

    if (list->top + (uint32_t)place.rows > list->count)
        list->top = list->count > (uint32_t)place.rows ? list->count - (uint32_t)place.rows : 0;
    list->page = (uint32_t)place.rows;
    for (int y = 0; y < place.rows; y++) {
        if (!keys_help_line(tui->keys, panels[tui->back]->mode, list->top + (uint32_t)y, &help))
            break;
        if (help.heading) {
            canvas_print(canvas, place.row + y, place.column + 1, place.columns - 2, ROLE_HEADER,
                         help.text);
            continue;
        }
        canvas_field(canvas, place.row + y, place.column + 2, 15, ALIGN_LEFT, ROLE_KEY, help.keys);
        canvas_print(canvas, place.row + y, place.column + 18, place.columns - 18, ROLE_DEFAULT,
                     help.text);
    }
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "keys on the screen %s", panels[tui->back]->title);
}

const struct panel_ops panel_help = {
    .title = "Help",
    .mode = KEYS_HELP,
    .order = "",
    .collect = collect,
    .draw = draw,
    .note = note,
};
