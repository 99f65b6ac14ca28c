/*
 * migrate.c: the steps of db/schema.def on SQLite, and the loop that applies them.
 *
 * user_version and application_id are set in the same transaction as the step itself: a start that
 * is killed in the middle begins again where it was. The names of the kinds are written with each
 * step, for people who look at the file with sqlite3; the program never reads them.
 */
#include "db/migrate.h"

#include <sqlite3.h>
#include <stdio.h>

#include "db/sql.h"

#define TEXT         "TEXT"
#define SQLITE(text) text
#define POSTGRES(text)
#define INT          "INTEGER"
#define SMALL        "INTEGER"
#define BYTES        "BLOB"
#define BOOK         ""
#define VOLUME       ""
#define BOOK_KEY     ""
#define VOLUME_KEY   ""
#define STRICT       " STRICT"
#define STRICT_KEYED " STRICT, WITHOUT ROWID"
static const char *const steps[] = {
#include "db/schema.def"
};
_Static_assert(sizeof steps / sizeof steps[0] == MIGRATE_NEWEST, "the steps and their number");

/* Steps applied; -1 when the file is somebody else's, -2 when it cannot be read. */
static int version_of(sqlite3 *db)
{
    int64_t application = 0, version = 0;
    if (sql_number(db, "PRAGMA application_id", &application) != SQLITE_OK ||
        sql_number(db, "PRAGMA user_version", &version) != SQLITE_OK)
        return -2;
    bool ours = application == MIGRATE_APPLICATION_ID;
    bool fresh = application == 0 && version == 0;
    return ours || fresh ? (int)version : -1;
}

/* Names of the kinds, for the view; kinds are only ever appended. */
static int name_kinds(sqlite3 *db)
{
    sqlite3_stmt *insert = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT OR REPLACE INTO kind VALUES (?, ?)", -1, &insert, NULL);
    for (int kind = SQ_KIND_NONE + 1; rc == SQLITE_OK && kind < SQ_KIND_COUNT; kind++) {
        sqlite3_bind_int(insert, 1, kind);
        sqlite3_bind_text(insert, 2, sq_kind_info((enum sq_kind)kind)->name, -1, SQLITE_STATIC);
        rc = sqlite3_step(insert) == SQLITE_DONE ? sqlite3_reset(insert) : sqlite3_errcode(db);
    }
    sqlite3_finalize(insert);
    return rc;
}

static int apply(sqlite3 *db, int step)
{
    char end[96];
    snprintf(end, sizeof end, "PRAGMA application_id = %d; PRAGMA user_version = %d",
             MIGRATE_APPLICATION_ID, step + 1);
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, steps[step], NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = name_kinds(db);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, end, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return rc;
}

static enum sq_err check_version(int version, char *why, size_t why_room)
{
    if (version == -2)
        snprintf(why, why_room, "not a database, or its first page cannot be read");
    else if (version < 0)
        snprintf(why, why_room, "a database of some other program");
    else if (version > MIGRATE_NEWEST)
        snprintf(why, why_room, "schema %d is newer than this program's %d", version,
                 MIGRATE_NEWEST);
    return version == -2              ? SQ_ERR_DAMAGED
           : version < 0              ? SQ_ERR_VERSION
           : version > MIGRATE_NEWEST ? SQ_ERR_VERSION
                                      : SQ_ERR_OK;
}

enum sq_err migrate(sqlite3 *db, char *why, size_t why_room)
{
    int version = version_of(db);
    enum sq_err error = check_version(version, why, why_room);
    for (int step = version; error == SQ_ERR_OK && step < MIGRATE_NEWEST; step++)
        if (apply(db, step) != SQLITE_OK) {
            snprintf(why, why_room, "schema step %d: %s", step + 1, sqlite3_errmsg(db));
            error = sql_error(db);
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        }
    return error;
}

enum sq_err migrate_check(sqlite3 *db, char *why, size_t why_room)
{
    int version = version_of(db);
    enum sq_err error = check_version(version, why, why_room);
    if (error == SQ_ERR_OK && version < MIGRATE_NEWEST) {
        snprintf(why, why_room, "schema %d has to be brought to %d by its owner first", version,
                 MIGRATE_NEWEST);
        error = SQ_ERR_VERSION;
    }
    return error;
}
