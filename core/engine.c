#include <string.h>

#include "core/state.h"

typedef void input_fn(struct sq_engine *e, const struct sq_message *input);

static void input_config(struct sq_engine *e, const struct sq_message *input)
{
    e->t.config = input->as.config;
}

static void input_time(struct sq_engine *e, const struct sq_message *input)
{
    (void)e; /* what is due runs at the end of every step */
    (void)input;
}

static void input_square_off(struct sq_engine *e, const struct sq_message *input)
{
    close_square_off(e, &input->as.square_off);
}

static void input_bulk_go(struct sq_engine *e, const struct sq_message *input)
{
    close_bulk_go(e, &input->as.bulk_go);
}

static void input_approve(struct sq_engine *e, const struct sq_message *input)
{
    close_approve(e, &input->as.approve);
}

static void input_quote(struct sq_engine *e, const struct sq_message *input)
{
    close_quote(e, &input->as.quote);
}

static input_fn *const inputs[SQ_KIND_COUNT] = {
    [SQ_CONFIG] = input_config,
    [SQ_INSTRUMENT] = day_row,
    [SQ_CLIENT] = day_row,
    [SQ_PERSON] = day_row,
    [SQ_HOURS] = day_row,
    [SQ_POSITION] = day_row,
    [SQ_ORDER] = day_row,
    [SQ_DAY] = day_begin,
    [SQ_DAY_DONE] = day_done,
    [SQ_TRADE] = day_trade,
    [SQ_SQUARE_OFF] = input_square_off,
    [SQ_BULK_GO] = input_bulk_go,
    [SQ_CANCEL] = command_cancel,
    [SQ_APPROVE] = input_approve,
    [SQ_SETTLE] = command_settle,
    [SQ_MANUAL_FILL] = command_manual_fill,
    [SQ_SUPERVISE] = command_supervise,
    [SQ_REPORT] = report_execution,
    [SQ_CANCEL_REJECT] = report_cancel_reject,
    [SQ_MESSAGE_REJECT] = report_message_reject,
    [SQ_SENT] = report_sent,
    [SQ_NOT_SENT] = report_not_sent,
    [SQ_LINK] = link_change,
    [SQ_MASS_DONE] = link_mass_done,
    [SQ_NUMBERS] = link_numbers,
    [SQ_QUOTE] = input_quote,
    [SQ_TIME] = input_time,
    [SQ_RESTARTED] = link_restarted,
    [SQ_OWNERSHIP] = owner_change,
};

/* ---- configuration -------------------------------------------------------------------------- */

void sq_config_default(struct sq_config *config)
{
    *config = (struct sq_config){
        .instruments = 8192,
        .clients = 1024,
        .people = 128,
        .hours = 64,
        .positions = 4096,
        .orders = 16384,
        .closes = 8192,
        .fills = 32768,
        .intents = 32768,
        .rules_version = SQ_RULES_VERSION,
        .orders_per_second = 8,
        .orders_burst = 8,
        .protect_bps = 100,
        .wide_bps = 500,
        .quote_age_limit_ms = 3000,
        .trade_recent_ms = 5000,
        .intent_life_ms = 60000,
        .send_life_ms = 2000,
        .unknown_after_ms = 2000,
        .ask_every_ms = 5000,
        .reprice_after_ms = 15000,
        .hold_after_ms = 60000,
        .approval_life_ms = 120000,
        .reprices = 3,
        .largest_cash_qty = 50000,
    };
}

struct config_limit {
    const char *name;
    uint16_t offset;
    bool wide; /* int64_t, not uint32_t */
    int64_t least;
    int64_t most;
};
#define SMALL(member, least, most)                                      \
    {                                                                   \
#member, offsetof(struct sq_config, member), false, least, most \
    }
#define LARGE(member, least, most)                                     \
    {                                                                  \
#member, offsetof(struct sq_config, member), true, least, most \
    }
static const struct config_limit config_limits[] = {
    SMALL(instruments, 1, 1 << 20),
    SMALL(clients, 1, 1 << 20),
    SMALL(people, 1, 1 << 16),
    SMALL(hours, 1, 1 << 12),
    SMALL(positions, 1, 1 << 22),
    SMALL(orders, 1, 1 << 22),
    SMALL(closes, 1, 1 << 22),
    SMALL(fills, 1, 1 << 23),
    SMALL(intents, 1, 1 << 23),
    SMALL(rules_version, SQ_RULES_VERSION, SQ_RULES_VERSION),
    SMALL(orders_per_second, 1, 100000),
    SMALL(orders_burst, 1, 100000),
    LARGE(protect_bps, 0, 5000),
    LARGE(wide_bps, 0, 100000),
    LARGE(quote_age_limit_ms, 1, 3600000),
    LARGE(trade_recent_ms, 1, 3600000),
    LARGE(intent_life_ms, 1, 3600000),
    LARGE(send_life_ms, 1, 60000),
    LARGE(unknown_after_ms, 1, 600000),
    LARGE(ask_every_ms, 1, 600000),
    LARGE(reprice_after_ms, 0, 3600000),
    LARGE(hold_after_ms, 1, 3600000),
    LARGE(approval_life_ms, 1, 3600000),
    SMALL(reprices, 0, 1000),
    LARGE(largest_cash_qty, 1, SQ_INTEGER_MAX),
};

static int64_t config_value(const struct sq_config *config, const struct config_limit *limit)
{
    const char *at = (const char *)config + limit->offset;
    if (limit->wide)
        return *(const int64_t *)(const void *)at;
    return *(const uint32_t *)(const void *)at;
}

int sq_config_check(const struct sq_config *config, char *why, size_t why_room)
{
    for (size_t i = 0; i < sizeof config_limits / sizeof *config_limits; i++) {
        int64_t value = config_value(config, &config_limits[i]);
        if (value >= config_limits[i].least && value <= config_limits[i].most)
            continue;
        sq_text_cut(why, why_room, config_limits[i].name);
        return -1;
    }
    return 0;
}

/* ---- memory --------------------------------------------------------------------------------- */

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static const size_t *touch_rooms(const struct sq_config *c, size_t rooms[TOUCH_KINDS])
{
    rooms[TOUCH_POSITION] = c->positions;
    rooms[TOUCH_ORDER] = c->orders;
    rooms[TOUCH_CLOSE] = c->closes;
    rooms[TOUCH_CLIENT] = c->clients;
    rooms[TOUCH_PERSON] = c->people;
    return rooms;
}

static size_t heap_size(size_t rows)
{
    return 2 * aligned(rows * sizeof(uint32_t)) + aligned(rows * sizeof(sq_time));
}

size_t sq_engine_size(const struct sq_config *config)
{
    size_t rooms[TOUCH_KINDS];
    size_t size = aligned(sizeof(struct sq_engine)) + aligned(sq_tables_size(config));
    touch_rooms(config, rooms);
    for (int i = 0; i < TOUCH_KINDS; i++)
        size += aligned(rooms[i] * sizeof(uint32_t)) + aligned(rooms[i] * sizeof(uint64_t));
    return size + heap_size(config->closes) + heap_size(config->orders);
}

static void *take(char **memory, size_t size)
{
    void *taken = *memory;
    *memory += aligned(size);
    return taken;
}

static void heap_take(struct sq_heap *heap, char **memory, size_t rows)
{
    heap->rows = take(memory, rows * sizeof(uint32_t));
    heap->place = take(memory, rows * sizeof(uint32_t));
    heap->due = take(memory, rows * sizeof(sq_time));
}

struct sq_engine *sq_engine_init(void *memory, const struct sq_config *config)
{
    char *at = memory;
    struct sq_engine *e = take(&at, sizeof *e);
    size_t rooms[TOUCH_KINDS];
    sq_tables_init(&e->t, take(&at, sq_tables_size(config)), config);
    touch_rooms(config, rooms);
    for (int i = 0; i < TOUCH_KINDS; i++) {
        e->touch[i].rows = take(&at, rooms[i] * sizeof(uint32_t));
        e->touch[i].stamp = take(&at, rooms[i] * sizeof(uint64_t));
    }
    heap_take(&e->close_due, &at, config->closes);
    heap_take(&e->order_ask, &at, config->orders);
    e->t.book.next_order = e->t.book.next_close = e->t.book.next_fill = 1;
    return e;
}

size_t sq_output_room(const struct sq_config *config)
{
    /* A step can touch every row that has a plan or an order, tell an alarm about each, and ask
     * one question and one cancel for each order; or it takes back the fills of one order. */
    size_t touched = (size_t)config->positions + 2 * ((size_t)config->orders + config->closes) +
                     config->clients + config->people + 64;
    return touched > config->fills ? touched : touched + config->fills;
}

/* ---- telling -------------------------------------------------------------------------------- */

static struct sq_message *append(struct sq_engine *e, struct sq_message *list, size_t *count,
                                 size_t room, enum sq_kind kind)
{
    SQ_ASSERT(*count < room);
    struct sq_message *message = &list[(*count)++];
    memset(message, 0, offsetof(struct sq_message, as) + sq_kind_info(kind)->size);
    message->seq = e->seq;
    message->time = e->now;
    message->kind = (uint16_t)kind;
    return message;
}

union sq_body *tell(struct sq_engine *e, enum sq_kind kind)
{
    struct sq_output *o = e->out;
    return &append(e, o->events, &o->event_count, o->event_room, kind)->as;
}

struct sq_request_order *request(struct sq_engine *e, enum sq_kind kind)
{
    struct sq_output *o = e->out;
    struct sq_request_order *r =
        &append(e, o->requests, &o->request_count, o->request_room, kind)->as.request;
    r->epoch = e->t.book.epoch;
    r->conn = e->t.book.conn;
    r->send_before = SQ_NEVER;
    return r;
}

static void touch(struct sq_engine *e, int kind, uint32_t row)
{
    struct touch_list *list = &e->touch[kind];
    if (list->stamp[row] == e->seq)
        return;
    list->stamp[row] = e->seq;
    list->rows[list->count++] = row;
}

void touch_position(struct sq_engine *e, uint32_t row)
{
    touch(e, TOUCH_POSITION, row);
}

void touch_order(struct sq_engine *e, uint32_t row)
{
    e->t.order[row].changed = e->now;
    touch(e, TOUCH_ORDER, row);
}

void touch_close(struct sq_engine *e, uint32_t row)
{
    e->t.close[row].changed = e->now;
    touch(e, TOUCH_CLOSE, row);
}

void touch_client(struct sq_engine *e, uint32_t row)
{
    touch(e, TOUCH_CLIENT, row);
}

void touch_person(struct sq_engine *e, uint32_t row)
{
    touch(e, TOUCH_PERSON, row);
}

void touch_book(struct sq_engine *e)
{
    e->book_touched = true;
}

void alarm_order(struct sq_engine *e, enum sq_alarm alarm, uint32_t order, const char *text)
{
    struct sq_alarm_event *a = &tell(e, SQ_ALARM)->alarm;
    const struct sq_order *o = &e->t.order[order];
    a->alarm = (uint8_t)alarm;
    a->key = o->key;
    a->order_no = o->no;
    a->close_no = o->close_no;
    sq_text_cut(a->text, sizeof a->text, text);
}

void alarm_close(struct sq_engine *e, enum sq_alarm alarm, uint32_t close)
{
    struct sq_alarm_event *a = &tell(e, SQ_ALARM)->alarm;
    a->alarm = (uint8_t)alarm;
    a->key = e->t.close[close].key;
    a->close_no = e->t.close[close].no;
}

void alarm_book(struct sq_engine *e, enum sq_alarm alarm, const char *text)
{
    struct sq_alarm_event *a = &tell(e, SQ_ALARM)->alarm;
    a->alarm = (uint8_t)alarm;
    sq_text_cut(a->text, sizeof a->text, text);
}

static char *put_base32(char *at, uint64_t value, int digits)
{
    static const char digit[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* no I L O U: read by phone */
    for (int i = digits - 1; i >= 0; i--, value >>= 5)
        at[i] = digit[value & 31];
    return at + digits;
}

static char *put_decimal(char *at, uint32_t value, int digits)
{
    for (int i = digits - 1; i >= 0; i--, value /= 10)
        at[i] = (char)('0' + value % 10);
    return at + digits;
}

/*
 * yymmdd + book (3) + epoch (3) + seq (6) + ordinal (3): 21 characters, unique in the day as
 * ClOrdID(11) of FIX 4.4 asks, the same after replay, and never used again by a later epoch.
 */
void next_clord(struct sq_engine *e, char clord[SQ_CLORD_SIZE])
{
    memset(clord, 0, SQ_CLORD_SIZE);
    char *at = put_decimal(clord, e->t.book.day % 1000000, 6);
    for (int i = 0; i < 3; i++)
        *at++ = e->t.book.book[i] ? e->t.book.book[i] : '0';
    at = put_base32(at, e->t.book.epoch, 3);
    at = put_base32(at, e->seq, 6);
    SQ_ASSERT(e->ordinal < 32768);
    put_base32(at, e->ordinal++, 3);
}

void set_close_due(struct sq_engine *e, uint32_t close, sq_time due)
{
    e->t.close[close].due = due;
    sq_heap_set(&e->close_due, close, due);
}

void set_order_ask(struct sq_engine *e, uint32_t order, sq_time ask_at)
{
    e->t.order[order].ask_at = ask_at;
    sq_heap_set(&e->order_ask, order, ask_at);
}

/* ---- the step ------------------------------------------------------------------------------- */

#define FLUSH(e, list, kind, member)                      \
    for (uint32_t i = 0; i < (e)->touch[list].count; i++) \
    tell(e, kind)->member = (e)->t.member[(e)->touch[list].rows[i]]

static void tell_touched(struct sq_engine *e)
{
    FLUSH(e, TOUCH_CLIENT, SQ_CLIENT, client);
    FLUSH(e, TOUCH_PERSON, SQ_PERSON, person);
    FLUSH(e, TOUCH_POSITION, SQ_POSITION, position);
    FLUSH(e, TOUCH_CLOSE, SQ_CLOSE, close);
    FLUSH(e, TOUCH_ORDER, SQ_ORDER, order);
    for (int i = 0; i < TOUCH_KINDS; i++)
        e->touch[i].count = 0;
    if (e->book_touched)
        tell(e, SQ_BOOK)->book = e->t.book;
    e->book_touched = false;
}

static sq_time earlier(sq_time a, sq_time b)
{
    return a < b ? a : b;
}

bool sq_can_step(const struct sq_engine *e, const struct sq_message *input)
{
    return input->seq == e->seq + 1 && input->time >= e->now && input->kind < SQ_KIND_COUNT &&
           inputs[input->kind] != NULL;
}

void sq_step(struct sq_engine *e, const struct sq_message *input, struct sq_output *output)
{
    SQ_ASSERT(sq_can_step(e, input));
    e->seq = input->seq;
    e->now = input->time;
    e->t.book.time = input->time;
    e->out = output;
    e->ordinal = 0;
    inputs[input->kind](e, input);
    order_run(e);
    close_run(e);
    tell_touched(e);
    e->out = NULL;
    output->wake_at = earlier(sq_heap_first_due(&e->close_due), sq_heap_first_due(&e->order_ask));
}

const struct sq_tables *sq_engine_tables(const struct sq_engine *e)
{
    return &e->t;
}

uint64_t sq_engine_seq(const struct sq_engine *e)
{
    return e->seq;
}

/* ---- snapshot and digest --------------------------------------------------------------------- */

void sq_engine_save(const struct sq_engine *e, sq_row_fn *row, void *owner)
{
    row(owner, SQ_CONFIG, &e->t.config);
#define X(member, type, kind)                          \
    for (uint32_t i = 0; i < e->t.member##_count; i++) \
        row(owner, SQ_##kind, &e->t.member[i]);
    SQ_TABLES_MAP(X)
#undef X
    row(owner, SQ_BOOK, &e->t.book);
}

int sq_engine_load(struct sq_engine *e, enum sq_kind kind, const void *body)
{
    if (kind == SQ_CONFIG) {
        e->t.config = *(const struct sq_config *)body;
        return 0;
    }
    return sq_tables_apply(&e->t, kind, body);
}

int sq_engine_loaded(struct sq_engine *e, uint64_t seq)
{
    e->seq = seq;
    e->now = e->t.book.time;
    for (uint32_t i = 0; i < e->t.close_count; i++)
        sq_heap_set(&e->close_due, i, e->t.close[i].due);
    for (uint32_t i = 0; i < e->t.order_count; i++)
        sq_heap_set(&e->order_ask, i, e->t.order[i].ask_at);
    return 0;
}

uint64_t digest_body(uint64_t h, enum sq_kind kind, const void *body)
{
    uint8_t bytes[SQ_ENCODED_MAX];
    size_t length = sq_encode(kind, body, bytes, sizeof bytes);
    h ^= (uint64_t)kind;
    for (size_t i = 0; i < length; i++) /* FNV-1a, 64 bits */
        h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    return h;
}

static void digest_row(void *owner, enum sq_kind kind, const void *body)
{
    uint64_t *digest = owner;
    *digest = digest_body(*digest, kind, body);
}

uint64_t sq_engine_digest(const struct sq_engine *e)
{
    uint64_t digest = DIGEST_START;
    sq_engine_save(e, digest_row, &digest);
    return digest;
}
