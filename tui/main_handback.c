/* A console gives its book back: the same steps as a server's (net/handover.h), on the embedded
 * engine. The rows go to the server afterwards, by the replica that this journal is again. */
#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/main_handover.h"
#include "tui/tui.h"

enum { DRAIN_S = 10, NUMBER_S = 30, LOGOUT_S = 5, COMMIT_S = 10 };

static const struct sq_tables *tables(const struct handback *h)
{
    return sq_engine_tables(sq_host_engine(h->book->host));
}

static void submit(struct handback *h, enum sq_ownership_what what)
{
    struct sq_message message = {.kind = SQ_OWNERSHIP};
    struct sq_ownership *o = &message.as.ownership;

    o->what = (uint8_t)what;
    if (what == SQ_OWNERSHIP_RELEASE) {
        o->epoch = tables(h)->book.epoch + 1;
        memcpy(o->owner, h->to, sizeof o->owner);
    }
    memcpy(o->person, h->person, sizeof o->person);
    memcpy(o->reason, h->reason, sizeof o->reason);
    sq_host_submit(h->book->host, &message);
}

static const char *const step_words[] = {
    [HANDBACK_NONE] = "",
    [HANDBACK_DRAINING] = "hand-back: draining, no new orders; waiting for answers",
    [HANDBACK_LEAVING] = "hand-back: logging out of the exchange",
    [HANDBACK_RELEASING] = "hand-back: releasing the book",
    [HANDBACK_DONE] = "hand-back: released; the server gets what happened here",
};

static const char *go_to(struct handback *h, enum handback_step step, sq_time now)
{
    h->step = step;
    h->since = now;
    h->asked = false;
    return step_words[step];
}

static const char *keep(struct handback *h, const char *why)
{
    if (tables(h)->book.draining)
        submit(h, SQ_OWNERSHIP_KEEP);
    if (h->book->link)
        standalone_stay(h->book->link);
    h->step = HANDBACK_NONE;
    return why;
}

static bool is_late(const struct handback *h, sq_time now, int seconds)
{
    return now - h->since > seconds * SQ_SECOND;
}

static void ask_once(struct handback *h, enum sq_ownership_what what)
{
    if (!h->asked)
        submit(h, what);
    h->asked = true;
}

static const char *drain(struct handback *h, sq_time now)
{
    const struct sq_tables *t = tables(h);
    uint32_t unnumbered = 0, unanswered = 0;

    if (!t->book.draining) {
        ask_once(h, SQ_OWNERSHIP_DRAIN);
        return is_late(h, now, COMMIT_S) ? keep(h, "hand-back: the book does not drain") : NULL;
    }
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct sq_order *o = &t->order[i];

        unnumbered += o->state == SQ_ORDER_JOURNALLED || o->cancel_state == SQ_CANCEL_JOURNALLED;
        unanswered += o->state == SQ_ORDER_SENT || o->state == SQ_ORDER_UNKNOWN;
    }
    if (unnumbered > 0)
        return is_late(h, now, NUMBER_S) ? keep(h, "hand-back: orders wait for a number") : NULL;
    return unanswered == 0 || is_late(h, now, DRAIN_S) ? go_to(h, HANDBACK_LEAVING, now) : NULL;
}

static const char *leave(struct handback *h, sq_time now)
{
    bool left = !h->book->link || standalone_leave(h->book->link, "the book is handed back",
                                                   is_late(h, now, LOGOUT_S));

    return left ? go_to(h, HANDBACK_RELEASING, now) : NULL;
}

static const char *release(struct handback *h, sq_time now)
{
    if (sq_host_mode(h->book->host) == SQ_HOST_FOLLOWING)
        return go_to(h, HANDBACK_DONE, now);
    ask_once(h, SQ_OWNERSHIP_RELEASE);
    return is_late(h, now, COMMIT_S) ? keep(h, "hand-back: the book is not released") : NULL;
}

static const char *advance(struct handback *h, sq_time now)
{
    switch (h->step) {
    case HANDBACK_DRAINING: return drain(h, now);
    case HANDBACK_LEAVING: return leave(h, now);
    case HANDBACK_RELEASING: return release(h, now);
    default: return NULL;
    }
}

static void say(const struct handback *h, const char *words)
{
    if (h->tui)
        tui_say(h->tui, h->step == HANDBACK_NONE ? ROLE_DANGER : ROLE_MESSAGE, "%s", words);
    if (h->log)
        book_log(h->book, h->log, words);
}

bool handback_turn(struct handback *h, sq_time now)
{
    const char *words = advance(h, now);

    if (words)
        say(h, words);
    return h->step == HANDBACK_DONE;
}

void handback_words(const struct handback *h, char *text, size_t size)
{
    const struct sq_book *row = &tables(h)->book;

    if (h->step != HANDBACK_NONE)
        snprintf(text, size, "%s", step_words[h->step]);
    else
        snprintf(text, size, "%s owns it, epoch %u; back to %s by :handback", row->owner,
                 row->epoch, h->to);
}

static const char *why_not(const struct handback *h, const struct own_ask *ask)
{
    const struct sq_tables *t = tables(h);
    uint32_t person = sq_find_person(t, h->book->session->person);

    if (ask->what != OWN_HANDBACK)
        return "the book is here already";
    if (h->step != HANDBACK_NONE)
        return "a hand-back is under way";
    if (h->book->source.view_only || !t->book.owned)
        return "the book is not owned here";
    if (person == SQ_NO_ROW || t->person[person].role != SQ_ROLE_SUPERVISOR)
        return "a supervisor hands a book back";
    return NULL;
}

bool handback_ask(struct handback *h, const struct own_ask *ask, char *why, size_t why_room)
{
    const char *wrong = why_not(h, ask);

    if (wrong) {
        snprintf(why, why_room, "%s", wrong);
        return false;
    }
    sq_text_cut(h->person, sizeof h->person, h->book->session->person);
    sq_text_cut(h->reason, sizeof h->reason, ask->reason);
    say(h, go_to(h, HANDBACK_DRAINING, loop_now(&h->book->loop)));
    return true;
}
