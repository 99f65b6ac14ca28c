/*
 * Comma separated files, a row at a time: quotes, blank padding, CRLF, a byte order mark. The file
 * is read whole (at most SIM_CSV_BYTES) and cut up in place, so fields live until sim_csv_close().
 */
#ifndef NET_SIMULATOR_CSV_H
#define NET_SIMULATOR_CSV_H

#include <stdbool.h>
#include <stddef.h>

enum {
    SIM_CSV_FIELDS = 64,           /* most columns of a file */
    SIM_CSV_BYTES = 128 * 1048576, /* largest file */
    SIM_WHY = 256                  /* room for a human error text, everywhere in the simulator */
};

struct sim_csv {
    char path[256];              /* as opened, for messages */
    char *bytes;                 /* the whole file, terminated */
    char *at;                    /* next row */
    unsigned line;               /* of the row in `field`, from 1 */
    unsigned lines;              /* line breaks seen */
    int count;                   /* fields of this row */
    char *field[SIM_CSV_FIELDS]; /* this row, blanks around the values removed */
    int column[SIM_CSV_FIELDS];  /* by sim_csv_header: expected column -> field, -1 absent */
    const char *const *name;     /* by sim_csv_header: names of the expected columns; borrowed */
};

/* Opens and reads a file. 0; -1 with why (then nothing is held). */
int sim_csv_open(struct sim_csv *csv, const char *path, char why[SIM_WHY]);
void sim_csv_close(struct sim_csv *csv);

/* Next row that is not blank: 1, at the end 0, -1 with why. */
int sim_csv_next(struct sim_csv *csv, char why[SIM_WHY]);

/*
 * Takes the present row as the header. `name` ends with NULL; a name that begins with '?' may be
 * missing. With `strict`, a column that is not expected is refused unless it begins with "x_".
 */
int sim_csv_header(struct sim_csv *csv, const char *const *name, bool strict, char why[SIM_WHY]);

/* Value of the i-th expected column; "" when the column or the field is missing. */
const char *sim_csv_get(const struct sim_csv *csv, int column);

/*
 * Reads a whole file: its header by `name`, then row(context, ...) for each row. 0; -1 with why, at
 * the first row that is refused.
 */
typedef int sim_csv_row(void *context, const struct sim_csv *csv, char why[SIM_WHY]);
int sim_csv_each(const char *path, const char *const *name, bool strict, sim_csv_row *row,
                 void *context, char why[SIM_WHY]);

/* Writes "FILE:LINE: COLUMN: reason" and returns -1. */
int sim_csv_refuse(const struct sim_csv *csv, int column, const char *reason, char why[SIM_WHY]);

#endif
