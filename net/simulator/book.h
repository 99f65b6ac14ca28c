/*
 * Orders, and their matching in price-time priority: members' limit orders against each other and
 * against the market's levels. At one price a resting member's order comes before the market.
 *
 * The book decides who trades with whom, at which price (the resting side's) and how much;
 * executing a match (accounts, reports) is the exchange's business.
 * All links are indexes, so that a checkpoint is a plain copy.
 */
#ifndef NET_SIMULATOR_BOOK_H
#define NET_SIMULATOR_BOOK_H

#include "net/simulator/day.h"
#include "net/simulator/market.h"
#include "net/simulator/memory.h"

/* OrdStatus(39) of an order. */
enum sim_order_state {
    SIM_NEW,
    SIM_PARTIAL,
    SIM_FILLED,
    SIM_CANCELLED,
    SIM_REJECTED,
    SIM_EXPIRED,
};

struct sim_order {
    char client[SIM_CLIENT];
    char clord_id[SIM_CLORD];    /* "" for a loaded order that has none */
    char order_no[SIM_ORDER_NO]; /* OrderID(37) */
    int32_t contract;
    int32_t holding;     /* position that its fills change */
    int32_t owner;       /* session that entered it */
    int32_t next, prev;  /* in its side of the book, or in the contract's stops; SIM_NONE */
    int32_t next_clord;  /* in its bucket of ClOrdIDs */
    int32_t next_number; /* in its bucket of order numbers */
    uint8_t product;     /* enum sim_product */
    uint8_t state;       /* enum sim_order_state */
    int8_t side;         /* enum sim_side */
    bool ioc;            /* immediate or cancel; else good for the day */
    bool stop;           /* waits for its trigger */
    bool loaded;         /* came with the day: not judged */
    bool resting;        /* is in the book or among the stops */
    bool muted;          /* its reports are held back until somebody asks */
    bool forgotten;      /* a status question was answered as if it were not there; once only */
    int64_t quantity;
    int64_t filled;
    int64_t busted;  /* was filled and undone: it is not open again */
    int64_t value;   /* sum of fill price x quantity, for AvgPx */
    int64_t price;   /* limit */
    int64_t trigger; /* of a stop */
    int64_t entered_us;
};

/* Heads of a contract's lists; best price first, then first come. */
struct sim_book_side {
    int32_t buy, sell, stop;
};

struct sim_book {
    struct sim_order *order;
    struct sim_book_side *side; /* one a contract */
    int32_t *by_clord;          /* buckets */
    int32_t *by_number;
    int32_t count, room, buckets;
};

/* One trade that is possible now. */
struct sim_match {
    int32_t other; /* the resting order, or SIM_NONE: the market */
    int64_t price;
    int64_t quantity; /* already taken from the market's level if it is the market */
};

void sim_book_layout(struct sim_book *b, int32_t contracts, int32_t room,
                     struct sim_memory *memory);
void sim_book_open(struct sim_book *b, int32_t contracts);

/* Copies an order in, not resting yet. Its index, or SIM_NONE: full. */
int32_t sim_book_add(struct sim_book *b, const struct sim_order *order);

/* By owner and ClOrdID, or by order number; SIM_NONE: none. Empty names find nothing. */
int32_t sim_book_find(const struct sim_book *b, int32_t owner, const char *clord_id);
int32_t sim_book_numbered(const struct sim_book *b, const char *order_no);

/* Puts an order in its place in the book (or among the stops), and takes it out again. */
void sim_book_rest(struct sim_book *b, int32_t order);
void sim_book_remove(struct sim_book *b, int32_t order);

/*
 * The best match for an order that is not resting: false when there is none within its limit.
 * What it takes from the market is taken.
 */
bool sim_book_match(struct sim_book *b, struct sim_market *m, int32_t order,
                    struct sim_match *match);

/* The first resting order that the market's levels can now fill, with what they give. */
bool sim_book_cross(struct sim_book *b, struct sim_market *m, int32_t contract, int32_t *order,
                    struct sim_match *match);

/* A stop whose trigger the last price has reached, or SIM_NONE. */
int32_t sim_book_triggered(const struct sim_book *b, const struct sim_market *m, int32_t contract);

/* What is not filled of a live order; 0 of any other. */
int64_t sim_order_open(const struct sim_order *o);
bool sim_order_live(const struct sim_order *o);
const char *sim_state_name(int state);

#endif
