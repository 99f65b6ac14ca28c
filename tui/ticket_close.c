/* Tickets about one position: edit a close (e, F1, F2), settle an UNKNOWN (u), a fill by phone (m). */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/form.h"
#include "tui/kept.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/tui.h"

static bool wrong(struct form *form, size_t field, const char *why)
{
    form->current = field;
    snprintf(form->error, sizeof form->error, "%s", why);
    return false;
}

static bool is_empty(const struct form *form, size_t field)
{
    return form->fields[field].line.length == 0;
}

static void about_position(const struct tui *tui, char *text, size_t size)
{
    const struct sq_position *p = &tui_tables(tui)->position[tui->form.position];
    const struct sq_instrument *i = book_instrument(tui, tui->form.position);
    char label[SQ_LABEL_SIZE], net[PRINT_SIZE], lot[PRINT_SIZE];

    sq_label(i, label);
    book_quantity(i, p->net, true, net);
    book_quantity(i, i->lot, false, lot);
    snprintf(text, size, "%s %s  %s  net %s  %s  lot %s", p->key.client,
             book_client_name(tui, p->key.client), label, net,
             sq_name(SQ_LIST_PRODUCT, p->key.product), lot);
}

/* ---- e ------------------------------------------------------------------------------------------ */

/* Quantity to close: a number, or a share of the net rounded down to whole lots. */
static bool quantity_of(const struct tui *tui, const struct form *form, sq_quantity *quantity)
{
    const struct form_field *field = &form->fields[0];
    sq_quantity net = sq_abs(tui_tables(tui)->position[form->position].net);
    sq_quantity lot = book_instrument(tui, form->position)->lot;
    size_t length = field->line.length;
    int64_t share = 0;

    *quantity = net;
    if (length == 0)
        return true;
    if (field->line.text[length - 1] != '%')
        return form_number(field, 0, quantity) && *quantity > 0 && *quantity <= net;
    if (!sq_parse_decimal(field->line.text, length - 1, 2, &share) || share <= 0 || share > 10000)
        return false;
    *quantity = share == 10000 ? net : sq_floor_to(sq_mul_div(net, share, 10000), lot);
    return *quantity > 0;
}

static bool edit_done(struct tui *tui, struct form *form)
{
    const struct sq_position *p = &tui_tables(tui)->position[form->position];
    sq_quantity quantity, target;
    sq_price limit = 0;

    if (p->net == 0)
        return wrong(form, 0, "already flat");
    if (form->side != SQ_SIDE_NONE && (form->side == SQ_SIDE_BUY) != (p->net < 0))
        return wrong(form, 0, "close-only: that side would increase the position");
    if (!quantity_of(tui, form, &quantity))
        return wrong(form, 0, "quantity: up to the net, or a percentage that is a lot or more");
    if (!is_empty(form, 1) &&
        !form_number(&form->fields[1], book_instrument(tui, form->position)->price_decimals,
                     &limit))
        return wrong(form, 1, "limit: a price");
    target = p->net > 0 ? p->net - quantity : p->net + quantity;
    preview_open(tui, form->position, target, limit);
    return true;
}

const struct form_ops form_edit = {
    .title = "close: quantity, percent, limit",
    .field_count = 2,
    .fields = {{"quantity", "empty: all; 500 or 50%", FORM_SHARE},
               {"limit", "empty: protected limit from the quote", FORM_NUMBER}},
    .enter = "shows the preview",
    .about = about_position,
    .done = edit_done,
};

/* ---- u ------------------------------------------------------------------------------------------ */

static void about_order(const struct tui *tui, char *text, size_t size)
{
    const struct sq_order *o = &tui_tables(tui)->order[tui->form.order];
    char label[SQ_LABEL_SIZE] = "", id[SQ_LABEL_SIZE], clock[PRINT_SIZE];
    char qty[PRINT_SIZE], cum[PRINT_SIZE];

    if (tui->form.position != SQ_NO_ROW)
        sq_label(book_instrument(tui, tui->form.position), label);
    sq_order_label(o, id);
    print_time(o->sent ? o->sent : o->created, clock);
    snprintf(text, size, "%s %s %s %s %s  filled so far %s  sent %s  ClOrdID %s", id, o->key.client,
             label, sq_name(SQ_LIST_SIDE, o->side), describe_quantity(tui, &o->key, o->qty, qty),
             describe_quantity(tui, &o->key, o->cum, cum), clock, o->clord);
}

static bool settle_done(struct tui *tui, struct form *form)
{
    const struct sq_order *o = &tui_tables(tui)->order[form->order];
    struct sq_message message = {.kind = SQ_SETTLE};
    struct sq_settle *s = &message.as.settle;
    unsigned decimals =
        form->position == SQ_NO_ROW ? 2 : book_instrument(tui, form->position)->price_decimals;
    char answer = form->fields[2].line.text[0];

    if (!form_number(&form->fields[0], 0, &s->cum) || s->cum < o->cum || s->cum > o->qty)
        return wrong(form, 0, "filled in all: from what is known to the order's quantity");
    if (s->cum > o->cum && !form_number(&form->fields[1], decimals, &s->price))
        return wrong(form, 1, "price of what is newly filled");
    if (answer != 'y' && answer != 'n')
        return wrong(form, 2, "does it still rest at the exchange: y or n");
    if (is_empty(form, 3))
        return wrong(form, 3, "who said so, and when: goes on record");
    s->order_no = o->no;
    s->still_open = answer == 'y';
    memcpy(s->person, tui->session->person, sizeof s->person);
    sq_text_cut(s->reason, sizeof s->reason, form->fields[3].line.text);
    return send_messages(tui, &message, 1);
}

const struct form_ops form_settle = {
    .title = "settle an UNKNOWN order by phone",
    .field_count = 4,
    .fields = {{"filled", "in all; 0: nothing", FORM_NUMBER},
               {"price", "of what is newly filled", FORM_NUMBER},
               {"still open", "y or n", FORM_TEXT},
               {"reason", "who at the exchange said it", FORM_TEXT}},
    .enter = "puts it on record",
    .about = about_order,
    .done = settle_done,
};

/* ---- m ------------------------------------------------------------------------------------------ */

static bool fill_done(struct tui *tui, struct form *form)
{
    struct sq_message message = {.kind = SQ_MANUAL_FILL};
    struct sq_manual_fill *f = &message.as.manual_fill;
    char side = form->fields[0].line.text[0];

    if (strchr("bBsS", side) == NULL || side == '\0')
        return wrong(form, 0, "side: buy or sell");
    if (!form_number(&form->fields[1], 0, &f->qty) || f->qty <= 0)
        return wrong(form, 1, "quantity: a number");
    if (!form_number(&form->fields[2], book_instrument(tui, form->position)->price_decimals,
                     &f->price) ||
        f->price <= 0)
        return wrong(form, 2, "price: a number");
    if (is_empty(form, 3))
        return wrong(form, 3, "who said so: goes on record");
    f->id = send_new_id(tui);
    f->key = tui_tables(tui)->position[form->position].key;
    f->side = side == 'b' || side == 'B' ? SQ_SIDE_BUY : SQ_SIDE_SELL;
    memcpy(f->person, tui->session->person, sizeof f->person);
    sq_text_cut(f->reason, sizeof f->reason, form->fields[3].line.text);
    if (tui_is_remote(tui) && !tui->source.live)
        return kept_fill(tui, f, form->error, sizeof form->error);
    return send_messages(tui, &message, 1);
}

const struct form_ops form_fill = {
    .title = "a fill told by phone (MANUAL until reconciled)",
    .field_count = 4,
    .fields = {{"side", "buy or sell", FORM_TEXT},
               {"quantity", "", FORM_NUMBER},
               {"price", "", FORM_NUMBER},
               {"reason", "who said it, order number", FORM_TEXT}},
    .enter = "puts it on record",
    .about = about_position,
    .done = fill_done,
};

/* The fill told by phone is nearly always the close. */
void ticket_fill(struct tui *tui, uint32_t position)
{
    sq_quantity net = tui_tables(tui)->position[position].net;

    form_open(tui, &form_fill, position, SQ_NO_ROW);
    if (net != 0)
        prompt_set(&tui->form.fields[0].line, net > 0 ? "sell" : "buy");
}
