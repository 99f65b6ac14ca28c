/*
 * The check of a whole message against the dictionary: required fields, tags of the type, values.
 *
 * A value is first looked at in one word: eight bytes of text at a time, each byte compared with the
 * smallest that may stand there and with the room above it. What that does not accept (long numbers,
 * signs, leap seconds, the end of a month) is read byte by byte, which decides. Eight bytes can be read at
 * any value of a view: behind the last one there are still its SOH and "10=ddd|".
 */
#include "net/fix.h"

#include "net/fix_dict.h"
#include "net/fix_view.h"

#define EACH(byte) ((uint64_t)(byte)*0x0101010101010101)

/* Is each byte of the text that of `least` plus at most 15 minus that of `room`? */
static inline bool within(uint64_t text, uint64_t least, uint64_t room)
{
    uint64_t above = text ^ least; /* the low four bits of each byte of `least` allow it */
    return ((above | (above + room)) & EACH(0xf0)) == 0;
}

static inline uint32_t byte_of(uint64_t word, int place)
{
    return (uint32_t)(word >> 8 * place) & 0xff;
}

/* ---- numbers ---- */

enum { WORD = 8 };

/* A value of 1..8 bytes at the high end of a word, zeros as text before it. */
static inline uint64_t right_aligned(const struct fix_field *field)
{
    uint32_t bits = 8 * field->length;
    return fix_word_at(field->value) << (64 - bits) | EACH('0') >> bits / 2 >> bits / 2;
}

static bool all_digits(uint64_t text)
{
    return within(text, EACH('0'), EACH(15 - 9));
}

static bool is_short(const struct fix_field *field)
{
    return field->length - 1 < WORD;
}

static bool is_int(const struct fix_field *field)
{
    int64_t number;
    return (is_short(field) && all_digits(right_aligned(field))) ||
           fix_int(field, &number) == FIX_VALUE;
}

static bool is_seqnum(const struct fix_field *field)
{
    uint32_t number;
    return (is_short(field) && all_digits(right_aligned(field))) ||
           fix_seqnum(field, true, &number) == FIX_VALUE;
}

/* Digits and one point: the first byte that is no digit would be one if it were not a point. */
static bool has_one_point(uint64_t text)
{
    uint64_t above = text ^ EACH('0'), odd = (above | (above + EACH(15 - 9))) & EACH(0xf0);
    if (odd == 0)
        return true;
    int place = __builtin_ctzll(odd) / 8;
    uint64_t point = (uint64_t)('.' ^ '0') << 8 * place;
    return byte_of(text, place) == '.' && all_digits(text ^ point);
}

static bool is_decimal(const struct fix_field *field)
{
    int64_t number;
    bool lone = field->length == 1; /* a point alone is no number */
    if (is_short(field)) {
        uint64_t text = right_aligned(field);
        if (lone ? all_digits(text) : has_one_point(text))
            return true;
    }
    return fix_price(field, 0, &number) != FIX_SYNTAX;
}

/* ---- dates and times ---- */

/* YYYYMMDD up to the 28th, which every month has. */
static bool is_plain_date(uint64_t text)
{
    if (!within(text, EACH('0'), 0x060c060e06060606)) /* digits up to 9999 19 39 */
        return false;
    uint64_t digits = text ^ EACH('0');
    uint32_t month = byte_of(digits, 4) * 10 + byte_of(digits, 5);
    uint32_t day = byte_of(digits, 6) * 10 + byte_of(digits, 7);
    return (uint32_t)digits != 0 && month - 1 < 12 && day - 1 < 28;
}

/* HH:MM:SS, no leap second. */
static bool is_plain_time(uint64_t text)
{
    const uint64_t least = 0x30303a30303a3030;
    uint64_t digits = text ^ least;
    return within(text, least, 0x060a0f060a0f060d) && /* digits up to 29:59:59 */
           byte_of(digits, 0) * 10 + byte_of(digits, 1) < 24;
}

/* .mmm, n bytes, or nothing. */
static bool is_plain_fraction(const char *at, uint32_t n)
{
    return n == 0 || (n == 4 && within(fix_word_at(at - 4) >> 32, 0x3030302e, 0x0606060f));
}

/* *day: the date that was found right last, as text: most times of a message are of one day. */
static bool is_timestamp(const struct fix_field *field, uint64_t *day)
{
    int64_t time_us;
    if (field->length >= 17 && field->value[8] == '-') {
        uint64_t date = fix_word_at(field->value);
        if ((date == *day || is_plain_date(date)) && is_plain_time(fix_word_at(field->value + 9)) &&
            is_plain_fraction(field->value + 17, field->length - 17)) {
            *day = date;
            return true;
        }
    }
    return fix_utc_time(field, &time_us) == FIX_VALUE;
}

static bool is_date(const struct fix_field *field)
{
    int64_t days;
    return field->length == 8 && fix_read_date(field->value, &days);
}

static bool is_time(const struct fix_field *field)
{
    int64_t time_us;
    return fix_read_time(field->value, field->length, &time_us);
}

/* YYYYMM, YYYYMMDD or YYYYMMwN */
static bool is_month(const struct fix_field *field)
{
    int64_t days;
    char first_of[8];
    if (field->length != 6 && field->length != 8)
        return false;
    if (field->length == 8 && field->value[6] != 'w')
        return fix_read_date(field->value, &days);
    memcpy(first_of, field->value, 6);
    memcpy(first_of + 6, "01", 2);
    return fix_read_date(first_of, &days) &&
           (field->length == 6 || (field->value[7] >= '1' && field->value[7] <= '5'));
}

/* ---- the message ---- */

static bool is_bool(const struct fix_field *field)
{
    bool flag;
    return fix_bool(field, &flag) == FIX_VALUE;
}

/* The reason to refuse the value, or FIX_REJECT_NONE. */
static enum fix_reject value_fault(const struct fix_field *field, enum fix_type type, uint64_t *day)
{
    bool right = true;

    switch (type) {
    case FIX_TYPE_INT:
    case FIX_TYPE_LENGTH:
    case FIX_TYPE_COUNT: right = is_int(field); break;
    case FIX_TYPE_SEQNUM: right = is_seqnum(field); break;
    case FIX_TYPE_CHAR: right = field->length == 1; break;
    case FIX_TYPE_BOOL: right = is_bool(field); break;
    case FIX_TYPE_DECIMAL: right = is_decimal(field); break;
    case FIX_TYPE_TIMESTAMP: right = is_timestamp(field, day); break;
    case FIX_TYPE_DATE: right = is_date(field); break;
    case FIX_TYPE_TIME: right = is_time(field); break;
    case FIX_TYPE_MONTH: right = is_month(field); break;
    case FIX_TYPE_LISTED:
        if (field->length == 1 && !fix_dict_listed(field->tag, field->value[0]))
            return FIX_REJECT_VALUE;
        right = field->length == 1;
        break;
    default: break;
    }
    return right ? FIX_REJECT_NONE : FIX_REJECT_FORMAT;
}

static bool refuse(struct fix_view *view, enum fix_reject reason, uint32_t tag)
{
    view->fault = reason;
    view->fault_tag = tag;
    return false;
}

/* The first tag of a list, ended by 0, that the message lacks; 0: none. */
static inline uint32_t missing(const struct fix_view *view, const uint16_t *tag)
{
    while (*tag != 0 && fix_get_low(view, *tag) != NULL)
        tag++;
    return *tag;
}

/* Required fields of the header, then those of the message. */
static uint32_t required_missing(const struct fix_view *view,
                                 const struct fix_dict_message *message)
{
    static const uint16_t header[] = {FIX_SENDER_COMP_ID, FIX_TARGET_COMP_ID, FIX_MSG_SEQ_NUM,
                                      FIX_SENDING_TIME, 0};
    uint32_t tag = missing(view, header);
    return tag == 0 && message != NULL ? missing(view, message->required) : tag;
}

/*
 * Each field for itself: does it belong to the message, and is its value one of its type? `user`: the bit
 * of the message's type; 0: it may carry any.
 */
static bool check_fields(struct fix_view *view, uint32_t user)
{
    const struct fix_field *end = view->field + view->count;
    uint64_t day = 0;
    for (const struct fix_field *field = view->field + 3; field < end; field++) {
        if (field->tag < FIX_DICT_SIZE && (~fix_dict_users[field->tag] & user) != 0)
            return refuse(view, FIX_REJECT_NOT_FOR_TYPE, field->tag);
        uint8_t type = fix_dict_row(field->tag) & FIX_DICT_TYPE;
        if (type == FIX_TYPE_STRING)
            continue;
        enum fix_reject fault = value_fault(field, (enum fix_type)type, &day);
        if (fault != FIX_REJECT_NONE)
            return refuse(view, fault, field->tag);
    }
    return true;
}

bool fix_check(struct fix_view *view)
{
    if (view->fault != FIX_REJECT_NONE)
        return false;
    const struct fix_dict_message *message = fix_dict_message_of(view->type);
    if (message == NULL && !fix_dict_msg_type(view->type))
        return refuse(view, FIX_REJECT_MSG_TYPE, FIX_MSG_TYPE);
    uint32_t tag = required_missing(view, message);
    if (tag != 0)
        return refuse(view, FIX_REJECT_REQUIRED_MISSING, tag);
    return check_fields(view, message != NULL ? 1u << (message - fix_dict_message) : 0);
}
