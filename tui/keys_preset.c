/* The presets of console.md C2: neat whole, odin and htop as differences to it. */
#include "tui/keys.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

struct row {
    enum keys_mode mode;
    const char *keys; /* names, separated by spaces */
    enum action action;
};

/* clang-format off */
static const struct row neat[] = {
    {KEYS_GLOBAL, "1 p F5", ACTION_SCREEN_POSITIONS},
    {KEYS_GLOBAL, "2 o F3", ACTION_SCREEN_ORDERS},
    {KEYS_GLOBAL, "3 t F8", ACTION_SCREEN_TRADES},
    {KEYS_GLOBAL, "4 F4", ACTION_SCREEN_RATES},
    {KEYS_GLOBAL, "5", ACTION_SCREEN_CLIENTS},
    {KEYS_GLOBAL, "6", ACTION_SCREEN_MONITOR},
    {KEYS_GLOBAL, "7 F7", ACTION_SCREEN_AUDIT},
    {KEYS_GLOBAL, "8 F11", ACTION_SCREEN_STATUS},
    {KEYS_GLOBAL, "9", ACTION_SCREEN_LEFT},
    {KEYS_GLOBAL, "0", ACTION_SCREEN_NEEDS},
    {KEYS_GLOBAL, "q F10", ACTION_BACK},
    {KEYS_GLOBAL, "v", ACTION_CALL},
    {KEYS_GLOBAL, "/", ACTION_FIND},
    {KEYS_GLOBAL, "n", ACTION_FIND_NEXT},
    {KEYS_GLOBAL, "N", ACTION_FIND_PREVIOUS},
    {KEYS_GLOBAL, "j Down", ACTION_MOVE_DOWN},
    {KEYS_GLOBAL, "k Up", ACTION_MOVE_UP},
    {KEYS_GLOBAL, "Left", ACTION_MOVE_LEFT},
    {KEYS_GLOBAL, "Right", ACTION_MOVE_RIGHT},
    {KEYS_GLOBAL, "g Home", ACTION_MOVE_TOP},
    {KEYS_GLOBAL, "G End", ACTION_MOVE_BOTTOM},
    {KEYS_GLOBAL, "PgDn", ACTION_MOVE_PAGE_DOWN},
    {KEYS_GLOBAL, "PgUp", ACTION_MOVE_PAGE_UP},
    {KEYS_GLOBAL, "Tab", ACTION_NEXT_PANE},
    {KEYS_GLOBAL, "S-Tab", ACTION_PREVIOUS_PANE},
    {KEYS_GLOBAL, "w", ACTION_EXPORT},
    {KEYS_GLOBAL, ":", ACTION_COMMAND},
    {KEYS_GLOBAL, "C-l", ACTION_REDRAW},
    {KEYS_GLOBAL, "Esc C-g", ACTION_ESCAPE},
    {KEYS_GLOBAL, "C-c", ACTION_INTERRUPT},
    {KEYS_GLOBAL, "? h", ACTION_HELP},
    {KEYS_GLOBAL, "!", ACTION_ARM},

    {KEYS_BOOK, "F1", ACTION_TICKET_BUY},
    {KEYS_BOOK, "F2", ACTION_TICKET_SELL},
    {KEYS_BOOK, "i Enter F9", ACTION_DETAIL},
    {KEYS_BOOK, "d F6", ACTION_DEPTH},
    {KEYS_BOOK, "x", ACTION_SQUARE_OFF},
    {KEYS_BOOK, "X", ACTION_SQUARE_OFF_ALL},
    {KEYS_BOOK, "c", ACTION_CANCEL_ORDER},
    {KEYS_BOOK, "K", ACTION_CANCEL_ALL},
    {KEYS_BOOK, "e", ACTION_EDIT_CLOSE},
    {KEYS_BOOK, "u", ACTION_SETTLE_UNKNOWN},
    {KEYS_BOOK, "m", ACTION_ENTER_FILL},
    {KEYS_BOOK, "space", ACTION_TAG},
    {KEYS_BOOK, "U", ACTION_UNTAG_ALL},
    {KEYS_BOOK, "\\", ACTION_FILTER},
    {KEYS_BOOK, "s", ACTION_SORT_MENU},
    {KEYS_BOOK, "<", ACTION_SORT_PREVIOUS},
    {KEYS_BOOK, ">", ACTION_SORT_NEXT},
    {KEYS_BOOK, "Z", ACTION_FREEZE},
    {KEYS_BOOK, "F", ACTION_FOLLOW},
    {KEYS_RATES, "a", ACTION_RATE_ADD},
    {KEYS_RATES, "D", ACTION_RATE_DROP},
    {KEYS_MONITOR, "i Enter F9 space", ACTION_DETAIL},
    {KEYS_MONITOR, "Tab S-Tab", ACTION_SCREEN_NEEDS},
    {KEYS_MONITOR, "\\", ACTION_FILTER},
    {KEYS_MONITOR, "s", ACTION_SORT_MENU},
    {KEYS_MONITOR, "<", ACTION_SORT_PREVIOUS},
    {KEYS_MONITOR, ">", ACTION_SORT_NEXT},
    {KEYS_MONITOR, "Z", ACTION_FREEZE},
    {KEYS_MONITOR, "F", ACTION_FOLLOW},
    {KEYS_NEEDS, "Tab S-Tab", ACTION_SCREEN_MONITOR},
    {KEYS_NEEDS, "u", ACTION_SETTLE_UNKNOWN},
    {KEYS_AUDIT, "\\", ACTION_FILTER},
    {KEYS_AUDIT, "i Enter F9", ACTION_DETAIL},

    {KEYS_DIALOG, "Esc C-g", ACTION_ESCAPE},
    {KEYS_DIALOG, "C-c", ACTION_INTERRUPT},
    {KEYS_DIALOG, "C-l", ACTION_REDRAW},
    {KEYS_DIALOG, "?", ACTION_HELP},
    {KEYS_DIALOG, "Down", ACTION_MOVE_DOWN},
    {KEYS_DIALOG, "Up", ACTION_MOVE_UP},
    {KEYS_DIALOG, "PgDn", ACTION_MOVE_PAGE_DOWN},
    {KEYS_DIALOG, "PgUp", ACTION_MOVE_PAGE_UP},
    {KEYS_STRIP, "Enter", ACTION_STRIP_SEND},
    {KEYS_STRIP, "e", ACTION_EDIT_CLOSE},
    {KEYS_STRIP, "S", ACTION_STRIP_LEG},
    {KEYS_TYPED, "Enter", ACTION_STRIP_SEND},
    {KEYS_APPROVAL, "A", ACTION_APPROVE},
    {KEYS_APPROVAL, "R", ACTION_REFUSE},
    {KEYS_TICKET, "+", ACTION_TICKET_BUY},
    {KEYS_TICKET, "-", ACTION_TICKET_SELL},
    {KEYS_TICKET, "Tab", ACTION_NEXT_FIELD},
    {KEYS_TICKET, "S-Tab", ACTION_PREVIOUS_FIELD},
    {KEYS_TICKET, "Enter", ACTION_STRIP_SEND},
};

/* ODIN's function keys where its dealers' fingers expect them; the letters stay. */
static const struct row odin[] = {
    {KEYS_GLOBAL, "A-F6", ACTION_SCREEN_POSITIONS},
    {KEYS_BOOK, "F5", ACTION_DEPTH},
    {KEYS_BOOK, "F6", ACTION_DETAIL},
    {KEYS_BOOK, "S-F9", ACTION_FILTER},
};

/* htop's bar: help, find, filter and sort on the same keys. Its F9 kills, ours looks. */
static const struct row htop[] = {
    {KEYS_BOOK, "F1", ACTION_HELP},
    {KEYS_GLOBAL, "F1", ACTION_HELP},
    {KEYS_BOOK, "F2", ACTION_SCREEN_STATUS},
    {KEYS_GLOBAL, "F3", ACTION_FIND},
    {KEYS_BOOK, "F4", ACTION_FILTER},
    {KEYS_BOOK, "F6", ACTION_SORT_MENU},
};
/* clang-format on */

/* A preset that breaks the rules is our own mistake. */
static void bind_row(struct keymap *map, const struct row *row)
{
    char names[64], why[KEYS_WHY_SIZE], *rest;

    assert(strlen(row->keys) < sizeof names);
    snprintf(names, sizeof names, "%s", row->keys);
    for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
        uint32_t key = keys_parse(name);
        bool bound = key != 0 && keys_bind(map, row->mode, key, row->action, why);

        assert(bound);
        (void)bound;
    }
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
    const char *name;
    const struct row *rows;
    size_t count;
} presets[] = {{"neat", NULL, 0}, {"odin", odin, COUNT(odin)}, {"htop", htop, COUNT(htop)}};

bool keys_preset(struct keymap *map, const char *name)
{
    for (size_t i = 0; i < COUNT(presets); i++) {
        if (strcmp(presets[i].name, name) != 0)
            continue;
        memset(map, 0, sizeof *map);
        for (size_t j = 0; j < COUNT(neat); j++)
            bind_row(map, &neat[j]);
        for (size_t j = 0; j < presets[i].count; j++)
            bind_row(map, &presets[i].rows[j]);
        return true;
    }
    return false;
}
