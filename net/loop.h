/*
 * loop.h: the one loop of a process, on libuv. What a main file needs of it: the time, timers,
 * file descriptors of others (a terminal), signals, and work beside the loop.
 *
 * Everything runs on the thread that calls loop_run(), save the `work` of a task. Every struct
 * here belongs to the caller, stays where it is while it is started, and is released after its
 * ..._stop() and the next turn of the loop; loop_finish() takes that turn.
 */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include "core/types.h"

#include <uv.h>

struct loop {
    uv_loop_t uv;
    sq_time last;  /* latest time given: time never goes back */
    sq_time shift; /* of a practised day against the wall clock */
};

/* Returns 0, or a negative libuv error. */
int loop_init(struct loop *loop);
/* Runs until loop_stop(), or until nothing is started any more. */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);
/* Closes whatever is still started, and frees what libuv holds. */
void loop_finish(struct loop *loop);

/* Wall clock in microseconds, held where it is when somebody sets the clock back. */
sq_time loop_now(struct loop *loop);
/* The clock goes on from `now`, at its own pace: for a practised day. Before anything is started. */
void loop_set_clock(struct loop *loop, sq_time now);
/* 64 random bits of the system. */
uint64_t loop_random(void);

/* ---- timers --------------------------------------------------------------------------------- */
struct loop_timer {
    uv_timer_t uv;
    struct loop *loop;
    void (*due)(void *owner);
    void *owner;
    sq_time at; /* SQ_NEVER: not set */
};
void loop_timer_init(struct loop_timer *timer, struct loop *loop, void (*due)(void *owner),
                     void *owner);
/* Once, at `at` or as soon as the loop gets there; SQ_NEVER: not at all. Replaces what was set. */
void loop_timer_set(struct loop_timer *timer, sq_time at);
void loop_timer_stop(struct loop_timer *timer);

/* ---- before the loop waits ------------------------------------------------------------------ */
/* Called once in each turn of the loop, after all that came in and before it waits for more. */
struct loop_turn {
    uv_prepare_t uv;
    uv_idle_t again; /* started: the loop does not wait */
    void (*act)(void *owner);
    void *owner;
};
void loop_turn_init(struct loop_turn *turn, struct loop *loop, void (*act)(void *owner),
                    void *owner);
/* Another turn at once, whatever comes in or not. Good for one turn. */
void loop_turn_again(struct loop_turn *turn);
void loop_turn_stop(struct loop_turn *turn);

/* ---- descriptors and signals ---------------------------------------------------------------- */
struct loop_poll {
    uv_poll_t uv;
    void (*ready)(void *owner, bool readable, bool writable);
    void *owner;
};
/* fd is borrowed, and made non-blocking. Returns 0, or a negative libuv error. */
int loop_poll_init(struct loop_poll *poll, struct loop *loop, int fd,
                   void (*ready)(void *owner, bool readable, bool writable), void *owner);
/* What it waits for; neither: nothing. */
void loop_poll_set(struct loop_poll *poll, bool read, bool write);
void loop_poll_stop(struct loop_poll *poll);

struct loop_signal {
    uv_signal_t uv;
    void (*came)(void *owner, int number);
    void *owner;
};
int loop_signal_start(struct loop_signal *sig, struct loop *loop, int number,
                      void (*came)(void *owner, int number), void *owner);
void loop_signal_stop(struct loop_signal *sig);

/* ---- work beside the loop ------------------------------------------------------------------- */
struct loop_task {
    uv_work_t uv;
    void (*work)(void *owner); /* on another thread: touches nothing that the loop uses */
    void (*done)(void *owner); /* on the loop again */
    void *owner;
};
/* One at a time for each task. Returns 0, or a negative libuv error (nothing was started). */
int loop_task_start(struct loop_task *task, struct loop *loop);

#endif
