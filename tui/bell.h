/* The bell: rings for what must not be overlooked by somebody who looks elsewhere. It is always
 * beside words on the screen, never instead of them. */
#ifndef TUI_BELL_H
#define TUI_BELL_H

#include "core/record.h"

struct tui;

struct bell {
    bool off;         /* the person wants silence */
    bool due;         /* something new has not been rung for yet */
    bool ring;        /* for the owner of the terminal: ring with the next frame, and clear it */
    sq_time rung;     /* when it rang last; 0: never */
    uint32_t unknown; /* orders UNKNOWN, as of the last turn */
};

/* Nothing that was there before the screen rings. */
void bell_init(struct tui *tui, bool off);

/* One piece of the session's activity, newest last. */
void bell_news(struct tui *tui, const struct sq_message *news);

/* Each turn: rings once for all that is new, at most every five seconds. */
void bell_update(struct tui *tui);

#endif
