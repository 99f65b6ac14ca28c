/*
 * login_enrol.h: a user's first password and secret, told to a person once and kept nowhere else.
 *
 * Used by squareoff-admin, and by a server that starts for the first time: without a user nobody
 * could come in to make one.
 */
#ifndef NET_LOGIN_ENROL_H
#define NET_LOGIN_ENROL_H

#include "core/users.h"
#include "net/password.h"
#include "net/totp.h"

enum { ENROLMENT_TEXT_SIZE = 640 };

/* To be wiped by login_enrolment_wipe() when it has been told. */
struct login_enrolment {
    char name[SQ_PERSON_SIZE];
    char password[PASSWORD_MADE_SIZE]; /* made by us; "": a person chose it */
    char secret[TOTP_SECRET_SIZE];     /* base32; "": it stays as it was */
};

/* What is to be made anew; both for a new user. */
enum login_enrol { ENROL_PASSWORD = 1, ENROL_TOTP = 2 };

/*
 * Sets the password, the secret or both of a user (login_enrol bits); `password` NULL: one is made.
 * Nothing is saved yet. 0, or -1 with the reason in `why`: the password, or memory.
 */
int login_enrol(struct sq_user *user, unsigned what, const char *password,
                const struct password_cost *cost, struct login_enrolment *enrolment, char *why,
                size_t why_room);

/* As lines for a person: user, password if it was made, secret and URI. */
void login_enrolment_text(const struct login_enrolment *enrolment, char text[ENROLMENT_TEXT_SIZE]);
void login_enrolment_wipe(struct login_enrolment *enrolment);

/*
 * Where there is no user at all: makes the administrator "admin" of every book. 1: made, and the
 * enrolment has to be told; 0: there are users (of two servers that start at once, one makes it);
 * -1: why says it.
 */
int login_first_admin(struct sq_users *users, const struct password_cost *cost,
                      struct login_enrolment *enrolment, char *why, size_t why_room);

#endif
