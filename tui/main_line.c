/* Line mode: one command, one answer, for scripts and screen readers. Beside a live console it asks
 * that one, by the control socket in the state directory; without one it only reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "db/store_sqlite.h"
#include "net/control.h"
#include "tui/filter.h"
#include "tui/main.h"

enum { ANSWER_S = 20, LINE_SIZE = 1024 };

/* One position as the owner of the state tells it, in CSV of tui/main_tables.c. */
struct found {
    char client[SQ_CLIENT_SIZE], exchange[8], symbol[SQ_LABEL_SIZE], product[8];
    int64_t net;
    unsigned count; /* how many answered the description */
};

static enum table_format format(const struct options *options)
{
    return options->json ? TABLE_JSON : options->csv ? TABLE_CSV : TABLE_TEXT;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void print_row(void *owner, const char *line)
{
    (void)owner;
    puts(line);
}

/* ---- tables ------------------------------------------------------------------------------------- */

static void request_line(const struct options *options, enum table_format how, const char *what,
                         char line[LINE_SIZE])
{
    static const char *const names[] = {"text", "csv", "json"};

    snprintf(line, LINE_SIZE, "%s %s%s%s%s%s", what, names[how], options->client ? " client=" : "",
             or_empty(options->client), options->symbol ? " symbol=" : "",
             or_empty(options->symbol));
}

/* Nobody owns the state: the journal alone is read, without rates. */
static enum console_exit read_state(const struct options *options)
{
    struct store_sqlite_options how = {.mode = STORE_SQLITE_READ};
    struct table_request request = {.what = options->command,
                                    .format = format(options),
                                    .client = or_empty(options->client),
                                    .symbol = or_empty(options->symbol),
                                    .say = print_row};
    enum console_exit result = EXIT_STATE;
    struct sq_config config;
    enum sq_err error;
    char why[WHY_SIZE] = "";
    struct sq_store *store = store_sqlite_open(options->state, &how, &error, why, sizeof why);
    void *memory = NULL;
    struct sq_host *host;

    if (store && sq_host_stored_config(store, &config) == SQ_ERR_OK)
        memory = calloc(1, sq_host_size(&config));
    if (memory) {
        host = sq_host_init(memory, &config, store, NULL, NULL);
        if (sq_host_recover(host, why, sizeof why) == SQ_ERR_OK)
            result = table_print(sq_engine_tables(sq_host_engine(host)), NULL, &request)
                         ? EXIT_DONE
                         : EXIT_USAGE;
    }
    if (result != EXIT_DONE)
        fprintf(stderr, "squareoff: %s\n", why[0] ? why : "nothing is loaded there");
    if (store)
        store->ops->destroy(store);
    free(memory);
    return result;
}

static enum console_exit show(const struct options *options)
{
    char path[CONTROL_PATH_SIZE], line[LINE_SIZE], why[CONTROL_WHY];
    int answer;

    serve_path(options->state, path);
    request_line(options, format(options), options->command, line);
    answer = control_ask(path, line, ANSWER_S, print_row, NULL, why);
    if (answer < 0)
        return read_state(options);
    if (answer > 0)
        fprintf(stderr, "squareoff: %s\n", why);
    return answer ? EXIT_REFUSED : EXIT_DONE;
}

/* ---- close -------------------------------------------------------------------------------------- */

/* A line of CSV: none of the fields that matter here has a comma or a quote in it. */
static void take_row(void *owner, const char *line)
{
    struct found *found = owner;
    char net[SQ_NUMBER_SIZE];
    struct found row = {.count = found->count};

    if (sscanf(line, "%15[^,],%7[^,],%47[^,],%7[^,],%39[^,]", row.client, row.exchange, row.symbol,
               row.product, net) != 5 ||
        !sq_parse_integer(net, strlen(net), &row.net) || row.net == 0)
        return;
    if (found->product[0] && strcmp(found->product, row.product) != 0)
        return;
    row.count++;
    *found = row;
}

static void keep_last(void *owner, const char *line)
{
    snprintf(owner, LINE_SIZE, "%s", line);
}

static bool quantity_of(const struct options *options, int64_t net, int64_t *target)
{
    const char *text = options->quantity;
    size_t length = text ? strlen(text) : 0;
    int64_t quantity = sq_abs(net), share;

    if (length > 0 && text[length - 1] == '%') {
        if (!sq_parse_decimal(text, length - 1, 2, &share) || share <= 0 || share > 10000)
            return false;
        quantity = sq_mul_div(quantity, share, 10000);
    } else if (length > 0 && !sq_parse_integer(text, length, &quantity)) {
        return false;
    }
    *target = net > 0 ? net - quantity : net + quantity;
    return quantity > 0 && quantity <= sq_abs(net);
}

struct asked {
    const struct options *options;
    char path[CONTROL_PATH_SIZE];
    char why[CONTROL_WHY];
    struct found found;
    char intent[LINE_SIZE]; /* square-off in the form of a line */
};

static enum console_exit say_wrong(const char *what)
{
    fprintf(stderr, "squareoff: %s\n", what);
    return EXIT_USAGE;
}

static enum console_exit find_position(struct asked *a)
{
    char line[LINE_SIZE];

    request_line(a->options, TABLE_CSV, "positions", line);
    snprintf(a->found.product, sizeof a->found.product, "%s", or_empty(a->options->product));
    if (control_ask(a->path, line, ANSWER_S, take_row, &a->found, a->why) != 0) {
        fprintf(stderr, "squareoff: %s: nobody owns this state: squareoff --standalone does\n",
                a->why);
        return EXIT_LINK;
    }
    if (a->found.count == 1)
        return EXIT_DONE;
    return say_wrong(a->found.count ? "several positions are meant: say --client, --symbol as on "
                                      "the screen, --product"
                                    : "no such open position");
}

/* Keys carry the token, which only the owner knows: it is asked for by the preview's own lookup. */
static enum console_exit make_intent(struct asked *a)
{
    const struct options *o = a->options;
    int64_t target;

    if (!quantity_of(o, a->found.net, &target))
        return say_wrong("--quantity: a number up to the net, or a percentage");
    if (!o->person)
        return say_wrong("--person: who closes it");
    snprintf(a->intent, sizeof a->intent,
             "dealer=%s target=%lld seen_net=%lld%s%s%s%s client=%s exchange=%s product=%s "
             "symbol=%s",
             o->person, (long long)target, (long long)a->found.net,
             o->reference ? " call_ref=" : "", or_empty(o->reference), o->limit ? " limit=" : "",
             or_empty(o->limit), a->found.client, a->found.exchange, a->found.product,
             a->found.symbol);
    return EXIT_DONE;
}

/* Prints the owner's answer line as it is, or as one JSON object with the line in it. */
static void print_answer(const struct options *options, const char *word, const char *line)
{
    if (!options->json) {
        printf("%s %s\n", word, line);
        return;
    }
    printf("{\"result\":\"%s\",\"answer\":\"", word);
    for (; *line; line++) {
        if (*line == '"' || *line == '\\')
            putchar('\\');
        putchar((unsigned char)*line < ' ' ? ' ' : *line);
    }
    puts("\"}");
}

static enum console_exit ask_and_print(struct asked *a, const char *verb)
{
    char line[LINE_SIZE + 64], answer[LINE_SIZE] = "";
    int result;

    snprintf(line, sizeof line, "%s%s %s", verb,
             strcmp(verb, "close") == 0 && a->options->confirmed ? " confirmed" : "", a->intent);
    result = control_ask(a->path, line, ANSWER_S, keep_last, answer, a->why);
    print_answer(a->options,
                 result == 0 ? (a->options->dry_run ? "preview" : "accepted") : "refused",
                 result == 0 || answer[0] ? answer : a->why);
    if (result != 0)
        fprintf(stderr, "squareoff: %s\n", a->why);
    return result < 0 ? EXIT_LINK : result > 0 ? EXIT_REFUSED : EXIT_DONE;
}

static enum console_exit close_position(const struct options *options)
{
    struct asked a = {.options = options};
    enum console_exit result;

    if (!options->client || !options->symbol)
        return say_wrong("close needs --client and --symbol");
    serve_path(options->state, a.path);
    result = find_position(&a);
    if (result == EXIT_DONE)
        result = make_intent(&a);
    if (result == EXIT_DONE)
        result = ask_and_print(&a, options->dry_run ? "preview" : "close");
    return result;
}

/* ---- commands ----------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum console_exit (*run)(const struct options *options);
} commands[] = {{"close", close_position}, {"positions", show}, {"orders", show}, {"trades", show}};

enum console_exit line_main(const struct options *options)
{
    if (!options->state)
        return say_wrong("--state: whose book");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].word, options->command) == 0)
            return commands[i].run(options);
    return say_wrong("commands are close, positions, orders, trades");
}
