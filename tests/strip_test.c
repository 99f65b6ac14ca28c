/*
 * strip_test.c: what strips, tickets and answers say and do, key by key, on the screen's stage
 * (tests/screen_stage.h).
 */
#include "tests/check.h"

#include <string.h>

#include "tests/screen_stage.h"

static const char *const home[] = {"include day.inc", "feed on", "+ 1s", NULL};

/* Plays lines on the home screen. */
#define PLAY(...) screen_lines_after(home, (const char *const[]){__VA_ARGS__, NULL})

/* Limits and values follow the market while the number is typed: nothing is asked again. */
static void test_bulk_follows_the_market(void **state)
{
    (void)state;
    PLAY("key X", "shows 1,656.90", "type 4",
         "rate exchange=NSE token=11 bid=164500 ask=164550 last=164520 band_low=147600 "
         "band_high=180400",
         "+ 1s", "hides 1,656.90", "hides again", "key Enter", "sent 5");
}

/* A price that goes away for a moment takes no line out of the list, nor the number that was typed;
 * the core has the last word. */
static void test_bulk_keeps_a_line_without_a_price(void **state)
{
    (void)state;
    PLAY("key X", "type 4",
         "rate exchange=NFO token=3 bid=0 ask=0 last=6110 band_low=5 band_high=40000", "+ 1s",
         "shows [ 4 ]", "hides fell out", "key Enter", "sent 5");
}

/* A resting order that has gone need not be cancelled first: those are other orders, and the number
 * is wanted again. */
static void test_bulk_asks_again_when_orders_change(void **state)
{
    struct screen *s = screen_create();
    const struct sq_tables *t;
    char cancel[80];

    (void)state;
    screen_lines(s, (const char *const[]){
                        "include rows.inc",
                        "> order exch_no=R7 sender=SQ1 client=C1 exchange=NSE token=11 product=MIS "
                        "side=BUY type=LIMIT origin=RESTING qty=40 leaves=40 limit=150000 "
                        "created=@09:00:00",
                        "> day-done instruments=5 positions=6 orders=2", "include open.inc",
                        "feed on", "+ 1s", "key X", "shows cancel 1, send", "type 4", NULL});
    t = &s->stage->view->tables;
    snprintf(cancel, sizeof cancel, "> cancel order_no=%llu person=RAVI",
             (unsigned long long)t->order[t->order_count - 1].no);
    screen_lines(s, (const char *const[]){cancel, "> report clord=$1 exec_type=CANCELLED", "+ 1s",
                                          "shows orders of 1 changed", "shows cancel 0, send",
                                          "key Enter", "sent 0", "type 4", "key Enter", "sent 5",
                                          NULL});
    screen_destroy(s);
}

/* The fill told by phone is nearly always the close, so its side stands there. */
static void test_fill_begins_with_the_closing_side(void **state)
{
    (void)state;
    PLAY("key /", "type HDFC", "key Enter", "key m", "shows side        buy", "key Esc", "key /",
         "type GTL", "key Enter", "key m", "shows side        sell", "key C-u", "type b", "key Tab",
         "type 10", "key Tab", "type 1.50", "key Tab", "type desk", "key Enter", "sent 1");
}

/* The short leg that a filter hides: S says so, and S again shows the client's rows. */
static void test_leg_behind_the_filter(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){
                        "key \\", "type 24700C", "key Enter", "+ 100ms", "key x", "sent 1",
                        "+ 300ms", "shows S short leg", "key S", "shows S again shows all of C1",
                        "key S", "hides S short leg", "shows filter:client=C1", "sent 0", NULL});
    assert_int_equal(s->tui.lists[PANEL_POSITIONS].cursor, s->tui.preview.now.hedge_of - 1);
    screen_destroy(s);
}

/* A strip that asks a supervisor does not say that Enter sends, and one without a short leg does not
 * offer to go there. */
static void test_key_bar_of_a_strip(void **state)
{
    (void)state;
    PLAY("> supervise what=policy value=2 desk=MUM-1 person=SUP1 reason=test", "key /", "type HDFC",
         "key Enter", "key x", "sent 1", "shows Enter send  Esc keep", "hides S short leg");
}

/* FILLED comes behind LEFT in one turn, and what is left must be read. */
static void test_left_is_not_overwritten(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(
        s, (const char *const[]){
               "include rows.inc",
               "> position client=C1 exchange=NFO token=2 product=MIS net=-1285 overnight=-1285 "
               "agreed=-1285 source=agreed basis_paise=-15163000",
               "> day-done instruments=5 positions=7 orders=1", "include open.inc", "feed on",
               "+ 1s", "key \\", "type prod=MIS nifty", "key Enter", "+ 100ms", "key x", "sent 1",
               "shows BUY 1,275 ",
               "> report exec_type=TRADE clord=$1 cum=1275 leaves=0 "
               "last_qty=1275 last_price=11850 exec_id=T1",
               "+ 100ms", "shows LEFT 10 of C1 NIFTY 01DEC 24500C: odd lot", NULL});
    screen_destroy(s);
}

/* The second line as far as its total: parts must not come and go while the total moves. */
static void second_line(struct screen *s, char *out, size_t size)
{
    const char *line = strchr(screen_frame(s), '\n') + 1;
    int length = (int)(strstr(line, "MTM") - line);

    while (length > 0 && line[length - 1] == ' ')
        length--;
    snprintf(out, size, "%.*s", length, line);
}

/* At some of these widths it would not fit any more. */
enum { WIDTHS = 40 };

static void second_lines(struct screen *s, char lines[WIDTHS][120])
{
    char size[16];

    for (int i = 0; i < WIDTHS; i++) {
        snprintf(size, sizeof size, "size %dx24", 80 + i);
        screen_line(s, size);
        second_line(s, lines[i], sizeof lines[i]);
    }
}

static void test_second_line_stands_still(void **state)
{
    struct screen *s = screen_create();
    char before[WIDTHS][120], after[WIDTHS][120];

    (void)state;
    screen_lines(s, home);
    second_lines(s, before);
    screen_lines(
        s, (const char *const[]){"rate exchange=NFO token=2 bid=11000 ask=11050 last=11020 "
                                 "band_low=100 band_high=50000",
                                 "rate exchange=NFO token=1 bid=2600000 ask=2600500 last=2600200 "
                                 "band_low=2200000 band_high=2680000",
                                 "+ 1s", "shows MTM +1,", NULL});
    second_lines(s, after);
    for (int i = 0; i < WIDTHS; i++)
        assert_string_equal(before[i], after[i]);
    screen_destroy(s);
}

/* Where everything is left out there is no number to type and no key that sends. */
static void test_nothing_to_cancel(void **state)
{
    (void)state;
    PLAY("key 2", "key K", "shows 0 in, 1 NOT included", "shows nothing to send: Esc leaves",
         "hides Enter cancels", "hides Type the number", "key Enter", "sent 0");
}

/* > goes by the titles that are on the screen. */
static void test_sort_skips_columns_without_a_title(void **state)
{
    (void)state;
    PLAY("key >", "shows sort:client", "key <", "shows sort:risk", "key 4", "key > > >",
         "shows sort:last", "key >", "shows sort:change");
}

/* Alarms of the load come before there is a screen; nobody has seen them. */
static void test_alarms_before_the_first_frame(void **state)
{
    (void)state;
    struct screen *s = screen_create();

    screen_lines(
        s, (const char *const[]){
               "include day.inc", "feed on",
               "> report clord=OTHER1 exch_no=E99 client=C1 exchange=NSE token=11 product=MIS "
               "exec_type=NEW side=BUY type=LIMIT qty=60 leaves=60 limit=163000",
               "shows ALARM 1", "shows before this screen opened", "key 7", "hides ALARM 1", NULL});
    screen_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bulk_follows_the_market),
        cmocka_unit_test(test_bulk_keeps_a_line_without_a_price),
        cmocka_unit_test(test_bulk_asks_again_when_orders_change),
        cmocka_unit_test(test_fill_begins_with_the_closing_side),
        cmocka_unit_test(test_leg_behind_the_filter),
        cmocka_unit_test(test_key_bar_of_a_strip),
        cmocka_unit_test(test_left_is_not_overwritten),
        cmocka_unit_test(test_second_line_stands_still),
        cmocka_unit_test(test_nothing_to_cancel),
        cmocka_unit_test(test_sort_skips_columns_without_a_title),
        cmocka_unit_test(test_alarms_before_the_first_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
