/*
 * migrate.h: the schema of a store, in numbered steps that are applied once.
 *
 * One set of steps, db/schema.def, for both engines; the tables are described there, in the SQL
 * itself. SQLite counts the steps applied in PRAGMA user_version, PostgreSQL in the table
 * schema_step. A step is never changed after a release: a new need is a new step.
 */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include "core/port.h"

struct sqlite3;
struct pg;

/* "SQOF": PRAGMA application_id, by which file(1) and we know the file. */
enum { MIGRATE_APPLICATION_ID = 0x53514f46 };

/* How many steps this program knows. */
enum { MIGRATE_NEWEST = 1 };

/*
 * Brings the schema to the newest step, each step in its own transaction. VERSION: the file was
 * made by a newer program, or is somebody else's database. A newest file is not written to.
 */
enum sq_err migrate(struct sqlite3 *db, char *why, size_t why_room);

/* Only looks: OK when the schema is the newest, else VERSION (or IO). */
enum sq_err migrate_check(struct sqlite3 *db, char *why, size_t why_room);

/* The same for a database of PostgreSQL; several servers may call it at once. IO, VERSION. */
enum sq_err migrate_postgres(struct pg *pg, char *why, size_t why_room);

#endif
