/*
 * The exchange's own account of who holds what, and its judgement: no fill of a member's order may
 * increase |net| or change its sign (safety.md, I2). It knows nothing of the product's rules.
 *
 * A position is (client, contract, product). The client comes in Account(1), the product in the
 * user-defined tag 5001 (MIS, NRML, CNC, MTF), as a venue's account mapping would carry them.
 *
 * Verdicts. A fill of an order that was loaded with the day (not entered by a member) moves the net
 * and is not judged; a member has to reckon with it, unless it is itself such a violation. Late
 * fills and busts that the exchange makes by a fault cannot be reckoned with. These disturb their
 * position: a violation by an order that was entered before `disturbed_us` + grace is excused and
 * counted apart, because the member could not know.
 */
#ifndef NET_SIMULATOR_ACCOUNT_H
#define NET_SIMULATOR_ACCOUNT_H

#include "net/simulator/day.h"
#include "net/simulator/memory.h"

enum { SIM_ACCOUNT_BUCKETS = 4096 };

/* What moved a position. */
enum sim_cause {
    SIM_BY_MEMBER, /* a fill of an order that a member entered: judged */
    SIM_BY_LOADED, /* a fill of an order that came with the day */
    SIM_BY_FAULT,  /* late fill, bust, correction */
};

enum sim_verdict {
    SIM_FINE,    /* |net| fell and kept its sign, or it is not judged */
    SIM_EXCUSED, /* violation after a disturbance that the member could not know of */
    SIM_ALARM,   /* violation */
};

struct sim_holding {
    char client[SIM_CLIENT];
    int32_t contract;
    int32_t next;     /* in its bucket */
    uint8_t product;  /* enum sim_product */
    int64_t opening;  /* net when the exchange opened */
    int64_t net;      /* now */
    int64_t live_buy; /* quantity of live orders of that side: what could still fill */
    int64_t live_sell;
    int64_t disturbed_us; /* last time the net moved otherwise than by a member's fill */
};

struct sim_account {
    struct sim_holding *holding;
    int32_t *bucket;
    int32_t count, room;
    int64_t grace_us;    /* for messages that were on their way at a disturbance */
    uint64_t alarms;     /* violations */
    uint64_t excused;    /* violations excused */
    uint64_t overworked; /* orders accepted beyond what the position could bear, see below */
};

void sim_account_layout(struct sim_account *a, int32_t room, struct sim_memory *memory);

/* Opens with the day's positions (they fit: the caller chose the room). */
void sim_account_open(struct sim_account *a, const struct sim_day *day, int64_t grace_us);

/* Index of a position; made with net 0 when `make`; SIM_NONE: not there, or no room. */
int32_t sim_account_find(struct sim_account *a, const char *client, int32_t contract, int product,
                         bool make);

/* Books a fill of `quantity` on `side` of an order that was entered at entered_us. */
enum sim_verdict sim_account_fill(struct sim_account *a, int32_t holding, int side,
                                  int64_t quantity, enum sim_cause cause, int64_t entered_us,
                                  int64_t now_us);

/*
 * Counts quantity that begins (+) or ends (-) to be live on a side. Returns true when, with it, the
 * live orders of that side exceed what closing the position could take: a member who reserves
 * properly never gets there. Counted in `overworked` by the caller, who knows who entered it.
 */
bool sim_account_live(struct sim_account *a, int32_t holding, int side, int64_t change);

const char *sim_cause_name(enum sim_cause cause);
const char *sim_verdict_name(enum sim_verdict verdict);

#endif
