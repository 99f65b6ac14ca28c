/*
 * remote_out.c: the session's side: what a screen submits and asks, as requests with numbers, and
 * what became of each.
 */
#include "net/remote_parts.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"

enum {
    SUBMIT_ROOM = WIRE_REQUEST_MAX - SQ_LINE_MAX, /* a message more still fits */
    PREVIEW_PART = 128,                           /* intents of one request */
    PREVIEW_WAIT_S = 5                            /* the same is not asked again within it */
};

/* ---- requests ------------------------------------------------------------------------------ */

#define X(tail, name, must, may) [WIRE_DO_##tail] = name,
static const char *const do_names[WIRE_DO_COUNT] = {WIRE_DO_MAP(X)};
#undef X

const char *remote_do_name(enum wire_do what)
{
    return do_names[what];
}

uint64_t remote_begin(struct remote *r, struct wire_out *out, enum wire_do what)
{
    if (!r->connected)
        return 0;
    wire_begin(out, r->out, sizeof r->out);
    wire_open(out, '{');
    wire_member_text(out, "do", do_names[what]);
    wire_name(out, "id");
    wire_unsigned(out, ++r->last_request);
    if (what != WIRE_DO_LOGIN && what != WIRE_DO_LOGOUT)
        wire_member_text(out, "book", r->code);
    return r->last_request;
}

bool remote_send(struct remote *r, struct wire_out *out)
{
    wire_close(out, '}');
    bool sent = !out->cut && websocket_send(r->socket, out->bytes, out->length);
    explicit_bzero(r->out, out->length); /* it may have been a login */
    return sent;
}

bool remote_send_login(struct remote *r)
{
    struct wire_out out;
    r->login_id = remote_begin(r, &out, WIRE_DO_LOGIN);
    wire_member_integer(&out, "v", WIRE_VERSION);
    if (r->password[0]) {
        wire_member_text(&out, "user", r->config.user);
        wire_member_text(&out, "password", r->password);
        if (r->totp[0])
            wire_member_text(&out, "code", r->totp);
    } else {
        wire_member_text(&out, "token", r->config.token);
    }
    return remote_send(r, &out);
}

bool remote_send_open(struct remote *r)
{
    struct wire_out out;
    bool resumes = r->book.view && !r->damaged;
    r->open_id = remote_begin(r, &out, WIRE_DO_OPEN);
    if (resumes) {
        wire_name(&out, "after");
        wire_unsigned(&out, r->book.view->seq);
        wire_member_integer(&out, "epoch", r->book.epoch);
    }
    return remote_send(r, &out);
}

bool remote_send_rates(struct remote *r)
{
    struct wire_out out;
    r->rates_id = remote_begin(r, &out, WIRE_DO_RATES);
    wire_member_integer(&out, "on", 1);
    wire_member_integer(&out, "per_s", r->config.per_s);
    if (r->depth)
        wire_member_integer(&out, "depth", 1);
    return remote_send(r, &out);
}

void remote_rates(struct remote *r, int per_s, bool depth)
{
    bool same = r->depth == depth && r->config.per_s == per_s;
    r->config.per_s = per_s;
    r->depth = depth;
    if (!same && r->phase == REMOTE_LIVE && !remote_send_rates(r))
        remote_failed(r, "rates could not be asked for");
}

/* ---- submit -------------------------------------------------------------------------------- */

static struct remote_pending *free_pending(struct remote *r)
{
    for (size_t i = 0; i < REMOTE_PENDING; i++)
        if (r->pending[i].request == 0)
            return &r->pending[i];
    return NULL;
}

static size_t pending_room(const struct remote *r)
{
    size_t room = 0;
    for (size_t i = 0; i < REMOTE_PENDING; i++)
        room += r->pending[i].request == 0;
    return room;
}

static void put_input(struct wire_out *out, const struct sq_message *input)
{
    struct sq_message copy = *input;
    if (copy.kind == SQ_SQUARE_OFF) /* the host attaches its own */
        memset(&copy.as.square_off.quote, 0, sizeof copy.as.square_off.quote);
    wire_message(out, (enum sq_kind)copy.kind, &copy.as);
}

/* One request with as many as it holds, in their order. Returns how many; 0: not sent. */
static size_t submit_some(struct remote *r, const struct sq_message *inputs, size_t count)
{
    struct wire_out out;
    uint64_t request = remote_begin(r, &out, WIRE_DO_SUBMIT);
    size_t n = 0;
    wire_name(&out, "in");
    wire_open(&out, '[');
    for (; n < count && n < WIRE_ITEMS_MAX && out.length < SUBMIT_ROOM; n++)
        put_input(&out, &inputs[n]);
    wire_close(&out, ']');
    if (!remote_send(r, &out))
        return 0;
    for (size_t i = 0; i < n; i++)
        *free_pending(r) = (struct remote_pending){request, inputs[i]};
    return n;
}

static bool submit(struct sq_session *session, const struct sq_message *inputs, size_t count)
{
    struct remote *r = (struct remote *)session;
    size_t sent = 0;
    if (r->phase != REMOTE_LIVE || r->links.view_only || count > pending_room(r))
        return false;
    while (sent < count) {
        size_t some = submit_some(r, inputs + sent, count - sent);
        if (some == 0 && sent == 0)
            return false;
        if (some == 0) { /* the first ones are out: what became of them is told later */
            remote_failed(r, "the connection takes no more");
            return true;
        }
        sent += some;
    }
    return true;
}

/* ---- what became of it --------------------------------------------------------------------- */

static enum sq_refusal refusal_of(enum wire_error error)
{
    switch (error) {
    case WIRE_ERROR_ROLE: return SQ_REFUSAL_ROLE;
    case WIRE_ERROR_SCOPE: return SQ_REFUSAL_SCOPE;
    case WIRE_ERROR_FORMAT: return SQ_REFUSAL_BAD_VALUE;
    case WIRE_ERROR_TOO_MANY:
    case WIRE_ERROR_BUSY:
    case WIRE_ERROR_LIMIT: return SQ_REFUSAL_FULL;
    default: return SQ_REFUSAL_VIEW_ONLY;
    }
}

/* A refusal of our own, where the screen looks for those of the engine. */
static void refuse(struct remote *r, const struct sq_message *message, enum sq_refusal refusal)
{
    struct sq_message event = {.seq = r->book.view->seq, .time = remote_now(r), .kind = SQ_REFUSED};
    struct sq_refused *refused = &event.as.refused;
    refused->refusal = (uint8_t)refusal;
    refused->command = message->kind;
    sq_text_cut(refused->person, sizeof refused->person, wire_person(message));
    if (message->kind == SQ_SQUARE_OFF) {
        refused->id = message->as.square_off.id;
        refused->key = message->as.square_off.key;
    } else if (message->kind == SQ_CANCEL) {
        refused->order_no = message->as.cancel.order_no;
    }
    sq_view_apply(r->book.view, &event);
}

static void tell_lost(struct remote *r, const struct sq_message *message, bool known,
                      const char *why)
{
    if (r->config.lost)
        r->config.lost(r->config.owner, message, known, why);
}

static void take_submitted(struct remote *r, const struct wire_frame *frame)
{
    for (size_t i = 0; i < REMOTE_PENDING; i++) {
        struct remote_pending *p = &r->pending[i];
        if (p->request != (uint64_t)frame->id)
            continue;
        p->request = 0;
        if (!wire_said(frame, WIRE_SAID_ERROR))
            continue;
        refuse(r, &p->message, refusal_of(wire_error_named(frame->error)));
        tell_lost(r, &p->message, true, frame->why);
    }
}

static bool same_id(struct sq_id a, struct sq_id b)
{
    return a.high == b.high && a.low == b.low;
}

void remote_refused(struct remote *r, const struct sq_refused *refused)
{
    for (size_t i = 0; i < REMOTE_PENDING; i++) {
        struct remote_pending *p = &r->pending[i];
        if (p->request && p->message.kind == SQ_SQUARE_OFF &&
            same_id(p->message.as.square_off.id, refused->id))
            p->request = 0;
    }
}

static bool has_close(const struct sq_tables *t, struct sq_id id)
{
    uint32_t row = t->close_count;
    while (row > 0)
        if (same_id(t->close[--row].id, id))
            return true;
    return false;
}

void remote_settle(struct remote *r)
{
    for (size_t i = 0; i < REMOTE_PENDING; i++) {
        struct remote_pending *p = &r->pending[i];
        if (p->request == 0 || p->request > r->settle_to)
            continue;
        p->request = 0;
        bool known = p->message.kind == SQ_SQUARE_OFF;
        if (known && has_close(&r->book.view->tables, p->message.as.square_off.id))
            continue;
        if (known)
            refuse(r, &p->message, SQ_REFUSAL_EXPIRED);
        tell_lost(r, &p->message, known,
                  known ? "the connection was lost, and the server's book has no such close"
                        : "the connection was lost before the answer");
    }
}

/* ---- previews ------------------------------------------------------------------------------ */

static bool make_room(struct remote_previews *p, size_t count)
{
    if (count <= p->room)
        return true;
    struct sq_square_off *asked = realloc(p->asked, count * sizeof *asked);
    if (!asked)
        return false;
    p->asked = asked;
    struct sq_preview *now = realloc(p->now, count * sizeof *now);
    if (!now)
        return false;
    p->now = now;
    p->room = count;
    return true;
}

/* The same question: when the key was pressed and under which id makes no other orders. */
static bool same_question(const struct sq_square_off *a, const struct sq_square_off *b)
{
    struct sq_square_off x = *a, y = *b;
    x.id = y.id = (struct sq_id){0, 0};
    x.created = y.created = 0;
    memset(&x.quote, 0, sizeof x.quote);
    memset(&y.quote, 0, sizeof y.quote);
    uint8_t x_bytes[SQ_ENCODED_MAX], y_bytes[SQ_ENCODED_MAX];
    size_t length = sq_encode(SQ_SQUARE_OFF, &x, x_bytes, sizeof x_bytes);
    return length == sq_encode(SQ_SQUARE_OFF, &y, y_bytes, sizeof y_bytes) &&
           memcmp(x_bytes, y_bytes, length) == 0;
}

/* A slow link would never be done with a question that is asked again before its answer comes. */
static bool is_under_way(const struct remote *r, const struct sq_square_off *intents, size_t count)
{
    const struct remote_previews *p = &r->previews;
    if (p->parts == 0 || p->count != count || remote_now(r) - p->sent > PREVIEW_WAIT_S * SQ_SECOND)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!same_question(&p->asked[i], &intents[i]))
            return false;
    return true;
}

static bool ask_part(struct remote *r, const struct sq_square_off *intents, size_t count)
{
    struct wire_out out;
    remote_begin(r, &out, WIRE_DO_PREVIEW);
    wire_name(&out, "in");
    wire_open(&out, '[');
    for (size_t i = 0; i < count && i < PREVIEW_PART; i++) {
        struct sq_message message = {.kind = SQ_SQUARE_OFF, .as.square_off = intents[i]};
        put_input(&out, &message);
    }
    wire_close(&out, ']');
    return remote_send(r, &out);
}

static bool preview(struct sq_session *session, const struct sq_square_off *intents, size_t count)
{
    struct remote *r = (struct remote *)session;
    struct remote_previews *p = &r->previews;
    if (r->phase != REMOTE_LIVE || count == 0 || count > r->book.config.positions)
        return false;
    if (is_under_way(r, intents, count))
        return true;
    if (!make_room(p, count))
        return false;
    memcpy(p->asked, intents, count * sizeof *intents);
    p->count = count;
    p->ready = false;
    p->answered = p->parts = 0;
    p->sent = remote_now(r);
    p->first = r->last_request + 1;
    for (size_t at = 0; at < count; at += PREVIEW_PART, p->parts++)
        if (!ask_part(r, intents + at, count - at))
            return p->parts = 0, false;
    return true;
}

static const struct sq_preview *previews(struct sq_session *session, size_t *count)
{
    const struct remote_previews *p = &((struct remote *)session)->previews;
    *count = p->ready ? p->count : 0;
    return p->ready ? p->now : NULL;
}

static const char *take_previews(struct remote *r, const struct wire_frame *frame)
{
    struct remote_previews *p = &r->previews;
    size_t at = ((uint64_t)frame->id - p->first) * PREVIEW_PART;
    size_t end = at + PREVIEW_PART < p->count ? at + PREVIEW_PART : p->count;
    char why[WIRE_WHY_SIZE];
    if (wire_said(frame, WIRE_SAID_ERROR)) { /* asked again soon: it is refreshed while shown */
        p->parts = 0;
        return NULL;
    }
    const cJSON *array = frame->previews ? frame->previews->child : NULL;
    for (; array && at < end; array = array->next, at++)
        if (wire_read_preview(array, &r->book.view->tables, &p->now[at], why, sizeof why) != 0)
            return "previews: not possible";
    if (array || at < end)
        return "previews: not as many as were asked for";
    if (++p->answered == p->parts) {
        p->ready = true;
        p->parts = 0;
    }
    return NULL;
}

/* ---- any other request --------------------------------------------------------------------- */

bool remote_ask(struct remote *r, enum wire_do what, void (*put)(struct wire_out *out, void *with),
                void *with, void (*answer)(void *owner, const struct wire_frame *frame),
                void *owner)
{
    struct wire_out out;
    size_t i = 0;
    while (i < REMOTE_QUESTIONS && r->questions[i].request)
        i++;
    if (i == REMOTE_QUESTIONS || !r->logged_in)
        return false;
    uint64_t request = remote_begin(r, &out, what);
    if (put)
        put(&out, with);
    if (!remote_send(r, &out))
        return false;
    r->questions[i] = (struct remote_question){request, answer, owner};
    return true;
}

void remote_forget_questions(struct remote *r)
{
    for (size_t i = 0; i < REMOTE_QUESTIONS; i++) {
        struct remote_question question = r->questions[i];
        r->questions[i].request = 0;
        if (question.request && question.answer)
            question.answer(question.owner, NULL);
    }
}

const char *remote_answered(struct remote *r, const struct wire_frame *frame)
{
    const struct remote_previews *p = &r->previews;
    uint64_t id = (uint64_t)frame->id;
    if (p->parts > 0 && id >= p->first && id < p->first + p->parts)
        return take_previews(r, frame);
    for (size_t i = 0; i < REMOTE_QUESTIONS; i++) {
        struct remote_question question = r->questions[i];
        if (question.request != id)
            continue;
        r->questions[i].request = 0;
        if (question.answer)
            question.answer(question.owner, frame);
        return NULL;
    }
    if (r->book.view)
        take_submitted(r, frame);
    return NULL; /* or of a question that was asked anew since */
}

/* ---- the session --------------------------------------------------------------------------- */

static const char *const why_not_live[] = {
    [REMOTE_CONNECTING] = "no server yet",
    [REMOTE_LOGIN] = "nobody is logged in",
    [REMOTE_SNAPSHOT] = "the book is being loaded",
    [REMOTE_LIVE] = "",
    [REMOTE_LOST] = "no server: the last known book",
    [REMOTE_ENDED] = "logged out",
};

static void info(struct sq_session *session, struct sq_source_info *told)
{
    const struct remote *r = (const struct remote *)session;
    bool live = r->phase == REMOTE_LIVE;
    *told = (struct sq_source_info){.live = live,
                                    .drill = r->book.view && r->book.config.drill,
                                    .heard = r->spoke,
                                    .price_heard = r->price_heard,
                                    .price_up = live && r->links.price_up,
                                    .order_up = live && r->links.order_up,
                                    .order_rtt_us = r->links.order_rtt_us,
                                    .view_only = !live || r->links.view_only,
                                    .disk_full = r->links.disk_full};
    sq_text_cut(told->source, sizeof told->source, r->server);
    sq_text_cut(told->why, sizeof told->why, live ? r->links.why : why_not_live[r->phase]);
}

static void destroy(struct sq_session *session)
{
    (void)session; /* remote_free() does it, after a turn of the loop */
}

const struct sq_session_ops remote_ops = {
    .submit = submit, .preview = preview, .previews = previews, .info = info, .destroy = destroy};

/* ---- a book kept from before --------------------------------------------------------------- */

struct sq_view *remote_seed(struct remote *r, const struct sq_config *config)
{
    if (!remote_make_book(&r->book, config))
        return NULL;
    return r->book.view;
}

void remote_seeded(struct remote *r, uint64_t seq, uint32_t epoch, sq_time heard,
                   const char *source)
{
    r->book.view->seq = seq;
    r->book.epoch = epoch;
    r->spoke = heard;
    sq_text_cut(r->server, sizeof r->server, source);
    sq_board_reload(r->book.view->board);
    r->session.view = r->book.view;
    r->was_live = true;
    remote_set_phase(r, REMOTE_LOST);
}
