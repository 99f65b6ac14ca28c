/* Figures of the server, in the Prometheus text format. */
#include <string.h>

#include "net/server_parts.h"

static const char *const do_names[] = {
#define X(tail, name, ...) name,
    WIRE_DO_MAP(X)
#undef X
        "?"};

static void put_requests(const struct server *server, struct metrics *m)
{
    static const char name[] = "squareoff_requests_total";
    metrics_family(m, name, "counter", "Requests answered, by what was asked and how it ended.");
    for (size_t what = 0; what <= WIRE_DO_COUNT; what++)
        for (size_t error = 0; error < SERVER_OUTCOMES; error++) {
            char labels[96];
            if (server->requests[what][error] == 0)
                continue;
            snprintf(labels, sizeof labels, "do=\"%s\",outcome=\"%s\"", do_names[what],
                     error == WIRE_ERROR_NONE ? "OK" : wire_error_word((enum wire_error)error));
            metrics_line(m, name, labels, (int64_t)server->requests[what][error]);
        }
}

/* One family of one line. */
static void put(struct metrics *m, const char *name, const char *type, const char *help,
                uint64_t value)
{
    metrics_family(m, name, type, help);
    metrics_line(m, name, "", (int64_t)value);
}

static void put_latency(const struct server *server, struct metrics *m)
{
    static const char name[] = "squareoff_request_seconds";
    metrics_family(m, name, "histogram", "From a request to its answer.");
    metrics_histogram(m, name, "do=\"login\"", &server->login_us);
    metrics_histogram(m, name, "do=\"submit\"", &server->submit_us);
    metrics_histogram(m, name, "do=\"preview\"", &server->preview_us);
}

/* ---- books ------------------------------------------------------------------------------------ */

static void put_states(const struct served *book, struct metrics *m)
{
    static const char name[] = "squareoff_orders";
    uint64_t counts[SQ_ORDER_COUNT] = {0};
    for (uint32_t i = 0; i < book->tables.order_count; i++)
        counts[book->tables.order[i].state]++;
    for (unsigned state = 0; state < SQ_ORDER_COUNT; state++) {
        char labels[96];
        snprintf(labels, sizeof labels, "book=\"%s\",state=\"%s\"", book->config.code,
                 sq_name(SQ_LIST_ORDER_STATE, state));
        if (counts[state] > 0)
            metrics_line(m, name, labels, (int64_t)counts[state]);
    }
}

static int64_t closes_in(const struct served *book, bool residue)
{
    int64_t count = 0;
    for (uint32_t i = 0; i < book->tables.close_count; i++) {
        uint8_t state = book->tables.close[i].state;
        count += residue ? state == SQ_CLOSE_RESIDUE : !sq_close_state_is_ended(state);
    }
    return count;
}

static int64_t order_link(const struct served *b)
{
    return b->tables.book.link;
}
static int64_t price_link(const struct served *b)
{
    return b->links.price_up;
}
static int64_t feed_age(const struct served *b)
{
    return b->links.price_age_ms;
}
static int64_t open_closes(const struct served *b)
{
    return closes_in(b, false);
}
static int64_t residues(const struct served *b)
{
    return closes_in(b, true);
}
static int64_t queued(const struct served *b)
{
    return (int64_t)sq_host_queued(b->host);
}
static int64_t in_flight(const struct served *b)
{
    return sq_host_in_flight(b->host);
}
static int64_t seq_of(const struct served *b)
{
    return (int64_t)b->seq;
}
static int64_t epoch_of(const struct served *b)
{
    return b->tables.book.epoch;
}
static int64_t control_of(const struct served *b)
{
    return b->tables.book.control;
}
static int64_t halted(const struct served *b)
{
    return b->tables.book.halted;
}
static int64_t fenced(const struct served *b)
{
    return served_is_fenced(b);
}

static int64_t handed_over(const struct served *b)
{
    return sq_host_mode(b->host) == SQ_HOST_FOLLOWING;
}

static int64_t view_only(const struct served *b)
{
    return b->links.view_only;
}
static int64_t consoles(const struct served *b)
{
    return b->subscriber_count;
}
static int64_t turns(const struct served *b)
{
    return (int64_t)b->figures.turns;
}
static int64_t inputs(const struct served *b)
{
    return (int64_t)b->figures.inputs;
}
static int64_t events(const struct served *b)
{
    return (int64_t)b->figures.events;
}
static int64_t event_bytes(const struct served *b)
{
    return (int64_t)b->figures.event_bytes;
}
static int64_t snapshots(const struct served *b)
{
    return (int64_t)b->figures.snapshots;
}
static int64_t rates(const struct served *b)
{
    return (int64_t)b->figures.rates;
}
static int64_t commit_us(const struct served *b)
{
    const struct driver *driver = b->link != NULL ? standalone_driver(b->link) : &b->driver;
    return driver->commit_us;
}

static const struct figure {
    const char *name, *type, *help;
    int64_t (*value)(const struct served *book);
} figures[] = {
    {"squareoff_order_link", "gauge", "Link to the exchange: 0 down, 1 reconciling, 2 ready.",
     order_link},
    {"squareoff_price_link", "gauge", "1: market data is logged on.", price_link},
    {"squareoff_feed_age_ms", "gauge", "Since market data last spoke; -1: never.", feed_age},
    {"squareoff_closes_open", "gauge", "Closes that have not ended.", open_closes},
    {"squareoff_residues", "gauge", "Closes that ended with quantity left.", residues},
    {"squareoff_queue_depth", "gauge", "Inputs that wait to be stepped.", queued},
    {"squareoff_orders_in_flight", "gauge", "Orders of ours that have not ended.", in_flight},
    {"squareoff_seq", "gauge", "Newest input of the journal that is published.", seq_of},
    {"squareoff_epoch", "gauge", "Epoch of ownership.", epoch_of},
    {"squareoff_control", "gauge", "0 dormant, 1 invoked, 2 active, 3 handing back.", control_of},
    {"squareoff_halted", "gauge", "1: new sends are halted.", halted},
    {"squareoff_fenced", "gauge", "1: the exchange keeps us out, another owner was there.", fenced},
    {"squareoff_handed_over", "gauge", "1: the book is with a console.", handed_over},
    {"squareoff_view_only", "gauge", "1: nothing can be sent from here.", view_only},
    {"squareoff_subscribers", "gauge", "Consoles that have the book open.", consoles},
    {"squareoff_commits_total", "counter", "Turns made durable.", turns},
    {"squareoff_inputs_total", "counter", "Inputs made durable.", inputs},
    {"squareoff_events_total", "counter", "Events rendered for consoles.", events},
    {"squareoff_event_bytes_total", "counter", "Bytes of those.", event_bytes},
    {"squareoff_snapshots_total", "counter", "Snapshots begun.", snapshots},
    {"squareoff_rates_total", "counter", "Rates that came from the exchange.", rates},
    {"squareoff_commit_us", "gauge", "How long the last commit took.", commit_us},
};

static void put_figure(const struct server *server, const struct figure *f, struct metrics *m)
{
    metrics_family(m, f->name, f->type, f->help);
    for (size_t i = 0; i < server->config.book_count; i++) {
        const struct served *book = server->config.books[i];
        char labels[32];
        snprintf(labels, sizeof labels, "book=\"%s\"", book->config.code);
        if (book->state == SERVED_OPEN)
            metrics_line(m, f->name, labels, f->value(book));
    }
}

static void put_books(const struct server *server, struct metrics *m)
{
    metrics_family(m, "squareoff_book_open", "gauge", "1: this server owns the book.");
    for (size_t i = 0; i < server->config.book_count; i++) {
        char labels[32];
        snprintf(labels, sizeof labels, "book=\"%s\"", server->config.books[i]->config.code);
        metrics_line(m, "squareoff_book_open", labels,
                     server->config.books[i]->state == SERVED_OPEN);
    }
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        put_figure(server, &figures[i], m);
    metrics_family(m, "squareoff_orders", "gauge", "Orders by state; UNKNOWN waits for an answer.");
    for (size_t i = 0; i < server->config.book_count; i++)
        if (server->config.books[i]->state == SERVED_OPEN)
            put_states(server->config.books[i], m);
}

void server_metrics(const struct server *s, struct metrics *m)
{
    put(m, "squareoff_connections", "gauge", "Connections that are open.", s->count);
    put(m, "squareoff_sessions", "gauge", "Connections that are logged in.", s->logged_in);
    put(m, "squareoff_logins_waiting", "gauge", "Logins under way.",
        login_pending(s->config.login));
    put(m, "squareoff_accepted_total", "counter", "Connections accepted.", s->accepted);
    put(m, "squareoff_refused_total", "counter", "Connections refused at the door.", s->refused);
    put(m, "squareoff_closed_total", "counter", "Connections that the server closed.",
        s->closed_by_us);
    put(m, "squareoff_frames_out_total", "counter", "Frames to consoles.", s->frames_out);
    put(m, "squareoff_bytes_out_total", "counter", "Bytes of those.", s->bytes_out);
    put(m, "squareoff_frames_in_total", "counter", "Messages from consoles.", s->frames_in);
    put(m, "squareoff_bytes_in_total", "counter", "Bytes of those.", s->bytes_in);
    put_requests(s, m);
    put_latency(s, m);
    put_books(s, m);
}
