/* host_state.h: the inside of a host, for host.c (turns) and replay.c (recovery, snapshots). */
#ifndef SQ_CORE_HOST_STATE_H
#define SQ_CORE_HOST_STATE_H

#include "core/host.h"

enum { SQ_HOST_RESERVE = 512 }; /* places in the queue that only the host itself may take */

struct wanted_quote {
    uint32_t token;
    uint8_t exchange;
};

struct sq_host {
    struct sq_config config;
    struct sq_engine *engine;
    struct sq_store *store;
    struct sq_exchange_port *exchange;
    const struct sq_board *board;
    struct sq_listener *listeners[SQ_HOST_LISTENERS];
    uint32_t listener_count;
    enum sq_host_mode mode;
    bool no_new;                       /* no close is accepted, no new order is sent */
    bool committing;                   /* a turn is being made durable */
    const struct sq_message *stepping; /* the input that sq_step has; NULL: none */
    sq_time wake_at;                   /* of the engine */
    struct sq_message *queue;          /* ring of SQ_HOST_QUEUE */
    size_t queue_head;
    size_t queue_count;
    struct wanted_quote *wanted; /* quotes to answer in the next turn, ring of config.closes */
    size_t wanted_count;
    struct sq_message *inputs; /* of the turn; room for SQ_HOST_QUEUE */
    size_t input_count;
    struct sq_output out; /* of the turn */
    struct sq_turn turn;  /* what the caller commits */
};

/* Forgets the turn that was: its events and requests. */
void host_begin_turn(struct sq_host *host);
/* Tells the listeners of a turn that is durable. */
void host_publish(struct sq_host *host, const struct sq_turn *turn);
/* Puts an input into the queue; there must be room. */
void host_enqueue(struct sq_host *host, const struct sq_message *input);

#endif
