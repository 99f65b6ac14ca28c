/*
 * import_test.c - the files of a day: every real one with its exact counts, a small day of our own
 * loaded right, and the same day broken in many ways, of which nothing may be loaded
 */
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/day.h"
#include "db/rehearse.h"
#include "tests/check.h"

/* ---- real files ------------------------------------------------------------------------------ */

static const struct {
    const char *file, *kind;
    uint32_t rows, loaded, unmatched, left_out, contracts;
} real[] = {
    {"kite_instruments_20240406.csv", "Kite instruments", 31373, 31373, 0, 0, 31373},
    {"kite_mocks/instruments_all.csv", "Kite instruments", 99, 99, 0, 0, 99},
    {"nse_cm_bhav_20260706.csv", "legacy CM bhavcopy", 3301, 0, 3301, 0, 0},
    {"nse_fo_bhav_legacy.csv", "legacy FO bhavcopy", 42917, 0, 42917, 0, 0},
    {"nse_qtyfreeze.csv", "NSE freeze quantities", 213, 0, 213, 0, 0},
    {"udiff_fo_sample_20260722.csv", "UDiFF bhavcopy", 4, 4, 0, 0, 4},
    {"xts_bsefo_processed_202602.csv", "XTS derivatives master", 5392, 5383, 0, 9, 5383},
    {"xts_nsecm_processed_202602.csv", "XTS cash master", 8868, 8868, 0, 0, 8868},
    {"xts_nse_cm_index_master.csv", "XTS index master", 245, 146, 0, 99, 146},
};

static int load_real(struct day *day, const char *const *names, size_t count)
{
    char paths[4][300], why[256] = "";
    const char *list[4];
    for (size_t i = 0; i < count; i++) {
        snprintf(paths[i], sizeof paths[i], CHECK_SHARED_DATA "/%s", names[i]);
        list[i] = paths[i];
    }
    return day_load_contracts(day, list, count, why, sizeof why);
}

static void test_real_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof real / sizeof real[0]; i++) {
        struct day day;
        char path[300];
        snprintf(path, sizeof path, CHECK_SHARED_DATA "/%s", real[i].file);
        check_need_file(path);
        assert_int_equal(load_real(&day, &real[i].file, 1), 0);
        const struct report_file *f = &day.report->file[0];
        assert_string_equal(f->kind, real[i].kind);
        assert_int_equal(f->rows, real[i].rows);
        assert_int_equal(f->loaded, real[i].loaded);
        assert_int_equal(f->unmatched, real[i].unmatched);
        assert_int_equal(f->left_out, real[i].left_out);
        assert_int_equal(f->refused, 0);
        assert_int_equal(day.counts.contracts, real[i].contracts);
        day_finish(&day);
    }
}

/* Masters with what tells more of their contracts: what meets, meets. */
static void test_real_files_together(void **state)
{
    static const struct {
        const char *names[2];
        uint32_t second_loaded;
    } pairs[] = {
        {{"kite_instruments_20240406.csv", "nse_qtyfreeze.csv"}, 140},
        {{"xts_nsecm_processed_202602.csv", "nse_cm_bhav_20260706.csv"}, 2578},
        {{"xts_nsecm_processed_202602.csv", "xts_nse_cm_index_master.csv"}, 146},
    };
    (void)state;
    check_need_file(CHECK_SHARED_DATA "/nse_qtyfreeze.csv");
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        struct day day;
        assert_int_equal(load_real(&day, pairs[i].names, 2), 0);
        assert_int_equal(day.report->file[1].loaded, pairs[i].second_loaded);
        day_finish(&day);
    }
}

static const struct sq_instrument *contract(const struct day *day, enum sq_exchange exchange,
                                            uint32_t token)
{
    for (uint32_t i = 0; i < day->counts.contracts; i++)
        if (day->contracts[i].exchange == exchange && day->contracts[i].token == token)
            return &day->contracts[i];
    fail_msg("no contract %u", token);
    return NULL;
}

static void test_real_values(void **state)
{
    struct day day;
    const char *const bse = "xts_bsefo_processed_202602.csv", *const cm =
                                                                  "xts_nsecm_processed_202602.csv";
    (void)state;
    check_need_file(CHECK_SHARED_DATA "/xts_bsefo_processed_202602.csv");
    assert_int_equal(load_real(&day, &bse, 1), 0);
    const struct sq_instrument *i = contract(&day, SQ_EXCHANGE_BFO, 828400);
    assert_string_equal(i->symbol, "SENSEX50");
    assert_int_equal(i->contract, SQ_CONTRACT_PUT);
    assert_int_equal(i->expiry, 20260325);
    assert_int_equal(i->strike, 2690000);
    assert_int_equal(i->lot, 75);
    assert_int_equal(i->tick, 5);
    assert_int_equal(i->band_high, 51955);
    assert_int_equal(i->band_low, 8035);
    day_finish(&day);
    assert_int_equal(load_real(&day, &cm, 1), 0);
    i = contract(&day, SQ_EXCHANGE_NSE, 17888);
    assert_string_equal(i->symbol, "GATECH");
    assert_string_equal(i->series, "EQ");
    assert_int_equal(i->band_high, 0); /* 3.60597e+07: rounded, and no band */
    day_finish(&day);
}

/* ---- a small day ------------------------------------------------------------------------------ */

#define KITE                                                                                 \
    "instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size," \
    "lot_size,instrument_type,segment,exchange\n"
#define AS_OF     "2026-11-26T10:41:58+05:30"
#define NAMED     "exchange,token,symbol,series,expiry,strike,option_type"
#define AT_OPTION "NFO,,NIFTY,,2026-12-01,24500,CE"

static const struct {
    const char *name, *text;
} small[] = {
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
enum { SMALL = sizeof small / sizeof small[0] };

static const struct day_options options = {
    .sender = "SQDRILL", .book = "DRL", .accepted_by = "SV02", .accepted_why = "a drill"};

struct bench_day {
    char folder[256];
    struct day day;
    char why[256];
};

static int set_up(void **state)
{
    struct bench_day *b = calloc(1, sizeof *b);
    check_make_folder(b->folder, sizeof b->folder);
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bench_day *b = *state;
    day_finish(&b->day);
    check_remove_folder(b->folder);
    free(b);
    return 0;
}

static void put_file(struct bench_day *b, const char *name, const char *text, size_t length)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", b->folder, name);
    remove(path);
    check_write_file(path, text, length);
}

static void put_small(struct bench_day *b)
{
    for (size_t i = 0; i < SMALL; i++)
        put_file(b, small[i].name, small[i].text, strlen(small[i].text));
}

static int load_with(struct bench_day *b, const struct day_options *with)
{
    const char *path = b->folder;
    day_finish(&b->day);
    return day_load(&b->day, with, &path, 1, b->why, sizeof b->why);
}

static int load(struct bench_day *b)
{
    return load_with(b, &options);
}

/* The n-th input of a kind, from 0. */
static const union sq_body *input(const struct bench_day *b, enum sq_kind kind, int n)
{
    for (size_t i = 0; i < b->day.input_count; i++)
        if (b->day.inputs[i].kind == kind && n-- == 0)
            return &b->day.inputs[i].as;
    fail_msg("no input of kind %s", sq_kind_info(kind)->name);
    return NULL;
}

static void expect_loaded(struct bench_day *b)
{
    char why[256] = "";
    struct sq_config config;
    int result = load(b);
    if (result != 0)
        report_print(b->day.report, stdout, 20);
    assert_int_equal(result, 0);
    rehearse_config(&b->day, &config);
    if (!rehearse(&b->day, &config, why, sizeof why))
        fail_msg("core refuses: %s", why);
}

static void test_small_day(void **state)
{
    struct bench_day *b = *state;
    put_small(b);
    expect_loaded(b);
    const struct day_counts *c = &b->day.counts;
    assert_int_equal(b->day.day, 20261126);
    assert_int_equal(c->contracts, 10);
    assert_int_equal(c->instruments, 6); /* named, the future, the index: not the put, not BE */
    assert_int_equal(c->clients, 2);
    assert_int_equal(c->people, 1);
    assert_int_equal(c->hours, 2);
    assert_int_equal(c->positions, 6); /* four of the file, two flat: of an order and of a trade */
    assert_int_equal(c->orders, 2);
    assert_int_equal(c->ours, 1);
    assert_int_equal(c->trades, 2);
    assert_int_equal(c->early_trades, 1);
    assert_int_equal(c->one_source, 4);
    const struct sq_day *head = &input(b, SQ_DAY, 0)->day;
    assert_string_equal(head->book, "DRL");
    assert_string_equal(head->desk, "MUM-1");
    assert_int_equal(head->accepted, 2);
    assert_int_equal(b->day.inputs[0].kind, SQ_DAY);
    assert_int_equal(b->day.inputs[b->day.input_count - 1].kind, SQ_DAY_DONE);
}

static void test_units(void **state)
{
    struct bench_day *b = *state;
    put_small(b);
    expect_loaded(b);
    const struct sq_instrument *usd = contract(&b->day, SQ_EXCHANGE_CDS, 2011);
    assert_int_equal(usd->price_decimals, 4);
    assert_int_equal(usd->tick, 25);
    assert_int_equal(usd->lot, 1);
    assert_int_equal(usd->multiplier, 1000);
    const struct sq_instrument *crude = contract(&b->day, SQ_EXCHANGE_MCX, 466029);
    assert_int_equal(crude->lot, 1);
    assert_int_equal(crude->multiplier, 100);
    assert_int_equal(crude->freeze, 100);
    assert_int_equal(contract(&b->day, SQ_EXCHANGE_NFO, 101)->freeze, 1800);
    assert_int_equal(contract(&b->day, SQ_EXCHANGE_NFO, 104)->freeze, 0);
    assert_string_equal(contract(&b->day, SQ_EXCHANGE_NSE, 14898)->symbol, "CENTRALBK");
    assert_string_equal(contract(&b->day, SQ_EXCHANGE_NSE, 14898)->series, "BE");
    assert_string_equal(contract(&b->day, SQ_EXCHANGE_NSE, 16669)->symbol, "BAJAJ-AUTO");
    /* 650 short at the previous settlement, 1300 at their own price; in paise. */
    const struct sq_position *p = &input(b, SQ_POSITION, 0)->position;
    assert_int_equal(p->basis_paise, -650 * 22850 - 1300 * 11825);
    assert_int_equal(p->start, -1950);
    assert_int_equal(p->agreed, -1950);
    /* 40 lots of 1000 dollars at 90.9275. */
    assert_int_equal(input(b, SQ_POSITION, 2)->position.basis_paise, -363710000);
    assert_int_equal(input(b, SQ_POSITION, 1)->position.sellable, 60);
    assert_int_equal(input(b, SQ_PERSON, 0)->person.max_day_paise, 5000000050);
    assert_string_equal(input(b, SQ_CLIENT, 0)->client.exch_account, "A10421");
    assert_string_equal(input(b, SQ_CLIENT, 1)->client.exch_account, "C10812");
    const struct sq_hours *h = &input(b, SQ_HOURS, 0)->hours;
    assert_int_equal(h->open - sq_midnight(20261126), (9 * 60 + 15) * 60 * SQ_SECOND);
}

static void test_product_of_trades(void **state)
{
    struct bench_day *b = *state;
    put_small(b);
    expect_loaded(b);
    assert_int_equal(input(b, SQ_TRADE, 0)->trade.key.product, SQ_PRODUCT_MIS); /* its order's */
    assert_int_equal(input(b, SQ_TRADE, 1)->trade.key.product, SQ_PRODUCT_UNKNOWN);
    assert_int_equal(input(b, SQ_ORDER, 0)->order.origin, SQ_ORIGIN_RESTING);
    assert_int_equal(input(b, SQ_ORDER, 1)->order.origin, SQ_ORIGIN_RESTING_EXT);
}

static void test_same_files_same_digest(void **state)
{
    struct bench_day *b = *state;
    uint8_t digest[HASH_SIZE];
    put_small(b);
    expect_loaded(b);
    memcpy(digest, b->day.digest, sizeof digest);
    expect_loaded(b);
    assert_memory_equal(digest, b->day.digest, sizeof digest);
    struct day_options other = options;
    other.sender = "OTHER";
    assert_int_equal(load_with(b, &other), 0);
    assert_memory_not_equal(digest, b->day.digest, sizeof digest);
}

/* Spreadsheets and editors do this to files: BOM, CRLF, quotes, other order, columns of their own. */
static void test_shapes_of_files(void **state)
{
    struct bench_day *b = *state;
    static const char text[] = "\xef\xbb\xbf\"one_key\",x_note,dealer,role,active\r\n"
                               "\"instant\",\"a, \"\"b\"\"\",\"RK07\",DEALER,Y\r\n";
    put_small(b);
    put_file(b, "dealers.csv", text, sizeof text - 1);
    expect_loaded(b);
    assert_string_equal(input(b, SQ_PERSON, 0)->person.code, "RK07");
}

/* Contracts that nobody holds, for the screen of rates. */
static void test_watch_list(void **state)
{
    struct bench_day *b = *state;
    static const char text[] = "exchange,token,symbol,watch\nNFO,102,NIFTY,Y\nNFO,104,,N\n";
    put_small(b);
    put_file(b, "watch.csv", text, sizeof text - 1);
    expect_loaded(b);
    assert_int_equal(b->day.counts.instruments, 7);
}

static void test_two_sources(void **state)
{
    struct bench_day *b = *state;
    static const char text[] =
        "client," NAMED ",net_qty,as_of\n"
        "C10421," AT_OPTION ",-1300," AS_OF "\n"        /* differs: the smaller is agreed */
        "C10421,NSE,2885,RELIANCE,EQ,,,,60," AS_OF "\n" /* agrees, */
        "C10421,NSE,2885,RELIANCE,EQ,,,,40," AS_OF "\n" /* in two rows */
        "C10812,CDS,2011,,,,,,40," AS_OF "\n"           /* other side: nothing is agreed */
        "C10812,NFO,103,,,,,,65," AS_OF "\n";           /* only the exchange knows of it */
    put_small(b);
    put_file(b, "positions_exchange.csv", text, sizeof text - 1);
    expect_loaded(b);
    static const struct {
        int row;
        sq_quantity net, agreed;
        enum sq_source source;
    } expected[] = {
        {0, -1950, -1300, SQ_SOURCE_DIFFER},
        {1, 100, 100, SQ_SOURCE_AGREED},
        {2, -40, 0, SQ_SOURCE_DIFFER},
        {3, 3, 0, SQ_SOURCE_DIFFER},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        const struct sq_position *p = &input(b, SQ_POSITION, expected[i].row)->position;
        assert_int_equal(p->net, expected[i].net);
        assert_int_equal(p->agreed, expected[i].agreed);
        assert_int_equal(p->source, expected[i].source);
    }
    bool found = false;
    for (uint32_t i = 0; i < b->day.counts.positions; i++) {
        const struct sq_position *p = &input(b, SQ_POSITION, (int)i)->position;
        if (p->key.token == 103) {
            found = true;
            assert_int_equal(p->net, 65);
            assert_int_equal(p->agreed, 0);
            assert_int_equal(p->key.product, SQ_PRODUCT_UNKNOWN);
        }
    }
    assert_true(found);
}

static void test_another_desk(void **state)
{
    struct bench_day *b = *state;
    struct day_options desk = options;
    char text[4096];
    put_small(b);
    snprintf(text, sizeof text, "%sC9,X,,DEL-2,OTHER,,CLI,,,Y,N,ACTIVE\n", small[3].text);
    put_file(b, "clients.csv", text, strlen(text));
    assert_int_equal(load(b), 1); /* two desks, and none was named */
    snprintf(text, sizeof text, "%sC9,NSE,2885,,,,,,MIS,10,0,1,,," AS_OF "\n", small[5].text);
    put_file(b, "positions.csv", text, strlen(text));
    desk.desk = "MUM-1";
    assert_int_equal(load_with(b, &desk), 0);
    assert_int_equal(b->day.counts.clients, 2);
    assert_int_equal(b->day.counts.positions, 6);
    assert_int_equal(b->day.report->left_out, 3); /* its client, its position, the early trade */
}

/* A bhavcopy tells the previous close by its date. */
static void test_bhavcopy_by_date(void **state)
{
    struct bench_day *b = *state;
    static const struct {
        const char *date;
        int result;
        sq_price close;
    } rows[] = {{"25-Nov-2026", 0, 127510},
                {"26-Nov-2026", 0, 126505},
                {"10-Nov-2026", 1, 0},
                {"27-Nov-2026", 1, 0}};
    put_small(b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,"
                 "TOTALTRADES,ISIN,\nRELIANCE,EQ,1,1,1,1275.1,1,1265.05,1,2e+05,%s,1,X,\n",
                 rows[i].date);
        put_file(b, "bhav.csv", text, strlen(text));
        assert_int_equal(load(b), rows[i].result);
        if (rows[i].result == 0)
            assert_int_equal(contract(&b->day, SQ_EXCHANGE_NSE, 2885)->prev_settle, rows[i].close);
    }
}

/* Forms that have no real file here: columns as documented, blanks and '-' as in the wild. */
static void test_other_bhavcopies(void **state)
{
    struct bench_day *b = *state;
    static const char full[] =
        "SYMBOL, SERIES, DATE1, PREV_CLOSE, OPEN_PRICE, HIGH_PRICE, LOW_PRICE, LAST_PRICE, "
        "CLOSE_PRICE, AVG_PRICE, TTL_TRD_QNTY, TURNOVER_LACS, NO_OF_TRADES, DELIV_QTY, DELIV_PER\n"
        "RELIANCE, EQ, 25-Nov-2026, 1260.00, 1, 1, 1, 1, 1271.30, 1, 1, 1, 1, -, -\n";
    static const char udiff[] =
        "TradDt,BizDt,Sgmt,Src,FinInstrmTp,FinInstrmId,ISIN,TckrSymb,SctySrs,XpryDt,"
        "FininstrmActlXpryDt,StrkPric,OptnTp,FinInstrmNm,OpnPric,HghPric,LwPric,ClsPric,LastPric,"
        "PrvsClsgPric,UndrlygPric,SttlmPric,OpnIntrst,ChngInOpnIntrst,TtlTradgVol,TtlTrfVal,"
        "TtlNbOfTxsExctd,SsnId,NewBrdLotQty,Rmks,Rsvd01,Rsvd02,Rsvd03,Rsvd04\n"
        "2026-11-25,2026-11-25,FO,NSE,IDO,101,,NIFTY,,2026-12-01,2026-12-01,24500.00,CE,X,1,1,1,"
        "1,1,99.00,1,101.55,1,1,1,1,1,F1,65,,,,,\n"
        "2026-11-25,2026-11-25,CM,NSE,STK,2885,INE,RELIANCE,EQ,,,,,X,1,1,1,1272.00,1,99.00,1,,1,1,"
        "1,1,1,F1,1,,,,,\n";
    put_small(b);
    put_file(b, "full.csv", full, sizeof full - 1);
    expect_loaded(b);
    assert_int_equal(contract(&b->day, SQ_EXCHANGE_NSE, 2885)->prev_settle, 127130);
    put_file(b, "full.csv", udiff, sizeof udiff - 1);
    expect_loaded(b);
    assert_int_equal(contract(&b->day, SQ_EXCHANGE_NFO, 101)->prev_settle, 10155);
    assert_int_equal(contract(&b->day, SQ_EXCHANGE_NSE, 2885)->prev_settle, 127200);
}

/* ---- the small day, broken -------------------------------------------------------------------- */

static const struct {
    const char *file, *find, *put; /* first `find` becomes `put` */
    uint32_t line;                 /* where it is reported; 0: the file or the day */
    const char *field, *reason;    /* what is said: part of it */
} broken[] = {
    {"positions.csv", "-1950", "", 2, "net_qty", "empty"},
    {"positions.csv", "-1950", "-19.5", 2, "net_qty", "not a whole number"},
    {"positions.csv", "-1950", "1e3", 2, "net_qty", "not a whole number"},
    {"positions.csv", "-1950", "99999999999999999999", 2, "net_qty", "not a whole number"},
    {"positions.csv", "118.25", "118.255", 2, "avg_price", "2 decimals"},
    {"positions.csv", "118.25", "", 2, "avg_price", "no price"},
    {"positions.csv", "118.25", "-1", 2, "avg_price", "negative"},
    {"positions.csv", "90.9275", "90.92755", 4, "avg_price", "4 decimals"},
    {"positions.csv", "C10421,NFO", "C99999,NFO", 2, "client", "not in the clients file"},
    {"positions.csv", "C10421,NFO", ",NFO", 2, "client", "empty"},
    {"positions.csv", "C10421,NFO", "C10421C10421C10421,NFO", 2, "client", "too long"},
    {"positions.csv", "C10421,NFO", "C10421,XFO", 2, "exchange", "not a known name"},
    {"positions.csv", "2026-12-01", "2026-12-02", 2, "symbol", "no such contract"},
    {"positions.csv", "2026-12-01", "2026-02-30", 2, "expiry", "not a date"},
    {"positions.csv", "2885,RELIANCE", "2885,TCS", 3, "symbol", "not what the contract"},
    {"positions.csv", "2885,RELIANCE,EQ", "2885,RELIANCE,BE", 3, "series", "not what the contract"},
    {"positions.csv", "2885,", "2886,", 3, "token", "no such token"},
    {"positions.csv", "2885,", "0,", 3, "token", "out of range"},
    {"positions.csv", "2885,", "28850000000,", 3, "token", "out of range"},
    {"positions.csv", "NSE,2885,RELIANCE,EQ", "NSE,1001,,", 3, "symbol", "an index"},
    {"instruments.csv", "100.00,2026-12-01", "100.00,2026-11-25", 2, "symbol", "no such contract"},
    {"instruments.csv", "90.9275,2026-12-29", "90.9275,2026-11-25", 4, "symbol", "has expired"},
    {"positions.csv", ",NRML", ",NRLM", 2, "product", "not a known name"},
    {"positions.csv", ",NRML", ",", 2, "product", "empty"},
    {"positions.csv", "60," AS_OF, "60,2026-11-26T10:41:59+05:30", 3, "as_of", "not the same"},
    {"positions.csv", AS_OF, "yesterday", 2, "as_of", "not a time"},
    {"positions.csv", "net_qty", "nett", 0, "", "header of no format"},
    {"positions.csv", "avg_price", "average", 1, "average", "unknown column"},
    {"positions.csv", "prev_settle", "avg_price", 1, "avg_price", "twice"},
    {"positions.csv", "C10812,MCX,,CRUDEOIL,,2026-12-18,,,MIS,3,0,5890",
     "C10421," AT_OPTION ",NRML,5,0,1", 5, "client", "the same as in line 2"},
    {"positions.csv", "CNC,100,100,1200,1260.5,60," AS_OF, "CNC,100", 3, "", "fields where"},
    {"positions.csv", "-1950", "\"-1950", 2, "field 10", "quote not closed"},
    {"positions.csv", "-1950",
     "-19\x01"
     "50",
     2, "field 10", "control byte"},
    {"positions.csv", "-1950",
     "-19\xff"
     "50",
     2, "", "not UTF-8"},
    {"orders.csv", "BUY", "buy", 2, "side", "not a known name"},
    {"orders.csv", "BUY,650", "BUY,0", 2, "open_qty", "out of range"},
    {"orders.csv", "LIMIT,75.00", "LIMIT,", 2, "limit_price", "does not fit"},
    {"orders.csv", "LIMIT,75.00", "MARKET,75.00", 2, "limit_price", "does not fit"},
    {"orders.csv", "1200,1205", "1200,", 3, "trigger_price", "does not fit"},
    {"orders.csv", "SQDRILL", "", 2, "sender_id", "empty"},
    {"orders.csv", "110001,", ",", 2, "exch_order_no", "empty"},
    {"orders.csv", "SELL,10,SL,1200,1205,DAY,110002", "SELL,10,SL,1200,1205,DAY,110001", 0, NULL,
     NULL}, /* another exchange: another order */
    {"trades.csv", "50124", "50123", 3, "trade_no", "the same as in line 2"},
    {"trades.csv", "1275.60", "0", 2, "price", "empty"},
    {"trades.csv", "2026-11-26T10:42:03+05:30", "10:42:03", 2, "trade_time", "not a time"},
    {"clients.csv", "C10812,S", "C10421,S", 3, "client", "the same as in line 2"},
    {"clients.csv", "RK07,,CLI", "RK08,,CLI", 2, "dealer", "not in the dealers file"},
    {"clients.csv", "ACTIVE", "LIVELY", 2, "status", "none of"},
    {"clients.csv", "Y,Y,ACTIVE", "Y,y,ACTIVE", 2, "call_required", "neither Y nor N"},
    {"clients.csv", "C10812,S IYER,+919800001235,MUM-1", "C10812,S IYER,,DEL-2", 0, "desk",
     "several desks"},
    {"dealers.csv", "DEALER,", "SYSTEM,", 2, "role", "not a role of people"},
    {"dealers.csv", "DEALER,", "BOSS,", 2, "role", "not a known name"},
    {"dealers.csv", "instant", "now", 2, "one_key", "not a known name"},
    {"calendar.csv", "15:30", "09:15", 3, "close", "after the opening"},
    {"calendar.csv", "15:30", "25:30", 3, "close", "not a time"},
    {"calendar.csv", "15:35", "", 2, "closing_auction_end", "after its start"},
    {"calendar.csv", "NFO,,", "NSE,EQ,", 3, "series", "the same as in line 2"},
    {"instruments.csv", "0.05,65,CE", "0,65,CE", 3, "tick_size", "not possible"},
    {"instruments.csv", "0.05,65,CE", "0.05,0,CE", 3, "lot_size", "out of range"},
    {"instruments.csv", "0.05,65,CE", "0.005,65,CE", 3, "tick_size", "2 decimals"},
    {"instruments.csv", "24500,0.05,65,CE", "0,0.05,65,CE", 3, "strike", "not possible"},
    {"instruments.csv", "2,102,", "2,101,", 4, "exchange_token", "in this file already"},
    {"instruments.csv", "2026-12-29,0,0.1", ",0,0.1", 5, "expiry", "not possible"},
    {"instruments.csv", "0.0025,1000", "0.0025,1001", 10, "lot_size", "not possible"},
    {"instruments.csv", "exchange_token", "token", 0, "", "header of no format"},
    {"qtyfreeze.csv", "1800 ", "18x0 ", 2, "VOL_FRZ_QTY", "not a whole number"},
    {"qtyfreeze.csv", "CRUDEOIL", "NIFTY   ", 3, "SYMBOL", "another freeze"},
};

/* Writes file `i` of the small day with the change; its length (a change may hold any byte). */
static void put_broken(struct bench_day *b, size_t i)
{
    for (size_t k = 0; k < SMALL; k++) {
        char text[4096];
        const char *at = strstr(small[k].text, broken[i].find);
        if (strcmp(small[k].name, broken[i].file) != 0)
            continue;
        assert_non_null(at);
        int length = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - small[k].text),
                              small[k].text, broken[i].put, at + strlen(broken[i].find));
        put_file(b, small[k].name, text, (size_t)length);
    }
}

static void expect_told(const struct bench_day *b, size_t i)
{
    const struct report *r = b->day.report;
    for (uint32_t k = 0; k < r->row_count; k++) {
        const struct report_row *row = &r->rows[k];
        if (row->refused && row->line == broken[i].line &&
            strcmp(row->field, broken[i].field) == 0 && strstr(row->reason, broken[i].reason))
            return;
    }
    report_print(r, stdout, 10);
    fail_msg("%s: '%s' -> '%s' is not told", broken[i].file, broken[i].find, broken[i].put);
}

static void test_broken_days(void **state)
{
    struct bench_day *b = *state;
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        put_small(b);
        put_broken(b, i);
        int result = load(b);
        if (broken[i].reason == NULL) {
            assert_int_equal(result, 0);
            continue;
        }
        assert_int_equal(result, 1);
        assert_null(b->day.inputs);
        assert_int_equal(b->day.input_count, 0);
        expect_told(b, i);
    }
}

static void test_missing_files(void **state)
{
    struct bench_day *b = *state;
    static const char *const needed[] = {"positions.csv", "clients.csv", "dealers.csv",
                                         "instruments.csv"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        char path[300];
        put_small(b);
        snprintf(path, sizeof path, "%s/%s", b->folder, needed[i]);
        remove(path);
        assert_int_equal(load(b), 1);
        assert_null(b->day.inputs);
    }
    assert_int_equal(load_with(b, &(struct day_options){.book = "X"}), 1);
    put_small(b);
    put_file(b, "more.csv", small[3].text, strlen(small[3].text));
    assert_int_equal(load(b), 1); /* two files of clients */
}

/* Cut anywhere, or with a byte turned: no crash, and never half a day. */
static void test_damaged_bytes(void **state)
{
    struct bench_day *b = *state;
    unsigned seed = 1;
    put_small(b);
    for (size_t k = 0; k < SMALL; k++) {
        size_t length = strlen(small[k].text);
        char *text = malloc(length);
        for (size_t at = 0; at < length; at += 7) {
            memcpy(text, small[k].text, length);
            seed = seed * 1103515245 + 12345;
            text[at] = (char)(seed >> 16);
            put_file(b, small[k].name, text, at % 2 ? length : at + 1);
            int result = load(b);
            assert_true(result == 0 || result == 1);
            assert_true((b->day.inputs != NULL) == (result == 0));
        }
        free(text);
        put_file(b, small[k].name, small[k].text, length);
    }
    expect_loaded(b);
}

/* Damage to real files: they come from others, and get cut on the way. */
static void test_damaged_real_files(void **state)
{
    struct bench_day *b = *state;
    for (size_t i = 0; i < sizeof real / sizeof real[0]; i++) {
        char path[300];
        size_t length;
        const char *folder = b->folder;
        snprintf(path, sizeof path, CHECK_SHARED_DATA "/%s", real[i].file);
        check_need_file(path);
        char *text = check_read_file(path, &length);
        size_t cut = length < 100000 ? length / 2 : 100000;
        while (text[cut - 1] == '\n' || text[cut - 1] == ',' || text[cut - 2] == ',')
            cut--;
        memset(text + cut / 2, 0, 3);
        put_file(b, "damaged.csv", text, cut);
        assert_int_equal(day_load_contracts(&b->day, &folder, 1, b->why, sizeof b->why), 1);
        assert_true(b->day.report->refused >= 1);
        day_finish(&b->day);
        free(text);
    }
}

static void test_shipped_day(void **state)
{
    struct bench_day *b = *state;
    const char *folder = "drill";
    check_need_file("drill/positions.csv");
    assert_int_equal(day_load(&b->day, &options, &folder, 1, b->why, sizeof b->why), 0);
    assert_true(b->day.counts.positions >= 300);
    assert_true(b->day.counts.clients >= 14);
    assert_int_equal(b->day.report->refused, 0);
    struct sq_config config;
    rehearse_config(&b->day, &config);
    if (!rehearse(&b->day, &config, b->why, sizeof b->why))
        fail_msg("core refuses: %s", b->why);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_files),
        cmocka_unit_test(test_real_files_together),
        cmocka_unit_test(test_real_values),
        WITH_FOLDER(test_small_day),
        WITH_FOLDER(test_units),
        WITH_FOLDER(test_product_of_trades),
        WITH_FOLDER(test_same_files_same_digest),
        WITH_FOLDER(test_shapes_of_files),
        WITH_FOLDER(test_watch_list),
        WITH_FOLDER(test_two_sources),
        WITH_FOLDER(test_another_desk),
        WITH_FOLDER(test_bhavcopy_by_date),
        WITH_FOLDER(test_other_bhavcopies),
        WITH_FOLDER(test_broken_days),
        WITH_FOLDER(test_missing_files),
        WITH_FOLDER(test_damaged_bytes),
        WITH_FOLDER(test_damaged_real_files),
        WITH_FOLDER(test_shipped_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
