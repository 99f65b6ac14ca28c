#include "net/reconnect.h"

static int64_t ceiling_of(const struct reconnect *r)
{
    int64_t ceiling = r->first_ms;
    for (uint32_t i = 0; i < r->failures && ceiling < r->ceiling_ms; i++)
        ceiling *= 2;
    return ceiling < r->ceiling_ms ? ceiling : r->ceiling_ms;
}

int64_t reconnect_wait_ms(struct reconnect *r, uint64_t random)
{
    int64_t ceiling = ceiling_of(r);
    int64_t half = ceiling / 2;
    if (r->failures < UINT32_MAX)
        r->failures++;
    return half + (int64_t)(random % (uint64_t)(ceiling - half + 1));
}

void reconnect_succeeded(struct reconnect *r)
{
    r->failures = 0;
}
