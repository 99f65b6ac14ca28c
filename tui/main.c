/* squareoff: the console. Options as a table, and what each kind of start is done by. */
#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "tui/main.h"
#include "tui/theme.h"
#include "tui/theme_check.h"

static const char help[] =
    "squareoff --drill [OPTIONS]             practise on the sample day; nothing leaves the "
    "machine\n"
    "squareoff --standalone [--config FILE] [OPTIONS]\n"
    "                                        the embedded engine, linked to a FIX 4.4 acceptor\n"
    "squareoff --remote [--server HOST:PORT ...] [--user CODE] [OPTIONS]\n"
    "                                        on backup servers; OFFLINE from its cache without "
    "one\n"
    "squareoff positions|orders|trades [--client C] [--symbol S] [--json|--csv]\n"
    "squareoff close --client C --symbol S [--product P] [--quantity N|P%] [--limit PRICE]\n"
    "          [--ref CALL] [--confirm] [--dry-run] [--json]\n"
    "                                        line mode: through the console that owns --state\n"
    "\n"
    "  --config FILE       default $XDG_CONFIG_HOME/squareoff/squareoff.conf\n"
    "  --state DIR         where all that lasts lives; default $XDG_STATE_HOME/squareoff/book\n"
    "                      (drill: a fresh place, removed after it)\n"
    "  --server HOST:PORT  of squareoffd; several are tried in this order (implies --remote)\n"
    "  --user CODE         who logs in there\n"
    "  --ca FILE           PEM: who must have signed the servers' certificates; else the system's\n"
    "  --plain             no TLS: servers on this machine only\n"
    "  --book DIR          a folder of day files to load into an empty state\n"
    "  --person CODE       who sits here (drill: RK07)\n"
    "  --headless          no terminal: events as lines on standard output\n"
    "  --log FILE          what the links say\n"
    "  --theme NAME        dark light hc-dark hc-light cvd-redgreen cvd-blueyellow mono term16\n"
    "  --color WHEN        auto never 16 256 truecolor\n"
    "  --keys NAME|FILE    neat odin htop, or a key file; default\n"
    "                      $XDG_CONFIG_HOME/squareoff/keys.conf, else neat\n"
    "  --function-keys     the key bar shows F-keys\n"
    "  --mouse             the mouse selects and scrolls; it never sends\n"
    "  --no-bell           silence; else it rings for an alarm, an UNKNOWN, a request to approve\n"
    "  --no-coach          drill without the four steps\n"
    "  --check-theme FILE  is this theme readable? says what is wrong\n"
    "  --help, --version\n"
    "\n"
    "Exit: 0 done; 1 refused (line mode, --check-theme); 2 wrong use; 3 the state is locked, "
    "damaged\n"
    "or not there; 4 disk full or failing, nothing was sent; 5 configuration or terminal; 6 "
    "nobody\n"
    "owns the state.\n";

enum code { HELP = 1, VERSION, CHECK_THEME };
enum kind { FLAG, TEXT, WORD, SERVER };

/* A new option is a row: how it is written, and the member it fills. */
static const struct row {
    const char *name;
    enum kind kind;
    size_t offset; /* of the member of struct options; of a WORD: enum code */
} rows[] = {
    {"drill", FLAG, offsetof(struct options, drill)},
    {"standalone", FLAG, offsetof(struct options, standalone)},
    {"remote", FLAG, offsetof(struct options, remote)},
    {"server", SERVER, offsetof(struct options, servers)},
    {"user", TEXT, offsetof(struct options, user)},
    {"ca", TEXT, offsetof(struct options, ca)},
    {"plain", FLAG, offsetof(struct options, plain)},
    {"headless", FLAG, offsetof(struct options, headless)},
    {"no-coach", FLAG, offsetof(struct options, no_coach)},
    {"mouse", FLAG, offsetof(struct options, mouse)},
    {"no-bell", FLAG, offsetof(struct options, silent)},
    {"function-keys", FLAG, offsetof(struct options, function_keys)},
    {"json", FLAG, offsetof(struct options, json)},
    {"csv", FLAG, offsetof(struct options, csv)},
    {"dry-run", FLAG, offsetof(struct options, dry_run)},
    {"confirm", FLAG, offsetof(struct options, confirmed)},
    {"config", TEXT, offsetof(struct options, config)},
    {"state", TEXT, offsetof(struct options, state)},
    {"book", TEXT, offsetof(struct options, book)},
    {"theme", TEXT, offsetof(struct options, theme)},
    {"color", TEXT, offsetof(struct options, colour)},
    {"keys", TEXT, offsetof(struct options, keys)},
    {"person", TEXT, offsetof(struct options, person)},
    {"log", TEXT, offsetof(struct options, log)},
    {"client", TEXT, offsetof(struct options, client)},
    {"symbol", TEXT, offsetof(struct options, symbol)},
    {"product", TEXT, offsetof(struct options, product)},
    {"quantity", TEXT, offsetof(struct options, quantity)},
    {"limit", TEXT, offsetof(struct options, limit)},
    {"ref", TEXT, offsetof(struct options, reference)},
    {"help", WORD, HELP},
    {"version", WORD, VERSION},
    {"check-theme", WORD, CHECK_THEME},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static void make_table(struct option table[ROWS + 1])
{
    memset(table, 0, (ROWS + 1) * sizeof *table);
    for (size_t i = 0; i < ROWS; i++) {
        bool word = rows[i].kind == TEXT || rows[i].kind == SERVER || rows[i].offset == CHECK_THEME;

        table[i].name = rows[i].name;
        table[i].has_arg = rows[i].kind != FLAG && word ? required_argument : no_argument;
    }
}

static void print_line(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "%s\n", text);
}

static int check_theme(const char *path)
{
    static char text[THEME_FILE_MAX];
    struct theme_source source = theme_files();
    struct report report = {.line = print_line};
    struct theme theme;
    char why[REPORT_SIZE];
    long length = theme_read_file(path, text, sizeof text, why);

    if (length < 0) {
        fprintf(stderr, "%s\n", why);
        return EXIT_CONFIG;
    }
    theme_load_text(&theme, text, (size_t)length, path, &source, &report);
    theme_check(&theme, &report);
    if (report.count == 0)
        printf("%s: readable\n", path);
    return report.count ? EXIT_REFUSED : EXIT_DONE;
}

static int take_server(struct options *options)
{
    options->remote = true;
    if (options->server_count == CONSOLE_SERVERS) {
        fprintf(stderr, "squareoff: %d servers at most\n", CONSOLE_SERVERS);
        return EXIT_USAGE;
    }
    options->servers[options->server_count++] = optarg;
    return -1;
}

/* One option. Returns -1 to go on, else the exit code. */
static int take(struct options *options, const struct row *row)
{
    char *member = (char *)options + row->offset;

    if (row->kind == FLAG)
        *(bool *)member = true;
    else if (row->kind == TEXT)
        *(const char **)(void *)member = optarg;
    else if (row->kind == SERVER)
        return take_server(options);
    else if (row->offset == HELP)
        return fputs(help, stdout) < 0 ? EXIT_DISK : EXIT_DONE;
    else if (row->offset == VERSION)
        return printf("squareoff %s\n", SQ_VERSION) < 0 ? EXIT_DISK : EXIT_DONE;
    else
        return check_theme(optarg);
    return -1;
}

static int parse(struct options *options, int argc, char **argv)
{
    struct option table[ROWS + 1];
    int index = 0, found, exit;

    make_table(table);
    while ((found = getopt_long(argc, argv, "", table, &index)) != -1) {
        if (found == '?')
            return EXIT_USAGE;
        exit = take(options, &rows[index]);
        if (exit >= 0)
            return exit;
    }
    if (optind < argc)
        options->command = argv[optind++];
    if (optind < argc) {
        fprintf(stderr, "squareoff: one command at a time: %s\n", argv[optind]);
        return EXIT_USAGE;
    }
    return -1;
}

/* A core file would hold passwords and tokens; into a pipe it goes whatever the limit: core(5). */
static void leave_no_core(void)
{
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv)
{
    struct options options = {0};
    int exit;

    leave_no_core();
    setlocale(LC_ALL, "");
    exit = parse(&options, argc, argv);
    if (exit >= 0)
        return exit;
    if (options.command)
        return line_main(&options);
    if (options.drill)
        return drill_main(&options);
    if (options.remote)
        return owner_main(&options);
    if (options.standalone)
        return standalone_main(&options);
    fputs(help, stderr);
    return EXIT_USAGE;
}
