/*
 * What both adaptors begin with: the initiator's side of a FIX session, and lines for the operator. The
 * order session (net/fix_exchange.h) and the price session (net/fix_market.h) differ in what is
 * durable and what a gap means, not in this. Private to net/fix*.c.
 */
#ifndef NET_FIX_INITIATOR_H
#define NET_FIX_INITIATOR_H

#include "net/fix_session.h"

#include <stdarg.h>

/* Whoever logs on: names, and what the venue knows him by. */
struct fix_initiator {
    const char *sender_comp_id; /* ours; cut to FIX_COMP_ID_MAX, as is the venue's */
    const char *target_comp_id;
    int heartbeat_s;      /* 0: the session's default */
    const char *username; /* or NULL; borrowed for the session's life, as is the password */
    const char *password;
};

/* A session's configuration with these filled in; the rest is zero, to be completed. */
struct fix_session_config fix_initiator_config(const struct fix_initiator *who);

/*
 * Formats one line, makes it printable (it may quote the peer) and gives it to log(owner, line); log may
 * be NULL.
 */
void fix_initiator_log(void (*log)(void *owner, const char *line), void *owner, const char *format,
                       va_list args) __attribute__((format(printf, 3, 0)));

#endif
