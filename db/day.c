/*
 * day.c: finds the files of a day, reads them in the right order, and judges the whole.
 *
 *   1. every file into memory; its header tells the format
 *   2. which day it is: told by the caller, or by the first good row of the positions
 *   3. files in order of rank, so that each finds what it refers to: contracts, closes, freeze
 *      quantities; then people, clients, calendar; then positions, orders, trades
 *   4. what only the whole can show: missing files, two desks, options that do not fit
 *   5. nothing refused? Then the sources are compared and the inputs made (day_inputs.c)
 */
#include "db/day.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/num.h"
#include "db/day_inputs.h"
#include "db/import.h"

/* One file in memory, its header read. */
struct day_file {
    char *text;
    size_t length;
    struct reader reader;
};

struct loading {
    struct day *day;
    struct import *import;
    const struct day_options *options;
    struct day_file *files[REPORT_FILES - 1];
    int file_count;
    int day_file; /* of the report: what is wrong with no one file; -1: nothing yet */
    bool contracts_only;
    char *why;
    size_t why_room;
};

static int fail(struct loading *l, const char *what, const char *reason)
{
    snprintf(l->why, l->why_room, "%.180s: %s", what, reason);
    return -1;
}

/* ---- files ----------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* A file that is refused has no format: its rows are not read. */
static void refuse_file(struct day_file *f, uint32_t line, const char *field, const char *reason)
{
    report_add(f->reader.report, f->reader.file, true, line, field, reason);
    f->reader.format = NULL;
}

/* Which format a header is of; the second source of positions is told by the file's name. */
static const struct reader_format *format_of(const struct csv *header, const char *path)
{
    for (int i = 0; import_formats[i]; i++) {
        if (!reader_matches(header, import_formats[i]))
            continue;
        bool second = strncmp(base_name(path), "positions_exchange", 18) == 0;
        return import_formats[i] == &format_positions && second ? &format_exchange_positions
                                                                : import_formats[i];
    }
    return NULL;
}

/* A header that cannot be read is one refused row of the report, not an end of everything. */
static void read_header(struct day_file *f, const char *path)
{
    struct reader *r = &f->reader;
    uint32_t line = csv_init(&r->csv, f->text, f->length);
    if (line > 0) {
        refuse_file(f, line, "", "not UTF-8");
        return;
    }
    enum csv_result result = csv_next(&r->csv);
    const struct reader_format *format = result == CSV_ROW ? format_of(&r->csv, path) : NULL;
    if (result == CSV_BAD) {
        refuse_file(f, r->csv.line, "header", r->csv.reason);
    } else if (format == NULL) {
        refuse_file(f, 0, "", result == CSV_END ? "empty" : "header of no format that is known");
    } else {
        r->report->file[r->file].kind = format->kind;
        if (reader_map(r, format) != 0)
            refuse_file(f, 1, r->field, r->reason);
    }
}

/* All files are in memory before the first row is read: which day it is stands in one of them. */
static int add_file(struct loading *l, const char *path)
{
    char reason[128];
    struct day_file *f = calloc(1, sizeof *f);
    if (f == NULL)
        return fail(l, path, "no memory");
    if (l->file_count == REPORT_FILES - 1) {
        free(f);
        return fail(l, path, "more files than a day has");
    }
    int index = report_file(&l->import->report, path);
    l->files[l->file_count++] = f;
    f->reader.file = index;
    f->reader.report = &l->import->report;
    f->reader.owner = l->import;
    f->text = csv_read_file(path, &f->length, reason, sizeof reason);
    if (f->text == NULL)
        return fail(l, path, reason);
    read_header(f, path);
    return 0;
}

/* Other files of a folder, a note or a configuration, are nobody's mistake. */
static int is_csv(const struct dirent *entry)
{
    const char *dot = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && dot && strcmp(dot, ".csv") == 0;
}

static int add_folder(struct loading *l, const char *folder)
{
    struct dirent **names = NULL;
    int count = scandir(folder, &names, is_csv, alphasort), result = 0;
    if (count <= 0)
        result = fail(l, folder, count < 0 ? strerror(errno) : "no *.csv in it");
    for (int i = 0; i < count; i++) {
        char path[1024];
        int length = snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (result == 0)
            result =
                length < (int)sizeof path ? add_file(l, path) : fail(l, folder, "path is too long");
        free(names[i]);
    }
    free(names);
    return result;
}

static int add_path(struct loading *l, const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return fail(l, path, strerror(errno));
    return S_ISDIR(about.st_mode) ? add_folder(l, path) : add_file(l, path);
}

/* ---- reading --------------------------------------------------------------------------------- */

static int rank_of(const struct day_file *f)
{
    return f->reader.format ? f->reader.format->rank : 0;
}

/* By insertion: files of one rank stay in the order in which they were named. */
static void sort_files(struct loading *l)
{
    for (int i = 1; i < l->file_count; i++) {
        struct day_file *f = l->files[i];
        int k = i;
        for (; k > 0 && rank_of(l->files[k - 1]) > rank_of(f); k--)
            l->files[k] = l->files[k - 1];
        l->files[k] = f;
    }
}

static int column_named(const struct reader_format *format, const char *name)
{
    int column = 0;
    while (strcmp(format->columns[column], name) != 0)
        column++;
    return column;
}

/* Day of the first row with a time that can be read; 0: none. Reads a copy: quotes are undone. */
static uint32_t first_day(const struct day_file *f, struct reader *copy, char *text)
{
    int column = column_named(f->reader.format, "as_of");
    enum csv_result result;
    uint32_t day = 0;
    *copy = f->reader;
    memcpy(text, f->text, f->length);
    csv_init(&copy->csv, text, f->length);
    csv_next(&copy->csv);
    while (day == 0 && (result = csv_next(&copy->csv)) != CSV_END) {
        sq_time as_of;
        if (result == CSV_ROW && copy->csv.count >= copy->header_count &&
            reader_time(copy, column, &as_of))
            day = sq_day_of_time(as_of);
    }
    return day;
}

/* The day, before anything is read: bhavcopies and calendar ask for it, only positions tell it. */
static uint32_t day_of_positions(const struct loading *l)
{
    uint32_t day = 0;
    for (int i = 0; i < l->file_count && day == 0; i++) {
        const struct day_file *f = l->files[i];
        if (f->reader.format != &format_positions)
            continue;
        struct reader *copy = malloc(sizeof *copy);
        char *text = malloc(f->length + 1);
        if (copy && text)
            day = first_day(f, copy, text);
        free(text);
        free(copy);
    }
    return day;
}

/* Each file may have its own as_of; within one it is the same. */
static void read_files(struct loading *l)
{
    uint64_t all = 0, done = 0;
    for (int i = 0; i < l->file_count; i++)
        all += l->files[i]->length;
    for (int i = 0; i < l->file_count; i++) {
        struct day_file *f = l->files[i];
        l->import->file_as_of = 0;
        /* Masters have a contract in about a hundred bytes; a guess that is off costs little. */
        if (f->reader.format && f->reader.format->rank == 1)
            reference_reserve(&l->import->reference, (uint32_t)(f->length / 64));
        if (f->reader.format && !(l->contracts_only && f->reader.format->ours))
            reader_run(&f->reader);
        done += f->length;
        if (l->options->progress)
            l->options->progress(l->options->owner, done, all);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* A fault of the day as a whole, in the report beside the faults of files. */
static void refuse_day(struct loading *l, const char *field, const char *reason)
{
    struct report *report = &l->import->report;
    if (l->day_file < 0) {
        l->day_file = report_file(report, "the day");
        report->file[l->day_file].kind = "files together";
    }
    report_add(report, l->day_file, true, 0, field, reason);
}

static bool has_format(const struct loading *l, const struct reader_format *format)
{
    for (int i = 0; i < l->file_count; i++)
        if (l->files[i]->reader.format == format)
            return true;
    return false;
}

/* Vendors' files may come in any number; of the book's there is one each. */
static void check_files(struct loading *l)
{
    static const struct reader_format *const needed[] = {&format_positions, &format_clients,
                                                         &format_dealers};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!has_format(l, needed[i]))
            refuse_day(l, needed[i]->kind, "no file of this kind");
    for (int i = 1; i < l->file_count; i++) {
        const struct reader_format *f = l->files[i]->reader.format;
        if (f && f->ours && f == l->files[i - 1]->reader.format)
            refuse_day(l, f->kind, "two files of this kind");
    }
}

/* One desk: the one asked for, or the one that all clients have. */
static void check_desk(struct loading *l, char desk[SQ_DESK_SIZE])
{
    const struct vector *clients = &l->import->clients;
    for (uint32_t i = 0; i < clients->count; i++) {
        const struct sq_client *c = vector_at(clients, i);
        if (i == 0)
            memcpy(desk, c->desk, SQ_DESK_SIZE);
        else if (memcmp(desk, c->desk, SQ_DESK_SIZE) != 0) {
            refuse_day(l, "desk", "clients of several desks: say which one");
            return;
        }
    }
    if (clients->count == 0)
        refuse_day(l, "desk", "has no clients in the clients file");
}

static bool set_text(char *member, size_t size, const char *text)
{
    return text[0] != '\0' && sq_text_set(member, size, text, strlen(text));
}

/* It becomes part of each client order id. */
static bool book_is_good(const char *book)
{
    size_t length = strspn(book, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
    return length == 3 && book[3] == '\0';
}

/* What is wrong with the options is told with what is wrong in the files: one run shows all. */
static void make_head(struct loading *l)
{
    const struct day_options *o = l->options;
    struct sq_day *head = &l->day->head;
    const char *book = o->book ? o->book : "SQO";
    check_desk(l, head->desk);
    head->day = l->import->day;
    head->epoch = o->epoch ? o->epoch : 1;
    head->as_of = l->import->as_of;
    if (!book_is_good(book) || !set_text(head->book, sizeof head->book, book))
        refuse_day(l, "book", "three capital letters or digits");
    if (!set_text(head->sender, sizeof head->sender, l->import->sender))
        refuse_day(l, "sender", "too long for a SenderCompID, or empty");
    if (o->accepted_by == NULL)
        return;
    head->accepted = 2;
    if (!set_text(head->person, sizeof head->person, o->accepted_by))
        refuse_day(l, "accepted by", "not the name of a person");
    if (!set_text(head->reason, sizeof head->reason, o->accepted_why ? o->accepted_why : ""))
        refuse_day(l, "accepted", "needs a reason, of less than 80 characters");
}

/* Inputs exist only when nothing at all was refused. */
static void judge(struct loading *l)
{
    struct import *im = l->import;
    if (im->day == 0)
        refuse_day(l, "day", "not told, and the positions file does not tell it");
    check_files(l);
    make_head(l);
    if (im->report.refused == 0 && !day_reconcile(im, &l->day->counts))
        refuse_day(l, "", "no memory, or more rows than any desk has");
    l->day->contracts = im->reference.rows;
    if (im->report.refused == 0 && !day_make_inputs(l->day))
        refuse_day(l, "", "no memory");
}

static int load(struct loading *l, const char *const *paths, size_t count)
{
    struct import *im = l->import;
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_path(l, paths[i]);
    if (result != 0)
        return result;
    sort_files(l);
    if (im->day == 0 && !l->contracts_only)
        im->day = day_of_positions(l);
    read_files(l);
    l->day->day = im->day;
    l->day->as_of = im->as_of;
    l->day->contracts = im->reference.rows;
    l->day->counts.contracts = im->reference.count;
    if (!l->contracts_only)
        judge(l);
    return im->report.refused ? 1 : 0;
}

/* Texts are freed at once: rows hold copies of what they need. */
static int begin(struct loading *l, const char *const *paths, size_t count)
{
    memset(l->day, 0, sizeof *l->day);
    l->day_file = -1;
    l->import = l->day->import = malloc(sizeof *l->import);
    if (l->import == NULL)
        return fail(l, "a day", "no memory");
    import_init(l->import);
    l->import->day = l->options->day;
    l->import->desk = l->options->desk;
    l->import->sender = l->options->sender ? l->options->sender : "SQUAREOFF";
    l->day->report = &l->import->report;
    int result = load(l, paths, count);
    for (int i = 0; i < l->file_count; i++) {
        free(l->files[i]->text);
        free(l->files[i]);
    }
    return result;
}

int day_load(struct day *day, const struct day_options *options, const char *const *paths,
             size_t count, char *why, size_t why_room)
{
    struct loading l = {.day = day, .options = options, .why = why, .why_room = why_room};
    return begin(&l, paths, count);
}

int day_load_contracts(struct day *day, const char *const *paths, size_t count, char *why,
                       size_t why_room)
{
    static const struct day_options any_day;
    struct loading l = {
        .day = day, .options = &any_day, .contracts_only = true, .why = why, .why_room = why_room};
    return begin(&l, paths, count);
}

void day_finish(struct day *day)
{
    if (day->import)
        import_finish(day->import);
    free(day->import);
    free(day->inputs);
    memset(day, 0, sizeof *day);
}
