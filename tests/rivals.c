/* rivals.c - a book on PostgreSQL, and those who want it */
#include "tests/rivals.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/check.h"
#include "tests/postgres_bed.h"

struct bed rivals_bed = {.name = "PostgreSQL", .kind = &bed_postgres};
void rival_pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

int64_t rival_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

long long rival_number(const char *sql)
{
    PGconn *conn = PQconnectdb(postgres_bed());
    PGresult *result = PQexec(conn, sql);
    long long value = PQntuples(result) == 1 ? atoll(PQgetvalue(result, 0, 0)) : -1;
    PQclear(result);
    PQfinish(conn);
    return value;
}

int rivals_set_up(void **state)
{
    (void)state;
    rivals_bed.seq = 0;
    rivals_bed.store = NULL;
    rivals_bed.kind->set_up(&rivals_bed);
    return 0;
}

int rivals_tear_down(void **state)
{
    (void)state;
    bed_close(&rivals_bed);
    return 0;
}

struct sq_store *rival_open(const char *server, int64_t lease_ms)
{
    return bed_postgres_open(rivals_bed.book, server, lease_ms);
}

uint32_t rival_claim(struct sq_store *store)
{
    uint32_t epoch = 0;
    enum sq_err error = store_postgres_claim(store, &epoch);
    if (error != SQ_ERR_OK)
        fail_msg("claim: %s: %s", sq_strerror(error), store->ops->why(store));
    return epoch;
}

void rival_expect_locked(struct sq_store *store, const char *by)
{
    uint32_t epoch;
    assert_int_equal(store_postgres_claim(store, &epoch), SQ_ERR_LOCKED);
    assert_non_null(strstr(store->ops->why(store), by));
}

enum sq_err rival_beat(struct sq_store *store)
{
    char why[256];
    return store_postgres_beat(store, why, sizeof why);
}

enum sq_err rival_commit(struct sq_store *store)
{
    rivals_bed.store = store;
    rivals_bed.seq = store->ops->last_seq(store);
    return commit_plain(&rivals_bed);
}

void rival_close(struct sq_store **store)
{
    if (rivals_bed.store == *store)
        rivals_bed.store = NULL;
    (*store)->ops->destroy(*store);
    *store = NULL;
}

void rival_expect_rows(struct sq_store *store, uint64_t inputs)
{
    struct seen seen = {0};
    assert_int_equal(store->ops->read(store, 0, see_row, &seen), SQ_ERR_OK);
    assert_int_equal(seen.inputs, inputs);
    assert_true(inputs == 0 || seen.in_order);
}
