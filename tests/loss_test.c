/* An exchange that falls back to an earlier state, and the way back from there: see core/loss.c. */
#include "tests/desk.h"

#include "net/simulator/exchange_state.h"

static void remember_now(struct desk *d)
{
    struct exchange *x = inproc_exchange(d->exchange);
    exchange_set_fault(x, SIM_FAULT_CHECKPOINT_MS, 1);
    exchange_tick(x, loop_now(&d->loop) + SQ_SECOND / 100);
    exchange_set_fault(x, SIM_FAULT_CHECKPOINT_MS, DESK_HOUR_MS);
}

static bool is_lost(struct desk *d)
{
    return desk_book(d)->book.lost && driver_is_idle(standalone_driver(d->link));
}

/* One supervisor's word: the numbers as the exchange has them. */
static void reconcile(struct desk *d, const char *person)
{
    const struct exchange *x = inproc_exchange(d->exchange);
    struct sq_message m = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &m.as.supervise;
    s->what = SQ_SUPERVISE_RECONCILE_LOSS;
    s->in_next = desk_book(d)->book.lost_number;
    s->out_next = x->state->owner[sim_owner_named(x, "SQDRILL")].next_in;
    snprintf(s->person, sizeof s->person, "%s", person);
    snprintf(s->reason, sizeof s->reason, "read out by their desk");
    assert_true(sq_host_submit(d->host, &m));
}

/* Whatever the exchange still has it has named; the rest it does not know any more. */
static bool only_people_can_tell(struct desk *d)
{
    const struct sq_tables *t = desk_book(d);
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_UNKNOWN && t->order[i].seen_unknown == 0)
            return false;
    return desk_is_ready(d) && driver_is_idle(standalone_driver(d->link));
}

static uint32_t settle_what_is_forgotten(struct desk *d)
{
    const struct sq_tables *t = desk_book(d);
    const struct exchange *x = inproc_exchange(d->exchange);
    uint32_t settled = 0;
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct sq_order *o = &t->order[i];
        if (o->state != SQ_ORDER_UNKNOWN)
            continue;
        struct sq_message m = {.kind = SQ_SETTLE};
        int32_t theirs = sim_book_find(&x->state->book, sim_owner_named(x, "SQDRILL"), o->clord);
        m.as.settle.order_no = o->no;
        m.as.settle.cum = theirs == SIM_NONE ? 0 : x->state->book.order[theirs].filled;
        snprintf(m.as.settle.person, SQ_PERSON_SIZE, "SV02");
        snprintf(m.as.settle.reason, SQ_TEXT_SIZE, "not in their book");
        assert_true(sq_host_submit(d->host, &m));
        settled++;
    }
    return settled;
}

static void what_the_exchange_lost_is_settled_without_a_restart(void **state)
{
    struct desk *d = *state;
    desk_get_ready(d);
    uint32_t position = desk_position(d, "C10733", "HDFCBANK");
    struct sq_message m = desk_close_of(d, position, 0);
    assert_true(sq_host_submit(d->host, &m));
    desk_run_until(d, desk_is_idle, 10);
    uint32_t open = desk_open_positions(d), fills = desk_book(d)->fill_count;
    remember_now(d); /* it will know this close, and nothing that comes after it */
    desk_close_all(d, 1);
    desk_run_until(d, desk_is_idle, 60);
    assert_true(desk_open_positions(d) < open / 2);

    assert_true(exchange_lose_tail(inproc_exchange(d->exchange), loop_now(&d->loop)));
    inproc_pump(d->exchange);
    desk_run_until(d, is_lost, 20);
    assert_false(fix_exchange_wants_link(standalone_orders(d->link)));
    reconcile(d, "SV02");
    reconcile(d, "SV05");
    desk_run_until(d, only_people_can_tell, 60);
    uint32_t forgotten = settle_what_is_forgotten(d);
    desk_run_until(d, desk_is_idle, 20);
    print_message("%u fills, %u of %u positions open again, %u orders forgotten\n",
                  desk_book(d)->fill_count - fills, desk_open_positions(d), open, forgotten);
    assert_true(forgotten > 0);
    assert_int_equal(desk_open_positions(d), open);
    assert_int_equal(desk_book(d)->position[position].net, 0);
    desk_agrees_with_exchange(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_the_exchange_lost_is_settled_without_a_restart,
                                        desk_begin, desk_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
