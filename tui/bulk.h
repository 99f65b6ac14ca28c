/* X and K: many positions at once. Targets are bound when it opens; what changes falls out and is
 * listed with its reason, nothing is ever added; the number of positions is typed. */
#ifndef TUI_BULK_H
#define TUI_BULK_H

#include "core/engine.h"
#include "tui/form.h"

enum {
    BULK_LIFE_S = 120,
    BULK_SHOWN_S = 30,
    BULK_STUCK_S = 10, /* nothing ended for so long: no guess how long it will take */
    BULK_REFRESH_MS = 500,
    BULK_WHY_SIZE = 64,
    BULK_SCOPE_SIZE = 112
};

struct bulk_line {
    uint32_t position; /* row */
    uint32_t order;    /* K: the order to cancel */
    sq_quantity net;   /* when it opened */
    uint64_t guards;   /* that are confirmed by typing the number */
    bool included;
    bool delivery;           /* left out because nobody asked for its product */
    char why[BULK_WHY_SIZE]; /* it is not included */
    struct sq_preview now;   /* the core's latest answer */
};

struct bulk {
    bool cancels;            /* K, not X */
    struct bulk_line *lines; /* included first, in the order they would be sent; owned */
    uint32_t room;
    uint32_t count;
    uint32_t included;
    uint32_t positions; /* included positions: the number to type */
    uint32_t top;       /* first line shown */
    bool ready;         /* the first previews are there */
    sq_time asked;
    sq_time key_time;
    char scope[BULK_SCOPE_SIZE]; /* "tagged", "all shown, filter ..." */
    struct form_field typed;
    struct sq_square_off *intents; /* room for one of each line; owned */
    struct sq_message *messages;   /* room for one of each line and the go; owned */
    /* What was sent last, for its progress. */
    uint64_t running; /* bulk number; 0: none */
    uint32_t total;   /* positions of it */
    sq_time began;
    uint32_t left; /* still to be done, as of the last turn, */
    sq_time moved; /* and when that last changed */
    sq_time ended; /* when nothing of it was left to do; 0: not yet */
};

bool bulk_init(struct bulk *bulk, uint32_t room);
void bulk_finish(struct bulk *bulk);

/* Opens the full preview of closing these positions, or of cancelling these orders. */
void bulk_open_close(struct tui *tui, const uint32_t *positions, size_t count, const char *scope,
                     bool delivery);
void bulk_open_cancel(struct tui *tui, const uint32_t *orders, size_t count, const char *scope);

/* How far the last bulk close has got. */
struct bulk_progress {
    uint32_t total, flat, residue;
    uint32_t waiting;     /* for a supervisor */
    uint32_t left;        /* still to be done without anybody */
    int64_t seconds_left; /* at the rate so far; -1: not known */
};
/* False: none is running. */
bool bulk_progress(const struct tui *tui, struct bulk_progress *progress);

/* The strip, for strip_bulk (tui/bulk_draw.c). */
int bulk_rows(const struct tui *tui);
void bulk_draw(struct tui *tui, struct canvas *canvas, struct rect place);
bool bulk_cursor(const struct tui *tui, struct rect place, int *row, int *column);
const char *bulk_keys(const struct tui *tui);

/* Each turn: forgets a bulk close BULK_SHOWN_S after it has ended. */
void bulk_update(struct tui *tui);

#endif
