/* users_test.c - the port of users: one suite, on SQLite and on PostgreSQL. */
#include <pthread.h>
#include <string.h>

#include "net/login_enrol.h"
#include "tests/check.h"
#include "tests/postgres_bed.h"
#include "tests/users_bed.h"

#define NOW (INT64_C(1795000000) * SQ_SECOND)

/* The bed of this test, or the test ends as skipped. */
static struct users_bed *bed_of(void **state)
{
    struct users_bed *bed = *state;
    if (bed->users == NULL)
        check_skip("no PostgreSQL is installed");
    return bed;
}

static struct sq_user find(struct users_bed *bed, const char *name)
{
    struct sq_user user;
    assert_int_equal(bed->users->ops->find(bed->users, name, &user), SQ_ERR_OK);
    return user;
}

static void add(struct users_bed *bed, const char *name)
{
    struct sq_user user = users_bed_user(name);
    assert_int_equal(bed->users->ops->add(bed->users, &user), SQ_ERR_OK);
}

static void hash_of(int number, char hash[SQ_TOKEN_HASH_SIZE])
{
    snprintf(hash, SQ_TOKEN_HASH_SIZE, "%064d", number);
}

/* A login of the user as it is now: token `number`, issued at NOW + number. */
static struct sq_login login_of(const struct sq_user *user, int64_t step, int number)
{
    struct sq_login login = {
        .user = user->name, .version = user->version, .totp_step = step, .address = "192.0.2.7"};
    hash_of(number, login.token.hash);
    memcpy(login.token.user, user->name, sizeof login.token.user);
    login.token.issued_us = login.token.seen_us = NOW + number;
    login.token.expires_us = NOW + number + SQ_SECOND;
    return login;
}

static enum sq_err accept_step(struct users_bed *bed, const char *name, int64_t step, int number)
{
    struct sq_user user = find(bed, name);
    struct sq_login login = login_of(&user, step, number);
    return bed->users->ops->accept(bed->users, &login);
}

static enum sq_err find_token(struct users_bed *bed, int number, struct sq_token *token,
                              struct sq_user *user)
{
    char hash[SQ_TOKEN_HASH_SIZE];
    hash_of(number, hash);
    return bed->users->ops->token_find(bed->users, hash, token, user);
}

static void expect_token(struct users_bed *bed, int number, enum sq_err expected)
{
    struct sq_token token;
    struct sq_user user;
    assert_int_equal(find_token(bed, number, &token, &user), expected);
}

/* ---- users ----------------------------------------------------------------------------------- */

static void keeps_every_field(void **state)
{
    struct users_bed *bed = bed_of(state);
    struct sq_user put = users_bed_user("RK07");
    put.totp_step = INT64_C(59833333);
    put.disabled = 1;
    assert_int_equal(bed->users->ops->add(bed->users, &put), SQ_ERR_OK);
    users_bed_again(bed);
    struct sq_user got = find(bed, "RK07");
    put.version = 1;
    assert_memory_equal(&got, &put, sizeof got);
}

static void name_is_one_users(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    struct sq_user again = users_bed_user("RK07"), other = users_bed_user("rk07");
    snprintf(again.books, sizeof again.books, "*");
    assert_int_equal(bed->users->ops->add(bed->users, &again), SQ_ERR_CONFLICT);
    assert_string_equal(find(bed, "RK07").books, "DRL");
    assert_int_equal(bed->users->ops->add(bed->users, &other), SQ_ERR_OK);
}

static void hostile_names_find_nobody(void **state)
{
    struct users_bed *bed = bed_of(state);
    static const char *const names[] = {
        "",
        "' OR '1'='1",
        "RK07'--",
        "RK07\n",
        "%",
        "_K07",
        "RK07\x01",
        "$1",
        "NULL",
        "\xff\xfe\xfd",
        "RK07; DROP TABLE login_user; --",
    };
    add(bed, "RK07");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct sq_user user;
        enum sq_err error = bed->users->ops->find(bed->users, names[i], &user);
        assert_true(error == SQ_ERR_NOT_FOUND || error == SQ_ERR_IO); /* not UTF-8: PostgreSQL */
    }
    find(bed, "RK07");
}

static void change_counts_and_ends_sessions(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    add(bed, "SV02");
    assert_int_equal(accept_step(bed, "RK07", 10, 1), SQ_ERR_OK);
    assert_int_equal(accept_step(bed, "SV02", 10, 2), SQ_ERR_OK);
    struct sq_user user = find(bed, "RK07");
    user.role = SQ_ROLE_SUPERVISOR;
    assert_int_equal(bed->users->ops->save(bed->users, &user), SQ_ERR_OK);
    assert_int_equal(find(bed, "RK07").role, SQ_ROLE_SUPERVISOR);
    assert_int_equal(find(bed, "RK07").version, 2);
    expect_token(bed, 1, SQ_ERR_NOT_FOUND);
    expect_token(bed, 2, SQ_ERR_OK);
}

static void change_of_a_changed_user_is_refused(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    struct sq_user first = find(bed, "RK07"), second = first;
    first.disabled = 1;
    snprintf(second.desk, sizeof second.desk, "DEL-2");
    assert_int_equal(bed->users->ops->save(bed->users, &first), SQ_ERR_OK);
    assert_int_equal(bed->users->ops->save(bed->users, &second), SQ_ERR_CONFLICT);
    assert_string_equal(find(bed, "RK07").desk, "MUM-1");
    struct sq_user nobody = users_bed_user("NOBODY");
    assert_int_equal(bed->users->ops->save(bed->users, &nobody), SQ_ERR_CONFLICT);
}

struct names {
    char text[64];
    int stop_after;
};

static int collect(void *owner, const struct sq_user *user)
{
    struct names *names = owner;
    size_t length = strlen(names->text);
    snprintf(names->text + length, sizeof names->text - length, "%s ", user->name);
    return --names->stop_after == 0;
}

static void list_is_in_order_and_can_be_ended(void **state)
{
    struct users_bed *bed = bed_of(state);
    struct names all = {.stop_after = -1}, one = {.stop_after = 1};
    add(bed, "C3");
    add(bed, "A1");
    add(bed, "B2");
    assert_int_equal(bed->users->ops->list(bed->users, collect, &all), SQ_ERR_OK);
    assert_string_equal(all.text, "A1 B2 C3 ");
    assert_int_equal(bed->users->ops->list(bed->users, collect, &one), SQ_ERR_OK);
    assert_string_equal(one.text, "A1 ");
}

/* ---- logins ---------------------------------------------------------------------------------- */

static void login_is_kept_whole(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    struct sq_user user = find(bed, "RK07"), of_token;
    struct sq_token token;
    struct sq_login login = login_of(&user, 42, 1);
    login.password = "$argon2id$newer";
    assert_int_equal(bed->users->ops->accept(bed->users, &login), SQ_ERR_OK);
    users_bed_again(bed);
    assert_int_equal(find_token(bed, 1, &token, &of_token), SQ_ERR_OK);
    assert_memory_equal(&token, &login.token, sizeof token);
    assert_string_equal(of_token.password, "$argon2id$newer");
    assert_string_equal(of_token.address, "192.0.2.7");
    assert_int_equal(of_token.totp_step, 42);
    assert_int_equal(of_token.login_us, NOW + 1);
    assert_int_equal(of_token.version, 1); /* a login is not a change: other sessions stay */
}

static void code_is_taken_once(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    assert_int_equal(accept_step(bed, "RK07", 42, 1), SQ_ERR_OK);
    assert_int_equal(accept_step(bed, "RK07", 42, 2), SQ_ERR_CONFLICT);
    assert_int_equal(accept_step(bed, "RK07", 41, 3), SQ_ERR_CONFLICT);
    expect_token(bed, 2, SQ_ERR_NOT_FOUND);
    assert_int_equal(accept_step(bed, "RK07", 43, 4), SQ_ERR_OK);
    expect_token(bed, 1, SQ_ERR_OK);
}

static void login_of_a_changed_user_is_refused(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    struct sq_user before = find(bed, "RK07"), user = before;
    struct sq_login login = login_of(&before, 42, 1);
    user.disabled = 1;
    assert_int_equal(bed->users->ops->save(bed->users, &user), SQ_ERR_OK);
    assert_int_equal(bed->users->ops->accept(bed->users, &login), SQ_ERR_CONFLICT);
    expect_token(bed, 1, SQ_ERR_NOT_FOUND);
    assert_int_equal(find(bed, "RK07").totp_step, 0);
}

enum { RACERS = 4 };

/* A server of its own: only the database stands between it and the others. */
struct racer {
    const struct users_bed *bed;
    pthread_barrier_t *start;
    struct sq_login login;
    enum sq_err error;
    int made; /* administrators */
};

static void race(struct racer racers[RACERS], void *(*run)(void *racer))
{
    pthread_t threads[RACERS];
    pthread_barrier_t start;
    pthread_barrier_init(&start, NULL, RACERS);
    for (int i = 0; i < RACERS; i++) {
        racers[i].start = &start;
        assert_int_equal(pthread_create(&threads[i], NULL, run, &racers[i]), 0);
    }
    for (int i = 0; i < RACERS; i++)
        pthread_join(threads[i], NULL);
    pthread_barrier_destroy(&start);
}

static void *accept_at_once(void *owner)
{
    struct racer *racer = owner;
    struct sq_users *users = users_bed_another(racer->bed);
    pthread_barrier_wait(racer->start);
    racer->error = users != NULL ? users->ops->accept(users, &racer->login) : SQ_ERR_IO;
    if (users != NULL)
        users->ops->destroy(users);
    return NULL;
}

static void of_four_servers_with_one_code_one_lets_in(void **state)
{
    struct users_bed *bed = bed_of(state);
    struct racer racers[RACERS];
    int in = 0;
    add(bed, "RK07");
    struct sq_user user = find(bed, "RK07");
    for (int i = 0; i < RACERS; i++)
        racers[i] = (struct racer){.bed = bed, .login = login_of(&user, 42, i)};
    race(racers, accept_at_once);
    for (int i = 0; i < RACERS; i++) {
        in += racers[i].error == SQ_ERR_OK;
        assert_true(racers[i].error == SQ_ERR_OK || racers[i].error == SQ_ERR_CONFLICT);
    }
    assert_int_equal(in, 1);
}

static void *start_first(void *owner)
{
    struct racer *racer = owner;
    struct login_enrolment enrolment;
    char why[256] = "";
    pthread_barrier_wait(racer->start);
    struct sq_users *users = users_bed_another(racer->bed);
    racer->made = -1;
    if (users != NULL) {
        racer->made = login_first_admin(users, &password_least, &enrolment, why, sizeof why);
        users->ops->destroy(users);
    }
    return NULL;
}

static void of_four_first_starts_one_makes_the_administrator(void **state)
{
    struct users_bed *bed = bed_of(state);
    struct racer racers[RACERS];
    int made = 0;
    users_bed_clear(bed);
    for (int i = 0; i < RACERS; i++)
        racers[i] = (struct racer){.bed = bed};
    race(racers, start_first);
    for (int i = 0; i < RACERS; i++) {
        assert_in_range(racers[i].made, 0, 1);
        made += racers[i].made;
    }
    assert_int_equal(made, 1);
    users_bed_again(bed);
    assert_int_equal(find(bed, "admin").role, SQ_ROLE_ADMIN);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void oldest_session_gives_way(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    for (int i = 1; i <= SQ_USER_TOKENS_MAX + 2; i++)
        assert_int_equal(accept_step(bed, "RK07", i, i), SQ_ERR_OK);
    for (int i = 1; i <= SQ_USER_TOKENS_MAX + 2; i++)
        expect_token(bed, i, i <= 2 ? SQ_ERR_NOT_FOUND : SQ_ERR_OK);
}

static void expired_sessions_go_at_the_next_login(void **state)
{
    struct users_bed *bed = bed_of(state);
    add(bed, "RK07");
    add(bed, "SV02");
    assert_int_equal(accept_step(bed, "RK07", 1, 1), SQ_ERR_OK);
    struct sq_user other = find(bed, "SV02");
    struct sq_login later = login_of(&other, 1, 2);
    later.token.issued_us = NOW + 1 + SQ_SECOND; /* when the first expires */
    later.token.expires_us = later.token.issued_us + SQ_SECOND;
    assert_int_equal(bed->users->ops->accept(bed->users, &later), SQ_ERR_OK);
    expect_token(bed, 1, SQ_ERR_NOT_FOUND);
    expect_token(bed, 2, SQ_ERR_OK);
}

static void token_is_seen_and_dropped(void **state)
{
    struct users_bed *bed = bed_of(state);
    struct sq_token token;
    struct sq_user user;
    add(bed, "RK07");
    assert_int_equal(accept_step(bed, "RK07", 1, 1), SQ_ERR_OK);
    assert_int_equal(find_token(bed, 1, &token, &user), SQ_ERR_OK);
    assert_int_equal(bed->users->ops->token_seen(bed->users, token.hash, NOW + 77), SQ_ERR_OK);
    assert_int_equal(find_token(bed, 1, &token, &user), SQ_ERR_OK);
    assert_int_equal(token.seen_us, NOW + 77);
    assert_int_equal(bed->users->ops->token_drop(bed->users, token.hash), SQ_ERR_OK);
    expect_token(bed, 1, SQ_ERR_NOT_FOUND);
    assert_int_equal(bed->users->ops->token_drop(bed->users, token.hash), SQ_ERR_OK);
}

/* ---- failures -------------------------------------------------------------------------------- */

static struct sq_failure failure_of(struct users_bed *bed, const char *key)
{
    struct sq_failure failure;
    assert_int_equal(bed->users->ops->failure_get(bed->users, key, &failure), SQ_ERR_OK);
    return failure;
}

static void fail_at(struct users_bed *bed, const char *key, sq_time now)
{
    assert_int_equal(bed->users->ops->failure_add(bed->users, key, now, now - 60 * SQ_SECOND),
                     SQ_ERR_OK);
}

static void failures_count_and_are_forgotten(void **state)
{
    struct users_bed *bed = bed_of(state);
    assert_int_equal(failure_of(bed, "user RK07").count, 0);
    fail_at(bed, "user RK07", NOW);
    fail_at(bed, "user RK07", NOW + 60 * SQ_SECOND);
    users_bed_again(bed);
    assert_int_equal(failure_of(bed, "user RK07").count, 2);
    assert_int_equal(failure_of(bed, "user RK07").last_us, NOW + 60 * SQ_SECOND);
    assert_int_equal(failure_of(bed, "user SV02").count, 0);
    fail_at(bed, "user RK07", NOW + 121 * SQ_SECOND);
    assert_int_equal(failure_of(bed, "user RK07").count, 1);
    assert_int_equal(bed->users->ops->failure_drop(bed->users, "user RK07"), SQ_ERR_OK);
    assert_int_equal(failure_of(bed, "user RK07").count, 0);
}

/* Rows by SQL, since so many durable calls would take seconds. */
static void failures_are_bounded(void **state)
{
    struct users_bed *bed = bed_of(state);
    char sql[256], why[256] = "";
    snprintf(sql, sizeof sql,
             "INSERT INTO login_failure WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL"
             " SELECT i + 1 FROM n WHERE i < %d) SELECT 'address ' || i, 1, i FROM n",
             SQ_FAILURES_MAX + 8);
    assert_int_equal(users_bed_after_sql(bed, sql, why, sizeof why), SQ_ERR_OK);
    assert_int_equal(failure_of(bed, "address 0").count, 1);
    fail_at(bed, "user RK07", NOW);
    assert_int_equal(failure_of(bed, "address 9").count, 0);
    assert_int_equal(failure_of(bed, "address 10").count, 1);
    assert_int_equal(failure_of(bed, "user RK07").count, 1);
}

/* ---- what is read is not trusted ------------------------------------------------------------- */

static void edited_rows_are_refused(void **state)
{
    struct users_bed *bed = bed_of(state);
    static const char *const edits[] = {
        "UPDATE login_user SET role = 'ROOT'",
        "UPDATE login_user SET role = 'SYSTEM'",
        "UPDATE login_user SET books = 'DRL;MUM'",
        "UPDATE login_user SET desk = 'a desk of a very long name'",
        "UPDATE login_user SET totp = totp || totp",
    };
    add(bed, "RK07");
    for (size_t i = 0; i < sizeof edits / sizeof edits[0]; i++) {
        char why[256] = "", sql[256];
        struct sq_user user;
        assert_int_equal(users_bed_after_sql(bed, edits[i], why, sizeof why), SQ_ERR_OK);
        assert_int_equal(bed->users->ops->find(bed->users, "RK07", &user), SQ_ERR_DAMAGED);
        bed->users->ops->why(bed->users, why, sizeof why);
        assert_string_equal(why, "tables of users: a row that cannot be");
        snprintf(sql, sizeof sql, "DELETE FROM login_user");
        assert_int_equal(users_bed_after_sql(bed, sql, why, sizeof why), SQ_ERR_OK);
        add(bed, "RK07");
    }
}

static void newer_tables_are_left_alone(void **state)
{
    struct users_bed *bed = bed_of(state);
    char why[256] = "";
    assert_int_equal(
        users_bed_after_sql(bed, "INSERT INTO login_schema VALUES (99)", why, sizeof why),
        SQ_ERR_VERSION);
    assert_string_equal(why, "schema 99 of users is newer than this program's 1");
}

static void broken_connection_is_made_again(void **state)
{
    struct users_bed *bed = bed_of(state);
    struct sq_user user;
    add(bed, "RK07");
    postgres_bed_crash();
    assert_int_equal(bed->users->ops->find(bed->users, "RK07", &user), SQ_ERR_IO);
    postgres_bed_start();
    find(bed, "RK07");
    assert_int_equal(accept_step(bed, "RK07", 1, 1), SQ_ERR_OK);
    postgres_bed_crash();
    postgres_bed_start();
    assert_int_equal(accept_step(bed, "RK07", 2, 2), SQ_ERR_OK); /* BEGIN finds it dead */
    expect_token(bed, 2, SQ_ERR_OK);
}

#define ON_EACH(test)                                                            \
    {#test " (sqlite)", test, users_bed_sqlite, users_bed_tear_down, NULL},      \
    {                                                                            \
#test " (postgres)", test, users_bed_postgres, users_bed_tear_down, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_EACH(keeps_every_field),
        ON_EACH(name_is_one_users),
        ON_EACH(hostile_names_find_nobody),
        ON_EACH(change_counts_and_ends_sessions),
        ON_EACH(change_of_a_changed_user_is_refused),
        ON_EACH(list_is_in_order_and_can_be_ended),
        ON_EACH(login_is_kept_whole),
        ON_EACH(code_is_taken_once),
        ON_EACH(login_of_a_changed_user_is_refused),
        ON_EACH(of_four_servers_with_one_code_one_lets_in),
        ON_EACH(of_four_first_starts_one_makes_the_administrator),
        ON_EACH(oldest_session_gives_way),
        ON_EACH(expired_sessions_go_at_the_next_login),
        ON_EACH(token_is_seen_and_dropped),
        ON_EACH(failures_count_and_are_forgotten),
        ON_EACH(failures_are_bounded),
        ON_EACH(edited_rows_are_refused),
        ON_EACH(newer_tables_are_left_alone),
        {"broken_connection_is_made_again (postgres)", broken_connection_is_made_again,
         users_bed_postgres, users_bed_tear_down, NULL},
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
