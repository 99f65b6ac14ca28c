/*
 * store_disk_test.c - what only a store on a disk can suffer: tampering by people with sqlite3,
 * rotten pages, torn tails, a failure of each write and sync; and its lock, its rights, its hash
 */
#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/hash.h"
#include "db/store_sqlite.h"
#include "tests/check.h"
#include "tests/store_bed.h"
#include "tests/vfs_shim.h"

static void expect_damaged(struct bed *bed, const char *sql, const char *words)
{
    struct seen seen = {0};
    bed_run_sql(bed, sql);
    assert_int_equal(bed->store->ops->read(bed->store, 0, see_row, &seen), SQ_ERR_DAMAGED);
    assert_non_null(strstr(bed->store->ops->why(bed->store), words));
}

static void test_missing_turn_is_found(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 6);
    expect_damaged(bed, "DELETE FROM journal WHERE seq = 3", "seq 4");
}

static void test_swapped_turns_are_found(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 6);
    expect_damaged(bed,
                   "UPDATE journal SET id = id + (100 << 20) WHERE seq = 3;"
                   "UPDATE journal SET id = id - (1 << 20) WHERE seq = 4;"
                   "UPDATE journal SET id = id - (99 << 20) WHERE seq = 103",
                   "seq 3");
}

static void expect_will_not_open(struct bed *bed, enum sq_err expected, const char *words)
{
    struct store_sqlite_options options = {.vfs = shim_name()};
    char why[256] = "";
    enum sq_err error;
    bed_close(bed);
    bed->store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
    assert_null(bed->store);
    assert_int_equal(error, expected);
    if (strstr(why, words) == NULL)
        fail_msg("'%s' does not say '%s'", why, words);
}

static void test_cut_journal_will_not_open(void **state)
{
    struct bed *bed = *state;
    char path[300];
    sqlite3 *db = NULL;
    commit_many(bed, 3);
    bed_close(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "DELETE FROM journal WHERE hash IS NOT NULL AND seq = 3", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_will_not_open(bed, SQ_ERR_DAMAGED, "no hash");
}

static void overwrite(struct bed *bed, const char *file, off_t at, const char *bytes, size_t length)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", bed->folder, file);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, length, at), (ssize_t)length);
    close(fd);
}

static void test_rotten_pages_are_found(void **state)
{
    struct bed *bed = *state;
    char rot[4096];
    struct stat about;
    char path[300];
    memset(rot, 0xa5, sizeof rot);
    commit_many(bed, 600);
    bed_close(bed); /* takes the WAL into the file */
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(stat(path, &about), 0);
    overwrite(bed, "journal.db", about.st_size / 4096 / 2 * 4096, rot, sizeof rot);
    expect_will_not_open(bed, SQ_ERR_DAMAGED, "");
    overwrite(bed, "journal.db", 0, rot, sizeof rot);
    expect_will_not_open(bed, SQ_ERR_DAMAGED, "");
}

/* Any page, one after the other: nobody can take the file for whole. */
static void test_every_page_is_looked_at(void **state)
{
    struct bed *bed = *state;
    char rot[4096], was[4096], path[300];
    struct stat about;
    memset(rot, 0xa5, sizeof rot);
    commit_many(bed, 600);
    bed_close(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size >= 20 * 4096);
    for (off_t at = 0; at < about.st_size; at += 4096) {
        int fd = open(path, O_RDONLY);
        assert_int_equal(pread(fd, was, sizeof was, at), sizeof was);
        close(fd);
        overwrite(bed, "journal.db", at, rot, sizeof rot);
        expect_will_not_open(bed, SQ_ERR_DAMAGED, "");
        overwrite(bed, "journal.db", at, was, sizeof was);
    }
}

static int count_rows(void *owner, const struct sq_message *m, bool is_input)
{
    (void)m;
    *(uint32_t *)owner += is_input;
    return 0;
}

/* A page of the journal rots: what lies before it can be looked at, and nothing written. */
static void test_salvage(void **state)
{
    struct bed *b = *state;
    struct store_sqlite_options options = {.mode = STORE_SQLITE_SALVAGE, .vfs = shim_name()};
    char rot[4096], path[300], why[256];
    static struct made made;
    uint32_t rows = 0;
    enum sq_err error;
    struct stat about;
    memset(rot, 0xa5, sizeof rot);
    commit_many(b, 600);
    bed_close(b);
    snprintf(path, sizeof path, "%s/journal.db", b->folder);
    assert_int_equal(stat(path, &about), 0);
    overwrite(b, "journal.db", about.st_size / 4096 / 2 * 4096, rot, sizeof rot);
    b->store = store_sqlite_open(b->folder, &options, &error, why, sizeof why);
    assert_non_null(b->store);
    assert_int_equal(b->store->ops->read(b->store, 0, count_rows, &rows), SQ_ERR_DAMAGED);
    assert_true(rows > 0 && rows < 600);
    turn_begin(&made);
    turn_input(b, &made, SQ_TIME)->seq = b->store->ops->last_seq(b->store) + 1;
    assert_int_equal(b->store->ops->commit(b->store, &made.turn), SQ_ERR_LOCKED);
}

static void test_newer_schema_will_not_open(void **state)
{
    struct bed *bed = *state;
    char path[300];
    sqlite3 *db = NULL;
    bed_close(bed);
    snprintf(path, sizeof path, "%s/journal.db", bed->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA user_version = 99", NULL, NULL, NULL);
    sqlite3_close(db);
    expect_will_not_open(bed, SQ_ERR_VERSION, "newer");
}

/* The WAL loses its end, at every length: what is left is a prefix, and says so. */
static void test_torn_tail_is_cut(void **state)
{
    struct bed *bed = *state;
    char path[300], copy[300];
    size_t length;
    commit_many(bed, 8);
    snprintf(path, sizeof path, "%s/journal.db-wal", bed->folder);
    snprintf(copy, sizeof copy, "%s/journal.db", bed->folder);
    char *wal = check_read_file(path, &length);
    size_t db_length;
    char *db = check_read_file(copy, &db_length);
    uint64_t before = UINT64_MAX;
    for (size_t cut = length; cut > 32; cut = cut > 3001 ? cut - 3001 : 0) {
        shim_power_cut();
        bed_close(bed);
        shim_reset();
        unlink(path);
        unlink(copy);
        check_write_file(copy, db, db_length);
        check_write_file(path, wal, cut);
        bed->kind->open(bed);
        uint64_t last = bed->store->ops->last_seq(bed->store);
        assert_true(last <= before && last <= 8);
        expect_journal(bed, last);
        before = last;
    }
    assert_true(before < 8);
    free(wal);
    free(db);
}

/* Each write and each sync of a busy hour fails once: the journal is a prefix, always. */
static void test_every_write_and_sync_may_fail(void **state)
{
    struct bed *bed = *state;
    for (int op = SHIM_WRITE; op < SHIM_OPERATIONS; op++)
        for (uint32_t nth = 1; nth < 60; nth += op == SHIM_WRITE ? 3 : 1) {
            uint64_t acknowledged = bed->store->ops->last_seq(bed->store);
            shim_fail((enum shim_operation)op, nth,
                      op == SHIM_WRITE ? SQLITE_IOERR_WRITE : SQLITE_IOERR_FSYNC, true);
            bed->seq = acknowledged;
            while (commit_plain(bed) == SQ_ERR_OK)
                acknowledged++;
            bed->kind->crash(bed);
            uint64_t last = bed->store->ops->last_seq(bed->store);
            assert_true(last == acknowledged || last == acknowledged + 1);
            expect_journal(bed, last);
        }
}

/* Commits until it is killed; tells each turn that it was promised. */
static void commit_for_ever(struct bed *b, int told)
{
    struct store_sqlite_options options = {.ballast_bytes = -1};
    char why[256];
    enum sq_err error;
    b->store = store_sqlite_open(b->folder, &options, &error, why, sizeof why);
    b->seq = b->store ? b->store->ops->last_seq(b->store) : 0;
    while (b->store && commit_plain(b) == SQ_ERR_OK)
        if (write(told, &b->seq, sizeof b->seq) != sizeof b->seq)
            break;
    _exit(1);
}

/* Lets a child commit for a while and kills it. Returns the last seq that it told. */
static uint64_t kill_in_mid_commit(struct bed *b, useconds_t after_us)
{
    int ends[2], status;
    uint64_t seq, last = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        commit_for_ever(b, ends[1]);
    close(ends[1]);
    assert_int_equal(read(ends[0], &seq, sizeof seq), sizeof seq); /* it is under way */
    usleep(after_us);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    for (last = seq; read(ends[0], &seq, sizeof seq) == sizeof seq;)
        last = seq;
    close(ends[0]);
    return last;
}

/* kill -9 at any moment: what was promised is there, in order, and the lock is free. */
static void test_killed_at_any_moment(void **state)
{
    struct bed *b = *state;
    bed_close(b);
    for (useconds_t i = 0; i < 25; i++) {
        uint64_t promised = kill_in_mid_commit(b, i * 373 % 3000);
        b->kind->open(b);
        uint64_t last = b->store->ops->last_seq(b->store);
        assert_true(last == promised || last == promised + 1);
        expect_journal(b, last);
        bed_close(b);
    }
    b->kind->open(b);
}

static void test_one_owner(void **state)
{
    struct bed *bed = *state;
    char why[256] = "", pid[32];
    enum sq_err error;
    assert_null(store_sqlite_open(bed->folder, NULL, &error, why, sizeof why));
    assert_int_equal(error, SQ_ERR_LOCKED);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(why, pid));
}

/* In another process, as it would be: a second descriptor in one would drop SQLite's locks. */
static void test_reader_beside_the_owner(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 5);
    pid_t child = fork();
    if (child == 0) {
        struct store_sqlite_options options = {.mode = STORE_SQLITE_READ};
        char why[256];
        enum sq_err error;
        struct sq_store *store = store_sqlite_open(bed->folder, &options, &error, why, sizeof why);
        struct seen seen = {0};
        static struct made made;
        turn_begin(&made);
        turn_input(bed, &made, SQ_TIME);
        bool good = store && store->ops->read(store, 0, see_row, &seen) == SQ_ERR_OK &&
                    seen.inputs == 5 && store->ops->commit(store, &made.turn) != SQ_ERR_OK;
        _exit(good ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    commit_many(bed, 1);
    expect_journal(bed, 6);
}

static void test_files_are_private(void **state)
{
    struct bed *bed = *state;
    static const char *const files[] = {"journal.db", "journal.db-wal", "journal.db-shm", "lock",
                                        "ballast"};
    struct stat about;
    commit_many(bed, 1);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", bed->folder, files[i]);
        assert_int_equal(stat(path, &about), 0);
        assert_int_equal(about.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(bed->folder, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0700);
}

static void test_damaged_snapshot_gives_the_older_one(void **state)
{
    struct bed *bed = *state;
    commit_many(bed, 4);
    save_snapshot(bed, 2, "A");
    save_snapshot(bed, 4, "B");
    bed_run_sql(bed, "UPDATE snapshot_row SET body = x'00' WHERE seq = 4 AND ord = 1");
    expect_snapshot(bed, 2, "A A2 ");
}

static int write_beside(void *owner, sqlite3 *db, char *why, size_t why_room)
{
    (void)why;
    (void)why_room;
    return sqlite3_exec(db, owner, NULL, NULL, NULL);
}

static void test_what_is_written_with_a_turn(void **state)
{
    struct bed *bed = *state;
    char good[] = "INSERT INTO kind VALUES (1000, 'x')", bad[] = "INSERT INTO nowhere VALUES (1)";
    store_sqlite_with_commit(bed->store, write_beside, good);
    commit_many(bed, 2); /* once: the second would be refused */
    store_sqlite_with_commit(bed->store, write_beside, bad);
    assert_int_not_equal(commit_plain(bed), SQ_ERR_OK);
    expect_journal(bed, 2);
}

/* RFC 7693 appendix A tells BLAKE2b-512 only; these are b2sum -l 256 of coreutils. */
static void test_hash(void **state)
{
    static const char *const rows[][2] = {
        {"", "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"},
        {"abc", "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hash hash;
        uint8_t out[HASH_SIZE];
        char hex[2 * HASH_SIZE + 1];
        hash_init(&hash);
        hash_add(&hash, rows[i][0], strlen(rows[i][0]));
        hash_end(&hash, out);
        for (int k = 0; k < HASH_SIZE; k++)
            snprintf(hex + 2 * k, 3, "%02x", out[k]);
        assert_string_equal(hex, rows[i][1]);
    }
}

#define TEXT(word) #word
#define ON_DISK(test)                                     \
    {                                                     \
        TEXT(test), test, bed_set_up, bed_tear_down, &bed \
    }

static struct bed bed = {.name = "disk", .kind = &bed_disk};

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_DISK(test_missing_turn_is_found),
        ON_DISK(test_swapped_turns_are_found),
        ON_DISK(test_cut_journal_will_not_open),
        ON_DISK(test_rotten_pages_are_found),
        ON_DISK(test_every_page_is_looked_at),
        ON_DISK(test_salvage),
        ON_DISK(test_newer_schema_will_not_open),
        ON_DISK(test_torn_tail_is_cut),
        ON_DISK(test_every_write_and_sync_may_fail),
        ON_DISK(test_killed_at_any_moment),
        ON_DISK(test_one_owner),
        ON_DISK(test_reader_beside_the_owner),
        ON_DISK(test_files_are_private),
        ON_DISK(test_damaged_snapshot_gives_the_older_one),
        ON_DISK(test_what_is_written_with_a_turn),
        cmocka_unit_test(test_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
