/*
 * password.h: passwords as Argon2id strings (RFC 9106), by libsodium's crypto_pwhash_str.
 *
 * The string carries its own salt and parameters ("$argon2id$v=19$m=65536,t=3,p=1$..."), so what
 * was hashed with yesterday's parameters is still verified, and made anew at the next login when
 * today's are higher. One hash takes cost.memory_bytes of memory and, with the usual cost, about
 * 80 ms: never on the loop, and never without a bound on how many at once (net/login.h).
 */
#ifndef NET_PASSWORD_H
#define NET_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum {
    PASSWORD_HASH_SIZE = 128, /* crypto_pwhash_STRBYTES, the NUL included */
    PASSWORD_LENGTH_MIN = 10, /* bytes */
    PASSWORD_LENGTH_MAX = 128,
    PASSWORD_MADE_SIZE = 24 /* what password_make() writes, the NUL included */
};

struct password_cost {
    size_t memory_bytes;
    unsigned passes;
};
/* RFC 9106, section 4, second recommended option, with one lane: 64 MiB, 3 passes. */
extern const struct password_cost password_usual;
/* The least that libsodium does (8 KiB, 1 pass): for tests, where time is all that matters. */
extern const struct password_cost password_least;

/* Before anything else here, once a process; again does no harm. 0, or -1: no randomness. */
int password_init(void);

/* What is wrong with a new password, in words: length, or control bytes. NULL: nothing. */
const char *password_fault(const char *password);

/* A password of 100 random bits, four groups of five letters and digits: to be told once. */
void password_make(char password[PASSWORD_MADE_SIZE]);

/* Writes the string to keep. 0, or -1: there is not memory enough. */
int password_hash(const char *password, const struct password_cost *cost,
                  char hash[PASSWORD_HASH_SIZE]);

enum password_answer {
    PASSWORD_RIGHT,
    PASSWORD_WRONG,
    PASSWORD_NO_MEMORY, /* neither is known: nobody's failure */
    PASSWORD_BAD_HASH   /* not such a string, or with parameters that nobody here writes */
};
/* Compares in constant time. `hash` may hold anything. */
enum password_answer password_verify(const char *hash, const char *password);

/* Whether a string of ours was made with less memory or fewer passes than `cost` says. */
bool password_is_weaker(const char *hash, const struct password_cost *cost);

#endif
