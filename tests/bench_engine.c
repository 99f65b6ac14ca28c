/*
 * bench_engine.c: what one accepted square-off costs: from a parsed intent to journal records of
 * everything it caused, without a disk. The floor does the least that any engine must: it encodes
 * the same messages and puts one order into a hash table.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/squareoff.h"
#include "tests/book_maker.h"

enum { CLIENTS = 200, HELD = 20, POSITIONS = CLIENTS * HELD, ROUNDS = 7, SLOTS = 16384 };
#define DAY 20261126

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

struct bench {
    struct sq_config config;
    void *memory;
    struct sq_engine *engine;
    struct sq_output out;
    sq_time now;
    size_t bytes;               /* written to the journal's buffer */
    struct sq_message last[16]; /* what the last square-off caused: the floor's work */
    size_t last_count;
};

static void step(struct bench *b, struct sq_message *m)
{
    m->seq = sq_engine_seq(b->engine) + 1;
    m->time = b->now;
    b->out.event_count = b->out.request_count = 0;
    sq_step(b->engine, m, &b->out);
}

static void load(struct bench *b, enum sq_kind kind, const void *body, size_t size)
{
    struct sq_message m = {.kind = (uint16_t)kind};
    memcpy(&m.as, body, size);
    step(b, &m);
    for (size_t i = 0; i < b->out.event_count; i++)
        if (b->out.events[i].kind == SQ_REFUSED)
            exit((fprintf(stderr, "bench_engine: the day was refused\n"), 1));
}

static void supervise(struct bench *b, enum sq_control control)
{
    struct sq_supervise s = {.what = SQ_SUPERVISE_CONTROL, .value = (uint8_t)control};
    strcpy(s.person, "S1");
    strcpy(s.reason, "bench");
    load(b, SQ_SUPERVISE, &s, sizeof s);
}

/* Twenty positions a client, as a dealer's clients have. */
static const char *client_of(uint32_t token)
{
    static char code[SQ_CLIENT_SIZE];
    snprintf(code, sizeof code, "C%u", (token - 1) / HELD);
    return code;
}

static void load_clients(struct bench *b)
{
    for (uint32_t n = 0; n < CLIENTS; n++) {
        struct sq_client client = maker_client(client_of(n * HELD + 1));
        strcpy(client.dealer, "D1");
        client.active = 1;
        load(b, SQ_CLIENT, &client, sizeof client);
    }
}

static void load_people(struct bench *b)
{
    struct sq_person dealer = {.code = "D1", .role = SQ_ROLE_DEALER, .active = 1};
    struct sq_person supervisor = {.code = "S1", .role = SQ_ROLE_SUPERVISOR, .active = 1};
    struct sq_hours hours = {.exchange = SQ_EXCHANGE_NFO,
                             .open = sq_midnight(DAY),
                             .close = sq_midnight(DAY) + 86400 * SQ_SECOND};
    load(b, SQ_PERSON, &dealer, sizeof dealer);
    load(b, SQ_PERSON, &supervisor, sizeof supervisor);
    load_clients(b);
    load(b, SQ_HOURS, &hours, sizeof hours);
}

static void load_positions(struct bench *b)
{
    for (uint32_t token = 1; token <= POSITIONS; token++) {
        struct sq_instrument i = maker_instrument(token);
        struct sq_position p = maker_position(client_of(token), token, 100);
        i.exchange = p.key.exchange = SQ_EXCHANGE_NFO;
        i.contract = SQ_CONTRACT_FUTURE;
        i.freeze = 1800;
        p.source = SQ_SOURCE_AGREED;
        p.agreed = p.net;
        load(b, SQ_INSTRUMENT, &i, sizeof i);
        load(b, SQ_POSITION, &p, sizeof p);
    }
}

static void open_day(struct bench *b)
{
    struct sq_day day = {.day = DAY, .epoch = 1, .as_of = b->now, .accepted = 2};
    struct sq_day_done done = {.instruments = POSITIONS, .positions = POSITIONS};
    struct sq_link_change up = {.conn = 1, .up = 1};
    struct sq_mass_done mass = {.conn = 1, .proven = 1};
    memcpy(day.book, "BNC", 4);
    load(b, SQ_DAY, &day, sizeof day);
    load_people(b);
    load_positions(b);
    load(b, SQ_DAY_DONE, &done, sizeof done);
    supervise(b, SQ_CONTROL_INVOKED);
    supervise(b, SQ_CONTROL_ACTIVE);
    load(b, SQ_LINK, &up, sizeof up);
    load(b, SQ_MASS_DONE, &mass, sizeof mass);
}

static void create(struct bench *b)
{
    sq_config_default(&b->config);
    b->config.orders_per_second = b->config.orders_burst = 100000;
    b->memory = maker_memory(sq_engine_size(&b->config));
    b->engine = sq_engine_init(b->memory, &b->config);
    b->out.event_room = b->out.request_room = sq_output_room(&b->config);
    b->out.events = maker_memory(b->out.event_room * sizeof *b->out.events);
    b->out.requests = maker_memory(b->out.request_room * sizeof *b->out.requests);
    b->now = sq_midnight(DAY) + 36000 * SQ_SECOND;
    open_day(b);
}

static void destroy(struct bench *b)
{
    free(b->memory);
    free(b->out.events);
    free(b->out.requests);
}

static struct sq_message intent(const struct bench *b, uint32_t token)
{
    struct sq_message m = {.kind = SQ_SQUARE_OFF};
    struct sq_square_off *s = &m.as.square_off;
    s->id = (struct sq_id){1, token};
    strcpy(s->dealer, "D1");
    s->key = maker_key(client_of(token), token);
    s->key.exchange = SQ_EXCHANGE_NFO;
    s->key.product = maker_position(client_of(token), token, 1).key.product;
    s->created = b->now;
    s->quote = (struct sq_quote){
        .bid = 10000, .ask = 10005, .last = 10000, .band_low = 9000, .band_high = 11000};
    return m;
}

static void encode(struct bench *b, const struct sq_message *m)
{
    static uint8_t journal[SQ_ENCODED_MAX];
    b->bytes += sq_encode((enum sq_kind)m->kind, &m->as, journal, sizeof journal);
}

static double run_ours(struct bench *b)
{
    static struct sq_message intents[POSITIONS];
    for (uint32_t token = 1; token <= POSITIONS; token++)
        intents[token - 1] = intent(b, token);
    double began = seconds();
    for (uint32_t i = 0; i < POSITIONS; i++) {
        step(b, &intents[i]);
        encode(b, &intents[i]);
        for (size_t n = 0; n < b->out.event_count; n++)
            encode(b, &b->out.events[n]);
    }
    return (seconds() - began) / POSITIONS * 1e9;
}

/* One order into a table, and the bytes of what the real one wrote. */
static double run_floor(struct bench *b)
{
    static struct sq_order table[SLOTS];
    double began = seconds();
    for (uint32_t token = 1; token <= POSITIONS; token++) {
        uint32_t slot = token * UINT32_C(2654435761) % SLOTS;
        while (table[slot].no != 0 && table[slot].no != token)
            slot = (slot + 1) % SLOTS;
        table[slot] = (struct sq_order){.no = token, .qty = 100, .leaves = 100, .limit = 9900};
        for (size_t i = 0; i < b->last_count; i++)
            encode(b, &b->last[i]);
    }
    return (seconds() - began) / POSITIONS * 1e9;
}

static void keep_last(struct bench *b)
{
    b->last_count = 0;
    b->last[b->last_count++] = intent(b, POSITIONS);
    for (size_t i = 0; i < b->out.event_count && b->last_count < 16; i++)
        b->last[b->last_count++] = b->out.events[i];
}

int main(void)
{
    double ours = 1e9, floor_ns = 1e9;
    size_t events = 0;
    for (int round = 0; round < ROUNDS; round++) {
        struct bench b = {0};
        create(&b);
        double ns = run_ours(&b);
        if (sq_engine_tables(b.engine)->order_count != POSITIONS)
            return fprintf(stderr, "bench_engine: not every order was accepted\n"), 1;
        keep_last(&b);
        events = b.out.event_count;
        double least = run_floor(&b);
        ours = ns < ours ? ns : ours;
        floor_ns = least < floor_ns ? least : floor_ns;
        destroy(&b);
    }
    printf("each accepted square-off: 1 input, %zu events, 1 request\n", events);
    printf(
        "order accepted to journal record, no disk | %.0f ns | %.0f ns (encode + insert) | %.2f | "
        "<= 300 ns\n",
        ours, floor_ns, ours / floor_ns);
    return 0;
}
