/*
 * text.h: a bounded text that is built from left to right, for a library without printf.
 *
 * What does not fit is left out, and the text is always NUL-terminated, so a builder needs no
 * checks on the way; `cut` says afterwards whether something is missing.
 */
#ifndef SQ_CORE_TEXT_H
#define SQ_CORE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sq_text {
    char *bytes;   /* the caller's; at least one byte */
    size_t room;   /* bytes there, the closing NUL included */
    size_t length; /* without the NUL */
    bool cut;      /* something did not fit */
};

void sq_text_begin(struct sq_text *text, char *bytes, size_t room);
void sq_text_char(struct sq_text *text, char c);
void sq_text_bytes(struct sq_text *text, const char *bytes, size_t length);
void sq_text_put(struct sq_text *text, const char *string);
void sq_text_integer(struct sq_text *text, int64_t value);
/* At least `width` digits, with zeros in front. */
void sq_text_digits(struct sq_text *text, uint64_t value, unsigned width);
/* Exactly `width` lower-case hexadecimal digits; 1..16. */
void sq_text_hex(struct sq_text *text, uint64_t value, unsigned width);

#endif
