/*
 * reader.c: columns, fields, rows.
 *
 * Field functions refuse rather than mend: no rounding, no cutting, no guessing of a format. What
 * they accept beside the plain form is what real files do: blanks around a field, "-" for no price,
 * "65.00" for a whole number, three ways to write a date.
 */
#include "db/reader.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"

/* ---- columns --------------------------------------------------------------------------------- */

static const char *bare(const char *column)
{
    return column + (*column == '?');
}

/* Old files pad the names in their header too. */
static int find_column(const struct csv *header, const char *name)
{
    for (uint32_t i = 0; i < header->count; i++) {
        struct csv_field field = csv_trim(header->field[i]);
        if (csv_is(&field, name))
            return (int)i;
    }
    return -1;
}

/* Names decide, in any order and among any others. */
bool reader_matches(const struct csv *header, const struct reader_format *format)
{
    for (int c = 0; format->columns[c]; c++)
        if (format->columns[c][0] != '?' && find_column(header, format->columns[c]) < 0)
            return false;
    return true;
}

static int refuse_header(struct reader *r, const struct csv_field *field, const char *reason)
{
    snprintf(r->field, sizeof r->field, "%.*s", (int)(field->length & 0xff), field->text);
    snprintf(r->reason, sizeof r->reason, "%s", reason);
    return -1;
}

/* A column of ours must be one we know, once; other people's files may hold what they like. */
static int check_header(struct reader *r)
{
    for (uint32_t i = 0; i < r->header_count; i++) {
        struct csv_field field = csv_trim(r->csv.field[i]);
        bool known = field.length > 2 && memcmp(field.text, "x_", 2) == 0;
        for (int c = 0; !known && r->format->columns[c]; c++)
            known = csv_is(&field, bare(r->format->columns[c]));
        if (!known)
            return refuse_header(r, &field, "unknown column");
        for (uint32_t k = 0; k < i; k++) {
            struct csv_field before = csv_trim(r->csv.field[k]);
            if (before.length == field.length && memcmp(before.text, field.text, field.length) == 0)
                return refuse_header(r, &field, "column is there twice");
        }
    }
    return 0;
}

int reader_map(struct reader *r, const struct reader_format *format)
{
    r->format = format;
    r->header_count = r->csv.count;
    for (int c = 0; format->columns[c]; c++)
        r->at[c] = (int16_t)find_column(&r->csv, bare(format->columns[c]));
    return format->ours ? check_header(r) : 0;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static enum row_result note(struct reader *r, enum row_result result, int column,
                            const char *reason)
{
    struct csv_field text = column >= 0 ? reader_field(r, column) : (struct csv_field){"", 0};
    snprintf(r->field, sizeof r->field, "%s", column >= 0 ? bare(r->format->columns[column]) : "");
    if (text.length > 0)
        snprintf(r->reason, sizeof r->reason, "'%.*s': %s",
                 (int)(text.length < 32 ? text.length : 32), text.text, reason);
    else
        snprintf(r->reason, sizeof r->reason, "%s", reason);
    return result;
}

enum row_result reader_refuse(struct reader *r, int column, const char *reason)
{
    return note(r, ROW_REFUSED, column, reason);
}

enum row_result reader_leave_out(struct reader *r, int column, const char *reason)
{
    return note(r, ROW_LEFT_OUT, column, reason);
}

/* As many fields as the header; what is beyond must be empty: some files end lines with a comma. */
static bool count_is_right(const struct csv *csv, uint32_t header_count)
{
    for (uint32_t i = header_count; i < csv->count; i++)
        if (csv->field[i].length > 0)
            return false;
    return csv->count >= header_count;
}

/* Shape first, then content: a format's function sees only rows of the right shape. */
static enum row_result judge(struct reader *r, enum csv_result result)
{
    if (result == CSV_BAD) {
        snprintf(r->field, sizeof r->field, "field %u", r->csv.bad_field);
        snprintf(r->reason, sizeof r->reason, "%s", r->csv.reason);
        return ROW_REFUSED;
    }
    if (!count_is_right(&r->csv, r->header_count)) {
        r->field[0] = '\0';
        snprintf(r->reason, sizeof r->reason, "%u fields where the header has %u", r->csv.count,
                 r->header_count);
        return ROW_REFUSED;
    }
    return r->format->row(r);
}

/* Goes on after a fault, so that one run tells all of them. */
void reader_run(struct reader *r)
{
    struct report_file *file = &r->report->file[r->file];
    enum csv_result result;
    r->stop = false;
    while (!r->stop && (result = csv_next(&r->csv)) != CSV_END) {
        enum row_result verdict = judge(r, result);
        file->rows++;
        file->loaded += verdict == ROW_TAKEN;
        file->unmatched += verdict == ROW_UNMATCHED;
        if (verdict == ROW_REFUSED || verdict == ROW_LEFT_OUT)
            report_add(r->report, r->file, verdict == ROW_REFUSED, r->csv.line, r->field,
                       r->reason);
    }
    if (r->format->end)
        r->format->end(r);
}

/* ---- fields ---------------------------------------------------------------------------------- */

struct csv_field reader_field(const struct reader *r, int column)
{
    int at = r->at[column];
    return at < 0 ? (struct csv_field){"", 0} : csv_trim(r->csv.field[at]);
}

bool reader_is_empty(const struct reader *r, int column)
{
    return reader_field(r, column).length == 0;
}

/* For the functions below, which say false. */
static bool bad(struct reader *r, int column, const char *reason)
{
    reader_refuse(r, column, reason);
    return false;
}

/* Text that does not fit is refused, never cut: a cut client code is another client. */
bool reader_text(struct reader *r, int column, char *member, size_t size)
{
    struct csv_field field = reader_field(r, column);
    if (field.length >= size)
        return bad(r, column, "too long");
    memset(member, 0, size);
    memcpy(member, field.text, field.length);
    return true;
}

bool reader_need_text(struct reader *r, int column, char *member, size_t size)
{
    if (reader_is_empty(r, column))
        return bad(r, column, "empty");
    return reader_text(r, column, member, size);
}

/* Exact or refused: a price is never rounded on its way in. */
bool reader_price(struct reader *r, int column, unsigned decimals, sq_price *out)
{
    struct csv_field field = reader_field(r, column);
    *out = 0;
    if (field.length == 0 || csv_is(&field, "-"))
        return true;
    if (!sq_parse_decimal(field.text, field.length, decimals, out))
        return bad(r, column,
                   decimals == 2 ? "not a price of at most 2 decimals"
                                 : "not a price of at most 4 decimals");
    return *out >= 0 || bad(r, column, "negative");
}

bool reader_number(struct reader *r, int column, int64_t low, int64_t high, int64_t *out)
{
    struct csv_field field = reader_field(r, column);
    if (!sq_parse_decimal(field.text, field.length, 0, out))
        return bad(r, column, field.length ? "not a whole number" : "empty");
    return (*out >= low && *out <= high) || bad(r, column, "out of range");
}

bool reader_number_or_0(struct reader *r, int column, int64_t low, int64_t high, int64_t *out)
{
    *out = 0;
    return reader_is_empty(r, column) || reader_number(r, column, low, high, out);
}

bool reader_token(struct reader *r, int column, uint32_t *out)
{
    int64_t number;
    if (!reader_number(r, column, 1, UINT32_MAX, &number))
        return false;
    *out = (uint32_t)number;
    return true;
}

/* ---- dates and times ------------------------------------------------------------------------- */

static int digits(const char *text, int count)
{
    int number = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = number * 10 + (text[i] - '0');
    }
    return number;
}

static int month_named(const char *text)
{
    static const char names[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    char upper[3];
    for (int i = 0; i < 3; i++)
        upper[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
    for (int month = 0; month < 12; month++)
        if (memcmp(names + 3 * month, upper, 3) == 0)
            return month + 1;
    return -1;
}

/* The shape tells the form; no form can be taken for another. */
static uint32_t parse_date(const char *t, size_t length)
{
    int year = -1, month = -1, day = -1;
    if (length == 10 && t[4] == '-' && t[7] == '-') {
        year = digits(t, 4), month = digits(t + 5, 2), day = digits(t + 8, 2);
    } else if (length == 10 && t[2] == '-' && t[5] == '-') {
        year = digits(t + 6, 4), month = digits(t + 3, 2), day = digits(t, 2);
    } else if (length == 11 && t[2] == '-' && t[6] == '-') {
        year = digits(t + 7, 4), month = month_named(t + 3), day = digits(t, 2);
    } else if (length == 9) {
        year = digits(t + 5, 4), month = month_named(t + 2), day = digits(t, 2);
    }
    if (year < 0 || month < 0 || day < 0)
        return 0;
    uint32_t date = (uint32_t)(year * 10000 + month * 100 + day);
    return sq_date_is_valid(date) ? date : 0;
}

/* Dates repeat from row to row, expiries above all: the last one is remembered. */
bool reader_date(struct reader *r, int column, uint32_t *out)
{
    struct csv_field field = reader_field(r, column);
    *out = 0;
    if (field.length == 0)
        return true;
    if (field.length != r->date_length || memcmp(field.text, r->date_text, field.length) != 0) {
        uint32_t date = parse_date(field.text, field.length);
        if (date == 0)
            return bad(r, column, "not a date");
        memcpy(r->date_text, field.text, field.length);
        r->date_length = field.length;
        r->date = date;
    }
    *out = r->date;
    return true;
}

bool reader_time(struct reader *r, int column, sq_time *out)
{
    struct csv_field field = reader_field(r, column);
    return (field.length > 0 && sq_parse_iso(field.text, field.length, out)) ||
           bad(r, column, "not a time like 2026-11-26T10:41:58+05:30");
}

/* The first name of most lists is "-", for none, which no file may write. */
bool reader_named(struct reader *r, int column, enum sq_list list, uint8_t *out)
{
    struct csv_field field = reader_field(r, column);
    char name[24] = "";
    int member = -1;
    if (field.length > 0 && field.length < sizeof name && field.text[0] != '-') {
        memcpy(name, field.text, field.length);
        member = sq_named(list, name);
    }
    *out = (uint8_t)(member < 0 ? 0 : member);
    return member >= 0 || bad(r, column, field.length ? "not a known name" : "empty");
}

bool reader_yes(struct reader *r, int column, uint8_t *out)
{
    struct csv_field field = reader_field(r, column);
    *out = csv_is(&field, "Y");
    return *out || csv_is(&field, "N") || bad(r, column, "neither Y nor N");
}
