/*
 * rivals.h - a book on PostgreSQL, and stores that want to own it: what the tests of ownership and
 * of lost answers share. What does not work as it should fails the running test.
 */
#ifndef TESTS_RIVALS_H
#define TESTS_RIVALS_H

#include "db/store_postgres.h"
#include "tests/store_bed.h"

/* On a busy machine a process may stand still for longer than the first. */
enum { LEASE_MS = 400, CALM_LEASE_MS = 1500, LONG_LEASE_MS = 6000 };

/* The book of the running test; its store is the one that committed last. */
extern struct bed rivals_bed;

/* cmocka's set-up and tear-down: a fresh book each time. */
int rivals_set_up(void **state);
int rivals_tear_down(void **state);

struct sq_store *rival_open(const char *server, int64_t lease_ms); /* owns nothing yet */
uint32_t rival_claim(struct sq_store *store);                      /* the epoch */
void rival_expect_locked(struct sq_store *store, const char *by);  /* a claim names the owner */
enum sq_err rival_beat(struct sq_store *store);
enum sq_err rival_commit(struct sq_store *store); /* one plain turn after all it knows */
void rival_close(struct sq_store **store);        /* without giving the book up */
void rival_expect_rows(struct sq_store *store, uint64_t inputs); /* journal, whole and in order */

/* First column of the first row, as somebody else sees it. */
long long rival_number(const char *sql);

void rival_pause_ms(long ms);
int64_t rival_now_ms(void);

#endif
