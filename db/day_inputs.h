/* day_inputs.h: from checked rows to core's inputs. Internal to day.c. */
#ifndef DB_DAY_INPUTS_H
#define DB_DAY_INPUTS_H

#include "db/day.h"
#include "db/import.h"

/* Compares the two sources, and makes flat positions for what rests or traded on none. */
bool day_reconcile(struct import *import, struct day_counts *counts);

/* Fills day->inputs, counts and digest. day->head is set. False when memory ends. */
bool day_make_inputs(struct day *day);

#endif
