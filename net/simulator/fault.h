/*
 * The faults of the simulated exchange: how often each happens, and how often it did.
 *
 * A fault is a row here: its name is the word in the configuration file ([faults]) and at the
 * control line ("fault NAME VALUE"). Values ending in _ppm are chances in millionths per occasion.
 */
#ifndef NET_SIMULATOR_FAULT_H
#define NET_SIMULATOR_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_FAULT_MAP(X)                                                                           \
    X(LATENCY_MS, "latency_ms", "time until a request is looked at")                               \
    X(JITTER_MS, "jitter_ms", "at most so much more, by chance")                                   \
    X(REJECT, "reject_ppm", "a good order is rejected")                                            \
    X(PARTIAL, "partial_ppm", "a match is executed in part only")                                  \
    X(PENDING, "pending_ppm", "Pending New or Pending Cancel is reported first")                   \
    X(LATE_FILL, "late_fill_ppm", "an order is filled after its cancel was confirmed")             \
    X(LATE_FILL_MS, "late_fill_ms", "and so much later")                                           \
    X(CANCEL_REJECT, "cancel_reject_ppm", "an order fills just before its cancel: too late")       \
    X(UNSOLICITED, "unsolicited_ppm", "a resting order is cancelled by the exchange")              \
    X(DROP_ANSWER, "drop_answer_ppm", "an order's reports are held back until it is asked about")  \
    X(DROP_ORDER, "drop_order_ppm", "an order vanishes: no report, no match, status unknown")      \
    X(DROP_CANCEL, "drop_cancel_ppm", "a cancel request vanishes")                                 \
    X(FORGET, "forget_ppm", "one status answer per order says unknown, although it is there")      \
    X(DUPLICATE, "duplicate_ppm", "a report is sent twice, with two sequence numbers")             \
    X(KICK, "kick_ppm", "the session is cut after a request was taken")                            \
    X(LOSE, "lose_ppm", "the session is cut with reports numbered but not written")                \
    X(CHECKPOINT_MS, "checkpoint_ms", "how often the state is saved for lost-tail; 0 never")       \
    X(LOST_TAIL, "lost_tail_ppm", "a request makes the exchange fall back to its last checkpoint") \
    X(RESET, "reset_ppm", "the exchange resets its numbers forward, as after a disaster")

#define X(tail, name, help) SIM_FAULT_##tail,
enum sim_fault { SIM_FAULT_MAP(X) SIM_FAULT_COUNT };
#undef X

struct sim_faults {
    int64_t value[SIM_FAULT_COUNT];     /* milliseconds or millionths; 0: never */
    uint64_t happened[SIM_FAULT_COUNT]; /* how often, since init */
    uint64_t chance;                    /* state of sim_random(), apart from the market's */
};

/* Does it happen now? Counts it if it does. */
bool sim_fault_strikes(struct sim_faults *f, enum sim_fault fault);

/* By name, or -1. */
int sim_fault_named(const char *name);
const char *sim_fault_name(enum sim_fault fault);
const char *sim_fault_help(enum sim_fault fault);

/* Largest value that makes sense: a million, or an hour in milliseconds. */
int64_t sim_fault_most(enum sim_fault fault);

#endif
