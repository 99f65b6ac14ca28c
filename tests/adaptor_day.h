/*
 * adaptor_day.h: what tests, bench and fuzz target of the adaptor and the feed share: a small day in the
 * engine's tables, the host's answer to a reservation, and the wire to a peer in memory. Without cmocka.
 */
#ifndef TESTS_ADAPTOR_DAY_H
#define TESTS_ADAPTOR_DAY_H

#include "net/fix_exchange.h"

#define ADAPTOR_START INT64_C(1764130500000000) /* 2025-11-26T04:15:00Z */

/* The position of the day: C10421 is long 650 of a NIFTY call. */
extern const struct sq_key adaptor_key;

/*
 * Two instruments (row 0: that call, row 1: a USDINR future), the client with account ACC10421, the
 * position. Returns the tables' memory, to be freed.
 */
void *adaptor_day(struct sq_tables *tables);

/* A sell order of ours that is out: 65 at 120.40, sent with that FIX number. */
void adaptor_order(struct sq_tables *tables, uint64_t no, const char *clord, uint64_t fix_seq);

/* The host has made a reservation (SQ_NUMBERS) durable and tells it. */
void adaptor_reserve(struct fix_exchange *x, const struct sq_message *numbers);

/* Moves what one session has to say into the other; returns how many bytes. */
size_t adaptor_pass(struct fix_session *from, struct fix_session *to);

#endif
