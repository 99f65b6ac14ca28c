/*
 * state.h: the inside of the engine, for core's own files.
 *
 * The state is the tables of rows (tables.h) and nothing else that is not rebuilt from them: the
 * heaps of deadlines follow from `due` and `ask_at` of the rows. During a step, rows that change
 * are touched, and each touched row becomes one event at the end of the step.
 *
 * Who calls whom: engine.c -> command.c, report.c, link.c, day.c (one function an input)
 *                          -> close.c (lives of closes) -> plan.c, guard.c (what and whether)
 *                          -> order.c (lives of orders) -> position.c (fills)
 */
#ifndef SQ_CORE_STATE_H
#define SQ_CORE_STATE_H

#include "core/engine.h"
#include "core/heap.h"
#include "core/num.h"
#include "core/tables.h"

enum { TOUCH_POSITION, TOUCH_ORDER, TOUCH_CLOSE, TOUCH_CLIENT, TOUCH_PERSON, TOUCH_KINDS };

struct touch_list {
    uint32_t *rows;  /* touched in this step, in order of first touch */
    uint64_t *stamp; /* seq of the step that touched a row last */
    uint32_t count;
};

struct sq_engine {
    struct sq_tables t;
    uint64_t seq;          /* of the last input applied */
    sq_time now;           /* its time */
    struct sq_output *out; /* during a step */
    uint32_t ordinal;      /* client order ids made in this step */
    bool book_touched;
    struct touch_list touch[TOUCH_KINDS];
    struct sq_heap close_due; /* closes by `due` */
    struct sq_heap order_ask; /* orders by `ask_at` */
};

/* ---- engine.c: digests ----------------------------------------------------------------------- */
#define DIGEST_START UINT64_C(0xcbf29ce484222325)
/* Goes on from digest h with a message's kind and canonical encoding. */
uint64_t digest_body(uint64_t h, enum sq_kind kind, const void *body);

/* ---- engine.c: telling ---------------------------------------------------------------------- */
void touch_position(struct sq_engine *e, uint32_t row);
void touch_order(struct sq_engine *e, uint32_t row); /* also sets `changed` */
void touch_close(struct sq_engine *e, uint32_t row); /* also sets `changed` */
void touch_client(struct sq_engine *e, uint32_t row);
void touch_person(struct sq_engine *e, uint32_t row);
void touch_book(struct sq_engine *e);
/* Room for one more event or request; the caller fills .as. */
union sq_body *tell(struct sq_engine *e, enum sq_kind kind);
struct sq_request_order *request(struct sq_engine *e, enum sq_kind kind);
void alarm_order(struct sq_engine *e, enum sq_alarm alarm, uint32_t order, const char *text);
void alarm_close(struct sq_engine *e, enum sq_alarm alarm, uint32_t close);
void alarm_book(struct sq_engine *e, enum sq_alarm alarm, const char *text);
/* The next client order id of this step: day, book, epoch, seq, ordinal (see engine.c). */
void next_clord(struct sq_engine *e, char clord[SQ_CLORD_SIZE]);
void set_close_due(struct sq_engine *e, uint32_t close, sq_time due);
void set_order_ask(struct sq_engine *e, uint32_t order, sq_time ask_at);

/* ---- guard.c: who may, and whether ---------------------------------------------------------- */
/* A person who exists, is active and has the role; the client is in scope where given. */
enum sq_refusal check_person(const struct sq_engine *e, const char *code, unsigned roles,
                             const char *client);
#define ROLE_BIT(role) (1U << (unsigned)(role))
enum {
    MAY_CLOSE = 1U << SQ_ROLE_DEALER | 1U << SQ_ROLE_SUPERVISOR,
    MAY_SUPERVISE = 1U << SQ_ROLE_SUPERVISOR
};
#define GUARD_BIT(guard) (UINT64_C(1) << (unsigned)(guard))
struct sq_plan;
/* Bits of all guards that do not pass for this intent, on its own quote. */
uint64_t guards_failing(const struct sq_engine *e, const struct sq_square_off *intent,
                        const struct sq_plan *plan, sq_time now);
enum sq_guard first_guard(uint64_t guards);
uint64_t guards_of(enum sq_verdict verdict);

/* ---- plan.c: what a close would do ---------------------------------------------------------- */
struct sq_plan {
    uint32_t position; /* row; SQ_NO_ROW: there is none */
    uint32_t instrument;
    enum sq_side side;
    sq_quantity net;
    sq_quantity want;         /* that the target asks for */
    sq_quantity quantity;     /* that can be sent, whole lots */
    sq_quantity slice;        /* largest child; 0: no freeze quantity */
    enum sq_residue residue;  /* why quantity is less than want */
    bool unsettled;           /* delivery: nothing of it may be sold today */
    bool opposite_ext;        /* a RESTING-EXT order on the other side */
    sq_price limit;           /* 0: none can be made */
    enum sq_residue no_limit; /* NO_BID or NO_PRICE when limit is 0 */
    bool at_band;
};
void plan_make(const struct sq_engine *e, const struct sq_key *key, sq_quantity target,
               sq_price typed, const struct sq_quote *quote, struct sq_plan *plan);
uint32_t plan_slices(const struct sq_plan *plan);
/* Price band that holds: the quote's, else the instrument's. False: not known. */
bool plan_band(const struct sq_instrument *i, const struct sq_quote *q, sq_price *low,
               sq_price *high);
/* Does position `cover` cover the short option position `short_row`? */
bool plan_covers(const struct sq_engine *e, uint32_t cover, uint32_t short_row);
/* First open short that `position` covers; closing: one with an open close, else one without. */
uint32_t plan_covered_short(const struct sq_engine *e, uint32_t position, bool closing);
/* Rank of a leg: 0 short options, 1 futures, 2 long options, 3 cash. */
uint32_t plan_leg(const struct sq_engine *e, uint32_t position);
/* Is it an order of ours that a close cancels first? */
bool plan_cancellable(const struct sq_order *order);

/* ---- intent.c: how a close begins ------------------------------------------------------------ */
void close_square_off(struct sq_engine *e, const struct sq_square_off *intent);
void close_bulk_go(struct sq_engine *e, const struct sq_bulk_go *go);
void close_approve(struct sq_engine *e, const struct sq_approve *approve);

/* ---- close.c: life of a close --------------------------------------------------------------- */
void close_enter(struct sq_engine *e, uint32_t close, enum sq_close_state state, sq_time due);
/* Ends it: DONE when nothing is left, else RESIDUE for this reason. */
void close_end(struct sq_engine *e, uint32_t close, enum sq_residue why);
/* Wants to be looked at before this step ends. */
void close_wake(struct sq_engine *e, uint32_t close);
/* The same for a position's open close, and for covers that wait for this position. */
void close_wake_position(struct sq_engine *e, uint32_t position);
/* A child of it ended otherwise than filled: no more is sent, it ends when nothing is out. */
void close_child_ended(struct sq_engine *e, uint32_t close, uint32_t order);
/* Quantity traded by a child of it. */
void close_child_filled(struct sq_engine *e, uint32_t close, sq_quantity qty, sq_money value);
void close_quote(struct sq_engine *e, const struct sq_quote_answer *answer);
/* Ends every close that is open, with its residue. */
void close_stop_all(struct sq_engine *e, enum sq_residue why);
/* Runs every close that is due. */
void close_run(struct sq_engine *e);

/* ---- order.c: life of an order -------------------------------------------------------------- */
/* Makes a child of a close and asks the host to send it. Returns its row, SQ_NO_ROW: full. */
uint32_t order_send(struct sq_engine *e, uint32_t close, sq_quantity qty, sq_price limit);
/* Asks the exchange to cancel it. The order must not be terminal. */
void order_cancel(struct sq_engine *e, uint32_t order);
void order_end(struct sq_engine *e, uint32_t order, enum sq_order_state state);
void order_unknown(struct sq_engine *e, uint32_t order);
/* It works at the exchange; asked about only while a cancel of it is unanswered. */
void order_works(struct sq_engine *e, uint32_t order);
void order_fill(struct sq_engine *e, uint32_t order, const struct sq_fill *fill);
/* Takes back `qty` of a fill of the order; position_moved() is the caller's. */
void order_unfill(struct sq_engine *e, uint32_t order, uint32_t fill, sq_quantity qty);
void order_ask(struct sq_engine *e, uint32_t order);
/* Asks about every order whose time has come. */
void order_run(struct sq_engine *e);
bool order_is_live(const struct sq_order *order);
bool order_is_ours(const struct sq_order *order);
/* Records a trade; *row when not NULL. False: known already, or full. */
bool fill_insert(struct sq_engine *e, struct sq_fill *fill, uint32_t *row);

/* ---- position.c ----------------------------------------------------------------------------- */
/* Applies a trade: net, basis, realised; wakes what depends on it. */
void position_trade(struct sq_engine *e, uint32_t position, enum sq_side side, sq_quantity qty,
                    sq_price price);
/*
 * Takes a trade back, without what follows from it: several may go together, then position_moved()
 * says so once.
 */
void position_unbook(struct sq_engine *e, uint32_t position, enum sq_side side, sq_quantity qty,
                     sq_price price);
/* What follows from another net; flipped_before: `flipped` of the position before it moved. */
void position_moved(struct sq_engine *e, uint32_t position, bool flipped_before);
void position_freeze(struct sq_engine *e, uint32_t position);
/* Cancels our closing orders when more is working than the position holds. */
void position_check_reserved(struct sq_engine *e, uint32_t position);
enum sq_side position_closing_side(const struct sq_position *position);

/* ---- loss.c: what the exchange may have forgotten -------------------------------------------- */
/* The second of two people who say the same lets the link log on again. */
enum sq_refusal loss_reconcile(struct sq_engine *e, const struct sq_supervise *s);
/*
 * A status answer about an order in doubt, or one that counts less filled than we do, which puts it
 * in doubt. True: there is none any more, believe the answer.
 */
bool loss_answered(struct sq_engine *e, uint32_t order, const struct sq_report *r);
/* A proven answer says that it does not know an order in doubt. */
void loss_forgotten(struct sq_engine *e, uint32_t order);
/* Can fills of the order be taken back so that exactly `qty` of it goes? */
bool loss_can_take_back(const struct sq_engine *e, uint32_t order, sq_quantity qty);
/* Takes them back: the latest first, as an exchange loses them. */
void loss_take_back(struct sq_engine *e, uint32_t order, sq_quantity qty);

/* ---- command.c, report.c, link.c, owner.c, day.c: one function an input ------------------------------ */
void command_cancel(struct sq_engine *e, const struct sq_message *input);
void command_settle(struct sq_engine *e, const struct sq_message *input);
void command_manual_fill(struct sq_engine *e, const struct sq_message *input);
void command_supervise(struct sq_engine *e, const struct sq_message *input);
void command_refuse(struct sq_engine *e, enum sq_kind command, const char *person,
                    const struct sq_key *key, uint64_t order_no, enum sq_refusal why);
void report_execution(struct sq_engine *e, const struct sq_message *input);
void report_cancel_reject(struct sq_engine *e, const struct sq_message *input);
void report_message_reject(struct sq_engine *e, const struct sq_message *input);
void report_sent(struct sq_engine *e, const struct sq_message *input);
void report_not_sent(struct sq_engine *e, const struct sq_message *input);
void link_change(struct sq_engine *e, const struct sq_message *input);
void link_mass_done(struct sq_engine *e, const struct sq_message *input);
void link_numbers(struct sq_engine *e, const struct sq_message *input);
void link_restarted(struct sq_engine *e, const struct sq_message *input);
/* Whatever was out is UNKNOWN and every plan ends for this reason: another process goes on. */
void link_forget(struct sq_engine *e, enum sq_residue why);
void link_heard(struct sq_engine *e, uint32_t conn, uint64_t fix_seq);
void owner_change(struct sq_engine *e, const struct sq_message *input);
void day_begin(struct sq_engine *e, const struct sq_message *input);
void day_row(struct sq_engine *e, const struct sq_message *input);
void day_trade(struct sq_engine *e, const struct sq_message *input);
void day_done(struct sq_engine *e, const struct sq_message *input);

#endif
