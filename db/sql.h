/*
 * sql.h: small helpers over sqlite3. Values reach SQL by binding only, never by formatting.
 */
#ifndef DB_SQL_H
#define DB_SQL_H

#include <sqlite3.h>

#include "core/port.h"

/* The connection's last failure as an error of the store port. A full disk is told from others. */
enum sq_err sql_error(sqlite3 *db);

/* First column of the first row. SQLITE_OK, SQLITE_NOTFOUND without a row, or the failure. */
int sql_number(sqlite3 *db, const char *sql, int64_t *out);

/* Runs a prepared statement that gives no row, and makes it ready for the next time. */
int sql_run(sqlite3_stmt *statement);

#endif
