/* types_test.c: every word has one name, and the small rules that all else leans on. */
#include "tests/check.h"

#include <string.h>

#include "core/port.h"
#include "core/types.h"

static void every_name_finds_its_member_again(void **state)
{
    (void)state;
    for (unsigned list = 0; list < SQ_LIST_LIST_COUNT; list++) {
        assert_true(sq_list_count((enum sq_list)list) > 1);
        for (unsigned i = 0; i < sq_list_count((enum sq_list)list); i++) {
            const char *name = sq_name((enum sq_list)list, i);
            assert_true(name[0] != '\0');
            assert_null(strchr(name, ';')); /* joins guards in a line */
            assert_int_equal(sq_named((enum sq_list)list, name), i);
        }
        assert_string_equal(sq_name((enum sq_list)list, sq_list_count((enum sq_list)list)), "?");
        assert_int_equal(sq_named((enum sq_list)list, "no such name"), -1);
    }
    assert_int_equal(sq_list_count(SQ_LIST_LIST_COUNT), 0);
    assert_string_equal(sq_name(SQ_LIST_LIST_COUNT, 0), "?");
    assert_string_equal(sq_name(SQ_LIST_ORDER_STATE, SQ_ORDER_NOT_SENT), "NOT SENT");
}

/* Precedence: what cannot be closed at all is said before what a person may confirm. */
static void guards_stand_in_order_of_their_class(void **state)
{
    (void)state;
    enum sq_verdict last = SQ_VERDICT_STOP;
    for (unsigned guard = 0; guard < SQ_GUARD_COUNT; guard++) {
        enum sq_verdict verdict = sq_guard_verdict((enum sq_guard)guard);
        assert_true(verdict <= last && verdict > SQ_VERDICT_PASS);
        if (verdict == SQ_VERDICT_STOP)
            assert_true(sq_guard_way_out((enum sq_guard)guard)[0] != '\0');
        last = verdict;
    }
    assert_int_equal(sq_guard_verdict(SQ_GUARD_COUNT), SQ_VERDICT_STOP);
    assert_string_equal(sq_guard_way_out(SQ_GUARD_COUNT), "");
}

static void a_key_is_all_of_its_parts(void **state)
{
    (void)state;
    const struct sq_key key = {.client = "C1", .token = 5, .exchange = 3, .product = 2};
    struct sq_key other[5] = {key, key, key, key, key};
    other[1].client[1] = '2';
    other[2].token = 6;
    other[3].exchange = 4;
    other[4].product = 1;
    assert_true(sq_key_equal(&key, &other[0]));
    for (int i = 1; i < 5; i++)
        assert_false(sq_key_equal(&key, &other[i]));
}

static void an_id_of_zeros_is_none(void **state)
{
    (void)state;
    assert_true(sq_id_is_zero((struct sq_id){0, 0}));
    assert_false(sq_id_is_zero((struct sq_id){1, 0}));
    assert_false(sq_id_is_zero((struct sq_id){0, 1}));
}

static void sides_and_ends(void **state)
{
    (void)state;
    assert_int_equal(sq_opposite(SQ_SIDE_BUY), SQ_SIDE_SELL);
    assert_int_equal(sq_opposite(SQ_SIDE_SELL), SQ_SIDE_BUY);
    assert_int_equal(sq_opposite(SQ_SIDE_NONE), SQ_SIDE_NONE);
    assert_int_equal(sq_side_sign(SQ_SIDE_BUY), 1);
    assert_int_equal(sq_side_sign(SQ_SIDE_SELL), -1);
    assert_false(sq_order_state_is_terminal(SQ_ORDER_UNKNOWN));
    assert_false(sq_order_state_is_terminal(SQ_ORDER_PARTIAL));
    assert_true(sq_order_state_is_terminal(SQ_ORDER_FILLED));
    assert_true(sq_order_state_is_terminal(SQ_ORDER_NOT_SENT));
    assert_false(sq_close_state_is_ended(SQ_CLOSE_LOCKED));
    assert_true(sq_close_state_is_ended(SQ_CLOSE_DONE));
    assert_true(sq_close_state_is_ended(SQ_CLOSE_RESIDUE));
}

static void errors_have_words(void **state)
{
    (void)state;
    assert_string_equal(sq_strerror(SQ_ERR_OK), "ok");
    assert_string_equal(sq_strerror(SQ_ERR_DISK_FULL), "disk is full");
    assert_string_equal(sq_strerror(SQ_ERR_COUNT), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_finds_its_member_again),
        cmocka_unit_test(guards_stand_in_order_of_their_class),
        cmocka_unit_test(a_key_is_all_of_its_parts),
        cmocka_unit_test(an_id_of_zeros_is_none),
        cmocka_unit_test(sides_and_ends),
        cmocka_unit_test(errors_have_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
