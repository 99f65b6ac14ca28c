/* order_turns.c - what one accepted order leaves in the journal */
#include "tests/order_turns.h"

#include <stdio.h>
#include <string.h>

#include "db/rows.h"

enum { EVENTS = 4 };

static struct sq_message inputs[ORDER_TURN_MAX], events[ORDER_TURN_MAX * EVENTS];
static uint64_t seq;

static struct sq_message *message(struct sq_message *m, enum sq_kind kind)
{
    memset(m, 0, sizeof *m);
    m->seq = seq;
    m->time = (sq_time)(1764136918000000 + seq * 100);
    m->kind = (uint16_t)kind;
    return m;
}

static void make_key(struct sq_key *key, uint64_t no)
{
    snprintf(key->client, sizeof key->client, "C%05u", (unsigned)(no % 1000));
    key->token = (uint32_t)(40000 + no % 4000);
    key->exchange = SQ_EXCHANGE_NFO;
    key->product = SQ_PRODUCT_NRML;
}

static void make_order(struct sq_order *o)
{
    o->no = seq;
    snprintf(o->clord, sizeof o->clord, "261126MUM%010llu", (unsigned long long)seq);
    make_key(&o->key, seq);
    o->close_no = seq;
    o->qty = o->leaves = 1755;
    o->limit = 11830;
    o->side = SQ_SIDE_BUY;
    o->state = SQ_ORDER_JOURNALLED;
    o->created = o->changed = (sq_time)(1764136918000000 + seq * 100);
    o->send_before = o->created + 2 * SQ_SECOND;
    o->ask_at = SQ_NEVER;
}

/* Intent ids are random: made here so that they scatter as random ones do. */
static struct sq_id intent_id(uint64_t no)
{
    return (struct sq_id){no * 0x9e3779b97f4a7c15u, no * 0xd1342543de82ef95u};
}

static void make_close(struct sq_close *c, uint64_t no, enum sq_close_state state)
{
    c->no = no;
    c->id = intent_id(no);
    make_key(&c->key, no);
    memcpy(c->dealer, "RK07", 4);
    c->start = -1755;
    c->planned = 1755;
    c->limit = 11830;
    c->estimate_paise = 20761650;
    c->children = c->child_cap = 1;
    c->side = SQ_SIDE_BUY;
    c->state = (uint8_t)state;
    c->quote.bid = 11820;
    c->quote.ask = 11830;
    c->due = SQ_NEVER;
}

struct sq_turn order_turn(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        seq++;
        struct sq_square_off *s = &message(&inputs[i], SQ_SQUARE_OFF)->as.square_off;
        s->id = intent_id(seq);
        make_key(&s->key, seq);
        memcpy(s->dealer, "RK07", 4);
        s->seen_net = -1755;
        s->quote.ask = 11830;
        struct sq_message *e = &events[i * EVENTS];
        make_close(&message(e, SQ_CLOSE)->as.close, seq, SQ_CLOSE_WORKING);
        make_order(&message(e + 1, SQ_ORDER)->as.order);
        struct sq_intent_row *intent = &message(e + 2, SQ_INTENT)->as.intent;
        intent->id = intent_id(seq);
        intent->digest = seq * 0x9e3779b97f4a7c15u;
        intent->close_no = seq;
        uint64_t filled = seq > 500 ? seq - 500 : seq;
        make_close(&message(e + 3, SQ_CLOSE)->as.close, filled, SQ_CLOSE_DONE);
    }
    return (struct sq_turn){inputs, n, events, n * EVENTS};
}

size_t order_turn_bytes(const struct sq_turn *turn)
{
    struct row_walk walk;
    struct row row;
    size_t bytes = 0;
    row_walk_init(&walk, turn);
    while (row_walk_next(&walk, &row))
        bytes += row.length + 16;
    return bytes;
}

void order_turn_restart(void)
{
    seq = 0;
}
