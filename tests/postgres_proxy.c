/* postgres_proxy.c - a thread that listens, and one for each line */
#include "tests/postgres_proxy.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/check.h"
#include "tests/postgres_bed.h"

static int listener;
static _Atomic int wanted, faults;
static void (*_Atomic during)(void);

static struct sockaddr_in loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* False when that side has ended. */
static bool pass(int to, const char *bytes, ssize_t length)
{
    for (ssize_t done = 0; done < length;) {
        ssize_t sent = send(to, bytes + done, (size_t)(length - done), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        done += sent;
    }
    return true;
}

static bool says_commit(const char *bytes, ssize_t length)
{
    return length > 0 && memmem(bytes, (size_t)length, "COMMIT", 6) != NULL;
}

/* Until the server has told, to nobody, that it has committed: at the Sync that is yet to come. */
static void swallow_answer(int client, int server)
{
    char bytes[16384];
    bool open = true, told = false;
    while (open && !told) {
        struct pollfd wait[2] = {{.fd = client, .events = POLLIN},
                                 {.fd = server, .events = POLLIN}};
        poll(wait, 2, -1);
        int from = wait[0].revents ? client : server;
        ssize_t length = recv(from, bytes, sizeof bytes, 0);
        open = length > 0 && (from == server || pass(server, bytes, length));
        told = from == server && says_commit(bytes, length);
    }
}

/* False: the line ends here. */
static bool fault(int client, int server, const char *bytes, ssize_t length)
{
    int which = atomic_exchange(&wanted, PROXY_NONE);
    if (which == PROXY_NONE)
        return pass(server, bytes, length);
    if (which == PROXY_LOSE_ANSWER && pass(server, bytes, length))
        swallow_answer(client, server);
    void (*then)(void) = during;
    if (then)
        then();
    faults++;
    /* Silence: the client waits as long as it likes, and its end is not told to the server. */
    while (which == PROXY_SILENCE && recv(client, &(char){0}, 1, 0) > 0)
        continue;
    if (which == PROXY_SILENCE)
        recv(server, &(char){0}, 1, MSG_PEEK);
    return false;
}

static bool from_client(int client, int server)
{
    char bytes[16384];
    ssize_t length = recv(client, bytes, sizeof bytes, 0);
    if (length <= 0)
        return false;
    return says_commit(bytes, length) ? fault(client, server, bytes, length)
                                      : pass(server, bytes, length);
}

static bool from_server(int server, int client)
{
    char bytes[16384];
    ssize_t length = recv(server, bytes, sizeof bytes, 0);
    return length > 0 && pass(client, bytes, length);
}

static void *line(void *owner)
{
    int client = (int)(intptr_t)owner, server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = loopback(postgres_bed_port());
    bool open = connect(server, (struct sockaddr *)&address, sizeof address) == 0;
    while (open) {
        struct pollfd wait[2] = {{.fd = client, .events = POLLIN},
                                 {.fd = server, .events = POLLIN}};
        poll(wait, 2, -1);
        if (wait[0].revents)
            open = from_client(client, server);
        if (open && wait[1].revents)
            open = from_server(server, client);
    }
    close(client);
    close(server);
    return NULL;
}

static void begin_thread(void *(*run)(void *), void *owner)
{
    pthread_t thread;
    if (pthread_create(&thread, NULL, run, owner) != 0)
        abort();
    pthread_detach(thread);
}

static void *serve(void *owner)
{
    (void)owner;
    for (;;) {
        int client = accept(listener, NULL, NULL);
        if (client >= 0)
            begin_thread(line, (void *)(intptr_t)client);
    }
    return NULL;
}

int postgres_proxy_start(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t length = sizeof address;
    listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
    begin_thread(serve, NULL);
    return ntohs(address.sin_port);
}

void postgres_proxy_set(enum proxy_fault fault_wanted, void (*meanwhile)(void))
{
    during = meanwhile;
    wanted = fault_wanted;
}

int postgres_proxy_faults(void)
{
    return faults;
}
