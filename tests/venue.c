#include "tests/venue.h"

#include "tests/check.h"

#include "net/simulator/text.h"

#include <stdlib.h>
#include <string.h>

const char venue_day[] = "tests/exchange/day";

static void keep_log(void *context, const char *line, size_t length)
{
    struct venue *w = context;
    if (w->log_length + length + 2 > sizeof w->log)
        return;
    memcpy(w->log + w->log_length, line, length);
    w->log_length += length;
    w->log[w->log_length++] = '\n';
    w->log[w->log_length] = '\0';
}

struct venue *venue_open(const char *ini)
{
    char why[SIM_WHY] = "";
    struct venue *w = calloc(1, sizeof *w);
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
        sim_day_read(&w->day, venue_day, why) != 0)
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

void venue_close(struct venue *w)
{
    sim_day_finish(&w->day);
    free(w->memory);
    free(w);
}

void venue_drop(struct venue *w, struct venue_member *m)
{
    if (m->connection < 0)
        return;
    exchange_disconnect(w->x, m->connection, w->now_us);
    fix_session_disconnect(&m->fix);
    m->connection = -1;
}

static void queue_message(struct venue_member *m, const struct fix_view *view)
{
    assert_true(m->count < VENUE_QUEUE && view->length < VENUE_MESSAGE);
    int at = (m->first + m->count++) % VENUE_QUEUE;
    memcpy(m->message[at], view->bytes, view->length);
    m->length[at] = view->length;
}

/* Moves bytes one way and the other; true while anything moved. */
static bool pump_member(struct venue *w, struct venue_member *m)
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
        venue_drop(w, m);
    return moved || (ended && m->connection >= 0);
}

static void pump(struct venue *w)
{
    bool moved = true;
    while (moved) {
        moved = false;
        for (int i = 0; i < w->members; i++)
            if (w->member[i].connection >= 0)
                moved |= pump_member(w, &w->member[i]);
    }
}

void venue_pass_time(struct venue *w, int64_t us)
{
    w->now_us += us;
    exchange_tick(w->x, w->now_us);
    pump(w);
}

struct venue_member *venue_member(struct venue *w, const char *comp_id)
{
    for (int i = 0; i < w->members; i++)
        if (strcmp(w->member[i].comp_id, comp_id) == 0)
            return &w->member[i];
    assert_true(w->members < VENUE_MEMBERS);
    struct venue_member *m = &w->member[w->members++];
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

void venue_connect(struct venue *w, struct venue_member *m)
{
    m->connection = exchange_connect(w->x, w->now_us);
    assert_true(m->connection >= 0);
    fix_session_connect(&m->fix, w->now_us);
    pump(w);
}

void venue_log_on(struct venue *w, const char *comp_id)
{
    struct venue_member *m = venue_member(w, comp_id);
    venue_connect(w, m);
    if (m->fix.state != FIX_ACTIVE)
        fail_msg("%s: %s is not logged on", w->where, comp_id);
}

void venue_send(struct venue *w, struct venue_member *m, const char *type, char *fields)
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

const struct sim_contract *venue_contract(struct venue *w, const char *name)
{
    char segment[8];
    unsigned token;
    assert_int_equal(sscanf(name, "%7[A-Z]:%u", segment, &token), 2);
    int32_t c = sim_day_find(&w->day, sim_segment_named(segment), token);
    return c == SIM_NONE ? NULL : &w->day.contract[c];
}

void venue_order(struct venue *w, const char *text)
{
    char comp[32], clord[32], client[16], name[24], product[8], side[8], quantity[16], price[16];
    char segment[8], fields[512];
    unsigned token;
    assert_int_equal(sscanf(text, "%31s %31s %15s %23s %7s %7s %15s %15s", comp, clord, client,
                            name, product, side, quantity, price),
                     8);
    assert_int_equal(sscanf(name, "%7[A-Z]:%u", segment, &token), 2);
    const struct sim_contract *c = venue_contract(w, name);
    snprintf(fields, sizeof fields,
             "11=%s|1=%s|55=%s|48=%u|22=8|207=%s|54=%s|60=NOW|38=%s|40=2|44=%s|59=0|5001=%s", clord,
             client, c == NULL ? "NONE" : c->symbol, token, segment,
             strcmp(side, "BUY") == 0 ? "1" : "2", quantity, price, product);
    venue_send(w, venue_member(w, comp), "D", fields);
}

const char *venue_next(struct venue *w, struct venue_member *m)
{
    size_t size, at = (size_t)m->first;
    if (m->count == 0)
        return NULL;
    m->first = (m->first + 1) % VENUE_QUEUE;
    m->count--;
    memcpy(w->last, m->message[at], m->length[at]);
    w->last[m->length[at]] = '\0';
    assert_int_equal(fix_parse(&w->view, w->last, m->length[at], &size), FIX_OK);
    return w->last;
}

const char *venue_shown(struct venue *w)
{
    static char text[VENUE_MESSAGE];
    snprintf(text, sizeof text, "%s", w->last);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == FIX_SOH ? '|' : *c;
    return text;
}

void venue_obey(struct venue *w, const char *command, bool good)
{
    static char answer[EXCHANGE_ANSWER];
    exchange_command(w->x, command, w->now_us, answer, sizeof answer);
    if ((strstr(answer, "ok\n") != NULL) != good)
        fail_msg("%s: answered %s", w->where, answer);
    pump(w);
}
