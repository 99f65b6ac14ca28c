/*
 * The simulated exchange through its own face: FIX bytes in, FIX bytes out, time as an argument.
 *
 * Conversations are plain text in tests/exchange/, one file a subject, each on the small day of
 * tests/exchange/day with a market that stands still (a level is one lot, the spread one tick):
 *   ini TEXT                     a line of configuration, wherever it stands
 *   + COMP                       the member connects and logs on
 *   send COMP TYPE TAG=VALUE|... a message; the value NOW is the time
 *   order COMP CLORD CLIENT SEGMENT:TOKEN PRODUCT SIDE QUANTITY PRICE
 *   < COMP TYPE TAG=VALUE|...    the next message that came has this type and these fields
 *   entries TYPE LIST            ... and these market-data entries: "PRICE x SIZE @ LEVEL, gone @ 2"
 *   <0 COMP                      nothing else came
 *   ! COMMAND, !e COMMAND        the control line, which answers ok, or an error
 *   @ MS                         time passes
 *   net CLIENT SEGMENT:TOKEN PRODUCT NET
 *   count NAME N                 a count of the command "alarms"
 *   gone COMP, second COMP, refused COMP   was cut; a second connection is; its logon fails
 */
#include "tests/check.h"
#include "tests/venue.h"

#include "net/simulator/text.h"

#include <stdlib.h>
#include <string.h>

/* ---- Expectations ---- */

static void expect_message(struct venue *w, char *text)
{
    char *save, *comp = strtok_r(text, " ", &save), *type = strtok_r(NULL, " ", &save);
    char *fields = save;
    if (venue_next(w, venue_member(w, comp)) == NULL)
        fail_msg("%s: nothing came", w->where);
    if (!fix_is(&w->view, type))
        fail_msg("%s: came %s", w->where, venue_shown(w));
    for (char *f = strtok_r(fields, "|", &save); f != NULL; f = strtok_r(NULL, "|", &save)) {
        char *value = strchr(f, '=');
        assert_non_null(value);
        *value = '\0';
        if (!fix_equals(fix_get(&w->view, (uint32_t)atoi(f)), value + 1))
            fail_msg("%s: field %s differs in %s", w->where, f, venue_shown(w));
    }
}

static void append_field(char *out, size_t capacity, const char *before,
                         const struct fix_field *field)
{
    size_t n = strlen(out);
    if (field != NULL)
        snprintf(out + n, capacity - n, "%s%.*s", before, (int)field->length, field->value);
}

static void expect_entries(struct venue *w, const char *text)
{
    char got[1024] = "";
    char type[2] = {text[0], '\0'};
    struct fix_group g;
    for (fix_group(&w->view, FIX_NO_MD_ENTRIES, &g); fix_group_next(&g);) {
        size_t n = strlen(got);
        if (!fix_equals(fix_group_get(&g, FIX_MD_ENTRY_TYPE), type))
            continue;
        snprintf(got + n, sizeof got - n, "%s", n > 0 ? ", " : "");
        bool gone = fix_equals(fix_group_get(&g, FIX_MD_UPDATE_ACTION), "2");
        if (gone)
            snprintf(got + strlen(got), sizeof got - strlen(got), "gone");
        append_field(got, sizeof got, "", fix_group_get(&g, FIX_MD_ENTRY_PX));
        append_field(got, sizeof got, " x ", fix_group_get(&g, FIX_MD_ENTRY_SIZE));
        append_field(got, sizeof got, " @ ", fix_group_get(&g, FIX_MD_ENTRY_POSITION_NO));
    }
    if (strcmp(got, text + 2) != 0)
        fail_msg("%s: entries are %s", w->where, got);
}

static void expect_nothing(struct venue *w, const char *comp_id)
{
    if (venue_next(w, venue_member(w, comp_id)) != NULL)
        fail_msg("%s: came %s", w->where, venue_shown(w));
}

static void expect_net(struct venue *w, const char *text)
{
    char client[16], name[24], product[8];
    long long net;
    assert_int_equal(sscanf(text, "%15s %23s %7s %lld", client, name, product, &net), 4);
    const struct sim_contract *c = venue_contract(w, name);
    assert_non_null(c);
    int64_t got = exchange_net(w->x, client, c->segment, c->token, sim_product_named(product));
    if (got != net)
        fail_msg("%s: net is %lld", w->where, (long long)got);
}

static void expect_count(struct venue *w, const char *text)
{
    static char answer[EXCHANGE_ANSWER];
    char line[64];
    exchange_command(w->x, "alarms", w->now_us, answer, sizeof answer);
    snprintf(line, sizeof line, "%s\n", text);
    if (strncmp(answer, line, strlen(line)) != 0) {
        snprintf(line, sizeof line, "\n%s\n", text);
        if (strstr(answer, line) == NULL)
            fail_msg("%s: counts are\n%s", w->where, answer);
    }
}

static void expect_gone(struct venue *w, const char *comp_id)
{
    if (venue_member(w, comp_id)->connection >= 0)
        fail_msg("%s: still connected", w->where);
}

/* A logon of a comp id that is live elsewhere, by another session of the same name. */
static void expect_second_refused(struct venue *w, const char *comp_id)
{
    struct fix_session *second = calloc(1, sizeof *second);
    struct fix_session_config config = venue_member(w, comp_id)->fix.config;
    size_t n;
    fix_session_init(second, &config);
    fix_session_numbers(second, 1, 1, UINT32_MAX);
    fix_session_connect(second, w->now_us);
    struct fix_event event;
    while (fix_session_poll(second, w->now_us, &event))
        continue;
    const char *bytes = fix_session_output(second, &n);
    assert_true(n > 0);
    int connection = exchange_connect(w->x, w->now_us);
    exchange_input(w->x, connection, bytes, n, w->now_us);
    assert_true(exchange_closing(w->x, connection));
    exchange_output(w->x, connection, &n);
    assert_int_equal(n, 0);
    exchange_disconnect(w->x, connection, w->now_us);
    free(second);
    assert_int_equal(venue_member(w, comp_id)->fix.state, FIX_ACTIVE);
}

static void expect_refused(struct venue *w, const char *comp_id)
{
    struct venue_member *m = venue_member(w, comp_id);
    venue_connect(w, m);
    if (m->fix.state == FIX_ACTIVE)
        fail_msg("%s: %s is logged on", w->where, comp_id);
    venue_drop(w, m);
}

/* ---- Conversations ---- */

static void pass_ms(struct venue *w, const char *text)
{
    venue_pass_time(w, atoi(text) * INT64_C(1000));
}

static void obey_good(struct venue *w, const char *text)
{
    venue_obey(w, text, true);
}

static void obey_bad(struct venue *w, const char *text)
{
    venue_obey(w, text, false);
}

static void send_text(struct venue *w, char *text)
{
    char *save, *comp = strtok_r(text, " ", &save), *type = strtok_r(NULL, " ", &save);
    venue_send(w, venue_member(w, comp), type, save);
}

static const struct {
    const char *word;
    void (*act)(struct venue *w, const char *text);
    void (*cut)(struct venue *w, char *text);
} words[] = {
    {"+", venue_log_on, NULL},
    {"send", NULL, send_text},
    {"order", venue_order, NULL},
    {"<", NULL, expect_message},
    {"<0", expect_nothing, NULL},
    {"entries", expect_entries, NULL},
    {"!", obey_good, NULL},
    {"!e", obey_bad, NULL},
    {"@", pass_ms, NULL},
    {"net", expect_net, NULL},
    {"count", expect_count, NULL},
    {"gone", expect_gone, NULL},
    {"refused", expect_refused, NULL},
    {"second", expect_second_refused, NULL},
};

static void do_line(struct venue *w, char *line)
{
    char word[16];
    int skip = 0;
    if (line[0] == '#' || line[0] == '\0' || strncmp(line, "ini ", 4) == 0)
        return;
    assert_int_equal(sscanf(line, "%15s %n", word, &skip), 1);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) != 0)
            continue;
        if (words[i].cut != NULL)
            words[i].cut(w, line + skip);
        else
            words[i].act(w, line + skip);
        return;
    }
    fail_msg("%s: what is that?", w->where);
}

/* The "ini" lines of a conversation as one text. */
static void collect_ini(const char *text, char *out, size_t capacity)
{
    out[0] = '\0';
    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, "ini ", 4) == 0)
            snprintf(out + strlen(out), capacity - strlen(out), "%.*s\n",
                     (int)strcspn(line + 4, "\n"), line + 4);
    }
}

static void run_conversation(const char *path, void *context)
{
    char ini[1024], where[256], *text = check_read_file(path, NULL);
    int number = 0;
    (void)context;
    collect_ini(text, ini, sizeof ini);
    struct venue *w = venue_open(ini);
    printf("# %s\n", path);
    for (char *line = text, *end; line != NULL; line = end) {
        end = strchr(line, '\n');
        if (end != NULL)
            *end++ = '\0';
        snprintf(where, sizeof where, "%s:%d: %.120s", path, ++number, line);
        w->where = where;
        do_line(w, line);
    }
    for (int i = 0; i < w->members; i++) {
        w->where = path;
        expect_nothing(w, w->member[i].comp_id);
    }
    venue_close(w);
    free(text);
}

static void test_conversations(void **state)
{
    (void)state;
    assert_true(check_each_file("tests/exchange", ".txt", run_conversation, NULL) >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
