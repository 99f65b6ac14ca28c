/*
 * What the files of the codec share about a parsed message: how its index is laid out, and readers of
 * values that several of them need. Private to net/fix*.c.
 */
#ifndef NET_FIX_VIEW_H
#define NET_FIX_VIEW_H

#include "net/fix.h"

#include <endian.h>
#include <string.h>

enum {
    FIX_POSITION_BITS = 10, /* of an index entry; FIX_FIELDS_MAX fits in, the rest is generation */
    FIX_POSITION = (1 << FIX_POSITION_BITS) - 1,
};

/* fix_get() of a tag below FIX_INDEX_SIZE. */
static inline const struct fix_field *fix_get_low(const struct fix_view *view, uint32_t tag)
{
    uint32_t slot = view->index[tag];
    return slot >> FIX_POSITION_BITS == view->generation ? &view->field[slot & FIX_POSITION] : NULL;
}

/* Eight bytes of text as one word, the first byte lowest. */
static inline uint64_t fix_word_at(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return le64toh(word);
}

/* net/fix_value.c: YYYYMMDD, eight bytes, to days since 1970. */
bool fix_read_date(const char *at, int64_t *days);
/* HH:MM:SS[.mmm[mmm]], n bytes, to microseconds of the day. */
bool fix_read_time(const char *at, uint32_t n, int64_t *time_us);

#endif
