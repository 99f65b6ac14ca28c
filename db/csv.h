/*
 * csv.h: a strict reader of comma separated files, in one pass over the whole file in memory.
 *
 * RFC 4180 with these limits, because everything from outside is hostile until checked:
 *   UTF-8 (a BOM is skipped), no control bytes, CRLF or LF, at most CSV_FIELDS_MAX fields of at
 *   most CSV_FIELD_MAX bytes, no line break inside quotes, nothing behind a closing quote.
 * A record that breaks a rule is refused with its line and field; reading goes on at the next line.
 * Empty lines are skipped. Quotes are undone in place, so the text is changed by reading it.
 */
#ifndef DB_CSV_H
#define DB_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CSV_FIELDS_MAX = 64, CSV_FIELD_MAX = 256, CSV_FILE_MAX = 256 << 20 };

struct csv_field {
    const char *text; /* not NUL-terminated */
    uint32_t length;
};

struct csv {
    char *at;
    char *end;      /* there is a '\n' at *end, put there by the reader */
    uint32_t line;  /* of the record last read; the first line is 1 */
    uint32_t lines; /* ended so far */
    uint32_t count; /* fields of the record last read */
    struct csv_field field[CSV_FIELDS_MAX];
    uint32_t bad_field; /* BAD: number of the field, from 1 */
    const char *reason; /* BAD: what is wrong with it */
};

enum csv_result { CSV_END, CSV_ROW, CSV_BAD };

/*
 * text: length bytes and room for one more. Returns 0, or the line where it stops being UTF-8
 * (then nothing can be read from it).
 */
uint32_t csv_init(struct csv *csv, char *text, size_t length);

/* Next record. CSV_BAD: csv->line, bad_field and reason tell; call again to go on. */
enum csv_result csv_next(struct csv *csv);

/*
 * Whole file into fresh memory, with one byte to spare. NULL with the reason in why: not a plain
 * file, larger than CSV_FILE_MAX, or not readable. Free it.
 */
char *csv_read_file(const char *path, size_t *length, char *why, size_t why_room);

/* Field without blanks around it, as old mainframe files pad theirs. */
struct csv_field csv_trim(struct csv_field field);

/* Is the field this text, letter for letter? */
bool csv_is(const struct csv_field *field, const char *text);

#endif
