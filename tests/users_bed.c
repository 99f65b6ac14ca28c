/* users_bed.c - see users_bed.h. */
#include "tests/users_bed.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/users.h"
#include "tests/check.h"
#include "tests/postgres_bed.h"

static struct sq_users *open_port(const struct users_bed *bed, enum sq_err *error, char *why,
                                  size_t why_room)
{
    if (bed->folder[0] != '\0')
        return users_sqlite_open(bed->folder, error, why, why_room);
    return users_postgres_open(postgres_bed(), error, why, why_room);
}

static enum sq_err open_bed(struct users_bed *bed, char *why, size_t why_room)
{
    enum sq_err error = SQ_ERR_OK;
    bed->users = open_port(bed, &error, why, why_room);
    return error;
}

struct sq_users *users_bed_another(const struct users_bed *bed)
{
    enum sq_err error;
    char why[256] = "";
    struct sq_users *users = open_port(bed, &error, why, sizeof why);
    if (users == NULL)
        print_error("%s: %s\n", bed->name, why);
    return users;
}

static void open_or_fail(struct users_bed *bed)
{
    char why[256] = "";
    if (open_bed(bed, why, sizeof why) != SQ_ERR_OK)
        fail_msg("%s: %s", bed->name, why);
}

static void close_bed(struct users_bed *bed)
{
    if (bed->users != NULL)
        bed->users->ops->destroy(bed->users);
    bed->users = NULL;
}

void users_bed_clear(struct users_bed *bed)
{
    static const char *const files[] = {"users.db", "users.db-wal", "users.db-shm"};
    close_bed(bed);
    if (bed->folder[0] == '\0') {
        postgres_bed_sql(
            "DROP TABLE IF EXISTS login_token, login_user, login_failure, login_schema");
        return;
    }
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", bed->folder, files[i]);
        unlink(path);
    }
}

int users_bed_sqlite(void **state)
{
    struct users_bed *bed = calloc(1, sizeof *bed);
    bed->name = "sqlite";
    check_make_folder(bed->folder, sizeof bed->folder);
    open_or_fail(bed);
    *state = bed;
    return 0;
}

/* One database for all tests of a program: each begins without tables. */
int users_bed_postgres(void **state)
{
    struct users_bed *bed = calloc(1, sizeof *bed);
    bed->name = "postgres";
    *state = bed;
    if (postgres_bed() == NULL)
        return 0;
    users_bed_clear(bed);
    open_or_fail(bed);
    return 0;
}

int users_bed_tear_down(void **state)
{
    struct users_bed *bed = *state;
    close_bed(bed);
    if (bed->folder[0] != '\0')
        check_remove_folder(bed->folder);
    free(bed);
    return 0;
}

void users_bed_again(struct users_bed *bed)
{
    close_bed(bed);
    open_or_fail(bed);
}

static void run_on_file(const char *folder, const char *sql)
{
    char path[300];
    sqlite3 *db = NULL;
    snprintf(path, sizeof path, "%s/users.db", folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

enum sq_err users_bed_after_sql(struct users_bed *bed, const char *sql, char *why, size_t why_room)
{
    close_bed(bed);
    if (bed->folder[0] != '\0')
        run_on_file(bed->folder, sql);
    else
        postgres_bed_sql(sql);
    return open_bed(bed, why, why_room);
}

struct sq_user users_bed_user(const char *name)
{
    struct sq_user user = {.role = SQ_ROLE_DEALER, .desk = "MUM-1", .books = "DRL"};
    snprintf(user.name, sizeof user.name, "%s", name);
    snprintf(user.password, sizeof user.password, "$argon2id$of %s", name);
    snprintf(user.totp, sizeof user.totp, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    return user;
}
