/*
 * store_postgres_snapshot.c: snapshots of the PostgreSQL store, as the SQLite store keeps them: the
 * newest two, each with a hash that is judged before the first row is given.
 */
#include <stdio.h>
#include <string.h>

#include "db/store_postgres_parts.h"

enum { PAGE = 2048 };

/* ---- save ------------------------------------------------------------------------------------ */

static void send_seq(struct store_postgres *s, const char *sql, uint64_t seq)
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_i64(&p, (int64_t)seq);
    pg_send(&s->main, TAG_OTHER, sql, &p);
}

static void send_rows(struct store_postgres *s, uint64_t seq, size_t first)
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_i64(&p, (int64_t)seq);
    pg_add_i64(&p, (int64_t)first);
    pg_add_array(&p, &s->kinds);
    pg_add_array(&p, &s->bodies);
    pg_send(&s->main, TAG_OTHER,
            "INSERT INTO snapshot_row SELECT $1, $2::bigint, $3::bigint, $4::bigint + r.ord - 1,"
            " r.kind, r.body FROM unnest($5::smallint[], $6::bytea[])"
            " WITH ORDINALITY AS r (kind, body, ord)",
            &p);
}

static void send_all_rows(struct store_postgres *s, uint64_t seq, const struct sq_message *rows,
                          size_t count, struct hash *hash)
{
    for (size_t first = 0; first < count; first += STORE_POSTGRES_CHUNK) {
        size_t end = count - first < STORE_POSTGRES_CHUNK ? count : first + STORE_POSTGRES_CHUNK;
        pg_array_begin(&s->kinds, PG_INT2);
        pg_array_begin(&s->bodies, PG_BYTEA);
        for (size_t i = first; i < end; i++) {
            uint8_t body[SQ_ENCODED_MAX];
            size_t length = sq_encode(rows[i].kind, &rows[i].as, body, sizeof body);
            row_hash(hash, rows[i].kind, body, length);
            pg_array_i16(&s->kinds, (int16_t)rows[i].kind);
            pg_array_bytes(&s->bodies, body, length);
        }
        send_rows(s, seq, first);
    }
}

static void send_head(struct store_postgres *s, uint64_t seq, uint64_t digest, size_t count,
                      const uint8_t hash[HASH_SIZE])
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_i64(&p, (int64_t)seq);
    pg_add_i64(&p, (int64_t)digest);
    pg_add_i64(&p, (int64_t)count);
    pg_add_bytes(&p, hash, HASH_SIZE);
    pg_send(&s->main, TAG_OTHER,
            "INSERT INTO snapshot VALUES ($1, $2::bigint, $3::bigint, $4::bigint, $5::bigint,"
            " $6::bytea)",
            &p);
}

/* The rows point to the head, which holds their hash: the constraint waits for the commit. */
enum sq_err store_postgres_save_snapshot(struct sq_store *store, uint64_t seq, uint64_t digest,
                                         const struct sq_message *rows, size_t count)
{
    struct store_postgres *s = store_postgres_of(store);
    struct hash hash;
    uint8_t out[HASH_SIZE];
    if (s->dead || s->epoch == 0)
        return s->dead ? s->dead : SQ_ERR_LOCKED;
    enum sq_err error = store_postgres_connect(s, s->lease_ms);
    if (error != SQ_ERR_OK)
        return error;
    hash_init(&hash);
    store_postgres_begin(s);
    send_seq(s, "DELETE FROM snapshot WHERE book = $1 AND volume = $2::bigint AND seq = $3::bigint",
             seq);
    send_all_rows(s, seq, rows, count, &hash);
    hash_end(&hash, out);
    send_head(s, seq, digest, count, out);
    send_seq(s,
             "DELETE FROM snapshot WHERE book = $1 AND volume = $2::bigint AND seq <="
             " (SELECT seq FROM snapshot WHERE book = $1 AND volume = $2::bigint"
             "  AND seq <= $3::bigint ORDER BY seq DESC OFFSET 2 LIMIT 1)",
             INT64_MAX);
    pg_send(&s->main, TAG_OTHER, "COMMIT", NULL);
    if (pg_pipeline_end(&s->main) == PG_ALL_DONE)
        return SQ_ERR_OK;
    error = strcmp(s->main.state, "SQ001") == 0 ? SQ_ERR_FENCED : pg_error(&s->main);
    store_postgres_failed(s, &s->main, "saving a snapshot");
    pg_rollback(&s->main);
    return error;
}

/* ---- load ------------------------------------------------------------------------------------ */

/* Called for each row: to judge it (fn NULL) or to give it. Returns false to stop. */
static bool visit(const PGresult *page, int at, struct hash *hash, sq_journal_fn *fn, void *owner)
{
    struct sq_message message;
    struct row row = {.kind = (uint16_t)pg_i64(page, at, 0),
                      .body = (const uint8_t *)PQgetvalue(page, at, 1),
                      .length = (size_t)PQgetlength(page, at, 1)};
    if (hash)
        row_hash(hash, row.kind, row.body, row.length);
    if (row_decode(&row, &message) != 0)
        return false;
    return fn == NULL || fn(owner, &message, false) == 0;
}

static PGresult *read_page(struct store_postgres *s, int64_t seq, int64_t from)
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_i64(&p, seq);
    pg_add_i64(&p, from);
    pg_add_i64(&p, PAGE);
    return pg_query(&s->main,
                    "SELECT kind::bigint, body FROM snapshot_row WHERE book = $1"
                    " AND volume = $2::bigint AND seq = $3::bigint AND ord >= $4::bigint"
                    " ORDER BY ord LIMIT $5::bigint",
                    &p);
}

/* Goes over the rows of one snapshot, once to judge them and once to give them. */
static bool walk(struct store_postgres *s, int64_t seq, struct hash *hash, sq_journal_fn *fn,
                 void *owner, int64_t *count)
{
    bool good = true;
    int rows = PAGE;
    *count = 0;
    while (good && rows == PAGE) {
        PGresult *page = read_page(s, seq, *count);
        rows = page ? PQntuples(page) : 0;
        good = page != NULL;
        for (int i = 0; good && i < rows; i++) {
            good = visit(page, i, hash, fn, owner);
            ++*count;
        }
        PQclear(page);
    }
    return good;
}

/* Count and hash: a row too few is as bad as a row that changed. */
static bool is_whole(struct store_postgres *s, const PGresult *heads, int at)
{
    struct hash hash;
    uint8_t out[HASH_SIZE];
    int64_t count;
    hash_init(&hash);
    if (!walk(s, pg_i64(heads, at, 0), &hash, NULL, NULL, &count))
        return false;
    hash_end(&hash, out);
    return count == pg_i64(heads, at, 2) && PQgetlength(heads, at, 3) == HASH_SIZE &&
           memcmp(out, PQgetvalue(heads, at, 3), HASH_SIZE) == 0;
}

static PGresult *read_heads(struct store_postgres *s)
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    return pg_query(&s->main,
                    "SELECT seq, digest, rows, hash FROM snapshot WHERE book = $1"
                    " AND volume = $2::bigint ORDER BY seq DESC",
                    &p);
}

/* The older one, with a longer tail, does as well where the newest is not whole. */
enum sq_err store_postgres_load_snapshot(struct sq_store *store, sq_journal_fn *fn, void *owner,
                                         uint64_t *seq, uint64_t *digest)
{
    struct store_postgres *s = store_postgres_of(store);
    enum sq_err error = store_postgres_connect(s, s->lease_ms);
    PGresult *heads = error ? NULL : read_heads(s);
    int64_t count;
    int at = 0;
    if (heads == NULL)
        return error ? error : store_postgres_failed(s, &s->main, "reading snapshots");
    while (at < PQntuples(heads) && !is_whole(s, heads, at))
        at++;
    bool found = at < PQntuples(heads);
    if (found) {
        *seq = (uint64_t)pg_i64(heads, at, 0);
        *digest = (uint64_t)pg_i64(heads, at, 1);
        walk(s, (int64_t)*seq, NULL, fn, owner, &count);
    } else {
        snprintf(s->why, sizeof s->why, "no snapshot that is whole");
    }
    PQclear(heads);
    return found ? SQ_ERR_OK : SQ_ERR_NOT_FOUND;
}
