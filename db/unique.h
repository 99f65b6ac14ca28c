/*
 * unique.h: the ids that may be in a journal only once, as the events of a turn tell them.
 *
 * This is the last line of defence behind the engine (design, "Rules of the close"): one open
 * close for a position key, one use of an intent id, one use of a client order id. The rule of
 * what claims what is here; each store keeps the claims in its own way.
 *
 * A claim is (what, key) -> value. Claiming a key that has another value is a conflict; the same
 * value again is not (rows are sent whole, again and again). Value 0 gives the key back.
 */
#ifndef DB_UNIQUE_H
#define DB_UNIQUE_H

#include "core/record.h"

enum unique_what { UNIQUE_INTENT, UNIQUE_CLORD, UNIQUE_OPEN_CLOSE };
enum { UNIQUE_KEY_MAX = 40, UNIQUE_CLAIMS = 2 };

struct unique_claim {
    enum unique_what what;
    uint32_t length;
    uint8_t key[UNIQUE_KEY_MAX];
    uint64_t value; /* digest of the intent, number of the order or of the close */
    bool release;   /* give it back, if it has this value */
};

/*
 * Claims of one message of a turn; at most UNIQUE_CLAIMS. Returns how many.
 * *new_day is set when every open close is to be given back first: a DAY begins.
 */
size_t unique_claims(const struct sq_message *message, bool is_input, struct unique_claim *claims,
                     bool *new_day);

/* What a conflict is called, for `why`. */
const char *unique_word(enum unique_what what);

#endif
