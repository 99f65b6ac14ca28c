/*
 * wire.c: the framer: JSON printed from left to right into the caller's buffer.
 *
 * Everything that goes out is printed here and checked against cJSON by tests/wire_test, which
 * reads back what this prints.
 */
#include "net/wire_parts.h"

#include <string.h>

#include "core/num.h"
#include "core/tables.h"

/* ---- bytes --------------------------------------------------------------------------------- */

static void put(struct wire_out *out, const char *bytes, size_t length)
{
    if (out->cut || length > out->room - out->length) {
        out->cut = true;
        return;
    }
    memcpy(out->bytes + out->length, bytes, length);
    out->length += length;
}

static void put_char(struct wire_out *out, char c)
{
    put(out, &c, 1);
}

/* What stands before each value, and makes that there is one now. */
static void part(struct wire_out *out)
{
    if (out->comma)
        put_char(out, ',');
    out->comma = true;
}

void wire_begin(struct wire_out *out, char *bytes, size_t room)
{
    *out = (struct wire_out){.bytes = bytes, .room = room};
}

void wire_open(struct wire_out *out, char bracket)
{
    part(out);
    put_char(out, bracket);
    out->comma = false;
}

void wire_close(struct wire_out *out, char bracket)
{
    put_char(out, bracket);
    out->comma = true;
}

void wire_name(struct wire_out *out, const char *name)
{
    part(out);
    put_char(out, '"');
    put(out, name, strlen(name));
    put(out, "\":", 2);
    out->comma = false;
}

void wire_raw(struct wire_out *out, const char *bytes, size_t length)
{
    part(out);
    put(out, bytes, length);
}

/* ---- values -------------------------------------------------------------------------------- */

enum { DIGITS_MAX = 20 };

static void put_digits(struct wire_out *out, uint64_t value)
{
    char digits[DIGITS_MAX], *at = digits + sizeof digits;
    do
        *--at = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    put(out, at, (size_t)(digits + sizeof digits - at));
}

static void put_number(struct wire_out *out, bool negative, uint64_t size)
{
    bool quoted = size > (uint64_t)SQ_INTEGER_MAX;
    part(out);
    if (quoted)
        put_char(out, '"');
    if (negative)
        put_char(out, '-');
    put_digits(out, size);
    if (quoted)
        put_char(out, '"');
}

void wire_integer(struct wire_out *out, int64_t value)
{
    put_number(out, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void wire_unsigned(struct wire_out *out, uint64_t value)
{
    put_number(out, false, value);
}

static bool is_plain(char c)
{
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/* One character of a text, or what stands for it; returns how far that reaches. */
static size_t put_character(struct wire_out *out, const char *at)
{
    uint32_t code;
    size_t length = wire_utf8(at, strnlen(at, 4), &code);
    if (length == 0 || wire_is_control(code))
        put_char(out, '?');
    else if (code == '"' || code == '\\')
        put_char(out, '\\'), put_char(out, *at);
    else
        put(out, at, length);
    return length ? length : 1;
}

void wire_text(struct wire_out *out, const char *text)
{
    part(out);
    put_char(out, '"');
    while (*text) {
        size_t plain = 0;
        while (is_plain(text[plain]))
            plain++;
        put(out, text, plain);
        text += plain;
        if (*text)
            text += put_character(out, text);
    }
    put_char(out, '"');
}

void wire_member_integer(struct wire_out *out, const char *name, int64_t value)
{
    wire_name(out, name);
    wire_integer(out, value);
}

void wire_member_text(struct wire_out *out, const char *name, const char *text)
{
    wire_name(out, name);
    wire_text(out, text);
}

/* ---- fields -------------------------------------------------------------------------------- */

static void put_guards(struct wire_out *out, uint64_t guards)
{
    bool first = true;
    part(out);
    put_char(out, '"');
    for (unsigned guard = 0; guard < SQ_GUARD_COUNT; guard++) {
        if (!(guards >> guard & 1))
            continue;
        const char *name = sq_name(SQ_LIST_GUARD, guard);
        if (!first)
            put_char(out, ';');
        put(out, name, strlen(name));
        first = false;
    }
    put_char(out, '"');
}

static void put_hex(struct wire_out *out, uint64_t value)
{
    for (unsigned shift = 64; shift > 0; shift -= 4)
        put_char(out, "0123456789abcdef"[value >> (shift - 4) & 15]);
}

/* An id that is none is an empty text. */
static void put_id(struct wire_out *out, const struct sq_id *id)
{
    part(out);
    put_char(out, '"');
    if (!sq_id_is_zero(*id)) {
        put_hex(out, id->high);
        put_hex(out, id->low);
    }
    put_char(out, '"');
}

static void put_kind(struct wire_out *out, uint64_t kind)
{
    wire_text(out, kind == SQ_KIND_NONE ? "" : sq_kind_info((enum sq_kind)kind)->name);
}

static void put_field(struct wire_out *out, const struct sq_field *field, const char *member)
{
    if (field->type == SQ_FIELD_TEXT) {
        wire_text(out, member);
        return;
    }
    if (field->type == SQ_FIELD_ID) {
        put_id(out, (const struct sq_id *)(const void *)member);
        return;
    }
    uint64_t value = wire_load(member, field->size);
    switch (field->type) {
    case SQ_FIELD_ENUM: wire_text(out, sq_name(field->list, (unsigned)value)); break;
    case SQ_FIELD_KIND: put_kind(out, value); break;
    case SQ_FIELD_GUARDS: put_guards(out, value); break;
    case SQ_FIELD_TIME:
        if ((sq_time)value == SQ_NEVER) {
            wire_text(out, "never");
            break;
        } /* fall through */
    case SQ_FIELD_I64: wire_integer(out, (int64_t)value); break;
    default: wire_unsigned(out, value);
    }
}

static bool is_zero(const char *member, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (member[i])
            return false;
    return true;
}

static const char *member_of(const void *body, const struct sq_field *field)
{
    return (const char *)body + field->offset;
}

/* The array of a message; fields of `silent` as if they were zero. */
static void put_message(struct wire_out *out, enum sq_kind kind, const void *body, uint64_t silent)
{
    static const char nothing[SQ_ENCODED_MAX];
    const struct sq_kind_info *info = sq_kind_info(kind);
    unsigned count = info->field_count;
    while (count > 0 &&
           ((silent >> (count - 1) & 1) ||
            is_zero(member_of(body, &info->fields[count - 1]), info->fields[count - 1].size)))
        count--;
    wire_open(out, '[');
    wire_text(out, info->name);
    for (unsigned i = 0; i < count; i++) {
        const struct sq_field *field = &info->fields[i];
        put_field(out, field, silent >> i & 1 ? nothing : member_of(body, field));
    }
    wire_close(out, ']');
}

void wire_message(struct wire_out *out, enum sq_kind kind, const void *body)
{
    put_message(out, kind, body, 0);
}

/* Fields that differ and are told. */
static uint64_t differing(const struct sq_kind_info *info, uint64_t silent, const void *was,
                          const void *is)
{
    uint64_t fields = 0;
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        if (!(silent >> i & 1) &&
            memcmp(member_of(was, field), member_of(is, field), field->size) != 0)
            fields |= UINT64_C(1) << i;
    }
    return fields;
}

static void put_change(struct wire_out *out, enum sq_kind kind, uint64_t fields, const void *is)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    uint64_t key = wire_key_fields(kind);
    char name[32] = "~";
    sq_text_cut(name + 1, sizeof name - 1, info->name);
    wire_open(out, '[');
    wire_text(out, name);
    for (unsigned i = 0; i < info->field_count; i++)
        if (key >> i & 1)
            put_field(out, &info->fields[i], member_of(is, &info->fields[i]));
    for (unsigned i = 0; i < info->field_count; i++) {
        if (!(fields >> i & 1))
            continue;
        wire_unsigned(out, i + 1);
        put_field(out, &info->fields[i], member_of(is, &info->fields[i]));
    }
    wire_close(out, ']');
}

bool wire_change(struct wire_out *out, enum sq_kind kind, const void *was, const void *is)
{
    uint64_t silent = wire_silent_fields(kind);
    if (!was || !wire_is_row(kind)) {
        put_message(out, kind, is, silent);
        return true;
    }
    uint64_t fields = differing(sq_kind_info(kind), silent, was, is);
    SQ_ASSERT((fields & wire_key_fields(kind)) == 0);
    if (fields)
        put_change(out, kind, fields, is);
    return fields != 0;
}

bool wire_is_visible_change(enum sq_kind kind, const void *was, const void *is)
{
    return !was || !wire_is_row(kind) ||
           differing(sq_kind_info(kind), wire_silent_fields(kind), was, is) != 0;
}

/* ---- what is no row ------------------------------------------------------------------------ */

static void put_levels(struct wire_out *out, const struct sq_level levels[SQ_DEPTH_LEVELS])
{
    wire_open(out, '[');
    for (unsigned i = 0; i < SQ_DEPTH_LEVELS && levels[i].quantity > 0; i++) {
        wire_integer(out, levels[i].price);
        wire_integer(out, levels[i].quantity);
    }
    wire_close(out, ']');
}

/* Nobody there is "-"; else the distance from the last price, which has fewer digits. */
static void put_best(struct wire_out *out, const struct sq_level *best, sq_price last)
{
    if (best->quantity > 0)
        wire_integer(out, best->price - last);
    else
        wire_text(out, "-");
}

void wire_rate(struct wire_out *out, uint32_t place, const struct sq_rate *rate, bool traded,
               bool depth)
{
    wire_open(out, '[');
    wire_unsigned(out, place);
    wire_integer(out, rate->last);
    put_best(out, &rate->bid[0], rate->last);
    put_best(out, &rate->ask[0], rate->last);
    wire_integer(out, rate->bid[0].quantity);
    wire_integer(out, rate->ask[0].quantity);
    if (traded || depth)
        wire_integer(out, traded);
    if (depth) {
        put_levels(out, rate->bid);
        put_levels(out, rate->ask);
    }
    wire_close(out, ']');
}

static void put_cancels(struct wire_out *out, const struct sq_preview *p)
{
    wire_open(out, '[');
    for (unsigned i = 0; i < p->cancels && i < SQ_PREVIEW_CANCELS; i++)
        wire_unsigned(out, p->cancel_no[i]);
    wire_close(out, ']');
}

static void put_contract(struct wire_out *out, const struct sq_key *key)
{
    wire_text(out, sq_name(SQ_LIST_EXCHANGE, key->exchange));
    wire_unsigned(out, key->token);
    wire_text(out, sq_name(SQ_LIST_PRODUCT, key->product));
}

/* Rows have other numbers at the console: the short is told by its key. */
static void put_hedge(struct wire_out *out, const struct sq_tables *tables, uint64_t hedge_of)
{
    wire_open(out, '[');
    if (hedge_of) {
        const struct sq_key *key = &tables->position[hedge_of - 1].key;
        wire_text(out, key->client);
        put_contract(out, key);
    }
    wire_close(out, ']');
}

void wire_preview(struct wire_out *out, const struct sq_tables *tables, const struct sq_preview *p)
{
    wire_open(out, '[');
    wire_text(out, sq_name(SQ_LIST_VERDICT, p->verdict));
    wire_text(out, sq_name(SQ_LIST_GUARD, p->first));
    put_guards(out, p->guards);
    wire_text(out, sq_name(SQ_LIST_SIDE, p->side));
    wire_integer(out, p->net);
    wire_integer(out, p->quantity);
    wire_integer(out, p->residue);
    wire_text(out, sq_name(SQ_LIST_RESIDUE, p->residue_why));
    wire_integer(out, p->limit);
    wire_integer(out, p->at_band);
    wire_integer(out, p->estimate_paise);
    wire_unsigned(out, p->slices);
    wire_integer(out, p->slice);
    wire_integer(out, p->last_slice);
    wire_unsigned(out, p->cancels);
    put_cancels(out, p);
    put_hedge(out, tables, p->hedge_of);
    wire_integer(out, p->waits);
    wire_unsigned(out, p->leg);
    wire_unsigned(out, p->digest);
    wire_close(out, ']');
}

void wire_portfolio_row(struct wire_out *out, const struct sq_position *position, sq_price last,
                        sq_money mtm_paise)
{
    wire_open(out, '[');
    put_contract(out, &position->key);
    wire_integer(out, position->net);
    wire_integer(out, position->avg_price);
    wire_integer(out, last);
    wire_integer(out, mtm_paise);
    wire_close(out, ']');
}

void wire_history_row(struct wire_out *out, const struct sq_fill *fill)
{
    wire_open(out, '[');
    wire_unsigned(out, fill->no);
    wire_integer(out, fill->time);
    put_contract(out, &fill->key);
    wire_text(out, sq_name(SQ_LIST_SIDE, fill->side));
    wire_integer(out, fill->qty);
    wire_integer(out, fill->price);
    wire_unsigned(out, fill->order_no);
    wire_close(out, ']');
}

void wire_links(struct wire_out *out, const struct wire_links *links)
{
    wire_open(out, '[');
    wire_integer(out, links->time);
    wire_integer(out, links->order_up);
    wire_integer(out, links->order_rtt_us);
    wire_integer(out, links->price_up);
    wire_integer(out, links->price_age_ms);
    wire_integer(out, links->view_only);
    wire_integer(out, links->disk_full);
    wire_text(out, links->why);
    wire_close(out, ']');
}

void wire_answer_error(struct wire_out *out, uint64_t id, enum wire_error error, const char *why)
{
    wire_open(out, '{');
    wire_name(out, "id");
    wire_unsigned(out, id);
    wire_member_text(out, "error", wire_error_word(error));
    wire_member_text(out, "why", why);
    if (error == WIRE_ERROR_VERSION) {
        wire_name(out, "versions");
        wire_open(out, '[');
        wire_integer(out, WIRE_VERSION);
        wire_close(out, ']');
    }
    wire_close(out, '}');
}
