/*
 * users_parts.h: what users.c asks of a database, and what the two drivers are to it.
 *
 * The SQL is written in the words that both take: parameters are $1, $2, ..., 64-bit numbers are
 * BIGINT, and there are no blobs.
 */
#ifndef DB_USERS_PARTS_H
#define DB_USERS_PARTS_H

#include "db/users.h"

/* What `why` says of a row that a row function refused. */
#define USERS_ODD_ROW "tables of users: a row that cannot be"

enum { USERS_VALUES_MAX = 12, USERS_WHY_SIZE = 256 };

struct users_value {
    const char *text; /* NULL: the number counts */
    int64_t number;
};

/* One row, every column as text (NULL as ""), borrowed. Non-zero: the row cannot be what it says. */
typedef int users_row_fn(void *owner, const char *const *columns, int count);

struct users_query {
    const char *sql; /* one statement */
    struct users_value values[USERS_VALUES_MAX];
    int value_count;
    users_row_fn *row; /* NULL: rows are not looked at */
    void *owner;
};

struct users_db;
struct users_db_ops {
    const char *begin;       /* a transaction that will write */
    const char *lock_schema; /* so that two starts do not migrate at once; NULL: begin does it */
    /* *changed: rows that the statement inserted, changed, removed, or gave. DAMAGED: row() said
     * so. The driver's own words are left in db->why. */
    enum sq_err (*run)(struct users_db *db, const struct users_query *query, int64_t *changed);
    void (*close)(struct users_db *db);
};
/* A driver's own struct begins with it. */
struct users_db {
    const struct users_db_ops *ops;
    char why[USERS_WHY_SIZE];
};

/* Migrates, and makes the port; takes db over, also on error. */
struct sq_users *users_open(struct users_db *db, enum sq_err *error, char *why, size_t why_room);

#endif
