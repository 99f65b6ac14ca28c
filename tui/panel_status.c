/* Status: links, mode, book and engine, each in a line. */
#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/command_supervise.h"
#include "tui/offline.h"
#include "tui/print.h"
#include "tui/text.h"
#include "tui/tui.h"

enum { STATE_COLUMN = 21, NOTE_COLUMN = 38, NOTE_SIZE = 240 };

/* Where the next line goes; those above the place have been scrolled away. */
struct page {
    struct canvas *canvas;
    struct rect place;
    int row;
};

static bool is_on(const struct page *page)
{
    return page->row >= 0 && page->row < page->place.rows - 1;
}

/* A note that is longer than its line goes on below. */
static void line(struct page *page, enum role role, const char *name, const char *state,
                 const char *note)
{
    struct rect p = page->place;
    int room = p.columns - NOTE_COLUMN - 1, taken;
    char piece[NOTE_SIZE];

    if (is_on(page)) {
        canvas_field(page->canvas, p.row + page->row, p.column + 2, 18, ALIGN_LEFT, ROLE_DEFAULT,
                     name);
        canvas_field(page->canvas, p.row + page->row, p.column + STATE_COLUMN, 16, ALIGN_LEFT, role,
                     state);
    }
    do {
        taken = (int)text_piece(note, (size_t)room);
        snprintf(piece, sizeof piece, "%.*s", taken, note);
        if (is_on(page))
            canvas_print(page->canvas, p.row + page->row, p.column + NOTE_COLUMN, room, ROLE_DIM,
                         piece);
        page->row++;
        note += taken + (int)strspn(note + taken, " ");
    } while (note[0] != '\0');
}

static void order_link(struct tui *tui, struct page *page)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    char note[200], age[PRINT_SIZE], rtt[PRINT_SIZE];
    unsigned link = tui->source.live ? book->link : SQ_LINK_DOWN;
    enum role role = link == SQ_LINK_READY  ? ROLE_LINK_OK
                     : link == SQ_LINK_DOWN ? ROLE_LINK_DOWN
                                            : ROLE_LINK_SLOW;

    print_age(book->reconciled_at ? tui->now - book->reconciled_at : -1, age);
    print_age(tui->source.order_rtt_us, rtt);
    snprintf(note, sizeof note, "%s%s  connection %u  reconciled %s ago  round trip %s  in %llu",
             tui->source.live ? "" : "when last known: ", book->sender, book->conn, age,
             tui->source.order_rtt_us < 0 ? "--" : rtt, (unsigned long long)book->in_seq);
    line(page, role, "Order link", sq_name(SQ_LIST_LINK, link), note);
}

/* What a supervisor has to type: the numbers are there when another one has said them. */
static void loss_command(const struct sq_book *b, struct page *page)
{
    char note[160];

    if (b->loss_person[0] == 0)
        snprintf(note, sizeof note, ":reconcile THEIR-NEXT OUR-NEXT kept|lost REASON");
    else
        snprintf(note, sizeof note, "another supervisor: :reconcile %llu %llu %s REASON",
                 (unsigned long long)b->loss_in, (unsigned long long)b->loss_out,
                 b->loss_kept ? "kept" : "lost");
    line(page, ROLE_DANGER, "", "phone them, then", note);
}

/* After a loss of data at the exchange: who has said what. Nothing before the first one. */
static void loss(struct tui *tui, struct page *page)
{
    const struct sq_book *b = &tui_tables(tui)->book;
    char note[240], time[PRINT_SIZE];

    if (b->lost_at == 0)
        return;
    print_time(b->lost_at, time);
    if (b->loss_person[0] == 0)
        snprintf(note, sizeof note, "%s  its message %llu came a second time", time,
                 (unsigned long long)b->lost_number);
    else
        snprintf(note, sizeof note, "%s  %s%s%s: %s", time, b->loss_person,
                 b->lost ? " asks" : " and ", b->lost ? "" : b->loss_second, b->loss_reason);
    line(page, b->lost ? ROLE_DANGER : ROLE_DEFAULT, "Exchange's data",
         b->lost ? "LOST" : "reconciled", note);
    if (b->lost)
        loss_command(b, page);
}

static bool segment_is_used(const struct tui *tui, unsigned exchange)
{
    const struct sq_tables *t = tui_tables(tui);

    for (uint32_t p = 0; p < t->position_count; p++)
        if (t->position[p].key.exchange == exchange && t->position[p].net != 0)
            return true;
    return false;
}

static void feeds(struct tui *tui, struct page *page)
{
    const struct sq_board *board = tui->session->view->board;

    for (unsigned e = SQ_EXCHANGE_NSE; board && e < SQ_EXCHANGE_COUNT; e++) {
        const struct sq_feed *feed = sq_board_feed_of(board, (enum sq_exchange)e);
        int64_t age = book_feed_age(tui, e);
        bool dead = !tui->source.live || age < 0 ||
                    age > tui_tables(tui)->config.quote_age_limit_ms * SQ_MS;
        char name[32], note[96], text[PRINT_SIZE];

        if (!segment_is_used(tui, e))
            continue;
        snprintf(name, sizeof name, "Feed %s", sq_name(SQ_LIST_EXCHANGE, e));
        print_age(age, text);
        snprintf(note, sizeof note, "last message %s  %u a second%s", text, feed->per_second,
                 feed->gap ? "  GAP: messages were lost" : "");
        line(page, dead || feed->gap ? ROLE_LINK_DOWN : ROLE_LINK_OK, name,
             age < 0             ? "NONE"
             : !tui->source.live ? "NONE"
             : dead              ? "STALLED"
             : feed->gap         ? "GAP"
                                 : "up",
             note);
    }
}

static void control(struct tui *tui, struct page *page)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    char note[240];

    snprintf(note, sizeof note, "%s%s%s  %s", control_allows((enum sq_control)book->control),
             book->control_person[0] ? "; by " : "", book->control_person, book->control_reason);
    line(page, book->halted ? ROLE_MODE_HALTED : ROLE_DEFAULT, "Control",
         book->halted ? "HALTED" : sq_name(SQ_LIST_CONTROL, book->control), note);
    snprintf(note, sizeof note, "%s %s the book %s of desk %s, epoch %u",
             tui_is_remote(tui) ? tui->source.source : "this console",
             book->owned ? "owns" : "does NOT own", book->book, book->desk, book->epoch);
    line(page, book->owned ? ROLE_DEFAULT : ROLE_WARN, "Ownership", book->owned ? "owner" : "none",
         note);
}

static const char *one_key(const struct tui *tui, char *note, size_t size)
{
    static const char *const words[SQ_POLICY_COUNT] = {
        [SQ_POLICY_INSTANT] = "x sends at once when every guard holds; ! holds",
        [SQ_POLICY_ARMED] = "! and the PIN arm it for five minutes",
        [SQ_POLICY_PREVIEW] = "x always asks",
        [SQ_POLICY_OFF] = "x is off on this desk",
    };
    enum sq_policy policy = tui_policy(tui);

    snprintf(note, size, "%s%s", words[policy], tui->hold ? "  HELD: x asks until ! again" : "");
    return sq_name(SQ_LIST_POLICY, policy);
}

static void person(struct tui *tui, struct page *page)
{
    uint32_t row = sq_find_person(tui_tables(tui), tui->session->person);
    const struct sq_person *p = row == SQ_NO_ROW ? NULL : &tui_tables(tui)->person[row];
    char note[240], limit[PRINT_SIZE], day[PRINT_SIZE];

    line(page, ROLE_DEFAULT, "One key", one_key(tui, note, sizeof note), note);
    if (!p) {
        line(page, ROLE_WARN, "Person", tui->session->person, "is not in the book's list");
        return;
    }
    print_money(p->max_order_paise, false, limit);
    print_money(p->day_paise, false, day);
    snprintf(note, sizeof note, "%s %s of %s  order limit %s  closed today %s", p->code, p->name,
             p->desk, p->max_order_paise ? limit : "none", day);
    line(page, ROLE_DEFAULT, "Person", sq_name(SQ_LIST_ROLE, p->role), note);
}

static void counts(struct tui *tui, struct page *page)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t by_source[SQ_SOURCE_COUNT] = {0}, orders[SQ_ORDER_COUNT] = {0};
    char state[32], note[200];

    for (uint32_t p = 0; p < t->position_count; p++)
        by_source[t->position[p].source] += t->position[p].net != 0;
    for (uint32_t o = 0; o < t->order_count; o++)
        orders[t->order[o].state]++;
    snprintf(state, sizeof state, "%u open", tui->session->view->open_positions);
    snprintf(note, sizeof note, "agreed %u  differ %u  one source %u%s",
             by_source[SQ_SOURCE_AGREED], by_source[SQ_SOURCE_DIFFER], by_source[SQ_SOURCE_ONE],
             t->book.accepted ? " (accepted)" : " (NOT accepted)");
    line(page, ROLE_DEFAULT, "Positions", state, note);
    snprintf(state, sizeof state, "%u", t->order_count);
    snprintf(note, sizeof note,
             "acked %u  partial %u  filled %u  cancelled %u  rejected %u  UNKNOWN %u",
             orders[SQ_ORDER_ACKED], orders[SQ_ORDER_PARTIAL], orders[SQ_ORDER_FILLED],
             orders[SQ_ORDER_CANCELLED], orders[SQ_ORDER_REJECTED], orders[SQ_ORDER_UNKNOWN]);
    line(page, orders[SQ_ORDER_UNKNOWN] ? ROLE_STATE_UNKNOWN : ROLE_DEFAULT, "Orders", state, note);
}

static void drill_exchange(struct tui *tui, struct page *page)
{
    char note[160], state[32];
    uint64_t alarms;

    if (!tui->calls.alarms)
        return;
    alarms = tui->calls.alarms(tui->calls.extra, note, sizeof note);
    snprintf(state, sizeof state, "%llu alarms", (unsigned long long)alarms);
    line(page, alarms ? ROLE_DANGER : ROLE_DEFAULT, "Drill's exchange", state, note);
}

/* Each server of the list, and what became of it when it was tried last. */
static void servers(struct tui *tui, struct page *page)
{
    struct tui_servers s = {.count = 0};
    char name[32], note[TUI_SERVER_WHY_SIZE + TUI_SERVER_NAME_SIZE + 64], age[PRINT_SIZE];

    if (!tui->calls.servers)
        return;
    tui->calls.servers(tui->calls.extra, &s);
    for (size_t i = 0; i < s.count; i++) {
        const struct tui_server *server = &s.list[i];
        bool well = server->present && server->why[0] == '\0';

        snprintf(name, sizeof name, "Server %zu", i + 1);
        print_age(server->at ? tui->now - server->at : -1, age);
        snprintf(note, sizeof note, "%s  %s%s%s%s", server->name, offline_server_state(server),
                 server->at ? ", " : "", server->at ? age : "", server->at ? " ago" : "");
        line(page, well ? ROLE_LINK_OK : ROLE_LINK_DOWN, name,
             well              ? s.phase
             : server->present ? "trying"
                               : "down",
             note);
    }
    if (s.retry_at == SQ_NEVER)
        return;
    print_age(s.retry_at > tui->now ? s.retry_at - tui->now : 0, age);
    snprintf(note, sizeof note, "in %s, at the first of the list that answers", age);
    line(page, ROLE_WARN, "", "next attempt", note);
}

/* Where the book comes from, how old it is, and who looks at it. */
static void source(struct tui *tui, struct page *page)
{
    char note[240], age[PRINT_SIZE];

    print_age(tui->now - tui->source.heard, age);
    if (!tui_is_remote(tui))
        snprintf(note, sizeof note, "%s%s",
                 tui->source.drill ? "nothing leaves this machine  " : "", tui->source.why);
    else if (!tui_tables(tui)->book.loaded)
        snprintf(note, sizeof note, "%s", tui->source.why);
    else
        snprintf(note, sizeof note, "heard %s ago  %s at book %s  %s", age, tui->session->person,
                 tui_tables(tui)->book.book, tui->source.why);
    line(page, tui->source.live ? ROLE_DEFAULT : ROLE_MODE_OFFLINE, "Source",
         tui->source.live || !tui_is_remote(tui) ? tui->source.source
         : tui_tables(tui)->book.loaded          ? "OFFLINE"
                                                 : "NO SERVER",
         note);
    servers(tui, page);
    if (!tui->calls.own_words)
        return;
    tui->calls.own_words(tui->calls.extra, note, sizeof note);
    line(page, ROLE_DEFAULT, "Owning it", "", note);
}

static void journal(struct tui *tui, struct page *page)
{
    char note[160];

    snprintf(note, sizeof note, "rules version %u, %u orders a second at most",
             tui_tables(tui)->config.rules_version, tui_tables(tui)->config.orders_per_second);
    line(page, tui->source.disk_full ? ROLE_DANGER : ROLE_DEFAULT, "Journal",
         tui->source.disk_full ? "DISK FULL" : "ok", note);
}

static void the_book(struct tui *tui, struct page *page)
{
    order_link(tui, page);
    loss(tui, page);
    feeds(tui, page);
    page->row++;
    control(tui, page);
    person(tui, page);
    counts(tui, page);
    journal(tui, page);
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct list *list = &tui->lists[PANEL_STATUS];
    struct page page = {canvas, place, -(int)list->top};
    char note[160];
    int beyond;

    source(tui, &page);
    if (!tui_is_remote(tui) || tui_tables(tui)->book.loaded)
        the_book(tui, &page);
    drill_exchange(tui, &page);
    snprintf(note, sizeof note, "%dx%d", tui->columns, tui->rows);
    line(&page, ROLE_DEFAULT, "Terminal", note, "");
    beyond = page.row - (place.rows - 1);
    if (beyond > 0)
        snprintf(note, sizeof note, "%d more line%s: j, PgDn", beyond, beyond == 1 ? "" : "s");
    if (beyond > 0)
        canvas_print(canvas, place.row + place.rows - 1, place.column + 2, place.columns - 3,
                     ROLE_DIM, note);
    else if (list->top > 0)
        list->top -= -beyond < (int)list->top ? (uint32_t)-beyond : list->top;
}

const struct panel_ops panel_status = {
    .title = "Connection and mode",
    .mode = KEYS_STATUS,
    .order = "",
    .draw = draw,
};
