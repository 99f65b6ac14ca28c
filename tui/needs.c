/* The queue of what waits for a person. */
#include "tui/needs.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/book.h"
#include "tui/describe.h"
#include "tui/panel_live.h"
#include "tui/preview.h"
#include "tui/print.h"
#include "tui/tui.h"

/* Kinds of things that wait, the most urgent first. A row is a kind and the row of its thing. */
enum need {
    NEED_LOST,    /* the exchange has lost data: people settle it */
    NEED_APPROVE, /* a close, or the first one of a bulk */
    NEED_UNKNOWN, /* an order */
    NEED_HELD,    /* a close */
    NEED_TAKE,    /* a group of tui/live.h without anybody */
    NEED_FROZEN,  /* a position */
    NEED_LOCKED,  /* a client */
    NEED_DIFFER,  /* a position */
    NEED_ALARM,   /* alarms that nobody has looked at here */
    NEEDS
};
enum { NEED_SHIFT = 27 };

static enum need need(uint32_t row)
{
    return (enum need)(row >> NEED_SHIFT);
}

static uint32_t index_of(uint32_t row)
{
    return row & ((1u << NEED_SHIFT) - 1);
}

static void add(struct list *list, enum need what, uint32_t index)
{
    list_add(list, (uint32_t)what << NEED_SHIFT | index);
}

/* ---- what there is ------------------------------------------------------------------------------ */

static bool in_scope(const struct tui *tui, const struct sq_key *key)
{
    uint32_t client = sq_find_client(tui_tables(tui), key->client);

    return client != SQ_NO_ROW && live_in_scope(tui, client);
}

/* Is it the first close of its bulk that waits? The others are in its item. */
static bool leads_bulk(const struct sq_tables *t, uint32_t close)
{
    for (uint32_t i = close; t->close[close].bulk != 0 && i-- > 0;)
        if (t->close[i].bulk == t->close[close].bulk && t->close[i].state == SQ_CLOSE_APPROVAL)
            return false;
    return true;
}

static void collect_closes(const struct tui *tui, struct list *list)
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t i = 0; i < t->close_count; i++) {
        const struct sq_close *c = &t->close[i];
        bool waits = c->state == SQ_CLOSE_APPROVAL || c->state == SQ_CLOSE_HELD;

        if (!waits || !in_scope(tui, &c->key))
            continue;
        if (c->state == SQ_CLOSE_HELD)
            add(list, NEED_HELD, i);
        else if (leads_bulk(t, i))
            add(list, NEED_APPROVE, i);
    }
}

static void collect_orders(const struct tui *tui, struct list *list)
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].state == SQ_ORDER_UNKNOWN && in_scope(tui, &t->order[i].key))
            add(list, NEED_UNKNOWN, i);
}

static void collect_positions(const struct tui *tui, struct list *list)
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t i = 0; i < t->position_count; i++) {
        const struct sq_position *p = &t->position[i];
        bool differs = p->source == SQ_SOURCE_DIFFER && p->net != 0;

        if (!(p->frozen || differs) || !live_in_scope(tui, t->position_client[i]))
            continue;
        add(list, p->frozen ? NEED_FROZEN : NEED_DIFFER, i);
    }
}

static void collect(struct tui *tui, struct list *list)
{
    const struct sq_tables *t = tui_tables(tui);

    live_fold(tui, false);
    if (t->book.lost)
        add(list, NEED_LOST, 0);
    collect_closes(tui, list);
    collect_orders(tui, list);
    collect_positions(tui, list);
    for (uint32_t i = 0; i < t->client_count; i++)
        if (t->client[i].frozen && live_in_scope(tui, i))
            add(list, NEED_LOCKED, i);
    for (uint32_t i = 0; i < tui->live.group_count; i++)
        if (tui->live.groups[i].unattended > 0)
            add(list, NEED_TAKE, i);
    if (tui->session->view->alarms > tui->alarms_seen)
        add(list, NEED_ALARM, 0);
}

uint32_t needs_count(const struct tui *tui)
{
    return tui->lists[PANEL_NEEDS].count;
}

/* Since when it waits, where the book says so; 0: it does not. */
static sq_time since(const struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t i = index_of(row);

    switch (need(row)) {
    case NEED_LOST: return t->book.lost_at;
    case NEED_APPROVE:
    case NEED_HELD: return t->close[i].changed;
    case NEED_UNKNOWN: return t->order[i].sent ? t->order[i].sent : t->order[i].created;
    default: return 0;
    }
}

/* ---- cells -------------------------------------------------------------------------------------- */

static void cell_what(const struct tui *tui, uint32_t row, struct cell *cell)
{
    static const struct {
        const char *word;
        enum role role;
    } words[NEEDS] = {
        [NEED_LOST] = {"EXCHANGE", ROLE_DANGER},
        [NEED_APPROVE] = {"APPROVE", ROLE_STATE_HELD},
        [NEED_UNKNOWN] = {"UNKNOWN", ROLE_STATE_UNKNOWN},
        [NEED_HELD] = {"RELEASE", ROLE_STATE_HELD},
        [NEED_TAKE] = {"TAKE", ROLE_WARN},
        [NEED_FROZEN] = {"FROZEN", ROLE_DANGER},
        [NEED_LOCKED] = {"LOCKED", ROLE_DANGER},
        [NEED_DIFFER] = {"DIFFER", ROLE_WARN},
        [NEED_ALARM] = {"ALARM", ROLE_DANGER},
    };

    (void)tui;
    cell_set(cell, words[need(row)].role, "%s", words[need(row)].word);
}

static void cell_since(const struct tui *tui, uint32_t row, struct cell *cell)
{
    if (since(tui, row) > 0)
        print_age(tui->now - since(tui, row), cell->text);
    cell->role = ROLE_DIM;
}

/* "C1 TCS", from a key. */
static void name_of(const struct tui *tui, const struct sq_key *key, char *text, size_t size)
{
    uint32_t position = sq_find_position(tui_tables(tui), key);
    char label[SQ_LABEL_SIZE] = "";

    if (position != SQ_NO_ROW)
        sq_label(book_instrument(tui, position), label);
    snprintf(text, size, "%s %s", key->client, label);
}

static void say_close(const struct tui *tui, const struct sq_close *c, struct cell *cell)
{
    char name[96], guards[CELL_SIZE], planned[PRINT_SIZE], value[PRINT_SIZE];
    uint32_t count = 1;

    name_of(tui, &c->key, name, sizeof name);
    if (c->bulk != 0)
        sq_approval_digest(tui_tables(tui), 0, c->bulk, &count);
    if (count > 1) {
        cell_set(cell, ROLE_DEFAULT, "%s asks to close %u positions, %s and others", c->dealer,
                 count, name);
        return;
    }
    preview_guards(c->guards, guards, sizeof guards);
    print_money(c->estimate_paise, false, value);
    cell_set(cell, ROLE_DEFAULT, "%s asks: %s %s %s, value %s: %s", c->dealer,
             sq_name(SQ_LIST_SIDE, c->side), describe_quantity(tui, &c->key, c->planned, planned),
             name, value, guards);
}

static void say_held(const struct tui *tui, const struct sq_close *c, struct cell *cell)
{
    char name[96];

    name_of(tui, &c->key, name, sizeof name);
    cell_set(cell, ROLE_DEFAULT, "%s's %s is held: its short has not filled", c->dealer, name);
}

static void say_order(const struct tui *tui, const struct sq_order *o, struct cell *cell)
{
    char name[96], label[SQ_LABEL_SIZE], qty[PRINT_SIZE];

    name_of(tui, &o->key, name, sizeof name);
    sq_order_label(o, label);
    cell_set(cell, ROLE_DEFAULT, "%s %s %s %s: no answer, never resent; settle it by phone", label,
             name, sq_name(SQ_LIST_SIDE, o->side), describe_quantity(tui, &o->key, o->qty, qty));
}

static void say_position(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_position *p = &tui_tables(tui)->position[index_of(row)];
    const struct sq_instrument *i = book_instrument(tui, index_of(row));
    char name[96], net[PRINT_SIZE], agreed[PRINT_SIZE];

    name_of(tui, &p->key, name, sizeof name);
    book_quantity(i, p->net, true, net);
    book_quantity(i, p->agreed, true, agreed);
    if (need(row) == NEED_FROZEN)
        cell_set(cell, ROLE_DEFAULT, "%s net %s: the exchange differs, nothing new on it", name,
                 net);
    else
        cell_set(cell, ROLE_DEFAULT, "%s net %s, agreed %s: no more is closed", name, net, agreed);
}

static void say_client(const struct sq_client *c, struct cell *cell)
{
    cell_set(cell, ROLE_DEFAULT, "%s %s: %s, nothing new for him until :unfreeze", c->code, c->name,
             c->frozen == SQ_FROZEN_LOCKED ? "locked by a supervisor" : "frozen by a late fill");
}

static void say_group(const struct tui *tui, const struct live_group *group, struct cell *cell)
{
    const struct sq_client *c = &tui_tables(tui)->client[group->client];

    cell_set(cell, ROLE_DEFAULT, "%s %s: %u clients open and nobody active: :take %s", c->desk,
             c->dealer[0] ? c->dealer : "(none)", group->unattended, c->desk);
}

static void say_lost(const struct sq_book *b, struct cell *cell)
{
    if (b->loss_person[0])
        cell_set(cell, ROLE_DEFAULT, "%s has asked the exchange; a second supervisor confirms",
                 b->loss_person);
    else
        cell_set(cell, ROLE_DEFAULT, "it has lost data: phone them, then :reconcile");
}

static void cell_about(const struct tui *tui, uint32_t row, struct cell *cell)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t i = index_of(row);

    switch (need(row)) {
    case NEED_LOST: say_lost(&t->book, cell); break;
    case NEED_APPROVE: say_close(tui, &t->close[i], cell); break;
    case NEED_HELD: say_held(tui, &t->close[i], cell); break;
    case NEED_UNKNOWN: say_order(tui, &t->order[i], cell); break;
    case NEED_FROZEN:
    case NEED_DIFFER: say_position(tui, row, cell); break;
    case NEED_LOCKED: say_client(&t->client[i], cell); break;
    case NEED_TAKE: say_group(tui, &tui->live.groups[i], cell); break;
    case NEED_ALARM:
        cell_set(cell, ROLE_DEFAULT, "alarms that nobody has looked at here: %u",
                 tui->session->view->alarms - tui->alarms_seen);
        break;
    case NEEDS: break;
    }
}

static const struct panel_column columns[] = {
    {"what", "WHAT", 8, 8, 0, ALIGN_LEFT, 0, cell_what, NULL},
    {"waits", "WAITS", 5, 6, 1, ALIGN_RIGHT, 0, cell_since, NULL},
    {"about", "ABOUT", 40, CELL_SIZE, 2, ALIGN_LEFT, 0, cell_about, NULL},
};

/* ---- rows --------------------------------------------------------------------------------------- */

static void rank(const struct tui *tui, uint32_t row, int64_t key[2])
{
    key[0] = need(row);
    key[1] = since(tui, row);
}

static uint32_t order_of(const struct tui *tui, uint32_t row)
{
    (void)tui;
    return need(row) == NEED_UNKNOWN ? index_of(row) : SQ_NO_ROW;
}

/* To the position, among all of its client. */
static void go_to(struct tui *tui, uint32_t position)
{
    char text[FILTER_SIZE];

    snprintf(text, sizeof text, "client=%s", tui_tables(tui)->position[position].key.client);
    tui_show(tui, PANEL_POSITIONS);
    tui_filter(tui, text);
    panel_rebuild(tui, PANEL_POSITIONS, false);
    list_go_row(&tui->lists[PANEL_POSITIONS], position);
}

/* Begins the command that would settle it; the reason is the person's. */
static void offer(struct tui *tui, const char *command, const char *about)
{
    char text[64];

    snprintf(text, sizeof text, "%s %s ", command, about);
    tui_command(tui, text);
}

static void open_row(struct tui *tui, uint32_t row)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t i = index_of(row);

    switch (need(row)) {
    case NEED_LOST: tui_show(tui, PANEL_STATUS); break;
    case NEED_APPROVE:
    case NEED_HELD: decision_open(tui, i); break;
    case NEED_UNKNOWN: tui_action(tui, ACTION_SETTLE_UNKNOWN); break;
    case NEED_FROZEN:
        go_to(tui, i);
        tui_say(tui, ROLE_WARN, "the exchange differs: ask it, then :unfreeze with a reason");
        break;
    case NEED_DIFFER: go_to(tui, i); break;
    case NEED_LOCKED: offer(tui, "unfreeze", t->client[i].code); break;
    case NEED_TAKE: offer(tui, "take", t->client[tui->live.groups[i].client].desk); break;
    case NEED_ALARM: tui_show(tui, PANEL_AUDIT); break;
    case NEEDS: break;
    }
}

static void note(const struct tui *tui, char *text, size_t size)
{
    snprintf(text, size, "%u wait", needs_count(tui));
}

const struct panel_ops panel_needs = {
    .title = "Needs you",
    .mode = KEYS_NEEDS,
    .order = "urgent",
    .columns = columns,
    .column_count = sizeof columns / sizeof columns[0],
    .keep = 1,
    .whole = "about",
    .collect = collect,
    .rank = rank,
    .order_of = order_of,
    .open = open_row,
    .note = note,
    .draw = live_draw,
};
