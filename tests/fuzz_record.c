/*
 * fuzz_record.c: bytes of a journal and lines of text, as anybody might have left them.
 *
 * The first byte is the kind, the rest an encoded body; or it is '>' and the rest a line. What is
 * accepted must be written again as it was read.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static int same(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size) == 0;
}

/* An accepted body has one encoding, and one line that brings it back. */
static void check_body(enum sq_kind kind, const union sq_body *body)
{
    static uint8_t bytes[SQ_ENCODED_MAX];
    static char line[SQ_LINE_MAX], why[256];
    static union sq_body again;
    static struct sq_message parsed;
    memset(&again, 0, sizeof again);
    size_t length = sq_encode(kind, body, bytes, sizeof bytes);
    need(sq_decode(kind, bytes, length, &again) == 0, "own bytes refused");
    need(same(&again, body, sizeof again), "bytes bring back another body");
    sq_line(kind, body, line, sizeof line);
    need(sq_line_parse(line, &parsed, why, sizeof why) == 0, "own line refused");
    need(parsed.kind == kind, "line brings back another kind");
    need(same(&parsed.as, body, sizeof parsed.as), "line brings back another body");
}

/* Fields that an older writer left out come out as zeros behind the bytes that went in. */
static void check_bytes(enum sq_kind kind, const uint8_t *data, size_t size)
{
    static uint8_t bytes[SQ_ENCODED_MAX];
    static union sq_body body;
    memset(&body, 0, sizeof body);
    if (sq_decode(kind, data, size, &body) != 0)
        return;
    size_t length = sq_encode(kind, &body, bytes, sizeof bytes);
    need(length >= size && (size == 0 || memcmp(bytes, data, size) == 0), "not what went in");
    check_body(kind, &body);
}

static void check_line(const uint8_t *data, size_t size)
{
    static char line[SQ_LINE_MAX], why[256];
    static struct sq_message message;
    if (size >= sizeof line)
        return;
    memcpy(line, data, size);
    line[size] = '\0';
    if (sq_line_parse(line, &message, why, sizeof why) == 0)
        check_body((enum sq_kind)message.kind, &message.as);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == '>')
        check_line(data + 1, size - 1);
    else if (size > 0 && data[0] > SQ_KIND_NONE && data[0] < SQ_KIND_COUNT)
        check_bytes((enum sq_kind)data[0], data + 1, size - 1);
    return 0;
}
