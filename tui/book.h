/* What the screen says about positions and orders: the words, marks and ages that several panels
 * share. All follow from the view and the time of the turn; nothing is kept. */
#ifndef TUI_BOOK_H
#define TUI_BOOK_H

#include "tui/panel.h"
#include "core/view.h"

enum {
    BOOK_FLAT_SHOWN_S = 60,   /* a closed row stays so long, as FLAT hh:mm:ss */
    BOOK_NARROW_COLUMNS = 100 /* below, exchange and product are one letter */
};

/* How far a price can be believed. */
enum book_price {
    BOOK_LIVE,  /* its segment speaks; a contract that does not trade is quiet, not stale */
    BOOK_STALE, /* its segment is silent, or messages were lost */
    BOOK_NONE   /* never seen */
};

const struct sq_instrument *book_instrument(const struct tui *tui, uint32_t position);

/* The contract of a key that stands in a row of the book. */
const struct sq_instrument *book_contract(const struct tui *tui, const struct sq_key *key);

/* One letter each where there is no room for the name: N B F G C D M O, and M N C ... T for MTF. */
char book_exchange_letter(unsigned exchange);
char book_product_letter(unsigned product);

/* Exchange and product of a row: one letter where there is no room for the name. */
void book_exchange(const struct tui *tui, unsigned exchange, struct cell *cell);
void book_product(const struct tui *tui, unsigned product, struct cell *cell);

/* A quantity as every line of the screen says it: "+10,26,300"; where the venue counts in lots the
 * number says so, "-3L". NULL: the instrument is not known. `text` holds PRINT_SIZE. Returns it. */
const char *book_quantity(const struct sq_instrument *instrument, sq_quantity quantity, bool sign,
                          char *text);

/* Rate of an instrument; NULL when none was ever seen. */
const struct sq_rate *book_rate(const struct tui *tui, uint32_t instrument);

/* Age of a segment's feed in microseconds; -1: it never spoke. */
int64_t book_feed_age(const struct tui *tui, unsigned exchange);
enum book_price book_price_state(const struct tui *tui, uint32_t instrument);

/* What one would hit to close: best bid of a long, best ask of a short; 0: nobody there. */
sq_price book_exit(const struct tui *tui, uint32_t position);

/* Is the row on the screen: open, being closed, or flat for less than BOOK_FLAT_SHOWN_S? */
bool book_is_shown(const struct tui *tui, uint32_t position);

/* An order without an answer is out on it. */
bool book_has_unknown(const struct tui *tui, uint32_t position);

/* An order from before the outage, or adopted, is live on it. */
bool book_has_resting(const struct tui *tui, uint32_t position);

/* A long, or a future, that covers an open short option of the same client and underlying. */
bool book_is_hedge(const struct tui *tui, uint32_t position);

/* A short option that nothing covers. */
bool book_is_uncovered(const struct tui *tui, uint32_t position);

/* STATE of a position: the most urgent thing that is to be said of it. */
void book_state(const struct tui *tui, uint32_t position, struct cell *cell);

/* STATE of an order, and what it says. */
void book_order_state(const struct sq_order *order, struct cell *cell);

/* The next intraday cut-off after now over all segments, 0: none; *exchange is whose it is. */
sq_time book_next_cutoff(const struct tui *tui, unsigned *exchange);
sq_time book_cutoff(const struct tui *tui, uint32_t position);

/* Name of the client of a position, or of a code; "" when it has none. */
const char *book_client_name(const struct tui *tui, const char *code);

/* May the person at the screen close it: a dealer's own clients, or those he stands in for. */
bool book_in_scope(const struct tui *tui, uint32_t position);

/* So many positions have no believable price that a total would be a lie. */
bool book_total_is_hidden(const struct tui *tui);

#endif
