/*
 * sim: the seeded simulation. Every seed is a whole session: host, journal, FIX adaptor and exchange,
 * with faults of clock, disk, link, exchange, process and people; the invariants are checked after
 * every turn. A failing seed prints its number, its weights and, run again with --trace, its story.
 *
 *   sim [--owners] [--seeds N] [--first S] [--trace]
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/sim_owners.h"

static void print_weights(const struct world *w)
{
    for (int f = 0; f < WORLD_FAULT_COUNT; f++)
        printf("  %-45s %7" PRIu32 " ppm\n", world_fault_names[f], w->weight[f]);
    for (int f = 0; f < SIM_FAULT_COUNT; f++)
        printf("  exchange: %-35s %7" PRId64 "\n", sim_fault_name((enum sim_fault)f),
               exchange_faults(w->exchange)->value[f]);
}

static void print_failure(const struct world *w, const char *which)
{
    printf("FAILED seed %" PRIu64 ": %s: %s\n", w->seed, w->broken, w->detail);
    print_weights(w);
    printf("again, with its story: sim %s--seeds 1 --first %" PRIu64 " --trace\n", which, w->seed);
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

struct options {
    uint64_t seeds, first;
    bool trace, owners;
};

enum { FAILURES = 5 }; /* then a run ends */

/* One process and one exchange: sim_world.h. Returns whether the run is good. */
static bool run_world(const struct options *o)
{
    uint64_t failed = 0, faults[SIM_FAULT_COUNT] = {0};
    struct world *w = world_create();
    w->trace = o->trace;
    double began = seconds();
    for (uint64_t seed = o->first; seed < o->first + o->seeds && failed < FAILURES; seed++) {
        world_reset(w, seed);
        if (w->broken || !world_run(w)) {
            failed++;
            print_failure(w, "");
        }
        for (int f = 0; f < SIM_FAULT_COUNT; f++)
            faults[f] += exchange_faults(w->exchange)->happened[f];
    }
    double took = seconds() - began;
    printf("%" PRIu64 " seeds, %" PRIu64 " engine steps, %" PRIu64
           " orders sent, %.1f s, %.0f steps/s\n",
           o->seeds, w->steps, w->sent, took, (double)w->steps / took);
    int never = print_counts(w, faults, o->seeds >= 100);
    if (never)
        printf("%d kinds of fault or state never happened\n", never);
    world_destroy(w);
    return failed == 0 && never == 0;
}

/* Several servers that may own the book: sim_owners.h. */
static bool run_owners(const struct options *o)
{
    uint64_t failed = 0;
    int never = 0;
    struct owners *owners = owners_create(o->trace);
    double began = seconds();
    for (uint64_t seed = o->first; seed < o->first + o->seeds && failed < FAILURES; seed++)
        if (!owners_run(owners, seed)) {
            failed++;
            print_failure(owners_broken(owners), "--owners ");
        }
    double took = seconds() - began;
    printf("%" PRIu64 " seeds of several owners, %" PRIu64 " engine steps, %.1f s, %.0f steps/s\n",
           o->seeds, owners_steps(owners), took, (double)owners_steps(owners) / took);
    for (int f = 0; f < OWNERS_FAULT_COUNT; f++) {
        printf("  %-52s %9" PRIu64 "\n", owners_fault_names[f], owners_happened(owners)[f]);
        never += o->seeds >= 100 && owners_happened(owners)[f] == 0;
    }
    if (never)
        printf("%d kinds of fault never happened\n", never);
    owners_destroy(owners);
    return failed == 0 && never == 0;
}

static bool parse(struct options *o, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0)
            o->trace = true;
        else if (strcmp(argv[i], "--owners") == 0)
            o->owners = true;
        else if (strcmp(argv[i], "--seeds") == 0 && i + 1 < argc)
            o->seeds = strtoull(argv[++i], NULL, 10);
        else if (strcmp(argv[i], "--first") == 0 && i + 1 < argc)
            o->first = strtoull(argv[++i], NULL, 10);
        else
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {.seeds = 100, .first = 1};
    if (!parse(&options, argc, argv)) {
        fprintf(stderr, "usage: sim [--owners] [--seeds N] [--first S] [--trace]\n");
        return 2;
    }
    return (options.owners ? run_owners(&options) : run_world(&options)) ? 0 : 1;
}
