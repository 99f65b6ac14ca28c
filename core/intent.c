/*
 * How a close begins: an intent is checked, guarded, remembered; then it waits for the rest of its
 * bulk or for an approval, or begins at once. close.c has its life from there.
 */
#include <string.h>

#include "core/state.h"

/* ---- beginning -------------------------------------------------------------------------------- */

static void begin_cancels(struct sq_engine *e, uint32_t close)
{
    for (uint32_t o = e->t.position_order[e->t.close_position[close]]; o != SQ_NO_ROW;
         o = e->t.order_next[o]) {
        const struct sq_order *order = &e->t.order[o];
        if (plan_cancellable(order) &&
            (order->cancel_state == SQ_CANCEL_NONE || order->cancel_state == SQ_CANCEL_REJECTED))
            order_cancel(e, o);
    }
}

static void begin(struct sq_engine *e, uint32_t close)
{
    struct sq_close *c = &e->t.close[close];
    uint32_t person = sq_find_person(&e->t, c->dealer);
    e->t.person[person].day_paise += c->estimate_paise;
    touch_person(e, person);
    begin_cancels(e, close);
    close_enter(e, close, SQ_CLOSE_CANCELLING, e->now);
}

/* After the guards: waits for its bulk, for an approval, or begins. */
static void admit(struct sq_engine *e, uint32_t close, bool staged)
{
    if (staged)
        close_enter(e, close, SQ_CLOSE_STAGED, SQ_NEVER);
    else if (e->t.close[close].guards & guards_of(SQ_VERDICT_APPROVE))
        close_enter(e, close, SQ_CLOSE_APPROVAL, e->now);
    else
        begin(e, close);
}

static struct sq_close make(const struct sq_engine *e, const struct sq_square_off *intent,
                            const struct sq_plan *plan, uint64_t failing)
{
    const struct sq_instrument *i = &e->t.instrument[plan->instrument];
    struct sq_close c = {
        .no = e->t.book.next_close,
        .id = intent->id,
        .bulk = intent->bulk,
        .key = intent->key,
        .guards = failing,
        .start = plan->net,
        .target = intent->target,
        .planned = plan->quantity,
        .typed_limit = intent->limit,
        .limit = plan->limit,
        .at_band = plan->at_band,
        .short_of = (uint8_t)plan->residue,
        .estimate_paise =
            sq_abs(sq_value_paise(plan->limit, plan->quantity, i->multiplier, i->price_decimals)),
        .child_cap = plan_slices(plan) * (1 + e->t.config.reprices),
        .side = (uint8_t)plan->side,
        .created = e->now,
        .changed = e->now,
        .due = SQ_NEVER,
        .quote = intent->quote,
        .quoted = e->now,
    };
    memcpy(c.dealer, intent->dealer, sizeof c.dealer);
    memcpy(c.call_ref, intent->call_ref, sizeof c.call_ref);
    return c;
}

/* ---- intents ---------------------------------------------------------------------------------- */

/* What makes an intent that intent: everything but the time and the quote. */
static uint64_t content(const struct sq_square_off *intent)
{
    struct sq_square_off same = *intent;
    memset(&same.quote, 0, sizeof same.quote);
    same.created = 0;
    return digest_body(DIGEST_START, SQ_SQUARE_OFF, &same);
}

/*
 * Refusals get half of the room, so that nobody uses up what closes need. A refused intent that is
 * forgotten is judged anew when it comes again: nothing was done for it.
 */
static bool has_place(const struct sq_engine *e, uint64_t close_no)
{
    return close_no != 0 || e->t.intent_count < e->t.intent_room / 2;
}

static void remember(struct sq_engine *e, const struct sq_square_off *intent, uint64_t close_no,
                     enum sq_refusal refusal, enum sq_guard guard)
{
    if (!has_place(e, close_no))
        return;
    struct sq_intent_row r = {
        .id = intent->id,
        .digest = content(intent),
        .close_no = close_no,
        .refusal = (uint8_t)refusal,
        .guard = (uint8_t)(refusal == SQ_REFUSAL_GUARD ? guard : 0),
    };
    if (sq_tables_apply(&e->t, SQ_INTENT, &r) == 0)
        tell(e, SQ_INTENT)->intent = r;
}

static void refuse(struct sq_engine *e, const struct sq_square_off *intent, enum sq_refusal why,
                   uint64_t failing)
{
    struct sq_refused *r = &tell(e, SQ_REFUSED)->refused;
    r->id = intent->id;
    r->key = intent->key;
    r->refusal = (uint8_t)why;
    r->command = SQ_SQUARE_OFF;
    r->guards = failing;
    memcpy(r->person, intent->dealer, sizeof r->person);
    if (why != SQ_REFUSAL_GUARD)
        return;
    r->guard = (uint8_t)first_guard(failing);
    r->verdict = (uint8_t)sq_guard_verdict((enum sq_guard)r->guard);
}

/* The same id again: the same answer, or a loud refusal when it means something else now. */
static bool answered_before(struct sq_engine *e, const struct sq_square_off *intent)
{
    uint32_t known = sq_find_intent(&e->t, intent->id);
    if (known == SQ_NO_ROW)
        return false;
    const struct sq_intent_row *r = &e->t.intent[known];
    if (r->digest != content(intent))
        refuse(e, intent, SQ_REFUSAL_ID_REUSED, 0);
    else if (r->close_no != 0)
        touch_close(e, sq_find_close(&e->t, r->close_no));
    else
        refuse(e, intent, (enum sq_refusal)r->refusal,
               r->refusal == SQ_REFUSAL_GUARD ? GUARD_BIT(r->guard) : 0);
    return true;
}

static enum sq_refusal check_intent(const struct sq_engine *e, const struct sq_square_off *intent)
{
    sq_time age = e->now - intent->created, life = e->t.config.intent_life_ms * SQ_MS;
    if (age > life)
        return SQ_REFUSAL_EXPIRED;
    if (age < -life) /* by a clock that is ahead it would live for too long */
        return SQ_REFUSAL_BAD_VALUE;
    enum sq_refusal who = check_person(e, intent->dealer, MAY_CLOSE, intent->key.client);
    if (who != SQ_REFUSAL_NONE)
        return who;
    if (sq_id_is_zero(intent->id))
        return SQ_REFUSAL_BAD_VALUE;
    if (sq_find_position(&e->t, &intent->key) == SQ_NO_ROW)
        return SQ_REFUSAL_NO_SUCH_POSITION;
    if (e->t.close_count == e->t.close_room || e->t.intent_count == e->t.intent_room)
        return SQ_REFUSAL_FULL;
    return SQ_REFUSAL_NONE;
}

/* Guards that the person saw and confirmed do not stop it; STOP and PRICE cannot be confirmed. */
static uint64_t unconfirmed(uint64_t failing, uint64_t confirmed)
{
    return failing & ~(confirmed & (guards_of(SQ_VERDICT_ASK) | guards_of(SQ_VERDICT_APPROVE)));
}

static void accept(struct sq_engine *e, const struct sq_square_off *intent,
                   const struct sq_plan *plan, uint64_t failing)
{
    struct sq_close c = make(e, intent, plan, failing);
    int applied = sq_tables_apply(&e->t, SQ_CLOSE, &c);
    SQ_ASSERT(applied == 0);
    e->t.book.next_close++;
    remember(e, intent, c.no, SQ_REFUSAL_NONE, SQ_GUARD_COUNT);
    admit(e, e->t.close_count - 1, intent->bulk != 0);
}

void close_square_off(struct sq_engine *e, const struct sq_square_off *intent)
{
    struct sq_plan plan;
    if (answered_before(e, intent))
        return;
    enum sq_refusal why = check_intent(e, intent);
    if (why != SQ_REFUSAL_NONE) {
        refuse(e, intent, why, 0);
        remember(e, intent, 0, why, SQ_GUARD_COUNT);
        return;
    }
    plan_make(e, &intent->key, intent->target, intent->limit, &intent->quote, &plan);
    uint64_t failing = guards_failing(e, intent, &plan, e->now);
    if (unconfirmed(failing, intent->confirmed)) {
        refuse(e, intent, SQ_REFUSAL_GUARD, failing);
        remember(e, intent, 0, SQ_REFUSAL_GUARD, first_guard(failing));
        return;
    }
    accept(e, intent, &plan, failing);
}

/* ---- bulk and approval ------------------------------------------------------------------------ */

static void go_refused(struct sq_engine *e, const struct sq_bulk_go *go, enum sq_refusal why)
{
    command_refuse(e, SQ_BULK_GO, go->dealer, NULL, 0, why);
}

static bool is_staged(const struct sq_close *c, const struct sq_bulk_go *go)
{
    return c->bulk == go->bulk && c->state == SQ_CLOSE_STAGED &&
           sq_text_equal(c->dealer, go->dealer);
}

static uint32_t count_staged(const struct sq_engine *e, const struct sq_bulk_go *go)
{
    uint32_t staged = 0;
    for (uint32_t c = 0; c < e->t.close_count; c++)
        staged += is_staged(&e->t.close[c], go);
    return staged;
}

/* What was refused while staging has fallen out by itself: fewer is right, more is not. */
void close_bulk_go(struct sq_engine *e, const struct sq_bulk_go *go)
{
    uint32_t staged = count_staged(e, go);
    bool right = go->bulk != 0 && staged > 0 && staged <= go->count;
    for (uint32_t c = 0; c < e->t.close_count; c++) {
        if (!is_staged(&e->t.close[c], go))
            continue;
        if (right)
            admit(e, c, false);
        else
            close_end(e, c, SQ_RESIDUE_CANCELLED);
    }
    if (!right)
        go_refused(e, go, staged ? SQ_REFUSAL_WRONG_COUNT : SQ_REFUSAL_NO_SUCH_CLOSE);
}

static bool is_named(const struct sq_close *c, uint64_t close_no, uint64_t bulk)
{
    return close_no ? c->no == close_no : bulk != 0 && c->bulk == bulk;
}

static bool waits_for_a_yes(const struct sq_close *c)
{
    return c->state == SQ_CLOSE_APPROVAL || c->state == SQ_CLOSE_HELD;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    return (h ^ value) * UINT64_C(0x100000001b3);
}

/* FNV-1a over numbers; cut to what JSON carries exactly, and never 0. */
uint64_t sq_approval_digest(const struct sq_tables *t, uint64_t close_no, uint64_t bulk,
                            uint32_t *count)
{
    uint64_t h = DIGEST_START;
    *count = 0;
    for (uint32_t i = 0; i < t->close_count; i++) {
        const struct sq_close *c = &t->close[i];
        if (!waits_for_a_yes(c) || !is_named(c, close_no, bulk))
            continue;
        const struct sq_position *p = &t->position[t->close_position[i]];
        const uint64_t parts[] = {c->no,
                                  c->state,
                                  c->side,
                                  (uint64_t)c->target,
                                  (uint64_t)c->planned,
                                  (uint64_t)c->typed_limit,
                                  (uint64_t)p->net};
        for (size_t j = 0; j < sizeof parts / sizeof *parts; j++)
            h = mix(h, parts[j]);
        (*count)++;
    }
    return (h ^ h >> 53) % (uint64_t)SQ_INTEGER_MAX + 1;
}

static bool waits_for(const struct sq_close *c, const struct sq_approve *a)
{
    bool waits = waits_for_a_yes(c) || (!a->granted && c->state == SQ_CLOSE_WAIT_COVER);
    return waits && is_named(c, a->close_no, a->bulk);
}

/* Nothing that has become impossible while it waited may begin by approval. */
static uint64_t stopped_meanwhile(struct sq_engine *e, uint32_t close)
{
    const struct sq_close *c = &e->t.close[close];
    struct sq_square_off intent = {.id = c->id,
                                   .key = c->key,
                                   .target = c->target,
                                   .seen_net = c->start,
                                   .limit = c->typed_limit,
                                   .quote = c->quote};
    struct sq_plan plan;
    memcpy(intent.dealer, c->dealer, sizeof intent.dealer);
    memcpy(intent.call_ref, c->call_ref, sizeof intent.call_ref);
    plan_make(e, &c->key, c->target, c->typed_limit, &c->quote, &plan);
    return guards_failing(e, &intent, &plan, e->now) & guards_of(SQ_VERDICT_STOP) &
           ~GUARD_BIT(SQ_GUARD_CLOSE_OPEN);
}

static void refuse_approval(struct sq_engine *e, uint32_t close, const struct sq_approve *a,
                            enum sq_refusal why, uint64_t failing)
{
    struct sq_refused *r = &tell(e, SQ_REFUSED)->refused;
    r->key = e->t.close[close].key;
    r->command = SQ_APPROVE;
    r->refusal = (uint8_t)why;
    r->guards = failing;
    memcpy(r->person, a->person, sizeof r->person);
    if (!failing)
        return;
    r->guard = (uint8_t)first_guard(failing);
    r->verdict = SQ_VERDICT_STOP;
}

static void grant(struct sq_engine *e, uint32_t close, const struct sq_approve *a)
{
    struct sq_close *c = &e->t.close[close];
    uint64_t failing = stopped_meanwhile(e, close);
    if (failing) {
        refuse_approval(e, close, a, SQ_REFUSAL_GUARD, failing);
        return;
    }
    memcpy(c->approver, a->person, sizeof c->approver);
    memcpy(c->reason, a->reason, sizeof c->reason);
    c->quoted = 0; /* the price of the approval's moment, not of the request's */
    if (c->state == SQ_CLOSE_HELD) {
        c->covered = 1;
        close_enter(e, close, SQ_CLOSE_WAIT_COVER, e->now);
    } else {
        begin(e, close);
    }
}

static bool is_supervisor(const struct sq_engine *e, const char *person)
{
    return check_person(e, person, MAY_SUPERVISE, NULL) == SQ_REFUSAL_NONE;
}

/* Whoever asked may withdraw what has not begun; a supervisor may refuse what another asked. */
static void end_waiting(struct sq_engine *e, uint32_t close, const struct sq_approve *a)
{
    struct sq_close *c = &e->t.close[close];
    bool own = sq_text_equal(c->dealer, a->person);
    if (!own && !is_supervisor(e, a->person)) { /* numbers can be tried: it is not said whose */
        command_refuse(e, SQ_APPROVE, a->person, NULL, a->close_no, SQ_REFUSAL_ROLE);
        return;
    }
    if (!own)
        memcpy(c->approver, a->person, sizeof c->approver);
    memcpy(c->reason, a->reason, sizeof c->reason);
    close_end(e, close, own ? SQ_RESIDUE_CANCELLED : SQ_RESIDUE_NOT_APPROVED);
}

static void decide(struct sq_engine *e, uint32_t close, const struct sq_approve *a)
{
    if (!a->granted)
        end_waiting(e, close, a);
    else if (sq_text_equal(e->t.close[close].dealer, a->person))
        refuse_approval(e, close, a, SQ_REFUSAL_SAME_PERSON, 0);
    else
        grant(e, close, a);
}

/* Approved is what the person saw: not what it has become since. */
static bool has_changed(const struct sq_engine *e, const struct sq_approve *a)
{
    uint32_t count;
    uint64_t now = sq_approval_digest(&e->t, a->close_no, a->bulk, &count);
    return a->granted && a->digest != 0 && count > 0 && now != a->digest;
}

void close_approve(struct sq_engine *e, const struct sq_approve *a)
{
    enum sq_refusal why = check_person(e, a->person, a->granted ? MAY_SUPERVISE : MAY_CLOSE, NULL);
    uint32_t found = 0;
    if (why == SQ_REFUSAL_NONE && has_changed(e, a))
        why = SQ_REFUSAL_CHANGED;
    for (uint32_t c = 0; why == SQ_REFUSAL_NONE && c < e->t.close_count; c++) {
        if (!waits_for(&e->t.close[c], a))
            continue;
        found++;
        decide(e, c, a);
    }
    if (why == SQ_REFUSAL_NONE && found == 0)
        why = SQ_REFUSAL_NO_SUCH_CLOSE;
    if (why != SQ_REFUSAL_NONE)
        command_refuse(e, SQ_APPROVE, a->person, NULL, a->close_no, why);
}
