/*
 * Fuzz target: the simulated exchange, driven by lines of text.
 *   !COMMAND            the control line
 *   >TYPE TAG=VALUE|... an application message of the logged-on member
 *   @MS                 time passes
 *   *BYTES              raw bytes on a connection of its own
 * After each line the books must balance: a position is its opening plus what its orders filled,
 * and what is live on it is what its live orders have open.
 */
#include "net/fix_session.h"
#include "net/simulator/book.h"
#include "net/simulator/exchange_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 200, LINE = 400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct sim_day day;
static struct exchange_config config;
static void *memory;
static struct fix_session member;
static struct exchange *x;
static int connection; /* -1: none */
static int64_t now_us;

#define CONTRACT(name, venue, number, what, digits, board, unit, step, most, before)               \
    {                                                                                              \
        .symbol = name, .segment = venue, .token = number, .kind = what, .price_decimals = digits, \
        .lot = board, .multiplier = unit, .tick = step, .freeze = most, .close = before            \
    }
static struct sim_contract contracts[] = {
    CONTRACT("HDFCBANK", SIM_NSE, 1333, SIM_CASH, 2, 1, 1, 5, 0, 100000),
    CONTRACT("NIFTY", SIM_NFO, 1003, SIM_FUTURE, 2, 65, 1, 10, 1800, 2450000),
    CONTRACT("NIFTY", SIM_NFO, 1001, SIM_CALL, 2, 65, 1, 5, 1800, 10000),
    CONTRACT("USDINR", SIM_CDS, 501, SIM_FUTURE, 4, 1, 1000, 25, 0, 880000),
    CONTRACT("NIFTY", SIM_NSE, 1, SIM_CASH, 2, 1, 1, 1, 0, 2450000),
};
#undef CONTRACT

static void make_day(void)
{
    contracts[1].expiry = contracts[2].expiry = contracts[3].expiry = 20261229;
    contracts[2].strike = 2450000;
    contracts[4].index = true;
    for (size_t i = 0; i < sizeof contracts / sizeof contracts[0]; i++)
        sim_day_add_contract(&day, &contracts[i]);
    int32_t share = sim_day_position(&day, "C1", 0, SIM_MIS);
    int32_t call = sim_day_position(&day, "C1", 2, SIM_NRML);
    day.position[share].net = 500;
    day.position[call].net = -1950;
    struct sim_resting r = {"C1",    "DAY1", "1100", "M",  2, SIM_NRML,
                            SIM_BUY, false,  650,    5000, 0, 0};
    sim_day_add_resting(&day, &r);
    struct sim_resting stop = {"C1",     "",   "1101", "OMS", 0,     SIM_MIS,
                               SIM_SELL, true, 10,     0,     99000, 0};
    sim_day_add_resting(&day, &stop);
    exchange_defaults(&config);
    strcpy(config.session[0].comp_id, "M");
    strcpy(config.session[1].comp_id, "M-MD");
    config.sessions = 2;
    config.market.ticks_per_s = 50;
    config.fault[SIM_FAULT_CHECKPOINT_MS] = 500;
    config.max_orders = 64;
    config.max_reports = 64;
    config.max_requests = 32;
    config.max_positions = 16;
    memory = malloc(exchange_size(&config, &day));
    assert(memory != NULL);
}

static void pump(void)
{
    struct fix_event event;
    size_t n;
    for (bool moved = true; moved && connection >= 0;) {
        moved = false;
        bool ended = exchange_closing(x, connection);
        while (fix_session_poll(&member, now_us, &event))
            ended |= event.kind == FIX_EVENT_DISCONNECT;
        const char *out = fix_session_output(&member, &n);
        size_t taken = n > 0 ? exchange_input(x, connection, out, n, now_us) : 0;
        fix_session_written(&member, taken);
        moved |= taken > 0;
        const char *in = exchange_output(x, connection, &n);
        taken = n > 0 ? fix_session_receive(&member, in, n) : 0;
        exchange_written(x, connection, taken, now_us);
        moved |= taken > 0;
        if (!moved && ended) {
            exchange_disconnect(x, connection, now_us);
            fix_session_disconnect(&member);
            connection = -1;
        }
    }
}

static void log_on(void)
{
    if (connection >= 0)
        return;
    connection = exchange_connect(x, now_us);
    assert(connection >= 0);
    fix_session_connect(&member, now_us);
    pump();
}

static void send_message(char *text)
{
    struct fix_writer *w;
    char type[4] = "";
    char *fields = strchr(text, ' ');
    uint32_t number;
    log_on();
    if (fields == NULL || fields - text > 2 || fields == text)
        return;
    memcpy(type, text, (size_t)(fields++ - text));
    if (fix_session_begin(&member, now_us, type, &w) != FIX_SENT)
        return;
    char *save;
    for (char *f = strtok_r(fields, "|", &save); f != NULL; f = strtok_r(NULL, "|", &save)) {
        char *value = strchr(f, '=');
        uint32_t tag = (uint32_t)strtoul(f, NULL, 10);
        if (value == NULL || tag == 0 || tag > FIX_TAG_MAX)
            continue;
        if (strcmp(value, "=NOW") == 0)
            fix_put_time(w, tag, now_us);
        else
            fix_put_text(w, tag, value + 1);
    }
    fix_session_send(&member, &number);
    pump();
}

static void pass_time(const char *text)
{
    now_us += (int64_t)(strtoul(text, NULL, 10) % 100000) * 1000;
    exchange_tick(x, now_us);
    pump();
    assert(exchange_deadline(x) > now_us); /* or its owner's loop would spin */
}

static void send_raw(const char *text)
{
    size_t n = strlen(text), out;
    int other = exchange_connect(x, now_us);
    if (other < 0)
        return;
    exchange_input(x, other, text, n, now_us);
    exchange_output(x, other, &out);
    exchange_written(x, other, out, now_us);
    exchange_disconnect(x, other, now_us);
    pump();
}

static void obey(const char *text)
{
    static char answer[EXCHANGE_ANSWER];
    size_t n = exchange_command(x, text, now_us, answer, sizeof answer);
    assert(n > 0 && n < sizeof answer && answer[n] == '\0' && answer[n - 1] == '\n');
    pump();
}

/* ---- The books ---- */

static void check_holding(int32_t index)
{
    const struct sim_holding *h = &x->state->account.holding[index];
    int64_t net = h->opening, buy = 0, sell = 0;
    for (int32_t i = 0; i < x->state->book.count; i++) {
        const struct sim_order *o = &x->state->book.order[i];
        if (o->holding != index)
            continue;
        assert(o->filled >= 0 && o->busted >= 0 && o->filled + o->busted <= o->quantity);
        assert(sim_order_live(o) == (sim_order_open(o) > 0));
        net += o->side * o->filled;
        *(o->side == SIM_BUY ? &buy : &sell) += sim_order_open(o);
    }
    assert(net == h->net && buy == h->live_buy && sell == h->live_sell);
}

static void check_books(void)
{
    for (int32_t i = 0; i < x->state->account.count; i++)
        check_holding(i);
    for (int i = 0; i < x->state->book.count; i++)
        assert(!x->state->book.order[i].resting || sim_order_live(&x->state->book.order[i]));
}

static void do_line(char *line)
{
    switch (line[0]) {
    case '!': obey(line + 1); break;
    case '>': send_message(line + 1); break;
    case '@': pass_time(line + 1); break;
    case '*': send_raw(line + 1); break;
    default: break;
    }
    check_books();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[SIM_WHY], line[LINE];
    struct fix_session_config fix = {.role = FIX_INITIATOR,
                                     .heartbeat_s = 3600,
                                     .sender_comp_id = "M",
                                     .target_comp_id = "SQXCHG"};
    if (memory == NULL)
        make_day();
    now_us = INT64_C(1795667000000000);
    connection = -1;
    x = exchange_init(memory, &config, &day, now_us, why);
    assert(x != NULL);
    fix_session_init(&member, &fix);
    fix_session_numbers(&member, 1, 1, UINT32_MAX);
    for (int lines = 0; size > 0 && lines < LINES; lines++) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t n = end == NULL ? size : (size_t)(end - data);
        size_t kept = n < LINE - 1 ? n : LINE - 1;
        memcpy(line, data, kept);
        line[kept] = '\0';
        do_line(line);
        data += end == NULL ? n : n + 1;
        size -= end == NULL ? n : n + 1;
    }
    return 0;
}
