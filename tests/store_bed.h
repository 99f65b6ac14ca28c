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

/* How a kind of store is opened, troubled and put away. */
struct bed;
struct bed_kind {
    void (*open)(struct bed *bed);  /* what is there, or fresh; the bed becomes its owner */
    void (*crash)(struct bed *bed); /* power off and on: what was not synced is gone */
    /* The next commit fails so (DISK_FULL goes on until heal; IO: the last step before success). */
    void (*fail_commit)(struct bed *bed, enum sq_err error);
    void (*heal)(struct bed *bed);
    void (*damage)(struct bed *bed, uint64_t seq); /* changes an event of this seq */
    void (*set_up)(struct bed *bed);               /* a place of its own; NULL: none needed */
    void (*tear_down)(struct bed *bed);
    bool io_error_ends_it; /* no more commits after it; the memory store fails as it is told */
};
extern const struct bed_kind bed_memory, bed_disk, bed_postgres;

struct bed {
    const char *name;
    const struct bed_kind *kind;
    struct sq_store *store;
    char folder[256]; /* on disk: the state directory */
    char book[4];     /* on PostgreSQL: a book of this test's own */
    uint64_t seq;     /* of the last input made */
};

/* cmocka's set-up and tear-down; *state is the bed. */
int bed_set_up(void **state);
int bed_tear_down(void **state);
void bed_close(struct bed *bed);
/* A person with sqlite3 changes the file, while the store is closed. Disk only. */
void bed_run_sql(struct bed *bed, const char *sql);

/* A store of this book on PostgreSQL that owns nothing yet. */
struct sq_store *bed_postgres_open(const char *book, const char *server, int64_t lease_ms);

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
