/* The sums of the live monitor: firm, desk and dealer, client, folded from the rows of the view.
 *
 * A fold goes once over the tables, without allocation, and is done again after LIVE_EVERY_MS at the
 * earliest while the screen is looked at: what it costs does not depend on how fast the book moves.
 * A dealer's screen has his own clients in it and no others (core/scope.h), wherever the view
 * comes from.
 */
#ifndef TUI_LIVE_H
#define TUI_LIVE_H

#include "core/view.h"
#include "tui/list.h"

struct tui;

enum {
    LIVE_EVERY_MS = 250,
    LIVE_IDLE_S = 5 * 60, /* a desk with open positions that does nothing for so long is marked */
    LIVE_WORST = 8,       /* worst positions that are kept */
    LIVE_REASONS = 8,     /* different reasons of rejects that are counted */
    LIVE_REASON_SIZE = 32 /* of a reason: enough to tell one from another */
};

/* An open position as the monitor counts it: the most urgent of what holds. X(identifier, word) */
#define LIVE_STATE_MAP(X)                                       \
    X(OK, "ok")                                                 \
    X(CLOSING, "closing")                                       \
    X(UNKNOWN, "UNKNOWN")                                       \
    X(FROZEN, "frozen")                                         \
    X(LEFT, "LEFT")      /* a close ended with quantity left */ \
    X(STALE, "stale")    /* no price that can be believed */    \
    X(DELIVERY, "DELIV") /* settlement's business, not ours */  \
    X(DIFFER, "differ")  /* sources do not agree on the quantity */

enum live_state {
#define X(id, word) LIVE_##id,
    LIVE_STATE_MAP(X)
#undef X
        LIVE_STATES
};
extern const char *const live_state_words[LIVE_STATES];

/* What somebody did last. */
enum live_act { LIVE_ACT_NONE, LIVE_ACT_CLOSE, LIVE_ACT_CANCEL, LIVE_ACT_UNKNOWN };

struct live_sum {
    uint32_t clients; /* with a position open */
    uint32_t open;    /* positions */
    uint32_t closing; /* closes that have not ended */
    uint32_t unknown; /* orders */
    uint32_t stale;   /* open positions without a price that can be believed */
    uint32_t closed;  /* positions that went flat since control was invoked */
    sq_money gross_paise;
    sq_money mtm_paise;
    sq_time acted; /* last action; 0: none */
    enum live_act act;
    uint32_t act_position; /* row it was about */
};

/* Clients of one desk and dealer. */
struct live_group {
    uint32_t client;     /* row of one of them: its desk and dealer are the group's */
    uint32_t first;      /* row of the first client, by `next`; SQ_NO_ROW: none */
    uint32_t unattended; /* clients with open positions and nobody who is active */
    bool unfolded;       /* its clients are shown */
    struct live_sum sum;
};

struct live_client {
    uint32_t group; /* SQ_NO_ROW: not in the scope of the person at the screen */
    uint32_t next;  /* of the same group */
    bool unfolded;
    struct live_sum sum;
};

struct live {
    const struct sq_view *view; /* of the last fold: another one means other rows */
    sq_time folded;             /* when; 0: never */
    sq_time drawn;              /* `folded` when the list without the cursor was rebuilt */
    struct live_sum firm;
    uint32_t by_state[LIVE_STATES];
    uint32_t sent, filled, partial, rejected, unknown; /* our own orders of today */
    struct {
        char text[LIVE_REASON_SIZE];
        uint32_t count;
    } reasons[LIVE_REASONS]; /* of rejects; the last one counts what did not fit */
    uint32_t reason_count;
    uint32_t worst[LIVE_WORST]; /* positions, worst first */
    uint32_t worst_count;
    struct live_group *groups; /* owned, as the next two */
    uint32_t group_count;
    struct live_client *clients;
    uint32_t room; /* of clients, and of groups */
    struct list_row *siblings;
};

/* Rows that the monitor's list may have. */
uint32_t live_rows(const struct sq_config *config);

/* False: no memory. */
bool live_init(struct live *live, const struct sq_config *config);
void live_finish(struct live *live);

/* Folds, unless the last fold is young. at_once: however young. */
void live_fold(struct tui *tui, bool at_once);

/* Value of a position at its last price, else at the previous settlement; never below 0. */
sq_money live_value(const struct tui *tui, uint32_t position);

/* Does an active person look after the client: his dealer, or who stands in for him? */
bool live_is_attended(const struct tui *tui, uint32_t client);

/* May the person at the screen see the client? */
bool live_in_scope(const struct tui *tui, uint32_t client);

#endif
