/*
 * What a FIX session sends: session messages, application messages of the owner, and the answers to
 * resend requests. Every new message gets its number in close_new(), and nowhere else.
 */
#include "net/fix_session_parts.h"

#include "net/fix_dict.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    SHORTEST = 512,    /* room that any session message fits into, its Text(58) included */
    RESEND_EXTRA = 64, /* PossDupFlag and OrigSendingTime, which a resent message has more */
};

/* Bytes that can still be appended; unwritten ones are moved to the front when it gets tight. */
static size_t out_room(struct fix_session *s)
{
    if (s->out_used > 0 &&
        (s->out_used == s->out_length || FIX_SESSION_OUT - s->out_length < FIX_SESSION_OUT / 2)) {
        s->out_length -= s->out_used;
        memmove(s->out, s->out + s->out_used, s->out_length);
        s->out_used = 0;
    }
    return FIX_SESSION_OUT - s->out_length;
}

/* Room for owner's messages and resends: what is kept for session messages is not theirs. */
static size_t app_room(struct fix_session *s)
{
    size_t room = out_room(s);
    return room > FIX_SESSION_ADMIN_ROOM ? room - FIX_SESSION_ADMIN_ROOM : 0;
}

/* Standard header (volume 2), with PossDupFlag and OrigSendingTime when `orig` is given. */
static void open_message(struct fix_session *s, const char *type, uint32_t number, size_t room,
                         const struct fix_field *orig)
{
    struct fix_writer *w = &s->writer;
    fix_begin(w, s->out + s->out_length, room, type);
    fix_put_text(w, FIX_SENDER_COMP_ID, s->config.sender_comp_id);
    fix_put_text(w, FIX_TARGET_COMP_ID, s->config.target_comp_id);
    fix_put_int(w, FIX_MSG_SEQ_NUM, number);
    if (orig != NULL)
        fix_put_bool(w, FIX_POSS_DUP_FLAG, true);
    fix_put_time(w, FIX_SENDING_TIME, s->now_us);
    if (orig != NULL)
        fix_put_bytes(w, FIX_ORIG_SENDING_TIME, orig->value, orig->length);
}

/* Appends the message to the output; it may have begun some bytes late. */
static bool close_message(struct fix_session *s)
{
    if (fix_end(&s->writer) != 0)
        return false;
    char *place = s->out + s->out_length;
    memmove(place, s->writer.start, s->writer.length);
    s->writer.start = place;
    s->out_length += (uint32_t)s->writer.length;
    s->last_out_us = s->now_us;
    return true;
}

/* As close_message() for a message with a number of its own, which is now used. */
static bool close_new(struct fix_session *s)
{
    if (!close_message(s))
        return false;
    s->next_out++;
    if (!s->reserve_told && s->out_reserved - s->next_out < s->config.reserve_low_water) {
        s->reserve_told = true;
        session_event(s, FIX_EVENT_RESERVE, s->next_out, NULL);
    }
    return true;
}

/* Opens a session message; without room or number the session ends, and nothing is to be put. */
static bool open_admin(struct fix_session *s, const char *type)
{
    size_t room = out_room(s);
    if (s->next_out >= s->out_reserved)
        session_end(s, FIX_END_NUMBERS, "no outgoing sequence number is reserved");
    else if (room < SHORTEST)
        session_end(s, FIX_END_OVERFLOW, "the peer does not read");
    else
        open_message(s, type, s->next_out, room, NULL);
    return s->state != FIX_CLOSING;
}

/* Session messages put only values that cannot fail: what came from the peer has no SOH. */
static void close_admin(struct fix_session *s)
{
    bool done = close_new(s);
    assert(done);
}

void session_send_logon(struct fix_session *s, bool reset)
{
    const struct fix_session_config *c = &s->config;
    struct fix_writer *w = &s->writer;
    if (!open_admin(s, "A"))
        return;
    fix_put_char(w, FIX_ENCRYPT_METHOD, '0');
    fix_put_int(w, FIX_HEART_BT_INT, s->heartbeat_s);
    if (reset)
        fix_put_bool(w, FIX_RESET_SEQ_NUM_FLAG, true);
    if (c->role == FIX_INITIATOR && c->username != NULL)
        fix_put_text(w, FIX_USERNAME, c->username);
    if (c->role == FIX_INITIATOR && c->password != NULL)
        fix_put_text(w, FIX_PASSWORD, c->password);
    if (c->next_expected)
        fix_put_int(w, FIX_NEXT_EXPECTED_MSG_SEQ_NUM, s->next_in);
    if (!close_new(s))
        session_end(s, FIX_END_LOGON_REFUSED, "user name or password cannot be sent in a logon");
}

/* A heartbeat gives back the id that was sent, as far as an id can reasonably be long. */
void session_send_heartbeat(struct fix_session *s, const struct fix_field *test_req_id)
{
    enum { ID_MAX = 128 };
    if (!open_admin(s, "0"))
        return;
    if (test_req_id != NULL)
        fix_put_bytes(&s->writer, FIX_TEST_REQ_ID, test_req_id->value,
                      test_req_id->length < ID_MAX ? test_req_id->length : ID_MAX);
    close_admin(s);
}

void session_send_test_request(struct fix_session *s, const char *id)
{
    if (!open_admin(s, "1"))
        return;
    fix_put_text(&s->writer, FIX_TEST_REQ_ID, id);
    close_admin(s);
}

/* Text(58) of ours: cut to what fits an event, and never able to break the message. */
static void put_reason(struct fix_session *s, const char *text)
{
    char clean[FIX_SESSION_TEXT];
    snprintf(clean, sizeof clean, "%s", text);
    for (char *c = clean; *c != 0; c++)
        if (*c == FIX_SOH)
            *c = ' ';
    if (clean[0] != 0)
        fix_put_text(&s->writer, FIX_TEXT, clean);
}

void session_send_logout(struct fix_session *s, const char *text)
{
    if (!open_admin(s, "5"))
        return;
    if (text != NULL)
        put_reason(s, text);
    close_admin(s);
}

void session_ask_resend(struct fix_session *s)
{
    uint32_t span = s->config.resend_span;
    bool all = s->in_gap_high - s->next_in < span;
    if (!open_admin(s, "2"))
        return;
    s->in_gap_asked = all ? 0 : s->next_in + span - 1;
    s->in_gap_mark = s->next_in;
    s->gap_us = s->now_us;
    fix_put_int(&s->writer, FIX_BEGIN_SEQ_NO, s->next_in);
    fix_put_int(&s->writer, FIX_END_SEQ_NO, s->in_gap_asked);
    close_admin(s);
}

static void send_reject(struct fix_session *s, const struct fix_view *view, uint32_t number,
                        enum fix_reject reason, uint32_t tag, const char *text)
{
    struct fix_writer *w = &s->writer;
    if (!open_admin(s, "3"))
        return;
    fix_put_int(w, FIX_REF_SEQ_NUM, number);
    if (tag != 0)
        fix_put_int(w, FIX_REF_TAG_ID, tag);
    if (view->type[0] != 0)
        fix_put_text(w, FIX_REF_MSG_TYPE, view->type);
    fix_put_int(w, FIX_SESSION_REJECT_REASON, (int64_t)reason);
    put_reason(s, text);
    close_admin(s);
}

void session_refuse(struct fix_session *s, const struct fix_view *view, uint32_t number,
                    enum fix_reject reason, uint32_t tag, const char *text)
{
    send_reject(s, view, number, reason, tag, text);
    s->refused++;
    struct fix_event *event = session_event(s, FIX_EVENT_REFUSED, number, text);
    event->reason = reason;
    event->view = &s->view;
}

void fix_session_reject(struct fix_session *s, int64_t now_us, const struct fix_view *view,
                        enum fix_reject reason, uint32_t tag, const char *text)
{
    uint32_t number = 0;
    session_clock(s, now_us);
    fix_seqnum(fix_get(view, FIX_MSG_SEQ_NUM), false, &number);
    if (s->state == FIX_ACTIVE || s->state == FIX_LOGOUT_SENT)
        send_reject(s, view, number, reason, tag, text);
}

/* ---- application messages ---- */

static enum fix_send may_send(struct fix_session *s)
{
    if (s->state != FIX_ACTIVE)
        return FIX_NOT_ACTIVE;
    if (s->next_out >= s->out_reserved)
        return FIX_NO_NUMBER;
    if (s->out_gap_open)
        return FIX_RESENDING;
    return app_room(s) < SHORTEST ? FIX_NO_ROOM : FIX_SENT;
}

enum fix_send fix_session_begin(struct fix_session *s, int64_t now_us, const char *type,
                                struct fix_writer **w)
{
    enum fix_send result = may_send(s);
    *w = NULL;
    if (result != FIX_SENT)
        return result;
    session_clock(s, now_us);
    open_message(s, type, s->next_out, app_room(s), NULL);
    *w = &s->writer;
    return FIX_SENT;
}

enum fix_send fix_session_send(struct fix_session *s, uint32_t *number)
{
    *number = s->next_out;
    return close_new(s) ? FIX_SENT : FIX_MALFORMED;
}

/* Its own number is spent as any other, although the peer does not look at it (11a). */
enum fix_send fix_session_reset(struct fix_session *s, int64_t now_us, uint32_t next)
{
    enum fix_send result = may_send(s);
    if (result != FIX_SENT)
        return result;
    if (next <= s->next_out || next > s->out_reserved)
        return FIX_NO_NUMBER;
    session_clock(s, now_us);
    open_message(s, "4", s->next_out, app_room(s), NULL);
    fix_put_bool(&s->writer, FIX_GAP_FILL_FLAG, false);
    fix_put_int(&s->writer, FIX_NEW_SEQ_NO, next);
    close_admin(s);
    s->next_out = next;
    return FIX_SENT;
}

/* ---- answers to resend requests ---- */

/* Messages that act on the market when they arrive: whatever the owner's store says, never again. */
static bool is_order(const char *type)
{
    static const char *const orders[] = {"D", "E", "F", "G", "K",  "L",
                                         "q", "s", "t", "u", "AB", "AC"};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (strcmp(orders[i], type) == 0)
            return true;
    return false;
}

/* SequenceReset-GapFill from..to-1. It stands in for old messages, so its number is old. */
static void send_gap_fill(struct fix_session *s, uint32_t from, uint32_t to)
{
    open_message(s, "4", from, out_room(s), NULL);
    fix_put_bool(&s->writer, FIX_POSS_DUP_FLAG, true);
    fix_put_time(&s->writer, FIX_ORIG_SENDING_TIME, s->now_us);
    fix_put_bool(&s->writer, FIX_GAP_FILL_FLAG, true);
    fix_put_int(&s->writer, FIX_NEW_SEQ_NO, to);
    close_message(s);
}

/* The stored message of that number, parsed into s->scratch, if it may be sent again. */
static bool stored_message(struct fix_session *s, uint32_t number)
{
    size_t length = 0, size;
    uint32_t stored_number;
    const char *bytes = NULL;
    if (s->config.stored != NULL)
        bytes = s->config.stored(s->config.owner, number, &length);
    return bytes != NULL && fix_parse(&s->scratch, bytes, length, &size) == FIX_OK &&
           fix_seqnum(fix_get(&s->scratch, FIX_MSG_SEQ_NUM), false, &stored_number) == FIX_VALUE &&
           stored_number == number && fix_get(&s->scratch, FIX_SENDING_TIME) != NULL &&
           !is_order(s->scratch.type);
}

/* Fields that open_message() writes anew. */
static bool is_renewed(uint32_t tag)
{
    switch (tag) {
    case FIX_BEGIN_STRING:
    case FIX_BODY_LENGTH:
    case FIX_MSG_TYPE:
    case FIX_SENDER_COMP_ID:
    case FIX_TARGET_COMP_ID:
    case FIX_MSG_SEQ_NUM:
    case FIX_POSS_DUP_FLAG:
    case FIX_SENDING_TIME:
    case FIX_ORIG_SENDING_TIME: return true;
    default: return false;
    }
}

/* Sends s->scratch again under its old number, as a possible duplicate. */
static bool send_again(struct fix_session *s, uint32_t number)
{
    const struct fix_view *view = &s->scratch;
    struct fix_writer *w = &s->writer;
    open_message(s, view->type, number, app_room(s), fix_get(view, FIX_SENDING_TIME));
    for (uint32_t i = 0; i < view->count; i++) {
        const struct fix_field *field = &view->field[i];
        bool data = (fix_dict_row(field->tag) & FIX_DICT_TYPE) == FIX_TYPE_LENGTH &&
                    fix_dict_data_of(field->tag) != 0 && i + 1 < view->count;
        if (is_renewed(field->tag))
            continue;
        if (data) {
            fix_put_data(w, field->tag, field[1].tag, field[1].value, field[1].length);
            i++;
        } else {
            fix_put_bytes(w, field->tag, field->value, field->length);
        }
    }
    return close_message(s);
}

void session_open_out_gap(struct fix_session *s, uint32_t from, uint32_t to)
{
    if (!s->out_gap_open)
        session_event(s, FIX_EVENT_OUT_GAP, from, NULL);
    if (s->out_gap_open && s->out_gap_to > to)
        to = s->out_gap_to;
    s->out_gap_open = true;
    s->out_gap_at = from;
    s->out_gap_to = to;
    s->probe_sent = false;
}

/* First number in [from, to) that is stored for sending again, or `to`; it is then in s->scratch. */
static uint32_t next_stored(struct fix_session *s, uint32_t from, uint32_t to)
{
    if (s->config.stored == NULL)
        return to;
    while (from < to && !stored_message(s, from))
        from++;
    return from;
}

/* One gap fill and one message at most; false when there is no room for them. */
static bool resend_step(struct fix_session *s, uint32_t to)
{
    uint32_t at = next_stored(s, s->out_gap_at, to);
    size_t need = 2 * SHORTEST + (at < to ? s->scratch.length + RESEND_EXTRA : 0);
    if (app_room(s) < need)
        return false;
    if (at > s->out_gap_at)
        send_gap_fill(s, s->out_gap_at, at);
    s->out_gap_at = at;
    if (at == to)
        return true;
    if (!send_again(s, at))
        send_gap_fill(s, at, at + 1);
    s->out_gap_at = at + 1;
    return true;
}

void session_resend(struct fix_session *s)
{
    while (s->out_gap_open && s->state != FIX_CLOSING) {
        uint32_t to = s->out_gap_to < s->next_out ? s->out_gap_to : s->next_out;
        if (s->out_gap_at < to) {
            if (!resend_step(s, to))
                return;
            continue;
        }
        s->out_gap_open = false;
        session_event(s, FIX_EVENT_OUT_GAP_CLOSED, s->next_out, NULL);
        session_probe(s);
    }
}

/* ---- probes ---- */

void session_probe_id(const struct fix_session *s, char *id, size_t capacity)
{
    snprintf(id, capacity, "probe-%u-%u", s->probe, s->probe_number);
}

void session_probe(struct fix_session *s)
{
    char id[32];
    if (!s->probe_wanted || s->probe_sent || s->in_gap_open || s->out_gap_open ||
        s->state != FIX_ACTIVE)
        return;
    s->probe_number = s->next_out;
    s->probe_sent = true;
    session_probe_id(s, id, sizeof id);
    session_send_test_request(s, id);
}
