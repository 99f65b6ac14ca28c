/* login_check.c: the order in which a login is looked at, and its delays. */
#include "net/login_check.h"

#include <arpa/inet.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "net/totp.h"

enum {
    DELAY_MAX_S = 60,
    DOUBLINGS_MAX = 6,    /* 2^6 s is above the most */
    ADDRESS_FREE = 5,     /* failures of an address that delay nothing */
    FORGET_S = 3600,      /* without a failure: counting begins again */
    SEEN_EVERY_S = 60,    /* a token's use is written no more often */
    FUTURE_S = 5,         /* two servers' clocks may differ by so much */
    SKEW_S = 300,         /* a token from further in the future: a clock is wrong */
    NETWORK_V6_BYTES = 8, /* of 16: a /64 */
    MAPPED_BYTES = 12     /* ::ffff:0:0/96, RFC 4291 section 2.5.5.2 */
};

const char *login_text(enum login_result result)
{
#define X(tail, text) text,
    static const char *const texts[] = {LOGIN_RESULT_MAP(X)};
#undef X
    return (unsigned)result < LOGIN_RESULTS ? texts[result] : "";
}

int login_rules_init(struct login_rules *rules, struct sq_users *users,
                     const struct login_options *options)
{
    char nobodys[PASSWORD_MADE_SIZE];
    *rules = (struct login_rules){.users = users, .options = *options};
    if (password_init() != 0)
        return -1;
    password_make(nobodys);
    int rc = password_hash(nobodys, &options->cost, rules->dummy);
    sodium_memzero(nobodys, sizeof nobodys);
    return rc;
}

static void give(struct login_answer *answer, enum login_result result)
{
    sodium_memzero(answer, sizeof *answer);
    answer->result = result;
    snprintf(answer->text, sizeof answer->text, "%s", login_text(result));
}

/* ---- delays ---------------------------------------------------------------------------------- */

/* A failure in the future delays nothing: the clock was set back, and it would delay until then. */
unsigned login_wait_s(const struct sq_failure *failure, unsigned free, sq_time now)
{
    int64_t over = failure->count - (int64_t)free;
    if (over <= 0 || failure->last_us > now + FUTURE_S * SQ_SECOND)
        return 0;
    int64_t delay_s = over > DOUBLINGS_MAX ? DELAY_MAX_S : INT64_C(1) << (over - 1);
    sq_time left = failure->last_us + delay_s * SQ_SECOND - now;
    return left <= 0 ? 0 : (unsigned)((left + SQ_SECOND - 1) / SQ_SECOND);
}

/* What an address counts as; a text that is no address of the Internet counts as itself. */
static void network_of(const char *address, char network[INET6_ADDRSTRLEN])
{
    static const unsigned char mapped[MAPPED_BYTES] = {[10] = 0xff, [11] = 0xff};
    unsigned char bytes[16];
    char plain[INET6_ADDRSTRLEN];
    snprintf(plain, sizeof plain, "%.*s", (int)strcspn(address, "%"), address);
    snprintf(network, INET6_ADDRSTRLEN, "%s", plain);
    if (inet_pton(AF_INET6, plain, bytes) != 1)
        return;
    if (memcmp(bytes, mapped, sizeof mapped) == 0) {
        inet_ntop(AF_INET, bytes + MAPPED_BYTES, network, INET6_ADDRSTRLEN);
        return;
    }
    memset(bytes + NETWORK_V6_BYTES, 0, sizeof bytes - NETWORK_V6_BYTES);
    inet_ntop(AF_INET6, bytes, network, INET6_ADDRSTRLEN);
}

/* ---- a password ------------------------------------------------------------------------------ */

/* Whose failures an attempt counts as. */
enum whose { OF_ADDRESS, OF_USER, WHOSES };

static const unsigned free_of[WHOSES] = {[OF_ADDRESS] = ADDRESS_FREE};

struct attempt {
    const struct login_rules *rules;
    const struct login_ask *ask;
    struct login_answer *answer;
    char network[INET6_ADDRSTRLEN];
    char key[WHOSES][SQ_FAILURE_KEY_SIZE]; /* "": not counted */
    struct sq_failure failure[WHOSES];
    bool known;
    struct sq_user user;
};

static const struct sq_users_ops *ops_of(const struct attempt *a)
{
    return a->rules->users->ops;
}

/* True: the login ends here, with the answer given. */
static bool is_locked_out(struct attempt *a, enum whose whose)
{
    if (ops_of(a)->failure_get(a->rules->users, a->key[whose], &a->failure[whose]) != SQ_ERR_OK) {
        give(a->answer, LOGIN_UNAVAILABLE);
        return true;
    }
    unsigned wait_s = login_wait_s(&a->failure[whose], free_of[whose], a->ask->now);
    if (wait_s == 0)
        return false;
    give(a->answer, LOGIN_LOCKED_OUT);
    a->answer->wait_s = wait_s;
    snprintf(a->answer->text, sizeof a->answer->text, "%s: try again in %u s",
             login_text(LOGIN_LOCKED_OUT), wait_s);
    return true;
}

static bool find_user(struct attempt *a)
{
    enum sq_err error = SQ_ERR_NOT_FOUND;
    if (sq_user_name_is_valid(a->ask->user))
        error = ops_of(a)->find(a->rules->users, a->ask->user, &a->user);
    a->known = error == SQ_ERR_OK;
    if (a->known || error == SQ_ERR_NOT_FOUND)
        return true;
    give(a->answer, LOGIN_UNAVAILABLE);
    return false;
}

/* A name that cannot be a user's is not counted: the address is. */
static void name_user_key(struct attempt *a)
{
    bool usual = a->known && strcmp(a->user.address, a->network) == 0;
    if (sq_user_name_is_valid(a->ask->user))
        snprintf(a->key[OF_USER], SQ_FAILURE_KEY_SIZE, "user %s%s", a->ask->user,
                 usual ? " at the usual address" : "");
}

static void failed(struct attempt *a)
{
    sq_time now = a->ask->now;
    give(a->answer, LOGIN_WRONG);
    for (int i = 0; i < WHOSES; i++)
        if (a->key[i][0] != '\0')
            ops_of(a)->failure_add(a->rules->users, a->key[i], now, now - FORGET_S * SQ_SECOND);
}

/* A failure to forget failures delays the next login at worst. */
static void succeeded(struct attempt *a)
{
    for (int i = 0; i < WHOSES; i++)
        if (a->failure[i].count > 0)
            ops_of(a)->failure_drop(a->rules->users, a->key[i]);
}

static bool is_password_right(struct attempt *a)
{
    switch (password_verify(a->known ? a->user.password : a->rules->dummy, a->ask->password)) {
    case PASSWORD_RIGHT:
        if (a->known)
            return true;
        failed(a);
        return false;
    case PASSWORD_WRONG: failed(a); return false;
    case PASSWORD_NO_MEMORY: give(a->answer, LOGIN_BUSY); return false;
    case PASSWORD_BAD_HASH: break;
    }
    give(a->answer, LOGIN_UNAVAILABLE);
    return false;
}

static void take_token(struct attempt *a, char token[TOKEN_SIZE], struct sq_token *kept)
{
    sq_time now = a->ask->now;
    *kept = (struct sq_token){
        .issued_us = now, .expires_us = now + a->rules->options.life_us, .seen_us = now};
    memcpy(kept->user, a->user.name, sizeof kept->user);
    token_make(token);
    token_hash(token, kept->hash);
}

static void welcome(struct login_answer *answer, const struct sq_user *user, sq_time expires_us)
{
    give(answer, LOGIN_OK);
    answer->user = *user;
    sodium_memzero(answer->user.password, sizeof answer->user.password);
    sodium_memzero(answer->user.totp, sizeof answer->user.totp);
    answer->expires_us = expires_us;
}

/* NULL when the kept string is good enough, or when there is no memory for a better one. */
static const char *better_hash(const struct attempt *a, char hash[PASSWORD_HASH_SIZE])
{
    const struct password_cost *cost = &a->rules->options.cost;
    bool make = password_is_weaker(a->user.password, cost) &&
                password_hash(a->ask->password, cost, hash) == 0;
    return make ? hash : NULL;
}

/* CONFLICT: the code was used on another server, or the user was changed, in this moment. */
static void let_in(struct attempt *a, int64_t step)
{
    char hash[PASSWORD_HASH_SIZE], token[TOKEN_SIZE];
    struct sq_login login = {.user = a->user.name,
                             .version = a->user.version,
                             .totp_step = step,
                             .password = better_hash(a, hash),
                             .address = a->network};
    take_token(a, token, &login.token);
    enum sq_err error = ops_of(a)->accept(a->rules->users, &login);
    if (error == SQ_ERR_OK) {
        welcome(a->answer, &a->user, login.token.expires_us);
        memcpy(a->answer->token, token, TOKEN_SIZE);
        succeeded(a);
    } else if (error == SQ_ERR_CONFLICT)
        failed(a);
    else
        give(a->answer, LOGIN_UNAVAILABLE);
    sodium_memzero(token, sizeof token);
}

static void check_code(struct attempt *a)
{
    int64_t step = totp_verify(a->user.totp, a->ask->code, a->ask->now, a->user.totp_step);
    if (step == 0)
        failed(a);
    else if (a->user.disabled)
        give(a->answer, LOGIN_DISABLED);
    else
        let_in(a, step);
}

void login_check_password(const struct login_rules *rules, const struct login_ask *ask,
                          struct login_answer *answer)
{
    struct attempt a = {.rules = rules, .ask = ask, .answer = answer};
    network_of(ask->address, a.network);
    snprintf(a.key[OF_ADDRESS], SQ_FAILURE_KEY_SIZE, "address %s", a.network);
    if (!is_locked_out(&a, OF_ADDRESS) && find_user(&a)) {
        name_user_key(&a);
        if ((a.key[OF_USER][0] == '\0' || !is_locked_out(&a, OF_USER)) && is_password_right(&a))
            check_code(&a);
    }
    sodium_memzero(&a.user, sizeof a.user);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

static bool is_void(const struct login_options *options, const struct sq_token *token, sq_time now)
{
    return now >= token->expires_us || now - token->seen_us > options->idle_us ||
           token->issued_us > now + SKEW_S * SQ_SECOND;
}

static void use_token(const struct login_rules *rules, const struct sq_token *token,
                      const struct sq_user *user, sq_time now, struct login_answer *answer)
{
    struct sq_users *users = rules->users;
    if (is_void(&rules->options, token, now)) {
        give(answer, LOGIN_EXPIRED_TOKEN);
        users->ops->token_drop(users, token->hash);
    } else if (user->disabled)
        give(answer, LOGIN_DISABLED);
    else {
        welcome(answer, user, token->expires_us);
        if (now - token->seen_us >= SEEN_EVERY_S * SQ_SECOND)
            users->ops->token_seen(users, token->hash, now);
    }
}

void login_check_token(const struct login_rules *rules, const char *token, sq_time now,
                       struct login_answer *answer)
{
    struct sq_token kept;
    struct sq_user user;
    char hash[TOKEN_HASH_SIZE];
    enum sq_err error = SQ_ERR_NOT_FOUND;
    if (token_hash(token, hash))
        error = rules->users->ops->token_find(rules->users, hash, &kept, &user);
    if (error == SQ_ERR_OK && token_is_same(kept.hash, hash))
        use_token(rules, &kept, &user, now, answer);
    else
        give(answer, error == SQ_ERR_OK || error == SQ_ERR_NOT_FOUND ? LOGIN_EXPIRED_TOKEN
                                                                     : LOGIN_UNAVAILABLE);
    sodium_memzero(&user, sizeof user);
}

void login_check_logout(const struct login_rules *rules, const char *token,
                        struct login_answer *answer)
{
    char hash[TOKEN_HASH_SIZE];
    enum sq_err error = SQ_ERR_OK;
    if (token_hash(token, hash))
        error = rules->users->ops->token_drop(rules->users, hash);
    give(answer, error == SQ_ERR_OK ? LOGIN_OK : LOGIN_UNAVAILABLE);
}

/* ---- books ----------------------------------------------------------------------------------- */

enum login_result login_scope(const struct sq_user *user, const char *book,
                              const struct sq_person *person, char text[LOGIN_TEXT_SIZE])
{
    const char *reason = sq_user_scope(user, book, person);
    enum login_result result = reason == NULL ? LOGIN_OK : LOGIN_ROLE;
    snprintf(text, LOGIN_TEXT_SIZE, "%s%s%s", login_text(result), reason ? ": " : "",
             reason ? reason : "");
    return result;
}
