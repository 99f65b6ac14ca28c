/*
 * tables.c: rows in arrays, found through open-addressing maps.
 *
 * Every table has a key of a few words. The map stores only row numbers and asks the row for its
 * key, so nothing is kept twice. Rows are never removed, hence the maps know no deletion; the map
 * of client order ids is the exception, since the id of a cancel gives way to that of the next.
 */
#include "core/tables.h"

#include <string.h>

#include "core/num.h"
#include "core/text.h"

/* ---- keys ---------------------------------------------------------------------------------- */

enum { KEY_WORDS = 5 };
struct key {
    uint64_t word[KEY_WORDS];
};

static inline struct key number_key(uint64_t number)
{
    return (struct key){{number}};
}

static inline struct key token_key(uint8_t exchange, uint32_t token)
{
    return (struct key){{(uint64_t)exchange << 32 | token}};
}

/* bytes <= 32, NUL-padded. */
static inline struct key text_key(const char *text, size_t bytes)
{
    struct key key = {{0}};
    memcpy(key.word, text, bytes);
    return key;
}

/* A text of unknown length as a member of `size` bytes would hold it; false: it cannot. */
static bool member_key(const char *text, size_t size, struct key *key)
{
    char member[32];
    size_t length = strnlen(text, size);
    bool fits = sq_text_set(member, size, text, length);
    if (fits)
        *key = text_key(member, size);
    return fits;
}

static inline struct key instrument_key(const struct sq_instrument *row)
{
    return token_key(row->exchange, row->token);
}

static inline struct key client_key(const struct sq_client *row)
{
    return text_key(row->code, sizeof row->code);
}

static inline struct key person_key(const struct sq_person *row)
{
    return text_key(row->code, sizeof row->code);
}

static inline struct key hours_key(const struct sq_hours *row)
{
    struct key key = text_key(row->series, sizeof row->series);
    key.word[1] = row->exchange;
    return key;
}

static inline struct key of_key(const struct sq_key *k)
{
    struct key key = text_key(k->client, sizeof k->client);
    key.word[2] = (uint64_t)k->exchange << 40 | (uint64_t)k->product << 32 | k->token;
    return key;
}

static inline struct key position_key(const struct sq_position *row)
{
    return of_key(&row->key);
}

static inline struct key order_key(const struct sq_order *row)
{
    return number_key(row->no);
}

static inline struct key close_key(const struct sq_close *row)
{
    return number_key(row->no);
}

static inline struct key exec_key(uint8_t exchange, const char exec_id[SQ_EXEC_SIZE], uint8_t side)
{
    struct key key = text_key(exec_id, SQ_EXEC_SIZE);
    key.word[4] = (uint64_t)exchange << 8 | side;
    return key;
}

/* A fill without the exchange's number has only ours: no text begins with these bytes. */
static inline struct key fill_key(const struct sq_fill *row)
{
    if (row->exec_id[0])
        return exec_key(row->key.exchange, row->exec_id, row->side);
    return (struct key){{0, row->no}};
}

static inline struct key id_key(struct sq_id id)
{
    return (struct key){{id.high, id.low}};
}

static inline struct key intent_key(const struct sq_intent_row *row)
{
    return id_key(row->id);
}

/* ---- maps ---------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 wide; /* GNU C has no standard name for it */

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The seeds are fixed: what is iterated is the rows, never the slots. */
static inline uint64_t hash(const struct key *key)
{
    uint64_t a = mix(key->word[0] ^ 0x9e3779b97f4a7c15, key->word[1] ^ 0xc2b2ae3d27d4eb4f);
    uint64_t b = mix(key->word[2] ^ 0x165667b19e3779f9, key->word[3] ^ 0x27d4eb2f165667c5);
    return mix(a ^ key->word[4] ^ 0xff51afd7ed558ccd, b ^ 0xc4ceb9fe1a85ec53);
}

static inline bool key_equal(const struct key *a, const struct key *b)
{
    uint64_t differ = 0;
    for (unsigned i = 0; i < KEY_WORDS; i++)
        differ |= a->word[i] ^ b->word[i];
    return differ == 0;
}

#define X(member, type, kind)                                                               \
    /* The slot that holds the row with this key, or the empty one where it would go. */    \
    static inline uint32_t *member##_slot(const struct sq_tables *t, const struct key *key) \
    {                                                                                       \
        const struct sq_map *map = &t->member##_map;                                        \
        for (uint64_t at = hash(key);; at++) {                                              \
            uint32_t *slot = &map->slots[at & map->mask];                                   \
            if (*slot == 0)                                                                 \
                return slot;                                                                \
            struct key other = member##_key(&t->member[*slot - 1]);                         \
            if (key_equal(key, &other))                                                     \
                return slot;                                                                \
        }                                                                                   \
    }                                                                                       \
    static uint32_t member##_find(const struct sq_tables *t, struct key key)                \
    {                                                                                       \
        return *member##_slot(t, &key) - 1; /* an empty slot gives SQ_NO_ROW */             \
    }
SQ_TABLES_MAP(X)
#undef X

/* ---- client order ids ---------------------------------------------------------------------- */
/* A slot holds 2 x row + 1, or 2 x row + 2 for the id of the row's cancel. */

static const char *clord_of(const struct sq_tables *t, uint32_t slot)
{
    const struct sq_order *order = &t->order[(slot - 1) / 2];
    return slot % 2 ? order->clord : order->cancel_clord;
}

static uint64_t clord_hash(const char clord[SQ_CLORD_SIZE])
{
    struct key key = text_key(clord, SQ_CLORD_SIZE);
    return hash(&key);
}

static void clord_insert(struct sq_tables *t, uint32_t value, const char *clord)
{
    const struct sq_map *map = &t->order_clord_map;
    uint64_t at = clord_hash(clord);
    if (!clord[0])
        return;
    while (map->slots[at & map->mask])
        at++;
    map->slots[at & map->mask] = value;
}

/* Closes the gap behind it: a follower moves up unless that would put it before its own home. */
static void clord_remove(struct sq_tables *t, uint32_t value, const char *clord)
{
    const struct sq_map *map = &t->order_clord_map;
    uint64_t gap = clord_hash(clord);
    if (!clord[0])
        return;
    while (map->slots[gap & map->mask] != value)
        gap++;
    for (uint64_t at = gap + 1; map->slots[at & map->mask]; at++) {
        uint32_t follower = map->slots[at & map->mask];
        uint64_t from_home = (at - clord_hash(clord_of(t, follower))) & map->mask;
        if (from_home < at - gap)
            continue;
        map->slots[gap & map->mask] = follower;
        gap = at;
    }
    map->slots[gap & map->mask] = 0;
}

/* Changes the member of the row at once: the map asks the rows for their ids. */
static void clord_change(struct sq_tables *t, uint32_t value, char *now, const char *then)
{
    if (sq_text_equal(now, then))
        return;
    clord_remove(t, value, now);
    memcpy(now, then, SQ_CLORD_SIZE);
    clord_insert(t, value, then);
}

/* ---- links --------------------------------------------------------------------------------- */
/* Before a new row is stored at `row`: sets its links; false when it names a row not there. */

static bool instrument_link(struct sq_tables *t, const struct sq_instrument *body, uint32_t row)
{
    (void)t, (void)body, (void)row;
    return true;
}

static bool client_link(struct sq_tables *t, const struct sq_client *body, uint32_t row)
{
    (void)body;
    t->client_position[row] = SQ_NO_ROW;
    return true;
}

static bool person_link(struct sq_tables *t, const struct sq_person *body, uint32_t row)
{
    (void)t, (void)body, (void)row;
    return true;
}

static bool hours_link(struct sq_tables *t, const struct sq_hours *body, uint32_t row)
{
    (void)t, (void)body, (void)row;
    return true;
}

/* A position of the client in the same underlying, or the row itself when it is the first. */
static uint32_t find_sibling(const struct sq_tables *t, uint32_t client, uint32_t row)
{
    const char *symbol = t->instrument[t->position_instrument[row]].symbol;
    uint32_t other = t->client_position[client];
    while (other != SQ_NO_ROW &&
           memcmp(t->instrument[t->position_instrument[other]].symbol, symbol, SQ_SYMBOL_SIZE) != 0)
        other = t->position_next[other];
    return other == SQ_NO_ROW ? row : other;
}

/* Joins the ring behind a sibling. */
static void sibling_link(struct sq_tables *t, uint32_t client, uint32_t row)
{
    uint32_t sibling = find_sibling(t, client, row);
    t->position_sibling[row] = row;
    t->position_sibling[row] = t->position_sibling[sibling];
    t->position_sibling[sibling] = row;
}

static bool position_link(struct sq_tables *t, const struct sq_position *body, uint32_t row)
{
    uint32_t instrument = sq_find_instrument(t, body->key.exchange, body->key.token);
    uint32_t client = sq_find_client(t, body->key.client);
    if (instrument == SQ_NO_ROW || client == SQ_NO_ROW)
        return false;
    t->position_instrument[row] = instrument;
    t->position_client[row] = client;
    t->position_order[row] = SQ_NO_ROW;
    t->position_close[row] = SQ_NO_ROW;
    sibling_link(t, client, row);
    t->position_next[row] = t->client_position[client];
    t->client_position[client] = row;
    return true;
}

static bool order_link(struct sq_tables *t, const struct sq_order *body, uint32_t row)
{
    uint32_t position = sq_find_position(t, &body->key);
    if (position == SQ_NO_ROW)
        return false;
    t->order_position[row] = position;
    t->order_next[row] = t->position_order[position];
    t->position_order[position] = row;
    clord_insert(t, 2 * row + 1, body->clord);
    clord_insert(t, 2 * row + 2, body->cancel_clord);
    return true;
}

static bool close_link(struct sq_tables *t, const struct sq_close *body, uint32_t row)
{
    uint32_t position = sq_find_position(t, &body->key);
    if (position == SQ_NO_ROW)
        return false;
    t->close_position[row] = position;
    t->position_close[position] = row;
    return true;
}

static bool fill_link(struct sq_tables *t, const struct sq_fill *body, uint32_t row)
{
    (void)row;
    return sq_find_position(t, &body->key) != SQ_NO_ROW;
}

static bool intent_link(struct sq_tables *t, const struct sq_intent_row *body, uint32_t row)
{
    (void)t, (void)body, (void)row;
    return true;
}

/* Before a row is replaced: false when that would break its links. */
static bool may_replace(struct sq_tables *t, enum sq_kind kind, uint32_t row, const void *body)
{
    const struct sq_order *order = body;
    const struct sq_close *close = body;
    if (kind == SQ_CLOSE)
        return sq_key_equal(&t->close[row].key, &close->key);
    if (kind != SQ_ORDER)
        return true;
    if (!sq_key_equal(&t->order[row].key, &order->key))
        return false;
    clord_change(t, 2 * row + 1, t->order[row].clord, order->clord);
    clord_change(t, 2 * row + 2, t->order[row].cancel_clord, order->cancel_clord);
    return true;
}

/* ---- rows in ------------------------------------------------------------------------------- */

#define X(member, type, kind)                                               \
    static int member##_apply(struct sq_tables *t, const struct type *body) \
    {                                                                       \
        struct key key = member##_key(body);                                \
        uint32_t *slot = member##_slot(t, &key), row = *slot - 1;           \
        if (row == SQ_NO_ROW) {                                             \
            row = t->member##_count;                                        \
            if (row == t->member##_room || !member##_link(t, body, row))    \
                return -1;                                                  \
            *slot = ++t->member##_count;                                    \
        } else if (!may_replace(t, SQ_##kind, row, body)) {                 \
            return -1;                                                      \
        }                                                                   \
        memmove(&t->member[row], body, sizeof *body);                       \
        return 0;                                                           \
    }
SQ_TABLES_MAP(X)
#undef X

int sq_tables_apply(struct sq_tables *t, enum sq_kind kind, const void *body)
{
    switch (kind) {
#define X(member, type, tail) \
    case SQ_##tail: return member##_apply(t, body);
        SQ_TABLES_MAP(X)
#undef X
    case SQ_BOOK: memcpy(&t->book, body, sizeof t->book); return 0;
    default: return 0;
    }
}

/* ---- memory -------------------------------------------------------------------------------- */

/* Hands out pieces of the caller's memory; with base 0 it only counts. */
struct layout {
    uintptr_t base;
    size_t used;
};

static void *take(struct layout *layout, size_t count, size_t size)
{
    uintptr_t piece = layout->base + layout->used;
    layout->used += (count * size + 15) & ~(size_t)15;
    return (void *)piece;
}

/* Half empty at most: short probes, and always an empty slot where a search ends. */
static void take_map(struct layout *layout, struct sq_map *map, uint32_t keys)
{
    uint32_t slots = 16;
    while (slots / 2 < keys)
        slots *= 2;
    map->slots = take(layout, slots, sizeof *map->slots);
    map->mask = slots - 1;
}

static void set_rooms(struct sq_tables *t, const struct sq_config *config)
{
    t->config = *config;
    t->instrument_room = config->instruments;
    t->client_room = config->clients;
    t->person_room = config->people;
    t->hours_room = config->hours;
    t->position_room = config->positions;
    t->order_room = config->orders;
    t->close_room = config->closes;
    t->fill_room = config->fills;
    t->intent_room = config->intents;
}

static void lay_out(struct sq_tables *t, struct layout *layout)
{
    uint32_t positions = t->position_room, orders = t->order_room, clients = t->client_room;
#define X(member, type, kind)                                      \
    t->member = take(layout, t->member##_room, sizeof *t->member); \
    take_map(layout, &t->member##_map, t->member##_room);
    SQ_TABLES_MAP(X)
#undef X
    take_map(layout, &t->order_clord_map, 2 * orders);
    t->position_instrument = take(layout, positions, sizeof(uint32_t));
    t->position_client = take(layout, positions, sizeof(uint32_t));
    t->position_order = take(layout, positions, sizeof(uint32_t));
    t->position_next = take(layout, positions, sizeof(uint32_t));
    t->position_sibling = take(layout, positions, sizeof(uint32_t));
    t->position_close = take(layout, positions, sizeof(uint32_t));
    t->order_next = take(layout, orders, sizeof(uint32_t));
    t->order_position = take(layout, orders, sizeof(uint32_t));
    t->close_position = take(layout, t->close_room, sizeof(uint32_t));
    t->client_position = take(layout, clients, sizeof(uint32_t));
}

size_t sq_tables_size(const struct sq_config *config)
{
    struct sq_tables t;
    struct layout layout = {0, 0};
    set_rooms(&t, config);
    lay_out(&t, &layout);
    return layout.used;
}

void sq_tables_init(struct sq_tables *t, void *memory, const struct sq_config *config)
{
    struct layout layout = {(uintptr_t)memory, 0};
    memset(t, 0, sizeof *t);
    set_rooms(t, config);
    lay_out(t, &layout);
}

/* ---- rows out ------------------------------------------------------------------------------ */

uint32_t sq_find_instrument(const struct sq_tables *t, enum sq_exchange exchange, uint32_t token)
{
    return instrument_find(t, token_key((uint8_t)exchange, token));
}

uint32_t sq_find_client(const struct sq_tables *t, const char *code)
{
    struct key key;
    return member_key(code, SQ_CLIENT_SIZE, &key) ? client_find(t, key) : SQ_NO_ROW;
}

uint32_t sq_find_person(const struct sq_tables *t, const char *code)
{
    struct key key;
    return member_key(code, SQ_PERSON_SIZE, &key) ? person_find(t, key) : SQ_NO_ROW;
}

uint32_t sq_find_position(const struct sq_tables *t, const struct sq_key *key)
{
    return position_find(t, of_key(key));
}

uint32_t sq_find_order(const struct sq_tables *t, uint64_t no)
{
    return order_find(t, number_key(no));
}

uint32_t sq_find_clord(const struct sq_tables *t, const char *clord)
{
    const struct sq_map *map = &t->order_clord_map;
    struct key key;
    if (!clord[0] || !member_key(clord, SQ_CLORD_SIZE, &key))
        return SQ_NO_ROW;
    for (uint64_t at = hash(&key);; at++) {
        uint32_t slot = map->slots[at & map->mask];
        if (slot == 0)
            return SQ_NO_ROW;
        if (sq_text_equal(clord_of(t, slot), clord))
            return (slot - 1) / 2;
    }
}

uint32_t sq_find_close(const struct sq_tables *t, uint64_t no)
{
    return close_find(t, number_key(no));
}

uint32_t sq_find_fill(const struct sq_tables *t, enum sq_exchange exchange, const char *exec_id,
                      enum sq_side side)
{
    char member[SQ_EXEC_SIZE];
    if (!exec_id[0] || !sq_text_set(member, sizeof member, exec_id, strnlen(exec_id, SQ_EXEC_SIZE)))
        return SQ_NO_ROW;
    return fill_find(t, exec_key((uint8_t)exchange, member, (uint8_t)side));
}

uint32_t sq_find_intent(const struct sq_tables *t, struct sq_id id)
{
    return intent_find(t, id_key(id));
}

const struct sq_hours *sq_find_hours(const struct sq_tables *t, const struct sq_instrument *i)
{
    struct sq_hours wanted = {.exchange = i->exchange};
    memcpy(wanted.series, i->series, sizeof wanted.series);
    uint32_t row = hours_find(t, hours_key(&wanted));
    if (row == SQ_NO_ROW) {
        memset(wanted.series, 0, sizeof wanted.series);
        row = hours_find(t, hours_key(&wanted));
    }
    return row == SQ_NO_ROW ? NULL : &t->hours[row];
}

const struct sq_close *sq_open_close(const struct sq_tables *t, uint32_t position)
{
    uint32_t row = t->position_close[position];
    if (row == SQ_NO_ROW || sq_close_state_is_ended(t->close[row].state))
        return NULL;
    return &t->close[row];
}

/* ---- what follows from the rows ------------------------------------------------------------ */

sq_quantity sq_reserved(const struct sq_tables *t, uint32_t position)
{
    sq_quantity net = t->position[position].net, reserved = 0;
    enum sq_side closing = net > 0 ? SQ_SIDE_SELL : SQ_SIDE_BUY;
    for (uint32_t row = t->position_order[position]; row != SQ_NO_ROW; row = t->order_next[row]) {
        const struct sq_order *order = &t->order[row];
        if ((order->side == closing || net == 0) && !sq_order_state_is_terminal(order->state))
            reserved += order->leaves;
    }
    return reserved;
}

static void put_expiry(struct sq_text *out, uint32_t yyyymmdd)
{
    static const char months[] = "???JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    uint32_t month = yyyymmdd / 100 % 100;
    sq_text_char(out, ' ');
    sq_text_digits(out, yyyymmdd % 100, 2);
    sq_text_bytes(out, months + 3 * (month <= 12 ? month : 0), 3);
}

/* A strike in rupees, without decimals that are zero. */
static void put_strike(struct sq_text *out, const struct sq_instrument *instrument)
{
    char text[SQ_NUMBER_SIZE];
    size_t length = sq_print_decimal(instrument->strike, instrument->price_decimals, false, text);
    if (memchr(text, '.', length))
        while (text[length - 1] == '0')
            length--;
    length -= text[length - 1] == '.';
    sq_text_char(out, ' ');
    sq_text_bytes(out, text, length);
}

size_t sq_label(const struct sq_instrument *instrument, char *label)
{
    enum sq_contract contract = instrument->contract;
    struct sq_text out;
    sq_text_begin(&out, label, SQ_LABEL_SIZE);
    sq_text_put(&out, instrument->symbol);
    if (contract == SQ_CONTRACT_FUTURE || contract == SQ_CONTRACT_CALL ||
        contract == SQ_CONTRACT_PUT)
        put_expiry(&out, instrument->expiry);
    if (contract == SQ_CONTRACT_CALL || contract == SQ_CONTRACT_PUT) {
        put_strike(&out, instrument);
        sq_text_char(&out, contract == SQ_CONTRACT_CALL ? 'C' : 'P');
    } else if (contract == SQ_CONTRACT_FUTURE) {
        sq_text_put(&out, " FUT");
    } else if (instrument->series[0] && !sq_text_equal(instrument->series, "EQ")) {
        sq_text_char(&out, ' ');
        sq_text_put(&out, instrument->series);
    }
    return out.length;
}

size_t sq_order_label(const struct sq_order *order, char *label)
{
    struct sq_text out;
    sq_text_begin(&out, label, SQ_LABEL_SIZE);
    if (order->origin != SQ_ORIGIN_CLOSE && order->exch_no[0]) {
        sq_text_put(&out, order->exch_no);
        return out.length;
    }
    sq_text_put(&out, "#sq-");
    sq_text_digits(&out, order->no, 4);
    return out.length;
}
