#include "net/tcp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A lookup outlives its link when that is closed meanwhile: then `tcp` is NULL. */
struct tcp_lookup {
    uv_getaddrinfo_t uv;
    struct tcp *tcp;
};

void tcp_init(struct tcp *tcp, struct loop *loop, const struct tcp_machine *machine, void *owner)
{
    memset(tcp, 0, offsetof(struct tcp, buffer));
    tcp->loop = loop;
    tcp->machine = machine;
    tcp->owner = owner;
    tcp->fd = -1;
}

static void free_poll(uv_handle_t *handle)
{
    free(handle->data);
}

static void close_socket(struct tcp *tcp)
{
    if (tcp->poll != NULL)
        uv_close((uv_handle_t *)&tcp->poll->uv, free_poll);
    tcp->poll = NULL;
    if (tcp->fd >= 0)
        close(tcp->fd);
    tcp->fd = -1;
}

static void forget_addresses(struct tcp *tcp)
{
    uv_freeaddrinfo(tcp->found);
    tcp->found = tcp->next = NULL;
}

void tcp_close(struct tcp *tcp)
{
    if (tcp->lookup != NULL)
        tcp->lookup->tcp = NULL;
    tcp->lookup = NULL;
    forget_addresses(tcp);
    close_socket(tcp);
    tcp->held = tcp->held_at = 0;
    tcp->state = TCP_CLOSED;
}

static void lost(struct tcp *tcp, const char *why)
{
    char text[TCP_WHY]; /* `why` may lie in what is closed */
    snprintf(text, sizeof text, "%s", why);
    tcp_close(tcp);
    tcp->machine->disconnected(tcp->owner, text);
}

static bool would_wait(int error)
{
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

/* ---- bytes ---------------------------------------------------------------------------------- */

static void give_held(struct tcp *tcp)
{
    size_t n = tcp->held - tcp->held_at;
    if (n > 0)
        tcp->held_at += tcp->machine->receive(tcp->owner, tcp->buffer + tcp->held_at, n);
    if (tcp->held_at == tcp->held)
        tcp->held = tcp->held_at = 0;
}

/* False: the socket is gone. */
static bool read_some(struct tcp *tcp)
{
    if (tcp->held > 0)
        return true;
    ssize_t n = recv(tcp->fd, tcp->buffer, sizeof tcp->buffer, 0);
    if (n < 0 && would_wait(errno))
        return true;
    if (n <= 0) {
        lost(tcp, n == 0 ? "closed by the other side" : strerror(errno));
        return false;
    }
    tcp->held = (size_t)n;
    give_held(tcp);
    return tcp->state == TCP_CONNECTED;
}

/* False: the socket is gone. *blocked: it takes no more for now. */
static bool write_some(struct tcp *tcp, bool *blocked)
{
    size_t n;
    const char *bytes;
    *blocked = false;
    while (bytes = tcp->machine->output(tcp->owner, &n), n > 0) {
        ssize_t done = send(tcp->fd, bytes, n, MSG_NOSIGNAL);
        if (done < 0 && would_wait(errno)) {
            *blocked = true;
            return true;
        }
        if (done < 0) {
            lost(tcp, strerror(errno));
            return false;
        }
        tcp->machine->written(tcp->owner, (size_t)done);
    }
    return true;
}

void tcp_pump(struct tcp *tcp)
{
    bool blocked;
    if (tcp->state != TCP_CONNECTED)
        return;
    give_held(tcp);
    if (tcp->state == TCP_CONNECTED && write_some(tcp, &blocked) && tcp->state == TCP_CONNECTED)
        loop_poll_set(tcp->poll, tcp->held == 0, blocked);
}

/* ---- connecting ----------------------------------------------------------------------------- */

static void is_connected(struct tcp *tcp)
{
    forget_addresses(tcp);
    tcp->state = TCP_CONNECTED;
    tcp->machine->connected(tcp->owner);
    tcp_pump(tcp);
}

static void try_next(struct tcp *tcp, const char *why);

static void finish_connect(struct tcp *tcp)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(tcp->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
        error = errno;
    if (error != 0)
        try_next(tcp, strerror(error));
    else
        is_connected(tcp);
}

static void ready(void *owner, bool readable, bool writable)
{
    struct tcp *tcp = owner;
    (void)writable;
    if (tcp->state == TCP_CONNECTING)
        finish_connect(tcp);
    else if (!readable || read_some(tcp))
        tcp_pump(tcp);
}

static int watch(struct tcp *tcp, int fd)
{
    struct loop_poll *poll = calloc(1, sizeof *poll);
    if (poll == NULL)
        return UV_ENOMEM;
    int error = loop_poll_init(poll, tcp->loop, fd, ready, tcp);
    if (error != 0) {
        free(poll);
        return error;
    }
    tcp->fd = fd;
    tcp->poll = poll;
    return 0;
}

void tcp_adopt(struct tcp *tcp, int fd)
{
    int error = watch(tcp, fd);
    if (error != 0) {
        close(fd);
        lost(tcp, uv_strerror(error));
        return;
    }
    is_connected(tcp);
}

/* An order must not wait for the next one to fill a segment. */
static void set_options(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

/* Returns NULL, or why this address cannot be tried. */
static const char *begin_connect(struct tcp *tcp, const struct addrinfo *address)
{
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return strerror(errno);
    set_options(fd);
    int error = watch(tcp, fd);
    if (error != 0) {
        close(fd);
        return uv_strerror(error);
    }
    if (connect(fd, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS)
        return strerror(errno);
    tcp->state = TCP_CONNECTING;
    loop_poll_set(tcp->poll, false, true);
    return NULL;
}

static void try_next(struct tcp *tcp, const char *why)
{
    while (tcp->next != NULL) {
        const struct addrinfo *address = tcp->next;
        tcp->next = address->ai_next;
        close_socket(tcp);
        why = begin_connect(tcp, address);
        if (why == NULL)
            return;
    }
    lost(tcp, why);
}

static void resolved(uv_getaddrinfo_t *uv, int status, struct addrinfo *addresses)
{
    struct tcp_lookup *lookup = uv->data;
    struct tcp *tcp = lookup->tcp;
    free(lookup);
    if (tcp == NULL) {
        uv_freeaddrinfo(addresses);
        return;
    }
    tcp->lookup = NULL;
    tcp->found = tcp->next = addresses;
    try_next(tcp, status != 0 ? uv_strerror(status) : "no address");
}

void tcp_connect(struct tcp *tcp, const char *host, const char *port)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct tcp_lookup *lookup = calloc(1, sizeof *lookup);
    tcp->state = TCP_RESOLVING;
    if (lookup == NULL) {
        lost(tcp, "out of memory");
        return;
    }
    lookup->uv.data = lookup;
    lookup->tcp = tcp;
    tcp->lookup = lookup;
    int error = uv_getaddrinfo(&tcp->loop->uv, &lookup->uv, resolved, host, port, &hints);
    if (error == 0)
        return;
    free(lookup);
    tcp->lookup = NULL;
    lost(tcp, uv_strerror(error));
}
