/*
 * Who owns the book: drain, keep, release, take.
 *
 * The owner of the book, and nobody else, sends. What fences the last owner is not here but at the
 * last hop: the exchange's one session for each SenderCompID, its sequence numbers, and the store's
 * epoch (safety.md 2.3). Here it is written down, so that the journal says who owned what when,
 * and every ClOrdID carries the epoch of its owner.
 */
#include <string.h>

#include "core/state.h"

typedef enum sq_refusal change_fn(struct sq_engine *e, const struct sq_ownership *o);

static enum sq_refusal drain(struct sq_engine *e, const struct sq_ownership *o)
{
    (void)o;
    if (!e->t.book.owned || e->t.book.draining)
        return SQ_REFUSAL_WRONG_STATE;
    e->t.book.draining = 1;
    close_stop_all(e, SQ_RESIDUE_HAND_OVER);
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal keep(struct sq_engine *e, const struct sq_ownership *o)
{
    (void)o;
    if (!e->t.book.draining)
        return SQ_REFUSAL_WRONG_STATE;
    e->t.book.draining = 0;
    return SQ_REFUSAL_NONE;
}

/* An order that has no FIX number yet may still get one: its owner waits for SENT or NOT_SENT. */
static bool is_all_numbered(const struct sq_engine *e)
{
    for (uint32_t o = 0; o < e->t.order_count; o++)
        if (e->t.order[o].state == SQ_ORDER_JOURNALLED)
            return false;
    return true;
}

static enum sq_refusal release(struct sq_engine *e, const struct sq_ownership *o)
{
    struct sq_book *b = &e->t.book;
    if (!b->owned || !b->draining || !is_all_numbered(e))
        return SQ_REFUSAL_WRONG_STATE;
    if (o->epoch <= b->epoch || o->owner[0] == 0)
        return SQ_REFUSAL_BAD_VALUE;
    link_forget(e, SQ_RESIDUE_HAND_OVER);
    b->owned = 0;
    b->draining = 0;
    b->granted = o->epoch;
    memcpy(b->owner, o->owner, sizeof b->owner);
    return SQ_REFUSAL_NONE;
}

static enum sq_refusal check_break_glass(const struct sq_engine *e, const struct sq_ownership *o)
{
    enum sq_refusal who = check_person(e, o->second, MAY_CLOSE, NULL);
    if (who != SQ_REFUSAL_NONE)
        return who;
    if (sq_text_equal(o->person, o->second))
        return SQ_REFUSAL_SAME_PERSON;
    return o->epoch % SQ_GLASS_EPOCHS == 0 ? SQ_REFUSAL_NONE : SQ_REFUSAL_BAD_VALUE;
}

static enum sq_refusal check_take(const struct sq_engine *e, const struct sq_ownership *o)
{
    const struct sq_book *b = &e->t.book;
    if (!b->loaded)
        return SQ_REFUSAL_WRONG_STATE;
    if (o->epoch <= b->epoch || o->owner[0] == 0)
        return SQ_REFUSAL_BAD_VALUE;
    switch (o->taken) {
    case SQ_TAKEN_GRANTED:
        if (b->owned || b->granted != o->epoch || !sq_text_equal(b->owner, o->owner))
            return SQ_REFUSAL_WRONG_STATE;
        return SQ_REFUSAL_NONE;
    case SQ_TAKEN_FENCED: return SQ_REFUSAL_NONE;
    case SQ_TAKEN_BREAK_GLASS: return check_break_glass(e, o);
    default: return SQ_REFUSAL_BAD_VALUE;
    }
}

/* No position may grow or turn by the new owner's hand: what it finds is the most there may be. */
static void begin_quotas(struct sq_engine *e)
{
    for (uint32_t p = 0; p < e->t.position_count; p++) {
        if (e->t.position[p].start == e->t.position[p].net)
            continue;
        e->t.position[p].start = e->t.position[p].net;
        touch_position(e, p);
    }
}

static enum sq_refusal take(struct sq_engine *e, const struct sq_ownership *o)
{
    struct sq_book *b = &e->t.book;
    enum sq_refusal why = check_take(e, o);
    if (why != SQ_REFUSAL_NONE)
        return why;
    link_forget(e, SQ_RESIDUE_HAND_OVER);
    b->owned = 1;
    b->draining = 0;
    b->granted = 0;
    b->epoch = o->epoch;
    b->restarted = 1;
    memcpy(b->owner, o->owner, sizeof b->owner);
    if (o->out_reserved > b->out_reserved)
        b->out_reserved = o->out_reserved;
    begin_quotas(e);
    return SQ_REFUSAL_NONE;
}

static change_fn *const changes[SQ_OWNERSHIP_COUNT] = {
    [SQ_OWNERSHIP_DRAIN] = drain,
    [SQ_OWNERSHIP_KEEP] = keep,
    [SQ_OWNERSHIP_RELEASE] = release,
    [SQ_OWNERSHIP_TAKE] = take,
};

/* Servers take over from each other by themselves; all else is asked for by a person. */
static enum sq_refusal check_asker(const struct sq_engine *e, const struct sq_ownership *o)
{
    bool taking = o->what == SQ_OWNERSHIP_TAKE;
    if (taking && o->taken == SQ_TAKEN_FENCED && o->person[0] == 0)
        return SQ_REFUSAL_NONE;
    enum sq_refusal who = check_person(e, o->person, taking ? MAY_CLOSE : MAY_SUPERVISE, NULL);
    if (who != SQ_REFUSAL_NONE)
        return who;
    return o->reason[0] == 0 ? SQ_REFUSAL_NO_REASON : SQ_REFUSAL_NONE;
}

void owner_change(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_ownership *o = &input->as.ownership;
    enum sq_refusal why = check_asker(e, o);
    if (why == SQ_REFUSAL_NONE)
        why = o->what < SQ_OWNERSHIP_COUNT ? changes[o->what](e, o) : SQ_REFUSAL_BAD_VALUE;
    if (why == SQ_REFUSAL_NONE)
        touch_book(e);
    else
        command_refuse(e, SQ_OWNERSHIP, o->person, NULL, 0, why);
}
