/*
 * reader.h: one file being imported: its columns by name, its fields as checked values, and the
 * verdict on each row. A format is a row of a table: names of its columns and a function for a row.
 */
#ifndef DB_READER_H
#define DB_READER_H

#include "core/record.h"
#include "db/csv.h"
#include "db/report.h"

enum { READER_COLUMNS = 40 };

enum row_result { ROW_TAKEN, ROW_UNMATCHED, ROW_LEFT_OUT, ROW_REFUSED };

struct reader;
/* Reads the row that is in reader->csv. On LEFT_OUT and REFUSED field and reason are set. */
typedef enum row_result reader_row_fn(struct reader *reader);
/* Called when all rows of a file are read: for what only the whole can show, duplicates. */
typedef void reader_end_fn(struct reader *reader);

/* A column: its name, "?NAME" where a file may lack it. */
struct reader_format {
    const char *kind; /* what the report calls it */
    int rank;         /* files are read in this order: masters, bhavcopies, freeze, the book */
    bool ours;        /* a file of our own formats: unknown columns are refused, unless x_... */
    reader_row_fn *row;
    reader_end_fn *end;                  /* NULL: nothing more */
    const char *columns[READER_COLUMNS]; /* NULL ends; the index is what field functions take */
};

struct reader {
    struct csv csv;
    const struct reader_format *format;
    int16_t at[READER_COLUMNS]; /* field of each column, -1: the file lacks it */
    uint32_t header_count;
    int file; /* index in the report */
    struct report *report;
    void *owner;        /* the import's own state */
    bool stop;          /* set by a row function: the whole file is not what is wanted */
    char date_text[12]; /* the date last read, and what it was: expiries repeat */
    uint32_t date_length;
    uint32_t date;
    char field[24]; /* of a row not taken */
    char reason[100];
};

/* Does the header (in csv, just read) hold every column that this format needs? */
bool reader_matches(const struct csv *header, const struct reader_format *format);

/* Maps columns. Returns 0, or -1 with field and reason: an unknown or repeated column of ours. */
int reader_map(struct reader *reader, const struct reader_format *format);

/* Reads all rows below the header and counts them in the report. */
void reader_run(struct reader *reader);

/* Sets field and reason, and gives the result back. text: the offending text, clipped; or NULL. */
enum row_result reader_refuse(struct reader *reader, int column, const char *reason);
enum row_result reader_leave_out(struct reader *reader, int column, const char *reason);

/*
 * Fields of the row. A column that the file lacks reads as empty. Those that return bool set field
 * and reason and return false when the field is not what it should be.
 */
struct csv_field reader_field(const struct reader *reader, int column); /* blanks trimmed */
bool reader_is_empty(const struct reader *reader, int column);
/* Into a NUL-padded member. Empty is fine for text, not for need_text. */
bool reader_text(struct reader *reader, int column, char *member, size_t size);
bool reader_need_text(struct reader *reader, int column, char *member, size_t size);
/* A price, exact in `decimals`; empty or "-" reads as 0. Negative is refused. */
bool reader_price(struct reader *reader, int column, unsigned decimals, sq_price *out);
/* A whole number within limits. Empty is refused; "65.00" is fine. */
bool reader_number(struct reader *reader, int column, int64_t low, int64_t high, int64_t *out);
/* The same, where empty is 0. */
bool reader_number_or_0(struct reader *reader, int column, int64_t low, int64_t high, int64_t *out);
bool reader_token(struct reader *reader, int column, uint32_t *out); /* 1..2^32-1 */
/* 2026-11-26, 26-11-2026, 26-Nov-2026, 26NOV2026 -> yyyymmdd; empty reads as 0. */
bool reader_date(struct reader *reader, int column, uint32_t *out);
/* Name of an enumeration's member (sq_named). Empty is refused. */
bool reader_named(struct reader *reader, int column, enum sq_list list, uint8_t *out);
/* ISO 8601 with offset -> moment. Empty is refused. */
bool reader_time(struct reader *reader, int column, sq_time *out);
/* Y or N. Empty is refused. */
bool reader_yes(struct reader *reader, int column, uint8_t *out);

#endif
