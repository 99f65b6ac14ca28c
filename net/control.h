/*
 * control.h: the control socket of a running console: a Unix socket in its state directory.
 *
 * Line mode and squareoff-admin beside a live console speak through it, so that one process owns
 * the state. The protocol is lines: one request line, then lines of answer, the last of which is
 * `ok` or `error REASON`. A connection serves one request after another. A client that closes its
 * side before the answer has ended gives it up.
 *
 * Mode 0600, and the peer's user must be ours (SO_PEERCRED, unix(7)); others are cut off without
 * a word. Everything is bounded: clients, the length of a request, the answer not yet read; an
 * answer that does not fit is cut off and the connection closed before its last line, so that half
 * an answer never looks whole.
 */
#ifndef NET_CONTROL_H
#define NET_CONTROL_H

#include "net/loop.h"

enum {
    CONTROL_CLIENTS = 8,
    CONTROL_LINE = 2048,          /* longest request, its end included */
    CONTROL_ANSWER = 1024 * 1024, /* answer that a client has not read yet */
    CONTROL_WHY = 160,
};

struct control;
struct control_client;

struct control_handler {
    /* One request. The answer may be given now or later: lines, then control_end(). Until then no
     * other request of this client comes. */
    void (*request)(void *owner, struct control_client *client, const char *line);
    /* The client is gone before its answer was ended: forget it. */
    void (*gone)(void *owner, struct control_client *client);
};

/*
 * Listens on `path` (shorter than 108 bytes). Whoever calls holds the lock of the state directory,
 * so that a socket that lies there is a dead one and is removed. NULL with why.
 */
struct control *control_listen(struct loop *loop, const char *path,
                               const struct control_handler *handler, void *owner,
                               char why[CONTROL_WHY]);
/* Closes all and removes the socket. */
void control_close(struct control *control);

/* One line of an answer, without its end. A line end inside becomes a blank. */
void control_say(struct control_client *client, const char *line);
/* Ends the answer: `ok`, or `error REASON` when reason is not NULL. */
void control_end(struct control_client *client, const char *reason);

/*
 * The other side, for programs that end after it: one request, waiting for its answer. `line` is
 * called for each line of it. Returns 0 after `ok`; 1 after `error`, with the reason in why; -1
 * when nobody listens or the answer did not end within timeout_s, with why.
 */
int control_ask(const char *path, const char *request, int timeout_s,
                void (*line)(void *owner, const char *line), void *owner, char why[CONTROL_WHY]);

#endif
