/*
 * adaptor_world.h: the exchange port over FIX between a host that writes down what it is given and a peer
 * in memory that does the same. No socket and no clock; the day is that of tests/adaptor_day.h.
 */
#ifndef TESTS_ADAPTOR_WORLD_H
#define TESTS_ADAPTOR_WORLD_H

#include "tests/adaptor_day.h"
#include "tests/fix_peer.h"

enum { ADAPTOR_INPUTS = 256 };

struct adaptor_world {
    struct sq_tables tables;
    void *memory;
    struct sq_book book;
    struct fix_exchange *x;
    struct fix_peer *peer;
    int64_t now;
    struct sq_message input[ADAPTOR_INPUTS]; /* what the host was given */
    int inputs;
    int room;       /* inputs that the host still takes */
    bool no_blocks; /* the host answers no reservation */
    char log[8192]; /* lines for the operator */
};

/* A report about the day's order: what it is about, and how the input that it becomes names it. */
#define ADAPTOR_ABOUT \
    "1=ACC10421|55=NIFTY|48=52223|22=8|207=NFO|54=2|38=65|40=2|44=120.40|5001=NRML|"
#define ADAPTOR_KEY "client=C10421 exchange=NFO token=52223 product=NRML "

/* Set-up and tear-down of a test; *state becomes the world. The adaptor is not started. */
int adaptor_begin(void **state);
int adaptor_end(void **state);
#define ADAPTOR_TEST(name) cmocka_unit_test_setup_teardown(name, adaptor_begin, adaptor_end)

/* Makes the adaptor anew with w->book, as a start of the program does. */
void adaptor_start(struct adaptor_world *w);
/* Connects both sides and lets them talk; cuts them apart. */
void adaptor_connect(struct adaptor_world *w);
void adaptor_cut(struct adaptor_world *w);
/* Started, logged on, proven, and what that said forgotten. */
void adaptor_log_on(struct adaptor_world *w);
/* Lets both sides talk until they are silent. */
void adaptor_run(struct adaptor_world *w);
/* One way only; returns how many bytes were taken. */
size_t adaptor_to_peer(struct adaptor_world *w);
size_t adaptor_from_peer(struct adaptor_world *w);

/* The inputs since the last look, a line each; valid until the next call. */
const char *adaptor_said(struct adaptor_world *w);
/* The adaptor hears w->book, as after a commit. */
void adaptor_tell_book(struct adaptor_world *w);

/* A request about the day's position for the present connection, without a deadline. */
struct sq_message adaptor_request(struct adaptor_world *w, enum sq_kind kind, const char *clord);
/* Gives it to the port. */
void adaptor_ask(struct adaptor_world *w, const struct sq_message *request);
/* A new order that may be sent within two seconds. */
void adaptor_send_new(struct adaptor_world *w, const char *clord);

#endif
