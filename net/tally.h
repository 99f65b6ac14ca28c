/* tally.h: how many there are of each name: connections of an address, of a user. */
#ifndef NET_TALLY_H
#define NET_TALLY_H

#include <stddef.h>
#include <stdint.h>

enum { TALLY_BUCKETS = 1024, TALLY_NAME = 48 };

struct tally_count {
    struct tally_count *next;
    uint32_t count;
    char name[TALLY_NAME];
};
struct tally {
    struct tally_count *buckets[TALLY_BUCKETS];
};

/* One more. Returns how many there are now; 0: no memory, nothing is counted. */
uint32_t tally_add(struct tally *tally, const char *name);
/* One less of what was counted; a name that has none left takes no memory. */
void tally_drop(struct tally *tally, const char *name);
void tally_finish(struct tally *tally);

#endif
