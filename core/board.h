/*
 * board.h: the quote board beside the engine. Latest quote of each contract, and what the holders
 * of a contract have won or lost today because of it. Never journalled.
 *
 * Positions are grouped by contract, so that a tick revalues its holders in one run over
 * neighbours. A board belongs to a view: rows are the view's rows.
 */
#ifndef SQ_CORE_BOARD_H
#define SQ_CORE_BOARD_H

#include "core/tables.h"

enum { SQ_DEPTH_LEVELS = 5 };
struct sq_level {
    sq_price price;
    sq_quantity quantity;
};
/* What the exchange last said about one contract. */
struct sq_rate {
    struct sq_level bid[SQ_DEPTH_LEVELS]; /* best first; quantity 0: none */
    struct sq_level ask[SQ_DEPTH_LEVELS];
    sq_price last;
    sq_price close; /* previous close */
    sq_price band_low;
    sq_price band_high;
    sq_quantity last_quantity;
    int8_t move;        /* sign of the last move of `last`; the board sets it */
    sq_time time;       /* when anything of it last changed; 0: never */
    sq_time trade_time; /* when it last traded; 0: never */
};
/* A segment's feed: one for each enum sq_exchange. */
struct sq_feed {
    sq_time heard;       /* when it last spoke, heartbeat included; 0: never */
    uint8_t gap;         /* messages were lost and not repaired */
    uint32_t per_second; /* messages in the last whole second */
};

struct sq_board; /* opaque; size by config */

size_t sq_board_size(const struct sq_config *config);
/*
 * memory: zero bytes, aligned; tables must outlive the board and may grow. When they have
 * positions already, call sq_board_reload().
 */
struct sq_board *sq_board_init(void *memory, const struct sq_tables *tables);

/* A new rate of an instrument row: revalues its holders and their clients. */
void sq_board_rate(struct sq_board *board, uint32_t instrument, const struct sq_rate *rate);
/* The same where only the last price changed: the hot path. */
void sq_board_last(struct sq_board *board, uint32_t instrument, sq_price last, sq_time time);
/* A position row was inserted or changed (net or basis). New ones are grouped at the next tick. */
void sq_board_position(struct sq_board *board, uint32_t position);
/*
 * Something of a segment's feed arrived (exchange, time), or a gap was seen or repaired: once for
 * each message, heartbeats included. Rates alone do not say that a feed lives.
 */
void sq_board_feed(struct sq_board *board, enum sq_exchange exchange, sq_time time, bool gap);
/* Recomputes the worth of every position at the prices that are there. */
void sq_board_revalue(struct sq_board *board);
/* The same after reading all rows afresh: a snapshot was loaded, an instrument has changed. */
void sq_board_reload(struct sq_board *board);

/* The tables whose rows the board is about. */
const struct sq_tables *sq_board_tables(const struct sq_board *board);
const struct sq_rate *sq_board_get(const struct sq_board *board, uint32_t instrument);
const struct sq_feed *sq_board_feed_of(const struct sq_board *board, enum sq_exchange exchange);
/* Today's MTM against the previous settlement, realised included. 0 until a price is known. */
sq_money sq_board_mtm(const struct sq_board *board, uint32_t position);
sq_money sq_board_client_mtm(const struct sq_board *board, uint32_t client);
sq_money sq_board_total(const struct sq_board *board);
/* Positions open whose contract has no fresh price at `now` (older than limit_ms by its feed). */
uint32_t sq_board_stale(const struct sq_board *board, sq_time now, int64_t limit_ms);

/* The quote that decides something, as of now, in the form that an input carries. */
void sq_board_quote(const struct sq_board *board, uint32_t instrument, sq_time now,
                    struct sq_quote *quote);

#endif
