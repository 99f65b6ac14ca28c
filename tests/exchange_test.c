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

#include "net/fix_session.h"
#include "net/simulator/config.h"
#include "net/simulator/text.h"

#include <stdlib.h>
#include <string.h>

enum { MEMBERS = 4, QUEUE = 128, MESSAGE = 4096 };

static const char day_folder[] = "tests/exchange/day";

/* ---- Members and the exchange, without sockets ---- */

struct member {
    char comp_id[SIM_COMP_ID];
    struct fix_session fix;
    int connection; /* -1: none */
    char message[QUEUE][MESSAGE];
    size_t length[QUEUE];
    int first, count; /* messages that came and were not looked at */
};

struct world {
    struct sim_day day;
    struct sim_settings settings;
    void *memory;
    struct exchange *x;
    int64_t now_us;
    struct member member[MEMBERS];
    int members;
    struct fix_view view; /* the message looked at last */
    char last[MESSAGE];
    char log[1 << 18]; /* the exchange's log */
    size_t log_length;
    const char *where; /* line of the conversation, for messages */
};

static void keep_log(void *context, const char *line, size_t length)
{
    struct world *w = context;
    if (w->log_length + length + 2 > sizeof w->log)
        return;
    memcpy(w->log + w->log_length, line, length);
    w->log_length += length;
    w->log[w->log_length++] = '\n';
    w->log[w->log_length] = '\0';
}

static struct world *open_world(const char *ini)
{
    char why[SIM_WHY] = "";
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->now_us = INT64_C(1795667000000000);
    sim_settings_defaults(&w->settings);
    assert_int_equal(sim_settings_parse(&w->settings,
                                        "[exchange]\nsessions=SQDRILL SQDRILL-MD ALPHA\n"
                                        "max_orders=256\nmax_reports=512\nmax_positions=64\n"
                                        "[market]\nticks_per_s=0\ndepth_rupees=0\ndepth_lots=1\n"
                                        "spread_ppm=0 0 0 0\n",
                                        why),
                     0);
    if (sim_settings_parse(&w->settings, ini, why) != 0 ||
        sim_day_read(&w->day, day_folder, why) != 0)
        fail_msg("%s", why);
    w->settings.exchange.log = keep_log;
    w->settings.exchange.log_context = w;
    w->memory = malloc(exchange_size(&w->settings.exchange, &w->day));
    assert_non_null(w->memory);
    w->x = exchange_init(w->memory, &w->settings.exchange, &w->day, w->now_us, why);
    if (w->x == NULL)
        fail_msg("%s", why);
    fix_view_init(&w->view);
    return w;
}

static void close_world(struct world *w)
{
    sim_day_finish(&w->day);
    free(w->memory);
    free(w);
}

static void drop(struct world *w, struct member *m)
{
    if (m->connection < 0)
        return;
    exchange_disconnect(w->x, m->connection, w->now_us);
    fix_session_disconnect(&m->fix);
    m->connection = -1;
}

static void queue_message(struct member *m, const struct fix_view *view)
{
    assert_true(m->count < QUEUE && view->length < MESSAGE);
    int at = (m->first + m->count++) % QUEUE;
    memcpy(m->message[at], view->bytes, view->length);
    m->length[at] = view->length;
}

/* Moves bytes one way and the other; true while anything moved. */
static bool pump_member(struct world *w, struct member *m)
{
    struct fix_event event;
    bool ended = false, moved = false;
    size_t n;
    while (fix_session_poll(&m->fix, w->now_us, &event)) {
        if (event.kind == FIX_EVENT_MESSAGE)
            queue_message(m, event.view);
        ended |= event.kind == FIX_EVENT_DISCONNECT;
    }
    const char *out = fix_session_output(&m->fix, &n);
    if (n > 0) {
        size_t taken = exchange_input(w->x, m->connection, out, n, w->now_us);
        fix_session_written(&m->fix, taken);
        moved = taken > 0;
    }
    const char *in = exchange_output(w->x, m->connection, &n);
    if (n > 0) {
        size_t taken = fix_session_receive(&m->fix, in, n);
        exchange_written(w->x, m->connection, taken, w->now_us);
        moved |= taken > 0;
    }
    if (!moved && (ended || exchange_closing(w->x, m->connection)))
        drop(w, m);
    return moved || (ended && m->connection >= 0);
}

static void pump(struct world *w)
{
    bool moved = true;
    while (moved) {
        moved = false;
        for (int i = 0; i < w->members; i++)
            if (w->member[i].connection >= 0)
                moved |= pump_member(w, &w->member[i]);
    }
}

static void pass_time(struct world *w, int64_t us)
{
    w->now_us += us;
    exchange_tick(w->x, w->now_us);
    pump(w);
}

static struct member *member_named(struct world *w, const char *comp_id)
{
    for (int i = 0; i < w->members; i++)
        if (strcmp(w->member[i].comp_id, comp_id) == 0)
            return &w->member[i];
    assert_true(w->members < MEMBERS);
    struct member *m = &w->member[w->members++];
    struct fix_session_config config = {.role = FIX_INITIATOR, .heartbeat_s = 30};
    snprintf(m->comp_id, sizeof m->comp_id, "%s", comp_id);
    snprintf(config.sender_comp_id, sizeof config.sender_comp_id, "%s", comp_id);
    snprintf(config.target_comp_id, sizeof config.target_comp_id, "SQXCHG");
    config.reset_on_logon = strstr(comp_id, "-MD") != NULL;
    fix_session_init(&m->fix, &config);
    fix_session_numbers(&m->fix, 1, 1, UINT32_MAX);
    m->connection = -1;
    return m;
}

static void try_connect(struct world *w, struct member *m)
{
    m->connection = exchange_connect(w->x, w->now_us);
    assert_true(m->connection >= 0);
    fix_session_connect(&m->fix, w->now_us);
    pump(w);
}

static void log_on(struct world *w, const char *comp_id)
{
    struct member *m = member_named(w, comp_id);
    try_connect(w, m);
    if (m->fix.state != FIX_ACTIVE)
        fail_msg("%s: %s is not logged on", w->where, comp_id);
}

/* Sends a message whose fields are "TAG=VALUE|..."; the text is cut up. */
static void send_fields(struct world *w, struct member *m, const char *type, char *fields)
{
    struct fix_writer *out;
    uint32_t number;
    char *save;
    assert_int_equal(fix_session_begin(&m->fix, w->now_us, type, &out), FIX_SENT);
    for (char *f = strtok_r(fields, "|", &save); f != NULL; f = strtok_r(NULL, "|", &save)) {
        char *value = strchr(f, '=');
        assert_non_null(value);
        *value++ = '\0';
        if (strcmp(value, "NOW") == 0)
            fix_put_time(out, (uint32_t)atoi(f), w->now_us);
        else
            fix_put_text(out, (uint32_t)atoi(f), value);
    }
    assert_int_equal(fix_session_send(&m->fix, &number), FIX_SENT);
    pump(w);
}

static const struct sim_contract *contract_of(struct world *w, const char *name)
{
    char segment[8];
    unsigned token;
    assert_int_equal(sscanf(name, "%7[A-Z]:%u", segment, &token), 2);
    int32_t c = sim_day_find(&w->day, sim_segment_named(segment), token);
    return c == SIM_NONE ? NULL : &w->day.contract[c];
}

static void send_order(struct world *w, char *text)
{
    char comp[32], clord[32], client[16], name[24], product[8], side[8], quantity[16], price[16];
    char segment[8], fields[512];
    unsigned token;
    assert_int_equal(sscanf(text, "%31s %31s %15s %23s %7s %7s %15s %15s", comp, clord, client,
                            name, product, side, quantity, price),
                     8);
    assert_int_equal(sscanf(name, "%7[A-Z]:%u", segment, &token), 2);
    const struct sim_contract *c = contract_of(w, name);
    snprintf(fields, sizeof fields,
             "11=%s|1=%s|55=%s|48=%u|22=8|207=%s|54=%s|60=NOW|38=%s|40=2|44=%s|59=0|5001=%s", clord,
             client, c == NULL ? "NONE" : c->symbol, token, segment,
             strcmp(side, "BUY") == 0 ? "1" : "2", quantity, price, product);
    send_fields(w, member_named(w, comp), "D", fields);
}

/* ---- Expectations ---- */

/* The next message becomes the one looked at; NULL: there is none. */
static const char *next_message(struct world *w, struct member *m)
{
    size_t size, at = (size_t)m->first;
    if (m->count == 0)
        return NULL;
    m->first = (m->first + 1) % QUEUE;
    m->count--;
    memcpy(w->last, m->message[at], m->length[at]);
    w->last[m->length[at]] = '\0';
    assert_int_equal(fix_parse(&w->view, w->last, m->length[at], &size), FIX_OK);
    return w->last;
}

/* The message looked at, with '|' for SOH. */
static const char *shown(struct world *w)
{
    static char text[MESSAGE];
    snprintf(text, sizeof text, "%s", w->last);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == FIX_SOH ? '|' : *c;
    return text;
}

static void expect_message(struct world *w, char *text)
{
    char *save, *comp = strtok_r(text, " ", &save), *type = strtok_r(NULL, " ", &save);
    char *fields = save;
    if (next_message(w, member_named(w, comp)) == NULL)
        fail_msg("%s: nothing came", w->where);
    if (!fix_is(&w->view, type))
        fail_msg("%s: came %s", w->where, shown(w));
    for (char *f = strtok_r(fields, "|", &save); f != NULL; f = strtok_r(NULL, "|", &save)) {
        char *value = strchr(f, '=');
        assert_non_null(value);
        *value = '\0';
        if (!fix_equals(fix_get(&w->view, (uint32_t)atoi(f)), value + 1))
            fail_msg("%s: field %s differs in %s", w->where, f, shown(w));
    }
}

static void append_field(char *out, size_t capacity, const char *before,
                         const struct fix_field *field)
{
    size_t n = strlen(out);
    if (field != NULL)
        snprintf(out + n, capacity - n, "%s%.*s", before, (int)field->length, field->value);
}

static void expect_entries(struct world *w, const char *text)
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

static void expect_nothing(struct world *w, const char *comp_id)
{
    if (next_message(w, member_named(w, comp_id)) != NULL)
        fail_msg("%s: came %s", w->where, shown(w));
}

static void obey(struct world *w, const char *command, bool good)
{
    static char answer[EXCHANGE_ANSWER];
    exchange_command(w->x, command, w->now_us, answer, sizeof answer);
    if ((strstr(answer, "ok\n") != NULL) != good)
        fail_msg("%s: answered %s", w->where, answer);
    pump(w);
}

static void expect_net(struct world *w, const char *text)
{
    char client[16], name[24], product[8];
    long long net;
    assert_int_equal(sscanf(text, "%15s %23s %7s %lld", client, name, product, &net), 4);
    const struct sim_contract *c = contract_of(w, name);
    assert_non_null(c);
    int64_t got = exchange_net(w->x, client, c->segment, c->token, sim_product_named(product));
    if (got != net)
        fail_msg("%s: net is %lld", w->where, (long long)got);
}

static void expect_count(struct world *w, const char *text)
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

static void expect_gone(struct world *w, const char *comp_id)
{
    if (member_named(w, comp_id)->connection >= 0)
        fail_msg("%s: still connected", w->where);
}

/* A logon of a comp id that is live elsewhere, by another session of the same name. */
static void expect_second_refused(struct world *w, const char *comp_id)
{
    struct fix_session *second = calloc(1, sizeof *second);
    struct fix_session_config config = member_named(w, comp_id)->fix.config;
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
    assert_int_equal(member_named(w, comp_id)->fix.state, FIX_ACTIVE);
}

static void expect_refused(struct world *w, const char *comp_id)
{
    struct member *m = member_named(w, comp_id);
    try_connect(w, m);
    if (m->fix.state == FIX_ACTIVE)
        fail_msg("%s: %s is logged on", w->where, comp_id);
    drop(w, m);
}

/* ---- Conversations ---- */

static void pass_ms(struct world *w, const char *text)
{
    pass_time(w, atoi(text) * INT64_C(1000));
}

static void obey_good(struct world *w, const char *text)
{
    obey(w, text, true);
}

static void obey_bad(struct world *w, const char *text)
{
    obey(w, text, false);
}

static void send_text(struct world *w, char *text)
{
    char *save, *comp = strtok_r(text, " ", &save), *type = strtok_r(NULL, " ", &save);
    send_fields(w, member_named(w, comp), type, save);
}

static const struct {
    const char *word;
    void (*act)(struct world *w, const char *text);
    void (*cut)(struct world *w, char *text);
} words[] = {
    {"+", log_on, NULL},
    {"send", NULL, send_text},
    {"order", NULL, send_order},
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

static void do_line(struct world *w, char *line)
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
    struct world *w = open_world(ini);
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
    close_world(w);
    free(text);
}

static void test_conversations(void **state)
{
    (void)state;
    assert_true(check_each_file("tests/exchange", ".txt", run_conversation, NULL) >= 8);
}

/* ---- The log, by the independent program ---- */

/* Runs scripts/check_exchange_log.py over a text; its exit code. */
static int judge(const char *text)
{
    char folder[256], path[320], command[512];
    check_make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/exchange.log", folder);
    check_write_file(path, text, strlen(text));
    snprintf(command, sizeof command,
             "python3 scripts/check_exchange_log.py %s %s/positions.csv --quiet >/dev/null", path,
             day_folder);
    int status = system(command);
    check_remove_folder(folder);
    return status / 256;
}

static void order(struct world *w, const char *text)
{
    char copy[256];
    snprintf(copy, sizeof copy, "%s", text);
    send_order(w, copy);
}

/* Replaces the first occurrence of a text of the same length. */
static void tamper(char *log, const char *from, const char *to)
{
    char *at = strstr(log, from);
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

static void test_log(void **state)
{
    (void)state;
    if (system("python3 -c pass >/dev/null 2>&1") != 0)
        check_skip("no python3");
    struct world *w = open_world("[faults]\ncheckpoint_ms=1000\n");
    log_on(w, "SQDRILL");
    log_on(w, "ALPHA");
    order(w, "ALPHA J1 C2 NSE:1333 MIS SELL 1 1000.00");
    pass_time(w, 1001000);
    order(w, "SQDRILL J1 C1 NFO:1001 NRML BUY 65 100.05");
    order(w, "SQDRILL J2 C1 NFO:1001 NRML BUY 65 100.10");
    assert_true(exchange_lose_tail(w->x, w->now_us));
    obey(w, "bust E1-2", true);
    assert_int_equal(exchange_net(w->x, "C2", SIM_NSE, 1333, SIM_MIS), 500);
    assert_int_equal(exchange_net(w->x, "C1", SIM_NFO, 1001, SIM_NRML), -1950);
    assert_int_equal(judge(w->log), 0);
    /* What the program must find: a net that is wrong, a line that is missing, an id used twice. */
    char *copy = strdup(w->log);
    tamper(copy, "net_before=500 net=499", "net_before=500 net=498");
    assert_int_equal(judge(copy), 1);
    free(copy);
    copy = strdup(w->log);
    tamper(copy, "event=order-in session=ALPHA", "event=ignored- session=ALPHA");
    tamper(copy, "n=9 ", "n=8 ");
    assert_int_equal(judge(copy), 1);
    free(copy);
    copy = strdup(w->log);
    tamper(copy, "clord=J2", "clord=J1");
    assert_int_equal(judge(copy), 1);
    free(copy);
    close_world(w);
}

static void test_log_shows_alarm(void **state)
{
    (void)state;
    if (system("python3 -c pass >/dev/null 2>&1") != 0)
        check_skip("no python3");
    struct world *w = open_world("");
    log_on(w, "SQDRILL");
    order(w, "SQDRILL J1 C2 NSE:1333 MIS BUY 1 1000.05");
    assert_int_equal(exchange_counts(w->x).alarms, 1);
    assert_non_null(strstr(w->log, "verdict=alarm"));
    assert_int_equal(judge(w->log), 1);
    close_world(w);
}

/* ---- The reader ---- */

static void test_day(void **state)
{
    (void)state;
    struct sim_day day;
    char why[SIM_WHY] = "";
    assert_int_equal(sim_day_read(&day, day_folder, why), 0);
    assert_int_equal(day.contracts, 9);
    assert_int_equal(day.skipped, 0);
    assert_int_equal(day.positions, 7);
    assert_int_equal(day.restings, 3);
    assert_int_equal(day.trades, 2); /* one is before as_of, one is a repeat */
    const struct sim_contract *c = &day.contract[sim_day_find(&day, SIM_NSE, 1)];
    assert_true(c->index);
    assert_string_equal(c->symbol, "NIFTY"); /* leads what is derived from it */
    c = &day.contract[sim_day_find(&day, SIM_NFO, 1001)];
    assert_int_equal(c->strike, 2450000);
    assert_int_equal(c->freeze, 1800);
    assert_int_equal(c->lot, 65);
    c = &day.contract[sim_day_find(&day, SIM_CDS, 501)];
    assert_int_equal(c->lot, 1);
    assert_int_equal(c->multiplier, 1000);
    assert_int_equal(c->tick, 25);
    assert_int_equal(c->close, 880000);
    /* The trade takes from its resting order, and its product from it. */
    assert_int_equal(day.resting[1].open, 30);
    int32_t p = sim_day_position(&day, "C2", sim_day_find(&day, SIM_NSE, 2885), SIM_CNC);
    assert_int_equal(day.position[p].net, 90);
    sim_day_finish(&day);
}

/* Each row damages one file: the text replaced, by what, and what the reader says. */
static const struct {
    const char *file, *from, *to, *why;
} damages[] = {
    {"instruments.csv", "exchange_token,", "exchange_tokem,",
     ":1: exchange_token: column is missing"},
    {"instruments.csv", "1,1333,", "1,x,", ":3: exchange_token: no token"},
    {"instruments.csv", "1,1333,", "1,2885,", ":4: exchange_token: this token is there already"},
    {"instruments.csv", "NSE,NSE\n2", "NSE,NYSE\n2", ":3: exchange: unknown exchange"},
    {"instruments.csv", "0.05,1,EQ", "0.05,1,CE", ":3: instrument_type: no such type on that"},
    {"instruments.csv", "2026-12-01,24500", "2026-13-01,24500", ":6: expiry: no date"},
    {"instruments.csv", "24500,0.05", "24500.001,0.05", ":6: strike: not a price"},
    {"instruments.csv", "0.05,65,CE", "0.05,-65,CE", ":6: lot_size: not a quantity"},
    {"instruments.csv", "24500,0.05", "0,0.05", ":6: strike: an option without a strike"},
    {"instruments.csv", "HDFC BANK", "\"HDFC BANK", ": broken quotes"},
    {"qtyfreeze.csv", "1800 ", "-180 ", ":2: VOL_FRZ_QTY: not a quantity"},
    {"positions.csv", "net_qty", "net_lots", ":1: net_lots: unknown column"},
    {"positions.csv", "CE,NRML,-1950", "CE,NRML,-19.5", ":2: net_qty: not a quantity"},
    {"positions.csv", "24500,CE", "24550,CE", ":2: symbol: no such contract"},
    {"positions.csv", "RELIANCE,EQ,,,,CNC", "RELIANCE,EQ,,,,ABC", ":5: product: unknown product"},
    {"positions.csv", "C2,NSE,2885", "C2,NSE,2999", ":5: token: no such contract"},
    {"positions.csv", "C4,NFO,1003", "C5,NFO,1004", ":8: client: given twice"},
    {"positions.csv", "10:41:58+05:30\nC5", "10:41:59+05:30\nC5", ":7: as_of: not the same in all"},
    {"positions.csv", "10:41:58+05:30\nC5", "10:41:58\nC5", ":7: as_of: not a time with an offset"},
    {"orders.csv", "SELL,1950", "SOLD,1950", ":2: side: neither BUY nor SELL"},
    {"orders.csv", "SELL,1950", "SELL,0", ":2: open_qty: nothing is open"},
    {"orders.csv", "LIMIT,65.00", "LIMIT,", ":2: limit_price: a limit is needed"},
    {"orders.csv", "SL-M,,24600.00", "SL-M,,", ":4: trigger_price: a trigger is needed"},
    {"orders.csv", "SL-M,", "SLM,", ":4: order_type: unknown order type"},
    {"orders.csv", "1100000000000002", "1100000000000001", ":3: exch_order_no: given twice"},
    {"orders.csv", "OMS1", "", ":3: sender_id: empty or too long"},
    {"trades.csv", "BUY,100", "BUY,-100", ":3: qty: not a quantity"},
    {"trades.csv", "50123", "", ":3: trade_no: empty or too long"},
    {"trades.csv", "exchange,", "exchange,exchange,", ":1: exchange: column given twice"},
};

/* The text with the first `from` replaced; malloc'd. */
static char *replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    char *out = malloc(strlen(text) + strlen(to) + 1);
    assert_non_null(out);
    sprintf(out, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return out;
}

static void copy_day(const char *folder, size_t damaged)
{
    static const char *const files[] = {"instruments.csv", "qtyfreeze.csv", "positions.csv",
                                        "orders.csv", "trades.csv"};
    char path[512];
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", day_folder, files[i]);
        char *text = check_read_file(path, NULL);
        if (strcmp(files[i], damages[damaged].file) == 0) {
            char *other = replaced(text, damages[damaged].from, damages[damaged].to);
            free(text);
            text = other;
        }
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        check_write_file(path, text, strlen(text));
        free(text);
    }
}

static void test_damaged_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        char folder[256], why[SIM_WHY] = "";
        struct sim_day day;
        check_make_folder(folder, sizeof folder);
        copy_day(folder, i);
        int result = sim_day_read(&day, folder, why);
        sim_day_finish(&day);
        check_remove_folder(folder);
        if (result == 0 || strstr(why, damages[i].why) == NULL ||
            strstr(why, damages[i].file) == NULL)
            fail_msg("damage %zu (%s): %d '%s'", i, damages[i].why, result, why);
    }
}

/* Cut off at every byte a file is refused or read in part, and nothing breaks. */
static void test_torn_files(void **state)
{
    (void)state;
    char folder[256], path[320], why[SIM_WHY];
    size_t length;
    char *text = check_read_file("tests/exchange/day/instruments.csv", &length);
    check_make_folder(folder, sizeof folder);
    snprintf(path, sizeof path, "%s/instruments.csv", folder);
    for (size_t n = 0; n < length; n++) {
        struct sim_day day;
        check_write_file(path, text, n);
        int result = sim_day_read(&day, folder, why);
        assert_true(result == 0 || strstr(why, "instruments.csv") != NULL);
        assert_true(day.contracts <= 9);
        sim_day_finish(&day);
    }
    check_remove_folder(folder);
    free(text);
}

static void test_real_files(void **state)
{
    (void)state;
    char why[SIM_WHY] = "";
    struct sim_day day = {0};
    struct sim_tick *ticks;
    check_need_file(CHECK_SHARED_DATA "/kite_instruments_20240406.csv");
    if (sim_read_instruments(&day, CHECK_SHARED_DATA "/kite_instruments_20240406.csv", why) != 0 ||
        sim_read_freeze(&day, CHECK_SHARED_DATA "/nse_qtyfreeze.csv", why) != 0)
        fail_msg("%s", why);
    assert_int_equal(day.contracts, 31373);
    assert_int_equal(day.contract[sim_day_find(&day, SIM_NFO, 67336)].freeze, 600);
    sim_day_finish(&day);
    int count = sim_read_ticks(CHECK_SHARED_DATA "/ticks/ticks_CALL_10924290_10924290_20251008.csv",
                               2, &ticks, why);
    if (count < 0)
        fail_msg("%s", why);
    assert_int_equal(ticks[0].price, 23580);
    assert_true(count > 30000 && ticks[count - 1].offset_us > 0);
    free(ticks);
}

/* ---- The market ---- */

static void test_market_keeps_its_rules(void **state)
{
    (void)state;
    struct world *w = open_world("[market]\nticks_per_s=2000\nstep_ppm=9000 9000 9000 9000\n");
    const struct sim_market *m = exchange_market(w->x);
    for (int i = 0; i < 3000; i++) {
        pass_time(w, 10000);
        for (int c = 0; c < w->day.contracts; c++) {
            const struct sim_mark *k = &m->mark[c];
            for (int l = 0; l < SIM_DEPTH; l++) {
                int64_t bid = k->bid[l].price, ask = k->ask[l].price;
                assert_true(bid % w->day.contract[c].tick == 0 &&
                            ask % w->day.contract[c].tick == 0);
                assert_true(bid == 0 || (bid >= k->band_low && bid <= k->band_high));
                assert_true(ask == 0 || (ask >= k->band_low && ask <= k->band_high));
                assert_true(bid == 0 || k->ask[0].price == 0 || bid < k->ask[0].price);
            }
        }
    }
    close_world(w);
}

/* The same seed gives the same day, to the byte of the log; another seed another one. */
static void test_seed_decides(void **state)
{
    (void)state;
    static const char *const ini[] = {"[market]\nticks_per_s=2000\n[faults]\npartial_ppm=300000\n",
                                      "[market]\nticks_per_s=2000\n[faults]\npartial_ppm=300000\n",
                                      "[exchange]\nseed=2\n[market]\nticks_per_s=2000\n"};
    char *log[3];
    for (int i = 0; i < 3; i++) {
        struct world *w = open_world(ini[i]);
        log_on(w, "SQDRILL");
        order(w, "SQDRILL D1 C1 NFO:1001 NRML BUY 1755 100.50");
        for (int n = 0; n < 200; n++)
            pass_time(w, 10000);
        assert_true(exchange_counts(w->x).fills > 3);
        log[i] = strdup(w->log);
        close_world(w);
    }
    assert_string_equal(log[0], log[1]);
    assert_string_not_equal(log[0], log[2]);
    for (int i = 0; i < 3; i++)
        free(log[i]);
}

static void test_replay(void **state)
{
    (void)state;
    static const struct sim_tick ticks[] = {{0, 10000}, {500000, 10500}, {1000000, 11000}};
    struct world *w = open_world("[market]\nticks_per_s=1000\n");
    int32_t c = sim_day_find(&w->day, SIM_NFO, 1001);
    exchange_replay(w->x, c, ticks, 3, w->now_us);
    pass_time(w, 100000);
    assert_int_equal(exchange_market(w->x)->mark[c].bid[0].price, 10000);
    pass_time(w, 500000);
    assert_int_equal(exchange_market(w->x)->mark[c].bid[0].price, 10500);
    pass_time(w, 500000); /* the captured day begins again */
    assert_int_equal(exchange_market(w->x)->mark[c].bid[0].price, 10000);
    close_world(w);
}

/* ---- Limits ---- */

static void test_full(void **state)
{
    (void)state;
    struct world *w = open_world("[exchange]\nmax_orders=16\n");
    char text[128];
    log_on(w, "SQDRILL");
    for (int i = 0; i < 20; i++) {
        snprintf(text, sizeof text, "SQDRILL L%d C2 NSE:1333 MIS SELL 1 1100.00", i);
        order(w, text);
    }
    struct exchange_counts n = exchange_counts(w->x);
    assert_int_equal(n.orders, 20);
    assert_int_equal(n.rejected, 20 - (16 - 3)); /* three were loaded with the day */
    close_world(w);
}

/* Reports that were forgotten are gap-filled, the rest is resent: the member misses no number. */
static void test_forgotten_reports(void **state)
{
    (void)state;
    struct world *w = open_world("[exchange]\nmax_reports=16\n");
    char text[128];
    log_on(w, "SQDRILL");
    struct member *m = member_named(w, "SQDRILL");
    for (int i = 0; i < 40; i++) {
        snprintf(text, sizeof text, "SQDRILL O%d C2 NSE:1333 MIS SELL 1 1100.00", i);
        order(w, text);
        assert_non_null(next_message(w, m));
    }
    drop(w, m);
    fix_session_numbers(&m->fix, 2, m->fix.next_out, UINT32_MAX); /* knows the logon only */
    log_on(w, "SQDRILL");
    assert_int_equal(m->count, 16);
    for (int i = 24; i < 40; i++) {
        assert_non_null(next_message(w, m));
        snprintf(text, sizeof text, "O%d", i);
        assert_true(fix_equals(fix_get(&w->view, FIX_CL_ORD_ID), text));
        assert_true(fix_equals(fix_get(&w->view, FIX_POSS_DUP_FLAG), "Y"));
    }
    assert_false(m->fix.in_gap_open);
    close_world(w);
}

static void test_configuration(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } bad[] = {
        {"[exchange]\nsessions =\n", "text:2: [exchange] sessions: bad value"},
        {"[exchange]\nsession = A\n", "no such key"},
        {"[market]\nticks_per_s = many\n", "text:2: [market] ticks_per_s: bad value"},
        {"[market]\nstep_ppm = 1 2 3\n", "bad value"},
        {"[faults]\nreject_ppm = 1000001\n", "bad value"},
        {"[faults]\nno_such = 1\n", "text:2: [faults] no_such: no such key"},
        {"[session NOBODY]\nreset_on_logon = yes\n", "no such key"},
        {"[exchange]\nreset_on_logon = perhaps\n", "bad value"},
        {"[exchange\n", "text:1: not understood"},
    };
    struct sim_settings s;
    char why[SIM_WHY];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        sim_settings_defaults(&s);
        assert_int_equal(sim_settings_parse(&s, bad[i].text, why), -1);
        if (strstr(why, bad[i].why) == NULL)
            fail_msg("%s: %s", bad[i].text, why);
    }
    sim_settings_defaults(&s);
    assert_int_equal(sim_settings_parse(&s,
                                        "[exchange]\ncomp_id=X\nsessions=A, B-MD\nheartbeat_s=7\n"
                                        "[session A]\nreset_on_logon=yes\nheartbeat_s=30\n"
                                        "[market]\nband_ppm=1 2 3 4\n[faults]\nkick_ppm=5\n",
                                        why),
                     0);
    assert_int_equal(s.exchange.sessions, 2);
    assert_string_equal(s.exchange.session[1].comp_id, "B-MD");
    assert_true(s.exchange.session[0].reset_on_logon);
    assert_false(s.exchange.session[1].reset_on_logon);
    assert_int_equal(s.exchange.session[0].heartbeat_s, 30);
    assert_int_equal(s.exchange.session[1].heartbeat_s, 7);
    assert_int_equal(s.exchange.market.band_ppm[3], 4);
    assert_int_equal(s.exchange.fault[SIM_FAULT_KICK], 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_log_shows_alarm),
        cmocka_unit_test(test_day),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_torn_files),
        cmocka_unit_test(test_real_files),
        cmocka_unit_test(test_market_keeps_its_rules),
        cmocka_unit_test(test_seed_decides),
        cmocka_unit_test(test_replay),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_forgotten_reports),
        cmocka_unit_test(test_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
