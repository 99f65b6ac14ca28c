/* Themes: a look for each role (tui/role.h), from small text files (console.md D1).
 *
 * A file is read line by line; what is wrong is reported with file and line and the parent's value
 * stays, so that no theme can keep the console from starting. Reading is pure; finding files is in
 * tui/theme_file.c. The themes of themes/ are also built in.
 */
#ifndef TUI_THEME_H
#define TUI_THEME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/report.h"
#include "tui/role.h"

#define THEME_NAME_SIZE 24
#define THEME_COLOURS   64 /* most palette entries, literal colours of [style] included */
#define THEME_FILE_MAX  65536
#define THEME_ANCESTORS 4 /* longest chain of `inherits` */

/* A colour: 0xRRGGBB, THEME_INDEX | number of the terminal's palette (0-255), or THEME_DEFAULT. */
#define THEME_DEFAULT (-1)
#define THEME_INDEX   0x01000000

enum theme_depth { THEME_MONO, THEME_16, THEME_256, THEME_TRUE, THEME_DEPTHS };

enum theme_attr {
    THEME_BOLD = 1,
    THEME_DIM = 2,
    THEME_ITALIC = 4,
    THEME_UNDERLINE = 8,
    THEME_BLINK = 16,
    THEME_REVERSE = 32
};

/* How a role appears at some depth. */
struct theme_look {
    int32_t fg, bg;
    uint8_t attr; /* enum theme_attr */
};

struct theme_colour {
    char name[16];     /* in [palette]; empty for a colour written in [style] itself */
    int32_t column[3]; /* truecolor, 256, 16 */
};

struct theme_style {
    int8_t fg, bg; /* index into the palette, -1 = as `default` has it */
    uint8_t attr;
};

struct theme {
    char name[THEME_NAME_SIZE];
    char inherits[THEME_NAME_SIZE]; /* "" = nothing */
    char about[80];
    int contrast_tenths; /* what its text promises at least: 45, 70 for high contrast */
    bool unicode_box;    /* lines drawn as lines, not with - | + */
    size_t colour_count;
    struct theme_colour colours[THEME_COLOURS];
    struct theme_style styles[ROLES];
    uint32_t marks[MARKS];
};

/* Where themes come from. Gives the text of a theme, valid until the next call, and the name of its
 * file for reports; false if there is none of that name. */
struct theme_source {
    bool (*find)(void *context, const char *name, const char **text, size_t *length,
                 const char **file);
    void *context;
};

/* The look without any theme: the terminal's own colours, attributes where a look must differ. */
void theme_init(struct theme *theme);

/* Applies the text of one file to what the theme already has; `inherits` is only noted. */
void theme_apply(struct theme *theme, const char *text, size_t length, const char *file,
                 struct report *report);

/* theme_init(), then its ancestors from the source, oldest first, then the theme. False: no theme of
 * that name, and the theme is what theme_init() makes. */
bool theme_load(struct theme *theme, const char *name, const struct theme_source *source,
                struct report *report);

/* The same for a text in hand. */
void theme_load_text(struct theme *theme, const char *text, size_t length, const char *file,
                     const struct theme_source *source, struct report *report);

struct theme_look theme_look(const struct theme *theme, enum role role, enum theme_depth depth);

/* Character of a mark. */
uint32_t theme_mark(const struct theme *theme, enum mark mark);

/* Depth to use. `wish` is the --color option: auto, never, 16, 256, truecolor (NULL = auto). The
 * others are the environment's values, NULL if unset, and terminfo's `colors`. Order: console.md D1. */
enum theme_depth theme_depth(const char *wish, const char *no_color, const char *term,
                             const char *colorterm, int colours);

/* "#RRGGBB", "default", a number 0-255 or the name of one of the 16 colours. */
bool theme_colour_parse(const char *word, int32_t *colour);

/* Red, green, blue 0-255 of a colour; false for THEME_DEFAULT. The 16 are taken as xterm has them. */
bool theme_colour_rgb(int32_t colour, int rgb[3]);

/* The nearest of the terminal's first `count` (16 or 256) colours. */
int32_t theme_colour_nearest(int32_t colour, int count);

/* tui/theme_file.c: $XDG_CONFIG_HOME/squareoff/themes, each of $XDG_DATA_DIRS/squareoff/themes, then
 * the built-in themes. Keeps the text of the last file in memory. */
struct theme_source theme_files(void);

/* Reads a file whole. Returns its length, or -1 with why (REPORT_SIZE). */
long theme_read_file(const char *path, char *text, size_t size, char *why);

/* Name of built-in theme number `index`, NULL after the last. */
const char *theme_builtin(size_t index);

#endif
