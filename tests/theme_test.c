/* Themes: the eight shipped ones pass their check, each kind of bad line is reported and harmless. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/check.h"
#include "tui/theme.h"
#include "tui/theme_mode.h"
#include "tui/theme_check.h"

struct log {
    char text[4096];
};

static void keep(void *context, const char *line)
{
    struct log *log = context;
    size_t length = strlen(log->text);

    snprintf(log->text + length, sizeof log->text - length, "%s\n", line);
}

static bool no_theme(void *context, const char *name, const char **text, size_t *length,
                     const char **file)
{
    (void)context, (void)name, (void)text, (void)length, (void)file;
    return false;
}

static const struct theme_source nothing = {no_theme, NULL};

static struct theme apply(const char *text, struct log *log)
{
    struct theme theme;
    struct report report = {keep, log, 0};

    *log = (struct log){""};
    theme_init(&theme);
    theme_apply(&theme, text, strlen(text), "t", &report);
    return theme;
}

static void test_shipped_themes_pass(void **state)
{
    struct theme_source source = theme_files();
    size_t count = 0;

    (void)state;
    for (; theme_builtin(count) != NULL; count++) {
        struct theme theme;
        struct log log = {""};
        struct report report = {keep, &log, 0};

        assert_true(theme_load(&theme, theme_builtin(count), &source, &report));
        theme_check(&theme, &report);
        assert_string_equal("", log.text);
        assert_string_equal(theme_builtin(count), theme.name);
        assert_true(theme.about[0] != '\0');
    }
    assert_int_equal(8, count);
}

/* What is built in is what lies in themes/. */
static void test_builtin_is_the_file(void **state)
{
    struct theme_source source = theme_files();

    (void)state;
    for (size_t i = 0; theme_builtin(i) != NULL; i++) {
        static char file[THEME_FILE_MAX];
        char path[100], why[REPORT_SIZE];
        const char *text, *name;
        size_t length;
        long got;

        snprintf(path, sizeof path, "themes/%s.theme", theme_builtin(i));
        got = theme_read_file(path, file, sizeof file, why);
        assert_true(got > 0);
        assert_true(source.find(source.context, theme_builtin(i), &text, &length, &name));
        assert_int_equal(got, length);
        assert_memory_equal(file, text, length);
    }
}

/* The contrasts printed in the table of default themes, to one place. */
static void test_contrasts_of_the_table(void **state)
{
    static const struct {
        const char *theme;
        enum role role;
        double contrast;
    } rows[] = {
        {"dark", ROLE_DEFAULT, 13.4},
        {"dark", ROLE_PRICE_UP, 8.4},
        {"dark", ROLE_PRICE_DOWN, 7.3},
        {"dark", ROLE_WARN, 9.5},
        {"dark", ROLE_DANGER, 6.7},
        {"light", ROLE_DEFAULT, 15.1},
        {"light", ROLE_PRICE_UP, 7.1},
        {"light", ROLE_PRICE_DOWN, 6.3},
        {"light", ROLE_WARN, 7.0},
        {"light", ROLE_DANGER, 7.5},
        {"hc-dark", ROLE_DEFAULT, 21},
        {"hc-dark", ROLE_PRICE_UP, 16.2},
        {"hc-dark", ROLE_PRICE_DOWN, 10.4},
        {"hc-dark", ROLE_WARN, 15.2},
        {"hc-dark", ROLE_DANGER, 9.3},
        {"hc-light", ROLE_DEFAULT, 21},
        {"hc-light", ROLE_PRICE_UP, 10.7},
        {"hc-light", ROLE_PRICE_DOWN, 11.4},
        {"hc-light", ROLE_WARN, 10.3},
        {"hc-light", ROLE_DANGER, 11.4},
        {"cvd-redgreen", ROLE_PRICE_UP, 8.0},
        {"cvd-redgreen", ROLE_PRICE_DOWN, 8.2},
        {"cvd-redgreen", ROLE_WARN, 14.0},
        {"cvd-blueyellow", ROLE_PRICE_UP, 8.5},
        {"cvd-blueyellow", ROLE_PRICE_DOWN, 7.3},
        {"cvd-blueyellow", ROLE_WARN, 9.7},
    };
    struct theme_source source = theme_files();
    struct log log = {""};
    struct report report = {keep, &log, 0};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct theme theme;
        struct theme_look look;
        double contrast;

        theme_load(&theme, rows[i].theme, &source, &report);
        look = theme_look(&theme, rows[i].role, THEME_TRUE);
        contrast = theme_contrast(look.fg, look.bg);
        if (contrast < rows[i].contrast - 0.06 || contrast > rows[i].contrast + 0.06)
            fail_msg("%s %s: %.2f", rows[i].theme, role_names[rows[i].role], contrast);
    }
}

/* clang-format off */
static const struct {
    const char *text, *log;
} bad[] = {
    {"[style]\nnonsense.fg = default\n", "t:2: unknown role `nonsense`\n"},
    {"[style]\nprice.*.size = 3\n", "t:2: expected ROLE.fg, ROLE.bg or ROLE.attr, got `price.*.size`\n"},
    {"[style]\nprice = bold\n", "t:2: expected ROLE.fg, ROLE.bg or ROLE.attr, got `price`\n"},
    {"[style]\nwarn.fg = nocolour\n", "t:2: bad colour `nocolour`\n"},
    {"[style]\nwarn.fg =\n", "t:2: bad colour ``\n"},
    {"[style]\nwarn.attr = bold loud\n", "t:2: bad attribute `bold loud`\n"},
    {"[style]\n**.attr = bold\n", "t:2: one * is enough in `**`\n"},
    {"[palette]\nup = #12345\n", "t:2: bad colour for `up`: expected #RRGGBB, 0-255, one of the 16\n"},
    {"[palette]\nup = #12345g\n", "t:2: bad colour for `up`: expected #RRGGBB, 0-255, one of the 16\n"},
    {"[palette]\nup = #0x1234\n", "t:2: bad colour for `up`: expected #RRGGBB, 0-255, one of the 16\n"},
    {"[palette]\nup = #123456, 256\n", "t:2: bad colour for `up`: expected #RRGGBB, 0-255, one of the 16\n"},
    {"[palette]\nup = #123456, #123456\n", "t:2: bad colour for `up`: expected #RRGGBB, 0-255, one of the 16\n"},
    {"[palette]\nup = 1, 2, 3, 4\n", "t:2: bad colour for `up`: expected #RRGGBB, 0-255, one of the 16\n"},
    {"[palette]\nabcdefghijklmnop = 1\n", "t:2: name of a colour is 1 to 15 characters\n"},
    {"[palette]\n= 1\n", "t:2: name of a colour is 1 to 15 characters\n"},
    {"[mark]\nprice.up = ab\n", "t:2: mark `price.up` is one character of one column\n"},
    {"[mark]\nprice.up = \344\270\255\n", "t:2: mark `price.up` is one character of one column\n"},
    {"[mark]\nprice.up = \033\n", "t:2: mark `price.up` is one character of one column\n"},
    {"[mark]\nprice.up =\n", "t:2: mark `price.up` is one character of one column\n"},
    {"[mark]\nprice.sideways = x\n", "t:2: unknown mark `price.sideways`\n"},
    {"[mark]\nbox = round\n", "t:2: box is ascii or unicode, not `round`\n"},
    {"[theme]\nversion = 2\n", "t:2: version `2` is not known, read as 1\n"},
    {"[theme]\nname = ../../etc\n", "t:2: name: small letters, digits, - and _ only, at most 23\n"},
    {"[theme]\ninherits = A\n", "t:2: inherits: small letters, digits, - and _ only, at most 23\n"},
    {"[theme]\ncontrast = much\n", "t:2: contrast is a number from 1.0 to 21.0, not `much`\n"},
    {"[theme]\ncontrast = 99\n", "t:2: contrast is a number from 1.0 to 21.0, not `99`\n"},
    {"[theme]\nmood = dark\n", "t:2: unknown key `mood` in [theme]\n"},
    {"[colors]\na = b\n", "t:1: unknown section [colors]\nt:2: `a` outside of a known section\n"},
    {"a = b\n", "t:1: `a` outside of a known section\n"},
    {"[style]\nhello\n", "t:2: expected `name = value`\n"},
};
/* clang-format on */

static void test_bad_lines_warn_and_change_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct log log;
        struct theme plain, theme = apply(bad[i].text, &log);

        theme_init(&plain);
        assert_string_equal(bad[i].log, log.text);
        assert_memory_equal(plain.styles, theme.styles, sizeof plain.styles);
        assert_memory_equal(plain.marks, theme.marks, sizeof plain.marks);
        assert_int_equal(0, theme.colour_count);
    }
}

static void test_the_documented_file(void **state)
{
    static const char text[] = "# theme file, version 1\r\n"
                               "[theme]\r\n"
                               "version  = 1\n"
                               "name     = mine\n"
                               "about    = Blue is up, orange is down.\n"
                               "\n"
                               "[palette]        # name = truecolor, 256, 16  (or \"default\")\n"
                               "bg    = #101418, 233, default\n"
                               "fg    = #D7DCE2, 253, white\n"
                               "up    = #56B4E9,  74, cyan\n"
                               "[style]          # role.attr = value; * allowed\n"
                               "default.fg         = fg\n"
                               "default.bg         = bg\n"
                               "price.up.fg        = up\n"
                               "price.*.attr       = underline\n"
                               "price.down.attr    = bold\n"
                               "state.unknown.attr = reverse bold\n"
                               "mode.*.fg          = #56b4e9\n"
                               "[mark]\n"
                               "price.up = +\n"
                               "box      = unicode\n"
                               "; the end";
    struct log log;
    struct theme theme = apply(text, &log);
    struct theme_look look = theme_look(&theme, ROLE_PRICE_UP, THEME_TRUE);

    (void)state;
    assert_string_equal("", log.text);
    assert_string_equal("mine", theme.name);
    assert_string_equal("Blue is up, orange is down.", theme.about);
    assert_int_equal(0x56b4e9, look.fg);
    assert_int_equal(0x101418, look.bg);
    assert_int_equal(THEME_UNDERLINE, look.attr);
    assert_int_equal(THEME_BOLD, theme_look(&theme, ROLE_PRICE_DOWN, THEME_TRUE).attr);
    assert_int_equal(THEME_INDEX | 74, theme_look(&theme, ROLE_PRICE_UP, THEME_256).fg);
    assert_int_equal(THEME_INDEX | 6, theme_look(&theme, ROLE_PRICE_UP, THEME_16).fg);
    assert_int_equal(THEME_DEFAULT, theme_look(&theme, ROLE_PRICE_UP, THEME_16).bg);
    assert_int_equal(THEME_DEFAULT, theme_look(&theme, ROLE_PRICE_UP, THEME_MONO).fg);
    assert_int_equal(THEME_INDEX | 74, theme_look(&theme, ROLE_MODE_DRILL, THEME_256).fg);
    assert_int_equal('+', theme_mark(&theme, MARK_PRICE_UP));
    assert_int_equal('v', theme_mark(&theme, MARK_PRICE_DOWN));
    assert_true(theme.unicode_box);
}

/* Themes of a test, by name. */
static bool find_in_table(void *context, const char *name, const char **text, size_t *length,
                          const char **file)
{
    for (const char *const *row = context; row[0] != NULL; row += 2) {
        if (strcmp(row[0], name) != 0)
            continue;
        *file = row[0];
        *text = row[1];
        *length = strlen(row[1]);
        return true;
    }
    return false;
}

static void test_inherits(void **state)
{
    static const char *table[] = {
        "base", "[palette]\nup = 1\ndown = 2\n[style]\nprice.up.fg = up\nprice.down.fg = down\n",
        "mid",  "[theme]\ninherits = base\n[palette]\nup = 3\n",
        "top",  "[theme]\ninherits = mid\n[style]\nprice.down.fg = up\nprice.up.fg = bad one\n",
        "lost", "[theme]\ninherits = gone\n[style]\nwarn.attr = bold\n",
        "loop", "[theme]\ninherits = loop\n[style]\nwarn.attr = bold\n",
        NULL,   NULL};
    struct theme_source source = {find_in_table, table};
    struct theme theme;
    struct log log = {""};
    struct report report = {keep, &log, 0};

    (void)state;
    assert_true(theme_load(&theme, "top", &source, &report));
    assert_int_equal(THEME_INDEX | 3, theme_look(&theme, ROLE_PRICE_UP, THEME_256).fg);
    assert_int_equal(THEME_INDEX | 3, theme_look(&theme, ROLE_PRICE_DOWN, THEME_256).fg);
    assert_string_equal("top:5: bad colour `bad one`\n", log.text);
    log = (struct log){""};
    assert_true(theme_load(&theme, "lost", &source, &report));
    assert_string_equal("gone: no such theme\n", log.text);
    assert_int_equal(THEME_BOLD, theme_look(&theme, ROLE_WARN, THEME_256).attr);
    log = (struct log){""};
    assert_true(theme_load(&theme, "loop", &source, &report));
    assert_string_equal("loop: more than 4 ancestors\n", log.text);
    assert_false(theme_load(&theme, "absent", &source, &report));
    assert_false(theme_load(&theme, "../mid", &source, &report));
}

static void test_load_text(void **state)
{
    static const char text[] = "[theme]\ninherits = dark\n[style]\nwarn.attr = blink\n";
    struct theme_source source = theme_files();
    struct theme theme;
    struct log log = {""};
    struct report report = {keep, &log, 0};

    (void)state;
    theme_load_text(&theme, text, sizeof text - 1, "mine", &source, &report);
    assert_string_equal("", log.text);
    assert_int_equal(THEME_BLINK, theme_look(&theme, ROLE_WARN, THEME_TRUE).attr);
    assert_int_equal(0x4cc38a, theme_look(&theme, ROLE_PRICE_UP, THEME_TRUE).fg);
}

/* Each rule of the check fails a theme that breaks just that. */
static void test_check_fails(void **state)
{
    static const struct {
        const char *text, *log;
    } rows[] = {
        {"[style]\nmode.armed.attr = none\n", "mode.armed looks like default in mono\n"},
        {"[style]\nstate.unknown.attr = none\n", "state.unknown looks like default in mono\n"},
        {"[style]\ndanger.attr = none\n", "danger looks like default in mono\n"},
        {"[style]\nselect.attr = none\n", "select looks like default in mono\n"},
        {"[palette]\ndim = #555C64, 240\n", "dim has contrast 2.7 in truecolor, needs 4.5\n"},
        {"[palette]\ndim = #9BA4AE, 240\n", "dim has contrast 2.6 in 256, needs 4.5\n"},
        {"[palette]\nsel = #8A8A8A, 245\n",
         "price.up on the cursor's row has contrast 1.6 in truecolor, needs 4.5\n"},
        {"[theme]\ncontrast = 9\n", "price.down has contrast 7.3 in truecolor, needs 9.0\n"},
        {"[style]\nprice.*.attr = none\nprice.down.fg = #4CC38A\n",
         "price.up and price.down are alike in truecolor for tritanopia\n"},
        {"[style]\nmtm.loss.attr = none\n[palette]\nup = #C1A36A\ndown = #E58A6A\n",
         "mtm.gain and mtm.loss are alike in truecolor for protanopia\n"},
        {"[style]\nprice.*.attr = none\n[mark]\nprice.down = ^\n",
         "price.up and price.down are alike without colour\n"},
    };
    struct theme_source source = theme_files();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[400];
        struct theme theme;
        struct log log = {""};
        struct report report = {keep, &log, 0};

        snprintf(text, sizeof text, "[theme]\ninherits = dark\nname = t\n%s", rows[i].text);
        theme_load_text(&theme, text, strlen(text), "t", &source, &report);
        assert_false(theme_check(&theme, &report));
        if (strstr(log.text, rows[i].log) == NULL)
            fail_msg("expected %s got %s", rows[i].log, log.text);
    }
}

static void test_bare_theme_passes(void **state)
{
    struct theme theme;
    struct log log = {""};
    struct report report = {keep, &log, 0};

    (void)state;
    theme_init(&theme);
    assert_true(theme_check(&theme, &report));
}

static void test_depth(void **state)
{
    static const struct {
        const char *wish, *no_color, *term, *colorterm;
        int colours;
        enum theme_depth depth;
    } rows[] = {
        {NULL, NULL, "tmux-256color", NULL, 256, THEME_256},
        {NULL, NULL, "linux", NULL, 8, THEME_16},
        {NULL, NULL, "vt220", NULL, -1, THEME_MONO},
        {NULL, NULL, "xterm-256color", "truecolor", 256, THEME_TRUE},
        {NULL, NULL, "xterm-256color", "24bit", 256, THEME_TRUE},
        {NULL, NULL, "xterm-256color", "yes", 256, THEME_256},
        {NULL, "1", "xterm-256color", "truecolor", 256, THEME_MONO},
        {NULL, "", "xterm-256color", NULL, 256, THEME_256},
        {NULL, NULL, "dumb", "truecolor", 256, THEME_MONO},
        {NULL, NULL, NULL, "truecolor", 256, THEME_MONO},
        {"256", "1", "dumb", "truecolor", 8, THEME_256},
        {"never", NULL, "xterm", "truecolor", 256, THEME_MONO},
        {"16", NULL, "xterm", "truecolor", 256, THEME_16},
        {"truecolor", NULL, "xterm", NULL, 8, THEME_TRUE},
        {"auto", NULL, "xterm-256color", NULL, 256, THEME_256},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(rows[i].depth, theme_depth(rows[i].wish, rows[i].no_color, rows[i].term,
                                                    rows[i].colorterm, rows[i].colours));
}

static void test_colours(void **state)
{
    int32_t colour;
    int rgb[3];

    (void)state;
    assert_true(theme_colour_parse("BrightRed", &colour));
    assert_int_equal(THEME_INDEX | 9, colour);
    assert_true(theme_colour_parse("#fFaA00", &colour));
    assert_int_equal(0xffaa00, colour);
    assert_false(theme_colour_parse("-1", &colour));
    assert_false(theme_colour_parse(" 1", &colour));
    assert_false(theme_colour_parse("", &colour));
    assert_int_equal(THEME_INDEX | 196, theme_colour_nearest(0xfe0101, 256));
    assert_int_equal(THEME_INDEX | 244, theme_colour_nearest(0x818181, 256));
    assert_int_equal(THEME_INDEX | 9, theme_colour_nearest(0xfe0101, 16));
    assert_int_equal(THEME_DEFAULT, theme_colour_nearest(THEME_DEFAULT, 16));
    assert_false(theme_colour_rgb(THEME_DEFAULT, rgb));
    assert_true(theme_colour_rgb(THEME_INDEX | 74, rgb));
    assert_int_equal(0x5f, rgb[0]);
    assert_int_equal(0xaf, rgb[1]);
    assert_int_equal(0xd7, rgb[2]);
}

static void test_palette_is_bounded(void **state)
{
    char text[8000] = "[palette]\n";
    struct log log;
    struct theme theme;

    (void)state;
    for (int i = 0; i < THEME_COLOURS + 1; i++)
        sprintf(text + strlen(text), "c%d = %d\n", i, i);
    theme = apply(text, &log);
    assert_int_equal(THEME_COLOURS, theme.colour_count);
    assert_string_equal("t:66: more than 64 colours\n", log.text);
}

/* The user's folder wins over the system's, and that over what is built in; relative ones do not
 * count. */
static void test_search_path(void **state)
{
    char folder[] = "/tmp/theme_test.XXXXXX", path[200], why[REPORT_SIZE];
    struct theme_source source = theme_files();
    struct theme theme;
    struct log log = {""};
    struct report report = {keep, &log, 0};
    FILE *file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "mkdir -p %s/squareoff/themes", folder);
    assert_int_equal(0, system(path));
    snprintf(path, sizeof path, "%s/squareoff/themes/dark.theme", folder);
    file = fopen(path, "w");
    fputs("[theme]\nname = own\n[style]\nnope\n", file);
    fclose(file);

    setenv("XDG_DATA_DIRS", "relative:/nonexistent:", 1);
    setenv("XDG_CONFIG_HOME", folder, 1);
    assert_true(theme_load(&theme, "dark", &source, &report));
    assert_string_equal("own", theme.name);
    assert_non_null(strstr(log.text, "/squareoff/themes/dark.theme:4: expected"));
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    assert_true(theme_load(&theme, "dark", &source, &report));
    assert_string_equal("dark", theme.name);
    setenv("XDG_DATA_DIRS", folder, 1);
    assert_true(theme_load(&theme, "dark", &source, &report));
    assert_string_equal("own", theme.name);
    setenv("XDG_DATA_DIRS", "/nonexistent", 1);
    assert_int_equal(-1, theme_read_file("/nonexistent", path, sizeof path, why));
    assert_string_equal("/nonexistent: No such file or directory", why);
    snprintf(path, sizeof path, "rm -r %s", folder);
    assert_int_equal(0, system(path));
}

static void test_no_source(void **state)
{
    struct theme theme;
    struct log log = {""};
    struct report report = {keep, &log, 0};

    (void)state;
    assert_false(theme_load(&theme, "dark", &nothing, &report));
    assert_string_equal("dark: no such theme\n", log.text);
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
    static const char *const marks[] = {
#define X(id, name, character) name,
        MARK_MAP(X)
#undef X
    };
    char *page = check_read_file(DOCUMENT, NULL);

    (void)state;
    for (enum role role = 0; role < ROLES; role++)
        check_documented(page, role_names[role]);
    for (size_t i = 0; i < MARKS; i++)
        check_documented(page, marks[i]);
    for (size_t i = 0; theme_builtin(i) != NULL; i++)
        check_documented(page, theme_builtin(i));
    free(page);
}

/* What is said for a mode holds in it; a theme for all leaves the others theirs. */
static void test_themes_by_mode(void **state)
{
    struct theme_choice choice = {.name = {""}};
    struct sq_source_info source = {.source = "STANDALONE"};
    char why[80];

    (void)state;
    assert_int_equal(theme_mode_of(&source, false), THEME_MODE_STANDALONE);
    assert_int_equal(theme_mode_of(&source, true), THEME_MODE_OFFLINE);
    source.drill = true;
    assert_int_equal(theme_mode_of(&source, false), THEME_MODE_DRILL);
    source = (struct sq_source_info){.source = "BACKUP-2"};
    assert_int_equal(theme_mode_of(&source, false), THEME_MODE_BACKUP);

    assert_string_equal(theme_choice_name(&choice, THEME_MODE_DRILL), "dark");
    assert_true(theme_choice_set(&choice, THEME_MODE_DRILL, "offline hc-dark", why, sizeof why));
    assert_true(theme_choice_set(&choice, THEME_MODE_DRILL, "drill light", why, sizeof why));
    assert_string_equal(theme_choice_name(&choice, THEME_MODE_DRILL), "light");
    assert_true(theme_choice_set(&choice, THEME_MODE_DRILL, "mono", why, sizeof why));
    assert_string_equal(theme_choice_name(&choice, THEME_MODE_DRILL), "mono");
    assert_string_equal(theme_choice_name(&choice, THEME_MODE_BACKUP), "mono");
    assert_string_equal(theme_choice_name(&choice, THEME_MODE_OFFLINE), "hc-dark");
}

static void test_wrong_theme_words_change_nothing(void **state)
{
    static const char *const wrong[] = {"", "night light", "drill a b",
                                        "a-name-that-is-longer-than-any-theme-can-have"};
    struct theme_choice choice = {.name = {"mono"}}, before = choice;
    char why[80];

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        why[0] = '\0';
        assert_false(theme_choice_set(&choice, THEME_MODE_DRILL, wrong[i], why, sizeof why));
        assert_non_null(strstr(why, "offline NAME"));
        assert_memory_equal(&choice, &before, sizeof choice);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_themes_by_mode),
        cmocka_unit_test(test_wrong_theme_words_change_nothing),
        cmocka_unit_test(test_shipped_themes_pass),
        cmocka_unit_test(test_builtin_is_the_file),
        cmocka_unit_test(test_contrasts_of_the_table),
        cmocka_unit_test(test_bad_lines_warn_and_change_nothing),
        cmocka_unit_test(test_the_documented_file),
        cmocka_unit_test(test_inherits),
        cmocka_unit_test(test_load_text),
        cmocka_unit_test(test_check_fails),
        cmocka_unit_test(test_bare_theme_passes),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_colours),
        cmocka_unit_test(test_palette_is_bounded),
        cmocka_unit_test(test_search_path),
        cmocka_unit_test(test_no_source),
        cmocka_unit_test(test_page_names_everything),
    };

    setlocale(LC_ALL, "C.UTF-8");
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("XDG_DATA_DIRS", "/nonexistent", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
