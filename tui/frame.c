/* The frame: what stands where on the screen. */
#include <stdio.h>
#include <string.h>

#include "tui/offline.h"
#include "tui/pane.h"
#include "tui/print.h"
#include "tui/status_line.h"
#include "tui/theme.h"
#include "tui/tui.h"

static void draw_progress(const struct tui *tui, struct canvas *canvas, struct rect place,
                          const struct bulk_progress *p)
{
    enum { BAR = 20 };
    char text[160], left[PRINT_SIZE] = "--";
    int done = (int)((int64_t)(p->total - p->left) * BAR / p->total), x;

    canvas_fill(canvas, place, ROLE_STRIP);
    snprintf(text, sizeof text, "closing %u ", p->total);
    x = place.column + 1 + canvas_print(canvas, place.row, place.column + 1, 20, ROLE_STRIP, text);
    canvas_repeat(canvas, place.row, x, done, ROLE_BAR_DONE, theme_mark(tui->theme, MARK_BAR_DONE));
    canvas_repeat(canvas, place.row, x + done, BAR - done, ROLE_BAR_LEFT,
                  theme_mark(tui->theme, MARK_BAR_LEFT));
    if (p->seconds_left >= 0)
        print_age(p->seconds_left * SQ_SECOND, left);
    if (p->left == 0)
        snprintf(text, sizeof text, "  done: %u flat, %u LEFT (9), %u wait", p->flat, p->residue,
                 p->waiting);
    else
        snprintf(text, sizeof text, "  %u flat, %u LEFT, %u wait, %u to go (%s)", p->flat,
                 p->residue, p->waiting, p->left, left);
    canvas_print(canvas, place.row, x + BAR, place.columns - x - BAR, ROLE_STRIP, text);
}

static int pane_rows(const struct tui *tui)
{
    if (tui->pane == TUI_PANE_NONE || tui->strip || tui->layout.detail.rows > 0)
        return 0;
    return tui->pane == TUI_PANE_DETAIL ? 6 : 2 + SQ_DEPTH_LEVELS;
}

/* What is stacked over the message, from above: strip or pane, progress, coach, what OFFLINE means. */
static void draw_foot(struct tui *tui, struct canvas *canvas, struct rect place,
                      const struct bulk_progress *progress)
{
    struct rect part = place;
    int coach = coach_rows(tui) + offline_rows(tui), bar = progress->total > 0;

    if (coach > place.rows)
        coach = place.rows;
    part.rows = place.rows - coach - bar;
    tui->strip_place = part;
    if (tui->strip)
        tui->strip->draw(tui, canvas, part);
    else if (part.rows > 0 && tui->pane == TUI_PANE_DETAIL)
        pane_detail(tui, canvas, part);
    else if (part.rows > 0)
        pane_depth(tui, canvas, part);
    part.row += part.rows;
    part.rows = 1;
    if (bar) {
        draw_progress(tui, canvas, part, progress);
        part.row++;
    }
    part.rows = coach;
    if (coach_rows(tui) > 0)
        coach_draw(tui, canvas, part);
    else if (coach > 0)
        offline_draw(tui, canvas, part);
}

static void draw_panes(struct tui *tui, struct canvas *canvas, const struct layout *l)
{
    if (l->detail.rows > 1)
        pane_detail(tui, canvas, l->detail);
    if (l->depth.rows > 1)
        pane_depth(tui, canvas, l->depth);
    if (l->side.rows > 1)
        pane_side(tui, canvas, l->side);
    if (l->orders.rows > 1)
        pane_orders(tui, canvas, l->orders);
    if (l->events.rows > 1)
        pane_events(tui, canvas, l->events);
}

static void draw_message(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    static const char *const heads[] = {
        [TUI_PROMPT_COMMAND] = ":", [TUI_PROMPT_FIND] = "/", [TUI_PROMPT_FILTER] = "\\"};
    char clock[PRINT_SIZE];

    if (tui->prompting != TUI_PROMPT_NONE) {
        canvas_print(canvas, place.row, place.column, 1, ROLE_INPUT, heads[tui->prompting]);
        prompt_draw(&tui->line, canvas, place.row, place.column + 1, place.columns - 1);
        return;
    }
    if (tui->message[0] == '\0')
        return;
    print_time(tui->message_time, clock);
    canvas_print(canvas, place.row, place.column + 1, 8, ROLE_DIM, clock);
    canvas_print(canvas, place.row, place.column + 10, place.columns - 10, tui->message_role,
                 tui->message);
}

/* Without a server the keys of a table have a meaning all the same: sheet, fills by phone. */
static bool takes_sheet(const struct tui *tui)
{
    return tui_is_remote(tui) && !tui->source.live && tui_tables(tui)->book.loaded;
}

static void draw_keybar(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const char *own = tui->strip && tui->strip->keys ? tui->strip->keys(tui) : NULL, *why;
    char text[CANVAS_COLUMNS];

    canvas_fill(canvas, place, ROLE_KEYBAR);
    if (own)
        snprintf(text, sizeof text, "%s", own);
    else
        keys_bar(tui->keys,
                 tui_is_view_only(tui, &why) && !takes_sheet(tui) ? KEYS_GLOBAL : tui_mode(tui),
                 tui->function_keys, (size_t)place.columns, text, sizeof text);
    canvas_print(canvas, place.row, place.column, place.columns, ROLE_KEYBAR, text);
}

/* Screens that are not lists of the book take the room of the panes too. */
static bool takes_all(const struct tui *tui)
{
    return panels[tui->panel]->draw || tui->panel == PANEL_AUDIT;
}

void tui_draw(struct tui *tui, struct canvas *canvas)
{
    struct bulk_progress progress;
    int wanted = coach_rows(tui) + offline_rows(tui) + (bulk_progress(tui, &progress) ? 1 : 0);
    struct layout *l = &tui->layout;
    struct rect body;

    wanted += tui->strip ? tui->strip->rows(tui) : pane_rows(tui);
    *l = layout_make(canvas->rows, canvas->columns, wanted);
    body = (struct rect){l->title.row, l->title.column, l->title.rows + l->table.rows,
                         l->table.columns};
    if (takes_all(tui))
        body.rows = (l->strip.rows > 0 ? l->strip.row : l->message.row) - body.row;
    canvas_clear(canvas);
    status_first(tui, canvas, l->first);
    status_second(tui, canvas, l->second);
    panel_draw(tui, canvas, tui->panel, body);
    if (!takes_all(tui))
        draw_panes(tui, canvas, l);
    if (l->strip.rows > 0)
        draw_foot(tui, canvas, l->strip, &progress);
    draw_message(tui, canvas, l->message);
    draw_keybar(tui, canvas, l->keybar);
}

bool tui_cursor(const struct tui *tui, int *row, int *column)
{
    if (tui->prompting != TUI_PROMPT_NONE) {
        *row = tui->layout.message.row;
        *column = tui->layout.message.column + 1 + (int)tui->line.cursor;
        return true;
    }
    return tui->strip && tui->strip->cursor &&
           tui->strip->cursor(tui, tui->strip_place, row, column);
}
