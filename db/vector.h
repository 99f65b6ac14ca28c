/* vector.h: rows of one kind, bounded, with the line each came from; sorted by key when asked. */
#ifndef DB_VECTOR_H
#define DB_VECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VECTOR_MAX = 1 << 18 }; /* rows: far more than a desk has, far less than memory */

typedef int vector_compare(const void *a, const void *b);

struct vector {
    char *rows;
    uint32_t *line;   /* of each row */
    uint32_t *sorted; /* indexes in order of key; only after vector_sort() */
    uint32_t count;
    uint32_t room;
    uint32_t sorted_count;
    size_t size; /* of a row */
    vector_compare *compare;
};

void vector_init(struct vector *vector, size_t size, vector_compare *compare);
void vector_finish(struct vector *vector);

/* Appends a copy. NULL when VECTOR_MAX is reached or memory ends. */
void *vector_add(struct vector *vector, const void *row, uint32_t line);
void *vector_at(const struct vector *vector, uint32_t i);

/* Sorts an index over the rows, equal keys in order of reading. False when memory ends. */
bool vector_sort(struct vector *vector);
/* Place in `sorted` of the first row whose key is not below that of `like`. */
uint32_t vector_lower(const struct vector *vector, const void *like);
/* First row with the key of `like`, or NULL. After vector_sort(). */
void *vector_find(const struct vector *vector, const void *like);

#endif
