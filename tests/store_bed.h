/*
 * store_bed.h - a store of one kind under test: the same tests lie on every bed
 *
 * A bed knows how to take its store's power and start it again, and how to damage it. Helpers fail
 * the running test when what they need does not work.
 */
#ifndef TESTS_STORE_BED_H
#define TESTS_STORE_BED_H

#include "core/port.h"

enum { TURN_MOST = 64 };

struct bed {
    const char *name;
    bool on_disk;
    struct sq_store *store;
    char folder[256]; /* on disk: the state directory */
    uint64_t seq;     /* of the last input made */
};

/* cmocka's set-up and tear-down; *state is the bed. */
int bed_set_up(void **state);
int bed_tear_down(void **state);
void bed_open_disk(struct bed *bed);
void bed_close(struct bed *bed);
/* Power off and on: what was not synced is gone. */
void bed_crash(struct bed *bed);
/* The next commit fails so (DISK_FULL goes on; IO on disk is a failed sync). */
void bed_fail_commit(struct bed *bed, enum sq_err error);
/* A person with sqlite3 changes the file, while the store is closed. Disk only. */
void bed_run_sql(struct bed *bed, const char *sql);
/* Changes an event of this seq. */
void bed_damage(struct bed *bed, uint64_t seq);

/* A turn being made. */
struct made {
    struct sq_message inputs[TURN_MOST];
    struct sq_message events[TURN_MOST];
    struct sq_turn turn;
};
void turn_begin(struct made *made);
struct sq_message *turn_input(struct bed *bed, struct made *made, enum sq_kind kind);
/* An event of the newest input. */
struct sq_message *turn_event(struct bed *bed, struct made *made, enum sq_kind kind);
/* A turn that was refused gives its numbers back. */
enum sq_err turn_commit(struct bed *bed, struct made *made);
/* An input and an event about a client: any content that differs from turn to turn. */
enum sq_err commit_plain(struct bed *bed);
void commit_many(struct bed *bed, int count);
enum sq_err commit_intent(struct bed *bed, uint64_t id, uint64_t digest);

/* What a reader saw. */
struct seen {
    uint64_t first, last; /* seq */
    uint32_t inputs, events;
    int stop_after; /* rows; 0: never */
    bool in_order;
};
int see_row(void *owner, const struct sq_message *m, bool is_input);
struct seen read_after(struct bed *bed, uint64_t after);
/* The journal is seq 1 to last, in order, and verifies. */
void expect_journal(struct bed *bed, uint64_t last);

/* Snapshots of two clients: NAME and NAME2; the digest is seq * 11. */
void save_snapshot(struct bed *bed, uint64_t seq, const char *client);
void expect_snapshot(struct bed *bed, uint64_t seq, const char *clients);

#endif
