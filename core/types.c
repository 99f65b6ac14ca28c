/* types.c: the enumerations by name, from the lists that define them. */
#include "core/types.h"

#include <string.h>

#include "core/record.h"

#define X(tail, text, ...) text,
static const char *const exchange_names[] = {SQ_EXCHANGE_MAP(X)};
static const char *const product_names[] = {SQ_PRODUCT_MAP(X)};
static const char *const side_names[] = {SQ_SIDE_MAP(X)};
static const char *const contract_names[] = {SQ_CONTRACT_MAP(X)};
static const char *const role_names[] = {SQ_ROLE_MAP(X)};
static const char *const policy_names[] = {SQ_POLICY_MAP(X)};
static const char *const control_names[] = {SQ_CONTROL_MAP(X)};
static const char *const link_names[] = {SQ_LINK_MAP(X)};
static const char *const source_names[] = {SQ_SOURCE_MAP(X)};
static const char *const order_state_names[] = {SQ_ORDER_STATE_MAP(X)};
static const char *const cancel_state_names[] = {SQ_CANCEL_STATE_MAP(X)};
static const char *const origin_names[] = {SQ_ORIGIN_MAP(X)};
static const char *const order_type_names[] = {SQ_ORDER_TYPE_MAP(X)};
static const char *const close_state_names[] = {SQ_CLOSE_STATE_MAP(X)};
static const char *const residue_names[] = {SQ_RESIDUE_MAP(X)};
static const char *const verdict_names[] = {SQ_VERDICT_MAP(X)};
static const char *const refusal_names[] = {SQ_REFUSAL_MAP(X)};
static const char *const alarm_names[] = {SQ_ALARM_MAP(X)};
static const char *const exec_type_names[] = {SQ_EXEC_TYPE_MAP(X)};
static const char *const supervise_names[] = {SQ_SUPERVISE_MAP(X)};
static const char *const ownership_names[] = {SQ_OWNERSHIP_MAP(X)};
static const char *const taken_names[] = {SQ_TAKEN_MAP(X)};
#undef X
#define X(tail, verdict, text, way_out) text,
static const char *const guard_names[] = {SQ_GUARD_MAP(X)};
#undef X
#define X(tail, verdict, text, way_out) way_out,
static const char *const guard_ways_out[] = {SQ_GUARD_MAP(X)};
#undef X
#define X(tail, verdict, text, way_out) SQ_VERDICT_##verdict,
static const uint8_t guard_verdicts[] = {SQ_GUARD_MAP(X)};
#undef X

#define LIST(names)                         \
    {                                       \
        names, sizeof names / sizeof *names \
    }
static const struct {
    const char *const *names;
    unsigned count;
} lists[] = {
    [SQ_LIST_EXCHANGE] = LIST(exchange_names),
    [SQ_LIST_PRODUCT] = LIST(product_names),
    [SQ_LIST_SIDE] = LIST(side_names),
    [SQ_LIST_CONTRACT] = LIST(contract_names),
    [SQ_LIST_ROLE] = LIST(role_names),
    [SQ_LIST_POLICY] = LIST(policy_names),
    [SQ_LIST_CONTROL] = LIST(control_names),
    [SQ_LIST_LINK] = LIST(link_names),
    [SQ_LIST_SOURCE] = LIST(source_names),
    [SQ_LIST_ORDER_STATE] = LIST(order_state_names),
    [SQ_LIST_CANCEL_STATE] = LIST(cancel_state_names),
    [SQ_LIST_ORIGIN] = LIST(origin_names),
    [SQ_LIST_ORDER_TYPE] = LIST(order_type_names),
    [SQ_LIST_CLOSE_STATE] = LIST(close_state_names),
    [SQ_LIST_RESIDUE] = LIST(residue_names),
    [SQ_LIST_VERDICT] = LIST(verdict_names),
    [SQ_LIST_GUARD] = LIST(guard_names),
    [SQ_LIST_REFUSAL] = LIST(refusal_names),
    [SQ_LIST_ALARM] = LIST(alarm_names),
    [SQ_LIST_EXEC_TYPE] = LIST(exec_type_names),
    [SQ_LIST_SUPERVISE] = LIST(supervise_names),
    [SQ_LIST_OWNERSHIP] = LIST(ownership_names),
    [SQ_LIST_TAKEN] = LIST(taken_names),
};
_Static_assert(sizeof lists / sizeof *lists == SQ_LIST_LIST_COUNT, "a list has no names");
_Static_assert(SQ_GUARD_COUNT <= 64, "guards are kept as bits of 64");

const char *sq_name(enum sq_list list, unsigned value)
{
    return value < sq_list_count(list) ? lists[list].names[value] : "?";
}

int sq_named(enum sq_list list, const char *name)
{
    for (unsigned i = 0; i < sq_list_count(list); i++)
        if (strcmp(lists[list].names[i], name) == 0)
            return (int)i;
    return -1;
}

unsigned sq_list_count(enum sq_list list)
{
    return (unsigned)list < SQ_LIST_LIST_COUNT ? lists[list].count : 0;
}

/* A guard that nobody defined stops: the safe side. */
enum sq_verdict sq_guard_verdict(enum sq_guard guard)
{
    return (unsigned)guard < SQ_GUARD_COUNT ? guard_verdicts[guard] : SQ_VERDICT_STOP;
}

const char *sq_guard_way_out(enum sq_guard guard)
{
    return (unsigned)guard < SQ_GUARD_COUNT ? guard_ways_out[guard] : "";
}

bool sq_key_equal(const struct sq_key *a, const struct sq_key *b)
{
    return a->token == b->token && a->exchange == b->exchange && a->product == b->product &&
           memcmp(a->client, b->client, sizeof a->client) == 0;
}

bool sq_id_is_zero(struct sq_id id)
{
    return (id.high | id.low) == 0;
}

bool sq_order_state_is_terminal(enum sq_order_state state)
{
    return state >= SQ_ORDER_FILLED;
}

bool sq_close_state_is_ended(enum sq_close_state state)
{
    return state >= SQ_CLOSE_DONE;
}

enum sq_side sq_opposite(enum sq_side side)
{
    static const uint8_t opposite[SQ_SIDE_COUNT] = {
        [SQ_SIDE_BUY] = SQ_SIDE_SELL,
        [SQ_SIDE_SELL] = SQ_SIDE_BUY,
    };
    return (unsigned)side < SQ_SIDE_COUNT ? opposite[side] : SQ_SIDE_NONE;
}

int sq_side_sign(enum sq_side side)
{
    return side == SQ_SIDE_SELL ? -1 : 1;
}
