/*
 * The part of the FIX 4.4 dictionary (volumes 1 and 6) that the codec checks against: the data
 * type and section of every tag, the repeating groups and who belongs to them, the message types
 * with the tags that they may and must carry. Only tables and look-ups; private to net/fix*.c.
 */
#ifndef NET_FIX_DICT_H
#define NET_FIX_DICT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Data types as far as their syntax differs (volume 1, "Data Types"). First the ones that mean something
 * to the parser itself, then the ones without any syntax, then the ones that are checked.
 */
enum fix_type {
    FIX_TYPE_UNDEFINED, /* no tag of FIX 4.4 */
    FIX_TYPE_LENGTH,    /* byte count of the data field that follows */
    FIX_TYPE_COUNT,     /* NumInGroup */
    FIX_TYPE_STRING,    /* String, Currency, Exchange, Country, MultipleValueString */
    FIX_TYPE_DATA,      /* raw bytes, SOH allowed */
    FIX_TYPE_INT,
    FIX_TYPE_SEQNUM,
    FIX_TYPE_CHAR,
    FIX_TYPE_LISTED, /* one character of a closed list: fix_dict_listed() */
    FIX_TYPE_BOOL,
    FIX_TYPE_DECIMAL,   /* float, Price, PriceOffset, Qty, Amt, Percentage */
    FIX_TYPE_TIMESTAMP, /* UTCTimestamp */
    FIX_TYPE_DATE,      /* LocalMktDate, UTCDateOnly */
    FIX_TYPE_TIME,      /* UTCTimeOnly */
    FIX_TYPE_MONTH,     /* month-year */
};

enum {
    FIX_DICT_SIZE = 957,      /* tags below this are in fix_dict_tag */
    FIX_DICT_TYPE = 0x1f,     /* mask: enum fix_type */
    FIX_DICT_SECTION = 0xc0,  /* mask: the section, header < body < trailer */
    FIX_DICT_BODY = 0x40,     /* header is 0 */
    FIX_DICT_GROUP_DEPTH = 4, /* groups nested in groups */
};

/* Type and section of a tag below FIX_DICT_SIZE. */
extern const uint8_t fix_dict_tag[FIX_DICT_SIZE];

/* The same for tags from there on: user-defined ones (5000 and up) are strings of the body. */
uint8_t fix_dict_high_row(uint32_t tag);

static inline uint8_t fix_dict_row(uint32_t tag)
{
    return tag < FIX_DICT_SIZE ? fix_dict_tag[tag] : fix_dict_high_row(tag);
}

/* A repeating group. Its bit is 1 << its place in the table. */
struct fix_dict_group {
    uint16_t count_tag; /* NumInGroup */
    uint16_t first[2];  /* tags that can begin an entry; 268 differs by message type */
    uint32_t inner;     /* bits of the groups that can lie inside */
};

extern const struct fix_dict_group fix_dict_group[];

/* Place of the group with that count tag, or -1 when the table does not know it. */
int fix_dict_group_of(uint32_t count_tag);

/* Bits of the groups that have the tag as a direct member. */
uint32_t fix_dict_member(uint32_t tag);

/* The data tag that a length tag announces, or 0. */
uint32_t fix_dict_data_of(uint32_t length_tag);

/* Is the character in the closed list of a FIX_TYPE_LISTED tag? */
bool fix_dict_listed(uint32_t tag, char value);

/* ---- net/fix_dict_message.c: message types ---- */

/* A message type that is known field by field. Its bit is 1 << its place in the table. */
struct fix_dict_message {
    char type[4];          /* MsgType(35), filled up with zeros */
    uint16_t required[12]; /* body fields that must be there, ended by 0 */
};

extern const struct fix_dict_message fix_dict_message[];

/* Bits of the message types that define the tag; header and trailer belong to all. */
extern const uint32_t fix_dict_users[FIX_DICT_SIZE];

/* The row of a type (filled up with zeros), or NULL when its fields are not known. */
const struct fix_dict_message *fix_dict_message_of(const char type[4]);

/* Is this a message type of FIX 4.4 (volume 6), or a user-defined one (beginning with U)? */
bool fix_dict_msg_type(const char *type);

#endif
