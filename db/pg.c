/*
 * pg.c: libpq without blocking calls: what it wants to read or write is waited for with poll().
 *
 * In a pipeline both sides send at once; who only writes while the other only writes waits for
 * ever. So every wait reads too (libpq manual, 34.5 "Pipeline Mode").
 */
#include "db/pg.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int64_t pg_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- failures -------------------------------------------------------------------------------- */

/* libpq's words end with a line feed and may have more lines than one. */
static void note(struct pg *pg, const char *words)
{
    size_t length = strcspn(words, "\n");
    snprintf(pg->why, sizeof pg->why, "%.*s", (int)(length < 255 ? length : 255), words);
}

static void lose(struct pg *pg, const char *words)
{
    pg->lost = true;
    note(pg, words);
}

/* What was skipped after a failure in its pipeline has no words of its own. */
static void note_result(struct pg *pg, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (PQresultStatus(result) == PGRES_PIPELINE_ABORTED)
        return;
    snprintf(pg->state, sizeof pg->state, "%s", state ? state : "");
    note(pg, words ? words : PQresultErrorMessage(result));
    /* 57P: the server ends this connection. 08: there is none. */
    if (strncmp(pg->state, "57P", 3) == 0 || strncmp(pg->state, "08", 2) == 0)
        pg->lost = true;
}

/* Class 53100 is the one that another try may get over (PostgreSQL manual, appendix A). */
enum sq_err pg_error(const struct pg *pg)
{
    return strcmp(pg->state, "53100") == 0 ? SQ_ERR_DISK_FULL : SQ_ERR_IO;
}

static void begin(struct pg *pg)
{
    pg->state[0] = pg->why[0] = '\0';
    pg->deadline_ms = pg_now_ms() + pg->wait_ms;
    if (pg->conn == NULL)
        lose(pg, "not connected");
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool wait_for(struct pg *pg, short events)
{
    struct pollfd wait = {.fd = PQsocket(pg->conn), .events = events};
    int64_t left = pg->deadline_ms - pg_now_ms();
    int ready = left > 0 ? poll(&wait, 1, (int)(left < INT32_MAX ? left : INT32_MAX)) : 0;
    if (ready == 0)
        lose(pg, "the database does not answer in time");
    else if (ready < 0 && errno != EINTR)
        lose(pg, strerror(errno));
    return !pg->lost;
}

/* Sends all that is queued, reading whatever comes meanwhile. */
static bool flush(struct pg *pg)
{
    int left;
    while (!pg->lost && (left = PQflush(pg->conn)) != 0) {
        if (left < 0 || (wait_for(pg, POLLIN | POLLOUT) && PQconsumeInput(pg->conn) == 0))
            lose(pg, PQerrorMessage(pg->conn));
    }
    return !pg->lost;
}

/* Next result of what is under way; NULL at the end of one statement, or when lost. */
static PGresult *next_result(struct pg *pg)
{
    while (!pg->lost && PQisBusy(pg->conn))
        if (wait_for(pg, POLLIN) && PQconsumeInput(pg->conn) == 0)
            lose(pg, PQerrorMessage(pg->conn));
    return pg->lost ? NULL : PQgetResult(pg->conn);
}

/* ---- connection ------------------------------------------------------------------------------ */

static bool poll_connection(struct pg *pg)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;
    while (want != PGRES_POLLING_OK) {
        if (!wait_for(pg, want == PGRES_POLLING_READING ? POLLIN : POLLOUT))
            return false;
        want = PQconnectPoll(pg->conn);
        if (want == PGRES_POLLING_FAILED) {
            lose(pg, PQerrorMessage(pg->conn));
            return false;
        }
    }
    return true;
}

/* What the server remarks beside its answers is not for a terminal that somebody else draws on. */
static void ignore_notice(void *owner, const PGresult *notice)
{
    (void)owner;
    (void)notice;
}

/* The caller's string goes in as dbname, which libpq expands; what follows it comes on top. */
bool pg_connect(struct pg *pg, const char *conninfo, const char *application, int64_t wait_ms)
{
    const char *const names[] = {"dbname", "application_name", "client_encoding", NULL};
    const char *const values[] = {conninfo, application, "UTF8", NULL};
    pg_close(pg);
    pg->wait_ms = wait_ms;
    pg->lost = false;
    pg->conn = PQconnectStartParams(names, values, 1);
    begin(pg);
    if (pg->conn && PQstatus(pg->conn) == CONNECTION_BAD)
        lose(pg, PQerrorMessage(pg->conn));
    if (pg->lost || !poll_connection(pg))
        return false;
    PQsetnonblocking(pg->conn, 1);
    PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
    return true;
}

void pg_close(struct pg *pg)
{
    PQfinish(pg->conn);
    free(pg->tags);
    pg->conn = NULL;
    pg->tags = NULL;
    pg->tag_room = 0;
    pg->lost = true;
}

/* On a connection at rest there is nothing to read, unless the other side has ended it. */
bool pg_is_up(struct pg *pg)
{
    struct pollfd look = {.fd = pg->conn ? PQsocket(pg->conn) : -1, .events = POLLIN};
    while (!pg->lost && poll(&look, 1, 0) > 0)
        if (PQconsumeInput(pg->conn) == 0 || PQstatus(pg->conn) == CONNECTION_BAD)
            lose(pg, PQerrorMessage(pg->conn));
    return pg->conn != NULL && !pg->lost;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put_u32(uint8_t *to, uint32_t number)
{
    number = htonl(number);
    memcpy(to, &number, sizeof number);
}

static void put_u64(uint8_t *to, uint64_t number)
{
    put_u32(to, (uint32_t)(number >> 32));
    put_u32(to + 4, (uint32_t)number);
}

/* Header: dimensions, whether there are nulls, type; then length and lower bound of the one. */
enum { ARRAY_HEAD = 20, ARRAY_COUNT_AT = 12 };

static uint8_t *array_room(struct pg_array *a, size_t more)
{
    if (a->used + more > a->room) {
        size_t room = (a->used + more) * 2 + 1024;
        uint8_t *bytes = realloc(a->bytes, room);
        if (bytes == NULL) {
            a->failed = true;
            return NULL;
        }
        a->bytes = bytes;
        a->room = room;
    }
    a->used += more;
    return a->bytes + a->used - more;
}

void pg_array_begin(struct pg_array *a, uint32_t type)
{
    a->used = a->count = 0;
    a->failed = false;
    a->type = type;
    uint8_t *head = array_room(a, ARRAY_HEAD);
    if (head == NULL)
        return;
    put_u32(head, 1);
    put_u32(head + 4, 1);
    put_u32(head + 8, type);
    put_u32(head + 16, 1);
}

void pg_array_bytes(struct pg_array *a, const void *bytes, size_t length)
{
    uint8_t *to = array_room(a, 4 + (bytes ? length : 0));
    if (to == NULL)
        return;
    put_u32(to, bytes ? (uint32_t)length : UINT32_MAX);
    if (bytes)
        memcpy(to + 4, bytes, length);
    a->count++;
}

void pg_array_i64(struct pg_array *a, int64_t number)
{
    uint8_t bytes[8];
    put_u64(bytes, (uint64_t)number);
    pg_array_bytes(a, bytes, sizeof bytes);
}

void pg_array_i16(struct pg_array *a, int16_t number)
{
    uint8_t bytes[2] = {(uint8_t)((uint16_t)number >> 8), (uint8_t)number};
    pg_array_bytes(a, bytes, sizeof bytes);
}

void pg_array_finish(struct pg_array *a)
{
    free(a->bytes);
    memset(a, 0, sizeof *a);
}

void pg_add_bytes(struct pg_params *p, const void *bytes, size_t length)
{
    p->values[p->count] = bytes;
    p->lengths[p->count++] = (int)length;
}

void pg_add_i64(struct pg_params *p, int64_t number)
{
    put_u64(p->numbers[p->count], (uint64_t)number);
    pg_add_bytes(p, p->numbers[p->count], 8);
}

void pg_add_text(struct pg_params *p, const char *text)
{
    pg_add_bytes(p, text, strlen(text));
}

void pg_add_array(struct pg_params *p, struct pg_array *a)
{
    p->failed |= a->failed;
    if (!a->failed)
        put_u32(a->bytes + ARRAY_COUNT_AT, a->count);
    pg_add_bytes(p, a->bytes, a->used);
}

int64_t pg_i64(const PGresult *result, int row, int column)
{
    const uint8_t *bytes = (const uint8_t *)PQgetvalue(result, row, column);
    uint64_t number = 0;
    for (int i = 0; i < 8 && PQgetlength(result, row, column) == 8; i++)
        number = number << 8 | bytes[i];
    return (int64_t)number;
}

/* ---- statements ------------------------------------------------------------------------------ */

static const struct pg_params none;
static const int binary[PG_PARAMS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

static bool is_good(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

/* Reads to the end of one statement: its last good result, or NULL with the failure noted. */
static PGresult *collect(struct pg *pg)
{
    PGresult *last = NULL, *result;
    bool good = true;
    while ((result = next_result(pg)) != NULL) {
        if (good && !is_good(result)) {
            note_result(pg, result);
            good = false;
        }
        PQclear(last);
        last = result;
    }
    if (!pg->lost && PQstatus(pg->conn) == CONNECTION_BAD)
        lose(pg, PQerrorMessage(pg->conn));
    if (good && !pg->lost)
        return last;
    PQclear(last);
    return NULL;
}

bool pg_run(struct pg *pg, const char *sql)
{
    begin(pg);
    if (!pg->lost && PQsendQuery(pg->conn, sql) == 0)
        lose(pg, PQerrorMessage(pg->conn));
    PGresult *result = flush(pg) ? collect(pg) : NULL;
    PQclear(result);
    return result != NULL;
}

void pg_rollback(struct pg *pg)
{
    char why[sizeof pg->why], state[PG_STATE_SIZE];
    if (!pg_is_up(pg) || PQtransactionStatus(pg->conn) == PQTRANS_IDLE)
        return;
    memcpy(why, pg->why, sizeof why);
    memcpy(state, pg->state, sizeof state);
    pg_run(pg, "ROLLBACK");
    if (!pg->lost) { /* what made it necessary is what is to be told */
        memcpy(pg->why, why, sizeof why);
        memcpy(pg->state, state, sizeof state);
    }
}

PGresult *pg_query(struct pg *pg, const char *sql, const struct pg_params *params)
{
    const struct pg_params *p = params ? params : &none;
    begin(pg);
    if (!pg->lost &&
        PQsendQueryParams(pg->conn, sql, p->count, NULL, p->values, p->lengths, binary, 1) == 0)
        lose(pg, PQerrorMessage(pg->conn));
    return flush(pg) ? collect(pg) : NULL;
}

void pg_pipeline_begin(struct pg *pg)
{
    begin(pg);
    pg->queued = 0;
    pg->unsent = 0;
    if (!pg->lost && PQenterPipelineMode(pg->conn) == 0)
        lose(pg, PQerrorMessage(pg->conn));
}

enum { SEND_AT = 1 << 16 };

/* A small turn goes in one piece; a large one as it is made, so that it is not kept here twice. */
static void sent(struct pg *pg, uint8_t tag, int good, const struct pg_params *params)
{
    if (good && pg->queued == pg->tag_room) {
        int room = pg->tag_room * 2 + 64;
        uint8_t *tags = realloc(pg->tags, (size_t)room);
        good = tags != NULL;
        if (tags) {
            pg->tags = tags;
            pg->tag_room = room;
        }
    }
    if (!good) {
        lose(pg, PQerrorMessage(pg->conn));
        return;
    }
    pg->tags[pg->queued++] = tag;
    for (int i = 0; i < params->count; i++)
        pg->unsent += (size_t)params->lengths[i];
    if (pg->unsent >= SEND_AT && flush(pg))
        pg->unsent = 0;
}

static bool may_send(struct pg *pg, const struct pg_params *params)
{
    if (!pg->lost && params->failed)
        lose(pg, "no memory");
    return !pg->lost;
}

void pg_send(struct pg *pg, uint8_t tag, const char *sql, const struct pg_params *params)
{
    const struct pg_params *p = params ? params : &none;
    if (may_send(pg, p))
        sent(pg, tag,
             PQsendQueryParams(pg->conn, sql, p->count, NULL, p->values, p->lengths, binary, 1), p);
}

void pg_send_prepared(struct pg *pg, uint8_t tag, const char *name, const struct pg_params *p)
{
    if (may_send(pg, p))
        sent(pg, tag,
             PQsendQueryPrepared(pg->conn, name, p->count, p->values, p->lengths, binary, 1), p);
}

void pg_prepare(struct pg *pg, uint8_t tag, const char *name, const char *sql)
{
    if (!pg->lost)
        sent(pg, tag, PQsendPrepare(pg->conn, name, sql, 0, NULL), &none);
}

int pg_pipeline_end(struct pg *pg)
{
    int failed = PG_ALL_DONE;
    if (!pg->lost && PQpipelineSync(pg->conn) == 0)
        lose(pg, PQerrorMessage(pg->conn));
    flush(pg);
    for (int i = 0; i < pg->queued && !pg->lost; i++) {
        PGresult *result = collect(pg);
        if (result == NULL && failed == PG_ALL_DONE)
            failed = pg->tags[i];
        PQclear(result);
    }
    PQclear(next_result(pg)); /* of the sync */
    if (!pg->lost && PQexitPipelineMode(pg->conn) == 0)
        lose(pg, PQerrorMessage(pg->conn));
    return pg->lost ? PG_LOST : failed;
}
