/* Numbers as the screen writes them: Indian grouping, signs always where a sign means something,
 * ages short. All from integers. Each writes a terminated text and returns its length. */
#ifndef TUI_PRINT_H
#define TUI_PRINT_H

#include "core/num.h"

enum { PRINT_SIZE = SQ_NUMBER_SIZE };

/* Whole rupees, rounded half away from zero: "-1,84,220"; with a plus where `sign`. */
size_t print_money(sq_money paise, bool sign, char text[PRINT_SIZE]);

/* "+1,950", "-90"; without the plus where not `sign`. */
size_t print_quantity(sq_quantity quantity, bool sign, char text[PRINT_SIZE]);

/* "1,641.55"; "--" for none (0). */
size_t print_price(sq_price price, unsigned decimals, char text[PRINT_SIZE]);

/* "0.3s", "38s", "4m12", "1h10m", "3d"; "never" for a negative age. */
size_t print_age(int64_t age_us, char text[PRINT_SIZE]);

/* How long from now to `then`: "-4h23", "-12m", "-8s"; "past" when it is over. */
size_t print_left(sq_time then, sq_time now, char text[PRINT_SIZE]);

/* "10:42:15", "--:--:--" for 0. */
size_t print_time(sq_time time, char text[PRINT_SIZE]);

#endif
