/* Line mode: one command, one answer, for scripts and screen readers. Beside a live console it asks
 * that one, by the control socket in the state directory; without one it only reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/store_sqlite.h"
#include "net/control.h"
#include "tui/main.h"

enum { ANSWER_S = 20, LINE_SIZE = 1024 };

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

static void keep_last(void *owner, const char *line)
{
    snprintf(owner, LINE_SIZE, "%s", line);
}

static enum console_exit say_wrong(const char *what)
{
    fprintf(stderr, "squareoff: %s\n", what);
    return EXIT_USAGE;
}

/* One field of the request, when it was said. */
static size_t put_field(char *line, size_t used, const char *name, const char *value)
{
    if (!value || used >= LINE_SIZE)
        return used;
    return used + (size_t)snprintf(line + used, LINE_SIZE - used, " %s=%s", name, value);
}

/* The owner finds the position and works out the quantity: it alone knows the book of now. */
static void close_request(const struct options *o, char line[LINE_SIZE])
{
    size_t used = (size_t)snprintf(line, LINE_SIZE, "%s%s", o->dry_run ? "preview" : "close",
                                   o->confirmed && !o->dry_run ? " confirmed" : "");

    used = put_field(line, used, "dealer", o->person);
    used = put_field(line, used, "call_ref", o->reference);
    used = put_field(line, used, "limit", o->limit);
    used = put_field(line, used, "quantity", o->quantity);
    used = put_field(line, used, "product", o->product);
    used = put_field(line, used, "client", o->client);
    put_field(line, used, "symbol", o->symbol);
}

/* Prints the owner's answer line as it is, or as one JSON object with the line in it. */
static void print_answer(const struct options *options, const char *word, const char *line)
{
    if (!options->json) {
        bool told = strncmp(line, word, strlen(word)) == 0;

        printf("%s%s%s\n", told ? "" : word, told ? "" : " ", line);
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

static enum console_exit close_position(const struct options *options)
{
    char path[CONTROL_PATH_SIZE], line[LINE_SIZE], why[CONTROL_WHY], answer[LINE_SIZE] = "";
    int result;

    if (!options->client || !options->symbol || !options->person)
        return say_wrong("close needs --client, --symbol and --person");
    serve_path(options->state, path);
    close_request(options, line);
    result = control_ask(path, line, ANSWER_S, keep_last, answer, why);
    if (result < 0) {
        fprintf(stderr, "squareoff: %s: nobody owns this state: squareoff --standalone does\n",
                why);
        return EXIT_LINK;
    }
    print_answer(options,
                 result > 0         ? "refused"
                 : options->dry_run ? "preview"
                                    : "accepted",
                 answer[0] ? answer : why);
    if (result > 0)
        fprintf(stderr, "squareoff: %s\n", why);
    return result > 0 ? EXIT_REFUSED : EXIT_DONE;
}

/* ---- commands ----------------------------------------------------------------------------------- */

static const struct {
    const char *word;
    enum console_exit (*run)(const struct options *options);
} commands[] = {{"close", close_position}, {"positions", show}, {"orders", show}, {"trades", show}};

enum console_exit line_main(const struct options *options)
{
    struct options own = *options;
    char state[PATH_SIZE];

    if (!own.state && xdg_path("XDG_STATE_HOME", ".local/state", "book", state))
        own.state = state;
    if (!own.state)
        return say_wrong("--state: whose book");
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(commands[i].word, own.command) == 0)
            return commands[i].run(&own);
    return say_wrong("commands are close, positions, orders, trades");
}
