#include "tests/config_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int config_file_open(const uint8_t *data, size_t size, char path[CONFIG_FILE_PATH])
{
    int file = memfd_create("configuration", MFD_CLOEXEC);

    if (file < 0 || fchmod(file, 0600) != 0 || write(file, data, size) != (ssize_t)size)
        abort();
    snprintf(path, CONFIG_FILE_PATH, "/proc/self/fd/%d", file);
    return file;
}

void config_file_close(int file)
{
    close(file);
}

void config_file_check_refusal(const char *why, const char *path)
{
    if (strncmp(why, path, strlen(path)) != 0)
        abort();
    for (; *why != '\0'; why++)
        if (*why < ' ' || *why > '~')
            abort();
}
