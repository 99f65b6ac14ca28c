/*
 * grant.h: the signed word by which a book changes hands (docs/handover.md).
 *
 * A grant is one line of text with a fixed order of fields, and an Ed25519 signature (RFC 8032) over
 * its bytes. There is one way to write a grant: what does not read back to the same bytes is
 * refused, so nothing can be said twice or in between.
 */
#ifndef NET_GRANT_H
#define NET_GRANT_H

#include "core/types.h"

enum {
    GRANT_HASH = 32,            /* BLAKE2b-256 of the journal row with number `seq` */
    GRANT_TEXT = 384,           /* longest line, its NUL included */
    GRANT_SIGNATURE = 64,       /* bytes */
    GRANT_SIGNATURE_TEXT = 129, /* hexadecimal, its NUL included */
    GRANT_KEY = 32,             /* public key, bytes */
    GRANT_KEY_TEXT = 65,
    GRANT_WHY = 160
};

struct grant {
    char book[4];              /* three capital letters */
    uint32_t epoch;            /* of the new owner; above 0 */
    char owner[SQ_OWNER_SIZE]; /* who gets the book */
    uint64_t seq;              /* the journal's last row: the RELEASE */
    uint8_t hash[GRANT_HASH];
    char from[SQ_OWNER_SIZE]; /* who gives it */
    sq_time issued;
    sq_time until; /* after it the grant is no good; end of the day's session at the latest */
};

/* A name that an owner may have: letters, digits, '-', '_' and '.', at most SQ_OWNER_SIZE - 1. */
bool grant_is_name(const char *name);

/* False when a member is not possible. */
bool grant_write(const struct grant *grant, char text[GRANT_TEXT]);
/* Any bytes: false with the reason unless they are exactly what grant_write() writes. */
bool grant_read(const char *text, struct grant *grant, char why[GRANT_WHY]);

/* ---- keys ----------------------------------------------------------------------------------- */

struct grant_signer; /* the secret half, in locked memory */

/*
 * Reads the secret key from a file that nobody else can read (mode 0600); makes the file when it
 * is not there. NULL with the reason. Freed, and wiped, by grant_signer_free().
 */
struct grant_signer *grant_signer_open(const char *path, char why[GRANT_WHY]);
void grant_signer_free(struct grant_signer *signer);
/* The public half in hexadecimal, for the other side's file. */
void grant_signer_public(const struct grant_signer *signer, char text[GRANT_KEY_TEXT]);

void grant_sign(const struct grant_signer *signer, const char *text,
                char signature[GRANT_SIGNATURE_TEXT]);
/* Is this the signature of the key's owner on exactly this text? False for keys and signatures
 * that are none. */
bool grant_verify(const char *public_key, const char *text, const char *signature);

#endif
