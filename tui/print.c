/* Numbers as the screen writes them. */
#include "tui/print.h"

#include <stdio.h>
#include <string.h>

static size_t with_plus(int64_t value, bool sign, char *text)
{
    size_t length = strlen(text);

    if (sign && value > 0 && length + 1 < PRINT_SIZE) {
        memmove(text + 1, text, length + 1);
        text[0] = '+';
        length++;
    }
    return length;
}

size_t print_money(sq_money paise, bool sign, char text[PRINT_SIZE])
{
    sq_print_decimal(sq_mul_div(paise, 1, 100), 0, true, text);
    return with_plus(paise, sign && paise >= 50, text);
}

size_t print_quantity(sq_quantity quantity, bool sign, char text[PRINT_SIZE])
{
    sq_print_decimal(quantity, 0, true, text);
    return with_plus(quantity, sign, text);
}

size_t print_price(sq_price price, unsigned decimals, char text[PRINT_SIZE])
{
    if (price == 0)
        return (size_t)snprintf(text, PRINT_SIZE, "--");
    return sq_print_decimal(price, decimals, true, text);
}

size_t print_age(int64_t age_us, char text[PRINT_SIZE])
{
    int64_t seconds = age_us / SQ_SECOND;

    if (age_us < 0)
        return (size_t)snprintf(text, PRINT_SIZE, "never");
    if (seconds < 10)
        return (size_t)snprintf(text, PRINT_SIZE, "%d.%ds", (int)seconds,
                                (int)(age_us % SQ_SECOND * 10 / SQ_SECOND));
    if (seconds < 60)
        return (size_t)snprintf(text, PRINT_SIZE, "%ds", (int)seconds);
    if (seconds < 3600)
        return (size_t)snprintf(text, PRINT_SIZE, "%dm%02d", (int)(seconds / 60),
                                (int)(seconds % 60));
    if (seconds < 86400)
        return (size_t)snprintf(text, PRINT_SIZE, "%dh%02dm", (int)(seconds / 3600),
                                (int)(seconds / 60 % 60));
    return (size_t)snprintf(text, PRINT_SIZE, "%dd", (int)(seconds / 86400 % 100000));
}

size_t print_left(sq_time then, sq_time now, char text[PRINT_SIZE])
{
    int64_t seconds = (then - now) / SQ_SECOND;

    if (then <= now)
        return (size_t)snprintf(text, PRINT_SIZE, "past");
    if (seconds < 60)
        return (size_t)snprintf(text, PRINT_SIZE, "-%ds", (int)seconds);
    if (seconds < 3600)
        return (size_t)snprintf(text, PRINT_SIZE, "-%dm", (int)(seconds / 60));
    return (size_t)snprintf(text, PRINT_SIZE, "-%dh%02d", (int)(seconds / 3600 % 1000),
                            (int)(seconds / 60 % 60));
}

size_t print_time(sq_time time, char text[PRINT_SIZE])
{
    if (time == 0)
        return (size_t)snprintf(text, PRINT_SIZE, "--:--:--");
    return sq_print_clock(time, false, text);
}
