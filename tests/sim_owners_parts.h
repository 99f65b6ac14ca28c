/* Between sim_owners.c (servers) and sim_desk.c (the console that takes the book, and gives it back). */
#ifndef TESTS_SIM_OWNERS_PARTS_H
#define TESTS_SIM_OWNERS_PARTS_H

#include "tests/sim_owners.h"

enum { SERVERS = 3, DESK = SERVERS, NODES };
#define LEASE (3 * SQ_SECOND)
#define BEAT  (1 * SQ_SECOND)
#define LOOK  (500 * SQ_MS) /* how often a standby looks at the lease */

/* FOLLOWING: the desk's console, a replica of the journal of whoever owns the book. */
enum node_state { DOWN, STANDBY, FOLLOWING, OWNER };

/* Whose journal is the book's, and who may take it next. */
enum holder { BY_SERVER, GRANTED_TO_DESK, BY_DESK, GRANTED_TO_SERVER, BROKEN_GLASS };

/* A process, and a server's sight of the shared journal. */
struct node {
    struct sq_store store; /* first: what its host commits to */
    struct owners *owners;
    struct world *w;
    enum node_state state;
    uint32_t epoch; /* under which it took the book */
    sq_time paused_until;
    sq_time apart_until; /* it cannot reach the store */
    sq_time next_look;
    sq_time beat_at;        /* its last beat that the store took */
    bool trusts_time;       /* it steps back by itself when its lease has nearly run out */
    bool socket_dead;       /* the exchange has closed its connection while it was stopped */
    sq_time draining_since; /* 0: it is not */
    bool logged_out;        /* in order, to release the book */
    bool kept_out;          /* the exchange does not take its numbers */
};

struct owners {
    struct node node[NODES]; /* servers, then the console of the desk */
    struct world *base;      /* of node 0: owns exchange, day and journal */
    struct sq_store *journal;
    uint32_t epoch; /* in the store */
    sq_time beat_at;
    sq_time now;
    struct world *last; /* that led last */
    uint64_t durable_seq, durable_digest;
    int32_t orders_seen; /* at the exchange */
    char last_epoch[4];  /* of the newest order there */
    uint32_t weight[OWNERS_FAULT_COUNT];
    uint64_t happened[OWNERS_FAULT_COUNT];
    uint64_t steps;
    bool healed;
    enum holder holder;
    bool glass_stands; /* the console has logged on since it broke the glass */
    struct sq_store *desk_journal;
    sq_time silent_since; /* no server has been owner since; 0: one is */
};

bool owners_befalls(struct owners *owners, enum owners_fault fault);
bool owners_is_awake(const struct node *node);
bool owners_is_apart(const struct node *node);
/* What people and the checks know goes on to the next owner. */
void owners_inherit(struct owners *owners, struct world *w);
/* The process ends; what it had committed stays. */
void owners_step_down(struct node *node, const char *why);

/* sim_desk.c */
void desk_open(struct owners *owners);   /* makes the console's replica, empty */
void desk_close(struct owners *owners);  /* and destroys it */
void desk_step(struct node *desk);       /* follows, takes, or owns */
void desk_people(struct owners *owners); /* somebody may want the book elsewhere */
void desk_release(struct node *node);    /* an owner that drains: logs out, and releases */
void desk_return(struct node *server);   /* a server takes the book back, with the console's rows */

#endif
