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
#include "tui/offline.h"
#include "tui/pane.h"
#include "tui/print.h"
#include "tui/send.h"
#include "tui/status_line.h"
#include "tui/theme.h"

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

static enum keys_mode mode(const struct tui *tui)
{
    return tui->strip ? tui->strip->mode : panels[tui->panel]->mode;
}

bool tui_key_is_guarded(const struct tui *tui, uint32_t key)
{
    return tui->prompting == TUI_PROMPT_NONE && keys_guarded(tui->keys, mode(tui), key);
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
        keys_action(tui->keys, mode(tui), event->key) == ACTION_NONE)
        kept.key = DECODE_ESCAPE;
    return kept;
}

static void key_input(struct tui *tui, const struct decode_event *event)
{
    enum action action = keys_action(tui->keys, mode(tui), event->key);

    if (tui->strip && tui->strip->type && tui->strip->type(tui, event))
        return;
    if (keys_guarded(tui->keys, mode(tui), event->key) && !event->alone) {
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
    send_take_answers(tui);
    kept_update(tui);
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

/* ---- frames ------------------------------------------------------------------------------------- */

static void draw_progress(const struct tui *tui, struct canvas *canvas, struct rect place,
                          const struct bulk_progress *p)
{
    enum { BAR = 20 };
    char text[160], left[PRINT_SIZE] = "--";
    int done = (int)((int64_t)(p->total - p->left) * BAR / p->total), x;

    canvas_fill(canvas, place, ROLE_STRIP);
    snprintf(text, sizeof text, "closing %u ", p->total);
    x = place.column + 1 + canvas_print(canvas, place.row, place.column + 1, 20, ROLE_STRIP, text);
    canvas_repeat(canvas, place.row, x, done, ROLE_BAR_DONE, theme_mark(tui->theme, MARK_BAR_DONE));
    canvas_repeat(canvas, place.row, x + done, BAR - done, ROLE_BAR_LEFT,
                  theme_mark(tui->theme, MARK_BAR_LEFT));
    if (p->seconds_left >= 0)
        print_age(p->seconds_left * SQ_SECOND, left);
    if (p->left == 0)
        snprintf(text, sizeof text, "  done: %u flat, %u LEFT (9), %u wait", p->flat, p->residue,
                 p->waiting);
    else
        snprintf(text, sizeof text, "  %u flat, %u LEFT, %u wait, %u to go (%s)", p->flat,
                 p->residue, p->waiting, p->left, left);
    canvas_print(canvas, place.row, x + BAR, place.columns - x - BAR, ROLE_STRIP, text);
}

static int pane_rows(const struct tui *tui)
{
    if (tui->pane == TUI_PANE_NONE || tui->strip || tui->layout.detail.rows > 0)
        return 0;
    return tui->pane == TUI_PANE_DETAIL ? 6 : 2 + SQ_DEPTH_LEVELS;
}

/* What is stacked over the message, from above: strip or pane, progress, coach, what OFFLINE means. */
static void draw_foot(struct tui *tui, struct canvas *canvas, struct rect place,
                      const struct bulk_progress *progress)
{
    struct rect part = place;
    int coach = coach_rows(tui) + offline_rows(tui), bar = progress->total > 0;

    if (coach > place.rows)
        coach = place.rows;
    part.rows = place.rows - coach - bar;
    tui->strip_place = part;
    if (tui->strip)
        tui->strip->draw(tui, canvas, part);
    else if (part.rows > 0 && tui->pane == TUI_PANE_DETAIL)
        pane_detail(tui, canvas, part);
    else if (part.rows > 0)
        pane_depth(tui, canvas, part);
    part.row += part.rows;
    part.rows = 1;
    if (bar) {
        draw_progress(tui, canvas, part, progress);
        part.row++;
    }
    part.rows = coach;
    if (coach_rows(tui) > 0)
        coach_draw(tui, canvas, part);
    else if (coach > 0)
        offline_draw(tui, canvas, part);
}

static void draw_panes(struct tui *tui, struct canvas *canvas, const struct layout *l)
{
    if (l->detail.rows > 1)
        pane_detail(tui, canvas, l->detail);
    if (l->depth.rows > 1)
        pane_depth(tui, canvas, l->depth);
    if (l->side.rows > 1)
        pane_side(tui, canvas, l->side);
    if (l->orders.rows > 1)
        pane_orders(tui, canvas, l->orders);
    if (l->events.rows > 1)
        pane_events(tui, canvas, l->events);
}

static void draw_message(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    static const char *const heads[] = {
        [TUI_PROMPT_COMMAND] = ":", [TUI_PROMPT_FIND] = "/", [TUI_PROMPT_FILTER] = "\\"};
    char clock[PRINT_SIZE];

    if (tui->prompting != TUI_PROMPT_NONE) {
        canvas_print(canvas, place.row, place.column, 1, ROLE_INPUT, heads[tui->prompting]);
        prompt_draw(&tui->line, canvas, place.row, place.column + 1, place.columns - 1);
        return;
    }
    if (tui->message[0] == '\0')
        return;
    print_time(tui->message_time, clock);
    canvas_print(canvas, place.row, place.column + 1, 8, ROLE_DIM, clock);
    canvas_print(canvas, place.row, place.column + 10, place.columns - 10, tui->message_role,
                 tui->message);
}

/* Without a server the keys of a table have a meaning all the same: sheet, fills by phone. */
static bool takes_sheet(const struct tui *tui)
{
    return tui_is_remote(tui) && !tui->source.live && tui_tables(tui)->book.loaded;
}

static void draw_keybar(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const char *own = tui->strip && tui->strip->keys ? tui->strip->keys(tui) : NULL, *why;
    char text[CANVAS_COLUMNS];

    canvas_fill(canvas, place, ROLE_KEYBAR);
    if (own)
        snprintf(text, sizeof text, "%s", own);
    else
        keys_bar(tui->keys,
                 tui_is_view_only(tui, &why) && !takes_sheet(tui) ? KEYS_GLOBAL : mode(tui),
                 tui->function_keys, (size_t)place.columns, text, sizeof text);
    canvas_print(canvas, place.row, place.column, place.columns, ROLE_KEYBAR, text);
}

/* Screens that are not lists of the book take the room of the panes too. */
static bool takes_all(const struct tui *tui)
{
    return panels[tui->panel]->draw || tui->panel == PANEL_AUDIT;
}

void tui_draw(struct tui *tui, struct canvas *canvas)
{
    struct bulk_progress progress;
    int wanted = coach_rows(tui) + offline_rows(tui) + (bulk_progress(tui, &progress) ? 1 : 0);
    struct layout *l = &tui->layout;
    struct rect body;

    wanted += tui->strip ? tui->strip->rows(tui) : pane_rows(tui);
    *l = layout_make(canvas->rows, canvas->columns, wanted);
    body = (struct rect){l->title.row, l->title.column, l->title.rows + l->table.rows,
                         l->table.columns};
    if (takes_all(tui))
        body.rows = (l->strip.rows > 0 ? l->strip.row : l->message.row) - body.row;
    canvas_clear(canvas);
    status_first(tui, canvas, l->first);
    status_second(tui, canvas, l->second);
    panel_draw(tui, canvas, tui->panel, body);
    if (!takes_all(tui))
        draw_panes(tui, canvas, l);
    if (l->strip.rows > 0)
        draw_foot(tui, canvas, l->strip, &progress);
    draw_message(tui, canvas, l->message);
    draw_keybar(tui, canvas, l->keybar);
}

bool tui_cursor(const struct tui *tui, int *row, int *column)
{
    if (tui->prompting != TUI_PROMPT_NONE) {
        *row = tui->layout.message.row;
        *column = tui->layout.message.column + 1 + (int)tui->line.cursor;
        return true;
    }
    return tui->strip && tui->strip->cursor &&
           tui->strip->cursor(tui, tui->strip_place, row, column);
}
