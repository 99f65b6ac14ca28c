/* store_bed.c - opening, crashing, damaging; turns that a test commits; what is read back */
#include "tests/store_bed.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "db/store_memory.h"
#include "db/store_postgres.h"
#include "db/store_sqlite.h"
#include "tests/check.h"
#include "tests/postgres_bed.h"
#include "tests/vfs_shim.h"

/* ---- any bed ------------------------------------ */

int bed_set_up(void **state)
{
    struct bed *bed = *state;
    bed->seq = 0;
    if (bed->kind->set_up)
        bed->kind->set_up(bed);
    bed->kind->open(bed);
    return bed->store == NULL;
}

void bed_close(struct bed *bed)
{
    if (bed->store)
        bed->store->ops->destroy(bed->store);
    bed->store = NULL;
}

int bed_tear_down(void **state)
{
    struct bed *bed = *state;
    bed_close(bed);
    if (bed->kind->tear_down)
        bed->kind->tear_down(bed);
    return 0;
}

/* ---- memory ------------------------------------ */

static void memory_open(struct bed *bed)
{
    bed->store = store_memory_create();
}

static void memory_crash(struct bed *bed)
{
    store_memory_crash(bed->store);
}

static void memory_fail(struct bed *bed, enum sq_err error)
{
    store_memory_fail(bed->store, 1, error, false);
}

static void memory_damage(struct bed *bed, uint64_t seq)
{
    assert_true(store_memory_damage(bed->store, seq));
}

static void nothing(struct bed *bed)
{
    (void)bed;
}

const struct bed_kind bed_memory = {.open = memory_open,
                                    .crash = memory_crash,
                                    .fail_commit = memory_fail,
                                    .heal = nothing,
                                    .damage = memory_damage};

/* ---- disk ------------------------------------ */

static void disk_set_up(struct bed *bed)
{
    shim_reset();
    check_make_folder(bed->folder, sizeof bed->folder);
}

static void disk_open(struct bed *bed)
{
    struct store_sqlite_options options = {.vfs = shim_name(), .ballast_bytes = 64 << 10};
    char why[256] = "";
    enum sq_err error;
    bed->store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
    if (bed->store == NULL)
        fail_msg("%s: %s", sq_strerror(error), why);
}

static void disk_crash(struct bed *bed)
{
    shim_power_cut();
    bed_close(bed);
    shim_power_back();
    disk_open(bed);
}

static void disk_fail(struct bed *bed, enum sq_err error)
{
    (void)bed;
    if (error == SQ_ERR_DISK_FULL)
        shim_fail(SHIM_WRITE, 1, SQLITE_FULL, true);
    else
        shim_fail(SHIM_SYNC, 1, SQLITE_IOERR_FSYNC, false);
}

static void disk_heal(struct bed *bed)
{
    (void)bed;
    shim_heal();
}

void bed_run_sql(struct bed *bed, const char *sql)
{
    char path[300];
    sqlite3 *db = NULL;
    bed_close(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    disk_open(bed);
}

/* Somebody with sqlite3 and time on his hands. */
static void disk_damage(struct bed *bed, uint64_t seq)
{
    char sql[160];
    snprintf(sql, sizeof sql, "UPDATE journal SET time = time + 1 WHERE seq = %llu AND ord = 1",
             (unsigned long long)seq);
    bed_run_sql(bed, sql);
}

static void disk_tear_down(struct bed *bed)
{
    check_remove_folder(bed->folder);
}

const struct bed_kind bed_disk = {.open = disk_open,
                                  .crash = disk_crash,
                                  .fail_commit = disk_fail,
                                  .heal = disk_heal,
                                  .damage = disk_damage,
                                  .set_up = disk_set_up,
                                  .tear_down = disk_tear_down,
                                  .io_error_ends_it = true};

/* ---- PostgreSQL ------------------------------------ */

enum { LEASE_MS = 5000 };

struct sq_store *bed_postgres_open(const char *book, const char *server, int64_t lease_ms)
{
    struct sq_store *store;
    char why[256] = "";
    enum sq_err error =
        store_postgres_open(postgres_bed(), book, server, lease_ms, &store, why, sizeof why);
    if (error != SQ_ERR_OK)
        fail_msg("%s: %s", sq_strerror(error), why);
    return store;
}

/* One server for all tests: each has a book of its own in it. */
static void postgres_set_up(struct bed *bed)
{
    static int books;
    memcpy(bed->book, (char[]){'B', (char)('A' + books / 26 % 26), (char)('A' + books % 26)}, 3);
    books++;
}

static void postgres_open(struct bed *bed)
{
    uint32_t epoch;
    bed->store = bed_postgres_open(bed->book, "bed", LEASE_MS);
    if (store_postgres_claim(bed->store, &epoch) != SQ_ERR_OK)
        fail_msg("claim: %s", bed->store->ops->why(bed->store));
}

/* The lease of the one before is not waited for here. */
static void postgres_crash(struct bed *bed)
{
    postgres_bed_crash();
    bed_close(bed);
    postgres_bed_start();
    postgres_bed_sql("UPDATE ownership SET owner = ''");
    postgres_open(bed);
}

/* A trigger speaks for the disk: it fails in the middle of the transaction. */
static void postgres_fail(struct bed *bed, enum sq_err error)
{
    char sql[600];
    snprintf(sql, sizeof sql,
             "CREATE OR REPLACE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS"
             " $$ BEGIN RAISE EXCEPTION 'as the test asked' USING ERRCODE = '%s'; END $$;"
             " CREATE CONSTRAINT TRIGGER trouble AFTER INSERT ON journal DEFERRABLE INITIALLY"
             " DEFERRED FOR EACH ROW WHEN (new.book = '%s') EXECUTE FUNCTION trouble()",
             error == SQ_ERR_DISK_FULL ? "53100" : "58030", bed->book);
    postgres_bed_sql(sql);
}

static void postgres_heal(struct bed *bed)
{
    (void)bed;
    postgres_bed_sql("DROP TRIGGER trouble ON journal");
}

static void postgres_damage(struct bed *bed, uint64_t seq)
{
    char sql[200];
    snprintf(sql, sizeof sql,
             "UPDATE journal SET time = time + 1 WHERE book = '%s' AND id = (%llu::bigint << 20)"
             " + 1",
             bed->book, (unsigned long long)seq);
    postgres_bed_sql(sql);
}

const struct bed_kind bed_postgres = {.open = postgres_open,
                                      .crash = postgres_crash,
                                      .fail_commit = postgres_fail,
                                      .heal = postgres_heal,
                                      .damage = postgres_damage,
                                      .set_up = postgres_set_up,
                                      .io_error_ends_it = true};

/* ---- turns ------------------------------------ */

void turn_begin(struct made *made)
{
    memset(made, 0, sizeof *made);
    made->turn.inputs = made->inputs;
    made->turn.events = made->events;
}

struct sq_message *turn_input(struct bed *bed, struct made *made, enum sq_kind kind)
{
    struct sq_message *m = &made->inputs[made->turn.input_count++];
    m->seq = ++bed->seq;
    m->time = (sq_time)bed->seq * SQ_SECOND;
    m->kind = (uint16_t)kind;
    return m;
}

struct sq_message *turn_event(struct bed *bed, struct made *made, enum sq_kind kind)
{
    struct sq_message *m = &made->events[made->turn.event_count++];
    m->seq = bed->seq;
    m->time = (sq_time)bed->seq * SQ_SECOND;
    m->kind = (uint16_t)kind;
    return m;
}

enum sq_err turn_commit(struct bed *bed, struct made *made)
{
    enum sq_err error = bed->store->ops->commit(bed->store, &made->turn);
    if (error != SQ_ERR_OK)
        bed->seq -= made->turn.input_count;
    return error;
}

/* An input and an event about a client: any content that differs from turn to turn. */
enum sq_err commit_plain(struct bed *bed)
{
    static struct made made;
    turn_begin(&made);
    struct sq_message *input = turn_input(bed, &made, SQ_CLIENT);
    snprintf(input->as.client.code, sizeof input->as.client.code, "C%llu",
             (unsigned long long)bed->seq);
    struct sq_message *event = turn_event(bed, &made, SQ_CLIENT);
    event->as = input->as;
    return turn_commit(bed, &made);
}

void commit_many(struct bed *bed, int count)
{
    for (int i = 0; i < count; i++)
        assert_int_equal(commit_plain(bed), SQ_ERR_OK);
}

int see_row(void *owner, const struct sq_message *m, bool is_input)
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

struct seen read_after(struct bed *bed, uint64_t after)
{
    struct seen seen = {0};
    assert_int_equal(bed->store->ops->read(bed->store, after, see_row, &seen), SQ_ERR_OK);
    return seen;
}

void expect_journal(struct bed *bed, uint64_t last)
{
    struct seen seen = read_after(bed, 0);
    assert_int_equal(bed->store->ops->last_seq(bed->store), last);
    assert_int_equal(seen.inputs, last);
    assert_true(last == 0 || seen.in_order);
}

enum sq_err commit_intent(struct bed *bed, uint64_t id, uint64_t digest)
{
    static struct made made;
    turn_begin(&made);
    turn_input(bed, &made, SQ_TIME);
    struct sq_intent_row *i = &turn_event(bed, &made, SQ_INTENT)->as.intent;
    i->id.low = id;
    i->digest = digest;
    return turn_commit(bed, &made);
}

/* ---- snapshots ------------------------------------ */

void save_snapshot(struct bed *bed, uint64_t seq, const char *client)
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

void expect_snapshot(struct bed *bed, uint64_t seq, const char *clients)
{
    char text[64] = "";
    uint64_t have = 0, digest = 0;
    assert_int_equal(bed->store->ops->load_snapshot(bed->store, see_client, text, &have, &digest),
                     SQ_ERR_OK);
    assert_int_equal(have, seq);
    assert_int_equal(digest, seq * 11);
    assert_string_equal(text, clients);
}
