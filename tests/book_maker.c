/* book_maker.c: made-up rows for tests and benches. */
#include "tests/book_maker.h"

#include <stdlib.h>
#include <string.h>

struct sq_config maker_config(uint32_t instruments, uint32_t clients, uint32_t positions)
{
    return (struct sq_config){
        .instruments = instruments,
        .clients = clients,
        .people = 4,
        .hours = 4,
        .positions = positions,
        .orders = 4 * positions,
        .closes = positions,
        .fills = 4 * positions,
        .intents = positions,
    };
}

void *maker_memory(size_t size)
{
    void *memory = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (!memory)
        abort();
    memset(memory, 0, size);
    return memory;
}

struct sq_tables *maker_tables(const struct sq_config *config)
{
    struct sq_tables *tables = maker_memory(sizeof *tables);
    sq_tables_init(tables, maker_memory(sq_tables_size(config)), config);
    return tables;
}

void maker_free(struct sq_tables *tables)
{
    free(tables->instrument); /* the first piece of their memory */
    free(tables);
}

struct sq_key maker_key(const char *client, uint32_t token)
{
    struct sq_key key = {.token = token, .exchange = SQ_EXCHANGE_NFO, .product = SQ_PRODUCT_NRML};
    memcpy(key.client, client, strlen(client));
    return key;
}

struct sq_instrument maker_instrument(uint32_t token)
{
    return (struct sq_instrument){
        .token = token,
        .exchange = SQ_EXCHANGE_NFO,
        .contract = SQ_CONTRACT_FUTURE,
        .price_decimals = 2,
        .expiry = 20261229,
        .tick = 5,
        .lot = 1,
        .multiplier = 1,
        .symbol = "NIFTY",
    };
}

struct sq_client maker_client(const char *code)
{
    struct sq_client client = {.active = 1};
    memcpy(client.code, code, strlen(code));
    return client;
}

struct sq_position maker_position(const char *client, uint32_t token, sq_quantity net)
{
    return (struct sq_position){.key = maker_key(client, token), .net = net};
}

struct sq_order maker_order(uint64_t no, const char *client, uint32_t token, enum sq_side side,
                            sq_quantity leaves)
{
    return (struct sq_order){
        .no = no,
        .key = maker_key(client, token),
        .qty = leaves,
        .leaves = leaves,
        .side = (uint8_t)side,
        .state = SQ_ORDER_ACKED,
    };
}

struct sq_close maker_close(uint64_t no, const char *client, uint32_t token,
                            enum sq_close_state state)
{
    return (struct sq_close){.no = no, .key = maker_key(client, token), .state = (uint8_t)state};
}

struct sq_message maker_event(uint64_t seq, enum sq_kind kind, const void *body)
{
    struct sq_message event = {.seq = seq, .kind = (uint16_t)kind};
    memcpy(&event.as, body, sq_kind_info(kind)->size);
    return event;
}

/* xorshift64: G. Marsaglia, Xorshift RNGs, 2003. */
uint64_t maker_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
