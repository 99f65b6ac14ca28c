/*
 * fix_market.h: live rates over a FIX 4.4 market-data session.
 *
 * A session of its own beside the order session: its own comp id, numbers that begin at 1 with
 * each logon, nothing durable. After a logon it asks for every instrument row of the tables in
 * chunks, and for rows that are added later. A venue refuses a chunk for one contract that it does
 * not know: it is halved until that one stands alone. Bytes in, bytes out, rates out, deadline
 * out, driven as net/fix_exchange.h is.
 *
 *   out  MarketDataRequest(V): snapshot and updates, depth 5, bids, offers, trades, closes
 *   in   MarketDataSnapshotFullRefresh(W): the contract's whole rate
 *        MarketDataIncrementalRefresh(X): levels by MDEntryPositionNo(290), new or changed (279=0,1)
 *        or gone (279=2); a side named without a level is its best
 *        LowLimitPrice(1148), HighLimitPrice(1149): the day's band
 *        MarketDataRequestReject(Y); TradingSessionStatus(h) naming a segment in 336: its heartbeat
 *
 * A segment's feed is heard when a message names it; on the session's own heartbeat only where the
 * venue sends none of segments, since the session may be well and a segment stand still. It has a
 * gap from the loss of a message or of the link until all its snapshots have come again. A lost
 * message is not asked for (what it said is old): the session logs on anew.
 */
#ifndef NET_FIX_MARKET_H
#define NET_FIX_MARKET_H

#include "core/board.h"
#include "net/fix_session.h"

enum {
    FIX_MARKET_CHUNK = 100, /* contracts of one MarketDataRequest */
    FIX_MARKET_WHY = 160,
};

struct fix_market_config {
    char sender_comp_id[FIX_COMP_ID_MAX];
    char target_comp_id[FIX_COMP_ID_MAX];
    int heartbeat_s;      /* 0: 30 */
    const char *username; /* or NULL; borrowed, as is the password */
    const char *password;
    const struct sq_tables *tables; /* whose instrument rows are wanted; borrowed, may grow */
    uint32_t room;                  /* instrument rows that there can be at most */
    /* The rate of an instrument row as it is now. */
    void (*rate)(void *owner, uint32_t instrument, const struct sq_rate *rate);
    /* A segment was heard at `time` (0: never), and whether its messages have a gap. */
    void (*feed)(void *owner, enum sq_exchange exchange, sq_time time, bool gap);
    void (*log)(void *owner, const char *line); /* may be NULL */
    void *owner;
};

/* Of one instrument row: how far the venue has been asked. */
enum fix_market_row {
    FIX_ROW_WANTED, /* not asked for on this connection */
    FIX_ROW_ASKED,
    FIX_ROW_LIVE,    /* its snapshot has come */
    FIX_ROW_REFUSED, /* the venue does not know it */
};

/* About 0.4 MB plus rates; belongs to the caller. Members are for reading only. */
struct fix_market {
    struct fix_market_config config;
    struct sq_rate *rates; /* by instrument row */
    uint8_t *rows;         /* enum fix_market_row */
    uint8_t *chunks;       /* how many rows may be asked for at once, beginning there */
    uint32_t next;         /* rows before it need no asking */
    bool up;
    bool closing;
    bool beats;        /* the venue sends heartbeats of segments: the session's own say nothing */
    uint32_t segments; /* bits of enum sq_exchange that have rows asked for */
    uint32_t gaps;     /* bits of those with a snapshot still to come */
    uint32_t waiting[SQ_EXCHANGE_COUNT]; /* rows ASKED */
    sq_time heard[SQ_EXCHANGE_COUNT];
    sq_time last_in;  /* when the session heard something, as of the last poll */
    uint64_t entries; /* market-data entries understood */
    uint64_t ignored; /* and not */
    int64_t now_us;
    char why[FIX_MARKET_WHY]; /* why the link is down; "" while it is up */
    struct fix_session session;
};

/* Bytes beside the struct for that many instrument rows. */
size_t fix_market_rows_size(uint32_t room);
/* rows: fix_market_rows_size(config->room) zero bytes, aligned for any type; borrowed. */
void fix_market_init(struct fix_market *m, const struct fix_market_config *config, void *rows);

void fix_market_connect(struct fix_market *m, int64_t now_us);
void fix_market_disconnect(struct fix_market *m, const char *why);
bool fix_market_wants_close(const struct fix_market *m);
size_t fix_market_receive(struct fix_market *m, const char *bytes, size_t n);
void fix_market_poll(struct fix_market *m, int64_t now_us);
const char *fix_market_output(const struct fix_market *m, size_t *n);
void fix_market_written(struct fix_market *m, size_t k);
int64_t fix_market_deadline(const struct fix_market *m);

/* ---- between the files of the feed: net/fix_quotes.c ---------------------------------------- */

/* W and X: apply to the rates, and tell. */
void fix_quotes_snapshot(struct fix_market *m, const struct fix_view *view);
void fix_quotes_refresh(struct fix_market *m, const struct fix_view *view);
/* A segment was heard now. */
void fix_market_hear(struct fix_market *m, enum sq_exchange exchange);

#endif
