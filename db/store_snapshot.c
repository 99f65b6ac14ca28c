/*
 * store_snapshot.c: snapshots of the SQLite store. The newest two are kept: one may be damaged.
 *
 * A snapshot saves time and nothing else: the journal before it stays, and a start without one
 * replays from the first input. Its hash is judged before the first row is given, because an engine
 * that has taken half a snapshot cannot give it back.
 */
#include <stdio.h>
#include <string.h>

#include "db/store_sqlite_parts.h"

static struct store_sqlite *of(struct sq_store *store)
{
    return (struct store_sqlite *)(void *)store;
}

static int insert_rows(sqlite3 *db, uint64_t seq, const struct sq_message *rows, size_t count,
                       struct hash *hash)
{
    sqlite3_stmt *insert = NULL;
    int rc =
        sqlite3_prepare_v2(db, "INSERT INTO snapshot_row VALUES (?, ?, ?, ?)", -1, &insert, NULL);
    for (size_t i = 0; rc == SQLITE_OK && i < count; i++) {
        uint8_t body[SQ_ENCODED_MAX];
        size_t length = sq_encode(rows[i].kind, &rows[i].as, body, sizeof body);
        row_hash(hash, rows[i].kind, body, length);
        sqlite3_bind_int64(insert, 1, (int64_t)seq);
        sqlite3_bind_int64(insert, 2, (int64_t)i);
        sqlite3_bind_int(insert, 3, rows[i].kind);
        sqlite3_bind_blob(insert, 4, body, (int)length, SQLITE_STATIC);
        rc = sql_run(insert);
    }
    sqlite3_finalize(insert);
    return rc;
}

static int insert_head(sqlite3 *db, uint64_t seq, uint64_t digest, size_t count,
                       const uint8_t hash[HASH_SIZE])
{
    sqlite3_stmt *insert = NULL;
    int rc = sqlite3_prepare_v2(db, "INSERT INTO snapshot VALUES (?, ?, ?, ?)", -1, &insert, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(insert, 1, (int64_t)seq);
        sqlite3_bind_int64(insert, 2, (int64_t)digest);
        sqlite3_bind_int64(insert, 3, (int64_t)count);
        sqlite3_bind_blob(insert, 4, hash, HASH_SIZE, SQLITE_STATIC);
        rc = sql_run(insert);
    }
    sqlite3_finalize(insert);
    return rc;
}

/* The rows point to the head, which holds their hash: the constraint waits for the commit. */
static int write_snapshot(sqlite3 *db, uint64_t seq, uint64_t digest, const struct sq_message *rows,
                          size_t count)
{
    struct hash hash;
    uint8_t out[HASH_SIZE];
    sqlite3_stmt *again = NULL;
    hash_init(&hash);
    int rc = sqlite3_exec(db, "PRAGMA defer_foreign_keys = ON", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(db, "DELETE FROM snapshot WHERE seq = ?", -1, &again, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(again, 1, (int64_t)seq);
        rc = sql_run(again);
    }
    sqlite3_finalize(again);
    if (rc == SQLITE_OK)
        rc = insert_rows(db, seq, rows, count, &hash);
    hash_end(&hash, out);
    if (rc == SQLITE_OK)
        rc = insert_head(db, seq, digest, count, out);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db,
                          "DELETE FROM snapshot WHERE seq NOT IN"
                          " (SELECT seq FROM snapshot ORDER BY seq DESC LIMIT 2)",
                          NULL, NULL, NULL);
    return rc;
}

enum sq_err store_sqlite_save_snapshot(struct sq_store *store, uint64_t seq, uint64_t digest,
                                       const struct sq_message *rows, size_t count)
{
    struct store_sqlite *s = of(store);
    if (s->dead || s->read_only)
        return s->dead ? s->dead : SQ_ERR_LOCKED;
    int rc = sql_run(s->statements[STATEMENT_BEGIN]);
    if (rc == SQLITE_OK)
        rc = write_snapshot(s->db, seq, digest, rows, count);
    if (rc == SQLITE_OK)
        rc = sql_run(s->statements[STATEMENT_COMMIT]);
    if (rc == SQLITE_OK)
        return SQ_ERR_OK;
    enum sq_err error = store_sqlite_failed(s, "saving a snapshot");
    if (!sqlite3_get_autocommit(s->db))
        sql_run(s->statements[STATEMENT_ROLLBACK]);
    return error;
}

/* ---- load ------------------------------------------------------------------------------------ */

/* Called for each row: to judge it (fn NULL) or to give it. Returns false to stop. */
static bool visit(sqlite3_stmt *at, struct hash *hash, sq_journal_fn *fn, void *owner)
{
    struct sq_message message;
    struct row row = {.kind = (uint16_t)sqlite3_column_int(at, 0),
                      .body = sqlite3_column_blob(at, 1),
                      .length = (size_t)sqlite3_column_bytes(at, 1)};
    if (hash)
        row_hash(hash, row.kind, row.body, row.length);
    if (row_decode(&row, &message) != 0)
        return false;
    return fn == NULL || fn(owner, &message, false) == 0;
}

/* Goes over the rows of one snapshot, once to judge them and once to give them. */
static bool walk(struct store_sqlite *s, int64_t seq, struct hash *hash, sq_journal_fn *fn,
                 void *owner, int64_t *count)
{
    sqlite3_stmt *rows = NULL;
    bool good = sqlite3_prepare_v2(s->db,
                                   "SELECT kind, body FROM snapshot_row WHERE seq = ?"
                                   " ORDER BY ord",
                                   -1, &rows, NULL) == SQLITE_OK;
    *count = 0;
    sqlite3_bind_int64(rows, 1, seq);
    int rc = SQLITE_DONE;
    while (good && (rc = sqlite3_step(rows)) == SQLITE_ROW) {
        good = visit(rows, hash, fn, owner);
        ++*count;
    }
    sqlite3_finalize(rows);
    return good && rc == SQLITE_DONE;
}

/* Count and hash: a row too few is as bad as a row that changed. */
static bool is_whole(struct store_sqlite *s, sqlite3_stmt *head)
{
    struct hash hash;
    uint8_t out[HASH_SIZE];
    int64_t count;
    hash_init(&hash);
    if (!walk(s, sqlite3_column_int64(head, 0), &hash, NULL, NULL, &count))
        return false;
    hash_end(&hash, out);
    return count == sqlite3_column_int64(head, 2) && sqlite3_column_bytes(head, 3) == HASH_SIZE &&
           memcmp(out, sqlite3_column_blob(head, 3), HASH_SIZE) == 0;
}

enum sq_err store_sqlite_load_snapshot(struct sq_store *store, sq_journal_fn *fn, void *owner,
                                       uint64_t *seq, uint64_t *digest)
{
    struct store_sqlite *s = of(store);
    sqlite3_stmt *heads = NULL;
    enum sq_err error = SQ_ERR_NOT_FOUND;
    int64_t count;
    snprintf(s->why, sizeof s->why, "no snapshot that is whole");
    if (sqlite3_prepare_v2(s->db, "SELECT seq, digest, rows, hash FROM snapshot ORDER BY seq DESC",
                           -1, &heads, NULL) != SQLITE_OK)
        error = store_sqlite_failed(s, "reading snapshots");
    while (error == SQ_ERR_NOT_FOUND && sqlite3_step(heads) == SQLITE_ROW) {
        if (!is_whole(s, heads))
            continue; /* the older one, with a longer tail, does as well */
        *seq = (uint64_t)sqlite3_column_int64(heads, 0);
        *digest = (uint64_t)sqlite3_column_int64(heads, 1);
        walk(s, (int64_t)*seq, NULL, fn, owner, &count);
        error = SQ_ERR_OK;
    }
    sqlite3_finalize(heads);
    return error;
}
