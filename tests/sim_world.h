/*
 * The world of the seeded simulation: the real host, engine, memory store, FIX adaptor and FIX
 * session on one side, the simulated exchange on the other, and between them two pipes of bytes
 * that delay, stall and break. One seed gives one world, its faults and everything that happens.
 *
 * No socket, no clock, no thread: time is a number that jumps to the next thing due.
 */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "core/squareoff.h"
#include "net/fix_exchange.h"
#include "net/simulator/exchange.h"

enum { PIPE_BYTES = 1 << 20, WORLD_INTENTS = 4096 };

/*
 * What can go wrong or happen, besides the exchange's own faults: X(TAIL, "name"). The last rows
 * strike nobody: they follow from others, and are counted because a run without them is blind.
 */
#define WORLD_FAULT_MAP(X)                                      \
    X(CRASH_BEFORE_COMMIT, "crash before commit")               \
    X(CRASH_AFTER_COMMIT, "crash after commit, before sending") \
    X(CRASH_ANY, "crash at rest")                               \
    X(COMMIT_KEPT, "commit reported as failed, yet durable")    \
    X(COMMIT_LOST, "commit failed")                             \
    X(DISK_FULL, "disk full")                                   \
    X(CUT, "link cut")                                          \
    X(STALL, "link stalls")                                     \
    X(FEED_DEAD, "price feed dead")                             \
    X(CLOCK_JUMP, "clock jumps ahead")                          \
    X(DOUBLE_PRESS, "same intent twice")                        \
    X(SECOND_DEALER, "another dealer on the same position")     \
    X(BULK, "bulk close")                                       \
    X(PARTIAL_CLOSE, "partial close")                           \
    X(CANCEL, "cancel by a person")                             \
    X(HALT, "halt and resume")                                  \
    X(SETTLE, "UNKNOWN settled by a person")                    \
    X(APPROVE, "approval")                                      \
    X(EXCHANGE_TAIL, "exchange loses its tail")                 \
    X(EXPIRE, "an order expires at the exchange")               \
    X(WRONG_WORD, "wrong word after a loss: must be refused")   \
    X(RECONCILED, "loss reconciled by two people")              \
    X(TAKEN_BACK, "a fill that the exchange lost taken back")   \
    X(FORGOTTEN, "a forgotten order settled by a person")       \
    X(READY_AGAIN, "link ready after a loss")
#define X(tail, name) WORLD_##tail,
enum world_fault { WORLD_FAULT_MAP(X) WORLD_FAULT_COUNT };
#undef X
extern const char *const world_fault_names[WORLD_FAULT_COUNT];

/* Bytes on their way in one direction; they arrive `delay_us` after they were written. */
struct pipe {
    char *bytes;
    size_t first, count;
    int64_t arrives_us; /* of the first byte */
};

/* An intent that was handed to the host: it must end up somewhere (I15). */
struct pressed {
    struct sq_id id;
    bool durable; /* the host had committed it */
};

struct world {
    uint64_t seed;
    uint64_t chance; /* state of the random numbers */
    sq_time now;
    sq_time end;                        /* of the phase with faults */
    bool narrow_band;                   /* quotes say that the limit is at the edge of the band */
    bool healed;                        /* liveness phase: nothing fails any more */
    uint32_t weight[WORLD_FAULT_COUNT]; /* per million occasions */
    uint64_t happened[WORLD_FAULT_COUNT];
    /* our side */
    struct sq_config config;
    struct sq_store *store;   /* that the host commits to */
    struct sq_store *journal; /* the memory store beneath it: the same, but for sim_owners.c */
    uint32_t epoch;           /* that the book must have */
    void *host_memory;
    struct sq_host *host;
    struct fix_exchange *link;
    struct sq_exchange_port port; /* between host and link: checks, answers quotes */
    struct sq_listener listener;  /* hears of every event */
    uint64_t durable_seq;
    uint64_t durable_digest;
    bool fresh; /* recovered, and nothing stepped yet */
    /* Stops between a commit and what follows from it? NULL: never. True: `held` is set, and the
     * turn goes on with sq_host_done(). For sim_owners.c. */
    bool (*holds)(struct world *w);
    void *owner; /* whom `holds` asks */
    bool held;
    bool crashed; /* our process is down */
    sq_time restart_at;
    /* between */
    int connection; /* at the exchange; -1: none */
    struct pipe to_exchange, from_exchange;
    int64_t delay_us;
    int64_t retry_us;   /* wait before another connection, as a real process does */
    sq_time connect_at; /* not before */
    sq_time stalled_until;
    sq_time feed_dead_until;
    /* their side */
    struct exchange *exchange;
    struct sim_day day;
    void *exchange_memory;
    /* what is remembered for the checks */
    struct pressed pressed[WORLD_INTENTS];
    uint32_t pressed_count;
    uint32_t epoch_told;        /* of the book, as last told */
    sq_quantity *filled_before; /* per position row: by our orders, before this epoch began */
    uint8_t book_lost;          /* as last told: whether the exchange is known to have lost data */
    bool *disturbed;            /* per position row: the exchange did what we could not know */
    size_t live;                /* orders and closes that had not ended after the last turn */
    uint64_t steps;
    uint64_t sent; /* new orders handed to the link */
    uint64_t next_id;
    uint64_t bulk;
    uint64_t orders_seen[SQ_ORDER_COUNT]; /* how often each state was told */
    uint64_t closes_seen[SQ_CLOSE_COUNT];
    const char *broken; /* the invariant that broke; NULL: none */
    char detail[256];
    bool trace; /* print what happens */
};

/* A world by its seed; heavy: about 40 MB, reused by world_reset. */
struct world *world_create(void);
void world_reset(struct world *w, uint64_t seed);
void world_destroy(struct world *w);

/* Runs the phase with faults, heals everything, runs the liveness phase. False: w->broken. */
bool world_run(struct world *w);

/* ---- between the files of the simulation -------------------------------------------------------- */
uint64_t chance(struct world *w);
uint64_t below(struct world *w, uint64_t bound);
bool strikes(struct world *w, enum world_fault fault);
void broken(struct world *w, const char *invariant, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void trace(const struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
const struct sq_tables *tables(const struct world *w);

/* sim_world.c: our process, and time. */
void world_start(struct world *w); /* recovers from the store */
void world_crash(struct world *w, const char *when);
void world_pump(struct world *w);         /* until nothing moves any more */
void world_misfortune(struct world *w);   /* what may strike from outside */
void world_heal(struct world *w);         /* from now on nothing fails */
void world_note_durable(struct world *w); /* its state is what the journal holds */
sq_time world_next_time(const struct world *w, sq_time most);

/* sim_link.c: each moves what it can; false: nothing. */
void link_connect(struct world *w);
bool link_to_exchange(struct world *w);
bool link_from_exchange(struct world *w);
bool link_take_exchange(struct world *w);
bool link_take_ours(struct world *w);
void world_cut(struct world *w, const char *why);
void world_pipe_clear(struct pipe *p);

/* sim_day.c: the same day for both sides. */
void day_make(struct world *w, struct sq_message *rows, size_t room, size_t *count);
uint32_t day_contract(const struct world *w, uint32_t instrument); /* index at the exchange */

/* sim_act.c: what people do. */
void act(struct world *w);
void act_heal(struct world *w);
/* One of the exchange's live orders expires. False: there was none. */
bool act_expire(struct world *w);
void world_quote(struct world *w, enum sq_exchange exchange, uint32_t token, struct sq_quote *q);
int64_t world_exchange_net(const struct world *w, const struct sq_key *key);

/* sim_check.c: the invariants. */
void check_step(struct world *w); /* after every turn */
void check_growth(struct world *w, const struct sq_turn *turn);
void check_request(struct world *w, const struct sq_message *request);
void check_event(struct world *w, const struct sq_message *event);
void check_recovered(struct world *w);
void check_quiet(struct world *w);

#endif
