/* What people ask for besides closing: cancel, settle, enter a fill, supervise. */
#include <string.h>

#include "core/scope.h"
#include "core/state.h"

void command_refuse(struct sq_engine *e, enum sq_kind command, const char *person,
                    const struct sq_key *key, uint64_t order_no, enum sq_refusal why)
{
    struct sq_refused *r = &tell(e, SQ_REFUSED)->refused;
    if (key)
        r->key = *key;
    r->order_no = order_no;
    r->refusal = (uint8_t)why;
    r->command = (uint16_t)command;
    sq_text_cut(r->person, sizeof r->person, person);
}

/* ---- cancel ----------------------------------------------------------------------------------- */

/* A cancel without an answer may be given again: it can only ever take the order away. */
static bool cancel_is_young(const struct sq_engine *e, const struct sq_order *o)
{
    if (o->cancel_state != SQ_CANCEL_JOURNALLED && o->cancel_state != SQ_CANCEL_SENT)
        return false;
    return e->now - o->cancel_at < e->t.config.unknown_after_ms * SQ_MS;
}

static enum sq_refusal check_cancel(const struct sq_engine *e, const struct sq_cancel *c,
                                    uint32_t row)
{
    if (row == SQ_NO_ROW)
        return SQ_REFUSAL_NO_SUCH_ORDER;
    const struct sq_order *o = &e->t.order[row];
    enum sq_refusal who = check_person(e, c->person, MAY_CLOSE, o->key.client);
    if (who != SQ_REFUSAL_NONE)
        return who;
    if (!order_is_live(o) || cancel_is_young(e, o))
        return SQ_REFUSAL_WRONG_STATE;
    if (o->origin == SQ_ORIGIN_RESTING_EXT)
        return SQ_REFUSAL_NOT_OURS;
    if (e->t.book.link == SQ_LINK_DOWN || !e->t.book.owned)
        return SQ_REFUSAL_NO_LINK;
    return SQ_REFUSAL_NONE;
}

/* Numbers can be tried: whose order it is, is told to who may see the client. */
static const struct sq_key *key_for(const struct sq_engine *e, const char *person, uint32_t row)
{
    const struct sq_key *key = row == SQ_NO_ROW ? NULL : &e->t.order[row].key;
    bool sees = key && sq_client_in_scope(&e->t, sq_find_person(&e->t, person),
                                          sq_find_client(&e->t, key->client));
    return sees ? key : NULL;
}

void command_cancel(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_cancel *c = &input->as.cancel;
    uint32_t row = sq_find_order(&e->t, c->order_no);
    enum sq_refusal why = check_cancel(e, c, row);
    if (why == SQ_REFUSAL_NONE)
        order_cancel(e, row);
    else
        command_refuse(e, SQ_CANCEL, c->person, key_for(e, c->person, row), c->order_no, why);
}

/* ---- settle ----------------------------------------------------------------------------------- */

/* Of an order that has ended, only that more of it was filled: that is what froze the position. */
static bool may_be_settled(const struct sq_engine *e, const struct sq_order *o, sq_quantity cum)
{
    bool frozen = e->t.position[sq_find_position(&e->t, &o->key)].frozen;
    if (!order_is_live(o))
        return frozen && cum > o->cum;
    return o->state == SQ_ORDER_UNKNOWN || frozen || o->origin == SQ_ORIGIN_RESTING_EXT;
}

/* Less than we count is believed only of an exchange that has lost data. */
static bool may_take_back(const struct sq_engine *e, uint32_t row, sq_quantity qty)
{
    return e->t.order[row].doubt != SQ_ORDER_NONE && loss_can_take_back(e, row, qty);
}

static enum sq_refusal check_settle(const struct sq_engine *e, const struct sq_settle *s,
                                    uint32_t row)
{
    if (row == SQ_NO_ROW)
        return SQ_REFUSAL_NO_SUCH_ORDER;
    const struct sq_order *o = &e->t.order[row];
    enum sq_refusal who = check_person(e, s->person, MAY_CLOSE, o->key.client);
    if (who != SQ_REFUSAL_NONE)
        return who;
    if (s->reason[0] == 0)
        return SQ_REFUSAL_NO_REASON;
    if (!may_be_settled(e, o, s->cum))
        return SQ_REFUSAL_WRONG_STATE;
    bool new_fill = s->cum > o->cum;
    if (s->cum < 0 || s->cum > o->qty || (new_fill && s->price <= 0))
        return SQ_REFUSAL_BAD_VALUE;
    if (s->cum < o->cum && !may_take_back(e, row, o->cum - s->cum))
        return SQ_REFUSAL_BAD_VALUE;
    return SQ_REFUSAL_NONE;
}

static void told_id(struct sq_engine *e, const char *prefix, char exec_id[SQ_EXEC_SIZE])
{
    char number[SQ_NUMBER_SIZE];
    memset(exec_id, 0, SQ_EXEC_SIZE);
    size_t length = strlen(prefix);
    memcpy(exec_id, prefix, length);
    size_t digits = sq_print_decimal((int64_t)e->seq, 0, false, number);
    memcpy(exec_id + length, number, digits);
}

static void settle_fill(struct sq_engine *e, uint32_t row, const struct sq_settle *s)
{
    const struct sq_order *o = &e->t.order[row];
    struct sq_fill fill = {.order_no = o->no,
                           .key = o->key,
                           .qty = s->cum - o->cum,
                           .price = s->price,
                           .side = o->side,
                           .manual = 1,
                           .time = e->now};
    memcpy(fill.person, s->person, sizeof fill.person);
    told_id(e, "SETTLED-", fill.exec_id);
    if (fill.qty > 0 && fill_insert(e, &fill, NULL))
        order_fill(e, row, &fill);
}

void command_settle(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_settle *s = &input->as.settle;
    uint32_t row = sq_find_order(&e->t, s->order_no);
    enum sq_refusal why = check_settle(e, s, row);
    if (why != SQ_REFUSAL_NONE) {
        command_refuse(e, SQ_SETTLE, s->person, NULL, s->order_no, why);
        return;
    }
    struct sq_order *o = &e->t.order[row];
    if (s->cum < o->cum)
        loss_take_back(e, row, o->cum - s->cum);
    o->settled = 1;
    o->doubt = SQ_ORDER_NONE;
    memcpy(o->text, s->reason, sizeof o->text);
    settle_fill(e, row, s);
    if (!order_is_live(o))
        return;
    if (!s->still_open) {
        order_end(e, row, o->cum >= o->qty ? SQ_ORDER_FILLED : SQ_ORDER_CANCELLED);
        return;
    }
    o->leaves = o->qty - o->cum;
    order_works(e, row);
}

/* ---- a fill told by phone ----------------------------------------------------------------------- */

static enum sq_refusal check_manual(const struct sq_engine *e, const struct sq_manual_fill *m,
                                    uint32_t position)
{
    enum sq_refusal who = check_person(e, m->person, MAY_CLOSE, m->key.client);
    if (who != SQ_REFUSAL_NONE)
        return who;
    if (position == SQ_NO_ROW)
        return SQ_REFUSAL_NO_SUCH_POSITION;
    if (m->reason[0] == 0)
        return SQ_REFUSAL_NO_REASON;
    if (m->qty <= 0 || m->price <= 0 || m->side == SQ_SIDE_NONE || sq_id_is_zero(m->id))
        return SQ_REFUSAL_BAD_VALUE;
    const struct sq_position *p = &e->t.position[position];
    if (m->side != position_closing_side(p) || m->qty > sq_abs(p->net))
        return SQ_REFUSAL_BAD_VALUE;
    if (sq_find_intent(&e->t, m->id) != SQ_NO_ROW)
        return SQ_REFUSAL_DUPLICATE;
    return e->t.intent_count < e->t.intent_room ? SQ_REFUSAL_NONE : SQ_REFUSAL_FULL;
}

static void remember_manual(struct sq_engine *e, const struct sq_manual_fill *m)
{
    struct sq_intent_row r = {.id = m->id};
    if (sq_tables_apply(&e->t, SQ_INTENT, &r) == 0)
        tell(e, SQ_INTENT)->intent = r;
}

void command_manual_fill(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_manual_fill *m = &input->as.manual_fill;
    uint32_t position = sq_find_position(&e->t, &m->key);
    enum sq_refusal why = check_manual(e, m, position);
    if (why != SQ_REFUSAL_NONE) {
        command_refuse(e, SQ_MANUAL_FILL, m->person, &m->key, 0, why);
        return;
    }
    struct sq_fill fill = {.key = m->key,
                           .qty = m->qty,
                           .price = m->price,
                           .side = m->side,
                           .manual = 1,
                           .external = 1,
                           .time = e->now};
    memcpy(fill.person, m->person, sizeof fill.person);
    told_id(e, "PHONE-", fill.exec_id);
    remember_manual(e, m);
    if (fill_insert(e, &fill, NULL))
        position_trade(e, position, (enum sq_side)fill.side, fill.qty, fill.price);
}

/* ---- supervise ---------------------------------------------------------------------------------- */

typedef enum sq_refusal supervise_fn(struct sq_engine *e, const struct sq_supervise *s);

static enum sq_refusal halt(struct sq_engine *e, const struct sq_supervise *s)
{
    (void)s;
    if (e->t.book.halted)
        return SQ_REFUSAL_WRONG_STATE;
    e->t.book.halted = 1;
    close_stop_all(e, SQ_RESIDUE_HALTED);
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal resume(struct sq_engine *e, const struct sq_supervise *s)
{
    (void)s;
    if (!e->t.book.halted)
        return SQ_REFUSAL_WRONG_STATE;
    e->t.book.halted = 0;
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal accept_source(struct sq_engine *e, const struct sq_supervise *s)
{
    if (e->t.book.accepted != 0)
        return SQ_REFUSAL_WRONG_STATE;
    e->t.book.accepted = 1;
    memcpy(e->t.book.accepted_person, s->person, sizeof e->t.book.accepted_person);
    memcpy(e->t.book.accepted_reason, s->reason, sizeof e->t.book.accepted_reason);
    return SQ_REFUSAL_NONE;
}

/* DORMANT -> INVOKED -> ACTIVE -> HANDING BACK -> DORMANT, and nothing else. */
static enum sq_refusal control(struct sq_engine *e, const struct sq_supervise *s)
{
    struct sq_book *b = &e->t.book;
    if (s->value != (b->control + 1) % SQ_CONTROL_COUNT)
        return SQ_REFUSAL_WRONG_STATE;
    if (b->control == SQ_CONTROL_DORMANT)
        b->invoked_at = e->now;
    b->control = s->value;
    memcpy(b->control_person, s->person, sizeof b->control_person);
    memcpy(b->control_reason, s->reason, sizeof b->control_reason);
    if (b->control != SQ_CONTROL_ACTIVE)
        close_stop_all(e, SQ_RESIDUE_HAND_OVER);
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal unfreeze(struct sq_engine *e, const struct sq_supervise *s)
{
    uint32_t client = sq_find_client(&e->t, s->key.client);
    uint32_t position = sq_find_position(&e->t, &s->key);
    if (s->key.token == 0 && client != SQ_NO_ROW && e->t.client[client].frozen) {
        e->t.client[client].frozen = 0;
        touch_client(e, client);
        return SQ_REFUSAL_NONE;
    }
    if (position == SQ_NO_ROW || !e->t.position[position].frozen)
        return SQ_REFUSAL_NO_SUCH_POSITION;
    e->t.position[position].frozen = 0;
    touch_position(e, position);
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal lock(struct sq_engine *e, const struct sq_supervise *s)
{
    uint32_t client = sq_find_client(&e->t, s->key.client);
    if (client == SQ_NO_ROW)
        return SQ_REFUSAL_BAD_VALUE;
    if (e->t.client[client].frozen)
        return SQ_REFUSAL_WRONG_STATE;
    e->t.client[client].frozen = SQ_FROZEN_LOCKED;
    touch_client(e, client);
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal policy(struct sq_engine *e, const struct sq_supervise *s)
{
    uint32_t changed = 0;
    if (s->value >= SQ_POLICY_COUNT)
        return SQ_REFUSAL_BAD_VALUE;
    for (uint32_t p = 0; p < e->t.person_count; p++) {
        if (!sq_text_equal(e->t.person[p].desk, s->desk))
            continue;
        e->t.person[p].policy = s->value;
        touch_person(e, p);
        changed++;
    }
    return changed ? SQ_REFUSAL_NONE : SQ_REFUSAL_BAD_VALUE;
}

/* Somebody stands in for the dealers of a desk: an absent one's clients are never nobody's. */
static enum sq_refusal assign(struct sq_engine *e, const struct sq_supervise *s)
{
    uint32_t person = sq_find_person(&e->t, s->dealer), changed = 0;
    if (s->dealer[0] && (person == SQ_NO_ROW || !e->t.person[person].active))
        return SQ_REFUSAL_NO_SUCH_PERSON;
    for (uint32_t c = 0; c < e->t.client_count; c++) {
        if (!sq_text_equal(e->t.client[c].desk, s->desk))
            continue;
        memcpy(e->t.client[c].stand_in, s->dealer, sizeof e->t.client[c].stand_in);
        touch_client(e, c);
        changed++;
    }
    return changed ? SQ_REFUSAL_NONE : SQ_REFUSAL_BAD_VALUE;
}

static supervise_fn *const supervises[SQ_SUPERVISE_COUNT] = {
    [SQ_SUPERVISE_HALT] = halt,
    [SQ_SUPERVISE_RESUME] = resume,
    [SQ_SUPERVISE_ACCEPT_SOURCE] = accept_source,
    [SQ_SUPERVISE_CONTROL] = control,
    [SQ_SUPERVISE_UNFREEZE] = unfreeze,
    [SQ_SUPERVISE_POLICY] = policy,
    [SQ_SUPERVISE_ASSIGN] = assign,
    [SQ_SUPERVISE_LOCK] = lock,
    [SQ_SUPERVISE_RECONCILE_LOSS] = loss_reconcile,
};

/* Anybody who may trade may halt; everything else takes a supervisor. */
static unsigned roles_for(const struct sq_supervise *s)
{
    return s->what == SQ_SUPERVISE_HALT ? MAY_CLOSE : MAY_SUPERVISE;
}

void command_supervise(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_supervise *s = &input->as.supervise;
    enum sq_refusal why = check_person(e, s->person, roles_for(s), NULL);
    if (why == SQ_REFUSAL_NONE && s->reason[0] == 0)
        why = SQ_REFUSAL_NO_REASON;
    if (why == SQ_REFUSAL_NONE && s->what >= SQ_SUPERVISE_COUNT)
        why = SQ_REFUSAL_BAD_VALUE;
    if (why == SQ_REFUSAL_NONE)
        why = supervises[s->what](e, s);
    if (why != SQ_REFUSAL_NONE) {
        command_refuse(e, SQ_SUPERVISE, s->person, &s->key, 0, why);
        return;
    }
    tell(e, SQ_SUPERVISED)->supervise = *s;
    touch_book(e);
}
