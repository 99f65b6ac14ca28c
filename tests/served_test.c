/* A served book and consoles that read it at their own pace: whatever happens meanwhile, each ends
 * with the rows that it may see, as they are. */
#include "tests/check.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/host.h"
#include "db/day.h"
#include "db/rehearse.h"
#include "db/store_memory.h"
#include "net/served_parts.h"

enum { FRAMES_MOST = 10000 };

struct bed {
    struct loop loop;
    struct day day;
    struct sq_config config;
    struct sq_store *store;
    void *memory;
    struct sq_host *host;
    struct served book;
    sq_time now;
    uint64_t random;
};

/* What a console makes of the frames that it has read. */
struct reader {
    struct subscriber subscriber;
    struct sq_tables tables;
    void *memory;
    uint64_t seq, at;
    uint32_t frames, rows;
};

static uint32_t answers;
static uint64_t answered_seq;
static char answered_refusals[4096];

static void wake(struct subscriber *subscriber)
{
    (void)subscriber;
}

static void answer(void *console, const struct served_submit *submit)
{
    (void)console;
    answers++;
    answered_seq = submit->seq;
    snprintf(answered_refusals, sizeof answered_refusals, "%.*s", (int)submit->refused_length,
             submit->refused != NULL ? submit->refused : "");
}

/* ---- the bed ---------------------------------------------------------------------------------- */

static void load_day(struct bed *b)
{
    const char *path = "drill";
    struct day_options how = {
        .sender = "SQDRILL", .accepted_by = "SV02", .accepted_why = "a test", .book = "DRL"};
    char why[512];
    assert_int_equal(day_load(&b->day, &how, &path, 1, why, sizeof why), 0);
    rehearse_config(&b->day, &b->config);
    b->store = store_memory_create();
    b->memory = calloc(1, sq_host_size(&b->config));
    b->host = sq_host_init(b->memory, &b->config, b->store, NULL, NULL);
    assert_int_equal(sq_host_recover(b->host, why, sizeof why), SQ_ERR_OK);
    b->now = b->day.as_of;
    assert_int_equal(sq_host_run(b->host, b->now), SQ_ERR_OK);
    assert_int_equal(sq_host_load(b->host, b->day.inputs, b->day.input_count, b->now), SQ_ERR_OK);
}

/* The test drives the host by itself, so nothing happens but what it does. */
static int set_up(void **state)
{
    struct bed *b = calloc(1, sizeof *b);
    struct served_config config = {.code = "DRL", .loop = &b->loop, .wake = wake, .answer = answer};
    assert_int_equal(loop_init(&b->loop), 0);
    load_day(b);
    const struct served_open how = {
        .host = b->host, .store = b->store, .engine = &b->config, .view_only = true};
    served_init(&b->book, &config);
    assert_int_equal(served_open(&b->book, &how), 0);
    b->random = 1;
    answers = 0;
    *state = b;
    return 0;
}

static int tear_down(void **state)
{
    struct bed *b = *state;
    served_close(&b->book);
    loop_finish(&b->loop);
    served_free(&b->book);
    b->store->ops->destroy(b->store);
    day_finish(&b->day);
    free(b->memory);
    free(b);
    return 0;
}

static uint32_t any(struct bed *b, uint32_t below)
{
    b->random = b->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(b->random >> 33) % below;
}

/* A fill told by phone: it changes a position, makes a fill, and sometimes an alarm. */
static void change_something(struct bed *b)
{
    struct sq_message input = {.kind = SQ_MANUAL_FILL};
    struct sq_manual_fill *m = &input.as.manual_fill;
    const struct sq_position *p = &b->book.tables.position[any(b, b->book.tables.position_count)];
    m->id = (struct sq_id){any(b, UINT32_MAX), any(b, UINT32_MAX)};
    m->key = p->key;
    m->side = (uint8_t)any(b, 2);
    m->qty = 1 + any(b, 50);
    m->price = 10000;
    strcpy(m->person, any(b, 4) == 0 ? "SV02" : "RK07");
    strcpy(m->reason, "told by phone");
    b->now += SQ_MS;
    assert_true(sq_host_submit(b->host, &input));
    assert_int_equal(sq_host_run(b->host, b->now), SQ_ERR_OK);
}

/* ---- a console -------------------------------------------------------------------------------- */

static void begin(struct bed *b, struct reader *r, const char *person)
{
    bool resumed;
    memset(r, 0, sizeof *r);
    r->memory = calloc(1, sq_tables_size(&b->config));
    sq_tables_init(&r->tables, r->memory, &b->config);
    r->subscriber.person = sq_find_person(&b->book.tables, person);
    assert_int_not_equal(r->subscriber.person, SQ_NO_ROW);
    served_subscribe(&b->book, &r->subscriber, 0, 0, &resumed);
    assert_false(resumed);
}

static void end(struct reader *r)
{
    served_unsubscribe(&r->subscriber);
    free(r->memory);
}

static void take_row(struct reader *r, const cJSON *array)
{
    struct sq_message message;
    char why[WIRE_WHY_SIZE];
    if (wire_read_row(array, &r->tables, &message, why, sizeof why) != 0)
        fail_msg("%s", why);
    r->rows++;
    if (sq_kind_info((enum sq_kind)message.kind)->family == SQ_FAMILY_RECORD)
        assert_int_equal(sq_tables_apply(&r->tables, (enum sq_kind)message.kind, &message.as), 0);
}

static void take_group(struct reader *r, const cJSON *group)
{
    const cJSON *item;
    int place = 0;
    cJSON_ArrayForEach(item, group)
    {
        if (place == 0) {
            assert_true((uint64_t)item->valuedouble > r->seq);
            r->seq = (uint64_t)item->valuedouble;
        }
        if (place++ >= 2)
            take_row(r, item);
    }
}

/* Reads one frame; false: there is none. */
static bool read_one(struct reader *r)
{
    static char bytes[WIRE_FRAME_MAX];
    struct wire_out out;
    struct wire_frame frame;
    char why[WIRE_WHY_SIZE];
    const cJSON *item;
    wire_begin(&out, bytes, sizeof bytes);
    if (!served_next_frame(&r->subscriber, &out))
        return false;
    assert_false(out.cut);
    if (wire_read_frame(out.bytes, out.length, &frame, why, sizeof why) != 0)
        fail_msg("%s", why);
    assert_string_equal(frame.book, "DRL");
    cJSON_ArrayForEach(item, frame.rows) take_row(r, item);
    cJSON_ArrayForEach(item, frame.events) take_group(r, item);
    if (wire_said(&frame, WIRE_SAID_AT))
        r->at = r->seq = (uint64_t)frame.at;
    wire_frame_end(&frame);
    r->frames++;
    return true;
}

static void read_all(struct reader *r)
{
    uint32_t frames = 0;
    while (read_one(r))
        assert_true(frames++ < FRAMES_MOST);
}

/* The row as a console has it, in the words of the wire: what is the host's own is left out. */
static void print_row(char text[SQ_LINE_MAX], enum sq_kind kind, const void *row)
{
    struct wire_out out;
    wire_begin(&out, text, SQ_LINE_MAX - 1);
    wire_change(&out, kind, NULL, row);
    text[out.length] = '\0';
}

static void check_row(enum sq_kind kind, const void *got, const void *expected)
{
    char got_text[SQ_LINE_MAX], expected_text[SQ_LINE_MAX];
    print_row(got_text, kind, got);
    print_row(expected_text, kind, expected);
    assert_string_equal(got_text, expected_text);
}

/* Every row in scope is there as it is, in the same order, and no other. */
static void check_same(struct bed *b, struct reader *r)
{
    const struct sq_tables *t = sq_engine_tables(sq_host_engine(b->host));
#define X(member, type, tail)                                                   \
    if (SQ_##tail != SQ_INTENT) {                                               \
        uint32_t row = 0;                                                       \
        for (uint32_t i = 0; i < t->member##_count; i++) {                      \
            if (!sq_may_see(t, r->subscriber.person, SQ_##tail, &t->member[i])) \
                continue;                                                       \
            assert_true(row < r->tables.member##_count);                        \
            check_row(SQ_##tail, &r->tables.member[row++], &t->member[i]);      \
        }                                                                       \
        assert_int_equal(row, r->tables.member##_count);                        \
    }
    SQ_TABLES_MAP(X)
#undef X
    check_row(SQ_BOOK, &r->tables.book, &t->book);
}

/* ---- tests ------------------------------------------------------------------------------------ */

static void snapshots_are_one_book_although_it_changes(void **state)
{
    struct bed *b = *state;
    struct reader supervisor, dealer;
    begin(b, &supervisor, "SV02");
    begin(b, &dealer, "RK07");
    for (int i = 0; i < 400; i++) {
        for (uint32_t changes = any(b, 4); changes > 0; changes--)
            change_something(b);
        if (any(b, 3) == 0)
            read_one(&supervisor);
        if (any(b, 5) == 0)
            read_one(&dealer);
    }
    read_all(&supervisor);
    read_all(&dealer);
    check_same(b, &supervisor);
    check_same(b, &dealer);
    assert_true(supervisor.frames > 3 && supervisor.at > 0);
    assert_true(supervisor.tables.fill_count > b->day.counts.trades + 100);
    end(&supervisor);
    end(&dealer);
}

static void a_reader_that_falls_out_of_the_ring_gets_a_snapshot_again(void **state)
{
    struct bed *b = *state;
    struct reader slow;
    begin(b, &slow, "SV02");
    read_all(&slow);
    uint64_t snapshots = b->book.figures.snapshots, first = b->book.ring.first;
    while (b->book.ring.first < first + SERVED_EVENTS / 4 ||
           b->book.ring.first <= slow.subscriber.cursor)
        change_something(b);
    read_all(&slow);
    assert_true(b->book.figures.snapshots > snapshots);
    check_same(b, &slow);
    end(&slow);
}

static void a_console_resumes_from_any_seq_that_is_there(void **state)
{
    struct bed *b = *state;
    struct reader r;
    begin(b, &r, "SV02");
    read_all(&r);
    for (int i = 0; i < 50; i++) {
        bool resumed;
        uint64_t epoch = b->book.tables.book.epoch;
        for (uint32_t changes = any(b, 5); changes > 0; changes--)
            change_something(b);
        if (any(b, 2) == 0)
            read_all(&r);
        served_unsubscribe(&r.subscriber);
        change_something(b);
        served_subscribe(&b->book, &r.subscriber, r.seq, epoch, &resumed);
        assert_true(resumed);
        read_all(&r);
        assert_int_equal(r.at, b->book.seq);
        check_same(b, &r);
    }
    end(&r);
}

static void what_was_not_seen_here_is_not_resumed(void **state)
{
    struct bed *b = *state;
    uint64_t epoch = b->book.tables.book.epoch;
    const struct {
        uint64_t after, epoch;
    } cases[] = {{0, epoch}, {b->book.seq + 1, epoch}, {b->book.seq, epoch + 1}, {b->book.seq, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct subscriber s = {.person = 0};
        bool resumed;
        served_subscribe(&b->book, &s, cases[i].after, cases[i].epoch, &resumed);
        assert_false(resumed);
        served_unsubscribe(&s);
    }
}

static void whoever_sees_no_client_gets_none(void **state)
{
    struct bed *b = *state;
    struct reader r;
    begin(b, &r, "PM03"); /* a dealer of the desk whom no client has */
    for (int i = 0; i < 100; i++)
        change_something(b);
    read_all(&r);
    check_same(b, &r);
    assert_int_equal(r.tables.client_count, 0);
    assert_int_equal(r.tables.position_count, 0);
    end(&r);
}

static void a_submit_is_answered_when_it_is_durable(void **state)
{
    struct bed *b = *state;
    struct sq_message input = {.kind = SQ_CANCEL};
    input.as.cancel.order_no = 99999;
    strcpy(input.as.cancel.person, "RK07");
    assert_true(served_submit(&b->book, b, 7, &input, 1));
    struct sq_turn turn;
    b->now += SQ_MS;
    assert_true(sq_host_gather(b->host, b->now, &turn));
    assert_int_equal(answers, 0);
    assert_int_equal(b->store->ops->commit(b->store, &turn), SQ_ERR_OK);
    sq_host_done(b->host, SQ_ERR_OK);
    assert_true(served_submit(&b->book, b, 8, &input, 1)); /* answers what is durable, too */
    assert_int_equal(answers, 1);
    assert_int_equal(answered_seq, b->book.seq);
    assert_non_null(strstr(answered_refusals, "no such order"));
}

static void a_refusal_at_the_door_is_an_answer_only(void **state)
{
    struct bed *b = *state;
    struct sq_message inputs[3] = {{.kind = SQ_CANCEL}, {.kind = SQ_CANCEL}, {.kind = SQ_CANCEL}};
    uint64_t next = b->book.ring.next;
    sq_host_set_view_only(b->host);
    assert_true(served_submit(&b->book, b, 9, inputs, 3));
    assert_int_equal(answers, 1);
    assert_non_null(strstr(answered_refusals, "view only"));
    assert_int_equal(b->book.ring.next, next);
}

static void nobody_hears_the_answer_of_a_console_that_went(void **state)
{
    struct bed *b = *state;
    struct sq_message input = {.kind = SQ_CANCEL};
    strcpy(input.as.cancel.person, "RK07");
    assert_true(served_submit(&b->book, b, 7, &input, 1));
    served_forget(&b->book, b);
    assert_int_equal(sq_host_run(b->host, b->now), SQ_ERR_OK);
    assert_true(served_submit(&b->book, &b->loop, 8, &input, 1));
    assert_int_equal(answers, 0);
}

/* ---- hostile ---------------------------------------------------------------------------------- */

static uint32_t longest_answer;

static void measure(void *console, const struct served_submit *submit)
{
    (void)console;
    answers++;
    if (submit->refused_length > longest_answer)
        longest_answer = submit->refused_length;
}

static void run(struct bed *b)
{
    b->now += SQ_MS;
    assert_int_equal(sq_host_run(b->host, b->now), SQ_ERR_OK);
}

static void supervise(struct bed *b, struct sq_supervise what)
{
    struct sq_message input = {.kind = SQ_SUPERVISE, .as.supervise = what};
    strcpy(input.as.supervise.person, "SV02");
    strcpy(input.as.supervise.reason, "a test");
    assert_true(sq_host_submit(b->host, &input));
    run(b);
}

static void make_close(struct bed *b, const struct sq_position *p, struct sq_message *message)
{
    struct sq_square_off *s = &message->as.square_off;
    *message = (struct sq_message){.kind = SQ_SQUARE_OFF};
    s->id = (struct sq_id){1 + any(b, UINT32_MAX), 1 + any(b, UINT32_MAX)};
    s->key = p->key;
    strcpy(s->dealer, "SV02");
    s->target = 2 * p->net;
    s->seen_net = p->net + 1;
    s->limit = 7;
    s->created = b->now;
}

/* The position whose close is stopped by the most guards. */
static void submit_most_refused(struct bed *b, size_t count)
{
    static struct sq_message messages[2 * WIRE_ITEMS_MAX]; /* longer names than the drill's */
    const struct sq_position *most = NULL;
    for (uint32_t i = 0; i < b->book.tables.position_count; i++) {
        uint32_t before = longest_answer;
        make_close(b, &b->book.tables.position[i], &messages[0]);
        assert_true(served_submit(&b->book, b, 1, messages, 1));
        run(b);
        assert_true(served_submit(&b->book, b, 1, messages, 1)); /* answers the one before */
        run(b);
        if (longest_answer > before)
            most = &b->book.tables.position[i];
    }
    for (size_t i = 0; i < count; i++)
        make_close(b, most, &messages[i]);
    assert_true(served_submit(&b->book, b, 1, messages, count));
    run(b);
    assert_true(served_submit(&b->book, b, 1, messages, 1));
}

static void refusals_fit_a_frame(void **state)
{
    struct bed *b = *state;
    b->book.config.answer = measure;
    longest_answer = 0;
    supervise(b, (struct sq_supervise){.what = SQ_SUPERVISE_HALT});
    for (uint32_t i = 0; i < b->book.tables.client_count; i++) {
        struct sq_supervise lock = {.what = SQ_SUPERVISE_LOCK};
        memcpy(lock.key.client, b->book.tables.client[i].code, sizeof lock.key.client);
        supervise(b, lock);
    }
    submit_most_refused(b, 2 * WIRE_ITEMS_MAX);
    assert_in_range(longest_answer, WIRE_FRAME_MAX - 2048, WIRE_FRAME_MAX - 128);
}

static void large_submits_leave_room_for_small_ones(void **state)
{
    struct bed *b = *state;
    struct sq_message messages[WIRE_ITEMS_MAX] = {{0}};
    uint32_t large = 0;
    for (size_t i = 0; i < WIRE_ITEMS_MAX; i++)
        messages[i].kind = SQ_CANCEL;
    while (served_submit(&b->book, b, 1, messages, WIRE_ITEMS_MAX))
        large++;
    assert_in_range(large, 4, 6);
    for (int i = 0; i < 200; i++)
        assert_true(served_submit(&b->book, b, 1, messages, 5));
}

static void submits_are_numbered_for_ever(void **state)
{
    struct bed *b = *state;
    struct sq_message input = {.kind = SQ_CANCEL};
    strcpy(input.as.cancel.person, "RK07");
    b->book.last_tag = b->book.answered_tag = UINT32_MAX - 2;
    for (int i = 0; i < 10; i++) {
        assert_true(served_submit(&b->book, b, 7, &input, 1));
        run(b);
    }
    assert_int_equal(answers, 9);
}

/* Asked for over and over by one, the rates of all others still come. */
static void nobody_puts_off_the_rates_of_others(void **state)
{
    struct bed *b = *state;
    struct reader honest, greedy;
    const struct sq_rate rate = {.time = 1, .last = 100};
    uint64_t wanted[1024] = {1};
    uint32_t frames = 0;
    begin(b, &honest, "SV02");
    begin(b, &greedy, "RK07");
    read_all(&honest);
    assert_int_equal(served_want_rates(&honest.subscriber, wanted, 30, false), 0);
    sq_board_rate(b->book.board, 0, &rate);
    for (int i = 0; i < 60; i++) {
        static char bytes[WIRE_FRAME_MAX];
        struct wire_out out;
        wire_begin(&out, bytes, sizeof bytes);
        frames += served_next_rates(&honest.subscriber, &out);
        served_rated(&b->book, 0);
        assert_int_equal(served_want_rates(&greedy.subscriber, wanted, 30, false), 0);
        usleep(10000);
        uv_run(&b->loop.uv, UV_RUN_NOWAIT);
    }
    assert_true(frames > 6);
    end(&honest);
    end(&greedy);
}

/* Whoever stands in for a desk since he was away has to get its rows, not changes of them. */
static void who_sees_more_than_before_begins_again(void **state)
{
    struct bed *b = *state;
    struct reader r;
    struct sq_supervise assign = {.what = SQ_SUPERVISE_ASSIGN, .dealer = "AS11"};
    bool resumed;
    begin(b, &r, "AS11");
    read_all(&r);
    served_unsubscribe(&r.subscriber);
    memcpy(assign.desk, b->book.tables.client[0].desk, sizeof assign.desk);
    supervise(b, assign);
    served_subscribe(&b->book, &r.subscriber, r.seq, b->book.tables.book.epoch, &resumed);
    assert_false(resumed);
    end(&r);
}

static void take(struct bed *b, uint32_t epoch)
{
    struct sq_message input = {.kind = SQ_OWNERSHIP};
    input.as.ownership = (struct sq_ownership){
        .what = SQ_OWNERSHIP_TAKE, .taken = SQ_TAKEN_FENCED, .epoch = epoch, .owner = "OTHER"};
    assert_true(sq_host_submit(b->host, &input));
    run(b);
    assert_int_equal(b->book.tables.book.epoch, epoch);
}

static bool resumes(struct bed *b, uint64_t after, uint64_t epoch)
{
    struct subscriber s = {.person = 0};
    bool resumed;
    served_subscribe(&b->book, &s, after, epoch, &resumed);
    served_unsubscribe(&s);
    return resumed;
}

/* Numbers of another epoch, or of another day's journal, are of what this book never was. */
static void only_what_was_ours_is_resumed(void **state)
{
    struct bed *b = *state;
    uint32_t day = b->book.tables.book.epoch;
    uint64_t first = b->book.seq;
    assert_false(resumes(b, first, day - 1));
    take(b, day + 1);
    uint64_t second = b->book.seq;
    assert_true(resumes(b, first, day));
    assert_false(resumes(b, second, day));
    assert_false(resumes(b, first, day - 1));
    take(b, day + 2);
    assert_true(resumes(b, second, day + 1));
    assert_false(resumes(b, second, day));
    assert_false(resumes(b, first, day - 1));
}

/* ---- the ring by itself ------------------------------------------------------------------------ */

static void the_ring_keeps_the_newest(void **state)
{
    struct event_ring ring;
    char text[64];
    (void)state;
    assert_int_equal(event_ring_init(&ring, 8, 100), 0);
    for (uint64_t seq = 1; seq <= 1000; seq++) {
        struct ring_event event = {.seq = seq, .length = (uint32_t)(seq % 25)};
        memset(text, (int)('a' + seq % 26), sizeof text);
        event_ring_add(&ring, &event, text);
        assert_true(ring.next - ring.first <= 8);
        for (uint64_t i = ring.first; i < ring.next; i++) {
            const struct ring_event *kept = event_ring_get(&ring, i);
            const char *bytes = event_ring_text(&ring, kept);
            for (uint32_t at = 0; at < kept->length; at++)
                assert_int_equal(bytes[at], 'a' + kept->seq % 26);
        }
        uint64_t cursor;
        assert_true(event_ring_after(&ring, seq - 1, &cursor));
        assert_int_equal(cursor, ring.next - 1);
        assert_int_equal(event_ring_after(&ring, ring.lost_seq, &cursor), true);
        assert_int_equal(cursor, ring.first);
        if (ring.lost_seq > 0)
            assert_false(event_ring_after(&ring, ring.lost_seq - 1, &cursor));
    }
    event_ring_finish(&ring);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(snapshots_are_one_book_although_it_changes),
        TEST(a_reader_that_falls_out_of_the_ring_gets_a_snapshot_again),
        TEST(a_console_resumes_from_any_seq_that_is_there),
        TEST(what_was_not_seen_here_is_not_resumed),
        TEST(refusals_fit_a_frame),
        TEST(large_submits_leave_room_for_small_ones),
        TEST(submits_are_numbered_for_ever),
        TEST(nobody_puts_off_the_rates_of_others),
        TEST(who_sees_more_than_before_begins_again),
        TEST(only_what_was_ours_is_resumed),
        TEST(whoever_sees_no_client_gets_none),
        TEST(a_submit_is_answered_when_it_is_durable),
        TEST(a_refusal_at_the_door_is_an_answer_only),
        TEST(nobody_hears_the_answer_of_a_console_that_went),
        cmocka_unit_test(the_ring_keeps_the_newest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
