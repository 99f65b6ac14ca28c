/*
 * bench_store.c - durable orders: one at a time beside the floor (append and fdatasync),
 * and in turns of 32 and 256; then how fast a journal is read back, verified
 *
 * The folder is TMPDIR or /tmp: on a memory file system the figures say nothing about a disk.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/store_memory.h"
#include "db/store_sqlite.h"
#include "tests/order_turns.h"

enum { SINGLES = 4000, GROUPED = 65536 };

static char folder[256];

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

/* ---- measuring ------------------------------------------------------------------------------- */

static double median(double *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, by_value);
    printf("  p50 %.1f us, p99 %.1f us, max %.1f us\n", times[count / 2], times[count * 99 / 100],
           times[count - 1]);
    return times[count / 2];
}

/* The least that durable means: the bytes at the end of a file, and fdatasync. */
static double floor_us(size_t length, bool allocated)
{
    static double times[SINGLES];
    char path[300], *bytes = calloc(1, length + 1);
    snprintf(path, sizeof path, "%s/floor", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (allocated && posix_fallocate(fd, 0, (off_t)(length * SINGLES)) != 0)
        perror("posix_fallocate");
    for (int i = 0; i < SINGLES; i++) {
        double from = now_us();
        if (pwrite(fd, bytes, length, (off_t)(length * (size_t)i)) != (ssize_t)length ||
            fdatasync(fd) != 0)
            perror("floor");
        times[i] = now_us() - from;
    }
    close(fd);
    unlink(path);
    free(bytes);
    printf("%s + fdatasync, %zu bytes:", allocated ? "overwrite allocated space" : "append",
           length);
    return median(times, SINGLES);
}

static double single_us(struct sq_store *store)
{
    static double times[SINGLES];
    for (int i = 0; i < SINGLES; i++) {
        struct sq_turn turn = order_turn(1);
        double from = now_us();
        if (store->ops->commit(store, &turn) != SQ_ERR_OK)
            printf("commit: %s\n", store->ops->why(store));
        times[i] = now_us() - from;
    }
    printf("one durable turn of one order:");
    return median(times, SINGLES);
}

/* Time of this process on a processor: on a busy machine it says more than the clock. */
static double cpu_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double orders_per_second(struct sq_store *store, uint32_t group)
{
    double used = 0, cpu = cpu_us();
    for (uint32_t i = 0; i < GROUPED; i += group) {
        struct sq_turn turn = order_turn(group);
        double from = now_us();
        if (store->ops->commit(store, &turn) != SQ_ERR_OK)
            printf("commit: %s\n", store->ops->why(store));
        used += now_us() - from;
    }
    printf("turns of %u: %.2f us of processor an order\n", group, (cpu_us() - cpu) / GROUPED);
    return GROUPED / used * 1e6;
}

static double floor_per_second(size_t length, uint32_t group)
{
    char path[300], *bytes = calloc(1, length + 1);
    snprintf(path, sizeof path, "%s/floor", folder);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    double from = now_us();
    for (uint32_t i = 0; i < GROUPED; i += group)
        if (write(fd, bytes, length) != (ssize_t)length || fdatasync(fd) != 0)
            perror("floor");
    double used = now_us() - from;
    close(fd);
    unlink(path);
    free(bytes);
    return GROUPED / used * 1e6;
}

static int count_row(void *owner, const struct sq_message *m, bool is_input)
{
    (void)m;
    (void)is_input;
    ++*(uint64_t *)owner;
    return 0;
}

static void row(const char *name, double ours, double floor, bool less_is_better, const char *unit,
                const char *goal)
{
    printf("%s | %.0f %s | %.0f %s | %.2f | %s\n", name, ours, unit, floor, unit,
           less_is_better ? ours / floor : ours / floor, goal);
}

int main(void)
{
    const char *parent = getenv("TMPDIR");
    char why[256];
    enum sq_err error;
    snprintf(folder, sizeof folder, "%s/bench-store-XXXXXX", parent ? parent : "/tmp");
    if (mkdtemp(folder) == NULL)
        return perror(folder), 1;
    struct sq_store *store = store_sqlite_open(folder, NULL, &error, why, sizeof why);
    if (store == NULL)
        return fprintf(stderr, "%s\n", why), 1;
    struct sq_turn turn = order_turn(1);
    size_t one = order_turn_bytes(&turn);
    order_turn_restart();
    double append = floor_us(one, false), over = floor_us(one, true), ours = single_us(store);
    row("durable order, one a turn, p50 (append)", ours, append, true, "us", "<= 1.3");
    row("durable order, one a turn, p50 (overwrite)", ours, over, true, "us", "");
    static const uint32_t groups[] = {32, 256};
    for (size_t i = 0; i < 2; i++) {
        char name[64];
        snprintf(name, sizeof name, "durable orders in turns of %u", groups[i]);
        row(name, orders_per_second(store, groups[i]), floor_per_second(one * groups[i], groups[i]),
            false, "/s", ">= 100,000/s");
    }
    uint64_t rows = 0;
    double from = now_us();
    store->ops->read(store, 0, count_row, &rows);
    double used = now_us() - from;
    printf("journal read back and verified | %.0f rows/s | - | - | \n", (double)rows / used * 1e6);
    store->ops->destroy(store);
    from = now_us();
    store = store_sqlite_open(folder, NULL, &error, why, sizeof why);
    printf("state opened and checked, %llu rows | %.1f ms | - | - | \n", (unsigned long long)rows,
           (now_us() - from) / 1e3);
    store->ops->destroy(store);
    store = store_memory_create();
    order_turn_restart();
    printf("memory store in turns of 32 | %.0f /s | - | - | \n", orders_per_second(store, 32));
    store->ops->destroy(store);
    static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "lock",
                                        "ballast"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    return rmdir(folder);
}
