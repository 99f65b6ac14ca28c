/* A session whose host is at hand: submit is a call, events arrive as a listener, previews are
 * ready at once. */
#include "core/session_here.h"
#include "core/num.h"

#include <string.h>

struct here {
    struct sq_session session;   /* first: the port's own struct */
    struct sq_listener listener; /* events of the host into the view */
    struct sq_host *host;
    struct sq_source_info source; /* what the driver said of the links */
    sq_time now;
    struct sq_preview *previews; /* room for one of each position */
    size_t preview_room;
    size_t preview_count;
    bool full; /* a row did not fit in the view: what is shown is not the whole book */
};

static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

size_t sq_session_here_size(const struct sq_config *config)
{
    return aligned(sizeof(struct here)) + aligned(sq_view_size(config)) +
           aligned(sq_board_size(config)) + config->positions * sizeof(struct sq_preview);
}

static struct here *here_of(struct sq_session *session)
{
    return (struct here *)session;
}

static bool here_submit(struct sq_session *session, const struct sq_message *inputs, size_t count)
{
    return sq_host_submit_all(here_of(session)->host, inputs, count);
}

/* The quote comes from the same board as the host's, so that the screen sees the verdict that the
 * engine would give now. */
static bool here_preview(struct sq_session *session, const struct sq_square_off *intents,
                         size_t count)
{
    struct here *here = here_of(session);
    const struct sq_tables *tables = &session->view->tables;

    if (count > here->preview_room)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct sq_square_off intent = intents[i];
        uint32_t row =
            sq_find_instrument(tables, (enum sq_exchange)intent.key.exchange, intent.key.token);
        if (row != SQ_NO_ROW)
            sq_board_quote(session->view->board, row, here->now, &intent.quote);
        sq_preview(sq_host_engine(here->host), &intent, here->now, &here->previews[i]);
    }
    here->preview_count = count;
    return true;
}

static const struct sq_preview *here_previews(struct sq_session *session, size_t *count)
{
    struct here *here = here_of(session);

    *count = here->preview_count;
    return here->previews;
}

static void here_info(struct sq_session *session, struct sq_source_info *info)
{
    const struct here *here = here_of(session);
    enum sq_host_mode mode = sq_host_mode(here->host);

    *info = here->source;
    info->live = sq_host_leads(here->host);
    info->heard = here->now;
    info->order_up = session->view->tables.book.link != SQ_LINK_DOWN;
    info->disk_full = mode == SQ_HOST_DISK_FULL;
    info->view_only = !info->live || here->source.view_only || here->full;
    if (here->full)
        sq_text_cut(info->why, sizeof(info->why), "the view is full: not all rows are shown");
}

static void here_destroy(struct sq_session *session)
{
    session->view = NULL; /* the memory is the caller's; a host that lives on speaks to nobody */
}

static const struct sq_session_ops here_ops = {
    .submit = here_submit,
    .preview = here_preview,
    .previews = here_previews,
    .info = here_info,
    .destroy = here_destroy,
};

static void take_event(struct sq_listener *listener, const struct sq_message *event)
{
    struct here *here = (struct here *)(void *)((char *)listener - offsetof(struct here, listener));

    if (here->session.view && sq_view_apply(here->session.view, event) != 0)
        here->full = true;
}

static void take_row(void *owner, enum sq_kind kind, const void *body)
{
    struct here *here = owner;
    struct sq_message row = {.kind = (uint16_t)kind,
                             .seq = sq_engine_seq(sq_host_engine(here->host))};

    memcpy(&row.as, body, sq_kind_info(kind)->size);
    if (sq_view_apply(here->session.view, &row) != 0)
        here->full = true;
}

struct sq_session *sq_session_here_init(void *memory, const struct sq_config *config,
                                        struct sq_host *host, const char *person)
{
    struct here *here = memory;
    char *next = (char *)memory + aligned(sizeof(*here));

    here->session.ops = &here_ops;
    here->host = host;
    here->session.view = sq_view_init(next, config);
    next += aligned(sq_view_size(config));
    here->session.view->board = sq_board_init(next, &here->session.view->tables);
    next += aligned(sq_board_size(config));
    here->previews = (struct sq_preview *)(void *)next;
    here->preview_room = config->positions;
    here->source.order_rtt_us = -1;
    sq_text_cut(here->session.person, sizeof(here->session.person), person);
    sq_engine_save(sq_host_engine(host), take_row, here);
    here->listener.event = take_event;
    if (here->full || !sq_host_listen(host, &here->listener))
        return NULL;
    sq_host_set_board(host, here->session.view->board);
    return &here->session;
}

void sq_session_here_time(struct sq_session *session, sq_time now)
{
    here_of(session)->now = now;
}

void sq_session_here_source(struct sq_session *session, const struct sq_source_info *source)
{
    here_of(session)->source = *source;
}

struct sq_board *sq_session_here_board(struct sq_session *session)
{
    return session->view->board;
}
