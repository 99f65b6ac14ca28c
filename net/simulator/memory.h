/*
 * Cuts the one block of memory that the caller brings into arrays. Run once with no block, it
 * counts how much is needed; run again with the block, it hands out the same places.
 */
#ifndef NET_SIMULATOR_MEMORY_H
#define NET_SIMULATOR_MEMORY_H

#include <stddef.h>
#include <stdint.h>

struct sim_memory {
    char *base;  /* the block, 16-byte aligned; NULL: only count */
    size_t used; /* bytes handed out */
};

/* The next array of `count` elements, or NULL while counting. */
static inline void *sim_memory_take(struct sim_memory *m, size_t count, size_t size)
{
    void *at = m->base == NULL ? NULL : m->base + m->used;
    m->used += (count * size + 15) & ~(size_t)15;
    return at;
}

/* xorshift64*: the simulator's only source of chance; the state is never 0. */
static inline uint64_t sim_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * UINT64_C(2685821657736338717);
}

/* A whole number in [low, high]. */
static inline int64_t sim_random_range(uint64_t *state, int64_t low, int64_t high)
{
    return low + (int64_t)((sim_random(state) >> 11) % (uint64_t)(high - low + 1));
}

#endif
