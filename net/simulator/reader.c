/*
 * Instruments, freeze quantities and captured ticks. What a column must be is checked where it is
 * read; what rows must be to each other (one token once) where they are added to the day.
 */
#include "net/simulator/reader.h"
#include "net/simulator/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- Instruments ---- */

enum { K_TOKEN, K_NAMED, K_UNDERLYING, K_LAST, K_EXPIRY, K_STRIKE, K_TICK, K_LOT, K_TYPE, K_VENUE };
static const char *const kite_names[] = {
    "exchange_token", "tradingsymbol",   "name",     "last_price", "expiry", "strike", "tick_size",
    "lot_size",       "instrument_type", "exchange", NULL};

static bool counts_in_lots(int segment)
{
    return segment == SIM_CDS || segment == SIM_BCD || segment == SIM_MCX || segment == SIM_NCO;
}

static bool is_cash(int segment)
{
    return segment == SIM_NSE || segment == SIM_BSE;
}

/* "XYZ-BE" of NSE is share XYZ in series BE; without a suffix it is EQ. BSE names no series. */
static int share_name(struct sim_contract *c, const char *trading_symbol)
{
    char text[SIM_SYMBOL + 4];
    if (sim_copy(text, sizeof text, trading_symbol) != 0 || text[0] == '\0')
        return -1;
    char *dash = strrchr(text, '-');
    if (c->segment == SIM_NSE && dash != NULL && strlen(dash + 1) == 2) {
        *dash = '\0';
        memcpy(c->series, dash + 1, 3);
    } else if (c->segment == SIM_NSE) {
        memcpy(c->series, "EQ", 3);
    }
    return sim_copy(c->symbol, sizeof c->symbol, text);
}

/* Rows in the order of enum sim_kind. */
static int kind_named(const char *type)
{
    static const char *const names[] = {"EQ", "FUT", "CE", "PE"};
    for (int i = 0; i < 4; i++)
        if (strcmp(type, names[i]) == 0)
            return i;
    return SIM_NONE;
}

/* The columns that are not numbers. */
static int kite_identity(struct sim_contract *c, const struct sim_csv *csv, char why[SIM_WHY])
{
    int64_t token;
    int segment = sim_segment_named(sim_csv_get(csv, K_VENUE));
    int kind = kind_named(sim_csv_get(csv, K_TYPE));
    if (segment < 0)
        return sim_csv_refuse(csv, K_VENUE, "unknown exchange", why);
    if (kind < 0 || (kind == SIM_CASH) != is_cash(segment))
        return sim_csv_refuse(csv, K_TYPE, "no such type on that exchange", why);
    if (sim_integer(sim_csv_get(csv, K_TOKEN), &token) != 0 || token < 1 || token > INT32_MAX)
        return sim_csv_refuse(csv, K_TOKEN, "no token", why);
    c->segment = (uint8_t)segment;
    c->kind = (uint8_t)kind;
    c->token = (uint32_t)token;
    c->price_decimals = segment == SIM_CDS || segment == SIM_BCD ? 4 : 2;
    if (kind == SIM_CASH && share_name(c, sim_csv_get(csv, K_NAMED)) != 0)
        return sim_csv_refuse(csv, K_NAMED, "empty or too long", why);
    const char *name = sim_csv_get(csv, K_UNDERLYING);
    if (kind != SIM_CASH && (*name == '\0' || sim_copy(c->symbol, sizeof c->symbol, name) != 0))
        return sim_csv_refuse(csv, K_UNDERLYING, "empty or too long", why);
    if (kind != SIM_CASH && sim_date(sim_csv_get(csv, K_EXPIRY), &c->expiry) != 0)
        return sim_csv_refuse(csv, K_EXPIRY, "no date", why);
    return 0;
}

/* A price column; empty is 0. */
static int price(const struct sim_csv *csv, int column, int decimals, int64_t *out,
                 char why[SIM_WHY])
{
    const char *text = sim_csv_get(csv, column);
    *out = 0;
    if (*text == '\0')
        return 0;
    if (sim_decimal(text, decimals, out) != 0 || *out < 0 || *out > SIM_PRICE_MAX)
        return sim_csv_refuse(csv, column, "not a price of this contract", why);
    return 0;
}

static int kite_numbers(struct sim_contract *c, const struct sim_csv *csv, char why[SIM_WHY])
{
    int decimals = c->price_decimals;
    int64_t lot;
    if (price(csv, K_LAST, decimals, &c->close, why) || price(csv, K_TICK, decimals, &c->tick, why))
        return -1;
    if (price(csv, K_STRIKE, decimals, &c->strike, why) != 0)
        return -1;
    if (sim_integer(sim_csv_get(csv, K_LOT), &lot) != 0 || lot < 0 || lot > SIM_LOT_MAX)
        return sim_csv_refuse(csv, K_LOT, "not a quantity", why);
    if ((c->kind == SIM_CALL || c->kind == SIM_PUT) && c->strike == 0)
        return sim_csv_refuse(csv, K_STRIKE, "an option without a strike", why);
    c->lot = counts_in_lots(c->segment) && lot > 0 ? 1 : lot;
    c->multiplier = counts_in_lots(c->segment) ? lot : 1;
    return 0;
}

/* Indices have names of their own; these are the symbols that their derivatives go by. */
static const struct {
    const char *index, *symbol;
} underlyings[] = {
    {"NIFTY 50", "NIFTY"},
    {"NIFTY BANK", "BANKNIFTY"},
    {"NIFTY FIN SERVICE", "FINNIFTY"},
    {"NIFTY MID SELECT", "MIDCPNIFTY"},
    {"NIFTY NEXT 50", "NIFTYNXT50"},
};

/* An index moves in the smallest steps, and leads what is derived from it. */
static void make_index(struct sim_contract *c)
{
    c->index = true;
    c->lot = c->tick = 1;
    for (size_t i = 0; i < sizeof underlyings / sizeof underlyings[0]; i++)
        if (strcmp(c->symbol, underlyings[i].index) == 0)
            sim_copy(c->symbol, sizeof c->symbol, underlyings[i].symbol);
}

static int kite_row(void *context, const struct sim_csv *csv, char why[SIM_WHY])
{
    struct sim_day *day = context;
    struct sim_contract c = {0};
    if (kite_identity(&c, csv, why) != 0 || kite_numbers(&c, csv, why) != 0)
        return -1;
    bool untraded = c.lot == 0 || c.tick == 0;
    if (untraded && c.kind == SIM_CASH) {
        make_index(&c);
    } else if (untraded) {
        day->skipped++;
        return 0;
    }
    if (sim_day_add_contract(day, &c) != 0)
        return sim_csv_refuse(csv, K_TOKEN, "this token is there already", why);
    return 0;
}

int sim_read_instruments(struct sim_day *day, const char *path, char why[SIM_WHY])
{
    return sim_csv_each(path, kite_names, false, kite_row, day, why);
}

enum { Z_NUMBER, Z_SYMBOL, Z_QUANTITY };
static const char *const freeze_names[] = {"S.No.", "SYMBOL", "VOL_FRZ_QTY", NULL};

static int freeze_row(void *context, const struct sim_csv *csv, char why[SIM_WHY])
{
    struct sim_day *day = context;
    int64_t quantity;
    const char *symbol = sim_csv_get(csv, Z_SYMBOL);
    if (sim_integer(sim_csv_get(csv, Z_QUANTITY), &quantity) != 0 || quantity <= 0 ||
        quantity > SIM_QUANTITY_MAX)
        return sim_csv_refuse(csv, Z_QUANTITY, "not a quantity", why);
    for (int i = 0; i < day->contracts; i++) {
        struct sim_contract *c = &day->contract[i];
        if (c->kind != SIM_CASH && strcmp(c->symbol, symbol) == 0)
            c->freeze = quantity;
    }
    return 0;
}

int sim_read_freeze(struct sim_day *day, const char *path, char why[SIM_WHY])
{
    return sim_csv_each(path, freeze_names, false, freeze_row, day, why);
}

/* ---- Folder ---- */

static const struct {
    const char *name;
    bool required;
    int (*read)(struct sim_day *day, const char *path, char why[SIM_WHY]);
} day_files[] = {
    {"instruments.csv", true, sim_read_instruments}, {"qtyfreeze.csv", false, sim_read_freeze},
    {"positions.csv", false, sim_read_positions},    {"orders.csv", false, sim_read_orders},
    {"trades.csv", false, sim_read_trades},
};

int sim_day_read(struct sim_day *day, const char *folder, char why[SIM_WHY])
{
    char path[1024];
    memset(day, 0, sizeof *day);
    for (size_t i = 0; i < sizeof day_files / sizeof day_files[0]; i++) {
        snprintf(path, sizeof path, "%.900s/%s", folder, day_files[i].name);
        if (!day_files[i].required && access(path, F_OK) != 0)
            continue;
        if (day_files[i].read(day, path, why) != 0)
            return -1;
    }
    return 0;
}

/* ---- Ticks ---- */

enum { T_TIME, T_TOKEN, T_PRICE };
static const char *const tick_names[] = {"timestamp", "token", "ltp", NULL};

/* A tick file while it is read. */
struct tick_file {
    struct sim_tick *tick;
    int count, room;
    int decimals;
    int64_t first_us, last_us;
};

static int push_tick(struct tick_file *f, int64_t time_us, int64_t price)
{
    if (f->count == f->room) {
        int room = f->room == 0 ? 4096 : f->room * 2;
        struct sim_tick *more = realloc(f->tick, (size_t)room * sizeof *more);
        if (more == NULL)
            return -1;
        f->tick = more;
        f->room = room;
    }
    f->first_us = f->count == 0 ? time_us : f->first_us;
    f->last_us = time_us;
    f->tick[f->count++] = (struct sim_tick){.offset_us = time_us - f->first_us, .price = price};
    return 0;
}

static int tick_row(void *context, const struct sim_csv *csv, char why[SIM_WHY])
{
    struct tick_file *f = context;
    int64_t time_us, price;
    if (sim_tick_time(sim_csv_get(csv, T_TIME), &time_us) != 0)
        return sim_csv_refuse(csv, T_TIME, "not a time", why);
    if (f->count > 0 && time_us < f->last_us)
        return sim_csv_refuse(csv, T_TIME, "goes back", why);
    if (sim_decimal(sim_csv_get(csv, T_PRICE), f->decimals, &price) != 0 || price <= 0 ||
        price > SIM_PRICE_MAX)
        return sim_csv_refuse(csv, T_PRICE, "not a price", why);
    if (push_tick(f, time_us, price) != 0)
        return sim_csv_refuse(csv, T_TIME, "out of memory", why);
    return 0;
}

int sim_read_ticks(const char *path, int decimals, struct sim_tick **ticks, char why[SIM_WHY])
{
    struct tick_file f = {.decimals = decimals};
    int result = sim_csv_each(path, tick_names, true, tick_row, &f, why);
    if (result == 0 && f.count == 0)
        snprintf(why, SIM_WHY, "%.120s: no ticks", path);
    *ticks = f.tick;
    if (result == 0 && f.count > 0)
        return f.count;
    free(f.tick);
    *ticks = NULL;
    return -1;
}
