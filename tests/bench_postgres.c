/*
 * bench_postgres.c - durable turns on PostgreSQL, of 1 and of 64 orders, beside what pgbench gets
 * from the same server with a table that has no rules: one connection, one transaction, as many
 * rows and bytes
 *
 * The server is started for this, with fsync on, under TMPDIR or /tmp: on a memory file system the
 * figures say nothing about a disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "db/store_postgres.h"
#include "tests/order_turns.h"
#include "tests/postgres_bed.h"

enum { WARM = 200, SINGLES = 3000, GROUP = 64, GROUPS = 300, ROWS_AN_ORDER = 5, SECONDS = 3 };

static double times[SINGLES];

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Microseconds a turn, on average. */
static double turns_us(struct sq_store *store, uint32_t group, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++) {
        struct sq_turn turn = order_turn(group);
        double from = now_us();
        if (store->ops->commit(store, &turn) != SQ_ERR_OK)
            printf("commit: %s\n", store->ops->why(store));
        times[i] = now_us() - from;
        sum += times[i];
    }
    qsort(times, (size_t)count, sizeof *times, by_value);
    printf("turns of %u: p50 %.0f us, p99 %.0f us, max %.0f us\n", group, times[count / 2],
           times[count * 99 / 100], times[count - 1]);
    return sum / count;
}

/* Transactions a second of one pgbench client that inserts `rows` rows of `bytes` together. */
static double pgbench_tps(int rows, size_t bytes)
{
    char script[] = "/tmp/squareoff-pgbench-XXXXXX", command[700], line[256];
    const char *pgbench = postgres_bed_program("pgbench");
    double tps = 0;
    int fd = mkstemp(script);
    FILE *file = fdopen(fd, "w");
    fprintf(file,
            "INSERT INTO floor SELECT nextval('floor_no'), decode(repeat('5a', %zu), 'hex')"
            " FROM generate_series(1, %d);\n",
            bytes / (size_t)rows, rows);
    fclose(file);
    snprintf(command, sizeof command,
             "%s -n -M prepared -c 1 -T %d -h 127.0.0.1 -p %d -U sq -f %s postgres 2>/dev/null",
             pgbench, SECONDS, postgres_bed_port(), script);
    FILE *pipe = popen(command, "r");
    while (pipe && fgets(line, sizeof line, pipe))
        sscanf(line, "tps = %lf", &tps);
    if (pipe)
        pclose(pipe);
    remove(script);
    return tps;
}

static int count_row(void *owner, const struct sq_message *m, bool is_input)
{
    (void)m;
    (void)is_input;
    ++*(uint64_t *)owner;
    return 0;
}

static void measure(struct sq_store *store)
{
    turns_us(store, 1, WARM);
    struct sq_turn turn = order_turn(1);
    size_t bytes = order_turn_bytes(&turn);
    if (store->ops->commit(store, &turn) != SQ_ERR_OK)
        printf("commit: %s\n", store->ops->why(store));
    double one = turns_us(store, 1, SINGLES), many = turns_us(store, GROUP, GROUPS);
    double floor_one = pgbench_tps(ROWS_AN_ORDER, bytes);
    double floor_many = pgbench_tps(ROWS_AN_ORDER * GROUP, bytes * GROUP);
    printf("PostgreSQL: durable order, one a turn | %.0f us | %.0f us | %.2f | \n", one,
           1e6 / floor_one, one * floor_one / 1e6);
    printf("PostgreSQL: durable orders in turns of 64 | %.0f /s | %.0f /s | %.2f | \n",
           GROUP * 1e6 / many, GROUP * floor_many, 1e6 / many / floor_many);
    uint64_t rows = 0;
    double from = now_us();
    store->ops->read(store, 0, count_row, &rows);
    printf("PostgreSQL: journal read back and verified | %.0f rows/s | - | - | \n",
           (double)rows / (now_us() - from) * 1e6);
}

int main(void)
{
    struct sq_store *store;
    char why[256];
    uint32_t epoch;
    if (postgres_bed_program("pgbench") == NULL) {
        printf("no PostgreSQL is installed: make setup-test\n");
        return 0;
    }
    postgres_bed_sync();
    postgres_bed();
    postgres_bed_sql("CREATE TABLE floor (no bigint PRIMARY KEY, body bytea);"
                     "CREATE SEQUENCE floor_no CACHE 1000");
    if (store_postgres_open(postgres_bed(), "BEN", "bench", 60000, &store, why, sizeof why) ||
        store_postgres_claim(store, &epoch))
        return fprintf(stderr, "%s\n", why), 1;
    measure(store);
    store->ops->destroy(store);
    return 0;
}
