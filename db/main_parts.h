/* main_parts.h: what the files of squareoff-admin share. */
#ifndef DB_MAIN_PARTS_H
#define DB_MAIN_PARTS_H

#include <stdio.h>

#include "core/port.h"

/* Exit codes, as documented in --help and the manual page. */
enum admin_exit {
    ADMIN_OK,
    ADMIN_REFUSED, /* rows were refused, or the day is another one: nothing was changed */
    ADMIN_USAGE,
    ADMIN_STATE, /* locked, damaged, or not there */
    ADMIN_DISK
};

/* Options of every command; what was not given is NULL or 0. */
struct admin {
    const char *state;
    const char *store; /* "postgres:CONNINFO": there, and not in a state directory */
    const char *book;
    const char *desk;
    const char *sender;
    uint32_t day;
    const char *accepted_by;
    const char *accepted_why;
    const char *role; /* of a user, like the next two */
    const char *books;
    const char *password_file;
    uint64_t until; /* UINT64_MAX: all */
    bool json;
    bool csv;
    char **words; /* what is not an option */
    int word_count;
};

enum admin_exit admin_bod(const struct admin *admin);
enum admin_exit admin_instruments(const struct admin *admin);
enum admin_exit admin_journal(const struct admin *admin);
enum admin_exit admin_report(const struct admin *admin);
enum admin_exit admin_snapshot(const struct admin *admin);
enum admin_exit admin_clear(const struct admin *admin);
enum admin_exit admin_user(const struct admin *admin);

/* Says it on stderr and gives the exit code of an error of the store. */
enum admin_exit admin_failed(enum sq_err error, const char *why);

/* Whether --store is given and says "postgres:CONNINFO". */
bool admin_has_database(const struct admin *admin);

/*
 * Opens the state, or the book in the database: as its owner, or to read beside one. NULL: *exit is
 * set and it was said. admin_close gives up what was owned; NULL is allowed.
 */
struct sq_store *admin_open(const struct admin *admin, bool own, enum admin_exit *exit);
void admin_close(struct sq_store *store);

/* Microseconds since 1970. */
sq_time admin_now(void);

#endif
