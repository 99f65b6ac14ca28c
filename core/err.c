/* err.c: the errors of ports in words. */
#include "core/port.h"

#define X(tail, text) text,
static const char *const texts[] = {SQ_ERR_MAP(X)};
#undef X

const char *sq_strerror(enum sq_err error)
{
    return (unsigned)error < SQ_ERR_COUNT ? texts[error] : "unknown error";
}
