/*
 * websocket_client.c: libwebsockets as a guest on our loop; its pitfalls are noted where they lie.
 */
#include "net/websocket_client.h"

#include <libwebsockets.h>
#include <netdb.h>
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

enum { HANDSHAKE_S = 10, FILES = 16, HOST_SIZE = 256, PORT_SIZE = 8, CLOSING_TURNS = 8 };

/* A message on its way out. */
struct unsent {
    struct unsent *next;
    size_t length;
    unsigned char bytes[]; /* LWS_PRE of them are libwebsockets' own; it masks the rest in place */
};

struct websocket {
    struct loop *loop;
    const struct websocket_events *events;
    void *owner;
    const char *subprotocol;
    const char *ca_file;
    struct lws_protocols protocols[2];
    struct lws_context *context;
    struct lws *wsi; /* the present connection; every other one is being closed */
    struct lookup *lookup;
    unsigned attempt;              /* counts what was begun and what ended */
    struct addrinfo *found, *next; /* addresses of the host, and the one to try after this */
    char host[HOST_SIZE], port[PORT_SIZE];
    bool tls;
    bool open;
    bool closing;                    /* the server sent a close frame */
    char certificate[WEBSOCKET_WHY]; /* what is wrong with the server's; "": nothing so far */
    unsigned status;                 /* of the close frame */
    char reason[WEBSOCKET_WHY];
    struct unsent *first, **last;
    size_t unsent;
    char *in; /* a message that is coming, room for message_max */
    size_t in_length, message_max;
};

struct lookup {
    uv_getaddrinfo_t uv;
    struct websocket *socket; /* NULL: nobody waits for it any more */
};

#define X(tail, word) [WEBSOCKET_##tail] = word,
static const char *const end_words[WEBSOCKET_ENDS] = {WEBSOCKET_END_MAP(X)};
#undef X

const char *websocket_end_word(enum websocket_end end)
{
    return end < WEBSOCKET_ENDS ? end_words[end] : "?";
}

/* ---- ends ---------------------------------------------------------------------------------- */

static void drop_unsent(struct websocket *w)
{
    for (struct unsent *u = w->first, *next; u; u = next) {
        next = u->next;
        explicit_bzero(u->bytes, LWS_PRE + u->length); /* a login may be among them */
        free(u);
    }
    w->first = NULL;
    w->last = &w->first;
    w->unsent = 0;
}

/* There is no connection any more, and nothing of it is left. */
static void forget(struct websocket *w)
{
    w->attempt++;
    if (w->lookup)
        w->lookup->socket = NULL;
    w->lookup = NULL;
    if (w->found)
        uv_freeaddrinfo(w->found);
    w->found = w->next = NULL;
    w->wsi = NULL;
    w->open = w->closing = false;
    w->in_length = 0;
    drop_unsent(w);
}

static void ended(struct websocket *w, enum websocket_end end, unsigned status, const char *reason)
{
    char text[WEBSOCKET_WHY];
    snprintf(text, sizeof text, "%s", reason);
    forget(w);
    w->events->ended(w->owner, end, status, text);
}

/* ---- out ----------------------------------------------------------------------------------- */

bool websocket_send(struct websocket *w, const char *bytes, size_t length)
{
    struct unsent *u;
    if (!w->open || w->unsent + length > WEBSOCKET_UNSENT_MAX ||
        !(u = malloc(sizeof *u + LWS_PRE + length)))
        return false;
    u->next = NULL;
    u->length = length;
    memcpy(u->bytes + LWS_PRE, bytes, length);
    *w->last = u;
    w->last = &u->next;
    w->unsent += length;
    lws_callback_on_writable(w->wsi);
    return true;
}

bool websocket_is_sent(const struct websocket *w)
{
    return w->first == NULL;
}

/* Passwords and tokens go this way: what was sent is wiped. */
static void release_first(struct websocket *w)
{
    struct unsent *u = w->first;
    w->first = u->next;
    if (!w->first)
        w->last = &w->first;
    w->unsent -= u->length;
    explicit_bzero(u->bytes, LWS_PRE + u->length);
    free(u);
}

static int write_unsent(struct websocket *w, struct lws *wsi)
{
    while (w->first && !lws_send_pipe_choked(wsi)) {
        size_t length = w->first->length;
        int written = lws_write(wsi, w->first->bytes + LWS_PRE, length, LWS_WRITE_TEXT);
        if (written < (int)length)
            return -1;
        release_first(w);
    }
    if (w->first)
        lws_callback_on_writable(wsi);
    return 0;
}

/* ---- in ------------------------------------------------------------------------------------ */

/* A message comes in pieces of libwebsockets' own size: collect them, bounded. */
static int receive(struct websocket *w, struct lws *wsi, const char *bytes, size_t length)
{
    w->events->heard(w->owner);
    if (w->wsi != wsi)
        return -1;
    if (lws_frame_is_binary(wsi) || length > w->message_max - w->in_length) {
        bool binary = lws_frame_is_binary(wsi);
        ended(w, WEBSOCKET_BROKEN, 0, binary ? "a binary message" : "a message too long");
        return -1;
    }
    memcpy(w->in + w->in_length, bytes, length);
    w->in_length += length;
    if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi) > 0)
        return 0;
    length = w->in_length;
    w->in_length = 0;
    w->events->message(w->owner, w->in, length);
    return w->wsi == wsi ? 0 : -1;
}

/* The close frame's status and reason (RFC 6455, 5.5.1); the connection closes by itself. */
static void peer_closes(struct websocket *w, const unsigned char *bytes, size_t length)
{
    w->closing = true;
    w->status = length >= 2 ? (unsigned)bytes[0] << 8 | bytes[1] : 1005;
    snprintf(w->reason, sizeof w->reason, "%.*s", length > 2 ? (int)(length - 2) : 0,
             length > 2 ? (const char *)bytes + 2 : "");
}

/* ---- connecting ---------------------------------------------------------------------------- */

/* libwebsockets has words only for what went wrong; these are its own. */
static enum websocket_end end_of(const struct websocket *w, const char *words)
{
    if (w->certificate[0])
        return WEBSOCKET_CERTIFICATE;
    if (strstr(words, "HS:") || strstr(words, "ws upgrade") || strstr(words, "SSL") ||
        strstr(words, "tls"))
        return WEBSOCKET_HANDSHAKE;
    return WEBSOCKET_REFUSED;
}

static void try_next(struct websocket *w);

static int connection_failed(struct websocket *w, const char *words)
{
    enum websocket_end end = end_of(w, words);
    w->wsi = NULL;
    w->attempt++;
    if (end == WEBSOCKET_REFUSED && w->next)
        try_next(w);
    else
        ended(w, end, 0, w->certificate[0] ? w->certificate : words);
    return -1;
}

/* What the library says of a handshake that failed, in the words of somebody who waits for it. */
static const char *plain_words(const char *in)
{
    if (in == NULL)
        return "connection refused";
    if (strstr(in, "SSL err") != NULL)
        return "it does not speak TLS as we do";
    return in;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    struct websocket *w = lws_get_opaque_user_data(wsi);
    bool present = w && w->wsi == wsi;
    switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
        if (!present)
            return -1;
        w->open = true;
        w->events->heard(w->owner);
        w->events->opened(w->owner);
        return w->wsi == wsi ? 0 : -1;
    case LWS_CALLBACK_CLIENT_RECEIVE: return present ? receive(w, wsi, in, length) : -1;
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG:
        if (present)
            w->events->heard(w->owner);
        return present && w->wsi == wsi ? 0 : -1;
    case LWS_CALLBACK_CLIENT_WRITEABLE: return present ? write_unsent(w, wsi) : -1;
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        if (present)
            peer_closes(w, in, length);
        return 0;
    case LWS_CALLBACK_OPENSSL_PERFORM_SERVER_CERT_VERIFICATION:
        if (present && !length) /* user: the store's context, in: the connection, length: is fine */
            snprintf(w->certificate, sizeof w->certificate, "%s",
                     X509_verify_cert_error_string(X509_STORE_CTX_get_error(user)));
        return 0; /* the verdict stays OpenSSL's */
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        return present ? connection_failed(w, plain_words(in)) : -1;
    case LWS_CALLBACK_CLIENT_CLOSED:
        if (present && w->closing)
            ended(w, WEBSOCKET_CLOSED, w->status, w->reason);
        else if (present)
            ended(w, WEBSOCKET_LOST, 0, "the connection broke");
        return 0;
    default: return 0;
    }
}

static bool is_loopback(const struct sockaddr *address)
{
    if (address->sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(
            &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
    return address->sa_family == AF_INET && ntohl(in->sin_addr.s_addr) >> 24 == 127;
}

/* `address` is a number by now; `host` is the name that the certificate is checked for. */
static void begin(struct websocket *w, const char *address)
{
    unsigned attempt = ++w->attempt;
    const struct lws_client_connect_info info = {
        .context = w->context,
        .address = address,
        .port = atoi(w->port),
        .ssl_connection = w->tls ? LCCSCF_USE_SSL : 0,
        .path = "/",
        .host = w->host,
        .protocol = w->subprotocol,
        .local_protocol_name = w->subprotocol,
        .alpn = "http/1.1",
        .opaque_user_data = w,
        .pwsi = &w->wsi, /* set before the first callback */
    };
    if (!lws_client_connect_via_info(&info) && w->attempt == attempt) /* without a word */
        connection_failed(w, "connection refused");
}

static void try_next(struct websocket *w)
{
    struct addrinfo *a = w->next;
    char address[HOST_SIZE];
    w->next = a->ai_next;
    if (!w->tls && !is_loopback(a->ai_addr)) {
        ended(w, WEBSOCKET_REFUSED, 0, "not on this machine, and without TLS: not connected");
        return;
    }
    if (getnameinfo(a->ai_addr, a->ai_addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) !=
        0)
        connection_failed(w, "no such address");
    else
        begin(w, address);
}

static void looked_up(uv_getaddrinfo_t *uv, int status, struct addrinfo *found)
{
    struct lookup *lookup = uv->data;
    struct websocket *w = lookup->socket;
    free(lookup);
    if (!w) {
        uv_freeaddrinfo(found);
        return;
    }
    w->lookup = NULL;
    if (status != 0 || !found) {
        ended(w, WEBSOCKET_REFUSED, 0, status ? uv_strerror(status) : "no such name");
        return;
    }
    w->found = w->next = found;
    try_next(w);
}

void websocket_connect(struct websocket *w, const char *host, const char *port)
{
    static const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct lookup *lookup = calloc(1, sizeof *lookup);
    snprintf(w->host, sizeof w->host, "%s", host);
    snprintf(w->port, sizeof w->port, "%s", port);
    w->status = 0;
    w->certificate[0] = '\0';
    if (!lookup) {
        ended(w, WEBSOCKET_REFUSED, 0, "no memory");
        return;
    }
    lookup->socket = w;
    lookup->uv.data = lookup;
    w->lookup = lookup;
    int error = uv_getaddrinfo(&w->loop->uv, &lookup->uv, looked_up, host, port, &wanted);
    if (error == 0)
        return;
    w->lookup = NULL;
    free(lookup);
    ended(w, WEBSOCKET_REFUSED, 0, uv_strerror(error));
}

void websocket_close(struct websocket *w)
{
    struct lws *wsi = w->wsi;
    forget(w);
    if (wsi)
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

/* ---- life ---------------------------------------------------------------------------------- */

/* Its own timer costs O(connections) for each, and knows less than whoever holds the connection. */
static const lws_retry_bo_t no_validity_timer;

struct websocket *websocket_create(struct loop *loop, const char *subprotocol, bool tls,
                                   const char *ca_file, size_t message_max,
                                   const struct websocket_events *events, void *owner)
{
    struct websocket *w = calloc(1, sizeof *w);
    void *foreign[] = {&loop->uv};
    if (!w || !(w->in = malloc(message_max))) {
        free(w);
        return NULL;
    }
    w->loop = loop;
    w->events = events;
    w->owner = owner;
    w->subprotocol = subprotocol;
    w->message_max = message_max;
    w->tls = tls;
    w->last = &w->first;
    w->protocols[0] = (struct lws_protocols){.name = subprotocol, .callback = on_event};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .protocols = w->protocols,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN |
                   (tls ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0) |
                   (ca_file ? LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS : 0),
        .client_ssl_ca_filepath = ca_file,
        .ssl_client_options_set = (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2),
        .foreign_loops = foreign,
        .fd_limit_per_thread = FILES,
        .timeout_secs = HANDSHAKE_S,
        .retry_and_idle_policy = &no_validity_timer,
        .gid = -1,
        .uid = -1,
    };
    lws_set_log_level(0, NULL);
    w->context = lws_create_context(&info);
    if (!w->context) {
        free(w->in);
        free(w);
        return NULL;
    }
    return w;
}

/*
 * libwebsockets ends in two steps. Between them it closes handles of libuv from the callbacks of
 * others that are closed: that must be over before loop_finish() closes what is left.
 */
void websocket_stop(struct websocket *w)
{
    websocket_close(w);
    lws_context_destroy(w->context);
    for (int turns = 0; turns < CLOSING_TURNS; turns++)
        uv_run(&w->loop->uv, UV_RUN_NOWAIT);
}

void websocket_free(struct websocket *w)
{
    lws_context_destroy(w->context);
    free(w->in);
    free(w);
}
