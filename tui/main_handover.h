/* A console on servers that may own its book one day: the replica beside its cache, what `:handover`
 * and `:breakglass` do, and the people whose passwords it knows (docs/handover.md). */
#ifndef TUI_MAIN_HANDOVER_H
#define TUI_MAIN_HANDOVER_H

#include "net/replica.h"
#include "tui/main_config.h"
#include "tui/own.h"

struct console_owner;

struct console_owner_calls {
    void (*say)(void *owner, bool bad, const char *words); /* for the message line and the log */
    void (*taken)(void *owner);                            /* the book is ours: this mode ends */
    void *owner;
};

/*
 * Opens the replica in `state`. EXIT_CHANGES: its journal says that the book is ours already. *made
 * is NULL when the file names no `name` for this console: then it is no replica.
 */
enum console_exit console_owner_open(struct loop *loop, const struct config *config,
                                     const char *state, const struct console_owner_calls *calls,
                                     struct console_owner **made, char why[WHY_SIZE]);
/* Each turn: where the session stands. */
void console_owner_turn(struct console_owner *o, struct remote *remote, enum remote_phase phase);
void console_owner_rows(struct console_owner *o, const struct wire_frame *frame);
/* False with why. `person`: who is logged in. */
bool console_owner_ask(struct console_owner *o, const struct own_ask *ask, const char *person,
                       char *why, size_t why_room);
/* A server has just let this person in with this password: it is known here from now on. */
void console_owner_know(struct console_owner *o, const char *person, const char *password);
/* Where it stands, in words. */
void console_owner_words(const struct console_owner *o, char *text, size_t size);
void console_owner_stop(struct console_owner *o); /* before the loop ends */
void console_owner_free(struct console_owner *o); /* after it */

/* Where the replica lies, in the state of a remote console. */
void console_owner_path(const char *state, const char *book, char path[PATH_SIZE]);
/* The server that the book came from, by a replica's state; false: it is not known. */
bool console_owner_lender(const char *state, char name[SQ_OWNER_SIZE]);

/* ---- the other way (tui/main_handback.c) -------------------------------------------------------- */

enum handback_step {
    HANDBACK_NONE,
    HANDBACK_DRAINING,
    HANDBACK_LEAVING,
    HANDBACK_RELEASING,
    HANDBACK_DONE
};
struct handback {
    struct book *book;
    struct tui *tui; /* for the message line; NULL: headless */
    FILE *log;       /* NULL: none */
    enum handback_step step;
    sq_time since;
    bool asked;
    char to[SQ_OWNER_SIZE]; /* the server; "": the book came from none */
    char person[SQ_PERSON_SIZE], reason[SQ_TEXT_SIZE];
};
/* Begins it: false with why. */
bool handback_ask(struct handback *h, const struct own_ask *ask, char *why, size_t why_room);
/* Each turn: says each step when it begins. True: the book is released. */
bool handback_turn(struct handback *h, sq_time now);
void handback_words(const struct handback *h, char *text, size_t size);

#endif
