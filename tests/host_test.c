/* host_test.c: what a host tells its listeners: each input that is durable, whose it was, and then
 * the events it caused. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/host.h"
#include "db/store_memory.h"

enum { HEARD = 64 };

struct ear {
    struct sq_listener listener;
    struct sq_message heard[HEARD]; /* inputs and events in the order they came */
    bool is_input[HEARD];
    size_t count;
};

struct desk {
    struct sq_config config;
    struct sq_store *store;
    void *memory;
    struct sq_host *host;
    struct ear ear;
};

static void hear(struct sq_listener *listener, const struct sq_message *message, bool is_input)
{
    struct ear *ear = (struct ear *)listener;

    assert_true(ear->count < HEARD);
    ear->is_input[ear->count] = is_input;
    ear->heard[ear->count++] = *message;
}

static void hear_event(struct sq_listener *listener, const struct sq_message *event)
{
    hear(listener, event, false);
}

static void hear_input(struct sq_listener *listener, const struct sq_message *input)
{
    hear(listener, input, true);
}

static int set_up(void **state)
{
    struct desk *d = calloc(1, sizeof *d);

    sq_config_default(&d->config);
    d->store = store_memory_create();
    d->memory = calloc(1, sq_host_size(&d->config));
    d->host = sq_host_init(d->memory, &d->config, d->store, NULL, NULL);
    assert_int_equal(sq_host_recover(d->host, (char[200]){0}, 200), SQ_ERR_OK);
    assert_int_equal(sq_host_run(d->host, SQ_SECOND), SQ_ERR_OK);
    d->ear.listener = (struct sq_listener){.event = hear_event, .stepped = hear_input};
    assert_true(sq_host_listen(d->host, &d->ear.listener));
    *state = d;
    return 0;
}

static int tear_down(void **state)
{
    struct desk *d = *state;

    d->store->ops->destroy(d->store);
    free(d->memory);
    free(d);
    return 0;
}

/* A cancel of an order that is not there: one input, one refusal. */
static struct sq_message cancel(uint32_t tag, uint64_t order_no)
{
    return (struct sq_message){
        .kind = SQ_CANCEL, .tag = tag, .as.cancel = {.order_no = order_no, .person = "NOBODY"}};
}

static void test_a_tag_comes_back_before_what_it_caused(void **state)
{
    struct desk *d = *state;
    const struct sq_message asked[] = {cancel(7, 1), cancel(0, 2), cancel(9, 3)};

    assert_true(sq_host_submit_all(d->host, asked, 3));
    assert_int_equal(d->ear.count, 0);
    assert_int_equal(sq_host_run(d->host, 2 * SQ_SECOND), SQ_ERR_OK);
    assert_int_equal(d->ear.count, 6);
    for (size_t i = 0; i < 3; i++) {
        const struct sq_message *input = &d->ear.heard[2 * i], *event = input + 1;

        assert_true(d->ear.is_input[2 * i]);
        assert_false(d->ear.is_input[2 * i + 1]);
        assert_int_equal(input->tag, asked[i].tag);
        assert_int_equal(event->kind, SQ_REFUSED);
        assert_int_equal(event->seq, input->seq);
        assert_int_equal(event->as.refused.order_no, i + 1);
    }
}

static void test_what_is_not_durable_is_not_told(void **state)
{
    struct desk *d = *state;
    struct sq_message asked = cancel(7, 1);
    struct sq_turn turn;

    assert_true(sq_host_submit(d->host, &asked));
    assert_true(sq_host_gather(d->host, 2 * SQ_SECOND, &turn));
    assert_int_equal(d->ear.count, 0);
    assert_false(sq_host_done(d->host, SQ_ERR_IO));
    assert_int_equal(d->ear.count, 0);
}

static void test_a_refusal_at_the_door_carries_the_tag(void **state)
{
    struct desk *d = *state;
    struct sq_message asked = cancel(7, 1);

    sq_host_set_view_only(d->host);
    assert_true(sq_host_submit(d->host, &asked));
    assert_int_equal(d->ear.count, 1);
    assert_int_equal(d->ear.heard[0].kind, SQ_REFUSED);
    assert_int_equal(d->ear.heard[0].tag, 7);
    assert_int_equal(d->ear.heard[0].as.refused.refusal, SQ_REFUSAL_VIEW_ONLY);
}

/* ---- following another owner's journal ---------------------------------------------------------- */

/* What a leader has journalled, row by row, as a follower gets it: a turn for each input. */
struct follower {
    struct desk desk;
    uint64_t last; /* adopted so far */
    bool spoil;    /* change an event on the way */
    char why[200];
    enum sq_err result;
    struct sq_message input, events[HEARD];
    size_t event_count;
    bool pending;
};

static void adopt_pending(struct follower *f)
{
    const struct sq_turn turn = {
        .inputs = &f->input, .input_count = 1, .events = f->events, .event_count = f->event_count};

    if (f->pending && f->result == SQ_ERR_OK)
        f->result = sq_host_adopt(f->desk.host, &turn, f->why, sizeof f->why);
    f->pending = false;
}

static int take_row(void *owner, const struct sq_message *message, bool is_input)
{
    struct follower *f = owner;

    if (is_input) {
        adopt_pending(f);
        f->input = *message;
        f->event_count = 0;
        f->pending = true;
        return 0;
    }
    assert_true(f->event_count < HEARD);
    f->events[f->event_count] = *message;
    if (f->spoil && message->kind == SQ_REFUSED)
        f->events[f->event_count].as.refused.order_no++;
    f->event_count++;
    return 0;
}

static enum sq_err follow(struct follower *f, struct sq_store *leader)
{
    f->result = SQ_ERR_OK;
    assert_int_equal(
        leader->ops->read(leader, f->desk.store->ops->last_seq(f->desk.store), take_row, f),
        SQ_ERR_OK);
    adopt_pending(f);
    return f->result;
}

static struct follower *make_follower(void)
{
    struct follower *f = calloc(1, sizeof *f);
    struct desk *d = &f->desk;

    sq_config_default(&d->config);
    d->store = store_memory_create();
    d->memory = calloc(1, sq_host_size(&d->config));
    d->host = sq_host_init(d->memory, &d->config, d->store, NULL, NULL);
    assert_int_equal(sq_host_recover(d->host, f->why, sizeof f->why), SQ_ERR_OK);
    d->ear.listener = (struct sq_listener){.event = hear_event};
    assert_true(sq_host_listen(d->host, &d->ear.listener));
    assert_int_equal(sq_host_follow(d->host), SQ_ERR_OK);
    return f;
}

static void free_follower(struct follower *f)
{
    f->desk.store->ops->destroy(f->desk.store);
    free(f->desk.memory);
    free(f);
}

static void test_a_follower_ends_in_the_same_state(void **state)
{
    struct desk *leader = *state;
    struct follower *f = make_follower();
    const struct sq_message asked[] = {cancel(0, 1), cancel(0, 2)};

    sq_host_submit_all(leader->host, asked, 2);
    assert_int_equal(sq_host_run(leader->host, 2 * SQ_SECOND), SQ_ERR_OK);
    assert_int_equal(follow(f, leader->store), SQ_ERR_OK);
    assert_int_equal(sq_engine_digest(sq_host_engine(f->desk.host)),
                     sq_engine_digest(sq_host_engine(leader->host)));
    assert_int_equal(f->desk.store->ops->last_seq(f->desk.store),
                     leader->store->ops->last_seq(leader->store));
    assert_true(f->desk.ear.count >= 2); /* its listeners hear of it */
    free_follower(f);
}

static void test_a_follower_accepts_nothing_of_its_own(void **state)
{
    struct follower *f = make_follower();
    struct sq_message asked = cancel(7, 1);
    struct sq_turn turn;

    (void)state;
    assert_true(sq_host_submit(f->desk.host, &asked));
    assert_int_equal(f->desk.ear.heard[0].as.refused.refusal, SQ_REFUSAL_VIEW_ONLY);
    assert_false(sq_host_gather(f->desk.host, SQ_SECOND, &turn));
    assert_int_equal(sq_host_deadline(f->desk.host), SQ_NEVER);
    assert_int_equal(sq_host_lead(f->desk.host), SQ_ERR_OK);
    assert_int_equal(sq_host_lead(f->desk.host), SQ_ERR_LOCKED);
    free_follower(f);
}

/* A row that is not what the rules make of the journal: nothing of it is kept. */
static void test_a_lie_is_not_adopted(void **state)
{
    struct desk *leader = *state;
    struct follower *f = make_follower();
    struct sq_message asked = cancel(0, 1);
    uint64_t before;

    assert_int_equal(follow(f, leader->store), SQ_ERR_OK);
    before = f->desk.store->ops->last_seq(f->desk.store);
    sq_host_submit(leader->host, &asked);
    sq_host_run(leader->host, 2 * SQ_SECOND);
    f->spoil = true;
    assert_int_equal(follow(f, leader->store), SQ_ERR_VERSION);
    assert_int_equal(f->desk.store->ops->last_seq(f->desk.store), before);
    assert_int_equal(sq_host_mode(f->desk.host), SQ_HOST_VIEW_ONLY);
    free_follower(f);
}

/* Numbers, times and kinds of rows from outside are checked, not taken for granted. */
static void test_a_row_that_cannot_come_is_refused(void **state)
{
    static const struct sq_message wrong[] = {
        {.seq = 9, .time = SQ_SECOND, .kind = SQ_TIME},
        {.seq = 1, .time = SQ_SECOND, .kind = SQ_KIND_COUNT},
        {.seq = 1, .time = SQ_SECOND, .kind = SQ_REFUSED},
        {.seq = 1, .time = -1, .kind = SQ_TIME},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct follower *f = make_follower();
        const struct sq_turn turn = {.inputs = &wrong[i], .input_count = 1};

        assert_int_equal(sq_host_adopt(f->desk.host, &turn, f->why, sizeof f->why), SQ_ERR_DAMAGED);
        assert_string_not_equal(f->why, "");
        free_follower(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_tag_comes_back_before_what_it_caused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_durable_is_not_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refusal_at_the_door_carries_the_tag, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_follower_ends_in_the_same_state, set_up, tear_down),
        cmocka_unit_test(test_a_follower_accepts_nothing_of_its_own),
        cmocka_unit_test_setup_teardown(test_a_lie_is_not_adopted, set_up, tear_down),
        cmocka_unit_test(test_a_row_that_cannot_come_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
