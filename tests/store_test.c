/*
 * store_test.c - the store port: one suite, run on every store, and the faults of the memory store
 */
#include <string.h>

#include "db/store_memory.h"
#include "tests/check.h"
#include "tests/postgres_bed.h"
#include "tests/store_bed.h"

/* ---- the suite ------------------------------------------------------------------------------- */

static void test_empty(void **state)
{
    struct bed *bed = *state;
    uint64_t seq, digest;
    struct seen seen = {0};
    expect_journal(bed, 0);
    assert_int_equal(bed->store->ops->load_snapshot(bed->store, see_row, &seen, &seq, &digest),
                     SQ_ERR_NOT_FOUND);
}

static void test_rows_come_back_as_they_went(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 5);
    expect_journal(bed, 5);
    struct seen seen = read_after(bed, 3);
    assert_int_equal(seen.first, 4);
    assert_int_equal(seen.inputs, 2);
    assert_int_equal(seen.events, 2);
    assert_int_equal(read_after(bed, 5).inputs, 0);
    assert_int_equal(read_after(bed, UINT64_MAX).inputs, 0);
}

static void test_inputs_before_their_events(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    turn_begin(&made);
    for (int i = 0; i < 3; i++) {
        turn_input(bed, &made, SQ_TIME);
        for (int k = 0; k < i; k++)
            turn_event(bed, &made, SQ_ALARM);
    }
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_OK);
    struct seen seen = read_after(bed, 0);
    assert_true(seen.in_order);
    assert_int_equal(seen.inputs, 3);
    assert_int_equal(seen.events, 3);
    /* From the middle of a turn: the rest of it, and still verified. */
    assert_int_equal(read_after(bed, 2).events, 2);
}

/* Three turns of one, three and one input: each knows its end and its hash. */
static void test_turns_end(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    uint8_t hash[5][SQ_HASH_SIZE], again[SQ_HASH_SIZE];
    static const uint64_t ends[] = {1, 4, 4, 4, 5};
    uint64_t end = 0;
    assert_int_equal(bed->store->ops->turn_end(bed->store, 0, &end, again), SQ_ERR_NOT_FOUND);
    commit_many(bed, 1);
    turn_begin(&made);
    for (int i = 0; i < 3; i++)
        turn_input(bed, &made, SQ_TIME);
    turn_event(bed, &made, SQ_ALARM);
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_OK);
    commit_many(bed, 1);
    for (uint64_t seq = 1; seq <= 5; seq++) {
        assert_int_equal(bed->store->ops->turn_end(bed->store, seq, &end, hash[seq - 1]),
                         SQ_ERR_OK);
        assert_int_equal(end, ends[seq - 1]);
    }
    assert_memory_equal(hash[1], hash[3], SQ_HASH_SIZE);
    assert_memory_not_equal(hash[0], hash[1], SQ_HASH_SIZE);
    assert_memory_not_equal(hash[3], hash[4], SQ_HASH_SIZE);
    assert_int_equal(bed->store->ops->turn_end(bed->store, 6, &end, again), SQ_ERR_NOT_FOUND);
}

static void test_reader_may_stop(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 4);
    struct seen seen = {.stop_after = 3};
    assert_int_equal(bed->store->ops->read(bed->store, 0, see_row, &seen), SQ_ERR_OK);
    assert_int_equal(seen.inputs + seen.events, 3);
}

static void test_turns_that_no_host_makes(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    turn_begin(&made);
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_CONFLICT); /* no input */
    turn_input(bed, &made, SQ_TIME)->seq = 7;
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_CONFLICT); /* a gap */
    turn_begin(&made);
    turn_input(bed, &made, SQ_TIME);
    turn_event(bed, &made, SQ_ALARM)->seq = 9;
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_CONFLICT); /* event of nothing */
    assert_true(bed->store->ops->why(bed->store)[0] != '\0');
    commit_many(bed, 1);
    expect_journal(bed, 1);
}

static void test_survives_power_loss(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 10);
    bed->kind->crash(bed);
    expect_journal(bed, 10);
    commit_many(bed, 3);
    bed->kind->crash(bed);
    expect_journal(bed, 13);
}

static void test_failed_turn_leaves_nothing(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    bed->kind->fail_commit(bed, SQ_ERR_IO);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
    bed->kind->heal(bed);
    bed->kind->crash(bed);
    /* Without an acknowledgement either is right: all of the turn, or nothing of it. */
    uint64_t last = bed->store->ops->last_seq(bed->store);
    assert_true(last == 2 || last == 3);
    expect_journal(bed, last);
    bed->seq = last;
    commit_many(bed, 1);
}

static void test_io_error_is_final(void **state)
{
    struct bed *bed = *state;
    bed->kind->fail_commit(bed, SQ_ERR_IO);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
    if (!bed->kind->io_error_ends_it)
        return;
    bed->kind->heal(bed);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
}

static void test_full_disk_then_ballast(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    bed->kind->fail_commit(bed, SQ_ERR_DISK_FULL);
    assert_int_equal(commit_plain(bed), SQ_ERR_DISK_FULL);
    assert_int_equal(commit_plain(bed), SQ_ERR_DISK_FULL);
    expect_journal(bed, 2);
    assert_int_equal(bed->store->ops->release_ballast(bed->store), SQ_ERR_OK);
    bed->kind->heal(bed);
    commit_many(bed, 1);
    expect_journal(bed, 3);
    assert_int_equal(bed->store->ops->release_ballast(bed->store), SQ_ERR_NOT_FOUND);
}

/* ---- ids that may be used once --------------------------------------------------------------- */

static enum sq_err commit_close(struct bed *bed, uint64_t no, uint32_t token,
                                enum sq_close_state close_state)
{
    static struct made made;
    turn_begin(&made);
    turn_input(bed, &made, SQ_TIME);
    struct sq_close *c = &turn_event(bed, &made, SQ_CLOSE)->as.close;
    c->no = no;
    memcpy(c->key.client, "C10421", 6);
    c->key.token = token;
    c->key.exchange = SQ_EXCHANGE_NFO;
    c->state = (uint8_t)close_state;
    return turn_commit(bed, &made);
}

static enum sq_err commit_order(struct bed *bed, uint64_t no, const char *clord, const char *cancel,
                                enum sq_origin origin)
{
    static struct made made;
    turn_begin(&made);
    turn_input(bed, &made, SQ_TIME);
    struct sq_order *o = &turn_event(bed, &made, SQ_ORDER)->as.order;
    o->no = no;
    o->origin = (uint8_t)origin;
    snprintf(o->clord, sizeof o->clord, "%s", clord);
    snprintf(o->cancel_clord, sizeof o->cancel_clord, "%s", cancel);
    return turn_commit(bed, &made);
}

static void test_one_open_close_per_position(void **state)
{
    struct bed *bed = *state;
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_WORKING), SQ_ERR_OK);
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_PRICING), SQ_ERR_OK); /* the same close */
    assert_int_equal(commit_close(bed, 2, 7, SQ_CLOSE_STAGED), SQ_ERR_CONFLICT);
    assert_int_equal(commit_close(bed, 2, 8, SQ_CLOSE_STAGED), SQ_ERR_OK); /* another position */
    bed->kind->crash(bed);
    assert_int_equal(commit_close(bed, 3, 7, SQ_CLOSE_WORKING), SQ_ERR_CONFLICT);
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_DONE), SQ_ERR_OK);
    assert_int_equal(commit_close(bed, 3, 7, SQ_CLOSE_WORKING), SQ_ERR_OK);
    /* A late row of the old close does not give the new one's place away. */
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_RESIDUE), SQ_ERR_OK);
    assert_int_equal(commit_close(bed, 4, 7, SQ_CLOSE_WORKING), SQ_ERR_CONFLICT);
}

static void test_new_day_gives_closes_back(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_WORKING), SQ_ERR_OK);
    turn_begin(&made);
    turn_input(bed, &made, SQ_DAY);
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_OK);
    assert_int_equal(commit_close(bed, 2, 7, SQ_CLOSE_WORKING), SQ_ERR_OK);
}

static void test_client_order_id_once(void **state)
{
    struct bed *bed = *state;
    assert_int_equal(commit_order(bed, 1, "A1", "", SQ_ORIGIN_CLOSE), SQ_ERR_OK);
    assert_int_equal(commit_order(bed, 1, "A1", "A2", SQ_ORIGIN_CLOSE), SQ_ERR_OK);
    assert_int_equal(commit_order(bed, 2, "A1", "", SQ_ORIGIN_CLOSE), SQ_ERR_CONFLICT);
    assert_int_equal(commit_order(bed, 2, "A2", "", SQ_ORIGIN_CLOSE), SQ_ERR_CONFLICT);
    assert_int_equal(commit_order(bed, 2, "A3", "A2", SQ_ORIGIN_CLOSE), SQ_ERR_CONFLICT);
    /* A resting order's id was given by another system, which may use the same words. */
    assert_int_equal(commit_order(bed, 3, "A1", "", SQ_ORIGIN_RESTING), SQ_ERR_OK);
    bed->kind->crash(bed);
    assert_int_equal(commit_order(bed, 4, "A1", "", SQ_ORIGIN_CLOSE), SQ_ERR_CONFLICT);
    assert_int_equal(commit_order(bed, 4, "A4", "", SQ_ORIGIN_CLOSE), SQ_ERR_OK);
}

static void test_intent_once(void **state)
{
    struct bed *bed = *state;
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK);
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK); /* pressed again: the same */
    assert_int_equal(commit_intent(bed, 5, 101), SQ_ERR_CONFLICT);
    bed->kind->crash(bed);
    assert_int_equal(commit_intent(bed, 5, 101), SQ_ERR_CONFLICT);
    expect_journal(bed, 2);
}

static void test_conflict_takes_whole_turn_back(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK);
    turn_begin(&made);
    turn_input(bed, &made, SQ_TIME);
    struct sq_message *good = turn_event(bed, &made, SQ_INTENT);
    good->as.intent.id.low = 6;
    good->as.intent.digest = 600;
    struct sq_message *bad = turn_event(bed, &made, SQ_INTENT);
    bad->as.intent.id.low = 5;
    bad->as.intent.digest = 101;
    assert_int_equal(turn_commit(bed, &made), SQ_ERR_CONFLICT);
    expect_journal(bed, 1);
    assert_int_equal(commit_intent(bed, 6, 601), SQ_ERR_OK); /* 6 was not taken */
}

static void test_snapshot_and_tail(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 4);
    save_snapshot(bed, 2, "A");
    save_snapshot(bed, 4, "B");
    commit_many(bed, 2);
    bed->kind->crash(bed);
    expect_snapshot(bed, 4, "B B2 ");
    assert_int_equal(read_after(bed, 4).inputs, 2);
    save_snapshot(bed, 6, "C");
    expect_snapshot(bed, 6, "C C2 ");
}

static void test_tampering_is_found(void **state)
{
    struct bed *bed = *state;
    struct seen seen = {0};
    commit_many(bed, 6);
    bed->kind->damage(bed, 4);
    assert_int_equal(bed->store->ops->read(bed->store, 0, see_row, &seen), SQ_ERR_DAMAGED);
    assert_int_equal(seen.last, 3); /* nothing of the bad turn was given */
    assert_non_null(strstr(bed->store->ops->why(bed->store), "seq 4"));
}

/* Faults of the memory store that the seeded simulation relies on. */
static void test_memory_faults(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    store_memory_hold(bed->store, true);
    commit_many(bed, 2);
    bed->kind->crash(bed);
    expect_journal(bed, 2); /* held turns are lost */
    bed->seq = 2;
    store_memory_fail(bed->store, 2, SQ_ERR_IO, true);
    commit_many(bed, 1);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
    bed->kind->crash(bed);
    expect_journal(bed, 4); /* kept, although it said no */
    bed->seq = 4;
    store_memory_hold(bed->store, true);
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK);
    bed->kind->crash(bed);
    bed->seq = 4;
    assert_int_equal(commit_intent(bed, 5, 101), SQ_ERR_OK); /* its id was lost with it */
}

/* No space is kept on a database: what is full is full until somebody has made room. */
static void test_full_database(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    bed->kind->fail_commit(bed, SQ_ERR_DISK_FULL);
    assert_int_equal(commit_plain(bed), SQ_ERR_DISK_FULL);
    assert_int_equal(bed->store->ops->release_ballast(bed->store), SQ_ERR_NOT_FOUND);
    assert_int_equal(commit_plain(bed), SQ_ERR_DISK_FULL);
    expect_journal(bed, 2);
    bed->kind->heal(bed);
    commit_many(bed, 1);
    expect_journal(bed, 3);
}

static void test_no_postgres(void **state)
{
    (void)state;
    check_skip("the suite on PostgreSQL: no postgres is installed");
}

#define TEXT(word) #word
#define ON(bed, test, words)                                          \
    {                                                                 \
        TEXT(test) " on " words, test, bed_set_up, bed_tear_down, bed \
    }
#define ON_MEMORY(test)   ON(&beds[0], test, "memory")
#define ON_DISK(test)     ON(&beds[1], test, "disk")
#define ON_POSTGRES(test) ON(&beds[2], test, "PostgreSQL")

/* What every store does. */
#define SUITE(ON)                                                                                \
    ON(test_empty), ON(test_rows_come_back_as_they_went), ON(test_inputs_before_their_events),   \
        ON(test_turns_end), ON(test_reader_may_stop), ON(test_turns_that_no_host_makes),         \
        ON(test_survives_power_loss), ON(test_failed_turn_leaves_nothing),                       \
        ON(test_io_error_is_final), ON(test_one_open_close_per_position),                        \
        ON(test_new_day_gives_closes_back), ON(test_client_order_id_once), ON(test_intent_once), \
        ON(test_conflict_takes_whole_turn_back), ON(test_snapshot_and_tail),                     \
        ON(test_tampering_is_found)

static struct bed beds[] = {{.name = "memory", .kind = &bed_memory},
                            {.name = "disk", .kind = &bed_disk},
                            {.name = "PostgreSQL", .kind = &bed_postgres}};

int main(void)
{
    const struct CMUnitTest here[] = {
        SUITE(ON_MEMORY),
        SUITE(ON_DISK),
        ON_MEMORY(test_full_disk_then_ballast),
        ON_DISK(test_full_disk_then_ballast),
        ON_MEMORY(test_memory_faults),
    };
    const struct CMUnitTest on_postgres[] = {SUITE(ON_POSTGRES), ON_POSTGRES(test_full_database)};
    const struct CMUnitTest without[] = {cmocka_unit_test(test_no_postgres)};
    int failed = cmocka_run_group_tests(here, NULL, NULL);
    return failed + (postgres_bed_program("postgres")
                         ? cmocka_run_group_tests(on_postgres, NULL, NULL)
                         : cmocka_run_group_tests(without, NULL, NULL));
}
