/* The decision on what waits for a supervisor: look, then A and the number of positions and a reason,
 * or R and a reason. Bound to what it showed; whatever changes meanwhile wants another look. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/needs.h"
#include "tui/preview.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/tui.h"

enum { TEXT = 240 };

static const struct strip_ops strip_typed, strip_look;

static uint64_t digest_now(const struct tui *tui, uint32_t *count)
{
    const struct decision *d = &tui->decision;

    return sq_approval_digest(tui_tables(tui), d->close_no, d->bulk, count);
}

void decision_open(struct tui *tui, uint32_t close)
{
    const struct sq_close *c = &tui_tables(tui)->close[close];
    struct decision *d = &tui->decision;
    bool whole = c->state == SQ_CLOSE_APPROVAL && c->bulk != 0;

    memset(d, 0, sizeof *d);
    d->close_no = whole ? 0 : c->no;
    d->bulk = whole ? c->bulk : 0;
    d->digest = digest_now(tui, &d->count);
    form_field_init(&d->number, "", "", FORM_NUMBER);
    form_field_init(&d->reason, "", "", FORM_TEXT);
    tui_open(tui, &strip_look);
}

/* The closes it is about, from the oldest. False after the last. */
static bool next_close(const struct tui *tui, uint32_t *row)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct decision *d = &tui->decision;

    for (; *row < t->close_count; (*row)++) {
        const struct sq_close *c = &t->close[*row];
        bool named = d->close_no ? c->no == d->close_no : c->bulk == d->bulk;

        if (named && (c->state == SQ_CLOSE_APPROVAL || c->state == SQ_CLOSE_HELD))
            return true;
    }
    return false;
}

static const struct sq_close *first_close(const struct tui *tui)
{
    uint32_t row = 0;

    return next_close(tui, &row) ? &tui_tables(tui)->close[row] : NULL;
}

/* ---- each turn ---------------------------------------------------------------------------------- */

static void set_phase(struct tui *tui, enum decision_phase phase)
{
    struct decision *d = &tui->decision;

    d->phase = phase;
    if (phase == DECISION_COUNT || phase == DECISION_LOOK)
        prompt_set(&d->number.line, "");
    tui->strip = phase == DECISION_LOOK ? &strip_look : &strip_typed;
}

static void update(struct tui *tui)
{
    struct decision *d = &tui->decision;
    uint32_t count;
    uint64_t digest = digest_now(tui, &count);

    if (count == 0) {
        tui_close(tui);
        tui_say(tui, ROLE_WARN, "it waits no longer: decided elsewhere, withdrawn or too late");
    } else if (digest != d->digest && !d->changed) {
        d->changed = true;
        set_phase(tui, DECISION_LOOK);
        tui_say(tui, ROLE_WARN, "it has CHANGED since you looked: look again, then A");
    }
}

/* ---- keys --------------------------------------------------------------------------------------- */

static void send(struct tui *tui, bool granted)
{
    struct decision *d = &tui->decision;
    struct sq_message message = {.kind = SQ_APPROVE};
    struct sq_approve *a = &message.as.approve;

    if (d->reason.line.length == 0) {
        tui_say(tui, ROLE_WARN, "a reason goes on record");
        return;
    }
    a->close_no = d->close_no;
    a->bulk = d->bulk;
    a->granted = granted;
    a->digest = granted ? d->digest : 0;
    memcpy(a->person, tui->session->person, sizeof a->person);
    sq_text_cut(a->reason, sizeof a->reason, d->reason.line.text);
    tui_close(tui);
    if (send_messages(tui, &message, 1))
        tui_say(tui, ROLE_MESSAGE, "%s handed over", granted ? "approval" : "refusal");
}

static void take_number(struct tui *tui)
{
    struct decision *d = &tui->decision;
    int64_t number = 0;

    if (form_number(&d->number, 0, &number) && number == (int64_t)d->count)
        set_phase(tui, DECISION_APPROVE);
    else
        tui_say(tui, ROLE_WARN, "not the number of positions: %u", d->count);
}

static void enter(struct tui *tui)
{
    switch (tui->decision.phase) {
    case DECISION_LOOK: tui_say(tui, ROLE_WARN, "A approves, R refuses, Esc leaves"); break;
    case DECISION_COUNT: take_number(tui); break;
    case DECISION_APPROVE: send(tui, true); break;
    case DECISION_REFUSE: send(tui, false); break;
    }
}

static void approve(struct tui *tui)
{
    struct decision *d = &tui->decision;

    if (d->changed) {
        d->digest = digest_now(tui, &d->count);
        d->changed = false;
        tui_say(tui, ROLE_WARN, "this is what waits now: A again approves it");
    } else if (tui_is_supervisor(tui)) {
        set_phase(tui, DECISION_COUNT);
    } else {
        tui_say(tui, ROLE_WARN, "a supervisor approves; R withdraws what you have asked for");
    }
}

static void scroll(struct tui *tui, int delta)
{
    struct decision *d = &tui->decision;
    uint32_t most = d->count > DECISION_LINES ? d->count - DECISION_LINES : 0;

    if (delta < 0)
        d->top -= d->top > 0;
    else
        d->top += d->top < most;
}

static void action(struct tui *tui, enum action what)
{
    switch (what) {
    case ACTION_APPROVE: approve(tui); break;
    case ACTION_REFUSE: set_phase(tui, DECISION_REFUSE); break;
    case ACTION_STRIP_SEND: enter(tui); break;
    case ACTION_MOVE_UP: scroll(tui, -1); break;
    case ACTION_MOVE_DOWN: scroll(tui, 1); break;
    default: break;
    }
}

static struct form_field *field(struct tui *tui)
{
    struct decision *d = &tui->decision;

    return d->phase == DECISION_COUNT ? &d->number : &d->reason;
}

static bool type(struct tui *tui, const struct decode_event *event)
{
    return form_type(field(tui), event);
}

/* ---- drawing ------------------------------------------------------------------------------------ */

static int list_rows(const struct tui *tui)
{
    uint32_t count = tui->decision.count;

    return count < DECISION_LINES ? (int)count : DECISION_LINES;
}

/* Title, why it waits, the closes, the sum, and the line that is typed on. */
static int rows(const struct tui *tui)
{
    return 4 + list_rows(tui);
}

static void title(const struct tui *tui, const struct sq_close *c, struct canvas *canvas,
                  struct rect place)
{
    const struct decision *d = &tui->decision;
    char text[TEXT], right[64], age[PRINT_SIZE];

    print_age(tui->now - c->changed, age);
    snprintf(text, sizeof text, "%s %s %u position%s, asked by %s",
             d->changed ? "CHANGED:" : "WAITS:", c->state == SQ_CLOSE_HELD ? "release" : "approve",
             d->count, d->count == 1 ? "" : "s", c->dealer);
    snprintf(right, sizeof right, "for %s", age);
    strip_title(canvas, place, d->changed ? ROLE_DANGER : ROLE_WARN, text, right);
}

/* As asked for; where the position has moved since, what the target means now. */
static sq_quantity quantity_of(const struct sq_close *c, sq_quantity net)
{
    return net == c->start ? c->planned : sq_abs(net - c->target);
}

static void close_line(const struct tui *tui, uint32_t row, char *text, size_t size)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_close *c = &t->close[row];
    uint32_t position = t->close_position[row];
    const struct sq_instrument *i = book_instrument(tui, position);
    char label[SQ_LABEL_SIZE], planned[PRINT_SIZE], net[PRINT_SIZE], value[PRINT_SIZE];

    sq_label(i, label);
    book_quantity(i, quantity_of(c, t->position[position].net), false, planned);
    book_quantity(i, t->position[position].net, true, net);
    print_money(c->estimate_paise, false, value);
    snprintf(text, size, "%s %s  %s %s of %s  %s  value %s%s%s", c->key.client, label,
             sq_name(SQ_LIST_SIDE, c->side), planned, net, sq_name(SQ_LIST_PRODUCT, c->key.product),
             value, c->call_ref[0] ? "  call " : "", c->call_ref);
}

/* Buys and sells of all of it, the guards that ask, and whether the list goes on. */
struct sums {
    sq_money buy, sell;
    uint64_t guards;
};

static struct sums sums_of(const struct tui *tui)
{
    const struct sq_tables *t = tui_tables(tui);
    struct sums sums = {0, 0, 0};

    for (uint32_t row = 0; next_close(tui, &row); row++) {
        const struct sq_close *c = &t->close[row];

        *(c->side == SQ_SIDE_BUY ? &sums.buy : &sums.sell) += c->estimate_paise;
        sums.guards |= c->guards;
    }
    return sums;
}

static void draw_list(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct decision *d = &tui->decision;
    uint32_t index = 0;
    char text[TEXT];

    for (uint32_t row = 0; next_close(tui, &row); row++, index++) {
        if (index < d->top || index >= d->top + (uint32_t)place.rows)
            continue;
        close_line(tui, row, text, sizeof text);
        canvas_print(canvas, place.row + (int)(index - d->top), place.column + 1, place.columns - 2,
                     ROLE_STRIP, text);
    }
}

static void sum_line(const struct tui *tui, const struct sums *sums, char *text, size_t size)
{
    const struct decision *d = &tui->decision;
    char buy[PRINT_SIZE], sell[PRINT_SIZE];

    print_money(sums->buy, false, buy);
    print_money(sums->sell, false, sell);
    snprintf(text, size, "buy %s  sell %s%s", buy, sell,
             d->count > DECISION_LINES ? "  (Up and Down: the others)" : "");
}

static const char *head_of(const struct tui *tui)
{
    static const char *const heads[] = {
        [DECISION_LOOK] = "A approves: type the number of positions   R refuses   Esc leaves it",
        [DECISION_COUNT] = "APPROVE: number of positions: ",
        [DECISION_APPROVE] = "APPROVE: reason: ",
        [DECISION_REFUSE] = "REFUSE: reason: "};

    return heads[tui->decision.phase];
}

static void draw_typed(struct tui *tui, struct canvas *canvas, int row, struct rect place)
{
    int x = place.column + 1 +
            canvas_print(canvas, row, place.column + 1, place.columns - 2, ROLE_KEY, head_of(tui));

    if (tui->decision.phase != DECISION_LOOK)
        prompt_draw(&field(tui)->line, canvas, row, x, place.column + place.columns - x - 1);
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct sq_close *c = first_close(tui);
    struct sums sums = sums_of(tui);
    struct rect list = {place.row + 2, place.column, list_rows(tui), place.columns};
    char text[TEXT] = "! ";

    if (!c) /* it closes in the next turn */
        return;
    title(tui, c, canvas, place);
    if (c->state == SQ_CLOSE_HELD)
        snprintf(text, sizeof text, "! a hedge: the short that it covers has not filled in time");
    else
        preview_guards(sums.guards, text + 2, sizeof text - 2);
    canvas_print(canvas, place.row + 1, place.column + 1, place.columns - 2, ROLE_WARN, text);
    draw_list(tui, canvas, list);
    sum_line(tui, &sums, text, sizeof text);
    canvas_print(canvas, list.row + list.rows, place.column + 1, place.columns - 2, ROLE_STRIP,
                 text);
    draw_typed(tui, canvas, place.row + place.rows - 1, place);
}

static bool cursor(const struct tui *tui, struct rect place, int *row, int *column)
{
    const struct decision *d = &tui->decision;
    const struct prompt *line = d->phase == DECISION_COUNT ? &d->number.line : &d->reason.line;

    *row = place.row + place.rows - 1;
    *column = place.column + 1 + (int)strlen(head_of(tui)) + (int)line->cursor;
    return true;
}

static const char *keys(const struct tui *tui)
{
    static const char *const bars[] = {
        [DECISION_LOOK] = "A approve  R refuse  Esc leaves it as it is",
        [DECISION_COUNT] = "Enter: then the reason  Esc leaves it as it is",
        [DECISION_APPROVE] = "Enter APPROVES  Esc leaves it as it is",
        [DECISION_REFUSE] = "Enter REFUSES  Esc leaves it as it is"};

    return bars[tui->decision.phase];
}

static const struct strip_ops strip_look = {.name = "decision",
                                            .mode = KEYS_APPROVAL,
                                            .rows = rows,
                                            .draw = draw,
                                            .action = action,
                                            .update = update,
                                            .keys = keys};

static const struct strip_ops strip_typed = {.name = "decision-typed",
                                             .mode = KEYS_TYPED,
                                             .rows = rows,
                                             .draw = draw,
                                             .type = type,
                                             .action = action,
                                             .update = update,
                                             .cursor = cursor,
                                             .keys = keys};
