/*
 * day.h: a book's beginning of day, from files to core's inputs. No store is needed for it.
 *
 * Files are recognised by their headers, whatever they are called (only the second source of
 * positions has the columns of the first: it is the one whose name begins "positions_exchange").
 * Everything is read and checked first; one refused row, and there are no inputs at all.
 *
 *     struct day day;
 *     if (day_load(&day, &options, paths, count, why, sizeof why) == 0)
 *         sq_host_load(host, day.inputs, day.input_count, now);
 *     day_finish(&day);
 */
#ifndef DB_DAY_H
#define DB_DAY_H

#include "core/record.h"
#include "db/hash.h"
#include "db/report.h"

struct import;

struct day_options {
    uint32_t day;            /* yyyymmdd; 0: the day of the positions' as_of */
    uint32_t epoch;          /* of ownership; 0: 1, a machine that never had a server */
    const char *book;        /* three letters or digits, part of each client order id; NULL: SQO */
    const char *desk;        /* whose clients; NULL: that of all clients, which is one then */
    const char *sender;      /* SenderCompID of our order session; NULL: SQUAREOFF */
    const char *accepted_by; /* who accepts a day with one source, on record; NULL: nobody */
    const char *accepted_why;
    void (*progress)(void *owner, uint64_t done, uint64_t all); /* bytes read; NULL: not told */
    void *owner;
};

/* What a loaded day holds: for the report, and for whoever shows it. */
struct day_counts {
    uint32_t contracts;                                                      /* in all files */
    uint32_t instruments, clients, people, hours, positions, orders, trades; /* inputs */
    uint32_t agreed, differ, one_source; /* positions by source */
    uint32_t ours, external;             /* resting orders: ours to cancel, of another session */
    uint32_t early_trades;               /* left out: in the positions already */
};

struct day {
    uint32_t day;
    sq_time as_of;
    struct sq_day head;        /* the first input */
    struct sq_message *inputs; /* DAY, INSTRUMENT..., DAY_DONE, in core's order; NULL on refusal */
    size_t input_count;
    const struct sq_instrument *contracts; /* all, those that are no input included */
    struct day_counts counts;
    uint8_t digest[HASH_SIZE];   /* of all that would be loaded: equal files, equal digest */
    const struct report *report; /* always there, also on refusal */
    struct import *import;       /* owns the above */
};

/*
 * Reads files; a path that is a folder stands for the *.csv in it. Returns 0 with inputs; 1 when
 * rows were refused (see report); -1 when nothing could be read (why). day_finish() in each case.
 */
int day_load(struct day *day, const struct day_options *options, const char *const *paths,
             size_t count, char *why, size_t why_room);

/* Reads contracts only, of any day, and makes no inputs: for counts. Returns as day_load. */
int day_load_contracts(struct day *day, const char *const *paths, size_t count, char *why,
                       size_t why_room);

void day_finish(struct day *day);

#endif
