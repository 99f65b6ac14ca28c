/*
 * import_book.c: positions.csv, orders.csv, trades.csv of the back office, and what is watched.
 *
 * Formats by column: formats.md of the product. The first columns of each format here are the seven
 * that name a contract, so that one function resolves them for all; where they stand in a file does
 * not matter. Money: a position's basis is what was carried over at the previous settlement, plus
 * what was traded today at its own average price, both signed.
 */
#include "db/import.h"

#include <string.h>

#include "core/num.h"

/* Empty is "?prod": an exchange's file does not tell. */
static bool read_product(struct reader *r, int column, uint8_t *product)
{
    *product = SQ_PRODUCT_UNKNOWN;
    return reader_is_empty(r, column) || reader_named(r, column, SQ_LIST_PRODUCT, product);
}

/* Client, contract and product: the key of a position. TAKEN when it is one of ours. */
static enum row_result read_key(struct reader *r, int client, int product, struct sq_key *key,
                                uint32_t *instrument)
{
    const struct import *im = r->owner;
    enum row_result result = import_client(r, client, key->client);
    if (result != ROW_TAKEN)
        return result;
    if (!import_resolve(r, instrument) || !read_product(r, product, &key->product))
        return ROW_REFUSED;
    key->exchange = im->reference.rows[*instrument].exchange;
    key->token = im->reference.rows[*instrument].token;
    return ROW_TAKEN;
}

/* ---- positions ------------------------------------------------------------------------------- */

enum {
    POSITION_CLIENT = NAMED_COUNT,
    POSITION_PRODUCT,
    POSITION_NET,
    POSITION_OVERNIGHT,
    POSITION_AVERAGE,
    POSITION_PREVIOUS,
    POSITION_SELLABLE,
    POSITION_AS_OF
};

/* What was carried over entered today at the previous settlement, the rest at its own price. */
static enum row_result set_basis(struct reader *r, struct sq_position *p,
                                 const struct sq_instrument *i, sq_price previous)
{
    sq_quantity today = p->net - p->overnight;
    sq_price settle = previous ? previous : i->prev_settle;
    if (p->overnight != 0 && settle == 0)
        return reader_refuse(r, POSITION_PREVIOUS, "no file tells the previous settlement");
    if (today != 0 && p->avg_price == 0)
        return reader_refuse(r, POSITION_AVERAGE, "what was traded today has no price");
    sq_money carried = sq_value_paise(settle, p->overnight, i->multiplier, i->price_decimals);
    sq_money traded = sq_value_paise(p->avg_price, today, i->multiplier, i->price_decimals);
    if (!sq_add(carried, traded, &p->basis_paise) || sq_abs(p->basis_paise) >= SQ_INTEGER_MAX)
        return reader_refuse(r, POSITION_NET, "worth more than can be counted");
    return ROW_TAKEN;
}

/* What both sources of positions must have, checked alike. */
static enum row_result read_position(struct reader *r, struct import_position *row)
{
    struct import *im = r->owner;
    struct sq_position *p = &row->position;
    sq_price previous;
    enum row_result result =
        read_key(r, POSITION_CLIENT, POSITION_PRODUCT, &p->key, &row->instrument);
    if (result != ROW_TAKEN)
        return result;
    const struct sq_instrument *i = &im->reference.rows[row->instrument];
    if (!reader_number(r, POSITION_NET, -SQ_INTEGER_MAX, SQ_INTEGER_MAX, &p->net) ||
        !reader_number_or_0(r, POSITION_OVERNIGHT, -SQ_INTEGER_MAX, SQ_INTEGER_MAX,
                            &p->overnight) ||
        !reader_price(r, POSITION_AVERAGE, i->price_decimals, &p->avg_price) ||
        !reader_price(r, POSITION_PREVIOUS, i->price_decimals, &previous) ||
        !reader_number_or_0(r, POSITION_SELLABLE, 0, SQ_INTEGER_MAX, &p->sellable) ||
        !import_as_of(r, POSITION_AS_OF))
        return ROW_REFUSED;
    p->start = p->agreed = p->net;
    return set_basis(r, p, i, previous);
}

/* At import the whole net is agreed; a second source may take from it. */
static enum row_result position_row(struct reader *r)
{
    struct import *im = r->owner;
    struct import_position row = {0};
    enum row_result result = read_position(r, &row);
    if (result != ROW_TAKEN)
        return result;
    if (reader_is_empty(r, POSITION_PRODUCT))
        return reader_refuse(r, POSITION_PRODUCT, "empty");
    if (im->day != 0 && sq_day_of_time(im->file_as_of) != im->day)
        return reader_refuse(r, POSITION_AS_OF, "of another day than is loaded");
    im->as_of = im->file_as_of;
    return import_keep(r, &im->positions, &row);
}

static void positions_end(struct reader *r)
{
    import_refuse_twins(r, &((struct import *)r->owner)->positions, "client");
}

#define POSITION_COLUMNS                                                                           \
    {                                                                                              \
        IMPORT_NAMED_COLUMNS, [POSITION_CLIENT] = "client", [POSITION_PRODUCT] = "?product",       \
                              [POSITION_NET] = "net_qty", [POSITION_OVERNIGHT] = "?overnight_qty", \
                              [POSITION_AVERAGE] = "?avg_price",                                   \
                              [POSITION_PREVIOUS] = "?prev_settle",                                \
                              [POSITION_SELLABLE] = "?sellable_qty", [POSITION_AS_OF] = "as_of"    \
    }

const struct reader_format format_positions = {
    .kind = "positions",
    .rank = 8,
    .ours = true,
    .row = position_row,
    .end = positions_end,
    .columns = POSITION_COLUMNS,
};

/* The second source: the exchange's or clearing's own count; it knows no product and no price. */
static enum row_result exchange_position_row(struct reader *r)
{
    struct import *im = r->owner;
    struct import_position row = {0};
    enum row_result result =
        read_key(r, POSITION_CLIENT, POSITION_PRODUCT, &row.position.key, &row.instrument);
    if (result != ROW_TAKEN)
        return result;
    if (!reader_number(r, POSITION_NET, -SQ_INTEGER_MAX, SQ_INTEGER_MAX, &row.position.net) ||
        !import_as_of(r, POSITION_AS_OF))
        return ROW_REFUSED;
    row.position.key.product = SQ_PRODUCT_UNKNOWN;
    im->has_exchange_positions = true;
    return import_keep(r, &im->exchange_positions, &row);
}

static void exchange_positions_end(struct reader *r)
{
    vector_sort(&((struct import *)r->owner)->exchange_positions);
}

const struct reader_format format_exchange_positions = {
    .kind = "positions of the exchange",
    .rank = 9,
    .ours = true,
    .row = exchange_position_row,
    .end = exchange_positions_end,
    .columns = POSITION_COLUMNS,
};

/* ---- resting orders -------------------------------------------------------------------------- */

enum {
    ORDER_CLIENT = NAMED_COUNT,
    ORDER_PRODUCT,
    ORDER_SIDE,
    ORDER_OPEN,
    ORDER_TYPE,
    ORDER_LIMIT,
    ORDER_TRIGGER,
    ORDER_VALIDITY,
    ORDER_EXCH_NO,
    ORDER_CLORD,
    ORDER_SENDER,
    ORDER_ENTERED,
    ORDER_AS_OF
};

static bool read_side(struct reader *r, int column, uint8_t *side)
{
    if (!reader_named(r, column, SQ_LIST_SIDE, side))
        return false;
    if (*side != SQ_SIDE_NONE)
        return true;
    reader_refuse(r, column, "neither BUY nor SELL");
    return false;
}

/* Everything but the key; contract and client have been found by then. */
static bool read_order(struct reader *r, struct sq_order *o, unsigned decimals)
{
    return read_side(r, ORDER_SIDE, &o->side) &&
           reader_number(r, ORDER_OPEN, 1, SQ_INTEGER_MAX, &o->qty) &&
           reader_named(r, ORDER_TYPE, SQ_LIST_ORDER_TYPE, &o->type) &&
           reader_price(r, ORDER_LIMIT, decimals, &o->limit) &&
           reader_price(r, ORDER_TRIGGER, decimals, &o->trigger) &&
           reader_need_text(r, ORDER_EXCH_NO, o->exch_no, sizeof o->exch_no) &&
           reader_text(r, ORDER_CLORD, o->clord, sizeof o->clord) &&
           reader_need_text(r, ORDER_SENDER, o->sender, sizeof o->sender) &&
           reader_time(r, ORDER_ENTERED, &o->created) && import_as_of(r, ORDER_AS_OF);
}

/* The prices that its type needs. Returns the column that lacks one, or -1. */
static int order_lacks(const struct sq_order *o)
{
    bool limited = o->type == SQ_ORDER_TYPE_LIMIT || o->type == SQ_ORDER_TYPE_SL;
    bool stopped = o->type == SQ_ORDER_TYPE_SL || o->type == SQ_ORDER_TYPE_SLM;
    if (limited != (o->limit > 0))
        return ORDER_LIMIT;
    return stopped != (o->trigger > 0) ? ORDER_TRIGGER : -1;
}

/* Whose it is decides what may be done: ours is cancelled, another's is only reckoned with. */
static enum row_result order_row(struct reader *r)
{
    struct import *im = r->owner;
    struct import_order row = {0};
    struct sq_order *o = &row.order;
    enum row_result result = read_key(r, ORDER_CLIENT, ORDER_PRODUCT, &o->key, &row.instrument);
    if (result != ROW_TAKEN)
        return result;
    if (!read_order(r, o, im->reference.rows[row.instrument].price_decimals))
        return ROW_REFUSED;
    int column = order_lacks(o);
    if (column >= 0)
        return reader_refuse(r, column, "does not fit the order type");
    bool ours = im->sender && strncmp(im->sender, o->sender, sizeof o->sender) == 0;
    o->origin = ours ? SQ_ORIGIN_RESTING : SQ_ORIGIN_RESTING_EXT;
    o->state = SQ_ORDER_ACKED;
    o->leaves = o->qty;
    o->acked = o->changed = o->created;
    o->ask_at = SQ_NEVER;
    return import_keep(r, &im->orders, &row);
}

static void orders_end(struct reader *r)
{
    import_refuse_twins(r, &((struct import *)r->owner)->orders, "exch_order_no");
}

const struct reader_format format_orders = {
    .kind = "resting orders",
    .rank = 10,
    .ours = true,
    .row = order_row,
    .end = orders_end,
    .columns = {IMPORT_NAMED_COLUMNS, [ORDER_CLIENT] = "client", [ORDER_PRODUCT] = "?product",
                [ORDER_SIDE] = "side", [ORDER_OPEN] = "open_qty", [ORDER_TYPE] = "order_type",
                [ORDER_LIMIT] = "?limit_price", [ORDER_TRIGGER] = "?trigger_price",
                [ORDER_VALIDITY] = "?validity", [ORDER_EXCH_NO] = "exch_order_no",
                [ORDER_CLORD] = "?clord_id", [ORDER_SENDER] = "sender_id",
                [ORDER_ENTERED] = "entered_at", [ORDER_AS_OF] = "as_of"},
};

/* ---- trades after as_of ---------------------------------------------------------------------- */

enum {
    TRADE_CLIENT = NAMED_COUNT,
    TRADE_PRODUCT,
    TRADE_NO,
    TRADE_EXCH_NO,
    TRADE_SIDE,
    TRADE_QTY,
    TRADE_PRICE,
    TRADE_TIME
};

/* The exchange knows no product: the order it belongs to does, where we know that order. */
static void product_of_order(const struct import *im, struct import_trade *row)
{
    struct import_order like = {0};
    like.order.key.exchange = row->trade.key.exchange;
    memcpy(like.order.exch_no, row->exch_order_no, sizeof like.order.exch_no);
    const struct import_order *order = vector_find(&im->orders, &like);
    if (order && row->exch_order_no[0])
        row->trade.key.product = order->order.key.product;
}

/* A trade at or before as_of is in the positions: counting it twice would be a false position. */
static enum row_result trade_row(struct reader *r)
{
    struct import *im = r->owner;
    struct import_trade row = {0};
    struct sq_trade *t = &row.trade;
    enum row_result result = read_key(r, TRADE_CLIENT, TRADE_PRODUCT, &t->key, &row.instrument);
    if (result != ROW_TAKEN)
        return result;
    unsigned decimals = im->reference.rows[row.instrument].price_decimals;
    if (!reader_need_text(r, TRADE_NO, t->trade_no, sizeof t->trade_no) ||
        !reader_text(r, TRADE_EXCH_NO, row.exch_order_no, sizeof row.exch_order_no) ||
        !read_side(r, TRADE_SIDE, &t->side) ||
        !reader_number(r, TRADE_QTY, 1, SQ_INTEGER_MAX, &t->qty) ||
        !reader_price(r, TRADE_PRICE, decimals, &t->price) || !reader_time(r, TRADE_TIME, &t->time))
        return ROW_REFUSED;
    if (t->price == 0)
        return reader_refuse(r, TRADE_PRICE, "empty");
    if (t->time <= im->as_of) {
        im->early_trades++;
        return reader_leave_out(r, TRADE_TIME, "not after as_of: in the positions already");
    }
    if (t->key.product == SQ_PRODUCT_UNKNOWN)
        product_of_order(im, &row);
    return import_keep(r, &im->trades, &row);
}

static void trades_end(struct reader *r)
{
    import_refuse_twins(r, &((struct import *)r->owner)->trades, "trade_no");
}

const struct reader_format format_trades = {
    .kind = "trades",
    .rank = 11,
    .ours = true,
    .row = trade_row,
    .end = trades_end,
    .columns = {IMPORT_NAMED_COLUMNS, [TRADE_CLIENT] = "client", [TRADE_PRODUCT] = "?product",
                [TRADE_NO] = "trade_no", [TRADE_EXCH_NO] = "?exch_order_no", [TRADE_SIDE] = "side",
                [TRADE_QTY] = "qty", [TRADE_PRICE] = "price", [TRADE_TIME] = "trade_time"},
};

/* ---- contracts to watch without holding them ------------------------------------------------- */

enum { WATCH_WATCH = NAMED_COUNT };

static enum row_result watch_row(struct reader *r)
{
    struct import *im = r->owner;
    uint32_t instrument;
    uint8_t wanted;
    if (!import_resolve(r, &instrument) || !reader_yes(r, WATCH_WATCH, &wanted))
        return ROW_REFUSED;
    return wanted ? import_keep(r, &im->watched, &instrument)
                  : reader_leave_out(r, WATCH_WATCH, "not to be watched");
}

const struct reader_format format_watch = {
    .kind = "watch list",
    .rank = 12,
    .ours = true,
    .row = watch_row,
    .columns = {IMPORT_NAMED_COLUMNS, [WATCH_WATCH] = "watch"},
};
