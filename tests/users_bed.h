/*
 * users_bed.h - the port of users on one database under test: the same tests lie on every bed
 *
 * What fails here fails the running test; a test on PostgreSQL is skipped where none is installed.
 */
#ifndef TESTS_USERS_BED_H
#define TESTS_USERS_BED_H

#include "core/users.h"

struct users_bed {
    const char *name; /* "sqlite", "postgres" */
    struct sq_users *users;
    char folder[256]; /* sqlite: the state directory */
};

/* cmocka's set-up and tear-down; *state is the bed. */
int users_bed_sqlite(void **state);
int users_bed_postgres(void **state);
int users_bed_tear_down(void **state);

/* Another port on the same database, as another server has it; the caller's. Any thread. NULL: error. */
struct sq_users *users_bed_another(const struct users_bed *bed);
/* Closes and opens again, as a restarted server does. */
void users_bed_again(struct users_bed *bed);
/* Closes, and takes all away: the database before a first start. */
void users_bed_clear(struct users_bed *bed);
/* A person with a shell of the database, while the port is closed; then it is opened again. On error
 * the port is NULL and the error given. */
enum sq_err users_bed_after_sql(struct users_bed *bed, const char *sql, char *why, size_t why_room);

/* A dealer of book DRL who can come in: with a password string and a secret of no meaning. */
struct sq_user users_bed_user(const char *name);

#endif
