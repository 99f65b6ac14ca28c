/*
 * stage.h: where scenarios are played: a host on a memory store, an exchange that only writes
 * down what it is asked, a view with its board, and a clock that moves when it is told to.
 *
 * What the host says (requests as they are sent, events as they are published) is the trace.
 * Functions that can fail return 0, or -1 with the reason in `why`.
 */
#ifndef TESTS_STAGE_H
#define TESTS_STAGE_H

#include "core/squareoff.h"

enum { STAGE_TRACE = 4096, STAGE_CLORDS = 1024, STAGE_RATES = 32, STAGE_WHY = 512 };

/* A rate that was told, to be told again to the board of a restarted host. */
struct stage_rate {
    uint8_t exchange;
    uint32_t token;
    struct sq_rate rate;
};

struct stage {
    struct sq_config config;
    struct sq_store *store;
    void *host_memory;
    struct sq_host *host; /* NULL until the first input */
    struct sq_exchange_port port;
    struct sq_listener listener;
    struct sq_view *view; /* folded from the events */
    sq_time now;
    struct sq_message trace[STAGE_TRACE];
    size_t trace_count;
    char clords[STAGE_CLORDS][SQ_CLORD_SIZE]; /* of orders and cancels, as they were requested */
    size_t clord_count;
    struct sq_message answers[STAGE_CLORDS]; /* SENT inputs, for the next turn */
    size_t answer_count;
    struct stage_rate rates[STAGE_RATES];
    size_t rate_count;
    bool numbers_requests; /* each order and cancel is answered by SENT */
    bool feed_on;          /* feeds speak whenever the clock moves */
    bool feed_gap;
    bool view_failed;   /* an event did not fit into the view */
    uint32_t conn;      /* last connection */
    uint64_t in_seq;    /* last MsgSeqNum of the exchange */
    uint64_t out_seq;   /* last MsgSeqNum of ours */
    uint64_t last_id;   /* of intents that the scenario did not name */
    uint64_t last_exec; /* of trades that the scenario did not name */
};

struct stage *stage_create(void);
void stage_destroy(struct stage *stage);

/* Overrides one configuration line's fields ("config reprices=1"); before the first input. */
int stage_configure(struct stage *stage, const char *line, char *why);

/*
 * Reads an input line; what it leaves out and the stage knows is filled in (ids, times, the
 * connection, and for a report what the order says).
 */
int stage_read(struct stage *stage, const char *line, struct sq_message *input, char *why);

/* Hands over the inputs of one turn and runs until the host is quiet. */
int stage_play(struct stage *stage, const struct sq_message *inputs, size_t count, char *why);

/* Moves the clock, stopping wherever the host wants to wake. */
int stage_to(struct stage *stage, sq_time time, char *why);

/* "rate exchange=NFO token=1 bid=995 ask=1005 last=1000 band_low=900 band_high=1100". */
int stage_rate(struct stage *stage, const char *line, char *why);

/* Ends the host without a word and recovers it from the store: nothing may be lost or invented. */
int stage_restart(struct stage *stage, char *why);
int stage_snapshot(struct stage *stage, char *why);

/* The view that was folded from events has the engine's rows. */
int stage_check(const struct stage *stage, char *why);

#endif
