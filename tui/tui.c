/* The screen: keys in, frames out. What the keys do is in tui/action.c. */
#include "tui/tui.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "tui/book.h"
#include "tui/command.h"
#include "tui/kept.h"
#include "tui/send.h"

enum {
    HELD_S = 5,        /* rows keep their order so long after a key */
    REBUILD_MS = 1000, /* order and age of rows are looked at so often */
    FRAME_MS = 100,    /* ages and rates move at this pace when nothing else happens */
    ARMED_IDLE_S = 60
};

/* ---- life --------------------------------------------------------------------------------------- */

static uint32_t most_rows(const struct sq_config *c)
{
    uint32_t rooms[] = {c->positions,    c->orders,  c->fills,
                        c->instruments,  c->clients, c->closes + TUI_EXCLUDED + 1024,
                        SQ_VIEW_ACTIVITY};
    uint32_t most = 0;

    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        if (rooms[i] > most)
            most = rooms[i];
    return most;
}

bool tui_allocate(struct tui *tui)
{
    const struct sq_config *c = &tui_tables(tui)->config;
    size_t bits = (size_t)tui_tables(tui)->instrument_room / 8 + 1;
    bool made = true;

    for (int i = 0; i < PANELS; i++)
        made = list_init(&tui->lists[i], i == PANEL_LIVE ? live_rows(c) : most_rows(c)) && made;
    made = live_init(&tui->live, c) && made;
    made = list_init(&tui->sheet, c->positions) && made;
    made = bulk_init(&tui->bulk, c->positions > c->orders ? c->positions : c->orders) && made;
    tui->watched = calloc(tui_tables(tui)->instrument_room, sizeof *tui->watched);
    tui->dropped = calloc(bits, 1);
    tui->marked = calloc(bits, 1);
    tui->excluded = calloc(TUI_EXCLUDED, sizeof *tui->excluded);
    tui->sheet_lines = calloc(c->positions, sizeof *tui->sheet_lines);
    return made && tui->watched && tui->dropped && tui->marked && tui->excluded && tui->sheet_lines;
}

bool tui_init(struct tui *tui, const struct tui_options *options, int rows, int columns,
              sq_time now)
{
    memset(tui, 0, sizeof *tui);
    tui->session = options->session;
    tui->calls = options->calls;
    tui->keys = options->keys;
    tui->theme = options->theme;
    tui->function_keys = options->function_keys;
    tui->now = tui->key_time = now;
    tui->seen = tui->session->view->activity_count;
    bell_init(tui, options->silent);
    if (!tui_allocate(tui))
        return false;
    tui_resize(tui, rows, columns);
    tui->session->ops->info(tui->session, &tui->source);
    panel_rebuild(tui, PANEL_POSITIONS, false);
    if (tui->session->view->alarms > 0)
        tui_say(tui, ROLE_DANGER, "ALARMS before this screen opened: %u; 7 shows them",
                tui->session->view->alarms);
    if (options->coach)
        coach_start(tui);
    return true;
}

void tui_release(struct tui *tui)
{
    for (int i = 0; i < PANELS; i++)
        list_finish(&tui->lists[i]);
    list_finish(&tui->sheet);
    bulk_finish(&tui->bulk);
    live_finish(&tui->live);
    free(tui->watched);
    free(tui->dropped);
    free(tui->marked);
    free(tui->excluded);
    free(tui->sheet_lines);
}

void tui_finish(struct tui *tui)
{
    tui_release(tui);
    memset(tui, 0, sizeof *tui);
}

static bool strip_fits(const struct tui *tui)
{
    struct layout layout = layout_make(tui->rows, tui->columns, tui->strip->rows(tui));

    return layout.fits && !layout.view_only;
}

void tui_resize(struct tui *tui, int rows, int columns)
{
    tui->rows = rows;
    tui->columns = columns;
    memset(tui->widths, 0, sizeof tui->widths);
    if (tui->strip && !strip_fits(tui)) {
        tui_close(tui);
        tui_say(tui, ROLE_WARN, "closed: it does not fit this size. Nothing has been sent");
    }
    tui->dirty = true;
}

void tui_say(struct tui *tui, enum role role, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(tui->message, sizeof tui->message, format, arguments);
    va_end(arguments);
    tui->message_role = role;
    tui->message_time = tui->now;
    tui->dirty = true;
}

/* ---- what holds now ----------------------------------------------------------------------------- */

bool tui_is_view_only(const struct tui *tui, const char **why)
{
    if (layout_make(tui->rows, tui->columns, 0).view_only)
        *why = "the terminal is smaller than 80x24";
    else if (tui->source.view_only)
        *why = tui->source.why[0] ? tui->source.why : "this console only looks";
    else
        return false;
    return true;
}

bool tui_is_offline(const struct tui *tui)
{
    return !tui->source.live || tui->source.view_only || tui_tables(tui)->book.link == SQ_LINK_DOWN;
}

bool tui_is_remote(const struct tui *tui)
{
    return tui->calls.servers != NULL && strcmp(tui->source.source, "STANDALONE") != 0;
}

enum sq_policy tui_policy(const struct tui *tui)
{
    uint32_t row = sq_find_person(tui_tables(tui), tui->session->person);

    return row == SQ_NO_ROW ? SQ_POLICY_OFF : (enum sq_policy)tui_tables(tui)->person[row].policy;
}

bool tui_is_supervisor(const struct tui *tui)
{
    uint32_t row = sq_find_person(tui_tables(tui), tui->session->person);

    return row != SQ_NO_ROW && tui_tables(tui)->person[row].role == SQ_ROLE_SUPERVISOR;
}

bool tui_is_armed(const struct tui *tui)
{
    return tui->armed_until > tui->now;
}

void tui_disarm(struct tui *tui, const char *why)
{
    if (!tui_is_armed(tui))
        return;
    tui->armed_until = 0;
    tui_say(tui, ROLE_WARN, "no longer armed: %s", why);
}

void tui_open(struct tui *tui, const struct strip_ops *strip)
{
    tui->strip = strip;
    tui->prompting = TUI_PROMPT_NONE;
    tui->dirty = true;
    if (strip_fits(tui))
        return;
    tui->strip = NULL;
    tui_say(tui, ROLE_WARN, "the terminal is too small for it: nothing has been sent");
}

void tui_close(struct tui *tui)
{
    tui->strip = NULL;
    tui->dirty = true;
}

void tui_show(struct tui *tui, enum panel panel)
{
    if (panel == PANEL_HELP && tui->panel != PANEL_HELP) {
        tui->back = tui->panel;
        tui->lists[PANEL_HELP].top = 0;
    }
    tui->strip = NULL;
    tui->panel = panel;
    tui->dirty = true;
    memset(tui->widths[panel], 0, sizeof tui->widths[panel]);
    panel_rebuild(tui, panel, false);
    tui->list_time = tui->now;
}

/* A close that waits for a cancel or a supervisor has no order yet, and is in flight all the same. */
static bool is_anything_open(const struct tui *tui)
{
    const struct sq_tables *t = tui_tables(tui);

    if (tui->session->view->closing > 0)
        return true;
    for (uint32_t i = 0; i < t->order_count; i++)
        if (t->order[i].origin == SQ_ORIGIN_CLOSE &&
            !sq_order_state_is_terminal((enum sq_order_state)t->order[i].state))
            return true;
    return false;
}

void tui_leave(struct tui *tui)
{
    if (is_anything_open(tui))
        tui_open(tui, &strip_leave);
    else
        tui->quit = true;
}

static bool is_column(void *context, const char *name)
{
    return panel_column(context, name) != NULL;
}

void tui_filter(struct tui *tui, const char *text)
{
    const struct panel_ops *ops = panels[tui->panel];
    struct list *list = &tui->lists[tui->panel];
    char why[80];

    if (!ops->columns) {
        tui_say(tui, ROLE_WARN, "this screen has nothing to filter");
        return;
    }
    if (filter_parse(&list->filter, text, is_column, (void *)(uintptr_t)ops, why, sizeof why) !=
        0) {
        tui_say(tui, ROLE_WARN, "filter: %s", why);
        return;
    }
    tui_disarm(tui, "the filter changed");
    list->started = false; /* whoever filters looks at the rows from the first on */
    memset(tui->widths[tui->panel], 0, sizeof tui->widths[tui->panel]);
    tui->list_dirty = true;
}

/* ---- keys --------------------------------------------------------------------------------------- */

enum keys_mode tui_mode(const struct tui *tui)
{
    return tui->strip ? tui->strip->mode : panels[tui->panel]->mode;
}

bool tui_key_is_guarded(const struct tui *tui, uint32_t key)
{
    return tui->prompting == TUI_PROMPT_NONE && keys_guarded(tui->keys, tui_mode(tui), key);
}

static void find(struct tui *tui, const char *text)
{
    struct list *list = &tui->lists[tui->panel];

    sq_text_cut(list->find, sizeof list->find, text);
    tui_action(tui, ACTION_FIND_NEXT);
}

static void accept_line(struct tui *tui)
{
    enum tui_prompt what = tui->prompting;
    char text[PROMPT_SIZE];

    memcpy(text, tui->line.text, sizeof text);
    tui->prompting = TUI_PROMPT_NONE;
    switch (what) {
    case TUI_PROMPT_COMMAND: command_run(tui, text); break;
    case TUI_PROMPT_FIND: find(tui, text); break;
    case TUI_PROMPT_FILTER: tui_filter(tui, text); break;
    case TUI_PROMPT_NONE: break;
    }
}

static void prompt_input(struct tui *tui, const struct decode_event *event)
{
    if (event->kind == DECODED_PASTE_TEXT) {
        prompt_paste(&tui->line, event->text, event->length);
        return;
    }
    if (event->kind != DECODED_KEY)
        return;
    switch (prompt_key(&tui->line, event->key)) {
    case PROMPT_ACCEPTED: accept_line(tui); break;
    case PROMPT_CANCELLED: tui->prompting = TUI_PROMPT_NONE; break;
    case PROMPT_EDITED:
    case PROMPT_IGNORED: break;
    }
}

static void strip_action(struct tui *tui, enum action action)
{
    switch (action) {
    case ACTION_NONE: break;
    case ACTION_REDRAW: tui->redraw = true; break;
    case ACTION_HELP:
        tui_say(tui, ROLE_MESSAGE, "the line below says every key of this; Esc sends nothing");
        break;
    case ACTION_ESCAPE:
    case ACTION_INTERRUPT:
        tui_close(tui);
        tui_say(tui, ROLE_MESSAGE, "nothing has been sent");
        break;
    default: tui->strip->action(tui, action); break;
    }
}

/* Esc and a key within Esc's delay reach us as Alt and that key. Where Esc means no, nobody may lose
 * it to fast fingers: an Alt-key that is not bound there is the Esc, and its letter is dropped. */
static struct decode_event escape_kept(const struct tui *tui, const struct decode_event *event)
{
    struct decode_event kept = *event;
    bool open = tui->strip || tui->prompting != TUI_PROMPT_NONE;

    if (open && event->kind == DECODED_KEY && event->key & DECODE_ALT &&
        keys_action(tui->keys, tui_mode(tui), event->key) == ACTION_NONE)
        kept.key = DECODE_ESCAPE;
    return kept;
}

static void key_input(struct tui *tui, const struct decode_event *event)
{
    enum action action = keys_action(tui->keys, tui_mode(tui), event->key);

    if (tui->strip && tui->strip->type && tui->strip->type(tui, event))
        return;
    if (keys_guarded(tui->keys, tui_mode(tui), event->key) && !event->alone) {
        tui_say(tui, ROLE_WARN, "key ignored, press again");
        return;
    }
    if (tui->strip)
        strip_action(tui, action);
    else if (action == ACTION_NONE)
        tui_say(tui, ROLE_MESSAGE, "that key does nothing here: ? helps");
    else
        tui_action(tui, action);
}

static void mouse_input(struct tui *tui, const struct decode_event *event)
{
    struct list *list = &tui->lists[tui->panel];
    uint32_t index = panel_index_at(tui, event->row - tui->layout.table.row - 1);

    if (tui->strip || !panels[tui->panel]->columns)
        return;
    if (event->kind == DECODED_SCROLL)
        list_move(list, event->key == DECODE_UP ? -3 : 3);
    else if (index != LIST_NO_ROW)
        list_go(list, index);
}

void tui_input(struct tui *tui, const struct decode_event *given, sq_time now)
{
    struct decode_event kept = escape_kept(tui, given);
    const struct decode_event *event = &kept;
    bool typing = tui->prompting != TUI_PROMPT_NONE;

    tui->now = now;
    tui->dirty = true;
    if (event->kind == DECODED_FLUSHED) {
        tui_say(tui, ROLE_WARN, "the screen was busy: %zu bytes typed meanwhile were dropped",
                event->length);
        return;
    }
    tui->key_time = now;
    tui->still_until = now + HELD_S * SQ_SECOND;
    if (typing) {
        prompt_input(tui, event);
    } else if (event->kind == DECODED_KEY) {
        key_input(tui, event);
    } else if (event->kind == DECODED_PASTE_TEXT) {
        if (!tui->strip || !tui->strip->type || !tui->strip->type(tui, event))
            tui_say(tui, ROLE_WARN, "pasted text is dropped outside of a field");
    } else if (event->kind == DECODED_SELECT || event->kind == DECODED_SCROLL) {
        mouse_input(tui, event);
    }
}

/* ---- each turn ---------------------------------------------------------------------------------- */

static void update_arming(struct tui *tui)
{
    if (tui_tables(tui)->book.link != SQ_LINK_READY)
        tui_disarm(tui, "the order link is not ready");
    else if (!tui->source.price_up)
        tui_disarm(tui, "the price feed is dead");
    else if (tui->now - tui->key_time > ARMED_IDLE_S * SQ_SECOND)
        tui_disarm(tui, "60 seconds without a key");
}

/* A key is answered first: what it cannot have changed waits for the next turn. */
static void update_list(struct tui *tui)
{
    bool keep = (tui->frozen || tui->now < tui->still_until) && !tui->list_dirty;

    if (!tui->list_dirty && tui->now == tui->key_time)
        return;
    if (!tui->list_dirty && tui->now - tui->list_time < REBUILD_MS * SQ_MS &&
        tui->session->view->changes == tui->drawn_changes)
        return;
    panel_rebuild(tui, tui->panel, keep);
    tui->list_time = tui->now;
    tui->list_dirty = false;
}

bool tui_update(struct tui *tui, sq_time now)
{
    bool changed;

    tui->now = now;
    tui->session->ops->info(tui->session, &tui->source);
    update_arming(tui);
    kept_update(tui); /* what the answers say weighs more */
    send_take_answers(tui);
    bell_update(tui);
    if (tui->strip && tui->strip->update)
        tui->strip->update(tui);
    coach_update(tui);
    bulk_update(tui);
    graph_update(tui);
    update_list(tui);
    changed = tui->dirty || tui->session->view->changes != tui->drawn_changes ||
              now - tui->drawn >= FRAME_MS * SQ_MS;
    if (changed) {
        tui->drawn = now;
        tui->drawn_changes = tui->session->view->changes;
    }
    tui->dirty = false;
    return changed;
}

sq_time tui_deadline(const struct tui *tui)
{
    return tui->dirty ? tui->now : tui->drawn + FRAME_MS * SQ_MS;
}
