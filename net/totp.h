/*
 * totp.h: the six digits of an authenticator: RFC 6238 with HMAC-SHA-1, 30 seconds, by liboath.
 *
 * A code is good in its own step and in the one before and after (RFC 6238, section 5.2: one step
 * for the way), and once only: the verifier keeps the newest step that was used, and takes none up
 * to it. A clock that was set back therefore refuses codes until it has caught up, or until the
 * secret is made anew.
 */
#ifndef NET_TOTP_H
#define NET_TOTP_H

#include "core/types.h"

enum {
    TOTP_DIGITS = 6,
    TOTP_STEP_S = 30,
    TOTP_SECRET_SIZE = 33, /* 160 bits in base32, and the NUL (RFC 4226, section 4, R6) */
    TOTP_URI_SIZE = 192
};

/* A new secret of 160 random bits. 0, or -1: liboath cannot. password_init() first. */
int totp_make(char secret[TOTP_SECRET_SIZE]);

/* What an authenticator reads: otpauth://totp/squareoff:NAME?secret=... `name` is a user's. */
void totp_uri(const char *name, const char *secret, char uri[TOTP_URI_SIZE]);

/* The step that `now` lies in. */
int64_t totp_step(sq_time now);

/* The code of a step, for an authenticator of one's own and for tests. 0, or -1: bad secret. */
int totp_code(const char *secret, int64_t step, char code[TOTP_DIGITS + 1]);

/*
 * The step whose code this is, later than `used`: 0 when there is none. Every step of the window
 * is looked at, in constant time. `code` may be anything.
 */
int64_t totp_verify(const char *secret, const char *code, sq_time now, int64_t used);

#endif
