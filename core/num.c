/*
 * num.c: integers only. Where a product needs more than 64 bits it is made in 128; a division of
 * such a product is done here bit by bit, because the compiler's own would be a library call and
 * this library asks for none. It is rare: the common case divides in 64 bits.
 */
#include "core/num.h"

#include "core/text.h"

/* GNU C has no standard name for it. */
__extension__ typedef unsigned __int128 wide;

static const int64_t powers_of_ten[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
};
enum { DECIMALS_MAX = sizeof powers_of_ten / sizeof *powers_of_ten - 1 };

bool sq_add(int64_t a, int64_t b, int64_t *out)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return false;
    *out = sum;
    return true;
}

bool sq_mul(int64_t a, int64_t b, int64_t *out)
{
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product))
        return false;
    *out = product;
    return true;
}

int64_t sq_floor_to(int64_t value, int64_t step)
{
    return value - value % step;
}

int64_t sq_ceil_to(int64_t value, int64_t step)
{
    int64_t over = value % step;
    return over == 0 ? value : value - over + step;
}

int64_t sq_abs(int64_t value)
{
    return value < 0 ? -value : value;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static int64_t saturated(wide value, bool negative)
{
    int64_t limited = value > SQ_INTEGER_MAX ? SQ_INTEGER_MAX : (int64_t)value;
    return negative ? -limited : limited;
}

/* Rounded half up; divisor > 0. */
static wide divide(wide value, uint64_t divisor)
{
    wide quotient = 0, rest = 0;
    if (value >> 64 == 0)
        return (uint64_t)value / divisor + ((uint64_t)value % divisor >= divisor - divisor / 2);
    for (int bit = 127; bit >= 0; bit--) {
        rest = rest << 1 | (value >> bit & 1);
        quotient <<= 1;
        if (rest >= divisor) {
            rest -= divisor;
            quotient |= 1;
        }
    }
    return quotient + (rest >= divisor - divisor / 2);
}

int64_t sq_mul_div(int64_t a, int64_t b, int64_t c)
{
    return saturated(divide((wide)magnitude(a) * magnitude(b), (uint64_t)c), (a < 0) != (b < 0));
}

sq_money sq_value_paise(sq_price price, sq_quantity qty, int64_t multiplier, unsigned decimals)
{
    bool negative = ((price < 0) != (qty < 0)) != (multiplier < 0);
    wide product = (wide)magnitude(price) * magnitude(qty);
    if (decimals > DECIMALS_MAX)
        decimals = DECIMALS_MAX;
    /* Below these bounds three factors fit into 128 bits. Beyond the first the answer is saturated
     * anyway; the second is far above any multiplier that an import accepts. */
    if (product >> 80 != 0 || magnitude(multiplier) >> 48 != 0)
        return saturated(multiplier == 0 || product == 0 ? 0 : (wide)UINT64_MAX, negative);
    product *= magnitude(multiplier);
    if (decimals > 2)
        product = divide(product, (uint64_t)powers_of_ten[decimals - 2]);
    else if (product <= SQ_INTEGER_MAX)
        product *= (uint64_t)powers_of_ten[2 - decimals];
    return saturated(product, negative);
}

/* ---- text ---------------------------------------------------------------------------------- */

/* Reads digits into *value while it stays within range; false when it would not. */
static bool push_digit(int64_t *value, char digit)
{
    *value = *value * 10 + (digit - '0');
    return *value <= SQ_INTEGER_MAX;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool sq_parse_decimal(const char *text, size_t length, unsigned decimals, int64_t *out)
{
    size_t at = 0, digits = 0;
    unsigned after = 0;
    int64_t value = 0;
    bool negative = length > 0 && text[0] == '-', point = false;
    if (length > 0 && (text[0] == '-' || text[0] == '+'))
        at++;
    for (; at < length; at++) {
        if (text[at] == '.' && !point && decimals > 0) {
            point = true;
            continue;
        }
        if (!is_digit(text[at]))
            return false;
        digits++;
        if (point && after == decimals) {
            if (text[at] != '0')
                return false;
            continue;
        }
        after += point;
        if (!push_digit(&value, text[at]))
            return false;
    }
    for (; after < decimals && digits > 0; after++)
        if (!push_digit(&value, '0'))
            return false;
    if (digits > 0)
        *out = negative ? -value : value;
    return digits > 0;
}

bool sq_parse_integer(const char *text, size_t length, int64_t *out)
{
    return sq_parse_decimal(text, length, 0, out);
}

/* A separator stands before this digit: after the last three digits, then after each two. */
static bool group_begins(size_t digits_left)
{
    return digits_left >= 3 && digits_left % 2 == 1;
}

size_t sq_print_decimal(int64_t value, unsigned decimals, bool grouped, char *text)
{
    char digits[DECIMALS_MAX + 4];
    struct sq_text whole, out;
    if (decimals > DECIMALS_MAX)
        decimals = DECIMALS_MAX;
    sq_text_begin(&whole, digits, sizeof digits);
    sq_text_digits(&whole, magnitude(value), decimals + 1);
    sq_text_begin(&out, text, SQ_NUMBER_SIZE);
    if (value < 0)
        sq_text_char(&out, '-');
    size_t before_point = whole.length - decimals;
    for (size_t i = 0; i < before_point; i++) {
        if (grouped && i > 0 && group_begins(before_point - i))
            sq_text_char(&out, ',');
        sq_text_char(&out, digits[i]);
    }
    if (decimals > 0) {
        sq_text_char(&out, '.');
        sq_text_bytes(&out, digits + before_point, decimals);
    }
    return out.length;
}
