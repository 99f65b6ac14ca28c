/*
 * wire_fields.c: which fields make up a row's key, which are the host's own, and characters.
 */
#include "net/wire_parts.h"

#include <string.h>

/* ---- fields -------------------------------------------------------------------------------- */

#define AT(place)   (UINT64_C(1) << ((place)-1))
#define UPTO(place) (AT((place) + 1) - 1)

/*
 * Places in the tables of core/record_tables.c, which only ever grow at their end. The keys are
 * those of core/tables.c; tests/protocol_test prints both columns by name, tests/wire_test finds
 * each kind's row again.
 */
static const struct {
    bool is_row;
    uint64_t key;
    uint64_t silent;
} kinds[SQ_KIND_COUNT] = {
    [SQ_INSTRUMENT] = {true, UPTO(2), 0},
    [SQ_CLIENT] = {true, UPTO(1), 0},
    [SQ_PERSON] = {true, UPTO(1), 0},
    [SQ_POSITION] = {true, UPTO(4), 0},
    /* seen_unknown, conn, fix_seq; send_before, ask_at, cancel_at */
    [SQ_ORDER] = {true, UPTO(1), AT(23) | AT(25) | AT(26) | AT(31) | AT(32) | AT(33)},
    /* prepaid, child_cap; the quote that its limit was made from, wait_from, quoted */
    [SQ_CLOSE] = {true, UPTO(1), AT(17) | AT(30) | (UPTO(46) & ~UPTO(35))},
    [SQ_FILL] = {true, AT(3) | AT(6) | AT(9), 0},
    [SQ_INTENT] = {true, UPTO(1), 0},
    /* next_order, next_close, next_fill, in_seq, out_reserved; rate_credit, rate_time, time */
    [SQ_BOOK] = {true, 0, (UPTO(26) & ~UPTO(21)) | AT(28) | AT(29) | AT(30)},
};

uint64_t wire_key_fields(enum sq_kind kind)
{
    return kinds[kind].key;
}

uint64_t wire_silent_fields(enum sq_kind kind)
{
    return kinds[kind].silent;
}

bool wire_is_row(enum sq_kind kind)
{
    return kinds[kind].is_row;
}

uint64_t wire_load(const void *member, size_t size)
{
    uint64_t value = 0; /* little-endian, as core/record_code.c asserts */
    memcpy(&value, member, size);
    return value;
}

void wire_store(void *member, size_t size, uint64_t value)
{
    memcpy(member, &value, size);
}

/* ---- characters ---------------------------------------------------------------------------- */

bool wire_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

size_t wire_utf8(const char *at, size_t left, uint32_t *code)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)at;
    if (left == 0)
        return 0;
    unsigned first = bytes[0];
    size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : 4;
    if (length > left || (length == 4 && first >> 3 != 30))
        return 0;
    *code = length == 1 ? first : first & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if (bytes[i] >> 6 != 2)
            return 0;
        *code = *code << 6 | (bytes[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < smallest[length] || surrogate || *code > 0x10ffff ? 0 : length;
}

/* ---- errors -------------------------------------------------------------------------------- */

#define X(tail) [WIRE_ERROR_##tail] = #tail,
static const char *const error_words[WIRE_ERROR_COUNT] = {[WIRE_ERROR_NONE] = "",
                                                          WIRE_ERROR_MAP(X)};
#undef X

const char *wire_error_word(enum wire_error error)
{
    return error < WIRE_ERROR_COUNT ? error_words[error] : "";
}

enum wire_error wire_error_named(const char *word)
{
    unsigned error = WIRE_ERROR_NONE;
    while (error < WIRE_ERROR_COUNT && strcmp(error_words[error], word) != 0)
        error++;
    return (enum wire_error)error;
}
