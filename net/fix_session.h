/*
 * One FIX 4.4 session as a pure state machine: bytes in, bytes out, events out, deadline out.
 * No socket, no clock, no allocation: time comes as an argument, the struct belongs to the caller.
 * Initiator and acceptor are the same code; `role` only decides who logs on first.
 *
 * Rules followed: FIX 4.4 volume 2 "FIX Session Protocol" and its appendix "FIX session-level test
 * cases and expected behaviors" (case numbers such as 2b or 10e in the source refer to it).
 *
 * How an owner drives it:
 *
 *     fix_session_init(s, &config);                      once
 *     fix_session_numbers(s, in, out, reserved);         from the journal, while disconnected
 *     fix_session_connect(s, now_us);                    a transport is there
 *     on bytes:     taken = fix_session_receive(s, bytes, n); keep or stop reading when taken < n
 *     on a timer:   nothing to call but poll
 *     then always:  while (fix_session_poll(s, now_us, &event)) ...;
 *                   bytes = fix_session_output(s, &n); write k of them; fix_session_written(s, k);
 *                   timer at fix_session_deadline(s)
 *     transport gone:  fix_session_disconnect(s)
 *
 * An acceptor of many sessions parses the first message itself (fix_parse), chooses the session by
 * SenderCompID(49) and then gives it the same bytes. A second connection for a session that is not
 * FIX_DISCONNECTED must be closed by the owner without a byte (case 1S b).
 *
 * Numbers. The owner makes every number durable before it can be used: `out_reserved` is the first
 * outgoing number that may NOT be used yet. FIX_EVENT_RESERVE asks for more in time; without more the
 * session stops sending and asks to be disconnected rather than number a message twice. After a
 * crash the owner starts with out = out_reserved: the peer sees a gap, asks, and is gap-filled.
 * Incoming: in = last journalled application message + 1; what came after is asked for again.
 *
 * Orders are never resent: a resend request is answered with SequenceReset-GapFill, except for
 * messages that the owner's `stored` gives back, and never for an order message whatever it gives.
 */
#ifndef NET_FIX_SESSION_H
#define NET_FIX_SESSION_H

#include "net/fix.h"

enum {
    FIX_COMP_ID_MAX = 32,                    /* with the end */
    FIX_SESSION_IN = FIX_MESSAGE_MAX + 4096, /* bytes received and not yet polled */
    FIX_SESSION_OUT = 256 * 1024,            /* bytes to be written */
    FIX_SESSION_ADMIN_ROOM = 4096,           /* part of FIX_SESSION_OUT kept for session messages */
    FIX_SESSION_EVENTS = 8,                  /* events that one message can cause */
    FIX_SESSION_TEXT = 128,                  /* human text of an event, with the end */
};

enum fix_role { FIX_INITIATOR, FIX_ACCEPTOR };

/*
 * Gives the message that was sent with that number: the whole message as it went out, or NULL (it was
 * never an application message, or shall not be sent again): then it is gap-filled. The bytes must
 * stay valid until the next call into the session.
 */
typedef const char *fix_stored(void *owner, uint32_t number, size_t *length);

/* What stays the same over all connections. Zero means the default named here. */
struct fix_session_config {
    enum fix_role role;
    char sender_comp_id[FIX_COMP_ID_MAX]; /* ours */
    char target_comp_id[FIX_COMP_ID_MAX]; /* the peer's */
    int heartbeat_s;          /* HeartBtInt(108): initiator proposes it (30); acceptor: the only one
                                    accepted, or 0 = whatever the initiator proposes, up to 3600 */
    int64_t logon_timeout_us; /* until the peer's logon must be there; 10 s */
    int64_t logout_timeout_us;      /* until our logout must be answered; 10 s (case 12) */
    int64_t gap_timeout_us;         /* until a resend request must have moved something; 30 s */
    int64_t sending_time_window_us; /* how far SendingTime(52) may be off; 120 s; < 0 = any */
    uint32_t resend_span;           /* most messages asked for in one resend request; 2500 */
    uint32_t reserve_low_water;     /* FIX_EVENT_RESERVE when fewer numbers are left; 64 */
    bool reset_on_logon;  /* ResetSeqNumFlag(141)=Y is sent, resp. accepted: numbers begin at 1 */
    bool next_expected;   /* NextExpectedMsgSeqNum(789) is sent and honoured */
    const char *username; /* 553 of our logon, or NULL; borrowed for the session's life */
    const char *password; /* 554 of our logon, or NULL; borrowed */
    fix_stored *stored;   /* NULL = everything is gap-filled */
    void *owner;          /* first argument of `stored` */
};

enum fix_state {
    FIX_DISCONNECTED,    /* no transport */
    FIX_LOGON_WAIT,      /* acceptor: waits for the first message */
    FIX_LOGON_SENT,      /* initiator: waits for the answer */
    FIX_ACTIVE,          /* logged on */
    FIX_LOGOUT_SENT,     /* we asked to end; what comes is still processed */
    FIX_LOGOUT_ANSWERED, /* the peer asked to end and we agreed: it closes the transport (case 13) */
    FIX_CLOSING,         /* write what is left, then disconnect; nothing is read any more */
};

enum fix_event_kind {
    FIX_EVENT_LOGGED_ON,      /* view: the peer's logon */
    FIX_EVENT_MESSAGE,        /* view: an application message, in sequence; poss_dup, poss_resend */
    FIX_EVENT_REJECTED,       /* view: the peer's Reject(3); number = RefSeqNum of ours; text */
    FIX_EVENT_REFUSED,        /* view: what we answered with Reject(3); number of theirs, reason */
    FIX_EVENT_GARBLED,        /* bytes were ignored; text */
    FIX_EVENT_IN_GAP,         /* we miss messages; number = first missing */
    FIX_EVENT_IN_GAP_CLOSED,  /* none is missing any more; number = next expected */
    FIX_EVENT_OUT_GAP,        /* the peer asked for messages; number = first asked for */
    FIX_EVENT_OUT_GAP_CLOSED, /* all of it was answered; number = next to be sent */
    FIX_EVENT_RESET,      /* SequenceReset-Reset moved our expected number: loss; number = new */
    FIX_EVENT_PROBED,     /* fix_session_probe() is proved; number = the probe's */
    FIX_EVENT_RESERVE,    /* below reserve_low_water numbers are left; number = next to be sent */
    FIX_EVENT_LOGGED_OUT, /* view: the peer's Logout; text is its Text(58), hostile */
    FIX_EVENT_DISCONNECT, /* write what is left, then close the transport; end, text */
};

/* Why the session wants to be disconnected. */
enum fix_end {
    FIX_END_NONE,
    FIX_END_LOGGED_OUT,     /* orderly: both logouts exchanged */
    FIX_END_LOGON_REFUSED,  /* first message no logon, wrong names, bad logon, ... */
    FIX_END_LOGON_TIMEOUT,  /* no logon in time */
    FIX_END_LOGOUT_TIMEOUT, /* our logout was not answered */
    FIX_END_SILENT,         /* test request not answered */
    FIX_END_TOO_LOW,        /* MsgSeqNum too low (2c): lost data, or a second sender */
    FIX_END_PROTOCOL,       /* BeginString, CompID, SendingTime, resend storm, oversized message */
    FIX_END_GAP,            /* the peer did not answer our resend request */
    FIX_END_NUMBERS,        /* the reservation is used up */
    FIX_END_OVERFLOW,       /* the peer does not read: no room for session messages */
};

struct fix_event {
    enum fix_event_kind kind;
    uint32_t number;             /* see the kind; MsgSeqNum(34) for messages */
    bool poss_dup;               /* PossDupFlag(43)=Y */
    bool poss_resend;            /* PossResend(97)=Y */
    enum fix_reject reason;      /* FIX_EVENT_REFUSED */
    enum fix_end end;            /* FIX_EVENT_DISCONNECT */
    const struct fix_view *view; /* the message, or NULL; valid until the next poll */
    char text[FIX_SESSION_TEXT]; /* human text, in parts the peer's: make harmless before showing */
};

/* Members are for reading; only the functions below write. About 370 KiB, belongs to the caller. */
struct fix_session {
    struct fix_session_config config; /* with the defaults filled in */
    enum fix_state state;
    uint32_t connection;   /* counts fix_session_connect(): each order carries it */
    uint32_t next_in;      /* MsgSeqNum expected next */
    uint32_t next_out;     /* MsgSeqNum of our next new message */
    uint32_t out_reserved; /* first number that may not be used yet */
    int heartbeat_s;       /* agreed at logon; 0 = none */

    bool in_gap_open;      /* messages of the peer are missing */
    uint32_t in_gap_high;  /* highest number seen beyond the gap */
    uint32_t in_gap_asked; /* last number that our request covers; 0 = all */
    uint32_t in_gap_mark;  /* next_in when the request went out: progress is beyond it */
    int in_gap_tries;      /* requests without progress */
    bool out_gap_open;     /* a resend request of the peer is being answered */
    uint32_t out_gap_at;   /* next number of it */
    uint32_t out_gap_to;   /* first number after it; UINT32_MAX = up to the newest (EndSeqNo 0) */
    bool logout_wanted;    /* a logout of the peer waits until our gap is closed */
    int out_gap_count;     /* resend requests of the peer in the present window */

    uint32_t probe;        /* number of the last probe; 0 = none yet */
    uint32_t probe_number; /* MsgSeqNum of its test request */
    bool probe_wanted;     /* asked for and not proved */
    bool probe_sent;       /* its test request is out and nothing has voided it */
    bool test_sent;        /* a test request for silence is out */
    bool reserve_told;     /* FIX_EVENT_RESERVE was given for the present reservation */

    int64_t now_us;      /* latest time given */
    int64_t state_us;    /* when the present state began */
    int64_t last_in_us;  /* last well-formed message came */
    int64_t last_out_us; /* last message was made */
    int64_t test_us;     /* when the test request for silence went out */
    int64_t gap_us;      /* when the open gap was last asked for */
    int64_t window_us;   /* when the resend-request window began */

    uint64_t garbled; /* messages ignored as garbled, since init */
    uint64_t refused; /* messages answered with Reject, since init */

    struct fix_event event[FIX_SESSION_EVENTS]; /* not yet polled */
    uint32_t event_at, event_count;
    struct fix_view view;     /* the message at hand */
    struct fix_view scratch;  /* a stored message that is being resent */
    struct fix_writer writer; /* the message being made */
    uint32_t in_length;       /* bytes in `in` */
    uint32_t in_used;         /* of them already processed */
    uint32_t out_length;      /* bytes in `out` */
    uint32_t out_used;        /* of them already written */
    char in[FIX_SESSION_IN];
    char out[FIX_SESSION_OUT];
};

/* Fills in the defaults; disconnected; both numbers 1, nothing reserved. */
void fix_session_init(struct fix_session *s, const struct fix_session_config *config);

/*
 * Sets the sequence numbers: next expected, next to be sent, first number not reserved (UINT32_MAX
 * when numbers need not survive, as with reset_on_logon). Only while disconnected. All >= 1.
 */
void fix_session_numbers(struct fix_session *s, uint32_t next_in, uint32_t next_out,
                         uint32_t out_reserved);

/* Raises the reservation (it never falls). The owner has made it durable. */
void fix_session_reserve(struct fix_session *s, uint32_t out_reserved);

/* A transport is connected: an initiator sends its logon, an acceptor waits for one. */
void fix_session_connect(struct fix_session *s, int64_t now_us);

/* The transport is gone (or is being closed): buffers are dropped, numbers stay. */
void fix_session_disconnect(struct fix_session *s);

/* Takes as many bytes as there is room for; returns how many, 0..n. Ends the life of event views. */
size_t fix_session_receive(struct fix_session *s, const char *bytes, size_t n);

/*
 * Advances the session to now_us (microseconds since 1970, UTC): due timers, then received
 * messages, one event at a time. Returns false when there is nothing more to do now. The view of an event is valid until
 * the next call. A message counts as received (next_in moves) when its event is handed over.
 */
bool fix_session_poll(struct fix_session *s, int64_t now_us, struct fix_event *event);

/*
 * Bytes to be written to the transport, and after writing k of them, so. The bytes stay where they are
 * only until the next call of any function here (uv_try_write, not uv_write without a copy). Poll
 * again after writing: an answer to a resend request goes on when there is room.
 */
const char *fix_session_output(const struct fix_session *s, size_t *n);
void fix_session_written(struct fix_session *s, size_t k);

/* When poll wants to be called at the latest; INT64_MAX = only on bytes. */
int64_t fix_session_deadline(const struct fix_session *s);

/* Why an application message cannot be sent now. */
enum fix_send {
    FIX_SENT = 0,
    FIX_NOT_ACTIVE = -1, /* not logged on */
    FIX_NO_NUMBER = -2,  /* the reservation is used up */
    FIX_NO_ROOM = -3,    /* the output is full: the transport does not take it */
    FIX_RESENDING = -4,  /* a resend request is being answered: wait for OUT_GAP_CLOSED */
    FIX_MALFORMED = -5,  /* a put failed: value with SOH, empty value, too long */
};

/*
 * An application message, written in place into the output:
 *     if (fix_session_begin(s, now_us, "D", &w) == FIX_SENT) {
 *         fix_put_text(w, FIX_CL_ORD_ID, id); ...
 *         result = fix_session_send(s, &number);
 *     }
 * begin puts the header; no other session call may come between the two. send gives it its
 * number: from then on the message counts as out. A failed send uses no number and leaves no byte.
 * After FIX_SENT s->writer.start and .length are the message (valid until the next call), for the
 * owner's store. The owner makes its own checks (send_before, epoch, connection) before begin.
 */
enum fix_send fix_session_begin(struct fix_session *s, int64_t now_us, const char *type,
                                struct fix_writer **w);
enum fix_send fix_session_send(struct fix_session *s, uint32_t *number);

/* Rejects (3) the application message of the last event: for owners that check deeper than FIX does. */
void fix_session_reject(struct fix_session *s, int64_t now_us, const struct fix_view *view,
                        enum fix_reject reason, uint32_t tag, const char *text);

/*
 * SequenceReset-Reset (GapFillFlag N): our next number is `next`, and what lies below it is given up for
 * good. Volume 2 keeps it for disasters, and it can only go up: `next` is above the number that is due
 * and at most the reservation, else FIX_NO_NUMBER. For an exchange; no owner of orders needs it
 * (docs/fix.md).
 */
enum fix_send fix_session_reset(struct fix_session *s, int64_t now_us, uint32_t next);

/*
 * Asks for proof that the peer has consumed everything that we sent until now: a TestRequest with an id
 * of its own, whose Heartbeat comes back in sequence with no resend request in between (otherwise it is
 * asked again when the gaps are closed). FIX_EVENT_PROBED carries the returned number. Only when
 * FIX_ACTIVE, else 0. A later probe replaces an unproved one; a lost connection drops it.
 */
uint32_t fix_session_probe(struct fix_session *s, int64_t now_us);

/* Begins an orderly logout (case 12). Text may be NULL. */
void fix_session_logout(struct fix_session *s, int64_t now_us, const char *text);

/* Words for logs and screens. Never NULL. */
const char *fix_state_name(enum fix_state state);
const char *fix_event_name(enum fix_event_kind kind);
const char *fix_end_name(enum fix_end end);
const char *fix_send_name(enum fix_send send);

#endif
