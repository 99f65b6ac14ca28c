/* What the main files of squareoffd share: its settings, the books it serves, who owns them. Only
 * here do core, db and net meet. */
#ifndef NET_MAIN_H
#define NET_MAIN_H

#include "core/host.h"
#include "db/day.h"
#include "net/handover.h"
#include "net/server.h"
#include "net/settings.h"

/* Exit codes of squareoffd; the manual page has them too. */
enum daemon_exit {
    EXIT_DONE = 0,
    EXIT_USAGE = 2,
    EXIT_STATE = 3, /* a state is locked, damaged or not there */
    EXIT_DISK = 4,  /* a commit failed: nothing was sent */
    EXIT_CONFIG = 5 /* configuration, certificate, or a port that cannot be had */
};

enum { WHY_SIZE = 512, PATH_SIZE = 512, ADDRESS_SIZE = 64 };

struct daemon;
struct daemon_book;

/* How a book's owner is settled: by a file lock, or by a lease in the database. */
struct owner_ops {
    /* Beside the loop. OK: it is ours, and book->store is open. LOCKED: why names the owner. */
    enum sq_err (*claim)(struct daemon_book *book, char why[WHY_SIZE]);
    /* Beside the loop, while it is ours. FENCED: it is not any more. NULL: it stays ours. */
    enum sq_err (*beat)(struct daemon_book *book, char why[WHY_SIZE]);
    /* At the end, or when it was lost: gives it up, and closes the store. */
    void (*release)(struct daemon_book *book);
};
extern const struct owner_ops owner_by_lock, owner_by_lease;

enum book_stage {
    BOOK_WAITING, /* for its owner to let go */
    BOOK_OPEN,
    BOOK_LOST,  /* it was ours: what ran for it is ending */
    BOOK_FAILED /* served->why says why */
};

struct daemon_book {
    struct daemon *daemon;
    struct served served;
    struct handover handover;
    char replicas[HANDOVER_WHO_SIZE]; /* users whose consoles may hold a replica */
    char consoles[HANDOVER_WHO_SIZE]; /* names of consoles that may own the book */
    struct link_settings exchange;
    char code[4];
    char state[PATH_SIZE]; /* directory: of the journal, and of incidents */
    char day[PATH_SIZE];   /* folder to load when the journal is empty; "": none */
    char accepted_by[SQ_PERSON_SIZE], accepted_why[SQ_TEXT_SIZE]; /* of a day with one source */
    enum book_stage stage;
    const struct owner_ops *owner;
    uint32_t epoch; /* that was claimed; 0: the journal's own */
    struct sq_store *store;
    struct sq_config config;
    void *memory;
    struct sq_host *host;
    struct loop_timer look; /* the next claim, beat or step of the end */
    struct loop_task task;  /* claim or beat, beside the loop */
    bool busy;              /* that task runs */
    enum sq_err result;
    char why[WHY_SIZE];
    sq_time lost_at;
};

struct daemon_settings {
    char name[SERVER_NAME];
    char listen[ADDRESS_SIZE], http_listen[ADDRESS_SIZE];
    char certificate[PATH_SIZE], key[PATH_SIZE], client_ca[PATH_SIZE];
    char grant_key[PATH_SIZE]; /* file of the secret key; "": grant.key in the state */
    char state[PATH_SIZE], store[16], conninfo_file[PATH_SIZE], conninfo[PATH_SIZE];
    bool behind_terminator;
    int64_t lease_ms;
    int64_t password_kib, password_passes;
    struct server_limits limits;
};

struct daemon {
    struct loop loop;
    struct daemon_settings settings;
    struct daemon_book *books[SERVER_BOOKS];
    struct served *served[SERVER_BOOKS];
    size_t book_count;
    struct sq_users *users;
    struct login *login;
    struct grant_signer *signer;
    struct server *server;
    struct loop_signal terminate, interrupt;
    struct loop_timer ending_timer;
    sq_time ending_at;
    bool standby; /* waits where somebody else owns a book */
    bool ending, running;
    enum daemon_exit exit;
    char why[WHY_SIZE];
};

/* net/main_config.c: 0, or -1 with d->why. */
int config_read(struct daemon *d, const char *file);
/* "127.0.0.1:7410" or "[::1]:7410" in two. -1: it is not one. */
int config_split(const char *listen, char address[ADDRESS_SIZE], char port[8]);

/* net/main_book.c */
/* The first claim and, when it is ours, the opening; at once. */
enum daemon_exit book_start(struct daemon_book *book);
/* A commit failed, or it was fenced. */
void book_stopped(void *owner, struct served *served, enum sq_err error);
/* After the loop: snapshot, and the book is anybody's. */
void book_finish(struct daemon_book *book);
void book_free(struct daemon_book *book);

/* net/main.c */
void daemon_log(void *owner, const char *line);
void daemon_end(struct daemon *d, enum daemon_exit exit);

#endif
