/*
 * host.h: stamp, step, commit, act. One host runs one engine.
 *
 *   submit  -> queue
 *   gather  -> stamps and steps all that is queued, and gives the turn to commit
 *              (the caller commits it, beside the loop if it likes; nothing is stepped meanwhile)
 *   done    -> sends the requests and publishes the events of the turn that is durable now
 *
 * The host has no clock and no thread: `now` is an argument, and the caller drives it.
 */
#ifndef SQ_CORE_HOST_H
#define SQ_CORE_HOST_H

#include "core/board.h"
#include "core/engine.h"
#include "core/port.h"

enum { SQ_HOST_QUEUE = 4096, SQ_HOST_LISTENERS = 8 };

/* How far the host may go. */
enum sq_host_mode {
    SQ_HOST_RUNNING,
    SQ_HOST_DISK_FULL, /* cancels and exchange reports only; closes are refused VIEW_ONLY */
    SQ_HOST_VIEW_ONLY, /* nothing is accepted: replay failed, or an assertion broke twice */
    SQ_HOST_FOLLOWING, /* another process owns the book: its turns are adopted, nothing else */
    SQ_HOST_STOPPED    /* a commit failed: send nothing, exit */
};

struct sq_host;

size_t sq_host_size(const struct sq_config *config);
/*
 * memory: sq_host_size() zero bytes. store and exchange are borrowed; exchange may be NULL (view
 * only, tests). board may be NULL; when it is there, quotes are attached from it.
 */
struct sq_host *sq_host_init(void *memory, const struct sq_config *config, struct sq_store *store,
                             struct sq_exchange_port *exchange, const struct sq_board *board);
void sq_host_set_board(struct sq_host *host, const struct sq_board *board);
void sq_host_set_exchange(struct sq_host *host, struct sq_exchange_port *exchange);

/*
 * The configuration that the store's journal was begun with: a host that recovers it must have the
 * same. NOT_FOUND: the journal is empty.
 */
enum sq_err sq_host_stored_config(struct sq_store *store, struct sq_config *config);

/*
 * Rebuilds the state: newest snapshot plus tail, or the whole journal. Compares the events that
 * replay makes with those stored. An empty journal is begun with CONFIG. Otherwise the first new
 * input is RESTARTED (queued here), or, of a book that was released, it follows. On error the host is VIEW_ONLY with what could be read.
 */
enum sq_err sq_host_recover(struct sq_host *host, char *why, size_t why_room);

/* Queues one input; copied. False when the queue is full: the caller stops reading its source. */
bool sq_host_submit(struct sq_host *host, const struct sq_message *input);
/* Queues all of them or none, to be stepped in one turn. count <= SQ_HOST_QUEUE / 2. */
bool sq_host_submit_all(struct sq_host *host, const struct sq_message *inputs, size_t count);
size_t sq_host_queued(const struct sq_host *host);

/*
 * Steps what is queued, unless a commit is under way. Returns true when there is a turn to commit
 * in *turn (valid until sq_host_done). Adds a TIME input by itself when the engine's wake-up is due.
 */
bool sq_host_gather(struct sq_host *host, sq_time now, struct sq_turn *turn);
/* The result of committing that turn. OK: acts. DISK_FULL: asks to commit again (returns true).  */
bool sq_host_done(struct sq_host *host, enum sq_err result);

/* gather, commit and done in one go, until nothing is queued: for tests, tools, line mode. */
enum sq_err sq_host_run(struct sq_host *host, sq_time now);

/*
 * Steps and commits any number of inputs as one turn (a beginning of day); stamps them in place.
 * CONFLICT: the engine refused a row; nothing was committed and this host is VIEW_ONLY from then.
 */
enum sq_err sq_host_load(struct sq_host *host, struct sq_message *inputs, size_t count,
                         sq_time now);

/*
 * From now on the host follows: it accepts and steps nothing by itself, and what was queued is
 * refused where it has a tag. For a replica of a book that is owned elsewhere. A RELEASE does it by itself: it is the
 * last of its turn, and when that is durable, or was recovered, the host follows. Not while a commit
 * is under way. sq_host_lead() ends it; the first input is to be a TAKE.
 */
enum sq_err sq_host_follow(struct sq_host *host);
enum sq_err sq_host_lead(struct sq_host *host);

/*
 * A turn of another owner, its rows as that one has journalled them: each input is stepped here, its
 * events compared with those given; then the turn is committed and its events are published.
 * Nothing is acted on. Only while following. VERSION or DAMAGED, with why: a row is not what this
 * engine makes of the journal so far; nothing was committed, and the host is VIEW_ONLY from then.
 */
enum sq_err sq_host_adopt(struct sq_host *host, const struct sq_turn *turn, char *why,
                          size_t why_room);

/* When gather should be called at the latest; SQ_NEVER: only when something is submitted. */
sq_time sq_host_deadline(const struct sq_host *host);

/* The input that is being stepped right now: for whoever saves what broke an assertion. */
const struct sq_message *sq_host_stepping(const struct sq_host *host);

enum sq_host_mode sq_host_mode(const struct sq_host *host);
/* Does it accept and step inputs of its own: RUNNING, or with a full disk what is left of it? */
bool sq_host_leads(const struct sq_host *host);
void sq_host_set_view_only(struct sq_host *host);
/* From now on no close is accepted and no new order is sent; cancels and reports go on. */
void sq_host_set_no_new(struct sq_host *host, bool on);
bool sq_host_listen(struct sq_host *host, struct sq_listener *listener);
const struct sq_engine *sq_host_engine(const struct sq_host *host);
/* Orders that are not terminal and belong to a close of ours. */
uint32_t sq_host_in_flight(const struct sq_host *host);
/* Saves a snapshot of the present state. Not while a commit is under way. */
enum sq_err sq_host_snapshot(struct sq_host *host);

#endif
