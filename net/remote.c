/*
 * remote.c: which server, who is there, and when it is given up.
 *
 * One timer does everything that waits: a tick while there is a connection, or the next attempt.
 */
#include "net/remote_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"

enum { TICK_MS = 250 };

static const char *const phase_names[] = {
    [REMOTE_CONNECTING] = "connecting",
    [REMOTE_LOGIN] = "login",
    [REMOTE_SNAPSHOT] = "loading",
    [REMOTE_LIVE] = "live",
    [REMOTE_LOST] = "lost",
    [REMOTE_ENDED] = "ended",
};

const char *remote_phase_name(enum remote_phase phase)
{
    return phase_names[phase];
}

static void changed(const struct remote *r)
{
    if (r->config.changed)
        r->config.changed(r->config.owner);
}

void remote_set_phase(struct remote *r, enum remote_phase phase)
{
    if (r->phase == phase)
        return;
    r->phase = phase;
    r->since = remote_now(r);
    changed(r);
}

/* ---- attempts ------------------------------------------------------------------------------ */

static void wipe_secrets(struct remote *r)
{
    explicit_bzero(r->password, sizeof r->password);
    explicit_bzero(r->totp, sizeof r->totp);
}

static bool has_secret(const struct remote *r)
{
    return r->config.token[0] || r->password[0];
}

static void wait_until(struct remote *r, sq_time at)
{
    r->retry_at = at;
    loop_timer_set(&r->timer, at);
}

static void tick(struct remote *r)
{
    loop_timer_set(&r->timer, remote_now(r) + TICK_MS * SQ_MS);
}

static void attempt(struct remote *r)
{
    const struct remote_server *server = &r->config.servers[r->present];
    for (size_t i = 0; i < r->config.server_count; i++)
        r->lines[i].present = i == r->present;
    r->retry_at = SQ_NEVER;
    r->heard = r->progressed = remote_now(r);
    tick(r);
    websocket_connect(r->socket, server->host, server->port);
}

/* Nothing of the connection is valid any more. What is shown stays. */
static void disconnect(struct remote *r)
{
    websocket_close(r->socket);
    r->connected = r->logged_in = r->opened = r->taking = false;
    r->login_id = r->open_id = r->rates_id = 0;
    r->settle_to = r->last_request;
    remote_free_book(&r->next);
    memset(r->alive, 0, sizeof r->alive);
    r->previews.ready = false;
    r->previews.parts = 0;
    remote_forget_questions(r);
}

/* The next server at once; after the last of the round it waits, longer each time. */
static void go_on(struct remote *r)
{
    sq_time now = remote_now(r);
    r->present = (r->present + 1) % r->config.server_count;
    if (++r->tried < r->config.server_count) {
        wait_until(r, now);
        return;
    }
    r->tried = 0;
    wait_until(r, now + reconnect_wait_ms(&r->backoff, loop_random()) * SQ_MS);
}

void remote_failed(struct remote *r, const char *text)
{
    struct remote_line *line = &r->lines[r->present];
    sq_text_cut(line->why, sizeof line->why, text);
    line->at = remote_now(r);
    line->present = false;
    if (r->phase == REMOTE_LIVE)
        r->tried = 0;
    disconnect(r);
    if (r->phase != REMOTE_ENDED && r->phase != REMOTE_LOGIN) {
        remote_set_phase(r, r->was_live ? REMOTE_LOST : REMOTE_CONNECTING);
        go_on(r);
    }
    changed(r);
}

/* A person is wanted: no attempt is made until he has typed. */
static void ask(struct remote *r, const char *why)
{
    disconnect(r);
    wipe_secrets(r);
    wait_until(r, SQ_NEVER);
    remote_set_phase(r, REMOTE_LOGIN);
    if (r->config.ask)
        r->config.ask(r->config.owner, why);
}

/* ---- what the socket says ------------------------------------------------------------------ */

static void on_opened(void *owner)
{
    struct remote *r = owner;
    r->connected = true;
    r->progressed = remote_now(r);
    if (!remote_send_login(r))
        remote_failed(r, "the login could not be sent");
}

static void on_message(void *owner, const char *text, size_t length)
{
    remote_take(owner, text, length);
}

static void on_heard(void *owner)
{
    struct remote *r = owner;
    r->heard = remote_now(r);
    if (r->opened)
        r->spoke = r->heard;
}

static void on_ended(void *owner, enum websocket_end end, unsigned status, const char *reason)
{
    struct remote *r = owner;
    char text[WIRE_WHY_SIZE];
    if (r->phase == REMOTE_ENDED)
        return;
    if (status == WIRE_CLOSE_TOKEN) {
        r->config.token[0] = '\0';
        if (r->config.keep)
            r->config.keep(r->config.owner, "", 0);
        ask(r, "the session has ended: log in again");
        return;
    }
    if (end == WEBSOCKET_CLOSED)
        snprintf(text, sizeof text, "%s", reason[0] ? reason : "closed by the server");
    else
        snprintf(text, sizeof text, "%s: %.120s", websocket_end_word(end), reason);
    remote_failed(r, text);
}

static const struct websocket_events socket_events = {
    .opened = on_opened, .message = on_message, .heard = on_heard, .ended = on_ended};

/* ---- time ---------------------------------------------------------------------------------- */

static void check_silence(struct remote *r)
{
    sq_time now = remote_now(r);
    char text[64];
    if (now - r->heard >= WIRE_SILENT_S * SQ_SECOND) {
        snprintf(text, sizeof text, r->connected ? "no word for %d s" : "no connection within %d s",
                 WIRE_SILENT_S);
        remote_failed(r, text);
    } else if (r->phase != REMOTE_LIVE && now - r->progressed >= REMOTE_ANSWER_S * SQ_SECOND) {
        snprintf(text, sizeof text, "no answer for %d s", REMOTE_ANSWER_S);
        remote_failed(r, text);
    } else {
        remote_feed(r);
        tick(r);
    }
}

static void on_timer(void *owner)
{
    struct remote *r = owner;
    if (r->phase == REMOTE_ENDED)
        return;
    if (r->retry_at != SQ_NEVER)
        attempt(r);
    else
        check_silence(r);
}

/* ---- login --------------------------------------------------------------------------------- */

/* Another person sees another part of the book: it cannot be resumed from his predecessor's. */
static void take_name(struct remote *r, const struct wire_frame *frame)
{
    if (r->book.view && strcmp(r->session.person, frame->person) != 0)
        r->damaged = true;
    memcpy(r->server, frame->server, sizeof r->server);
    memcpy(r->lines[r->present].name, frame->server, sizeof frame->server);
    memcpy(r->person, frame->person, sizeof r->person);
    memcpy(r->session.person, frame->person, sizeof r->session.person);
    memcpy(r->role, frame->role, sizeof r->role);
}

/* Refused by name: another server would say the same. */
static void login_refused(struct remote *r, const struct wire_frame *frame)
{
    enum wire_error error = wire_error_named(frame->error);
    char text[WIRE_WHY_SIZE + 64];
    switch (error) {
    case WIRE_ERROR_WRONG:
    case WIRE_ERROR_DISABLED:
    case WIRE_ERROR_ROLE: ask(r, frame->why); break;
    case WIRE_ERROR_LOCKED_OUT:
        snprintf(text, sizeof text, "%s: wait %lld s", frame->why, (long long)frame->seconds);
        ask(r, text);
        break;
    case WIRE_ERROR_TOKEN:
        r->config.token[0] = '\0';
        if (r->config.keep)
            r->config.keep(r->config.owner, "", 0);
        ask(r, frame->why);
        break;
    default:
        snprintf(text, sizeof text, "%s: %s %s", frame->error, frame->why, frame->owner);
        remote_failed(r, text);
    }
}

void remote_logged_in(struct remote *r, const struct wire_frame *frame)
{
    r->login_id = 0;
    r->progressed = remote_now(r);
    if (wire_said(frame, WIRE_SAID_ERROR)) {
        login_refused(r, frame);
        return;
    }
    wipe_secrets(r);
    take_name(r, frame);
    remote_choose_book(r, frame);
    r->logged_in = true;
    if (frame->token[0] && strcmp(frame->token, r->config.token) != 0) {
        memcpy(r->config.token, frame->token, sizeof r->config.token);
        if (r->config.keep)
            r->config.keep(r->config.owner, frame->token, frame->until);
    }
    remote_set_phase(r, REMOTE_SNAPSHOT);
    if (!remote_send_open(r))
        remote_failed(r, "the book could not be asked for");
}

void remote_login(struct remote *r, const char *user, const char *password, const char *code)
{
    if (r->phase != REMOTE_LOGIN)
        return;
    sq_text_cut(r->config.user, sizeof r->config.user, user);
    sq_text_cut(r->password, sizeof r->password, password);
    sq_text_cut(r->totp, sizeof r->totp, code);
    r->tried = 0;
    remote_set_phase(r, r->was_live ? REMOTE_LOST : REMOTE_CONNECTING);
    wait_until(r, remote_now(r));
}

void remote_logout(struct remote *r)
{
    struct wire_out out;
    if (r->logged_in && remote_begin(r, &out, WIRE_DO_LOGOUT))
        remote_send(r, &out);
    r->config.token[0] = '\0';
    if (r->config.keep)
        r->config.keep(r->config.owner, "", 0);
    loop_timer_set(&r->timer, SQ_NEVER);
    r->retry_at = SQ_NEVER;
    remote_set_phase(r, REMOTE_ENDED);
}

/* ---- life ---------------------------------------------------------------------------------- */

static const char *wrong_config(const struct remote_config *config)
{
    if (config->server_count == 0 || config->server_count > REMOTE_SERVERS)
        return "servers: 1 to 8 of them";
    for (size_t i = 0; i < config->server_count; i++)
        if (!config->servers[i].host[0] || atoi(config->servers[i].port) <= 0)
            return "servers: each is HOST:PORT";
    if (config->per_s < 1 || config->per_s > WIRE_RATES_PER_SECOND)
        return "rates a second: 1 to 30";
    return NULL;
}

static void init(struct remote *r, const struct remote_config *config)
{
    r->config = *config;
    r->session.ops = &remote_ops;
    r->retry_at = SQ_NEVER;
    r->links.order_rtt_us = r->links.price_age_ms = -1;
    r->since = remote_now(r);
    r->backoff =
        (struct reconnect){.first_ms = REMOTE_FIRST_WAIT_MS, .ceiling_ms = REMOTE_LONGEST_WAIT_MS};
    memcpy(r->session.person, config->user, sizeof r->session.person);
    memcpy(r->code, config->book, sizeof r->code);
    for (size_t i = 0; i < config->server_count; i++)
        memcpy(r->lines[i].host, config->servers[i].host, REMOTE_HOST_SIZE);
}

struct remote *remote_create(const struct remote_config *config, char *why, size_t why_room)
{
    const char *wrong = wrong_config(config);
    struct remote *r = wrong ? NULL : calloc(1, sizeof *r);
    if (r) {
        init(r, config);
        r->pending = calloc(REMOTE_PENDING, sizeof *r->pending);
        r->socket = websocket_create(config->loop, WIRE_SUBPROTOCOL, !config->plain,
                                     config->ca_file, WIRE_FRAME_MAX, &socket_events, r);
    }
    if (r && r->pending && r->socket) {
        loop_timer_init(&r->timer, config->loop, on_timer, r);
        return r;
    }
    snprintf(why, why_room, "%s",
             wrong ? wrong : "the CA file, or libwebsockets' plug-in for libuv, cannot be used");
    if (r)
        free(r->pending);
    free(r);
    return NULL;
}

void remote_start(struct remote *r)
{
    if (has_secret(r))
        wait_until(r, remote_now(r));
    else
        ask(r, "");
}

struct sq_session *remote_session(struct remote *r)
{
    return &r->session;
}

void remote_status(const struct remote *r, struct remote_status *status)
{
    *status = (struct remote_status){.phase = r->phase,
                                     .since = r->since,
                                     .retry_at = r->retry_at,
                                     .line_count = r->config.server_count};
    memcpy(status->server, r->server, sizeof status->server);
    memcpy(status->person, r->person, sizeof status->person);
    memcpy(status->role, r->role, sizeof status->role);
    memcpy(status->lines, r->lines, sizeof status->lines);
}

void remote_stop(struct remote *r)
{
    disconnect(r);
    wipe_secrets(r);
    r->phase = REMOTE_ENDED;
    loop_timer_stop(&r->timer);
    websocket_stop(r->socket);
}

void remote_free(struct remote *r)
{
    websocket_free(r->socket);
    remote_free_book(&r->book);
    free(r->previews.asked);
    free(r->previews.now);
    free(r->pending);
    explicit_bzero(r, sizeof *r);
    free(r);
}
