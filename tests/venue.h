/*
 * venue.h: the simulated exchange and some members, each a FIX session, without sockets. For tests of the
 * exchange through its own face: FIX bytes in, FIX bytes out, time as an argument.
 *
 * The day is tests/exchange/day; the market stands still unless the configuration says otherwise (a level
 * is one lot, the spread one tick). Each call moves bytes both ways until all are silent.
 */
#ifndef TESTS_VENUE_H
#define TESTS_VENUE_H

#include "net/fix_session.h"
#include "net/simulator/config.h"

enum { VENUE_MEMBERS = 4, VENUE_QUEUE = 128, VENUE_MESSAGE = 4096 };

extern const char venue_day[]; /* folder of the day's files */

struct venue_member {
    char comp_id[SIM_COMP_ID];
    struct fix_session fix;
    int connection; /* -1: none */
    char message[VENUE_QUEUE][VENUE_MESSAGE];
    size_t length[VENUE_QUEUE];
    int first, count; /* messages that came and were not looked at */
};

struct venue {
    struct sim_day day;
    struct sim_settings settings;
    void *memory;
    struct exchange *x;
    int64_t now_us;
    struct venue_member member[VENUE_MEMBERS];
    int members;
    struct fix_view view; /* the message looked at last */
    char last[VENUE_MESSAGE];
    char log[1 << 18]; /* the exchange's log */
    size_t log_length;
    const char *where; /* line of the conversation, for messages */
};

/* Opens the exchange with these lines of configuration added. */
struct venue *venue_open(const char *ini);
void venue_close(struct venue *w);

/* The member with that comp id, made when it is named first. */
struct venue_member *venue_member(struct venue *w, const char *comp_id);
/* Connects, and succeeds or not; must be logged on after it; cuts the connection. */
void venue_connect(struct venue *w, struct venue_member *m);
void venue_log_on(struct venue *w, const char *comp_id);
void venue_drop(struct venue *w, struct venue_member *m);

/* Sends a message whose fields are "TAG=VALUE|..."; the value NOW is the time. The text is cut up. */
void venue_send(struct venue *w, struct venue_member *m, const char *type, char *fields);
/* Sends an order: "COMP CLORD CLIENT SEGMENT:TOKEN PRODUCT SIDE QUANTITY PRICE". */
void venue_order(struct venue *w, const char *text);
/* A line for the control line, which must answer ok, or an error. */
void venue_obey(struct venue *w, const char *command, bool good);
void venue_pass_time(struct venue *w, int64_t us);

/* The next message that came becomes the one looked at (w->view); NULL: there is none. */
const char *venue_next(struct venue *w, struct venue_member *m);
/* The message looked at, with '|' for SOH; valid until the next call. */
const char *venue_shown(struct venue *w);
/* "NFO:1001" of the day, or NULL. */
const struct sim_contract *venue_contract(struct venue *w, const char *name);

#endif
