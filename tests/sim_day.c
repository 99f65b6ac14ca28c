/* The simulation's day: few clients, every kind of leg, told to both sides in their own words. */
#include <stdio.h>
#include <string.h>

#include "tests/sim_world.h"

#define DAY 20261126

struct contract_row {
    const char *symbol;
    enum sq_exchange exchange;
    enum sim_segment segment;
    enum sq_contract contract;
    enum sim_kind kind;
    uint32_t token;
    int64_t strike, lot, freeze, close;
};
static const struct contract_row contracts[] = {
    {"NIFTY", SQ_EXCHANGE_NFO, SIM_NFO, SQ_CONTRACT_FUTURE, SIM_FUTURE, 101, 0, 65, 1820, 2441000},
    {"NIFTY", SQ_EXCHANGE_NFO, SIM_NFO, SQ_CONTRACT_CALL, SIM_CALL, 102, 2450000, 65, 1800, 11840},
    {"NIFTY", SQ_EXCHANGE_NFO, SIM_NFO, SQ_CONTRACT_CALL, SIM_CALL, 103, 2470000, 65, 1800, 6115},
    {"NIFTY", SQ_EXCHANGE_NFO, SIM_NFO, SQ_CONTRACT_PUT, SIM_PUT, 104, 2430000, 65, 1800, 9820},
    {"NIFTY", SQ_EXCHANGE_NFO, SIM_NFO, SQ_CONTRACT_PUT, SIM_PUT, 105, 2410000, 65, 1800, 4455},
    {"HDFCBANK", SQ_EXCHANGE_NSE, SIM_NSE, SQ_CONTRACT_EQUITY, SIM_CASH, 201, 0, 1, 0, 164155},
    {"SBIN", SQ_EXCHANGE_NSE, SIM_NSE, SQ_CONTRACT_EQUITY, SIM_CASH, 202, 0, 1, 0, 80235},
};
enum { CONTRACTS = sizeof contracts / sizeof *contracts, CLIENTS = 7 };

static struct sq_message *add(struct sq_message *rows, size_t room, size_t *count,
                              enum sq_kind kind)
{
    SQ_ASSERT(*count < room);
    struct sq_message *m = &rows[(*count)++];
    memset(m, 0, sizeof *m);
    m->kind = (uint16_t)kind;
    return m;
}

static void add_contract(struct world *w, struct sq_message *m, const struct contract_row *c)
{
    struct sq_instrument *i = &m->as.instrument;
    int64_t tick = 5;
    i->token = c->token;
    i->exchange = (uint8_t)c->exchange;
    i->contract = (uint8_t)c->contract;
    i->price_decimals = 2;
    i->expiry = c->contract == SQ_CONTRACT_EQUITY ? 0 : 20261201;
    i->strike = c->strike;
    i->tick = tick;
    i->lot = c->lot;
    i->multiplier = 1;
    i->freeze = c->freeze;
    i->prev_settle = c->close;
    sq_text_cut(i->symbol, sizeof i->symbol, c->symbol);
    if (c->contract == SQ_CONTRACT_EQUITY)
        sq_text_cut(i->series, sizeof i->series, "EQ");
    struct sim_contract s = {.expiry = (int32_t)i->expiry,
                             .token = c->token,
                             .segment = (uint8_t)c->segment,
                             .kind = (uint8_t)c->kind,
                             .price_decimals = 2,
                             .strike = c->strike,
                             .lot = c->lot,
                             .multiplier = 1,
                             .tick = tick,
                             .freeze = c->freeze,
                             .close = c->close};
    memcpy(s.symbol, i->symbol, sizeof s.symbol);
    memcpy(s.series, i->series, sizeof i->series);
    SQ_ASSERT(sim_day_add_contract(&w->day, &s) == 0);
}

static void add_person(struct sq_message *m, const char *code, enum sq_role role)
{
    struct sq_person *p = &m->as.person;
    sq_text_cut(p->code, sizeof p->code, code);
    sq_text_cut(p->desk, sizeof p->desk, "MUM-1");
    p->role = (uint8_t)role;
    p->active = 1;
    p->max_order_paise = INT64_C(900000000);
}

static void add_client(struct sq_message *m, unsigned n)
{
    struct sq_client *c = &m->as.client;
    c->code[0] = 'C';
    c->code[1] = (char)('1' + n);
    memcpy(c->exch_account, c->code, sizeof c->exch_account);
    sq_text_cut(c->dealer, sizeof c->dealer, "D1");
    sq_text_cut(c->backup_dealer, sizeof c->backup_dealer, "D2");
    c->active = 1;
}

static void add_hours(struct sq_message *m, enum sq_exchange exchange)
{
    struct sq_hours *h = &m->as.hours;
    sq_time midnight = sq_midnight(DAY);
    h->exchange = (uint8_t)exchange;
    h->open = midnight + 9 * 3600 * SQ_SECOND;
    h->close = midnight + 23 * 3600 * SQ_SECOND;
}

static sq_quantity random_net(struct world *w, const struct contract_row *c)
{
    sq_quantity lots = 1 + (sq_quantity)below(w, c->lot > 1 ? 60 : 900);
    sq_quantity net = lots * c->lot;
    if (c->lot > 1 && below(w, 12) == 0)
        net += 10; /* an odd lot */
    return below(w, 2) ? net : -net;
}

static enum sq_product product_of(const struct contract_row *c)
{
    return c->contract == SQ_CONTRACT_EQUITY ? SQ_PRODUCT_MIS : SQ_PRODUCT_NRML;
}

static void add_position(struct world *w, struct sq_message *m, unsigned client, unsigned n)
{
    const struct contract_row *c = &contracts[n];
    struct sq_position *p = &m->as.position;
    p->key.client[0] = 'C';
    p->key.client[1] = (char)('1' + client);
    p->key.token = c->token;
    p->key.exchange = (uint8_t)c->exchange;
    p->key.product = (uint8_t)product_of(c);
    p->net = random_net(w, c);
    p->source = SQ_SOURCE_AGREED;
    p->agreed = p->net;
    p->overnight = p->net;
    p->basis_paise = p->net * c->close;
    int product = c->contract == SQ_CONTRACT_EQUITY ? SIM_MIS : SIM_NRML;
    int32_t holding = sim_day_position(&w->day, p->key.client, (int32_t)n, product);
    w->day.position[holding].net = p->net;
}

/* A resting order that closes part of a position, far from the market; ours, or the dead system's. */
static void add_resting(struct world *w, struct sq_message *m, const struct sq_position *p,
                        unsigned n, unsigned number)
{
    const struct contract_row *c = &contracts[n];
    struct sq_order *o = &m->as.order;
    sq_quantity lots = sq_abs(p->net) / c->lot;
    bool sell = p->net > 0;
    o->key = p->key;
    o->qty = o->leaves = (1 + (sq_quantity)below(w, (uint64_t)lots)) * c->lot;
    o->limit = sell ? c->close + c->close / 20 / 5 * 5 : c->close - c->close / 20 / 5 * 5;
    o->side = sell ? SQ_SIDE_SELL : SQ_SIDE_BUY;
    o->origin = below(w, 2) ? SQ_ORIGIN_RESTING : SQ_ORIGIN_RESTING_EXT;
    o->created = w->now - 3600 * SQ_SECOND;
    snprintf(o->exch_no, sizeof o->exch_no, "11%08u", number);
    sq_text_cut(o->sender, sizeof o->sender, o->origin == SQ_ORIGIN_RESTING ? "SQSIM" : "OMS1");
    struct sim_resting r = {.contract = (int32_t)n,
                            .product = c->contract == SQ_CONTRACT_EQUITY ? SIM_MIS : SIM_NRML,
                            .side = sell ? SIM_SELL : SIM_BUY,
                            .open = o->qty,
                            .limit_price = o->limit,
                            .entered_us = o->created};
    memcpy(r.client, o->key.client, sizeof r.client);
    memcpy(r.order_no, o->exch_no, sizeof r.order_no);
    snprintf(r.sender, sizeof r.sender, "%s", o->sender);
    SQ_ASSERT(sim_day_add_resting(&w->day, &r) != NULL);
}

static void add_positions(struct world *w, struct sq_message *rows, size_t room, size_t *count,
                          struct sq_day_done *done)
{
    size_t first = *count;
    for (unsigned client = 0; client < CLIENTS; client++)
        for (unsigned n = 0; n < CONTRACTS; n++)
            if (below(w, 4) != 0)
                add_position(w, add(rows, room, count, SQ_POSITION), client, n);
    size_t last = *count;
    done->positions = (uint32_t)(last - first);
    for (size_t p = first; p < last; p++) {
        const struct sq_position position = rows[p].as.position;
        for (unsigned n = 0; n < CONTRACTS; n++)
            if (contracts[n].token == position.key.token && below(w, 5) == 0 &&
                sq_abs(position.net) >= contracts[n].lot)
                add_resting(w, add(rows, room, count, SQ_ORDER), &position, n,
                            (unsigned)++done->orders);
    }
}

static void add_people(struct sq_message *rows, size_t room, size_t *count)
{
    add_person(add(rows, room, count, SQ_PERSON), "D1", SQ_ROLE_DEALER);
    add_person(add(rows, room, count, SQ_PERSON), "D2", SQ_ROLE_DEALER);
    add_person(add(rows, room, count, SQ_PERSON), "S1", SQ_ROLE_SUPERVISOR);
    add_person(add(rows, room, count, SQ_PERSON), "S2", SQ_ROLE_SUPERVISOR);
    add_hours(add(rows, room, count, SQ_HOURS), SQ_EXCHANGE_NFO);
    add_hours(add(rows, room, count, SQ_HOURS), SQ_EXCHANGE_NSE);
}

void day_make(struct world *w, struct sq_message *rows, size_t room, size_t *count)
{
    struct sq_day_done done = {0};
    struct sq_day *day = &add(rows, room, count, SQ_DAY)->as.day;
    day->day = DAY;
    day->epoch = 1;
    memcpy(day->book, "SIM", 4);
    sq_text_cut(day->desk, sizeof day->desk, "MUM-1");
    sq_text_cut(day->sender, sizeof day->sender, "SQSIM");
    day->as_of = w->now;
    for (unsigned n = 0; n < CONTRACTS; n++)
        add_contract(w, add(rows, room, count, SQ_INSTRUMENT), &contracts[n]);
    for (unsigned n = 0; n < CLIENTS; n++)
        add_client(add(rows, room, count, SQ_CLIENT), n);
    add_people(rows, room, count);
    add_positions(w, rows, room, count, &done);
    done.instruments = CONTRACTS;
    add(rows, room, count, SQ_DAY_DONE)->as.day_done = done;
}

uint32_t day_contract(const struct world *w, uint32_t instrument)
{
    (void)w;
    return instrument; /* both sides list them in the same order */
}
