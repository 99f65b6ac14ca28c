/*
 * inputs.h: what can change a book besides its rows: people, the day, the exchange, links, clock.
 *
 * Each struct is a kind of the family `inputs`. It carries natural keys (client, exchange, token,
 * product; ClOrdID; ExecID), never handles: a journal must not depend on the order of loading.
 */
#ifndef SQ_CORE_INPUTS_H
#define SQ_CORE_INPUTS_H

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
    uint64_t digest; /* sq_approval_digest() of what the person saw; 0: not bound to it */
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
    uint8_t value;    /* enum sq_control or enum sq_policy where the command has one;
                       * RECONCILE_LOSS: 1 when the exchange says that it kept our orders */
    char person[SQ_PERSON_SIZE];
    struct sq_key key;       /* UNFREEZE: position, or client alone (token 0); LOCK: client */
    char desk[SQ_DESK_SIZE]; /* POLICY */
    char reason[SQ_TEXT_SIZE];
    uint64_t in_next;  /* RECONCILE_LOSS: MsgSeqNum from which the exchange sends to us again */
    uint64_t out_next; /* RECONCILE_LOSS: MsgSeqNum that the exchange expects of us */
    char dealer[SQ_PERSON_SIZE]; /* ASSIGN: who stands in for the desk's clients; "": nobody */
};
#define SQ_SUPERVISE_MAP(X)             \
    X(HALT, "halt")                     \
    X(RESUME, "resume")                 \
    X(ACCEPT_SOURCE, "accept-source")   \
    X(CONTROL, "control")               \
    X(UNFREEZE, "unfreeze")             \
    X(POLICY, "policy")                 \
    X(RECONCILE_LOSS, "reconcile-loss") \
    X(ASSIGN, "assign")                 \
    X(LOCK, "lock") /* no new closes of one client */
#define X(tail, ...) SQ_SUPERVISE_##tail,
enum sq_supervise_what { SQ_SUPERVISE_MAP(X) SQ_SUPERVISE_COUNT };
#undef X

/* ---- inputs: ownership (owner.c) ------------------------------------------------------------ */

/* A book has one owner at a time; each change of owner is a step of this conversation. */
#define SQ_OWNERSHIP_MAP(X)                                                         \
    X(DRAIN, "drain")     /* the owner prepares: no new sends, plans stop */        \
    X(KEEP, "keep")       /* it stays the owner after all */                        \
    X(RELEASE, "release") /* it gives the book to `owner`, who will have `epoch` */ \
    X(TAKE, "take")       /* first input of a new owner; all that is live is UNKNOWN */
#define X(tail, ...) SQ_OWNERSHIP_##tail,
enum sq_ownership_what { SQ_OWNERSHIP_MAP(X) SQ_OWNERSHIP_COUNT };
#undef X

/* Why a TAKE is right, in other words: what keeps the last owner from sending. */
#define SQ_TAKEN_MAP(X)                                                                    \
    X(GRANTED, "granted")         /* the last owner has released it to us */               \
    X(FENCED, "fenced")           /* the store's epoch was raised: its commits fail now */ \
    X(BREAK_GLASS, "break-glass") /* two people, and the exchange's word on its session */
#define X(tail, ...) SQ_TAKEN_##tail,
enum sq_taken { SQ_TAKEN_MAP(X) SQ_TAKEN_COUNT };
#undef X

/*
 * Epochs of a broken glass are multiples of this, those of servers go up by one: a server that comes
 * back before the exchange keeps it out cannot make a ClOrdID that the console makes too.
 */
enum { SQ_GLASS_EPOCHS = 1024 };

struct sq_ownership {
    uint8_t what;                /* enum sq_ownership_what */
    uint8_t taken;               /* enum sq_taken, of a TAKE */
    uint32_t epoch;              /* RELEASE: the next owner's, TAKE: ours; 0 otherwise */
    char owner[SQ_OWNER_SIZE];   /* RELEASE: who gets it; TAKE: who we are */
    char person[SQ_PERSON_SIZE]; /* who asked; "" when servers take over by themselves */
    char second[SQ_PERSON_SIZE]; /* BREAK_GLASS: the other person */
    char reason[SQ_TEXT_SIZE];
    uint64_t out_reserved; /* TAKE: our outgoing numbers begin here at least; 0: as journalled */
};

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
    uint64_t number; /* lost: its MsgSeqNum that we had heard before; 0: not known */
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

#endif
