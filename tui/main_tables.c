/* Rows of a book for scripts and screen readers. A new column is a new row of a table. */
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/filter.h"
#include "tui/main.h"
#include "tui/text.h"

enum { FIELD_SIZE = 128, LINE_SIZE = 2048 };

struct source {
    const struct sq_tables *t;
    const struct sq_board *board;
    uint32_t row;
};

struct column {
    const char *name;
    bool number; /* JSON writes it bare */
    void (*put)(const struct source *s, char text[FIELD_SIZE]);
};

struct table {
    const char *name;
    const struct column *columns;
    size_t column_count;
    uint32_t (*count)(const struct sq_tables *t);
    const struct sq_key *(*key)(const struct source *s);
    bool (*shown)(const struct source *s);
};

static void put_integer(int64_t value, char text[FIELD_SIZE])
{
    sq_print_decimal(value, 0, false, text);
}

static const struct sq_instrument *instrument_of(const struct sq_tables *t,
                                                 const struct sq_key *key)
{
    return &t->instrument[sq_find_instrument(t, (enum sq_exchange)key->exchange, key->token)];
}

static void put_price(const struct sq_tables *t, const struct sq_key *key, sq_price price,
                      char text[FIELD_SIZE])
{
    sq_print_decimal(price, instrument_of(t, key)->price_decimals, false, text);
}

static void put_text(const char *value, char text[FIELD_SIZE])
{
    snprintf(text, FIELD_SIZE, "%s", value);
}

/* Columns that every table has, by the key of its row. */
#define KEY_COLUMNS(table)                                                   \
    static void table##_client(const struct source *s, char *text)           \
    {                                                                        \
        put_text(table##_key(s)->client, text);                              \
    }                                                                        \
    static void table##_exchange(const struct source *s, char *text)         \
    {                                                                        \
        put_text(sq_name(SQ_LIST_EXCHANGE, table##_key(s)->exchange), text); \
    }                                                                        \
    static void table##_symbol(const struct source *s, char *text)           \
    {                                                                        \
        sq_label(instrument_of(s->t, table##_key(s)), text);                 \
    }                                                                        \
    static void table##_product(const struct source *s, char *text)          \
    {                                                                        \
        put_text(sq_name(SQ_LIST_PRODUCT, table##_key(s)->product), text);   \
    }
#define KEY_ROWS(table)                                                       \
    {"client", false, table##_client}, {"exchange", false, table##_exchange}, \
        {"symbol", false, table##_symbol},                                    \
    {                                                                         \
        "product", false, table##_product                                     \
    }

/* ---- positions ---------------------------------------------------------------------------------- */

static const struct sq_position *position(const struct source *s)
{
    return &s->t->position[s->row];
}

static const struct sq_key *position_key(const struct source *s)
{
    return &position(s)->key;
}
KEY_COLUMNS(position)

static void position_token(const struct source *s, char *text)
{
    put_integer(position_key(s)->token, text);
}

static void position_net(const struct source *s, char *text)
{
    put_integer(position(s)->net, text);
}

static void position_realised(const struct source *s, char *text)
{
    sq_print_decimal(position(s)->realised_paise, 2, false, text);
}

static void position_mtm(const struct source *s, char *text)
{
    sq_print_decimal(s->board ? sq_board_mtm(s->board, s->row) : 0, 2, false, text);
}

static void position_state(const struct source *s, char *text)
{
    uint32_t close = s->t->position_close[s->row];

    put_text(close == SQ_NO_ROW ? "" : sq_name(SQ_LIST_CLOSE_STATE, s->t->close[close].state),
             text);
}

static void position_left(const struct source *s, char *text)
{
    uint32_t close = s->t->position_close[s->row];

    bool left = close != SQ_NO_ROW && s->t->close[close].residue != SQ_RESIDUE_NONE;

    put_text(left ? sq_name(SQ_LIST_RESIDUE, s->t->close[close].residue) : "", text);
}

static uint32_t position_count(const struct sq_tables *t)
{
    return t->position_count;
}

static bool position_shown(const struct source *s)
{
    return position(s)->net != 0 || s->t->position_close[s->row] != SQ_NO_ROW;
}

static const struct column position_columns[] = {
    KEY_ROWS(position),
    {"token", true, position_token},
    {"net", true, position_net},
    {"mtm", true, position_mtm},
    {"realised", true, position_realised},
    {"close", false, position_state},
    {"left", false, position_left},
};

/* ---- orders ------------------------------------------------------------------------------------- */

static const struct sq_order *order(const struct source *s)
{
    return &s->t->order[s->row];
}

static const struct sq_key *order_key(const struct source *s)
{
    return &order(s)->key;
}
KEY_COLUMNS(order)

static void order_id(const struct source *s, char *text)
{
    sq_order_label(order(s), text);
}

static void order_time(const struct source *s, char *text)
{
    sq_print_iso(order(s)->created, text);
}

static void order_side(const struct source *s, char *text)
{
    put_text(sq_name(SQ_LIST_SIDE, order(s)->side), text);
}

static void order_qty(const struct source *s, char *text)
{
    put_integer(order(s)->qty, text);
}

static void order_filled(const struct source *s, char *text)
{
    put_integer(order(s)->cum, text);
}

static void order_limit(const struct source *s, char *text)
{
    put_price(s->t, order_key(s), order(s)->limit, text);
}

static void order_state(const struct source *s, char *text)
{
    put_text(sq_name(SQ_LIST_ORDER_STATE, order(s)->state), text);
}

static void order_origin(const struct source *s, char *text)
{
    put_text(sq_name(SQ_LIST_ORIGIN, order(s)->origin), text);
}

static void order_clord(const struct source *s, char *text)
{
    put_text(order(s)->clord, text);
}

static void order_exchange_no(const struct source *s, char *text)
{
    put_text(order(s)->exch_no, text);
}

static uint32_t order_count(const struct sq_tables *t)
{
    return t->order_count;
}

static bool every(const struct source *s)
{
    (void)s;
    return true;
}

static const struct column order_columns[] = {
    {"time", false, order_time},
    {"order", false, order_id},
    KEY_ROWS(order),
    {"side", false, order_side},
    {"quantity", true, order_qty},
    {"filled", true, order_filled},
    {"limit", true, order_limit},
    {"state", false, order_state},
    {"origin", false, order_origin},
    {"clord_id", false, order_clord},
    {"exchange_no", false, order_exchange_no},
};

/* ---- trades ------------------------------------------------------------------------------------- */

static const struct sq_fill *trade(const struct source *s)
{
    return &s->t->fill[s->row];
}

static const struct sq_key *trade_key(const struct source *s)
{
    return &trade(s)->key;
}
KEY_COLUMNS(trade)

static void trade_time(const struct source *s, char *text)
{
    sq_print_iso(trade(s)->time, text);
}

static void trade_side(const struct source *s, char *text)
{
    put_text(sq_name(SQ_LIST_SIDE, trade(s)->side), text);
}

static void trade_qty(const struct source *s, char *text)
{
    put_integer(trade(s)->qty, text);
}

static void trade_price(const struct source *s, char *text)
{
    put_price(s->t, trade_key(s), trade(s)->price, text);
}

static void trade_no(const struct source *s, char *text)
{
    put_text(trade(s)->exec_id, text);
}

static void trade_note(const struct source *s, char *text)
{
    put_text(trade(s)->busted     ? "BUSTED"
             : trade(s)->manual   ? "MANUAL"
             : trade(s)->external ? "external"
                                  : "ours",
             text);
}

static uint32_t trade_count(const struct sq_tables *t)
{
    return t->fill_count;
}

static const struct column trade_columns[] = {
    {"time", false, trade_time},  KEY_ROWS(trade),
    {"side", false, trade_side},  {"quantity", true, trade_qty},
    {"price", true, trade_price}, {"trade_no", false, trade_no},
    {"note", false, trade_note},
};

/* ---- printing ----------------------------------------------------------------------------------- */

#define COLUMNS(columns) columns, sizeof columns / sizeof columns[0]
static const struct table tables[] = {
    {"positions", COLUMNS(position_columns), position_count, position_key, position_shown},
    {"orders", COLUMNS(order_columns), order_count, order_key, every},
    {"trades", COLUMNS(trade_columns), trade_count, trade_key, every},
};

static bool is_wanted(const struct table *table, const struct source *s,
                      const struct table_request *request)
{
    const struct sq_key *key = table->key(s);
    const struct sq_instrument *instrument = instrument_of(s->t, key);
    char label[SQ_LABEL_SIZE];

    sq_label(instrument, label);
    return table->shown(s) &&
           (request->client[0] == '\0' || filter_equal(key->client, request->client)) &&
           (request->symbol[0] == '\0' || filter_equal(label, request->symbol) ||
            filter_equal(instrument->symbol, request->symbol));
}

/* RFC 8259 section 7 asks for no more once controls are gone, and the text gate takes those. */
static void json_field(const struct column *column, const char *value, char *out, size_t size)
{
    char safe[FIELD_SIZE * 2];
    size_t used;

    text_safe(value, strlen(value), FIELD_SIZE, safe, sizeof safe);
    used = (size_t)snprintf(out, size, "\"%s\":%s", column->name, column->number ? "" : "\"");
    for (const char *at = safe; *at && used + 3 < size; at++) {
        if (*at == '"' || *at == '\\')
            out[used++] = '\\';
        out[used++] = *at;
    }
    snprintf(out + used, size - used, "%s", column->number ? "" : "\"");
}

static void print_row(const struct table *table, const struct source *s,
                      const struct table_request *request)
{
    char line[LINE_SIZE], value[FIELD_SIZE], field[FIELD_SIZE * 3];
    static const char *const ends[] = {"", "", "}"};
    size_t used =
        (size_t)snprintf(line, sizeof line, "%s", request->format == TABLE_JSON ? "{" : "");

    for (size_t i = 0; i < table->column_count && used < sizeof line; i++) {
        table->columns[i].put(s, value);
        if (request->format == TABLE_JSON)
            json_field(&table->columns[i], value, field, sizeof field);
        else if (request->format == TABLE_CSV)
            text_csv(value, strlen(value), field, sizeof field);
        else
            text_safe(value, strlen(value), FIELD_SIZE, field, sizeof field);
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s",
                                 i == 0                          ? ""
                                 : request->format == TABLE_TEXT ? "  "
                                                                 : ",",
                                 field);
    }
    if (used < sizeof line)
        snprintf(line + used, sizeof line - used, "%s", ends[request->format]);
    request->say(request->owner, line);
}

static void print_header(const struct table *table, const struct table_request *request)
{
    char line[LINE_SIZE] = "";
    size_t used = 0;

    for (size_t i = 0; i < table->column_count; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i ? "," : "",
                                 table->columns[i].name);
    request->say(request->owner, line);
}

bool table_print(const struct sq_tables *t, const struct sq_board *board,
                 const struct table_request *request)
{
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        const struct table *table = &tables[i];
        struct source s = {t, board, 0};

        if (strcmp(table->name, request->what) != 0)
            continue;
        if (request->format == TABLE_CSV)
            print_header(table, request);
        for (; s.row < table->count(t); s.row++)
            if (is_wanted(table, &s, request))
                print_row(table, &s, request);
        return true;
    }
    return false;
}
