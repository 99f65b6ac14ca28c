/*
 * The incoming half of the adaptor: messages of the exchange become inputs, whole or not at all.
 */
#include "net/fix_exchange.h"

#include "net/fix_reports.h"

#include <string.h>

static struct fix_reading reading(const struct fix_exchange *x, uint64_t fix_seq)
{
    return (struct fix_reading){
        .tables = x->config.tables,
        .conn = x->conn,
        .fix_seq = fix_seq,
        .proven = fix_exchange_proven(x),
    };
}

/* What is not understood is refused to its sender and told to the operator; it is no input. */
static void refuse(struct fix_exchange *x, const struct fix_event *event,
                   const struct fix_fault *fault)
{
    x->dropped++;
    fix_exchange_log(x, "message %u type %s refused: tag %u: %s", event->number, event->view->type,
                     fault->tag, fault->text);
    fix_session_reject(&x->session, x->now_us, event->view, fault->reason, fault->tag, fault->text);
}

static void stop_round_trip(struct fix_exchange *x, const char *clord)
{
    if (x->timed[0] == '\0' || strcmp(x->timed, clord) != 0)
        return;
    x->rtt_us = x->now_us - x->timed_us;
    x->timed[0] = '\0';
}

/* An answer that came while a gap was open may miss what lies in the gap. */
static void mass_done(struct fix_exchange *x, uint64_t fix_seq)
{
    x->mass_id[0] = '\0';
    if (!fix_exchange_proven(x)) {
        fix_requests_add(x, SQ_REQUEST_MASS_STATUS, &x->mass_request);
        return;
    }
    struct sq_mass_done *done = &fix_exchange_pend(x, SQ_MASS_DONE)->mass_done;
    done->conn = x->conn;
    done->fix_seq = fix_seq;
    done->reports = x->mass_reports;
    done->proven = 1;
}

static void on_report(struct fix_exchange *x, const struct fix_event *event)
{
    struct fix_reading about = reading(x, event->number);
    struct fix_mass_answer mass = fix_mass_answer_read(event->view, x->mass_id);
    struct sq_report report;
    struct fix_fault fault;
    if (mass.none) {
        mass_done(x, event->number);
        return;
    }
    if (!fix_report_read(event->view, &about, &report, &fault)) {
        refuse(x, event, &fault);
        return;
    }
    stop_round_trip(x, report.clord);
    fix_exchange_pend(x, SQ_REPORT)->report = report;
    if (!mass.ours)
        return;
    x->mass_reports++;
    if (mass.last || x->mass_reports == mass.total)
        mass_done(x, event->number);
}

static void on_cancel_reject(struct fix_exchange *x, const struct fix_event *event)
{
    struct fix_reading about = reading(x, event->number);
    struct sq_cancel_reject reject;
    struct fix_fault fault;
    if (fix_cancel_reject_read(event->view, &about, &reject, &fault))
        fix_exchange_pend(x, SQ_CANCEL_REJECT)->cancel_reject = reject;
    else
        refuse(x, event, &fault);
}

static void on_business_reject(struct fix_exchange *x, const struct fix_event *event)
{
    struct fix_reading about = reading(x, event->number);
    struct sq_message_reject reject;
    struct fix_fault fault;
    if (!fix_business_reject_read(event->view, &about, &reject, &fault)) {
        refuse(x, event, &fault);
        return;
    }
    fix_exchange_log(x, "exchange refused our message %lu: %s", (unsigned long)reject.ref_seq,
                     reject.text);
    fix_exchange_pend(x, SQ_MESSAGE_REJECT)->message_reject = reject;
}

/* FIX 4.4 volume 2: an application message that is not supported gets BusinessMessageReject 3. */
static void on_other(struct fix_exchange *x, const struct fix_event *event)
{
    struct fix_writer *w;
    uint32_t number;
    fix_exchange_log(x, "message %u type %s is not for us", event->number, event->view->type);
    if (fix_session_begin(&x->session, x->now_us, "j", &w) != FIX_SENT)
        return;
    fix_put_int(w, FIX_REF_SEQ_NUM, event->number);
    fix_put_text(w, FIX_REF_MSG_TYPE, event->view->type);
    fix_put_char(w, FIX_BUSINESS_REJECT_REASON, '3');
    (void)fix_session_send(&x->session, &number);
}

void fix_inputs_message(struct fix_exchange *x, const struct fix_event *event)
{
    static const struct {
        const char *type;
        void (*act)(struct fix_exchange *x, const struct fix_event *event);
    } acts[] = {{"8", on_report}, {"9", on_cancel_reject}, {"j", on_business_reject}};
    for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
        if (fix_is(event->view, acts[i].type)) {
            acts[i].act(x, event);
            return;
        }
    on_other(x, event);
}

void fix_inputs_rejected(struct fix_exchange *x, const struct fix_event *event)
{
    uint32_t fix_seq = 0;
    if (event->view != NULL)
        (void)fix_seqnum(fix_get(event->view, FIX_MSG_SEQ_NUM), false, &fix_seq);
    fix_exchange_log(x, "exchange rejected our message %u: %s", event->number, event->text);
    struct sq_message_reject *reject = &fix_exchange_pend(x, SQ_MESSAGE_REJECT)->message_reject;
    reject->conn = x->conn;
    reject->fix_seq = fix_seq;
    reject->ref_seq = event->number;
    fix_clean_text(event->text, strlen(event->text), reject->text, sizeof reject->text);
}
