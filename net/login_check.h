/*
 * login_check.h: what is looked at when somebody comes in: on the calling thread, with the time as
 * an argument. login.h puts it beside the loop.
 *
 * A password: the address is not locked out; the user is not; the password is right (of a user that
 * is not there, a made-up one is looked at, which takes as long); the code is right and was not
 * used; the user is not disabled; and the code is taken, once on all servers, in the transaction
 * that keeps the token. Everything wrong gives one answer.
 *
 * Locked out by delay: each failure of a user doubles the wait until the next attempt is looked at,
 * 1 s to 60 s; each of an address too, from the sixth on, since an office is one address. An
 * attempt in the wait is not looked at and does not make it longer, a success resets both, and an
 * hour without failures forgets. Nobody is locked out for good, or everybody could be, by anybody;
 * for the same reason failures from the address of the user's last login are counted apart, so that
 * a stranger elsewhere does not delay the person at the usual place.
 *
 * An IPv6 address counts by its /64, which is one subscriber's (RFC 6177, section 2).
 */
#ifndef NET_LOGIN_CHECK_H
#define NET_LOGIN_CHECK_H

#include "net/login.h"

struct login_rules {
    struct sq_users *users;
    struct login_options options;
    char dummy[PASSWORD_HASH_SIZE]; /* of a password nobody knows */
};

/* Hashes once. 0, or -1: no memory, or no randomness. */
int login_rules_init(struct login_rules *rules, struct sq_users *users,
                     const struct login_options *options);

/* Any thread, and several at once. Only *answer is written. */
void login_check_password(const struct login_rules *rules, const struct login_ask *ask,
                          struct login_answer *answer);
void login_check_token(const struct login_rules *rules, const char *token, sq_time now,
                       struct login_answer *answer);
void login_check_logout(const struct login_rules *rules, const char *token,
                        struct login_answer *answer);

/* Seconds, rounded up, until an attempt is looked at; `free`: failures that delay nothing. */
unsigned login_wait_s(const struct sq_failure *failure, unsigned free, sq_time now);

#endif
