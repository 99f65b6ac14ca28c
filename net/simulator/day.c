/*
 * The day's arrays grow while it is read and stand still afterwards; contracts are found by a hash
 * of segment and token, because a vendor's dump has 30,000 rows and every position names one.
 */
#include "net/simulator/day.h"

#include <stdlib.h>
#include <string.h>

#define X(name) #name,
static const char *const segment_names[] = {SIM_SEGMENT_MAP(X)};
#undef X
static const char *const product_names[] = {"MIS", "NRML", "CNC", "MTF", "?prod"};

const char *sim_segment_name(int segment)
{
    return segment >= 0 && segment < SIM_SEGMENT_COUNT ? segment_names[segment] : NULL;
}

const char *sim_product_name(int product)
{
    return product >= 0 && product < SIM_PRODUCT_COUNT ? product_names[product] : NULL;
}

static int named(const char *const *names, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return SIM_NONE;
}

int sim_segment_named(const char *name)
{
    return named(segment_names, SIM_SEGMENT_COUNT, name);
}

int sim_product_named(const char *name)
{
    return named(product_names, SIM_PRODUCT_COUNT, name);
}

/* Tokens of one segment are dense; multiplying spreads them, the segment sets them apart. */
static uint32_t hash(int segment, uint32_t token)
{
    return (token * 2654435761u) ^ ((uint32_t)segment * 40503u << 16);
}

/* The slot that holds the contract, or the empty one where it would go. */
static int32_t *find_slot(const struct sim_day *day, int segment, uint32_t token)
{
    uint32_t mask = (uint32_t)day->slots - 1;
    for (uint32_t i = hash(segment, token) & mask;; i = (i + 1) & mask) {
        int32_t c = day->slot[i];
        if (c == SIM_NONE)
            return &day->slot[i];
        if (day->contract[c].token == token && day->contract[c].segment == segment)
            return &day->slot[i];
    }
}

int32_t sim_day_find(const struct sim_day *day, int segment, uint32_t token)
{
    return day->slots == 0 ? SIM_NONE : *find_slot(day, segment, token);
}

/* Makes room for one more element of an array that grows by doubling. */
static int grow(void **array, int count, int *room, size_t size)
{
    if (count < *room)
        return 0;
    int wanted = *room == 0 ? 256 : *room * 2;
    void *more = realloc(*array, (size_t)wanted * size);
    if (more == NULL)
        return -1;
    *array = more;
    *room = wanted;
    return 0;
}

/* Keeps the table at most half full. */
static int grow_slots(struct sim_day *day)
{
    if ((day->contracts + 1) * 2 <= day->slots)
        return 0;
    int slots = day->slots == 0 ? 1024 : day->slots * 2;
    int32_t *slot = malloc((size_t)slots * sizeof *slot);
    if (slot == NULL)
        return -1;
    memset(slot, 0xff, (size_t)slots * sizeof *slot);
    free(day->slot);
    day->slot = slot;
    day->slots = slots;
    for (int32_t c = 0; c < day->contracts; c++)
        *find_slot(day, day->contract[c].segment, day->contract[c].token) = c;
    return 0;
}

int sim_day_add_contract(struct sim_day *day, const struct sim_contract *contract)
{
    void *array = day->contract;
    if (grow_slots(day) != 0)
        return -1;
    if (grow(&array, day->contracts, &day->contracts_room, sizeof *contract) != 0)
        return -1;
    day->contract = array;
    int32_t *slot = find_slot(day, contract->segment, contract->token);
    if (*slot != SIM_NONE)
        return -1;
    *slot = day->contracts;
    day->contract[day->contracts++] = *contract;
    return 0;
}

int32_t sim_day_position(struct sim_day *day, const char *client, int32_t contract, int product)
{
    for (int32_t i = 0; i < day->positions; i++) {
        const struct sim_position *p = &day->position[i];
        if (p->contract == contract && p->product == product && strcmp(p->client, client) == 0)
            return i;
    }
    void *array = day->position;
    if (grow(&array, day->positions, &day->positions_room, sizeof *day->position) != 0)
        return SIM_NONE;
    day->position = array;
    struct sim_position *p = &day->position[day->positions];
    *p = (struct sim_position){.contract = contract, .product = (uint8_t)product};
    strncpy(p->client, client, sizeof p->client - 1);
    return day->positions++;
}

struct sim_resting *sim_day_add_resting(struct sim_day *day, const struct sim_resting *resting)
{
    void *array = day->resting;
    if (grow(&array, day->restings, &day->restings_room, sizeof *resting) != 0)
        return NULL;
    day->resting = array;
    day->resting[day->restings] = *resting;
    return &day->resting[day->restings++];
}

void sim_day_finish(struct sim_day *day)
{
    free(day->contract);
    free(day->position);
    free(day->resting);
    free(day->slot);
    memset(day, 0, sizeof *day);
}
