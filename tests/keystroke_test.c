/*
 * keystroke_test.c: what reaches the engine from the keyboard, and what must not. Each test is a
 * small play on the screen's stage (tests/screen_stage.h); `sent N` counts every input that left.
 */
#include "tests/check.h"

#include <string.h>

#include "tests/screen_stage.h"
#include "tui/command.h"

static const char *const home[] = {"include day.inc", "feed on",   "+ 1s", "key /",
                                   "type HDFC",       "key Enter", NULL};

/* Plays lines on the home screen with the cursor on a plain row. */
#define PLAY(...) screen_lines_after(home, (const char *const[]){__VA_ARGS__, NULL})

static void test_plain_key_sends_once(void **state)
{
    (void)state;
    PLAY("bytes x", "sent 1");
}

static void test_paste_sends_nothing(void **state)
{
    (void)state;
    PLAY("bytes \\e[200~excel\\e[201~", "sent 0", "shows pasted text is dropped");
}

static void test_unbracketed_paste_sends_nothing(void **state)
{
    (void)state;
    PLAY("bytes excel", "sent 0", "key Esc", "bytes xX", "sent 0", "bytes \\rx\\r", "sent 0");
}

/* console.md C5: inside tmux a keypad 8 arrives as ESC O x, and plain getch would press x. */
static void test_keypad_sends_nothing(void **state)
{
    (void)state;
    PLAY("bytes \\eOx", "sent 0", "bytes \\eOX", "sent 0", "bytes \\e[17~", "sent 0", "bytes \\eOC",
         "sent 0", "bytes \\e[1;5x", "sent 0");
}

/* Esc and the next key so close together that they look like Alt: the Esc must not be lost. */
static void test_fast_escape_closes(void **state)
{
    (void)state;
    PLAY("key /", "type 24700C", "key Enter", "key x", "sent 1", "+ 300ms", "shows ASK: hedge",
         "bytes \\e\\r", "sent 0", "hides ASK: hedge");
    PLAY("key /", "type zz", "bytes \\e1", "hides /zz");
}

static void test_key_in_a_burst_is_ignored(void **state)
{
    (void)state;
    PLAY("burst x", "sent 0", "shows key ignored, press again", "burst X", "sent 0", "burst c",
         "sent 0", "burst K", "sent 0", "burst !", "hides x=ASKS");
}

/* Function keys, digits, Enter, arrows and space never send, cancel or close (C1 rule 2). */
static void test_other_keys_never_send(void **state)
{
    (void)state;
    PLAY("key F1 Esc F2 Esc F3 F4 F5 F6 F7 F8 F9 F11", "key 1 2 3 4 5 6 7 8 9",
         "key 1 Enter Enter space space Up Down Left Right PgUp PgDn Home End Tab", "sent 0");
}

/* Held down, a key repeats: the first press closes, all others find the close open. */
static void test_held_key_sends_one_close(void **state)
{
    struct screen *s = screen_create();
    unsigned closes = 0;

    (void)state;
    screen_lines(s, home);
    for (int i = 0; i < 30; i++)
        screen_line(s, "bytes x");
    for (uint32_t i = 0; i < s->stage->view->tables.close_count; i++)
        closes += !sq_close_state_is_ended(s->stage->view->tables.close[i].state);
    assert_int_equal(closes, 1);
    assert_int_equal(s->stage->clord_count, 1);
    screen_destroy(s);
}

static void test_enter_is_deaf_when_a_strip_opens(void **state)
{
    (void)state;
    PLAY("key /", "type 24700C", "key Enter", "key x", "sent 1", "shows ASK", "key Enter", "sent 0",
         "+ 200ms", "key Enter", "sent 0", "+ 100ms", "key Enter", "sent 1");
}

static void test_stop_strip_has_no_key_that_sends(void **state)
{
    (void)state;
    PLAY("key /", "type GTL", "key Enter", "key x", "sent 1", "shows STOP: trade-for-trade",
         "hides Enter SEND", "+ 1s", "key Enter x X", "sent 0", "key Esc");
}

/* What the strip shows is bound to its row when it opens, whatever moves behind it. */
static void test_strip_keeps_its_row(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){"key /", "type 24700C", "key Enter", "key x", "sent 1",
                                          "rate exchange=NFO token=3 bid=100 ask=125 last=110 "
                                          "band_low=5 band_high=40000",
                                          "+ 8s", "key Enter", "+ 300ms", "key Enter", NULL});
    assert_int_equal(s->last.kind, SQ_SQUARE_OFF);
    assert_int_equal(s->last.as.square_off.key.token, 3);
    assert_true(s->last.as.square_off.confirmed != 0);
    screen_destroy(s);
}

/* Anything that changes the orders wants a second Enter. */
static void test_a_change_wants_enter_again(void **state)
{
    (void)state;
    PLAY(
        "key /", "type 24700C", "key Enter", "key x", "sent 1", "+ 300ms",
        "> order no=77 exch_no=R7 sender=SQ1 client=C1 exchange=NFO token=3 product=NRML side=SELL "
        "type=LIMIT origin=RESTING state=ACKED qty=75 leaves=75 limit=7000",
        "> manual-fill client=C1 exchange=NFO token=3 product=NRML side=SELL qty=75 price=6100 "
        "person=RAVI reason=phone",
        "+ 300ms", "shows CHANGED", "key Enter", "sent 0", "+ 300ms", "key Enter", "sent 1");
}

static void test_bulk_needs_the_number_of_positions(void **state)
{
    (void)state;
    PLAY("key X", "key Enter", "sent 0", "type 5", "key Enter", "sent 0", "key BS", "type 4",
         "key Enter", "sent 5");
}

static void test_bulk_closes_itself(void **state)
{
    (void)state;
    PLAY("key X", "+ 121s", "shows closed by itself: nothing has been sent", "sent 0");
}

/* A position that changes while the preview is open falls out, and the number must be typed anew. */
static void test_changed_position_falls_out_of_bulk(void **state)
{
    (void)state;
    PLAY("key X", "type 4",
         "> manual-fill client=C1 exchange=NSE token=11 product=MIS side=BUY qty=10 price=164000 "
         "person=RAVI reason=phone",
         "+ 1s", "shows changed since this opened", "key Enter", "sent 0", "type 3", "key Enter",
         "sent 4");
}

static void test_tags_narrow_the_bulk(void **state)
{
    (void)state;
    PLAY("key space", "key X", "shows tagged rows", "type 1", "key Enter", "sent 2");
}

/* Held, everything asks until ! again. */
static void test_hold_asks(void **state)
{
    (void)state;
    PLAY("key !", "shows x=ASKS (held)", "key x", "sent 1", "shows ASK: on hold", "key Esc",
         "key !", "key x", "sent 1", "hides on hold");
}

/* Under `armed` the PIN arms for five minutes, and sixty idle seconds take it away. */
static void test_arming(void **state)
{
    (void)state;
    PLAY("> supervise what=policy value=1 desk=MUM-1 person=SUP1 reason=test", "key x", "sent 1",
         "shows ASK: not armed", "key Esc", "key !", "type 1234", "key Enter", "shows not that PIN",
         "hides 1234", "key BS BS BS BS", "type 4711", "key Enter", "shows x=ARMED", "key x",
         "sent 1", "shows CLOSING", "+ 61s", "shows no longer armed", "hides x=ARMED");
}

/* A stop-loss and a close of ours ask before they are cancelled; another order goes at once. */
static void test_cancel(void **state)
{
    (void)state;
    PLAY("key x", "sent 1", "> report exec_type=NEW clord=$1", "key c", "sent 0",
         "shows CANCEL ALL", "type 1", "key Enter", "sent 1");
}

/* A fill told by phone goes on record with a reason, and not without one. */
static void test_manual_fill(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s,
                 (const char *const[]){"key m", "type b", "key Tab", "type 40", "key Tab",
                                       "type 1640.50", "key Enter", "sent 0", "shows who said so",
                                       "type broker 10:12", "key Enter", "sent 1", NULL});
    assert_int_equal(s->last.kind, SQ_MANUAL_FILL);
    assert_int_equal(s->last.as.manual_fill.qty, 40);
    assert_int_equal(s->last.as.manual_fill.price, 164050);
    assert_int_equal(s->last.as.manual_fill.side, SQ_SIDE_BUY);
    assert_string_equal(s->last.as.manual_fill.reason, "broker 10:12");
    screen_line(s, "shows   -60  1,640.50");
    screen_destroy(s);
}

/* A part of a position: the target is what is left, in whole lots. */
static void test_partial_close(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){"key e", "type 25%", "key Enter", "+ 300ms",
                                          "shows 25 of -100", "key Enter", "sent 1", NULL});
    assert_int_equal(s->last.as.square_off.target, -75);
    screen_lines(s, (const char *const[]){"key F2", "type 10", "key Enter", "shows would increase",
                                          "sent 0", NULL});
    screen_destroy(s);
}

static void test_ctrl_c_never_quits(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){"key C-c", "shows q leaves", "key x", "+ 100ms", "key q",
                                          "shows LEAVE? closes open: 1", "hides Enter send",
                                          "key C-c", NULL});
    assert_false(s->tui.quit);
    screen_lines(s, (const char *const[]){"key q", "key Enter", NULL});
    assert_true(s->tui.quit);
    screen_destroy(s);
}

/* Inside a field keys are text: none of these letters does anything else. */
static void test_letters_in_a_field_are_text(void **state)
{
    (void)state;
    PLAY("key /", "type xXcK!q", "shows /xXcK!q", "key Esc", "key e", "key Tab", "type xXcK",
         "sent 0", "key Esc", "key v", "type xXcK!", "shows xXcK!", "sent 0");
}

/* Hostile text from outside cannot draw outside of its place. */
static void test_hostile_text_is_harmless(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){"key x",
                                          "> report exec_type=REJECTED clord=$1 "
                                          "text=\"\\x1b[2J\\x1b[31mGOTCHA\"",
                                          "+ 100ms", "key 7", NULL});
    assert_null(strchr(screen_frame(s), '\033'));
    screen_destroy(s);
}

static void test_csv_has_no_formula(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){"key w", "type book.csv", "key Enter", NULL});
    assert_non_null(strstr(s->written, "mark,client,"));
    assert_null(strstr(s->written, ",="));
    screen_lines(s, (const char *const[]){"key w", "type what.exe", "key Enter",
                                          "shows the name must end in", NULL});
    screen_destroy(s);
}

/* The sheet holds what x put on it, and an empty one is no file. */
static void test_call_sheet(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    screen_lines(s, (const char *const[]){"key w", "type call.sheet", "key Enter",
                                          "shows the call sheet is empty", "key Esc", NULL});
    assert_string_equal(s->written, "");
    screen_lines(s, (const char *const[]){"> link up=0 why=cut", "+ 1s", "key x", "sent 0",
                                          "shows on the CALL SHEET (1 lines)", "key w",
                                          "type call.sheet", "key Enter",
                                          "shows written: call.sheet", NULL});
    assert_non_null(strstr(s->written, "CALL SHEET"));
    assert_non_null(strstr(s->written, "BUY  HDFCBANK"));
    assert_null(strstr(s->written, "NIFTY"));
    screen_destroy(s);
}

/* A file is the same at every size of the terminal. */
static void test_files_do_not_depend_on_the_screen(void **state)
{
    static const char *const endings[] = {"csv", "json", "txt"};
    struct screen *s = screen_create();
    char first[sizeof s->written], type[32];

    (void)state;
    screen_lines(s, (const char *const[]){"include day.inc", "feed on", "+ 1s", "feed off", NULL});
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(type, sizeof type, "type a.%s", endings[i]);
        screen_lines(s, (const char *const[]){"size 80x24", "key w", type, "key Enter", NULL});
        memcpy(first, s->written, sizeof first);
        screen_lines(s, (const char *const[]){"size 200x50", "key w", type, "key Enter", NULL});
        assert_string_equal(first, s->written);
    }
    assert_non_null(strstr(s->written, "Positions  desk "));
    assert_non_null(strstr(s->written, "SYMBOL"));
    screen_destroy(s);
}

static void test_unknown_client_keeps_the_filter(void **state)
{
    (void)state;
    PLAY("key :", "type client ZZZ", "key Enter", "shows no client ZZZ here", "shows filter:-",
         "key :", "type client C2", "key Enter", "shows filter:client=C2");
}

/* Rings since the last time that this was asked. */
static bool rang(struct screen *s)
{
    bool ring;

    screen_frame(s);
    ring = s->tui.bell.ring;
    s->tui.bell.ring = false;
    return ring;
}

/* One ring for an UNKNOWN, none for the same again, and the next no sooner than after 5 s. */
static void test_bell(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, home);
    assert_false(rang(s));
    screen_lines(s, (const char *const[]){"key x", "+ 100ms", NULL});
    assert_false(rang(s));
    screen_lines(s, (const char *const[]){"+ 3s", "shows UNKNOWN", NULL});
    assert_true(rang(s));
    screen_lines(s, (const char *const[]){"+ 1s", NULL});
    assert_false(rang(s));
    s->tui.bell.due = true;
    assert_false(rang(s));
    screen_lines(s, (const char *const[]){"+ 5s", NULL});
    assert_true(rang(s));
    screen_lines(s, (const char *const[]){"key :", "type bell off", "key Enter", NULL});
    s->tui.bell.due = true;
    screen_lines(s, (const char *const[]){"+ 6s", NULL});
    assert_false(rang(s));
    screen_destroy(s);
}

/* Every command has its line in Help, within the 62 columns that 80x24 leaves it. */
static void test_commands_are_in_help(void **state)
{
    struct keys_help help;
    const char *word;

    (void)state;
    for (size_t i = 0; (word = command_word(NULL, "", i)); i++) {
        assert_true(command_help_line(i + 1, &help));
        assert_string_equal(help.keys + 1, word);
        assert_in_range(strlen(help.text), 1, 62);
    }
    PLAY("key :", "type help", "key Enter", "shows Commands, after :", "shows :accept", "key PgDn",
         "shows :write", "key Esc", "shows Positions", "key ?", "shows more lines");
}

static void test_filter(void **state)
{
    (void)state;
    PLAY("key \\", "type client=C1 side=short", "key Enter", "shows 6 open, 2 shown", "key \\",
         "key C-u", "type !prod=NRML", "key Enter", "shows 6 open, 2 shown", "key \\", "key C-u",
         "type mtm<-500", "key Enter", "shows 6 open, 2 shown", "key \\", "key C-u",
         "type hdfc|gtl", "key Enter", "shows 6 open, 2 shown", "key \\", "key C-u", "type foo=1",
         "key Enter", "shows no column", "sent 0");
}

/* Files are for programs: plain figures, and names in full however narrow the terminal is. */
static void test_files_have_plain_figures(void **state)
{
    struct screen *s = screen_create();

    (void)state;
    screen_lines(s, (const char *const[]){"include day.inc", "feed on", "+ 1s", "key w",
                                          "type a.csv", "key Enter", NULL});
    assert_non_null(strstr(s->written, "C1,NFO,\"NIFTY 01DEC 24500C\",NRML,-3600,"));
    assert_non_null(strstr(s->written, ",118.50,"));
    assert_null(strstr(s->written, "+"));
    assert_non_null(strstr(s->written, ",live,short,"));
    screen_lines(s, (const char *const[]){"key w", "type a.json", "key Enter", NULL});
    assert_non_null(strstr(s->written,
                           "\"exchange\":\"NSE\",\"symbol\":\"HDFCBANK\",\"product\":\"MIS\","
                           "\"net\":-100,"));
    assert_non_null(strstr(s->written, "\"mtm\":-1020.00,"));
    screen_lines(
        s, (const char *const[]){"feed off", "+ 20s", "key w", "type b.csv", "key Enter", NULL});
    assert_non_null(strstr(s->written, ",stale,short,"));
    screen_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_key_sends_once),
        cmocka_unit_test(test_paste_sends_nothing),
        cmocka_unit_test(test_unbracketed_paste_sends_nothing),
        cmocka_unit_test(test_keypad_sends_nothing),
        cmocka_unit_test(test_fast_escape_closes),
        cmocka_unit_test(test_key_in_a_burst_is_ignored),
        cmocka_unit_test(test_other_keys_never_send),
        cmocka_unit_test(test_held_key_sends_one_close),
        cmocka_unit_test(test_enter_is_deaf_when_a_strip_opens),
        cmocka_unit_test(test_stop_strip_has_no_key_that_sends),
        cmocka_unit_test(test_strip_keeps_its_row),
        cmocka_unit_test(test_a_change_wants_enter_again),
        cmocka_unit_test(test_bulk_needs_the_number_of_positions),
        cmocka_unit_test(test_bulk_closes_itself),
        cmocka_unit_test(test_changed_position_falls_out_of_bulk),
        cmocka_unit_test(test_tags_narrow_the_bulk),
        cmocka_unit_test(test_hold_asks),
        cmocka_unit_test(test_arming),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_manual_fill),
        cmocka_unit_test(test_partial_close),
        cmocka_unit_test(test_ctrl_c_never_quits),
        cmocka_unit_test(test_letters_in_a_field_are_text),
        cmocka_unit_test(test_hostile_text_is_harmless),
        cmocka_unit_test(test_csv_has_no_formula),
        cmocka_unit_test(test_call_sheet),
        cmocka_unit_test(test_files_do_not_depend_on_the_screen),
        cmocka_unit_test(test_unknown_client_keeps_the_filter),
        cmocka_unit_test(test_bell),
        cmocka_unit_test(test_commands_are_in_help),
        cmocka_unit_test(test_files_have_plain_figures),
        cmocka_unit_test(test_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
