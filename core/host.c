#include "core/host_state.h"

#include <string.h>

#include "core/num.h"

/* ---- memory ----------------------------------------------------------------------------------- */

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static size_t messages(size_t count)
{
    return aligned(count * sizeof(struct sq_message));
}

/* A turn goes on as long as one more step is sure to fit. */
static size_t event_room(const struct sq_config *config)
{
    return 2 * sq_output_room(config) + SQ_HOST_QUEUE;
}

size_t sq_host_size(const struct sq_config *config)
{
    return aligned(sizeof(struct sq_host)) + aligned(sq_engine_size(config)) +
           2 * messages(SQ_HOST_QUEUE) + 2 * messages(event_room(config)) +
           aligned(config->closes * sizeof(struct wanted_quote));
}

static void *take(char **memory, size_t size)
{
    void *taken = *memory;
    *memory += aligned(size);
    return taken;
}

struct sq_host *sq_host_init(void *memory, const struct sq_config *config, struct sq_store *store,
                             struct sq_exchange_port *exchange, const struct sq_board *board)
{
    char *at = memory;
    struct sq_host *h = take(&at, sizeof *h);
    h->config = *config;
    h->engine = sq_engine_init(take(&at, sq_engine_size(config)), config);
    h->store = store;
    h->exchange = exchange;
    h->board = board;
    h->wake_at = SQ_NEVER;
    h->queue = take(&at, messages(SQ_HOST_QUEUE));
    h->inputs = take(&at, messages(SQ_HOST_QUEUE));
    h->out.event_room = h->out.request_room = event_room(config);
    h->out.events = take(&at, messages(event_room(config)));
    h->out.requests = take(&at, messages(event_room(config)));
    h->wanted = take(&at, config->closes * sizeof(struct wanted_quote));
    return h;
}

void sq_host_set_board(struct sq_host *h, const struct sq_board *board)
{
    h->board = board;
}

void sq_host_set_exchange(struct sq_host *h, struct sq_exchange_port *exchange)
{
    h->exchange = exchange;
}

bool sq_host_listen(struct sq_host *h, struct sq_listener *listener)
{
    if (h->listener_count == SQ_HOST_LISTENERS)
        return false;
    h->listeners[h->listener_count++] = listener;
    return true;
}

/* ---- queue ------------------------------------------------------------------------------------ */

static void publish(struct sq_host *h, const struct sq_message *event)
{
    for (uint32_t i = 0; i < h->listener_count; i++)
        h->listeners[i]->event(h->listeners[i], event);
}

/* What is not journalled cannot be done: the answer is a refusal that is not journalled either. */
static void refuse_view_only(struct sq_host *h, const struct sq_message *input)
{
    struct sq_message answer = {
        .seq = sq_engine_seq(h->engine), .tag = input->tag, .kind = SQ_REFUSED};
    struct sq_refused *r = &answer.as.refused;
    r->refusal = SQ_REFUSAL_VIEW_ONLY;
    r->command = input->kind;
    if (input->kind == SQ_SQUARE_OFF) {
        r->id = input->as.square_off.id;
        r->key = input->as.square_off.key;
    }
    publish(h, &answer);
}

static bool is_close(const struct sq_message *input)
{
    return input->kind == SQ_SQUARE_OFF || input->kind == SQ_BULK_GO || input->kind == SQ_APPROVE;
}

bool sq_host_leads(const struct sq_host *h)
{
    return h->mode == SQ_HOST_RUNNING || h->mode == SQ_HOST_DISK_FULL;
}

static bool is_taken(const struct sq_host *h, const struct sq_message *input)
{
    if (!sq_host_leads(h))
        return false;
    return !(is_close(input) && (h->mode == SQ_HOST_DISK_FULL || h->no_new));
}

void host_enqueue(struct sq_host *h, const struct sq_message *input)
{
    h->queue[(h->queue_head + h->queue_count++) % SQ_HOST_QUEUE] = *input;
}

/*
 * What enters must come back from the journal as it went in: a value that its encoding cannot carry
 * (an enumeration out of range, text without an end) would make the journal unreadable.
 */
static bool is_canonical(const struct sq_message *input)
{
    uint8_t bytes[SQ_ENCODED_MAX];
    union sq_body again;
    enum sq_kind kind = (enum sq_kind)input->kind;
    size_t length = sq_encode(kind, &input->as, bytes, sizeof bytes);
    return sq_decode(kind, bytes, length, &again) == 0;
}

bool sq_host_submit(struct sq_host *h, const struct sq_message *input)
{
    return sq_host_submit_all(h, input, 1);
}

bool sq_host_submit_all(struct sq_host *h, const struct sq_message *inputs, size_t count)
{
    if (count + SQ_HOST_RESERVE + h->queue_count > SQ_HOST_QUEUE)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (is_taken(h, &inputs[i]) && is_canonical(&inputs[i]))
            host_enqueue(h, &inputs[i]);
        else
            refuse_view_only(h, &inputs[i]);
    }
    return true;
}

size_t sq_host_queued(const struct sq_host *h)
{
    return h->queue_count + h->wanted_count;
}

/* ---- turn ------------------------------------------------------------------------------------- */

static void board_quote(const struct sq_host *h, enum sq_exchange exchange, uint32_t token,
                        sq_time now, struct sq_quote *quote)
{
    uint32_t row = sq_find_instrument(sq_board_tables(h->board), exchange, token);
    if (row != SQ_NO_ROW)
        sq_board_quote(h->board, row, now, quote);
}

/* The host's own eyes decide, not what a screen believes it saw. */
static void attach_quote(const struct sq_host *h, struct sq_message *input)
{
    static const struct sq_quote nothing = {.age_ms = -1, .trade_age_ms = -1, .feed_age_ms = -1};
    if (!h->board)
        return;
    if (input->kind == SQ_SQUARE_OFF) {
        struct sq_square_off *s = &input->as.square_off;
        s->quote = nothing;
        board_quote(h, (enum sq_exchange)s->key.exchange, s->key.token, input->time, &s->quote);
    } else if (input->kind == SQ_QUOTE) {
        struct sq_quote_answer *q = &input->as.quote;
        q->quote = nothing;
        board_quote(h, (enum sq_exchange)q->exchange, q->token, input->time, &q->quote);
    }
}

/* Was the book given away by the last step? Whoever gets it goes on with the journal from there. */
static bool is_released(const struct sq_host *h)
{
    const struct sq_message *last = h->input_count > 0 ? &h->inputs[h->input_count - 1] : NULL;
    const struct sq_book *book = &sq_engine_tables(h->engine)->book;
    return last != NULL && last->kind == SQ_OWNERSHIP && book->loaded && !book->owned;
}

static void step(struct sq_host *h, struct sq_message *input, sq_time now)
{
    input->seq = sq_engine_seq(h->engine) + 1;
    input->time = now;
    attach_quote(h, input);
    h->stepping = input;
    sq_step(h->engine, input, &h->out);
    h->stepping = NULL;
    h->wake_at = h->out.wake_at;
}

static bool has_room(const struct sq_host *h)
{
    size_t needed = sq_output_room(&h->config);
    return h->input_count < SQ_HOST_QUEUE && h->out.event_room - h->out.event_count >= needed &&
           h->out.request_room - h->out.request_count >= needed;
}

static struct sq_message *next_input(struct sq_host *h)
{
    struct sq_message *input = &h->inputs[h->input_count++];
    memset(input, 0, sizeof *input);
    return input;
}

static void step_time(struct sq_host *h, sq_time now)
{
    struct sq_message *input = next_input(h);
    input->kind = SQ_TIME;
    step(h, input, now);
}

static void step_wanted(struct sq_host *h, sq_time now)
{
    struct sq_message *input = next_input(h);
    const struct wanted_quote *w = &h->wanted[--h->wanted_count];
    input->kind = SQ_QUOTE;
    input->as.quote.exchange = w->exchange;
    input->as.quote.token = w->token;
    step(h, input, now);
}

static void step_queued(struct sq_host *h, sq_time now)
{
    struct sq_message *input = next_input(h);
    *input = h->queue[h->queue_head];
    h->queue_head = (h->queue_head + 1) % SQ_HOST_QUEUE;
    h->queue_count--;
    step(h, input, now);
}

void host_begin_turn(struct sq_host *h)
{
    h->input_count = 0;
    h->out.event_count = 0;
    h->out.request_count = 0;
}

static void set_turn(struct sq_host *h, const struct sq_message *inputs, size_t count)
{
    h->turn = (struct sq_turn){.inputs = inputs,
                               .input_count = count,
                               .events = h->out.events,
                               .event_count = h->out.event_count};
}

static sq_time not_before_last(const struct sq_host *h, sq_time now)
{
    sq_time last = sq_engine_tables(h->engine)->book.time;
    return now > last ? now : last;
}

bool sq_host_gather(struct sq_host *h, sq_time now, struct sq_turn *turn)
{
    if (h->committing || !sq_host_leads(h))
        return false;
    now = not_before_last(h, now);
    host_begin_turn(h);
    if (h->wake_at <= now)
        step_time(h, now);
    while (h->wanted_count > 0 && has_room(h))
        step_wanted(h, now);
    while (h->queue_count > 0 && has_room(h) && !is_released(h))
        step_queued(h, now);
    if (h->input_count == 0)
        return false;
    set_turn(h, h->inputs, h->input_count);
    *turn = h->turn;
    h->committing = true;
    return true;
}

/* ---- act -------------------------------------------------------------------------------------- */

static void want_quote(struct sq_host *h, const struct sq_key *key)
{
    SQ_ASSERT(h->wanted_count < h->config.closes);
    h->wanted[h->wanted_count++] =
        (struct wanted_quote){.token = key->token, .exchange = key->exchange};
}

static void not_sent(struct sq_host *h, const struct sq_request_order *request)
{
    struct sq_message input = {.kind = SQ_NOT_SENT};
    memcpy(input.as.not_sent.clord, request->clord, sizeof input.as.not_sent.clord);
    sq_text_cut(input.as.not_sent.why, sizeof input.as.not_sent.why, "no new sends");
    SQ_ASSERT(h->queue_count < SQ_HOST_QUEUE);
    host_enqueue(h, &input);
}

static bool is_sending(const struct sq_message *request)
{
    return request->kind == SQ_REQUEST_NEW || request->kind == SQ_REQUEST_CANCEL;
}

static void act_on(struct sq_host *h, const struct sq_message *request)
{
    if (request->kind == SQ_REQUEST_QUOTE && h->board)
        want_quote(h, &request->as.request.key);
    else if ((request->kind == SQ_REQUEST_NEW && h->no_new) ||
             (is_sending(request) && !h->exchange))
        not_sent(h, &request->as.request);
    else if (h->exchange)
        h->exchange->ops->send(h->exchange, request);
}

static void tell_stepped(struct sq_host *h, const struct sq_message *input)
{
    for (uint32_t i = 0; i < h->listener_count; i++)
        if (h->listeners[i]->stepped)
            h->listeners[i]->stepped(h->listeners[i], input);
}

/* Events carry the seq of their input, and both are in order of it. */
void host_publish(struct sq_host *h, const struct sq_turn *turn)
{
    size_t event = 0;
    for (size_t i = 0; i < turn->input_count; i++) {
        const struct sq_message *input = &turn->inputs[i];
        tell_stepped(h, input);
        for (; event < turn->event_count && turn->events[event].seq <= input->seq; event++)
            publish(h, &turn->events[event]);
    }
    SQ_ASSERT(event == turn->event_count);
}

static void act(struct sq_host *h)
{
    for (size_t i = 0; i < h->out.request_count; i++)
        act_on(h, &h->out.requests[i]);
    host_publish(h, &h->turn);
}

/* A full disk has one reserve: the ballast. With it the turn is committed, and nothing new begins. */
static bool retry_full(struct sq_host *h)
{
    if (h->mode == SQ_HOST_DISK_FULL || h->store->ops->release_ballast(h->store) != SQ_ERR_OK)
        return false;
    h->mode = SQ_HOST_DISK_FULL;
    h->no_new = true;
    return true;
}

bool sq_host_done(struct sq_host *h, enum sq_err result)
{
    SQ_ASSERT(h->committing);
    if (result == SQ_ERR_DISK_FULL && retry_full(h))
        return true;
    h->committing = false;
    if (result != SQ_ERR_OK) {
        h->mode = SQ_HOST_STOPPED;
        return false;
    }
    act(h);
    if (is_released(h))
        sq_host_follow(h);
    return false;
}

static enum sq_err commit(struct sq_host *h)
{
    enum sq_err result = SQ_ERR_OK;
    do
        result = h->store->ops->commit(h->store, &h->turn);
    while (sq_host_done(h, result));
    return result;
}

enum sq_err sq_host_run(struct sq_host *h, sq_time now)
{
    struct sq_turn turn;
    while (sq_host_gather(h, now, &turn)) {
        enum sq_err result = commit(h);
        if (result != SQ_ERR_OK)
            return result;
    }
    return SQ_ERR_OK;
}

static bool was_refused(const struct sq_host *h)
{
    for (size_t i = 0; i < h->out.event_count; i++)
        if (h->out.events[i].kind == SQ_REFUSED)
            return true;
    return false;
}

enum sq_err sq_host_load(struct sq_host *h, struct sq_message *inputs, size_t count, sq_time now)
{
    if (h->committing || h->mode != SQ_HOST_RUNNING)
        return SQ_ERR_LOCKED;
    now = not_before_last(h, now);
    host_begin_turn(h);
    size_t done = 0;
    for (; done < count && has_room(h); done++)
        step(h, &inputs[done], now);
    if (done < count || was_refused(h)) {
        h->mode = SQ_HOST_VIEW_ONLY;
        return SQ_ERR_CONFLICT;
    }
    set_turn(h, inputs, count);
    h->committing = true;
    return commit(h);
}

/* ---- the rest --------------------------------------------------------------------------------- */

sq_time sq_host_deadline(const struct sq_host *h)
{
    if (h->committing || !sq_host_leads(h))
        return SQ_NEVER;
    return sq_host_queued(h) > 0 ? 0 : h->wake_at;
}

const struct sq_message *sq_host_stepping(const struct sq_host *h)
{
    return h ? h->stepping : NULL;
}

enum sq_host_mode sq_host_mode(const struct sq_host *h)
{
    return h->mode;
}

/* Who asked hears that it was not done; what nobody asked for is forgotten. */
static void refuse_queued(struct sq_host *h)
{
    for (; h->queue_count > 0; h->queue_count--) {
        const struct sq_message *input = &h->queue[h->queue_head];
        h->queue_head = (h->queue_head + 1) % SQ_HOST_QUEUE;
        if (input->tag != 0)
            refuse_view_only(h, input);
    }
}

enum sq_err sq_host_follow(struct sq_host *h)
{
    if (h->committing || !(sq_host_leads(h) || h->mode == SQ_HOST_FOLLOWING))
        return SQ_ERR_LOCKED;
    h->mode = SQ_HOST_FOLLOWING;
    refuse_queued(h);
    h->wanted_count = 0;
    return SQ_ERR_OK;
}

enum sq_err sq_host_lead(struct sq_host *h)
{
    if (h->mode != SQ_HOST_FOLLOWING)
        return SQ_ERR_LOCKED;
    h->wake_at = SQ_NEVER; /* what fell due may not run before the TAKE has stopped every plan */
    h->mode = SQ_HOST_RUNNING;
    return SQ_ERR_OK;
}

void sq_host_set_view_only(struct sq_host *h)
{
    h->mode = SQ_HOST_VIEW_ONLY;
}

void sq_host_set_no_new(struct sq_host *h, bool on)
{
    h->no_new = on;
}

const struct sq_engine *sq_host_engine(const struct sq_host *h)
{
    return h->engine;
}

uint32_t sq_host_in_flight(const struct sq_host *h)
{
    const struct sq_tables *t = sq_engine_tables(h->engine);
    uint32_t live = 0;
    for (uint32_t i = 0; i < t->order_count; i++)
        live += t->order[i].origin == SQ_ORIGIN_CLOSE &&
                !sq_order_state_is_terminal((enum sq_order_state)t->order[i].state);
    return live;
}
