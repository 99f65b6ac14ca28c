/* What was entered without a server, and how it compares with the book now. */
#include "tui/kept.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/tui.h"

static void changed(struct tui *tui)
{
    tui->list_dirty = tui->dirty = true;
    if (tui->calls.keep)
        tui->calls.keep(tui->calls.extra);
}

/* ---- the call sheet ----------------------------------------------------------------------------- */

void kept_sheet(struct tui *tui, const uint32_t *positions, size_t count, bool on)
{
    for (size_t i = 0; i < count; i++) {
        list_tag(&tui->sheet, positions[i], on);
        tui->sheet_lines[positions[i]] = (struct tui_sheet_line){
            .net = tui_tables(tui)->position[positions[i]].net, .time = tui->now};
    }
    changed(tui);
}

void kept_restore_line(struct tui *tui, const struct sq_key *key, sq_quantity net, sq_time time)
{
    uint32_t position = sq_find_position(tui_tables(tui), key);

    if (position == SQ_NO_ROW)
        return;
    list_tag(&tui->sheet, position, true);
    tui->sheet_lines[position] = (struct tui_sheet_line){.net = net, .time = time};
}

/* "+500" as the position's venue counts. */
static const char *net_text(const struct tui *tui, uint32_t position, sq_quantity net, char *text)
{
    return book_quantity(book_instrument(tui, position), net, true, text);
}

void kept_line_words(const struct tui *tui, uint32_t position, char *text, size_t size)
{
    const struct tui_sheet_line *line = &tui->sheet_lines[position];
    sq_quantity net = tui_tables(tui)->position[position].net;
    char was[PRINT_SIZE], is[PRINT_SIZE], clock[PRINT_SIZE];

    print_time(line->time, clock);
    net_text(tui, position, line->net, was);
    net_text(tui, position, net, is);
    if (!tui->source.live)
        snprintf(text, size, "on the call sheet since %s", clock);
    else if (net == line->net)
        snprintf(text, size, "on the sheet since %s, open as it was: x closes, Enter takes it off",
                 clock);
    else if (net == 0)
        snprintf(text, size, "on the sheet since %s at %s, flat now: Enter takes it off", clock,
                 was);
    else
        snprintf(text, size, "on the sheet since %s at %s, now %s: ask who traded", clock, was, is);
}

/* ---- fills -------------------------------------------------------------------------------------- */

static uint64_t newest_fill(const struct tui *tui)
{
    const struct sq_tables *t = tui_tables(tui);
    uint64_t newest = 0;

    for (uint32_t i = 0; i < t->fill_count; i++)
        if (t->fill[i].no > newest)
            newest = t->fill[i].no;
    return newest;
}

static struct tui_fill *free_place(struct tui *tui)
{
    for (size_t i = 0; i < TUI_FILLS; i++)
        if (tui->fills[i].time == 0)
            return &tui->fills[i];
    return NULL;
}

static sq_quantity net_of(const struct tui *tui, const struct sq_key *key)
{
    uint32_t position = sq_find_position(tui_tables(tui), key);

    return position == SQ_NO_ROW ? 0 : tui_tables(tui)->position[position].net;
}

bool kept_fill(struct tui *tui, const struct sq_manual_fill *fill, char *why, size_t why_room)
{
    struct tui_fill *place = tui->calls.keep ? free_place(tui) : NULL;

    if (!place) {
        snprintf(why, why_room,
                 tui->calls.keep ? "no room for more: write them down"
                                 : "this console keeps no fills");
        return false;
    }
    *place = (struct tui_fill){.fill = *fill, .net = net_of(tui, &fill->key), .time = tui->now};
    changed(tui);
    tui_say(tui, ROLE_WARN, "MANUAL: kept here, in no book. Back online 9 lists it; you submit it");
    return true;
}

void kept_restore_fill(struct tui *tui, const struct sq_manual_fill *fill, sq_quantity net,
                       sq_time time)
{
    struct tui_fill *place = free_place(tui);

    if (place && time != 0)
        *place = (struct tui_fill){.fill = *fill, .net = net, .time = time};
}

static bool same_key(const struct sq_key *a, const struct sq_key *b)
{
    return a->exchange == b->exchange && a->token == b->token && a->product == b->product &&
           sq_text_equal(a->client, b->client);
}

sq_quantity kept_quantity(const struct tui *tui, uint32_t position)
{
    const struct sq_key *key = &tui_tables(tui)->position[position].key;
    sq_quantity sum = 0;

    for (size_t i = 0; i < TUI_FILLS; i++) {
        const struct sq_manual_fill *f = &tui->fills[i].fill;

        if (tui->fills[i].time != 0 && same_key(&f->key, key))
            sum += f->side == SQ_SIDE_BUY ? f->qty : -f->qty;
    }
    return sum;
}

uint32_t kept_fills(const struct tui *tui)
{
    uint32_t count = 0;

    for (size_t i = 0; i < TUI_FILLS; i++)
        count += tui->fills[i].time != 0;
    return count;
}

void kept_fill_words(const struct tui *tui, const struct tui_fill *kept, char *text, size_t size)
{
    const struct sq_manual_fill *f = &kept->fill;
    uint32_t position = sq_find_position(tui_tables(tui), &f->key);
    char told[120], was[PRINT_SIZE], is[PRINT_SIZE], clock[PRINT_SIZE], qty[PRINT_SIZE];
    char price[PRINT_SIZE];

    if (position == SQ_NO_ROW) {
        snprintf(text, size, "its position is not in this book: Enter drops it");
        return;
    }
    print_time(kept->time, clock);
    print_price(f->price, book_instrument(tui, position)->price_decimals, price);
    snprintf(told, sizeof told, "%s told %s %s @ %s", clock, sq_name(SQ_LIST_SIDE, f->side),
             describe_quantity(tui, &f->key, f->qty, qty), price);
    net_text(tui, position, kept->net, was);
    net_text(tui, position, tui_tables(tui)->position[position].net, is);
    if (kept->submitted != 0)
        snprintf(text, size, "%s: submitted, no answer yet", told);
    else if (!tui->source.live)
        snprintf(text, size, "%s, in no book yet", told);
    else if (tui_tables(tui)->position[position].net == kept->net)
        snprintf(text, size, "%s, not in the server's book (%s): Enter", told, is);
    else
        snprintf(text, size, "%s at %s, the server says %s: in already? Enter", told, was, is);
}

/* ---- Enter on a kept fill ----------------------------------------------------------------------- */

static struct tui_fill *open_fill(struct tui *tui)
{
    return &tui->fills[tui->form.close_no % TUI_FILLS];
}

static void about_fill(const struct tui *tui, char *text, size_t size)
{
    kept_fill_words(tui, &tui->fills[tui->form.close_no % TUI_FILLS], text, size);
}

static bool submit(struct tui *tui, struct tui_fill *kept)
{
    struct sq_message message = {.kind = SQ_MANUAL_FILL, .as.manual_fill = kept->fill};

    memcpy(message.as.manual_fill.person, tui->session->person,
           sizeof message.as.manual_fill.person);
    kept->after = newest_fill(tui);
    if (!send_messages(tui, &message, 1))
        return true;
    kept->submitted = tui->now;
    tui_say(tui, ROLE_MESSAGE, "fill by phone handed over");
    return true;
}

static bool fill_done(struct tui *tui, struct form *form)
{
    const char *word = form->fields[0].line.text;
    struct tui_fill *kept = open_fill(tui);

    if (strcasecmp(word, "S1") == 0)
        return submit(tui, kept);
    if (strcasecmp(word, "D") != 0) {
        snprintf(form->error, sizeof form->error, "S1 submits this one fill, D drops it");
        return false;
    }
    kept->time = 0;
    changed(tui);
    tui_say(tui, ROLE_MESSAGE, "dropped: nothing was submitted");
    return true;
}

static const struct form_ops form_kept = {
    .title = "a fill told by phone while no server was there",
    .field_count = 1,
    .fields = {{"answer", "S1 submits it, D drops it", FORM_TEXT}},
    .enter = "decides",
    .about = about_fill,
    .done = fill_done,
};

void kept_open(struct tui *tui, uint32_t index)
{
    const struct sq_key *key = &tui->fills[index].fill.key;

    form_open(tui, &form_kept, sq_find_position(tui_tables(tui), key), SQ_NO_ROW);
    tui->form.close_no = index;
}

/* ---- each turn ---------------------------------------------------------------------------------- */

static bool is_in_book(const struct tui *tui, const struct tui_fill *kept)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_manual_fill *f = &kept->fill;

    for (uint32_t i = t->fill_count; i-- > 0;)
        if (t->fill[i].no > kept->after && t->fill[i].manual && t->fill[i].side == f->side &&
            t->fill[i].qty == f->qty && t->fill[i].price == f->price &&
            same_key(&t->fill[i].key, &f->key))
            return true;
    return false;
}

/* A refusal of what was submitted: the fill is as it was, and may be opened again. */
static bool is_refused(const struct tui *tui, const struct tui_fill *kept)
{
    const struct sq_view *view = tui->session->view;

    for (uint64_t i = 0; i < view->activity_count; i++) {
        const struct sq_message *m = sq_view_activity(view, i);

        if (!m || m->time < kept->submitted)
            return false;
        if (m->kind == SQ_REFUSED && m->as.refused.command == SQ_MANUAL_FILL &&
            same_key(&m->as.refused.key, &kept->fill.key))
            return true;
    }
    return false;
}

static void follow_submitted(struct tui *tui)
{
    for (size_t i = 0; i < TUI_FILLS; i++) {
        struct tui_fill *kept = &tui->fills[i];

        if (kept->time == 0 || kept->submitted == 0)
            continue;
        if (is_in_book(tui, kept)) {
            kept->time = 0;
            changed(tui);
        } else if (is_refused(tui, kept)) {
            kept->submitted = 0;
            changed(tui);
        }
    }
}

void kept_lost(struct tui *tui, const struct sq_id *id)
{
    for (size_t i = 0; i < TUI_FILLS; i++) {
        struct tui_fill *kept = &tui->fills[i];

        if (kept->time != 0 && kept->fill.id.high == id->high && kept->fill.id.low == id->low)
            kept->submitted = 0;
    }
}

void kept_update(struct tui *tui)
{
    bool back = tui->source.live && !tui->was_live;

    tui->was_live = tui->source.live;
    follow_submitted(tui);
    if (back && (kept_fills(tui) > 0 || tui->sheet.tagged > 0))
        tui_say(tui, ROLE_WARN, "%s back, nothing sent: 9 compares %u fills and %u sheet lines",
                tui->source.source, kept_fills(tui), tui->sheet.tagged);
}
