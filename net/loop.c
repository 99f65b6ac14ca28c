#include "net/loop.h"

#include <string.h>
#include <sys/random.h>
#include <time.h>

int loop_init(struct loop *loop)
{
    memset(loop, 0, sizeof *loop);
    return uv_loop_init(&loop->uv);
}

void loop_run(struct loop *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(struct loop *loop)
{
    uv_stop(&loop->uv);
}

static void close_walk(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

/* uv_close() takes effect in a turn of the loop; a task beside it may need a few more. */
void loop_finish(struct loop *loop)
{
    do {
        uv_walk(&loop->uv, close_walk, NULL);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    } while (uv_loop_close(&loop->uv) == UV_EBUSY);
}

static sq_time wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (sq_time)t.tv_sec * SQ_SECOND + t.tv_nsec / 1000;
}

sq_time loop_now(struct loop *loop)
{
    sq_time now = wall_clock() + loop->shift;
    if (now > loop->last)
        loop->last = now;
    return loop->last;
}

void loop_set_clock(struct loop *loop, sq_time now)
{
    loop->shift = now - wall_clock();
    loop->last = now;
}

uint64_t loop_random(void)
{
    uint64_t bits = 0;
    if (getrandom(&bits, sizeof bits, 0) != sizeof bits)
        bits = uv_hrtime() * UINT64_C(0x9e3779b97f4a7c15); /* jitter needs no more than this */
    return bits;
}

static void close_once(void *handle)
{
    uv_handle_t *h = handle;
    if (h->type != UV_UNKNOWN_HANDLE && !uv_is_closing(h))
        uv_close(h, NULL);
}

/* ---- timers --------------------------------------------------------------------------------- */

static void timer_due(uv_timer_t *uv)
{
    struct loop_timer *timer = uv->data;
    timer->at = SQ_NEVER;
    timer->due(timer->owner);
}

void loop_timer_init(struct loop_timer *timer, struct loop *loop, void (*due)(void *owner),
                     void *owner)
{
    *timer = (struct loop_timer){.loop = loop, .due = due, .owner = owner, .at = SQ_NEVER};
    uv_timer_init(&loop->uv, &timer->uv);
    timer->uv.data = timer;
}

/* libuv counts whole milliseconds from the start of the turn: round up, and never be early. */
void loop_timer_set(struct loop_timer *timer, sq_time at)
{
    if (at == timer->at)
        return;
    timer->at = at;
    uv_timer_stop(&timer->uv);
    if (at == SQ_NEVER)
        return;
    sq_time wait = at - loop_now(timer->loop);
    uv_update_time(&timer->loop->uv);
    uv_timer_start(&timer->uv, timer_due, wait > 0 ? (uint64_t)((wait + SQ_MS - 1) / SQ_MS) : 0, 0);
}

void loop_timer_stop(struct loop_timer *timer)
{
    close_once(&timer->uv);
}

/* ---- before the loop waits ------------------------------------------------------------------ */

static void turn_prepare(uv_prepare_t *uv)
{
    struct loop_turn *turn = uv->data;
    uv_idle_stop(&turn->again);
    turn->act(turn->owner);
}

static void idle(uv_idle_t *uv)
{
    (void)uv;
}

void loop_turn_init(struct loop_turn *turn, struct loop *loop, void (*act)(void *owner),
                    void *owner)
{
    *turn = (struct loop_turn){.act = act, .owner = owner};
    uv_prepare_init(&loop->uv, &turn->uv);
    uv_idle_init(&loop->uv, &turn->again);
    turn->uv.data = turn;
    uv_prepare_start(&turn->uv, turn_prepare);
}

void loop_turn_again(struct loop_turn *turn)
{
    uv_idle_start(&turn->again, idle);
}

void loop_turn_stop(struct loop_turn *turn)
{
    close_once(&turn->uv);
    close_once(&turn->again);
}

/* ---- descriptors and signals ---------------------------------------------------------------- */

/* An error of the descriptor is told as readable: whoever reads next sees it. */
static void poll_ready(uv_poll_t *uv, int status, int events)
{
    struct loop_poll *poll = uv->data;
    bool failed = status < 0;
    poll->ready(poll->owner, failed || (events & (UV_READABLE | UV_DISCONNECT)) != 0,
                failed || (events & UV_WRITABLE) != 0);
}

int loop_poll_init(struct loop_poll *poll, struct loop *loop, int fd,
                   void (*ready)(void *owner, bool readable, bool writable), void *owner)
{
    *poll = (struct loop_poll){.ready = ready, .owner = owner};
    int error = uv_poll_init(&loop->uv, &poll->uv, fd);
    poll->uv.data = poll;
    return error;
}

void loop_poll_set(struct loop_poll *poll, bool read, bool write)
{
    int events = (read ? UV_READABLE : 0) | (write ? UV_WRITABLE : 0);
    if (events == 0)
        uv_poll_stop(&poll->uv);
    else
        uv_poll_start(&poll->uv, events, poll_ready);
}

void loop_poll_stop(struct loop_poll *poll)
{
    close_once(&poll->uv);
}

static void signal_came(uv_signal_t *uv, int number)
{
    struct loop_signal *sig = uv->data;
    sig->came(sig->owner, number);
}

int loop_signal_start(struct loop_signal *sig, struct loop *loop, int number,
                      void (*came)(void *owner, int number), void *owner)
{
    *sig = (struct loop_signal){.came = came, .owner = owner};
    int error = uv_signal_init(&loop->uv, &sig->uv);
    sig->uv.data = sig;
    return error == 0 ? uv_signal_start(&sig->uv, signal_came, number) : error;
}

void loop_signal_stop(struct loop_signal *sig)
{
    close_once(&sig->uv);
}

/* ---- work beside the loop ------------------------------------------------------------------- */

static void task_work(uv_work_t *uv)
{
    struct loop_task *task = uv->data;
    task->work(task->owner);
}

static void task_done(uv_work_t *uv, int status)
{
    (void)status; /* never cancelled */
    struct loop_task *task = uv->data;
    task->done(task->owner);
}

int loop_task_start(struct loop_task *task, struct loop *loop)
{
    task->uv.data = task;
    return uv_queue_work(&loop->uv, &task->uv, task_work, task_done);
}
