/*
 * replica.h: a console's copy of its book's journal, with which it may own the book one day
 * (docs/handover.md).
 *
 * While a server owns the book, its journal comes turn by turn; each is stepped here by the same
 * engine, compared with what the server's engine told, committed, and its hash compared with the
 * server's. So the copy is good, or it says at once that it is not.
 *
 *   hand-over    the server's grant is looked at (replica_check) and, when the copy ends in exactly
 *                what it names, handed to the caller, who ends this and takes the book
 *   hand-back    a journal that this console has released to the server is sent to it, and is a
 *                copy again from then on
 *
 * Nothing is sent to an exchange from here, and commits are made on the loop's thread: a replica's
 * screen waits for its disk, some milliseconds a turn.
 */
#ifndef NET_REPLICA_H
#define NET_REPLICA_H

#include "core/host.h"
#include "net/grant.h"
#include "net/journal_wire.h"
#include "net/remote.h"

enum {
    REPLICA_WHY = 200,
    REPLICA_ASK_MS = 200,        /* before a server that was busy is asked again */
    REPLICA_OUT_BEGIN = 1000000, /* break-glass: our numbers begin so far above the last known */
    REPLICA_CLOCK_S = 300        /* how much a grant may be from the future */
};

enum replica_state {
    REPLICA_WAITING, /* no server */
    REPLICA_FOLLOWING,
    REPLICA_RETURNING, /* our rows are on their way to the server */
    REPLICA_PARTED,    /* the server has another journal: a person has to look; why says more */
    REPLICA_FAILED     /* a row did not fit, or the disk failed; why */
};
const char *replica_state_words(enum replica_state state);

struct replica_config {
    struct loop *loop;
    struct sq_store *store; /* of its own; borrowed, as all here */
    char book[4];
    char name[SQ_OWNER_SIZE]; /* ours, as an owner */
    const char *grant_key;    /* public key of the servers, hexadecimal; NULL: no hand-over */
    /* Each may be NULL. */
    void (*changed)(void *owner); /* anything of replica_status */
    /* The book is ours to take: end this, and take it (replica_take). */
    void (*granted)(void *owner, const char *grant, const char *signature);
    void (*returned)(void *owner); /* the server has taken the book back */
    void *owner;
};

struct replica_status {
    enum replica_state state;
    uint64_t seq;   /* we have */
    uint64_t head;  /* the server had, when it last said so */
    uint32_t epoch; /* of the book, as far as we have it */
    bool asked;     /* a hand-over is under way at the server */
    bool owned;     /* the journal ends with an owner; false: it was released, to `owner` */
    char owner[SQ_OWNER_SIZE];
    char why[REPLICA_WHY]; /* what was refused or went wrong last; "" */
};

struct replica;

/* Recovers what the store has, and follows from then on. NULL with the reason. */
struct replica *replica_create(const struct replica_config *config, char *why, size_t why_room);
/* The end: replica_stop() while the loop goes on; after loop_finish(), or a turn, replica_free(). */
void replica_stop(struct replica *replica);
void replica_free(struct replica *replica);
void replica_status(const struct replica *replica, struct replica_status *status);
/* NULL while nothing has come yet. */
struct sq_host *replica_host(struct replica *replica);

/* The remote session has become live: our journal goes on from there, or goes back first. */
void replica_begin(struct replica *replica, struct remote *remote);
void replica_lost(struct replica *replica); /* and is live no more */
/* A frame with `log`. */
void replica_rows(struct replica *replica, const struct wire_frame *frame);

/* A supervisor asks for the book; what becomes of it is told by `granted`, or by status.why. False:
 * it cannot be asked for now. */
bool replica_hand_over(struct replica *replica, const char *reason);

/* ---- owning it ------------------------------------------------------------------------------- */

/*
 * Is this grant good: signed by the server, for this book and owner, now, and does the journal end
 * in exactly what it names? 0, or -1 with the reason. `again`: true when all is right but that the
 * journal does not end there yet.
 */
int replica_check(const struct replica_config *config, sq_time now, const char *text,
                  const char *signature, struct grant *grant, bool *again, char why[REPLICA_WHY]);

struct replica_taking {
    enum sq_taken taken; /* GRANTED or BREAK_GLASS */
    const char *name;    /* ours, as an owner */
    const char *person;
    const char *second; /* BREAK_GLASS: the other person; else "" */
    const char *reason;
};
/*
 * Takes the book of a host that follows (recovered, released or a replica's): leads, and journals
 * TAKE with the epoch that the grant's release named, or for BREAK_GLASS the next multiple of
 * SQ_GLASS_EPOCHS, and outgoing
 * numbers far above the last owner's. Nothing was done on an error, as far as that can be known.
 */
enum sq_err replica_take(struct sq_host *host, const struct replica_taking *how, sq_time now,
                         char why[REPLICA_WHY]);

#endif
