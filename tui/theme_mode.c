/* Themes by mode. */
#include "tui/theme_mode.h"

#include <stdio.h>
#include <string.h>

const char *const theme_mode_words[THEME_MODES] = {
#define X(id, word) [THEME_MODE_##id] = word,
    THEME_MODE_MAP(X)
#undef X
};

enum theme_mode theme_mode_parse(const char *word)
{
    enum theme_mode mode = 0;

    while (mode < THEME_MODES && strcmp(theme_mode_words[mode], word) != 0)
        mode++;
    return mode;
}

enum theme_mode theme_mode_of(const struct sq_source_info *source, bool offline)
{
    if (offline)
        return THEME_MODE_OFFLINE;
    if (source->drill)
        return THEME_MODE_DRILL;
    return strcmp(source->source, "STANDALONE") == 0 ? THEME_MODE_STANDALONE : THEME_MODE_BACKUP;
}

const char *theme_choice_name(const struct theme_choice *choice, enum theme_mode mode)
{
    if (choice->name[mode][0])
        return choice->name[mode];
    return choice->name[THEME_MODE_ANY][0] ? choice->name[THEME_MODE_ANY] : "dark";
}

bool theme_choice_set(struct theme_choice *choice, enum theme_mode now, const char *words,
                      char *why, size_t why_room)
{
    char first[THEME_CHOICE_SIZE];
    size_t length = strcspn(words, " ");
    const char *name = words + length + strspn(words + length, " ");
    enum theme_mode mode = THEME_MODE_ANY;

    if (*name) {
        snprintf(first, sizeof first, "%.*s", (int)length, words);
        mode = theme_mode_parse(first);
    } else {
        name = words;
    }
    if (mode == THEME_MODES || *name == '\0' || strchr(name, ' ') ||
        strlen(name) >= THEME_CHOICE_SIZE) {
        snprintf(why, why_room, "NAME, or drill|standalone|backup|offline NAME");
        return false;
    }
    if (mode == THEME_MODE_ANY)
        choice->name[now][0] = '\0';
    strcpy(choice->name[mode], name);
    return true;
}
