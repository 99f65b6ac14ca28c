/*
 * remote_test.c: a console's session on a server, against a server that does what it is told: all
 * frames, resume, fail-over, wrong frames, silence, a death in mid-snapshot.
 */
#include "tests/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "net/remote.h"
#include "tests/fake_server.h"

#define SIZE(array) (sizeof(array) / sizeof *(array))

enum { WAIT_MS = 5000 };

struct bed {
    struct loop loop;
    struct fake one, two;
    struct remote *remote;
    struct remote_config config;
    struct sq_session *session;
    unsigned asked, kept, events, replaced, lost;
    char ask_why[WIRE_WHY_SIZE], token[WIRE_TOKEN_SIZE], lost_why[WIRE_WHY_SIZE],
        last_why[WIRE_WHY_SIZE];
    bool lost_known;
    uint16_t lost_kind, event_kind;
    uv_timer_t waker;
};

/* ---- the bed ------------------------------------------------------------------------------- */

static void on_ask(void *owner, const char *why)
{
    struct bed *bed = owner;
    bed->asked++;
    snprintf(bed->ask_why, sizeof bed->ask_why, "%s", why);
}

static void on_keep(void *owner, const char *token, sq_time until)
{
    struct bed *bed = owner;
    (void)until;
    bed->kept++;
    snprintf(bed->token, sizeof bed->token, "%s", token);
}

static void on_event(void *owner, const struct sq_message *event)
{
    struct bed *bed = owner;
    bed->events++;
    bed->event_kind = event->kind;
}

static void on_replaced(void *owner)
{
    struct bed *bed = owner;
    bed->replaced++;
}

static void on_lost(void *owner, const struct sq_message *message, bool known, const char *why)
{
    struct bed *bed = owner;
    bed->lost++;
    bed->lost_known = known;
    bed->lost_kind = message->kind;
    snprintf(bed->lost_why, sizeof bed->lost_why, "%s", why);
}

/* The last thing that went wrong, for the words of a test that fails. */
static void on_changed(void *owner)
{
    struct bed *bed = owner;
    struct remote_status status;
    remote_status(bed->remote, &status);
    for (size_t i = 0; i < status.line_count; i++)
        if (status.lines[i].why[0])
            memcpy(bed->last_why, status.lines[i].why, sizeof bed->last_why);
}

static int set_up(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    assert_int_equal(loop_init(&bed->loop), 0);
    uv_timer_init(&bed->loop.uv, &bed->waker);
    fake_start(&bed->one, &bed->loop, NULL, NULL);
    bed->two.name = "FAKE-2";
    fake_start(&bed->two, &bed->loop, NULL, NULL);
    bed->config = (struct remote_config){.loop = &bed->loop,
                                         .server_count = 1,
                                         .plain = true,
                                         .user = "RK07",
                                         .token = "TTTT",
                                         .per_s = 10,
                                         .book = "MUM",
                                         .ask = on_ask,
                                         .keep = on_keep,
                                         .changed = on_changed,
                                         .event = on_event,
                                         .replaced = on_replaced,
                                         .lost = on_lost,
                                         .owner = bed};
    snprintf(bed->config.servers[0].host, REMOTE_HOST_SIZE, "127.0.0.1");
    memcpy(bed->config.servers[0].port, bed->one.port, sizeof bed->one.port);
    snprintf(bed->config.servers[1].host, REMOTE_HOST_SIZE, "localhost");
    memcpy(bed->config.servers[1].port, bed->two.port, sizeof bed->two.port);
    *state = bed;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *bed = *state;
    if (bed->remote)
        remote_stop(bed->remote);
    fake_stop(&bed->one);
    fake_stop(&bed->two);
    loop_finish(&bed->loop);
    if (bed->remote)
        remote_free(bed->remote);
    fake_free(&bed->one);
    fake_free(&bed->two);
    free(bed);
    return 0;
}

static void make(struct bed *bed)
{
    char why[WIRE_WHY_SIZE] = "";
    bed->remote = remote_create(&bed->config, why, sizeof why);
    if (!bed->remote)
        fail_msg("%s", why);
    bed->session = remote_session(bed->remote);
}

static void start(struct bed *bed)
{
    make(bed);
    remote_start(bed->remote);
}

static enum remote_phase phase(const struct bed *bed)
{
    struct remote_status status;
    remote_status(bed->remote, &status);
    return status.phase;
}

static const char *line(const struct bed *bed, size_t i)
{
    static struct remote_status status;
    remote_status(bed->remote, &status);
    return status.lines[i].why;
}

static void wake(uv_timer_t *timer)
{
    (void)timer;
}

/* Turns of the loop until it is so; false when it never is. */
#define until(bed, condition)                                                                 \
    do {                                                                                      \
        uint64_t end = uv_hrtime() + WAIT_MS * UINT64_C(1000000);                             \
        while (!(condition) && uv_hrtime() < end)                                             \
            turn(bed);                                                                        \
        if (!(condition))                                                                     \
            fail_msg("line %d: never %s; server: %s", __LINE__, #condition, (bed)->last_why); \
    } while (0)

static void turn(struct bed *bed)
{
    uv_timer_start(&bed->waker, wake, 5, 0); /* at the latest */
    uv_run(&bed->loop.uv, UV_RUN_ONCE);
}

static void settle(struct bed *bed, int turns)
{
    while (turns-- > 0)
        turn(bed);
}

static void go_live(struct bed *bed)
{
    start(bed);
    until(bed, phase(bed) == REMOTE_LIVE);
    settle(bed, 3); /* rates are asked for */
}

static const struct sq_tables *tables(const struct bed *bed)
{
    return &bed->session->view->tables;
}

static struct sq_source_info info(const struct bed *bed)
{
    struct sq_source_info told;
    bed->session->ops->info(bed->session, &told);
    return told;
}

static struct sq_message square_off(const struct bed *bed)
{
    struct sq_message message = {.kind = SQ_SQUARE_OFF};
    message.as.square_off = (struct sq_square_off){.id = {7, 9},
                                                   .dealer = "RK07",
                                                   .key = tables(bed)->position[0].key,
                                                   .seen_net = 100,
                                                   .created = 1764345600000000,
                                                   .quote = {.bid = 5}};
    return message;
}

static bool submit(const struct bed *bed, const struct sq_message *message)
{
    return bed->session->ops->submit(bed->session, message, 1);
}

static const struct sq_message *newest(const struct bed *bed)
{
    const struct sq_message *message = sq_view_activity(bed->session->view, 0);
    assert_non_null(message);
    return message;
}

/* ---- login and the book -------------------------------------------------------------------- */

static void the_book_comes_after_the_login(void **state)
{
    struct bed *bed = *state;
    start(bed);
    assert_null(bed->session->view);
    assert_false(info(bed).live);
    assert_true(info(bed).view_only);
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_int_equal(tables(bed)->instrument_count, 2);
    assert_int_equal(tables(bed)->position_count, 1);
    assert_int_equal(tables(bed)->position[0].net, 100);
    assert_int_equal(tables(bed)->book.day, 20261126);
    assert_int_equal(bed->session->view->open_positions, 1);
    assert_int_equal(bed->session->view->seq, FAKE_FIRST_SEQ);
    assert_int_equal(bed->session->view->activity_count, 0);
    assert_string_equal(bed->session->person, "RK07");
    assert_string_equal(info(bed).source, "FAKE-1");
    assert_true(info(bed).live && !info(bed).view_only);
    assert_int_equal(bed->replaced, 1);
    assert_int_equal(bed->one.after, -1);
    assert_string_equal(line(bed, 0), "");
    until(bed, strstr(bed->one.last, "rates"));
    assert_non_null(strstr(bed->one.last, "\"on\":1,\"per_s\":10}"));
}

static void a_person_is_asked_before_anything_is_connected(void **state)
{
    struct bed *bed = *state;
    bed->config.token[0] = '\0';
    start(bed);
    settle(bed, 20);
    assert_int_equal(bed->asked, 1);
    assert_string_equal(bed->ask_why, "");
    assert_int_equal(bed->one.connections, 0);
    assert_int_equal(phase(bed), REMOTE_LOGIN);
    remote_login(bed->remote, "RK07", "correct \"horse\"", "123456");
    until(bed, bed->one.logins == 1);
    assert_string_equal(bed->one.last,
                        "{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"RK07\",\"password\":"
                        "\"correct \\\"horse\\\"\",\"code\":\"123456\"}");
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_string_equal(bed->token, "TTTT");
}

static void a_wrong_password_is_asked_for_again(void **state)
{
    struct bed *bed = *state;
    bed->config.token[0] = '\0';
    bed->one.login_error = "WRONG";
    start(bed);
    remote_login(bed->remote, "RK07", "no", "");
    until(bed, bed->asked == 2);
    assert_string_equal(bed->ask_why, "user, password or code is wrong");
    assert_int_equal(phase(bed), REMOTE_LOGIN);
    settle(bed, 40);
    assert_int_equal(bed->one.connections, 1); /* nothing is tried by itself */
    bed->one.login_error = NULL;
    remote_login(bed->remote, "RK07", "yes", "");
    until(bed, phase(bed) == REMOTE_LIVE);
}

static void a_void_token_asks_for_the_password(void **state)
{
    struct bed *bed = *state;
    bed->one.login_error = "TOKEN";
    start(bed);
    until(bed, bed->asked == 1);
    assert_int_equal(phase(bed), REMOTE_LOGIN);
    assert_int_equal(bed->kept, 1);
    assert_string_equal(bed->token, "");
}

static void a_token_that_is_revoked_ends_the_session(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    fake_close(&bed->one, 4001, "token");
    until(bed, bed->asked == 1);
    assert_int_equal(phase(bed), REMOTE_LOGIN);
    assert_non_null(bed->session->view); /* what is on the screen stays */
    assert_false(info(bed).live);
}

static void logging_out_is_the_end(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    remote_logout(bed->remote);
    until(bed, strstr(bed->one.last, "logout"));
    fake_close(&bed->one, 4001, "token");
    until(bed, bed->one.wsi == NULL);
    settle(bed, 20);
    assert_int_equal(phase(bed), REMOTE_ENDED);
    assert_int_equal(bed->asked, 0);
    assert_int_equal(bed->one.connections, 1);
    assert_string_equal(bed->token, "");
}

/* ---- events, links, rates ------------------------------------------------------------------ */

static void events_are_folded_into_the_view(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    fake_say(&bed->one,
             "{\"b\":\"MUM\",\"ev\":[[12,1764345600000000,[\"order\",7,\"K7\",\"\",\"\",\"\",\"\","
             "\"C1\",\"NFO\",1,\"NRML\",\"SELL\",\"LIMIT\",\"SENT\",\"-\",\"close\",0,100,0,100]],"
             "[13,1764345600000001,[\"~order\",7,13,\"PARTIAL\",18,40,19,60],"
             "[\"~position\",\"C1\",\"NFO\",1,\"NRML\",5,60],"
             "[\"alarm\",\"order rejected\"]]]}");
    fake_say(&bed->one, "{\"b\":\"MUM\",\"ev\":[[15,1764345600000002]]}");
    until(bed, bed->events == 4);
    const struct sq_order *order = &tables(bed)->order[0];
    assert_string_equal(order->clord, "K7");
    assert_int_equal(order->state, SQ_ORDER_PARTIAL);
    assert_int_equal(order->cum, 40);
    assert_int_equal(order->qty, 100);
    assert_int_equal(tables(bed)->position[0].net, 60);
    assert_int_equal(bed->session->view->seq, 13);
    assert_int_equal(bed->session->view->alarms, 1);
    assert_int_equal(newest(bed)->kind, SQ_ALARM);
    assert_int_equal(newest(bed)->time, 1764345600000001);
    assert_int_equal(phase(bed), REMOTE_LIVE);
}

static void links_are_told_apart(void **state)
{
    struct bed *bed = *state;
    struct sq_message message;
    go_live(bed);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"st\":[1764345600000000,1,41000,1,250,0,0,\"\"]}");
    until(bed, info(bed).order_up);
    assert_int_equal(info(bed).order_rtt_us, 41000);
    assert_true(info(bed).price_up && !info(bed).view_only);
    assert_true(info(bed).price_heard > 0 && info(bed).price_heard < info(bed).heard);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"st\":[1764345600000000,0,-1,1,250,1,1,\"no owner\"]}");
    until(bed, info(bed).view_only);
    assert_string_equal(info(bed).why, "no owner");
    assert_true(info(bed).disk_full && !info(bed).order_up && info(bed).live);
    message = square_off(bed);
    assert_false(submit(bed, &message));
}

static void rates_go_to_the_contracts_that_were_told(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"q\":[[5,11840,-15,\"-\",450,0,1],[0,500,1,2,3,4]],"
                        "\"fd\":[[\"NFO\",1,0]]}");
    until(bed, sq_board_get(bed->session->view->board, 1) &&
                   sq_board_get(bed->session->view->board, 1)->last == 500);
    const struct sq_rate *rate = sq_board_get(bed->session->view->board, 0);
    assert_int_equal(rate->last, 11840);
    assert_int_equal(rate->bid[0].price, 11825);
    assert_int_equal(rate->bid[0].quantity, 450);
    assert_int_equal(rate->ask[0].quantity, 0);
    assert_true(rate->trade_time > 0);
    assert_int_equal(sq_board_get(bed->session->view->board, 1)->trade_time, 0);
    assert_true(sq_board_feed_of(bed->session->view->board, SQ_EXCHANGE_NFO)->heard > 0);
    assert_int_equal(sq_board_feed_of(bed->session->view->board, SQ_EXCHANGE_NSE)->heard, 0);
    assert_true(info(bed).price_heard >= info(bed).heard);
}

static void a_feed_lives_as_long_as_the_server_speaks(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"fd\":[[\"NFO\",1,0]]}");
    const struct sq_feed *feed = sq_board_feed_of(bed->session->view->board, SQ_EXCHANGE_NFO);
    until(bed, feed->heard > 0);
    sq_time first = feed->heard;
    bed->loop.shift += 4 * SQ_SECOND; /* the wall clock goes on */
    fake_pong(&bed->one);
    until(bed, feed->heard >= first + 4 * SQ_SECOND);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"fd\":[[\"NFO\",0,0]]}");
    until(bed, strlen(info(bed).source) && (fake_pong(&bed->one), true));
    settle(bed, 80);
    first = feed->heard;
    bed->loop.shift += 4 * SQ_SECOND;
    fake_pong(&bed->one);
    settle(bed, 80);
    assert_int_equal(feed->heard, first);
}

static void depth_is_asked_for(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    remote_rates(bed->remote, 10, true);
    until(bed, strstr(bed->one.last, "\"depth\":1"));
    fake_say(&bed->one, "{\"b\":\"MUM\",\"q\":[[5,100,-1,1,5,6,0,[99,5,98,7],[101,6]]]}");
    until(bed, sq_board_get(bed->session->view->board, 0)->last == 100);
    assert_int_equal(sq_board_get(bed->session->view->board, 0)->bid[1].price, 98);
    assert_int_equal(sq_board_get(bed->session->view->board, 0)->bid[1].quantity, 7);
    assert_int_equal(sq_board_get(bed->session->view->board, 0)->ask[1].quantity, 0);
}

/* ---- submit and previews ------------------------------------------------------------------- */

static void a_submit_is_one_request(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    struct sq_message message = square_off(bed);
    assert_true(submit(bed, &message));
    until(bed, bed->one.submits == 1);
    assert_non_null(strstr(bed->one.last,
                           "\"book\":\"MUM\",\"in\":[[\"square-off\","
                           "\"00000000000000070000000000000009\",\"RK07\",\"C1\",\"NFO\""
                           ",1,\"NRML\",0,100,0,1764345600000000]]}"));
    fake_say(&bed->one, "{\"id\":%llu,\"seq\":12}", (unsigned long long)bed->one.last_id);
    settle(bed, 10);
    assert_int_equal(bed->lost, 0);
    assert_int_equal(phase(bed), REMOTE_LIVE);
}

static void a_refused_request_is_a_refusal_on_the_screen(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    struct sq_message message = square_off(bed);
    assert_true(submit(bed, &message));
    until(bed, bed->one.submits == 1);
    fake_say(&bed->one, "{\"id\":%llu,\"error\":\"SCOPE\",\"why\":\"another dealer's client\"}",
             (unsigned long long)bed->one.last_id);
    until(bed, bed->lost == 1);
    assert_true(bed->lost_known);
    assert_string_equal(bed->lost_why, "another dealer's client");
    assert_int_equal(newest(bed)->kind, SQ_REFUSED);
    assert_int_equal(newest(bed)->as.refused.refusal, SQ_REFUSAL_SCOPE);
    assert_int_equal(newest(bed)->as.refused.id.high, 7);
    assert_string_equal(newest(bed)->as.refused.person, "RK07");
}

static void previews_come_later(void **state)
{
    struct bed *bed = *state;
    size_t count = 99;
    go_live(bed);
    struct sq_square_off intent = square_off(bed).as.square_off;
    assert_true(bed->session->ops->preview(bed->session, &intent, 1));
    assert_null(bed->session->ops->previews(bed->session, &count));
    until(bed, bed->one.previews == 1);
    intent.created += 250000; /* the strip asks again while it waits: one question is enough */
    assert_true(bed->session->ops->preview(bed->session, &intent, 1));
    settle(bed, 10);
    assert_int_equal(bed->one.previews, 1);
    fake_say(&bed->one,
             "{\"id\":%llu,\"previews\":[[\"STOP\",\"no order link\",\"no order link\","
             "\"SELL\",100,100,0,\"-\",11800,0,1180000,1,100,100,0,[],[],0,0,42]]}",
             (unsigned long long)bed->one.last_id);
    until(bed, bed->session->ops->previews(bed->session, &count) != NULL);
    assert_int_equal(count, 1);
    assert_int_equal(bed->session->ops->previews(bed->session, &count)->digest, 42);
    assert_true(bed->session->ops->preview(bed->session, &intent, 1));
    assert_null(bed->session->ops->previews(bed->session, &count));
    until(bed, bed->one.previews == 2);
    intent.target = 50;
    assert_true(bed->session->ops->preview(bed->session, &intent, 1)); /* another question */
    until(bed, bed->one.previews == 3);
    fake_say(&bed->one, "{\"id\":%llu,\"previews\":[]}", (unsigned long long)bed->one.last_id - 1);
    settle(bed, 10); /* the answer to the one before: nobody waits for it */
    assert_int_equal(phase(bed), REMOTE_LIVE);
    assert_null(bed->session->ops->previews(bed->session, &count));
}

static void many_previews_come_in_parts(void **state)
{
    struct bed *bed = *state;
    enum { MANY = 130 };
    static struct sq_square_off many[MANY];
    static char text[65536];
    size_t count, n = 0;
    go_live(bed);
    for (size_t i = 0; i < MANY; i++)
        many[i] = square_off(bed).as.square_off;
    assert_true(bed->session->ops->preview(bed->session, many, MANY));
    until(bed, bed->one.previews == 2);
    for (int part = 0; part < 2; part++) {
        n = 0;
        for (int i = 0; i < (part ? MANY - 128 : 128); i++)
            n += (size_t)snprintf(text + n, sizeof text - n,
                                  "%s[\"pass\",\"already "
                                  "flat\",\"\",\"SELL\",1,1,0,\"-\",1,0,1,1,1,1,0,[],[],0,0,%d]",
                                  i ? "," : "", part * 1000 + i);
        fake_say(&bed->one, "{\"id\":%llu,\"previews\":[%s]}",
                 (unsigned long long)bed->one.last_id - 1 + (unsigned)part, text);
    }
    until(bed, bed->session->ops->previews(bed->session, &count) != NULL);
    assert_int_equal(count, MANY);
    assert_int_equal(bed->session->ops->previews(bed->session, &count)[127].digest, 127);
    assert_int_equal(bed->session->ops->previews(bed->session, &count)[129].digest, 1001);
}

static unsigned answers;
static void on_answer(void *owner, const struct wire_frame *frame)
{
    *(int *)owner = frame ? (int)frame->total : -1;
    answers++;
}

static void put_client(struct wire_out *out, void *with)
{
    wire_member_text(out, "client", with);
}

static void any_other_request_is_answered_once(void **state)
{
    struct bed *bed = *state;
    int total = 0;
    go_live(bed);
    answers = 0;
    assert_true(remote_ask(bed->remote, WIRE_DO_PORTFOLIO, put_client, (void *)(uintptr_t) "C1",
                           on_answer, &total));
    until(bed, strstr(bed->one.last, "{\"do\":\"portfolio\""));
    fake_say(&bed->one, "{\"id\":%llu,\"total\":2,\"rows\":[]}",
             (unsigned long long)bed->one.last_id);
    until(bed, answers == 1);
    assert_int_equal(total, 2);
    assert_true(remote_ask(bed->remote, WIRE_DO_PORTFOLIO, put_client, (void *)(uintptr_t) "C1",
                           on_answer, &total));
    fake_close(&bed->one, 0, "");
    until(bed, answers == 2);
    assert_int_equal(total, -1);
}

/* ---- lost and found ------------------------------------------------------------------------ */

static void what_was_not_taken_is_told_and_not_sent_again(void **state)
{
    struct bed *bed = *state;
    bed->one.keeps_events = true;
    go_live(bed);
    const struct sq_view *view = bed->session->view;
    struct sq_message close = square_off(bed);
    struct sq_message cancel = {.kind = SQ_CANCEL, .as.cancel = {.order_no = 5, .person = "RK07"}};
    assert_true(submit(bed, &close));
    until(bed, bed->one.submits == 1);
    fake_close(&bed->one, 0, "");
    until(bed, !info(bed).live);
    assert_int_equal(phase(bed), REMOTE_LOST);
    assert_false(submit(bed, &cancel));
    assert_int_equal(bed->lost, 0); /* nobody knows yet */
    until(bed, bed->lost == 1);
    assert_true(bed->lost_known);
    assert_int_equal(bed->one.after, FAKE_FIRST_SEQ);
    assert_int_equal(bed->one.epoch, 1);
    assert_int_equal(newest(bed)->as.refused.refusal, SQ_REFUSAL_EXPIRED);
    assert_int_equal(newest(bed)->as.refused.id.low, 9);
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_ptr_equal(bed->session->view, view);
    assert_int_equal(bed->replaced, 1);
    settle(bed, 20);
    assert_int_equal(bed->one.submits, 1);
    assert_true(submit(bed, &cancel));
    until(bed, bed->one.submits == 2);
    fake_close(&bed->one, 0, "");
    until(bed, bed->lost == 2);
    assert_false(bed->lost_known); /* of a cancel nobody can say */
    assert_int_equal(bed->lost_kind, SQ_CANCEL);
}

/* A close is submitted, the server tells what became of it, and is gone before it answers. */
static void told_without_an_answer(struct bed *bed, const char *frame, unsigned status,
                                   const char *why)
{
    bed->one.keeps_events = true;
    go_live(bed);
    struct sq_message close = square_off(bed);
    assert_true(submit(bed, &close));
    until(bed, bed->one.submits == 1);
    fake_say(&bed->one, frame);
    until(bed, bed->events == 1);
    bed->one.seq = 12;
    fake_close(&bed->one, status, why);
    until(bed, !info(bed).live);
    until(bed, phase(bed) == REMOTE_LIVE);
}

static void what_is_in_the_book_is_not_lost(void **state)
{
    struct bed *bed = *state;
    told_without_an_answer(
        bed,
        "{\"b\":\"MUM\",\"ev\":[[12,1764345600000000,[\"close\",3,"
        "\"00000000000000070000000000000009\",0,\"C1\",\"NFO\",1,\"NRML\",\"RK07\",\"\","
        "\"\",\"\",\"SELL\",\"WORKING\"]]]}",
        1001, "going away");
    settle(bed, 20);
    assert_int_equal(bed->lost, 0);
    assert_int_equal(bed->one.after, 12);
    assert_int_equal(bed->session->view->closing, 1);
}

static void a_refusal_that_came_is_not_told_twice(void **state)
{
    struct bed *bed = *state;
    told_without_an_answer(
        bed,
        "{\"b\":\"MUM\",\"ev\":[[12,1764345600000000,[\"refused\",\"square-off\",\"guard\","
        "\"squareoff is not active\",\"STOP\",\"squareoff is not active\",\"RK07\",\"C1\","
        "\"NFO\",1,\"NRML\",0,\"00000000000000070000000000000009\"]]]}",
        0, "");
    assert_int_equal(bed->lost, 0);
    assert_int_equal(bed->session->view->activity_count, 1);
}

static void the_old_book_is_shown_until_the_new_one_is_whole(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    fake_say(
        &bed->one,
        "{\"b\":\"MUM\",\"q\":[[5,100,-1,1,5,6,1]],\"ev\":[[12,1,[\"alarm\",\"clock jumped\"]]]}");
    until(bed, bed->events == 1);
    const struct sq_view *view = bed->session->view;
    bed->one.rows_until = 3; /* and then nothing more */
    fake_close(&bed->one, 0, "");
    until(bed, bed->one.opens == 2);
    settle(bed, 20);
    assert_ptr_equal(bed->session->view, view);
    assert_int_equal(phase(bed), REMOTE_SNAPSHOT);
    assert_false(info(bed).live);
    bed->one.rows_until = 0;
    bed->one.seq = 20;
    fake_close(&bed->one, 0, ""); /* killed in mid-snapshot */
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_ptr_not_equal(bed->session->view, view);
    assert_int_equal(bed->replaced, 2);
    assert_int_equal(bed->session->view->seq, 20);
    assert_int_equal(tables(bed)->position_count, 1);
    assert_int_equal(bed->session->view->activity_count, 1); /* what was read stays */
    assert_int_equal(sq_board_get(bed->session->view->board, 0)->last, 100); /* and last prices */
}

static void a_console_that_was_too_slow_gets_rows_again(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"rows\":[[\"instrument\",\"NFO\",2,\"S2\"]]}");
    fake_say(&bed->one,
             "{\"b\":\"MUM\",\"rows\":[[\"instrument\",\"NFO\",1,\"S1\"],[\"book\",20261127]]}");
    until(bed, phase(bed) == REMOTE_SNAPSHOT);
    assert_int_equal(tables(bed)->book.day, 20261126);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"at\":30,\"q\":[[5,77,0,0,1,1]]}");
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_int_equal(tables(bed)->book.day, 20261127);
    assert_int_equal(tables(bed)->instrument[0].token, 2); /* rows have other numbers now */
    assert_int_equal(sq_board_get(bed->session->view->board, 1)->last, 77);
}

static void a_long_frame_comes_whole(void **state)
{
    struct bed *bed = *state;
    static char text[200000];
    size_t n = 0;
    go_live(bed);
    for (int i = 0; i < 4000; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "%s[%d,1,[\"~position\",\"C1\",\"NFO\",1,\"NRML\",5,%d]]",
                              i ? "," : "", 20 + i, i);
    assert_true(n > 150000);
    fake_say(&bed->one, "{\"b\":\"MUM\",\"ev\":[%s]}", text);
    until(bed, bed->session->view->seq == 4019);
    assert_int_equal(tables(bed)->position[0].net, 3999);
}

/* ---- servers ------------------------------------------------------------------------------- */

static void the_next_server_is_tried_at_once(void **state)
{
    struct bed *bed = *state;
    bed->config.server_count = 3;
    bed->config.servers[2] = bed->config.servers[1];
    bed->config.servers[1] = bed->config.servers[0];
    snprintf(bed->config.servers[0].port, 8, "1"); /* nobody listens there */
    bed->two.keeps_events = true;
    go_live(bed);
    assert_string_equal(info(bed).source, "FAKE-1");
    assert_non_null(strstr(line(bed, 0), "refused"));
    bed->two.seq = FAKE_FIRST_SEQ;
    uint64_t before = uv_hrtime();
    fake_close(&bed->one, 1001, "going away");
    until(bed, !info(bed).live);
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_true(uv_hrtime() - before < UINT64_C(1000000000));
    assert_string_equal(info(bed).source, "FAKE-2");
    assert_string_equal(line(bed, 1), "going away");
    assert_int_equal(bed->two.after, FAKE_FIRST_SEQ); /* resumed there */
}

static void a_standby_is_passed_over(void **state)
{
    struct bed *bed = *state;
    bed->config.server_count = 2;
    bed->one.login_error = "STANDBY";
    go_live(bed);
    assert_string_equal(info(bed).source, "FAKE-2");
    assert_non_null(strstr(line(bed, 0), "STANDBY"));
}

static void after_a_round_it_waits_longer_each_time(void **state)
{
    struct bed *bed = *state;
    struct remote_status status;
    bed->config.server_count = 2;
    bed->one.close_at_once = bed->two.close_at_once = true;
    start(bed);
    until(bed, bed->two.connections == 1);
    until(bed, (remote_status(bed->remote, &status), status.retry_at != SQ_NEVER));
    sq_time wait = status.retry_at - loop_now(&bed->loop);
    assert_true(wait > 0 && wait <= REMOTE_FIRST_WAIT_MS * SQ_MS);
    assert_int_equal(status.phase, REMOTE_CONNECTING);
    assert_string_equal(status.lines[1].why, "busy");
    until(bed, bed->two.connections == 3);
    until(bed, (remote_status(bed->remote, &status), status.retry_at != SQ_NEVER));
    assert_true(status.retry_at - loop_now(&bed->loop) > REMOTE_FIRST_WAIT_MS * SQ_MS);
}

static void a_server_without_a_word_is_dead(void **state)
{
    struct bed *bed = *state;
    bed->config.server_count = 2;
    go_live(bed);
    bed->one.silent = true;
    settle(bed, 10);
    bed->loop.shift += 5 * SQ_SECOND;
    settle(bed, 60);
    assert_true(info(bed).live);
    bed->loop.shift += 1 * SQ_SECOND;
    until(bed, !info(bed).live);
    assert_string_equal(line(bed, 0), "no word for 6 s");
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_string_equal(info(bed).source, "FAKE-2");
}

static void a_pong_is_a_word(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    bed->one.silent = true;
    for (int i = 0; i < 3; i++) {
        sq_time heard = info(bed).heard;
        bed->loop.shift += 5 * SQ_SECOND;
        fake_pong(&bed->one);
        until(bed, info(bed).heard > heard);
    }
    settle(bed, 60);
    assert_true(info(bed).live);
}

static void a_server_that_speaks_and_does_not_answer_is_given_up(void **state)
{
    struct bed *bed = *state;
    bed->one.mute_open = true;
    start(bed);
    until(bed, bed->one.opens == 1);
    for (int i = 0; i < 3; i++) {
        bed->loop.shift += 5 * SQ_SECOND;
        fake_pong(&bed->one);
        settle(bed, 20);
    }
    until(bed, strstr(line(bed, 0), "no answer for 15 s"));
}

static void plain_text_stays_on_this_machine(void **state)
{
    struct bed *bed = *state;
    snprintf(bed->config.servers[0].host, REMOTE_HOST_SIZE, "192.0.2.1");
    start(bed);
    until(bed, line(bed, 0)[0]);
    assert_non_null(strstr(line(bed, 0), "without TLS"));
}

static void a_book_kept_from_before_is_shown_and_resumed(void **state)
{
    struct bed *bed = *state;
    struct sq_config config;
    bed->one.keeps_events = true;
    make(bed);
    sq_config_default(&config);
    struct sq_view *view = remote_seed(bed->remote, &config);
    assert_non_null(view);
    struct sq_message row = {.kind = SQ_BOOK, .as.book = {.day = 20261125}};
    assert_int_equal(sq_view_apply(view, &row), 0);
    remote_seeded(bed->remote, 8, 1, 5 * SQ_SECOND, "BACKUP-9");
    assert_int_equal(phase(bed), REMOTE_LOST);
    assert_ptr_equal(bed->session->view, view);
    assert_string_equal(info(bed).source, "BACKUP-9");
    assert_true(!info(bed).live && info(bed).view_only);
    assert_int_equal(info(bed).heard, 5 * SQ_SECOND);
    remote_start(bed->remote);
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_int_equal(bed->one.after, 8);
    assert_ptr_equal(bed->session->view, view);
}

/* ---- a server that lies -------------------------------------------------------------------- */

static const struct {
    const char *frame, *why;
} lies[] = {
    {"hello", "wrong frame"},
    {"{\"id\":1.5}", "wrong frame"},
    {"{\"b\":\"MUM\",\"at\":50}", "at: out of place"},
    {"{\"b\":\"DEL\",\"at\":50}", "not opened"},
    {"{\"b\":\"MUM\",\"news\":[]}", "wrong frame"},
    {"{\"id\":999,\"seq\":1}", "an answer to nothing"},
    {"{\"b\":\"MUM\",\"rows\":[[\"cancel\",1,\"RK07\"]]}", "no row and no answer"},
    {"{\"b\":\"MUM\",\"rows\":[[\"config\",1]]}", "no row and no answer"},
    {"{\"b\":\"MUM\",\"rows\":[[\"order\",1,\"K\",\"\",\"\",\"\",\"\",\"C9\",\"NFO\",1]]}",
     "does not fit"},
    {"{\"b\":\"MUM\",\"ev\":[[10,1,[\"alarm\",\"clock jumped\"]]]}", "does not rise"},
    {"{\"b\":\"MUM\",\"ev\":[[20,1],[20,1]],\"q\":[[9,1,1,1,1,1]]}", "was not told"},
    {"{\"b\":\"MUM\",\"ev\":[[\"20\",1]]}", "no seq and time"},
    {"{\"b\":\"MUM\",\"ev\":[[20,-1]]}", "no seq and time"},
    {"{\"b\":\"MUM\",\"ev\":[20]}", "no seq and time"},
    {"{\"b\":\"MUM\",\"ev\":[[20,1,[\"sent\",\"K\",1,1]]]}", "no row and no answer"},
    {"{\"b\":\"MUM\",\"ev\":[[20,1,[\"~order\",7,18,1]]]}", "no such row"},
    {"{\"b\":\"MUM\",\"ev\":[[20,1,[\"position\",\"C9\",\"NFO\",1,\"NRML\",5]]]}", "does not fit"},
    {"{\"b\":\"MUM\",\"q\":[[1,1,1,1,1,1]]}", "was not told"},
    {"{\"b\":\"MUM\",\"q\":[[4000000000,1,1,1,1,1]]}", "was not told"},
    {"{\"b\":\"MUM\",\"i\":[[4000000000,\"NFO\",1]]}", "no such place"},
    {"{\"b\":\"MUM\",\"i\":[[1,\"LSE\",1]]}", "i: not possible"},
    {"{\"b\":\"MUM\",\"st\":[]}", "st: not possible"},
    {"{\"b\":\"MUM\",\"fd\":[[\"NFO\"]]}", "fd: not possible"},
};

static void lies_end_the_connection_and_not_the_console(void **state)
{
    struct bed *bed = *state;
    go_live(bed);
    for (size_t i = 0; i < SIZE(lies); i++) {
        unsigned opens = bed->one.opens;
        fake_say(&bed->one, "%s", lies[i].frame);
        until(bed, phase(bed) != REMOTE_LIVE && line(bed, 0)[0]);
        if (!strstr(line(bed, 0), lies[i].why))
            fail_msg("%s: '%s'", lies[i].frame, line(bed, 0));
        until(bed, phase(bed) == REMOTE_LIVE && bed->one.opens > opens);
        settle(bed, 3);
    }
    assert_int_equal(tables(bed)->position[0].net, 100);
}

/* Half of a frame was folded: the rest of the book cannot be trusted, and is not resumed from. */
static void after_half_a_frame_the_book_comes_afresh(void **state)
{
    struct bed *bed = *state;
    bed->one.keeps_events = true;
    go_live(bed);
    fake_say(&bed->one,
             "{\"b\":\"MUM\",\"ev\":[[20,1,[\"~position\",\"C1\",\"NFO\",1,\"NRML\",5,77],"
             "[\"alarm\",\"NO SUCH\"]]]}");
    until(bed, bed->one.opens == 2);
    until(bed, phase(bed) == REMOTE_LIVE);
    assert_int_equal(bed->one.after, -1);
    assert_int_equal(tables(bed)->position[0].net, 100);
    assert_int_equal(bed->replaced, 2);
}

/* ---- TLS ----------------------------------------------------------------------------------- */

static void shell(const char *format, const char *folder)
{
    char command[1024];
    snprintf(command, sizeof command, format, folder, folder);
    if (system(command) != 0)
        fail_msg("%s", command);
}

static void certificates_are_checked(void **state)
{
    struct bed *bed = *state;
    static struct fake safe = {.name = "SAFE-1"};
    char folder[256], cert[300], key[300], other[300];
    if (system("command -v openssl >/dev/null") != 0)
        check_skip("no openssl program to make a certificate with");
    check_make_folder(folder, sizeof folder);
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
          "/CN=localhost "
          "-addext subjectAltName=DNS:localhost -keyout %s/key -out %s/cert 2>/dev/null",
          folder);
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "
          "/CN=localhost "
          "-addext subjectAltName=DNS:localhost -keyout %s/key2 -out %s/other 2>/dev/null",
          folder);
    snprintf(cert, sizeof cert, "%s/cert", folder);
    snprintf(key, sizeof key, "%s/key", folder);
    snprintf(other, sizeof other, "%s/other", folder);
    fake_start(&safe, &bed->loop, cert, key);
    bed->config.plain = false;
    bed->config.ca_file = cert;
    snprintf(bed->config.servers[0].host, REMOTE_HOST_SIZE, "localhost");
    memcpy(bed->config.servers[0].port, safe.port, sizeof safe.port);
    go_live(bed);
    assert_string_equal(info(bed).source, "SAFE-1");
    for (int wrong = 0; wrong < 2; wrong++) { /* another CA, another name */
        remote_stop(bed->remote);
        settle(bed, 10);
        remote_free(bed->remote);
        bed->config.ca_file = wrong == 0 ? other : cert;
        snprintf(bed->config.servers[0].host, REMOTE_HOST_SIZE,
                 wrong == 0 ? "localhost" : "127.0.0.1");
        start(bed);
        until(bed, line(bed, 0)[0]);
        if (!strstr(line(bed, 0), "certificate: "))
            fail_msg("%d: %s", wrong, line(bed, 0));
        assert_null(bed->session->view);
    }
    remote_stop(bed->remote);
    settle(bed, 10);
    remote_free(bed->remote);
    bed->remote = NULL;
    fake_stop(&safe);
    settle(bed, 10);
    fake_free(&safe);
    check_remove_folder(folder);
}

static void settings_are_checked(void **state)
{
    struct bed *bed = *state;
    char why[WIRE_WHY_SIZE];
    bed->config.server_count = 0;
    assert_null(remote_create(&bed->config, why, sizeof why));
    assert_non_null(strstr(why, "servers"));
    bed->config.server_count = 1;
    bed->config.per_s = 31;
    assert_null(remote_create(&bed->config, why, sizeof why));
    assert_non_null(strstr(why, "rates"));
    bed->config.per_s = 1;
    bed->config.servers[0].port[0] = 'x';
    assert_null(remote_create(&bed->config, why, sizeof why));
    assert_non_null(strstr(why, "HOST:PORT"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_book_comes_after_the_login),
        TEST(a_person_is_asked_before_anything_is_connected),
        TEST(a_wrong_password_is_asked_for_again),
        TEST(a_void_token_asks_for_the_password),
        TEST(a_token_that_is_revoked_ends_the_session),
        TEST(logging_out_is_the_end),
        TEST(events_are_folded_into_the_view),
        TEST(links_are_told_apart),
        TEST(rates_go_to_the_contracts_that_were_told),
        TEST(a_feed_lives_as_long_as_the_server_speaks),
        TEST(depth_is_asked_for),
        TEST(a_submit_is_one_request),
        TEST(a_refused_request_is_a_refusal_on_the_screen),
        TEST(previews_come_later),
        TEST(many_previews_come_in_parts),
        TEST(any_other_request_is_answered_once),
        TEST(what_was_not_taken_is_told_and_not_sent_again),
        TEST(what_is_in_the_book_is_not_lost),
        TEST(a_refusal_that_came_is_not_told_twice),
        TEST(the_old_book_is_shown_until_the_new_one_is_whole),
        TEST(a_console_that_was_too_slow_gets_rows_again),
        TEST(a_long_frame_comes_whole),
        TEST(the_next_server_is_tried_at_once),
        TEST(a_standby_is_passed_over),
        TEST(after_a_round_it_waits_longer_each_time),
        TEST(a_server_without_a_word_is_dead),
        TEST(a_pong_is_a_word),
        TEST(a_server_that_speaks_and_does_not_answer_is_given_up),
        TEST(plain_text_stays_on_this_machine),
        TEST(a_book_kept_from_before_is_shown_and_resumed),
        TEST(lies_end_the_connection_and_not_the_console),
        TEST(after_half_a_frame_the_book_comes_afresh),
        TEST(certificates_are_checked),
        TEST(settings_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
