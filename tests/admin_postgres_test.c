/*
 * admin_postgres_test.c - squareoff-admin on a book in PostgreSQL: what it says, its exit codes,
 * and what it leaves to others
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "db/store_postgres.h"
#include "tests/check.h"
#include "tests/postgres_bed.h"
#include "tests/store_bed.h"

enum { OUTPUT = 1 << 20 };

/* What a shell says, and its exit code. */
static int shell(const char *command, char *output)
{
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t length = fread(output, 1, OUTPUT - 1, pipe);
    output[length] = '\0';
    while (fgetc(pipe) != EOF)
        continue;
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* squareoff-admin on one book: exits so, and says so. */
static void expect(const char *book, int code, const char *words, const char *arguments)
{
    static char output[OUTPUT];
    char command[1200];
    const char *build = getenv("BUILD");
    snprintf(command, sizeof command, "%s/squareoff-admin %s --store 'postgres:%s' --book %s 2>&1",
             build ? build : "build", arguments, postgres_bed(), book);
    int got = shell(command, output);
    if (got != code || strstr(output, words) == NULL)
        fail_msg("%s: exit %d, expected %d and '%s':\n%.2000s", command, got, code, words, output);
}

static long long number(const char *sql)
{
    static char output[OUTPUT];
    char command[600];
    snprintf(command, sizeof command, "%s -At -d '%s' -c \"%s\"", postgres_bed_program("psql"),
             postgres_bed(), sql);
    assert_int_equal(shell(command, output), 0);
    return atoll(output);
}

#define BOD "bod --sender SQDRILL --accept-one-source SV02 'a drill' "

static void test_bod(void **state)
{
    (void)state;
    expect("DRL", 0, "1896 contracts read", BOD "drill");
    expect("DRL", 0, "already loaded, nothing changed", BOD "drill");
    expect("DRL", 1, "from other content", "bod --sender SQDRILL drill");
    assert_int_equal(number("SELECT count(*) FROM instrument_ref WHERE book = 'DRL'"), 1896);
    expect("DRL", 0, "hash chain and replay: good", "journal verify");
    expect("DRL", 0, "< book day=20261126", "journal print");
    expect("DRL", 0, "\"kind\":\"day-done\"", "journal export --json");
    expect("DRL", 0, "CALL SHEET", "report");
    expect("DRL", 0, "snapshot after seq", "snapshot");
    expect("DRL", 0, "hash chain and replay: good", "journal verify");
}

/* Each command that writes claims the book and gives it up: epochs rise, and none is left. */
static void test_gives_the_book_up(void **state)
{
    (void)state;
    assert_int_equal(number("SELECT count(*) FROM ownership WHERE owner <> ''"), 0);
    long long before = number("SELECT epoch FROM ownership WHERE book = 'DRL'");
    expect("DRL", 0, "snapshot after seq", "snapshot");
    assert_int_equal(number("SELECT epoch FROM ownership WHERE book = 'DRL'"), before + 1);
    assert_int_equal(number("SELECT count(*) FROM ownership WHERE owner <> ''"), 0);
}

static void test_beside_a_server(void **state)
{
    (void)state;
    uint32_t epoch;
    struct sq_store *server = bed_postgres_open("DRL", "srv-1", 60000);
    assert_int_equal(store_postgres_claim(server, &epoch), SQ_ERR_OK);
    expect("DRL", 3, "owned by srv-1", "snapshot");
    expect("DRL", 0, "CALL SHEET", "report");
    assert_int_equal(store_postgres_release(server), SQ_ERR_OK);
    server->ops->destroy(server);
    expect("DRL", 0, "snapshot after seq", "snapshot");
}

static void test_another_book(void **state)
{
    (void)state;
    expect("OTH", 0, "journal is empty", "journal verify");
    expect("OTH", 0, "1896 contracts read", BOD "drill");
    assert_int_equal(number("SELECT count(DISTINCT book) FROM day_load"), 2);
    assert_int_equal(number("SELECT count(*) FROM instrument_ref"), 2 * 1896);
}

/* The next day begins a volume, in a newer epoch; the day before stays, and does not come back. */
static void test_next_day(void **state)
{
    (void)state;
    static char output[OUTPUT];
    char folder[256], command[1400], words[400];
    check_make_folder(folder, sizeof folder);
    snprintf(command, sizeof command,
             "cp drill/*.csv %s/ && cd %s && rm positions_exchange.csv &&"
             " sed -i '/,2026-11-26,/d' positions.csv &&"
             " sed -i s/2026-11-26/2026-11-27/g positions.csv orders.csv trades.csv calendar.csv",
             folder, folder);
    assert_int_equal(shell(command, output), 0);
    long long epoch = number("SELECT epoch FROM ownership WHERE book = 'DRL'");
    snprintf(command, sizeof command, BOD "%s", folder);
    expect("DRL", 0, "loaded", command);
    snprintf(words, sizeof words, "epoch=%lld ", epoch + 1);
    expect("DRL", 0, words, "journal print");
    expect("DRL", 0, "hash chain and replay: good", "journal verify");
    assert_int_equal(number("SELECT volume FROM ownership WHERE book = 'DRL'"), 2);
    assert_int_equal(number("SELECT count(DISTINCT volume) FROM journal WHERE book = 'DRL'"), 2);
    expect("DRL", 0, "already loaded, nothing changed", BOD "drill");
    expect("DRL", 0, "< book day=20261126", "journal print --day 2026-11-26");
    expect("DRL", 0, "hash chain and replay: good", "journal verify --day 2026-11-26");
    expect("DRL", 0, "Day 20261126", "report --day 2026-11-26");
    expect("DRL", 3, "was never loaded", "report --day 2026-11-25");
    check_remove_folder(folder);
}

static void test_tampering(void **state)
{
    (void)state;
    postgres_bed_sql("UPDATE journal SET time = time + 1 WHERE book = 'OTH' AND id = 5 << 20");
    expect("OTH", 3, "hash chain broken in the turn that begins at seq 2", "journal verify");
}

static void test_no_postgres(void **state)
{
    (void)state;
    check_skip("squareoff-admin on PostgreSQL: no postgres is installed");
}

int main(void)
{
    /* In this order: a day is loaded once, and looked at by the rest. */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bod),
        cmocka_unit_test(test_gives_the_book_up),
        cmocka_unit_test(test_beside_a_server),
        cmocka_unit_test(test_another_book),
        cmocka_unit_test(test_next_day),
        cmocka_unit_test(test_tampering),
    };
    const struct CMUnitTest without[] = {cmocka_unit_test(test_no_postgres)};
    return postgres_bed_program("psql") ? cmocka_run_group_tests(tests, NULL, NULL)
                                        : cmocka_run_group_tests(without, NULL, NULL);
}
