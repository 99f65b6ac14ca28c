/* The table: names, lookup, and the one door through which a binding gets in, with the rules that keep
 * habit from sending an order. */
#include "tui/keys.h"

#include <stdio.h>
#include <string.h>

#include "tui/decode.h"
#include "tui/text.h"

const struct action_row action_rows[ACTIONS] = {
#define X(id, name, label, help, group, flags) \
    [ACTION_##id] = {name, label, help, ACTION_GROUP_##group, flags},
    ACTION_MAP(X)
#undef X
};

const char *const action_group_titles[ACTION_GROUPS] = {
#define X(id, title) title,
    ACTION_GROUP_MAP(X)
#undef X
};

const char *const keys_mode_names[KEYS_MODES] = {
#define X(id, name, parent) name,
    KEYS_MODE_MAP(X)
#undef X
};

static const uint8_t parents[KEYS_MODES] = {
#define X(id, name, parent) KEYS_##parent,
    KEYS_MODE_MAP(X)
#undef X
};

enum keys_mode keys_mode_parse(const char *name)
{
    enum keys_mode mode = 0;

    while (mode < KEYS_MODES && strcmp(keys_mode_names[mode], name) != 0)
        mode++;
    return mode;
}

/* Names of keys */

static const struct {
    uint32_t key;
    const char *name;
} names[] = {
    {' ', "space"},
    {DECODE_TAB, "Tab"},
    {DECODE_ENTER, "Enter"},
    {DECODE_ESCAPE, "Esc"},
    {DECODE_BACKSPACE, "BS"},
    {DECODE_UP, "Up"},
    {DECODE_DOWN, "Down"},
    {DECODE_RIGHT, "Right"},
    {DECODE_LEFT, "Left"},
    {DECODE_HOME, "Home"},
    {DECODE_END, "End"},
    {DECODE_PAGE_UP, "PgUp"},
    {DECODE_PAGE_DOWN, "PgDn"},
    {DECODE_INSERT, "Ins"},
    {DECODE_DELETE, "Del"},
    {DECODE_CENTRE, "Centre"},
    {DECODE_PAD_MULTIPLY, "KP*"},
    {DECODE_PAD_ADD, "KP+"},
    {DECODE_PAD_COMMA, "KP,"},
    {DECODE_PAD_SUBTRACT, "KP-"},
    {DECODE_PAD_DECIMAL, "KP."},
    {DECODE_PAD_DIVIDE, "KP/"},
    {DECODE_PAD_EQUAL, "KP="},
    {DECODE_PAD_ENTER, "KPEnter"},
};

static const struct {
    uint32_t bit;
    const char *prefix;
} prefixes[] = {{DECODE_CTRL, "C-"}, {DECODE_ALT, "A-"}, {DECODE_SHIFT, "S-"}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void base_name(uint32_t key, char *name, size_t size)
{
    char utf8[5] = "";

    for (size_t i = 0; i < COUNT(names); i++)
        if (names[i].key == key) {
            snprintf(name, size, "%s", names[i].name);
            return;
        }
    if (key >= DECODE_F1 && key <= DECODE_F24) {
        snprintf(name, size, "F%u", key - DECODE_F1 + 1);
    } else if (key >= DECODE_PAD_0 && key <= DECODE_PAD_9) {
        snprintf(name, size, "KP%u", key - DECODE_PAD_0);
    } else {
        text_utf8(key, utf8);
        snprintf(name, size, "%s", utf8);
    }
}

void keys_name(uint32_t key, char name[KEYS_NAME_SIZE])
{
    size_t length = 0;

    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (key & prefixes[i].bit) {
            memcpy(name + length, prefixes[i].prefix, 2);
            length += 2;
        }
    base_name(key & DECODE_CODE, name + length, KEYS_NAME_SIZE - length);
}

/* "F1" to "F24" and "KP0" to "KP9"; 0 for anything else. */
static uint32_t numbered_key(const char *name)
{
    bool is_pad = strncmp(name, "KP", 2) == 0;
    const char *digits = name + (is_pad ? 2 : 1);
    size_t count = strspn(digits, "0123456789");
    uint32_t number = 0;

    if ((!is_pad && name[0] != 'F') || count == 0 || count > 2 || digits[count] != '\0')
        return 0;
    for (size_t i = 0; i < count; i++)
        number = number * 10 + (uint32_t)(digits[i] - '0');
    if (is_pad)
        return count == 1 ? DECODE_PAD_0 + number : 0;
    return digits[0] != '0' && number <= 24 ? DECODE_F(number) : 0;
}

/* A key without its modifiers. A single character is itself if it would pass the gate unchanged:
 * no control, and nothing that only looks like another key. */
static uint32_t base_parse(const char *name)
{
    uint32_t key = 0;
    int columns;
    char utf8[4];
    size_t length = strlen(name);

    for (size_t i = 0; i < COUNT(names); i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].key;
    if (length > 1 && (key = numbered_key(name)) != 0)
        return key;
    if (length == 0 || text_next(name, length, &key, &columns) != length)
        return 0;
    return text_utf8(key, utf8) == length && memcmp(utf8, name, length) == 0 ? key : 0;
}

uint32_t keys_parse(const char *name)
{
    uint32_t modifiers = 0, key;

    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (strncmp(name, prefixes[i].prefix, 2) == 0 && name[2] != '\0') {
            modifiers |= prefixes[i].bit;
            name += 2;
        }
    key = base_parse(name);
    return key == 0 ? 0 : key | modifiers;
}

/* Lookup */

static struct keys_binding *find(const struct keymap *map, enum keys_mode mode, uint32_t key)
{
    for (size_t i = map->start[mode]; i < map->start[mode + 1]; i++)
        if (map->bindings[i].key == key)
            return (struct keys_binding *)&map->bindings[i];
    return NULL;
}

/* From the mode up through those it stands under; the first that binds the key decides. */
enum action keys_action(const struct keymap *map, enum keys_mode mode, uint32_t key)
{
    for (;; mode = parents[mode]) {
        const struct keys_binding *binding = find(map, mode, key);

        if (binding != NULL)
            return binding->action;
        if (parents[mode] == mode)
            return ACTION_NONE;
    }
}

bool keys_guarded(const struct keymap *map, enum keys_mode mode, uint32_t key)
{
    enum action action = keys_action(map, mode, key);

    return (action_rows[action].flags & (ACTION_DESTRUCTIVE | ACTION_CONFIRM)) != 0;
}

/* Rules of binding */

static bool inherits(enum keys_mode mode, enum keys_mode from)
{
    while (mode != from && parents[mode] != mode)
        mode = parents[mode];
    return mode == from;
}

/* Can both bindings be met on one screen? */
static bool is_related(enum keys_mode a, enum keys_mode b)
{
    return inherits(a, b) || inherits(b, a);
}

static bool is_digit(uint32_t key)
{
    return key >= '0' && key <= '9';
}

static bool is_pad_key(uint32_t key)
{
    return key >= DECODE_PAD_0 && key <= DECODE_PAD_ENTER;
}

static bool is_function_key(uint32_t key)
{
    return key >= DECODE_F1 && key <= DECODE_F24;
}

static bool is_cursor_key(uint32_t key)
{
    return key >= DECODE_UP && key <= DECODE_CENTRE;
}

static bool is_blank_key(uint32_t key)
{
    return key == ' ' || key == DECODE_TAB || key == DECODE_BACKSPACE;
}

static bool is_enter(uint32_t key)
{
    return key == DECODE_ENTER;
}

static const struct {
    bool (*matches)(uint32_t key); /* modifiers taken away */
    unsigned flags;                /* of the actions that it is closed to */
    const char *what;
} closed_keys[] = {
    {is_function_key, ACTION_DESTRUCTIVE | ACTION_CONFIRM, "an F-key"},
    {is_digit, ACTION_DESTRUCTIVE | ACTION_CONFIRM, "a digit"},
    {is_pad_key, ACTION_DESTRUCTIVE | ACTION_CONFIRM, "a keypad key"},
    {is_cursor_key, ACTION_DESTRUCTIVE | ACTION_CONFIRM, "a cursor key"},
    {is_blank_key, ACTION_DESTRUCTIVE | ACTION_CONFIRM, "space, Tab or BS"},
    {is_enter, ACTION_DESTRUCTIVE, "Enter"},
};

static bool is_fixed(uint32_t key)
{
    return key == DECODE_ESCAPE || key == ('g' | DECODE_CTRL) || key == ('c' | DECODE_CTRL);
}

static const char *closed_by_key(uint32_t key, unsigned flags)
{
    for (size_t i = 0; i < COUNT(closed_keys); i++)
        if ((closed_keys[i].flags & flags) && closed_keys[i].matches(key & DECODE_CODE))
            return closed_keys[i].what;
    return NULL;
}

static bool moves(enum action action)
{
    return action_rows[action].group == ACTION_GROUP_MOVE && action != ACTION_NONE;
}

/* Two actions that may not share a key: one destroys and the other moves in the same screen, or one
 * opens a strip and the other confirms it. */
static bool clashes(enum keys_mode mode_a, enum action a, enum keys_mode mode_b, enum action b)
{
    unsigned flags_a = action_rows[a].flags, flags_b = action_rows[b].flags;

    if ((flags_a & ACTION_DESTRUCTIVE) && (flags_b & ACTION_CONFIRM))
        return true;
    return (flags_a & ACTION_DESTRUCTIVE) && moves(b) && is_related(mode_a, mode_b);
}

static enum action closed_by_other(const struct keymap *map, enum keys_mode mode, uint32_t key,
                                   enum action action)
{
    for (size_t i = 0; i < map->start[KEYS_MODES]; i++) {
        const struct keys_binding *other = &map->bindings[i];

        if (other->key == key && (clashes(mode, action, other->mode, other->action) ||
                                  clashes(other->mode, other->action, mode, action)))
            return other->action;
    }
    return ACTION_NONE;
}

/* The rules, in order; `why` names the first that is broken. */
static bool refused(const struct keymap *map, enum keys_mode mode, uint32_t key, enum action action,
                    char why[KEYS_WHY_SIZE])
{
    const char *name = action_rows[action].name;
    const char *what = closed_by_key(key, action_rows[action].flags);
    enum action other = closed_by_other(map, mode, key, action);

    if (what != NULL)
        snprintf(why, KEYS_WHY_SIZE, "%s may not be on %s", name, what);
    else if ((action_rows[action].flags & ACTION_CONFIRM) && !inherits(mode, KEYS_DIALOG))
        snprintf(why, KEYS_WHY_SIZE, "%s belongs in strip, typed or approval only", name);
    else if (other != ACTION_NONE)
        snprintf(why, KEYS_WHY_SIZE, "%s may not share a key with %s", name,
                 action_rows[other].name);
    else if (find(map, mode, key) == NULL && map->start[KEYS_MODES] == KEYS_BINDINGS)
        snprintf(why, KEYS_WHY_SIZE, "more than %d bindings", KEYS_BINDINGS);
    else
        return false;
    return true;
}

/* Moves the bindings from index `from` on by one place, up or down, and the starts of later modes. */
static void shift(struct keymap *map, size_t from, enum keys_mode mode, int by)
{
    size_t after = map->start[KEYS_MODES] - from;

    memmove(&map->bindings[from] + by, &map->bindings[from], after * sizeof map->bindings[0]);
    for (enum keys_mode later = mode + 1; later <= KEYS_MODES; later++)
        map->start[later] = map->start[later] + (size_t)by;
}

static struct keys_binding *add(struct keymap *map, enum keys_mode mode)
{
    size_t index = map->start[mode + 1];

    shift(map, index, mode, 1);
    return &map->bindings[index];
}

bool keys_bind(struct keymap *map, enum keys_mode mode, uint32_t key, enum action action,
               char why[KEYS_WHY_SIZE])
{
    struct keys_binding *binding = find(map, mode, key);

    if (is_fixed(key) && keys_action(map, mode, key) != ACTION_NONE) {
        snprintf(why, KEYS_WHY_SIZE, "Esc, C-g and C-c keep their meaning");
        return false;
    }
    if (action == ACTION_NONE && binding == NULL) {
        snprintf(why, KEYS_WHY_SIZE, "not bound in %s", keys_mode_names[mode]);
        return false;
    }
    if (action == ACTION_NONE) {
        shift(map, (size_t)(binding - map->bindings) + 1, mode, -1);
        return true;
    }
    if (refused(map, mode, key, action, why))
        return false;
    if (binding == NULL)
        binding = add(map, mode);
    *binding = (struct keys_binding){key, (uint8_t)mode, (uint8_t)action};
    return true;
}
