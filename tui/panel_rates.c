/* Rates: the contracts that are held, and those that were added by hand. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/theme.h"
#include "tui/tui.h"

static const struct sq_instrument *instrument(const struct tui *tui, uint32_t row)
{
    return &tui_tables(tui)->instrument[row];
}

static void cell_symbol(const struct tui *tui, uint32_t row, struct cell *cell)
{
    char label[SQ_LABEL_SIZE];

    sq_label(instrument(tui, row), label);
    cell_set(cell, ROLE_DEFAULT, "%s", label);
}

static void cell_exchange(const struct tui *tui, uint32_t row, struct cell *cell)
{
    book_exchange(tui, instrument(tui, row)->exchange, cell);
}

static void price_cell(const struct tui *tui, uint32_t row, sq_price price, struct cell *cell)
{
    char text[PRINT_SIZE];

    print_price(price, instrument(tui, row)->price_decimals, text);
    if (price == 0)
        cell_set(cell, ROLE_DIM, "--");
    else if (book_price_state(tui, row) == BOOK_LIVE)
        cell_set(cell, ROLE_DEFAULT, "%s", text);
    else
        cell_set(cell, ROLE_PRICE_STALE, "%c%s", (int)theme_mark(tui->theme, MARK_PRICE_STALE),
                 text);
}

static void cell_last(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);

    price_cell(tui, row, rate ? rate->last : 0, cell);
}

/* Which way it last moved: beside the price, since the change of the day may be of another sign. */
static void cell_move(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);

    if (rate && rate->move != 0 && book_price_state(tui, row) == BOOK_LIVE)
        cell_set(cell, rate->move > 0 ? ROLE_PRICE_UP : ROLE_PRICE_DOWN, "%c",
                 (int)theme_mark(tui->theme, rate->move > 0 ? MARK_PRICE_UP : MARK_PRICE_DOWN));
}

static void cell_bid(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);

    price_cell(tui, row, rate && rate->bid[0].quantity > 0 ? rate->bid[0].price : 0, cell);
}

static void cell_ask(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);

    price_cell(tui, row, rate && rate->ask[0].quantity > 0 ? rate->ask[0].price : 0, cell);
}

static void cell_bid_qty(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);

    print_quantity(rate ? rate->bid[0].quantity : 0, false, cell->text);
    cell->role = ROLE_DIM;
}

static void cell_ask_qty(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);

    print_quantity(rate ? rate->ask[0].quantity : 0, false, cell->text);
    cell->role = ROLE_DIM;
}

/* Change against the previous close in hundredths of a percent. */
static int64_t number_change(const struct tui *tui, uint32_t row)
{
    const struct sq_rate *rate = book_rate(tui, row);
    sq_price close = rate && rate->close ? rate->close : instrument(tui, row)->prev_settle;

    return rate && close > 0 && rate->last > 0 ? sq_mul_div(rate->last - close, 10000, close) : 0;
}

static void cell_change(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);
    int64_t change = number_change(tui, row);
    char text[PRINT_SIZE];

    if (!rate) {
        cell_set(cell, ROLE_DIM, "--");
        return;
    }
    sq_print_decimal(change, 2, false, text);
    cell_set(cell,
             change < 0   ? ROLE_PRICE_DOWN
             : change > 0 ? ROLE_PRICE_UP
                          : ROLE_DEFAULT,
             "%s%s", change > 0 ? "+" : "", text);
}

static int64_t number_net(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);
    int64_t net = 0;

    for (uint32_t p = 0; p < t->position_count; p++)
        if (t->position_instrument[p] == row)
            net += t->position[p].net;
    return net;
}

static void cell_net(const struct tui *tui, uint32_t row, struct cell *cell)
{
    int64_t net = number_net(tui, row);

    if (net == 0)
        cell_set(cell, ROLE_DIM, "--");
    else
        book_quantity(instrument(tui, row), net, true, cell->text);
}

static void cell_age(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_rate *rate = book_rate(tui, row);
    enum book_price state = book_price_state(tui, row);
    char text[PRINT_SIZE];

    print_age(state == BOOK_STALE ? book_feed_age(tui, instrument(tui, row)->exchange)
              : rate              ? tui->now - rate->time
                                  : -1,
              text);
    cell_set(cell, state == BOOK_LIVE ? ROLE_DIM : ROLE_PRICE_OLD, "%s%s",
             state == BOOK_STALE ? "!" : "", text);
}

static const struct panel_column columns[] = {
    {"symbol", "SYMBOL", 12, SQ_LABEL_SIZE, 0, ALIGN_LEFT, 0, cell_symbol, NULL},
    {"exch", "E", 1, 3, 0, ALIGN_LEFT, 0, cell_exchange, NULL},
    {"last", "LTP", 9, 12, 1, ALIGN_RIGHT, 0, cell_last, NULL},
    {"move", "", 1, 1, 2, ALIGN_LEFT, 0, cell_move, NULL},
    {"change", "CHG%", 6, 8, 2, ALIGN_RIGHT, 2, cell_change, number_change},
    {"bidqty", "BID QTY", 7, 10, 6, ALIGN_RIGHT, 0, cell_bid_qty, NULL},
    {"bid", "BID", 9, 12, 1, ALIGN_RIGHT, 0, cell_bid, NULL},
    {"ask", "ASK", 9, 12, 1, ALIGN_RIGHT, 0, cell_ask, NULL},
    {"askqty", "ASK QTY", 7, 10, 6, ALIGN_RIGHT, 0, cell_ask_qty, NULL},
    {"net", "MY NET", 6, 10, 3, ALIGN_RIGHT, 0, cell_net, number_net},
    {"age", "AGE", 4, 7, 2, ALIGN_RIGHT, 0, cell_age, NULL},
};

static bool is_dropped(const struct tui *tui, uint32_t row)
{
    return tui->dropped[row / 8] >> row % 8 & 1;
}

/* Each contract once, in the order of the book. */
static void collect(struct tui *tui, struct list *list)
{
    const struct sq_tables *t = tui_tables(tui);

    memset(tui->marked, 0, t->instrument_room / 8 + 1);
    for (uint32_t i = 0; i < tui->watched_count; i++) {
        list_add(list, tui->watched[i]);
        tui->marked[tui->watched[i] / 8] |= (uint8_t)(1u << tui->watched[i] % 8);
    }
    for (uint32_t p = 0; p < t->position_count; p++) {
        uint32_t row = t->position_instrument[p];
        uint8_t bit = (uint8_t)(1u << row % 8);

        if ((tui->marked[row / 8] & bit) || is_dropped(tui, row) || !book_is_shown(tui, p))
            continue;
        tui->marked[row / 8] |= bit;
        list_add(list, row);
    }
}

static uint32_t order_of(const struct tui *tui, uint32_t row)
{
    (void)tui;
    (void)row;
    return SQ_NO_ROW;
}

/* x here closes what the desk holds in the contract: every client's position. */
static size_t positions_of(const struct tui *tui, uint32_t row, uint32_t *positions, size_t room)
{
    const struct sq_tables *t = tui_tables(tui);
    size_t count = 0;

    for (uint32_t p = 0; p < t->position_count; p++)
        if (t->position_instrument[p] == row && t->position[p].net != 0) {
            if (count < room)
                positions[count] = p;
            count++;
        }
    return count;
}

static void note(const struct tui *tui, char *text, size_t size)
{
    const struct sq_board *board = tui->session->view->board;
    uint32_t stale =
        board ? sq_board_stale(board, tui->now, tui_tables(tui)->config.quote_age_limit_ms) : 0;

    snprintf(text, size, "%u contracts, %u held are stale", tui->lists[PANEL_RATES].count, stale);
}

const struct panel_ops panel_rates = {
    .title = "Rates",
    .mode = KEYS_RATES,
    .order = "added, held",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .collect = collect,
    .order_of = order_of,
    .positions_of = positions_of,
    .note = note,
};
