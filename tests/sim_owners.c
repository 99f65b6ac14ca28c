#include "tests/sim_owners_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/store_memory.h"
#include "net/simulator/exchange_state.h"

#define X(tail, name) name,
const char *const owners_fault_names[OWNERS_FAULT_COUNT] = {OWNERS_FAULT_MAP(X)};
#undef X

bool owners_befalls(struct owners *o, enum owners_fault fault)
{
    if (o->healed || below(o->base, 1000000) >= o->weight[fault])
        return false;
    o->happened[fault]++;
    return true;
}

/* ---- the shared journal: PostgreSQL, as far as a server can tell -------------------------------- */

static struct node *of_store(struct sq_store *store)
{
    return (struct node *)(void *)store;
}

bool owners_is_apart(const struct node *n)
{
    return n->owners->now < n->apart_until;
}

/* The epoch is compared in the same transaction. */
static enum sq_err fenced_commit(struct sq_store *store, const struct sq_turn *turn)
{
    struct node *n = of_store(store);
    if (owners_is_apart(n))
        return SQ_ERR_IO;
    if (n->epoch != n->owners->epoch) {
        n->owners->happened[OWNERS_FENCED]++;
        return SQ_ERR_FENCED;
    }
    return n->owners->journal->ops->commit(n->owners->journal, turn);
}

static enum sq_err fenced_ballast(struct sq_store *store)
{
    (void)store;
    return SQ_ERR_NOT_FOUND;
}

static enum sq_err fenced_read(struct sq_store *store, uint64_t after, sq_journal_fn *row,
                               void *owner)
{
    struct sq_store *journal = of_store(store)->owners->journal;
    return journal->ops->read(journal, after, row, owner);
}

static enum sq_err fenced_load(struct sq_store *store, sq_journal_fn *row, void *owner,
                               uint64_t *seq, uint64_t *digest)
{
    struct sq_store *journal = of_store(store)->owners->journal;
    return journal->ops->load_snapshot(journal, row, owner, seq, digest);
}

static enum sq_err fenced_save(struct sq_store *store, uint64_t seq, uint64_t digest,
                               const struct sq_message *rows, size_t count)
{
    struct sq_store *journal = of_store(store)->owners->journal;
    return journal->ops->save_snapshot(journal, seq, digest, rows, count);
}

static enum sq_err fenced_turn_end(struct sq_store *store, uint64_t seq, uint64_t *end,
                                   uint8_t hash[SQ_HASH_SIZE])
{
    struct sq_store *journal = of_store(store)->owners->journal;
    return journal->ops->turn_end(journal, seq, end, hash);
}

/* What others have committed since is not this server's tip. */
static uint64_t fenced_last_seq(struct sq_store *store)
{
    const struct node *n = of_store(store);
    struct sq_store *journal = n->owners->journal;
    return n->epoch == n->owners->epoch ? journal->ops->last_seq(journal) : 0;
}

static const char *fenced_why(struct sq_store *store)
{
    struct sq_store *journal = of_store(store)->owners->journal;
    return journal->ops->why(journal);
}

static void fenced_destroy(struct sq_store *store)
{
    (void)store;
}

static const struct sq_store_ops fenced_ops = {
    fenced_commit,   fenced_ballast,  fenced_read, fenced_save,    fenced_load,
    fenced_turn_end, fenced_last_seq, fenced_why,  fenced_destroy,
};

/* ---- taking over ---------------------------------------------------------------------------------- */

/* What people and the checks know goes on; a process that begins knows only its journal. */
void owners_inherit(struct owners *o, struct world *w)
{
    struct world *from = o->last;
    w->durable_seq = o->durable_seq;
    w->durable_digest = o->durable_digest;
    if (from == w)
        return;
    memcpy(w->pressed, from->pressed, sizeof w->pressed);
    memcpy(w->disturbed, from->disturbed, w->config.positions * sizeof *w->disturbed);
    w->pressed_count = from->pressed_count;
    w->next_id = from->next_id;
    w->bulk = from->bulk;
    w->live = from->live;
}

static void submit_take(struct node *n)
{
    struct sq_message m = {.kind = SQ_OWNERSHIP};
    struct sq_ownership *take = &m.as.ownership;
    take->what = SQ_OWNERSHIP_TAKE;
    take->taken = SQ_TAKEN_FENCED;
    take->epoch = n->epoch;
    snprintf(take->owner, sizeof take->owner, "BACKUP-%d", (int)(n - n->owners->node) + 1);
    sq_host_submit(n->w->host, &m);
}

/* It does not know that the book is elsewhere: it has its own journal, and what it finds there. */
static void come_back(struct owners *o, struct world *w)
{
    w->durable_seq = o->durable_seq;
    w->durable_digest = o->durable_digest;
    w->pressed_count = 0;
}

static void claim(struct node *n)
{
    struct owners *o = n->owners;
    struct world *w = n->w;
    trace(w, "-- server %d takes over, epoch %u", (int)(n - o->node) + 1, o->epoch + 1);
    o->happened[OWNERS_TAKEN]++;
    n->epoch = w->epoch = ++o->epoch;
    n->beat_at = o->beat_at = o->now;
    if (o->holder == BROKEN_GLASS)
        come_back(o, w);
    else
        owners_inherit(o, w);
    world_start(w);
    if (w->broken)
        return;
    w->epoch_told = tables(w)->book.epoch;
    w->fresh = true;
    check_recovered(w);
    submit_take(n);
    fix_exchange_start(w->link, &tables(w)->book);
    n->state = OWNER;
    if (o->holder != BROKEN_GLASS)
        o->last = w;
}

void owners_step_down(struct node *n, const char *why)
{
    n->w->held = false;
    world_crash(n->w, why);
    n->state = DOWN;
}

/* A lease only ever takes rights away: what fences is the epoch and the exchange. */
static void beat(struct node *n)
{
    struct owners *o = n->owners;
    if (o->now < n->next_look)
        return;
    n->next_look = o->now + BEAT;
    if (!owners_is_apart(n) && n->epoch == o->epoch) {
        o->beat_at = n->beat_at = o->now;
    } else if (!owners_is_apart(n) || (n->trusts_time && o->now - n->beat_at >= LEASE * 2 / 3)) {
        o->happened[OWNERS_BEAT_LOST]++;
        owners_step_down(n, "its lease is gone");
    }
}

static void look(struct node *n)
{
    struct owners *o = n->owners;
    if (o->now < n->next_look)
        return;
    n->next_look = o->now + LOOK;
    if (owners_is_apart(n))
        return;
    if (o->holder == GRANTED_TO_SERVER)
        desk_return(n);
    else if ((o->holder == BY_SERVER || o->holder == BROKEN_GLASS) && o->now - o->beat_at > LEASE)
        claim(n);
}

/* ---- stopping and going on ------------------------------------------------------------------------ */

static void pause_node(struct node *n)
{
    n->paused_until = n->owners->now + 1 + (sq_time)below(n->owners->base, 90 * SQ_SECOND);
    trace(n->w, "-- server %d stops", (int)(n - n->owners->node) + 1);
}

static bool holds(struct world *w)
{
    struct owners *o = w->owner;
    if (!owners_befalls(o, OWNERS_HELD))
        return false;
    for (int i = 0; i < NODES; i++)
        if (o->node[i].w == w)
            pause_node(&o->node[i]);
    return true;
}

/* The exchange's end of a connection does not wait for a process that has stopped. */
static void peer_closes(struct node *n)
{
    struct world *w = n->w;
    if (w->connection < 0 || !exchange_closing(w->exchange, w->connection))
        return;
    exchange_disconnect(w->exchange, w->connection, n->owners->now);
    w->connection = -1;
    world_pipe_clear(&w->to_exchange);
    n->socket_dead = true;
}

/* What was committed before is acted on now: the last checks before a FIX number must hold it. */
static void go_on(struct node *n)
{
    struct world *w = n->w;
    n->paused_until = 0;
    trace(w, "-- server %d goes on", (int)(n - n->owners->node) + 1);
    if (w->held) {
        w->held = false;
        sq_host_done(w->host, SQ_ERR_OK);
    }
    if (n->epoch != n->owners->epoch && owners_befalls(n->owners, OWNERS_STALE))
        act(w);
    if (!n->socket_dead)
        return;
    n->socket_dead = false;
    n->owners->happened[OWNERS_DEAD_SOCKET]++;
    if (below(n->owners->base, 2))
        world_pump(w); /* it writes before it learns that nobody reads */
    world_pipe_clear(&w->from_exchange);
    if (!w->crashed)
        fix_exchange_disconnect(w->link, "closed while we were stopped");
}

/* ---- I10: one owner --------------------------------------------------------------------------------- */

/* ClOrdID: yymmdd, book, then three digits of the epoch, in an alphabet that sorts as ASCII does. */
static void check_epochs(struct owners *o)
{
    const struct sim_book *b = &o->base->exchange->state->book;
    if (o->orders_seen > b->count)
        o->orders_seen = b->count;
    for (; o->orders_seen < b->count; o->orders_seen++) {
        const struct sim_order *order = &b->order[o->orders_seen];
        if (order->loaded || strlen(order->clord_id) < 12)
            continue;
        if (memcmp(order->clord_id + 9, o->last_epoch, 3) < 0)
            broken(o->base, "I10 single owner", "order %s came after epoch %.3s", order->clord_id,
                   o->last_epoch);
        memcpy(o->last_epoch, order->clord_id + 9, 3);
    }
}

static bool is_logged_on(const struct node *n)
{
    return n->state == OWNER && n->w->link->up && !n->socket_dead && n->w->connection >= 0;
}

/* Once the console has reconciled, the exchange knows its numbers: a server's are too low for good. */
static void check_kept_out(struct owners *o, struct node *n)
{
    bool kept_out = n->state == OWNER && n->w->link->fenced;
    if (is_logged_on(n) && o->now >= n->paused_until)
        broken(o->base, "I10 single owner", "server %d logged on after the glass",
               (int)(n - o->node) + 1);
    o->happened[OWNERS_LOCKED_OUT] += kept_out && !n->kept_out;
    n->kept_out = kept_out;
}

static void check_owners(struct owners *o)
{
    int up = 0;
    for (int i = 0; i < NODES; i++)
        up += is_logged_on(&o->node[i]);
    if (up > 1)
        broken(o->base, "I10 single owner", "%d processes are logged on", up);
    const struct node *desk = &o->node[DESK];
    o->glass_stands |= o->holder == BROKEN_GLASS && desk->state == OWNER &&
                       tables(desk->w)->book.epoch == desk->epoch &&
                       tables(desk->w)->book.link == SQ_LINK_READY;
    for (int i = 0; i < SERVERS && o->glass_stands; i++)
        check_kept_out(o, &o->node[i]);
    check_epochs(o);
}

/* ---- time --------------------------------------------------------------------------------------------- */

static void note_durable(struct owners *o, const struct world *w)
{
    if (w->durable_seq <= o->durable_seq)
        return;
    o->durable_seq = w->durable_seq;
    o->durable_digest = w->durable_digest;
}

/* Just now, and not because of its numbers: somebody else's session lives. */
static bool is_turned_away(const struct node *n)
{
    const struct world *w = n->w;
    return n->owners->holder == BY_SERVER && w->connection < 0 && !w->link->fenced &&
           w->connect_at == w->now + w->retry_us && n->epoch == n->owners->epoch;
}

static void lead(struct node *n)
{
    beat(n);
    if (n->state != OWNER)
        return;
    world_pump(n->w);
    n->owners->happened[OWNERS_EARLY_LOGON] += is_turned_away(n);
    note_durable(n->owners, n->w);
    if (n->w->crashed)
        n->state = DOWN;
    else
        desk_release(n);
}

static void step_node(struct node *n)
{
    struct world *w = n->w;
    if (n->paused_until > n->owners->now) {
        peer_closes(n);
        return;
    }
    w->now = n->owners->now;
    if (n->paused_until > 0 && n->state == OWNER)
        go_on(n);
    n->paused_until = 0;
    if (n - n->owners->node == DESK) {
        desk_step(n);
        return;
    }
    if (n->state == DOWN && w->now >= w->restart_at)
        n->state = STANDBY;
    if (n->state == STANDBY)
        look(n);
    if (n->state == OWNER && !w->broken)
        lead(n);
}

static sq_time sooner(sq_time a, sq_time b)
{
    return a < b ? a : b;
}

static sq_time next_of(const struct node *n, sq_time most)
{
    if (n->paused_until > n->owners->now)
        return sooner(most, n->paused_until);
    switch (n->state) {
    case DOWN: return sooner(most, n->w->restart_at);
    case STANDBY:
    case FOLLOWING: return sooner(most, n->next_look);
    default: return world_next_time(n->w, sooner(most, n->next_look));
    }
}

static const struct world *first_broken(const struct owners *o)
{
    for (int i = 0; i < NODES; i++)
        if (o->node[i].w->broken)
            return o->node[i].w;
    return NULL;
}

static void advance(struct owners *o, sq_time until)
{
    while (o->now < until && !first_broken(o)) {
        sq_time next = sooner(until, exchange_deadline(o->base->exchange));
        for (int i = 0; i < NODES; i++)
            next = next_of(&o->node[i], next);
        o->now = next > o->now ? next : o->now + 1;
        exchange_tick(o->base->exchange, o->now);
        for (int i = 0; i < NODES && !first_broken(o); i++)
            step_node(&o->node[i]);
        check_owners(o);
    }
}

/* ---- life --------------------------------------------------------------------------------------------- */

static struct node *owner_of(struct owners *o)
{
    if (o->holder == BY_DESK || o->holder == BROKEN_GLASS)
        return o->node[DESK].state == OWNER ? &o->node[DESK] : NULL;
    for (int i = 0; i < SERVERS; i++)
        if (o->node[i].state == OWNER && o->node[i].epoch == o->epoch)
            return &o->node[i];
    return NULL;
}

bool owners_is_awake(const struct node *n)
{
    return n->paused_until <= n->owners->now && !n->w->held;
}

static void draw_weights(struct owners *o)
{
    static const uint32_t most[OWNERS_FAULT_COUNT] = {
        [OWNERS_PAUSE] = 150000,       [OWNERS_HELD] = 5000,       [OWNERS_APART] = 80000,
        [OWNERS_STALE] = 500000,       [OWNERS_HAND_OVER] = 60000, [OWNERS_HAND_BACK] = 100000,
        [OWNERS_BREAK_GLASS] = 500000,
    };
    for (int f = 0; f < OWNERS_FAULT_COUNT; f++)
        o->weight[f] = below(o->base, 3) ? (uint32_t)below(o->base, most[f] + 1) : 0;
}

/* A second process over what the first one's world has made. */
static void share(struct owners *o, struct node *n)
{
    struct world *w = n->w;
    n->store.ops = &fenced_ops;
    w->store = &n->store;
    w->journal = o->journal;
    w->holds = holds;
    w->retry_us = 200 * SQ_MS;
    w->connect_at = 0;
    w->owner = o;
    w->weight[WORLD_DISK_FULL] = 0;     /* a server of the database has no ballast */
    w->weight[WORLD_EXCHANGE_TAIL] = 0; /* what follows is sim_world.c's */
    n->trusts_time = below(o->base, 2);
    if (w == o->base)
        return;
    w->seed = o->base->seed;
    w->chance = chance(o->base);
    w->now = o->base->now;
    w->delay_us = (int64_t)below(o->base, 200 * SQ_MS);
    w->narrow_band = o->base->narrow_band;
    memcpy(w->weight, o->base->weight, sizeof w->weight);
    w->exchange = o->base->exchange;
    w->day = o->base->day;
    w->connection = -1;
    w->crashed = true;
    w->book_lost = 0;
    w->live = 0;
    w->pressed_count = 0;
}

/* Gives back what belongs to the base alone, so that it can be made anew or destroyed. */
static void unshare(struct owners *o)
{
    desk_close(o);
    for (int i = 0; i < NODES; i++) {
        struct world *w = o->node[i].w;
        o->steps += w->steps;
        w->steps = 0;
        w->broken = NULL;
        w->held = w->healed = false;
        world_pipe_clear(&w->to_exchange);
        world_pipe_clear(&w->from_exchange);
        w->stalled_until = w->feed_dead_until = 0;
        w->store = w == o->base ? o->journal : NULL;
        if (w != o->base) {
            w->exchange = NULL;
            memset(&w->day, 0, sizeof w->day);
        }
    }
}

static void open_world(struct owners *o, uint64_t seed)
{
    unshare(o);
    world_reset(o->base, seed);
    o->journal = o->base->journal;
    o->now = o->base->now;
    o->epoch = 1;
    o->beat_at = 0;
    o->healed = false;
    o->holder = BY_SERVER;
    o->silent_since = 0;
    o->glass_stands = false;
    o->last = o->base;
    o->durable_seq = o->base->durable_seq;
    o->durable_digest = o->base->durable_digest;
    o->orders_seen = 0;
    memcpy(o->last_epoch, "000", 4);
    draw_weights(o);
    for (int i = 0; i < NODES; i++) {
        struct node *n = &o->node[i];
        *n = (struct node){.owners = o, .w = n->w, .state = STANDBY, .next_look = o->now + i};
        share(o, n);
    }
    world_crash(o->base, "for the servers to begin");
    desk_open(o);
}

static void misfortunes(struct owners *o)
{
    for (int i = 0; i < NODES; i++) {
        struct node *n = &o->node[i];
        if (!owners_is_awake(n))
            continue;
        if (owners_befalls(o, OWNERS_PAUSE))
            pause_node(n);
        if (owners_befalls(o, OWNERS_APART))
            n->apart_until = o->now + (sq_time)below(o->base, 30 * SQ_SECOND);
        if (n->state != OWNER || n->paused_until > 0)
            continue;
        n->w->now = o->now;
        world_misfortune(n->w);
        o->now = n->w->now;
        if (n->w->crashed)
            n->state = DOWN;
    }
}

static void people(struct owners *o)
{
    struct node *owner = owner_of(o);
    if (owner && owners_is_awake(owner) && !owner->w->crashed)
        act(owner->w);
    desk_people(o);
}

static void heal(struct owners *o)
{
    o->healed = true;
    for (int i = 0; i < NODES; i++) {
        o->node[i].apart_until = 0;
        if (o->node[i].paused_until > o->now)
            o->node[i].paused_until = o->now;
        world_heal(o->node[i].w);
        if (o->holder == BROKEN_GLASS && i < SERVERS && o->node[i].state == OWNER) {
            owners_step_down(&o->node[i], "somebody has gone to the server room");
            o->node[i].w->restart_at = SQ_NEVER;
        }
    }
}

/* The market halts, the last answers come, and a fresh process finds the same state. */
static void end_world(struct owners *o)
{
    char answer[256];
    exchange_command(o->base->exchange, "halt NFO on", o->now, answer, sizeof answer);
    exchange_command(o->base->exchange, "halt NSE on", o->now, answer, sizeof answer);
    advance(o, o->now + 10 * SQ_SECOND);
    struct node *owner = owner_of(o);
    if (first_broken(o))
        return;
    if (!owner) {
        broken(o->base, "liveness", "nobody owns the book");
        return;
    }
    check_quiet(owner->w);
    owners_step_down(owner, "to be followed by a fresh process");
    owner->w->restart_at = o->now;
    advance(o, o->now + 10 * SQ_SECOND);
    if (!first_broken(o) && !owner_of(o))
        broken(o->base, "liveness", "nobody took over");
}

bool owners_run(struct owners *o, uint64_t seed)
{
    open_world(o, seed);
    sq_time end = o->base->end;
    while (o->now < end && !first_broken(o)) {
        people(o);
        misfortunes(o);
        advance(o, o->now + (sq_time)below(o->base, 8 * SQ_SECOND) + 1);
    }
    heal(o);
    for (sq_time until = o->now + 300 * SQ_SECOND; o->now < until && !first_broken(o);) {
        struct node *owner = owner_of(o);
        if (owner && owners_is_awake(owner) && !owner->w->crashed)
            act_heal(owner->w);
        advance(o, o->now + 5 * SQ_SECOND);
    }
    end_world(o);
    return first_broken(o) == NULL;
}

const struct world *owners_broken(const struct owners *o)
{
    return first_broken(o);
}

const uint64_t *owners_happened(const struct owners *o)
{
    return o->happened;
}

uint64_t owners_steps(const struct owners *o)
{
    uint64_t steps = o->steps;
    for (int i = 0; i < NODES; i++)
        steps += o->node[i].w->steps;
    return steps;
}

struct owners *owners_create(bool trace)
{
    struct owners *o = calloc(1, sizeof *o);
    SQ_ASSERT(o != NULL);
    for (int i = 0; i < NODES; i++) {
        o->node[i].w = world_create();
        o->node[i].w->trace = trace;
    }
    o->base = o->node[0].w;
    return o;
}

void owners_destroy(struct owners *o)
{
    unshare(o);
    for (int i = 0; i < NODES; i++)
        world_destroy(o->node[i].w);
    free(o);
}
