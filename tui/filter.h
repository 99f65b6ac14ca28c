/* The filter line: which rows of a table are shown (console.md C2, `\`).
 *
 *   terms separated by blanks must all hold        hdfc client=C10733
 *   | separates alternatives                        client=C10421|C10733   nifty|sensex
 *   ! in front of a term turns it round             !prod=CNC
 *   name=text        the column says exactly this (any case); a * at the end: begins with it
 *   name<number      also > <= >= = !=, in the units the column shows   mtm<-10000
 *   text             any column contains it (any case)
 *
 * Pure. What a row says is asked of the caller.
 */
#ifndef TUI_FILTER_H
#define TUI_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILTER_SIZE = 96, FILTER_ATOMS = 24, FILTER_NAME_SIZE = 12, FILTER_VALUE_SIZE = 32 };

enum filter_op {
    FILTER_CONTAINS, /* no name: any column */
    FILTER_EQUAL,
    FILTER_NOT_EQUAL,
    FILTER_LESS,
    FILTER_LESS_EQUAL,
    FILTER_MORE,
    FILTER_MORE_EQUAL
};

struct filter_atom {
    char name[FILTER_NAME_SIZE];   /* of the column, lower case; "" for CONTAINS */
    char value[FILTER_VALUE_SIZE]; /* as typed */
    enum filter_op op;
    unsigned term; /* atoms of one term are alternatives */
    bool negated;  /* of the term */
};

struct filter {
    char text[FILTER_SIZE]; /* as typed; "" shows all */
    size_t count;
    struct filter_atom atoms[FILTER_ATOMS];
};

/* What one row says. Both get `context`. */
struct filter_row {
    /* Does column `name` (NULL: any column) say `value`? exact: wholly, else it contains it. */
    bool (*text)(void *context, const char *name, const char *value, bool exact);
    /* Number of a column and how many of its digits are decimals; false: it has none. */
    bool (*number)(void *context, const char *name, int64_t *value, unsigned *decimals);
    void *context;
};

/* Reads a filter line. `known` says whether there is a column of a name. On error returns -1, says
 * why, and leaves the filter as it was. */
int filter_parse(struct filter *filter, const char *text,
                 bool (*known)(void *context, const char *name), void *context, char *why,
                 size_t why_room);

/* Is the row shown? */
bool filter_match(const struct filter *filter, const struct filter_row *row);

/* Does `text` contain `part`, ASCII case aside? An empty part is contained in anything. */
bool filter_contains(const char *text, const char *part);

/* Does `text` say `value`, case aside? A * at the end of value stands for anything. */
bool filter_equal(const char *text, const char *value);

#endif
