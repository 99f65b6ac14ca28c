/* What the main files of the console share: options, the book that is open, and its loop. Only here
 * do core, db, net and tui meet. */
#ifndef TUI_MAIN_H
#define TUI_MAIN_H

#include <stdio.h>

#include "core/host.h"
#include "core/session.h"
#include "net/loop.h"
#include "net/standalone.h"

/* Exit codes of squareoff; the manual page has them too. */
enum console_exit {
    EXIT_DONE = 0,
    EXIT_REFUSED = 1, /* line mode: refused, with the reason on standard error */
    EXIT_USAGE = 2,
    EXIT_STATE = 3,   /* the state is locked, damaged or not there */
    EXIT_DISK = 4,    /* a commit failed: nothing was sent */
    EXIT_CONFIG = 5,  /* configuration, theme or key file, or no terminal */
    EXIT_LINK = 6,    /* line mode: nobody owns the state, or no answer */
    EXIT_CHANGES = 64 /* not the process's: the book changed hands, the other mode goes on */
};

enum { CONSOLE_SERVERS = 8 };
struct options {
    bool drill, standalone, remote, plain, headless, no_coach, mouse, function_keys, silent;
    const char *config, *state, *book, *theme, *colour, *keys, *person, *log;
    const char *user, *ca;
    const char *servers[CONSOLE_SERVERS]; /* HOST:PORT, in the order in which they are tried */
    uint32_t server_count;
    const struct theme_choice *themes; /* by mode, of the configuration; NULL: none */
    /* line mode */
    const char *command; /* "close", "positions", ...; NULL: the console */
    const char *client, *symbol, *product, *quantity, *limit, *reference;
    bool json, csv, dry_run, confirmed;
};

enum { WHY_SIZE = 512 };

/* A book that is open on this machine: store, host and the session on it. */
enum { EARLY_ALARMS = 16 }; /* kept of those that come before there is a session */

struct book {
    struct loop loop;
    struct sq_store *store;
    struct sq_config config;
    struct sq_host *host; /* NULL: the engine is on a server */
    struct sq_session *session;
    struct sq_board *board;
    struct standalone *link;                      /* NULL: view only */
    struct sq_source_info source;                 /* what is said of it on the first line */
    void *memory, *session_memory;                /* owned */
    bool failed;                                  /* a commit failed */
    char name[SQ_OWNER_SIZE];                     /* ours, as an owner; "": none */
    struct sq_listener early;                     /* hears alarms until there is a session */
    struct sq_message early_alarms[EARLY_ALARMS]; /* a ring */
    uint32_t early_count;                         /* ever */
};

/* tui/main_paths.c: `base`/squareoff/`name` by the XDG base directory specification 0.8, base being
 * the environment's `variable` or, without it, the home directory's `otherwise`. */
enum { PATH_SIZE = 1024 };
bool xdg_path(const char *variable, const char *otherwise, const char *name, char path[PATH_SIZE]);

/* tui/main_book.c
 * Opens the store of a state directory and rebuilds the host. The configuration of an empty journal
 * is `fresh`. A journal that cannot be replayed opens view-only and says why in book->source. */
enum console_exit book_open(struct book *book, const char *state, const struct sq_config *fresh,
                            char why[WHY_SIZE]);
/* Loads the files of a folder as the day of an empty book; does nothing when a day is loaded. */
struct day;
enum console_exit book_load(struct book *book, struct day *day, char why[WHY_SIZE]);
/* Makes the session of `person` on it. */
enum console_exit book_sit_down(struct book *book, const char *person, char why[WHY_SIZE]);
void book_close(struct book *book);
/* Tells the session the time and the state of the links; before each turn. */
void book_tick(struct book *book);
/* A line of --log, with the time of the book's clock. */
void book_log(struct book *book, FILE *log, const char *line);

/* What a kind of console adds to the common one (tui/tui.h has what the calls mean). Each may be
 * NULL. */
struct tui;
struct tui_servers;
struct own_ask;
struct console_extra {
    bool (*drill)(void *owner, const char *word, char *why, size_t why_room);
    bool (*account)(void *owner, const struct sq_key *key, sq_quantity *net);
    uint64_t (*alarms)(void *owner, char *note, size_t room);
    bool (*pin)(void *owner, const char *text);
    void (*servers)(void *owner, struct tui_servers *servers);
    void (*login)(void *owner, const char *user, const char *password, const char *code);
    void (*logout)(void *owner);
    void (*keep)(void *owner);
    bool (*own)(void *owner, const struct own_ask *ask, char *why, size_t why_room);
    void (*own_words)(void *owner, char *text, size_t size);
    void (*screen)(void *owner, struct tui *tui); /* it is made; not when headless */
    void (*turn)(void *owner, sq_time now);       /* each turn of the loop, before the screen's */
    void (*stop)(void *owner); /* before the loop ends: close what is on it; the screen is gone */
    void *owner;
};

/* tui/main_console.c
 * Runs the console, or headless, on an open book until it is left. */
enum console_exit console_run(struct book *book, const struct options *options,
                              const struct console_extra *extra);

/* A line of a headless console. */
void console_print(const struct sq_message *event);

/* tui/main_serve.c: the control socket of a running console. NULL: none could be had. */
struct serve;
struct serve *serve_start(struct book *book, const char *state, char why[WHY_SIZE]);
void serve_stop(struct serve *serve); /* before the loop ends */
void serve_free(struct serve *serve); /* after it */
enum { CONTROL_PATH_SIZE = 1024 };
void serve_path(const char *state, char path[CONTROL_PATH_SIZE]);

/* tui/main_tables.c: rows of a book as lines of text, CSV or JSON, for line mode. */
enum table_format { TABLE_TEXT, TABLE_CSV, TABLE_JSON };
struct table_request {
    const char *what; /* "positions", "orders", "trades" */
    enum table_format format;
    const char *client; /* "" : all */
    const char *symbol; /* as on the screen, or the underlying; "": all */
    void (*say)(void *owner, const char *line);
    void *owner;
};
/* False: there is no table of that name. board may be NULL. */
bool table_print(const struct sq_tables *tables, const struct sq_board *board,
                 const struct table_request *request);

enum console_exit drill_main(const struct options *options);      /* tui/main_drill.c */
enum console_exit standalone_main(const struct options *options); /* tui/main_standalone.c */
/* tui/main_remote.c. EXIT_CHANGES: this console owns the book from now on; `state` is where it lies. */
enum console_exit remote_main(const struct options *options, char state[PATH_SIZE]);
enum console_exit owner_main(const struct options *options); /* tui/main_handover.c */
enum console_exit line_main(const struct options *options);  /* tui/main_line.c */

#endif
