/*
 * record.h: every message of squareoff, as a struct, with one table of its fields.
 *
 * A message has one encoded form (journal, snapshot, wire, queue) and one line of text (log,
 * scenarios, activity screen), both made from the same table of fields: a new message is a struct
 * (core/rows.h, core/inputs.h or here), a row in SQ_KIND_MAP and a table in record_tables.c.
 *
 * Three families:
 *   records   the state itself, a row of a table each (instrument, position, order, ...). As an
 *             input a record says "load this"; as an event it says "this row is now so".
 *             A snapshot is the list of all records. A view is a fold of them.
 *   inputs    all else that can change the book: commands, exchange reports, links, clock.
 *   answers   events that are no record: REFUSED, ALARM, SUPERVISED (a SUPERVISE that took effect:
 *             the other screens read from it who did what, and why).
 */
#ifndef SQ_CORE_RECORD_H
#define SQ_CORE_RECORD_H

#include "core/inputs.h"
#include "core/rows.h"
#include "core/types.h"

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
    X(REQUEST_QUOTE, "request-quote", sq_request_order, request, REQUEST)             \
    X(OWNERSHIP, "ownership", sq_ownership, ownership, INPUT)                         \
    X(SUPERVISED, "supervised", sq_supervise, supervise, ANSWER)

#define X(tail, ...) SQ_##tail,
enum sq_kind { SQ_KIND_NONE, SQ_KIND_MAP(X) SQ_KIND_COUNT };
#undef X
enum sq_family { SQ_FAMILY_RECORD, SQ_FAMILY_INPUT, SQ_FAMILY_ANSWER, SQ_FAMILY_REQUEST };

/* One message of any kind. seq and time are the host's stamp (of the input that caused it). */
struct sq_message {
    uint64_t seq;
    sq_time time;
    uint32_t tag;  /* of whoever submitted it, 0: nobody; never stored, comes back when stepped */
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
        struct sq_ownership ownership;
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

/* Do two bodies of a kind say the same? By their encoding: padding does not count. */
bool sq_same_body(enum sq_kind kind, const void *a, const void *b);

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
