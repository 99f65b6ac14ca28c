/*
 * record.h: every message of squareoff, as a struct, with one table of its fields.
 *
 * A message has one encoded form (journal, snapshot, wire, queue) and one line of text (log,
 * scenarios, activity screen), both made from the same table of fields: a new message is a struct
 * here, a row in SQ_KIND_MAP and a table in record.c.
 *
 * Three families:
 *   records   the state itself, a row of a table each (instrument, position, order, ...). As an
 *             input a record says "load this"; as an event it says "this row is now so".
 *             A snapshot is the list of all records. A view is a fold of them.
 *   inputs    all else that can change the book: commands, exchange reports, links, clock.
 *   answers   events that are no record: REFUSED, ALARM.
 */
#ifndef SQ_CORE_RECORD_H
#define SQ_CORE_RECORD_H

#include "core/types.h"

/* ExecType(150), FIX 4.4 volume 4. X(tail, "name", 'FIX value') */
#define SQ_EXEC_TYPE_MAP(X)                    \
    X(NONE, "-", 0)                            \
    X(NEW, "NEW", '0')                         \
    X(DONE_FOR_DAY, "DONE FOR DAY", '3')       \
    X(CANCELLED, "CANCELLED", '4')             \
    X(REPLACED, "REPLACED", '5')               \
    X(PENDING_CANCEL, "PENDING CANCEL", '6')   \
    X(STOPPED, "STOPPED", '7')                 \
    X(REJECTED, "REJECTED", '8')               \
    X(SUSPENDED, "SUSPENDED", '9')             \
    X(PENDING_NEW, "PENDING NEW", 'A')         \
    X(CALCULATED, "CALCULATED", 'B')           \
    X(EXPIRED, "EXPIRED", 'C')                 \
    X(RESTATED, "RESTATED", 'D')               \
    X(PENDING_REPLACE, "PENDING REPLACE", 'E') \
    X(TRADE, "TRADE", 'F')                     \
    X(TRADE_CORRECT, "TRADE CORRECT", 'G')     \
    X(TRADE_CANCEL, "TRADE CANCEL", 'H')       \
    X(STATUS, "STATUS", 'I')
#define X(tail, ...) SQ_EXEC_##tail,
enum sq_exec_type { SQ_EXEC_TYPE_MAP(X) SQ_EXEC_COUNT };
#undef X

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
    uint8_t frozen; /* a late fill froze new intents; a supervisor lifts it */
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
};

/* ---- inputs: commands of people ------------------------------------------------------------ */

/* x, e, and one line of X. A target, not an amount: "reduce this position to T". */
struct sq_square_off {
    struct sq_id id;
    char dealer[SQ_PERSON_SIZE];
    struct sq_key key;
    sq_quantity target;               /* signed net to reach, usually 0 */
    sq_quantity seen_net;             /* the net the person saw */
    sq_price limit;                   /* typed limit; 0: protected limit */
    sq_time created;                  /* when the key was pressed */
    uint64_t confirmed;               /* bits of the guards that the person saw and confirmed */
    uint64_t bulk;                    /* staged until BULK_GO of this number; 0: at once */
    uint8_t armed;                    /* one-key is armed at this screen */
    uint8_t hold;                     /* this screen holds one-key */
    char call_client[SQ_CLIENT_SIZE]; /* pinned call, "" none */
    char call_ref[SQ_REF_SIZE];
    struct sq_quote quote; /* attached by the host when it stamps the input */
};
struct sq_bulk_go { /* release what was staged; all of it comes in one turn */
    uint64_t bulk;
    char dealer[SQ_PERSON_SIZE];
    uint32_t
        count; /* how many positions the person typed: what guards refused has fallen out of them */
};
struct sq_cancel {
    uint64_t order_no;
    char person[SQ_PERSON_SIZE];
};
struct sq_approve {    /* a close in APPROVAL or HELD, or every such one of a bulk */
    uint64_t close_no; /* 0: by bulk */
    uint64_t bulk;
    char person[SQ_PERSON_SIZE];
    uint8_t granted; /* 0: refused */
    char reason[SQ_TEXT_SIZE];
};
struct sq_settle { /* an UNKNOWN order, by a person, with a reason */
    uint64_t order_no;
    char person[SQ_PERSON_SIZE];
    sq_quantity cum;    /* filled in all */
    sq_price price;     /* of what is newly filled */
    uint8_t still_open; /* 1: it rests at the exchange; 0: it ended */
    char reason[SQ_TEXT_SIZE];
};
struct sq_manual_fill { /* a fill told by phone */
    struct sq_id id;
    struct sq_key key;
    char person[SQ_PERSON_SIZE];
    uint8_t side;
    sq_quantity qty;
    sq_price price;
    char reason[SQ_TEXT_SIZE];
};
struct sq_supervise { /* what a supervisor does to the book */
    uint8_t what;     /* enum sq_supervise_what */
    uint8_t value;    /* enum sq_control or enum sq_policy where the command has one */
    char person[SQ_PERSON_SIZE];
    struct sq_key key;       /* UNFREEZE: position, or client alone (token 0) */
    char desk[SQ_DESK_SIZE]; /* POLICY */
    char reason[SQ_TEXT_SIZE];
};
#define SQ_SUPERVISE_MAP(X)           \
    X(HALT, "halt")                   \
    X(RESUME, "resume")               \
    X(ACCEPT_SOURCE, "accept-source") \
    X(CONTROL, "control")             \
    X(UNFREEZE, "unfreeze")           \
    X(POLICY, "policy")
#define X(tail, ...) SQ_SUPERVISE_##tail,
enum sq_supervise_what { SQ_SUPERVISE_MAP(X) SQ_SUPERVISE_COUNT };
#undef X

/* ---- inputs: the day ----------------------------------------------------------------------- */
struct sq_day { /* begins a book's day: before its rows */
    uint32_t day;
    uint32_t epoch;
    char book[4];
    char desk[SQ_DESK_SIZE];
    char sender[SQ_SENDER_SIZE];
    sq_time as_of;
    uint8_t accepted; /* 2: whoever imports accepts one source, on record */
    char person[SQ_PERSON_SIZE];
    char reason[SQ_TEXT_SIZE];
};
struct sq_day_done { /* all rows are there: the engine may be used */
    uint32_t instruments;
    uint32_t positions;
    uint32_t orders;
    uint32_t trades;
};
struct sq_trade { /* an exchange trade after as_of, not through us */
    char trade_no[SQ_EXEC_SIZE];
    struct sq_key key;
    uint8_t side;
    sq_quantity qty;
    sq_price price;
    sq_time time;
};

/* ---- inputs: the exchange ------------------------------------------------------------------ */
struct sq_report { /* ExecutionReport(8), FIX 4.4 volume 4 */
    uint32_t conn;
    uint64_t fix_seq; /* its MsgSeqNum */
    struct sq_key key;
    char clord[SQ_CLORD_SIZE];
    char orig_clord[SQ_CLORD_SIZE];
    char exch_no[SQ_EXCH_NO_SIZE];
    char exec_id[SQ_EXEC_SIZE];
    char ref_exec_id[SQ_EXEC_SIZE]; /* of a bust or a correction */
    char text[SQ_TEXT_SIZE];
    uint8_t exec_type;   /* enum sq_exec_type */
    uint8_t order_state; /* enum sq_order_state as OrdStatus(39) maps to; NONE: not mapped */
    uint8_t side;
    uint8_t type;          /* enum sq_order_type */
    uint8_t unknown_order; /* status answer: the exchange does not know this ClOrdID */
    uint8_t proven;        /* logged on, both gaps closed, own test request answered */
    sq_quantity qty;
    sq_quantity cum;
    sq_quantity leaves;
    sq_quantity last_qty;
    sq_price last_price;
    sq_price limit;
    sq_time time; /* TransactTime(60) */
};
struct sq_cancel_reject { /* OrderCancelReject(9) */
    uint32_t conn;
    uint64_t fix_seq;
    char clord[SQ_CLORD_SIZE];      /* of the cancel */
    char orig_clord[SQ_CLORD_SIZE]; /* of the order */
    uint8_t too_late;               /* CxlRejReason(102)=0 */
    uint8_t unknown_order;          /* CxlRejReason(102)=1 */
    char text[SQ_TEXT_SIZE];
};
struct sq_message_reject { /* Reject(3) or BusinessMessageReject(j) of what we sent */
    uint32_t conn;
    uint64_t fix_seq;
    uint64_t ref_seq; /* MsgSeqNum of ours that it refuses */
    uint8_t business;
    char text[SQ_TEXT_SIZE];
};
struct sq_sent { /* the adaptor gave it a FIX number */
    char clord[SQ_CLORD_SIZE];
    uint32_t conn;
    uint64_t fix_seq;
};
struct sq_not_sent { /* the adaptor refused to number it: late, wrong epoch, wrong connection */
    char clord[SQ_CLORD_SIZE];
    char why[SQ_TEXT_SIZE];
};
struct sq_link_change {
    uint32_t conn; /* number of the connection: rises with each logon */
    uint8_t up;
    uint8_t lost; /* the exchange's numbers went back: it has lost what it told us */
    char why[SQ_TEXT_SIZE];
};
struct sq_mass_done { /* the last answer of a mass status request came */
    uint32_t conn;
    uint64_t fix_seq;
    uint32_t reports;
    uint8_t proven;
};
struct sq_numbers { /* outgoing numbers below `out_reserved` may be used from now on */
    uint64_t out_reserved;
};
struct sq_quote_answer { /* answer to REQUEST_QUOTE: exactly one for each, "none" included */
    uint8_t exchange;
    uint32_t token;
    struct sq_quote quote;
};
struct sq_nothing { /* TIME, RESTARTED carry nothing but their time */
    uint8_t none;
};

/* ---- answers ------------------------------------------------------------------------------- */
struct sq_refused {
    struct sq_id id;   /* of the intent, zero for other commands */
    struct sq_key key; /* what it was about, where known */
    uint64_t order_no;
    uint64_t guards;  /* bits of every guard that did not pass */
    uint8_t refusal;  /* enum sq_refusal */
    uint8_t guard;    /* the first that did not pass, when refusal is GUARD */
    uint8_t verdict;  /* class of that guard */
    uint16_t command; /* enum sq_kind of the input */
    char person[SQ_PERSON_SIZE];
};
struct sq_alarm_event {
    uint8_t alarm; /* enum sq_alarm */
    struct sq_key key;
    uint64_t order_no;
    uint64_t close_no;
    char text[SQ_TEXT_SIZE];
};

/* ---- requests: what the host does after the commit ----------------------------------------- */
struct sq_request_order {
    char clord[SQ_CLORD_SIZE];
    char orig_clord[SQ_CLORD_SIZE]; /* CANCEL, STATUS: the order meant */
    char exch_no[SQ_EXCH_NO_SIZE];
    char account[SQ_CLIENT_SIZE]; /* Account(1) */
    struct sq_key key;
    char symbol[SQ_SYMBOL_SIZE];
    uint8_t side;
    uint8_t price_decimals;
    sq_quantity qty;
    sq_price limit;
    sq_time send_before; /* checked immediately before a FIX number is given to it */
    uint32_t epoch;
    uint32_t conn;
};

/*
 * All kinds: X(TAIL, "name", struct, member of the union, family).
 * The order is the wire's: only ever append.
 */
#define SQ_KIND_MAP(X)                                                                \
    X(CONFIG, "config", sq_config, config, RECORD)                                    \
    X(INSTRUMENT, "instrument", sq_instrument, instrument, RECORD)                    \
    X(CLIENT, "client", sq_client, client, RECORD)                                    \
    X(PERSON, "person", sq_person, person, RECORD)                                    \
    X(HOURS, "hours", sq_hours, hours, RECORD)                                        \
    X(POSITION, "position", sq_position, position, RECORD)                            \
    X(ORDER, "order", sq_order, order, RECORD)                                        \
    X(CLOSE, "close", sq_close, close, RECORD)                                        \
    X(FILL, "fill", sq_fill, fill, RECORD)                                            \
    X(INTENT, "intent", sq_intent_row, intent, RECORD)                                \
    X(BOOK, "book", sq_book, book, RECORD)                                            \
    X(DAY, "day", sq_day, day, INPUT)                                                 \
    X(DAY_DONE, "day-done", sq_day_done, day_done, INPUT)                             \
    X(TRADE, "trade", sq_trade, trade, INPUT)                                         \
    X(SQUARE_OFF, "square-off", sq_square_off, square_off, INPUT)                     \
    X(BULK_GO, "bulk-go", sq_bulk_go, bulk_go, INPUT)                                 \
    X(CANCEL, "cancel", sq_cancel, cancel, INPUT)                                     \
    X(APPROVE, "approve", sq_approve, approve, INPUT)                                 \
    X(SETTLE, "settle", sq_settle, settle, INPUT)                                     \
    X(MANUAL_FILL, "manual-fill", sq_manual_fill, manual_fill, INPUT)                 \
    X(SUPERVISE, "supervise", sq_supervise, supervise, INPUT)                         \
    X(REPORT, "report", sq_report, report, INPUT)                                     \
    X(CANCEL_REJECT, "cancel-reject", sq_cancel_reject, cancel_reject, INPUT)         \
    X(MESSAGE_REJECT, "message-reject", sq_message_reject, message_reject, INPUT)     \
    X(SENT, "sent", sq_sent, sent, INPUT)                                             \
    X(NOT_SENT, "not-sent", sq_not_sent, not_sent, INPUT)                             \
    X(LINK, "link", sq_link_change, link, INPUT)                                      \
    X(MASS_DONE, "mass-done", sq_mass_done, mass_done, INPUT)                         \
    X(NUMBERS, "numbers", sq_numbers, numbers, INPUT)                                 \
    X(QUOTE, "quote", sq_quote_answer, quote, INPUT)                                  \
    X(TIME, "time", sq_nothing, nothing, INPUT)                                       \
    X(RESTARTED, "restarted", sq_nothing, nothing, INPUT)                             \
    X(REFUSED, "refused", sq_refused, refused, ANSWER)                                \
    X(ALARM, "alarm", sq_alarm_event, alarm, ANSWER)                                  \
    X(REQUEST_NEW, "request-new", sq_request_order, request, REQUEST)                 \
    X(REQUEST_CANCEL, "request-cancel", sq_request_order, request, REQUEST)           \
    X(REQUEST_STATUS, "request-status", sq_request_order, request, REQUEST)           \
    X(REQUEST_MASS_STATUS, "request-mass-status", sq_request_order, request, REQUEST) \
    X(REQUEST_QUOTE, "request-quote", sq_request_order, request, REQUEST)

#define X(tail, ...) SQ_##tail,
enum sq_kind { SQ_KIND_NONE, SQ_KIND_MAP(X) SQ_KIND_COUNT };
#undef X
enum sq_family { SQ_FAMILY_RECORD, SQ_FAMILY_INPUT, SQ_FAMILY_ANSWER, SQ_FAMILY_REQUEST };

/* One message of any kind. seq and time are the host's stamp (of the input that caused it). */
struct sq_message {
    uint64_t seq;
    sq_time time;
    uint16_t kind; /* enum sq_kind */
    union sq_body {
        struct sq_config config;
        struct sq_instrument instrument;
        struct sq_client client;
        struct sq_person person;
        struct sq_hours hours;
        struct sq_position position;
        struct sq_order order;
        struct sq_close close;
        struct sq_fill fill;
        struct sq_intent_row intent;
        struct sq_book book;
        struct sq_day day;
        struct sq_day_done day_done;
        struct sq_trade trade;
        struct sq_square_off square_off;
        struct sq_bulk_go bulk_go;
        struct sq_cancel cancel;
        struct sq_approve approve;
        struct sq_settle settle;
        struct sq_manual_fill manual_fill;
        struct sq_supervise supervise;
        struct sq_report report;
        struct sq_cancel_reject cancel_reject;
        struct sq_message_reject message_reject;
        struct sq_sent sent;
        struct sq_not_sent not_sent;
        struct sq_link_change link;
        struct sq_mass_done mass_done;
        struct sq_numbers numbers;
        struct sq_quote_answer quote;
        struct sq_nothing nothing;
        struct sq_refused refused;
        struct sq_alarm_event alarm;
        struct sq_request_order request;
    } as;
};

/* ---- the table of fields ------------------------------------------------------------------- */
enum sq_field_type {
    SQ_FIELD_U8,
    SQ_FIELD_U16,
    SQ_FIELD_U32,
    SQ_FIELD_U64,
    SQ_FIELD_I64,
    SQ_FIELD_TEXT,   /* NUL-padded text of `size` bytes */
    SQ_FIELD_TIME,   /* sq_time; as text: ISO 8601 with date, or 09:15:00 for a time of the day */
    SQ_FIELD_ENUM,   /* uint8_t, named by `list` */
    SQ_FIELD_KIND,   /* uint16_t enum sq_kind */
    SQ_FIELD_GUARDS, /* uint64_t bits, named by SQ_LIST_GUARD, joined by ';' */
    SQ_FIELD_ID      /* struct sq_id: 32 hexadecimal digits */
};
struct sq_field {
    const char *name;
    uint16_t offset; /* in the struct of the kind */
    uint16_t size;
    uint8_t type; /* enum sq_field_type */
    uint8_t list; /* enum sq_list of an ENUM */
};
struct sq_kind_info {
    const char *name;
    enum sq_family family;
    uint16_t size; /* of its struct */
    uint16_t field_count;
    const struct sq_field *fields;
};

/* Description of a kind; kind must be above SQ_KIND_NONE and below SQ_KIND_COUNT. */
const struct sq_kind_info *sq_kind_info(enum sq_kind kind);

/* Kind by its name, or SQ_KIND_NONE. */
enum sq_kind sq_kind_named(const char *name);

enum { SQ_ENCODED_MAX = 1024, SQ_LINE_MAX = 4096 };

/*
 * Canonical encoding of a message's body: fields in the order of the table, integers as
 * variable-length numbers of seven bits a byte, least significant first (signed ones as zigzag),
 * texts as length and bytes, ids as 16 bytes. Equal bodies give equal bytes.
 * Returns the length written; `room` must be at least SQ_ENCODED_MAX.
 */
size_t sq_encode(enum sq_kind kind, const void *body, uint8_t *bytes, size_t room);

/*
 * The reverse. Every byte is checked: lengths, ranges of enumerations, shortest numbers, no rest.
 * Missing trailing fields (an older writer) are zero. Returns 0, or -1 for bytes that no version
 * wrote; `body` (of sq_kind_info(kind)->size bytes) is zeroed first.
 */
int sq_decode(enum sq_kind kind, const uint8_t *bytes, size_t length, void *body);

/*
 * One line of text: `kind field=value field=value ...`; fields that are zero are left out, values
 * with blanks are quoted, bytes that are not printable ASCII are escaped (\xHH). Always
 * NUL-terminated. Returns its length.
 */
size_t sq_line(enum sq_kind kind, const void *body, char *line, size_t room);

/*
 * Reads such a line. Fields may come in any order; those not named are zero. SQ_NEVER is `never`.
 * Returns 0, or -1 with the reason and the line from the bad field on in `why` (one byte or more).
 */
int sq_line_parse(const char *line, struct sq_message *message, char *why, size_t why_room);

#endif
