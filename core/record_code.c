/*
 * record_code.c: the encoded face of a message, driven by its table of fields.
 *
 * The journal, the digests and the wire rest on "equal bodies, equal bytes", so the reader takes
 * nothing that the writer would not have written: numbers have their shortest form, texts hold
 * no NUL, enumerations stay in their lists.
 */
#include "core/record.h"

#include <string.h>

#include "core/engine.h"

/* The writer stores in whole words, up to this much beyond the end of a field. */
enum { WORD = sizeof(uint64_t), NUMBER_MAX = 10 };

static uint64_t load_word(const void *from)
{
    uint64_t word;
    memcpy(&word, from, sizeof word);
    return word;
}

static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

/* Spreads 56 bits to eight groups of seven, a byte each: halves, quarters, eighths. */
static uint64_t spread(uint64_t value)
{
    value = (value & 0x000000000fffffff) | (value & 0x00fffffff0000000) << 4;
    value = (value & 0x00003fff00003fff) | (value & 0x0fffc0000fffc000) << 2;
    return (value & 0x007f007f007f007f) | (value & 0x3f803f803f803f80) << 1;
}

/* Least significant group first; the top bit of a byte says that more follow (as in LEB128). */
static __attribute__((noinline)) uint8_t *put_long_number(uint8_t *at, uint64_t value)
{
    if (value >> 56 == 0) {
        unsigned length = (unsigned)(70 - __builtin_clzll(value)) / 7;
        uint64_t more = 0x8080808080808080 & ((UINT64_C(1) << 8 * (length - 1)) - 1);
        uint64_t word = spread(value) | more;
        memcpy(at, &word, sizeof word);
        return at + length;
    }
    for (; value >= 0x80; value >>= 7)
        *at++ = (uint8_t)(value | 0x80);
    *at++ = (uint8_t)value;
    return at;
}

static inline uint8_t *put_number(uint8_t *at, uint64_t value)
{
    *at = (uint8_t)value;
    return __builtin_expect(value < 0x80, 1) ? at + 1 : put_long_number(at, value);
}

/* Bytes of a word before its first NUL, 8 when it has none. */
static size_t before_nul(uint64_t word)
{
    uint64_t nul = (word - 0x0101010101010101) & ~word & 0x8080808080808080;
    return nul ? (size_t)__builtin_ctzll(nul) / 8 : WORD;
}

/*
 * Members are padded with NUL to a multiple of four bytes. They are copied by words until a word
 * holds a NUL, which is quicker than finding the length first. A text without an end is written
 * whole, and refused by the reader.
 */
static uint8_t *put_text(uint8_t *at, const char *text, size_t size)
{
    size_t length = 0;
    for (size_t taken = WORD; taken == WORD && length < size; length += taken) {
        uint64_t word = 0;
        if (size - length >= WORD)
            word = load_word(text + length);
        else
            memcpy(&word, text + length, WORD / 2);
        memcpy(at + 1 + length, &word, WORD);
        taken = before_nul(word);
    }
    *at = (uint8_t)length;
    return at + 1 + length;
}
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "words are stored as they lie");

static uint8_t *put_id(uint8_t *at, const struct sq_id *id)
{
    uint64_t high = __builtin_bswap64(id->high), low = __builtin_bswap64(id->low);
    memcpy(at, &high, WORD);
    memcpy(at + WORD, &low, WORD);
    return at + 2 * WORD;
}

static bool is_signed(const struct sq_field *field)
{
    return field->type == SQ_FIELD_I64 || field->type == SQ_FIELD_TIME;
}

size_t sq_encode(enum sq_kind kind, const void *body, uint8_t *bytes, size_t room)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    const struct sq_field *end = info->fields + info->field_count;
    uint8_t *at = bytes;
    SQ_ASSERT(room >= SQ_ENCODED_MAX);
    for (const struct sq_field *field = info->fields; field < end; field++) {
        const char *member = (const char *)body + field->offset;
        switch (field->type) {
        case SQ_FIELD_U8:
        case SQ_FIELD_ENUM: at = put_number(at, *(const uint8_t *)member); break;
        case SQ_FIELD_I64:
        case SQ_FIELD_TIME: at = put_number(at, zigzag(*(const int64_t *)member)); break;
        case SQ_FIELD_TEXT: at = put_text(at, member, field->size); break;
        case SQ_FIELD_ID: at = put_id(at, (const struct sq_id *)member); break;
        case SQ_FIELD_U16:
        case SQ_FIELD_KIND: at = put_number(at, *(const uint16_t *)member); break;
        case SQ_FIELD_U32: at = put_number(at, *(const uint32_t *)member); break;
        default: at = put_number(at, *(const uint64_t *)member);
        }
    }
    return (size_t)(at - bytes);
}

/* ---- reading ------------------------------------------------------------------------------- */

struct reader {
    const uint8_t *at;
    const uint8_t *end;
};

static bool get_number(struct reader *r, uint64_t *value)
{
    *value = 0;
    for (unsigned i = 0; i < NUMBER_MAX && r->at < r->end; i++) {
        uint8_t byte = *r->at++;
        *value |= (uint64_t)(byte & 0x7f) << 7 * i;
        if (byte < 0x80) /* a last byte of 0 could have been left out; the tenth has one bit */
            return !(i > 0 && byte == 0) && !(i == NUMBER_MAX - 1 && byte > 1);
    }
    return false;
}

static bool get_text(struct reader *r, char *member, size_t size)
{
    size_t length = r->at < r->end ? *r->at++ : SIZE_MAX;
    if (length > (size_t)(r->end - r->at) || length >= size || memchr(r->at, '\0', length))
        return false;
    memcpy(member, r->at, length);
    r->at += length;
    return true;
}

static bool get_id(struct reader *r, struct sq_id *id)
{
    if ((size_t)(r->end - r->at) < 2 * WORD)
        return false;
    id->high = __builtin_bswap64(load_word(r->at));
    id->low = __builtin_bswap64(load_word(r->at + WORD));
    r->at += 2 * WORD;
    return true;
}

/* Largest number that a field may hold. */
static uint64_t largest(const struct sq_field *field)
{
    switch (field->type) {
    case SQ_FIELD_ENUM: return sq_list_count(field->list) - 1;
    case SQ_FIELD_KIND: return SQ_KIND_COUNT - 1;
    case SQ_FIELD_GUARDS: return (UINT64_C(1) << SQ_GUARD_COUNT) - 1;
    default: return UINT64_MAX >> (64 - 8 * field->size);
    }
}

static bool get_integer(struct reader *r, const struct sq_field *field, void *member)
{
    uint64_t value;
    if (!get_number(r, &value) || value > largest(field))
        return false;
    if (is_signed(field))
        value = (uint64_t)unzigzag(value);
    switch (field->size) {
    case sizeof(uint8_t): *(uint8_t *)member = (uint8_t)value; break;
    case sizeof(uint16_t): *(uint16_t *)member = (uint16_t)value; break;
    case sizeof(uint32_t): *(uint32_t *)member = (uint32_t)value; break;
    default: *(uint64_t *)member = value;
    }
    return true;
}

static bool get_field(struct reader *r, const struct sq_field *field, void *member)
{
    switch (field->type) {
    case SQ_FIELD_TEXT: return get_text(r, member, field->size);
    case SQ_FIELD_ID: return get_id(r, member);
    default: return get_integer(r, field, member);
    }
}

int sq_decode(enum sq_kind kind, const uint8_t *bytes, size_t length, void *body)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    struct reader r = {bytes, bytes + length};
    memset(body, 0, info->size);
    for (unsigned i = 0; i < info->field_count && r.at < r.end; i++)
        if (!get_field(&r, &info->fields[i], (char *)body + info->fields[i].offset))
            return -1;
    return r.at == r.end ? 0 : -1;
}

bool sq_same_body(enum sq_kind kind, const void *a, const void *b)
{
    uint8_t x[SQ_ENCODED_MAX], y[SQ_ENCODED_MAX];
    size_t n = sq_encode(kind, a, x, sizeof x);
    size_t m = sq_encode(kind, b, y, sizeof y);
    return n == m && memcmp(x, y, n) == 0;
}
