/*
 * The exchange port over FIX, against a peer in memory: every request and every answer, what goes
 * wrong on the way, restarts, numbers and flow control. No socket and no clock.
 */
#include "tests/check.h"
#include "tests/fix_peer.h"

#include "core/engine.h"
#include "net/fix_exchange.h"

#include <stdlib.h>
#include <string.h>

#define START INT64_C(1764130500000000) /* 2025-11-26T04:15:00Z */

enum { INPUTS = 256 };

struct world {
    struct sq_tables tables;
    void *memory;
    struct sq_book book;
    struct fix_exchange *x;
    struct fix_peer *peer;
    int64_t now;
    struct sq_message input[INPUTS]; /* what the host was given */
    int inputs;
    int room;       /* inputs that the host still takes */
    bool no_blocks; /* the host answers no reservation */
    char log[8192];
};

/* ---- a host that writes down ---------------------------------------------------------------- */

static void tell_book(struct world *w)
{
    struct sq_message event = {.kind = SQ_BOOK, .as.book = w->book};
    w->x->listener.event(&w->x->listener, &event);
}

static bool submit(void *owner, const struct sq_message *input)
{
    struct world *w = owner;
    if (w->room == 0)
        return false;
    w->room--;
    if (input->kind == SQ_NUMBERS) {
        if (!w->no_blocks) {
            w->book.out_reserved = input->as.numbers.out_reserved;
            tell_book(w);
        }
        return true;
    }
    assert_true(w->inputs < INPUTS);
    w->input[w->inputs++] = *input;
    return true;
}

static void log_line(void *owner, const char *line)
{
    struct world *w = owner;
    size_t at = strlen(w->log);
    snprintf(w->log + at, sizeof w->log - at, "%s\n", line);
}

/* The inputs since the last look, a line each. */
static const char *said(struct world *w)
{
    static char text[16 * SQ_LINE_MAX];
    size_t at = 0;
    text[0] = '\0';
    for (int i = 0; i < w->inputs && at < sizeof text - SQ_LINE_MAX; i++) {
        at += sq_line((enum sq_kind)w->input[i].kind, &w->input[i].as, text + at, sizeof text - at);
        text[at++] = '\n';
        text[at] = '\0';
    }
    w->inputs = 0;
    return text;
}

/* ---- a small day ---------------------------------------------------------------------------- */

static const struct sq_key nifty = {"C10421", 52223, SQ_EXCHANGE_NFO, SQ_PRODUCT_NRML};

static void add(struct world *w, enum sq_kind kind, const void *body)
{
    assert_int_equal(sq_tables_apply(&w->tables, kind, body), 0);
}

static void add_order(struct world *w, uint64_t no, const char *clord, uint64_t fix_seq)
{
    struct sq_order order = {.no = no,
                             .key = nifty,
                             .qty = 65,
                             .leaves = 65,
                             .limit = 12040,
                             .side = SQ_SIDE_SELL,
                             .state = SQ_ORDER_SENT,
                             .fix_seq = fix_seq};
    snprintf(order.clord, sizeof order.clord, "%s", clord);
    add(w, SQ_ORDER, &order);
}

static void add_day(struct world *w)
{
    struct sq_config config;
    sq_config_default(&config);
    w->memory = calloc(1, sq_tables_size(&config));
    sq_tables_init(&w->tables, w->memory, &config);
    struct sq_instrument i = {.token = 52223,
                              .exchange = SQ_EXCHANGE_NFO,
                              .contract = SQ_CONTRACT_CALL,
                              .price_decimals = 2,
                              .expiry = 20251201,
                              .strike = 2450000,
                              .tick = 5,
                              .lot = 65,
                              .multiplier = 1,
                              .freeze = 1800,
                              .symbol = "NIFTY"};
    struct sq_instrument usd = {.token = 1122,
                                .exchange = SQ_EXCHANGE_CDS,
                                .contract = SQ_CONTRACT_FUTURE,
                                .price_decimals = 4,
                                .expiry = 20251229,
                                .tick = 25,
                                .lot = 1,
                                .multiplier = 1000,
                                .symbol = "USDINR"};
    struct sq_client client = {.code = "C10421", .exch_account = "ACC10421", .active = 1};
    struct sq_position position = {.key = nifty, .net = 650};
    add(w, SQ_INSTRUMENT, &i);
    add(w, SQ_INSTRUMENT, &usd);
    add(w, SQ_CLIENT, &client);
    add(w, SQ_POSITION, &position);
    add_order(w, 1, "OUR1", 77);
}

static void new_adaptor(struct world *w)
{
    struct fix_exchange_config config = {.target_comp_id = "SQXCHG",
                                         .tables = &w->tables,
                                         .submit = submit,
                                         .log = log_line,
                                         .owner = w};
    fix_exchange_init(w->x, &config);
    fix_exchange_start(w->x, &w->book);
    fix_exchange_poll(w->x, w->now);
}

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->x = malloc(sizeof *w->x);
    w->now = START;
    w->room = INT32_MAX;
    w->book =
        (struct sq_book){.day = 20251126, .epoch = 3, .sender = "DESK1", .loaded = 1, .owned = 1};
    w->peer = fix_peer_new("SQXCHG", "DESK1", false);
    add_day(w);
    *state = w;
    return 0;
}

static int end(void **state)
{
    struct world *w = *state;
    fix_peer_free(w->peer);
    free(w->memory);
    free(w->x);
    free(w);
    return 0;
}

/* ---- the wire between the two ---------------------------------------------------------------- */

static size_t to_peer(struct world *w)
{
    size_t n;
    const char *bytes = fix_exchange_output(w->x, &n);
    if (w->peer->deaf || n == 0)
        return 0;
    n = fix_session_receive(&w->peer->session, bytes, n);
    fix_exchange_written(w->x, n);
    return n;
}

static size_t from_peer(struct world *w)
{
    size_t n;
    const char *bytes = fix_session_output(&w->peer->session, &n);
    if (n == 0)
        return 0;
    n = fix_exchange_receive(w->x, bytes, n);
    fix_session_written(&w->peer->session, n);
    return n;
}

static void run(struct world *w)
{
    size_t moved;
    do {
        fix_exchange_poll(w->x, w->now);
        fix_peer_poll(w->peer, w->now);
        moved = to_peer(w);
        moved += from_peer(w);
    } while (moved > 0);
}

static void connect_both(struct world *w)
{
    assert_true(fix_exchange_wants_link(w->x));
    fix_session_connect(&w->peer->session, w->now);
    fix_exchange_connect(w->x, w->now);
    run(w);
}

static void cut(struct world *w)
{
    fix_session_disconnect(&w->peer->session);
    fix_exchange_disconnect(w->x, "cable pulled");
    run(w);
}

/* Logged on, proven, and what that said forgotten. */
static void log_on(struct world *w)
{
    new_adaptor(w);
    connect_both(w);
    w->inputs = 0;
    fix_peer_clear(w->peer);
}

static struct sq_message order_request(struct world *w, enum sq_kind kind, const char *clord)
{
    struct sq_message m = {.kind = (uint16_t)kind};
    struct sq_request_order *r = &m.as.request;
    *r = (struct sq_request_order){.account = "ACC10421",
                                   .key = nifty,
                                   .symbol = "NIFTY",
                                   .side = SQ_SIDE_SELL,
                                   .price_decimals = 2,
                                   .qty = 65,
                                   .limit = 12040,
                                   .send_before = SQ_NEVER,
                                   .epoch = 3,
                                   .conn = w->x->conn};
    snprintf(r->clord, sizeof r->clord, "%s", clord);
    return m;
}

static void ask(struct world *w, const struct sq_message *request)
{
    w->x->port.ops->send(&w->x->port, request);
}

static void send_new(struct world *w, const char *clord)
{
    struct sq_message m = order_request(w, SQ_REQUEST_NEW, clord);
    m.as.request.send_before = w->now + 2 * SQ_SECOND;
    ask(w, &m);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void logon_tells_the_link_and_reserves_numbers_first(void **state)
{
    struct world *w = *state;
    w->no_blocks = true;
    new_adaptor(w);
    assert_false(fix_exchange_wants_link(w->x));
    w->book.out_reserved = 1 + FIX_EXCHANGE_BLOCK;
    tell_book(w);
    connect_both(w);
    check_text(said(w), "link conn=1 up=1\n");
    assert_true(w->peer->logged_on);
    assert_true(fix_exchange_proven(w->x));
}

static void a_new_order_is_a_day_limit_order(void **state)
{
    struct world *w = *state;
    log_on(w);
    send_new(w, "OUR1");
    run(w);
    check_text(fix_peer_last(w->peer),
               "35=D|11=OUR1|1=ACC10421|21=1|55=NIFTY|48=52223|22=8|207=NFO|54=2|"
               "60=20251126-04:15:00.000|38=65|40=2|44=120.40|59=0|5001=NRML");
    char expected[64];
    snprintf(expected, sizeof expected, "sent clord=OUR1 conn=1 fix_seq=%u\n",
             w->peer->heard_number[0]);
    check_text(said(w), expected);
}

static void a_cancel_names_the_order_by_both_ids(void **state)
{
    struct world *w = *state;
    log_on(w);
    struct sq_message m = order_request(w, SQ_REQUEST_CANCEL, "CXL1");
    snprintf(m.as.request.orig_clord, SQ_CLORD_SIZE, "OUR1");
    snprintf(m.as.request.exch_no, SQ_EXCH_NO_SIZE, "1100000000001");
    ask(w, &m);
    run(w);
    check_text(fix_peer_last(w->peer),
               "35=F|41=OUR1|37=1100000000001|11=CXL1|1=ACC10421|55=NIFTY|48=52223|22=8|207=NFO|"
               "54=2|60=20251126-04:15:00.000|38=65|5001=NRML");
    assert_non_null(strstr(said(w), "sent clord=CXL1 conn=1"));
}

static void an_order_without_our_id_is_cancelled_by_the_exchange_number(void **state)
{
    struct world *w = *state;
    log_on(w);
    struct sq_message m = order_request(w, SQ_REQUEST_CANCEL, "CXL1");
    snprintf(m.as.request.exch_no, SQ_EXCH_NO_SIZE, "1100000000001");
    ask(w, &m);
    run(w);
    assert_non_null(strstr(fix_peer_last(w->peer), "35=F|41=NONE|37=1100000000001|11=CXL1|"));
}

static void questions_use_the_orders_own_id(void **state)
{
    struct world *w = *state;
    log_on(w);
    struct sq_message m = order_request(w, SQ_REQUEST_STATUS, "OUR1");
    snprintf(m.as.request.orig_clord, SQ_CLORD_SIZE, "OUR1");
    ask(w, &m);
    run(w);
    check_text(fix_peer_last(w->peer),
               "35=H|11=OUR1|1=ACC10421|55=NIFTY|48=52223|22=8|207=NFO|54=2");
    m = order_request(w, SQ_REQUEST_MASS_STATUS, "");
    ask(w, &m);
    run(w);
    check_text(fix_peer_last(w->peer), "35=AF|584=M1-1|585=7");
    check_text(said(w), "");
}

static void what_cannot_go_out_is_not_sent(void **state)
{
    static const struct {
        const char *what;
        int64_t late_us; /* now - send_before */
        uint32_t epoch, conn;
        bool goes;
        const char *why;
    } rows[] = {
        {"in time", -1, 3, 1, true, ""},
        {"at the deadline", 0, 3, 1, false, "not sent in time"},
        {"after it", 1, 3, 1, false, "not sent in time"},
        {"lower epoch", -1, 2, 1, false, "book has another owner"},
        {"higher epoch", -1, 4, 1, false, "book has another owner"},
        {"older connection", -1, 3, 0, false, "connection lost before it was sent"},
        {"connection to come", -1, 3, 2, false, "connection lost before it was sent"},
    };
    struct world *w = *state;
    log_on(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sq_message m = order_request(w, SQ_REQUEST_NEW, "OUR2");
        m.as.request.send_before = w->now - rows[i].late_us;
        m.as.request.epoch = rows[i].epoch;
        m.as.request.conn = rows[i].conn;
        fix_peer_clear(w->peer);
        ask(w, &m);
        run(w);
        const char *line = said(w);
        print_message("%s: %s", rows[i].what, line);
        assert_int_equal(w->peer->heard_count, rows[i].goes);
        assert_non_null(strstr(line, rows[i].goes ? "sent clord=OUR2 conn=1" : rows[i].why));
        assert_int_equal(strncmp(line, "not-sent ", 9) == 0, !rows[i].goes);
    }
}

static void an_order_of_a_lost_connection_never_goes_out(void **state)
{
    struct world *w = *state;
    log_on(w);
    send_new(w, "OUR1");
    struct sq_message cancel = order_request(w, SQ_REQUEST_CANCEL, "CXL1");
    ask(w, &cancel);
    cut(w);
    check_text(said(w), "link conn=1 why=\"cable pulled\"\n"
                        "not-sent clord=OUR1 why=\"connection lost before it was sent\"\n"
                        "not-sent clord=CXL1 why=\"connection lost before it was sent\"\n");
    connect_both(w);
    check_text(said(w), "link conn=2 up=1\n");
    assert_int_equal(w->peer->heard_count, 0);
}

static void a_numbered_order_is_never_resent(void **state)
{
    struct world *w = *state;
    log_on(w);
    w->peer->deaf = true; /* the bytes are lost with the connection */
    send_new(w, "OUR1");
    run(w);
    assert_non_null(strstr(said(w), "sent clord=OUR1 conn=1"));
    cut(w);
    w->peer->deaf = false;
    connect_both(w);
    assert_int_equal(w->peer->resend_requests, 1);
    assert_int_equal(w->peer->heard_count, 0);
    assert_true(fix_exchange_proven(w->x));
}

static void questions_wait_for_proof_and_cancels_do_not(void **state)
{
    struct world *w = *state;
    new_adaptor(w);
    fix_session_connect(&w->peer->session, w->now);
    fix_exchange_connect(w->x, w->now);
    to_peer(w);
    fix_peer_poll(w->peer, w->now);
    from_peer(w);
    fix_exchange_poll(w->x, w->now); /* logged on; the test request is not answered yet */
    struct sq_message question = order_request(w, SQ_REQUEST_MASS_STATUS, "");
    struct sq_message cancel = order_request(w, SQ_REQUEST_CANCEL, "CXL1");
    ask(w, &question);
    ask(w, &cancel);
    fix_exchange_poll(w->x, w->now);
    assert_false(fix_exchange_proven(w->x));
    assert_int_equal(w->x->orders.count, 0);
    assert_int_equal(w->x->questions.count, 1);
    run(w);
    assert_true(fix_exchange_proven(w->x));
    assert_int_equal(w->peer->heard_count, 2);
    assert_non_null(strstr(w->peer->heard[0], "35=F"));
    check_text(w->peer->heard[1], "35=AF|584=M1-1|585=7");
}

static void a_deaf_exchange_makes_orders_wait_until_they_are_late(void **state)
{
    struct world *w = *state;
    log_on(w);
    w->peer->deaf = true;
    int sent = 0;
    while (w->x->orders.count == 0) { /* until the session has no room left */
        send_new(w, "OUR1");
        fix_exchange_poll(w->x, w->now);
        sent += w->inputs;
        w->inputs = 0;
        assert_true(sent < 4000);
    }
    int64_t late = w->now + 2 * SQ_SECOND;
    assert_true(fix_exchange_deadline(w->x) <= late);
    w->now = late;
    fix_exchange_poll(w->x, w->now);
    check_text(said(w), "not-sent clord=OUR1 why=\"not sent in time\"\n");
    w->peer->deaf = false;
    run(w);
    assert_int_equal(w->peer->heard_count, sent);
}

static void a_handed_over_book_ends_the_session(void **state)
{
    struct world *w = *state;
    log_on(w);
    w->book.owned = 0;
    tell_book(w);
    run(w);
    assert_true(fix_exchange_wants_close(w->x));
    cut(w);
    check_text(said(w), "link conn=1 why=\"the book was handed over\"\n");
    assert_false(fix_exchange_wants_link(w->x));
}

static void another_day_begins_with_its_own_numbers(void **state)
{
    struct world *w = *state;
    log_on(w);
    w->book =
        (struct sq_book){.day = 20251127, .epoch = 4, .sender = "DESK2", .loaded = 1, .owned = 1};
    tell_book(w);
    run(w);
    cut(w);
    assert_true(fix_exchange_wants_link(w->x));
    assert_int_equal(w->x->session.next_in, 1);
    assert_int_equal(w->x->session.next_out, 1);
    assert_string_equal(w->x->session.config.sender_comp_id, "DESK2");
}

/* ---- reports --------------------------------------------------------------------------------- */

#define ABOUT "1=ACC10421|55=NIFTY|48=52223|22=8|207=NFO|54=2|38=65|40=2|44=120.40|5001=NRML|"
#define KEY   "client=C10421 exchange=NFO token=52223 product=NRML "

/* What the peer says, and the input that it becomes; the numbers in front are the same for all. */
static void becomes(struct world *w, const char *message, const char *expected)
{
    char line[2 * SQ_LINE_MAX];
    uint32_t number = fix_peer_say(w->peer, w->now, message);
    assert_true(number > 0);
    run(w);
    const char *kind_end = strchr(expected, ' ');
    snprintf(line, sizeof line, "%.*s conn=1 fix_seq=%u%s\n", (int)(kind_end - expected), expected,
             number, kind_end);
    check_text(said(w), line);
}

static void reports_become_inputs(void **state)
{
    struct world *w = *state;
    log_on(w);
    becomes(w, "35=8|37=E1|11=OUR1|17=X1|150=0|39=0|" ABOUT "14=0|151=65|6=0|60=20251126-04:15:01",
            "report " KEY "clord=OUR1 exch_no=E1 exec_id=X1 exec_type=NEW order_state=ACKED "
            "side=SELL qty=65 leaves=65 limit=12040 time=2025-11-26T09:45:01.000000+05:30");
    becomes(w, "35=8|37=E1|11=OUR1|17=X2|150=F|39=1|" ABOUT "14=25|151=40|6=120.45|32=25|31=120.45",
            "report " KEY "clord=OUR1 exch_no=E1 exec_id=X2 exec_type=TRADE order_state=PARTIAL "
            "side=SELL qty=65 cum=25 leaves=40 last_qty=25 last_price=12045 limit=12040");
    becomes(w, "35=8|37=E1|11=CXL1|41=OUR1|17=X3|150=4|39=4|" ABOUT "14=25|151=0|6=0|58=by user",
            "report " KEY "clord=CXL1 orig_clord=OUR1 exch_no=E1 exec_id=X3 "
            "exec_type=CANCELLED order_state=CANCELLED side=SELL qty=65 cum=25 limit=12040 "
            "text=\"by user\"");
    becomes(w, "35=8|37=E1|11=OUR1|17=X4|19=X2|150=H|39=4|" ABOUT "14=0|151=0|6=0",
            "report " KEY "clord=OUR1 exch_no=E1 exec_id=X4 ref_exec_id=X2 "
            "exec_type=\"TRADE CANCEL\" order_state=CANCELLED side=SELL qty=65 limit=12040");
    becomes(w, "35=8|37=E1|11=OUR1|17=X5|19=X2|150=G|39=1|" ABOUT "14=20|151=0|6=0|32=20|31=120.5",
            "report " KEY "clord=OUR1 exch_no=E1 exec_id=X5 ref_exec_id=X2 "
            "exec_type=\"TRADE CORRECT\" order_state=PARTIAL side=SELL qty=65 cum=20 last_qty=20 "
            "last_price=12050 limit=12040");
    becomes(
        w, "35=8|37=NONE|11=OUR1|17=X6|150=I|39=8|103=5|" ABOUT "14=0|151=0|6=0|58=unknown",
        "report " KEY "clord=OUR1 exch_no=NONE exec_id=X6 exec_type=STATUS "
        "order_state=REJECTED side=SELL unknown_order=1 proven=1 qty=65 limit=12040 text=unknown");
}

/* A venue that says no more than FIX asks for is understood by the order's own ClOrdID. */
static void a_terse_report_is_completed_by_the_order(void **state)
{
    struct world *w = *state;
    log_on(w);
    becomes(w, "35=8|37=E1|11=OUR1|17=X1|150=F|39=2|55=NIFTY|54=2|14=65|151=0|6=0|32=65|31=120",
            "report " KEY "clord=OUR1 exch_no=E1 exec_id=X1 exec_type=TRADE order_state=FILLED "
            "side=SELL cum=65 last_qty=65 last_price=12000");
}

static void a_strange_order_keeps_its_names(void **state)
{
    struct world *w = *state;
    log_on(w);
    becomes(w,
            "35=8|37=E9|17=X9|150=0|39=0|1=OTHER|55=USDINR|48=1122|22=8|207=CDS|54=1|38=10|40=1|"
            "14=0|151=10|6=0",
            "report client=OTHER exchange=CDS token=1122 exch_no=E9 exec_id=X9 exec_type=NEW "
            "order_state=ACKED side=BUY type=MARKET qty=10 leaves=10");
    becomes(w,
            "35=8|37=E9|17=X10|150=F|39=1|1=ACC10421|55=USDINR|48=1122|22=8|207=CDS|54=1|38=10|"
            "40=2|44=84.0025|14=1|151=9|6=0|32=1|31=84.0025|5001=MIS",
            "report client=C10421 exchange=CDS token=1122 product=MIS exch_no=E9 exec_id=X10 "
            "exec_type=TRADE order_state=PARTIAL side=BUY qty=10 cum=1 leaves=9 last_qty=1 "
            "last_price=840025 limit=840025");
}

static void every_exec_type_and_status_has_its_word(void **state)
{
    static const struct {
        const char *exec, *status;
        uint8_t exec_type, order_state;
    } rows[] = {
        {"0", "0", SQ_EXEC_NEW, SQ_ORDER_ACKED},
        {"3", "3", SQ_EXEC_DONE_FOR_DAY, SQ_ORDER_EXPIRED},
        {"4", "4", SQ_EXEC_CANCELLED, SQ_ORDER_CANCELLED},
        {"5", "5", SQ_EXEC_REPLACED, SQ_ORDER_ACKED},
        {"6", "6", SQ_EXEC_PENDING_CANCEL, SQ_ORDER_ACKED},
        {"7", "7", SQ_EXEC_STOPPED, SQ_ORDER_ACKED},
        {"8", "8", SQ_EXEC_REJECTED, SQ_ORDER_REJECTED},
        {"9", "9", SQ_EXEC_SUSPENDED, SQ_ORDER_ACKED},
        {"A", "A", SQ_EXEC_PENDING_NEW, SQ_ORDER_SENT},
        {"B", "B", SQ_EXEC_CALCULATED, SQ_ORDER_EXPIRED},
        {"C", "C", SQ_EXEC_EXPIRED, SQ_ORDER_EXPIRED},
        {"D", "D", SQ_EXEC_RESTATED, SQ_ORDER_ACKED},
        {"E", "E", SQ_EXEC_PENDING_REPLACE, SQ_ORDER_ACKED},
        {"I", "2", SQ_EXEC_STATUS, SQ_ORDER_FILLED},
        {"I", "1", SQ_EXEC_STATUS, SQ_ORDER_PARTIAL},
    };
    struct world *w = *state;
    log_on(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, "35=8|37=E1|11=OUR1|17=X1|150=%s|39=%s|" ABOUT "14=0|151=0|6=0",
                 rows[i].exec, rows[i].status);
        fix_peer_say(w->peer, w->now, text);
        run(w);
        assert_int_equal(w->inputs, 1);
        assert_int_equal(w->input[0].as.report.exec_type, rows[i].exec_type);
        assert_int_equal(w->input[0].as.report.order_state, rows[i].order_state);
        w->inputs = 0;
    }
}

/* A fault in any field: no input at all, a Reject(3) to the exchange, a line to the operator. */
static void a_faulty_report_is_no_input(void **state)
{
    static const struct {
        const char *what, *text;
    } rows[] = {
        {"no OrderID", "11=OUR1|17=X|150=0|39=0|" ABOUT "14=0|151=65|6=0"},
        {"no ExecID", "37=E|11=OUR1|150=0|39=0|" ABOUT "14=0|151=65|6=0"},
        {"no ExecType", "37=E|11=OUR1|17=X|39=0|" ABOUT "14=0|151=65|6=0"},
        {"no OrdStatus", "37=E|11=OUR1|17=X|150=0|" ABOUT "14=0|151=65|6=0"},
        {"ExecType not of FIX", "37=E|11=OUR1|17=X|150=Z|39=0|" ABOUT "14=0|151=65|6=0"},
        {"no LeavesQty", "37=E|11=OUR1|17=X|150=0|39=0|" ABOUT "14=0|6=0"},
        {"quantity below zero", "37=E|11=OUR1|17=X|150=0|39=0|" ABOUT "14=-5|151=65|6=0"},
        {"quantity too large",
         "37=E|11=OUR1|17=X|150=0|39=0|" ABOUT "14=9007199254740992|151=0|6=0"},
        {"quantity broken", "37=E|11=OUR1|17=X|150=0|39=0|" ABOUT "14=1.5|151=65|6=0"},
        {"trade of nothing", "37=E|11=OUR1|17=X|150=F|39=1|" ABOUT "14=0|151=65|6=0|32=0|31=1"},
        {"trade without price", "37=E|11=OUR1|17=X|150=F|39=1|" ABOUT "14=5|151=60|6=0|32=5"},
        {"price off the unit",
         "37=E|11=OUR1|17=X|150=F|39=1|" ABOUT "14=5|151=60|6=0|32=5|31=1.005"},
        {"bust of nothing", "37=E|11=OUR1|17=X|150=H|39=1|" ABOUT "14=0|151=65|6=0"},
        {"id too long to keep",
         "37=123456789012345678901234|11=OUR1|17=X|150=0|39=0|" ABOUT "14=0|151=65|6=0"},
        {"id with a blank", "37=1 2|11=OUR1|17=X|150=0|39=0|" ABOUT "14=0|151=65|6=0"},
        {"segment not ours", "37=E|17=X|150=0|39=0|1=A|55=S|48=1|207=NYSE|54=1|14=0|151=1|6=0"},
        {"token zero", "37=E|17=X|150=0|39=0|1=A|55=S|48=0|207=NFO|54=1|14=0|151=1|6=0"},
        {"token of 33 bits",
         "37=E|17=X|150=0|39=0|1=A|55=S|48=4294967296|207=NFO|54=1|14=0|151=1|6=0"},
        {"no contract at all", "37=E|17=X|150=0|39=0|1=A|55=S|54=1|14=0|151=1|6=0"},
        {"no account at all", "37=E|17=X|150=0|39=0|55=S|48=52223|207=NFO|54=1|14=0|151=1|6=0"},
        {"sell short", "37=E|11=OUR1|17=X|150=0|39=0|55=S|54=5|14=0|151=1|6=0"},
        {"product not ours", "37=E|11=OUR1|17=X|150=0|39=0|55=S|54=2|14=0|151=1|6=0|5001=XYZ"},
    };
    struct world *w = *state;
    log_on(w);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        uint32_t before = w->x->session.next_out;
        snprintf(text, sizeof text, "35=8|%s", rows[i].text);
        print_message("%s\n", rows[i].what);
        assert_true(fix_peer_say(w->peer, w->now, text) > 0);
        run(w);
        check_text(said(w), "");
        assert_int_equal(w->x->session.next_out, before + 1); /* the Reject */
        assert_true(w->x->up);
    }
}

static void hostile_text_is_cut_and_made_printable(void **state)
{
    struct world *w = *state;
    log_on(w);
    char text[600], line[200];
    memset(line, 'x', sizeof line);
    memcpy(line, "\x1b[31m", 5);
    line[sizeof line - 1] = '\0';
    snprintf(text, sizeof text, "35=8|37=E|11=OUR1|17=X|150=8|39=8|" ABOUT "14=0|151=0|6=0|58=%s",
             line);
    fix_peer_say(w->peer, w->now, text);
    run(w);
    const char *got = w->input[0].as.report.text;
    assert_int_equal(strlen(got), SQ_TEXT_SIZE - 1);
    assert_int_equal(strncmp(got, "?[31mxxx", 8), 0);
}

static void refusals_of_cancels_and_messages(void **state)
{
    struct world *w = *state;
    log_on(w);
    becomes(w, "35=9|37=E1|11=CXL1|41=OUR1|39=2|434=1|102=0|58=too late",
            "cancel-reject clord=CXL1 orig_clord=OUR1 too_late=1 text=\"too late\"");
    becomes(w, "35=9|37=NONE|11=CXL1|41=OUR1|39=8|434=1|102=1",
            "cancel-reject clord=CXL1 orig_clord=OUR1 unknown_order=1");
    becomes(w, "35=j|45=5|372=D|380=0|58=closed",
            "message-reject ref_seq=5 business=1 text=closed");
    becomes(w, "35=j|372=D|379=OUR1|380=0", "message-reject ref_seq=77 business=1");
    fix_peer_say(w->peer, w->now, "35=j|372=D|380=0");
    run(w);
    check_text(said(w), "");
    assert_non_null(strstr(w->log, "refuses nothing that we know"));
}

static void a_session_reject_is_told(void **state)
{
    struct world *w = *state;
    log_on(w);
    send_new(w, "OUR1");
    run(w);
    uint32_t number = w->peer->heard_number[0];
    w->inputs = 0;
    fix_session_reject(&w->peer->session, w->now, &w->peer->session.view, FIX_REJECT_VALUE, 44,
                       "no such price");
    run(w);
    assert_int_equal(w->inputs, 1);
    assert_int_equal(w->input[0].kind, SQ_MESSAGE_REJECT);
    assert_int_equal(w->input[0].as.message_reject.ref_seq, number);
    assert_int_equal(w->input[0].as.message_reject.business, 0);
    assert_true(w->input[0].as.message_reject.fix_seq > 0);
}

static void other_messages_are_refused_by_type(void **state)
{
    struct world *w = *state;
    log_on(w);
    uint32_t number = fix_peer_say(w->peer, w->now, "35=B|148=News|33=1|58=hello");
    run(w);
    char expected[64];
    snprintf(expected, sizeof expected, "35=j|45=%u|372=B|380=3", number);
    check_text(fix_peer_last(w->peer), expected);
    check_text(said(w), "");
}

/* ---- mass status ----------------------------------------------------------------------------- */

static void ask_mass(struct world *w)
{
    struct sq_message m = order_request(w, SQ_REQUEST_MASS_STATUS, "");
    ask(w, &m);
    run(w);
    w->inputs = 0;
}

#define MASS "35=8|37=E1|11=OUR1|17=X1|150=I|39=0|" ABOUT "14=0|151=65|6=0|584=M1-1|"

static void a_mass_status_ends_with_its_last_report(void **state)
{
    struct world *w = *state;
    log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now, MASS "911=2|912=N");
    fix_peer_say(w->peer, w->now, MASS "911=2|912=Y");
    run(w);
    assert_int_equal(w->inputs, 3);
    assert_int_equal(w->input[2].kind, SQ_MASS_DONE);
    assert_int_equal(w->input[2].as.mass_done.reports, 2);
    assert_int_equal(w->input[2].as.mass_done.proven, 1);
    assert_int_equal(w->input[2].as.mass_done.fix_seq, w->input[1].as.report.fix_seq);
}

static void a_mass_status_ends_by_its_count(void **state)
{
    struct world *w = *state;
    log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now, MASS "911=2");
    run(w);
    assert_int_equal(w->inputs, 1);
    fix_peer_say(w->peer, w->now, MASS "911=2");
    run(w);
    assert_int_equal(w->inputs, 3);
    assert_int_equal(w->input[2].kind, SQ_MASS_DONE);
}

static void a_mass_status_of_nothing_has_no_report(void **state)
{
    struct world *w = *state;
    log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now,
                 "35=8|37=NONE|17=X1|150=I|39=8|103=5|55=NONE|54=1|14=0|151=0|6=0|584=M1-1|911=0");
    run(w);
    char expected[80];
    snprintf(expected, sizeof expected, "mass-done conn=1 fix_seq=%u proven=1\n",
             w->x->session.next_in - 1);
    check_text(said(w), expected);
}

/* A rejected order is part of a mass answer, not its end. */
static void a_rejected_order_does_not_end_a_mass_status(void **state)
{
    struct world *w = *state;
    log_on(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X1|150=I|39=8|103=0|" ABOUT
                 "14=0|151=0|6=0|584=M1-1|911=2|912=N");
    run(w);
    assert_int_equal(w->inputs, 1);
    assert_int_equal(w->input[0].kind, SQ_REPORT);
}

static void an_answer_to_an_older_question_is_no_answer(void **state)
{
    struct world *w = *state;
    log_on(w);
    ask_mass(w);
    cut(w);
    connect_both(w);
    ask_mass(w);
    fix_peer_say(w->peer, w->now, MASS "911=1|912=Y");
    run(w);
    assert_int_equal(w->inputs, 1);
    assert_int_equal(w->input[0].kind, SQ_REPORT);
}

static void a_mass_answer_across_a_gap_is_asked_again(void **state)
{
    struct world *w = *state;
    log_on(w);
    ask_mass(w);
    w->peer->forgets = true;
    w->peer->session.next_out += 3; /* three messages are lost on the way */
    fix_peer_clear(w->peer);
    fix_peer_say(w->peer, w->now, MASS "911=1|912=Y");
    run(w);
    /* The answer lay in the gap: the session has it filled, and the question stands. */
    w->peer->forgets = false;
    for (int i = 0; i < w->inputs; i++)
        assert_int_not_equal(w->input[i].kind, SQ_MASS_DONE);
    w->inputs = 0;
    fix_peer_say(w->peer, w->now, MASS "911=1|912=Y");
    run(w);
    assert_int_equal(w->inputs, 2);
    assert_int_equal(w->input[1].kind, SQ_MASS_DONE);
    assert_int_equal(w->input[1].as.mass_done.proven, 1);
}

static void a_venue_without_mass_status_is_answered_for(void **state)
{
    struct world *w = *state;
    new_adaptor(w);
    w->x->config.no_mass_status = true;
    connect_both(w);
    w->inputs = 0;
    struct sq_message m = order_request(w, SQ_REQUEST_MASS_STATUS, "");
    ask(w, &m);
    run(w);
    check_text(said(w), "mass-done conn=1 proven=1\n");
    assert_int_equal(w->peer->heard_count, 0);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void a_restart_takes_up_both_numbers(void **state)
{
    struct world *w = *state;
    log_on(w);
    send_new(w, "OUR1");
    run(w);
    uint32_t first = fix_peer_say(w->peer, w->now,
                                  "35=8|37=E1|11=OUR1|17=X1|150=0|39=0|" ABOUT "14=0|151=65|6=0");
    run(w);
    w->book.in_seq = first; /* that is durable; what follows is not */
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X2|150=F|39=2|" ABOUT "14=65|151=0|6=0|32=65|31=120.40");
    run(w);
    w->inputs = 0;
    fix_peer_clear(w->peer);
    uint64_t reserved = w->book.out_reserved;
    w->book.conn = 1;

    fix_session_disconnect(&w->peer->session);
    new_adaptor(w); /* kill -9, and the same book again */
    assert_int_equal(w->x->session.next_out, reserved);
    assert_int_equal(w->x->session.next_in, first + 1);
    connect_both(w);
    assert_int_equal(w->peer->resend_requests, 1);
    assert_int_equal(w->peer->heard_count, 0); /* the order is gap-filled */
    assert_int_equal(w->inputs, 2);
    assert_int_equal(w->input[0].kind, SQ_LINK);
    assert_int_equal(w->input[0].as.link.conn, 2);
    assert_string_equal(w->input[1].as.report.exec_id, "X2");
    assert_int_equal(w->input[1].as.report.conn, 2);
    assert_true(fix_exchange_proven(w->x));
}

static void numbers_are_reserved_ahead(void **state)
{
    struct world *w = *state;
    log_on(w);
    uint64_t before = w->book.out_reserved;
    int orders = FIX_EXCHANGE_BLOCK - FIX_EXCHANGE_LOW_WATER;
    for (int i = 0; i < orders; i++) {
        send_new(w, "OUR1");
        run(w);
        w->inputs = 0;
    }
    assert_int_equal(w->book.out_reserved, before + FIX_EXCHANGE_BLOCK);
    assert_int_equal(w->x->session.out_reserved, w->book.out_reserved);
}

/* The host does not answer: the session ends rather than number a message twice. */
static void without_numbers_nothing_is_sent(void **state)
{
    struct world *w = *state;
    log_on(w);
    w->no_blocks = true;
    uint32_t reserved = w->x->session.out_reserved;
    for (int i = 0; i < FIX_EXCHANGE_BLOCK + 10 && w->x->up; i++) {
        send_new(w, "OUR1");
        run(w);
        w->inputs = 0;
    }
    assert_true(w->x->session.next_out <= reserved);
    w->now += 3 * SQ_SECOND;
    run(w);
    assert_true(w->inputs > 0);
    for (int i = 0; i < w->inputs; i++)
        assert_int_not_equal(w->input[i].kind, SQ_SENT);
}

static int fills_told(const struct world *w, const char *exec_id)
{
    int told = 0;
    for (int i = 0; i < w->inputs; i++)
        told +=
            w->input[i].kind == SQ_REPORT && strcmp(w->input[i].as.report.exec_id, exec_id) == 0;
    return told;
}

/* A machine that slept finds a fill in its socket whose SendingTime is refused by the rules. */
static void a_fill_refused_for_its_time_comes_again(void **state)
{
    struct world *w = *state;
    log_on(w);
    fix_peer_say(w->peer, w->now,
                 "35=8|37=E1|11=OUR1|17=X2|150=F|39=1|" ABOUT "14=25|151=40|6=120|32=25|31=120.45");
    w->now += 121 * SQ_SECOND;
    run(w);
    assert_int_equal(fills_told(w, "X2"), 0);
    assert_true(fix_exchange_wants_close(w->x));
    cut(w);
    w->inputs = 0;
    w->now += SQ_SECOND;
    connect_both(w);
    assert_int_equal(fills_told(w, "X2"), 1);
    assert_int_equal(w->x->session.next_in, w->peer->session.next_out);
}

static void lost_numbers_of_the_exchange_are_told_once(void **state)
{
    struct world *w = *state;
    w->book.in_seq = 500; /* the exchange begins at 1: it lost its tail */
    new_adaptor(w);
    for (int i = 0; i < 3; i++) {
        fix_session_connect(&w->peer->session, w->now);
        fix_exchange_connect(w->x, w->now);
        run(w);
        assert_true(fix_exchange_wants_close(w->x));
        cut(w);
    }
    const char *line = said(w);
    assert_non_null(strstr(line, "link lost=1 why="));
    assert_null(strchr(strchr(line, '\n') + 1, '\n'));
    assert_false(w->x->up);
}

/* Another owner has used higher numbers: this one must not climb over them, attempt by attempt. */
static void a_fenced_owner_does_not_try_again(void **state)
{
    struct world *w = *state;
    w->peer->session.next_in = 500;
    new_adaptor(w);
    fix_session_connect(&w->peer->session, w->now);
    fix_exchange_connect(w->x, w->now);
    run(w);
    cut(w);
    assert_false(fix_exchange_wants_link(w->x));
    check_text(said(w), "link why=\"exchange knows higher numbers of ours: another owner, or lost "
                        "state\"\n");
    new_adaptor(w); /* a person starts it again */
    connect_both(w);
    assert_true(w->x->up);
}

static void a_reset_by_the_exchange_loses_the_link(void **state)
{
    struct world *w = *state;
    log_on(w);
    assert_int_equal(fix_session_reset(&w->peer->session, w->now, 100), FIX_SENT);
    run(w);
    check_text(said(w), "link conn=1 why=\"exchange reset its numbers to 100\"\n");
    assert_true(fix_exchange_wants_close(w->x));
}

/* ---- flow control ---------------------------------------------------------------------------- */

static void a_full_host_stops_the_bytes_and_loses_nothing(void **state)
{
    enum { REPORTS = 200 };
    struct world *w = *state;
    log_on(w);
    w->room = 0;
    for (int i = 0; i < REPORTS; i++) {
        char text[512];
        snprintf(text, sizeof text, "35=8|37=E1|11=OUR1|17=X%d|150=0|39=0|" ABOUT "14=0|151=65|6=0",
                 i);
        assert_true(fix_peer_say(w->peer, w->now, text) > 0);
    }
    run(w);
    assert_int_equal(w->inputs, 0);
    assert_int_equal(w->x->pending_count, 1);
    assert_int_equal(fix_exchange_deadline(w->x), INT64_MAX);
    for (int i = 0; i < REPORTS; i++) {
        w->room = 1;
        run(w);
        assert_int_equal(w->inputs, i + 1);
    }
    for (int i = 0; i < REPORTS; i++) {
        char id[SQ_EXEC_SIZE];
        snprintf(id, sizeof id, "X%d", i);
        assert_string_equal(w->input[i].as.report.exec_id, id);
    }
}

static void a_full_host_gets_no_order_numbered(void **state)
{
    struct world *w = *state;
    log_on(w);
    w->room = 0;
    send_new(w, "OUR1");
    send_new(w, "OUR2");
    run(w);
    assert_int_equal(w->peer->heard_count, 1); /* its SENT waits, and so does the next order */
    w->room = 2;
    run(w);
    assert_int_equal(w->peer->heard_count, 2);
    assert_int_equal(w->inputs, 2);
}

static void the_round_trip_of_an_order_is_measured(void **state)
{
    struct world *w = *state;
    log_on(w);
    assert_int_equal(w->x->rtt_us, -1);
    send_new(w, "OUR1");
    run(w);
    w->now += 1500;
    fix_peer_say(w->peer, w->now, "35=8|37=E1|11=OUR1|17=X1|150=0|39=0|" ABOUT "14=0|151=65|6=0");
    run(w);
    assert_int_equal(w->x->rtt_us, 1500);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(logon_tells_the_link_and_reserves_numbers_first),
        TEST(a_new_order_is_a_day_limit_order),
        TEST(a_cancel_names_the_order_by_both_ids),
        TEST(an_order_without_our_id_is_cancelled_by_the_exchange_number),
        TEST(questions_use_the_orders_own_id),
        TEST(what_cannot_go_out_is_not_sent),
        TEST(an_order_of_a_lost_connection_never_goes_out),
        TEST(a_numbered_order_is_never_resent),
        TEST(questions_wait_for_proof_and_cancels_do_not),
        TEST(a_deaf_exchange_makes_orders_wait_until_they_are_late),
        TEST(a_handed_over_book_ends_the_session),
        TEST(another_day_begins_with_its_own_numbers),
        TEST(reports_become_inputs),
        TEST(a_terse_report_is_completed_by_the_order),
        TEST(a_strange_order_keeps_its_names),
        TEST(every_exec_type_and_status_has_its_word),
        TEST(a_faulty_report_is_no_input),
        TEST(hostile_text_is_cut_and_made_printable),
        TEST(refusals_of_cancels_and_messages),
        TEST(a_session_reject_is_told),
        TEST(other_messages_are_refused_by_type),
        TEST(a_mass_status_ends_with_its_last_report),
        TEST(a_mass_status_ends_by_its_count),
        TEST(a_mass_status_of_nothing_has_no_report),
        TEST(a_rejected_order_does_not_end_a_mass_status),
        TEST(an_answer_to_an_older_question_is_no_answer),
        TEST(a_mass_answer_across_a_gap_is_asked_again),
        TEST(a_venue_without_mass_status_is_answered_for),
        TEST(a_restart_takes_up_both_numbers),
        TEST(numbers_are_reserved_ahead),
        TEST(without_numbers_nothing_is_sent),
        TEST(a_fill_refused_for_its_time_comes_again),
        TEST(lost_numbers_of_the_exchange_are_told_once),
        TEST(a_fenced_owner_does_not_try_again),
        TEST(a_reset_by_the_exchange_loses_the_link),
        TEST(a_full_host_stops_the_bytes_and_loses_nothing),
        TEST(a_full_host_gets_no_order_numbered),
        TEST(the_round_trip_of_an_order_is_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
