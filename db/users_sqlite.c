/* users_sqlite.c: the driver of users.c on SQLite 3, in users.db of a state directory. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/sql.h"
#include "db/state_dir.h"
#include "db/users_parts.h"

enum { BUSY_MS = 5000, COLUMNS_MAX = 32, KEPT_MAX = 24 };

struct on_sqlite {
    struct users_db db; /* first: users.c knows only this */
    sqlite3 *sqlite;
    struct {
        const char *sql; /* the literal in users.c: it is known by its address */
        sqlite3_stmt *statement;
    } kept[KEPT_MAX]; /* prepared once: most of a look-up's time */
    int kept_count;
};

/* One that was kept, or a new one; NULL: SQLite does not take it. */
static sqlite3_stmt *statement_of(struct on_sqlite *s, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    for (int i = 0; i < s->kept_count; i++)
        if (s->kept[i].sql == sql)
            return s->kept[i].statement;
    sqlite3_prepare_v3(s->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    return statement;
}

/* What has values comes again; what has none (tables, transactions) is not worth the place. */
static void put_back(struct on_sqlite *s, const struct users_query *query, sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    for (int i = 0; i < s->kept_count; i++)
        if (s->kept[i].statement == statement)
            return;
    if (query->value_count == 0 || s->kept_count == KEPT_MAX) {
        sqlite3_finalize(statement);
        return;
    }
    s->kept[s->kept_count].sql = query->sql;
    s->kept[s->kept_count++].statement = statement;
}

/* SQLite takes $1 as a name: so the statements that PostgreSQL numbers are bound by name here. */
static int bind(sqlite3_stmt *statement, const struct users_query *query)
{
    int rc = SQLITE_OK;
    for (int i = 0; rc == SQLITE_OK && i < query->value_count; i++) {
        const struct users_value *value = &query->values[i];
        char name[16];
        snprintf(name, sizeof name, "$%d", i + 1);
        int at = sqlite3_bind_parameter_index(statement, name);
        rc = value->text != NULL ? sqlite3_bind_text(statement, at, value->text, -1, SQLITE_STATIC)
                                 : sqlite3_bind_int64(statement, at, value->number);
    }
    return rc;
}

static int give_row(sqlite3_stmt *statement, const struct users_query *query)
{
    const char *columns[COLUMNS_MAX];
    int count = sqlite3_column_count(statement);
    for (int i = 0; i < count && i < COLUMNS_MAX; i++) {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        columns[i] = text != NULL ? text : "";
    }
    return count > COLUMNS_MAX || query->row(query->owner, columns, count) != 0;
}

/* *rows: those that were given. SQLITE_MISMATCH, which no statement here gives: one cannot be. */
static int step(sqlite3_stmt *statement, const struct users_query *query, int64_t *rows)
{
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        if (query->row != NULL && give_row(statement, query) != 0)
            return SQLITE_MISMATCH;
        *rows += 1;
    }
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static enum sq_err sqlite_run(struct users_db *db, const struct users_query *query,
                              int64_t *changed)
{
    struct on_sqlite *s = (struct on_sqlite *)db;
    sqlite3_stmt *statement = statement_of(s, query->sql);
    int64_t rows = 0;
    int rc = statement != NULL ? bind(statement, query) : SQLITE_ERROR;
    if (rc == SQLITE_OK)
        rc = step(statement, query, &rows);
    enum sq_err error = rc == SQLITE_OK         ? SQ_ERR_OK
                        : rc == SQLITE_MISMATCH ? SQ_ERR_DAMAGED
                                                : sql_error(s->sqlite);
    if (error != SQ_ERR_OK)
        snprintf(db->why, sizeof db->why, "%s",
                 rc == SQLITE_MISMATCH ? USERS_ODD_ROW : sqlite3_errmsg(s->sqlite));
    bool gives = statement != NULL && sqlite3_column_count(statement) > 0;
    *changed = gives ? rows : sqlite3_changes64(s->sqlite);
    if (statement != NULL)
        put_back(s, query, statement);
    return error;
}

static void sqlite_close(struct users_db *db)
{
    struct on_sqlite *s = (struct on_sqlite *)db;
    for (int i = 0; i < s->kept_count; i++)
        sqlite3_finalize(s->kept[i].statement);
    sqlite3_close(s->sqlite);
    free(s);
}

static const struct users_db_ops sqlite_ops = {
    .begin = "BEGIN IMMEDIATE", .run = sqlite_run, .close = sqlite_close};

/* The same settings as the journal's: durable when a call returns, and nothing trusted. */
static enum sq_err configure(sqlite3 *db)
{
    int64_t ignored;
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, BUSY_MS);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    int rc = sqlite3_exec(db,
                          "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY",
                          NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sql_number(db, "SELECT count(*) FROM sqlite_schema", &ignored);
    return rc == SQLITE_OK ? SQ_ERR_OK : sql_error(db);
}

static enum sq_err open_file(struct on_sqlite *s, const struct state_dir *dir)
{
    char path[STATE_PATH_MAX + 32];
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_NOFOLLOW;
    enum sq_err error = SQ_ERR_IO;
    if (sqlite3_open_v2(state_dir_file(dir, "users.db", path), &s->sqlite, flags, NULL) ==
        SQLITE_OK)
        error = configure(s->sqlite);
    if (error != SQ_ERR_OK)
        snprintf(s->db.why, sizeof s->db.why, "users.db: %s", sqlite3_errmsg(s->sqlite));
    return error;
}

struct sq_users *users_sqlite_open(const char *directory, enum sq_err *error, char *why,
                                   size_t why_room)
{
    struct state_dir dir;
    struct on_sqlite *s = calloc(1, sizeof *s);
    *error = SQ_ERR_IO;
    snprintf(why, why_room, "%s", s == NULL ? "no memory" : "path is too long");
    if (s != NULL && state_dir_init(&dir, directory) == 0) {
        *error = state_dir_make(&dir, why, why_room);
        if (*error == SQ_ERR_OK)
            *error = state_dir_private(&dir, "users.db", why, why_room);
        if (*error == SQ_ERR_OK) {
            s->db.ops = &sqlite_ops;
            *error = open_file(s, &dir);
            if (*error == SQ_ERR_OK)
                return users_open(&s->db, error, why, why_room);
            snprintf(why, why_room, "%s", s->db.why);
        }
    }
    if (s != NULL)
        sqlite_close(&s->db);
    return NULL;
}
