/*
 * wire_scan.c: a text from outside to a tree. cJSON builds the tree; before it sees a byte, the
 * whole text has been scanned by the stricter rules of docs/protocol.md, section 1.
 *
 * What cJSON 1.7.15 would take, and this does not: text behind the value, numbers that a double
 * rounds, 1e400, depth up to 1000, bytes that are not UTF-8, members twice (the first wins there).
 */
#include "net/wire_parts.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct scan {
    const char *text;
    const char *at;
    const char *end;
    const char *what; /* is wrong; NULL: nothing so far */
};

static bool wrong(struct scan *s, const char *what)
{
    if (!s->what)
        s->what = what;
    return false;
}

static char peek(const struct scan *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static void skip_blanks(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static bool take(struct scan *s, char c)
{
    skip_blanks(s);
    if (peek(s) != c || s->at == s->end)
        return false;
    s->at++;
    return true;
}

/* ---- texts --------------------------------------------------------------------------------- */

/* Four hexadecimal digits behind \u. */
static bool take_unit(struct scan *s, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        char c = peek(s);
        const char *digits = "0123456789abcdef0123456789ABCDEF", *digit = c ? strchr(digits, c) : 0;
        if (!digit)
            return wrong(s, "no \\u escape");
        *unit = *unit << 4 | (uint32_t)((digit - digits) & 15);
        s->at++;
    }
    return true;
}

static bool take_code(struct scan *s)
{
    uint32_t unit, low;
    if (!take_unit(s, &unit))
        return false;
    if (unit >= 0xd800 && unit < 0xdc00) {
        if (s->end - s->at < 2 || s->at[0] != '\\' || s->at[1] != 'u')
            return wrong(s, "half a surrogate pair");
        s->at += 2;
        if (!take_unit(s, &low) || low < 0xdc00 || low >= 0xe000)
            return wrong(s, "half a surrogate pair");
        return true;
    }
    if (unit >= 0xdc00 && unit < 0xe000)
        return wrong(s, "half a surrogate pair");
    return !wire_is_control(unit) || wrong(s, "a control character");
}

static bool take_escape(struct scan *s)
{
    char c = peek(s);
    s->at += s->at < s->end;
    if (c == 'u')
        return take_code(s);
    if (c == '"' || c == '\\' || c == '/')
        return true;
    return wrong(s, c && strchr("bfnrt", c) ? "a control character" : "no such escape");
}

static bool is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* Up to the closing quote and past it. */
static bool take_string(struct scan *s)
{
    for (;;) {
        while (s->at < s->end && is_plain(*s->at))
            s->at++;
        if (s->at == s->end)
            return wrong(s, "the text has no end");
        uint32_t code;
        size_t length = wire_utf8(s->at, (size_t)(s->end - s->at), &code);
        if (length == 0)
            return wrong(s, "not UTF-8");
        if (wire_is_control(code))
            return wrong(s, "a control character");
        s->at += length;
        if (code == '"')
            return true;
        if (code == '\\' && !take_escape(s))
            return false;
    }
}

/* ---- numbers ------------------------------------------------------------------------------- */

static bool take_number(struct scan *s)
{
    uint64_t value = 0;
    bool negative = *s->at == '-';
    const char *first = s->at += negative;
    for (; peek(s) >= '0' && peek(s) <= '9'; s->at++) {
        value = value * 10 + (uint64_t)(*s->at - '0');
        if (value > (uint64_t)SQ_INTEGER_MAX)
            return wrong(s, "a number beyond 2^53-1");
    }
    if (s->at == first || (*first == '0' && (s->at > first + 1 || negative)))
        return wrong(s, "no integer");
    return !(peek(s) && strchr(".eE", peek(s))) || wrong(s, "no integer");
}

/* ---- values -------------------------------------------------------------------------------- */

static bool take_value(struct scan *s, unsigned depth);

static bool take_members(struct scan *s, unsigned depth)
{
    if (take(s, '}'))
        return true;
    do {
        if (!take(s, '"') || !take_string(s) || !take(s, ':'))
            return wrong(s, "no member here");
        if (!take_value(s, depth))
            return false;
    } while (take(s, ','));
    return take(s, '}') || wrong(s, "the object has no end");
}

static bool take_items(struct scan *s, unsigned depth)
{
    if (take(s, ']'))
        return true;
    do {
        if (!take_value(s, depth))
            return false;
    } while (take(s, ','));
    return take(s, ']') || wrong(s, "the array has no end");
}

static bool take_value(struct scan *s, unsigned depth)
{
    skip_blanks(s);
    char c = peek(s);
    if ((c == '{' || c == '[') && depth == WIRE_DEPTH_MAX)
        return wrong(s, "too deep");
    if (take(s, '{'))
        return take_members(s, depth + 1);
    if (take(s, '['))
        return take_items(s, depth + 1);
    if (take(s, '"'))
        return take_string(s);
    if (c == '-' || (c >= '0' && c <= '9'))
        return take_number(s);
    return wrong(s, "neither object, array, text nor integer");
}

static bool take_all(struct scan *s)
{
    if (!take_value(s, 0))
        return false;
    skip_blanks(s);
    return s->at == s->end || wrong(s, "something behind the value");
}

/* ---- the tree ------------------------------------------------------------------------------ */

enum { MEMBERS_MAX = 32 };

/* The name of a member that its object has twice, or a reason why that is not looked for. */
static const char *twice(const cJSON *value)
{
    const char *found = NULL;
    size_t count = 0;
    for (const cJSON *a = value->child; a && !found; a = a->next) {
        if (cJSON_IsObject(value)) {
            if (++count > MEMBERS_MAX)
                return "too many members";
            for (const cJSON *b = a->next; b && count <= MEMBERS_MAX; b = b->next)
                if (strcmp(a->string, b->string) == 0)
                    return a->string;
        }
        found = a->child ? twice(a) : NULL;
    }
    return found;
}

static void wipe(cJSON *value)
{
    for (; value; value = value->next) {
        if (value->valuestring)
            explicit_bzero(value->valuestring, strlen(value->valuestring));
        wipe(value->child);
    }
}

void wire_free(struct cJSON *root)
{
    wipe(root);
    cJSON_Delete(root);
}

struct cJSON *wire_parse(const char *text, size_t length, size_t most, char *why, size_t why_room)
{
    struct scan scan = {.text = text, .at = text, .end = text + length};
    if (length > most) {
        snprintf(why, why_room, "%zu bytes; at most %zu", length, most);
        return NULL;
    }
    if (!take_all(&scan)) {
        snprintf(why, why_room, "byte %zu: %s", (size_t)(scan.at - text), scan.what);
        return NULL;
    }
    cJSON *root = cJSON_ParseWithLength(text, length);
    const char *doubled = root ? twice(root) : "no memory";
    if (doubled) {
        snprintf(why, why_room, root ? "member comes twice: %s" : "%s", doubled);
        wire_free(root);
        return NULL;
    }
    return root;
}
