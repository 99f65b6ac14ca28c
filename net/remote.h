/*
 * remote.h: the session of a screen whose host is a server (core/session.h over docs/protocol.md).
 *
 * The view is folded from the server's rows and events, the board fed from its rates. Servers are
 * tried in the order of the list; one that refuses, closes, stands by or says nothing for 6 s gives
 * way to the next at once, and after a round without success the wait grows, with jitter. The view
 * stays as it was and info says `live` = false from the first moment.
 *
 * Back again, the book is resumed behind the last `seq` that was taken whole: nothing is missed and
 * nothing comes twice; when the server has not got it any more it sends the book afresh, and the
 * screen keeps the old one until the new one is whole.
 *
 * What was submitted and had no answer when the connection broke is NEVER submitted again (design:
 * an intent is not retried by a machine). When the book is whole again each is looked for: a
 * square-off whose id has a close in the book is in, and nothing is said; one that has none was not
 * sent: a REFUSED ("too old: press again") of ours goes into the view's activity, and `lost` is
 * called. The server may still have it in hand at that moment; then its close appears, and the
 * engine's one open close for each position guards against a second press. Of other commands
 * (cancels, approvals) nobody can say: `lost` is called with `known` false.
 *
 * Everything runs on the loop's thread. Callbacks may call any function here but remote_stop and
 * remote_free.
 */
#ifndef NET_REMOTE_H
#define NET_REMOTE_H

#include "core/session.h"
#include "net/loop.h"
#include "net/wire.h"

enum {
    REMOTE_SERVERS = 8,
    REMOTE_HOST_SIZE = 128,
    REMOTE_PENDING = 2048, /* messages that were submitted and have no answer yet */
    REMOTE_QUESTIONS = 16, /* requests of remote_ask that have no answer yet */
    REMOTE_ANSWER_S = 15,  /* a server that speaks and does not answer is given up after */
    REMOTE_FIRST_WAIT_MS = 500,
    REMOTE_LONGEST_WAIT_MS = 10000
};

struct remote_server {
    char host[REMOTE_HOST_SIZE]; /* a name, where TLS is used: certificates are checked for it */
    char port[8];
};

/* Where it stands. */
enum remote_phase {
    REMOTE_CONNECTING, /* no book yet */
    REMOTE_LOGIN,      /* waits for a person to call remote_login() */
    REMOTE_SNAPSHOT,   /* the book is coming, for the first time or again */
    REMOTE_LIVE,
    REMOTE_LOST, /* it had the book, and looks for a server */
    REMOTE_ENDED /* logged out or stopped */
};

struct remote_config {
    struct loop *loop;
    struct remote_server servers[REMOTE_SERVERS];
    size_t server_count;
    const char *ca_file; /* PEM; NULL: the system's */
    bool plain;          /* no TLS: loopback addresses only */
    char user[SQ_PERSON_SIZE];
    char token[WIRE_TOKEN_SIZE]; /* kept from before; "": none */
    char book[4];                /* "": the first that the server names */
    int per_s;                   /* rates a second, 1..WIRE_RATES_PER_SECOND */

    /* Each may be NULL. */
    /* A person must log in; why: "" the first time, else what was wrong, in words. */
    void (*ask)(void *owner, const char *why);
    /* The token for the next start, to be kept in a file of mode 0600; "": it is void. */
    void (*keep)(void *owner, const char *token, sq_time until);
    /* Phase, server or anything of remote_status has changed. */
    void (*changed)(void *owner);
    /* An event has been folded into the view (a cache keeps it). */
    void (*event)(void *owner, const struct sq_message *event);
    /* Rows of the book's journal have come (net/replica.h asks for them); borrowed. */
    void (*log)(void *owner, const struct wire_frame *frame);
    /* The session's view is another one now: rows may have other numbers. The one before is freed
     * when this returns. */
    void (*replaced)(void *owner);
    /* A message that has no answer: see above. known: it is certain that it was not taken. */
    void (*lost)(void *owner, const struct sq_message *message, bool known, const char *why);
    void *owner;
};

/* What became of a server when it was tried last. */
struct remote_line {
    char host[REMOTE_HOST_SIZE];
    char name[SQ_SYMBOL_SIZE]; /* as it calls itself; "" not known */
    bool present;              /* connected to, or being tried */
    sq_time at;                /* when `why` was so; 0: not tried yet */
    char why[WIRE_WHY_SIZE]; /* "refused", "certificate: ...", "no word for 6 s"; "": all is well */
};
struct remote_status {
    enum remote_phase phase;
    sq_time since;    /* of the phase */
    sq_time retry_at; /* next attempt; SQ_NEVER: none is waited for */
    char server[SQ_SYMBOL_SIZE];
    char person[SQ_PERSON_SIZE];
    char role[16];
    struct remote_line lines[REMOTE_SERVERS];
    size_t line_count;
};

struct remote;

/* NULL with the reason: settings that cannot be used, or no memory. Nothing is connected yet. */
struct remote *remote_create(const struct remote_config *config, char *why, size_t why_room);
/* Begins. Without a token it asks for a person first, and connects when he has logged in. */
void remote_start(struct remote *remote);
/* What a person typed; wiped when a server has taken or refused it. code: "" none. */
void remote_login(struct remote *remote, const char *user, const char *password, const char *code);
/* The token is void after it, and the phase ENDED. */
void remote_logout(struct remote *remote);
void remote_status(const struct remote *remote, struct remote_status *status);
const char *remote_phase_name(enum remote_phase phase);

/* The session; its view is NULL until the first book is whole (or seeded). `destroy` does nothing:
 * remote_free() ends it. Its submit takes nothing unless LIVE. */
struct sq_session *remote_session(struct remote *remote);

/* Rates as from now on: how often, and with the five best bids and asks of each or the best only.
 * Without depth the other levels are empty. */
void remote_rates(struct remote *remote, int per_s, bool depth);

/*
 * A book kept from before, to be shown until a server speaks and resumed from there: an empty view
 * of that configuration, that the caller applies the kept rows to; then `seeded`. Before start.
 * NULL: a configuration that cannot be used.
 */
struct sq_view *remote_seed(struct remote *remote, const struct sq_config *config);
void remote_seeded(struct remote *remote, uint64_t seq, uint32_t epoch, sq_time heard,
                   const char *source);

/*
 * Any other request: put() adds its members behind do, id and book; answer() is called once, with
 * NULL when the connection was lost before. False: not logged in, or too many already.
 */
bool remote_ask(struct remote *remote, enum wire_do what,
                void (*put)(struct wire_out *out, void *with), void *with,
                void (*answer)(void *owner, const struct wire_frame *frame), void *owner);

/* The end: remote_stop(), which turns the loop and must not be called from within it; then
 * loop_finish(), then remote_free(). */
void remote_stop(struct remote *remote);
void remote_free(struct remote *remote);

#endif
