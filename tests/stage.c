/* stage.c: the host that scenarios are played on. */
#include "tests/stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/store_memory.h"
#include "tests/book_maker.h"

#define OF(pointer, member) \
    ((struct stage *)(void *)((char *)(pointer)-offsetof(struct stage, member)))

static int failed(char *why, const char *what)
{
    snprintf(why, STAGE_WHY, "%s", what);
    return -1;
}

/* ---- what is heard ------------------------------------------------------------------------- */

static void trace(struct stage *s, const struct sq_message *message)
{
    if (s->trace_count == STAGE_TRACE)
        abort();
    s->trace[s->trace_count++] = *message;
}

static void answer_sent(struct stage *s, const struct sq_request_order *request)
{
    struct sq_message *answer = &s->answers[s->answer_count++];
    memset(answer, 0, sizeof *answer);
    answer->kind = SQ_SENT;
    answer->as.sent.conn = request->conn;
    answer->as.sent.fix_seq = ++s->out_seq;
    memcpy(answer->as.sent.clord, request->clord, SQ_CLORD_SIZE);
}

static void on_request(struct sq_exchange_port *port, const struct sq_message *request)
{
    struct stage *s = OF(port, port);
    trace(s, request);
    if (request->kind != SQ_REQUEST_NEW && request->kind != SQ_REQUEST_CANCEL)
        return;
    if (s->clord_count == STAGE_CLORDS || s->answer_count == STAGE_CLORDS)
        abort();
    memcpy(s->clords[s->clord_count++], request->as.request.clord, SQ_CLORD_SIZE);
    if (s->numbers_requests)
        answer_sent(s, &request->as.request);
}

static void on_event(struct sq_listener *listener, const struct sq_message *event)
{
    struct stage *s = OF(listener, listener);
    trace(s, event);
    if (sq_view_apply(s->view, event) != 0)
        s->view_failed = true;
}

/* ---- made and ended ------------------------------------------------------------------------ */

static void small_config(struct sq_config *config)
{
    sq_config_default(config);
    config->instruments = 32;
    config->clients = 8;
    config->people = 8;
    config->hours = 16;
    config->positions = 32;
    config->orders = 128;
    config->closes = 64;
    config->fills = 128;
    config->intents = 64;
}

struct stage *stage_create(void)
{
    static const struct sq_exchange_ops ops = {.send = on_request};
    struct stage *s = maker_memory(sizeof *s);
    small_config(&s->config);
    s->store = store_memory_create();
    s->port.ops = &ops;
    s->listener.event = on_event;
    s->numbers_requests = true;
    s->feed_on = true;
    return s;
}

static void drop_host(struct stage *s)
{
    if (s->view)
        free(s->view->board);
    free(s->view);
    free(s->host_memory);
    s->view = NULL;
    s->host = NULL;
    s->host_memory = NULL;
}

void stage_destroy(struct stage *s)
{
    drop_host(s);
    s->store->ops->destroy(s->store);
    free(s);
}

static void view_row(void *owner, enum sq_kind kind, const void *body)
{
    struct stage *s = owner;
    struct sq_message row = maker_event(0, kind, body);
    if (sq_view_apply(s->view, &row) != 0)
        s->view_failed = true;
}

static void tell_rate(struct stage *s, const struct stage_rate *rate)
{
    uint32_t row = sq_find_instrument(&s->view->tables, rate->exchange, rate->token);
    if (row != SQ_NO_ROW)
        sq_board_rate(s->view->board, row, &rate->rate);
}

/* A view and a board as a screen makes them when it comes: rows first, then rates. */
static void make_view(struct stage *s)
{
    s->view = sq_view_init(maker_memory(sq_view_size(&s->config)), &s->config);
    sq_engine_save(sq_host_engine(s->host), view_row, s);
    s->view->board = sq_board_init(maker_memory(sq_board_size(&s->config)), &s->view->tables);
    sq_board_reload(s->view->board);
    for (size_t i = 0; i < s->rate_count; i++)
        tell_rate(s, &s->rates[i]);
    sq_host_set_board(s->host, s->view->board);
    sq_host_listen(s->host, &s->listener);
}

static void tell_feeds(struct stage *s)
{
    if (!s->view || !s->feed_on)
        return;
    for (int exchange = SQ_EXCHANGE_NONE + 1; exchange < SQ_EXCHANGE_COUNT; exchange++)
        sq_board_feed(s->view->board, (enum sq_exchange)exchange, s->now, s->feed_gap);
}

/* Runs until neither the host nor the exchange has anything to say. */
static int run(struct stage *s, char *why)
{
    tell_feeds(s);
    for (;;) {
        enum sq_err error = sq_host_run(s->host, s->now);
        if (error != SQ_ERR_OK)
            return failed(why, sq_strerror(error));
        if (s->answer_count == 0)
            return s->view_failed ? failed(why, "an event does not fit into the view") : 0;
        size_t count = s->answer_count;
        s->answer_count = 0;
        if (!sq_host_submit_all(s->host, s->answers, count))
            return failed(why, "the host's queue is full");
    }
}

static int start(struct stage *s, char *why)
{
    char text[128] = "";
    s->host_memory = maker_memory(sq_host_size(&s->config));
    s->host = sq_host_init(s->host_memory, &s->config, s->store, &s->port, NULL);
    enum sq_err error = sq_host_recover(s->host, text, sizeof text);
    if (error != SQ_ERR_OK) {
        snprintf(why, STAGE_WHY, "recovery: %s: %s", sq_strerror(error), text);
        return -1;
    }
    make_view(s);
    return 0;
}

static int need_host(struct stage *s, char *why)
{
    return s->host || (start(s, why) == 0 && run(s, why) == 0) ? 0 : -1;
}

int stage_restart(struct stage *s, char *why)
{
    if (need_host(s, why) != 0)
        return -1;
    uint64_t digest = sq_engine_digest(sq_host_engine(s->host));
    drop_host(s);
    s->answer_count = 0;
    if (start(s, why) != 0)
        return -1;
    if (sq_engine_digest(sq_host_engine(s->host)) != digest)
        return failed(why, "the recovered state is another one");
    return run(s, why);
}

int stage_snapshot(struct stage *s, char *why)
{
    if (need_host(s, why) != 0)
        return -1;
    enum sq_err error = sq_host_snapshot(s->host);
    return error == SQ_ERR_OK ? 0 : failed(why, sq_strerror(error));
}

/* ---- reading ------------------------------------------------------------------------------- */

static bool names(const char *line, const char *field)
{
    char wanted[40];
    snprintf(wanted, sizeof wanted, " %s=", field);
    return strstr(line, wanted) != NULL;
}

int stage_configure(struct stage *s, const char *line, char *why)
{
    const struct sq_kind_info *info = sq_kind_info(SQ_CONFIG);
    struct sq_message message;
    if (s->host)
        return failed(why, "the configuration comes before the first input");
    if (sq_line_parse(line, &message, why, STAGE_WHY) != 0)
        return -1;
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        if (names(line, field->name))
            memcpy((char *)&s->config + field->offset, (char *)&message.as + field->offset,
                   field->size);
    }
    return sq_config_check(&s->config, why, STAGE_WHY);
}

static void complete_square_off(struct stage *s, const char *line, struct sq_square_off *intent)
{
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(s->host));
    uint32_t position = sq_find_position(t, &intent->key);
    if (sq_id_is_zero(intent->id))
        intent->id = (struct sq_id){0x5ce0a21000000000, ++s->last_id};
    if (!names(line, "created"))
        intent->created = s->now;
    if (!names(line, "seen_net") && position != SQ_NO_ROW)
        intent->seen_net = t->position[position].net;
}

/* What an order's state is after an exec type, where a scenario does not say otherwise. */
static enum sq_order_state usual_state(const struct sq_report *r)
{
    static const uint8_t usual[SQ_EXEC_COUNT] = {
        [SQ_EXEC_NEW] = SQ_ORDER_ACKED,           [SQ_EXEC_TRADE] = SQ_ORDER_PARTIAL,
        [SQ_EXEC_CANCELLED] = SQ_ORDER_CANCELLED, [SQ_EXEC_REJECTED] = SQ_ORDER_REJECTED,
        [SQ_EXEC_EXPIRED] = SQ_ORDER_EXPIRED,
    };
    if (r->exec_type == SQ_EXEC_TRADE && r->leaves == 0)
        return SQ_ORDER_FILLED;
    return usual[r->exec_type];
}

static void complete_of_order(const char *line, struct sq_report *r, const struct sq_order *o)
{
    bool ends = r->exec_type == SQ_EXEC_CANCELLED || r->exec_type == SQ_EXEC_REJECTED ||
                r->exec_type == SQ_EXEC_EXPIRED;
    r->key = o->key;
    r->side = o->side;
    r->type = o->type;
    r->limit = o->limit;
    if (!names(line, "qty"))
        r->qty = o->qty;
    if (!names(line, "cum"))
        r->cum = o->cum + r->last_qty;
    if (!names(line, "leaves"))
        r->leaves = ends ? 0 : r->qty - r->cum;
    if (!names(line, "exch_no") && o->exch_no[0])
        memcpy(r->exch_no, o->exch_no, sizeof r->exch_no);
    else if (!names(line, "exch_no"))
        snprintf(r->exch_no, sizeof r->exch_no, "E%u", (unsigned)o->no);
}

static void complete_report(struct stage *s, const char *line, struct sq_report *r)
{
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(s->host));
    uint32_t row = sq_find_clord(t, r->clord);
    if (row != SQ_NO_ROW && !r->unknown_order)
        complete_of_order(line, r, &t->order[row]);
    if (!names(line, "order_state"))
        r->order_state = (uint8_t)usual_state(r);
    if (!names(line, "conn"))
        r->conn = s->conn;
    if (!names(line, "fix_seq"))
        r->fix_seq = ++s->in_seq;
    if (!names(line, "time"))
        r->time = s->now;
    if (!names(line, "exec_id"))
        snprintf(r->exec_id, sizeof r->exec_id, "T%u", (unsigned)++s->last_exec);
}

static void complete_cancel_reject(struct stage *s, const char *line, struct sq_cancel_reject *r)
{
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(s->host));
    uint32_t row = sq_find_clord(t, r->clord);
    if (row != SQ_NO_ROW && !names(line, "orig_clord"))
        memcpy(r->orig_clord, t->order[row].clord, sizeof r->orig_clord);
    r->conn = s->conn;
    r->fix_seq = ++s->in_seq;
}

static void complete(struct stage *s, const char *line, struct sq_message *input)
{
    switch (input->kind) {
    case SQ_SQUARE_OFF: complete_square_off(s, line, &input->as.square_off); break;
    case SQ_REPORT: complete_report(s, line, &input->as.report); break;
    case SQ_CANCEL_REJECT: complete_cancel_reject(s, line, &input->as.cancel_reject); break;
    case SQ_LINK:
        s->conn += input->as.link.up;
        input->as.link.conn = s->conn;
        break;
    case SQ_MASS_DONE:
        input->as.mass_done.conn = s->conn;
        input->as.mass_done.fix_seq = ++s->in_seq;
        break;
    case SQ_MANUAL_FILL:
        if (sq_id_is_zero(input->as.manual_fill.id))
            input->as.manual_fill.id = (struct sq_id){0x5ce0a21000000000, ++s->last_id};
        break;
    default: break;
    }
}

int stage_read(struct stage *s, const char *line, struct sq_message *input, char *why)
{
    if (sq_line_parse(line, input, why, STAGE_WHY) != 0 || need_host(s, why) != 0)
        return -1;
    complete(s, line, input);
    return 0;
}

/* ---- playing ------------------------------------------------------------------------------- */

/* A process that takes the book over leads from then on. */
static bool is_taking(const struct sq_message *input)
{
    return input->kind == SQ_OWNERSHIP && input->as.ownership.what == SQ_OWNERSHIP_TAKE;
}

int stage_play(struct stage *s, const struct sq_message *inputs, size_t count, char *why)
{
    if (need_host(s, why) != 0)
        return -1;
    if (count > 0 && is_taking(&inputs[0]))
        sq_host_lead(s->host);
    if (!sq_host_submit_all(s->host, inputs, count))
        return failed(why, "the host's queue is full");
    return run(s, why);
}

int stage_to(struct stage *s, sq_time time, char *why)
{
    if (time < s->now)
        return failed(why, "time never goes back");
    if (s->host == NULL) {
        s->now = time;
        return 0;
    }
    for (sq_time due; (due = sq_host_deadline(s->host)) <= time;) {
        s->now = due > s->now ? due : s->now;
        if (run(s, why) != 0)
            return -1;
    }
    s->now = time;
    tell_feeds(s);
    return 0;
}

static struct stage_rate *rate_of(struct stage *s, uint8_t exchange, uint32_t token)
{
    for (size_t i = 0; i < s->rate_count; i++)
        if (s->rates[i].exchange == exchange && s->rates[i].token == token)
            return &s->rates[i];
    if (s->rate_count == STAGE_RATES)
        abort();
    return &s->rates[s->rate_count++];
}

int stage_rate(struct stage *s, const char *line, char *why)
{
    char quote[SQ_LINE_MAX];
    struct sq_message message;
    snprintf(quote, sizeof quote, "quote%s", line + strlen("rate"));
    if (need_host(s, why) != 0 || sq_line_parse(quote, &message, why, STAGE_WHY) != 0)
        return -1;
    const struct sq_quote_answer *told = &message.as.quote;
    struct stage_rate *rate = rate_of(s, told->exchange, told->token);
    *rate = (struct stage_rate){
        .exchange = told->exchange,
        .token = told->token,
        .rate = {.bid[0] = {told->quote.bid, told->quote.bid != 0},
                 .ask[0] = {told->quote.ask, told->quote.ask != 0},
                 .last = told->quote.last,
                 .band_low = told->quote.band_low,
                 .band_high = told->quote.band_high,
                 .time = s->now,
                 .trade_time = told->quote.last ? s->now : 0},
    };
    if (sq_find_instrument(&s->view->tables, told->exchange, told->token) == SQ_NO_ROW)
        return failed(why, "no such contract");
    tell_rate(s, rate);
    return 0;
}

/* ---- checking ------------------------------------------------------------------------------ */

/* Deadlines move without an event: only the engine wakes by them. */
static bool is_deadline(const struct sq_field *field)
{
    return strcmp(field->name, "due") == 0 || strcmp(field->name, "ask_at") == 0;
}

static int compare(enum sq_kind kind, const char *engine, const char *view, char *why)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    char a[SQ_LINE_MAX], b[SQ_LINE_MAX];
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        if (is_deadline(field) ||
            memcmp(engine + field->offset, view + field->offset, field->size) == 0)
            continue;
        sq_line(kind, engine, a, sizeof a);
        sq_line(kind, view, b, sizeof b);
        snprintf(why, STAGE_WHY, "%s of the view differs\n  engine %.200s\n  view   %.200s",
                 field->name, a, b);
        return -1;
    }
    return 0;
}

int stage_check(const struct stage *s, char *why)
{
    if (s->host == NULL)
        return 0;
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(s->host)), *v = &s->view->tables;
#define X(member, type, kind)                                                                  \
    if (t->member##_count != v->member##_count)                                                \
        return failed(why, "the view has another number of rows: " #member);                   \
    for (uint32_t i = 0; i < t->member##_count; i++)                                           \
        if (compare(SQ_##kind, (const char *)&t->member[i], (const char *)&v->member[i], why)) \
            return -1;
    SQ_TABLES_MAP(X)
#undef X
    return 0;
}
