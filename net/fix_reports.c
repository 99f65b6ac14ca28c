#include "net/fix_reports.h"

#include "core/num.h"

#include <string.h>

/* A message being read: the first fault stays, and later reads do nothing. */
struct reader {
    const struct fix_view *view;
    struct fix_fault *fault;
};

static void fail(struct reader *r, enum fix_reject reason, uint32_t tag, const char *text)
{
    if (r->fault->reason == FIX_REJECT_NONE)
        *r->fault = (struct fix_fault){reason, tag, text};
}

static bool good(const struct reader *r)
{
    return r->fault->reason == FIX_REJECT_NONE;
}

static struct reader begin(const struct fix_view *view, struct fix_fault *fault)
{
    *fault = (struct fix_fault){FIX_REJECT_NONE, 0, ""};
    return (struct reader){view, fault};
}

/* The field, or NULL; a fault when it must be there and is not. */
static const struct fix_field *field(struct reader *r, uint32_t tag, bool required)
{
    const struct fix_field *f = fix_get(r->view, tag);
    if (f == NULL && required)
        fail(r, FIX_REJECT_REQUIRED_MISSING, tag, "required tag missing");
    return f;
}

/* ---- values -------------------------------------------------------------------------------- */

void fix_clean_text(const char *text, size_t length, char *out, size_t room)
{
    size_t n = length < room - 1 ? length : room - 1;
    memset(out, 0, room);
    for (size_t i = 0; i < n; i++)
        out[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
}

static void take_text(struct reader *r, uint32_t tag, char *out, size_t room)
{
    const struct fix_field *f = fix_get(r->view, tag);
    if (f != NULL)
        fix_clean_text(f->value, f->length, out, room);
}

static bool is_printable(const struct fix_field *f)
{
    for (uint32_t i = 0; i < f->length; i++)
        if (f->value[i] <= ' ' || f->value[i] > '~')
            return false;
    return true;
}

/* An id is kept whole or not at all. */
static void take_id(struct reader *r, uint32_t tag, bool required, char *out, size_t room)
{
    const struct fix_field *f = field(r, tag, required);
    if (f == NULL)
        return;
    if (f->length >= room || !is_printable(f))
        fail(r, FIX_REJECT_VALUE, tag, "id too long or not printable");
    else
        memcpy(out, f->value, f->length);
}

static void take_quantity(struct reader *r, uint32_t tag, bool required, sq_quantity *out)
{
    const struct fix_field *f = field(r, tag, required);
    if (f != NULL && (fix_qty(f, out) != FIX_VALUE || *out < 0 || *out > SQ_INTEGER_MAX))
        fail(r, FIX_REJECT_VALUE, tag, "quantity out of range");
}

static void take_price(struct reader *r, uint32_t tag, bool required, unsigned decimals,
                       sq_price *out)
{
    const struct fix_field *f = field(r, tag, required);
    if (f != NULL &&
        (fix_price(f, (int)decimals, out) != FIX_VALUE || *out < 0 || *out > SQ_INTEGER_MAX))
        fail(r, FIX_REJECT_VALUE, tag, "price out of range or off this contract's unit");
}

static void take_time(struct reader *r, uint32_t tag, sq_time *out)
{
    const struct fix_field *f = fix_get(r->view, tag);
    if (f != NULL && (fix_utc_time(f, out) != FIX_VALUE || *out < 0))
        fail(r, FIX_REJECT_FORMAT, tag, "no UTC time");
}

/* One character, 0 when absent. */
static char take_char(struct reader *r, uint32_t tag, bool required)
{
    const struct fix_field *f = field(r, tag, required);
    char c = 0;
    if (f != NULL && (fix_char(f, &c) != FIX_VALUE || c == 0))
        fail(r, FIX_REJECT_FORMAT, tag, "not one character");
    return c;
}

static int64_t take_int(struct reader *r, uint32_t tag, int64_t absent)
{
    const struct fix_field *f = fix_get(r->view, tag);
    int64_t value = absent;
    if (f != NULL && fix_int(f, &value) != FIX_VALUE)
        fail(r, FIX_REJECT_FORMAT, tag, "no integer");
    return value;
}

/* ---- FIX values and ours -------------------------------------------------------------------- */

struct code {
    char fix;
    uint8_t ours;
};
static const struct code exec_types[] = {
#define X(tail, name, fix) {(char)(fix), SQ_EXEC_##tail},
    SQ_EXEC_TYPE_MAP(X)
#undef X
};
/*
 * OrdStatus(39). States in which the order still may trade are ACKED here, and PARTIAL once some
 * of it has; a pending new one is not accepted yet. Done for the day ends a DAY order.
 */
static const struct code states[] = {
    {'0', SQ_ORDER_ACKED},   {'1', SQ_ORDER_PARTIAL},   {'2', SQ_ORDER_FILLED},
    {'3', SQ_ORDER_EXPIRED}, {'4', SQ_ORDER_CANCELLED}, {'5', SQ_ORDER_ACKED},
    {'6', SQ_ORDER_ACKED},   {'7', SQ_ORDER_ACKED},     {'8', SQ_ORDER_REJECTED},
    {'9', SQ_ORDER_ACKED},   {'A', SQ_ORDER_SENT},      {'B', SQ_ORDER_NONE},
    {'C', SQ_ORDER_EXPIRED}, {'D', SQ_ORDER_ACKED},     {'E', SQ_ORDER_ACKED},
};
static const struct code sides[] = {{'1', SQ_SIDE_BUY}, {'2', SQ_SIDE_SELL}};
static const struct code types[] = {{'1', SQ_ORDER_TYPE_MARKET},
                                    {'2', SQ_ORDER_TYPE_LIMIT},
                                    {'3', SQ_ORDER_TYPE_SLM},
                                    {'4', SQ_ORDER_TYPE_SL}};

static uint8_t take_code(struct reader *r, uint32_t tag, bool required, const struct code *codes,
                         size_t count)
{
    char c = take_char(r, tag, required);
    if (c == 0)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (codes[i].fix == c)
            return codes[i].ours;
    fail(r, FIX_REJECT_VALUE, tag, "value is not in the list");
    return 0;
}
#define TAKE_CODE(r, tag, required, codes) \
    take_code((r), (tag), (required), (codes), sizeof(codes) / sizeof *(codes))

/* ---- whose order, in what ------------------------------------------------------------------- */

static const struct sq_order *known_order(const struct sq_tables *t, const struct sq_report *out)
{
    uint32_t row = SQ_NO_ROW;
    if (out->clord[0] != '\0')
        row = sq_find_clord(t, out->clord);
    if (row == SQ_NO_ROW && out->orig_clord[0] != '\0')
        row = sq_find_clord(t, out->orig_clord);
    return row == SQ_NO_ROW ? NULL : &t->order[row];
}

/* 207 and 48 name the contract together; without both it is the known order's. */
static void take_contract(struct reader *r, struct sq_key *key)
{
    char name[SQ_CLIENT_SIZE] = "";
    if (fix_get(r->view, FIX_SECURITY_EXCHANGE) == NULL && key->token != 0)
        return;
    take_id(r, FIX_SECURITY_EXCHANGE, true, name, sizeof name);
    int exchange = sq_named(SQ_LIST_EXCHANGE, name);
    if (exchange <= SQ_EXCHANGE_NONE)
        fail(r, FIX_REJECT_VALUE, FIX_SECURITY_EXCHANGE, "no segment of ours");
    field(r, FIX_SECURITY_ID, true);
    int64_t token = take_int(r, FIX_SECURITY_ID, 0);
    if (token <= 0 || token > UINT32_MAX)
        fail(r, FIX_REJECT_VALUE, FIX_SECURITY_ID, "no token");
    if (!good(r))
        return;
    key->exchange = (uint8_t)exchange;
    key->token = (uint32_t)token;
}

/* Account(1) is the exchange's name of a client; an account that nobody has stays as it is. */
static void take_client(struct reader *r, const struct sq_tables *t, struct sq_key *key)
{
    char account[SQ_CLIENT_SIZE] = "";
    take_id(r, FIX_ACCOUNT, key->client[0] == '\0', account, sizeof account);
    if (account[0] == '\0')
        return;
    uint32_t row = key->client[0] == '\0' ? SQ_NO_ROW : sq_find_client(t, key->client);
    if (row != SQ_NO_ROW && strcmp(t->client[row].exch_account, account) == 0)
        return;
    memcpy(key->client, account, sizeof key->client);
    for (row = 0; row < t->client_count; row++)
        if (strcmp(t->client[row].exch_account, account) == 0)
            memcpy(key->client, t->client[row].code, sizeof key->client);
}

static void take_product(struct reader *r, struct sq_key *key)
{
    char name[SQ_CLIENT_SIZE] = "";
    take_id(r, FIX_PRODUCT_CODE, false, name, sizeof name);
    int product = name[0] == '\0' ? key->product : sq_named(SQ_LIST_PRODUCT, name);
    if (product < 0)
        fail(r, FIX_REJECT_VALUE, FIX_PRODUCT_CODE, "no product of ours");
    else
        key->product = (uint8_t)product;
}

/* Currency is quoted in 1/10000 rupee; what is loaded says so itself. */
static unsigned decimals_of(const struct sq_tables *t, const struct sq_key *key)
{
    uint32_t row = sq_find_instrument(t, key->exchange, key->token);
    if (row != SQ_NO_ROW)
        return t->instrument[row].price_decimals;
    return key->exchange == SQ_EXCHANGE_CDS || key->exchange == SQ_EXCHANGE_BCD ? 4 : 2;
}

static void take_key(struct reader *r, const struct sq_tables *t, const struct sq_order *order,
                     struct sq_report *out)
{
    if (order != NULL)
        out->key = order->key;
    take_contract(r, &out->key);
    take_client(r, t, &out->key);
    take_product(r, &out->key);
}

/* ---- ExecutionReport ------------------------------------------------------------------------ */

static void take_names(struct reader *r, struct sq_report *out)
{
    take_id(r, FIX_CL_ORD_ID, false, out->clord, sizeof out->clord);
    take_id(r, FIX_ORIG_CL_ORD_ID, false, out->orig_clord, sizeof out->orig_clord);
    take_id(r, FIX_ORDER_ID, true, out->exch_no, sizeof out->exch_no);
    take_id(r, FIX_EXEC_ID, true, out->exec_id, sizeof out->exec_id);
    take_text(r, FIX_TEXT, out->text, sizeof out->text);
    take_time(r, FIX_TRANSACT_TIME, &out->time);
}

static void take_states(struct reader *r, const struct sq_order *order, struct sq_report *out)
{
    out->exec_type = TAKE_CODE(r, FIX_EXEC_TYPE, true, exec_types);
    out->order_state = TAKE_CODE(r, FIX_ORD_STATUS, true, states);
    bool side_known = order != NULL;
    out->side = TAKE_CODE(r, FIX_SIDE, !side_known, sides);
    if (out->side == SQ_SIDE_NONE && side_known)
        out->side = order->side;
    out->type = fix_get(r->view, FIX_ORD_TYPE) != NULL ? TAKE_CODE(r, FIX_ORD_TYPE, true, types)
                : order != NULL                        ? order->type
                                                       : SQ_ORDER_TYPE_LIMIT;
}

static bool moves_quantity(const struct sq_report *out)
{
    return out->exec_type == SQ_EXEC_TRADE || out->exec_type == SQ_EXEC_TRADE_CORRECT;
}

static void take_amounts(struct reader *r, unsigned decimals, struct sq_report *out)
{
    bool trade = moves_quantity(out);
    take_quantity(r, FIX_ORDER_QTY, false, &out->qty);
    take_quantity(r, FIX_CUM_QTY, true, &out->cum);
    take_quantity(r, FIX_LEAVES_QTY, true, &out->leaves);
    take_quantity(r, FIX_LAST_QTY, trade, &out->last_qty);
    take_price(r, FIX_LAST_PX, trade, decimals, &out->last_price);
    take_price(r, FIX_PRICE, false, decimals, &out->limit);
    if (good(r) && trade && (out->last_qty == 0 || out->last_price == 0))
        fail(r, FIX_REJECT_VALUE, FIX_LAST_QTY, "trade of nothing");
}

/* A bust and a correction say which execution they mean: FIX 4.4 volume 4, ExecRefID(19). */
static void take_reference(struct reader *r, struct sq_report *out)
{
    bool needed = out->exec_type == SQ_EXEC_TRADE_CANCEL || out->exec_type == SQ_EXEC_TRADE_CORRECT;
    take_id(r, FIX_EXEC_REF_ID, needed, out->ref_exec_id, sizeof out->ref_exec_id);
}

static bool is_unknown_order(struct reader *r, const struct sq_report *out)
{
    return out->exec_type == SQ_EXEC_STATUS && out->order_state == SQ_ORDER_REJECTED &&
           take_int(r, FIX_ORD_REJ_REASON, -1) == 5;
}

/* What an order's state is once some of it has traded, and of a "calculated" one. */
static void settle_state(struct sq_report *out)
{
    if (out->order_state == SQ_ORDER_ACKED && out->cum > 0)
        out->order_state = SQ_ORDER_PARTIAL;
    if (out->order_state == SQ_ORDER_NONE && out->leaves == 0)
        out->order_state =
            out->qty > 0 && out->cum >= out->qty ? SQ_ORDER_FILLED : SQ_ORDER_EXPIRED;
}

bool fix_report_read(const struct fix_view *view, const struct fix_reading *reading,
                     struct sq_report *out, struct fix_fault *fault)
{
    struct reader r = begin(view, fault);
    memset(out, 0, sizeof *out);
    out->conn = reading->conn;
    out->fix_seq = reading->fix_seq;
    take_names(&r, out);
    const struct sq_order *order = known_order(reading->tables, out);
    take_states(&r, order, out);
    out->unknown_order = is_unknown_order(&r, out);
    out->proven = out->unknown_order && reading->proven; /* of nothing else is it asked */
    take_key(&r, reading->tables, order, out);
    take_amounts(&r, decimals_of(reading->tables, &out->key), out);
    take_reference(&r, out);
    settle_state(out);
    return good(&r);
}

static bool says(const struct fix_view *view, uint32_t tag)
{
    bool yes = false;
    return fix_bool(fix_get(view, tag), &yes) == FIX_VALUE && yes;
}

struct fix_mass_answer fix_mass_answer_read(const struct fix_view *view, const char *id)
{
    struct fix_mass_answer answer = {0};
    int64_t total = 0;
    answer.ours = id[0] != '\0' && fix_equals(fix_get(view, FIX_MASS_STATUS_REQ_ID), id);
    if (!answer.ours)
        return answer;
    bool counted = fix_int(fix_get(view, FIX_TOT_NUM_REPORTS), &total) == FIX_VALUE;
    answer.none = fix_equals(fix_get(view, FIX_ORD_STATUS), "8") &&
                  (fix_equals(fix_get(view, FIX_ORD_REJ_REASON), "5") || (counted && total == 0));
    answer.last = answer.none || says(view, FIX_LAST_RPT_REQUESTED);
    if (counted && total > 0 && total <= UINT32_MAX)
        answer.total = (uint32_t)total;
    return answer;
}

/* ---- refusals of what we sent --------------------------------------------------------------- */

bool fix_cancel_reject_read(const struct fix_view *view, const struct fix_reading *reading,
                            struct sq_cancel_reject *out, struct fix_fault *fault)
{
    struct reader r = begin(view, fault);
    memset(out, 0, sizeof *out);
    out->conn = reading->conn;
    out->fix_seq = reading->fix_seq;
    take_id(&r, FIX_CL_ORD_ID, true, out->clord, sizeof out->clord);
    take_id(&r, FIX_ORIG_CL_ORD_ID, true, out->orig_clord, sizeof out->orig_clord);
    take_text(&r, FIX_TEXT, out->text, sizeof out->text);
    int64_t reason = take_int(&r, FIX_CXL_REJ_REASON, -1); /* FIX 4.4 volume 4, CxlRejReason */
    out->too_late = reason == 0;
    out->unknown_order = reason == 1;
    return good(&r);
}

/* A venue that does not say RefSeqNum(45) may still name the order in BusinessRejectRefID(379). */
static uint64_t number_of(const struct sq_tables *t, const struct fix_view *view)
{
    char clord[SQ_CLORD_SIZE] = "";
    if (fix_text(fix_get(view, FIX_BUSINESS_REJECT_REF_ID), clord, sizeof clord) != FIX_VALUE)
        return 0;
    uint32_t row = sq_find_clord(t, clord);
    return row == SQ_NO_ROW || strcmp(t->order[row].clord, clord) != 0 ? 0 : t->order[row].fix_seq;
}

bool fix_business_reject_read(const struct fix_view *view, const struct fix_reading *reading,
                              struct sq_message_reject *out, struct fix_fault *fault)
{
    struct reader r = begin(view, fault);
    memset(out, 0, sizeof *out);
    out->conn = reading->conn;
    out->fix_seq = reading->fix_seq;
    out->business = 1;
    int64_t number = take_int(&r, FIX_REF_SEQ_NUM, 0);
    out->ref_seq = number > 0 ? (uint64_t)number : number_of(reading->tables, view);
    take_text(&r, FIX_TEXT, out->text, sizeof out->text);
    if (good(&r) && out->ref_seq == 0)
        fail(&r, FIX_REJECT_REQUIRED_MISSING, FIX_REF_SEQ_NUM, "refuses nothing that we know");
    return good(&r);
}
