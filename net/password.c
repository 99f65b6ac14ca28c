/* password.c: Argon2id by libsodium. */
#include "net/password.h"

#include <errno.h>
#include <sodium.h>
#include <stdint.h>
#include <string.h>

#include "core/num.h"

_Static_assert(PASSWORD_HASH_SIZE == crypto_pwhash_STRBYTES, "a string of libsodium fits");

const struct password_cost password_usual = {.memory_bytes = 64 << 20, .passes = 3};
const struct password_cost password_least = {.memory_bytes = crypto_pwhash_MEMLIMIT_MIN,
                                             .passes = crypto_pwhash_OPSLIMIT_MIN};

/* Above these a stored string would be an attack on memory and time, not a password. */
enum { MEMORY_KIB_MAX = 1 << 20, PASSES_MAX = 16 };

int password_init(void)
{
    return sodium_init() < 0 ? -1 : 0;
}

const char *password_fault(const char *password)
{
    size_t length = strnlen(password, PASSWORD_LENGTH_MAX + 1);
    if (length < PASSWORD_LENGTH_MIN)
        return "a password has at least 10 bytes";
    if (length > PASSWORD_LENGTH_MAX)
        return "a password has at most 128 bytes";
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)password[i] < 0x20 || password[i] == 0x7f)
            return "a password has no control characters";
    return NULL;
}

/* Without I, L, O and U, like our client order ids: it may be read out over a telephone. */
void password_make(char password[PASSWORD_MADE_SIZE])
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    size_t at = 0;
    for (int i = 0; i < 20; i++) {
        if (i > 0 && i % 5 == 0)
            password[at++] = '-';
        password[at++] = digits[randombytes_uniform(32)];
    }
    password[at] = '\0';
}

int password_hash(const char *password, const struct password_cost *cost,
                  char hash[PASSWORD_HASH_SIZE])
{
    return crypto_pwhash_str(hash, password, strlen(password), cost->passes, cost->memory_bytes);
}

/* The number after `mark` in the parameters. */
static bool parameter(const char *hash, const char *mark, int64_t *value)
{
    const char *at = strstr(hash, mark);
    if (at == NULL)
        return false;
    at += strlen(mark);
    return sq_parse_integer(at, strspn(at, "0123456789"), value);
}

static bool parameters(const char *hash, int64_t *memory_kib, int64_t *passes)
{
    return strnlen(hash, PASSWORD_HASH_SIZE) < PASSWORD_HASH_SIZE &&
           strncmp(hash, crypto_pwhash_STRPREFIX, strlen(crypto_pwhash_STRPREFIX)) == 0 &&
           parameter(hash, "$m=", memory_kib) && parameter(hash, ",t=", passes) &&
           *memory_kib <= MEMORY_KIB_MAX && *passes <= PASSES_MAX;
}

/* libsodium's errno is EINVAL when the password is another, else what the allocation left. */
enum password_answer password_verify(const char *hash, const char *password)
{
    int64_t memory_kib, passes;
    if (!parameters(hash, &memory_kib, &passes))
        return PASSWORD_BAD_HASH;
    errno = 0;
    if (crypto_pwhash_str_verify(hash, password, strlen(password)) == 0)
        return PASSWORD_RIGHT;
    return errno == EINVAL ? PASSWORD_WRONG : PASSWORD_NO_MEMORY;
}

bool password_is_weaker(const char *hash, const struct password_cost *cost)
{
    int64_t memory_kib, passes;
    return !parameters(hash, &memory_kib, &passes) ||
           memory_kib < (int64_t)(cost->memory_bytes / 1024) || passes < (int64_t)cost->passes;
}
