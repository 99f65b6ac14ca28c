/*
 * bench_wire.c: bytes of each operation on the wire, framing of WebSocket included (RFC 6455, 5.2;
 * a console's frames are masked), beside the figures of the original document; and what printing
 * and reading cost, beside cJSON.
 *
 * The events of a sell are those of a real close: a small day is played on the engine.
 *
 * Prints `name | ours | floor or peer | ratio | goal`.
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/num.h"
#include "core/text.h"
#include "net/wire.h"
#include "tests/stage.h"

enum { ROUNDS = 7, TIMES = 20000, DAY = 20261126 };

static char bytes[WIRE_FRAME_MAX];
static struct wire_out out;

static size_t framed(size_t length, bool masked)
{
    return length + (length < 126 ? 2 : length < 65536 ? 4 : 10) + (masked ? 4 : 0);
}

static size_t said(const char *text, bool by_console)
{
    return framed(strlen(text), by_console);
}

static void begin(void)
{
    wire_begin(&out, bytes, sizeof bytes);
    wire_open(&out, '{');
}

static size_t end(bool by_console)
{
    wire_close(&out, '}');
    if (out.cut)
        abort();
    return framed(out.length, by_console);
}

static void row(const char *name, size_t ours, size_t theirs, const char *goal)
{
    printf("%s | %zu B | document %zu B | %.2f | %s\n", name, ours, theirs,
           (double)ours / (double)theirs, goal);
}

/* ---- login, portfolio, history, rates ------------------------------------------------------ */

#define TOKEN "Xk3_dJ2vQ0m-9sLbR7aYtZ1cWfEoHpGuNiVqTxKjB4M"

static size_t login(void)
{
    return said("{\"do\":\"login\",\"id\":1,\"v\":1,\"user\":\"RK07\",\"password\":"
                "\"correct horse battery\",\"code\":\"123456\"}",
                true) +
           said("{\"id\":1,\"token\":\"" TOKEN "\",\"until\":1764345600000000,\"person\":\"RK07\","
                "\"role\":\"DEALER\",\"server\":\"BACKUP-1\",\"books\":[\"MUM\"]}",
                false);
}

static size_t portfolio(void)
{
    struct sq_position p = {
        .key = {.token = 43650, .exchange = SQ_EXCHANGE_NFO, .product = SQ_PRODUCT_NRML},
        .net = -1950,
        .avg_price = 9810};
    size_t asked =
        said("{\"do\":\"portfolio\",\"id\":7,\"book\":\"MUM\",\"client\":\"C10733\",\"count\":20}",
             true);
    begin();
    wire_member_integer(&out, "id", 7);
    wire_member_integer(&out, "total", 20);
    wire_name(&out, "rows");
    wire_open(&out, '[');
    for (int i = 0; i < 20; i++)
        wire_portfolio_row(&out, &p, 11840, -3958500);
    wire_close(&out, ']');
    return asked + end(false);
}

static size_t history(void)
{
    struct sq_fill f = {
        .no = 1234,
        .order_no = 412,
        .key = {.token = 43650, .exchange = SQ_EXCHANGE_NFO, .product = SQ_PRODUCT_NRML},
        .qty = 1800,
        .price = 11825,
        .side = SQ_SIDE_SELL,
        .time = 1764345600123456};
    size_t asked = said(
        "{\"do\":\"history\",\"id\":8,\"book\":\"MUM\",\"client\":\"C10733\",\"count\":10}", true);
    begin();
    wire_member_integer(&out, "id", 8);
    wire_name(&out, "rows");
    wire_open(&out, '[');
    for (int i = 0; i < 10; i++)
        wire_history_row(&out, &f);
    wire_close(&out, ']');
    return asked + end(false);
}

static struct sq_rate rate(void)
{
    struct sq_rate r = {.last = 164155};
    r.bid[0] = (struct sq_level){164150, 300};
    r.ask[0] = (struct sq_level){164160, 75};
    return r;
}

/* A frame of so many rates. */
static size_t rates(unsigned count, bool depth)
{
    struct sq_rate r = rate();
    for (unsigned i = 1; depth && i < SQ_DEPTH_LEVELS; i++) {
        r.bid[i] = (struct sq_level){164150 - 5 * (sq_price)i, 450};
        r.ask[i] = (struct sq_level){164160 + 5 * (sq_price)i, 450};
    }
    begin();
    wire_member_text(&out, "b", "MUM");
    wire_name(&out, "q");
    wire_open(&out, '[');
    for (unsigned i = 0; i < count; i++)
        wire_rate(&out, 17 + i, &r, false, depth);
    wire_close(&out, ']');
    return end(false);
}

/* ---- a sell, from the engine --------------------------------------------------------------- */

static struct stage *stage;
static struct sq_tables *tables; /* as the console has them */

static void play_line(const char *line);

static void play_file(const char *name)
{
    char path[128], line[SQ_LINE_MAX];
    snprintf(path, sizeof path, "tests/scenario/%s", name);
    FILE *in = fopen(path, "r");
    if (!in) {
        fprintf(stderr, "%s: cannot be read: run it from the root of the sources\n", path);
        exit(1);
    }
    while (fgets(line, sizeof line, in)) {
        line[strcspn(line, "\n")] = '\0';
        play_line(line);
    }
    fclose(in);
}

static void need(int result, const char *line, const char *why)
{
    if (result == 0)
        return;
    fprintf(stderr, "%s: %s\n", line, why);
    exit(1);
}

/* "@10:42:15" is a moment of the scenario's day. */
static void expand(const char *line, char *text, size_t room)
{
    size_t n = 0;
    for (; *line && n + 40 < room; line++) {
        if (*line != '@') {
            text[n++] = *line;
            continue;
        }
        n += (size_t)snprintf(text + n, room - n, "2026-11-26T%.8s+05:30", line + 1);
        line += 8;
    }
    text[n] = '\0';
}

/* Lines of a scenario that make something happen; what they expect is others' business. */
static void play_line(const char *written)
{
    struct sq_message input;
    char line[SQ_LINE_MAX];
    expand(written, line, sizeof line);
    char why[STAGE_WHY] = "", iso[64];
    sq_time time;
    if (strncmp(line, "include ", 8) == 0) {
        play_file(line + 8);
    } else if (strncmp(line, "rate ", 5) == 0) {
        need(stage_rate(stage, line, why), line, why);
    } else if (strncmp(line, "= ", 2) == 0) {
        snprintf(iso, sizeof iso, "2026-11-26T%.12s+05:30", line + 2);
        need(!sq_parse_iso(iso, strlen(iso), &time), line, "no time");
        need(stage_to(stage, time, why), line, why);
    } else if (strncmp(line, "> ", 2) == 0) {
        need(stage_read(stage, line + 2, &input, why), line, why);
        need(stage_play(stage, &input, 1, why), line, why);
    }
}

static const void *row_of(const struct sq_message *m)
{
    uint32_t at = SQ_NO_ROW;
    switch (m->kind) {
    case SQ_POSITION: at = sq_find_position(tables, &m->as.position.key); break;
    case SQ_ORDER: at = sq_find_order(tables, m->as.order.no); break;
    case SQ_CLOSE: at = sq_find_close(tables, m->as.close.no); break;
    case SQ_PERSON: at = sq_find_person(tables, m->as.person.code); break;
    case SQ_BOOK: return &tables->book;
    default: return NULL;
    }
    if (at == SQ_NO_ROW)
        return NULL;
    return m->kind == SQ_POSITION ? (const void *)&tables->position[at]
           : m->kind == SQ_ORDER  ? (const void *)&tables->order[at]
           : m->kind == SQ_CLOSE  ? (const void *)&tables->close[at]
                                  : (const void *)&tables->person[at];
}

/* What the trace has since then, as frames of one `seq` each. Requests and intents are not told. */
static size_t tell_trace(void)
{
    size_t total = 0, i = 0;
    while (i < stage->trace_count) {
        uint64_t seq = stage->trace[i].seq;
        bool any = false;
        begin();
        wire_member_text(&out, "b", "MUM");
        wire_name(&out, "ev");
        wire_open(&out, '[');
        wire_open(&out, '[');
        wire_unsigned(&out, 1234 + seq);
        wire_integer(&out, stage->trace[i].time);
        for (; i < stage->trace_count && stage->trace[i].seq == seq; i++) {
            const struct sq_message *m = &stage->trace[i];
            if (sq_kind_info((enum sq_kind)m->kind)->family == SQ_FAMILY_REQUEST ||
                m->kind == SQ_INTENT)
                continue;
            any |= wire_change(&out, (enum sq_kind)m->kind, row_of(m), &m->as);
            sq_tables_apply(tables, (enum sq_kind)m->kind, &m->as);
        }
        wire_close(&out, ']');
        wire_close(&out, ']');
        size_t length = end(false);
        total += any ? length : 0;
        if (getenv("BENCH_SHOW") && any)
            printf("    %.*s\n", (int)out.length, out.bytes);
    }
    stage->trace_count = 0;
    return total;
}

static size_t play_and_tell(const char *line)
{
    stage->trace_count = 0;
    play_line(line);
    return tell_trace();
}

/* The request, and its answer. */
static size_t submit(void)
{
    struct sq_message input;
    char why[STAGE_WHY];
    need(stage_read(stage,
                    "square-off dealer=RAVI client=C1 exchange=NSE token=11 product=MIS "
                    "seen_net=-100",
                    &input, why),
         "square-off", why);
    begin();
    wire_member_text(&out, "do", "submit");
    wire_member_integer(&out, "id", 123);
    wire_member_text(&out, "book", "MUM");
    wire_name(&out, "in");
    wire_open(&out, '[');
    memset(&input.as.square_off.quote, 0, sizeof input.as.square_off.quote);
    input.as.square_off.id = (struct sq_id){UINT64_MAX / 3, UINT64_MAX / 5};
    wire_message(&out, SQ_SQUARE_OFF, &input.as);
    wire_close(&out, ']');
    return end(true) + said("{\"id\":123,\"seq\":123456}", false);
}

static void sells(size_t *asked, size_t *accepted, size_t *whole)
{
    stage = stage_create();
    play_file("day.inc");
    tables = calloc(1, sizeof *tables);
    sq_tables_init(tables, calloc(1, sq_tables_size(&stage->config)), &stage->config);
#define X(member, type, kind) /* what the console has had with its snapshot */ \
    for (uint32_t i = 0; i < stage->view->tables.member##_count; i++)          \
        sq_tables_apply(tables, SQ_##kind, &stage->view->tables.member[i]);
    SQ_TABLES_MAP(X)
#undef X
    sq_tables_apply(tables, SQ_BOOK, &stage->view->tables.book);
    *asked = submit();
    *accepted = *asked + play_and_tell("> square-off dealer=RAVI client=C1 exchange=NSE token=11 "
                                       "product=MIS seen_net=-100");
    char line[256];
    const char *clord = stage->clords[stage->clord_count - 1];
    snprintf(line, sizeof line, "> report clord=%s exec_type=NEW", clord);
    *whole = *accepted + play_and_tell(line);
    snprintf(line, sizeof line, "> report clord=%s exec_type=TRADE last_qty=100 last_price=164050",
             clord);
    *whole += play_and_tell(line);
    stage_destroy(stage);
}

/* ---- time ---------------------------------------------------------------------------------- */

static double now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double best(void (*work)(void))
{
    double least = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        double from = now_ns();
        for (int i = 0; i < TIMES; i++)
            work();
        double each = (now_ns() - from) / TIMES;
        least = each < least ? each : least;
    }
    return least;
}

static const struct sq_order order = {.no = 412,
                                      .clord = "261126SQO0010001A40",
                                      .exch_no = "1100000012345678",
                                      .key = {.client = "C10733",
                                              .token = 1333,
                                              .exchange = SQ_EXCHANGE_NSE,
                                              .product = SQ_PRODUCT_MIS},
                                      .close_no = 17,
                                      .qty = 500,
                                      .leaves = 500,
                                      .limit = 164150,
                                      .side = SQ_SIDE_SELL,
                                      .type = 0,
                                      .state = SQ_ORDER_ACKED,
                                      .created = 1764345600000000,
                                      .sent = 1764345600000100,
                                      .acked = 1764345600001100,
                                      .changed = 1764345600001100};

static void print_order(void)
{
    wire_begin(&out, bytes, sizeof bytes);
    wire_message(&out, SQ_ORDER, &order);
}

static void print_change(void)
{
    static struct sq_order is;
    is = order;
    is.cum = 100;
    is.leaves = 400;
    is.state = SQ_ORDER_PARTIAL;
    is.changed += 5000;
    wire_begin(&out, bytes, sizeof bytes);
    wire_change(&out, SQ_ORDER, &order, &is);
}

static void print_rate(void)
{
    struct sq_rate r = rate();
    wire_begin(&out, bytes, sizeof bytes);
    wire_rate(&out, 17, &r, false, false);
}

static cJSON *tree; /* of the message that was printed last */

static void print_by_cjson(void)
{
    cJSON_free(cJSON_PrintUnformatted(tree));
}

static char request[512];
static size_t request_length;

static void read_request(void)
{
    struct wire_request r;
    struct sq_message message;
    char why[WIRE_WHY_SIZE];
    if (wire_read_request(request, request_length, &r, why, sizeof why) != WIRE_ERROR_NONE ||
        wire_request_in(&r, 0, &message, why, sizeof why) != 0)
        abort();
    wire_request_end(&r);
}

static void read_by_cjson(void)
{
    cJSON_Delete(cJSON_ParseWithLength(request, request_length));
}

static void time_row(const char *name, void (*ours)(void), void (*peer)(void), const char *goal)
{
    double mine = best(ours), theirs = best(peer);
    printf("%s | %.0f ns | cJSON alone %.0f ns | %.2f | %s\n", name, mine, theirs, mine / theirs,
           goal);
}

static void times(void)
{
    void (*const prints[])(void) = {print_order, print_change, print_rate};
    static const char *const names[] = {"print an order, whole", "print its change",
                                        "print a rate"};
    for (size_t i = 0; i < sizeof prints / sizeof *prints; i++) {
        prints[i]();
        tree = cJSON_ParseWithLength(out.bytes, out.length);
        time_row(names[i], prints[i], print_by_cjson, "<= 0.5x");
        cJSON_Delete(tree);
    }
    request_length = (size_t)snprintf(
        request, sizeof request, "%s",
        "{\"do\":\"submit\",\"id\":123,\"book\":\"MUM\",\"in\":[[\"square-off\","
        "\"00112233445566778899aabbccddeeff\",\"RK07\",\"C10733\",\"NSE\",1333,\"MIS\",0,500,0,"
        "1764345600000000]]}");
    time_row("read a sell, checked", read_request, read_by_cjson, "");
}

int main(void)
{
    size_t asked = 0, accepted = 0, whole = 0;
    sells(&asked, &accepted, &whole);
    size_t others = login() + 5 * history() + 5 * portfolio() + 100 * rates(1, false);
    row("login", login(), 596, "<= 0.5x");
    row("sell: request and answer", asked, 734, "<= 0.5x");
    row("and the rows of close and order, to SENT", accepted, 734, "<= 1x");
    row("and to FILLED", whole, 734, "");
    row("history of ten", history(), 1465, "<= 0.5x");
    row("portfolio of twenty", portfolio(), 2485, "<= 0.5x");
    row("one live rate, alone in its frame", rates(1, false), 50, "<= 1x");
    row("one live rate of ten in a frame", rates(10, false) / 10, 50, "<= 0.5x");
    row("the same with depth of five", rates(10, true) / 10, 50, "");
    row("a user and hour, as the document counts", others + 10 * asked, 32686, "<= 0.5x");
    row("the same with all that is told of the sells", others + 10 * whole, 32686, "<= 1x");
    times();
    return 0;
}
