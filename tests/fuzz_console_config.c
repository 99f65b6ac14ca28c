/*
 * fuzz_console_config.c - any bytes as the console's configuration file, once for a drill and once
 * for a real book; and the same bytes as a secret's file
 */
#include <stdlib.h>
#include <string.h>

#include "tests/config_file.h"
#include "tui/main_config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is read lies in its bounds, whatever stood there (net/settings.c has the bounds). */
static void check_read(const struct config *c)
{
    const struct sq_config *engine = &c->exchange.engine;

    if (memchr(c->person, 0, sizeof c->person) == NULL ||
        memchr(c->exchange.sender, 0, sizeof c->exchange.sender) == NULL ||
        memchr(c->pin, 0, sizeof c->pin) == NULL)
        abort();
    if (engine->orders_per_second < 1 || engine->orders_per_second > 1000 ||
        engine->protect_bps < 0 || engine->protect_bps > 10000)
        abort();
}

static void read_as(bool drill, const char *path)
{
    struct options options = {.config = path, .person = "D1", .state = "state"};
    static struct config c;

    memset(&c, 0, sizeof c);
    if (config_read(&c, &options, drill))
        check_read(&c);
    else
        config_file_check_refusal(c.why, path);
    config_wipe(&c);
}

static void read_as_secret(const char *path, const uint8_t *data, size_t size)
{
    char secret[SETTING_SECRET_SIZE], why[SETTING_WHY];

    if (settings_read_secret(path, secret, sizeof secret, why, sizeof why) != 0)
        abort();
    if (strlen(secret) > size || strpbrk(secret, "\r\n") != NULL ||
        memcmp(secret, data, strlen(secret)) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[CONFIG_FILE_PATH];
    int file = config_file_open(data, size, path);

    read_as(true, path);
    read_as(false, path);
    read_as_secret(path, data, size);
    config_file_close(file);
    return 0;
}
