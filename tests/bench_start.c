/*
 * bench_start.c: from exec to the first whole screen, and what memory the console then holds, on a
 * pseudo-terminal of 80x24: an empty state; 1,000 positions from a snapshot with 100,000 journalled
 * inputs behind it; a drill of 1,000 positions, whose exchange lives in the same process. htop beside
 * them where it is installed. Runs $BUILD/squareoff in the root of the tree.
 */
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/host.h"
#include "db/store_sqlite.h"

enum {
    RUNS = 15,
    POSITIONS = 1000,
    INPUTS = 100000,
    GROUP = 256,
    SETTLE_MS = 2000,
    WORDS = 10,
    TAIL = 32
};

static char folder[64];   /* everything of this bench */
static char program[256]; /* squareoff */

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* ---- a program on a terminal -------------------------------------------------------------------- */

struct run {
    pid_t pid;
    int fd;
    char tail[TAIL + 1]; /* of what was read, to find words that come in two pieces */
};

static bool start(struct run *run, char *const words[])
{
    struct winsize size = {.ws_row = 24, .ws_col = 80};

    run->tail[0] = '\0';
    run->pid = forkpty(&run->fd, NULL, NULL, &size);
    if (run->pid != 0)
        return run->pid > 0;
    setenv("TERM", "xterm-256color", 1);
    execvp(words[0], words);
    _exit(127);
}

/* Reads for so long, or until the text is seen. */
static bool read_until(struct run *run, const char *text, double ms)
{
    char bytes[65536 + sizeof run->tail];
    double end = now_ms() + ms;

    while (now_ms() < end) {
        struct pollfd p = {run->fd, POLLIN, 0};
        size_t kept = strlen(run->tail);
        ssize_t n;

        if (poll(&p, 1, (int)(end - now_ms()) + 1) <= 0)
            continue;
        memcpy(bytes, run->tail, kept);
        n = read(run->fd, bytes + kept, sizeof bytes - kept - 1);
        if (n <= 0)
            return false;
        bytes[kept + (size_t)n] = '\0';
        if (text && strstr(bytes, text))
            return true;
        kept += (size_t)n;
        n = kept < TAIL ? (ssize_t)kept : TAIL;
        memcpy(run->tail, bytes + kept - (size_t)n, (size_t)n);
        run->tail[n] = '\0';
    }
    return false;
}

static void stop(struct run *run)
{
    kill(run->pid, SIGTERM);
    read_until(run, NULL, 3000);
    close(run->fd);
    if (waitpid(run->pid, NULL, WNOHANG) == 0) {
        kill(run->pid, SIGKILL);
        waitpid(run->pid, NULL, 0);
    }
}

static long resident_kb(pid_t pid)
{
    char path[64], line[256];
    long kb = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    file = fopen(path, "r");
    while (file && fgets(line, sizeof line, file))
        if (sscanf(line, "VmRSS: %ld", &kb) == 1)
            break;
    if (file)
        fclose(file);
    return kb;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* What one kind of start costs; 0 where it did not come to a screen. */
struct cost {
    double ms;
    double resident_mb;
};

static struct cost measure(char *const words[], const char *whole, const char *fresh_state)
{
    struct cost cost = {0, 0};
    double times[RUNS];
    char drop[128];
    struct run run;

    snprintf(drop, sizeof drop, "rm -rf %s", fresh_state ? fresh_state : "");
    for (int i = 0; i < RUNS; i++) {
        double began = now_ms();
        bool shown = start(&run, words) && read_until(&run, whole, 10000);

        times[i] = now_ms() - began;
        if (shown && i == 0) {
            read_until(&run, NULL, SETTLE_MS);
            cost.resident_mb = (double)resident_kb(run.pid) / 1024;
        }
        stop(&run);
        if (fresh_state && system(drop) != 0)
            return cost;
        if (!shown)
            return cost;
    }
    qsort(times, RUNS, sizeof *times, by_value);
    cost.ms = times[RUNS / 2];
    return cost;
}

/* ---- a day of 1,000 positions ------------------------------------------------------------------- */

/* The sample day's rows again, for clients D... and E..., until there are enough. */
static bool copy_rows(const char *name, int most)
{
    char path[128], line[1024];
    FILE *in, *out;
    int rows = 0;

    snprintf(path, sizeof path, "%s/day/%s", folder, name);
    out = fopen(path, "w");
    snprintf(path, sizeof path, "drill/%s", name);
    for (int copy = 0; copy < 3 && out; copy++) {
        bool heading = true;

        in = fopen(path, "r");
        for (; in && fgets(line, sizeof line, in); heading = false) {
            if (heading ? copy > 0 : rows++ >= most)
                continue;
            if (!heading)
                line[0] = (char)(line[0] + copy);
            fputs(line, out);
        }
        if (in)
            fclose(in);
    }
    return out && fclose(out) == 0 && rows > 0;
}

static bool make_day(void)
{
    char command[256];

    snprintf(command, sizeof command, "mkdir %s/day && cp drill/*.csv %s/day", folder, folder);
    return system(command) == 0 && copy_rows("clients.csv", POSITIONS) &&
           copy_rows("positions.csv", POSITIONS) && copy_rows("positions_exchange.csv", POSITIONS);
}

/* ---- 100,000 inputs, then a snapshot ------------------------------------------------------------ */

/* Cancels of an order that is not there: journalled and refused, and no table grows. */
static enum sq_err fill(struct sq_host *host, sq_time now)
{
    struct sq_message cancel = {.kind = SQ_CANCEL};
    enum sq_err error = SQ_ERR_OK;

    cancel.as.cancel.order_no = UINT64_MAX;
    memcpy(cancel.as.cancel.person, "RK07", 5);
    for (int i = 0; i < INPUTS && error == SQ_ERR_OK; i += GROUP) {
        for (int j = 0; j < GROUP; j++)
            sq_host_submit(host, &cancel);
        error = sq_host_run(host, now + i);
    }
    return error == SQ_ERR_OK ? sq_host_snapshot(host) : error;
}

static bool fill_journal(const char *state)
{
    struct sq_config config;
    char why[256] = "";
    enum sq_err error;
    struct sq_store *store = store_sqlite_open(state, NULL, &error, why, sizeof why);
    struct sq_host *host;
    void *memory;

    if (store && (error = sq_host_stored_config(store, &config)) == SQ_ERR_OK) {
        memory = calloc(1, sq_host_size(&config));
        host = memory ? sq_host_init(memory, &config, store, NULL, NULL) : NULL;
        error = host ? sq_host_recover(host, why, sizeof why) : SQ_ERR_IO;
        if (error == SQ_ERR_OK)
            error = fill(host, sq_engine_tables(sq_host_engine(host))->book.time);
        free(memory);
    }
    if (error != SQ_ERR_OK)
        fprintf(stderr, "%s: %s\n", state, why[0] ? why : sq_strerror(error));
    if (store)
        store->ops->destroy(store);
    return error == SQ_ERR_OK;
}

/* A state with the day in it, made by the program itself. */
static bool make_state(char *state, char *day)
{
    char *words[WORDS] = {program, "--standalone", "--state", state, "--person",
                          "RK07",  "--book",       day,       NULL};
    struct run run;
    bool shown = start(&run, words) && read_until(&run, "? help", 10000);

    stop(&run);
    return shown && fill_journal(state);
}

/* ---- the table ---------------------------------------------------------------------------------- */

static void time_row(const char *name, struct cost ours, struct cost htop, const char *goal)
{
    printf("%-44s | %6.1f ms | ", name, ours.ms);
    if (htop.ms > 0)
        printf("htop %.1f ms | %.2f | %s\n", htop.ms, ours.ms / htop.ms, goal);
    else
        printf("htop is not installed | - | %s\n", goal);
}

static void memory_row(const char *name, struct cost ours, struct cost htop, const char *goal)
{
    printf("%-44s | %6.1f MB | ", name, ours.resident_mb);
    if (htop.ms > 0)
        printf("htop %.1f MB | %.2f | %s\n", htop.resident_mb, ours.resident_mb / htop.resident_mb,
               goal);
    else
        printf("htop is not installed | - | %s\n", goal);
}

static void compare(char *empty, char *full, char *day)
{
    char *none[WORDS] = {program, "--standalone", "--state", empty, "--person", "RK07", NULL};
    char *last[WORDS] = {program, "--standalone", "--state", full, "--person", "RK07", NULL};
    char *drill[WORDS] = {program, "--drill", "--book", day, NULL};
    char *peer[WORDS] = {"htop", NULL};
    struct cost htop = measure(peer, "Quit", NULL);
    struct cost first = measure(none, "? help", empty);
    struct cost snapshot = measure(last, "? help", NULL);
    struct cost practice = measure(drill, "? help", NULL);

    time_row("first screen, empty state", first, htop, "<= 12 ms");
    time_row("first screen, snapshot, 100,000 inputs behind", snapshot, htop, "<= 30 ms");
    time_row("first screen, drill of 1,000 positions", practice, htop, "-");
    memory_row("resident, 1,000 positions", snapshot, htop, "<= 2x htop");
    memory_row("resident, drill of 1,000 with its exchange", practice, htop, "<= 2x htop");
}

int main(void)
{
    const char *build = getenv("BUILD"), *tmp = getenv("TMPDIR");
    char empty[96], full[96], day[96], drop[128];
    bool made;

    snprintf(program, sizeof program, "%s/squareoff", build ? build : "build");
    snprintf(folder, sizeof folder, "%.30s/squareoff-bench-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    if (!mkdtemp(folder))
        return 1;
    setenv("XDG_CONFIG_HOME", folder, 1); /* nobody's own themes and keys */
    snprintf(empty, sizeof empty, "%s/empty", folder);
    snprintf(full, sizeof full, "%s/full", folder);
    snprintf(day, sizeof day, "%s/day", folder);
    made = make_day() && make_state(full, day);
    if (made)
        compare(empty, full, day);
    else
        fprintf(stderr, "bench_start: no state of 1,000 positions could be made\n");
    snprintf(drop, sizeof drop, "rm -rf %s", folder);
    return system(drop) == 0 && made ? 0 : 1;
}
