/* What a square-off would do now: the plan and the guards, shown instead of done. */
#include <string.h>

#include "core/state.h"

static void list_cancels(const struct sq_engine *e, uint32_t position, struct sq_preview *v)
{
    for (uint32_t o = e->t.position_order[position]; o != SQ_NO_ROW; o = e->t.order_next[o]) {
        if (!plan_cancellable(&e->t.order[o]))
            continue;
        if (v->cancels < SQ_PREVIEW_CANCELS)
            v->cancel_no[v->cancels] = e->t.order[o].no;
        v->cancels++;
    }
}

static void slices(const struct sq_plan *plan, struct sq_preview *v)
{
    v->slices = plan_slices(plan);
    if (v->slices == 0)
        return;
    v->slice = plan->quantity < plan->slice ? plan->quantity : plan->slice;
    v->last_slice = plan->quantity - (v->slices - 1) * v->slice;
}

static void hedge(const struct sq_engine *e, uint32_t position, struct sq_preview *v)
{
    uint32_t open = plan_covered_short(e, position, false);
    uint32_t closing = plan_covered_short(e, position, true);
    v->waits = closing != SQ_NO_ROW;
    if (open != SQ_NO_ROW)
        v->hedge_of = (uint64_t)open + 1;
    else if (closing != SQ_NO_ROW)
        v->hedge_of = (uint64_t)closing + 1;
}

static uint64_t mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ (h >> 32);
}

/* The limit moves with every tick and is not part of it: what is sent, and on what terms, is. */
static uint64_t digest(const struct sq_preview *v)
{
    uint64_t h = mix(1, v->guards);
    h = mix(h, (uint64_t)v->net);
    h = mix(h, (uint64_t)v->quantity);
    h = mix(h, (uint64_t)v->slice);
    h = mix(h, v->slices);
    h = mix(h, v->cancels);
    h = mix(h, v->hedge_of);
    return mix(h, (uint64_t)v->side | (uint64_t)v->waits << 8);
}

static void verdict(uint64_t failing, struct sq_preview *v)
{
    v->guards = failing;
    v->first = first_guard(failing);
    for (int g = 0; g < SQ_GUARD_COUNT; g++) {
        enum sq_verdict class = sq_guard_verdict((enum sq_guard)g);
        if ((failing & GUARD_BIT(g)) && class > v->verdict)
            v->verdict = class;
    }
}

void sq_preview(const struct sq_engine *e, const struct sq_square_off *intent, sq_time now,
                struct sq_preview *v)
{
    struct sq_plan plan;
    memset(v, 0, sizeof *v);
    plan_make(e, &intent->key, intent->target, intent->limit, &intent->quote, &plan);
    if (plan.position == SQ_NO_ROW || sq_find_person(&e->t, intent->dealer) == SQ_NO_ROW) {
        verdict(GUARD_BIT(SQ_GUARD_NO_OWNERSHIP), v);
        return;
    }
    const struct sq_instrument *i = &e->t.instrument[plan.instrument];
    verdict(guards_failing(e, intent, &plan, now), v);
    v->side = plan.side;
    v->net = plan.net;
    v->quantity = plan.quantity;
    v->residue = plan.want - plan.quantity;
    v->residue_why = plan.residue;
    v->limit = plan.limit;
    v->at_band = plan.at_band;
    v->leg = plan_leg(e, plan.position);
    v->estimate_paise =
        sq_abs(sq_value_paise(plan.limit, plan.quantity, i->multiplier, i->price_decimals));
    slices(&plan, v);
    list_cancels(e, plan.position, v);
    hedge(e, plan.position, v);
    v->digest = digest(v);
}
