/*
 * Nothing here waits: an answer that the peer does not take is kept, and no further line of his is
 * read until it is gone. The exchange must not stand still for somebody who only watches it.
 */
#include "net/simulator/control_line.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void on_listener(uv_poll_t *poll, int status, int events);
static void on_peer(uv_poll_t *poll, int status, int events);

static bool would_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

/* ---- The peer ---- */

static void on_gone(uv_handle_t *handle)
{
    struct sim_control *c = handle->data;
    c->talking = false;
    if (c->listening)
        uv_poll_start(&c->listener, UV_READABLE, on_listener);
}

static void hang_up(struct sim_control *c)
{
    if (c->in_fd < 0)
        return;
    uv_close((uv_handle_t *)&c->peer, on_gone);
    if (c->path[0] != '\0')
        close(c->in_fd);
    c->in_fd = c->out_fd = -1;
}

static void write_some(struct sim_control *c)
{
    while (c->answer_at < c->answer_length) {
        ssize_t n = write(c->out_fd, c->answer + c->answer_at, c->answer_length - c->answer_at);
        if (n < 0 && would_wait())
            return;
        if (n < 0) {
            hang_up(c);
            return;
        }
        c->answer_at += (size_t)n;
    }
}

/* The whole lines that were read; one answer must be written before the next line is looked at. */
static void obey(struct sim_control *c)
{
    char *end;
    while (c->in_fd >= 0 && c->answer_at == c->answer_length &&
           (end = memchr(c->line, '\n', c->length)) != NULL) {
        *end = '\0';
        c->answer_length = exchange_command(c->wire->exchange, c->line, sim_wire_now(c->wire),
                                            c->answer, sizeof c->answer);
        c->answer_at = 0;
        c->length -= (size_t)(end + 1 - c->line);
        memmove(c->line, end + 1, c->length);
        write_some(c);
        sim_wire_pump(c->wire);
    }
}

static void read_some(struct sim_control *c)
{
    ssize_t n = read(c->in_fd, c->line + c->length, sizeof c->line - c->length);
    if (n < 0 && would_wait())
        return;
    if (n <= 0) {
        hang_up(c);
        return;
    }
    c->length += (size_t)n;
    obey(c);
    if (c->length == sizeof c->line)
        hang_up(c); /* a line that long is no command */
}

static void on_peer(uv_poll_t *poll, int status, int events)
{
    struct sim_control *c = poll->data;
    if (status < 0)
        hang_up(c);
    if (c->in_fd >= 0 && (events & UV_WRITABLE)) {
        write_some(c);
        obey(c);
    }
    if (c->in_fd >= 0 && (events & UV_READABLE))
        read_some(c);
    if (c->in_fd >= 0)
        uv_poll_start(poll, c->answer_at < c->answer_length ? UV_WRITABLE : UV_READABLE, on_peer);
}

static int talk(struct sim_control *c, int in_fd, int out_fd)
{
    int error = uv_poll_init(c->wire->loop, &c->peer, in_fd);
    if (error != 0)
        return error;
    c->peer.data = c;
    c->talking = true;
    c->in_fd = in_fd;
    c->out_fd = out_fd;
    c->length = c->answer_length = c->answer_at = 0;
    return uv_poll_start(&c->peer, UV_READABLE, on_peer);
}

/* ---- The socket ---- */

static void on_listener(uv_poll_t *poll, int status, int events)
{
    struct sim_control *c = poll->data;
    (void)status;
    (void)events;
    int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return;
    uv_poll_stop(poll); /* until this peer is gone */
    if (talk(c, fd, fd) != 0)
        close(fd);
}

static int listen_at(struct sim_control *c, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address.sun_path, path);
    c->listen_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177);
    int result =
        c->listen_fd < 0 ? -1 : bind(c->listen_fd, (struct sockaddr *)&address, sizeof address);
    umask(before);
    if (result == 0)
        strcpy(c->path, path);
    return result == 0 ? listen(c->listen_fd, 8) : -1;
}

int sim_control_start(struct sim_control *c, struct sim_wire *wire, const char *path,
                      char why[SIM_WHY])
{
    memset(c, 0, sizeof *c);
    c->wire = wire;
    c->listen_fd = c->in_fd = c->out_fd = -1;
    int error = 0;
    if (strcmp(path, "-") == 0) {
        error = talk(c, STDIN_FILENO, STDOUT_FILENO);
    } else if (listen_at(c, path) != 0) {
        snprintf(why, SIM_WHY, "%.120s: %s", path, strerror(errno));
        return -1;
    } else {
        error = uv_poll_init(wire->loop, &c->listener, c->listen_fd);
        c->listener.data = c;
        c->listening = error == 0;
        if (error == 0)
            error = uv_poll_start(&c->listener, UV_READABLE, on_listener);
    }
    if (error != 0)
        snprintf(why, SIM_WHY, "control: %s", uv_strerror(error));
    return error == 0 ? 0 : -1;
}

void sim_control_stop(struct sim_control *c)
{
    bool had = c->listening;
    c->listening = false;
    hang_up(c);
    if (had)
        uv_close((uv_handle_t *)&c->listener, NULL);
    if (c->listen_fd >= 0)
        close(c->listen_fd);
    c->listen_fd = -1;
    if (c->path[0] != '\0')
        unlink(c->path);
}
