/*
 * small_day.h - a small day of our own: two clients, ten contracts, a row of each kind
 *
 * Each test writes its files into a folder, changes some, and loads them. Helpers fail the running
 * test when what they need does not work.
 */
#ifndef TESTS_SMALL_DAY_H
#define TESTS_SMALL_DAY_H

#include "db/day.h"

/* Pieces of rows that several tests write. */
#define AS_OF     "2026-11-26T10:41:58+05:30"
#define NAMED     "exchange,token,symbol,series,expiry,strike,option_type"
#define AT_OPTION "NFO,,NIFTY,,2026-12-01,24500,CE"

enum { SMALL_FILES = 8 };
struct small_file {
    const char *name, *text;
};
extern const struct small_file small_files[SMALL_FILES];
extern const struct day_options small_options;

/* The running test's state. */
struct small_day {
    char folder[256];
    struct day day; /* as last loaded */
    char why[256];
};
int small_set_up(void **state);
int small_tear_down(void **state);

/* Writes one file, or all eight as they are. */
void small_put(struct small_day *b, const char *name, const char *text, size_t length);
void small_put_all(struct small_day *b);

/* day_load of the folder. */
int small_load(struct small_day *b);
int small_load_with(struct small_day *b, const struct day_options *with);
/* Loads, and core takes every row. */
void small_expect_loaded(struct small_day *b);

/* The n-th input of a kind, from 0. */
const union sq_body *small_input(const struct small_day *b, enum sq_kind kind, int n);
const struct sq_instrument *day_contract(const struct day *day, enum sq_exchange exchange,
                                         uint32_t token);

#endif
