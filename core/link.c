/* The order link: logon, reconciliation, loss, and what a restart means. */
#include <string.h>

#include "core/state.h"

/* The expected number of the exchange is the last journalled + 1: heard in order, or not at all. */
void link_heard(struct sq_engine *e, uint32_t conn, uint64_t fix_seq)
{
    if (conn == e->t.book.conn && fix_seq > e->t.book.in_seq)
        e->t.book.in_seq = fix_seq;
}

/* What we cannot see any more is UNKNOWN; an order of another session never was ours to see. */
static void lose_sight(struct sq_engine *e)
{
    for (uint32_t o = 0; o < e->t.order_count; o++) {
        struct sq_order *order = &e->t.order[o];
        if (!order_is_live(order) || order->origin == SQ_ORIGIN_RESTING_EXT)
            continue;
        if (order->cancel_state == SQ_CANCEL_JOURNALLED)
            order->cancel_state = SQ_CANCEL_SENT;
        order_unknown(e, o);
        set_order_ask(e, o, SQ_NEVER);
    }
}

static void up(struct sq_engine *e, uint32_t conn)
{
    e->t.book.link = SQ_LINK_RECONCILING;
    e->t.book.conn = conn;
    request(e, SQ_REQUEST_MASS_STATUS);
}

static void down(struct sq_engine *e)
{
    e->t.book.link = SQ_LINK_DOWN;
    close_stop_all(e, SQ_RESIDUE_LINK_LOST);
    lose_sight(e);
}

/* What people agreed on after an earlier loss says nothing about this one. */
static void lost(struct sq_engine *e, const struct sq_link_change *l)
{
    struct sq_book *b = &e->t.book;
    b->lost = 1;
    b->lost_at = e->now;
    b->lost_number = l->number;
    memset(b->loss_person, 0, sizeof b->loss_person);
    memset(b->loss_second, 0, sizeof b->loss_second);
    alarm_book(e, SQ_ALARM_NUMBERS, l->why);
}

/*
 * Lost data is remembered over restarts: with each attempt to log on the exchange's numbers would
 * rise until they hide the loss, and our book and its book would differ without anybody knowing.
 */
void link_change(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_link_change *l = &input->as.link;
    if (e->t.book.link != SQ_LINK_DOWN)
        down(e);
    if (l->lost && !e->t.book.lost)
        lost(e, l);
    if (l->up)
        up(e, l->conn);
    touch_book(e);
}

/* Orders that the mass answer did not name are asked about one by one. */
static void ask_unnamed(struct sq_engine *e)
{
    for (uint32_t o = 0; o < e->t.order_count; o++)
        if (e->t.order[o].state == SQ_ORDER_UNKNOWN)
            order_ask(e, o);
}

void link_mass_done(struct sq_engine *e, const struct sq_message *input)
{
    const struct sq_mass_done *m = &input->as.mass_done;
    link_heard(e, m->conn, m->fix_seq);
    if (m->conn != e->t.book.conn || e->t.book.link == SQ_LINK_DOWN || !m->proven)
        return;
    ask_unnamed(e);
    for (uint32_t p = 0; p < e->t.position_count; p++)
        position_check_reserved(e, p);
    e->t.book.link = SQ_LINK_READY;
    e->t.book.reconciled_at = e->now;
    e->t.book.restarted = 0;
    touch_book(e);
}

/* Reservations only rise: a number that might have been used is never used again. */
void link_numbers(struct sq_engine *e, const struct sq_message *input)
{
    if (input->as.numbers.out_reserved > e->t.book.out_reserved)
        e->t.book.out_reserved = input->as.numbers.out_reserved;
    touch_book(e);
}

void link_forget(struct sq_engine *e, enum sq_residue why)
{
    e->t.book.link = SQ_LINK_DOWN;
    close_stop_all(e, why);
    lose_sight(e);
}

/* First input after a replay. No plan resumes by itself: a person presses again. */
void link_restarted(struct sq_engine *e, const struct sq_message *input)
{
    (void)input;
    e->t.book.restarted = 1;
    link_forget(e, SQ_RESIDUE_RESTARTED);
    touch_book(e);
}
