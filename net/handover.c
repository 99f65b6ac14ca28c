#include "net/handover.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "core/num.h"

const char *handover_step_words(enum handover_step step)
{
    static const char *const words[] = {
        [HANDOVER_IDLE] = "",
        [HANDOVER_DRAINING] = "draining: no new orders, waiting for answers",
        [HANDOVER_LEAVING] = "logging out of the exchange",
        [HANDOVER_RELEASING] = "releasing the book",
        [HANDOVER_RELEASED] = "handed over",
        [HANDOVER_TAKING] = "taking the book back",
    };
    return words[step];
}

/* ---- the book --------------------------------------------------------------------------------- */

static const struct sq_book *row(const struct handover *h)
{
    return &h->config.book->tables.book;
}

static sq_time now_of(const struct handover *h)
{
    return loop_now(h->config.book->config.loop);
}

static void say(const struct handover *h, const char *words)
{
    char line[256];
    snprintf(line, sizeof line, "book %s: %s", h->config.book->config.code, words);
    if (h->config.log != NULL)
        h->config.log(h->config.owner, line);
}

static bool submit(struct handover *h, enum sq_ownership_what what, uint32_t epoch,
                   const char *owner)
{
    struct sq_message message = {.kind = SQ_OWNERSHIP};
    struct sq_ownership *o = &message.as.ownership;
    o->what = (uint8_t)what;
    o->taken = what == SQ_OWNERSHIP_TAKE ? SQ_TAKEN_GRANTED : 0;
    o->epoch = epoch;
    sq_text_cut(o->owner, sizeof o->owner, owner);
    sq_text_cut(o->person, sizeof o->person, h->person);
    sq_text_cut(o->reason, sizeof o->reason, h->reason);
    return served_submit(h->config.book, NULL, 0, &message, 1);
}

/* Orders and cancels that were asked for and have no number yet, and those that wait for a word. */
static void count_waiting(const struct handover *h, uint32_t *unnumbered, uint32_t *unanswered)
{
    const struct sq_tables *t = &h->config.book->tables;
    *unnumbered = *unanswered = 0;
    for (uint32_t i = 0; i < t->order_count; i++) {
        const struct sq_order *o = &t->order[i];
        *unnumbered += o->state == SQ_ORDER_JOURNALLED || o->cancel_state == SQ_CANCEL_JOURNALLED;
        *unanswered += o->state == SQ_ORDER_SENT || o->state == SQ_ORDER_UNKNOWN ||
                       (o->cancel_state == SQ_CANCEL_SENT &&
                        !sq_order_state_is_terminal((enum sq_order_state)o->state));
    }
}

/* ---- steps ------------------------------------------------------------------------------------ */

static void go_to(struct handover *h, enum handover_step step)
{
    h->step = step;
    h->since = now_of(h);
    h->asked = false;
    if (step != HANDOVER_IDLE)
        say(h, handover_step_words(step));
    if (step == HANDOVER_IDLE || step == HANDOVER_RELEASED)
        loop_timer_set(&h->timer, SQ_NEVER);
    else
        loop_timer_set(&h->timer, h->since);
}

static void tell(struct handover *h, void *console, uint64_t id, const struct handover_answer *what)
{
    struct handover_answer told = *what;
    told.console = console;
    told.id = id;
    if (console != NULL)
        h->config.answer(&told);
}

static void answer(struct handover *h, const struct handover_answer *what)
{
    void *console = h->console;
    h->console = NULL;
    tell(h, console, h->id, what);
}

/* It stays ours: what was begun is taken back. */
static void give_up(struct handover *h, const char *why)
{
    struct served *book = h->config.book;
    bool taking = h->step == HANDOVER_TAKING;
    snprintf(h->why, sizeof h->why, "%s", why);
    say(h, why);
    if (!taking && row(h)->draining)
        submit(h, SQ_OWNERSHIP_KEEP, 0, "");
    if (!taking && book->link != NULL)
        standalone_stay(book->link);
    go_to(h, HANDOVER_IDLE);
    answer(h, &(struct handover_answer){.why = h->why, .returned = taking});
}

static bool is_late(const struct handover *h, int seconds)
{
    return now_of(h) - h->since > seconds * SQ_SECOND;
}

/* An input of ours goes to the host once; false, and given up, when it does not get durable. */
static bool ask_once(struct handover *h, enum sq_ownership_what what, uint32_t epoch,
                     const char *owner)
{
    if (!h->asked)
        h->asked = submit(h, what, epoch, owner);
    if (!is_late(h, HANDOVER_COMMIT_S))
        return true;
    give_up(h, "the book did not take it: see its events");
    return false;
}

static void drain(struct handover *h)
{
    uint32_t unnumbered, unanswered;
    if (!row(h)->draining) {
        ask_once(h, SQ_OWNERSHIP_DRAIN, 0, "");
        return;
    }
    count_waiting(h, &unnumbered, &unanswered);
    if (unnumbered > 0 && is_late(h, HANDOVER_NUMBER_S))
        give_up(h, "orders wait for a number of the exchange session");
    else if (unnumbered == 0 && (unanswered == 0 || is_late(h, HANDOVER_DRAIN_S)))
        go_to(h, HANDOVER_LEAVING);
}

static void leave(struct handover *h)
{
    struct served *book = h->config.book;
    if (book->link == NULL ||
        standalone_leave(book->link, "the book is handed over", is_late(h, HANDOVER_LOGOUT_S)))
        go_to(h, HANDOVER_RELEASING);
}

/* The grant of the release that ends our journal; false with the reason. */
static bool make_grant(struct handover *h, char text[GRANT_TEXT],
                       char signature[GRANT_SIGNATURE_TEXT])
{
    struct sq_store *store = h->config.book->store;
    struct grant g = {.epoch = row(h)->granted, .issued = now_of(h)};
    memcpy(g.book, h->config.book->config.code, sizeof g.book);
    memcpy(g.owner, row(h)->owner, sizeof g.owner);
    sq_text_cut(g.from, sizeof g.from, h->config.server);
    g.until = g.issued + HANDOVER_GRANT_H * INT64_C(3600) * SQ_SECOND;
    g.seq = store->ops->last_seq(store);
    uint64_t end = 0;
    if (store->ops->turn_end(store, g.seq, &end, g.hash) != SQ_ERR_OK || end != g.seq ||
        !grant_write(&g, text))
        return false;
    grant_sign(h->config.signer, text, signature);
    return true;
}

static void give_grant(struct handover *h)
{
    char text[GRANT_TEXT], signature[GRANT_SIGNATURE_TEXT];
    if (make_grant(h, text, signature))
        answer(h, &(struct handover_answer){.why = "", .grant = text, .signature = signature});
    else
        answer(h, &(struct handover_answer){.why = "the grant cannot be made: its row cannot be "
                                                   "read; ask again"});
}

static void release(struct handover *h)
{
    if (!row(h)->owned) {
        go_to(h, HANDOVER_RELEASED);
        give_grant(h);
        return;
    }
    ask_once(h, SQ_OWNERSHIP_RELEASE, row(h)->epoch + 1, h->to);
}

static void take(struct handover *h)
{
    if (row(h)->owned) {
        go_to(h, HANDOVER_IDLE);
        answer(h, &(struct handover_answer){.why = "", .returned = true});
        return;
    }
    ask_once(h, SQ_OWNERSHIP_TAKE, row(h)->granted, h->config.server);
}

static void step(void *owner)
{
    static void (*const steps[])(struct handover * h) = {
        [HANDOVER_DRAINING] = drain,
        [HANDOVER_LEAVING] = leave,
        [HANDOVER_RELEASING] = release,
        [HANDOVER_TAKING] = take,
    };
    struct handover *h = owner;
    loop_timer_set(&h->timer, now_of(h) + HANDOVER_STEP_MS * SQ_MS);
    steps[h->step](h);
}

/* ---- giving it -------------------------------------------------------------------------------- */

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; length > 0 && (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

bool handover_is_replica(const struct handover *h, const char *user)
{
    return has_word(h->config.replicas, user);
}

bool handover_leads(struct sq_host *host, const char *server, const char *consoles, uint32_t epoch)
{
    struct sq_message message = {.kind = SQ_OWNERSHIP};
    struct sq_ownership *o = &message.as.ownership;
    const struct sq_book *book = &sq_engine_tables(sq_host_engine(host))->book;
    if (!book->loaded)
        return true;
    if (!book->owned || has_word(consoles, book->owner)) {
        sq_host_follow(host);
        return false;
    }
    if (sq_text_equal(book->owner, server) && epoch <= book->epoch)
        return true;
    o->what = SQ_OWNERSHIP_TAKE;
    o->taken = SQ_TAKEN_FENCED;
    o->epoch = epoch > book->epoch ? epoch : book->epoch + 1;
    sq_text_cut(o->owner, sizeof o->owner, server);
    return sq_host_submit(host, &message);
}

/* What DRAIN would be refused for, said before anything is begun. */
static const char *why_not(const struct handover *h, const char *to, const char *person,
                           const char *reason)
{
    const struct served *book = h->config.book;
    const struct sq_tables *t = &book->tables;
    uint32_t who = sq_find_person(t, person);
    if (who == SQ_NO_ROW || t->person[who].role != SQ_ROLE_SUPERVISOR)
        return "a supervisor of the book hands it over";
    if (reason[0] == '\0')
        return "a reason is needed";
    if (!sq_text_equal(to, h->config.server) && !has_word(h->config.consoles, to))
        return "the server's file does not name this console in `consoles` of the book";
    if (h->step != HANDOVER_IDLE && h->step != HANDOVER_RELEASED)
        return "a hand-over is under way already";
    if (book->view_only || sq_host_mode(book->host) == SQ_HOST_VIEW_ONLY)
        return "the book is open to look at only";
    if (!t->book.loaded)
        return "no day is loaded";
    if (t->book.owned && sq_host_mode(book->host) == SQ_HOST_FOLLOWING)
        return "the book is not here: it is being handed back";
    if (!t->book.owned && (t->book.granted == 0 || !sq_text_equal(t->book.owner, to)))
        return "the book is not here: it was handed over to another owner";
    return NULL;
}

void handover_begin(struct handover *h, void *console, uint64_t id, const char *to,
                    const char *person, const char *reason)
{
    const char *why = why_not(h, to, person, reason);
    if (why != NULL) {
        tell(h, console, id, &(struct handover_answer){.why = why});
        return;
    }
    h->console = console;
    h->id = id;
    sq_text_cut(h->to, sizeof h->to, to);
    sq_text_cut(h->person, sizeof h->person, person);
    sq_text_cut(h->reason, sizeof h->reason, reason);
    if (!row(h)->owned) {
        h->step = HANDOVER_RELEASED;
        give_grant(h);
    } else if (sq_text_equal(to, h->config.server)) {
        give_up(h, "the book is kept here");
    } else {
        go_to(h, HANDOVER_DRAINING);
    }
}

/* ---- taking it back --------------------------------------------------------------------------- */

/* Is this turn of theirs in our journal already? They send from the release on, again if need be. */
static bool is_known(struct handover *h, uint64_t last)
{
    struct sq_store *store = h->config.book->store;
    uint8_t hash[SQ_HASH_SIZE];
    uint64_t end = 0;
    if (last > store->ops->last_seq(store))
        return false;
    h->parted = store->ops->turn_end(store, last, &end, hash) != SQ_ERR_OK || end != last ||
                memcmp(hash, h->turn.hash, sizeof hash) != 0;
    return true;
}

static const char *adopt(struct handover *h)
{
    struct sq_turn turn = journal_turn_get(&h->turn);
    struct sq_store *store = h->config.book->store;
    uint8_t hash[SQ_HASH_SIZE];
    uint64_t end = 0, last = turn.inputs[turn.input_count - 1].seq;
    char why[HANDOVER_WHY];
    if (is_known(h, last))
        return h->parted ? "the two journals have parted" : NULL;
    if (sq_host_adopt(h->config.book->host, &turn, why, sizeof why) != SQ_ERR_OK) {
        snprintf(h->why, sizeof h->why, "their rows cannot be: %.100s", why);
        return h->why;
    }
    h->parted = store->ops->turn_end(store, last, &end, hash) != SQ_ERR_OK ||
                memcmp(hash, h->turn.hash, sizeof hash) != 0;
    return h->parted ? "the two journals have parted" : NULL;
}

const char *handover_rows(struct handover *h, void *console, const struct cJSON *log, uint64_t *seq)
{
    struct served *book = h->config.book;
    const char *why = NULL;
    if (h->returning != console)
        journal_turn_begin(&h->turn);
    h->returning = console;
    h->parted = false;
    if (sq_host_mode(book->host) != SQ_HOST_FOLLOWING)
        return "the book is owned here: its journal goes on";
    for (const cJSON *at = log->child; at != NULL && why == NULL; at = at->next) {
        enum journal_taken taken = journal_turn_take(&h->turn, at, h->why);
        if (taken == JOURNAL_WHOLE)
            why = adopt(h);
        else if (taken == JOURNAL_WRONG)
            why = h->why;
        if (taken != JOURNAL_MORE)
            journal_turn_begin(&h->turn);
    }
    *seq = book->store->ops->last_seq(book->store);
    return why;
}

void handover_take(struct handover *h, void *console, uint64_t id, const char *person)
{
    const struct sq_book *book = row(h);
    const char *why = NULL;
    if (!book->loaded || book->owned || book->granted == 0 ||
        !sq_text_equal(book->owner, h->config.server))
        why = "the rows do not end with a release to this server";
    else if (sq_host_lead(h->config.book->host) != SQ_ERR_OK)
        why = "the book is open to look at only";
    if (why != NULL) {
        h->config.answer(
            &(struct handover_answer){.console = console, .id = id, .returned = true, .why = why});
        return;
    }
    h->console = console;
    h->id = id;
    sq_text_cut(h->person, sizeof h->person, person);
    sq_text_cut(h->reason, sizeof h->reason, "handed back");
    go_to(h, HANDOVER_TAKING);
}

/* ---- beginning and end ------------------------------------------------------------------------ */

void handover_forget(struct handover *h, const void *console)
{
    if (h->console == console)
        h->console = NULL;
    if (h->returning == console)
        h->returning = NULL;
}

void handover_init(struct handover *h, const struct handover_config *config)
{
    *h = (struct handover){.config = *config};
    loop_timer_init(&h->timer, config->book->config.loop, step, h);
    config->book->handover = h;
}

void handover_finish(struct handover *h)
{
    loop_timer_stop(&h->timer);
    journal_turn_finish(&h->turn);
    h->config.book->handover = NULL;
}
