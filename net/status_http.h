/*
 * status_http.h: the port for machines that watch: /healthz, /readyz, /metrics (plain HTTP/1.1).
 *
 * It answers questions and takes no orders; listen on a loopback address, or one that only the
 * monitoring reaches. A virtual host of its own on the server's libwebsockets context.
 */
#ifndef NET_STATUS_HTTP_H
#define NET_STATUS_HTTP_H

#include "net/metrics.h"

struct lws_context;

struct status_http_config {
    struct lws_context *context; /* borrowed: lives as long as this */
    const char *address;         /* to listen on: a numeric address */
    uint16_t port;
    /* Is the process of use to somebody? why: one line, for people. */
    bool (*ready)(void *owner, char *why, size_t why_room);
    void (*figures)(void *owner, struct metrics *metrics);
    void *owner;
};

/* -1: the port cannot be had. What it keeps is freed with the context. */
int status_http_start(const struct status_http_config *config);

#endif
