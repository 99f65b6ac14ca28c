/*
 * import_xts.c: the masters that XTS writes: cash of NSE, futures and options, index names.
 *
 * Bands: -1 is none; those above 999,999 come in exponent form, rounded: they bind nobody, and read
 * as none. Rows with option type SPD are calendar spreads: traded as their two contracts here.
 */
#include "db/import.h"

#include <string.h>

/* ---- cash ------------------------------------------------------------------------------------ */

enum { CM_TOKEN, CM_SYMBOL, CM_SERIES, CM_LOT, CM_TICK, CM_HIGH, CM_LOW, CM_PREV };

/* The columns that the masters of cash and of derivatives share. */
static bool read_terms(struct reader *r, struct sq_instrument *i)
{
    int64_t lot;
    i->price_decimals = (uint8_t)import_decimals((enum sq_exchange)i->exchange);
    if (!reader_token(r, CM_TOKEN, &i->token) ||
        !reader_price(r, CM_TICK, i->price_decimals, &i->tick) ||
        !import_band(r, CM_HIGH, i->price_decimals, &i->band_high) ||
        !import_band(r, CM_LOW, i->price_decimals, &i->band_low) ||
        !reader_price(r, CM_PREV, i->price_decimals, &i->prev_settle) ||
        !reader_number(r, CM_LOT, 1, 1 << 30, &lot))
        return false;
    import_set_lot(i, lot);
    if (i->tick > 0)
        return true;
    reader_refuse(r, CM_TICK, "no tick");
    return false;
}

static enum row_result cm_row(struct reader *r)
{
    struct sq_instrument i = {.exchange = SQ_EXCHANGE_NSE, .contract = SQ_CONTRACT_EQUITY};
    if (!reader_need_text(r, CM_SYMBOL, i.symbol, sizeof i.symbol) ||
        !reader_need_text(r, CM_SERIES, i.series, sizeof i.series) || !read_terms(r, &i))
        return ROW_REFUSED;
    return import_put(r, &i, CM_TOKEN);
}

/* Both masters begin with these. */
#define COMMON_COLUMNS                                                                          \
    [CM_TOKEN] = "Token", [CM_SYMBOL] = "Symbol", [CM_SERIES] = "Series", [CM_LOT] = "LotSize", \
    [CM_TICK] = "TickSize", [CM_HIGH] = "PriceBandHigh", [CM_LOW] = "PriceBandLow",             \
    [CM_PREV] = "PrevClose"

const struct reader_format format_xts_cm = {
    .kind = "XTS cash master",
    .rank = 1,
    .row = cm_row,
    .columns = {COMMON_COLUMNS},
};

/* ---- futures and options --------------------------------------------------------------------- */

enum { FO_EXPIRY = CM_PREV + 1, FO_STRIKE, FO_TYPE, FO_UNDERLYING };

/* The series tells the exchange: BSE writes index and stock options and futures by two letters. */
static bool read_exchange(struct reader *r, struct sq_instrument *i)
{
    static const struct {
        const char *series;
        enum sq_exchange exchange;
    } rows[] = {
        {"IO", SQ_EXCHANGE_BFO},     {"IF", SQ_EXCHANGE_BFO},     {"SO", SQ_EXCHANGE_BFO},
        {"SF", SQ_EXCHANGE_BFO},     {"OPTIDX", SQ_EXCHANGE_NFO}, {"FUTIDX", SQ_EXCHANGE_NFO},
        {"OPTSTK", SQ_EXCHANGE_NFO}, {"FUTSTK", SQ_EXCHANGE_NFO},
    };
    struct csv_field series = reader_field(r, CM_SERIES);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        if (csv_is(&series, rows[k].series)) {
            i->exchange = (uint8_t)rows[k].exchange;
            return true;
        }
    reader_refuse(r, CM_SERIES, "series of no exchange that is known");
    return false;
}

static enum row_result fo_row(struct reader *r)
{
    struct sq_instrument i = {0};
    struct csv_field type = reader_field(r, FO_TYPE);
    if (csv_is(&type, "SPD"))
        return reader_leave_out(r, FO_TYPE, "a spread: it is traded as its two contracts");
    if (!read_exchange(r, &i) || !reader_named(r, FO_TYPE, SQ_LIST_CONTRACT, &i.contract) ||
        !reader_need_text(r, FO_UNDERLYING, i.symbol, sizeof i.symbol) || !read_terms(r, &i) ||
        !reader_date(r, FO_EXPIRY, &i.expiry) ||
        !reader_price(r, FO_STRIKE, i.price_decimals, &i.strike))
        return ROW_REFUSED;
    if (i.contract < SQ_CONTRACT_FUTURE)
        return reader_refuse(r, FO_TYPE, "neither future nor option");
    if (i.expiry == 0)
        return reader_refuse(r, FO_EXPIRY, "empty");
    if ((i.contract == SQ_CONTRACT_FUTURE) != (i.strike == 0))
        return reader_refuse(r, FO_STRIKE, "not possible for this kind of contract");
    return import_put(r, &i, CM_TOKEN);
}

const struct reader_format format_xts_fo = {
    .kind = "XTS derivatives master",
    .rank = 1,
    .row = fo_row,
    .columns = {COMMON_COLUMNS, [FO_EXPIRY] = "ExpiryDate", [FO_STRIKE] = "StrikePrice",
                [FO_TYPE] = "OptionType", [FO_UNDERLYING] = "UnderlyingSymbol"},
};

/* ---- index names ----------------------------------------------------------------------------- */

enum { INDEX_NAME, INDEX_TOKEN, INDEX_MADE };

/* The real file gives many tokens twice, to two names: the first one stays. */
static enum row_result index_row(struct reader *r)
{
    struct sq_instrument i = {.exchange = SQ_EXCHANGE_NSE,
                              .contract = SQ_CONTRACT_INDEX,
                              .price_decimals = 2,
                              .multiplier = 1};
    struct csv_field name = reader_field(r, INDEX_NAME);
    if (name.length == 0)
        return reader_refuse(r, INDEX_NAME, "empty");
    if (!reader_token(r, INDEX_TOKEN, &i.token))
        return ROW_REFUSED;
    memcpy(i.symbol, name.text, name.length < sizeof i.symbol ? name.length : sizeof i.symbol - 1);
    return import_put_index(r, &i, INDEX_TOKEN);
}

const struct reader_format format_xts_index = {
    .kind = "XTS index master",
    .rank = 2,
    .row = index_row,
    .columns = {[INDEX_NAME] = "index_name", [INDEX_TOKEN] = "token", [INDEX_MADE] = "created_at"},
};
