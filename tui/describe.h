/* One line of plain words for an event: the screen Audit and the pane of events. */
#ifndef TUI_DESCRIBE_H
#define TUI_DESCRIBE_H

#include <stddef.h>

#include "core/record.h"

struct tui;

/* Kind in one word ("FILL"), and what happened. */
const char *describe_kind(const struct sq_message *event);
void describe(const struct tui *tui, const struct sq_message *event, char *text, size_t size);

/* Is it news of the kind that people must not overlook? */
bool describe_is_alarm(const struct sq_message *event);

#endif
