/* The bytes between our process and the exchange: two pipes that delay, stall and break. */
#include <string.h>

#include "tests/sim_world.h"

/* ---- pipes -------------------------------------------------------------------------------------- */

static void pipe_write(struct world *w, struct pipe *p, const char *bytes, size_t n)
{
    SQ_ASSERT(p->first + p->count + n <= PIPE_BYTES);
    if (p->count == 0)
        p->arrives_us = (w->now > w->stalled_until ? w->now : w->stalled_until) + w->delay_us;
    memcpy(p->bytes + p->first + p->count, bytes, n);
    p->count += n;
}

static size_t pipe_ready(const struct world *w, const struct pipe *p)
{
    return p->count > 0 && p->arrives_us <= w->now ? p->count : 0;
}

static void pipe_take(struct pipe *p, size_t n)
{
    p->first += n;
    p->count -= n;
    if (p->count == 0)
        p->first = 0;
}

void world_pipe_clear(struct pipe *p)
{
    p->first = p->count = 0;
}

void world_cut(struct world *w, const char *why)
{
    if (w->connection < 0)
        return;
    trace(w, "-- link cut: %s", why);
    w->connect_at = w->now + w->retry_us;
    exchange_disconnect(w->exchange, w->connection, w->now);
    w->connection = -1;
    world_pipe_clear(&w->to_exchange);
    world_pipe_clear(&w->from_exchange);
    if (!w->crashed)
        fix_exchange_disconnect(w->link, why);
}

/* ---- bytes -------------------------------------------------------------------------------------- */

void link_connect(struct world *w)
{
    if (w->connection >= 0 || w->crashed || !fix_exchange_wants_link(w->link))
        return;
    if (w->now < w->stalled_until || w->now < w->connect_at)
        return;
    w->connection = exchange_connect(w->exchange, w->now);
    if (w->connection >= 0)
        fix_exchange_connect(w->link, w->now);
}

bool link_to_exchange(struct world *w)
{
    size_t n = pipe_ready(w, &w->to_exchange);
    if (n == 0 || w->connection < 0)
        return false;
    size_t taken = exchange_input(w->exchange, w->connection,
                                  w->to_exchange.bytes + w->to_exchange.first, n, w->now);
    pipe_take(&w->to_exchange, taken);
    return taken > 0;
}

bool link_from_exchange(struct world *w)
{
    size_t n = pipe_ready(w, &w->from_exchange);
    if (n == 0 || w->crashed)
        return false;
    size_t taken =
        fix_exchange_receive(w->link, w->from_exchange.bytes + w->from_exchange.first, n);
    pipe_take(&w->from_exchange, taken);
    return taken > 0;
}

bool link_take_exchange(struct world *w)
{
    size_t n = 0;
    if (w->connection < 0)
        return false;
    const char *bytes = exchange_output(w->exchange, w->connection, &n);
    if (n > 0) {
        pipe_write(w, &w->from_exchange, bytes, n);
        exchange_written(w->exchange, w->connection, n, w->now);
    }
    if (n == 0 && exchange_closing(w->exchange, w->connection) && w->from_exchange.count == 0)
        world_cut(w, "closed by the exchange");
    return n > 0;
}

bool link_take_ours(struct world *w)
{
    size_t n = 0;
    if (w->connection < 0 || w->crashed)
        return false;
    const char *bytes = fix_exchange_output(w->link, &n);
    if (n > 0) {
        pipe_write(w, &w->to_exchange, bytes, n);
        fix_exchange_written(w->link, n);
    }
    if (n == 0 && fix_exchange_wants_close(w->link) && w->to_exchange.count == 0)
        world_cut(w, "closed by us");
    return n > 0;
}
