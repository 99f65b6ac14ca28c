/*
 * csv.c: the reader.
 *
 * UTF-8 is checked once for the whole file, eight bytes at a time while they are ASCII. Then one
 * loop runs over each plain field with a table that knows the few bytes which end it; the '\n' put
 * behind the text spares every loop a look at the end. Quotes are rare and take a slower way.
 */
#include "db/csv.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What ends a plain run of bytes: the separators, the quote, and every control byte. */
enum { PLAIN, STOP };
static const uint8_t class_of[256] = {
    [0 ... 31] = STOP,
    [','] = STOP,
    ['"'] = STOP,
    [127] = STOP,
};

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* Bytes of the sequence that begins here, 0 when it is none (RFC 3629, table in section 4). */
static size_t sequence(const unsigned char *at, size_t left)
{
    static const struct {
        uint8_t first, last, low, high, length;
    } forms[] = {
        {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
        {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (at[0] < forms[i].first || at[0] > forms[i].last)
            continue;
        if (left < forms[i].length || at[1] < forms[i].low || at[1] > forms[i].high)
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((at[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

/* Offset of the first byte that is not UTF-8; length when all of it is. */
static size_t utf8_length(const char *text, size_t length)
{
    size_t at = 0;
    while (at < length) {
        uint64_t eight;
        if (at + sizeof eight <= length) {
            memcpy(&eight, text + at, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                at += sizeof eight;
                continue;
            }
        }
        size_t step = (unsigned char)text[at] < 0x80
                          ? 1
                          : sequence((const unsigned char *)text + at, length - at);
        if (step == 0)
            return at;
        at += step;
    }
    return length;
}

static uint32_t lines_before(const char *text, size_t length)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < length; i++)
        lines += text[i] == '\n';
    return lines;
}

uint32_t csv_init(struct csv *csv, char *text, size_t length)
{
    size_t good = utf8_length(text, length);
    csv->at = text;
    csv->end = text + length;
    csv->line = csv->lines = csv->count = 0;
    *csv->end = '\n';
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        csv->at += 3;
    return good == length ? 0 : lines_before(text, good);
}

/* ---- records --------------------------------------------------------------------------------- */

static enum csv_result bad(struct csv *csv, const char *reason)
{
    char *newline = memchr(csv->at, '\n', (size_t)(csv->end - csv->at) + 1);
    csv->bad_field = csv->count + 1;
    csv->reason = reason;
    csv->at = newline < csv->end ? newline + 1 : csv->end;
    csv->lines++;
    return CSV_BAD;
}

/* A quoted field: moves its bytes together, and leaves csv->at behind the closing quote. */
static const char *quoted(struct csv *csv, struct csv_field *field)
{
    char *from = csv->at + 1, *to = from;
    field->text = to;
    for (;; from++) {
        if (*from == '"' && from[1] != '"')
            break;
        if (*from == '"')
            from++;
        else if (class_of[(unsigned char)*from] == STOP && *from != ',') {
            csv->at = from;
            return *from == '\n' || *from == '\r' ? "quote not closed in its line" : "control byte";
        }
        *to++ = *from;
    }
    field->length = (uint32_t)(to - field->text);
    csv->at = from + 1;
    return NULL;
}

static inline const char *plain(struct csv *csv, struct csv_field *field)
{
    char *at = csv->at;
    while (class_of[(unsigned char)*at] == PLAIN)
        at++;
    field->text = csv->at;
    field->length = (uint32_t)(at - csv->at);
    csv->at = at;
    return NULL;
}

/* Takes a line end. False when there is none here. */
static inline bool line_ends(struct csv *csv)
{
    char *at = csv->at;
    if (*at == '\r' && at < csv->end)
        at++;
    if (*at != '\n')
        return false;
    csv->at = at < csv->end ? at + 1 : at;
    csv->lines++;
    return true;
}

/* Empty lines hold no record. */
static void skip_empty(struct csv *csv)
{
    while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r') && line_ends(csv))
        ;
}

enum csv_result csv_next(struct csv *csv)
{
    skip_empty(csv);
    csv->count = 0;
    csv->line = csv->lines + 1;
    if (csv->at >= csv->end)
        return CSV_END;
    for (;;) {
        if (csv->count == CSV_FIELDS_MAX)
            return bad(csv, "more fields than any file has");
        struct csv_field *field = &csv->field[csv->count];
        bool in_quotes = *csv->at == '"';
        const char *reason = in_quotes ? quoted(csv, field) : plain(csv, field);
        if (reason)
            return bad(csv, reason);
        if (field->length > CSV_FIELD_MAX)
            return bad(csv, "longer than any field may be");
        if (*csv->at == ',') {
            csv->count++;
            csv->at++;
            continue;
        }
        if (!line_ends(csv))
            return bad(csv, in_quotes || *csv->at == '"' ? "stray quote" : "control byte");
        csv->count++;
        return CSV_ROW;
    }
}

struct csv_field csv_trim(struct csv_field field)
{
    while (field.length > 0 && field.text[field.length - 1] == ' ')
        field.length--;
    while (field.length > 0 && field.text[0] == ' ') {
        field.text++;
        field.length--;
    }
    return field;
}

bool csv_is(const struct csv_field *field, const char *text)
{
    return strlen(text) == field->length && memcmp(field->text, text, field->length) == 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

static char *read_all(int fd, size_t length)
{
    char *text = malloc(length + 1);
    size_t have = 0;
    while (text && have < length) {
        ssize_t got = read(fd, text + have, length - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            errno = got == 0 ? EIO : errno; /* it got shorter while we read: not the same file */
            free(text);
            return NULL;
        }
        have += (size_t)got;
    }
    return text;
}

char *csv_read_file(const char *path, size_t *length, char *why, size_t why_room)
{
    struct stat about;
    char *text = NULL;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &about) != 0)
        snprintf(why, why_room, "%s", strerror(errno));
    else if (!S_ISREG(about.st_mode))
        snprintf(why, why_room, "not a plain file");
    else if (about.st_size > CSV_FILE_MAX)
        snprintf(why, why_room, "larger than %d MiB", CSV_FILE_MAX >> 20);
    else if ((text = read_all(fd, (size_t)about.st_size)) == NULL)
        snprintf(why, why_room, "%s", strerror(errno));
    *length = text ? (size_t)about.st_size : 0;
    if (fd >= 0)
        close(fd);
    return text;
}
