/*
 * login_bed.h - people who come in, with true passwords and codes, on a bed of users
 */
#ifndef TESTS_LOGIN_BED_H
#define TESTS_LOGIN_BED_H

#include "net/login_check.h"
#include "net/totp.h"
#include "tests/users_bed.h"

#define LOGIN_NOW      (INT64_C(1795000000) * SQ_SECOND)
#define LOGIN_HOME     "192.0.2.7"
#define LOGIN_PASSWORD "correct horse battery"

/* The usual options with the cheapest hash: a second has room for thousands. */
struct login_options login_bed_options(void);

/* A dealer of DRL, desk MUM-1, with LOGIN_PASSWORD and a secret of their own. */
struct sq_user login_bed_add(struct users_bed *bed, const char *name);

/* The code that the user's authenticator shows at `now`. */
void login_bed_code(const struct sq_user *user, sq_time now, char code[TOTP_DIGITS + 1]);

#endif
