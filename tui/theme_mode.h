/* Which theme holds when: one for all, and one of its own for each mode of the console, so that a
 * drill or a lost link can be told from across the room (console.md D1). */
#ifndef TUI_THEME_MODE_H
#define TUI_THEME_MODE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/session.h"

enum { THEME_CHOICE_SIZE = 32 };

/* X(identifier, word in the configuration and after :theme) */
#define THEME_MODE_MAP(X)       \
    X(ANY, "any")               \
    X(DRILL, "drill")           \
    X(STANDALONE, "standalone") \
    X(BACKUP, "backup")         \
    X(OFFLINE, "offline")

enum theme_mode {
#define X(id, word) THEME_MODE_##id,
    THEME_MODE_MAP(X)
#undef X
        THEME_MODES
};

struct theme_choice {
    char name[THEME_MODES][THEME_CHOICE_SIZE]; /* "": as ANY has it, and that one: dark */
};

/* Word of a mode; THEME_MODES if there is none. */
extern const char *const theme_mode_words[THEME_MODES];
enum theme_mode theme_mode_parse(const char *word);

/* The mode that a console is in. A link that is down counts for more than what it leads to. */
enum theme_mode theme_mode_of(const struct sq_source_info *source, bool offline);

/* Name of the theme for a mode. */
const char *theme_choice_name(const struct theme_choice *choice, enum theme_mode mode);

/* ":theme NAME": from now on for the mode on the screen and for all without one of their own.
 * ":theme MODE NAME": for that mode. False with why: not understood, and nothing has changed. */
bool theme_choice_set(struct theme_choice *choice, enum theme_mode now, const char *words,
                      char *why, size_t why_room);

#endif
