/* Help for the screen it was opened over: its keys, from the key table, then the ":" commands. */
#include "tui/panel_help.h"

#include <stdio.h>

#include "tui/command.h"
#include "tui/tui.h"

enum { KEYS_WIDTH = 15, TEXT_COLUMN = 18 };

static uint32_t key_lines(const struct tui *tui)
{
    struct keys_help help;
    uint32_t count = 0;

    while (keys_help_line(tui->keys, panels[tui->back]->mode, count, &help))
        count++;
    return count;
}

static bool line_at(const struct tui *tui, uint32_t index, struct keys_help *help)
{
    uint32_t keys = key_lines(tui);

    if (index < keys)
        return keys_help_line(tui->keys, panels[tui->back]->mode, index, help);
    return command_help_line(index - keys, help);
}

/* Each line of the help is a row, so that it scrolls like every list. */
static void collect(struct tui *tui, struct list *list)
{
    struct keys_help help;

    for (uint32_t i = 0; line_at(tui, i, &help); i++)
        list_add(list, i);
}

static void draw_line(struct canvas *canvas, struct rect place, const struct keys_help *help)
{
    if (help->heading) {
        canvas_print(canvas, place.row, place.column + 1, place.columns - 2, ROLE_HEADER,
                     help->text);
        return;
    }
    canvas_field(canvas, place.row, place.column + 2, KEYS_WIDTH, ALIGN_LEFT, ROLE_KEY, help->keys);
    canvas_field(canvas, place.row, place.column + TEXT_COLUMN, place.columns - TEXT_COLUMN,
                 ALIGN_LEFT, ROLE_DEFAULT, help->text);
}

/* The last line says how much more there is. */
static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct list *list = &tui->lists[PANEL_HELP];
    uint32_t rows = (uint32_t)place.rows, shown = rows;
    struct keys_help help;
    char more[64];

    if (list->top + rows > list->count)
        list->top = list->count > rows ? list->count - rows : 0;
    if (list->top + rows < list->count)
        shown--;
    list->page = shown;
    for (uint32_t y = 0; y < shown && line_at(tui, list->top + y, &help); y++)
        draw_line(canvas, (struct rect){place.row + (int)y, place.column, 1, place.columns}, &help);
    if (shown == rows)
        return;
    snprintf(more, sizeof more, "%u more lines: PgDn, j", list->count - list->top - shown);
    canvas_print(canvas, place.row + (int)shown, place.column + 1, place.columns - 2, ROLE_DIM,
                 more);
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "keys on the screen %s, then the : commands", panels[tui->back]->title);
}

void panel_help_at_commands(struct tui *tui)
{
    tui->lists[PANEL_HELP].top = key_lines(tui);
}

const struct panel_ops panel_help = {
    .title = "Help",
    .mode = KEYS_HELP,
    .order = "",
    .collect = collect,
    .draw = draw,
    .note = note,
};
