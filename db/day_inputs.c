/*
 * day_inputs.c: the two sources compared, the contracts that are needed, the list of inputs.
 *
 * A desk needs few of the day's hundred thousand contracts: those that its rows name, what they
 * move with (futures, share or index of the same symbol), and those on its watch list. The others
 * go to the state's reference table only, where they can be looked up when one is added by hand.
 */
#include "db/day_inputs.h"

#include <stdlib.h>
#include <string.h>

#include "core/num.h"

/* ---- two sources ----------------------------------------------------------------------------- */

static struct import_position *position_at(const struct vector *positions, uint32_t sorted)
{
    return vector_at(positions, positions->sorted[sorted]);
}

/* Exchanges know no product: sources are compared by client, exchange and token. */
static bool same_contract(const struct sq_key *a, const struct sq_key *b)
{
    return a->exchange == b->exchange && a->token == b->token &&
           memcmp(a->client, b->client, sizeof a->client) == 0;
}

/* Rows of the exchange may come in parts: long and short legs, or a row for each terminal. */
static sq_quantity exchange_net(const struct import *im, const struct sq_key *key)
{
    const struct vector *rows = &im->exchange_positions;
    struct import_position like = {.position.key = *key};
    sq_quantity net = 0;
    like.position.key.product = SQ_PRODUCT_UNKNOWN;
    for (uint32_t i = vector_lower(rows, &like); i < rows->sorted_count; i++) {
        const struct sq_position *p = &position_at(rows, i)->position;
        if (!same_contract(&p->key, key))
            break;
        net += p->net;
    }
    return net;
}

/* What both say: the smaller, and nothing where they are on different sides. */
static sq_quantity agreed_of(sq_quantity a, sq_quantity b)
{
    if ((a > 0) != (b > 0) || a == 0 || b == 0)
        return 0;
    return sq_abs(a) < sq_abs(b) ? a : b;
}

/* Hands the agreed quantity to the products of one contract, in order of key. */
static void settle_group(struct import *im, uint32_t first, uint32_t end, struct day_counts *counts)
{
    sq_quantity ours = 0;
    for (uint32_t i = first; i < end; i++)
        ours += position_at(&im->positions, i)->position.net;
    sq_quantity theirs = exchange_net(im, &position_at(&im->positions, first)->position.key);
    sq_quantity left = agreed_of(ours, theirs);
    for (uint32_t i = first; i < end; i++) {
        struct sq_position *p = &position_at(&im->positions, i)->position;
        p->source = ours == theirs ? SQ_SOURCE_AGREED : SQ_SOURCE_DIFFER;
        if (ours != theirs) {
            p->agreed = agreed_of(p->net, left);
            left -= p->agreed;
        }
        *(ours == theirs ? &counts->agreed : &counts->differ) += 1;
    }
}

/* Positions are sorted by client, exchange, token: a contract's products stand together. */
static void compare_sources(struct import *im, struct day_counts *counts)
{
    uint32_t count = im->positions.sorted_count;
    for (uint32_t first = 0, end; first < count; first = end) {
        const struct sq_key *key = &position_at(&im->positions, first)->position.key;
        for (end = first + 1; end < count; end++)
            if (!same_contract(&position_at(&im->positions, end)->position.key, key))
                break;
        settle_group(im, first, end, counts);
    }
}

/* ---- positions that no row of ours told of --------------------------------------------------- */

static bool is_held(const struct import *im, const struct sq_key *key)
{
    struct import_position like = {.position.key = *key};
    return vector_find(&im->positions, &like) != NULL;
}

/* In any product: product 0 sorts before all others. */
static bool holds_contract(const struct import *im, const struct sq_key *key)
{
    struct import_position like = {.position.key = *key};
    like.position.key.product = 0;
    uint32_t i = vector_lower(&im->positions, &like);
    return i < im->positions.sorted_count &&
           same_contract(&position_at(&im->positions, i)->position.key, key);
}

/* Only the exchange knows of it: shown, with nothing agreed, rather than absent. */
static bool add_unknown(struct import *im, struct vector *more)
{
    const struct vector *rows = &im->exchange_positions;
    for (uint32_t i = 0; i < rows->sorted_count; i++) {
        struct import_position row = *position_at(rows, i);
        struct sq_position *p = &row.position;
        bool first = i == 0 || !same_contract(&position_at(rows, i - 1)->position.key, &p->key);
        const struct sq_instrument *c = &im->reference.rows[row.instrument];
        p->net = p->overnight = p->start = exchange_net(im, &p->key);
        p->source = SQ_SOURCE_DIFFER;
        p->basis_paise = sq_value_paise(c->prev_settle, p->net, c->multiplier, c->price_decimals);
        if (first && p->net != 0 && !holds_contract(im, &p->key) && !vector_add(more, &row, 0))
            return false;
    }
    return true;
}

/* Core asks for a position behind every order and trade, if only one of nothing. */
static bool add_flat(struct import *im, struct vector *more, const struct sq_key *key,
                     uint32_t instrument)
{
    struct import_position row = {.position.key = *key, .instrument = instrument};
    row.position.source = im->has_exchange_positions ? SQ_SOURCE_AGREED : SQ_SOURCE_ONE;
    return is_held(im, key) || vector_add(more, &row, 0) != NULL;
}

/* Takes one of each key into the positions. */
static bool take(struct import *im, struct vector *more)
{
    bool good = vector_sort(more);
    for (uint32_t i = 0; good && i < more->sorted_count; i++) {
        struct import_position *row = position_at(more, i);
        if (i == 0 || more->compare(position_at(more, i - 1), row) != 0)
            good = vector_add(&im->positions, row, 0) != NULL;
    }
    return good && vector_sort(&im->positions);
}

/* Without a second source every position stands on one, and says so. */
bool day_reconcile(struct import *im, struct day_counts *counts)
{
    struct vector more;
    bool good = true;
    vector_init(&more, sizeof(struct import_position), im->positions.compare);
    if (im->has_exchange_positions) {
        compare_sources(im, counts);
        good = add_unknown(im, &more);
        counts->differ += more.count;
    } else {
        counts->one_source = im->positions.count;
    }
    for (uint32_t i = 0; good && i < im->orders.count; i++) {
        const struct import_order *o = vector_at(&im->orders, i);
        good = add_flat(im, &more, &o->order.key, o->instrument);
        *(o->order.origin == SQ_ORIGIN_RESTING ? &counts->ours : &counts->external) += 1;
    }
    for (uint32_t i = 0; good && i < im->trades.count; i++) {
        const struct import_trade *t = vector_at(&im->trades, i);
        good = add_flat(im, &more, &t->trade.key, t->instrument);
    }
    good = good && take(im, &more);
    vector_finish(&more);
    return good;
}

/* ---- the contracts that a desk needs --------------------------------------------------------- */

/* What an index is called as an underlying, and in the masters. Compared without case. */
static const struct {
    const char *symbol, *index;
} indexes[] = {
    {"NIFTY", "NIFTY 50"},
    {"BANKNIFTY", "NIFTY BANK"},
    {"FINNIFTY", "NIFTY FIN SERVICE"},
    {"MIDCPNIFTY", "NIFTY MID SELECT"},
    {"NIFTYNXT50", "NIFTY NEXT 50"},
    {"SENSEX", "SENSEX"},
    {"BANKEX", "BANKEX"},
    {"SENSEX50", "SENSEX50"},
};

/* Masters write "Nifty 50" and "NIFTY 50". */
static bool equal_without_case(const char *a, const char *b)
{
    for (; *a && *b; a++, b++)
        if ((*a | 32) != (*b | 32))
            return false;
    return *a == *b;
}

static int compare_symbols(const void *a, const void *b)
{
    return memcmp(a, b, SQ_SYMBOL_SIZE);
}

static void index_symbol(char symbol[SQ_SYMBOL_SIZE])
{
    for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++)
        if (equal_without_case(symbol, indexes[i].index)) {
            memset(symbol, 0, SQ_SYMBOL_SIZE);
            memcpy(symbol, indexes[i].symbol, strlen(indexes[i].symbol));
        }
}

/* Is this what a held derivative moves with: a future, the share or the index of its symbol? */
static bool is_underlying(const struct sq_instrument *i, const struct vector *symbols)
{
    char symbol[SQ_SYMBOL_SIZE];
    bool main_series = i->series[0] == '\0' || strncmp(i->series, "EQ", sizeof i->series) == 0;
    memcpy(symbol, i->symbol, sizeof symbol);
    if (i->contract == SQ_CONTRACT_INDEX)
        index_symbol(symbol);
    else if (i->contract != SQ_CONTRACT_FUTURE &&
             !(i->contract == SQ_CONTRACT_EQUITY && main_series))
        return false;
    return vector_find(symbols, symbol) != NULL;
}

/* A derivative that is held brings its symbol, and with it what it moves with. */
static bool need(struct import *im, uint8_t *needed, struct vector *symbols, uint32_t instrument)
{
    if (needed[instrument])
        return true;
    needed[instrument] = 1;
    const struct sq_instrument *i = &im->reference.rows[instrument];
    return i->contract == SQ_CONTRACT_EQUITY || vector_add(symbols, i->symbol, 0) != NULL;
}

/* Marks contracts that rows name, and those that these depend on. NULL when memory ends. */
static uint8_t *find_needed(struct import *im)
{
    uint8_t *needed = calloc(im->reference.count + 1, 1);
    struct vector symbols;
    bool good = needed != NULL;
    vector_init(&symbols, SQ_SYMBOL_SIZE, compare_symbols);
    for (uint32_t i = 0; good && i < im->positions.count; i++) {
        const struct import_position *p = vector_at(&im->positions, i);
        good = need(im, needed, &symbols, p->instrument);
    }
    for (uint32_t i = 0; good && i < im->watched.count; i++)
        good = need(im, needed, &symbols, *(uint32_t *)vector_at(&im->watched, i));
    good = good && vector_sort(&symbols);
    for (uint32_t i = 0; good && i < im->reference.count; i++)
        needed[i] |= is_underlying(&im->reference.rows[i], &symbols);
    vector_finish(&symbols);
    if (!good)
        free(needed);
    return good ? needed : NULL;
}

/* ---- inputs ---------------------------------------------------------------------------------- */

static void put(struct day *day, enum sq_kind kind, const void *body)
{
    struct sq_message *m = &day->inputs[day->input_count++];
    m->kind = (uint16_t)kind;
    memcpy(&m->as, body, sq_kind_info(kind)->size);
}

/* Core asks for whole terms, also of what is only looked at or whose multiplier no file told. */
static void put_instrument(struct day *day, const struct sq_instrument *row)
{
    struct sq_instrument i = *row;
    i.lot = i.lot ? i.lot : 1;
    i.tick = i.tick ? i.tick : 1;
    i.multiplier = i.multiplier ? i.multiplier : 1;
    put(day, SQ_INSTRUMENT, &i);
    day->counts.instruments++;
}

static void put_all(struct day *day, const struct vector *rows, enum sq_kind kind)
{
    for (uint32_t i = 0; i < rows->count; i++)
        put(day, kind, vector_at(rows, i));
}

/* Rows of positions, orders and trades begin with core's struct. */
static void put_rows(struct day *day)
{
    struct import *im = day->import;
    put_all(day, &im->clients, SQ_CLIENT);
    put_all(day, &im->people, SQ_PERSON);
    put_all(day, &im->hours, SQ_HOURS);
    put_all(day, &im->positions, SQ_POSITION);
    put_all(day, &im->orders, SQ_ORDER);
    put_all(day, &im->trades, SQ_TRADE);
}

static void put_done(struct day *day)
{
    struct sq_day_done done = {.instruments = day->counts.instruments,
                               .positions = day->counts.positions,
                               .orders = day->counts.orders,
                               .trades = day->counts.trades};
    put(day, SQ_DAY_DONE, &done);
}

static void count_rows(struct day *day)
{
    const struct import *im = day->import;
    struct day_counts *c = &day->counts;
    c->contracts = im->reference.count;
    c->clients = im->clients.count;
    c->people = im->people.count;
    c->hours = im->hours.count;
    c->positions = im->positions.count;
    c->orders = im->orders.count;
    c->trades = im->trades.count;
    c->early_trades = im->early_trades;
}

static void hash_body(struct hash *hash, enum sq_kind kind, const void *body)
{
    uint8_t bytes[SQ_ENCODED_MAX];
    size_t length = sq_encode(kind, body, bytes, sizeof bytes);
    hash_add_u64(hash, (uint64_t)kind << 32 | length);
    hash_add(hash, bytes, length);
}

/* Over the inputs and every contract: what would be loaded, not how the files wrote it. */
static void make_digest(struct day *day)
{
    struct hash hash;
    hash_init(&hash);
    for (size_t i = 0; i < day->input_count; i++)
        hash_body(&hash, day->inputs[i].kind, &day->inputs[i].as);
    for (uint32_t i = 0; i < day->counts.contracts; i++)
        hash_body(&hash, SQ_INSTRUMENT, &day->contracts[i]);
    hash_end(&hash, day->digest);
}

bool day_make_inputs(struct day *day)
{
    struct import *im = day->import;
    struct day_counts *c = &day->counts;
    uint8_t *needed = find_needed(im);
    if (needed == NULL)
        return false;
    count_rows(day);
    size_t most = 2 + (size_t)c->contracts + c->clients + c->people + c->hours + c->positions +
                  c->orders + c->trades;
    for (uint32_t i = 0; i < c->contracts; i++)
        most -= !needed[i];
    day->inputs = calloc(most, sizeof *day->inputs);
    if (day->inputs != NULL) {
        put(day, SQ_DAY, &day->head);
        for (uint32_t i = 0; i < c->contracts; i++)
            if (needed[i])
                put_instrument(day, &im->reference.rows[i]);
        put_rows(day);
        put_done(day);
        make_digest(day);
    }
    free(needed);
    return day->inputs != NULL;
}
