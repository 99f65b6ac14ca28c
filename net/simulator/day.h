/*
 * The day that the simulated exchange opens with: contracts, positions, resting orders, read by
 * net/simulator/reader.c from the back office's files and never changed afterwards.
 *
 * Units. A price is an integer of 10^-price_decimals rupee. A quantity is in the venue's order
 * unit: for CDS, BCD, MCX and NCO that is the lot (lot 1, multiplier = units of a lot), elsewhere
 * shares or units (lot = market lot, multiplier 1).
 */
#ifndef NET_SIMULATOR_DAY_H
#define NET_SIMULATOR_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SIM_CLIENT = 16, /* sizes of texts, with the NUL */
    SIM_SYMBOL = 24,
    SIM_CLORD = 32,
    SIM_ORDER_NO = 24,
    SIM_COMP_ID = 32,
    SIM_NONE = -1, /* no index */
};

/* Bounds on what comes from outside, so that price x quantity always fits 63 bits. */
#define SIM_PRICE_MAX    INT64_C(10000000000)
#define SIM_QUANTITY_MAX INT64_C(500000000)
#define SIM_LOT_MAX      INT64_C(10000000)

/* Segments, named as SecurityExchange(207) and the files name them. */
#define SIM_SEGMENT_MAP(X) X(NSE) X(BSE) X(NFO) X(BFO) X(CDS) X(BCD) X(MCX) X(NCO)
#define X(name)            SIM_##name,
enum sim_segment { SIM_SEGMENT_MAP(X) SIM_SEGMENT_COUNT };
#undef X

/* Products, named as tag 5001 and the files name them; the last: the file does not tell. */
enum sim_product { SIM_MIS, SIM_NRML, SIM_CNC, SIM_MTF, SIM_PRODUCT_UNKNOWN, SIM_PRODUCT_COUNT };

enum sim_kind { SIM_CASH, SIM_FUTURE, SIM_CALL, SIM_PUT };

/* Sides as the sign of the change they make. */
enum sim_side { SIM_SELL = -1, SIM_BUY = 1 };

struct sim_contract {
    char symbol[SIM_SYMBOL]; /* share, or underlying of a derivative */
    char series[4];          /* cash: EQ, BE, ...; "" where the venue has none */
    int32_t expiry;          /* yyyymmdd; 0 cash */
    uint32_t token;          /* unique within the segment */
    uint8_t segment;         /* enum sim_segment */
    uint8_t kind;            /* enum sim_kind */
    bool index;              /* quoted without depth, and not traded */
    uint8_t price_decimals;  /* 4 in CDS and BCD, else 2 */
    int64_t strike;          /* price; 0 unless an option */
    int64_t lot;             /* order quantities are multiples of it */
    int64_t multiplier;      /* units of the underlying in one order unit */
    int64_t tick;            /* prices are multiples of it */
    int64_t freeze;          /* quantities at or above it are refused; 0 = none known */
    int64_t close;           /* previous close; 0 = not known: the market makes one up */
};

struct sim_position {
    char client[SIM_CLIENT]; /* Account(1) */
    int32_t contract;        /* index into the day's contracts */
    uint8_t product;         /* enum sim_product */
    int64_t net;             /* snapshot plus later trades; signed */
};

struct sim_resting {
    char client[SIM_CLIENT];
    char clord_id[SIM_CLORD];    /* "" when the file has none */
    char order_no[SIM_ORDER_NO]; /* the exchange's number, OrderID(37) */
    char sender[SIM_COMP_ID];    /* session that entered it, SenderCompID(49) */
    int32_t contract;
    uint8_t product;
    int8_t side;         /* enum sim_side */
    bool stop;           /* SL or SL-M: waits for its trigger */
    int64_t open;        /* quantity still open */
    int64_t limit_price; /* 0: market, i.e. the edge of the band */
    int64_t trigger_price;
    int64_t entered_us;
};

struct sim_day {
    struct sim_contract *contract;
    struct sim_position *position;
    struct sim_resting *resting;
    int contracts, positions, restings;                /* how many there are ... */
    int contracts_room, positions_room, restings_room; /* ... and how many fit */
    int32_t *slot;    /* (segment, token) -> contract, open addressing; SIM_NONE is empty */
    int slots;        /* a power of two */
    int64_t as_of_us; /* of the position snapshot; 0 without one */
    int skipped;      /* rows of derivatives with lot or tick 0 */
    int trades;       /* trades after as_of that were added to positions */
};

/* Contract by identity, or SIM_NONE. */
int32_t sim_day_find(const struct sim_day *day, int segment, uint32_t token);

/* Adds a contract. 0; -1: a contract with that segment and token is there, or no memory. */
int sim_day_add_contract(struct sim_day *day, const struct sim_contract *contract);

/* Index of the position, made with net 0 if it is not there; SIM_NONE without memory. */
int32_t sim_day_position(struct sim_day *day, const char *client, int32_t contract, int product);

/* Appends a resting order and returns it, or NULL without memory. */
struct sim_resting *sim_day_add_resting(struct sim_day *day, const struct sim_resting *resting);

/* Frees what the day holds. */
void sim_day_finish(struct sim_day *day);

/* Names of the enumerations; NULL for a value that is none. */
const char *sim_segment_name(int segment);
const char *sim_product_name(int product);

/* Values by name; SIM_NONE when there is none. */
int sim_segment_named(const char *name);
int sim_product_named(const char *name);

#endif
