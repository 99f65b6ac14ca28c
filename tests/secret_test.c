/* secret_test.c - passwords, codes and tokens, each alone. */
#include <string.h>

#include "net/password.h"
#include "net/token.h"
#include "net/totp.h"
#include "tests/check.h"

#define NOW (INT64_C(1795000000) * SQ_SECOND)

/* RFC 6238, appendix B, SHA-1: the last six of the eight digits. */
static void codes_are_those_of_the_rfc(void **state)
{
    (void)state;
    static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    static const struct {
        int64_t time_s;
        const char *code;
    } vectors[] = {
        {59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
        {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"},
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        char code[TOTP_DIGITS + 1];
        sq_time now = vectors[i].time_s * SQ_SECOND;
        assert_int_equal(totp_code(secret, totp_step(now), code), 0);
        assert_string_equal(code, vectors[i].code);
        assert_int_equal(totp_verify(secret, code, now, 0), totp_step(now));
    }
}

static void code_is_good_in_the_steps_beside_its_own(void **state)
{
    (void)state;
    char secret[TOTP_SECRET_SIZE], code[TOTP_DIGITS + 1];
    int64_t middle = totp_step(NOW);
    assert_int_equal(password_init(), 0);
    assert_int_equal(totp_make(secret), 0);
    for (int64_t step = middle - 3; step <= middle + 3; step++) {
        assert_int_equal(totp_code(secret, step, code), 0);
        bool near = step >= middle - 1 && step <= middle + 1;
        assert_int_equal(totp_verify(secret, code, NOW, 0), near ? step : 0);
        assert_int_equal(totp_verify(secret, code, NOW, step), 0);
    }
}

static void what_is_no_code_is_wrong(void **state)
{
    (void)state;
    static const char secret[] = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    static const char *const codes[] = {"",        "28708",   "2870820",
                                        "287082 ", " 287082", "+87082",
                                        "28708\n", "2e7082",  "\xff\xff\xff\xff\xff\xff"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        assert_int_equal(totp_verify(secret, codes[i], 59 * SQ_SECOND, 0), 0);
    assert_int_equal(totp_verify(secret, "287082", 59 * SQ_SECOND, 0), 1);
    assert_int_equal(totp_verify("not base32 at all !", "287082", 59 * SQ_SECOND, 0), 0);
    assert_int_equal(totp_verify("", "287082", 59 * SQ_SECOND, 0), 0);
}

static void new_passwords_are_looked_at(void **state)
{
    (void)state;
    char text[PASSWORD_LENGTH_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_string_equal(password_fault("short"), "a password has at least 10 bytes");
    assert_string_equal(password_fault(text), "a password has at most 128 bytes");
    assert_string_equal(password_fault("with\ta tabulator"),
                        "a password has no control characters");
    assert_null(password_fault(text + 1));
    assert_null(password_fault("पासवर्ड दस बाइट"));
    password_make(text);
    assert_null(password_fault(text));
    assert_int_equal(strlen(text), PASSWORD_MADE_SIZE - 1);
}

static void odd_hashes_are_not_tried(void **state)
{
    (void)state;
    static const char *const hashes[] = {
        "",
        "$argon2id$",
        "$argon2id$v=19$m=65536,t=3,p=1",
        "$argon2id$v=19$m=99999999,t=3,p=1$c29tZXNhbHQ$AAAA", /* 95 GiB */
        "$argon2id$v=19$m=65536,t=9999,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=-1,t=3,p=1$c29tZXNhbHQ$AAAA",
        "$1$abc$def",
        "correct horse battery",
    };
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++)
        assert_int_not_equal(password_verify(hashes[i], "correct horse battery"), PASSWORD_RIGHT);
    assert_int_equal(password_verify(hashes[3], "x"), PASSWORD_BAD_HASH);
    assert_int_equal(password_verify(hashes[4], "x"), PASSWORD_BAD_HASH);
}

static void tokens_are_all_different(void **state)
{
    (void)state;
    char a[TOKEN_SIZE], b[TOKEN_SIZE], ha[TOKEN_HASH_SIZE], hb[TOKEN_HASH_SIZE];
    assert_int_equal(password_init(), 0);
    token_make(a);
    token_make(b);
    assert_string_not_equal(a, b);
    assert_true(token_hash(a, ha) && token_hash(b, hb));
    assert_false(token_is_same(ha, hb));
    assert_true(token_is_same(ha, ha));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_are_those_of_the_rfc),
        cmocka_unit_test(code_is_good_in_the_steps_beside_its_own),
        cmocka_unit_test(what_is_no_code_is_wrong),
        cmocka_unit_test(new_passwords_are_looked_at),
        cmocka_unit_test(odd_hashes_are_not_tried),
        cmocka_unit_test(tokens_are_all_different),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
