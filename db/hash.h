/*
 * hash.h: BLAKE2b-256 (RFC 7693), the hash that chains the turns of the journal.
 *
 * Unkeyed, 32 bytes of output, fed piece by piece. It detects damage and tampering by anybody who
 * cannot rewrite the whole chain; it is no signature.
 */
#ifndef DB_HASH_H
#define DB_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = 32, HASH_BLOCK = 128 };

struct hash {
    uint64_t state[8];
    uint64_t count; /* bytes compressed so far */
    size_t used;    /* bytes waiting in block */
    uint8_t block[HASH_BLOCK];
};

void hash_init(struct hash *hash);
void hash_add(struct hash *hash, const void *bytes, size_t length);
/* A number as eight bytes, least significant first: the same on every machine. */
void hash_add_u64(struct hash *hash, uint64_t number);
/* Ends the hash; the struct needs hash_init() before it is used again. */
void hash_end(struct hash *hash, uint8_t out[HASH_SIZE]);

#endif
