/* The ":" line: a table of words, each with its help. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stddef.h>

#include "tui/keys.h"

struct tui;

/* Carries out a line; says what is wrong with it. */
void command_run(struct tui *tui, const char *line);

/* Line number `index` of what Help says of them: a heading, then a line each; false after the last. */
bool command_help_line(size_t index, struct keys_help *line);

/* For completion: number `index` of the commands that `so_far` can become; NULL after the last. */
const char *command_word(void *tui, const char *so_far, size_t index);

#endif
