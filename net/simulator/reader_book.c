/*
 * Positions, resting orders and trades: the back office's files.
 */
#include "net/simulator/reader.h"
#include "net/simulator/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every file of the back office begins with these columns, wherever they stand in the row. */
enum {
    ID_CLIENT,
    ID_VENUE,
    ID_TOKEN,
    ID_SYMBOL,
    ID_SERIES,
    ID_EXPIRY,
    ID_STRIKE,
    ID_OPTION,
    ID_PRODUCT,
    ID_COUNT
};
#define ID_NAMES                                                                              \
    "client", "exchange", "token", "symbol", "?series", "?expiry", "?strike", "?option_type", \
        "product"

static const char *const position_names[] = {
    ID_NAMES,       "net_qty",       "?overnight_qty", "?avg_price",
    "?prev_settle", "?sellable_qty", "as_of",          NULL};
enum { P_NET = ID_COUNT, P_OVERNIGHT, P_AVERAGE, P_SETTLE, P_SELLABLE, P_AS_OF };

static const char *const order_names[] = {
    ID_NAMES,   "side",          "open_qty",  "order_type", "limit_price", "?trigger_price",
    "validity", "exch_order_no", "?clord_id", "sender_id",  "entered_at",  "as_of",
    NULL};
enum {
    O_SIDE = ID_COUNT,
    O_OPEN,
    O_TYPE,
    O_LIMIT,
    O_TRIGGER,
    O_VALIDITY,
    O_NUMBER,
    O_CLORD,
    O_SENDER,
    O_ENTERED,
    O_AS_OF
};

static const char *const trade_names[] = {ID_NAMES, "trade_no", "?exch_order_no", "side",
                                          "qty",    "price",    "trade_time",     NULL};
enum { T_NUMBER = ID_COUNT, T_ORDER, T_SIDE, T_QUANTITY, T_PRICE, T_TIME };

/* What a row is about. */
struct identity {
    char client[SIM_CLIENT];
    int32_t contract;
    int product;
};

/* The descriptive columns of a row, each with "does not matter" when it is empty. */
struct wanted {
    const char *symbol, *series, *option;
    int segment;
    int32_t expiry; /* 0: cash */
    const char *strike;
};

/* A derivative without an option type is the future. */
static bool option_matches(const struct sim_contract *c, const struct wanted *w)
{
    int64_t strike;
    int kind = strcmp(w->option, "CE") == 0   ? SIM_CALL
               : strcmp(w->option, "PE") == 0 ? SIM_PUT
                                              : SIM_FUTURE;
    if (kind == SIM_FUTURE || c->kind != kind)
        return c->kind == kind;
    return sim_decimal(w->strike, c->price_decimals, &strike) == 0 && strike == c->strike;
}

static bool matches(const struct sim_contract *c, const struct wanted *w)
{
    if (c->index || c->segment != w->segment || strcmp(c->symbol, w->symbol) != 0 ||
        c->expiry != w->expiry)
        return false;
    if (c->kind != SIM_CASH)
        return option_matches(c, w);
    return *w->series == '\0' || c->series[0] == '\0' || strcmp(c->series, w->series) == 0;
}

/* The one contract that fits the description. */
static int resolve(const struct sim_day *day, const struct sim_csv *csv, int segment,
                   int32_t *found, char why[SIM_WHY])
{
    struct wanted w = {.symbol = sim_csv_get(csv, ID_SYMBOL),
                       .series = sim_csv_get(csv, ID_SERIES),
                       .option = sim_csv_get(csv, ID_OPTION),
                       .strike = sim_csv_get(csv, ID_STRIKE),
                       .segment = segment};
    const char *expiry = sim_csv_get(csv, ID_EXPIRY);
    if (*expiry != '\0' && sim_date(expiry, &w.expiry) != 0)
        return sim_csv_refuse(csv, ID_EXPIRY, "no date", why);
    *found = SIM_NONE;
    for (int32_t i = 0; i < day->contracts; i++) {
        if (!matches(&day->contract[i], &w))
            continue;
        if (*found != SIM_NONE)
            return sim_csv_refuse(csv, ID_SYMBOL, "matches more than one contract", why);
        *found = i;
    }
    return *found == SIM_NONE ? sim_csv_refuse(csv, ID_SYMBOL, "no such contract", why) : 0;
}

static int find_contract(const struct sim_day *day, const struct sim_csv *csv, int32_t *found,
                         char why[SIM_WHY])
{
    int64_t token;
    const char *text = sim_csv_get(csv, ID_TOKEN);
    int segment = sim_segment_named(sim_csv_get(csv, ID_VENUE));
    if (segment < 0)
        return sim_csv_refuse(csv, ID_VENUE, "unknown exchange", why);
    if (*text == '\0')
        return resolve(day, csv, segment, found, why);
    if (sim_integer(text, &token) != 0 || token < 1 || token > INT32_MAX)
        return sim_csv_refuse(csv, ID_TOKEN, "not a token", why);
    *found = sim_day_find(day, segment, (uint32_t)token);
    return *found == SIM_NONE ? sim_csv_refuse(csv, ID_TOKEN, "no such contract", why) : 0;
}

static int read_identity(const struct sim_day *day, const struct sim_csv *csv, struct identity *id,
                         char why[SIM_WHY])
{
    const char *client = sim_csv_get(csv, ID_CLIENT);
    const char *product = sim_csv_get(csv, ID_PRODUCT);
    if (*client == '\0' || sim_copy(id->client, sizeof id->client, client) != 0)
        return sim_csv_refuse(csv, ID_CLIENT, "empty or too long", why);
    id->product = *product == '\0' ? SIM_PRODUCT_UNKNOWN : sim_product_named(product);
    if (id->product < 0)
        return sim_csv_refuse(csv, ID_PRODUCT, "unknown product", why);
    return find_contract(day, csv, &id->contract, why);
}

static int read_quantity(const struct sim_csv *csv, int column, int64_t *out, char why[SIM_WHY])
{
    if (sim_integer(sim_csv_get(csv, column), out) != 0 || *out > SIM_QUANTITY_MAX ||
        *out < -SIM_QUANTITY_MAX)
        return sim_csv_refuse(csv, column, "not a quantity", why);
    return 0;
}

static int read_price(const struct sim_csv *csv, int column, int decimals, int64_t *out,
                      char why[SIM_WHY])
{
    const char *text = sim_csv_get(csv, column);
    *out = 0;
    if (*text != '\0' &&
        (sim_decimal(text, decimals, out) != 0 || *out < 0 || *out > SIM_PRICE_MAX))
        return sim_csv_refuse(csv, column, "not a price of this contract", why);
    return 0;
}

static int read_time(const struct sim_csv *csv, int column, int64_t *out, char why[SIM_WHY])
{
    if (sim_time(sim_csv_get(csv, column), out) != 0)
        return sim_csv_refuse(csv, column, "not a time with an offset", why);
    return 0;
}

static int read_side(const struct sim_csv *csv, int column, int *out, char why[SIM_WHY])
{
    const char *text = sim_csv_get(csv, column);
    *out = strcmp(text, "BUY") == 0 ? SIM_BUY : SIM_SELL;
    if (*out == SIM_SELL && strcmp(text, "SELL") != 0)
        return sim_csv_refuse(csv, column, "neither BUY nor SELL", why);
    return 0;
}

static int position_row(void *context, const struct sim_csv *csv, char why[SIM_WHY])
{
    struct sim_day *day = context;
    struct identity id = {0};
    int64_t net, settle, as_of_us;
    if (read_identity(day, csv, &id, why) != 0 || read_quantity(csv, P_NET, &net, why) != 0)
        return -1;
    struct sim_contract *c = &day->contract[id.contract];
    if (read_price(csv, P_SETTLE, c->price_decimals, &settle, why) != 0)
        return -1;
    if (read_time(csv, P_AS_OF, &as_of_us, why) != 0)
        return -1;
    if (day->as_of_us != 0 && as_of_us != day->as_of_us)
        return sim_csv_refuse(csv, P_AS_OF, "not the same in all rows", why);
    int before = day->positions;
    int32_t p = sim_day_position(day, id.client, id.contract, id.product);
    if (p < before)
        return sim_csv_refuse(csv, ID_CLIENT, p < 0 ? "out of memory" : "given twice", why);
    day->as_of_us = as_of_us;
    day->position[p].net = net;
    c->close = c->close == 0 ? settle : c->close;
    return 0;
}

int sim_read_positions(struct sim_day *day, const char *path, char why[SIM_WHY])
{
    return sim_csv_each(path, position_names, true, position_row, day, why);
}

static int order_type(const struct sim_csv *csv, struct sim_resting *r, char why[SIM_WHY])
{
    static const struct {
        const char *name;
        bool stop, limited;
    } types[] = {{"LIMIT", false, true},
                 {"MARKET", false, false},
                 {"SL", true, true},
                 {"SL-M", true, false}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].name, sim_csv_get(csv, O_TYPE)) != 0)
            continue;
        r->stop = types[i].stop;
        if (types[i].limited && r->limit_price <= 0)
            return sim_csv_refuse(csv, O_LIMIT, "a limit is needed", why);
        if (types[i].stop && r->trigger_price <= 0)
            return sim_csv_refuse(csv, O_TRIGGER, "a trigger is needed", why);
        return 0;
    }
    return sim_csv_refuse(csv, O_TYPE, "unknown order type", why);
}

/* The texts that name the order. */
static int order_names_of(const struct sim_csv *csv, struct sim_resting *r, char why[SIM_WHY])
{
    if (sim_copy(r->order_no, sizeof r->order_no, sim_csv_get(csv, O_NUMBER)) || !r->order_no[0])
        return sim_csv_refuse(csv, O_NUMBER, "empty or too long", why);
    if (sim_copy(r->clord_id, sizeof r->clord_id, sim_csv_get(csv, O_CLORD)) != 0)
        return sim_csv_refuse(csv, O_CLORD, "too long", why);
    if (sim_copy(r->sender, sizeof r->sender, sim_csv_get(csv, O_SENDER)) != 0 || !r->sender[0])
        return sim_csv_refuse(csv, O_SENDER, "empty or too long", why);
    return 0;
}

static struct sim_resting *resting_with_number(const struct sim_day *day, const char *number)
{
    for (int i = 0; i < day->restings && *number != '\0'; i++)
        if (strcmp(day->resting[i].order_no, number) == 0)
            return &day->resting[i];
    return NULL;
}

static int order_row(void *context, const struct sim_csv *csv, char why[SIM_WHY])
{
    struct sim_day *day = context;
    struct identity id = {0};
    struct sim_resting r = {0};
    int side;
    if (read_identity(day, csv, &id, why) != 0 || read_side(csv, O_SIDE, &side, why) != 0)
        return -1;
    int decimals = day->contract[id.contract].price_decimals;
    if (read_quantity(csv, O_OPEN, &r.open, why) != 0)
        return -1;
    if (r.open <= 0)
        return sim_csv_refuse(csv, O_OPEN, "nothing is open", why);
    if (read_price(csv, O_LIMIT, decimals, &r.limit_price, why) ||
        read_price(csv, O_TRIGGER, decimals, &r.trigger_price, why))
        return -1;
    if (order_type(csv, &r, why) || order_names_of(csv, &r, why) ||
        read_time(csv, O_ENTERED, &r.entered_us, why))
        return -1;
    if (resting_with_number(day, r.order_no) != NULL)
        return sim_csv_refuse(csv, O_NUMBER, "given twice", why);
    memcpy(r.client, id.client, sizeof r.client);
    r.contract = id.contract;
    r.product = (uint8_t)id.product;
    r.side = (int8_t)side;
    if (sim_day_add_resting(day, &r) == NULL)
        return sim_csv_refuse(csv, O_NUMBER, "out of memory", why);
    return 0;
}

int sim_read_orders(struct sim_day *day, const char *path, char why[SIM_WHY])
{
    return sim_csv_each(path, order_names, true, order_row, day, why);
}

/* One side of a trade that was taken: a repeat of it is not taken again. */
struct seen {
    int segment, side;
    char number[SIM_ORDER_NO];
};

/* Trades of one file, beside the day while it is read. */
struct trades {
    struct sim_day *day;
    struct seen *seen;
    int count, room;
};

static bool was_seen(const struct trades *t, const struct seen *s)
{
    for (int i = 0; i < t->count; i++)
        if (t->seen[i].segment == s->segment && t->seen[i].side == s->side &&
            strcmp(t->seen[i].number, s->number) == 0)
            return true;
    return false;
}

static int remember(struct trades *t, const struct seen *s)
{
    if (t->count == t->room) {
        int room = t->room == 0 ? 256 : t->room * 2;
        struct seen *more = realloc(t->seen, (size_t)room * sizeof *more);
        if (more == NULL)
            return -1;
        t->seen = more;
        t->room = room;
    }
    t->seen[t->count++] = *s;
    return 0;
}

/* Adds one trade to its position, and takes it from the resting order that it filled. */
static int book_trade(struct trades *t, const struct sim_csv *csv, struct identity *id, int side,
                      int64_t quantity, char why[SIM_WHY])
{
    struct sim_resting *order = resting_with_number(t->day, sim_csv_get(csv, T_ORDER));
    if (order != NULL && id->product == SIM_PRODUCT_UNKNOWN)
        id->product = order->product;
    if (order != NULL)
        order->open = order->open > quantity ? order->open - quantity : 0;
    int32_t p = sim_day_position(t->day, id->client, id->contract, id->product);
    if (p < 0)
        return sim_csv_refuse(csv, T_NUMBER, "out of memory", why);
    t->day->position[p].net += side * quantity;
    t->day->trades++;
    return 0;
}

static int trade_row(void *context, const struct sim_csv *csv, char why[SIM_WHY])
{
    struct trades *t = context;
    struct identity id = {0};
    struct seen s = {0};
    int64_t quantity, time_us;
    if (read_identity(t->day, csv, &id, why) || read_side(csv, T_SIDE, &s.side, why))
        return -1;
    if (read_quantity(csv, T_QUANTITY, &quantity, why) || read_time(csv, T_TIME, &time_us, why))
        return -1;
    if (quantity <= 0)
        return sim_csv_refuse(csv, T_QUANTITY, "not a quantity", why);
    s.segment = t->day->contract[id.contract].segment;
    const char *number = sim_csv_get(csv, T_NUMBER);
    if (*number == '\0' || sim_copy(s.number, sizeof s.number, number) != 0)
        return sim_csv_refuse(csv, T_NUMBER, "empty or too long", why);
    if (time_us <= t->day->as_of_us || was_seen(t, &s))
        return 0;
    if (remember(t, &s) != 0)
        return sim_csv_refuse(csv, T_NUMBER, "out of memory", why);
    return book_trade(t, csv, &id, s.side, quantity, why);
}

int sim_read_trades(struct sim_day *day, const char *path, char why[SIM_WHY])
{
    struct trades t = {.day = day};
    int result = sim_csv_each(path, trade_names, true, trade_row, &t, why);
    free(t.seen);
    return result;
}
