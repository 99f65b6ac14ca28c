/* The two lines on top. Each is a list of parts with a long and a short form: the short ones are
 * taken, the parts worth least first, until the line fits, and then only
 * counts of nothing go. */
#include "tui/status_line.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/tui.h"

enum { PART_SIZE = 128, PARTS = 12, WORTHS = 4, GONE = 2, COUNT_DIGITS = 3 };

/* Totals up to a crore take so much: the line stays as it is while they grow and shrink. */
#define MTM_COLUMNS ((int)sizeof "MTM +99,99,999" - 1)

struct part {
    char text[2][PART_SIZE]; /* long, short */
    enum role role;
    int form;  /* GONE: left out */
    int worth; /* the parts worth least are shortened first */
    int least; /* columns it counts for, however short it is now: nothing comes and goes with it */
    bool may_go; /* nothing is lost without it: a count of 0, or one that stands elsewhere */
};

struct parts {
    struct part list[PARTS];
    int count;
};

static struct part *add(struct parts *parts, enum role role)
{
    struct part *part = &parts->list[parts->count++];

    memset(part, 0, sizeof *part);
    part->role = role;
    return part;
}

static void both(struct part *part, const char *text)
{
    snprintf(part->text[0], PART_SIZE, "%s", text);
    memcpy(part->text[1], part->text[0], PART_SIZE);
}

/* The short form is the long one. */
static void same(struct part *part)
{
    memcpy(part->text[1], part->text[0], PART_SIZE);
}

static const char *text_of(const struct part *part)
{
    return part->form == GONE ? "" : part->text[part->form];
}

static int width(const struct parts *parts)
{
    int columns = 1;

    for (int i = 0; i < parts->count; i++) {
        const struct part *part = &parts->list[i];
        int length = (int)strlen(text_of(part));

        columns += length == 0 ? 0 : length > part->least ? length + 2 : part->least + 2;
    }
    return columns;
}

/* The last part stands at the right edge. */
static void draw(struct parts *parts, struct canvas *canvas, struct rect place)
{
    int x = place.column + 1;

    for (int worth = 0; worth < WORTHS; worth++)
        for (int i = parts->count - 1; i >= 0 && width(parts) > place.columns; i--)
            if (parts->list[i].worth == worth)
                parts->list[i].form = 1;
    for (int i = 0; i < parts->count && width(parts) > place.columns; i++)
        if (parts->list[i].may_go)
            parts->list[i].form = GONE;
    canvas_fill(canvas, place, ROLE_STATUS);
    for (int i = 0; i < parts->count; i++) {
        const struct part *part = &parts->list[i];
        const char *text = text_of(part);
        int length = (int)strlen(text);

        if (i == parts->count - 1 && x < place.column + place.columns - length - 1)
            x = place.column + place.columns - length - 1;
        x += canvas_print(canvas, place.row, x, place.columns - x, part->role, text);
        x += length ? 2 : 0;
    }
}

/* ---- first line --------------------------------------------------------------------------------- */

/* Which server, and how long it has said nothing: it speaks every two seconds. */
static void add_server(const struct tui *tui, struct part *part)
{
    const struct sq_source_info *s = &tui->source;
    char age[PRINT_SIZE];

    if (!s->live) {
        both(part, tui_tables(tui)->book.loaded ? "OFFLINE" : "NO SERVER");
        return;
    }
    print_age(tui->now - s->heard, age);
    snprintf(part->text[0], PART_SIZE, "%s%s lag %s", s->source, s->drill ? " DRILL" : "", age);
    snprintf(part->text[1], PART_SIZE, "%s%s %s", s->source, s->drill ? " DRILL" : "", age);
}

static void add_source(const struct tui *tui, struct parts *parts)
{
    const struct sq_source_info *s = &tui->source;
    struct part *part = add(parts, !s->live             ? ROLE_MODE_OFFLINE
                                   : tui_is_remote(tui) ? ROLE_MODE_REMOTE
                                   : s->drill           ? ROLE_MODE_DRILL
                                                        : ROLE_MODE_STANDALONE);

    if (tui_is_remote(tui)) {
        add_server(tui, part);
        return;
    }
    both(part, s->live || s->drill ? s->source : "OFFLINE");
    if (s->drill)
        snprintf(part->text[0], PART_SIZE, " DRILL  nothing leaves this machine ");
    if (s->drill)
        snprintf(part->text[1], PART_SIZE, " DRILL ");
}

static void add_mode(const struct tui *tui, struct parts *parts)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    const char *why;

    if (tui->source.disk_full)
        both(add(parts, ROLE_DANGER), "DISK FULL");
    if (book->halted)
        both(add(parts, ROLE_MODE_HALTED), "HALTED");
    if (tui_is_remote(tui) && !tui->source.live)
        return; /* OFFLINE says it */
    if (tui_is_view_only(tui, &why))
        both(add(parts, ROLE_MODE_OFFLINE), "VIEW ONLY");
    else if (book->control != SQ_CONTROL_ACTIVE)
        both(add(parts, ROLE_STATUS), sq_name(SQ_LIST_CONTROL, book->control));
    else if (book->link == SQ_LINK_DOWN)
        both(add(parts, ROLE_MODE_OFFLINE), "OFFLINE");
    else if (!book->halted)
        both(add(parts, ROLE_STATUS), sq_name(SQ_LIST_CONTROL, book->control));
}

/* Would a close be refused whatever its row and its price are? */
static bool nothing_is_sent(const struct tui *tui)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    const char *why;

    return tui_is_view_only(tui, &why) || book->halted || book->control != SQ_CONTROL_ACTIVE ||
           tui_policy(tui) == SQ_POLICY_OFF;
}

static void add_policy(const struct tui *tui, struct parts *parts)
{
    struct part *part = add(parts, ROLE_MODE_ASKS);
    int64_t left = (tui->armed_until - tui->now) / SQ_SECOND;
    enum sq_policy policy = tui_policy(tui);

    if (tui_is_offline(tui)) {
        snprintf(part->text[0], PART_SIZE, "x=SHEET (%u)", tui->sheet.tagged);
        same(part);
    } else if (nothing_is_sent(tui)) {
        both(part, "x=OFF");
    } else if (tui->hold || policy == SQ_POLICY_PREVIEW) {
        both(part, tui->hold ? "x=ASKS (held)" : "x=ASKS");
    } else if (tui_is_armed(tui)) {
        part->role = ROLE_MODE_ARMED;
        snprintf(part->text[0], PART_SIZE, "x=ARMED %d:%02d", (int)(left / 60), (int)(left % 60));
        same(part);
    } else if (policy == SQ_POLICY_ARMED) {
        both(part, "x=ASKS (! arms)");
    } else {
        part->role = ROLE_MODE_SENDS;
        both(part, "x=SENDS");
    }
}

/* The worst segment in which a position is open. */
static int64_t worst_feed(const struct tui *tui, unsigned *worst)
{
    const struct sq_tables *t = tui_tables(tui);
    int64_t oldest = 0;

    *worst = SQ_EXCHANGE_NONE;
    for (uint32_t p = 0; p < t->position_count; p++) {
        unsigned e = t->position[p].key.exchange;
        int64_t age;

        if (t->position[p].net == 0 || e == *worst)
            continue;
        age = book_feed_age(tui, e);
        if (*worst == SQ_EXCHANGE_NONE || age < 0 || (oldest >= 0 && age > oldest)) {
            oldest = age;
            *worst = e;
        }
        if (age < 0)
            break;
    }
    return oldest;
}

static void add_price_link(const struct tui *tui, struct parts *parts)
{
    struct part *part = add(parts, ROLE_LINK_OK);
    int64_t limit = tui_tables(tui)->config.quote_age_limit_ms * SQ_MS;
    char age[PRINT_SIZE];
    unsigned worst;
    int64_t oldest = worst_feed(tui, &worst);

    print_age(oldest, age);
    if (worst == SQ_EXCHANGE_NONE)
        snprintf(part->text[0], PART_SIZE, "px:--");
    else if (!tui->source.live)
        snprintf(part->text[0], PART_SIZE, "px:NONE %s", age);
    else if (oldest < 0)
        snprintf(part->text[0], PART_SIZE, "px:%s NONE", sq_name(SQ_LIST_EXCHANGE, worst));
    else if (oldest > limit)
        snprintf(part->text[0], PART_SIZE, "px:%s STALLED %s", sq_name(SQ_LIST_EXCHANGE, worst),
                 age);
    else
        snprintf(part->text[0], PART_SIZE, "px:ok %s", age);
    same(part);
    if (oldest < 0 || oldest > limit || !tui->source.live)
        part->role = ROLE_LINK_DOWN;
    if (oldest > limit && tui->source.live)
        snprintf(part->text[1], PART_SIZE, "px:%s !%s", sq_name(SQ_LIST_EXCHANGE, worst), age);
}

static void add_order_link(const struct tui *tui, struct parts *parts)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    enum sq_link link = tui->source.live ? (enum sq_link)book->link : SQ_LINK_DOWN;
    struct part *part = add(parts, link == SQ_LINK_READY  ? ROLE_LINK_OK
                                   : link == SQ_LINK_DOWN ? ROLE_LINK_DOWN
                                                          : ROLE_LINK_SLOW);
    char age[PRINT_SIZE];

    part->worth = 1;
    if (link == SQ_LINK_READY && tui->source.order_rtt_us >= 0)
        snprintf(part->text[0], PART_SIZE, "ord:ok %lldms",
                 (long long)(tui->source.order_rtt_us / 1000));
    else
        snprintf(part->text[0], PART_SIZE, "ord:%s", sq_name(SQ_LIST_LINK, link));
    snprintf(part->text[1], PART_SIZE, "ord:%.5s", sq_name(SQ_LIST_LINK, link));
    part = add(parts, link == SQ_LINK_READY ? ROLE_LINK_OK : ROLE_LINK_DOWN);
    print_age(book->reconciled_at ? tui->now - book->reconciled_at : -1, age);
    snprintf(part->text[0], PART_SIZE, "rec:%s%s", link == SQ_LINK_READY ? "ok " : "", age);
    same(part);
}

void status_first(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct parts parts = {.count = 0};
    char clock[PRINT_SIZE];

    add_source(tui, &parts);
    add_mode(tui, &parts);
    add_policy(tui, &parts);
    add_price_link(tui, &parts);
    add_order_link(tui, &parts);
    print_time(tui->now, clock);
    both(add(&parts, ROLE_STATUS), clock);
    draw(&parts, canvas, place);
}

/* ---- second line -------------------------------------------------------------------------------- */

static void add_book(const struct tui *tui, struct parts *parts)
{
    const struct sq_book *book = &tui_tables(tui)->book;
    struct part *part = add(parts, ROLE_STATUS);
    char as_of[PRINT_SIZE], to[PRINT_SIZE];

    print_time(book->as_of, as_of);
    print_time(book->trades_to, to);
    part->worth = 1;
    if (tui_is_remote(tui) && !book->loaded) {
        both(part, "no book yet");
        return;
    }
    if (tui_is_remote(tui) && !tui->source.live) {
        print_time(tui->source.heard, as_of);
        snprintf(part->text[0], PART_SIZE, "LAST KNOWN %s", as_of);
        snprintf(part->text[1], PART_SIZE, "KNOWN %s", as_of);
        return;
    }
    if (book->trades)
        snprintf(part->text[0], PART_SIZE, "BOOK %s +%u trades to %s", as_of, book->trades, to);
    else
        snprintf(part->text[0], PART_SIZE, "BOOK %s", as_of);
    snprintf(part->text[1], PART_SIZE, "BOOK %s", as_of);
}

static void add_count(struct parts *parts, enum role role, const char *long_form,
                      const char *short_form, uint32_t count)
{
    struct part *part = add(parts, role);

    part->worth = 2;
    part->may_go = count == 0;
    snprintf(part->text[0], PART_SIZE, "%s %u", long_form, count);
    snprintf(part->text[1], PART_SIZE, "%s%u", short_form, count);
    part->least = (int)strlen(short_form) + COUNT_DIGITS;
}

static void add_cutoff(const struct tui *tui, struct parts *parts)
{
    unsigned exchange = SQ_EXCHANGE_NONE;
    sq_time cutoff = book_next_cutoff(tui, &exchange);
    struct part *part;
    char clock[PRINT_SIZE], left[PRINT_SIZE];

    if (cutoff == 0)
        return;
    part = add(parts, cutoff - tui->now < 30 * 60 * SQ_SECOND ? ROLE_WARN : ROLE_STATUS);
    print_time(cutoff, clock);
    print_left(cutoff, tui->now, left);
    snprintf(part->text[0], PART_SIZE, "%s%sMIS %.5s %s",
             exchange == SQ_EXCHANGE_NSE ? "" : sq_name(SQ_LIST_EXCHANGE, exchange),
             exchange == SQ_EXCHANGE_NSE ? "" : " ", clock, left);
    snprintf(part->text[1], PART_SIZE, "MIS %s", left);
}

static void add_mtm(const struct tui *tui, struct parts *parts)
{
    struct part *part = add(parts, ROLE_MTM_HIDDEN);
    char text[PRINT_SIZE];
    sq_money total;

    part->least = MTM_COLUMNS;
    if (book_total_is_hidden(tui)) {
        both(part, "MTM hidden");
        return;
    }
    total = sq_board_total(tui->session->view->board);
    print_money(total, true, text);
    part->role = total < 0 ? ROLE_MTM_LOSS : ROLE_MTM_GAIN;
    snprintf(part->text[0], PART_SIZE, "MTM %s", text);
    same(part);
}

/* Who is at the screen, and who is on the phone. */
static void add_person(const struct tui *tui, struct parts *parts)
{
    struct part *part;

    if (tui->call_client[0]) {
        part = add(parts, ROLE_FOCUS);
        snprintf(part->text[0], PART_SIZE, "CALL %s %s ref %s", tui->call_client,
                 book_client_name(tui, tui->call_client), tui->call_ref);
        snprintf(part->text[1], PART_SIZE, "CALL %s", tui->call_client);
        return;
    }
    part = add(parts, ROLE_STATUS);
    snprintf(part->text[0], PART_SIZE, "%s desk %s", tui->session->person,
             tui_tables(tui)->book.desk);
}

void status_second(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct sq_view *view = tui->session->view;
    struct parts parts = {.count = 0};

    add_book(tui, &parts);
    add_person(tui, &parts);
    add_count(&parts, ROLE_STATUS, "clients", "cl ", view->tables.client_count);
    parts.list[parts.count - 1].may_go = true; /* screen 5 has them */
    add_count(&parts, ROLE_STATUS, "open", "op ", view->open_positions);
    add_count(&parts, view->closing ? ROLE_STATE_CLOSING : ROLE_STATUS, "closing", "cls ",
              view->closing);
    add_count(&parts, view->unknown ? ROLE_STATE_UNKNOWN : ROLE_STATUS, "UNKNOWN", "UNK ",
              view->unknown);
    if (view->residues)
        add_count(&parts, ROLE_STATE_RESIDUE, "LEFT", "LEFT ", view->residues);
    if (view->alarms > tui->alarms_seen)
        add_count(&parts, ROLE_DANGER, "ALARMS (7)", "ALARM ", view->alarms - tui->alarms_seen);
    add_cutoff(tui, &parts);
    add_mtm(tui, &parts);
    draw(&parts, canvas, place);
}
