/* :standdown: what is still open, before squareoff gives the business back. Enter begins it: no new
 * closes, those that run stop and leave what is left; :dormant ends it. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/needs.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/tui.h"

enum { LINES = 6, TEXT = 160 };

/* What is counted of the book, in the order of the lines. */
struct open_things {
    uint32_t positions, closes, approvals, unknown, residues, frozen, manual;
};

static struct open_things count(const struct tui *tui)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_view *view = tui->session->view;
    struct open_things o = {.positions = view->open_positions,
                            .closes = view->closing,
                            .unknown = view->unknown,
                            .residues = view->residues};

    for (uint32_t i = 0; i < t->close_count; i++)
        o.approvals += t->close[i].state == SQ_CLOSE_APPROVAL || t->close[i].state == SQ_CLOSE_HELD;
    for (uint32_t i = 0; i < t->position_count; i++)
        o.frozen += t->position[i].frozen;
    for (uint32_t i = 0; i < t->client_count; i++)
        o.frozen += t->client[i].frozen != SQ_FROZEN_NOT;
    for (uint32_t i = 0; i < t->fill_count; i++)
        o.manual += t->fill[i].manual && !t->fill[i].confirms;
    return o;
}

static int rows(const struct tui *tui)
{
    (void)tui;
    return LINES + 1;
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct open_things o = count(tui);
    char lines[LINES][TEXT];

    strip_title(canvas, place, ROLE_WARN, "STAND DOWN? what is open now", "Esc stays ACTIVE");
    snprintf(lines[0], TEXT, "positions open %u   closed here with quantity left %u (9)",
             o.positions, o.residues);
    snprintf(lines[1], TEXT, "closes that run %u: they stop, what is left of them stays open",
             o.closes);
    snprintf(lines[2], TEXT, "wait for a supervisor %u (0)   UNKNOWN orders %u   frozen %u",
             o.approvals, o.unknown, o.frozen);
    snprintf(lines[3], TEXT, "fills told by phone %u: the main system has to book them", o.manual);
    snprintf(lines[4], TEXT, "the pack of orders, trades and positions: squareoff-admin report");
    snprintf(lines[5], TEXT, "Enter: HANDING BACK, no new closes; then :dormant REASON ends it");
    for (int i = 0; i < LINES; i++)
        canvas_print(canvas, place.row + 1 + i, place.column + 1, place.columns - 2,
                     i == 2 && o.unknown > 0 ? ROLE_STATE_UNKNOWN
                     : i == LINES - 1        ? ROLE_KEY
                                             : ROLE_STRIP,
                     lines[i]);
}

static void action(struct tui *tui, enum action what)
{
    if (what != ACTION_STRIP_SEND)
        return;
    tui_close(tui);
    send_supervise(tui, SQ_SUPERVISE_CONTROL, SQ_CONTROL_HANDING_BACK, "", NULL,
                   tui->decision.reason.line.text);
}

static const char *keys(const struct tui *tui)
{
    (void)tui;
    return "Enter stands down  Esc stays ACTIVE";
}

void stand_down_open(struct tui *tui, const char *reason)
{
    memset(&tui->decision, 0, sizeof tui->decision);
    form_field_init(&tui->decision.reason, "", "", FORM_TEXT);
    prompt_set(&tui->decision.reason.line, reason);
    tui_open(tui, &strip_stand_down);
}

const struct strip_ops strip_stand_down = {.name = "stand-down",
                                           .mode = KEYS_TYPED,
                                           .rows = rows,
                                           .draw = draw,
                                           .action = action,
                                           .keys = keys};
