/* w: the rows of the screen as a file. The name's ending says what: .csv, .json, .txt, or .sheet for
 * the call sheet. The owner of the screen writes it; this only makes the text. */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include <stddef.h>

struct tui;

/* Writes the panel on the screen, as filtered and sorted. 0, or -1 with why. */
int export_panel(struct tui *tui, const char *name, char *why, size_t why_room);

#endif
