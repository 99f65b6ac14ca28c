/*
 * store_lost_test.c - commits on PostgreSQL whose answer is lost, and backends, servers and
 * standbys that die
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <string.h>

#include "tests/check.h"
#include "tests/postgres_bed.h"
#include "tests/postgres_proxy.h"
#include "tests/rivals.h"

static int proxy_port;

/* ---- commits whose answer is lost ------------------------------------------------------------ */

static struct sq_store *open_through_proxy(int64_t lease_ms)
{
    char conninfo[128], why[256] = "";
    struct sq_store *store;
    snprintf(conninfo, sizeof conninfo, "host=127.0.0.1 port=%d user=sq dbname=postgres",
             proxy_port);
    enum sq_err error =
        store_postgres_open(conninfo, rivals_bed.book, "srv-a", lease_ms, &store, why, sizeof why);
    if (error != SQ_ERR_OK)
        fail_msg("%s: %s", sq_strerror(error), why);
    return store;
}

/* Each fault leaves the journal with the turn, once, and the store at work. */
static void lose(enum proxy_fault fault, int64_t lease_ms)
{
    struct sq_store *a = open_through_proxy(lease_ms);
    int before = postgres_proxy_faults();
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    postgres_proxy_set(fault, NULL);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    assert_int_equal(postgres_proxy_faults(), before + 1);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    assert_int_equal(a->ops->last_seq(a), 3);
    rival_expect_rows(a, 3);
    rival_close(&a);
}

static void test_answer_of_commit_lost(void **state)
{
    (void)state;
    lose(PROXY_LOSE_ANSWER, LONG_LEASE_MS);
}

static void test_commit_never_arrives(void **state)
{
    (void)state;
    lose(PROXY_LOSE_REQUEST, LONG_LEASE_MS);
}

/* Here it is the deadline that ends the line, and the server's backend still holds the row. */
static void test_line_falls_silent(void **state)
{
    (void)state;
    lose(PROXY_SILENCE, CALM_LEASE_MS);
}

/* A conflict is told as such after a reconnection too. */
static void test_ids_after_lost_answer(void **state)
{
    (void)state;
    struct sq_store *a = open_through_proxy(LONG_LEASE_MS);
    rival_claim(a);
    rivals_bed.store = a;
    postgres_proxy_set(PROXY_LOSE_ANSWER, NULL);
    assert_int_equal(commit_intent(&rivals_bed, 5, 100), SQ_ERR_OK);
    assert_int_equal(commit_intent(&rivals_bed, 5, 101), SQ_ERR_CONFLICT);
    assert_int_equal(commit_intent(&rivals_bed, 6, 101), SQ_ERR_OK);
    rival_close(&a);
}

static void another_takes_over(void)
{
    char sql[240];
    snprintf(sql, sizeof sql,
             "BEGIN; SELECT FROM ownership WHERE book = '%s' FOR UPDATE; UPDATE ownership SET"
             " epoch = epoch + 1, owner = 'srv-b' WHERE book = '%s'; COMMIT",
             rivals_bed.book, rivals_bed.book);
    postgres_bed_sql(sql);
}

/* The turn is in the journal; who has been replaced does not act on it. */
static void test_replaced_before_the_answer(void **state)
{
    (void)state;
    struct sq_store *a = open_through_proxy(LONG_LEASE_MS);
    rival_claim(a);
    postgres_proxy_set(PROXY_LOSE_ANSWER, another_takes_over);
    assert_int_equal(rival_commit(a), SQ_ERR_FENCED);
    rival_expect_rows(a, 1);
    rival_close(&a);
}

/* COMMIT never comes, and until the line has ended the row is locked: who wants the book waits. */
static void *take_over_meanwhile(void *owner)
{
    (void)owner;
    another_takes_over();
    return NULL;
}

static pthread_t taker;

static void begin_to_take_over(void)
{
    pthread_create(&taker, NULL, take_over_meanwhile, NULL);
    rival_pause_ms(100);
}

static void test_replaced_before_the_second_try(void **state)
{
    (void)state;
    struct sq_store *a = open_through_proxy(LONG_LEASE_MS);
    rival_claim(a);
    postgres_proxy_set(PROXY_LOSE_REQUEST, begin_to_take_over);
    enum sq_err error = rival_commit(a);
    pthread_join(taker, NULL);
    assert_int_equal(error, SQ_ERR_FENCED);
    rival_expect_rows(a, 0);
    rival_close(&a);
}

/* ---- backends and servers that die ----------------------------------------------------------- */

/* A turn that stops inside COMMIT, in a deferred trigger, as long as the test holds lock 7. */
static PGconn *hold_commits(void)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS"
             " $$ BEGIN PERFORM pg_advisory_xact_lock_shared(7); RETURN NULL; END $$;"
             " CREATE CONSTRAINT TRIGGER held AFTER INSERT ON journal DEFERRABLE INITIALLY"
             " DEFERRED FOR EACH ROW WHEN (new.book = '%s') EXECUTE FUNCTION held()",
             rivals_bed.book);
    postgres_bed_sql(sql);
    PGconn *conn = PQconnectdb(postgres_bed());
    PQclear(PQexec(conn, "SELECT pg_advisory_lock(7)"));
    return conn;
}

static const char waiting[] = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
                              " AND objid = 7 AND NOT granted";

static void *kill_who_waits(void *owner)
{
    PGconn *conn = owner;
    while (rival_number(waiting) <= 0)
        rival_pause_ms(5);
    PQclear(PQexec(conn, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype ="
                         " 'advisory' AND objid = 7 AND NOT granted"));
    PQclear(PQexec(conn, "SELECT pg_advisory_unlock(7)"));
    return NULL;
}

static void test_backend_killed_inside_commit(void **state)
{
    (void)state;
    pthread_t killer;
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS);
    rival_claim(a);
    PGconn *conn = hold_commits();
    pthread_create(&killer, NULL, kill_who_waits, conn);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    pthread_join(killer, NULL);
    PQfinish(conn);
    postgres_bed_sql("DROP TRIGGER held ON journal");
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    rival_expect_rows(a, 2);
    rival_close(&a);
}

static void test_backend_killed_between_commits(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS);
    rival_claim(a);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rival_commit(a), SQ_ERR_OK);
        assert_int_equal(rival_beat(a), SQ_ERR_OK);
        postgres_bed_sql("SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity"
                         " WHERE application_name LIKE 'squareoff%'");
    }
    assert_int_equal(rival_beat(a), SQ_ERR_OK);
    rival_expect_rows(a, 3);
    rival_close(&a);
}

static void *commit_meanwhile(void *owner)
{
    *(enum sq_err *)owner = commit_plain(&rivals_bed);
    return NULL;
}

static void test_server_restarts(void **state)
{
    (void)state;
    pthread_t committer;
    enum sq_err error;
    struct sq_store *a = rival_open("srv-a", LONG_LEASE_MS);
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    postgres_bed_crash();
    pthread_create(&committer, NULL, commit_meanwhile, &error);
    rival_pause_ms(300);
    postgres_bed_start();
    pthread_join(committer, NULL);
    assert_int_equal(error, SQ_ERR_OK);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    rival_expect_rows(a, 3);
    rival_close(&a);
}

/* Bounded: five tries within the lease, then it is over. */
static void test_server_stays_away(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LEASE_MS);
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    postgres_bed_crash();
    int64_t from = rival_now_ms();
    assert_int_equal(rival_beat(a), SQ_ERR_IO);
    assert_int_equal(rival_commit(a), SQ_ERR_IO);
    assert_true(rival_now_ms() - from < 10 * LEASE_MS);
    postgres_bed_start();
    assert_int_equal(rival_commit(a), SQ_ERR_IO); /* final */
    rival_expect_rows(a, 1);
    rival_close(&a);
}

/*
 * A primary whose synchronous standby is gone commits, but never says so. Cutting the wait short
 * makes the turn visible; that is not the durability that was asked for, so it is not OK.
 */
static void test_standby_gone(void **state)
{
    (void)state;
    struct sq_store *a = rival_open("srv-a", LEASE_MS);
    rival_claim(a);
    assert_int_equal(rival_commit(a), SQ_ERR_OK);
    postgres_bed_sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    postgres_bed_sql("SELECT pg_reload_conf()");
    rival_pause_ms(100);
    int64_t from = rival_now_ms();
    enum sq_err error = rival_commit(a);
    int64_t took = rival_now_ms() - from;
    postgres_bed_sql("ALTER SYSTEM RESET synchronous_standby_names");
    postgres_bed_sql("SELECT pg_reload_conf()");
    rival_pause_ms(100);
    assert_int_equal(error, SQ_ERR_IO);
    assert_true(took < 15 * LEASE_MS);
    rival_close(&a);
}

static void test_no_postgres(void **state)
{
    (void)state;
    check_skip("lost answers on PostgreSQL: no postgres is installed");
}

static int start_all(void **state)
{
    (void)state;
    postgres_bed();
    proxy_port = postgres_proxy_start();
    return 0;
}

static int tear_down(void **state)
{
    postgres_proxy_set(PROXY_NONE, NULL);
    return rivals_tear_down(state);
}

#define T(test) cmocka_unit_test_setup_teardown(test, rivals_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_answer_of_commit_lost),
        T(test_commit_never_arrives),
        T(test_line_falls_silent),
        T(test_ids_after_lost_answer),
        T(test_replaced_before_the_answer),
        T(test_replaced_before_the_second_try),
        T(test_backend_killed_inside_commit),
        T(test_backend_killed_between_commits),
        T(test_server_restarts),
        T(test_server_stays_away),
        T(test_standby_gone),
    };
    const struct CMUnitTest without[] = {cmocka_unit_test(test_no_postgres)};
    return postgres_bed_program("postgres") ? cmocka_run_group_tests(tests, start_all, NULL)
                                            : cmocka_run_group_tests(without, NULL, NULL);
}
