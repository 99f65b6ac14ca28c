/*
 * store_postgres.h: the store port on PostgreSQL, for servers: many books in one database, and one
 * owner a book at any time.
 *
 * A book's journal is written by whoever holds its row of the table `ownership` (db/schema.def).
 * The row is never deleted and its epoch only rises (design, "Ownership"; Kleppmann's fencing
 * token): every commit proves, in its own transaction and under the row's lock, that the epoch is
 * still the one that was claimed and that the journal ends where this store believes it ends. An
 * owner that was paused and has been replaced is told FENCED, whatever its clock says.
 *
 *   open ── claim ──> owner: commit, beat, ... ── release, or no beat for lease_ms ──> anybody's
 *     └── read, load_snapshot: always, owner or not (a standby that follows)
 *
 * The lease is judged by the database's clock alone. It decides when somebody else may claim, never
 * who may write.
 *
 * A commit whose answer is lost (connection, server or its standby gone) is looked up: five tries
 * to reconnect within the lease, then the journal's end is compared by seq and hash. There: OK,
 * after a commit of ours that is durable where it is. Not there: the same turn again, once. Epoch
 * gone: FENCED.
 *
 * Threads: as the SQLite store (one call at a time, commit may be on another thread), except that
 * beat() and lease_left_ms() may be called from another thread at any time between open and
 * destroy: beat has a connection of its own.
 */
#ifndef DB_STORE_POSTGRES_H
#define DB_STORE_POSTGRES_H

#include "core/port.h"

enum { STORE_POSTGRES_NAME = 64, STORE_POSTGRES_LEASE_LEAST_MS = 100 };

/*
 * Connects and brings the schema to its newest step. conninfo: libpq's, copied; a password belongs
 * into a passfile or service, not here. book: three letters or digits. server: who we are, for
 * people who read `ownership`; shorter than STORE_POSTGRES_NAME. lease_ms: how long an owner
 * without a beat keeps the book, and how long a call may wait for the database.
 * On error *store is NULL: IO (not reachable, bad arguments), VERSION (newer schema), DAMAGED.
 */
enum sq_err store_postgres_open(const char *conninfo, const char *book, const char *server,
                                int64_t lease_ms, struct sq_store **store, char *why,
                                size_t why_room);

/*
 * Becomes the owner, if nobody is or its last beat is older than its lease: *epoch is then one more
 * than ever before, and what others have written since is verified and known (last_seq). LOCKED:
 * ops->why names the owner. Claiming what is ours already changes nothing. A store that was FENCED
 * may claim again; an engine that had stepped the turn that was refused has to be rebuilt first.
 */
enum sq_err store_postgres_claim(struct sq_store *store, uint32_t *epoch);
/* Who owned the book when a claim was LOCKED last; "": it never was. */
const char *store_postgres_other(const struct sq_store *store);

/* The epoch that was claimed last, 0: none, or given up. */
uint32_t store_postgres_epoch(struct sq_store *store);

/*
 * Renews the lease; call it every third of lease_ms. FENCED: somebody else owns the book, or
 * nobody does: send nothing more. IO: the database does not answer; the connection is made anew at
 * the next call. `why` is written on every error.
 */
enum sq_err store_postgres_beat(struct sq_store *store, char *why, size_t why_room);

/*
 * How long the last claim or beat that was answered is good for, counted from when it was asked, by
 * the monotonic clock; 0 or less: over, so stop by yourself. It only ever reduces rights.
 */
int64_t store_postgres_lease_left_ms(struct sq_store *store);

/* Gives the book up at once, durably: a clean stop. Others need not wait for the lease. */
enum sq_err store_postgres_release(struct sq_store *store);

/*
 * The owner begins a new volume of the book's journal, empty: a day each. Volumes before stay in
 * the database as they are. OK, FENCED or IO.
 */
enum sq_err store_postgres_new_volume(struct sq_store *store);

/*
 * From now on the store reads the volume of an earlier day (yyyymmdd), for those who only look.
 * NOT_FOUND: no such day was loaded; CONFLICT: the store owns the book, whose journal goes on.
 */
enum sq_err store_postgres_look_back(struct sq_store *store, uint32_t day);

/* Whether a store is of this kind. */
bool store_is_postgres(const struct sq_store *store);

#endif
