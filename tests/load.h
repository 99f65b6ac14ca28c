/*
 * load.h - many consoles of a server in one process: WebSocket (RFC 6455) on epoll, plain or TLS
 *
 * For benches: it trusts its own server, looks only at the first and last bytes of what comes, and
 * ends the program with a line when something does not work. Sockets are bound to addresses of
 * 127.0.0.0/8 by turns, since one address has 28,000 ports.
 */
#ifndef TESTS_LOAD_H
#define TESTS_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOAD_HEAD = 400, LOAD_TAIL = 40 };

struct load_client;

/* A whole message: its first and last bytes as texts, its length. */
typedef void load_text_fn(struct load_client *client, const char *head, const char *tail,
                          uint64_t length);

struct load_client {
    int fd;
    void *tls;             /* SSL of a TLS connection, NULL in plain */
    uint8_t stage;         /* connecting, TLS, handshake, open, closed */
    unsigned number;       /* the caller's */
    unsigned asked;        /* requests so far: their ids */
    int64_t asked_us;      /* when the last one was sent */
    load_text_fn *on_text; /* what is done with messages */
    uint64_t bytes_in, bytes_out, frames_in;

    /* the frame that comes in */
    uint8_t header[10];
    uint8_t header_length, header_wanted;
    uint64_t left, length;
    uint8_t opcode;
    char head[LOAD_HEAD + 1], tail[LOAD_TAIL + 1];
    uint16_t head_length, tail_length;

    char *unsent; /* what the kernel did not take */
    size_t unsent_length;
};

int64_t load_now_us(void);
void load_fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Before the first client. tls: whether clients speak it (any certificate is good). */
void load_begin(uint16_t port, bool tls);
void load_end(void);

/* Starts to connect; open when load_is_open(). */
void load_connect(struct load_client *client, unsigned number, load_text_fn *on_text);
bool load_is_open(const struct load_client *client);
bool load_is_closed(const struct load_client *client);
void load_close(struct load_client *client);

/* A text frame, masked with zeros, which leaves it as it is. */
void load_send(struct load_client *client, const char *text, size_t length);
/* {"do":DO,"id":N,REST} with N counted up; rest is printed as printf does. Notes the time. */
void load_ask(struct load_client *client, const char *what, const char *rest, ...)
    __attribute__((format(printf, 3, 4)));

/* Takes what has come within ms; returns how many sockets had something. */
int load_turn(int ms);

#endif
