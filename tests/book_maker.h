/*
 * book_maker.h: a made-up book for tests and benches: memory, a configuration, and rows that say
 * only what matters there.
 */
#ifndef TESTS_BOOK_MAKER_H
#define TESTS_BOOK_MAKER_H

#include "core/tables.h"
#include "core/view.h"

/* Capacities for so many instruments, clients and positions; the rest follows. */
struct sq_config maker_config(uint32_t instruments, uint32_t clients, uint32_t positions);

/* Zeroed memory as the core wants it, or the process ends. Free it. */
void *maker_memory(size_t size);

/* Tables of that configuration in memory of their own; free with maker_free(). */
struct sq_tables *maker_tables(const struct sq_config *config);
void maker_free(struct sq_tables *tables);

struct sq_key maker_key(const char *client, uint32_t token);

/* Rows: equity or future of NFO with tick 5, lot 1, two decimals; every text is short. */
struct sq_instrument maker_instrument(uint32_t token);
struct sq_client maker_client(const char *code);
struct sq_position maker_position(const char *client, uint32_t token, sq_quantity net);
struct sq_order maker_order(uint64_t no, const char *client, uint32_t token, enum sq_side side,
                            sq_quantity leaves);
struct sq_close maker_close(uint64_t no, const char *client, uint32_t token,
                            enum sq_close_state state);

/* An event that carries a copy of a record. */
struct sq_message maker_event(uint64_t seq, enum sq_kind kind, const void *body);

/* The next of a row of numbers that look like chance; *state begins as anything but 0. */
uint64_t maker_random(uint64_t *state);

#endif
