/*
 * import.c: what several readers share: the tables they fill, how a contract enters the reference,
 * how a row of the book finds its contract and its client, how twins are found.
 *
 * A wrong contract is a wrong order. So a token has to be there, and what stands beside it (symbol,
 * series, expiry, strike, type) has to agree; without a token the name has to fit exactly one.
 */
#include "db/import.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"

/* The most demanding header first: some files hold every column of another kind. */
const struct reader_format *const import_formats[] = {
    &format_kite,      &format_xts_fo,        &format_xts_cm,
    &format_xts_index, &format_udiff,         &format_legacy_fo,
    &format_legacy_cm, &format_bhavdata_full, &format_bse_eq,
    &format_freeze,    &format_dealers,       &format_clients,
    &format_calendar,  &format_positions,     &format_orders,
    &format_trades,    &format_watch,         NULL,
};

/* Members are NUL-padded to their size: bytes compare as texts do. */
static int compare_text(const void *a, const void *b, size_t size)
{
    return memcmp(a, b, size);
}

static int compare_people(const void *a, const void *b)
{
    return compare_text(((const struct sq_person *)a)->code, ((const struct sq_person *)b)->code,
                        SQ_PERSON_SIZE);
}

static int compare_clients(const void *a, const void *b)
{
    return compare_text(((const struct sq_client *)a)->code, ((const struct sq_client *)b)->code,
                        SQ_CLIENT_SIZE);
}

static int compare_hours(const void *a, const void *b)
{
    const struct sq_hours *x = a, *y = b;
    int order = (int)x->exchange - (int)y->exchange;
    return order ? order : compare_text(x->series, y->series, sizeof x->series);
}

static int compare_keys(const struct sq_key *x, const struct sq_key *y)
{
    int order = compare_text(x->client, y->client, sizeof x->client);
    if (order == 0)
        order = (int)x->exchange - (int)y->exchange;
    if (order == 0)
        order = (x->token > y->token) - (x->token < y->token);
    return order ? order : (int)x->product - (int)y->product;
}

static int compare_positions(const void *a, const void *b)
{
    return compare_keys(&((const struct import_position *)a)->position.key,
                        &((const struct import_position *)b)->position.key);
}

/* Numbers are the exchange's own: unique on one exchange. */
static int compare_orders(const void *a, const void *b)
{
    const struct sq_order *x = a, *y = b;
    int order = (int)x->key.exchange - (int)y->key.exchange;
    return order ? order : compare_text(x->exch_no, y->exch_no, sizeof x->exch_no);
}

/* Both sides of one trade may be ours, under one number. */
static int compare_trades(const void *a, const void *b)
{
    const struct sq_trade *x = a, *y = b;
    int order = (int)x->key.exchange - (int)y->key.exchange;
    if (order == 0)
        order = compare_text(x->trade_no, y->trade_no, sizeof x->trade_no);
    return order ? order : (int)x->side - (int)y->side;
}

static int compare_rows(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

void import_init(struct import *im)
{
    memset(im, 0, sizeof *im);
    reference_init(&im->reference);
    report_init(&im->report);
    vector_init(&im->people, sizeof(struct sq_person), compare_people);
    vector_init(&im->clients, sizeof(struct sq_client), compare_clients);
    vector_init(&im->other_clients, sizeof(struct sq_client), compare_clients);
    vector_init(&im->hours, sizeof(struct sq_hours), compare_hours);
    vector_init(&im->positions, sizeof(struct import_position), compare_positions);
    vector_init(&im->exchange_positions, sizeof(struct import_position), compare_positions);
    vector_init(&im->orders, sizeof(struct import_order), compare_orders);
    vector_init(&im->trades, sizeof(struct import_trade), compare_trades);
    vector_init(&im->watched, sizeof(uint32_t), compare_rows);
}

void import_finish(struct import *im)
{
    struct vector *const vectors[] = {
        &im->people, &im->clients,   &im->other_clients,
        &im->hours,  &im->positions, &im->exchange_positions,
        &im->orders, &im->trades,    &im->watched,
    };
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        vector_finish(vectors[i]);
    reference_finish(&im->reference);
    report_finish(&im->report);
}

/* ---- contracts ------------------------------------------------------------------------------- */

unsigned import_decimals(enum sq_exchange exchange)
{
    return exchange == SQ_EXCHANGE_CDS || exchange == SQ_EXCHANGE_BCD ? 4 : 2;
}

/* Currency and commodity venues take orders in lots; what a lot is worth is the multiplier. */
void import_set_lot(struct sq_instrument *i, int64_t lot_size)
{
    bool in_lots = i->exchange == SQ_EXCHANGE_CDS || i->exchange == SQ_EXCHANGE_BCD ||
                   i->exchange == SQ_EXCHANGE_MCX || i->exchange == SQ_EXCHANGE_NCO;
    i->lot = in_lots ? 1 : lot_size;
    i->multiplier = in_lots ? lot_size : 1;
}

/* One vocabulary for what can be wrong with a contract that is there already. */
static enum row_result verdict_of(struct reader *r, enum reference_result result, int token)
{
    static const char *const reasons[] = {
        [REFERENCE_TWICE] = "token is in this file already",
        [REFERENCE_OTHER] = "token is another contract in another file",
        [REFERENCE_DIFFERS] = "lot, tick or multiplier differs from another file's",
        [REFERENCE_NO_MEMORY] = "no memory for more contracts",
    };
    if (result == REFERENCE_NEW || result == REFERENCE_MERGED)
        return ROW_TAKEN;
    return reader_refuse(r, token, reasons[result]);
}

enum row_result import_put(struct reader *r, struct sq_instrument *i, int token)
{
    struct import *im = r->owner;
    uint32_t row = 0;
    return verdict_of(r, reference_put(&im->reference, i, (uint8_t)r->file, &row), token);
}

/* The real index master gives a hundred tokens twice; nobody trades an index. */
enum row_result import_put_index(struct reader *r, struct sq_instrument *index, int token)
{
    struct import *im = r->owner;
    uint32_t row = 0;
    enum reference_result result = reference_put(&im->reference, index, (uint8_t)r->file, &row);
    if (result == REFERENCE_TWICE || result == REFERENCE_OTHER)
        return reader_leave_out(r, token, "token is taken; an index is only looked at");
    return verdict_of(r, result, token);
}

/* As 3.60597e+07, which spreadsheets and scripts make of large numbers. */
static bool has_exponent(struct csv_field field)
{
    for (uint32_t i = 1; i < field.length; i++)
        if ((field.text[i] == 'e' || field.text[i] == 'E') && field.text[0] >= '1' &&
            field.text[0] <= '9')
            return true;
    return false;
}

bool import_band(struct reader *r, int column, unsigned decimals, sq_price *out)
{
    struct csv_field field = reader_field(r, column);
    *out = 0;
    if (has_exponent(field) || csv_is(&field, "-1"))
        return true;
    return reader_price(r, column, decimals, out);
}

enum import_close import_close_of(struct reader *r, int date_column)
{
    const struct import *im = r->owner;
    uint32_t date;
    if (!reader_date(r, date_column, &date))
        return CLOSE_WRONG;
    if (date == 0) {
        reader_refuse(r, date_column, "empty");
        return CLOSE_WRONG;
    }
    if (im->day == 0 || date == im->day)
        return im->day == 0 ? CLOSE_LAST : CLOSE_PREVIOUS;
    int64_t age = sq_days_of_date(im->day) - sq_days_of_date(date);
    if (age > 0 && age <= 7)
        return CLOSE_LAST;
    reader_refuse(r, date_column,
                  age < 0 ? "later than the day that is loaded"
                          : "more than a week before the day that is loaded");
    r->stop = true;
    return CLOSE_WRONG;
}

/* ---- the book -------------------------------------------------------------------------------- */

enum row_result import_keep(struct reader *r, struct vector *rows, const void *row)
{
    return vector_add(rows, row, r->csv.line) ? ROW_TAKEN
                                              : reader_refuse(r, -1, "more rows than any desk has");
}

void import_refuse_twins(struct reader *r, struct vector *rows, const char *field)
{
    struct report_file *file = &r->report->file[r->file];
    if (!vector_sort(rows)) {
        report_add(r->report, r->file, true, 0, "", "no memory");
        return;
    }
    for (uint32_t i = 1; i < rows->count; i++) {
        uint32_t before = rows->sorted[i - 1], row = rows->sorted[i];
        char reason[64];
        if (rows->compare(vector_at(rows, before), vector_at(rows, row)) != 0)
            continue;
        snprintf(reason, sizeof reason, "the same as in line %u", rows->line[before]);
        report_add(r->report, r->file, true, rows->line[row], field, reason);
        file->loaded--;
    }
}

/* The first row of a file sets it. */
bool import_as_of(struct reader *r, int column)
{
    struct import *im = r->owner;
    sq_time as_of;
    if (!reader_time(r, column, &as_of))
        return false;
    if (im->file_as_of == 0)
        im->file_as_of = as_of;
    if (im->file_as_of == as_of)
        return true;
    reader_refuse(r, column, "not the same in all rows of the file");
    return false;
}

/* Another desk's client is no mistake; a client that nobody knows is. */
enum row_result import_client(struct reader *r, int column, char client[SQ_CLIENT_SIZE])
{
    struct import *im = r->owner;
    struct sq_client like = {0};
    if (!reader_need_text(r, column, like.code, sizeof like.code))
        return ROW_REFUSED;
    memcpy(client, like.code, sizeof like.code);
    if (vector_find(&im->clients, &like))
        return ROW_TAKEN;
    if (vector_find(&im->other_clients, &like))
        return reader_leave_out(r, column, "client of another desk");
    return reader_refuse(r, column, "not in the clients file");
}

/* Kind of contract as a row of ours tells it: by option type, else by expiry. */
static bool named_contract(struct reader *r, struct sq_instrument *wanted)
{
    struct csv_field type = reader_field(r, NAMED_OPTION_TYPE);
    bool option = csv_is(&type, "CE") || csv_is(&type, "PE");
    if (!reader_date(r, NAMED_EXPIRY, &wanted->expiry))
        return false;
    if (!option && type.length > 0 && !csv_is(&type, "FUT") && !csv_is(&type, "XX")) {
        reader_refuse(r, NAMED_OPTION_TYPE, "neither CE nor PE");
        return false;
    }
    wanted->contract = csv_is(&type, "CE") ? SQ_CONTRACT_CALL
                       : option            ? SQ_CONTRACT_PUT
                       : wanted->expiry    ? SQ_CONTRACT_FUTURE
                                           : SQ_CONTRACT_EQUITY;
    return true;
}

static bool named_in_row(struct reader *r, struct sq_instrument *wanted)
{
    memset(wanted, 0, sizeof *wanted);
    return reader_named(r, NAMED_EXCHANGE, SQ_LIST_EXCHANGE, &wanted->exchange) &&
           reader_text(r, NAMED_SYMBOL, wanted->symbol, sizeof wanted->symbol) &&
           reader_text(r, NAMED_SERIES, wanted->series, sizeof wanted->series) &&
           reader_price(r, NAMED_STRIKE, import_decimals((enum sq_exchange)wanted->exchange),
                        &wanted->strike) &&
           named_contract(r, wanted);
}

/* Everything that the row tells beside the token must be so; what it leaves empty is not asked. */
static bool agrees(struct reader *r, const struct sq_instrument *wanted,
                   const struct sq_instrument *have)
{
    int column = -1;
    if (wanted->symbol[0] && memcmp(wanted->symbol, have->symbol, sizeof have->symbol) != 0)
        column = NAMED_SYMBOL;
    else if (wanted->series[0] && have->series[0] &&
             memcmp(wanted->series, have->series, sizeof have->series) != 0)
        column = NAMED_SERIES;
    else if (wanted->expiry && wanted->expiry != have->expiry)
        column = NAMED_EXPIRY;
    else if (wanted->strike && wanted->strike != have->strike)
        column = NAMED_STRIKE;
    else if (!reader_is_empty(r, NAMED_OPTION_TYPE) && wanted->contract != have->contract)
        column = NAMED_OPTION_TYPE;
    if (column >= 0)
        reader_refuse(r, column, "not what the contract with this token has");
    return column < 0;
}

/* The name beside a token is a check on it: a wrong token is a wrong order. */
static bool by_token(struct reader *r, const struct sq_instrument *wanted, uint32_t *instrument)
{
    struct import *im = r->owner;
    uint32_t token;
    if (!reader_token(r, NAMED_TOKEN, &token))
        return false;
    *instrument = reference_find(&im->reference, (enum sq_exchange)wanted->exchange, token);
    if (*instrument != UINT32_MAX)
        return agrees(r, wanted, &im->reference.rows[*instrument]);
    reader_refuse(r, NAMED_TOKEN, "no such token in the instrument files");
    return false;
}

/* Exactly one, or none of them: a guess would be an order in a contract nobody meant. */
static bool by_name(struct reader *r, const struct sq_instrument *wanted, uint32_t *instrument)
{
    struct import *im = r->owner;
    uint32_t matches;
    *instrument = reference_named(&im->reference, wanted, &matches);
    if (matches != 1)
        reader_refuse(r, NAMED_SYMBOL,
                      matches ? "more than one contract has this name"
                              : "no such contract in the instrument files");
    return matches == 1;
}

/* What cannot be ordered cannot be closed here: better told now than at 10:42. */
bool import_resolve(struct reader *r, uint32_t *instrument)
{
    const struct import *im = r->owner;
    struct sq_instrument wanted;
    if (!named_in_row(r, &wanted))
        return false;
    bool found = reader_is_empty(r, NAMED_TOKEN) ? by_name(r, &wanted, instrument)
                                                 : by_token(r, &wanted, instrument);
    if (!found)
        return false;
    const struct sq_instrument *i = &im->reference.rows[*instrument];
    const char *reason = i->contract == SQ_CONTRACT_INDEX        ? "an index cannot be held"
                         : i->expiry != 0 && i->expiry < im->day ? "contract has expired"
                         : i->tick == 0 ? "no file tells the tick of this contract"
                         : i->lot == 0  ? "no file tells the lot of this contract"
                                        : NULL;
    if (reason)
        reader_refuse(r, NAMED_SYMBOL, reason);
    return reason == NULL;
}
