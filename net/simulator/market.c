/*
 * What moves and how. All arithmetic is in integers: the fair price in thousandths of the contract's
 * unit, chances and widths in millionths, so that a seed gives the same day on every machine.
 */
#include "net/simulator/market.h"

#include <string.h>

enum {
    MOST_LOTS = 1500, /* that stand on one level, however cheap the contract */
    FAR_MILLI = 50,   /* an option is far from the money when its delta is below ... */
    FAR_SPREAD = 8,   /* ... and its spread is so many times as wide */
};

const struct sim_market_config sim_market_defaults = {
    .ticks_per_s = 1000,
    .step_ppm = {120, 60, 60, 60},
    .spread_ppm = {300, 150, 6000, 6000},
    .band_ppm = {200000, 100000, 400000, 400000},
    .option_band_min = 20,
    .depth_rupees = 2500000,
    .depth_lots = 40,
};

static int64_t unit(const struct sim_contract *c)
{
    return c->price_decimals == 4 ? 10000 : 100;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

static int64_t round_down(int64_t price, int64_t tick)
{
    return price - price % tick;
}

static int64_t round_up(int64_t price, int64_t tick)
{
    return round_down(price + tick - 1, tick);
}

static bool is_option(const struct sim_contract *c)
{
    return c->kind == SIM_CALL || c->kind == SIM_PUT;
}

/* ---- Opening ---- */

void sim_market_layout(struct sim_market *m, const struct sim_day *day, struct sim_memory *memory)
{
    size_t n = (size_t)day->contracts;
    m->day = day;
    m->slots = 16;
    while ((size_t)m->slots < 2 * n)
        m->slots *= 2;
    m->mark = sim_memory_take(memory, n, sizeof *m->mark);
    m->group = sim_memory_take(memory, n, sizeof *m->group);
    m->moving = sim_memory_take(memory, n, sizeof *m->moving);
    m->slot = sim_memory_take(memory, (size_t)m->slots, sizeof *m->slot);
}

static uint32_t hash_symbol(const char *symbol)
{
    uint32_t h = 2166136261u;
    for (; *symbol != '\0'; symbol++)
        h = (h ^ (uint8_t)*symbol) * 16777619u;
    return h;
}

/* The group of a contract's symbol, made when it is new. Prices must be of one scale. */
static int32_t group_of(struct sim_market *m, int32_t contract)
{
    const struct sim_contract *c = &m->day->contract[contract];
    uint32_t mask = (uint32_t)m->slots - 1;
    uint32_t i = hash_symbol(c->symbol) & mask;
    for (; m->slot[i] != SIM_NONE; i = (i + 1) & mask) {
        const struct sim_contract *f = &m->day->contract[m->group[m->slot[i]].first];
        if (f->price_decimals == c->price_decimals && strcmp(f->symbol, c->symbol) == 0)
            return m->slot[i];
    }
    m->group[m->groups] = (struct sim_group){.driver = SIM_NONE, .first = contract};
    m->slot[i] = m->groups;
    return m->groups++;
}

/* Is a better suited than b to drive their symbol? The share first, then the nearest future. */
static bool drives_before(const struct sim_contract *a, const struct sim_contract *b)
{
    if ((a->close > 0) != (b->close > 0))
        return a->close > 0;
    if (a->kind != b->kind)
        return a->kind < b->kind;
    return a->expiry < b->expiry;
}

/* Counts strikes for make_spot() and lets the best suited contract drive. */
static void join_group(struct sim_market *m, int32_t contract)
{
    const struct sim_contract *c = &m->day->contract[contract];
    int32_t group = group_of(m, contract);
    struct sim_group *g = &m->group[group];
    m->mark[contract].group = group;
    if (is_option(c)) {
        g->strikes += c->strike;
        g->strike_count++;
    } else if (g->driver == SIM_NONE || drives_before(c, &m->day->contract[g->driver])) {
        g->driver = contract;
    }
}

/* Where nothing leads and nothing has a close, options lie about their strikes. */
static void make_spot(struct sim_market *m, struct sim_group *g)
{
    int64_t close = g->driver == SIM_NONE ? 0 : m->day->contract[g->driver].close;
    if (close > 0)
        g->spot = close;
    else if (g->strike_count > 0)
        g->spot = g->strikes / g->strike_count;
    else
        g->spot = 100 * unit(&m->day->contract[g->first]);
}

/* An opening price for a contract without a close: intrinsic value and a little time value. */
static int64_t made_up_close(const struct sim_contract *c, int64_t spot)
{
    int64_t in = c->kind == SIM_CALL ? spot - c->strike : c->strike - spot;
    int64_t away = in < 0 ? -in : in;
    int64_t wide = spot / 12;
    if (!is_option(c))
        return spot;
    int64_t time_value = away < wide ? (spot / 50) * (wide - away) / wide : 0;
    return (in > 0 ? in : 0) + time_value;
}

static void open_contract(struct sim_market *m, int32_t contract, int64_t now_us)
{
    const struct sim_contract *c = &m->day->contract[contract];
    struct sim_mark *k = &m->mark[contract];
    int64_t spot = m->group[k->group].spot;
    int64_t close = c->close > 0 ? c->close : made_up_close(c, spot);
    k->close = clamp(round_down(close, c->tick), c->tick, INT64_C(1) << 50);
    int64_t width = k->close / 1000 * m->config.band_ppm[c->kind] / 1000 +
                    k->close % 1000 * m->config.band_ppm[c->kind] / 1000000;
    if (is_option(c) && width < m->config.option_band_min * unit(c))
        width = m->config.option_band_min * unit(c);
    k->band_low =
        clamp(round_up(k->close > width ? k->close - width : 0, c->tick), c->tick, k->close);
    k->band_high = round_down(k->close + width, c->tick);
    k->fair_milli = k->close * 1000;
    k->spot_seen = spot;
    k->last = k->close;
    k->last_us = now_us;
    sim_market_quote(m, contract);
}

void sim_market_open(struct sim_market *m, const struct sim_market_config *config, uint64_t seed,
                     int64_t now_us)
{
    m->config = *config;
    m->chance = seed * 2 + 1;
    m->ticked_us = now_us;
    m->groups = m->movings = m->favoured = 0;
    m->replay = NULL;
    m->replay_contract = SIM_NONE;
    memset(m->mark, 0, (size_t)m->day->contracts * sizeof *m->mark);
    memset(m->slot, 0xff, (size_t)m->slots * sizeof *m->slot);
    for (int32_t c = 0; c < m->day->contracts; c++)
        join_group(m, c);
    for (int32_t g = 0; g < m->groups; g++)
        make_spot(m, &m->group[g]);
    for (int32_t c = 0; c < m->day->contracts; c++)
        open_contract(m, c, now_us);
}

void sim_market_replay(struct sim_market *m, int32_t contract, const struct sim_tick *ticks,
                       int count, int64_t now_us)
{
    m->replay = ticks;
    m->replay_count = count;
    m->replay_contract = contract;
    m->replay_from_us = now_us;
    sim_market_watch(m, contract);
}

static void start_moving(struct sim_market *m, int32_t contract)
{
    if (m->mark[contract].moves)
        return;
    m->mark[contract].moves = true;
    m->moving[m->movings++] = contract;
}

void sim_market_watch(struct sim_market *m, int32_t contract)
{
    int32_t driver = m->group[m->mark[contract].group].driver;
    start_moving(m, contract);
    if (driver != SIM_NONE)
        start_moving(m, driver);
}

/* ---- Quotes ---- */

/* Thousandths of the spot's move that the contract makes. */
static int64_t delta_milli(const struct sim_contract *c, int64_t spot)
{
    if (!is_option(c))
        return 1000;
    int64_t wide = spot / 20 > 0 ? spot / 20 : 1;
    int64_t call = clamp(500 + 500 * (spot - c->strike) / wide, 20, 980);
    return c->kind == SIM_CALL ? call : call - 1000;
}

/* Half of what lies between best bid and best ask. */
static int64_t half_spread(const struct sim_market *m, int32_t contract, int64_t fair)
{
    const struct sim_contract *c = &m->day->contract[contract];
    int64_t delta = delta_milli(c, m->group[m->mark[contract].group].spot);
    int64_t half = fair / 2000 * m->config.spread_ppm[c->kind] / 1000 +
                   fair % 2000 * m->config.spread_ppm[c->kind] / 2000000;
    return delta > -FAR_MILLI && delta < FAR_MILLI ? half * FAR_SPREAD : half;
}

/* Quantity of one level: the value that typically stands there, give or take a half. */
static int64_t level_quantity(struct sim_market *m, const struct sim_contract *c, int64_t price)
{
    int64_t lot_value = price * c->lot * c->multiplier / unit(c);
    int64_t lots = lot_value > 0 ? m->config.depth_rupees / lot_value : m->config.depth_lots;
    if (lots < m->config.depth_lots)
        lots = m->config.depth_lots;
    lots = clamp(lots, 1, MOST_LOTS);
    return c->lot * sim_random_range(&m->chance, (lots + 1) / 2, lots + lots / 2);
}

/* What stood at a price before mostly still stands there. */
static int64_t standing(struct sim_market *m, const struct sim_level *before, int64_t price)
{
    for (int i = 0; i < SIM_DEPTH; i++)
        if (before[i].price == price && sim_random_range(&m->chance, 0, 3) > 0)
            return before[i].quantity;
    return 0;
}

/* Fills one side's levels, going away from the best price by `step`. Outside the band is nobody. */
static void fill_side(struct sim_market *m, int32_t contract, struct sim_level *level, int64_t best,
                      int64_t step)
{
    const struct sim_contract *c = &m->day->contract[contract];
    const struct sim_mark *k = &m->mark[contract];
    struct sim_level before[SIM_DEPTH];
    memcpy(before, level, sizeof before);
    for (int i = 0; i < SIM_DEPTH; i++) {
        int64_t price = best + i * step;
        bool inside = price >= k->band_low && price <= k->band_high;
        int64_t stands = inside ? standing(m, before, price) : 0;
        level[i].price = inside ? price : 0;
        level[i].quantity = stands > 0 || !inside ? stands : level_quantity(m, c, price);
    }
}

void sim_market_quote(struct sim_market *m, int32_t contract)
{
    const struct sim_contract *c = &m->day->contract[contract];
    struct sim_mark *k = &m->mark[contract];
    int64_t fair = k->fair_milli / 1000;
    int64_t half = half_spread(m, contract, fair);
    int64_t step = clamp(round_down(half / 2, c->tick), c->tick, INT64_C(1) << 40);
    int64_t bid = round_down(fair - half > 0 ? fair - half : 0, c->tick);
    int64_t ask = round_up(fair + half, c->tick);
    if (ask <= bid)
        ask = bid + c->tick;
    /* Nobody bids for an option that is worth a tick or two: it will expire. */
    bool worthless = is_option(c) && fair <= 2 * c->tick;
    bool quiet = k->never || c->index;
    if (quiet || k->no_bid || worthless)
        memset(k->bid, 0, sizeof k->bid);
    else
        fill_side(m, contract, k->bid, bid, -step);
    if (quiet || k->no_ask)
        memset(k->ask, 0, sizeof k->ask);
    else
        fill_side(m, contract, k->ask, ask, step);
}

/* ---- Moving ---- */

/* At least a tick: a cheap contract must be able to move at all. */
static int64_t step_of(struct sim_market *m, const struct sim_contract *c, int64_t price)
{
    int64_t ppm = m->config.step_ppm[c->index ? SIM_FUTURE : c->kind];
    int64_t most = price * ppm / 1000000;
    most = most < c->tick ? c->tick : most;
    return sim_random_range(&m->chance, -most, most);
}

/* Price of the replayed contract now; at the end the captured day begins again. */
static int64_t replayed_price(struct sim_market *m, int64_t now_us)
{
    int64_t length = m->replay[m->replay_count - 1].offset_us + 1;
    int64_t at = (now_us - m->replay_from_us) % length;
    int low = 0, high = m->replay_count - 1;
    while (low < high) {
        int middle = (low + high + 1) / 2;
        if (m->replay[middle].offset_us <= at)
            low = middle;
        else
            high = middle - 1;
    }
    return m->replay[low].price;
}

/* The driver's walk is the spot; what follows it adds a tick of its own now and then. */
static void move_fair(struct sim_market *m, int32_t contract, int64_t now_us)
{
    const struct sim_contract *c = &m->day->contract[contract];
    struct sim_mark *k = &m->mark[contract];
    struct sim_group *g = &m->group[k->group];
    bool drives = g->driver == contract || g->driver == SIM_NONE;
    if (contract == m->replay_contract) {
        k->fair_milli = replayed_price(m, now_us) * 1000;
        g->spot = drives && g->driver != SIM_NONE ? k->fair_milli / 1000 : g->spot;
        k->spot_seen = g->spot;
        return;
    }
    if (drives)
        g->spot = clamp(g->spot + step_of(m, c, g->spot), c->tick, INT64_C(1) << 50);
    else if (sim_random_range(&m->chance, 0, 3) == 0)
        k->fair_milli += sim_random_range(&m->chance, -1, 1) * c->tick * 1000;
    k->fair_milli += delta_milli(c, g->spot) * (g->spot - k->spot_seen);
    k->spot_seen = g->spot;
    if (g->driver == contract) {
        k->fair_milli = clamp(k->fair_milli, k->band_low * 1000, k->band_high * 1000);
        g->spot = k->spot_seen = k->fair_milli / 1000;
    }
    k->fair_milli = clamp(k->fair_milli, k->band_low * 1000, k->band_high * 1000);
}

/* Half of the ticks are trades, at the price of a side that is quoted; an index has no sides. */
static void print_trade(struct sim_market *m, int32_t contract, int64_t now_us)
{
    struct sim_mark *k = &m->mark[contract];
    if (m->day->contract[contract].index) {
        sim_market_trade(m, contract, k->fair_milli / 1000, 0, now_us);
        return;
    }
    bool buyer = sim_random(&m->chance) >> 63 != 0;
    int64_t price = buyer ? k->ask[0].price : k->bid[0].price;
    if (price == 0 || sim_random_range(&m->chance, 0, 1) == 0)
        return;
    int64_t lots = sim_random_range(&m->chance, 1, 9);
    sim_market_trade(m, contract, price, lots * m->day->contract[contract].lot, now_us);
}

int sim_market_due(struct sim_market *m, int64_t now_us)
{
    if (m->movings == 0 || m->config.ticks_per_s <= 0) {
        m->ticked_us = now_us;
        return 0;
    }
    int64_t elapsed_us = clamp(now_us - m->ticked_us, 0, INT64_C(60000000));
    int64_t due = elapsed_us * m->config.ticks_per_s / 1000000;
    m->ticked_us += due * 1000000 / m->config.ticks_per_s;
    /* After a pause four ticks each bring every contract up to date; the others would be noise. */
    if (due > 4 * (int64_t)m->movings + 16) {
        due = 4 * (int64_t)m->movings + 16;
        m->ticked_us = now_us;
    }
    return (int)due;
}

int32_t sim_market_tick(struct sim_market *m, int64_t now_us)
{
    bool favour = m->favoured > 0 && sim_random_range(&m->chance, 0, 3) > 0;
    int64_t among = favour ? m->favoured : m->movings;
    int32_t contract = m->moving[sim_random_range(&m->chance, 0, among - 1)];
    struct sim_mark *k = &m->mark[contract];
    if (k->suspended || k->never)
        return SIM_NONE;
    move_fair(m, contract, now_us);
    sim_market_quote(m, contract);
    print_trade(m, contract, now_us);
    return contract;
}

int64_t sim_market_deadline(const struct sim_market *m)
{
    if (m->movings == 0 || m->config.ticks_per_s <= 0)
        return INT64_MAX;
    return m->ticked_us + (1000000 + m->config.ticks_per_s - 1) / m->config.ticks_per_s;
}

int64_t sim_market_take(struct sim_market *m, int32_t contract, int side, int64_t limit,
                        int64_t quantity, int64_t *price)
{
    struct sim_mark *k = &m->mark[contract];
    struct sim_level *level = side == SIM_BUY ? k->ask : k->bid;
    for (int i = 0; i < SIM_DEPTH && level[i].price != 0; i++) {
        if (side * (level[i].price - limit) > 0)
            return 0;
        if (level[i].quantity == 0)
            continue;
        int64_t taken = quantity < level[i].quantity ? quantity : level[i].quantity;
        level[i].quantity -= taken;
        *price = level[i].price;
        return taken;
    }
    return 0;
}

/* Trades of members and of the market's own are one sequence to who watches. */
void sim_market_trade(struct sim_market *m, int32_t contract, int64_t price, int64_t quantity,
                      int64_t now_us)
{
    struct sim_mark *k = &m->mark[contract];
    k->last = price;
    k->last_quantity = quantity;
    k->last_us = now_us;
}
