#include "tests/fake_server.h"

#include "tests/check.h"

#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

#include "tests/book_maker.h"

struct fake_said {
    struct fake_said *next;
    size_t length;
    char bytes[];
};

/* ---- out ----------------------------------------------------------------------------------- */

static void say(struct fake *fake, const char *bytes, size_t length)
{
    struct fake_said *said = malloc(sizeof *said + LWS_PRE + length);
    said->next = NULL;
    said->length = length;
    memcpy(said->bytes + LWS_PRE, bytes, length);
    *fake->last_said = said;
    fake->last_said = &said->next;
    if (fake->wsi)
        lws_callback_on_writable(fake->wsi);
}

void fake_say(struct fake *fake, const char *format, ...)
{
    static char text[WIRE_FRAME_MAX + 1024];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    assert_in_range(length, 1, sizeof text - 1);
    say(fake, text, (size_t)length);
}

void fake_close(struct fake *fake, unsigned status, const char *reason)
{
    fake->closing = true;
    fake->close_status = status;
    fake->close_reason = reason;
    if (fake->wsi)
        lws_callback_on_writable(fake->wsi);
}

static void drop_said(struct fake *fake)
{
    while (fake->first) {
        struct fake_said *said = fake->first;
        fake->first = said->next;
        free(said);
    }
    fake->last_said = &fake->first;
}

/* Written by hand: a reason that is given while writing never leaves libwebsockets. The console
 * answers, and the connection closes by that. 4 is a close frame; the enum leaves it out. */
static void write_close(const struct fake *fake, struct lws *wsi)
{
    unsigned char bytes[LWS_PRE + 128];
    size_t length = strlen(fake->close_reason);
    bytes[LWS_PRE] = (unsigned char)(fake->close_status >> 8);
    bytes[LWS_PRE + 1] = (unsigned char)fake->close_status;
    memcpy(bytes + LWS_PRE + 2, fake->close_reason, length);
    lws_write(wsi, bytes + LWS_PRE, length + 2, (enum lws_write_protocol)4);
}

static int write_next(struct fake *fake, struct lws *wsi)
{
    struct fake_said *said = fake->first;
    if (said) {
        fake->first = said->next;
        if (!fake->first)
            fake->last_said = &fake->first;
        lws_write(wsi, (unsigned char *)said->bytes + LWS_PRE, said->length, LWS_WRITE_TEXT);
        free(said);
        lws_callback_on_writable(wsi);
        return 0;
    }
    if (!fake->closing)
        return 0;
    fake->closing = false;
    if (fake->close_status == 0)
        lws_set_timeout(wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
    else
        write_close(fake, wsi);
    return 0;
}

/* ---- its book ------------------------------------------------------------------------------ */

static void say_rows(struct fake *fake, enum sq_kind kind, const void *body, unsigned number)
{
    static char bytes[4096];
    struct wire_out out;
    if (fake->rows_until && number > fake->rows_until)
        return;
    wire_begin(&out, bytes, sizeof bytes);
    wire_open(&out, '{');
    wire_member_text(&out, "b", "MUM");
    wire_name(&out, "rows");
    wire_open(&out, '[');
    wire_change(&out, kind, NULL, body);
    wire_close(&out, ']');
    wire_close(&out, '}');
    say(fake, out.bytes, out.length);
}

static void say_snapshot(struct fake *fake)
{
    struct sq_instrument first = maker_instrument(1), second = maker_instrument(2);
    struct sq_client client = maker_client("C1");
    struct sq_person person = {.code = "RK07", .role = SQ_ROLE_DEALER, .active = 1};
    struct sq_position position = maker_position("C1", 1, 100);
    struct sq_book book = {.day = 20261126, .epoch = 1, .book = "MUM", .loaded = 1, .owned = 1};
    say_rows(fake, SQ_INSTRUMENT, &first, 1);
    say_rows(fake, SQ_INSTRUMENT, &second, 2);
    say_rows(fake, SQ_CLIENT, &client, 3);
    say_rows(fake, SQ_PERSON, &person, 4);
    say_rows(fake, SQ_POSITION, &position, 5);
    say_rows(fake, SQ_BOOK, &book, 6);
}

static void say_config(struct fake *fake, uint64_t id)
{
    static char bytes[4096];
    struct sq_config config;
    struct wire_out out;
    sq_config_default(&config);
    config.instruments = config.clients = 64;
    config.positions = config.orders = config.closes = 256;
    wire_begin(&out, bytes, sizeof bytes);
    wire_open(&out, '{');
    wire_name(&out, "id");
    wire_unsigned(&out, id);
    wire_member_integer(&out, "seq", (int64_t)fake->seq);
    wire_member_integer(&out, "epoch", 1);
    wire_name(&out, "config");
    wire_message(&out, SQ_CONFIG, &config);
    wire_member_integer(&out, "snapshot", 1);
    wire_close(&out, '}');
    say(fake, out.bytes, out.length);
}

static void open_book(struct fake *fake, const struct wire_request *request)
{
    bool resumes = fake->keeps_events && wire_has(request, WIRE_AFTER);
    fake->opens++;
    fake->after = wire_has(request, WIRE_AFTER) ? request->after : -1;
    fake->epoch = wire_has(request, WIRE_EPOCH) ? request->epoch : -1;
    if (fake->mute_open)
        return;
    if (fake->open_error) {
        fake_say(fake, "{\"id\":%llu,\"error\":\"%s\",\"why\":\"so\"}",
                 (unsigned long long)request->id, fake->open_error);
        return;
    }
    if (resumes) {
        fake_say(fake, "{\"id\":%llu,\"seq\":%llu,\"epoch\":1,\"snapshot\":0}",
                 (unsigned long long)request->id, (unsigned long long)fake->seq);
    } else {
        say_config(fake, request->id);
        say_snapshot(fake);
    }
    if (!fake->rows_until || resumes)
        fake_say(fake, "{\"b\":\"MUM\",\"at\":%llu}", (unsigned long long)fake->seq);
}

/* ---- requests ------------------------------------------------------------------------------ */

static void log_in(struct fake *fake, const struct wire_request *request)
{
    unsigned long long id = request->id;
    fake->logins++;
    if (fake->login_error)
        fake_say(fake, "{\"id\":%llu,\"error\":\"%s\",\"why\":\"user, password or code is wrong\"}",
                 id, fake->login_error);
    else
        fake_say(fake,
                 "{\"id\":%llu,\"token\":\"TTTT\",\"until\":1764345600000000,\"person\":\"RK07\","
                 "\"role\":\"DEALER\",\"server\":\"%s\",\"books\":[\"MUM\"]}",
                 id, fake->name);
}

static void take_request(struct fake *fake, const char *text, size_t length)
{
    struct wire_request request;
    char why[WIRE_WHY_SIZE];
    snprintf(fake->last, sizeof fake->last, "%.*s", (int)length, text);
    if (wire_read_request(text, length, &request, why, sizeof why) != WIRE_ERROR_NONE)
        fail_msg("%s: %s", fake->last, why);
    fake->last_id = request.id;
    switch (request.what) {
    case WIRE_DO_LOGIN: log_in(fake, &request); break;
    case WIRE_DO_OPEN: open_book(fake, &request); break;
    case WIRE_DO_RATES:
        fake_say(fake, "{\"id\":%llu,\"contracts\":2,\"i\":[[5,\"NFO\",1],[0,\"NFO\",2]]}",
                 (unsigned long long)request.id);
        break;
    case WIRE_DO_SUBMIT: fake->submits++; break;
    case WIRE_DO_PREVIEW: fake->previews++; break;
    default: break;
    }
    wire_request_end(&request);
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t length)
{
    static char text[FAKE_TEXT];
    static size_t have;
    struct fake *fake = lws_context_user(lws_get_context(wsi));
    (void)user;
    switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
        fake->connections++;
        fake->wsi = wsi;
        have = 0;
        drop_said(fake);
        if (fake->close_at_once)
            fake_close(fake, 1013, "busy");
        return 0;
    case LWS_CALLBACK_CLOSED: fake->wsi = fake->wsi == wsi ? NULL : fake->wsi; return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE: return fake->wsi == wsi ? write_next(fake, wsi) : -1;
    case LWS_CALLBACK_RECEIVE:
        assert_true(have + length < sizeof text);
        memcpy(text + have, in, length);
        have += length;
        if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
            return 0;
        length = have;
        have = 0;
        take_request(fake, text, length);
        return 0;
    default: return 0;
    }
}

/* ---- life ---------------------------------------------------------------------------------- */

void fake_pong(struct fake *fake)
{
    static unsigned char bytes[LWS_PRE + 1];
    if (fake->wsi && !fake->first)
        lws_write(fake->wsi, bytes + LWS_PRE, 0, LWS_WRITE_PONG);
}

static void pong(void *owner)
{
    struct fake *fake = owner;
    if (!fake->silent)
        fake_pong(fake);
    loop_timer_set(&fake->pong, loop_now(fake->loop) + WIRE_SPEAK_S * SQ_SECOND);
}

static const struct lws_protocols protocols[] = {
    {.name = WIRE_SUBPROTOCOL, .callback = on_event},
    {0},
};

void fake_start(struct fake *fake, struct loop *loop, const char *cert, const char *key)
{
    void *foreign[] = {&loop->uv};
    struct lws_context_creation_info info = {
        .port = 0,
        .iface = "127.0.0.1",
        .protocols = protocols,
        .options =
            LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DISABLE_IPV6 |
            LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
            (cert ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT | LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS
                  : 0),
        .ssl_cert_filepath = cert,
        .ssl_private_key_filepath = key,
        .foreign_loops = foreign,
        .user = fake,
        .gid = -1,
        .uid = -1,
    };
    fake->loop = loop;
    fake->last_said = &fake->first;
    fake->seq = FAKE_FIRST_SEQ;
    fake->name = fake->name ? fake->name : "FAKE-1";
    lws_set_log_level(0, NULL);
    fake->context = lws_create_context(&info);
    assert_non_null(fake->context);
    struct lws_vhost *vhost = lws_create_vhost(fake->context, &info);
    assert_non_null(vhost);
    snprintf(fake->port, sizeof fake->port, "%d", lws_get_vhost_listen_port(vhost));
    loop_timer_init(&fake->pong, loop, pong, fake);
    pong(fake);
}

void fake_stop(struct fake *fake)
{
    loop_timer_stop(&fake->pong);
    drop_said(fake);
    fake->wsi = NULL;
    lws_context_destroy(fake->context);
    for (int turns = 0; turns < 8; turns++) /* as net/websocket_client.c */
        uv_run(&fake->loop->uv, UV_RUN_NOWAIT);
}

void fake_free(struct fake *fake)
{
    lws_context_destroy(fake->context);
}
