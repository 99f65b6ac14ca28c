/*
 * The control line: words in, lines of text out, the last of which is "ok" or "error REASON".
 * A command is a row of the table at the end.
 */
#include "net/simulator/exchange_state.h"

#include <stdio.h>
#include <string.h>

enum { WORDS = 4, WORD = 64 };

/* One command line, taken apart, and where its answer goes. */
struct control {
    struct exchange *x;
    char word[WORDS][WORD];
    int words;
    struct sim_line answer;
};

/* NULL: done. Otherwise why not. */
typedef const char *command(struct control *c);

/* ---- Arguments ---- */

static int take_apart(struct control *c, const char *line)
{
    for (; *line != '\0'; c->words++) {
        line += strspn(line, " \t\r\n");
        size_t n = strcspn(line, " \t\r\n");
        if (n == 0)
            return 0;
        if (c->words == WORDS || n >= WORD)
            return -1;
        memcpy(c->word[c->words], line, n);
        c->word[c->words][n] = '\0';
        line += n;
    }
    return 0;
}

/* "NFO:45001" to a contract, or SIM_NONE. */
static int32_t contract_named(const struct exchange *x, const char *name)
{
    char segment[WORD];
    int64_t token;
    const char *colon = strchr(name, ':');
    if (colon == NULL)
        return SIM_NONE;
    snprintf(segment, sizeof segment, "%.*s", (int)(colon - name), name);
    int s = sim_segment_named(segment);
    if (s < 0 || sim_integer(colon + 1, &token) != 0 || token < 1 || token > INT32_MAX)
        return SIM_NONE;
    return sim_day_find(x->day, s, (uint32_t)token);
}

static bool is_on(const struct control *c, int word)
{
    return strcmp(c->word[word], "on") == 0;
}

static bool is_switch(const struct control *c, int word)
{
    return is_on(c, word) || strcmp(c->word[word], "off") == 0;
}

static void log_command(struct control *c)
{
    struct sim_log log;
    sim_log_begin(c->x, &log, c->word[0]);
    static const char *const names[WORDS] = {"", "arg1", "arg2", "arg3"};
    for (int i = 1; i < c->words && i < WORDS; i++)
        sim_line_text(&log.line, names[i], c->word[i]);
    sim_log_end(c->x, &log);
}

/* ---- Looking ---- */

static const char *show_positions(struct control *c)
{
    const struct sim_account *a = &c->x->state->account;
    for (int32_t i = 0; i < a->count; i++) {
        const struct sim_holding *h = &a->holding[i];
        const struct sim_contract *k = &c->x->day->contract[h->contract];
        sim_line_put(&c->answer, "position");
        sim_line_text(&c->answer, "client", h->client);
        sim_line_text(&c->answer, "segment", sim_segment_name(k->segment));
        sim_line_int(&c->answer, "token", k->token);
        sim_line_text(&c->answer, "symbol", k->symbol);
        sim_line_text(&c->answer, "product", sim_product_name(h->product));
        sim_line_int(&c->answer, "opening", h->opening);
        sim_line_int(&c->answer, "net", h->net);
        sim_line_put(&c->answer, "\n");
    }
    return NULL;
}

static const char *show_orders(struct control *c)
{
    const struct sim_book *b = &c->x->state->book;
    bool all = c->words > 1 && strcmp(c->word[1], "all") == 0;
    for (int32_t i = 0; i < b->count; i++) {
        const struct sim_order *o = &b->order[i];
        const struct sim_contract *k = &c->x->day->contract[o->contract];
        if (!all && !sim_order_live(o))
            continue;
        sim_line_put(&c->answer, "order");
        sim_line_text(&c->answer, "number", o->order_no);
        sim_line_text(&c->answer, "session", c->x->state->owner[o->owner].comp_id);
        sim_line_text(&c->answer, "clord", o->clord_id);
        sim_line_text(&c->answer, "client", o->client);
        sim_line_text(&c->answer, "segment", sim_segment_name(k->segment));
        sim_line_int(&c->answer, "token", k->token);
        sim_line_text(&c->answer, "side", o->side == SIM_BUY ? "BUY" : "SELL");
        sim_line_int(&c->answer, "quantity", o->quantity);
        sim_line_int(&c->answer, "filled", o->filled);
        sim_line_price(&c->answer, "price", o->price, k->price_decimals);
        sim_line_text(&c->answer, "state", sim_state_name(o->state));
        sim_line_int(&c->answer, "stop", o->stop);
        sim_line_put(&c->answer, "\n");
    }
    return NULL;
}

static const char *show_fills(struct control *c)
{
    const struct sim_state *s = c->x->state;
    for (int32_t i = 0; i < s->report_count; i++) {
        const struct sim_report *r = &s->report[i];
        char exec[32];
        if (r->exec_type != 'F' || r->type != '8' || (r->held && r->owner == SIM_NONE))
            continue;
        sim_exec_name(r->exec, exec);
        sim_line_put(&c->answer, "fill");
        sim_line_text(&c->answer, "exec", exec);
        sim_line_text(&c->answer, "clord", r->clord_id);
        sim_line_text(&c->answer, "client", r->client);
        sim_line_int(&c->answer, "quantity", r->last_quantity);
        sim_line_put(&c->answer, "\n");
    }
    return NULL;
}

static const char *show_alarms(struct control *c)
{
    struct exchange_counts n = exchange_counts(c->x);
    const struct {
        const char *name;
        uint64_t count;
    } rows[] = {{"alarms", n.alarms},
                {"excused", n.excused},
                {"overworked", n.overworked},
                {"duplicate_ids", n.duplicate_ids},
                {"resent_orders", n.resent_orders},
                {"orders", n.orders},
                {"rejected", n.rejected},
                {"cancels", n.cancels},
                {"fills", n.fills},
                {"run", n.run}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        sim_line_put(&c->answer, "%s %llu\n", rows[i].name, (unsigned long long)rows[i].count);
    return NULL;
}

static const char *show_sessions(struct control *c)
{
    for (int i = 0; i < c->x->config.sessions; i++) {
        const struct sim_link *link = &c->x->link[i];
        const struct sim_owner *owner = &c->x->state->owner[i];
        bool live = link->connection >= 0;
        sim_line_put(&c->answer, "session");
        sim_line_text(&c->answer, "comp_id", owner->comp_id);
        sim_line_text(&c->answer, "state", fix_state_name(link->fix.state));
        sim_line_int(&c->answer, "next_in", live ? link->fix.next_in : owner->next_in);
        sim_line_int(&c->answer, "next_out", live ? link->fix.next_out : owner->next_out);
        sim_line_put(&c->answer, "\n");
    }
    return NULL;
}

static const char *show_faults(struct control *c)
{
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        sim_line_put(&c->answer, "fault %s value=%lld happened=%llu  %s\n",
                     sim_fault_name((enum sim_fault)i), (long long)c->x->faults.value[i],
                     (unsigned long long)c->x->faults.happened[i],
                     sim_fault_help((enum sim_fault)i));
    return NULL;
}

static const char *show_quote(struct control *c)
{
    int32_t contract = contract_named(c->x, c->word[1]);
    if (contract == SIM_NONE)
        return "no such contract";
    const struct sim_mark *k = &c->x->market.mark[contract];
    int decimals = c->x->day->contract[contract].price_decimals;
    sim_line_put(&c->answer, "quote");
    sim_line_price(&c->answer, "bid", k->bid[0].price, decimals);
    sim_line_int(&c->answer, "bid_quantity", k->bid[0].quantity);
    sim_line_price(&c->answer, "ask", k->ask[0].price, decimals);
    sim_line_int(&c->answer, "ask_quantity", k->ask[0].quantity);
    sim_line_price(&c->answer, "last", k->last, decimals);
    sim_line_price(&c->answer, "low", k->band_low, decimals);
    sim_line_price(&c->answer, "high", k->band_high, decimals);
    sim_line_put(&c->answer, "\n");
    return NULL;
}

/* ---- Doing ---- */

static const char *set_fault(struct control *c)
{
    int fault = sim_fault_named(c->word[1]);
    int64_t value;
    if (fault < 0)
        return "no such fault";
    if (sim_integer(c->word[2], &value) != 0 || value < 0 ||
        value > sim_fault_most((enum sim_fault)fault))
        return "value out of range";
    if (fault == SIM_FAULT_CHECKPOINT_MS && value > 0 && c->x->saved == NULL)
        return "checkpoint_ms must be in the configuration: memory for it is taken at the start";
    exchange_set_fault(c->x, (enum sim_fault)fault, value);
    return NULL;
}

static const char *switch_segment(struct control *c, bool *flags)
{
    int segment = sim_segment_named(c->word[1]);
    if (segment < 0 || !is_switch(c, 2))
        return "SEGMENT on|off is wanted";
    flags[segment] = is_on(c, 2);
    if (flags == c->x->stalled && !flags[segment])
        sim_rates_refresh(c->x, segment);
    return NULL;
}

static const char *stall(struct control *c)
{
    return switch_segment(c, c->x->stalled);
}

static const char *halt(struct control *c)
{
    return switch_segment(c, c->x->halted);
}

static const char *suspend(struct control *c)
{
    int32_t contract = contract_named(c->x, c->word[1]);
    if (contract == SIM_NONE || !is_switch(c, 2))
        return "SEGMENT:TOKEN on|off is wanted";
    c->x->market.mark[contract].suspended = is_on(c, 2);
    return NULL;
}

static const char *one_sided(struct control *c)
{
    int32_t contract = contract_named(c->x, c->word[1]);
    const char *side = c->word[2];
    if (contract == SIM_NONE)
        return "no such contract";
    if (strcmp(side, "bid") != 0 && strcmp(side, "ask") != 0 && strcmp(side, "none") != 0 &&
        strcmp(side, "both") != 0)
        return "bid, ask, both or none is wanted: the sides that are quoted";
    struct sim_mark *k = &c->x->market.mark[contract];
    k->never = strcmp(side, "none") == 0;
    k->no_ask = strcmp(side, "bid") == 0;
    k->no_bid = strcmp(side, "ask") == 0;
    sim_market_quote(&c->x->market, contract);
    sim_order_tick(c->x, contract);
    sim_rates_publish(c->x, contract);
    return NULL;
}

static const char *move(struct control *c)
{
    int32_t contract = contract_named(c->x, c->word[1]);
    int64_t price;
    if (contract == SIM_NONE)
        return "no such contract";
    struct sim_mark *k = &c->x->market.mark[contract];
    if (sim_decimal(c->word[2], c->x->day->contract[contract].price_decimals, &price) != 0 ||
        price < k->band_low || price > k->band_high)
        return "no price inside the band";
    k->fair_milli = price * 1000;
    sim_market_quote(&c->x->market, contract);
    sim_market_trade(&c->x->market, contract, price, c->x->day->contract[contract].lot,
                     c->x->now_us);
    sim_order_tick(c->x, contract);
    sim_rates_publish(c->x, contract);
    return NULL;
}

static const char *kick(struct control *c)
{
    return exchange_kick(c->x, c->word[1], c->x->now_us) ? NULL : "not connected";
}

static const char *bust(struct control *c)
{
    return sim_fill_bust(c->x, sim_exec_number(c->word[1])) ? NULL : "no such fill, or undone";
}

static const char *correct(struct control *c)
{
    uint64_t exec = sim_exec_number(c->word[1]);
    int32_t at = sim_report_fill(c->x, exec);
    int64_t price;
    if (at == SIM_NONE)
        return "no such fill";
    int decimals = c->x->day->contract[c->x->state->report[at].contract].price_decimals;
    if (sim_decimal(c->word[2], decimals, &price) != 0 || price > SIM_PRICE_MAX)
        return "no price";
    return sim_fill_correct(c->x, exec, price) ? NULL : "undone already, or no price";
}

static const char *end(struct control *c, int state)
{
    const struct sim_book *b = &c->x->state->book;
    bool all = strcmp(c->word[1], "all") == 0;
    int ended = 0;
    for (int32_t i = 0; i < b->count; i++) {
        if (!sim_order_live(&b->order[i]))
            continue;
        if (!all && strcmp(b->order[i].order_no, c->word[1]) != 0)
            continue;
        sim_order_end_unasked(c->x, i, state, "exchange");
        ended++;
    }
    return ended > 0 || all ? NULL : "no such live order";
}

static const char *cancel(struct control *c)
{
    return end(c, SIM_CANCELLED);
}

static const char *expire(struct control *c)
{
    return end(c, SIM_EXPIRED);
}

static const char *lose_tail(struct control *c)
{
    return exchange_lose_tail(c->x, c->x->now_us) ? NULL : "no checkpoint was made";
}

static const char *set_numbers(struct control *c)
{
    int64_t in, out;
    int32_t owner = sim_owner_named(c->x, c->word[1]);
    if (owner == SIM_NONE || owner >= c->x->config.sessions || c->x->link[owner].connection >= 0)
        return "no such session, or it is connected";
    if (sim_integer(c->word[2], &in) != 0 || sim_integer(c->word[3], &out) != 0 || in < 1 ||
        out < 1 || in > INT32_MAX || out > INT32_MAX)
        return "two numbers from 1 are wanted";
    sim_report_reset(c->x, owner);
    c->x->state->owner[owner].next_in = (uint32_t)in;
    c->x->state->owner[owner].next_out = (uint32_t)out;
    return NULL;
}

/* ---- The table ---- */

static command show_help;

static const struct row {
    const char *name;
    const char *arguments;
    int least; /* words, the name included */
    bool logged;
    command *act;
    const char *help;
} rows[] = {
    {"help", "", 1, false, show_help, "this list"},
    {"positions", "", 1, false, show_positions, "every position: opening and now"},
    {"orders", "[all]", 1, false, show_orders, "live orders, or all of the day"},
    {"fills", "", 1, false, show_fills, "fills, with their execution ids"},
    {"alarms", "", 1, false, show_alarms, "what was counted; the first must stay 0"},
    {"sessions", "", 1, false, show_sessions, "FIX sessions and their numbers"},
    {"faults", "", 1, false, show_faults, "faults: chance, and how often they happened"},
    {"quote", "SEGMENT:TOKEN", 2, false, show_quote, "best prices and band of a contract"},
    {"fault", "NAME VALUE", 3, true, set_fault, "sets a fault"},
    {"stall", "SEGMENT on|off", 3, true, stall, "the segment's feed says nothing"},
    {"halt", "SEGMENT on|off", 3, true, halt, "the segment takes no orders"},
    {"suspend", "SEGMENT:TOKEN on|off", 3, true, suspend, "the contract takes no orders"},
    {"one-sided", "SEGMENT:TOKEN bid|ask|both|none", 3, true, one_sided, "who quotes"},
    {"move", "SEGMENT:TOKEN PRICE", 3, true, move, "the market goes there at once"},
    {"kick", "COMP_ID", 2, true, kick, "cuts the session's connection"},
    {"bust", "EXEC_ID", 2, false, bust, "undoes a fill (150=H)"},
    {"correct", "EXEC_ID PRICE", 3, false, correct, "another price for a fill (150=G)"},
    {"cancel", "ORDER|all", 2, false, cancel, "the exchange cancels (150=4, unsolicited)"},
    {"expire", "ORDER|all", 2, false, expire, "the order expires (150=C)"},
    {"lose-tail", "", 1, false, lose_tail, "falls back to the last checkpoint, restarts"},
    {"numbers", "COMP_ID IN OUT", 4, true, set_numbers, "sets a session's next numbers"},
};

static const char *show_help(struct control *c)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "%s %s", rows[i].name, rows[i].arguments);
        sim_line_put(&c->answer, "%-44s %s\n", usage, rows[i].help);
    }
    return NULL;
}

static const char *run(struct control *c)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0] && c->words > 0; i++) {
        if (strcmp(rows[i].name, c->word[0]) != 0)
            continue;
        if (c->words < rows[i].least)
            return "too few words: see help";
        if (rows[i].logged)
            log_command(c);
        return rows[i].act(c);
    }
    return "no such command: see help";
}

size_t exchange_command(struct exchange *x, const char *line, int64_t now_us, char *answer,
                        size_t capacity)
{
    struct control c = {.x = x};
    x->now_us = now_us > x->now_us ? now_us : x->now_us;
    /* Room is kept for the last line, however long the rest is. */
    enum { LAST_LINE = 128 };
    sim_line_begin(&c.answer, answer, capacity - LAST_LINE);
    const char *why = take_apart(&c, line) == 0 ? run(&c) : "too many words, or too long";
    c.answer.capacity = capacity;
    if (why == NULL)
        sim_line_put(&c.answer, "ok\n");
    else
        sim_line_put(&c.answer, "error %s\n", why);
    sim_flush(x);
    return c.answer.length;
}
