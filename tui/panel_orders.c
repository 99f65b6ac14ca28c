/* Orders: ours and those that rest from before; what is live first, the newest on top. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { ID_COLUMNS = 8 };

static const struct sq_order *order(const struct tui *tui, uint32_t row)
{
    return &tui_tables(tui)->order[row];
}

static const struct sq_key *key_of(const struct tui *tui, uint32_t row)
{
    return &order(tui, row)->key;
}

static const struct sq_instrument *instrument(const struct tui *tui, uint32_t row)
{
    return book_contract(tui, key_of(tui, row));
}

static void cell_time(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_time(order(tui, row)->created, cell->text);
}

/* An exchange's own number is long, and its end tells one from another: K and Audit have it whole. */
static void cell_id(const struct tui *tui, uint32_t row, struct cell *cell)
{
    char label[SQ_LABEL_SIZE];

    sq_order_label(order(tui, row), label);
    if (tui->columns < BOOK_NARROW_COLUMNS && strlen(label) > ID_COLUMNS)
        cell_set(cell, ROLE_DEFAULT, "~%s", label + strlen(label) - (ID_COLUMNS - 1));
    else
        cell_set(cell, ROLE_DEFAULT, "%s", label);
}

static void cell_side(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_put_side(cell, order(tui, row)->side);
}

static int64_t number_qty(const struct tui *tui, uint32_t row)
{
    return order(tui, row)->qty;
}

static int64_t number_filled(const struct tui *tui, uint32_t row)
{
    return order(tui, row)->cum;
}

/* FILLED goes first on a narrow screen: QTY says it then. */
static void cell_qty(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_order *o = order(tui, row);
    char qty[PRINT_SIZE], cum[PRINT_SIZE];

    book_quantity(instrument(tui, row), o->qty, false, qty);
    book_quantity(instrument(tui, row), o->cum, false, cum);
    if (tui->columns < BOOK_NARROW_COLUMNS && o->cum > 0 && o->cum < o->qty)
        cell_set(cell, ROLE_STATE_CLOSING, "%s/%s", cum, qty);
    else
        cell_set(cell, ROLE_DEFAULT, "%s", qty);
}

/* What an UNKNOWN order has filled nobody knows. */
static void cell_filled(const struct tui *tui, uint32_t row, struct cell *cell)
{
    book_quantity(instrument(tui, row), order(tui, row)->cum, false, cell->text);
    if (order(tui, row)->state == SQ_ORDER_UNKNOWN)
        cell_set(cell, ROLE_STATE_UNKNOWN, "?");
}

static void cell_limit(const struct tui *tui, uint32_t row, struct cell *cell)
{
    if (order(tui, row)->limit == 0)
        cell_set(cell, ROLE_DEFAULT, "%s", sq_name(SQ_LIST_ORDER_TYPE, order(tui, row)->type));
    else
        print_price(order(tui, row)->limit, instrument(tui, row)->price_decimals, cell->text);
}

static void cell_state(const struct tui *tui, uint32_t row, struct cell *cell)
{
    book_order_state(order(tui, row), cell);
}

static void cell_age(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_age(tui->now - order(tui, row)->changed, cell->text);
    cell->role = ROLE_DIM;
}

static void cell_note(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_order *o = order(tui, row);
    const char *origin = o->origin == SQ_ORIGIN_CLOSE ? "" : sq_name(SQ_LIST_ORIGIN, o->origin);

    if (o->state == SQ_ORDER_UNKNOWN)
        cell_set(cell, ROLE_STATE_UNKNOWN, "no answer: asked, never resent; u settles it");
    else if (o->settled)
        cell_set(cell, ROLE_WARN, "settled by hand %s", o->text);
    else
        cell_set(cell, ROLE_DIM, "%s%s%s%s%s", origin, origin[0] ? " " : "", o->sender,
                 o->sender[0] ? " " : "", o->text);
}

static void cell_exchange_no(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DIM, "%s", order(tui, row)->exch_no);
}

static const struct panel_column columns[] = {
    {"time", "TIME", 8, 8, 5, ALIGN_LEFT, 0, cell_time, NULL},
    {"id", "ID", 8, SQ_LABEL_SIZE, 0, ALIGN_LEFT, 0, cell_id, NULL},
    {"client", "CLIENT", 6, SQ_CLIENT_SIZE, 0, ALIGN_LEFT, 0, panel_client, NULL},
    {"side", "SIDE", 4, 4, 0, ALIGN_LEFT, 0, cell_side, NULL},
    {"e", "E", 1, 3, 0, ALIGN_LEFT, 0, panel_exchange, NULL},
    {"symbol", "SYMBOL", 12, SQ_LABEL_SIZE, 0, ALIGN_LEFT, 0, panel_symbol, NULL},
    {"prod", "P", 1, 5, 0, ALIGN_LEFT, 0, panel_product, NULL},
    {"qty", "QTY", 5, 11, 1, ALIGN_RIGHT, 0, cell_qty, number_qty},
    {"filled", "FILLED", 6, 9, 4, ALIGN_RIGHT, 0, cell_filled, number_filled},
    {"limit", "LIMIT", 9, 10, 2, ALIGN_RIGHT, 0, cell_limit, NULL},
    {"state", "STATE", 11, 16, 1, ALIGN_LEFT, 0, cell_state, NULL},
    {"age", "AGE", 5, 6, 3, ALIGN_RIGHT, 0, cell_age, NULL},
    {"exchno", "EXCHANGE NO", 12, 20, 8, ALIGN_LEFT, 0, cell_exchange_no, NULL},
    {"note", "NOTE", 10, 60, 6, ALIGN_LEFT, 0, cell_note, NULL},
};

static void collect(struct tui *tui, struct list *list)
{
    for (uint32_t i = tui_tables(tui)->order_count; i-- > 0;)
        list_add(list, i);
}

static void rank(const struct tui *tui, uint32_t row, int64_t key[2])
{
    const struct sq_order *o = order(tui, row);

    key[0] = o->state == SQ_ORDER_UNKNOWN                                 ? 0
             : !sq_order_state_is_terminal((enum sq_order_state)o->state) ? 1
                                                                          : 2;
    key[1] = -o->created;
}

static uint32_t order_of(const struct tui *tui, uint32_t row)
{
    (void)tui;
    return row;
}

static void note(const struct tui *tui, char *text, size_t size)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t live = 0;

    for (uint32_t i = 0; i < t->order_count; i++)
        live += !sq_order_state_is_terminal((enum sq_order_state)t->order[i].state);
    snprintf(text, size, "%u live of %u, UNKNOWN %u", live, t->order_count,
             tui->session->view->unknown);
}

const struct panel_ops panel_orders = {
    .title = "Orders",
    .mode = KEYS_ORDERS,
    .order = "live, newest",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .keep = 2,
    .collect = collect,
    .rank = rank,
    .order_of = order_of,
    .key_of = key_of,
    .note = note,
};
