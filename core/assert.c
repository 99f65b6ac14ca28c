/*
 * assert.c: what happens when the engine finds a bug of its own.
 *
 * The one variable of the library: it belongs to the process, as aborting does, and no engine
 * reads it while nothing is broken.
 */
#include "core/engine.h"

static sq_assert_fn *on_failed;

void sq_on_assert(sq_assert_fn *failed)
{
    on_failed = failed;
}

/* A hook that returns does not save the engine: its state is not to be trusted any more. */
void sq_assert_failed(const char *file, int line, const char *what)
{
    if (on_failed)
        on_failed(file, line, what);
    __builtin_trap();
}
