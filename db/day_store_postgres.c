/*
 * day_store_postgres.c: tables day_load and instrument_ref in PostgreSQL.
 *
 * Contracts go as arrays, a column each: a day has a hundred thousand of them.
 */
#include "db/day_store_postgres.h"

#include <string.h>

#include "db/store_postgres_parts.h"

enum day_status day_store_postgres_status(struct sq_store *store, const struct day *day)
{
    struct store_postgres *s = store_postgres_of(store);
    struct pg_params p = {0};
    pg_add_i64(&p, day->day);
    pg_add_text(&p, s->book);
    PGresult *row =
        pg_query(&s->main, "SELECT digest FROM day_load WHERE day = $1::bigint AND book = $2", &p);
    if (row == NULL)
        return DAY_UNREADABLE;
    enum day_status status = DAY_NEW;
    if (PQntuples(row) == 1)
        status = PQgetlength(row, 0, 0) == HASH_SIZE &&
                         memcmp(PQgetvalue(row, 0, 0), day->digest, HASH_SIZE) == 0
                     ? DAY_SAME
                     : DAY_OTHER;
    PQclear(row);
    return status;
}

/* Of the volume that is written now: days before lie in others. */
uint32_t day_store_postgres_newest(struct sq_store *store, char book[4])
{
    struct store_postgres *s = store_postgres_of(store);
    struct pg_params p = {0};
    store_postgres_place(s, &p);
    PGresult *row = pg_query(&s->main,
                             "SELECT coalesce(max(day), 0) FROM day_load WHERE book = $1"
                             " AND volume = $2::bigint",
                             &p);
    uint32_t day = row ? (uint32_t)pg_i64(row, 0, 0) : 0;
    memset(book, 0, 4);
    if (day)
        memcpy(book, s->book, 4);
    PQclear(row);
    return day;
}

static void send_day(struct store_postgres *s, struct pg *pg, const struct day_attachment *a)
{
    const struct day_counts *c = &a->day->counts;
    struct pg_params p = {0};
    pg_add_i64(&p, a->day->day);
    store_postgres_place(s, &p);
    pg_add_bytes(&p, a->day->digest, HASH_SIZE);
    pg_add_i64(&p, a->now);
    pg_add_i64(&p, c->contracts);
    pg_add_i64(&p, c->positions);
    pg_add_i64(&p, c->orders);
    pg_add_i64(&p, c->trades);
    pg_send(pg, TAG_OTHER,
            "INSERT INTO day_load VALUES ($1::bigint, $2, $3::bigint, $4::bytea, $5::bigint,"
            " $6::bigint, $7::bigint, $8::bigint, $9::bigint)",
            &p);
}

/* In the order of the table, book left out. */
enum { EXCHANGE, TOKEN, SYMBOL, SERIES, CONTRACT, NUMBERS, COLUMNS = NUMBERS + 10 };

static void begin_columns(struct pg_array columns[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        bool is_text = i == EXCHANGE || i == SYMBOL || i == SERIES || i == CONTRACT;
        pg_array_begin(&columns[i], is_text ? PG_TEXT : PG_INT8);
    }
}

static void add_text(struct pg_array *column, const char *text, size_t size)
{
    pg_array_bytes(column, text, strnlen(text, size));
}

/* Names rather than numbers: people read this table. */
static void add_contract(struct pg_array columns[COLUMNS], const struct sq_instrument *i)
{
    const int64_t numbers[COLUMNS - NUMBERS] = {
        i->expiry,     i->strike, i->price_decimals, i->lot,       i->tick,
        i->multiplier, i->freeze, i->band_low,       i->band_high, i->prev_settle};
    add_text(&columns[EXCHANGE], sq_name(SQ_LIST_EXCHANGE, i->exchange), SQ_NAME_SIZE);
    pg_array_i64(&columns[TOKEN], i->token);
    add_text(&columns[SYMBOL], i->symbol, sizeof i->symbol);
    add_text(&columns[SERIES], i->series, sizeof i->series);
    add_text(&columns[CONTRACT], sq_name(SQ_LIST_CONTRACT, i->contract), SQ_NAME_SIZE);
    for (int k = 0; k < COLUMNS - NUMBERS; k++)
        pg_array_i64(&columns[NUMBERS + k], numbers[k]);
}

static void send_columns(struct store_postgres *s, struct pg *pg, struct pg_array columns[COLUMNS])
{
    struct pg_params p = {0};
    pg_add_text(&p, s->book);
    for (int i = 0; i < COLUMNS; i++)
        pg_add_array(&p, &columns[i]);
    pg_send(pg, TAG_OTHER,
            "INSERT INTO instrument_ref SELECT $1, c.* FROM unnest($2::text[], $3::bigint[],"
            " $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],"
            " $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],"
            " $15::bigint[], $16::bigint[]) AS c",
            &p);
}

static void send_contracts(struct store_postgres *s, struct pg *pg, const struct day *day)
{
    struct pg_array columns[COLUMNS] = {0};
    begin_columns(columns);
    for (uint32_t i = 0; i < day->counts.contracts; i++) {
        add_contract(columns, &day->contracts[i]);
        if (columns[TOKEN].count == STORE_POSTGRES_CHUNK || i + 1 == day->counts.contracts) {
            send_columns(s, pg, columns);
            begin_columns(columns);
        }
    }
    for (int i = 0; i < COLUMNS; i++)
        pg_array_finish(&columns[i]);
}

/* Contracts of the day before are replaced: a token may be another contract today. */
static void write_day(void *owner, struct sq_store *store, struct pg *pg)
{
    const struct day_attachment *a = owner;
    struct store_postgres *s = store_postgres_of(store);
    struct pg_params p = {0};
    send_day(s, pg, a);
    pg_add_text(&p, s->book);
    pg_send(pg, TAG_OTHER, "DELETE FROM instrument_ref WHERE book = $1", &p);
    send_contracts(s, pg, a->day);
}

void day_store_postgres_attach(struct sq_store *store, struct day_attachment *attachment)
{
    store_postgres_with_commit(store, write_day, attachment);
}
