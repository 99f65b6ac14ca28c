/* The preview of one close: the guard that stopped the one key, and exactly what Enter would send.
 * Bound to its position when it opens, whatever the cursor does (console.md, "One key"). */
#ifndef TUI_PREVIEW_H
#define TUI_PREVIEW_H

#include "core/engine.h"
#include "tui/form.h"

enum {
    PREVIEW_DEAF_MS = 250,   /* Enter is ignored for so long after it opens or changes */
    PREVIEW_LIFE_S = 30,     /* it closes itself after so long, without sending */
    PREVIEW_REFRESH_MS = 250 /* how often the core is asked again */
};

struct preview {
    uint32_t position;           /* row it is bound to */
    struct sq_square_off intent; /* as it would be submitted; its id is made when it is sent */
    struct sq_preview now;       /* the core's latest answer */
    bool ready;                  /* there is one */
    uint64_t digest;  /* of what the person was shown when he last pressed or it opened */
    bool changed;     /* the orders are not those any more: Enter is wanted twice */
    sq_time opened;   /* last opened, or acknowledged: Enter is deaf for a moment */
    sq_time key_time; /* of the last key in it: it lives PREVIEW_LIFE_S from here */
    sq_time asked;
    bool widen;              /* S has offered to widen the filter to the client's rows */
    struct form_field limit; /* typed where the feed is dead */
};

/* Opens it on a position: reduce to `target`, at a typed limit (0: protected limit). */
void preview_open(struct tui *tui, uint32_t position, sq_quantity target, sq_price limit);

/* Guards of a class PASS to STOP, first one first, "; " between them. */
void preview_guards(uint64_t guards, char *text, size_t size);

#endif
