/*
 * archive.h: a state holds one day. When the next one is loaded, the journal of the day before is
 * put aside as journal-YYYYMMDD.db in the same directory, whole and readable as ever. On PostgreSQL
 * the book's journal begins a new volume, and the volumes before stay in the database.
 */
#ifndef DB_ARCHIVE_H
#define DB_ARCHIVE_H

#include "core/port.h"
#include "db/day.h"

/*
 * Refuses while an order of the old day is not terminal: its fate has to be settled first. Closes
 * *store, puts the journal aside, opens a fresh one into *store, and raises the epoch that `day`
 * begins with above the old one (on PostgreSQL the caller's claim has raised it already, and `state`
 * is not used). Returns 0, or -1 with the reason; then *store is as it was, or
 * NULL when it could not be opened again.
 */
int archive_day(struct sq_store **store, const char *state, uint32_t old_day, struct day *day,
                char *why, size_t why_room);

#endif
