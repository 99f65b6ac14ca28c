/*
 * store_postgres_test.c - who owns a book on PostgreSQL; opening; what is large
 *
 * The suite of the port runs on this store too, in store_test.c; commits whose answer is lost, in
 * store_lost_test.c.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"
#include "tests/postgres_bed.h"
#include "tests/rivals.h"

/* ---- ownership ------------------------------------------------------------------------------- */

static void test_one_owner(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS),
                    *b = rival_open("srv-b", LONG_LEASE_MS);
    assert_int_equal(rival_commit(a), SQ_ERR_LOCKED); /* not claimed */
    assert_int_equal(rival_beat(a), SQ_ERR_FENCED);
    assert_int_equal(rival_claim(a), 1);
    assert_int_equal(rival_claim(a), 1); /* it is ours already */
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    rival_expect_locked(b, "srv-a");
    assert_int_equal(rival_commit(b), SQ_ERR_LOCKED);
    assert_true(store_postgres_lease_left_ms(a) > LONG_LEASE_MS / 2);
    assert_true(store_postgres_lease_left_ms(b) <= 0);
    rival_close(&a); /* it died: its lease goes on */
    rival_expect_locked(b, "srv-a");
    rival_close(&b);
}

static void test_released_is_free_at_once(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS),
                    *b = rival_open("srv-b", LONG_LEASE_MS);
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    assert_int_equal(store_postgres_release(a), SQ_ERR_OK);
    assert_int_equal(rival_commit(a), SQ_ERR_LOCKED);
    assert_int_equal(rival_beat(a), SQ_ERR_FENCED);
    assert_int_equal(rival_claim(b), 2);
    assert_int_equal(store_postgres_release(a), SQ_ERR_FENCED); /* not a's to give */
    assert_int_equal(rival_commit(b), SQ_ERR_OK);
    rival_expect_rows(b, 2);
    rival_close(&a);
    rival_close(&b);
}

static void test_beats_keep_it(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", CALM_LEASE_MS),
                    *b = rival_open("srv-b", CALM_LEASE_MS);
    rival_claim(a);
    for (int i = 0; i < 8; i++) {
        rival_pause_ms(CALM_LEASE_MS / 5);
        assert_int_equal(rival_beat(a), SQ_ERR_OK);
        rival_expect_locked(b, "srv-a");
    }
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    rival_close(&a);
    rival_close(&b);
}

/* The one that was paused: everything it tries afterwards is refused by the database. */
static void test_old_owner_is_fenced(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LEASE_MS), *b = rival_open("srv-b", LONG_LEASE_MS);
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    rival_pause_ms(LEASE_MS + 50);
    assert_true(store_postgres_lease_left_ms(a) <= 0);
    assert_int_equal(rival_commit(a), SQ_ERR_OK); /* late, but nobody has taken over */
    assert_int_equal(rival_claim(b), 2);
    assert_int_equal(b->ops->last_seq(b), 2); /* what a wrote after b was opened */
    assert_int_equal(rival_commit(a), SQ_ERR_FENCED);
    assert_int_equal(rival_commit(a), SQ_ERR_FENCED);
    assert_int_equal(rival_beat(a), SQ_ERR_FENCED);
    save_snapshot(&(struct bed){.store = b}, 2, "B");
    assert_int_equal(a->ops->save_snapshot(a, 2, 1, NULL, 0), SQ_ERR_FENCED);
    assert_int_equal(rival_commit(b), SQ_ERR_OK);
    rival_expect_rows(b, 3);
    rival_expect_locked(a, "srv-b"); /* it may stand by */
    assert_int_equal(store_postgres_release(b), SQ_ERR_OK);
    assert_int_equal(rival_claim(a), 3);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    rival_expect_rows(a, 4);
    rival_close(&a);
    rival_close(&b);
}

/* A process that is stopped in mid-commit holds the book's row: that must not keep others out. */
static void test_owner_stopped_in_mid_commit(void **state)
{
    (void)state;
    char sql[240];
    struct sq_store *a = rival_open("srv-a", CALM_LEASE_MS),
                    *b = rival_open("srv-b", CALM_LEASE_MS);
    rival_claim(a);
    PGconn *stopped = PQconnectdb(postgres_bed());
    snprintf(sql, sizeof sql,
             "SELECT set_config('application_name', session, false) FROM ownership"
             " WHERE book = '%s'; BEGIN; SELECT FROM ownership WHERE book = '%s' FOR KEY SHARE",
             rivals_bed.book, rivals_bed.book);
    PQclear(PQexec(stopped, sql));
    assert_int_equal(PQtransactionStatus(stopped), PQTRANS_INTRANS);
    rival_expect_locked(b, "srv-a");
    rival_pause_ms(CALM_LEASE_MS + 50);
    assert_int_equal(rival_claim(b), 2);
    PQfinish(stopped);
    assert_int_equal(rival_commit(b), SQ_ERR_OK);
    assert_int_equal(rival_commit(a), SQ_ERR_FENCED);
    rival_close(&a);
    rival_close(&b);
}

/* Same epoch, but the journal is not what this store knows: nothing may be written over it. */
static void test_journal_written_around_us(void **state)
{
    (void)state;
    char sql[200];
    struct sq_store *a = rival_open("srv-a", LEASE_MS);
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    snprintf(sql, sizeof sql,
             "INSERT INTO journal SELECT book, volume, id + (1 << 20), time, is_input, kind, body,"
             " hash FROM journal WHERE book = '%s'",
             rivals_bed.book);
    postgres_bed_sql(sql);
    assert_int_equal(rival_commit(a), SQ_ERR_DAMAGED);
    rival_close(&a);
}

static void test_end_without_hash(void **state)
{
    (void)state;
    char sql[120], why[256];
    struct sq_store *a = rival_open("srv-a", LEASE_MS), *none;
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    snprintf(sql, sizeof sql, "UPDATE journal SET hash = NULL WHERE book = '%s'", rivals_bed.book);
    postgres_bed_sql(sql);
    assert_int_equal(store_postgres_open(postgres_bed(), rivals_bed.book, "srv-b", LEASE_MS, &none,
                                         why, sizeof why),
                     SQ_ERR_DAMAGED);
    assert_null(none);
    rival_close(&a);
}

static void test_books_are_apart(void **state)
{
    (void)state;
    struct sq_store *one = rival_open("srv-a", LEASE_MS);
    rivals_bed.kind->set_up(&rivals_bed);
    struct sq_store *other = rival_open("srv-a", LEASE_MS);
    rival_claim(one);
    rival_claim(other);
    rivals_bed.store = one;
    assert_int_equal(commit_intent(&rivals_bed, 5, 100), SQ_ERR_OK);
    rivals_bed.seq = 0;
    rivals_bed.store = other;
    assert_int_equal(commit_intent(&rivals_bed, 5, 101), SQ_ERR_OK); /* an id of another book */
    assert_int_equal(commit_intent(&rivals_bed, 5, 102), SQ_ERR_CONFLICT);
    save_snapshot(&rivals_bed, 1, "O");
    rival_expect_rows(one, 1);
    uint64_t seq, digest;
    struct seen seen = {0};
    assert_int_equal(one->ops->load_snapshot(one, see_row, &seen, &seq, &digest), SQ_ERR_NOT_FOUND);
    rival_close(&one);
    rival_close(&other);
}

static void test_volumes(void **state)
{
    (void)state;
    char sql[120];
    struct sq_store *a = rival_open("srv-a", LEASE_MS), *b = rival_open("srv-b", LEASE_MS);
    rival_claim(a);
    rivals_bed.store = a;
    assert_int_equal(commit_intent(&rivals_bed, 5, 100), SQ_ERR_OK);
    save_snapshot(&rivals_bed, 1, "A");
    assert_int_equal(store_postgres_new_volume(a), SQ_ERR_OK);
    assert_int_equal(a->ops->last_seq(a), 0);
    rivals_bed.seq = 0;
    assert_int_equal(commit_intent(&rivals_bed, 5, 101), SQ_ERR_OK); /* an id of another day */
    rival_expect_rows(a, 1);
    snprintf(sql, sizeof sql, "SELECT count(DISTINCT volume) FROM journal WHERE book = '%s'",
             rivals_bed.book);
    assert_int_equal(rival_number(sql), 2); /* the day before is where it was */
    assert_int_equal(store_postgres_release(a), SQ_ERR_OK);
    rival_claim(b);
    assert_int_equal(b->ops->last_seq(b), 1);
    assert_int_equal(store_postgres_new_volume(a), SQ_ERR_FENCED);
    assert_int_equal(rival_commit(b), SQ_ERR_OK);
    rival_expect_rows(b, 2);
    rival_close(&a);
    rival_close(&b);
}

/* ---- a race ---------------------------------------------------------------------------------- */

enum { RACERS = 3, RACE_MS = 4000, RACE_LEASE_MS = 200, RACE_SEQS = 200000 };

struct racer {
    pthread_t thread;
    struct sq_store *store;
    char name[8];
    uint32_t epochs, commits, fenced;
    uint32_t unknown; /* not answered in time: in the journal or not */
    _Atomic int64_t *until_ms;
    char (*wrote)[8]; /* who was told OK for a seq */
};

/* A turn that says who wrote it. */
static enum sq_err commit_named(struct racer *r, struct made *made, uint64_t seq)
{
    turn_begin(made);
    struct bed at = {.seq = seq - 1};
    struct sq_message *input = turn_input(&at, made, SQ_CLIENT);
    memcpy(input->as.client.code, r->name, sizeof r->name);
    return r->store->ops->commit(r->store, &made->turn);
}

/* Commits as fast as it can and never beats: again and again it is replaced while it writes. */
static void *race(void *owner)
{
    struct racer *r = owner;
    struct made *made = malloc(sizeof *made);
    while (made && rival_now_ms() < *r->until_ms) {
        uint32_t epoch;
        enum sq_err error = store_postgres_claim(r->store, &epoch);
        r->epochs += error == SQ_ERR_OK;
        while (error == SQ_ERR_OK && rival_now_ms() < *r->until_ms) {
            uint64_t seq = r->store->ops->last_seq(r->store) + 1;
            error = commit_named(r, made, seq);
            if (error == SQ_ERR_OK && seq < RACE_SEQS) {
                memcpy(r->wrote[seq], r->name, sizeof r->name);
                r->commits++;
            }
        }
        r->fenced += error == SQ_ERR_FENCED;
        r->unknown += error == SQ_ERR_IO;
        rival_pause_ms(2);
    }
    free(made);
    return NULL;
}

struct judged {
    char (*wrote)[8];
    uint32_t differ;
    uint64_t seen;
};

static int judge_row(void *owner, const struct sq_message *m, bool is_input)
{
    struct judged *j = owner;
    const char *claimed = m->seq < RACE_SEQS ? j->wrote[m->seq] : "";
    j->seen += is_input;
    j->differ += claimed[0] != '\0' && memcmp(claimed, m->as.client.code, 3) != 0;
    return 0;
}

static void test_race_of_owners(void **state)
{
    (void)state;
    _Atomic int64_t until = rival_now_ms() + RACE_MS;
    char(*wrote)[8] = calloc(RACE_SEQS, sizeof *wrote);
    struct racer racers[RACERS] = {0};
    uint32_t epochs = 0, commits = 0, fenced = 0, unknown = 0;
    for (int i = 0; i < RACERS; i++) {
        racers[i].store = rival_open("racer", RACE_LEASE_MS);
        racers[i].until_ms = &until;
        racers[i].wrote = wrote;
        memcpy(racers[i].name, (char[]){'R', '-', (char)('0' + i)}, 3);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_create(&racers[i].thread, NULL, race, &racers[i]);
    for (int i = 0; i < RACERS; i++) {
        pthread_join(racers[i].thread, NULL);
        epochs += racers[i].epochs;
        commits += racers[i].commits;
        fenced += racers[i].fenced;
        unknown += racers[i].unknown;
    }
    struct judged judged = {.wrote = wrote};
    struct sq_store *reader = racers[0].store;
    assert_int_equal(reader->ops->read(reader, 0, judge_row, &judged), SQ_ERR_OK);
    printf("# %u claims, %u commits, %u fenced, %u unknown\n", epochs, commits, fenced, unknown);
    assert_int_equal(judged.differ, 0);
    assert_in_range(judged.seen, commits, commits + unknown); /* each OK, and nothing else */
    assert_true(epochs > 3 && fenced > 2);
    for (int i = 0; i < RACERS; i++)
        racers[i].store->ops->destroy(racers[i].store);
    free(wrote);
}

/* ---- large and small ------------------------------------------------------------------------- */

enum { MANY = 10000 };

/* More rows than go into one statement, or come back in one page. */
static void test_large_turn_and_snapshot(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS);
    struct sq_message *rows = calloc(MANY, sizeof *rows);
    struct sq_message input = {.seq = 1, .time = 1, .kind = SQ_TIME};
    struct sq_turn turn = {&input, 1, rows, MANY};
    struct seen seen = {0};
    uint64_t seq, digest;
    for (int i = 0; i < MANY; i++) {
        rows[i].seq = 1;
        rows[i].time = 1;
        rows[i].kind = SQ_CLIENT;
        snprintf(rows[i].as.client.code, sizeof rows[i].as.client.code, "C%d", i);
    }
    rival_claim(a);
    assert_int_equal(a->ops->commit(a, &turn), SQ_ERR_OK);
    assert_int_equal(a->ops->read(a, 0, see_row, &seen), SQ_ERR_OK);
    assert_int_equal(seen.events, MANY);
    assert_int_equal(a->ops->save_snapshot(a, 1, 7, rows, MANY), SQ_ERR_OK);
    seen = (struct seen){0};
    assert_int_equal(a->ops->load_snapshot(a, see_row, &seen, &seq, &digest), SQ_ERR_OK);
    assert_int_equal(seen.events, MANY);
    assert_int_equal(digest, 7);
    free(rows);
    rival_close(&a);
}

/* In one turn: a close ends, the next begins on its position, and ends, a hundred positions. */
static void test_places_change_hands_in_a_turn(void **state)
{
    (void)state;
    static const enum sq_close_state states[] = {SQ_CLOSE_WORKING, SQ_CLOSE_DONE, SQ_CLOSE_WORKING,
                                                 SQ_CLOSE_DONE, SQ_CLOSE_WORKING};
    enum { STATES = 5, POSITIONS = 100 };
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS);
    static struct sq_message events[STATES * POSITIONS];
    struct sq_message input = {.seq = 1, .time = 1, .kind = SQ_TIME};
    struct sq_turn turn = {&input, 1, events, STATES * POSITIONS};
    for (uint32_t i = 0; i < STATES * POSITIONS; i++) {
        struct sq_close *c = &events[i].as.close;
        events[i].seq = 1;
        events[i].time = 1;
        events[i].kind = SQ_CLOSE;
        c->no = (i % STATES) / 2 * POSITIONS + i / STATES + 1;
        c->key.token = i / STATES;
        memcpy(c->key.client, "C10421", 6);
        c->state = (uint8_t)states[i % STATES];
    }
    rival_claim(a);
    assert_int_equal(a->ops->commit(a, &turn), SQ_ERR_OK);
    char sql[120];
    snprintf(sql, sizeof sql, "SELECT count(*) FROM claim WHERE book = '%s' AND what = 2",
             rivals_bed.book);
    assert_int_equal(rival_number(sql), POSITIONS); /* the third close of each is open */
    rival_close(&a);
}

/* Rows that indexes had to look at, all books together; told when a backend has ended. */
static long long rows_looked_at(void)
{
    rival_pause_ms(300);
    return rival_number("SELECT sum(idx_tup_read) FROM pg_stat_user_indexes WHERE relname IN"
                        " ('claim', 'journal')");
}

/* Plans that are made while tables are empty must not read the whole day at each turn. */
static void test_turns_cost_the_same_all_day(void **state)
{
    (void)state;
    enum { TURNS = 300 };
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS);
    rival_claim(a);
    long long before = rows_looked_at();
    rivals_bed.store = a;
    for (uint64_t i = 1; i <= TURNS; i++)
        assert_int_equal(commit_intent(&rivals_bed, i, i * 7), SQ_ERR_OK);
    rival_close(&a);
    long long looked = rows_looked_at() - before;
    assert_true(looked >= TURNS - 1); /* the end of the journal, each time */
    assert_true(looked < TURNS * 10);
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum sq_err try_open(const char *conninfo, const char *book, const char *server,
                            int64_t lease_ms, char *why, size_t why_room)
{
    struct sq_store *store;
    enum sq_err error =
        store_postgres_open(conninfo, book, server, lease_ms, &store, why, why_room);
    if (store)
        store->ops->destroy(store);
    return error;
}

static void test_what_cannot_be_opened(void **state)
{
    (void)state;
    static const struct {
        const char *book, *server;
        int64_t lease_ms;
    } bad[] = {{"mum", "a", 1000}, {"MU", "a", 1000}, {"MUMB", "a", 1000}, {"M'M", "a", 1000},
               {"MUM", "", 1000},  {"MUM", "a", 10},  {"", "a", LEASE_MS}};
    char why[256], conninfo[128];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            try_open(postgres_bed(), bad[i].book, bad[i].server, bad[i].lease_ms, why, sizeof why),
            SQ_ERR_IO);
    assert_int_equal(try_open("no conninfo", "MUM", "a", 1000, why, sizeof why), SQ_ERR_IO);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=1 password=sesame");
    why[0] = '\0';
    assert_int_equal(try_open(conninfo, "MUM", "a", 1000, why, sizeof why), SQ_ERR_IO);
    assert_true(why[0] != '\0');
    assert_null(strstr(why, "sesame"));
}

static void *open_fresh(void *owner)
{
    char conninfo[128], why[256];
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=sq dbname=fresh",
             postgres_bed_port());
    *(enum sq_err *)owner = try_open(conninfo, "MUM", "a", 5000, why, sizeof why);
    return NULL;
}

/* Four servers start on an empty database at the same moment. */
static void test_schema_is_made_once(void **state)
{
    (void)state;
    pthread_t threads[4];
    enum sq_err errors[4];
    char conninfo[128], why[256];
    postgres_bed_sql("CREATE DATABASE fresh");
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, open_fresh, &errors[i]);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < 4; i++)
        assert_int_equal(errors[i], SQ_ERR_OK);
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=sq dbname=fresh",
             postgres_bed_port());
    PGconn *conn = PQconnectdb(conninfo);
    PQclear(PQexec(conn, "INSERT INTO schema_step VALUES (1000, now())"));
    PQfinish(conn);
    assert_int_equal(try_open(conninfo, "MUM", "a", 1000, why, sizeof why), SQ_ERR_VERSION);
    assert_non_null(strstr(why, "1000"));
}

static void test_no_postgres(void **state)
{
    (void)state;
    check_skip("ownership on PostgreSQL: no postgres is installed");
}

#define T(test) cmocka_unit_test_setup_teardown(test, rivals_set_up, rivals_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_one_owner),
        T(test_released_is_free_at_once),
        T(test_beats_keep_it),
        T(test_old_owner_is_fenced),
        T(test_owner_stopped_in_mid_commit),
        T(test_journal_written_around_us),
        T(test_end_without_hash),
        T(test_books_are_apart),
        T(test_volumes),
        T(test_race_of_owners),
        T(test_large_turn_and_snapshot),
        T(test_places_change_hands_in_a_turn),
        T(test_turns_cost_the_same_all_day),
        T(test_what_cannot_be_opened),
        T(test_schema_is_made_once),
    };
    const struct CMUnitTest without[] = {cmocka_unit_test(test_no_postgres)};
    return postgres_bed_program("postgres") ? cmocka_run_group_tests(tests, NULL, NULL)
                                            : cmocka_run_group_tests(without, NULL, NULL);
}
