/*
 * Text to integers and back, for the simulated exchange: exact decimals, dates, times, and lines
 * of bounded length. All input is hostile; nothing here allocates or reads a clock.
 */
#ifndef NET_SIMULATOR_TEXT_H
#define NET_SIMULATOR_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every integer from outside stays within +/- this (what JSON can carry exactly). */
#define SIM_INTEGER_MAX INT64_C(9007199254740991)

/*
 * "24700.05" with decimals 2 is 2470005. An optional sign, digits, an optional fraction; a fraction
 * longer than `decimals` is refused unless the rest is zeros. Returns 0, or -1: not such a number.
 */
int sim_decimal(const char *text, int decimals, int64_t *out);

/* A whole number, optional sign. 0 or -1. */
int sim_integer(const char *text, int64_t *out);

/* "2026-12-01" or "01-12-2026" (both occur in vendors' files) to 20261201. 0 or -1. */
int sim_date(const char *text, int32_t *yyyymmdd);

/* "2026-11-26T10:41:58+05:30" (or Z) to microseconds since 1970. 0 or -1. */
int sim_time(const char *text, int64_t *time_us);

/* "2025-10-08 10:08:40.986193", of a tick file, taken as UTC: only differences matter. 0 or -1. */
int sim_tick_time(const char *text, int64_t *time_us);

/* Copies a text that must fit with its NUL and hold printable ASCII only. 0 or -1. */
int sim_copy(char *out, size_t capacity, const char *text);

/* A line under construction; what does not fit is cut, and never written past the end. */
struct sim_line {
    char *text;      /* the caller's, always terminated */
    size_t capacity; /* with the NUL */
    size_t length;
};

void sim_line_begin(struct sim_line *line, char *text, size_t capacity);
__attribute__((format(printf, 2, 3))) void sim_line_put(struct sim_line *line, const char *format,
                                                        ...);
/* " name=value" where value is hostile: blanks, '=' and control bytes become '_'; empty is '-'. */
void sim_line_text(struct sim_line *line, const char *name, const char *value);
/* " name=123.45" */
void sim_line_price(struct sim_line *line, const char *name, int64_t price, int decimals);
void sim_line_int(struct sim_line *line, const char *name, int64_t value);

#endif
