/*
 * Market data: who wants which contract, snapshots (W), changes (X), segment heartbeats (h).
 *
 * A change is what differs from what was last told of the contract, so all subscribers get the same
 * entries. One that cannot take it now (its output is full) is marked out of date, and gets a
 * snapshot when it can: rates are conflated, never queued.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum {
    BEAT_US = 1000000, /* between two heartbeats of a segment */
    ENTRIES = 2 * SIM_DEPTH + 1,
    TRADING_SESSION_ID = 336,
    TRAD_SES_STATUS = 340,
};

/* ---- Entries ---- */

/* One entry of W or X. */
struct entry {
    char action; /* 279: '0' new, '1' change, '2' delete; 0 in a snapshot */
    char type;   /* 269 */
    int level;   /* 290; 0: none */
    struct sim_level what;
};

/* 272 and 273, the time of the last trade. */
static void put_moment(struct fix_writer *w, int64_t time_us)
{
    char text[32];
    struct tm tm;
    time_t seconds = (time_t)(time_us / 1000000);
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y%m%d", &tm);
    fix_put_text(w, FIX_MD_ENTRY_DATE, text);
    size_t n = strftime(text, sizeof text, "%H:%M:%S", &tm);
    snprintf(text + n, sizeof text - n, ".%03d", (int)(time_us / 1000 % 1000));
    fix_put_text(w, FIX_MD_ENTRY_TIME, text);
}

static void put_entry_value(const struct exchange *x, struct fix_writer *w, int32_t contract,
                            const struct entry *e)
{
    const struct sim_contract *c = &x->day->contract[contract];
    if (e->action != '2')
        fix_put_price(w, FIX_MD_ENTRY_PX, e->what.price, c->price_decimals);
    if (e->action != '2' && e->what.quantity > 0)
        fix_put_int(w, FIX_MD_ENTRY_SIZE, e->what.quantity);
    if (e->type == '2')
        put_moment(w, x->market.mark[contract].last_us);
    if (e->level > 0)
        fix_put_int(w, FIX_MD_ENTRY_POSITION_NO, e->level);
}

static void put_contract(const struct exchange *x, struct fix_writer *w, int32_t contract)
{
    const struct sim_contract *c = &x->day->contract[contract];
    fix_put_text(w, FIX_SYMBOL, c->symbol);
    fix_put_int(w, FIX_SECURITY_ID, c->token);
    fix_put_char(w, FIX_SECURITY_ID_SOURCE, '8');
    fix_put_text(w, FIX_SECURITY_EXCHANGE, sim_segment_name(c->segment));
}

static bool same_level(const struct sim_level *a, const struct sim_level *b)
{
    return a->price == b->price && a->quantity == b->quantity;
}

/* A level with nothing left on it is gone. */
static bool is_there(const struct sim_level *l)
{
    return l->price > 0 && l->quantity > 0;
}

static int diff_side(struct entry *out, char type, const struct sim_level *now,
                     const struct sim_level *before)
{
    int count = 0;
    for (int i = 0; i < SIM_DEPTH; i++) {
        bool was = is_there(&before[i]), is = is_there(&now[i]);
        if ((!was && !is) || (was && is && same_level(&now[i], &before[i])))
            continue;
        char action = !is ? '2' : was ? '1' : '0';
        out[count++] =
            (struct entry){.action = action, .type = type, .level = i + 1, .what = now[i]};
    }
    return count;
}

/* What changed since it was last told. */
static int changes(struct exchange *x, int32_t contract, struct entry out[ENTRIES])
{
    const struct sim_mark *k = &x->market.mark[contract];
    const struct sim_published *p = &x->published[contract];
    int count = diff_side(out, '0', k->bid, p->bid);
    count += diff_side(out + count, '1', k->ask, p->ask);
    if (k->last_us != p->last_us || k->last != p->last || k->last_quantity != p->last_quantity)
        out[count++] = (struct entry){
            .action = '1', .type = '2', .what = {.price = k->last, .quantity = k->last_quantity}};
    return count;
}

static void remember(struct exchange *x, int32_t contract)
{
    const struct sim_mark *k = &x->market.mark[contract];
    struct sim_published *p = &x->published[contract];
    memcpy(p->bid, k->bid, sizeof p->bid);
    memcpy(p->ask, k->ask, sizeof p->ask);
    p->last = k->last;
    p->last_us = k->last_us;
    p->last_quantity = k->last_quantity;
}

/* ---- Messages ---- */

static bool wants_top(const struct sim_link *link, int32_t contract)
{
    return link->subscription[link->wanted[contract] - 1].top;
}

/* MarketDataIncrementalRefresh. False: the session does not take it now. */
static bool send_changes(struct exchange *x, struct sim_link *link, int32_t contract,
                         const struct entry *entry, int count)
{
    struct fix_writer *w;
    uint32_t number;
    int deepest = wants_top(link, contract) ? 1 : SIM_DEPTH, kept = 0;
    for (int i = 0; i < count; i++)
        kept += entry[i].level <= deepest;
    if (kept == 0)
        return true;
    if (fix_session_begin(&link->fix, x->now_us, "X", &w) != FIX_SENT)
        return false;
    fix_put_text(w, FIX_MD_REQ_ID, link->subscription[link->wanted[contract] - 1].id);
    fix_put_int(w, FIX_NO_MD_ENTRIES, kept);
    /* The contract is named once: FIX 4.4 volume 3 lets later entries of a message default to it. */
    bool named = false;
    for (int i = 0; i < count; i++) {
        if (entry[i].level > deepest)
            continue;
        fix_put_char(w, FIX_MD_UPDATE_ACTION, entry[i].action);
        fix_put_char(w, FIX_MD_ENTRY_TYPE, entry[i].type);
        if (!named)
            put_contract(x, w, contract);
        named = true;
        put_entry_value(x, w, contract, &entry[i]);
    }
    return fix_session_send(&link->fix, &number) == FIX_SENT;
}

static int whole_side(struct entry *out, char type, const struct sim_level *level, int deepest)
{
    int count = 0;
    for (int i = 0; i < deepest; i++)
        if (is_there(&level[i]))
            out[count++] = (struct entry){.type = type, .level = i + 1, .what = level[i]};
    return count;
}

/* MarketDataSnapshotFullRefresh; a side that nobody quotes has no entries. */
static bool send_snapshot(struct exchange *x, struct sim_link *link, int32_t contract,
                          const char *id, bool top)
{
    const struct sim_mark *k = &x->market.mark[contract];
    int decimals = x->day->contract[contract].price_decimals;
    struct entry entry[ENTRIES + 1];
    struct fix_writer *w;
    uint32_t number;
    int count = whole_side(entry, '0', k->bid, top ? 1 : SIM_DEPTH);
    count += whole_side(entry + count, '1', k->ask, top ? 1 : SIM_DEPTH);
    if (k->last_quantity > 0 || x->day->contract[contract].index)
        entry[count++] =
            (struct entry){.type = '2', .what = {.price = k->last, .quantity = k->last_quantity}};
    entry[count++] = (struct entry){.type = '5', .what = {.price = k->close}};
    if (fix_session_begin(&link->fix, x->now_us, "W", &w) != FIX_SENT)
        return false;
    fix_put_text(w, FIX_MD_REQ_ID, id);
    put_contract(x, w, contract);
    fix_put_price(w, FIX_LOW_LIMIT_PRICE, k->band_low, decimals);
    fix_put_price(w, FIX_HIGH_LIMIT_PRICE, k->band_high, decimals);
    fix_put_int(w, FIX_NO_MD_ENTRIES, count);
    for (int i = 0; i < count; i++) {
        fix_put_char(w, FIX_MD_ENTRY_TYPE, entry[i].type);
        put_entry_value(x, w, contract, &entry[i]);
    }
    return fix_session_send(&link->fix, &number) == FIX_SENT;
}

/* TradingSessionStatus that names a segment: it speaks, although nothing changed in it. */
static bool send_beat(struct exchange *x, struct sim_link *link, int segment)
{
    struct fix_writer *w;
    uint32_t number;
    if (fix_session_begin(&link->fix, x->now_us, "h", &w) != FIX_SENT)
        return false;
    fix_put_text(w, TRADING_SESSION_ID, sim_segment_name(segment));
    fix_put_int(w, TRAD_SES_STATUS, x->halted[segment] ? 1 : 2);
    return fix_session_send(&link->fix, &number) == FIX_SENT;
}

/* ---- Subscriptions ---- */

static void mark_stale(struct sim_link *link, int32_t contract)
{
    link->stale_count += !link->stale[contract];
    link->stale[contract] = 1;
}

static void drop_contract(struct exchange *x, struct sim_link *link, int32_t contract)
{
    x->watched[contract]--;
    link->wanted[contract] = 0;
    link->stale_count -= link->stale[contract];
    link->stale[contract] = 0;
}

static void drop_subscription(struct exchange *x, struct sim_link *link, int number)
{
    for (int32_t c = 0; c < x->day->contracts; c++)
        if (link->wanted[c] == number + 1)
            drop_contract(x, link, c);
    link->subscription[number].id[0] = '\0';
}

void sim_rates_forget(struct exchange *x, struct sim_link *link)
{
    for (int i = 0; i < SIM_SUBSCRIPTIONS; i++)
        if (link->subscription[i].id[0] != '\0')
            drop_subscription(x, link, i);
}

static void want_contract(struct exchange *x, struct sim_link *link, int32_t contract, int number)
{
    if (link->wanted[contract] == 0 && x->watched[contract]++ == 0)
        remember(x, contract);
    link->wanted[contract] = (uint8_t)(number + 1);
    mark_stale(link, contract);
    sim_market_watch(&x->market, contract);
}

/* ---- MarketDataRequest ---- */

/* MDReqRejReason(281), FIX 4.4 volume 3. */
enum { REJECT_SYMBOL = '0', REJECT_DUPLICATE = '1', REJECT_PERMISSION = '3', REJECT_TYPE = '4' };

static void reject(struct exchange *x, struct sim_link *link, const char *id, char reason,
                   const char *why)
{
    struct fix_writer *w;
    uint32_t number;
    sim_log_session(x, "rates-reject", x->state->owner[link->owner].comp_id, why);
    if (fix_session_begin(&link->fix, x->now_us, "Y", &w) != FIX_SENT)
        return;
    fix_put_text(w, FIX_MD_REQ_ID, id);
    fix_put_char(w, FIX_MD_REQ_REJ_REASON, reason);
    fix_put_text(w, FIX_TEXT, why);
    fix_session_send(&link->fix, &number);
}

static int32_t entry_contract(const struct exchange *x, const struct fix_group *g)
{
    char venue[SIM_VENUE];
    int64_t token;
    if (fix_text(fix_group_get(g, FIX_SECURITY_EXCHANGE), venue, sizeof venue) != FIX_VALUE ||
        fix_int(fix_group_get(g, FIX_SECURITY_ID), &token) != FIX_VALUE)
        return SIM_NONE;
    int segment = sim_segment_named(venue);
    if (segment < 0 || token < 1 || token > INT32_MAX)
        return SIM_NONE;
    return sim_day_find(x->day, segment, (uint32_t)token);
}

/* Checked before anything is subscribed: a request is taken whole or not at all. */
static bool all_known(const struct exchange *x, const struct fix_view *view)
{
    struct fix_group g;
    for (fix_group(view, FIX_NO_RELATED_SYM, &g); fix_group_next(&g);)
        if (entry_contract(x, &g) == SIM_NONE)
            return false;
    return true;
}

static int subscription_named(const struct sim_link *link, const char *id)
{
    for (int i = 0; i < SIM_SUBSCRIPTIONS; i++)
        if (strcmp(link->subscription[i].id, id) == 0)
            return i;
    return -1;
}

static void subscribe(struct exchange *x, struct sim_link *link, const struct fix_view *view,
                      const char *id, bool top)
{
    struct fix_group g;
    int number = subscription_named(link, "");
    if (number < 0) {
        reject(x, link, id, REJECT_PERMISSION, "too many subscriptions");
        return;
    }
    memcpy(link->subscription[number].id, id, SIM_REQUEST_ID);
    link->subscription[number].top = top;
    for (fix_group(view, FIX_NO_RELATED_SYM, &g); fix_group_next(&g);)
        want_contract(x, link, entry_contract(x, &g), number);
}

static void answer_once(struct exchange *x, struct sim_link *link, const struct fix_view *view,
                        const char *id, bool top)
{
    struct fix_group g;
    for (fix_group(view, FIX_NO_RELATED_SYM, &g); fix_group_next(&g);)
        send_snapshot(x, link, entry_contract(x, &g), id, top);
}

void sim_rates_request(struct exchange *x, struct sim_link *link, const struct fix_view *view)
{
    char id[SIM_REQUEST_ID] = "", what = '?';
    int64_t depth = 0;
    fix_text(fix_get(view, FIX_MD_REQ_ID), id, sizeof id);
    fix_char(fix_get(view, FIX_SUBSCRIPTION_REQUEST_TYPE), &what);
    fix_int(fix_get(view, FIX_MARKET_DEPTH), &depth);
    int old = subscription_named(link, id);
    if (id[0] == '\0' || what < '0' || what > '2')
        reject(x, link, id[0] == '\0' ? "NONE" : id, REJECT_TYPE, "no such kind of request");
    else if (what == '2' && old >= 0)
        drop_subscription(x, link, old);
    else if (what == '2' || (what == '1' && old >= 0))
        reject(x, link, id, REJECT_DUPLICATE, "MDReqID unknown, or in use");
    else if (!all_known(x, view))
        reject(x, link, id, REJECT_SYMBOL, "unknown contract");
    else if (what == '1')
        subscribe(x, link, view, id, depth == 1);
    else
        answer_once(x, link, view, id, depth == 1);
}

/* ---- Going out ---- */

void sim_rates_publish(struct exchange *x, int32_t contract)
{
    struct entry entry[ENTRIES];
    if (x->watched[contract] == 0 || x->stalled[x->day->contract[contract].segment])
        return;
    int count = changes(x, contract, entry);
    for (int i = 0; i < x->config.sessions; i++) {
        struct sim_link *link = &x->link[i];
        if (!link->rates || link->wanted[contract] == 0 || link->stale[contract])
            continue;
        if (!send_changes(x, link, contract, entry, count))
            mark_stale(link, contract);
    }
    remember(x, contract);
}

/* Only for segments that this member watches, and not while they are stalled: silence must show. */
static void send_beats(struct exchange *x, struct sim_link *link)
{
    bool wanted[SIM_SEGMENT_COUNT] = {false};
    if (x->now_us < link->beat_us + BEAT_US)
        return;
    link->beat_us = x->now_us;
    for (int32_t c = 0; c < x->day->contracts; c++)
        wanted[x->day->contract[c].segment] |= link->wanted[c] != 0;
    for (int s = 0; s < SIM_SEGMENT_COUNT; s++)
        if (wanted[s] && !x->stalled[s])
            send_beat(x, link, s);
}

void sim_rates_send(struct exchange *x, struct sim_link *link)
{
    int32_t contracts = x->day->contracts;
    send_beats(x, link);
    for (int32_t n = 0; n < contracts && link->stale_count > 0; n++) {
        int32_t c = link->stale_at;
        bool speaks = !x->stalled[x->day->contract[c].segment];
        if (link->stale[c] && speaks) {
            const char *id = link->subscription[link->wanted[c] - 1].id;
            if (!send_snapshot(x, link, c, id, wants_top(link, c)))
                return;
            link->stale[c] = 0;
            link->stale_count--;
        }
        link->stale_at = (c + 1) % contracts;
    }
}

void sim_rates_refresh(struct exchange *x, int segment)
{
    for (int i = 0; i < x->config.sessions; i++)
        for (int32_t c = 0; c < x->day->contracts; c++)
            if (x->day->contract[c].segment == segment && x->link[i].wanted[c] != 0)
                mark_stale(&x->link[i], c);
}

int64_t sim_rates_deadline(const struct exchange *x)
{
    int64_t at = INT64_MAX;
    for (int i = 0; i < x->config.sessions; i++) {
        const struct sim_link *link = &x->link[i];
        if (link->rates && link->fix.state == FIX_ACTIVE && link->beat_us + BEAT_US < at)
            at = link->beat_us + BEAT_US;
    }
    return at;
}
