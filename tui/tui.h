/* The whole state of the screen, and the few functions that its owner calls.
 *
 * The screen holds a session (core/session.h): it reads the session's view, and submits inputs. It
 * opens no file, reads no clock and draws no random number: the owner brings these as calls and
 * arguments, so that every screen can be replayed from a list of keys (tests/keys).
 *
 * One turn of the owner's loop: keys to tui_input(), then tui_update(), then, if it says so,
 * tui_draw() and the canvas to the terminal; and again at tui_deadline() at the latest.
 */
#ifndef TUI_TUI_H
#define TUI_TUI_H

#include "core/session.h"
#include "tui/bell.h"
#include "tui/bulk.h"
#include "tui/coach.h"
#include "tui/decode.h"
#include "tui/form.h"
#include "tui/graph.h"
#include "tui/layout.h"
#include "tui/live.h"
#include "tui/needs.h"
#include "tui/own.h"
#include "tui/panel.h"
#include "tui/preview.h"
#include "tui/strip.h"

/* A server of the console's list, and what became of it when it was tried last. */
enum { TUI_SERVERS = 8, TUI_SERVER_NAME_SIZE = 64, TUI_SERVER_WHY_SIZE = 120 };
struct tui_server {
    char name[TUI_SERVER_NAME_SIZE]; /* as it calls itself, else its address */
    char why[TUI_SERVER_WHY_SIZE];   /* "refused", "no word for 6 s"; "": all is well */
    bool present;                    /* connected to, or being tried */
    sq_time at;                      /* when `why` was so; 0: not tried yet */
};
struct tui_servers {
    struct tui_server list[TUI_SERVERS];
    size_t count;
    const char *phase; /* "connecting", "live": where it stands */
    sq_time retry_at;  /* next attempt; SQ_NEVER: none is waited for */
};

/* What the screen asks of its owner. All get `owner`, those from `drill` on `extra`. Those marked
 * (may be NULL) are features that this console has not got then. */
struct tui_calls {
    uint64_t (*random)(void *owner);
    /* Writes a file of the person's choice; 0, or -1 with why. */
    int (*write)(void *owner, const char *name, const char *text, size_t length, char *why,
                 size_t why_room);
    /* Switches the theme by what stands after :theme; false with why: there is none of that name. */
    bool (*theme)(void *owner, const char *words, char *why, size_t why_room);
    /* ":drill WORD" (may be NULL); false with why. */
    bool (*drill)(void *owner, const char *word, char *why, size_t why_room);
    /* Is this the PIN that arms one-key? (may be NULL: arming is not possible) */
    bool (*pin)(void *owner, const char *text);
    /* The drill exchange's own account of a position (may be NULL); false: it has none. */
    bool (*account)(void *owner, const struct sq_key *key, sq_quantity *net);
    /* The drill exchange's own check (may be NULL): fills that increased or turned a position, and
     * what else it counts, in words. */
    uint64_t (*alarms)(void *owner, char *note, size_t room);
    /* Where the servers stand (may be NULL: the engine is in this process). */
    void (*servers)(void *owner, struct tui_servers *servers);
    /* What a person typed to log in, and the end of his session (with `servers`). */
    void (*login)(void *owner, const char *user, const char *password, const char *code);
    void (*logout)(void *owner);
    /* What was entered without a server (tui->fills, tui->sheet) has changed: to be kept (may be
     * NULL: it ends with the screen, and no fill is taken). */
    void (*keep)(void *owner);
    /* The book is to change hands (may be NULL, as the next); false with why. */
    bool (*own)(void *owner, const struct own_ask *ask, char *why, size_t why_room);
    /* Where the replica or the hand-back stands, in words. */
    void (*own_words)(void *owner, char *text, size_t size);
    void *owner;
    void *extra;
};

enum { TUI_MESSAGE_SIZE = 200, TUI_PENDING = 16, TUI_EXCLUDED = 4096, TUI_FILLS = 64 };

/* An intent that was handed over, until the answer is seen. */
struct tui_pending {
    struct sq_id id;
    struct sq_square_off intent; /* as submitted */
    sq_time time;                /* 0: this place is free */
};

/* A position that a bulk close did not include, for the screen Left. */
struct tui_excluded {
    uint32_t position; /* row */
    char why[64];
    sq_time time;
};

/* A fill told by phone while no server was there: in no book until a person submits it. */
struct tui_fill {
    struct sq_manual_fill fill;
    sq_quantity net;   /* of the position, as it was known then */
    sq_time time;      /* when it was entered; 0: this place is free */
    sq_time submitted; /* when a person submitted it; 0: not yet */
    uint64_t after;    /* number of the newest fill of the book then */
};

/* When a position was put on the call sheet, and what it was then. */
struct tui_sheet_line {
    sq_quantity net;
    sq_time time;
};

/* What stands under the table of a screen that has no room for panes. */
enum tui_pane { TUI_PANE_NONE, TUI_PANE_DETAIL, TUI_PANE_DEPTH };

/* Which line is being typed at the bottom. */
enum tui_prompt { TUI_PROMPT_NONE, TUI_PROMPT_COMMAND, TUI_PROMPT_FIND, TUI_PROMPT_FILTER };

struct tui {
    struct sq_session *session; /* borrowed */
    struct tui_calls calls;
    struct keymap *keys;          /* borrowed */
    const struct theme *theme;    /* borrowed: marks and the shape of lines */
    struct sq_source_info source; /* of the session, as of `now` */
    sq_time now;                  /* of this turn */
    int rows, columns;            /* of the terminal */
    bool function_keys;           /* the key bar shows F-keys, not letters */

    enum panel panel;
    enum panel back; /* the panel that Help was opened over */
    struct list lists[PANELS];
    uint8_t widths[PANELS][PANEL_COLUMNS]; /* widest content of measured columns so far */
    uint32_t line_rows[CANVAS_ROWS];       /* index in the list, by line of the table */
    enum tui_pane pane;
    uint32_t *watched; /* instruments of Rates that no position names; owned */
    uint32_t watched_count;
    uint8_t *dropped;    /* a bit an instrument: taken off Rates by hand; owned */
    uint8_t *marked;     /* a bit an instrument: scratch; owned */
    sq_time list_time;   /* when the list on the screen was rebuilt */
    bool list_dirty;     /* rebuild at once: another panel, filter, sort */
    sq_time still_until; /* the order of rows is kept: a key was pressed lately */
    bool frozen;         /* Z: kept until Z again */
    bool follow;         /* F: the cursor's row stays on its line */

    const struct strip_ops *strip; /* what is open over the table's foot; NULL: nothing */
    struct preview preview;        /* of one close */
    struct bulk bulk;              /* X and K */
    struct decision decision;      /* what a supervisor has open */
    struct form form;              /* tickets: e, u, m, v, w, PIN */
    enum tui_prompt prompting;
    struct prompt line;                    /* what is typed there */
    struct prompt_history commands, finds; /* earlier lines */

    struct tui_pending pending[TUI_PENDING];
    struct tui_excluded *excluded; /* ring of TUI_EXCLUDED; owned */
    uint32_t excluded_count;       /* ever */
    uint64_t seen;                 /* activity already looked at */

    struct list sheet; /* call sheet: its tags are what x put on it while offline */
    struct tui_sheet_line *sheet_lines; /* by position row, of those on the sheet; owned */
    struct tui_fill fills[TUI_FILLS];
    bool was_live;             /* the source, as of the last turn */
    char user[SQ_PERSON_SIZE]; /* whom the login asks for first */

    bool hold;                        /* ! under `instant`: everything asks */
    sq_time armed_until;              /* ! under `armed`; 0: not armed */
    sq_time key_time;                 /* of the last key */
    char call_client[SQ_CLIENT_SIZE]; /* pinned call, "" none */
    char call_ref[SQ_REF_SIZE];

    char message[TUI_MESSAGE_SIZE]; /* the line above the key bar */
    enum role message_role;
    sq_time message_time;
    uint32_t alarms_seen; /* of view->alarms, by looking at Audit */

    struct live live; /* sums of the live monitor */

    struct coach coach;
    struct bell bell;
    struct graph graph;

    struct layout layout; /* of the last frame: for the mouse and the cursor */
    struct rect strip_place;
    sq_time drawn;          /* when the last frame was asked for */
    uint64_t drawn_changes; /* view->changes then */
    bool dirty;             /* something changed: draw */
    bool redraw;            /* the person wants the terminal written anew */
    bool quit;              /* the person leaves */
};

/* What the owner decides before the first frame. */
struct tui_options {
    struct sq_session *session;
    struct tui_calls calls;
    struct keymap *keys;
    const struct theme *theme;
    bool function_keys;
    bool coach;  /* the coach of the first sixty seconds */
    bool silent; /* no bell */
};

/* Makes the state of a screen. False: no memory. */
bool tui_init(struct tui *tui, const struct tui_options *options, int rows, int columns,
              sq_time now);
void tui_finish(struct tui *tui);

/*
 * The book is another one: it was loaded afresh, or the session is another. Rows of `old`, which is
 * still there, are found again by their keys: the cursor of Positions, the call sheet, what is
 * watched. What was open over a row closes, unsent. False: no memory, and nothing has changed.
 */
bool tui_sit(struct tui *tui, struct sq_session *session, const struct sq_view *old);

/* One event of the decoder: a key, a piece of pasted text, the mouse, a flush. */
void tui_input(struct tui *tui, const struct decode_event *event, sq_time now);

/* Must this key stand alone now? For the decoder. */
bool tui_key_is_guarded(const struct tui *tui, uint32_t key);

/* The terminal has another size. */
void tui_resize(struct tui *tui, int rows, int columns);

/* Looks at what the session said since, and at the time. True: the screen has to be drawn. */
bool tui_update(struct tui *tui, sq_time now);

/* Draws the frame of tui->now. The canvas has the size of the terminal. */
void tui_draw(struct tui *tui, struct canvas *canvas);

/* When tui_update() is wanted next, if nothing happens before. */
sq_time tui_deadline(const struct tui *tui);

/* The terminal cursor: where text is typed. False: hidden. */
bool tui_cursor(const struct tui *tui, int *row, int *column);

/* ---- for the files of the screen ---------------------------------------------------------------- */

/* The memory that depends on the book's size; and its end, which tui_finish() sees to. */
bool tui_allocate(struct tui *tui);
void tui_release(struct tui *tui);

/* Whose keys hold now. */
enum keys_mode tui_mode(const struct tui *tui);

/* Shows a line above the key bar. */
void tui_say(struct tui *tui, enum role role, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Carries out an action of the key table. */
void tui_action(struct tui *tui, enum action action);

/* Opens the command line with this on it, for a person to go on with. */
void tui_command(struct tui *tui, const char *text);

/* Shows a panel; strips that do not belong to it close. */
void tui_show(struct tui *tui, enum panel panel);

/* Filters the panel on the screen; says what is wrong with the text. */
void tui_filter(struct tui *tui, const char *text);

/* Leaves: at once, or by a strip that lists what is in flight. */
void tui_leave(struct tui *tui);

/* Opens and closes the strip. */
void tui_open(struct tui *tui, const struct strip_ops *strip);
void tui_close(struct tui *tui);

/* Nothing can be sent from here now: x puts the position on the call sheet. */
bool tui_is_offline(const struct tui *tui);

/* Too small a terminal, a dead source, or no right to send: nothing may be sent from here. */
bool tui_is_view_only(const struct tui *tui, const char **why);

/* One-key is armed at this screen (only under the policy `armed`). */
bool tui_is_armed(const struct tui *tui);

/* Takes the arming away: on loss of link, dead feed, another filter (console.md, "One key"). */
void tui_disarm(struct tui *tui, const char *why);

/* The engine is on a server, or was when it was last heard of. */
bool tui_is_remote(const struct tui *tui);

/* May the person at the screen approve? */
bool tui_is_supervisor(const struct tui *tui);

/* Policy of the person at the screen. */
enum sq_policy tui_policy(const struct tui *tui);

static inline const struct sq_tables *tui_tables(const struct tui *tui)
{
    return &tui->session->view->tables;
}

static inline const struct list *tui_list(const struct tui *tui)
{
    return &tui->lists[tui->panel];
}

#endif
