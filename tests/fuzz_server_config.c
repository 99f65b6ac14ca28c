/*
 * fuzz_server_config.c - any bytes as squareoffd's configuration file
 */
#include <stdlib.h>
#include <string.h>

#include "net/main.h"
#include "tests/config_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What the reader of the file only points at. */
const struct owner_ops owner_by_lock, owner_by_lease;

/* What a server is started with: a book or more, each once, and an address for each port. */
static void check_read(const struct daemon *d)
{
    char address[ADDRESS_SIZE], port[8];

    if (d->book_count < 1 || d->book_count > SERVER_BOOKS ||
        config_split(d->settings.listen, address, port) != 0)
        abort();
    for (size_t i = 0; i < d->book_count; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(d->books[i]->code, d->books[j]->code) == 0)
                abort();
    if (d->settings.limits.reserved >= d->settings.limits.connections)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct daemon d;
    char path[CONFIG_FILE_PATH];
    int file = config_file_open(data, size, path);

    memset(&d, 0, sizeof d);
    if (config_read(&d, path) == 0)
        check_read(&d);
    else
        config_file_check_refusal(d.why, path);
    for (size_t i = 0; i < d.book_count; i++)
        free(d.books[i]);
    config_file_close(file);
    return 0;
}
