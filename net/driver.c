#include "net/driver.h"

static void commit_work(void *owner)
{
    struct driver *d = owner;
    d->result = d->config.store->ops->commit(d->config.store, &d->at);
}

static void begin_commit(struct driver *d)
{
    d->committing = true;
    d->commit_from_ns = uv_hrtime();
    if (loop_task_start(&d->commit, d->config.loop) == 0)
        return;
    commit_work(d); /* no thread to be had: slow is better than lost */
    d->commit.done(d);
}

static void commit_done(void *owner)
{
    struct driver *d = owner;
    enum sq_err result = d->result;
    d->committing = false;
    d->turns++;
    d->commit_us = (int64_t)((uv_hrtime() - d->commit_from_ns) / 1000);
    if (sq_host_done(d->config.host, result)) {
        begin_commit(d); /* the ballast was let go: the same turn once more */
        return;
    }
    if (sq_host_mode(d->config.host) == SQ_HOST_STOPPED && d->config.stopped != NULL)
        d->config.stopped(d->config.owner, result);
    else if (d->config.acted != NULL)
        d->config.acted(d->config.owner);
}

static void move(struct driver *d, sq_time now)
{
    if (d->config.move != NULL)
        d->config.move(d->config.owner, now);
}

static void set_timer(struct driver *d)
{
    sq_time at = d->committing ? SQ_NEVER : sq_host_deadline(d->config.host);
    sq_time links = d->config.deadline != NULL ? d->config.deadline(d->config.owner) : SQ_NEVER;
    loop_timer_set(&d->timer, at < links ? at : links);
}

/* Moving first brings in what came; moving again takes out what the queue had no room for. */
static void take_turn(void *owner)
{
    struct driver *d = owner;
    sq_time now = loop_now(d->config.loop);
    move(d, now);
    if (!d->committing && sq_host_mode(d->config.host) != SQ_HOST_STOPPED &&
        sq_host_gather(d->config.host, now, &d->at)) {
        begin_commit(d);
        move(d, now);
    }
    set_timer(d);
}

static void due(void *owner)
{
    (void)owner; /* the turn of the loop that follows does it all */
}

void driver_start(struct driver *d, const struct driver_config *config)
{
    *d = (struct driver){.config = *config};
    d->commit = (struct loop_task){.work = commit_work, .done = commit_done, .owner = d};
    loop_turn_init(&d->turn, config->loop, take_turn, d);
    loop_timer_init(&d->timer, config->loop, due, d);
    loop_turn_again(&d->turn);
}

void driver_finish(struct driver *d)
{
    if (d->finished)
        return;
    d->finished = true;
    loop_turn_stop(&d->turn);
    loop_timer_stop(&d->timer);
}

bool driver_is_idle(const struct driver *d)
{
    return !d->committing && sq_host_queued(d->config.host) == 0;
}
