/*
 * vector.c: growing, sorting, finding.
 *
 * Sorting makes an index and leaves the rows where they were read, so that a report can name lines
 * and the book keeps the order of its file. Rows added later are found after the next sort.
 */
#include "db/vector.h"

#include <stdlib.h>
#include <string.h>

void vector_init(struct vector *vector, size_t size, vector_compare *compare)
{
    memset(vector, 0, sizeof *vector);
    vector->size = size;
    vector->compare = compare;
}

void vector_finish(struct vector *vector)
{
    free(vector->rows);
    free(vector->line);
    free(vector->sorted);
    vector_init(vector, vector->size, vector->compare);
}

/* Doubling; a failure leaves what is there as it was. */
static bool grow(struct vector *v)
{
    uint32_t room = v->room ? v->room * 2 : 64;
    char *rows = realloc(v->rows, room * v->size);
    if (rows)
        v->rows = rows;
    uint32_t *line = realloc(v->line, room * sizeof *line);
    if (line)
        v->line = line;
    if (!rows || !line)
        return false;
    v->room = room;
    return true;
}

void *vector_add(struct vector *v, const void *row, uint32_t line)
{
    if (v->count == VECTOR_MAX || (v->count == v->room && !grow(v)))
        return NULL;
    v->line[v->count] = line;
    return memcpy(v->rows + v->size * v->count++, row, v->size);
}

void *vector_at(const struct vector *v, uint32_t i)
{
    return v->rows + v->size * i;
}

/* Ties by order of reading: the report blames the later row. */
static int by_key(const void *a, const void *b, void *owner)
{
    const struct vector *v = owner;
    uint32_t i = *(const uint32_t *)a, k = *(const uint32_t *)b;
    int order = v->compare(vector_at(v, i), vector_at(v, k));
    return order ? order : (i > k) - (i < k);
}

bool vector_sort(struct vector *v)
{
    uint32_t *sorted = realloc(v->sorted, (v->count + 1) * sizeof *sorted);
    if (sorted == NULL)
        return false;
    v->sorted = sorted;
    for (uint32_t i = 0; i < v->count; i++)
        sorted[i] = i;
    qsort_r(sorted, v->count, sizeof *sorted, by_key, v);
    v->sorted_count = v->count;
    return true;
}

uint32_t vector_lower(const struct vector *v, const void *like)
{
    uint32_t low = 0, high = v->sorted_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (v->compare(vector_at(v, v->sorted[middle]), like) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Halving: tens of thousands of rows are asked for each order and trade. */
void *vector_find(const struct vector *v, const void *like)
{
    uint32_t low = vector_lower(v, like);
    void *row = low < v->sorted_count ? vector_at(v, v->sorted[low]) : NULL;
    return row && v->compare(row, like) == 0 ? row : NULL;
}
