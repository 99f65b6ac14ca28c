/*
 * sql.c: helpers over sqlite3.
 *
 * The port knows few errors; what matters is which of them a full disk is, since that one is not
 * the end: the caller makes room and commits the same turn again.
 */
#include "db/sql.h"

#include <errno.h>

enum sq_err sql_error(sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xff, system = sqlite3_system_errno(db);
    if (code == SQLITE_FULL)
        return SQ_ERR_DISK_FULL;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
        return SQ_ERR_DAMAGED;
    if (code == SQLITE_CONSTRAINT)
        return SQ_ERR_CONFLICT;
    /* The WAL's index is grown apart from the file: its ENOSPC comes as an I/O error. */
    if (code == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT))
        return SQ_ERR_DISK_FULL;
    return SQ_ERR_IO;
}

int sql_number(sqlite3 *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(statement);
        if (rc == SQLITE_ROW)
            *out = sqlite3_column_int64(statement, 0);
        rc = rc == SQLITE_ROW ? SQLITE_OK : rc == SQLITE_DONE ? SQLITE_NOTFOUND : rc;
    }
    sqlite3_finalize(statement);
    return rc;
}

int sql_run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    int reset = sqlite3_reset(statement);
    return rc == SQLITE_DONE ? SQLITE_OK : reset ? reset : rc;
}
