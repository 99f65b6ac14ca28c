/*
 * The guards of one-key square-off, a row each in order of precedence (types.h has their words
 * and classes), and who may do what.
 */
#include "core/state.h"

#include "core/scope.h"

/* ---- persons --------------------------------------------------------------------------------- */

enum sq_refusal check_person(const struct sq_engine *e, const char *code, unsigned roles,
                             const char *client)
{
    uint32_t row = sq_find_person(&e->t, code);
    if (row == SQ_NO_ROW)
        return SQ_REFUSAL_NO_SUCH_PERSON;
    const struct sq_person *p = &e->t.person[row];
    if (!p->active)
        return SQ_REFUSAL_INACTIVE;
    if ((roles & ROLE_BIT(p->role)) == 0)
        return SQ_REFUSAL_ROLE;
    if (client && !sq_client_in_scope(&e->t, row, sq_find_client(&e->t, client)))
        return SQ_REFUSAL_SCOPE;
    return SQ_REFUSAL_NONE;
}

/* ---- guards ---------------------------------------------------------------------------------- */

struct ctx {
    const struct sq_engine *e;
    const struct sq_square_off *intent;
    const struct sq_plan *plan;
    const struct sq_quote *q;
    const struct sq_position *p;
    const struct sq_instrument *i;
    const struct sq_client *client;
    const struct sq_person *person;
    sq_time now;
};

static bool no_ownership(const struct ctx *c)
{
    return !c->e->t.book.owned || c->e->t.book.draining;
}
static bool not_active(const struct ctx *c)
{
    return c->e->t.book.control != SQ_CONTROL_ACTIVE;
}
static bool halted(const struct ctx *c)
{
    return c->e->t.book.halted;
}
static bool policy_off(const struct ctx *c)
{
    return c->person->policy == SQ_POLICY_OFF;
}
static bool exchange_lost(const struct ctx *c)
{
    return c->e->t.book.lost;
}
static bool no_link(const struct ctx *c)
{
    return c->e->t.book.link == SQ_LINK_DOWN;
}
static bool reconciling(const struct ctx *c)
{
    return c->e->t.book.link == SQ_LINK_RECONCILING;
}
static bool account_frozen(const struct ctx *c)
{
    return c->client->frozen;
}
static bool key_frozen(const struct ctx *c)
{
    return c->p->frozen;
}

static bool close_open(const struct ctx *c)
{
    return sq_open_close(&c->e->t, c->plan->position) != NULL;
}

/* UNKNOWN, or still unanswered although the close that sent it has been stopped. */
static bool is_unanswered(const struct sq_order *o, bool closing)
{
    bool in_the_air = o->state == SQ_ORDER_SENT || o->state == SQ_ORDER_JOURNALLED;
    return o->state == SQ_ORDER_UNKNOWN || (in_the_air && !closing);
}
static bool unknown_open(const struct ctx *c)
{
    const struct sq_tables *t = &c->e->t;
    bool closing = close_open(c);
    for (uint32_t o = t->position_order[c->plan->position]; o != SQ_NO_ROW; o = t->order_next[o])
        if (is_unanswered(&t->order[o], closing))
            return true;
    return false;
}
static bool flat(const struct ctx *c)
{
    return c->p->net == 0;
}

/* A target must lie between the present net and flat, and the net's sign must be what was seen. */
static bool not_reducing(const struct ctx *c)
{
    sq_quantity target = c->intent->target;
    if (c->p->net == 0)
        return false;
    if (c->intent->seen_net != 0 && (c->intent->seen_net > 0) != (c->p->net > 0))
        return true;
    return (target != 0 && (target > 0) != (c->p->net > 0)) || sq_abs(target) >= sq_abs(c->p->net);
}
static bool reserved(const struct ctx *c)
{
    return c->plan->want > 0 && c->plan->quantity == 0 &&
           c->plan->residue == SQ_RESIDUE_RESTING_EXT;
}
static bool suspended(const struct ctx *c)
{
    return c->i->suspended;
}
static bool market_shut(const struct ctx *c)
{
    const struct sq_hours *h = sq_find_hours(&c->e->t, c->i);
    if (!h)
        return true;
    bool auction = h->auction_start > 0 && c->now >= h->auction_start && c->now < h->auction_end;
    return !auction && (c->now < h->open || c->now >= h->close);
}
static bool auction(const struct ctx *c)
{
    const struct sq_hours *h = sq_find_hours(&c->e->t, c->i);
    return h && h->auction_start > 0 && c->now >= h->auction_start && c->now < h->auction_end;
}

static bool is_delivery(const struct ctx *c)
{
    return c->p->key.product == SQ_PRODUCT_CNC || c->p->key.product == SQ_PRODUCT_MTF;
}
static bool delivery_short(const struct ctx *c)
{
    return is_delivery(c) && c->p->net < 0;
}

/* Series in which every trade is delivered: NSE BE BZ, SME ST SZ, BSE T and its like. */
static bool trade_for_trade(const struct ctx *c)
{
    static const char *const series[] = {"BE", "BZ", "ST", "SZ", "T", "TS", "XT", "Z", "ZP"};
    if (c->i->contract != SQ_CONTRACT_EQUITY)
        return false;
    for (size_t i = 0; i < sizeof series / sizeof *series; i++)
        if (sq_text_equal(c->i->series, series[i]))
            return true;
    return false;
}
static bool unsettled(const struct ctx *c)
{
    return c->plan->unsettled;
}
static bool odd_lot(const struct ctx *c)
{
    return c->plan->want > 0 && c->plan->quantity == 0 && c->plan->residue == SQ_RESIDUE_ODD_LOT;
}
static bool no_freeze(const struct ctx *c)
{
    return c->plan->slice == 0;
}

static bool feed_is_dead(const struct ctx *c)
{
    return c->q->feed_age_ms < 0 || c->q->feed_age_ms > c->e->t.config.quote_age_limit_ms ||
           c->q->feed_gap;
}
static bool no_price(const struct ctx *c)
{
    return !feed_is_dead(c) && c->plan->limit == 0 && c->plan->no_limit == SQ_RESIDUE_NO_PRICE;
}
static bool no_bid(const struct ctx *c)
{
    return !feed_is_dead(c) && c->plan->limit == 0 && c->plan->no_limit == SQ_RESIDUE_NO_BID;
}
static bool outside_band(const struct ctx *c)
{
    sq_price low = 0, high = 0;
    return c->intent->limit > 0 && plan_band(c->i, c->q, &low, &high) &&
           (c->intent->limit < low || c->intent->limit > high);
}
static bool off_tick(const struct ctx *c)
{
    return c->intent->limit < 0 || c->intent->limit % c->i->tick != 0;
}

/* The call must be this client's: another's reference is no evidence (SEBI CIR/2022/177, 3.10). */
static bool call_required(const struct ctx *c)
{
    bool others =
        c->intent->call_client[0] != 0 && !sq_text_equal(c->intent->call_client, c->p->key.client);
    return c->client->call_required && !c->e->t.config.drill &&
           (c->intent->call_ref[0] == 0 || others);
}

static sq_money value(const struct ctx *c)
{
    sq_price price = c->plan->limit ? c->plan->limit : c->q->last;
    return sq_abs(sq_value_paise(price, c->plan->quantity, c->i->multiplier, c->i->price_decimals));
}
static bool over_limit(const struct ctx *c)
{
    return c->person->max_order_paise > 0 && value(c) > c->person->max_order_paise;
}
static bool over_day_limit(const struct ctx *c)
{
    return c->person->max_day_paise > 0 &&
           c->person->day_paise + value(c) > c->person->max_day_paise;
}
static bool differ(const struct ctx *c)
{
    return c->p->source == SQ_SOURCE_DIFFER;
}
static bool not_accepted(const struct ctx *c)
{
    return c->p->source == SQ_SOURCE_ONE && c->e->t.book.accepted == 0;
}
static bool ext_opposite(const struct ctx *c)
{
    return c->plan->opposite_ext;
}
static bool feed_dead(const struct ctx *c)
{
    return c->intent->limit == 0 && feed_is_dead(c);
}
static bool hedge(const struct ctx *c)
{
    return plan_covered_short(c->e, c->plan->position, false) != SQ_NO_ROW;
}

/* One tick is the narrowest that a spread can be, whatever its share of a small price. */
static bool wide(const struct ctx *c)
{
    sq_price spread = c->q->ask - c->q->bid;
    if (c->q->bid <= 0 || c->q->ask <= 0 || spread <= c->i->tick)
        return false;
    return sq_mul_div(spread, 20000, c->q->ask + c->q->bid) > c->e->t.config.wide_bps;
}
static bool one_source(const struct ctx *c)
{
    return c->p->source == SQ_SOURCE_ONE && c->e->t.book.accepted == 1;
}
static bool product_unknown(const struct ctx *c)
{
    return c->p->key.product == SQ_PRODUCT_UNKNOWN;
}
static bool other_call(const struct ctx *c)
{
    return c->intent->call_client[0] != 0 &&
           !sq_text_equal(c->intent->call_client, c->p->key.client);
}
static bool one_sided(const struct ctx *c)
{
    bool recent = c->q->trade_age_ms >= 0 && c->q->trade_age_ms <= c->e->t.config.trade_recent_ms;
    return !recent && (c->q->bid <= 0 || c->q->ask <= 0);
}
static bool no_band(const struct ctx *c)
{
    sq_price low = 0, high = 0;
    return !plan_band(c->i, c->q, &low, &high);
}
static bool policy_asks(const struct ctx *c)
{
    return c->person->policy == SQ_POLICY_PREVIEW;
}
static bool not_armed(const struct ctx *c)
{
    return c->person->policy == SQ_POLICY_ARMED && !c->intent->armed;
}
static bool on_hold(const struct ctx *c)
{
    return c->intent->hold;
}

typedef bool guard_fn(const struct ctx *c);
static guard_fn *const guards[SQ_GUARD_COUNT] = {
    [SQ_GUARD_NO_OWNERSHIP] = no_ownership,
    [SQ_GUARD_NOT_ACTIVE] = not_active,
    [SQ_GUARD_HALTED] = halted,
    [SQ_GUARD_POLICY_OFF] = policy_off,
    [SQ_GUARD_EXCHANGE_LOST] = exchange_lost,
    [SQ_GUARD_NO_LINK] = no_link,
    [SQ_GUARD_RECONCILING] = reconciling,
    [SQ_GUARD_ACCOUNT_FROZEN] = account_frozen,
    [SQ_GUARD_KEY_FROZEN] = key_frozen,
    [SQ_GUARD_UNKNOWN_OPEN] = unknown_open,
    [SQ_GUARD_CLOSE_OPEN] = close_open,
    [SQ_GUARD_FLAT] = flat,
    [SQ_GUARD_NOT_REDUCING] = not_reducing,
    [SQ_GUARD_RESERVED] = reserved,
    [SQ_GUARD_SUSPENDED] = suspended,
    [SQ_GUARD_MARKET_SHUT] = market_shut,
    [SQ_GUARD_AUCTION] = auction,
    [SQ_GUARD_DELIVERY_SHORT] = delivery_short,
    [SQ_GUARD_TRADE_FOR_TRADE] = trade_for_trade,
    [SQ_GUARD_UNSETTLED] = unsettled,
    [SQ_GUARD_ODD_LOT] = odd_lot,
    [SQ_GUARD_NO_FREEZE] = no_freeze,
    [SQ_GUARD_NO_PRICE] = no_price,
    [SQ_GUARD_NO_BID] = no_bid,
    [SQ_GUARD_OUTSIDE_BAND] = outside_band,
    [SQ_GUARD_OFF_TICK] = off_tick,
    [SQ_GUARD_CALL_REQUIRED] = call_required,
    [SQ_GUARD_OVER_LIMIT] = over_limit,
    [SQ_GUARD_OVER_DAY_LIMIT] = over_day_limit,
    [SQ_GUARD_DIFFER] = differ,
    [SQ_GUARD_NOT_ACCEPTED] = not_accepted,
    [SQ_GUARD_EXT_OPPOSITE] = ext_opposite,
    [SQ_GUARD_FEED_DEAD] = feed_dead,
    [SQ_GUARD_HEDGE] = hedge,
    [SQ_GUARD_WIDE] = wide,
    [SQ_GUARD_ONE_SOURCE] = one_source,
    [SQ_GUARD_PRODUCT_UNKNOWN] = product_unknown,
    [SQ_GUARD_OTHER_CALL] = other_call,
    [SQ_GUARD_ONE_SIDED] = one_sided,
    [SQ_GUARD_NO_BAND] = no_band,
    [SQ_GUARD_POLICY_ASKS] = policy_asks,
    [SQ_GUARD_NOT_ARMED] = not_armed,
    [SQ_GUARD_ON_HOLD] = on_hold,
};

uint64_t guards_failing(const struct sq_engine *e, const struct sq_square_off *intent,
                        const struct sq_plan *plan, sq_time now)
{
    uint64_t failing = 0;
    uint32_t person = sq_find_person(&e->t, intent->dealer);
    SQ_ASSERT(plan->position != SQ_NO_ROW && person != SQ_NO_ROW);
    struct ctx c = {
        .e = e,
        .intent = intent,
        .plan = plan,
        .q = &intent->quote,
        .p = &e->t.position[plan->position],
        .i = &e->t.instrument[plan->instrument],
        .client = &e->t.client[e->t.position_client[plan->position]],
        .person = &e->t.person[person],
        .now = now,
    };
    for (int g = 0; g < SQ_GUARD_COUNT; g++)
        if (guards[g](&c))
            failing |= GUARD_BIT(g);
    return failing;
}

enum sq_guard first_guard(uint64_t failing)
{
    for (int g = 0; g < SQ_GUARD_COUNT; g++)
        if (failing & GUARD_BIT(g))
            return (enum sq_guard)g;
    return SQ_GUARD_COUNT;
}

#define X(tail, verdict, ...) \
    | (SQ_VERDICT_##verdict == WANTED ? UINT64_C(1) << SQ_GUARD_##tail : 0)
static const uint64_t bits_of[SQ_VERDICT_COUNT] = {
#define WANTED SQ_VERDICT_ASK
    [WANTED] = 0 SQ_GUARD_MAP(X),
#undef WANTED
#define WANTED SQ_VERDICT_PRICE
    [WANTED] = 0 SQ_GUARD_MAP(X),
#undef WANTED
#define WANTED SQ_VERDICT_APPROVE
    [WANTED] = 0 SQ_GUARD_MAP(X),
#undef WANTED
#define WANTED SQ_VERDICT_STOP
    [WANTED] = 0 SQ_GUARD_MAP(X),
#undef WANTED
};
#undef X

uint64_t guards_of(enum sq_verdict verdict)
{
    return bits_of[verdict];
}
