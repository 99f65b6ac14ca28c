/* The ":" line: a table of words, each with its help. */
#ifndef TUI_COMMAND_H
#define TUI_COMMAND_H

#include <stddef.h>

struct tui;

/* Carries out a line; says what is wrong with it. */
void command_run(struct tui *tui, const char *line);

/* For completion: number `index` of the commands that `so_far` can become; NULL after the last. */
const char *command_word(void *tui, const char *so_far, size_t index);

#endif
