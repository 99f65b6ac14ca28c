/* Live monitor: a tree of desk and dealer, client, position, with what waits for a person, the worst
 * positions, progress and actions around it (tui/live_draw.c). It looks on: nothing is closed or
 * cancelled from here. A supervisor sees all, a dealer his own clients. */
#include "tui/panel_live.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { KIND_SHIFT = 28 };

uint32_t panel_live_row(enum live_kind kind, uint32_t index)
{
    return (uint32_t)kind << KIND_SHIFT | index;
}

enum live_kind panel_live_kind(uint32_t row)
{
    return (enum live_kind)(row >> KIND_SHIFT);
}

uint32_t panel_live_index(uint32_t row)
{
    return row & ((1u << KIND_SHIFT) - 1);
}

/* A client of the row: of a group, the first. */
static uint32_t client_of(const struct tui *tui, uint32_t row)
{
    uint32_t index = panel_live_index(row);

    switch (panel_live_kind(row)) {
    case LIVE_GROUP: return tui->live.groups[index].client;
    case LIVE_CLIENT: return index;
    case LIVE_POSITION: break;
    }
    return tui_tables(tui)->position_client[index];
}

/* Sums of the row; NULL: a position. */
static const struct live_sum *sum_of(const struct tui *tui, uint32_t row)
{
    switch (panel_live_kind(row)) {
    case LIVE_GROUP: return &tui->live.groups[panel_live_index(row)].sum;
    case LIVE_CLIENT: return &tui->live.clients[panel_live_index(row)].sum;
    case LIVE_POSITION: break;
    }
    return NULL;
}

static bool is_unfolded(const struct tui *tui, uint32_t row)
{
    switch (panel_live_kind(row)) {
    case LIVE_GROUP: return tui->live.groups[panel_live_index(row)].unfolded;
    case LIVE_CLIENT: return tui->live.clients[panel_live_index(row)].unfolded;
    case LIVE_POSITION: break;
    }
    return false;
}

/* ---- cells -------------------------------------------------------------------------------------- */

static void cell_name(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_client *c = &tui_tables(tui)->client[client_of(tui, row)];
    char mark = is_unfolded(tui, row) ? '-' : '+', label[SQ_LABEL_SIZE];

    switch (panel_live_kind(row)) {
    case LIVE_GROUP:
        cell_set(cell, ROLE_DEFAULT, "%c %s %s", mark, c->desk,
                 c->dealer[0] ? c->dealer : "(none)");
        break;
    case LIVE_CLIENT:
        cell_set(cell, c->frozen ? ROLE_DANGER : ROLE_DEFAULT, "  %c %s%s", mark, c->code,
                 c->frozen ? " FROZEN" : "");
        break;
    case LIVE_POSITION:
        sq_label(book_instrument(tui, panel_live_index(row)), label);
        cell_set(
            cell, ROLE_DIM, "      %s %s %s", c->code, label,
            sq_name(SQ_LIST_PRODUCT, tui_tables(tui)->position[panel_live_index(row)].key.product));
        break;
    }
}

static int64_t number_clients(const struct tui *tui, uint32_t row)
{
    const struct live_sum *sum = sum_of(tui, row);

    return sum ? sum->clients : 0;
}

static int64_t number_open(const struct tui *tui, uint32_t row)
{
    const struct live_sum *sum = sum_of(tui, row);

    return sum ? sum->open : sq_abs(tui_tables(tui)->position[panel_live_index(row)].net);
}

static int64_t number_closing(const struct tui *tui, uint32_t row)
{
    const struct live_sum *sum = sum_of(tui, row);

    return sum ? sum->closing : sq_open_close(tui_tables(tui), panel_live_index(row)) != NULL;
}

static int64_t number_unknown(const struct tui *tui, uint32_t row)
{
    const struct live_sum *sum = sum_of(tui, row);

    return sum ? sum->unknown : book_has_unknown(tui, panel_live_index(row));
}

static int64_t number_stale(const struct tui *tui, uint32_t row)
{
    const struct live_sum *sum = sum_of(tui, row);

    if (sum)
        return sum->stale;
    return book_price_state(tui, tui_tables(tui)->position_instrument[panel_live_index(row)]) !=
           BOOK_LIVE;
}

static int64_t number_gross(const struct tui *tui, uint32_t row)
{
    const struct live_sum *sum = sum_of(tui, row);

    return sum ? sum->gross_paise : live_value(tui, panel_live_index(row));
}

static int64_t number_mtm(const struct tui *tui, uint32_t row)
{
    const struct sq_board *board = tui->session->view->board;
    const struct live_sum *sum = sum_of(tui, row);

    if (sum)
        return sum->mtm_paise;
    return board ? sq_board_mtm(board, panel_live_index(row)) : 0;
}

static void cell_clients(const struct tui *tui, uint32_t row, struct cell *cell)
{
    if (panel_live_kind(row) == LIVE_GROUP)
        cell_set(cell, ROLE_DEFAULT, "%u", sum_of(tui, row)->clients);
}

/* Open positions; of a position, its net. */
static void cell_open(const struct tui *tui, uint32_t row, struct cell *cell)
{
    uint32_t position = panel_live_index(row);

    if (sum_of(tui, row))
        cell_set(cell, ROLE_DEFAULT, "%u", sum_of(tui, row)->open);
    else
        book_quantity(book_instrument(tui, position), tui_tables(tui)->position[position].net, true,
                      cell->text);
}

static void put_count(struct cell *cell, enum role role, int64_t count)
{
    cell_set(cell, count > 0 ? role : ROLE_DIM, "%lld", (long long)count);
}

static void cell_closing(const struct tui *tui, uint32_t row, struct cell *cell)
{
    put_count(cell, ROLE_STATE_CLOSING, number_closing(tui, row));
}

static void cell_unknown(const struct tui *tui, uint32_t row, struct cell *cell)
{
    put_count(cell, ROLE_STATE_UNKNOWN, number_unknown(tui, row));
}

static void cell_stale(const struct tui *tui, uint32_t row, struct cell *cell)
{
    put_count(cell, ROLE_PRICE_OLD, number_stale(tui, row));
}

static void cell_gross(const struct tui *tui, uint32_t row, struct cell *cell)
{
    print_money(number_gross(tui, row), false, cell->text);
}

static void cell_mtm(const struct tui *tui, uint32_t row, struct cell *cell)
{
    int64_t mtm = number_mtm(tui, row);
    char text[PRINT_SIZE];

    print_money(mtm, true, text);
    if (book_total_is_hidden(tui))
        cell_set(cell, ROLE_MTM_HIDDEN, "hidden");
    else
        cell_set(cell, mtm < 0 ? ROLE_MTM_LOSS : ROLE_MTM_GAIN, "%s", text);
}

static void put_act(const struct tui *tui, const struct live_sum *sum, struct cell *cell)
{
    static const char *const words[] = {[LIVE_ACT_NONE] = "",
                                        [LIVE_ACT_CLOSE] = "close",
                                        [LIVE_ACT_CANCEL] = "cancel",
                                        [LIVE_ACT_UNKNOWN] = "UNKNOWN"};
    char clock[PRINT_SIZE], label[SQ_LABEL_SIZE];

    if (sum->act == LIVE_ACT_NONE)
        return;
    print_time(sum->acted, clock);
    sq_label(book_instrument(tui, sum->act_position), label);
    cell_set(cell, sum->act == LIVE_ACT_UNKNOWN ? ROLE_STATE_UNKNOWN : ROLE_DEFAULT, "%s %s %s",
             clock, words[sum->act], label);
}

/* Since when nobody has done anything about what is open, while it could be done; 0: no matter. */
static sq_time idle_since(const struct tui *tui, const struct live_sum *sum)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    sq_time since = sum->acted > book->invoked_at ? sum->acted : book->invoked_at;
    bool idle = book->control == SQ_CONTROL_ACTIVE && book->invoked_at > 0 && sum->open > 0 &&
                tui->now - since > LIVE_IDLE_S * SQ_SECOND;

    return idle ? since : 0;
}

static void put_group_act(const struct tui *tui, const struct live_group *group, struct cell *cell)
{
    sq_time idle = idle_since(tui, &group->sum);
    char clock[PRINT_SIZE], age[PRINT_SIZE];

    put_act(tui, &group->sum, cell);
    if (group->unattended > 0) {
        cell_set(cell, ROLE_WARN, "no active dealer !");
    } else if (idle > 0) {
        print_time(idle, clock);
        print_age(tui->now - idle, age);
        cell_set(cell, ROLE_WARN, "no action for %s ! %s", age, clock);
    }
}

static void cell_last(const struct tui *tui, uint32_t row, struct cell *cell)
{
    switch (panel_live_kind(row)) {
    case LIVE_GROUP: put_group_act(tui, &tui->live.groups[panel_live_index(row)], cell); break;
    case LIVE_CLIENT: put_act(tui, sum_of(tui, row), cell); break;
    case LIVE_POSITION: book_state(tui, panel_live_index(row), cell); break;
    }
}

static const struct panel_column columns[] = {
    {"desk", "DESK/DEALER", 14, SQ_LABEL_SIZE + SQ_CLIENT_SIZE + 12, 0, ALIGN_LEFT, 0, cell_name,
     NULL},
    {"clients", "CLIENTS", 7, 7, 5, ALIGN_RIGHT, 0, cell_clients, number_clients},
    {"open", "OPEN", 5, 10, 1, ALIGN_RIGHT, 0, cell_open, number_open},
    {"closing", "CLS", 3, 7, 1, ALIGN_RIGHT, 0, cell_closing, number_closing},
    {"unknown", "UNK", 3, 7, 1, ALIGN_RIGHT, 0, cell_unknown, number_unknown},
    {"stale", "STALE", 5, 5, 3, ALIGN_RIGHT, 0, cell_stale, number_stale},
    {"gross", "GROSS", 12, 16, 4, ALIGN_RIGHT, 2, cell_gross, number_gross},
    {"mtm", "MTM", 11, 13, 1, ALIGN_RIGHT, 2, cell_mtm, number_mtm},
    {"last", "LAST ACTION", 24, 46, 2, ALIGN_LEFT, 0, cell_last, NULL},
};

/* ---- rows --------------------------------------------------------------------------------------- */

/* Worst first: MTM, or what it is where it is hidden. */
static void rank(const struct tui *tui, uint32_t row, int64_t key[2])
{
    key[0] = number_mtm(tui, row);
    key[1] = row;
}

/* Siblings from `from` on: in the list's order, into the list. */
struct level {
    struct tui *tui;
    struct list *list;
    uint32_t from, count;
};

static void level_add(struct level *level, uint32_t row)
{
    struct live *live = &level->tui->live;
    uint32_t at = level->from + level->count;

    live->siblings[at].row = row;
    panel_key(level->tui, &panel_live, level->list, at, &live->siblings[at]);
    level->count++;
}

static const struct list_row *level_sort(const struct level *level)
{
    struct list part = {.rows = level->tui->live.siblings + level->from, .count = level->count};

    list_sort(&part, level->list->descending && !level->list->kept);
    return part.rows;
}

static void add_positions(struct level above, uint32_t client)
{
    struct level level = {above.tui, above.list, above.from + above.count, 0};
    const struct sq_tables *t = tui_tables(above.tui);
    const struct list_row *rows;

    for (uint32_t p = t->client_position[client]; p != SQ_NO_ROW; p = t->position_next[p])
        if (book_is_shown(above.tui, p))
            level_add(&level, panel_live_row(LIVE_POSITION, p));
    rows = level_sort(&level);
    for (uint32_t i = 0; i < level.count; i++)
        list_add(level.list, rows[i].row);
}

/* A filter looks through the whole tree. */
static bool shows_below(const struct level *level, uint32_t row)
{
    return level->list->filter.count > 0 || is_unfolded(level->tui, row);
}

static void add_clients(struct level above, uint32_t group)
{
    struct level level = {above.tui, above.list, above.from + above.count, 0};
    const struct live *live = &above.tui->live;
    const struct list_row *rows;

    for (uint32_t c = live->groups[group].first; c != SQ_NO_ROW; c = live->clients[c].next)
        if (live->clients[c].sum.open + live->clients[c].sum.closing > 0)
            level_add(&level, panel_live_row(LIVE_CLIENT, c));
    rows = level_sort(&level);
    for (uint32_t i = 0; i < level.count; i++) {
        list_add(level.list, rows[i].row);
        if (shows_below(&level, rows[i].row))
            add_positions(level, panel_live_index(rows[i].row));
    }
}

static void collect(struct tui *tui, struct list *list)
{
    struct level level = {tui, list, 0, 0};
    const struct list_row *rows;

    live_fold(tui, tui->list_dirty || tui->now == tui->key_time);
    for (uint32_t g = 0; g < tui->live.group_count; g++)
        if (tui->live.groups[g].first != SQ_NO_ROW)
            level_add(&level, panel_live_row(LIVE_GROUP, g));
    rows = level_sort(&level);
    for (uint32_t i = 0; i < level.count; i++) {
        list_add(list, rows[i].row);
        if (shows_below(&level, rows[i].row))
            add_clients(level, panel_live_index(rows[i].row));
    }
}

static void set_unfolded(struct tui *tui, uint32_t row, bool on)
{
    if (panel_live_kind(row) == LIVE_GROUP)
        tui->live.groups[panel_live_index(row)].unfolded = on;
    else
        tui->live.clients[panel_live_index(row)].unfolded = on;
    tui->list_dirty = true;
}

/* The row above it in the tree, LIST_NO_ROW: it is a group. */
static uint32_t parent_of(const struct tui *tui, uint32_t row)
{
    switch (panel_live_kind(row)) {
    case LIVE_GROUP: break;
    case LIVE_CLIENT:
        return panel_live_row(LIVE_GROUP, tui->live.clients[panel_live_index(row)].group);
    case LIVE_POSITION: return panel_live_row(LIVE_CLIENT, client_of(tui, row));
    }
    return LIST_NO_ROW;
}

/* Left folds the row, or goes to the one above it; right unfolds. */
static void turn(struct tui *tui, uint32_t row, int way)
{
    bool leaf = panel_live_kind(row) == LIVE_POSITION;

    if (way > 0 && !leaf)
        set_unfolded(tui, row, true);
    else if (way < 0 && is_unfolded(tui, row))
        set_unfolded(tui, row, false);
    else if (way < 0)
        list_go_row(&tui->lists[PANEL_LIVE], parent_of(tui, row));
}

/* Enter and space fold and unfold; on a position, its client's positions with the cursor on it. */
static void open_row(struct tui *tui, uint32_t row)
{
    char text[FILTER_SIZE];

    if (panel_live_kind(row) != LIVE_POSITION) {
        set_unfolded(tui, row, !is_unfolded(tui, row));
        return;
    }
    snprintf(text, sizeof text, "client=%s", tui_tables(tui)->client[client_of(tui, row)].code);
    tui_show(tui, PANEL_POSITIONS);
    tui_filter(tui, text);
    panel_rebuild(tui, PANEL_POSITIONS, false);
    list_go_row(&tui->lists[PANEL_POSITIONS], panel_live_index(row));
}

static size_t positions_of(const struct tui *tui, uint32_t row, uint32_t *positions, size_t room)
{
    (void)tui;
    if (panel_live_kind(row) != LIVE_POSITION)
        return 0;
    if (room > 0)
        positions[0] = panel_live_index(row);
    return 1;
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%s", tui_is_supervisor(tui) ? "desk > client > position" : "own clients");
}

const struct panel_ops panel_live = {
    .title = "Live monitor",
    .mode = KEYS_MONITOR,
    .order = "worst",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .keep = 1,
    .tree = true,
    .collect = collect,
    .rank = rank,
    .positions_of = positions_of,
    .open = open_row,
    .turn = turn,
    .note = note,
    .draw = live_draw,
};
