/* Key -> action, by mode of the screen.
 *
 * One flat table of bindings. A mode inherits from its parent; the nearest binding wins. Presets
 * (tui/keys_preset.c) are rows in the language of the key file; a user's file adds to them.
 *
 * The rules of console.md C1.2 and D3 are kept by keys_bind(), so presets and files obey the same:
 *   - nothing that sends, cancels or arms on an F-key, digit, keypad key, Enter, space, Tab, Esc, an
 *     arrow or another cursor key, or on a key that moves in the same screen;
 *   - what confirms is bound in strips only, may be Enter, and is never a key that opens a strip:
 *     pressed twice it would send;
 *   - Esc, Ctrl-G and Ctrl-C keep their meaning.
 */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/action.h"
#include "tui/report.h"

#define KEYS_NAME_SIZE 24  /* of a key's name, terminator included */
#define KEYS_WHY_SIZE  160 /* of the reason of a refusal */
#define KEYS_BINDINGS  512 /* most bindings of a key map */

/* X(identifier, name in key files, parent). A mode is its own parent when it has none. */
#define KEYS_MODE_MAP(X)                                                               \
    X(GLOBAL, "global", GLOBAL) /* wherever keys are not text and no dialog is open */ \
    X(BOOK, "book", GLOBAL)     /* every screen that lists rows of the book */         \
    X(POSITIONS, "positions", BOOK)                                                    \
    X(ORDERS, "orders", BOOK)                                                          \
    X(TRADES, "trades", BOOK)                                                          \
    X(RATES, "rates", BOOK)                                                            \
    X(CLIENTS, "clients", BOOK)                                                        \
    X(MONITOR, "monitor", GLOBAL) /* looks on: nothing is closed there */              \
    X(NEEDS, "needs", MONITOR)                                                         \
    X(LEFT, "left", BOOK)                                                              \
    X(AUDIT, "audit", GLOBAL)                                                          \
    X(STATUS, "status", GLOBAL)                                                        \
    X(HELP, "help", GLOBAL)                                                            \
    X(DIALOG, "dialog", DIALOG)     /* what every strip and ticket has */              \
    X(STRIP, "strip", DIALOG)       /* preview strip */                                \
    X(TYPED, "typed", DIALOG)       /* strip that wants a number typed */              \
    X(APPROVAL, "approval", DIALOG) /* a supervisor's open item */                     \
    X(TICKET, "ticket", DIALOG)     /* buy, sell, edit, settle, fill */

enum keys_mode {
#define X(id, name, parent) KEYS_##id,
    KEYS_MODE_MAP(X)
#undef X
        KEYS_MODES
};

struct keys_binding {
    uint32_t key;   /* tui/decode.h */
    uint8_t mode;   /* enum keys_mode */
    uint8_t action; /* enum action */
};

struct keymap {
    size_t start[KEYS_MODES + 1]; /* of each mode's bindings; the last is the count */
    struct keys_binding bindings[KEYS_BINDINGS]; /* by mode, then in the order they were made */
};

/* Fills the map with a preset: "neat", "odin" or "htop". False: there is no such preset. */
bool keys_preset(struct keymap *map, const char *name);

/* The action of a key, ACTION_NONE if it has none. */
enum action keys_action(const struct keymap *map, enum keys_mode mode, uint32_t key);

/* Must this key stand alone (tui/decode.h) in this mode? */
bool keys_guarded(const struct keymap *map, enum keys_mode mode, uint32_t key);

/* Binds, replacing what the key had in this very mode; ACTION_NONE unbinds. False: refused, and why
 * says for what reason. */
bool keys_bind(struct keymap *map, enum keys_mode mode, uint32_t key, enum action action,
               char why[KEYS_WHY_SIZE]);

/* Reads a key file: `bind MODE KEY ACTION`, `unbind MODE KEY`, comments with #. Lines that are wrong
 * or refused are reported and left out; the rest holds. */
void keys_load(struct keymap *map, const char *text, size_t length, const char *file,
               struct report *report);

/* Name of a key as key files write it: x, space, F5, C-l, A-x, S-Tab, KP8. */
void keys_name(uint32_t key, char name[KEYS_NAME_SIZE]);

/* The key of a name; 0 if there is none. */
uint32_t keys_parse(const char *name);

/* Names of modes; KEYS_MODES if there is none of that name. */
extern const char *const keys_mode_names[KEYS_MODES];
enum keys_mode keys_mode_parse(const char *name);

/* The key bar: as many labels as fit `columns`, "? help" always last. Shows F-keys where an action
 * has one if `functions`, else letters. Writes a terminated string, returns its length. */
size_t keys_bar(const struct keymap *map, enum keys_mode mode, bool functions, size_t columns,
                char *out, size_t size);

struct keys_help {
    bool heading;       /* `text` is the title of a group */
    enum action action; /* of the line, ACTION_NONE for a heading */
    char keys[64];      /* "F5 1 p", all that reach the action in this mode */
    const char *text;   /* help phrase */
};

/* Line number `index` of the help for a mode; false after the last. */
bool keys_help_line(const struct keymap *map, enum keys_mode mode, size_t index,
                    struct keys_help *line);

#endif
