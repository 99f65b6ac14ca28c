/* The coach of the first sixty seconds. */
#include "tui/coach.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/tui.h"

/* A plain row: intraday shares, long, whole, nothing resting on it. */
static bool is_plain(const struct tui *tui, uint32_t position)
{
    const struct sq_position *p = &tui_tables(tui)->position[position];
    const struct sq_instrument *i = book_instrument(tui, position);

    return p->key.product == SQ_PRODUCT_MIS && i->contract == SQ_CONTRACT_EQUITY && p->net > 0 &&
           sq_text_equal(i->series, "EQ") && !i->suspended && !book_has_resting(tui, position) &&
           p->source != SQ_SOURCE_DIFFER;
}

/* The share that everybody knows; a book without it begins with its first plain row. */
static bool is_best(const struct tui *tui, uint32_t position)
{
    return is_plain(tui, position) &&
           sq_text_equal(book_instrument(tui, position)->symbol, "HDFCBANK");
}

static bool is_asking_hedge(const struct tui *tui, uint32_t position)
{
    return tui_tables(tui)->position[position].net > 0 && book_is_hedge(tui, position) &&
           book_instrument(tui, position)->contract != SQ_CONTRACT_FUTURE;
}

static uint32_t first_where(const struct tui *tui,
                            bool (*is_it)(const struct tui *tui, uint32_t position))
{
    for (uint32_t p = 0; p < tui_tables(tui)->position_count; p++)
        if (is_it(tui, p))
            return p;
    return SQ_NO_ROW;
}

void coach_start(struct tui *tui)
{
    struct coach *c = &tui->coach;

    c->plain = first_where(tui, is_best);
    if (c->plain == SQ_NO_ROW)
        c->plain = first_where(tui, is_plain);
    c->hedge = first_where(tui, is_asking_hedge);
    c->on = c->plain != SQ_NO_ROW && c->hedge != SQ_NO_ROW;
    if (c->on)
        list_go_row(&tui->lists[PANEL_POSITIONS], c->plain);
}

static void step(struct tui *tui, enum coach_step to)
{
    tui->coach.step = to;
    tui->dirty = true;
}

/* "1 order, 500/500 @1,641.50, exchange's own account: 0, agrees, journalled #sq-0001" */
static void tell_close(struct tui *tui, const struct sq_close *close, const struct sq_order *order)
{
    const struct sq_instrument *i = book_instrument(tui, tui->coach.plain);
    sq_quantity net = 0, ours = tui_tables(tui)->position[tui->coach.plain].net;
    char price[PRINT_SIZE], label[SQ_LABEL_SIZE], account[80] = "";
    char filled[PRINT_SIZE], planned[PRINT_SIZE], other[PRINT_SIZE];
    int64_t average = close->filled ? order->value_paise / close->filled : 0;

    sq_print_decimal(average, 2, false, price);
    sq_order_label(order, label);
    if (tui->calls.account && tui->calls.account(tui->calls.extra, &close->key, &net))
        snprintf(account, sizeof account, "exchange's own account %s %s, ",
                 book_quantity(i, net, true, other), net == ours ? "agrees" : "DIFFERS");
    snprintf(tui->coach.footer, sizeof tui->coach.footer, "%u order%s %s/%s%s%s, %sjournalled %s",
             close->children, close->children == 1 ? "" : "s",
             book_quantity(i, close->filled, false, filled),
             book_quantity(i, close->planned, false, planned), i->multiplier == 1 ? " @" : "",
             i->multiplier == 1 ? price : "", account, label);
}

static void look_for_close(struct tui *tui)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t close = t->position_close[tui->coach.plain];
    uint32_t order = t->position_order[tui->coach.plain];

    if (close == SQ_NO_ROW || order == SQ_NO_ROW ||
        !sq_close_state_is_ended((enum sq_close_state)t->close[close].state))
        return;
    tell_close(tui, &t->close[close], &t->order[order]);
    step(tui, COACH_AGAIN);
}

void coach_update(struct tui *tui)
{
    if (tui->coach.on && tui->coach.step == COACH_CLOSE)
        look_for_close(tui);
}

void coach_refused(struct tui *tui, uint32_t position, unsigned guard)
{
    struct coach *c = &tui->coach;

    if (!c->on)
        return;
    if (c->step == COACH_AGAIN && position == c->plain) {
        snprintf(c->footer, sizeof c->footer, "refused: %s. A second press never sends twice",
                 sq_name(SQ_LIST_GUARD, guard));
        step(tui, COACH_HEDGE);
    } else if (c->step == COACH_HEDGE && guard == SQ_GUARD_HEDGE) {
        snprintf(c->footer, sizeof c->footer,
                 "it asked: without this long the short is naked, and margin rises");
        step(tui, COACH_CUT);
    }
}

void coach_drill(struct tui *tui, const char *word)
{
    struct coach *c = &tui->coach;

    if (c->on && c->step == COACH_CUT && strcmp(word, "cut") == 0) {
        snprintf(c->footer, sizeof c->footer,
                 "links cut: ages grow, totals hide, x is refused, nothing is queued");
        step(tui, COACH_HEAL);
    } else if (c->on && c->step == COACH_HEAL && strcmp(word, "heal") == 0) {
        snprintf(c->footer, sizeof c->footer,
                 "healed: reconciled with the exchange, and nothing was sent by itself");
        step(tui, COACH_DONE);
    }
}

static void close_line(const struct tui *tui, char *text, size_t size)
{
    const struct sq_position *p = &tui_tables(tui)->position[tui->coach.plain];
    char label[SQ_LABEL_SIZE], net[PRINT_SIZE];

    sq_label(book_instrument(tui, tui->coach.plain), label);
    print_quantity(p->net, false, net);
    snprintf(text, size, "1/4 Press x: sells %s %s for %s", net, label, p->key.client);
}

static void hedge_line(const struct tui *tui, char *text, size_t size)
{
    char label[SQ_LABEL_SIZE];
    const char *strike;

    sq_label(book_instrument(tui, tui->coach.hedge), label);
    strike = strrchr(label, ' ');
    snprintf(text, size, "3/4 %s/%s Enter finds a hedge; x there asks, and says why",
             tui->strip ? "Esc, then " : "", strike ? strike + 1 : label);
}

static void line(const struct tui *tui, char *text, size_t size)
{
    switch (tui->coach.step) {
    case COACH_CLOSE: close_line(tui, text, size); break;
    case COACH_AGAIN: snprintf(text, size, "2/4 Press x again on the same row"); break;
    case COACH_HEDGE: hedge_line(tui, text, size); break;
    case COACH_CUT:
        snprintf(text, size, "4/4 %s:drill cut Enter: both links go down",
                 tui->strip ? "Esc, then " : "");
        break;
    case COACH_HEAL: snprintf(text, size, "4/4 :drill heal Enter: they come back"); break;
    case COACH_DONE:
        snprintf(text, size, "That is all. ? helps on each screen, X closes many, q leaves");
        break;
    }
}

int coach_rows(const struct tui *tui)
{
    if (!tui->coach.on)
        return 0;
    return tui->coach.footer[0] ? 2 : 1;
}

void coach_draw(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    char text[200];

    canvas_fill(canvas, place, ROLE_STRIP);
    line(tui, text, sizeof text);
    if (place.rows > 1)
        canvas_print(canvas, place.row, place.column + 1, place.columns - 2, ROLE_STRIP,
                     tui->coach.footer);
    canvas_print(canvas, place.row + place.rows - 1, place.column + 1, place.columns - 2,
                 ROLE_FOCUS, text);
    if (place.columns > 100)
        canvas_print(canvas, place.row + place.rows - 1, place.column + place.columns - 12, 12,
                     ROLE_DIM, "Esc hides");
}
