/*
 * port.h: the interfaces that core uses and others implement. A port is a struct of functions
 * with the implementation's own struct as first argument (embed it, and cast by its offset).
 * Every port has at least two implementations and one test suite that runs on each of them.
 */
#ifndef SQ_CORE_PORT_H
#define SQ_CORE_PORT_H

#include "core/record.h"

#define SQ_ERR_MAP(X)                                       \
    X(OK, "ok")                                             \
    X(DISK_FULL, "disk is full")                            \
    X(IO, "input/output error")                             \
    X(DAMAGED, "journal is damaged")                        \
    X(VERSION, "written by other rules or a newer version") \
    X(LOCKED, "another process owns this state")            \
    X(NOT_FOUND, "not there")                               \
    X(FENCED, "another owner has a higher epoch")           \
    X(CONFLICT, "an id is already in the journal")
#define X(tail, text) SQ_ERR_##tail,
enum sq_err { SQ_ERR_MAP(X) SQ_ERR_COUNT };
#undef X
const char *sq_strerror(enum sq_err error);

/* One turn: what is committed in one transaction. Inputs and events are stamped and encoded. */
struct sq_turn {
    const struct sq_message *inputs;
    size_t input_count;
    const struct sq_message *events;
    size_t event_count;
};

enum { SQ_HASH_SIZE = 32 }; /* of the chain that binds the turns of a journal */

/* ---- store: the journal ------------------------------------------------------------------- */
/* Called for each row in order of seq, inputs before the events they caused. Non-zero stops. */
typedef int sq_journal_fn(void *owner, const struct sq_message *message, bool is_input);

struct sq_store;
struct sq_store_ops {
    /* Durable when it returns OK: all of the turn or nothing of it. May run beside the loop, but
     * never twice at a time. DISK_FULL: nothing was written, and the call may be repeated after
     * `release_ballast`; every other error is final. */
    enum sq_err (*commit)(struct sq_store *store, const struct sq_turn *turn);
    /* Gives back the space kept for a full disk. OK once, NOT_FOUND when it is gone already. */
    enum sq_err (*release_ballast)(struct sq_store *store);
    /* Reads journal rows with seq > after. Verifies the hash chain on the way: DAMAGED names the
     * first bad seq in why. A torn tail is cut by the store when it opens, not here. */
    enum sq_err (*read)(struct sq_store *store, uint64_t after, sq_journal_fn *row, void *owner);
    /* Snapshot of the state after seq: rows as encoded by sq_encode, atomically. */
    enum sq_err (*save_snapshot)(struct sq_store *store, uint64_t seq, uint64_t digest,
                                 const struct sq_message *rows, size_t count);
    /* Newest snapshot: calls row for each record, then sets *seq and *digest. NOT_FOUND: none. */
    enum sq_err (*load_snapshot)(struct sq_store *store, sq_journal_fn *row, void *owner,
                                 uint64_t *seq, uint64_t *digest);
    /* The first turn that ends at seq or behind it: its last seq and its hash (BLAKE2b-256). With
     * *end == seq it is the hash of all up to there. NOT_FOUND: the journal ends before seq. */
    enum sq_err (*turn_end)(struct sq_store *store, uint64_t seq, uint64_t *end,
                            uint8_t hash[SQ_HASH_SIZE]);
    /* Last seq in the journal, 0 when empty. */
    uint64_t (*last_seq)(struct sq_store *store);
    /* The store's own words on its last error. Never NULL. */
    const char *(*why)(struct sq_store *store);
    void (*destroy)(struct sq_store *store);
};
struct sq_store {
    const struct sq_store_ops *ops;
};

/* ---- exchange: where requests go ---------------------------------------------------------- */
struct sq_exchange_port;
struct sq_exchange_ops {
    /* Carries out one request; borrowed until it returns. Answers come back as inputs through
     * sq_host_submit, always later, never from within this call. */
    void (*send)(struct sq_exchange_port *exchange, const struct sq_message *request);
};
struct sq_exchange_port {
    const struct sq_exchange_ops *ops;
};

/* ---- listener: who hears of events -------------------------------------------------------- */
struct sq_listener;
struct sq_listener {
    /* One event, durable by now, in order; borrowed until it returns. */
    void (*event)(struct sq_listener *listener, const struct sq_message *event);
    /* An input, durable by now, before the events it caused; its tag says whose it was. May be
     * NULL. What was refused at the door (VIEW_ONLY) is an event only, with the tag. */
    void (*stepped)(struct sq_listener *listener, const struct sq_message *input);
};

#endif
