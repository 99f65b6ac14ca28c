/* store_bed.c - opening, crashing, damaging; turns that a test commits; what is read back */
#include "tests/store_bed.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "db/store_memory.h"
#include "db/store_sqlite.h"
#include "tests/check.h"
#include "tests/vfs_shim.h"

/* ---- beds ------------------------------------ */

void bed_open_disk(struct bed *bed)
{
    struct store_sqlite_options options = {.vfs = shim_name(), .ballast_bytes = 64 << 10};
    char why[256] = "";
    enum sq_err error;
    bed->store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
    if (bed->store == NULL)
        fail_msg("%s: %s", sq_strerror(error), why);
}

int bed_set_up(void **state)
{
    struct bed *bed = *state;
    bed->seq = 0;
    shim_reset();
    if (bed->on_disk) {
        check_make_folder(bed->folder, sizeof bed->folder);
        bed_open_disk(bed);
    } else {
        bed->store = store_memory_create();
    }
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
    if (bed->on_disk)
        check_remove_folder(bed->folder);
    return 0;
}

/* Power off and on: what was not synced is gone. */
void bed_crash(struct bed *bed)
{
    if (!bed->on_disk) {
        store_memory_crash(bed->store);
        return;
    }
    shim_power_cut();
    bed_close(bed);
    shim_power_back();
    bed_open_disk(bed);
}

void bed_fail_commit(struct bed *bed, enum sq_err error)
{
    if (!bed->on_disk)
        store_memory_fail(bed->store, 1, error, false);
    else if (error == SQ_ERR_DISK_FULL)
        shim_fail(SHIM_WRITE, 1, SQLITE_FULL, true);
    else
        shim_fail(SHIM_SYNC, 1, SQLITE_IOERR_FSYNC, false);
}

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

/* ---- tampering ------------------------------------ */

void bed_run_sql(struct bed *bed, const char *sql)
{
    char path[300];
    sqlite3 *db = NULL;
    bed_close(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    bed_open_disk(bed);
}

/* Somebody with sqlite3 and time on his hands. */
void bed_damage(struct bed *bed, uint64_t seq)
{
    char sql[160];
    if (!bed->on_disk) {
        assert_true(store_memory_damage(bed->store, seq));
        return;
    }
    snprintf(sql, sizeof sql, "UPDATE journal SET time = time + 1 WHERE seq = %llu AND ord = 1",
             (unsigned long long)seq);
    bed_run_sql(bed, sql);
}
