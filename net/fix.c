/*
 * Reading FIX: framing, splitting into fields, structure of a message, repeating groups.
 * One pass: 16 bytes at a time are summed for the CheckSum and searched for SOH, and each SOH
 * found closes a field. Everything seldom (groups, data fields, tags without index) is kept out
 * of that path.
 */
#include "net/fix.h"

#include "net/fix_dict.h"
#include "net/fix_scan.h"
#include "net/fix_view.h"

#include <string.h>

enum {
    POSITION = FIX_POSITION,
    GENERATION_MAX = UINT32_MAX >> FIX_POSITION_BITS,
    TRAILER = 7,                   /* "10=ddd|" */
    HEAD = 12,                     /* "8=FIX.4.4|9=" */
    SHORTEST = HEAD + 2 + TRAILER, /* nothing shorter can be a message */
};

static const char head[HEAD + 1] = "8=FIX.4.4\0019=";

/* One repeating group being read. */
struct level {
    int group;         /* place in fix_dict_group */
    uint32_t first;    /* tag that begins each entry here */
    int64_t declared;  /* NumInGroup */
    int64_t entries;   /* seen so far */
    uint32_t entry_at; /* first field of the present entry */
};

struct parser {
    struct fix_view *view;
    uint32_t data_tag;    /* announced by the length field just read; 0 = none */
    uint32_t data_length; /* its bytes */
    uint8_t section;      /* of the last field: header, body, trailer */
    bool loose;           /* a group that the dictionary does not know: repeats cannot be judged */
    bool group_begins;    /* the field just read was a NumInGroup > 0 */
    bool plain;           /* no data or group is open: the short way is allowed */
    uint32_t key;         /* generation of this message, at its place in an index entry */
    int depth;
    struct level level[FIX_DICT_GROUP_DEPTH];
};

void fix_view_init(struct fix_view *view)
{
    memset(view, 0, sizeof *view);
    view->fault = FIX_REJECT_NONE;
}

static void set_fault(struct fix_view *view, enum fix_reject reason, uint32_t tag)
{
    if (view->fault != FIX_REJECT_NONE)
        return;
    view->fault = reason;
    view->fault_tag = tag;
}

/* A new generation empties the index without touching it; when they run out it is wiped once. */
static void begin_view(struct fix_view *view, const char *bytes)
{
    if (++view->generation > GENERATION_MAX) {
        memset(view->index, 0, sizeof view->index);
        view->generation = 1;
    }
    view->count = 0;
    view->bytes = bytes;
    view->fault = FIX_REJECT_NONE;
    view->fault_tag = 0;
    view->high_from = FIX_FIELDS_MAX;
    memset(view->type, 0, sizeof view->type);
}

static void add_field(struct fix_view *view, uint32_t tag, const char *value, size_t length)
{
    struct fix_field *field = &view->field[view->count++];
    field->tag = tag;
    field->value = value;
    field->length = (uint32_t)length;
}

/* ---- groups ---- */

static void pop_level(struct parser *p)
{
    struct level *level = &p->level[--p->depth];
    if (level->entries != level->declared)
        set_fault(p->view, FIX_REJECT_GROUP_COUNT, fix_dict_group[level->group].count_tag);
}

/* Pushes the group that the field before `tag` announced; `tag` begins its first entry. */
static void push_level(struct parser *p, uint32_t tag)
{
    const struct fix_field *count = &p->view->field[p->view->count - 1];
    int group = fix_dict_group_of(count->tag);

    p->group_begins = false;
    if (group < 0 || p->depth == FIX_DICT_GROUP_DEPTH) {
        p->loose = true;
        return;
    }
    if (tag != fix_dict_group[group].first[0] && tag != fix_dict_group[group].first[1])
        set_fault(p->view, FIX_REJECT_GROUP_ORDER, tag);
    struct level *level = &p->level[p->depth++];
    *level = (struct level){.group = group, .first = tag};
    fix_int(count, &level->declared);
}

static bool repeated_in_entry(const struct fix_view *view, uint32_t from, uint32_t tag)
{
    for (uint32_t i = from; i < view->count; i++)
        if (view->field[i].tag == tag)
            return true;
    return false;
}

/* Takes a field that belongs to an open group; false when it closed them all. */
static bool group_field(struct parser *p, uint32_t tag)
{
    uint32_t member = fix_dict_member(tag);
    while (p->depth > 0) {
        struct level *level = &p->level[p->depth - 1];
        if (tag == level->first) {
            level->entries++;
            level->entry_at = p->view->count;
            return true;
        }
        if (member >> level->group & 1) {
            if (repeated_in_entry(p->view, level->entry_at, tag))
                set_fault(p->view, FIX_REJECT_REPEATED_TAG, tag);
            return true;
        }
        pop_level(p);
    }
    return false;
}

/* ---- one field ---- */

/* What a length or count field means for the fields after it. */
static void announce(struct parser *p, const struct fix_field *field, uint8_t type)
{
    int64_t value;
    if (fix_int(field, &value) != FIX_VALUE || value < 0 || value > FIX_BODY_MAX) {
        set_fault(p->view, FIX_REJECT_FORMAT, field->tag);
        return;
    }
    if (type == FIX_TYPE_COUNT)
        p->group_begins = value > 0;
    else
        p->data_tag = fix_dict_data_of(field->tag);
    p->data_length = (uint32_t)value;
}

static void index_field(struct parser *p, uint32_t tag)
{
    struct fix_view *view = p->view;
    if (tag < FIX_INDEX_SIZE) {
        uint32_t *slot = &view->index[tag];
        if (*slot - p->key > POSITION)
            *slot = p->key | view->count;
        else if (!p->loose)
            set_fault(view, FIX_REJECT_REPEATED_TAG, tag);
        return;
    }
    if (view->high_from == FIX_FIELDS_MAX)
        view->high_from = view->count;
    else if (!p->loose && repeated_in_entry(view, view->high_from, tag))
        set_fault(view, FIX_REJECT_REPEATED_TAG, tag);
}

/* Sections come in order: header, body, trailer. */
static void check_section(struct parser *p, uint32_t tag, uint8_t section)
{
    if (section < p->section)
        set_fault(p->view, FIX_REJECT_TAG_ORDER, tag);
    else
        p->section = section;
}

/* A data field's end is known from its length field; SOH before that end is part of the value. */
static bool data_continues(struct parser *p, uint32_t tag, const char *value, const char *soh)
{
    if (tag != p->data_tag)
        set_fault(p->view, FIX_REJECT_FORMAT, p->data_tag);
    else if ((size_t)(soh - value) < p->data_length)
        return true;
    else if ((size_t)(soh - value) > p->data_length)
        set_fault(p->view, FIX_REJECT_FORMAT, tag);
    p->data_tag = 0;
    return false;
}

/* Bytes without '=' are the rest of a value that was cut by a SOH of its own (reason 17). */
static void no_tag(struct parser *p, const char *start, const char *soh)
{
    struct fix_view *view = p->view;
    size_t length = (size_t)(soh - start);

    if (length > 0 && memchr(start, '=', length) == NULL)
        set_fault(view, FIX_REJECT_SOH_IN_VALUE, view->field[view->count - 1].tag);
    else
        set_fault(view, FIX_REJECT_INVALID_TAG, 0);
    p->data_tag = 0;
    p->plain = !p->group_begins && p->depth == 0;
    add_field(view, 0, start, length);
}

/* Where the value begins and the tag before it: 1 to 5 digits, the first not 0, and '='; or NULL. */
static inline const char *read_tag(const char *at, uint32_t *tag)
{
    uint32_t value = (uint32_t)(unsigned char)at[0] - '0';
    if (value - 1 > 8)
        return NULL;
#pragma GCC unroll 5
    for (int i = 1; i <= 5; i++) {
        uint32_t digit = (uint32_t)(unsigned char)at[i] - '0';
        if (digit > 9) {
            *tag = value;
            return at[i] == '=' ? at + i + 1 : NULL;
        }
        value = value * 10 + digit;
    }
    return NULL;
}

/* The field with this tag and value [value, soh), when something about it may be special. */
static bool take_special(struct parser *p, uint32_t tag, const char *value, const char *soh)
{
    struct fix_view *view = p->view;
    if (p->data_tag != 0 && data_continues(p, tag, value, soh))
        return false;

    uint8_t row = fix_dict_row(tag), type = row & FIX_DICT_TYPE;
    if (p->group_begins)
        push_level(p, tag);
    if (p->depth == 0 || !group_field(p, tag)) {
        if ((row & FIX_DICT_SECTION) != p->section)
            check_section(p, tag, row & FIX_DICT_SECTION);
        index_field(p, tag);
    }
    if (value == soh)
        set_fault(view, FIX_REJECT_NO_VALUE, tag);
    add_field(view, tag, value, (size_t)(soh - value));
    if (type == FIX_TYPE_UNDEFINED)
        set_fault(view, FIX_REJECT_INVALID_TAG, tag);
    else if (type == FIX_TYPE_LENGTH || type == FIX_TYPE_COUNT)
        announce(p, &view->field[view->count - 1], type);
    p->plain = p->data_tag == 0 && !p->group_begins && p->depth == 0;
    return true;
}

/* The field [start, soh). Returns false when its SOH is inside a data value: it goes on. */
static bool take_field(struct parser *p, const char *start, const char *soh)
{
    uint32_t tag;
    const char *value = read_tag(start, &tag);
    if (value != NULL)
        return take_special(p, tag, value, soh);
    no_tag(p, start, soh);
    return true;
}

/* The section whose fields may go the short way; none is NOWHERE. */
enum { NOWHERE = 0x100 };

static inline uint32_t plain_section(const struct parser *p)
{
    return p->plain ? p->section : NOWHERE;
}

/*
 * The short way, for a known tag of that section, of no special type, seen for the first time. False: the
 * field has to go the long way. What it needs of the parser comes by value, to stay in registers.
 */
static inline bool take_plain(struct fix_view *view, uint32_t key, uint32_t section,
                              const char *start, const char *soh)
{
    uint32_t tag;
    const char *value = read_tag(start, &tag);
    if (value == NULL || tag >= FIX_DICT_SIZE || value == soh)
        return false;
    uint32_t row = fix_dict_tag[tag] ^ section, *slot = &view->index[tag];
    if (row - FIX_TYPE_STRING >= FIX_DICT_BODY - FIX_TYPE_STRING || *slot - key <= POSITION)
        return false;
    *slot = key | view->count;
    add_field(view, tag, value, (size_t)(soh - value));
    return true;
}

/* ---- the message ---- */

/* Splits [body, end) into fields and adds up its bytes. */
static void split(struct parser *p, const char *body, const char *end, struct fix_sum *sum)
{
    struct fix_view *view = p->view;
    struct fix_sum bytes = *sum;
    const char *start = body;
    uint32_t key = p->key, section = plain_section(p);

    for (const char *at = body; at < end; at += FIX_SCAN) {
        uint32_t found = fix_scan(at, (size_t)(end - at), FIX_SOH, &bytes);
        for (; found != 0; found &= found - 1) {
            const char *soh = at + __builtin_ctz(found);
            if (view->count < FIX_FIELDS_MAX && take_plain(view, key, section, start, soh)) {
                start = soh + 1;
                continue;
            }
            if (view->count == FIX_FIELDS_MAX)
                set_fault(view, FIX_REJECT_OTHER, 0);
            else if (take_field(p, start, soh))
                start = soh + 1;
            section = plain_section(p);
        }
    }
    if (start != end)
        set_fault(view, FIX_REJECT_FORMAT, p->data_tag);
    *sum = bytes;
}

/* "10=ddd|" with the sum of all bytes before it, modulo 256. */
static bool trailer_right(const char *at, uint32_t sum)
{
    sum &= 0xff;
    return at[3] == (char)('0' + sum / 100) && at[4] == (char)('0' + sum / 10 % 10) &&
           at[5] == (char)('0' + sum % 10);
}

/* Where the next message can begin: at "8=FIX" after the first byte, or at what may become it. */
static size_t resync(const char *bytes, size_t n)
{
    size_t at = 1;
    while (at < n) {
        const char *next = memchr(bytes + at, '8', n - at);
        if (next == NULL)
            return n;
        at = (size_t)(next - bytes);
        if (memcmp(next, "8=FIX", n - at < 5 ? n - at : 5) == 0)
            return at;
        at++;
    }
    return n > 0 ? n : 1;
}

/*
 * Length of "8=...|9=" at the front: 0 when more bytes are needed, -1 when it cannot be a message.
 * Any version that begins with FIX passes, so that a wrong one can be answered with a logout.
 */
static int head_length(const char *bytes, size_t n)
{
    if (memcmp(bytes, head, n < 5 ? n : 5) != 0)
        return -1;
    size_t room = n < 20 ? n : 20;
    const char *soh = memchr(bytes, FIX_SOH, room);
    if (soh == NULL)
        return n < 20 ? 0 : -1;
    size_t at = (size_t)(soh - bytes) + 1;
    if (n < at + 2)
        return memcmp(soh + 1, "9=", n - at) == 0 ? 0 : -1;
    return memcmp(soh + 1, "9=", 2) == 0 ? (int)at + 2 : -1;
}

/* BodyLength digits at `at`: bytes used with the SOH; 0 = more needed, -1 = wrong. */
static int body_length(const char *at, const char *end, uint32_t *length)
{
    uint32_t value = 0;
    for (int i = 0; i < 9; i++) {
        if (at + i == end)
            return 0;
        if (at[i] == FIX_SOH && i > 0) {
            *length = value;
            return i + 1;
        }
        if (at[i] < '0' || at[i] > '9')
            return -1;
        value = value * 10 + (uint32_t)(at[i] - '0');
    }
    return -1;
}

static void set_type(struct fix_view *view)
{
    const struct fix_field *type = &view->field[2];
    if (type->length >= sizeof view->type || memchr(type->value, 0, type->length) != NULL)
        return;
    memcpy(view->type, type->value, type->length);
}

static enum fix_status garbled(const char *bytes, size_t n, size_t *size)
{
    *size = resync(bytes, n);
    return FIX_GARBLED;
}

static enum fix_status need(size_t more, size_t *size)
{
    *size = more;
    return FIX_NEED_MORE;
}

/* The framed message: head [bytes, body), body, trailer at `end`. */
static bool read_message(struct fix_view *view, const char *bytes, const char *digits,
                         const char *body, const char *end)
{
    struct parser p = {.view = view, .plain = true};

    begin_view(view, bytes);
    p.key = view->generation << FIX_POSITION_BITS;
    add_field(view, FIX_BEGIN_STRING, bytes + 2, (size_t)(digits - bytes) - 5);
    add_field(view, FIX_BODY_LENGTH, digits, (size_t)(body - digits) - 1);
    view->index[FIX_BEGIN_STRING] = p.key;
    view->index[FIX_BODY_LENGTH] = p.key | 1;
    struct fix_sum sum = {0};
    split(&p, body, end, &sum);
    fix_scan_all(bytes, body, &sum);
    if (!trailer_right(end, fix_sum_of(&sum)))
        return false;
    while (p.depth > 0)
        pop_level(&p);
    if (p.group_begins)
        set_fault(view, FIX_REJECT_GROUP_COUNT, view->field[view->count - 1].tag);
    if (view->high_from == FIX_FIELDS_MAX)
        view->high_from = view->count;
    view->length = (size_t)(end + TRAILER - bytes);
    set_type(view);
    return true;
}

enum fix_status fix_parse(struct fix_view *view, const char *bytes, size_t n, size_t *size)
{
    bool ours = n >= HEAD && memcmp(bytes, head, HEAD) == 0;
    int used = ours ? HEAD : head_length(bytes, n);
    if (used <= 0)
        return used < 0 ? garbled(bytes, n, size) : need(n < SHORTEST ? SHORTEST - n : 1, size);

    const char *digits = bytes + used;
    uint32_t length = 0;
    used = body_length(digits, bytes + n, &length);
    if (used <= 0)
        return used < 0 ? garbled(bytes, n, size) : need(TRAILER + 1, size);
    if (length > FIX_BODY_MAX) {
        garbled(bytes, n, size);
        return FIX_TOO_LONG;
    }

    const char *body = digits + used;
    size_t total = (size_t)(body - bytes) + length + TRAILER;
    if (n >= (size_t)(body - bytes) + 3 && memcmp(body, "35=", 3) != 0)
        return garbled(bytes, n, size);
    if (n < total)
        return need(total - n, size);
    const char *end = body + length;
    if (length < 5 || end[-1] != FIX_SOH || memcmp(end, "10=", 3) != 0 || end[6] != FIX_SOH)
        return garbled(bytes, n, size);
    if (!read_message(view, bytes, digits, body, end))
        return garbled(bytes, n, size);
    *size = total;
    return ours ? FIX_OK : FIX_VERSION;
}

const struct fix_field *fix_get(const struct fix_view *view, uint32_t tag)
{
    if (tag < FIX_INDEX_SIZE)
        return fix_get_low(view, tag);
    for (uint32_t i = view->high_from; i < view->count; i++)
        if (view->field[i].tag == tag)
            return &view->field[i];
    return NULL;
}

bool fix_is(const struct fix_view *view, const char *type)
{
    return strcmp(view->type, type) == 0;
}

/* ---- walking groups ---- */

static uint32_t open_group(const struct fix_view *view, uint32_t at, uint32_t limit,
                           struct fix_group *group)
{
    int place = fix_dict_group_of(group->count_tag);
    int64_t entries = 0;

    group->view = view;
    group->from = group->to = group->end = at + 1;
    if (place < 0 || at + 1 >= limit || fix_int(&view->field[at], &entries) != 0 || entries <= 0)
        return 0;
    uint32_t inside = 1u << place | fix_dict_group[place].inner;
    for (uint32_t i = 0; i < FIX_DICT_GROUP_DEPTH; i++)
        for (uint32_t rest = inside; rest != 0; rest &= rest - 1)
            inside |= fix_dict_group[__builtin_ctz(rest)].inner;
    group->first_tag = view->field[at + 1].tag;
    while (group->end < limit && (view->field[group->end].tag == group->first_tag ||
                                  (fix_dict_member(view->field[group->end].tag) & inside) != 0))
        group->end++;
    return (uint32_t)entries;
}

uint32_t fix_group(const struct fix_view *view, uint32_t count_tag, struct fix_group *group)
{
    const struct fix_field *count = fix_get(view, count_tag);
    *group = (struct fix_group){.view = view, .count_tag = count_tag};
    if (count == NULL)
        return 0;
    return open_group(view, (uint32_t)(count - view->field), view->count, group);
}

uint32_t fix_group_in(const struct fix_group *outer, uint32_t count_tag, struct fix_group *group)
{
    const struct fix_field *count = fix_group_get(outer, count_tag);
    *group = (struct fix_group){.view = outer->view, .count_tag = count_tag};
    if (count == NULL)
        return 0;
    return open_group(outer->view, (uint32_t)(count - outer->view->field), outer->to, group);
}

bool fix_group_next(struct fix_group *group)
{
    const struct fix_field *field = group->view->field;
    group->from = group->to;
    if (group->from >= group->end)
        return false;
    do
        group->to++;
    while (group->to < group->end && field[group->to].tag != group->first_tag);
    return true;
}

const struct fix_field *fix_group_get(const struct fix_group *group, uint32_t tag)
{
    for (uint32_t i = group->from; i < group->to; i++)
        if (group->view->field[i].tag == tag)
            return &group->view->field[i];
    return NULL;
}
