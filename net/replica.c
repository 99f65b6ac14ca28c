#include "net/replica.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"

enum { RETURN_BYTES = 49152, RETURN_ROWS = 512 };

struct replica {
    struct replica_config config;
    struct sq_config engine;
    void *memory;
    struct sq_host *host; /* NULL: the journal is empty */
    struct remote *remote;
    struct journal_turn turn;
    struct journal_feed feed; /* while RETURNING */
    struct loop_timer timer;  /* asks again */
    enum replica_state state;
    uint64_t head;
    bool asked, last_sent;
    char reason[SQ_TEXT_SIZE];
    char grant[GRANT_TEXT], signature[GRANT_SIGNATURE_TEXT]; /* kept until the journal has come */
    char why[REPLICA_WHY];
};

const char *replica_state_words(enum replica_state state)
{
    static const char *const words[] = {
        [REPLICA_WAITING] = "no server",
        [REPLICA_FOLLOWING] = "follows the server",
        [REPLICA_RETURNING] = "gives its rows back",
        [REPLICA_PARTED] = "PARTED from the server's journal",
        [REPLICA_FAILED] = "failed",
    };
    return words[state];
}

static const struct sq_book *row(const struct replica *r)
{
    return r->host != NULL ? &sq_engine_tables(sq_host_engine(r->host))->book : NULL;
}

static uint64_t last_seq(const struct replica *r)
{
    return r->config.store->ops->last_seq(r->config.store);
}

static void changed(struct replica *r)
{
    if (r->config.changed != NULL)
        r->config.changed(r->config.owner);
}

static void go_to(struct replica *r, enum replica_state state, const char *why)
{
    r->state = state;
    snprintf(r->why, sizeof r->why, "%s", why);
    changed(r);
}

/* ---- the host -------------------------------------------------------------------------------- */

static const char *make_host(struct replica *r, const struct sq_config *engine)
{
    r->engine = *engine;
    r->memory = calloc(1, sq_host_size(engine));
    if (r->memory == NULL)
        return "no memory for an engine";
    r->host = sq_host_init(r->memory, &r->engine, r->config.store, NULL, NULL);
    return NULL;
}

/* The journal begins with the configuration that its engine must have. */
static const char *begin_host(struct replica *r, const struct sq_turn *turn)
{
    char why[64];
    const struct sq_message *first = &turn->inputs[0];
    if (first->kind != SQ_CONFIG || sq_config_check(&first->as.config, why, sizeof why) != 0)
        return "the journal does not begin with a configuration";
    const char *wrong = make_host(r, &first->as.config);
    if (wrong != NULL)
        return wrong;
    if (sq_host_recover(r->host, r->why, sizeof r->why) != SQ_ERR_OK)
        return "the empty journal cannot be begun";
    sq_host_follow(r->host);
    return NULL;
}

static int open_host(struct replica *r, char *why, size_t why_room)
{
    struct sq_config engine;
    enum sq_err error = sq_host_stored_config(r->config.store, &engine);
    if (error == SQ_ERR_NOT_FOUND)
        return 0;
    const char *wrong =
        error == SQ_ERR_OK ? make_host(r, &engine) : r->config.store->ops->why(r->config.store);
    if (wrong != NULL) {
        snprintf(why, why_room, "%s", wrong);
        return -1;
    }
    if (sq_host_recover(r->host, why, why_room) != SQ_ERR_OK)
        return -1;
    sq_host_follow(r->host);
    return 0;
}

/* ---- rows of the server ---------------------------------------------------------------------- */

static void look_at_grant(struct replica *r)
{
    struct grant grant;
    bool again = false;
    char why[REPLICA_WHY];
    if (r->grant[0] == '\0')
        return;
    int bad = replica_check(&r->config, loop_now(r->config.loop), r->grant, r->signature, &grant,
                            &again, why);
    if (bad && again)
        return;
    r->asked = false;
    if (bad)
        go_to(r, r->state, why);
    else if (r->config.granted != NULL)
        r->config.granted(r->config.owner, r->grant, r->signature);
    r->grant[0] = '\0';
}

/* Its hash is that of the server, or something was lost on the way that looked right. */
static bool has_hash(struct replica *r, uint64_t seq, const uint8_t theirs[SQ_HASH_SIZE])
{
    struct sq_store *store = r->config.store;
    uint8_t ours[SQ_HASH_SIZE];
    uint64_t end = 0;
    return store->ops->turn_end(store, seq, &end, ours) == SQ_ERR_OK && end == seq &&
           memcmp(ours, theirs, sizeof ours) == 0;
}

static void adopt(struct replica *r)
{
    struct sq_turn turn = journal_turn_get(&r->turn);
    uint64_t last = turn.inputs[turn.input_count - 1].seq;
    char why[REPLICA_WHY] = "";
    const char *wrong = r->host == NULL ? begin_host(r, &turn) : NULL;
    if (wrong == NULL && sq_host_adopt(r->host, &turn, why, sizeof why) != SQ_ERR_OK)
        wrong = why[0] != '\0' ? why : r->config.store->ops->why(r->config.store);
    if (wrong != NULL)
        go_to(r, REPLICA_FAILED, wrong);
    else if (!has_hash(r, last, r->turn.hash))
        go_to(r, REPLICA_FAILED, "a turn came to another hash than the server's");
}

void replica_rows(struct replica *r, const struct wire_frame *frame)
{
    char why[JOURNAL_WHY];
    const cJSON *at = r->state == REPLICA_FOLLOWING ? frame->log->child : NULL;
    for (; at != NULL && r->state == REPLICA_FOLLOWING; at = at->next) {
        enum journal_taken taken = journal_turn_take(&r->turn, at, why);
        if (taken == JOURNAL_WHOLE)
            adopt(r);
        if (taken == JOURNAL_WRONG)
            go_to(r, REPLICA_FAILED, why);
        if (taken != JOURNAL_MORE)
            journal_turn_begin(&r->turn);
    }
    if (r->head < last_seq(r))
        r->head = last_seq(r);
    look_at_grant(r);
    changed(r);
}

/* ---- asking to follow ------------------------------------------------------------------------- */

static void ask_again(struct replica *r)
{
    loop_timer_set(&r->timer, loop_now(r->config.loop) + REPLICA_ASK_MS * SQ_MS);
}

static void put_place(struct wire_out *out, void *with)
{
    struct replica *r = with;
    struct sq_store *store = r->config.store;
    uint64_t end = 0, seq = last_seq(r);
    uint8_t hash[SQ_HASH_SIZE];
    char text[WIRE_HASH_SIZE];
    wire_member_integer(out, "after", (int64_t)seq);
    if (seq == 0 || store->ops->turn_end(store, seq, &end, hash) != SQ_ERR_OK)
        return;
    journal_hash_text(hash, text);
    wire_member_text(out, "hash", text);
}

static void ask_return(struct replica *r);

/* A journal that was released to this server goes on there; it may not have all of it, or may have
 * died before it took it. */
static bool is_to_be_returned(const struct replica *r)
{
    const struct sq_book *book = row(r);
    struct remote_status status;
    remote_status(r->remote, &status);
    return book != NULL && book->loaded && !book->owned &&
           sq_text_equal(book->owner, status.server);
}

static void on_place(void *owner, const struct wire_frame *frame)
{
    struct replica *r = owner;
    if (frame == NULL)
        return;
    enum wire_error error = wire_error_named(frame->error);
    bool whole = error == WIRE_ERROR_NONE && (uint64_t)frame->seq == last_seq(r);
    if ((error == WIRE_ERROR_PARTED || whole) && is_to_be_returned(r)) {
        ask_return(r);
    } else if (error == WIRE_ERROR_BUSY) {
        ask_again(r);
    } else if (error != WIRE_ERROR_NONE) {
        go_to(r, error == WIRE_ERROR_PARTED ? REPLICA_PARTED : REPLICA_WAITING, frame->why);
    } else {
        r->head = (uint64_t)frame->seq;
        journal_turn_begin(&r->turn);
        go_to(r, REPLICA_FOLLOWING, "");
    }
}

/* Rows may come before the answer does: they are of this place all the same. */
static void ask_place(struct replica *r)
{
    if (r->remote != NULL && !remote_ask(r->remote, WIRE_DO_REPLICATE, put_place, r, on_place, r))
        ask_again(r);
}

void replica_begin(struct replica *r, struct remote *remote)
{
    r->remote = remote;
    if (r->state != REPLICA_FAILED)
        ask_place(r);
}

void replica_lost(struct replica *r)
{
    r->remote = NULL;
    r->asked = false;
    loop_timer_set(&r->timer, SQ_NEVER);
    journal_turn_begin(&r->turn);
    if (r->state != REPLICA_FAILED)
        go_to(r, REPLICA_WAITING, "");
}

/* ---- giving it back --------------------------------------------------------------------------- */

static void on_returned(void *owner, const struct wire_frame *frame);

static void put_rows(struct wire_out *out, void *with)
{
    struct replica *r = with;
    wire_name(out, "log");
    wire_open(out, '[');
    journal_feed_put(&r->feed, out, RETURN_BYTES, RETURN_ROWS);
    wire_close(out, ']');
    if (r->last_sent)
        wire_member_integer(out, "done", 1);
}

static void send_rows(struct replica *r)
{
    if (!journal_feed_has(&r->feed) && journal_feed_fill(&r->feed, RETURN_BYTES) != 0) {
        go_to(r, REPLICA_FAILED, "our own journal cannot be read");
        return;
    }
    r->last_sent = !journal_feed_has(&r->feed);
    if (!remote_ask(r->remote, WIRE_DO_RETURN, put_rows, r, on_returned, r))
        go_to(r, REPLICA_WAITING, "the server could not be asked");
}

static void on_returned(void *owner, const struct wire_frame *frame)
{
    struct replica *r = owner;
    if (frame == NULL)
        return;
    if (frame->error[0] != '\0') {
        go_to(r, REPLICA_PARTED, frame->why);
    } else if (!r->last_sent) {
        r->head = (uint64_t)frame->seq;
        changed(r);
        send_rows(r);
    } else {
        journal_feed_finish(&r->feed);
        if (r->config.returned != NULL)
            r->config.returned(r->config.owner);
        ask_place(r);
    }
}

/* How far the server is: what it has of ours must be ours, and the rest is what it gets. */
static void on_server_seq(void *owner, const struct wire_frame *frame)
{
    struct replica *r = owner;
    struct sq_store *store = r->config.store;
    uint8_t hash[SQ_HASH_SIZE];
    uint64_t end = 0;
    if (frame == NULL)
        return;
    uint64_t seq = (uint64_t)frame->seq;
    if (frame->error[0] != '\0') {
        go_to(r, REPLICA_PARTED, frame->why);
    } else if (seq > last_seq(r) ||
               (seq > 0 &&
                (store->ops->turn_end(store, seq, &end, hash) != SQ_ERR_OK || end != seq))) {
        go_to(r, REPLICA_PARTED, "the server's journal goes on where ours does not");
    } else {
        journal_feed_finish(&r->feed);
        journal_feed_init(&r->feed, store, seq);
        go_to(r, REPLICA_RETURNING, "");
        send_rows(r);
    }
}

static void put_no_rows(struct wire_out *out, void *with)
{
    (void)with;
    wire_name(out, "log");
    wire_open(out, '[');
    wire_close(out, ']');
}

static void ask_return(struct replica *r)
{
    if (!remote_ask(r->remote, WIRE_DO_RETURN, put_no_rows, NULL, on_server_seq, r))
        go_to(r, REPLICA_WAITING, "the server could not be asked");
}

/* ---- being given it --------------------------------------------------------------------------- */

static void put_hand_over(struct wire_out *out, void *with)
{
    const struct replica *r = with;
    wire_member_text(out, "owner", r->config.name);
    wire_member_text(out, "reason", r->reason);
}

static void on_handed_over(void *owner, const struct wire_frame *frame)
{
    struct replica *r = owner;
    if (frame == NULL) {
        r->asked = false;
        go_to(r, r->state, "the connection was lost on the way: ask for it again");
        return;
    }
    r->asked = frame->error[0] == '\0';
    snprintf(r->grant, sizeof r->grant, "%s", frame->grant);
    snprintf(r->signature, sizeof r->signature, "%.*s", GRANT_SIGNATURE_TEXT - 1, frame->signature);
    go_to(r, r->state, frame->error[0] != '\0' ? frame->why : "");
    look_at_grant(r);
}

bool replica_hand_over(struct replica *r, const char *reason)
{
    const char *why = r->config.grant_key == NULL     ? "no grant_key of the servers is known"
                      : r->state != REPLICA_FOLLOWING ? "the replica does not follow the server"
                      : r->asked                      ? "it was asked for already"
                                                      : NULL;
    sq_text_cut(r->reason, sizeof r->reason, reason);
    if (why == NULL &&
        !remote_ask(r->remote, WIRE_DO_HAND_OVER, put_hand_over, r, on_handed_over, r))
        why = "the server could not be asked";
    r->asked = why == NULL;
    go_to(r, r->state, why != NULL ? why : "");
    return why == NULL;
}

static int bad(char why[REPLICA_WHY], const char *what)
{
    snprintf(why, REPLICA_WHY, "%s", what);
    return -1;
}

int replica_check(const struct replica_config *config, sq_time now, const char *text,
                  const char *signature, struct grant *grant, bool *again, char why[REPLICA_WHY])
{
    struct sq_store *store = config->store;
    char reason[GRANT_WHY];
    uint8_t hash[SQ_HASH_SIZE];
    uint64_t end = 0;
    *again = false;
    if (config->grant_key == NULL || !grant_verify(config->grant_key, text, signature))
        return bad(why, "the grant is not signed by the servers' key");
    if (!grant_read(text, grant, reason))
        return bad(why, reason);
    if (memcmp(grant->book, config->book, sizeof grant->book) != 0 ||
        !sq_text_equal(grant->owner, config->name))
        return bad(why, "the grant is for another book or console");
    if (grant->issued > now + REPLICA_CLOCK_S * SQ_SECOND || grant->until < now)
        return bad(why, "the grant is not good at this time: look at both clocks");
    *again = store->ops->last_seq(store) < grant->seq;
    if (*again)
        return bad(why, "the journal has not come as far as the grant says");
    if (store->ops->last_seq(store) != grant->seq ||
        store->ops->turn_end(store, grant->seq, &end, hash) != SQ_ERR_OK ||
        memcmp(hash, grant->hash, sizeof hash) != 0)
        return bad(why, "the journal does not end in what the grant names: it was used already");
    return 0;
}

/* ---- owning it -------------------------------------------------------------------------------- */

/* Of a broken glass: no server that counts up by one gets there. */
static uint32_t next_epoch(const struct sq_book *book)
{
    uint32_t known = book->granted > book->epoch ? book->granted : book->epoch;
    return (known / SQ_GLASS_EPOCHS + 1) * SQ_GLASS_EPOCHS;
}

static void fill_take(const struct sq_book *book, const struct replica_taking *how,
                      struct sq_ownership *o)
{
    bool broken = how->taken == SQ_TAKEN_BREAK_GLASS;
    o->what = SQ_OWNERSHIP_TAKE;
    o->taken = (uint8_t)how->taken;
    o->epoch = broken ? next_epoch(book) : book->granted;
    o->out_reserved = broken ? book->out_reserved + REPLICA_OUT_BEGIN : 0;
    sq_text_cut(o->owner, sizeof o->owner, how->name);
    sq_text_cut(o->person, sizeof o->person, how->person);
    sq_text_cut(o->second, sizeof o->second, how->second);
    sq_text_cut(o->reason, sizeof o->reason, how->reason);
}

/* What the engine would refuse is refused here, so that it is not journalled behind a release. */
static const char *why_not(const struct sq_tables *t, const struct replica_taking *how)
{
    const struct sq_book *book = &t->book;
    uint32_t person = sq_find_person(t, how->person), second = sq_find_person(t, how->second);
    bool supervised = person != SQ_NO_ROW && t->person[person].role == SQ_ROLE_SUPERVISOR;
    if (!book->loaded)
        return "no day is loaded";
    if (person == SQ_NO_ROW || how->reason[0] == '\0')
        return "a person of the book and a reason are needed";
    if (how->taken == SQ_TAKEN_GRANTED)
        return book->owned || book->granted == 0 || !sq_text_equal(book->owner, how->name)
                   ? "the book was not released to this console"
                   : NULL;
    if (second == SQ_NO_ROW || second == person)
        return "a second person of the book is needed";
    supervised = supervised || t->person[second].role == SQ_ROLE_SUPERVISOR;
    return supervised ? NULL : "one of the two must be a supervisor";
}

enum sq_err replica_take(struct sq_host *host, const struct replica_taking *how, sq_time now,
                         char why[REPLICA_WHY])
{
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(host));
    struct sq_message message = {.kind = SQ_OWNERSHIP};
    const char *wrong = why_not(t, how);
    if (wrong == NULL && sq_host_follow(host) != SQ_ERR_OK)
        wrong = "the journal can only be looked at";
    if (wrong != NULL) {
        bad(why, wrong);
        return SQ_ERR_CONFLICT;
    }
    fill_take(&t->book, how, &message.as.ownership);
    sq_host_lead(host);
    sq_host_submit(host, &message);
    enum sq_err error = sq_host_run(host, now);
    if (error == SQ_ERR_OK && (!t->book.owned || t->book.epoch != message.as.ownership.epoch)) {
        sq_host_follow(host);
        error = SQ_ERR_CONFLICT;
    }
    if (error != SQ_ERR_OK)
        bad(why, error == SQ_ERR_CONFLICT ? "the book did not take it: see its events"
                                          : sq_strerror(error));
    return error;
}

/* ---- beginning and end ------------------------------------------------------------------------ */

static void due(void *owner)
{
    ask_place(owner);
}

struct replica *replica_create(const struct replica_config *config, char *why, size_t why_room)
{
    struct replica *r = calloc(1, sizeof *r);
    if (r == NULL) {
        snprintf(why, why_room, "no memory");
        return NULL;
    }
    r->config = *config;
    if (open_host(r, why, why_room) != 0) {
        replica_free(r);
        return NULL;
    }
    loop_timer_init(&r->timer, config->loop, due, r);
    return r;
}

void replica_stop(struct replica *r)
{
    loop_timer_stop(&r->timer);
}

void replica_free(struct replica *r)
{
    if (r == NULL)
        return;
    journal_turn_finish(&r->turn);
    journal_feed_finish(&r->feed);
    free(r->memory);
    free(r);
}

struct sq_host *replica_host(struct replica *r)
{
    return r->host;
}

void replica_status(const struct replica *r, struct replica_status *status)
{
    const struct sq_book *book = row(r);
    *status = (struct replica_status){
        .state = r->state, .seq = last_seq(r), .head = r->head, .asked = r->asked};
    if (book != NULL) {
        status->epoch = book->epoch;
        status->owned = book->owned;
        memcpy(status->owner, book->owner, sizeof status->owner);
    }
    snprintf(status->why, sizeof status->why, "%s", r->why);
}
