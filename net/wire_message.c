/*
 * wire_message.c: arrays to messages and rows, by the tables of fields.
 */
#include "net/wire_parts.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "core/tables.h"

/* ---- values -------------------------------------------------------------------------------- */

/* The scan has let integers within +/-(2^53-1) pass only: a double holds them exactly. */
bool wire_get_integer(const cJSON *value, int64_t *number)
{
    if (!cJSON_IsNumber(value))
        return false;
    *number = (int64_t)value->valuedouble;
    return true;
}

/* Digits of a number that is beyond what JSON carries; nothing shorter. */
static bool get_digits(const char *text, uint64_t most, uint64_t *number)
{
    *number = 0;
    for (const char *at = text; *at; at++) {
        unsigned digit = (unsigned)(*at - '0');
        if (digit > 9 || __builtin_mul_overflow(*number, 10, number) ||
            __builtin_add_overflow(*number, digit, number))
            return false;
    }
    return text[0] != '0' && *number > (uint64_t)SQ_INTEGER_MAX && *number <= most;
}

bool wire_get_unsigned(const cJSON *value, uint64_t most, uint64_t *number)
{
    int64_t small;
    if (cJSON_IsString(value))
        return get_digits(value->valuestring, most, number);
    if (!wire_get_integer(value, &small) || small < 0 || (uint64_t)small > most)
        return false;
    *number = (uint64_t)small;
    return true;
}

/* Nothing signed is ever beyond what JSON carries; saturated sums of the core end there. */
static bool get_signed(const cJSON *value, uint64_t *number)
{
    int64_t small;
    if (!wire_get_integer(value, &small))
        return false;
    *number = (uint64_t)small;
    return true;
}

/* From 1970 on, until the year 2255; or never. */
static bool get_time(const cJSON *value, uint64_t *time)
{
    if (cJSON_IsString(value) && strcmp(value->valuestring, "never") == 0)
        return *time = (uint64_t)SQ_NEVER, true;
    return get_signed(value, time) && *time <= (uint64_t)SQ_INTEGER_MAX;
}

bool wire_get_named(const cJSON *value, enum sq_list list, uint64_t *member)
{
    int named = cJSON_IsString(value) ? sq_named(list, value->valuestring) : -1;
    *member = (uint64_t)named;
    return named >= 0;
}

static bool get_kind(const cJSON *value, uint64_t *kind)
{
    if (!cJSON_IsString(value))
        return false;
    *kind = sq_kind_named(value->valuestring);
    return *kind != SQ_KIND_NONE || value->valuestring[0] == '\0';
}

/* One name of the list; *at is moved to the next one, or to NULL behind the last. */
static bool take_guard(const char **at, uint64_t *guards)
{
    char name[64];
    size_t length = strcspn(*at, ";");
    int guard = sq_text_set(name, sizeof name, *at, length) ? sq_named(SQ_LIST_GUARD, name) : -1;
    if (guard < 0 || *guards >> guard & 1)
        return false;
    *guards |= UINT64_C(1) << guard;
    *at = (*at)[length] ? *at + length + 1 : NULL;
    return true;
}

bool wire_get_guards(const cJSON *value, uint64_t *guards)
{
    *guards = 0;
    if (!cJSON_IsString(value))
        return false;
    const char *at = value->valuestring[0] ? value->valuestring : NULL;
    while (at)
        if (!take_guard(&at, guards))
            return false;
    return true;
}

static bool get_id(const cJSON *value, struct sq_id *id)
{
    *id = (struct sq_id){0, 0};
    if (!cJSON_IsString(value))
        return false;
    const char *text = value->valuestring, *digits = "0123456789abcdef";
    for (const char *at = text, *digit; *at; at++) {
        if (!(digit = strchr(digits, *at)))
            return false;
        id->high = id->high << 4 | id->low >> 60;
        id->low = id->low << 4 | (uint64_t)(digit - digits);
    }
    return text[0] == '\0' || (strlen(text) == 32 && !sq_id_is_zero(*id));
}

bool wire_get_text(const cJSON *value, char *member, size_t size)
{
    return cJSON_IsString(value) &&
           sq_text_set(member, size, value->valuestring, strlen(value->valuestring));
}

/* ---- fields -------------------------------------------------------------------------------- */

static bool get_field(const cJSON *value, const struct sq_field *field, void *member)
{
    uint64_t number = 0;
    bool good;
    switch (field->type) {
    case SQ_FIELD_TEXT: return wire_get_text(value, member, field->size);
    case SQ_FIELD_ID: return get_id(value, member);
    case SQ_FIELD_TIME: good = get_time(value, &number); break;
    case SQ_FIELD_I64: good = get_signed(value, &number); break;
    case SQ_FIELD_ENUM: good = wire_get_named(value, field->list, &number); break;
    case SQ_FIELD_KIND: good = get_kind(value, &number); break;
    case SQ_FIELD_GUARDS: good = wire_get_guards(value, &number); break;
    default: good = wire_get_unsigned(value, UINT64_MAX >> (64 - 8 * field->size), &number);
    }
    if (good)
        wire_store(member, field->size, number);
    return good;
}

static int bad_field(const struct sq_kind_info *info, const struct sq_field *field, char *why,
                     size_t why_room)
{
    snprintf(why, why_room, "%s: %s is not possible", info->name, field->name);
    return -1;
}

static int read_field(const struct sq_kind_info *info, unsigned i, const cJSON *value, void *body,
                      char *why, size_t why_room)
{
    const struct sq_field *field = &info->fields[i];
    if (!value || !get_field(value, field, (char *)body + field->offset))
        return bad_field(info, field, why, why_room);
    return 0;
}

/* Kind of an array by its first item; `change`: the name has ~ before it. */
static enum sq_kind kind_of(const cJSON *array, bool *change)
{
    const cJSON *name = cJSON_IsArray(array) ? array->child : NULL;
    if (!name || !cJSON_IsString(name))
        return SQ_KIND_NONE;
    *change = name->valuestring[0] == '~';
    return sq_kind_named(name->valuestring + *change);
}

int wire_read_message(const cJSON *array, struct sq_message *message, char *why, size_t why_room)
{
    bool change = false;
    enum sq_kind kind = kind_of(array, &change);
    memset(message, 0, sizeof *message);
    if (kind == SQ_KIND_NONE || change) {
        snprintf(why, why_room, "no message: its name is not known");
        return -1;
    }
    const struct sq_kind_info *info = sq_kind_info(kind);
    const cJSON *value = array->child->next;
    message->kind = (uint16_t)kind;
    for (unsigned i = 0; i < info->field_count && value; i++, value = value->next)
        if (read_field(info, i, value, &message->as, why, why_room) != 0)
            return -1;
    if (value) {
        snprintf(why, why_room, "%s: more than its %u fields", info->name,
                 (unsigned)info->field_count);
        return -1;
    }
    return 0;
}

/* ---- changes ------------------------------------------------------------------------------- */

/* The row whose key fields are set in the message; NULL: there is none. */
static const void *row_of(const struct sq_tables *t, const struct sq_message *m)
{
    uint32_t row = SQ_NO_ROW;
#define ROW(member) (row == SQ_NO_ROW ? NULL : (const void *)&t->member[row])
    switch (m->kind) {
    case SQ_INSTRUMENT:
        row = sq_find_instrument(t, (enum sq_exchange)m->as.instrument.exchange,
                                 m->as.instrument.token);
        return ROW(instrument);
    case SQ_CLIENT: row = sq_find_client(t, m->as.client.code); return ROW(client);
    case SQ_PERSON: row = sq_find_person(t, m->as.person.code); return ROW(person);
    case SQ_POSITION: row = sq_find_position(t, &m->as.position.key); return ROW(position);
    case SQ_ORDER: row = sq_find_order(t, m->as.order.no); return ROW(order);
    case SQ_CLOSE: row = sq_find_close(t, m->as.close.no); return ROW(close);
    case SQ_FILL:
        row = sq_find_fill(t, (enum sq_exchange)m->as.fill.key.exchange, m->as.fill.exec_id,
                           (enum sq_side)m->as.fill.side);
        return ROW(fill);
    case SQ_INTENT: row = sq_find_intent(t, m->as.intent.id); return ROW(intent);
    case SQ_BOOK: return &t->book;
    default: return NULL; /* hours have no search by key: they come whole */
    }
#undef ROW
}

/* The key behind the name; returns the first item that is not of it. */
static int read_key(const struct sq_kind_info *info, uint64_t key, const cJSON **value, void *body,
                    char *why, size_t why_room)
{
    for (unsigned i = 0; i < info->field_count; i++) {
        if (!(key >> i & 1))
            continue;
        if (read_field(info, i, *value, body, why, why_room) != 0)
            return -1;
        *value = (*value)->next;
    }
    return 0;
}

static int read_pairs(const struct sq_kind_info *info, uint64_t key, const cJSON *value, void *body,
                      char *why, size_t why_room)
{
    uint64_t seen = key;
    for (; value; value = value->next->next) {
        uint64_t place = 0;
        bool good = wire_get_unsigned(value, info->field_count, &place) && place > 0;
        if (!good || seen >> (place - 1) & 1 || !value->next) {
            snprintf(why, why_room, "~%s: no field and value", info->name);
            return -1;
        }
        seen |= UINT64_C(1) << (place - 1);
        if (read_field(info, (unsigned)place - 1, value->next, body, why, why_room) != 0)
            return -1;
    }
    return 0;
}

static int read_change(const cJSON *array, enum sq_kind kind, const struct sq_tables *tables,
                       struct sq_message *message, char *why, size_t why_room)
{
    const struct sq_kind_info *info = sq_kind_info(kind);
    const cJSON *value = array->child->next;
    uint64_t key = wire_key_fields(kind);
    memset(message, 0, sizeof *message);
    message->kind = (uint16_t)kind;
    if (read_key(info, key, &value, &message->as, why, why_room) != 0)
        return -1;
    const void *row = row_of(tables, message);
    if (!row) {
        snprintf(why, why_room, "~%s: there is no such row", info->name);
        return -1;
    }
    memcpy(&message->as, row, info->size);
    return read_pairs(info, key, value, &message->as, why, why_room);
}

int wire_read_row(const cJSON *array, const struct sq_tables *tables, struct sq_message *message,
                  char *why, size_t why_room)
{
    bool change = false;
    enum sq_kind kind = kind_of(array, &change);
    if (kind != SQ_KIND_NONE && change)
        return read_change(array, kind, tables, message, why, why_room);
    return wire_read_message(array, message, why, why_room);
}
