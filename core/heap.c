#include "core/heap.h"

static bool before(const struct sq_heap *heap, uint32_t a, uint32_t b)
{
    if (heap->due[a] != heap->due[b])
        return heap->due[a] < heap->due[b];
    return a < b;
}

static void put(struct sq_heap *heap, uint32_t place, uint32_t row)
{
    heap->rows[place] = row;
    heap->place[row] = place + 1;
}

static void rise(struct sq_heap *heap, uint32_t place)
{
    uint32_t row = heap->rows[place];
    while (place > 0) {
        uint32_t parent = (place - 1) / 2;
        if (!before(heap, row, heap->rows[parent]))
            break;
        put(heap, place, heap->rows[parent]);
        place = parent;
    }
    put(heap, place, row);
}

static void sink(struct sq_heap *heap, uint32_t place)
{
    uint32_t row = heap->rows[place];
    for (;;) {
        uint32_t child = 2 * place + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && before(heap, heap->rows[child + 1], heap->rows[child]))
            child++;
        if (!before(heap, heap->rows[child], row))
            break;
        put(heap, place, heap->rows[child]);
        place = child;
    }
    put(heap, place, row);
}

static void take_out(struct sq_heap *heap, uint32_t row)
{
    uint32_t place = heap->place[row];
    if (place == 0)
        return;
    heap->place[row] = 0;
    uint32_t last = heap->rows[--heap->count];
    if (last == row)
        return;
    put(heap, place - 1, last);
    sink(heap, place - 1);
    rise(heap, heap->place[last] - 1);
}

void sq_heap_set(struct sq_heap *heap, uint32_t row, sq_time due)
{
    take_out(heap, row);
    heap->due[row] = due;
    if (due == SQ_NEVER)
        return;
    put(heap, heap->count, row);
    rise(heap, heap->count++);
}

sq_time sq_heap_first_due(const struct sq_heap *heap)
{
    return heap->count > 0 ? heap->due[heap->rows[0]] : SQ_NEVER;
}

uint32_t sq_heap_first(const struct sq_heap *heap)
{
    return heap->rows[0];
}
