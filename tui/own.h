/* A book that changes hands: `:handover`, `:handback` and `:breakglass` (docs/handover.md). What they
 * do is the owner's of the screen; here are their words and the ticket of two people. */
#ifndef TUI_OWN_H
#define TUI_OWN_H

#include <stddef.h>

enum { OWN_WHY_SIZE = 200 };

enum own_what { OWN_HANDOVER, OWN_HANDBACK, OWN_BREAKGLASS };

/* What a person asks for. Borrowed; passwords are wiped by whoever made it. */
struct own_ask {
    enum own_what what;
    const char *reason;
    const char *person, *password; /* of a broken glass: the two people, */
    const char *second, *second_password;
};

struct tui;
void command_handover(struct tui *tui, const char *rest);
void command_handback(struct tui *tui, const char *rest);
void command_breakglass(struct tui *tui, const char *rest);

#endif
