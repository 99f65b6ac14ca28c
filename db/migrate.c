/*
 * migrate.c: the steps, and the loop that applies them.
 *
 * user_version and application_id are set in the same transaction as the step itself: a start that
 * is killed in the middle begins again where it was. The names of the kinds are written with each
 * step, for people who look at the file with sqlite3; the program never reads them.
 */
#include "db/migrate.h"

#include <sqlite3.h>
#include <stdio.h>

#include "db/sql.h"

/*
 * STRICT tables refuse values of another type. Comments inside the statements stay in the file,
 * where a person with sqlite3 and `.schema` reads them.
 */
static const char *const steps[] = {
    /* 1 */
    "CREATE TABLE journal ( -- every input and event, in order; the truth\n"
    "  id       INTEGER PRIMARY KEY, -- seq * 2^20 + ord\n"
    "  seq      INTEGER GENERATED ALWAYS AS (id >> 20) VIRTUAL,\n"
    "  ord      INTEGER GENERATED ALWAYS AS (id & 1048575) VIRTUAL, -- 0: input, 1..: its events\n"
    "  time     INTEGER NOT NULL, -- microseconds since 1970, UTC\n"
    "  is_input INTEGER NOT NULL CHECK (is_input IN (0, 1)),\n"
    "  kind     INTEGER NOT NULL, -- names: table kind\n"
    "  body     BLOB    NOT NULL, -- canonical encoding; print: squareoff-admin journal print\n"
    "  hash     BLOB CHECK (hash IS NULL OR length(hash) = 32) -- in a turn's last row: "
    "BLAKE2b-256\n"
    "           -- of the hash before and of all rows of this turn\n"
    ") STRICT;\n"
    "CREATE TABLE claim ( -- ids that may be used once; derived from events, last line of defence\n"
    "  what  INTEGER NOT NULL, -- 0: intent id, 1: client order id, 2: open close of a position\n"
    "  key   BLOB    NOT NULL,\n"
    "  value INTEGER NOT NULL, -- digest of the intent, number of the order or close\n"
    "  PRIMARY KEY (what, key)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE kind (kind INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;\n"
    "CREATE VIEW activity AS -- the journal with names and times of the day in India\n"
    "  SELECT seq, ord, strftime('%Y-%m-%d %H:%M:%f', time / 1e6, 'unixepoch', '+330 minutes')\n"
    "           AS ist, CASE is_input WHEN 1 THEN 'input' ELSE 'event' END AS face, name,\n"
    "         length(body) AS bytes\n"
    "    FROM journal JOIN kind USING (kind) ORDER BY id;\n"
    "CREATE TABLE snapshot ( -- the state after seq; the newest two are kept\n"
    "  seq    INTEGER PRIMARY KEY,\n"
    "  digest INTEGER NOT NULL, -- of the state, as the engine counts it\n"
    "  rows   INTEGER NOT NULL,\n"
    "  hash   BLOB    NOT NULL -- BLAKE2b-256 of its rows\n"
    ") STRICT;\n"
    "CREATE TABLE snapshot_row (\n"
    "  seq  INTEGER NOT NULL REFERENCES snapshot ON DELETE CASCADE,\n"
    "  ord  INTEGER NOT NULL,\n"
    "  kind INTEGER NOT NULL,\n"
    "  body BLOB    NOT NULL,\n"
    "  PRIMARY KEY (seq, ord)\n"
    ") STRICT, WITHOUT ROWID;\n"
    "CREATE TABLE day_load ( -- each beginning of day that was imported\n"
    "  day         INTEGER NOT NULL, -- yyyymmdd\n"
    "  book        TEXT    NOT NULL,\n"
    "  digest      BLOB    NOT NULL, -- BLAKE2b-256 of all that was loaded\n"
    "  time        INTEGER NOT NULL, -- when, microseconds since 1970, UTC\n"
    "  instruments INTEGER NOT NULL, -- rows in instrument_ref\n"
    "  positions   INTEGER NOT NULL,\n"
    "  orders      INTEGER NOT NULL,\n"
    "  trades      INTEGER NOT NULL,\n"
    "  PRIMARY KEY (day, book)\n"
    ") STRICT;\n"
    "CREATE TABLE instrument_ref ( -- every contract of the newest day's files\n"
    "  exchange       TEXT    NOT NULL,\n"
    "  token          INTEGER NOT NULL,\n"
    "  symbol         TEXT    NOT NULL,\n"
    "  series         TEXT    NOT NULL,\n"
    "  contract       TEXT    NOT NULL, -- EQ INDEX FUT CE PE\n"
    "  expiry         INTEGER NOT NULL, -- yyyymmdd, 0: none\n"
    "  strike         INTEGER NOT NULL, -- prices: in 10^-price_decimals rupee; 0: not known\n"
    "  price_decimals INTEGER NOT NULL,\n"
    "  lot            INTEGER NOT NULL, -- order units; 0: cannot be ordered (an index)\n"
    "  tick           INTEGER NOT NULL,\n"
    "  multiplier     INTEGER NOT NULL,\n"
    "  freeze         INTEGER NOT NULL, -- 0: not known\n"
    "  band_low       INTEGER NOT NULL,\n"
    "  band_high      INTEGER NOT NULL,\n"
    "  prev_settle    INTEGER NOT NULL,\n"
    "  PRIMARY KEY (exchange, token)\n"
    ") STRICT, WITHOUT ROWID;\n",
};

int migrate_newest(void)
{
    return (int)(sizeof steps / sizeof steps[0]);
}

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
    else if (version > migrate_newest())
        snprintf(why, why_room, "schema %d is newer than this program's %d", version,
                 migrate_newest());
    return version == -2                ? SQ_ERR_DAMAGED
           : version < 0                ? SQ_ERR_VERSION
           : version > migrate_newest() ? SQ_ERR_VERSION
                                        : SQ_ERR_OK;
}

enum sq_err migrate(sqlite3 *db, char *why, size_t why_room)
{
    int version = version_of(db);
    enum sq_err error = check_version(version, why, why_room);
    for (int step = version; error == SQ_ERR_OK && step < migrate_newest(); step++)
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
    if (error == SQ_ERR_OK && version < migrate_newest()) {
        snprintf(why, why_room, "schema %d has to be brought to %d by its owner first", version,
                 migrate_newest());
        error = SQ_ERR_VERSION;
    }
    return error;
}
