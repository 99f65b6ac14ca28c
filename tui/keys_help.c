/* What the key table says about itself: the key bar and the `?` help. */
#include "tui/keys.h"

#include <stdio.h>
#include <string.h>

#include "tui/decode.h"
#include "tui/text.h"

static bool is_function_key(uint32_t key)
{
    return (key & DECODE_CODE) >= DECODE_F1 && (key & DECODE_CODE) <= DECODE_F24;
}

/* Two modes may bind one key to one action: it is told once. */
static bool told_before(const struct keymap *map, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (map->bindings[i].key == map->bindings[at].key &&
            map->bindings[i].action == map->bindings[at].action)
            return true;
    return false;
}

/* Walks the keys that reach an action in a mode: binding number *at and on. False after the last. */
static bool next_key(const struct keymap *map, enum keys_mode mode, enum action action, size_t *at,
                     uint32_t *key)
{
    for (; *at < map->start[KEYS_MODES]; (*at)++) {
        const struct keys_binding *binding = &map->bindings[*at];

        if (binding->action == action && keys_action(map, mode, binding->key) == action &&
            !told_before(map, *at)) {
            *key = binding->key;
            (*at)++;
            return true;
        }
    }
    return false;
}

/* The key to show for an action: the first of the wished kind, else the first. 0: not bound here. */
static uint32_t shown_key(const struct keymap *map, enum keys_mode mode, enum action action,
                          bool functions)
{
    uint32_t key, first = 0;

    for (size_t at = 0; next_key(map, mode, action, &at, &key);) {
        if (is_function_key(key) == functions)
            return key;
        if (first == 0)
            first = key;
    }
    return first;
}

/* "1Pos", "F5Pos", "x close". Returns the columns, 0 if the action has no place in the bar. */
static size_t bar_item(const struct keymap *map, enum keys_mode mode, enum action action,
                       bool functions, char *item, size_t size)
{
    const char *label = action_rows[action].label;
    uint32_t key = label[0] == '\0' ? 0 : shown_key(map, mode, action, functions);
    char name[KEYS_NAME_SIZE];
    bool tight = is_function_key(key) || (key >= '0' && key <= '9');

    if (key == 0)
        return 0;
    keys_name(key, name);
    snprintf(item, size, "%s%s%s", name, tight ? "" : " ", label);
    return text_columns(item, strlen(item));
}

static void append(char *out, size_t size, const char *gap, const char *item)
{
    size_t length = strlen(out);

    snprintf(out + length, size - length, "%s%s", length > 0 ? gap : "", item);
}

/* Columns of a bar with every item, with gaps of one. */
static size_t bar_columns(const struct keymap *map, enum keys_mode mode, bool functions)
{
    size_t sum = 0;
    char item[64];

    for (enum action action = ACTION_NONE + 1; action < ACTIONS; action++) {
        size_t columns = bar_item(map, mode, action, functions, item, sizeof item);

        sum += columns > 0 ? columns + 1 : 0;
    }
    return sum;
}

size_t keys_bar(const struct keymap *map, enum keys_mode mode, bool functions, size_t columns,
                char *out, size_t size)
{
    char item[64], help[64];
    size_t last = bar_item(map, mode, ACTION_HELP, functions, help, sizeof help);
    size_t gap = bar_columns(map, mode, functions) * 5 / 4 < columns ? 2 : 1;
    size_t used = 0;

    out[0] = '\0';
    for (enum action action = ACTION_NONE + 1; action < ACTION_HELP; action++) {
        size_t width = bar_item(map, mode, action, functions, item, sizeof item);

        if (width > 0 && used + width + gap + last <= columns) {
            append(out, size, gap == 2 ? "  " : " ", item);
            used += width + gap;
        }
    }
    if (last > 0 && used + last <= columns)
        append(out, size, gap == 2 ? "  " : " ", help);
    return strlen(out);
}

static void help_keys(const struct keymap *map, enum keys_mode mode, enum action action, char *out,
                      size_t size)
{
    uint32_t key;

    out[0] = '\0';
    for (size_t at = 0; next_key(map, mode, action, &at, &key);) {
        char name[KEYS_NAME_SIZE];

        keys_name(key, name);
        if (strlen(out) + strlen(name) + 2 <= size)
            append(out, size, " ", name);
    }
}

/* Heading of a group is due before its first line that is shown. */
bool keys_help_line(const struct keymap *map, enum keys_mode mode, size_t index,
                    struct keys_help *line)
{
    enum action_group group = ACTION_GROUPS;

    for (enum action action = ACTION_NONE + 1; action < ACTIONS; action++) {
        const struct action_row *row = &action_rows[action];
        size_t first = 0;
        uint32_t key;

        if (!next_key(map, mode, action, &first, &key))
            continue;
        if (row->group != group && index-- == 0) {
            *line = (struct keys_help){.heading = true, .text = action_group_titles[row->group]};
            return true;
        }
        group = row->group;
        if (index-- == 0) {
            *line = (struct keys_help){.action = action, .text = row->help};
            help_keys(map, mode, action, line->keys, sizeof line->keys);
            return true;
        }
    }
    return false;
}
