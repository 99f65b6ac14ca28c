/*
 * record_line.c: the text face of a message, for logs, scenarios and the activity screen.
 *
 * Texts by people and by the exchange are hostile: what could move a terminal's cursor or break
 * the line is written as \xHH, so a line is printable ASCII whatever was in the message.
 */
#include "core/record.h"

#include <string.h>

#include "core/num.h"
#include "core/text.h"

#define DAY_US (INT64_C(86400) * SQ_SECOND)

/* ---- out ----------------------------------------------------------------------------------- */

static int64_t load_signed(const void *member)
{
    int64_t value;
    memcpy(&value, member, sizeof value);
    return value;
}

static uint64_t load_unsigned(const struct sq_field *field, const void *member)
{
    uint64_t value = 0; /* little-endian, as record_code.c asserts */
    memcpy(&value, member, field->size);
    return value;
}

static bool is_zero(const char *member, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (member[i])
            return false;
    return true;
}

static void put_escaped(struct sq_text *out, unsigned char byte)
{
    if (byte == '"' || byte == '\\') {
        sq_text_char(out, '\\');
        sq_text_char(out, (char)byte);
    } else if (byte < ' ' || byte > '~') {
        sq_text_put(out, "\\x");
        sq_text_hex(out, byte, 2);
    } else {
        sq_text_char(out, (char)byte);
    }
}

static bool is_bare(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || *text == '"' || *text == '\\')
            return false;
    return true;
}

static void put_string(struct sq_text *out, const char *text)
{
    if (is_bare(text)) {
        sq_text_put(out, text);
        return;
    }
    sq_text_char(out, '"');
    for (; *text; text++)
        put_escaped(out, (unsigned char)*text);
    sq_text_char(out, '"');
}

/* A moment with its date; a time of the day without one; "never" for a deadline not set. */
static void put_time(struct sq_text *out, sq_time time)
{
    char text[40];
    if (time == SQ_NEVER)
        memcpy(text, "never", sizeof "never");
    else if (time > 0 && time < DAY_US)
        sq_print_clock(time - SQ_IST_OFFSET, time % SQ_SECOND != 0, text);
    else if (time < 0 || time > sq_midnight(99991231))
        sq_print_decimal(time, 0, false, text); /* no moment: nothing is to be hidden */
    else
        sq_print_iso(time, text);
    sq_text_put(out, text);
}

static void put_guards(struct sq_text *out, uint64_t guards)
{
    char names[SQ_LINE_MAX];
    struct sq_text list;
    sq_text_begin(&list, names, sizeof names);
    for (unsigned guard = 0; guard < SQ_GUARD_COUNT; guard++) {
        if (!(guards >> guard & 1))
            continue;
        if (list.length)
            sq_text_char(&list, ';');
        sq_text_put(&list, sq_name(SQ_LIST_GUARD, guard));
    }
    put_string(out, names);
}

static void put_value(struct sq_text *out, const struct sq_field *field, const void *member)
{
    const struct sq_id *id = member;
    switch (field->type) {
    case SQ_FIELD_TEXT: put_string(out, member); break;
    case SQ_FIELD_ENUM:
        put_string(out, sq_name(field->list, (unsigned)load_unsigned(field, member)));
        break;
    case SQ_FIELD_KIND:
        put_string(out, sq_kind_info((enum sq_kind)load_unsigned(field, member))->name);
        break;
    case SQ_FIELD_GUARDS: put_guards(out, load_unsigned(field, member)); break;
    case SQ_FIELD_TIME: put_time(out, load_signed(member)); break;
    case SQ_FIELD_I64: sq_text_integer(out, load_signed(member)); break;
    case SQ_FIELD_ID:
        sq_text_hex(out, id->high, 16);
        sq_text_hex(out, id->low, 16);
        break;
    default: sq_text_digits(out, load_unsigned(field, member), 1);
    }
}

size_t sq_line(enum sq_kind kind, const void *body, char *line, size_t room)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    struct sq_text out;
    sq_text_begin(&out, line, room);
    sq_text_put(&out, info->name);
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        const char *member = (const char *)body + field->offset;
        if (is_zero(member, field->size))
            continue;
        sq_text_char(&out, ' ');
        sq_text_put(&out, field->name);
        sq_text_char(&out, '=');
        put_value(&out, field, member);
    }
    return out.length;
}

/* ---- in ------------------------------------------------------------------------------------ */

/* One word of the line: a name, or a value with its quotes and escapes taken off. */
struct word {
    char text[SQ_LINE_MAX];
    size_t length;
};

static int hex_digit(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The byte after a backslash; *at is moved past it. -1: no such escape. */
static int take_escape(const char **at)
{
    char c = *(*at)++;
    if (c == '"' || c == '\\')
        return c;
    if (c != 'x') /* the NUL stays in front of *at */
        return (*at)--, -1;
    int high = hex_digit(**at), low = high < 0 ? -1 : hex_digit((*at)[1]);
    if (low < 0 || high * 16 + low == 0)
        return -1;
    *at += 2;
    return high * 16 + low;
}

static bool word_push(struct word *word, char c)
{
    if (word->length + 1 >= sizeof word->text)
        return false;
    word->text[word->length++] = c;
    word->text[word->length] = '\0';
    return true;
}

static bool take_quoted(const char **at, struct word *word)
{
    for (;;) {
        int c = (unsigned char)*(*at)++;
        if (c == '"')
            return **at == '\0' || **at == ' ';
        if (c == '\\')
            c = take_escape(at);
        if (c <= 0 || !word_push(word, (char)c))
            return false;
    }
}

/* A value up to the next blank, or between quotes. */
static bool take_value(const char **at, struct word *word)
{
    word->length = 0;
    word->text[0] = '\0';
    if (**at == '"')
        return ++*at, take_quoted(at, word);
    for (; **at && **at != ' '; ++*at)
        if (**at == '"' || !word_push(word, **at))
            return false;
    return true;
}

static bool take_name(const char **at, char *name, size_t size)
{
    size_t length = strcspn(*at, "= ");
    if ((*at)[length] != '=' || !sq_text_set(name, size, *at, length))
        return false;
    *at += length + 1;
    return true;
}

static bool parse_unsigned(const struct word *word, uint64_t most, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < word->length; i++) {
        unsigned digit = (unsigned)(word->text[i] - '0');
        if (digit > 9 || __builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, digit, value))
            return false;
    }
    return word->length > 0 && *value <= most;
}

static bool parse_signed(const struct word *word, int64_t *value)
{
    struct word digits = *word;
    bool negative = word->text[0] == '-';
    uint64_t size;
    if (negative)
        memmove(digits.text, word->text + 1, digits.length--);
    if (!parse_unsigned(&digits, (uint64_t)INT64_MAX + negative, &size))
        return false;
    *value = (int64_t)(negative ? 0 - size : size);
    return true;
}

/* hh:mm:ss, with a fraction or without: through the date of day one, which is then taken off. */
static bool parse_clock(const struct word *word, sq_time *time)
{
    char iso[40];
    struct sq_text text;
    sq_text_begin(&text, iso, sizeof iso);
    sq_text_put(&text, "1970-01-01T");
    sq_text_bytes(&text, word->text, word->length);
    sq_text_put(&text, "+00:00");
    return !text.cut && sq_parse_iso(iso, text.length, time);
}

static bool parse_time(const struct word *word, sq_time *time)
{
    if (sq_text_equal(word->text, "never"))
        return *time = SQ_NEVER, true;
    return sq_parse_iso(word->text, word->length, time) || parse_clock(word, time) ||
           parse_signed(word, time);
}

static bool parse_enum(const struct word *word, enum sq_list list, uint64_t *value)
{
    int named = sq_named(list, word->text);
    *value = (uint64_t)named;
    return named >= 0;
}

static bool parse_guards(struct word *word, uint64_t *guards)
{
    *guards = 0;
    for (char *name = word->text, *next; name; name = next) {
        next = strchr(name, ';');
        if (next)
            *next++ = '\0';
        int guard = sq_named(SQ_LIST_GUARD, name);
        if (guard < 0 || *guards >> guard & 1)
            return false;
        *guards |= UINT64_C(1) << guard;
    }
    return true;
}

static bool parse_id(const struct word *word, struct sq_id *id)
{
    *id = (struct sq_id){0, 0};
    for (size_t i = 0; i < word->length; i++) {
        int digit = hex_digit(word->text[i]);
        if (digit < 0)
            return false;
        id->high = id->high << 4 | id->low >> 60;
        id->low = id->low << 4 | (uint64_t)digit;
    }
    return word->length == 32;
}

static bool parse_kind(const struct word *word, uint64_t *kind)
{
    *kind = sq_kind_named(word->text);
    return *kind != SQ_KIND_NONE;
}

/* Stores the value; the word may be torn in doing so. */
static bool parse_value(const struct sq_field *field, struct word *word, void *member)
{
    uint64_t value = 0;
    bool good;
    switch (field->type) {
    case SQ_FIELD_TEXT: return sq_text_set(member, field->size, word->text, word->length);
    case SQ_FIELD_ID: return parse_id(word, member);
    case SQ_FIELD_TIME: return parse_time(word, member);
    case SQ_FIELD_I64: return parse_signed(word, member);
    case SQ_FIELD_ENUM: good = parse_enum(word, field->list, &value); break;
    case SQ_FIELD_KIND: good = parse_kind(word, &value); break;
    case SQ_FIELD_GUARDS: good = parse_guards(word, &value); break;
    default: good = parse_unsigned(word, UINT64_MAX >> (64 - 8 * field->size), &value);
    }
    memcpy(member, &value, field->size);
    return good;
}

static int failed(char *why, size_t room, const char *what, const char *name)
{
    struct sq_text text;
    sq_text_begin(&text, why, room);
    sq_text_put(&text, what);
    sq_text_put(&text, ": ");
    sq_text_put(&text, name);
    return -1;
}

static unsigned field_named(const struct sq_kind_info *info, const char *name)
{
    unsigned i = 0;
    while (i < info->field_count && !sq_text_equal(info->fields[i].name, name))
        i++;
    return i;
}

static int parse_field(const struct sq_kind_info *info, const char **at, uint64_t *seen, void *body,
                       char *why, size_t why_room)
{
    char name[24];
    const char *start = *at;
    if (!take_name(at, name, sizeof name))
        return failed(why, why_room, "no field=value here", start);
    unsigned i = field_named(info, name);
    if (i == info->field_count)
        return failed(why, why_room, "no such field", start);
    if (*seen >> i & 1)
        return failed(why, why_room, "named twice", start);
    *seen |= UINT64_C(1) << i;
    struct word word;
    if (!take_value(at, &word) ||
        !parse_value(&info->fields[i], &word, (char *)body + info->fields[i].offset))
        return failed(why, why_room, "value not possible", start);
    return 0;
}

int sq_line_parse(const char *line, struct sq_message *message, char *why, size_t why_room)
{
    char name[24];
    size_t length = strcspn(line, " ");
    memset(message, 0, sizeof *message);
    if (sq_text_set(name, sizeof name, line, length))
        message->kind = (uint16_t)sq_kind_named(name);
    if (message->kind == SQ_KIND_NONE)
        return failed(why, why_room, "no such message", line);
    const struct sq_kind_info *info = sq_kind_info(message->kind);
    uint64_t seen = 0;
    for (const char *at = line + length; *at;) {
        at += strspn(at, " ");
        if (*at && parse_field(info, &at, &seen, &message->as, why, why_room) != 0)
            return -1;
    }
    return 0;
}
