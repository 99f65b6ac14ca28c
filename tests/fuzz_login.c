/*
 * Any bytes as what comes from outside at a login, and as what lies in a table that people edit:
 * user, code, token, stored hash, secret, address. The input is cut at NULs into those.
 */
#include <stdlib.h>
#include <string.h>

#include "core/users.h"
#include "net/password.h"
#include "net/token.h"
#include "net/totp.h"

enum { PARTS = 4, PART_SIZE = 512 };

/* What is missing is empty; what is too long is cut. */
static void cut(const uint8_t *data, size_t size, char parts[PARTS][PART_SIZE])
{
    for (int i = 0; i < PARTS; i++) {
        const uint8_t *end = size ? memchr(data, 0, size) : NULL;
        size_t length = end ? (size_t)(end - data) : size;
        size_t kept = length < PART_SIZE ? length : PART_SIZE - 1;
        if (kept)
            memcpy(parts[i], data, kept);
        parts[i][kept] = '\0';
        data += end ? length + 1 : length;
        size -= end ? length + 1 : length;
    }
}

/* A text that is taken for a token is the one way to write those bits: the hash tells it again. */
static void try_token(const char *text)
{
    char hash[TOKEN_HASH_SIZE] = "", again[TOKEN_HASH_SIZE] = "";
    if (!token_hash(text, hash))
        return;
    if (strlen(text) != TOKEN_SIZE - 1 || strlen(hash) != TOKEN_HASH_SIZE - 1 ||
        !token_hash(text, again) || !token_is_same(hash, again))
        abort();
}

static void try_code(const char *secret, const char *code)
{
    sq_time now = INT64_C(1795000000) * SQ_SECOND;
    int64_t step = totp_verify(secret, code, now, 0);
    if (step != 0 && (strlen(code) != TOTP_DIGITS || totp_verify(secret, code, now, step) == step))
        abort();
}

/* A row of the table: nothing in it need be closed by a NUL. */
static void try_user(const uint8_t *data, size_t size)
{
    struct sq_user user = {0};
    memcpy(&user, data, size < sizeof user ? size : sizeof user);
    if (sq_user_fault(&user) != NULL) {
        if (sq_user_scope(&user, "DRL", NULL) == NULL)
            abort();
        return;
    }
    if (!sq_user_name_is_valid(user.name) || strlen(user.books) >= sizeof user.books)
        abort();
    sq_user_scope(&user, "DRL", NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char parts[PARTS][PART_SIZE];
    cut(data, size, parts);
    try_token(parts[0]);
    try_code(parts[1], parts[2]);
    password_fault(parts[0]);
    password_is_weaker(parts[3], &password_usual);
    sq_user_scope(&(struct sq_user){.name = "A", .role = SQ_ROLE_ADMIN, .books = "*"}, parts[0],
                  NULL);
    try_user(data, size);
    return 0;
}
