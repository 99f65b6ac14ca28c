/*
 * Market-data messages applied to rates. What is hostile here can only show a wrong price, which
 * the price band and the guards of a close still stand before; an entry that does not parse is
 * counted and left out.
 */
#include "net/fix_market.h"

#include "core/num.h"

#include <string.h>

/* One entry of a group, or the fields of a snapshot beside its group. */
struct source {
    const struct fix_view *view;
    const struct fix_group *entry; /* NULL: the message itself */
};

static const struct fix_field *get(struct source s, uint32_t tag)
{
    return s.entry != NULL ? fix_group_get(s.entry, tag) : fix_get(s.view, tag);
}

/* Row of the contract that is named there; SQ_NO_ROW: none, or one that we do not have. */
static uint32_t find_row(const struct fix_market *m, struct source s)
{
    char name[8];
    int64_t token;
    if (fix_text(get(s, FIX_SECURITY_EXCHANGE), name, sizeof name) != FIX_VALUE ||
        fix_int(get(s, FIX_SECURITY_ID), &token) != FIX_VALUE || token <= 0 || token > UINT32_MAX)
        return SQ_NO_ROW;
    int exchange = sq_named(SQ_LIST_EXCHANGE, name);
    if (exchange <= SQ_EXCHANGE_NONE)
        return SQ_NO_ROW;
    uint32_t row =
        sq_find_instrument(m->config.tables, (enum sq_exchange)exchange, (uint32_t)token);
    return row < m->config.room ? row : SQ_NO_ROW;
}

static bool read_price(const struct fix_market *m, uint32_t row, const struct fix_field *f,
                       sq_price *out)
{
    int decimals = m->config.tables->instrument[row].price_decimals;
    return fix_price(f, decimals, out) == FIX_VALUE && *out > 0 && *out <= SQ_INTEGER_MAX;
}

static void read_band(const struct fix_market *m, uint32_t row, struct source s)
{
    sq_price price;
    if (read_price(m, row, get(s, FIX_LOW_LIMIT_PRICE), &price))
        m->rates[row].band_low = price;
    if (read_price(m, row, get(s, FIX_HIGH_LIMIT_PRICE), &price))
        m->rates[row].band_high = price;
}

/* MDEntryDate(272) and MDEntryTime(273) as one moment; `absent` when they are not both there. */
static sq_time entry_time(const struct fix_group *entry, sq_time absent)
{
    const struct fix_field *date = fix_group_get(entry, FIX_MD_ENTRY_DATE);
    const struct fix_field *clock = fix_group_get(entry, FIX_MD_ENTRY_TIME);
    char text[32];
    int64_t time;
    if (date == NULL || clock == NULL || date->length + clock->length + 1 > sizeof text)
        return absent;
    memcpy(text, date->value, date->length);
    text[date->length] = '-';
    memcpy(text + date->length + 1, clock->value, clock->length);
    struct fix_field whole = {0, date->length + clock->length + 1, text};
    return fix_utc_time(&whole, &time) == FIX_VALUE && time > 0 ? time : absent;
}

/* ---- one entry ------------------------------------------------------------------------------ */

static bool set_level(struct fix_market *m, uint32_t row, struct sq_level *levels,
                      const struct fix_group *entry, bool gone)
{
    int64_t number = 1;
    struct sq_level level = {0, 0};
    const struct fix_field *position = fix_group_get(entry, FIX_MD_ENTRY_POSITION_NO);
    if (position != NULL && fix_int(position, &number) != FIX_VALUE)
        return false;
    if (number < 1 || number > SQ_DEPTH_LEVELS)
        return false;
    if (!gone && (!read_price(m, row, fix_group_get(entry, FIX_MD_ENTRY_PX), &level.price) ||
                  fix_qty(fix_group_get(entry, FIX_MD_ENTRY_SIZE), &level.quantity) != FIX_VALUE ||
                  level.quantity > SQ_INTEGER_MAX))
        return false;
    levels[number - 1] = level;
    return true;
}

static bool set_trade(struct fix_market *m, uint32_t row, const struct fix_group *entry,
                      sq_time absent)
{
    struct sq_rate *rate = &m->rates[row];
    sq_price last;
    sq_quantity quantity;
    if (!read_price(m, row, fix_group_get(entry, FIX_MD_ENTRY_PX), &last))
        return false;
    if (rate->last != 0 && last != rate->last)
        rate->move = last > rate->last ? 1 : -1;
    rate->last = last;
    if (fix_qty(fix_group_get(entry, FIX_MD_ENTRY_SIZE), &quantity) == FIX_VALUE &&
        quantity <= SQ_INTEGER_MAX)
        rate->last_quantity = quantity;
    sq_time time = entry_time(entry, absent);
    rate->trade_time = time < m->now_us ? time : m->now_us;
    return true;
}

/* MDEntryType(269), FIX 4.4 volume 3. trade_time: of a trade that does not say when it was. */
static void apply_entry(struct fix_market *m, uint32_t row, const struct fix_group *entry,
                        bool gone, sq_time trade_time)
{
    struct sq_rate *rate = &m->rates[row];
    char type = 0;
    bool good = fix_char(fix_group_get(entry, FIX_MD_ENTRY_TYPE), &type) == FIX_VALUE;
    switch (type) {
    case '0': good = set_level(m, row, rate->bid, entry, gone); break;
    case '1': good = set_level(m, row, rate->ask, entry, gone); break;
    case '2': good = gone || set_trade(m, row, entry, trade_time); break;
    case '5':
        good = gone || read_price(m, row, fix_group_get(entry, FIX_MD_ENTRY_PX), &rate->close);
        break;
    default: good = false;
    }
    if (good)
        m->entries++;
    else
        m->ignored++;
}

static void tell(struct fix_market *m, uint32_t row)
{
    m->rates[row].time = m->now_us;
    m->config.rate(m->config.owner, row, &m->rates[row]);
    fix_market_hear(m, (enum sq_exchange)m->config.tables->instrument[row].exchange);
}

/* ---- messages ------------------------------------------------------------------------------- */

void fix_quotes_snapshot(struct fix_market *m, const struct fix_view *view)
{
    struct source s = {view, NULL};
    uint32_t row = find_row(m, s);
    if (row == SQ_NO_ROW) {
        m->ignored++;
        return;
    }
    struct sq_rate *rate = &m->rates[row];
    memset(rate->bid, 0, sizeof rate->bid); /* a side that the snapshot leaves out is empty */
    memset(rate->ask, 0, sizeof rate->ask);
    read_band(m, row, s);
    struct fix_group entry;
    for (fix_group(view, FIX_NO_MD_ENTRIES, &entry); fix_group_next(&entry);)
        apply_entry(m, row, &entry, false, rate->trade_time);
    if (m->rows[row] == FIX_ROW_ASKED)
        m->waiting[m->config.tables->instrument[row].exchange]--;
    m->rows[row] = FIX_ROW_LIVE;
    tell(m, row);
}

/* Entries of one contract follow each other, and only the first of them need name it. */
void fix_quotes_refresh(struct fix_market *m, const struct fix_view *view)
{
    struct fix_group entry;
    uint32_t row = SQ_NO_ROW;
    for (fix_group(view, FIX_NO_MD_ENTRIES, &entry); fix_group_next(&entry);) {
        struct source s = {view, &entry};
        uint32_t named = fix_group_get(&entry, FIX_SECURITY_ID) != NULL ? find_row(m, s) : row;
        if (named != row && row != SQ_NO_ROW)
            tell(m, row);
        row = named;
        if (row == SQ_NO_ROW || m->rows[row] != FIX_ROW_LIVE) {
            m->ignored++;
            row = SQ_NO_ROW;
            continue;
        }
        read_band(m, row, s);
        apply_entry(m, row, &entry, fix_equals(fix_group_get(&entry, FIX_MD_UPDATE_ACTION), "2"),
                    m->now_us);
    }
    if (row != SQ_NO_ROW)
        tell(m, row);
}
