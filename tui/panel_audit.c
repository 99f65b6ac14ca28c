/* Audit: what happened, newest first, from the same events as the journal. */
#include <stdio.h>

#include "tui/describe.h"
#include "tui/print.h"
#include "tui/tui.h"

/* Rows are numbers of events since the start, so that they stay with their event. */
static const struct sq_message *event_at(const struct tui *tui, uint32_t row)
{
    const struct sq_view *view = tui->session->view;

    return sq_view_activity(view, view->activity_count - 1 - row);
}

static void cell_time(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_message *event = event_at(tui, row);

    if (event)
        print_time(event->time, cell->text);
}

static void cell_seq(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_message *event = event_at(tui, row);

    if (event)
        cell_set(cell, ROLE_DIM, "%llu", (unsigned long long)event->seq);
}

static void cell_kind(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_message *event = event_at(tui, row);

    if (event)
        cell_set(cell, describe_is_alarm(event) ? ROLE_DANGER : ROLE_DEFAULT, "%s",
                 describe_kind(event));
}

static void cell_what(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_message *event = event_at(tui, row);

    if (event)
        describe(tui, event, cell->text, sizeof cell->text);
}

static const struct panel_column columns[] = {
    {"time", "TIME", 8, 8, 0, ALIGN_LEFT, 0, cell_time, NULL},
    {"kind", "EVENT", 7, 12, 0, ALIGN_LEFT, 0, cell_kind, NULL},
    {"what", "WHAT", 60, CELL_SIZE, 1, ALIGN_LEFT, 0, cell_what, NULL},
    {"seq", "SEQ", 6, 9, 2, ALIGN_RIGHT, 0, cell_seq, NULL},
};

static void collect(struct tui *tui, struct list *list)
{
    uint64_t count = tui->session->view->activity_count;
    uint64_t kept = count < SQ_VIEW_ACTIVITY ? count : SQ_VIEW_ACTIVITY;

    for (uint64_t i = 0; i < kept; i++)
        list_add(list, (uint32_t)(count - 1 - i));
    tui->alarms_seen = tui->session->view->alarms;
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%llu events, journal at %llu",
             (unsigned long long)tui->session->view->activity_count,
             (unsigned long long)tui->session->view->seq);
}

const struct panel_ops panel_audit = {
    .title = "Audit",
    .mode = KEYS_AUDIT,
    .order = "newest",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .collect = collect,
    .note = note,
};
