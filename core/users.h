/*
 * users.h: who may log in: a user, a session's token, and the port behind which both are kept.
 *
 * A user is not a person of a book (struct sq_person). The user says who may come in, with which
 * role and to which books; the person says what may be done inside one book, and comes with the
 * day's files. Both have to agree: where they differ the stricter wins, which is to refuse
 * (sq_user_scope).
 *
 * No secret is kept that could be used as it lies there, save the TOTP secret, which a verifier
 * cannot do without (RFC 6238, section 5.1): a password is an Argon2id string, a token is a hash.
 */
#ifndef SQ_CORE_USERS_H
#define SQ_CORE_USERS_H

#include "core/port.h"

enum {
    SQ_BOOKS_SIZE = 64,       /* "DRL MUM", at most 16 books; "*": every book */
    SQ_PASSWORD_SIZE = 128,   /* an Argon2id string of libsodium (crypto_pwhash_STRBYTES) */
    SQ_TOTP_SIZE = 33,        /* 160 bits in base32: 32 characters */
    SQ_TOKEN_HASH_SIZE = 65,  /* BLAKE2b-256 of a token, in lower-case hexadecimal */
    SQ_ADDRESS_SIZE = 48,     /* of a peer, as text: INET6_ADDRSTRLEN and a little */
    SQ_FAILURE_KEY_SIZE = 64, /* whose failures: see net/login.h */
    SQ_USER_TOKENS_MAX = 16,  /* sessions of one user; the oldest gives way */
    SQ_FAILURES_MAX = 4096    /* rows of failures that are kept; the oldest gives way */
};

struct sq_user {
    char name[SQ_PERSON_SIZE]; /* letters, digits, . _ -; the code of the person in the books */
    uint8_t role;              /* enum sq_role; NONE and SYSTEM are nobody's */
    uint8_t disabled;          /* 1: may not log in */
    char desk[SQ_DESK_SIZE];   /* "": of no desk in particular */
    char books[SQ_BOOKS_SIZE]; /* codes of three, one space between; "*": all; "": none */
    char password[SQ_PASSWORD_SIZE];
    char totp[SQ_TOTP_SIZE]; /* shared secret, base32 */
    int64_t totp_step;       /* newest step whose code was used: none up to it is taken again */
    int64_t version;         /* counts the changes by an administrator */
    sq_time login_us;        /* last login; 0: never */
    char address[SQ_ADDRESS_SIZE]; /* of the last login; "": never */
};

struct sq_token {
    char hash[SQ_TOKEN_HASH_SIZE];
    char user[SQ_PERSON_SIZE];
    sq_time issued_us;
    sq_time expires_us; /* absolute, however much it is used */
    sq_time seen_us;    /* last used, to within a minute */
};

/* Failures of one key: a user or an address. */
struct sq_failure {
    int64_t count; /* since the last success */
    sq_time last_us;
};

/* What a login that was right changes, in one transaction. */
struct sq_login {
    const char *user;
    int64_t version;      /* of the user that was checked: another by now is a CONFLICT */
    int64_t totp_step;    /* must be above the one that is kept, or it is a CONFLICT */
    const char *password; /* hashed anew with today's parameters; NULL: stays */
    const char *address;
    struct sq_token token;
};

typedef int sq_user_fn(void *owner, const struct sq_user *user);

/*
 * Calls may come from any thread: each locks the port for as long as it takes, and each is one
 * transaction. Errors besides those named: IO, DISK_FULL, DAMAGED; `why` has the words.
 */
struct sq_users;
struct sq_users_ops {
    /* NOT_FOUND: no such user. */
    enum sq_err (*find)(struct sq_users *users, const char *name, struct sq_user *user);
    /* A new user with version 1. CONFLICT: there is one of this name. */
    enum sq_err (*add)(struct sq_users *users, const struct sq_user *user);
    /* An administrator's change: version + 1, and every token of the user is void with it.
     * CONFLICT: somebody else changed the user since it was read. */
    enum sq_err (*save)(struct sq_users *users, const struct sq_user *user);
    /* In order of names; a row that returns non-zero ends it. The port is locked meanwhile. */
    enum sq_err (*list)(struct sq_users *users, sq_user_fn *row, void *owner);
    /* The compare-and-set of a login: of two with one code, on two servers, one gets CONFLICT.
     * Tokens that expired before the new one was issued go, and the oldest above the limit. */
    enum sq_err (*accept)(struct sq_users *users, const struct sq_login *login);
    /* A token by its hash, and its user. NOT_FOUND: expired and pruned, revoked, or made up. */
    enum sq_err (*token_find)(struct sq_users *users, const char *hash, struct sq_token *token,
                              struct sq_user *user);
    enum sq_err (*token_seen)(struct sq_users *users, const char *hash, sq_time now);
    enum sq_err (*token_drop)(struct sq_users *users, const char *hash);
    /* A key without failures is {0, 0}, and OK. */
    enum sq_err (*failure_get)(struct sq_users *users, const char *key, struct sq_failure *failure);
    /* One more at `now`; counts from 1 again when the last was before `forget_before`. */
    enum sq_err (*failure_add)(struct sq_users *users, const char *key, sq_time now,
                               sq_time forget_before);
    enum sq_err (*failure_drop)(struct sq_users *users, const char *key);
    /* Words on the last error, of whichever thread; for people. */
    void (*why)(struct sq_users *users, char *why, size_t why_room);
    void (*destroy)(struct sq_users *users);
};
struct sq_users {
    const struct sq_users_ops *ops;
};

/* What is wrong with the name, role, desk or books of a user, in words; NULL: nothing. */
const char *sq_user_fault(const struct sq_user *user);
/* Whether a text may be the name of a user at all, of whatever length it is. */
bool sq_user_name_is_valid(const char *name);

/*
 * Whether the user may work in this book as this person (NULL: the book does not know them).
 * Returns NULL, or the reason why not, in words. Refused are: a book that is not the user's; a
 * person who is not active; another role here than there; another desk, where the user has one.
 * An administrator or an auditor needs no person in the book, since neither trades.
 */
const char *sq_user_scope(const struct sq_user *user, const char *book,
                          const struct sq_person *person);

#endif
