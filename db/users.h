/*
 * users.h: the port of users (core/users.h) on SQLite and on PostgreSQL.
 *
 * One set of statements and of migrations serves both (users.c); a driver only carries a statement
 * and its values over (users_sqlite.c, users_postgres.c). Tables: login_user, login_token,
 * login_failure, and login_schema with the number of the newest migration.
 *
 * On SQLite they lie in a file of their own, DIR/users.db (0600, WAL, synchronous=FULL), so that
 * users are changed while a server owns the journal beside it. On PostgreSQL they lie beside the
 * journals of all books, so that every server of the house knows every user and every session.
 */
#ifndef DB_USERS_H
#define DB_USERS_H

#include "core/users.h"

/*
 * Opens, and makes when it is not there, users.db in `directory` (0700; parents too). Open it once
 * in a process: SQLite's locks would go with the second one's closing. On error returns NULL, with
 * *error DAMAGED, VERSION (made by a newer program), DISK_FULL or IO. Freed by ops->destroy.
 */
struct sq_users *users_sqlite_open(const char *directory, enum sq_err *error, char *why,
                                   size_t why_room);

/*
 * On a connection of its own. `conninfo` as libpq takes it; no password belongs there, since the
 * arguments of a process can be read by all: use PGPASSFILE or a certificate. Each wait for the
 * database ends after five seconds, and a connection that broke is made again by the next call.
 */
struct sq_users *users_postgres_open(const char *conninfo, enum sq_err *error, char *why,
                                     size_t why_room);

#endif
