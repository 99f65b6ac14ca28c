#include <stdlib.h>
#include <string.h>

#include "db/store_memory.h"
#include "net/simulator/exchange_state.h"
#include "tests/sim_owners_parts.h"

#define DRAIN_MOST  (10 * SQ_SECOND) /* then what is out is handed over as UNKNOWN */
#define LOGOUT_MOST (5 * SQ_SECOND)
#define SILENCE     (6 * SQ_SECOND) /* people do not break the glass sooner */
#define CATCH_UP    (300 * SQ_MS)
#define DESK_NAME   "DESK-7"
#define SERVER_NAME "BACKUP"
enum { NUMBERS_ABOVE = 1000000, ROWS = 4096 };

/* ---- asking ---------------------------------------------------------------------------------------- */

static struct sq_message change(enum sq_ownership_what what, const char *owner, uint32_t epoch)
{
    struct sq_message m = {.kind = SQ_OWNERSHIP};
    struct sq_ownership *o = &m.as.ownership;
    o->what = (uint8_t)what;
    o->epoch = epoch;
    sq_text_cut(o->owner, sizeof o->owner, owner);
    sq_text_cut(o->person, sizeof o->person, "S1");
    sq_text_cut(o->reason, sizeof o->reason, "simulated");
    return m;
}

static void submit(struct node *n, const struct sq_message *m)
{
    char line[SQ_LINE_MAX];
    sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
    trace(n->w, "> %s", line);
    sq_host_submit(n->w->host, m);
}

static void submit_take(struct node *n, enum sq_taken taken, const char *owner, uint64_t numbers)
{
    struct sq_message m = change(SQ_OWNERSHIP_TAKE, owner, n->epoch);
    m.as.ownership.taken = (uint8_t)taken;
    m.as.ownership.out_reserved = numbers;
    sq_text_cut(m.as.ownership.second, SQ_PERSON_SIZE, "S2");
    submit(n, &m);
}

/* ---- adopting: rows of one journal into another ------------------------------------------------------ */

/* A turn for each input, with the events that follow it. */
struct adoption {
    struct world *w;
    struct sq_message input;
    struct sq_message events[ROWS];
    size_t event_count;
    bool pending;
};

static void adopt_pending(struct adoption *a)
{
    const struct sq_turn turn = {
        .inputs = &a->input, .input_count = 1, .events = a->events, .event_count = a->event_count};
    char why[SQ_TEXT_SIZE * 2];
    if (!a->pending || a->w->broken)
        return;
    a->pending = false;
    enum sq_err e = sq_host_adopt(a->w->host, &turn, why, sizeof why);
    if (e != SQ_ERR_OK)
        broken(a->w, "I7 replay", "a replica cannot follow: %s: %s", sq_strerror(e), why);
}

static int adopt_row(void *owner, const struct sq_message *message, bool is_input)
{
    struct adoption *a = owner;
    if (is_input) {
        adopt_pending(a);
        a->input = *message;
        a->event_count = 0;
        a->pending = true;
    } else {
        SQ_ASSERT(a->event_count < ROWS);
        a->events[a->event_count++] = *message;
    }
    return 0;
}

static void adopt(struct world *w, struct sq_store *from, uint64_t after)
{
    static struct adoption a;
    if (from->ops->last_seq(from) == after)
        return;
    a.w = w;
    a.pending = false;
    from->ops->read(from, after, adopt_row, &a);
    adopt_pending(&a);
    world_note_durable(w);
}

/* ---- the console ------------------------------------------------------------------------------------- */

static void follow(struct node *desk)
{
    struct world *w = desk->w;
    world_start(w);
    if (w->broken)
        return;
    sq_host_follow(w->host);
    w->crashed = false;
    desk->next_look = desk->owners->now;
    desk->state = FOLLOWING;
    desk->draining_since = 0;
    desk->logged_out = false;
}

/* ---- releasing: the same on both sides ----------------------------------------------------------------- */

static bool is_all_numbered(const struct sq_tables *t)
{
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_JOURNALLED)
            return false;
    return true;
}

/* What it has released is durable: whoever it was granted to may take it now. */
static void released(struct node *n)
{
    struct owners *o = n->owners;
    const struct sq_book *b = &tables(n->w)->book;
    bool to_desk = strcmp(b->owner, DESK_NAME) == 0;
    trace(n->w, "-- released to %s, epoch %u", b->owner, b->granted);
    if (o->holder == BROKEN_GLASS && n - o->node != DESK) {
        owners_step_down(n, "what it releases is its own no more");
        return;
    }
    o->epoch = b->granted;
    o->durable_seq = n->w->durable_seq;
    o->durable_digest = n->w->durable_digest;
    o->holder = to_desk ? GRANTED_TO_DESK : GRANTED_TO_SERVER;
    if (to_desk) {
        owners_step_down(n, "it has released the book");
        n->w->restart_at = o->now;
    } else {
        world_cut(n->w, "released");
        follow(n);
    }
}

void desk_release(struct node *n)
{
    struct owners *o = n->owners;
    const struct sq_tables *t = tables(n->w);
    if (!t->book.owned && t->book.granted &&
        n->w->durable_seq == sq_engine_seq(sq_host_engine(n->w->host)))
        released(n);
    else if (!t->book.draining)
        n->draining_since = 0;
    else if (n->draining_since == 0)
        n->draining_since = o->now;
    else if (!n->logged_out && is_all_numbered(t) &&
             (sq_host_in_flight(n->w->host) == 0 || o->now - n->draining_since > DRAIN_MOST)) {
        fix_exchange_logout(n->w->link, o->now, "hand-over");
        n->logged_out = true;
        n->draining_since = o->now;
    } else if (n->logged_out && (!n->w->link->up || o->now - n->draining_since > LOGOUT_MOST)) {
        bool from_desk = n - o->node == DESK;
        struct sq_message m =
            change(SQ_OWNERSHIP_RELEASE, from_desk ? SERVER_NAME : DESK_NAME, t->book.epoch + 1);
        n->logged_out = false;
        submit(n, &m);
    }
}

/* ---- opening, beginning again ---------------------------------------------------------------------------- */

void desk_open(struct owners *o)
{
    struct node *desk = &o->node[DESK];
    o->desk_journal = store_memory_create();
    SQ_ASSERT(o->desk_journal != NULL);
    desk->w->store = desk->w->journal = o->desk_journal;
    desk->w->holds = NULL;
    memset(desk->w->filled_before, 0, desk->w->config.positions * sizeof(sq_quantity));
    follow(desk);
}

void desk_close(struct owners *o)
{
    if (o->desk_journal)
        o->desk_journal->ops->destroy(o->desk_journal);
    o->desk_journal = NULL;
}

/* It begins with the journal that it has: its own book, or a replica of the servers'. */
static void begin_again(struct node *desk)
{
    struct world *w = desk->w;
    follow(desk);
    if (w->broken || (desk->owners->holder != BY_DESK && desk->owners->holder != BROKEN_GLASS))
        return;
    const struct sq_book *b = &tables(w)->book;
    if (!b->owned && b->granted > desk->epoch)
        released(desk); /* it died between its RELEASE and telling anybody */
    if (desk->owners->holder == BROKEN_GLASS && b->epoch != desk->epoch)
        desk->owners->holder = BY_SERVER; /* it died in the act: the glass is whole */
    if (!b->owned || b->epoch != desk->epoch)
        return; /* or its TAKE was not durable: it is asked for again */
    world_start(w);
    w->fresh = true;
    check_recovered(w);
    fix_exchange_start(w->link, &tables(w)->book);
    desk->state = OWNER;
}

static uint32_t next_glass(uint32_t epoch)
{
    return (epoch / SQ_GLASS_EPOCHS + 1) * SQ_GLASS_EPOCHS;
}

static void take(struct node *desk, enum sq_taken taken, uint64_t numbers)
{
    struct world *w = desk->w;
    struct owners *o = desk->owners;
    desk->epoch = w->epoch =
        taken == SQ_TAKEN_GRANTED ? o->epoch : next_glass(tables(w)->book.epoch);
    w->epoch_told = tables(w)->book.epoch;
    sq_host_lead(w->host);
    submit_take(desk, taken, DESK_NAME, numbers);
    fix_exchange_start(w->link, &tables(w)->book);
    desk->state = OWNER;
    o->last = w;
}

/* The grant names the journal's last row: the replica must end in it, and in the same state. */
static void take_granted(struct node *desk)
{
    struct owners *o = desk->owners;
    struct world *w = desk->w;
    if (o->desk_journal->ops->last_seq(o->desk_journal) != o->durable_seq)
        return;
    if (sq_engine_digest(sq_host_engine(w->host)) != o->durable_digest)
        broken(w, "I7 replay", "the replica is in another state than the server was");
    owners_inherit(o, w);
    world_note_durable(w);
    o->happened[OWNERS_DESK_TAKES]++;
    o->holder = BY_DESK;
    take(desk, SQ_TAKEN_GRANTED, 0);
}

static void follow_on(struct node *desk)
{
    struct owners *o = desk->owners;
    if (o->now < desk->next_look)
        return;
    desk->next_look = o->now + CATCH_UP;
    if (owners_is_apart(desk) || o->holder == GRANTED_TO_SERVER)
        return;
    if (o->holder == BY_SERVER || o->holder == GRANTED_TO_DESK)
        adopt(desk->w, o->journal, o->desk_journal->ops->last_seq(o->desk_journal));
    if (!desk->w->broken && o->holder == GRANTED_TO_DESK)
        take_granted(desk);
    else if (!desk->w->broken && o->holder == BY_DESK)
        take(desk, SQ_TAKEN_GRANTED, 0);
}

static void own(struct node *desk)
{
    struct owners *o = desk->owners;
    desk->next_look = SQ_NEVER;
    world_pump(desk->w);
    if (desk->w->crashed) {
        desk->state = DOWN;
        return;
    }
    if (o->holder == BY_DESK) {
        o->durable_seq = desk->w->durable_seq;
        o->durable_digest = desk->w->durable_digest;
    }
    desk_release(desk);
}

void desk_step(struct node *desk)
{
    if (desk->state == DOWN && desk->w->now >= desk->w->restart_at)
        begin_again(desk);
    if (desk->state == FOLLOWING && !desk->w->broken)
        follow_on(desk);
    if (desk->state == OWNER && !desk->w->broken)
        own(desk);
}

/* ---- back to a server ------------------------------------------------------------------------------------ */

/* It adopts the console's rows since it gave the book away; any server may, and go on where one died. */
void desk_return(struct node *n)
{
    struct owners *o = n->owners;
    struct world *w = n->w;
    if (!owners_is_awake(&o->node[DESK]) || o->node[DESK].state != FOLLOWING)
        return;
    n->epoch = w->epoch = o->epoch;
    n->draining_since = 0;
    n->logged_out = false;
    world_start(w);
    if (w->broken)
        return;
    sq_host_follow(w->host);
    adopt(w, o->desk_journal, o->journal->ops->last_seq(o->journal));
    if (w->broken)
        return;
    if (sq_engine_digest(sq_host_engine(w->host)) != o->durable_digest)
        broken(w, "I7 replay", "the server is in another state than the console was");
    owners_inherit(o, w);
    world_note_durable(w);
    o->last = w;
    o->holder = BY_SERVER;
    o->beat_at = n->beat_at = o->now;
    o->happened[OWNERS_SERVER_TAKES]++;
    w->epoch_told = tables(w)->book.epoch;
    sq_host_lead(w->host);
    submit_take(n, SQ_TAKEN_GRANTED, SERVER_NAME, 0);
    fix_exchange_start(w->link, &tables(w)->book);
    n->state = OWNER;
}

/* ---- people ------------------------------------------------------------------------------------------------ */

static void drain(struct node *n)
{
    struct sq_message m = change(SQ_OWNERSHIP_DRAIN, "", 0);
    submit(n, &m);
}

static bool is_exchange_free(const struct owners *o)
{
    for (int i = 0; i < SERVERS; i++)
        if (o->node[i].w->connection >= 0)
            return false;
    return true;
}

/* What the replica does not know was pressed in vain, as far as anybody here can tell. */
static void forget_unknown(struct world *w)
{
    for (uint32_t i = 0; i < w->pressed_count; i++)
        w->pressed[i].durable = sq_find_intent(tables(w), w->pressed[i].id) != SQ_NO_ROW;
}

/* No server is to be seen, and the exchange says that nobody is logged on. */
static void break_glass(struct owners *o)
{
    struct node *desk = &o->node[DESK];
    const struct sq_book *b = &tables(desk->w)->book;
    if (desk->state != FOLLOWING || !owners_is_awake(desk) || !b->loaded || !is_exchange_free(o) ||
        o->now - o->silent_since < SILENCE || !owners_befalls(o, OWNERS_BREAK_GLASS))
        return;
    trace(desk->w, "-- the glass is broken");
    owners_inherit(o, desk->w);
    forget_unknown(desk->w);
    world_note_durable(desk->w);
    memset(desk->w->disturbed, 1, desk->w->config.positions);
    o->holder = BROKEN_GLASS;
    take(desk, SQ_TAKEN_BREAK_GLASS, b->out_reserved + NUMBERS_ABOVE);
}

static struct node *server_that_owns(struct owners *o)
{
    for (int i = 0; i < SERVERS; i++)
        if (o->node[i].state == OWNER && o->node[i].epoch == o->epoch &&
            owners_is_awake(&o->node[i]))
            return &o->node[i];
    return NULL;
}

void desk_people(struct owners *o)
{
    struct node *desk = &o->node[DESK], *server = server_that_owns(o);
    if (server || o->silent_since == 0)
        o->silent_since = server ? 0 : o->now;
    if (o->holder == BY_SERVER && server && tables(server->w)->book.link == SQ_LINK_READY &&
        owners_befalls(o, OWNERS_HAND_OVER))
        drain(server);
    else if (o->holder == BY_SERVER && !server)
        break_glass(o);
    else if (o->holder == BY_DESK && desk->state == OWNER && owners_is_awake(desk) &&
             owners_befalls(o, OWNERS_HAND_BACK))
        drain(desk);
}
