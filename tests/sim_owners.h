/*
 * Another world of the seeded simulation: several processes that may own one book (design.md,
 * "Ownership"). Servers share a journal in which the epoch is compared with each commit; they stop
 * for seconds or minutes, lose the store, lose the exchange, and die, at any moment; whoever finds
 * the lease run out takes over. The desk's console follows their journal, takes the book by grant, gives
 * it back with its own rows, or breaks the glass when no server answers. One exchange, with one session
 * for all of them, judges.
 *
 * Each process is a `struct world` (sim_world.h) over the same exchange and day.
 */
#ifndef TESTS_SIM_OWNERS_H
#define TESTS_SIM_OWNERS_H

#include "tests/sim_world.h"

/* X(TAIL, "name"). Those without a weight follow from others; a run without them is blind. */
#define OWNERS_FAULT_MAP(X)                                              \
    X(PAUSE, "a server stops, and goes on later")                        \
    X(HELD, "a server stops between commit and sending")                 \
    X(APART, "a server cannot reach the store")                          \
    X(STALE, "somebody presses at a server that is the owner no more")   \
    X(TAKEN, "a take-over")                                              \
    X(FENCED, "a commit under an old epoch, refused")                    \
    X(BEAT_LOST, "a lease that could not be renewed")                    \
    X(DEAD_SOCKET, "a server goes on over a connection that was closed") \
    X(EARLY_LOGON, "a logon while the last owner's session lives")       \
    X(HAND_OVER, "a hand-over to the desk's console is asked for")       \
    X(DESK_TAKES, "the console takes the book by a grant")               \
    X(HAND_BACK, "the console is asked to give it back")                 \
    X(SERVER_TAKES, "a server takes it back, with the console's rows")   \
    X(BREAK_GLASS, "the console takes it from servers that are silent")  \
    X(LOCKED_OUT, "a server that came back, kept out by the exchange")
#define X(tail, name) OWNERS_##tail,
enum owners_fault { OWNERS_FAULT_MAP(X) OWNERS_FAULT_COUNT };
#undef X
extern const char *const owners_fault_names[OWNERS_FAULT_COUNT];

struct owners;

struct owners *owners_create(bool trace);
/* One seed from beginning to end. False: an invariant broke; owners_broken() has words on it. */
bool owners_run(struct owners *owners, uint64_t seed);
const struct world *owners_broken(const struct owners *owners);
const uint64_t *owners_happened(const struct owners *owners); /* over all seeds so far */
uint64_t owners_steps(const struct owners *owners);
void owners_destroy(struct owners *owners);

#endif
