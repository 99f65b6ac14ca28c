/* What the screen says about positions and orders. */
#include "tui/book.h"

#include <stdio.h>
#include <string.h>

#include "core/scope.h"
#include "tui/kept.h"
#include "tui/print.h"
#include "tui/tui.h"

const struct sq_instrument *book_instrument(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);

    return &t->instrument[t->position_instrument[position]];
}

const struct sq_instrument *book_contract(const struct tui *tui, const struct sq_key *key)
{
    const struct sq_tables *t = tui_tables(tui);

    return &t->instrument[sq_find_instrument(t, (enum sq_exchange)key->exchange, key->token)];
}

char book_exchange_letter(unsigned exchange)
{
    static const char letters[SQ_EXCHANGE_COUNT + 1] = "-NBFGCDMO";

    return letters[exchange];
}

char book_product_letter(unsigned product)
{
    return product == SQ_PRODUCT_MTF ? 'T' : sq_name(SQ_LIST_PRODUCT, product)[0];
}

void book_exchange(const struct tui *tui, unsigned exchange, struct cell *cell)
{
    if (tui->columns < BOOK_NARROW_COLUMNS)
        cell_set(cell, ROLE_DEFAULT, "%c", book_exchange_letter(exchange));
    else
        cell_set(cell, ROLE_DEFAULT, "%s", sq_name(SQ_LIST_EXCHANGE, exchange));
}

void book_product(const struct tui *tui, unsigned product, struct cell *cell)
{
    if (tui->columns < BOOK_NARROW_COLUMNS)
        cell_set(cell, ROLE_DEFAULT, "%c", book_product_letter(product));
    else
        cell_set(cell, ROLE_DEFAULT, "%s", sq_name(SQ_LIST_PRODUCT, product));
}

const char *book_quantity(const struct sq_instrument *instrument, sq_quantity quantity, bool sign,
                          char *text)
{
    size_t length = print_quantity(quantity, sign, text);

    if (instrument && instrument->multiplier > 1 && quantity != 0 && length + 1 < PRINT_SIZE)
        memcpy(text + length, "L", 2);
    return text;
}

const struct sq_rate *book_rate(const struct tui *tui, uint32_t instrument)
{
    const struct sq_board *board = tui->session->view->board;
    const struct sq_rate *rate = board ? sq_board_get(board, instrument) : NULL;

    return rate && rate->time > 0 ? rate : NULL;
}

int64_t book_feed_age(const struct tui *tui, unsigned exchange)
{
    const struct sq_board *board = tui->session->view->board;
    const struct sq_feed *feed = board ? sq_board_feed_of(board, (enum sq_exchange)exchange) : NULL;

    return feed && feed->heard > 0 ? tui->now - feed->heard : -1;
}

enum book_price book_price_state(const struct tui *tui, uint32_t instrument)
{
    const struct sq_tables *t = tui_tables(tui);
    unsigned exchange = t->instrument[instrument].exchange;
    int64_t age = book_feed_age(tui, exchange);

    if (!book_rate(tui, instrument) || age < 0)
        return BOOK_NONE;
    if (!tui->source.live || age > t->config.quote_age_limit_ms * SQ_MS ||
        sq_board_feed_of(tui->session->view->board, (enum sq_exchange)exchange)->gap)
        return BOOK_STALE;
    return BOOK_LIVE;
}

sq_price book_exit(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_rate *rate = book_rate(tui, t->position_instrument[position]);
    const struct sq_level *best;

    if (!rate || t->position[position].net == 0)
        return 0;
    best = t->position[position].net > 0 ? &rate->bid[0] : &rate->ask[0];
    return best->quantity > 0 ? best->price : 0;
}

static bool is_lately_flat(const struct tui *tui, const struct sq_position *p)
{
    return p->net == 0 && p->flat_at > 0 && tui->now - p->flat_at < BOOK_FLAT_SHOWN_S * SQ_SECOND;
}

bool book_is_shown(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_position *p = &t->position[position];

    return p->net != 0 || is_lately_flat(tui, p) || sq_open_close(t, position) != NULL ||
           book_has_unknown(tui, position);
}

/* ---- orders on a position ----------------------------------------------------------------------- */

static bool any_order(const struct tui *tui, uint32_t position,
                      bool (*is_it)(const struct sq_order *order))
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t o = t->position_order[position]; o != SQ_NO_ROW; o = t->order_next[o])
        if (is_it(&t->order[o]))
            return true;
    return false;
}

static bool is_unknown(const struct sq_order *order)
{
    return order->state == SQ_ORDER_UNKNOWN;
}

static bool is_resting(const struct sq_order *order)
{
    return order->origin != SQ_ORIGIN_CLOSE &&
           !sq_order_state_is_terminal((enum sq_order_state)order->state);
}

static bool is_resting_ext(const struct sq_order *order)
{
    return order->origin == SQ_ORIGIN_RESTING_EXT && is_resting(order);
}

bool book_has_unknown(const struct tui *tui, uint32_t position)
{
    return any_order(tui, position, is_unknown);
}

bool book_has_resting(const struct tui *tui, uint32_t position)
{
    return any_order(tui, position, is_resting);
}

/* ---- hedges ------------------------------------------------------------------------------------- */

static bool is_option(const struct sq_instrument *i)
{
    return i->contract == SQ_CONTRACT_CALL || i->contract == SQ_CONTRACT_PUT;
}

/* The rule of design.md "Order of legs": calls by long calls and long futures, puts by long puts and
 * short futures, of one client and underlying. The verdict is the core's; this is only the mark. */
static bool covers(const struct tui *tui, uint32_t cover, uint32_t other)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_instrument *c = book_instrument(tui, cover), *s = book_instrument(tui, other);
    sq_quantity net = t->position[cover].net;

    if (!is_option(s) || t->position[other].net >= 0 || net == 0 || cover == other ||
        !sq_text_equal(c->symbol, s->symbol))
        return false;
    if (c->contract == SQ_CONTRACT_FUTURE)
        return s->contract == SQ_CONTRACT_CALL ? net > 0 : net < 0;
    return c->contract == s->contract && net > 0;
}

bool book_is_hedge(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t p = t->client_position[t->position_client[position]];

    for (; p != SQ_NO_ROW; p = t->position_next[p])
        if (covers(tui, position, p))
            return true;
    return false;
}

bool book_is_uncovered(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t p = t->client_position[t->position_client[position]];

    if (t->position[position].net >= 0 || !is_option(book_instrument(tui, position)))
        return false;
    for (; p != SQ_NO_ROW; p = t->position_next[p])
        if (covers(tui, p, position))
            return false;
    return true;
}

/* ---- states ------------------------------------------------------------------------------------- */

static void say(struct cell *cell, enum role role, const char *text)
{
    snprintf(cell->text, sizeof cell->text, "%s", text);
    cell->role = role;
}

static enum role close_role(unsigned state)
{
    switch (state) {
    case SQ_CLOSE_HELD:
    case SQ_CLOSE_APPROVAL: return ROLE_STATE_HELD;
    case SQ_CLOSE_LOCKED: return ROLE_STATE_LOCKED;
    case SQ_CLOSE_RESIDUE: return ROLE_STATE_RESIDUE;
    default: return ROLE_STATE_CLOSING;
    }
}

static void close_state(const struct sq_close *close, struct cell *cell)
{
    char filled[PRINT_SIZE], planned[PRINT_SIZE];

    cell->role = close_role(close->state);
    print_quantity(close->filled, false, filled);
    print_quantity(close->planned, false, planned);
    if (close->state == SQ_CLOSE_WORKING)
        snprintf(cell->text, sizeof cell->text, "CLOSING %s/%s", filled, planned);
    else
        snprintf(cell->text, sizeof cell->text, "%s", sq_name(SQ_LIST_CLOSE_STATE, close->state));
}

/* A close that ended with quantity left, and is the last word on its position. */
static const struct sq_close *residue_of(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t close = t->position_close[position];

    if (close == SQ_NO_ROW || t->close[close].state != SQ_CLOSE_RESIDUE)
        return NULL;
    return t->position[position].net != 0 ? &t->close[close] : NULL;
}

/* States that say that a one-key close will ask or stop, mildest last. */
static bool source_state(const struct tui *tui, const struct sq_position *p, uint32_t position,
                         struct cell *cell)
{
    bool delivery = p->key.product == SQ_PRODUCT_CNC || p->key.product == SQ_PRODUCT_MTF;

    if (any_order(tui, position, is_resting_ext))
        say(cell, ROLE_STATE_BLOCKED, "REST-EXT");
    else if (delivery)
        say(cell, ROLE_STATE_BLOCKED, p->net < 0 ? "DELIV SHORT" : "DELIV");
    else if (p->source == SQ_SOURCE_DIFFER)
        say(cell, ROLE_WARN, "differ");
    else if (p->key.product == SQ_PRODUCT_UNKNOWN)
        say(cell, ROLE_WARN, "?prod");
    else if (p->source == SQ_SOURCE_ONE && tui_tables(tui)->book.accepted != 2)
        say(cell, ROLE_WARN, "1src");
    else
        return false;
    return true;
}

static bool price_state(const struct tui *tui, uint32_t position, struct cell *cell)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t instrument = t->position_instrument[position];
    enum book_price state = book_price_state(tui, instrument);
    char age[PRINT_SIZE];

    if (state == BOOK_LIVE)
        return false;
    print_age(book_feed_age(tui, t->instrument[instrument].exchange), age);
    if (state == BOOK_NONE)
        say(cell, ROLE_PRICE_OLD, "no price");
    else
        snprintf(cell->text, sizeof cell->text, "!%s", age);
    cell->role = ROLE_PRICE_OLD;
    return true;
}

void book_state(const struct tui *tui, uint32_t position, struct cell *cell)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_position *p = &t->position[position];
    const struct sq_close *open = sq_open_close(t, position);
    const struct sq_close *residue = residue_of(tui, position);
    char clock[PRINT_SIZE];

    if (book_has_unknown(tui, position)) {
        say(cell, ROLE_STATE_UNKNOWN, "UNKNOWN");
    } else if (p->frozen || t->client[t->position_client[position]].frozen) {
        say(cell, ROLE_DANGER, "FROZEN");
    } else if (open) {
        close_state(open, cell);
    } else if (p->net == 0) {
        print_time(p->flat_at, clock);
        snprintf(cell->text, sizeof cell->text, "FLAT %s", clock);
        cell->role = ROLE_STATE_FLAT;
    } else if (residue) {
        snprintf(cell->text, sizeof cell->text, "LEFT %s",
                 sq_name(SQ_LIST_RESIDUE, residue->residue));
        cell->role = ROLE_STATE_RESIDUE;
    } else if (kept_quantity(tui, position) != 0) {
        cell->role = ROLE_WARN;
        snprintf(cell->text, sizeof cell->text, "MANUAL %s",
                 book_quantity(book_instrument(tui, position), kept_quantity(tui, position), true,
                               clock));
    } else if (!tui->source.live) {
        say(cell, ROLE_STATE_CACHED, "cached");
    } else if (!price_state(tui, position, cell) && !source_state(tui, p, position, cell)) {
        say(cell, ROLE_STATE_OK, "ok");
    }
}

void book_order_state(const struct sq_order *order, struct cell *cell)
{
    bool live = !sq_order_state_is_terminal((enum sq_order_state)order->state);
    bool cancelling = live && (order->cancel_state == SQ_CANCEL_SENT ||
                               order->cancel_state == SQ_CANCEL_JOURNALLED);

    if (cancelling && order->state != SQ_ORDER_UNKNOWN)
        say(cell, ROLE_STATE_CLOSING, "CANCEL SENT");
    else if (live && order->origin != SQ_ORIGIN_CLOSE && order->state == SQ_ORDER_ACKED)
        say(cell, ROLE_STATE_OK, sq_name(SQ_LIST_ORIGIN, order->origin));
    else
        say(cell, ROLE_STATE_OK, sq_name(SQ_LIST_ORDER_STATE, order->state));
    if (order->state == SQ_ORDER_UNKNOWN)
        cell->role = ROLE_STATE_UNKNOWN;
    else if (order->state == SQ_ORDER_REJECTED || order->state == SQ_ORDER_NOT_SENT)
        cell->role = ROLE_STATE_RESIDUE;
    else if (!live)
        cell->role = ROLE_DIM;
    else if (order->origin == SQ_ORIGIN_CLOSE)
        cell->role = ROLE_STATE_CLOSING;
}

/* ---- cut-offs and names ------------------------------------------------------------------------- */

sq_time book_cutoff(const struct tui *tui, uint32_t position)
{
    const struct sq_hours *hours = sq_find_hours(tui_tables(tui), book_instrument(tui, position));

    if (!hours || tui_tables(tui)->position[position].key.product != SQ_PRODUCT_MIS)
        return 0;
    return hours->mis_cutoff;
}

sq_time book_next_cutoff(const struct tui *tui, unsigned *exchange)
{
    const struct sq_tables *t = tui_tables(tui);
    sq_time next = 0;

    for (uint32_t i = 0; i < t->hours_count; i++) {
        sq_time cutoff = t->hours[i].mis_cutoff;

        if (cutoff <= tui->now || (next != 0 && cutoff >= next))
            continue;
        next = cutoff;
        *exchange = t->hours[i].exchange;
    }
    return next;
}

const char *book_client_name(const struct tui *tui, const char *code)
{
    uint32_t row = sq_find_client(tui_tables(tui), code);

    return row == SQ_NO_ROW ? "" : tui_tables(tui)->client[row].name;
}

/* The core checks it again; here it keeps what would be refused out of a bulk close. */
bool book_in_scope(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);

    return sq_client_in_scope(t, sq_find_person(t, tui->session->person),
                              t->position_client[position]);
}

/* A tenth of the open positions without a believable price: the sum says nothing any more. */
bool book_total_is_hidden(const struct tui *tui)
{
    const struct sq_view *view = tui->session->view;

    if (!view->board || !tui->source.live)
        return true;
    return sq_board_stale(view->board, tui->now, view->tables.config.quote_age_limit_ms) * 10 >
           view->open_positions;
}
