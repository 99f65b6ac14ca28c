/*
 * office.h: the bed of tests in which a book changes hands: squareoffd's parts (book, server, login,
 * hand-over), a console with a replica, and the simulated exchange with its own account, all on one
 * loop. Sockets and FIX bytes are real, journals lie in memory, and either side may die and start
 * again at any moment.
 */
#ifndef TESTS_OFFICE_H
#define TESTS_OFFICE_H

#include "tests/check.h"

#include "core/session_here.h"
#include "core/squareoff.h"
#include "net/handover.h"
#include "net/replica.h"
#include "net/server.h"
#include "net/simulator/inproc.h"
#include "net/standalone.h"
#include "tests/login_bed.h"

#define OFFICE_BOOK    "MUM"
#define OFFICE_SERVER  "BACKUP-1"
#define OFFICE_CONSOLE "DESK-7"
#define OFFICE_PERSON  "SV02"

/* Who may own the book: a journal, and while it runs an engine and the links. */
struct site {
    struct sq_store *store;
    struct sq_config config;
    void *memory, *session_memory;
    struct sq_host *host;
    struct sq_session *session; /* of the console, when it stands alone */
    struct standalone *link;
};

struct office {
    struct loop loop;
    struct loop_timer tick;
    bool (*until)(struct office *office);
    sq_time by;
    bool reached;
    struct inproc *exchange;
    struct users_bed *users;
    struct sq_user person;
    struct login *login;
    struct grant_signer *signer;
    char key[GRANT_KEY_TEXT], key_path[300];
    /* the server */
    struct site server;
    struct served served, *served_list[1];
    struct handover handover;
    struct server *listener;
    char port[8];
    /* the console */
    struct site console;
    struct remote *remote;
    struct replica *replica;
    bool live, granted, returned;
    char token[WIRE_TOKEN_SIZE];
    char grant[GRANT_TEXT], signature[GRANT_SIGNATURE_TEXT];
    uint64_t ids;
    uint64_t orders_before; /* that the exchange had taken, when a test looked */
};

int office_begin(void **state);
int office_end(void **state);

/* The server: starts on its journal; ends as after kill -9. */
void office_start_server(struct office *o);
void office_kill_server(struct office *o);
/* The console as a replica, and its end. */
void office_start_console(struct office *o);
void office_kill_console(struct office *o);
/* The console takes the book and links to the exchange; and ends that, as after kill -9. */
enum sq_err office_take(struct office *o, const struct replica_taking *how, char why[REPLICA_WHY]);
void office_stand_alone(struct office *o);
void office_end_alone(struct office *o);

/* A person copies the console's journal in the place of the server's; both are stopped. */
void office_copy_journal(struct office *o);

/* Fails when it does not come true in time. */
void office_until(struct office *o, bool (*until)(struct office *office), int64_t at_most_s);
void office_wait(struct office *o, int64_t ms);

const struct sq_tables *office_book(const struct site *site);
bool office_server_is_ready(struct office *o);
bool office_console_is_ready(struct office *o);
bool office_replica_is_whole(struct office *o); /* it has all that the server has */
bool office_is_granted(struct office *o);
/* The server's book, or the console's, becomes active; so closes may be sent. */
void office_activate(struct site *site, struct office *o);
/* Presses x on so many open positions, from row `from` on; returns how many were pressed. */
uint32_t office_close(struct site *site, struct office *o, uint32_t from, uint32_t count);
uint64_t office_orders(const struct office *o); /* that the exchange has taken */
/* The exchange's account is that of the site, and nothing was sent twice. */
void office_agrees(struct office *o, struct site *site);

#endif
