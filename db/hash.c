/*
 * hash.c: BLAKE2b as RFC 7693 section 3 describes it, for sequential unkeyed use.
 *
 * A few pages of code rather than a library: the journal must be verifiable by anybody with this
 * source and nothing else. tests/store_disk_test.c compares it with another implementation's words.
 */
#include "db/hash.h"

#include <string.h>

/* RFC 7693 section 2.6: the initialization vector. */
static const uint64_t iv[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
    0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* RFC 7693 section 2.7: the message schedule; rounds 10 and 11 repeat rounds 0 and 1. */
static const uint8_t sigma[10][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static uint64_t load_u64(const uint8_t *bytes)
{
    uint64_t number = 0;
    for (int i = 7; i >= 0; i--)
        number = number << 8 | bytes[i];
    return number;
}

static void store_u64(uint8_t *bytes, uint64_t number)
{
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
}

static inline uint64_t turn_right(uint64_t number, int bits)
{
    return number >> bits | number << (64 - bits);
}

/* RFC 7693 section 3.1: the mixing function G on words a, b, c, d of v. */
#define MIX(a, b, c, d, x, y)               \
    do {                                    \
        v[a] += v[b] + (x);                 \
        v[d] = turn_right(v[d] ^ v[a], 32); \
        v[c] += v[d];                       \
        v[b] = turn_right(v[b] ^ v[c], 24); \
        v[a] += v[b] + (y);                 \
        v[d] = turn_right(v[d] ^ v[a], 16); \
        v[c] += v[d];                       \
        v[b] = turn_right(v[b] ^ v[c], 63); \
    } while (0)

/* One round; with r a constant the schedule is folded into the code, and v stays in registers. */
#define ROUND(r)                                             \
    do {                                                     \
        MIX(0, 4, 8, 12, m[sigma[r][0]], m[sigma[r][1]]);    \
        MIX(1, 5, 9, 13, m[sigma[r][2]], m[sigma[r][3]]);    \
        MIX(2, 6, 10, 14, m[sigma[r][4]], m[sigma[r][5]]);   \
        MIX(3, 7, 11, 15, m[sigma[r][6]], m[sigma[r][7]]);   \
        MIX(0, 5, 10, 15, m[sigma[r][8]], m[sigma[r][9]]);   \
        MIX(1, 6, 11, 12, m[sigma[r][10]], m[sigma[r][11]]); \
        MIX(2, 7, 8, 13, m[sigma[r][12]], m[sigma[r][13]]);  \
        MIX(3, 4, 9, 14, m[sigma[r][14]], m[sigma[r][15]]);  \
    } while (0)

/* RFC 7693 section 3.2: the compression function F. */
static void compress(struct hash *hash, const uint8_t *block, size_t length, int last)
{
    uint64_t m[16], v[16];
    for (int i = 0; i < 16; i++)
        m[i] = load_u64(block + 8 * i);
    memcpy(v, hash->state, sizeof hash->state);
    memcpy(v + 8, iv, sizeof iv);
    hash->count += length;
    v[12] ^= hash->count;
    if (last)
        v[14] = ~v[14];
    ROUND(0);
    ROUND(1);
    ROUND(2);
    ROUND(3);
    ROUND(4);
    ROUND(5);
    ROUND(6);
    ROUND(7);
    ROUND(8);
    ROUND(9);
    ROUND(0);
    ROUND(1);
    for (int i = 0; i < 8; i++)
        hash->state[i] ^= v[i] ^ v[i + 8];
}

void hash_init(struct hash *hash)
{
    memset(hash, 0, sizeof *hash);
    memcpy(hash->state, iv, sizeof iv);
    /* Parameter block: digest length, no key, fanout 1, depth 1. */
    hash->state[0] ^= 0x01010000 ^ HASH_SIZE;
}

void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    const uint8_t *from = bytes;
    while (length > 0) {
        /* A full block waits until more comes: the last one is compressed differently. */
        if (hash->used == HASH_BLOCK) {
            compress(hash, hash->block, HASH_BLOCK, 0);
            hash->used = 0;
        }
        size_t room = HASH_BLOCK - hash->used, part = length < room ? length : room;
        memcpy(hash->block + hash->used, from, part);
        hash->used += part;
        from += part;
        length -= part;
    }
}

void hash_add_u64(struct hash *hash, uint64_t number)
{
    uint8_t bytes[8];
    store_u64(bytes, number);
    hash_add(hash, bytes, sizeof bytes);
}

void hash_end(struct hash *hash, uint8_t out[HASH_SIZE])
{
    size_t last = hash->used;
    memset(hash->block + last, 0, HASH_BLOCK - last);
    compress(hash, hash->block, last, 1);
    for (int i = 0; i < HASH_SIZE / 8; i++)
        store_u64(out + 8 * i, hash->state[i]);
}
