/* Where files lie when nobody says where. */
#include <stdio.h>
#include <stdlib.h>

#include "tui/main.h"

bool xdg_path(const char *variable, const char *otherwise, const char *name, char path[PATH_SIZE])
{
    const char *base = getenv(variable), *home = getenv("HOME");
    int length;

    /* The specification has relative paths ignored. */
    if (base && base[0] == '/')
        length = snprintf(path, PATH_SIZE, "%s/squareoff/%s", base, name);
    else if (home && home[0] == '/')
        length = snprintf(path, PATH_SIZE, "%s/%s/squareoff/%s", home, otherwise, name);
    else
        return false;
    return length > 0 && length < PATH_SIZE;
}
