/*
 * bench_login.c - a login and a token's check on SQLite, beside the bare hash and the bare look-up;
 * a refusal in the name of nobody beside one in the name of somebody;
 * and the memory that a flood of logins takes, beside that of the hashes that may run at once
 */
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "db/users.h"
#include "net/login_check.h"
#include "net/login_enrol.h"
#include "net/loop.h"

enum { HASHES = 15, CHECKS = 20000 };

#define NOW      (INT64_C(1795000000) * SQ_SECOND)
#define PASSWORD "correct horse battery"

static char folder[] = "/tmp/sqbench.XXXXXX";

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

static void row(const char *name, double ours, double floor, const char *unit, const char *goal)
{
    printf("%s | %.1f %s | %.1f %s | %.2f | %s\n", name, ours, unit, floor, unit, ours / floor,
           goal);
}

/* ---- passwords ------------------------------------------------------------------------------- */

/* A right login each time, a step later: hash, code and a durable transaction. */
static double login_ms(const struct login_rules *rules, const struct sq_user *user,
                       char token[TOKEN_SIZE])
{
    double times[HASHES];
    for (int i = 0; i < HASHES; i++) {
        char code[TOTP_DIGITS + 1];
        struct login_answer answer;
        sq_time now = NOW + i * TOTP_STEP_S * SQ_SECOND;
        totp_code(user->totp, totp_step(now), code);
        const struct login_ask ask = {.user = user->name,
                                      .password = PASSWORD,
                                      .code = code,
                                      .address = "192.0.2.7",
                                      .now = now};
        double from = now_us();
        login_check_password(rules, &ask, &answer);
        times[i] = (now_us() - from) / 1e3;
        if (answer.result != LOGIN_OK)
            exit(fprintf(stderr, "login: %s\n", answer.text));
        memcpy(token, answer.token, TOKEN_SIZE);
    }
    return median(times, HASHES);
}

/* Refused, in the name of somebody or of nobody: a day apart, so that no delay is between. */
static double refusal_ms(const struct login_rules *rules, const char *name)
{
    double times[HASHES];
    for (int i = 0; i < HASHES; i++) {
        struct login_answer answer;
        const struct login_ask ask = {.user = name,
                                      .password = "wrong password",
                                      .code = "000000",
                                      .address = "203.0.113.1",
                                      .now = NOW + i * 86400 * SQ_SECOND};
        double from = now_us();
        login_check_password(rules, &ask, &answer);
        times[i] = (now_us() - from) / 1e3;
        if (answer.result != LOGIN_WRONG)
            exit(fprintf(stderr, "refusal: %s\n", answer.text));
    }
    return median(times, HASHES);
}

static double bare_hash_ms(void)
{
    double times[HASHES];
    unsigned char key[32], salt[crypto_pwhash_SALTBYTES] = {1};
    for (int i = 0; i < HASHES; i++) {
        double from = now_us();
        if (crypto_pwhash(key, sizeof key, PASSWORD, strlen(PASSWORD), salt, password_usual.passes,
                          password_usual.memory_bytes, crypto_pwhash_ALG_ARGON2ID13) != 0)
            exit(fprintf(stderr, "no memory to hash\n"));
        times[i] = (now_us() - from) / 1e3;
    }
    return median(times, HASHES);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static double token_us(const struct login_rules *rules, const char *token)
{
    static double times[CHECKS];
    for (int i = 0; i < CHECKS; i++) {
        struct login_answer answer;
        double from = now_us();
        login_check_token(rules, token, NOW + HASHES * TOTP_STEP_S * SQ_SECOND, &answer);
        times[i] = now_us() - from;
        if (answer.result != LOGIN_OK)
            exit(fprintf(stderr, "token: %s\n", answer.text));
    }
    return median(times, CHECKS);
}

/* One prepared statement by the primary key, nothing checked. */
static double bare_lookup_us(const char *token)
{
    static double times[CHECKS];
    char path[300], hash[TOKEN_HASH_SIZE];
    sqlite3 *db = NULL;
    sqlite3_stmt *find = NULL;
    snprintf(path, sizeof path, "%s/users.db", folder);
    sqlite3_open(path, &db);
    sqlite3_prepare_v2(db, "SELECT * FROM login_token WHERE hash = ?", -1, &find, NULL);
    token_hash(token, hash);
    for (int i = 0; i < CHECKS; i++) {
        double from = now_us();
        sqlite3_bind_text(find, 1, hash, -1, SQLITE_STATIC);
        sqlite3_step(find);
        sqlite3_reset(find);
        times[i] = now_us() - from;
    }
    sqlite3_finalize(find);
    sqlite3_close(db);
    return median(times, CHECKS);
}

/* ---- a flood --------------------------------------------------------------------------------- */

static long peak_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* A thousand at once with the usual options, in a process of its own. */
static void flood(void)
{
    struct loop loop;
    enum sq_err error;
    char why[256];
    struct sq_users *users = users_sqlite_open(folder, &error, why, sizeof why);
    loop_init(&loop);
    struct login *login = users != NULL ? login_create(&loop, users, &login_usual) : NULL;
    if (login == NULL)
        exit(fprintf(stderr, "flood: %s\n", why));
    unsigned taken = 0;
    for (int i = 0; i < 1000; i++) {
        char address[32];
        snprintf(address, sizeof address, "203.0.%d.%d", i / 250, i % 250);
        const struct login_ask ask = {.user = "NOBODY",
                                      .password = PASSWORD,
                                      .code = "000000",
                                      .address = address,
                                      .now = NOW};
        taken += login_start(login, &ask) == LOGIN_OK;
    }
    loop_run(&loop);
    row("memory at the peak of 1,000 logins at once", (double)peak_kib() / 1024,
        (double)(login_usual.at_once * password_usual.memory_bytes) / (1 << 20), "MiB",
        "2 hashes and little more");
    printf("%u of 1,000 were taken, the rest told BUSY at once\n", taken);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "flood") == 0) {
        snprintf(folder, sizeof folder, "%s", argv[2]);
        flood();
        return 0;
    }
    enum sq_err error;
    char why[256] = "", token[TOKEN_SIZE], command[400];
    struct login_rules rules;
    struct login_enrolment enrolment;
    struct sq_user user = {.name = "RK07", .role = SQ_ROLE_DEALER, .books = "DRL"};
    struct sq_users *users =
        mkdtemp(folder) ? users_sqlite_open(folder, &error, why, sizeof why) : NULL;
    if (users == NULL || login_rules_init(&rules, users, &login_usual) != 0 ||
        login_enrol(&user, ENROL_PASSWORD | ENROL_TOTP, PASSWORD, &password_usual, &enrolment, why,
                    sizeof why) != 0 ||
        users->ops->add(users, &user) != SQ_ERR_OK)
        return fprintf(stderr, "bench_login: %s\n", why), 1;
    double login = login_ms(&rules, &user, token);
    row("login, 64 MiB and 3 passes, p50 (bare hash)", login, bare_hash_ms(), "ms", "<= 1.1");
    row("login refused, name of nobody (of somebody)", refusal_ms(&rules, "NOBODY"),
        refusal_ms(&rules, user.name), "ms", "1.0: time does not tell");
    double check = token_us(&rules, token);
    row("token checked on SQLite, p50 (bare look-up)", check, bare_lookup_us(token), "us", "");
    users->ops->destroy(users);
    fflush(stdout);
    snprintf(command, sizeof command, "'%s' flood %s", argv[0], folder);
    int status = system(command);
    snprintf(command, sizeof command, "%s/users.db", folder);
    unlink(command);
    return rmdir(folder) != 0 || status != 0;
}
