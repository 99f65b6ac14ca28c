/* The control socket of a running console: what line mode and scripts ask, answered by the process
 * that owns the state.
 *
 *   positions|orders|trades text|csv|json [client=C] [symbol=S]      symbol last, blanks allowed
 *   preview FIELDS               one line: what the close would do, by the guards of this moment
 *   close [confirmed] FIELDS     sends it; answered when the engine has decided
 *   book                         the book's row: day, control, link
 *   submit COMMAND ...           another command, as a line of core/record.h; answered when taken
 *
 * FIELDS: dealer= [call_ref=] [limit=] [quantity=N|P%] [product=] client= symbol=, the last as on the
 * screen, up to the end of the line. They must mean one open position. `confirmed`: guards that ask
 * are confirmed as they are at that moment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "net/control.h"
#include "tui/main.h"
#include "tui/preview.h"

struct waiting {
    struct control_client *client; /* NULL: free */
    struct sq_id id;
};

struct serve {
    struct book *book;
    struct control *control;
    struct sq_listener listener;
    struct waiting waiting[CONTROL_CLIENTS];
};

void serve_path(const char *state, char path[CONTROL_PATH_SIZE])
{
    snprintf(path, CONTROL_PATH_SIZE, "%s/control", state);
}

/* ---- tables ------------------------------------------------------------------------------------- */

static void say_row(void *owner, const char *line)
{
    control_say(owner, line);
}

/* The value behind `name=`, up to a blank or (the last one) to the end. */
static void take_word(const char *line, const char *name, bool last, char *value, size_t size)
{
    const char *at = strstr(line, name);
    size_t length = at ? strcspn(at + strlen(name), last ? "" : " ") : 0;

    snprintf(value, size, "%.*s", (int)length, at ? at + strlen(name) : "");
}

static void ask_table(struct serve *s, struct control_client *client, const char *what,
                      const char *rest)
{
    char table[16], client_code[SQ_CLIENT_SIZE], symbol[SQ_LABEL_SIZE];
    struct table_request request = {
        .what = table, .client = client_code, .symbol = symbol, .say = say_row, .owner = client};

    snprintf(table, sizeof table, "%s", what);
    take_word(rest, " client=", false, client_code, sizeof client_code);
    take_word(rest, " symbol=", true, symbol, sizeof symbol);
    request.format = strncmp(rest, " json", 5) == 0  ? TABLE_JSON
                     : strncmp(rest, " csv", 4) == 0 ? TABLE_CSV
                                                     : TABLE_TEXT;
    table_print(&s->book->session->view->tables, s->book->board, &request);
    control_end(client, NULL);
}

/* ---- commands ----------------------------------------------------------------------------------- */

/* The open position that the fields name; SQ_NO_ROW with why: none, or several. */
static uint32_t find_position(const struct sq_tables *t, const char *fields, const char **why)
{
    char client[SQ_CLIENT_SIZE], product[8], symbol[SQ_LABEL_SIZE];
    uint32_t found = SQ_NO_ROW;

    take_word(fields, " client=", false, client, sizeof client);
    take_word(fields, " product=", false, product, sizeof product);
    take_word(fields, " symbol=", true, symbol, sizeof symbol);
    *why = "no such open position";
    for (uint32_t p = 0; p < t->position_count; p++) {
        const struct sq_key *key = &t->position[p].key;
        const char *name = sq_name(SQ_LIST_PRODUCT, key->product);
        char label[SQ_LABEL_SIZE];

        sq_label(&t->instrument[t->position_instrument[p]], label);
        if (strcmp(key->client, client) != 0 || strcmp(label, symbol) != 0 ||
            (product[0] && strcmp(name, product) != 0) || t->position[p].net == 0)
            continue;
        if (found != SQ_NO_ROW) {
            *why = "several positions are meant: say the product";
            return SQ_NO_ROW;
        }
        found = p;
    }
    return found;
}

/* The target that a quantity, or a share of the net, leaves; without one: flat. */
static bool take_target(const char *fields, sq_quantity net, sq_quantity *target)
{
    char text[SQ_NUMBER_SIZE];
    size_t length;
    int64_t quantity = sq_abs(net), share;

    take_word(fields, " quantity=", false, text, sizeof text);
    length = strlen(text);
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

static bool take_number(const char *fields, const char *name, unsigned decimals, int64_t *value)
{
    char text[SQ_NUMBER_SIZE];

    take_word(fields, name, false, text, sizeof text);
    return text[0] == '\0' || sq_parse_decimal(text, strlen(text), decimals, value);
}

/* An intent from the fields, with the quote of this moment. NULL, or what is wrong. */
static const char *read_intent(struct serve *s, const char *fields, struct sq_square_off *intent)
{
    const struct sq_tables *t = &s->book->session->view->tables;
    const char *why;
    uint32_t row = find_position(t, fields, &why);
    const struct sq_instrument *i;

    memset(intent, 0, sizeof *intent);
    if (row == SQ_NO_ROW)
        return why;
    i = &t->instrument[t->position_instrument[row]];
    intent->id = (struct sq_id){loop_random(), loop_random() | 1};
    intent->created = loop_now(&s->book->loop);
    intent->key = t->position[row].key;
    take_word(fields, " dealer=", false, intent->dealer, sizeof intent->dealer);
    take_word(fields, " call_ref=", false, intent->call_ref, sizeof intent->call_ref);
    if (intent->call_ref[0])
        memcpy(intent->call_client, intent->key.client, sizeof intent->call_client);
    intent->seen_net = t->position[row].net;
    if (!take_target(fields, intent->seen_net, &intent->target))
        return "quantity: a number up to the net, or a percentage";
    if (!take_number(fields, " limit=", i->price_decimals, &intent->limit))
        return "limit: a price";
    sq_board_quote(s->book->board, t->position_instrument[row], intent->created, &intent->quote);
    return NULL;
}

static void preview_of(struct serve *s, const struct sq_square_off *intent, struct sq_preview *p)
{
    sq_preview(sq_host_engine(s->book->host), intent, intent->created, p);
}

static void ask_preview(struct serve *s, struct control_client *client, const char *what,
                        const char *rest)
{
    struct sq_square_off intent;
    struct sq_preview p;
    char guards[256], line[640];
    const char *wrong = read_intent(s, rest, &intent);

    (void)what;
    if (wrong) {
        control_end(client, wrong);
        return;
    }
    preview_of(s, &intent, &p);
    preview_guards(p.guards, guards, sizeof guards);
    snprintf(line, sizeof line,
             "verdict=%s side=%s net=%lld quantity=%lld orders=%u limit=%lld residue=%lld "
             "cancels=%u why=%s",
             sq_name(SQ_LIST_VERDICT, p.verdict), sq_name(SQ_LIST_SIDE, p.side), (long long)p.net,
             (long long)p.quantity, p.slices, (long long)p.limit, (long long)p.residue, p.cancels,
             guards[0] ? guards : "-");
    control_say(client, line);
    control_end(client, NULL);
}

static bool wait_for(struct serve *s, struct control_client *client, struct sq_id id)
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (!s->waiting[i].client) {
            s->waiting[i] = (struct waiting){client, id};
            return true;
        }
    return false;
}

static void gone(void *owner, struct control_client *client)
{
    struct serve *s = owner;

    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (s->waiting[i].client == client)
            s->waiting[i].client = NULL;
}

static void ask_close(struct serve *s, struct control_client *client, const char *what,
                      const char *rest)
{
    struct sq_session *session = s->book->session;
    struct sq_message message = {.kind = SQ_SQUARE_OFF};
    struct sq_preview p;
    const char *wrong = read_intent(s, rest, &message.as.square_off);

    (void)what;
    if (!wrong && strncmp(rest, " confirmed ", 11) == 0) {
        preview_of(s, &message.as.square_off, &p);
        message.as.square_off.confirmed = p.guards;
    }
    /* A host that is view-only answers from within submit: so wait first. */
    bool waits = !wrong && wait_for(s, client, message.as.square_off.id);
    if (!wrong && !session->ops->submit(session, &message, 1)) {
        wrong = "the engine's queue is full";
        gone(s, client);
    }
    if (wrong)
        control_end(client, wrong);
    else if (!waits)
        control_end(client, "handed over; too many wait for their answer to tell it");
}

static bool is_command(enum sq_kind kind)
{
    return kind == SQ_CANCEL || kind == SQ_APPROVE || kind == SQ_SETTLE || kind == SQ_MANUAL_FILL ||
           kind == SQ_SUPERVISE;
}

static void ask_submit(struct serve *s, struct control_client *client, const char *what,
                       const char *rest)
{
    struct sq_session *session = s->book->session;
    struct sq_message message;
    char why[CONTROL_WHY];

    (void)what;
    if (sq_line_parse(rest + strspn(rest, " "), &message, why, sizeof why) != 0)
        control_end(client, why);
    else if (!is_command((enum sq_kind)message.kind))
        control_end(client, "not a person's command");
    else
        control_end(client, session->ops->submit(session, &message, 1)
                                ? NULL
                                : "the engine's queue is full");
}

/* The book's own row: day, control, link, when it was last reconciled. */
static void ask_book(struct serve *s, struct control_client *client, const char *what,
                     const char *rest)
{
    char line[SQ_LINE_MAX];

    (void)what, (void)rest;
    sq_line(SQ_BOOK, &s->book->session->view->tables.book, line, sizeof line);
    control_say(client, line);
    control_end(client, NULL);
}

static const struct {
    const char *word;
    void (*ask)(struct serve *s, struct control_client *client, const char *what, const char *rest);
} requests[] = {
    {"positions", ask_table}, {"orders", ask_table}, {"trades", ask_table},
    {"preview", ask_preview}, {"close", ask_close},  {"submit", ask_submit},
    {"book", ask_book},
};

static void request(void *owner, struct control_client *client, const char *line)
{
    size_t length = strcspn(line, " ");

    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        if (strlen(requests[i].word) == length && strncmp(requests[i].word, line, length) == 0) {
            requests[i].ask(owner, client, requests[i].word, line + length);
            return;
        }
    control_end(client, "positions, orders, trades, book, preview, close or submit");
}

/* ---- answers of the engine ---------------------------------------------------------------------- */

static bool same(struct sq_id a, struct sq_id b)
{
    return a.high == b.high && a.low == b.low;
}

static void event(struct sq_listener *listener, const struct sq_message *event)
{
    struct serve *s = (struct serve *)(void *)((char *)listener - offsetof(struct serve, listener));
    char line[SQ_LINE_MAX];

    if (event->kind != SQ_CLOSE && event->kind != SQ_REFUSED)
        return;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct control_client *client = s->waiting[i].client;
        bool refused = event->kind == SQ_REFUSED;

        if (!client || !same(s->waiting[i].id, refused ? event->as.refused.id : event->as.close.id))
            continue;
        s->waiting[i].client = NULL;
        sq_line((enum sq_kind)event->kind, &event->as, line, sizeof line);
        control_say(client, line);
        control_end(client, !refused ? NULL
                            : event->as.refused.refusal == SQ_REFUSAL_GUARD
                                ? sq_name(SQ_LIST_GUARD, event->as.refused.guard)
                                : sq_name(SQ_LIST_REFUSAL, event->as.refused.refusal));
    }
}

struct serve *serve_start(struct book *book, const char *state, char why[WHY_SIZE])
{
    static const struct control_handler handler = {.request = request, .gone = gone};
    struct serve *s = calloc(1, sizeof *s);
    char path[CONTROL_PATH_SIZE];

    if (!s)
        return NULL;
    s->book = book;
    s->listener.event = event;
    serve_path(state, path);
    s->control = control_listen(&book->loop, path, &handler, s, why);
    if (!s->control || !sq_host_listen(book->host, &s->listener)) {
        if (s->control)
            control_close(s->control);
        free(s);
        return NULL;
    }
    return s;
}

void serve_stop(struct serve *s)
{
    control_close(s->control);
}

void serve_free(struct serve *s)
{
    free(s);
}
