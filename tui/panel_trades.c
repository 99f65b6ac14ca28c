/* Trades: every fill that changed a position, newest first. */
#include <stdio.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/tui.h"

static const struct sq_fill *fill(const struct tui *tui, uint32_t row)
{
    return &tui_tables(tui)->fill[row];
}

static const struct sq_key *key_of(const struct tui *tui, uint32_t row)
{
    return &fill(tui, row)->key;
}

static const struct sq_instrument *instrument(const struct tui *tui, uint32_t row)
{
    return book_contract(tui, key_of(tui, row));
}

static void cell_time(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_time(fill(tui, row)->time, cell->text);
}

static void cell_side(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_put_side(cell, fill(tui, row)->side);
}

static int64_t number_qty(const struct tui *tui, uint32_t row)
{
    return fill(tui, row)->qty;
}

static void cell_qty(const struct tui *tui, uint32_t row, struct cell *cell)
{
    book_quantity(instrument(tui, row), fill(tui, row)->qty, false, cell->text);
}

static void cell_price(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_price(fill(tui, row)->price, instrument(tui, row)->price_decimals, cell->text);
}

static void cell_order(const struct tui *tui, uint32_t row, struct cell *cell)
{
    uint32_t found = sq_find_order(tui_tables(tui), fill(tui, row)->order_no);
    char label[SQ_LABEL_SIZE] = "";

    if (fill(tui, row)->order_no != 0 && found != SQ_NO_ROW)
        sq_order_label(&tui_tables(tui)->order[found], label);
    cell_set(cell, ROLE_DIM, "%s", label);
}

static void cell_trade(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DIM, "%s", fill(tui, row)->exec_id);
}

static void cell_note(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_fill *f = fill(tui, row);

    if (f->busted)
        cell_set(cell, ROLE_DANGER, "BUSTED");
    else if (f->manual)
        cell_set(cell, ROLE_WARN, "MANUAL by %s", f->person);
    else if (f->external)
        cell_set(cell, ROLE_DIM, "not ours");
}

static const struct panel_column columns[] = {
    {"time", "TIME", 8, 8, 0, ALIGN_LEFT, 0, cell_time, NULL},
    {"client", "CLIENT", 6, SQ_CLIENT_SIZE, 0, ALIGN_LEFT, 0, panel_client, NULL},
    {"side", "SIDE", 4, 4, 0, ALIGN_LEFT, 0, cell_side, NULL},
    {"e", "E", 1, 3, 0, ALIGN_LEFT, 0, panel_exchange, NULL},
    {"symbol", "SYMBOL", 12, SQ_LABEL_SIZE, 0, ALIGN_LEFT, 0, panel_symbol, NULL},
    {"prod", "P", 1, 5, 0, ALIGN_LEFT, 0, panel_product, NULL},
    {"qty", "QTY", 6, 9, 1, ALIGN_RIGHT, 0, cell_qty, number_qty},
    {"price", "PRICE", 9, 11, 1, ALIGN_RIGHT, 0, cell_price, NULL},
    {"order", "ORDER", 8, 12, 3, ALIGN_LEFT, 0, cell_order, NULL},
    {"note", "NOTE", 8, 24, 2, ALIGN_LEFT, 0, cell_note, NULL},
    {"trade", "TRADE NO", 8, 24, 4, ALIGN_LEFT, 0, cell_trade, NULL},
};

static void collect(struct tui *tui, struct list *list)
{
    for (uint32_t i = tui_tables(tui)->fill_count; i-- > 0;)
        list_add(list, i);
}

static uint32_t order_of(const struct tui *tui, uint32_t row)
{
    return fill(tui, row)->order_no ? sq_find_order(tui_tables(tui), fill(tui, row)->order_no)
                                    : SQ_NO_ROW;
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%u trades", tui_tables(tui)->fill_count);
}

const struct panel_ops panel_trades = {
    .title = "Trades",
    .mode = KEYS_TRADES,
    .order = "newest",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .keep = 2,
    .whole = "note",
    .collect = collect,
    .order_of = order_of,
    .key_of = key_of,
    .note = note,
};
