/*
 * rows.h: the state of a book as plain rows: its limits, the day's reference data, what moves.
 *
 * Each struct is a row of one table (core/tables.h) and a kind of the family `records`: as an input
 * it says "load this", as an event "this row is now so". A field is named here and, for its encoded
 * form and its text, once more in core/record_tables.c. New fields go to the end of that table: a
 * journal of an older build has none of them, and reads as zero.
 */
#ifndef SQ_CORE_ROWS_H
#define SQ_CORE_ROWS_H

#include "core/types.h"

/* Limits and policy of an engine. The first input of each journal; capacities size its memory. */
struct sq_config {
    uint32_t instruments; /* capacities: rows of each table */
    uint32_t clients;
    uint32_t people;
    uint32_t hours;
    uint32_t positions;
    uint32_t orders;
    uint32_t closes;
    uint32_t fills;
    uint32_t intents;
    uint32_t rules_version;       /* version of the rules that wrote this journal */
    uint32_t orders_per_second;   /* rate of new orders */
    uint32_t orders_burst;        /* size of the token bucket */
    int64_t protect_bps;          /* how far beyond the opposite quote a limit may go, 1/10000 */
    int64_t wide_bps;             /* spread that is wide, 1/10000 of its middle */
    int64_t quote_age_limit_ms;   /* feed older than this is dead (heartbeat) */
    int64_t trade_recent_ms;      /* a trade younger than this is recent */
    int64_t intent_life_ms;       /* an intent that is older when journalled has expired */
    int64_t send_life_ms;         /* an order that is not numbered within it is NOT_SENT */
    int64_t unknown_after_ms;     /* no answer for so long: UNKNOWN */
    int64_t ask_every_ms;         /* status question for an UNKNOWN order, how often */
    int64_t reprice_after_ms;     /* no complete fill for so long: re-price; 0: never */
    int64_t hold_after_ms;        /* a short not filled for so long: its covers are HELD */
    int64_t approval_life_ms;     /* an approval that nobody gives ends after it */
    uint32_t reprices;            /* re-prices a close may do */
    sq_quantity largest_cash_qty; /* largest cash order where the exchange gives no freeze */
    uint8_t drill;                /* 1: practice day: no call reference asked for */
};

/* The day's reference data of one contract. */
struct sq_instrument {
    uint32_t token;
    uint8_t exchange; /* enum sq_exchange */
    uint8_t contract; /* enum sq_contract */
    uint8_t price_decimals;
    uint8_t suspended;
    uint32_t expiry; /* yyyymmdd, 0: none */
    sq_price strike; /* in 10^-price_decimals rupee */
    sq_price tick;
    sq_quantity lot;
    int64_t multiplier; /* order unit -> units of value (commodity and currency lots) */
    sq_quantity freeze; /* orders at or above it are refused; 0: not known */
    sq_price band_low;  /* from the file; the live band of a quote wins; 0: not known */
    sq_price band_high;
    sq_price prev_settle; /* previous settlement or close; 0: not known */
    char symbol[SQ_SYMBOL_SIZE];
    char series[SQ_SERIES_SIZE];
};

/* Why an account takes no new intents. */
enum sq_frozen { SQ_FROZEN_NOT, SQ_FROZEN_LATE_FILL, SQ_FROZEN_LOCKED };

struct sq_client {
    char code[SQ_CLIENT_SIZE];
    char name[SQ_NAME_SIZE];
    char phone[SQ_PHONE_SIZE];
    char desk[SQ_DESK_SIZE];
    char dealer[SQ_PERSON_SIZE];
    char backup_dealer[SQ_PERSON_SIZE];
    char exch_account[SQ_CLIENT_SIZE]; /* Account(1) at the exchange */
    uint8_t call_required;             /* no close without a call reference */
    uint8_t active;
    uint8_t frozen;                /* enum sq_frozen: no new intents; a supervisor lifts it */
    char stand_in[SQ_PERSON_SIZE]; /* by ASSIGN, for today; "": nobody */
};

struct sq_person {
    char code[SQ_PERSON_SIZE];
    char name[SQ_NAME_SIZE];
    char desk[SQ_DESK_SIZE];
    uint8_t role;   /* enum sq_role */
    uint8_t policy; /* enum sq_policy of one-key */
    uint8_t active;
    sq_money max_order_paise; /* above: approval; 0: no limit */
    sq_money max_day_paise;
    sq_money day_paise; /* value of this person's closes so far today */
};

/* When a segment's series trades. Times are of the day, the offset of the exchange applied. */
struct sq_hours {
    uint8_t exchange;
    char series[SQ_SERIES_SIZE]; /* "" : every series of the segment */
    sq_time open;
    sq_time close;
    sq_time auction_start; /* closing auction; 0: none */
    sq_time auction_end;
    sq_time mis_cutoff; /* 0: none */
};

struct sq_position {
    struct sq_key key;
    sq_quantity net;
    sq_quantity overnight;   /* carried from the day before, at the previous settlement */
    sq_quantity sellable;    /* delivery: what may be sold today */
    sq_quantity agreed;      /* where sources differ: the smaller; else net at import */
    sq_price avg_price;      /* of the file, for display */
    sq_money basis_paise;    /* cost of what is open: net valued at its entry prices */
    sq_money realised_paise; /* today, from fills after the import */
    sq_money carry_paise;    /* day's profit of closed quantity already in the basis at import */
    sq_quantity bought;      /* by our fills and trades after the import */
    sq_quantity sold;
    sq_quantity start; /* net when we became owner: what may never be exceeded */
    uint8_t source;    /* enum sq_source */
    uint8_t frozen;    /* the exchange differs: STOP until a person clears it */
    uint8_t flipped;   /* 1: the sign changed since import */
    sq_time flat_at;   /* when net last became 0 by a fill; 0: never */
};

struct sq_order {
    uint64_t no;                      /* our number, 1..; shown as #sq-0412 */
    char clord[SQ_CLORD_SIZE];        /* ClOrdID */
    char exch_no[SQ_EXCH_NO_SIZE];    /* OrderID, "" until known */
    char cancel_clord[SQ_CLORD_SIZE]; /* ClOrdID of the cancel that is out or was last */
    char sender[SQ_SENDER_SIZE];      /* owning session of a resting order */
    char text[SQ_TEXT_SIZE];          /* last words of the exchange about it: hostile text */
    struct sq_key key;
    uint64_t close_no; /* the close it belongs to; 0: none */
    sq_quantity qty;
    sq_quantity cum;      /* filled */
    sq_quantity leaves;   /* open at the exchange, as far as we know; 0 when terminal */
    sq_price limit;       /* 0: market */
    sq_price trigger;     /* stop price */
    sq_money value_paise; /* of the fills */
    uint8_t side;
    uint8_t type; /* enum sq_order_type */
    uint8_t state;
    uint8_t cancel_state;
    uint8_t origin;
    uint8_t seen_unknown; /* proven answers "unknown order" so far on this connection */
    uint8_t settled;      /* a person settled it by hand */
    uint32_t conn;        /* connection it was sent on, or last heard on */
    uint64_t fix_seq;     /* MsgSeqNum it was sent with; 0: not yet */
    sq_time created;
    sq_time sent;  /* 0: not yet */
    sq_time acked; /* 0: not yet */
    sq_time changed;
    sq_time send_before; /* not numbered by then: NOT_SENT */
    sq_time ask_at;      /* next status question; SQ_NEVER: none */
    sq_time cancel_at;   /* when the cancel was made */
    uint64_t heard;      /* MsgSeqNum of the last report about it; 0: none yet */
    uint8_t doubt;       /* enum sq_order_state that it had when the exchange lost data, until the
                          * exchange or a person has said what holds; NONE: no doubt */
};

struct sq_close {
    uint64_t no;
    struct sq_id id; /* the intent */
    uint64_t bulk;   /* the bulk close it belongs to; 0: none */
    struct sq_key key;
    char dealer[SQ_PERSON_SIZE];
    char approver[SQ_PERSON_SIZE];
    char call_ref[SQ_REF_SIZE];
    char reason[SQ_TEXT_SIZE]; /* exchange's or person's words on the end */
    uint64_t guards;           /* bits of the guards that did not pass, and were confirmed */
    sq_quantity start;         /* net when it began */
    sq_quantity target;        /* signed net to reach */
    sq_quantity planned;       /* quantity that it set out to trade, odd lot left out */
    sq_quantity filled;        /* by its children */
    sq_quantity left;          /* residue when it ended */
    sq_price typed_limit;      /* 0: protected limit from the quote */
    sq_price limit;            /* limit of the last child */
    sq_money value_paise;      /* of its fills */
    sq_money estimate_paise;   /* value when it began, for the day limit */
    uint32_t children;         /* orders made so far */
    uint32_t child_cap;        /* slices x (1 + re-prices) */
    uint32_t reprices;         /* done so far */
    uint8_t side;
    uint8_t state;
    uint8_t residue;  /* enum sq_residue */
    uint8_t covered;  /* 1: it has been released from HELD by approval */
    uint8_t at_band;  /* 1: its limit is at the band's edge */
    uint8_t prepaid;  /* 1: the rate limit has already been charged for its next order */
    uint8_t short_of; /* enum sq_residue: why `planned` is less than the target asks for */
    sq_time created;
    sq_time began;     /* first order made; 0: not yet */
    sq_time wait_from; /* when it first waited for a short that it covers; 0: never */
    sq_time quoted;    /* when `quote` was taken; 0: it must ask for a new one */
    sq_time changed;
    sq_time due;           /* next time it wants to be looked at; SQ_NEVER: an event will */
    struct sq_quote quote; /* what its limit was made from */
};

/* A trade that changed a position: ours, an external one, or one told by phone. */
struct sq_fill {
    uint64_t no;
    uint64_t order_no; /* 0: not of an order we know */
    char exec_id[SQ_EXEC_SIZE];
    char person[SQ_PERSON_SIZE]; /* of a manual fill */
    struct sq_key key;
    sq_quantity qty;
    sq_price price;
    uint8_t side;
    uint8_t manual; /* told by phone, until reconciled */
    uint8_t busted;
    uint8_t external; /* from trades.csv, not from our order */
    uint8_t confirms; /* confirms one that was entered by hand: its quantity is counted already */
    sq_time time;
};

/* What an intent id was used for, so that the same id gives the same answer. */
struct sq_intent_row {
    struct sq_id id;
    uint64_t digest;   /* of the content */
    uint64_t close_no; /* 0: refused */
    uint8_t refusal;   /* enum sq_refusal */
    uint8_t guard;     /* enum sq_guard when refusal is GUARD */
};

/* One row: the book itself. */
struct sq_book {
    uint32_t day;   /* yyyymmdd */
    uint32_t epoch; /* of ownership; strictly rises */
    char book[4];   /* three letters of the book, part of each ClOrdID */
    char desk[SQ_DESK_SIZE];
    char sender[SQ_SENDER_SIZE]; /* SenderCompID of our order session */
    sq_time as_of;               /* of the positions file */
    sq_time trades_to;           /* time of the last trade applied after it */
    uint32_t trades;             /* how many */
    uint8_t loaded;              /* the day is complete */
    uint8_t owned;               /* this engine owns the book */
    uint8_t accepted;            /* one source: 0 not accepted, 1 on screen, 2 at import */
    uint8_t control;             /* enum sq_control */
    uint8_t halted;
    uint8_t link;      /* enum sq_link */
    uint8_t restarted; /* RESTARTED came and no reconciliation since */
    uint8_t lost;      /* the exchange has lost data: no link until people have settled it */
    char control_person[SQ_PERSON_SIZE];
    char control_reason[SQ_TEXT_SIZE];
    char accepted_person[SQ_PERSON_SIZE];
    char accepted_reason[SQ_TEXT_SIZE];
    uint32_t conn;       /* number of the connection to the exchange */
    uint64_t next_order; /* next order number */
    uint64_t next_close;
    uint64_t next_fill;
    uint64_t in_seq;       /* last MsgSeqNum of the exchange that was journalled */
    uint64_t out_reserved; /* outgoing numbers below it are reserved */
    sq_time reconciled_at; /* last complete reconciliation */
    int64_t rate_credit;   /* token bucket, in microseconds of credit */
    sq_time rate_time;     /* when the credit was last counted */
    sq_time time;          /* of the last input */
    /* Loss of data at the exchange, and the two people who reconcile it (loss.c). */
    sq_time lost_at;                  /* when it was noticed last; 0: never */
    uint64_t lost_number;             /* MsgSeqNum that gave it away; 0: not known */
    char loss_person[SQ_PERSON_SIZE]; /* who asked; "": nobody yet */
    char loss_second[SQ_PERSON_SIZE]; /* who confirmed; "": nobody yet */
    char loss_reason[SQ_TEXT_SIZE];
    uint64_t loss_in;  /* agreed: from here on the exchange sends to us again */
    uint64_t loss_out; /* agreed: the exchange expects this of us */
    uint8_t loss_kept; /* 1: the exchange says that it kept our orders */
    /* Ownership (owner.c). */
    char owner[SQ_OWNER_SIZE]; /* who owns it, or got it released; "": whoever loaded the day */
    uint8_t draining;          /* 1: it is about to be released: no new sends */
    uint32_t granted;          /* epoch of the owner that it was released to; 0: to nobody */
    sq_time invoked_at;        /* when control last left DORMANT; 0: never */
};

#endif
