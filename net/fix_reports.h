/*
 * fix_reports.h: what an exchange says on an order session, as inputs of the engine.
 *
 *   ExecutionReport(8)        -> SQ_REPORT          FIX 4.4 volume 4, every ExecType and OrdStatus
 *   OrderCancelReject(9)      -> SQ_CANCEL_REJECT
 *   BusinessMessageReject(j)  -> SQ_MESSAGE_REJECT  of a message of ours
 *
 * All of it is hostile until checked. A message becomes a whole input or a fault, never half an
 * input: numbers within +/-SQ_INTEGER_MAX, ids printable and short enough to be kept whole (a cut
 * id would name something else), Text(58) made printable and cut.
 *
 * An order's contract is read from SecurityExchange(207) and SecurityID(48); a venue that leaves
 * them out is understood by the order its ClOrdID(11) or OrigClOrdID(41) names. The client comes
 * the same way from Account(1), the product from tag 5001.
 */
#ifndef NET_FIX_REPORTS_H
#define NET_FIX_REPORTS_H

#include "core/tables.h"
#include "net/fix.h"

/* What is known besides the message itself. */
struct fix_reading {
    const struct sq_tables *tables; /* the engine's rows: orders, clients, instruments */
    uint32_t conn;                  /* connection that it came on */
    uint64_t fix_seq;               /* its MsgSeqNum */
    bool proven;                    /* answers on this connection prove (fix_exchange.h) */
};

/* Why a message was not understood: for Reject(3). */
struct fix_fault {
    enum fix_reject reason; /* FIX_REJECT_NONE: no fault */
    uint32_t tag;           /* what it is about */
    const char *text;       /* in words; static */
};

/* Each fills *out and returns true, or returns false with *fault; then *out is not an input. */
bool fix_report_read(const struct fix_view *view, const struct fix_reading *reading,
                     struct sq_report *out, struct fix_fault *fault);
bool fix_cancel_reject_read(const struct fix_view *view, const struct fix_reading *reading,
                            struct sq_cancel_reject *out, struct fix_fault *fault);
bool fix_business_reject_read(const struct fix_view *view, const struct fix_reading *reading,
                              struct sq_message_reject *out, struct fix_fault *fault);

/*
 * Does this ExecutionReport belong to the mass status request `id`, and is it its last? A report
 * that says "there are none" (OrdStatus 8 with OrdRejReason 5 or TotNumReports 0) is no report of
 * an order; one of a rejected order is. FIX 4.4 volume 4, "Order Mass Status Request":
 * LastRptRequested(912), else as many as TotNumReports(911).
 */
struct fix_mass_answer {
    bool ours;      /* MassStatusReqID(584) is `id` */
    bool none;      /* no order at all: the report carries none */
    bool last;      /* LastRptRequested(912)=Y, or there are none */
    uint32_t total; /* TotNumReports(911); 0: not said */
};
struct fix_mass_answer fix_mass_answer_read(const struct fix_view *view, const char *id);

/* Hostile text made printable ASCII and cut to fit; room >= 1. */
void fix_clean_text(const char *text, size_t length, char *out, size_t room);

#endif
