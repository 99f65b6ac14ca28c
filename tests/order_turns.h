/*
 * order_turns.h - turns as a busy morning makes them, for benches of stores
 */
#ifndef TESTS_ORDER_TURNS_H
#define TESTS_ORDER_TURNS_H

#include "core/port.h"

enum { ORDER_TURN_MAX = 256 };

/*
 * The next turn of n square-offs, each accepted with one child order, while earlier closes end: an
 * input and four events each. Its messages are good until the next call.
 */
struct sq_turn order_turn(uint32_t n);

/* The next turn is the first of a journal again. */
void order_turn_restart(void);

/* Bytes that a journal of bodies, with sixteen more a row, would write for a turn. */
size_t order_turn_bytes(const struct sq_turn *turn);

#endif
