/*
 * date.c: dates and clock times of num.h.
 *
 * Years are counted from March here, so that the leap day is the last day of its year: then the
 * days before a month follow from one formula, and no table of months is needed.
 */
#include "core/num.h"
#include "core/text.h"

#define DAY_US    (INT64_C(86400) * SQ_SECOND)
#define MINUTE_US (INT64_C(60) * SQ_SECOND)

/* Days from the first of March of year 0 to 1970-01-01. */
enum { DAYS_TO_EPOCH = 719468 };

static int64_t days_before_year(int64_t year)
{
    return year * 365 + year / 4 - year / 100 + year / 400;
}

static int64_t days_before_month(int64_t month_from_march)
{
    return (month_from_march * 306 + 5) / 10;
}

int64_t sq_days_of_date(uint32_t yyyymmdd)
{
    int64_t year = yyyymmdd / 10000, month = yyyymmdd / 100 % 100, day = yyyymmdd % 100;
    if (month < 3)
        year--;
    return days_before_year(year) + days_before_month((month + 9) % 12) + day - 1 - DAYS_TO_EPOCH;
}

uint32_t sq_date_of_days(int64_t days)
{
    int64_t from_march = days + DAYS_TO_EPOCH;
    int64_t year = from_march * 400 / 146097 + 1; /* 146,097 days in 400 years; one too late */
    while (days_before_year(year) > from_march)
        year--;
    int64_t rest = from_march - days_before_year(year);
    int64_t month = (rest * 10 + 5) / 306; /* exact for each of the 366 days */
    int64_t day = rest - days_before_month(month) + 1;
    return (uint32_t)((year + (month >= 10)) * 10000 + ((month + 2) % 12 + 1) * 100 + day);
}

bool sq_date_is_valid(uint32_t yyyymmdd)
{
    return yyyymmdd >= 19700101 && yyyymmdd <= 99991231 &&
           sq_date_of_days(sq_days_of_date(yyyymmdd)) == yyyymmdd;
}

/* Days and the rest of a day of a moment in IST, also before 1970. */
static int64_t split(sq_time time, int64_t *rest)
{
    int64_t local = time + SQ_IST_OFFSET, days = local / DAY_US;
    if (local % DAY_US < 0)
        days--;
    *rest = local - days * DAY_US;
    return days;
}

uint32_t sq_day_of_time(sq_time time)
{
    int64_t rest;
    return sq_date_of_days(split(time, &rest));
}

int64_t sq_time_of_day(sq_time time)
{
    int64_t rest;
    split(time, &rest);
    return rest;
}

sq_time sq_midnight(uint32_t yyyymmdd)
{
    return sq_days_of_date(yyyymmdd) * DAY_US - SQ_IST_OFFSET;
}

static void put_clock(struct sq_text *out, int64_t of_day, bool with_us)
{
    uint64_t seconds = (uint64_t)(of_day / SQ_SECOND);
    sq_text_digits(out, seconds / 3600, 2);
    sq_text_char(out, ':');
    sq_text_digits(out, seconds / 60 % 60, 2);
    sq_text_char(out, ':');
    sq_text_digits(out, seconds % 60, 2);
    if (with_us) {
        sq_text_char(out, '.');
        sq_text_digits(out, (uint64_t)(of_day % SQ_SECOND), 6);
    }
}

size_t sq_print_clock(sq_time time, bool with_us, char *text)
{
    struct sq_text out;
    sq_text_begin(&out, text, 16);
    put_clock(&out, sq_time_of_day(time), with_us);
    return out.length;
}

size_t sq_print_iso(sq_time time, char *text)
{
    struct sq_text out;
    uint32_t date = sq_day_of_time(time);
    sq_text_begin(&out, text, 40);
    sq_text_digits(&out, date / 10000, 4);
    sq_text_char(&out, '-');
    sq_text_digits(&out, date / 100 % 100, 2);
    sq_text_char(&out, '-');
    sq_text_digits(&out, date % 100, 2);
    sq_text_char(&out, 'T');
    put_clock(&out, sq_time_of_day(time), true);
    sq_text_put(&out, "+05:30");
    return out.length;
}

/* A text that is read from left to right; `good` stays false after the first mismatch. */
struct scan {
    const char *at;
    const char *end;
    bool good;
};

static int64_t scan_number(struct scan *s, unsigned digits, int64_t largest)
{
    int64_t value = 0;
    for (; digits > 0; digits--, s->at++) {
        if (!s->good || s->at == s->end || *s->at < '0' || *s->at > '9') {
            s->good = false;
            return 0;
        }
        value = value * 10 + (*s->at - '0');
    }
    s->good = s->good && value <= largest;
    return value;
}

static bool scan_is(struct scan *s, char c)
{
    bool is = s->good && s->at < s->end && *s->at == c;
    s->at += is;
    return is;
}

static void scan_char(struct scan *s, char c)
{
    s->good = scan_is(s, c);
}

/* ".5" is half a second; up to six digits. */
static int64_t scan_fraction(struct scan *s)
{
    int64_t us = 0, unit = SQ_SECOND;
    if (!scan_is(s, '.'))
        return 0;
    do {
        unit /= 10;
        us += scan_number(s, 1, 9) * unit;
    } while (s->good && unit > 1 && s->at < s->end && *s->at >= '0' && *s->at <= '9');
    return us;
}

static int64_t scan_offset(struct scan *s)
{
    if (scan_is(s, 'Z'))
        return 0;
    int sign = scan_is(s, '-') ? -1 : 1;
    if (sign > 0)
        scan_char(s, '+');
    int64_t hours = scan_number(s, 2, 23);
    scan_char(s, ':');
    return sign * (hours * 60 + scan_number(s, 2, 59)) * MINUTE_US;
}

static uint32_t scan_date(struct scan *s)
{
    int64_t date = scan_number(s, 4, 9999) * 10000;
    scan_char(s, '-');
    date += scan_number(s, 2, 12) * 100;
    scan_char(s, '-');
    date += scan_number(s, 2, 31);
    s->good = s->good && sq_date_is_valid((uint32_t)date);
    return (uint32_t)date;
}

bool sq_parse_iso(const char *text, size_t length, sq_time *out)
{
    struct scan s = {text, text + length, true};
    int64_t days = sq_days_of_date(scan_date(&s));
    scan_char(&s, 'T');
    int64_t seconds = scan_number(&s, 2, 23) * 3600;
    scan_char(&s, ':');
    seconds += scan_number(&s, 2, 59) * 60;
    scan_char(&s, ':');
    seconds += scan_number(&s, 2, 59);
    int64_t us = seconds * SQ_SECOND + scan_fraction(&s);
    int64_t offset = scan_offset(&s);
    if (!s.good || s.at != s.end)
        return false;
    *out = days * DAY_US + us - offset;
    return true;
}
