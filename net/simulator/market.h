/*
 * The simulated market: a fair price and five levels of depth for each contract, moved by chance
 * (seeded) or by a captured tick file. Pure: time and chance are arguments, prices are integers.
 *
 * A symbol's contracts move together. One of them, its driver (the share, else the nearest future),
 * walks at random; the others follow its spot by a delta: 1 for futures, between 0 and 1 for calls,
 * between -1 and 0 for puts, by how far the strike lies from the spot. Only contracts that somebody
 * holds or watches move; the rest keep their opening quote.
 *
 * Quantities on the levels are what members can trade against; a level that was traded away comes
 * back with the contract's next tick. Members' own orders are not part of the levels.
 */
#ifndef NET_SIMULATOR_MARKET_H
#define NET_SIMULATOR_MARKET_H

#include "net/simulator/day.h"
#include "net/simulator/memory.h"
#include "net/simulator/reader.h"

enum { SIM_DEPTH = 5 };

/* Numbers per kind of contract are in the order of enum sim_kind. ppm: millionths of the price. */
struct sim_market_config {
    int64_t ticks_per_s;     /* of all moving contracts together; 0: nothing moves */
    int64_t step_ppm[4];     /* largest step of a driver of that kind in one tick */
    int64_t spread_ppm[4];   /* between best bid and best ask */
    int64_t band_ppm[4];     /* day band around the previous close */
    int64_t option_band_min; /* rupees: an option's band is at least this wide each way */
    int64_t depth_rupees;    /* value that typically stands on a level ... */
    int64_t depth_lots;      /* ... but at least so many lots */
};

/* What the market gives when nothing is configured. */
extern const struct sim_market_config sim_market_defaults;

struct sim_level {
    int64_t price; /* 0: no such level */
    int64_t quantity;
};

/* The market of one contract. */
struct sim_mark {
    int64_t fair_milli;              /* fair price x 1000, so that small deltas add up */
    int64_t close;                   /* previous close; made up where the day has none */
    int64_t band_low, band_high;     /* the day's band; orders outside are refused */
    int64_t last;                    /* last trade; 0: none yet */
    int64_t last_quantity;           /* of that trade */
    int64_t last_us;                 /* its time */
    int64_t spot_seen;               /* the group's spot that `fair_milli` has followed */
    struct sim_level bid[SIM_DEPTH]; /* best first */
    struct sim_level ask[SIM_DEPTH];
    int32_t group;  /* contracts of one symbol */
    bool moves;     /* is on the list of moving contracts */
    bool never;     /* neither quoted nor traded */
    bool no_bid;    /* nobody bids, whatever the price */
    bool no_ask;    /* nobody offers */
    bool suspended; /* orders are refused; the quote stands still */
};

/* Contracts of one symbol. */
struct sim_group {
    int64_t spot;         /* price of the driver, or of nothing that is listed */
    int64_t strikes;      /* sum of the option strikes, while the spot is being made up ... */
    int64_t strike_count; /* ... and how many */
    int32_t driver;       /* contract, or SIM_NONE */
    int32_t first;        /* a contract that names the group */
};

struct sim_market {
    struct sim_market_config config;
    const struct sim_day *day;
    struct sim_mark *mark; /* one a contract */
    struct sim_group *group;
    int32_t *moving; /* contracts that tick */
    int32_t *slot;   /* symbol -> group, open addressing; used by init only */
    int groups, movings, slots;
    int favoured;                  /* the first so many of `moving` get three ticks of four */
    uint64_t chance;               /* state of sim_random() */
    int64_t ticked_us;             /* time up to which ticks were made */
    const struct sim_tick *replay; /* a captured day for one contract; NULL: none */
    int replay_count;
    int32_t replay_contract;
    int64_t replay_from_us; /* when its first tick was due */
};

/* Takes the market's arrays out of the block; while counting, nothing else happens. */
void sim_market_layout(struct sim_market *m, const struct sim_day *day, struct sim_memory *memory);

/* Opens the market: a price, a band and a quote for each contract. After sim_market_layout. */
void sim_market_open(struct sim_market *m, const struct sim_market_config *config, uint64_t seed,
                     int64_t now_us);

/* Lets one contract follow captured ticks (borrowed), beginning now, again and again. */
void sim_market_replay(struct sim_market *m, int32_t contract, const struct sim_tick *ticks,
                       int count, int64_t now_us);

/* Lets a contract, and the driver of its symbol, move. */
void sim_market_watch(struct sim_market *m, int32_t contract);

/* Number of ticks due until now; the caller then makes them one by one. Bounded: see the source. */
int sim_market_due(struct sim_market *m, int64_t now_us);

/* Makes one tick and returns the contract that moved, or SIM_NONE. */
int32_t sim_market_tick(struct sim_market *m, int64_t now_us);

/* When the next tick is due; INT64_MAX: never. */
int64_t sim_market_deadline(const struct sim_market *m);

/* Makes the levels again from the fair price: after no_bid, no_ask or never were changed. */
void sim_market_quote(struct sim_market *m, int32_t contract);

/*
 * Takes up to `quantity` from the best level that an order of that side can trade with, not worse
 * than `limit`. Returns what was taken (0: nothing) and its price.
 */
int64_t sim_market_take(struct sim_market *m, int32_t contract, int side, int64_t limit,
                        int64_t quantity, int64_t *price);

/* Notes a trade that members made. */
void sim_market_trade(struct sim_market *m, int32_t contract, int64_t price, int64_t quantity,
                      int64_t now_us);

#endif
