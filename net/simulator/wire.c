/*
 * One pump serves all sockets after every event, because what one member does is news for the others;
 * with 64 sockets at most that costs less than to find out for whom.
 */
#include "net/simulator/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int64_t system_clock(void *context)
{
    struct timespec t;
    (void)context;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t sim_wire_now(const struct sim_wire *w)
{
    return w->clock(w->clock_context);
}

static void on_closed(uv_handle_t *handle)
{
    struct sim_socket *s = handle->data;
    s->used = false;
}

static void close_socket(struct sim_socket *s)
{
    if (s->fd < 0)
        return;
    uv_poll_stop(&s->poll);
    uv_close((uv_handle_t *)&s->poll, on_closed);
    close(s->fd);
    s->fd = -1;
    exchange_disconnect(s->wire->exchange, s->connection, sim_wire_now(s->wire));
}

static bool would_wait(ssize_t result)
{
    return result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* ---- Bytes ---- */

static void give_held(struct sim_socket *s, int64_t now_us)
{
    struct exchange *x = s->wire->exchange;
    while (s->held_at < s->held) {
        size_t n = s->held - s->held_at;
        size_t taken = exchange_input(x, s->connection, s->buffer + s->held_at, n, now_us);
        if (taken == 0)
            return;
        s->held_at += taken;
    }
    s->held = s->held_at = 0;
}

static void read_some(struct sim_socket *s)
{
    if (s->held > 0)
        return;
    ssize_t n = recv(s->fd, s->buffer, SIM_WIRE_HELD, 0);
    if (would_wait(n))
        return;
    if (n <= 0) {
        close_socket(s);
        return;
    }
    s->held = (size_t)n;
}

/* Writes what there is. Returns whether the socket takes no more for now. */
static bool write_some(struct sim_socket *s, int64_t now_us)
{
    size_t n;
    const char *bytes;
    while (bytes = exchange_output(s->wire->exchange, s->connection, &n), n > 0) {
        ssize_t done = send(s->fd, bytes, n, MSG_NOSIGNAL);
        if (would_wait(done))
            return true;
        if (done < 0) {
            close_socket(s);
            return false;
        }
        exchange_written(s->wire->exchange, s->connection, (size_t)done, now_us);
    }
    return false;
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    struct sim_socket *s = poll->data;
    if (status < 0)
        close_socket(s);
    else if (events & UV_READABLE)
        read_some(s);
    sim_wire_pump(s->wire);
}

/* Input first, then output: what comes in is answered in the same turn. */
static void serve(struct sim_socket *s, int64_t now_us)
{
    size_t left;
    give_held(s, now_us);
    bool blocked = write_some(s, now_us);
    if (s->fd < 0)
        return;
    exchange_output(s->wire->exchange, s->connection, &left);
    /* A peer that reads nothing shall not keep its session from logging on elsewhere. */
    if ((left == 0 || blocked) && exchange_closing(s->wire->exchange, s->connection)) {
        close_socket(s);
        return;
    }
    int wanted = (s->held == 0 ? UV_READABLE : 0) | (blocked ? UV_WRITABLE : 0);
    uv_poll_start(&s->poll, wanted, on_ready);
}

/* ---- Time ---- */

static void on_time(uv_timer_t *timer)
{
    struct sim_wire *w = timer->data;
    exchange_tick(w->exchange, sim_wire_now(w));
    sim_wire_pump(w);
}

/* Rounded up: a timer that fires early would find nothing due and be set again. */
static void set_timer(struct sim_wire *w, int64_t now_us)
{
    int64_t at_us = exchange_deadline(w->exchange);
    if (at_us == INT64_MAX) {
        uv_timer_stop(&w->timer);
        return;
    }
    int64_t wait_ms = (at_us - now_us + 999) / 1000;
    uv_update_time(w->loop);
    uv_timer_start(&w->timer, on_time, wait_ms < 1 ? 1 : (uint64_t)wait_ms, 0);
}

void sim_wire_pump(struct sim_wire *w)
{
    int64_t now_us = sim_wire_now(w);
    /* Bytes of one member can be news for another: again, now that all input was taken. */
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
            if (w->socket[i].fd >= 0)
                serve(&w->socket[i], now_us);
    set_timer(w, now_us);
}

/* ---- Life ---- */

int sim_wire_start(struct sim_wire *w, uv_loop_t *loop, struct exchange *x,
                   int64_t (*clock)(void *), void *clock_context)
{
    memset(w, 0, sizeof *w);
    w->loop = loop;
    w->exchange = x;
    w->clock = clock != NULL ? clock : system_clock;
    w->clock_context = clock_context;
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
        w->socket[i].fd = -1;
    int error = uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    if (error == 0)
        set_timer(w, sim_wire_now(w));
    return error;
}

static struct sim_socket *free_socket(struct sim_wire *w)
{
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++) {
        struct sim_socket *s = &w->socket[i];
        if (s->fd >= 0 || s->used)
            continue;
        if (s->buffer == NULL)
            s->buffer = malloc(SIM_WIRE_HELD);
        return s->buffer == NULL ? NULL : s;
    }
    return NULL;
}

int sim_wire_adopt(struct sim_wire *w, int fd)
{
    struct sim_socket *s = free_socket(w);
    int connection = s == NULL ? -1 : exchange_connect(w->exchange, sim_wire_now(w));
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    if (connection >= 0 && uv_poll_init(w->loop, &s->poll, fd) != 0) {
        exchange_disconnect(w->exchange, connection, sim_wire_now(w));
        connection = -1;
    }
    if (connection < 0) {
        close(fd);
        return -1;
    }
    s->poll.data = s;
    s->wire = w;
    s->fd = fd;
    s->used = true;
    s->connection = connection;
    s->held = s->held_at = 0;
    sim_wire_pump(w);
    return 0;
}

void sim_wire_stop(struct sim_wire *w)
{
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
        close_socket(&w->socket[i]);
    uv_timer_stop(&w->timer);
    if (!uv_is_closing((uv_handle_t *)&w->timer))
        uv_close((uv_handle_t *)&w->timer, NULL);
}

void sim_wire_finish(struct sim_wire *w)
{
    for (int i = 0; i < EXCHANGE_CONNECTIONS; i++)
        free(w->socket[i].buffer);
    memset(w, 0, sizeof *w);
}
