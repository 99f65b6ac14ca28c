/* The full preview of X and K on the screen. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/bulk.h"
#include "tui/describe.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { LEFT_OUT_ROWS = 4 }; /* at least, of the list of what is not included, its title too */

int bulk_rows(const struct tui *tui)
{
    uint32_t out = tui->bulk.count - tui->bulk.included;
    int lines = (int)tui->bulk.included + 5 + (out == 0 ? 0 : (int)out + 1);

    return lines < tui->rows - 10 ? lines : tui->rows - 10;
}

/* Columns as wide as the widest line has them: nothing that tells one line from another is cut. */
struct widths {
    int number, client, symbol, quantity, limit;
};

static void widen(int *width, const char *text)
{
    int length = (int)strlen(text);

    if (length > *width)
        *width = length;
}

static const struct sq_key *key_of(const struct tui *tui, const struct bulk_line *line)
{
    return tui->bulk.cancels ? &tui_tables(tui)->order[line->order].key
                             : &tui_tables(tui)->position[line->position].key;
}

static void label_of(const struct tui *tui, const struct bulk_line *line, char *label)
{
    label[0] = '\0';
    if (line->position != SQ_NO_ROW)
        sq_label(book_instrument(tui, line->position), label);
}

static void quantity_of(const struct tui *tui, const struct bulk_line *line, char *text)
{
    sq_quantity quantity =
        tui->bulk.cancels ? tui_tables(tui)->order[line->order].leaves : line->now.quantity;

    describe_quantity(tui, key_of(tui, line), quantity, text);
}

static void limit_of(const struct tui *tui, const struct bulk_line *line, char *text)
{
    text[0] = '\0';
    if (line->included && !tui->bulk.cancels)
        print_price(line->now.limit, book_instrument(tui, line->position)->price_decimals, text);
}

static struct widths measure(const struct tui *tui)
{
    struct widths w = {3, 6, 6, 5, 6};
    char text[PRINT_SIZE], label[SQ_LABEL_SIZE];

    snprintf(text, sizeof text, "%u", tui->bulk.included);
    widen(&w.number, text);
    for (uint32_t i = 0; i < tui->bulk.count; i++) {
        const struct bulk_line *line = &tui->bulk.lines[i];

        label_of(tui, line, label);
        widen(&w.client, key_of(tui, line)->client);
        widen(&w.symbol, label);
        quantity_of(tui, line, text);
        widen(&w.quantity, text);
        limit_of(tui, line, text);
        widen(&w.limit, text);
    }
    return w;
}

static void identity(const struct tui *tui, const struct bulk_line *line, const struct widths *w,
                     char *text, size_t size)
{
    const struct sq_key *key = key_of(tui, line);
    char label[SQ_LABEL_SIZE];

    label_of(tui, line, label);
    snprintf(text, size, "%-*s %c %-*s %c", w->client, key->client,
             book_exchange_letter(key->exchange), w->symbol, label,
             book_product_letter(key->product));
}

static void header(const struct tui *tui, const struct widths *w, char *text, size_t size)
{
    size_t used = (size_t)snprintf(text, size, " %*s %-*s E %-*s P SIDE %*s", w->number, "#",
                                   w->client, "CLIENT", w->symbol, "SYMBOL", w->quantity,
                                   tui->bulk.cancels ? "OPEN" : "QTY");

    if (tui->bulk.cancels)
        snprintf(text + used, size - used, "  ORDER");
    else
        snprintf(text + used, size - used, " SL %*s NOTE", w->limit, "LIMIT");
}

/* Is the short that a line covers closed in the same bulk, before it? hedge_of: row + 1. */
static bool is_included(const struct bulk *b, uint64_t hedge_of)
{
    for (uint32_t i = 0; i < b->included; i++)
        if ((uint64_t)b->lines[i].position + 1 == hedge_of)
            return true;
    return false;
}

/* A guard says more than the place of the leg, which the order of the lines says too. */
static void note_of(const struct tui *tui, const struct bulk_line *line, char *text, size_t size)
{
    static const char *const legs[] = {"short", "future", "long", ""};
    bool covered = is_included(&tui->bulk, line->now.hedge_of);
    char guards[BULK_WHY_SIZE * 2];

    preview_guards(covered ? line->guards & ~(UINT64_C(1) << SQ_GUARD_HEDGE) : line->guards, guards,
                   sizeof guards);
    if (guards[0])
        snprintf(text, size, "! %s", guards);
    else
        snprintf(text, size, "%s", legs[line->now.leg < 4 ? line->now.leg : 3]);
}

static void included_line(const struct tui *tui, const struct bulk_line *line,
                          const struct widths *w, uint32_t number, char *text, size_t size)
{
    char what[160], quantity[PRINT_SIZE], limit[PRINT_SIZE], note[160], id[SQ_LABEL_SIZE];
    const struct sq_order *o = tui->bulk.cancels ? &tui_tables(tui)->order[line->order] : NULL;

    identity(tui, line, w, what, sizeof what);
    quantity_of(tui, line, quantity);
    limit_of(tui, line, limit);
    note_of(tui, line, note, sizeof note);
    if (o)
        sq_order_label(o, id);
    if (o)
        snprintf(text, size, " %*u %s %-4s %*s  %s", w->number, number, what,
                 sq_name(SQ_LIST_SIDE, o->side), w->quantity, quantity, id);
    else
        snprintf(text, size, " %*u %s %-4s %*s %2u %*s %s", w->number, number, what,
                 sq_name(SQ_LIST_SIDE, line->now.side), w->quantity, quantity, line->now.slices,
                 w->limit, limit, note);
}

static void excluded_line(const struct tui *tui, const struct bulk_line *line,
                          const struct widths *w, char *text, size_t size)
{
    char what[160], id[SQ_LABEL_SIZE] = "";

    identity(tui, line, w, what, sizeof what);
    if (tui->bulk.cancels)
        sq_order_label(&tui_tables(tui)->order[line->order], id);
    snprintf(text, size, " %*s %s  %s%s%s", w->number, "-", what, id, id[0] ? "  " : "", line->why);
}

static void summary(const struct tui *tui, char *text, size_t size)
{
    const struct bulk *b = &tui->bulk;
    sq_money buy = 0, sell = 0;
    uint32_t orders = 0, cancels = 0, approvals = 0;
    char buys[PRINT_SIZE], sells[PRINT_SIZE];
    size_t used = 0;

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
        used = (size_t)snprintf(text, size, "cancel %u, send %u: buy %s  sell %s", cancels, orders,
                                buys, sells);
    if (approvals > 0)
        snprintf(text + used, size - used, "  %u to APPROVE", approvals);
}

/* What is included, and under a heading of its own what is not, where the list below has no room for
 * all of that. */
static void draw_lines(const struct tui *tui, struct canvas *canvas, struct rect place,
                       const struct widths *w, bool all_below)
{
    const struct bulk *b = &tui->bulk;
    uint32_t count = all_below ? b->included : b->count + 1;
    char text[512];

    for (int y = 0; y < place.rows && b->top + (uint32_t)y < count; y++) {
        uint32_t at = b->top + (uint32_t)y, i = at > b->included ? at - 1 : at;

        if (at == b->included)
            snprintf(text, sizeof text, " NOT included:");
        else if (at < b->included)
            included_line(tui, &b->lines[i], w, i + 1, text, sizeof text);
        else
            excluded_line(tui, &b->lines[i], w, text, sizeof text);
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
static void draw_left_out(const struct tui *tui, struct canvas *canvas, struct rect place,
                          const struct widths *w)
{
    const struct bulk *b = &tui->bulk;
    uint32_t out = b->count - b->included;
    char text[512];

    snprintf(text, sizeof text, "%u NOT included, and why:%s", out,
             (int)out >= place.rows ? "  (PgDn shows all)" : "");
    canvas_print(canvas, place.row, place.column + 1, place.columns - 2, ROLE_STATE_BLOCKED, text);
    for (int y = 1; y < place.rows && (uint32_t)y <= out; y++) {
        excluded_line(tui, &b->lines[b->included + (uint32_t)y - 1], w, text, sizeof text);
        canvas_print(canvas, place.row + y, place.column, place.columns, ROLE_STATE_BLOCKED, text);
    }
}

void bulk_draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct bulk *b = &tui->bulk;
    struct rect lines = place, left_out = place;
    struct widths w = measure(tui);
    char text[256], right[96];

    snprintf(text, sizeof text, "%s: %s", b->cancels ? "CANCEL ALL" : "CLOSE ALL", b->scope);
    snprintf(right, sizeof right, "%u in, %u NOT included", b->positions, b->count - b->included);
    strip_title(canvas, place, ROLE_WARN, text, right);
    summary(tui, text, sizeof text);
    canvas_print(canvas, place.row + 1, place.column + 1, place.columns - 2, ROLE_STRIP, text);
    header(tui, &w, text, sizeof text);
    canvas_print(canvas, place.row + 2, place.column, place.columns, ROLE_HEADER, text);
    left_out.rows = left_out_rows(b, place.rows - 5);
    left_out.row = place.row + place.rows - 2 - left_out.rows;
    lines.row += 3;
    lines.rows -= 5 + left_out.rows;
    draw_lines(tui, canvas, lines, &w, left_out.rows > (int)(b->count - b->included));
    if (left_out.rows > 0)
        draw_left_out(tui, canvas, left_out, &w);
    canvas_repeat(canvas, place.row + place.rows - 2, place.column, place.columns, ROLE_DIM, '-');
    if (b->included > 0)
        snprintf(text, sizeof text,
                 "Type the number of positions [ %u ] then Enter: %s   Esc = send nothing",
                 b->positions, b->typed.line.text);
    else
        snprintf(text, sizeof text, "nothing to send: Esc leaves");
    canvas_print(canvas, place.row + place.rows - 1, place.column + 1, place.columns - 2, ROLE_KEY,
                 text);
}

bool bulk_cursor(const struct tui *tui, struct rect place, int *row, int *column)
{
    char text[256];

    if (tui->bulk.included == 0)
        return false;
    snprintf(text, sizeof text, "Type the number of positions [ %u ] then Enter: %s",
             tui->bulk.positions, tui->bulk.typed.line.text);
    *row = place.row + place.rows - 1;
    *column = place.column + 1 + (int)strlen(text);
    return true;
}

const char *bulk_keys(const struct tui *tui)
{
    if (tui->bulk.included == 0)
        return "Esc keep  PgDn more  ? help";
    return tui->bulk.cancels ? "Enter cancels  Esc keep  PgDn more  ? help"
                             : "Enter sends  Esc keep  PgDn more  ? help";
}
