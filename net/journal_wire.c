#include "net/journal_wire.h"

#include <cjson/cJSON.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/wire_parts.h"

enum { LINE_MOST = 2 * SQ_ENCODED_MAX + WIRE_HASH_SIZE + 128 };

void journal_hash_text(const uint8_t hash[SQ_HASH_SIZE], char text[WIRE_HASH_SIZE])
{
    sodium_bin2hex(text, WIRE_HASH_SIZE, hash, SQ_HASH_SIZE);
}

static bool read_hex(const char *text, uint8_t *bytes, size_t room, size_t *length)
{
    const char *end;
    return sodium_hex2bin(bytes, room, text, strlen(text), NULL, length, &end) == 0 && *end == '\0';
}

bool journal_hash_read(const char *text, uint8_t hash[SQ_HASH_SIZE])
{
    size_t length;
    return read_hex(text, hash, SQ_HASH_SIZE, &length) && length == SQ_HASH_SIZE;
}

/* ---- out ------------------------------------------------------------------------------------ */

void journal_feed_init(struct journal_feed *feed, struct sq_store *store, uint64_t after)
{
    *feed = (struct journal_feed){.store = store, .after = after};
}

void journal_feed_finish(struct journal_feed *feed)
{
    free(feed->text);
    *feed = (struct journal_feed){0};
}

/* A turn on its way out of the store. */
struct rendering {
    struct journal_feed *feed;
    uint64_t end;
    bool first, failed;
};

static bool has_room(struct journal_feed *feed, size_t more)
{
    size_t room = feed->room ? feed->room : 65536;
    while (room < feed->length + more)
        room *= 2;
    char *text = room > feed->room ? realloc(feed->text, room) : feed->text;
    if (text == NULL)
        return false;
    feed->text = text;
    feed->room = room;
    return true;
}

/* A row without its last bracket: the next one, or the end of the turn, puts it. */
static int render_row(void *owner, const struct sq_message *m, bool is_input)
{
    struct rendering *r = owner;
    struct journal_feed *feed = r->feed;
    uint8_t bytes[SQ_ENCODED_MAX];
    char hex[2 * SQ_ENCODED_MAX + 1];
    if (m->seq > r->end)
        return 1;
    size_t length = sq_encode((enum sq_kind)m->kind, &m->as, bytes, sizeof bytes);
    r->failed = !has_room(feed, LINE_MOST);
    if (r->failed)
        return 1;
    sodium_bin2hex(hex, sizeof hex, bytes, length);
    feed->length += (size_t)snprintf(
        feed->text + feed->length, LINE_MOST, "%s[%llu,%lld,%d,%u,\"%s\"", r->first ? "" : "]\n",
        (unsigned long long)m->seq, (long long)m->time, is_input, (unsigned)m->kind, hex);
    r->first = false;
    return 0;
}

/* The next turn, as text behind what is held. 0: there is none; -1: the store cannot be read. */
static int add_turn(struct journal_feed *feed)
{
    struct sq_store *store = feed->store;
    struct rendering r = {.feed = feed, .first = true};
    uint8_t hash[SQ_HASH_SIZE];
    char text[WIRE_HASH_SIZE];
    size_t was = feed->length;
    enum sq_err error = store->ops->turn_end(store, feed->after + 1, &r.end, hash);
    if (error == SQ_ERR_NOT_FOUND)
        return 0;
    if (error == SQ_ERR_OK)
        error = store->ops->read(store, feed->after, render_row, &r);
    if (error != SQ_ERR_OK || r.failed || r.first || !has_room(feed, LINE_MOST)) {
        feed->length = was;
        return -1;
    }
    journal_hash_text(hash, text);
    feed->length += (size_t)snprintf(feed->text + feed->length, LINE_MOST, ",\"%s\"]\n", text);
    feed->after = r.end;
    return 1;
}

int journal_feed_fill(struct journal_feed *feed, size_t most)
{
    int more = 1;
    if (feed->at > 0)
        memmove(feed->text, feed->text + feed->at, feed->length - feed->at);
    feed->length -= feed->at;
    feed->at = 0;
    while (more > 0 && feed->length < most)
        more = add_turn(feed);
    return more < 0 ? -1 : 0;
}

int journal_feed_put(struct journal_feed *feed, struct wire_out *out, size_t length, int most)
{
    int count = 0;
    for (; count < most && feed->at < feed->length; count++) {
        const char *line = feed->text + feed->at;
        size_t size = (size_t)((const char *)memchr(line, '\n', feed->length - feed->at) - line);
        if (out->length + size + 1 > length)
            break;
        wire_raw(out, line, size);
        feed->at += size + 1;
    }
    return count;
}

/* ---- in ------------------------------------------------------------------------------------- */

static enum journal_taken wrong(char why[JOURNAL_WHY], const char *what)
{
    snprintf(why, JOURNAL_WHY, "log: %s", what);
    return JOURNAL_WRONG;
}

static struct sq_message *append(struct sq_message **list, size_t *count, size_t *room)
{
    if (*count == JOURNAL_TURN_MOST)
        return NULL;
    if (*count == *room) {
        size_t more = *room ? *room * 2 : 64;
        struct sq_message *grown = realloc(*list, more * sizeof *grown);
        if (grown == NULL)
            return NULL;
        *list = grown;
        *room = more;
    }
    return memset(&(*list)[(*count)++], 0, sizeof **list);
}

/* seq, time, in, kind: what stands before the body. NULL, or where the body is. */
static const cJSON *read_head(const cJSON *row, struct sq_message *m, bool *is_input)
{
    enum { HEAD = 4 };
    int64_t head[HEAD];
    const cJSON *at = cJSON_IsArray(row) ? row->child : NULL;
    for (int i = 0; i < HEAD; i++, at = at->next)
        if (at == NULL || !wire_get_integer(at, &head[i]))
            return NULL;
    const int64_t seq = head[0], time = head[1], in = head[2], kind = head[3];
    if (seq < 1 || time < 0 || in < 0 || in > 1 || kind < 0 || kind > UINT16_MAX)
        return NULL;
    m->seq = (uint64_t)seq;
    m->time = time;
    m->kind = (uint16_t)kind;
    *is_input = in == 1;
    return at;
}

static bool read_body(const cJSON *value, struct sq_message *m)
{
    uint8_t bytes[SQ_ENCODED_MAX];
    size_t length;
    return cJSON_IsString(value) && m->kind > SQ_KIND_NONE && m->kind < SQ_KIND_COUNT &&
           read_hex(value->valuestring, bytes, sizeof bytes, &length) &&
           sq_decode((enum sq_kind)m->kind, bytes, length, &m->as) == 0;
}

/* An event is of the newest input, and inputs count up by one. */
static bool is_in_order(const struct journal_turn *t, const struct sq_message *m, bool is_input)
{
    uint64_t last = t->input_count > 0 ? t->inputs[t->input_count - 1].seq : 0;
    if (t->input_count == 0)
        return is_input;
    return is_input ? m->seq == last + 1 : m->seq == last;
}

enum journal_taken journal_turn_take(struct journal_turn *t, const cJSON *row,
                                     char why[JOURNAL_WHY])
{
    struct sq_message message = {0};
    bool is_input;
    const cJSON *body = read_head(row, &message, &is_input);
    const cJSON *hash = body != NULL ? body->next : NULL;
    if (body == NULL || !read_body(body, &message) || (hash != NULL && hash->next != NULL))
        return wrong(why, "not a row of a journal");
    if (!is_in_order(t, &message, is_input))
        return wrong(why, "a row that is not the next one");
    struct sq_message *to = is_input ? append(&t->inputs, &t->input_count, &t->input_room)
                                     : append(&t->events, &t->event_count, &t->event_room);
    if (to == NULL)
        return wrong(why, "a turn that is too large");
    *to = message;
    if (hash == NULL)
        return JOURNAL_MORE;
    if (!cJSON_IsString(hash) || !journal_hash_read(hash->valuestring, t->hash))
        return wrong(why, "a hash that is none");
    return JOURNAL_WHOLE;
}

struct sq_turn journal_turn_get(const struct journal_turn *t)
{
    return (struct sq_turn){t->inputs, t->input_count, t->events, t->event_count};
}

void journal_turn_begin(struct journal_turn *t)
{
    t->input_count = t->event_count = 0;
}

void journal_turn_finish(struct journal_turn *t)
{
    free(t->inputs);
    free(t->events);
    *t = (struct journal_turn){0};
}
