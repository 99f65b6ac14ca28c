/* One function decides what may pass (text_next); the forms for screens, files and logs are loops
 * around it, so that there is no second opinion anywhere. */
#include "tui/text.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#define REPLACEMENT 0xfffdu

/* Length of the UTF-8 sequence that this byte begins, and the smallest code allowed for it. */
struct lead {
    unsigned char first, last;
    size_t length;
    uint32_t least;
};

static const struct lead leads[] = {
    {0x00, 0x7f, 1, 0}, {0xc2, 0xdf, 2, 0x80}, {0xe0, 0xef, 3, 0x800}, {0xf0, 0xf4, 4, 0x10000}};

static const struct lead *find_lead(unsigned char byte)
{
    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++)
        if (byte >= leads[i].first && byte <= leads[i].last)
            return &leads[i];
    return NULL;
}

/* Decodes one character. An ill-formed sequence takes the bytes up to the first that cannot belong
 * to it, so that a cut sequence never swallows what follows. */
static size_t decode(const unsigned char *bytes, size_t length, uint32_t *character)
{
    const struct lead *lead = find_lead(bytes[0]);
    uint32_t code;
    size_t used = 1;

    *character = REPLACEMENT;
    if (lead == NULL)
        return 1;
    code = lead->length == 1 ? bytes[0] : bytes[0] & (0x7fu >> lead->length);
    for (; used < lead->length; used++) {
        if (used == length || (bytes[used] & 0xc0) != 0x80)
            return used;
        code = code << 6 | (bytes[used] & 0x3f);
    }
    if (code >= lead->least && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff))
        *character = code;
    return used;
}

struct range {
    uint32_t first, last;
};

/* Characters that a locale may call printable and that still must not reach a cell. */
static const struct range unsafe[] = {
    {0x0000, 0x001f}, {0x007f, 0x009f},   {0x00ad, 0x00ad},    {0x061c, 0x061c}, {0x115f, 0x1160},
    {0x180e, 0x180e}, {0x200b, 0x200f},   {0x2028, 0x202e},    {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xe000, 0xf8ff}, {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},    {0xffa0, 0xffa0}, {0xfff0, 0xfffb},
    {0xfffe, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
};

static bool is_unsafe(uint32_t code)
{
    for (size_t i = 0; i < sizeof unsafe / sizeof unsafe[0]; i++)
        if (code >= unsafe[i].first && code <= unsafe[i].last)
            return true;
    return false;
}

static uint32_t replacement(void)
{
    return wcwidth((wchar_t)REPLACEMENT) == 1 ? REPLACEMENT : '?';
}

size_t text_next_beyond_ascii(const char *bytes, size_t length, uint32_t *character, int *columns)
{
    uint32_t code;
    size_t used = decode((const unsigned char *)bytes, length, &code);

    *columns = is_unsafe(code) ? 0 : wcwidth((wchar_t)code);
    if (*columns < 1 || *columns > 2 || code == REPLACEMENT) {
        code = replacement();
        *columns = 1;
    }
    *character = code;
    return used;
}

size_t text_utf8(uint32_t c, char bytes[4])
{
    size_t length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = length; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)(marks[length] | c);
    return length;
}

size_t text_columns(const char *bytes, size_t length)
{
    size_t sum = 0;

    for (size_t at = 0; at < length;) {
        uint32_t character;
        int columns;

        at += text_next(bytes + at, length - at, &character, &columns);
        sum += (size_t)columns;
    }
    return sum;
}

size_t text_piece(const char *text, size_t columns)
{
    size_t length = strlen(text), phrase = 0, word = 0;

    if (text_columns(text, length) <= columns)
        return length;
    for (size_t i = 1; i < length && text_columns(text, i) <= columns; i++) {
        if (text[i] == ' ' && text[i + 1] == ' ')
            phrase = i;
        if (text[i] == ' ' && text[i - 1] != ' ')
            word = i;
    }
    return phrase > 0 ? phrase : word > 0 ? word : length;
}

/* Output: a string being written, which takes whole pieces or nothing. */
struct output {
    char *text;
    size_t size, length;
};

/* False when the piece does not fit: half a character or half an escape is worse than none. */
static bool put(struct output *out, const char *bytes, size_t length)
{
    if (length >= out->size - out->length)
        return false;
    memcpy(out->text + out->length, bytes, length);
    out->length += length;
    return true;
}

static bool put_character(struct output *out, uint32_t character)
{
    char utf8[4];
    size_t length = text_utf8(character, utf8);

    return put(out, utf8, length);
}

static size_t finish(struct output *out)
{
    out->text[out->length] = '\0';
    return out->length;
}

size_t text_safe(const char *bytes, size_t length, size_t columns, char *text, size_t size)
{
    struct output out = {text, size, 0};
    size_t used = 0;

    for (size_t at = 0; at < length;) {
        uint32_t character;
        int wide;

        at += text_next(bytes + at, length - at, &character, &wide);
        used += (size_t)wide;
        if (used > columns || !put_character(&out, character))
            break;
    }
    return finish(&out);
}

/* A sign, digits, and the separators of an Indian amount: what the console itself writes as MTM. */
static bool is_number(const char *bytes, size_t length)
{
    bool digit = false;

    for (size_t i = 1; i < length; i++) {
        digit = digit || (bytes[i] >= '0' && bytes[i] <= '9');
        if (strchr("0123456789.,", bytes[i]) == NULL || bytes[i] == '\0')
            return false;
    }
    return digit;
}

/* A TAB at the start, which some programs skip before they look for "=", has become U+FFFD. */
static bool is_formula(const char *bytes, size_t length)
{
    if (length == 0 || bytes[0] == '\0' || strchr("=+-@", bytes[0]) == NULL)
        return false;
    return strchr("=@", bytes[0]) != NULL || !is_number(bytes, length);
}

/* RFC 4180 section 2, and the semicolon, which is the separator of many a spreadsheet's locale. Line
 * ends do not pass the gate, so they need no quotes. */
static bool needs_quotes(const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == '"' || bytes[i] == ',' || bytes[i] == ' ' || bytes[i] == ';')
            return true;
    return false;
}

size_t text_csv(const char *bytes, size_t length, char *text, size_t size)
{
    bool quoted = needs_quotes(bytes, length);
    size_t tail = quoted ? 1 : 0; /* room kept for the closing quote */
    struct output out = {text, size > tail ? size - tail : 1, 0};

    if (quoted && size > 2)
        put(&out, "\"", 1);
    if (is_formula(bytes, length))
        put(&out, "'", 1);
    for (size_t at = 0; at < length;) {
        uint32_t character;
        int wide;

        at += text_next(bytes + at, length - at, &character, &wide);
        if (!(character == '"' ? put(&out, "\"\"", 2) : put_character(&out, character)))
            break;
    }
    out.size = size;
    if (quoted && size > 2)
        put(&out, "\"", 1);
    return finish(&out);
}

/* The bytes of one unsafe character, as \xHH each. */
static bool put_escaped(struct output *out, const char *bytes, size_t length)
{
    static const char hex[] = "0123456789abcdef";
    char text[16];

    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        text[4 * i] = '\\';
        text[4 * i + 1] = 'x';
        text[4 * i + 2] = hex[byte >> 4];
        text[4 * i + 3] = hex[byte & 15];
    }
    return put(out, text, 4 * length);
}

size_t text_log(const char *bytes, size_t length, char *text, size_t size)
{
    struct output out = {text, size, 0};

    for (size_t at = 0; at < length;) {
        uint32_t character;
        int wide;
        char utf8[4];
        size_t used = text_next(bytes + at, length - at, &character, &wide);
        size_t as_utf8 = text_utf8(character, utf8);
        bool same = as_utf8 == used && memcmp(utf8, bytes + at, used) == 0;

        if (!(same ? put(&out, utf8, used) : put_escaped(&out, bytes + at, used)))
            break;
        at += used;
    }
    return finish(&out);
}
