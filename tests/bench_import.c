/*
 * bench_import.c - 100,000 rows of contracts: into memory beside a floor that only cuts fields and
 * reads the numbers, checking nothing; and into SQLite beside the sqlite3 shell's .import
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "db/day.h"
#include "db/day_store.h"
#include "db/store_sqlite.h"

enum { ROWS = 100000, RUNS = 7 };

static char folder[256], csv_path[300];

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void write_rows(void)
{
    FILE *out = fopen(csv_path, "w");
    fputs("instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,"
          "lot_size,instrument_type,segment,exchange\n",
          out);
    for (unsigned i = 0; i < ROWS; i++)
        fprintf(out,
                "%u,%u,NIFTY26DEC%u%s,NIFTY%03u,%u.%02u,2026-12-29,%u,0.05,65,%s,NFO-OPT,NFO\n",
                (40000 + i) * 256 + 2, 40000 + i, 20000 + i / 2 % 200 * 50, i % 2 ? "CE" : "PE",
                i / 400, i % 900, i % 100, 20000 + i / 2 % 200 * 50, i % 2 ? "CE" : "PE");
    fclose(out);
}

/* ---- the floor ------------------------------------------------------------------------------- */

struct plain {
    unsigned token;
    char symbol[24];
    long last, strike, tick, lot;
    unsigned expiry;
};

static long number(const char *at)
{
    long value = 0;
    for (; *at != ',' && *at != '\n'; at++)
        if (*at != '.' && *at != '-')
            value = value * 10 + (*at - '0');
    return value;
}

static double floor_us(void)
{
    double from = now_us();
    FILE *in = fopen(csv_path, "rb");
    char *text = malloc(32 << 20);
    size_t length = fread(text, 1, 32 << 20, in);
    struct plain *rows = malloc(ROWS * sizeof *rows);
    const char *at = memchr(text, '\n', length), *end = text + length;
    unsigned count = 0;
    for (at++; at < end; count++) {
        const char *field[12];
        for (int i = 0; i < 12; i++) {
            field[i] = at;
            while (*at != ',' && *at != '\n')
                at++;
            at++;
        }
        struct plain *r = &rows[count];
        r->token = (unsigned)number(field[1]);
        size_t name = (size_t)(field[4] - field[3] - 1);
        memset(r->symbol, 0, sizeof r->symbol);
        memcpy(r->symbol, field[3], name < 24 ? name : 23);
        r->last = number(field[4]);
        r->expiry = (unsigned)number(field[5]);
        r->strike = number(field[6]);
        r->tick = number(field[7]);
        r->lot = number(field[8]);
    }
    double used = now_us() - from;
    if (count != ROWS || rows[ROWS - 1].token != 40000 + ROWS - 1)
        printf("floor read %u rows\n", count);
    free(rows);
    free(text);
    fclose(in);
    return used;
}

/* ---- ours ------------------------------------------------------------------------------------ */

static double ours_us(struct day *day)
{
    const char *path = csv_path;
    char why[256];
    double from = now_us();
    int result = day_load_contracts(day, &path, 1, why, sizeof why);
    double used = now_us() - from;
    if (result != 0 || day->counts.contracts != ROWS)
        printf("ours read %u rows\n", day->counts.contracts);
    return used;
}

static double store_us(struct day *day)
{
    char why[256];
    enum sq_err error;
    struct sq_store *store = store_sqlite_open(folder, NULL, &error, why, sizeof why);
    struct sq_message input = {.seq = 1, .kind = SQ_TIME};
    struct sq_turn turn = {&input, 1, NULL, 0};
    struct day_attachment attachment = {.day = day};
    day->day = 20261126;
    double from = now_us();
    day_store_attach(store, &attachment);
    error = store->ops->commit(store, &turn);
    double used = now_us() - from;
    if (error != SQ_ERR_OK)
        printf("store: %s\n", store->ops->why(store));
    store->ops->destroy(store);
    return used;
}

/* The shell's import into a table of the same columns, typed, keyed by token. */
static double shell_us(void)
{
    char command[1200];
    snprintf(
        command, sizeof command,
        "sqlite3 -cmd 'PRAGMA journal_mode=WAL' -cmd 'PRAGMA synchronous=FULL' %s/peer.db "
        "'CREATE TABLE i (instrument_token INTEGER, exchange_token INTEGER, tradingsymbol TEXT,"
        " name TEXT, last_price REAL, expiry TEXT, strike REAL, tick_size REAL, lot_size "
        "INTEGER, instrument_type TEXT, segment TEXT, exchange TEXT, PRIMARY KEY (exchange, "
        "exchange_token)) WITHOUT ROWID;' '.mode csv' '.import --skip 1 %s i' >/dev/null",
        folder, csv_path);
    double from = now_us();
    int result = system(command);
    return result == 0 ? now_us() - from : 0;
}

static void remove_all(void)
{
    static const char *const files[] = {"rows.csv",       "journal.db",  "journal.db-wal",
                                        "journal.db-shm", "lock",        "ballast",
                                        "peer.db",        "peer.db-wal", "peer.db-shm"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[300];
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        unlink(path);
    }
    rmdir(folder);
}

int main(void)
{
    const char *parent = getenv("TMPDIR");
    struct day day;
    double floor = 1e12, ours = 1e12;
    snprintf(folder, sizeof folder, "%s/bench-import-XXXXXX", parent ? parent : "/tmp");
    if (mkdtemp(folder) == NULL)
        return perror(folder), 1;
    snprintf(csv_path, sizeof csv_path, "%s/rows.csv", folder);
    write_rows();
    for (int i = 0; i < RUNS; i++) {
        double used = floor_us();
        floor = used < floor ? used : floor;
        used = ours_us(&day);
        ours = used < ours ? used : ours;
        if (i + 1 < RUNS)
            day_finish(&day);
    }
    printf("contracts into memory, rows/s | %.2f M | %.2f M | %.2f | >= 5 M\n", ROWS / ours,
           ROWS / floor, floor / ours);
    double store = store_us(&day), shell = shell_us();
    if (shell > 0)
        printf("contracts into SQLite, read and stored, rows/s | %.2f M | %.2f M | %.2f | >= 1.3\n",
               ROWS / (ours + store), ROWS / shell, shell / (ours + store));
    else
        printf("no sqlite3 shell to compare with; into SQLite %.2f M rows/s\n",
               ROWS / (ours + store));
    day_finish(&day);
    remove_all();
    return 0;
}
