/* What other files ask of the screen Left. */
#ifndef TUI_PANEL_LEFT_H
#define TUI_PANEL_LEFT_H

#include <stdint.h>

struct tui;

/* Number of the close behind a row that waits for a supervisor; 0: none does. */
uint64_t panel_left_waiting(const struct tui *tui, uint32_t row);

#endif
