/*
 * migrate_postgres.c: the steps of db/schema.def on PostgreSQL.
 *
 * Servers start side by side: whoever takes the advisory lock first applies the steps, in one
 * transaction (PostgreSQL's DDL is transactional), and the others find them done.
 */
#include <stdio.h>
#include <string.h>

#include "db/migrate.h"
#include "db/pg.h"

#define TEXT "text"
#define SQLITE(text)
#define POSTGRES(text) text
#define INT            "bigint"
#define SMALL          "smallint"
#define BYTES          "bytea"
#define BOOK           "  book text NOT NULL,\n"
#define VOLUME         "  book text NOT NULL, volume bigint NOT NULL,\n"
#define BOOK_KEY       "book, "
#define VOLUME_KEY     "book, volume, "
#define STRICT         ""
#define STRICT_KEYED   ""
static const char *const steps[] = {
#include "db/schema.def"
};
_Static_assert(sizeof steps / sizeof steps[0] == MIGRATE_NEWEST, "one set for both");

/* Steps applied, or -1 when it cannot be read. */
static int64_t version_of(struct pg *pg)
{
    int64_t version = -1;
    PGresult *there =
        pg_query(pg, "SELECT count(*) FROM pg_class WHERE oid = to_regclass('schema_step')", NULL);
    if (there && pg_i64(there, 0, 0) == 0)
        version = 0;
    else if (there) {
        PGresult *newest = pg_query(pg, "SELECT coalesce(max(step), 0) FROM schema_step", NULL);
        if (newest)
            version = pg_i64(newest, 0, 0);
        PQclear(newest);
    }
    PQclear(there);
    return version;
}

/* For people who look with psql; the program never reads them. */
static bool name_kinds(struct pg *pg)
{
    struct pg_array numbers = {0}, names = {0};
    struct pg_params p = {0};
    pg_array_begin(&numbers, PG_INT8);
    pg_array_begin(&names, PG_TEXT);
    for (int kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++) {
        const char *name = sq_kind_info((enum sq_kind)kind)->name;
        pg_array_i64(&numbers, kind);
        pg_array_bytes(&names, name, strlen(name));
    }
    pg_add_array(&p, &numbers);
    pg_add_array(&p, &names);
    PGresult *done = p.failed ? NULL
                              : pg_query(pg,
                                         "INSERT INTO kind SELECT * FROM unnest($1::bigint[],"
                                         " $2::text[]) ON CONFLICT (kind)"
                                         " DO UPDATE SET name = excluded.name",
                                         &p);
    pg_array_finish(&numbers);
    pg_array_finish(&names);
    PQclear(done);
    return done != NULL;
}

static bool note_step(struct pg *pg, int step)
{
    struct pg_params p = {0};
    pg_add_i64(&p, step);
    PGresult *done = pg_query(pg, "INSERT INTO schema_step VALUES ($1::bigint, now())", &p);
    PQclear(done);
    return done != NULL;
}

static bool apply_all(struct pg *pg)
{
    char lock[96];
    snprintf(lock, sizeof lock, "BEGIN; SELECT pg_advisory_xact_lock(%d)", MIGRATE_APPLICATION_ID);
    bool good =
        pg_run(pg, lock) && pg_run(pg, "CREATE TABLE IF NOT EXISTS schema_step ("
                                       "step bigint PRIMARY KEY, applied_at timestamptz NOT NULL)");
    int64_t version = good ? version_of(pg) : -1;
    good = version >= 0;
    for (int64_t step = version; good && step < MIGRATE_NEWEST; step++)
        good = pg_run(pg, steps[step]) && note_step(pg, (int)step + 1);
    return good && name_kinds(pg) && pg_run(pg, "COMMIT");
}

enum sq_err migrate_postgres(struct pg *pg, char *why, size_t why_room)
{
    int64_t version = version_of(pg);
    if (version > MIGRATE_NEWEST) {
        snprintf(why, why_room, "schema %lld is newer than this program's %d", (long long)version,
                 MIGRATE_NEWEST);
        return SQ_ERR_VERSION;
    }
    if (version == MIGRATE_NEWEST || (version >= 0 && apply_all(pg)))
        return SQ_ERR_OK;
    snprintf(why, why_room, "schema: %s", pg->why);
    return SQ_ERR_IO;
}
