/*
 * FIX values: text of a field to integers, times and characters. Data types as in FIX 4.4 volume 1.
 */
#include "net/fix.h"

#include "net/fix_view.h"

#include <string.h>

static const int64_t power_of_ten[] = {1,      10,      100,      1000,      10000,
                                       100000, 1000000, 10000000, 100000000, 1000000000};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool all_digits(const char *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_digit(at[i]))
            return false;
    return true;
}

/* Appends a digit to a non-positive number: the negative side of int64_t is the longer one. */
static bool push_digit(int64_t *value, char c)
{
    return !__builtin_mul_overflow(*value, (int64_t)10, value) &&
           !__builtin_sub_overflow(*value, (int64_t)(c - '0'), value);
}

static enum fix_value give_signed(int64_t negated, bool negative, int64_t *out)
{
    if (!negative && negated == INT64_MIN)
        return FIX_TOO_BIG;
    *out = negative ? negated : -negated;
    return FIX_VALUE;
}

/* Up to this many digits cannot overflow. */
enum { SAFE_DIGITS = 18 };

enum fix_value fix_int(const struct fix_field *field, int64_t *out)
{
    if (field == NULL)
        return FIX_ABSENT;
    const char *at = field->value, *end = at + field->length;
    bool negative = at < end && *at == '-', small = end - at <= SAFE_DIGITS, fits = true;
    int64_t value = 0;
    at += negative;
    if (at == end)
        return FIX_SYNTAX;
    for (; at < end; at++) {
        if (!is_digit(*at))
            return FIX_SYNTAX;
        if (small)
            value = value * 10 - (*at - '0');
        else
            fits = fits && push_digit(&value, *at);
    }
    return fits ? give_signed(value, negative, out) : FIX_TOO_BIG;
}

enum fix_value fix_seqnum(const struct fix_field *field, bool zero_ok, uint32_t *out)
{
    int64_t value;
    enum fix_value got = fix_int(field, &value);
    if (got != FIX_VALUE)
        return got;
    if (value > INT32_MAX || value < (zero_ok ? 0 : 1))
        return FIX_TOO_BIG;
    *out = (uint32_t)value;
    return FIX_VALUE;
}

/* float: optional '-', digits with at most one point among them, at least one digit. */
static bool is_decimal(const char *at, uint32_t n)
{
    const char *end = at + n, *point = NULL, *first;
    at += n > 0 && *at == '-';
    for (first = at; at < end; at++) {
        if (is_digit(*at))
            continue;
        if (*at != '.' || point != NULL)
            return false;
        point = at;
    }
    return end - first > (point != NULL);
}

enum fix_value fix_price(const struct fix_field *field, int decimals, int64_t *out)
{
    if (field == NULL)
        return FIX_ABSENT;
    if (!is_decimal(field->value, field->length))
        return FIX_SYNTAX;
    bool negative = field->value[0] == '-', fraction = false;
    int64_t value = 0;
    int left = decimals;
    for (uint32_t i = negative; i < field->length; i++) {
        char c = field->value[i];
        if (c == '.') {
            fraction = true;
        } else if (fraction && left == 0) {
            if (c != '0')
                return FIX_TOO_BIG;
        } else if (!push_digit(&value, c)) {
            return FIX_TOO_BIG;
        } else {
            left -= fraction;
        }
    }
    if (__builtin_mul_overflow(value, power_of_ten[left], &value))
        return FIX_TOO_BIG;
    return give_signed(value, negative, out);
}

enum fix_value fix_qty(const struct fix_field *field, int64_t *out)
{
    int64_t value;
    enum fix_value got = fix_price(field, 0, &value);
    if (got != FIX_VALUE)
        return got;
    if (value < 0)
        return FIX_TOO_BIG;
    *out = value;
    return FIX_VALUE;
}

enum fix_value fix_char(const struct fix_field *field, char *out)
{
    if (field == NULL)
        return FIX_ABSENT;
    if (field->length != 1)
        return FIX_SYNTAX;
    *out = field->value[0];
    return FIX_VALUE;
}

enum fix_value fix_bool(const struct fix_field *field, bool *out)
{
    char c;
    enum fix_value got = fix_char(field, &c);
    if (got != FIX_VALUE)
        return got;
    if (c != 'Y' && c != 'N')
        return FIX_SYNTAX;
    *out = c == 'Y';
    return FIX_VALUE;
}

static int32_t digits_of(const char *at, int n)
{
    int32_t value = 0;
    for (int i = 0; i < n; i++)
        value = value * 10 + (at[i] - '0');
    return value;
}

/* The number of eight digits that lie in a word as in memory; false when one is none. Little end first. */
static bool eight_digits(uint64_t word, uint32_t *value)
{
    const uint64_t high = 0xf0f0f0f0f0f0f0f0, zeros = 0x3030303030303030;
    if ((word & high) != zeros || ((word + 0x0606060606060606) & high) != zeros)
        return false;
    word -= zeros;
    word = word * 10 + (word >> 8);
    word = (word & 0x00ff00ff00ff00ff) * (1 + (100ull << 16)) >> 16;
    *value = (uint32_t)((word & 0x0000ffff0000ffff) * (1 + (10000ull << 32)) >> 32);
    return true;
}

/* Days from 1970-01-01, proleptic Gregorian: whole 400-year eras, years counted from March. */
static int64_t days_from_date(int32_t year, int32_t month, int32_t day)
{
    int32_t y = year - (month <= 2);
    int32_t era = y / 400, in_era = y % 400;
    int32_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return (int64_t)era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static int32_t month_length(int32_t year, int32_t month)
{
    static const char length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return length[month - 1] + (month == 2 && leap);
}

bool fix_read_date(const char *at, int64_t *days)
{
    uint32_t date;
    if (!eight_digits(fix_word_at(at), &date))
        return false;
    int32_t year = (int32_t)(date / 10000), month = (int32_t)(date / 100 % 100);
    int32_t day = (int32_t)(date % 100);
    if (year < 1 || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
        return false;
    *days = days_from_date(year, month, day);
    return true;
}

/* [.mmm[mmm]], n bytes. */
static bool read_fraction(const char *at, uint32_t n, uint32_t *us)
{
    *us = 0;
    if (n == 0)
        return true;
    if ((n != 4 && n != 7) || at[0] != '.' || !all_digits(at + 1, n - 1))
        return false;
    *us = (uint32_t)digits_of(at + 1, (int)n - 1) * (n == 4 ? 1000 : 1);
    return true;
}

/* The colons are made digits, so that the whole is one number HH0MM0SS. */
bool fix_read_time(const char *at, uint32_t n, int64_t *time_us)
{
    const uint64_t colons = 0x00003a00003a0000, mask = 0x0000ff0000ff0000;
    uint32_t time, us;
    if (n < 8)
        return false;
    uint64_t word = fix_word_at(at);
    if ((word & mask) != colons || !eight_digits(word - (colons & 0x00000a00000a0000), &time) ||
        !read_fraction(at + 8, n - 8, &us))
        return false;
    uint32_t hour = time / 1000000, minute = time / 1000 % 1000, second = time % 1000;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    if (second == 60) {
        second = 59;
        us = 999999;
    }
    *time_us = (int64_t)(hour * 3600 + minute * 60 + second) * 1000000 + us;
    return true;
}

enum fix_value fix_utc_time(const struct fix_field *field, int64_t *out_us)
{
    int64_t days, time_us;
    if (field == NULL)
        return FIX_ABSENT;
    if (field->length < 17 || field->value[8] != '-' || !fix_read_date(field->value, &days) ||
        !fix_read_time(field->value + 9, field->length - 9, &time_us))
        return FIX_SYNTAX;
    *out_us = days * 86400 * 1000000 + time_us;
    return FIX_VALUE;
}

enum fix_value fix_text(const struct fix_field *field, char *out, size_t capacity)
{
    if (field == NULL)
        return FIX_ABSENT;
    if (field->length >= capacity)
        return FIX_TOO_BIG;
    if (memchr(field->value, 0, field->length) != NULL)
        return FIX_SYNTAX;
    memcpy(out, field->value, field->length);
    out[field->length] = 0;
    return FIX_VALUE;
}

bool fix_equals(const struct fix_field *field, const char *text)
{
    return field != NULL && strlen(text) == field->length &&
           memcmp(field->value, text, field->length) == 0;
}

const char *fix_reject_name(enum fix_reject reason)
{
    switch (reason) {
    case FIX_REJECT_INVALID_TAG: return "invalid tag number";
    case FIX_REJECT_REQUIRED_MISSING: return "required tag missing";
    case FIX_REJECT_NOT_FOR_TYPE: return "tag not defined for this message type";
    case FIX_REJECT_UNDEFINED_TAG: return "undefined tag";
    case FIX_REJECT_NO_VALUE: return "tag specified without a value";
    case FIX_REJECT_VALUE: return "value is incorrect for this tag";
    case FIX_REJECT_FORMAT: return "incorrect data format for value";
    case FIX_REJECT_COMP_ID: return "CompID problem";
    case FIX_REJECT_SENDING_TIME: return "SendingTime accuracy problem";
    case FIX_REJECT_MSG_TYPE: return "invalid MsgType";
    case FIX_REJECT_REPEATED_TAG: return "tag appears more than once";
    case FIX_REJECT_TAG_ORDER: return "tag specified out of required order";
    case FIX_REJECT_GROUP_ORDER: return "repeating group fields out of order";
    case FIX_REJECT_GROUP_COUNT: return "incorrect NumInGroup count for repeating group";
    case FIX_REJECT_SOH_IN_VALUE: return "non-data value includes field delimiter";
    case FIX_REJECT_OTHER: return "too many fields";
    case FIX_REJECT_NONE: break;
    }
    return "no fault";
}
