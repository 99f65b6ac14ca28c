/*
 * server_parts.h: what the files of the server share.
 *
 *   server.c          listening, accepting, the end
 *   server_link.c     libwebsockets' callback: bytes in and out, closing, heartbeats
 *   server_requests.c requests: reading, limits, login; the table of `do`
 *   server_books.c    requests about a book
 *   server_owner.c    requests about who owns it
 *   server_metrics.c  figures
 */
#ifndef NET_SERVER_PARTS_H
#define NET_SERVER_PARTS_H

#include <libwebsockets.h>

#include "net/handover.h"
#include "net/server.h"
#include "net/tally.h"

enum {
    WHEEL_SLOTS = 16,
    WHEEL_MS = 125,        /* of a slot: once around in 2 s */
    CLOSE_WAIT_MS = 2000,  /* for a console to take our last words */
    STUCK_MS = 30000,      /* a console that takes nothing for so long is given up */
    TOKEN_CHECK_MS = 60000 /* how often a living session's token is looked at again */
};

/* An answer that waits to be written. */
struct answer {
    struct answer *next;
    size_t length;
    char bytes[]; /* LWS_PRE bytes of room, then the frame */
};

/* A connection, from its acceptance to the end of its socket. */
struct connection {
    struct server *server;
    struct lws *wsi;                /* NULL before it is adopted, and when it has ended */
    struct connection *next, *prev; /* of all */
    struct connection *lobby_next, *lobby_prev; /* of those who have not logged in */
    struct connection *slot_next, *slot_prev;   /* of a slot of the wheel */
    uint8_t slot;
    bool open; /* the WebSocket stands */
    bool logged_in;
    bool asking; /* a login is under way */
    bool wants_pong, wants_ping, pinged, close_sent;
    bool in_lobby;
    uint8_t role;          /* enum sq_role of the user */
    uint16_t close_status; /* 0: not closing */
    char close_reason[64];
    sq_time accepted, opened, heard, spoke, pinged_at, closing_at, checked_at;
    sq_time credit_at; /* requests: when `credit_us` was counted */
    int64_t credit_us;
    char *in; /* a message that has not come whole; NULL: none has begun */
    size_t in_length;
    struct answer *first, *last;
    size_t unread;         /* bytes of those */
    struct book_of *books; /* that it has opened */
    uint64_t login_id;     /* of the request that is under way */
    sq_time login_from;
    struct sq_user user; /* without secrets */
    char token[WIRE_TOKEN_SIZE];
    char address[TALLY_NAME];
};

/* A book that a connection has open. */
struct book_of {
    struct book_of *next;
    struct subscriber subscriber; /* console: the connection */
};

enum { SERVER_OUTCOMES = WIRE_ERROR_COUNT };

struct server {
    struct server_config config;
    struct lws_context *context;
    struct lws_vhost *vhost;
    void *loops[1]; /* libuv's, as libwebsockets wants to have it */
    int listener;   /* -1: none */
    int spare;      /* a descriptor kept for the day there are none left */
    struct loop_poll accepting;
    struct loop_timer wheel_timer;
    struct loop_turn turn; /* wakes consoles, some in each turn of the loop */
    uint32_t wheel_at;
    struct connection *wheel[WHEEL_SLOTS];
    struct connection *connections;
    struct connection *lobby_first, *lobby_last;
    struct connection *adopting; /* that libwebsockets is being given; NULL: none, or it is gone */
    uint32_t count, logged_in;
    struct tally addresses, users;
    bool shutting, stopped;
    /* figures */
    uint64_t accepted, refused, requests[WIRE_DO_COUNT + 1][SERVER_OUTCOMES];
    uint64_t closed_by_us, frames_out, bytes_out, frames_in, bytes_in;
    struct histogram login_us, submit_us, preview_us;
    char frame[LWS_PRE + WIRE_FRAME_MAX]; /* the one that is being made */
};

extern const struct lws_protocols server_protocols[];

/* server.c */
struct connection *connection_new(struct server *server, const char *address);
void connection_free(struct connection *c);
void connection_leaves_lobby(struct connection *c);

/* server_link.c */
/* Closes with a status and a reason: what waits is written first. Not before it is open: cuts. */
void connection_close(struct connection *c, enum wire_close status, const char *reason);
void connection_kill(struct connection *c); /* at once, without a word */
/* Appends an answer; a console that leaves too many unread is closed. */
void connection_send(struct connection *c, const char *bytes, size_t length);
void connection_wants_write(struct connection *c);
void connection_forget_books(struct connection *c);
void wheel_add(struct connection *c, sq_time now, int64_t in_ms);
void wheel_remove(struct connection *c);
void wheel_turn(struct server *server);

/* server_requests.c */
void connection_request(struct connection *c, const char *text, size_t length);
/* Begins an answer in the server's frame: {"id":N ; connection_answer ends and sends it. */
void answer_begin(struct connection *c, struct wire_out *out, uint64_t id);
void answer_end(struct connection *c, struct wire_out *out, enum wire_do what);
void answer_error(struct connection *c, struct wire_request *request, enum wire_error error,
                  const char *why);
void answer_standby(struct connection *c, struct wire_request *request, const char *owner);
void connection_check_token(struct connection *c);

/* server_books.c: one for each `do` about a book */
typedef void server_do_fn(struct connection *c, struct wire_request *request);
server_do_fn server_do_open, server_do_shut, server_do_submit, server_do_preview, server_do_rates,
    server_do_portfolio, server_do_history, server_do_replicate, server_do_hand_over,
    server_do_return;
/* The subscriber of the book that the request names, when the console has it open; else the answer
 * is given. */
struct subscriber *server_opened(struct connection *c, struct wire_request *request);
/* A book of this server by its code, that the user may have; NULL. */
struct served *server_book(const struct connection *c, const char *code);

#endif
