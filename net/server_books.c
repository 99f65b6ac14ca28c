/* Requests about a book. */
#include <stdlib.h>
#include <string.h>

#include "net/server_parts.h"

enum {
    BITS = 64,
    PERIOD_PER_S = 10, /* of rates, where the request does not say */
    PLACES_MOST = 8000 /* of a frame: 31 bytes each at most */
};

/* ---- the hooks of the books ------------------------------------------------------------------- */

void server_wake(struct subscriber *subscriber)
{
    connection_wants_write(subscriber->console);
}

void server_answer(void *console, const struct served_submit *submit)
{
    struct connection *c = console;
    struct wire_out out;
    answer_begin(c, &out, submit->id);
    wire_member_integer(&out, "seq", (int64_t)submit->seq);
    if (submit->refused_length > 0) {
        wire_name(&out, "refused");
        wire_open(&out, '[');
        wire_raw(&out, submit->refused, submit->refused_length);
        wire_close(&out, ']');
    }
    histogram_add(&c->server->submit_us, loop_now(c->server->config.loop) - submit->asked);
    answer_end(c, &out, WIRE_DO_SUBMIT);
}

static struct book_of **find_book(struct connection *c, const struct served *book)
{
    struct book_of **at = &c->books;
    while (*at != NULL && (*at)->subscriber.book != book)
        at = &(*at)->next;
    return at;
}

static void drop_book(struct connection *c, const struct served *book)
{
    struct book_of **at = find_book(c, book), *found = *at;
    if (found == NULL)
        return;
    *at = found->next;
    served_unsubscribe(&found->subscriber);
    free(found);
}

void server_lost_book(struct server *server, struct served *book)
{
    for (struct connection *c = server->connections; c != NULL; c = c->next) {
        char reason[sizeof c->close_reason];
        if (*find_book(c, book) == NULL)
            continue;
        snprintf(reason, sizeof reason, "standby %s", book->owner);
        connection_close(c, WIRE_CLOSE_STANDBY, reason);
    }
}

/* ---- what every request about a book asks ------------------------------------------------------ */

/* The book, when the user may have it and it is open here; else the answer is given. */
static struct served *book_for(struct connection *c, struct wire_request *request)
{
    struct served *book = server_book(c, request->book);
    if (book == NULL || book->state == SERVED_FAILED) {
        answer_error(c, request, WIRE_ERROR_BOOK,
                     book != NULL ? book->why : "there is no such book for this user");
        return NULL;
    }
    if (book->state == SERVED_OPEN)
        return book;
    answer_standby(c, request, book->owner);
    return NULL;
}

/* The same of a book that the console has opened. */
struct subscriber *server_opened(struct connection *c, struct wire_request *request)
{
    struct served *book = book_for(c, request);
    if (book == NULL)
        return NULL;
    struct book_of *found = *find_book(c, book);
    if (found != NULL)
        return &found->subscriber;
    answer_error(c, request, WIRE_ERROR_BOOK, "open the book first");
    return NULL;
}

/* ---- open, shut -------------------------------------------------------------------------------- */

static bool is_in_scope(struct connection *c, struct wire_request *request,
                        const struct served *book, uint32_t person)
{
    char text[LOGIN_TEXT_SIZE];
    const struct sq_person *row = person == SQ_NO_ROW ? NULL : &book->tables.person[person];
    if (login_scope(&c->user, book->config.code, row, text) == LOGIN_OK)
        return true;
    answer_error(c, request, WIRE_ERROR_SCOPE, text);
    return false;
}

static void answer_open(struct connection *c, struct wire_request *request,
                        const struct served *book, bool resumed)
{
    struct wire_out out;
    answer_begin(c, &out, request->id);
    wire_member_integer(&out, "seq", (int64_t)book->seq);
    wire_member_integer(&out, "epoch", book->tables.book.epoch);
    wire_name(&out, "config");
    wire_message(&out, SQ_CONFIG, &book->tables.config);
    wire_member_integer(&out, "snapshot", !resumed);
    answer_end(c, &out, WIRE_DO_OPEN);
}

void server_do_open(struct connection *c, struct wire_request *request)
{
    struct served *book = book_for(c, request);
    if (book == NULL)
        return;
    uint32_t person = sq_find_person(&book->tables, c->user.name);
    if (!is_in_scope(c, request, book, person))
        return;
    drop_book(c, book);
    struct book_of *opened_book = calloc(1, sizeof *opened_book);
    if (opened_book == NULL) {
        answer_error(c, request, WIRE_ERROR_BUSY, "no memory");
        return;
    }
    bool resumed;
    opened_book->subscriber.console = c;
    opened_book->subscriber.person = person;
    opened_book->subscriber.sees_all = person == SQ_NO_ROW && c->role == SQ_ROLE_AUDITOR;
    opened_book->next = c->books;
    c->books = opened_book;
    served_subscribe(book, &opened_book->subscriber, (uint64_t)request->after,
                     (uint64_t)request->epoch, &resumed);
    answer_open(c, request, book, resumed);
}

void server_do_shut(struct connection *c, struct wire_request *request)
{
    struct subscriber *s = server_opened(c, request);
    struct wire_out out;
    if (s == NULL)
        return;
    served_forget(s->book, c);
    if (s->book->handover != NULL)
        handover_forget(s->book->handover, c);
    drop_book(c, s->book);
    answer_begin(c, &out, request->id);
    answer_end(c, &out, WIRE_DO_SHUT);
}

/* ---- submit, preview --------------------------------------------------------------------------- */

/* What a person may say, and where the message has his name. All else comes from elsewhere. */
static const struct command {
    enum sq_kind kind;
    size_t person;
} commands[] = {
    {SQ_SQUARE_OFF, offsetof(struct sq_square_off, dealer)},
    {SQ_BULK_GO, offsetof(struct sq_bulk_go, dealer)},
    {SQ_CANCEL, offsetof(struct sq_cancel, person)},
    {SQ_APPROVE, offsetof(struct sq_approve, person)},
    {SQ_SETTLE, offsetof(struct sq_settle, person)},
    {SQ_MANUAL_FILL, offsetof(struct sq_manual_fill, person)},
    {SQ_SUPERVISE, offsetof(struct sq_supervise, person)},
};

static const char *person_of(const struct sq_message *message)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (commands[i].kind == message->kind)
            return (const char *)&message->as + commands[i].person;
    return NULL;
}

/* Message i of a request, spoken by whoever sits there; else the answer is given. */
static bool read_in(struct connection *c, struct wire_request *request, size_t i,
                    struct sq_message *message)
{
    char why[WIRE_WHY_SIZE];
    if (wire_request_in(request, i, message, why, sizeof why) != 0) {
        answer_error(c, request, WIRE_ERROR_FORMAT, why);
        return false;
    }
    const char *person = person_of(message);
    if (person != NULL && strcmp(person, c->user.name) == 0)
        return true;
    answer_error(c, request, WIRE_ERROR_ROLE,
                 person != NULL ? "the message names another person" : "nobody may say that");
    return false;
}

static bool has_items(struct connection *c, struct wire_request *request)
{
    if (request->in_count > 0)
        return true;
    answer_error(c, request, WIRE_ERROR_FORMAT, "in: is empty");
    return false;
}

void server_do_submit(struct connection *c, struct wire_request *request)
{
    static struct sq_message messages[WIRE_ITEMS_MAX]; /* of the one request that is being read */
    struct subscriber *s = server_opened(c, request);
    if (s == NULL || !has_items(c, request))
        return;
    if (s->book->links.view_only) {
        answer_error(c, request, WIRE_ERROR_VIEW_ONLY, s->book->links.why);
        return;
    }
    for (size_t i = 0; i < request->in_count; i++)
        if (!read_in(c, request, i, &messages[i]))
            return;
    if (!served_submit(s->book, c, request->id, messages, request->in_count))
        answer_error(c, request, WIRE_ERROR_BUSY, "too much is queued: nothing was taken");
}

static bool put_preview(struct connection *c, struct wire_request *request,
                        const struct subscriber *s, size_t i, struct wire_out *out)
{
    struct sq_message message;
    struct sq_preview preview;
    if (!read_in(c, request, i, &message))
        return false;
    const struct sq_key *key = &message.as.square_off.key;
    if (message.kind != SQ_SQUARE_OFF) {
        answer_error(c, request, WIRE_ERROR_FORMAT, "in: only square-off has a preview");
        return false;
    }
    if (!served_sees_client(s, sq_find_client(&s->book->tables, key->client))) {
        answer_error(c, request, WIRE_ERROR_SCOPE, "not this person's client");
        return false;
    }
    served_preview(s->book, &message.as.square_off, &preview);
    wire_preview(out, &s->book->tables, &preview);
    return true;
}

/* The answer is made in a place of its own, since an error in the midst of it is one, too. */
void server_do_preview(struct connection *c, struct wire_request *request)
{
    struct subscriber *s = server_opened(c, request);
    sq_time from = loop_now(c->server->config.loop);
    struct wire_out list, out;
    if (s == NULL || !has_items(c, request))
        return;
    char *text = malloc(WIRE_FRAME_MAX - 256);
    if (text == NULL)
        return answer_error(c, request, WIRE_ERROR_BUSY, "no memory");
    wire_begin(&list, text, WIRE_FRAME_MAX - 256);
    bool whole = true;
    for (size_t i = 0; i < request->in_count && whole; i++)
        whole = put_preview(c, request, s, i, &list);
    if (whole && list.cut) {
        answer_error(c, request, WIRE_ERROR_TOO_MANY, "the answer is longer than a frame");
    } else if (whole) {
        answer_begin(c, &out, request->id);
        wire_name(&out, "previews");
        wire_open(&out, '[');
        wire_raw(&out, list.bytes, list.length);
        wire_close(&out, ']');
        histogram_add(&c->server->preview_us, loop_now(c->server->config.loop) - from);
        answer_end(c, &out, WIRE_DO_PREVIEW);
    }
    free(text);
}

/* ---- rates -------------------------------------------------------------------------------------- */

static void set_bit(uint64_t *bits, uint32_t row)
{
    bits[row / BITS] |= UINT64_C(1) << row % BITS;
}

/* The contracts that the request names; -1: the answer is given. */
static int read_list(struct connection *c, struct wire_request *request, const struct served *book,
                     uint64_t *bits)
{
    char why[WIRE_WHY_SIZE];
    for (size_t i = 0; i < request->list_count; i++) {
        enum sq_exchange exchange;
        uint32_t token;
        if (wire_request_contract(request, i, &exchange, &token, why, sizeof why) != 0) {
            answer_error(c, request, WIRE_ERROR_FORMAT, why);
            return -1;
        }
        uint32_t row = sq_find_instrument(&book->tables, exchange, token);
        if (row != SQ_NO_ROW) /* what the book does not have has no rate */
            set_bit(bits, row);
    }
    return 0;
}

/* All contracts in which somebody in scope has a position. */
static void own_list(const struct subscriber *s, uint64_t *bits)
{
    const struct sq_tables *t = &s->book->tables;
    for (uint32_t i = 0; i < t->position_count; i++)
        if (served_sees_client(s, t->position_client[i]))
            set_bit(bits, t->position_instrument[i]);
}

static bool has_bit(const uint64_t *bits, uint32_t row)
{
    return bits[row / BITS] >> row % BITS & 1;
}

/* Places of the contracts from *row on, as many as a frame holds; *row is the next one then, or
 * behind the last. */
static void put_places(const struct served *book, const uint64_t *bits, uint32_t *row,
                       struct wire_out *out)
{
    uint32_t put = 0;
    wire_name(out, "i");
    wire_open(out, '[');
    for (; *row < book->tables.instrument_count; ++*row) {
        const struct sq_instrument *i = &book->tables.instrument[*row];
        if (!has_bit(bits, *row))
            continue;
        if (put++ == PLACES_MOST)
            break;
        wire_open(out, '[');
        wire_unsigned(out, *row);
        wire_text(out, sq_name(SQ_LIST_EXCHANGE, i->exchange));
        wire_unsigned(out, i->token);
        wire_close(out, ']');
    }
    wire_close(out, ']');
}

static int64_t count_places(const struct served *book, const uint64_t *bits)
{
    int64_t count = 0;
    for (uint32_t row = 0; row < book->tables.instrument_count; row++)
        count += has_bit(bits, row);
    return count;
}

/* What the answer has no room for, in frames of the book. */
static void send_places(struct connection *c, const struct served *book, const uint64_t *bits,
                        uint32_t row)
{
    while (row < book->tables.instrument_count) {
        struct wire_out out;
        wire_begin(&out, c->server->frame + LWS_PRE, WIRE_FRAME_MAX);
        wire_open(&out, '{');
        wire_member_text(&out, "b", book->config.code);
        put_places(book, bits, &row, &out);
        wire_close(&out, '}');
        connection_send(c, out.bytes, out.length);
    }
}

static void want_rates(struct connection *c, struct wire_request *request, struct subscriber *s,
                       const uint64_t *bits)
{
    struct wire_out out;
    const struct served *book = s->book; /* sending may close, and then s is gone */
    uint32_t row = 0;
    int64_t per_s = wire_has(request, WIRE_PER_S) ? request->per_s : PERIOD_PER_S;
    if (served_want_rates(s, request->on ? bits : NULL, per_s, request->depth == 1) != 0) {
        answer_error(c, request, WIRE_ERROR_BUSY, "no memory");
        return;
    }
    answer_begin(c, &out, request->id);
    if (request->on)
        put_places(book, bits, &row, &out);
    wire_member_integer(&out, "contracts", request->on ? count_places(book, bits) : 0);
    answer_end(c, &out, WIRE_DO_RATES);
    if (request->on)
        send_places(c, book, bits, row);
}

void server_do_rates(struct connection *c, struct wire_request *request)
{
    struct subscriber *s = server_opened(c, request);
    if (s == NULL)
        return;
    uint64_t *bits = calloc(s->book->tables.instrument_room / BITS + 1, sizeof *bits);
    if (bits == NULL)
        return answer_error(c, request, WIRE_ERROR_BUSY, "no memory");
    bool listed = wire_has(request, WIRE_LIST);
    if (!listed)
        own_list(s, bits);
    if (!listed || read_list(c, request, s->book, bits) == 0)
        want_rates(c, request, s, bits);
    free(bits);
}

/* ---- portfolio, history ------------------------------------------------------------------------- */

/* The client's row, when it is in scope; else the answer is given. */
static uint32_t client_for(struct connection *c, struct wire_request *request,
                           const struct subscriber *s)
{
    uint32_t client = sq_find_client(&s->book->tables, request->client);
    if (client != SQ_NO_ROW && served_sees_client(s, client))
        return client;
    answer_error(c, request, WIRE_ERROR_SCOPE, "not this person's client");
    return SQ_NO_ROW;
}

static int64_t count_for(struct wire_request *request)
{
    return wire_has(request, WIRE_COUNT) ? request->count : WIRE_PAGE_MAX;
}

static void put_position(const struct served *book, uint32_t row, struct wire_out *out)
{
    const struct sq_rate *rate = sq_board_get(book->board, book->tables.position_instrument[row]);
    wire_portfolio_row(out, &book->tables.position[row], rate->last,
                       sq_board_mtm(book->board, row));
}

void server_do_portfolio(struct connection *c, struct wire_request *request)
{
    struct subscriber *s = server_opened(c, request);
    uint32_t client = s != NULL ? client_for(c, request, s) : SQ_NO_ROW;
    struct wire_out out;
    int64_t total = 0, end = request->from + count_for(request);
    if (client == SQ_NO_ROW)
        return;
    answer_begin(c, &out, request->id);
    wire_name(&out, "rows");
    wire_open(&out, '[');
    for (uint32_t row = 0; row < s->book->tables.position_count; row++) {
        if (s->book->tables.position_client[row] != client)
            continue;
        if (total >= request->from && total < end)
            put_position(s->book, row, &out);
        total++;
    }
    wire_close(&out, ']');
    wire_member_integer(&out, "total", total);
    answer_end(c, &out, WIRE_DO_PORTFOLIO);
}

void server_do_history(struct connection *c, struct wire_request *request)
{
    struct subscriber *s = server_opened(c, request);
    struct wire_out out;
    int64_t left = count_for(request);
    if (s == NULL || client_for(c, request, s) == SQ_NO_ROW)
        return;
    const struct sq_tables *t = &s->book->tables;
    answer_begin(c, &out, request->id);
    wire_name(&out, "rows");
    wire_open(&out, '[');
    for (uint32_t row = t->fill_count; row > 0 && left > 0; row--) {
        const struct sq_fill *fill = &t->fill[row - 1];
        if ((request->before != 0 && fill->no >= (uint64_t)request->before) ||
            strcmp(fill->key.client, request->client) != 0)
            continue;
        wire_history_row(&out, fill);
        left--;
    }
    wire_close(&out, ']');
    answer_end(c, &out, WIRE_DO_HISTORY);
}
