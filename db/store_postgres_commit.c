/*
 * store_postgres_commit.c: one turn, one transaction, one pipeline.
 *
 * BEGIN, the fence, the rows in arrays, the claims, what hangs on this turn, COMMIT: sent without
 * waiting, so that a turn costs one round trip. From the first statement that fails on the server
 * does nothing more, and the transaction is rolled back.
 *
 * When the connection ends before COMMIT is answered nobody knows whether it happened. Asking is
 * safe: the journal's end is this turn or the one before, since nobody else holds the epoch, and a
 * backend that is still busy with the first attempt meets the second at the primary key.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "db/store_postgres_parts.h"
#include "db/turn_reader.h"

enum { RECONNECTS = 5 };

/* ---- claims ---------------------------------------------------------------------------------- */

static uint32_t key_bit(const struct unique_claim *c)
{
    uint32_t h = 2166136261u;
    for (uint32_t i = 0; i < c->length; i++)
        h = (h ^ c->key[i]) * 16777619u;
    return (h ^ h >> 15) & 1023;
}

static void round_begin(struct claim_round *r)
{
    for (int what = 0; what < STORE_POSTGRES_WHATS; what++) {
        pg_array_begin(&r->keys[what], PG_BYTEA);
        pg_array_begin(&r->values[what], PG_INT8);
        pg_array_begin(&r->back_keys[what], PG_BYTEA);
        pg_array_begin(&r->back_values[what], PG_INT8);
    }
    memset(r->given_back, 0, sizeof r->given_back);
}

static void send_claims(struct store_postgres *s, const char *name, int what, struct pg_array *keys,
                        struct pg_array *values)
{
    struct pg_params p = {0};
    if (keys->count == 0)
        return;
    store_postgres_place(s, &p);
    pg_add_i64(&p, what);
    pg_add_array(&p, keys);
    pg_add_array(&p, values);
    pg_send_prepared(&s->main, (uint8_t)(TAG_CLAIM + what), name, &p);
}

static void round_send(struct store_postgres *s)
{
    struct claim_round *r = &s->round;
    for (int what = 0; what < STORE_POSTGRES_WHATS; what++) {
        send_claims(s, "claim", what, &r->keys[what], &r->values[what]);
        send_claims(s, "release", what, &r->back_keys[what], &r->back_values[what]);
    }
    round_begin(r);
}

/* In a round claims come before what is given back: a claim of a key given back begins another. */
static void add_claim(struct store_postgres *s, const struct unique_claim *c)
{
    struct claim_round *r = &s->round;
    uint32_t bit = key_bit(c);
    if (!c->release && r->given_back[bit / 64] >> bit % 64 & 1)
        round_send(s);
    if (c->release)
        r->given_back[bit / 64] |= (uint64_t)1 << bit % 64;
    pg_array_bytes(c->release ? &r->back_keys[c->what] : &r->keys[c->what], c->key, c->length);
    pg_array_i64(c->release ? &r->back_values[c->what] : &r->values[c->what], (int64_t)c->value);
}

static void claims_of_message(struct store_postgres *s, const struct sq_message *message,
                              bool is_input)
{
    struct unique_claim claims[UNIQUE_CLAIMS];
    bool new_day;
    size_t count = unique_claims(message, is_input, claims, &new_day);
    if (new_day) {
        struct pg_params p = {0};
        round_send(s);
        store_postgres_place(s, &p);
        pg_add_i64(&p, UNIQUE_OPEN_CLOSE);
        pg_send_prepared(&s->main, TAG_CLAIM + UNIQUE_OPEN_CLOSE, "release_all", &p);
    }
    for (size_t i = 0; i < count; i++)
        add_claim(s, &claims[i]);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void rows_begin(struct store_postgres *s)
{
    pg_array_begin(&s->ids, PG_INT8);
    pg_array_begin(&s->times, PG_INT8);
    pg_array_begin(&s->faces, PG_INT2);
    pg_array_begin(&s->kinds, PG_INT2);
    pg_array_begin(&s->bodies, PG_BYTEA);
    pg_array_begin(&s->hashes, PG_BYTEA);
}

static void add_row(struct store_postgres *s, const struct row *row, const uint8_t *hash)
{
    pg_array_i64(&s->ids, (int64_t)(row->seq << TURN_ORD_BITS | row->ord));
    pg_array_i64(&s->times, row->time);
    pg_array_i16(&s->faces, row->is_input);
    pg_array_i16(&s->kinds, (int16_t)row->kind);
    pg_array_bytes(&s->bodies, row->body, row->length);
    pg_array_bytes(&s->hashes, hash, HASH_SIZE);
}

static void send_rows(struct store_postgres *s)
{
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    pg_add_array(&p, &s->ids);
    pg_add_array(&p, &s->times);
    pg_add_array(&p, &s->faces);
    pg_add_array(&p, &s->kinds);
    pg_add_array(&p, &s->bodies);
    pg_add_array(&p, &s->hashes);
    pg_send_prepared(&s->main, TAG_ROWS, "rows", &p);
    rows_begin(s);
}

/* What a turn leaves behind when it is committed. */
struct end {
    int64_t id;
    uint8_t hash[HASH_SIZE];
};

/* The last row carries the hash. False: more events of one input than an id can count. */
static bool send_turn(struct store_postgres *s, const struct sq_turn *turn, struct end *end)
{
    size_t left = turn->input_count + turn->event_count;
    struct row_walk walk;
    struct row row;
    struct chain chain;
    chain_begin(&chain, s->hash);
    row_walk_init(&walk, turn);
    rows_begin(s);
    round_begin(&s->round);
    while (row_walk_next(&walk, &row)) {
        bool last = --left == 0;
        chain_row(&chain, &row);
        if (last)
            chain_end(&chain, end->hash);
        if (row.ord >> TURN_ORD_BITS)
            return false;
        add_row(s, &row, last ? end->hash : NULL);
        claims_of_message(s, walk.message, row.is_input);
        if (last || s->ids.count == STORE_POSTGRES_CHUNK)
            send_rows(s);
    }
    end->id = (int64_t)(row.seq << TURN_ORD_BITS | row.ord);
    round_send(s);
    return true;
}

/* ---- one attempt ----------------------------------------------------------------------------- */

void store_postgres_begin(struct store_postgres *s)
{
    struct pg_params p = {0};
    pg_pipeline_begin(&s->main);
    pg_send(&s->main, TAG_OTHER, "BEGIN", NULL);
    pg_add_text(&p, s->book);
    pg_add_i64(&p, s->epoch);
    pg_add_text(&p, s->server);
    pg_add_i64(&p, s->volume);
    pg_add_i64(&p, s->tip);
    pg_send_prepared(&s->main, TAG_FENCE, "fence", &p);
}

enum outcome {
    COMMITTED,
    REFUSED, /* nothing was done; the error says why */
    UNKNOWN  /* done or not: the journal has to be asked */
};

static bool state_is(const struct store_postgres *s, const char *state)
{
    return strcmp(s->main.state, state) == 0;
}

/* SQ001 and SQ002 are squareoff_fence's (db/schema.def), 23505 a unique index's. */
static enum outcome judge(struct store_postgres *s, int tag, enum sq_err *error)
{
    bool twice = state_is(s, "23505");
    *error = store_postgres_failed(s, &s->main, "commit");
    if (tag == PG_LOST || state_is(s, "SQ002") || (twice && tag == TAG_ROWS))
        return UNKNOWN;
    if (state_is(s, "SQ001"))
        *error = SQ_ERR_FENCED;
    if (twice && tag >= TAG_CLAIM) {
        *error = SQ_ERR_CONFLICT;
        snprintf(s->why, sizeof s->why, "%s is in the journal already",
                 unique_word((enum unique_what)(tag - TAG_CLAIM)));
    }
    return REFUSED;
}

static enum outcome attempt(struct store_postgres *s, const struct sq_turn *turn, struct end *end,
                            enum sq_err *error)
{
    store_postgres_begin(s);
    bool whole = send_turn(s, turn, end);
    if (s->hook)
        s->hook(s->hook_owner, &s->port, &s->main);
    pg_send(&s->main, TAG_OTHER, whole ? "COMMIT" : "ROLLBACK", NULL);
    int tag = pg_pipeline_end(&s->main);
    *error = SQ_ERR_OK;
    if (tag == PG_ALL_DONE && whole)
        return COMMITTED;
    if (tag == PG_ALL_DONE) {
        snprintf(s->why, sizeof s->why, "too many events of one input");
        *error = SQ_ERR_IO;
        return REFUSED;
    }
    enum outcome outcome = judge(s, tag, error);
    pg_rollback(&s->main);
    return outcome;
}

/* ---- the unknown outcome --------------------------------------------------------------------- */

/* Five tries within the lease: a server that restarts takes a while to recover. A backend of ours
 * that nobody listens to any more may hold the row, or wait for a standby: it is ended. */
static enum sq_err reconnect(struct store_postgres *s)
{
    int64_t share_ms = s->lease_ms / RECONNECTS;
    enum sq_err error = SQ_ERR_IO;
    for (int i = 0; i < RECONNECTS && error != SQ_ERR_OK; i++) {
        int64_t next = pg_now_ms() + share_ms;
        error = store_postgres_connect(s, share_ms);
        int64_t rest_ms = next - pg_now_ms();
        if (error != SQ_ERR_OK && rest_ms > 0 && i + 1 < RECONNECTS)
            nanosleep(&(struct timespec){rest_ms / 1000, rest_ms % 1000 * 1000000}, NULL);
    }
    if (error == SQ_ERR_OK) {
        s->main.wait_ms = s->lease_ms;
        store_postgres_end_session(s, s->application);
    }
    return error;
}

/*
 * COMMITTED, UNKNOWN for "not there", or REFUSED with the error. The confirmation is a commit of
 * its own: when it is durable, on standbys too, so is all that was committed before it.
 */
static enum outcome ask(struct store_postgres *s, const struct end *end, enum sq_err *error)
{
    struct end now = {0};
    *error = pg_is_up(&s->main) ? SQ_ERR_OK : reconnect(s);
    if (*error == SQ_ERR_OK)
        *error = store_postgres_tip(s, &now.id, now.hash);
    if (*error == SQ_ERR_OK)
        *error = store_postgres_confirm(s);
    if (*error != SQ_ERR_OK)
        return REFUSED;
    if (now.id == end->id && memcmp(now.hash, end->hash, HASH_SIZE) == 0)
        return COMMITTED;
    if (now.id == s->tip && memcmp(now.hash, s->hash, HASH_SIZE) == 0)
        return UNKNOWN;
    snprintf(s->why, sizeof s->why, "the journal goes on otherwise under our epoch");
    *error = SQ_ERR_DAMAGED;
    return REFUSED;
}

static enum sq_err settle(struct store_postgres *s, const struct sq_turn *turn, struct end *end)
{
    enum sq_err error;
    enum outcome outcome = ask(s, end, &error);
    if (outcome == UNKNOWN) {
        outcome = attempt(s, turn, end, &error);
        if (outcome == UNKNOWN)
            outcome = ask(s, end, &error);
    }
    if (outcome == UNKNOWN) {
        snprintf(s->why, sizeof s->why, "two attempts to commit were not answered");
        error = SQ_ERR_IO;
    }
    return outcome == COMMITTED ? SQ_ERR_OK : error;
}

/* ---- commit ---------------------------------------------------------------------------------- */

static enum sq_err commit_turn(struct store_postgres *s, const struct sq_turn *turn,
                               struct end *end)
{
    enum sq_err error = pg_is_up(&s->main) ? SQ_ERR_OK : reconnect(s);
    if (error != SQ_ERR_OK)
        return error;
    enum outcome outcome = attempt(s, turn, end, &error);
    return outcome == COMMITTED ? SQ_ERR_OK : outcome == REFUSED ? error : settle(s, turn, end);
}

/* After an error that is neither a full disk nor a conflict this store writes no more. */
enum sq_err store_postgres_commit(struct sq_store *store, const struct sq_turn *turn)
{
    struct store_postgres *s = store_postgres_of(store);
    struct end end = {0};
    if (s->dead)
        return s->dead;
    if (s->epoch == 0) {
        snprintf(s->why, sizeof s->why, "book %s is not claimed", s->book);
        return SQ_ERR_LOCKED;
    }
    const char *reason = turn_check(turn, s->last_seq);
    if (reason) {
        snprintf(s->why, sizeof s->why, "%s", reason);
        return SQ_ERR_CONFLICT;
    }
    enum sq_err error = commit_turn(s, turn, &end);
    if (error == SQ_ERR_OK) {
        memcpy(s->hash, end.hash, HASH_SIZE);
        s->tip = end.id;
        s->last_seq = turn->inputs[turn->input_count - 1].seq;
        s->hook = NULL;
    } else if (error != SQ_ERR_DISK_FULL && error != SQ_ERR_CONFLICT) {
        s->dead = error;
    }
    return error;
}
