/*
 * squareoff.h: the one public header of libsquareoff. Read them in this order.
 */
#ifndef SQ_SQUAREOFF_H
#define SQ_SQUAREOFF_H

#include "core/types.h"   /* the words */
#include "core/num.h"     /* integers: prices, quantities, money, time */
#include "core/rows.h"    /* the state, row by row */
#include "core/inputs.h"  /* what changes it */
#include "core/record.h"  /* every message, and its two faces */
#include "core/tables.h"  /* the rows of a book */
#include "core/engine.h"  /* sq_step, sq_preview */
#include "core/board.h"   /* quotes, and what positions are worth */
#include "core/port.h"    /* store, exchange, listener */
#include "core/host.h"    /* stamp, step, commit, act */
#include "core/view.h"    /* what a screen holds */
#include "core/session.h" /* how a screen speaks to a host */

#endif
