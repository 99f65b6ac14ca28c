/* The drill: the shipped day, an exchange in this process behind socket pairs, a clock of its own, and
 * a state that is thrown away. Nothing leaves the machine; the FIX bytes are the real ones. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/num.h"
#include "db/day.h"
#include "db/rehearse.h"
#include "net/simulator/inproc.h"
#include "tui/main_config.h"

#define DRILL_CLOCK ((INT64_C(10) * 3600 + 42 * 60 + 15) * SQ_SECOND) /* 10:42:15 of its day */

struct drill {
    struct book book;
    struct config config;
    struct day day;
    struct inproc *exchange;
    struct serve *serve;
    int ends
        [2]; /* copies of our ends of the connections, orders and prices: to cut them; -1 none */
    bool cut;
    char folder[PATH_SIZE]; /* of the day */
    char state[PATH_SIZE];
    FILE *log;      /* what the links say; NULL: nobody asked */
    bool own_state; /* made for this drill, removed after it */
};

/* ---- the day ------------------------------------------------------------------------------------ */

/* Beside the program when it was built here, else where it was installed. */
static bool find_day(struct drill *d, const struct options *options)
{
    static const char *const beside[] = {"/../drill", "/../share/squareoff/drill"};
    char self[PATH_SIZE / 2], *slash;
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    if (options->book) {
        snprintf(d->folder, sizeof d->folder, "%s", options->book);
        return access(d->folder, R_OK) == 0;
    }
    self[length > 0 ? length : 0] = '\0';
    slash = strrchr(self, '/');
    if (slash)
        *slash = '\0';
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        snprintf(d->folder, sizeof d->folder, "%s%s", self, beside[i]);
        if (access(d->folder, R_OK) == 0)
            return true;
    }
    return false;
}

static bool load_day(struct drill *d, char why[WHY_SIZE])
{
    struct day_options how = {.sender = "SQDRILL",
                              .desk = "MUM-1",
                              .accepted_by = "SV02",
                              .accepted_why = "drill: the day's own file accepts one source"};
    const char *path = d->folder;
    int result = day_load(&d->day, &how, &path, 1, why, WHY_SIZE);

    if (result > 0) {
        report_print(d->day.report, stderr, 20);
        snprintf(why, WHY_SIZE, "%.400s: rows were refused, nothing is loaded", d->folder);
    }
    return result == 0;
}

/* ---- state -------------------------------------------------------------------------------------- */

/* The exchange in this process begins anew at each start: it would know nothing of an earlier day. */
static bool state_is_empty(const char *state)
{
    DIR *dir = opendir(state);
    struct dirent *entry;
    bool empty = true;

    while (dir && empty && (entry = readdir(dir)))
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (dir)
        closedir(dir);
    return empty;
}

static bool make_state(struct drill *d, const struct options *options, char why[WHY_SIZE])
{
    const char *tmp = getenv("TMPDIR");

    if (options->state) {
        snprintf(d->state, sizeof d->state, "%s", options->state);
        if (state_is_empty(d->state))
            return true;
        snprintf(why, WHY_SIZE,
                 "%.300s: a drill's exchange remembers nothing: give an empty --state", d->state);
        return false;
    }
    snprintf(d->state, sizeof d->state, "%s/squareoff-drill-XXXXXX", tmp && tmp[0] ? tmp : "/tmp");
    d->own_state = mkdtemp(d->state) != NULL;
    if (!d->own_state)
        snprintf(why, WHY_SIZE, "%.400s: no place for the drill's state", d->state);
    return d->own_state;
}

static void drop_state(const struct drill *d)
{
    DIR *dir = d->own_state ? opendir(d->state) : NULL;
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2)
            unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir)
        closedir(dir);
    if (d->own_state)
        rmdir(d->state);
}

/* The drill's outage has begun already: its supervisor has invoked squareoff. */
static void invoke(struct book *book)
{
    for (unsigned to = SQ_CONTROL_INVOKED; to <= SQ_CONTROL_ACTIVE; to++) {
        struct sq_message message = {.kind = SQ_SUPERVISE};
        struct sq_supervise *s = &message.as.supervise;

        s->what = SQ_SUPERVISE_CONTROL;
        s->value = (uint8_t)to;
        sq_text_cut(s->person, sizeof s->person, "SV02");
        sq_text_cut(s->reason, sizeof s->reason, "drill");
        sq_host_submit(book->host, &message);
    }
}

/* ---- exchange ----------------------------------------------------------------------------------- */

static int64_t exchange_clock(void *context)
{
    return loop_now(context);
}

static int open_connection(void *owner, bool market)
{
    struct drill *d = owner;
    int fd = d->cut ? -1 : inproc_open(d->exchange);

    if (fd < 0)
        return -1;
    if (d->ends[market] >= 0)
        close(d->ends[market]);
    d->ends[market] = dup(fd);
    return fd;
}

static void stopped(void *owner, enum sq_err error)
{
    struct drill *d = owner;

    d->book.failed = true;
    fprintf(stderr, "squareoff: commit failed, nothing was sent: %s\n", sq_strerror(error));
    loop_stop(&d->book.loop);
}

static void log_line(void *owner, const char *line)
{
    struct drill *d = owner;

    book_log(&d->book, d->log, line);
}

static bool start_links(struct drill *d, char why[WHY_SIZE])
{
    struct book *book = &d->book;
    struct standalone_config config = {.loop = &book->loop,
                                       .host = book->host,
                                       .store = book->store,
                                       .tables = &book->session->view->tables,
                                       .board = book->board,
                                       .instruments = book->config.instruments,
                                       .target_comp_id = "SQXCHG",
                                       .open = open_connection,
                                       .stopped = stopped,
                                       .log = d->log ? log_line : NULL,
                                       .owner = d};
    struct sim_settings settings;

    sim_settings_defaults(&settings);
    settings.exchange.seed = loop_random();
    d->exchange =
        inproc_create(&book->loop.uv, &settings, d->folder, exchange_clock, &book->loop, why);
    if (!d->exchange)
        return false;
    book->link = standalone_create(&config);
    if (!book->link)
        snprintf(why, WHY_SIZE, "no memory for the links");
    return book->link != NULL;
}

static void cut_links(struct drill *d)
{
    d->cut = true;
    for (int i = 0; i < 2; i++)
        if (d->ends[i] >= 0)
            shutdown(d->ends[i], SHUT_RDWR);
}

/* Another person sits down, so that one console can practise what needs two. */
static bool change_person(struct drill *d, const char *code, char *why, size_t why_room)
{
    struct sq_session *session = d->book.session;

    if (sq_find_person(&session->view->tables, code) == SQ_NO_ROW) {
        snprintf(why, why_room, "no such person: %.20s", code);
        return false;
    }
    sq_text_cut(session->person, sizeof session->person, code);
    return true;
}

/* ":drill cut" and ":drill heal": both links go, and may come back; ":drill person SV02". */
static bool drill_word(void *owner, const char *word, char *why, size_t why_room)
{
    struct drill *d = owner;

    if (strncmp(word, "person ", 7) == 0)
        return change_person(d, word + 7, why, why_room);
    if (strcmp(word, "cut") == 0) {
        cut_links(d);
        return true;
    }
    if (strcmp(word, "heal") == 0) {
        d->cut = false;
        return true;
    }
    snprintf(why, why_room, "drill cut, drill heal, or drill person CODE");
    return false;
}

static bool account(void *owner, const struct sq_key *key, sq_quantity *net)
{
    struct drill *d = owner;
    const char *segment = sq_name(SQ_LIST_EXCHANGE, key->exchange);
    const char *product = sq_name(SQ_LIST_PRODUCT, key->product);

    *net = exchange_net(inproc_exchange(d->exchange), key->client, sim_segment_named(segment),
                        key->token, sim_product_named(product));
    return true;
}

static uint64_t alarms(void *owner, char *note, size_t room)
{
    struct drill *d = owner;
    struct exchange_counts c = exchange_counts(inproc_exchange(d->exchange));

    snprintf(note, room, "%llu fills; over the position %llu, id twice %llu, resent %llu",
             (unsigned long long)c.fills, (unsigned long long)c.overworked,
             (unsigned long long)c.duplicate_ids, (unsigned long long)c.resent_orders);
    return c.alarms;
}

/* Before the loop ends. */
static void stop(void *owner)
{
    struct drill *d = owner;

    serve_stop(d->serve);
    inproc_stop(d->exchange);
}

/* A drill has no login: the one PIN is its own. */
static bool any_pin(void *owner, const char *text)
{
    (void)owner;
    return text[0] != '\0';
}

static enum console_exit open_all(struct drill *d, const struct options *options,
                                  char why[WHY_SIZE])
{
    struct sq_config config;
    enum console_exit result;

    if (!find_day(d, options)) {
        snprintf(why, WHY_SIZE, "no sample day: --book FOLDER says where one is");
        return EXIT_CONFIG;
    }
    if (options->log && !(d->log = fopen(options->log, "ae"))) {
        snprintf(why, WHY_SIZE, "%.300s: cannot be written", options->log);
        return EXIT_CONFIG;
    }
    if (!load_day(d, why) || !make_state(d, options, why))
        return EXIT_CONFIG;
    loop_set_clock(&d->book.loop, sq_midnight(d->day.day) + DRILL_CLOCK);
    rehearse_config(&d->day, &config);
    config.drill = 1;
    result = book_open(&d->book, d->state, &config, why);
    if (result == EXIT_DONE)
        result = book_load(&d->book, &d->day, why);
    if (result == EXIT_DONE)
        result = book_sit_down(&d->book, options->person ? options->person : "RK07", why);
    return result;
}

enum console_exit drill_main(const struct options *given)
{
    struct drill *d = calloc(1, sizeof *d);
    const struct options *options;
    struct console_extra extra = {.drill = drill_word,
                                  .account = account,
                                  .alarms = alarms,
                                  .pin = any_pin,
                                  .stop = stop,
                                  .owner = d};
    char why[WHY_SIZE] = "";
    enum console_exit result;

    if (!d || loop_init(&d->book.loop) != 0)
        return EXIT_STATE;
    d->ends[0] = d->ends[1] = -1;
    d->book.source.drill = true;
    d->book.source.order_rtt_us = -1;
    strcpy(d->book.source.source, "DRILL");
    options = &d->config.options;
    result = EXIT_CONFIG;
    if (config_read(&d->config, given, CONFIG_DRILL))
        result = open_all(d, options, why);
    else
        memcpy(why, d->config.why, sizeof why);
    if (result == EXIT_DONE && !start_links(d, why))
        result = EXIT_STATE;
    if (result == EXIT_DONE) {
        if (sq_engine_tables(sq_host_engine(d->book.host))->book.control == SQ_CONTROL_DORMANT)
            invoke(&d->book);
        d->serve = serve_start(&d->book, d->state, why);
        result = d->serve ? console_run(&d->book, options, &extra) : EXIT_STATE;
    } else {
        fprintf(stderr, "squareoff: %s\n", why);
    }
    serve_free(d->serve);
    standalone_free(d->book.link);
    if (d->exchange)
        inproc_free(d->exchange);
    book_close(&d->book);
    day_finish(&d->day);
    drop_state(d);
    if (d->log)
        fclose(d->log);
    free(d);
    return result;
}
