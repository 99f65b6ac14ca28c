/*
 * session.h: what a screen holds. It submits inputs, asks for previews and sees events; it cannot
 * tell whether the host is in this process or far away, except by what it is told about age and
 * source. (The exchange's session is always called FIX session.)
 */
#ifndef SQ_CORE_SESSION_H
#define SQ_CORE_SESSION_H

#include "core/engine.h"
#include "core/view.h"

/* Where the view's data comes from, for the first line of the screen. */
struct sq_source_info {
    char source[24]; /* "STANDALONE", "DRILL", "BACKUP-2" */
    bool live;       /* false: cached, view only: OFFLINE */
    bool drill;
    sq_time heard;       /* when the source last spoke */
    sq_time price_heard; /* when the price link last spoke; 0: never */
    bool price_up;
    bool order_up;
    int64_t order_rtt_us; /* last round trip to the exchange; -1: not measured */
    bool view_only;       /* nothing can be sent */
    bool disk_full;
    char why[SQ_TEXT_SIZE]; /* why it is view only */
};

struct sq_session;
struct sq_session_ops {
    /* Hands over one input, or several that belong together (one turn). False: not taken. */
    bool (*submit)(struct sq_session *session, const struct sq_message *inputs, size_t count);
    /* Asks for previews of `count` intents; the answer is complete when `previews_ready` says so. */
    bool (*preview)(struct sq_session *session, const struct sq_square_off *intents, size_t count);
    /* NULL until ready; then count previews in the order asked, valid until the next preview(). */
    const struct sq_preview *(*previews)(struct sq_session *session, size_t *count);
    void (*info)(struct sq_session *session, struct sq_source_info *info);
    void (*destroy)(struct sq_session *session);
};
struct sq_session {
    const struct sq_session_ops *ops;
    struct sq_view *view;        /* owned by the session; read by the screen */
    char person[SQ_PERSON_SIZE]; /* who sits here */
};

#endif
