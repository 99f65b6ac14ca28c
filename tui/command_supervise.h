/* Commands of a supervisor, rows of the table in tui/command.c: `rest` is the line behind the word.
 * Whoever may not is refused by the core, in words; a reason is asked for here already. */
#ifndef TUI_COMMAND_SUPERVISE_H
#define TUI_COMMAND_SUPERVISE_H

#include "core/types.h"

struct tui;

void command_halt(struct tui *tui, const char *rest);
void command_resume(struct tui *tui, const char *rest);
void command_accept(struct tui *tui, const char *rest);
void command_invoke(struct tui *tui, const char *rest);
void command_activate(struct tui *tui, const char *rest);
void command_stand_down(struct tui *tui, const char *rest);
void command_dormant(struct tui *tui, const char *rest);
void command_policy(struct tui *tui, const char *rest);
void command_block(struct tui *tui, const char *rest);
void command_unblock(struct tui *tui, const char *rest);
void command_take(struct tui *tui, const char *rest);
void command_give(struct tui *tui, const char *rest);
void command_lock(struct tui *tui, const char *rest);
void command_unfreeze(struct tui *tui, const char *rest);
void command_reconcile(struct tui *tui, const char *rest);

/* What squareoff does in this state of control, and how it is left. */
const char *control_allows(enum sq_control control);

#endif
