/*
 * The FIX session as its owner sees it: life of a connection, bytes in and out, events, timers.
 */
#include "net/fix_session_parts.h"

#include <assert.h>
#include <string.h>

#define SECOND_US 1000000LL

enum { GAP_TRIES = 2 }; /* resend requests without any progress before the session is given up */

static int64_t or_default(int64_t value, int64_t standard)
{
    return value != 0 ? value : standard;
}

void fix_session_init(struct fix_session *s, const struct fix_session_config *config)
{
    struct fix_session_config *c = &s->config;

    memset(s, 0, sizeof *s);
    *c = *config;
    c->logon_timeout_us = or_default(c->logon_timeout_us, 10 * SECOND_US);
    c->logout_timeout_us = or_default(c->logout_timeout_us, 10 * SECOND_US);
    c->gap_timeout_us = or_default(c->gap_timeout_us, 30 * SECOND_US);
    c->sending_time_window_us = or_default(c->sending_time_window_us, 120 * SECOND_US);
    c->resend_span = (uint32_t)or_default(c->resend_span, 2500);
    c->reserve_low_water = (uint32_t)or_default(c->reserve_low_water, 64);
    if (c->role == FIX_INITIATOR)
        c->heartbeat_s = (int)or_default(c->heartbeat_s, 30);
    fix_view_init(&s->view);
    fix_view_init(&s->scratch);
    s->next_in = s->next_out = s->out_reserved = 1;
}

void fix_session_numbers(struct fix_session *s, uint32_t next_in, uint32_t next_out,
                         uint32_t out_reserved)
{
    assert(s->state == FIX_DISCONNECTED);
    assert(next_in > 0 && next_out > 0 && out_reserved >= next_out);
    s->next_in = next_in;
    s->next_out = next_out;
    s->out_reserved = out_reserved;
    s->reserve_told = false;
}

void fix_session_reserve(struct fix_session *s, uint32_t out_reserved)
{
    if (out_reserved <= s->out_reserved)
        return;
    s->out_reserved = out_reserved;
    s->reserve_told = false;
}

/* ---- what the parts share ---- */

void session_clock(struct fix_session *s, int64_t now_us)
{
    int64_t back = s->now_us - now_us;
    if (back > 0) {
        s->state_us -= back;
        s->last_in_us -= back;
        s->test_us -= back;
        s->last_out_us -= back;
        s->gap_us -= back;
        s->window_us -= back;
    }
    s->now_us = now_us;
}

struct fix_event *session_event(struct fix_session *s, enum fix_event_kind kind, uint32_t number,
                                const char *text)
{
    assert(s->event_count < FIX_SESSION_EVENTS);
    struct fix_event *event = &s->event[(s->event_at + s->event_count++) % FIX_SESSION_EVENTS];
    *event = (struct fix_event){.kind = kind, .number = number, .reason = FIX_REJECT_NONE};
    if (text != NULL)
        memccpy(event->text, text, 0, sizeof event->text - 1);
    return event;
}

void session_state(struct fix_session *s, enum fix_state state)
{
    s->state = state;
    s->state_us = s->now_us;
}

void session_end(struct fix_session *s, enum fix_end end, const char *text)
{
    if (s->state == FIX_CLOSING)
        return;
    session_state(s, FIX_CLOSING);
    session_event(s, FIX_EVENT_DISCONNECT, s->next_in, text)->end = end;
}

void session_logout_end(struct fix_session *s, enum fix_end end, const char *text)
{
    session_send_logout(s, text);
    session_end(s, end, text);
}

void session_protocol_end(struct fix_session *s, const char *text)
{
    if (s->state == FIX_LOGON_WAIT)
        session_end(s, FIX_END_LOGON_REFUSED, text);
    else
        session_logout_end(s, FIX_END_PROTOCOL, text);
}

/* ---- a connection's life ---- */

static void drop_connection(struct fix_session *s)
{
    s->in_gap_open = s->out_gap_open = s->logout_wanted = false;
    s->probe_wanted = s->probe_sent = s->test_sent = false;
    s->out_gap_at = 0;
    s->out_gap_count = 0;
    s->in_length = s->in_used = s->out_length = s->out_used = 0;
    s->event_count = 0;
}

void fix_session_connect(struct fix_session *s, int64_t now_us)
{
    assert(s->state == FIX_DISCONNECTED);
    session_clock(s, now_us);
    drop_connection(s);
    s->connection++;
    s->heartbeat_s = s->config.heartbeat_s;
    s->last_in_us = s->last_out_us = s->window_us = now_us;
    if (s->config.role == FIX_ACCEPTOR) {
        session_state(s, FIX_LOGON_WAIT);
        return;
    }
    if (s->config.reset_on_logon)
        s->next_in = s->next_out = 1;
    session_state(s, FIX_LOGON_SENT);
    session_send_logon(s, s->config.reset_on_logon);
}

void fix_session_disconnect(struct fix_session *s)
{
    drop_connection(s);
    s->state = FIX_DISCONNECTED;
}

void fix_session_logout(struct fix_session *s, int64_t now_us, const char *text)
{
    session_clock(s, now_us);
    if (s->state != FIX_ACTIVE)
        return;
    session_send_logout(s, text);
    if (s->state != FIX_CLOSING)
        session_state(s, FIX_LOGOUT_SENT);
}

uint32_t fix_session_probe(struct fix_session *s, int64_t now_us)
{
    session_clock(s, now_us);
    if (s->state != FIX_ACTIVE)
        return 0;
    s->probe++;
    s->probe_wanted = true;
    s->probe_sent = false;
    session_probe(s);
    return s->probe;
}

/* ---- timers ---- */

static int64_t heartbeat_us(const struct fix_session *s)
{
    return s->heartbeat_s * SECOND_US;
}

/* "Some reasonable transmission time" on top of the interval (volume 2, Test Request): a fifth. */
static int64_t silence_us(const struct fix_session *s)
{
    return heartbeat_us(s) + heartbeat_us(s) / 5;
}

static bool is_linked(const struct fix_session *s)
{
    return s->state == FIX_ACTIVE || s->state == FIX_LOGOUT_SENT;
}

static void logon_late(struct fix_session *s)
{
    session_end(s, FIX_END_LOGON_TIMEOUT, "no logon in time");
}

static void logout_late(struct fix_session *s)
{
    if (s->state == FIX_LOGOUT_SENT)
        session_end(s, FIX_END_LOGOUT_TIMEOUT, "our logout was not answered");
    else
        session_end(s, FIX_END_LOGGED_OUT, "logged out");
}

static void heartbeat_due(struct fix_session *s)
{
    session_send_heartbeat(s, NULL);
}

/* 6: silence is answered with a test request, silence after that with the end. */
static void peer_silent(struct fix_session *s)
{
    if (s->test_sent) {
        session_end(s, FIX_END_SILENT, "test request not answered");
        return;
    }
    s->test_sent = true;
    s->test_us = s->now_us;
    session_send_test_request(s, "alive?");
}

static void gap_late(struct fix_session *s)
{
    s->in_gap_tries = s->next_in > s->in_gap_mark ? 0 : s->in_gap_tries + 1;
    if (s->in_gap_tries >= GAP_TRIES)
        session_logout_end(s, FIX_END_GAP, "resend request not answered");
    else
        session_ask_resend(s);
}

static int64_t state_due(const struct fix_session *s)
{
    switch (s->state) {
    case FIX_LOGON_WAIT:
    case FIX_LOGON_SENT: return s->state_us + s->config.logon_timeout_us;
    case FIX_LOGOUT_SENT:
    case FIX_LOGOUT_ANSWERED: return s->state_us + s->config.logout_timeout_us;
    default: return INT64_MAX;
    }
}

static int64_t heartbeat_at(const struct fix_session *s)
{
    return is_linked(s) && s->heartbeat_s > 0 ? s->last_out_us + heartbeat_us(s) : INT64_MAX;
}

static int64_t silent_at(const struct fix_session *s)
{
    int64_t since_us = s->test_sent ? s->test_us : s->last_in_us;
    return is_linked(s) && s->heartbeat_s > 0 ? since_us + silence_us(s) : INT64_MAX;
}

static int64_t gap_at(const struct fix_session *s)
{
    return is_linked(s) && s->in_gap_open ? s->gap_us + s->config.gap_timeout_us : INT64_MAX;
}

static void state_late(struct fix_session *s)
{
    if (s->state == FIX_LOGON_WAIT || s->state == FIX_LOGON_SENT)
        logon_late(s);
    else
        logout_late(s);
}

/* Every timer: when it is due, and what happens then. In the order in which they are looked at. */
static const struct {
    int64_t (*due)(const struct fix_session *s);
    void (*act)(struct fix_session *s);
} timer[] = {
    {state_due, state_late},
    {silent_at, peer_silent},
    {gap_at, gap_late},
    {heartbeat_at, heartbeat_due},
};

enum { TIMERS = sizeof timer / sizeof timer[0] };

int64_t fix_session_deadline(const struct fix_session *s)
{
    int64_t first = INT64_MAX;
    for (size_t i = 0; i < TIMERS; i++)
        if (timer[i].due(s) < first)
            first = timer[i].due(s);
    return first;
}

static void run_timers(struct fix_session *s)
{
    for (size_t i = 0; i < TIMERS; i++)
        if (timer[i].due(s) <= s->now_us)
            timer[i].act(s);
}

/* ---- bytes ---- */

size_t fix_session_receive(struct fix_session *s, const char *bytes, size_t n)
{
    if (s->in_used > 0) {
        s->in_length -= s->in_used;
        memmove(s->in, s->in + s->in_used, s->in_length);
        s->in_used = 0;
    }
    if (n > FIX_SESSION_IN - s->in_length)
        n = FIX_SESSION_IN - s->in_length;
    memcpy(s->in + s->in_length, bytes, n);
    s->in_length += (uint32_t)n;
    return n;
}

const char *fix_session_output(const struct fix_session *s, size_t *n)
{
    *n = s->out_length - s->out_used;
    return s->out + s->out_used;
}

void fix_session_written(struct fix_session *s, size_t k)
{
    assert(k <= s->out_length - s->out_used);
    s->out_used += (uint32_t)k;
}

/* 2d, 3b: ignored, and the expected number stays, so that a lost message shows as a gap. */
static void take_garbled(struct fix_session *s, const char *text)
{
    s->garbled++;
    session_event(s, FIX_EVENT_GARBLED, s->next_in, text);
}

/* Takes one message, or one stretch of rubbish; false when no whole one is there. */
static bool take_next(struct fix_session *s)
{
    size_t size = 0;
    if (s->in_used == s->in_length)
        return false;
    enum fix_status status =
        fix_parse(&s->view, s->in + s->in_used, s->in_length - s->in_used, &size);
    if (status == FIX_NEED_MORE)
        return false;
    s->in_used += (uint32_t)size;
    if (status == FIX_GARBLED) {
        take_garbled(s, "garbled message ignored");
    } else if (status == FIX_TOO_LONG) {
        session_protocol_end(s, "BodyLength is too large");
    } else {
        s->last_in_us = s->now_us;
        s->test_sent = false;
        session_take(s, status == FIX_VERSION);
    }
    return true;
}

/* Is anything still read from the peer? Not when there is no room to answer it. */
static bool reads(const struct fix_session *s)
{
    return s->state != FIX_DISCONNECTED && s->state != FIX_CLOSING &&
           s->state != FIX_LOGOUT_ANSWERED &&
           FIX_SESSION_OUT - (s->out_length - s->out_used) >= FIX_SESSION_ADMIN_ROOM / 2;
}

static bool pop_event(struct fix_session *s, struct fix_event *event)
{
    if (s->event_count == 0)
        return false;
    *event = s->event[s->event_at];
    s->event_at = (s->event_at + 1) % FIX_SESSION_EVENTS;
    s->event_count--;
    return true;
}

bool fix_session_poll(struct fix_session *s, int64_t now_us, struct fix_event *event)
{
    session_clock(s, now_us);
    if (pop_event(s, event))
        return true;
    run_timers(s);
    session_resend(s);
    while (s->event_count == 0 && reads(s) && take_next(s))
        session_resend(s);
    return pop_event(s, event);
}

/* ---- words ---- */

const char *fix_state_name(enum fix_state state)
{
    switch (state) {
    case FIX_DISCONNECTED: return "disconnected";
    case FIX_LOGON_WAIT: return "waiting for logon";
    case FIX_LOGON_SENT: return "logging on";
    case FIX_ACTIVE: return "active";
    case FIX_LOGOUT_SENT: return "logging out";
    case FIX_LOGOUT_ANSWERED: return "logged out";
    case FIX_CLOSING: return "closing";
    }
    return "unknown";
}

const char *fix_event_name(enum fix_event_kind kind)
{
    switch (kind) {
    case FIX_EVENT_LOGGED_ON: return "logged_on";
    case FIX_EVENT_MESSAGE: return "message";
    case FIX_EVENT_REJECTED: return "rejected";
    case FIX_EVENT_REFUSED: return "refused";
    case FIX_EVENT_GARBLED: return "garbled";
    case FIX_EVENT_IN_GAP: return "in_gap";
    case FIX_EVENT_IN_GAP_CLOSED: return "in_gap_closed";
    case FIX_EVENT_OUT_GAP: return "out_gap";
    case FIX_EVENT_OUT_GAP_CLOSED: return "out_gap_closed";
    case FIX_EVENT_RESET: return "reset";
    case FIX_EVENT_PROBED: return "probed";
    case FIX_EVENT_RESERVE: return "reserve";
    case FIX_EVENT_LOGGED_OUT: return "logged_out";
    case FIX_EVENT_DISCONNECT: return "disconnect";
    }
    return "unknown";
}

const char *fix_end_name(enum fix_end end)
{
    switch (end) {
    case FIX_END_NONE: return "none";
    case FIX_END_LOGGED_OUT: return "logged_out";
    case FIX_END_LOGON_REFUSED: return "logon_refused";
    case FIX_END_LOGON_TIMEOUT: return "logon_timeout";
    case FIX_END_LOGOUT_TIMEOUT: return "logout_timeout";
    case FIX_END_SILENT: return "silent";
    case FIX_END_TOO_LOW: return "too_low";
    case FIX_END_PROTOCOL: return "protocol";
    case FIX_END_GAP: return "gap";
    case FIX_END_NUMBERS: return "numbers";
    case FIX_END_OVERFLOW: return "overflow";
    }
    return "unknown";
}

const char *fix_send_name(enum fix_send send)
{
    switch (send) {
    case FIX_SENT: return "sent";
    case FIX_NOT_ACTIVE: return "not logged on";
    case FIX_NO_NUMBER: return "no sequence number reserved";
    case FIX_NO_ROOM: return "output is full";
    case FIX_RESENDING: return "a resend request is being answered";
    case FIX_MALFORMED: return "message is malformed";
    }
    return "unknown";
}
