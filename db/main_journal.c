/*
 * main_journal.c: squareoff-admin journal print, verify, replay, export.
 *
 * All of them only read, so they may run beside a console that is at work. Text of the exchange and
 * of people reaches the terminal through sq_line, which escapes control bytes.
 */
#include <string.h>

#include "core/num.h"
#include "db/main_parts.h"
#include "db/replay.h"
#include "db/report.h"

/* ---- rows as text ---------------------------------------------------------------------------- */

struct writer {
    const struct admin *admin;
    uint64_t rows;
};

static int print_row(void *owner, const struct sq_message *m, bool is_input)
{
    struct writer *w = owner;
    char line[SQ_LINE_MAX], clock[32];
    if (m->seq > w->admin->until)
        return 1;
    sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
    sq_print_clock(m->time, true, clock);
    printf("%8llu %s %c %s\n", (unsigned long long)m->seq, clock, is_input ? '>' : '<', line);
    w->rows++;
    return 0;
}

/* A spreadsheet takes a cell that begins so for a formula: an apostrophe makes it text again. */
static void csv_text(const char *text)
{
    putchar('"');
    if (strchr("=+-@\t\r", text[0]) && text[0])
        putchar('\'');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static int csv_row(void *owner, const struct sq_message *m, bool is_input)
{
    struct writer *w = owner;
    char line[SQ_LINE_MAX], time[48];
    sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
    sq_print_iso(m->time, time);
    if (w->rows++ == 0)
        puts("seq,time,face,kind,text");
    printf("%llu,%s,%s,%s,", (unsigned long long)m->seq, time, is_input ? "input" : "event",
           sq_kind_info((enum sq_kind)m->kind)->name);
    csv_text(line);
    putchar('\n');
    return 0;
}

static int json_row(void *owner, const struct sq_message *m, bool is_input)
{
    struct writer *w = owner;
    char line[SQ_LINE_MAX], time[48];
    sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
    sq_print_iso(m->time, time);
    printf("%s{\"seq\":%llu,\"time\":\"%s\",\"face\":\"%s\",\"kind\":\"%s\",\"text\":",
           w->rows++ ? ",\n" : "[", (unsigned long long)m->seq, time, is_input ? "input" : "event",
           sq_kind_info((enum sq_kind)m->kind)->name);
    report_json_text(stdout, line);
    putchar('}');
    return 0;
}

static enum admin_exit write_rows(const struct admin *admin, struct sq_store *store,
                                  sq_journal_fn *row)
{
    struct writer w = {.admin = admin};
    enum sq_err error = store->ops->read(store, 0, row, &w);
    if (row == json_row)
        fputs(w.rows ? "]\n" : "[]\n", stdout);
    return error ? admin_failed(error, store->ops->why(store)) : ADMIN_OK;
}

static enum admin_exit print(const struct admin *admin, struct sq_store *store)
{
    return write_rows(admin, store, print_row);
}

static enum admin_exit export(const struct admin *admin, struct sq_store *store) {
    if (admin->csv == admin->json){
        fputs("squareoff-admin: journal export needs one of --csv and --json\n", stderr);
        return ADMIN_USAGE;}
return write_rows(admin, store, admin->csv ? csv_row : json_row);
}

/* ---- replay ---------------------------------------------------------------------------------- */

static void print_replay(const struct replay *r)
{
    char clock[32];
    if (r->engine == NULL) {
        puts("journal is empty");
        return;
    }
    const struct sq_tables *t = sq_engine_tables(r->engine);
    sq_print_clock(r->last_time, true, clock);
    printf("after seq %llu at %s: %llu inputs, %llu events, state %016llx\n",
           (unsigned long long)sq_engine_seq(r->engine), clock, (unsigned long long)r->inputs,
           (unsigned long long)r->events, (unsigned long long)sq_engine_digest(r->engine));
    printf("  %u positions, %u orders, %u closes, %u fills\n", t->position_count, t->order_count,
           t->close_count, t->fill_count);
}

/* Reading follows the hash chain, replaying compares the events: both together are the proof. */
static enum admin_exit replay(const struct admin *admin, struct sq_store *store)
{
    struct replay r;
    replay_init(&r);
    r.until = admin->until;
    enum sq_err error = replay_run(&r, store);
    print_replay(&r);
    enum admin_exit exit = error ? admin_failed(error, r.why) : ADMIN_OK;
    replay_finish(&r);
    return exit;
}

static enum admin_exit verify(const struct admin *admin, struct sq_store *store)
{
    enum admin_exit exit = replay(admin, store);
    puts(exit == ADMIN_OK ? "hash chain and replay: good" : "NOT GOOD");
    return exit;
}

enum admin_exit admin_journal(const struct admin *admin)
{
    static const struct {
        const char *name;
        enum admin_exit (*run)(const struct admin *admin, struct sq_store *store);
    } commands[] = {{"print", print}, {"verify", verify}, {"replay", replay}, {"export", export}};
    enum admin_exit exit = ADMIN_USAGE;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (admin->word_count != 1 || strcmp(admin->words[0], commands[i].name) != 0)
            continue;
        struct sq_store *store = admin_open(admin, false, &exit);
        if (store) {
            exit = commands[i].run(admin, store);
            admin_close(store);
        }
        return exit;
    }
    fputs("squareoff-admin: journal print, verify, replay or export\n", stderr);
    return exit;
}
