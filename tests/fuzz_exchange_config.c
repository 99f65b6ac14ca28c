/*
 * fuzz_exchange_config.c - any bytes as the configuration file of the simulated exchange
 */
#include <stdlib.h>
#include <string.h>

#include "net/simulator/config.h"
#include "tests/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_read(const struct sim_settings *s)
{
    if (s->exchange.sessions < 1 || s->exchange.sessions > EXCHANGE_SESSIONS)
        abort();
    for (int i = 0; i < s->exchange.sessions; i++)
        if (memchr(s->exchange.session[i].comp_id, 0, SIM_COMP_ID) == NULL ||
            s->exchange.session[i].comp_id[0] == '\0')
            abort();
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (s->exchange.fault[i] < 0 || s->exchange.fault[i] > sim_fault_most((enum sim_fault)i))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sim_settings settings;
    char path[CONFIG_FILE_PATH], why[SIM_WHY];
    int file = config_file_open(data, size, path);

    sim_settings_defaults(&settings);
    if (sim_settings_read(&settings, path, why) == 0)
        check_read(&settings);
    else
        config_file_check_refusal(why, path);
    config_file_close(file);
    return 0;
}
