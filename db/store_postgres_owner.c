/*
 * store_postgres_owner.c: who may write a book: claim, beat, release.
 *
 * Every change of owner locks the row FOR UPDATE, which waits for a commit that is under way and
 * makes the next one wait: by then its epoch is over. Clocks: beat_at is set and judged by the
 * database; ours only counts down what was granted (safety, "Ownership, leases, fencing").
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/store_postgres_parts.h"

static void add_owner(const struct store_postgres *s, struct pg_params *p, uint32_t epoch)
{
    pg_add_text(p, s->book);
    pg_add_i64(p, epoch);
    pg_add_text(p, s->server);
}

/* ---- beat ------------------------------------------------------------------------------------ */

/* OK, FENCED when the row is another's or nobody's, or IO. */
static enum sq_err renew(struct store_postgres *s, struct pg *pg, uint32_t epoch)
{
    struct pg_params p = {0};
    int64_t asked_ms = pg_now_ms();
    add_owner(s, &p, epoch);
    PGresult *row = pg_query(pg,
                             "UPDATE ownership SET beat_at = clock_timestamp() WHERE book = $1"
                             " AND epoch = $2::bigint AND owner = $3",
                             &p);
    if (row == NULL)
        return SQ_ERR_IO;
    bool ours = strcmp(PQcmdTuples(row), "1") == 0;
    PQclear(row);
    s->good_till = ours ? asked_ms + s->lease_ms : 0;
    return ours ? SQ_ERR_OK : SQ_ERR_FENCED;
}

enum sq_err store_postgres_confirm(struct store_postgres *s)
{
    enum sq_err error = renew(s, &s->main, s->epoch);
    if (error == SQ_ERR_FENCED)
        snprintf(s->why, sizeof s->why, "epoch %u of book %s is over", s->epoch, s->book);
    return error == SQ_ERR_IO ? store_postgres_failed(s, &s->main, "asking for the owner") : error;
}

/* A beat that a crash of the database forgets only ends the lease sooner: it need not wait. */
static bool connect_beat(struct store_postgres *s)
{
    return pg_is_up(&s->beat) ||
           (pg_connect(&s->beat, s->conninfo, "squareoff beat", s->lease_ms / 3) &&
            pg_run(&s->beat, "SET synchronous_commit = off"));
}

enum sq_err store_postgres_beat(struct sq_store *store, char *why, size_t why_room)
{
    struct store_postgres *s = store_postgres_of(store);
    uint32_t epoch = s->epoch;
    enum sq_err error = epoch == 0        ? SQ_ERR_FENCED
                        : connect_beat(s) ? renew(s, &s->beat, epoch)
                                          : SQ_ERR_IO;
    if (error == SQ_ERR_FENCED)
        snprintf(why, why_room, "epoch %u of book %s is over", epoch, s->book);
    else if (error != SQ_ERR_OK)
        snprintf(why, why_room, "beat: %s", s->beat.why);
    return error;
}

int64_t store_postgres_lease_left_ms(struct sq_store *store)
{
    int64_t till = store_postgres_of(store)->good_till;
    return till == 0 ? 0 : till - pg_now_ms();
}

/* ---- claim ----------------------------------------------------------------------------------- */

/* What decides; the same with and without a lock. */
#define ROW                                                                                    \
    "SELECT epoch, lease_ms, volume, (extract(epoch FROM clock_timestamp() - beat_at) * 1000)" \
    "::bigint, owner, session FROM ownership WHERE book = $1"
enum { ROW_EPOCH, ROW_LEASE_MS, ROW_VOLUME, ROW_AGE_MS, ROW_OWNER, ROW_SESSION };

static PGresult *read_row(struct store_postgres *s, const char *sql)
{
    struct pg_params p = {0};
    pg_add_text(&p, s->book);
    return pg_query(&s->main, sql, &p);
}

/* A book's row is made by whoever comes first, with an epoch that nobody owned. */
static bool make_row(struct store_postgres *s)
{
    PGresult *made = read_row(s, "INSERT INTO ownership VALUES ($1, 0, '', '', 0, 'epoch', 'epoch',"
                                 " 1) ON CONFLICT DO NOTHING");
    PQclear(made);
    return made != NULL;
}

static bool is_free(struct store_postgres *s, const PGresult *row)
{
    int64_t lease_ms = pg_i64(row, 0, ROW_LEASE_MS), age_ms = pg_i64(row, 0, ROW_AGE_MS);
    const char *owner = PQgetvalue(row, 0, ROW_OWNER);
    if (owner[0] == '\0' || age_ms >= lease_ms)
        return true;
    snprintf(s->other, sizeof s->other, "%s", owner);
    snprintf(s->why, sizeof s->why,
             "book %s is owned by %s, epoch %lld, last beat %lld ms ago of a lease of %lld ms",
             s->book, owner, (long long)pg_i64(row, 0, ROW_EPOCH), (long long)age_ms,
             (long long)lease_ms);
    return false;
}

static bool take_row(struct store_postgres *s, int64_t epoch)
{
    struct pg_params p = {0};
    pg_add_text(&p, s->book);
    pg_add_i64(&p, epoch);
    pg_add_text(&p, s->server);
    pg_add_i64(&p, s->lease_ms);
    pg_add_text(&p, s->application);
    PGresult *done = pg_query(&s->main,
                              "UPDATE ownership SET epoch = $2::bigint, owner = $3,"
                              " lease_ms = $4::bigint, session = $5, beat_at = clock_timestamp(),"
                              " claimed_at = clock_timestamp() WHERE book = $1",
                              &p);
    PQclear(done);
    return done != NULL && pg_run(&s->main, "COMMIT");
}

/* Another volume begins at its own first row. */
static void enter_volume(struct store_postgres *s, int64_t volume)
{
    if (s->volume == volume)
        return;
    s->volume = volume;
    s->tip = -1;
    s->last_seq = 0;
    memset(s->hash, 0, HASH_SIZE);
}

static enum sq_err cannot_claim(struct store_postgres *s)
{
    enum sq_err error = store_postgres_failed(s, &s->main, "claiming the book");
    pg_close(&s->main);
    return error;
}

/* A claim that is not answered was made or not: as long as its lease runs, nobody owns the book. */
static enum sq_err compare_and_set(struct store_postgres *s, const PGresult *row, int64_t asked_ms)
{
    int64_t epoch = pg_i64(row, 0, ROW_EPOCH) + 1;
    if (!is_free(s, row)) {
        pg_rollback(&s->main);
        return SQ_ERR_LOCKED;
    }
    if (!take_row(s, epoch))
        return cannot_claim(s);
    enter_volume(s, pg_i64(row, 0, ROW_VOLUME));
    s->epoch = (uint32_t)epoch;
    s->good_till = asked_ms + s->lease_ms;
    s->dead = SQ_ERR_OK;
    return SQ_ERR_OK;
}

/* Looked at without waiting first: a standby asks often, and must not queue behind commits. */
static enum sq_err look(struct store_postgres *s)
{
    PGresult *row = make_row(s) ? read_row(s, ROW) : NULL;
    enum sq_err error = row == NULL ? cannot_claim(s) : is_free(s, row) ? SQ_ERR_OK : SQ_ERR_LOCKED;
    PQclear(row);
    return error;
}

static PGresult *lock_row(struct store_postgres *s)
{
    return pg_run(&s->main, "BEGIN; SET LOCAL lock_timeout = 250") ? read_row(s, ROW " FOR UPDATE")
                                                                   : NULL;
}

/*
 * An owner that stopped in the middle of a commit holds the row for as long as it is stopped, and
 * no setting of the server ends that: who claims after its lease ends its backends.
 */
static void end_holder(struct store_postgres *s)
{
    pg_rollback(&s->main);
    PGresult *row = read_row(s, ROW);
    if (row && is_free(s, row))
        store_postgres_end_session(s, PQgetvalue(row, 0, ROW_SESSION));
    PQclear(row);
}

static enum sq_err claim_row(struct store_postgres *s)
{
    int64_t asked_ms = pg_now_ms();
    enum sq_err error = look(s);
    if (error != SQ_ERR_OK)
        return error;
    PGresult *row = lock_row(s);
    if (row == NULL && strcmp(s->main.state, "55P03") == 0) { /* lock_not_available */
        end_holder(s);
        row = lock_row(s);
    }
    error = row ? compare_and_set(s, row, asked_ms) : cannot_claim(s);
    PQclear(row);
    return error;
}

/* What a journal holds that cannot be followed must not be written on. */
static enum sq_err claim_anew(struct store_postgres *s)
{
    enum sq_err error = claim_row(s);
    if (error != SQ_ERR_OK)
        return error;
    error = store_postgres_follow(s);
    if (error != SQ_ERR_OK)
        s->dead = error;
    return error;
}

enum sq_err store_postgres_claim(struct sq_store *store, uint32_t *epoch)
{
    struct store_postgres *s = store_postgres_of(store);
    if (s->dead && s->dead != SQ_ERR_FENCED)
        return s->dead;
    enum sq_err error = store_postgres_connect(s, s->lease_ms);
    if (error == SQ_ERR_OK && s->epoch != 0)
        error = store_postgres_confirm(s);
    if (error == SQ_ERR_FENCED)
        s->epoch = 0;
    if ((error == SQ_ERR_OK || error == SQ_ERR_FENCED) && s->epoch == 0)
        error = claim_anew(s);
    *epoch = s->epoch;
    return error;
}

uint32_t store_postgres_epoch(struct sq_store *store)
{
    return store_postgres_of(store)->epoch;
}

/* ---- giving up, and a new volume ------------------------------------------------------------- */

/* With the row locked: OK when `sql`, given book, epoch and owner, found the row to be ours. */
static enum sq_err change_locked(struct store_postgres *s, const char *sql)
{
    struct pg_params book = {0}, owner = {0};
    pg_add_text(&book, s->book);
    add_owner(s, &owner, s->epoch);
    PGresult *row = pg_query(&s->main, "SELECT FROM ownership WHERE book = $1 FOR UPDATE", &book);
    PGresult *done = row ? pg_query(&s->main, sql, &owner) : NULL;
    enum sq_err error = done == NULL                          ? SQ_ERR_IO
                        : strcmp(PQcmdTuples(done), "1") == 0 ? SQ_ERR_OK
                                                              : SQ_ERR_FENCED;
    PQclear(row);
    PQclear(done);
    return error;
}

static enum sq_err change(struct store_postgres *s, const char *sql, const char *doing)
{
    enum sq_err error = s->epoch ? store_postgres_connect(s, s->lease_ms) : SQ_ERR_FENCED;
    if (error == SQ_ERR_FENCED)
        snprintf(s->why, sizeof s->why, "book %s is not claimed", s->book);
    if (error != SQ_ERR_OK)
        return error;
    error = pg_run(&s->main, "BEGIN") ? change_locked(s, sql) : SQ_ERR_IO;
    if (error == SQ_ERR_FENCED) {
        snprintf(s->why, sizeof s->why, "%s: epoch %u of book %s is over", doing, s->epoch,
                 s->book);
        pg_rollback(&s->main);
    } else if (error != SQ_ERR_OK || !pg_run(&s->main, "COMMIT")) {
        error = store_postgres_failed(s, &s->main, doing);
        pg_close(&s->main);
    }
    return error;
}

enum sq_err store_postgres_release(struct sq_store *store)
{
    struct store_postgres *s = store_postgres_of(store);
    enum sq_err error = change(s,
                               "UPDATE ownership SET owner = '' WHERE book = $1"
                               " AND epoch = $2::bigint AND owner = $3",
                               "giving the book up");
    if (error != SQ_ERR_IO) {
        s->epoch = 0;
        s->good_till = 0;
    }
    return error;
}

enum sq_err store_postgres_new_volume(struct sq_store *store)
{
    struct store_postgres *s = store_postgres_of(store);
    enum sq_err error = change(s,
                               "UPDATE ownership SET volume = volume + 1 WHERE book = $1"
                               " AND epoch = $2::bigint AND owner = $3",
                               "beginning a volume");
    if (error == SQ_ERR_OK)
        enter_volume(s, s->volume + 1);
    return error;
}

const char *store_postgres_other(const struct sq_store *store)
{
    return ((const struct store_postgres *)(const void *)store)->other;
}
