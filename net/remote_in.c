/*
 * remote_in.c: what the server says, into the view and the board.
 *
 * A server may lie or be of another make: everything was bounded by net/wire.h before it comes
 * here, and here it must fit the book. What does not ends the connection with a reason, and the
 * book is asked for afresh.
 */
#include "net/remote_parts.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BOOK_MAX = 1 << 30 }; /* bytes of a view and its board */

/* ---- memory of a book ---------------------------------------------------------------------- */

void remote_free_book(struct remote_book *book)
{
    free(book->view_memory);
    free(book->board_memory);
    free(book->place);
    memset(book, 0, sizeof *book);
}

bool remote_make_book(struct remote_book *book, const struct sq_config *config)
{
    char why[64];
    remote_free_book(book);
    if (sq_config_check(config, why, sizeof why) != 0 ||
        sq_view_size(config) + sq_board_size(config) > BOOK_MAX)
        return false;
    book->config = *config;
    book->view_memory = calloc(1, sq_view_size(config));
    book->board_memory = calloc(1, sq_board_size(config));
    book->place = malloc(config->instruments * sizeof *book->place);
    if (!book->view_memory || !book->board_memory || !book->place) {
        remote_free_book(book);
        return false;
    }
    memset(book->place, 0xff, config->instruments * sizeof *book->place); /* SQ_NO_ROW */
    book->view = sq_view_init(book->view_memory, config);
    book->view->board = sq_board_init(book->board_memory, &book->view->tables);
    return true;
}

/* What a person has read, or was about to, is not forgotten with the rows. */
static void carry_over(struct sq_view *view, const struct sq_view *old)
{
    memcpy(view->activity, old->activity, SQ_VIEW_ACTIVITY * sizeof *view->activity);
    view->activity_count = old->activity_count;
    view->alarms += old->alarms;
    view->changes = old->changes + 1;
}

/* Our row of the same contract in the other book. */
static uint32_t row_in(const struct remote_book *book, const struct remote_book *other,
                       uint32_t row)
{
    const struct sq_instrument *i = &other->view->tables.instrument[row];
    return sq_find_instrument(&book->view->tables, (enum sq_exchange)i->exchange, i->token);
}

/* Rates and the server's places are of contracts, which may have other rows now. */
static void carry_rates(struct remote_book *book, const struct remote_book *old)
{
    for (uint32_t row = 0; row < old->view->tables.instrument_count; row++) {
        uint32_t here = row_in(book, old, row);
        const struct sq_rate *rate = sq_board_get(old->view->board, row);
        if (here != SQ_NO_ROW && rate && rate->time)
            sq_board_rate(book->view->board, here, rate);
    }
    for (uint32_t p = 0; p < old->config.instruments && p < book->config.instruments; p++)
        if (old->place[p] != SQ_NO_ROW)
            book->place[p] = row_in(book, old, old->place[p]);
}

/* The one before is there until everybody has found his rows in the new one. */
static void replace_book(struct remote *r)
{
    struct remote_book old = r->book;
    sq_board_reload(r->next.view->board);
    if (old.view) {
        carry_over(r->next.view, old.view);
        carry_rates(&r->next, &old);
    }
    r->book = r->next;
    memset(&r->next, 0, sizeof r->next);
    r->session.view = r->book.view;
    if (r->config.replaced)
        r->config.replaced(r->config.owner);
    remote_free_book(&old);
}

/* ---- frames of a book: each returns 0, or -1 with the reason ------------------------------- */

static int wrong(char *why, size_t why_room, const char *what)
{
    snprintf(why, why_room, "%s", what);
    return -1;
}

static bool is_told(uint16_t kind)
{
    enum sq_family family = sq_kind_info((enum sq_kind)kind)->family;
    return kind != SQ_CONFIG && (family == SQ_FAMILY_RECORD || family == SQ_FAMILY_ANSWER);
}

static int take_row(struct remote_book *book, const cJSON *array, uint64_t seq, sq_time time,
                    struct sq_message *row, char *why, size_t why_room)
{
    if (wire_read_row(array, &book->view->tables, row, why, why_room) != 0)
        return -1;
    if (!is_told(row->kind))
        return wrong(why, why_room, "no row and no answer");
    row->seq = seq;
    row->time = time;
    if (sq_view_apply(book->view, row) != 0)
        return wrong(why, why_room, "a row that does not fit the book");
    return 0;
}

/* We were too slow for the server: what it has not kept for us comes as rows again. */
static bool begin_again(struct remote *r)
{
    if (!remote_make_book(&r->next, &r->book.config))
        return false;
    r->next.epoch = r->book.epoch;
    r->taking = true;
    remote_set_phase(r, REMOTE_SNAPSHOT);
    return true;
}

static int take_rows(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    struct sq_message row;
    if (!r->taking && r->phase != REMOTE_LIVE)
        return wrong(why, why_room, "rows that were not asked for");
    if (!r->taking && !begin_again(r))
        return wrong(why, why_room, "no memory");
    for (const cJSON *array = frame->rows->child; array; array = array->next)
        if (take_row(&r->next, array, 0, 0, &row, why, why_room) != 0)
            return -1;
    return 0;
}

static int take_at(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    struct sq_view *view = r->taking ? r->next.view : r->book.view;
    if (r->phase == REMOTE_LIVE || (uint64_t)frame->at < view->seq)
        return wrong(why, why_room, "at: out of place");
    view->seq = (uint64_t)frame->at;
    if (r->taking)
        replace_book(r);
    r->taking = r->damaged = false;
    r->was_live = true;
    r->tried = 0;
    r->lines[r->present].why[0] = '\0';
    r->lines[r->present].at = remote_now(r);
    reconnect_succeeded(&r->backoff);
    remote_set_phase(r, REMOTE_LIVE);
    remote_settle(r);
    if (!remote_send_rates(r))
        return wrong(why, why_room, "rates could not be asked for");
    return 0;
}

static int take_event(struct remote *r, const cJSON *array, uint64_t seq, sq_time time, char *why,
                      size_t why_room)
{
    struct sq_message event;
    if (take_row(&r->book, array, seq, time, &event, why, why_room) != 0)
        return -1;
    if (event.kind == SQ_REFUSED)
        remote_refused(r, &event.as.refused);
    if (r->config.event)
        r->config.event(r->config.owner, &event);
    return 0;
}

/* [seq,time,message,...] */
static int take_group(struct remote *r, const cJSON *group, char *why, size_t why_room)
{
    const cJSON *seq = cJSON_IsArray(group) ? group->child : NULL, *time = seq ? seq->next : NULL;
    if (!seq || !time || !cJSON_IsNumber(seq) || !cJSON_IsNumber(time) || time->valuedouble < 0)
        return wrong(why, why_room, "ev: no seq and time");
    if (seq->valuedouble <= (double)r->book.view->seq)
        return wrong(why, why_room, "ev: seq does not rise");
    for (const cJSON *array = time->next; array; array = array->next)
        if (take_event(r, array, (uint64_t)seq->valuedouble, (sq_time)time->valuedouble, why,
                       why_room) != 0)
            return -1;
    return 0;
}

static int take_events(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    if (r->taking)
        return wrong(why, why_room, "events before the snapshot is whole");
    r->damaged = true; /* until the frame was taken whole */
    for (const cJSON *group = frame->events->child; group; group = group->next)
        if (take_group(r, group, why, why_room) != 0)
            return -1;
    r->damaged = false;
    return 0;
}

static int take_links(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    if (wire_read_links(frame->links, &r->links, why, why_room) != 0)
        return -1;
    sq_time now = remote_now(r);
    if (r->links.price_age_ms >= 0 && r->links.price_age_ms < now / SQ_MS &&
        now - r->links.price_age_ms * SQ_MS > r->price_heard)
        r->price_heard = now - r->links.price_age_ms * SQ_MS;
    return 0;
}

static int take_place(struct remote *r, const cJSON *array, char *why, size_t why_room)
{
    enum sq_exchange exchange;
    uint32_t place, token;
    if (wire_read_place(array, &place, &exchange, &token, why, why_room) != 0)
        return -1;
    if (place >= r->book.config.instruments)
        return wrong(why, why_room, "i: no such place");
    r->book.place[place] = sq_find_instrument(&r->book.view->tables, exchange, token);
    return 0;
}

static int take_places(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    if (!r->book.view)
        return wrong(why, why_room, "places before the book");
    for (const cJSON *array = frame->places->child; array; array = array->next)
        if (take_place(r, array, why, why_room) != 0)
            return -1;
    return 0;
}

/* What the rate does not say is the contract's own, or as it was. */
static void fill_rate(const struct remote *r, uint32_t row, bool traded, struct sq_rate *rate)
{
    const struct sq_instrument *instrument = &r->book.view->tables.instrument[row];
    const struct sq_rate *was = sq_board_get(r->book.view->board, row);
    rate->close = instrument->prev_settle;
    rate->band_low = instrument->band_low;
    rate->band_high = instrument->band_high;
    rate->time = remote_now(r);
    rate->trade_time = traded ? rate->time : was ? was->trade_time : 0;
}

static int take_rate(struct remote *r, const cJSON *array, char *why, size_t why_room)
{
    struct sq_rate rate = {0};
    uint32_t place;
    bool traded;
    if (wire_read_rate(array, &place, &rate, &traded, why, why_room) != 0)
        return -1;
    uint32_t row = place < r->book.config.instruments ? r->book.place[place] : SQ_NO_ROW;
    if (row == SQ_NO_ROW)
        return wrong(why, why_room, "q: a place that was not told");
    fill_rate(r, row, traded, &rate);
    sq_board_rate(r->book.view->board, row, &rate);
    return 0;
}

static int take_rates(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    if (!r->book.view)
        return wrong(why, why_room, "rates before the book");
    r->price_heard = remote_now(r);
    for (const cJSON *array = frame->rates->child; array; array = array->next)
        if (take_rate(r, array, why, why_room) != 0)
            return -1;
    return 0;
}

static int take_feeds(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    for (const cJSON *array = frame->feeds->child; array; array = array->next) {
        enum sq_exchange exchange;
        bool alive, gap;
        if (wire_read_feed(array, &exchange, &alive, &gap, why, why_room) != 0)
            return -1;
        r->alive[exchange] = alive;
        r->gap[exchange] = gap;
    }
    remote_feed(r);
    return 0;
}

static int take_log(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    if (!r->config.log)
        return wrong(why, why_room, "log: it was not asked for");
    r->config.log(r->config.owner, frame);
    return 0;
}

void remote_feed(struct remote *r)
{
    if (!r->opened || !r->book.view)
        return;
    for (unsigned e = 0; e < SQ_EXCHANGE_COUNT; e++) {
        if (!r->alive[e])
            continue;
        sq_board_feed(r->book.view->board, (enum sq_exchange)e, r->heard, r->gap[e]);
        r->price_heard = r->heard > r->price_heard ? r->heard : r->price_heard;
    }
}

/* Members in the order in which they take effect. */
static const struct {
    enum wire_said member;
    int (*take)(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room);
} parts[] = {
    {WIRE_SAID_ROWS, take_rows}, {WIRE_SAID_EV, take_events}, {WIRE_SAID_AT, take_at},
    {WIRE_SAID_ST, take_links},  {WIRE_SAID_I, take_places},  {WIRE_SAID_Q, take_rates},
    {WIRE_SAID_FD, take_feeds},  {WIRE_SAID_LOG, take_log},
};

static int take_book(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    if (!r->opened || strcmp(frame->book, r->code) != 0)
        return wrong(why, why_room, "a book that was not opened");
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (wire_said(frame, parts[i].member) && parts[i].take(r, frame, why, why_room) != 0)
            return -1;
    return 0;
}

void remote_choose_book(struct remote *r, const struct wire_frame *frame)
{
    const cJSON *first = frame->books ? frame->books->child : NULL;
    if (r->code[0] == '\0' && first && cJSON_IsString(first) &&
        strlen(first->valuestring) < sizeof r->code)
        strcpy(r->code, first->valuestring);
}

/* ---- answers ------------------------------------------------------------------------------- */

static int begin_snapshot(struct remote *r, const struct wire_frame *frame, char *why,
                          size_t why_room)
{
    struct sq_message config;
    if (!frame->config)
        return wrong(why, why_room, "open: no config");
    if (wire_read_message(frame->config, &config, why, why_room) != 0)
        return -1;
    if (config.kind != SQ_CONFIG || !remote_make_book(&r->next, &config.as.config))
        return wrong(why, why_room, "open: a config that cannot be");
    r->next.epoch = (uint32_t)frame->epoch;
    r->taking = true;
    return 0;
}

static int take_opened(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    r->open_id = 0;
    if (wire_said(frame, WIRE_SAID_ERROR)) {
        snprintf(why, why_room, "%s: %.100s %s", frame->error, frame->why, frame->owner);
        return -1;
    }
    if (frame->epoch > UINT32_MAX)
        return wrong(why, why_room, "open: epoch");
    r->opened = true;
    if (r->book.view) /* places of the server before */
        memset(r->book.place, 0xff, r->book.config.instruments * sizeof *r->book.place);
    if (frame->snapshot)
        return begin_snapshot(r, frame, why, why_room);
    if (!r->book.view || r->damaged)
        return wrong(why, why_room, "open: nothing to resume from");
    r->book.epoch = (uint32_t)frame->epoch;
    return 0;
}

static int take_answer(struct remote *r, const struct wire_frame *frame, char *why, size_t why_room)
{
    uint64_t id = (uint64_t)frame->id;
    const char *what;
    if (id == 0 || id > r->last_request)
        return wrong(why, why_room, "an answer to nothing");
    if (id == r->login_id) {
        remote_logged_in(r, frame);
        return 0;
    }
    if (id == r->open_id)
        return take_opened(r, frame, why, why_room);
    if (id == r->rates_id) {
        r->rates_id = 0;
        return frame->places ? take_places(r, frame, why, why_room) : 0;
    }
    what = remote_answered(r, frame);
    return what ? wrong(why, why_room, what) : 0;
}

void remote_take(struct remote *r, const char *text, size_t length)
{
    struct wire_frame frame;
    char why[WIRE_WHY_SIZE] = "", told[WIRE_WHY_SIZE];
    if (wire_read_frame(text, length, &frame, why, sizeof why) != 0) {
        snprintf(told, sizeof told, "wrong frame: %.140s", why);
        remote_failed(r, told);
        return;
    }
    r->progressed = remote_now(r);
    int result = wire_said(&frame, WIRE_SAID_ID) ? take_answer(r, &frame, why, sizeof why)
                                                 : take_book(r, &frame, why, sizeof why);
    wire_frame_end(&frame);
    if (result != 0)
        remote_failed(r, why);
}
