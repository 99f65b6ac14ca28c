/*
 * The log is the evidence: it is written at the moment of the event, before any byte about it can
 * reach a member, so that what a member knows is always in it.
 */
#include "net/simulator/exchange_state.h"

void sim_log_begin(struct exchange *x, struct sim_log *log, const char *event)
{
    /* Without a sink a line is only counted: it has no room for anything. */
    size_t room = x->config.log != NULL ? sizeof log->text : 1;
    sim_line_begin(&log->line, log->text, room);
    x->log_lines++;
    sim_line_put(&log->line, "n=%llu time_us=%lld event=%s", (unsigned long long)x->log_lines,
                 (long long)x->now_us, event);
}

void sim_log_end(struct exchange *x, struct sim_log *log)
{
    if (x->config.log != NULL)
        x->config.log(x->config.log_context, log->text, log->line.length);
}

void sim_log_order(struct exchange *x, struct sim_log *log, const struct sim_order *o)
{
    const struct sim_contract *c = &x->day->contract[o->contract];
    struct sim_line *line = &log->line;
    sim_line_text(line, "session", x->state->owner[o->owner].comp_id);
    sim_line_text(line, "clord", o->clord_id);
    sim_line_text(line, "order", o->order_no);
    sim_line_text(line, "client", o->client);
    sim_line_text(line, "segment", sim_segment_name(c->segment));
    sim_line_int(line, "token", c->token);
    sim_line_text(line, "symbol", c->symbol);
    sim_line_text(line, "product", sim_product_name(o->product));
    sim_line_text(line, "side", o->side == SIM_BUY ? "BUY" : "SELL");
    sim_line_int(line, "quantity", o->quantity);
    sim_line_price(line, "price", o->price, c->price_decimals);
}

void sim_log_session(struct exchange *x, const char *event, const char *comp_id, const char *why)
{
    struct sim_log log;
    sim_log_begin(x, &log, event);
    sim_line_text(&log.line, "session", comp_id);
    sim_line_text(&log.line, "why", why);
    sim_log_end(x, &log);
}

void sim_log_answer(struct exchange *x, const char *event, const struct sim_request *r, int code,
                    const char *why)
{
    struct sim_log log;
    sim_log_begin(x, &log, event);
    sim_line_text(&log.line, "session", x->state->owner[r->owner].comp_id);
    sim_line_text(&log.line, "clord", r->clord_id);
    sim_line_text(&log.line, "target", r->orig_clord_id);
    sim_line_text(&log.line, "order", r->order_no);
    sim_line_int(&log.line, "code", code);
    sim_line_text(&log.line, "why", why);
    sim_log_end(x, &log);
}
