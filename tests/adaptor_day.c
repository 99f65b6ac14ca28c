#include "tests/adaptor_day.h"

#include "core/engine.h"

#include <stdio.h>
#include <stdlib.h>

const struct sq_key adaptor_key = {"C10421", 52223, SQ_EXCHANGE_NFO, SQ_PRODUCT_NRML};

static void add(struct sq_tables *tables, enum sq_kind kind, const void *body)
{
    if (sq_tables_apply(tables, kind, body) != 0) {
        fprintf(stderr, "the adaptor's day does not fit the tables\n");
        abort();
    }
}

static void *make_tables(struct sq_tables *tables)
{
    struct sq_config config;
    sq_config_default(&config);
    config.orders = config.positions = config.fills = 64;
    config.instruments = config.clients = 64;
    void *memory = calloc(1, sq_tables_size(&config));
    sq_tables_init(tables, memory, &config);
    return memory;
}

void *adaptor_day(struct sq_tables *tables)
{
    void *memory = make_tables(tables);
    struct sq_instrument call = {.token = 52223,
                                 .exchange = SQ_EXCHANGE_NFO,
                                 .contract = SQ_CONTRACT_CALL,
                                 .price_decimals = 2,
                                 .expiry = 20251201,
                                 .strike = 2450000,
                                 .tick = 5,
                                 .lot = 65,
                                 .multiplier = 1,
                                 .freeze = 1800,
                                 .symbol = "NIFTY"};
    struct sq_instrument usd = {.token = 1122,
                                .exchange = SQ_EXCHANGE_CDS,
                                .contract = SQ_CONTRACT_FUTURE,
                                .price_decimals = 4,
                                .expiry = 20251229,
                                .tick = 25,
                                .lot = 1,
                                .multiplier = 1000,
                                .symbol = "USDINR"};
    struct sq_client client = {.code = "C10421", .exch_account = "ACC10421", .active = 1};
    struct sq_position position = {.key = adaptor_key, .net = 650};
    add(tables, SQ_INSTRUMENT, &call);
    add(tables, SQ_INSTRUMENT, &usd);
    add(tables, SQ_CLIENT, &client);
    add(tables, SQ_POSITION, &position);
    return memory;
}

void adaptor_order(struct sq_tables *tables, uint64_t no, const char *clord, uint64_t fix_seq)
{
    struct sq_order order = {.no = no,
                             .key = adaptor_key,
                             .qty = 65,
                             .leaves = 65,
                             .limit = 12040,
                             .side = SQ_SIDE_SELL,
                             .state = SQ_ORDER_SENT,
                             .fix_seq = fix_seq};
    snprintf(order.clord, sizeof order.clord, "%s", clord);
    add(tables, SQ_ORDER, &order);
}

void adaptor_reserve(struct fix_exchange *x, const struct sq_message *numbers)
{
    struct sq_message event = {.kind = SQ_BOOK, .as.book = x->book};
    event.as.book.out_reserved = numbers->as.numbers.out_reserved;
    x->listener.event(&x->listener, &event);
}

size_t adaptor_pass(struct fix_session *from, struct fix_session *to)
{
    size_t n;
    const char *bytes = fix_session_output(from, &n);
    n = n > 0 ? fix_session_receive(to, bytes, n) : 0;
    fix_session_written(from, n);
    return n;
}
