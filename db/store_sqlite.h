/*
 * store_sqlite.h: the store port on SQLite 3, in a state directory that one process owns.
 *
 *   DIR/lock         flock()ed for as long as the store is open; holds the owner's pid
 *   DIR/journal.db   the journal and what is derived from it (schema: migrate.c); WAL beside it
 *   DIR/ballast      space kept for the day the disk is full: given back on demand, made again at
 *                    the next start that has the room
 *
 * Directory 0700, files 0600. WAL with synchronous=FULL: a commit is one fdatasync of the WAL, and
 * a turn whose frames did not all arrive is cut by SQLite when the file is opened again. A page
 * that rotted is found at start, a changed row by the hash chain when it is read.
 *
 * No other file descriptor in this process may be opened on journal.db: closing it would drop
 * SQLite's locks (POSIX record locks belong to the process, not to the descriptor).
 *
 * Calls are not locked against each other: commit() may run on another thread, but nothing else
 * then until it has returned.
 */
#ifndef DB_STORE_SQLITE_H
#define DB_STORE_SQLITE_H

#include "core/port.h"

struct sqlite3;

enum store_sqlite_mode {
    STORE_SQLITE_OWN,  /* take the lock; make what is missing */
    STORE_SQLITE_READ, /* no lock, no change: beside a living owner, or with nobody there */
    /* As READ, of a file that is damaged: opens what can be opened, and reads up to the damage, for
     * a console that may only look. Rows that are given have passed the hash chain all the same. */
    STORE_SQLITE_SALVAGE
};

struct store_sqlite_options {
    enum store_sqlite_mode mode;
    const char *vfs;       /* SQLite's name of the file layer; NULL: the system's. For tests. */
    int64_t ballast_bytes; /* 0: the usual 4 MiB; negative: none */
};

/*
 * Opens, and makes when it is not there, the store in `directory` (parents too). options NULL: OWN.
 * On error returns NULL, with *error LOCKED (why names the pid), DAMAGED, VERSION (made by a newer
 * version), NOT_FOUND (READ, and nothing there), DISK_FULL or IO. Freed by ops->destroy.
 */
struct sq_store *store_sqlite_open(const char *directory,
                                   const struct store_sqlite_options *options, enum sq_err *error,
                                   char *why, size_t why_room);

/* The connection, for what else db/ keeps in the same file. NULL for a store of another kind. */
struct sqlite3 *store_sqlite_db(struct sq_store *store);

/*
 * Runs `fn` inside the transaction of the next commit, after the journal rows, once: what it
 * writes is durable with that turn or not at all. fn returns SQLITE_OK or the code that failed,
 * and then nothing is committed. `why` is for its own words.
 */
typedef int store_sqlite_fn(void *owner, struct sqlite3 *db, char *why, size_t why_room);
void store_sqlite_with_commit(struct sq_store *store, store_sqlite_fn *fn, void *owner);

#endif
