/*
 * What the exchange says about orders. A report moves an order by the table `next`; a trade moves
 * the position; a status answer never does. What cannot be explained freezes the key.
 * FIX 4.4 volume 4: ExecutionReport, OrderCancelReject; appendix D for the matrices.
 */
#include <string.h>

#include "core/state.h"

static void take_report_text(struct sq_order *o, const char *text)
{
    if (text[0] != 0)
        memcpy(o->text, text, sizeof o->text);
}

static uint32_t find_exch_no(const struct sq_engine *e, const struct sq_report *r)
{
    if (r->exch_no[0] == 0)
        return SQ_NO_ROW;
    for (uint32_t i = 0; i < e->t.order_count; i++)
        if (e->t.order[i].key.exchange == r->key.exchange &&
            sq_text_equal(e->t.order[i].exch_no, r->exch_no))
            return i;
    return SQ_NO_ROW;
}

static uint32_t find_order(const struct sq_engine *e, const struct sq_report *r)
{
    uint32_t row = sq_find_clord(&e->t, r->clord);
    if (row == SQ_NO_ROW)
        row = sq_find_clord(&e->t, r->orig_clord);
    return row == SQ_NO_ROW ? find_exch_no(e, r) : row;
}

/* The order's own state after an exec type that ends it; NONE: it does not end. */
static const uint8_t ends[SQ_EXEC_COUNT] = {
    [SQ_EXEC_CANCELLED] = SQ_ORDER_CANCELLED,
    [SQ_EXEC_REJECTED] = SQ_ORDER_REJECTED,
    [SQ_EXEC_EXPIRED] = SQ_ORDER_EXPIRED,
    [SQ_EXEC_DONE_FOR_DAY] = SQ_ORDER_EXPIRED,
};

/* Does the exec type prove that the exchange has the order and works it? */
static const bool proves_working[SQ_EXEC_COUNT] = {
    [SQ_EXEC_NEW] = true,
    [SQ_EXEC_REPLACED] = true,
    [SQ_EXEC_PENDING_CANCEL] = true,
    [SQ_EXEC_STOPPED] = true,
    [SQ_EXEC_SUSPENDED] = true,
    [SQ_EXEC_PENDING_NEW] = true,
    [SQ_EXEC_CALCULATED] = true,
    [SQ_EXEC_RESTATED] = true,
    [SQ_EXEC_TRADE] = true,
    [SQ_EXEC_PENDING_REPLACE] = true,
};

static void working(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    if (!order_is_live(o))
        return;
    bool was_unknown = o->state == SQ_ORDER_UNKNOWN || o->state == SQ_ORDER_SENT ||
                       o->state == SQ_ORDER_JOURNALLED;
    o->seen_unknown = 0;
    if (o->acked == 0)
        o->acked = e->now;
    order_works(e, row);
    uint32_t close = o->close_no ? sq_find_close(&e->t, o->close_no) : SQ_NO_ROW;
    if (was_unknown && close != SQ_NO_ROW)
        close_wake(e, close);
    if (o->cancel_state == SQ_CANCEL_REJECTED)
        close_wake_position(e, sq_find_position(&e->t, &o->key));
}

static void end_by_report(struct sq_engine *e, uint32_t row, enum sq_order_state state)
{
    if (!order_is_live(&e->t.order[row]))
        return;
    if (state == SQ_ORDER_REJECTED)
        alarm_order(e, SQ_ALARM_REJECTED, row, e->t.order[row].text);
    order_end(e, row, state);
}

static const struct sq_fill *manual_fill(const struct sq_engine *e, const struct sq_order *o)
{
    for (uint32_t f = e->t.fill_count; f-- > 0;)
        if (e->t.fill[f].order_no == o->no && e->t.fill[f].manual)
            return &e->t.fill[f];
    return NULL;
}

/*
 * The exchange reports at last what a person had settled by phone: the quantity is there already,
 * the price becomes the true one.
 */
static void confirm(struct sq_engine *e, uint32_t row, struct sq_fill *fill)
{
    const struct sq_order *o = &e->t.order[row];
    const struct sq_fill *told = manual_fill(e, o);
    uint32_t position = sq_find_position(&e->t, &o->key);
    sq_price price = told ? told->price : fill->price;
    fill->confirms = 1;
    if (!fill_insert(e, fill, NULL))
        return;
    position_unbook(e, position, (enum sq_side)fill->side, fill->qty, price);
    position_trade(e, position, (enum sq_side)fill->side, fill->qty, fill->price);
}

static bool is_known(const struct sq_engine *e, const struct sq_fill *fill)
{
    return sq_find_fill(&e->t, (enum sq_exchange)fill->key.exchange, fill->exec_id,
                        (enum sq_side)fill->side) != SQ_NO_ROW;
}

static void trade(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    const struct sq_order *o = &e->t.order[row];
    struct sq_fill fill = {
        .order_no = o->no,
        .key = o->key,
        .qty = r->last_qty,
        .price = r->last_price,
        .side = o->side,
        .time = r->time ? r->time : e->now,
    };
    memcpy(fill.exec_id, r->exec_id, sizeof fill.exec_id);
    if (is_known(e, &fill))
        return;
    sq_quantity lost = o->cum + fill.qty - r->cum; /* the exchange counts so much less than we */
    if (o->doubt != SQ_ORDER_NONE && lost > 0 && loss_can_take_back(e, row, lost))
        loss_take_back(e, row, lost);
    if (fill.qty > 0 && o->settled && r->cum <= o->cum)
        confirm(e, row, &fill);
    else if (fill.qty > 0 && fill_insert(e, &fill, NULL))
        order_fill(e, row, &fill);
}

static void bust(struct sq_engine *e, uint32_t row, const struct sq_report *r, bool corrected)
{
    const struct sq_order *o = &e->t.order[row];
    uint32_t f = sq_find_fill(&e->t, (enum sq_exchange)o->key.exchange, r->ref_exec_id,
                              (enum sq_side)o->side);
    if (f == SQ_NO_ROW || e->t.fill[f].busted)
        return;
    uint32_t position = e->t.order_position[row];
    bool flipped = e->t.position[position].flipped;
    e->t.fill[f].busted = 1;
    order_unfill(e, row, f, e->t.fill[f].qty);
    position_moved(e, position, flipped);
    alarm_order(e, corrected ? SQ_ALARM_CORRECTED : SQ_ALARM_BUST, row, r->text);
}

/* A correction is a bust and a new trade, under its own ExecID; the order's life is untouched. */
static void correct(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    const struct sq_order *o = &e->t.order[row];
    struct sq_fill fill = {.order_no = o->no,
                           .key = o->key,
                           .qty = r->last_qty,
                           .price = r->last_price,
                           .side = o->side,
                           .time = r->time ? r->time : e->now};
    memcpy(fill.exec_id, r->exec_id, sizeof fill.exec_id);
    if (fill.qty <= 0 || is_known(e, &fill))
        return;
    bust(e, row, r, true);
    if (!fill_insert(e, &fill, NULL))
        return;
    e->t.order[row].cum += fill.qty;
    touch_order(e, row);
    position_trade(e, sq_find_position(&e->t, &o->key), (enum sq_side)fill.side, fill.qty,
                   fill.price);
}

static void freeze_above(struct sq_engine *e, uint32_t row)
{
    uint32_t position = sq_find_position(&e->t, &e->t.order[row].key);
    if (e->t.position[position].frozen)
        return;
    alarm_order(e, SQ_ALARM_CUM_ABOVE, row, "");
    position_freeze(e, position);
}

static bool report_is_live(const struct sq_report *r)
{
    return !r->unknown_order && r->order_state != SQ_ORDER_NONE &&
           !sq_order_state_is_terminal((enum sq_order_state)r->order_state);
}

/* The exchange works an order that had ended for us: its quantity is reserved again. */
static void revive(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    struct sq_order *o = &e->t.order[row];
    if (!report_is_live(r) || o->qty <= o->cum)
        return;
    o->state = o->cum > 0 ? SQ_ORDER_PARTIAL : SQ_ORDER_ACKED;
    o->leaves = o->qty - o->cum;
    touch_order(e, row);
    alarm_order(e, SQ_ALARM_ADOPTED, row, r->text);
    position_freeze(e, sq_find_position(&e->t, &o->key));
}

/* Asked three times and still working: the cancel was lost. A person may give it again. */
static void still_working(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    if ((o->cancel_state == SQ_CANCEL_SENT || o->cancel_state == SQ_CANCEL_JOURNALLED) &&
        e->now - o->cancel_at > 3 * e->t.config.ask_every_ms * SQ_MS) {
        o->cancel_state = SQ_CANCEL_REJECTED;
        sq_text_cut(o->text, sizeof o->text, "no answer to the cancel, still working");
        alarm_order(e, SQ_ALARM_CANCEL_REJECTED, row, o->text);
    }
    working(e, row);
}

/* An answer to our question: believed about life and death, never about fills. */
static void status(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    struct sq_order *o = &e->t.order[row];
    o->conn = r->conn;
    if (r->cum > o->cum) {
        freeze_above(e, row);
        return;
    }
    if ((o->doubt != SQ_ORDER_NONE || r->cum < o->cum) && !loss_answered(e, row, r))
        return;
    if (!order_is_live(o))
        revive(e, row, r);
    else if (sq_order_state_is_terminal((enum sq_order_state)r->order_state))
        end_by_report(e, row, (enum sq_order_state)r->order_state);
    else
        still_working(e, row);
}

/*
 * "Unknown order" frees a reservation only when it is proven (logged on, both gaps closed, our own
 * test request answered), was said twice on this connection, and was never acknowledged before:
 * an exchange that forgets what it had acknowledged has lost data, and that is for people.
 */
static void unknown_order(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    struct sq_order *o = &e->t.order[row];
    if (o->state != SQ_ORDER_UNKNOWN || !r->proven || r->conn != e->t.book.conn)
        return;
    if (o->doubt != SQ_ORDER_NONE) {
        loss_forgotten(e, row);
        return;
    }
    if (o->acked != 0 || o->cum > 0 || o->origin != SQ_ORIGIN_CLOSE) {
        if (o->seen_unknown++ == 0)
            alarm_order(e, SQ_ALARM_UNKNOWN_ORDER, row, "the exchange does not know it any more");
        touch_order(e, row);
        return;
    }
    if (++o->seen_unknown < 2) {
        touch_order(e, row);
        return;
    }
    sq_text_cut(o->text, sizeof o->text, "unknown to the exchange, asked twice");
    order_end(e, row, SQ_ORDER_NOT_SENT);
}

static void adopt(struct sq_engine *e, const struct sq_report *r)
{
    uint32_t position = sq_find_position(&e->t, &r->key);
    if (position == SQ_NO_ROW || r->qty <= 0 || r->side == SQ_SIDE_NONE) {
        alarm_book(e, SQ_ALARM_NO_CONTRACT, r->clord);
        return;
    }
    struct sq_order o = {
        .no = e->t.book.next_order,
        .key = r->key,
        .qty = r->qty,
        .cum = r->cum,
        .leaves = r->qty - r->cum,
        .limit = r->limit,
        .side = r->side,
        .type = r->type,
        .state = r->cum > 0 ? SQ_ORDER_PARTIAL : SQ_ORDER_ACKED,
        .origin = SQ_ORIGIN_ADOPTED,
        .conn = r->conn,
        .created = e->now,
        .acked = e->now,
        .ask_at = SQ_NEVER,
    };
    memcpy(o.clord, r->clord, sizeof o.clord);
    memcpy(o.exch_no, r->exch_no, sizeof o.exch_no);
    if (o.leaves <= 0 || sq_tables_apply(&e->t, SQ_ORDER, &o) != 0) {
        alarm_book(e, SQ_ALARM_FULL, "orders");
        return;
    }
    e->t.book.next_order++;
    uint32_t row = e->t.order_count - 1;
    touch_order(e, row);
    alarm_order(e, SQ_ALARM_ADOPTED, row, r->text);
    position_freeze(e, position);
}

/* A trade of an order that we do not know still moves the position, if it names one. */
static void stray_trade(struct sq_engine *e, const struct sq_report *r)
{
    uint32_t position = sq_find_position(&e->t, &r->key);
    struct sq_fill fill = {.key = r->key,
                           .qty = r->last_qty,
                           .price = r->last_price,
                           .side = r->side,
                           .external = 1,
                           .time = r->time ? r->time : e->now};
    memcpy(fill.exec_id, r->exec_id, sizeof fill.exec_id);
    if (position == SQ_NO_ROW || fill.side == SQ_SIDE_NONE)
        return;
    if (fill_insert(e, &fill, NULL))
        position_trade(e, position, (enum sq_side)fill.side, fill.qty, fill.price);
}

static void unknown_to_us(struct sq_engine *e, const struct sq_report *r)
{
    if (r->exec_type == SQ_EXEC_TRADE && r->last_qty > 0)
        stray_trade(e, r);
    if (report_is_live(r))
        adopt(e, r);
}

static void apply(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    struct sq_order *o = &e->t.order[row];
    o->conn = r->conn;
    if (o->exch_no[0] == 0)
        memcpy(o->exch_no, r->exch_no, sizeof o->exch_no);
    take_report_text(o, r->text);
    touch_order(e, row);
    bool doubtful = o->doubt != SQ_ORDER_NONE; /* then only the answer to our question counts */
    if (proves_working[r->exec_type] && !doubtful)
        working(e, row);
    if (r->exec_type == SQ_EXEC_TRADE)
        trade(e, row, r);
    if (ends[r->exec_type] != SQ_ORDER_NONE && !doubtful)
        end_by_report(e, row, (enum sq_order_state)ends[r->exec_type]);
    if (r->cum > e->t.order[row].cum)
        freeze_above(e, row);
}

static void dispatch(struct sq_engine *e, uint32_t row, const struct sq_report *r)
{
    e->t.order[row].heard = r->fix_seq;
    touch_order(e, row);
    switch (r->exec_type) {
    case SQ_EXEC_STATUS: status(e, row, r); break;
    case SQ_EXEC_TRADE_CANCEL: bust(e, row, r, false); break;
    case SQ_EXEC_TRADE_CORRECT: correct(e, row, r); break;
    default: apply(e, row, r);
    }
}

void report_execution(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_report *r = &input->as.report;
    link_heard(e, r->conn, r->fix_seq);
    uint32_t row = find_order(e, r);
    if (row == SQ_NO_ROW)
        unknown_to_us(e, r);
    else if (r->unknown_order)
        unknown_order(e, row, r);
    else
        dispatch(e, row, r);
}

void report_cancel_reject(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_cancel_reject *r = &input->as.cancel_reject;
    link_heard(e, r->conn, r->fix_seq);
    uint32_t row = sq_find_clord(&e->t, r->clord);
    if (row == SQ_NO_ROW || !order_is_live(&e->t.order[row]))
        return;
    struct sq_order *o = &e->t.order[row];
    o->cancel_state = SQ_CANCEL_REJECTED;
    take_report_text(o, r->text);
    touch_order(e, row);
    alarm_order(e, SQ_ALARM_CANCEL_REJECTED, row, r->text);
    order_ask(e, row); /* too late or unknown: its own report must say what became of it */
    close_wake_position(e, sq_find_position(&e->t, &o->key));
}

static uint32_t find_number(const struct sq_engine *e, uint64_t fix_seq)
{
    for (uint32_t i = e->t.order_count; i-- > 0;)
        if (e->t.order[i].fix_seq == fix_seq && e->t.order[i].conn == e->t.book.conn)
            return i;
    return SQ_NO_ROW;
}

/* The exchange refused the message itself: a new order that is refused so was never accepted. */
void report_message_reject(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_message_reject *r = &input->as.message_reject;
    link_heard(e, r->conn, r->fix_seq);
    uint32_t row = r->ref_seq ? find_number(e, r->ref_seq) : SQ_NO_ROW;
    if (row == SQ_NO_ROW)
        return;
    take_report_text(&e->t.order[row], r->text);
    if (e->t.order[row].acked == 0)
        end_by_report(e, row, SQ_ORDER_REJECTED);
}

static void cancel_sent(struct sq_engine *e, uint32_t row)
{
    struct sq_order *o = &e->t.order[row];
    if (o->cancel_state != SQ_CANCEL_JOURNALLED)
        return;
    o->cancel_state = SQ_CANCEL_SENT;
    touch_order(e, row);
}

void report_sent(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_sent *s = &input->as.sent;
    uint32_t row = sq_find_clord(&e->t, s->clord);
    if (row == SQ_NO_ROW)
        return;
    struct sq_order *o = &e->t.order[row];
    if (!sq_text_equal(o->clord, s->clord)) {
        cancel_sent(e, row);
        return;
    }
    o->fix_seq = s->fix_seq;
    o->conn = s->conn;
    o->sent = e->now;
    touch_order(e, row);
    if (o->state != SQ_ORDER_JOURNALLED)
        return;
    o->state = SQ_ORDER_SENT;
    set_order_ask(e, row, e->now + e->t.config.unknown_after_ms * SQ_MS);
}

/* Not numbered: nothing of it reached a wire, so this is evidence enough. */
void report_not_sent(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_not_sent *n = &input->as.not_sent;
    uint32_t row = sq_find_clord(&e->t, n->clord);
    if (row == SQ_NO_ROW || !order_is_live(&e->t.order[row]))
        return;
    struct sq_order *o = &e->t.order[row];
    take_report_text(o, n->why);
    if (sq_text_equal(o->clord, n->clord)) {
        if (o->sent == 0)
            order_end(e, row, SQ_ORDER_NOT_SENT);
        return;
    }
    o->cancel_state = SQ_CANCEL_REJECTED;
    touch_order(e, row);
    close_wake_position(e, sq_find_position(&e->t, &o->key));
}
