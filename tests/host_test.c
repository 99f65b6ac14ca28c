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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_tag_comes_back_before_what_it_caused, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_not_durable_is_not_told, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_refusal_at_the_door_carries_the_tag, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
