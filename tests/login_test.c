/* login_test.c - what is looked at when somebody comes in: every result, delays, sessions. */
#include <stdlib.h>
#include <string.h>

#include "db/users.h"
#include "net/login_enrol.h"
#include "tests/check.h"
#include "tests/login_bed.h"

#define AWAY   "198.51.100.9"
#define MINUTE (60 * SQ_SECOND)
#define HOUR   (60 * MINUTE)

/* A house with one dealer in it, at a time that the test moves. */
struct house {
    struct users_bed *bed;
    struct login_rules rules;
    struct sq_user dealer;
    sq_time now;
    struct login_answer answer;
};

static struct house house_of(void **state)
{
    struct house h = {.bed = *state, .now = LOGIN_NOW};
    struct login_options options = login_bed_options();
    assert_int_equal(login_rules_init(&h.rules, h.bed->users, &options), 0);
    h.dealer = login_bed_add(h.bed, "RK07");
    return h;
}

static enum login_result try(struct house *h, const char *user, const char *password,
                             const char *code, const char *address)
{
    const struct login_ask ask = {
        .user = user, .password = password, .code = code, .address = address, .now = h->now};
    login_check_password(&h->rules, &ask, &h->answer);
    return h->answer.result;
}

/* The dealer, with the code of this moment. */
static enum login_result try_with(struct house *h, const char *password, const char *address)
{
    char code[TOTP_DIGITS + 1];
    login_bed_code(&h->dealer, h->now, code);
    return try(h, "RK07", password, code, address);
}

static enum login_result try_right(struct house *h)
{
    return try_with(h, LOGIN_PASSWORD, LOGIN_HOME);
}

static enum login_result try_token(struct house *h, const char *token)
{
    struct login_answer answer;
    login_check_token(&h->rules, token, h->now, &answer);
    assert_string_equal(answer.token, "");
    return answer.result;
}

/* Comes in; the token. A step later, so that the next login has a code of its own. */
static void come_in(struct house *h, char token[TOKEN_SIZE])
{
    assert_int_equal(try_right(h), LOGIN_OK);
    memcpy(token, h->answer.token, TOKEN_SIZE);
    h->now += TOTP_STEP_S * SQ_SECOND;
}

static void change(struct house *h, void (*how)(struct sq_user *user))
{
    struct sq_users *users = h->bed->users;
    struct sq_user user;
    assert_int_equal(users->ops->find(users, "RK07", &user), SQ_ERR_OK);
    how(&user);
    assert_int_equal(users->ops->save(users, &user), SQ_ERR_OK);
}

static void disable(struct sq_user *user)
{
    user->disabled = 1;
}

static void promote(struct sq_user *user)
{
    user->role = SQ_ROLE_SUPERVISOR;
}

static void give_password(struct sq_user *user)
{
    assert_int_equal(password_hash("another password", &password_least, user->password), 0);
}

/* ---- codes ----------------------------------------------------------------------------------- */

static void used_code_is_refused(void **state)
{
    struct house h = house_of(state);
    assert_int_equal(try_right(&h), LOGIN_OK);
    assert_int_equal(try_right(&h), LOGIN_WRONG);
    h.now += TOTP_STEP_S * SQ_SECOND;
    assert_int_equal(try_right(&h), LOGIN_OK);
}

/* Codes of steps before the newest that was used are refused until the clock has caught up; what
 * failed in a future that is no more delays nothing. */
static void clock_set_back_takes_no_code_twice(void **state)
{
    struct house h = house_of(state);
    assert_int_equal(try_right(&h), LOGIN_OK);
    h.now -= TOTP_STEP_S * SQ_SECOND;
    assert_int_equal(try_right(&h), LOGIN_WRONG);
    h.now -= HOUR;
    assert_int_equal(try_right(&h), LOGIN_WRONG);
    assert_int_equal(try_right(&h), LOGIN_LOCKED_OUT);
    assert_in_range(h.answer.wait_s, 1, 2);
    h.now = LOGIN_NOW + TOTP_STEP_S * SQ_SECOND;
    assert_int_equal(try_right(&h), LOGIN_OK);
}

/* ---- passwords ------------------------------------------------------------------------------- */

static void answer_says_who_came_in(void **state)
{
    struct house h = house_of(state);
    assert_int_equal(try_right(&h), LOGIN_OK);
    assert_string_equal(h.answer.text, "logged in");
    assert_int_equal(strlen(h.answer.token), TOKEN_SIZE - 1);
    assert_int_equal(h.answer.expires_us, LOGIN_NOW + 12 * HOUR);
    assert_string_equal(h.answer.user.name, "RK07");
    assert_int_equal(h.answer.user.role, SQ_ROLE_DEALER);
    assert_string_equal(h.answer.user.books, "DRL");
    assert_string_equal(h.answer.user.password, "");
    assert_string_equal(h.answer.user.totp, "");
}

/* User, password, code: each wrong alone, and all of them; the answers cannot be told apart. */
static void everything_wrong_is_one_answer(void **state)
{
    struct house h = house_of(state);
    struct login_answer first = {0};
    char code[TOTP_DIGITS + 1], other[TOTP_DIGITS + 1];
    const char *const tries[][3] = {{"RK08", LOGIN_PASSWORD, code},
                                    {"RK07", "correct horse batter", code},
                                    {"RK07", LOGIN_PASSWORD, other},
                                    {"RK09", "wrong", "wrong"}};
    for (size_t i = 0; i < sizeof tries / sizeof tries[0]; i++) {
        h.now += MINUTE;
        login_bed_code(&h.dealer, h.now, code);
        memcpy(other, code, sizeof other);
        other[0] = (char)(code[0] == '9' ? '0' : code[0] + 1);
        assert_int_equal(try(&h, tries[i][0], tries[i][1], tries[i][2], AWAY), LOGIN_WRONG);
        if (i == 0)
            first = h.answer;
        assert_memory_equal(&h.answer, &first, sizeof first);
    }
}

/* Hashing a made-up password for a name that is not there takes as long. */
static void unknown_user_costs_a_hash(void **state)
{
    struct house h = house_of(state);
    assert_int_equal(password_verify(h.rules.dummy, LOGIN_PASSWORD), PASSWORD_WRONG);
    assert_false(password_is_weaker(h.rules.dummy, &h.rules.options.cost));
}

static void hostile_names_are_wrong(void **state)
{
    struct house h = house_of(state);
    char longest[5000];
    memset(longest, 'A', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    const char *const names[] = {"",   "' OR ''='", "RK07\n",  "RK07 ", "\xff\xfe", "RK07%00",
                                 "$1", "../../etc", "\x1b[2J", "rk07",  longest};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char code[TOTP_DIGITS + 1], address[32];
        snprintf(address, sizeof address, "203.0.113.%zu", i);
        login_bed_code(&h.dealer, h.now, code);
        assert_int_equal(try(&h, names[i], LOGIN_PASSWORD, code, address), LOGIN_WRONG);
        assert_int_equal(try(&h, "RK08", longest, longest, address), LOGIN_WRONG);
        h.now += MINUTE;
    }
    assert_int_equal(try_right(&h), LOGIN_OK);
    h.now += MINUTE;
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, longest), LOGIN_OK); /* an odd address is one */
}

static int64_t passes_of(struct house *h)
{
    struct sq_user user;
    assert_int_equal(h->bed->users->ops->find(h->bed->users, "RK07", &user), SQ_ERR_OK);
    return atoi(strstr(user.password, ",t=") + 3);
}

static void password_is_hashed_anew_when_the_cost_rises(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE];
    come_in(&h, token);
    assert_int_equal(passes_of(&h), 1);
    h.rules.options.cost.passes = 2;
    assert_int_equal(try_with(&h, "wrong password", LOGIN_HOME), LOGIN_WRONG);
    assert_int_equal(passes_of(&h), 1);
    h.now += MINUTE;
    come_in(&h, token);
    assert_int_equal(passes_of(&h), 2);
    h.rules.options.cost.passes = 1;
    come_in(&h, token);
    assert_int_equal(passes_of(&h), 2); /* never weaker */
    assert_int_equal(try_token(&h, token), LOGIN_OK);
}

static void disabled_user_is_told_when_all_was_right(void **state)
{
    struct house h = house_of(state);
    change(&h, disable);
    assert_int_equal(try_right(&h), LOGIN_DISABLED);
    assert_int_equal(try_with(&h, "wrong password", LOGIN_HOME), LOGIN_WRONG);
}

/* Not a wrong password: nobody's failure, and it delays nobody. */
static void unreadable_users_are_told(void **state)
{
    struct house h = house_of(state);
    char why[256], token[TOKEN_SIZE];
    come_in(&h, token);
    assert_int_equal(
        users_bed_after_sql(h.bed, "UPDATE login_user SET role = 'ROOT'", why, sizeof why),
        SQ_ERR_OK);
    h.rules.users = h.bed->users;
    assert_int_equal(try_right(&h), LOGIN_UNAVAILABLE);
    assert_int_equal(try_token(&h, token), LOGIN_UNAVAILABLE);
    assert_int_equal(users_bed_after_sql(h.bed,
                                         "UPDATE login_user SET role = 'DEALER', password = 'x'",
                                         why, sizeof why),
                     SQ_ERR_OK);
    h.rules.users = h.bed->users;
    assert_int_equal(try_right(&h), LOGIN_UNAVAILABLE);
    assert_int_equal(try_token(&h, token), LOGIN_OK);
}

/* ---- delays ---------------------------------------------------------------------------------- */

static void delay_doubles_to_a_minute(void **state)
{
    struct house h = house_of(state);
    static const unsigned delays_s[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    for (size_t i = 0; i < sizeof delays_s / sizeof delays_s[0]; i++) {
        char address[32], text[LOGIN_TEXT_SIZE];
        snprintf(address, sizeof address, "203.0.113.%zu", i); /* it is the user that waits */
        assert_int_equal(try_with(&h, "wrong password", address), LOGIN_WRONG);
        h.now += 1;
        assert_int_equal(try_with(&h, LOGIN_PASSWORD, AWAY), LOGIN_LOCKED_OUT);
        assert_int_equal(h.answer.wait_s, delays_s[i]);
        snprintf(text, sizeof text, "too many failures: try again in %u s", delays_s[i]);
        assert_string_equal(h.answer.text, text);
        h.now += delays_s[i] * SQ_SECOND - 2;
        assert_int_equal(try_with(&h, LOGIN_PASSWORD, AWAY), LOGIN_LOCKED_OUT);
        h.now += 1;
    }
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, AWAY), LOGIN_OK);
    h.now += MINUTE;
    assert_int_equal(try_with(&h, "wrong password", AWAY), LOGIN_WRONG);
    h.now += 1;
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, AWAY), LOGIN_LOCKED_OUT);
    assert_int_equal(h.answer.wait_s, 1); /* the success had reset it */
}

static void unknown_user_is_delayed_like_any(void **state)
{
    struct house h = house_of(state);
    assert_int_equal(try(&h, "NOBODY", "wrong password", "000000", AWAY), LOGIN_WRONG);
    assert_int_equal(try(&h, "NOBODY", "wrong password", "000000", AWAY), LOGIN_LOCKED_OUT);
    assert_int_equal(h.answer.wait_s, 1);
}

/* An office is one address: five mistakes there delay nobody else, more do, and one success ends it. */
static void address_is_delayed_from_the_sixth(void **state)
{
    struct house h = house_of(state);
    for (int i = 1; i <= 6; i++) {
        char name[SQ_PERSON_SIZE];
        snprintf(name, sizeof name, "U%d", i);
        assert_int_equal(try(&h, name, "wrong password", "000000", AWAY), LOGIN_WRONG);
    }
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, AWAY), LOGIN_LOCKED_OUT);
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, LOGIN_HOME), LOGIN_OK);
    h.now += MINUTE;
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, AWAY), LOGIN_OK);
    assert_int_equal(try(&h, "U9", "wrong password", "000000", AWAY), LOGIN_WRONG);
    assert_int_equal(try(&h, "U8", "wrong password", "000000", AWAY), LOGIN_WRONG);
}

/* Of two spellings, `same` says whether they count as one. */
static void networks_count_as_one(void **state)
{
    struct house h = house_of(state);
    static const struct {
        const char *failing, *trying;
        bool same;
    } rows[] = {
        {"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
        {"2001:db8:1:3::1", "2001:db8:1:4::1", false},
        {"192.0.2.50", "::ffff:192.0.2.50", true},
        {"192.0.2.51", "192.0.2.52", false},
        {"fe80::1%eth0", "fe80::2%eth1", true},
        {"local", "local", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int j = 0; j < 6; j++)
            assert_int_equal(try(&h, "", "wrong password", "000000", rows[i].failing), LOGIN_WRONG);
        assert_int_equal(try(&h, "", "wrong password", "000000", rows[i].trying),
                         rows[i].same ? LOGIN_LOCKED_OUT : LOGIN_WRONG);
    }
}

/* A stranger who fails all day in the dealer's name does not keep the dealer from the usual place. */
static void strangers_do_not_lock_the_person_out(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE];
    come_in(&h, token);
    for (int i = 0; i < 20; i++) {
        try(&h, "RK07", "wrong password", "000000", AWAY);
        h.now += MINUTE;
    }
    assert_int_equal(try(&h, "RK07", "wrong password", "000000", AWAY), LOGIN_WRONG);
    assert_int_equal(try_with(&h, LOGIN_PASSWORD, "203.0.113.1"), LOGIN_LOCKED_OUT);
    assert_int_equal(try_right(&h), LOGIN_OK);
    assert_int_equal(try_token(&h, token), LOGIN_OK);
}

static void nobody_is_locked_out_for_good(void **state)
{
    (void)state;
    const struct sq_failure failures[] = {
        {1000000, LOGIN_NOW},
        {INT64_MAX, LOGIN_NOW},
        {7, LOGIN_NOW + 1000 * HOUR}, /* the clock was set back since */
    };
    assert_int_equal(login_wait_s(&failures[0], 0, LOGIN_NOW), 60);
    assert_int_equal(login_wait_s(&failures[1], 0, LOGIN_NOW), 60);
    assert_int_equal(login_wait_s(&failures[2], 0, LOGIN_NOW), 0);
    assert_int_equal(login_wait_s(&failures[0], 0, LOGIN_NOW + MINUTE), 0);
    assert_int_equal(login_wait_s(&(struct sq_failure){5, LOGIN_NOW}, 5, LOGIN_NOW), 0);
    assert_int_equal(login_wait_s(&(struct sq_failure){6, LOGIN_NOW}, 5, LOGIN_NOW), 1);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static void token_lasts_over_a_restart(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE];
    come_in(&h, token);
    users_bed_again(h.bed);
    struct login_options options = login_bed_options();
    assert_int_equal(login_rules_init(&h.rules, h.bed->users, &options), 0);
    assert_int_equal(try_token(&h, token), LOGIN_OK);
}

static void token_is_nowhere_in_the_file(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE], path[300];
    size_t length = 0;
    come_in(&h, token);
    users_bed_again(h.bed);
    snprintf(path, sizeof path, "%s/users.db", h.bed->folder);
    char *file = check_read_file(path, &length);
    assert_non_null(memmem(file, length, "RK07", 4));
    assert_null(memmem(file, length, token, TOKEN_SIZE - 1));
    assert_null(memmem(file, length, LOGIN_PASSWORD, strlen(LOGIN_PASSWORD)));
    free(file);
}

static void token_ends_after_its_life(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE];
    come_in(&h, token);
    for (h.now = LOGIN_NOW; h.now < LOGIN_NOW + 12 * HOUR; h.now += 30 * MINUTE)
        assert_int_equal(try_token(&h, token), LOGIN_OK);
    assert_int_equal(try_token(&h, token), LOGIN_EXPIRED_TOKEN);
    h.now = LOGIN_NOW;
    assert_int_equal(try_token(&h, token), LOGIN_EXPIRED_TOKEN); /* and stays so */
}

static void token_ends_when_it_is_not_used(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE];
    come_in(&h, token);
    h.now = LOGIN_NOW + HOUR;
    assert_int_equal(try_token(&h, token), LOGIN_OK);
    h.now += HOUR;
    assert_int_equal(try_token(&h, token), LOGIN_OK);
    h.now += HOUR + 1;
    assert_int_equal(try_token(&h, token), LOGIN_EXPIRED_TOKEN);
}

static void token_of_tomorrow_is_refused(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE];
    come_in(&h, token);
    h.now = LOGIN_NOW - 4 * MINUTE; /* two servers' clocks are never the same */
    assert_int_equal(try_token(&h, token), LOGIN_OK);
    h.now = LOGIN_NOW - HOUR;
    assert_int_equal(try_token(&h, token), LOGIN_EXPIRED_TOKEN);
}

static void token_ends_with_logout_and_with_each_change(void **state)
{
    void (*const changes[])(struct sq_user * user) = {promote, give_password, disable};
    struct house h = house_of(state);
    struct login_answer answer;
    char token[TOKEN_SIZE], other[TOKEN_SIZE];
    come_in(&h, other);
    come_in(&h, token);
    login_check_logout(&h.rules, token, &answer);
    assert_int_equal(answer.result, LOGIN_OK);
    assert_int_equal(try_token(&h, token), LOGIN_EXPIRED_TOKEN);
    assert_int_equal(try_token(&h, other), LOGIN_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(i < 2 ? try_right(&h) : try_with(&h, "another password", LOGIN_HOME),
                         LOGIN_OK);
        memcpy(token, h.answer.token, sizeof token);
        change(&h, changes[i]);
        assert_int_equal(try_token(&h, token), LOGIN_EXPIRED_TOKEN);
        h.now += MINUTE;
    }
}

static void what_is_no_token_is_expired(void **state)
{
    struct house h = house_of(state);
    char token[TOKEN_SIZE], text[TOKEN_SIZE + 8], hash[TOKEN_HASH_SIZE];
    come_in(&h, token);
    static const char *const texts[] = {"", "token", "*******************************************",
                                        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(try_token(&h, texts[i]), LOGIN_EXPIRED_TOKEN);
    snprintf(text, sizeof text, "%s=", token);
    assert_int_equal(try_token(&h, text), LOGIN_EXPIRED_TOKEN);
    snprintf(text, sizeof text, "%s", token);
    text[TOKEN_SIZE - 2] = 'B'; /* bits of the last digit that no token has */
    assert_false(token_hash(text, hash));
    assert_int_equal(try_token(&h, token), LOGIN_OK);
}

/* ---- enrolment and books --------------------------------------------------------------------- */

static void first_start_makes_an_administrator_once(void **state)
{
    struct users_bed *bed = *state;
    struct login_enrolment e;
    char why[256] = "", text[ENROLMENT_TEXT_SIZE], code[TOTP_DIGITS + 1];
    assert_int_equal(login_first_admin(bed->users, &password_least, &e, why, sizeof why), 1);
    login_enrolment_text(&e, text);
    assert_non_null(strstr(text, e.password));
    assert_non_null(strstr(text, "otpauth://totp/squareoff:admin?secret="));
    struct house h = {.bed = bed, .now = LOGIN_NOW};
    struct login_options options = login_bed_options();
    assert_int_equal(login_rules_init(&h.rules, bed->users, &options), 0);
    assert_int_equal(totp_code(e.secret, totp_step(h.now), code), 0);
    assert_int_equal(try(&h, "admin", e.password, code, LOGIN_HOME), LOGIN_OK);
    assert_int_equal(h.answer.user.role, SQ_ROLE_ADMIN);
    assert_int_equal(login_first_admin(bed->users, &password_least, &e, why, sizeof why), 0);
}

static void stricter_of_user_and_person_wins(void **state)
{
    (void)state;
    const struct sq_person dealer = {
        .code = "RK07", .desk = "MUM-1", .role = SQ_ROLE_DEALER, .active = 1};
    struct sq_person gone = dealer, above = dealer, elsewhere = dealer;
    gone.active = 0;
    above.role = SQ_ROLE_SUPERVISOR;
    snprintf(elsewhere.desk, sizeof elsewhere.desk, "DEL-2");
    const struct {
        uint8_t role;
        const char *desk, *books, *book;
        const struct sq_person *person;
        const char *reason; /* NULL: may work */
    } rows[] = {
        {SQ_ROLE_DEALER, "MUM-1", "DRL", "DRL", &dealer, NULL},
        {SQ_ROLE_DEALER, "", "*", "DRL", &dealer, NULL},
        {SQ_ROLE_DEALER, "", "ABC DRL", "DRL", &dealer, NULL},
        {SQ_ROLE_DEALER, "", "ABC DRL", "ABD", &dealer, "this book is not among the user's"},
        {SQ_ROLE_DEALER, "", "", "DRL", &dealer, "this book is not among the user's"},
        {SQ_ROLE_DEALER, "", "*", "", &dealer, "this book is not among the user's"},
        {SQ_ROLE_DEALER, "", "*", "DRLX", &dealer, "this book is not among the user's"},
        {SQ_ROLE_DEALER, "", "*", "DRL", NULL, "the book's day has no such person"},
        {SQ_ROLE_DEALER, "", "*", "DRL", &gone,
         "the book's day says that this person is not active"},
        {SQ_ROLE_DEALER, "", "*", "DRL", &above,
         "the user has one role and the book's day says another"},
        {SQ_ROLE_SUPERVISOR, "", "*", "DRL", &dealer,
         "the user has one role and the book's day says another"},
        {SQ_ROLE_DEALER, "MUM-1", "*", "DRL", &elsewhere,
         "the user has one desk and the book's day says another"},
        {SQ_ROLE_ADMIN, "", "*", "DRL", NULL, NULL},
        {SQ_ROLE_AUDITOR, "", "DRL", "DRL", NULL, NULL},
        {SQ_ROLE_ADMIN, "", "*", "DRL", &dealer,
         "the user has one role and the book's day says another"},
        {SQ_ROLE_NONE, "", "*", "DRL", NULL, "this book is not among the user's"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sq_user user = {.name = "RK07", .role = rows[i].role};
        char text[LOGIN_TEXT_SIZE];
        snprintf(user.desk, sizeof user.desk, "%s", rows[i].desk);
        snprintf(user.books, sizeof user.books, "%s", rows[i].books);
        enum login_result result = login_scope(&user, rows[i].book, rows[i].person, text);
        assert_int_equal(result, rows[i].reason == NULL ? LOGIN_OK : LOGIN_ROLE);
        if (rows[i].reason != NULL)
            assert_non_null(strstr(text, rows[i].reason));
    }
}

#define HOUSE(test) cmocka_unit_test_setup_teardown(test, users_bed_sqlite, users_bed_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HOUSE(used_code_is_refused),
        HOUSE(clock_set_back_takes_no_code_twice),
        HOUSE(answer_says_who_came_in),
        HOUSE(everything_wrong_is_one_answer),
        HOUSE(unknown_user_costs_a_hash),
        HOUSE(hostile_names_are_wrong),
        HOUSE(password_is_hashed_anew_when_the_cost_rises),
        HOUSE(disabled_user_is_told_when_all_was_right),
        HOUSE(unreadable_users_are_told),
        HOUSE(delay_doubles_to_a_minute),
        HOUSE(unknown_user_is_delayed_like_any),
        HOUSE(address_is_delayed_from_the_sixth),
        HOUSE(networks_count_as_one),
        HOUSE(strangers_do_not_lock_the_person_out),
        cmocka_unit_test(nobody_is_locked_out_for_good),
        HOUSE(token_lasts_over_a_restart),
        HOUSE(token_is_nowhere_in_the_file),
        HOUSE(token_ends_after_its_life),
        HOUSE(token_ends_when_it_is_not_used),
        HOUSE(token_of_tomorrow_is_refused),
        HOUSE(token_ends_with_logout_and_with_each_change),
        HOUSE(what_is_no_token_is_expired),
        HOUSE(first_start_makes_an_administrator_once),
        cmocka_unit_test(stricter_of_user_and_person_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
