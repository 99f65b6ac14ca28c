/*
 * store_sqlite.c: the journal in SQLite: open, commit, read. Snapshots: store_snapshot.c.
 *
 * Commit: BEGIN IMMEDIATE, a row a message, the claims of the events, what hangs on this turn (the
 * hook), COMMIT; WAL with synchronous=FULL makes that one write and one fdatasync. Whatever fails,
 * the transaction is rolled back and the chain's last hash in memory stays where it was.
 *
 * Read: rows in order of id go through a turn_reader, which gives whole and verified turns only.
 *
 * What SQLite sees to: torn frames (checksums of the WAL), locks between processes, the structure
 * of pages (check_pages() at start). What we see to: order, content (the chain), ids, one owner.
 */
#include "db/store_sqlite.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/migrate.h"
#include "db/store_sqlite_parts.h"
#include "db/turn_reader.h"

enum { BALLAST_BYTES = 4 << 20 };

/* Statements kept prepared, in the order of enum statement. */
static const char *const statements[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_ROW] = ("INSERT INTO journal (id, time, is_input, kind, body, hash)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
    [STATEMENT_CLAIM] = "INSERT OR IGNORE INTO claim VALUES (?1, ?2, ?3)",
    [STATEMENT_CLAIMED] = "SELECT value FROM claim WHERE what = ?1 AND key = ?2",
    [STATEMENT_RELEASE] = "DELETE FROM claim WHERE what = ?1 AND key = ?2 AND value = ?3",
    [STATEMENT_RELEASE_ALL] = "DELETE FROM claim WHERE what = ?1",
};

/* The port is the first member, so a store is where its port is. */
static struct store_sqlite *of(struct sq_store *store)
{
    return (struct store_sqlite *)(void *)store;
}

enum sq_err store_sqlite_failed(struct store_sqlite *s, const char *doing)
{
    enum sq_err error = sql_error(s->db);
    snprintf(s->why, sizeof s->why, "%s: %s", doing, sqlite3_errmsg(s->db));
    return error;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static sqlite3_stmt *bind_claim(struct store_sqlite *s, enum statement which,
                                const struct unique_claim *claim)
{
    sqlite3_stmt *statement = s->statements[which];
    sqlite3_bind_int(statement, 1, (int)claim->what);
    sqlite3_bind_blob(statement, 2, claim->key, (int)claim->length, SQLITE_STATIC);
    if (which != STATEMENT_CLAIMED)
        sqlite3_bind_int64(statement, 3, (int64_t)claim->value);
    return statement;
}

/* The key is there: with the same value it is the same claim, sent again. */
static enum sq_err claim_again(struct store_sqlite *s, const struct unique_claim *claim)
{
    sqlite3_stmt *look = bind_claim(s, STATEMENT_CLAIMED, claim);
    bool same =
        sqlite3_step(look) == SQLITE_ROW && sqlite3_column_int64(look, 0) == (int64_t)claim->value;
    sqlite3_reset(look);
    if (same)
        return SQ_ERR_OK;
    snprintf(s->why, sizeof s->why, "%s is in the journal already", unique_word(claim->what));
    return SQ_ERR_CONFLICT;
}

/* The primary key is what refuses: two writers that raced could not both get in. */
static enum sq_err claim_apply(struct store_sqlite *s, const struct unique_claim *claim)
{
    enum statement which = claim->release ? STATEMENT_RELEASE : STATEMENT_CLAIM;
    if (sql_run(bind_claim(s, which, claim)) != SQLITE_OK)
        return store_sqlite_failed(s, "claiming an id");
    if (claim->release || sqlite3_changes(s->db) > 0)
        return SQ_ERR_OK;
    return claim_again(s, claim);
}

/* Claims follow the rows, in their order: a close that ends gives its place to the next of the
 * turn. */
static enum sq_err claims_of_message(struct store_sqlite *s, const struct sq_message *message,
                                     bool is_input)
{
    struct unique_claim claims[UNIQUE_CLAIMS];
    bool new_day;
    size_t count = unique_claims(message, is_input, claims, &new_day);
    enum sq_err error = SQ_ERR_OK;
    if (new_day) {
        sqlite3_bind_int(s->statements[STATEMENT_RELEASE_ALL], 1, UNIQUE_OPEN_CLOSE);
        if (sql_run(s->statements[STATEMENT_RELEASE_ALL]) != SQLITE_OK)
            return store_sqlite_failed(s, "beginning a day");
    }
    for (size_t i = 0; i < count && error == SQ_ERR_OK; i++)
        error = claim_apply(s, &claims[i]);
    return error;
}

static enum sq_err insert_row(struct store_sqlite *s, const struct row *row, const uint8_t *hash)
{
    sqlite3_stmt *insert = s->statements[STATEMENT_ROW];
    sqlite3_bind_int64(insert, 1, (int64_t)(row->seq << TURN_ORD_BITS | row->ord));
    sqlite3_bind_int64(insert, 2, row->time);
    sqlite3_bind_int(insert, 3, row->is_input);
    sqlite3_bind_int(insert, 4, row->kind);
    sqlite3_bind_blob(insert, 5, row->body, (int)row->length, SQLITE_STATIC);
    if (hash)
        sqlite3_bind_blob(insert, 6, hash, HASH_SIZE, SQLITE_STATIC);
    else
        sqlite3_bind_null(insert, 6);
    return sql_run(insert) == SQLITE_OK ? SQ_ERR_OK : store_sqlite_failed(s, "writing the journal");
}

/* The last row carries the hash, so each row is written when the next one is known. */
static enum sq_err insert_rows(struct store_sqlite *s, const struct sq_turn *turn,
                               uint8_t hash[HASH_SIZE])
{
    size_t left = turn->input_count + turn->event_count;
    struct row_walk walk;
    struct row row;
    struct chain chain;
    enum sq_err error = SQ_ERR_OK;
    chain_begin(&chain, s->hash);
    row_walk_init(&walk, turn);
    while (error == SQ_ERR_OK && row_walk_next(&walk, &row)) {
        bool last = --left == 0;
        chain_row(&chain, &row);
        if (last)
            chain_end(&chain, hash);
        error = row.ord >> TURN_ORD_BITS ? SQ_ERR_IO : insert_row(s, &row, last ? hash : NULL);
        if (error == SQ_ERR_OK)
            error = claims_of_message(s, walk.message, row.is_input);
    }
    return error;
}

/* Inside the transaction: what it writes lives or dies with the turn. */
static enum sq_err run_hook(struct store_sqlite *s)
{
    char words[128] = "";
    if (s->hook == NULL || s->hook(s->hook_owner, s->db, words, sizeof words) == SQLITE_OK)
        return SQ_ERR_OK;
    enum sq_err error = store_sqlite_failed(s, words[0] ? words : "writing beside the journal");
    return error;
}

/* SQLite may have rolled back by itself, on a full disk for one; only it knows. */
static enum sq_err write_turn(struct store_sqlite *s, const struct sq_turn *turn,
                              uint8_t hash[HASH_SIZE])
{
    if (sql_run(s->statements[STATEMENT_BEGIN]) != SQLITE_OK)
        return store_sqlite_failed(s, "beginning a turn");
    enum sq_err error = insert_rows(s, turn, hash);
    if (error == SQ_ERR_OK)
        error = run_hook(s);
    if (error == SQ_ERR_OK && sql_run(s->statements[STATEMENT_COMMIT]) != SQLITE_OK)
        error = store_sqlite_failed(s, "syncing a turn");
    if (error != SQ_ERR_OK && !sqlite3_get_autocommit(s->db))
        sql_run(s->statements[STATEMENT_ROLLBACK]);
    return error;
}

/* After an I/O error nobody knows what is on the disk: this store writes no more. */
static enum sq_err commit(struct sq_store *store, const struct sq_turn *turn)
{
    struct store_sqlite *s = of(store);
    uint8_t hash[HASH_SIZE];
    if (s->dead || s->read_only)
        return s->dead ? s->dead : SQ_ERR_LOCKED;
    const char *reason = turn_check(turn, s->last_seq);
    if (reason) {
        snprintf(s->why, sizeof s->why, "%s", reason);
        return SQ_ERR_CONFLICT;
    }
    enum sq_err error = write_turn(s, turn, hash);
    if (error == SQ_ERR_OK) {
        memcpy(s->hash, hash, HASH_SIZE);
        s->last_seq = turn->inputs[turn->input_count - 1].seq;
        s->hook = NULL;
    } else if (error != SQ_ERR_DISK_FULL && error != SQ_ERR_CONFLICT) {
        s->dead = error;
    }
    return error;
}

/* The space is the file system's at once; the caller commits the same turn again. */
static enum sq_err release_ballast(struct sq_store *store)
{
    struct store_sqlite *s = of(store);
    enum sq_err error = state_dir_drop_ballast(&s->dir);
    if (error)
        snprintf(s->why, sizeof s->why, "the ballast is gone already");
    return error;
}

void store_sqlite_with_commit(struct sq_store *store, store_sqlite_fn *fn, void *owner)
{
    of(store)->hook = fn;
    of(store)->hook_owner = owner;
}

/* ---- read ------------------------------------------------------------------------------------ */

static enum sq_err take_row(struct turn_reader *reader, sqlite3_stmt *at)
{
    bool has_hash = sqlite3_column_type(at, 5) == SQLITE_BLOB;
    struct stored_row row = {.id = sqlite3_column_int64(at, 0),
                             .time = sqlite3_column_int64(at, 1),
                             .is_input = sqlite3_column_int(at, 2) != 0,
                             .kind = (uint16_t)sqlite3_column_int(at, 3),
                             .body = sqlite3_column_blob(at, 4),
                             .length = (size_t)sqlite3_column_bytes(at, 4),
                             .hash = has_hash ? sqlite3_column_blob(at, 5) : NULL,
                             .hash_length = (size_t)sqlite3_column_bytes(at, 5)};
    return turn_reader_take(reader, &row);
}

/* Hash of the last turn that ended at or before seq, and the id of its last row; zero: none. */
static int turn_end_before(struct store_sqlite *s, uint64_t seq, uint8_t hash[HASH_SIZE],
                           int64_t *id)
{
    sqlite3_stmt *look = NULL;
    int rc = sqlite3_prepare_v2(s->db,
                                "SELECT id, hash FROM journal WHERE id < ?1"
                                " AND hash IS NOT NULL ORDER BY id DESC LIMIT 1",
                                -1, &look, NULL);
    memset(hash, 0, HASH_SIZE);
    *id = -1;
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(look, 1, turn_id_after(seq));
        rc = sqlite3_step(look);
        if (rc == SQLITE_ROW && sqlite3_column_bytes(look, 1) == HASH_SIZE) {
            *id = sqlite3_column_int64(look, 0);
            memcpy(hash, sqlite3_column_blob(look, 1), HASH_SIZE);
        }
    }
    sqlite3_finalize(look);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum sq_err read_all(struct store_sqlite *s, struct turn_reader *reader, sqlite3_stmt *rows)
{
    enum sq_err error = SQ_ERR_OK;
    int rc = SQLITE_DONE;
    while (error == SQ_ERR_OK && !reader->stopped && (rc = sqlite3_step(rows)) == SQLITE_ROW)
        error = take_row(reader, rows);
    if (error || reader->stopped)
        return error;
    return rc == SQLITE_DONE ? turn_reader_end(reader)
                             : store_sqlite_failed(s, "reading the journal");
}

/* Begins where the last turn ended that the caller has seen, so that the chain can be taken up
 * there. */
static enum sq_err read_journal(struct sq_store *store, uint64_t after, sq_journal_fn *fn,
                                void *owner)
{
    struct store_sqlite *s = of(store);
    struct turn_reader reader = {
        .after = after, .fn = fn, .owner = owner, .why = s->why, .why_room = sizeof s->why};
    sqlite3_stmt *rows = NULL;
    int64_t from;
    enum sq_err error = SQ_ERR_OK;
    if (turn_end_before(s, after, reader.hash, &from) != SQLITE_OK ||
        sqlite3_prepare_v2(s->db,
                           "SELECT id, time, is_input, kind, body, hash FROM journal"
                           " WHERE id > ?1 ORDER BY id",
                           -1, &rows, NULL) != SQLITE_OK) {
        error = store_sqlite_failed(s, "reading the journal");
    } else {
        sqlite3_bind_int64(rows, 1, from);
        error = read_all(s, &reader, rows);
    }
    sqlite3_finalize(rows);
    turn_reader_finish(&reader);
    return error;
}

static enum sq_err turn_end(struct sq_store *store, uint64_t seq, uint64_t *end,
                            uint8_t hash[SQ_HASH_SIZE])
{
    struct store_sqlite *s = of(store);
    sqlite3_stmt *look = NULL;
    enum sq_err error = SQ_ERR_NOT_FOUND;
    int rc = sqlite3_prepare_v2(s->db,
                                "SELECT id, hash FROM journal WHERE id >= ?1"
                                " AND hash IS NOT NULL ORDER BY id LIMIT 1",
                                -1, &look, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(look, 1, seq > 0 ? turn_id_after(seq - 1) : 0);
        rc = sqlite3_step(look);
    }
    if (rc == SQLITE_ROW && sqlite3_column_bytes(look, 1) == HASH_SIZE) {
        *end = (uint64_t)sqlite3_column_int64(look, 0) >> TURN_ORD_BITS;
        memcpy(hash, sqlite3_column_blob(look, 1), HASH_SIZE);
        error = SQ_ERR_OK;
    } else if (rc != SQLITE_DONE) {
        error = store_sqlite_failed(s, "reading the journal");
    }
    sqlite3_finalize(look);
    return error;
}

static uint64_t last_seq(struct sq_store *store)
{
    return of(store)->last_seq;
}

static const char *why_of(struct sq_store *store)
{
    return of(store)->why;
}

/* ---- open and destroy ------------------------------------------------------------------------ */

static void destroy(struct sq_store *store)
{
    struct store_sqlite *s = of(store);
    for (int i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(s->statements[i]);
    sqlite3_close(s->db);
    state_dir_unlock(&s->dir);
    free(s);
}

static const struct sq_store_ops ops = {
    .commit = commit,
    .release_ballast = release_ballast,
    .read = read_journal,
    .save_snapshot = store_sqlite_save_snapshot,
    .load_snapshot = store_sqlite_load_snapshot,
    .turn_end = turn_end,
    .last_seq = last_seq,
    .why = why_of,
    .destroy = destroy,
};

struct sqlite3 *store_sqlite_db(struct sq_store *store)
{
    return store->ops == &ops ? of(store)->db : NULL;
}

/* Once: preparing costs more than running. */
static enum sq_err prepare(struct store_sqlite *s)
{
    for (int i = 0; i < STATEMENT_COUNT && !s->read_only; i++)
        if (sqlite3_prepare_v3(s->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT,
                               &s->statements[i], NULL) != SQLITE_OK)
            return store_sqlite_failed(s, "preparing");
    return SQ_ERR_OK;
}

/*
 * The structure of the file: each page of the journal is visited, the other tables row by row too.
 * What is in the journal's rows is judged by the hash chain, and nothing is made of a row that has
 * not been read: looking at all of them here would only make a long day's first screen late.
 */
static enum sq_err check_pages(struct store_sqlite *s)
{
    static const char rows[] = "SELECT count(*) FROM journal";
    static const char others[] =
        "SELECT c.quick_check FROM sqlite_schema AS t, pragma_quick_check(t.name) AS c"
        " WHERE t.type = 'table' AND t.name <> 'journal' AND c.quick_check <> 'ok'";
    sqlite3_stmt *look = NULL;
    int64_t count;
    enum sq_err error = SQ_ERR_OK;
    int rc = sql_number(s->db, rows, &count);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(s->db, others, -1, &look, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(look);
    if (rc == SQLITE_ROW) {
        snprintf(s->why, sizeof s->why, "damaged: %s", (const char *)sqlite3_column_text(look, 0));
        error = SQ_ERR_DAMAGED;
    } else if (rc != SQLITE_DONE) {
        error = store_sqlite_failed(s, "checking the file");
    }
    sqlite3_finalize(look);
    sqlite3_db_release_memory(s->db); /* what was looked at once is not kept */
    return error;
}

/* Settings before the first statement touches a table. */
static enum sq_err configure(struct store_sqlite *s)
{
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_extended_result_codes(s->db, 1);
    sqlite3_busy_timeout(s->db, 1000); /* a reader that finishes a checkpoint */
    const char *settings = s->read_only
                               ? "PRAGMA cell_size_check = ON; PRAGMA query_only = ON"
                               : "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                                 "PRAGMA cell_size_check = ON; PRAGMA wal_autocheckpoint = 4000;"
                                 "PRAGMA journal_size_limit = 67108864; PRAGMA temp_store = MEMORY";
    if (sqlite3_exec(s->db, settings, NULL, NULL, NULL) != SQLITE_OK)
        return store_sqlite_failed(s, "setting up");
    return SQ_ERR_OK;
}

/* Where the journal ends. Its last row is the last of a turn, or somebody has cut it. */
static enum sq_err find_tip(struct store_sqlite *s)
{
    int64_t newest = 0, end;
    int rc = sql_number(s->db, "SELECT coalesce(max(id), -1) FROM journal", &newest);
    if (rc != SQLITE_OK || turn_end_before(s, UINT64_MAX, s->hash, &end) != SQLITE_OK)
        return store_sqlite_failed(s, "reading the journal's end");
    if (newest != end)
        return turn_damaged(s->why, sizeof s->why, (uint64_t)newest >> TURN_ORD_BITS, "no hash");
    s->last_seq = end < 0 ? 0 : (uint64_t)end >> TURN_ORD_BITS;
    return SQ_ERR_OK;
}

/* From the outside in: the file, its schema, its pages, its last turn. */
static enum sq_err open_file(struct store_sqlite *s, const char *vfs)
{
    char path[STATE_PATH_MAX + 32];
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_PRIVATECACHE |
                (s->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    state_dir_file(&s->dir, "journal.db", path);
    if (s->read_only && access(path, R_OK) != 0) {
        snprintf(s->why, sizeof s->why, "journal.db: %s", strerror(errno));
        return errno == ENOENT ? SQ_ERR_NOT_FOUND : SQ_ERR_IO;
    }
    if (sqlite3_open_v2(path, &s->db, flags, vfs) != SQLITE_OK)
        return store_sqlite_failed(s, "journal.db");
    enum sq_err error = configure(s);
    if (error == SQ_ERR_OK)
        error = (s->read_only ? migrate_check : migrate)(s->db, s->why, sizeof s->why);
    if (error == SQ_ERR_OK && !s->salvage)
        error = check_pages(s);
    if (error == SQ_ERR_OK)
        error = prepare(s);
    if (error == SQ_ERR_OK)
        error = find_tip(s);
    return s->salvage && error == SQ_ERR_DAMAGED ? SQ_ERR_OK : error;
}

/* Order matters: the lock is taken before anything in the directory is touched. */
static enum sq_err own(struct store_sqlite *s, int64_t ballast_bytes)
{
    enum sq_err error = state_dir_make(&s->dir, s->why, sizeof s->why);
    if (error == SQ_ERR_OK)
        error = state_dir_lock(&s->dir, s->why, sizeof s->why);
    if (error == SQ_ERR_OK)
        error = state_dir_private(&s->dir, "journal.db", s->why, sizeof s->why);
    if (error == SQ_ERR_OK && ballast_bytes >= 0)
        state_dir_keep_ballast(&s->dir, ballast_bytes ? ballast_bytes : BALLAST_BYTES);
    return error;
}

struct sq_store *store_sqlite_open(const char *directory,
                                   const struct store_sqlite_options *options, enum sq_err *error,
                                   char *why, size_t why_room)
{
    static const struct store_sqlite_options usual;
    const struct store_sqlite_options *o = options ? options : &usual;
    struct store_sqlite *s = calloc(1, sizeof *s);
    *error = SQ_ERR_IO;
    if (s == NULL || state_dir_init(&s->dir, directory) != 0) {
        snprintf(why, why_room, "no memory, or a path that is too long");
        free(s);
        return NULL;
    }
    s->port.ops = &ops;
    s->read_only = o->mode != STORE_SQLITE_OWN;
    s->salvage = o->mode == STORE_SQLITE_SALVAGE;
    *error = s->read_only ? SQ_ERR_OK : own(s, o->ballast_bytes);
    if (*error == SQ_ERR_OK)
        *error = open_file(s, o->vfs);
    if (*error == SQ_ERR_OK)
        return &s->port;
    snprintf(why, why_room, "%s", s->why);
    destroy(&s->port);
    return NULL;
}
