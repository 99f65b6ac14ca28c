/*
 * desk.h: the bed of tests that go the whole way of a key press: the shipped sample day, host, journal
 * in memory, adaptor and feed on the loop, and the simulated exchange behind socket pairs, which
 * keeps its own account and judges. Real time, FIX bytes, no screen.
 */
#ifndef TESTS_DESK_H
#define TESTS_DESK_H

#include "tests/check.h"

#include "core/session_here.h"
#include "core/squareoff.h"
#include "net/simulator/inproc.h"
#include "net/standalone.h"

enum { DESK_KICK_MS = 60, DESK_HOUR_MS = 3600000 };

struct desk {
    struct loop loop;
    struct sq_config config;
    struct sq_store *store;
    struct inproc *exchange;
    void *host_memory, *session_memory;
    struct sq_host *host;
    struct sq_session *session;
    struct standalone *link;
    struct loop_timer deadline, poke;
    bool (*until)(struct desk *desk);
    bool reached;
    int kicks_left; /* the exchange cuts the order session so often, KICK_MS apart */
    int kicks;
    uint32_t fills_wanted;
    int refused, alarms, not_sent;
    uint64_t ids;
    struct sq_listener counter;
};

/* Fixtures of cmocka: a desk with its day and links; slowly: a bulk close can be interrupted. */
int desk_begin(void **state);
int desk_begin_slowly(void **state);
int desk_end(void **state);

/* What a start of the console does: recover, a session; then the links. */
void desk_open(struct desk *d);
void desk_link(struct desk *d);
/* Our process ends here, as after kill -9: nobody logs out, and what was not durable is gone. */
void desk_kill(struct desk *d);

/* Runs until the condition holds; the test fails when it does not in that time. */
void desk_run_until(struct desk *d, bool (*until)(struct desk *desk), int64_t at_most_s);
const struct sq_tables *desk_book(const struct desk *d);
bool desk_is_ready(struct desk *d);
bool desk_has_prices(struct desk *d);
/* No close goes on, no order is unanswered, nothing is being committed. */
bool desk_is_idle(struct desk *d);
/* Prices are there, and squareoff is active. */
void desk_get_ready(struct desk *d);

/* The key x on a position, by a supervisor; bulk: staged for that bulk close. */
struct sq_message desk_close_of(struct desk *d, uint32_t position, uint64_t bulk);
/* All that is open, in one turn; returns how many were staged. */
uint32_t desk_close_all(struct desk *d, uint64_t bulk);
/* Row of a client's open position in a symbol; the test fails when there is none. */
uint32_t desk_position(struct desk *d, const char *client, const char *symbol);
uint32_t desk_open_positions(struct desk *d);
/* The judge: its account is ours, and nothing was out of order. */
void desk_agrees_with_exchange(struct desk *d);

#endif
