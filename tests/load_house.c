/* load_house.c - processes, users, a certificate */
#include "tests/load_house.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "db/users.h"
#include "net/password.h"
#include "net/token.h"
#include "tests/load.h"

enum { LINE = 400, FILE_MOST = 16384, WAIT_STEPS = 600, STEP_US = 50000 };

void house_dealer_name(unsigned dealer, char name[12])
{
    snprintf(name, 12, "D%04u", dealer % 10000);
}

/* ---- processes -------------------------------------------------------------------------------- */

static pid_t spawn(const struct house *house, const char *log, const char *const words[])
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/%s", house->folder, log);
    pid_t child = fork();
    if (child != 0)
        return child;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600), in = open("/dev/null", O_RDONLY);
    if (dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    execvp(words[0], (char *const *)(uintptr_t)words);
    _exit(127);
}

static void run(const struct house *house, const char *const words[])
{
    int status = -1;
    if (waitpid(spawn(house, "run.out", words), &status, 0) < 0 || status != 0)
        load_fail("%s %s: status %d", words[0], words[1], status);
}

/* Waits until a process has said so; the text behind it, until the next call. */
static const char *wait_said(const struct house *house, const char *log, const char *words)
{
    static char text[FILE_MOST];
    char path[LINE];
    snprintf(path, sizeof path, "%s/%s", house->folder, log);
    for (int i = 0; i < WAIT_STEPS; i++) {
        FILE *in = fopen(path, "r");
        size_t length = in != NULL ? fread(text, 1, sizeof text - 1, in) : 0;
        text[length] = '\0';
        if (in != NULL)
            fclose(in);
        const char *found = strstr(text, words);
        if (found != NULL && strchr(found, '\n') != NULL)
            return found + strlen(words);
        usleep(STEP_US);
    }
    load_fail("%s never said \"%s\":\n%s", log, words, text);
}

static void stop(pid_t pid)
{
    if (pid > 0 && kill(pid, SIGTERM) == 0)
        waitpid(pid, NULL, 0);
}

/* ---- users ------------------------------------------------------------------------------------ */

static void add_user(struct sq_users *users, const char *name, enum sq_role role, char token[48])
{
    struct sq_user user = {.role = (uint8_t)role, .books = HOUSE_BOOK};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(user.name, sizeof user.name, "%s", name);
    memset(user.totp, 'A', sizeof user.totp - 1);
    struct sq_login login = {
        .user = name, .version = 1, .totp_step = 1, .address = "127.0.0.1", .password = NULL};
    token_make(token);
    token_hash(token, login.token.hash);
    memcpy(login.token.user, user.name, sizeof login.token.user);
    login.token.issued_us = login.token.seen_us = now.tv_sec * SQ_SECOND;
    login.token.expires_us = login.token.issued_us + 3600 * SQ_SECOND;
    if (users->ops->add(users, &user) != SQ_ERR_OK ||
        users->ops->accept(users, &login) != SQ_ERR_OK) {
        char why[LINE];
        users->ops->why(users, why, sizeof why);
        load_fail("user %s: %s", name, why);
    }
}

static void make_users(struct house *house)
{
    char state[LINE], why[LINE], name[12];
    enum sq_err error;
    snprintf(state, sizeof state, "%s/state", house->folder);
    struct sq_users *users = users_sqlite_open(state, &error, why, sizeof why);
    if (users == NULL || password_init() != 0)
        load_fail("users: %s", why);
    for (unsigned i = 0; i < house->dealers; i++) {
        house_dealer_name(i, name);
        add_user(users, name, SQ_ROLE_DEALER, house->tokens[i]);
    }
    add_user(users, "SV02", SQ_ROLE_SUPERVISOR, house->supervisor_token);
    users->ops->destroy(users);
}

/* ---- the day ---------------------------------------------------------------------------------- */

/* client,exchange,token,symbol,series,expiry,strike,option_type,product,net_qty,... */
static bool read_position(char *line, struct house_position *p)
{
    char *cells[10] = {0}, *rest = line;
    for (int i = 0; i < 10; i++)
        cells[i] = strsep(&rest, ",");
    if (cells[9] == NULL || cells[0][0] != 'K')
        return false;
    snprintf(p->client, sizeof p->client, "%s", cells[0]);
    snprintf(p->exchange, sizeof p->exchange, "%s", cells[1]);
    snprintf(p->product, sizeof p->product, "%s", cells[8]);
    p->token = (unsigned)atoi(cells[2]);
    p->net = atoi(cells[9]);
    p->dealer = (unsigned)atoi(cells[0] + 1) / 10; /* K, four digits of the dealer, 0 or 1 */
    return true;
}

static void make_day(struct house *house, unsigned each)
{
    char day[LINE], file[LINE + 20], dealers[12], positions[12], line[LINE];
    snprintf(day, sizeof day, "%s/day", house->folder);
    snprintf(dealers, sizeof dealers, "%u", house->dealers);
    snprintf(positions, sizeof positions, "%u", each);
    run(house,
        (const char *const[]){"python3", "scripts/load_day.py", day, dealers, positions, NULL});
    snprintf(file, sizeof file, "%s/positions.csv", day);
    FILE *in = fopen(file, "r");
    house->positions = calloc((size_t)house->dealers * each, sizeof *house->positions);
    while (in != NULL && house->positions != NULL && fgets(line, sizeof line, in))
        if (read_position(line, &house->positions[house->position_count]))
            house->position_count++;
    if (in == NULL || house->position_count != house->dealers * each)
        load_fail("%s: %u positions", file, house->position_count);
    fclose(in);
}

/* ---- the server ------------------------------------------------------------------------------- */

static void write_configuration(const struct house *house, unsigned exchange_port, bool tls)
{
    char path[LINE];
    snprintf(path, sizeof path, "%s/conf", house->folder);
    FILE *out = fopen(path, "w");
    if (out == NULL)
        load_fail("%s cannot be written", path);
    fprintf(out,
            "[server]\nname = BENCH\nlisten = 127.0.0.1:0\nstate = %s/state\n"
            "connections_per_user = 19000\nconnections_per_address = 19000\n"
            "requests_per_second = 100000\n",
            house->folder);
    if (tls)
        fprintf(out, "certificate = %s/cert.pem\nkey = %s/key.pem\n", house->folder, house->folder);
    fprintf(out,
            "[book " HOUSE_BOOK "]\nday = %s/day\naccepted_by = SV02\naccepted_why = a bench\n"
            "host = 127.0.0.1\nport = %u\nsender_comp_id = SQDRILL\ntarget_comp_id = SQXCHG\n"
            "orders_per_second = 1000\norders_burst = 1000\n",
            house->folder, exchange_port);
    fclose(out);
}

static void make_certificate(const struct house *house)
{
    char key[LINE], certificate[LINE];
    snprintf(key, sizeof key, "%s/key.pem", house->folder);
    snprintf(certificate, sizeof certificate, "%s/cert.pem", house->folder);
    run(house,
        (const char *const[]){"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                              "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1", "-subj",
                              "/CN=localhost", "-keyout", key, "-out", certificate, NULL});
}

static void start_exchange(struct house *house)
{
    char program[LINE], day[LINE], log[LINE];
    snprintf(program, sizeof program, "%s/squareoff-exchange", house->build);
    snprintf(day, sizeof day, "%s/day", house->folder);
    snprintf(log, sizeof log, "%s/exchange.log", house->folder);
    house->exchange = spawn(house, "exchange.out",
                            (const char *const[]){program, "--listen", "127.0.0.1:0", "--day", day,
                                                  "--log", log, NULL});
}

static void start_server(struct house *house)
{
    char program[LINE], file[LINE];
    snprintf(program, sizeof program, "%s/squareoffd", house->build);
    snprintf(file, sizeof file, "%s/conf", house->folder);
    house->server =
        spawn(house, "server.out", (const char *const[]){program, "--config", file, NULL});
    const char *at = wait_said(house, "server.out", "listens on 127.0.0.1 port ");
    house->port = (uint16_t)atoi(at);
    wait_said(house, "server.out", "logged on to");
}

void house_begin(struct house *house, unsigned dealers, unsigned positions_each, bool tls)
{
    const char *build = getenv("BUILD");
    char state[LINE];
    *house = (struct house){.dealers = dealers};
    snprintf(house->build, sizeof house->build, "%s", build != NULL ? build : "build");
    strcpy(house->folder, "/tmp/squareoff-load-XXXXXX");
    house->tokens = calloc(dealers, sizeof *house->tokens);
    if (house->tokens == NULL || mkdtemp(house->folder) == NULL)
        load_fail("no folder");
    snprintf(state, sizeof state, "%s/state", house->folder);
    mkdir(state, 0700);
    make_day(house, positions_each);
    make_users(house);
    if (tls)
        make_certificate(house);
    start_exchange(house);
    write_configuration(
        house, (unsigned)atoi(wait_said(house, "exchange.out", "listening 127.0.0.1:")), tls);
    start_server(house);
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

void house_end(struct house *house)
{
    stop(house->server);
    stop(house->exchange);
    nftw(house->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(house->positions);
    free(house->tokens);
}

/* ---- figures of a process --------------------------------------------------------------------- */

long house_private_kib(pid_t pid)
{
    char path[64], line[128];
    long total = 0, kib;
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", (int)pid);
    FILE *in = fopen(path, "r");
    while (in != NULL && fgets(line, sizeof line, in))
        if (sscanf(line, "Private_Clean: %ld", &kib) == 1 ||
            sscanf(line, "Private_Dirty: %ld", &kib) == 1)
            total += kib;
    if (in == NULL)
        load_fail("%s cannot be read", path);
    fclose(in);
    return total;
}

double house_cpu_s(pid_t pid)
{
    char path[64], line[1024];
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *in = fopen(path, "r");
    const char *at = in != NULL && fgets(line, sizeof line, in) ? strrchr(line, ')') : NULL;
    if (at == NULL ||
        sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system) != 2)
        load_fail("%s cannot be read", path);
    fclose(in);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}
