/*
 * replay.h: a journal run through a fresh engine, without a host: for tools that look and change
 * nothing. The events that the step makes are compared with those that the journal holds.
 */
#ifndef DB_REPLAY_H
#define DB_REPLAY_H

#include "core/engine.h"
#include "core/port.h"
#include "core/tables.h"

struct replay {
    uint64_t until; /* stop after this seq; set before replay_run; UINT64_MAX: all */
    /* Called after each input was stepped, with the engine as it is then; NULL: not called. */
    void (*stepped)(void *owner, const struct sq_message *input, const struct sq_engine *engine);
    void *owner;

    struct sq_engine *engine; /* NULL until the first input, CONFIG */
    struct sq_output out;
    size_t compared; /* events of the last step that were found in the journal */
    uint64_t inputs;
    uint64_t events;
    sq_time first_time;
    sq_time last_time;
    uint64_t differs_at; /* seq of the first difference; 0: none */
    char why[160];
    void *memory;
};

void replay_init(struct replay *replay);
void replay_finish(struct replay *replay);

/*
 * Reads the whole journal, or up to `until`. OK; VERSION when the events differ (differs_at, why);
 * or what the store says (DAMAGED: its why names the seq). The engine stays as far as it came.
 */
enum sq_err replay_run(struct replay *replay, struct sq_store *store);

#endif
