/* Who may see whose rows: the table of roles against the kinds of rows. */
#include "core/engine.h"
#include "core/scope.h"

#include <stdlib.h>
#include <string.h>

#include "tests/check.h"

static const char *const rows[] = {
    "client code=C1 dealer=RK07 active=1",
    "client code=C2 dealer=AS11 backup_dealer=RK07 active=1",
    "client code=C3 dealer=AS11 active=1",
    "person code=RK07 role=DEALER active=1",
    "person code=SV02 role=SUPERVISOR active=1",
    "person code=AD01 role=ADMIN active=1",
    "person code=AU01 role=AUDITOR active=1",
};

struct seen {
    const char *line;
    bool dealer, supervisor, admin, auditor;
};

static const struct seen table[] = {
    {"client code=C1", true, true, false, true},
    {"client code=C2", true, true, false, true}, /* stands in */
    {"client code=C3", false, true, false, true},
    {"position client=C1 exchange=NSE token=1 product=MIS", true, true, false, true},
    {"position client=C3 exchange=NSE token=1 product=MIS", false, true, false, true},
    {"order no=1 client=C3 exchange=NSE token=1 product=MIS", false, true, false, true},
    {"close no=1 client=C3 exchange=NSE token=1 product=MIS", false, true, false, true},
    {"fill no=1 client=C2 exchange=NSE token=1 product=MIS", true, true, false, true},
    {"fill no=1 client=C9 exchange=NSE token=1 product=MIS", false, true, false, true},
    {"refused client=C1 person=RK07", true, true, false, true},
    {"refused client=C1 person=AS11", false, true, false, true},
    {"alarm client=C1", true, true, false, true},
    {"alarm client=C3", false, true, false, true},
    {"alarm order_no=1", true, true, true, true},
    {"supervised what=halt person=SV02", true, true, true, true},
    {"supervised what=lock client=C1 person=SV02", true, true, false, true},
    {"supervised what=lock client=C3 person=SV02", false, true, false, true},
    {"instrument exchange=NSE token=1", true, true, true, true},
    {"person code=AS11", true, true, true, true},
    {"book day=20261122", true, true, true, true},
    {"intent close_no=1", false, false, false, false},
};

static struct sq_message parse(const char *line)
{
    struct sq_message m;
    char why[200];
    if (sq_line_parse(line, &m, why, sizeof why) != 0)
        fail_msg("%s: %s", line, why);
    return m;
}

static void make(struct sq_tables *t, void **memory)
{
    struct sq_config config;
    sq_config_default(&config);
    *memory = calloc(1, sq_tables_size(&config));
    assert_non_null(*memory);
    sq_tables_init(t, *memory, &config);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sq_message m = parse(rows[i]);
        assert_int_equal(sq_tables_apply(t, (enum sq_kind)m.kind, &m.as), 0);
    }
}

static void each_role_sees_its_rows(void **state)
{
    struct sq_tables t;
    void *memory;
    (void)state;
    make(&t, &memory);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct sq_message m = parse(table[i].line);
        const bool wanted[] = {table[i].dealer, table[i].supervisor, table[i].admin,
                               table[i].auditor};
        for (uint32_t p = 0; p < 4; p++)
            if (sq_may_see(&t, p, (enum sq_kind)m.kind, &m.as) != wanted[p])
                fail_msg("%s seen by %s", table[i].line, t.person[p].code);
    }
    free(memory);
}

static void nobody_who_is_not_there_sees_anything(void **state)
{
    struct sq_tables t;
    void *memory;
    (void)state;
    make(&t, &memory);
    struct sq_message m = parse("book day=20261122");
    assert_false(sq_may_see(&t, 4, SQ_BOOK, &m.as));
    assert_false(sq_may_see(&t, SQ_NO_ROW, SQ_BOOK, &m.as));
    assert_false(sq_client_in_scope(&t, SQ_NO_ROW, 0));
    assert_false(sq_client_in_scope(&t, 0, SQ_NO_ROW));
    assert_true(sq_client_in_scope(&t, 1, SQ_NO_ROW));
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_sees_its_rows),
        cmocka_unit_test(nobody_who_is_not_there_sees_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
