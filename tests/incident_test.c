/* What stopped the last process keeps the next one from sending, until a person has looked. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/incident.h"
#include "db/store_memory.h"
#include "tests/book_maker.h"
#include "tests/check.h"

static char state[] = "/tmp/sq-incident-XXXXXX";

static int make_state(void **unused)
{
    (void)unused;
    return mkdtemp(state) ? 0 : -1;
}

static int remove_state(void **unused)
{
    char command[128];
    (void)unused;
    snprintf(command, sizeof command, "rm -rf %s", state);
    return system(command);
}

static struct incident read_it(void)
{
    struct incident incident;
    incident_read(state, &incident);
    return incident;
}

static void nothing_happened(void **unused)
{
    (void)unused;
    struct incident incident = read_it();
    assert_false(incident_is_view_only(&incident));
    assert_string_equal(incident.words, "");
    assert_int_equal(incident_clear(state, "SV02", "none", 0), SQ_ERR_NOT_FOUND);
}

/* An input out of its turn breaks an assertion of the engine, as a bug would. */
static void break_an_assertion(void)
{
    struct sq_config config = maker_config(4, 4, 4);
    struct sq_store *store = store_memory_create();
    struct sq_host *host =
        sq_host_init(maker_memory(sq_host_size(&config)), &config, store, NULL, NULL);
    struct sq_message bad = {.kind = SQ_REFUSED}; /* an answer is no input */
    incident_watch(state, host);
    sq_host_submit(host, &bad);
    sq_host_run(host, 1);
}

static void assertion_in_a_child(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        break_an_assertion();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

static void one_assertion_goes_on_two_do_not(void **unused)
{
    (void)unused;
    assertion_in_a_child();
    struct incident incident = read_it();
    assert_int_equal(incident.assertions, 1);
    assert_false(incident_is_view_only(&incident));
    assert_non_null(strstr(incident.words, "refused")); /* the input that broke it */
    assertion_in_a_child();
    incident = read_it();
    assert_true(incident_is_view_only(&incident));
    assert_int_equal(incident_clear(state, "SV02", "looked at it", 1), SQ_ERR_OK);
    incident = read_it();
    assert_false(incident_is_view_only(&incident));
}

static void a_failed_commit_needs_a_person(void **unused)
{
    (void)unused;
    incident_commit_failed(state, "disk I/O error\nassertion forged");
    struct incident incident = read_it();
    assert_true(incident_is_view_only(&incident));
    assert_int_equal(incident.commits, 1);
    assert_int_equal(incident.assertions, 0); /* a line end in the words makes no second line */
    assert_int_equal(incident_clear(state, "SV02", "disk replaced", 2), SQ_ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_happened),
        cmocka_unit_test(one_assertion_goes_on_two_do_not),
        cmocka_unit_test(a_failed_commit_needs_a_person),
    };
    return cmocka_run_group_tests(tests, make_state, remove_state);
}
