/*
 * standalone.h: the embedded engine linked to a FIX 4.4 acceptor.
 *
 * Two FIX sessions, orders and prices, each over its own connection with its own backoff; the host
 * is driven on the loop, rates go to the board. The order session begins when the book is loaded
 * and owned, and ends for good with standalone_logout(). Sockets are TCP, or made by the caller
 * (a socket pair to an exchange in this process): the bytes are the same.
 */
#ifndef NET_STANDALONE_H
#define NET_STANDALONE_H

#include "core/session.h"
#include "net/driver.h"
#include "net/fix_exchange.h"
#include "net/fix_market.h"
#include "net/reconnect.h"
#include "net/tcp.h"

enum { STANDALONE_NAME = 256 };

struct standalone_config {
    struct loop *loop;
    struct sq_host *host; /* recovered; borrowed, as is all below */
    struct sq_store *store;
    const struct sq_tables *tables; /* of the view that the board belongs to */
    struct sq_board *board;
    uint32_t instruments; /* rows of instruments there can be: the engine's configuration */

    char address[STANDALONE_NAME]; /* host name or address of the acceptor */
    char port[16];
    char target_comp_id[FIX_COMP_ID_MAX];
    char market_target_comp_id[FIX_COMP_ID_MAX]; /* "": the same */
    char market_sender_comp_id[FIX_COMP_ID_MAX]; /* "": the book's sender with "-MD" */
    int heartbeat_s;                             /* 0: 30; of both sessions */
    const char *username;                        /* or NULL */
    const char *password;
    bool no_market;      /* the venue has no market data session */
    bool no_mass_status; /* see net/fix_exchange.h */
    /* Makes a connected stream socket, -1: not now. NULL: TCP to address and port. */
    int (*open)(void *owner, bool market);

    /* Each may be NULL. */
    void (*before)(void *owner, sq_time now);        /* before each turn: sets clocks */
    void (*acted)(void *owner);                      /* events of a turn have been published */
    void (*rated)(void *owner, uint32_t instrument); /* the board has a new rate of this row */
    void (*stopped)(void *owner, enum sq_err error);
    void (*log)(void *owner, const char *line);
    void *owner;
};

struct standalone;

/* Sets the host's exchange and board, and begins. NULL: no memory, or no listener to be had. */
struct standalone *standalone_create(const struct standalone_config *config);
/* Cuts what is connected; to be followed by loop_finish(), then standalone_free(). */
void standalone_stop(struct standalone *s);
void standalone_free(struct standalone *s);

/* Logs out of the exchange in order; no connection is made again. */
void standalone_logout(struct standalone *s, const char *why);
/* Logged out, or never logged on, and everything that came is durable: the loop may be stopped. */
bool standalone_is_quiet(const struct standalone *s);

/*
 * Hands the sessions over: the order session logs out in order, the feed's is closed, and no
 * connection is made again until the book is taken with a higher epoch, or standalone_stay(). True when the session has ended, so that
 * nothing more can go out; call it again until then. cut: what does not end in order is cut.
 */
bool standalone_leave(struct standalone *s, const char *why, bool cut);
void standalone_stay(struct standalone *s);

/* The links' part of what a screen shows: price_up, price_heard, order_up, order_rtt_us. */
void standalone_source(const struct standalone *s, struct sq_source_info *source);

/* The order session and the feed, for status screens and tests. */
const struct fix_exchange *standalone_orders(const struct standalone *s);
const struct fix_market *standalone_prices(const struct standalone *s);
const struct driver *standalone_driver(const struct standalone *s);

#endif
