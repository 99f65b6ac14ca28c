/* A theme keeps names of colours, not colours: styles point into the palette, so a theme that inherits
 * may change one line of the palette and every role that uses it follows. Reading order: the bare
 * theme, one section after the other, lines, ancestors, and last what the painter asks. */
#include "tui/theme.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "tui/text.h"

#define LINE_SIZE 256

const char *const role_names[ROLES] = {
#define X(id, name) name,
    ROLE_MAP(X)
#undef X
};

static const struct {
    const char *name;
    uint32_t character;
} marks[MARKS] = {
#define X(id, name, character) {name, character},
    MARK_MAP(X)
#undef X
};

static const struct {
    const char *name;
    uint8_t attr;
} attrs[] = {{"bold", THEME_BOLD},
             {"dim", THEME_DIM},
             {"italic", THEME_ITALIC},
             {"underline", THEME_UNDERLINE},
             {"blink", THEME_BLINK},
             {"reverse", THEME_REVERSE},
             {"none", 0}};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Looks that a screen without any colour cannot do without. */
static const struct {
    enum role role;
    uint8_t attr;
} bare_attrs[] = {
    {ROLE_DANGER, THEME_REVERSE | THEME_BOLD},
    {ROLE_STATE_UNKNOWN, THEME_REVERSE | THEME_BOLD},
    {ROLE_SELECT, THEME_REVERSE},
    {ROLE_STATUS, THEME_BOLD},
    {ROLE_HEADER, THEME_UNDERLINE},
};

void theme_init(struct theme *theme)
{
    *theme = (struct theme){.contrast_tenths = 45};
    for (size_t i = 0; i < ROLES; i++) {
        bool is_mode = strncmp(role_names[i], "mode.", 5) == 0;

        theme->styles[i] = (struct theme_style){-1, -1, is_mode ? THEME_REVERSE : 0};
    }
    for (size_t i = 0; i < COUNT(bare_attrs); i++)
        theme->styles[bare_attrs[i].role].attr = bare_attrs[i].attr;
    for (size_t i = 0; i < MARKS; i++)
        theme->marks[i] = marks[i].character;
}

/* One line of a file on its way through the functions below. */
struct place {
    struct theme *theme;
    struct report *report;
    const char *file;
    size_t line;
};

#define WARN(place, ...) report_line((place)->report, (place)->file, (place)->line, __VA_ARGS__)

/* Words of a value: cuts at any of `stops`, drops blanks around. NULL after the last. */
static char *next_word(char **rest, const char *stops)
{
    char *word = *rest, *end;

    if (word == NULL)
        return NULL;
    word += strspn(word, " \t");
    end = word + strcspn(word, stops);
    *rest = *end != '\0' ? end + 1 : NULL;
    *end = '\0';
    while (end > word && (end[-1] == ' ' || end[-1] == '\t'))
        *--end = '\0';
    return word;
}

/* Palette */

/* Entry of that name; colours written in [style] have an empty one and are not found. */
static int colour_index(const struct theme *theme, const char *name)
{
    for (size_t i = 0; i < theme->colour_count; i++)
        if (strcmp(theme->colours[i].name, name) == 0 && name[0] != '\0')
            return (int)i;
    return -1;
}

/* "truecolor, 256, 16"; what is left out is the nearest to the column before it. */
static bool columns_parse(char *value, int32_t column[3])
{
    char *rest = value, *word;
    int count = 0;

    column[0] = THEME_DEFAULT;
    while ((word = next_word(&rest, ",")) != NULL)
        if (count == 3 || !theme_colour_parse(word, &column[count++]))
            return false;
    if (count < 2)
        column[1] = column[0] & THEME_INDEX ? column[0] : theme_colour_nearest(column[0], 256);
    if (count < 3)
        column[2] = theme_colour_nearest(column[0], 16);
    return (column[1] & THEME_INDEX) && (column[2] & THEME_INDEX);
}

/* Entry of that name, new or old; -1 when the palette is full. */
static int colour_entry(struct theme *theme, const char *name)
{
    int index = colour_index(theme, name);

    if (index >= 0 || theme->colour_count == THEME_COLOURS)
        return index;
    snprintf(theme->colours[theme->colour_count].name, sizeof theme->colours[0].name, "%s", name);
    return (int)theme->colour_count++;
}

static void palette_line(const struct place *place, const char *name, char *value)
{
    int32_t column[3];
    int index;

    if (name[0] == '\0' || strlen(name) >= sizeof place->theme->colours[0].name) {
        WARN(place, "name of a colour is 1 to 15 characters");
    } else if (!columns_parse(value, column)) {
        WARN(place, "bad colour for `%s`: expected #RRGGBB, 0-255, one of the 16", name);
    } else if ((index = colour_entry(place->theme, name)) < 0) {
        WARN(place, "more than %d colours", THEME_COLOURS);
    } else {
        memcpy(place->theme->colours[index].column, column, sizeof column);
    }
}

/* Style */

/* Glob with * only. Two of them side by side would cost exponential time and mean no more than one:
 * the caller has refused them. */
static bool matches(const char *pattern, const char *name)
{
    if (*pattern == '*')
        return matches(pattern + 1, name) || (*name != '\0' && matches(pattern, name + 1));
    return *pattern == *name && (*name == '\0' || matches(pattern + 1, name + 1));
}

/* "reverse bold"; "none" and nothing at all are the empty set. */
static bool attr_parse(char *value, uint8_t *attr)
{
    char *rest = value, *word;

    *attr = 0;
    while ((word = next_word(&rest, " \t,")) != NULL) {
        size_t i = 0;

        while (i < COUNT(attrs) && strcmp(attrs[i].name, word) != 0)
            i++;
        if (i == COUNT(attrs) && word[0] != '\0')
            return false;
        *attr |= i < COUNT(attrs) ? attrs[i].attr : 0;
    }
    return true;
}

/* Palette index of a colour in [style]: a palette name, or a colour of its own. -1: neither. */
static int style_colour(struct theme *theme, char *value)
{
    int32_t column[3];
    int index = colour_index(theme, value);

    if (index >= 0 || !columns_parse(value, column))
        return index;
    for (size_t i = 0; i < theme->colour_count; i++)
        if (theme->colours[i].name[0] == '\0' &&
            memcmp(theme->colours[i].column, column, sizeof column) == 0)
            return (int)i;
    index = colour_entry(theme, "");
    if (index >= 0)
        memcpy(theme->colours[index].column, column, sizeof column);
    return index;
}

enum part { PART_FG, PART_BG, PART_ATTR, PARTS };

static enum part part_parse(const char *name)
{
    static const char *const parts[PARTS] = {"fg", "bg", "attr"};
    enum part part = 0;

    while (part < PARTS && strcmp(parts[part], name) != 0)
        part++;
    return part;
}

static void style_set(struct theme *theme, const char *pattern, enum part part, int value)
{
    for (size_t i = 0; i < ROLES; i++) {
        struct theme_style *style = &theme->styles[i];

        if (!matches(pattern, role_names[i]))
            continue;
        switch (part) {
        case PART_FG: style->fg = (int8_t)value; break;
        case PART_BG: style->bg = (int8_t)value; break;
        case PART_ATTR: style->attr = (uint8_t)value; break;
        case PARTS: break;
        }
    }
}

static bool is_role(const char *pattern)
{
    for (size_t i = 0; i < ROLES; i++)
        if (matches(pattern, role_names[i]))
            return true;
    return false;
}

/* What fg, bg or attr is to be; -1: the value is none. */
static int part_value(struct theme *theme, enum part part, char *value)
{
    uint8_t attr;

    if (part != PART_ATTR)
        return style_colour(theme, value);
    return attr_parse(value, &attr) ? attr : -1;
}

static void style_line(const struct place *place, char *name, char *value)
{
    char *dot = strrchr(name, '.');
    enum part part = dot != NULL ? part_parse(dot + 1) : PARTS;
    char copy[LINE_SIZE];
    int set;

    if (part == PARTS) {
        WARN(place, "expected ROLE.fg, ROLE.bg or ROLE.attr, got `%s`", name);
        return;
    }
    *dot = '\0';
    if (strstr(name, "**") != NULL) {
        WARN(place, "one * is enough in `%s`", name);
        return;
    }
    if (!is_role(name)) {
        WARN(place, "unknown role `%s`", name);
        return;
    }
    snprintf(copy, sizeof copy, "%s", value);
    set = part_value(place->theme, part, value);
    if (set < 0)
        WARN(place, "bad %s `%s`", part == PART_ATTR ? "attribute" : "colour", copy);
    else
        style_set(place->theme, name, part, set);
}

/* Marks */

static void box_line(const struct place *place, const char *value)
{
    if (strcmp(value, "ascii") == 0)
        place->theme->unicode_box = false;
    else if (strcmp(value, "unicode") == 0)
        place->theme->unicode_box = wcwidth(0x2500) == 1;
    else
        WARN(place, "box is ascii or unicode, not `%s`", value);
}

/* A mark must be one column wide and survive the gate as it is. */
static bool mark_parse(const char *value, uint32_t *character)
{
    int columns;
    char utf8[4];
    size_t length = strlen(value);

    if (length == 0 || text_next(value, length, character, &columns) != length || columns != 1)
        return false;
    return text_utf8(*character, utf8) == length && memcmp(utf8, value, length) == 0;
}

static void mark_line(const struct place *place, char *name, char *value)
{
    uint32_t character;

    if (strcmp(name, "box") == 0) {
        box_line(place, value);
        return;
    }
    for (size_t i = 0; i < MARKS; i++) {
        if (strcmp(marks[i].name, name) != 0)
            continue;
        if (mark_parse(value, &character))
            place->theme->marks[i] = character;
        else
            WARN(place, "mark `%s` is one character of one column", name);
        return;
    }
    WARN(place, "unknown mark `%s`", name);
}

/* [theme] */

/* Names become file names: nothing that could leave the folder. */
static bool is_name(const char *name)
{
    size_t length = strlen(name);

    return length > 0 && length < THEME_NAME_SIZE &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == length;
}

static void name_line(const struct place *place, const char *key, const char *value, char *out)
{
    if (is_name(value))
        snprintf(out, THEME_NAME_SIZE, "%s", value);
    else
        WARN(place, "%s: small letters, digits, - and _ only, at most %d", key,
             THEME_NAME_SIZE - 1);
}

/* "4.5" as 45. */
static bool tenths_parse(const char *value, int *tenths)
{
    char *end;
    long whole = strtol(value, &end, 10);
    bool has_tenth = end[0] == '.' && end[1] >= '0' && end[1] <= '9' && end[2] == '\0';

    if (end == value || (end[0] != '\0' && !has_tenth) || whole < 1 || whole > 21)
        return false;
    *tenths = (int)whole * 10 + (has_tenth ? end[1] - '0' : 0);
    return *tenths <= 210;
}

static void theme_line(const struct place *place, char *key, char *value)
{
    struct theme *theme = place->theme;

    if (strcmp(key, "version") == 0) {
        if (strcmp(value, "1") != 0)
            WARN(place, "version `%s` is not known, read as 1", value);
    } else if (strcmp(key, "name") == 0) {
        name_line(place, key, value, theme->name);
    } else if (strcmp(key, "inherits") == 0) {
        name_line(place, key, value, theme->inherits);
    } else if (strcmp(key, "about") == 0) {
        text_safe(value, strlen(value), sizeof theme->about, theme->about, sizeof theme->about);
    } else if (strcmp(key, "contrast") == 0) {
        if (!tenths_parse(value, &theme->contrast_tenths))
            WARN(place, "contrast is a number from 1.0 to 21.0, not `%s`", value);
    } else {
        WARN(place, "unknown key `%s` in [theme]", key);
    }
}

/* Lines */

typedef void section_fn(const struct place *place, char *key, char *value);

static void palette_section(const struct place *place, char *key, char *value)
{
    palette_line(place, key, value);
}

static const struct {
    const char *header;
    section_fn *line;
} sections[] = {{"[theme]", theme_line},
                {"[palette]", palette_section},
                {"[style]", style_line},
                {"[mark]", mark_line}};

static section_fn *section_parse(const struct place *place, const char *header)
{
    for (size_t i = 0; i < COUNT(sections); i++)
        if (strcmp(sections[i].header, header) == 0)
            return sections[i].line;
    WARN(place, "unknown section %s", header);
    return NULL;
}

/* A comment is a line that begins with # or ;, or what follows a # between two blanks: so it is never
 * taken for a colour. */
static void cut_comment(char *line)
{
    char *comment = strstr(line, " # ");

    if (comment != NULL)
        *comment = '\0';
}

static void apply_line(const struct place *place, char *line, section_fn **section)
{
    char *rest = line, *key, *value;

    cut_comment(line);
    key = next_word(&rest, "=\r");
    if (key[0] == '\0' && rest == NULL)
        return;
    if (key[0] == '#' || key[0] == ';')
        return;
    if (key[0] == '[') {
        *section = section_parse(place, key);
        return;
    }
    value = next_word(&rest, "\r");
    if (value == NULL)
        WARN(place, "expected `name = value`");
    else if (*section == NULL)
        WARN(place, "`%s` outside of a known section", key);
    else
        (*section)(place, key, value);
}

void theme_apply(struct theme *theme, const char *text, size_t length, const char *file,
                 struct report *report)
{
    struct place place = {theme, report, file, 0};
    section_fn *section = NULL;
    const char *end = text + length;

    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t size = (size_t)((stop != NULL ? stop : end) - text);
        char line[LINE_SIZE];

        place.line++;
        if (size >= sizeof line || memchr(text, '\0', size) != NULL) {
            WARN(&place, "line too long, or not text");
        } else {
            memcpy(line, text, size);
            line[size] = '\0';
            apply_line(&place, line, &section);
        }
        text += size + 1;
    }
}

/* Ancestors. The parent must be applied first and is named inside the child: the child is read twice,
 * the first time into a scrap theme whose reports go nowhere. */

static void drop(void *context, const char *text)
{
    (void)context;
    (void)text;
}

static void parent_of(const char *text, size_t length, char parent[THEME_NAME_SIZE])
{
    struct report nowhere = {drop, NULL, 0};
    struct theme scrap;

    theme_init(&scrap);
    theme_apply(&scrap, text, length, "", &nowhere);
    memcpy(parent, scrap.inherits, THEME_NAME_SIZE);
}

#define CHAIN (THEME_ANCESTORS + 2) /* the theme, its ancestors, and the first too many */

/* Names of the chain, child first. Returns its length. */
static size_t chain(char names[CHAIN][THEME_NAME_SIZE], const char *child,
                    const struct theme_source *source, struct report *report)
{
    size_t count = 0, length;
    const char *text, *file;

    snprintf(names[0], THEME_NAME_SIZE, "%s", child);
    while (count <= THEME_ANCESTORS && names[count][0] != '\0') {
        if (!source->find(source->context, names[count], &text, &length, &file)) {
            report_line(report, names[count], 0, "no such theme");
            return count;
        }
        parent_of(text, length, names[++count]);
    }
    if (names[count][0] != '\0')
        report_line(report, child, 0, "more than %d ancestors", THEME_ANCESTORS);
    return count;
}

static size_t apply_chain(struct theme *theme, const char *child, const struct theme_source *source,
                          struct report *report)
{
    char names[CHAIN][THEME_NAME_SIZE];
    size_t count = chain(names, child, source, report);
    const char *text, *file;
    size_t length;

    for (size_t i = count; i-- > 0;)
        if (source->find(source->context, names[i], &text, &length, &file))
            theme_apply(theme, text, length, file, report);
    return count;
}

bool theme_load(struct theme *theme, const char *name, const struct theme_source *source,
                struct report *report)
{
    theme_init(theme);
    return is_name(name) && apply_chain(theme, name, source, report) > 0;
}

void theme_load_text(struct theme *theme, const char *text, size_t length, const char *file,
                     const struct theme_source *source, struct report *report)
{
    char parent[THEME_NAME_SIZE];

    theme_init(theme);
    parent_of(text, length, parent);
    if (parent[0] != '\0')
        apply_chain(theme, parent, source, report);
    theme_apply(theme, text, length, file, report);
}

/* Looks */

/* The column of the palette for a depth; what a role leaves open is as `default` has it. */
static int32_t look_colour(const struct theme *theme, int index, int fallback,
                           enum theme_depth depth)
{
    static const int columns[THEME_DEPTHS] = {[THEME_16] = 2, [THEME_256] = 1, [THEME_TRUE] = 0};

    if (index < 0)
        index = fallback;
    if (depth == THEME_MONO || index < 0)
        return THEME_DEFAULT;
    return theme->colours[index].column[columns[depth]];
}

struct theme_look theme_look(const struct theme *theme, enum role role, enum theme_depth depth)
{
    const struct theme_style *style = &theme->styles[role];
    const struct theme_style *base = &theme->styles[ROLE_DEFAULT];

    return (struct theme_look){look_colour(theme, style->fg, base->fg, depth),
                               look_colour(theme, style->bg, base->bg, depth), style->attr};
}

uint32_t theme_mark(const struct theme *theme, enum mark mark)
{
    return theme->marks[mark];
}

static enum theme_depth wished_depth(const char *wish)
{
    static const struct {
        const char *name;
        enum theme_depth depth;
    } wishes[] = {
        {"never", THEME_MONO}, {"16", THEME_16}, {"256", THEME_256}, {"truecolor", THEME_TRUE}};

    for (size_t i = 0; wish != NULL && i < COUNT(wishes); i++)
        if (strcmp(wishes[i].name, wish) == 0)
            return wishes[i].depth;
    return THEME_DEPTHS;
}

enum theme_depth theme_depth(const char *wish, const char *no_color, const char *term,
                             const char *colorterm, int colours)
{
    enum theme_depth wished = wished_depth(wish);

    if (wished != THEME_DEPTHS)
        return wished;
    if ((no_color != NULL && no_color[0] != '\0') || term == NULL || strcmp(term, "dumb") == 0)
        return THEME_MONO;
    if (colorterm != NULL &&
        (strcmp(colorterm, "truecolor") == 0 || strcmp(colorterm, "24bit") == 0))
        return THEME_TRUE;
    return colours >= 256 ? THEME_256 : colours >= 8 ? THEME_16 : THEME_MONO;
}
