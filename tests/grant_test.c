/* grant_test.c: a grant says one thing in one way, and only its signer can have said it. */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "net/grant.h"

static struct grant sample(void)
{
    struct grant g = {.book = "MUM",
                      .epoch = 5,
                      .owner = "DESK-7",
                      .seq = 43,
                      .from = "BACKUP-1",
                      .issued = 1764345600000000,
                      .until = 1764374400000000};

    memset(g.hash, 0xab, sizeof g.hash);
    return g;
}

static void what_is_written_is_read(void **state)
{
    struct grant g = sample(), again;
    char text[GRANT_TEXT], why[GRANT_WHY];

    (void)state;
    assert_true(grant_write(&g, text));
    assert_true(grant_read(text, &again, why));
    assert_memory_equal(&g, &again, sizeof g);
}

/* One change to the line: none of them is a grant. */
static void there_is_one_way_to_write_it(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"grant v1", "grant v2"},
        {"grant v1", " grant v1"},
        {"book=MUM", "book=mum"},
        {"book=MUM", "book=MU"},
        {"book=MUM", "book=MUMB"},
        {"epoch=5", "epoch=05"},
        {"epoch=5", "epoch=0"},
        {"epoch=5", "epoch=-5"},
        {"epoch=5", "epoch=4294967301"},
        {"owner=DESK-7", "owner="},
        {"owner=DESK-7", "owner=DESK 7"},
        {"owner=DESK-7", "owner=DESK-7 owner=DESK-8"},
        {"seq=43", "seq=+43"},
        {"seq=43", "seq=0"},
        {"seq=43", "seq=9007199254740992"},
        {"hash=ab", "hash=AB"},
        {"hash=abab", "hash=ab"},
        {"issued=1", "issued=9"},
        {"until=1764374400000000", "until=1764374400000000 "},
        {"until=17", "until= 17"},
        {"until=1764374400000000", "until=1764374400000000x=1"},
        {" seq", "  seq"},
    };
    struct grant g = sample(), read;
    char text[GRANT_TEXT], changed[2 * GRANT_TEXT], why[GRANT_WHY];

    (void)state;
    assert_true(grant_write(&g, text));
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        const char *at = strstr(text, changes[i].from);

        assert_non_null(at);
        snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, changes[i].to,
                 at + strlen(changes[i].from));
        if (grant_read(changed, &read, why))
            fail_msg("taken: %s", changed);
        assert_string_not_equal(why, "");
    }
}

static void names_are_plain(void **state)
{
    (void)state;
    assert_true(grant_is_name("BACKUP-1"));
    assert_true(grant_is_name("desk_7.mum"));
    assert_false(grant_is_name(""));
    assert_false(grant_is_name("DESK 7"));
    assert_false(grant_is_name("DESK\n7"));
    assert_false(grant_is_name("ABCDEFGHIJKLMNOPQRSTUVWX"));
}

struct folder {
    char path[64], key[80];
};

static int set_up(void **state)
{
    struct folder *f = calloc(1, sizeof *f);

    strcpy(f->path, "/tmp/squareoff-grant-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    snprintf(f->key, sizeof f->key, "%s/key", f->path);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct folder *f = *state;

    unlink(f->key);
    rmdir(f->path);
    free(f);
    return 0;
}

static void only_the_signer_signs(void **state)
{
    const struct folder *f = *state;
    struct grant g = sample();
    char text[GRANT_TEXT], signature[GRANT_SIGNATURE_TEXT], key[GRANT_KEY_TEXT], why[GRANT_WHY];
    struct grant_signer *signer = grant_signer_open(f->key, why);

    assert_non_null(signer);
    grant_signer_public(signer, key);
    grant_write(&g, text);
    grant_sign(signer, text, signature);
    assert_true(grant_verify(key, text, signature));
    for (size_t i = 0; i < strlen(text); i++) {
        text[i] ^= 1;
        assert_false(grant_verify(key, text, signature));
        text[i] ^= 1;
    }
    signature[5] = signature[5] == '0' ? '1' : '0';
    assert_false(grant_verify(key, text, signature));
    assert_false(grant_verify(key, text, ""));
    assert_false(grant_verify("", text, signature));
    grant_signer_free(signer);
}

static void a_key_lasts_and_is_nobody_elses(void **state)
{
    const struct folder *f = *state;
    char first[GRANT_KEY_TEXT], second[GRANT_KEY_TEXT], why[GRANT_WHY] = "";
    struct grant_signer *signer = grant_signer_open(f->key, why);
    struct stat st;

    assert_non_null(signer);
    grant_signer_public(signer, first);
    grant_signer_free(signer);
    assert_int_equal(stat(f->key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    signer = grant_signer_open(f->key, why);
    assert_non_null(signer);
    grant_signer_public(signer, second);
    grant_signer_free(signer);
    assert_string_equal(first, second);
    assert_int_equal(chmod(f->key, 0640), 0);
    assert_null(grant_signer_open(f->key, why));
    assert_non_null(strstr(why, "nobody else"));
    assert_int_equal(chmod(f->key, 0600), 0);
    assert_int_equal(truncate(f->key, 31), 0);
    assert_null(grant_signer_open(f->key, why));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(there_is_one_way_to_write_it),
        cmocka_unit_test(names_are_plain),
        cmocka_unit_test_setup_teardown(only_the_signer_signs, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_lasts_and_is_nobody_elses, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
