/* Rows of the live monitor's tree, and what is drawn around it. */
#ifndef TUI_PANEL_LIVE_H
#define TUI_PANEL_LIVE_H

#include "tui/panel.h"

/* A row of the tree: a group of tui/live.h, a client or a position by its row in the tables. */
enum live_kind { LIVE_GROUP, LIVE_CLIENT, LIVE_POSITION };
uint32_t panel_live_row(enum live_kind kind, uint32_t index);
enum live_kind panel_live_kind(uint32_t row);
uint32_t panel_live_index(uint32_t row);

extern const struct panel_ops panel_live;

/* Draws the tree and the queue of what waits, one of them with the cursor, and what else there is
 * room for: both panels look like this (tui/live_draw.c). */
void live_draw(struct tui *tui, struct canvas *canvas, struct rect place);

#endif
