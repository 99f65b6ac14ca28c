/*
 * Fuzz target: FIX bytes. An input that begins with '8' is a byte stream as it is; any other is a message
 * body with '|' for SOH, which is framed here, so that the fuzzer need not find check sums.
 *
 * Must hold: each step of the parser uses at least one byte and no more than there are; every field lies
 * inside its message; a message without fault, written again field by field, parses to the same.
 */
#include "net/fix.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct fix_view view, again;

/* Every converter on every field: for the sanitizers to watch. */
static void convert(const struct fix_field *field)
{
    int64_t number;
    uint32_t seqnum;
    char c, text[16];
    bool flag;
    fix_int(field, &number);
    fix_seqnum(field, true, &seqnum);
    for (int decimals = 0; decimals <= 9; decimals++)
        fix_price(field, decimals, &number);
    fix_qty(field, &number);
    fix_char(field, &c);
    fix_bool(field, &flag);
    fix_text(field, text, sizeof text);
    if (fix_utc_time(field, &number) == FIX_VALUE)
        assert(number > -62167219200LL * 1000000 && number < 253402300800LL * 1000000);
}

static void walk_groups(void)
{
    struct fix_group entry, inner;
    for (uint32_t i = 0; i < view.count; i++) {
        uint32_t entries = 0;
        fix_group(&view, view.field[i].tag, &entry);
        while (fix_group_next(&entry)) {
            assert(entry.from < entry.to && entry.to <= view.count);
            fix_group_in(&entry, 802, &inner);
            while (fix_group_next(&inner))
                assert(inner.from < inner.to && inner.to <= entry.to);
            assert(++entries <= view.count);
        }
    }
}

/* Length and data fields come as a pair; all others are text. */
static void write_again(const struct fix_view *from)
{
    static char buffer[2 * FIX_MESSAGE_MAX];
    struct fix_writer w;
    size_t size;
    fix_begin(&w, buffer, sizeof buffer, from->type);
    for (uint32_t i = 3; i < from->count; i++) {
        const struct fix_field *field = &from->field[i];
        if (memchr(field->value, FIX_SOH, field->length) != NULL)
            return;
        fix_put_bytes(&w, field->tag, field->value, field->length);
    }
    if (fix_end(&w) != 0)
        return; /* longer than a message may be, because numbers lost leading zeros elsewhere */
    assert(fix_parse(&again, w.start, w.length, &size) == FIX_OK);
    assert(again.fault == FIX_REJECT_NONE && again.count == from->count);
    for (uint32_t i = 2; i < from->count; i++) {
        assert(again.field[i].tag == from->field[i].tag);
        assert(again.field[i].length == from->field[i].length);
        assert(memcmp(again.field[i].value, from->field[i].value, from->field[i].length) == 0);
    }
}

static void look(size_t size)
{
    assert(view.length == size && view.count >= 3);
    for (uint32_t i = 0; i < view.count; i++) {
        const struct fix_field *field = &view.field[i];
        assert(field->value >= view.bytes && field->value + field->length < view.bytes + size);
        convert(field);
        fix_get(&view, field->tag);
    }
    walk_groups();
    if (view.fault == FIX_REJECT_NONE)
        write_again(&view);
    fix_check(&view);
}

static void read_stream(const char *bytes, size_t n)
{
    size_t size;
    while (n > 0) {
        enum fix_status status = fix_parse(&view, bytes, n, &size);
        assert(size > 0);
        if (status == FIX_NEED_MORE)
            return;
        assert(size <= n);
        if (status == FIX_OK || status == FIX_VERSION)
            look(size);
        bytes += size;
        n -= size;
    }
}

static void read_body(const uint8_t *data, size_t n)
{
    char *message = malloc(n + 64);
    uint32_t sum = 0;
    int at = sprintf(message, "8=FIX.4.4\0019=%zu\001", n);
    for (size_t i = 0; i < n; i++)
        message[at++] = (char)(data[i] == '|' ? FIX_SOH : data[i]);
    for (int i = 0; i < at; i++)
        sum += (unsigned char)message[i];
    at += sprintf(message + at, "10=%03u\001", sum & 0xff);
    message = realloc(message, (size_t)at);
    read_stream(message, (size_t)at);
    free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] != '8')
        read_body(data, size);
    else
        read_stream((const char *)data, size);
    return 0;
}
