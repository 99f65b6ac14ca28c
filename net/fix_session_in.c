/*
 * What a FIX session does with a message of its peer. The checks stand in the order of the appendix
 * of FIX 4.4 volume 2 "FIX session-level test cases"; the numbers in comments are its cases.
 */
#include "net/fix_session_parts.h"

#include <stdio.h>
#include <string.h>

enum {
    RESENDS_MAX = 20, /* resend requests of the peer in one window; more is a storm */
    RESEND_WINDOW_S = 10,
    HEARTBEAT_MAX_S = 3600,
};

/* The standard header of the message at hand, as far as it could be read. */
struct header {
    uint32_t number; /* MsgSeqNum(34) */
    bool poss_dup;   /* PossDupFlag(43)=Y */
    int64_t sent_us; /* SendingTime(52) */
    bool has_orig;   /* OrigSendingTime(122) is there and readable */
    int64_t orig_us;
};

typedef void admin_rule(struct fix_session *s, const struct header *h);

static bool flag_set(const struct fix_view *view, uint32_t tag)
{
    bool set = false;
    return fix_bool(fix_get(view, tag), &set) == FIX_VALUE && set;
}

static bool logging_on(const struct fix_session *s)
{
    return s->state == FIX_LOGON_WAIT || s->state == FIX_LOGON_SENT;
}

/* ---- gaps in what we receive ---- */

static void close_in_gap(struct fix_session *s)
{
    s->in_gap_open = false;
    session_event(s, FIX_EVENT_IN_GAP_CLOSED, s->next_in, NULL);
    session_probe(s);
    if (s->logout_wanted) {
        s->logout_wanted = false;
        session_send_logout(s, NULL);
        session_state(s, FIX_LOGOUT_ANSWERED);
    }
}

/* The expected number has moved: is the gap closed, or the next part of it to be asked for? */
static void received_until(struct fix_session *s, uint32_t next)
{
    s->next_in = next;
    if (!s->in_gap_open)
        return;
    if (next > s->in_gap_high)
        close_in_gap(s);
    else if (s->in_gap_asked != 0 && next > s->in_gap_asked)
        session_ask_resend(s);
}

/* Opens the gap before `number`; true when it was closed until now. */
static bool open_in_gap(struct fix_session *s, uint32_t number)
{
    if (number > s->in_gap_high || !s->in_gap_open)
        s->in_gap_high = number;
    if (s->in_gap_open)
        return false;
    s->in_gap_open = true;
    s->in_gap_tries = 0;
    s->in_gap_mark = s->next_in;
    s->in_gap_asked = 0;
    s->gap_us = s->now_us;
    s->probe_sent = false;
    session_event(s, FIX_EVENT_IN_GAP, s->next_in, NULL);
    return true;
}

/* 2b: one resend request a gap. What came beyond it is dropped: the answer brings it again. */
static void note_gap(struct fix_session *s, uint32_t number)
{
    if (open_in_gap(s, number))
        session_ask_resend(s);
}

/* ---- session messages ---- */

static void refuse(struct fix_session *s, const struct header *h, enum fix_reject reason,
                   uint32_t tag, const char *text)
{
    session_refuse(s, &s->view, h->number, reason, tag, text);
}

static void on_heartbeat(struct fix_session *s, const struct header *h)
{
    char id[32];
    (void)h;
    session_probe_id(s, id, sizeof id);
    if (!s->probe_sent || !fix_equals(fix_get(&s->view, FIX_TEST_REQ_ID), id))
        return;
    s->probe_sent = s->probe_wanted = false;
    session_event(s, FIX_EVENT_PROBED, s->probe, NULL);
}

static void on_test_request(struct fix_session *s, const struct header *h)
{
    (void)h;
    session_send_heartbeat(s, fix_get(&s->view, FIX_TEST_REQ_ID));
}

/* Asking again for what was answered already is a storm when it is done too often. */
static bool resend_storm(struct fix_session *s, uint32_t from)
{
    if (from >= s->out_gap_at)
        return false;
    if (s->now_us - s->window_us >= RESEND_WINDOW_S * 1000000LL) {
        s->window_us = s->now_us;
        s->out_gap_count = 0;
    }
    return ++s->out_gap_count > RESENDS_MAX;
}

/* 8: EndSeqNo 0 means all; a range that we never sent is refused. */
static void on_resend_request(struct fix_session *s, const struct header *h)
{
    uint32_t from = 0, last = 0;
    fix_seqnum(fix_get(&s->view, FIX_BEGIN_SEQ_NO), true, &from);
    fix_seqnum(fix_get(&s->view, FIX_END_SEQ_NO), true, &last);
    if (resend_storm(s, from))
        session_logout_end(s, FIX_END_PROTOCOL, "too many resend requests");
    else if (from == 0 || from >= s->next_out)
        refuse(s, h, FIX_REJECT_VALUE, FIX_BEGIN_SEQ_NO, "BeginSeqNo was never sent");
    else if (last != 0 && last < from)
        refuse(s, h, FIX_REJECT_VALUE, FIX_END_SEQ_NO, "EndSeqNo is below BeginSeqNo");
    else
        session_open_out_gap(s, from, last == 0 ? UINT32_MAX : last + 1);
}

/* Text(58) of the peer, cut to an event's text. */
static void peer_text(const struct fix_session *s, char text[FIX_SESSION_TEXT])
{
    const struct fix_field *field = fix_get(&s->view, FIX_TEXT);
    snprintf(text, FIX_SESSION_TEXT, "%.*s", field != NULL ? (int)field->length : 0,
             field != NULL ? field->value : "");
}

static void on_reject(struct fix_session *s, const struct header *h)
{
    char text[FIX_SESSION_TEXT];
    uint32_t number = 0;
    (void)h;
    peer_text(s, text);
    fix_seqnum(fix_get(&s->view, FIX_REF_SEQ_NUM), true, &number);
    session_event(s, FIX_EVENT_REJECTED, number, text)->view = &s->view;
}

static bool new_number(struct fix_session *s, uint32_t *next)
{
    return fix_seqnum(fix_get(&s->view, FIX_NEW_SEQ_NO), false, next) == FIX_VALUE;
}

/* 10b, 10e. Only called in sequence, before the number itself has moved. */
static void on_gap_fill(struct fix_session *s, const struct header *h)
{
    uint32_t next;
    char text[FIX_SESSION_TEXT];
    if (new_number(s, &next) && next > h->number) {
        received_until(s, next);
        return;
    }
    const struct fix_field *field = fix_get(&s->view, FIX_NEW_SEQ_NO);
    snprintf(text, sizeof text, "attempt to lower sequence number, invalid value NewSeqNo=%.*s",
             (int)field->length, field->value);
    refuse(s, h, FIX_REJECT_VALUE, FIX_NEW_SEQ_NO, text);
    received_until(s, h->number + 1);
}

/* 11: Reset mode, whatever its own number is. It is for disasters: the owner hears of it. */
static void on_reset(struct fix_session *s, const struct header *h)
{
    uint32_t next;
    if (!new_number(s, &next) || next < s->next_in) {
        refuse(s, h, FIX_REJECT_VALUE, FIX_NEW_SEQ_NO, "NewSeqNo is below the expected number");
        return;
    }
    if (next > s->next_in) { /* 11b: the same number again changes nothing */
        session_event(s, FIX_EVENT_RESET, next, NULL);
        received_until(s, next);
    }
    if (s->in_gap_open)
        close_in_gap(s);
}

static void logged_out_event(struct fix_session *s)
{
    char text[FIX_SESSION_TEXT];
    peer_text(s, text);
    session_event(s, FIX_EVENT_LOGGED_OUT, s->next_in, text)->view = &s->view;
}

/* 12, 13. With a gap open the answer waits for what is missing: the peer still sends it. */
static void on_logout(struct fix_session *s, const struct header *h)
{
    (void)h;
    logged_out_event(s);
    if (s->state == FIX_LOGOUT_SENT) {
        session_end(s, FIX_END_LOGGED_OUT, "logged out");
    } else if (s->in_gap_open) {
        s->logout_wanted = true;
    } else {
        session_send_logout(s, NULL);
        if (s->state != FIX_CLOSING)
            session_state(s, FIX_LOGOUT_ANSWERED);
    }
}

static void on_second_logon(struct fix_session *s, const struct header *h)
{
    refuse(s, h, FIX_REJECT_OTHER, FIX_MSG_TYPE, "already logged on");
}

/* Session messages that are answered in sequence; `early`: also when they come beyond a gap. */
static const struct {
    const char *type;
    admin_rule *rule;
    bool early;
} admin[] = {
    {"0", on_heartbeat, false},     {"1", on_test_request, true}, /* the peer would think us dead */
    {"2", on_resend_request, true},                         /* both sides may have a gap (20) */
    {"3", on_reject, false},        {"5", on_logout, true}, /* the peer waits for it */
    {"A", on_second_logon, false},
};

/* Its place in the table, or -1 for an application message. */
static int admin_of(const struct fix_view *view)
{
    for (size_t i = 0; i < sizeof admin / sizeof admin[0]; i++)
        if (fix_is(view, admin[i].type))
            return (int)i;
    return -1;
}

/* ---- logon ---- */

static void refuse_logon(struct fix_session *s, const struct header *h, enum fix_reject reason,
                         uint32_t tag, const char *text)
{
    if (h->number == s->next_in)
        s->next_in++;
    refuse(s, h, reason, tag, text);
    session_logout_end(s, FIX_END_LOGON_REFUSED, text);
}

/* What the peer proposes or confirms; false when it was refused. */
static bool logon_terms(struct fix_session *s, const struct header *h)
{
    int64_t heartbeat = -1;
    const struct fix_session_config *c = &s->config;
    bool reset = flag_set(&s->view, FIX_RESET_SEQ_NUM_FLAG);

    fix_int(fix_get(&s->view, FIX_HEART_BT_INT), &heartbeat);
    if (!fix_equals(fix_get(&s->view, FIX_ENCRYPT_METHOD), "0"))
        refuse_logon(s, h, FIX_REJECT_VALUE, FIX_ENCRYPT_METHOD, "EncryptMethod is not supported");
    else if (heartbeat < 0 || heartbeat > HEARTBEAT_MAX_S ||
             (s->heartbeat_s > 0 && heartbeat != s->heartbeat_s))
        refuse_logon(s, h, FIX_REJECT_VALUE, FIX_HEART_BT_INT, "HeartBtInt is not as agreed");
    else if (reset && !c->reset_on_logon)
        refuse_logon(s, h, FIX_REJECT_VALUE, FIX_RESET_SEQ_NUM_FLAG,
                     "ResetSeqNumFlag is not allowed");
    else if (reset && h->number != 1)
        refuse_logon(s, h, FIX_REJECT_VALUE, FIX_MSG_SEQ_NUM,
                     "ResetSeqNumFlag=Y asks for MsgSeqNum 1");
    else {
        s->heartbeat_s = (int)heartbeat;
        return true;
    }
    return false;
}

/*
 * NextExpectedMsgSeqNum(789): the peer says what it misses of ours, which is sent without being asked
 * for. False when it expects more than was ever sent: our data was lost, or another sender was here.
 */
static bool honour_next_expected(struct fix_session *s, uint32_t *expected)
{
    *expected = 0;
    if (!s->config.next_expected ||
        fix_seqnum(fix_get(&s->view, FIX_NEXT_EXPECTED_MSG_SEQ_NUM), false, expected) != FIX_VALUE)
        return true;
    if (*expected <= s->next_out)
        return true;
    session_logout_end(s, FIX_END_TOO_LOW, "NextExpectedMsgSeqNum was never sent");
    return false;
}

static void too_low(struct fix_session *s, uint32_t number)
{
    char text[FIX_SESSION_TEXT];
    snprintf(text, sizeof text, "MsgSeqNum too low, expecting %u but received %u", s->next_in,
             number);
    session_logout_end(s, FIX_END_TOO_LOW, text);
}

/* 1B, 1S: the logon is in order as to names, times and fields. */
static void on_logon(struct fix_session *s, const struct header *h)
{
    uint32_t expected, mark;
    if (!logon_terms(s, h))
        return;
    bool reset = s->config.role == FIX_ACCEPTOR && flag_set(&s->view, FIX_RESET_SEQ_NUM_FLAG);
    if (reset)
        s->next_in = s->next_out = 1;
    if (h->number < s->next_in) {
        too_low(s, h->number);
        return;
    }
    if (!honour_next_expected(s, &expected))
        return;
    mark = s->next_out;
    if (h->number == s->next_in)
        s->next_in++;
    session_state(s, FIX_ACTIVE);
    if (s->config.role == FIX_ACCEPTOR)
        session_send_logon(s, reset);
    if (s->state == FIX_CLOSING)
        return;
    session_event(s, FIX_EVENT_LOGGED_ON, h->number, NULL)->view = &s->view;
    if (h->number > s->next_in - 1 && open_in_gap(s, h->number) && expected == 0)
        session_ask_resend(s);
    if (expected != 0 && expected < mark)
        session_open_out_gap(s, expected, UINT32_MAX);
}

/* Before the logon: anything else ends it (1B e, 1S e); a logout or reject of the peer says why. */
static void take_first(struct fix_session *s, const struct header *h)
{
    if (fix_is(&s->view, "A")) {
        if (s->view.fault == FIX_REJECT_NONE)
            on_logon(s, h);
        else
            refuse_logon(s, h, s->view.fault, s->view.fault_tag, fix_reject_name(s->view.fault));
    } else if (s->state == FIX_LOGON_WAIT) {
        session_end(s, FIX_END_LOGON_REFUSED, "first message not a logon");
    } else if (fix_is(&s->view, "5") || fix_is(&s->view, "3")) {
        if (h->number == s->next_in)
            s->next_in++;
        if (fix_is(&s->view, "5"))
            logged_out_event(s);
        else
            on_reject(s, h);
        session_end(s, FIX_END_LOGON_REFUSED, "the peer refused the logon");
    } else {
        session_logout_end(s, FIX_END_LOGON_REFUSED, "first message not a logon");
    }
}

/* ---- the header ---- */

static bool comp_ids_right(const struct fix_session *s)
{
    return fix_equals(fix_get(&s->view, FIX_SENDER_COMP_ID), s->config.target_comp_id) &&
           fix_equals(fix_get(&s->view, FIX_TARGET_COMP_ID), s->config.sender_comp_id);
}

static bool time_right(const struct fix_session *s, const struct header *h)
{
    int64_t window = s->config.sending_time_window_us;
    int64_t off = h->sent_us - s->now_us;
    return window < 0 || (off <= window && off >= -window);
}

/* Rejects, counts the message as received, and logs out: 2k, 2o, 2f. */
static void refuse_and_end(struct fix_session *s, const struct header *h, enum fix_reject reason,
                           uint32_t tag)
{
    const char *text = fix_reject_name(reason);
    if (s->state == FIX_LOGON_WAIT) {
        session_end(s, FIX_END_LOGON_REFUSED, text); /* 1S c: not a word to a stranger */
        return;
    }
    if (h->number == s->next_in)
        s->next_in++;
    refuse(s, h, reason, tag, text);
    session_logout_end(s, logging_on(s) ? FIX_END_LOGON_REFUSED : FIX_END_PROTOCOL, text);
}

/* MsgSeqNum, names and SendingTime: without these the message cannot even be placed. */
static bool take_header(struct fix_session *s, struct header *h)
{
    const struct fix_view *view = &s->view;
    if (fix_seqnum(fix_get(view, FIX_MSG_SEQ_NUM), false, &h->number) != FIX_VALUE) {
        session_protocol_end(s, "MsgSeqNum missing or wrong");
        return false;
    }
    h->poss_dup = flag_set(view, FIX_POSS_DUP_FLAG);
    h->has_orig = fix_utc_time(fix_get(view, FIX_ORIG_SENDING_TIME), &h->orig_us) == FIX_VALUE;
    if (!comp_ids_right(s)) {
        refuse_and_end(s, h, FIX_REJECT_COMP_ID, 0);
        return false;
    }
    if (fix_utc_time(fix_get(view, FIX_SENDING_TIME), &h->sent_us) == FIX_VALUE &&
        !time_right(s, h)) {
        refuse_and_end(s, h, FIX_REJECT_SENDING_TIME, FIX_SENDING_TIME);
        return false;
    }
    return true;
}

/* ---- the sequence ---- */

static bool is_sequence_reset(const struct fix_session *s)
{
    return fix_is(&s->view, "4");
}

/*
 * 2e-2g: a possible duplicate must say when it was first sent, and that not after now. A
 * SequenceReset may leave it out: it was never sent before. False when the message was refused.
 */
static bool poss_dup_right(struct fix_session *s, const struct header *h)
{
    if (!h->poss_dup || (!h->has_orig && is_sequence_reset(s)))
        return true;
    if (!h->has_orig) {
        if (h->number == s->next_in)
            received_until(s, h->number + 1);
        refuse(s, h, FIX_REJECT_REQUIRED_MISSING, FIX_ORIG_SENDING_TIME,
               "OrigSendingTime is missing");
        return false;
    }
    if (h->orig_us <= h->sent_us)
        return true;
    refuse_and_end(s, h, FIX_REJECT_SENDING_TIME, FIX_ORIG_SENDING_TIME);
    return false;
}

static void take_in_sequence(struct fix_session *s, const struct header *h)
{
    if (!poss_dup_right(s, h))
        return;
    if (!fix_check(&s->view)) { /* 14 */
        refuse(s, h, s->view.fault, s->view.fault_tag, fix_reject_name(s->view.fault));
        received_until(s, h->number + 1);
        return;
    }
    int place = admin_of(&s->view);
    if (is_sequence_reset(s)) {
        on_gap_fill(s, h);
    } else if (place >= 0) {
        admin[place].rule(s, h);
        received_until(s, h->number + 1);
    } else {
        struct fix_event *event = session_event(s, FIX_EVENT_MESSAGE, h->number, NULL);
        event->view = &s->view;
        event->poss_dup = h->poss_dup;
        event->poss_resend = flag_set(&s->view, FIX_POSS_RESEND);
        received_until(s, h->number + 1);
    }
}

/* 2b: the gap is asked for once; what cannot wait is answered without counting it as received. */
static void take_too_high(struct fix_session *s, const struct header *h)
{
    int place = admin_of(&s->view);
    note_gap(s, h->number);
    if (s->state == FIX_CLOSING || place < 0 || !admin[place].early)
        return;
    if (fix_check(&s->view))
        admin[place].rule(s, h);
}

/* 2c, 2e: a possible duplicate was seen before; anything else means lost data or a second sender. */
static void take_too_low(struct fix_session *s, const struct header *h)
{
    if (h->poss_dup)
        poss_dup_right(s, h);
    else
        too_low(s, h->number);
}

void session_take(struct fix_session *s, bool version)
{
    struct header h = {0};
    if (version) { /* 2i */
        session_protocol_end(s, "incorrect BeginString");
        return;
    }
    if (!take_header(s, &h))
        return;
    if (logging_on(s)) {
        fix_check(&s->view);
        take_first(s, &h);
        return;
    }
    if (is_sequence_reset(s) && !flag_set(&s->view, FIX_GAP_FILL_FLAG) && fix_check(&s->view)) {
        on_reset(s, &h);
        return;
    }
    if (h.number > s->next_in)
        take_too_high(s, &h);
    else if (h.number < s->next_in)
        take_too_low(s, &h);
    else
        take_in_sequence(s, &h);
}
