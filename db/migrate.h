/*
 * migrate.h: the schema of a state database, in numbered steps that are applied once.
 *
 * PRAGMA user_version counts the steps applied. A step is never changed after a release: a new
 * need is a new step. The tables are described in migrate.c, in the SQL itself.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "core/port.h"

struct sqlite3;

/* "SQOF": PRAGMA application_id, by which file(1) and we know the file. */
enum { MIGRATE_APPLICATION_ID = 0x53514f46 };

/* How many steps this program knows. */
int migrate_newest(void);

/*
 * Brings the schema to the newest step, each step in its own transaction. VERSION: the file was
 * made by a newer program, or is somebody else's database. A newest file is not written to.
 */
enum sq_err migrate(struct sqlite3 *db, char *why, size_t why_room);

/* Only looks: OK when the schema is the newest, else VERSION (or IO). */
enum sq_err migrate_check(struct sqlite3 *db, char *why, size_t why_room);

#endif
