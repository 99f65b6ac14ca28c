/* small_day.c - the files of a small day, and what a test does with them */
#include "tests/small_day.h"

#include <stdlib.h>
#include <string.h>

#include "db/rehearse.h"
#include "tests/check.h"

#define KITE                                                                                 \
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size," \
    "lot_size,instrument_type,segment,exchange\n"

const struct small_file small_files[SMALL_FILES] = {
    {"instruments.csv",
     KITE "256257,1001,NIFTY 50,NIFTY 50,24412.35,,0,0,0,EQ,INDICES,NSE\n"
          "1,101,NIFTY26D0124500CE,NIFTY,100.00,2026-12-01,24500,0.05,65,CE,NFO-OPT,NFO\n"
          "2,102,NIFTY26D0124500PE,NIFTY,90.00,2026-12-01,24500,0.05,65,PE,NFO-OPT,NFO\n"
          "3,103,NIFTY26DECFUT,NIFTY,24450.00,2026-12-29,0,0.1,65,FUT,NFO-FUT,NFO\n"
          "4,104,BANKNIFTY26DECFUT,BANKNIFTY,57000,2026-12-29,0,0.2,30,FUT,NFO-FUT,NFO\n"
          "5,2885,RELIANCE,RELIANCE,1270.00,,0,0.1,1,EQ,NSE,NSE\n"
          "6,14898,CENTRALBK-BE,CENTRAL BANK OF INDIA,36.5,,0,0.01,1,EQ,NSE,NSE\n"
          "7,16669,BAJAJ-AUTO,BAJAJ AUTO,9000,,0,0.5,1,EQ,NSE,NSE\n"
          "8,2011,USDINR26DECFUT,USDINR,90.9275,2026-12-29,0,0.0025,1000,FUT,CDS-FUT,CDS\n"
          "9,466029,CRUDEOIL26DECFUT,CRUDEOIL,5895,2026-12-18,0,1,100,FUT,MCX-FUT,MCX\n"},
    {"qtyfreeze.csv", "S.No.,SYMBOL    ,VOL_FRZ_QTY    \n"
                      "1    ,NIFTY     ,1800           \n"
                      "2    ,CRUDEOIL  ,100            \n"},
    {"dealers.csv", "dealer,name,role,desk,exch_user_id,max_order_value,max_day_value,one_key,"
                    "active\n"
                    "RK07,R KULKARNI,DEALER,MUM-1,40217,5000000,50000000.50,instant,Y\n"},
    {"clients.csv", "client,name,phone,desk,dealer,backup_dealer,category,cp_code,exch_account,"
                    "ddpi,call_required,status\n"
                    "C10421,R MEHTA,+919800001234,MUM-1,RK07,,CLI,,A10421,Y,Y,ACTIVE\n"
                    "C10812,S IYER,+919800001235,MUM-1,RK07,RK07,CLI,,,Y,N,ACTIVE\n"},
    {"calendar.csv", "exchange,series,date,preopen,open,close,closing_auction_start,"
                     "closing_auction_end,mis_cutoff\n"
                     "NSE,EQ,2026-11-26,09:00,09:15,15:15,15:15,15:35,15:05\n"
                     "NFO,,2026-11-26,,09:15,15:30,,,15:15\n"},
    {"positions.csv", "client," NAMED ",product,net_qty,overnight_qty,avg_price,prev_settle,"
                      "sellable_qty,as_of\n"
                      "C10421," AT_OPTION ",NRML,-1950,-650,118.25,228.50,," AS_OF "\n"
                      "C10421,NSE,2885,RELIANCE,EQ,,,,CNC,100,100,1200,1260.5,60," AS_OF "\n"
                      "C10812,CDS,2011,,,,,,NRML,-40,0,90.9275,,," AS_OF "\n"
                      "C10812,MCX,,CRUDEOIL,,2026-12-18,,,MIS,3,0,5890,,," AS_OF "\n"},
    {"orders.csv",
     "client," NAMED ",product,side,open_qty,order_type,limit_price,trigger_price,"
     "validity,exch_order_no,clord_id,sender_id,entered_at,as_of\n"
     "C10421," AT_OPTION ",NRML,BUY,650,LIMIT,75.00,,DAY,110001,X1,SQDRILL," AS_OF "," AS_OF "\n"
     "C10812,NSE,,RELIANCE,EQ,,,,MIS,SELL,10,SL,1200,1205,DAY,110002,,OMS1," AS_OF "," AS_OF "\n"},
    {"trades.csv", "exchange,trade_no,exch_order_no,client,token,symbol,series,expiry,strike,"
                   "option_type,product,side,qty,price,trade_time\n"
                   "NSE,50123,110002,C10812,2885,RELIANCE,EQ,,,,,SELL,10,1275.60,"
                   "2026-11-26T10:42:03+05:30\n"
                   "NSE,50124,,C10812,2885,RELIANCE,EQ,,,,,SELL,5,1275.60,"
                   "2026-11-26T10:42:04+05:30\n"
                   "NSE,50001,,C10812,2885,RELIANCE,EQ,,,,MIS,SELL,5,1275.60," AS_OF "\n"},
};

const struct day_options small_options = {
    .sender = "SQDRILL", .book = "DRL", .accepted_by = "SV02", .accepted_why = "a drill"};

int small_set_up(void **state)
{
    struct small_day *b = calloc(1, sizeof *b);
    check_make_folder(b->folder, sizeof b->folder);
    *state = b;
    return 0;
}

int small_tear_down(void **state)
{
    struct small_day *b = *state;
    day_finish(&b->day);
    check_remove_folder(b->folder);
    free(b);
    return 0;
}

void small_put(struct small_day *b, const char *name, const char *text, size_t length)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    remove(path);
    check_write_file(path, text, length);
}

void small_put_all(struct small_day *b)
{
    for (size_t i = 0; i < SMALL_FILES; i++)
        small_put(b, small_files[i].name, small_files[i].text, strlen(small_files[i].text));
}

int small_load_with(struct small_day *b, const struct day_options *with)
{
    const char *path = b->folder;
    day_finish(&b->day);
    return day_load(&b->day, with, &path, 1, b->why, sizeof b->why);
}

int small_load(struct small_day *b)
{
    return small_load_with(b, &small_options);
}

/* The n-th input of a kind, from 0. */
const union sq_body *small_input(const struct small_day *b, enum sq_kind kind, int n)
{
    for (size_t i = 0; i < b->day.input_count; i++)
        if (b->day.inputs[i].kind == kind && n-- == 0)
            return &b->day.inputs[i].as;
    fail_msg("no input of kind %s", sq_kind_info(kind)->name);
    return NULL;
}

void small_expect_loaded(struct small_day *b)
{
    char why[256] = "";
    struct sq_config config;
    int result = small_load(b);
    if (result != 0)
        report_print(b->day.report, stdout, 20);
    assert_int_equal(result, 0);
    rehearse_config(&b->day, &config);
    if (!rehearse(&b->day, &config, why, sizeof why))
        fail_msg("core refuses: %s", why);
}

const struct sq_instrument *day_contract(const struct day *day, enum sq_exchange exchange,
                                         uint32_t token)
{
    for (uint32_t i = 0; i < day->counts.contracts; i++)
        if (day->contracts[i].exchange == exchange && day->contracts[i].token == token)
            return &day->contracts[i];
    fail_msg("no contract %u", token);
    return NULL;
}
