/*
 * wire_read.c: requests and frames. Each is an object whose members are rows of a table: name,
 * place in a struct, type, bounds; a new member is a new row in net/wire.h.
 */
#include "net/wire_parts.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

/* ---- members ------------------------------------------------------------------------------- */

enum type { INTEGER, TEXT, ARRAY };
struct member {
    const char *name;
    size_t offset;
    size_t size;
    enum type type;
    int64_t least;
    int64_t most;
};
#define TYPE_OF(m) _Generic((m), int64_t : INTEGER, const struct cJSON * : ARRAY, char * : TEXT)
#define MEMBER(type, name, m, least, most) \
    {name,                                 \
     offsetof(struct type, m),             \
     sizeof(((struct type *)0)->m),        \
     TYPE_OF(((struct type *)0)->m),       \
     least,                                \
     most},

/* The size of a pointer is meant, where a member is one: NOLINTBEGIN(bugprone-sizeof-expression) */
#define X(tail, name, m, least, most) MEMBER(wire_request, name, m, least, most)
static const struct member asked[] = {WIRE_MEMBER_MAP(X)};
#undef X
#define X(tail, name, m) MEMBER(wire_frame, name, m, 0, SQ_INTEGER_MAX)
static const struct member said[] = {WIRE_SAID_MAP(X)};
#undef X
/* NOLINTEND(bugprone-sizeof-expression) */

static bool read_member(const struct member *m, const cJSON *value, void *body)
{
    char *at = (char *)body + m->offset;
    int64_t number;
    switch (m->type) {
    case TEXT: return wire_get_text(value, at, m->size);
    case ARRAY: *(const cJSON **)(void *)at = value; return cJSON_IsArray(value);
    default:
        if (!wire_get_integer(value, &number) || number < m->least || number > m->most)
            return false;
        memcpy(at, &number, sizeof number);
        return true;
    }
}

static unsigned member_named(const struct member *members, unsigned count, const char *name)
{
    unsigned i = 0;
    while (i < count && strcmp(members[i].name, name) != 0)
        i++;
    return i;
}

/* ---- requests ------------------------------------------------------------------------------ */

#define M(tail) (UINT32_C(1) << WIRE_##tail)
static const struct {
    const char *name;
    uint32_t must;
    uint32_t may;
} dos[WIRE_DO_COUNT] = {
#define X(tail, name, must, may) [WIRE_DO_##tail] = {name, must, may},
    WIRE_DO_MAP(X)
#undef X
};

static enum wire_do do_named(const cJSON *value)
{
    unsigned i = 0;
    if (!cJSON_IsString(value))
        return WIRE_DO_COUNT;
    while (i < WIRE_DO_COUNT && strcmp(dos[i].name, value->valuestring) != 0)
        i++;
    return (enum wire_do)i;
}

/* `do`, `id` and, of a login, `v`: what an error can be told by, before anything else is read. */
static enum wire_error read_head(struct wire_request *r, char *why, size_t why_room)
{
    const cJSON *version = cJSON_GetObjectItemCaseSensitive(r->root, "v");
    int64_t number;
    if (wire_get_integer(cJSON_GetObjectItemCaseSensitive(r->root, "id"), &number) && number > 0)
        r->id = (uint64_t)number;
    r->what = do_named(cJSON_GetObjectItemCaseSensitive(r->root, "do"));
    if (r->id == 0 || r->what == WIRE_DO_COUNT) {
        snprintf(why, why_room, r->id ? "do: no such request" : "id: a number from 1 on");
        return WIRE_ERROR_FORMAT;
    }
    if (r->what == WIRE_DO_LOGIN && wire_get_integer(version, &number) && number != WIRE_VERSION) {
        snprintf(why, why_room, "this server speaks version %d", WIRE_VERSION);
        return WIRE_ERROR_VERSION;
    }
    return WIRE_ERROR_NONE;
}

static enum wire_error read_asked(struct wire_request *r, const cJSON *value, char *why,
                                  size_t why_room)
{
    unsigned i = member_named(asked, WIRE_MEMBER_COUNT, value->string);
    uint32_t allowed = dos[r->what].must | dos[r->what].may;
    bool known = i < WIRE_MEMBER_COUNT && allowed >> i & 1;
    if (known && read_member(&asked[i], value, r)) {
        r->has |= UINT32_C(1) << i;
        return WIRE_ERROR_NONE;
    }
    if (known)
        snprintf(why, why_room, "%s: not possible", asked[i].name);
    else
        snprintf(why, why_room, "%s has no member %.40s", dos[r->what].name, value->string);
    return WIRE_ERROR_FORMAT;
}

/* A login is by token, or by user and password. */
static bool is_whole_login(const struct wire_request *r)
{
    uint32_t by_name = M(USER) | M(PASSWORD), got = r->has & (by_name | M(TOKEN) | M(CODE));
    return got == M(TOKEN) || (got & ~M(CODE)) == by_name;
}

static enum wire_error check_asked(struct wire_request *r, char *why, size_t why_room)
{
    uint32_t missing = dos[r->what].must & ~r->has;
    if (missing) {
        snprintf(why, why_room, "%s: missing", asked[__builtin_ctz(missing)].name);
        return WIRE_ERROR_FORMAT;
    }
    if (r->what == WIRE_DO_LOGIN && !is_whole_login(r)) {
        snprintf(why, why_room, "login: user and password, or token");
        return WIRE_ERROR_FORMAT;
    }
    r->in_count = (size_t)cJSON_GetArraySize(r->in);
    r->list_count = (size_t)cJSON_GetArraySize(r->list);
    if (r->in_count > WIRE_ITEMS_MAX || r->list_count > WIRE_LIST_MAX) {
        snprintf(why, why_room, "%s: too many", r->in ? "in" : "list");
        return WIRE_ERROR_TOO_MANY;
    }
    if (r->in && r->in_count == 0) {
        snprintf(why, why_room, "in: nothing in it");
        return WIRE_ERROR_FORMAT;
    }
    return WIRE_ERROR_NONE;
}

static enum wire_error read_members(struct wire_request *r, char *why, size_t why_room)
{
    enum wire_error error = read_head(r, why, why_room);
    for (const cJSON *value = r->root->child; value && !error; value = value->next)
        if (strcmp(value->string, "do") != 0 && strcmp(value->string, "id") != 0)
            error = read_asked(r, value, why, why_room);
    return error ? error : check_asked(r, why, why_room);
}

enum wire_error wire_read_request(const char *text, size_t length, struct wire_request *request,
                                  char *why, size_t why_room)
{
    memset(request, 0, sizeof *request);
    request->what = WIRE_DO_COUNT;
    request->root = wire_parse(text, length, WIRE_REQUEST_MAX, why, why_room);
    if (!request->root)
        return WIRE_ERROR_COUNT;
    if (!cJSON_IsObject(request->root)) {
        snprintf(why, why_room, "no object");
        wire_request_end(request);
        return WIRE_ERROR_COUNT;
    }
    enum wire_error error = read_members(request, why, why_room);
    if (error)
        wire_request_end(request);
    return error;
}

void wire_request_end(struct wire_request *request)
{
    wire_free(request->root);
    request->root = NULL;
    request->in = request->list = request->log = request->item = NULL;
    explicit_bzero(request->password, sizeof request->password);
    explicit_bzero(request->code, sizeof request->code);
    explicit_bzero(request->token, sizeof request->token);
}

/* ---- items of requests --------------------------------------------------------------------- */

const char *wire_person(const struct sq_message *message)
{
    switch (message->kind) {
    case SQ_SQUARE_OFF: return message->as.square_off.dealer;
    case SQ_BULK_GO: return message->as.bulk_go.dealer;
    case SQ_CANCEL: return message->as.cancel.person;
    case SQ_APPROVE: return message->as.approve.person;
    case SQ_SETTLE: return message->as.settle.person;
    case SQ_MANUAL_FILL: return message->as.manual_fill.person;
    case SQ_SUPERVISE: return message->as.supervise.person;
    default: return "";
    }
}

/* Item i of an array; asked for from the first to the last, each is one step. */
static const cJSON *item_at(struct wire_request *request, const cJSON *array, size_t i)
{
    if (i == 0 || i != request->item_no + 1 || !request->item)
        request->item = cJSON_GetArrayItem(array, (int)i);
    else
        request->item = request->item->next;
    request->item_no = i;
    return request->item;
}

int wire_request_in(struct wire_request *request, size_t i, struct sq_message *message, char *why,
                    size_t why_room)
{
    const cJSON *item = item_at(request, request->in, i);
    if (wire_read_message(item, message, why, why_room) != 0)
        return -1;
    if (wire_person(message)[0])
        return 0;
    snprintf(why, why_room, "%s: no command that names its person",
             sq_kind_info((enum sq_kind)message->kind)->name);
    return -1;
}

static int read_contract(const cJSON *value, enum sq_exchange *exchange, uint32_t *token)
{
    uint64_t named, number;
    if (!value || !wire_get_named(value, SQ_LIST_EXCHANGE, &named) ||
        !wire_get_unsigned(value->next, UINT32_MAX, &number))
        return -1;
    *exchange = (enum sq_exchange)named;
    *token = (uint32_t)number;
    return 0;
}

static int failed(char *why, size_t why_room, const char *what)
{
    snprintf(why, why_room, "%s: not possible", what);
    return -1;
}

int wire_request_contract(struct wire_request *request, size_t i, enum sq_exchange *exchange,
                          uint32_t *token, char *why, size_t why_room)
{
    const cJSON *item = item_at(request, request->list, i);
    if (cJSON_GetArraySize(item) != 2 || !cJSON_IsArray(item) ||
        read_contract(item->child, exchange, token) != 0)
        return failed(why, why_room, "list: a contract");
    return 0;
}

/* ---- frames -------------------------------------------------------------------------------- */

static int read_said(struct wire_frame *frame, char *why, size_t why_room)
{
    for (const cJSON *value = frame->root->child; value; value = value->next) {
        unsigned i = member_named(said, WIRE_SAID_COUNT, value->string);
        if (i == WIRE_SAID_COUNT) {
            snprintf(why, why_room, "no member %.40s is known", value->string);
            return -1;
        }
        if (!read_member(&said[i], value, frame))
            return failed(why, why_room, said[i].name);
        frame->has |= UINT64_C(1) << i;
    }
    if (wire_said(frame, WIRE_SAID_ID) == wire_said(frame, WIRE_SAID_B)) {
        snprintf(why, why_room, "neither an answer (id) nor of a book (b)");
        return -1;
    }
    return 0;
}

int wire_read_frame(const char *text, size_t length, struct wire_frame *frame, char *why,
                    size_t why_room)
{
    memset(frame, 0, sizeof *frame);
    frame->root = wire_parse(text, length, WIRE_FRAME_MAX, why, why_room);
    if (!frame->root)
        return -1;
    if (cJSON_IsObject(frame->root) && read_said(frame, why, why_room) == 0)
        return 0;
    if (!cJSON_IsObject(frame->root))
        snprintf(why, why_room, "no object");
    wire_frame_end(frame);
    return -1;
}

void wire_frame_end(struct wire_frame *frame)
{
    wire_free(frame->root);
    frame->root = NULL;
    explicit_bzero(frame->token, sizeof frame->token);
}
