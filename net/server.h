/*
 * server.h: the WebSocket server of docs/protocol.md: many consoles on the books of one process.
 *
 * libwebsockets 4.1 speaks RFC 6455 and TLS as a guest on our loop. What it does not do is done
 * here: connections are accepted by us, counted by address and user, and have time-outs of their
 * own; a heartbeat wheel says something every 2 s; a message is measured before it is kept; and
 * what a console does not read is bounded (server_link.c).
 *
 * A console that reads slowly costs what it has asked for, never what others do: answers wait in a
 * queue of at most SERVER_UNREAD bytes, everything else is made when it can be written.
 */
#ifndef NET_SERVER_H
#define NET_SERVER_H

#include "net/login.h"
#include "net/metrics.h"
#include "net/served.h"

enum {
    SERVER_UNREAD = 1048576, /* bytes of answers that a console may leave unread */
    SERVER_BOOKS = 64,       /* books of one process */
    SERVER_NAME = 24
};

struct server_limits {
    uint32_t connections;  /* at a time; the process may open as many files and 256 more */
    uint32_t reserved;     /* of those, for supervisors and administrators only */
    uint32_t per_user;     /* connections of one user */
    uint32_t per_address;  /* of one address; behind a TLS terminator all have the same */
    uint32_t per_second;   /* requests of one connection */
    uint32_t handshake_ms; /* until the WebSocket stands */
    uint32_t login_ms;     /* from then until somebody is logged in */
};
/* 18,000; 16; 4; 64; 50; 10 s; 30 s. */
extern const struct server_limits server_usual_limits;

struct server_config {
    struct loop *loop;
    char name[SERVER_NAME];  /* as consoles show it */
    const char *address;     /* to listen on */
    const char *port;        /* "0": any, see server_port() */
    const char *certificate; /* PEM files; NULL: plain TCP */
    const char *key;
    const char *client_ca; /* consoles must have a certificate of it; NULL: none asked for */
    struct login *login;   /* borrowed, as all here */
    struct served *const *books;
    size_t book_count;
    struct server_limits limits;
    void (*log)(void *owner, const char *line);
    void *owner;
};

struct server;

/* Listens. NULL with the reason. */
struct server *server_create(const struct server_config *config, char *why, size_t why_room);
uint16_t server_port(const struct server *server);

/* To be called by the books' hooks (struct served_config): frames and answers for a console. */
void server_wake(struct subscriber *subscriber);
void server_answer(void *console, const struct served_submit *submit);
struct handover_answer;
void server_handed_over(const struct handover_answer *answer); /* of struct handover_config */
/* The book is not ours any more: its consoles are told, and close it. */
void server_lost_book(struct server *server, struct served *book);

/*
 * The end: server_shut() tells everybody (1001) and accepts nobody; when server_is_empty(), or
 * after a while, server_stop(), outside of loop_run(), since it takes turns of the loop itself; then
 * loop_finish() and server_free().
 */
void server_shut(struct server *server);
bool server_is_empty(const struct server *server);
void server_stop(struct server *server);
void server_free(struct server *server);

/* What it has done, for /metrics. */
void server_metrics(const struct server *server, struct metrics *metrics);

/* The context that others of this process may add a virtual host to (status_http.h). */
struct lws_context;
struct lws_context *server_context(struct server *server);

#endif
