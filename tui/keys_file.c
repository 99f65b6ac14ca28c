/* The key file: one `bind` or `unbind` a line. */
#include "tui/keys.h"

#include <stdio.h>
#include <string.h>

#define LINE_SIZE 256
#define WORDS     4

struct place {
    const char *file;
    size_t line;
    struct report *report;
};

/* Cuts the line at blanks; more than WORDS words count, but are not kept. */
static size_t split(char *line, char *words[WORDS])
{
    size_t count = 0;
    char *rest;

    for (char *word = strtok_r(line, " \t\r", &rest); word; word = strtok_r(NULL, " \t\r", &rest)) {
        if (count < WORDS)
            words[count] = word;
        count++;
    }
    return count;
}

static enum action action_parse(const char *name)
{
    for (enum action action = ACTION_NONE + 1; action < ACTIONS; action++)
        if (strcmp(action_rows[action].name, name) == 0)
            return action;
    return ACTION_NONE;
}

static void bind_words(struct keymap *map, char *words[WORDS], bool bind, const struct place *place)
{
    enum keys_mode mode = keys_mode_parse(words[1]);
    uint32_t key = keys_parse(words[2]);
    enum action action = bind ? action_parse(words[3]) : ACTION_NONE;
    char why[KEYS_WHY_SIZE];

    if (mode == KEYS_MODES)
        report_line(place->report, place->file, place->line, "no mode `%s`", words[1]);
    else if (key == 0)
        report_line(place->report, place->file, place->line, "no key `%s`", words[2]);
    else if (bind && action == ACTION_NONE)
        report_line(place->report, place->file, place->line, "no action `%s`", words[3]);
    else if (!keys_bind(map, mode, key, action, why))
        report_line(place->report, place->file, place->line, "`%s` refused: %s", words[2], why);
}

static void load_line(struct keymap *map, char *line, const struct place *place)
{
    char *words[WORDS];
    size_t count;

    if (line[0] == '#')
        return;
    count = split(line, words);
    if (count == 4 && strcmp(words[0], "bind") == 0)
        bind_words(map, words, true, place);
    else if (count == 3 && strcmp(words[0], "unbind") == 0)
        bind_words(map, words, false, place);
    else if (count > 0)
        report_line(place->report, place->file, place->line,
                    "expected `bind MODE KEY ACTION` or `unbind MODE KEY`");
}

void keys_load(struct keymap *map, const char *text, size_t length, const char *file,
               struct report *report)
{
    struct place place = {file, 0, report};
    const char *end = text + length;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t size = (size_t)((stop != NULL ? stop : end) - text);
        char line[LINE_SIZE];

        place.line++;
        if (size >= sizeof line || memchr(text, '\0', size) != NULL) {
            report_line(report, file, place.line, "line too long, or not text");
        } else {
            memcpy(line, text, size);
            line[size] = '\0';
            load_line(map, line, &place);
        }
        text += size + 1;
    }
}
