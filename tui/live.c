/* Rows of the view -> sums. */
#include "tui/live.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/scope.h"
#include "tui/book.h"
#include "tui/tui.h"

const char *const live_state_words[LIVE_STATES] = {
#define X(id, word) [LIVE_##id] = word,
    LIVE_STATE_MAP(X)
#undef X
};

uint32_t live_rows(const struct sq_config *config)
{
    return config->positions + 2 * config->clients;
}

bool live_init(struct live *live, const struct sq_config *config)
{
    memset(live, 0, sizeof *live);
    live->room = config->clients;
    live->groups = calloc(live->room + 1, sizeof *live->groups);
    live->clients = calloc(live->room + 1, sizeof *live->clients);
    live->siblings = calloc(live_rows(config) + 1, sizeof *live->siblings);
    return live->groups && live->clients && live->siblings;
}

void live_finish(struct live *live)
{
    free(live->groups);
    free(live->clients);
    free(live->siblings);
    memset(live, 0, sizeof *live);
}

/* ---- who ---------------------------------------------------------------------------------------- */

bool live_in_scope(const struct tui *tui, uint32_t client)
{
    const struct sq_tables *t = tui_tables(tui);

    return sq_client_in_scope(t, sq_find_person(t, tui->session->person), client);
}

static bool is_active(const struct sq_tables *t, const char *code)
{
    uint32_t person = code[0] ? sq_find_person(t, code) : SQ_NO_ROW;

    return person != SQ_NO_ROW && t->person[person].active;
}

bool live_is_attended(const struct tui *tui, uint32_t client)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_client *c = &t->client[client];

    return is_active(t, c->dealer) || is_active(t, c->backup_dealer) || is_active(t, c->stand_in);
}

static bool is_same_group(const struct sq_client *a, const struct sq_client *b)
{
    return sq_text_equal(a->desk, b->desk) && sq_text_equal(a->dealer, b->dealer);
}

/* The group of a client; a desk has few dealers, and neighbours in the file have the same. */
static uint32_t find_group(struct live *live, const struct sq_tables *t, uint32_t client,
                           uint32_t guess)
{
    if (guess < live->group_count &&
        is_same_group(&t->client[live->groups[guess].client], &t->client[client]))
        return guess;
    for (uint32_t g = 0; g < live->group_count; g++)
        if (is_same_group(&t->client[live->groups[g].client], &t->client[client]))
            return g;
    live->groups[live->group_count] = (struct live_group){.client = client, .first = SQ_NO_ROW};
    return live->group_count++;
}

static uint32_t clients_of(const struct tui *tui)
{
    uint32_t count = tui_tables(tui)->client_count;

    return count < tui->live.room ? count : tui->live.room;
}

static void begin_groups(struct live *live, bool fresh)
{
    if (fresh)
        live->group_count = 0;
    for (uint32_t g = 0; g < live->group_count; g++) {
        live->groups[g].first = SQ_NO_ROW;
        live->groups[g].unattended = 0;
        live->groups[g].sum = (struct live_sum){0};
    }
}

/* Scopes change while the book is open (ASSIGN), so each client is asked about again. */
static void begin_clients(struct tui *tui, bool fresh)
{
    struct live *live = &tui->live;
    uint32_t group = 0;

    for (uint32_t c = 0; c < clients_of(tui); c++) {
        struct live_client *row = &live->clients[c];

        row->sum = (struct live_sum){0};
        row->unfolded = row->unfolded && !fresh;
        row->group = SQ_NO_ROW;
        if (!live_in_scope(tui, c))
            continue;
        row->group = group = find_group(live, tui_tables(tui), c, group);
        row->next = live->groups[group].first;
        live->groups[group].first = c;
    }
}

/* Sums begin at nothing; what is unfolded stays so while the rows are the same ones. */
static void begin(struct tui *tui)
{
    struct live *live = &tui->live;
    bool fresh = live->view != tui->session->view;

    begin_groups(live, fresh);
    begin_clients(tui, fresh);
    live->view = tui->session->view;
    live->drawn = fresh ? 0 : live->drawn;
    live->firm = (struct live_sum){0};
    memset(live->by_state, 0, sizeof live->by_state);
    live->sent = live->filled = live->partial = live->rejected = live->unknown = 0;
    live->reason_count = live->worst_count = 0;
}

/* The sum that a position counts in; NULL: it is not for this person. */
static struct live_sum *sum_of(struct tui *tui, uint32_t position)
{
    uint32_t client =
        position == SQ_NO_ROW ? SQ_NO_ROW : tui_tables(tui)->position_client[position];

    if (client >= clients_of(tui) || tui->live.clients[client].group == SQ_NO_ROW)
        return NULL;
    return &tui->live.clients[client].sum;
}

static void act(struct live_sum *sum, sq_time time, enum live_act what, uint32_t position)
{
    if (time <= sum->acted)
        return;
    sum->acted = time;
    sum->act = what;
    sum->act_position = position;
}

/* ---- positions ---------------------------------------------------------------------------------- */

sq_money live_value(const struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t instrument = t->position_instrument[position];
    const struct sq_instrument *i = &t->instrument[instrument];
    const struct sq_rate *rate = book_rate(tui, instrument);
    sq_price price = rate && rate->last > 0 ? rate->last : i->prev_settle;

    return sq_abs(
        sq_value_paise(price, t->position[position].net, i->multiplier, i->price_decimals));
}

static bool is_delivery(const struct sq_position *p)
{
    return p->key.product == SQ_PRODUCT_CNC || p->key.product == SQ_PRODUCT_MTF;
}

static bool is_residue(const struct sq_tables *t, uint32_t position)
{
    uint32_t close = t->position_close[position];

    return close != SQ_NO_ROW && t->close[close].state == SQ_CLOSE_RESIDUE;
}

static enum live_state state_of(const struct tui *tui, uint32_t position, bool stale)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_position *p = &t->position[position];

    if (book_has_unknown(tui, position))
        return LIVE_UNKNOWN;
    if (p->frozen || t->client[t->position_client[position]].frozen)
        return LIVE_FROZEN;
    if (sq_open_close(t, position))
        return LIVE_CLOSING;
    if (is_residue(t, position))
        return LIVE_LEFT;
    if (stale)
        return LIVE_STALE;
    if (is_delivery(p))
        return LIVE_DELIVERY;
    return p->source == SQ_SOURCE_DIFFER ? LIVE_DIFFER : LIVE_OK;
}

/* Into the few that are worst, kept in order. */
static void keep_worst(struct tui *tui, uint32_t position)
{
    const struct sq_board *board = tui->session->view->board;
    struct live *live = &tui->live;
    sq_money mtm = board ? sq_board_mtm(board, position) : 0;
    uint32_t at = live->worst_count;

    if (mtm >= 0)
        return;
    while (at > 0 && sq_board_mtm(board, live->worst[at - 1]) > mtm)
        at--;
    if (at == LIVE_WORST)
        return;
    if (live->worst_count < LIVE_WORST)
        live->worst_count++;
    memmove(&live->worst[at + 1], &live->worst[at],
            (live->worst_count - 1 - at) * sizeof live->worst[0]);
    live->worst[at] = position;
}

static bool went_flat(const struct sq_book *book, const struct sq_position *p)
{
    return p->net == 0 && book->invoked_at > 0 && p->flat_at >= book->invoked_at;
}

static void fold_position(struct tui *tui, uint32_t position)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_position *p = &t->position[position];
    struct live_sum *sum = sum_of(tui, position);
    bool stale;

    if (!sum)
        return;
    sum->closed += went_flat(&t->book, p);
    if (p->net == 0)
        return;
    stale = book_price_state(tui, t->position_instrument[position]) != BOOK_LIVE;
    sum->open++;
    sum->stale += stale;
    sum->gross_paise += live_value(tui, position);
    tui->live.by_state[state_of(tui, position, stale)]++;
    keep_worst(tui, position);
}

/* ---- orders and closes -------------------------------------------------------------------------- */

static void count_reason(struct live *live, const char *text)
{
    char cut[LIVE_REASON_SIZE];
    uint32_t r = 0;

    sq_text_cut(cut, sizeof cut, text[0] ? text : "no reason given");
    while (r < live->reason_count && strcmp(live->reasons[r].text, cut) != 0)
        r++;
    if (r == LIVE_REASONS)
        r--;
    if (r == live->reason_count) {
        live->reason_count++;
        live->reasons[r].count = 0;
        sq_text_cut(live->reasons[r].text, sizeof cut, r == LIVE_REASONS - 1 ? "other" : cut);
    }
    live->reasons[r].count++;
}

static void fold_own_order(struct live *live, const struct sq_order *o)
{
    live->sent += o->sent > 0;
    live->filled += o->state == SQ_ORDER_FILLED;
    live->partial += o->state == SQ_ORDER_PARTIAL;
    live->rejected += o->state == SQ_ORDER_REJECTED;
    live->unknown += o->state == SQ_ORDER_UNKNOWN;
    if (o->state == SQ_ORDER_REJECTED)
        count_reason(live, o->text);
}

static void fold_order(struct tui *tui, uint32_t order)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_order *o = &t->order[order];
    uint32_t position = t->order_position[order];
    struct live_sum *sum = sum_of(tui, position);

    if (!sum)
        return;
    if (o->origin == SQ_ORIGIN_CLOSE)
        fold_own_order(&tui->live, o);
    if (o->cancel_at > 0)
        act(sum, o->cancel_at, LIVE_ACT_CANCEL, position);
    if (o->state != SQ_ORDER_UNKNOWN)
        return;
    sum->unknown++;
    act(sum, o->sent, LIVE_ACT_UNKNOWN, position);
}

static void fold_close(struct tui *tui, uint32_t close)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_close *c = &t->close[close];
    struct live_sum *sum = sum_of(tui, t->close_position[close]);

    if (!sum)
        return;
    sum->closing += !sq_close_state_is_ended((enum sq_close_state)c->state);
    act(sum, c->created, LIVE_ACT_CLOSE, t->close_position[close]);
}

/* ---- up the tree -------------------------------------------------------------------------------- */

static void add_to(struct live_sum *sum, const struct live_sum *part)
{
    sum->clients += part->clients;
    sum->open += part->open;
    sum->closing += part->closing;
    sum->unknown += part->unknown;
    sum->stale += part->stale;
    sum->closed += part->closed;
    sum->gross_paise += part->gross_paise;
    sum->mtm_paise += part->mtm_paise;
    act(sum, part->acted, part->act, part->act_position);
}

static void add_clients(struct tui *tui)
{
    const struct sq_board *board = tui->session->view->board;
    struct live *live = &tui->live;

    for (uint32_t c = 0; c < clients_of(tui); c++) {
        struct live_client *row = &live->clients[c];

        if (row->group == SQ_NO_ROW)
            continue;
        row->sum.clients = row->sum.open > 0;
        row->sum.mtm_paise = board ? sq_board_client_mtm(board, c) : 0;
        add_to(&live->groups[row->group].sum, &row->sum);
        live->groups[row->group].unattended += row->sum.open > 0 && !live_is_attended(tui, c);
    }
    for (uint32_t g = 0; g < live->group_count; g++)
        add_to(&live->firm, &live->groups[g].sum);
}

void live_fold(struct tui *tui, bool at_once)
{
    const struct sq_tables *t = tui_tables(tui);
    struct live *live = &tui->live;
    bool young = live->folded > 0 && tui->now - live->folded < LIVE_EVERY_MS * SQ_MS;

    if (young && !at_once && live->view == tui->session->view)
        return;
    begin(tui);
    for (uint32_t p = 0; p < t->position_count; p++)
        fold_position(tui, p);
    for (uint32_t o = 0; o < t->order_count; o++)
        fold_order(tui, o);
    for (uint32_t c = 0; c < t->close_count; c++)
        fold_close(tui, c);
    add_clients(tui);
    live->folded = tui->now;
}
