/* Clients: who is there, whom to call, and how they stand. Enter shows one client's positions. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/tui.h"

static const struct sq_client *client(const struct tui *tui, uint32_t row)
{
    return &tui_tables(tui)->client[row];
}

static void cell_code(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", client(tui, row)->code);
}

static void cell_name(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", client(tui, row)->name);
}

static void cell_phone(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s", client(tui, row)->phone);
}

static void cell_dealer(const struct tui *tui, uint32_t row, struct cell *cell)
{
    cell_set(cell, ROLE_DIM, "%s", client(tui, row)->dealer);
}

/* Positions of a client for which `is_it` holds. */
static int64_t count_positions(const struct tui *tui, uint32_t row,
                               bool (*is_it)(const struct tui *tui, uint32_t position))
{
    const struct sq_tables *t = tui_tables(tui);
    int64_t count = 0;

    for (uint32_t p = t->client_position[row]; p != SQ_NO_ROW; p = t->position_next[p])
        count += is_it(tui, p);
    return count;
}

static bool is_open(const struct tui *tui, uint32_t position)
{
    return tui_tables(tui)->position[position].net != 0;
}

static bool is_closing(const struct tui *tui, uint32_t position)
{
    return sq_open_close(tui_tables(tui), position) != NULL;
}

static int64_t number_open(const struct tui *tui, uint32_t row)
{
    return count_positions(tui, row, is_open);
}

static int64_t number_closing(const struct tui *tui, uint32_t row)
{
    return count_positions(tui, row, is_closing);
}

static int64_t number_unknown(const struct tui *tui, uint32_t row)
{
    return count_positions(tui, row, book_has_unknown);
}

static int64_t number_mtm(const struct tui *tui, uint32_t row)
{
    const struct sq_board *board = tui->session->view->board;

    return board ? sq_board_client_mtm(board, row) : 0;
}

static void cell_open(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_quantity(number_open(tui, row), false, cell->text);
}

static void cell_closing(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_quantity(number_closing(tui, row), false, cell->text);
}

static void cell_unknown(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_quantity(number_unknown(tui, row), false, cell->text);
    if (number_unknown(tui, row) > 0)
        cell->role = ROLE_STATE_UNKNOWN;
}

static void cell_mtm(const struct tui *tui, uint32_t row, struct cell *cell)
{
    char text[PRINT_SIZE];
    int64_t mtm = number_mtm(tui, row);

    print_money(mtm, true, text);
    if (book_total_is_hidden(tui))
        cell_set(cell, ROLE_MTM_HIDDEN, "hidden");
    else
        cell_set(cell, mtm < 0 ? ROLE_MTM_LOSS : ROLE_MTM_GAIN, "%s", text);
}

static void cell_note(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_client *c = client(tui, row);

    if (strcmp(tui->call_client, c->code) == 0)
        cell_set(cell, ROLE_FOCUS, "ON THE PHONE ref %s", tui->call_ref);
    else if (c->frozen)
        cell_set(cell, ROLE_DANGER, "%s",
                 c->frozen == SQ_FROZEN_LOCKED ? "LOCKED by a supervisor"
                                               : "FROZEN by a late fill");
    else if (!c->active)
        cell_set(cell, ROLE_WARN, "not active");
    else if (c->call_required)
        cell_set(cell, ROLE_DIM, "call needed");
}

static const struct panel_column columns[] = {
    {"client", "CLIENT", 6, SQ_CLIENT_SIZE, 0, ALIGN_LEFT, 0, cell_code, NULL},
    {"name", "NAME", 12, 26, 1, ALIGN_LEFT, 0, cell_name, NULL},
    {"phone", "PHONE", 13, 15, 1, ALIGN_LEFT, 0, cell_phone, NULL},
    {"open", "OPEN", 4, 5, 1, ALIGN_RIGHT, 0, cell_open, number_open},
    {"closing", "CLOSING", 7, 7, 3, ALIGN_RIGHT, 0, cell_closing, number_closing},
    {"unknown", "UNKNOWN", 7, 7, 2, ALIGN_RIGHT, 0, cell_unknown, number_unknown},
    {"mtm", "MTM", 11, 13, 2, ALIGN_RIGHT, 2, cell_mtm, number_mtm},
    {"dealer", "DEALER", 6, 8, 4, ALIGN_LEFT, 0, cell_dealer, NULL},
    {"note", "NOTE", 11, 28, 3, ALIGN_LEFT, 0, cell_note, NULL},
};

static void collect(struct tui *tui, struct list *list)
{
    for (uint32_t i = 0; i < tui_tables(tui)->client_count; i++)
        list_add(list, i);
}

static size_t positions_of(const struct tui *tui, uint32_t row, uint32_t *positions, size_t room)
{
    const struct sq_tables *t = tui_tables(tui);
    size_t count = 0;

    for (uint32_t p = t->client_position[row]; p != SQ_NO_ROW; p = t->position_next[p])
        if (t->position[p].net != 0) {
            if (count < room)
                positions[count] = p;
            count++;
        }
    return count;
}

static void open_client(struct tui *tui, uint32_t row)
{
    char text[FILTER_SIZE];

    snprintf(text, sizeof text, "client=%s", client(tui, row)->code);
    tui_show(tui, PANEL_POSITIONS);
    tui_filter(tui, text);
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%u clients", tui->lists[PANEL_CLIENTS].count);
}

const struct panel_ops panel_clients = {
    .title = "Clients",
    .mode = KEYS_CLIENTS,
    .order = "code",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .collect = collect,
    .positions_of = positions_of,
    .open = open_client,
    .note = note,
};
