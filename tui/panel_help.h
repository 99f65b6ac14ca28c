/* What the screen Help offers to the rest. */
#ifndef TUI_PANEL_HELP_H
#define TUI_PANEL_HELP_H

struct tui;

/* Scrolls Help to where its ":" commands begin. */
void panel_help_at_commands(struct tui *tui);

#endif
