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

/* A quantity of a key, grouped, with L where its venue counts in lots. `text` holds PRINT_SIZE;
 * returns it. */
const char *describe_quantity(const struct tui *tui, const struct sq_key *key, sq_quantity quantity,
                              char *text);

#endif
