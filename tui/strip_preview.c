/* The preview strip of one close. */
#include "tui/preview.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/tui.h"

static const struct strip_ops strip_price;

static enum sq_verdict verdict(const struct preview *p)
{
    return p->ready ? p->now.verdict : SQ_VERDICT_STOP;
}

static bool can_send(const struct preview *p)
{
    return p->ready && p->now.verdict != SQ_VERDICT_STOP && p->now.verdict != SQ_VERDICT_PRICE;
}

static void ask(struct tui *tui)
{
    struct preview *p = &tui->preview;

    p->asked = tui->now;
    send_stamp(tui, &p->intent);
    tui->session->ops->preview(tui->session, &p->intent, 1);
}

void preview_open(struct tui *tui, uint32_t position, sq_quantity target, sq_price limit)
{
    struct preview *p = &tui->preview;
    const struct sq_position *row = &tui_tables(tui)->position[position];

    memset(p, 0, sizeof *p);
    p->position = position;
    p->intent = (struct sq_square_off){
        .key = row->key, .target = target, .seen_net = row->net, .limit = limit};
    form_field_init(&p->limit, "limit", "", FORM_NUMBER);
    p->opened = p->key_time = tui->now;
    ask(tui);
    tui_open(tui, &strip_preview);
}

void preview_guards(uint64_t guards, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (unsigned g = 0; g < SQ_GUARD_COUNT && used < size; g++)
        if (guards >> g & 1)
            used += (size_t)snprintf(text + used, size - used, "%s%s", used ? "; " : "",
                                     sq_name(SQ_LIST_GUARD, g));
}

/* ---- each turn ---------------------------------------------------------------------------------- */

static void take(struct tui *tui)
{
    struct preview *p = &tui->preview;
    size_t count = 0;
    const struct sq_preview *previews = tui->session->ops->previews(tui->session, &count);

    if (!previews || count != 1)
        return;
    p->now = previews[0];
    if (!p->ready)
        p->digest = p->now.digest;
    else if (p->now.digest != p->digest)
        p->changed = true;
    p->ready = true;
    tui->dirty = true;
    /* The strip of a dead feed takes a typed limit, so its keys are those of a field. */
    if (p->now.verdict == SQ_VERDICT_PRICE || p->limit.line.length > 0)
        tui->strip = &strip_price;
    else
        tui->strip = &strip_preview;
}

static void update(struct tui *tui)
{
    struct preview *p = &tui->preview;

    take(tui);
    if (tui->now - p->key_time >= PREVIEW_LIFE_S * SQ_SECOND) {
        tui_close(tui);
        tui_say(tui, ROLE_MESSAGE, "preview closed by itself: nothing has been sent");
    } else if (tui->now - p->asked >= PREVIEW_REFRESH_MS * SQ_MS) {
        ask(tui);
        take(tui);
    }
}

/* ---- keys --------------------------------------------------------------------------------------- */

static void send(struct tui *tui)
{
    struct preview *p = &tui->preview;
    const char *why = p->ready ? sq_guard_way_out(p->now.first) : "no answer yet";

    p->key_time = tui->now;
    if (tui->now - p->opened < PREVIEW_DEAF_MS * SQ_MS)
        return;
    if (!can_send(p)) {
        tui_say(tui, ROLE_WARN, "nothing to send: %s", why);
        return;
    }
    if (p->changed) {
        p->changed = false;
        p->digest = p->now.digest;
        p->opened = tui->now;
        tui_say(tui, ROLE_WARN, "what would be sent had changed: look again, then Enter");
        return;
    }
    send_stamp(tui, &p->intent);
    p->intent.confirmed = p->now.guards;
    p->intent.seen_net = p->now.net;
    tui_close(tui);
    send_intent(tui, &p->intent);
}

static bool is_listed(struct tui *tui, uint32_t position)
{
    const struct list *list = &tui->lists[PANEL_POSITIONS];

    panel_rebuild(tui, PANEL_POSITIONS, true);
    for (uint32_t i = 0; i < list->count; i++)
        if (list->rows[i].row == position)
            return true;
    return false;
}

/* All positions of the preview's client, whatever the filter was. */
static void show_client(struct tui *tui)
{
    char filter[FILTER_SIZE];

    snprintf(filter, sizeof filter, "client=%s", tui->preview.intent.key.client);
    tui_filter(tui, filter);
    panel_rebuild(tui, PANEL_POSITIONS, false);
}

/* S: to the short leg that this one covers, so that it is closed first. */
static void go_to_short(struct tui *tui)
{
    uint64_t leg = tui->preview.now.hedge_of;

    if (leg == 0) {
        tui_say(tui, ROLE_MESSAGE, "this is not the hedge of an open short");
        return;
    }
    if (!is_listed(tui, (uint32_t)(leg - 1)) && !tui->preview.widen) {
        tui->preview.widen = true;
        tui_say(tui, ROLE_WARN, "the filter hides the short leg: S again shows all of %s",
                tui->preview.intent.key.client);
        return;
    }
    tui_close(tui);
    tui_show(tui, PANEL_POSITIONS);
    if (tui->preview.widen)
        show_client(tui);
    list_go_row(&tui->lists[PANEL_POSITIONS], (uint32_t)(leg - 1));
}

static void action(struct tui *tui, enum action what)
{
    tui->preview.key_time = tui->now;
    switch (what) {
    case ACTION_STRIP_SEND: send(tui); break;
    case ACTION_STRIP_LEG: go_to_short(tui); break;
    case ACTION_EDIT_CLOSE: form_open(tui, &form_edit, tui->preview.position, SQ_NO_ROW); break;
    default: break;
    }
}

static bool type(struct tui *tui, const struct decode_event *event)
{
    struct preview *p = &tui->preview;
    const struct sq_instrument *i = book_instrument(tui, p->position);
    int64_t limit = 0;

    if (!form_type(&p->limit, event))
        return false;
    p->key_time = p->opened = tui->now;
    form_number(&p->limit, i->price_decimals, &limit);
    p->intent.limit = limit;
    ask(tui);
    take(tui);
    p->digest = p->now.digest; /* the change was made by the person who reads it */
    p->changed = false;
    return true;
}

/* ---- drawing ------------------------------------------------------------------------------------ */

enum { PREVIEW_LINE = 200 };

static void title(const struct tui *tui, char *text, size_t size, enum role *role)
{
    const struct preview *p = &tui->preview;
    const char *class = sq_name(SQ_LIST_VERDICT, verdict(p));

    *role = verdict(p) >= SQ_VERDICT_PRICE ? ROLE_DANGER : ROLE_WARN;
    if (!p->ready)
        snprintf(text, size, "close: asking the core");
    else if (p->now.verdict == SQ_VERDICT_PASS)
        snprintf(text, size, "close: nothing stands against it");
    else
        snprintf(text, size, "%s: %s", class, sq_name(SQ_LIST_GUARD, p->now.first));
    if (p->ready && p->now.verdict == SQ_VERDICT_PASS)
        *role = ROLE_STRIP;
}

static void what_line(const struct tui *tui, char *text, size_t size)
{
    const struct preview *p = &tui->preview;
    char label[SQ_LABEL_SIZE], net[PRINT_SIZE], quantity[PRINT_SIZE];

    sq_label(book_instrument(tui, p->position), label);
    book_quantity(book_instrument(tui, p->position), p->now.net, true, net);
    book_quantity(book_instrument(tui, p->position), p->now.quantity, false, quantity);
    if (p->now.verdict == SQ_VERDICT_STOP) {
        snprintf(text, size, "%s %s  %s  net %s  %s", p->intent.key.client,
                 book_client_name(tui, p->intent.key.client), label, net,
                 sq_name(SQ_LIST_PRODUCT, p->intent.key.product));
        return;
    }
    snprintf(text, size, "%s %s  %s  %s %s of %s  %s", p->intent.key.client,
             book_client_name(tui, p->intent.key.client), label, sq_name(SQ_LIST_SIDE, p->now.side),
             quantity, net, sq_name(SQ_LIST_PRODUCT, p->intent.key.product));
}

static size_t slices(const struct sq_preview *now, const struct sq_instrument *i, char *text,
                     size_t size)
{
    char slice[PRINT_SIZE], last[PRINT_SIZE];

    book_quantity(i, now->slice, false, slice);
    book_quantity(i, now->last_slice, false, last);
    if (now->slices <= 1)
        return (size_t)snprintf(text, size, "%u order", now->slices);
    if (now->slices == 2)
        return (size_t)snprintf(text, size, "2 orders: %s + %s", slice, last);
    return (size_t)snprintf(text, size, "%u orders: %u x %s + %s", now->slices, now->slices - 1,
                            slice, last);
}

/* Freeze quantity and lot give way when the line is short: the price must be seen whole. */
static void orders_line(const struct tui *tui, char *text, size_t size)
{
    const struct preview *p = &tui->preview;
    const struct sq_instrument *i = book_instrument(tui, p->position);
    char limit[PRINT_SIZE], exit[PRINT_SIZE], freeze[PRINT_SIZE], lot[PRINT_SIZE];
    char sizes[PREVIEW_LINE], prices[PREVIEW_LINE];
    size_t used;

    if (p->now.quantity == 0) {
        snprintf(text, size, "nothing would be sent");
        return;
    }
    used = slices(&p->now, i, text, size);
    book_quantity(i, i->freeze, false, freeze);
    book_quantity(i, i->lot, false, lot);
    print_price(p->now.verdict == SQ_VERDICT_PRICE ? 0 : p->now.limit, i->price_decimals, limit);
    print_price(book_exit(tui, p->position), i->price_decimals, exit);
    snprintf(sizes, sizeof sizes, " (freeze %s, lot %s)", i->freeze ? freeze : "none", lot);
    snprintf(prices, sizeof prices, "  LIMIT %s%s (%s %s)", limit,
             p->now.at_band ? " AT THE BAND" : "", p->now.side == SQ_SIDE_SELL ? "bid" : "ask",
             exit);
    if (used + strlen(sizes) + strlen(prices) + 2 > (size_t)tui->columns)
        sizes[0] = '\0';
    snprintf(text + used, size - used, "%s%s", sizes, prices);
}

static void cancels_line(const struct tui *tui, char *text, size_t size)
{
    const struct sq_instrument *i = book_instrument(tui, tui->preview.position);
    const struct sq_preview *now = &tui->preview.now;
    const struct sq_tables *t = tui_tables(tui);
    char value[PRINT_SIZE];
    size_t used;

    print_money(now->estimate_paise, false, value);
    used = (size_t)snprintf(text, size, "value %s  %s", value,
                            now->waits ? "waits for the shorts being closed  " : "");
    if (now->cancels == 0) {
        snprintf(text + used, size - used, "no resting order to cancel first");
        return;
    }
    used += (size_t)snprintf(text + used, size - used, "cancel first: %u resting", now->cancels);
    for (uint32_t n = 0; n < now->cancels && n < SQ_PREVIEW_CANCELS && used < size; n++) {
        uint32_t row = sq_find_order(t, now->cancel_no[n]);
        char label[SQ_LABEL_SIZE], leaves[PRINT_SIZE];

        if (row == SQ_NO_ROW)
            continue;
        sq_order_label(&t->order[row], label);
        book_quantity(i, t->order[row].leaves, false, leaves);
        used += (size_t)snprintf(text + used, size - used, "  %s %s %s",
                                 sq_name(SQ_LIST_SIDE, t->order[row].side), leaves, label);
    }
}

/* The first guard and its way out, then the others: a short line loses only what comes after them. */
static void guards_line(const struct tui *tui, char *text, size_t size)
{
    const struct sq_preview *now = &tui->preview.now;
    uint64_t others = now->guards & ~(UINT64_C(1) << now->first);
    char all[PREVIEW_LINE];

    preview_guards(others, all, sizeof all);
    if (now->guards)
        snprintf(text, size, "! %s - %s%s%s", sq_name(SQ_LIST_GUARD, now->first),
                 sq_guard_way_out(now->first), others ? "; also: " : "", all);
    else
        snprintf(text, size, "no guard stands against it");
}

static void left_line(const struct tui *tui, char *text, size_t size)
{
    const struct sq_preview *now = &tui->preview.now;
    const struct preview *p = &tui->preview;
    char residue[PRINT_SIZE];

    book_quantity(book_instrument(tui, p->position), now->residue, false, residue);
    if (p->changed)
        snprintf(text, size, "CHANGED since you looked: Enter shows it again, then Enter sends");
    else if (now->residue > 0)
        snprintf(text, size, "will be LEFT: %s, %s", residue,
                 sq_name(SQ_LIST_RESIDUE, now->residue_why));
    else
        snprintf(text, size, "nothing will be left");
}

static void keys_line(const struct tui *tui, char *text, size_t size)
{
    const struct preview *p = &tui->preview;
    const char *enter = can_send(p) ? "Enter SEND   " : "";

    if (verdict(p) == SQ_VERDICT_APPROVE)
        enter = "Enter ASKS A SUPERVISOR   ";
    if (tui->strip == &strip_price)
        snprintf(text, size, "%sEsc keep   LIMIT: %s", enter, p->limit.line.text);
    else
        snprintf(text, size, "%sEsc keep   e edit%s", enter,
                 p->now.hedge_of ? "   S short leg first" : "");
}

/* What is said, line by line; a strip that cannot send has no orders to show. */
typedef void line_fn(const struct tui *tui, char *text, size_t size);
static line_fn *const all_lines[] = {guards_line,  what_line, orders_line,
                                     cancels_line, left_line, keys_line};
static line_fn *const stop_lines[] = {guards_line, what_line, keys_line};
enum {
    ALL_LINES = sizeof all_lines / sizeof all_lines[0],
    STOP_LINES = sizeof stop_lines / sizeof stop_lines[0]
};

static bool is_stop(const struct preview *p)
{
    return p->ready && p->now.verdict == SQ_VERDICT_STOP;
}

static int rows(const struct tui *tui)
{
    return 1 + (is_stop(&tui->preview) ? STOP_LINES : ALL_LINES);
}

/* The key bar: a strip that cannot send has no key that does, and S is there where a short leg is. */
static const char *keys(const struct tui *tui)
{
    static const char *const bars[][2] = {
        {"Esc keep  e edit  ? help", "Esc keep  e edit  S short leg  ? help"},
        {"Enter send  Esc keep  e edit  ? help",
         "Enter send  Esc keep  e edit  S short leg  ? help"},
        {"Enter asks a supervisor  Esc keep  e edit  ? help",
         "Enter asks a supervisor  Esc keep  e edit  S short leg  ? help"},
    };
    const struct preview *p = &tui->preview;
    int row = !can_send(p) ? 0 : verdict(p) == SQ_VERDICT_APPROVE ? 2 : 1;

    return bars[row][p->ready && p->now.hedge_of != 0];
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct preview *p = &tui->preview;
    line_fn *const *lines = is_stop(p) ? stop_lines : all_lines;
    char text[PREVIEW_LINE * 2], right[64];
    enum role role;
    int64_t left = PREVIEW_LIFE_S - (tui->now - p->key_time) / SQ_SECOND;
    int count = rows(tui);

    title(tui, text, sizeof text, &role);
    snprintf(right, sizeof right, "closes itself in %llds", (long long)left);
    strip_title(canvas, place, role, text, right);
    for (int i = 0; p->ready && i + 1 < count; i++) {
        bool warn = i == 0 ? p->now.guards != 0 : lines[i] == left_line && p->changed;

        lines[i](tui, text, sizeof text);
        canvas_print(canvas, place.row + 1 + i, place.column + 1, place.columns - 2,
                     warn                    ? ROLE_WARN
                     : lines[i] == keys_line ? ROLE_KEY
                                             : ROLE_STRIP,
                     text);
    }
}

static bool cursor(const struct tui *tui, struct rect place, int *row, int *column)
{
    char text[PREVIEW_LINE];

    keys_line(tui, text, sizeof text);
    *row = place.row + place.rows - 1;
    *column = place.column + 1 + (int)strlen(text);
    return true;
}

const struct strip_ops strip_preview = {.name = "preview",
                                        .mode = KEYS_STRIP,
                                        .rows = rows,
                                        .draw = draw,
                                        .action = action,
                                        .update = update,
                                        .keys = keys};

static const struct strip_ops strip_price = {.name = "price",
                                             .mode = KEYS_TYPED,
                                             .rows = rows,
                                             .draw = draw,
                                             .type = type,
                                             .action = action,
                                             .update = update,
                                             .cursor = cursor,
                                             .keys = keys};
