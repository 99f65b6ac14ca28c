/* What waits for a person: the queue of the live monitor, and the item that is open.
 *
 * The queue is a panel (key 0, or Tab on the live monitor); it follows from the view alone. Enter
 * opens an item: nothing is approved from the list. A request to approve opens as a strip that is
 * bound to what it showed (sq_approval_digest): when that changes, an approval takes another look.
 */
#ifndef TUI_NEEDS_H
#define TUI_NEEDS_H

#include "tui/form.h"

enum { DECISION_LINES = 6 }; /* closes of a bulk that are shown at a time */

/* Where the decision on what waits stands. */
enum decision_phase {
    DECISION_LOOK,    /* A and R are keys */
    DECISION_COUNT,   /* A: the number of positions is being typed */
    DECISION_APPROVE, /* and then the reason */
    DECISION_REFUSE   /* R: the reason is being typed */
};

/* A close, or a bulk of them, that waits for a supervisor, opened. */
struct decision {
    uint64_t close_no; /* 0: the bulk */
    uint64_t bulk;
    uint64_t digest; /* of what was shown when it opened, or was looked at again */
    uint32_t count;  /* positions */
    bool changed;    /* it is no longer what was shown */
    enum decision_phase phase;
    uint32_t top;             /* first close of a long list on the screen */
    struct form_field number; /* what is typed */
    struct form_field reason;
};

/* Opens the strip on a close that waits, with the whole bulk that it belongs to. */
void decision_open(struct tui *tui, uint32_t close);

/* Opens the list of what is open, whose Enter hands the business back for this reason. */
void stand_down_open(struct tui *tui, const char *reason);

/* How many things wait, as of the last rebuild of the queue. */
uint32_t needs_count(const struct tui *tui);

#endif
