/*
 * reference.h: every contract that the files of the day tell of, found by token and by name.
 *
 * Rows are in the order of reading. Several files may tell of one contract: the first one makes
 * the row, later ones fill in what it did not know (0, empty), and may not contradict it.
 */
#ifndef DB_REFERENCE_H
#define DB_REFERENCE_H

#include "core/record.h"

struct reference {
    struct sq_instrument *rows;
    uint8_t *file; /* index of the file that made the row */
    uint32_t count;
    uint32_t room;
    uint32_t *by_token; /* row + 1, 0: empty; open addressing */
    uint32_t token_mask;
    uint32_t *by_name; /* made when first asked for, dropped when a row is added */
    uint32_t name_mask;
};

void reference_init(struct reference *reference);
void reference_finish(struct reference *reference);

/* Makes room for so many more rows at once. False when memory ends; then it grows as it goes. */
bool reference_reserve(struct reference *reference, uint32_t more);

enum reference_result {
    REFERENCE_NEW,
    REFERENCE_MERGED,
    REFERENCE_TWICE,   /* the same file had this token already */
    REFERENCE_OTHER,   /* another contract has this token */
    REFERENCE_DIFFERS, /* the same contract with another lot, tick or multiplier */
    REFERENCE_NO_MEMORY
};
/* *row: the row that is there now, or that stands in the way. */
enum reference_result reference_put(struct reference *reference, const struct sq_instrument *fresh,
                                    uint8_t file, uint32_t *row);

/* Row of a token, or UINT32_MAX. */
uint32_t reference_find(const struct reference *reference, enum sq_exchange exchange,
                        uint32_t token);

/*
 * Row of a contract by its name: exchange, symbol, and series (cash) or expiry, strike and contract
 * (derivatives) of `wanted`. Sets *matches: 0, 1 or 2 (more than one). UINT32_MAX unless it is 1.
 */
uint32_t reference_named(struct reference *reference, const struct sq_instrument *wanted,
                         uint32_t *matches);

#endif
