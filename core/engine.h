/*
 * engine.h: one function advances the world.
 *
 * The engine holds the book's tables and the plans of its closes. It reads no clock, opens no
 * file, draws no random number and allocates nothing: the caller brings memory, and the time comes
 * stamped on each input. Equal inputs give equal states and equal outputs, on every machine.
 */
#ifndef SQ_CORE_ENGINE_H
#define SQ_CORE_ENGINE_H

#include "core/record.h"

struct sq_engine;

/* Version of the rules: replay refuses a journal that other rules have written. */
enum { SQ_RULES_VERSION = 2 };

/* Sensible limits of one desk: 4,096 positions, 16,384 orders. */
void sq_config_default(struct sq_config *config);

/* Checks capacities and limits. Returns 0, or -1 with the field's name in why. */
int sq_config_check(const struct sq_config *config, char *why, size_t why_room);

/* Bytes that an engine of this configuration needs; a few MB for the default. */
size_t sq_engine_size(const struct sq_config *config);

/*
 * Makes an engine in `memory`: sq_engine_size() bytes, aligned for any type, all zero (untouched
 * pages of a fresh mapping cost nothing). The engine lives as long as the memory.
 */
struct sq_engine *sq_engine_init(void *memory, const struct sq_config *config);

/*
 * What a step says. Events are rows of the state as they are now, and answers; requests are to be
 * carried out only after inputs and events are durable. The caller owns both arrays and their
 * room; the engine appends, and stops the process (sq_assert) rather than lose one: a step adds
 * at most sq_output_room() of each, so hand it that much room.
 */
struct sq_output {
    struct sq_message *events;
    size_t event_count;
    size_t event_room;
    struct sq_message *requests;
    size_t request_count;
    size_t request_room;
    sq_time wake_at; /* the engine wants a TIME input then; SQ_NEVER: not needed */
};
size_t sq_output_room(const struct sq_config *config);

/*
 * Applies one stamped input. input->seq must be the last seq + 1, input->time not before the last.
 * Never fails: a command that is not possible is answered by a REFUSED event.
 */
void sq_step(struct sq_engine *engine, const struct sq_message *input, struct sq_output *output);

/* Could it be stepped now: the next number, a time that does not go back, a kind that is an input?
 * For rows that come from outside; sq_step() takes it for granted. */
bool sq_can_step(const struct sq_engine *engine, const struct sq_message *input);

/* Rows of the state, for reading. An index below the count; NULL when there is none such. */
const struct sq_tables *sq_engine_tables(const struct sq_engine *engine);
uint64_t sq_engine_seq(const struct sq_engine *engine);

/*
 * 64-bit digest of the whole state by its canonical encoding: equal on every build.
 * (Journal records are chained with a 256-bit hash by the store.)
 */
uint64_t sq_engine_digest(const struct sq_engine *engine);

/*
 * Snapshot: calls `row` for each record, in a fixed order, CONFIG first and BOOK last.
 * sq_engine_load takes them back, in that order, into a fresh engine; seq is the last applied.
 * Load returns 0, or -1 when a row does not fit (capacity, duplicate, broken link).
 */
typedef void sq_row_fn(void *owner, enum sq_kind kind, const void *body);
void sq_engine_save(const struct sq_engine *engine, sq_row_fn *row, void *owner);
int sq_engine_load(struct sq_engine *engine, enum sq_kind kind, const void *body);
int sq_engine_loaded(struct sq_engine *engine, uint64_t seq);

/* ---- preview: what a square-off would do now, without doing it ----------------------------- */
enum { SQ_PREVIEW_ORDERS = 64, SQ_PREVIEW_CANCELS = 16 };
struct sq_preview {
    enum sq_verdict verdict; /* the worst class among the guards */
    enum sq_guard first;     /* first guard that does not pass; meaningless on PASS */
    uint64_t guards;         /* bits of all that do not pass */
    enum sq_side side;
    sq_quantity net;      /* now */
    sq_quantity quantity; /* that would be sent */
    sq_quantity residue;  /* that would be left, and why: */
    enum sq_residue residue_why;
    sq_price limit;          /* of the orders; 0: not known */
    bool at_band;            /* the limit is at the band's edge */
    sq_money estimate_paise; /* value at the limit */
    uint32_t slices;         /* orders that would be sent */
    sq_quantity slice;       /* size of all but the last */
    sq_quantity last_slice;
    uint32_t cancels; /* resting orders cancelled first */
    uint64_t cancel_no[SQ_PREVIEW_CANCELS];
    uint64_t hedge_of; /* index + 1 of the short position it covers; 0: none */
    bool waits;        /* it would wait for shorts that are being closed */
    uint32_t leg;      /* rank: 0 short option, 1 future, 2 long option, 3 cash */
    uint64_t digest;   /* changes when anything that changes the orders changes */
};
/* intent is as it would be submitted, quote attached. now is the time it would be stamped with. */
void sq_preview(const struct sq_engine *engine, const struct sq_square_off *intent, sq_time now,
                struct sq_preview *preview);

/*
 * Digest of what waits for a supervisor's yes: one close, or (close_no 0) all of a bulk; count: how
 * many there are. It changes when anything of them or of their positions' net does, and goes back
 * with the approval, so that nobody approves what he has not seen. Never 0.
 */
uint64_t sq_approval_digest(const struct sq_tables *tables, uint64_t close_no, uint64_t bulk,
                            uint32_t *count);

/* ---- assertions: a bug stops the process ---------------------------------------------------- */
/* The host sets what happens (save the input, abort). By default the processor traps. */
typedef void sq_assert_fn(const char *file, int line, const char *what);
void sq_on_assert(sq_assert_fn *failed);
void sq_assert_failed(const char *file, int line, const char *what) __attribute__((noreturn));
#define SQ_ASSERT(condition) \
    ((condition) ? (void)0 : sq_assert_failed(__FILE__, __LINE__, #condition))

#endif
