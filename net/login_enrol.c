/* login_enrol.c: passwords and secrets that are new. */
#include "net/login_enrol.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int set_password(struct sq_user *user, const char *password,
                        const struct password_cost *cost, struct login_enrolment *enrolment,
                        char *why, size_t why_room)
{
    if (password == NULL)
        password_make(enrolment->password);
    const char *chosen = password != NULL ? password : enrolment->password;
    const char *fault = password_fault(chosen);
    if (fault == NULL && password_hash(chosen, cost, user->password) != 0)
        fault = "not memory enough to hash the password";
    if (fault != NULL)
        snprintf(why, why_room, "%s", fault);
    return fault == NULL ? 0 : -1;
}

/* A new secret has no codes that were used, so a clock that once was wrong is forgotten. */
static int set_secret(struct sq_user *user, struct login_enrolment *enrolment, char *why,
                      size_t why_room)
{
    if (totp_make(user->totp) != 0) {
        snprintf(why, why_room, "the secret cannot be made");
        return -1;
    }
    user->totp_step = 0;
    memcpy(enrolment->secret, user->totp, sizeof enrolment->secret);
    return 0;
}

int login_enrol(struct sq_user *user, unsigned what, const char *password,
                const struct password_cost *cost, struct login_enrolment *enrolment, char *why,
                size_t why_room)
{
    *enrolment = (struct login_enrolment){0};
    memcpy(enrolment->name, user->name, sizeof enrolment->name);
    if (password_init() != 0) {
        snprintf(why, why_room, "no randomness");
        return -1;
    }
    if ((what & ENROL_PASSWORD) != 0 &&
        set_password(user, password, cost, enrolment, why, why_room) != 0)
        return -1;
    return (what & ENROL_TOTP) != 0 ? set_secret(user, enrolment, why, why_room) : 0;
}

void login_enrolment_text(const struct login_enrolment *enrolment, char text[ENROLMENT_TEXT_SIZE])
{
    const struct login_enrolment *e = enrolment;
    int length = snprintf(text, ENROLMENT_TEXT_SIZE, "user      %s\n", e->name);
    if (e->password[0] != '\0')
        length += snprintf(text + length, ENROLMENT_TEXT_SIZE - (size_t)length, "password  %s\n",
                           e->password);
    if (e->secret[0] != '\0') {
        char uri[TOTP_URI_SIZE];
        totp_uri(e->name, e->secret, uri);
        length += snprintf(text + length, ENROLMENT_TEXT_SIZE - (size_t)length,
                           "secret    %s (TOTP, base32)\nuri       %s\n", e->secret, uri);
        sodium_memzero(uri, sizeof uri);
    }
    snprintf(text + length, ENROLMENT_TEXT_SIZE - (size_t)length, "This is told once only.\n");
}

void login_enrolment_wipe(struct login_enrolment *enrolment)
{
    sodium_memzero(enrolment, sizeof *enrolment);
}

static int any_user(void *owner, const struct sq_user *user)
{
    (void)user;
    *(bool *)owner = true;
    return 1;
}

int login_first_admin(struct sq_users *users, const struct password_cost *cost,
                      struct login_enrolment *enrolment, char *why, size_t why_room)
{
    struct sq_user admin = {.name = "admin", .role = SQ_ROLE_ADMIN, .books = "*"};
    bool any = false;
    enum sq_err error = users->ops->list(users, any_user, &any);
    if (error == SQ_ERR_OK && any)
        return 0;
    if (error == SQ_ERR_OK &&
        login_enrol(&admin, ENROL_PASSWORD | ENROL_TOTP, NULL, cost, enrolment, why, why_room) != 0)
        return -1;
    if (error == SQ_ERR_OK)
        error = users->ops->add(users, &admin);
    sodium_memzero(&admin, sizeof admin);
    if (error == SQ_ERR_OK)
        return 1;
    login_enrolment_wipe(enrolment);
    if (error == SQ_ERR_CONFLICT)
        return 0;
    users->ops->why(users, why, why_room);
    return -1;
}
