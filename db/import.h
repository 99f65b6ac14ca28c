/*
 * import.h: what the readers of the day's files fill. Internal to db/; others use day.h.
 */
#ifndef DB_IMPORT_H
#define DB_IMPORT_H

#include "db/reader.h"
#include "db/reference.h"
#include "db/vector.h"

/* A resting order and a trade as the files tell them: with what core's structs do not hold. */
struct import_order {
    struct sq_order order;
    uint32_t instrument; /* row of the reference */
};
struct import_trade {
    struct sq_trade trade;
    char exch_order_no[SQ_EXCH_NO_SIZE];
    uint32_t instrument;
};
struct import_position {
    struct sq_position position;
    uint32_t instrument;
};

struct import {
    uint32_t day;       /* yyyymmdd; 0: not known yet, and the positions file will tell */
    const char *desk;   /* clients of other desks are left out; NULL: all are of one desk */
    const char *sender; /* orders of this session are ours to cancel */
    struct reference reference;
    struct report report;
    struct vector people;             /* struct sq_person, by code */
    struct vector clients;            /* struct sq_client, by code */
    struct vector other_clients;      /* struct sq_client of other desks */
    struct vector hours;              /* struct sq_hours, by exchange and series */
    struct vector positions;          /* struct import_position, by key */
    struct vector exchange_positions; /* struct import_position, by key: the second source */
    struct vector orders;             /* struct import_order, by exchange and its number */
    struct vector trades;             /* struct import_trade, by exchange, number and side */
    struct vector watched;            /* uint32_t: rows of the reference */
    sq_time as_of;                    /* of the positions */
    sq_time file_as_of;               /* of the file being read; 0: no row yet */
    bool has_exchange_positions;
    uint32_t early_trades; /* at or before as_of: in the positions already */
};

void import_init(struct import *import);
void import_finish(struct import *import);

/* Every format, in the order in which a header is tried. */
extern const struct reader_format *const import_formats[];

/* Masters of contracts. */
extern const struct reader_format format_kite, format_xts_cm, format_xts_fo, format_xts_index;
/* Bhavcopies: closes and lots. */
extern const struct reader_format format_udiff, format_legacy_fo, format_legacy_cm,
    format_bhavdata_full, format_bse_eq;
extern const struct reader_format format_freeze;
/* The broker's own (formats.md). */
extern const struct reader_format format_dealers, format_clients, format_calendar, format_positions,
    format_exchange_positions, format_orders, format_trades, format_watch;

/* ---- for the readers of contracts -------------------------------------------------------- */
/* Digits after the point on a venue: 4 for currency, 2 elsewhere. */
unsigned import_decimals(enum sq_exchange exchange);
/* Sets lot and multiplier from a file's lot size: where venues count in lots, the lot is 1. */
void import_set_lot(struct sq_instrument *instrument, int64_t lot_size);
/* Puts a contract into the reference; its verdict is the row's. token: the column to blame. */
enum row_result import_put(struct reader *reader, struct sq_instrument *instrument, int token);
/* The same where a second row of the token is only told, not refused. */
enum row_result import_put_index(struct reader *reader, struct sq_instrument *index, int token);
/* A band of a master: -1 and numbers in exponent form (rounded, no band) read as 0. */
bool import_band(struct reader *reader, int column, unsigned decimals, sq_price *out);

enum import_close { CLOSE_LAST, CLOSE_PREVIOUS, CLOSE_WRONG };
/*
 * Which price of a bhavcopy dated `date` is the previous close of the day: its own close when it is
 * of the trading day before (at most 7 days back), its previous close when it is of the day itself.
 */
enum import_close import_close_of(struct reader *reader, int date_column);

/* ---- for the readers of the book --------------------------------------------------------- */
/* The eight columns that name a contract, in this order, at the same places in each format. */
enum {
    NAMED_EXCHANGE,
    NAMED_TOKEN,
    NAMED_SYMBOL,
    NAMED_SERIES,
    NAMED_EXPIRY,
    NAMED_STRIKE,
    NAMED_OPTION_TYPE,
    NAMED_COUNT
};
#define IMPORT_NAMED_COLUMNS \
    "exchange", "?token", "?symbol", "?series", "?expiry", "?strike", "?option_type"
/* Finds the one contract that the row names, and that can be held. */
bool import_resolve(struct reader *reader, uint32_t *instrument);
/* Is the client one of ours? LEFT_OUT when of another desk, REFUSED when nowhere. */
enum row_result import_client(struct reader *reader, int column, char client[SQ_CLIENT_SIZE]);
/* as_of: the same in all rows of a file. */
bool import_as_of(struct reader *reader, int column);
/* Keeps a row with its line; refuses it when there are more than any desk has. */
enum row_result import_keep(struct reader *reader, struct vector *rows, const void *row);
/* Reports rows of a vector that have the same key, after the file has been read. */
void import_refuse_twins(struct reader *reader, struct vector *rows, const char *field);

#endif
