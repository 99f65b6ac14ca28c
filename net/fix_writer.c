/*
 * Writing FIX: fields go straight to their place. The body begins HEAD bytes into the buffer, so that
 * fix_end() can put "8=FIX.4.4|9=n|" before it, right-aligned, when the length is known: nothing
 * is moved. Every put first makes sure of its room, then writes in whole words.
 */
#include "net/fix.h"

#include "net/fix_scan.h"

#include <string.h>

enum {
    HEAD = 18,      /* "8=FIX.4.4|9=ddddd|" */
    TRAILER = 7,    /* "10=ddd|" */
    NUMBER_MAX = 20 /* digits and sign of an int64_t */
};

static const char version[] = "8=FIX.4.4\0019=";

/* "t=", "tt=", "ttt=" of the tags below 1000: text in the low bytes, its length in the top one. */
#define TEXT1(u) ((uint64_t)('0' + (u)) | (uint64_t)'=' << 8 | 2ull << 56)
#define TEXT2(t, u) \
    ((uint64_t)('0' + (t)) | (uint64_t)('0' + (u)) << 8 | (uint64_t)'=' << 16 | 3ull << 56)
#define TEXT3(h, t, u)                                                                  \
    ((uint64_t)('0' + (h)) | (uint64_t)('0' + (t)) << 8 | (uint64_t)('0' + (u)) << 16 | \
     (uint64_t)'=' << 24 | 4ull << 56)
#define TEN(X, ...)                                                                                \
    X(__VA_ARGS__, 0), X(__VA_ARGS__, 1), X(__VA_ARGS__, 2), X(__VA_ARGS__, 3), X(__VA_ARGS__, 4), \
        X(__VA_ARGS__, 5), X(__VA_ARGS__, 6), X(__VA_ARGS__, 7), X(__VA_ARGS__, 8),                \
        X(__VA_ARGS__, 9)
#define HUNDRED(h)                                                                            \
    TEN(TEXT3, h, 0), TEN(TEXT3, h, 1), TEN(TEXT3, h, 2), TEN(TEXT3, h, 3), TEN(TEXT3, h, 4), \
        TEN(TEXT3, h, 5), TEN(TEXT3, h, 6), TEN(TEXT3, h, 7), TEN(TEXT3, h, 8), TEN(TEXT3, h, 9)

enum { TAG_TEXTS = 1000 };
static const uint64_t tag_text[TAG_TEXTS] = {
    TEXT1(0),      TEXT1(1),      TEXT1(2),      TEXT1(3),      TEXT1(4),      TEXT1(5),
    TEXT1(6),      TEXT1(7),      TEXT1(8),      TEXT1(9),      TEN(TEXT2, 1), TEN(TEXT2, 2),
    TEN(TEXT2, 3), TEN(TEXT2, 4), TEN(TEXT2, 5), TEN(TEXT2, 6), TEN(TEXT2, 7), TEN(TEXT2, 8),
    TEN(TEXT2, 9), HUNDRED(1),    HUNDRED(2),    HUNDRED(3),    HUNDRED(4),    HUNDRED(5),
    HUNDRED(6),    HUNDRED(7),    HUNDRED(8),    HUNDRED(9),
};

/* The pairs "00" to "99". */
#define PAIR(t, u)           \
    {                        \
        '0' + (t), '0' + (u) \
    }
static const char pair_text[100][2] = {
    TEN(PAIR, 0), TEN(PAIR, 1), TEN(PAIR, 2), TEN(PAIR, 3), TEN(PAIR, 4),
    TEN(PAIR, 5), TEN(PAIR, 6), TEN(PAIR, 7), TEN(PAIR, 8), TEN(PAIR, 9),
};

/* Two decimal digits of a number below 100. */
static inline void put_pair(char *at, uint32_t value)
{
    memcpy(at, pair_text[value], 2);
}

enum { GROUP = 10000 }; /* numbers are written four digits at a time */

static inline void put_group(char *at, uint32_t value)
{
    put_pair(at, value / 100);
    put_pair(at + 2, value % 100);
}

/* A number below GROUP without leading zeros; four bytes are written whatever it has. */
static inline char *put_first_group(char *at, uint32_t value)
{
    char digits[8] = {0};
    int n = 1 + (value >= 10) + (value >= 100) + (value >= 1000);
    put_group(digits, value);
    memcpy(at, digits + 4 - n, 4);
    return at + n;
}

static char *put_large(char *at, uint64_t value)
{
    if (value < GROUP)
        return put_first_group(at, (uint32_t)value);
    at = put_large(at, value / GROUP);
    put_group(at, (uint32_t)(value % GROUP));
    return at + 4;
}

static inline char *put_unsigned(char *at, uint64_t value)
{
    return value < GROUP ? put_first_group(at, (uint32_t)value) : put_large(at, value);
}

/* No further field finds room: so one question is enough for each. */
static void fail(struct fix_writer *w)
{
    w->failed = true;
    w->end = w->at;
}

/* Writes "tag=" if the field, n bytes of value and the slack still fit; NULL when not. */
static inline char *open_field(struct fix_writer *w, uint32_t tag, size_t n)
{
    if ((size_t)(w->end - w->at) < n + FIX_WRITER_SLACK) {
        fail(w);
        return NULL;
    }
    if (tag < TAG_TEXTS) {
        memcpy(w->at, &tag_text[tag], sizeof tag_text[0]);
        return w->at + (tag_text[tag] >> 56);
    }
    char *at = put_unsigned(w->at, tag);
    *at = '=';
    return at + 1;
}

static inline void close_field(struct fix_writer *w, char *at)
{
    *at = FIX_SOH;
    w->at = at + 1;
}

/* Copies n bytes in few words that may overlap: most texts of FIX are shorter than sixteen. */
static inline void copy_text(char *to, const char *from, size_t n)
{
    if (n > 16) {
        memcpy(to, from, n);
    } else if (n >= 8) {
        memcpy(to, from, 8);
        memcpy(to + n - 8, from + n - 8, 8);
    } else if (n >= 4) {
        memcpy(to, from, 4);
        memcpy(to + n - 4, from + n - 4, 4);
    } else {
        for (size_t i = 0; i < n; i++)
            to[i] = from[i];
    }
}

/*
 * True when no SOH is among the n bytes at `at`. Whole blocks are read, for they lie in our buffer;
 * what the last one holds beyond n is masked.
 */
static inline bool is_clean(const char *at, size_t n)
{
    struct fix_sum sum = {0};
    uint32_t found = 0;
    for (; n >= FIX_SCAN; at += FIX_SCAN, n -= FIX_SCAN)
        found |= fix_scan_block(at, FIX_SOH, &sum);
    found |= fix_scan_block(at, FIX_SOH, &sum) & ((1u << n) - 1);
    return found == 0;
}

void fix_begin(struct fix_writer *w, char *buffer, size_t capacity, const char *type)
{
    *w = (struct fix_writer){.failed = capacity < HEAD + FIX_WRITER_SLACK};
    if (w->failed)
        return; /* no room at all: `end` and `at` are the same */
    w->at = w->body = buffer + HEAD;
    w->end = buffer + capacity;
    fix_put_text(w, FIX_MSG_TYPE, type);
}

void fix_put_bytes(struct fix_writer *w, uint32_t tag, const char *text, size_t n)
{
    char *at = open_field(w, tag, n);
    if (at == NULL)
        return;
    copy_text(at, text, n);
    if (n == 0 || !is_clean(at, n)) {
        fail(w);
        return;
    }
    close_field(w, at + n);
}

static inline char *put_signed(char *at, int64_t value)
{
    *at = '-';
    at += value < 0;
    return put_unsigned(at, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void fix_put_int(struct fix_writer *w, uint32_t tag, int64_t value)
{
    char *at = open_field(w, tag, NUMBER_MAX);
    if (at != NULL)
        close_field(w, put_signed(at, value));
}

void fix_put_char(struct fix_writer *w, uint32_t tag, char value)
{
    char *at = open_field(w, tag, 1);
    if (at == NULL)
        return;
    if (value == FIX_SOH) {
        fail(w);
        return;
    }
    *at = value;
    close_field(w, at + 1);
}

void fix_put_bool(struct fix_writer *w, uint32_t tag, bool value)
{
    fix_put_char(w, tag, value ? 'Y' : 'N');
}

void fix_put_price(struct fix_writer *w, uint32_t tag, int64_t value, int decimals)
{
    static const uint64_t unit[] = {1,      10,      100,      1000,      10000,
                                    100000, 1000000, 10000000, 100000000, 1000000000};
    char *at = open_field(w, tag, NUMBER_MAX + 1);
    if (at == NULL)
        return;
    uint64_t size = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    uint64_t rest = size % unit[decimals];
    *at = '-';
    at = put_unsigned(at + (value < 0), size / unit[decimals]);
    if (decimals > 0)
        *at++ = '.';
    for (int i = decimals - 1; i >= 0; i--, rest /= 10)
        at[i] = (char)('0' + rest % 10);
    close_field(w, at + decimals);
}

/* The civil date of a day number: inverse of the era arithmetic in fix_value.c. */
static void put_date(char *at, uint32_t days)
{
    uint32_t from_march = days + 719468, era = from_march / 146097, day = from_march % 146097;
    uint32_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint32_t in_year = day - (365 * year + year / 4 - year / 100);
    uint32_t march = (5 * in_year + 2) / 153, month = march < 10 ? march + 3 : march - 9;
    year += era * 400 + (month <= 2);
    put_pair(at, year / 100);
    put_pair(at + 2, year % 100);
    put_pair(at + 4, month);
    put_pair(at + 6, in_year - (153 * march + 2) / 5 + 1);
}

/* YYYYMMDD-HH:MM:SS.mmm of a time of the years 1970..9999. */
static void put_time(char *at, int64_t time_us)
{
    int64_t second = time_us / 1000000;
    uint32_t in_day = (uint32_t)(second % 86400), ms = (uint32_t)(time_us % 1000000) / 1000;
    put_date(at, (uint32_t)(second / 86400));
    at[8] = '-';
    put_pair(at + 9, in_day / 3600);
    at[11] = ':';
    put_pair(at + 12, in_day / 60 % 60);
    at[14] = ':';
    put_pair(at + 15, in_day % 60);
    at[17] = '.';
    at[18] = (char)('0' + ms / 100);
    put_pair(at + 19, ms % 100);
}

/* Most messages put one time twice, when it is sent and when it was decided: the text is there. */
void fix_put_time(struct fix_writer *w, uint32_t tag, int64_t time_us)
{
    enum { LENGTH = 21 };
    static const int64_t year_10000 = 253402300800 * INT64_C(1000000);
    char *at = open_field(w, tag, LENGTH);
    if (at == NULL)
        return;
    if (time_us < 0 || time_us >= year_10000) {
        fail(w);
        return;
    }
    if (w->time != NULL && time_us == w->time_us)
        memcpy(at, w->time, LENGTH);
    else
        put_time(at, time_us);
    w->time = at;
    w->time_us = time_us;
    close_field(w, at + LENGTH);
}

void fix_put_data(struct fix_writer *w, uint32_t length_tag, uint32_t data_tag, const char *bytes,
                  size_t n)
{
    fix_put_int(w, length_tag, (int64_t)n);
    char *at = open_field(w, data_tag, n);
    if (at == NULL)
        return;
    if (n == 0) {
        fail(w);
        return;
    }
    memcpy(at, bytes, n);
    close_field(w, at + n);
}

int fix_end(struct fix_writer *w)
{
    char digits[NUMBER_MAX];
    if (w->failed || w->at - w->body > FIX_BODY_MAX) {
        fail(w);
        return -1;
    }
    size_t n = (size_t)(put_unsigned(digits, (uint64_t)(w->at - w->body)) - digits);
    char *start = w->body - 1 - n - (sizeof version - 1);
    memcpy(start, version, sizeof version - 1);
    memcpy(start + sizeof version - 1, digits, n);
    w->body[-1] = FIX_SOH;

    memset(w->at, 0, FIX_SCAN); /* the slack has room for it */
    struct fix_sum bytes = {0};
    fix_scan_padded(start, w->at, &bytes);
    uint32_t sum = fix_sum_of(&bytes) & 0xff;
    memcpy(w->at, "10=", 3);
    w->at[3] = (char)('0' + sum / 100);
    put_pair(w->at + 4, sum % 100);
    close_field(w, w->at + 6);
    w->start = start;
    w->length = (size_t)(w->at - start);
    return 0;
}
