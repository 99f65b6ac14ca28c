#include "net/grant.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMAT                                                                                    \
    "grant v1 book=%s epoch=%" PRIu32 " owner=%s seq=%" PRIu64 " hash=%s from=%s issued=%" PRId64 \
    " until=%" PRId64
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."
#define BOOK_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* ---- the line ------------------------------------------------------------------------------- */

bool grant_is_name(const char *name)
{
    size_t length = strnlen(name, SQ_OWNER_SIZE);
    return length > 0 && length < SQ_OWNER_SIZE && strspn(name, NAME_LETTERS) == length;
}

static bool is_book(const char *book)
{
    return strnlen(book, 4) == 3 && strspn(book, BOOK_LETTERS) == 3;
}

static bool is_possible(const struct grant *g)
{
    return is_book(g->book) && g->epoch > 0 && grant_is_name(g->owner) && g->seq > 0 &&
           g->seq <= (uint64_t)SQ_INTEGER_MAX && grant_is_name(g->from) && g->issued > 0 &&
           g->issued < g->until && g->until <= SQ_INTEGER_MAX;
}

bool grant_write(const struct grant *g, char text[GRANT_TEXT])
{
    char hash[2 * GRANT_HASH + 1];
    if (!is_possible(g))
        return false;
    sodium_bin2hex(hash, sizeof hash, g->hash, GRANT_HASH);
    int n = snprintf(text, GRANT_TEXT, FORMAT, g->book, g->epoch, g->owner, g->seq, hash, g->from,
                     g->issued, g->until);
    return n > 0 && n < GRANT_TEXT;
}

static bool no(char why[GRANT_WHY], const char *what)
{
    snprintf(why, GRANT_WHY, "%s", what);
    return false;
}

/* The widths are those of the members; what they cut does not read back to the same bytes. */
bool grant_read(const char *text, struct grant *g, char why[GRANT_WHY])
{
    char hash[2 * GRANT_HASH + 1] = "", again[GRANT_TEXT];
    memset(g, 0, sizeof *g);
    if (strnlen(text, GRANT_TEXT) == GRANT_TEXT)
        return no(why, "grant: too long");
    int members =
        sscanf(text,
               "grant v1 book=%3[A-Z0-9] epoch=%10" SCNu32 " owner=%23[A-Za-z0-9_.-] "
               "seq=%16" SCNu64 " hash=%64[0-9a-f] from=%23[A-Za-z0-9_.-] "
               "issued=%16" SCNd64 " until=%16" SCNd64,
               g->book, &g->epoch, g->owner, &g->seq, hash, g->from, &g->issued, &g->until);
    if (members != 8)
        return no(why, "grant: not a grant of version 1");
    if (sodium_hex2bin(g->hash, GRANT_HASH, hash, strlen(hash), NULL, NULL, NULL) != 0)
        return no(why, "grant: hash");
    if (!grant_write(g, again) || strcmp(again, text) != 0)
        return no(why, "grant: a value that is not possible, or not written the one way");
    return true;
}

/* ---- keys ----------------------------------------------------------------------------------- */

struct grant_signer {
    unsigned char secret[crypto_sign_SECRETKEYBYTES];
    unsigned char open[crypto_sign_PUBLICKEYBYTES];
};
_Static_assert(crypto_sign_PUBLICKEYBYTES == GRANT_KEY, "Ed25519 public key");
_Static_assert(crypto_sign_BYTES == GRANT_SIGNATURE, "Ed25519 signature");

static bool fail(char why[GRANT_WHY], const char *path, const char *what)
{
    snprintf(why, GRANT_WHY, "%.100s: %s", path, what);
    return false;
}

static bool write_seed(int fd, const unsigned char seed[crypto_sign_SEEDBYTES])
{
    ssize_t n = write(fd, seed, crypto_sign_SEEDBYTES);
    return n == crypto_sign_SEEDBYTES && fsync(fd) == 0;
}

/* A key that is made is on disk before it is used: a grant by a key that is lost is worth nothing. */
static bool make_seed(const char *path, char why[GRANT_WHY])
{
    unsigned char seed[crypto_sign_SEEDBYTES];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail(why, path, strerror(errno));
    randombytes_buf(seed, sizeof seed);
    bool written = write_seed(fd, seed);
    sodium_memzero(seed, sizeof seed);
    written = close(fd) == 0 && written;
    if (!written)
        unlink(path);
    return written || fail(why, path, "cannot be written");
}

static bool read_seed(const char *path, unsigned char seed[crypto_sign_SEEDBYTES],
                      char why[GRANT_WHY])
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return fail(why, path, strerror(errno));
    bool private = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 077) == 0;
    bool whole = private && st.st_size == crypto_sign_SEEDBYTES &&
                 read(fd, seed, crypto_sign_SEEDBYTES) == crypto_sign_SEEDBYTES;
    close(fd);
    if (!private)
        return fail(why, path, "a secret key must be readable by nobody else");
    return whole || fail(why, path, "not a key of ours: 32 bytes");
}

struct grant_signer *grant_signer_open(const char *path, char why[GRANT_WHY])
{
    unsigned char seed[crypto_sign_SEEDBYTES];
    if (sodium_init() < 0 || (access(path, F_OK) != 0 && !make_seed(path, why)) ||
        !read_seed(path, seed, why))
        return NULL;
    struct grant_signer *signer = sodium_malloc(sizeof *signer);
    if (signer != NULL)
        crypto_sign_seed_keypair(signer->open, signer->secret, seed);
    else
        fail(why, path, "no memory for a secret");
    sodium_memzero(seed, sizeof seed);
    return signer;
}

void grant_signer_free(struct grant_signer *signer)
{
    sodium_free(signer);
}

void grant_signer_public(const struct grant_signer *signer, char text[GRANT_KEY_TEXT])
{
    sodium_bin2hex(text, GRANT_KEY_TEXT, signer->open, GRANT_KEY);
}

void grant_sign(const struct grant_signer *signer, const char *text,
                char signature[GRANT_SIGNATURE_TEXT])
{
    unsigned char bytes[GRANT_SIGNATURE];
    crypto_sign_detached(bytes, NULL, (const unsigned char *)text, strlen(text), signer->secret);
    sodium_bin2hex(signature, GRANT_SIGNATURE_TEXT, bytes, sizeof bytes);
}

/* Lower case only, and all of it: one way to write a key or a signature too. */
static bool unhex(const char *text, unsigned char *bytes, size_t count)
{
    return strnlen(text, 2 * count + 1) == 2 * count &&
           strspn(text, "0123456789abcdef") == 2 * count &&
           sodium_hex2bin(bytes, count, text, 2 * count, NULL, NULL, NULL) == 0;
}

bool grant_verify(const char *public_key, const char *text, const char *signature)
{
    unsigned char key[GRANT_KEY], bytes[GRANT_SIGNATURE];
    return unhex(public_key, key, sizeof key) && unhex(signature, bytes, sizeof bytes) &&
           crypto_sign_verify_detached(bytes, (const unsigned char *)text, strlen(text), key) == 0;
}
