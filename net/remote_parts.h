/*
 * remote_parts.h: what the files of the remote session share. remote.c: servers, login, time;
 * remote_in.c: frames into view and board; remote_out.c: the session's side and its requests.
 */
#ifndef NET_REMOTE_PARTS_H
#define NET_REMOTE_PARTS_H

#include "net/reconnect.h"
#include "net/remote.h"
#include "net/websocket_client.h"

/* A view with its board, in memory of its own. */
struct remote_book {
    struct sq_config config;
    void *view_memory, *board_memory; /* NULL: there is none */
    struct sq_view *view;
    uint32_t *place; /* by the server's place: our instrument row; SQ_NO_ROW: not told */
    uint32_t epoch;
};

/* A message that was submitted and has no answer yet. */
struct remote_pending {
    uint64_t request; /* 0: free */
    struct sq_message message;
};

struct remote_question {
    uint64_t request; /* 0: free */
    void (*answer)(void *owner, const struct wire_frame *frame);
    void *owner;
};

/* Previews that were asked for; an answer may come in several parts. */
struct remote_previews {
    struct sq_square_off *asked; /* count, as they were asked for */
    struct sq_preview *now;      /* their answers, where they have come */
    size_t count, room;
    uint64_t first; /* requests first..first + parts - 1 */
    uint32_t parts, answered;
    bool ready;
    sq_time sent;
};

struct remote {
    struct sq_session session; /* first: the port's own struct */
    struct remote_config config;
    struct websocket *socket;
    struct loop_timer timer;
    struct reconnect backoff;
    enum remote_phase phase;
    sq_time since;
    sq_time retry_at; /* SQ_NEVER: no attempt is waited for */
    struct remote_line lines[REMOTE_SERVERS];
    size_t present; /* server that is tried or used */
    size_t tried;   /* in this round */
    bool connected;
    bool logged_in;
    bool opened;        /* the answer to `open` is there: frames of the book may come */
    bool was_live;      /* it has had the book once */
    bool damaged;       /* the view cannot be resumed from */
    bool taking;        /* rows go to `next` */
    sq_time heard;      /* anything from the server, or when it was tried */
    sq_time spoke;      /* a server with the book spoke last; 0: never */
    sq_time progressed; /* what the phase waits for came on */
    char server[SQ_SYMBOL_SIZE], person[SQ_PERSON_SIZE], role[16], code[4];
    char password[WIRE_SECRET_SIZE], totp[12];
    uint64_t settle_to; /* requests up to it were of connections that are no more */
    uint64_t last_request, login_id, open_id, rates_id;
    struct remote_book book, next; /* what is shown, and what is being taken */
    struct wire_links links;
    sq_time links_at; /* when they came */
    bool alive[SQ_EXCHANGE_COUNT], gap[SQ_EXCHANGE_COUNT];
    sq_time price_heard;
    bool depth;
    struct remote_previews previews;
    struct remote_pending *pending;
    struct remote_question questions[REMOTE_QUESTIONS];
    char out[WIRE_REQUEST_MAX]; /* the request that is being printed */
};

static inline sq_time remote_now(const struct remote *r)
{
    return loop_now(r->config.loop);
}

/* ---- remote.c ---- */
/* The server is given up: why, and on to the next. `text` is kept with it. */
void remote_failed(struct remote *r, const char *text);
void remote_set_phase(struct remote *r, enum remote_phase phase);
/* The answer to a login came. */
void remote_logged_in(struct remote *r, const struct wire_frame *frame);

/* ---- remote_in.c ---- */
/* A message from the server; one that is wrong ends the connection through remote_failed(). */
void remote_take(struct remote *r, const char *text, size_t length);
/* Where no book was asked for it is the first that the server names; none: as it is. */
void remote_choose_book(struct remote *r, const struct wire_frame *frame);
/* Memory of a book of this configuration. False: it cannot be used. */
bool remote_make_book(struct remote_book *book, const struct sq_config *config);
void remote_free_book(struct remote_book *book);
/* Feeds that were told to be alive are, as long as the server is. */
void remote_feed(struct remote *r);

/* ---- remote_out.c ---- */
extern const struct sq_session_ops remote_ops;
/* Begins a request: its number, or 0. Members follow, then remote_send. */
uint64_t remote_begin(struct remote *r, struct wire_out *out, enum wire_do what);
bool remote_send(struct remote *r, struct wire_out *out);
bool remote_send_login(struct remote *r);
bool remote_send_open(struct remote *r);
bool remote_send_rates(struct remote *r);
/* An answer to anything but login, open and rates. NULL or what was wrong with it. */
const char *remote_answered(struct remote *r, const struct wire_frame *frame);
/* A refusal came by the stream: it answers a square-off. */
void remote_refused(struct remote *r, const struct sq_refused *refused);
/* The book is whole again: what became of the messages without an answer. */
void remote_settle(struct remote *r);
/* The connection is lost: nothing that was asked will be answered. */
void remote_forget_questions(struct remote *r);
/* Name of a request as the wire says it. */
const char *remote_do_name(enum wire_do what);

#endif
