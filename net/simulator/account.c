/*
 * Positions lie in one array in the order of their making, found through buckets of indexes: a
 * checkpoint copies both as they are. A position is never removed, so an index stays good all day.
 */
#include "net/simulator/account.h"

#include <string.h>

void sim_account_layout(struct sim_account *a, int32_t room, struct sim_memory *memory)
{
    a->room = room;
    a->holding = sim_memory_take(memory, (size_t)room, sizeof *a->holding);
    a->bucket = sim_memory_take(memory, SIM_ACCOUNT_BUCKETS, sizeof *a->bucket);
}

void sim_account_open(struct sim_account *a, const struct sim_day *day, int64_t grace_us)
{
    a->count = 0;
    a->grace_us = grace_us;
    a->alarms = a->excused = a->overworked = 0;
    memset(a->holding, 0, (size_t)a->room * sizeof *a->holding);
    memset(a->bucket, 0xff, SIM_ACCOUNT_BUCKETS * sizeof *a->bucket);
    for (int i = 0; i < day->positions; i++) {
        const struct sim_position *p = &day->position[i];
        int32_t h = sim_account_find(a, p->client, p->contract, p->product, true);
        a->holding[h].opening = a->holding[h].net = p->net;
    }
}

static uint32_t hash(const char *client, int32_t contract, int product)
{
    uint32_t h = (uint32_t)contract * 2654435761u + (uint32_t)product;
    for (; *client != '\0'; client++)
        h = (h ^ (uint8_t)*client) * 16777619u;
    return (h ^ h >> 16) % SIM_ACCOUNT_BUCKETS;
}

static int32_t make_holding(struct sim_account *a, const char *client, int32_t contract,
                            int product, int32_t *bucket)
{
    if (a->count == a->room)
        return SIM_NONE;
    struct sim_holding *h = &a->holding[a->count];
    *h = (struct sim_holding){.contract = contract,
                              .product = (uint8_t)product,
                              .next = *bucket,
                              .disturbed_us = INT64_MIN / 2};
    strncpy(h->client, client, sizeof h->client - 1);
    *bucket = a->count;
    return a->count++;
}

/* A look-up may make the position: the first fill of a client in a contract has none yet. */
int32_t sim_account_find(struct sim_account *a, const char *client, int32_t contract, int product,
                         bool make)
{
    int32_t *bucket = &a->bucket[hash(client, contract, product)];
    for (int32_t i = *bucket; i != SIM_NONE; i = a->holding[i].next) {
        const struct sim_holding *h = &a->holding[i];
        if (h->contract == contract && h->product == product && strcmp(h->client, client) == 0)
            return i;
    }
    return make ? make_holding(a, client, contract, product, bucket) : SIM_NONE;
}

static int64_t magnitude(int64_t n)
{
    return n < 0 ? -n : n;
}

/* Did the move increase the position or change its sign? */
static bool violates(int64_t before, int64_t after)
{
    bool flipped = (before > 0 && after < 0) || (before < 0 && after > 0);
    return flipped || magnitude(after) > magnitude(before);
}

enum sim_verdict sim_account_fill(struct sim_account *a, int32_t holding, int side,
                                  int64_t quantity, enum sim_cause cause, int64_t entered_us,
                                  int64_t now_us)
{
    struct sim_holding *h = &a->holding[holding];
    int64_t before = h->net;
    h->net += side * quantity;
    bool violation = violates(before, h->net);
    if (cause == SIM_BY_FAULT || (cause == SIM_BY_LOADED && violation))
        h->disturbed_us = now_us;
    if (cause != SIM_BY_MEMBER || !violation)
        return SIM_FINE;
    if (entered_us <= h->disturbed_us + a->grace_us) {
        a->excused++;
        return SIM_EXCUSED;
    }
    a->alarms++;
    return SIM_ALARM;
}

/* What closes a position is the quantity of its net, on the other side of it; flat bears nothing. */
bool sim_account_live(struct sim_account *a, int32_t holding, int side, int64_t change)
{
    struct sim_holding *h = &a->holding[holding];
    int64_t *live = side == SIM_BUY ? &h->live_buy : &h->live_sell;
    *live += change;
    int64_t bearable = h->net * -side;
    return change > 0 && *live > (bearable > 0 ? bearable : 0);
}

const char *sim_verdict_name(enum sim_verdict verdict)
{
    static const char *const names[] = {"fine", "excused", "alarm"};
    return names[verdict];
}

const char *sim_cause_name(enum sim_cause cause)
{
    static const char *const names[] = {"member", "loaded", "late"};
    return names[cause];
}
