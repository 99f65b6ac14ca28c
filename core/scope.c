#include "core/scope.h"

#include "core/num.h"
#include "core/text.h"

static bool sees_all(const struct sq_person *p)
{
    return p->role == SQ_ROLE_SUPERVISOR || p->role == SQ_ROLE_AUDITOR;
}

bool sq_client_in_scope(const struct sq_tables *t, uint32_t person, uint32_t client)
{
    if (person >= t->person_count)
        return false;
    const struct sq_person *p = &t->person[person];
    if (p->role != SQ_ROLE_DEALER || client >= t->client_count)
        return sees_all(p);
    const struct sq_client *c = &t->client[client];
    return sq_text_equal(c->dealer, p->code) || sq_text_equal(c->backup_dealer, p->code) ||
           sq_text_equal(c->stand_in, p->code);
}

/* The code in a row or answer; a row by itself is aligned for its own struct only. */
static const char *client_code(enum sq_kind kind, const void *body)
{
    switch (kind) {
    case SQ_CLIENT: return ((const struct sq_client *)body)->code;
    case SQ_POSITION: return ((const struct sq_position *)body)->key.client;
    case SQ_ORDER: return ((const struct sq_order *)body)->key.client;
    case SQ_CLOSE: return ((const struct sq_close *)body)->key.client;
    case SQ_FILL: return ((const struct sq_fill *)body)->key.client;
    case SQ_ALARM: return ((const struct sq_alarm_event *)body)->key.client;
    case SQ_REFUSED: return ((const struct sq_refused *)body)->key.client;
    case SQ_SUPERVISED: return ((const struct sq_supervise *)body)->key.client;
    default: return NULL;
    }
}

uint32_t sq_client_of(const struct sq_tables *t, enum sq_kind kind, const void *body)
{
    const char *code = client_code(kind, body);
    return code ? sq_find_client(t, code) : SQ_NO_ROW;
}

static bool sees_refusal(const struct sq_person *p, const struct sq_refused *r)
{
    return sees_all(p) || sq_text_equal(r->person, p->code);
}

static bool sees_alarm(const struct sq_tables *t, uint32_t person, const struct sq_alarm_event *a)
{
    return a->key.client[0] == 0 || sq_client_in_scope(t, person, sq_find_client(t, a->key.client));
}

bool sq_may_see(const struct sq_tables *t, uint32_t person, enum sq_kind kind, const void *body)
{
    const union sq_body *b = body;
    if (person >= t->person_count)
        return false;
    switch (kind) {
    case SQ_CONFIG:
    case SQ_INTENT: return false;
    case SQ_REFUSED: return sees_refusal(&t->person[person], &b->refused);
    case SQ_ALARM: return sees_alarm(t, person, &b->alarm);
    case SQ_SUPERVISED:
        return b->supervise.key.client[0] == 0 ||
               sq_client_in_scope(t, person, sq_client_of(t, kind, body));
    case SQ_CLIENT:
    case SQ_POSITION:
    case SQ_ORDER:
    case SQ_CLOSE:
    case SQ_FILL: return sq_client_in_scope(t, person, sq_client_of(t, kind, body));
    default: return true;
    }
}
