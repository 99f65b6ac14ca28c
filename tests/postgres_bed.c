/* postgres_bed.c - initdb, a child process, and its end */
#include "tests/postgres_bed.h"

#include <arpa/inet.h>
#include <ftw.h>
#include <glob.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>
#include <grp.h>

#include "tests/check.h"

enum { WORDS = 24 }; /* of a command */

static char folder[200], programs[200], conninfo[160];
static int port;
static pid_t server; /* 0: not running */
static bool synced;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

/* ---- what is installed ------------------------------------ */

/* Debian keeps one folder a version, outside the PATH; the last is the newest. */
static bool find_programs(void)
{
    glob_t found;
    if (glob("/usr/lib/postgresql/*/bin/initdb", 0, NULL, &found) == 0) {
        const char *last = found.gl_pathv[found.gl_pathc - 1];
        snprintf(programs, sizeof programs, "%.*s", (int)(strrchr(last, '/') - last), last);
        globfree(&found);
    }
    return programs[0] != '\0';
}

const char *postgres_bed_program(const char *name)
{
    static char path[300];
    if (!programs[0] && !find_programs())
        return NULL;
    snprintf(path, sizeof path, "%s/%s", programs, name);
    return access(path, X_OK) == 0 ? path : NULL;
}

/* ---- processes ------------------------------------ */

/* PostgreSQL refuses to run as root. The server goes with its parent: it may be killed by then. */
static void become_nobody(void)
{
    struct passwd *nobody = getuid() == 0 ? getpwnam("nobody") : NULL;
    if (nobody &&
        (setgroups(0, NULL) != 0 || setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0))
        _exit(126);
    prctl(PR_SET_PDEATHSIG, SIGQUIT);
}

/* A program that is told its bare name looks for the others on the PATH: it is told where it lies. */
static pid_t spawn(const char *const *words)
{
    char path[300], log[220];
    const char *arguments[WORDS] = {path};
    snprintf(path, sizeof path, "%s/%s", programs, words[0]);
    snprintf(log, sizeof log, "%s/log", folder);
    for (size_t i = 1; i < WORDS - 1 && words[i] != NULL; i++)
        arguments[i] = words[i];
    pid_t child = fork();
    if (child != 0)
        return child;
    become_nobody();
    int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600), in = open("/dev/null", O_RDONLY);
    if (chdir(folder) != 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(126);
    execv(path, (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static void show_log(void)
{
    char command[260];
    snprintf(command, sizeof command, "tail -n 20 %s/log >&2", folder);
    if (system(command) != 0)
        fprintf(stderr, "no log\n");
}

static void make_cluster(void)
{
    char data[220];
    snprintf(data, sizeof data, "%s/data", folder);
    const char *const words[] = {"initdb", "-D", data,   "-U",         "sq", "-A",
                                 "trust",  "-E", "UTF8", "--locale=C", "-N", NULL};
    int status = -1;
    if (waitpid(spawn(words), &status, 0) < 0 || status != 0) {
        show_log();
        fail_msg("initdb: status %d", status);
    }
}

static int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static bool answers(void)
{
    PGconn *conn = PQconnectdb(conninfo);
    bool good = PQstatus(conn) == CONNECTION_OK;
    PQfinish(conn);
    return good;
}

void postgres_bed_start(void)
{
    char data[220], number[16];
    snprintf(data, sizeof data, "%s/data", folder);
    snprintf(number, sizeof number, "%d", port);
    const char *const words[] = {"postgres",
                                 "-D",
                                 data,
                                 "-p",
                                 number,
                                 "-k",
                                 folder,
                                 "-c",
                                 "listen_addresses=127.0.0.1",
                                 "-c",
                                 "shared_buffers=32MB",
                                 "-c",
                                 synced ? "fsync=on" : "fsync=off",
                                 "-c",
                                 "max_connections=40",
                                 NULL};
    server = spawn(words);
    for (int i = 0; i < 500; i++) {
        if (answers())
            return;
        if (waitpid(server, NULL, WNOHANG) != 0)
            break;
        pause_ms(20);
    }
    show_log();
    fail_msg("postgres did not start");
}

void postgres_bed_crash(void)
{
    if (server > 0 && kill(server, SIGQUIT) == 0)
        waitpid(server, NULL, 0);
    server = 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static void end(void)
{
    postgres_bed_crash();
    nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* A child of the test that exits must not end its parent's server. */
static pid_t owner;
static void end_of_owner(void)
{
    if (getpid() == owner)
        end();
}

const char *postgres_bed(void)
{
    const char *parent = getenv("TMPDIR");
    if (conninfo[0])
        return conninfo;
    if (!find_programs())
        return NULL;
    snprintf(folder, sizeof folder, "%s/squareoff-postgres-XXXXXX", parent ? parent : "/tmp");
    assert_non_null(mkdtemp(folder));
    struct passwd *nobody = getuid() == 0 ? getpwnam("nobody") : NULL;
    if (nobody)
        assert_int_equal(chown(folder, nobody->pw_uid, nobody->pw_gid), 0);
    owner = getpid();
    atexit(end_of_owner);
    port = free_port();
    make_cluster();
    snprintf(conninfo, sizeof conninfo,
             "host=127.0.0.1 port=%d user=sq dbname=postgres connect_timeout=5", port);
    postgres_bed_start();
    return conninfo;
}

void postgres_bed_sync(void)
{
    synced = true;
}

int postgres_bed_port(void)
{
    return port;
}

void postgres_bed_sql(const char *sql)
{
    PGconn *conn = PQconnectdb(conninfo);
    PGresult *result = PQexec(conn, sql);
    ExecStatusType status = PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        fail_msg("%s: %s", sql, PQerrorMessage(conn));
    PQclear(result);
    PQfinish(conn);
}
