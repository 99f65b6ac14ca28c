#include "tests/adaptor_world.h"

#include "tests/check.h"

#include "core/engine.h"

#include <stdlib.h>
#include <string.h>

/* ---- a host that writes down ---------------------------------------------------------------- */

void adaptor_tell_book(struct adaptor_world *w)
{
    struct sq_message event = {.kind = SQ_BOOK, .as.book = w->book};
    w->x->listener.event(&w->x->listener, &event);
}

static bool submit(void *owner, const struct sq_message *input)
{
    struct adaptor_world *w = owner;
    if (w->room == 0)
        return false;
    w->room--;
    if (input->kind == SQ_NUMBERS) {
        if (!w->no_blocks) {
            w->book.out_reserved = input->as.numbers.out_reserved;
            adaptor_tell_book(w);
        }
        return true;
    }
    assert_true(w->inputs < ADAPTOR_INPUTS);
    w->input[w->inputs++] = *input;
    return true;
}

static void log_line(void *owner, const char *line)
{
    struct adaptor_world *w = owner;
    size_t at = strlen(w->log);
    snprintf(w->log + at, sizeof w->log - at, "%s\n", line);
}

const char *adaptor_said(struct adaptor_world *w)
{
    static char text[16 * SQ_LINE_MAX];
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < w->inputs && at < sizeof text - SQ_LINE_MAX; i++) {
        at += sq_line((enum sq_kind)w->input[i].kind, &w->input[i].as, text + at, sizeof text - at);
        text[at++] = '\n';
        text[at] = '\0';
    }
    w->inputs = 0;
    return text;
}

void adaptor_start(struct adaptor_world *w)
{
    struct fix_exchange_config config = {.target_comp_id = "SQXCHG",
                                         .tables = &w->tables,
                                         .submit = submit,
                                         .log = log_line,
                                         .owner = w};
    fix_exchange_init(w->x, &config);
    fix_exchange_start(w->x, &w->book);
    fix_exchange_poll(w->x, w->now);
}

int adaptor_begin(void **state)
{
    struct adaptor_world *w = calloc(1, sizeof *w);
    w->x = malloc(sizeof *w->x);
    w->now = ADAPTOR_START;
    w->room = INT32_MAX;
    w->book =
        (struct sq_book){.day = 20251126, .epoch = 3, .sender = "DESK1", .loaded = 1, .owned = 1};
    w->peer = fix_peer_new("SQXCHG", "DESK1", false);
    w->memory = adaptor_day(&w->tables);
    adaptor_order(&w->tables, 1, "OUR1", 77);
    *state = w;
    return 0;
}

int adaptor_end(void **state)
{
    struct adaptor_world *w = *state;
    fix_peer_free(w->peer);
    free(w->memory);
    free(w->x);
    free(w);
    return 0;
}

/* ---- the wire between the two ---------------------------------------------------------------- */

size_t adaptor_to_peer(struct adaptor_world *w)
{
    size_t n;
    const char *bytes = fix_exchange_output(w->x, &n);
    if (w->peer->deaf || n == 0)
        return 0;
    n = fix_session_receive(&w->peer->session, bytes, n);
    fix_exchange_written(w->x, n);
    return n;
}

size_t adaptor_from_peer(struct adaptor_world *w)
{
    size_t n;
    const char *bytes = fix_session_output(&w->peer->session, &n);
    if (n == 0)
        return 0;
    n = fix_exchange_receive(w->x, bytes, n);
    fix_session_written(&w->peer->session, n);
    return n;
}

void adaptor_run(struct adaptor_world *w)
{
    size_t moved;
    do {
        fix_exchange_poll(w->x, w->now);
        fix_peer_poll(w->peer, w->now);
        moved = adaptor_to_peer(w);
        moved += adaptor_from_peer(w);
    } while (moved > 0);
}

void adaptor_connect(struct adaptor_world *w)
{
    assert_true(fix_exchange_wants_link(w->x));
    fix_session_connect(&w->peer->session, w->now);
    fix_exchange_connect(w->x, w->now);
    adaptor_run(w);
}

void adaptor_cut(struct adaptor_world *w)
{
    fix_session_disconnect(&w->peer->session);
    fix_exchange_disconnect(w->x, "cable pulled");
    adaptor_run(w);
}

/* Logged on, proven, and what that said forgotten. */
void adaptor_log_on(struct adaptor_world *w)
{
    adaptor_start(w);
    adaptor_connect(w);
    w->inputs = 0;
    fix_peer_clear(w->peer);
}

struct sq_message adaptor_request(struct adaptor_world *w, enum sq_kind kind, const char *clord)
{
    struct sq_message m = {.kind = (uint16_t)kind};
    struct sq_request_order *r = &m.as.request;
    *r = (struct sq_request_order){.account = "ACC10421",
                                   .key = adaptor_key,
                                   .symbol = "NIFTY",
                                   .side = SQ_SIDE_SELL,
                                   .price_decimals = 2,
                                   .qty = 65,
                                   .limit = 12040,
                                   .send_before = SQ_NEVER,
                                   .epoch = 3,
                                   .conn = w->x->conn};
    snprintf(r->clord, sizeof r->clord, "%s", clord);
    return m;
}

void adaptor_ask(struct adaptor_world *w, const struct sq_message *request)
{
    w->x->port.ops->send(&w->x->port, request);
}

void adaptor_send_new(struct adaptor_world *w, const char *clord)
{
    struct sq_message m = adaptor_request(w, SQ_REQUEST_NEW, clord);
    m.as.request.send_before = w->now + 2 * SQ_SECOND;
    adaptor_ask(w, &m);
}
