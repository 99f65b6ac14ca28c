/*
 * What moves the bytes: the loop, stream sockets and their flow control, backoff, the host driven
 * beside a slow disk, the control socket and its client.
 */
#include "tests/check.h"

#include "core/engine.h"
#include "db/store_memory.h"
#include "net/control.h"
#include "net/driver.h"
#include "net/reconnect.h"
#include "net/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- backoff --------------------------------------------------------------------------------- */

static void waits_double_up_to_a_ceiling(void **state)
{
    static const int64_t ceilings[] = {200, 400, 800, 1000, 1000};
    struct reconnect r = {.first_ms = 200, .ceiling_ms = 1000};
    (void)state;
    for (size_t i = 0; i < sizeof ceilings / sizeof *ceilings; i++) {
        struct reconnect low = r, high = r;
        assert_int_equal(reconnect_wait_ms(&low, 0), ceilings[i] / 2);
        assert_int_equal(reconnect_wait_ms(&high, (uint64_t)ceilings[i] / 2), ceilings[i]);
        r = low;
    }
    reconnect_succeeded(&r);
    assert_int_equal(reconnect_wait_ms(&r, 0), 100);
}

/* ---- loop ------------------------------------------------------------------------------------ */

struct ticks {
    struct loop loop;
    struct loop_timer timer;
    struct loop_turn turn;
    sq_time due;
    int fired, turns, worked, signals;
};

static void on_tick(void *owner)
{
    struct ticks *t = owner;
    assert_true(loop_now(&t->loop) >= t->due);
    if (++t->fired == 2) {
        loop_stop(&t->loop);
        return;
    }
    t->due = loop_now(&t->loop) + 3 * SQ_MS;
    loop_timer_set(&t->timer, t->due);
}

static void timers_are_never_early(void **state)
{
    struct ticks t = {0};
    (void)state;
    assert_int_equal(loop_init(&t.loop), 0);
    loop_timer_init(&t.timer, &t.loop, on_tick, &t);
    t.due = loop_now(&t.loop) + 2 * SQ_MS + 300;
    loop_timer_set(&t.timer, t.due);
    loop_run(&t.loop);
    assert_int_equal(t.fired, 2);
    loop_finish(&t.loop);
}

static void on_turn(void *owner)
{
    struct ticks *t = owner;
    if (++t->turns == 5)
        loop_stop(&t->loop);
    else
        loop_turn_again(&t->turn);
}

static void a_turn_can_ask_for_another(void **state)
{
    struct ticks t = {0};
    (void)state;
    loop_init(&t.loop);
    loop_turn_init(&t.turn, &t.loop, on_turn, &t);
    loop_turn_again(&t.turn);
    loop_run(&t.loop);
    assert_int_equal(t.turns, 5);
    loop_finish(&t.loop);
}

static void on_signal(void *owner, int number)
{
    struct ticks *t = owner;
    t->signals = number;
    loop_stop(&t->loop);
}

static void signals_come_on_the_loop(void **state)
{
    struct ticks t = {0};
    struct loop_signal sig;
    (void)state;
    loop_init(&t.loop);
    assert_int_equal(loop_signal_start(&sig, &t.loop, SIGUSR1, on_signal, &t), 0);
    raise(SIGUSR1);
    loop_run(&t.loop);
    assert_int_equal(t.signals, SIGUSR1);
    loop_finish(&t.loop);
}

/* ---- sockets --------------------------------------------------------------------------------- */

/* A machine that takes what it has room for and says what it is told to. */
struct mouth {
    struct loop loop;
    struct tcp tcp;
    struct loop_timer timer;
    char in[TCP_BUFFER * 4];
    size_t in_length, in_room;
    const char *out;
    size_t out_length, out_used;
    size_t stop_at; /* the loop stops when so much was taken */
    int connected, lost;
    char why[TCP_WHY];
};

static void mouth_connected(void *owner)
{
    struct mouth *m = owner;
    m->connected++;
    loop_stop(&m->loop);
}

static size_t mouth_receive(void *owner, const char *bytes, size_t n)
{
    struct mouth *m = owner;
    if (n > m->in_room - m->in_length)
        n = m->in_room - m->in_length;
    memcpy(m->in + m->in_length, bytes, n);
    m->in_length += n;
    if (m->in_length >= m->stop_at)
        loop_stop(&m->loop);
    return n;
}

static const char *mouth_output(void *owner, size_t *n)
{
    struct mouth *m = owner;
    *n = m->out_length - m->out_used;
    return m->out + m->out_used;
}

static void mouth_written(void *owner, size_t k)
{
    struct mouth *m = owner;
    m->out_used += k;
}

static void mouth_lost(void *owner, const char *why)
{
    struct mouth *m = owner;
    m->lost++;
    snprintf(m->why, sizeof m->why, "%s", why);
    loop_stop(&m->loop);
}

static const struct tcp_machine mouth_machine = {mouth_connected, mouth_receive, mouth_output,
                                                 mouth_written, mouth_lost};

static void give_up(void *owner)
{
    struct mouth *m = owner;
    loop_stop(&m->loop);
}

static struct mouth *mouth_new(void)
{
    struct mouth *m = calloc(1, sizeof *m);
    assert_int_equal(loop_init(&m->loop), 0);
    m->in_room = m->stop_at = sizeof m->in;
    tcp_init(&m->tcp, &m->loop, &mouth_machine, m);
    loop_timer_init(&m->timer, &m->loop, give_up, m);
    return m;
}

static void mouth_run(struct mouth *m, int64_t at_most_ms)
{
    loop_timer_set(&m->timer, loop_now(&m->loop) + at_most_ms * SQ_MS);
    loop_run(&m->loop);
}

static void mouth_free(struct mouth *m)
{
    tcp_close(&m->tcp);
    loop_finish(&m->loop);
    free(m);
}

static int listen_somewhere(char port[16])
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    snprintf(port, 16, "%u", ntohs(address.sin_port));
    return fd;
}

static void a_link_connects_by_name_and_tries_each_address(void **state)
{
    struct mouth *m = mouth_new();
    char port[16], got[8] = "";
    int server = listen_somewhere(port); /* on 127.0.0.1 only; localhost may be ::1 first */
    (void)state;
    m->out = "hello";
    m->out_length = 5;
    tcp_connect(&m->tcp, "localhost", port);
    mouth_run(m, 5000);
    assert_int_equal(m->connected, 1);
    int fd = accept(server, NULL, NULL);
    assert_int_equal(recv(fd, got, sizeof got, 0), 5);
    assert_string_equal(got, "hello");
    close(fd);
    mouth_run(m, 5000);
    assert_string_equal(m->why, "closed by the other side");
    assert_int_equal(m->tcp.state, TCP_CLOSED);
    close(server);
    mouth_free(m);
}

static void a_refused_connection_is_told(void **state)
{
    struct mouth *m = mouth_new();
    char port[16];
    (void)state;
    close(listen_somewhere(port)); /* nobody listens there now */
    tcp_connect(&m->tcp, "127.0.0.1", port);
    mouth_run(m, 5000);
    assert_int_equal(m->connected, 0);
    assert_int_equal(m->lost, 1);
    assert_string_equal(m->why, "Connection refused");
    tcp_connect(&m->tcp, "no.such.host.invalid", "1");
    mouth_run(m, 15000);
    assert_int_equal(m->lost, 2);
    mouth_free(m);
}

static void a_link_closed_while_resolving_stays_silent(void **state)
{
    struct mouth *m = mouth_new();
    (void)state;
    tcp_connect(&m->tcp, "localhost", "1");
    tcp_close(&m->tcp);
    mouth_run(m, 200);
    assert_int_equal(m->connected + m->lost, 0);
    mouth_free(m);
}

static void what_is_not_taken_is_not_read(void **state)
{
    static char bytes[3 * TCP_BUFFER];
    struct mouth *m = mouth_new();
    int pair[2];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    m->in_room = 1000;
    tcp_adopt(&m->tcp, pair[0]);
    size_t sent = 0;
    for (ssize_t n; (n = send(pair[1], bytes + sent, sizeof bytes - sent, MSG_DONTWAIT)) > 0;)
        sent += (size_t)n;
    mouth_run(m, 30);
    mouth_run(m, 30);
    assert_int_equal(m->in_length, 1000);
    assert_true(m->tcp.held <= TCP_BUFFER);
    m->in_room = sizeof m->in; /* room again: all of it comes, in order */
    m->stop_at = sizeof bytes;
    tcp_pump(&m->tcp);
    while (m->in_length < sizeof bytes) {
        ssize_t n = send(pair[1], bytes + sent, sizeof bytes - sent, MSG_DONTWAIT);
        sent += n > 0 ? (size_t)n : 0;
        mouth_run(m, 5);
    }
    assert_memory_equal(m->in, bytes, sizeof bytes);
    close(pair[1]);
    mouth_free(m);
}

static void what_the_peer_does_not_read_waits(void **state)
{
    static char bytes[4 * 1024 * 1024], got[sizeof bytes];
    struct mouth *m = mouth_new();
    int pair[2];
    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 13 + i / 509);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
    m->out = bytes;
    m->out_length = sizeof bytes;
    tcp_adopt(&m->tcp, pair[0]);
    assert_true(m->out_used < sizeof bytes);
    size_t read_so_far = 0;
    while (read_so_far < sizeof bytes) {
        ssize_t n = recv(pair[1], got + read_so_far, sizeof got - read_so_far, MSG_DONTWAIT);
        read_so_far += n > 0 ? (size_t)n : 0;
        if (n <= 0)
            mouth_run(m, 2);
    }
    assert_memory_equal(got, bytes, sizeof bytes);
    close(pair[1]);
    mouth_free(m);
}

/* ---- the driver ------------------------------------------------------------------------------ */

/* A store whose commits take their time: a slow disk. */
struct slow_store {
    struct sq_store store;
    struct sq_store *inner;
    int64_t commit_us;
};

static struct sq_store *inner_of(struct sq_store *store)
{
    return ((struct slow_store *)store)->inner;
}

static enum sq_err slow_commit(struct sq_store *store, const struct sq_turn *turn)
{
    usleep((useconds_t)((struct slow_store *)store)->commit_us);
    return inner_of(store)->ops->commit(inner_of(store), turn);
}

static enum sq_err slow_release(struct sq_store *store)
{
    return inner_of(store)->ops->release_ballast(inner_of(store));
}

static enum sq_err slow_read(struct sq_store *store, uint64_t after, sq_journal_fn *row,
                             void *owner)
{
    return inner_of(store)->ops->read(inner_of(store), after, row, owner);
}

static enum sq_err slow_load(struct sq_store *store, sq_journal_fn *row, void *owner, uint64_t *seq,
                             uint64_t *digest)
{
    return inner_of(store)->ops->load_snapshot(inner_of(store), row, owner, seq, digest);
}

static uint64_t slow_last(struct sq_store *store)
{
    return inner_of(store)->ops->last_seq(inner_of(store));
}

static const char *slow_why(struct sq_store *store)
{
    return inner_of(store)->ops->why(inner_of(store));
}

static const struct sq_store_ops slow_ops = {.commit = slow_commit,
                                             .release_ballast = slow_release,
                                             .read = slow_read,
                                             .load_snapshot = slow_load,
                                             .last_seq = slow_last,
                                             .why = slow_why};

struct drive {
    struct loop loop;
    struct driver driver;
    struct slow_store store;
    struct sq_host *host;
    struct loop_timer timer;
    int ticks, acted;
    int submit_per_tick, ticks_wanted;
    enum sq_err error;
};

/* The screen of this test: it draws every millisecond and presses a key each time. */
static void draw(void *owner)
{
    struct drive *d = owner;
    struct sq_message input = {.kind = SQ_NUMBERS};
    for (int i = 0; i < d->submit_per_tick; i++) {
        input.as.numbers.out_reserved = (uint64_t)(d->ticks + 1);
        assert_true(sq_host_submit(d->host, &input));
    }
    if (++d->ticks < d->ticks_wanted)
        loop_timer_set(&d->timer, loop_now(&d->loop) + SQ_MS);
    else
        d->submit_per_tick = 0;
}

static void on_acted(void *owner)
{
    struct drive *d = owner;
    d->acted++;
    if (d->ticks >= d->ticks_wanted && driver_is_idle(&d->driver))
        loop_stop(&d->loop);
}

static void on_stopped(void *owner, enum sq_err error)
{
    struct drive *d = owner;
    d->error = error;
    loop_stop(&d->loop);
}

static int drive_begin(void **state)
{
    struct drive *d = calloc(1, sizeof *d);
    struct sq_config config;
    char why[200];
    sq_config_default(&config);
    loop_init(&d->loop);
    d->store = (struct slow_store){.store.ops = &slow_ops, .inner = store_memory_create()};
    d->host = sq_host_init(calloc(1, sq_host_size(&config)), &config, &d->store.store, NULL, NULL);
    if (sq_host_recover(d->host, why, sizeof why) != SQ_ERR_OK)
        return -1;
    loop_timer_init(&d->timer, &d->loop, draw, d);
    *state = d;
    return 0;
}

static int drive_end(void **state)
{
    struct drive *d = *state;
    driver_finish(&d->driver);
    loop_finish(&d->loop);
    d->store.inner->ops->destroy(d->store.inner);
    free(d->host);
    free(d);
    return 0;
}

static void drive_run(struct drive *d, int ticks, int submit_per_tick)
{
    const struct driver_config config = {.loop = &d->loop,
                                         .host = d->host,
                                         .store = &d->store.store,
                                         .acted = on_acted,
                                         .stopped = on_stopped,
                                         .owner = d};
    d->ticks_wanted = ticks;
    d->submit_per_tick = submit_per_tick;
    driver_start(&d->driver, &config);
    loop_timer_set(&d->timer, loop_now(&d->loop) + SQ_MS);
    loop_run(&d->loop);
}

static void a_slow_disk_does_not_stop_the_screen(void **state)
{
    struct drive *d = *state;
    d->store.commit_us = 100000;
    drive_run(d, 250, 1);
    print_message("%d frames, %lu turns\n", d->ticks, (unsigned long)d->driver.turns);
    assert_int_equal(d->ticks, 250);
    assert_in_range(d->driver.turns, 2, 20); /* each as large as what came meanwhile */
    assert_int_equal(sq_engine_tables(sq_host_engine(d->host))->book.out_reserved, 250);
}

static void a_fast_disk_makes_small_turns(void **state)
{
    struct drive *d = *state;
    drive_run(d, 20, 1);
    assert_in_range(d->driver.turns, 18, 22);
}

static void a_failed_commit_stops_the_host(void **state)
{
    struct drive *d = *state;
    store_memory_fail(d->store.inner, 3, SQ_ERR_IO, false);
    drive_run(d, 100, 1);
    assert_int_equal(d->error, SQ_ERR_IO);
    assert_int_equal(sq_host_mode(d->host), SQ_HOST_STOPPED);
}

static void a_full_disk_commits_the_same_turn_again(void **state)
{
    struct drive *d = *state;
    store_memory_fail(d->store.inner, 3, SQ_ERR_DISK_FULL, false);
    drive_run(d, 20, 1);
    assert_int_equal(d->error, SQ_ERR_OK);
    assert_int_equal(sq_host_mode(d->host), SQ_HOST_DISK_FULL);
    assert_int_equal(sq_engine_tables(sq_host_engine(d->host))->book.out_reserved, 20);
}

/* ---- the control socket ---------------------------------------------------------------------- */

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

#define DRIVE(name)  cmocka_unit_test_setup_teardown(name, drive_begin, drive_end)
#define OFFICE(name) cmocka_unit_test_setup_teardown(name, office_begin, office_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_double_up_to_a_ceiling),
        cmocka_unit_test(timers_are_never_early),
        cmocka_unit_test(a_turn_can_ask_for_another),
        cmocka_unit_test(signals_come_on_the_loop),
        cmocka_unit_test(a_link_connects_by_name_and_tries_each_address),
        cmocka_unit_test(a_refused_connection_is_told),
        cmocka_unit_test(a_link_closed_while_resolving_stays_silent),
        cmocka_unit_test(what_is_not_taken_is_not_read),
        cmocka_unit_test(what_the_peer_does_not_read_waits),
        DRIVE(a_slow_disk_does_not_stop_the_screen),
        DRIVE(a_fast_disk_makes_small_turns),
        DRIVE(a_failed_commit_stops_the_host),
        DRIVE(a_full_disk_commits_the_same_turn_again),
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
