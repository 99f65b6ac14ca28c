/* Leaving while closes are open or orders in flight: the list of them first. */
#include <stdio.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { LIST_ROWS = 6 };

static int rows(const struct tui *tui)
{
    (void)tui;
    return LIST_ROWS + 3;
}

/* The lines of the list: orders in flight first, then closes that have none yet. */
struct lines {
    struct canvas *canvas;
    struct rect place; /* what is left of it */
};

static void add_line(struct lines *lines, const char *text)
{
    if (lines->place.rows == 0)
        return;
    canvas_print(lines->canvas, lines->place.row, lines->place.column, lines->place.columns,
                 ROLE_STRIP, text);
    lines->place.row++;
    lines->place.rows--;
}

static void add_orders(const struct tui *tui, struct lines *lines)
{
    const struct sq_tables *t = tui_tables(tui);
    char text[160], label[SQ_LABEL_SIZE], leaves[PRINT_SIZE], qty[PRINT_SIZE];

    for (uint32_t i = 0; i < t->order_count && lines->place.rows > 0; i++) {
        const struct sq_order *o = &t->order[i];

        if (sq_order_state_is_terminal((enum sq_order_state)o->state) ||
            o->origin != SQ_ORIGIN_CLOSE)
            continue;
        sq_order_label(o, label);
        snprintf(text, sizeof text, "%s %s %s %s of %s  %s", label, o->key.client,
                 sq_name(SQ_LIST_SIDE, o->side), describe_quantity(tui, &o->key, o->leaves, leaves),
                 describe_quantity(tui, &o->key, o->qty, qty),
                 sq_name(SQ_LIST_ORDER_STATE, o->state));
        add_line(lines, text);
    }
}

static void add_waiting(const struct tui *tui, struct lines *lines)
{
    const struct sq_tables *t = tui_tables(tui);
    char text[160], label[SQ_LABEL_SIZE];

    for (uint32_t i = 0; i < t->close_count && lines->place.rows > 0; i++) {
        const struct sq_close *c = &t->close[i];
        uint32_t position = sq_find_position(t, &c->key);

        if (sq_close_state_is_ended((enum sq_close_state)c->state) ||
            c->state == SQ_CLOSE_WORKING || position == SQ_NO_ROW)
            continue;
        sq_label(book_instrument(tui, position), label);
        snprintf(text, sizeof text, "%s %s  %s", c->key.client, label,
                 sq_name(SQ_LIST_CLOSE_STATE, c->state));
        add_line(lines, text);
    }
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct lines lines = {canvas, {place.row + 1, place.column + 2, LIST_ROWS, place.columns - 3}};
    char text[64];

    snprintf(text, sizeof text, "LEAVE? closes open: %u", tui->session->view->closing);
    strip_title(canvas, place, ROLE_WARN, text, "Esc stays");
    add_orders(tui, &lines);
    add_waiting(tui, &lines);
    canvas_print(canvas, place.row + place.rows - 2, place.column + 1, place.columns - 2,
                 ROLE_STRIP,
                 tui_is_remote(tui)
                     ? "The server goes on with these; they do not need this screen."
                     : "Without a screen no new order is sent; the process stays until these end.");
    canvas_print(canvas, place.row + place.rows - 1, place.column + 1, place.columns - 2, ROLE_KEY,
                 "Enter LEAVES   Esc stays");
}

static void action(struct tui *tui, enum action what)
{
    if (what == ACTION_STRIP_SEND)
        tui->quit = true;
}

/* The key bar's own words would be "Enter send". */
static const char *keys(const struct tui *tui)
{
    (void)tui;
    return "Enter leaves  Esc stays";
}

const struct strip_ops strip_leave = {.name = "leave",
                                      .mode = KEYS_TYPED,
                                      .rows = rows,
                                      .draw = draw,
                                      .action = action,
                                      .keys = keys};
