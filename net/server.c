#include "net/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/server_parts.h"

enum {
    ACCEPT_AT_ONCE = 64,
    WAKE_AT_ONCE = 128,
    BACKLOG = 4096,
    CLOSING_LEAST = 4, /* turns of the loop that libwebsockets needs to end, and may take */
    CLOSING_TURNS = 1000
};

const struct server_limits server_usual_limits = {.connections = 18000,
                                                  .reserved = 16,
                                                  .per_user = 4,
                                                  .per_address = 64,
                                                  .per_second = 50,
                                                  .handshake_ms = 10000,
                                                  .login_ms = 30000};

/* ---- connections ----------------------------------------------------------------------------- */

static void enter_lobby(struct connection *c)
{
    struct server *server = c->server;
    c->in_lobby = true;
    c->lobby_prev = server->lobby_last;
    *(c->lobby_prev != NULL ? &c->lobby_prev->lobby_next : &server->lobby_first) = c;
    server->lobby_last = c;
}

void connection_leaves_lobby(struct connection *c)
{
    struct server *server = c->server;
    if (!c->in_lobby)
        return;
    c->in_lobby = false;
    *(c->lobby_prev != NULL ? &c->lobby_prev->lobby_next : &server->lobby_first) = c->lobby_next;
    *(c->lobby_next != NULL ? &c->lobby_next->lobby_prev : &server->lobby_last) = c->lobby_prev;
    c->lobby_next = c->lobby_prev = NULL;
}

struct connection *connection_new(struct server *server, const char *address)
{
    struct connection *c = calloc(1, sizeof *c);
    uint32_t of_address = tally_add(&server->addresses, address);
    if (c == NULL || of_address == 0 || of_address > server->config.limits.per_address) {
        if (of_address > 0)
            tally_drop(&server->addresses, address);
        free(c);
        return NULL;
    }
    c->server = server;
    snprintf(c->address, sizeof c->address, "%s", address);
    c->accepted = c->heard = c->spoke = loop_now(server->config.loop);
    c->next = server->connections;
    if (c->next != NULL)
        c->next->prev = c;
    server->connections = c;
    server->count++;
    enter_lobby(c);
    wheel_add(c, c->accepted, 0);
    return c;
}

void connection_free(struct connection *c)
{
    struct server *server = c->server;
    if (server->adopting == c)
        server->adopting = NULL;
    connection_forget_books(c);
    if (c->asking)
        login_forget(server->config.login, c);
    if (c->logged_in) {
        tally_drop(&server->users, c->user.name);
        server->logged_in--;
    }
    tally_drop(&server->addresses, c->address);
    connection_leaves_lobby(c);
    wheel_remove(c);
    if (c->next != NULL)
        c->next->prev = c->prev;
    *(c->prev != NULL ? &c->prev->next : &server->connections) = c->next;
    server->count--;
    for (struct answer *a = c->first, *next; a != NULL; a = next) {
        next = a->next;
        free(a);
    }
    free(c->in);
    explicit_bzero(c->token, sizeof c->token);
    free(c);
}

/* ---- accepting ------------------------------------------------------------------------------- */

static void print_address(const struct sockaddr_storage *peer, char address[TALLY_NAME])
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;
    const void *bytes =
        peer->ss_family == AF_INET ? (const void *)&v4->sin_addr : (const void *)&v6->sin6_addr;
    if (inet_ntop(peer->ss_family, bytes, address, TALLY_NAME) == NULL)
        strcpy(address, "?");
}

/* A full house still has a place for whoever comes: that of the oldest who has not logged in. */
static bool make_place(struct server *server)
{
    if (server->count < server->config.limits.connections)
        return true;
    if (server->lobby_first == NULL)
        return false;
    struct connection *oldest = server->lobby_first;
    connection_leaves_lobby(
        oldest); /* it is gone in a moment: the next one takes another's place */
    connection_kill(oldest);
    return true;
}

static bool adopt(struct server *server, int fd, const struct sockaddr_storage *peer)
{
    char address[TALLY_NAME];
    int on = 1;
    print_address(peer, address);
    if (server->shutting || !make_place(server))
        return false;
    struct connection *c = connection_new(server, address);
    if (c == NULL)
        return false;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const lws_adopt_desc_t how = {.vh = server->vhost,
                                  .type = LWS_ADOPT_SOCKET | LWS_ADOPT_HTTP | LWS_ADOPT_ALLOW_SSL,
                                  .fd.sockfd = fd,
                                  .opaque = c};
    server->adopting = c;
    struct lws *wsi = lws_adopt_descriptor_vhost_via_info(&how);
    bool here = server->adopting == c; /* or the callback has seen its end already */
    if (here && wsi == NULL && c->wsi == NULL)
        connection_free(
            c); /* else the callback has seen it: its end comes, a turn later with TLS */
    else if (here)
        c->wsi = wsi;
    server->adopting = NULL;
    return true;
}

/* No descriptor is left: the spare one is given up to take a connection and close it. */
static void refuse_one(struct server *server)
{
    close(server->spare);
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0)
        close(fd);
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server->refused++;
}

static void on_accept(void *owner, bool readable, bool writable)
{
    struct server *server = owner;
    (void)readable;
    (void)writable;
    for (int i = 0; i < ACCEPT_AT_ONCE; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t size = sizeof peer;
        int fd = accept4(server->listener, (struct sockaddr *)&peer, &size,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE))
            refuse_one(server);
        if (fd < 0)
            return;
        server->accepted++;
        if (adopt(server, fd, &peer))
            continue;
        server->refused++;
        close(fd);
    }
}

/* ---- listening ------------------------------------------------------------------------------- */

static int listen_on(const struct addrinfo *at)
{
    int on = 1, fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    close(fd);
    return -1;
}

static int open_listener(struct server *server, char *why, size_t why_room)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_PASSIVE | AI_NUMERICHOST};
    struct addrinfo *found;
    const char *address = server->config.address, *port = server->config.port;
    int error = getaddrinfo(address, port, &hints, &found);
    if (error != 0) {
        snprintf(why, why_room, "%s:%s: %s", address, port, gai_strerror(error));
        return -1;
    }
    server->listener = listen_on(found);
    freeaddrinfo(found);
    if (server->listener < 0) {
        snprintf(why, why_room, "%s:%s: %s", address, port, strerror(errno));
        return -1;
    }
    server->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (loop_poll_init(&server->accepting, server->config.loop, server->listener, on_accept,
                       server) != 0)
        return -1;
    loop_poll_set(&server->accepting, true, false);
    return 0;
}

uint16_t server_port(const struct server *server)
{
    struct sockaddr_in6 at = {0}; /* on Linux the port lies in the same place in both families */
    socklen_t size = sizeof at;
    if (getsockname(server->listener, (struct sockaddr *)&at, &size) != 0)
        return 0;
    return ntohs(at.sin6_port);
}

/* ---- libwebsockets --------------------------------------------------------------------------- */

/* Without it every handshake walks through a sorted list of all connections (our wheel does it). */
static const lws_retry_bo_t no_validity_timer;

static struct lws_context *make_context(struct server *server)
{
    server->loops[0] = &server->config.loop->uv;
    lws_set_log_level(LLL_ERR, NULL);
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN,
        .options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS | LWS_SERVER_OPTION_LIBUV |
                   LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN | LWS_SERVER_OPTION_DISABLE_IPV6 |
                   (server->config.certificate != NULL ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0),
        .foreign_loops = server->loops,
        .gid = -1,
        .uid = -1,
        .max_http_header_data = 2048,
        .pt_serv_buf_size = 16384,
        .retry_and_idle_policy = &no_validity_timer};
    return lws_create_context(&info);
}

static struct lws_vhost *make_vhost(struct server *server)
{
    const struct server_config *config = &server->config;
    const struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .vhost_name = "consoles",
        .protocols = server_protocols,
        .extensions = NULL, /* no compression, hence no bombs */
        .alpn = "http/1.1",
        /* Without the first of these a host with a certificate speaks plain TCP, and says nothing. */
        .options =
            (config->certificate != NULL ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0) |
            (config->client_ca != NULL ? LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT : 0),
        .ssl_cert_filepath = config->certificate,
        .ssl_private_key_filepath = config->key,
        .ssl_ca_filepath = config->client_ca,
        .ssl_options_set =
            (long)(SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_TICKET),
        .timeout_secs = (config->limits.handshake_ms + 999) / 1000,
        .timeout_secs_ah_idle = (config->limits.handshake_ms + 999) / 1000,
        .retry_and_idle_policy = &no_validity_timer,
        .user = server};
    return lws_create_vhost(server->context, &info);
}

struct lws_context *server_context(struct server *server)
{
    return server->context;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void on_wheel(void *owner)
{
    struct server *server = owner;
    wheel_turn(server);
    loop_timer_set(&server->wheel_timer, loop_now(server->config.loop) + WHEEL_MS * SQ_MS);
}

/* Some consoles in each turn, so that what others ask for meanwhile does not wait for all. */
static void on_turn(void *owner)
{
    struct server *server = owner;
    bool more = false;
    for (size_t i = 0; i < server->config.book_count; i++)
        if (server->config.books[i]->state == SERVED_OPEN)
            more |= served_wake(server->config.books[i], WAKE_AT_ONCE);
    if (more)
        loop_turn_again(&server->turn);
}

struct server *server_create(const struct server_config *config, char *why, size_t why_room)
{
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        snprintf(why, why_room, "no memory");
        return NULL;
    }
    server->config = *config;
    server->listener = server->spare = -1;
    server->context = make_context(server);
    server->vhost = server->context != NULL ? make_vhost(server) : NULL;
    loop_timer_init(&server->wheel_timer, config->loop, on_wheel, server);
    loop_turn_init(&server->turn, config->loop, on_turn, server);
    if (server->vhost == NULL)
        snprintf(why, why_room, "TLS or libwebsockets could not be set up: see the log");
    if (server->vhost == NULL || open_listener(server, why, why_room) != 0) {
        server_stop(server);
        loop_finish(config->loop);
        server_free(server);
        return NULL;
    }
    on_wheel(server);
    return server;
}

static void stop_listening(struct server *server)
{
    if (server->listener < 0)
        return;
    if (server->accepting.ready != NULL)
        loop_poll_stop(&server->accepting);
    close(server->listener);
    close(server->spare);
    server->listener = server->spare = -1;
}

void server_shut(struct server *server)
{
    server->shutting = true;
    stop_listening(server);
    for (struct connection *c = server->connections; c != NULL; c = c->next)
        connection_close(c, WIRE_CLOSE_GOING_AWAY, "going away");
}

bool server_is_empty(const struct server *server)
{
    return server->count == 0;
}

/* libwebsockets ends in two steps; between them the loop closes what it had on it. */
static void destroy_context(struct server *server)
{
    lws_context_destroy(server->context);
    for (int i = 0; i < CLOSING_TURNS && (i < CLOSING_LEAST || server->count > 0); i++)
        uv_run(&server->config.loop->uv, UV_RUN_NOWAIT);
    lws_context_destroy(server->context);
    server->context = NULL;
}

void server_stop(struct server *server)
{
    if (server->stopped)
        return;
    server->stopped = server->shutting = true;
    stop_listening(server);
    loop_timer_stop(&server->wheel_timer);
    loop_turn_stop(&server->turn);
    if (server->context != NULL)
        destroy_context(server);
}

void server_free(struct server *server)
{
    tally_finish(&server->addresses);
    tally_finish(&server->users);
    free(server);
}
