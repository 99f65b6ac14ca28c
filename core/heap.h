/*
 * heap.h: rows by deadline. An indexed binary heap: the earliest is found at once, and a row's
 * deadline can be moved. Ties go to the lower row, so that the order depends on nothing else.
 */
#ifndef SQ_CORE_HEAP_H
#define SQ_CORE_HEAP_H

#include "core/types.h"

struct sq_heap {
    uint32_t *rows;  /* heap of row indexes */
    uint32_t *place; /* of a row in `rows`, plus 1; 0: not in the heap */
    sq_time *due;    /* of a row */
    uint32_t count;
};

/* Sets a row's deadline; SQ_NEVER takes it out. The arrays have room for every row. */
void sq_heap_set(struct sq_heap *heap, uint32_t row, sq_time due);
/* Deadline of the earliest, SQ_NEVER when empty. */
sq_time sq_heap_first_due(const struct sq_heap *heap);
/* Row of the earliest; the heap must not be empty. */
uint32_t sq_heap_first(const struct sq_heap *heap);

#endif
