#include "net/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct control_client {
    struct control *control;
    struct loop_poll poll;
    int fd;
    bool asked;     /* a request is being answered */
    bool overflown; /* the answer did not fit: no more of it, then close */
    size_t in;      /* bytes of the next requests */
    char request[CONTROL_LINE];
    char *answer; /* not yet written: [sent, out) of `room` bytes */
    size_t sent, out, room;
};

struct control {
    struct loop *loop;
    struct loop_poll poll;
    const struct control_handler *handler;
    void *owner;
    int fd;
    struct control_client *client[CONTROL_CLIENTS];
    struct sockaddr_un address;
};

static bool set_address(struct sockaddr_un *address, const char *path)
{
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length >= sizeof address->sun_path)
        return false;
    memcpy(address->sun_path, path, length);
    return true;
}

/* ---- one client ----------------------------------------------------------------------------- */

static void free_client(uv_handle_t *handle)
{
    struct loop_poll *poll = handle->data;
    struct control_client *client = poll->owner;
    free(client->answer);
    free(client);
}

static void drop(struct control_client *client)
{
    struct control *control = client->control;
    for (int i = 0; i < CONTROL_CLIENTS; i++)
        if (control->client[i] == client)
            control->client[i] = NULL;
    if (client->asked)
        control->handler->gone(control->owner, client);
    uv_close((uv_handle_t *)&client->poll.uv, free_client);
    close(client->fd);
}

/* Grows to what is needed and no further than the bound; false: it does not fit. */
static bool make_room(struct control_client *client, size_t more)
{
    size_t room = client->room;
    while (room - client->out < more)
        room = room == 0 ? CONTROL_LINE : 2 * room;
    if (room > CONTROL_ANSWER)
        return false;
    if (room == client->room)
        return true;
    char *answer = realloc(client->answer, room);
    if (answer == NULL)
        return false;
    client->answer = answer;
    client->room = room;
    return true;
}

static void append(struct control_client *client, const char *text, size_t length)
{
    if (client->overflown || !make_room(client, length + 1)) {
        client->overflown = true;
        return;
    }
    for (size_t i = 0; i < length; i++)
        client->answer[client->out++] = text[i] == '\n' ? ' ' : text[i];
    client->answer[client->out++] = '\n';
}

/* False: the connection is broken. */
static bool write_some(struct control_client *client)
{
    while (client->sent < client->out) {
        ssize_t n = send(client->fd, client->answer + client->sent, client->out - client->sent,
                         MSG_NOSIGNAL);
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
            return true;
        if (n <= 0)
            return false;
        client->sent += (size_t)n;
    }
    client->sent = client->out = 0;
    return true;
}

/* A request that is whole is taken out of the buffer; false: there is none. */
static bool next_request(struct control_client *client, char line[CONTROL_LINE])
{
    char *end = memchr(client->request, '\n', client->in);
    if (end == NULL)
        return false;
    size_t length = (size_t)(end - client->request);
    memcpy(line, client->request, length);
    line[length] = '\0';
    client->in -= length + 1;
    memmove(client->request, end + 1, client->in);
    return true;
}

/* Requests are handled one by one; then what is there to write is written. */
static void serve(struct control_client *client)
{
    struct control *control = client->control;
    char line[CONTROL_LINE];
    while (!client->asked && !client->overflown && next_request(client, line)) {
        client->asked = true;
        control->handler->request(control->owner, client, line);
    }
    if (!write_some(client) || (client->overflown && client->out == 0)) {
        drop(client);
        return;
    }
    loop_poll_set(&client->poll, client->in<sizeof client->request, client->out> 0);
}

/* False: the client closed its side, which is how it gives up. */
static bool read_some(struct control_client *client)
{
    size_t room = sizeof client->request - client->in;
    if (room == 0)
        return true;
    ssize_t n = recv(client->fd, client->request + client->in, room, 0);
    if (n > 0)
        client->in += (size_t)n;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* A request longer than the buffer can never end: that client is cut off, too. */
static bool has_no_end(const struct control_client *client)
{
    return client->in == sizeof client->request &&
           memchr(client->request, '\n', client->in) == NULL;
}

static void client_ready(void *owner, bool readable, bool writable)
{
    struct control_client *client = owner;
    (void)writable;
    if ((readable && !read_some(client)) || has_no_end(client))
        drop(client);
    else
        serve(client);
}

void control_say(struct control_client *client, const char *line)
{
    append(client, line, strlen(line));
}

void control_end(struct control_client *client, const char *reason)
{
    char text[CONTROL_WHY + 8];
    snprintf(text, sizeof text, reason == NULL ? "ok" : "error %s", reason);
    append(client, text, strlen(text));
    client->asked = false;
    loop_poll_set(&client->poll, true, true); /* it is served again in the next turn */
}

/* ---- the server ----------------------------------------------------------------------------- */

static bool is_ours(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
}

static int free_place(const struct control *control)
{
    for (int i = 0; i < CONTROL_CLIENTS; i++)
        if (control->client[i] == NULL)
            return i;
    return -1;
}

static void take(struct control *control, int fd)
{
    int place = free_place(control);
    struct control_client *client = NULL;
    if (place < 0 || !is_ours(fd) || (client = calloc(1, sizeof *client)) == NULL ||
        loop_poll_init(&client->poll, control->loop, fd, client_ready, client) != 0) {
        free(client);
        close(fd);
        return;
    }
    client->control = control;
    client->fd = fd;
    control->client[place] = client;
    loop_poll_set(&client->poll, true, false);
}

static void accept_ready(void *owner, bool readable, bool writable)
{
    struct control *control = owner;
    (void)readable;
    (void)writable;
    int fd = accept4(control->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0)
        take(control, fd);
}

/* The socket is never there with wider rights than its own, not even for a moment. */
static int bind_private(int fd, const struct sockaddr_un *address)
{
    unlink(address->sun_path);
    mode_t before = umask(0177);
    int result = bind(fd, (const struct sockaddr *)address, sizeof *address);
    umask(before);
    return result;
}

static int open_server(struct control *control, const char *path)
{
    if (!set_address(&control->address, path))
        return ENAMETOOLONG;
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (control->fd < 0 || bind_private(control->fd, &control->address) != 0 ||
        listen(control->fd, CONTROL_CLIENTS) != 0)
        return errno;
    return -loop_poll_init(&control->poll, control->loop, control->fd, accept_ready, control);
}

struct control *control_listen(struct loop *loop, const char *path,
                               const struct control_handler *handler, void *owner,
                               char why[CONTROL_WHY])
{
    struct control *control = calloc(1, sizeof *control);
    if (control == NULL) {
        snprintf(why, CONTROL_WHY, "out of memory");
        return NULL;
    }
    control->loop = loop;
    control->handler = handler;
    control->owner = owner;
    control->fd = -1;
    int error = open_server(control, path);
    if (error == 0) {
        loop_poll_set(&control->poll, true, false);
        return control;
    }
    snprintf(why, CONTROL_WHY, "control socket %.80s: %s", path, strerror(error));
    if (control->fd >= 0)
        close(control->fd);
    free(control);
    return NULL;
}

static void free_control(uv_handle_t *handle)
{
    struct loop_poll *poll = handle->data;
    free(poll->owner);
}

void control_close(struct control *control)
{
    if (control == NULL)
        return;
    for (int i = 0; i < CONTROL_CLIENTS; i++)
        if (control->client[i] != NULL)
            drop(control->client[i]);
    unlink(control->address.sun_path);
    uv_close((uv_handle_t *)&control->poll.uv, free_control);
    close(control->fd);
}

/* ---- the other side ------------------------------------------------------------------------- */

static int connect_to(const char *path, int timeout_s)
{
    struct sockaddr_un address;
    const struct timeval limit = {.tv_sec = timeout_s};
    if (!set_address(&address, path)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool send_request(int fd, const char *request)
{
    char line[CONTROL_LINE];
    int n = snprintf(line, sizeof line, "%s\n", request);
    if (n < 0 || (size_t)n >= sizeof line) {
        errno = EMSGSIZE;
        return false;
    }
    return send(fd, line, (size_t)n, MSG_NOSIGNAL) == n;
}

static int take_line(const char *text, void (*line)(void *owner, const char *line), void *owner,
                     char why[CONTROL_WHY])
{
    enum { GOES_ON = 2 };
    if (strcmp(text, "ok") == 0)
        return 0;
    if (strncmp(text, "error ", 6) == 0) {
        snprintf(why, CONTROL_WHY, "%s", text + 6);
        return 1;
    }
    line(owner, text);
    return GOES_ON;
}

static int read_answer(FILE *stream, void (*line)(void *owner, const char *line), void *owner,
                       char why[CONTROL_WHY])
{
    char *text = NULL;
    size_t room = 0;
    int result = -1;
    ssize_t n;
    errno = 0;
    snprintf(why, CONTROL_WHY, "the answer broke off");
    while ((n = getline(&text, &room, stream)) > 0 && text[n - 1] == '\n') {
        text[n - 1] = '\0';
        result = take_line(text, line, owner, why);
        if (result <= 1)
            break;
        result = -1;
    }
    if (result < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        snprintf(why, CONTROL_WHY, "no answer in time");
    free(text);
    return result;
}

int control_ask(const char *path, const char *request, int timeout_s,
                void (*line)(void *owner, const char *line), void *owner, char why[CONTROL_WHY])
{
    int fd = connect_to(path, timeout_s);
    if (fd < 0 || !send_request(fd, request)) {
        snprintf(why, CONTROL_WHY, "%s", strerror(errno));
        if (fd >= 0)
            close(fd);
        return -1;
    }
    FILE *stream = fdopen(fd, "r");
    if (stream == NULL) {
        snprintf(why, CONTROL_WHY, "%s", strerror(errno));
        close(fd);
        return -1;
    }
    int result = read_answer(stream, line, owner, why);
    fclose(stream);
    return result;
}
