/*
 * fuzz_wire.c: any bytes as a request to a server, and any bytes as a frame to a console.
 *
 * The first byte says which: '>' a request, '<' a frame. What is accepted is printed again, and
 * must be read as the same; rows of frames are folded into a view with a board, which must bear
 * whatever a server may say.
 */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/view.h"
#include "net/wire.h"
#include "tests/book_maker.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* ---- a server's side ----------------------------------------------------------------------- */

/* What is accepted has one printed form, which brings it back. */
static void check_message(const struct sq_message *message)
{
    static char bytes[16384];
    static struct sq_message again;
    struct wire_out out;
    char why[WIRE_WHY_SIZE];
    wire_begin(&out, bytes, sizeof bytes);
    wire_message(&out, (enum sq_kind)message->kind, &message->as);
    need(!out.cut, "a message does not fit");
    struct cJSON *root = wire_parse(bytes, out.length, WIRE_FRAME_MAX, why, sizeof why);
    need(root != NULL, "own print is refused");
    need(wire_read_message(root, &again, why, sizeof why) == 0, "own message is refused");
    need(memcmp(&again.as, &message->as, sizeof again.as) == 0, "another message comes back");
    wire_free(root);
}

static void take_request(const char *text, size_t length)
{
    static struct sq_message message;
    struct wire_request request;
    char why[WIRE_WHY_SIZE];
    enum sq_exchange exchange;
    uint32_t token;
    if (wire_read_request(text, length, &request, why, sizeof why) != WIRE_ERROR_NONE)
        return;
    for (size_t i = 0; i < request.in_count; i++)
        if (wire_request_in(&request, i, &message, why, sizeof why) == 0)
            check_message(&message);
    for (size_t i = 0; i < request.list_count; i++)
        wire_request_contract(&request, i, &exchange, &token, why, sizeof why);
    wire_request_end(&request);
}

/* ---- a console's side ---------------------------------------------------------------------- */

static struct sq_view *view;
static void *view_memory, *board_memory;

static void apply(enum sq_kind kind, const void *body)
{
    struct sq_message event = maker_event(0, kind, body);
    need(sq_view_apply(view, &event) == 0, "the book of the test");
}

/* A small book, anew for each input. */
static void make_view(void)
{
    struct sq_config config = maker_config(8, 8, 8);
    view_memory = maker_memory(sq_view_size(&config));
    board_memory = maker_memory(sq_board_size(&config));
    view = sq_view_init(view_memory, &config);
    view->board = sq_board_init(board_memory, &view->tables);
    struct sq_instrument instrument = maker_instrument(1);
    struct sq_client client = maker_client("C1");
    struct sq_position position = maker_position("C1", 1, 100);
    struct sq_order order = maker_order(412, "C1", 1, SQ_SIDE_SELL, 50);
    struct sq_close close = maker_close(9, "C1", 1, SQ_CLOSE_WORKING);
    apply(SQ_INSTRUMENT, &instrument);
    apply(SQ_CLIENT, &client);
    apply(SQ_POSITION, &position);
    apply(SQ_ORDER, &order);
    apply(SQ_CLOSE, &close);
    sq_board_reload(view->board);
}

static void take_row(const cJSON *array)
{
    static struct sq_message row;
    char why[WIRE_WHY_SIZE];
    if (wire_read_row(array, &view->tables, &row, why, sizeof why) != 0)
        return;
    check_message(&row);
    enum sq_family family = sq_kind_info((enum sq_kind)row.kind)->family;
    if (row.kind == SQ_CONFIG || (family != SQ_FAMILY_RECORD && family != SQ_FAMILY_ANSWER))
        return;
    row.seq = view->seq + 1;
    sq_view_apply(view, &row);
}

static void take_rate(const cJSON *array)
{
    struct sq_rate rate = {.time = 1, .trade_time = 1};
    uint32_t place;
    bool traded;
    char why[WIRE_WHY_SIZE];
    if (wire_read_rate(array, &place, &rate, &traded, why, sizeof why) == 0 &&
        place < view->tables.instrument_count)
        sq_board_rate(view->board, place, &rate);
}

static void take_values(const struct wire_frame *frame)
{
    struct wire_links links;
    struct sq_preview preview;
    enum sq_exchange exchange;
    uint32_t place, token;
    bool alive, gap;
    char why[WIRE_WHY_SIZE];
    const cJSON *array;
    if (frame->links)
        wire_read_links(frame->links, &links, why, sizeof why);
    cJSON_ArrayForEach(array, frame->rates) take_rate(array);
    cJSON_ArrayForEach(array, frame->previews)
        wire_read_preview(array, &view->tables, &preview, why, sizeof why);
    cJSON_ArrayForEach(array, frame->feeds)
        wire_read_feed(array, &exchange, &alive, &gap, why, sizeof why);
    cJSON_ArrayForEach(array, frame->places)
        wire_read_place(array, &place, &exchange, &token, why, sizeof why);
}

static void take_frame(const char *text, size_t length)
{
    struct wire_frame frame;
    char why[WIRE_WHY_SIZE];
    const cJSON *array, *item;
    if (wire_read_frame(text, length, &frame, why, sizeof why) != 0)
        return;
    make_view();
    cJSON_ArrayForEach(array, frame.rows) take_row(array);
    cJSON_ArrayForEach(array, frame.events) cJSON_ArrayForEach(item, array) take_row(item);
    take_values(&frame);
    sq_board_reload(view->board);
    free(view_memory);
    free(board_memory);
    wire_frame_end(&frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == '>')
        take_request((const char *)data + 1, size - 1);
    else if (size > 0 && data[0] == '<')
        take_frame((const char *)data + 1, size - 1);
    return 0;
}
