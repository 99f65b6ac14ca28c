/*
 * served.h: one book that a server shows to many consoles.
 *
 * A served book follows the host of an engine: it folds the events into tables of its own, renders
 * each event once into a ring (a change against the row that was), and keeps the board that rates
 * go to. A console that has opened the book is a subscriber: a cursor into the ring, a walk through
 * the tables while it gets its snapshot, and a list of contracts. Frames are made when a console
 * can take one, from what is newest then; nothing is queued for anybody.
 *
 * A snapshot is not taken at one moment: rows are sent as they are when their turn comes, and those
 * that changed since the walk began are sent again before it ends, so that all of it is the book
 * after one `seq` (docs/protocol.md, section 4). It costs no memory, and the engine does not wait.
 *
 * Nothing here knows of sockets. Everything runs on the loop's thread.
 */
#ifndef NET_SERVED_H
#define NET_SERVED_H

#include "core/scope.h"
#include "net/event_ring.h"
#include "net/journal_wire.h"
#include "net/loop.h"
#include "net/standalone.h"
#include "net/wire.h"

struct served;

enum {
    SERVED_EVENTS = 16384,       /* events that a console may be behind before it gets a
                                      * snapshot again; a power of two */
    SERVED_EVENT_TEXT = 4194304, /* and bytes of them */
    SERVED_CHUNK = 32768,        /* a frame that is longer ends: replies do not wait for it */
    SERVED_SUBMITS = 8192,       /* submits that wait for their turn; a power of two */
    SERVED_RATE_CLASSES = 6,     /* how often rates go out: 1, 2, 5, 10, 15, 30 a second */
    SERVED_ACTIVE_FEEDS = SQ_EXCHANGE_COUNT,
    SERVED_LOG = 262144 /* bytes of journal that are read ahead for a replica */
};

/* ---- a console that has opened the book ------------------------------------------------------ */

/* Where a snapshot has got to. */
struct served_walk {
    uint64_t from;      /* ring's cursor when it began: later events change rows it has sent */
    uint32_t table;     /* the table it is in; beyond the last: rows that changed meanwhile */
    uint32_t row;       /* the next row there */
    uint32_t counts[8]; /* rows of each table when it began */
};

/* Rates that a console wants: bits by instrument row. */
struct served_rates {
    uint32_t words; /* of each of the two sets */
    uint8_t class;  /* how often */
    bool depth;
    sq_time sent;    /* when the last frame went out */
    uint64_t bits[]; /* wanted, then pending */
};

struct subscriber {
    struct served *book;
    struct subscriber *next; /* of the book's */
    struct subscriber *prev;
    void *console;    /* whoever asked: for `wake` and `answer` */
    uint32_t person;  /* row of who sits there; SQ_NO_ROW: an auditor from outside the book */
    bool sees_all;    /* an auditor: of the book or not */
    bool wants_at;    /* it has resumed: `at` is due when it has all events */
    bool wants_links; /* `st` is due */
    bool wants_feeds; /* `fd` is due */
    uint64_t cursor;  /* next event of the ring */
    struct served_walk *walk;   /* NULL: it has the whole book */
    struct served_rates *rates; /* NULL: wants none */
    struct journal_feed *log;   /* NULL: it is no replica */
};

/* ---- the book -------------------------------------------------------------------------------- */

/* A submit that is not answered yet. */
struct served_submit {
    void *console; /* NULL: nobody waits for the answer any more */
    uint64_t id;   /* of its request */
    uint32_t tag;  /* 0: no submit in this place */
    uint32_t left; /* messages that are not durable yet */
    uint64_t seq;  /* of the last that is */
    sq_time asked; /* when it came */
    char *refused; /* its refusals as JSON values with commas; NULL: none */
    uint32_t refused_length;
};

struct served_config {
    char code[4];
    struct loop *loop;
    /* A console should take a frame: something has come for it. */
    void (*wake)(struct subscriber *subscriber);
    /* The answer to a submit: all of it is durable, or was refused. Borrowed until it returns. */
    void (*answer)(void *console, const struct served_submit *submit);
    /* A commit failed: the process should end. May be NULL, as the next. */
    void (*stopped)(void *owner, struct served *book, enum sq_err error);
    void (*log)(void *owner, const char *line);
    void *owner;
};

enum served_state {
    SERVED_STANDBY, /* another server owns it, or nobody knows yet */
    SERVED_OPEN,
    SERVED_FAILED /* it could not be opened: `why` */
};

/* Figures for /metrics. */
struct served_figures {
    uint64_t turns;       /* committed */
    uint64_t inputs;      /* that became durable */
    uint64_t events;      /* rendered */
    uint64_t event_bytes; /* of those */
    uint64_t snapshots;   /* walks that were begun */
    uint64_t rates;       /* that came from the exchange */
};

struct served {
    struct served_config config;
    enum served_state state;
    char owner[24]; /* server that owns it, as far as known */
    char why[SQ_TEXT_SIZE];

    struct sq_host *host; /* while OPEN; borrowed, as is the store */
    struct sq_store *store;
    struct standalone *link; /* NULL: no exchange is configured */
    struct driver driver;    /* then this drives the host */
    bool driven;
    bool view_only;
    struct sq_tables tables; /* fold of the host's events */
    void *tables_memory, *board_memory;
    struct sq_board *board;
    struct sq_listener listener;
    bool full; /* a row did not fit: what is shown is not the whole book */

    uint64_t seq;             /* newest that is published */
    uint64_t epoch_seq;       /* input that began the present epoch; 0: older than the ring */
    uint32_t epoch_was;       /* the one before it; 0: not known */
    uint32_t day_epoch;       /* that this journal, one day's, began with; 0: it has no day yet */
    uint64_t scope_seq;       /* newest input that may have changed who sees what */
    struct sq_book told_book; /* as it was rendered last */
    struct event_ring ring;
    struct subscriber *subscribers;
    struct subscriber *to_wake; /* next one to look at; NULL: all have been woken */
    bool wake_again;            /* another round of all is due after this one */
    uint32_t subscriber_count;

    struct served_submit *submits;  /* by tag */
    struct served_submit *stepping; /* whose input is being told */
    uint32_t last_tag;
    uint32_t answered_tag; /* every submit up to it is answered */

    struct wire_links links;                                             /* as told last */
    bool feed_alive[SERVED_ACTIVE_FEEDS], feed_gap[SERVED_ACTIVE_FEEDS]; /* as told last */
    struct loop_timer links_timer;
    struct loop_timer rates_timer[SERVED_RATE_CLASSES];
    struct handover *handover; /* net/handover.h; NULL: it is handed over to nobody */
    void *clocks;              /* whose each rates_timer is */
    uint64_t *fresh; /* bits by instrument row for each class: changed since its last frame */
    uint32_t fresh_words;
    struct served_figures figures;
};

/* A book that is not open yet. */
void served_init(struct served *book, const struct served_config *config);

struct served_open {
    struct sq_host *host; /* recovered */
    struct sq_store *store;
    const struct sq_config *engine;       /* the host's */
    const struct standalone_config *link; /* address ""; or NULL: without an exchange */
    bool view_only;
    const char *why; /* why it is view only, or NULL */
};
/* Opens it: reads rows and newest events, and drives the host from now on. -1: no memory. */
int served_open(struct served *book, const struct served_open *how);

/* Ends driving; loop_finish() follows, or served_is_quiet() turns true; then served_free(). */
void served_close(struct served *book);
void served_free(struct served *book);
/* Logs out of the exchange in order, and is quiet when that is done and all is durable. */
void served_logout(struct served *book, const char *why);
/* The exchange knows higher numbers of ours: somebody else owned the book meanwhile. */
bool served_is_fenced(const struct served *book);
bool served_is_quiet(const struct served *book);

/* ---- consoles -------------------------------------------------------------------------------- */

/*
 * Subscribes. person: a row of the book's tables, or SQ_NO_ROW with sees_all. after, epoch: of the
 * request. *resumed: events after `after` follow, no snapshot.
 */
void served_subscribe(struct served *book, struct subscriber *subscriber, uint64_t after,
                      uint64_t epoch, bool *resumed);
void served_unsubscribe(struct subscriber *subscriber);
/* Nobody waits for the answers of this console any more. */
void served_forget(struct served *book, const void *console);

/*
 * The next frame for this console, whole rows, events, links, feeds, in this order. False: there is
 * none. out has WIRE_FRAME_MAX bytes of room.
 */
bool served_next_frame(struct subscriber *subscriber, struct wire_out *out);
/* The same of its rates, which come after everything else. */
bool served_next_rates(struct subscriber *subscriber, struct wire_out *out);

/* Wakes consoles that something has come for, at most `most` of them; true: there are more. */
bool served_wake(struct served *book, uint32_t most);

/* May the console see this client? */
bool served_sees_client(const struct subscriber *subscriber, uint32_t client);

/*
 * Hands over the messages of one submit, one turn; `answer` is called later, or from within when
 * the host refuses at the door. False: the queue is full, nothing was taken.
 */
bool served_submit(struct served *book, void *console, uint64_t id, struct sq_message *messages,
                   size_t count);
void served_preview(const struct served *book, const struct sq_square_off *intent,
                    struct sq_preview *preview);

/*
 * From now on it gets the journal behind `after`, which is the end of a turn, as frames with `log`.
 * -1: no memory.
 */
int served_replicate(struct subscriber *subscriber, uint64_t after);
/* No commit is under way: the store may be read on the loop's thread. */
bool served_may_read(const struct served *book);

/* Wants rates of these contracts from now on (bits by instrument row; NULL: none any more). -1: no
 * memory. The first frame has all that are known. */
int served_want_rates(struct subscriber *subscriber, const uint64_t *wanted, int64_t per_s,
                      bool depth);

#endif
