/*
 * Fuzz target: what a logged-on exchange may say to the adaptor and to the feed. An input is lines;
 * each is the body of one message ("8|37=E1|..."), framed and numbered here, so that the fuzzer
 * works on meanings and not on checksums. A first byte 'x' talks to the order session, else to the
 * feed.
 *
 * Must hold, whatever is said: an input is whole (it comes back from its own encoding as it went
 * in, quantities and prices are in range), reports carry the connection and a number, no order is
 * numbered that nobody asked for, and rates are in range.
 */
#include "core/engine.h"
#include "net/fix_market.h"
#include "tests/adaptor_day.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINE = 2000 };

static struct sq_tables tables;
static struct fix_exchange exchange;
static struct fix_market market;
static struct fix_session peer; /* the acceptor's side of whichever is talked to */
static void *rows;

static void check_amounts(const struct sq_report *r)
{
    const int64_t amounts[] = {r->qty, r->cum, r->leaves, r->last_qty, r->last_price, r->limit};
    for (size_t i = 0; i < sizeof amounts / sizeof *amounts; i++)
        assert(amounts[i] >= 0 && amounts[i] <= SQ_INTEGER_MAX);
    assert(r->fix_seq > 0 && r->conn == exchange.conn);
    assert(r->exec_id[0] != '\0' && r->exch_no[0] != '\0' && r->side != SQ_SIDE_NONE);
}

static bool submit(void *owner, const struct sq_message *input)
{
    uint8_t bytes[SQ_ENCODED_MAX];
    union sq_body again;
    (void)owner;
    enum sq_kind kind = (enum sq_kind)input->kind;
    size_t n = sq_encode(kind, &input->as, bytes, sizeof bytes);
    assert(sq_decode(kind, bytes, n, &again) == 0);
    assert(memcmp(&again, &input->as, sq_kind_info(kind)->size) == 0);
    assert(kind != SQ_SENT && kind != SQ_NOT_SENT);
    if (kind == SQ_REPORT)
        check_amounts(&input->as.report);
    if (kind == SQ_NUMBERS)
        adaptor_reserve(&exchange, input);
    return true;
}

static void on_rate(void *owner, uint32_t instrument, const struct sq_rate *rate)
{
    (void)owner;
    assert(instrument < tables.instrument_count);
    assert(rate->last >= 0 && rate->last <= SQ_INTEGER_MAX && rate->trade_time <= ADAPTOR_START);
    for (int i = 0; i < SQ_DEPTH_LEVELS; i++) {
        assert(rate->bid[i].price >= 0 && rate->bid[i].price <= SQ_INTEGER_MAX);
        assert(rate->ask[i].quantity >= 0 && rate->ask[i].quantity <= SQ_INTEGER_MAX);
    }
}

static void on_feed(void *owner, enum sq_exchange which, sq_time time, bool gap)
{
    (void)owner;
    (void)gap;
    assert(which > SQ_EXCHANGE_NONE && which < SQ_EXCHANGE_COUNT && time <= ADAPTOR_START);
}

/* ---- the two conversations ------------------------------------------------------------------- */

/* A session of ours and what drives it. */
struct side {
    struct fix_session *session;
    void (*open)(void);
    void (*poll)(void);
};

static void open_day(void)
{
    (void)adaptor_day(&tables); /* for the life of the process */
    adaptor_order(&tables, 1, "OUR1", 0);
    rows = calloc(1, fix_market_rows_size(8));
}

static void open_peer(const char *name, bool reset)
{
    struct fix_session_config config = {
        .role = FIX_ACCEPTOR, .sender_comp_id = "SQXCHG", .reset_on_logon = reset};
    snprintf(config.target_comp_id, sizeof config.target_comp_id, "%s", name);
    fix_session_init(&peer, &config);
    fix_session_numbers(&peer, 1, 1, UINT32_MAX);
    fix_session_connect(&peer, ADAPTOR_START);
}

static void orders_open(void)
{
    struct fix_exchange_config config = {
        .target_comp_id = "SQXCHG", .tables = &tables, .submit = submit};
    struct sq_book book = {.day = 20251126, .epoch = 1, .sender = "D", .loaded = 1, .owned = 1};
    fix_exchange_init(&exchange, &config);
    fix_exchange_start(&exchange, &book);
    fix_exchange_poll(&exchange, ADAPTOR_START);
    open_peer("D", false);
    fix_exchange_connect(&exchange, ADAPTOR_START);
}

static void orders_poll(void)
{
    fix_exchange_poll(&exchange, ADAPTOR_START);
}

static void prices_open(void)
{
    struct fix_market_config config = {.sender_comp_id = "D-MD",
                                       .target_comp_id = "SQXCHG",
                                       .tables = &tables,
                                       .room = 8,
                                       .rate = on_rate,
                                       .feed = on_feed};
    memset(rows, 0, fix_market_rows_size(8));
    fix_market_init(&market, &config, rows);
    open_peer("D-MD", true);
    fix_market_connect(&market, ADAPTOR_START);
}

static void prices_poll(void)
{
    fix_market_poll(&market, ADAPTOR_START);
}

static const struct side orders = {&exchange.session, orders_open, orders_poll};
static const struct side prices = {&market.session, prices_open, prices_poll};

static void run(const struct side *side)
{
    struct fix_event event;
    do {
        side->poll();
        while (fix_session_poll(&peer, ADAPTOR_START, &event))
            continue;
    } while (adaptor_pass(side->session, &peer) + adaptor_pass(&peer, side->session) > 0);
}

/* "8|37=E1|11=..." as a message of the peer. */
static void say(char *line)
{
    struct fix_writer *w;
    uint32_t number;
    char *save, *field = strtok_r(line, "|", &save);
    if (field == NULL || strlen(field) > 3 ||
        fix_session_begin(&peer, ADAPTOR_START, field, &w) != FIX_SENT)
        return;
    while ((field = strtok_r(NULL, "|", &save)) != NULL) {
        char *value;
        unsigned long tag = strtoul(field, &value, 10);
        if (*value == '=' && tag > 0 && tag <= FIX_TAG_MAX)
            fix_put_text(w, (uint32_t)tag, value + 1);
    }
    (void)fix_session_send(&peer, &number);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (rows == NULL)
        open_day();
    if (size == 0)
        return 0;
    const struct side *side = data[0] == 'x' ? &orders : &prices;
    side->open();
    run(side);
    for (size_t at = 1; at < size;) {
        char line[LINE];
        size_t n = 0;
        for (; at < size && data[at] != '\n' && n < sizeof line - 1; at++)
            line[n++] = (char)(data[at] == FIX_SOH || data[at] == 0 ? '?' : data[at]);
        at += at < size && data[at] == '\n';
        line[n] = '\0';
        say(line);
        run(side);
    }
    return 0;
}
