/*
 * FIX 4.4 tag=value codec: bytes to a view of fields and back, in place, without allocation.
 *
 * Reading: fix_parse() looks at the front of a byte stream and says whether a whole message stands
 * there; if so, the view's fields point into the caller's bytes and stay valid as long as these do.
 * Writing: fix_begin(), fix_put_*(), fix_end() build one message in the caller's buffer.
 *
 * Rules followed: FIX 4.4 volume 1 "FIX Message Format and Delivery" (field syntax, data types,
 * repeating groups), volume 2 "Data Integrity" and "What constitutes a garbled message".
 * Nothing here knows about sessions or sequence numbers: that is net/fix_session.h.
 */
#ifndef NET_FIX_H
#define NET_FIX_H

#include "net/fix_tags.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    FIX_SOH = 1,                         /* ends every field */
    FIX_BODY_MAX = 64 * 1024,            /* largest BodyLength(9) that is accepted */
    FIX_MESSAGE_MAX = FIX_BODY_MAX + 32, /* with 8=, 9= and 10= around it */
    FIX_FIELDS_MAX = 1000,               /* fields of one message */
    FIX_TAG_MAX = 99999,                 /* largest tag number that is accepted */
    FIX_INDEX_SIZE = 1024,               /* tags below this are found by direct index */
};

/* ---- Reading ---- */

/* One field. The value is not terminated; it may hold any byte if it is of type data. */
struct fix_field {
    uint32_t tag;      /* 1..FIX_TAG_MAX; 0 when the bytes before '=' are no tag number */
    uint32_t length;   /* bytes of the value */
    const char *value; /* inside the parsed bytes */
};

/* SessionRejectReason(373), FIX 4.4 volume 2 "Reject". */
enum fix_reject {
    FIX_REJECT_INVALID_TAG = 0,
    FIX_REJECT_REQUIRED_MISSING = 1,
    FIX_REJECT_NOT_FOR_TYPE = 2,
    FIX_REJECT_UNDEFINED_TAG = 3,
    FIX_REJECT_NO_VALUE = 4,
    FIX_REJECT_VALUE = 5,
    FIX_REJECT_FORMAT = 6,
    FIX_REJECT_COMP_ID = 9,
    FIX_REJECT_SENDING_TIME = 10,
    FIX_REJECT_MSG_TYPE = 11,
    FIX_REJECT_REPEATED_TAG = 13,
    FIX_REJECT_TAG_ORDER = 14,
    FIX_REJECT_GROUP_ORDER = 15,
    FIX_REJECT_GROUP_COUNT = 16,
    FIX_REJECT_SOH_IN_VALUE = 17,
    FIX_REJECT_OTHER = 99,
    FIX_REJECT_NONE = 255, /* no fault */
};

/* Short English name of a reason, for Text(58) and logs. Never NULL. */
const char *fix_reject_name(enum fix_reject reason);

/*
 * A parsed message. Zero it once with fix_view_init(); after that it is reused for any number of
 * messages. About 20 KiB: keep it in a long-lived struct rather than on a deep stack.
 */
struct fix_view {
    struct fix_field
        field[FIX_FIELDS_MAX];      /* 8, 9, 35, ... in the order of the bytes; 10 is not kept */
    uint32_t count;                 /* fields in use */
    const char *bytes;              /* the message, from '8' ... */
    size_t length;                  /* ... to the SOH after CheckSum */
    char type[4];                   /* MsgType(35), terminated; "" when it cannot be one */
    enum fix_reject fault;          /* first fault of a well-framed message, or FIX_REJECT_NONE */
    uint32_t fault_tag;             /* tag that the fault is about; 0 = none can be named */
    uint32_t generation;            /* of `index`: an entry of another generation is empty */
    uint32_t high_from;             /* first field whose tag is >= FIX_INDEX_SIZE; count if none */
    uint32_t index[FIX_INDEX_SIZE]; /* tag -> generation and position of its top-level field */
};

enum fix_status {
    FIX_OK,        /* a whole, correctly framed message; look at view->fault before using it */
    FIX_NEED_MORE, /* nothing wrong so far; `size` = how many more bytes at least */
    FIX_GARBLED,   /* not a message; `size` = bytes to skip to where the next one can begin */
    FIX_VERSION,   /* correctly framed, but BeginString(8) is not FIX.4.4; view as for FIX_OK */
    FIX_TOO_LONG,  /* BodyLength(9) over FIX_BODY_MAX; `size` as for FIX_GARBLED */
};

/* Makes a view usable. Call once. */
void fix_view_init(struct fix_view *view);

/*
 * Parses the message at the front of bytes[0..n). *size: FIX_OK and FIX_VERSION: bytes consumed.
 *
 * Framing (garbled when broken, volume 2): 8 first, 9 second and right, 35 third, 10 last and right.
 * Well framed but faulty (FIX_OK with view->fault set, to be answered with Reject(3)): tag that is
 * no positive integer or not of FIX 4.4, empty value, tag given twice outside a repeating group,
 * header field after the body, group without its first field or with a wrong count, data field
 * whose length does not fit, too many fields. All fields up to the fault are in the view (and the
 * ones after it as far as they could be read), so a reject can name its message.
 * Values are not looked at: that is fix_check().
 */
enum fix_status fix_parse(struct fix_view *view, const char *bytes, size_t n, size_t *size);

/*
 * Checks a message that parsed without fault against the dictionary: MsgType(35) known, required
 * fields of header and message present, each tag defined for this message type (tags of users may
 * stand anywhere), each value of its type (int, price, UTCTimestamp, ...) and, where FIX 4.4 closes
 * the list, one of its values. Sets view->fault and view->fault_tag.
 * Returns view->fault == FIX_REJECT_NONE.
 */
bool fix_check(struct fix_view *view);

/* The top-level field with that tag, or NULL. Fields inside repeating groups are not found. */
const struct fix_field *fix_get(const struct fix_view *view, uint32_t tag);

/* Is this the message type? `type` as "D" or "AF". */
bool fix_is(const struct fix_view *view, const char *type);

/* Value converters: 0 or one of these. A NULL field is FIX_ABSENT, so they nest: */
/*     if (fix_int(fix_get(view, FIX_ORDER_QTY), &quantity) != 0) ... */
enum fix_value {
    FIX_VALUE = 0,    /* converted */
    FIX_ABSENT = -1,  /* no such field */
    FIX_SYNTAX = -2,  /* not of that type */
    FIX_TOO_BIG = -3, /* of that type, but does not fit or would lose digits */
};

enum fix_value fix_int(const struct fix_field *field, int64_t *out);
/* SeqNum: 1..2^31-1. Zero is FIX_TOO_BIG unless zero_ok (EndSeqNo(16)). */
enum fix_value fix_seqnum(const struct fix_field *field, bool zero_ok, uint32_t *out);
/*
 * Decimal text to an integer of 10^-decimals units, exactly: "101.5" with 2 is 10150.
 * Digits that do not fit are refused unless they are zeros ("1.500" with 2 is 150). decimals <= 9.
 */
enum fix_value fix_price(const struct fix_field *field, int decimals, int64_t *out);
/* Quantity: a whole number >= 0, ".0" tails allowed. */
enum fix_value fix_qty(const struct fix_field *field, int64_t *out);
enum fix_value fix_char(const struct fix_field *field, char *out);
enum fix_value fix_bool(const struct fix_field *field, bool *out);
/* UTCTimestamp YYYYMMDD-HH:MM:SS[.mmm[mmm]] to microseconds since 1970. A leap second (60) is 59.999999. */
enum fix_value fix_utc_time(const struct fix_field *field, int64_t *out_us);
/* Copies the value, terminated; FIX_TOO_BIG when capacity (with the end) does not hold it, FIX_SYNTAX
 * when it holds a NUL: a text must not look shorter to us than it is. */
enum fix_value fix_text(const struct fix_field *field, char *out, size_t capacity);
/* Does the field exist and equal this string? */
bool fix_equals(const struct fix_field *field, const char *text);

/*
 * Walks a repeating group:
 *     struct fix_group entry;
 *     for (fix_group(view, FIX_NO_MD_ENTRIES, &entry); fix_group_next(&entry);)
 *         fix_price(fix_group_get(&entry, FIX_MD_ENTRY_PX), 2, &price);
 * Known groups are those of the table in net/fix_dict.c. A nested group: fix_group_in().
 */
struct fix_group {
    const struct fix_view *view;
    uint32_t count_tag; /* the NumInGroup tag */
    uint32_t first_tag; /* begins each entry */
    uint32_t from, to;  /* fields of the present entry: [from, to) */
    uint32_t end;       /* first field after the group */
};

/* Begins before the first entry; an absent group has no entries. Returns the number of entries. */
uint32_t fix_group(const struct fix_view *view, uint32_t count_tag, struct fix_group *group);
uint32_t fix_group_in(const struct fix_group *outer, uint32_t count_tag, struct fix_group *group);
bool fix_group_next(struct fix_group *group);
/* Field of the present entry (not of its nested groups), or NULL. */
const struct fix_field *fix_group_get(const struct fix_group *group, uint32_t tag);

/* ---- Writing ---- */

/*
 * One message under construction. Puts after a failure do nothing; fix_end() reports it.
 * The message may begin some bytes into the buffer: use `start`, not the buffer.
 */
struct fix_writer {
    char *at;          /* next byte to write */
    char *body;        /* where the body (35=) begins */
    char *end;         /* one past the last usable byte */
    bool failed;       /* did not fit, or a value that FIX cannot carry was put */
    const char *time;  /* text of the time put last; NULL: none yet */
    int64_t time_us;   /* and that time */
    const char *start; /* after fix_end(): the finished message ... */
    size_t length;     /* ... and its size */
};

/* Room beyond the message's own bytes that the buffer must have: every put may scribble on it. */
enum { FIX_WRITER_SLACK = 40 };

/* Begins a message of that type. The buffer stays the caller's. */
void fix_begin(struct fix_writer *w, char *buffer, size_t capacity, const char *type);

/* Text must be non-empty and hold no SOH: anything else fails the message (no field injection). */
void fix_put_bytes(struct fix_writer *w, uint32_t tag, const char *text, size_t n);
static inline void fix_put_text(struct fix_writer *w, uint32_t tag, const char *text)
{
    fix_put_bytes(w, tag, text, strlen(text));
}
void fix_put_int(struct fix_writer *w, uint32_t tag, int64_t value);
void fix_put_char(struct fix_writer *w, uint32_t tag, char value);
void fix_put_bool(struct fix_writer *w, uint32_t tag, bool value);
/* value in units of 10^-decimals: 10150 with 2 is "101.50". */
void fix_put_price(struct fix_writer *w, uint32_t tag, int64_t value, int decimals);
/* Microseconds since 1970 (years 1970..9999), written with milliseconds. */
void fix_put_time(struct fix_writer *w, uint32_t tag, int64_t time_us);
/* A data field and its length field: may hold any byte. n > 0. */
void fix_put_data(struct fix_writer *w, uint32_t length_tag, uint32_t data_tag, const char *bytes,
                  size_t n);

/* Adds BodyLength and CheckSum. Returns 0, or -1 when the message failed. */
int fix_end(struct fix_writer *w);

#endif
