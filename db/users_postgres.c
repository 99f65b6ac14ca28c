/*
 * users_postgres.c: the driver of users.c on PostgreSQL (libpq), on a connection of its own.
 *
 * A statement alone is tried once more on a new connection when the old one turns out to be dead;
 * inside a transaction it is not, since what came before it is gone. Both are safe: every statement
 * that stands alone may run twice.
 */
#include <netinet/in.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/users_parts.h"

enum { COLUMNS_MAX = 32, NUMBER_SIZE = 24, CONNINFO_SIZE = 1024, KEPT_MAX = 24 };

struct on_postgres {
    struct users_db db; /* first: users.c knows only this */
    PGconn *connection;
    char conninfo[CONNINFO_SIZE];
    /* Prepared on this connection as u0, u1, ...: planning is most of a look-up's time. A statement
     * is a literal in users.c, and known by its address. */
    const char *prepared[KEPT_MAX];
    int prepared_count;
};

static void silent(void *owner, const PGresult *result)
{
    (void)owner;
    (void)result; /* "already exists" is no news, and a screen may own the terminal */
}

/* Bounded waits: a thread that waits for ever would be lost to the loop. */
static enum sq_err connect_again(struct on_postgres *p)
{
    const char *const keys[] = {"dbname",           "connect_timeout", "tcp_user_timeout",
                                "application_name", "options",         NULL};
    const char *const values[] = {
        p->conninfo, "5", "5000", "squareoff-users", "-c statement_timeout=5000", NULL};
    PQfinish(p->connection);
    p->prepared_count = 0;
    p->connection = PQconnectdbParams(keys, values, 1);
    if (PQstatus(p->connection) != CONNECTION_OK) {
        snprintf(p->db.why, sizeof p->db.why, "users: %s", PQerrorMessage(p->connection));
        return SQ_ERR_IO;
    }
    PQsetNoticeReceiver(p->connection, silent, NULL);
    return SQ_ERR_OK;
}

/* Names the prepared statement of a query. False: none is worth it, or none was made. */
static bool prepared_name(struct on_postgres *p, const struct users_query *query,
                          char name[NUMBER_SIZE])
{
    int at = 0;
    while (at < p->prepared_count && p->prepared[at] != query->sql)
        at++;
    snprintf(name, NUMBER_SIZE, "u%d", at);
    if (at < p->prepared_count)
        return true;
    if (query->value_count == 0 || at == KEPT_MAX)
        return false;
    PGresult *result = PQprepare(p->connection, name, query->sql, query->value_count, NULL);
    bool made = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    if (made)
        p->prepared[p->prepared_count++] = query->sql;
    return made;
}

static PGresult *send_query(struct on_postgres *p, const struct users_query *query)
{
    const char *values[USERS_VALUES_MAX];
    char numbers[USERS_VALUES_MAX][NUMBER_SIZE], name[NUMBER_SIZE];
    for (int i = 0; i < query->value_count; i++) {
        snprintf(numbers[i], NUMBER_SIZE, "%lld", (long long)query->values[i].number);
        values[i] = query->values[i].text != NULL ? query->values[i].text : numbers[i];
    }
    if (prepared_name(p, query, name))
        return PQexecPrepared(p->connection, name, query->value_count, values, NULL, NULL, 0);
    return PQexecParams(p->connection, query->sql, query->value_count, NULL, values, NULL, NULL, 0);
}

static int give_rows(const PGresult *result, const struct users_query *query)
{
    const char *columns[COLUMNS_MAX];
    int count = PQnfields(result);
    for (int row = 0; row < PQntuples(result); row++) {
        for (int i = 0; i < count && i < COLUMNS_MAX; i++)
            columns[i] = PQgetvalue(result, row, i);
        if (count > COLUMNS_MAX || query->row(query->owner, columns, count) != 0)
            return 1;
    }
    return 0;
}

/* SQLSTATE, PostgreSQL manual, appendix A: class 23 integrity, 53100 disk full, XX001 corrupted. */
static enum sq_err error_of(struct on_postgres *p, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    snprintf(p->db.why, sizeof p->db.why, "users: %s", PQerrorMessage(p->connection));
    if (state == NULL)
        return SQ_ERR_IO;
    return strncmp(state, "23", 2) == 0     ? SQ_ERR_CONFLICT
           : strcmp(state, "53100") == 0    ? SQ_ERR_DISK_FULL
           : strncmp(state, "XX00", 4) == 0 ? SQ_ERR_DAMAGED
                                            : SQ_ERR_IO;
}

static enum sq_err take_result(struct on_postgres *p, const PGresult *result,
                               const struct users_query *query, int64_t *changed)
{
    ExecStatusType status = PQresultStatus(result);
    *changed = status == PGRES_TUPLES_OK ? PQntuples(result)
                                         : strtoll(PQcmdTuples((PGresult *)result), NULL, 10);
    if (status == PGRES_COMMAND_OK)
        return SQ_ERR_OK;
    if (status != PGRES_TUPLES_OK)
        return error_of(p, result);
    if (query->row == NULL || give_rows(result, query) == 0)
        return SQ_ERR_OK;
    snprintf(p->db.why, sizeof p->db.why, USERS_ODD_ROW);
    return SQ_ERR_DAMAGED;
}

static enum sq_err postgres_run(struct users_db *db, const struct users_query *query,
                                int64_t *changed)
{
    struct on_postgres *p = (struct on_postgres *)db;
    bool alone = PQtransactionStatus(p->connection) != PQTRANS_INTRANS;
    PGresult *result = send_query(p, query);
    if (alone && PQstatus(p->connection) != CONNECTION_OK && connect_again(p) == SQ_ERR_OK) {
        PQclear(result);
        result = send_query(p, query);
    }
    enum sq_err error = take_result(p, result, query, changed);
    PQclear(result);
    return error;
}

static void postgres_close(struct users_db *db)
{
    struct on_postgres *p = (struct on_postgres *)db;
    PQfinish(p->connection);
    free(p);
}

/* The number of the lock is "SQUS" in ASCII; it goes with the transaction. */
static const struct users_db_ops postgres_ops = {
    .begin = "BEGIN",
    .lock_schema = "SELECT pg_advisory_xact_lock(1397839187)",
    .run = postgres_run,
    .close = postgres_close,
};

struct sq_users *users_postgres_open(const char *conninfo, enum sq_err *error, char *why,
                                     size_t why_room)
{
    struct on_postgres *p = calloc(1, sizeof *p);
    *error = SQ_ERR_IO;
    if (p == NULL || strlen(conninfo) >= sizeof p->conninfo) {
        snprintf(why, why_room, "%s", p == NULL ? "no memory" : "conninfo is too long");
        free(p);
        return NULL;
    }
    p->db.ops = &postgres_ops;
    memcpy(p->conninfo, conninfo, strlen(conninfo) + 1);
    *error = connect_again(p);
    if (*error == SQ_ERR_OK)
        return users_open(&p->db, error, why, why_room);
    snprintf(why, why_room, "%s", p->db.why);
    postgres_close(&p->db);
    return NULL;
}
