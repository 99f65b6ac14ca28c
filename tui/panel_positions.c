/* Positions: the home screen. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum { PRICE_COLUMNS = 9, NET_COLUMNS = 8 };

static const struct sq_position *position(const struct tui *tui, uint32_t row)
{
    return &tui_tables(tui)->position[row];
}

static const struct sq_key *key_of(const struct tui *tui, uint32_t row)
{
    return &position(tui, row)->key;
}

static const struct sq_client *client(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);

    return &t->client[t->position_client[row]];
}

static const struct sq_rate *rate(const struct tui *tui, uint32_t row)
{
    return book_rate(tui, tui_tables(tui)->position_instrument[row]);
}

static bool is_believed(const struct tui *tui, uint32_t row)
{
    return book_price_state(tui, tui_tables(tui)->position_instrument[row]) == BOOK_LIVE;
}

/* ---- cells -------------------------------------------------------------------------------------- */

static void cell_mark(const struct tui *tui, uint32_t row, struct cell *cell)
{
    if (list_is_tagged(&tui->sheet, row))
        cell_set(cell, ROLE_WARN, "S"); /* on the call sheet */
    else if (book_has_resting(tui, row))
        cell_set(cell, ROLE_DIM, "%c", (int)theme_mark(tui->theme, MARK_ROW_RESTING));
    else if (book_is_hedge(tui, row))
        cell_set(cell, ROLE_DIM, "%c", (int)theme_mark(tui->theme, MARK_ROW_HEDGE));
}

static void cell_exchange_name(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", sq_name(SQ_LIST_EXCHANGE, position(tui, row)->key.exchange));
}

static void cell_product_name(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", sq_name(SQ_LIST_PRODUCT, position(tui, row)->key.product));
}

/* A million shares leave no room for EXIT on the narrowest screen: there the groups go. */
static void cell_net(const struct tui *tui, uint32_t row, struct cell *cell)
{
    sq_quantity net = position(tui, row)->net;
    char text[PRINT_SIZE];

    if (print_quantity(net, true, text) > NET_COLUMNS && tui->columns < BOOK_NARROW_COLUMNS)
        cell_set(cell, ROLE_DEFAULT, "%+lld", (long long)net);
    else
        book_quantity(book_instrument(tui, row), net, true, cell->text);
}

static int64_t unit_of(const struct tui *tui, uint32_t row)
{
    int64_t unit = 1;

    for (unsigned i = 0; i < book_instrument(tui, row)->price_decimals; i++)
        unit *= 10;
    return unit;
}

static void price_cell(const struct tui *tui, uint32_t row, sq_price price, struct cell *cell)
{
    char text[PRINT_SIZE];
    bool live = is_believed(tui, row);

    print_price(price, book_instrument(tui, row)->price_decimals, text);
    if (strlen(text) + !live > PRICE_COLUMNS) /* of a lakh and more: paise go, no digit is cut */
        sq_print_decimal(sq_mul_div(price, 1, unit_of(tui, row)), 0, true, text);
    if (price == 0)
        cell_set(cell, ROLE_DIM, "--");
    else if (live)
        cell_set(cell, ROLE_DEFAULT, "%s", text);
    else
        cell_set(cell, ROLE_PRICE_STALE, "%c%s", (int)theme_mark(tui->theme, MARK_PRICE_STALE),
                 text);
}

static void cell_exit(const struct tui *tui, uint32_t row, struct cell *cell)
{
    price_cell(tui, row, book_exit(tui, row), cell);
}

static void cell_last(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *r = rate(tui, row);

    price_cell(tui, row, r ? r->last : 0, cell);
    if (r && cell->role == ROLE_DEFAULT && r->move != 0)
        cell->role = r->move > 0 ? ROLE_PRICE_UP : ROLE_PRICE_DOWN;
}

static void cell_average(const struct tui *tui, uint32_t row, struct cell *cell)
{
    char text[PRINT_SIZE];

    sq_price average = position(tui, row)->avg_price;

    print_price(average, book_instrument(tui, row)->price_decimals, text);
    if (strlen(text) > PRICE_COLUMNS)
        sq_print_decimal(sq_mul_div(average, 1, unit_of(tui, row)), 0, true, text);
    cell_set(cell, ROLE_DIM, "%s", text);
}

static void cell_age(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *r = rate(tui, row);
    char text[PRINT_SIZE];

    print_age(r ? tui->now - r->time : -1, text);
    cell_set(cell, is_believed(tui, row) ? ROLE_DIM : ROLE_PRICE_OLD, "%s", text);
}

static int64_t number_mtm(const struct tui *tui, uint32_t row)
{
    const struct sq_board *board = tui->session->view->board;

    return board ? sq_board_mtm(board, row) : 0;
}

/* A number that rests on an old price stands in brackets. */
static void cell_mtm(const struct tui *tui, uint32_t row, struct cell *cell)
{
    sq_money mtm = number_mtm(tui, row);
    char text[PRINT_SIZE];

    print_money(mtm, true, text);
    if (!rate(tui, row) && position(tui, row)->net != 0)
        cell_set(cell, ROLE_MTM_HIDDEN, "--");
    else if (!is_believed(tui, row) && position(tui, row)->net != 0)
        cell_set(cell, ROLE_PRICE_STALE, "(%s)", text);
    else
        cell_set(cell,
                 mtm < 0   ? ROLE_MTM_LOSS
                 : mtm > 0 ? ROLE_MTM_GAIN
                           : ROLE_DEFAULT,
                 "%s", text);
}

static void cell_realised(const struct tui *tui, uint32_t row, struct cell *cell)
{
    char text[PRINT_SIZE];

    print_money(position(tui, row)->realised_paise, true, text);
    cell_set(cell, ROLE_DIM, "%s", text);
}

static void cell_state(const struct tui *tui, uint32_t row, struct cell *cell)
{
    book_state(tui, row, cell);
}

static void cell_side(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", position(tui, row)->net < 0 ? "short" : "long");
}

static void cell_underlying(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", book_instrument(tui, row)->symbol);
}

/* For files and filters, where the figures have no marks. */
static void cell_belief(const struct tui *tui, uint32_t row, struct cell *cell)
{
    static const char *const words[] = {
        [BOOK_LIVE] = "live", [BOOK_STALE] = "stale", [BOOK_NONE] = "none"};

    cell_set(cell, ROLE_DIM, "%s",
             words[book_price_state(tui, tui_tables(tui)->position_instrument[row])]);
}

static void cell_name(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DIM, "%s", client(tui, row)->name);
}

static void cell_dealer(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DIM, "%s", client(tui, row)->dealer);
}

static int64_t number_net(const struct tui *tui, uint32_t row)
{
    return position(tui, row)->net;
}

static int64_t number_realised(const struct tui *tui, uint32_t row)
{
    return position(tui, row)->realised_paise;
}

static const struct panel_column columns[] = {
    {"mark", "", 1, 1, 0, ALIGN_LEFT, 0, cell_mark, NULL},
    {"client", "CLIENT", 6, SQ_CLIENT_SIZE, 0, ALIGN_LEFT, 0, panel_client, NULL},
    {"e", "E", 1, 3, 0, ALIGN_LEFT, 0, panel_exchange, NULL},
    {"symbol", "SYMBOL", 12, SQ_LABEL_SIZE, 0, ALIGN_LEFT, 0, panel_symbol, NULL},
    {"p", "P", 1, 5, 0, ALIGN_LEFT, 0, panel_product, NULL},
    {"net", "NET", 5, 14, 0, ALIGN_RIGHT, 0, cell_net, number_net},
    {"avg", "AVG", 9, 11, 7, ALIGN_RIGHT, 0, cell_average, NULL},
    {"exit", "EXIT", 9, 11, 2, ALIGN_RIGHT, 0, cell_exit, NULL},
    {"last", "LTP", 9, 11, 5, ALIGN_RIGHT, 0, cell_last, NULL},
    {"age", "AGE", 5, 6, 6, ALIGN_RIGHT, 0, cell_age, NULL},
    {"mtm", "MTM", 9, 13, 1, ALIGN_RIGHT, 2, cell_mtm, number_mtm},
    {"realised", "REALISED", 9, 11, 8, ALIGN_RIGHT, 2, cell_realised, number_realised},
    {"state", "STATE", 13, 30, 1, ALIGN_LEFT, 0, cell_state, NULL},
    {"name", "NAME", 12, 22, 9, ALIGN_LEFT, 0, cell_name, NULL},
    {"exch", "", 0, 0, 9, ALIGN_LEFT, 0, cell_exchange_name, NULL},
    {"prod", "", 0, 0, 9, ALIGN_LEFT, 0, cell_product_name, NULL},
    {"price", "", 0, 0, 9, ALIGN_LEFT, 0, cell_belief, NULL},
    {"side", "", 0, 0, 9, ALIGN_LEFT, 0, cell_side, NULL},
    {"underlying", "", 0, 0, 9, ALIGN_LEFT, 0, cell_underlying, NULL},
    {"dealer", "", 0, 0, 9, ALIGN_LEFT, 0, cell_dealer, NULL},
};

/* ---- rows --------------------------------------------------------------------------------------- */

static void collect(struct tui *tui, struct list *list)
{
    for (uint32_t i = 0; i < tui_tables(tui)->position_count; i++)
        if (book_is_shown(tui, i))
            list_add(list, i);
}

static int64_t risk(const struct tui *tui, uint32_t row)
{
    const struct sq_instrument *i = book_instrument(tui, row);
    sq_time cutoff = book_cutoff(tui, row);

    if (cutoff > tui->now && cutoff - tui->now <= 30 * 60 * SQ_SECOND)
        return 0;
    if (book_is_uncovered(tui, row))
        return 1;
    if (i->expiry != 0 && i->expiry == tui_tables(tui)->book.day)
        return 2;
    return position(tui, row)->net < 0 ? 3 : 4;
}

/* console.md C1 rule 6 */
static void rank(const struct tui *tui, uint32_t row, int64_t key[2])
{
    key[0] = risk(tui, row);
    key[1] = number_mtm(tui, row);
}

static uint32_t order_of(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t o = t->position_order[row]; o != SQ_NO_ROW; o = t->order_next[o])
        if (!sq_order_state_is_terminal((enum sq_order_state)t->order[o].state))
            return o;
    return SQ_NO_ROW;
}

static void note(const struct tui *tui, char *text, size_t size)
{
    const struct list *list = &tui->lists[PANEL_POSITIONS];

    snprintf(text, size, "%u open, %u shown", tui->session->view->open_positions, list->count);
}

const struct panel_ops panel_positions = {
    .title = "Positions",
    .mode = KEYS_POSITIONS,
    .order = "risk",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .keep = 2,
    .collect = collect,
    .rank = rank,
    .order_of = order_of,
    .key_of = key_of,
    .note = note,
};
