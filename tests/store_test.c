/*
 * store_test.c - the store port: one suite on every store, then what only a disk can do
 *
 * A bed holds a store of one kind, and knows how to take its power and start it again.
 */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/hash.h"
#include "db/store_memory.h"
#include "db/store_sqlite.h"
#include "tests/check.h"
#include "tests/vfs_shim.h"

enum { MOST = 64 };

struct bed {
    const char *name;
    bool on_disk;
    struct sq_store *store;
    char folder[256];
    uint64_t seq;
};

/* ---- beds ------------------------------------------------------------------------------------ */

static void open_disk(struct bed *bed)
{
    struct store_sqlite_options options = {.vfs = shim_name(), .ballast_bytes = 64 << 10};
    char why[256] = "";
    enum sq_err error;
    bed->store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
    if (bed->store == NULL)
        fail_msg("%s: %s", sq_strerror(error), why);
}

static int set_up(void **state)
{
    struct bed *bed = *state;
    bed->seq = 0;
    shim_reset();
    if (bed->on_disk) {
        check_make_folder(bed->folder, sizeof bed->folder);
        open_disk(bed);
    } else {
        bed->store = store_memory_create();
    }
    return bed->store == NULL;
}

static void close_store(struct bed *bed)
{
    if (bed->store)
        bed->store->ops->destroy(bed->store);
    bed->store = NULL;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;
    close_store(bed);
    if (bed->on_disk)
        check_remove_folder(bed->folder);
    return 0;
}

/* Power off and on: what was not synced is gone. */
static void crash(struct bed *bed)
{
    if (!bed->on_disk) {
        store_memory_crash(bed->store);
        return;
    }
    shim_power_cut();
    close_store(bed);
    shim_power_back();
    open_disk(bed);
}

static void fail_commit(struct bed *bed, enum sq_err error)
{
    if (!bed->on_disk)
        store_memory_fail(bed->store, 1, error, false);
    else if (error == SQ_ERR_DISK_FULL)
        shim_fail(SHIM_WRITE, 1, SQLITE_FULL, true);
    else
        shim_fail(SHIM_SYNC, 1, SQLITE_IOERR_FSYNC, false);
}

/* ---- turns ----------------------------------------------------------------------------------- */

struct made {
    struct sq_message inputs[MOST];
    struct sq_message events[MOST];
    struct sq_turn turn;
};

static void turn_begin(struct made *made)
{
    memset(made, 0, sizeof *made);
    made->turn.inputs = made->inputs;
    made->turn.events = made->events;
}

static struct sq_message *add_input(struct bed *bed, struct made *made, enum sq_kind kind)
{
    struct sq_message *m = &made->inputs[made->turn.input_count++];
    m->seq = ++bed->seq;
    m->time = (sq_time)bed->seq * SQ_SECOND;
    m->kind = (uint16_t)kind;
    return m;
}

static struct sq_message *add_event(struct bed *bed, struct made *made, enum sq_kind kind)
{
    struct sq_message *m = &made->events[made->turn.event_count++];
    m->seq = bed->seq;
    m->time = (sq_time)bed->seq * SQ_SECOND;
    m->kind = (uint16_t)kind;
    return m;
}

static enum sq_err commit(struct bed *bed, struct made *made)
{
    enum sq_err error = bed->store->ops->commit(bed->store, &made->turn);
    if (error != SQ_ERR_OK)
        bed->seq -= made->turn.input_count;
    return error;
}

/* An input and an event about a client: any content that differs from turn to turn. */
static enum sq_err commit_plain(struct bed *bed)
{
    static struct made made;
    turn_begin(&made);
    struct sq_message *input = add_input(bed, &made, SQ_CLIENT);
    snprintf(input->as.client.code, sizeof input->as.client.code, "C%llu",
             (unsigned long long)bed->seq);
    struct sq_message *event = add_event(bed, &made, SQ_CLIENT);
    event->as = input->as;
    return commit(bed, &made);
}

static void commit_many(struct bed *bed, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(commit_plain(bed), SQ_ERR_OK);
}

struct seen {
    uint64_t first, last;
    uint32_t inputs, events;
    int stop_after;
    bool in_order;
};

static int see(void *owner, const struct sq_message *m, bool is_input)
{
    struct seen *seen = owner;
    if (seen->inputs + seen->events == 0) {
        seen->first = m->seq;
        seen->in_order = is_input;
    } else {
        seen->in_order &= is_input ? m->seq == seen->last + 1 : m->seq == seen->last;
    }
    seen->last = m->seq;
    *(is_input ? &seen->inputs : &seen->events) += 1;
    return seen->stop_after && (int)(seen->inputs + seen->events) == seen->stop_after;
}

static struct seen read_after(struct bed *bed, uint64_t after)
{
    struct seen seen = {0};
    assert_int_equal(bed->store->ops->read(bed->store, after, see, &seen), SQ_ERR_OK);
    return seen;
}

static void expect_journal(struct bed *bed, uint64_t last)
{
    struct seen seen = read_after(bed, 0);
    assert_int_equal(bed->store->ops->last_seq(bed->store), last);
    assert_int_equal(seen.inputs, last);
    assert_true(last == 0 || seen.in_order);
}

/* ---- the suite ------------------------------------------------------------------------------- */

static void test_empty(void **state)
{
    struct bed *bed = *state;
    uint64_t seq, digest;
    struct seen seen = {0};
    expect_journal(bed, 0);
    assert_int_equal(bed->store->ops->load_snapshot(bed->store, see, &seen, &seq, &digest),
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
        add_input(bed, &made, SQ_TIME);
        for (int k = 0; k < i; k++)
            add_event(bed, &made, SQ_ALARM);
    }
    assert_int_equal(commit(bed, &made), SQ_ERR_OK);
    struct seen seen = read_after(bed, 0);
    assert_true(seen.in_order);
    assert_int_equal(seen.inputs, 3);
    assert_int_equal(seen.events, 3);
    /* From the middle of a turn: the rest of it, and still verified. */
    assert_int_equal(read_after(bed, 2).events, 2);
}

static void test_reader_may_stop(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 4);
    struct seen seen = {.stop_after = 3};
    assert_int_equal(bed->store->ops->read(bed->store, 0, see, &seen), SQ_ERR_OK);
    assert_int_equal(seen.inputs + seen.events, 3);
}

static void test_turns_that_no_host_makes(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    turn_begin(&made);
    assert_int_equal(commit(bed, &made), SQ_ERR_CONFLICT); /* no input */
    add_input(bed, &made, SQ_TIME)->seq = 7;
    assert_int_equal(commit(bed, &made), SQ_ERR_CONFLICT); /* a gap */
    turn_begin(&made);
    add_input(bed, &made, SQ_TIME);
    add_event(bed, &made, SQ_ALARM)->seq = 9;
    assert_int_equal(commit(bed, &made), SQ_ERR_CONFLICT); /* event of nothing */
    assert_true(bed->store->ops->why(bed->store)[0] != '\0');
    commit_many(bed, 1);
    expect_journal(bed, 1);
}

static void test_survives_power_loss(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 10);
    crash(bed);
    expect_journal(bed, 10);
    commit_many(bed, 3);
    crash(bed);
    expect_journal(bed, 13);
}

static void test_failed_turn_leaves_nothing(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    fail_commit(bed, SQ_ERR_IO);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
    shim_heal();
    crash(bed);
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
    fail_commit(bed, SQ_ERR_IO);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
    if (!bed->on_disk)
        return; /* the memory store fails as often as it is told */
    shim_heal();
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
}

static void test_full_disk_then_ballast(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    fail_commit(bed, SQ_ERR_DISK_FULL);
    assert_int_equal(commit_plain(bed), SQ_ERR_DISK_FULL);
    assert_int_equal(commit_plain(bed), SQ_ERR_DISK_FULL);
    expect_journal(bed, 2);
    assert_int_equal(bed->store->ops->release_ballast(bed->store), SQ_ERR_OK);
    shim_heal();
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
    add_input(bed, &made, SQ_TIME);
    struct sq_close *c = &add_event(bed, &made, SQ_CLOSE)->as.close;
    c->no = no;
    memcpy(c->key.client, "C10421", 6);
    c->key.token = token;
    c->key.exchange = SQ_EXCHANGE_NFO;
    c->state = (uint8_t)close_state;
    return commit(bed, &made);
}

static enum sq_err commit_order(struct bed *bed, uint64_t no, const char *clord, const char *cancel,
                                enum sq_origin origin)
{
    static struct made made;
    turn_begin(&made);
    add_input(bed, &made, SQ_TIME);
    struct sq_order *o = &add_event(bed, &made, SQ_ORDER)->as.order;
    o->no = no;
    o->origin = (uint8_t)origin;
    snprintf(o->clord, sizeof o->clord, "%s", clord);
    snprintf(o->cancel_clord, sizeof o->cancel_clord, "%s", cancel);
    return commit(bed, &made);
}

static enum sq_err commit_intent(struct bed *bed, uint64_t id, uint64_t digest)
{
    static struct made made;
    turn_begin(&made);
    add_input(bed, &made, SQ_TIME);
    struct sq_intent_row *i = &add_event(bed, &made, SQ_INTENT)->as.intent;
    i->id.low = id;
    i->digest = digest;
    return commit(bed, &made);
}

static void test_one_open_close_per_position(void **state)
{
    struct bed *bed = *state;
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_WORKING), SQ_ERR_OK);
    assert_int_equal(commit_close(bed, 1, 7, SQ_CLOSE_PRICING), SQ_ERR_OK); /* the same close */
    assert_int_equal(commit_close(bed, 2, 7, SQ_CLOSE_STAGED), SQ_ERR_CONFLICT);
    assert_int_equal(commit_close(bed, 2, 8, SQ_CLOSE_STAGED), SQ_ERR_OK); /* another position */
    crash(bed);
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
    add_input(bed, &made, SQ_DAY);
    assert_int_equal(commit(bed, &made), SQ_ERR_OK);
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
    crash(bed);
    assert_int_equal(commit_order(bed, 4, "A1", "", SQ_ORIGIN_CLOSE), SQ_ERR_CONFLICT);
    assert_int_equal(commit_order(bed, 4, "A4", "", SQ_ORIGIN_CLOSE), SQ_ERR_OK);
}

static void test_intent_once(void **state)
{
    struct bed *bed = *state;
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK);
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK); /* pressed again: the same */
    assert_int_equal(commit_intent(bed, 5, 101), SQ_ERR_CONFLICT);
    crash(bed);
    assert_int_equal(commit_intent(bed, 5, 101), SQ_ERR_CONFLICT);
    expect_journal(bed, 2);
}

static void test_conflict_takes_whole_turn_back(void **state)
{
    struct bed *bed = *state;
    static struct made made;
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK);
    turn_begin(&made);
    add_input(bed, &made, SQ_TIME);
    struct sq_message *good = add_event(bed, &made, SQ_INTENT);
    good->as.intent.id.low = 6;
    good->as.intent.digest = 600;
    struct sq_message *bad = add_event(bed, &made, SQ_INTENT);
    bad->as.intent.id.low = 5;
    bad->as.intent.digest = 101;
    assert_int_equal(commit(bed, &made), SQ_ERR_CONFLICT);
    expect_journal(bed, 1);
    assert_int_equal(commit_intent(bed, 6, 601), SQ_ERR_OK); /* 6 was not taken */
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static void save(struct bed *bed, uint64_t seq, const char *client)
{
    struct sq_message rows[2] = {{.kind = SQ_CLIENT}, {.kind = SQ_CLIENT}};
    snprintf(rows[0].as.client.code, sizeof rows[0].as.client.code, "%s", client);
    snprintf(rows[1].as.client.code, sizeof rows[1].as.client.code, "%s2", client);
    assert_int_equal(bed->store->ops->save_snapshot(bed->store, seq, seq * 11, rows, 2), SQ_ERR_OK);
}

static int see_client(void *owner, const struct sq_message *m, bool is_input)
{
    char *text = owner;
    assert_false(is_input);
    assert_int_equal(m->kind, SQ_CLIENT);
    size_t used = strlen(text);
    snprintf(text + used, 64 - used, "%s ", m->as.client.code);
    return 0;
}

static void expect_snapshot(struct bed *bed, uint64_t seq, const char *clients)
{
    char text[64] = "";
    uint64_t have = 0, digest = 0;
    assert_int_equal(bed->store->ops->load_snapshot(bed->store, see_client, text, &have, &digest),
                     SQ_ERR_OK);
    assert_int_equal(have, seq);
    assert_int_equal(digest, seq * 11);
    assert_string_equal(text, clients);
}

static void test_snapshot_and_tail(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 4);
    save(bed, 2, "A");
    save(bed, 4, "B");
    commit_many(bed, 2);
    crash(bed);
    expect_snapshot(bed, 4, "B B2 ");
    assert_int_equal(read_after(bed, 4).inputs, 2);
    save(bed, 6, "C");
    expect_snapshot(bed, 6, "C C2 ");
}

static void damage(struct bed *bed, uint64_t seq);

static void test_tampering_is_found(void **state)
{
    struct bed *bed = *state;
    struct seen seen = {0};
    commit_many(bed, 6);
    damage(bed, 4);
    assert_int_equal(bed->store->ops->read(bed->store, 0, see, &seen), SQ_ERR_DAMAGED);
    assert_int_equal(seen.last, 3); /* nothing of the bad turn was given */
    assert_non_null(strstr(bed->store->ops->why(bed->store), "seq 4"));
}

/* ---- what only a disk can do ----------------------------------------------------------------- */

static void run_sql(struct bed *bed, const char *sql)
{
    char path[300];
    sqlite3 *db = NULL;
    close_store(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    open_disk(bed);
}

/* Somebody with sqlite3 and time on his hands. */
static void damage(struct bed *bed, uint64_t seq)
{
    char sql[160];
    if (!bed->on_disk) {
        assert_true(store_memory_damage(bed->store, seq));
        return;
    }
    snprintf(sql, sizeof sql, "UPDATE journal SET time = time + 1 WHERE seq = %llu AND ord = 1",
             (unsigned long long)seq);
    run_sql(bed, sql);
}

static void expect_damaged(struct bed *bed, const char *sql, const char *words)
{
    struct seen seen = {0};
    run_sql(bed, sql);
    assert_int_equal(bed->store->ops->read(bed->store, 0, see, &seen), SQ_ERR_DAMAGED);
    assert_non_null(strstr(bed->store->ops->why(bed->store), words));
}

static void test_missing_turn_is_found(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 6);
    expect_damaged(bed, "DELETE FROM journal WHERE seq = 3", "seq 4");
}

static void test_swapped_turns_are_found(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 6);
    expect_damaged(bed,
                   "UPDATE journal SET id = id + (100 << 20) WHERE seq = 3;"
                   "UPDATE journal SET id = id - (1 << 20) WHERE seq = 4;"
                   "UPDATE journal SET id = id - (99 << 20) WHERE seq = 103",
                   "seq 3");
}

static void expect_will_not_open(struct bed *bed, enum sq_err expected, const char *words)
{
    struct store_sqlite_options options = {.vfs = shim_name()};
    char why[256] = "";
    enum sq_err error;
    close_store(bed);
    bed->store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
    assert_null(bed->store);
    assert_int_equal(error, expected);
    if (strstr(why, words) == NULL)
        fail_msg("'%s' does not say '%s'", why, words);
}

static void test_cut_journal_will_not_open(void **state)
{
    struct bed *bed = *state;
    char path[300];
    sqlite3 *db = NULL;
    commit_many(bed, 3);
    close_store(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "DELETE FROM journal WHERE hash IS NOT NULL AND seq = 3", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_will_not_open(bed, SQ_ERR_DAMAGED, "no hash");
}

static void overwrite(struct bed *bed, const char *file, off_t at, const char *bytes, size_t length)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", bed->folder, file);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, length, at), (ssize_t)length);
    close(fd);
}

static void test_rotten_pages_are_found(void **state)
{
    struct bed *bed = *state;
    char rot[4096];
    struct stat about;
    char path[300];
    memset(rot, 0xa5, sizeof rot);
    commit_many(bed, 600);
    close_store(bed); /* takes the WAL into the file */
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(stat(path, &about), 0);
    overwrite(bed, "journal.db", about.st_size / 4096 / 2 * 4096, rot, sizeof rot);
    expect_will_not_open(bed, SQ_ERR_DAMAGED, "");
    overwrite(bed, "journal.db", 0, rot, sizeof rot);
    expect_will_not_open(bed, SQ_ERR_DAMAGED, "");
}

static void test_newer_schema_will_not_open(void **state)
{
    struct bed *bed = *state;
    char path[300];
    sqlite3 *db = NULL;
    close_store(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_will_not_open(bed, SQ_ERR_VERSION, "newer");
}

/* The WAL loses its end, at every length: what is left is a prefix, and says so. */
static void test_torn_tail_is_cut(void **state)
{
    struct bed *bed = *state;
    char path[300], copy[300];
    size_t length;
    commit_many(bed, 8);
    snprintf(path, sizeof path, "%s/journal.db-wal", bed->folder);
    snprintf(copy, sizeof copy, "%s/journal.db", bed->folder);
    char *wal = check_read_file(path, &length);
    size_t db_length;
    char *db = check_read_file(copy, &db_length);
    uint64_t before = UINT64_MAX;
    for (size_t cut = length; cut > 32; cut = cut > 3001 ? cut - 3001 : 0) {
        shim_power_cut();
        close_store(bed);
        shim_reset();
        unlink(path);
        unlink(copy);
        check_write_file(copy, db, db_length);
        check_write_file(path, wal, cut);
        open_disk(bed);
        uint64_t last = bed->store->ops->last_seq(bed->store);
        assert_true(last <= before && last <= 8);
        expect_journal(bed, last);
        before = last;
    }
    assert_true(before < 8);
    free(wal);
    free(db);
}

/* Each write and each sync of a busy hour fails once: the journal is a prefix, always. */
static void test_every_write_and_sync_may_fail(void **state)
{
    struct bed *bed = *state;
    for (int op = SHIM_WRITE; op < SHIM_OPERATIONS; op++)
        for (uint32_t nth = 1; nth < 60; nth += op == SHIM_WRITE ? 3 : 1) {
            uint64_t acknowledged = bed->store->ops->last_seq(bed->store);
            shim_fail((enum shim_operation)op, nth,
                      op == SHIM_WRITE ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC, true);
            bed->seq = acknowledged;
            while (commit_plain(bed) == SQ_ERR_OK)
                acknowledged++;
            crash(bed);
            uint64_t last = bed->store->ops->last_seq(bed->store);
            assert_true(last == acknowledged || last == acknowledged + 1);
            expect_journal(bed, last);
        }
}

static void test_one_owner(void **state)
{
    struct bed *bed = *state;
    char why[256] = "", pid[32];
    enum sq_err error;
    assert_null(store_sqlite_open(bed->folder, NULL, &error, why, sizeof why));
    assert_int_equal(error, SQ_ERR_LOCKED);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(why, pid));
}

/* In another process, as it would be: a second descriptor in one would drop SQLite's locks. */
static void test_reader_beside_the_owner(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 5);
    pid_t child = fork();
    if (child == 0) {
        struct store_sqlite_options options = {.mode = STORE_SQLITE_READ};
        char why[256];
        enum sq_err error;
        struct sq_store *store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
        struct seen seen = {0};
        static struct made made;
        turn_begin(&made);
        add_input(bed, &made, SQ_TIME);
        bool good = store && store->ops->read(store, 0, see, &seen) == SQ_ERR_OK &&
                    seen.inputs == 5 && store->ops->commit(store, &made.turn) != SQ_ERR_OK;
        _exit(good ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    commit_many(bed, 1);
    expect_journal(bed, 6);
}

static void test_files_are_private(void **state)
{
    struct bed *bed = *state;
    static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "lock",
                                        "ballast"};
    struct stat about;
    commit_many(bed, 1);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", bed->folder, files[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(bed->folder, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
}

static void test_damaged_snapshot_gives_the_older_one(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 4);
    save(bed, 2, "A");
    save(bed, 4, "B");
    run_sql(bed, "UPDATE snapshot_row SET body = x'00' WHERE seq = 4 AND ord = 1");
    expect_snapshot(bed, 2, "A A2 ");
}

static int write_beside(void *owner, sqlite3 *db, char *why, size_t why_room)
{
    (void)why;
    (void)why_room;
    return sqlite3_exec(db, owner, NULL, NULL, NULL);
}

static void test_what_is_written_with_a_turn(void **state)
{
    struct bed *bed = *state;
    char good[] = "INSERT INTO kind VALUES (1000, 'x')", bad[] = "INSERT INTO nowhere VALUES (1)";
    store_sqlite_with_commit(bed->store, write_beside, good);
    commit_many(bed, 2); /* once: the second would be refused */
    store_sqlite_with_commit(bed->store, write_beside, bad);
    assert_int_not_equal(commit_plain(bed), SQ_ERR_OK);
    expect_journal(bed, 2);
}

/* RFC 7693 appendix A tells BLAKE2b-512 only; these are b2sum -l 256 of coreutils. */
static void test_hash(void **state)
{
    static const char *const rows[][2] = {
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hash hash;
        uint8_t out[HASH_SIZE];
        char hex[2 * HASH_SIZE + 1];
        hash_init(&hash);
        hash_add(&hash, rows[i][0], strlen(rows[i][0]));
        hash_end(&hash, out);
        for (int k = 0; k < HASH_SIZE; k++)
            snprintf(hex + 2 * k, 3, "%02x", out[k]);
        assert_string_equal(hex, rows[i][1]);
    }
}

/* Faults of the memory store that the seeded simulation relies on. */
static void test_memory_faults(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 2);
    store_memory_hold(bed->store, true);
    commit_many(bed, 2);
    crash(bed);
    expect_journal(bed, 2); /* held turns are lost */
    bed->seq = 2;
    store_memory_fail(bed->store, 2, SQ_ERR_IO, true);
    commit_many(bed, 1);
    assert_int_equal(commit_plain(bed), SQ_ERR_IO);
    crash(bed);
    expect_journal(bed, 4); /* kept, although it said no */
    bed->seq = 4;
    store_memory_hold(bed->store, true);
    assert_int_equal(commit_intent(bed, 5, 100), SQ_ERR_OK);
    crash(bed);
    bed->seq = 4;
    assert_int_equal(commit_intent(bed, 5, 101), SQ_ERR_OK); /* its id was lost with it */
}

#define ON(bed, test)                                                                   \
    {                                                                                   \
#test " on " bed, test, set_up, tear_down, (void *)&beds[bed[0] == 'm' ? 0 : 1] \
    }
#define ON_BOTH(test) ON("memory", test), ON("disk", test)

static struct bed beds[] = {{.name = "memory"}, {.name = "disk", .on_disk = true}};

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_BOTH(test_empty),
        ON_BOTH(test_rows_come_back_as_they_went),
        ON_BOTH(test_inputs_before_their_events),
        ON_BOTH(test_reader_may_stop),
        ON_BOTH(test_turns_that_no_host_makes),
        ON_BOTH(test_survives_power_loss),
        ON_BOTH(test_failed_turn_leaves_nothing),
        ON_BOTH(test_io_error_is_final),
        ON_BOTH(test_full_disk_then_ballast),
        ON_BOTH(test_one_open_close_per_position),
        ON_BOTH(test_new_day_gives_closes_back),
        ON_BOTH(test_client_order_id_once),
        ON_BOTH(test_intent_once),
        ON_BOTH(test_conflict_takes_whole_turn_back),
        ON_BOTH(test_snapshot_and_tail),
        ON_BOTH(test_tampering_is_found),
        ON("memory", test_memory_faults),
        ON("disk", test_missing_turn_is_found),
        ON("disk", test_swapped_turns_are_found),
        ON("disk", test_cut_journal_will_not_open),
        ON("disk", test_rotten_pages_are_found),
        ON("disk", test_newer_schema_will_not_open),
        ON("disk", test_torn_tail_is_cut),
        ON("disk", test_every_write_and_sync_may_fail),
        ON("disk", test_one_owner),
        ON("disk", test_reader_beside_the_owner),
        ON("disk", test_files_are_private),
        ON("disk", test_damaged_snapshot_gives_the_older_one),
        ON("disk", test_what_is_written_with_a_turn),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
