/* load.c - sockets, frames, epoll */
#include "tests/load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTING, TLS_HANDSHAKE, HANDSHAKE, OPEN, CLOSED };
enum { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10, EVENTS = 512, PIECE = 65536, ADDRESSES = 64 };

static int epoll = -1;
static uint16_t server_port;
static SSL_CTX *context;
static char piece[PIECE];

int64_t load_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void load_fail(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "bench: ");
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n");
    va_end(arguments);
    exit(1);
}

void load_begin(uint16_t port, bool tls)
{
    server_port = port;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    context = tls ? SSL_CTX_new(TLS_client_method()) : NULL;
    if (epoll < 0 || (tls && context == NULL))
        load_fail("epoll or TLS cannot be had");
    if (tls)
        SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

void load_end(void)
{
    close(epoll);
    SSL_CTX_free(context);
    context = NULL;
}

/* ---- bytes ------------------------------------------------------------------------------------ */

static void watch(struct load_client *c, int how, bool writing)
{
    struct epoll_event event = {.events = writing ? EPOLLIN | EPOLLOUT : EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll, how, c->fd, &event) != 0)
        load_fail("epoll_ctl: %s", strerror(errno));
}

/* More than 0: so many; 0: not now; -1: the end. */
static ssize_t tls_result(struct load_client *c, int result)
{
    if (result > 0)
        return result;
    int why = SSL_get_error(c->tls, result);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

static ssize_t put(struct load_client *c, const char *bytes, size_t length)
{
    if (c->tls != NULL)
        return tls_result(c, SSL_write(c->tls, bytes, (int)length));
    ssize_t n = send(c->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    return n >= 0 ? n : errno == EAGAIN ? 0 : -1;
}

static ssize_t get(struct load_client *c)
{
    if (c->tls != NULL)
        return tls_result(c, SSL_read(c->tls, piece, PIECE));
    ssize_t n = recv(c->fd, piece, PIECE, MSG_DONTWAIT);
    return n > 0 ? n : n < 0 && errno == EAGAIN ? 0 : -1;
}

static void flush(struct load_client *c)
{
    while (c->unsent_length > 0) {
        ssize_t n = put(c, c->unsent, c->unsent_length);
        if (n <= 0)
            return;
        c->unsent_length -= (size_t)n;
        memmove(c->unsent, c->unsent + n, c->unsent_length);
    }
    free(c->unsent);
    c->unsent = NULL;
    watch(c, EPOLL_CTL_MOD, false);
}

static void send_all(struct load_client *c, const char *bytes, size_t length)
{
    ssize_t n = c->unsent_length > 0 ? 0 : put(c, bytes, length);
    c->bytes_out += length;
    if (n == (ssize_t)length)
        return;
    size_t sent = n > 0 ? (size_t)n : 0;
    c->unsent = realloc(c->unsent, c->unsent_length + length - sent);
    if (c->unsent == NULL)
        load_fail("no memory");
    memcpy(c->unsent + c->unsent_length, bytes + sent, length - sent);
    c->unsent_length += length - sent;
    watch(c, EPOLL_CTL_MOD, true);
}

/* ---- frames ----------------------------------------------------------------------------------- */

static size_t put_header(char *at, unsigned opcode, size_t length)
{
    size_t n = 2;
    at[0] = (char)(0x80 | opcode);
    at[1] = (char)(0x80 | (length < 126 ? length : 126));
    if (length >= 126) {
        at[n++] = (char)(length >> 8);
        at[n++] = (char)(length & 255);
    }
    memset(at + n, 0, 4);
    return n + 4;
}

void load_send(struct load_client *c, const char *text, size_t length)
{
    static char frame[PIECE + 16];
    if (length > 65535)
        load_fail("a message of %zu bytes", length);
    size_t n = put_header(frame, TEXT, length);
    memcpy(frame + n, text, length);
    send_all(c, frame, n + length);
}

void load_ask(struct load_client *c, const char *what, const char *rest, ...)
{
    static char text[PIECE];
    va_list arguments;
    int n = snprintf(text, sizeof text, "{\"do\":\"%s\",\"id\":%u,", what, ++c->asked);
    va_start(arguments, rest);
    n += vsnprintf(text + n, sizeof text - (size_t)n, rest, arguments);
    va_end(arguments);
    n += snprintf(text + n, sizeof text - (size_t)n, "}");
    c->asked_us = load_now_us();
    load_send(c, text, (size_t)n);
}

static void send_pong(struct load_client *c)
{
    char pong[8 + LOAD_HEAD];
    size_t n = put_header(pong, PONG, c->head_length);
    memcpy(pong + n, c->head, c->head_length);
    send_all(c, pong, n + c->head_length);
}

static void frame_done(struct load_client *c)
{
    c->frames_in++;
    c->head[c->head_length] = c->tail[c->tail_length] = '\0';
    if (c->opcode == TEXT)
        c->on_text(c, c->head, c->tail, c->length);
    else if (c->opcode == PING)
        send_pong(c);
    else if (c->opcode == CLOSE)
        load_fail("console %u was closed: %s", c->number, c->head + 2);
    c->header_length = 0;
    c->header_wanted = 2;
}

static void header_done(struct load_client *c)
{
    unsigned size = c->header[1] & 127;
    c->header_wanted = (uint8_t)(2 + (size == 126 ? 2 : size == 127 ? 8 : 0));
    if (c->header_length < c->header_wanted)
        return;
    c->opcode = c->header[0] & 15;
    c->length = size < 126 ? size : 0;
    for (unsigned i = 2; i < c->header_wanted; i++)
        c->length = c->length << 8 | c->header[i];
    c->left = c->length;
    c->head_length = c->tail_length = 0;
}

/* The last bytes are kept as they come: pieces shorter than the tail push older ones out. */
static void keep_tail(struct load_client *c, const char *bytes, size_t length)
{
    size_t more = length < LOAD_TAIL ? length : LOAD_TAIL, stay = c->tail_length;
    if (stay + more > LOAD_TAIL) {
        memmove(c->tail, c->tail + (stay + more - LOAD_TAIL), LOAD_TAIL - more);
        stay = LOAD_TAIL - more;
    }
    memcpy(c->tail + stay, bytes + length - more, more);
    c->tail_length = (uint16_t)(stay + more);
}

static size_t payload(struct load_client *c, const char *bytes, size_t length)
{
    size_t n = length < c->left ? length : (size_t)c->left;
    size_t room = (size_t)(LOAD_HEAD - c->head_length), head = n < room ? n : room;
    memcpy(c->head + c->head_length, bytes, head);
    c->head_length = (uint16_t)(c->head_length + head);
    keep_tail(c, bytes, n);
    c->left -= n;
    return n;
}

static void take(struct load_client *c, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t n = 1;
        if (c->header_length < c->header_wanted) {
            c->header[c->header_length++] = (uint8_t)*bytes;
            if (c->header_length == c->header_wanted)
                header_done(c);
        } else {
            n = payload(c, bytes, length);
        }
        bytes += n;
        length -= n;
        if (c->header_length >= 2 && c->header_length == c->header_wanted && c->left == 0)
            frame_done(c);
    }
}

/* ---- connecting ------------------------------------------------------------------------------- */

void load_connect(struct load_client *c, unsigned number, load_text_fn *on_text)
{
    struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
    int on = 1;
    *c = (struct load_client){.number = number, .on_text = on_text, .header_wanted = 2};
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + number % ADDRESSES);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(server_port);
    if (c->fd < 0 || setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on) != 0 ||
        bind(c->fd, (struct sockaddr *)&from, sizeof from) != 0 ||
        (connect(c->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS))
        load_fail("console %u: %s (more open files? ulimit -n)", number, strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    watch(c, EPOLL_CTL_ADD, true);
}

static void connected(struct load_client *c)
{
    static const char hello[] = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                "Sec-WebSocket-Protocol: squareoff.v1\r\n\r\n";
    if (context != NULL && c->tls == NULL) {
        c->tls = SSL_new(context);
        if (c->tls == NULL || SSL_set_fd(c->tls, c->fd) != 1)
            load_fail("no TLS");
        c->stage = TLS_HANDSHAKE;
    }
    int done = c->tls != NULL ? SSL_connect(c->tls) : 1;
    if (done != 1) {
        if (tls_result(c, done) < 0)
            load_fail("console %u: TLS handshake: %s", c->number,
                      ERR_reason_error_string(ERR_peek_error()));
        return;
    }
    c->stage = HANDSHAKE;
    watch(c, EPOLL_CTL_MOD, false);
    send_all(c, hello, sizeof hello - 1);
}

/* The server says nothing before it is asked: the answer's end is the end of the bytes. */
static void answered(struct load_client *c, const char *bytes, size_t length)
{
    if (length < 12 || strncmp(bytes, "HTTP/1.1 101", 12) != 0)
        load_fail("console %u: handshake refused: %.40s", c->number, bytes);
    const char *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end == NULL)
        load_fail("console %u: a handshake in pieces", c->number);
    c->stage = OPEN;
    take(c, end + 4, length - (size_t)(end + 4 - bytes));
}

bool load_is_open(const struct load_client *c)
{
    return c->stage == OPEN;
}

bool load_is_closed(const struct load_client *c)
{
    return c->stage == CLOSED;
}

void load_close(struct load_client *c)
{
    if (c->stage == CLOSED)
        return;
    SSL_free(c->tls);
    close(c->fd);
    free(c->unsent);
    c->unsent = NULL;
    c->unsent_length = 0;
    c->stage = CLOSED;
}

/* ---- turns ------------------------------------------------------------------------------------ */

static void readable(struct load_client *c)
{
    for (;;) {
        ssize_t n = get(c);
        if (n < 0)
            load_fail("console %u: the connection was cut", c->number);
        if (n == 0)
            return;
        c->bytes_in += (uint64_t)n;
        if (c->stage == HANDSHAKE)
            answered(c, piece, (size_t)n);
        else
            take(c, piece, (size_t)n);
        if (c->stage == CLOSED || (c->tls == NULL && n < PIECE))
            return;
    }
}

int load_turn(int ms)
{
    struct epoll_event events[EVENTS];
    int count = epoll_wait(epoll, events, EVENTS, ms);
    for (int i = 0; i < count; i++) {
        struct load_client *c = events[i].data.ptr;
        if (c->stage == CONNECTING || c->stage == TLS_HANDSHAKE)
            connected(c);
        if (c->stage >= HANDSHAKE && c->unsent_length > 0 && (events[i].events & EPOLLOUT))
            flush(c);
        if (c->stage == HANDSHAKE || c->stage == OPEN)
            readable(c);
    }
    return count;
}
