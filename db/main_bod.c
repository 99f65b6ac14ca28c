/* main_bod.c: squareoff-admin bod, instruments, snapshot. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/host.h"
#include "core/num.h"
#include "db/archive.h"
#include "db/day.h"
#include "db/day_store.h"
#include "db/incident.h"
#include "db/main_parts.h"
#include "db/rehearse.h"
#include "db/store_postgres.h"

enum { ROWS_SHOWN = 200 };

/* ---- progress -------------------------------------------------------------------------------- */

/* A bar on a terminal; nothing elsewhere, where it would only fill a log. */
static void show_progress(void *owner, uint64_t done, uint64_t all)
{
    enum { WIDTH = 40 };
    (void)owner;
    int filled = all ? (int)(done * WIDTH / all) : WIDTH;
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\rreading [%.*s%*s] %3d%%", filled, "########################################",
            WIDTH - filled, "", filled * 100 / WIDTH);
    if (done == all)
        fputs("\r\033[K", stderr);
}

/* ---- what was read --------------------------------------------------------------------------- */

static void print_counts(const struct day *day)
{
    const struct day_counts *c = &day->counts;
    char as_of[48];
    sq_print_iso(day->as_of, as_of);
    printf("day %u of book %s, desk %s, as of %s\n", day->day, day->head.book, day->head.desk,
           as_of);
    printf("  %u contracts read, %u of them for this desk\n", c->contracts, c->instruments);
    printf("  %u clients, %u people, %u sessions of the calendar\n", c->clients, c->people,
           c->hours);
    printf("  %u positions: %u agreed by two sources, %u differ, %u from one source\n",
           c->positions, c->agreed, c->differ, c->one_source);
    printf("  %u resting orders: %u ours to cancel, %u of other sessions\n", c->orders, c->ours,
           c->external);
    printf("  %u trades after it, %u before it left out\n", c->trades, c->early_trades);
}

static void print_json(const struct day *day, const char *result)
{
    const struct day_counts *c = &day->counts;
    printf("{\"result\":\"%s\",\"day\":%u,\"book\":\"%s\",\"desk\":", result, day->day,
           day->head.book);
    report_json_text(stdout, day->head.desk);
    printf(",\"contracts\":%u,\"instruments\":%u,\"clients\":%u,\"people\":%u,\"hours\":%u,"
           "\"positions\":%u,\"agreed\":%u,\"differ\":%u,\"one_source\":%u,\"orders\":%u,"
           "\"orders_ours\":%u,\"trades\":%u,\"early_trades\":%u,\"report\":",
           c->contracts, c->instruments, c->clients, c->people, c->hours, c->positions, c->agreed,
           c->differ, c->one_source, c->orders, c->ours, c->trades, c->early_trades);
    report_json(day->report, stdout);
    fputs("}\n", stdout);
}

static void print_result(const struct admin *admin, const struct day *day, const char *result)
{
    if (admin->json) {
        print_json(day, result);
        return;
    }
    report_print(day->report, stdout, ROWS_SHOWN);
    if (day->inputs)
        print_counts(day);
    printf("%s\n", result);
}

/* ---- a host for as long as a command runs ---------------------------------------------------- */

struct state {
    struct sq_store *store;
    struct sq_host *host;
    void *memory;
};

static void state_close(struct state *s)
{
    admin_close(s->store);
    free(s->memory);
}

/* Rebuilds the state. The configuration is the journal's, or `fresh` where it is empty. */
static enum sq_err state_recover(struct state *s, const struct sq_config *fresh, char *why,
                                 size_t why_room)
{
    struct sq_config config;
    enum sq_err error = sq_host_stored_config(s->store, &config);
    if (error == SQ_ERR_NOT_FOUND) {
        config = *fresh;
        error = SQ_ERR_OK;
    }
    if (error != SQ_ERR_OK) {
        snprintf(why, why_room, "%s", s->store->ops->why(s->store));
        return error;
    }
    s->memory = calloc(1, sq_host_size(&config));
    if (s->memory == NULL) {
        snprintf(why, why_room, "no memory for an engine");
        return SQ_ERR_IO;
    }
    s->host = sq_host_init(s->memory, &config, s->store, NULL, NULL);
    return sq_host_recover(s->host, why, why_room);
}

/* ---- bod ------------------------------------------------------------------------------------- */

static enum admin_exit load(struct state *s, const struct admin *admin, struct day *day,
                            const struct sq_config *config)
{
    struct day_attachment attachment = {.day = day, .now = admin_now()};
    char why[256] = "";
    enum sq_err error = state_recover(s, config, why, sizeof why);
    if (error == SQ_ERR_OK && (error = sq_host_run(s->host, admin_now())) == SQ_ERR_OK) {
        day_store_attach(s->store, &attachment);
        error = sq_host_load(s->host, day->inputs, day->input_count, admin_now());
    }
    if (error == SQ_ERR_OK) {
        print_result(admin, day, "loaded");
        return ADMIN_OK;
    }
    return admin_failed(error, why[0] ? why : s->store->ops->why(s->store));
}

static enum admin_exit refused(const struct admin *admin, const struct day *day, const char *reason)
{
    fprintf(stderr, "squareoff-admin: %s\n", reason);
    print_result(admin, day, "refused: nothing was loaded");
    return ADMIN_REFUSED;
}

/* On a database the day begins with the epoch in which it is loaded. */
static void begin_in_epoch(struct sq_store *store, struct day *day)
{
    if (store_is_postgres(store))
        day->inputs[0].as.day.epoch = day->head.epoch = store_postgres_epoch(store);
}

/* A state holds one day; what is in the way of this one, by comparison with what is there. */
static enum admin_exit load_into(struct state *s, const struct admin *admin, struct day *day)
{
    struct sq_config config;
    char why[256] = "", book[4];
    enum day_status status = day_store_status(s->store, day);
    if (status == DAY_SAME) {
        print_result(admin, day, "already loaded, nothing changed");
        return ADMIN_OK;
    }
    if (status != DAY_NEW)
        return refused(admin, day, "this day is loaded already, from other content");
    uint32_t before = day_store_newest(s->store, book);
    if (before > day->day)
        return refused(admin, day, "a later day is loaded already");
    if (before != 0 && archive_day(&s->store, admin->state, before, day, why, sizeof why) != 0)
        return refused(admin, day, why);
    begin_in_epoch(s->store, day);
    rehearse_config(day, &config);
    if (!rehearse(day, &config, why, sizeof why))
        return refused(admin, day, why);
    return load(s, admin, day, &config);
}

static enum admin_exit bod_with(const struct admin *admin, struct day *day, int result,
                                const char *why)
{
    struct state state = {0};
    enum admin_exit exit = ADMIN_OK;
    if (result < 0)
        return admin_failed(SQ_ERR_NOT_FOUND, why) == ADMIN_OK ? ADMIN_OK : ADMIN_USAGE;
    if (result > 0) {
        print_result(admin, day, "refused: nothing was loaded");
        return ADMIN_REFUSED;
    }
    state.store = admin_open(admin, true, &exit);
    if (state.store)
        exit = load_into(&state, admin, day);
    state_close(&state);
    return exit;
}

enum admin_exit admin_bod(const struct admin *admin)
{
    struct day_options options = {.day = admin->day,
                                  .book = admin->book,
                                  .desk = admin->desk,
                                  .sender = admin->sender,
                                  .accepted_by = admin->accepted_by,
                                  .accepted_why = admin->accepted_why,
                                  .progress = show_progress};
    struct day day;
    char why[256] = "";
    if (admin->word_count == 0) {
        fputs("squareoff-admin: bod needs files or a folder\n", stderr);
        return ADMIN_USAGE;
    }
    int result = day_load(&day, &options, (const char *const *)admin->words,
                          (size_t)admin->word_count, why, sizeof why);
    enum admin_exit exit = bod_with(admin, &day, result, why);
    day_finish(&day);
    return exit;
}

/* ---- instruments ----------------------------------------------------------------------------- */

static void print_contracts(const struct day *day)
{
    uint32_t counts[SQ_EXCHANGE_COUNT][SQ_CONTRACT_COUNT] = {0};
    for (uint32_t i = 0; i < day->counts.contracts; i++)
        counts[day->contracts[i].exchange][day->contracts[i].contract]++;
    for (unsigned e = 0; e < SQ_EXCHANGE_COUNT; e++)
        for (unsigned c = 0; c < SQ_CONTRACT_COUNT; c++)
            if (counts[e][c])
                printf("%-4s %-5s %8u\n", sq_name(SQ_LIST_EXCHANGE, e),
                       sq_name(SQ_LIST_CONTRACT, c), counts[e][c]);
    printf("all        %8u\n", day->counts.contracts);
}

enum admin_exit admin_instruments(const struct admin *admin)
{
    struct day day;
    char why[256] = "";
    if (admin->word_count == 0) {
        fputs("squareoff-admin: instruments needs files\n", stderr);
        return ADMIN_USAGE;
    }
    int result = day_load_contracts(&day, (const char *const *)admin->words,
                                    (size_t)admin->word_count, why, sizeof why);
    if (result < 0)
        fprintf(stderr, "squareoff-admin: %s\n", why);
    else if (admin->json)
        report_json(day.report, stdout);
    else {
        report_print(day.report, stdout, ROWS_SHOWN);
        print_contracts(&day);
    }
    day_finish(&day);
    return result < 0 ? ADMIN_USAGE : result > 0 ? ADMIN_REFUSED : ADMIN_OK;
}

/* ---- snapshot -------------------------------------------------------------------------------- */

enum admin_exit admin_snapshot(const struct admin *admin)
{
    struct state state = {0};
    struct sq_config none;
    char why[256] = "";
    enum admin_exit exit = ADMIN_OK;
    sq_config_default(&none);
    state.store = admin_open(admin, true, &exit);
    if (state.store == NULL)
        return exit;
    enum sq_err error = state_recover(&state, &none, why, sizeof why);
    if (error == SQ_ERR_OK)
        error = sq_host_snapshot(state.host);
    if (error == SQ_ERR_OK)
        printf("snapshot after seq %llu\n",
               (unsigned long long)sq_engine_seq(sq_host_engine(state.host)));
    else
        exit = admin_failed(error, why[0] ? why : state.store->ops->why(state.store));
    state_close(&state);
    return exit;
}

/* Taking the lock shows that no process owns the state any more. */
enum admin_exit admin_clear(const struct admin *admin)
{
    enum admin_exit exit = ADMIN_OK;
    if (admin->word_count != 2) {
        fprintf(stderr, "squareoff-admin: clear --state DIR PERSON REASON\n");
        return ADMIN_USAGE;
    }
    struct sq_store *store = admin_open(admin, true, &exit);
    if (store == NULL)
        return exit;
    enum sq_err error = incident_clear(admin->state, admin->words[0], admin->words[1], admin_now());
    admin_close(store);
    if (error == SQ_ERR_NOT_FOUND)
        printf("nothing to clear\n");
    else if (error != SQ_ERR_OK)
        exit = admin_failed(error, "");
    return exit;
}
