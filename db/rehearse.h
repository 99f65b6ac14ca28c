/*
 * rehearse.h: a day run through an engine that nobody keeps, before it is committed: core's own
 * checks, told row by row, while nothing has been written yet.
 */
#ifndef DB_REHEARSE_H
#define DB_REHEARSE_H

#include "core/engine.h"
#include "db/day.h"

/* Limits of one desk, with room for this day and for what may still come. */
void rehearse_config(const struct day *day, struct sq_config *config);

/* False when core refuses a row: why names it. */
bool rehearse(const struct day *day, const struct sq_config *config, char *why, size_t why_room);

#endif
