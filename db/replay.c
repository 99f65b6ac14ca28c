/*
 * replay.c: the journal through a fresh engine.
 *
 * The first input is the configuration; it sizes the engine. Each input is stepped, and the events
 * that follow it in the journal must be those that the step made: same kind, same bytes, none more
 * and none fewer. Requests are dropped, which is all that makes a replay different from the day.
 */
#include "db/replay.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void replay_init(struct replay *replay)
{
    memset(replay, 0, sizeof *replay);
    replay->until = UINT64_MAX;
}

void replay_finish(struct replay *replay)
{
    free(replay->memory);
    free(replay->out.events);
    free(replay->out.requests);
    replay_init(replay);
}

static int differs(struct replay *r, uint64_t seq, const char *what)
{
    r->differs_at = seq ? seq : 1;
    snprintf(r->why, sizeof r->why, "%s at seq %llu", what, (unsigned long long)seq);
    return 1;
}

/* The first input sizes everything: memory as the engine asks, room for what a step may say. */
static int begin(struct replay *r, const struct sq_message *input)
{
    const struct sq_config *config = &input->as.config;
    char field[64] = "";
    if (input->kind != SQ_CONFIG || sq_config_check(config, field, sizeof field) != 0)
        return differs(r, input->seq, "the journal does not begin with a good configuration");
    size_t room = sq_output_room(config);
    r->memory = calloc(1, sq_engine_size(config));
    r->out.events = calloc(room, sizeof *r->out.events);
    r->out.requests = calloc(room, sizeof *r->out.requests);
    r->out.event_room = r->out.request_room = room;
    if (!r->memory || !r->out.events || !r->out.requests)
        return differs(r, input->seq, "no memory for an engine");
    r->engine = sq_engine_init(r->memory, config);
    r->first_time = input->time;
    return 0;
}

/* One door here too: the same step as the host's, its requests dropped. */
static int step(struct replay *r, const struct sq_message *input)
{
    if (r->compared != r->out.event_count)
        return differs(r, input->seq - 1, "replay makes more events");
    if (input->seq > r->until)
        return 1;
    if (r->engine == NULL && begin(r, input) != 0)
        return 1;
    if (input->seq != sq_engine_seq(r->engine) + 1 || input->time < r->last_time)
        return differs(r, input->seq, "a number is missing or time goes back");
    r->out.event_count = r->out.request_count = r->compared = 0;
    sq_step(r->engine, input, &r->out);
    r->inputs++;
    r->last_time = input->time;
    if (r->stepped)
        r->stepped(r->owner, input, r->engine);
    return 0;
}

/* By canonical encoding, as the journal holds it. */
static bool same_event(const struct sq_message *a, const struct sq_message *b)
{
    uint8_t x[SQ_ENCODED_MAX], y[SQ_ENCODED_MAX];
    if (a->kind != b->kind || a->seq != b->seq || a->time != b->time)
        return false;
    size_t xs = sq_encode(a->kind, &a->as, x, sizeof x);
    size_t ys = sq_encode(b->kind, &b->as, y, sizeof y);
    return xs == ys && memcmp(x, y, xs) == 0;
}

static int compare(struct replay *r, const struct sq_message *event)
{
    r->events++;
    if (r->compared >= r->out.event_count || !same_event(&r->out.events[r->compared], event))
        return differs(r, event->seq, "replay makes another event");
    r->compared++;
    return 0;
}

static int row(void *owner, const struct sq_message *message, bool is_input)
{
    struct replay *r = owner;
    return is_input ? step(r, message) : compare(r, message);
}

/* The store says whether the bytes are right, the comparison whether the rules are. */
enum sq_err replay_run(struct replay *r, struct sq_store *store)
{
    enum sq_err error = store->ops->read(store, 0, row, r);
    if (error != SQ_ERR_OK)
        snprintf(r->why, sizeof r->why, "%s", store->ops->why(store));
    else if (r->differs_at == 0 && r->compared != r->out.event_count)
        differs(r, sq_engine_seq(r->engine), "replay makes more events");
    return error ? error : r->differs_at ? SQ_ERR_VERSION : SQ_ERR_OK;
}
