/* session_bed.c: see session_bed.h. */
#include "tests/session_bed.h"

#include "tests/check.h"

#include <stdlib.h>
#include <string.h>

#include "core/num.h"
#include "core/session_here.h"
#include "db/store_memory.h"
#include "db/users.h"
#include "net/login.h"
#include "net/login_enrol.h"
#include "net/remote.h"
#include "net/server.h"

#define PASSWORD "correct horse battery"

struct bed {
    struct session_bed common; /* first */
    struct sq_store *store;
    void *host_memory, *session_memory;
    sq_time time; /* of a host here */
    /* A server, and a console on it. */
    struct loop loop;
    uv_timer_t waker;
    char folder[256];
    struct sq_users *users;
    struct login *login;
    struct served served;
    struct server *server;
    struct remote *remote;
    char asked[200], code[TOTP_DIGITS + 1];
};

static const char *const day[] = {
    "day day=20261126 epoch=1 book=MU1 desk=MUM-1 sender=SQ1 accepted=2 person=OPS reason=sample",
    "hours exchange=NSE open=2026-11-26T09:15:00+05:30 close=2026-11-26T15:30:00+05:30",
    "person code=RAVI desk=MUM-1 role=DEALER active=1 policy=instant",
    "client code=C1 desk=MUM-1 dealer=RAVI exch_account=X1 active=1",
    "instrument exchange=NSE token=11 symbol=HDFCBANK series=EQ contract=EQ price_decimals=2 "
    "tick=5 lot=1 multiplier=1 prev_settle=164000",
    "position client=C1 exchange=NSE token=11 product=MIS net=500 overnight=500 agreed=500 "
    "source=agreed basis_paise=82000000",
    "day-done instruments=1 positions=1 orders=0",
};

static void load_line(struct bed *b, const char *line)
{
    struct sq_message message;
    char why[200] = "";
    if (sq_line_parse(line, &message, why, sizeof why) != 0)
        fail_msg("%s: %s", line, why);
    assert_true(sq_host_submit(b->common.host, &message));
}

/* The day is loaded before a session is made: its view must begin with what is there. */
static struct bed *make_host(void)
{
    struct bed *b = calloc(1, sizeof *b);
    struct sq_config *config = &b->common.config;
    char why[200] = "";
    sq_config_default(config);
    b->time = sq_midnight(SESSION_BED_DAY) + 10 * 3600 * SQ_SECOND;
    b->store = store_memory_create();
    b->host_memory = calloc(1, sq_host_size(config));
    b->common.host = sq_host_init(b->host_memory, config, b->store, NULL, NULL);
    assert_int_equal(sq_host_recover(b->common.host, why, sizeof why), SQ_ERR_OK);
    for (size_t i = 0; i < sizeof day / sizeof day[0]; i++)
        load_line(b, day[i]);
    assert_int_equal(sq_host_run(b->common.host, b->time), SQ_ERR_OK);
    return b;
}

/* ---- here ---------------------------------------------------------------------------------- */

static void turn_here(struct session_bed *common)
{
    struct bed *b = (struct bed *)common;
    sq_session_here_time(common->session, b->time);
    if (sq_host_mode(common->host) == SQ_HOST_RUNNING)
        assert_int_equal(sq_host_run(common->host, b->time), SQ_ERR_OK);
}

static sq_time now_here(struct session_bed *common)
{
    return ((struct bed *)common)->time;
}

int session_bed_here(void **state)
{
    struct bed *b = make_host();
    b->session_memory = calloc(1, sq_session_here_size(&b->common.config));
    b->common.name = "here";
    b->common.turn = turn_here;
    b->common.now = now_here;
    b->common.session =
        sq_session_here_init(b->session_memory, &b->common.config, b->common.host, "RAVI");
    assert_non_null(b->common.session);
    b->common.board = sq_session_here_board(b->common.session);
    sq_session_here_time(b->common.session, b->time);
    b->common.began = b->common.session->view->activity_count;
    *state = b;
    return 0;
}

/* ---- remote -------------------------------------------------------------------------------- */

static void wake(uv_timer_t *timer)
{
    (void)timer;
}

static void turn_remote(struct session_bed *common)
{
    struct bed *b = (struct bed *)common;
    uv_timer_start(&b->waker, wake, 5, 0);
    uv_run(&b->loop.uv, UV_RUN_ONCE);
}

static sq_time now_remote(struct session_bed *common)
{
    return loop_now(&((struct bed *)common)->loop);
}

static void add_user(struct bed *b)
{
    struct sq_user user = {.name = "RAVI", .role = SQ_ROLE_DEALER, .desk = "MUM-1", .books = "MU1"};
    struct login_enrolment enrolment;
    char why[200] = "";
    assert_int_equal(login_enrol(&user, ENROL_PASSWORD | ENROL_TOTP, PASSWORD, &password_least,
                                 &enrolment, why, sizeof why),
                     0);
    assert_int_equal(b->users->ops->add(b->users, &user), SQ_ERR_OK);
    assert_int_equal(totp_code(user.totp, totp_step(loop_now(&b->loop)), b->code), 0);
}

static void start_login(struct bed *b)
{
    struct login_options options = login_usual;
    enum sq_err error;
    char why[200] = "";
    options.cost = password_least;
    check_make_folder(b->folder, sizeof b->folder);
    b->users = users_sqlite_open(b->folder, &error, why, sizeof why);
    if (!b->users)
        fail_msg("%s", why);
    add_user(b);
    b->login = login_create(&b->loop, b->users, &options);
    assert_non_null(b->login);
}

static void start_server(struct bed *b)
{
    static struct served *books[1];
    const struct served_config served = {
        .code = "MU1", .loop = &b->loop, .wake = server_wake, .answer = server_answer};
    const struct served_open how = {
        .host = b->common.host, .store = b->store, .engine = &b->common.config};
    struct server_config server = {.loop = &b->loop,
                                   .name = "BACKUP-1",
                                   .address = "127.0.0.1",
                                   .port = "0",
                                   .login = b->login,
                                   .books = books,
                                   .book_count = 1,
                                   .limits = server_usual_limits};
    char why[200] = "";
    books[0] = &b->served;
    served_init(&b->served, &served);
    assert_int_equal(served_open(&b->served, &how), 0);
    b->common.board = b->served.board;
    b->server = server_create(&server, why, sizeof why);
    if (!b->server)
        fail_msg("%s", why);
}

/* Asked once when it starts; again is a failure, in its words. */
static void on_ask(void *owner, const char *why)
{
    struct bed *b = owner;
    snprintf(b->asked, sizeof b->asked, "%s", why);
}

static void start_console(struct bed *b)
{
    struct remote_config config = {.loop = &b->loop,
                                   .server_count = 1,
                                   .plain = true,
                                   .user = "RAVI",
                                   .book = "MU1",
                                   .per_s = 10,
                                   .ask = on_ask,
                                   .owner = b};
    char why[200] = "";
    memcpy(config.servers[0].host, "127.0.0.1", sizeof "127.0.0.1");
    snprintf(config.servers[0].port, sizeof config.servers[0].port, "%u", server_port(b->server));
    b->remote = remote_create(&config, why, sizeof why);
    if (!b->remote)
        fail_msg("%s", why);
    remote_start(b->remote);
    remote_login(b->remote, "RAVI", PASSWORD, b->code);
    b->common.session = remote_session(b->remote);
}

static bool is_live(struct session_bed *common)
{
    struct sq_source_info info;
    common->session->ops->info(common->session, &info);
    return info.live;
}

int session_bed_remote(void **state)
{
    struct bed *b = make_host();
    *state = b;
    b->common.name = "remote";
    b->common.turn = turn_remote;
    b->common.now = now_remote;
    assert_int_equal(loop_init(&b->loop), 0);
    loop_set_clock(&b->loop, b->time);
    uv_timer_init(&b->loop.uv, &b->waker);
    start_login(b);
    start_server(b);
    start_console(b);
    for (int turns = 0; turns < SESSION_BED_TURNS && !is_live(&b->common); turns++)
        turn_remote(&b->common);
    if (!is_live(&b->common)) {
        struct remote_status status;
        remote_status(b->remote, &status);
        fail_msg("%s: %s%s", remote_phase_name(status.phase), status.lines[0].why, b->asked);
    }
    b->common.began = b->common.session->view->activity_count;
    return 0;
}

static void end_remote(struct bed *b)
{
    remote_stop(b->remote);
    server_shut(b->server);
    for (int turns = 0; turns < 40 && !server_is_empty(b->server); turns++)
        turn_remote(&b->common);
    server_stop(b->server);
    served_close(&b->served);
    login_stop(b->login);
    loop_finish(&b->loop);
    remote_free(b->remote);
    server_free(b->server);
    served_free(&b->served);
    login_destroy(b->login);
    b->users->ops->destroy(b->users);
    check_remove_folder(b->folder);
}

int session_bed_tear_down(void **state)
{
    struct bed *b = *state;
    if (b->remote)
        end_remote(b);
    else
        b->common.session->ops->destroy(b->common.session);
    b->store->ops->destroy(b->store);
    free(b->session_memory);
    free(b->host_memory);
    free(b);
    return 0;
}
