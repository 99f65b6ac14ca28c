#include "net/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a. Addresses cost their holder a connection each, and users a password: nobody can choose
 * many that meet. */
static struct tally_count **bucket_of(struct tally *tally, const char *name)
{
    uint32_t hash = 2166136261;
    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619;
    return &tally->buckets[hash % TALLY_BUCKETS];
}

static struct tally_count **find(struct tally *tally, const char *name)
{
    struct tally_count **at = bucket_of(tally, name);
    while (*at != NULL && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

uint32_t tally_add(struct tally *tally, const char *name)
{
    struct tally_count **at = find(tally, name);
    if (*at == NULL) {
        *at = calloc(1, sizeof **at);
        if (*at == NULL)
            return 0;
        snprintf((*at)->name, sizeof(*at)->name, "%s", name);
    }
    return ++(*at)->count;
}

void tally_drop(struct tally *tally, const char *name)
{
    struct tally_count **at = find(tally, name), *count = *at;
    if (count == NULL || --count->count > 0)
        return;
    *at = count->next;
    free(count);
}

void tally_finish(struct tally *tally)
{
    for (size_t i = 0; i < TALLY_BUCKETS; i++)
        while (tally->buckets[i] != NULL) {
            struct tally_count *next = tally->buckets[i]->next;
            free(tally->buckets[i]);
            tally->buckets[i] = next;
        }
}
