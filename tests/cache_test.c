/* cache_test.c: the last known book of a console, in its file. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/engine.h"
#include "db/cache.h"

enum { WHY = 200 };

struct bed {
    char folder[256];
    struct cache *cache;
    struct cache_batch batch;
    char why[WHY];
    /* what was read */
    struct sq_message rows[16];
    struct sq_rate rates[4];
    struct cache_note notes[4];
    sq_time feeds[SQ_EXCHANGE_COUNT];
    unsigned row_count, rate_count, note_count;
    bool refuse; /* the reader takes no row */
};

static const uint8_t key[CACHE_KEY_SIZE] = {1, 2, 3, 4, 5};
static const uint8_t other_key[CACHE_KEY_SIZE] = {9};

static int set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);

    assert_non_null(bed);
    check_make_folder(bed->folder, sizeof bed->folder);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;

    cache_close(bed->cache);
    cache_batch_free(&bed->batch);
    check_remove_folder(bed->folder);
    free(bed);
    return 0;
}

static void open_cache(struct bed *bed, const uint8_t *with)
{
    cache_close(bed->cache);
    bed->cache = cache_open(bed->folder, with, bed->why, sizeof bed->why);
    assert_non_null(bed->cache);
}

/* ---- writing ---------------------------------------------------------------------------------- */

static struct cache_head a_head(uint64_t seq)
{
    struct cache_head head = {.seq = seq, .epoch = 3, .heard = 77 * SQ_SECOND};

    strcpy(head.book, "MU1");
    strcpy(head.source, "BACKUP-2");
    strcpy(head.person, "RK07");
    sq_config_default(&head.config);
    return head;
}

static struct sq_client a_client(const char *code)
{
    struct sq_client client = {.active = 1};

    strcpy(client.code, code);
    strcpy(client.name, "R MEHTA");
    return client;
}

static void begin(struct bed *bed, uint64_t seq)
{
    cache_batch_begin(&bed->batch);
    bed->batch.head = a_head(seq);
    bed->batch.has_head = true;
}

static void write_it(struct bed *bed)
{
    assert_int_equal(cache_write(bed->cache, &bed->batch, bed->why, sizeof bed->why), SQ_ERR_OK);
}

static void write_client(struct bed *bed, uint64_t seq, uint32_t row, const char *code, bool anew)
{
    struct sq_client client = a_client(code);

    begin(bed, seq);
    bed->batch.anew = anew;
    cache_put_row(&bed->batch, SQ_CLIENT, row, &client);
    write_it(bed);
}

static struct cache_note a_note(bool on_sheet)
{
    struct cache_note note = {.on_sheet = on_sheet, .time = 5 * SQ_SECOND, .net = -1950};

    note.fill.id = (struct sq_id){7, 8};
    strcpy(note.fill.key.client, "C10421");
    note.fill.key.exchange = SQ_EXCHANGE_NSE;
    note.fill.key.product = SQ_PRODUCT_MIS;
    note.fill.key.token = 1333;
    note.fill.side = SQ_SIDE_BUY;
    note.fill.qty = 500;
    note.fill.price = 164155;
    strcpy(note.fill.reason, "NSE desk");
    return note;
}

static void write_note(struct bed *bed)
{
    struct cache_note note = a_note(false);

    cache_batch_begin(&bed->batch);
    bed->batch.notes = true;
    cache_put_note(&bed->batch, 0, &note);
    note = a_note(true);
    cache_put_note(&bed->batch, 1, &note);
    write_it(bed);
}

/* ---- reading ---------------------------------------------------------------------------------- */

static bool take_row(void *owner, const struct sq_message *row)
{
    struct bed *bed = owner;

    bed->rows[bed->row_count++ % 16] = *row;
    return !bed->refuse;
}

static void take_rate(void *owner, uint32_t instrument, const struct sq_rate *rate)
{
    struct bed *bed = owner;

    bed->rates[instrument % 4] = *rate;
    bed->rate_count++;
}

static void take_feed(void *owner, enum sq_exchange exchange, sq_time heard)
{
    ((struct bed *)owner)->feeds[exchange] = heard;
}

static void take_note(void *owner, const struct cache_note *note)
{
    struct bed *bed = owner;

    bed->notes[bed->note_count++ % 4] = *note;
}

static enum sq_err read_all(struct bed *bed)
{
    struct cache_reader reader = {
        .row = take_row, .rate = take_rate, .feed = take_feed, .note = take_note, .owner = bed};

    bed->row_count = bed->rate_count = bed->note_count = 0;
    return cache_read(bed->cache, &reader);
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void test_new(void **state)
{
    struct bed *bed = *state;
    struct cache_head head;
    struct stat st;
    char path[300];

    open_cache(bed, NULL);
    assert_string_equal(bed->why, "");
    assert_int_equal(cache_read_head(bed->cache, &head), SQ_ERR_NOT_FOUND);
    assert_int_equal(read_all(bed), SQ_ERR_OK);
    assert_int_equal(bed->row_count, 0);
    snprintf(path, sizeof path, "%s/cache.db", bed->folder);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

/* Whatever was written is there after the process has ended, sealed or not. */
static void round_trip(struct bed *bed, const uint8_t *with)
{
    struct sq_book book = {.day = 20261126, .book = "MU1", .loaded = 1};
    struct sq_rate rate = {.last = 164155, .time = 9 * SQ_SECOND, .trade_time = 8 * SQ_SECOND};
    struct cache_head head;

    rate.bid[0] = (struct sq_level){164150, 300};
    rate.ask[0] = (struct sq_level){164160, 75};
    open_cache(bed, with);
    write_client(bed, 41, 0, "C10421", true);
    begin(bed, 42);
    cache_put_row(&bed->batch, SQ_BOOK, 0, &book);
    cache_put_rate(&bed->batch, 2, &rate);
    cache_put_feed(&bed->batch, SQ_EXCHANGE_NFO, 11 * SQ_SECOND);
    write_it(bed);
    write_note(bed);
    open_cache(bed, with);
    assert_string_equal(bed->why, "");
    assert_int_equal(cache_read_head(bed->cache, &head), SQ_ERR_OK);
    assert_int_equal(head.seq, 42);
    assert_int_equal(head.epoch, 3);
    assert_int_equal(head.heard, 77 * SQ_SECOND);
    assert_string_equal(head.book, "MU1");
    assert_string_equal(head.source, "BACKUP-2");
    assert_string_equal(head.person, "RK07");
    assert_int_equal(head.config.positions, a_head(1).config.positions);
    assert_int_equal(read_all(bed), SQ_ERR_OK);
    assert_int_equal(bed->row_count, 2);
    assert_int_equal(bed->rows[0].kind, SQ_CLIENT);
    assert_string_equal(bed->rows[0].as.client.code, "C10421");
    assert_int_equal(bed->rows[0].seq, 0);
    assert_int_equal(bed->rows[1].kind, SQ_BOOK);
    assert_memory_equal(&bed->rates[2], &rate, sizeof rate);
    assert_int_equal(bed->feeds[SQ_EXCHANGE_NFO], 11 * SQ_SECOND);
    assert_int_equal(bed->note_count, 2);
    assert_false(bed->notes[0].on_sheet);
    assert_int_equal(bed->notes[0].fill.price, 164155);
    assert_int_equal(bed->notes[0].net, -1950);
    assert_string_equal(bed->notes[0].fill.reason, "NSE desk");
    assert_true(bed->notes[1].on_sheet);
    assert_int_equal(bed->notes[1].fill.key.token, 1333);
}

static void test_plain(void **state)
{
    round_trip(*state, NULL);
}

static bool file_contains(const struct bed *bed, const char *text)
{
    static const char *const names[] = {"cache.db", "cache.db-wal"};
    bool found = false;

    for (size_t i = 0; i < 2; i++) {
        char path[300], *bytes;
        size_t length;

        snprintf(path, sizeof path, "%s/%s", bed->folder, names[i]);
        if (!check_can_read(path))
            continue;
        bytes = check_read_file(path, &length);
        found = found || memmem(bytes, length, text, strlen(text)) != NULL;
        free(bytes);
    }
    return found;
}

static void test_sealed(void **state)
{
    struct bed *bed = *state;

    round_trip(bed, key);
    assert_false(file_contains(bed, "C10421"));
    assert_false(file_contains(bed, "MEHTA"));
    assert_false(file_contains(bed, "NSE desk"));
}

/* Without a key the words of the manual are true: anybody who may read the file can read it. */
static void test_not_sealed(void **state)
{
    struct bed *bed = *state;

    round_trip(bed, NULL);
    assert_true(file_contains(bed, "MEHTA"));
}

static void expect_set_aside(struct bed *bed)
{
    struct cache_head head;
    char path[300];

    assert_non_null(strstr(bed->why, "set aside"));
    assert_int_equal(cache_read_head(bed->cache, &head), SQ_ERR_NOT_FOUND);
    snprintf(path, sizeof path, "%s/cache.damaged", bed->folder);
    assert_true(check_can_read(path));
}

static void test_another_key(void **state)
{
    struct bed *bed = *state;

    round_trip(bed, key);
    open_cache(bed, other_key);
    expect_set_aside(bed);
}

static void test_key_lost(void **state)
{
    struct bed *bed = *state;

    round_trip(bed, key);
    open_cache(bed, NULL);
    expect_set_aside(bed);
}

static void test_damaged(void **state)
{
    struct bed *bed = *state;
    char path[300];

    round_trip(bed, NULL);
    cache_close(bed->cache);
    bed->cache = NULL;
    snprintf(path, sizeof path, "%s/cache.db", bed->folder);
    unlink(path);
    check_write_file(path, "this is no database, and never was one", 38);
    open_cache(bed, NULL);
    expect_set_aside(bed);
}

/* A row takes the place of the one before; a book that is written anew leaves no row of the old. */
static void test_rows_are_replaced(void **state)
{
    struct bed *bed = *state;

    open_cache(bed, key);
    write_client(bed, 1, 0, "C1", true);
    write_client(bed, 2, 1, "C2", false);
    write_client(bed, 3, 0, "C3", false);
    write_note(bed);
    assert_int_equal(read_all(bed), SQ_ERR_OK);
    assert_int_equal(bed->row_count, 2);
    assert_string_equal(bed->rows[0].as.client.code, "C3");
    assert_string_equal(bed->rows[1].as.client.code, "C2");
    write_client(bed, 4, 0, "C4", true);
    open_cache(bed, key);
    assert_int_equal(read_all(bed), SQ_ERR_OK);
    assert_int_equal(bed->row_count, 1);
    assert_string_equal(bed->rows[0].as.client.code, "C4");
    assert_int_equal(bed->note_count, 2);
}

static void test_notes_go(void **state)
{
    struct bed *bed = *state;

    open_cache(bed, NULL);
    write_note(bed);
    cache_batch_begin(&bed->batch);
    bed->batch.notes = true;
    write_it(bed);
    assert_int_equal(read_all(bed), SQ_ERR_OK);
    assert_int_equal(bed->note_count, 0);
}

/* A row that its reader cannot use, as after a change of the rules, is damage and no crash. */
static void test_reader_refuses(void **state)
{
    struct bed *bed = *state;

    open_cache(bed, NULL);
    write_client(bed, 1, 0, "C1", true);
    bed->refuse = true;
    assert_int_equal(read_all(bed), SQ_ERR_DAMAGED);
}

/* What cannot be written leaves the file as it was. */
static void test_write_fails(void **state)
{
    struct bed *bed = *state;
    struct cache_head head;

    open_cache(bed, NULL);
    write_client(bed, 1, 0, "C1", true);
    begin(bed, 2);
    bed->batch.anew = true;
    bed->batch.failed = true; /* as when memory ended while it was made */
    assert_int_not_equal(cache_write(bed->cache, &bed->batch, bed->why, sizeof bed->why),
                         SQ_ERR_OK);
    assert_int_equal(cache_read_head(bed->cache, &head), SQ_ERR_OK);
    assert_int_equal(head.seq, 1);
    assert_int_equal(read_all(bed), SQ_ERR_OK);
    assert_int_equal(bed->row_count, 1);
}

static void test_no_folder(void **state)
{
    struct bed *bed = *state;
    char path[300];

    snprintf(path, sizeof path, "%s/none", bed->folder);
    assert_null(cache_open(path, NULL, bed->why, sizeof bed->why));
    assert_string_not_equal(bed->why, "");
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(test_new),         T(test_plain),          T(test_sealed),      T(test_not_sealed),
        T(test_another_key), T(test_key_lost),       T(test_damaged),     T(test_rows_are_replaced),
        T(test_notes_go),    T(test_reader_refuses), T(test_write_fails), T(test_no_folder),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
