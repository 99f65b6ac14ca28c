/*
 * import_people.c: dealers.csv, clients.csv, calendar.csv of the broker's back office.
 *
 * Columns that core has no use for (category, cp_code, ddpi, exch_user_id, preopen) are known by
 * name, so that a file of the documented form is taken, and are not read.
 */
#include "db/import.h"

#include <string.h>

#include "core/num.h"

/* ---- dealers --------------------------------------------------------------------------------- */

enum {
    PERSON_CODE,
    PERSON_NAME,
    PERSON_ROLE,
    PERSON_DESK,
    PERSON_EXCH_USER,
    PERSON_MAX_ORDER,
    PERSON_MAX_DAY,
    PERSON_ONE_KEY,
    PERSON_ACTIVE
};

/* Limits are in rupees; empty or 0 is none. */
static enum row_result person_row(struct reader *r)
{
    struct import *im = r->owner;
    struct sq_person p = {0};
    if (!reader_need_text(r, PERSON_CODE, p.code, sizeof p.code) ||
        !reader_text(r, PERSON_NAME, p.name, sizeof p.name) ||
        !reader_named(r, PERSON_ROLE, SQ_LIST_ROLE, &p.role) ||
        !reader_text(r, PERSON_DESK, p.desk, sizeof p.desk) ||
        !reader_price(r, PERSON_MAX_ORDER, 2, &p.max_order_paise) ||
        !reader_price(r, PERSON_MAX_DAY, 2, &p.max_day_paise) ||
        !reader_named(r, PERSON_ONE_KEY, SQ_LIST_POLICY, &p.policy) ||
        !reader_yes(r, PERSON_ACTIVE, &p.active))
        return ROW_REFUSED;
    if (p.role == SQ_ROLE_SYSTEM)
        return reader_refuse(r, PERSON_ROLE, "not a role of people");
    return import_keep(r, &im->people, &p);
}

static void people_end(struct reader *r)
{
    import_refuse_twins(r, &((struct import *)r->owner)->people, "dealer");
}

const struct reader_format format_dealers = {
    .kind = "dealers",
    .rank = 5,
    .ours = true,
    .row = person_row,
    .end = people_end,
    .columns = {[PERSON_CODE] = "dealer",
                [PERSON_NAME] = "?name",
                [PERSON_ROLE] = "role",
                [PERSON_DESK] = "?desk",
                [PERSON_EXCH_USER] = "?exch_user_id",
                [PERSON_MAX_ORDER] = "?max_order_value",
                [PERSON_MAX_DAY] = "?max_day_value",
                [PERSON_ONE_KEY] = "one_key",
                [PERSON_ACTIVE] = "?active"},
};

/* ---- clients --------------------------------------------------------------------------------- */

enum {
    CLIENT_CODE,
    CLIENT_NAME,
    CLIENT_PHONE,
    CLIENT_DESK,
    CLIENT_DEALER,
    CLIENT_BACKUP,
    CLIENT_CATEGORY,
    CLIENT_CP_CODE,
    CLIENT_ACCOUNT,
    CLIENT_DDPI,
    CLIENT_CALL,
    CLIENT_STATUS
};

/* A client whose dealer does not exist could be closed by nobody. */
static bool known_person(struct reader *r, int column, const char code[SQ_PERSON_SIZE])
{
    struct import *im = r->owner;
    struct sq_person like = {0};
    memcpy(like.code, code, sizeof like.code);
    if (code[0] == '\0' || vector_find(&im->people, &like))
        return true;
    reader_refuse(r, column, "not in the dealers file");
    return false;
}

/* An account that is not ACTIVE is loaded, and core refuses to trade it. */
static enum row_result client_row(struct reader *r)
{
    struct import *im = r->owner;
    struct sq_client c = {0};
    struct csv_field status = reader_field(r, CLIENT_STATUS);
    if (!reader_need_text(r, CLIENT_CODE, c.code, sizeof c.code) ||
        !reader_text(r, CLIENT_NAME, c.name, sizeof c.name) ||
        !reader_text(r, CLIENT_PHONE, c.phone, sizeof c.phone) ||
        !reader_need_text(r, CLIENT_DESK, c.desk, sizeof c.desk) ||
        !reader_text(r, CLIENT_DEALER, c.dealer, sizeof c.dealer) ||
        !reader_text(r, CLIENT_BACKUP, c.backup_dealer, sizeof c.backup_dealer) ||
        !reader_text(r, CLIENT_ACCOUNT, c.exch_account, sizeof c.exch_account) ||
        !reader_yes(r, CLIENT_CALL, &c.call_required))
        return ROW_REFUSED;
    if (c.exch_account[0] == '\0')
        memcpy(c.exch_account, c.code, sizeof c.exch_account);
    c.active = csv_is(&status, "ACTIVE");
    if (!c.active && !csv_is(&status, "INACTIVE") && !csv_is(&status, "SUSPENDED") &&
        !csv_is(&status, "CLOSED"))
        return reader_refuse(r, CLIENT_STATUS, "none of ACTIVE INACTIVE SUSPENDED CLOSED");
    if (im->desk && strncmp(im->desk, c.desk, sizeof c.desk) != 0) {
        vector_add(&im->other_clients, &c, r->csv.line);
        return reader_leave_out(r, CLIENT_DESK, "another desk");
    }
    if (!known_person(r, CLIENT_DEALER, c.dealer) ||
        !known_person(r, CLIENT_BACKUP, c.backup_dealer))
        return ROW_REFUSED;
    return import_keep(r, &im->clients, &c);
}

static void clients_end(struct reader *r)
{
    struct import *im = r->owner;
    import_refuse_twins(r, &im->clients, "client");
    vector_sort(&im->other_clients);
}

const struct reader_format format_clients = {
    .kind = "clients",
    .rank = 6,
    .ours = true,
    .row = client_row,
    .end = clients_end,
    .columns = {[CLIENT_CODE] = "client",
                [CLIENT_NAME] = "?name",
                [CLIENT_PHONE] = "?phone",
                [CLIENT_DESK] = "desk",
                [CLIENT_DEALER] = "dealer",
                [CLIENT_BACKUP] = "?backup_dealer",
                [CLIENT_CATEGORY] = "?category",
                [CLIENT_CP_CODE] = "?cp_code",
                [CLIENT_ACCOUNT] = "?exch_account",
                [CLIENT_DDPI] = "?ddpi",
                [CLIENT_CALL] = "call_required",
                [CLIENT_STATUS] = "?status"},
};

/* ---- calendar -------------------------------------------------------------------------------- */

enum {
    HOURS_EXCHANGE,
    HOURS_SERIES,
    HOURS_DATE,
    HOURS_PREOPEN,
    HOURS_OPEN,
    HOURS_CLOSE,
    HOURS_AUCTION_START,
    HOURS_AUCTION_END,
    HOURS_CUTOFF
};

/* "09:15" of a day in India; empty reads as 0. */
static bool read_clock(struct reader *r, int column, uint32_t date, sq_time *out)
{
    struct csv_field f = reader_field(r, column);
    *out = 0;
    if (f.length == 0)
        return true;
    int value[4], places[] = {0, 1, 3, 4};
    bool good = f.length == 5 && f.text[2] == ':';
    for (int i = 0; good && i < 4; i++) {
        value[i] = f.text[places[i]] - '0';
        good = value[i] >= 0 && value[i] <= 9;
    }
    int minutes = good ? (value[0] * 10 + value[1]) * 60 + value[2] * 10 + value[3] : 0;
    if (!good || minutes >= 24 * 60 || value[2] > 5) {
        reader_refuse(r, column, "not a time like 09:15");
        return false;
    }
    *out = sq_midnight(date) + minutes * 60 * SQ_SECOND;
    return true;
}

/* A calendar of the whole year is fine: other days are left out. */
static enum row_result hours_row(struct reader *r)
{
    struct import *im = r->owner;
    struct sq_hours h = {0};
    uint32_t date;
    if (!reader_named(r, HOURS_EXCHANGE, SQ_LIST_EXCHANGE, &h.exchange) ||
        !reader_text(r, HOURS_SERIES, h.series, sizeof h.series) ||
        !reader_date(r, HOURS_DATE, &date))
        return ROW_REFUSED;
    if (date == 0)
        return reader_refuse(r, HOURS_DATE, "empty");
    if (im->day != 0 && date != im->day)
        return reader_leave_out(r, HOURS_DATE, "another day");
    if (!read_clock(r, HOURS_OPEN, date, &h.open) || !read_clock(r, HOURS_CLOSE, date, &h.close) ||
        !read_clock(r, HOURS_AUCTION_START, date, &h.auction_start) ||
        !read_clock(r, HOURS_AUCTION_END, date, &h.auction_end) ||
        !read_clock(r, HOURS_CUTOFF, date, &h.mis_cutoff))
        return ROW_REFUSED;
    if (h.open == 0 || h.close <= h.open)
        return reader_refuse(r, HOURS_CLOSE, "does not come after the opening");
    if ((h.auction_start != 0) != (h.auction_end != 0) || h.auction_end < h.auction_start)
        return reader_refuse(r, HOURS_AUCTION_END, "does not come after its start");
    return import_keep(r, &im->hours, &h);
}

static void hours_end(struct reader *r)
{
    import_refuse_twins(r, &((struct import *)r->owner)->hours, "series");
}

const struct reader_format format_calendar = {
    .kind = "calendar",
    .rank = 7,
    .ours = true,
    .row = hours_row,
    .end = hours_end,
    .columns = {[HOURS_EXCHANGE] = "exchange",
                [HOURS_SERIES] = "?series",
                [HOURS_DATE] = "date",
                [HOURS_PREOPEN] = "?preopen",
                [HOURS_OPEN] = "open",
                [HOURS_CLOSE] = "close",
                [HOURS_AUCTION_START] = "?closing_auction_start",
                [HOURS_AUCTION_END] = "?closing_auction_end",
                [HOURS_CUTOFF] = "?mis_cutoff"},
};
