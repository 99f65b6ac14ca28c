#include "net/fix_initiator.h"

#include "net/fix_reports.h"

#include <stdio.h>
#include <string.h>

enum { LINE = 512 }; /* longest line for the operator, with the end */

struct fix_session_config fix_initiator_config(const struct fix_initiator *who)
{
    struct fix_session_config config = {
        .role = FIX_INITIATOR,
        .heartbeat_s = who->heartbeat_s,
        .username = who->username,
        .password = who->password,
    };
    snprintf(config.sender_comp_id, sizeof config.sender_comp_id, "%s", who->sender_comp_id);
    snprintf(config.target_comp_id, sizeof config.target_comp_id, "%s", who->target_comp_id);
    return config;
}

void fix_initiator_log(void (*log)(void *owner, const char *line), void *owner, const char *format,
                       va_list args)
{
    char line[LINE], clean[LINE];
    if (log == NULL)
        return;
    vsnprintf(line, sizeof line, format, args);
    fix_clean_text(line, strlen(line), clean, sizeof clean);
    log(owner, clean);
}
