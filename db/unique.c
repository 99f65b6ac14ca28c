/*
 * unique.c: which message claims which id.
 *
 * From events only: an input is a wish, an event is what became of it. Rows of closes and orders
 * are sent whole at each change, so most claims are repetitions, which every store lets pass.
 */
#include "db/unique.h"

#include <string.h>

static void claim(struct unique_claim *c, enum unique_what what, const void *key, size_t length,
                  uint64_t value)
{
    memset(c, 0, sizeof *c);
    c->what = what;
    c->length = (uint32_t)length;
    memcpy(c->key, key, length);
    c->value = value ? value : 1; /* 0 means: nobody's */
}

static void claim_clord(struct unique_claim *c, const char *clord, uint64_t no)
{
    claim(c, UNIQUE_CLORD, clord, strnlen(clord, SQ_CLORD_SIZE), no);
}

/* Ids of a resting order were given by another system, which may have used ours. */
static size_t claims_of_order(const struct sq_order *order, struct unique_claim *claims)
{
    size_t count = 0;
    if (order->origin == SQ_ORIGIN_CLOSE && order->clord[0])
        claim_clord(&claims[count++], order->clord, order->no);
    if (order->cancel_clord[0])
        claim_clord(&claims[count++], order->cancel_clord, order->no);
    return count;
}

static size_t claims_of_close(const struct sq_close *close, struct unique_claim *c)
{
    struct {
        char client[SQ_CLIENT_SIZE];
        uint8_t rest[6];
    } key;
    memcpy(key.client, close->key.client, sizeof key.client);
    for (int i = 0; i < 4; i++)
        key.rest[i] = (uint8_t)(close->key.token >> (8 * i));
    key.rest[4] = close->key.exchange;
    key.rest[5] = close->key.product;
    claim(c, UNIQUE_OPEN_CLOSE, &key, sizeof key, close->no);
    c->release = sq_close_state_is_ended(close->state);
    return 1;
}

size_t unique_claims(const struct sq_message *message, bool is_input, struct unique_claim *claims,
                     bool *new_day)
{
    *new_day = is_input && message->kind == SQ_DAY;
    if (is_input)
        return 0;
    switch (message->kind) {
    case SQ_INTENT:
        claim(claims, UNIQUE_INTENT, &message->as.intent.id, sizeof(struct sq_id),
              message->as.intent.digest);
        return 1;
    case SQ_ORDER: return claims_of_order(&message->as.order, claims);
    case SQ_CLOSE: return claims_of_close(&message->as.close, claims);
    default: return 0;
    }
}

const char *unique_word(enum unique_what what)
{
    static const char *const words[] = {"intent id", "client order id", "open close of a position"};
    return words[what];
}
