/*
 * hash.h: BLAKE2b-256 (RFC 7693), the hash that chains the turns of the journal.
 *
 * Unkeyed, 32 bytes of output, fed piece by piece; libsodium does the work, and any other
 * implementation gives the same bytes (b2sum -l 256). It detects damage and tampering by anybody
 * who cannot rewrite the whole chain; it is no signature. The state wants 64-byte alignment: keep
 * it on the stack, not in malloc'ed memory.
 */
#ifndef DB_HASH_H
#define DB_HASH_H

#include <sodium.h>
#include <stddef.h>
#include <stdint.h>

enum { HASH_SIZE = crypto_generichash_BYTES };

struct hash {
    crypto_generichash_state state;
};

/* sodium_init() only picks the fastest code of this processor: without it the bytes are the same. */
static inline void hash_init(struct hash *hash)
{
    (void)!sodium_init();
    crypto_generichash_init(&hash->state, NULL, 0, HASH_SIZE);
}

static inline void hash_add(struct hash *hash, const void *bytes, size_t length)
{
    crypto_generichash_update(&hash->state, bytes, length);
}

/* A number as eight bytes, least significant first: the same on every machine. */
static inline void hash_add_u64(struct hash *hash, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    hash_add(hash, bytes, sizeof bytes);
}

/* Ends the hash; the struct needs hash_init() before it is used again. */
static inline void hash_end(struct hash *hash, uint8_t out[HASH_SIZE])
{
    crypto_generichash_final(&hash->state, out, HASH_SIZE);
}

#endif
