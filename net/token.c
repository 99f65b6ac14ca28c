/* token.c: random bits, their text and their hash, by libsodium. */
#include "net/token.h"

#include <sodium.h>
#include <string.h>

enum { TOKEN_BYTES = 32, VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };

_Static_assert(TOKEN_SIZE == sodium_base64_ENCODED_LEN(TOKEN_BYTES, VARIANT), "a token fits");

void token_make(char token[TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(token, TOKEN_SIZE, bytes, sizeof bytes, VARIANT);
    sodium_memzero(bytes, sizeof bytes);
}

/* Of the bits, not of the text, after the text was seen to be the one way to write them. */
bool token_hash(const char *token, char hash[TOKEN_HASH_SIZE])
{
    unsigned char bytes[TOKEN_BYTES], digest[TOKEN_BYTES];
    size_t length = 0;
    bool ok = strnlen(token, TOKEN_SIZE) == TOKEN_SIZE - 1 &&
              sodium_base642bin(bytes, sizeof bytes, token, TOKEN_SIZE - 1, NULL, &length, NULL,
                                VARIANT) == 0 &&
              length == sizeof bytes;
    if (ok) {
        crypto_generichash(digest, sizeof digest, bytes, sizeof bytes, NULL, 0);
        sodium_bin2hex(hash, TOKEN_HASH_SIZE, digest, sizeof digest);
    }
    sodium_memzero(bytes, sizeof bytes);
    return ok;
}

bool token_is_same(const char a[TOKEN_HASH_SIZE], const char b[TOKEN_HASH_SIZE])
{
    return sodium_memcmp(a, b, TOKEN_HASH_SIZE) == 0;
}
