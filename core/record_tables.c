/*
 * record_tables.c: the fields of every kind, once. Encoding, text, storage columns and tests all
 * read these rows.
 *
 * The order of a table is the order on the wire and in the journal: only ever append.
 * The type of a plain member is taken from its declaration, so it cannot be named wrongly.
 */
#include "core/record.h"

#include <string.h>

#define MEMBER(m) (((struct S *)0)->m)
#define TYPE_OF(m) \
    _Generic(MEMBER(m),                                                                            \
        uint8_t: SQ_FIELD_U8,                                                                      \
        uint16_t: SQ_FIELD_U16,                                                                    \
        uint32_t: SQ_FIELD_U32,                                                                    \
        uint64_t: SQ_FIELD_U64,                                                                    \
        int64_t: SQ_FIELD_I64,                                                                     \
        char *: SQ_FIELD_TEXT,                                                                     \
        struct sq_id: SQ_FIELD_ID)
#define ROW(name, m, type, list)                                  \
    {                                                             \
        name, offsetof(struct S, m), sizeof MEMBER(m), type, list \
    }

#define FIELD(m)      ROW(#m, m, TYPE_OF(m), 0)
#define TIME(m)       ROW(#m, m, SQ_FIELD_TIME, 0)
#define ENUM(m, list) ROW(#m, m, SQ_FIELD_ENUM, SQ_LIST_##list)
#define GUARDS(m)     ROW(#m, m, SQ_FIELD_GUARDS, SQ_LIST_GUARD)
#define KIND(m)       ROW(#m, m, SQ_FIELD_KIND, 0)
/* Members of a member: a line of text has one level of names only. */
#define IN(outer, m)            ROW(#m, outer.m, TYPE_OF(outer.m), 0)
#define IN_ENUM(outer, m, list) ROW(#m, outer.m, SQ_FIELD_ENUM, SQ_LIST_##list)
#define KEY(k) \
    IN(k, client), IN_ENUM(k, exchange, EXCHANGE), IN(k, token), IN_ENUM(k, product, PRODUCT)
#define QUOTE(q)                                                                           \
    IN(q, bid), IN(q, ask), IN(q, last), IN(q, band_low), IN(q, band_high), IN(q, age_ms), \
        IN(q, trade_age_ms), IN(q, feed_age_ms), IN(q, feed_gap)

#define S sq_config
static const struct sq_field sq_config_fields[] = {
    FIELD(instruments),
    FIELD(clients),
    FIELD(people),
    FIELD(hours),
    FIELD(positions),
    FIELD(orders),
    FIELD(closes),
    FIELD(fills),
    FIELD(intents),
    FIELD(rules_version),
    FIELD(orders_per_second),
    FIELD(orders_burst),
    FIELD(protect_bps),
    FIELD(wide_bps),
    FIELD(quote_age_limit_ms),
    FIELD(trade_recent_ms),
    FIELD(intent_life_ms),
    FIELD(send_life_ms),
    FIELD(unknown_after_ms),
    FIELD(ask_every_ms),
    FIELD(reprice_after_ms),
    FIELD(hold_after_ms),
    FIELD(approval_life_ms),
    FIELD(reprices),
    FIELD(largest_cash_qty),
    FIELD(drill),
};
#undef S
#define S sq_instrument
static const struct sq_field sq_instrument_fields[] = {
    ENUM(exchange, EXCHANGE),
    FIELD(token),
    FIELD(symbol),
    FIELD(series),
    ENUM(contract, CONTRACT),
    FIELD(expiry),
    FIELD(strike),
    FIELD(price_decimals),
    FIELD(tick),
    FIELD(lot),
    FIELD(multiplier),
    FIELD(freeze),
    FIELD(band_low),
    FIELD(band_high),
    FIELD(prev_settle),
    FIELD(suspended),
};
#undef S
#define S sq_client
static const struct sq_field sq_client_fields[] = {
    FIELD(code),   FIELD(name),          FIELD(phone),        FIELD(desk),
    FIELD(dealer), FIELD(backup_dealer), FIELD(exch_account), FIELD(call_required),
    FIELD(active), FIELD(frozen),        FIELD(stand_in),
};
#undef S
#define S sq_person
static const struct sq_field sq_person_fields[] = {
    FIELD(code),
    FIELD(name),
    FIELD(desk),
    ENUM(role, ROLE),
    ENUM(policy, POLICY),
    FIELD(active),
    FIELD(max_order_paise),
    FIELD(max_day_paise),
    FIELD(day_paise),
};
#undef S
#define S sq_hours
static const struct sq_field sq_hours_fields[] = {
    ENUM(exchange, EXCHANGE), FIELD(series),     TIME(open),       TIME(close),
    TIME(auction_start),      TIME(auction_end), TIME(mis_cutoff),
};
#undef S
#define S sq_position
static const struct sq_field sq_position_fields[] = {
    KEY(key),         FIELD(net),         FIELD(overnight),      FIELD(sellable),    FIELD(agreed),
    FIELD(avg_price), FIELD(basis_paise), FIELD(realised_paise), FIELD(carry_paise), FIELD(bought),
    FIELD(sold),      FIELD(start),       ENUM(source, SOURCE),  FIELD(frozen),      FIELD(flipped),
    TIME(flat_at),
};
#undef S
#define S sq_order
static const struct sq_field sq_order_fields[] = {
    FIELD(no),
    FIELD(clord),
    FIELD(exch_no),
    FIELD(cancel_clord),
    FIELD(sender),
    FIELD(text),
    KEY(key),
    ENUM(side, SIDE),
    ENUM(type, ORDER_TYPE),
    ENUM(state, ORDER_STATE),
    ENUM(cancel_state, CANCEL_STATE),
    ENUM(origin, ORIGIN),
    FIELD(close_no),
    FIELD(qty),
    FIELD(cum),
    FIELD(leaves),
    FIELD(limit),
    FIELD(trigger),
    FIELD(value_paise),
    FIELD(seen_unknown),
    FIELD(settled),
    FIELD(conn),
    FIELD(fix_seq),
    TIME(created),
    TIME(sent),
    TIME(acked),
    TIME(changed),
    TIME(send_before),
    TIME(ask_at),
    TIME(cancel_at),
    FIELD(heard),
    ENUM(doubt, ORDER_STATE),
};
#undef S
#define S sq_close
static const struct sq_field sq_close_fields[] = {
    FIELD(no),
    FIELD(id),
    FIELD(bulk),
    KEY(key),
    FIELD(dealer),
    FIELD(approver),
    FIELD(call_ref),
    FIELD(reason),
    ENUM(side, SIDE),
    ENUM(state, CLOSE_STATE),
    ENUM(residue, RESIDUE),
    FIELD(covered),
    FIELD(at_band),
    FIELD(prepaid),
    ENUM(short_of, RESIDUE),
    GUARDS(guards),
    FIELD(start),
    FIELD(target),
    FIELD(planned),
    FIELD(filled),
    FIELD(left),
    FIELD(typed_limit),
    FIELD(limit),
    FIELD(value_paise),
    FIELD(estimate_paise),
    FIELD(children),
    FIELD(child_cap),
    FIELD(reprices),
    TIME(created),
    TIME(began),
    TIME(changed),
    TIME(due),
    QUOTE(quote),
    TIME(wait_from),
    TIME(quoted),
};
#undef S
#define S sq_fill
static const struct sq_field sq_fill_fields[] = {
    FIELD(no),        FIELD(order_no), FIELD(exec_id), FIELD(person), KEY(key),
    ENUM(side, SIDE), FIELD(qty),      FIELD(price),   FIELD(manual), FIELD(busted),
    FIELD(external),  FIELD(confirms), TIME(time),
};
#undef S
#define S sq_intent_row
static const struct sq_field sq_intent_row_fields[] = {
    FIELD(id), FIELD(digest), FIELD(close_no), ENUM(refusal, REFUSAL), ENUM(guard, GUARD),
};
#undef S
#define S sq_book
static const struct sq_field sq_book_fields[] = {
    FIELD(day),
    FIELD(epoch),
    FIELD(book),
    FIELD(desk),
    FIELD(sender),
    TIME(as_of),
    TIME(trades_to),
    FIELD(trades),
    FIELD(loaded),
    FIELD(owned),
    FIELD(accepted),
    ENUM(control, CONTROL),
    FIELD(halted),
    ENUM(link, LINK),
    FIELD(restarted),
    FIELD(lost),
    FIELD(control_person),
    FIELD(control_reason),
    FIELD(accepted_person),
    FIELD(accepted_reason),
    FIELD(conn),
    FIELD(next_order),
    FIELD(next_close),
    FIELD(next_fill),
    FIELD(in_seq),
    FIELD(out_reserved),
    TIME(reconciled_at),
    FIELD(rate_credit),
    TIME(rate_time),
    TIME(time),
    TIME(lost_at),
    FIELD(lost_number),
    FIELD(loss_person),
    FIELD(loss_second),
    FIELD(loss_reason),
    FIELD(loss_in),
    FIELD(loss_out),
    FIELD(loss_kept),
    FIELD(owner),
    FIELD(draining),
    FIELD(granted),
    TIME(invoked_at),
};
#undef S
#define S sq_square_off
static const struct sq_field sq_square_off_fields[] = {
    FIELD(id),    FIELD(dealer),      KEY(key),          FIELD(target), FIELD(seen_net),
    FIELD(limit), TIME(created),      GUARDS(confirmed), FIELD(bulk),   FIELD(armed),
    FIELD(hold),  FIELD(call_client), FIELD(call_ref),   QUOTE(quote),
};
#undef S
#define S sq_bulk_go
static const struct sq_field sq_bulk_go_fields[] = {FIELD(bulk), FIELD(dealer), FIELD(count)};
#undef S
#define S sq_cancel
static const struct sq_field sq_cancel_fields[] = {FIELD(order_no), FIELD(person)};
#undef S
#define S sq_approve
static const struct sq_field sq_approve_fields[] = {
    FIELD(close_no), FIELD(bulk), FIELD(person), FIELD(granted), FIELD(reason), FIELD(digest),
};
#undef S
#define S sq_settle
static const struct sq_field sq_settle_fields[] = {
    FIELD(order_no), FIELD(person), FIELD(cum), FIELD(price), FIELD(still_open), FIELD(reason),
};
#undef S
#define S sq_manual_fill
static const struct sq_field sq_manual_fill_fields[] = {
    FIELD(id), KEY(key), FIELD(person), ENUM(side, SIDE), FIELD(qty), FIELD(price), FIELD(reason),
};
#undef S
#define S sq_supervise
static const struct sq_field sq_supervise_fields[] = {
    ENUM(what, SUPERVISE), FIELD(value),   FIELD(person),   KEY(key),      FIELD(desk),
    FIELD(reason),         FIELD(in_next), FIELD(out_next), FIELD(dealer),
};
#undef S
#define S sq_ownership
static const struct sq_field sq_ownership_fields[] = {
    ENUM(what, OWNERSHIP), ENUM(taken, TAKEN), FIELD(epoch),  FIELD(owner),
    FIELD(person),         FIELD(second),      FIELD(reason), FIELD(out_reserved),
};
#undef S
#define S sq_day
static const struct sq_field sq_day_fields[] = {
    FIELD(day),  FIELD(epoch),    FIELD(book),   FIELD(desk),   FIELD(sender),
    TIME(as_of), FIELD(accepted), FIELD(person), FIELD(reason),
};
#undef S
#define S sq_day_done
static const struct sq_field sq_day_done_fields[] = {
    FIELD(instruments),
    FIELD(positions),
    FIELD(orders),
    FIELD(trades),
};
#undef S
#define S sq_trade
static const struct sq_field sq_trade_fields[] = {
    FIELD(trade_no), KEY(key), ENUM(side, SIDE), FIELD(qty), FIELD(price), TIME(time),
};
#undef S
#define S sq_report
static const struct sq_field sq_report_fields[] = {
    FIELD(conn),
    FIELD(fix_seq),
    KEY(key),
    FIELD(clord),
    FIELD(orig_clord),
    FIELD(exch_no),
    FIELD(exec_id),
    FIELD(ref_exec_id),
    ENUM(exec_type, EXEC_TYPE),
    ENUM(order_state, ORDER_STATE),
    ENUM(side, SIDE),
    ENUM(type, ORDER_TYPE),
    FIELD(unknown_order),
    FIELD(proven),
    FIELD(qty),
    FIELD(cum),
    FIELD(leaves),
    FIELD(last_qty),
    FIELD(last_price),
    FIELD(limit),
    TIME(time),
    FIELD(text),
};
#undef S
#define S sq_cancel_reject
static const struct sq_field sq_cancel_reject_fields[] = {
    FIELD(conn),     FIELD(fix_seq),       FIELD(clord), FIELD(orig_clord),
    FIELD(too_late), FIELD(unknown_order), FIELD(text),
};
#undef S
#define S sq_message_reject
static const struct sq_field sq_message_reject_fields[] = {
    FIELD(conn), FIELD(fix_seq), FIELD(ref_seq), FIELD(business), FIELD(text),
};
#undef S
#define S sq_sent
static const struct sq_field sq_sent_fields[] = {FIELD(clord), FIELD(conn), FIELD(fix_seq)};
#undef S
#define S sq_not_sent
static const struct sq_field sq_not_sent_fields[] = {FIELD(clord), FIELD(why)};
#undef S
#define S sq_link_change
static const struct sq_field sq_link_change_fields[] = {FIELD(conn), FIELD(up), FIELD(lost),
                                                        FIELD(why), FIELD(number)};
#undef S
#define S sq_mass_done
static const struct sq_field sq_mass_done_fields[] = {
    FIELD(conn),
    FIELD(fix_seq),
    FIELD(reports),
    FIELD(proven),
};
#undef S
#define S sq_numbers
static const struct sq_field sq_numbers_fields[] = {FIELD(out_reserved)};
#undef S
#define S sq_quote_answer
static const struct sq_field sq_quote_answer_fields[] = {
    ENUM(exchange, EXCHANGE),
    FIELD(token),
    QUOTE(quote),
};
#undef S
#define S sq_nothing
static const struct sq_field sq_nothing_fields[] = {FIELD(none)};
#undef S
#define S sq_refused
static const struct sq_field sq_refused_fields[] = {
    KIND(command),  ENUM(refusal, REFUSAL), ENUM(guard, GUARD), ENUM(verdict, VERDICT),
    GUARDS(guards), FIELD(person),          KEY(key),           FIELD(order_no),
    FIELD(id),
};
#undef S
#define S sq_alarm_event
static const struct sq_field sq_alarm_event_fields[] = {
    ENUM(alarm, ALARM), KEY(key), FIELD(order_no), FIELD(close_no), FIELD(text),
};
#undef S
#define S sq_request_order
static const struct sq_field sq_request_order_fields[] = {
    FIELD(clord),      FIELD(orig_clord), FIELD(exch_no),        FIELD(account), KEY(key),
    FIELD(symbol),     ENUM(side, SIDE),  FIELD(price_decimals), FIELD(qty),     FIELD(limit),
    TIME(send_before), FIELD(epoch),      FIELD(conn),
};
#undef S

#define X(tail, text, type, member, family)                       \
    [SQ_##tail] = {text, SQ_FAMILY_##family, sizeof(struct type), \
                   sizeof type##_fields / sizeof *type##_fields, type##_fields},
static const struct sq_kind_info kinds[SQ_KIND_COUNT] = {SQ_KIND_MAP(X)};
#undef X

const struct sq_kind_info *sq_kind_info(enum sq_kind kind)
{
    return &kinds[kind];
}

enum sq_kind sq_kind_named(const char *name)
{
    for (unsigned kind = SQ_KIND_NONE + 1; kind < SQ_KIND_COUNT; kind++)
        if (strcmp(kinds[kind].name, name) == 0)
            return (enum sq_kind)kind;
    return SQ_KIND_NONE;
}
