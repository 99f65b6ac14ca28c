/*
 * types.h: the words of squareoff. Scalars with their units, the enumerations with their
 * names, and the few small structs that everything else is made of.
 *
 * Money, prices and quantities are integers everywhere:
 *   - a price is in the contract's minor unit: 10^-price_decimals rupee (2: paise, 4: 1/10000);
 *   - a quantity is in the exchange's order unit (shares; lots where the venue counts in lots);
 *   - money is in paise, and is price x quantity x multiplier scaled by price_decimals.
 */
#ifndef SQ_CORE_TYPES_H
#define SQ_CORE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t sq_price;    /* 10^-price_decimals rupee; 0 means none */
typedef int64_t sq_quantity; /* exchange's order unit; signed where it is a position */
typedef int64_t sq_money;    /* paise */
typedef int64_t sq_time;     /* microseconds since 1970-01-01T00:00:00Z; never goes back */

#define SQ_NEVER  INT64_MAX /* a deadline that is not set */
#define SQ_MS     INT64_C(1000)
#define SQ_SECOND INT64_C(1000000)
/* Every integer from outside stays within what JSON can carry exactly (design: wire protocol). */
#define SQ_INTEGER_MAX INT64_C(9007199254740991)

/* Sizes of text members, the closing NUL included. Unused bytes are zero. */
enum {
    SQ_CLIENT_SIZE = 16, /* client code */
    SQ_PERSON_SIZE = 12, /* dealer, supervisor: login name */
    SQ_DESK_SIZE = 12,
    SQ_SYMBOL_SIZE = 24, /* exchange symbol of the underlying or share */
    SQ_SERIES_SIZE = 4,
    SQ_NAME_SIZE = 40,
    SQ_PHONE_SIZE = 20,
    SQ_CLORD_SIZE = 24,   /* ClOrdID(11); ours are 19 characters */
    SQ_EXCH_NO_SIZE = 24, /* OrderID(37) */
    SQ_EXEC_SIZE = 32,    /* ExecID(17) or the exchange's trade number */
    SQ_SENDER_SIZE = 16,  /* SenderCompID(49) */
    SQ_OWNER_SIZE = 24,   /* a server or a console, as owner of a book */
    SQ_REF_SIZE = 20,     /* call reference */
    SQ_TEXT_SIZE = 80     /* reasons by people, Text(58) by the exchange */
};

/* Lists of X(ENUM_TAIL, "name"): the name is what files, screen, journal text and wire say. */
#define SQ_EXCHANGE_MAP(X) \
    X(NONE, "-")           \
    X(NSE, "NSE")          \
    X(BSE, "BSE")          \
    X(NFO, "NFO")          \
    X(BFO, "BFO")          \
    X(CDS, "CDS")          \
    X(BCD, "BCD")          \
    X(MCX, "MCX")          \
    X(NCO, "NCO")
#define SQ_PRODUCT_MAP(X)                                                       \
    X(UNKNOWN, "?prod") /* an exchange's file does not tell: such a row asks */ \
    X(MIS, "MIS")                                                               \
    X(NRML, "NRML")                                                             \
    X(CNC, "CNC")                                                               \
    X(MTF, "MTF")
#define SQ_SIDE_MAP(X) X(NONE, "-") X(BUY, "BUY") X(SELL, "SELL") /* BUY, SELL as Side(54) */
#define SQ_CONTRACT_MAP(X) \
    X(NONE, "-") X(EQUITY, "EQ") X(INDEX, "INDEX") X(FUTURE, "FUT") X(CALL, "CE") X(PUT, "PE")
#define SQ_ROLE_MAP(X)                                                         \
    X(NONE, "-")                                                               \
    X(DEALER, "DEALER")         /* own clients: close and cancel */            \
    X(SUPERVISOR, "SUPERVISOR") /* all: approve, halt, take over, hand back */ \
    X(ADMIN, "ADMIN")           /* users and configuration; cannot trade */    \
    X(AUDITOR, "AUDITOR")       /* reads */                                    \
    X(SYSTEM, "SYSTEM")         /* the host itself: loading, links, clock */
#define SQ_POLICY_MAP(X)        /* what x does on this desk when every guard passes */ \
    X(INSTANT, "instant")                                                              \
    X(ARMED, "armed")                                                                  \
    X(PREVIEW, "preview")                                                              \
    X(OFF, "off")
#define SQ_CONTROL_MAP(X)      \
    X(DORMANT, "DORMANT")      \
    X(INVOKED, "INVOKED")      \
    X(ACTIVE, "ACTIVE")        \
    X(HANDING_BACK, "HANDING " \
                    "BACK")
#define SQ_LINK_MAP(X) /* the order link */                                          \
    X(DOWN, "DOWN")                                                                  \
    X(RECONCILING, "RECONCILING") /* logged on; only cancels and questions go out */ \
    X(READY, "ok")
#define SQ_SOURCE_MAP(X) /* where a position's quantity comes from */ \
    X(ONE, "1src")       /* one source only */                        \
    X(AGREED, "agreed")  /* two sources, equal */                     \
    X(DIFFER, "differ")  /* two sources, unequal: agreed_qty is the smaller */

#define SQ_ORDER_STATE_MAP(X)                                                                   \
    X(NONE, "-")                                                                                \
    X(JOURNALLED, "JOURNALLED") /* committed, not numbered yet */                               \
    X(SENT, "SENT")             /* numbered: unknown until answered */                          \
    X(UNKNOWN, "UNKNOWN")       /* no answer in time: asked about, never resent, no time-out */ \
    X(ACKED, "ACKED")                                                                           \
    X(PARTIAL, "PARTIAL")                                                                       \
    X(FILLED, "FILLED") /* this and all below are terminal */                                   \
    X(CANCELLED, "CANCELLED")                                                                   \
    X(REJECTED, "REJECTED")                                                                     \
    X(EXPIRED, "EXPIRED")                                                                       \
    X(NOT_SENT, "NOT SENT")
#define SQ_CANCEL_STATE_MAP(X)                          \
    X(NONE, "-")                                        \
    X(JOURNALLED, "CANCEL JOURNALLED")                  \
    X(SENT, "CANCEL SENT") /* unknown until answered */ \
    X(REJECTED, "CANCEL REJECTED")
#define SQ_ORIGIN_MAP(X)                                                          \
    X(CLOSE, "close")             /* a child order of one of our closes */        \
    X(RESTING, "RESTING")         /* from before the outage, ours to cancel */    \
    X(RESTING_EXT, "RESTING-EXT") /* from before the outage, another session's */ \
    X(ADOPTED, "ADOPTED")         /* the exchange reported it and we did not know it */
#define SQ_ORDER_TYPE_MAP(X) X(LIMIT, "LIMIT") X(MARKET, "MARKET") X(SL, "SL") X(SLM, "SL-M")

#define SQ_CLOSE_STATE_MAP(X)                                                             \
    X(NONE, "-")                                                                          \
    X(STAGED, "STAGED")         /* part of a bulk close that has not been released yet */ \
    X(APPROVAL, "APPROVAL")     /* waits for a supervisor */                              \
    X(CANCELLING, "CANCELLING") /* waits for resting orders to be cancelled */            \
    X(WAIT_COVER, "WAIT COVER") /* waits for the shorts that it covers */                 \
    X(HELD, "HELD")             /* the short did not fill in time: release by approval */ \
    X(PRICING, "PRICING")       /* waits for the quote it asked for */                    \
    X(WORKING, "WORKING")       /* has orders out, or waits for the rate limit */         \
    X(REPRICING, "REPRICING")   /* cancels the unfilled child, then asks for a quote */   \
    X(LOCKED, "LOCKED")         /* at the band's edge: keeps its place in the queue */    \
    X(DONE, "DONE")             /* target reached; this and all below are ended */        \
    X(RESIDUE, "RESIDUE")       /* ended with quantity left, for a reason */

/* Why a close ended, or stands, with quantity left. In the words of the screen. */
#define SQ_RESIDUE_MAP(X)                             \
    X(NONE, "-")                                      \
    X(ODD_LOT, "odd lot")                             \
    X(NO_FREEZE, "no freeze quantity")                \
    X(SUSPENDED, "suspended")                         \
    X(NO_PRICE, "no quote and no band")               \
    X(NO_BID, "no bid, expires")                      \
    X(RESTING_EXT, "RESTING-EXT order holds it")      \
    X(UNSETTLED, "not sellable today")                \
    X(DIFFER, "sources differ")                       \
    X(CANCEL_REJECTED, "resting order not cancelled") \
    X(REJECTED, "rejected by the exchange")           \
    X(NOT_SENT, "not sent in time")                   \
    X(CHILD_CAP, "re-prices used up")                 \
    X(CANCELLED, "cancelled")                         \
    X(EXPIRED, "expired at the exchange")             \
    X(MARKET_SHUT, "market shut")                     \
    X(HALTED, "halted")                               \
    X(LINK_LOST, "order link lost")                   \
    X(RESTARTED, "console restarted")                 \
    X(FROZEN, "frozen: difference with the exchange") \
    X(NOT_APPROVED, "not approved")                   \
    X(EXPIRED_INTENT, "intent expired")               \
    X(FULL, "a fixed limit was reached")              \
    X(HAND_OVER, "book handed over")                  \
    X(FEED_DEAD, "price feed is dead")

/* Classes of a guard's verdict, mildest first (console.md, "One key"). */
#define SQ_VERDICT_MAP(X) \
    X(PASS, "pass") X(ASK, "ASK") X(PRICE, "PRICE") X(APPROVE, "APPROVE") X(STOP, "STOP")

/* Guards of one-key square-off in order of precedence: X(ENUM_TAIL, class, "what", "way out"). */
#define SQ_GUARD_MAP(X)                                                                           \
    X(NO_OWNERSHIP, STOP, "the book is not owned here, or is handed over", "take it over first")  \
    X(NOT_ACTIVE, STOP, "squareoff is not active", "a supervisor: :invoke, then :activate")       \
    X(HALTED, STOP, "new sends are halted", "a supervisor lifts it: :resume")                     \
    X(POLICY_OFF, STOP, "one-key is off on this desk", "a supervisor sets the policy")            \
    X(EXCHANGE_LOST, STOP, "the exchange has lost data", "two supervisors: :reconcile")           \
    X(NO_LINK, STOP, "no order link", "w writes the call sheet")                                  \
    X(RECONCILING, STOP, "reconciling with the exchange", "wait for rec:ok")                      \
    X(ACCOUNT_FROZEN, STOP, "account frozen: late fill, or :lock", "a supervisor unfreezes it")   \
    X(KEY_FROZEN, STOP, "position frozen: exchange differs", "a supervisor unfreezes it")         \
    X(UNKNOWN_OPEN, STOP, "an UNKNOWN order is out on it", "settle it first: u")                  \
    X(CLOSE_OPEN, STOP, "a close is open on it", "c cancels or withdraws it")                     \
    X(FLAT, STOP, "already flat", "nothing to close")                                             \
    X(NOT_REDUCING, STOP, "would not reduce the position", "look at the net again")               \
    X(RESERVED, STOP, "all of it is working already", "cancel the resting order first")           \
    X(SUSPENDED, STOP, "contract is suspended", "wait; it stays on the list Left")                \
    X(MARKET_SHUT, STOP, "market is shut", "wait for the session")                                \
    X(AUCTION, STOP, "closing auction", "place it by hand in the auction")                        \
    X(DELIVERY_SHORT, STOP, "delivery short: AUCTION RISK", "handle it with settlement")          \
    X(TRADE_FOR_TRADE, STOP, "trade-for-trade series: AUCTION RISK", "handle it with settlement") \
    X(UNSETTLED, STOP, "bought and not settled (BTST): AUCTION RISK", "wait for settlement")      \
    X(ODD_LOT, STOP, "less than one lot", "it stays on the list Left")                            \
    X(NO_FREEZE, STOP, "no freeze quantity for this contract", "import the freeze file")          \
    X(NO_PRICE, STOP, "no price and no band", "type a limit with e")                              \
    X(NO_BID, STOP, "nobody bids for this option", "let it expire, or type a limit with e")       \
    X(OUTSIDE_BAND, STOP, "limit is outside the price band", "type a limit inside it")            \
    X(OFF_TICK, STOP, "limit is not a multiple of the tick", "type it again")                     \
    X(CALL_REQUIRED, STOP, "this client needs a call reference", "pin the call: v")               \
    X(OVER_LIMIT, APPROVE, "over the dealer's order limit", "a supervisor approves")              \
    X(OVER_DAY_LIMIT, APPROVE, "over the dealer's day limit", "a supervisor approves")            \
    X(DIFFER, APPROVE, "sources differ: limited to the agreed quantity", "a supervisor approves") \
    X(NOT_ACCEPTED, APPROVE, "one source, not accepted", "a supervisor approves")                 \
    X(EXT_OPPOSITE, APPROVE, "RESTING-EXT order on the other side", "a supervisor approves")      \
    X(FEED_DEAD, PRICE, "price feed is dead", "type the limit")                                   \
    X(HEDGE, ASK, "hedge of an open short", "S goes to the short leg first")                      \
    X(WIDE, ASK, "spread is wide", "look at the limit")                                           \
    X(ONE_SOURCE, ASK, "one source, accepted by a supervisor", "look at the net")                 \
    X(PRODUCT_UNKNOWN, ASK, "product is not known", "look at the product")                        \
    X(OTHER_CALL, ASK, "the pinned call is for another client", "look at the client")             \
    X(ONE_SIDED, ASK, "no recent trade and a one-sided book", "look at the limit")                \
    X(NO_BAND, ASK, "price band is not known", "look at the limit")                               \
    X(POLICY_ASKS, ASK, "this desk asks before each close", "")                                   \
    X(NOT_ARMED, ASK, "not armed", "! arms one-key")                                              \
    X(ON_HOLD, ASK, "on hold", "! lifts the hold")

/* Why a command was refused: in order of precedence. GUARD says: see the guards. */
#define SQ_REFUSAL_MAP(X)                                      \
    X(NONE, "accepted")                                        \
    X(ID_REUSED, "this intent id was used for something else") \
    X(VIEW_ONLY, "view only")                                  \
    X(EXPIRED, "too old: press again")                         \
    X(NO_SUCH_PERSON, "no such person")                        \
    X(INACTIVE, "this person is not active")                   \
    X(ROLE, "this role may not do that")                       \
    X(SCOPE, "not this person's client")                       \
    X(SAME_PERSON, "needs a second person")                    \
    X(NO_REASON, "needs a reason")                             \
    X(NO_SUCH_INSTRUMENT, "no such contract")                  \
    X(NO_SUCH_POSITION, "no such position")                    \
    X(NO_SUCH_ORDER, "no such order")                          \
    X(NO_SUCH_CLOSE, "no such close")                          \
    X(WRONG_STATE, "not possible in this state")               \
    X(NOT_OURS, "not ours to cancel")                          \
    X(NO_LINK, "no order link")                                \
    X(WRONG_COUNT, "the number does not match")                \
    X(BAD_VALUE, "value not possible")                         \
    X(DUPLICATE, "already there")                              \
    X(FULL, "a fixed limit was reached")                       \
    X(GUARD, "guard")                                          \
    X(CHANGED, "it has changed since it was looked at")

/* What wakes people up. A person clears it; the journal keeps it. */
#define SQ_ALARM_MAP(X)                                                       \
    X(NONE, "-")                                                              \
    X(UNKNOWN_ORDER, "order without an answer")                               \
    X(LATE_FILL, "fill after the order had ended: account frozen")            \
    X(CUM_ABOVE, "exchange counts more filled than we do: position frozen")   \
    X(ADOPTED, "exchange reports an order that is not ours: position frozen") \
    X(BUST, "trade busted: position open again")                              \
    X(CORRECTED, "trade corrected")                                           \
    X(OVER_RESERVED, "more working than the position holds: cancelling")      \
    X(FLIPPED, "position changed its sign")                                   \
    X(CANCEL_REJECTED, "cancel rejected")                                     \
    X(REJECTED, "order rejected")                                             \
    X(HELD, "hedge held: its short has not filled")                           \
    X(NUMBERS, "exchange sequence numbers went back")                         \
    X(FULL, "a fixed limit was reached")                                      \
    X(CLOCK, "clock jumped")                                                  \
    X(NO_CONTRACT, "report for a contract that is not loaded")                \
    X(CUM_BELOW, "exchange counts less filled than we do: settle it")

#define X(tail, ...) SQ_EXCHANGE_##tail,
enum sq_exchange { SQ_EXCHANGE_MAP(X) SQ_EXCHANGE_COUNT };
#undef X
#define X(tail, ...) SQ_PRODUCT_##tail,
enum sq_product { SQ_PRODUCT_MAP(X) SQ_PRODUCT_COUNT };
#undef X
#define X(tail, ...) SQ_SIDE_##tail,
enum sq_side { SQ_SIDE_MAP(X) SQ_SIDE_COUNT };
#undef X
#define X(tail, ...) SQ_CONTRACT_##tail,
enum sq_contract { SQ_CONTRACT_MAP(X) SQ_CONTRACT_COUNT };
#undef X
#define X(tail, ...) SQ_ROLE_##tail,
enum sq_role { SQ_ROLE_MAP(X) SQ_ROLE_COUNT };
#undef X
#define X(tail, ...) SQ_POLICY_##tail,
enum sq_policy { SQ_POLICY_MAP(X) SQ_POLICY_COUNT };
#undef X
#define X(tail, ...) SQ_CONTROL_##tail,
enum sq_control { SQ_CONTROL_MAP(X) SQ_CONTROL_COUNT };
#undef X
#define X(tail, ...) SQ_LINK_##tail,
enum sq_link { SQ_LINK_MAP(X) SQ_LINK_COUNT };
#undef X
#define X(tail, ...) SQ_SOURCE_##tail,
enum sq_source { SQ_SOURCE_MAP(X) SQ_SOURCE_COUNT };
#undef X
#define X(tail, ...) SQ_ORDER_##tail,
enum sq_order_state { SQ_ORDER_STATE_MAP(X) SQ_ORDER_COUNT };
#undef X
#define X(tail, ...) SQ_CANCEL_##tail,
enum sq_cancel_state { SQ_CANCEL_STATE_MAP(X) SQ_CANCEL_COUNT };
#undef X
#define X(tail, ...) SQ_ORIGIN_##tail,
enum sq_origin { SQ_ORIGIN_MAP(X) SQ_ORIGIN_COUNT };
#undef X
#define X(tail, ...) SQ_ORDER_TYPE_##tail,
enum sq_order_type { SQ_ORDER_TYPE_MAP(X) SQ_ORDER_TYPE_COUNT };
#undef X
#define X(tail, ...) SQ_CLOSE_##tail,
enum sq_close_state { SQ_CLOSE_STATE_MAP(X) SQ_CLOSE_COUNT };
#undef X
#define X(tail, ...) SQ_RESIDUE_##tail,
enum sq_residue { SQ_RESIDUE_MAP(X) SQ_RESIDUE_COUNT };
#undef X
#define X(tail, ...) SQ_VERDICT_##tail,
enum sq_verdict { SQ_VERDICT_MAP(X) SQ_VERDICT_COUNT };
#undef X
#define X(tail, ...) SQ_GUARD_##tail,
enum sq_guard { SQ_GUARD_MAP(X) SQ_GUARD_COUNT };
#undef X
#define X(tail, ...) SQ_REFUSAL_##tail,
enum sq_refusal { SQ_REFUSAL_MAP(X) SQ_REFUSAL_COUNT };
#undef X
#define X(tail, ...) SQ_ALARM_##tail,
enum sq_alarm { SQ_ALARM_MAP(X) SQ_ALARM_COUNT };
#undef X

/* The enumerations by name. */
enum sq_list {
    SQ_LIST_EXCHANGE,
    SQ_LIST_PRODUCT,
    SQ_LIST_SIDE,
    SQ_LIST_CONTRACT,
    SQ_LIST_ROLE,
    SQ_LIST_POLICY,
    SQ_LIST_CONTROL,
    SQ_LIST_LINK,
    SQ_LIST_SOURCE,
    SQ_LIST_ORDER_STATE,
    SQ_LIST_CANCEL_STATE,
    SQ_LIST_ORIGIN,
    SQ_LIST_ORDER_TYPE,
    SQ_LIST_CLOSE_STATE,
    SQ_LIST_RESIDUE,
    SQ_LIST_VERDICT,
    SQ_LIST_GUARD,
    SQ_LIST_REFUSAL,
    SQ_LIST_ALARM,
    SQ_LIST_EXEC_TYPE, /* the members of this and those below are in inputs.h */
    SQ_LIST_SUPERVISE,
    SQ_LIST_OWNERSHIP,
    SQ_LIST_TAKEN,
    SQ_LIST_LIST_COUNT
};

/* Name of member `value` of an enumeration; "?" when there is none. Never NULL. */
const char *sq_name(enum sq_list list, unsigned value);

/* Member of an enumeration by its exact name, or -1. */
int sq_named(enum sq_list list, const char *name);

/* Number of members of an enumeration. */
unsigned sq_list_count(enum sq_list list);

/* Class of a guard, and what a person can do about it. */
enum sq_verdict sq_guard_verdict(enum sq_guard guard);
const char *sq_guard_way_out(enum sq_guard guard);

/* 128-bit identity of an intent; made, and stored, by whoever pressed the key. All zero: none. */
struct sq_id {
    uint64_t high;
    uint64_t low;
};

/* Identity of a position: an exchange name includes the segment, tokens are unique within one. */
struct sq_key {
    char client[SQ_CLIENT_SIZE];
    uint32_t token;
    uint8_t exchange; /* enum sq_exchange */
    uint8_t product;  /* enum sq_product */
};

/* A quote that decides something, as the host saw it when it stamped the input. */
struct sq_quote {
    sq_price bid;         /* best buyer, 0: none */
    sq_price ask;         /* best seller, 0: none */
    sq_price last;        /* last trade, 0: none */
    sq_price band_low;    /* live price band, 0: not known */
    sq_price band_high;   /* 0: not known */
    int64_t age_ms;       /* since this contract last changed; -1: never seen */
    int64_t trade_age_ms; /* since its last trade; -1: never */
    int64_t feed_age_ms;  /* since the segment's feed last spoke; -1: never */
    uint8_t feed_gap;     /* 1: messages of this segment were lost */
};

bool sq_key_equal(const struct sq_key *a, const struct sq_key *b);
bool sq_id_is_zero(struct sq_id id);
bool sq_order_state_is_terminal(enum sq_order_state state);
bool sq_close_state_is_ended(enum sq_close_state state);
enum sq_side sq_opposite(enum sq_side side);
int sq_side_sign(enum sq_side side); /* +1 BUY, -1 SELL */

#endif
