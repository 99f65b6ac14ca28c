/*
 * scenario_test.c: plays every file of tests/scenario/ on a stage (stage.h) and compares what the
 * host says with what the file expects.
 *
 *   # text                 a comment
 *   include day.inc        plays another file of the folder first
 *   config field=value     overrides a limit, before the first input
 *   = 10:42:15.000         the clock, of the scenario's day      + 250ms, + 5s: later
 *   > square-off ...       one input, one turn;  { and } around several: all in one turn
 *   < order state=SENT     must come: the kind and every field named are equal
 *   ~ order                from here on this kind may come without being expected
 *   rate ...  feed on|off|gap  numbers on|off   the market; whether requests get their numbers
 *   restart   snapshot     the process dies and recovers; a snapshot is saved
 *
 * In lines `$3` is the client order id of the third order or cancel requested so far, and
 * `@10:42:15` that moment of the scenario's day.
 *
 * Requests, closes, fills, refusals and alarms must be expected or named by ~; the rest of what
 * comes may be passed over. After its last line every scenario is recovered from its journal, and
 * from a snapshot.
 *
 * SQ_SCENARIO=name.txt plays one file. SQ_UPDATE=1 writes the `<` lines anew: what comes is then
 * right by definition, so read `git diff` before you keep it.
 */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/text.h"
#include "tests/book_maker.h"
#include "tests/stage.h"

#define FOLDER "tests/scenario"
#define DAY    20261126

enum { FILES = 100, BLOCK = 64, LINE = 2 * SQ_LINE_MAX };

struct play {
    struct stage *stage;
    const char *path; /* of the file being read, for messages */
    int line_no;
    size_t cursor; /* next of the trace that nobody has expected yet */
    bool in_block;
    struct sq_message block[BLOCK]; /* inputs between { and } */
    size_t block_count;
    bool loose[SQ_KIND_COUNT]; /* may come without being expected */
    FILE *update;              /* the file written anew; NULL: compare */
};

/* ---- failing ------------------------------------------------------------------------------- */

static void print_trace(const struct play *p)
{
    char line[SQ_LINE_MAX];
    for (size_t i = 0; i < p->stage->trace_count; i++) {
        const struct sq_message *m = &p->stage->trace[i];
        sq_line((enum sq_kind)m->kind, &m->as, line, sizeof line);
        print_error("  %c %s\n", i == p->cursor ? '>' : ' ', line);
    }
}

static void fail_here(const struct play *p, const char *what, const char *text)
{
    print_error("%s:%d: %s%s\nsince the last input came:\n", p->path, p->line_no, what, text);
    print_trace(p);
    fail();
}

/* ---- what is said, in few words ------------------------------------------------------------- */

/* Fields worth a scenario's line. Kinds that are not here are written whole. */
static const struct {
    enum sq_kind kind;
    const char *fields;
} brief[] = {
    {SQ_CLOSE, " client token state residue planned filled left "},
    {SQ_FILL, " client token side qty price manual busted external confirms "},
    {SQ_REFUSED, " command refusal guard client token "},
    {SQ_ALARM, " alarm client token "},
    {SQ_SUPERVISED, " what value person client token desk dealer "},
    {SQ_REQUEST_NEW, " client token side qty limit "},
    {SQ_REQUEST_CANCEL, " client token exch_no "},
    {SQ_REQUEST_STATUS, " client token "},
    {SQ_REQUEST_MASS_STATUS, " "},
};

static const char *brief_fields(enum sq_kind kind)
{
    for (size_t i = 0; i < sizeof brief / sizeof *brief; i++)
        if (brief[i].kind == kind)
            return brief[i].fields;
    return NULL;
}

static void brief_line(const struct sq_message *m, char *line, size_t room)
{
    const struct sq_kind_info *info = sq_kind_info((enum sq_kind)m->kind);
    const char *fields = brief_fields((enum sq_kind)m->kind);
    union sq_body body;
    memset(&body, 0, sizeof body);
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        char name[40];
        snprintf(name, sizeof name, " %s ", field->name);
        if (!fields || strstr(fields, name))
            memcpy((char *)&body + field->offset, (const char *)&m->as + field->offset,
                   field->size);
    }
    sq_line((enum sq_kind)m->kind, &body, line, room);
}

/* ---- what is expected ---------------------------------------------------------------------- */

/* Kinds that tell what people and the exchange will see: none may come unexpected. */
static bool is_strict(const struct play *p, enum sq_kind kind)
{
    bool strict = kind == SQ_CLOSE || kind == SQ_FILL ||
                  sq_kind_info(kind)->family == SQ_FAMILY_ANSWER ||
                  sq_kind_info(kind)->family == SQ_FAMILY_REQUEST;
    return strict && !p->loose[kind];
}

static bool fields_match(const char *line, const struct sq_message *expected,
                         const struct sq_message *came)
{
    const struct sq_kind_info *info = sq_kind_info((enum sq_kind)expected->kind);
    for (unsigned i = 0; i < info->field_count; i++) {
        const struct sq_field *field = &info->fields[i];
        char name[40];
        snprintf(name, sizeof name, " %s=", field->name);
        if (strstr(line, name) && memcmp((const char *)&expected->as + field->offset,
                                         (const char *)&came->as + field->offset, field->size) != 0)
            return false;
    }
    return expected->kind == came->kind;
}

static void write_strict(struct play *p, const struct sq_message *came)
{
    char line[SQ_LINE_MAX];
    if (!is_strict(p, (enum sq_kind)came->kind))
        return;
    brief_line(came, line, sizeof line);
    fprintf(p->update, "< %s\n", line);
}

/* Where in the trace the expected line comes; the count: nowhere. */
static size_t find_in_trace(const struct play *p, const char *line, const struct sq_message *want)
{
    size_t i = p->cursor;
    while (i < p->stage->trace_count && !fields_match(line, want, &p->stage->trace[i]))
        i++;
    return i;
}

static void expect(struct play *p, const char *source, const char *line)
{
    struct sq_message want;
    char why[STAGE_WHY];
    if (sq_line_parse(line, &want, why, sizeof why) != 0)
        fail_here(p, "", why);
    size_t at = find_in_trace(p, line, &want);
    if (at == p->stage->trace_count) {
        if (!p->update)
            fail_here(p, "did not come: ", line);
        return;
    }
    for (; p->cursor < at; p->cursor++) {
        const struct sq_message *came = &p->stage->trace[p->cursor];
        if (p->update)
            write_strict(p, came);
        else if (is_strict(p, (enum sq_kind)came->kind))
            fail_here(p, "something else came before: ", line);
    }
    p->cursor++;
    if (p->update)
        fprintf(p->update, "%s\n", source);
}

/* Before the next thing is done: nothing strict may be left over. */
static void expect_no_more(struct play *p)
{
    for (; p->cursor < p->stage->trace_count; p->cursor++) {
        if (p->update)
            write_strict(p, &p->stage->trace[p->cursor]);
        else if (is_strict(p, (enum sq_kind)p->stage->trace[p->cursor].kind))
            fail_here(p, "came and was not expected", "");
    }
}

/* ---- statements ---------------------------------------------------------------------------- */

static void need(struct play *p, int result, const char *why)
{
    if (result != 0)
        fail_here(p, "", why);
}

static void forget_trace(struct play *p)
{
    p->stage->trace_count = 0;
    p->cursor = 0;
}

static void play_block(struct play *p)
{
    char why[STAGE_WHY] = "";
    need(p, stage_play(p->stage, p->block, p->block_count, why), why);
    p->block_count = 0;
}

static void do_input(struct play *p, const char *line)
{
    char why[STAGE_WHY] = "";
    assert_true(p->block_count < BLOCK);
    need(p, stage_read(p->stage, line, &p->block[p->block_count], why), why);
    p->block_count++;
    if (!p->in_block)
        play_block(p);
}

static void do_open(struct play *p, const char *line)
{
    (void)line;
    p->in_block = true;
}

static void do_close(struct play *p, const char *line)
{
    (void)line;
    p->in_block = false;
    play_block(p);
}

static sq_time moment(struct play *p, const char *clock, size_t length)
{
    char iso[64];
    sq_time time = 0;
    snprintf(iso, sizeof iso, "%04d-%02d-%02dT%.*s+05:30", DAY / 10000, DAY / 100 % 100, DAY % 100,
             (int)length, clock);
    if (!sq_parse_iso(iso, strlen(iso), &time))
        fail_here(p, "not a time: ", clock);
    return time;
}

static void do_clock(struct play *p, const char *line)
{
    char why[STAGE_WHY] = "";
    need(p, stage_to(p->stage, moment(p, line, strlen(line)), why), why);
}

static void do_later(struct play *p, const char *line)
{
    char *unit, why[STAGE_WHY] = "";
    long count = strtol(line, &unit, 10);
    if (count <= 0 || (strcmp(unit, "ms") != 0 && strcmp(unit, "s") != 0))
        fail_here(p, "not a number of ms or s: ", line);
    sq_time step = count * (unit[0] == 'm' ? SQ_MS : SQ_SECOND);
    need(p, stage_to(p->stage, p->stage->now + step, why), why);
}

static void do_rate(struct play *p, const char *line)
{
    char why[STAGE_WHY] = "", whole[LINE];
    snprintf(whole, sizeof whole, "rate %s", line);
    need(p, stage_rate(p->stage, whole, why), why);
}

static void do_config(struct play *p, const char *line)
{
    char why[STAGE_WHY] = "", whole[LINE];
    snprintf(whole, sizeof whole, "config %s", line);
    need(p, stage_configure(p->stage, whole, why), why);
}

static void do_feed(struct play *p, const char *line)
{
    p->stage->feed_on = strcmp(line, "off") != 0;
    p->stage->feed_gap = strcmp(line, "gap") == 0;
}

static void do_numbers(struct play *p, const char *line)
{
    p->stage->numbers_requests = strcmp(line, "on") == 0;
}

static void do_restart(struct play *p, const char *line)
{
    char why[STAGE_WHY] = "";
    (void)line;
    need(p, stage_restart(p->stage, why), why);
}

static void do_snapshot(struct play *p, const char *line)
{
    char why[STAGE_WHY] = "";
    (void)line;
    need(p, stage_snapshot(p->stage, why), why);
}

static void do_loose(struct play *p, const char *line)
{
    enum sq_kind kind = sq_kind_named(line);
    if (kind == SQ_KIND_NONE)
        fail_here(p, "no such message: ", line);
    p->loose[kind] = true;
}

static void play_file(struct play *p, const char *path);

static void do_include(struct play *p, const char *line)
{
    char path[256];
    struct play outer = *p;
    snprintf(path, sizeof path, FOLDER "/%s", line);
    p->update = NULL;
    play_file(p, path);
    p->path = outer.path;
    p->line_no = outer.line_no;
    p->update = outer.update;
}

static const struct statement {
    const char *word;
    void (*play)(struct play *p, const char *line);
} statements[] = {
    {">", do_input},         {"{", do_open},          {"}", do_close},
    {"=", do_clock},         {"+", do_later},         {"~", do_loose},
    {"rate", do_rate},       {"feed", do_feed},       {"config", do_config},
    {"numbers", do_numbers}, {"restart", do_restart}, {"snapshot", do_snapshot},
    {"include", do_include},
};

/* ---- lines --------------------------------------------------------------------------------- */

/* Appends the client order id that `$number` stands for; returns what follows the number. */
static const char *put_clord(struct play *p, const char *at, struct sq_text *out)
{
    char *end;
    unsigned long number = strtoul(at, &end, 10);
    if (number == 0 || number > p->stage->clord_count)
        fail_here(p, "no such client order id: $", at);
    sq_text_put(out, p->stage->clords[number - 1]);
    return end;
}

static const char *put_moment(struct play *p, const char *at, struct sq_text *out)
{
    char iso[40];
    size_t length = strspn(at, "0123456789:.");
    sq_print_iso(moment(p, at, length), iso);
    sq_text_put(out, iso);
    return at + length;
}

static void substitute(struct play *p, const char *line, char *text, size_t room)
{
    struct sq_text out;
    sq_text_begin(&out, text, room);
    while (*line) {
        if (line[0] == '=' && line[1] == '$') {
            sq_text_char(&out, '=');
            line = put_clord(p, line + 2, &out);
        } else if (line[0] == '=' && line[1] == '@') {
            sq_text_char(&out, '=');
            line = put_moment(p, line + 2, &out);
        } else {
            sq_text_char(&out, *line++);
        }
    }
    if (out.cut)
        fail_here(p, "line is too long", "");
}

static void play_statement(struct play *p, const char *line)
{
    char text[LINE];
    size_t word = strcspn(line, " ");
    const char *rest = line + word + strspn(line + word, " ");
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (strlen(statements[i].word) != word || strncmp(statements[i].word, line, word) != 0)
            continue;
        substitute(p, rest, text, sizeof text);
        forget_trace(p);
        statements[i].play(p, text);
        return;
    }
    fail_here(p, "no such statement: ", line);
}

static void play_line(struct play *p, const char *line)
{
    char text[LINE], why[STAGE_WHY] = "";
    if (strncmp(line, "< ", 2) == 0) {
        substitute(p, line + 2, text, sizeof text);
        expect(p, line, text);
        return;
    }
    expect_no_more(p);
    if (p->update)
        fprintf(p->update, "%s\n", line);
    if (line[0] == '\0' || line[0] == '#')
        return;
    play_statement(p, line);
    if (stage_check(p->stage, why) != 0)
        fail_here(p, "", why);
}

static void play_file(struct play *p, const char *path)
{
    char *text = check_read_file(path, NULL);
    p->path = path;
    p->line_no = 0;
    for (char *line = text, *next; *line; line = next) {
        size_t length = strcspn(line, "\n");
        next = line + length + (line[length] == '\n');
        line[length] = '\0';
        p->line_no++;
        play_line(p, line);
    }
    expect_no_more(p);
    forget_trace(p);
    free(text);
}

/* ---- the test ------------------------------------------------------------------------------ */

/* Whatever was played, the journal alone brings it back, and so does a snapshot. */
static void check_recovery(struct play *p)
{
    char why[STAGE_WHY] = "";
    p->stage->trace_count = p->cursor = 0;
    need(p, stage_restart(p->stage, why), why);
    need(p, stage_snapshot(p->stage, why), why);
    need(p, stage_restart(p->stage, why), why);
    need(p, stage_check(p->stage, why), why);
}

static void play_scenario(void **state)
{
    const char *path = *state, *update = getenv("SQ_UPDATE");
    char *updated = NULL;
    size_t length = 0;
    struct play *p = maker_memory(sizeof *p);
    p->stage = stage_create();
    p->stage->now = sq_midnight(DAY) + 9 * 3600 * SQ_SECOND;
    if (update && *update)
        p->update = open_memstream(&updated, &length);
    play_file(p, path);
    check_recovery(p);
    if (p->update) {
        assert_int_equal(fclose(p->update), 0);
        check_write_file(path, updated, length);
        free(updated);
    }
    stage_destroy(p->stage);
    free(p);
}

static struct CMUnitTest tests[FILES];
static char paths[FILES][256];
static size_t test_count;

static void add_test(const char *path, void *context)
{
    (void)context;
    assert_true(test_count < FILES);
    char *kept = paths[test_count];
    snprintf(kept, sizeof paths[0], "%s", path);
    tests[test_count++] = (struct CMUnitTest){kept, play_scenario, NULL, NULL, kept};
}

int main(void)
{
    check_each_file(FOLDER, getenv("SQ_SCENARIO") ? getenv("SQ_SCENARIO") : ".txt", add_test, NULL);
    return _cmocka_run_group_tests("scenarios", tests, test_count, NULL, NULL);
}
