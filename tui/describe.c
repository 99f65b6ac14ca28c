/* Events in plain words. */
#include "tui/describe.h"

#include <stdio.h>
#include <string.h>

#include "tui/book.h"
#include "tui/preview.h"
#include "tui/print.h"
#include "tui/tui.h"

static const struct sq_instrument *instrument_of(const struct tui *tui, const struct sq_key *key)
{
    const struct sq_tables *t = tui_tables(tui);
    uint32_t row = sq_find_instrument(t, (enum sq_exchange)key->exchange, key->token);

    return row == SQ_NO_ROW ? NULL : &t->instrument[row];
}

static void what_of(const struct tui *tui, const struct sq_key *key, char *text, size_t size)
{
    const struct sq_instrument *i = instrument_of(tui, key);
    char label[SQ_LABEL_SIZE] = "";

    if (i)
        sq_label(i, label);
    snprintf(text, size, "%s %s", key->client, label);
}

static unsigned decimals_of(const struct tui *tui, const struct sq_key *key)
{
    const struct sq_instrument *i = instrument_of(tui, key);

    return i ? i->price_decimals : 2;
}

const char *describe_quantity(const struct tui *tui, const struct sq_key *key, sq_quantity quantity,
                              char *text)
{
    return book_quantity(instrument_of(tui, key), quantity, false, text);
}

static void say_order(const struct tui *tui, const struct sq_message *event, char *text,
                      size_t size)
{
    const struct sq_order *o = &event->as.order;
    char what[96], id[SQ_LABEL_SIZE], limit[PRINT_SIZE], qty[PRINT_SIZE], cum[PRINT_SIZE];
    struct cell state = {.text = ""};

    what_of(tui, &o->key, what, sizeof what);
    sq_order_label(o, id);
    print_price(o->limit, decimals_of(tui, &o->key), limit);
    book_order_state(o, &state);
    describe_quantity(tui, &o->key, o->qty, qty);
    describe_quantity(tui, &o->key, o->cum, cum);
    snprintf(text, size, "%s %s  %s %s %s/%s LIMIT %s  %s", id, state.text, what,
             sq_name(SQ_LIST_SIDE, o->side), cum, qty, limit, o->text);
}

static void say_close(const struct tui *tui, const struct sq_message *event, char *text,
                      size_t size)
{
    const struct sq_close *c = &event->as.close;
    /* Whose words the reason is: after another end they are the exchange's. */
    bool refused = c->approver[0] && c->residue == SQ_RESIDUE_NOT_APPROVED;
    char what[96], guards[128], filled[PRINT_SIZE], planned[PRINT_SIZE];

    what_of(tui, &c->key, what, sizeof what);
    preview_guards(c->guards, guards, sizeof guards);
    describe_quantity(tui, &c->key, c->filled, filled);
    describe_quantity(tui, &c->key, c->planned, planned);
    snprintf(text, size, "%s %s %s %s/%s by %s%s%s%s%s%s%s%s%s%s%s", what,
             sq_name(SQ_LIST_CLOSE_STATE, c->state), sq_name(SQ_LIST_SIDE, c->side), filled,
             planned, c->dealer, c->call_ref[0] ? " call " : "", c->call_ref,
             c->approver[0] ? ", decided by " : "", c->approver, refused ? ": " : "",
             refused ? c->reason : "", c->guards ? "  confirmed: " : "", guards,
             c->residue ? "  left: " : "", c->residue ? sq_name(SQ_LIST_RESIDUE, c->residue) : "");
}

static void say_fill(const struct tui *tui, const struct sq_message *event, char *text, size_t size)
{
    const struct sq_fill *f = &event->as.fill;
    char what[96], price[PRINT_SIZE], qty[PRINT_SIZE];

    what_of(tui, &f->key, what, sizeof what);
    print_price(f->price, decimals_of(tui, &f->key), price);
    describe_quantity(tui, &f->key, f->qty, qty);
    snprintf(text, size, "%s %s %s @ %s  %s%s%s%s", what, sq_name(SQ_LIST_SIDE, f->side), qty,
             price, f->exec_id, f->busted ? "  BUSTED" : "", f->manual ? "  MANUAL by " : "",
             f->person);
}

static void say_refused(const struct tui *tui, const struct sq_message *event, char *text,
                        size_t size)
{
    const struct sq_refused *r = &event->as.refused;
    char what[96];

    what_of(tui, &r->key, what, sizeof what);
    snprintf(text, size, "%s refused on %s: %s  by %s",
             r->command < SQ_KIND_COUNT && r->command > SQ_KIND_NONE
                 ? sq_kind_info((enum sq_kind)r->command)->name
                 : "?",
             what,
             r->refusal == SQ_REFUSAL_GUARD ? sq_name(SQ_LIST_GUARD, r->guard)
                                            : sq_name(SQ_LIST_REFUSAL, r->refusal),
             r->person);
}

static void say_alarm(const struct tui *tui, const struct sq_message *event, char *text,
                      size_t size)
{
    const struct sq_alarm_event *a = &event->as.alarm;
    char what[96];

    what_of(tui, &a->key, what, sizeof what);
    snprintf(text, size, "%s: %s %s", sq_name(SQ_LIST_ALARM, a->alarm), what, a->text);
}

/* ""; or where a loss of data at the exchange stands, and whose word it was. */
static void say_loss(const struct sq_book *b, char *text, size_t size)
{
    *text = '\0';
    if (b->lost && b->loss_person[0] == 0)
        snprintf(text, size, "  EXCHANGE LOST DATA");
    else if (b->lost_at != 0)
        snprintf(text, size, "  exchange's loss: %s%s%s, from %llu, expects %llu, orders %s: %s",
                 b->loss_person, b->lost ? " asks" : " and ", b->lost ? "" : b->loss_second,
                 (unsigned long long)b->loss_in, (unsigned long long)b->loss_out,
                 b->loss_kept ? "kept" : "lost", b->loss_reason);
}

static void say_book(const struct tui *tui, const struct sq_message *event, char *text, size_t size)
{
    const struct sq_book *b = &event->as.book;
    char loss[200];

    (void)tui;
    say_loss(b, loss, sizeof loss);
    snprintf(text, size, "%s%s%s%s %s  order link %s  connection %u%s",
             sq_name(SQ_LIST_CONTROL, b->control), b->halted ? " HALTED" : "",
             b->control_person[0] ? " by " : "", b->control_person, b->control_reason,
             sq_name(SQ_LIST_LINK, b->link), b->conn, loss);
}

/* What the command was about: a state, a policy and its desk, a stand-in, a client. */
static void supervised_what(const struct sq_supervise *s, char *text, size_t size)
{
    text[0] = '\0';
    switch (s->what) {
    case SQ_SUPERVISE_CONTROL:
        snprintf(text, size, " %s", sq_name(SQ_LIST_CONTROL, s->value));
        break;
    case SQ_SUPERVISE_POLICY:
        snprintf(text, size, " %s on %s", sq_name(SQ_LIST_POLICY, s->value), s->desk);
        break;
    case SQ_SUPERVISE_ASSIGN:
        snprintf(text, size, " %s to %s", s->desk, s->dealer[0] ? s->dealer : "its own dealers");
        break;
    default: break;
    }
}

static void say_supervised(const struct tui *tui, const struct sq_message *event, char *text,
                           size_t size)
{
    const struct sq_supervise *s = &event->as.supervise;
    char what[96] = "", detail[64];

    if (s->key.token != 0)
        what_of(tui, &s->key, what, sizeof what);
    else
        snprintf(what, sizeof what, "%s", s->key.client);
    supervised_what(s, detail, sizeof detail);
    snprintf(text, size, "%s: %s%s%s%s  reason: %s", s->person, sq_name(SQ_LIST_SUPERVISE, s->what),
             detail, what[0] ? " " : "", what, s->reason);
}

static const struct row {
    enum sq_kind kind;
    const char *word;
    void (*say)(const struct tui *tui, const struct sq_message *event, char *text, size_t size);
} rows[] = {
    {SQ_ORDER, "ORDER", say_order},
    {SQ_CLOSE, "CLOSE", say_close},
    {SQ_FILL, "FILL", say_fill},
    {SQ_REFUSED, "REFUSED", say_refused},
    {SQ_ALARM, "ALARM", say_alarm},
    {SQ_BOOK, "BOOK", say_book},
    {SQ_SUPERVISED, "SUPERV", say_supervised},
};

static const struct row *row_of(const struct sq_message *event)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].kind == event->kind)
            return &rows[i];
    return NULL;
}

const char *describe_kind(const struct sq_message *event)
{
    const struct row *row = row_of(event);

    return row ? row->word : sq_kind_info((enum sq_kind)event->kind)->name;
}

void describe(const struct tui *tui, const struct sq_message *event, char *text, size_t size)
{
    const struct row *row = row_of(event);
    char line[SQ_LINE_MAX];

    if (row) {
        row->say(tui, event, text, size);
        return;
    }
    sq_line((enum sq_kind)event->kind, &event->as, line, sizeof line);
    snprintf(text, size, "%.*s", (int)size - 1, line);
}

bool describe_is_alarm(const struct sq_message *event)
{
    return event->kind == SQ_ALARM ||
           (event->kind == SQ_ORDER && event->as.order.state == SQ_ORDER_UNKNOWN);
}
