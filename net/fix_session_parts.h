/*
 * What the files of the FIX session share: fix_session.c (the calls of the owner, timers),
 * fix_session_in.c (what a message of the peer does), fix_session_out.c (messages of ours, answers
 * to resend requests). Private to these.
 */
#ifndef NET_FIX_SESSION_PARTS_H
#define NET_FIX_SESSION_PARTS_H

#include "net/fix_session.h"

/* Queues an event; `text` may be NULL. The queue has room for all that one message can cause. */
struct fix_event *session_event(struct fix_session *s, enum fix_event_kind kind, uint32_t number,
                                const char *text);

/* Takes the owner's time; all marks move along when it was set back, so that no timer sleeps. */
void session_clock(struct fix_session *s, int64_t now_us);

void session_state(struct fix_session *s, enum fix_state state);

/* The session is over: nothing more is read, the owner is asked to close the transport. */
void session_end(struct fix_session *s, enum fix_end end, const char *text);

/* The same with a Logout before it, which tells the peer why. */
void session_logout_end(struct fix_session *s, enum fix_end end, const char *text);

/* The peer broke the protocol. A stranger, who has not logged on, is told nothing (1S c, e). */
void session_protocol_end(struct fix_session *s, const char *text);

/* ---- fix_session_out.c: each makes one message; without room or number the session ends ---- */

void session_send_logon(struct fix_session *s, bool reset);
void session_send_heartbeat(struct fix_session *s, const struct fix_field *test_req_id);
void session_send_test_request(struct fix_session *s, const char *id);
void session_send_logout(struct fix_session *s, const char *text);

/* Asks for what is missing from next_in on, at most config.resend_span messages at a time. */
void session_ask_resend(struct fix_session *s);

/* Rejects the message `number` (0 = unknown) and tells the owner. `tag` 0 = none is named. */
void session_refuse(struct fix_session *s, const struct fix_view *view, uint32_t number,
                    enum fix_reject reason, uint32_t tag, const char *text);

/* Begins to answer a resend request for [from, to); UINT32_MAX = up to the newest. */
void session_open_out_gap(struct fix_session *s, uint32_t from, uint32_t to);

/* Goes on with the answer as far as there is room. */
void session_resend(struct fix_session *s);

/* Sends the probe's test request if one is wanted and no gap is open. */
void session_probe(struct fix_session *s);

/* The id of the present probe's test request: of this very one, for an earlier one may be void. */
void session_probe_id(const struct fix_session *s, char *id, size_t capacity);

/* ---- fix_session_in.c ---- */

/* Takes the message in s->view. `version`: BeginString(8) is not FIX.4.4. */
void session_take(struct fix_session *s, bool version);

#endif
