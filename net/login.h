/*
 * login.h: who comes in: what the server asks, and how many are looked at at a time.
 *
 * login_start() is given user, password and code, and answers with a session's token; with that
 * token login_token() lets the session in again, after a lost connection and on another server of
 * the house. Both are answered later, from the loop, since hashing and the database run beside it.
 *
 * There are two lanes. A password takes 64 MiB and 80 ms, so few are looked at at once and few may
 * wait; tokens are cheap, and after a fail-over they come by the thousand: one thread takes them in
 * turn. Together the lanes keep at most three of libuv's four threads (with the usual options), so
 * that a commit of the journal always finds one. A lane that is full answers BUSY at once, and one
 * address may have a quarter of those that wait for a password: a flood finds an end, and memory
 * does not grow.
 *
 * What is looked at, and in which order, is in login_check.h.
 *
 * All calls belong to the loop's thread. Passwords, codes and tokens are wiped when they have been
 * looked at; the passwords that wait lie in memory that is not swapped, as far as RLIMIT_MEMLOCK
 * lets us.
 */
#ifndef NET_LOGIN_H
#define NET_LOGIN_H

#include "core/users.h"
#include "net/password.h"
#include "net/token.h"

struct loop;

/* X(identifier, what the person reads) */
#define LOGIN_RESULT_MAP(X)                                                          \
    X(OK, "logged in")                                                               \
    X(WRONG, "user, password or code is wrong") /* never which, nor whether known */ \
    X(LOCKED_OUT, "too many failures")          /* wait_s says how long */           \
    X(BUSY, "too many logins at once: try again in a moment")                        \
    X(DISABLED, "this user may not log in") /* after password and code were right */ \
    X(EXPIRED_TOKEN, "the session has ended: log in again")                          \
    X(ROLE, "the user may not work in this book")                                    \
    X(UNAVAILABLE, "the list of users cannot be read")
#define X(tail, text) LOGIN_##tail,
enum login_result { LOGIN_RESULT_MAP(X) LOGIN_RESULTS };
#undef X
const char *login_text(enum login_result result);

enum { LOGIN_TEXT_SIZE = 160, LOGIN_AT_ONCE_MAX = 4, LOGIN_WAITING_MAX = 64 };

struct login_options {
    struct password_cost cost;
    sq_time life_us;        /* of a token, however much it is used */
    sq_time idle_us;        /* a token that was not used for so long is void */
    unsigned at_once;       /* passwords looked at at a time: 1..LOGIN_AT_ONCE_MAX */
    unsigned waiting;       /* passwords that may wait: 1..LOGIN_WAITING_MAX */
    unsigned token_waiting; /* tokens that may wait: as many as there may be consoles */
};
/* 64 MiB and 3 passes; 12 hours, 1 hour; 2 at once, 64 and 20,480 waiting. */
extern const struct login_options login_usual;

struct login_answer {
    enum login_result result;
    unsigned wait_s;            /* LOCKED_OUT: an attempt before that is not looked at */
    char text[LOGIN_TEXT_SIZE]; /* the result in words, for the person */
    char token[TOKEN_SIZE];     /* OK of login_start: the session's; else "" */
    sq_time expires_us;         /* OK: when the token is void however much it is used */
    struct sq_user user;        /* OK: without password and secret */
};
/* On the loop. The answer is borrowed until it returns, and wiped then. */
typedef void login_done_fn(void *owner, const struct login_answer *answer);

struct login_ask {
    const char *user; /* as they came: any bytes up to a NUL; copied, or refused when too long */
    const char *password;
    const char *code;
    const char *address; /* of the peer, as text */
    sq_time now;         /* the wall clock: microseconds since 1970, UTC */
    login_done_fn *done; /* NULL: nobody wants to know */
    void *owner;
};

struct login;

/*
 * `users` is borrowed. NULL: no memory, or no randomness. At the end: login_stop(), then
 * loop_finish(), then login_destroy(), then the users' own end.
 */
struct login *login_create(struct loop *loop, struct sq_users *users,
                           const struct login_options *options);
/* Drops what waits; what is under way ends without telling anybody. */
void login_stop(struct login *login);
void login_destroy(struct login *login);

/* OK: done() will be called, later, once. BUSY: it will not. */
enum login_result login_start(struct login *login, const struct login_ask *ask);

/*
 * The same for a token; of the ask, user, password, code and address are not looked at. It renews
 * the idle time. A server asks it again once a minute for each connection that lives: so a session
 * that is used does not go idle, and one that was revoked ends on every server within the minute.
 */
enum login_result login_token(struct login *login, const char *token, const struct login_ask *ask);

/* Makes the token void. The answer is OK whether there was one or not. */
enum login_result login_logout(struct login *login, const char *token, const struct login_ask *ask);

/* The owner goes: none of its done() is called any more, and what of it waits is dropped. */
void login_forget(struct login *login, const void *owner);

/* How many wait or are under way, for the server's figures. */
unsigned login_pending(const struct login *login);

/*
 * Whether the user of an answer may work in this book as this person of the day (NULL: unknown
 * there): OK, or ROLE with the reason in `text`. The stricter of user and person wins: see
 * sq_user_scope(). To be asked at every opening of a book, and again when a new day is loaded.
 */
enum login_result login_scope(const struct sq_user *user, const char *book,
                              const struct sq_person *person, char text[LOGIN_TEXT_SIZE]);

#endif
