/* What leaves the screen, and what comes back. */
#include "tui/send.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { HEAVY_S = 3 }; /* milder answers do not take the line from a weightier one for so long */

struct sq_id send_new_id(struct tui *tui)
{
    struct sq_id id;

    do {
        id.high = tui->calls.random(tui->calls.owner);
        id.low = tui->calls.random(tui->calls.owner);
    } while (sq_id_is_zero(id));
    return id;
}

void send_stamp(struct tui *tui, struct sq_square_off *intent)
{
    intent->id = send_new_id(tui);
    memcpy(intent->dealer, tui->session->person, sizeof intent->dealer);
    memcpy(intent->call_client, tui->call_client, sizeof intent->call_client);
    memcpy(intent->call_ref, tui->call_ref, sizeof intent->call_ref);
    intent->created = tui->now;
    intent->hold = tui->hold;
    intent->armed = tui_is_armed(tui);
}

bool send_messages(struct tui *tui, const struct sq_message *messages, size_t count)
{
    const char *why;

    if (tui_is_view_only(tui, &why)) {
        tui_say(tui, ROLE_DANGER, "NOT SENT: %s", why);
        return false;
    }
    if (!tui->session->ops->submit(tui->session, messages, count)) {
        tui_say(tui, ROLE_DANGER, "NOT SENT: the engine's queue is full, press again");
        return false;
    }
    return true;
}

static struct tui_pending *free_pending(struct tui *tui)
{
    struct tui_pending *oldest = &tui->pending[0];

    for (size_t i = 0; i < TUI_PENDING; i++)
        if (tui->pending[i].time < oldest->time)
            oldest = &tui->pending[i];
    return oldest;
}

bool send_intent(struct tui *tui, const struct sq_square_off *intent)
{
    struct sq_message message = {.kind = SQ_SQUARE_OFF, .as.square_off = *intent};
    struct tui_pending *pending;

    if (!send_messages(tui, &message, 1))
        return false;
    pending = free_pending(tui);
    pending->id = intent->id;
    pending->intent = *intent;
    pending->time = tui->now;
    return true;
}

void send_square_off(struct tui *tui, uint32_t position)
{
    const struct sq_position *p = &tui_tables(tui)->position[position];
    struct sq_square_off intent = {.key = p->key, .seen_net = p->net};

    send_stamp(tui, &intent);
    send_intent(tui, &intent);
}

void send_withdrawal(struct tui *tui, uint32_t close)
{
    struct sq_message message = {.kind = SQ_APPROVE};

    message.as.approve.close_no = tui_tables(tui)->close[close].no;
    memcpy(message.as.approve.person, tui->session->person, sizeof message.as.approve.person);
    sq_text_cut(message.as.approve.reason, sizeof message.as.approve.reason, "withdrawn");
    if (send_messages(tui, &message, 1))
        tui_say(tui, ROLE_MESSAGE, "withdrawal handed over");
}

void send_cancel(struct tui *tui, uint32_t order)
{
    struct sq_message message = {.kind = SQ_CANCEL};
    char label[SQ_LABEL_SIZE];

    message.as.cancel.order_no = tui_tables(tui)->order[order].no;
    memcpy(message.as.cancel.person, tui->session->person, sizeof message.as.cancel.person);
    sq_order_label(&tui_tables(tui)->order[order], label);
    if (send_messages(tui, &message, 1))
        tui_say(tui, ROLE_MESSAGE, "cancel of %s handed over", label);
}

void send_supervision(struct tui *tui, struct sq_message *message)
{
    struct sq_supervise *s = &message->as.supervise;

    memcpy(s->person, tui->session->person, sizeof s->person);
    if (send_messages(tui, message, 1))
        tui_say(tui, ROLE_MESSAGE, "handed over");
}

void send_supervise(struct tui *tui, enum sq_supervise_what what, uint8_t value, const char *desk,
                    const struct sq_key *key, const char *reason)
{
    struct sq_message message = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &message.as.supervise;

    s->what = (uint8_t)what;
    s->value = value;
    if (key)
        s->key = *key;
    sq_text_cut(s->desk, sizeof s->desk, desk);
    sq_text_cut(s->reason, sizeof s->reason, reason);
    send_supervision(tui, &message);
}

/* ---- answers ------------------------------------------------------------------------------------ */

static int weight(enum role role)
{
    return role == ROLE_DANGER || role == ROLE_STATE_UNKNOWN ? 2 : role == ROLE_STATE_RESIDUE;
}

/* Says what the engine answered. An order's "FILLED" comes behind the close's "LEFT 15: odd lot" in the
 * same turn: what weighs more stays, for HEAVY_S or until a key. */
static void __attribute__((format(printf, 3, 4)))
answer(struct tui *tui, enum role role, const char *format, ...)
{
    bool fresh =
        tui->message_time >= tui->key_time && tui->now - tui->message_time < HEAVY_S * SQ_SECOND;
    char text[TUI_MESSAGE_SIZE];
    va_list arguments;

    if (fresh && tui->message[0] && weight(tui->message_role) > weight(role))
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    tui_say(tui, role, "%s", text);
}

static struct tui_pending *find_pending(struct tui *tui, struct sq_id id)
{
    for (size_t i = 0; i < TUI_PENDING; i++) {
        struct tui_pending *p = &tui->pending[i];

        if (p->time != 0 && p->id.high == id.high && p->id.low == id.low)
            return p;
    }
    return NULL;
}

static void label_of(const struct tui *tui, const struct sq_key *key, char *text, size_t size)
{
    uint32_t position = sq_find_position(tui_tables(tui), key);
    char label[SQ_LABEL_SIZE] = "";

    if (position != SQ_NO_ROW)
        sq_label(book_instrument(tui, position), label);
    snprintf(text, size, "%s %s", key->client, label);
}

/* A guard's refusal opens the preview, unless another strip has come in between. */
static void guard_refused(struct tui *tui, const struct sq_refused *refused,
                          const struct sq_square_off *intent)
{
    uint32_t position = sq_find_position(tui_tables(tui), &refused->key);

    if (position == SQ_NO_ROW)
        return;
    coach_refused(tui, position, refused->guard);
    if (tui->strip == NULL)
        preview_open(tui, position, intent->target, intent->limit);
    else
        tui_say(tui, ROLE_WARN, "NOT SENT: %s", sq_name(SQ_LIST_GUARD, refused->guard));
}

static void exclude_refused(struct tui *tui, const struct sq_refused *refused)
{
    uint32_t position = sq_find_position(tui_tables(tui), &refused->key);
    struct tui_excluded *e;

    if (position == SQ_NO_ROW)
        return;
    e = &tui->excluded[tui->excluded_count++ % TUI_EXCLUDED];
    e->position = position;
    e->time = tui->now;
    snprintf(e->why, sizeof e->why, "%s",
             refused->refusal == SQ_REFUSAL_GUARD ? sq_name(SQ_LIST_GUARD, refused->guard)
                                                  : sq_name(SQ_LIST_REFUSAL, refused->refusal));
}

static void take_refused(struct tui *tui, const struct sq_refused *refused)
{
    struct tui_pending *pending = find_pending(tui, refused->id);
    bool guard = refused->refusal == SQ_REFUSAL_GUARD;
    char label[96];

    if (!sq_text_equal(refused->person, tui->session->person))
        return;
    label_of(tui, &refused->key, label, sizeof label);
    if (refused->refusal == SQ_REFUSAL_EXPIRED)
        tui_say(tui, ROLE_DANGER, "NOT SENT: %s  %s", label,
                sq_name(SQ_LIST_REFUSAL, refused->refusal));
    else if (!guard || !pending)
        tui_say(tui, ROLE_WARN, "refused: %s  %s", label,
                guard ? sq_name(SQ_LIST_GUARD, refused->guard)
                      : sq_name(SQ_LIST_REFUSAL, refused->refusal));
    if (pending) {
        pending->time = 0;
        if (guard)
            guard_refused(tui, refused, &pending->intent);
    }
    if (refused->command == SQ_SQUARE_OFF && (!pending || refused->refusal == SQ_REFUSAL_EXPIRED))
        exclude_refused(tui, refused);
}

static void take_close(struct tui *tui, const struct sq_close *close)
{
    struct tui_pending *pending = find_pending(tui, close->id);
    char label[96], left[PRINT_SIZE];

    bool own = sq_text_equal(close->dealer, tui->session->person);

    if (pending)
        pending->time = 0;
    if (!own && (close->state != SQ_CLOSE_APPROVAL || !tui_is_supervisor(tui)))
        return;
    label_of(tui, &close->key, label, sizeof label);
    if (!own)
        answer(tui, ROLE_WARN, "%s asks to %s %s: 0, then Enter opens it", close->dealer,
               sq_name(SQ_LIST_SIDE, close->side), label);
    else if (close->state == SQ_CLOSE_RESIDUE)
        answer(tui, ROLE_STATE_RESIDUE, "LEFT %s of %s: %s",
               describe_quantity(tui, &close->key, close->left, left), label,
               sq_name(SQ_LIST_RESIDUE, close->residue));
    else if (close->state != SQ_CLOSE_WORKING)
        answer(tui, ROLE_MESSAGE, "%s %s: %s", sq_name(SQ_LIST_SIDE, close->side), label,
               sq_name(SQ_LIST_CLOSE_STATE, close->state));
}

static void take_order(struct tui *tui, const struct sq_order *order)
{
    char label[96], no[SQ_LABEL_SIZE], qty[PRINT_SIZE], cum[PRINT_SIZE];

    if (order->close_no == 0 && order->state != SQ_ORDER_UNKNOWN)
        return;
    label_of(tui, &order->key, label, sizeof label);
    sq_order_label(order, no);
    describe_quantity(tui, &order->key, order->qty, qty);
    answer(tui, order->state == SQ_ORDER_UNKNOWN ? ROLE_STATE_UNKNOWN : ROLE_MESSAGE,
           "%s %s %s %s  %s %s/%s  %s", label, sq_name(SQ_LIST_SIDE, order->side), qty, no,
           sq_name(SQ_LIST_ORDER_STATE, order->state),
           describe_quantity(tui, &order->key, order->cum, cum), qty, order->text);
}

static void take_alarm(struct tui *tui, const struct sq_alarm_event *alarm)
{
    char label[96];

    label_of(tui, &alarm->key, label, sizeof label);
    answer(tui, ROLE_DANGER, "ALARM %s: %s %s", label, sq_name(SQ_LIST_ALARM, alarm->alarm),
           alarm->text);
}

void send_take_answers(struct tui *tui)
{
    const struct sq_view *view = tui->session->view;
    uint64_t fresh = view->activity_count - tui->seen;

    if (fresh > SQ_VIEW_ACTIVITY)
        fresh = SQ_VIEW_ACTIVITY;
    while (fresh-- > 0) {
        const struct sq_message *message = sq_view_activity(view, fresh);

        bell_news(tui, message);
        switch (message->kind) {
        case SQ_REFUSED: take_refused(tui, &message->as.refused); break;
        case SQ_CLOSE: take_close(tui, &message->as.close); break;
        case SQ_ORDER: take_order(tui, &message->as.order); break;
        case SQ_ALARM: take_alarm(tui, &message->as.alarm); break;
        default: break;
        }
    }
    tui->seen = view->activity_count;
}
