/* The panes of wide screens. */
#include "tui/pane.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/print.h"
#include "tui/tui.h"

static void title(struct canvas *canvas, struct rect place, const char *text)
{
    canvas_fill(canvas, place, ROLE_DEFAULT);
    canvas_repeat(canvas, place.row, place.column, place.columns, ROLE_DIM, '-');
    canvas_print(canvas, place.row, place.column + 1, place.columns - 1, ROLE_TITLE, text);
}

/* The position of the cursor's row, SQ_NO_ROW: it is about none, or about several. */
static uint32_t position_at_cursor(const struct tui *tui)
{
    const struct list *list = tui_list(tui);
    uint32_t position;

    if (list->cursor == LIST_NO_ROW || panel_positions_of(tui, list->cursor, &position, 1) == 0)
        return SQ_NO_ROW;
    return position;
}

static uint32_t instrument_at_cursor(const struct tui *tui)
{
    uint32_t position = position_at_cursor(tui);

    if (tui->panel == PANEL_RATES)
        return tui_list(tui)->cursor;
    return position == SQ_NO_ROW ? SQ_NO_ROW : tui_tables(tui)->position_instrument[position];
}

/* ---- detail ------------------------------------------------------------------------------------- */

static void client_line(const struct tui *tui, uint32_t position, char *text, size_t size)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_client *c = &t->client[t->position_client[position]];

    snprintf(text, size, "%s %s  %s/%s%s", c->name, c->phone, c->dealer, c->backup_dealer,
             c->call_required ? "  call needed" : "");
}

static void net_line(const struct tui *tui, uint32_t position, char *text, size_t size)
{
    const struct sq_position *p = &tui_tables(tui)->position[position];
    char net[PRINT_SIZE], overnight[PRINT_SIZE];

    book_quantity(book_instrument(tui, position), p->net, true, net);
    book_quantity(book_instrument(tui, position), p->overnight, true, overnight);
    snprintf(text, size, "%s %s  net %s  overnight %s  %s",
             sq_name(SQ_LIST_EXCHANGE, p->key.exchange), sq_name(SQ_LIST_PRODUCT, p->key.product),
             net, overnight, sq_name(SQ_LIST_SOURCE, p->source));
}

static void contract_line(const struct tui *tui, uint32_t position, char *text, size_t size)
{
    const struct sq_instrument *i = book_instrument(tui, position);
    const struct sq_rate *r = book_rate(tui, tui_tables(tui)->position_instrument[position]);
    char low[PRINT_SIZE], high[PRINT_SIZE], freeze[PRINT_SIZE], lot[PRINT_SIZE];

    print_price(r && r->band_low ? r->band_low : i->band_low, i->price_decimals, low);
    print_price(r && r->band_high ? r->band_high : i->band_high, i->price_decimals, high);
    book_quantity(i, i->freeze, false, freeze);
    snprintf(text, size, "lot %s  freeze %s  band %s - %s%s", book_quantity(i, i->lot, false, lot),
             i->freeze ? freeze : "none", low, high, i->suspended ? "  SUSPENDED" : "");
}

static void price_line(const struct tui *tui, uint32_t position, char *text, size_t size)
{
    const struct sq_position *p = &tui_tables(tui)->position[position];
    const struct sq_instrument *i = book_instrument(tui, position);
    char average[PRINT_SIZE], settle[PRINT_SIZE], realised[PRINT_SIZE];

    print_price(p->avg_price, i->price_decimals, average);
    print_price(i->prev_settle, i->price_decimals, settle);
    print_money(p->realised_paise, true, realised);
    snprintf(text, size, "average %s  settled %s  realised %s", average, settle, realised);
}

static void hedge_line(const struct tui *tui, uint32_t position, char *text, size_t size)
{
    bool hedge = book_is_hedge(tui, position), bare = book_is_uncovered(tui, position);
    struct cell state = {.text = ""};

    book_state(tui, position, &state);
    snprintf(text, size, "%s%s%s", state.text,
             hedge  ? "  covers an open short: close that first"
             : bare ? "  short option without cover"
                    : "",
             book_has_resting(tui, position) ? "  a resting order would be cancelled first" : "");
}

void pane_detail(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    static void (*const lines[])(const struct tui *, uint32_t, char *, size_t) = {
        net_line, hedge_line, contract_line, price_line, client_line};
    uint32_t position = position_at_cursor(tui);
    char text[256], label[SQ_LABEL_SIZE];

    if (position == SQ_NO_ROW) {
        title(canvas, place, " Detail ");
        return;
    }
    sq_label(book_instrument(tui, position), label);
    snprintf(text, sizeof text, " Detail  %s %s ", tui_tables(tui)->position[position].key.client,
             label);
    title(canvas, place, text);
    for (int i = 0; i < (int)(sizeof lines / sizeof lines[0]) && i + 1 < place.rows; i++) {
        lines[i](tui, position, text, sizeof text);
        canvas_print(canvas, place.row + 1 + i, place.column + 1, place.columns - 2, ROLE_DEFAULT,
                     text);
    }
}

/* ---- depth -------------------------------------------------------------------------------------- */

enum { LEVEL_COLUMNS = 7 };

static void level(struct canvas *canvas, int row, int column, enum role role,
                  const struct sq_level *l, unsigned decimals)
{
    char price[PRINT_SIZE] = "", quantity[PRINT_SIZE] = "";

    if (l->quantity > 0) {
        print_price(l->price, decimals, price);
        print_quantity(l->quantity, false, quantity);
        if (strlen(quantity) > LEVEL_COLUMNS) /* a lakh and more: no digit is cut */
            sq_print_decimal(l->quantity, 0, false, quantity);
    }
    canvas_field(canvas, row, column, 9, ALIGN_RIGHT, role, price);
    canvas_field(canvas, row, column + 9, LEVEL_COLUMNS, ALIGN_RIGHT, ROLE_DIM, quantity);
}

void pane_depth(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    uint32_t instrument = instrument_at_cursor(tui);
    const struct sq_rate *rate = instrument == SQ_NO_ROW ? NULL : book_rate(tui, instrument);
    unsigned decimals;
    char text[96], age[PRINT_SIZE];

    print_age(rate ? tui->now - rate->time : -1, age);
    snprintf(text, sizeof text, " Depth  %s%s ", rate ? age : "no price",
             rate && book_price_state(tui, instrument) != BOOK_LIVE ? "  STALE" : "");
    title(canvas, place, text);
    if (!rate)
        return;
    decimals = tui_tables(tui)->instrument[instrument].price_decimals;
    canvas_print(canvas, place.row + 1, place.column + 1, place.columns - 2, ROLE_HEADER,
                 "     BID    QTY       ASK    QTY");
    for (int i = 0; i < SQ_DEPTH_LEVELS && i + 2 < place.rows; i++) {
        level(canvas, place.row + 2 + i, place.column, ROLE_SIDE_BUY, &rate->bid[i], decimals);
        level(canvas, place.row + 2 + i, place.column + 17, ROLE_SIDE_SELL, &rate->ask[i],
              decimals);
    }
}

/* ---- side, orders, events ----------------------------------------------------------------------- */

void pane_side(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct rect inside = {place.row + 1, place.column, place.rows - 1, place.columns};

    title(canvas, place,
          book_total_is_hidden(tui) ? " MTM of the day (hidden: prices are stale) "
                                    : " MTM of the day ");
    graph_draw(tui, canvas, inside);
}

/* Ours in flight first, then ours that have ended, then what rests from before. */
static int order_pass(const struct sq_order *order)
{
    bool live = !sq_order_state_is_terminal((enum sq_order_state)order->state);

    if (order->origin == SQ_ORIGIN_CLOSE)
        return live ? 0 : 1;
    return live ? 2 : 3;
}

void pane_orders(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct sq_tables *t = tui_tables(tui);
    struct rect inside = {place.row + 1, place.column, place.rows - 1, place.columns};
    uint32_t rows[64];
    size_t count = 0;

    title(canvas, place, " Orders in flight, and the last ones ");
    for (int pass = 0; pass < 3; pass++)
        for (uint32_t i = t->order_count; i-- > 0 && count < sizeof rows / sizeof rows[0];)
            if (order_pass(&t->order[i]) == pass)
                rows[count++] = i;
    panel_draw_rows(tui, canvas, PANEL_ORDERS, inside, rows, count);
}

void pane_events(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct sq_message *event;
    char text[256], clock[PRINT_SIZE];

    title(canvas, place, " Events ");
    for (int i = 0; i + 1 < place.rows; i++) {
        int row = place.row + 1 + i;

        event = sq_view_activity(tui->session->view, (uint64_t)i);
        if (!event)
            return;
        print_time(event->time, clock);
        describe(tui, event, text, sizeof text);
        canvas_print(canvas, row, place.column + 1, 8, ROLE_DIM, clock);
        canvas_field(canvas, row, place.column + 11, 8, ALIGN_LEFT,
                     describe_is_alarm(event) ? ROLE_DANGER : ROLE_DEFAULT, describe_kind(event));
        canvas_print(canvas, row, place.column + 20, place.columns - 21, ROLE_DEFAULT, text);
    }
}
