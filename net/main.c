/* squareoffd: the backup server. Options, start, end. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "core/num.h"
#include "db/state_dir.h"
#include "db/users.h"
#include "net/login_enrol.h"
#include "net/main.h"
#include "net/status_http.h"

enum { END_STEP_MS = 50, END_MOST_MS = 5000, FILES_BESIDE = 256 };

static const char help[] =
    "squareoffd --config FILE [--standby]\n"
    "\n"
    "  --config FILE   [server] and a [book XYZ] for each book: see squareoffd(1)\n"
    "  --standby       where another process owns a book, wait until it lets go\n"
    "  --help, --version\n"
    "\n"
    "SIGTERM ends it in order: consoles are told, the exchange is logged out of.\n"
    "\n"
    "Exit: 0 done; 2 wrong use; 3 a state is locked, damaged or not there; 4 a commit failed;\n"
    "5 configuration, certificate or port.\n";

static const struct option long_options[] = {{"config", required_argument, NULL, 'c'},
                                             {"standby", no_argument, NULL, 's'},
                                             {"help", no_argument, NULL, 'h'},
                                             {"version", no_argument, NULL, 'V'},
                                             {NULL, 0, NULL, 0}};

/* A line of the log, on standard error. */
void daemon_log(void *owner, const char *line)
{
    struct daemon *d = owner;
    char time[48];
    sq_print_iso(loop_now(&d->loop), time);
    fprintf(stderr, "%s %s\n", time, line);
}

/* ---- the end ----------------------------------------------------------------------------------- */

static bool is_quiet(const struct daemon *d)
{
    for (size_t i = 0; i < d->book_count; i++)
        if (d->books[i]->stage == BOOK_OPEN && !served_is_quiet(&d->books[i]->served))
            return false;
    return server_is_empty(d->server);
}

static void end_due(void *owner)
{
    struct daemon *d = owner;
    sq_time now = loop_now(&d->loop);
    if (is_quiet(d) || now - d->ending_at > END_MOST_MS * SQ_MS)
        loop_stop(&d->loop);
    else
        loop_timer_set(&d->ending_timer, now + END_STEP_MS * SQ_MS);
}

void daemon_end(struct daemon *d, enum daemon_exit exit)
{
    if (d->ending)
        return;
    d->ending = true;
    d->exit = exit;
    d->ending_at = loop_now(&d->loop);
    daemon_log(d, "ends");
    server_shut(d->server);
    for (size_t i = 0; i < d->book_count; i++)
        if (d->books[i]->stage == BOOK_OPEN)
            served_logout(&d->books[i]->served, "server ends");
    end_due(d);
}

static void on_signal(void *owner, int number)
{
    (void)number;
    daemon_end(owner, EXIT_DONE);
}

/* ---- for those who watch ------------------------------------------------------------------------ */

/* Why nothing can be sent for a book from here; "" when it can. */
static const char *why_unusable(const struct served *s, const char **what)
{
    *what = s->state == SERVED_STANDBY ? "standby" : "view only";
    if (s->state == SERVED_STANDBY)
        return s->owner;
    if (s->state == SERVED_FAILED || s->view_only)
        return s->why[0] != '\0' ? s->why : "it could not be opened";
    return s->links.view_only ? s->links.why : "";
}

static bool is_ready(void *owner, char *why, size_t why_room)
{
    const struct daemon *d = owner;
    bool any = false;
    for (size_t i = 0; i < d->book_count; i++) {
        const struct served *s = &d->books[i]->served;
        const char *what, *unusable = why_unusable(s, &what);
        any = any || (s->state == SERVED_OPEN && unusable[0] == '\0');
        if (!any)
            snprintf(why, why_room, "book %s: %s %s", s->config.code, what, unusable);
    }
    if (d->ending)
        snprintf(why, why_room, "ending");
    else if (any)
        snprintf(why, why_room, "ready");
    return any && !d->ending;
}

static void figures(void *owner, struct metrics *metrics)
{
    const struct daemon *d = owner;
    server_metrics(d->server, metrics);
}

/* ---- start -------------------------------------------------------------------------------------- */

/* Sockets are files: as many as may be, at most. And no secret of ours lies in a core file. */
static void set_limits(const struct daemon *d)
{
    struct rlimit files, none = {0, 0};
    rlim_t wanted = d->settings.limits.connections + FILES_BESIDE;
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0); /* the limit does not hold for a pipe: core(5) */
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return;
    files.rlim_cur = wanted < files.rlim_max ? wanted : files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static enum daemon_exit open_users(struct daemon *d)
{
    const struct daemon_settings *s = &d->settings;
    enum sq_err error = SQ_ERR_OK;
    d->users = s->conninfo[0] != '\0'
                   ? users_postgres_open(s->conninfo, &error, d->why, sizeof d->why)
                   : users_sqlite_open(s->state, &error, d->why, sizeof d->why);
    if (d->users != NULL)
        return EXIT_DONE;
    return error == SQ_ERR_IO || error == SQ_ERR_DISK_FULL ? EXIT_DISK : EXIT_STATE;
}

/* Without a user nobody could come in to make one: told once, on standard output. */
static enum daemon_exit make_first_admin(struct daemon *d, const struct password_cost *cost)
{
    struct login_enrolment enrolment;
    char text[ENROLMENT_TEXT_SIZE];
    int made = login_first_admin(d->users, cost, &enrolment, d->why, sizeof d->why);
    if (made > 0) {
        login_enrolment_text(&enrolment, text);
        printf("squareoffd: the first administrator:\n%s", text);
        explicit_bzero(text, sizeof text);
    }
    login_enrolment_wipe(&enrolment);
    return made < 0 ? EXIT_STATE : EXIT_DONE;
}

static enum daemon_exit open_login(struct daemon *d)
{
    struct login_options options = login_usual;
    options.cost.memory_bytes = (size_t)d->settings.password_kib * 1024;
    options.cost.passes = (unsigned)d->settings.password_passes;
    enum daemon_exit result = open_users(d);
    if (result == EXIT_DONE)
        result = make_first_admin(d, &options.cost);
    if (result != EXIT_DONE)
        return result;
    d->login = login_create(&d->loop, d->users, &options);
    return d->login != NULL ? EXIT_DONE : EXIT_STATE;
}

static enum daemon_exit open_server(struct daemon *d)
{
    const struct daemon_settings *s = &d->settings;
    char address[ADDRESS_SIZE], port[8];
    config_split(s->listen, address, port);
    struct server_config config = {.loop = &d->loop,
                                   .address = address,
                                   .port = port,
                                   .certificate = s->certificate[0] ? s->certificate : NULL,
                                   .key = s->key[0] ? s->key : NULL,
                                   .client_ca = s->client_ca[0] ? s->client_ca : NULL,
                                   .login = d->login,
                                   .books = d->served,
                                   .book_count = d->book_count,
                                   .limits = s->limits,
                                   .log = daemon_log,
                                   .owner = d};
    memcpy(config.name, s->name, sizeof config.name);
    d->server = server_create(&config, d->why, sizeof d->why);
    return d->server != NULL ? EXIT_DONE : EXIT_CONFIG;
}

static enum daemon_exit open_status(struct daemon *d)
{
    char address[ADDRESS_SIZE], port[8];
    if (d->settings.http_listen[0] == '\0')
        return EXIT_DONE;
    config_split(d->settings.http_listen, address, port);
    const struct status_http_config config = {.context = server_context(d->server),
                                              .address = address,
                                              .port = (uint16_t)atoi(port),
                                              .ready = is_ready,
                                              .figures = figures,
                                              .owner = d};
    if (status_http_start(&config) == 0)
        return EXIT_DONE;
    snprintf(d->why, sizeof d->why, "[server] http_listen: %s cannot be had",
             d->settings.http_listen);
    return EXIT_CONFIG;
}

/* The key that grants are signed with; its public half is told, for the consoles' files. */
static enum daemon_exit open_signer(struct daemon *d)
{
    char path[PATH_SIZE + 16], key[GRANT_KEY_TEXT], line[GRANT_KEY_TEXT + 32], why[GRANT_WHY];
    if (d->settings.grant_key[0] != '\0')
        snprintf(path, sizeof path, "%s", d->settings.grant_key);
    else
        snprintf(path, sizeof path, "%s/grant.key", d->settings.state);
    d->signer = grant_signer_open(path, why);
    if (d->signer == NULL) {
        snprintf(d->why, sizeof d->why, "%.300s: %.150s", path, why);
        return EXIT_CONFIG;
    }
    grant_signer_public(d->signer, key);
    snprintf(line, sizeof line, "grant_key = %s", key);
    daemon_log(d, line);
    return EXIT_DONE;
}

static enum daemon_exit open_all(struct daemon *d)
{
    struct state_dir state;
    set_limits(d);
    if (state_dir_init(&state, d->settings.state) != 0 ||
        state_dir_make(&state, d->why, sizeof d->why) != SQ_ERR_OK)
        return EXIT_STATE;
    enum daemon_exit result = open_signer(d);
    if (result == EXIT_DONE)
        result = open_login(d);
    for (size_t i = 0; i < d->book_count && result == EXIT_DONE; i++)
        result = book_start(d->books[i]);
    if (result == EXIT_DONE)
        result = open_server(d);
    return result == EXIT_DONE ? open_status(d) : result;
}

static void run(struct daemon *d)
{
    loop_timer_init(&d->ending_timer, &d->loop, end_due, d);
    loop_signal_start(&d->terminate, &d->loop, SIGTERM, on_signal, d);
    loop_signal_start(&d->interrupt, &d->loop, SIGINT, on_signal, d);
    signal(SIGPIPE, SIG_IGN);
    char address[ADDRESS_SIZE], port[8];
    config_split(d->settings.listen, address, port);
    printf("squareoffd: %s listens on %s port %u\n", d->settings.name, address,
           server_port(d->server));
    fflush(stdout);
    loop_run(&d->loop);
}

static void close_all(struct daemon *d)
{
    for (size_t i = 0; i < d->book_count; i++)
        book_finish(d->books[i]);
    if (d->login != NULL)
        login_stop(d->login);
    if (d->server != NULL)
        server_stop(d->server);
    loop_finish(&d->loop);
    if (d->server != NULL)
        server_free(d->server);
    if (d->login != NULL)
        login_destroy(d->login);
    for (size_t i = 0; i < d->book_count; i++)
        book_free(d->books[i]);
    if (d->users != NULL)
        d->users->ops->destroy(d->users);
    grant_signer_free(d->signer);
    explicit_bzero(d->settings.conninfo, sizeof d->settings.conninfo);
}

static enum daemon_exit serve(const char *file, bool standby)
{
    struct daemon *d = calloc(1, sizeof *d);
    if (d == NULL || loop_init(&d->loop) != 0)
        return EXIT_STATE;
    d->standby = standby;
    enum daemon_exit result = config_read(d, file) == 0 ? open_all(d) : EXIT_CONFIG;
    if (result == EXIT_DONE) {
        run(d);
        result = d->exit;
    } else {
        fprintf(stderr, "squareoffd: %s\n", d->why);
    }
    close_all(d);
    free(d);
    return result;
}

static enum daemon_exit wrong_use(void)
{
    fprintf(stderr, "squareoffd: wrong use; see squareoffd --help\n");
    return EXIT_USAGE;
}

int main(int argc, char **argv)
{
    const char *file = NULL;
    bool standby = false;
    int option;

    while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (option) {
        case 'c': file = optarg; break;
        case 's': standby = true; break;
        case 'h': fputs(help, stdout); return EXIT_DONE;
        case 'V': puts("squareoffd " SQ_VERSION); return EXIT_DONE;
        default: return wrong_use();
        }
    }
    if (file == NULL || optind != argc)
        return wrong_use();
    return serve(file, standby);
}
