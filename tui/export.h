/* w: the rows of the screen as a file. The name's ending says what: .csv, .json, .txt, or .sheet for
 * the call sheet. The owner of the screen writes it; this only makes the text.
 *
 * CSV and JSON are for programs: figures are plain, names are in full, and nothing depends on the
 * size of the terminal. Text is for people: a heading, the titles of the columns, figures as shown. */
#ifndef TUI_EXPORT_H
#define TUI_EXPORT_H

#include <stddef.h>

struct tui;

/* Writes the panel on the screen, as filtered and sorted; or the call sheet, unless it is empty. 0, or
 * -1 with why. */
int export_panel(struct tui *tui, const char *name, char *why, size_t why_room);

#endif
