/* The host driven on the loop, beside a disk that is slow, full or broken. */
#include "tests/check.h"

#include "core/engine.h"
#include "db/store_memory.h"
#include "net/driver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A store whose commits take their time: a slow disk. */
struct slow_store {
    struct sq_store store;
    struct sq_store *inner;
    int64_t commit_us;
};

static struct sq_store *inner_of(struct sq_store *store)
{
    return ((struct slow_store *)store)->inner;
}

static enum sq_err slow_commit(struct sq_store *store, const struct sq_turn *turn)
{
    usleep((useconds_t)((struct slow_store *)store)->commit_us);
    return inner_of(store)->ops->commit(inner_of(store), turn);
}

static enum sq_err slow_release(struct sq_store *store)
{
    return inner_of(store)->ops->release_ballast(inner_of(store));
}

static enum sq_err slow_read(struct sq_store *store, uint64_t after, sq_journal_fn *row,
                             void *owner)
{
    return inner_of(store)->ops->read(inner_of(store), after, row, owner);
}

static enum sq_err slow_load(struct sq_store *store, sq_journal_fn *row, void *owner, uint64_t *seq,
                             uint64_t *digest)
{
    return inner_of(store)->ops->load_snapshot(inner_of(store), row, owner, seq, digest);
}

static uint64_t slow_last(struct sq_store *store)
{
    return inner_of(store)->ops->last_seq(inner_of(store));
}

static const char *slow_why(struct sq_store *store)
{
    return inner_of(store)->ops->why(inner_of(store));
}

static const struct sq_store_ops slow_ops = {.commit = slow_commit,
                                             .release_ballast = slow_release,
                                             .read = slow_read,
                                             .load_snapshot = slow_load,
                                             .last_seq = slow_last,
                                             .why = slow_why};

struct drive {
    struct loop loop;
    struct driver driver;
    struct slow_store store;
    struct sq_host *host;
    struct loop_timer timer;
    int ticks, acted;
    int submit_per_tick, ticks_wanted;
    enum sq_err error;
};

/* The screen of this test: it draws every millisecond and presses a key each time. */
static void draw(void *owner)
{
    struct drive *d = owner;
    struct sq_message input = {.kind = SQ_NUMBERS};
    for (int i = 0; i < d->submit_per_tick; i++) {
        input.as.numbers.out_reserved = (uint64_t)(d->ticks + 1);
        assert_true(sq_host_submit(d->host, &input));
    }
    if (++d->ticks < d->ticks_wanted)
        loop_timer_set(&d->timer, loop_now(&d->loop) + SQ_MS);
    else
        d->submit_per_tick = 0;
}

static void on_acted(void *owner)
{
    struct drive *d = owner;
    d->acted++;
    if (d->ticks >= d->ticks_wanted && driver_is_idle(&d->driver))
        loop_stop(&d->loop);
}

static void on_stopped(void *owner, enum sq_err error)
{
    struct drive *d = owner;
    d->error = error;
    loop_stop(&d->loop);
}

static int drive_begin(void **state)
{
    struct drive *d = calloc(1, sizeof *d);
    struct sq_config config;
    char why[200];
    sq_config_default(&config);
    loop_init(&d->loop);
    d->store = (struct slow_store){.store.ops = &slow_ops, .inner = store_memory_create()};
    d->host = sq_host_init(calloc(1, sq_host_size(&config)), &config, &d->store.store, NULL, NULL);
    if (sq_host_recover(d->host, why, sizeof why) != SQ_ERR_OK)
        return -1;
    loop_timer_init(&d->timer, &d->loop, draw, d);
    *state = d;
    return 0;
}

static int drive_end(void **state)
{
    struct drive *d = *state;
    driver_finish(&d->driver);
    loop_finish(&d->loop);
    d->store.inner->ops->destroy(d->store.inner);
    free(d->host);
    free(d);
    return 0;
}

static void drive_run(struct drive *d, int ticks, int submit_per_tick)
{
    const struct driver_config config = {.loop = &d->loop,
                                         .host = d->host,
                                         .store = &d->store.store,
                                         .acted = on_acted,
                                         .stopped = on_stopped,
                                         .owner = d};
    d->ticks_wanted = ticks;
    d->submit_per_tick = submit_per_tick;
    driver_start(&d->driver, &config);
    loop_timer_set(&d->timer, loop_now(&d->loop) + SQ_MS);
    loop_run(&d->loop);
}

static void a_slow_disk_does_not_stop_the_screen(void **state)
{
    struct drive *d = *state;
    d->store.commit_us = 100000;
    drive_run(d, 250, 1);
    print_message("%d frames, %lu turns\n", d->ticks, (unsigned long)d->driver.turns);
    assert_int_equal(d->ticks, 250);
    assert_in_range(d->driver.turns, 2, 20); /* each as large as what came meanwhile */
    assert_int_equal(sq_engine_tables(sq_host_engine(d->host))->book.out_reserved, 250);
}

static void a_fast_disk_makes_small_turns(void **state)
{
    struct drive *d = *state;
    drive_run(d, 20, 1);
    assert_in_range(d->driver.turns, 18, 22);
}

static void a_failed_commit_stops_the_host(void **state)
{
    struct drive *d = *state;
    store_memory_fail(d->store.inner, 3, SQ_ERR_IO, false);
    drive_run(d, 100, 1);
    assert_int_equal(d->error, SQ_ERR_IO);
    assert_int_equal(sq_host_mode(d->host), SQ_HOST_STOPPED);
}

static void a_full_disk_commits_the_same_turn_again(void **state)
{
    struct drive *d = *state;
    store_memory_fail(d->store.inner, 3, SQ_ERR_DISK_FULL, false);
    drive_run(d, 20, 1);
    assert_int_equal(d->error, SQ_ERR_OK);
    assert_int_equal(sq_host_mode(d->host), SQ_HOST_DISK_FULL);
    assert_int_equal(sq_engine_tables(sq_host_engine(d->host))->book.out_reserved, 20);
}

#define DRIVE(name) cmocka_unit_test_setup_teardown(name, drive_begin, drive_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DRIVE(a_slow_disk_does_not_stop_the_screen),
        DRIVE(a_fast_disk_makes_small_turns),
        DRIVE(a_failed_commit_stops_the_host),
        DRIVE(a_full_disk_commits_the_same_turn_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
