/*
 * reconnect.h: how long to wait before the next attempt to connect.
 *
 * Exponential backoff with jitter: a random wait below a ceiling that doubles with each failure,
 * so that many consoles that lost one server do not come back in step. No clock and no generator
 * of random numbers inside: both are arguments.
 */
#ifndef NET_RECONNECT_H
#define NET_RECONNECT_H

#include <stdint.h>

struct reconnect {
    int64_t first_ms;   /* ceiling of the first wait; > 0 */
    int64_t ceiling_ms; /* of all waits; >= first_ms */
    uint32_t failures;  /* attempts in a row that failed */
};

/* Wait before the next attempt, in [ceiling / 2, ceiling]; random: 64 random bits. */
int64_t reconnect_wait_ms(struct reconnect *reconnect, uint64_t random);

/* The connection is of use (logged on): the next loss begins with the first wait again. */
void reconnect_succeeded(struct reconnect *reconnect);

#endif
