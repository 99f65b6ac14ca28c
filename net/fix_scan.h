/*
 * The innermost loop of the codec: sums bytes for CheckSum(10) and finds one byte among them,
 * sixteen at a time. Private to net/fix*.c.
 */
#ifndef NET_FIX_SCAN_H
#define NET_FIX_SCAN_H

#include <stdint.h>
#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { FIX_SCAN = 16 };

/* A sum of bytes; zero it to begin. */
struct fix_sum {
#ifdef __SSE2__
    __m128i halves; /* of the lower and the upper eight bytes of each block */
#else
    uint64_t bytes;
#endif
};

/* Sixteen bytes: adds them to *sum; bit i of the result says that byte i is `wanted`. */
static inline uint32_t fix_scan_block(const char *at, char wanted, struct fix_sum *sum)
{
#ifdef __SSE2__
    __m128i block = _mm_loadu_si128((const __m128i *)(const void *)at);
    sum->halves = _mm_add_epi64(sum->halves, _mm_sad_epu8(block, _mm_setzero_si128()));
    return (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(block, _mm_set1_epi8(wanted)));
#else
    uint32_t found = 0;
    for (uint32_t i = 0; i < FIX_SCAN; i++) {
        sum->bytes += (unsigned char)at[i];
        found |= (uint32_t)(at[i] == wanted) << i;
    }
    return found;
#endif
}

/* As above for the first min(n, 16) bytes; none beyond n is read (zeros stand there). */
static inline uint32_t fix_scan(const char *at, size_t n, char wanted, struct fix_sum *sum)
{
    if (n >= FIX_SCAN)
        return fix_scan_block(at, wanted, sum);
    char last[FIX_SCAN] = {0};
    memcpy(last, at, n);
    return fix_scan_block(last, wanted, sum);
}

/* Adds the bytes [from, to) to *sum. */
static inline void fix_scan_all(const char *from, const char *to, struct fix_sum *sum)
{
    for (; from < to; from += FIX_SCAN)
        fix_scan(from, (size_t)(to - from), 0, sum);
}

/* The same when FIX_SCAN zeros follow: whole blocks are read. */
static inline void fix_scan_padded(const char *from, const char *to, struct fix_sum *sum)
{
    for (; from < to; from += FIX_SCAN)
        fix_scan_block(from, 0, sum);
}

static inline uint32_t fix_sum_of(const struct fix_sum *sum)
{
#ifdef __SSE2__
    __m128i both = _mm_add_epi64(sum->halves, _mm_unpackhi_epi64(sum->halves, sum->halves));
    return (uint32_t)_mm_cvtsi128_si32(both);
#else
    return (uint32_t)sum->bytes;
#endif
}

#endif
