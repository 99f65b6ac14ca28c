/*
 * The simulated exchange: a FIX 4.4 acceptor over its own market, book and account of positions.
 * It is the judge of what the product does and shares no code with its rules (design.md).
 *
 * Pure: time comes as an argument, chance from a seed, bytes go in and out by connection; no
 * socket, no clock, no allocation after exchange_init(). So the same exchange serves sockets
 * (squareoff-exchange), a socket pair in the console's process (--drill) and seeded simulation.
 *
 *     memory = malloc(exchange_size(&config, &day));
 *     x = exchange_init(memory, &config, &day, now_us, why);
 *     c = exchange_connect(x, now_us);
 *     on bytes:   taken = exchange_input(x, c, bytes, n, now_us);
 *     then:       bytes = exchange_output(x, c, &n); write k; exchange_written(x, c, k, now_us);
 *                 if (exchange_closing(x, c) && n == 0) close it; exchange_disconnect(x, c, now_us);
 *     on a timer: exchange_tick(x, now_us) at exchange_deadline(x)
 * Any call can put bytes on, or close, any connection: look at all of them after each.
 *
 * FIX sessions. Order sessions keep their numbers over connections. A session whose comp id ends in
 * "-MD" carries market data only and begins at 1 with each logon. One live connection a comp id: a
 * second one is closed without a byte.
 *
 * Contract on the wire: SecurityExchange(207) = segment (NFO), SecurityID(48) = token,
 * SecurityIDSource(22) = 8, Symbol(55). Account(1) = client, tag 5001 = product.
 *   D   NewOrderSingle: limit orders (40=2), 59=0 day or 3 IOC. Refusals: net/simulator/order.c.
 *   F   OrderCancelRequest: by OrigClOrdID(41), else by OrderID(37) (41=NONE), of this session only.
 *   H   OrderStatusRequest: by ClOrdID(11), or by OrderID(37): report with 150=I; an order that is not
 *       known: 150=I, 39=8, 103=5. Asking also sets free the reports that a fault held back.
 *   AF  OrderMassStatusRequest, 585=7: one report with 150=I for each order of this session, ended
 *       ones too, with TotNumReports(911), LastRptRequested(912) and MassStatusReqID(584); none:
 *       one report 150=I, 39=8, 103=5, 911=0.
 *   V   MarketDataRequest: 263=0, 1 or 2; answered by W for each contract, then X. Entries 269=0 and 1
 *       with level 290 (1..5), 2 last trade (272, 273 its time), 5 previous session's close;
 *       1148/1149 the day's band. Unknown contract: Y 281=0, nothing is subscribed.
 *   Anything else: BusinessMessageReject(j), 380=3; an order on a market-data session 380=6.
 * ExecIDs are unique over the day and over lost tails. Resend requests are answered with stored
 * execution reports, cancel rejects and business rejects; status reports and market data are
 * gap-filled. Reports made while a member is away are sent as new messages after its logon.
 *
 * Log: one line an event, "key=value" separated by blanks; docs in net/simulator/log.h. From it
 * scripts/check_exchange_log.py recomputes and judges every position.
 */
#ifndef NET_SIMULATOR_EXCHANGE_H
#define NET_SIMULATOR_EXCHANGE_H

#include "net/simulator/account.h"
#include "net/simulator/csv.h"
#include "net/simulator/fault.h"
#include "net/simulator/market.h"

enum {
    EXCHANGE_SESSIONS = 16,      /* sessions that can be configured */
    EXCHANGE_CONNECTIONS = 64,   /* at once; more are refused */
    EXCHANGE_LOG_LINE = 512,     /* longest log line, with the end */
    EXCHANGE_ANSWER = 256 * 1024 /* longest answer of exchange_command() */
};

struct exchange_session_config {
    char comp_id[SIM_COMP_ID]; /* the member's SenderCompID; "...-MD": market data */
    bool reset_on_logon;       /* numbers begin at 1 with each logon (always for market data) */
    int heartbeat_s;           /* the only HeartBtInt(108) accepted; 0: what the member proposes */
};

/* Everything that is decided before the exchange opens. exchange_defaults() fills it in. */
struct exchange_config {
    char comp_id[SIM_COMP_ID]; /* ours */
    struct exchange_session_config session[EXCHANGE_SESSIONS];
    int sessions;
    uint64_t seed;
    struct sim_market_config market;
    int64_t fault[SIM_FAULT_COUNT];
    int64_t grace_ms;               /* see account.h */
    int64_t sending_time_window_us; /* see net/fix_session.h; 0 = its default */
    int32_t max_orders;             /* of the day; then new ones are refused */
    int32_t max_reports;            /* kept for resending; the oldest are forgotten first */
    int32_t max_requests;           /* on their way (latency) at once */
    int32_t max_watched;            /* contracts with a subscription */
    int32_t max_positions;
    /* A line of the log, without line end; borrowed until it returns. NULL: no log. */
    void (*log)(void *context, const char *line, size_t length);
    void *log_context;
};

struct exchange;

/* SQXCHG, no sessions, quiet faults, room for a desk's day. */
void exchange_defaults(struct exchange_config *config);

/* Bytes of memory that exchange_init() needs. */
size_t exchange_size(const struct exchange_config *config, const struct sim_day *day);

/*
 * Opens the exchange in the caller's memory (16-byte aligned). The day is borrowed for the
 * exchange's life; the config is copied. NULL with why when the config makes no sense.
 */
struct exchange *exchange_init(void *memory, const struct exchange_config *config,
                               const struct sim_day *day, int64_t now_us, char why[SIM_WHY]);

/* A new transport: its number, or -1 when there are too many. */
int exchange_connect(struct exchange *x, int64_t now_us);

/* The transport is gone. The number is free from then on. */
void exchange_disconnect(struct exchange *x, int connection, int64_t now_us);

/* Bytes from a connection: returns how many were taken; call again with the rest after output. */
size_t exchange_input(struct exchange *x, int connection, const char *bytes, size_t n,
                      int64_t now_us);

/* Bytes for a connection, and that k of them were written. */
const char *exchange_output(const struct exchange *x, int connection, size_t *n);
void exchange_written(struct exchange *x, int connection, size_t k, int64_t now_us);

/* Shall the connection be closed once its output is written? */
bool exchange_closing(const struct exchange *x, int connection);

/* Lets time pass: market, requests that have arrived, sessions. Time never goes back. */
void exchange_tick(struct exchange *x, int64_t now_us);

/* When exchange_tick() wants to be called at the latest; INT64_MAX: never. */
int64_t exchange_deadline(const struct exchange *x);

/* ---- For tests, simulation and the control line ---- */

/* Lets a contract follow captured ticks (borrowed). */
void exchange_replay(struct exchange *x, int32_t contract, const struct sim_tick *ticks, int count,
                     int64_t now_us);

/* Net of a position; 0 where there is none. */
int64_t exchange_net(const struct exchange *x, const char *client, int segment, uint32_t token,
                     int product);

/* Violations that no disturbance excuses, and what is counted beside them. */
struct exchange_counts {
    uint64_t alarms;        /* fills that increased or flipped a position: must stay 0 */
    uint64_t excused;       /* such fills after a disturbance (account.h) */
    uint64_t overworked;    /* orders beyond what the position can bear: must stay 0 */
    uint64_t duplicate_ids; /* NewOrderSingles with a ClOrdID that was used: must stay 0 */
    uint64_t resent_orders; /* NewOrderSingles with PossDupFlag=Y: must stay 0 */
    uint64_t orders;        /* NewOrderSingles that were taken */
    uint64_t rejected;      /* of them refused */
    uint64_t cancels;       /* cancel requests */
    uint64_t fills;
    uint64_t run; /* 1 + lost tails */
};
struct exchange_counts exchange_counts(const struct exchange *x);

/* Read-only views: positions (sim_account) and the market. */
const struct sim_account *exchange_account(const struct exchange *x);
const struct sim_market *exchange_market(const struct exchange *x);
const struct sim_faults *exchange_faults(const struct exchange *x);

/* Sets a fault; the value is cut to what makes sense. */
void exchange_set_fault(struct exchange *x, enum sim_fault fault, int64_t value);

/* Falls back to the last checkpoint, as an exchange that restarts without its tail. False: none. */
bool exchange_lose_tail(struct exchange *x, int64_t now_us);

/* Cuts a session's connection. False: it had none. */
bool exchange_kick(struct exchange *x, const char *comp_id, int64_t now_us);

/*
 * One line of the control protocol; "help" lists them. The answer is lines of text, the last of
 * which is "ok" or "error REASON". Returns its length; the answer is cut to the capacity (at least
 * 256), never its last line.
 */
size_t exchange_command(struct exchange *x, const char *line, int64_t now_us, char *answer,
                        size_t capacity);

#endif
