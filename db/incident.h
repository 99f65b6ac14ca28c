/*
 * incident.h: what stopped the last process that owned a state: a commit that failed, or an
 * assertion that broke. It lies beside the journal in the file `incident`, a line each, so that
 * the next start knows (design: "A turn in detail").
 *
 *   a failed commit           the next start is view-only until a person has cleared it
 *   an assertion, once        the input that broke it is saved and was never committed: the next
 *                             start goes on without it
 *   an assertion, twice       it is not the input: view-only until a person has cleared it
 */
#ifndef DB_INCIDENT_H
#define DB_INCIDENT_H

#include "core/host.h"

enum { INCIDENT_WORDS = 256, INCIDENT_HOSTS = 64 };

struct incident {
    unsigned commits;           /* failed commits since it was last cleared */
    unsigned assertions;        /* broken assertions since then */
    char words[INCIDENT_WORDS]; /* the last line; "" when there is none */
};

/*
 * From now on a broken assertion of this process saves, in `state`, the input that this host was
 * stepping, and aborts. `state` is copied; at most INCIDENT_HOSTS at a time, more are not watched.
 */
void incident_watch(const char *state, const struct sq_host *host);
/* The host ends. */
void incident_forget(const struct sq_host *host);

/* A commit failed, in the store's words. Best effort: the disk may be the reason. */
void incident_commit_failed(const char *state, const char *why);

/* Reads the file; all zero when there is none. */
void incident_read(const char *state, struct incident *incident);
bool incident_is_view_only(const struct incident *incident);

/*
 * A person has looked: the file is kept under another name, with person and reason as its last
 * line. OK; NOT_FOUND when there is nothing to clear; IO with errno.
 */
enum sq_err incident_clear(const char *state, const char *person, const char *reason, sq_time now);

#endif
