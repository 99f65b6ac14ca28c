/* What the keys do. */
#include "tui/action.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/command.h"
#include "tui/kept.h"
#include "tui/send.h"
#include "tui/tui.h"

enum { TARGETS = 4096 };

static struct list *list_of(struct tui *tui)
{
    return &tui->lists[tui->panel];
}

/* The cursor's row; says so when it is on nothing. */
static bool row_at_cursor(struct tui *tui, uint32_t *row)
{
    *row = tui_list(tui)->cursor;
    if (panels[tui->panel]->columns && *row != LIST_NO_ROW)
        return true;
    tui_say(tui, ROLE_WARN, "the cursor is on no row: an arrow moves it to one");
    return false;
}

static bool position_at_cursor(struct tui *tui, uint32_t *position)
{
    uint32_t row;

    if (!row_at_cursor(tui, &row))
        return false;
    if (panel_positions_of(tui, row, position, 1) == 1)
        return true;
    tui_say(tui, ROLE_WARN, "this row is not one position");
    return false;
}

/* ---- closing ------------------------------------------------------------------------------------ */

/* The positions of many rows, each once. */
static size_t gather(struct tui *tui, const uint32_t *rows, size_t count, uint32_t *positions)
{
    static uint32_t some[TARGETS];
    size_t gathered = 0;

    for (size_t i = 0; i < count; i++) {
        size_t found = panel_positions_of(tui, rows[i], some, TARGETS);

        for (size_t j = 0; j < found && j < TARGETS && gathered < TARGETS; j++) {
            bool known = false;

            for (size_t k = 0; k < gathered && tui->panel != PANEL_POSITIONS && !known; k++)
                known = positions[k] == some[j];
            if (!known)
                positions[gathered++] = some[j];
        }
    }
    return gathered;
}

/* Rows that X and K mean: the tagged ones if there are any, else all shown. */
static size_t targets(struct tui *tui, uint32_t *rows, char *scope, size_t size)
{
    const struct list *list = tui_list(tui);
    size_t count = 0;

    for (uint32_t i = 0; i < list->count && count < TARGETS; i++)
        if (list->tagged == 0 || list_is_tagged(list, list->rows[i].row))
            rows[count++] = list->rows[i].row;
    snprintf(scope, size, "%s%s%s", list->tagged ? "tagged rows" : "all shown",
             list->filter.text[0] ? ", filter " : "", list->filter.text);
    return count;
}

/* Offline x writes on the call sheet instead; a second x takes it off again. */
static void put_on_sheet(struct tui *tui, const uint32_t *positions, size_t count)
{
    bool on = !list_is_tagged(&tui->sheet, positions[0]);

    kept_sheet(tui, positions, count, on);
    tui_say(tui, ROLE_WARN, "%s the CALL SHEET (%u lines): nothing has been sent; w writes it",
            on ? "on" : "off", tui->sheet.tagged);
}

static void square_off(struct tui *tui)
{
    static uint32_t positions[TARGETS];
    uint32_t row;
    size_t count;
    const char *why;

    if (!row_at_cursor(tui, &row))
        return;
    count = gather(tui, &row, 1, positions);
    if (count > 0 && tui_is_offline(tui))
        put_on_sheet(tui, positions, count < TARGETS ? count : TARGETS);
    else if (tui_is_view_only(tui, &why))
        tui_say(tui, ROLE_DANGER, "NOT SENT: %s", why);
    else if (count == 1)
        send_square_off(tui, positions[0]);
    else if (count > 1)
        bulk_open_close(tui, positions, count, "every position of this row", false);
    else
        tui_say(tui, ROLE_WARN, "no position here to close");
}

static void square_off_all(struct tui *tui)
{
    static uint32_t rows[TARGETS], positions[TARGETS];
    const struct list *list = tui_list(tui);
    char scope[BULK_SCOPE_SIZE];
    const char *why;
    size_t count;

    if (tui_is_view_only(tui, &why)) {
        tui_say(tui, ROLE_DANGER, "NOT SENT: %s", why);
        return;
    }
    count = targets(tui, rows, scope, sizeof scope);
    count = gather(tui, rows, count, positions);
    bulk_open_close(tui, positions, count, scope,
                    list->tagged > 0 || strstr(list->filter.text, "prod=") != NULL);
}

/* Orders of many rows: themselves, or all that is live on their positions. */
static size_t gather_orders(struct tui *tui, const uint32_t *rows, size_t count, uint32_t *orders)
{
    const struct sq_tables *t = tui_tables(tui);
    static uint32_t positions[TARGETS];
    size_t gathered = 0;

    if (tui->panel == PANEL_ORDERS) {
        memcpy(orders, rows, count * sizeof *rows);
        return count;
    }
    count = gather(tui, rows, count, positions);
    for (size_t i = 0; i < count; i++)
        for (uint32_t o = t->position_order[positions[i]]; o != SQ_NO_ROW && gathered < TARGETS;
             o = t->order_next[o])
            orders[gathered++] = o;
    return gathered;
}

static void cancel_all(struct tui *tui)
{
    static uint32_t rows[TARGETS], orders[TARGETS];
    char scope[BULK_SCOPE_SIZE];
    size_t count = targets(tui, rows, scope, sizeof scope);

    count = gather_orders(tui, rows, count, orders);
    bulk_open_cancel(tui, orders, count, scope);
}

/* A close that waits for an approval or for its short has no order yet: it is withdrawn. */
static void cancel_waiting(struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t position;
    bool one = panel_positions_of(tui, row, &position, 1) == 1;
    uint32_t close = one ? t->position_close[position] : SQ_NO_ROW;
    unsigned state = close == SQ_NO_ROW ? SQ_CLOSE_NONE : t->close[close].state;

    if (state == SQ_CLOSE_APPROVAL || state == SQ_CLOSE_HELD || state == SQ_CLOSE_WAIT_COVER)
        send_withdrawal(tui, close);
    else
        tui_say(tui, ROLE_WARN, "no live order here");
}

/* At once, except what protects the client (stop-loss) and our own closes: those ask. */
static void cancel_one(struct tui *tui)
{
    const struct panel_ops *ops = panels[tui->panel];
    const struct sq_order *o;
    uint32_t row, order;

    if (!row_at_cursor(tui, &row))
        return;
    order = ops->order_of ? ops->order_of(tui, row) : SQ_NO_ROW;
    if (order == SQ_NO_ROW) {
        cancel_waiting(tui, row);
        return;
    }
    o = &tui_tables(tui)->order[order];
    if (o->type == SQ_ORDER_TYPE_SL || o->type == SQ_ORDER_TYPE_SLM || o->origin == SQ_ORIGIN_CLOSE)
        bulk_open_cancel(tui, &order, 1, "a stop-loss or a close of ours asks");
    else
        send_cancel(tui, order);
}

static void ticket(struct tui *tui, const struct form_ops *ops, enum sq_side side)
{
    uint32_t position;

    if (!position_at_cursor(tui, &position))
        return;
    form_open(tui, ops, position, SQ_NO_ROW);
    tui->form.side = side;
}

static void settle(struct tui *tui)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct panel_ops *ops = panels[tui->panel];
    uint32_t row, order;

    if (!row_at_cursor(tui, &row))
        return;
    order = ops->order_of ? ops->order_of(tui, row) : SQ_NO_ROW;
    while (order != SQ_NO_ROW && t->order[order].state != SQ_ORDER_UNKNOWN)
        order = t->order_next[order];
    if (order == SQ_NO_ROW)
        tui_say(tui, ROLE_WARN, "no UNKNOWN order here");
    else
        form_open(tui, &form_settle, sq_find_position(t, &t->order[order].key), order);
}

static void enter_fill(struct tui *tui)
{
    uint32_t position;

    if (position_at_cursor(tui, &position))
        ticket_fill(tui, position);
}

/* What ! does is the desk's policy. */
static void arm(struct tui *tui)
{
    enum sq_policy policy = tui_policy(tui);

    if (policy == SQ_POLICY_INSTANT) {
        tui->hold = !tui->hold;
        tui_say(tui, tui->hold ? ROLE_MODE_ASKS : ROLE_MODE_SENDS, "%s",
                tui->hold ? "held: everything asks until ! again" : "x sends again");
    } else if (policy != SQ_POLICY_ARMED) {
        tui_say(tui, ROLE_WARN, "this desk does not arm: x %s",
                policy == SQ_POLICY_OFF ? "is off" : "asks");
    } else if (tui_is_armed(tui)) {
        tui_disarm(tui, "by !");
    } else if (tui->calls.pin) {
        form_open(tui, &form_pin, SQ_NO_ROW, SQ_NO_ROW);
    } else {
        tui_say(tui, ROLE_WARN, "this console has no PIN to arm with");
    }
}

/* ---- rows --------------------------------------------------------------------------------------- */

static void tag(struct tui *tui)
{
    struct list *list = list_of(tui);
    uint32_t row;

    if (!row_at_cursor(tui, &row))
        return;
    list_tag(list, row, !list_is_tagged(list, row));
    list_move(list, 1);
}

static void drop_rate(struct tui *tui)
{
    uint32_t row;

    if (!row_at_cursor(tui, &row))
        return;
    for (uint32_t i = 0; i < tui->watched_count; i++)
        if (tui->watched[i] == row) {
            tui->watched[i] = tui->watched[--tui->watched_count];
            break;
        }
    tui->dropped[row / 8] |= (uint8_t)(1u << row % 8);
    tui->list_dirty = true;
}

static void detail(struct tui *tui)
{
    const struct panel_ops *ops = panels[tui->panel];
    uint32_t row;

    if (!row_at_cursor(tui, &row))
        return;
    if (ops->open)
        ops->open(tui, row);
    if (!ops->draw && !tui->strip && panels[tui->panel] == ops)
        tui->pane = tui->pane == TUI_PANE_DETAIL ? TUI_PANE_NONE : TUI_PANE_DETAIL;
}

static void move(struct tui *tui, int64_t delta)
{
    struct list *list = list_of(tui);

    /* Help has no cursor: its lines scroll. */
    if (panels[tui->panel]->columns)
        list_move(list, delta);
    else if (delta < 0)
        list->top = list->top > (uint32_t)-delta ? list->top - (uint32_t)-delta : 0;
    else
        list->top += (uint32_t)delta;
}

static void turn(struct tui *tui, int way)
{
    const struct panel_ops *ops = panels[tui->panel];
    uint32_t row;

    if (ops->turn && row_at_cursor(tui, &row))
        ops->turn(tui, row, way);
}

static void find_from(struct tui *tui, int direction)
{
    const struct panel_ops *ops = panels[tui->panel];
    struct list *list = list_of(tui);

    for (uint32_t i = 1; i <= list->count; i++) {
        uint32_t step = direction > 0 ? i : list->count - i % list->count;
        uint32_t index = (list->line + step) % list->count;

        if (list->find[0] && panel_row_contains(tui, ops, list->rows[index].row, list->find)) {
            list_go(list, index);
            return;
        }
    }
    tui_say(tui, ROLE_WARN, list->find[0] ? "not found: %s" : "/ looks for text%s", list->find);
}

static bool is_sortable(const struct panel_column *column)
{
    return column->max > 0 && column->title[0] != '\0';
}

/* Goes through the columns that have a title, then the panel's own order. */
static void sort_by_neighbour(struct tui *tui, int step)
{
    const struct panel_ops *ops = panels[tui->panel];
    struct list *list = list_of(tui);
    int count = (int)ops->column_count;

    do {
        list->sort += step;
        if (list->sort >= count)
            list->sort = LIST_NATURAL;
        if (list->sort < LIST_NATURAL)
            list->sort = count - 1;
    } while (list->sort != LIST_NATURAL && !is_sortable(&ops->columns[list->sort]));
    list->descending = false;
    tui->list_dirty = true;
}

/* ---- lines and screens -------------------------------------------------------------------------- */

void tui_command(struct tui *tui, const char *text)
{
    tui_action(tui, ACTION_COMMAND);
    prompt_set(&tui->line, text);
}

static void begin_line(struct tui *tui, enum tui_prompt what)
{
    struct prompt_words words = {NULL, tui};
    struct prompt_history *history = what == TUI_PROMPT_COMMAND ? &tui->commands : &tui->finds;

    if (what == TUI_PROMPT_COMMAND)
        words.word = command_word;
    prompt_init(&tui->line, what == TUI_PROMPT_FIND ? LIST_FIND_SIZE - 1 : FILTER_SIZE - 1, NULL,
                history, words);
    if (what == TUI_PROMPT_FILTER)
        prompt_set(&tui->line, tui_list(tui)->filter.text);
    tui->prompting = what;
}

static void back(struct tui *tui)
{
    if (tui->panel == PANEL_HELP)
        tui_show(tui, tui->back);
    else if (tui->pane != TUI_PANE_NONE)
        tui->pane = TUI_PANE_NONE;
    else if (tui->panel != PANEL_POSITIONS)
        tui_show(tui, PANEL_POSITIONS);
    else
        tui_leave(tui);
}

/* Esc leaves the nearest thing: help, pane, message, and last the coach, for good. */
static void escape(struct tui *tui)
{
    if (tui->panel == PANEL_HELP)
        tui_show(tui, tui->back);
    else if (tui->pane != TUI_PANE_NONE)
        tui->pane = TUI_PANE_NONE;
    else if (tui->message[0])
        tui->message[0] = '\0';
    else
        tui->coach.on = false;
}

static void pane(struct tui *tui, enum tui_pane which)
{
    tui->pane = tui->pane == which ? TUI_PANE_NONE : which;
}

static bool shows_panel(struct tui *tui, enum action action)
{
    static const uint8_t actions[PANELS] = {
#define X(id, ops, action) [PANEL_##id] = ACTION_##action,
        PANEL_MAP(X)
#undef X
    };

    for (int i = 0; i < PANELS; i++)
        if (actions[i] == action) {
            tui_show(tui, (enum panel)i);
            return true;
        }
    return false;
}

void tui_action(struct tui *tui, enum action action)
{
    struct list *list = list_of(tui);
    int64_t page = list->page > 1 ? list->page - 1 : 1;

    if (shows_panel(tui, action))
        return;
    switch (action) {
    case ACTION_SQUARE_OFF: square_off(tui); break;
    case ACTION_SQUARE_OFF_ALL: square_off_all(tui); break;
    case ACTION_CANCEL_ORDER: cancel_one(tui); break;
    case ACTION_CANCEL_ALL: cancel_all(tui); break;
    case ACTION_EDIT_CLOSE: ticket(tui, &form_edit, SQ_SIDE_NONE); break;
    case ACTION_TICKET_BUY: ticket(tui, &form_edit, SQ_SIDE_BUY); break;
    case ACTION_TICKET_SELL: ticket(tui, &form_edit, SQ_SIDE_SELL); break;
    case ACTION_ENTER_FILL: enter_fill(tui); break;
    case ACTION_SETTLE_UNKNOWN: settle(tui); break;
    case ACTION_ARM: arm(tui); break;
    case ACTION_CALL: form_open(tui, &form_call, SQ_NO_ROW, SQ_NO_ROW); break;
    case ACTION_DETAIL: detail(tui); break;
    case ACTION_DEPTH: pane(tui, TUI_PANE_DEPTH); break;
    case ACTION_TAG: tag(tui); break;
    case ACTION_UNTAG_ALL: list_untag_all(list); break;
    case ACTION_RATE_ADD: form_open(tui, &form_watch, SQ_NO_ROW, SQ_NO_ROW); break;
    case ACTION_RATE_DROP: drop_rate(tui); break;
    case ACTION_FREEZE: tui->frozen = !tui->frozen; break;
    case ACTION_FOLLOW: tui->follow = !tui->follow; break;
    case ACTION_FIND: begin_line(tui, TUI_PROMPT_FIND); break;
    case ACTION_FILTER: begin_line(tui, TUI_PROMPT_FILTER); break;
    case ACTION_COMMAND: begin_line(tui, TUI_PROMPT_COMMAND); break;
    case ACTION_FIND_NEXT: find_from(tui, 1); break;
    case ACTION_FIND_PREVIOUS: find_from(tui, -1); break;
    case ACTION_SORT_MENU: form_open(tui, &form_sort, SQ_NO_ROW, SQ_NO_ROW); break;
    case ACTION_SORT_NEXT: sort_by_neighbour(tui, 1); break;
    case ACTION_SORT_PREVIOUS: sort_by_neighbour(tui, -1); break;
    case ACTION_MOVE_DOWN: move(tui, 1); break;
    case ACTION_MOVE_UP: move(tui, -1); break;
    case ACTION_MOVE_LEFT: turn(tui, -1); break;
    case ACTION_MOVE_RIGHT: turn(tui, 1); break;
    case ACTION_MOVE_TOP: list->top = 0, list_go(list, 0); break;
    case ACTION_MOVE_BOTTOM: list->top = list->count, list_go(list, list->count); break;
    case ACTION_MOVE_PAGE_DOWN: move(tui, page); break;
    case ACTION_MOVE_PAGE_UP: move(tui, -page); break;
    case ACTION_NEXT_PANE: pane(tui, TUI_PANE_DETAIL); break;
    case ACTION_PREVIOUS_PANE: pane(tui, TUI_PANE_DEPTH); break;
    case ACTION_EXPORT: form_open(tui, &form_export, SQ_NO_ROW, SQ_NO_ROW); break;
    case ACTION_REDRAW: tui->redraw = true; break;
    case ACTION_BACK: back(tui); break;
    case ACTION_ESCAPE: escape(tui); break;
    case ACTION_INTERRUPT: tui_say(tui, ROLE_MESSAGE, "q leaves; Ctrl-C never does"); break;
    default: break;
    }
}
