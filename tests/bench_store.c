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

#include "db/rows.h"
#include "db/store_memory.h"
#include "db/store_sqlite.h"

enum { SINGLES = 4000, GROUPED = 65536, GROUP_MAX = 256, INPUTS = 1, EVENTS = 4 };

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

/* ---- what one accepted order leaves in the journal ------------------------------------------- */

static struct sq_message inputs[GROUP_MAX * INPUTS], events[GROUP_MAX * EVENTS];
static uint64_t seq;

static struct sq_message *message(struct sq_message *m, enum sq_kind kind)
{
    memset(m, 0, sizeof *m);
    m->seq = seq;
    m->time = (sq_time)(1764136918000000 + seq * 100);
    m->kind = (uint16_t)kind;
    return m;
}

static void make_key(struct sq_key *key, uint64_t no)
{
    snprintf(key->client, sizeof key->client, "C%05u", (unsigned)(no % 1000));
    key->token = (uint32_t)(40000 + no % 4000);
    key->exchange = SQ_EXCHANGE_NFO;
    key->product = SQ_PRODUCT_NRML;
}

static void make_order(struct sq_order *o)
{
    o->no = seq;
    snprintf(o->clord, sizeof o->clord, "261126MUM%010llu", (unsigned long long)seq);
    make_key(&o->key, seq);
    o->close_no = seq;
    o->qty = o->leaves = 1755;
    o->limit = 11830;
    o->side = SQ_SIDE_BUY;
    o->state = SQ_ORDER_JOURNALLED;
    o->created = o->changed = (sq_time)(1764136918000000 + seq * 100);
    o->send_before = o->created + 2 * SQ_SECOND;
    o->ask_at = SQ_NEVER;
}

/* Intent ids are random: made here so that they scatter as random ones do. */
static struct sq_id intent_id(uint64_t no)
{
    return (struct sq_id){no * 0x9e3779b97f4a7c15u, no * 0xd1342543de82ef95u};
}

static void make_close(struct sq_close *c, uint64_t no, enum sq_close_state state)
{
    c->no = no;
    c->id = intent_id(no);
    make_key(&c->key, no);
    memcpy(c->dealer, "RK07", 4);
    c->start = -1755;
    c->planned = 1755;
    c->limit = 11830;
    c->estimate_paise = 20761650;
    c->children = c->child_cap = 1;
    c->side = SQ_SIDE_BUY;
    c->state = (uint8_t)state;
    c->quote.bid = 11820;
    c->quote.ask = 11830;
    c->due = SQ_NEVER;
}

/* A turn of n square-offs, each accepted with one child order, while earlier closes end. */
static struct sq_turn make_turn(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        seq++;
        struct sq_square_off *s = &message(&inputs[i], SQ_SQUARE_OFF)->as.square_off;
        s->id = intent_id(seq);
        make_key(&s->key, seq);
        memcpy(s->dealer, "RK07", 4);
        s->seen_net = -1755;
        s->quote.ask = 11830;
        struct sq_message *e = &events[i * EVENTS];
        make_close(&message(e, SQ_CLOSE)->as.close, seq, SQ_CLOSE_WORKING);
        make_order(&message(e + 1, SQ_ORDER)->as.order);
        struct sq_intent_row *intent = &message(e + 2, SQ_INTENT)->as.intent;
        intent->id = intent_id(seq);
        intent->digest = seq * 0x9e3779b97f4a7c15u;
        intent->close_no = seq;
        uint64_t filled = seq > 500 ? seq - 500 : seq;
        make_close(&message(e + 3, SQ_CLOSE)->as.close, filled, SQ_CLOSE_DONE);
    }
    return (struct sq_turn){inputs, n, events, n * EVENTS};
}

static size_t bytes_of(const struct sq_turn *turn)
{
    struct row_walk walk;
    struct row row;
    size_t bytes = 0;
    row_walk_init(&walk, turn);
    while (row_walk_next(&walk, &row))
        bytes += row.length + 16;
    return bytes;
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
        struct sq_turn turn = make_turn(1);
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
        struct sq_turn turn = make_turn(group);
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
    struct sq_turn turn = make_turn(1);
    size_t one = bytes_of(&turn);
    seq = 0;
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
    seq = 0;
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
