/* Left: everything that a person still has to look at. Residues, what is held, locked or waits for a
 * supervisor, UNKNOWN orders, what the last bulk closes did not include, and what was entered while
 * no server was there. */
#include <stdio.h>

#include "tui/book.h"
#include "tui/kept.h"
#include "tui/panel_left.h"
#include "tui/print.h"
#include "tui/tui.h"

enum kind { KIND_CLOSE, KIND_ORDER, KIND_EXCLUDED, KIND_FILL, KIND_LINE };
enum { KIND_SHIFT = 29 };

static enum kind kind(uint32_t row)
{
    return (enum kind)(row >> KIND_SHIFT);
}

static uint32_t index_of(uint32_t row)
{
    return row & ((1u << KIND_SHIFT) - 1);
}

static const struct sq_close *close_at(const struct tui *tui, uint32_t row)
{
    return &tui_tables(tui)->close[index_of(row)];
}

uint64_t panel_left_waiting(const struct tui *tui, uint32_t row)
{
    const struct sq_close *close;

    if (kind(row) != KIND_CLOSE)
        return 0;
    close = close_at(tui, row);
    return close->state == SQ_CLOSE_APPROVAL || close->state == SQ_CLOSE_HELD ? close->no : 0;
}

static const struct sq_key *key_of(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);

    switch (kind(row)) {
    case KIND_CLOSE: return &close_at(tui, row)->key;
    case KIND_ORDER: return &t->order[index_of(row)].key;
    case KIND_EXCLUDED: return &t->position[tui->excluded[index_of(row)].position].key;
    case KIND_FILL: return &tui->fills[index_of(row)].fill.key;
    case KIND_LINE: return &t->position[index_of(row)].key;
    }
    return NULL;
}

static uint32_t position_at(const struct tui *tui, uint32_t row)
{
    return sq_find_position(tui_tables(tui), key_of(tui, row));
}

/* ---- cells -------------------------------------------------------------------------------------- */

static void cell_what(const struct tui *tui, uint32_t row, struct cell *cell)
{
    switch (kind(row)) {
    case KIND_CLOSE:
        cell_set(cell, ROLE_STATE_RESIDUE, "%s",
                 sq_name(SQ_LIST_CLOSE_STATE, close_at(tui, row)->state));
        if (panel_left_waiting(tui, row))
            cell->role = ROLE_STATE_HELD;
        break;
    case KIND_ORDER: cell_set(cell, ROLE_STATE_UNKNOWN, "UNKNOWN"); break;
    case KIND_EXCLUDED: cell_set(cell, ROLE_STATE_BLOCKED, "NOT INCLUDED"); break;
    case KIND_FILL: cell_set(cell, ROLE_WARN, "MANUAL"); break;
    case KIND_LINE: cell_set(cell, ROLE_WARN, "CALL SHEET"); break;
    }
}

static int64_t number_left(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t position = position_at(tui, row);

    if (kind(row) == KIND_FILL)
        return tui->fills[index_of(row)].fill.qty;
    if (kind(row) == KIND_ORDER)
        return t->order[index_of(row)].qty - t->order[index_of(row)].cum;
    return position == SQ_NO_ROW ? 0 : sq_abs(t->position[position].net);
}

static void cell_left(const struct tui *tui, uint32_t row, struct cell *cell)
{
    uint32_t position = position_at(tui, row);

    if (position != SQ_NO_ROW)
        book_quantity(book_instrument(tui, position), number_left(tui, row), false, cell->text);
}

static void close_why(const struct sq_close *close, struct cell *cell)
{
    char guards[CELL_SIZE];

    preview_guards(close->guards, guards, sizeof guards);
    if (close->state == SQ_CLOSE_RESIDUE)
        cell_set(cell, ROLE_DEFAULT, "%s %s", sq_name(SQ_LIST_RESIDUE, close->residue),
                 close->reason);
    else if (close->state == SQ_CLOSE_APPROVAL)
        cell_set(cell, ROLE_DEFAULT, "%s asks: %s", close->dealer, guards);
    else if (close->state == SQ_CLOSE_HELD)
        cell_set(cell, ROLE_DEFAULT, "its short has not filled; a supervisor releases it");
    else
        cell_set(cell, ROLE_DEFAULT, "at the edge of the price band: keeps its place");
}

static void cell_why(const struct tui *tui, uint32_t row, struct cell *cell)
{
    char label[SQ_LABEL_SIZE];

    switch (kind(row)) {
    case KIND_CLOSE: close_why(close_at(tui, row), cell); break;
    case KIND_ORDER:
        sq_order_label(&tui_tables(tui)->order[index_of(row)], label);
        cell_set(cell, ROLE_DEFAULT, "%s no answer, never resent: u settles it", label);
        break;
    case KIND_EXCLUDED: cell_set(cell, ROLE_DEFAULT, "%s", tui->excluded[index_of(row)].why); break;
    case KIND_FILL:
        kept_fill_words(tui, &tui->fills[index_of(row)], cell->text, sizeof cell->text);
        break;
    case KIND_LINE: kept_line_words(tui, index_of(row), cell->text, sizeof cell->text); break;
    }
}

static sq_time since(const struct tui *tui, uint32_t row)
{
    switch (kind(row)) {
    case KIND_CLOSE: return close_at(tui, row)->changed;
    case KIND_ORDER: return tui_tables(tui)->order[index_of(row)].created;
    case KIND_EXCLUDED: return tui->excluded[index_of(row)].time;
    case KIND_FILL: return tui->fills[index_of(row)].time;
    case KIND_LINE: return tui->sheet_lines[index_of(row)].time;
    }
    return tui->now;
}

static void cell_since(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_age(tui->now - since(tui, row), cell->text);
    cell->role = ROLE_DIM;
}

static const struct panel_column columns[] = {
    {"what", "WHAT", 8, 12, 0, ALIGN_LEFT, 0, cell_what, NULL},
    {"client", "CLIENT", 6, SQ_CLIENT_SIZE, 0, ALIGN_LEFT, 0, panel_client, NULL},
    {"e", "E", 1, 3, 0, ALIGN_LEFT, 0, panel_exchange, NULL},
    {"symbol", "SYMBOL", 12, SQ_LABEL_SIZE, 0, ALIGN_LEFT, 0, panel_symbol, NULL},
    {"prod", "P", 1, 5, 0, ALIGN_LEFT, 0, panel_product, NULL},
    {"left", "LEFT", 6, 9, 1, ALIGN_RIGHT, 0, cell_left, number_left},
    {"since", "SINCE", 5, 6, 3, ALIGN_RIGHT, 0, cell_since, NULL},
    {"why", "WHY", 30, 90, 4, ALIGN_LEFT, 0, cell_why, NULL},
};

/* ---- rows --------------------------------------------------------------------------------------- */

static bool close_counts(const struct tui *tui, uint32_t close)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_close *c = &t->close[close];
    uint32_t position;

    if (c->state == SQ_CLOSE_HELD || c->state == SQ_CLOSE_APPROVAL || c->state == SQ_CLOSE_LOCKED)
        return true;
    position = sq_find_position(t, &c->key);
    return c->state == SQ_CLOSE_RESIDUE && t->position_close[position] == close &&
           t->position[position].net != 0;
}

/* Only its newest mention, and only while the position is as it was left: open and not closing. */
static bool excluded_counts(const struct tui *tui, uint32_t at, uint32_t kept)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct tui_excluded *e = &tui->excluded[at];
    uint32_t close = t->position_close[e->position];

    for (uint32_t i = at + 1; i < kept; i++)
        if (tui->excluded[i].position == e->position)
            return false;
    return t->position[e->position].net != 0 &&
           (close == SQ_NO_ROW || t->close[close].created < e->time);
}

static void collect_kept(struct tui *tui, struct list *list)
{
    for (uint32_t i = 0; i < TUI_FILLS; i++)
        if (tui->fills[i].time != 0)
            list_add(list, (uint32_t)KIND_FILL << KIND_SHIFT | i);
    for (uint32_t i = 0; i < tui_tables(tui)->position_count && tui->sheet.tagged > 0; i++)
        if (list_is_tagged(&tui->sheet, i) && tui_is_remote(tui))
            list_add(list, (uint32_t)KIND_LINE << KIND_SHIFT | i);
}

static void collect(struct tui *tui, struct list *list)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t kept = tui->excluded_count < TUI_EXCLUDED ? tui->excluded_count : TUI_EXCLUDED;

    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_UNKNOWN)
            list_add(list, (uint32_t)KIND_ORDER << KIND_SHIFT | i);
    for (uint32_t i = 0; i < t->close_count; i++)
        if (close_counts(tui, i))
            list_add(list, (uint32_t)KIND_CLOSE << KIND_SHIFT | i);
    for (uint32_t i = 0; i < kept; i++)
        if (excluded_counts(tui, i, kept))
            list_add(list, (uint32_t)KIND_EXCLUDED << KIND_SHIFT | i);
    collect_kept(tui, list);
}

static void rank(const struct tui *tui, uint32_t row, int64_t key[2])
{
    (void)tui;
    key[0] = kind(row) == KIND_ORDER        ? 0
             : panel_left_waiting(tui, row) ? 1
             : kind(row) == KIND_FILL       ? 2
             : kind(row) == KIND_LINE       ? 3
                                            : 4;
    key[1] = row;
}

static uint32_t order_of(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t position = position_at(tui, row);

    if (kind(row) == KIND_ORDER)
        return index_of(row);
    return position == SQ_NO_ROW ? SQ_NO_ROW : t->position_order[position];
}

/* What waits for a supervisor is opened here and decided there; nothing is approved from the list. */
static void open_row(struct tui *tui, uint32_t row)
{
    uint32_t line = index_of(row);

    if (kind(row) == KIND_FILL)
        kept_open(tui, index_of(row));
    else if (kind(row) == KIND_LINE)
        kept_sheet(tui, &line, 1, false);
    else if (panel_left_waiting(tui, row) != 0)
        decision_open(tui, index_of(row));
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%u to look at", tui->lists[PANEL_LEFT].count);
}

const struct panel_ops panel_left = {
    .title = "Left",
    .mode = KEYS_LEFT,
    .order = "urgent",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .keep = 1,
    .whole = "why",
    .collect = collect,
    .rank = rank,
    .order_of = order_of,
    .key_of = key_of,
    .open = open_row,
    .note = note,
};
