/*
 * board.c: what each position is worth at the last price.
 *
 * The worth of a position is linear in the price: weight x last - base. Weight folds net and
 * multiplier, base folds basis, realised and carried profit, so a tick is one multiplication for
 * each holder, and the holders of a contract lie side by side. A new position takes a place behind the groups until the next tick regroups.
 */
#include "core/board.h"

#include <string.h>

#include "core/num.h"

/* The holders of a contract, and all that their worth needs: a tick reads no wide rows. */
struct group {
    uint32_t first;    /* place of its first holder; the next group begins where it ends */
    uint32_t decimals; /* of the price */
    sq_price last;
    uint64_t heaviest; /* no holder's weight is larger */
};

/* One position, at its place in the groups. */
struct holder {
    int64_t weight; /* net x multiplier */
    int64_t base;   /* paise; taken off */
    uint32_t client;
    uint32_t instrument;
};

struct sq_board {
    const struct sq_tables *t;
    struct sq_rate *rate;   /* by instrument */
    struct group *group;    /* by instrument; one more ends the last */
    struct holder *holder;  /* by place */
    sq_money *mtm;          /* by place; apart, since a revaluation writes only this */
    uint32_t *place;        /* by position */
    sq_money *client_total; /* by client */
    sq_money total;
    uint32_t grouped; /* positions that are in the groups */
    struct sq_feed feed[SQ_EXCHANGE_COUNT];
    int64_t feed_second[SQ_EXCHANGE_COUNT];   /* that is being counted */
    uint32_t feed_counted[SQ_EXCHANGE_COUNT]; /* messages in it so far */
};

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

static void *take(char **at, size_t count, size_t size)
{
    void *piece = *at;
    *at += aligned(count * size);
    return piece;
}

size_t sq_board_size(const struct sq_config *config)
{
    size_t instruments = config->instruments, positions = config->positions;
    return aligned(sizeof(struct sq_board)) + aligned(instruments * sizeof(struct sq_rate)) +
           aligned((instruments + 1) * sizeof(struct group)) +
           aligned(positions * sizeof(struct holder)) + aligned(positions * sizeof(sq_money)) +
           aligned(positions * sizeof(uint32_t)) + aligned(config->clients * sizeof(sq_money));
}

struct sq_board *sq_board_init(void *memory, const struct sq_tables *t)
{
    char *at = memory;
    struct sq_board *board = take(&at, 1, sizeof *board);
    board->t = t;
    board->rate = take(&at, t->instrument_room, sizeof *board->rate);
    board->group = take(&at, (size_t)t->instrument_room + 1, sizeof *board->group);
    board->holder = take(&at, t->position_room, sizeof *board->holder);
    board->mtm = take(&at, t->position_room, sizeof *board->mtm);
    board->place = take(&at, t->position_room, sizeof *board->place);
    board->client_total = take(&at, t->client_room, sizeof *board->client_total);
    return board;
}

/* ---- arithmetic ---------------------------------------------------------------------------- */

static int64_t clamped(int64_t value)
{
    if (value > SQ_INTEGER_MAX)
        return SQ_INTEGER_MAX;
    return value < -SQ_INTEGER_MAX ? -SQ_INTEGER_MAX : value;
}

/* A sum of many clamped amounts: nonsense from outside may wrap it, but not stop the process. */
static int64_t wrapping_sum(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static int64_t wrapping_difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static void fold(const struct sq_board *board, uint32_t position, struct holder *holder)
{
    const struct sq_position *row = &board->t->position[position];
    const struct sq_instrument *instrument =
        &board->t->instrument[board->t->position_instrument[position]];
    int64_t weight, profit = wrapping_sum(clamped(row->realised_paise), clamped(row->carry_paise));
    if (!sq_mul(row->net, instrument->multiplier, &weight))
        weight = (row->net < 0) != (instrument->multiplier < 0) ? INT64_MIN : INT64_MAX;
    holder->weight = clamped(weight);
    holder->base = clamped(row->basis_paise) - profit;
    holder->client = board->t->position_client[position];
    holder->instrument = board->t->position_instrument[position];
}

/* An open position without a price is worth nothing that could be shown. */
static sq_money worth(const struct holder *holder, sq_price last, unsigned decimals)
{
    if (holder->weight != 0 && last == 0)
        return 0;
    return sq_value_paise(last, holder->weight, 1, decimals) - holder->base;
}

static inline void set_mtm(struct sq_board *board, uint32_t place, sq_money mtm)
{
    sq_money *client = &board->client_total[board->holder[place].client];
    sq_money change = wrapping_difference(mtm, board->mtm[place]);
    board->mtm[place] = mtm;
    *client = wrapping_sum(*client, change);
    board->total = wrapping_sum(board->total, change);
}

/* Whether the plain product is exact for every holder: prices in paise, and nothing too large. */
static bool is_plain(const struct group *group)
{
    uint64_t largest, price = group->last < 0 ? 0 - (uint64_t)group->last : (uint64_t)group->last;
    return group->decimals == 2 && price != 0 &&
           !__builtin_mul_overflow(group->heaviest, price, &largest) && largest <= SQ_INTEGER_MAX;
}

static void revalue_holders(struct sq_board *board, const struct group *group)
{
    const struct holder *holder = board->holder;
    uint32_t place = group[0].first, end = group[1].first;
    if (is_plain(group))
        for (; place < end; place++)
            set_mtm(board, place, holder[place].weight * group->last - holder[place].base);
    for (; place < end; place++)
        set_mtm(board, place, worth(&holder[place], group->last, group->decimals));
}

/* ---- groups -------------------------------------------------------------------------------- */

static void note_weight(struct group *group, int64_t weight)
{
    uint64_t size = (uint64_t)sq_abs(weight);
    if (size > group->heaviest)
        group->heaviest = size;
}

/* Counting sort of the positions by contract. */
static void regroup(struct sq_board *board)
{
    const struct sq_tables *t = board->t;
    struct group *group = board->group;
    uint32_t place = 0;
    for (uint32_t i = 0; i < t->instrument_count; i++)
        group[i] = (struct group){0, t->instrument[i].price_decimals, board->rate[i].last, 0};
    for (uint32_t position = 0; position < t->position_count; position++)
        group[t->position_instrument[position]].first++;
    for (uint32_t i = 0; i < t->instrument_count; i++) {
        uint32_t holders = group[i].first;
        group[i].first = place;
        place += holders;
    }
    for (uint32_t position = 0; position < t->position_count; position++)
        board->place[position] = group[t->position_instrument[position]].first++;
    /* Each now points behind its group, which is where the next one begins. */
    for (uint32_t i = t->instrument_count; i > 0; i--)
        group[i].first = group[i - 1].first;
    group[0].first = 0;
    board->grouped = t->position_count;
}

/* Every holder as if its group were plain: one loop without groups, which is what makes it fast. */
static void value_plainly(struct sq_board *board)
{
    const struct group *group = board->group;
    const struct holder *holder = board->holder;
    sq_money *client = board->client_total, total = 0;
    for (uint32_t place = 0; place < board->grouped; place++, holder++) {
        uint64_t value = (uint64_t)holder->weight * (uint64_t)group[holder->instrument].last;
        sq_money mtm = wrapping_difference((int64_t)value, holder->base);
        board->mtm[place] = mtm;
        client[holder->client] = wrapping_sum(client[holder->client], mtm);
        total = wrapping_sum(total, mtm);
    }
    board->total = total;
}

void sq_board_revalue(struct sq_board *board)
{
    if (board->grouped != board->t->position_count) {
        sq_board_reload(board);
        return;
    }
    memset(board->client_total, 0, board->t->client_count * sizeof *board->client_total);
    value_plainly(board);
    for (uint32_t i = 0; i < board->t->instrument_count; i++)
        if (!is_plain(&board->group[i]))
            revalue_holders(board, &board->group[i]);
}

void sq_board_reload(struct sq_board *board)
{
    const struct sq_tables *t = board->t;
    regroup(board);
    for (uint32_t position = 0; position < t->position_count; position++) {
        struct holder *holder = &board->holder[board->place[position]];
        fold(board, position, holder);
        note_weight(&board->group[t->position_instrument[position]], holder->weight);
    }
    sq_board_revalue(board);
}

void sq_board_position(struct sq_board *board, uint32_t position)
{
    uint32_t instrument = board->t->position_instrument[position];
    if (position >= board->grouped)
        board->place[position] = position;
    uint32_t place = board->place[position];
    struct holder *holder = &board->holder[place];
    fold(board, position, holder);
    note_weight(&board->group[instrument], holder->weight);
    set_mtm(board, place,
            worth(holder, board->rate[instrument].last,
                  board->t->instrument[instrument].price_decimals));
}

/* ---- ticks --------------------------------------------------------------------------------- */

static void revalue_instrument(struct sq_board *board, uint32_t instrument, sq_price last)
{
    board->group[instrument].last = last;
    if (board->grouped != board->t->position_count)
        sq_board_reload(board);
    else
        revalue_holders(board, &board->group[instrument]);
}

static int8_t move_of(const struct sq_rate *before, sq_price last)
{
    if (before->last == 0 || last == before->last)
        return before->move;
    return last > before->last ? 1 : -1;
}

void sq_board_rate(struct sq_board *board, uint32_t instrument, const struct sq_rate *rate)
{
    struct sq_rate *here = &board->rate[instrument];
    int8_t move = move_of(here, rate->last);
    bool moved = here->last != rate->last;
    *here = *rate;
    here->move = move;
    if (moved)
        revalue_instrument(board, instrument, rate->last);
}

void sq_board_last(struct sq_board *board, uint32_t instrument, sq_price last, sq_time time)
{
    struct sq_rate *here = &board->rate[instrument];
    here->move = move_of(here, last);
    here->last = last;
    here->time = time;
    here->trade_time = time;
    revalue_instrument(board, instrument, last);
}

void sq_board_feed(struct sq_board *board, enum sq_exchange exchange, sq_time time, bool gap)
{
    struct sq_feed *feed = &board->feed[exchange];
    int64_t second = time / SQ_SECOND, counted = board->feed_second[exchange];
    if (second != counted) {
        feed->per_second = second == counted + 1 ? board->feed_counted[exchange] : 0;
        board->feed_counted[exchange] = 0;
        board->feed_second[exchange] = second;
    }
    board->feed_counted[exchange]++;
    feed->heard = time;
    feed->gap = gap;
}

/* ---- reading ------------------------------------------------------------------------------- */

const struct sq_rate *sq_board_get(const struct sq_board *board, uint32_t instrument)
{
    return &board->rate[instrument];
}

const struct sq_feed *sq_board_feed_of(const struct sq_board *board, enum sq_exchange exchange)
{
    return &board->feed[exchange];
}

sq_money sq_board_mtm(const struct sq_board *board, uint32_t position)
{
    return board->mtm[board->place[position]];
}

sq_money sq_board_client_mtm(const struct sq_board *board, uint32_t client)
{
    return board->client_total[client];
}

sq_money sq_board_total(const struct sq_board *board)
{
    return board->total;
}

static int64_t age_ms(sq_time now, sq_time then)
{
    return then == 0 ? -1 : (now > then ? (now - then) / SQ_MS : 0);
}

uint32_t sq_board_stale(const struct sq_board *board, sq_time now, int64_t limit_ms)
{
    uint32_t stale = 0;
    for (uint32_t position = 0; position < board->t->position_count; position++) {
        const struct sq_feed *feed = &board->feed[board->t->position[position].key.exchange];
        const struct sq_rate *rate = &board->rate[board->t->position_instrument[position]];
        if (board->t->position[position].net == 0)
            continue;
        stale +=
            rate->last == 0 || feed->heard == 0 || feed->gap || age_ms(now, feed->heard) > limit_ms;
    }
    return stale;
}

static sq_price best(const struct sq_level levels[SQ_DEPTH_LEVELS])
{
    return levels[0].quantity > 0 ? levels[0].price : 0;
}

void sq_board_quote(const struct sq_board *board, uint32_t instrument, sq_time now,
                    struct sq_quote *quote)
{
    const struct sq_rate *rate = &board->rate[instrument];
    const struct sq_feed *feed = &board->feed[board->t->instrument[instrument].exchange];
    memset(quote, 0, sizeof *quote);
    quote->bid = best(rate->bid);
    quote->ask = best(rate->ask);
    quote->last = rate->last;
    quote->band_low = rate->band_low;
    quote->band_high = rate->band_high;
    quote->age_ms = age_ms(now, rate->time);
    quote->trade_age_ms = age_ms(now, rate->trade_time);
    quote->feed_age_ms = age_ms(now, feed->heard);
    quote->feed_gap = feed->gap;
}

const struct sq_tables *sq_board_tables(const struct sq_board *board)
{
    return board->t;
}
