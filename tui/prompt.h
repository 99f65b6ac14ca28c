/* One line being typed: the `:` and `/` lines, the filter, the fields of tickets, a typed count.
 *
 * Inside it keys are text (console.md C1 rule 7). Text is UTF-8, already through the gate of
 * tui/text.h, one column a character: what is wider or unsafe is not taken. History and completion
 * are the caller's to share between lines or to leave out.
 */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tui/canvas.h"

#define PROMPT_SIZE    160 /* of the text, terminator included */
#define PROMPT_HISTORY 32  /* lines remembered */

struct prompt_history {
    char lines[PROMPT_HISTORY][PROMPT_SIZE]; /* ring */
    size_t count;                            /* ever added */
};

/* Words that Tab completes to: number `index` of those that `so_far` (from the start of the line to
 * the cursor) allows, NULL after the last. They replace the last word of so_far. */
struct prompt_words {
    const char *(*word)(void *context, const char *so_far, size_t index);
    void *context;
};

struct prompt {
    char text[PROMPT_SIZE];
    size_t length, cursor;          /* bytes */
    size_t limit;                   /* most bytes of this line, < PROMPT_SIZE */
    const char *allowed;            /* only these characters, NULL = any */
    struct prompt_history *history; /* borrowed, NULL = none */
    size_t back;                    /* how many lines back in the history it shows */
    char draft[PROMPT_SIZE];        /* what was typed before going back */
    struct prompt_words words;      /* .word NULL = no completion */
};

enum prompt_result {
    PROMPT_IGNORED,  /* not a key of a line: the caller may use it */
    PROMPT_EDITED,   /* text or cursor changed */
    PROMPT_ACCEPTED, /* Enter: the line stays as it is */
    PROMPT_CANCELLED /* Esc, Ctrl-G, Ctrl-C, or backspace in an empty line */
};

/* An empty line. */
void prompt_init(struct prompt *prompt, size_t limit, const char *allowed,
                 struct prompt_history *history, struct prompt_words words);

/* Replaces the text; cursor at its end. */
void prompt_set(struct prompt *prompt, const char *text);

/* One key (tui/decode.h). Accepting adds the line to the history. */
enum prompt_result prompt_key(struct prompt *prompt, uint32_t key);

/* Pasted or other hostile bytes, taken as if typed: line ends and tabs become blanks. */
void prompt_paste(struct prompt *prompt, const char *bytes, size_t length);

/* Draws the part around the cursor in `width` columns and returns the cursor's column on the canvas. */
int prompt_draw(const struct prompt *prompt, struct canvas *canvas, int row, int column, int width);

#endif
