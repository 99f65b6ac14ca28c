/*
 * session_bed.h: the port `session` on a host in this process, and on a server over a socket: the
 * same tests lie on every bed.
 *
 * Both have a host on the memory store with one dealer (RAVI), one client and one position of 500
 * HDFCBANK at ten in the morning. What fails here fails the running test.
 */
#ifndef TESTS_SESSION_BED_H
#define TESTS_SESSION_BED_H

#include "core/host.h"
#include "core/session.h"

enum { SESSION_BED_DAY = 20261126 };

struct session_bed {
    const char *name; /* "here", "remote" */
    struct sq_session *session;
    struct sq_config config;
    struct sq_host *host;
    struct sq_board *board;                /* the one that the host attaches quotes from */
    uint64_t began;                        /* activities of the view when the test began */
    void (*turn)(struct session_bed *bed); /* lets things happen, for some milliseconds at most */
    sq_time (*now)(struct session_bed *bed);
};

/* cmocka's set-up and tear-down; *state is the bed. */
int session_bed_here(void **state);
int session_bed_remote(void **state);
int session_bed_tear_down(void **state);

/* Turns until it is so; the test fails when it never is. */
#define session_bed_until(bed, condition)                                         \
    do {                                                                          \
        for (int turns = 0; turns < SESSION_BED_TURNS && !(condition); turns++)   \
            (bed)->turn(bed);                                                     \
        if (!(condition))                                                         \
            fail_msg("%s: line %d: never %s", (bed)->name, __LINE__, #condition); \
    } while (0)
enum { SESSION_BED_TURNS = 2000 };

#endif
