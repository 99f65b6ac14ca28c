/*
 * main.c: squareoff-admin: beginning of day, journal, reports. Options, and a table of commands.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "core/num.h"
#include "db/main_parts.h"
#include "db/store_postgres.h"
#include "db/store_sqlite.h"

static const char help[] =
    "squareoff-admin COMMAND [OPTIONS]\n"
    "\n"
    "  bod --state DIR [--book ABC] [--desk DESK] [--sender ID] [--day YYYY-MM-DD]\n"
    "      [--accept-one-source PERSON REASON] [--json] FILE|FOLDER...\n"
    "                        load a beginning of day: all of it, or nothing\n"
    "  instruments [--json] FILE...\n"
    "                        read contracts and count them; nothing is written\n"
    "  journal print   --state DIR [--until SEQ]\n"
    "  journal verify  --state DIR           follow the hash chain, and replay\n"
    "  journal replay  --state DIR [--until SEQ]   the state's digest after SEQ\n"
    "  journal export  --state DIR --csv|--json\n"
    "  report --state DIR [--json]           positions at start and end, orders, fills, residues,\n"
    "                        call sheet\n"
    "  snapshot --state DIR                  so that the next start is quick\n"
    "  clear --state DIR PERSON REASON       a person has looked at what stopped the last process\n"
    "                        (bod, journal, report, snapshot: --store postgres:CONNINFO --book "
    "ABC\n"
    "                        instead of --state DIR for a book in a server's database; journal\n"
    "                        and report: --day YYYY-MM-DD for an earlier day there)\n"
    "  user add NAME --role ROLE [--desk DESK] [--books A,B|'*'] [--password-file FILE]\n"
    "  user passwd NAME [--password-file FILE]\n"
    "  user totp|disable|enable NAME\n"
    "  user role NAME [--role ROLE] [--desk DESK] [--books A,B|'*']\n"
    "  user list [--json]    who may log in, in --state DIR or --store postgres:CONNINFO\n"
    "  --help, --version\n"
    "\n"
    "Formats are recognised by the header of a file: Kite instruments, XTS masters, UDiFF and\n"
    "legacy bhavcopies, NSE freeze quantities, and the back office's positions, orders, trades,\n"
    "clients, dealers, calendar. Two more:\n"
    "  positions_exchange*.csv  a second source of positions, with the columns of the first, "
    "product\n"
    "                           and prices left out: what both say is agreed\n"
    "  a watch list             exchange,token,symbol,series,expiry,strike,option_type,watch (Y or "
    "N):\n"
    "                           contracts to see rates of that nobody holds\n"
    "\n"
    "Exit: 0 done; 1 rows were refused and nothing was loaded; 2 wrong use; 3 the state is "
    "locked,\n"
    "damaged or not there; 4 disk full or failing.\n";

static const struct {
    const char *name;
    enum admin_exit (*run)(const struct admin *admin);
    enum needs { NOTHING, STATE, STORE } needs; /* STORE: a state, or a book in a database */
} commands[] = {
    {"bod", admin_bod, STORE},           {"instruments", admin_instruments, NOTHING},
    {"journal", admin_journal, STORE},   {"report", admin_report, STORE},
    {"snapshot", admin_snapshot, STORE}, {"clear", admin_clear, STATE},
    {"user", admin_user, NOTHING},
};

#define DATABASE "postgres:"
enum { LEASE_MS = 60000 }; /* a command that is killed keeps a book for so long */

static const struct option options[] = {
    {"state", required_argument, NULL, 's'}, {"book", required_argument, NULL, 'b'},
    {"desk", required_argument, NULL, 'd'},  {"sender", required_argument, NULL, 'S'},
    {"day", required_argument, NULL, 'D'},   {"accept-one-source", required_argument, NULL, 'a'},
    {"store", required_argument, NULL, 'T'}, {"role", required_argument, NULL, 'r'},
    {"books", required_argument, NULL, 'B'}, {"password-file", required_argument, NULL, 'P'},
    {"until", required_argument, NULL, 'u'}, {"json", no_argument, NULL, 'j'},
    {"csv", no_argument, NULL, 'c'},         {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},     {NULL, 0, NULL, 0},
};

sq_time admin_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * SQ_SECOND + now.tv_nsec / 1000;
}

enum admin_exit admin_failed(enum sq_err error, const char *why)
{
    fprintf(stderr, "squareoff-admin: %s%s%s\n", sq_strerror(error), why[0] ? ": " : "", why);
    return error == SQ_ERR_DISK_FULL || error == SQ_ERR_IO ? ADMIN_DISK : ADMIN_STATE;
}

bool admin_has_database(const struct admin *admin)
{
    return admin->store != NULL && strncmp(admin->store, DATABASE, strlen(DATABASE)) == 0;
}

static struct sq_store *open_state(const struct admin *admin, bool own, enum admin_exit *exit)
{
    struct store_sqlite_options how = {.mode = own ? STORE_SQLITE_OWN : STORE_SQLITE_READ};
    char why[256] = "";
    enum sq_err error;
    struct sq_store *store = store_sqlite_open(admin->state, &how, &error, why, sizeof why);
    if (store == NULL)
        *exit = admin_failed(error, why);
    return store;
}

static struct sq_store *open_database(const struct admin *admin, bool own, enum admin_exit *exit)
{
    char why[256] = "";
    struct sq_store *store;
    uint32_t epoch;
    enum sq_err error = store_postgres_open(admin->store + strlen(DATABASE), admin->book,
                                            "squareoff-admin", LEASE_MS, &store, why, sizeof why);
    if (error != SQ_ERR_OK) {
        *exit = admin_failed(error, why);
        return NULL;
    }
    if (own)
        error = store_postgres_claim(store, &epoch);
    else if (admin->day)
        error = store_postgres_look_back(store, admin->day);
    if (error != SQ_ERR_OK) {
        *exit = admin_failed(error, store->ops->why(store));
        store->ops->destroy(store);
        return NULL;
    }
    return store;
}

struct sq_store *admin_open(const struct admin *admin, bool own, enum admin_exit *exit)
{
    return admin->store ? open_database(admin, own, exit) : open_state(admin, own, exit);
}

void admin_close(struct sq_store *store)
{
    if (store == NULL)
        return;
    if (store_is_postgres(store))
        store_postgres_release(store);
    store->ops->destroy(store);
}

static enum admin_exit wrong_use(const char *what)
{
    fprintf(stderr, "squareoff-admin: %s; see squareoff-admin --help\n", what);
    return ADMIN_USAGE;
}

/* 2026-11-26 */
static bool read_day(const char *text, uint32_t *day)
{
    int64_t year, month, date;
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' ||
        !sq_parse_integer(text, 4, &year) || !sq_parse_integer(text + 5, 2, &month) ||
        !sq_parse_integer(text + 8, 2, &date))
        return false;
    *day = (uint32_t)(year * 10000 + month * 100 + date);
    return sq_date_is_valid(*day);
}

static bool read_until(const char *text, uint64_t *until)
{
    int64_t number;
    if (!sq_parse_integer(text, strlen(text), &number) || number < 1)
        return false;
    *until = (uint64_t)number;
    return true;
}

/* --accept-one-source takes two words: the second is the argument that follows. */
static bool read_reason(struct admin *admin, int argc, char **argv)
{
    admin->accepted_by = optarg;
    if (optind >= argc)
        return false;
    admin->accepted_why = argv[optind++];
    return true;
}

static bool read_option(struct admin *admin, int option, int argc, char **argv)
{
    switch (option) {
    case 's': admin->state = optarg; return true;
    case 'T': admin->store = optarg; return true;
    case 'r': admin->role = optarg; return true;
    case 'B': admin->books = optarg; return true;
    case 'P': admin->password_file = optarg; return true;
    case 'b': admin->book = optarg; return true;
    case 'd': admin->desk = optarg; return true;
    case 'S': admin->sender = optarg; return true;
    case 'D': return read_day(optarg, &admin->day);
    case 'a': return read_reason(admin, argc, argv);
    case 'u': return read_until(optarg, &admin->until);
    case 'j': return admin->json = true;
    case 'c': return admin->csv = true;
    default: return false;
    }
}

/* What is missing for a command, in words, or NULL. */
static const char *missing(const struct admin *admin, enum needs needs)
{
    if (needs == NOTHING || (needs == STORE && admin_has_database(admin) && admin->book))
        return NULL;
    if (needs == STORE && admin->store)
        return "--store postgres:CONNINFO needs --book ABC";
    if (admin->state == NULL)
        return needs == STATE ? "--state DIR is needed"
                              : "--state DIR is needed, or --store postgres:CONNINFO";
    return NULL;
}

static int run(const struct admin *admin, const char *name)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(name, commands[i].name) == 0) {
            const char *what = missing(admin, commands[i].needs);
            return (int)(what ? wrong_use(what) : commands[i].run(admin));
        }
    return wrong_use("a command that is not known");
}

int main(int argc, char **argv)
{
    struct admin admin = {.until = UINT64_MAX};
    int option;
    umask(077);
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'h' || option == 'V') {
            fputs(option == 'h' ? help : "squareoff-admin " SQ_VERSION "\n", stdout);
            return ADMIN_OK;
        }
        if (!read_option(&admin, option, argc, argv))
            return wrong_use("an option that is not known, or a value that is not possible");
    }
    if (optind >= argc)
        return wrong_use("no command");
    admin.words = argv + optind + 1;
    admin.word_count = argc - optind - 1;
    return run(&admin, argv[optind]);
}
