/* The panes of wide screens, and the strips of i and d: what the cursor's row says in full. */
#ifndef TUI_PANE_H
#define TUI_PANE_H

#include "tui/canvas.h"

struct tui;

void pane_detail(const struct tui *tui, struct canvas *canvas, struct rect place);
void pane_depth(const struct tui *tui, struct canvas *canvas, struct rect place);
void pane_side(const struct tui *tui, struct canvas *canvas, struct rect place);
void pane_orders(struct tui *tui, struct canvas *canvas, struct rect place);
void pane_events(const struct tui *tui, struct canvas *canvas, struct rect place);

#endif
