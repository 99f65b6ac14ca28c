/* X and K: the full preview of many, and the progress of what was sent. */
#include "tui/bulk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/tui.h"

enum { LEFT_OUT_ROWS = 4 }; /* at least, of the list of what is not included, its title too */

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

/* What may be confirmed by typing the number, and what may not. A hedge is no reason to stop when
 * its short is closed before it in the same bulk: the core waits for it. */
static void judge(const struct tui *tui, struct bulk_line *line, bool first)
{
    const struct sq_preview *now = &line->now;
    bool changed = tui_tables(tui)->position[line->position].net != line->net;

    line->guards = now->guards;
    if (changed && !first)
        leave_out(line, "changed since this opened");
    else if (now->verdict == SQ_VERDICT_STOP || now->verdict == SQ_VERDICT_PRICE)
        leave_out(line, sq_name(SQ_LIST_GUARD, now->first));
    else if (now->quantity == 0)
        leave_out(line, sq_name(SQ_LIST_RESIDUE, now->residue_why));
}

static bool take(struct tui *tui)
{
    struct bulk *b = &tui->bulk;
    size_t count = 0;
    const struct sq_preview *previews = tui->session->ops->previews(tui->session, &count);
    uint32_t before = b->included;

    if (!previews || count != b->count)
        return false;
    for (uint32_t i = 0; i < b->count; i++) {
        b->lines[i].now = previews[i];
        if (b->lines[i].included)
            judge(tui, &b->lines[i], !b->ready);
    }
    arrange(b);
    if (b->ready && b->included != before) {
        prompt_set(&b->typed.line, "");
        tui_say(tui, ROLE_WARN, "%u fell out, look at the list: type the new number",
                before - b->included);
    }
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
            leave_out(&b->lines[b->count], "delivery: filter by its product, or tag it");
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
        prompt_set(&b->typed.line, "");
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

/* ---- drawing ------------------------------------------------------------------------------------ */

static int rows(const struct tui *tui)
{
    uint32_t out = tui->bulk.count - tui->bulk.included;
    int lines = (int)tui->bulk.included + 5 + (out == 0 ? 0 : (int)out + 1);

    return lines < tui->rows - 10 ? lines : tui->rows - 10;
}

/* Everything that tells one line from another, as the screen Positions writes it: never cut. */
static void identity(const struct tui *tui, const struct bulk_line *line, const struct sq_key *key,
                     char *text, size_t size)
{
    char label[SQ_LABEL_SIZE] = "";

    if (line->position != SQ_NO_ROW)
        sq_label(book_instrument(tui, line->position), label);
    snprintf(text, size, "%-8s %c %-23s %c", key->client, book_exchange_letter(key->exchange),
             label, book_product_letter(key->product));
}

static void close_line(const struct tui *tui, const struct bulk_line *line, uint32_t number,
                       char *text, size_t size)
{
    const struct sq_position *p = &tui_tables(tui)->position[line->position];
    const struct sq_instrument *i = book_instrument(tui, line->position);
    static const char *const legs[] = {"short", "future", "long", ""};
    char what[128], quantity[PRINT_SIZE], limit[PRINT_SIZE], guards[80];

    identity(tui, line, &p->key, what, sizeof what);
    print_quantity(line->now.quantity, false, quantity);
    print_price(line->now.limit, i->price_decimals, limit);
    preview_guards(line->guards, guards, sizeof guards);
    if (line->included)
        snprintf(text, size, "%4u %s %-4s %9s %2u %11s %s%s%s", number, what,
                 sq_name(SQ_LIST_SIDE, line->now.side), quantity, line->now.slices, limit,
                 legs[line->now.leg < 4 ? line->now.leg : 3], guards[0] ? " ! " : "", guards);
    else
        snprintf(text, size, "   - %s  %s", what, line->why);
}

static void cancel_line(const struct tui *tui, const struct bulk_line *line, uint32_t number,
                        char *text, size_t size)
{
    const struct sq_order *o = &tui_tables(tui)->order[line->order];
    char what[128], open[PRINT_SIZE], id[SQ_LABEL_SIZE];

    identity(tui, line, &o->key, what, sizeof what);
    print_quantity(o->leaves, false, open);
    sq_order_label(o, id);
    if (line->included)
        snprintf(text, size, "%4u %s %-4s %9s  %s", number, what, sq_name(SQ_LIST_SIDE, o->side),
                 open, id);
    else
        snprintf(text, size, "   - %s  %s  %s", what, id, line->why);
}

static void summary(const struct tui *tui, char *text, size_t size)
{
    const struct bulk *b = &tui->bulk;
    sq_money buy = 0, sell = 0;
    uint32_t orders = 0, cancels = 0, approvals = 0;
    char buys[PRINT_SIZE], sells[PRINT_SIZE];

    for (uint32_t i = 0; i < b->included; i++) {
        const struct sq_preview *now = &b->lines[i].now;

        *(now->side == SQ_SIDE_BUY ? &buy : &sell) += now->estimate_paise;
        orders += now->slices;
        cancels += now->cancels;
        approvals += now->verdict == SQ_VERDICT_APPROVE;
    }
    print_money(buy, false, buys);
    print_money(sell, false, sells);
    if (b->cancels)
        snprintf(text, size, "%u order%s on %u position%s would be cancelled", b->included,
                 b->included == 1 ? "" : "s", b->positions, b->positions == 1 ? "" : "s");
    else
        snprintf(text, size, "1 cancel %u resting  2 close, %u orders  buy %s  sell %s%s", cancels,
                 orders, buys, sells, approvals ? "  some ask a supervisor" : "");
}

/* What is included, and under a heading of its own what is not, where the list below has no room for
 * all of that. */
static void draw_lines(const struct tui *tui, struct canvas *canvas, struct rect place,
                       bool all_below)
{
    const struct bulk *b = &tui->bulk;
    uint32_t count = all_below ? b->included : b->count + 1;
    char text[256];

    for (int y = 0; y < place.rows && b->top + (uint32_t)y < count; y++) {
        uint32_t at = b->top + (uint32_t)y, i = at > b->included ? at - 1 : at;

        if (at == b->included)
            snprintf(text, sizeof text, " NOT included:");
        else
            (b->cancels ? cancel_line : close_line)(tui, &b->lines[i], i + 1, text, sizeof text);
        canvas_print(canvas, place.row + y, place.column, place.columns,
                     at < b->included ? ROLE_STRIP : ROLE_STATE_BLOCKED, text);
    }
}

/* Rows of the list of what is left out, its title too: those that the included leave free. */
static int left_out_rows(const struct bulk *b, int room)
{
    int out = (int)(b->count - b->included) + 1, spare = room - (int)b->included;
    int least = out < LEFT_OUT_ROWS ? out : LEFT_OUT_ROWS;

    return out == 1 ? 0 : spare < least ? least : spare < out ? spare : out;
}

/* The first of those left out stay in sight, however long the list above is. */
static void draw_left_out(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct bulk *b = &tui->bulk;
    uint32_t out = b->count - b->included;
    char text[256];

    snprintf(text, sizeof text, "%u NOT included, and why:%s", out,
             (int)out >= place.rows ? "  (PgDn shows all)" : "");
    canvas_print(canvas, place.row, place.column + 1, place.columns - 2, ROLE_STATE_BLOCKED, text);
    for (int y = 1; y < place.rows && (uint32_t)y <= out; y++) {
        (b->cancels ? cancel_line : close_line)(tui, &b->lines[b->included + (uint32_t)y - 1], 0,
                                                text, sizeof text);
        canvas_print(canvas, place.row + y, place.column, place.columns, ROLE_STATE_BLOCKED, text);
    }
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct bulk *b = &tui->bulk;
    struct rect lines = place, left_out = place;
    char text[256], right[96];

    snprintf(text, sizeof text, "%s: %s", b->cancels ? "CANCEL ALL" : "CLOSE ALL", b->scope);
    snprintf(right, sizeof right, "%u in, %u NOT included", b->positions, b->count - b->included);
    strip_title(canvas, place, ROLE_WARN, text, right);
    summary(tui, text, sizeof text);
    canvas_print(canvas, place.row + 1, place.column + 1, place.columns - 2, ROLE_STRIP, text);
    canvas_print(canvas, place.row + 2, place.column, place.columns, ROLE_HEADER,
                 b->cancels
                     ? "   # CLIENT   E SYMBOL                  P SIDE      OPEN  ORDER"
                     : "   # CLIENT   E SYMBOL                  P SIDE       QTY SL       LIMIT"
                       " NOTE");
    left_out.rows = left_out_rows(b, place.rows - 5);
    left_out.row = place.row + place.rows - 2 - left_out.rows;
    lines.row += 3;
    lines.rows -= 5 + left_out.rows;
    draw_lines(tui, canvas, lines, left_out.rows > (int)(b->count - b->included));
    if (left_out.rows > 0)
        draw_left_out(tui, canvas, left_out);
    canvas_repeat(canvas, place.row + place.rows - 2, place.column, place.columns, ROLE_DIM, '-');
    snprintf(text, sizeof text,
             "Type the number of positions [ %u ] then Enter: %s   Esc = send nothing",
             b->positions, b->typed.line.text);
    canvas_print(canvas, place.row + place.rows - 1, place.column + 1, place.columns - 2, ROLE_KEY,
                 text);
}

static bool cursor(const struct tui *tui, struct rect place, int *row, int *column)
{
    char text[256];

    snprintf(text, sizeof text, "Type the number of positions [ %u ] then Enter: %s",
             tui->bulk.positions, tui->bulk.typed.line.text);
    *row = place.row + place.rows - 1;
    *column = place.column + 1 + (int)strlen(text);
    return true;
}

const struct strip_ops strip_bulk = {.name = "bulk",
                                     .mode = KEYS_TYPED,
                                     .rows = rows,
                                     .draw = draw,
                                     .type = type,
                                     .action = action,
                                     .update = update,
                                     .cursor = cursor};
