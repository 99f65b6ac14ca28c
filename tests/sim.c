/*
 * sim: the seeded simulation. Every seed is a whole session: host, journal, FIX adaptor and exchange,
 * with faults of clock, disk, link, exchange, process and people; the invariants are checked after
 * every turn. A failing seed prints its number, its weights and, run again with --trace, its story.
 *
 *   sim --seeds N [--first S] [--trace]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim_world.h"

static void print_weights(const struct world *w)
{
    for (int f = 0; f < WORLD_FAULT_COUNT; f++)
        printf("  %-45s %7" PRIu32 " ppm\n", world_fault_names[f], w->weight[f]);
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        printf("  exchange: %-35s %7" PRId64 "\n", sim_fault_name((enum sim_fault)f),
               exchange_faults(w->exchange)->value[f]);
}

static void print_failure(const struct world *w)
{
    printf("FAILED seed %" PRIu64 ": %s: %s\n", w->seed, w->broken, w->detail);
    print_weights(w);
    printf("again, with its story: sim --seeds 1 --first %" PRIu64 " --trace\n", w->seed);
}

/* A fault that never happens has not been tested: that fails the run, too. */
static int print_counts(const struct world *w, const uint64_t *exchange_faults_seen, bool judge)
{
    int never = 0;
    for (int f = 0; f < WORLD_FAULT_COUNT; f++) {
        printf("  %-45s %9" PRIu64 "\n", world_fault_names[f], w->happened[f]);
        never += w->happened[f] == 0;
    }
    for (int f = 0; f < SIM_FAULT_COUNT; f++) {
        bool counted = f != SIM_FAULT_LATENCY_MS && f != SIM_FAULT_JITTER_MS &&
                       f != SIM_FAULT_LATE_FILL_MS && f != SIM_FAULT_CHECKPOINT_MS &&
                       f != SIM_FAULT_LOST_TAIL;
        if (!counted)
            continue;
        printf("  exchange: %-35s %9" PRIu64 "\n", sim_fault_name((enum sim_fault)f),
               exchange_faults_seen[f]);
        never += exchange_faults_seen[f] == 0;
    }
    for (int s = 1; s < SQ_ORDER_COUNT; s++) {
        printf("  order %-39s %9" PRIu64 "\n", sq_name(SQ_LIST_ORDER_STATE, (unsigned)s),
               w->orders_seen[s]);
        never += w->orders_seen[s] == 0;
    }
    for (int s = 1; s < SQ_CLOSE_COUNT; s++) {
        if (s == SQ_CLOSE_STAGED) /* left within the step */
            continue;
        printf("  close %-39s %9" PRIu64 "\n", sq_name(SQ_LIST_CLOSE_STATE, (unsigned)s),
               w->closes_seen[s]);
        never += w->closes_seen[s] == 0;
    }
    return judge ? never : 0;
}

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    uint64_t seeds = 100, first = 1, failed = 0, faults[SIM_FAULT_COUNT] = {0};
    struct world *w = world_create();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0)
            w->trace = true;
        else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
            seeds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--first") == 0 && i + 1 < argc)
            first = strtoull(argv[++i], NULL, 10);
        else {
            fprintf(stderr, "usage: sim [--seeds N] [--first S] [--trace]\n");
            return 2;
        }
    }
    double began = seconds();
    for (uint64_t seed = first; seed < first + seeds && failed < 5; seed++) {
        world_reset(w, seed);
        if (w->broken || !world_run(w)) {
            failed++;
            print_failure(w);
        }
        for (int f = 0; f < SIM_FAULT_COUNT; f++)
            faults[f] += exchange_faults(w->exchange)->happened[f];
    }
    double took = seconds() - began;
    printf("%" PRIu64 " seeds, %" PRIu64 " engine steps, %" PRIu64
           " orders sent, %.1f s, %.0f steps/s\n",
           seeds, w->steps, w->sent, took, (double)w->steps / took);
    int never = print_counts(w, faults, seeds >= 100);
    if (never)
        printf("%d kinds of fault or state never happened\n", never);
    world_destroy(w);
    return failed || never ? 1 : 0;
}
