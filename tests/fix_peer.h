/*
 * fix_peer.h: the other side of a FIX session, in memory, for tests of the adaptor and the feed.
 *
 * It is a fix_session as acceptor that says what it is told to say and writes down what it hears:
 * application messages as text with '|' for SOH, header and trailer left out ("35=D|11=X|...").
 */
#ifndef TESTS_FIX_PEER_H
#define TESTS_FIX_PEER_H

#include "net/fix_session.h"

enum { PEER_HEARD = 64, PEER_TEXT = 2048, PEER_STORED = 256 };

struct fix_peer {
    struct fix_session session;
    char heard[PEER_HEARD][PEER_TEXT]; /* application messages, oldest first */
    uint32_t heard_number[PEER_HEARD];
    int heard_count;
    int resend_requests; /* gaps that it saw and asked about */
    bool logged_on;
    bool deaf;                 /* takes no bytes */
    bool forgets;              /* gap-fills its own messages instead of resending them */
    char *stored[PEER_STORED]; /* what it sent, by number */
    size_t stored_length[PEER_STORED];
};

/* Comp ids as seen by the peer; reset: a market-data session. */
struct fix_peer *fix_peer_new(const char *ours, const char *theirs, bool reset);
void fix_peer_free(struct fix_peer *peer);

/* Sends one application message: "35=8|37=E1|..."; returns its MsgSeqNum. */
uint32_t fix_peer_say(struct fix_peer *peer, int64_t now_us, const char *text);
/* Lets it hear and answer; events are written down. */
void fix_peer_poll(struct fix_peer *peer, int64_t now_us);
/* The last thing heard; "" when nothing was. */
const char *fix_peer_last(const struct fix_peer *peer);
/* Forgets what it heard. */
void fix_peer_clear(struct fix_peer *peer);

#endif
