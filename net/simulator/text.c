/*
 * No strtod, no strtol, no locale: a price is exact or it is refused, and a number is as long as it
 * may be and no longer. The log's lines are made here digit by digit: printf took most of an order.
 */
#include "net/simulator/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Appends a digit unless the number would leave the range. */
static bool push_digit(int64_t *value, char c)
{
    *value = *value * 10 + (c - '0');
    return *value <= SIM_INTEGER_MAX;
}

int sim_decimal(const char *text, int decimals, int64_t *out)
{
    bool negative = *text == '-';
    int64_t value = 0;
    int left = decimals;
    if (*text == '-' || *text == '+')
        text++;
    if (!is_digit(*text))
        return -1;
    for (; is_digit(*text); text++)
        if (!push_digit(&value, *text))
            return -1;
    if (*text == '.' && !is_digit(*++text))
        return -1;
    for (; is_digit(*text); text++) {
        if (left == 0 && *text != '0')
            return -1;
        if (left > 0 && !push_digit(&value, *text))
            return -1;
        left -= left > 0;
    }
    for (; left > 0; left--)
        if (!push_digit(&value, '0'))
            return -1;
    *out = negative ? -value : value;
    return *text == '\0' ? 0 : -1;
}

int sim_integer(const char *text, int64_t *out)
{
    return sim_decimal(text, 0, out);
}

/* Exactly n digits at text. */
static int digits(const char *text, int n, int *out)
{
    *out = 0;
    for (int i = 0; i < n; i++) {
        if (!is_digit(text[i]))
            return -1;
        *out = *out * 10 + (text[i] - '0');
    }
    return 0;
}

static bool date_is_valid(int y, int m, int d)
{
    static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    if (y < 1970 || y > 2999 || m < 1 || m > 12 || d < 1)
        return false;
    return d <= length[m - 1] + (leap && m == 2);
}

/* The first ten characters as a date, either way round. */
static int date_parts(const char *text, int *y, int *m, int *d)
{
    if (strnlen(text, 10) < 10)
        return -1;
    if (text[4] == '-' && text[7] == '-') {
        if (digits(text, 4, y) || digits(text + 5, 2, m) || digits(text + 8, 2, d))
            return -1;
    } else if (text[2] == '-' && text[5] == '-') {
        if (digits(text, 2, d) || digits(text + 3, 2, m) || digits(text + 6, 4, y))
            return -1;
    } else {
        return -1;
    }
    return date_is_valid(*y, *m, *d) ? 0 : -1;
}

int sim_date(const char *text, int32_t *yyyymmdd)
{
    int y, m, d;
    if (date_parts(text, &y, &m, &d) != 0 || text[10] != '\0')
        return -1;
    *yyyymmdd = y * 10000 + m * 100 + d;
    return 0;
}

/* Days since 1970-01-01 in the Gregorian calendar, counting years from March. */
static int64_t days_from_date(int y, int m, int d)
{
    int64_t year = m <= 2 ? y - 1 : y;
    int64_t day = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day - 719468;
}

/* "HH:MM:SS" into microseconds of the day. */
static int clock_us(const char *text, int64_t *out_us)
{
    int h, m, s;
    if (strnlen(text, 8) < 8 || text[2] != ':' || text[5] != ':')
        return -1;
    if (digits(text, 2, &h) || digits(text + 3, 2, &m) || digits(text + 6, 2, &s))
        return -1;
    if (h > 23 || m > 59 || s > 59)
        return -1;
    *out_us = ((h * 60 + m) * 60 + s) * INT64_C(1000000);
    return 0;
}

/* ".986193" or nothing; moves *text behind it. */
static int fraction_us(const char **text, int64_t *out_us)
{
    int64_t scale = 100000;
    *out_us = 0;
    if (**text != '.')
        return 0;
    for ((*text)++; is_digit(**text); (*text)++, scale /= 10)
        *out_us += (**text - '0') * scale;
    return 0;
}

static int offset_us(const char *text, int64_t *out_us)
{
    int h, m;
    *out_us = 0;
    if (strcmp(text, "Z") == 0)
        return 0;
    if ((*text != '+' && *text != '-') || strlen(text) != 6 || text[3] != ':')
        return -1;
    if (digits(text + 1, 2, &h) || digits(text + 4, 2, &m) || h > 14 || m > 59)
        return -1;
    *out_us = (h * 60 + m) * INT64_C(60000000) * (*text == '-' ? -1 : 1);
    return 0;
}

static int date_and_clock(const char *text, char between, int64_t *time_us, const char **rest)
{
    int y, m, d;
    int64_t of_day, fraction;
    if (date_parts(text, &y, &m, &d) != 0 || text[10] != between)
        return -1;
    if (clock_us(text + 11, &of_day) != 0)
        return -1;
    *rest = text + 19;
    if (fraction_us(rest, &fraction) != 0)
        return -1;
    *time_us = days_from_date(y, m, d) * INT64_C(86400000000) + of_day + fraction;
    return 0;
}

int sim_time(const char *text, int64_t *time_us)
{
    const char *rest;
    int64_t offset;
    if (date_and_clock(text, 'T', time_us, &rest) != 0 || offset_us(rest, &offset) != 0)
        return -1;
    *time_us -= offset;
    return 0;
}

int sim_tick_time(const char *text, int64_t *time_us)
{
    const char *rest;
    return date_and_clock(text, ' ', time_us, &rest) == 0 && *rest == '\0' ? 0 : -1;
}

int sim_copy(char *out, size_t capacity, const char *text)
{
    size_t n = strlen(text);
    if (n >= capacity)
        return -1;
    for (size_t i = 0; i < n; i++)
        if (text[i] < ' ' || text[i] > '~')
            return -1;
    memset(out, 0, capacity);
    memcpy(out, text, n);
    return 0;
}

void sim_line_begin(struct sim_line *line, char *text, size_t capacity)
{
    *line = (struct sim_line){.text = text, .capacity = capacity};
    text[0] = '\0';
}

void sim_line_put(struct sim_line *line, const char *format, ...)
{
    size_t room = line->capacity - line->length;
    va_list args;
    if (room <= 1)
        return;
    va_start(args, format);
    int n = vsnprintf(line->text + line->length, room, format, args);
    va_end(args);
    if (n > 0)
        line->length += (size_t)n < room ? (size_t)n : room - 1;
}

static void put_char(struct sim_line *line, char c)
{
    if (line->length + 1 >= line->capacity)
        return;
    line->text[line->length++] = c;
    line->text[line->length] = '\0';
}

static void put_name(struct sim_line *line, const char *name)
{
    put_char(line, ' ');
    for (; *name != '\0'; name++)
        put_char(line, *name);
    put_char(line, '=');
}

void sim_line_text(struct sim_line *line, const char *name, const char *value)
{
    put_name(line, name);
    if (*value == '\0')
        put_char(line, '-');
    for (; *value != '\0'; value++) {
        bool plain = *value > ' ' && *value <= '~' && *value != '=';
        put_char(line, plain ? *value : '_');
    }
}

/* Digits from the right, at least `least` of them. */
static void put_number(struct sim_line *line, uint64_t value, int least)
{
    char digit[24];
    int n = 0;
    for (; value > 0 || n < least; value /= 10)
        digit[n++] = (char)('0' + value % 10);
    while (n > 0)
        put_char(line, digit[--n]);
}

void sim_line_price(struct sim_line *line, const char *name, int64_t price, int decimals)
{
    uint64_t size = price < 0 ? 0 - (uint64_t)price : (uint64_t)price, unit = 1;
    for (int i = 0; i < decimals; i++)
        unit *= 10;
    put_name(line, name);
    if (price < 0)
        put_char(line, '-');
    put_number(line, size / unit, 1);
    put_char(line, '.');
    put_number(line, size % unit, decimals);
}

void sim_line_int(struct sim_line *line, const char *name, int64_t value)
{
    put_name(line, name);
    if (value < 0)
        put_char(line, '-');
    put_number(line, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}
