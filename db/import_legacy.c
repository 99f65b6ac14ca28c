/*
 * import_legacy.c: bhavcopies of before UDiFF, and the freeze quantities of NSE.
 *
 * They carry no tokens (BSE's does): they only tell the previous close of contracts that a master
 * has told of. A row about a contract that is not there is counted, and no fault.
 */
#include "db/import.h"

#include <string.h>

/* Sets the previous close of the contract that `wanted` names. */
static enum row_result set_close(struct reader *r, const struct sq_instrument *wanted,
                                 sq_price close)
{
    struct import *im = r->owner;
    uint32_t matches, row = reference_named(&im->reference, wanted, &matches);
    if (row == UINT32_MAX)
        return ROW_UNMATCHED;
    if (close > 0)
        im->reference.rows[row].prev_settle = close;
    return ROW_TAKEN;
}

/* ---- NSE, futures and options ---------------------------------------------------------------- */

enum { FO_INSTRUMENT, FO_SYMBOL, FO_EXPIRY, FO_STRIKE, FO_OPTION, FO_SETTLE, FO_DATE };

/* FUTIDX FUTSTK FUTIVX with option type XX and strike 0; OPTIDX OPTSTK with CE or PE. */
static bool fo_contract(struct reader *r, struct sq_instrument *i)
{
    struct csv_field kind = reader_field(r, FO_INSTRUMENT), option = reader_field(r, FO_OPTION);
    bool future = kind.length > 3 && memcmp(kind.text, "FUT", 3) == 0;
    bool is_option = kind.length > 3 && memcmp(kind.text, "OPT", 3) == 0;
    i->contract = future && csv_is(&option, "XX")      ? SQ_CONTRACT_FUTURE
                  : is_option && csv_is(&option, "CE") ? SQ_CONTRACT_CALL
                  : is_option && csv_is(&option, "PE") ? SQ_CONTRACT_PUT
                                                       : SQ_CONTRACT_NONE;
    if (i->contract == SQ_CONTRACT_NONE)
        reader_refuse(r, future || is_option ? FO_OPTION : FO_INSTRUMENT,
                      "kind of contract that is not known");
    return i->contract != SQ_CONTRACT_NONE;
}

static enum row_result fo_row(struct reader *r)
{
    struct sq_instrument i = {.exchange = SQ_EXCHANGE_NFO};
    sq_price settle;
    enum import_close which = import_close_of(r, FO_DATE);
    if (which == CLOSE_PREVIOUS) {
        r->stop = true;
        return reader_refuse(r, FO_DATE, "of the day itself, and has no previous settlement");
    }
    if (which == CLOSE_WRONG || !fo_contract(r, &i) ||
        !reader_need_text(r, FO_SYMBOL, i.symbol, sizeof i.symbol) ||
        !reader_date(r, FO_EXPIRY, &i.expiry) || !reader_price(r, FO_STRIKE, 2, &i.strike) ||
        !reader_price(r, FO_SETTLE, 2, &settle))
        return ROW_REFUSED;
    if (i.expiry == 0)
        return reader_refuse(r, FO_EXPIRY, "empty");
    return set_close(r, &i, settle);
}

const struct reader_format format_legacy_fo = {
    .kind = "legacy FO bhavcopy",
    .rank = 3,
    .row = fo_row,
    .columns = {[FO_INSTRUMENT] = "INSTRUMENT",
                [FO_SYMBOL] = "SYMBOL",
                [FO_EXPIRY] = "EXPIRY_DT",
                [FO_STRIKE] = "STRIKE_PR",
                [FO_OPTION] = "OPTION_TYP",
                [FO_SETTLE] = "SETTLE_PR",
                [FO_DATE] = "TIMESTAMP"},
};

/* ---- NSE, cash: two forms with the same content ---------------------------------------------- */

enum { CM_SYMBOL, CM_SERIES, CM_CLOSE, CM_PREVIOUS, CM_DATE };

static enum row_result cm_row(struct reader *r)
{
    struct sq_instrument i = {.exchange = SQ_EXCHANGE_NSE, .contract = SQ_CONTRACT_EQUITY};
    sq_price close;
    enum import_close which = import_close_of(r, CM_DATE);
    if (which == CLOSE_WRONG || !reader_need_text(r, CM_SYMBOL, i.symbol, sizeof i.symbol) ||
        !reader_need_text(r, CM_SERIES, i.series, sizeof i.series) ||
        !reader_price(r, which == CLOSE_PREVIOUS ? CM_PREVIOUS : CM_CLOSE, 2, &close))
        return ROW_REFUSED;
    return set_close(r, &i, close);
}

const struct reader_format format_legacy_cm = {
    .kind = "legacy CM bhavcopy",
    .rank = 3,
    .row = cm_row,
    .columns = {[CM_SYMBOL] = "SYMBOL",
                [CM_SERIES] = "SERIES",
                [CM_CLOSE] = "CLOSE",
                [CM_PREVIOUS] = "PREVCLOSE",
                [CM_DATE] = "TIMESTAMP"},
};

const struct reader_format format_bhavdata_full = {
    .kind = "sec_bhavdata_full",
    .rank = 3,
    .row = cm_row,
    .columns = {[CM_SYMBOL] = "SYMBOL",
                [CM_SERIES] = "SERIES",
                [CM_CLOSE] = "CLOSE_PRICE",
                [CM_PREVIOUS] = "PREV_CLOSE",
                [CM_DATE] = "DATE1"},
};

/* ---- BSE, cash ------------------------------------------------------------------------------- */

enum { BSE_CODE, BSE_CLOSE, BSE_TYPE };

/* The file carries no date: whoever gives it to us says that it is of the day before. */
static enum row_result bse_row(struct reader *r)
{
    struct import *im = r->owner;
    uint32_t token;
    sq_price close;
    if (!reader_token(r, BSE_CODE, &token) || !reader_price(r, BSE_CLOSE, 2, &close))
        return ROW_REFUSED;
    uint32_t row = reference_find(&im->reference, SQ_EXCHANGE_BSE, token);
    if (row == UINT32_MAX)
        return ROW_UNMATCHED;
    if (close > 0)
        im->reference.rows[row].prev_settle = close;
    return ROW_TAKEN;
}

const struct reader_format format_bse_eq = {
    .kind = "legacy BSE bhavcopy",
    .rank = 3,
    .row = bse_row,
    .columns = {[BSE_CODE] = "SC_CODE", [BSE_CLOSE] = "CLOSE", [BSE_TYPE] = "SC_TYPE"},
};

/* ---- freeze quantities ----------------------------------------------------------------------- */

enum { FREEZE_SYMBOL, FREEZE_QTY };

/* By underlying: it holds for every future and option of the symbol, in the venue's order unit. */
static enum row_result freeze_row(struct reader *r)
{
    struct import *im = r->owner;
    char symbol[SQ_SYMBOL_SIZE];
    int64_t qty;
    bool found = false, twice = false;
    if (!reader_need_text(r, FREEZE_SYMBOL, symbol, sizeof symbol) ||
        !reader_number(r, FREEZE_QTY, 1, 1 << 30, &qty))
        return ROW_REFUSED;
    for (uint32_t row = 0; row < im->reference.count; row++) {
        struct sq_instrument *i = &im->reference.rows[row];
        if (i->contract < SQ_CONTRACT_FUTURE || memcmp(i->symbol, symbol, sizeof symbol) != 0)
            continue;
        found = true;
        twice |= i->freeze != 0 && i->freeze != qty;
        i->freeze = qty;
    }
    if (twice)
        return reader_refuse(r, FREEZE_SYMBOL, "has another freeze quantity already");
    return found ? ROW_TAKEN : ROW_UNMATCHED;
}

const struct reader_format format_freeze = {
    .kind = "NSE freeze quantities",
    .rank = 4,
    .row = freeze_row,
    .columns = {[FREEZE_SYMBOL] = "SYMBOL", [FREEZE_QTY] = "VOL_FRZ_QTY"},
};
