/* Another book under a running screen: loaded afresh, or of another session. */
#include <stdlib.h>
#include <string.h>

#include "tui/book.h"
#include "tui/tui.h"

/* The same thing's row in the book that is there now, or SQ_NO_ROW. */
static uint32_t position_now(const struct tui *tui, const struct sq_view *old, uint32_t row)
{
    return row < old->tables.position_count
               ? sq_find_position(tui_tables(tui), &old->tables.position[row].key)
               : SQ_NO_ROW;
}

static uint32_t instrument_now(const struct tui *tui, const struct sq_view *old, uint32_t row)
{
    const struct sq_instrument *i = &old->tables.instrument[row];

    return sq_find_instrument(tui_tables(tui), (enum sq_exchange)i->exchange, i->token);
}

static void keep_sheet(struct tui *tui, const struct tui *was, const struct sq_view *old)
{
    for (uint32_t p = 0; p < old->tables.position_count; p++) {
        uint32_t now = list_is_tagged(&was->sheet, p) ? position_now(tui, old, p) : SQ_NO_ROW;

        if (now == SQ_NO_ROW)
            continue;
        list_tag(&tui->sheet, now, true);
        tui->sheet_lines[now] = was->sheet_lines[p];
    }
}

static void keep_watched(struct tui *tui, const struct tui *was, const struct sq_view *old)
{
    tui->watched_count = 0;
    for (uint32_t i = 0; i < was->watched_count; i++) {
        uint32_t now = instrument_now(tui, old, was->watched[i]);

        if (now != SQ_NO_ROW && tui->watched_count < tui_tables(tui)->instrument_room)
            tui->watched[tui->watched_count++] = now;
    }
    for (uint32_t i = 0; i < old->tables.instrument_count; i++) {
        uint32_t now = was->dropped[i / 8] & 1u << i % 8 ? instrument_now(tui, old, i) : SQ_NO_ROW;

        if (now != SQ_NO_ROW)
            tui->dropped[now / 8] |= (uint8_t)(1u << now % 8);
    }
}

static void keep_excluded(struct tui *tui, const struct tui *was, const struct sq_view *old)
{
    uint32_t kept = was->excluded_count < TUI_EXCLUDED ? was->excluded_count : TUI_EXCLUDED;
    uint32_t first = was->excluded_count - kept;

    tui->excluded_count = 0;
    for (uint32_t i = 0; i < kept; i++) {
        struct tui_excluded e = was->excluded[(first + i) % TUI_EXCLUDED];

        e.position = position_now(tui, old, e.position);
        if (e.position != SQ_NO_ROW)
            tui->excluded[tui->excluded_count++] = e;
    }
}

/* What a person had chosen for each table; rows are found again on Positions only. */
static void keep_lists(struct tui *tui, const struct tui *was, const struct sq_view *old)
{
    uint32_t cursor = was->lists[PANEL_POSITIONS].cursor;

    for (int i = 0; i < PANELS; i++) {
        tui->lists[i].sort = was->lists[i].sort;
        tui->lists[i].descending = was->lists[i].descending;
        tui->lists[i].filter = was->lists[i].filter;
        memcpy(tui->lists[i].find, was->lists[i].find, LIST_FIND_SIZE);
    }
    if (cursor != LIST_NO_ROW && position_now(tui, old, cursor) != SQ_NO_ROW) {
        tui->lists[PANEL_POSITIONS].cursor = position_now(tui, old, cursor);
        tui->lists[PANEL_POSITIONS].started = true;
    }
}

bool tui_sit(struct tui *tui, struct sq_session *session, const struct sq_view *old)
{
    struct tui *was = malloc(sizeof *was);
    bool asked = tui->strip != NULL && tui->strip != &strip_form;

    if (!was)
        return false;
    *was = *tui;
    tui->session = session;
    if (!tui_allocate(tui)) {
        tui_release(tui);
        *tui = *was;
        free(was);
        return false;
    }
    keep_lists(tui, was, old);
    keep_sheet(tui, was, old);
    keep_watched(tui, was, old);
    keep_excluded(tui, was, old);
    if (tui->seen > session->view->activity_count)
        tui->seen = session->view->activity_count;
    tui_release(was);
    free(was);
    tui_close(tui);
    tui_disarm(tui, "the book was loaded afresh");
    memset(tui->widths, 0, sizeof tui->widths);
    session->ops->info(session, &tui->source);
    panel_rebuild(tui, tui->panel, false);
    if (asked)
        tui_say(tui, ROLE_WARN, "the book was loaded afresh: nothing has been sent");
    return true;
}
