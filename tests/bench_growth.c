/*
 * bench_growth.c: does one more position make every other one dearer? The same work in books of
 * 1x, 10x and 100x the size, and its cost for each position against that of the smallest book.
 *
 * Caches make a large book a few times dearer (instructions for each position stay the same within
 * 3 %); work that grows with the square makes it a hundred times dearer, which this looks for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/squareoff.h"
#include "tests/book_maker.h"

enum { HELD = 8, SMALLEST = 64, SIZES = 3, DAY = 20261126 };

/* Nanoseconds for each position of a book. */
struct cost {
    double load;    /* rows of the day, through the engine */
    double close;   /* one accepted close */
    double fill;    /* its order filled */
    double fold;    /* its events folded into a view */
    double revalue; /* every contract ticks once */
};

struct book {
    uint32_t positions;
    struct sq_config config;
    struct sq_engine *engine;
    void *memory;
    struct sq_output out;
    struct sq_view *view;
    double folding; /* seconds spent in folding events into the view */
    sq_time now;
};

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void fail(const char *what)
{
    fprintf(stderr, "bench_growth: %s\n", what);
    exit(1);
}

static void step(struct book *b, struct sq_message *input)
{
    input->seq = sq_engine_seq(b->engine) + 1;
    input->time = b->now;
    b->out.event_count = b->out.request_count = 0;
    sq_step(b->engine, input, &b->out);
    for (size_t i = 0; i < b->out.event_count; i++)
        if (b->out.events[i].kind == SQ_REFUSED)
            fail("an input was refused");
}

static void load(struct book *b, enum sq_kind kind, const void *body)
{
    struct sq_message input = maker_event(0, kind, body);
    step(b, &input);
}

static void load_line(struct book *b, const char *line)
{
    struct sq_message input;
    char why[256];
    if (sq_line_parse(line, &input, why, sizeof why) != 0)
        fail(why);
    step(b, &input);
}

static const char *client_of(uint32_t position)
{
    static char code[SQ_CLIENT_SIZE];
    snprintf(code, sizeof code, "C%u", position / HELD);
    return code;
}

static uint32_t contracts(const struct book *b)
{
    uint32_t whole = b->positions / HELD;
    return whole ? whole : 1;
}

/* Eight positions a client, and eight holders a contract. */
static uint32_t token_of(const struct book *b, uint32_t position)
{
    return position % contracts(b) + 1;
}

static void load_rows(struct book *b)
{
    for (uint32_t i = 0; i < contracts(b); i++) {
        struct sq_instrument instrument = maker_instrument(i + 1);
        struct sq_client client = maker_client(client_of(i * HELD));
        instrument.freeze = 1801;
        snprintf(instrument.symbol, sizeof instrument.symbol, "S%u", i);
        load(b, SQ_INSTRUMENT, &instrument);
        load(b, SQ_CLIENT, &client);
    }
    for (uint32_t i = 0; i < b->positions; i++) {
        struct sq_position position = maker_position(client_of(i), token_of(b, i), 100);
        position.source = SQ_SOURCE_AGREED;
        load(b, SQ_POSITION, &position);
    }
}

static void open_day(struct book *b)
{
    struct sq_hours hours = {.exchange = SQ_EXCHANGE_NFO, .close = INT64_MAX};
    struct sq_day_done done = {.positions = b->positions};
    load_line(b, "day day=20261126 epoch=1 book=MU1 desk=MUM-1 sender=SQ1");
    load_line(b, "person code=SUP1 role=SUPERVISOR active=1");
    load(b, SQ_HOURS, &hours);
    load_rows(b);
    load(b, SQ_DAY_DONE, &done);
    load_line(b, "supervise what=control value=1 person=SUP1 reason=bench");
    load_line(b, "supervise what=control value=2 person=SUP1 reason=bench");
    load_line(b, "link up=1 conn=1");
    load_line(b, "mass-done conn=1 fix_seq=1 proven=1");
}

static void create(struct book *b, uint32_t positions)
{
    *b = (struct book){.positions = positions};
    sq_config_default(&b->config);
    b->config.instruments = b->config.clients = contracts(b);
    b->config.positions = b->config.orders = b->config.closes = positions;
    b->config.fills = b->config.intents = positions;
    b->config.orders_per_second = b->config.orders_burst = 100000;
    b->memory = maker_memory(sq_engine_size(&b->config));
    b->engine = sq_engine_init(b->memory, &b->config);
    b->out.event_room = b->out.request_room = sq_output_room(&b->config);
    b->out.events = maker_memory(b->out.event_room * sizeof *b->out.events);
    b->out.requests = maker_memory(b->out.request_room * sizeof *b->out.requests);
    b->view = sq_view_init(maker_memory(sq_view_size(&b->config)), &b->config);
    b->view->board = sq_board_init(maker_memory(sq_board_size(&b->config)), &b->view->tables);
    b->now = sq_midnight(DAY) + 36000 * SQ_SECOND;
}

static void destroy(struct book *b)
{
    free(b->view->board);
    free(b->view);
    free(b->out.requests);
    free(b->out.events);
    free(b->memory);
}

/* Folds what the last step told, and keeps that time apart. */
static void fold(struct book *b)
{
    double from = seconds();
    for (size_t i = 0; i < b->out.event_count; i++)
        if (sq_view_apply(b->view, &b->out.events[i]) != 0)
            fail("an event does not fit into the view");
    b->folding += seconds() - from;
}

static void close_position(struct book *b, uint32_t position)
{
    const struct sq_tables *t = sq_engine_tables(b->engine);
    struct sq_message input = {.kind = SQ_SQUARE_OFF};
    struct sq_square_off *s = &input.as.square_off;
    s->id = (struct sq_id){1, position + 1};
    s->key = t->position[position].key;
    memcpy(s->dealer, "SUP1", 4);
    s->created = b->now;
    s->quote = (struct sq_quote){
        .bid = 10000, .ask = 10005, .last = 10000, .band_low = 5000, .band_high = 20000};
    step(b, &input);
    fold(b);
}

static void fill_order(struct book *b, uint32_t row)
{
    const struct sq_order *order = &sq_engine_tables(b->engine)->order[row];
    struct sq_message input = {.kind = SQ_REPORT};
    struct sq_report *r = &input.as.report;
    r->conn = 1;
    r->fix_seq = row + 2;
    r->key = order->key;
    memcpy(r->clord, order->clord, sizeof r->clord);
    snprintf(r->exec_id, sizeof r->exec_id, "T%u", row);
    r->exec_type = SQ_EXEC_TRADE;
    r->order_state = SQ_ORDER_FILLED;
    r->side = order->side;
    r->qty = r->cum = r->last_qty = order->qty;
    r->last_price = 10000;
    step(b, &input);
    fold(b);
}

static void view_row(void *owner, enum sq_kind kind, const void *body)
{
    struct book *b = owner;
    struct sq_message row = maker_event(0, kind, body);
    if (sq_view_apply(b->view, &row) != 0)
        fail("a row does not fit into the view");
}

static double each(const struct book *b, double took)
{
    return took * 1e9 / b->positions;
}

/* The time of one pass over all positions, without the folding in it. */
static double pass(struct book *b, void (*visit)(struct book *b, uint32_t i))
{
    double from = seconds(), folding = b->folding;
    for (uint32_t i = 0; i < b->positions; i++)
        visit(b, i);
    return each(b, seconds() - from - (b->folding - folding));
}

static void measure_once(struct book *b, struct cost *cost)
{
    double from = seconds();
    open_day(b);
    cost->load = each(b, seconds() - from);
    sq_engine_save(b->engine, view_row, b);
    cost->close = pass(b, close_position);
    cost->fill = pass(b, fill_order);
    cost->fold = each(b, b->folding);
    if (b->view->open_positions != 0)
        fail("not every position was closed");
    sq_board_reload(b->view->board);
    from = seconds();
    for (uint32_t i = 0; i < contracts(b); i++)
        sq_board_last(b->view->board, i, 10000, 1);
    cost->revalue = each(b, seconds() - from);
}

/* The best of some rounds: the machine is not ours alone. */
static struct cost measure(uint32_t positions)
{
    struct cost best = {1e9, 1e9, 1e9, 1e9, 1e9};
    for (uint32_t round = 0; round < 7; round++) {
        struct book b;
        struct cost cost;
        create(&b, positions);
        measure_once(&b, &cost);
        destroy(&b);
        const double *now = &cost.load;
        double *least = &best.load;
        for (size_t i = 0; i < sizeof cost / sizeof *now; i++)
            least[i] = now[i] < least[i] ? now[i] : least[i];
    }
    return best;
}

int main(void)
{
    static const char *const names[] = {"loaded", "closed", "filled", "folded", "revalued"};
    struct cost costs[SIZES];
    uint32_t positions = SMALLEST;
    for (int i = 0; i < SIZES; i++, positions *= 10)
        costs[i] = measure(positions);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        double first = (&costs[0].load)[i], ten = (&costs[1].load)[i], last = (&costs[2].load)[i];
        printf("a position %s, of %d | %.0f ns | %.0f ns (of %d; of %d: %.0f) | %.2f | flat\n",
               names[i], SMALLEST * 100, last, first, SMALLEST, SMALLEST * 10, ten, last / first);
    }
    return 0;
}
