/* Requests about who owns a book: a replica's journal, its hand-over and its return. */
#include <string.h>

#include "net/server_parts.h"

/* The book's hand-over, when this user may hold a replica of it; else the answer is given. */
static struct handover *handover_for(struct connection *c, struct wire_request *request)
{
    struct subscriber *s = server_opened(c, request);
    if (s == NULL)
        return NULL;
    if (s->book->handover != NULL && handover_is_replica(s->book->handover, c->user.name))
        return s->book->handover;
    answer_error(c, request, WIRE_ERROR_ROLE,
                 "the server's file does not name this user in `replicas` of the book");
    return NULL;
}

/* Is what the replica holds the beginning of our journal? */
static bool is_ours(struct sq_store *store, const struct wire_request *request)
{
    uint8_t theirs[SQ_HASH_SIZE], ours[SQ_HASH_SIZE];
    uint64_t after = (uint64_t)request->after, end = 0;
    if (after == 0)
        return true;
    return journal_hash_read(request->hash, theirs) &&
           store->ops->turn_end(store, after, &end, ours) == SQ_ERR_OK && end == after &&
           memcmp(ours, theirs, sizeof ours) == 0;
}

void server_do_replicate(struct connection *c, struct wire_request *request)
{
    struct handover *h = handover_for(c, request);
    struct subscriber *s = h != NULL ? server_opened(c, request) : NULL;
    struct wire_out out;
    if (s == NULL)
        return;
    if (!served_may_read(s->book)) {
        answer_error(c, request, WIRE_ERROR_BUSY, "a turn is being committed: ask again");
        return;
    }
    if (!is_ours(s->book->store, request)) {
        answer_error(c, request, WIRE_ERROR_PARTED,
                     "the replica's journal is not the beginning of this one");
        return;
    }
    if (served_replicate(s, (uint64_t)request->after) != 0) {
        answer_error(c, request, WIRE_ERROR_BUSY, "no memory");
        return;
    }
    answer_begin(c, &out, request->id);
    wire_member_integer(&out, "seq", (int64_t)s->book->seq);
    answer_end(c, &out, WIRE_DO_REPLICATE);
}

void server_do_hand_over(struct connection *c, struct wire_request *request)
{
    struct handover *h = handover_for(c, request);
    if (h != NULL)
        handover_begin(h, c, request->id, request->owner, c->user.name, request->reason);
}

void server_do_return(struct connection *c, struct wire_request *request)
{
    struct handover *h = handover_for(c, request);
    struct wire_out out;
    uint64_t seq = 0;
    if (h == NULL)
        return;
    if (c->role != SQ_ROLE_SUPERVISOR) {
        answer_error(c, request, WIRE_ERROR_ROLE, "a supervisor brings a book back");
        return;
    }
    const char *why = handover_rows(h, c, request->log, &seq);
    if (why != NULL) {
        answer_error(c, request, h->parted ? WIRE_ERROR_PARTED : WIRE_ERROR_STATE, why);
        return;
    }
    if (request->done == 1) {
        handover_take(h, c, request->id, c->user.name);
        return;
    }
    answer_begin(c, &out, request->id);
    wire_member_integer(&out, "seq", (int64_t)seq);
    answer_end(c, &out, WIRE_DO_RETURN);
}

void server_handed_over(const struct handover_answer *answer)
{
    struct connection *c = answer->console;
    enum wire_do what = answer->returned ? WIRE_DO_RETURN : WIRE_DO_HAND_OVER;
    struct wire_request request = {.id = answer->id, .what = what};
    struct wire_out out;
    if (answer->why[0] != '\0') {
        answer_error(c, &request, WIRE_ERROR_STATE, answer->why);
        return;
    }
    answer_begin(c, &out, answer->id);
    if (answer->returned) {
        wire_member_text(&out, "owner", c->server->config.name);
    } else {
        wire_member_text(&out, "grant", answer->grant);
        wire_member_text(&out, "signature", answer->signature);
    }
    answer_end(c, &out, what);
}
