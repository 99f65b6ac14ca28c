/*
 * view.h: the read model: a fold of events. What a screen holds, near or far from the engine.
 */
#ifndef SQ_CORE_VIEW_H
#define SQ_CORE_VIEW_H

#include "core/board.h"

enum { SQ_VIEW_ACTIVITY = 4096 };

/* One line of activity: an event or an input worth showing, newest last in the ring. */
struct sq_view {
    struct sq_tables tables;
    struct sq_board *board;      /* NULL: no rates */
    struct sq_message *activity; /* ring of SQ_VIEW_ACTIVITY events that are answers, orders, ... */
    uint64_t activity_count;     /* ever; the newest is at (count - 1) % SQ_VIEW_ACTIVITY */
    uint64_t seq;                /* of the last event applied */
    uint64_t changes;            /* rises with each event: redraw when it differs */
    uint32_t alarms;             /* alarms not yet looked at */
    /* Counts kept while folding. */
    uint32_t open_positions; /* net is not 0 */
    uint32_t closing;        /* closes not ended */
    uint32_t unknown;        /* orders UNKNOWN */
    uint32_t residues;       /* closes ended with quantity left, newest of their position */
};

size_t sq_view_size(const struct sq_config *config);
struct sq_view *sq_view_init(void *memory, const struct sq_config *config);
/*
 * Applies one event (record or answer). seq 0 marks a row of a snapshot, which is no activity.
 * Returns 0, or -1 when a table is full or the event names a row that is not there: get a
 * snapshot then, this view has missed something.
 */
int sq_view_apply(struct sq_view *view, const struct sq_message *event);
/* The i-th newest activity (0: newest), or NULL. */
const struct sq_message *sq_view_activity(const struct sq_view *view, uint64_t i);

#endif
