/*
 * session_here.h: the session of a screen whose host is in the same process.
 *
 * It holds the view (a fold of the host's events, begun with the rows the engine has now) and the
 * quote board over the view's rows. Whoever drives the host tells it the time and the links.
 */
#ifndef SQ_CORE_SESSION_HERE_H
#define SQ_CORE_SESSION_HERE_H

#include "core/host.h"
#include "core/session.h"

/* Bytes that a session on an engine of this configuration needs. */
size_t sq_session_here_size(const struct sq_config *config);

/*
 * Makes a session in `memory`: sq_session_here_size() zero bytes, aligned for any type. The host
 * must be recovered, and outlive the session; its board is set to the session's. `person` is who
 * sits at the screen. NULL when the host has no room for another listener, or the view none for
 * the rows of the engine.
 */
struct sq_session *sq_session_here_init(void *memory, const struct sq_config *config,
                                        struct sq_host *host, const char *person);

/* The clock of the host: to be set before each turn of the loop. Never goes back. */
void sq_session_here_time(struct sq_session *session, sq_time now);

/*
 * What only the driver knows of the links: source, drill, price_up, price_heard, order_rtt_us.
 * order_up, view_only and disk_full are the host's own and overwritten from it.
 */
void sq_session_here_source(struct sq_session *session, const struct sq_source_info *source);

/* The board that rates are to be written to. */
struct sq_board *sq_session_here_board(struct sq_session *session);

#endif
