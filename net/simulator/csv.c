/*
 * Fields are cut out of the file's own bytes, terminated where the comma stood, so a row costs no
 * copy and no allocation, and a value can be as long as the file lets it.
 */
#include "net/simulator/csv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const struct sim_csv *csv, const char *reason, char why[SIM_WHY])
{
    snprintf(why, SIM_WHY, "%.120s:%u: %s", csv->path, csv->line, reason);
    return -1;
}

/* Reads the whole of an open file; NULL when it does not fit or cannot be read. */
static char *slurp(FILE *file, size_t *length)
{
    size_t capacity = 65536;
    char *bytes = malloc(capacity + 1);
    *length = 0;
    while (bytes != NULL) {
        *length += fread(bytes + *length, 1, capacity - *length, file);
        if (*length < capacity)
            break;
        capacity *= 2;
        char *more = capacity > SIM_CSV_BYTES ? NULL : realloc(bytes, capacity + 1);
        if (more == NULL)
            free(bytes);
        bytes = more;
    }
    if (bytes != NULL)
        bytes[*length] = '\0';
    return bytes;
}

int sim_csv_open(struct sim_csv *csv, const char *path, char why[SIM_WHY])
{
    size_t length;
    memset(csv, 0, sizeof *csv);
    snprintf(csv->path, sizeof csv->path, "%s", path);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return fail(csv, strerror(errno), why);
    csv->bytes = slurp(file, &length);
    bool broken = ferror(file) != 0;
    fclose(file);
    if (csv->bytes == NULL || broken)
        fail(csv, broken ? "cannot be read" : "too large", why);
    else if (memchr(csv->bytes, '\0', length) != NULL)
        fail(csv, "holds a NUL byte", why);
    else {
        csv->at = csv->bytes + (strncmp(csv->bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0);
        return 0;
    }
    sim_csv_close(csv);
    return -1;
}

/* Harmless on a file that was never opened. */
void sim_csv_close(struct sim_csv *csv)
{
    free(csv->bytes);
    csv->bytes = NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/*
 * A quoted field, with its quotes removed in place. `at` is behind the opening quote; returns the
 * first byte behind the closing one, or NULL when there is none.
 */
static char *unquote(struct sim_csv *csv, char *at)
{
    char *to = at;
    for (; *at != '\0'; at++) {
        csv->lines += *at == '\n';
        if (*at == '"' && at[1] != '"') {
            *to = '\0';
            return at + 1;
        }
        at += *at == '"';
        *to++ = *at;
    }
    return NULL;
}

/* Blank padding is common in exchanges' files; a CR is left of CRLF. */
static void trim_end(char *from, char *end)
{
    while (end > from && (is_blank(end[-1]) || end[-1] == '\r'))
        end--;
    *end = '\0';
}

/* One field; *stop is what ended it: ',', '\n' or NUL. NULL on a broken quote. */
static char *take_field(struct sim_csv *csv, char **at, char *stop)
{
    char *from = *at;
    while (is_blank(*from))
        from++;
    char *end = from;
    if (*from == '"') {
        from++;
        end = unquote(csv, from);
        while (end != NULL && (is_blank(*end) || *end == '\r'))
            end++;
        if (end == NULL || (*end != ',' && *end != '\n' && *end != '\0'))
            return NULL;
        *stop = *end;
    } else {
        end += strcspn(end, ",\n");
        *stop = *end;
        trim_end(from, end);
    }
    *at = end + (*stop != '\0');
    return from;
}

int sim_csv_next(struct sim_csv *csv, char why[SIM_WHY])
{
    char stop = 0;
    do {
        if (*csv->at == '\0')
            return 0;
        csv->line = csv->lines + 1;
        csv->count = 0;
        do {
            if (csv->count == SIM_CSV_FIELDS)
                return fail(csv, "too many fields", why);
            csv->field[csv->count] = take_field(csv, &csv->at, &stop);
            if (csv->field[csv->count++] == NULL)
                return fail(csv, "broken quotes", why);
        } while (stop == ',');
        csv->lines += stop == '\n';
    } while (csv->count == 1 && csv->field[0][0] == '\0');
    return 1;
}

/* Which expected column has this name? -1: none. */
static int expected(const char *const *name, const char *found)
{
    for (int i = 0; name[i] != NULL; i++)
        if (strcmp(name[i] + (name[i][0] == '?'), found) == 0)
            return i;
    return -1;
}

static int refuse_column(const struct sim_csv *csv, const char *name, const char *reason,
                         char why[SIM_WHY])
{
    snprintf(why, SIM_WHY, "%.120s:%u: %.40s: %s", csv->path, csv->line, name, reason);
    return -1;
}

int sim_csv_header(struct sim_csv *csv, const char *const *name, bool strict, char why[SIM_WHY])
{
    csv->name = name;
    memset(csv->column, -1, sizeof csv->column);
    for (int f = 0; f < csv->count; f++) {
        int i = expected(name, csv->field[f]);
        bool extra = csv->field[f][0] == '\0' || strncmp(csv->field[f], "x_", 2) == 0;
        if (i >= 0 && csv->column[i] >= 0)
            return refuse_column(csv, csv->field[f], "column given twice", why);
        if (i >= 0)
            csv->column[i] = f;
        else if (strict && !extra)
            return refuse_column(csv, csv->field[f], "unknown column", why);
    }
    for (int i = 0; name[i] != NULL; i++)
        if (csv->column[i] < 0 && name[i][0] != '?')
            return refuse_column(csv, name[i], "column is missing", why);
    return 0;
}

const char *sim_csv_get(const struct sim_csv *csv, int column)
{
    int f = csv->column[column];
    return f >= 0 && f < csv->count ? csv->field[f] : "";
}

int sim_csv_refuse(const struct sim_csv *csv, int column, const char *reason, char why[SIM_WHY])
{
    const char *name = csv->name[column];
    return refuse_column(csv, name + (name[0] == '?'), reason, why);
}

int sim_csv_each(const char *path, const char *const *name, bool strict, sim_csv_row *row,
                 void *context, char why[SIM_WHY])
{
    struct sim_csv csv;
    if (sim_csv_open(&csv, path, why) != 0)
        return -1;
    int state = sim_csv_next(&csv, why);
    if (state == 0)
        fail(&csv, "no header", why);
    bool good = state == 1 && sim_csv_header(&csv, name, strict, why) == 0;
    while (good && (state = sim_csv_next(&csv, why)) == 1)
        good = row(context, &csv, why) == 0;
    sim_csv_close(&csv);
    return good && state == 0 ? 0 : -1;
}
