/*
 * tcp.h: a stream socket on the loop, non-blocking, for a machine that turns bytes into bytes.
 *
 * A machine (a FIX session, say) keeps its own bounded buffers; the link only moves bytes between
 * them and a socket, and holds nothing but what the machine has not taken yet (TCP_BUFFER at
 * most): while that is so it does not read, and the peer feels it. Connecting resolves names
 * beside the loop and tries each address. A socket made by others (a socket pair) can be adopted.
 */
#ifndef NET_TCP_H
#define NET_TCP_H

#include "net/loop.h"

enum { TCP_BUFFER = 64 * 1024, TCP_WHY = 120 };

struct tcp_machine {
    void (*connected)(void *owner);
    /* Takes as many bytes as it has room for and returns how many. */
    size_t (*receive)(void *owner, const char *bytes, size_t n);
    /* Bytes to be written; then that k of them were. */
    const char *(*output)(void *owner, size_t *n);
    void (*written)(void *owner, size_t k);
    /* The socket is closed: by the peer, by an error, or never connected. Not after tcp_close(). */
    void (*disconnected)(void *owner, const char *why);
};

enum tcp_state { TCP_CLOSED, TCP_RESOLVING, TCP_CONNECTING, TCP_CONNECTED };

struct tcp {
    struct loop *loop;
    const struct tcp_machine *machine;
    void *owner;
    enum tcp_state state;
    int fd;                    /* -1: none */
    struct loop_poll *poll;    /* of the present socket; made for each, freed when libuv lets go */
    struct tcp_lookup *lookup; /* a name is being resolved */
    struct addrinfo *found;    /* its addresses, while they are being tried */
    struct addrinfo *next;     /* the one to be tried after the present one */
    size_t held, held_at;      /* bytes read and not taken by the machine: [held_at, held) */
    char buffer[TCP_BUFFER];
};

void tcp_init(struct tcp *tcp, struct loop *loop, const struct tcp_machine *machine, void *owner);

/* Begins to connect; `connected` or `disconnected` is called later. Only while TCP_CLOSED. */
void tcp_connect(struct tcp *tcp, const char *host, const char *port);
/* Takes over a connected stream socket; `connected` is called from within. Only while TCP_CLOSED. */
void tcp_adopt(struct tcp *tcp, int fd);
/* Closes at once, without a word to the machine. Harmless when closed. */
void tcp_close(struct tcp *tcp);

/*
 * To be called whenever the machine may have output, or room again: writes, hands over what is
 * held, and settles what to wait for. May call receive, written and disconnected.
 */
void tcp_pump(struct tcp *tcp);

#endif
