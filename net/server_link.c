/* Bytes: libwebsockets' callback, what comes in, what goes out, closing, the heartbeat wheel. */
#include <stdlib.h>
#include <string.h>

#include "net/server_parts.h"

enum {
    RX_PIECE = 1024,
    TX_PIECE = WIRE_FRAME_MAX + 16 /* or it sends in pieces of RX_PIECE */,
    FRAMES_AT_ONCE = 4,
    BEAT_MS = 1800,
    WRITE_CLOSE = 4
};

static sq_time now_of(const struct connection *c)
{
    return loop_now(c->server->config.loop);
}

/* ---- the wheel -------------------------------------------------------------------------------- */

/* A connection lies in the slot in which somebody should look at it next. */
void wheel_add(struct connection *c, sq_time now, int64_t in_ms)
{
    struct server *server = c->server;
    int64_t slots = in_ms / WHEEL_MS + 1;
    (void)now;
    if (slots >= WHEEL_SLOTS)
        slots = WHEEL_SLOTS - 1;
    c->slot = (uint8_t)((server->wheel_at + (uint32_t)slots) % WHEEL_SLOTS);
    c->slot_prev = NULL;
    c->slot_next = server->wheel[c->slot];
    if (c->slot_next != NULL)
        c->slot_next->slot_prev = c;
    server->wheel[c->slot] = c;
}

void wheel_remove(struct connection *c)
{
    if (c->slot_next != NULL)
        c->slot_next->slot_prev = c->slot_prev;
    *(c->slot_prev != NULL ? &c->slot_prev->slot_next : &c->server->wheel[c->slot]) = c->slot_next;
    c->slot_next = c->slot_prev = NULL;
}

static bool is_over(sq_time from, uint32_t ms, sq_time now)
{
    return now - from > (int64_t)ms * SQ_MS;
}

/* What has waited too long; true: the connection is gone. */
static bool gives_up(struct connection *c, sq_time now)
{
    const struct server_limits *limits = &c->server->config.limits;
    if ((c->close_status != 0 && is_over(c->closing_at, CLOSE_WAIT_MS, now)) ||
        (!c->open && is_over(c->accepted, limits->handshake_ms, now)) ||
        (c->open && is_over(c->spoke, STUCK_MS, now))) {
        connection_kill(c);
        return true;
    }
    if (c->open && !c->logged_in && is_over(c->opened, limits->login_ms, now))
        connection_close(c, WIRE_CLOSE_POLICY, "policy: not logged in in time");
    else if (c->pinged && is_over(c->pinged_at, WIRE_PING_WAIT_S * 1000, now))
        connection_close(c, WIRE_CLOSE_POLICY, "policy: no answer to a ping");
    return false;
}

static void keep_alive(struct connection *c, sq_time now)
{
    if (!c->open || c->close_status != 0)
        return;
    if (!c->pinged && is_over(c->heard, WIRE_IDLE_S * 1000, now))
        c->wants_ping = true;
    if (is_over(c->spoke, BEAT_MS, now))
        c->wants_pong = true;
    if (c->wants_ping || c->wants_pong)
        connection_wants_write(c);
    if (c->logged_in && is_over(c->checked_at, TOKEN_CHECK_MS, now))
        connection_check_token(c);
}

static int64_t next_look_ms(const struct connection *c, sq_time now)
{
    int64_t left_ms = BEAT_MS - (now - c->spoke) / SQ_MS;
    return left_ms > 0 ? left_ms : BEAT_MS;
}

void wheel_turn(struct server *server)
{
    sq_time now = loop_now(server->config.loop);
    server->wheel_at = (server->wheel_at + 1) % WHEEL_SLOTS;
    struct connection *c = server->wheel[server->wheel_at], *next;
    for (; c != NULL; c = next) {
        next = c->slot_next;
        if (gives_up(c, now))
            continue;
        keep_alive(c, now);
        wheel_remove(c);
        wheel_add(c, now, next_look_ms(c, now));
    }
}

/* ---- closing ---------------------------------------------------------------------------------- */

void connection_wants_write(struct connection *c)
{
    if (c->wsi != NULL)
        lws_callback_on_writable(c->wsi);
}

void connection_close(struct connection *c, enum wire_close status, const char *reason)
{
    if (c->close_status != 0)
        return;
    c->close_status = (uint16_t)status;
    c->closing_at = now_of(c);
    c->server->closed_by_us++;
    snprintf(c->close_reason, sizeof c->close_reason, "%s", reason);
    connection_forget_books(c);
    if (c->open)
        connection_wants_write(c);
    else
        connection_kill(c);
}

/* Asynchronous: the callback tells when it is gone. */
void connection_kill(struct connection *c)
{
    if (c->close_status == 0)
        c->close_status = WIRE_CLOSE_POLICY;
    c->closing_at = now_of(c);
    if (c->wsi != NULL)
        lws_set_timeout(c->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/*
 * The close frame (RFC 6455, 5.5.1), written by us: Debian's libwebsockets 4.1 on libuv closes
 * twice when its callback asks for it from WRITEABLE, and cuts the connection without a word. Its
 * enum lws_write_protocol leaves out the 4 that stands for a close. The console answers with a
 * close of its own, or is cut by the wheel.
 */
static int last_words(struct connection *c)
{
    unsigned char bytes[LWS_PRE + 2 + sizeof c->close_reason], *frame = bytes + LWS_PRE;
    size_t length = strlen(c->close_reason);
    if (c->close_sent)
        return 0;
    c->close_sent = true;
    frame[0] = (unsigned char)(c->close_status >> 8);
    frame[1] = (unsigned char)(c->close_status & 255);
    memcpy(frame + 2, c->close_reason, length);
    return lws_write(c->wsi, frame, length + 2, (enum lws_write_protocol)WRITE_CLOSE) < 0 ? -1 : 0;
}

void connection_forget_books(struct connection *c)
{
    for (struct book_of *b = c->books, *next; b != NULL; b = next) {
        next = b->next;
        if (b->subscriber.book != NULL)
            served_forget(b->subscriber.book, c);
        if (b->subscriber.book != NULL && b->subscriber.book->handover != NULL)
            handover_forget(b->subscriber.book->handover, c);
        served_unsubscribe(&b->subscriber);
        free(b);
    }
    c->books = NULL;
}

/* ---- out -------------------------------------------------------------------------------------- */

void connection_send(struct connection *c, const char *bytes, size_t length)
{
    struct answer *answer;
    if (c->wsi == NULL || c->close_status != 0)
        return;
    if (c->unread + length > SERVER_UNREAD) {
        connection_close(c, WIRE_CLOSE_BUSY, "busy: more than 1 MiB unread");
        return;
    }
    answer = malloc(sizeof *answer + LWS_PRE + length);
    if (answer == NULL) {
        connection_close(c, WIRE_CLOSE_BUSY, "busy: no memory");
        return;
    }
    answer->next = NULL;
    answer->length = length;
    memcpy(answer->bytes + LWS_PRE, bytes, length);
    *(c->last != NULL ? &c->last->next : &c->first) = answer;
    c->last = answer;
    c->unread += length;
    connection_wants_write(c);
}

static int write_frame(struct connection *c, char *bytes, size_t length,
                       enum lws_write_protocol protocol)
{
    struct server *server = c->server;
    c->spoke = now_of(c);
    server->frames_out++;
    server->bytes_out += length;
    return lws_write(c->wsi, (unsigned char *)bytes, length, protocol) < (int)length ? -1 : 1;
}

static int write_answer(struct connection *c)
{
    struct answer *answer = c->first;
    c->first = answer->next;
    if (c->first == NULL)
        c->last = NULL;
    c->unread -= answer->length;
    int result = write_frame(c, answer->bytes + LWS_PRE, answer->length, LWS_WRITE_TEXT);
    free(answer);
    return result;
}

/* Books take turns: the one that was served goes to the end. */
static void to_the_end(struct connection *c, struct book_of *book)
{
    struct book_of **at = &c->books;
    while (*at != book)
        at = &(*at)->next;
    *at = book->next;
    while (*at != NULL)
        at = &(*at)->next;
    *at = book;
    book->next = NULL;
}

typedef bool frame_fn(struct subscriber *subscriber, struct wire_out *out);

/* A frame of the first book that has one; 0: none has. */
static int write_book(struct connection *c, frame_fn *make)
{
    struct server *server = c->server;
    for (struct book_of *b = c->books; b != NULL; b = b->next) {
        struct wire_out out;
        wire_begin(&out, server->frame + LWS_PRE, WIRE_FRAME_MAX);
        if (b->subscriber.book == NULL || !make(&b->subscriber, &out))
            continue;
        if (b->next != NULL)
            to_the_end(c, b);
        return write_frame(c, out.bytes, out.length, LWS_WRITE_TEXT);
    }
    return 0;
}

static int write_beat(struct connection *c)
{
    struct server *server = c->server;
    if (c->wants_ping) {
        c->wants_ping = c->wants_pong = false;
        c->pinged = true;
        c->pinged_at = now_of(c);
        server->frame[LWS_PRE] = '?'; /* libwebsockets 4.1 does not tell of a pong without bytes */
        return write_frame(c, server->frame + LWS_PRE, 1, LWS_WRITE_PING);
    }
    if (!c->wants_pong)
        return 0;
    c->wants_pong = false;
    if (!is_over(c->spoke, BEAT_MS, now_of(c)))
        return 0; /* something else has been said meanwhile */
    return write_frame(c, server->frame + LWS_PRE, 0, LWS_WRITE_PONG);
}

/* Replies, then what happens in the books, then rates. 1: written, 0: nothing to write, -1: gone. */
static int write_next(struct connection *c)
{
    if (c->first != NULL)
        return write_answer(c);
    if (c->close_status != 0)
        return last_words(c);
    int result = write_book(c, served_next_frame);
    if (result == 0)
        result = write_book(c, served_next_rates);
    return result == 0 ? write_beat(c) : result;
}

static int on_writable(struct connection *c)
{
    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        if (lws_send_pipe_choked(c->wsi))
            break;
        int result = write_next(c);
        if (result <= 0)
            return result;
    }
    connection_wants_write(c);
    return 0;
}

/* ---- in --------------------------------------------------------------------------------------- */

static int refuse_frame(struct connection *c, enum wire_close status, const char *reason)
{
    connection_close(c, status, reason);
    return 0;
}

/* Measured before it is kept. The room grows with what has come, not with what is announced. A
 * fragment may be empty, and realloc() to nothing frees. */
static bool keep(struct connection *c, const char *bytes, size_t length)
{
    if (length == 0)
        return true;
    char *in = realloc(c->in, c->in_length + length);
    if (in == NULL)
        return false;
    memcpy(in + c->in_length, bytes, length);
    c->in = in;
    c->in_length += length;
    return true;
}

static void take_kept(struct connection *c)
{
    char *text = c->in;
    size_t length = c->in_length;
    c->in = NULL;
    c->in_length = 0;
    connection_request(c, text, length);
    explicit_bzero(text, length); /* there may be a password in it */
    free(text);
}

static int on_receive(struct connection *c, char *bytes, size_t length)
{
    bool whole = lws_is_final_fragment(c->wsi) && lws_remaining_packet_payload(c->wsi) == 0;
    c->heard = now_of(c);
    c->pinged = false;
    c->server->bytes_in += length;
    if (c->close_status != 0)
        return 0;
    if (lws_frame_is_binary(c->wsi))
        return refuse_frame(c, WIRE_CLOSE_PROTOCOL, "protocol: text frames only");
    if (c->in_length + length + lws_remaining_packet_payload(c->wsi) > WIRE_REQUEST_MAX)
        return refuse_frame(c, WIRE_CLOSE_TOO_BIG, "too big: 65536 bytes at most");
    if (whole)
        c->server->frames_in++;
    if (whole && c->in == NULL) {
        connection_request(c, bytes, length);
        explicit_bzero(bytes, length);
        return 0;
    }
    if (!keep(c, bytes, length))
        return refuse_frame(c, WIRE_CLOSE_BUSY, "busy: no memory");
    if (whole)
        take_kept(c);
    return 0;
}

/* ---- the handshake ---------------------------------------------------------------------------- */

static bool header_is(struct lws *wsi, enum lws_token_indexes token, const char *expected)
{
    char value[64];
    int length = lws_hdr_copy(wsi, value, sizeof value, token);
    return length > 0 && strcmp(value, expected) == 0;
}

/* libwebsockets lets much pass here (design's platform notes, section 3); browsers are nobody. */
static bool may_upgrade(struct lws *wsi)
{
    return strcmp(lws_get_protocol(wsi)->name, WIRE_SUBPROTOCOL) == 0 &&
           header_is(wsi, WSI_TOKEN_PROTOCOL, WIRE_SUBPROTOCOL) &&
           header_is(wsi, WSI_TOKEN_VERSION, "13") && header_is(wsi, WSI_TOKEN_GET_URI, "/") &&
           lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) <= 0;
}

static int on_open(struct connection *c)
{
    c->open = true;
    c->opened = c->heard = c->spoke = now_of(c);
    return c->close_status != 0 ? -1 : 0;
}

static void on_closed(struct connection *c)
{
    connection_forget_books(c);
    c->wsi = NULL;
    connection_free(c);
}

static int on_link(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t length)
{
    /* libwebsockets takes any certificate unless this says what OpenSSL found (0: it is good). */
    if (reason == LWS_CALLBACK_OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION)
        return length == 0;
    struct connection *c = lws_get_opaque_user_data(wsi);
    (void)user;
    if (c == NULL)
        return 0;
    if (c->wsi == NULL)
        c->wsi = wsi;
    switch (reason) {
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION: return may_upgrade(wsi) ? 0 : -1;
    case LWS_CALLBACK_HTTP: return -1; /* nothing is served here but the WebSocket */
    case LWS_CALLBACK_ESTABLISHED: return on_open(c);
    case LWS_CALLBACK_RECEIVE: return on_receive(c, in, length);
    case LWS_CALLBACK_RECEIVE_PONG:
        c->heard = now_of(c);
        c->pinged = false;
        return 0;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE: return c->close_sent ? -1 : 0;
    case LWS_CALLBACK_SERVER_WRITEABLE: return on_writable(c);
    case LWS_CALLBACK_WSI_DESTROY:
        lws_set_opaque_user_data(wsi, NULL);
        on_closed(c);
        return 0;
    default: return 0;
    }
}

const struct lws_protocols server_protocols[] = {
    {"http", on_link, 0, RX_PIECE, 0, NULL, TX_PIECE}, /* who names no subprotocol lands here */
    {WIRE_SUBPROTOCOL, on_link, 0, RX_PIECE, 0, NULL, TX_PIECE},
    {NULL, NULL, 0, 0, 0, NULL, 0}};
