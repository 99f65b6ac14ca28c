/* OFFLINE: what a screen says while no server is there. */
#include "tui/offline.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/describe.h"
#include "tui/kept.h"
#include "tui/print.h"
#include "tui/text.h"
#include "tui/tui.h"

enum { UNKNOWN_LINES = 3, WAYS = 2, LINKS_SIZE = 600, LINKS_LINES = 2, ROOMY_ROWS = 30 };

const char *offline_server_state(const struct tui_server *server)
{
    if (server->why[0])
        return server->why;
    return server->present ? "connected" : server->at ? "not tried again yet" : "not tried yet";
}

void offline_title(const struct tui *tui, char *text, size_t size)
{
    char age[PRINT_SIZE];

    text[0] = '\0';
    if (!tui_is_remote(tui) || tui->source.live || !tui_tables(tui)->book.loaded)
        return;
    print_age(tui->now - tui->source.heard, age);
    snprintf(text, size, "LAST KNOWN, cached %s ago from %s  ", age, tui->source.source);
}

/* ---- lines -------------------------------------------------------------------------------------- */

static void add(struct canvas *canvas, struct rect *place, enum role role, const char *text)
{
    if (place->rows <= 0)
        return;
    canvas_print(canvas, place->row, place->column + 1, place->columns - 2, role, text);
    place->row++;
    place->rows--;
}

static int unknown_lines(const struct tui *tui)
{
    int count = (int)tui->session->view->unknown, most = tui->rows < ROOMY_ROWS ? 1 : UNKNOWN_LINES;

    return count == 0 ? 0 : 1 + (count < most ? count : most);
}

static void add_unknown(const struct tui *tui, struct canvas *canvas, struct rect *place)
{
    const struct sq_tables *t = tui_tables(tui);
    char text[200], no[SQ_LABEL_SIZE], label[SQ_LABEL_SIZE], qty[PRINT_SIZE], clock[PRINT_SIZE];
    int left = unknown_lines(tui) - 1;

    if (left < 0)
        return;
    snprintf(text, sizeof text,
             "UNKNOWN %u: sent, no answer. This console will NOT send them again (9)",
             tui->session->view->unknown);
    add(canvas, place, ROLE_STATE_UNKNOWN, text);
    for (uint32_t i = t->order_count; i-- > 0 && left > 0;) {
        const struct sq_order *o = &t->order[i];

        if (o->state != SQ_ORDER_UNKNOWN)
            continue;
        sq_order_label(o, no);
        sq_label(book_instrument(tui, t->order_position[i]), label);
        print_time(o->sent ? o->sent : o->created, clock);
        snprintf(text, sizeof text, "  %s %s %s %s %s  sent %s", no, o->key.client, label,
                 sq_name(SQ_LIST_SIDE, o->side), describe_quantity(tui, &o->key, o->qty, qty),
                 clock);
        add(canvas, place, ROLE_DEFAULT, text);
        left--;
    }
}

/* In a word each; Status has the whole. "links: BACKUP-1 refused | BACKUP-2 no word for 6 s, retry in 7s" */
static void links_text(const struct tui *tui, char text[LINKS_SIZE])
{
    struct tui_servers servers = {.count = 0};
    char wait[PRINT_SIZE];
    size_t length = (size_t)snprintf(text, LINKS_SIZE, "links:");

    tui->calls.servers(tui->calls.extra, &servers);
    for (size_t i = 0; i < servers.count && length < LINKS_SIZE; i++) {
        const struct tui_server *s = &servers.list[i];

        const char *state = s->present ? "is being tried" : offline_server_state(s);

        length += (size_t)snprintf(text + length, LINKS_SIZE - length, "%s %s %.*s", i ? " |" : "",
                                   s->name, (int)strcspn(state, ":"), state);
    }
    if (servers.retry_at == SQ_NEVER || length >= LINKS_SIZE)
        return;
    print_age(servers.retry_at > tui->now ? servers.retry_at - tui->now : 0, wait);
    snprintf(text + length, LINKS_SIZE - length, ", retry in %s", wait);
}

static int links_lines(const struct tui *tui, char text[LINKS_SIZE])
{
    links_text(tui, text);
    return text_piece(text, (size_t)tui->columns - 2) < strlen(text) ? LINKS_LINES : 1;
}

int offline_rows(const struct tui *tui)
{
    char text[LINKS_SIZE];

    if (!tui_is_remote(tui) || tui->source.live || tui->strip || !tui_tables(tui)->book.loaded)
        return 0;
    return unknown_lines(tui) + WAYS + links_lines(tui, text);
}

static void add_ways(const struct tui *tui, struct canvas *canvas, struct rect *place)
{
    char text[160];

    snprintf(text, sizeof text,
             "x puts a close on the CALL SHEET (%u lines), nothing is sent; w "
             "writes it",
             tui->sheet.tagged);
    add(canvas, place, ROLE_WARN, text);
    snprintf(text, sizeof text,
             "m enters a fill told by phone (%u MANUAL); nothing is sent by "
             "itself later",
             kept_fills(tui));
    add(canvas, place, ROLE_WARN, text);
}

void offline_draw(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    char text[LINKS_SIZE], piece[LINKS_SIZE];
    int lines = links_lines(tui, text);
    size_t first = text_piece(text, (size_t)tui->columns - 2);

    add_unknown(tui, canvas, &place);
    add_ways(tui, canvas, &place);
    snprintf(piece, sizeof piece, "%.*s", (int)first, text);
    add(canvas, &place, ROLE_LINK_DOWN, piece);
    if (lines > 1)
        add(canvas, &place, ROLE_LINK_DOWN, text + first + strspn(text + first, " "));
}
