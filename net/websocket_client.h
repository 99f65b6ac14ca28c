/*
 * websocket_client.h: one WebSocket connection at a time (RFC 6455, RFC 8446), on the loop.
 *
 * libwebsockets 4.1 does handshake, framing, masking and TLS as a guest on our loop; names are
 * resolved beside the loop, since it would block. Messages arrive whole and are bounded; what was
 * not sent yet is bounded too. Whoever holds the connection decides when it is dead: no timer of
 * its own but the handshake's.
 *
 * Certificates are checked against the CA file (else the system's) and against the host's name, so
 * a server over TLS is named by its name and not by its address. Without TLS only loopback
 * addresses are connected to.
 */
#ifndef NET_WEBSOCKET_CLIENT_H
#define NET_WEBSOCKET_CLIENT_H

#include "net/loop.h"

enum { WEBSOCKET_UNSENT_MAX = 1048576, WEBSOCKET_WHY = 160 };

/* Why a connection is no more: X(TAIL, "in a word"). */
#define WEBSOCKET_END_MAP(X)                                                 \
    X(REFUSED, "refused")         /* nobody there, or no such name */        \
    X(CERTIFICATE, "certificate") /* not of our CA, expired, another name */ \
    X(HANDSHAKE, "handshake")     /* somebody there, who speaks otherwise */ \
    X(CLOSED, "closed")           /* the server said so: status, reason */   \
    X(LOST, "lost")               /* the connection broke */                 \
    X(BROKEN, "broken")           /* a binary message, or one too long */
#define X(tail, word) WEBSOCKET_##tail,
enum websocket_end { WEBSOCKET_END_MAP(X) WEBSOCKET_ENDS };
#undef X

struct websocket_events {
    void (*opened)(void *owner);
    /* One whole text message, borrowed until it returns. */
    void (*message)(void *owner, const char *text, size_t length);
    /* Anything came from the server: a message, a piece of one, a pong. Before `message`. */
    void (*heard)(void *owner);
    /* Not after websocket_close(). status: of the close frame, 0: none. Connect again later, from
     * a timer and not from here. */
    void (*ended)(void *owner, enum websocket_end end, unsigned status, const char *reason);
};

struct websocket;

/*
 * tls: false: connects to loopback addresses only. ca_file: PEM, borrowed; NULL: the system's. message_max: bytes of a message that are taken.
 * subprotocol is borrowed. NULL: libwebsockets or its libuv plug-in cannot begin.
 */
struct websocket *websocket_create(struct loop *loop, const char *subprotocol, bool tls,
                                   const char *ca_file, size_t message_max,
                                   const struct websocket_events *events, void *owner);
/* Begins; `opened` or `ended` comes later. Only while there is no connection. */
void websocket_connect(struct websocket *socket, const char *host, const char *port);
/* Queues a text message; copied. False: not open, or too much is unsent. */
bool websocket_send(struct websocket *socket, const char *bytes, size_t length);
/* Ends the connection, or the attempt, at once. Harmless when there is none. */
void websocket_close(struct websocket *socket);
/* All that was queued has left. */
bool websocket_is_sent(const struct websocket *socket);

/* The end: websocket_stop(), which turns the loop and must not be called from within it; then
 * loop_finish(), then websocket_free(). */
void websocket_stop(struct websocket *socket);
void websocket_free(struct websocket *socket);

const char *websocket_end_word(enum websocket_end end);

#endif
