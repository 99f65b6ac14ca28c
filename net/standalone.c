#include "net/standalone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FIRST_WAIT_MS = 200,
    LONGEST_WAIT_MS = 30000,
    CLOSE_WAIT_MS = 2000, /* for a peer to take our last words */
};

struct standalone;

/* A FIX session as a link sees it: the same words for orders and prices. */
struct link_session {
    bool (*wants_link)(const struct standalone *s);
    void (*connect)(struct standalone *s, sq_time now);
    void (*disconnect)(struct standalone *s, const char *why);
    bool (*wants_close)(const struct standalone *s);
    bool (*is_up)(const struct standalone *s);
    size_t (*receive)(struct standalone *s, const char *bytes, size_t n);
    void (*poll)(struct standalone *s, sq_time now);
    const char *(*output)(const struct standalone *s, size_t *n);
    void (*written)(struct standalone *s, size_t k);
    sq_time (*deadline)(const struct standalone *s);
};

struct link {
    struct standalone *s;
    const struct link_session *session;
    struct reconnect reconnect;
    bool market;
    sq_time retry_at;
    sq_time close_at; /* when the peer has had time enough to take our last words */
    struct tcp tcp;
};

struct standalone {
    struct standalone_config config;
    struct driver driver;
    struct link orders;
    struct link prices;
    struct fix_market market;
    bool market_started;
    bool stopping;
    void *market_rows;
    struct fix_exchange exchange; /* last: it is large, and hardly touched */
};

static void log_line(void *owner, const char *line)
{
    struct standalone *s = owner;
    if (s->config.log != NULL)
        s->config.log(s->config.owner, line);
}

/* ---- the two sessions ----------------------------------------------------------------------- */

static bool orders_wants_link(const struct standalone *s)
{
    return fix_exchange_wants_link(&s->exchange);
}

static void orders_connect(struct standalone *s, sq_time now)
{
    fix_exchange_connect(&s->exchange, now);
}

static void orders_disconnect(struct standalone *s, const char *why)
{
    fix_exchange_disconnect(&s->exchange, why);
}

static bool orders_wants_close(const struct standalone *s)
{
    return fix_exchange_wants_close(&s->exchange);
}

static bool orders_is_up(const struct standalone *s)
{
    return s->exchange.up;
}

static size_t orders_receive(struct standalone *s, const char *bytes, size_t n)
{
    return fix_exchange_receive(&s->exchange, bytes, n);
}

static void orders_poll(struct standalone *s, sq_time now)
{
    fix_exchange_poll(&s->exchange, now);
}

static const char *orders_output(const struct standalone *s, size_t *n)
{
    return fix_exchange_output(&s->exchange, n);
}

static void orders_written(struct standalone *s, size_t k)
{
    fix_exchange_written(&s->exchange, k);
}

static sq_time orders_deadline(const struct standalone *s)
{
    return fix_exchange_deadline(&s->exchange);
}

static const struct link_session orders_session = {
    orders_wants_link, orders_connect, orders_disconnect, orders_wants_close, orders_is_up,
    orders_receive,    orders_poll,    orders_output,     orders_written,     orders_deadline,
};

/* Whoever does not own the book leaves the feed's one session to the owner. */
static bool prices_wants_link(const struct standalone *s)
{
    const struct fix_exchange *x = &s->exchange;
    return s->market_started && !s->stopping && !s->market.closing && !x->stopping && !x->fenced &&
           (x->book.owned || !x->book.loaded) && s->market.session.state == FIX_DISCONNECTED;
}

static void prices_connect(struct standalone *s, sq_time now)
{
    fix_market_connect(&s->market, now);
}

static void prices_disconnect(struct standalone *s, const char *why)
{
    if (s->market_started)
        fix_market_disconnect(&s->market, why);
}

static bool prices_wants_close(const struct standalone *s)
{
    return fix_market_wants_close(&s->market);
}

static bool prices_is_up(const struct standalone *s)
{
    return s->market.up;
}

static size_t prices_receive(struct standalone *s, const char *bytes, size_t n)
{
    return fix_market_receive(&s->market, bytes, n);
}

static void prices_poll(struct standalone *s, sq_time now)
{
    if (s->market_started)
        fix_market_poll(&s->market, now);
}

static const char *prices_output(const struct standalone *s, size_t *n)
{
    return fix_market_output(&s->market, n);
}

static void prices_written(struct standalone *s, size_t k)
{
    fix_market_written(&s->market, k);
}

static sq_time prices_deadline(const struct standalone *s)
{
    return s->market_started ? fix_market_deadline(&s->market) : SQ_NEVER;
}

static const struct link_session prices_session = {
    prices_wants_link, prices_connect, prices_disconnect, prices_wants_close, prices_is_up,
    prices_receive,    prices_poll,    prices_output,     prices_written,     prices_deadline,
};

/* ---- a link: one session over one connection after another ---------------------------------- */

static void wait_before_retry(struct link *link)
{
    int64_t wait_ms = reconnect_wait_ms(&link->reconnect, loop_random());
    link->retry_at = loop_now(link->s->config.loop) + wait_ms * SQ_MS;
    link->close_at = SQ_NEVER;
}

static void on_connected(void *owner)
{
    struct link *link = owner;
    link->session->connect(link->s, loop_now(link->s->config.loop));
}

static size_t on_receive(void *owner, const char *bytes, size_t n)
{
    struct link *link = owner;
    return link->session->receive(link->s, bytes, n);
}

static const char *on_output(void *owner, size_t *n)
{
    struct link *link = owner;
    return link->session->output(link->s, n);
}

static void on_written(void *owner, size_t k)
{
    struct link *link = owner;
    link->session->written(link->s, k);
}

static void on_disconnected(void *owner, const char *why)
{
    struct link *link = owner;
    link->session->disconnect(link->s, why);
    wait_before_retry(link);
}

static const struct tcp_machine machine = {on_connected, on_receive, on_output, on_written,
                                           on_disconnected};

static void open_socket(struct link *link)
{
    const struct standalone_config *config = &link->s->config;
    if (config->open == NULL) {
        tcp_connect(&link->tcp, config->address, config->port);
        return;
    }
    int fd = config->open(config->owner, link->market);
    if (fd >= 0)
        tcp_adopt(&link->tcp, fd);
    else
        on_disconnected(link, "no connection to be had");
}

static void close_link(struct link *link)
{
    tcp_close(&link->tcp);
    link->session->disconnect(link->s, "closed");
    wait_before_retry(link);
}

/* Our last words are written before the socket is closed, if the peer takes them. */
static void close_when_written(struct link *link, sq_time now)
{
    size_t n;
    if (!link->session->wants_close(link->s))
        return;
    if (link->close_at == SQ_NEVER)
        link->close_at = now + CLOSE_WAIT_MS * SQ_MS;
    link->session->output(link->s, &n);
    if (n == 0 || now >= link->close_at || link->tcp.state != TCP_CONNECTED)
        close_link(link);
}

/* Polling makes output and room, pumping takes both: until neither has anything to give. */
static void move_bytes(struct link *link, sq_time now)
{
    size_t held;
    link->session->poll(link->s, now);
    do {
        held = link->tcp.held - link->tcp.held_at;
        tcp_pump(&link->tcp);
        link->session->poll(link->s, now);
    } while (link->tcp.held - link->tcp.held_at < held);
    tcp_pump(&link->tcp);
}

static void move_link(struct link *link, sq_time now)
{
    if (link->tcp.state == TCP_CLOSED && now >= link->retry_at &&
        link->session->wants_link(link->s))
        open_socket(link);
    move_bytes(link, now);
    if (link->session->is_up(link->s))
        reconnect_succeeded(&link->reconnect);
    close_when_written(link, now);
}

static sq_time link_deadline(const struct link *link)
{
    sq_time at = link->session->deadline(link->s);
    if (link->tcp.state == TCP_CLOSED && link->session->wants_link(link->s) && link->retry_at < at)
        at = link->retry_at;
    return link->close_at < at ? link->close_at : at;
}

static void init_link(struct link *link, struct standalone *s, const struct link_session *session,
                      bool market)
{
    link->s = s;
    link->session = session;
    link->market = market;
    link->reconnect = (struct reconnect){FIRST_WAIT_MS, LONGEST_WAIT_MS, 0};
    link->close_at = SQ_NEVER;
    tcp_init(&link->tcp, s->config.loop, &machine, link);
}

/* ---- prices --------------------------------------------------------------------------------- */

static void on_rate(void *owner, uint32_t instrument, const struct sq_rate *rate)
{
    struct standalone *s = owner;
    sq_board_rate(s->config.board, instrument, rate);
    if (s->config.rated != NULL)
        s->config.rated(s->config.owner, instrument);
}

static void on_feed(void *owner, enum sq_exchange exchange, sq_time time, bool gap)
{
    struct standalone *s = owner;
    sq_board_feed(s->config.board, exchange, time, gap);
}

static const char *first_of(const char *text, const char *otherwise)
{
    return text[0] != '\0' ? text : otherwise;
}

/* The feed's name follows from the book's, so it begins when there is a book. */
static void start_market(struct standalone *s)
{
    const struct standalone_config *c = &s->config;
    const char *sender = sq_engine_tables(sq_host_engine(c->host))->book.sender;
    if (s->market_started || c->no_market || sender[0] == '\0')
        return;
    struct fix_market_config config = {.heartbeat_s = c->heartbeat_s,
                                       .username = c->username,
                                       .password = c->password,
                                       .tables = c->tables,
                                       .room = c->instruments,
                                       .rate = on_rate,
                                       .feed = on_feed,
                                       .log = log_line,
                                       .owner = s};
    if (c->market_sender_comp_id[0] != '\0')
        memcpy(config.sender_comp_id, c->market_sender_comp_id, sizeof config.sender_comp_id);
    else
        snprintf(config.sender_comp_id, sizeof config.sender_comp_id, "%s-MD", sender);
    snprintf(config.target_comp_id, sizeof config.target_comp_id, "%s",
             first_of(c->market_target_comp_id, c->target_comp_id));
    fix_market_init(&s->market, &config, s->market_rows);
    s->market_started = true;
}

/* ---- driving -------------------------------------------------------------------------------- */

static bool submit(void *owner, const struct sq_message *input)
{
    struct standalone *s = owner;
    return sq_host_submit(s->config.host, input);
}

static void move(void *owner, sq_time now)
{
    struct standalone *s = owner;
    if (s->config.before != NULL)
        s->config.before(s->config.owner, now);
    start_market(s);
    move_link(&s->orders, now);
    move_link(&s->prices, now);
}

static sq_time deadline(void *owner)
{
    const struct standalone *s = owner;
    sq_time orders = link_deadline(&s->orders), prices = link_deadline(&s->prices);
    return orders < prices ? orders : prices;
}

static void acted(void *owner)
{
    const struct standalone *s = owner;
    if (s->config.acted != NULL)
        s->config.acted(s->config.owner);
}

static void stopped(void *owner, enum sq_err error)
{
    const struct standalone *s = owner;
    if (s->config.stopped != NULL)
        s->config.stopped(s->config.owner, error);
}

static void init_exchange(struct standalone *s)
{
    const struct standalone_config *c = &s->config;
    const struct sq_tables *tables = sq_engine_tables(sq_host_engine(c->host));
    struct fix_exchange_config config = {.heartbeat_s = c->heartbeat_s,
                                         .username = c->username,
                                         .password = c->password,
                                         .no_mass_status = c->no_mass_status,
                                         .tables = tables,
                                         .submit = submit,
                                         .log = log_line,
                                         .owner = s};
    memcpy(config.target_comp_id, c->target_comp_id, sizeof config.target_comp_id);
    fix_exchange_init(&s->exchange, &config);
    fix_exchange_start(&s->exchange, &tables->book);
}

struct standalone *standalone_create(const struct standalone_config *config)
{
    struct standalone *s = calloc(1, sizeof *s);
    void *rows = calloc(1, fix_market_rows_size(config->instruments));
    if (s == NULL || rows == NULL) {
        free(s);
        free(rows);
        return NULL;
    }
    s->config = *config;
    s->market_rows = rows;
    init_exchange(s);
    init_link(&s->orders, s, &orders_session, false);
    init_link(&s->prices, s, &prices_session, true);
    sq_host_set_exchange(config->host, &s->exchange.port);
    sq_host_set_board(config->host, config->board);
    if (!sq_host_listen(config->host, &s->exchange.listener)) {
        standalone_free(s);
        return NULL;
    }
    const struct driver_config drive = {.loop = config->loop,
                                        .host = config->host,
                                        .store = config->store,
                                        .move = move,
                                        .deadline = deadline,
                                        .acted = acted,
                                        .stopped = stopped,
                                        .owner = s};
    driver_start(&s->driver, &drive);
    return s;
}

void standalone_stop(struct standalone *s)
{
    s->stopping = true;
    driver_finish(&s->driver);
    tcp_close(&s->orders.tcp);
    tcp_close(&s->prices.tcp);
}

void standalone_free(struct standalone *s)
{
    if (s != NULL)
        free(s->market_rows);
    free(s);
}

void standalone_logout(struct standalone *s, const char *why)
{
    s->stopping = true;
    fix_exchange_logout(&s->exchange, loop_now(s->config.loop), why);
}

bool standalone_leave(struct standalone *s, const char *why, bool cut)
{
    struct fix_exchange *x = &s->exchange;
    if (!x->stopping)
        fix_exchange_logout(x, loop_now(s->config.loop), why);
    else if (cut && s->orders.tcp.state != TCP_CLOSED)
        close_link(&s->orders);
    if (s->prices.tcp.state != TCP_CLOSED)
        close_link(&s->prices);
    return !x->up && s->orders.tcp.state == TCP_CLOSED && driver_is_idle(&s->driver);
}

void standalone_stay(struct standalone *s)
{
    fix_exchange_resume(&s->exchange);
}

bool standalone_is_quiet(const struct standalone *s)
{
    return !s->exchange.up && s->exchange.pending_count == 0 && driver_is_idle(&s->driver);
}

void standalone_source(const struct standalone *s, struct sq_source_info *source)
{
    source->order_up = s->exchange.up;
    source->order_rtt_us = s->exchange.rtt_us;
    source->price_up = s->market_started && s->market.up;
    source->price_heard = s->market.session.last_in_us;
}

const struct fix_exchange *standalone_orders(const struct standalone *s)
{
    return &s->exchange;
}

const struct fix_market *standalone_prices(const struct standalone *s)
{
    return &s->market;
}

const struct driver *standalone_driver(const struct standalone *s)
{
    return &s->driver;
}
