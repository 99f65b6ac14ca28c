/*
 * main_report.c: squareoff-admin report: what a day of the backup did, client by client, from the
 * journal alone. Ends with the call sheet: what is still open, to read out by phone.
 */
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/main_parts.h"
#include "db/replay.h"
#include "db/report.h"

struct report_state {
    const struct sq_tables *t;
    bool json;
};

static const char *price_text(const struct sq_tables *t, const struct sq_key *key, sq_price price,
                              char *text)
{
    uint32_t i = sq_find_instrument(t, (enum sq_exchange)key->exchange, key->token);
    unsigned decimals = i == SQ_NO_ROW ? 2 : t->instrument[i].price_decimals;
    sq_print_decimal(price, decimals, false, text);
    return text;
}

static const char *label_of(const struct sq_tables *t, const struct sq_key *key, char *label)
{
    uint32_t i = sq_find_instrument(t, (enum sq_exchange)key->exchange, key->token);
    label[0] = '\0';
    if (i != SQ_NO_ROW)
        sq_label(&t->instrument[i], label);
    return label;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void print_position(const struct report_state *s, const struct sq_position *p)
{
    char label[SQ_LABEL_SIZE], realised[SQ_NUMBER_SIZE];
    label_of(s->t, &p->key, label);
    sq_print_decimal(p->realised_paise, 2, !s->json, realised);
    if (!s->json) {
        printf("  %-28s %-4s %-5s start %8lld end %8lld bought %lld sold %lld realised %s\n", label,
               sq_name(SQ_LIST_EXCHANGE, p->key.exchange), sq_name(SQ_LIST_PRODUCT, p->key.product),
               (long long)p->start, (long long)p->net, (long long)p->bought, (long long)p->sold,
               realised);
        return;
    }
    fputs("{\"contract\":", stdout);
    report_json_text(stdout, label);
    printf(",\"exchange\":\"%s\",\"token\":%u,\"product\":\"%s\",\"start\":%lld,\"end\":%lld,"
           "\"bought\":%lld,\"sold\":%lld,\"realised_paise\":%lld}",
           sq_name(SQ_LIST_EXCHANGE, p->key.exchange), p->key.token,
           sq_name(SQ_LIST_PRODUCT, p->key.product), (long long)p->start, (long long)p->net,
           (long long)p->bought, (long long)p->sold, (long long)p->realised_paise);
}

/* Evidence of the instruction behind an order of ours: who, on which call, and the second person
 * (SEBI CIR/2022/177, 3.10). */
static void print_instruction(const struct report_state *s, const struct sq_order *o)
{
    uint32_t row = o->close_no ? sq_find_close(s->t, o->close_no) : SQ_NO_ROW;
    const struct sq_close *c = row == SQ_NO_ROW ? NULL : &s->t->close[row];
    const struct {
        const char *name, *words, *value;
    } parts[] = {{"by", ", by ", c ? c->dealer : ""},
                 {"call", ", call ", c ? c->call_ref : ""},
                 {"approver", ", approved by ", c ? c->approver : ""}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (s->json) {
            printf(",\"%s\":", parts[i].name);
            report_json_text(stdout, parts[i].value);
        } else if (parts[i].value[0]) {
            printf("%s%s", parts[i].words, parts[i].value);
        }
    }
}

static void print_order(const struct report_state *s, const struct sq_order *o)
{
    char label[SQ_LABEL_SIZE], number[SQ_LABEL_SIZE], limit[SQ_NUMBER_SIZE];
    label_of(s->t, &o->key, label);
    sq_order_label(o, number);
    price_text(s->t, &o->key, o->limit, limit);
    if (!s->json) {
        printf("  order %-10s %-4s %8lld %-24s at %s: %s, filled %lld, %s", number,
               sq_name(SQ_LIST_SIDE, o->side), (long long)o->qty, label, limit,
               sq_name(SQ_LIST_ORDER_STATE, o->state), (long long)o->cum,
               sq_name(SQ_LIST_ORIGIN, o->origin));
        print_instruction(s, o);
        fputs("\n", stdout);
        return;
    }
    printf("{\"no\":%llu,\"client_order_id\":", (unsigned long long)o->no);
    report_json_text(stdout, o->clord);
    fputs(",\"exchange_no\":", stdout);
    report_json_text(stdout, o->exch_no);
    fputs(",\"contract\":", stdout);
    report_json_text(stdout, label);
    printf(",\"side\":\"%s\",\"qty\":%lld,\"limit\":\"%s\",\"state\":\"%s\",\"filled\":%lld,"
           "\"origin\":\"%s\"",
           sq_name(SQ_LIST_SIDE, o->side), (long long)o->qty, limit,
           sq_name(SQ_LIST_ORDER_STATE, o->state), (long long)o->cum,
           sq_name(SQ_LIST_ORIGIN, o->origin));
    print_instruction(s, o);
    fputs("}", stdout);
}

static void print_fill(const struct report_state *s, const struct sq_fill *f)
{
    char label[SQ_LABEL_SIZE], price[SQ_NUMBER_SIZE], clock[32];
    label_of(s->t, &f->key, label);
    price_text(s->t, &f->key, f->price, price);
    sq_print_clock(f->time, false, clock);
    const char *kind = f->external ? "exchange" : f->manual ? "by hand" : "ours";
    if (!s->json) {
        printf("  fill  %s %-4s %8lld %-24s at %s, %s%s\n", clock, sq_name(SQ_LIST_SIDE, f->side),
               (long long)f->qty, label, price, kind, f->busted ? ", BUSTED" : "");
        return;
    }
    printf("{\"time\":\"%s\",\"order\":%llu,\"exec_id\":", clock, (unsigned long long)f->order_no);
    report_json_text(stdout, f->exec_id);
    fputs(",\"contract\":", stdout);
    report_json_text(stdout, label);
    printf(",\"side\":\"%s\",\"qty\":%lld,\"price\":\"%s\",\"from\":\"%s\",\"busted\":%s}",
           sq_name(SQ_LIST_SIDE, f->side), (long long)f->qty, price, kind,
           f->busted ? "true" : "false");
}

static void print_residue(const struct report_state *s, const struct sq_close *c)
{
    char label[SQ_LABEL_SIZE];
    label_of(s->t, &c->key, label);
    const char *reason = sq_name(SQ_LIST_RESIDUE, c->residue);
    if (!s->json) {
        printf("  LEFT  %8lld %-24s %s\n", (long long)c->left, label, reason);
        return;
    }
    fputs("{\"contract\":", stdout);
    report_json_text(stdout, label);
    printf(",\"left\":%lld,\"reason\":\"%s\"}", (long long)c->left, reason);
}

/* What a dealer says on the phone: whose, which way, how much, of what, at which price last. */
static void print_call(const struct report_state *s, const struct sq_position *p,
                       const struct sq_client *c)
{
    char label[SQ_LABEL_SIZE], price[SQ_NUMBER_SIZE];
    uint32_t i = sq_find_instrument(s->t, (enum sq_exchange)p->key.exchange, p->key.token);
    label_of(s->t, &p->key, label);
    price_text(s->t, &p->key, i == SQ_NO_ROW ? 0 : s->t->instrument[i].prev_settle, price);
    const char *side = p->net > 0 ? "SELL" : "BUY";
    if (!s->json) {
        printf("  %-10s %-16s %-4s %8lld %-28s %-4s %-5s previous close %s, account %s\n", c->code,
               c->phone, side, (long long)sq_abs(p->net), label,
               sq_name(SQ_LIST_EXCHANGE, p->key.exchange), sq_name(SQ_LIST_PRODUCT, p->key.product),
               price, c->exch_account);
        return;
    }
    fputs("{\"client\":", stdout);
    report_json_text(stdout, c->code);
    fputs(",\"phone\":", stdout);
    report_json_text(stdout, c->phone);
    fputs(",\"account\":", stdout);
    report_json_text(stdout, c->exch_account);
    fputs(",\"contract\":", stdout);
    report_json_text(stdout, label);
    printf(",\"exchange\":\"%s\",\"product\":\"%s\",\"side\":\"%s\",\"qty\":%lld,"
           "\"previous_close\":\"%s\"}",
           sq_name(SQ_LIST_EXCHANGE, p->key.exchange), sq_name(SQ_LIST_PRODUCT, p->key.product),
           side, (long long)sq_abs(p->net), price);
}

/* ---- a client -------------------------------------------------------------------------------- */

static bool is_of(const struct sq_key *key, const struct sq_client *c)
{
    return memcmp(key->client, c->code, sizeof key->client) == 0;
}

static void comma(const struct report_state *s, bool *first)
{
    if (s->json && !*first)
        putchar(',');
    *first = false;
}

static void section(const struct report_state *s, const char *name, const char *before)
{
    if (s->json)
        printf("%s\"%s\":[", before, name);
}

static void end_section(const struct report_state *s)
{
    if (s->json)
        putchar(']');
}

#define EACH_ROW(s, table, row, client, test, print)           \
    do {                                                       \
        bool first = true;                                     \
        for (uint32_t k = 0; k < (s)->t->table##_count; k++) { \
            const struct row *r = &(s)->t->table[k];           \
            if (!is_of(&r->key, client) || !(test))            \
                continue;                                      \
            comma(s, &first);                                  \
            print(s, r);                                       \
        }                                                      \
    } while (0)

static void print_client(const struct report_state *s, const struct sq_client *c)
{
    if (s->json) {
        fputs("{\"client\":", stdout);
        report_json_text(stdout, c->code);
        fputs(",\"name\":", stdout);
        report_json_text(stdout, c->name);
    } else {
        printf("%s %s, dealer %s\n", c->code, c->name, c->dealer);
    }
    section(s, "positions", ",");
    EACH_ROW(s, position, sq_position, c, true, print_position);
    end_section(s);
    section(s, "orders", ",");
    EACH_ROW(s, order, sq_order, c, true, print_order);
    end_section(s);
    section(s, "fills", ",");
    EACH_ROW(s, fill, sq_fill, c, true, print_fill);
    end_section(s);
    section(s, "residues", ",");
    EACH_ROW(s, close, sq_close, c, r->state == SQ_CLOSE_RESIDUE, print_residue);
    end_section(s);
    fputs(s->json ? "}" : "\n", stdout);
}

static bool has_rows(const struct sq_tables *t, const struct sq_client *c)
{
    uint32_t row = sq_find_client(t, c->code);
    return row != SQ_NO_ROW && t->client_position[row] != SQ_NO_ROW;
}

static void print_clients(const struct report_state *s)
{
    bool first = true;
    section(s, "clients", "");
    for (uint32_t i = 0; i < s->t->client_count; i++) {
        if (!has_rows(s->t, &s->t->client[i]))
            continue;
        comma(s, &first);
        print_client(s, &s->t->client[i]);
    }
    end_section(s);
}

static void print_calls(const struct report_state *s)
{
    bool first = true;
    section(s, "call_sheet", ",");
    if (!s->json)
        puts("CALL SHEET: what is open");
    for (uint32_t i = 0; i < s->t->client_count; i++)
        for (uint32_t p = 0; p < s->t->position_count; p++) {
            const struct sq_position *position = &s->t->position[p];
            if (position->net == 0 || !is_of(&position->key, &s->t->client[i]))
                continue;
            comma(s, &first);
            print_call(s, position, &s->t->client[i]);
        }
    end_section(s);
}

static void print_head(const struct report_state *s, const struct replay *r)
{
    const struct sq_book *b = &s->t->book;
    char as_of[48], last[48];
    sq_print_iso(b->as_of, as_of);
    sq_print_iso(r->last_time, last);
    if (s->json) {
        printf("{\"day\":%u,\"book\":\"%s\",\"desk\":", b->day, b->book);
        report_json_text(stdout, b->desk);
        printf(",\"as_of\":\"%s\",\"until\":\"%s\",\"seq\":%llu,", as_of, last,
               (unsigned long long)sq_engine_seq(r->engine));
        return;
    }
    printf(
        "Day %u, book %s of desk %s: positions as of %s and %u trades after it; journal to %s\n\n",
        b->day, b->book, b->desk, as_of, b->trades, last);
}

static void print_report(const struct admin *admin, const struct replay *r)
{
    struct report_state s = {.t = sq_engine_tables(r->engine), .json = admin->json};
    print_head(&s, r);
    print_clients(&s);
    print_calls(&s);
    if (s.json)
        puts("}");
}

enum admin_exit admin_report(const struct admin *admin)
{
    struct replay r;
    enum admin_exit exit = ADMIN_OK;
    struct sq_store *store = admin_open(admin, false, &exit);
    if (store == NULL)
        return exit;
    replay_init(&r);
    r.until = admin->until;
    enum sq_err error = replay_run(&r, store);
    if (r.engine)
        print_report(admin, &r);
    if (error)
        exit = admin_failed(error, r.why);
    replay_finish(&r);
    admin_close(store);
    return exit;
}
