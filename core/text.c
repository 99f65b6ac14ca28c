/* text.c: bounded texts, and fixed-size text members of structs. */
#include "core/text.h"

#include <string.h>

#include "core/num.h"

void sq_text_begin(struct sq_text *text, char *bytes, size_t room)
{
    *text = (struct sq_text){.bytes = bytes, .room = room};
    bytes[0] = '\0';
}

void sq_text_bytes(struct sq_text *text, const char *bytes, size_t length)
{
    size_t left = text->room - 1 - text->length;
    if (length > left) {
        length = left;
        text->cut = true;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
    text->bytes[text->length] = '\0';
}

void sq_text_char(struct sq_text *text, char c)
{
    sq_text_bytes(text, &c, 1);
}

void sq_text_put(struct sq_text *text, const char *string)
{
    sq_text_bytes(text, string, strlen(string));
}

void sq_text_integer(struct sq_text *text, int64_t value)
{
    if (value < 0)
        sq_text_char(text, '-');
    sq_text_digits(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void sq_text_digits(struct sq_text *text, uint64_t value, unsigned width)
{
    char digits[32];
    size_t at = sizeof digits;
    do
        digits[--at] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    while (at > 0 && sizeof digits - at < width)
        digits[--at] = '0';
    sq_text_bytes(text, digits + at, sizeof digits - at);
}

void sq_text_hex(struct sq_text *text, uint64_t value, unsigned width)
{
    for (unsigned shift = width * 4; shift > 0; shift -= 4)
        sq_text_char(text, "0123456789abcdef"[value >> (shift - 4) & 15]);
}

bool sq_text_set(char *member, size_t size, const char *text, size_t length)
{
    if (length >= size || memchr(text, '\0', length))
        return false;
    memcpy(member, text, length);
    memset(member + length, 0, size - length);
    return true;
}

void sq_text_cut(char *member, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memmove(member, text, length);
    memset(member + length, 0, size - length);
}

bool sq_text_equal(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}
