/* The invariants of the simulation (safety.md 4.2), each told by its number when it breaks. */
#include <inttypes.h>
#include <string.h>

#include "core/host_state.h"
#include "net/simulator/exchange_state.h"
#include "tests/sim_world.h"

static bool is_live(const struct sq_order *o)
{
    return !sq_order_state_is_terminal((enum sq_order_state)o->state);
}

/* ---- what the exchange does that we cannot know ---------------------------------------------- */

static void disturb(struct world *w, const struct sq_key *key)
{
    uint32_t row = sq_find_position(tables(w), key);
    if (row != SQ_NO_ROW)
        w->disturbed[row] = true;
}

static void note_alarm(struct world *w, const struct sq_alarm_event *a)
{
    switch (a->alarm) {
    case SQ_ALARM_LATE_FILL:
    case SQ_ALARM_CUM_ABOVE:
    case SQ_ALARM_ADOPTED:
    case SQ_ALARM_CORRECTED: disturb(w, &a->key); break;
    case SQ_ALARM_BUST: /* the exchange itself undoes no fill in these worlds */
        disturb(w, &a->key);
        w->happened[WORLD_TAKEN_BACK]++;
        break;
    case SQ_ALARM_FULL: broken(w, "I16 bounded", "a table is full: %s", a->text); break;
    default: break;
    }
}

static void note_intent(struct world *w, struct sq_id id)
{
    for (uint32_t i = w->pressed_count; i-- > 0;)
        if (w->pressed[i].id.low == id.low && w->pressed[i].id.high == id.high) {
            w->pressed[i].durable = true;
            return;
        }
}

/* ---- I13: who may ------------------------------------------------------------------------------- */

static void check_authority(struct world *w, const struct sq_close *c)
{
    w->closes_seen[c->state]++;
    const struct sq_tables *t = tables(w);
    uint32_t dealer = sq_find_person(t, c->dealer);
    if (dealer == SQ_NO_ROW || t->person[dealer].role == SQ_ROLE_AUDITOR)
        broken(w, "I13 authority", "close %" PRIu64 " by %s", c->no, c->dealer);
    bool four_eyes = false;
    for (int g = 0; g < SQ_GUARD_COUNT; g++)
        four_eyes |=
            (c->guards >> g & 1) && sq_guard_verdict((enum sq_guard)g) == SQ_VERDICT_APPROVE;
    if (four_eyes && c->children > 0 &&
        (c->approver[0] == 0 || strcmp(c->approver, c->dealer) == 0))
        broken(w, "I13 authority", "close %" PRIu64 " began without a second person", c->no);
}

/* Nothing that we could have known beforehand may be what the exchange refuses. */
static void check_order_row(struct world *w, const struct sq_order *o)
{
    static const char *const ours[] = {"freeze", "lot", "tick", "band", "price"};
    w->orders_seen[o->state]++;
    for (size_t i = 0; o->state == SQ_ORDER_REJECTED && i < sizeof ours / sizeof *ours; i++)
        if (strstr(o->text, ours[i]))
            broken(w, "rules of the close", "order %s refused: %s", o->clord, o->text);
}

static bool is_supervisor(const struct world *w, const char *code)
{
    uint32_t row = sq_find_person(tables(w), code);
    return row != SQ_NO_ROW && tables(w)->person[row].role == SQ_ROLE_SUPERVISOR;
}

/* A loss ends by the word of two people, and new orders only after that and a reconciliation. */
static void check_loss(struct world *w, const struct sq_book *b)
{
    if (b->lost && b->link != SQ_LINK_DOWN)
        broken(w, "I11 conservation", "logged on to an exchange that has lost data");
    if (w->book_lost && !b->lost) {
        w->happened[WORLD_RECONCILED]++;
        if (!is_supervisor(w, b->loss_person) || !is_supervisor(w, b->loss_second) ||
            strcmp(b->loss_person, b->loss_second) == 0)
            broken(w, "I13 authority", "a loss was settled by %s and %s", b->loss_person,
                   b->loss_second);
    }
    w->happened[WORLD_READY_AGAIN] +=
        b->link == SQ_LINK_READY && b->loss_second[0] && b->reconciled_at == b->time;
    w->book_lost = b->lost;
}

/* What filled in all by orders of ours on a position. */
static sq_quantity our_fills(const struct world *w, const struct sq_key *key)
{
    const struct sq_tables *t = tables(w);
    sq_quantity filled = 0;
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].origin == SQ_ORIGIN_CLOSE && sq_key_equal(&t->order[i].key, key))
            filled += t->order[i].cum;
    return filled;
}

/* A new owner's quota begins with what it finds. */
static void note_epoch(struct world *w, const struct sq_book *b)
{
    if (w->epoch_told != 0 && w->epoch_told != b->epoch)
        for (uint32_t p = 0; p < tables(w)->position_count; p++)
            w->filled_before[p] = our_fills(w, &tables(w)->position[p].key);
    w->epoch_told = b->epoch;
}

void check_event(struct world *w, const struct sq_message *event)
{
    if (event->kind == SQ_ALARM)
        note_alarm(w, &event->as.alarm);
    else if (event->kind == SQ_INTENT)
        note_intent(w, event->as.intent.id);
    else if (event->kind == SQ_CLOSE)
        check_authority(w, &event->as.close);
    else if (event->kind == SQ_ORDER)
        check_order_row(w, &event->as.order);
    else if (event->kind == SQ_BOOK) {
        check_loss(w, &event->as.book);
        note_epoch(w, &event->as.book);
    }
}

/* ---- I6, I12: what leaves ------------------------------------------------------------------------ */

static void check_order_leaves(struct world *w, const struct sq_request_order *r)
{
    const struct sq_tables *t = tables(w);
    uint32_t row = sq_find_clord(t, r->clord);
    if (row == SQ_NO_ROW) {
        broken(w, "I14 audit", "order %s has no cause", r->clord);
        return;
    }
    uint32_t close = sq_find_close(t, t->order[row].close_no);
    const struct sq_close *c = &t->close[close];
    w->sent++;
    if (c->typed_limit != 0 || w->now > r->send_before) /* the adaptor refuses to number it */
        return;
    if (w->now - c->quoted > 3 * SQ_SECOND || c->quote.feed_age_ms < 0 ||
        c->quote.feed_age_ms > w->config.quote_age_limit_ms)
        broken(w, "I12 stale", "order %s was priced from an old quote", r->clord);
}

void check_request(struct world *w, const struct sq_message *request)
{
    if (request->seq > w->durable_seq)
        broken(w, "I6 write-ahead", "request of seq %" PRIu64 ", durable %" PRIu64, request->seq,
               w->durable_seq);
    if (request->kind == SQ_REQUEST_NEW)
        check_order_leaves(w, &request->as.request);
}

/* ---- I1, I3, I4: local state ---------------------------------------------------------------------- */

static void check_position(struct world *w, uint32_t row)
{
    const struct sq_tables *t = tables(w);
    const struct sq_position *p = &t->position[row];
    sq_quantity working = 0, ours = 0, filled = our_fills(w, &p->key) - w->filled_before[row];
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct sq_order *o = &t->order[i];
        if (!sq_key_equal(&o->key, &p->key))
            continue;
        if (!is_live(o))
            continue;
        working += o->leaves;
        if (o->origin != SQ_ORIGIN_CLOSE)
            continue;
        ours += o->leaves;
        if (p->net != 0 && sq_side_sign((enum sq_side)o->side) * p->net > 0)
            broken(w, "I1 no increase", "order %s is on the side of its position", o->clord);
    }
    if (working > sq_abs(p->net))
        broken(w, "I1 reserved", "%s/%u: %" PRId64 " working of %" PRId64, p->key.client,
               p->key.token, working, p->net);
    if (filled + ours > sq_abs(p->start))
        broken(w, "I3 conservation", "%s/%u: filled and reserved above the start", p->key.client,
               p->key.token);
}

static void check_closes(struct world *w)
{
    const struct sq_tables *t = tables(w);
    bool open[256] = {false};
    SQ_ASSERT(t->position_count <= 256);
    for (uint32_t i = 0; i < t->close_count; i++) {
        uint32_t position = sq_find_position(t, &t->close[i].key);
        bool ended = sq_close_state_is_ended((enum sq_close_state)t->close[i].state);
        if (!ended && open[position])
            broken(w, "I4 one chain", "two closes are open on %s/%u", t->close[i].key.client,
                   t->close[i].key.token);
        open[position] |= !ended;
        if (t->close[i].children > t->close[i].child_cap)
            broken(w, "I4 one chain", "close %" PRIu64 " has too many children", t->close[i].no);
    }
}

static void check_exchange(struct world *w)
{
    struct exchange_counts n = exchange_counts(w->exchange);
    if (n.alarms)
        broken(w, "I2 no flip, no increase", "judged by the exchange's own account");
    if (n.overworked)
        broken(w, "I2 no flip, no increase", "more was working than the position could bear");
    if (n.duplicate_ids)
        broken(w, "I5 uniqueness", "a ClOrdID came twice");
    if (n.resent_orders)
        broken(w, "I5 uniqueness", "an order was resent");
}

static void check_counters(struct world *w)
{
    const struct sq_book *b = &tables(w)->book;
    if (b->epoch != w->epoch || b->next_order <= tables(w)->order_count)
        broken(w, "I9 monotone", "epoch %u, next order %" PRIu64, b->epoch, b->next_order);
}

void check_step(struct world *w)
{
    for (uint32_t p = 0; p < tables(w)->position_count; p++)
        if (!w->disturbed[p])
            check_position(w, p);
    check_closes(w);
    check_exchange(w);
    check_counters(w);
}

/* ---- I16: what an input may cause ------------------------------------------------------------------ */

static size_t live_rows(const struct world *w)
{
    const struct sq_tables *t = tables(w);
    size_t live = 0;
    for (uint32_t i = 0; i < t->order_count; i++)
        live += is_live(&t->order[i]);
    for (uint32_t i = 0; i < t->close_count; i++)
        live += !sq_close_state_is_ended((enum sq_close_state)t->close[i].state);
    return live;
}

/* Each fill can be taken back once, so these are bounded by the fills there were. */
static size_t taken_back(const struct sq_turn *turn)
{
    size_t count = 0;
    for (size_t i = 0; i < turn->event_count; i++)
        count += turn->events[i].kind == SQ_FILL && turn->events[i].as.fill.busted;
    return count;
}

/* Whoever takes a book writes down what it found, position by position. */
static size_t taken_over(const struct world *w, const struct sq_turn *turn)
{
    for (size_t i = 0; i < turn->input_count; i++)
        if (turn->inputs[i].kind == SQ_OWNERSHIP)
            return tables(w)->position_count;
    return 0;
}

/*
 * Caps of a turn: what an input causes of itself, and what it causes of each row that was or is
 * live (a link, a halt, a loss, the clock concern all of them). So the journal grows by no more.
 * Nothing stays behind in the queue, and nobody says more in one turn than a whole day's answers.
 */
enum { EVENTS_AN_INPUT = 12, REQUESTS_AN_INPUT = 4, INPUTS_A_TURN = 1024 };

void check_growth(struct world *w, const struct sq_turn *turn)
{
    const size_t requests = w->host->out.request_count, now = live_rows(w);
    const size_t live = now > w->live ? now : w->live;
    const size_t once = taken_back(turn) + taken_over(w, turn);
    const size_t events = turn->event_count > once ? turn->event_count - once : 0;
    if (events > turn->input_count * EVENTS_AN_INPUT + 2 * live)
        broken(w, "I16 bounded", "%zu inputs caused %zu events, %zu rows live", turn->input_count,
               events, live);
    if (requests > turn->input_count * REQUESTS_AN_INPUT + live)
        broken(w, "I16 bounded", "%zu inputs caused %zu requests, %zu rows live", turn->input_count,
               requests, live);
    if (turn->input_count > INPUTS_A_TURN || w->host->queue_count > 0)
        broken(w, "I16 bounded", "%zu inputs in a turn, %zu left in the queue", turn->input_count,
               w->host->queue_count);
    w->live = now;
}

/* ---- I7, I8, I14: recovery -------------------------------------------------------------------------- */

static void check_intents(struct world *w)
{
    for (uint32_t i = 0; i < w->pressed_count; i++)
        if (w->pressed[i].durable && sq_find_intent(tables(w), w->pressed[i].id) == SQ_NO_ROW)
            broken(w, "I15 silent loss", "intent %" PRIu64 " is gone", w->pressed[i].id.low);
}

void check_recovered(struct world *w)
{
    const struct sq_engine *e = sq_host_engine(w->host);
    if (sq_engine_seq(e) != w->durable_seq)
        broken(w, "I8 prefix", "recovered to %" PRIu64 ", durable was %" PRIu64, sq_engine_seq(e),
               w->durable_seq);
    else if (sq_engine_digest(e) != w->durable_digest)
        broken(w, "I7 replay", "another state after replay at seq %" PRIu64, w->durable_seq);
    check_intents(w);
}

/* ---- I11: after healing ------------------------------------------------------------------------------ */

/* An order of another session may have filled at the exchange: nobody tells us that. */
static sq_quantity untold(const struct world *w, const struct sq_position *p)
{
    const struct sq_tables *t = tables(w);
    sq_quantity most = 0;
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].origin == SQ_ORIGIN_RESTING_EXT && sq_key_equal(&t->order[i].key, &p->key))
            most += t->order[i].qty;
    return most;
}

static void check_agrees(struct world *w, const struct sq_position *p)
{
    sq_quantity theirs = world_exchange_net(w, &p->key);
    if (sq_abs(theirs - p->net) > untold(w, p))
        broken(w, "I11 conservation", "%s/%u: we hold %" PRId64 ", the exchange says %" PRId64,
               p->key.client, p->key.token, p->net, theirs);
}

/* What our fills of a position moved, by the exchange's own book. */
static sq_money their_cash(const struct world *w, const struct sq_position *p)
{
    const struct sim_state *s = w->exchange->state;
    sq_money cash = 0;
    for (int32_t i = 0; i < s->book.count; i++) {
        const struct sim_order *o = &s->book.order[i];
        const struct sim_contract *c = &w->day.contract[o->contract];
        if (c->token == p->key.token && strcmp(o->client, p->key.client) == 0 &&
            strcmp(s->owner[o->owner].comp_id, "SQSIM") == 0)
            cash -= o->side * o->value;
    }
    return cash;
}

/* Realised and basis have moved by just what the fills say; what a person was told by phone is an
 * average, which is wrong by less than a price unit a piece. */
static void check_cash(struct world *w, const struct sq_position *p)
{
    const struct sq_tables *t = tables(w);
    uint32_t row = sq_find_instrument(t, (enum sq_exchange)p->key.exchange, p->key.token);
    sq_money start = p->overnight * t->instrument[row].prev_settle;
    sq_money ours = p->realised_paise - p->basis_paise + start;
    sq_money theirs = their_cash(w, p), fills = 0, told = 0;
    for (uint32_t f = 0; f < t->fill_count; f++) {
        const struct sq_fill *fill = &t->fill[f];
        if (fill->busted || !sq_key_equal(&fill->key, &p->key))
            continue;
        told += fill->manual ? fill->qty : 0;
        fills -= sq_side_sign((enum sq_side)fill->side) * fill->qty * fill->price;
    }
    if (sq_abs(ours - theirs) > told)
        broken(w, "I11 cash", "%s/%u: ours %" PRId64 ", theirs %" PRId64, p->key.client,
               p->key.token, ours, theirs);
    if (told == 0 && ours != fills)
        broken(w, "I11 cash", "%s/%u: moved %" PRId64 ", its fills say %" PRId64, p->key.client,
               p->key.token, ours, fills);
}

static void check_settled(struct world *w)
{
    const struct sq_tables *t = tables(w);
    for (uint32_t i = 0; i < t->close_count; i++)
        if (!sq_close_state_is_ended((enum sq_close_state)t->close[i].state) &&
            t->close[i].state != SQ_CLOSE_LOCKED && t->close[i].state != SQ_CLOSE_WORKING)
            broken(w, "liveness", "close %" PRIu64 " is still %s", t->close[i].no,
                   sq_name(SQ_LIST_CLOSE_STATE, t->close[i].state));
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_UNKNOWN)
            broken(w, "liveness", "order %s is still UNKNOWN", t->order[i].clord);
}

static void check_ids(struct world *w)
{
    const struct sq_tables *t = tables(w);
    for (uint32_t i = 0; i < t->close_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (t->close[i].id.low == t->close[j].id.low)
                broken(w, "I4 one chain", "intent %" PRIu64 " closed twice", t->close[i].id.low);
}

static void check_journal(struct world *w)
{
    if (w->store->ops->last_seq(w->store) != sq_engine_seq(sq_host_engine(w->host)))
        broken(w, "I14 audit", "the journal ends elsewhere");
}

void check_quiet(struct world *w)
{
    check_intents(w);
    check_ids(w);
    check_journal(w);
    if (w->crashed || sq_host_mode(w->host) != SQ_HOST_RUNNING)
        return; /* only people can go on from there: safety was checked all the way */
    check_settled(w);
    if (tables(w)->book.lost || tables(w)->book.link != SQ_LINK_READY)
        broken(w, "liveness", "the order link is not ready");
    for (uint32_t p = 0; p < tables(w)->position_count; p++) {
        check_agrees(w, &tables(w)->position[p]);
        check_cash(w, &tables(w)->position[p]);
    }
}
