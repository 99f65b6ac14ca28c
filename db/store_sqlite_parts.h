/* store_sqlite_parts.h: the SQLite store's own struct, shared by its files only. */
#ifndef DB_STORE_SQLITE_PARTS_H
#define DB_STORE_SQLITE_PARTS_H

#include "db/rows.h"
#include "db/sql.h"
#include "db/state_dir.h"
#include "db/store_sqlite.h"
#include "db/unique.h"

enum statement {
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_ROW,
    STATEMENT_CLAIM,
    STATEMENT_CLAIMED,
    STATEMENT_RELEASE,
    STATEMENT_RELEASE_ALL,
    STATEMENT_COUNT
};

struct store_sqlite {
    struct sq_store port;
    struct state_dir dir;
    sqlite3 *db;
    sqlite3_stmt *statements[STATEMENT_COUNT]; /* kept prepared; none when read only */
    uint64_t last_seq;
    uint8_t hash[HASH_SIZE]; /* of the last turn: the next link hangs on it */
    store_sqlite_fn *hook;   /* for the next commit; NULL: none */
    void *hook_owner;
    enum sq_err dead; /* a commit failed for good: no more are taken */
    bool read_only;
    bool salvage; /* what is damaged is no reason not to look at the rest */
    char why[256];
};

/* Notes SQLite's words on what just failed, and returns it as an error of the port. */
enum sq_err store_sqlite_failed(struct store_sqlite *s, const char *doing);

enum sq_err store_sqlite_save_snapshot(struct sq_store *store, uint64_t seq, uint64_t digest,
                                       const struct sq_message *rows, size_t count);
enum sq_err store_sqlite_load_snapshot(struct sq_store *store, sq_journal_fn *row, void *owner,
                                       uint64_t *seq, uint64_t *digest);

#endif
