/*
 * wire_values.c: arrays of frames that are no messages: links, rates, previews, feeds.
 */
#include "net/wire_parts.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "core/tables.h"

/* The items of an array from left to right; the first that is wrong makes the whole wrong. */
struct items {
    const cJSON *next;
    bool good;
};

static struct items items_of(const cJSON *array)
{
    bool good = cJSON_IsArray(array);
    return (struct items){good ? array->child : NULL, good};
}

static const cJSON *take(struct items *items)
{
    const cJSON *item = items->next;
    items->good = items->good && item;
    items->next = item ? item->next : NULL;
    return item;
}

static int64_t take_integer(struct items *items)
{
    int64_t value = 0;
    items->good = wire_get_integer(take(items), &value) && items->good;
    return value;
}

static int64_t take_within(struct items *items, int64_t least, int64_t most)
{
    int64_t value = take_integer(items);
    items->good = items->good && value >= least && value <= most;
    return items->good ? value : 0;
}

static bool take_flag(struct items *items)
{
    return take_within(items, 0, 1) != 0;
}

static uint64_t take_unsigned(struct items *items)
{
    uint64_t value = 0;
    items->good = wire_get_unsigned(take(items), UINT64_MAX, &value) && items->good;
    return value;
}

static uint32_t take_u32(struct items *items)
{
    return (uint32_t)take_within(items, 0, UINT32_MAX);
}

static unsigned take_named(struct items *items, enum sq_list list)
{
    uint64_t member = 0;
    items->good = wire_get_named(take(items), list, &member) && items->good;
    return items->good ? (unsigned)member : 0;
}

/* All taken, and nothing wrong. */
static int end(const struct items *items, const char *what, char *why, size_t why_room)
{
    if (items->good && !items->next)
        return 0;
    snprintf(why, why_room, "%s: not possible", what);
    return -1;
}

/* ---- links and feeds ----------------------------------------------------------------------- */

int wire_read_links(const cJSON *array, struct wire_links *links, char *why, size_t why_room)
{
    struct items items = items_of(array);
    memset(links, 0, sizeof *links);
    links->time = take_within(&items, 0, SQ_INTEGER_MAX);
    links->order_up = take_flag(&items);
    links->order_rtt_us = take_within(&items, -1, SQ_INTEGER_MAX);
    links->price_up = take_flag(&items);
    links->price_age_ms = take_within(&items, -1, SQ_INTEGER_MAX);
    links->view_only = take_flag(&items);
    links->disk_full = take_flag(&items);
    items.good = wire_get_text(take(&items), links->why, sizeof links->why) && items.good;
    return end(&items, "st", why, why_room);
}

int wire_read_feed(const cJSON *array, enum sq_exchange *exchange, bool *alive, bool *gap,
                   char *why, size_t why_room)
{
    struct items items = items_of(array);
    *exchange = (enum sq_exchange)take_named(&items, SQ_LIST_EXCHANGE);
    *alive = take_flag(&items);
    *gap = take_flag(&items);
    return end(&items, "fd", why, why_room);
}

int wire_read_place(const cJSON *array, uint32_t *place, enum sq_exchange *exchange,
                    uint32_t *token, char *why, size_t why_room)
{
    struct items items = items_of(array);
    *place = take_u32(&items);
    *exchange = (enum sq_exchange)take_named(&items, SQ_LIST_EXCHANGE);
    *token = take_u32(&items);
    return end(&items, "i", why, why_room);
}

/* ---- rates --------------------------------------------------------------------------------- */

/* SQ_DEPTH_LEVELS of them at most, prices and quantities by turns. */
static void take_levels(struct items *items, struct sq_level *levels)
{
    struct items pairs = items_of(take(items));
    memset(levels, 0, SQ_DEPTH_LEVELS * sizeof *levels);
    for (unsigned i = 0; pairs.good && pairs.next; i++) {
        if (i == SQ_DEPTH_LEVELS) {
            pairs.good = false;
            break;
        }
        levels[i].price = take_integer(&pairs);
        levels[i].quantity = take_within(&pairs, 1, SQ_INTEGER_MAX);
    }
    items->good = items->good && pairs.good;
}

/* "-" for nobody, or the distance from the last price. */
static bool take_best(struct items *items, sq_price last, sq_price *price)
{
    const cJSON *item = take(items);
    *price = 0;
    if (cJSON_IsString(item)) {
        items->good = items->good && strcmp(item->valuestring, "-") == 0;
        return false;
    }
    items->good = wire_get_integer(item, price) && items->good;
    *price += last;
    items->good = items->good && *price >= -SQ_INTEGER_MAX && *price <= SQ_INTEGER_MAX;
    return true;
}

int wire_read_rate(const cJSON *array, uint32_t *place, struct sq_rate *rate, bool *traded,
                   char *why, size_t why_room)
{
    struct items items = items_of(array);
    *place = take_u32(&items);
    rate->last = take_integer(&items);
    bool bid = take_best(&items, rate->last, &rate->bid[0].price);
    bool ask = take_best(&items, rate->last, &rate->ask[0].price);
    rate->bid[0].quantity = take_within(&items, bid, bid ? SQ_INTEGER_MAX : 0);
    rate->ask[0].quantity = take_within(&items, ask, ask ? SQ_INTEGER_MAX : 0);
    *traded = items.next && take_flag(&items);
    if (items.next) {
        take_levels(&items, rate->bid);
        take_levels(&items, rate->ask);
    }
    return end(&items, "q", why, why_room);
}

/* ---- previews ------------------------------------------------------------------------------ */

static void take_cancels(struct items *items, struct sq_preview *p)
{
    struct items numbers = items_of(take(items));
    for (unsigned i = 0; numbers.good && numbers.next; i++) {
        if (i == SQ_PREVIEW_CANCELS) {
            numbers.good = false;
            break;
        }
        p->cancel_no[i] = take_unsigned(&numbers);
    }
    items->good = items->good && numbers.good;
}

/* [] or the key of the short that it covers: our row of it. */
static uint64_t take_hedge(struct items *items, const struct sq_tables *tables)
{
    struct items parts = items_of(take(items));
    struct sq_key key = {0};
    if (!parts.good || !parts.next) {
        items->good = items->good && parts.good;
        return 0;
    }
    parts.good = wire_get_text(take(&parts), key.client, sizeof key.client);
    key.exchange = (uint8_t)take_named(&parts, SQ_LIST_EXCHANGE);
    key.token = take_u32(&parts);
    key.product = (uint8_t)take_named(&parts, SQ_LIST_PRODUCT);
    uint32_t row = parts.good && !parts.next ? sq_find_position(tables, &key) : SQ_NO_ROW;
    items->good = items->good && row != SQ_NO_ROW;
    return items->good ? (uint64_t)row + 1 : 0;
}

int wire_read_preview(const cJSON *array, const struct sq_tables *tables, struct sq_preview *p,
                      char *why, size_t why_room)
{
    struct items items = items_of(array);
    memset(p, 0, sizeof *p);
    p->verdict = (enum sq_verdict)take_named(&items, SQ_LIST_VERDICT);
    p->first = (enum sq_guard)take_named(&items, SQ_LIST_GUARD);
    items.good = wire_get_guards(take(&items), &p->guards) && items.good;
    p->side = (enum sq_side)take_named(&items, SQ_LIST_SIDE);
    p->net = take_integer(&items);
    p->quantity = take_integer(&items);
    p->residue = take_integer(&items);
    p->residue_why = (enum sq_residue)take_named(&items, SQ_LIST_RESIDUE);
    p->limit = take_integer(&items);
    p->at_band = take_flag(&items);
    p->estimate_paise = take_integer(&items);
    p->slices = take_u32(&items);
    p->slice = take_integer(&items);
    p->last_slice = take_integer(&items);
    p->cancels = take_u32(&items);
    take_cancels(&items, p);
    p->hedge_of = take_hedge(&items, tables);
    p->waits = take_flag(&items);
    p->leg = (uint32_t)take_within(&items, 0, 3);
    p->digest = take_unsigned(&items);
    return end(&items, "previews", why, why_room);
}
