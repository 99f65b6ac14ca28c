/*
 * import_udiff.c: the unified bhavcopy (UDiFF) of NSE and BSE, both segments, since July 2024.
 *
 * 34 columns; only those named below are read, so the early files' Rsvd01..04 are as good as
 * Rsvd1..4. It carries tokens and lots but no ticks: a contract that no master tells of is known
 * from here, and cannot be ordered. Prices of its own day are the next day's previous settlement.
 */
#include "db/import.h"

#include <string.h>

enum {
    DATE,
    SEGMENT,
    SOURCE,
    TYPE,
    TOKEN,
    SYMBOL,
    SERIES,
    EXPIRY,
    STRIKE,
    OPTION,
    CLOSE,
    PREVIOUS,
    SETTLE,
    LOT
};

static bool read_exchange(struct reader *r, struct sq_instrument *i)
{
    static const struct {
        const char *segment, *source;
        enum sq_exchange exchange;
    } rows[] = {
        {"CM", "NSE", SQ_EXCHANGE_NSE}, {"CM", "BSE", SQ_EXCHANGE_BSE},
        {"FO", "NSE", SQ_EXCHANGE_NFO}, {"FO", "BSE", SQ_EXCHANGE_BFO},
        {"CD", "NSE", SQ_EXCHANGE_CDS}, {"CD", "BSE", SQ_EXCHANGE_BCD},
        {"CO", "MCX", SQ_EXCHANGE_MCX}, {"CO", "NSE", SQ_EXCHANGE_NCO},
    };
    struct csv_field segment = reader_field(r, SEGMENT), source = reader_field(r, SOURCE);
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        if (csv_is(&segment, rows[k].segment) && csv_is(&source, rows[k].source)) {
            i->exchange = (uint8_t)rows[k].exchange;
            return true;
        }
    reader_refuse(r, SEGMENT, "segment of no exchange that is known");
    return false;
}

/* FinInstrmTp: STK; then stock, index, currency, commodity by letter, Future or Option. */
static bool read_contract(struct reader *r, struct sq_instrument *i)
{
    struct csv_field type = reader_field(r, TYPE), option = reader_field(r, OPTION);
    i->contract = SQ_CONTRACT_NONE;
    if (csv_is(&type, "STK"))
        i->contract = SQ_CONTRACT_EQUITY;
    else if (type.length == 3 && type.text[2] == 'F')
        i->contract = SQ_CONTRACT_FUTURE;
    else if (type.length == 3 && type.text[2] == 'O')
        i->contract = csv_is(&option, "CE")   ? SQ_CONTRACT_CALL
                      : csv_is(&option, "PE") ? SQ_CONTRACT_PUT
                                              : SQ_CONTRACT_NONE;
    if (i->contract == SQ_CONTRACT_NONE)
        reader_refuse(r, TYPE, "kind of contract that is not known");
    return i->contract != SQ_CONTRACT_NONE;
}

static bool read_names(struct reader *r, struct sq_instrument *i)
{
    bool cash = i->contract == SQ_CONTRACT_EQUITY;
    bool option = i->contract == SQ_CONTRACT_CALL || i->contract == SQ_CONTRACT_PUT;
    i->price_decimals = (uint8_t)import_decimals((enum sq_exchange)i->exchange);
    if (!reader_token(r, TOKEN, &i->token) ||
        !reader_need_text(r, SYMBOL, i->symbol, sizeof i->symbol) ||
        !reader_text(r, SERIES, i->series, sizeof i->series) ||
        !reader_date(r, EXPIRY, &i->expiry) ||
        !reader_price(r, STRIKE, i->price_decimals, &i->strike))
        return false;
    if (!cash == (i->expiry != 0) && option == (i->strike != 0))
        return true;
    reader_refuse(r, cash == (i->expiry != 0) ? EXPIRY : STRIKE,
                  "not possible for this kind of contract");
    return false;
}

static enum row_result udiff_row(struct reader *r)
{
    struct import *im = r->owner;
    struct sq_instrument i = {0};
    int64_t lot;
    enum import_close which = import_close_of(r, DATE);
    if (which == CLOSE_WRONG || !read_exchange(r, &i) || !read_contract(r, &i) ||
        !read_names(r, &i) || !reader_number(r, LOT, 1, 1 << 30, &lot))
        return ROW_REFUSED;
    bool cash = i.contract == SQ_CONTRACT_EQUITY;
    int column = which == CLOSE_PREVIOUS ? PREVIOUS : cash ? CLOSE : SETTLE;
    if (!reader_price(r, column, i.price_decimals, &i.prev_settle))
        return ROW_REFUSED;
    import_set_lot(&i, lot);
    enum row_result result = import_put(r, &i, TOKEN);
    /* Settlement prices are the exchange's word: above a vendor's last price. */
    if (result == ROW_TAKEN && i.prev_settle > 0) {
        uint32_t row = reference_find(&im->reference, (enum sq_exchange)i.exchange, i.token);
        im->reference.rows[row].prev_settle = i.prev_settle;
    }
    return result;
}

const struct reader_format format_udiff = {
    .kind = "UDiFF bhavcopy",
    .rank = 3,
    .row = udiff_row,
    .columns = {[DATE] = "TradDt",
                [SEGMENT] = "Sgmt",
                [SOURCE] = "Src",
                [TYPE] = "FinInstrmTp",
                [TOKEN] = "FinInstrmId",
                [SYMBOL] = "TckrSymb",
                [SERIES] = "SctySrs",
                [EXPIRY] = "XpryDt",
                [STRIKE] = "StrkPric",
                [OPTION] = "OptnTp",
                [CLOSE] = "ClsPric",
                [PREVIOUS] = "PrvsClsgPric",
                [SETTLE] = "SttlmPric",
                [LOT] = "NewBrdLotQty"},
};
