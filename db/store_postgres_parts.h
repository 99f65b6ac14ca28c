/* store_postgres_parts.h: the PostgreSQL store's own struct, shared by its files only. */
#ifndef DB_STORE_POSTGRES_PARTS_H
#define DB_STORE_POSTGRES_PARTS_H

#include "db/pg.h"
#include "db/rows.h"
#include "db/store_postgres.h"
#include "db/unique.h"

/* Rows of one statement: bounds what is kept in memory, here and there. */
enum { STORE_POSTGRES_CHUNK = 4096, STORE_POSTGRES_WHATS = UNIQUE_OPEN_CLOSE + 1 };

/* What the statements of a commit are, for whoever hears that one failed. */
enum store_postgres_tag {
    TAG_OTHER, /* BEGIN, COMMIT, what hangs on the commit */
    TAG_FENCE,
    TAG_ROWS,
    TAG_CLAIM /* + enum unique_what */
};

/* Claims of a turn that go together: all of them, then all that is given back. */
struct claim_round {
    struct pg_array keys[STORE_POSTGRES_WHATS], values[STORE_POSTGRES_WHATS];
    struct pg_array back_keys[STORE_POSTGRES_WHATS], back_values[STORE_POSTGRES_WHATS];
    uint64_t given_back[16]; /* a bit for each key given back: the next claim of it waits */
};

/* Queues statements into the transaction of the next commit, tag TAG_OTHER. */
typedef void store_postgres_fn(void *owner, struct sq_store *store, struct pg *pg);

struct store_postgres {
    struct sq_store port;
    char *conninfo;
    char book[4];
    char server[STORE_POSTGRES_NAME];
    char other[STORE_POSTGRES_NAME]; /* who owned the book when a claim was LOCKED last */
    char application[64]; /* on the database: book, a number of this store's own, server */
    int64_t lease_ms;
    struct pg main;            /* for all but beats */
    struct pg beat;            /* another thread's */
    _Atomic uint32_t epoch;    /* 0: not the owner */
    _Atomic int64_t good_till; /* monotonic ms: end of the lease as we count it */
    int64_t volume;            /* of the journal */
    int64_t tip;               /* id of the last row; -1: none */
    uint64_t last_seq;
    uint8_t hash[HASH_SIZE]; /* of the last turn: the next link hangs on it */
    struct pg_array ids, times, faces, kinds, bodies, hashes; /* rows on their way */
    struct claim_round round;
    store_postgres_fn *hook; /* for the next commit; NULL: none */
    void *hook_owner;
    enum sq_err dead; /* a commit failed for good: no more are taken */
    char why[320];
};

static inline struct store_postgres *store_postgres_of(struct sq_store *store)
{
    return (struct store_postgres *)(void *)store; /* the port is the first member */
}

/* The next commit also does what `fn` queues; durable with that turn or not at all. */
void store_postgres_with_commit(struct sq_store *store, store_postgres_fn *fn, void *owner);

/* Notes the connection's words on what failed, and returns it as an error of the port. */
enum sq_err store_postgres_failed(struct store_postgres *s, const struct pg *pg, const char *doing);

/* Connects main, if it is not connected: one try within wait_ms. */
enum sq_err store_postgres_connect(struct store_postgres *s, int64_t wait_ms);

/* Ends the backends of a session, our own connection's excepted. */
void store_postgres_end_session(struct store_postgres *s, const char *application);

/* Book and volume, with which the parameters of most statements begin. */
void store_postgres_place(const struct store_postgres *s, struct pg_params *params);

/* The journal's last row as it is now: id (-1: none) and hash. */
enum sq_err store_postgres_tip(struct store_postgres *s, int64_t *id, uint8_t hash[HASH_SIZE]);

/* Verifies what others have written after our tip, and makes it ours. */
enum sq_err store_postgres_follow(struct store_postgres *s);

/* Begins a pipeline with BEGIN and the fence. */
void store_postgres_begin(struct store_postgres *s);

/* Durably, that the epoch is ours: OK, FENCED or IO. Renews the lease. */
enum sq_err store_postgres_confirm(struct store_postgres *s);

enum sq_err store_postgres_commit(struct sq_store *store, const struct sq_turn *turn);
enum sq_err store_postgres_save_snapshot(struct sq_store *store, uint64_t seq, uint64_t digest,
                                         const struct sq_message *rows, size_t count);
enum sq_err store_postgres_load_snapshot(struct sq_store *store, sq_journal_fn *row, void *owner,
                                         uint64_t *seq, uint64_t *digest);

#endif
