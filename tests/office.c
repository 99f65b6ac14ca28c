#include "tests/office.h"

#include "db/day.h"
#include "db/store_memory.h"
#include "net/login_enrol.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGINS (sq_midnight(20261126) + 11 * 3600 * SQ_SECOND) /* 11:00 of the sample day, IST */

enum { TICK_MS = 2 };

static void log_line(void *owner, const char *line)
{
    (void)owner;
    if (getenv("SQ_TRACE") != NULL)
        print_message("%s\n", line);
}

/* ---- time ------------------------------------------------------------------------------------- */

static void tick(void *owner)
{
    struct office *o = owner;
    sq_time now = loop_now(&o->loop);
    loop_timer_set(&o->tick, now + TICK_MS * SQ_MS);
    if (o->console.session != NULL)
        sq_session_here_time(o->console.session, now);
    o->reached = o->until != NULL && o->until(o);
    if (o->reached || now >= o->by)
        loop_stop(&o->loop);
}

static void run_for(struct office *o, int64_t ms)
{
    o->by = loop_now(&o->loop) + ms * SQ_MS;
    loop_timer_set(&o->tick, loop_now(&o->loop));
    loop_run(&o->loop);
    loop_timer_set(&o->tick, SQ_NEVER);
}

void office_until(struct office *o, bool (*until)(struct office *office), int64_t at_most_s)
{
    o->until = until;
    run_for(o, at_most_s * 1000);
    o->until = NULL;
    if (!o->reached)
        print_message("server: %s %s; handover %d %s\n", o->served.why, o->served.links.why,
                      o->handover.step, o->handover.why);
    if (!o->reached && o->replica != NULL) {
        struct replica_status s;
        replica_status(o->replica, &s);
        print_message("replica: %s, seq %lu of %lu, %s\n", replica_state_words(s.state),
                      (unsigned long)s.seq, (unsigned long)s.head, s.why);
    }
    assert_true(o->reached);
}

void office_wait(struct office *o, int64_t ms)
{
    o->until = NULL;
    run_for(o, ms);
}

/* ---- a site ------------------------------------------------------------------------------------ */

const struct sq_tables *office_book(const struct site *site)
{
    return sq_engine_tables(sq_host_engine(site->host));
}

static void open_host(struct site *site)
{
    char why[200] = "";
    struct sq_config stored;
    if (sq_host_stored_config(site->store, &stored) == SQ_ERR_OK)
        site->config = stored;
    site->memory = calloc(1, sq_host_size(&site->config));
    site->host = sq_host_init(site->memory, &site->config, site->store, NULL, NULL);
    if (sq_host_recover(site->host, why, sizeof why) != SQ_ERR_OK)
        fail_msg("%s", why);
}

static void close_host(struct site *site)
{
    free(site->memory);
    site->memory = NULL;
    site->host = NULL;
}

/* What a power loss leaves: a commit that was under way on another thread has ended first. */
static void drop_link(struct office *o, struct standalone *link)
{
    standalone_stop(link);
    while (standalone_driver(link)->committing)
        uv_run(&o->loop.uv, UV_RUN_ONCE);
    for (int i = 0; i < 5; i++)
        uv_run(&o->loop.uv, UV_RUN_NOWAIT);
}

static int open_pair(void *owner, bool market)
{
    struct office *o = owner;
    (void)market;
    return inproc_open(o->exchange);
}

/* A served book is its own link's owner. */
static int open_pair_of_served(void *owner, bool market)
{
    return open_pair((char *)owner - offsetof(struct office, served), market);
}

static struct standalone_config link_config(struct office *o)
{
    return (struct standalone_config){.loop = &o->loop,
                                      .address = "pair",
                                      .target_comp_id = "SQXCHG",
                                      .open = open_pair,
                                      .log = log_line,
                                      .owner = o};
}

/* ---- the server -------------------------------------------------------------------------------- */

static void load_day(struct office *o)
{
    const char *paths[] = {"drill"};
    const struct day_options options = {.sender = "SQDRILL",
                                        .book = OFFICE_BOOK,
                                        .accepted_by = OFFICE_PERSON,
                                        .accepted_why = "sample day"};
    struct day day;
    char why[200];
    assert_int_equal(day_load(&day, &options, paths, 1, why, sizeof why), 0);
    assert_int_equal(sq_host_run(o->server.host, loop_now(&o->loop)), SQ_ERR_OK);
    assert_int_equal(sq_host_load(o->server.host, day.inputs, day.input_count, loop_now(&o->loop)),
                     SQ_ERR_OK);
    day_finish(&day);
}

static void serve_book(struct office *o)
{
    struct served_config served = {.code = OFFICE_BOOK,
                                   .loop = &o->loop,
                                   .wake = server_wake,
                                   .answer = server_answer,
                                   .log = log_line,
                                   .owner = o};
    struct handover_config handover = {.book = &o->served,
                                       .signer = o->signer,
                                       .server = OFFICE_SERVER,
                                       .replicas = "RK07 " OFFICE_PERSON,
                                       .consoles = "DESK-1 " OFFICE_CONSOLE,
                                       .answer = server_handed_over,
                                       .log = log_line,
                                       .owner = o};
    struct standalone_config link = link_config(o);
    link.open = open_pair_of_served;
    struct served_open how = {.host = o->server.host,
                              .store = o->server.store,
                              .engine = &o->server.config,
                              .link = &link};
    served_init(&o->served, &served);
    handover_init(&o->handover, &handover);
    assert_int_equal(served_open(&o->served, &how), 0);
    o->served_list[0] = &o->served;
}

static void listen_for_consoles(struct office *o)
{
    char why[200];
    const struct server_config config = {.loop = &o->loop,
                                         .name = OFFICE_SERVER,
                                         .address = "127.0.0.1",
                                         .port = o->port,
                                         .login = o->login,
                                         .books = o->served_list,
                                         .book_count = 1,
                                         .limits = server_usual_limits,
                                         .log = log_line,
                                         .owner = o};
    o->listener = server_create(&config, why, sizeof why);
    if (o->listener == NULL)
        fail_msg("%s", why);
    snprintf(o->port, sizeof o->port, "%u", server_port(o->listener));
}

void office_start_server(struct office *o)
{
    struct login_options options = login_bed_options();
    o->login = login_create(&o->loop, o->users->users, &options);
    assert_non_null(o->login);
    open_host(&o->server);
    if (!office_book(&o->server)->book.loaded)
        load_day(o);
    handover_leads(o->server.host, OFFICE_SERVER, OFFICE_CONSOLE, 0);
    assert_int_equal(sq_host_run(o->server.host, loop_now(&o->loop)), SQ_ERR_OK);
    serve_book(o);
    listen_for_consoles(o);
}

void office_kill_server(struct office *o)
{
    if (o->listener == NULL)
        return;
    handover_finish(&o->handover);
    drop_link(o, o->served.link);
    served_close(&o->served);
    login_stop(o->login);
    server_stop(o->listener);
    for (int i = 0; i < 5; i++)
        uv_run(&o->loop.uv, UV_RUN_NOWAIT);
    server_free(o->listener);
    login_destroy(o->login);
    served_free(&o->served);
    close_host(&o->server);
    o->listener = NULL;
}

/* ---- the console ------------------------------------------------------------------------------- */

static void on_ask(void *owner, const char *why)
{
    struct office *o = owner;
    char code[TOTP_DIGITS + 1];
    struct sq_user user;
    (void)why;
    assert_int_equal(o->users->users->ops->find(o->users->users, OFFICE_PERSON, &user), SQ_ERR_OK);
    /* the code after the one that was used last: one code is good once */
    sq_time at = loop_now(&o->loop);
    while (totp_step(at) <= user.totp_step)
        at += 30 * SQ_SECOND;
    login_bed_code(&user, at, code);
    remote_login(o->remote, OFFICE_PERSON, LOGIN_PASSWORD, code);
}

static void on_changed(void *owner)
{
    struct office *o = owner;
    struct remote_status status;
    if (o->remote == NULL || o->replica == NULL)
        return;
    remote_status(o->remote, &status);
    bool live = status.phase == REMOTE_LIVE;
    if (live && !o->live)
        replica_begin(o->replica, o->remote);
    if (!live && o->live)
        replica_lost(o->replica);
    o->live = live;
}

static void on_log(void *owner, const struct wire_frame *frame)
{
    struct office *o = owner;
    replica_rows(o->replica, frame);
}

static void on_keep(void *owner, const char *token, sq_time until)
{
    struct office *o = owner;
    (void)until;
    snprintf(o->token, sizeof o->token, "%s", token);
}

static void on_granted(void *owner, const char *grant, const char *signature)
{
    struct office *o = owner;
    o->granted = true;
    snprintf(o->grant, sizeof o->grant, "%s", grant);
    snprintf(o->signature, sizeof o->signature, "%s", signature);
}

static void on_returned(void *owner)
{
    ((struct office *)owner)->returned = true;
}

static void connect_console(struct office *o)
{
    char why[WIRE_WHY_SIZE];
    struct remote_config config = {.loop = &o->loop,
                                   .servers = {{.host = "127.0.0.1"}},
                                   .server_count = 1,
                                   .plain = true,
                                   .user = OFFICE_PERSON,
                                   .book = OFFICE_BOOK,
                                   .per_s = 10,
                                   .ask = on_ask,
                                   .keep = on_keep,
                                   .changed = on_changed,
                                   .log = on_log,
                                   .owner = o};
    memcpy(config.servers[0].port, o->port, sizeof o->port);
    memcpy(config.token, o->token, sizeof config.token);
    o->remote = remote_create(&config, why, sizeof why);
    assert_non_null(o->remote);
    remote_start(o->remote);
}

void office_start_console(struct office *o)
{
    char why[REPLICA_WHY];
    const struct replica_config config = {.loop = &o->loop,
                                          .store = o->console.store,
                                          .book = OFFICE_BOOK,
                                          .name = OFFICE_CONSOLE,
                                          .grant_key = o->key,
                                          .granted = on_granted,
                                          .returned = on_returned,
                                          .owner = o};
    o->granted = o->returned = o->live = false;
    o->replica = replica_create(&config, why, sizeof why);
    if (o->replica == NULL)
        fail_msg("%s", why);
    connect_console(o);
}

void office_kill_console(struct office *o)
{
    if (o->replica == NULL)
        return;
    remote_stop(o->remote);
    replica_stop(o->replica);
    for (int i = 0; i < 5; i++)
        uv_run(&o->loop.uv, UV_RUN_NOWAIT);
    remote_free(o->remote);
    replica_free(o->replica);
    o->remote = NULL;
    o->replica = NULL;
    o->live = false;
}

enum sq_err office_take(struct office *o, const struct replica_taking *how, char why[REPLICA_WHY])
{
    open_host(&o->console);
    enum sq_err error = replica_take(o->console.host, how, loop_now(&o->loop), why);
    if (error != SQ_ERR_OK)
        close_host(&o->console);
    return error;
}

void office_stand_alone(struct office *o)
{
    struct site *site = &o->console;
    if (site->host == NULL)
        open_host(site);
    site->session_memory = calloc(1, sq_session_here_size(&site->config));
    site->session =
        sq_session_here_init(site->session_memory, &site->config, site->host, OFFICE_PERSON);
    assert_non_null(site->session);
    struct standalone_config config = link_config(o);
    config.host = site->host;
    config.store = site->store;
    config.tables = &site->session->view->tables;
    config.board = site->session->view->board;
    config.instruments = site->config.instruments;
    site->link = standalone_create(&config);
    assert_non_null(site->link);
}

void office_end_alone(struct office *o)
{
    struct site *site = &o->console;
    if (site->link == NULL)
        return;
    drop_link(o, site->link);
    standalone_free(site->link);
    site->link = NULL;
    site->session = NULL;
    free(site->session_memory);
    close_host(site);
}

/* ---- a journal is copied ------------------------------------------------------------------------ */

struct copied {
    struct journal_turn turn;
    uint64_t end;
};

static int copy_row(void *owner, const struct sq_message *message, bool is_input)
{
    struct copied *c = owner;
    struct journal_turn *t = &c->turn;
    if (message->seq > c->end)
        return 1;
    struct sq_message **list = is_input ? &t->inputs : &t->events;
    size_t *count = is_input ? &t->input_count : &t->event_count;
    *list = realloc(*list, (*count + 1) * sizeof **list);
    (*list)[(*count)++] = *message;
    return 0;
}

void office_copy_journal(struct office *o)
{
    struct sq_store *from = o->console.store, *to = store_memory_create();
    struct copied c = {.end = 0};
    uint8_t hash[SQ_HASH_SIZE];
    for (uint64_t at = 0; from->ops->turn_end(from, at + 1, &c.end, hash) == SQ_ERR_OK;
         at = c.end) {
        journal_turn_begin(&c.turn);
        assert_int_equal(from->ops->read(from, at, copy_row, &c), SQ_ERR_OK);
        struct sq_turn turn = journal_turn_get(&c.turn);
        assert_int_equal(to->ops->commit(to, &turn), SQ_ERR_OK);
    }
    journal_turn_finish(&c.turn);
    o->server.store->ops->destroy(o->server.store);
    o->server.store = to;
}

/* ---- beginning and end ------------------------------------------------------------------------- */

static int64_t clock_of(void *owner)
{
    struct office *o = owner;
    return loop_now(&o->loop);
}

static void open_exchange(struct office *o)
{
    struct sim_settings settings;
    char why[SIM_WHY];
    sim_settings_defaults(&settings);
    settings.exchange.seed = 7;
    o->exchange = inproc_create(&o->loop.uv, &settings, "drill", clock_of, o, why);
    if (o->exchange == NULL)
        fail_msg("%s", why);
}

static void open_users(struct office *o)
{
    struct login_enrolment enrolment;
    char why[256] = "";
    assert_int_equal(users_bed_sqlite((void **)&o->users), 0);
    o->person = users_bed_user(OFFICE_PERSON);
    o->person.role = SQ_ROLE_SUPERVISOR;
    snprintf(o->person.books, sizeof o->person.books, "*");
    assert_int_equal(login_enrol(&o->person, ENROL_PASSWORD | ENROL_TOTP, LOGIN_PASSWORD,
                                 &password_least, &enrolment, why, sizeof why),
                     0);
    assert_int_equal(o->users->users->ops->add(o->users->users, &o->person), SQ_ERR_OK);
}

static void open_signer(struct office *o)
{
    char why[GRANT_WHY];
    snprintf(o->key_path, sizeof o->key_path, "%.280s/grant.key", o->users->folder);
    o->signer = grant_signer_open(o->key_path, why);
    if (o->signer == NULL)
        fail_msg("%s", why);
    grant_signer_public(o->signer, o->key);
}

static void site_config(struct site *site)
{
    sq_config_default(&site->config);
    site->config.orders_per_second = 1000;
    site->config.orders_burst = 1000;
    site->config.unknown_after_ms = 500;
    site->config.ask_every_ms = 100;
    site->store = store_memory_create();
}

int office_begin(void **state)
{
    struct office *o = calloc(1, sizeof *o);
    loop_init(&o->loop);
    loop_set_clock(&o->loop, BEGINS);
    loop_timer_init(&o->tick, &o->loop, tick, o);
    strcpy(o->port, "0");
    open_exchange(o);
    open_users(o);
    open_signer(o);
    site_config(&o->server);
    site_config(&o->console);
    office_start_server(o);
    office_start_console(o);
    *state = o;
    return 0;
}

int office_end(void **state)
{
    struct office *o = *state;
    office_end_alone(o);
    office_kill_console(o);
    office_kill_server(o);
    inproc_stop(o->exchange);
    loop_finish(&o->loop);
    inproc_free(o->exchange);
    o->server.store->ops->destroy(o->server.store);
    o->console.store->ops->destroy(o->console.store);
    grant_signer_free(o->signer);
    unlink(o->key_path);
    users_bed_tear_down((void **)&o->users);
    free(o);
    return 0;
}

/* ---- what tests look at ------------------------------------------------------------------------ */

bool office_server_is_ready(struct office *o)
{
    return office_book(&o->server)->book.link == SQ_LINK_READY &&
           standalone_prices(o->served.link)->entries > 0;
}

bool office_console_is_ready(struct office *o)
{
    return o->console.host != NULL && office_book(&o->console)->book.link == SQ_LINK_READY &&
           standalone_prices(o->console.link)->entries > 0;
}

bool office_replica_is_whole(struct office *o)
{
    struct replica_status status;
    replica_status(o->replica, &status);
    return status.state == REPLICA_FOLLOWING &&
           status.seq == o->server.store->ops->last_seq(o->server.store) &&
           served_may_read(&o->served);
}

bool office_is_granted(struct office *o)
{
    return o->granted;
}

uint64_t office_orders(const struct office *o)
{
    return exchange_counts(inproc_exchange(o->exchange)).orders;
}

static bool server_is_active(struct office *o)
{
    return office_book(&o->server)->book.control == SQ_CONTROL_ACTIVE;
}

static bool console_is_active(struct office *o)
{
    return office_book(&o->console)->book.control == SQ_CONTROL_ACTIVE;
}

void office_activate(struct site *site, struct office *o)
{
    struct sq_message m = {.kind = SQ_SUPERVISE};
    struct sq_supervise *s = &m.as.supervise;
    s->what = SQ_SUPERVISE_CONTROL;
    snprintf(s->person, sizeof s->person, OFFICE_PERSON);
    snprintf(s->reason, sizeof s->reason, "drill");
    for (uint8_t value = SQ_CONTROL_INVOKED; value <= SQ_CONTROL_ACTIVE; value++) {
        s->value = value;
        assert_true(sq_host_submit(site->host, &m));
    }
    office_until(o, site == &o->server ? server_is_active : console_is_active, 5);
}

uint32_t office_close(struct site *site, struct office *o, uint32_t from, uint32_t count)
{
    const struct sq_tables *t = office_book(site);
    uint32_t pressed = 0;
    for (uint32_t p = from; p < t->position_count && pressed < count; p++) {
        struct sq_message m = {.kind = SQ_SQUARE_OFF};
        struct sq_square_off *s = &m.as.square_off;
        if (t->position[p].net == 0)
            continue;
        s->id = (struct sq_id){1, ++o->ids};
        snprintf(s->dealer, sizeof s->dealer, OFFICE_PERSON);
        s->key = t->position[p].key;
        s->seen_net = t->position[p].net;
        s->created = loop_now(&o->loop);
        s->confirmed = (UINT64_C(1) << SQ_GUARD_COUNT) - 1;
        s->armed = 1;
        snprintf(s->call_client, sizeof s->call_client, "%s", s->key.client);
        snprintf(s->call_ref, sizeof s->call_ref, "CALL-1");
        assert_true(sq_host_submit(site->host, &m));
        pressed++;
    }
    return pressed;
}

/* Core counts UNKNOWN first, the exchange last; the names are the same. */
static int product_of(uint8_t product)
{
    return product == SQ_PRODUCT_UNKNOWN ? SIM_PRODUCT_UNKNOWN
                                         : sim_product_named(sq_name(SQ_LIST_PRODUCT, product));
}

static struct site *judged;

static bool accounts_agree(struct office *o)
{
    const struct sq_tables *t = office_book(judged);
    for (uint32_t i = 0; i < t->position_count; i++) {
        const struct sq_position *p = &t->position[i];
        if (p->net != exchange_net(inproc_exchange(o->exchange),
                                   t->client[t->position_client[i]].exch_account,
                                   sim_segment_named(sq_name(SQ_LIST_EXCHANGE, p->key.exchange)),
                                   p->key.token, product_of(p->key.product)))
            return false;
    }
    return true;
}

void office_agrees(struct office *o, struct site *site)
{
    struct exchange_counts counts = exchange_counts(inproc_exchange(o->exchange));
    judged = site;
    office_until(o, accounts_agree, 10);
    assert_int_equal(counts.alarms, 0);
    assert_int_equal(counts.overworked, 0);
    assert_int_equal(counts.duplicate_ids, 0);
    assert_int_equal(counts.resent_orders, 0);
}
