/* login_bed.c - see login_bed.h. */
#include "tests/login_bed.h"

#include "net/login_enrol.h"
#include "tests/check.h"

struct login_options login_bed_options(void)
{
    struct login_options options = login_usual;
    options.cost = password_least;
    return options;
}

struct sq_user login_bed_add(struct users_bed *bed, const char *name)
{
    struct sq_user user = users_bed_user(name);
    struct login_enrolment enrolment;
    char why[256] = "";
    assert_int_equal(login_enrol(&user, ENROL_PASSWORD | ENROL_TOTP, LOGIN_PASSWORD,
                                 &password_least, &enrolment, why, sizeof why),
                     0);
    assert_int_equal(bed->users->ops->add(bed->users, &user), SQ_ERR_OK);
    return user;
}

void login_bed_code(const struct sq_user *user, sq_time now, char code[TOTP_DIGITS + 1])
{
    assert_int_equal(totp_code(user->totp, totp_step(now), code), 0);
}
