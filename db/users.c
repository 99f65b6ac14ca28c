/*
 * users.c: users, tokens and failures as tables: the statements, and the port above a driver.
 *
 * Every call holds the mutex, since logins are checked on several threads at once and a connection
 * is for one. What is read back is checked like any other input: people edit tables.
 */
#include "db/users.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/users_parts.h"

/* Rows of one migration share a number. A step is never changed after a release. */
static const struct {
    int step;
    const char *sql;
} migrations[] = {
    {1, "CREATE TABLE login_user ( -- who may come in; what one may do is in the books\n"
        "  name      TEXT PRIMARY KEY,\n"
        "  role      TEXT NOT NULL, -- DEALER SUPERVISOR ADMIN AUDITOR\n"
        "  disabled  BIGINT NOT NULL CHECK (disabled IN (0, 1)),\n"
        "  desk      TEXT NOT NULL,\n"
        "  books     TEXT NOT NULL, -- codes with a space between; *: all\n"
        "  password  TEXT NOT NULL, -- Argon2id\n"
        "  totp      TEXT NOT NULL, -- shared secret, base32\n"
        "  totp_step BIGINT NOT NULL, -- newest step whose code was used\n"
        "  version   BIGINT NOT NULL, -- changes by an administrator\n"
        "  login_us  BIGINT NOT NULL, -- last login; times: microseconds since 1970, UTC\n"
        "  address   TEXT NOT NULL -- of the last login\n"
        ")"},
    {1, "CREATE TABLE login_token ( -- sessions\n"
        "  hash       TEXT PRIMARY KEY CHECK (length(hash) = 64), -- BLAKE2b-256 of the token\n"
        "  name       TEXT NOT NULL REFERENCES login_user (name),\n"
        "  issued_us  BIGINT NOT NULL,\n"
        "  expires_us BIGINT NOT NULL,\n"
        "  seen_us    BIGINT NOT NULL\n"
        ")"},
    {1, "CREATE INDEX login_token_name ON login_token (name, issued_us)"},
    {1, "CREATE INDEX login_token_expires ON login_token (expires_us)"},
    {1, "CREATE TABLE login_failure ( -- what delays the next attempt\n"
        "  who      TEXT PRIMARY KEY, -- user, or address\n"
        "  failures BIGINT NOT NULL,\n"
        "  last_us  BIGINT NOT NULL\n"
        ")"},
    {1, "CREATE INDEX login_failure_last ON login_failure (last_us)"},
};
enum { NEWEST_STEP = 1 };

#define USER_COLUMNS                                                                 \
    "u.name, u.role, u.disabled, u.desk, u.books, u.password, u.totp, u.totp_step, " \
    "u.version, u.login_us, u.address"
enum { USER_COLUMN_COUNT = 11, TOKEN_COLUMN_COUNT = 5 };

struct users {
    struct sq_users port; /* first: a port is this struct */
    struct users_db *db;
    pthread_mutex_t mutex;
};

static struct users *enter(struct sq_users *port)
{
    struct users *u = (struct users *)port;
    pthread_mutex_lock(&u->mutex);
    u->db->why[0] = '\0';
    return u;
}

static enum sq_err leave(struct users *u, enum sq_err error)
{
    pthread_mutex_unlock(&u->mutex);
    return error;
}

/* ---- statements ------------------------------------------------------------------------------ */

#define TEXT(value)   ((struct users_value){.text = (value)})
#define NUMBER(value) ((struct users_value){.number = (value)})

/* sql(db, &changed, statement, values...): a statement whose rows nobody reads. */
#define sql(db, changed, statement, ...)                                                        \
    run_query((db), (changed),                                                                  \
              &(struct users_query){                                                            \
                  .sql = (statement),                                                           \
                  .values = {__VA_ARGS__},                                                      \
                  .value_count =                                                                \
                      sizeof((struct users_value[]){__VA_ARGS__}) / sizeof(struct users_value), \
              })

static enum sq_err run_query(struct users_db *db, int64_t *changed, const struct users_query *query)
{
    int64_t ignored;
    return db->ops->run(db, query, changed ? changed : &ignored);
}

static enum sq_err plain(struct users_db *db, const char *sql)
{
    return run_query(db, NULL, &(struct users_query){.sql = sql});
}

/* Ends a transaction: keeps it when all went well. */
static enum sq_err end(struct users_db *db, enum sq_err error)
{
    if (error == SQ_ERR_OK)
        error = plain(db, "COMMIT");
    if (error != SQ_ERR_OK) {
        char why[USERS_WHY_SIZE];
        memcpy(why, db->why, sizeof why); /* of what failed, not of the rollback */
        plain(db, "ROLLBACK");
        memcpy(db->why, why, sizeof why);
    }
    return error;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static bool copy(char *to, size_t room, const char *from)
{
    size_t length = strnlen(from, room);
    if (length == room)
        return false;
    memcpy(to, from, length + 1);
    return true;
}

static bool number(int64_t *to, const char *from)
{
    return sq_parse_integer(from, strlen(from), to);
}

static bool read_user(struct sq_user *user, const char *const *c)
{
    int role = sq_named(SQ_LIST_ROLE, c[1]);
    int64_t disabled;
    memset(user, 0, sizeof *user);
    if (role < 0 || !number(&disabled, c[2]) || !number(&user->totp_step, c[7]) ||
        !number(&user->version, c[8]) || !number(&user->login_us, c[9]))
        return false;
    user->role = (uint8_t)role;
    user->disabled = disabled != 0;
    return copy(user->name, sizeof user->name, c[0]) && copy(user->desk, sizeof user->desk, c[3]) &&
           copy(user->books, sizeof user->books, c[4]) &&
           copy(user->password, sizeof user->password, c[5]) &&
           copy(user->totp, sizeof user->totp, c[6]) &&
           copy(user->address, sizeof user->address, c[10]) && sq_user_fault(user) == NULL;
}

struct found {
    struct sq_user *user;
    struct sq_token *token;
    struct sq_failure *failure;
    sq_user_fn *each;
    void *owner;
    int64_t number;
};

static int user_row(void *owner, const char *const *columns, int count)
{
    struct found *found = owner;
    return count != USER_COLUMN_COUNT || !read_user(found->user, columns);
}

/* A row after the one that ended it is passed over. */
static int list_row(void *owner, const char *const *columns, int count)
{
    struct found *found = owner;
    if (found->number != 0)
        return 0;
    if (user_row(owner, columns, count) != 0)
        return 1;
    found->number = found->each(found->owner, found->user);
    return 0;
}

static int token_row(void *owner, const char *const *c, int count)
{
    struct found *found = owner;
    struct sq_token *t = found->token;
    memset(t, 0, sizeof *t);
    return count != TOKEN_COLUMN_COUNT + USER_COLUMN_COUNT ||
           !copy(t->hash, sizeof t->hash, c[0]) || !copy(t->user, sizeof t->user, c[1]) ||
           !number(&t->issued_us, c[2]) || !number(&t->expires_us, c[3]) ||
           !number(&t->seen_us, c[4]) || !read_user(found->user, c + TOKEN_COLUMN_COUNT);
}

static int failure_row(void *owner, const char *const *c, int count)
{
    struct found *found = owner;
    return count != 2 || !number(&found->failure->count, c[0]) ||
           !number(&found->failure->last_us, c[1]);
}

static int number_row(void *owner, const char *const *c, int count)
{
    struct found *found = owner;
    return count != 1 || !number(&found->number, c[0]);
}

/* NOT_FOUND when there is no such row. */
static enum sq_err read_one(struct users_db *db, const char *sql, const char *key,
                            users_row_fn *row, struct found *found)
{
    int64_t rows = 0;
    const struct users_query query = {
        .sql = sql, .values = {TEXT(key)}, .value_count = 1, .row = row, .owner = found};
    enum sq_err error = run_query(db, &rows, &query);
    return error != SQ_ERR_OK ? error : rows == 0 ? SQ_ERR_NOT_FOUND : SQ_ERR_OK;
}

/* ---- users ----------------------------------------------------------------------------------- */

static enum sq_err users_find(struct sq_users *port, const char *name, struct sq_user *user)
{
    struct users *u = enter(port);
    struct found found = {.user = user};
    return leave(u, read_one(u->db, "SELECT " USER_COLUMNS " FROM login_user u WHERE name = $1",
                             name, user_row, &found));
}

static enum sq_err users_add(struct sq_users *port, const struct sq_user *user)
{
    struct users *u = enter(port);
    int64_t added = 0;
    enum sq_err error =
        sql(u->db, &added,
            "INSERT INTO login_user VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0, '')"
            " ON CONFLICT (name) DO NOTHING",
            TEXT(user->name), TEXT(sq_name(SQ_LIST_ROLE, user->role)), NUMBER(user->disabled),
            TEXT(user->desk), TEXT(user->books), TEXT(user->password), TEXT(user->totp),
            NUMBER(user->totp_step));
    return leave(u, error == SQ_ERR_OK && added == 0 ? SQ_ERR_CONFLICT : error);
}

static enum sq_err change(struct users_db *db, const struct sq_user *user)
{
    int64_t changed = 0;
    enum sq_err error =
        sql(db, &changed,
            "UPDATE login_user SET role = $2, disabled = $3, desk = $4, books = $5, password = $6,"
            " totp = $7, totp_step = $8, version = version + 1 WHERE name = $1 AND version = $9",
            TEXT(user->name), TEXT(sq_name(SQ_LIST_ROLE, user->role)), NUMBER(user->disabled),
            TEXT(user->desk), TEXT(user->books), TEXT(user->password), TEXT(user->totp),
            NUMBER(user->totp_step), NUMBER(user->version));
    return error == SQ_ERR_OK && changed == 0 ? SQ_ERR_CONFLICT : error;
}

static enum sq_err users_save(struct sq_users *port, const struct sq_user *user)
{
    struct users *u = enter(port);
    enum sq_err error = plain(u->db, u->db->ops->begin);
    if (error == SQ_ERR_OK)
        error = change(u->db, user);
    if (error == SQ_ERR_OK)
        error = sql(u->db, NULL, "DELETE FROM login_token WHERE name = $1", TEXT(user->name));
    return leave(u, end(u->db, error));
}

static enum sq_err users_list(struct sq_users *port, sq_user_fn *row, void *owner)
{
    struct users *u = enter(port);
    struct sq_user user;
    struct found found = {.user = &user, .each = row, .owner = owner};
    const struct users_query query = {.sql =
                                          "SELECT " USER_COLUMNS " FROM login_user u ORDER BY name",
                                      .row = list_row,
                                      .owner = &found};
    return leave(u, run_query(u->db, NULL, &query));
}

/* ---- logins ---------------------------------------------------------------------------------- */

static enum sq_err set_login(struct users_db *db, const struct sq_login *login)
{
    int64_t changed = 0;
    enum sq_err error = sql(db, &changed,
                            "UPDATE login_user SET totp_step = $3, login_us = $4, address = $5"
                            " WHERE name = $1 AND version = $2 AND totp_step < $3",
                            TEXT(login->user), NUMBER(login->version), NUMBER(login->totp_step),
                            NUMBER(login->token.issued_us), TEXT(login->address));
    if (error == SQ_ERR_OK && changed == 0)
        error = SQ_ERR_CONFLICT;
    if (error == SQ_ERR_OK && login->password != NULL)
        error = sql(db, NULL, "UPDATE login_user SET password = $2 WHERE name = $1",
                    TEXT(login->user), TEXT(login->password));
    return error;
}

static enum sq_err set_token(struct users_db *db, const struct sq_token *token)
{
    enum sq_err error =
        sql(db, NULL, "DELETE FROM login_token WHERE expires_us <= $1", NUMBER(token->issued_us));
    if (error == SQ_ERR_OK)
        error = sql(db, NULL,
                    "DELETE FROM login_token WHERE hash IN (SELECT hash FROM login_token"
                    " WHERE name = $1 ORDER BY issued_us DESC, hash LIMIT 1000 OFFSET $2)",
                    TEXT(token->user), NUMBER(SQ_USER_TOKENS_MAX - 1));
    if (error == SQ_ERR_OK)
        error = sql(db, NULL, "INSERT INTO login_token VALUES ($1, $2, $3, $4, $5)",
                    TEXT(token->hash), TEXT(token->user), NUMBER(token->issued_us),
                    NUMBER(token->expires_us), NUMBER(token->seen_us));
    return error;
}

static enum sq_err users_accept(struct sq_users *port, const struct sq_login *login)
{
    struct users *u = enter(port);
    enum sq_err error = plain(u->db, u->db->ops->begin);
    if (error == SQ_ERR_OK)
        error = set_login(u->db, login);
    if (error == SQ_ERR_OK)
        error = set_token(u->db, &login->token);
    return leave(u, end(u->db, error));
}

static enum sq_err users_token_find(struct sq_users *port, const char *hash, struct sq_token *token,
                                    struct sq_user *user)
{
    struct users *u = enter(port);
    struct found found = {.user = user, .token = token};
    return leave(
        u, read_one(u->db,
                    "SELECT t.hash, t.name, t.issued_us, t.expires_us, t.seen_us, " USER_COLUMNS
                    " FROM login_token t JOIN login_user u ON u.name = t.name"
                    " WHERE t.hash = $1",
                    hash, token_row, &found));
}

static enum sq_err users_token_seen(struct sq_users *port, const char *hash, sq_time now)
{
    struct users *u = enter(port);
    return leave(u, sql(u->db, NULL, "UPDATE login_token SET seen_us = $2 WHERE hash = $1",
                        TEXT(hash), NUMBER(now)));
}

static enum sq_err users_token_drop(struct sq_users *port, const char *hash)
{
    struct users *u = enter(port);
    return leave(u, sql(u->db, NULL, "DELETE FROM login_token WHERE hash = $1", TEXT(hash)));
}

/* ---- failures -------------------------------------------------------------------------------- */

static enum sq_err users_failure_get(struct sq_users *port, const char *key,
                                     struct sq_failure *failure)
{
    struct users *u = enter(port);
    struct found found = {.failure = failure};
    *failure = (struct sq_failure){0};
    enum sq_err error =
        read_one(u->db, "SELECT failures, last_us FROM login_failure WHERE who = $1", key,
                 failure_row, &found);
    return leave(u, error == SQ_ERR_NOT_FOUND ? SQ_ERR_OK : error);
}

static enum sq_err users_failure_add(struct sq_users *port, const char *key, sq_time now,
                                     sq_time forget_before)
{
    struct users *u = enter(port);
    enum sq_err error =
        sql(u->db, NULL,
            "INSERT INTO login_failure VALUES ($1, 1, $2) ON CONFLICT (who) DO UPDATE SET"
            " failures = CASE WHEN login_failure.last_us < $3 THEN 1"
            " ELSE login_failure.failures + 1 END, last_us = $2",
            TEXT(key), NUMBER(now), NUMBER(forget_before));
    if (error == SQ_ERR_OK)
        error = sql(u->db, NULL,
                    "DELETE FROM login_failure WHERE who IN (SELECT who FROM login_failure"
                    " ORDER BY last_us DESC, who LIMIT 1000 OFFSET $1)",
                    NUMBER(SQ_FAILURES_MAX));
    return leave(u, error);
}

static enum sq_err users_failure_drop(struct sq_users *port, const char *key)
{
    struct users *u = enter(port);
    return leave(u, sql(u->db, NULL, "DELETE FROM login_failure WHERE who = $1", TEXT(key)));
}

/* ---- opening --------------------------------------------------------------------------------- */

static void users_why(struct sq_users *port, char *why, size_t why_room)
{
    struct users *u = (struct users *)port;
    pthread_mutex_lock(&u->mutex);
    snprintf(why, why_room, "%s", u->db->why);
    pthread_mutex_unlock(&u->mutex);
}

static void users_destroy(struct sq_users *port)
{
    struct users *u = (struct users *)port;
    u->db->ops->close(u->db);
    pthread_mutex_destroy(&u->mutex);
    free(u);
}

static const struct sq_users_ops ops = {
    .find = users_find,
    .add = users_add,
    .save = users_save,
    .list = users_list,
    .accept = users_accept,
    .token_find = users_token_find,
    .token_seen = users_token_seen,
    .token_drop = users_token_drop,
    .failure_get = users_failure_get,
    .failure_add = users_failure_add,
    .failure_drop = users_failure_drop,
    .why = users_why,
    .destroy = users_destroy,
};

static enum sq_err schema_version(struct users_db *db, int64_t *version)
{
    struct found found = {0};
    const struct users_query query = {.sql = "SELECT coalesce(max(step), 0) FROM login_schema",
                                      .row = number_row,
                                      .owner = &found};
    enum sq_err error = run_query(db, NULL, &query);
    *version = found.number;
    return error;
}

static enum sq_err apply_after(struct users_db *db, int64_t version)
{
    enum sq_err error = SQ_ERR_OK;
    for (size_t i = 0; error == SQ_ERR_OK && i < sizeof migrations / sizeof migrations[0]; i++)
        if (migrations[i].step > version)
            error = plain(db, migrations[i].sql);
    if (error == SQ_ERR_OK && version < NEWEST_STEP)
        error = sql(db, NULL, "INSERT INTO login_schema VALUES ($1)", NUMBER(NEWEST_STEP));
    return error;
}

static enum sq_err migrate_users(struct users_db *db)
{
    int64_t version = 0;
    enum sq_err error = plain(db, db->ops->begin);
    if (error == SQ_ERR_OK && db->ops->lock_schema != NULL)
        error = plain(db, db->ops->lock_schema);
    if (error == SQ_ERR_OK)
        error = plain(db, "CREATE TABLE IF NOT EXISTS login_schema (step BIGINT PRIMARY KEY)");
    if (error == SQ_ERR_OK)
        error = schema_version(db, &version);
    if (error == SQ_ERR_OK && version > NEWEST_STEP) {
        snprintf(db->why, sizeof db->why, "schema %lld of users is newer than this program's %d",
                 (long long)version, NEWEST_STEP);
        error = SQ_ERR_VERSION;
    }
    return end(db, error == SQ_ERR_OK ? apply_after(db, version) : error);
}

struct sq_users *users_open(struct users_db *db, enum sq_err *error, char *why, size_t why_room)
{
    struct users *u = calloc(1, sizeof *u);
    *error = u != NULL ? migrate_users(db) : SQ_ERR_IO;
    if (*error != SQ_ERR_OK) {
        snprintf(why, why_room, "%s", u != NULL ? db->why : "no memory");
        db->ops->close(db);
        free(u);
        return NULL;
    }
    u->port.ops = &ops;
    u->db = db;
    pthread_mutex_init(&u->mutex, NULL);
    return &u->port;
}
