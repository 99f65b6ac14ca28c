/*
 * archive.c: the day before, put aside.
 *
 * A journal of its own for each day keeps a start quick, the numbers of a day together, and the
 * evidence of a day in one file that can be copied, kept for years and verified by itself.
 */
#include "db/archive.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/replay.h"
#include "db/state_dir.h"
#include "db/store_postgres.h"
#include "db/store_sqlite.h"

static uint32_t live_orders(const struct sq_tables *t)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < t->order_count; i++) {
        bool ended = sq_order_state_is_terminal((enum sq_order_state)t->order[i].state);
        live += !ended && t->order[i].origin == SQ_ORIGIN_CLOSE;
    }
    return live;
}

/* Epoch of the old day, or 0 with the reason why it cannot be left. */
static uint32_t leave(struct sq_store *store, char *why, size_t why_room)
{
    struct replay replay;
    uint32_t epoch = 0;
    replay_init(&replay);
    enum sq_err error = replay_run(&replay, store);
    if (error != SQ_ERR_OK) {
        snprintf(why, why_room, "the day before cannot be replayed: %s", replay.why);
    } else {
        const struct sq_tables *t = sq_engine_tables(replay.engine);
        uint32_t live = live_orders(t);
        if (live > 0)
            snprintf(why, why_room, "%u orders of the day before are not settled", live);
        else
            epoch = t->book.epoch;
    }
    replay_finish(&replay);
    return epoch;
}

/* The rename and the directory's entry are synced: the old day is in one place at any moment. */
static int put_aside(const char *state, uint32_t old_day, char *why, size_t why_room)
{
    char from[STATE_PATH_MAX + 32], to[STATE_PATH_MAX + 32];
    struct stat about;
    snprintf(from, sizeof from, "%s/journal.db", state);
    snprintf(to, sizeof to, "%s/journal-%u.db", state, old_day);
    if (stat(to, &about) == 0 || rename(from, to) != 0) {
        snprintf(why, why_room, "journal-%u.db is there already, or cannot be made", old_day);
        return -1;
    }
    int folder = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    return 0;
}

/* The volume of the day before stays where it is; the epoch is the claim's, newer than any before. */
static int next_volume(struct sq_store *store, char *why, size_t why_room)
{
    enum sq_err error = store_postgres_new_volume(store);
    if (error != SQ_ERR_OK)
        snprintf(why, why_room, "%s: %s", sq_strerror(error), store->ops->why(store));
    return error == SQ_ERR_OK ? 0 : -1;
}

int archive_day(struct sq_store **store, const char *state, uint32_t old_day, struct day *day,
                char *why, size_t why_room)
{
    enum sq_err error;
    uint32_t epoch = leave(*store, why, why_room);
    if (epoch == 0)
        return -1;
    if (store_is_postgres(*store))
        return next_volume(*store, why, why_room);
    /* The last connection that closes a database takes its WAL into it: one file remains. */
    (*store)->ops->destroy(*store);
    int result = put_aside(state, old_day, why, why_room);
    char words[160] = "";
    *store = store_sqlite_open(state, NULL, &error, words, sizeof words);
    if (*store == NULL)
        snprintf(why, why_room, "%s: %s", sq_strerror(error), words);
    if (result != 0 || *store == NULL)
        return -1;
    day->head.epoch = epoch + 1;
    day->inputs[0].as.day.epoch = epoch + 1;
    return 0;
}
