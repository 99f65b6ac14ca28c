/*
 * fix_exchange.h: the exchange port (core/port.h) over one FIX 4.4 order session.
 *
 * Bytes in, bytes out, inputs out, deadline out: no socket and no clock, so that the program, the
 * tests and the seeded simulation run the same code. How an owner drives it:
 *
 *     fix_exchange_init(x, &config);  sq_host_set_exchange(host, &x->port);
 *     sq_host_listen(host, &x->listener);        reservations come back through it
 *     fix_exchange_start(x, &book);              numbers and names of the day
 *     when fix_exchange_wants_link(x): connect, then fix_exchange_connect(x, now)
 *     on bytes:   taken = fix_exchange_receive(x, bytes, n); stop reading when taken < n
 *     then, and after each turn of the host, and at fix_exchange_deadline(x):
 *                 fix_exchange_poll(x, now);
 *                 bytes = fix_exchange_output(x, &n); write k; fix_exchange_written(x, k);
 *                 when fix_exchange_wants_close(x) and n is 0: close, fix_exchange_disconnect()
 *     transport gone:  fix_exchange_disconnect(x, why)
 *
 * Out. A request waits in a bounded queue until poll. Immediately before a FIX number is given to
 * a new order its send_before, epoch and connection are checked: it becomes SENT with its number,
 * or NOT_SENT. A cancel is checked by its connection only. Nothing waits for another connection,
 * and nothing is ever sent twice: the session answers resend requests with gap fill.
 * Questions (order status, mass status) wait until the connection's own test request is answered
 * and no gap is open, so that their answers prove something; a mass status whose answer came while
 * a gap was open is asked again.
 *
 * In. Each input carries the connection's number and its MsgSeqNum. While the host takes no input
 * (its queue is full) no further byte is taken, and no further number given.
 *
 * Numbers. The expected one is book.in_seq + 1. Outgoing ones begin at book.out_reserved and are
 * reserved in blocks: NUMBERS goes to the host, and they are used when the BOOK row that says so
 * is durable. The session is never reset (ResetSeqNumFlag is neither sent nor accepted). When the
 * exchange refuses a logon because it knows higher numbers of ours, another owner is or was at
 * work, or our state was lost: this process does not try again, lest it climb over that fence
 * number by number. A restart, which is a person's act, begins beyond all that were reserved, and so
 * does a TAKE of the book with a higher epoch.
 * When the exchange's own numbers went back it has lost data: told once, and no further logon until
 * two people have agreed with it on numbers (core/loss.c); then all begins anew with theirs.
 */
#ifndef NET_FIX_EXCHANGE_H
#define NET_FIX_EXCHANGE_H

#include "core/port.h"
#include "core/tables.h"
#include "net/fix_session.h"

#include <stdarg.h>

enum {
    FIX_EXCHANGE_ORDERS = 16384,   /* new orders and cancels that may wait for a number */
    FIX_EXCHANGE_QUESTIONS = 4096, /* questions that may wait */
    FIX_EXCHANGE_BLOCK = 4096,     /* outgoing numbers reserved at a time */
    FIX_EXCHANGE_LOW_WATER = 1024, /* fewer left than this: the next block is asked for */
    FIX_EXCHANGE_PENDING = 8,      /* inputs made and not yet taken by the host */
    FIX_EXCHANGE_WHY = 160,        /* words on the last disconnection */
};

struct fix_exchange_config {
    char target_comp_id[FIX_COMP_ID_MAX]; /* the exchange's; SenderCompID is the book's */
    int heartbeat_s;                      /* 0: 30 */
    const char *username;                 /* of the logon, or NULL; borrowed */
    const char *password;                 /* borrowed */
    bool no_mass_status;                  /* the venue has no OrderMassStatusRequest(AF) */
    const struct sq_tables *tables;       /* the engine's rows; borrowed */
    /* Hands one input to the host; false: not taken now. Never called from within port.send. */
    bool (*submit)(void *owner, const struct sq_message *input);
    void (*log)(void *owner, const char *line); /* one line for the operator; may be NULL */
    void *owner;
};

struct fix_request {
    uint16_t kind; /* enum sq_kind */
    struct sq_request_order order;
};
/* A ring; it begins at its first slot again whenever it is empty, so that few pages are touched. */
struct fix_request_queue {
    struct fix_request *slot;
    uint32_t room, first, count;
};

/* About 5 MB, few of them touched; belongs to the caller. Members are for reading only. */
struct fix_exchange {
    struct sq_exchange_port port; /* for the host */
    struct sq_listener listener;  /* for the host: hears of BOOK rows */
    struct fix_exchange_config config;
    struct sq_book book; /* the last one heard of */
    bool started;
    bool restart;                /* another day or owner: begin anew with `book` */
    bool stopping;               /* logout was asked for: no new connection */
    bool closing;                /* the session wants the transport closed */
    bool up;                     /* logged on */
    bool proved;                 /* this connection's own test request has been answered */
    bool fenced;                 /* the exchange knows higher numbers of ours: no further logon */
    bool loss_told;              /* the host knows that the exchange's numbers went back */
    uint32_t conn;               /* number of the present connection, or of the last one */
    uint32_t probe;              /* number of the test request */
    uint64_t asked;              /* numbers below it have been asked for */
    uint32_t ask_again;          /* theirs, refused for its time: expected once more; 0: none */
    char mass_id[SQ_CLORD_SIZE]; /* of the mass status request under way; "": none */
    uint32_t mass_reports;       /* reports of it so far */
    struct sq_request_order mass_request; /* it, to be asked again when its answer proved nothing */
    uint32_t mass_count;                  /* mass status requests so far, for their ids */
    char timed[SQ_CLORD_SIZE];            /* order whose round trip is being measured */
    int64_t timed_us;
    int64_t rtt_us;   /* last round trip of an order; -1: not measured */
    uint64_t dropped; /* messages of the exchange that could not be understood */
    uint64_t taken;   /* inputs that the host has taken */
    int64_t now_us;
    char why[FIX_EXCHANGE_WHY]; /* why the link is down; "" while it is up */
    struct sq_message pending[FIX_EXCHANGE_PENDING];
    uint32_t pending_count;
    struct fix_request_queue orders;
    struct fix_request_queue questions;
    struct fix_session session;
    struct fix_request order_slot[FIX_EXCHANGE_ORDERS];
    struct fix_request question_slot[FIX_EXCHANGE_QUESTIONS];
};

/* x: memory of any content; not started, no link. */
void fix_exchange_init(struct fix_exchange *x, const struct fix_exchange_config *config);

/*
 * Takes names and numbers of the book's row and asks the host for outgoing numbers. Not while
 * connected. A later BOOK row of another day or sender does the same by itself.
 */
void fix_exchange_start(struct fix_exchange *x, const struct sq_book *book);

/* The book is owned and loaded and has numbers: a transport may be connected. */
bool fix_exchange_wants_link(const struct fix_exchange *x);
void fix_exchange_connect(struct fix_exchange *x, int64_t now_us);
/* The transport is gone, or could not be had. */
void fix_exchange_disconnect(struct fix_exchange *x, const char *why);
/* Write what is left, then close the transport. */
bool fix_exchange_wants_close(const struct fix_exchange *x);
/* Begins an orderly logout, after which no link is wanted. */
void fix_exchange_logout(struct fix_exchange *x, int64_t now_us, const char *text);

/* The owner keeps the book after all: links are wanted again. */
void fix_exchange_resume(struct fix_exchange *x);

size_t fix_exchange_receive(struct fix_exchange *x, const char *bytes, size_t n);
void fix_exchange_poll(struct fix_exchange *x, int64_t now_us);
const char *fix_exchange_output(const struct fix_exchange *x, size_t *n);
void fix_exchange_written(struct fix_exchange *x, size_t k);
int64_t fix_exchange_deadline(const struct fix_exchange *x);

/* Do answers prove something now: logged on, test request answered, no gap on either side? */
bool fix_exchange_proven(const struct fix_exchange *x);

/* ---- between the files of the adaptor ------------------------------------------------------- */

/* The next input to be filled; the host gets it before anything else happens. */
union sq_body *fix_exchange_pend(struct fix_exchange *x, enum sq_kind kind);
void fix_exchange_log(struct fix_exchange *x, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* net/fix_requests.c: queues one request (the port's send), gives the next one its number. */
void fix_requests_send(struct sq_exchange_port *port, const struct sq_message *request);
void fix_requests_add(struct fix_exchange *x, enum sq_kind kind,
                      const struct sq_request_order *request);
/* Settles at most one waiting request. False: there is none, or it has to wait. */
bool fix_requests_step(struct fix_exchange *x);
/* When a waiting order is too late. */
int64_t fix_requests_deadline(const struct fix_exchange *x);

/* net/fix_inputs.c: an application message, or a Reject(3) of ours, becomes inputs. */
void fix_inputs_message(struct fix_exchange *x, const struct fix_event *event);
void fix_inputs_rejected(struct fix_exchange *x, const struct fix_event *event);

#endif
