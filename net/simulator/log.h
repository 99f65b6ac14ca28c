/*
 * The exchange's log: one line of text an event, from which an independent program can recompute
 * every position (scripts/check_exchange_log.py does).
 *
 * A line is `n=LINE time_us=MICROSECONDS event=NAME key=value ...`. n rises by one a line and is
 * never reset. Values hold no blank and no '='; a value that is empty is "-". Prices are decimals,
 * quantities signed only where they are nets. An order is described by
 *     session= clord= order= client= segment= token= symbol= product= side=BUY|SELL quantity= price=
 *
 *   open       run=, contracts=, positions=, seed=           the exchange opened
 *   opening    client= segment= token= symbol= expiry= strike= kind= product= net=   one a position
 *   loaded     an order that came with the day; stop=1 while it waits for its trigger
 *   order-in   a NewOrderSingle arrived; possdup=, possresend=
 *   reject     code= (OrdRejReason 103) why=
 *   vanish     a fault swallowed the request; kind=order|cancel
 *   ack        the order is accepted
 *   overwork   accepted, but live orders of that side exceed what closes the position; net= live=
 *   fill       exec= last= at= net_before= net= origin=member|loaded|late verdict=fine|excused|alarm
 *   trigger    a stop's trigger was reached
 *   cancel-in  target= (OrigClOrdID or OrderID)
 *   cancel-reject  code= (CxlRejReason 102) why=
 *   cancelled, expired   left= quantity that will not fill; by=member|exchange|ioc
 *   bust       exec= ref= (the fill that is undone) net_before= net=
 *   correct    exec= ref= at= the price that replaces the fill's
 *   status     exec=-; somebody asked about an order; state=
 *   mass       reports=
 *   logon, logout, disconnect, refuse, kick, reset   session= and why=
 *   resend     from=
 *   fault, stall, halt, suspend, one-sided    what the control line did
 *   checkpoint the state was saved
 *   rollback   keep= run=: the exchange lost its tail: lines n > keep, up to this one, did not happen
 */
#ifndef NET_SIMULATOR_LOG_H
#define NET_SIMULATOR_LOG_H

#include "net/simulator/exchange.h"
#include "net/simulator/text.h"

struct sim_order;
struct sim_request;

/* A line is begun, gets its values by sim_line_...(), and is written by log_end. */
struct sim_log {
    struct sim_line line;
    char text[EXCHANGE_LOG_LINE];
};

void sim_log_begin(struct exchange *x, struct sim_log *log, const char *event);
void sim_log_end(struct exchange *x, struct sim_log *log);

/* The values that describe an order. */
void sim_log_order(struct exchange *x, struct sim_log *log, const struct sim_order *o);

/* A whole line about a request: its names, a code and why, or what it was about. */
void sim_log_answer(struct exchange *x, const char *event, const struct sim_request *r, int code,
                    const char *why);

/* A whole line about a session. */
void sim_log_session(struct exchange *x, const char *event, const char *comp_id, const char *why);

#endif
