/*
 * Keys that are plain numbers are rows of a table; the few others are read by their section's
 * function. inih tells the line, this file says what is wrong with it.
 */
#include "net/simulator/config.h"
#include "net/simulator/text.h"

#include <ini.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is being read, and the first thing wrong with it. */
struct reading {
    struct sim_settings *settings;
    const char *path;
    char *why;
};

void sim_settings_defaults(struct sim_settings *s)
{
    memset(s, 0, sizeof *s);
    exchange_defaults(&s->exchange);
    strcpy(s->exchange.session[0].comp_id, "SQDRILL");
    strcpy(s->exchange.session[1].comp_id, "SQDRILL-MD");
    s->exchange.sessions = 2;
}

/* ---- Values ---- */

static int read_number(const char *text, int64_t low, int64_t high, int64_t *out)
{
    return sim_integer(text, out) == 0 && *out >= low && *out <= high ? 0 : -1;
}

static int read_switch(const char *text, bool *out)
{
    *out = strcmp(text, "yes") == 0;
    return *out || strcmp(text, "no") == 0 ? 0 : -1;
}

/* The next word, cut from *text; NULL at the end. */
static char *next_word(char **text)
{
    *text += strspn(*text, " ,\t");
    if (**text == '\0')
        return NULL;
    char *word = *text;
    *text += strcspn(*text, " ,\t");
    if (**text != '\0')
        *(*text)++ = '\0';
    return word;
}

/* Four numbers, for the four kinds of contract. */
static int read_kinds(const char *value, int64_t out[4])
{
    char text[128];
    char *at = text, *word;
    int count = 0;
    snprintf(text, sizeof text, "%s", value);
    for (; (word = next_word(&at)) != NULL; count++)
        if (count == 4 || read_number(word, 0, 1000000, &out[count]) != 0)
            return -1;
    return count == 4 ? 0 : -1;
}

static int read_sessions(struct exchange_config *c, const char *value)
{
    char text[EXCHANGE_SESSIONS * SIM_COMP_ID];
    char *at = text, *word;
    struct exchange_session_config common = c->session[0];
    c->sessions = 0;
    snprintf(text, sizeof text, "%s", value);
    while ((word = next_word(&at)) != NULL) {
        if (c->sessions == EXCHANGE_SESSIONS)
            return -1;
        struct exchange_session_config *s = &c->session[c->sessions++];
        *s = common;
        if (sim_copy(s->comp_id, sizeof s->comp_id, word) != 0)
            return -1;
    }
    return c->sessions > 0 ? 0 : -1;
}

/* ---- Keys: a number is a row here ---- */

static const struct number {
    const char *section, *name;
    int64_t low, high;
    size_t offset; /* in struct exchange_config */
    bool wide;     /* int64_t, else int32_t */
} numbers[] = {
#define WIDE(section, name, low, high, member)                                   \
    {                                                                            \
        section, name, low, high, offsetof(struct exchange_config, member), true \
    }
#define NARROW(section, name, low, high, member)                                  \
    {                                                                             \
        section, name, low, high, offsetof(struct exchange_config, member), false \
    }
    WIDE("exchange", "seed", 0, SIM_INTEGER_MAX, seed),
    WIDE("exchange", "grace_ms", 0, 3600000, grace_ms),
    NARROW("exchange", "max_orders", 16, 10000000, max_orders),
    NARROW("exchange", "max_reports", 16, 4000000, max_reports),
    NARROW("exchange", "max_requests", 16, 1000000, max_requests),
    NARROW("exchange", "max_positions", 16, 1000000, max_positions),
    WIDE("market", "ticks_per_s", 0, 100000, market.ticks_per_s),
    WIDE("market", "depth_rupees", 0, 1000000000, market.depth_rupees),
    WIDE("market", "depth_lots", 1, 1000000, market.depth_lots),
    WIDE("market", "option_band_min", 0, 100000, market.option_band_min),
#undef WIDE
#undef NARROW
};

static const struct number *number_named(const char *section, const char *name)
{
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (strcmp(numbers[i].section, section) == 0 && strcmp(numbers[i].name, name) == 0)
            return &numbers[i];
    return NULL;
}

static int set_number(struct exchange_config *c, const struct number *n, const char *value)
{
    int64_t wide;
    if (read_number(value, n->low, n->high, &wide) != 0)
        return -1;
    int32_t narrow = (int32_t)wide;
    char *at = (char *)c + n->offset;
    if (n->wide)
        memcpy(at, &wide, sizeof wide);
    else
        memcpy(at, &narrow, sizeof narrow);
    return 0;
}

/* heartbeat_s and reset_on_logon of sessions [from, to). */
static int set_session(struct exchange_config *c, int from, int to, const char *name,
                       const char *value)
{
    int64_t heartbeat_s = 0;
    bool reset = false;
    bool beats = strcmp(name, "heartbeat_s") == 0;
    if (beats ? read_number(value, 0, 3600, &heartbeat_s) : read_switch(value, &reset))
        return -1;
    for (int i = from; i < to; i++) {
        if (beats)
            c->session[i].heartbeat_s = (int)heartbeat_s;
        else
            c->session[i].reset_on_logon = reset;
    }
    return 0;
}

static bool is_session_key(const char *name)
{
    return strcmp(name, "heartbeat_s") == 0 || strcmp(name, "reset_on_logon") == 0;
}

/* ---- Sections: 0 good, -1 bad value, -2 no such key ---- */

static int in_exchange(struct sim_settings *s, const char *name, const char *value)
{
    struct exchange_config *c = &s->exchange;
    if (strcmp(name, "comp_id") == 0)
        return sim_copy(c->comp_id, sizeof c->comp_id, value);
    if (strcmp(name, "sessions") == 0)
        return read_sessions(c, value);
    if (is_session_key(name))
        return set_session(c, 0, EXCHANGE_SESSIONS, name, value);
    return -2;
}

static int in_market(struct sim_settings *s, const char *name, const char *value)
{
    struct sim_market_config *m = &s->exchange.market;
    if (strcmp(name, "step_ppm") == 0)
        return read_kinds(value, m->step_ppm);
    if (strcmp(name, "spread_ppm") == 0)
        return read_kinds(value, m->spread_ppm);
    if (strcmp(name, "band_ppm") == 0)
        return read_kinds(value, m->band_ppm);
    if (strcmp(name, "replay") == 0)
        return sim_copy(s->replay, sizeof s->replay, value);
    if (strcmp(name, "replay_contract") == 0)
        return sim_copy(s->replay_contract, sizeof s->replay_contract, value);
    return -2;
}

static int in_faults(struct sim_settings *s, const char *name, const char *value)
{
    int fault = sim_fault_named(name);
    if (fault < 0)
        return -2;
    return read_number(value, 0, sim_fault_most((enum sim_fault)fault), &s->exchange.fault[fault]);
}

static int in_session(struct sim_settings *s, const char *comp_id, const char *name,
                      const char *value)
{
    struct exchange_config *c = &s->exchange;
    for (int i = 0; i < c->sessions && is_session_key(name); i++)
        if (strcmp(c->session[i].comp_id, comp_id) == 0)
            return set_session(c, i, i + 1, name, value);
    return -2;
}

static int set(struct sim_settings *s, const char *section, const char *name, const char *value)
{
    const struct number *n = number_named(section, name);
    if (n != NULL)
        return set_number(&s->exchange, n, value);
    if (strcmp(section, "exchange") == 0)
        return in_exchange(s, name, value);
    if (strcmp(section, "market") == 0)
        return in_market(s, name, value);
    if (strcmp(section, "faults") == 0)
        return in_faults(s, name, value);
    if (strncmp(section, "session ", 8) == 0)
        return in_session(s, section + 8, name, value);
    return -2;
}

static int on_value(void *context, const char *section, const char *name, const char *value)
{
    struct reading *r = context;
    int result = set(r->settings, section, name, value);
    if (result != 0 && r->why[0] == '\0')
        snprintf(r->why, SIM_WHY, "[%.40s] %.40s: %s", section, name,
                 result == -1 ? "bad value" : "no such key");
    return result == 0;
}

/* What a file says goes to a terminal: nothing in it may move a cursor. */
static void make_plain(char *text)
{
    for (; *text != '\0'; text++)
        if (*text < ' ' || *text > '~')
            *text = '?';
}

/* Turns inih's result (a line, or a failure to open) and ours into one text. */
static int finish(struct reading *r, int line)
{
    char what[SIM_WHY];
    if (line == 0)
        return 0;
    snprintf(what, sizeof what, "%.120s", r->why[0] == '\0' ? "not understood" : r->why);
    if (line < 0)
        snprintf(r->why, SIM_WHY, "%.100s: cannot be read", r->path);
    else
        snprintf(r->why, SIM_WHY, "%.100s:%d: %.120s", r->path, line, what);
    make_plain(r->why);
    return -1;
}

int sim_settings_read(struct sim_settings *s, const char *path, char why[SIM_WHY])
{
    struct reading r = {.settings = s, .path = path, .why = why};
    why[0] = '\0';
    return finish(&r, ini_parse(path, on_value, &r));
}

int sim_settings_parse(struct sim_settings *s, const char *text, char why[SIM_WHY])
{
    struct reading r = {.settings = s, .path = "text", .why = why};
    why[0] = '\0';
    return finish(&r, ini_parse_string(text, on_value, &r));
}

int sim_settings_replay(const struct sim_settings *s, struct exchange *x, const struct sim_day *day,
                        int64_t now_us, struct sim_tick **ticks, char why[SIM_WHY])
{
    int64_t token = 0;
    char segment[8] = "";
    *ticks = NULL;
    if (s->replay[0] == '\0')
        return 0;
    const char *colon = strchr(s->replay_contract, ':');
    if (colon != NULL && colon - s->replay_contract < (ptrdiff_t)sizeof segment)
        memcpy(segment, s->replay_contract, (size_t)(colon - s->replay_contract));
    int32_t contract = SIM_NONE;
    if (sim_segment_named(segment) >= 0 && sim_integer(colon + 1, &token) == 0 && token > 0)
        contract = sim_day_find(day, sim_segment_named(segment), (uint32_t)token);
    if (contract == SIM_NONE) {
        snprintf(why, SIM_WHY, "replay_contract: no such contract");
        return -1;
    }
    int count = sim_read_ticks(s->replay, day->contract[contract].price_decimals, ticks, why);
    if (count > 0)
        exchange_replay(x, contract, *ticks, count, now_us);
    return count > 0 ? 0 : -1;
}
