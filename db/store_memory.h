/*
 * store_memory.h: the store port in arrays, for tests and the seeded simulation. It keeps what the
 * SQLite store keeps (encoded rows, hash chain, unique ids, two snapshots) and fails on request.
 */
#ifndef DB_STORE_MEMORY_H
#define DB_STORE_MEMORY_H

#include "core/port.h"

/* Made empty; NULL when memory ends. Freed by ops->destroy. */
struct sq_store *store_memory_create(void);

/*
 * The nth commit from now (1: the next) fails with `error`. DISK_FULL goes on failing until
 * release_ballast. kept: the turn is durable although the error says no, as when power goes between
 * the sync and the answer (not for DISK_FULL). nth 0 takes the fault back.
 */
void store_memory_fail(struct sq_store *store, uint64_t nth, enum sq_err error, bool kept);

/* While held, committed turns are in no safe place; store_memory_crash() loses them. */
void store_memory_hold(struct sq_store *store, bool hold);

/* Power loss: turns committed while held are gone; what was durable stays. Faults are cleared. */
void store_memory_crash(struct sq_store *store);

/* Flips one bit in a journal row of this seq. False when there is no such row. */
bool store_memory_damage(struct sq_store *store, uint64_t seq);

#endif
