/*
 * report.h: what an import did: counts for each file, and every row that was not taken, with file,
 * line, field and reason.
 *
 * REFUSED: the row is wrong, or contradicts another; nothing is loaded while there is one.
 * LEFT OUT: the row is fine and not for us (a spread, an index name that is there twice); told,
 * and no obstacle.
 */
#ifndef DB_REPORT_H
#define DB_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { REPORT_FILES = 64, REPORT_ROWS = 20000, REPORT_NAME = 256 };

struct report_file {
    char name[REPORT_NAME]; /* as the caller named it */
    const char *kind;       /* name of the format; "?" while it is not known */
    uint32_t rows;          /* records below the header */
    uint32_t loaded;        /* taken */
    uint32_t unmatched;     /* fine, and about a contract that no other file holds */
    uint32_t left_out;
    uint32_t refused;
};

struct report_row {
    uint16_t file; /* index */
    bool refused;  /* else left out */
    uint32_t line; /* 0: the file as a whole */
    char field[24];
    char reason[100];
};

struct report {
    struct report_file file[REPORT_FILES];
    uint32_t file_count;
    struct report_row *rows; /* the first REPORT_ROWS of them, in the order of reading */
    uint32_t row_count;
    uint32_t row_room;
    uint32_t refused; /* in all files, kept or not */
    uint32_t left_out;
};

void report_init(struct report *report);
void report_finish(struct report *report);

/* New file; its index, or -1 when there are too many. */
int report_file(struct report *report, const char *name);

/* One row that was not taken. Text from the file in `reason` is the caller's to have clipped. */
void report_add(struct report *report, int file, bool refused, uint32_t line, const char *field,
                const char *reason);

/* For people: a line a file, then a line a row not taken, refused ones first, at most `most`. */
void report_print(const struct report *report, FILE *out, uint32_t most);
/* The same as one JSON object, all rows. */
void report_json(const struct report *report, FILE *out);

/* A JSON string with its quotes; control bytes are escaped. */
void report_json_text(FILE *out, const char *text);

#endif
