#include "net/fix_orders.h"

#include "core/types.h"

enum {
    HANDL_INST = 21, /* HandlInst: optional in FIX 4.4, asked for by many venues */
};

/* Instrument component block, and the side: the same in all messages about one order. */
static void put_contract(struct fix_writer *w, const struct sq_request_order *r)
{
    fix_put_text(w, FIX_SYMBOL, r->symbol);
    fix_put_int(w, FIX_SECURITY_ID, r->key.token);
    fix_put_char(w, FIX_SECURITY_ID_SOURCE, '8');
    fix_put_text(w, FIX_SECURITY_EXCHANGE, sq_name(SQ_LIST_EXCHANGE, r->key.exchange));
    fix_put_char(w, FIX_SIDE, (char)('0' + r->side));
}

static void put_order_id(struct fix_writer *w, const struct sq_request_order *r)
{
    if (r->exch_no[0] != '\0')
        fix_put_text(w, FIX_ORDER_ID, r->exch_no);
}

/* An order that came with no ClOrdID is named by its OrderID(37); the field is required. */
static void put_name(struct fix_writer *w, uint32_t tag, const char *clord)
{
    fix_put_text(w, tag, clord[0] != '\0' ? clord : "NONE");
}

static void put_product(struct fix_writer *w, const struct sq_request_order *r)
{
    if (r->key.product != SQ_PRODUCT_UNKNOWN)
        fix_put_text(w, FIX_PRODUCT_CODE, sq_name(SQ_LIST_PRODUCT, r->key.product));
}

static void put_new(struct fix_writer *w, const struct sq_request_order *r, int64_t now_us)
{
    fix_put_text(w, FIX_CL_ORD_ID, r->clord);
    fix_put_text(w, FIX_ACCOUNT, r->account);
    fix_put_char(w, HANDL_INST, '1'); /* automated, no broker in between */
    put_contract(w, r);
    fix_put_time(w, FIX_TRANSACT_TIME, now_us);
    fix_put_int(w, FIX_ORDER_QTY, r->qty);
    fix_put_char(w, FIX_ORD_TYPE, '2');
    fix_put_price(w, FIX_PRICE, r->limit, r->price_decimals);
    fix_put_char(w, FIX_TIME_IN_FORCE, '0');
    put_product(w, r);
}

static void put_cancel(struct fix_writer *w, const struct sq_request_order *r, int64_t now_us)
{
    put_name(w, FIX_ORIG_CL_ORD_ID, r->orig_clord);
    put_order_id(w, r);
    fix_put_text(w, FIX_CL_ORD_ID, r->clord);
    fix_put_text(w, FIX_ACCOUNT, r->account);
    put_contract(w, r);
    fix_put_time(w, FIX_TRANSACT_TIME, now_us);
    fix_put_int(w, FIX_ORDER_QTY, r->qty);
    put_product(w, r);
}

/* The question names the order by its own ClOrdID(11), not by OrigClOrdID. */
static void put_status(struct fix_writer *w, const struct sq_request_order *r, int64_t now_us)
{
    (void)now_us;
    put_order_id(w, r);
    put_name(w, FIX_CL_ORD_ID, r->orig_clord);
    fix_put_text(w, FIX_ACCOUNT, r->account);
    put_contract(w, r);
}

static void put_mass_status(struct fix_writer *w, const struct sq_request_order *r, int64_t now_us)
{
    (void)now_us;
    fix_put_text(w, FIX_MASS_STATUS_REQ_ID, r->clord);
    fix_put_char(w, FIX_MASS_STATUS_REQ_TYPE, '7');
}

static const struct form {
    uint16_t kind;
    const char *type; /* MsgType(35) */
    void (*put)(struct fix_writer *w, const struct sq_request_order *r, int64_t now_us);
} forms[] = {
    {SQ_REQUEST_NEW, "D", put_new},
    {SQ_REQUEST_CANCEL, "F", put_cancel},
    {SQ_REQUEST_STATUS, "H", put_status},
    {SQ_REQUEST_MASS_STATUS, "AF", put_mass_status},
};

static const struct form *form_of(enum sq_kind kind)
{
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].kind == kind)
            return &forms[i];
    return NULL;
}

bool fix_orders_knows(enum sq_kind kind)
{
    return form_of(kind) != NULL;
}

enum fix_send fix_orders_send(struct fix_session *session, int64_t now_us, enum sq_kind kind,
                              const struct sq_request_order *request, uint32_t *number)
{
    const struct form *form = form_of(kind);
    if (form == NULL)
        return FIX_MALFORMED;
    struct fix_writer *w;
    enum fix_send result = fix_session_begin(session, now_us, form->type, &w);
    if (result != FIX_SENT)
        return result;
    form->put(w, request, now_us);
    return fix_session_send(session, number);
}
