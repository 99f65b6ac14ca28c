/*
 * vfs_shim.h - a file layer for SQLite that fails on request and can lose power
 *
 * Registered as "shim" over the system's own. It counts writes and syncs, fails the nth of one
 * kind, and remembers what each file held when it was last synced: that, and nothing later, is what
 * a disk is bound to keep. For tests of one store at a time; there is one shim in a process.
 */
#ifndef TESTS_VFS_SHIM_H
#define TESTS_VFS_SHIM_H

#include <stdbool.h>
#include <stdint.h>

enum shim_operation { SHIM_WRITE, SHIM_SYNC, SHIM_OPERATIONS };

/* Name to give to store_sqlite_open(). Registers the layer when first called. */
const char *shim_name(void);

/* The nth operation from now (1: the next) returns `code`; `for_ever`: all later ones too. */
void shim_fail(enum shim_operation operation, uint32_t nth, int code, bool for_ever);
/* No faults any more. */
void shim_heal(void);
uint32_t shim_count(enum shim_operation operation);

/*
 * The power goes: from now on nothing reaches the disk. Then close the store, and call
 * shim_power_back(), which puts into every file what it held when it was last synced.
 */
void shim_power_cut(void);
void shim_power_back(void);
/* Forgets all files. */
void shim_reset(void);

#endif
