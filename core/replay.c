/*
 * Recovery: the same step with its requests dropped. What replay tells is compared with what the
 * journal says was told, so that a change of rules or a damaged row cannot go unseen.
 */
#include <string.h>

#include "core/host_state.h"
#include "core/num.h"

struct replay {
    struct sq_host *host;
    size_t compared; /* events of the last step that were found in the journal */
    enum sq_err error;
    const char *what;
    uint64_t seq;
};

static int fail(struct replay *r, enum sq_err error, const char *what, uint64_t seq)
{
    r->error = error;
    r->what = what;
    r->seq = seq;
    return -1;
}

static bool same_config(const struct sq_config *a, const struct sq_config *b)
{
    return sq_same_body(SQ_CONFIG, a, b);
}

static bool same_event(const struct sq_message *a, const struct sq_message *b)
{
    return a->kind == b->kind && a->seq == b->seq && a->time == b->time &&
           sq_same_body((enum sq_kind)a->kind, &a->as, &b->as);
}

static int replay_event(struct replay *r, const struct sq_message *event)
{
    const struct sq_output *out = &r->host->out;
    if (r->compared >= out->event_count || !same_event(&out->events[r->compared], event))
        return fail(r, SQ_ERR_VERSION, "replay made another event", event->seq);
    r->compared++;
    return 0;
}

static bool all_compared(const struct replay *r)
{
    return r->compared == r->host->out.event_count;
}

static int replay_row(void *owner, const struct sq_message *message, bool is_input)
{
    struct replay *r = owner;
    struct sq_host *h = r->host;
    if (!is_input)
        return replay_event(r, message);
    if (!all_compared(r))
        return fail(r, SQ_ERR_VERSION, "replay made more events", message->seq);
    if (message->seq != sq_engine_seq(h->engine) + 1)
        return fail(r, SQ_ERR_DAMAGED, "a number is missing", message->seq);
    if (!sq_can_step(h->engine, message))
        return fail(r, SQ_ERR_DAMAGED, "not an input that can come here", message->seq);
    if (message->kind == SQ_CONFIG && !same_config(&message->as.config, &h->config))
        return fail(r, SQ_ERR_VERSION, "another configuration", message->seq);
    host_begin_turn(h);
    sq_step(h->engine, message, &h->out);
    h->wake_at = h->out.wake_at;
    r->compared = 0;
    return 0;
}

static int snapshot_row(void *owner, const struct sq_message *message, bool is_input)
{
    struct replay *r = owner;
    (void)is_input;
    if (message->kind == SQ_CONFIG && !same_config(&message->as.config, &r->host->config))
        return fail(r, SQ_ERR_VERSION, "another configuration", 0);
    if (sq_engine_load(r->host->engine, (enum sq_kind)message->kind, &message->as) != 0)
        return fail(r, SQ_ERR_DAMAGED, "snapshot does not fit", 0);
    return 0;
}

static enum sq_err load_snapshot(struct replay *r)
{
    struct sq_host *h = r->host;
    uint64_t seq = 0, digest = 0;
    enum sq_err e = h->store->ops->load_snapshot(h->store, snapshot_row, r, &seq, &digest);
    if (e == SQ_ERR_NOT_FOUND)
        return SQ_ERR_OK;
    if (e != SQ_ERR_OK || r->error != SQ_ERR_OK)
        return r->error != SQ_ERR_OK ? r->error : e;
    sq_engine_loaded(h->engine, seq);
    if (sq_engine_digest(h->engine) == digest)
        return SQ_ERR_OK;
    fail(r, SQ_ERR_DAMAGED, "snapshot has another digest", seq);
    return SQ_ERR_DAMAGED;
}

static enum sq_err replay_tail(struct replay *r)
{
    struct sq_host *h = r->host;
    enum sq_err e = h->store->ops->read(h->store, sq_engine_seq(h->engine), replay_row, r);
    if (r->error != SQ_ERR_OK)
        return r->error;
    if (e == SQ_ERR_OK && !all_compared(r)) {
        fail(r, SQ_ERR_VERSION, "replay made more events", sq_engine_seq(h->engine));
        return SQ_ERR_VERSION;
    }
    return e;
}

static void explain(const struct replay *r, enum sq_err error, char *why, size_t room)
{
    char number[SQ_NUMBER_SIZE];
    sq_text_cut(why, room, r->what ? r->what : r->host->store->ops->why(r->host->store));
    size_t length = strlen(why);
    if (error == SQ_ERR_OK || !r->what || length + SQ_NUMBER_SIZE + 8 > room)
        return;
    sq_print_decimal((int64_t)r->seq, 0, false, number);
    memcpy(why + length, " at seq ", 9);
    memcpy(why + length + 8, number, strlen(number) + 1);
}

/* Nothing that fell due while we were away may run before RESTARTED has stopped every plan. */
static void queue_first(struct sq_host *h)
{
    struct sq_message first = {.kind = SQ_RESTARTED};
    h->wake_at = SQ_NEVER;
    if (sq_engine_seq(h->engine) == 0) {
        first.kind = SQ_CONFIG;
        first.as.config = h->config;
    }
    host_enqueue(h, &first);
}

/* The journal goes on with its next owner, who has it: not even RESTARTED may be put behind it. */
static bool is_released(const struct sq_host *h)
{
    const struct sq_book *book = &sq_engine_tables(h->engine)->book;
    return book->loaded && !book->owned;
}

enum sq_err sq_host_recover(struct sq_host *h, char *why, size_t why_room)
{
    struct replay r = {.host = h};
    host_begin_turn(h);
    enum sq_err e = load_snapshot(&r);
    if (e == SQ_ERR_OK)
        e = replay_tail(&r);
    host_begin_turn(h);
    if (e != SQ_ERR_OK) {
        explain(&r, e, why, why_room);
        h->mode = SQ_HOST_VIEW_ONLY;
        return e;
    }
    queue_first(h);
    if (is_released(h))
        sq_host_follow(h);
    return SQ_ERR_OK;
}

/* ---- another owner's turns ---------------------------------------------------------------------- */

/* Events follow the input they are of, as they do in the journal. */
static void replay_turn(struct replay *r, const struct sq_turn *turn)
{
    size_t event = 0;
    for (size_t i = 0; i < turn->input_count && r->error == SQ_ERR_OK; i++) {
        replay_row(r, &turn->inputs[i], true);
        for (; event < turn->event_count && turn->events[event].seq == turn->inputs[i].seq &&
               r->error == SQ_ERR_OK;
             event++)
            replay_row(r, &turn->events[event], false);
    }
    if (r->error == SQ_ERR_OK && (event < turn->event_count || !all_compared(r)))
        fail(r, SQ_ERR_VERSION, "replay made other events", sq_engine_seq(r->host->engine));
}

enum sq_err sq_host_adopt(struct sq_host *h, const struct sq_turn *turn, char *why, size_t why_room)
{
    struct replay r = {.host = h};
    why[0] = 0;
    if (h->mode != SQ_HOST_FOLLOWING || h->committing)
        return SQ_ERR_LOCKED;
    host_begin_turn(h); /* what our own last turn made is not to be compared */
    replay_turn(&r, turn);
    host_begin_turn(h);
    if (r.error != SQ_ERR_OK) {
        explain(&r, r.error, why, why_room);
        h->mode = SQ_HOST_VIEW_ONLY;
        return r.error;
    }
    enum sq_err result = h->store->ops->commit(h->store, turn);
    if (result == SQ_ERR_OK)
        host_publish(h, turn);
    else
        h->mode = SQ_HOST_STOPPED;
    return result;
}

/* ---- configuration and snapshots ---------------------------------------------------------------- */

static int first_config(void *owner, const struct sq_message *message, bool is_input)
{
    struct sq_config *config = owner;
    if (is_input && message->kind == SQ_CONFIG)
        *config = message->as.config;
    return 1;
}

enum sq_err sq_host_stored_config(struct sq_store *store, struct sq_config *config)
{
    memset(config, 0, sizeof *config);
    if (store->ops->last_seq(store) == 0)
        return SQ_ERR_NOT_FOUND;
    enum sq_err e = store->ops->read(store, 0, first_config, config);
    return e == SQ_ERR_OK && config->positions == 0 ? SQ_ERR_DAMAGED : e;
}

static void snapshot_take(void *owner, enum sq_kind kind, const void *body)
{
    struct sq_host *h = owner;
    if (h->out.event_count == h->out.event_room)
        return;
    struct sq_message *row = &h->out.events[h->out.event_count++];
    memset(row, 0, sizeof *row);
    row->kind = (uint16_t)kind;
    memcpy(&row->as, body, sq_kind_info(kind)->size);
}

enum sq_err sq_host_snapshot(struct sq_host *h)
{
    if (h->committing || (h->mode != SQ_HOST_RUNNING && h->mode != SQ_HOST_FOLLOWING))
        return SQ_ERR_LOCKED;
    host_begin_turn(h);
    sq_engine_save(h->engine, snapshot_take, h);
    if (h->out.event_count == h->out.event_room)
        return SQ_ERR_DISK_FULL;
    uint64_t digest = sq_engine_digest(h->engine);
    enum sq_err e = h->store->ops->save_snapshot(h->store, sq_engine_seq(h->engine), digest,
                                                 h->out.events, h->out.event_count);
    host_begin_turn(h);
    return e;
}
