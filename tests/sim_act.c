/* What people do in the simulation: press, press twice, change their minds, settle, approve. */
#include <stdio.h>
#include <string.h>

#include "net/simulator/exchange_state.h"
#include "tests/sim_world.h"

static const char *const dealers[] = {"D1", "D2", "S1"};

static void submit(struct world *w, const struct sq_message *m)
{
    if (w->crashed)
        return;
    char line[SQ_LINE_MAX];
    sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
    trace(w, "> %s", line);
    sq_host_submit(w->host, m);
}

void world_quote(struct world *w, enum sq_exchange exchange, uint32_t token, struct sq_quote *q)
{
    uint32_t row = sq_find_instrument(tables(w), exchange, token);
    const struct sim_mark *m = &exchange_market(w->exchange)->mark[day_contract(w, row)];
    bool dead = w->now < w->feed_dead_until;
    bool narrow = w->narrow_band && m->bid[0].price > 0 && m->ask[0].price > 0;
    *q = (struct sq_quote){.bid = m->bid[0].price,
                           .ask = m->ask[0].price,
                           .last = m->last,
                           .band_low = narrow ? m->bid[0].price : m->band_low,
                           .band_high = narrow ? m->ask[0].price : m->band_high,
                           .age_ms = 200,
                           .trade_age_ms = 300,
                           .feed_age_ms = dead ? 60000 : 100};
}

int64_t world_exchange_net(const struct world *w, const struct sq_key *key)
{
    uint32_t row = sq_find_instrument(tables(w), (enum sq_exchange)key->exchange, key->token);
    const struct sim_contract *c = &w->day.contract[day_contract(w, row)];
    int product = key->product == SQ_PRODUCT_MIS ? SIM_MIS : SIM_NRML;
    return exchange_net(w->exchange, key->client, c->segment, c->token, product);
}

static void remember(struct world *w, struct sq_id id)
{
    if (w->pressed_count < WORLD_INTENTS)
        w->pressed[w->pressed_count++] = (struct pressed){.id = id};
}

static struct sq_message press(struct world *w, uint32_t position)
{
    const struct sq_position *p = &tables(w)->position[position];
    struct sq_message m = {.kind = SQ_SQUARE_OFF};
    struct sq_square_off *s = &m.as.square_off;
    s->id = (struct sq_id){w->seed + 1, ++w->next_id};
    s->key = p->key;
    s->seen_net = p->net;
    s->created = w->now;
    s->confirmed = below(w, 3) ? (UINT64_C(1) << SQ_GUARD_COUNT) - 1 : 0;
    sq_text_cut(s->dealer, sizeof s->dealer, dealers[0]);
    world_quote(w, (enum sq_exchange)p->key.exchange, p->key.token, &s->quote);
    if (strikes(w, WORLD_PARTIAL_CLOSE))
        s->target = p->net / 2;
    if (strikes(w, WORLD_SECOND_DEALER))
        sq_text_cut(s->dealer, sizeof s->dealer, dealers[1 + below(w, 2)]);
    remember(w, s->id);
    return m;
}

static uint32_t any_position(struct world *w)
{
    return (uint32_t)below(w, tables(w)->position_count);
}

static void press_one(struct world *w)
{
    struct sq_message m = press(w, any_position(w));
    submit(w, &m);
    if (strikes(w, WORLD_DOUBLE_PRESS))
        submit(w, &m);
    if (below(w, 4) == 0) { /* the same key again: another id, the same position */
        m.as.square_off.id.low = ++w->next_id;
        remember(w, m.as.square_off.id);
        submit(w, &m);
    }
}

/* One client's whole book, shorts before longs, as the screen's preview orders it. */
static uint32_t pick_client(struct world *w, uint32_t *rows, uint32_t room)
{
    const struct sq_tables *t = tables(w);
    uint32_t client = (uint32_t)below(w, t->client_count), count = 0;
    for (int sign = -1; sign <= 1; sign += 2)
        for (uint32_t p = 0; p < t->position_count && count < room; p++)
            if (t->position_client[p] == client && t->position[p].net * sign > 0)
                rows[count++] = p;
    return count;
}

static uint32_t pick_any(struct world *w, uint32_t *rows, uint32_t room)
{
    uint32_t count = 2 + (uint32_t)below(w, room - 2);
    for (uint32_t i = 0; i < count; i++)
        rows[i] = any_position(w);
    return count;
}

enum { BULK = 16 };

static void press_bulk(struct world *w)
{
    struct sq_message batch[BULK + 1];
    uint32_t rows[BULK];
    uint32_t count = below(w, 2) ? pick_client(w, rows, BULK) : pick_any(w, rows, BULK);
    uint64_t bulk = ++w->bulk;
    for (uint32_t i = 0; i < count; i++) {
        batch[i] = press(w, rows[i]);
        batch[i].as.square_off.bulk = bulk;
        sq_text_cut(batch[i].as.square_off.dealer, SQ_PERSON_SIZE, dealers[0]);
    }
    batch[count] = (struct sq_message){.kind = SQ_BULK_GO};
    batch[count].as.bulk_go.bulk = bulk;
    batch[count].as.bulk_go.count = below(w, 10) ? count : 1;
    sq_text_cut(batch[count].as.bulk_go.dealer, SQ_PERSON_SIZE, dealers[0]);
    trace(w, "> bulk of %u", count);
    sq_host_submit_all(w->host, batch, count + 1);
}

static void cancel_one(struct world *w)
{
    if (tables(w)->order_count == 0)
        return;
    const struct sq_order *o = &tables(w)->order[below(w, tables(w)->order_count)];
    struct sq_message m = {.kind = SQ_CANCEL};
    m.as.cancel.order_no = o->no;
    sq_text_cut(m.as.cancel.person, SQ_PERSON_SIZE, dealers[below(w, 2)]);
    submit(w, &m);
}

static void supervise(struct world *w, enum sq_supervise_what what, const struct sq_key *key)
{
    struct sq_message m = {.kind = SQ_SUPERVISE};
    m.as.supervise.what = (uint8_t)what;
    if (key)
        m.as.supervise.key = *key;
    sq_text_cut(m.as.supervise.person, SQ_PERSON_SIZE, "S1");
    sq_text_cut(m.as.supervise.reason, SQ_TEXT_SIZE, "simulated");
    submit(w, &m);
}

/* Numbers of orders are given again after a lost tail: only a loaded order goes by its number. */
static const struct sim_order *their_order(const struct world *w, const struct sq_order *o)
{
    const struct sim_book *b = &w->exchange->state->book;
    for (int32_t i = 0; i < b->count; i++)
        if (o->clord[0] ? strcmp(b->order[i].clord_id, o->clord) == 0
                        : strcmp(b->order[i].order_no, o->exch_no) == 0)
            return &b->order[i];
    return NULL;
}

/* A person who asks the exchange by phone is told the truth. */
static void truth(const struct world *w, const struct sq_order *o, struct sq_settle *s)
{
    const struct sim_order *theirs = their_order(w, o);
    s->cum = theirs ? theirs->filled : 0;
    s->still_open = theirs && sim_order_live(theirs);
    if (s->cum > o->cum)
        s->price = (theirs->value - o->value_paise) / (s->cum - o->cum);
}

/* People wait for a while whether the exchange answers; what it contradicts they settle sooner. */
static bool wants_person(const struct world *w, const struct sq_order *o)
{
    const struct sq_book *b = &tables(w)->book;
    sq_time since = o->doubt ? b->reconciled_at : o->changed;
    if (o->state != SQ_ORDER_UNKNOWN || (o->doubt && b->link != SQ_LINK_READY))
        return false;
    return w->now - since > (o->doubt && o->seen_unknown ? 20 : 60) * SQ_SECOND;
}

/* It froze the position that the exchange counts more of an order that has ended for us. */
static bool is_short_of_fills(const struct world *w, const struct sq_order *o)
{
    const struct sim_order *theirs = their_order(w, o);
    uint32_t position = sq_find_position(tables(w), &o->key);
    return tables(w)->position[position].frozen && w->from_exchange.count == 0 && theirs &&
           o->origin != SQ_ORIGIN_RESTING_EXT && theirs->filled > o->cum &&
           w->now - o->changed > 20 * SQ_SECOND;
}

static void settle_one(struct world *w)
{
    const struct sq_tables *t = tables(w);
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct sq_order *o = &t->order[i];
        if (!wants_person(w, o) && !is_short_of_fills(w, o))
            continue;
        struct sq_message m = {.kind = SQ_SETTLE};
        m.as.settle.order_no = o->no;
        sq_text_cut(m.as.settle.person, SQ_PERSON_SIZE, "S1");
        sq_text_cut(m.as.settle.reason, SQ_TEXT_SIZE, "by phone");
        truth(w, o, &m.as.settle);
        w->happened[WORLD_FORGOTTEN] += o->doubt && !their_order(w, o);
        submit(w, &m);
        if (!w->healed)
            return;
    }
}

/* ---- after a loss ---- */

/* What the exchange says of its numbers; on some days people ask for everything again. */
static void their_numbers(const struct world *w, struct sq_supervise *s)
{
    const struct sim_owner *o = &w->exchange->state->owner[0];
    const struct sq_book *b = &tables(w)->book;
    s->in_next = o->next_out < b->lost_number ? o->next_out : b->lost_number;
    if (w->seed % 4 == 0)
        s->in_next = 1;
    s->out_next = o->next_in;
    s->value = w->seed % 2;
}

/* One of the two supervisors; sometimes one says something that must not be believed. */
static void reconcile_loss(struct world *w, const char *person)
{
    const struct sq_book *b = &tables(w)->book;
    struct sq_message m = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &m.as.supervise;
    if (!b->lost)
        return;
    s->what = SQ_SUPERVISE_RECONCILE_LOSS;
    sq_text_cut(s->person, SQ_PERSON_SIZE, person);
    sq_text_cut(s->reason, SQ_TEXT_SIZE, "their desk read it out");
    their_numbers(w, s);
    if (b->loss_person[0] && strcmp(b->loss_person, person) != 0 && strikes(w, WORLD_WRONG_WORD))
        s->in_next = s->in_next > 1 ? s->in_next - 1 : 0;
    submit(w, &m);
}

bool act_expire(struct world *w)
{
    const struct sim_book *b = &w->exchange->state->book;
    char line[64], answer[256];
    for (int32_t i = b->count; i-- > 0;) {
        if (!sim_order_live(&b->order[i]) || b->order[i].loaded)
            continue;
        snprintf(line, sizeof line, "expire %s", b->order[i].order_no);
        exchange_command(w->exchange, line, w->now, answer, sizeof answer);
        return true;
    }
    return false;
}

static void approve_one(struct world *w)
{
    const struct sq_tables *t = tables(w);
    for (uint32_t i = 0; i < t->close_count; i++) {
        if (t->close[i].state != SQ_CLOSE_APPROVAL && t->close[i].state != SQ_CLOSE_HELD)
            continue;
        struct sq_message m = {.kind = SQ_APPROVE};
        m.as.approve.close_no = t->close[i].no;
        m.as.approve.granted = below(w, 3) > 0;
        sq_text_cut(m.as.approve.person, SQ_PERSON_SIZE, below(w, 5) ? "S1" : dealers[0]);
        submit(w, &m);
        return;
    }
}

static void unfreeze_agreeing(struct world *w)
{
    const struct sq_tables *t = tables(w);
    for (uint32_t i = 0; i < t->position_count; i++) {
        const struct sq_position *p = &t->position[i];
        if (p->frozen && world_exchange_net(w, &p->key) == p->net)
            supervise(w, SQ_SUPERVISE_UNFREEZE, &p->key);
    }
    for (uint32_t i = 0; i < t->client_count; i++) {
        struct sq_key key = {.token = 0};
        memcpy(key.client, t->client[i].code, sizeof key.client);
        if (t->client[i].frozen)
            supervise(w, SQ_SUPERVISE_UNFREEZE, &key);
    }
}

static void halt_or_resume(struct world *w)
{
    if (tables(w)->book.halted)
        supervise(w, SQ_SUPERVISE_RESUME, NULL);
    else if (strikes(w, WORLD_HALT))
        supervise(w, SQ_SUPERVISE_HALT, NULL);
}

/* DORMANT -> INVOKED -> ACTIVE, as the day begins. */
static bool activate(struct world *w)
{
    const struct sq_book *b = &tables(w)->book;
    if (b->control == SQ_CONTROL_ACTIVE || !b->loaded)
        return false;
    struct sq_message m = {.kind = SQ_SUPERVISE};
    m.as.supervise.what = SQ_SUPERVISE_CONTROL;
    m.as.supervise.value = (uint8_t)((b->control + 1) % SQ_CONTROL_COUNT);
    sq_text_cut(m.as.supervise.person, SQ_PERSON_SIZE, "S1");
    sq_text_cut(m.as.supervise.reason, SQ_TEXT_SIZE, "simulated outage");
    submit(w, &m);
    return true;
}

void act(struct world *w)
{
    if (w->crashed || activate(w))
        return;
    if (strikes(w, WORLD_BULK))
        press_bulk(w);
    else if (strikes(w, WORLD_CANCEL))
        cancel_one(w);
    else
        press_one(w);
    if (strikes(w, WORLD_APPROVE))
        approve_one(w);
    if (strikes(w, WORLD_SETTLE))
        settle_one(w);
    if (below(w, 8) == 0)
        unfreeze_agreeing(w);
    if (below(w, 3) == 0)
        reconcile_loss(w, below(w, 2) ? "S1" : "S2");
    halt_or_resume(w);
}

/* After healing, people only tidy up. */
void act_heal(struct world *w)
{
    if (w->crashed || activate(w))
        return;
    approve_one(w);
    settle_one(w);
    reconcile_loss(w, "S1");
    reconcile_loss(w, "S2");
    unfreeze_agreeing(w);
    if (tables(w)->book.halted)
        supervise(w, SQ_SUPERVISE_RESUME, NULL);
}
