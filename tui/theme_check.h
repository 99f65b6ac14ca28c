/* Is a theme fit to trade by? What `squareoff --check-theme FILE` asks (console.md D1).
 *
 *   contrast   text against its background, and the roles of a table against the cursor's row, at
 *              least what the theme promises (4.5:1; 7:1 for high contrast), in truecolor and in 256
 *   apart      mode.*, state.unknown, danger and select never look like plain text, at any depth
 *   up, down   rise and fall, gain and loss, buy and sell differ for people with protanopia,
 *              deuteranopia or tritanopia, by colour or by attribute
 *
 * Sources: WCAG 2.1 1.4.3 and 1.4.6 with its relative luminance; Machado, Oliveira and Fernandes
 * 2009, table 1, severity 1.0; CIE 1976 L*a*b* and its colour difference.
 */
#ifndef TUI_THEME_CHECK_H
#define TUI_THEME_CHECK_H

#include <stdbool.h>

#include "tui/theme.h"

#define THEME_CHECK_DISTANCE 10 /* CIE 1976 units; about four times what is just seen */

enum theme_sight { THEME_PROTANOPIA, THEME_DEUTERANOPIA, THEME_TRITANOPIA, THEME_SIGHTS };

/* Reports each fault by its role; true when there is none. */
bool theme_check(const struct theme *theme, struct report *report);

/* Contrast of two colours, 1.0 to 21.0; 0 when one of them is the terminal's default. */
double theme_contrast(int32_t a, int32_t b);

/* Difference of two colours as that sight has it; 0 when one of them is the terminal's default. */
double theme_distance(int32_t a, int32_t b, enum theme_sight sight);

#endif
