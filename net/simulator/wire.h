/*
 * The simulated exchange on sockets: moves bytes between an exchange and connected stream sockets
 * on a libuv loop, and ticks the exchange when it wants to be ticked. Used by squareoff-exchange
 * (TCP) and by the drill (socket pairs).
 *
 * What the exchange does not take yet is held, at most SIM_WIRE_HELD bytes a socket, and the socket
 * is not read meanwhile: the member feels it.
 */
#ifndef NET_SIMULATOR_WIRE_H
#define NET_SIMULATOR_WIRE_H

#include "net/simulator/exchange.h"

#include <uv.h>

enum { SIM_WIRE_HELD = 64 * 1024 };

struct sim_wire;

/* One socket. Its place is free again when libuv has let go of the handle. */
struct sim_socket {
    uv_poll_t poll;
    struct sim_wire *wire;
    int fd;               /* -1: closed */
    bool used;            /* the handle is libuv's */
    int connection;       /* of the exchange */
    size_t held, held_at; /* bytes read and not taken: [held_at, held) */
    char *buffer;         /* SIM_WIRE_HELD bytes */
};

struct sim_wire {
    uv_loop_t *loop;
    struct exchange *exchange;
    uv_timer_t timer;
    int64_t (*clock)(void *context); /* microseconds since 1970 */
    void *clock_context;
    struct sim_socket socket[EXCHANGE_CONNECTIONS];
};

/* clock NULL: the system's. The struct stays where it is. 0, or a negative libuv error. */
int sim_wire_start(struct sim_wire *w, uv_loop_t *loop, struct exchange *x,
                   int64_t (*clock)(void *), void *clock_context);

/* Takes over a connected stream socket; closes it and returns -1 when there are too many. */
int sim_wire_adopt(struct sim_wire *w, int fd);

/* To be called after the exchange was told something by others (the control line). */
void sim_wire_pump(struct sim_wire *w);

int64_t sim_wire_now(const struct sim_wire *w);

/* Closes everything; the loop must turn until it is empty before the struct goes. */
void sim_wire_stop(struct sim_wire *w);

/* After that turn: frees the buffers. */
void sim_wire_finish(struct sim_wire *w);

#endif
