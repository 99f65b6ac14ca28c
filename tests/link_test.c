/* What moves the bytes: backoff, the loop, stream sockets and their flow control. */
#include "tests/check.h"

#include "net/reconnect.h"
#include "net/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
