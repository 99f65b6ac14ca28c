/*
 * store_postgres.c: the journal in PostgreSQL: open, connect, read. Commit: store_postgres_commit.c;
 * who owns the book: store_postgres_owner.c; snapshots: store_postgres_snapshot.c.
 *
 * Read: pages of rows in order of id, each a statement of its own (a journal only grows, so pages
 * fit together), through a turn_reader, which gives whole and verified turns only.
 */
#include "db/store_postgres.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/migrate.h"
#include "db/store_postgres_parts.h"
#include "db/turn_reader.h"

enum { PAGE = 2048 };

void store_postgres_place(const struct store_postgres *s, struct pg_params *params)
{
    pg_add_text(params, s->book);
    pg_add_i64(params, s->volume);
}

enum sq_err store_postgres_failed(struct store_postgres *s, const struct pg *pg, const char *doing)
{
    snprintf(s->why, sizeof s->why, "%s: %s", doing, pg->why);
    return pg_error(pg);
}

/* ---- connection ------------------------------------------------------------------------------ */

/*
 * Plans are made once, while tables may be empty, and kept: what scans a whole table then would
 * scan a whole day later. So only indexes are left to choose from, and what looks up many keys asks
 * for them one by one, in a subquery that no join can replace. A transaction that stands still
 * must not hold the book's row for longer than a lease. A commit that is not durable is none.
 */
static const char settings[] =
    "SELECT set_config(name, value, false) FROM (VALUES"
    " ('default_transaction_isolation', 'read committed'), ('client_min_messages', 'warning'),"
    " ('enable_seqscan', 'off'), ('enable_bitmapscan', 'off'), ('enable_hashjoin', 'off'),"
    " ('enable_mergejoin', 'off'), ('jit', 'off'), ('plan_cache_mode', 'force_generic_plan'),"
    " ('idle_in_transaction_session_timeout', $1),"
    " ('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'"
    "                        ELSE current_setting('synchronous_commit') END)) AS s (name, value)";

/* Prepared on each connection, in the order of a commit. */
static const struct {
    const char *name;
    const char *sql;
} statements[] = {
    {"fence", "SELECT squareoff_fence($1, $2::bigint, $3, $4::bigint, $5::bigint)"},
    {"rows",
     "INSERT INTO journal SELECT $1, $2::bigint, r.* FROM unnest($3::bigint[], $4::bigint[],"
     " $5::smallint[], $6::smallint[], $7::bytea[], $8::bytea[]) AS r"},
    /* The same claim again passes; another value for the key meets the primary key. */
    {"claim", "INSERT INTO claim SELECT DISTINCT $1, $2::bigint, ($3::bigint)::smallint, c.*"
              " FROM unnest($4::bytea[], $5::bigint[]) AS c (key, value) WHERE (SELECT value"
              "  FROM claim WHERE book = $1 AND volume = $2 AND what = $3 AND key = c.key)"
              " IS DISTINCT FROM c.value"},
    {"release",
     "DELETE FROM claim WHERE ctid = ANY (ARRAY (SELECT (SELECT ctid FROM claim"
     "  WHERE book = $1 AND volume = $2::bigint AND what = $3::bigint AND key = c.key"
     "  AND value = c.value) FROM unnest($4::bytea[], $5::bigint[]) AS c (key, value)))"},
    {"release_all",
     "DELETE FROM claim WHERE book = $1 AND volume = $2::bigint AND what = $3::bigint"},
};

static bool prepare(struct store_postgres *s)
{
    pg_pipeline_begin(&s->main);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++)
        pg_prepare(&s->main, TAG_OTHER, statements[i].name, statements[i].sql);
    return pg_pipeline_end(&s->main) == PG_ALL_DONE;
}

static bool configure(struct store_postgres *s)
{
    char lease[24];
    struct pg_params p = {0};
    snprintf(lease, sizeof lease, "%lld", (long long)s->lease_ms);
    pg_add_text(&p, lease);
    PGresult *done = pg_query(&s->main, settings, &p);
    PQclear(done);
    return done != NULL;
}

enum sq_err store_postgres_connect(struct store_postgres *s, int64_t wait_ms)
{
    if (pg_is_up(&s->main))
        return SQ_ERR_OK;
    if (pg_connect(&s->main, s->conninfo, s->application, wait_ms) && configure(s) && prepare(s))
        return SQ_ERR_OK;
    store_postgres_failed(s, &s->main, "connecting");
    pg_close(&s->main);
    return SQ_ERR_IO;
}

/* Waits a second for each to be gone; servers share a role, or have pg_signal_backend. */
void store_postgres_end_session(struct store_postgres *s, const char *application)
{
    struct pg_params p = {0};
    pg_add_text(&p, application);
    PQclear(pg_query(&s->main,
                     "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                     " WHERE application_name = $1 AND pid <> pg_backend_pid()",
                     &p));
}

/* ---- read ------------------------------------------------------------------------------------ */

static const void *bytes_at(const PGresult *page, int row, int column)
{
    return PQgetisnull(page, row, column) ? NULL : PQgetvalue(page, row, column);
}

static enum sq_err take_row(struct turn_reader *reader, const PGresult *page, int row)
{
    struct stored_row stored = {.id = pg_i64(page, row, 0),
                                .time = pg_i64(page, row, 1),
                                .is_input = pg_i64(page, row, 2) != 0,
                                .kind = (uint16_t)pg_i64(page, row, 3),
                                .body = bytes_at(page, row, 4),
                                .length = (size_t)PQgetlength(page, row, 4),
                                .hash = bytes_at(page, row, 5),
                                .hash_length = (size_t)PQgetlength(page, row, 5)};
    return turn_reader_take(reader, &stored);
}

static PGresult *read_page(struct store_postgres *s, int64_t after_id)
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_i64(&p, after_id);
    pg_add_i64(&p, PAGE);
    return pg_query(&s->main,
                    "SELECT id, time, is_input::bigint, kind::bigint, body, hash FROM journal"
                    " WHERE book = $1 AND volume = $2::bigint AND id > $3::bigint"
                    " ORDER BY id LIMIT $4::bigint",
                    &p);
}

/* From the row after *id to the end; *id is the last row's then. */
static enum sq_err read_pages(struct store_postgres *s, struct turn_reader *reader, int64_t *id)
{
    enum sq_err error = SQ_ERR_OK;
    int rows = PAGE;
    while (error == SQ_ERR_OK && rows == PAGE && !reader->stopped) {
        PGresult *page = read_page(s, *id);
        if (page == NULL)
            return store_postgres_failed(s, &s->main, "reading the journal");
        rows = PQntuples(page);
        for (int i = 0; i < rows && error == SQ_ERR_OK && !reader->stopped; i++) {
            error = take_row(reader, page, i);
            *id = pg_i64(page, i, 0);
        }
        PQclear(page);
    }
    return error ? error : turn_reader_end(reader);
}

/* Hash and last row of the last turn that ended before row `before`; -1 and zero: none. */
static enum sq_err turn_end(struct store_postgres *s, int64_t before, int64_t *id,
                            uint8_t hash[HASH_SIZE])
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_i64(&p, before);
    PGresult *last = pg_query(&s->main,
                              "SELECT id, hash FROM journal WHERE book = $1 AND volume = $2::bigint"
                              " AND id < $3::bigint AND hash IS NOT NULL ORDER BY id DESC LIMIT 1",
                              &p);
    if (last == NULL)
        return store_postgres_failed(s, &s->main, "reading the journal");
    bool found = PQntuples(last) == 1 && PQgetlength(last, 0, 1) == HASH_SIZE;
    *id = found ? pg_i64(last, 0, 0) : -1;
    if (found)
        memcpy(hash, PQgetvalue(last, 0, 1), HASH_SIZE);
    else
        memset(hash, 0, HASH_SIZE);
    PQclear(last);
    return SQ_ERR_OK;
}

static enum sq_err read_journal(struct sq_store *store, uint64_t after, sq_journal_fn *fn,
                                void *owner)
{
    struct store_postgres *s = store_postgres_of(store);
    struct turn_reader reader = {
        .after = after, .fn = fn, .owner = owner, .why = s->why, .why_room = sizeof s->why};
    int64_t id;
    enum sq_err error = store_postgres_connect(s, s->lease_ms);
    if (error == SQ_ERR_OK)
        error = turn_end(s, turn_id_after(after), &id, reader.hash);
    if (error == SQ_ERR_OK)
        error = read_pages(s, &reader, &id);
    turn_reader_finish(&reader);
    return error;
}

static enum sq_err turn_end_from(struct sq_store *store, uint64_t seq, uint64_t *end,
                                 uint8_t hash[SQ_HASH_SIZE])
{
    struct store_postgres *s = store_postgres_of(store);
    struct pg_params p = {0};
    enum sq_err error = store_postgres_connect(s, s->lease_ms);
    if (error != SQ_ERR_OK)
        return error;
    store_postgres_place(s, &p);
    pg_add_i64(&p, seq > 0 ? turn_id_after(seq - 1) : 0);
    PGresult *first = pg_query(&s->main,
                               "SELECT id, hash FROM journal WHERE book = $1 AND"
                               " volume = $2::bigint AND id >= $3::bigint AND hash IS NOT NULL"
                               " ORDER BY id LIMIT 1",
                               &p);
    if (first == NULL)
        return store_postgres_failed(s, &s->main, "reading the journal");
    bool found = PQntuples(first) == 1 && PQgetlength(first, 0, 1) == HASH_SIZE;
    if (found) {
        *end = (uint64_t)pg_i64(first, 0, 0) >> TURN_ORD_BITS;
        memcpy(hash, PQgetvalue(first, 0, 1), HASH_SIZE);
    }
    PQclear(first);
    return found ? SQ_ERR_OK : SQ_ERR_NOT_FOUND;
}

static int pass_by(void *owner, const struct sq_message *message, bool is_input)
{
    (void)owner;
    (void)message;
    (void)is_input;
    return 0;
}

enum sq_err store_postgres_follow(struct store_postgres *s)
{
    struct turn_reader reader = {
        .after = s->last_seq, .fn = pass_by, .why = s->why, .why_room = sizeof s->why};
    int64_t id = s->tip;
    memcpy(reader.hash, s->hash, HASH_SIZE);
    enum sq_err error = read_pages(s, &reader, &id);
    if (error == SQ_ERR_OK) {
        memcpy(s->hash, reader.hash, HASH_SIZE);
        s->tip = id;
        s->last_seq = id < 0 ? 0 : (uint64_t)id >> TURN_ORD_BITS;
    }
    turn_reader_finish(&reader);
    return error;
}

/* One statement: between two, the owner may have written. */
enum sq_err store_postgres_tip(struct store_postgres *s, int64_t *id, uint8_t hash[HASH_SIZE])
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    PGresult *last = pg_query(&s->main,
                              "SELECT id, hash FROM journal WHERE book = $1 AND volume = $2::bigint"
                              " ORDER BY id DESC LIMIT 1",
                              &p);
    if (last == NULL)
        return store_postgres_failed(s, &s->main, "reading the journal's end");
    bool none = PQntuples(last) == 0, whole = !none && PQgetlength(last, 0, 1) == HASH_SIZE;
    *id = none ? -1 : pg_i64(last, 0, 0);
    memset(hash, 0, HASH_SIZE);
    if (whole)
        memcpy(hash, PQgetvalue(last, 0, 1), HASH_SIZE);
    PQclear(last);
    return none || whole
               ? SQ_ERR_OK
               : turn_damaged(s->why, sizeof s->why, (uint64_t)*id >> TURN_ORD_BITS, "no hash");
}

static uint64_t last_seq(struct sq_store *store)
{
    return store_postgres_of(store)->last_seq;
}

static const char *why_of(struct sq_store *store)
{
    return store_postgres_of(store)->why;
}

/* A database is not full because of us alone: nothing is kept for that day. */
static enum sq_err release_ballast(struct sq_store *store)
{
    snprintf(store_postgres_of(store)->why, 64, "no space is kept on a database");
    return SQ_ERR_NOT_FOUND;
}

/* ---- open and destroy ------------------------------------------------------------------------ */

static void finish_arrays(struct store_postgres *s)
{
    struct pg_array *const rows[] = {&s->ids,   &s->times,  &s->faces,
                                     &s->kinds, &s->bodies, &s->hashes};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        pg_array_finish(rows[i]);
    for (int what = 0; what < STORE_POSTGRES_WHATS; what++) {
        pg_array_finish(&s->round.keys[what]);
        pg_array_finish(&s->round.values[what]);
        pg_array_finish(&s->round.back_keys[what]);
        pg_array_finish(&s->round.back_values[what]);
    }
}

static void destroy(struct sq_store *store)
{
    struct store_postgres *s = store_postgres_of(store);
    pg_close(&s->main);
    pg_close(&s->beat);
    finish_arrays(s);
    free(s->conninfo);
    free(s);
}

static const struct sq_store_ops ops = {
    .commit = store_postgres_commit,
    .release_ballast = release_ballast,
    .read = read_journal,
    .save_snapshot = store_postgres_save_snapshot,
    .load_snapshot = store_postgres_load_snapshot,
    .turn_end = turn_end_from,
    .last_seq = last_seq,
    .why = why_of,
    .destroy = destroy,
};

bool store_is_postgres(const struct sq_store *store)
{
    return store->ops == &ops;
}

static bool is_book(const char *book)
{
    for (int i = 0; i < 3; i++)
        if (!isupper((unsigned char)book[i]) && !isdigit((unsigned char)book[i]))
            return false;
    return book[3] == '\0';
}

/* The volume that is written now; a book that nobody has claimed yet begins with the first. */
static enum sq_err find_volume(struct store_postgres *s)
{
    struct pg_params p = {0};
    pg_add_text(&p, s->book);
    PGresult *row = pg_query(
        &s->main, "SELECT coalesce((SELECT volume FROM ownership WHERE book = $1), 1)", &p);
    if (row == NULL)
        return store_postgres_failed(s, &s->main, "reading the book");
    s->volume = pg_i64(row, 0, 0);
    PQclear(row);
    return SQ_ERR_OK;
}

static enum sq_err find_tip(struct store_postgres *s)
{
    enum sq_err error = store_postgres_tip(s, &s->tip, s->hash);
    s->last_seq = error || s->tip < 0 ? 0 : (uint64_t)s->tip >> TURN_ORD_BITS;
    return error;
}

enum sq_err store_postgres_look_back(struct sq_store *store, uint32_t day)
{
    struct store_postgres *s = store_postgres_of(store);
    struct pg_params p = {0};
    if (s->epoch != 0)
        return SQ_ERR_CONFLICT;
    pg_add_i64(&p, day);
    pg_add_text(&p, s->book);
    PGresult *row =
        pg_query(&s->main, "SELECT volume FROM day_load WHERE day = $1::bigint AND book = $2", &p);
    if (row == NULL)
        return store_postgres_failed(s, &s->main, "reading the days");
    bool found = PQntuples(row) == 1;
    if (found)
        s->volume = pg_i64(row, 0, 0);
    PQclear(row);
    snprintf(s->why, sizeof s->why, "day %u of book %s was never loaded", day, s->book);
    return found ? find_tip(s) : SQ_ERR_NOT_FOUND;
}

/* The schema comes first: what is prepared with each connection needs its tables. */
static enum sq_err open_book(struct store_postgres *s)
{
    bool up = pg_connect(&s->main, s->conninfo, s->application, s->lease_ms);
    enum sq_err error = up ? migrate_postgres(&s->main, s->why, sizeof s->why)
                           : store_postgres_failed(s, &s->main, "connecting");
    pg_close(&s->main);
    if (error == SQ_ERR_OK)
        error = store_postgres_connect(s, s->lease_ms);
    if (error == SQ_ERR_OK)
        error = find_volume(s);
    return error ? error : find_tip(s);
}

enum sq_err store_postgres_open(const char *conninfo, const char *book, const char *server,
                                int64_t lease_ms, struct sq_store **store, char *why,
                                size_t why_room)
{
    *store = NULL;
    if (strnlen(book, 4) != 3 || !is_book(book) || server[0] == '\0' ||
        strlen(server) >= STORE_POSTGRES_NAME || lease_ms < STORE_POSTGRES_LEASE_LEAST_MS) {
        snprintf(why, why_room, "a book of three letters, a server's name and a lease are needed");
        return SQ_ERR_IO;
    }
    struct store_postgres *s = calloc(1, sizeof *s);
    char *copy = strdup(conninfo);
    if (s == NULL || copy == NULL) {
        free(s);
        free(copy);
        snprintf(why, why_room, "no memory");
        return SQ_ERR_IO;
    }
    s->port.ops = &ops;
    s->conninfo = copy;
    s->lease_ms = lease_ms;
    s->main.lost = s->beat.lost = true;
    memcpy(s->book, book, sizeof s->book);
    memcpy(s->server, server, strlen(server) + 1);
    snprintf(s->application, sizeof s->application, "squareoff %s %08x %.40s", book,
             randombytes_random(), server);
    enum sq_err error = open_book(s);
    if (error == SQ_ERR_OK) {
        *store = &s->port;
        return SQ_ERR_OK;
    }
    snprintf(why, why_room, "%s", s->why);
    destroy(&s->port);
    return error;
}

void store_postgres_with_commit(struct sq_store *store, store_postgres_fn *fn, void *owner)
{
    store_postgres_of(store)->hook = fn;
    store_postgres_of(store)->hook_owner = owner;
}
