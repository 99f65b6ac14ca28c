/*
 * The control line of the simulated exchange on a descriptor: a Unix socket (mode 0600, one peer at
 * a time) or standard input. Lines go to exchange_command(), its answer goes back.
 */
#ifndef NET_SIMULATOR_CONTROL_LINE_H
#define NET_SIMULATOR_CONTROL_LINE_H

#include "net/simulator/wire.h"

enum { SIM_CONTROL_LINE = 256 };

struct sim_control {
    struct sim_wire *wire;
    uv_poll_t listener; /* of the socket, when there is one */
    uv_poll_t peer;     /* of the peer, or of standard input */
    bool listening;     /* `listener` is started */
    bool talking;       /* `peer` is libuv's */
    int listen_fd, in_fd, out_fd;
    char path[108]; /* of the socket, removed at the end; "": standard input */
    char line[SIM_CONTROL_LINE];
    size_t length; /* bytes of a line that is not complete */
    char answer[EXCHANGE_ANSWER];
    size_t answer_length, answer_at; /* still to be written: [at, length) */
};

/* path "-": standard input and output. 0; -1 with why. The struct stays where it is. */
int sim_control_start(struct sim_control *c, struct sim_wire *wire, const char *path,
                      char why[SIM_WHY]);
void sim_control_stop(struct sim_control *c);

#endif
