#include "net/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const int64_t bounds_us[HISTOGRAM_BUCKETS] = {
    100,   200,    500,    1000,   2000,    5000,    10000,   20000,
    50000, 100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000};

void histogram_add(struct histogram *h, int64_t us)
{
    size_t bucket = 0;
    while (bucket < HISTOGRAM_BUCKETS && us > bounds_us[bucket])
        bucket++;
    h->buckets[bucket]++;
    h->count++;
    h->sum_us += us;
}

void metrics_begin(struct metrics *m, char *bytes, size_t room)
{
    *m = (struct metrics){.bytes = bytes, .room = room};
    bytes[0] = '\0';
}

__attribute__((format(printf, 2, 3))) static void put(struct metrics *m, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(m->bytes + m->length, m->room - m->length, format, arguments);
    va_end(arguments);
    if (length > 0 && (size_t)length < m->room - m->length)
        m->length += (size_t)length;
    m->bytes[m->length] = '\0';
}

void metrics_family(struct metrics *m, const char *name, const char *type, const char *help)
{
    put(m, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_line(struct metrics *m, const char *name, const char *labels, int64_t value)
{
    if (labels[0] != '\0')
        put(m, "%s{%s} %" PRId64 "\n", name, labels, value);
    else
        put(m, "%s %" PRId64 "\n", name, value);
}

void metrics_histogram(struct metrics *m, const char *name, const char *labels,
                       const struct histogram *h)
{
    const char *comma = labels[0] != '\0' ? "," : "";
    uint64_t below = 0;
    for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++) {
        below += h->buckets[i];
        put(m, "%s_bucket{%s%sle=\"%" PRId64 ".%06" PRId64 "\"} %" PRIu64 "\n", name, labels, comma,
            bounds_us[i] / SQ_SECOND, bounds_us[i] % SQ_SECOND, below);
    }
    put(m, "%s_bucket{%s%sle=\"+Inf\"} %" PRIu64 "\n", name, labels, comma, h->count);
    put(m, "%s_sum{%s} %" PRId64 ".%06" PRId64 "\n", name, labels, h->sum_us / SQ_SECOND,
        h->sum_us % SQ_SECOND);
    put(m, "%s_count{%s} %" PRIu64 "\n", name, labels, h->count);
}
