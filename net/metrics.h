/*
 * metrics.h: figures of a process in the Prometheus text format 0.0.4: counters and histograms that
 * are kept, and lines that are printed when somebody asks.
 */
#ifndef NET_METRICS_H
#define NET_METRICS_H

#include "core/types.h"

/* Upper bounds of a histogram's buckets: 100 us, 200 us, 500 us, ... up to 10 seconds. */
enum { HISTOGRAM_BUCKETS = 16 };
struct histogram {
    uint64_t buckets[HISTOGRAM_BUCKETS + 1]; /* each alone; the last: above all bounds */
    uint64_t count;
    int64_t sum_us;
};
void histogram_add(struct histogram *histogram, int64_t us);

/* Text that grows up to `room`; what does not fit is left out, a whole line at a time. */
struct metrics {
    char *bytes; /* the caller's; NUL-terminated */
    size_t room, length;
};
void metrics_begin(struct metrics *metrics, char *bytes, size_t room);

/* HELP and TYPE of a family; its lines follow. type: "counter", "gauge", "histogram". */
void metrics_family(struct metrics *metrics, const char *name, const char *type, const char *help);
/* One line. labels: `book="MUM",kind="open"` in plain letters, or "". */
void metrics_line(struct metrics *metrics, const char *name, const char *labels, int64_t value);
/* The lines of a histogram, in seconds. */
void metrics_histogram(struct metrics *metrics, const char *name, const char *labels,
                       const struct histogram *histogram);

#endif
