/*
 * fix_orders.h: the engine's requests as FIX 4.4 messages of an order session.
 *
 *   REQUEST_NEW          NewOrderSingle(D): a day's limit order, Account(1), product in tag 5001
 *   REQUEST_CANCEL       OrderCancelRequest(F)
 *   REQUEST_STATUS       OrderStatusRequest(H)
 *   REQUEST_MASS_STATUS  OrderMassStatusRequest(AF), MassStatusReqType(585) 7: all orders
 *
 * A contract is named by Symbol(55), SecurityID(48) with SecurityIDSource(22)=8 (exchange's own
 * token) and SecurityExchange(207) with the segment's name. Field order is that of FIX 4.4
 * volume 4. Only the form is decided here: whether a request may go out is net/fix_exchange.h.
 */
#ifndef NET_FIX_ORDERS_H
#define NET_FIX_ORDERS_H

#include "core/record.h"
#include "net/fix_session.h"

/*
 * Writes one request (kinds above only) and gives it its number. On FIX_SENT *number is its
 * MsgSeqNum; on anything else no number was used and no byte was left.
 */
enum fix_send fix_orders_send(struct fix_session *session, int64_t now_us, enum sq_kind kind,
                              const struct sq_request_order *request, uint32_t *number);

/* Is there a FIX message for requests of this kind? */
bool fix_orders_knows(enum sq_kind kind);

#endif
