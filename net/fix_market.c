#include "net/fix_market.h"

#include "core/num.h"
#include "net/fix_initiator.h"
#include "net/fix_reports.h"

#include <stdio.h>
#include <string.h>

static void __attribute__((format(printf, 2, 3)))
log_line(struct fix_market *m, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fix_initiator_log(m->config.log, m->config.owner, format, args);
    va_end(args);
}

/* ---- segments ------------------------------------------------------------------------------- */

static void tell_feed(struct fix_market *m, enum sq_exchange exchange)
{
    bool gap = !m->up || (m->gaps & (1U << exchange)) != 0;
    m->config.feed(m->config.owner, exchange, m->heard[exchange], gap);
}

static void tell_feeds(struct fix_market *m)
{
    for (unsigned e = 1; e < SQ_EXCHANGE_COUNT; e++)
        if ((m->segments & (1U << e)) != 0)
            tell_feed(m, (enum sq_exchange)e);
}

void fix_market_hear(struct fix_market *m, enum sq_exchange exchange)
{
    m->heard[exchange] = m->now_us;
    tell_feed(m, exchange);
}

static void hear_all(struct fix_market *m)
{
    for (unsigned e = 1; e < SQ_EXCHANGE_COUNT; e++)
        if ((m->segments & (1U << e)) != 0)
            fix_market_hear(m, (enum sq_exchange)e);
}

static uint32_t row_count(const struct fix_market *m)
{
    uint32_t count = m->config.tables->instrument_count;
    return count < m->config.room ? count : m->config.room;
}

/* A segment's gap ends when nothing of it that was asked for is still to come. */
static void settle_gaps(struct fix_market *m)
{
    if (m->gaps == 0 || !m->up || m->next < row_count(m))
        return;
    for (unsigned e = 1; e < SQ_EXCHANGE_COUNT; e++) {
        if ((m->gaps & (1U << e)) == 0 || m->waiting[e] > 0)
            continue;
        m->gaps &= ~(1U << e);
        tell_feed(m, (enum sq_exchange)e);
    }
}

/* ---- asking --------------------------------------------------------------------------------- */

/* Rows of the next request, from m->next on. */
static uint32_t chunk(const struct fix_market *m)
{
    uint32_t last = row_count(m), n = 1;
    while (n < m->chunks[m->next] && m->next + n < last && m->rows[m->next + n] == FIX_ROW_WANTED)
        n++;
    return n;
}

static void put_types(struct fix_writer *w)
{
    fix_put_int(w, FIX_NO_MD_ENTRY_TYPES, 4);
    for (const char *type = "0125"; *type != '\0'; type++)
        fix_put_char(w, FIX_MD_ENTRY_TYPE, *type);
}

static void put_contract(struct fix_writer *w, const struct sq_instrument *i)
{
    fix_put_text(w, FIX_SYMBOL, i->symbol);
    fix_put_int(w, FIX_SECURITY_ID, i->token);
    fix_put_char(w, FIX_SECURITY_ID_SOURCE, '8');
    fix_put_text(w, FIX_SECURITY_EXCHANGE, sq_name(SQ_LIST_EXCHANGE, i->exchange));
}

/* MDReqID(262) says which rows it is about, so that a refusal does. */
static bool request(struct fix_market *m, uint32_t first, uint32_t count)
{
    struct fix_writer *w;
    char id[40];
    uint32_t number;
    if (fix_session_begin(&m->session, m->now_us, "V", &w) != FIX_SENT)
        return false;
    snprintf(id, sizeof id, "R%u-%u", first, count);
    fix_put_text(w, FIX_MD_REQ_ID, id);
    fix_put_char(w, FIX_SUBSCRIPTION_REQUEST_TYPE, '1');
    fix_put_int(w, FIX_MARKET_DEPTH, SQ_DEPTH_LEVELS);
    fix_put_int(w, FIX_MD_UPDATE_TYPE, 1);
    put_types(w);
    fix_put_int(w, FIX_NO_RELATED_SYM, count);
    for (uint32_t i = 0; i < count; i++)
        put_contract(w, &m->config.tables->instrument[first + i]);
    return fix_session_send(&m->session, &number) == FIX_SENT;
}

static void asked(struct fix_market *m, uint32_t row)
{
    unsigned exchange = m->config.tables->instrument[row].exchange;
    m->rows[row] = FIX_ROW_ASKED;
    m->waiting[exchange]++;
    m->segments |= 1U << exchange;
    m->gaps |= 1U << exchange;
}

static bool ask_next(struct fix_market *m)
{
    while (m->next < row_count(m) && m->rows[m->next] != FIX_ROW_WANTED)
        m->next++;
    if (!m->up || m->closing || m->next >= row_count(m))
        return false;
    uint32_t count = chunk(m);
    if (!request(m, m->next, count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        asked(m, m->next + i);
    m->next += count;
    return true;
}

static void not_asked(struct fix_market *m, uint32_t row, enum fix_market_row state)
{
    if (m->rows[row] != FIX_ROW_ASKED)
        return;
    m->rows[row] = (uint8_t)state;
    m->waiting[m->config.tables->instrument[row].exchange]--;
}

/* Both halves are asked for again; a single row is given up. */
static void halve(struct fix_market *m, uint32_t first, uint32_t count)
{
    uint32_t half = (count + 1) / 2;
    for (uint32_t i = 0; i < count; i++)
        not_asked(m, first + i, count == 1 ? FIX_ROW_REFUSED : FIX_ROW_WANTED);
    m->chunks[first] = (uint8_t)half;
    if (count > half)
        m->chunks[first + half] = (uint8_t)(count - half);
    if (first < m->next)
        m->next = first;
}

/* MDReqRejReason(281) 0: a contract that the venue does not know. Others cannot be helped. */
static void on_refused(struct fix_market *m, const struct fix_view *view)
{
    char id[40];
    uint32_t first, count;
    if (fix_text(fix_get(view, FIX_MD_REQ_ID), id, sizeof id) != FIX_VALUE ||
        sscanf(id, "R%9u-%9u", &first, &count) != 2 || count == 0 || count > FIX_MARKET_CHUNK ||
        first >= row_count(m) || count > row_count(m) - first)
        return;
    if (fix_equals(fix_get(view, FIX_MD_REQ_REJ_REASON), "0")) {
        halve(m, first, count);
        return;
    }
    log_line(m, "prices of %u contracts refused", count);
    for (uint32_t i = 0; i < count; i++)
        not_asked(m, first + i, FIX_ROW_REFUSED);
}

/* ---- the session ---------------------------------------------------------------------------- */

static void on_status(struct fix_market *m, const struct fix_view *view)
{
    enum { TRADING_SESSION_ID = 336 };
    char name[8];
    if (fix_text(fix_get(view, TRADING_SESSION_ID), name, sizeof name) != FIX_VALUE)
        return;
    int exchange = sq_named(SQ_LIST_EXCHANGE, name);
    if (exchange <= SQ_EXCHANGE_NONE)
        return;
    m->beats = true;
    fix_market_hear(m, (enum sq_exchange)exchange);
}

static void on_message(struct fix_market *m, const struct fix_view *view)
{
    static const struct {
        const char *type;
        void (*act)(struct fix_market *m, const struct fix_view *view);
    } acts[] = {
        {"X", fix_quotes_refresh}, {"W", fix_quotes_snapshot}, {"Y", on_refused}, {"h", on_status}};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (fix_is(view, acts[i].type)) {
            acts[i].act(m, view);
            return;
        }
    m->ignored++;
}

static void begin_session(struct fix_market *m)
{
    const struct fix_initiator who = {m->config.sender_comp_id, m->config.target_comp_id,
                                      m->config.heartbeat_s, m->config.username,
                                      m->config.password};
    struct fix_session_config config = fix_initiator_config(&who);
    config.reset_on_logon = true;
    fix_session_init(&m->session, &config);
    fix_session_numbers(&m->session, 1, 1, UINT32_MAX);
}

static void lost(struct fix_market *m, const char *why)
{
    fix_clean_text(why, strlen(why), m->why, sizeof m->why);
    log_line(m, "price link down: %s", m->why);
    m->up = false;
    tell_feeds(m);
}

static void logged_on(struct fix_market *m)
{
    memset(m->rows, FIX_ROW_WANTED, m->config.room);
    memset(m->chunks, FIX_MARKET_CHUNK, m->config.room);
    memset(m->waiting, 0, sizeof m->waiting);
    m->next = 0;
    m->gaps = m->segments;
    m->beats = false;
    m->up = true;
    m->why[0] = '\0';
    log_line(m, "price link up");
}

static void on_event(struct fix_market *m, const struct fix_event *event)
{
    switch (event->kind) {
    case FIX_EVENT_LOGGED_ON: logged_on(m); break;
    case FIX_EVENT_MESSAGE: on_message(m, event->view); break;
    case FIX_EVENT_IN_GAP:
    case FIX_EVENT_RESET:
        lost(m, "messages were lost");
        m->closing = true;
        break;
    case FIX_EVENT_DISCONNECT:
        lost(m, event->text[0] != '\0' ? event->text : fix_end_name(event->end));
        m->closing = true;
        break;
    case FIX_EVENT_REJECTED: log_line(m, "price request rejected: %s", event->text); break;
    default: break;
    }
}

/* ---- driving it ----------------------------------------------------------------------------- */

/* Rates first, then two bytes for each row. */
size_t fix_market_rows_size(uint32_t room)
{
    return room * (sizeof(struct sq_rate) + 2);
}

void fix_market_init(struct fix_market *m, const struct fix_market_config *config, void *rows)
{
    memset(m, 0, offsetof(struct fix_market, session));
    m->config = *config;
    m->rates = rows;
    m->rows = (uint8_t *)rows + config->room * sizeof(struct sq_rate);
    m->chunks = m->rows + config->room;
    snprintf(m->why, sizeof m->why, "not connected yet");
    begin_session(m);
}

void fix_market_connect(struct fix_market *m, int64_t now_us)
{
    m->now_us = now_us;
    begin_session(m);
    fix_session_connect(&m->session, now_us);
}

void fix_market_disconnect(struct fix_market *m, const char *why)
{
    if (!m->closing)
        lost(m, why);
    fix_session_disconnect(&m->session);
    m->closing = false;
}

bool fix_market_wants_close(const struct fix_market *m)
{
    return m->closing;
}

size_t fix_market_receive(struct fix_market *m, const char *bytes, size_t n)
{
    return fix_session_receive(&m->session, bytes, n);
}

/* The session heard something that was no message for us: a heartbeat. */
static void notice_heartbeat(struct fix_market *m, bool message)
{
    bool heard = m->session.last_in_us != m->last_in;
    m->last_in = m->session.last_in_us;
    if (heard && !message && m->up && !m->beats)
        hear_all(m);
}

void fix_market_poll(struct fix_market *m, int64_t now_us)
{
    struct fix_event event;
    bool message = false;
    m->now_us = now_us;
    while (!m->closing && fix_session_poll(&m->session, now_us, &event)) {
        message = message || event.kind == FIX_EVENT_MESSAGE;
        on_event(m, &event);
    }
    while (ask_next(m))
        continue;
    notice_heartbeat(m, message);
    settle_gaps(m);
}

const char *fix_market_output(const struct fix_market *m, size_t *n)
{
    return fix_session_output(&m->session, n);
}

void fix_market_written(struct fix_market *m, size_t k)
{
    fix_session_written(&m->session, k);
}

int64_t fix_market_deadline(const struct fix_market *m)
{
    return fix_session_deadline(&m->session);
}
