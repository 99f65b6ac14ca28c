/*
 * A fault that is off draws no random number: so switching one on leaves the others' sequence, and
 * with it the rest of a seed's day, as it was up to the moment when it first strikes.
 */
#include "net/simulator/fault.h"
#include "net/simulator/memory.h"

#include <string.h>

static const struct {
    const char *name;
    const char *help;
} faults[] = {
#define X(tail, name, help) {name, help},
    SIM_FAULT_MAP(X)
#undef X
};

bool sim_fault_strikes(struct sim_faults *f, enum sim_fault fault)
{
    int64_t ppm = f->value[fault];
    if (ppm == 0 || sim_random_range(&f->chance, 0, 999999) >= ppm)
        return false;
    f->happened[fault]++;
    return true;
}

int sim_fault_named(const char *name)
{
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (strcmp(faults[i].name, name) == 0)
            return i;
    return -1;
}

const char *sim_fault_name(enum sim_fault fault)
{
    return faults[fault].name;
}

const char *sim_fault_help(enum sim_fault fault)
{
    return faults[fault].help;
}

int64_t sim_fault_most(enum sim_fault fault)
{
    return strstr(faults[fault].name, "_ppm") != NULL ? 1000000 : 3600000;
}
