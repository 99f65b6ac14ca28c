/*
 * After data loss at the exchange (design.md, "two people, everything UNKNOWN, full
 * reconciliation"): two supervisors ask the exchange for its numbers and say the same; then every
 * order that the exchange may have forgotten is in doubt, and the link may log on again.
 *
 * A doubt is UNKNOWN that no "unknown order" ends. It is left when the exchange counts what we
 * count (report.c), or by a person's word (command.c).
 */
#include <string.h>

#include "core/state.h"

/*
 * The exchange does not know any more what it told us under the agreed number or a higher one: an
 * order is in doubt when we heard about it there, ended or not. So is each that is live, and each
 * of which only a person's word tells.
 */
static bool is_doubtful(const struct sq_order *o, uint64_t agreed)
{
    return o->origin != SQ_ORIGIN_RESTING_EXT &&
           (order_is_live(o) || o->settled || o->heard >= agreed);
}

static void doubt(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    if (o->doubt == SQ_ORDER_NONE)
        o->doubt = o->state;
    order_unknown(e, row);
}

/* The next logon asks for all from the agreed number on, and then about each doubtful order. */
static void reconcile(struct sq_engine *e)
{
    struct sq_book *b = &e->t.book;
    b->lost = 0;
    b->in_seq = b->loss_in - 1;
    for (uint32_t o = 0; o < e->t.order_count; o++)
        if (is_doubtful(&e->t.order[o], b->loss_in)) {
            doubt(e, o);
            set_order_ask(e, o, SQ_NEVER);
        }
}

/*
 * Numbers from the one that gave the loss away are new ones: who began above it would miss reports.
 * One below it asks for more to be sent again, which does no harm. What the exchange expects of us
 * cannot lie above our reservation; if it does, another sender was there, and this is not the way.
 */
static bool numbers_possible(const struct sq_book *b, const struct sq_supervise *s)
{
    uint64_t most = b->lost_number ? b->lost_number : b->in_seq;
    return s->in_next > 0 && s->in_next <= most && s->out_next > 0 &&
           s->out_next <= b->out_reserved && s->value <= 1;
}

static bool says_the_same(const struct sq_book *b, const struct sq_supervise *s)
{
    return b->loss_in == s->in_next && b->loss_out == s->out_next && b->loss_kept == s->value;
}

/* Whoever asked first may correct himself; the other person starts from what he said then. */
static void ask(struct sq_book *b, const struct sq_supervise *s)
{
    memcpy(b->loss_person, s->person, sizeof b->loss_person);
    memcpy(b->loss_reason, s->reason, sizeof b->loss_reason);
    b->loss_in = s->in_next;
    b->loss_out = s->out_next;
    b->loss_kept = s->value;
}

enum sq_refusal loss_reconcile(struct sq_engine *e, const struct sq_supervise *s)
{
    struct sq_book *b = &e->t.book;
    bool same_person = sq_text_equal(b->loss_person, s->person);
    if (!b->lost)
        return SQ_REFUSAL_WRONG_STATE;
    if (!numbers_possible(b, s))
        return SQ_REFUSAL_BAD_VALUE;
    if (same_person && says_the_same(b, s))
        return SQ_REFUSAL_SAME_PERSON;
    if (b->loss_person[0] == 0 || same_person) {
        ask(b, s);
        return SQ_REFUSAL_NONE;
    }
    if (!says_the_same(b, s))
        return SQ_REFUSAL_WRONG_COUNT;
    memcpy(b->loss_second, s->person, sizeof b->loss_second);
    reconcile(e);
    return SQ_REFUSAL_NONE;
}

/* ---- what the exchange says about an order in doubt --------------------------------------------- */

/* Once for each connection: the question comes again every few seconds. */
static void contradict(struct sq_engine *e, uint32_t row, enum sq_alarm alarm, const char *text)
{
    struct sq_order *o = &e->t.order[row];
    if (o->seen_unknown == 0) {
        o->seen_unknown = 1;
        alarm_order(e, alarm, row, text);
    }
    touch_order(e, row);
}

/* A loss that the numbers did not show: what it says about one order tells. */
static void doubt_by_answer(struct sq_engine *e, uint32_t row)
{
    if (e->t.order[row].doubt != SQ_ORDER_NONE)
        return;
    doubt(e, row);
    set_order_ask(e, row, e->now + e->t.config.ask_every_ms * SQ_MS);
}

bool loss_answered(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    struct sq_order *o = &e->t.order[row];
    if (r->conn != e->t.book.conn)
        return false;
    if (r->cum < o->cum) {
        doubt_by_answer(e, row);
        contradict(e, row, SQ_ALARM_CUM_BELOW, "the exchange has lost fills of it");
        return false;
    }
    o->doubt = SQ_ORDER_NONE;
    touch_order(e, row);
    if (!sq_order_state_is_terminal((enum sq_order_state)r->order_state)) {
        o->leaves = o->qty - o->cum;
        position_check_reserved(e, e->t.order_position[row]);
    }
    return true;
}

/*
 * Had it ended with nothing filled, both agree that nothing of it is left: believed when said
 * twice, as of an order that was never acknowledged. All else is for a person to settle.
 */
void loss_forgotten(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    enum sq_order_state was = (enum sq_order_state)o->doubt;
    if (!sq_order_state_is_terminal(was) || o->cum > 0) {
        contradict(e, row, SQ_ALARM_UNKNOWN_ORDER, "the exchange does not know it any more");
    } else if (++o->seen_unknown < 2) {
        touch_order(e, row);
    } else {
        o->doubt = SQ_ORDER_NONE;
        order_end(e, row, was);
    }
}

/* ---- fills that it has lost ----------------------------------------------------------------------- */

/*
 * What a fill still counts for. The one that a person entered counts for what no report has
 * confirmed since; `confirmed` is the quantity of confirmations later than it, as they are met.
 */
static sq_quantity counts_for(const struct sq_fill *f, sq_quantity *confirmed)
{
    sq_quantity counted = f->qty;
    if (f->confirms)
        *confirmed += f->qty;
    else if (f->manual) {
        sq_quantity both = *confirmed < f->qty ? *confirmed : f->qty;
        *confirmed -= both;
        counted -= both;
    }
    return f->busted ? 0 : counted;
}

/* The walk over an order's fills from the latest on. */
struct walk {
    uint32_t fill; /* row of the fill that was met last */
    sq_quantity counted;
    sq_quantity confirmed;
};

/*
 * The next fill's part of what is to go, 0 when nothing more can: a trade goes whole or not at
 * all, of a person's word as much as needed.
 */
static sq_quantity next_part(const struct sq_engine *e, uint32_t row, sq_quantity wanted,
                             struct walk *w)
{
    while (wanted > 0 && w->fill-- > 0) {
        const struct sq_fill *f = &e->t.fill[w->fill];
        if (f->order_no != e->t.order[row].no)
            continue;
        w->counted = counts_for(f, &w->confirmed);
        if (w->counted > wanted)
            return f->manual ? wanted : 0;
        if (w->counted > 0)
            return w->counted;
    }
    return 0;
}

bool loss_can_take_back(const struct sq_engine *e, uint32_t row, sq_quantity qty)
{
    struct walk w = {.fill = e->t.fill_count};
    sq_quantity part;
    while ((part = next_part(e, row, qty, &w)) > 0)
        qty -= part;
    return qty == 0;
}

/* What the exchange may report anew shall not count twice for the close either. */
static void tell_close(struct sq_engine *e, uint32_t row, sq_quantity qty, sq_money value)
{
    const struct sq_order *o = &e->t.order[row];
    uint32_t close = o->close_no ? sq_find_close(&e->t, o->close_no) : SQ_NO_ROW;
    if (close != SQ_NO_ROW)
        close_child_filled(e, close, qty, value);
}

void loss_take_back(struct sq_engine *e, uint32_t row, sq_quantity qty)
{
    struct walk w = {.fill = e->t.fill_count};
    const struct sq_order *o = &e->t.order[row];
    const sq_quantity cum = o->cum;
    const sq_money value = o->value_paise;
    const uint32_t position = e->t.order_position[row];
    const bool flipped = e->t.position[position].flipped;
    sq_quantity part;
    while ((part = next_part(e, row, qty, &w)) > 0) {
        struct sq_fill *fill = &e->t.fill[w.fill];
        if (part == w.counted)
            fill->busted = 1;
        else
            fill->qty -= part;
        order_unfill(e, row, w.fill, part);
        qty -= part;
    }
    tell_close(e, row, o->cum - cum, o->value_paise - value);
    position_moved(e, position, flipped);
    alarm_order(e, SQ_ALARM_BUST, row, "the exchange has lost it");
}
