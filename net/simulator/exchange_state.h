/*
 * The inside of the simulated exchange, for its own files only:
 *   exchange.c   opening, connections, time, checkpoints
 *   request.c    FIX messages to requests, which wait out their latency
 *   order.c      new orders: checks, matching, the day's own orders
 *   fill.c       fills, their undoing, ends of orders
 *   answer.c     cancel requests, status and mass status requests
 *   report.c     reports: kept, numbered, encoded, sent again
 *   rates.c      market-data subscriptions
 *   command.c    the control line
 *   log.c        the log
 */
#ifndef NET_SIMULATOR_EXCHANGE_STATE_H
#define NET_SIMULATOR_EXCHANGE_STATE_H

#include "net/fix_session.h"
#include "net/simulator/book.h"
#include "net/simulator/exchange.h"
#include "net/simulator/log.h"

enum {
    SIM_OWNERS = EXCHANGE_SESSIONS + 16, /* sessions, and senders of loaded orders that are none */
    SIM_REQUEST_ID = 32,                 /* MassStatusReqID, OrdStatusReqID, MDReqID */
    SIM_TEXT = 64,                       /* Text(58) of a report */
    SIM_SUBSCRIPTIONS = 250,             /* market-data requests of one session */
    SIM_LOGON = 2048,                    /* bytes of a connection before its session is known */
    SIM_VENUE = 8,
};

/* Who sends orders: a configured session, or the sender of loaded orders. */
struct sim_owner {
    char comp_id[SIM_COMP_ID];
    uint32_t next_in, next_out; /* as of the last disconnection or checkpoint */
    int32_t first, last;        /* its reports, oldest first; SIM_NONE */
    int32_t unsent;             /* the first of them without a number */
    int32_t cursor;             /* where the last resend was found */
};

/* A report that was made: complete, so that it can be encoded again as it was. */
struct sim_report {
    int32_t owner, order;   /* order: SIM_NONE when it is about none */
    int32_t next;           /* of the same owner */
    uint32_t number;        /* MsgSeqNum; 0: not sent yet */
    bool undone;            /* a fill that was busted or corrected */
    bool held;              /* by a fault: not among the owner's reports, waits to be asked for */
    char type;              /* MsgType: '8', '9' or 'j' */
    char exec_type, status; /* 150, 39 */
    int8_t side;
    uint8_t product;
    bool ioc;
    bool last;               /* 912 */
    int32_t contract;        /* SIM_NONE: as the request named it, below */
    int32_t total;           /* 911; -1: not part of a mass status */
    int16_t reason;          /* 103, 102 or 380; -1: none */
    uint32_t token;          /* of an unknown contract */
    uint32_t ref_number;     /* 45 of a business reject */
    uint64_t exec, ref_exec; /* numbers of ExecID and ExecRefID; 0: none */
    int64_t quantity, price, last_quantity, last_price, filled, left;
    int64_t average_cents; /* AvgPx x 100 in the contract's unit */
    int64_t time_us, sent_us;
    char client[SIM_CLIENT], clord_id[SIM_CLORD], orig_clord_id[SIM_CLORD];
    char order_no[SIM_ORDER_NO], symbol[SIM_SYMBOL], venue[SIM_VENUE];
    char request_id[SIM_REQUEST_ID];
    char ref_type[4];
    char text[SIM_TEXT];
};

/* Everything that a lost tail takes back; the arrays behind it lie in the same region. */
struct sim_state {
    struct sim_account account;
    struct sim_book book;
    struct sim_report *report; /* a ring */
    int32_t report_room, report_count, report_at;
    struct sim_owner owner[SIM_OWNERS];
    int owners;
    uint64_t next_order, next_exec;
    uint64_t log_lines; /* when the checkpoint was made: what a rollback keeps */
};

enum sim_request_kind { SIM_ORDER, SIM_CANCEL, SIM_STATUS, SIM_MASS, SIM_LATE_FILL };

/* A request as it was read, on its way to the matching engine. */
struct sim_request {
    int64_t due_us;
    uint64_t arrival; /* equal times keep the order of arrival */
    uint8_t kind;     /* enum sim_request_kind */
    int32_t owner;
    int32_t contract; /* SIM_NONE: unknown */
    int32_t order;    /* SIM_LATE_FILL */
    int32_t run;      /* SIM_LATE_FILL: of this run, not of one before a lost tail */
    uint32_t token;
    int product;         /* enum sim_product, SIM_NONE: no such product */
    int side;            /* enum sim_side; 0: neither */
    char type, validity; /* 40, 59 */
    bool poss_dup, poss_resend;
    int64_t quantity, price; /* -1: missing or no number of that contract */
    char client[SIM_CLIENT], clord_id[SIM_CLORD], orig_clord_id[SIM_CLORD];
    char order_no[SIM_ORDER_NO], symbol[SIM_SYMBOL], venue[SIM_VENUE];
    char request_id[SIM_REQUEST_ID];
};

/* A configured session: what is beside its owner's numbers. */
struct sim_link {
    struct fix_session fix;
    struct exchange *exchange; /* for fix.config.owner */
    int32_t owner;
    int connection; /* -1: not connected */
    bool rates;     /* a market-data session */
    /* Market data: subscription number + 1 of each contract, 0 none; and those out of date. */
    uint8_t *wanted;
    uint8_t *stale;
    int32_t stale_count, stale_at;
    int64_t beat_us; /* last segment heartbeats */
    struct {
        char id[SIM_REQUEST_ID]; /* "": free */
        bool top;                /* best level only */
    } subscription[SIM_SUBSCRIPTIONS];
};

struct sim_connection {
    bool open;
    bool closing;     /* close when the output is written */
    int link;         /* -1: not logged on yet */
    size_t length;    /* bytes of its first message so far */
    int64_t since_us; /* connected */
    char bytes[SIM_LOGON];
};

/* What was last told of a contract to all its subscribers. */
struct sim_published {
    struct sim_level bid[SIM_DEPTH], ask[SIM_DEPTH];
    int64_t last, last_us, last_quantity;
};

struct exchange {
    struct exchange_config config;
    const struct sim_day *day;
    struct sim_state *state;
    struct sim_state *saved; /* the last checkpoint, region_size bytes; NULL: never made */
    size_t region_size;
    bool has_checkpoint;
    int64_t checkpoint_us;
    struct sim_market market;
    struct sim_faults faults;
    struct exchange_counts count;
    struct sim_link *link;           /* config.sessions of them */
    struct sim_published *published; /* one a contract */
    uint8_t *watched;                /* contract -> number of subscriptions */
    struct sim_request *request;     /* a heap by (due_us, arrival) */
    int32_t requests;
    uint64_t arrivals;
    uint64_t log_lines;
    int64_t now_us;
    bool stalled[SIM_SEGMENT_COUNT];
    bool halted[SIM_SEGMENT_COUNT];
    struct sim_connection connection[EXCHANGE_CONNECTIONS];
    struct fix_view view;     /* a first message */
    struct fix_writer writer; /* a report that is encoded again ... */
    char scratch[2048];       /* ... into this */
};

/* ---- exchange.c ---- */
int32_t sim_owner_named(const struct exchange *x, const char *comp_id);
/* Cuts a link's connection at once: what is not written is lost. */
void sim_cut(struct exchange *x, struct sim_link *link, const char *event, const char *why);
/* Sends whatever can be sent on every link. */
void sim_flush(struct exchange *x);

/* ---- request.c ---- */
/* An application message of a member. */
void sim_request_take(struct exchange *x, struct sim_link *link, const struct fix_event *event);
/* Puts a request on its way; drops it (and says so) when too many are. */
void sim_request_push(struct exchange *x, const struct sim_request *request);
/* The next request that has arrived; false: none. */
bool sim_request_pop(struct exchange *x, struct sim_request *out);

/* ---- order.c ---- */
void sim_order_handle(struct exchange *x, const struct sim_request *r);
/* Loads the day's resting orders. False: no room. */
bool sim_order_load(struct exchange *x);
/* A contract's market moved: stops, resting orders, chance. */
void sim_order_tick(struct exchange *x, int32_t contract);
/* Is the request's ClOrdID that of an order of the same sender? */
bool sim_order_is_used(const struct exchange *x, const struct sim_request *r);

/* ---- fill.c ---- */
/* Fills a part of an order; it leaves the book when nothing is left. */
void sim_fill(struct exchange *x, int32_t order, int64_t quantity, int64_t price,
              enum sim_cause cause);
enum sim_cause sim_fill_cause(const struct sim_order *o);
/* Executes a match, or by a fault only a part of it. False: the order shall not match on now. */
bool sim_fill_match(struct exchange *x, int32_t order, const struct sim_match *match);
/* Ends a live order; the report is the caller's. by: a word for the log. */
void sim_order_end(struct exchange *x, int32_t order, int state, const char *by);
/* The same with a report, for an end that the member did not ask for. */
void sim_order_end_unasked(struct exchange *x, int32_t order, int state, const char *by);
/* Undoes a fill, or gives it another price. False: no such fill, or it is undone already. */
bool sim_fill_bust(struct exchange *x, uint64_t exec);
bool sim_fill_correct(struct exchange *x, uint64_t exec, int64_t price);

/* ---- answer.c ---- */
void sim_answer_cancel(struct exchange *x, const struct sim_request *r);
void sim_answer_status(struct exchange *x, const struct sim_request *r);
void sim_answer_mass(struct exchange *x, const struct sim_request *r);
void sim_answer_late_fill(struct exchange *x, const struct sim_request *r);

/* ---- report.c ---- */
/* A report about an order as it stands now; complete it, then file it. */
struct sim_report sim_report_of(struct exchange *x, int32_t order, char exec_type);
/* A report about a request that became no order. */
struct sim_report sim_report_refusing(struct exchange *x, const struct sim_request *r);
/* Keeps a report and queues it for its owner, or holds it back for a muted order. */
void sim_report_file(struct exchange *x, const struct sim_report *report);
/* Queues what was held back about an order (SIM_NONE: about all of the owner's). */
void sim_report_release(struct exchange *x, int32_t owner, int32_t order);
/* The owner's numbers begin anew: what was sent under the old ones can never be asked for. */
void sim_report_reset(struct exchange *x, int32_t owner);
/* Sends queued reports while the session takes them. */
void sim_report_send(struct exchange *x, struct sim_link *link);
/* fix_session's `stored`: a sim_link's report with that number, encoded again. */
const char *sim_report_stored(void *link, uint32_t number, size_t *length);
/* The fill with that execution number, or SIM_NONE. */
int32_t sim_report_fill(const struct exchange *x, uint64_t exec);
/* "RUN-NUMBER" and back; 0: not one of ours. */
void sim_exec_name(uint64_t exec, char out[32]);
uint64_t sim_exec_number(const char *name);
/* A new execution number of this run. */
uint64_t sim_exec_next(struct exchange *x);

/* ---- rates.c ---- */
void sim_rates_request(struct exchange *x, struct sim_link *link, const struct fix_view *view);
/* A contract's market changed: tells its subscribers. */
void sim_rates_publish(struct exchange *x, int32_t contract);
/* Snapshots of what is out of date, while the session takes them. */
void sim_rates_send(struct exchange *x, struct sim_link *link);
/* A segment speaks again: its contracts are out of date. */
void sim_rates_refresh(struct exchange *x, int segment);
void sim_rates_forget(struct exchange *x, struct sim_link *link);
int64_t sim_rates_deadline(const struct exchange *x);

#endif
