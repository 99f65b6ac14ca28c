/* X and K: what is asked, judged and sent, and the progress of it. tui/bulk_draw.c shows it. */
#include "tui/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/book.h"
#include "tui/send.h"
#include "tui/tui.h"

bool bulk_init(struct bulk *bulk, uint32_t room)
{
    memset(bulk, 0, sizeof *bulk);
    bulk->lines = calloc(room, sizeof *bulk->lines);
    bulk->intents = calloc(room, sizeof *bulk->intents);
    bulk->messages = calloc((size_t)room + 1, sizeof *bulk->messages);
    bulk->room = room;
    return bulk->lines && bulk->intents && bulk->messages;
}

void bulk_finish(struct bulk *bulk)
{
    free(bulk->lines);
    free(bulk->intents);
    free(bulk->messages);
    memset(bulk, 0, sizeof *bulk);
}

static void begin(struct tui *tui, bool cancels, const char *scope)
{
    struct bulk *b = &tui->bulk;

    b->cancels = cancels;
    b->count = b->included = b->positions = b->top = 0;
    b->ready = false;
    b->asked = 0;
    b->key_time = tui->now;
    snprintf(b->scope, sizeof b->scope, "%s", scope);
    form_field_init(&b->typed, "count", "", FORM_NUMBER);
}

static void leave_out(struct bulk_line *line, const char *why)
{
    line->included = false;
    snprintf(line->why, sizeof line->why, "%s", why);
}

/* Included first; then legs in their order (shorts before the longs that cover them), by client. */
static int compare_lines(const void *left, const void *right)
{
    const struct bulk_line *a = left, *b = right;

    if (a->included != b->included)
        return a->included ? -1 : 1;
    if (a->now.leg != b->now.leg)
        return a->now.leg < b->now.leg ? -1 : 1;
    return a->position < b->position ? -1 : a->position > b->position;
}

/* Positions counted once, however many orders of one are cancelled. */
static uint32_t count_positions(const struct bulk *b)
{
    uint32_t positions = 0;

    for (uint32_t i = 0; i < b->included; i++) {
        bool seen = false;

        for (uint32_t j = 0; j < i && b->cancels && !seen; j++)
            seen = b->lines[j].position == b->lines[i].position;
        positions += !seen;
    }
    return positions;
}

static void arrange(struct bulk *b)
{
    qsort(b->lines, b->count, sizeof *b->lines, compare_lines);
    b->included = 0;
    while (b->included < b->count && b->lines[b->included].included)
        b->included++;
    b->positions = count_positions(b);
}

/* ---- X: previews -------------------------------------------------------------------------------- */

static void ask(struct tui *tui)
{
    struct bulk *b = &tui->bulk;

    for (uint32_t i = 0; i < b->count; i++) {
        b->intents[i] = (struct sq_square_off){
            .key = tui_tables(tui)->position[b->lines[i].position].key,
            .seen_net = b->lines[i].net,
        };
        send_stamp(tui, &b->intents[i]);
    }
    b->asked = tui->now;
    tui->session->ops->preview(tui->session, b->intents, b->count);
}

/* A price that comes and goes: a line that was agreed to keeps its place, and the core has the last
 * word on it when it is sent. */
static bool is_of_the_market(const struct sq_preview *now)
{
    return now->verdict == SQ_VERDICT_PRICE ||
           (now->verdict == SQ_VERDICT_STOP &&
            (now->first == SQ_GUARD_NO_PRICE || now->first == SQ_GUARD_NO_BID));
}

/* What may be confirmed by typing the number, and what may not. A hedge is no reason to stop when
 * its short is closed before it in the same bulk: the core waits for it. */
static void judge(const struct tui *tui, struct bulk_line *line, bool first)
{
    const struct sq_preview *now = &line->now;
    bool changed = tui_tables(tui)->position[line->position].net != line->net;
    bool stops = now->verdict == SQ_VERDICT_STOP || now->verdict == SQ_VERDICT_PRICE;

    line->guards = now->guards;
    if (changed && !first)
        leave_out(line, "changed since this opened");
    else if (stops && (first || !is_of_the_market(now)))
        leave_out(line, sq_name(SQ_LIST_GUARD, now->first));
    else if (now->quantity == 0)
        leave_out(line, sq_name(SQ_LIST_RESIDUE, now->residue_why));
}

/* Would the same orders be sent? Limits and values follow the market and are not asked about. */
static bool same_orders(const struct sq_preview *a, const struct sq_preview *b)
{
    return a->side == b->side && a->quantity == b->quantity && a->slices == b->slices &&
           a->slice == b->slice && a->last_slice == b->last_slice && a->cancels == b->cancels;
}

/* The orders are not those that the number was typed for: it has to be typed again. */
static void ask_again(struct tui *tui, uint32_t fell_out, uint32_t changed)
{
    prompt_set(&tui->bulk.typed.line, "");
    if (fell_out > 0)
        tui_say(tui, ROLE_WARN, "%u fell out, look at the list: type the new number", fell_out);
    else
        tui_say(tui, ROLE_WARN, "orders of %u changed, look at the list: type the number again",
                changed);
}

static bool take(struct tui *tui)
{
    struct bulk *b = &tui->bulk;
    size_t count = 0;
    const struct sq_preview *previews = tui->session->ops->previews(tui->session, &count);
    uint32_t before = b->included, changed = 0;

    if (!previews || count != b->count)
        return false;
    for (uint32_t i = 0; i < b->count; i++) {
        struct bulk_line *line = &b->lines[i];
        bool same = same_orders(&line->now, &previews[i]);

        line->now = previews[i];
        if (line->included)
            judge(tui, line, !b->ready);
        changed += line->included && !same;
    }
    arrange(b);
    if (b->ready && (b->included != before || changed > 0))
        ask_again(tui, before - b->included, changed);
    b->ready = true;
    tui->dirty = true;
    return true;
}

void bulk_open_close(struct tui *tui, const uint32_t *positions, size_t count, const char *scope,
                     bool delivery)
{
    struct bulk *b = &tui->bulk;

    begin(tui, false, scope);
    for (size_t i = 0; i < count && b->count < b->room; i++) {
        const struct sq_position *p = &tui_tables(tui)->position[positions[i]];
        bool keeps =
            p->net > 0 && (p->key.product == SQ_PRODUCT_CNC || p->key.product == SQ_PRODUCT_MTF);

        if (p->net == 0)
            continue;
        b->lines[b->count] = (struct bulk_line){
            .position = positions[i], .order = SQ_NO_ROW, .net = p->net, .included = true};
        if (!book_in_scope(tui, positions[i]))
            leave_out(&b->lines[b->count], "not this person's client");
        else if (keeps && !delivery)
            leave_out(&b->lines[b->count], "delivery: filter prod= or tag it");
        b->count++;
    }
    if (b->count == 0) {
        tui_say(tui, ROLE_MESSAGE, "no open position is shown");
        return;
    }
    ask(tui);
    take(tui);
    tui_open(tui, &strip_bulk);
}

/* ---- K ------------------------------------------------------------------------------------------ */

static void judge_order(const struct tui *tui, const struct sq_order *order, struct bulk_line *line)
{
    if (sq_order_state_is_terminal((enum sq_order_state)order->state))
        leave_out(line, "ended already");
    else if (order->origin == SQ_ORIGIN_RESTING_EXT)
        leave_out(line, "another session's");
    else if (order->cancel_state == SQ_CANCEL_SENT || order->cancel_state == SQ_CANCEL_JOURNALLED)
        leave_out(line, "its cancel is out");
    else if (order->state == SQ_ORDER_UNKNOWN)
        leave_out(line, "UNKNOWN: u settles");
    else if (line->position != SQ_NO_ROW && !book_in_scope(tui, line->position))
        leave_out(line, "not this person's client");
}

void bulk_open_cancel(struct tui *tui, const uint32_t *orders, size_t count, const char *scope)
{
    const struct sq_tables *t = tui_tables(tui);
    struct bulk *b = &tui->bulk;

    begin(tui, true, scope);
    for (size_t i = 0; i < count && b->count < b->room; i++) {
        const struct sq_order *order = &t->order[orders[i]];
        struct bulk_line *line = &b->lines[b->count];

        if (sq_order_state_is_terminal((enum sq_order_state)order->state))
            continue;
        *line = (struct bulk_line){
            .position = sq_find_position(t, &order->key), .order = orders[i], .included = true};
        judge_order(tui, order, line);
        b->count++;
    }
    if (b->count == 0) {
        tui_say(tui, ROLE_MESSAGE, "no live order is shown");
        return;
    }
    arrange(b);
    b->ready = true;
    tui_open(tui, &strip_bulk);
}

static void refresh_cancel(struct tui *tui)
{
    struct bulk *b = &tui->bulk;
    uint32_t before = b->included;

    for (uint32_t i = 0; i < b->count; i++)
        if (b->lines[i].included)
            judge_order(tui, &tui_tables(tui)->order[b->lines[i].order], &b->lines[i]);
    arrange(b);
    if (b->included != before)
        ask_again(tui, before - b->included, 0);
    b->asked = tui->now;
}

static void update(struct tui *tui)
{
    struct bulk *b = &tui->bulk;

    if (tui->now - b->key_time >= BULK_LIFE_S * SQ_SECOND) {
        tui_close(tui);
        tui_say(tui, ROLE_MESSAGE, "closed by itself: nothing has been sent");
        return;
    }
    if (tui->now - b->asked < BULK_REFRESH_MS * SQ_MS)
        return;
    if (b->cancels) {
        refresh_cancel(tui);
    } else {
        ask(tui);
        take(tui);
    }
}

/* ---- sending ------------------------------------------------------------------------------------ */

/* Everything that was left out is on the screen Left from now on. */
static void note_excluded(struct tui *tui)
{
    struct bulk *b = &tui->bulk;

    for (uint32_t i = b->included; i < b->count; i++) {
        struct tui_excluded *e = &tui->excluded[tui->excluded_count++ % TUI_EXCLUDED];

        e->position = b->lines[i].position;
        e->time = tui->now;
        snprintf(e->why, sizeof e->why, "%s", b->lines[i].why);
    }
}

static void send_closes(struct tui *tui)
{
    struct bulk *b = &tui->bulk;
    uint64_t number = send_new_id(tui).low | 1; /* 0 would mean: not a bulk */
    struct sq_message *go = &b->messages[b->included];

    for (uint32_t i = 0; i < b->included; i++) {
        struct sq_square_off *intent = &b->messages[i].as.square_off;

        memset(&b->messages[i], 0, sizeof b->messages[i]);
        b->messages[i].kind = SQ_SQUARE_OFF;
        intent->key = tui_tables(tui)->position[b->lines[i].position].key;
        intent->seen_net = b->lines[i].net;
        intent->confirmed = b->lines[i].guards;
        intent->bulk = number;
        send_stamp(tui, intent);
    }
    memset(go, 0, sizeof *go);
    go->kind = SQ_BULK_GO;
    go->as.bulk_go.bulk = number;
    go->as.bulk_go.count = b->included;
    memcpy(go->as.bulk_go.dealer, tui->session->person, sizeof go->as.bulk_go.dealer);
    if (!send_messages(tui, b->messages, b->included + 1))
        return;
    note_excluded(tui);
    b->running = number;
    b->total = b->included;
    b->began = tui->now;
    tui_say(tui, ROLE_MESSAGE, "closing %u positions, shorts first", b->included);
}

static void send_cancels(struct tui *tui)
{
    struct bulk *b = &tui->bulk;

    for (uint32_t i = 0; i < b->included; i++) {
        struct sq_cancel *cancel = &b->messages[i].as.cancel;

        memset(&b->messages[i], 0, sizeof b->messages[i]);
        b->messages[i].kind = SQ_CANCEL;
        cancel->order_no = tui_tables(tui)->order[b->lines[i].order].no;
        memcpy(cancel->person, tui->session->person, sizeof cancel->person);
    }
    if (send_messages(tui, b->messages, b->included))
        tui_say(tui, ROLE_MESSAGE, "cancelling %u orders", b->included);
}

static void confirm(struct tui *tui)
{
    struct bulk *b = &tui->bulk;
    int64_t typed = 0;

    if (b->included == 0) {
        tui_say(tui, ROLE_WARN, "nothing to send: Esc leaves");
        return;
    }
    if (!form_number(&b->typed, 0, &typed) || typed != b->positions) {
        tui_say(tui, ROLE_WARN, "type the number of positions, %u, then Enter", b->positions);
        return;
    }
    tui_close(tui);
    if (b->cancels)
        send_cancels(tui);
    else
        send_closes(tui);
}

static void scroll(struct bulk *b, int64_t lines)
{
    int64_t top = (int64_t)b->top + lines;

    b->top = top < 0 ? 0 : top >= b->count ? b->count - 1 : (uint32_t)top;
}

static void action(struct tui *tui, enum action what)
{
    struct bulk *b = &tui->bulk;

    b->key_time = tui->now;
    switch (what) {
    case ACTION_STRIP_SEND: confirm(tui); break;
    case ACTION_MOVE_DOWN: scroll(b, 1); break;
    case ACTION_MOVE_UP: scroll(b, -1); break;
    case ACTION_MOVE_PAGE_DOWN: scroll(b, 8); break;
    case ACTION_MOVE_PAGE_UP: scroll(b, -8); break;
    default: break;
    }
}

static bool type(struct tui *tui, const struct decode_event *event)
{
    tui->bulk.key_time = tui->now;
    return form_type(&tui->bulk.typed, event);
}

/* ---- progress ----------------------------------------------------------------------------------- */

bool bulk_progress(const struct tui *tui, struct bulk_progress *p)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct bulk *b = &tui->bulk;
    int64_t done;

    memset(p, 0, sizeof *p);
    p->seconds_left = -1;
    for (uint32_t i = t->close_count; b->running != 0 && i-- > 0;) {
        const struct sq_close *close = &t->close[i];

        if (close->bulk != b->running)
            continue;
        p->total++;
        p->flat += close->state == SQ_CLOSE_DONE;
        p->residue += close->state == SQ_CLOSE_RESIDUE;
        p->waiting += close->state == SQ_CLOSE_APPROVAL || close->state == SQ_CLOSE_HELD;
    }
    p->left = p->total - p->flat - p->residue - p->waiting;
    done = p->flat + p->residue;
    if (done > 0 && tui->now - b->moved < BULK_STUCK_S * SQ_SECOND)
        p->seconds_left = (tui->now - b->began) / SQ_SECOND * p->left / done;
    return p->total > 0;
}

void bulk_update(struct tui *tui)
{
    struct bulk *b = &tui->bulk;
    struct bulk_progress p;
    bool runs = bulk_progress(tui, &p);

    if (p.left != b->left)
        b->moved = tui->now;
    b->left = p.left;
    if (!runs || p.left > 0)
        b->ended = 0;
    else if (b->ended == 0)
        b->ended = tui->now;
    else if (tui->now - b->ended >= BULK_SHOWN_S * SQ_SECOND)
        b->running = 0;
}

const struct strip_ops strip_bulk = {.name = "bulk",
                                     .mode = KEYS_TYPED,
                                     .rows = bulk_rows,
                                     .draw = bulk_draw,
                                     .type = type,
                                     .action = action,
                                     .update = update,
                                     .cursor = bulk_cursor,
                                     .keys = bulk_keys};
