/* Leaving while closes are open or orders in flight: the list of them first. */
#include <stdio.h>

#include "tui/describe.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { LIST_ROWS = 6 };

static int rows(const struct tui *tui)
{
    (void)tui;
    return LIST_ROWS + 3;
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct sq_tables *t = tui_tables(tui);
    int row = place.row + 1, left = LIST_ROWS;
    char text[160], label[SQ_LABEL_SIZE], leaves[PRINT_SIZE], qty[PRINT_SIZE];

    snprintf(text, sizeof text,
             "LEAVE? closes open: %u. Their orders in flight:", tui->session->view->closing);
    strip_title(canvas, place, ROLE_WARN, text, "Esc stays");
    for (uint32_t i = 0; i < t->order_count && left > 0; i++) {
        const struct sq_order *o = &t->order[i];

        if (sq_order_state_is_terminal((enum sq_order_state)o->state) ||
            o->origin != SQ_ORIGIN_CLOSE)
            continue;
        sq_order_label(o, label);
        snprintf(text, sizeof text, "%s %s %s %s of %s  %s", label, o->key.client,
                 sq_name(SQ_LIST_SIDE, o->side), describe_quantity(tui, &o->key, o->leaves, leaves),
                 describe_quantity(tui, &o->key, o->qty, qty),
                 sq_name(SQ_LIST_ORDER_STATE, o->state));
        canvas_print(canvas, row++, place.column + 2, place.columns - 3, ROLE_STRIP, text);
        left--;
    }
    canvas_print(canvas, place.row + place.rows - 2, place.column + 1, place.columns - 2,
                 ROLE_STRIP,
                 "Without a screen no new order is sent; the process stays until these end.");
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
