/*
 * handover.h: a server gives a served book to a console and takes it back (docs/handover.md).
 *
 * The steps, each durable before the next one begins:
 *
 *   DRAINING   DRAIN is journalled: no new sends, plans stop; waits until nothing is without an
 *              answer, or HANDOVER_DRAIN_S
 *   LEAVING    logs out of the exchange, and cuts what does not end in order
 *   RELEASING  RELEASE is journalled, with the next epoch and the console's name; from then on the
 *              host follows and nothing can be sent
 *   RELEASED   the grant is out; asked for again by the same name it is given again
 *
 * What fails before RELEASED is taken back by KEEP, and the link is made again. A process that dies
 * on the way leaves a book that drains: whoever asks for the same again goes on from there. The
 * word to keep it is a hand-over to the server's own name.
 *
 * Nothing here knows of sockets. Everything runs on the loop's thread.
 */
#ifndef NET_HANDOVER_H
#define NET_HANDOVER_H

#include "net/grant.h"
#include "net/served.h"

enum {
    HANDOVER_STEP_MS = 20,
    HANDOVER_DRAIN_S = 10,   /* for orders that are without an answer */
    HANDOVER_NUMBER_S = 30,  /* for orders that may still get a FIX number: then it is kept */
    HANDOVER_LOGOUT_S = 5,   /* for the exchange to log us out; then the connection is cut */
    HANDOVER_COMMIT_S = 10,  /* for an input of ours to be durable */
    HANDOVER_GRANT_H = 12,   /* how long a grant is good */
    HANDOVER_WHO_SIZE = 256, /* names of those who may hold a replica */
    HANDOVER_WHY = 160
};

enum handover_step {
    HANDOVER_IDLE,
    HANDOVER_DRAINING,
    HANDOVER_LEAVING,
    HANDOVER_RELEASING,
    HANDOVER_RELEASED,
    HANDOVER_TAKING /* the book came back: TAKE is being journalled */
};
const char *handover_step_words(enum handover_step step);

/* What became of a request: why "": it is done. Borrowed until the call returns. */
struct handover_answer {
    void *console;
    uint64_t id;
    bool returned; /* the answer to a return, not to a hand-over */
    const char *why;
    const char *grant, *signature; /* of a hand-over */
};

struct handover_config {
    struct served *book;
    const struct grant_signer *signer; /* borrowed, as all here */
    char server[SQ_OWNER_SIZE];        /* our name, as an owner */
    char replicas[HANDOVER_WHO_SIZE];  /* users, with blanks between them; "": nobody */
    char consoles[HANDOVER_WHO_SIZE];  /* names that the book may be given to; as above */
    void (*answer)(const struct handover_answer *answer);
    void (*log)(void *owner, const char *line);
    void *owner;
};

struct handover {
    struct handover_config config;
    enum handover_step step;
    void *console; /* who asked, and waits for the answer; NULL: nobody does any more */
    uint64_t id;
    char to[SQ_OWNER_SIZE], person[SQ_PERSON_SIZE], reason[SQ_TEXT_SIZE];
    bool asked; /* this step's input has been handed to the host */
    sq_time since;
    struct loop_timer timer;
    struct journal_turn turn; /* of the console's journal, on its way in */
    void *returning;          /* whose rows those are */
    bool parted;              /* the console's journal is not the continuation of ours */
    char why[HANDOVER_WHY];
};

/*
 * At the start, on a host that was recovered: is the book ours to lead? False: it is with a console,
 * which has not given it back, or not all of it, and the host follows. True: its journal names us as
 * the owner, or will when the TAKE that is queued here is durable: what fences the last owner is
 * the caller's lock or claim. epoch: that was claimed; 0: the journal's next one will do.
 */
bool handover_leads(struct sq_host *host, const char *server, const char *consoles, uint32_t epoch);

/* h: memory of any content. The book has it from then on, until handover_finish(); after a turn of
 * the loop the memory may be used again. */
void handover_init(struct handover *h, const struct handover_config *config);
void handover_finish(struct handover *h);

/* May this user's consoles hold a replica of the book? */
bool handover_is_replica(const struct handover *h, const char *user);

/*
 * Gives the book to the console `to`: the answer comes later, or from within with the reason why it
 * cannot be.
 */
void handover_begin(struct handover *h, void *console, uint64_t id, const char *to,
                    const char *person, const char *reason);

/*
 * Rows of the console that has the book. *seq: adopted so far. NULL, or why not: the rows are not
 * the continuation of this journal, or the book is not away.
 */
const char *handover_rows(struct handover *h, void *console, const struct cJSON *log,
                          uint64_t *seq);
/* All rows have come: takes the book, when they end with its release to us. The answer as above. */
void handover_take(struct handover *h, void *console, uint64_t id, const char *person);

/* A console is gone: nobody waits for its answers. */
void handover_forget(struct handover *h, const void *console);

#endif
