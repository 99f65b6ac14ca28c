#include "net/fix_exchange.h"

#include "core/engine.h"
#include "net/fix_initiator.h"
#include "net/fix_reports.h"

#include <stdio.h>
#include <string.h>

void fix_exchange_log(struct fix_exchange *x, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fix_initiator_log(x->config.log, x->config.owner, format, args);
    va_end(args);
}

union sq_body *fix_exchange_pend(struct fix_exchange *x, enum sq_kind kind)
{
    SQ_ASSERT(x->pending_count < FIX_EXCHANGE_PENDING);
    struct sq_message *message = &x->pending[x->pending_count++];
    memset(message, 0, sizeof *message);
    message->kind = (uint16_t)kind;
    return &message->as;
}

/* Hands over what is pending, in order. True: nothing is left. */
static bool flush(struct fix_exchange *x)
{
    uint32_t done = 0;
    while (done < x->pending_count && x->config.submit(x->config.owner, &x->pending[done]))
        done++;
    x->pending_count -= done;
    x->taken += done;
    if (done > 0 && x->pending_count > 0)
        memmove(x->pending, &x->pending[done], x->pending_count * sizeof *x->pending);
    return x->pending_count == 0;
}

/* ---- numbers -------------------------------------------------------------------------------- */

/* FIX 4.4 numbers are below 2^31; a day that comes near is beyond what any exchange allows. */
enum { NUMBER_MAX = INT32_MAX - FIX_EXCHANGE_BLOCK };

static void ask_numbers(struct fix_exchange *x)
{
    uint64_t upto = (uint64_t)x->session.out_reserved + FIX_EXCHANGE_BLOCK;
    if (upto <= x->asked || upto > NUMBER_MAX)
        return;
    x->asked = upto;
    fix_exchange_pend(x, SQ_NUMBERS)->numbers.out_reserved = upto;
}

static void begin_session(struct fix_exchange *x)
{
    const struct fix_initiator who = {x->book.sender, x->config.target_comp_id,
                                      x->config.heartbeat_s, x->config.username,
                                      x->config.password};
    struct fix_session_config config = fix_initiator_config(&who);
    config.reserve_low_water = FIX_EXCHANGE_LOW_WATER;
    fix_session_init(&x->session, &config);
}

/* Numbers below the reservation may have been used by whoever ran before: begin beyond them. */
void fix_exchange_start(struct fix_exchange *x, const struct sq_book *book)
{
    x->book = *book;
    x->restart = false;
    x->started =
        book->sender[0] != '\0' && book->in_seq < NUMBER_MAX && book->out_reserved < NUMBER_MAX;
    if (!x->started)
        return;
    uint32_t out = book->out_reserved > 0 ? (uint32_t)book->out_reserved : 1;
    begin_session(x);
    fix_session_numbers(&x->session, (uint32_t)book->in_seq + 1, out, out);
    if (x->conn < book->conn)
        x->conn = book->conn;
    x->asked = 0;
    x->ask_again = 0;
    ask_numbers(x);
}

/*
 * A row of the book that is durable now: reservations, ownership, another day, or the word of two
 * people on what the exchange lost. After that word the agreed numbers hold: it begins anew. So it
 * does when the book was taken with a higher epoch, which alone ends being fenced: whoever takes it
 * has, by then, every journal row of the owner that fenced us.
 */
static void hear_book(struct fix_exchange *x, const struct sq_book *book)
{
    bool settled = x->book.lost && !book->lost;
    bool taken = x->started && book->epoch > x->book.epoch;
    if (settled)
        x->loss_told = false;
    if (taken)
        x->fenced = x->stopping = false;
    if (settled || taken || !x->started || book->day != x->book.day ||
        strcmp(book->sender, x->book.sender) != 0)
        x->restart = true;
    x->book = *book;
    if (!x->restart && book->out_reserved > x->session.out_reserved)
        fix_session_reserve(&x->session, (uint32_t)book->out_reserved);
}

static void hear(struct sq_listener *listener, const struct sq_message *event)
{
    char *base = (char *)listener - offsetof(struct fix_exchange, listener);
    if (event->kind == SQ_BOOK)
        hear_book((struct fix_exchange *)(void *)base, &event->as.book);
}

/* ---- the link ------------------------------------------------------------------------------- */

bool fix_exchange_proven(const struct fix_exchange *x)
{
    return x->up && x->proved && x->session.state == FIX_ACTIVE && !x->session.in_gap_open &&
           !x->session.out_gap_open;
}

static struct sq_link_change *pend_link(struct fix_exchange *x, bool up)
{
    struct sq_link_change *link = &fix_exchange_pend(x, SQ_LINK)->link;
    link->conn = x->conn;
    link->up = up;
    fix_clean_text(x->why, strlen(x->why), link->why, sizeof link->why);
    return link;
}

static void link_up(struct fix_exchange *x)
{
    x->conn++;
    x->up = true;
    x->proved = false;
    x->mass_id[0] = '\0';
    x->timed[0] = '\0';
    x->why[0] = '\0';
    fix_exchange_log(x, "logged on to %s, connection %u", x->session.config.target_comp_id,
                     x->conn);
    pend_link(x, true);
    x->probe = fix_session_probe(&x->session, x->now_us);
}

static void link_down(struct fix_exchange *x, const char *why)
{
    if (why != x->why)
        fix_clean_text(why, strlen(why), x->why, sizeof x->why);
    fix_exchange_log(x, "order link down: %s", x->why);
    if (!x->up)
        return;
    x->up = false;
    pend_link(x, false);
}

/*
 * The exchange numbers from below what we have seen: it lost its tail, or it is not the one that
 * we know. Told to the host once, since it is for people to settle and not for the next attempt;
 * the number that came tells them what it sends anew.
 */
static void tell_loss(struct fix_exchange *x)
{
    uint32_t number = 0;
    if (x->loss_told)
        return;
    x->loss_told = true;
    (void)fix_seqnum(fix_get(&x->session.view, FIX_MSG_SEQ_NUM), false, &number);
    struct sq_link_change *link = pend_link(x, false);
    link->lost = 1;
    link->number = number;
}

static void on_disconnect(struct fix_exchange *x, const struct fix_event *event)
{
    char why[FIX_EXCHANGE_WHY];
    snprintf(why, sizeof why, "%s%s%s", fix_end_name(event->end), event->text[0] ? ": " : "",
             event->text);
    x->closing = true;
    link_down(x, x->fenced ? x->why : why);
    if (event->end == FIX_END_TOO_LOW)
        tell_loss(x);
}

/* Messages that we never saw are lost: log on again, so that every order is asked about. */
static void on_reset(struct fix_exchange *x, const struct fix_event *event)
{
    char why[FIX_EXCHANGE_WHY];
    snprintf(why, sizeof why, "exchange reset its numbers to %u", event->number);
    link_down(x, why);
    x->closing = true;
}

/* FIX 4.4 volume 2: "MsgSeqNum too low, expecting X but received Y" is what a Logout says then. */
static void on_logged_out(struct fix_exchange *x, const struct fix_event *event)
{
    fix_exchange_log(x, "exchange logs out: %s", event->text);
    if (x->up || x->fenced || strcasestr(event->text, "too low") == NULL)
        return;
    x->fenced = true;
    snprintf(x->why, sizeof x->why,
             "exchange knows higher numbers of ours: another owner, or "
             "lost state");
    pend_link(x, false);
}

/*
 * FIX 4.4 volume 2, 2o: a message whose SendingTime is out of bounds is refused and counts as
 * received. After a stall of ours, a suspended machine say, it may well be a fill, so the next logon
 * expects it once more: the exchange sends it again with a new time. One that is itself wrong (it
 * was first sent after it was sent) would only come back the same.
 */
static void on_refused(struct fix_exchange *x, const struct fix_event *event)
{
    int64_t first_us, sent_us;
    fix_exchange_log(x, "refused %u: %s", event->number, event->text);
    if (event->reason != FIX_REJECT_SENDING_TIME || event->number == 0 ||
        fix_utc_time(fix_get(event->view, FIX_SENDING_TIME), &sent_us) != FIX_VALUE ||
        (fix_utc_time(fix_get(event->view, FIX_ORIG_SENDING_TIME), &first_us) == FIX_VALUE &&
         first_us > sent_us))
        return;
    if (x->ask_again == 0 || event->number < x->ask_again)
        x->ask_again = event->number;
}

static void on_event(struct fix_exchange *x, const struct fix_event *event)
{
    switch (event->kind) {
    case FIX_EVENT_LOGGED_ON: link_up(x); break;
    case FIX_EVENT_MESSAGE: fix_inputs_message(x, event); break;
    case FIX_EVENT_REJECTED: fix_inputs_rejected(x, event); break;
    case FIX_EVENT_REFUSED: on_refused(x, event); break;
    case FIX_EVENT_PROBED: x->proved = x->proved || event->number == x->probe; break;
    case FIX_EVENT_RESERVE: ask_numbers(x); break;
    case FIX_EVENT_RESET: on_reset(x, event); break;
    case FIX_EVENT_LOGGED_OUT: on_logged_out(x, event); break;
    case FIX_EVENT_DISCONNECT: on_disconnect(x, event); break;
    default:
        fix_exchange_log(x, "%s %u%s%s", fix_event_name(event->kind), event->number,
                         event->text[0] ? ": " : "", event->text);
    }
}

/* ---- driving it ----------------------------------------------------------------------------- */

void fix_exchange_init(struct fix_exchange *x, const struct fix_exchange_config *config)
{
    static const struct sq_exchange_ops ops = {.send = fix_requests_send};
    memset(x, 0, offsetof(struct fix_exchange, order_slot));
    x->port.ops = &ops;
    x->listener.event = hear;
    x->config = *config;
    x->orders = (struct fix_request_queue){x->order_slot, FIX_EXCHANGE_ORDERS, 0, 0};
    x->questions = (struct fix_request_queue){x->question_slot, FIX_EXCHANGE_QUESTIONS, 0, 0};
    x->rtt_us = -1;
    snprintf(x->why, sizeof x->why, "not connected yet");
}

bool fix_exchange_wants_link(const struct fix_exchange *x)
{
    return x->started && !x->restart && !x->stopping && !x->closing && x->pending_count == 0 &&
           x->book.owned && x->book.loaded && !x->book.lost && !x->loss_told && !x->fenced &&
           x->session.state == FIX_DISCONNECTED && x->session.out_reserved > x->session.next_out;
}

void fix_exchange_connect(struct fix_exchange *x, int64_t now_us)
{
    struct fix_session *s = &x->session;
    x->now_us = now_us;
    if (x->ask_again > 0 && x->ask_again < s->next_in)
        fix_session_numbers(s, x->ask_again, s->next_out, s->out_reserved);
    x->ask_again = 0;
    fix_session_connect(s, now_us);
}

void fix_exchange_disconnect(struct fix_exchange *x, const char *why)
{
    if (x->up || !x->closing)
        link_down(x, why);
    if (x->started)
        fix_session_disconnect(&x->session);
    x->closing = false;
}

bool fix_exchange_wants_close(const struct fix_exchange *x)
{
    return x->closing;
}

void fix_exchange_logout(struct fix_exchange *x, int64_t now_us, const char *text)
{
    x->stopping = true;
    if (x->up)
        fix_session_logout(&x->session, now_us, text);
}

void fix_exchange_resume(struct fix_exchange *x)
{
    x->stopping = false;
}

size_t fix_exchange_receive(struct fix_exchange *x, const char *bytes, size_t n)
{
    return x->started ? fix_session_receive(&x->session, bytes, n) : n;
}

/* Another day, another owner, or none: this session ends here. */
static bool end_old_session(struct fix_exchange *x)
{
    if (x->session.state != FIX_DISCONNECTED) {
        if (!x->closing && (x->restart || !x->book.owned)) {
            link_down(x, x->restart ? "the book's day begins anew" : "the book was handed over");
            x->closing = true;
            return true;
        }
        return false;
    }
    if (!x->restart)
        return false;
    struct sq_book book = x->book;
    fix_exchange_start(x, &book);
    return true;
}

/* One thing happens. False: there is nothing more to do now. */
static bool advance(struct fix_exchange *x)
{
    struct fix_event event;
    if (end_old_session(x))
        return true;
    if (x->started && !x->closing && fix_session_poll(&x->session, x->now_us, &event)) {
        on_event(x, &event);
        return true;
    }
    return fix_requests_step(x);
}

void fix_exchange_poll(struct fix_exchange *x, int64_t now_us)
{
    x->now_us = now_us;
    while (flush(x) && advance(x))
        continue;
}

const char *fix_exchange_output(const struct fix_exchange *x, size_t *n)
{
    *n = 0;
    return x->started ? fix_session_output(&x->session, n) : NULL;
}

void fix_exchange_written(struct fix_exchange *x, size_t k)
{
    fix_session_written(&x->session, k);
}

int64_t fix_exchange_deadline(const struct fix_exchange *x)
{
    int64_t session = x->started ? fix_session_deadline(&x->session) : INT64_MAX;
    int64_t order = fix_requests_deadline(x);
    if (x->pending_count > 0)
        return INT64_MAX; /* nothing moves until the host takes them */
    return session < order ? session : order;
}
