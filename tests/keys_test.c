/* The key table: presets, names, the rules of binding, key files, key bar and help. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "tests/check.h"
#include "tui/decode.h"
#include "tui/keys.h"

static const char *const presets[] = {"neat", "odin", "htop"};

static void preset(struct keymap *map, const char *name)
{
    assert_true(keys_preset(map, name));
}

/* clang-format off */
static const struct {
    const char *mode, *keys;
    enum action action;
} neat[] = {
    /* console.md C2, row by row */
    {"rates", "F1", ACTION_TICKET_BUY}, {"ticket", "+", ACTION_TICKET_BUY},
    {"rates", "F2", ACTION_TICKET_SELL}, {"ticket", "-", ACTION_TICKET_SELL},
    {"positions", "F3 2 o", ACTION_SCREEN_ORDERS},
    {"positions", "F4 4", ACTION_SCREEN_RATES},
    {"orders", "F5 1 p", ACTION_SCREEN_POSITIONS},
    {"positions", "F6 d", ACTION_DEPTH},
    {"positions", "F7 7", ACTION_SCREEN_AUDIT},
    {"positions", "F8 3 t", ACTION_SCREEN_TRADES},
    {"positions", "F9 i Enter", ACTION_DETAIL},
    {"positions", "F10 q", ACTION_BACK},
    {"positions", "F11 8", ACTION_SCREEN_STATUS},
    {"positions", "5", ACTION_SCREEN_CLIENTS},
    {"positions", "6", ACTION_SCREEN_MONITOR},
    {"positions", "9", ACTION_SCREEN_LEFT},
    {"positions", "x", ACTION_SQUARE_OFF}, {"rates", "x", ACTION_SQUARE_OFF},
    {"positions", "X", ACTION_SQUARE_OFF_ALL},
    {"orders", "c", ACTION_CANCEL_ORDER}, {"orders", "K", ACTION_CANCEL_ALL},
    {"positions", "e", ACTION_EDIT_CLOSE}, {"strip", "e", ACTION_EDIT_CLOSE},
    {"positions", "!", ACTION_ARM},
    {"positions", "v", ACTION_CALL},
    {"orders", "u", ACTION_SETTLE_UNKNOWN},
    {"positions", "m", ACTION_ENTER_FILL},
    {"positions", "space", ACTION_TAG}, {"positions", "U", ACTION_UNTAG_ALL},
    {"positions", "/", ACTION_FIND}, {"positions", "n", ACTION_FIND_NEXT},
    {"positions", "N", ACTION_FIND_PREVIOUS},
    {"positions", "\\", ACTION_FILTER}, {"audit", "\\", ACTION_FILTER},
    {"positions", "s", ACTION_SORT_MENU}, {"positions", "<", ACTION_SORT_PREVIOUS},
    {"positions", ">", ACTION_SORT_NEXT},
    {"strip", "S", ACTION_STRIP_LEG},
    {"rates", "a", ACTION_RATE_ADD}, {"rates", "D", ACTION_RATE_DROP},
    {"positions", "Z", ACTION_FREEZE}, {"positions", "F", ACTION_FOLLOW},
    {"positions", "j Down", ACTION_MOVE_DOWN}, {"positions", "k Up", ACTION_MOVE_UP},
    {"positions", "g Home", ACTION_MOVE_TOP}, {"positions", "G End", ACTION_MOVE_BOTTOM},
    {"positions", "PgUp", ACTION_MOVE_PAGE_UP}, {"positions", "PgDn", ACTION_MOVE_PAGE_DOWN},
    {"positions", "Tab", ACTION_NEXT_PANE},
    {"positions", "w", ACTION_EXPORT}, {"positions", ":", ACTION_COMMAND},
    {"positions", "? h", ACTION_HELP}, {"strip", "?", ACTION_HELP},
    {"positions", "C-l", ACTION_REDRAW}, {"strip", "C-l", ACTION_REDRAW},
    {"positions", "C-c", ACTION_INTERRUPT}, {"typed", "C-c", ACTION_INTERRUPT},
    {"positions", "Esc C-g", ACTION_ESCAPE}, {"strip", "Esc C-g", ACTION_ESCAPE},
    {"strip", "Enter", ACTION_STRIP_SEND}, {"typed", "Enter", ACTION_STRIP_SEND},
    {"approval", "A", ACTION_APPROVE}, {"approval", "R", ACTION_REFUSE},
    /* and what must not be reached */
    {"audit", "x X c K", ACTION_NONE}, {"status", "x X c K", ACTION_NONE},
    {"help", "x X c K", ACTION_NONE}, {"strip", "x X c K ! j k", ACTION_NONE},
    {"typed", "x X c K 1 8", ACTION_NONE}, {"rates", "KP8 A-x C-x", ACTION_NONE},
};

static const struct {
    const char *line;
    const char *report; /* without the file's name; "" is accepted */
} lines[] = {
    {"bind positions z square-off", ""},
    {"bind positions C-x square-off", ""},
    {"  bind\tglobal   y  screen-rates \r", ""},
    {"unbind global F10", ""},
    {"# bind positions F1 square-off", ""},
    {"", ""},
    {"bind positions F12 square-off", "1: `F12` refused: square-off may not be on an F-key"},
    {"bind positions S-F12 square-off", "1: `S-F12` refused: square-off may not be on an F-key"},
    {"bind positions Enter square-off", "1: `Enter` refused: square-off may not be on Enter"},
    {"bind orders space cancel-order",
     "1: `space` refused: cancel-order may not be on space, Tab or BS"},
    {"bind positions Up square-off-all",
     "1: `Up` refused: square-off-all may not be on a cursor key"},
    {"bind positions Del square-off", "1: `Del` refused: square-off may not be on a cursor key"},
    {"bind positions 0 square-off", "1: `0` refused: square-off may not be on a digit"},
    {"bind positions KP8 square-off", "1: `KP8` refused: square-off may not be on a keypad key"},
    {"bind global F12 arm", "1: `F12` refused: arm may not be on an F-key"},
    {"bind orders F12 cancel-all", "1: `F12` refused: cancel-all may not be on an F-key"},
    {"bind positions Esc square-off", "1: `Esc` refused: Esc, C-g and C-c keep their meaning"},
    {"bind positions j square-off", "1: `j` refused: square-off may not share a key with move-down"},
    {"bind global x move-down", "1: `x` refused: move-down may not share a key with square-off"},
    {"bind strip x strip-send", "1: `x` refused: strip-send may not share a key with square-off"},
    {"bind strip F12 strip-send", "1: `F12` refused: strip-send may not be on an F-key"},
    {"bind strip y strip-send", ""},
    {"bind positions y strip-send",
     "1: `y` refused: strip-send belongs in strip, typed or approval only"},
    {"bind global Esc back", "1: `Esc` refused: Esc, C-g and C-c keep their meaning"},
    {"unbind dialog Esc", "1: `Esc` refused: Esc, C-g and C-c keep their meaning"},
    {"unbind global F12", "1: `F12` refused: not bound in global"},
    {"bind nowhere y help", "1: no mode `nowhere`"},
    {"bind global F25 help", "1: no key `F25`"},
    {"bind global C-\033 help", "1: no key `C-\\x1b`"},
    {"bind global y no-such", "1: no action `no-such`"},
    {"bind global y", "1: expected `bind MODE KEY ACTION` or `unbind MODE KEY`"},
    {"bind global y help help", "1: expected `bind MODE KEY ACTION` or `unbind MODE KEY`"},
    {"map global y help", "1: expected `bind MODE KEY ACTION` or `unbind MODE KEY`"},
};
/* clang-format on */

static void test_neat_rows(void **state)
{
    struct keymap map;

    (void)state;
    preset(&map, "neat");
    for (size_t i = 0; i < sizeof neat / sizeof neat[0]; i++) {
        char keys[64], *rest;

        snprintf(keys, sizeof keys, "%s", neat[i].keys);
        for (char *key = strtok_r(keys, " ", &rest); key; key = strtok_r(NULL, " ", &rest)) {
            enum action got = keys_action(&map, keys_mode_parse(neat[i].mode), keys_parse(key));

            if (got != neat[i].action)
                fail_msg("%s %s: got %s", neat[i].mode, key, action_rows[got].name);
        }
    }
}

static void test_presets_differ_where_they_say(void **state)
{
    struct keymap map;

    (void)state;
    preset(&map, "odin");
    assert_int_equal(ACTION_DEPTH, keys_action(&map, KEYS_POSITIONS, DECODE_F(5)));
    assert_int_equal(ACTION_SCREEN_POSITIONS,
                     keys_action(&map, KEYS_ORDERS, DECODE_F(6) | DECODE_ALT));
    preset(&map, "htop");
    assert_int_equal(ACTION_HELP, keys_action(&map, KEYS_POSITIONS, DECODE_F(1)));
    assert_int_equal(ACTION_SORT_MENU, keys_action(&map, KEYS_POSITIONS, DECODE_F(6)));
    assert_false(keys_preset(&map, "emacs"));
}

/* Every action can be reached by a key that is no F-key, in every preset (console.md C1 rule 1). */
static void test_every_action_has_a_plain_key(void **state)
{
    (void)state;
    for (size_t p = 0; p < 3; p++) {
        struct keymap map;

        preset(&map, presets[p]);
        for (enum action action = ACTION_NONE + 1; action < ACTIONS; action++) {
            bool plain = action == ACTION_TICKET_BUY || action == ACTION_TICKET_SELL;

            for (size_t i = 0; i < map.start[KEYS_MODES]; i++) {
                uint32_t key = map.bindings[i].key & DECODE_CODE;

                plain = plain ||
                        (map.bindings[i].action == action && (key < DECODE_F1 || key > DECODE_F24));
            }
            if (!plain)
                fail_msg("%s: %s has no letter", presets[p], action_rows[action].name);
        }
    }
}

/* C1 rule 2, over every mode, preset and dangerous key. */
static void test_no_plain_key_destroys(void **state)
{
    static const char dangerous[] =
        "0 1 2 3 4 5 6 7 8 9 space Tab Enter Up Down Left Right Home End "
        "PgUp PgDn Ins Del F1 F2 F3 F4 F5 F6 F7 F8 F9 F10 F11 F12 KP0 KP8";

    (void)state;
    for (size_t p = 0; p < 3; p++)
        for (enum keys_mode mode = 0; mode < KEYS_MODES; mode++) {
            struct keymap map;
            char keys[sizeof dangerous], *rest;

            preset(&map, presets[p]);
            memcpy(keys, dangerous, sizeof keys);
            for (char *key = strtok_r(keys, " ", &rest); key; key = strtok_r(NULL, " ", &rest)) {
                enum action action = keys_action(&map, mode, keys_parse(key));
                bool confirms = action_rows[action].flags & ACTION_CONFIRM;

                assert_false(action_rows[action].flags & ACTION_DESTRUCTIVE);
                assert_true(!confirms || strcmp(key, "Enter") == 0);
            }
        }
}

static void test_guarded(void **state)
{
    struct keymap map;

    (void)state;
    preset(&map, "neat");
    assert_true(keys_guarded(&map, KEYS_POSITIONS, 'x'));
    assert_true(keys_guarded(&map, KEYS_POSITIONS, '!'));
    assert_true(keys_guarded(&map, KEYS_STRIP, DECODE_ENTER));
    assert_false(keys_guarded(&map, KEYS_POSITIONS, DECODE_ENTER));
    assert_false(keys_guarded(&map, KEYS_POSITIONS, 'j'));
    assert_false(keys_guarded(&map, KEYS_AUDIT, 'x'));
}

static void keep(void *context, const char *text)
{
    snprintf(context, REPORT_SIZE, "%s", text);
}

static void test_lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct keymap map;
        char got[REPORT_SIZE] = "", expected[REPORT_SIZE] = "";
        struct report report = {keep, got, 0};

        preset(&map, "neat");
        keys_load(&map, lines[i].line, strlen(lines[i].line), "keys.conf", &report);
        if (lines[i].report[0] != '\0')
            snprintf(expected, sizeof expected, "keys.conf:%s", lines[i].report);
        assert_string_equal(expected, got);
    }
}

static void test_file_takes_effect(void **state)
{
    static const char text[] = "bind positions z square-off\nnonsense\nunbind global F10\n"
                               "bind global F10 help\nbind global F10 export";
    struct keymap map;
    char got[REPORT_SIZE] = "";
    struct report report = {keep, got, 0};

    (void)state;
    preset(&map, "neat");
    keys_load(&map, text, sizeof text - 1, "keys.conf", &report);
    assert_int_equal(1, report.count);
    assert_string_equal("keys.conf:2: expected `bind MODE KEY ACTION` or `unbind MODE KEY`", got);
    assert_int_equal(ACTION_SQUARE_OFF, keys_action(&map, KEYS_POSITIONS, 'z'));
    assert_int_equal(ACTION_NONE, keys_action(&map, KEYS_ORDERS, 'z'));
    assert_int_equal(ACTION_EXPORT, keys_action(&map, KEYS_ORDERS, DECODE_F(10)));
}

static void test_map_is_bounded(void **state)
{
    struct keymap map;
    char why[KEYS_WHY_SIZE];
    uint32_t key = 0x4e00;

    (void)state;
    preset(&map, "neat");
    while (keys_bind(&map, KEYS_GLOBAL, key, ACTION_HELP, why))
        key++;
    assert_int_equal(KEYS_BINDINGS, map.start[KEYS_MODES]);
    assert_string_equal("more than 512 bindings", why);
    assert_true(keys_bind(&map, KEYS_GLOBAL, 0x4e00, ACTION_EXPORT, why));
}

static void test_long_line_and_nul(void **state)
{
    struct keymap map;
    char text[400], got[REPORT_SIZE] = "";
    struct report report = {keep, got, 0};

    (void)state;
    preset(&map, "neat");
    memset(text, 'a', sizeof text);
    keys_load(&map, text, sizeof text, "k", &report);
    assert_string_equal("k:1: line too long, or not text", got);
    keys_load(&map, "a\0b", 3, "k", &report);
    assert_int_equal(2, report.count);
}

static void test_names_round_trip(void **state)
{
    (void)state;
    for (uint32_t key = 0x21; key <= DECODE_PAD_ENTER; key++) {
        char name[KEYS_NAME_SIZE];

        if ((key >= 0x7f && key < DECODE_UP && key != DECODE_BACKSPACE && key != 0xe9))
            continue;
        for (uint32_t modifiers = 0; modifiers < 8; modifiers++) {
            keys_name(key | modifiers << 24, name);
            assert_int_equal(key | modifiers << 24, keys_parse(name));
        }
    }
    assert_int_equal(0, keys_parse(""));
    assert_int_equal(0, keys_parse("F0"));
    assert_int_equal(0, keys_parse("F05"));
    assert_int_equal(0, keys_parse("KP10"));
    assert_int_equal(0, keys_parse("xx"));
    assert_int_equal(0, keys_parse("\033"));
    assert_int_equal('-' | DECODE_CTRL, keys_parse("C--"));
}

static void test_bar(void **state)
{
    struct keymap map;
    char bar[256];

    (void)state;
    preset(&map, "neat");
    keys_bar(&map, KEYS_POSITIONS, false, 80, bar, sizeof bar);
    assert_string_equal(
        "1Pos 2Ord 3Trd 4Rate 5Cli 7Aud 8Stat 9Left x close X all c cancel e edit ? help", bar);
    keys_bar(&map, KEYS_POSITIONS, true, 80, bar, sizeof bar);
    assert_string_equal(
        "F5Pos F3Ord F8Trd F4Rate 5Cli F7Aud F11Stat 9Left x close X all c cancel ? help", bar);
    keys_bar(&map, KEYS_STRIP, false, 80, bar, sizeof bar);
    assert_string_equal("e edit  Enter send  S short leg  Esc keep  ? help", bar);
    keys_bar(&map, KEYS_POSITIONS, false, 10, bar, sizeof bar);
    assert_string_equal("? help", bar);
    keys_bar(&map, KEYS_POSITIONS, false, 5, bar, sizeof bar);
    assert_string_equal("", bar);
    for (size_t columns = 0; columns < 250; columns++)
        assert_true(keys_bar(&map, KEYS_RATES, true, columns, bar, sizeof bar) <= columns);
}

static void test_help(void **state)
{
    struct keymap map;
    struct keys_help line;
    size_t lines_seen = 0, headings = 0;
    bool found = false;

    (void)state;
    preset(&map, "neat");
    for (; keys_help_line(&map, KEYS_POSITIONS, lines_seen, &line); lines_seen++) {
        headings += line.heading;
        assert_true(line.heading || line.keys[0] != '\0');
        assert_true(line.action != ACTION_STRIP_SEND && line.action != ACTION_RATE_ADD);
        if (line.action == ACTION_SCREEN_POSITIONS) {
            found = true;
            assert_string_equal("1 p F5", line.keys);
            assert_string_equal("positions", line.text);
        }
    }
    assert_true(found);
    assert_int_equal(6, headings);
    assert_true(lines_seen > 40);
}

#define DOCUMENT "docs/themes_and_keys.md"

/* The page names it, in backquotes. */
static void check_documented(const char *page, const char *name)
{
    char quoted[64];

    snprintf(quoted, sizeof quoted, "`%s`", name);
    if (strstr(page, quoted) == NULL)
        fail_msg(DOCUMENT " does not name %s", quoted);
}

static void test_page_names_everything(void **state)
{
    char *page = check_read_file(DOCUMENT, NULL);

    (void)state;
    for (enum action action = ACTION_NONE + 1; action < ACTIONS; action++)
        check_documented(page, action_rows[action].name);
    for (enum keys_mode mode = 0; mode < KEYS_MODES; mode++)
        check_documented(page, keys_mode_names[mode]);
    for (size_t i = 0; i < 3; i++)
        check_documented(page, presets[i]);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_neat_rows),
        cmocka_unit_test(test_presets_differ_where_they_say),
        cmocka_unit_test(test_every_action_has_a_plain_key),
        cmocka_unit_test(test_no_plain_key_destroys),
        cmocka_unit_test(test_guarded),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_file_takes_effect),
        cmocka_unit_test(test_map_is_bounded),
        cmocka_unit_test(test_long_line_and_nul),
        cmocka_unit_test(test_names_round_trip),
        cmocka_unit_test(test_bar),
        cmocka_unit_test(test_help),
        cmocka_unit_test(test_page_names_everything),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
