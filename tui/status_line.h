/* The two lines on top that never scroll and that nothing covers (console.md C1 rule 5). */
#ifndef TUI_STATUS_LINE_H
#define TUI_STATUS_LINE_H

#include "tui/canvas.h"

struct tui;

/* Source, mode, x= policy, worst price link, order link, last reconciliation, time. */
void status_first(const struct tui *tui, struct canvas *canvas, struct rect place);

/* From when the book is, clients, open, closing, UNKNOWN, left, next cut-off, MTM. */
void status_second(const struct tui *tui, struct canvas *canvas, struct rect place);

#endif
