/*
 * num.h: checked integer arithmetic of prices, quantities and money, their parsing and printing.
 * No floating point. Every function that can overflow says so instead of wrapping.
 */
#ifndef SQ_CORE_NUM_H
#define SQ_CORE_NUM_H

#include "core/types.h"

/* Sum and product; false when the exact result does not fit (then *out is untouched). */
bool sq_add(int64_t a, int64_t b, int64_t *out);
bool sq_mul(int64_t a, int64_t b, int64_t *out);

/* Largest multiple of step not above value, smallest not below it. value >= 0, step > 0. */
int64_t sq_floor_to(int64_t value, int64_t step);
int64_t sq_ceil_to(int64_t value, int64_t step);

int64_t sq_abs(int64_t value); /* value > INT64_MIN */

/*
 * Value in paise of qty units at price: price x qty x multiplier / 10^(price_decimals - 2), exact
 * for every instrument the import accepts. Saturates at +/-SQ_INTEGER_MAX.
 */
sq_money sq_value_paise(sq_price price, sq_quantity qty, int64_t multiplier, unsigned decimals);

/* a x b / c rounded half away from zero, through 128 bits. c > 0. Saturates as above. */
int64_t sq_mul_div(int64_t a, int64_t b, int64_t c);

/*
 * Decimal text of `length` bytes -> integer with `decimals` digits after the point.
 * Accepts an optional sign, digits, an optional point. Refuses empty text, blanks, exponents,
 * thousands separators, more significant decimals than fit (trailing zeros are fine) and
 * anything beyond +/-SQ_INTEGER_MAX. Returns false without touching *out.
 */
bool sq_parse_decimal(const char *text, size_t length, unsigned decimals, int64_t *out);

/* Plain integer text, with optional sign, within +/-SQ_INTEGER_MAX. */
bool sq_parse_integer(const char *text, size_t length, int64_t *out);

enum { SQ_NUMBER_SIZE = 40 };

/*
 * Prints value with `decimals` digits after the point; grouped: with thousands separators of the
 * Indian system (12,34,567.05). Returns text's length; text has room for SQ_NUMBER_SIZE bytes.
 */
size_t sq_print_decimal(int64_t value, unsigned decimals, bool grouped, char *text);

/* Days since 1970-01-01 of a date of the Gregorian calendar, and back (yyyymmdd). */
int64_t sq_days_of_date(uint32_t yyyymmdd);
uint32_t sq_date_of_days(int64_t days);
bool sq_date_is_valid(uint32_t yyyymmdd);

/* India has one zone, +05:30, without summer time. Offset in microseconds. */
#define SQ_IST_OFFSET (INT64_C(19800) * SQ_SECOND)

/* yyyymmdd of a moment in IST, and the microseconds since that day's midnight in IST. */
uint32_t sq_day_of_time(sq_time time);
int64_t sq_time_of_day(sq_time time);
/* The moment of a day's midnight in IST. */
sq_time sq_midnight(uint32_t yyyymmdd);

/* "10:42:15" (IST) into text of at least 16 bytes; with_us adds ".123456". */
size_t sq_print_clock(sq_time time, bool with_us, char *text);
/* ISO 8601 with offset, "2026-11-26T10:41:58.000001+05:30", into at least 40 bytes, and back. */
size_t sq_print_iso(sq_time time, char *text);
bool sq_parse_iso(const char *text, size_t length, sq_time *out);

/* Copies text of `length` bytes into a NUL-padded member; false when it does not fit. */
bool sq_text_set(char *member, size_t size, const char *text, size_t length);
/* The same for a NUL-terminated text, cut to fit. */
void sq_text_cut(char *member, size_t size, const char *text);
bool sq_text_equal(const char *a, const char *b);

#endif
