/* The gate between the world's text and ours.
 *
 * A broker's name, a FIX Text(58), a pasted line: each is hostile until it has come through here.
 * Nothing that can move the cursor, change the direction of writing, hide, or pile up on another
 * character passes: controls (C0, DEL, C1), bidi controls, zero-width and combining characters,
 * private use, unassigned codes and invalid UTF-8 all become U+FFFD, or `?` where the locale cannot
 * show that. Widths are wcwidth(3)'s, so they depend on LC_CTYPE: setlocale() comes first.
 *
 * Sources: Unicode 15 chapters 3.9 (UTF-8) and 23 (controls); RFC 4180 for CSV.
 */
#ifndef TUI_TEXT_H
#define TUI_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Decodes the first character of bytes (length > 0), makes it safe, and gives its columns (1 or 2).
 * Returns the bytes it took, at least 1. */
static inline size_t text_next(const char *bytes, size_t length, uint32_t *character, int *columns);

/* Writes a character as UTF-8; returns the bytes written, 1 to 4. No terminator. */
size_t text_utf8(uint32_t character, char bytes[4]);

/* Columns that the safe form of the text takes. */
size_t text_columns(const char *bytes, size_t length);

/* Bytes of a longer text that go on a line of `columns` when it is broken at blanks: all if it fits.
 * What stands between two blanks stays together if it can; a word that is too long stays whole. */
size_t text_piece(const char *text, size_t columns);

/* The three forms below write a terminated string of at most size - 1 bytes, whole characters only,
 * and return its length. size > 0. */

/* Safe UTF-8, clipped to `columns`: for the window title, stderr, the clipboard. */
size_t text_safe(const char *bytes, size_t length, size_t columns, char *out, size_t size);

/* One CSV field: safe, quoted where RFC 4180 asks for it, and with a leading ' before = + - @ so that
 * no spreadsheet takes it for a formula. A signed number is no formula and stays as it is. */
size_t text_csv(const char *bytes, size_t length, char *out, size_t size);

/* For a log: one line, with every byte outside printable ASCII and safe UTF-8 as \xHH. */
size_t text_log(const char *bytes, size_t length, char *out, size_t size);

/* Nearly all text is printable ASCII, and a frame has ten thousand characters: that much is inline. */
size_t text_next_beyond_ascii(const char *bytes, size_t length, uint32_t *character, int *columns);

static inline size_t text_next(const char *bytes, size_t length, uint32_t *character, int *columns)
{
    if (bytes[0] < 0x20 || bytes[0] >= 0x7f)
        return text_next_beyond_ascii(bytes, length, character, columns);
    *character = (uint32_t)bytes[0];
    *columns = 1;
    return 1;
}

#endif
