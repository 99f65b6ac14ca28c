/* What stands around the tree of the live monitor: the firm in a line, the row under the cursor, the
 * queue of what waits, the worst positions, progress since control was invoked, and actions. */
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "core/scope.h"
#include "tui/book.h"
#include "tui/describe.h"
#include "tui/panel_live.h"
#include "tui/print.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum {
    TALL = 24,         /* rows from which on there are panes */
    TREE_LEAST = 5,    /* rows of the tree, its titles included, before panes take any */
    QUEUE_LEAST = 4,   /* of the queue: title, column titles, two rows */
    QUEUE_MOST = 8,    /* where the tree has the cursor */
    WORST_ROWS = 7,    /* title, column titles, five positions */
    PROGRESS_ROWS = 4, /* title, bar, states, orders */
    ACTIONS_ROWS = 4,  /* title and three of them */
    TEXT = 240,
    PACE_S = 60, /* no pace is told of less than that */
    PACE = 96    /* room for "7.1/min  est. 1h03" */
};

/* ---- money and time in short -------------------------------------------------------------------- */

/* "38.4 cr", "-14.2 lakh", "92,500": what a person says. */
static void print_short(sq_money paise, bool sign, char text[PRINT_SIZE])
{
    static const struct {
        sq_money unit; /* paise of a tenth */
        const char *word;
    } units[] = {{INT64_C(100000000), "cr"}, {1000000, "lakh"}};

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        sq_money tenths = sq_abs(paise) / units[i].unit;

        if (tenths < 10)
            continue;
        snprintf(text, PRINT_SIZE, "%s%lld.%lld %s",
                 paise < 0 ? "-"
                 : sign    ? "+"
                           : "",
                 (long long)(tenths / 10), (long long)(tenths % 10), units[i].word);
        return;
    }
    print_money(paise, sign, text);
}

/* "7.1/min  est. 1h03": how fast positions have gone flat, and how long the rest would take. */
static void print_pace(const struct tui *tui, char text[PACE])
{
    const struct live_sum *firm = &tui->live.firm;
    int64_t since = tui->now - tui_tables(tui)->book.invoked_at, tenths;
    char left[PRINT_SIZE];

    if (firm->closed == 0 || since < PACE_S * SQ_SECOND) {
        snprintf(text, PACE, "--/min  est. --");
        return;
    }
    tenths = sq_mul_div(firm->closed, 600 * SQ_SECOND, since);
    print_age(sq_mul_div(since, firm->open, firm->closed), left);
    snprintf(text, PACE, "%lld.%lld/min  est. %s", (long long)(tenths / 10),
             (long long)(tenths % 10), firm->open > 0 ? left : "done");
}

/* ---- lines -------------------------------------------------------------------------------------- */

static void firm_line(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct live_sum *firm = &tui->live.firm;
    const struct sq_book *book = &tui_tables(tui)->book;
    char text[TEXT], pace[PACE], gross[PRINT_SIZE], mtm[PRINT_SIZE], clock[PRINT_SIZE];

    print_pace(tui, pace);
    print_short(firm->gross_paise, false, gross);
    print_short(firm->mtm_paise, true, mtm);
    print_time(book->invoked_at, clock);
    if (book->invoked_at == 0)
        snprintf(text, sizeof text, "not invoked  left %u  gross %s  MTM %s  clients %u",
                 firm->open, gross, book_total_is_hidden(tui) ? "hidden" : mtm, firm->clients);
    else
        snprintf(text, sizeof text,
                 "closed since %.5s: %u  left %u  %s  gross %s  MTM %s  clients %u", clock,
                 firm->closed, firm->open, pace, gross, book_total_is_hidden(tui) ? "hidden" : mtm,
                 firm->clients);
    canvas_print(canvas, place.row, place.column + 1, place.columns - 1, ROLE_DEFAULT, text);
}

/* A dealer's limits, and who stands in. */
static void say_group(const struct tui *tui, const struct live_group *group, char *text,
                      size_t size)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_client *c = &t->client[group->client];
    uint32_t row = sq_find_person(t, c->dealer);
    const struct sq_person *p = row == SQ_NO_ROW ? NULL : &t->person[row];
    const char *backup = c->stand_in[0]        ? c->stand_in
                         : c->backup_dealer[0] ? c->backup_dealer
                                               : "nobody";
    char order[PRINT_SIZE], day[PRINT_SIZE], used[PRINT_SIZE];

    if (!p) {
        snprintf(text, size, "no such dealer: %s  stand-in %s", c->dealer, backup);
        return;
    }
    print_short(p->max_order_paise, false, order);
    print_short(p->max_day_paise, false, day);
    print_short(p->day_paise, false, used);
    snprintf(text, size, "%s%s  order limit %s  day %s, used %s  x %s  stand-in %s  %s", p->code,
             p->active ? "" : " NOT ACTIVE", p->max_order_paise ? order : "none",
             p->max_day_paise ? day : "none", used, sq_name(SQ_LIST_POLICY, p->policy), backup,
             p->name);
}

static void say_client(const struct sq_client *c, char *text, size_t size)
{
    static const char *const frozen[] = {[SQ_FROZEN_NOT] = "",
                                         [SQ_FROZEN_LATE_FILL] = "  FROZEN by a late fill",
                                         [SQ_FROZEN_LOCKED] = "  LOCKED by a supervisor"};

    snprintf(text, size, "%s %s  %s  dealer %s/%s%s%s", c->code, c->name, c->phone, c->dealer,
             c->stand_in[0] ? c->stand_in : c->backup_dealer,
             c->call_required ? "  call needed" : "",
             frozen[c->frozen <= SQ_FROZEN_LOCKED ? c->frozen : SQ_FROZEN_LATE_FILL]);
}

static void cursor_line(struct tui *tui, struct canvas *canvas, struct rect place)
{
    uint32_t row = tui->lists[PANEL_LIVE].cursor;
    uint32_t index = panel_live_index(row);
    char text[TEXT] = "";

    if (row == LIST_NO_ROW)
        return;
    switch (panel_live_kind(row)) {
    case LIVE_GROUP: say_group(tui, &tui->live.groups[index], text, sizeof text); break;
    case LIVE_CLIENT: say_client(&tui_tables(tui)->client[index], text, sizeof text); break;
    case LIVE_POSITION:
        snprintf(text, sizeof text, "Enter goes to it: x and X are there, not here");
        break;
    }
    canvas_print(canvas, place.row, place.column + 1, place.columns - 1, ROLE_DIM, text);
}

static void title(struct canvas *canvas, struct rect place, enum role role, const char *text)
{
    canvas_repeat(canvas, place.row, place.column, place.columns, ROLE_DIM, '-');
    canvas_print(canvas, place.row, place.column + 1, place.columns - 1, role, text);
}

/* ---- panes -------------------------------------------------------------------------------------- */

static void queue(struct tui *tui, struct canvas *canvas, struct rect place)
{
    bool here = tui->panel == PANEL_NEEDS;
    struct rect inside = {place.row + 1, place.column, place.rows - 1, place.columns};
    char text[64];

    snprintf(text, sizeof text, " Needs you %u%s ", needs_count(tui),
             here               ? ""
             : needs_count(tui) ? "  (Tab, then Enter opens)"
                                : ": nothing waits");
    title(canvas, place, here || needs_count(tui) ? ROLE_TITLE : ROLE_DIM, text);
    if (place.rows > 1)
        panel_draw_list(tui, canvas, PANEL_NEEDS, inside);
}

static void worst(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct rect inside = {place.row + 1, place.column, place.rows - 1, place.columns};

    title(canvas, place, ROLE_TITLE, " Worst positions ");
    panel_draw_rows(tui, canvas, PANEL_POSITIONS, inside, tui->live.worst, tui->live.worst_count);
}

static int bar(struct tui *tui, struct canvas *canvas, struct rect place)
{
    enum { BAR_MOST = 60 };
    const struct live_sum *firm = &tui->live.firm;
    int columns = place.columns - 40 < BAR_MOST ? place.columns - 40 : BAR_MOST;
    uint32_t all = firm->closed + firm->open;
    int done = all ? (int)(firm->closed * (uint64_t)columns / all) : 0;

    canvas_repeat(canvas, place.row, place.column + 10, done, ROLE_BAR_DONE,
                  theme_mark(tui->theme, MARK_BAR_DONE));
    canvas_repeat(canvas, place.row, place.column + 10 + done, columns - done, ROLE_BAR_LEFT,
                  theme_mark(tui->theme, MARK_BAR_LEFT));
    return place.column + 10 + columns;
}

static void progress_line(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct live_sum *firm = &tui->live.firm;
    unsigned exchange = SQ_EXCHANGE_NONE;
    sq_time cutoff = book_next_cutoff(tui, &exchange);
    char text[TEXT], clock[PRINT_SIZE], left[PRINT_SIZE], next[64] = "";
    int x;

    print_time(cutoff, clock);
    print_left(cutoff, tui->now, left);
    if (cutoff > 0)
        snprintf(next, sizeof next, "  MIS %.5s %s", clock, left);
    canvas_print(canvas, place.row, place.column + 1, 9, ROLE_DEFAULT, "closed");
    x = bar(tui, canvas, place);
    snprintf(text, sizeof text, "  %u of %u%s", firm->closed, firm->closed + firm->open, next);
    canvas_print(canvas, place.row, x, place.column + place.columns - x, ROLE_DEFAULT, text);
}

static void states_line(struct tui *tui, struct canvas *canvas, struct rect place)
{
    char text[TEXT];
    size_t used = (size_t)snprintf(text, sizeof text, "by state ");

    for (int s = 0; s < LIVE_STATES && used < sizeof text; s++)
        if (tui->live.by_state[s] > 0 || s <= LIVE_UNKNOWN)
            used += (size_t)snprintf(text + used, sizeof text - used, " %s %u ",
                                     live_state_words[s], tui->live.by_state[s]);
    canvas_print(canvas, place.row, place.column + 1, place.columns - 1, ROLE_DEFAULT, text);
}

static void orders_line(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct live *live = &tui->live;
    char text[TEXT * 2];
    size_t used = (size_t)snprintf(
        text, sizeof text, "orders    sent %u  filled %u  partial %u  rejected %u  UNKNOWN %u",
        live->sent, live->filled, live->partial, live->rejected, live->unknown);

    for (uint32_t r = 0; r < live->reason_count && used < sizeof text; r++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %u",
                                 r == 0 ? "   rejects: " : ", ", live->reasons[r].text,
                                 live->reasons[r].count);
    canvas_print(canvas, place.row, place.column + 1, place.columns - 1, ROLE_DEFAULT, text);
}

static void progress(struct tui *tui, struct canvas *canvas, struct rect place)
{
    static void (*const lines[])(struct tui * tui, struct canvas * canvas,
                                 struct rect place) = {progress_line, states_line, orders_line};
    struct rect line = {place.row, place.column, 1, place.columns};

    if (place.rows > 1) {
        title(canvas, line, ROLE_TITLE, " Progress since squareoff was invoked ");
        line.row++;
    }
    for (int i = 0; i < 3 && line.row < place.row + place.rows; i++, line.row++)
        lines[i](tui, canvas, line);
}

/* What people did, and what became of it; single fills are on the screen Audit. */
static bool is_action(const struct sq_message *event)
{
    return event->kind == SQ_CLOSE || event->kind == SQ_SUPERVISED || event->kind == SQ_REFUSED ||
           describe_is_alarm(event);
}

static bool is_mine_to_see(const struct tui *tui, const struct sq_message *event)
{
    const struct sq_tables *t = tui_tables(tui);

    return sq_may_see(t, sq_find_person(t, tui->session->person), (enum sq_kind)event->kind,
                      &event->as);
}

static void actions(struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct sq_message *event;
    char text[256], clock[PRINT_SIZE];
    int y = 1;

    title(canvas, place, ROLE_TITLE, " Actions ");
    for (uint64_t i = 0; y < place.rows; i++) {
        event = sq_view_activity(tui->session->view, i);
        if (!event)
            return;
        if (!is_action(event) || !is_mine_to_see(tui, event))
            continue;
        print_time(event->time, clock);
        describe(tui, event, text, sizeof text);
        canvas_print(canvas, place.row + y, place.column + 1, 8, ROLE_DIM, clock);
        canvas_field(canvas, place.row + y, place.column + 11, 8, ALIGN_LEFT,
                     describe_is_alarm(event) ? ROLE_DANGER : ROLE_DEFAULT, describe_kind(event));
        canvas_print(canvas, place.row + y, place.column + 20, place.columns - 21, ROLE_DEFAULT,
                     text);
        y++;
    }
}

/* ---- the screen --------------------------------------------------------------------------------- */

/* Takes rows off the foot of what is left. */
static struct rect take(struct rect *left, int rows)
{
    left->rows -= rows;
    return (struct rect){left->row + left->rows, left->column, rows, left->columns};
}

static int queue_rows(const struct tui *tui, int spare)
{
    int below = tui->columns < BOOK_NARROW_COLUMNS ? 2 : 0; /* lines of texts that are too long */
    int wanted = 2 + below + (int)needs_count(tui), most = QUEUE_MOST;

    if (tui->panel == PANEL_NEEDS)
        most = spare > 2 * TREE_LEAST ? spare - TREE_LEAST : spare / 2;
    else if (needs_count(tui) == 0)
        return 1;
    if (wanted < QUEUE_LEAST)
        wanted = QUEUE_LEAST;
    return wanted < most ? wanted : most;
}

/* Panes in the order in which they are wanted; each is there as long as the tree keeps its rows. */
static void place_panes(struct tui *tui, struct canvas *canvas, struct rect *left)
{
    static const struct {
        int rows;
        void (*draw)(struct tui *tui, struct canvas *canvas, struct rect place);
    } panes[] = {{ACTIONS_ROWS, actions}, {PROGRESS_ROWS, progress}, {WORST_ROWS, worst}};
    bool tall = left->rows >= TALL;
    int keep = TREE_LEAST + 3 + queue_rows(tui, left->rows / 2);

    if (!tall && left->rows > TREE_LEAST + QUEUE_LEAST)
        progress(tui, canvas, take(left, 1));
    for (size_t i = 0; tall && i < sizeof panes / sizeof panes[0]; i++)
        if (left->rows - panes[i].rows >= keep)
            panes[i].draw(tui, canvas, take(left, panes[i].rows));
}

void live_draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    enum panel other = tui->panel == PANEL_LIVE ? PANEL_NEEDS : PANEL_LIVE;
    struct rect left = place, queue_place;

    live_fold(tui, false);
    if (tui->live.drawn != tui->live.folded)
        panel_rebuild(tui, other, false);
    tui->live.drawn = tui->live.folded;
    firm_line(tui, canvas, left);
    left.row++;
    left.rows--;
    place_panes(tui, canvas, &left);
    queue_place = take(&left, queue_rows(tui, left.rows));
    if (left.rows > TREE_LEAST)
        cursor_line(tui, canvas, take(&left, 1));
    panel_draw_list(tui, canvas, PANEL_LIVE, left);
    queue(tui, canvas, queue_place);
    tui->layout.table =
        tui->panel == PANEL_LIVE
            ? left
            : (struct rect){queue_place.row + 1, place.column, queue_place.rows - 1, place.columns};
}
