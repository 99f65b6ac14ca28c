/*
 * pg.h: small helpers over libpq: a connection that never waits without end, values in binary, and
 * statements in a pipeline. Values reach SQL as parameters only, never by formatting.
 *
 * Every wait has a deadline. What the deadline passes, or what breaks the connection, leaves it
 * `lost`: nothing is known about the statements that were under way.
 */
#ifndef DB_PG_H
#define DB_PG_H

#include <libpq-fe.h>

#include "core/port.h"

enum { PG_PARAMS = 18, PG_STATE_SIZE = 6 };

struct pg {
    PGconn *conn; /* NULL: not connected */
    int64_t wait_ms;
    int64_t deadline_ms; /* monotonic, of what is under way */
    bool lost;
    char state[PG_STATE_SIZE]; /* SQLSTATE of the last failure, "" if it was no statement's */
    uint8_t *tags;             /* of the statements in the pipeline, as their sender gave them */
    int tag_room;
    int queued;    /* how many */
    size_t unsent; /* bytes of their parameters that may not have left yet */
    char why[256]; /* words on the last failure */
};

/* Milliseconds by the monotonic clock. */
int64_t pg_now_ms(void);

/* Connects within wait_ms, which holds for each later call too. False: pg->why. Names of hosts are
 * looked up by the resolver, which libpq waits for: use hostaddr where that may be slow. */
bool pg_connect(struct pg *pg, const char *conninfo, const char *application, int64_t wait_ms);
void pg_close(struct pg *pg);

/* Whether it may be used: what has been said on it since, a farewell included, is heard first. */
bool pg_is_up(struct pg *pg);

/* The last failure as an error of the store port: a full disk is told from others. */
enum sq_err pg_error(const struct pg *pg);

/* ---- values -------------------------------------------------------------------------------- */

/* A growing array of one type, in PostgreSQL's binary form (src/backend/utils/adt/arrayfuncs.c). */
struct pg_array {
    uint8_t *bytes;
    size_t used;
    size_t room;
    uint32_t count;
    uint32_t type; /* its element's */
    bool failed;   /* no memory */
};
enum { PG_BYTEA = 17, PG_INT8 = 20, PG_INT2 = 21, PG_TEXT = 25 };
void pg_array_begin(struct pg_array *array, uint32_t type); /* keeps the memory of before */
void pg_array_i64(struct pg_array *array, int64_t number);
void pg_array_i16(struct pg_array *array, int16_t number);
void pg_array_bytes(struct pg_array *array, const void *bytes, size_t length); /* NULL: null */
void pg_array_finish(struct pg_array *array);

/* Parameters of one statement, in order. Texts, bytes and arrays are borrowed until it is sent. */
struct pg_params {
    int count;
    const char *values[PG_PARAMS];
    int lengths[PG_PARAMS];
    uint8_t numbers[PG_PARAMS][8];
    bool failed;
};
void pg_add_i64(struct pg_params *params, int64_t number); /* ::bigint */
void pg_add_text(struct pg_params *params, const char *text);
void pg_add_bytes(struct pg_params *params, const void *bytes, size_t length);
void pg_add_array(struct pg_params *params, struct pg_array *array);

/* A bigint of a result. */
int64_t pg_i64(const PGresult *result, int row, int column);

/* ---- statements ---------------------------------------------------------------------------- */

/* Runs commands without parameters, several at a time if need be. */
bool pg_run(struct pg *pg, const char *sql);

/* Ends a transaction that was left open, if there is one. */
void pg_rollback(struct pg *pg);

/* One statement; its rows, binary, to be PQclear()ed, or NULL with pg->why. params may be NULL. */
PGresult *pg_query(struct pg *pg, const char *sql, const struct pg_params *params);

/*
 * A pipeline: statements go without waiting for one another, and from the first that fails on
 * nothing more is done. pg_pipeline_end waits for all answers. Returns the tag of the statement
 * that failed, PG_ALL_DONE, or PG_LOST: then any of them may have been done, or none.
 */
enum { PG_ALL_DONE = -1, PG_LOST = -2 };
void pg_pipeline_begin(struct pg *pg);
void pg_send(struct pg *pg, uint8_t tag, const char *sql, const struct pg_params *params);
void pg_send_prepared(struct pg *pg, uint8_t tag, const char *name, const struct pg_params *params);
void pg_prepare(struct pg *pg, uint8_t tag, const char *name, const char *sql);
int pg_pipeline_end(struct pg *pg);

#endif
