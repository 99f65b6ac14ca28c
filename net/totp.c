/* totp.c: RFC 6238 by liboath. */
#include "net/totp.h"

#include <liboath/oath.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET_BYTES = 20, WINDOW = 1 };

/* liboath's memory for a secret, wiped before it is given back. */
static void drop(char *bytes, size_t length)
{
    if (bytes != NULL)
        sodium_memzero(bytes, length);
    free(bytes);
}

int totp_make(char secret[TOTP_SECRET_SIZE])
{
    char bytes[SECRET_BYTES], *text = NULL;
    size_t length = 0;
    randombytes_buf(bytes, sizeof bytes);
    int rc = oath_base32_encode(bytes, sizeof bytes, &text, &length);
    bool made = rc == OATH_OK && length == TOTP_SECRET_SIZE - 1;
    if (made)
        memcpy(secret, text, TOTP_SECRET_SIZE);
    sodium_memzero(bytes, sizeof bytes);
    drop(text, length);
    return made ? 0 : -1;
}

/* Google Authenticator's Key URI Format; every parameter is written out, apps guess differently. */
void totp_uri(const char *name, const char *secret, char uri[TOTP_URI_SIZE])
{
    snprintf(uri, TOTP_URI_SIZE,
             "otpauth://totp/squareoff:%s?secret=%s&issuer=squareoff&algorithm=SHA1&digits=%d"
             "&period=%d",
             name, secret, TOTP_DIGITS, TOTP_STEP_S);
}

int64_t totp_step(sq_time now)
{
    return now / (TOTP_STEP_S * SQ_SECOND);
}

int totp_code(const char *secret, int64_t step, char code[TOTP_DIGITS + 1])
{
    char *bytes = NULL;
    size_t length = 0;
    int rc = step < 0 ? OATH_INVALID_COUNTER
                      : oath_base32_decode(secret, strlen(secret), &bytes, &length);
    if (rc == OATH_OK)
        rc = oath_totp_generate(bytes, length, (time_t)(step * TOTP_STEP_S), TOTP_STEP_S, 0,
                                TOTP_DIGITS, code);
    drop(bytes, length);
    return rc == OATH_OK ? 0 : -1;
}

int64_t totp_verify(const char *secret, const char *code, sq_time now, int64_t used)
{
    char right[TOTP_DIGITS + 1], given[TOTP_DIGITS + 1] = "";
    int64_t middle = totp_step(now), found = 0;
    if (strnlen(code, sizeof given) == TOTP_DIGITS)
        memcpy(given, code, TOTP_DIGITS);
    for (int64_t step = middle - WINDOW; step <= middle + WINDOW; step++)
        if (totp_code(secret, step, right) == 0 && sodium_memcmp(right, given, TOTP_DIGITS) == 0 &&
            step > used)
            found = step;
    sodium_memzero(right, sizeof right);
    sodium_memzero(given, sizeof given);
    return found;
}
