/* When the terminal rings. */
#include "tui/bell.h"

#include "tui/tui.h"

enum { QUIET_S = 5 };

void bell_init(struct tui *tui, bool off)
{
    tui->bell = (struct bell){.off = off, .unknown = tui->session->view->unknown};
}

void bell_news(struct tui *tui, const struct sq_message *news)
{
    if (news->kind == SQ_ALARM)
        tui->bell.due = true;
    else if (news->kind == SQ_CLOSE && news->as.close.state == SQ_CLOSE_APPROVAL)
        tui->bell.due = tui->bell.due || tui_is_supervisor(tui);
}

void bell_update(struct tui *tui)
{
    struct bell *bell = &tui->bell;
    uint32_t unknown = tui->session->view->unknown;

    bell->due = bell->due || unknown > bell->unknown;
    bell->unknown = unknown;
    if (bell->off)
        bell->due = false;
    if (!bell->due || (bell->rung != 0 && tui->now - bell->rung < QUIET_S * SQ_SECOND))
        return;
    bell->due = false;
    bell->ring = true;
    bell->rung = tui->now;
    tui->dirty = true;
}
