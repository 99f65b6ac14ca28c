/*
 * import_test.c - the files of a day: every real one with its exact counts, damaged ones, a small
 * day of our own loaded right, and the day that is shipped
 */
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/day.h"
#include "db/rehearse.h"
#include "tests/check.h"
#include "tests/small_day.h"

/* ---- real files ------------------------------------ */

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

static void test_real_values(void **state)
{
    struct day day;
    const char *const bse = "xts_bsefo_processed_202602.csv", *const cm =
                                                                  "xts_nsecm_processed_202602.csv";
    (void)state;
    check_need_file(CHECK_SHARED_DATA "/xts_bsefo_processed_202602.csv");
    assert_int_equal(load_real(&day, &bse, 1), 0);
    const struct sq_instrument *i = day_contract(&day, SQ_EXCHANGE_BFO, 828400);
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
    i = day_contract(&day, SQ_EXCHANGE_NSE, 17888);
    assert_string_equal(i->symbol, "GATECH");
    assert_string_equal(i->series, "EQ");
    assert_int_equal(i->band_high, 0); /* 3.60597e+07: rounded, and no band */
    day_finish(&day);
}

/* ---- the small day ------------------------------------ */

static void test_small_day(void **state)
{
    struct small_day *b = *state;
    small_put_all(b);
    small_expect_loaded(b);
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
    const struct sq_day *head = &small_input(b, SQ_DAY, 0)->day;
    assert_string_equal(head->book, "DRL");
    assert_string_equal(head->desk, "MUM-1");
    assert_int_equal(head->accepted, 2);
    assert_int_equal(b->day.inputs[0].kind, SQ_DAY);
    assert_int_equal(b->day.inputs[b->day.input_count - 1].kind, SQ_DAY_DONE);
}

static void test_units(void **state)
{
    struct small_day *b = *state;
    small_put_all(b);
    small_expect_loaded(b);
    const struct sq_instrument *usd = day_contract(&b->day, SQ_EXCHANGE_CDS, 2011);
    assert_int_equal(usd->price_decimals, 4);
    assert_int_equal(usd->tick, 25);
    assert_int_equal(usd->lot, 1);
    assert_int_equal(usd->multiplier, 1000);
    const struct sq_instrument *crude = day_contract(&b->day, SQ_EXCHANGE_MCX, 466029);
    assert_int_equal(crude->lot, 1);
    assert_int_equal(crude->multiplier, 100);
    assert_int_equal(crude->freeze, 100);
    assert_int_equal(day_contract(&b->day, SQ_EXCHANGE_NFO, 101)->freeze, 1800);
    assert_int_equal(day_contract(&b->day, SQ_EXCHANGE_NFO, 104)->freeze, 0);
    assert_string_equal(day_contract(&b->day, SQ_EXCHANGE_NSE, 14898)->symbol, "CENTRALBK");
    assert_string_equal(day_contract(&b->day, SQ_EXCHANGE_NSE, 14898)->series, "BE");
    assert_string_equal(day_contract(&b->day, SQ_EXCHANGE_NSE, 16669)->symbol, "BAJAJ-AUTO");
    /* 650 short at the previous settlement, 1300 at their own price; in paise. */
    const struct sq_position *p = &small_input(b, SQ_POSITION, 0)->position;
    assert_int_equal(p->basis_paise, -650 * 22850 - 1300 * 11825);
    assert_int_equal(p->start, -1950);
    assert_int_equal(p->agreed, -1950);
    /* 40 lots of 1000 dollars at 90.9275. */
    assert_int_equal(small_input(b, SQ_POSITION, 2)->position.basis_paise, -363710000);
    assert_int_equal(small_input(b, SQ_POSITION, 1)->position.sellable, 60);
    assert_int_equal(small_input(b, SQ_PERSON, 0)->person.max_day_paise, 5000000050);
    assert_string_equal(small_input(b, SQ_CLIENT, 0)->client.exch_account, "A10421");
    assert_string_equal(small_input(b, SQ_CLIENT, 1)->client.exch_account, "C10812");
    const struct sq_hours *h = &small_input(b, SQ_HOURS, 0)->hours;
    assert_int_equal(h->open - sq_midnight(20261126), (9 * 60 + 15) * 60 * SQ_SECOND);
}

static void test_product_of_trades(void **state)
{
    struct small_day *b = *state;
    small_put_all(b);
    small_expect_loaded(b);
    assert_int_equal(small_input(b, SQ_TRADE, 0)->trade.key.product,
                     SQ_PRODUCT_MIS); /* its order's */
    assert_int_equal(small_input(b, SQ_TRADE, 1)->trade.key.product, SQ_PRODUCT_UNKNOWN);
    assert_int_equal(small_input(b, SQ_ORDER, 0)->order.origin, SQ_ORIGIN_RESTING);
    assert_int_equal(small_input(b, SQ_ORDER, 1)->order.origin, SQ_ORIGIN_RESTING_EXT);
}

static void test_same_files_same_digest(void **state)
{
    struct small_day *b = *state;
    uint8_t digest[HASH_SIZE];
    small_put_all(b);
    small_expect_loaded(b);
    memcpy(digest, b->day.digest, sizeof digest);
    small_expect_loaded(b);
    assert_memory_equal(digest, b->day.digest, sizeof digest);
    struct day_options other = small_options;
    other.sender = "OTHER";
    assert_int_equal(small_load_with(b, &other), 0);
    assert_memory_not_equal(digest, b->day.digest, sizeof digest);
}

/* Spreadsheets and editors do this: BOM, CRLF, quotes, other order, columns of their own. */
static void test_shapes_of_files(void **state)
{
    struct small_day *b = *state;
    static const char text[] = "\xef\xbb\xbf\"one_key\",x_note,dealer,role,active\r\n"
                               "\"instant\",\"a, \"\"b\"\"\",\"RK07\",DEALER,Y\r\n";
    small_put_all(b);
    small_put(b, "dealers.csv", text, sizeof text - 1);
    small_expect_loaded(b);
    assert_string_equal(small_input(b, SQ_PERSON, 0)->person.code, "RK07");
}

/* Contracts that nobody holds, for the screen of rates. */
static void test_watch_list(void **state)
{
    struct small_day *b = *state;
    static const char text[] = "exchange,token,symbol,watch\nNFO,102,NIFTY,Y\nNFO,104,,N\n";
    small_put_all(b);
    small_put(b, "watch.csv", text, sizeof text - 1);
    small_expect_loaded(b);
    assert_int_equal(b->day.counts.instruments, 7);
}

static void test_two_sources(void **state)
{
    struct small_day *b = *state;
    static const char text[] =
        "client," NAMED ",net_qty,as_of\n"
        "C10421," AT_OPTION ",-1300," AS_OF "\n"        /* differs: the smaller is agreed */
        "C10421,NSE,2885,RELIANCE,EQ,,,,60," AS_OF "\n" /* agrees, */
        "C10421,NSE,2885,RELIANCE,EQ,,,,40," AS_OF "\n" /* in two rows */
        "C10812,CDS,2011,,,,,,40," AS_OF "\n"           /* other side: nothing is agreed */
        "C10812,NFO,103,,,,,,65," AS_OF "\n";           /* only the exchange knows of it */
    small_put_all(b);
    small_put(b, "positions_exchange.csv", text, sizeof text - 1);
    small_expect_loaded(b);
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
        const struct sq_position *p = &small_input(b, SQ_POSITION, expected[i].row)->position;
        assert_int_equal(p->net, expected[i].net);
        assert_int_equal(p->agreed, expected[i].agreed);
        assert_int_equal(p->source, expected[i].source);
    }
    bool found = false;
    for (uint32_t i = 0; i < b->day.counts.positions; i++) {
        const struct sq_position *p = &small_input(b, SQ_POSITION, (int)i)->position;
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
    struct small_day *b = *state;
    struct day_options desk = small_options;
    char text[4096];
    small_put_all(b);
    snprintf(text, sizeof text, "%sC9,X,,DEL-2,OTHER,,CLI,,,Y,N,ACTIVE\n", small_files[3].text);
    small_put(b, "clients.csv", text, strlen(text));
    assert_int_equal(small_load(b), 1); /* two desks, and none was named */
    snprintf(text, sizeof text, "%sC9,NSE,2885,,,,,,MIS,10,0,1,,," AS_OF "\n", small_files[5].text);
    small_put(b, "positions.csv", text, strlen(text));
    desk.desk = "MUM-1";
    assert_int_equal(small_load_with(b, &desk), 0);
    assert_int_equal(b->day.counts.clients, 2);
    assert_int_equal(b->day.counts.positions, 6);
    assert_int_equal(b->day.report->left_out, 3); /* its client, its position, the early trade */
}

/* A bhavcopy tells the previous close by its date. */
static void test_bhavcopy_by_date(void **state)
{
    struct small_day *b = *state;
    static const struct {
        const char *date;
        int result;
        sq_price close;
    } rows[] = {{"25-Nov-2026", 0, 127510},
                {"26-Nov-2026", 0, 126505},
                {"10-Nov-2026", 1, 0},
                {"27-Nov-2026", 1, 0}};
    small_put_all(b);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "SYMBOL,SERIES,OPEN,HIGH,LOW,CLOSE,LAST,PREVCLOSE,TOTTRDQTY,TOTTRDVAL,TIMESTAMP,"
                 "TOTALTRADES,ISIN,\nRELIANCE,EQ,1,1,1,1275.1,1,1265.05,1,2e+05,%s,1,X,\n",
                 rows[i].date);
        small_put(b, "bhav.csv", text, strlen(text));
        assert_int_equal(small_load(b), rows[i].result);
        if (rows[i].result == 0)
            assert_int_equal(day_contract(&b->day, SQ_EXCHANGE_NSE, 2885)->prev_settle,
                             rows[i].close);
    }
}

/* Forms that have no real file here: columns as documented, blanks and '-' as in the wild. */
static void test_other_bhavcopies(void **state)
{
    struct small_day *b = *state;
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
    small_put_all(b);
    small_put(b, "full.csv", full, sizeof full - 1);
    small_expect_loaded(b);
    assert_int_equal(day_contract(&b->day, SQ_EXCHANGE_NSE, 2885)->prev_settle, 127130);
    small_put(b, "full.csv", udiff, sizeof udiff - 1);
    small_expect_loaded(b);
    assert_int_equal(day_contract(&b->day, SQ_EXCHANGE_NFO, 101)->prev_settle, 10155);
    assert_int_equal(day_contract(&b->day, SQ_EXCHANGE_NSE, 2885)->prev_settle, 127200);
}

/* ---- damaged, and shipped ------------------------------------ */

/* Damage to real files: they come from others, and get cut on the way. */
static void test_damaged_real_files(void **state)
{
    struct small_day *b = *state;
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
        small_put(b, "damaged.csv", text, cut);
        assert_int_equal(day_load_contracts(&b->day, &folder, 1, b->why, sizeof b->why), 1);
        assert_true(b->day.report->refused >= 1);
        day_finish(&b->day);
        free(text);
    }
}

static void test_shipped_day(void **state)
{
    struct small_day *b = *state;
    const char *folder = "drill";
    check_need_file("drill/positions.csv");
    assert_int_equal(day_load(&b->day, &small_options, &folder, 1, b->why, sizeof b->why), 0);
    assert_true(b->day.counts.positions >= 300);
    assert_true(b->day.counts.clients >= 14);
    assert_int_equal(b->day.report->refused, 0);
    struct sq_config config;
    rehearse_config(&b->day, &config);
    if (!rehearse(&b->day, &config, b->why, sizeof b->why))
        fail_msg("core refuses: %s", b->why);
}

#define WITH_FOLDER(test) cmocka_unit_test_setup_teardown(test, small_set_up, small_tear_down)

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
        WITH_FOLDER(test_damaged_real_files),
        WITH_FOLDER(test_shipped_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
