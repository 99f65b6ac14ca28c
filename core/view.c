/*
 * view.c: folds events into rows and into the counts of the screen's first line.
 *
 * A count is kept by taking off what the row was worth before an event and adding what it is
 * worth after it, so counting costs the same in a book of ten positions and of ten thousand.
 */
#include "core/view.h"

#include <string.h>

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

size_t sq_view_size(const struct sq_config *config)
{
    return aligned(sizeof(struct sq_view)) + aligned(sq_tables_size(config)) +
           aligned(SQ_VIEW_ACTIVITY * sizeof(struct sq_message));
}

struct sq_view *sq_view_init(void *memory, const struct sq_config *config)
{
    struct sq_view *view = memory;
    char *rows = (char *)memory + aligned(sizeof *view);
    sq_tables_init(&view->tables, rows, config);
    view->activity = (struct sq_message *)(void *)(rows + aligned(sq_tables_size(config)));
    return view;
}

/* ---- folds: one for each kind that something is counted of --------------------------------- */

static int fold_position(struct sq_view *view, const struct sq_message *event)
{
    const struct sq_tables *t = &view->tables;
    const struct sq_position *body = &event->as.position;
    uint32_t row = sq_find_position(t, &body->key);
    bool was_open = row != SQ_NO_ROW && t->position[row].net != 0;
    if (sq_tables_apply(&view->tables, SQ_POSITION, body) != 0)
        return -1;
    view->open_positions += (body->net != 0) - (uint32_t)was_open;
    if (view->board)
        sq_board_position(view->board, row == SQ_NO_ROW ? t->position_count - 1 : row);
    return 0;
}

static int fold_order(struct sq_view *view, const struct sq_message *event)
{
    const struct sq_tables *t = &view->tables;
    const struct sq_order *body = &event->as.order;
    uint32_t row = sq_find_order(t, body->no);
    bool was_unknown = row != SQ_NO_ROW && t->order[row].state == SQ_ORDER_UNKNOWN;
    if (sq_tables_apply(&view->tables, SQ_ORDER, body) != 0)
        return -1;
    view->unknown += (body->state == SQ_ORDER_UNKNOWN) - (uint32_t)was_unknown;
    return 0;
}

/* The newest close of a position ended with quantity left: 1, else 0. */
static uint32_t has_residue(const struct sq_tables *t, uint32_t position)
{
    uint32_t row = t->position_close[position];
    return row != SQ_NO_ROW && t->close[row].state == SQ_CLOSE_RESIDUE;
}

static int fold_close(struct sq_view *view, const struct sq_message *event)
{
    const struct sq_tables *t = &view->tables;
    const struct sq_close *body = &event->as.close;
    uint32_t row = sq_find_close(t, body->no), position = sq_find_position(t, &body->key);
    if (position == SQ_NO_ROW)
        return -1;
    bool was_open = row != SQ_NO_ROW && !sq_close_state_is_ended(t->close[row].state);
    uint32_t had_residue = has_residue(t, position);
    if (sq_tables_apply(&view->tables, SQ_CLOSE, body) != 0)
        return -1;
    view->closing += !sq_close_state_is_ended(body->state) - (uint32_t)was_open;
    view->residues += has_residue(t, position) - had_residue;
    return 0;
}

static int fold_alarm(struct sq_view *view, const struct sq_message *event)
{
    (void)event;
    view->alarms++;
    return 0;
}

static int fold_row(struct sq_view *view, const struct sq_message *event)
{
    return sq_tables_apply(&view->tables, (enum sq_kind)event->kind, &event->as);
}

typedef int fold_fn(struct sq_view *view, const struct sq_message *event);
static fold_fn *const folds[SQ_KIND_COUNT] = {
    [SQ_POSITION] = fold_position,
    [SQ_ORDER] = fold_order,
    [SQ_CLOSE] = fold_close,
    [SQ_ALARM] = fold_alarm,
};

/* ---- activity ------------------------------------------------------------------------------ */

/* A book changes with almost every input; this is what a person would want to read about. */
static bool book_is_news(const struct sq_book *was, const struct sq_book *is)
{
    return was->day != is->day || was->epoch != is->epoch || was->loaded != is->loaded ||
           was->owned != is->owned || was->accepted != is->accepted ||
           was->control != is->control || was->halted != is->halted || was->link != is->link ||
           was->restarted != is->restarted || was->draining != is->draining;
}

static bool is_news(const struct sq_view *view, const struct sq_message *event)
{
    switch (event->kind) {
    case SQ_ORDER:
    case SQ_CLOSE:
    case SQ_FILL:
    case SQ_REFUSED:
    case SQ_SUPERVISED:
    case SQ_ALARM: return event->seq != 0;
    case SQ_BOOK: return event->seq != 0 && book_is_news(&view->tables.book, &event->as.book);
    default: return false;
    }
}

int sq_view_apply(struct sq_view *view, const struct sq_message *event)
{
    fold_fn *fold = folds[event->kind] ? folds[event->kind] : fold_row;
    bool news = is_news(view, event);
    if (fold(view, event) != 0)
        return -1;
    if (news)
        view->activity[view->activity_count++ % SQ_VIEW_ACTIVITY] = *event;
    if (event->seq > view->seq)
        view->seq = event->seq;
    view->changes++;
    return 0;
}

const struct sq_message *sq_view_activity(const struct sq_view *view, uint64_t i)
{
    if (i >= view->activity_count || i >= SQ_VIEW_ACTIVITY)
        return NULL;
    return &view->activity[(view->activity_count - 1 - i) % SQ_VIEW_ACTIVITY];
}
