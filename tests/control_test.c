/* The control socket and its client. */
#include "tests/check.h"

#include "net/control.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct office {
    struct loop loop;
    struct control *control;
    char folder[128], path[192];
    struct loop_timer later;
    struct control_client *waiting;
    int gone;
    const char *request; /* of the client's thread */
    int timeout_s;
    int result;
    char answer[4096], why[CONTROL_WHY];
    size_t lines;
    uv_async_t done;
};

static void answer_later(void *owner)
{
    struct office *o = owner;
    if (o->waiting != NULL)
        control_end(o->waiting, NULL);
    o->waiting = NULL;
}

static void handle(void *owner, struct control_client *client, const char *line)
{
    struct office *o = owner;
    char text[256];
    if (strcmp(line, "later") == 0) {
        o->waiting = client;
        control_say(client, "wait");
        loop_timer_set(&o->later, loop_now(&o->loop) + 20 * SQ_MS);
    } else if (strcmp(line, "never") == 0) {
        o->waiting = client;
    } else if (strcmp(line, "flood") == 0) {
        for (int i = 0; i < 2 * CONTROL_ANSWER / 64; i++)
            control_say(client, "................................................................");
        control_end(client, NULL);
    } else if (strcmp(line, "bad") == 0) {
        control_end(client, "no such thing");
    } else {
        snprintf(text, sizeof text, "you said %.200s", line);
        control_say(client, text);
        control_say(client, "two\nlines");
        control_end(client, NULL);
    }
}

static void forget(void *owner, struct control_client *client)
{
    struct office *o = owner;
    assert_ptr_equal(client, o->waiting);
    o->waiting = NULL;
    o->gone++;
}

static const struct control_handler handler = {handle, forget};

static void take_line(void *owner, const char *line)
{
    struct office *o = owner;
    size_t at = strlen(o->answer);
    o->lines++;
    if (at + strlen(line) + 2 < sizeof o->answer)
        snprintf(o->answer + at, sizeof o->answer - at, "%s\n", line);
}

static void *client_thread(void *owner)
{
    struct office *o = owner;
    o->result = control_ask(o->path, o->request, o->timeout_s, take_line, o, o->why);
    uv_async_send(&o->done);
    return NULL;
}

static void client_done(uv_async_t *uv)
{
    struct office *o = uv->data;
    loop_stop(&o->loop);
}

static void ask_office(struct office *o, const char *request)
{
    pthread_t thread;
    o->request = request;
    o->answer[0] = o->why[0] = '\0';
    o->lines = 0;
    assert_int_equal(pthread_create(&thread, NULL, client_thread, o), 0);
    loop_run(&o->loop);
    pthread_join(thread, NULL);
    uv_run(&o->loop.uv, UV_RUN_NOWAIT);
}

static int office_begin(void **state)
{
    struct office *o = calloc(1, sizeof *o);
    check_make_folder(o->folder, sizeof o->folder);
    snprintf(o->path, sizeof o->path, "%s/control", o->folder);
    o->timeout_s = 5;
    loop_init(&o->loop);
    loop_timer_init(&o->later, &o->loop, answer_later, o);
    uv_async_init(&o->loop.uv, &o->done, client_done);
    o->done.data = o;
    o->control = control_listen(&o->loop, o->path, &handler, o, o->why);
    *state = o;
    return o->control == NULL;
}

static int office_end(void **state)
{
    struct office *o = *state;
    control_close(o->control);
    loop_finish(&o->loop);
    assert_int_not_equal(access(o->path, F_OK), 0);
    check_remove_folder(o->folder);
    free(o);
    return 0;
}

static void a_request_gets_its_lines(void **state)
{
    struct office *o = *state;
    struct stat info;
    ask_office(o, "hello there");
    assert_int_equal(o->result, 0);
    check_text(o->answer, "you said hello there\ntwo lines\n");
    assert_int_equal(stat(o->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
}

static void an_answer_may_come_later(void **state)
{
    struct office *o = *state;
    ask_office(o, "later");
    assert_int_equal(o->result, 0);
    check_text(o->answer, "wait\n");
}

static void errors_have_a_reason(void **state)
{
    struct office *o = *state;
    ask_office(o, "bad");
    assert_int_equal(o->result, 1);
    assert_string_equal(o->why, "no such thing");
}

static void half_an_answer_never_looks_whole(void **state)
{
    struct office *o = *state;
    ask_office(o, "flood");
    assert_int_equal(o->result, -1);
    assert_string_equal(o->why, "the answer broke off");
    assert_true(o->lines > 1000);
}

static void a_client_that_gives_up_is_forgotten(void **state)
{
    struct office *o = *state;
    o->timeout_s = 1;
    ask_office(o, "never");
    assert_int_equal(o->result, -1);
    assert_string_equal(o->why, "no answer in time");
    for (int i = 0; i < 50 && o->gone == 0; i++) {
        uv_run(&o->loop.uv, UV_RUN_NOWAIT);
        usleep(1000);
    }
    assert_int_equal(o->gone, 1);
}

static void requests_without_end_are_cut_off(void **state)
{
    struct office *o = *state;
    char big[2 * CONTROL_LINE];
    memset(big, 'a', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    o->result = control_ask(o->path, big, 1, take_line, o, o->why);
    assert_int_equal(o->result, -1);
    assert_string_equal(o->why, "Message too long");
}

static void nobody_there_is_said(void **state)
{
    struct office *o = *state;
    assert_int_equal(control_ask("/nowhere/at/all", "x", 1, take_line, o, o->why), -1);
    assert_string_equal(o->why, "No such file or directory");
}

#define OFFICE(name) cmocka_unit_test_setup_teardown(name, office_begin, office_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        OFFICE(a_request_gets_its_lines),
        OFFICE(an_answer_may_come_later),
        OFFICE(errors_have_a_reason),
        OFFICE(half_an_answer_never_looks_whole),
        OFFICE(a_client_that_gives_up_is_forgotten),
        OFFICE(requests_without_end_are_cut_off),
        OFFICE(nobody_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
