/*
 * Reads the day's files for the simulated exchange. It is a reader of its own, sharing no code with
 * the product's importer, so that the two check each other.
 *
 * In the day's folder:
 *   instruments.csv   Kite instruments dump, by its header (required)
 *   qtyfreeze.csv     "S.No.,SYMBOL,VOL_FRZ_QTY", blank padded; applies to derivatives (optional)
 *   positions.csv, orders.csv, trades.csv   as the back office gives them (optional)
 *
 * Strict: the first bad row ends the reading with "FILE:LINE: COLUMN: reason". A cash row with lot or
 * tick 0 is an index: it has rates and cannot be traded; a derivative so is counted and left out. An empty token is resolved by symbol and series,
 * or symbol, expiry, strike and option type, and must match exactly one contract.
 * Trades later than the snapshot's as_of are added to the positions, once per (exchange, trade
 * number, side); one that names a resting order also takes from that order's open quantity, and
 * takes its product from it if the row has none.
 */
#ifndef NET_SIMULATOR_READER_H
#define NET_SIMULATOR_READER_H

#include "net/simulator/csv.h"
#include "net/simulator/day.h"

/* Reads a folder. 0; -1 with why. The day is to be finished in both cases. */
int sim_day_read(struct sim_day *day, const char *folder, char why[SIM_WHY]);

/* Single files, for tests; the same rules. Instruments first. */
int sim_read_instruments(struct sim_day *day, const char *path, char why[SIM_WHY]);
int sim_read_freeze(struct sim_day *day, const char *path, char why[SIM_WHY]);
int sim_read_positions(struct sim_day *day, const char *path, char why[SIM_WHY]);
int sim_read_orders(struct sim_day *day, const char *path, char why[SIM_WHY]);
int sim_read_trades(struct sim_day *day, const char *path, char why[SIM_WHY]);

/* One tick of a captured tick file. */
struct sim_tick {
    int64_t offset_us; /* since the first tick */
    int64_t price;
};

/*
 * Reads "timestamp,token,ltp" with prices of `decimals`; times never go back. *ticks is malloc'd,
 * the caller frees it. Returns how many, or -1 with why.
 */
int sim_read_ticks(const char *path, int decimals, struct sim_tick **ticks, char why[SIM_WHY]);

#endif
