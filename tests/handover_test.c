/* A book changes hands: server to console and back, fenced at each step (docs/handover.md). */
#include "tests/office.h"

#include <string.h>

/* ---- steps that tests share --------------------------------------------------------------------- */

static void get_whole(struct office *o)
{
    office_until(o, office_server_is_ready, 20);
    office_until(o, office_replica_is_whole, 20);
}

/* The server works: some closes are done, some go on. */
static void get_busy(struct office *o)
{
    get_whole(o);
    office_activate(&o->server, o);
    assert_true(office_close(&o->server, o, 0, 8) > 4);
}

static void hand_over(struct office *o)
{
    assert_true(replica_hand_over(o->replica, "the server room is hot"));
    office_until(o, office_is_granted, 30);
}

static const struct replica_taking by_grant = {.taken = SQ_TAKEN_GRANTED,
                                               .name = OFFICE_CONSOLE,
                                               .person = OFFICE_PERSON,
                                               .second = "",
                                               .reason = "the server room is hot"};

static void stand_alone(struct office *o)
{
    char why[REPLICA_WHY] = "";
    office_kill_console(o);
    if (office_take(o, &by_grant, why) != SQ_ERR_OK)
        fail_msg("%s", why);
    office_stand_alone(o);
}

static bool console_is_released(struct office *o)
{
    const struct sq_book *b = &office_book(&o->console)->book;
    return !b->owned && sq_host_mode(o->console.host) == SQ_HOST_FOLLOWING;
}

static bool console_has_left(struct office *o)
{
    return standalone_leave(o->console.link, "handed back", false);
}

static void submit(struct site *site, enum sq_ownership_what what, uint32_t epoch,
                   const char *owner)
{
    struct sq_message m = {.kind = SQ_OWNERSHIP};
    m.as.ownership.what = (uint8_t)what;
    m.as.ownership.epoch = epoch;
    snprintf(m.as.ownership.owner, sizeof m.as.ownership.owner, "%s", owner);
    snprintf(m.as.ownership.person, sizeof m.as.ownership.person, OFFICE_PERSON);
    snprintf(m.as.ownership.reason, sizeof m.as.ownership.reason, "the server is back");
    assert_true(sq_host_submit(site->host, &m));
}

static bool console_drains(struct office *o)
{
    return office_book(&o->console)->book.draining;
}

/* The console's side of the return, up to its release. */
static void release_console(struct office *o)
{
    submit(&o->console, SQ_OWNERSHIP_DRAIN, 0, "");
    office_until(o, console_drains, 5);
    office_until(o, console_has_left, 10);
    submit(&o->console, SQ_OWNERSHIP_RELEASE, office_book(&o->console)->book.epoch + 1,
           OFFICE_SERVER);
    office_until(o, console_is_released, 5);
}

static bool is_returned(struct office *o)
{
    return o->returned;
}

static bool same_digest(struct office *o)
{
    return office_replica_is_whole(o) &&
           sq_engine_digest(sq_host_engine(replica_host(o->replica))) ==
               sq_engine_digest(sq_host_engine(o->server.host));
}

/* ---- the replica --------------------------------------------------------------------------------- */

static void test_a_replica_is_the_servers_book(void **state)
{
    struct office *o = *state;
    get_busy(o);
    office_wait(o, 500);
    office_until(o, same_digest, 10);
}

static void test_a_replica_goes_on_where_it_was(void **state)
{
    struct office *o = *state;
    get_whole(o);
    office_kill_console(o);
    uint64_t held = o->console.store->ops->last_seq(o->console.store);
    office_activate(&o->server, o);
    office_start_console(o);
    office_until(o, same_digest, 20);
    assert_true(o->console.store->ops->last_seq(o->console.store) > held);
}

static void test_a_server_that_died_is_followed_again(void **state)
{
    struct office *o = *state;
    get_busy(o);
    office_kill_server(o);
    office_wait(o, 200);
    office_start_server(o);
    office_until(o, same_digest, 30);
}

/* ---- there and back ------------------------------------------------------------------------------- */

static bool console_is_answered(struct office *o)
{
    const struct sq_tables *t = office_book(&o->console);
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_JOURNALLED || t->order[i].state == SQ_ORDER_SENT ||
            t->order[i].state == SQ_ORDER_UNKNOWN)
            return false;
    return office_console_is_ready(o);
}

static void test_there_and_back(void **state)
{
    struct office *o = *state;
    get_busy(o);
    hand_over(o);
    /* The server has it no more, says so, and takes nothing. */
    assert_int_equal(sq_host_mode(o->server.host), SQ_HOST_FOLLOWING);
    assert_true(o->served.links.view_only);
    assert_non_null(strstr(o->served.links.why, OFFICE_CONSOLE));
    uint64_t orders = office_orders(o);
    office_close(&o->server, o, 0, 3);
    office_wait(o, 300);
    assert_int_equal(office_orders(o), orders);
    assert_false(standalone_orders(o->served.link)->up);

    stand_alone(o);
    assert_int_equal(office_orders(o), orders); /* nothing goes out by itself */
    office_until(o, console_is_answered, 20);
    assert_int_equal(office_orders(o), orders);
    assert_int_equal(office_book(&o->console)->book.epoch, 3);
    assert_true(office_close(&o->console, o, 0, 6) > 2);
    office_wait(o, 500);
    assert_true(office_orders(o) > orders);
    office_agrees(o, &o->console);

    release_console(o);
    office_end_alone(o);
    orders = office_orders(o);
    office_start_console(o);
    office_until(o, is_returned, 20);
    assert_true(office_book(&o->server)->book.owned);
    assert_int_equal(office_book(&o->server)->book.epoch, 4);
    assert_string_equal(office_book(&o->server)->book.owner, OFFICE_SERVER);
    office_until(o, office_server_is_ready, 20);
    assert_int_equal(office_orders(o), orders);
    office_until(o, same_digest, 10);
    assert_true(office_close(&o->server, o, 0, 4) > 1);
    office_wait(o, 500);
    assert_true(office_orders(o) > orders);
    office_agrees(o, &o->server);
}

/* ---- who may, and what a grant is good for -------------------------------------------------------- */

static bool is_refused(struct office *o)
{
    struct replica_status status;
    replica_status(o->replica, &status);
    return !status.asked && status.why[0] != '\0';
}

static void expect_refused(struct office *o, const char *words)
{
    struct replica_status status;
    assert_true(replica_hand_over(o->replica, "the server room is hot"));
    office_until(o, is_refused, 20);
    replica_status(o->replica, &status);
    if (strstr(status.why, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, status.why);
    assert_true(office_book(&o->server)->book.owned);
    assert_false(office_book(&o->server)->book.draining);
}

static void test_only_who_is_named_has_a_replica(void **state)
{
    struct office *o = *state;
    struct replica_status status;
    strcpy(o->handover.config.replicas, "SV021 XSV02 RK07");
    office_until(o, office_server_is_ready, 20);
    office_wait(o, 500);
    replica_status(o->replica, &status);
    assert_int_equal(status.seq, 0);
    assert_non_null(strstr(status.why, "does not name this user"));
}

static void test_a_hand_over_needs_a_supervisor_of_the_book(void **state)
{
    struct office *o = *state;
    get_whole(o);
    handover_begin(&o->handover, NULL, 0, OFFICE_CONSOLE, "RK07", "why not");
    assert_int_equal(o->handover.step, HANDOVER_IDLE);
    assert_true(office_book(&o->server)->book.owned);
    sq_host_set_view_only(o->server.host);
    expect_refused(o, "look at only");
}

static void test_a_grant_is_good_once(void **state)
{
    struct office *o = *state;
    struct replica_config config = {.store = o->console.store,
                                    .book = OFFICE_BOOK,
                                    .name = OFFICE_CONSOLE,
                                    .grant_key = o->key};
    struct grant grant;
    bool again;
    char why[REPLICA_WHY], other[GRANT_TEXT];
    get_whole(o);
    hand_over(o);
    sq_time now = loop_now(&o->loop);
    assert_int_equal(replica_check(&config, now, o->grant, o->signature, &grant, &again, why), 0);
    assert_int_equal(grant.epoch, 3);
    /* another console, another time, another text */
    strcpy(config.name, "DESK-8");
    assert_int_equal(replica_check(&config, now, o->grant, o->signature, &grant, &again, why), -1);
    strcpy(config.name, OFFICE_CONSOLE);
    assert_int_equal(replica_check(&config, now + 13 * 3600 * SQ_SECOND, o->grant, o->signature,
                                   &grant, &again, why),
                     -1);
    strcpy(other, o->grant);
    *strstr(other, "epoch=3") = 'E';
    assert_int_equal(replica_check(&config, now, other, o->signature, &grant, &again, why), -1);
    stand_alone(o);
    now = loop_now(&o->loop);
    assert_int_equal(replica_check(&config, now, o->grant, o->signature, &grant, &again, why), -1);
    assert_false(again);
    assert_non_null(strstr(why, "used already"));
}

/* Two processes with one grant: the journal, and then the exchange, let one of them through. */
static void test_a_book_that_was_not_released_is_not_taken(void **state)
{
    struct office *o = *state;
    char why[REPLICA_WHY];
    get_whole(o);
    office_kill_console(o);
    assert_int_equal(office_take(o, &by_grant, why), SQ_ERR_CONFLICT);
    assert_non_null(strstr(why, "not released to this console"));
}

/* ---- a death at each step ------------------------------------------------------------------------- */

static bool server_drains(struct office *o)
{
    return office_book(&o->server)->book.draining;
}

static bool server_leaves(struct office *o)
{
    return o->handover.step == HANDOVER_LEAVING || o->handover.step == HANDOVER_RELEASING ||
           o->handover.step == HANDOVER_RELEASED;
}

static bool server_is_released(struct office *o)
{
    return !office_book(&o->server)->book.owned;
}

/* Where the server dies while it hands the book over. */
static bool (*const deaths[])(struct office *o) = {server_drains, server_leaves,
                                                   server_is_released};

/*
 * Whatever had become durable, nobody else owns the book; asked again the hand-over goes on from
 * there, and the exchange's account is right.
 */
static void test_a_server_dies_at_each_step(void **state)
{
    struct office *o = *state;
    for (size_t i = 0; i < sizeof deaths / sizeof deaths[0]; i++) {
        get_whole(o);
        if (office_book(&o->server)->book.control != SQ_CONTROL_ACTIVE)
            office_activate(&o->server, o);
        office_close(&o->server, o, 0, 4);
        assert_true(replica_hand_over(o->replica, "the server room is hot"));
        office_until(o, deaths[i], 20);
        office_kill_server(o);
        uint64_t orders = office_orders(o);
        office_start_server(o);
        office_until(o, office_replica_is_whole, 30);
        assert_int_equal(office_orders(o), orders);
        if (!o->granted)
            hand_over(o);
        stand_alone(o);
        office_until(o, console_is_answered, 20);
        assert_int_equal(office_orders(o), orders);
        office_agrees(o, &o->console);
        release_console(o);
        office_end_alone(o);
        office_start_console(o);
        office_until(o, is_returned, 20);
        office_until(o, office_server_is_ready, 20);
        office_agrees(o, &o->server);
    }
    assert_int_equal(office_book(&o->server)->book.epoch, 8);
}

/* A server that died while it drained may also keep the book: its own name is the word for it. */
static void test_a_drained_book_may_be_kept(void **state)
{
    struct office *o = *state;
    get_whole(o);
    assert_true(replica_hand_over(o->replica, "the server room is hot"));
    office_until(o, server_drains, 10);
    office_kill_server(o);
    office_start_server(o);
    office_until(o, office_server_is_ready, 30);
    assert_true(office_book(&o->server)->book.draining);
    handover_begin(&o->handover, NULL, 0, OFFICE_SERVER, OFFICE_PERSON, "it is cool again");
    office_wait(o, 300);
    assert_false(office_book(&o->server)->book.draining);
    assert_true(office_book(&o->server)->book.owned);
}

/* The console dies: with the grant in its hand, alone, drained, released, half returned. */
static void test_a_console_dies_at_each_step(void **state)
{
    struct office *o = *state;
    char why[REPLICA_WHY] = "";
    get_busy(o);
    hand_over(o);
    uint64_t orders = office_orders(o);
    office_kill_console(o); /* the grant is lost with it */
    office_start_console(o);
    office_until(o, office_replica_is_whole, 20);
    hand_over(o);
    office_kill_console(o);
    assert_int_equal(office_take(o, &by_grant, why), SQ_ERR_OK);
    office_stand_alone(o); /* and dies before it has logged on */
    office_end_alone(o);
    office_stand_alone(o);
    office_until(o, console_is_answered, 20);
    assert_int_equal(office_orders(o), orders);
    submit(&o->console, SQ_OWNERSHIP_DRAIN, 0, "");
    office_until(o, console_drains, 5);
    office_end_alone(o);
    office_stand_alone(o);
    office_until(o, console_is_answered, 20);
    assert_true(office_book(&o->console)->book.draining);
    office_until(o, console_has_left, 10);
    submit(&o->console, SQ_OWNERSHIP_RELEASE, 4, OFFICE_SERVER);
    office_until(o, console_is_released, 5);
    office_end_alone(o);
    office_stand_alone(o); /* started once more, it owns nothing */
    office_wait(o, 300);
    assert_true(console_is_released(o));
    assert_false(standalone_orders(o->console.link)->up);
    office_end_alone(o);
    office_start_console(o);
    office_until(o, is_returned, 20);
    office_until(o, office_server_is_ready, 20);
    assert_int_equal(office_orders(o), orders);
    office_agrees(o, &o->server);
}

static bool server_has_all(struct office *o)
{
    return office_book(&o->server)->book.granted == 4 && served_may_read(&o->served);
}

/* The server has every row of the console, and dies before it has taken the book: nobody owns it,
 * until the console comes again. */
static void test_a_server_dies_before_it_takes_the_book_back(void **state)
{
    struct office *o = *state;
    get_whole(o);
    hand_over(o);
    stand_alone(o);
    office_until(o, console_is_answered, 20);
    release_console(o);
    office_end_alone(o);
    strcpy(o->handover.config.server, "BUSY"); /* it does not get so far as to take it */
    office_start_console(o);
    office_until(o, server_has_all, 20);
    office_kill_server(o);
    assert_false(o->returned);
    office_start_server(o);
    assert_int_equal(sq_host_mode(o->server.host), SQ_HOST_FOLLOWING);
    office_until(o, is_returned, 20);
    office_until(o, office_server_is_ready, 20);
    assert_int_equal(office_book(&o->server)->book.epoch, 4);
}

/* ---- break-glass ----------------------------------------------------------------------------------- */

static const struct replica_taking broken = {.taken = SQ_TAKEN_BREAK_GLASS,
                                             .name = OFFICE_CONSOLE,
                                             .person = OFFICE_PERSON,
                                             .second = "RK07",
                                             .reason = "both dead; exchange: logged out, ref 4711"};

static bool is_fenced(struct office *o)
{
    return standalone_orders(o->served.link)->fenced;
}

/* The server is dead, two people take the book; it comes back, and is fenced by the exchange. */
static void test_break_glass_fences_the_server(void **state)
{
    struct office *o = *state;
    char why[REPLICA_WHY] = "";
    get_busy(o);
    office_wait(o, 300);
    office_kill_server(o);
    office_kill_console(o);
    uint64_t orders = office_orders(o);
    struct replica_taking alone = broken;
    alone.second = OFFICE_PERSON;
    assert_int_equal(office_take(o, &alone, why), SQ_ERR_CONFLICT);
    assert_int_equal(office_take(o, &broken, why), SQ_ERR_OK);
    office_stand_alone(o);
    office_until(o, console_is_answered, 20);
    assert_int_equal(office_orders(o), orders);
    assert_true(office_close(&o->console, o, 0, 4) > 1);
    office_wait(o, 500);
    office_agrees(o, &o->console);
    assert_true(office_book(&o->console)->book.out_reserved > REPLICA_OUT_BEGIN);
    assert_int_equal(office_book(&o->console)->book.epoch, SQ_GLASS_EPOCHS);
    office_end_alone(o); /* even when the console's session is gone */

    orders = office_orders(o);
    office_start_server(o);
    office_until(o, is_fenced, 20);
    office_close(&o->server, o, 0, 4);
    office_wait(o, 2000);
    assert_int_equal(office_orders(o), orders);
    assert_true(is_fenced(o));
    assert_true(o->served.links.view_only);
    assert_non_null(strstr(o->served.links.why, "FENCED"));
}

static bool is_parted(struct office *o)
{
    struct replica_status status;
    replica_status(o->replica, &status);
    return status.state == REPLICA_PARTED;
}

/* After it the journals have parted: the server merges nothing. A person copies the console's, and the
 * server takes the book from there. */
static void test_a_parted_journal_is_copied_by_a_person(void **state)
{
    struct office *o = *state;
    char why[REPLICA_WHY] = "";
    get_busy(o);
    office_wait(o, 300);
    office_kill_server(o);
    office_kill_console(o);
    assert_int_equal(office_take(o, &broken, why), SQ_ERR_OK);
    office_stand_alone(o);
    office_until(o, console_is_answered, 20);
    assert_true(office_close(&o->console, o, 0, 4) > 1);
    office_wait(o, 500);
    release_console(o);
    office_end_alone(o);
    uint64_t orders = office_orders(o);
    office_start_server(o);
    uint64_t rows = o->server.store->ops->last_seq(o->server.store);
    office_start_console(o);
    office_until(o, is_parted, 20);
    office_until(o, is_fenced, 20);
    assert_true(o->server.store->ops->last_seq(o->server.store) >= rows);
    office_kill_console(o);
    office_kill_server(o);
    office_copy_journal(o);
    office_start_server(o);
    office_start_console(o);
    office_until(o, is_returned, 20);
    office_until(o, office_server_is_ready, 20);
    assert_int_equal(office_book(&o->server)->book.epoch, SQ_GLASS_EPOCHS + 1);
    assert_int_equal(office_orders(o), orders);
    office_agrees(o, &o->server);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_begin, office_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_replica_is_the_servers_book),
        TEST(test_a_replica_goes_on_where_it_was),
        TEST(test_a_server_that_died_is_followed_again),
        TEST(test_there_and_back),
        TEST(test_only_who_is_named_has_a_replica),
        TEST(test_a_hand_over_needs_a_supervisor_of_the_book),
        TEST(test_a_grant_is_good_once),
        TEST(test_a_book_that_was_not_released_is_not_taken),
        TEST(test_a_server_dies_at_each_step),
        TEST(test_a_drained_book_may_be_kept),
        TEST(test_a_console_dies_at_each_step),
        TEST(test_a_server_dies_before_it_takes_the_book_back),
        TEST(test_break_glass_fences_the_server),
        TEST(test_a_parted_journal_is_copied_by_a_person),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
