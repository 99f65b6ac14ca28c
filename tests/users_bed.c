/* users_bed.c - see users_bed.h. */
#include "tests/users_bed.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "db/users.h"
#include "tests/check.h"
#include "tests/postgres_bed.h"

static enum sq_err open_bed(struct users_bed *bed, char *why, size_t why_room)
{
    enum sq_err error = SQ_ERR_OK;
    bed->users = bed->folder[0] != '\0'
                     ? users_sqlite_open(bed->folder, &error, why, why_room)
                     : users_postgres_open(postgres_bed(), &error, why, why_room);
    return error;
}

static void open_or_fail(struct users_bed *bed)
{
    char why[256] = "";
    if (open_bed(bed, why, sizeof why) != SQ_ERR_OK)
        fail_msg("%s: %s", bed->name, why);
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
    postgres_bed_sql("DROP TABLE IF EXISTS login_token, login_user, login_failure, login_schema");
    open_or_fail(bed);
    return 0;
}

static void close_bed(struct users_bed *bed)
{
    if (bed->users != NULL)
        bed->users->ops->destroy(bed->users);
    bed->users = NULL;
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
