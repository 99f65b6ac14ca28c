/* Any bytes as a grant: what is taken is written back to the same bytes, and signed by nobody. */
#include <stdlib.h>
#include <string.h>

#include "net/grant.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char key[] = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
    char text[GRANT_TEXT + 2], again[GRANT_TEXT], why[GRANT_WHY] = "";
    struct grant grant;

    if (size > GRANT_TEXT)
        return 0;
    memcpy(text, bytes, size);
    text[size] = '\0';
    if (!grant_read(text, &grant, why)) {
        if (why[0] == '\0')
            abort();
        return 0;
    }
    if (!grant_write(&grant, again) || strcmp(again, text) != 0)
        abort();
    if (grant_verify(key, text, text) || !grant_is_name(grant.owner))
        abort();
    return 0;
}
