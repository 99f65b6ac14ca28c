/* login_flood_test.c - logins beside the loop: bounds, floods, callers that go, the end. */
#include <string.h>

#include "net/loop.h"
#include "tests/check.h"
#include "tests/login_bed.h"

enum { FLOOD = 500 };

/* A server that asks, and what it was answered. */
struct office {
    struct users_bed *bed;
    struct loop loop;
    struct login *login;
    struct sq_user dealer;
    unsigned answers, of[LOGIN_RESULTS];
    char token[TOKEN_SIZE];
    struct login *ask_again; /* the next answer asks once more, from within done() */
};

static void open_office(struct office *o, void **state, struct login_options options)
{
    *o = (struct office){.bed = *state};
    o->dealer = login_bed_add(o->bed, "RK07");
    assert_int_equal(loop_init(&o->loop), 0);
    o->login = login_create(&o->loop, o->bed->users, &options);
    assert_non_null(o->login);
}

static void close_office(struct office *o)
{
    login_stop(o->login);
    loop_finish(&o->loop);
    login_destroy(o->login);
}

static void answered(void *owner, const struct login_answer *answer);

static enum login_result ask_as(struct office *o, void *owner, const char *user,
                                const char *password, const char *address)
{
    char code[TOTP_DIGITS + 1];
    login_bed_code(&o->dealer, LOGIN_NOW, code);
    const struct login_ask ask = {.user = user,
                                  .password = password,
                                  .code = code,
                                  .address = address,
                                  .now = LOGIN_NOW,
                                  .done = answered,
                                  .owner = owner};
    return login_start(o->login, &ask);
}

static enum login_result ask_right(struct office *o)
{
    return ask_as(o, o, "RK07", LOGIN_PASSWORD, LOGIN_HOME);
}

static enum login_result ask_token(struct office *o, const char *token)
{
    const struct login_ask ask = {.now = LOGIN_NOW, .done = answered, .owner = o};
    return login_token(o->login, token, &ask);
}

static void answered(void *owner, const struct login_answer *answer)
{
    struct office *o = owner;
    o->answers++;
    o->of[answer->result]++;
    if (answer->token[0] != '\0')
        memcpy(o->token, answer->token, TOKEN_SIZE);
    if (o->ask_again != NULL) {
        o->ask_again = NULL;
        assert_int_equal(ask_token(o, o->token), LOGIN_OK);
    }
}

/* ---- one after the other --------------------------------------------------------------------- */

static void comes_in_and_goes(void **state)
{
    struct office o;
    open_office(&o, state, login_bed_options());
    const struct login_ask ask = {.now = LOGIN_NOW, .done = answered, .owner = &o};
    assert_int_equal(ask_right(&o), LOGIN_OK);
    assert_int_equal(o.answers, 0); /* never from within the call */
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 1);
    assert_int_equal(ask_token(&o, o.token), LOGIN_OK);
    assert_int_equal(login_logout(o.login, o.token, &ask), LOGIN_OK);
    assert_int_equal(ask_token(&o, o.token), LOGIN_OK);
    loop_run(&o.loop); /* one thread takes tokens, in the order they came */
    assert_int_equal(o.of[LOGIN_OK], 3);
    assert_int_equal(o.of[LOGIN_EXPIRED_TOKEN], 1);
    assert_int_equal(login_pending(o.login), 0);
    close_office(&o);
}

static void done_may_ask_again(void **state)
{
    struct office o;
    open_office(&o, state, login_bed_options());
    o.ask_again = o.login;
    assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 2);
    close_office(&o);
}

/* Four at once, each with the same right password and code. */
static void one_code_lets_one_in(void **state)
{
    struct office o;
    struct login_options options = login_bed_options();
    options.at_once = LOGIN_AT_ONCE_MAX;
    open_office(&o, state, options);
    for (int i = 0; i < LOGIN_AT_ONCE_MAX; i++)
        assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(o.answers, LOGIN_AT_ONCE_MAX);
    assert_int_equal(o.of[LOGIN_OK], 1);
    assert_int_equal(o.of[LOGIN_WRONG] + o.of[LOGIN_LOCKED_OUT], LOGIN_AT_ONCE_MAX - 1);
    close_office(&o);
}

static void text_that_is_too_long_fits_nothing(void **state)
{
    struct office o;
    char name[SQ_PERSON_SIZE + 8], password[PASSWORD_LENGTH_MAX + 8], token[TOKEN_SIZE + 8];
    open_office(&o, state, login_bed_options());
    snprintf(name, sizeof name, "RK07%.*s", 8, "AAAAAAAA");
    memset(password, 'x', sizeof password - 1);
    password[sizeof password - 1] = '\0';
    assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    snprintf(token, sizeof token, "%sAAAA", o.token);
    assert_int_equal(ask_token(&o, token), LOGIN_OK);
    assert_int_equal(ask_as(&o, &o, name, LOGIN_PASSWORD, "203.0.113.1"), LOGIN_OK);
    assert_int_equal(ask_as(&o, &o, "SV02", password, "203.0.113.2"), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 1);
    assert_int_equal(o.of[LOGIN_EXPIRED_TOKEN], 1);
    assert_int_equal(o.of[LOGIN_WRONG], 2);
    close_office(&o);
}

/* ---- floods ---------------------------------------------------------------------------------- */

/* From everywhere: what is over the bound is told at once, what is under it is answered. */
static void flood_is_bounded(void **state)
{
    struct office o;
    struct login_options options = login_bed_options();
    options.at_once = 9; /* is LOGIN_AT_ONCE_MAX then */
    options.waiting = 1000;
    open_office(&o, state, options);
    unsigned taken = 0;
    for (int i = 0; i < FLOOD; i++) {
        char address[32];
        snprintf(address, sizeof address, "203.0.%d.%d", i / 256, i % 256);
        taken += ask_as(&o, &o, "NOBODY", "wrong password", address) == LOGIN_OK;
    }
    assert_int_equal(taken, LOGIN_AT_ONCE_MAX + LOGIN_WAITING_MAX);
    assert_int_equal(login_pending(o.login), taken);
    loop_run(&o.loop);
    assert_int_equal(o.answers, taken);
    assert_int_equal(o.of[LOGIN_OK], 0);
    assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 1);
    close_office(&o);
}

/* From one place: a quarter of those that wait, so everybody else still comes in. */
static void flood_from_one_address_leaves_room(void **state)
{
    struct office o;
    open_office(&o, state, login_bed_options());
    unsigned taken = 0;
    for (int i = 0; i < FLOOD; i++)
        taken += ask_as(&o, &o, "NOBODY", "wrong password", "198.51.100.9") == LOGIN_OK;
    assert_int_equal(taken, login_usual.at_once + LOGIN_WAITING_MAX / 4);
    assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 1);
    assert_int_equal(o.answers, taken + 1);
    close_office(&o);
}

/* After a fail-over every console comes with its token at once. */
static void tokens_come_by_the_thousand(void **state)
{
    struct office o;
    struct login_options options = login_bed_options();
    options.token_waiting = 3000;
    open_office(&o, state, options);
    assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    unsigned taken = 0;
    for (int i = 0; i < 4000; i++)
        taken += ask_token(&o, o.token) == LOGIN_OK;
    assert_int_equal(taken, 3001); /* one is under way */
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 1 + taken);
    assert_int_equal(ask_token(&o, o.token), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(o.of[LOGIN_OK], 2 + taken);
    close_office(&o);
}

/* ---- those who go ---------------------------------------------------------------------------- */

static void who_goes_is_not_answered(void **state)
{
    struct office o, gone = {0};
    open_office(&o, state, login_bed_options());
    for (int i = 0; i < 8; i++) {
        char address[32];
        snprintf(address, sizeof address, "203.0.113.%d", i);
        assert_int_equal(ask_as(&o, i % 2 ? &gone : &o, "NOBODY", "wrong password", address),
                         LOGIN_OK);
    }
    login_forget(o.login, &gone);
    assert_int_equal(login_pending(o.login), login_usual.at_once + 3);
    loop_run(&o.loop);
    assert_int_equal(gone.answers, 0);
    assert_int_equal(o.answers, 4);
    close_office(&o);
}

static void logout_of_who_goes_is_carried_out(void **state)
{
    struct office o, gone = {0};
    open_office(&o, state, login_bed_options());
    const struct login_ask ask = {.now = LOGIN_NOW, .done = answered, .owner = &gone};
    assert_int_equal(ask_right(&o), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(ask_token(&o, o.token), LOGIN_OK); /* so that the logout waits */
    assert_int_equal(login_logout(o.login, o.token, &ask), LOGIN_OK);
    login_forget(o.login, &gone);
    assert_int_equal(ask_token(&o, o.token), LOGIN_OK);
    loop_run(&o.loop);
    assert_int_equal(gone.answers, 0);
    assert_int_equal(o.of[LOGIN_OK], 2);
    assert_int_equal(o.of[LOGIN_EXPIRED_TOKEN], 1);
    close_office(&o);
}

static void stops_in_the_middle(void **state)
{
    struct office o;
    open_office(&o, state, login_bed_options());
    for (int i = 0; i < 16; i++)
        ask_right(&o);
    login_stop(o.login);
    assert_int_equal(ask_right(&o), LOGIN_BUSY);
    assert_int_equal(login_pending(o.login), login_usual.at_once);
    loop_run(&o.loop);
    assert_int_equal(o.answers, 0);
    close_office(&o);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, users_bed_sqlite, users_bed_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE(comes_in_and_goes),
        OFFICE(done_may_ask_again),
        OFFICE(one_code_lets_one_in),
        OFFICE(text_that_is_too_long_fits_nothing),
        OFFICE(flood_is_bounded),
        OFFICE(flood_from_one_address_leaves_room),
        OFFICE(tokens_come_by_the_thousand),
        OFFICE(who_goes_is_not_answered),
        OFFICE(logout_of_who_goes_is_carried_out),
        OFFICE(stops_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
