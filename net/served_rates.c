/* Rates of a served book: conflated by bits, one timer for each class of how often. */
#include <stdlib.h>
#include <string.h>

#include "net/served_parts.h"

static const uint8_t per_second[SERVED_RATE_CLASSES] = {1, 2, 5, 10, 15, 30};

enum { BITS = 64, RATE_TEXT = 1024 }; /* the longest rate, with depth */

/* ---- ticks ----------------------------------------------------------------------------------- */

static uint64_t *fresh_of(const struct served *book, size_t class)
{
    return book->fresh + class * book->fresh_words;
}

void served_rated(struct served *book, uint32_t instrument)
{
    uint64_t bit = UINT64_C(1) << instrument % BITS;
    book->figures.rates++;
    for (size_t i = 0; i < SERVED_RATE_CLASSES; i++)
        fresh_of(book, i)[instrument / BITS] |= bit;
}

/* What the console wants of what is fresh; true: there is something. */
static bool take_fresh(struct served_rates *rates, const uint64_t *fresh)
{
    const uint64_t *wanted = rates->bits;
    uint64_t *pending = rates->bits + rates->words, any = 0;
    for (uint32_t i = 0; i < rates->words; i++)
        any |= pending[i] |= wanted[i] & fresh[i];
    return any != 0;
}

static void set_timer(struct served *book, size_t class)
{
    sq_time period = SQ_SECOND / per_second[class];
    loop_timer_set(&book->rates_timer[class], loop_now(book->config.loop) + period);
}

static void tick(struct served *book, size_t class)
{
    uint64_t *fresh = fresh_of(book, class);
    bool anybody = false;
    for (struct subscriber *s = book->subscribers; s != NULL; s = s->next) {
        if (s->rates == NULL || s->rates->class != class)
            continue;
        anybody = true;
        if (take_fresh(s->rates, fresh))
            book->config.wake(s);
    }
    memset(fresh, 0, book->fresh_words * sizeof *fresh);
    if (anybody)
        set_timer(book, class);
}

/* A timer's owner says which book and which class it is of. */
struct rate_clock {
    struct served *book;
    size_t class;
};

static void due(void *owner)
{
    const struct rate_clock *clock = owner;
    tick(clock->book, clock->class);
}

int served_rates_open(struct served *book)
{
    uint32_t words = (book->tables.instrument_room + BITS - 1) / BITS;
    struct rate_clock *clocks = calloc(SERVED_RATE_CLASSES, sizeof *clocks);
    book->fresh = calloc(SERVED_RATE_CLASSES * (size_t)words, sizeof *book->fresh);
    book->clocks = clocks;
    book->fresh_words = words;
    if (book->fresh == NULL || clocks == NULL)
        return -1;
    for (size_t i = 0; i < SERVED_RATE_CLASSES; i++) {
        clocks[i] = (struct rate_clock){book, i};
        loop_timer_init(&book->rates_timer[i], book->config.loop, due, &clocks[i]);
    }
    return 0;
}

void served_rates_close(struct served *book)
{
    for (size_t i = 0; i < SERVED_RATE_CLASSES; i++)
        loop_timer_stop(&book->rates_timer[i]);
}

/* ---- consoles -------------------------------------------------------------------------------- */

static uint8_t class_of(int64_t per_s)
{
    uint8_t class = 0;
    while (class + 1 < SERVED_RATE_CLASSES && per_second[class + 1] <= per_s)
        class ++;
    return class;
}

void served_rates_free(struct subscriber *s)
{
    free(s->rates);
    s->rates = NULL;
}

int served_want_rates(struct subscriber *s, const uint64_t *wanted, int64_t per_s, bool depth)
{
    struct served *book = s->book;
    uint32_t words = (book->tables.instrument_count + BITS - 1) / BITS;
    served_rates_free(s);
    if (wanted == NULL)
        return 0;
    s->rates = calloc(1, sizeof *s->rates + 2 * (size_t)words * sizeof s->rates->bits[0]);
    if (s->rates == NULL)
        return -1;
    s->rates->words = words;
    s->rates->class = class_of(per_s);
    s->rates->depth = depth;
    memcpy(s->rates->bits, wanted, words * sizeof *wanted);
    memcpy(s->rates->bits + words, wanted, words * sizeof *wanted);
    if (book->rates_timer[s->rates->class].at == SQ_NEVER) /* or everybody would wait anew */
        set_timer(book, s->rates->class);
    book->config.wake(s);
    return 0;
}

/* One rate, if anything is known of it. */
static void put_rate(const struct subscriber *s, uint32_t row, struct wire_out *out)
{
    const struct sq_rate *rate = sq_board_get(s->book->board, row);
    if (rate->time != 0)
        wire_rate(out, row, rate, rate->trade_time > s->rates->sent, s->rates->depth);
}

/* Pending rates until the frame is full; what does not fit stays pending. */
static void put_rates(struct subscriber *s, struct wire_out *out)
{
    uint64_t *pending = s->rates->bits + s->rates->words;
    for (uint32_t word = 0; word < s->rates->words; word++)
        while (pending[word] != 0) {
            if (out->length > SERVED_CHUNK || out->room - out->length < RATE_TEXT)
                return;
            put_rate(s, word * BITS + (uint32_t)__builtin_ctzll(pending[word]), out);
            pending[word] &= pending[word] - 1;
        }
}

static bool has_pending(const struct served_rates *rates)
{
    const uint64_t *pending = rates->bits + rates->words;
    for (uint32_t i = 0; i < rates->words; i++)
        if (pending[i] != 0)
            return true;
    return false;
}

bool served_next_rates(struct subscriber *s, struct wire_out *out)
{
    if (s->rates == NULL || s->walk != NULL || !has_pending(s->rates))
        return false;
    wire_open(out, '{');
    wire_member_text(out, "b", s->book->config.code);
    wire_name(out, "q");
    wire_open(out, '[');
    size_t empty = out->length;
    put_rates(s, out);
    bool any = out->length > empty;
    wire_close(out, ']');
    wire_close(out, '}');
    s->rates->sent = loop_now(s->book->config.loop);
    return any;
}
