/* Requests: reading, limits, login; the table of what can be asked for. */
#include <string.h>

#include "net/server_parts.h"

/* ---- answers ---------------------------------------------------------------------------------- */

void answer_begin(struct connection *c, struct wire_out *out, uint64_t id)
{
    wire_begin(out, c->server->frame + LWS_PRE, WIRE_FRAME_MAX);
    wire_open(out, '{');
    wire_name(out, "id");
    wire_unsigned(out, id);
}

void answer_end(struct connection *c, struct wire_out *out, enum wire_do what)
{
    wire_close(out, '}');
    SQ_ASSERT(!out->cut);
    c->server->requests[what][WIRE_ERROR_NONE]++;
    connection_send(c, out->bytes, out->length);
}

/* An error with one member more, whose value is JSON already. */
static void error_with(struct connection *c, struct wire_request *request, enum wire_error error,
                       const char *why, const char *name, const char *json)
{
    struct wire_out out;
    answer_begin(c, &out, request->id);
    wire_member_text(&out, "error", wire_error_word(error));
    wire_member_text(&out, "why", why);
    wire_name(&out, name);
    wire_raw(&out, json, strlen(json));
    wire_close(&out, '}');
    c->server->requests[request->what][error]++;
    connection_send(c, out.bytes, out.length);
}

void answer_standby(struct connection *c, struct wire_request *request, const char *owner)
{
    char json[SERVER_NAME * 6];
    struct wire_out out;
    wire_begin(&out, json, sizeof json - 1);
    wire_text(&out, owner);
    json[out.length] = '\0';
    error_with(c, request, WIRE_ERROR_STANDBY, "another server owns the book", "owner", json);
}

void answer_error(struct connection *c, struct wire_request *request, enum wire_error error,
                  const char *why)
{
    struct wire_out out;
    wire_begin(&out, c->server->frame + LWS_PRE, WIRE_FRAME_MAX);
    wire_answer_error(&out, request->id, error, why);
    c->server->requests[request->what][error]++;
    connection_send(c, out.bytes, out.length);
}

/* ---- login ------------------------------------------------------------------------------------ */

static bool is_operator(uint8_t role)
{
    return role == SQ_ROLE_SUPERVISOR || role == SQ_ROLE_ADMIN;
}

/* Books are separated by one blank; "*" is all. */
static bool has_book(const struct sq_user *user, const char *code)
{
    return strcmp(user->books, "*") == 0 || strstr(user->books, code) != NULL;
}

struct served *server_book(const struct connection *c, const char *code)
{
    const struct server_config *config = &c->server->config;
    for (size_t i = 0; i < config->book_count; i++)
        if (strcmp(config->books[i]->config.code, code) == 0)
            return has_book(&c->user, code) ? config->books[i] : NULL;
    return NULL;
}

/* Every place but the last ones is anybody's; those are for whoever can mend things. */
static const char *no_place(struct connection *c, const struct sq_user *user)
{
    struct server *server = c->server;
    const struct server_limits *limits = &server->config.limits;
    if (!is_operator(user->role) && server->logged_in + limits->reserved >= limits->connections)
        return "busy: too many consoles";
    uint32_t count = tally_add(&server->users, user->name);
    if (count > limits->per_user)
        tally_drop(&server->users, user->name);
    return count == 0 || count > limits->per_user ? "busy: too many consoles of this user" : NULL;
}

static void put_books(const struct connection *c, struct wire_out *out)
{
    const struct server_config *config = &c->server->config;
    wire_name(out, "books");
    wire_open(out, '[');
    for (size_t i = 0; i < config->book_count; i++)
        if (has_book(&c->user, config->books[i]->config.code))
            wire_text(out, config->books[i]->config.code);
    wire_close(out, ']');
}

static void welcome(struct connection *c, const struct login_answer *answer)
{
    struct wire_out out;
    answer_begin(c, &out, c->login_id);
    wire_member_text(&out, "token", c->token);
    wire_member_integer(&out, "until", answer->expires_us);
    wire_member_text(&out, "person", c->user.name);
    wire_member_text(&out, "role", sq_name(SQ_LIST_ROLE, c->user.role));
    wire_member_text(&out, "server", c->server->config.name);
    put_books(c, &out);
    answer_end(c, &out, WIRE_DO_LOGIN);
}

static void let_in(struct connection *c, const struct login_answer *answer,
                   struct wire_request *request)
{
    const char *why = no_place(c, &answer->user);
    if (why != NULL) {
        answer_error(c, request, WIRE_ERROR_BUSY, why);
        connection_close(c, WIRE_CLOSE_BUSY, why);
        return;
    }
    c->user = answer->user;
    c->role = answer->user.role;
    c->logged_in = true;
    c->checked_at = loop_now(c->server->config.loop);
    c->server->logged_in++;
    connection_leaves_lobby(c);
    if (answer->token[0] != '\0')
        memcpy(c->token, answer->token, sizeof answer->token);
    welcome(c, answer);
}

static const enum wire_error login_errors[LOGIN_RESULTS] = {
    [LOGIN_WRONG] = WIRE_ERROR_WRONG,         [LOGIN_LOCKED_OUT] = WIRE_ERROR_LOCKED_OUT,
    [LOGIN_BUSY] = WIRE_ERROR_BUSY,           [LOGIN_DISABLED] = WIRE_ERROR_DISABLED,
    [LOGIN_EXPIRED_TOKEN] = WIRE_ERROR_TOKEN, [LOGIN_ROLE] = WIRE_ERROR_ROLE,
    [LOGIN_UNAVAILABLE] = WIRE_ERROR_BUSY};

static void login_done(void *owner, const struct login_answer *answer)
{
    struct connection *c = owner;
    struct wire_request request = {.id = c->login_id, .what = WIRE_DO_LOGIN};
    histogram_add(&c->server->login_us, loop_now(c->server->config.loop) - c->login_from);
    c->asking = false;
    if (c->close_status != 0)
        return;
    char seconds[16];
    snprintf(seconds, sizeof seconds, "%u", answer->wait_s);
    if (answer->result == LOGIN_OK)
        let_in(c, answer, &request);
    else if (answer->result == LOGIN_LOCKED_OUT)
        error_with(c, &request, WIRE_ERROR_LOCKED_OUT, answer->text, "seconds", seconds);
    else
        answer_error(c, &request, login_errors[answer->result], answer->text);
}

/* Nothing of this process may be used now; somebody else owns all its books. */
static const struct served *standby_of(const struct server *server)
{
    for (size_t i = 0; i < server->config.book_count; i++)
        if (server->config.books[i]->state != SERVED_STANDBY)
            return NULL;
    return server->config.book_count > 0 ? server->config.books[0] : NULL;
}

static bool may_log_in(struct connection *c, struct wire_request *request)
{
    const struct served *standby = standby_of(c->server);
    char reason[sizeof c->close_reason];
    if (request->version != WIRE_VERSION) {
        error_with(c, request, WIRE_ERROR_VERSION, "this server speaks version 1", "versions",
                   "[1]");
        return false;
    }
    if (c->logged_in || c->asking) {
        answer_error(c, request, WIRE_ERROR_FORMAT, "logged in already");
        return false;
    }
    if (standby == NULL)
        return true;
    snprintf(reason, sizeof reason, "standby %s", standby->owner);
    answer_standby(c, request, standby->owner);
    connection_close(c, WIRE_CLOSE_STANDBY, reason);
    return false;
}

static void do_login(struct connection *c, struct wire_request *request)
{
    struct login *login = c->server->config.login;
    const struct login_ask ask = {.user = request->user,
                                  .password = request->password,
                                  .code = request->code,
                                  .address = c->address,
                                  .now = loop_now(c->server->config.loop),
                                  .done = login_done,
                                  .owner = c};
    if (!may_log_in(c, request))
        return;
    bool by_token = wire_has(request, WIRE_TOKEN);
    c->login_id = request->id;
    c->login_from = ask.now;
    if (by_token)
        memcpy(c->token, request->token, sizeof c->token);
    enum login_result result =
        by_token ? login_token(login, request->token, &ask) : login_start(login, &ask);
    c->asking = result == LOGIN_OK;
    if (result != LOGIN_OK)
        answer_error(c, request, login_errors[result], login_text(result));
}

/* A session that was revoked ends within a minute, wherever it is. */
static void token_checked(void *owner, const struct login_answer *answer)
{
    struct connection *c = owner;
    c->asking = false;
    if (answer->result == LOGIN_EXPIRED_TOKEN || answer->result == LOGIN_DISABLED)
        connection_close(c, WIRE_CLOSE_TOKEN, "token: the session has ended");
}

void connection_check_token(struct connection *c)
{
    const struct login_ask ask = {
        .now = loop_now(c->server->config.loop), .done = token_checked, .owner = c};
    if (c->asking)
        return;
    c->checked_at = ask.now;
    c->asking = login_token(c->server->config.login, c->token, &ask) == LOGIN_OK;
}

static void do_logout(struct connection *c, struct wire_request *request)
{
    const struct login_ask ask = {.now = loop_now(c->server->config.loop)};
    struct wire_out out;
    login_logout(c->server->config.login, c->token, &ask);
    answer_begin(c, &out, request->id);
    answer_end(c, &out, WIRE_DO_LOGOUT);
    connection_close(c, WIRE_CLOSE_TOKEN, "token: logged out");
}

/* ---- dispatch --------------------------------------------------------------------------------- */

static server_do_fn *const actions[WIRE_DO_COUNT] = {[WIRE_DO_LOGIN] = do_login,
                                                     [WIRE_DO_LOGOUT] = do_logout,
                                                     [WIRE_DO_OPEN] = server_do_open,
                                                     [WIRE_DO_SHUT] = server_do_shut,
                                                     [WIRE_DO_SUBMIT] = server_do_submit,
                                                     [WIRE_DO_PREVIEW] = server_do_preview,
                                                     [WIRE_DO_RATES] = server_do_rates,
                                                     [WIRE_DO_PORTFOLIO] = server_do_portfolio,
                                                     [WIRE_DO_HISTORY] = server_do_history,
                                                     [WIRE_DO_REPLICATE] = server_do_replicate,
                                                     [WIRE_DO_HAND_OVER] = server_do_hand_over,
                                                     [WIRE_DO_RETURN] = server_do_return};

/* A bucket that holds a second's worth. */
static bool is_too_fast(struct connection *c)
{
    sq_time now = loop_now(c->server->config.loop);
    int64_t cost = SQ_SECOND / c->server->config.limits.per_second;
    c->credit_us += now - c->credit_at;
    c->credit_at = now;
    if (c->credit_us > SQ_SECOND)
        c->credit_us = SQ_SECOND;
    if (c->credit_us < cost)
        return true;
    c->credit_us -= cost;
    return false;
}

static void act(struct connection *c, struct wire_request *request)
{
    server_do_fn *action = actions[request->what];
    if (!c->logged_in && request->what != WIRE_DO_LOGIN)
        answer_error(c, request, WIRE_ERROR_LOGIN, "log in first");
    else if (action == NULL)
        answer_error(c, request, WIRE_ERROR_FORMAT, "this server does not do that");
    else
        action(c, request);
}

void connection_request(struct connection *c, const char *text, size_t length)
{
    struct wire_request request;
    char why[WIRE_WHY_SIZE];
    enum wire_error error = wire_read_request(text, length, &request, why, sizeof why);
    if (error == WIRE_ERROR_COUNT) {
        char reason[sizeof c->close_reason];
        snprintf(reason, sizeof reason, "protocol: %.50s", why);
        connection_close(c, WIRE_CLOSE_PROTOCOL, reason);
        return;
    }
    bool fast = is_too_fast(c);
    if (fast && error == WIRE_ERROR_NONE)
        wire_request_end(&request);
    if (fast && !c->logged_in) { /* whoever is nobody yet has one thing to ask */
        connection_close(c, WIRE_CLOSE_POLICY, "policy: too many requests before a login");
        return;
    }
    if (fast && error == WIRE_ERROR_NONE) {
        answer_error(c, &(struct wire_request){.id = request.id, .what = request.what},
                     WIRE_ERROR_LIMIT, "more requests in a second than the limit");
        return;
    }
    if (error != WIRE_ERROR_NONE) {
        answer_error(c, &request, error, why);
        return;
    }
    act(c, &request);
    wire_request_end(&request);
}
