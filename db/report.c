/*
 * report.c: counts, and rows that were not taken.
 *
 * The rows that are kept are bounded, the counts are not: a file of nothing but faults fills no
 * memory, and its report still says how many there were.
 */
#include "db/report.h"

#include <stdlib.h>
#include <string.h>

void report_init(struct report *report)
{
    memset(report, 0, sizeof *report);
}

void report_finish(struct report *report)
{
    free(report->rows);
    report_init(report);
}

int report_file(struct report *report, const char *name)
{
    if (report->file_count == REPORT_FILES)
        return -1;
    struct report_file *file = &report->file[report->file_count];
    snprintf(file->name, sizeof file->name, "%s", name);
    file->kind = "?";
    return (int)report->file_count++;
}

static struct report_row *row_room(struct report *report)
{
    if (report->row_count == REPORT_ROWS)
        return NULL;
    if (report->row_count == report->row_room) {
        uint32_t room = report->row_room ? report->row_room * 2 : 64;
        struct report_row *rows = realloc(report->rows, room * sizeof *rows);
        if (rows == NULL)
            return NULL; /* the counts stay exact */
        report->rows = rows;
        report->row_room = room;
    }
    return &report->rows[report->row_count++];
}

/* The gate for text from files: nothing but printable ASCII goes on to terminals and JSON. */
static void set_safe(char *member, size_t size, const char *text)
{
    snprintf(member, size, "%s", text);
    for (; *member; member++)
        if ((unsigned char)*member < 32 || (unsigned char)*member >= 127)
            *member = '?';
}

void report_add(struct report *report, int file, bool refused, uint32_t line, const char *field,
                const char *reason)
{
    *(refused ? &report->refused : &report->left_out) += 1;
    *(refused ? &report->file[file].refused : &report->file[file].left_out) += 1;
    struct report_row *row = row_room(report);
    if (row == NULL)
        return;
    row->file = (uint16_t)file;
    row->refused = refused;
    row->line = line;
    set_safe(row->field, sizeof row->field, field);
    set_safe(row->reason, sizeof row->reason, reason);
}

/* Names of files come from the command line, or from a folder that anybody may have filled. */
static void print_name(FILE *out, const char *path)
{
    char name[REPORT_NAME];
    const char *slash = strrchr(path, '/');
    set_safe(name, sizeof name, slash ? slash + 1 : path);
    fputs(name, out);
}

static void print_row(const struct report *report, const struct report_row *row, FILE *out)
{
    fputs(row->refused ? "refused   " : "left out  ", out);
    print_name(out, report->file[row->file].name);
    if (row->line > 0)
        fprintf(out, ":%u", row->line);
    fputs(": ", out);
    fprintf(out, "%s%s%s\n", row->field, row->field[0] ? ": " : "", row->reason);
}

static void print_file(const struct report_file *file, FILE *out)
{
    print_name(out, file->name);
    fprintf(out, ": %s: %u rows, %u loaded", file->kind, file->rows, file->loaded);
    if (file->unmatched)
        fprintf(out, ", %u of contracts that are not there", file->unmatched);
    if (file->left_out)
        fprintf(out, ", %u left out", file->left_out);
    fprintf(out, ", %u refused\n", file->refused);
}

/* Returns how many of `most` are left to print. */
static uint32_t print_rows(const struct report *report, bool refused, FILE *out, uint32_t most)
{
    for (uint32_t i = 0; i < report->row_count && most > 0; i++)
        if (report->rows[i].refused == refused) {
            print_row(report, &report->rows[i], out);
            most--;
        }
    return most;
}

void report_print(const struct report *report, FILE *out, uint32_t most)
{
    for (uint32_t i = 0; i < report->file_count; i++)
        print_file(&report->file[i], out);
    uint32_t left = print_rows(report, true, out, most);
    left = print_rows(report, false, out, left);
    if (report->refused + report->left_out > most - left)
        fprintf(out, "and %u more rows\n", report->refused + report->left_out - (most - left));
}

void report_json_text(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", c);
        else if (c < 32 || c == 127)
            fprintf(out, "\\u%04x", c);
        else
            fputc(c, out);
    }
    fputc('"', out);
}

static void json_file(const struct report_file *file, FILE *out)
{
    fputs("{\"file\":", out);
    report_json_text(out, file->name);
    fputs(",\"kind\":", out);
    report_json_text(out, file->kind);
    fprintf(out, ",\"rows\":%u,\"loaded\":%u,\"unmatched\":%u,\"left_out\":%u,\"refused\":%u}",
            file->rows, file->loaded, file->unmatched, file->left_out, file->refused);
}

static void json_row(const struct report *report, const struct report_row *row, FILE *out)
{
    fputs("{\"file\":", out);
    report_json_text(out, report->file[row->file].name);
    fprintf(out, ",\"line\":%u,\"field\":", row->line);
    report_json_text(out, row->field);
    fputs(",\"reason\":", out);
    report_json_text(out, row->reason);
    fprintf(out, ",\"refused\":%s}", row->refused ? "true" : "false");
}

void report_json(const struct report *report, FILE *out)
{
    fprintf(out, "{\"refused\":%u,\"left_out\":%u,\"files\":[", report->refused, report->left_out);
    for (uint32_t i = 0; i < report->file_count; i++) {
        fputs(i ? "," : "", out);
        json_file(&report->file[i], out);
    }
    fputs("],\"rows\":[", out);
    for (uint32_t i = 0; i < report->row_count; i++) {
        fputs(i ? "," : "", out);
        json_row(report, &report->rows[i], out);
    }
    fputs("]}\n", out);
}
