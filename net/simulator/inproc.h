/*
 * The simulated exchange inside another program's loop, reached through socket pairs: what the
 * drill uses. The FIX bytes are the same as over TCP.
 */
#ifndef NET_SIMULATOR_INPROC_H
#define NET_SIMULATOR_INPROC_H

#include "net/simulator/config.h"

#include <uv.h>

struct inproc;

/*
 * Reads the day from a folder and opens an exchange on the loop. clock: microseconds since 1970, NULL
 * the system's; seed and everything else come from the settings (copied). NULL with why.
 */
struct inproc *inproc_create(uv_loop_t *loop, const struct sim_settings *settings,
                             const char *day_folder, int64_t (*clock)(void *context),
                             void *clock_context, char why[SIM_WHY]);

/* A new connection: the member's end, a connected non-blocking stream socket, or -1. */
int inproc_open(struct inproc *p);

/* The exchange itself: for its counts, faults and control line. Call inproc_pump() after changes. */
struct exchange *inproc_exchange(struct inproc *p);
void inproc_pump(struct inproc *p);

/* Closes everything on the loop; after the loop has turned until that is done, inproc_free(). */
void inproc_stop(struct inproc *p);
void inproc_free(struct inproc *p);

#endif
