/*
 * token.h: the token of a session: 256 random bits, of which only the hash is kept.
 *
 * A token is as good as a password, code and all, for as long as it lives; so whoever reads the
 * table must not be able to use it. It is looked up by its hash, which tells a guesser nothing:
 * the time of a look-up depends on the hash, and that he cannot steer.
 */
#ifndef NET_TOKEN_H
#define NET_TOKEN_H

#include <stdbool.h>

enum {
    TOKEN_SIZE = 44,     /* base64url without padding (RFC 4648, section 5), and the NUL */
    TOKEN_HASH_SIZE = 65 /* BLAKE2b-256 in hexadecimal, and the NUL */
};

/* A new one. password_init() first. */
void token_make(char token[TOKEN_SIZE]);

/* Its hash. False, and nothing written: this is no token, whatever it is. */
bool token_hash(const char *token, char hash[TOKEN_HASH_SIZE]);

/* Whether two hashes are the same, in constant time. */
bool token_is_same(const char a[TOKEN_HASH_SIZE], const char b[TOKEN_HASH_SIZE]);

#endif
