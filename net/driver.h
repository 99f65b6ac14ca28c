/*
 * driver.h: drives a host on the loop. Gather, commit beside the loop, act.
 *
 * In each turn of the loop, after all that came in: the links are moved, what is queued is stepped
 * and its turn given to the store on another thread. While that syncs, the loop goes on drawing,
 * reading and queueing; nothing is stepped. When it is durable, requests go out and events are
 * published, and under load the next turn is as large as what came meanwhile.
 */
#ifndef NET_DRIVER_H
#define NET_DRIVER_H

#include "core/host.h"
#include "net/loop.h"

struct driver_config {
    struct loop *loop;
    struct sq_host *host;   /* recovered; borrowed */
    struct sq_store *store; /* the host's; borrowed */
    /* Each may be NULL. Before a turn is gathered, and again when something was acted on: */
    void (*move)(void *owner, sq_time now);
    sq_time (*deadline)(void *owner); /* when move wants to be called at the latest */
    void (*acted)(void *owner);       /* events of a turn have been published */
    void (*stopped)(void *owner, enum sq_err error); /* a commit failed: nothing was sent; exit */
    void *owner;
};

/* Belongs to the caller. Members are for reading only. */
struct driver {
    struct driver_config config;
    struct loop_turn turn;
    struct loop_timer timer;
    struct loop_task commit;
    struct sq_turn at; /* the turn that is being committed */
    enum sq_err result;
    bool committing;
    bool finished;
    uint64_t turns;          /* committed so far */
    int64_t commit_us;       /* how long the last commit took */
    uint64_t commit_from_ns; /* when it began */
};

/* Begins to drive; the loop must not be running a turn of this host already. */
void driver_start(struct driver *driver, const struct driver_config *config);
/*
 * Stops driving. A commit under way still ends, in loop_run() or loop_finish(): host and store
 * must live until then.
 */
void driver_finish(struct driver *driver);
/* Nothing is queued and nothing is being committed. */
bool driver_is_idle(const struct driver *driver);

#endif
