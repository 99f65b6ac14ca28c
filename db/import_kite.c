/*
 * import_kite.c: the instruments dump of Kite Connect (one CSV for all venues).
 *
 * exchange_token is the exchange's own token; instrument_token is the vendor's. For derivatives
 * `name` is the underlying's symbol. Cash symbols of NSE carry their series behind a hyphen
 * ("CENTRALBK-BE"), EQ being silent; BAJAJ-AUTO is a symbol. lot_size is in units, not lots.
 */
#include "db/import.h"

#include <string.h>

enum { TOKEN, SYMBOL, NAME, LAST, EXPIRY, STRIKE, TICK, LOT, TYPE, SEGMENT, EXCHANGE };

/* Series are two letters or digits; no symbol of NSE ends in a hyphen and two of them. */
static void split_series(struct sq_instrument *i)
{
    size_t length = strnlen(i->symbol, sizeof i->symbol);
    memcpy(i->series, "EQ", 2);
    if (length < 4 || i->symbol[length - 3] != '-')
        return;
    memcpy(i->series, i->symbol + length - 2, 2);
    memset(i->symbol + length - 3, 0, 3);
}

/* Dumps of before 2018 leave `name` empty: the underlying stands before "18JAN" of the expiry. */
static bool split_underlying(struct reader *r, struct sq_instrument *i)
{
    static const char months[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    struct csv_field symbol = reader_field(r, SYMBOL);
    uint32_t year = i->expiry / 10000 % 100, month = i->expiry / 100 % 100;
    char text[SQ_SYMBOL_SIZE * 2] = "",
                               mark[6] = {(char)('0' + year / 10), (char)('0' + year % 10)};
    if (i->expiry != 0 && symbol.length < sizeof text) {
        memcpy(mark + 2, months + 3 * (month - 1), 3);
        memcpy(text, symbol.text, symbol.length);
        const char *end = strstr(text, mark);
        size_t length = end ? (size_t)(end - text) : 0;
        if (length > 0 && length < sizeof i->symbol) {
            memcpy(i->symbol, text, length);
            return true;
        }
    }
    reader_refuse(r, NAME, "empty");
    return false;
}

static bool read_names(struct reader *r, struct sq_instrument *i)
{
    struct csv_field segment = reader_field(r, SEGMENT), symbol = reader_field(r, SYMBOL);
    if (csv_is(&segment, "INDICES")) {
        i->contract = SQ_CONTRACT_INDEX;
        /* Only looked at: a name that is too long may be cut. */
        memcpy(i->symbol, symbol.text,
               symbol.length < sizeof i->symbol ? symbol.length : sizeof i->symbol - 1);
        return true;
    }
    if (!reader_named(r, TYPE, SQ_LIST_CONTRACT, &i->contract))
        return false;
    bool cash = i->contract == SQ_CONTRACT_EQUITY;
    if (!cash && reader_is_empty(r, NAME))
        return split_underlying(r, i);
    int column = cash ? SYMBOL : NAME;
    if (!reader_need_text(r, column, i->symbol, sizeof i->symbol))
        return false;
    if (cash && i->exchange == SQ_EXCHANGE_NSE)
        split_series(i);
    return true;
}

static bool read_terms(struct reader *r, struct sq_instrument *i)
{
    int64_t lot;
    bool traded = i->contract != SQ_CONTRACT_INDEX;
    i->price_decimals = (uint8_t)import_decimals((enum sq_exchange)i->exchange);
    if (!reader_price(r, STRIKE, i->price_decimals, &i->strike) ||
        !reader_price(r, TICK, i->price_decimals, &i->tick) ||
        !reader_price(r, LAST, i->price_decimals, &i->prev_settle) ||
        !reader_number(r, LOT, traded, 1 << 30, &lot))
        return false;
    import_set_lot(i, lot);
    return true;
}

/* What a contract of its kind must have. Returns the column that lacks it, or -1. */
static int lacking(const struct sq_instrument *i)
{
    bool option = i->contract == SQ_CONTRACT_CALL || i->contract == SQ_CONTRACT_PUT;
    bool derivative = option || i->contract == SQ_CONTRACT_FUTURE;
    if (i->contract != SQ_CONTRACT_INDEX && i->tick == 0)
        return TICK;
    if (derivative != (i->expiry != 0))
        return EXPIRY;
    if (option != (i->strike != 0))
        return STRIKE;
    /* Money is in paise: a lot of currency has to be worth whole ones. */
    return i->price_decimals == 4 && i->multiplier % 100 != 0 ? LOT : -1;
}

static enum row_result kite_row(struct reader *r)
{
    struct sq_instrument i = {0};
    if (!reader_named(r, EXCHANGE, SQ_LIST_EXCHANGE, &i.exchange))
        return reader_leave_out(r, EXCHANGE, "a venue that is not traded here");
    if (!reader_token(r, TOKEN, &i.token) || !reader_date(r, EXPIRY, &i.expiry) ||
        !read_names(r, &i) || !read_terms(r, &i))
        return ROW_REFUSED;
    int column = lacking(&i);
    if (column >= 0)
        return reader_refuse(r, column, "not possible for this kind of contract");
    return i.contract == SQ_CONTRACT_INDEX ? import_put_index(r, &i, TOKEN)
                                           : import_put(r, &i, TOKEN);
}

const struct reader_format format_kite = {
    .kind = "Kite instruments",
    .rank = 1,
    .row = kite_row,
    .columns = {[TOKEN] = "exchange_token",
                [SYMBOL] = "tradingsymbol",
                [NAME] = "name",
                [LAST] = "last_price",
                [EXPIRY] = "expiry",
                [STRIKE] = "strike",
                [TICK] = "tick_size",
                [LOT] = "lot_size",
                [TYPE] = "instrument_type",
                [SEGMENT] = "segment",
                [EXCHANGE] = "exchange"},
};
