#include "net/status_http.h"

#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_ROOM = 131072, HEADERS_ROOM = 512, LINE_ROOM = 256 };

struct status {
    struct status_http_config config;
};

/* What one request is answered with. */
struct reply {
    unsigned code;
    const char *type;
    char *body; /* LWS_PRE bytes of room, then the text; NULL: nothing waits to be written */
    size_t length;
};

/* ---- pages ------------------------------------------------------------------------------------ */

static void healthz(const struct status *status, struct reply *reply, char *text)
{
    (void)status;
    reply->length = (size_t)snprintf(text, LINE_ROOM, "ok\n");
}

static void readyz(const struct status *status, struct reply *reply, char *text)
{
    char why[LINE_ROOM - 2] = "ready";
    bool ready = status->config.ready(status->config.owner, why, sizeof why);
    reply->code = ready ? HTTP_STATUS_OK : HTTP_STATUS_SERVICE_UNAVAILABLE;
    reply->length = (size_t)snprintf(text, LINE_ROOM, "%s\n", why);
}

static void metrics(const struct status *status, struct reply *reply, char *text)
{
    struct metrics m;
    metrics_begin(&m, text, BODY_ROOM);
    status->config.figures(status->config.owner, &m);
    reply->length = m.length;
    reply->type = "text/plain; version=0.0.4; charset=utf-8";
}

static const struct page {
    const char *path;
    void (*make)(const struct status *status, struct reply *reply, char *text);
} pages[] = {{"/healthz", healthz}, {"/readyz", readyz}, {"/metrics", metrics}};

static const struct page *page_of(const char *path)
{
    for (size_t i = 0; i < sizeof pages / sizeof pages[0]; i++)
        if (strcmp(pages[i].path, path) == 0)
            return &pages[i];
    return NULL;
}

/* ---- HTTP ------------------------------------------------------------------------------------- */

static int put_headers(struct lws *wsi, const struct reply *reply)
{
    unsigned char bytes[LWS_PRE + HEADERS_ROOM], *start = bytes + LWS_PRE, *at = start;
    unsigned char *end = bytes + sizeof bytes - 1;
    return lws_add_http_common_headers(wsi, reply->code, reply->type, reply->length, &at, end) !=
                       0 ||
                   lws_finalize_write_http_header(wsi, start, &at, end) != 0
               ? -1
               : 0;
}

static int on_request(const struct status *status, struct lws *wsi, struct reply *reply,
                      const char *path)
{
    const struct page *page = page_of(path);
    if (page == NULL || lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) <= 0)
        return lws_return_http_status(wsi, HTTP_STATUS_NOT_FOUND, NULL) != 0 ||
                       lws_http_transaction_completed(wsi) != 0
                   ? -1
                   : 0;
    free(reply->body); /* of a request before it on the same connection */
    *reply = (struct reply){.code = HTTP_STATUS_OK, .type = "text/plain"};
    reply->body = malloc(LWS_PRE + BODY_ROOM);
    if (reply->body == NULL)
        return -1;
    page->make(status, reply, reply->body + LWS_PRE);
    if (put_headers(wsi, reply) != 0)
        return -1;
    lws_callback_on_writable(wsi);
    return 0;
}

static int on_writable(struct lws *wsi, struct reply *reply)
{
    if (reply->body == NULL)
        return 0;
    int written =
        lws_write(wsi, (unsigned char *)reply->body + LWS_PRE, reply->length, LWS_WRITE_HTTP_FINAL);
    free(reply->body);
    reply->body = NULL;
    return written < 0 || lws_http_transaction_completed(wsi) != 0 ? -1 : 0;
}

static int on_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                   size_t length)
{
    struct lws_vhost *vhost = lws_get_vhost(wsi);
    struct reply *reply = user;
    (void)length;
    switch (reason) {
    case LWS_CALLBACK_HTTP: return on_request(lws_vhost_user(vhost), wsi, reply, in);
    case LWS_CALLBACK_HTTP_WRITEABLE: return on_writable(wsi, reply);
    case LWS_CALLBACK_CLOSED_HTTP:
        if (reply != NULL) {
            free(reply->body);
            reply->body = NULL;
        }
        return 0;
    case LWS_CALLBACK_PROTOCOL_DESTROY: free(lws_vhost_user(vhost)); return 0;
    default: return 0;
    }
}

static const struct lws_protocols protocols[] = {
    {"status", on_http, sizeof(struct reply), 0, 0, NULL, 0}, {NULL, NULL, 0, 0, 0, NULL, 0}};

static const lws_retry_bo_t no_validity_timer;

int status_http_start(const struct status_http_config *config)
{
    struct status *status = malloc(sizeof *status);
    if (status == NULL)
        return -1;
    status->config = *config;
    const struct lws_context_creation_info info = {.port = config->port,
                                                   .iface = config->address,
                                                   .vhost_name = "status",
                                                   .protocols = protocols,
                                                   .timeout_secs = 10,
                                                   .keepalive_timeout = 30,
                                                   .retry_and_idle_policy = &no_validity_timer,
                                                   .user = status};
    if (lws_create_vhost(config->context, &info) != NULL)
        return 0;
    free(status);
    return -1;
}
