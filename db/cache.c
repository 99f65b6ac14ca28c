/*
 * cache.c: one table of bodies by what they are and which row.
 *
 * `what` is the kind of a row (enum sq_kind), so that reading in its order is reading a snapshot;
 * above the kinds come the other things. A body is what sq_encode() wrote, or eight bytes a number.
 */
#include "db/cache.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/num.h"
#include "db/sql.h"
#include "db/state_dir.h"

enum {
    WHAT_RATE = 1000,
    WHAT_FEED = 1001,
    WHAT_NOTE = 1002,
    WHAT_HEAD = 1003, /* row 0: where it stands; row 1: the config; row 2: which book it is */
    HEAD_MAIN = 0,
    HEAD_CONFIG = 1,
    HEAD_BOOK = 2,
    RATE_NUMBERS = 10,
    BODY_MAX = SQ_ENCODED_MAX + 64,
    SEAL_EXTRA =
        crypto_aead_xchacha20poly1305_ietf_NPUBBYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    VERSION = 1,
    BUSY_MS = 2000
};
_Static_assert((int)SQ_KIND_COUNT < (int)WHAT_RATE, "kinds come before all else");
_Static_assert((int)CACHE_KEY_SIZE == (int)crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key");

struct cache {
    struct state_dir dir;
    sqlite3 *db;
    sqlite3_stmt *put, *forget;
    bool sealed;
    uint8_t key[CACHE_KEY_SIZE];
    uint64_t book; /* drawn for each book that is written anew: bodies of two do not mix */
};

/* One item of a batch, before its bytes. */
struct item {
    uint32_t what, row, length;
};

/* ---- sealing ---------------------------------------------------------------------------------- */

struct place {
    char table[8];
    uint32_t what, row;
    uint64_t book;
};

/* Notes outlive the book they were entered in. */
static struct place place_of(const struct cache *c, uint32_t what, uint32_t row)
{
    struct place place = {.table = "item", .what = what, .row = row};

    place.book = what == WHAT_NOTE || (what == WHAT_HEAD && row == HEAD_BOOK) ? 0 : c->book;
    return place;
}

/* Into BODY_MAX + SEAL_EXTRA bytes. Returns the length. */
static size_t seal(const struct cache *c, uint32_t what, uint32_t row, const uint8_t *bytes,
                   size_t length, uint8_t *sealed)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    struct place place = place_of(c, what, row);
    unsigned long long written = 0;

    if (!c->sealed) {
        memcpy(sealed, bytes, length);
        return length;
    }
    randombytes_buf(sealed, NONCE);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, &written, bytes, length,
                                               (const uint8_t *)&place, sizeof place, NULL, sealed,
                                               c->key);
    return NONCE + (size_t)written;
}

/* Into BODY_MAX bytes. False: not sealed with this key for this place. */
static bool unseal(const struct cache *c, uint32_t what, uint32_t row, const uint8_t *sealed,
                   size_t length, uint8_t *bytes, size_t *written)
{
    enum { NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES };
    struct place place = place_of(c, what, row);
    unsigned long long got = 0;

    if (length > BODY_MAX + (c->sealed ? SEAL_EXTRA : 0) || (c->sealed && length < SEAL_EXTRA))
        return false;
    if (!c->sealed) {
        if (length > 0)
            memcpy(bytes, sealed, length);
        *written = length;
        return true;
    }
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes, &got, NULL, sealed + NONCE,
                                                   length - NONCE, (const uint8_t *)&place,
                                                   sizeof place, sealed, c->key) != 0)
        return false;
    *written = (size_t)got;
    return true;
}

/* ---- bodies of our own ------------------------------------------------------------------------ */

static void numbers_of(const struct sq_rate *rate, int64_t n[RATE_NUMBERS])
{
    int64_t all[RATE_NUMBERS] = {rate->last,         rate->bid[0].price,    rate->bid[0].quantity,
                                 rate->ask[0].price, rate->ask[0].quantity, rate->close,
                                 rate->band_low,     rate->band_high,       rate->time,
                                 rate->trade_time};

    memcpy(n, all, sizeof all);
}

static struct sq_rate rate_of(const int64_t n[RATE_NUMBERS])
{
    return (struct sq_rate){.last = n[0],
                            .bid[0] = {n[1], n[2]},
                            .ask[0] = {n[3], n[4]},
                            .close = n[5],
                            .band_low = n[6],
                            .band_high = n[7],
                            .time = n[8],
                            .trade_time = n[9]};
}

/* A head's fixed part; the config is an item of its own, since it is encoded as a row. */
struct head_body {
    char book[4];
    char source[24];
    char person[SQ_PERSON_SIZE];
    uint64_t seq;
    uint32_t epoch;
    sq_time heard;
};

struct note_body {
    int64_t on_sheet, time, net;
};

/* ---- batches ---------------------------------------------------------------------------------- */

void cache_batch_begin(struct cache_batch *batch)
{
    batch->has_head = batch->anew = batch->notes = batch->failed = false;
    batch->length = 0;
}

void cache_batch_free(struct cache_batch *batch)
{
    free(batch->bytes);
    memset(batch, 0, sizeof *batch);
}

static bool make_room(struct cache_batch *batch, size_t more)
{
    size_t room = batch->room ? batch->room : 65536;
    uint8_t *grown;

    while (room < batch->length + more)
        room *= 2;
    if (room == batch->room)
        return true;
    grown = realloc(batch->bytes, room);
    if (!grown) {
        batch->failed = true;
        return false;
    }
    batch->bytes = grown;
    batch->room = room;
    return true;
}

static void put(struct cache_batch *batch, uint32_t what, uint32_t row, const void *bytes,
                size_t length)
{
    struct item item = {what, row, (uint32_t)length};

    if (!make_room(batch, sizeof item + length))
        return;
    memcpy(batch->bytes + batch->length, &item, sizeof item);
    memcpy(batch->bytes + batch->length + sizeof item, bytes, length);
    batch->length += sizeof item + length;
}

void cache_put_row(struct cache_batch *batch, enum sq_kind kind, uint32_t row, const void *body)
{
    uint8_t bytes[SQ_ENCODED_MAX];

    put(batch, kind, row, bytes, sq_encode(kind, body, bytes, sizeof bytes));
}

void cache_put_rate(struct cache_batch *batch, uint32_t instrument, const struct sq_rate *rate)
{
    int64_t numbers[RATE_NUMBERS];

    numbers_of(rate, numbers);
    put(batch, WHAT_RATE, instrument, numbers, sizeof numbers);
}

void cache_put_feed(struct cache_batch *batch, enum sq_exchange exchange, sq_time heard)
{
    put(batch, WHAT_FEED, exchange, &heard, sizeof heard);
}

void cache_put_note(struct cache_batch *batch, uint32_t index, const struct cache_note *note)
{
    struct note_body head = {note->on_sheet, note->time, note->net};
    uint8_t bytes[BODY_MAX];

    memcpy(bytes, &head, sizeof head);
    put(batch, WHAT_NOTE, index, bytes,
        sizeof head + sq_encode(SQ_MANUAL_FILL, &note->fill, bytes + sizeof head, SQ_ENCODED_MAX));
}

/* ---- writing ---------------------------------------------------------------------------------- */

static bool store(struct cache *c, uint32_t what, uint32_t row, const void *bytes, size_t length)
{
    uint8_t sealed[BODY_MAX + SEAL_EXTRA];
    size_t size = seal(c, what, row, bytes, length, sealed);

    sqlite3_bind_int64(c->put, 1, what);
    sqlite3_bind_int64(c->put, 2, row);
    sqlite3_bind_blob(c->put, 3, sealed, (int)size, SQLITE_TRANSIENT);
    return sql_run(c->put) == SQLITE_OK;
}

static bool forget(struct cache *c, uint32_t least, uint32_t most)
{
    sqlite3_bind_int64(c->forget, 1, least);
    sqlite3_bind_int64(c->forget, 2, most);
    return sql_run(c->forget) == SQLITE_OK;
}

static bool store_head(struct cache *c, const struct cache_head *head)
{
    struct head_body body = {.seq = head->seq, .epoch = head->epoch, .heard = head->heard};
    uint8_t bytes[SQ_ENCODED_MAX];

    memcpy(body.book, head->book, sizeof body.book);
    memcpy(body.source, head->source, sizeof body.source);
    memcpy(body.person, head->person, sizeof body.person);
    return store(c, WHAT_HEAD, HEAD_MAIN, &body, sizeof body) &&
           store(c, WHAT_HEAD, HEAD_CONFIG, bytes,
                 sq_encode(SQ_CONFIG, &head->config, bytes, sizeof bytes));
}

static bool begin_book(struct cache *c)
{
    randombytes_buf(&c->book, sizeof c->book);
    return forget(c, 0, WHAT_FEED) && forget(c, WHAT_HEAD, WHAT_HEAD) &&
           store(c, WHAT_HEAD, HEAD_BOOK, &c->book, sizeof c->book);
}

static bool store_items(struct cache *c, const struct cache_batch *batch)
{
    struct item item;
    bool stored = true;

    for (size_t at = 0; stored && at < batch->length; at += sizeof item + item.length) {
        memcpy(&item, batch->bytes + at, sizeof item);
        stored = store(c, item.what, item.row, batch->bytes + at + sizeof item, item.length);
    }
    return stored;
}

static bool run(struct cache *c, const char *sql)
{
    return sqlite3_exec(c->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

enum sq_err cache_write(struct cache *c, const struct cache_batch *batch, char *why,
                        size_t why_room)
{
    uint64_t book = c->book;
    enum sq_err error;

    if (batch->failed) {
        snprintf(why, why_room, "no memory");
        return SQ_ERR_IO;
    }
    if (run(c, "BEGIN IMMEDIATE") && (!batch->anew || begin_book(c)) &&
        (!batch->notes || forget(c, WHAT_NOTE, WHAT_NOTE)) && store_items(c, batch) &&
        (!batch->has_head || store_head(c, &batch->head)) && run(c, "COMMIT"))
        return SQ_ERR_OK;
    error = sql_error(c->db);
    snprintf(why, why_room, "%s", sqlite3_errmsg(c->db));
    run(c, "ROLLBACK");
    c->book = book;
    return error;
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* One body into BODY_MAX bytes. NOT_FOUND: there is none. */
static enum sq_err read_one(struct cache *c, uint32_t what, uint32_t row, uint8_t *bytes,
                            size_t *length)
{
    sqlite3_stmt *look = NULL;
    enum sq_err error = SQ_ERR_DAMAGED;
    int rc = sqlite3_prepare_v2(c->db, "SELECT body FROM item WHERE what = ?1 AND row = ?2", -1,
                                &look, NULL);

    sqlite3_bind_int64(look, 1, what);
    sqlite3_bind_int64(look, 2, row);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(look);
    if (rc == SQLITE_DONE)
        error = SQ_ERR_NOT_FOUND;
    else if (rc == SQLITE_ROW && unseal(c, what, row, sqlite3_column_blob(look, 0),
                                        (size_t)sqlite3_column_bytes(look, 0), bytes, length))
        error = SQ_ERR_OK;
    sqlite3_finalize(look);
    return error;
}

static bool is_text(const char *text, size_t size)
{
    return memchr(text, '\0', size) != NULL;
}

enum sq_err cache_read_head(struct cache *c, struct cache_head *head)
{
    struct head_body body;
    uint8_t bytes[BODY_MAX];
    size_t length = 0;
    enum sq_err error = read_one(c, WHAT_HEAD, HEAD_MAIN, bytes, &length);

    if (error != SQ_ERR_OK)
        return error;
    if (length != sizeof body)
        return SQ_ERR_DAMAGED;
    memcpy(&body, bytes, sizeof body);
    if (!is_text(body.book, sizeof body.book) || !is_text(body.source, sizeof body.source) ||
        !is_text(body.person, sizeof body.person))
        return SQ_ERR_DAMAGED;
    *head = (struct cache_head){.seq = body.seq, .epoch = body.epoch, .heard = body.heard};
    memcpy(head->book, body.book, sizeof body.book);
    memcpy(head->source, body.source, sizeof body.source);
    memcpy(head->person, body.person, sizeof body.person);
    if (read_one(c, WHAT_HEAD, HEAD_CONFIG, bytes, &length) != SQ_ERR_OK ||
        sq_decode(SQ_CONFIG, bytes, length, &head->config) != 0)
        return SQ_ERR_DAMAGED;
    return SQ_ERR_OK;
}

static bool give_row(const struct cache_reader *reader, uint32_t kind, const uint8_t *bytes,
                     size_t length)
{
    struct sq_message row = {.kind = (uint16_t)kind};

    return kind > SQ_KIND_NONE && kind < SQ_KIND_COUNT &&
           sq_kind_info((enum sq_kind)kind)->family == SQ_FAMILY_RECORD &&
           sq_decode((enum sq_kind)kind, bytes, length, &row.as) == 0 &&
           reader->row(reader->owner, &row);
}

static bool give_note(const struct cache_reader *reader, const uint8_t *bytes, size_t length)
{
    struct cache_note note;
    struct note_body head;

    if (length < sizeof head ||
        sq_decode(SQ_MANUAL_FILL, bytes + sizeof head, length - sizeof head, &note.fill) != 0)
        return false;
    memcpy(&head, bytes, sizeof head);
    note.on_sheet = head.on_sheet != 0;
    note.time = head.time;
    note.net = head.net;
    reader->note(reader->owner, &note);
    return true;
}

static bool give_rate(const struct cache_reader *reader, uint32_t row, const uint8_t *bytes,
                      size_t length)
{
    int64_t numbers[RATE_NUMBERS];
    struct sq_rate rate;

    if (length != sizeof numbers)
        return false;
    memcpy(numbers, bytes, sizeof numbers);
    rate = rate_of(numbers);
    reader->rate(reader->owner, row, &rate);
    return true;
}

static bool give_feed(const struct cache_reader *reader, uint32_t row, const uint8_t *bytes,
                      size_t length)
{
    sq_time heard;

    if (length != sizeof heard || row >= SQ_EXCHANGE_COUNT)
        return false;
    memcpy(&heard, bytes, sizeof heard);
    reader->feed(reader->owner, (enum sq_exchange)row, heard);
    return true;
}

static bool give(const struct cache_reader *reader, uint32_t what, uint32_t row,
                 const uint8_t *bytes, size_t length)
{
    switch (what) {
    case WHAT_RATE: return give_rate(reader, row, bytes, length);
    case WHAT_FEED: return give_feed(reader, row, bytes, length);
    case WHAT_NOTE: return row < CACHE_NOTES && give_note(reader, bytes, length);
    case WHAT_HEAD: return true;
    default: return give_row(reader, what, bytes, length);
    }
}

enum sq_err cache_read(struct cache *c, const struct cache_reader *reader)
{
    sqlite3_stmt *all = NULL;
    uint8_t bytes[BODY_MAX];
    size_t length = 0;
    bool good = true;
    int rc = sqlite3_prepare_v2(c->db, "SELECT what, row, body FROM item ORDER BY what, row", -1,
                                &all, NULL);

    while (rc == SQLITE_OK && good && sqlite3_step(all) == SQLITE_ROW) {
        uint32_t what = (uint32_t)sqlite3_column_int64(all, 0);
        uint32_t row = (uint32_t)sqlite3_column_int64(all, 1);

        good = unseal(c, what, row, sqlite3_column_blob(all, 2),
                      (size_t)sqlite3_column_bytes(all, 2), bytes, &length) &&
               give(reader, what, row, bytes, length);
    }
    return sqlite3_finalize(all) == SQLITE_OK && rc == SQLITE_OK && good ? SQ_ERR_OK
                                                                         : SQ_ERR_DAMAGED;
}

/* ---- life ------------------------------------------------------------------------------------- */

static void close_db(struct cache *c)
{
    sqlite3_finalize(c->put);
    sqlite3_finalize(c->forget);
    sqlite3_close(c->db);
    c->put = c->forget = NULL;
    c->db = NULL;
}

/* sqlite3_exec: a line of quick_check. */
static int check_line(void *owner, int count, char **values, char **names)
{
    (void)names;
    *(bool *)owner = count == 1 && values[0] && strcmp(values[0], "ok") == 0;
    return 0;
}

/* What is there was written by this version, with this key. */
static bool is_ours(struct cache *c)
{
    uint8_t bytes[BODY_MAX];
    size_t length = 0;
    int64_t version = 0, items = 0;
    bool whole = false;
    enum sq_err error;

    if (sql_number(c->db, "PRAGMA user_version", &version) != SQLITE_OK || version != VERSION ||
        sqlite3_exec(c->db, "PRAGMA quick_check(1)", check_line, &whole, NULL) != SQLITE_OK ||
        !whole || sql_number(c->db, "SELECT count(*) FROM item", &items) != SQLITE_OK)
        return false;
    error = read_one(c, WHAT_HEAD, HEAD_BOOK, bytes, &length);
    if (error == SQ_ERR_NOT_FOUND) /* just made */
        return items == 0 && begin_book(c);
    if (error != SQ_ERR_OK || length != sizeof c->book)
        return false;
    memcpy(&c->book, bytes, sizeof c->book);
    return true;
}

static bool make_tables(struct cache *c)
{
    char sql[300];

    snprintf(sql, sizeof sql,
             "CREATE TABLE IF NOT EXISTS item (what INTEGER NOT NULL, row INTEGER NOT NULL,"
             " body BLOB NOT NULL, PRIMARY KEY (what, row)) WITHOUT ROWID;"
             "PRAGMA user_version = %d",
             VERSION);
    return run(c, sql);
}

static bool prepare(struct cache *c)
{
    return sqlite3_prepare_v2(c->db, "INSERT OR REPLACE INTO item VALUES (?1, ?2, ?3)", -1, &c->put,
                              NULL) == SQLITE_OK &&
           sqlite3_prepare_v2(c->db, "DELETE FROM item WHERE what BETWEEN ?1 AND ?2", -1,
                              &c->forget, NULL) == SQLITE_OK;
}

static bool open_db(struct cache *c)
{
    char path[STATE_PATH_MAX + 32];
    int64_t tables = 0;

    if (sqlite3_open_v2(state_dir_file(&c->dir, "cache.db", path), &c->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        return false;
    sqlite3_busy_timeout(c->db, BUSY_MS);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(c->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return run(c, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                  "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON;"
                  "PRAGMA temp_store = MEMORY") &&
           sql_number(c->db, "SELECT count(*) FROM sqlite_schema", &tables) == SQLITE_OK &&
           (tables > 0 || make_tables(c)) && prepare(c) && is_ours(c);
}

/* The notes in it are nowhere else: a person may want them read by somebody who can. */
static void set_aside(struct cache *c)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char from[STATE_PATH_MAX + 32], to[STATE_PATH_MAX + 32], name[32];

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "cache.db%s", ends[i]);
        state_dir_file(&c->dir, name, from);
        snprintf(name, sizeof name, "cache.damaged%s", ends[i]);
        rename(from, state_dir_file(&c->dir, name, to));
    }
}

static bool open_or_replace(struct cache *c, char *why, size_t why_room)
{
    if (state_dir_private(&c->dir, "cache.db", why, why_room) != SQ_ERR_OK)
        return false;
    if (open_db(c))
        return true;
    close_db(c);
    set_aside(c);
    if (state_dir_private(&c->dir, "cache.db", why, why_room) != SQ_ERR_OK || !open_db(c)) {
        snprintf(why, why_room, "cache: %s", c->db ? sqlite3_errmsg(c->db) : "cannot be made");
        return false;
    }
    snprintf(why, why_room,
             "the cache could not be read with this key: it is set aside as cache.damaged");
    return true;
}

struct cache *cache_open(const char *dir, const uint8_t *key, char *why, size_t why_room)
{
    struct cache *c = calloc(1, sizeof *c);

    why[0] = '\0';
    if (!c || sodium_init() < 0 || state_dir_init(&c->dir, dir) != 0) {
        snprintf(why, why_room, "cache: no memory, or too long a path");
        free(c);
        return NULL;
    }
    c->sealed = key != NULL;
    if (key)
        memcpy(c->key, key, sizeof c->key);
    if (open_or_replace(c, why, why_room))
        return c;
    cache_close(c);
    return NULL;
}

void cache_close(struct cache *c)
{
    if (!c)
        return;
    close_db(c);
    explicit_bzero(c, sizeof *c);
    free(c);
}
