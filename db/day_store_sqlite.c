/*
 * day_store_sqlite.c: tables day_load and instrument_ref.
 *
 * Both are written by the hook of the commit that loads the day, so there is no moment at which the
 * journal holds the day and these do not, or the other way round.
 */
#include "db/day_store_sqlite.h"

#include <stdio.h>
#include <string.h>

#include "db/sql.h"
#include "db/store_sqlite.h"

static void bind_text(sqlite3_stmt *statement, int at, const char *text, size_t size)
{
    sqlite3_bind_text(statement, at, text, (int)strnlen(text, size), SQLITE_STATIC);
}

/* The same digest is the same content, whatever the files were called. */
enum day_status day_store_sqlite_status(struct sq_store *store, const struct day *day)
{
    sqlite3 *db = store_sqlite_db(store);
    sqlite3_stmt *look = NULL;
    enum day_status status = DAY_UNREADABLE;
    if (db == NULL || sqlite3_prepare_v2(db,
                                         "SELECT digest FROM day_load WHERE day = ?"
                                         " AND book = ?",
                                         -1, &look, NULL) != SQLITE_OK)
        return DAY_UNREADABLE;
    sqlite3_bind_int64(look, 1, day->day);
    bind_text(look, 2, day->head.book, sizeof day->head.book);
    int rc = sqlite3_step(look);
    if (rc == SQLITE_DONE)
        status = DAY_NEW;
    else if (rc == SQLITE_ROW)
        status = sqlite3_column_bytes(look, 0) == HASH_SIZE &&
                         memcmp(sqlite3_column_blob(look, 0), day->digest, HASH_SIZE) == 0
                     ? DAY_SAME
                     : DAY_OTHER;
    sqlite3_finalize(look);
    return status;
}

uint32_t day_store_sqlite_newest(struct sq_store *store, char book[4])
{
    sqlite3 *db = store_sqlite_db(store);
    sqlite3_stmt *look = NULL;
    uint32_t day = 0;
    memset(book, 0, 4);
    if (db &&
        sqlite3_prepare_v2(db, "SELECT day, book FROM day_load ORDER BY day DESC LIMIT 1", -1,
                           &look, NULL) == SQLITE_OK &&
        sqlite3_step(look) == SQLITE_ROW) {
        day = (uint32_t)sqlite3_column_int64(look, 0);
        snprintf(book, 4, "%s", (const char *)sqlite3_column_text(look, 1));
    }
    sqlite3_finalize(look);
    return day;
}

static int insert_day(sqlite3 *db, const struct day_attachment *a)
{
    const struct day *day = a->day;
    sqlite3_stmt *insert = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT INTO day_load VALUES (?, ?, ?, ?, ?, ?, ?, ?)", -1,
                                &insert, NULL);
    if (rc == SQLITE_OK) {
        const int64_t numbers[] = {a->now, day->counts.contracts, day->counts.positions,
                                   day->counts.orders, day->counts.trades};
        sqlite3_bind_int64(insert, 1, day->day);
        bind_text(insert, 2, day->head.book, sizeof day->head.book);
        sqlite3_bind_blob(insert, 3, day->digest, HASH_SIZE, SQLITE_STATIC);
        for (int i = 0; i < 5; i++)
            sqlite3_bind_int64(insert, 4 + i, numbers[i]);
        rc = sql_run(insert);
    }
    sqlite3_finalize(insert);
    return rc;
}

/* Names rather than numbers: people read this table. */
static int insert_contract(sqlite3_stmt *insert, const struct sq_instrument *i)
{
    const int64_t numbers[] = {i->expiry,    i->strike,     i->price_decimals, i->lot,
                               i->tick,      i->multiplier, i->freeze,         i->band_low,
                               i->band_high, i->prev_settle};
    sqlite3_bind_text(insert, 1, sq_name(SQ_LIST_EXCHANGE, i->exchange), -1, SQLITE_STATIC);
    sqlite3_bind_int64(insert, 2, i->token);
    bind_text(insert, 3, i->symbol, sizeof i->symbol);
    bind_text(insert, 4, i->series, sizeof i->series);
    sqlite3_bind_text(insert, 5, sq_name(SQ_LIST_CONTRACT, i->contract), -1, SQLITE_STATIC);
    for (int k = 0; k < 10; k++)
        sqlite3_bind_int64(insert, 6 + k, numbers[k]);
    return sql_run(insert);
}

/* Contracts of the day before are replaced: a token may be another contract today. */
static int write_day(void *owner, sqlite3 *db, char *why, size_t why_room)
{
    const struct day_attachment *a = owner;
    sqlite3_stmt *insert = NULL;
    int rc = insert_day(db, a);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "DELETE FROM instrument_ref", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db,
                                "INSERT INTO instrument_ref VALUES"
                                " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                -1, &insert, NULL);
    for (uint32_t i = 0; rc == SQLITE_OK && i < a->day->counts.contracts; i++)
        rc = insert_contract(insert, &a->day->contracts[i]);
    sqlite3_finalize(insert);
    if (rc != SQLITE_OK)
        snprintf(why, why_room, "writing the day's contracts");
    return rc;
}

void day_store_sqlite_attach(struct sq_store *store, struct day_attachment *attachment)
{
    store_sqlite_with_commit(store, write_day, attachment);
}
