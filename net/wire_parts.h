/*
 * wire_parts.h: what the writing and the reading half of the wire codec share.
 */
#ifndef NET_WIRE_PARTS_H
#define NET_WIRE_PARTS_H

#include "net/wire.h"

/*
 * Length of the character of UTF-8 that begins at `at` (RFC 3629: shortest form, no surrogates, up
 * to U+10FFFF), 1..4, and its code; 0 when there is none within `left` bytes.
 */
size_t wire_utf8(const char *at, size_t left, uint32_t *code);
/* C0, DEL and C1: nothing that a text of ours has a use for, and what can move a cursor. */
bool wire_is_control(uint32_t code);

/* Rows of this kind are told by their changes: records but CONFIG. */
bool wire_is_row(enum sq_kind kind);
/* Fields that are the host's own, and are not told to a console: place 1 is bit 0. */
uint64_t wire_silent_fields(enum sq_kind kind);

/* Value of an unsigned member of 1, 2, 4 or 8 bytes, and back. */
uint64_t wire_load(const void *member, size_t size);
void wire_store(void *member, size_t size, uint64_t value);

/*
 * Values of a tree. NULL is no value of any type. False: not that, or not within bounds; the member
 * is not to be used then.
 */
bool wire_get_integer(const struct cJSON *value, int64_t *number);
/* Up to 2^53-1 as a number, beyond it as a text of digits. */
bool wire_get_unsigned(const struct cJSON *value, uint64_t most, uint64_t *number);
bool wire_get_named(const struct cJSON *value, enum sq_list list, uint64_t *member);
bool wire_get_guards(const struct cJSON *value, uint64_t *guards);
/* Refused when it is too long for its member. */
bool wire_get_text(const struct cJSON *value, char *member, size_t size);

#endif
