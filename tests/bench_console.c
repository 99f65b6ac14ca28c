/*
 * bench_console.c: what a key and a frame cost on a whole screen of 200x50, over books of 100, 1,000
 * and 4,000 positions: from the decoded key to the bytes for the terminal, and a frame after rates
 * have moved. The floor of a frame is the same canvas drawn and painted without looking at the book;
 * a frame of the live monitor, every client unfolded, is held against one of Positions.
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/num.h"
#include "tui/paint.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum { ROWS = 50, COLUMNS = 200, FRAMES = 2000, KEYS = 2000 };

struct desk {
    struct sq_config config;
    struct sq_session session;
    void *view_memory, *board_memory;
    sq_time now;
    struct tui tui;
    struct keymap keys;
    struct theme theme;
    struct canvas canvas, before;
    struct paint paint;
    char *bytes;
};

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- a session without an engine ---------------------------------------------------------------- */

static bool take(struct sq_session *session, const struct sq_message *inputs, size_t count)
{
    (void)session;
    (void)inputs;
    return count > 0;
}

static bool no_preview(struct sq_session *session, const struct sq_square_off *intents,
                       size_t count)
{
    (void)session;
    (void)intents;
    return count == 0;
}

static const struct sq_preview *no_previews(struct sq_session *session, size_t *count)
{
    (void)session;
    *count = 0;
    return NULL;
}

static void info(struct sq_session *session, struct sq_source_info *out)
{
    (void)session;
    *out = (struct sq_source_info){
        .source = "BENCH", .live = true, .price_up = true, .order_up = true, .order_rtt_us = -1};
}

static const struct sq_session_ops ops = {
    .submit = take, .preview = no_preview, .previews = no_previews, .info = info};

static uint64_t one(void *owner)
{
    (void)owner;
    return 1;
}

/* ---- a book ------------------------------------------------------------------------------------- */

static void apply(struct desk *d, enum sq_kind kind, const void *body)
{
    struct sq_message message = {.kind = (uint16_t)kind};

    memcpy(&message.as, body, sq_kind_info(kind)->size);
    if (sq_view_apply(d->session.view, &message) != 0)
        abort();
}

static void rate(struct desk *d, uint32_t instrument, sq_price last)
{
    struct sq_rate r = {.last = last, .time = d->now, .trade_time = d->now, .move = 1};

    r.bid[0] = (struct sq_level){last - 5, 100};
    r.ask[0] = (struct sq_level){last + 5, 100};
    sq_board_rate(d->session.view->board, instrument, &r);
}

static void fill_book(struct desk *d, uint32_t positions)
{
    struct sq_book book = {.day = 20261126,
                           .loaded = 1,
                           .owned = 1,
                           .link = SQ_LINK_READY,
                           .control = SQ_CONTROL_ACTIVE};
    struct sq_person person = {.code = "RAVI", .active = 1, .role = SQ_ROLE_DEALER};

    apply(d, SQ_BOOK, &book);
    apply(d, SQ_PERSON, &person);
    for (uint32_t i = 0; i < positions; i++) {
        struct sq_client client = {.active = 1, .desk = "MUM-1", .dealer = "RAVI"};
        struct sq_instrument instrument = {.token = i + 1,
                                           .exchange = SQ_EXCHANGE_NFO,
                                           .contract =
                                               i % 2 ? SQ_CONTRACT_CALL : SQ_CONTRACT_FUTURE,
                                           .price_decimals = 2,
                                           .expiry = 20261201,
                                           .strike = 2400000 + i * 5000,
                                           .tick = 5,
                                           .lot = 75,
                                           .multiplier = 1,
                                           .freeze = 1801};
        struct sq_position position = {.net = i % 3 ? 75 : -75};

        snprintf(client.code, sizeof client.code, "C%05u", 10000 + i / 20);
        snprintf(instrument.symbol, sizeof instrument.symbol, "NIFTY");
        if (i % 20 == 0)
            apply(d, SQ_CLIENT, &client);
        apply(d, SQ_INSTRUMENT, &instrument);
        memcpy(position.key.client, client.code, sizeof position.key.client);
        position.key.token = i + 1;
        position.key.exchange = SQ_EXCHANGE_NFO;
        position.key.product = SQ_PRODUCT_NRML;
        apply(d, SQ_POSITION, &position);
        rate(d, i, 10000 + i);
    }
}

static void open_desk(struct desk *d, uint32_t positions)
{
    struct tui_options options = {.session = &d->session, .keys = &d->keys, .theme = &d->theme};

    memset(d, 0, sizeof *d);
    sq_config_default(&d->config);
    d->config.instruments = d->config.positions;
    d->now = sq_midnight(20261126) + 11 * 3600 * SQ_SECOND;
    d->view_memory = calloc(1, sq_view_size(&d->config));
    d->board_memory = calloc(1, sq_board_size(&d->config));
    d->session.ops = &ops;
    strcpy(d->session.person, "RAVI");
    d->session.view = sq_view_init(d->view_memory, &d->config);
    d->session.view->board = sq_board_init(d->board_memory, &d->session.view->tables);
    sq_board_feed(d->session.view->board, SQ_EXCHANGE_NFO, d->now, false);
    fill_book(d, positions);
    options.calls.random = one;
    keys_preset(&d->keys, "neat");
    theme_init(&d->theme);
    if (!tui_init(&d->tui, &options, ROWS, COLUMNS, d->now) ||
        !canvas_init(&d->canvas, ROWS, COLUMNS) || !canvas_init(&d->before, ROWS, COLUMNS))
        abort();
    paint_init(&d->paint, THEME_256, 256, 63);
    paint_theme(&d->paint, &d->theme);
    d->bytes = malloc((size_t)ROWS * COLUMNS * PAINT_CELL_BYTES);
}

static void close_desk(struct desk *d)
{
    tui_finish(&d->tui);
    canvas_finish(&d->canvas);
    canvas_finish(&d->before);
    free(d->bytes);
    free(d->view_memory);
    free(d->board_memory);
}

/* ---- what is measured --------------------------------------------------------------------------- */

static size_t frame(struct desk *d)
{
    size_t length;

    tui_draw(&d->tui, &d->canvas);
    length = paint_frame(&d->paint, &d->canvas, &d->before, d->bytes);
    canvas_copy(&d->before, &d->canvas);
    return length;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

static void keys(struct desk *d, uint32_t positions)
{
    static double took[KEYS];
    struct decode_event down = {.kind = DECODED_KEY, .key = 'j', .alone = true};

    for (int i = 0; i < KEYS; i++) {
        double from = now_us();

        d->now += 10 * SQ_MS;
        sq_board_feed(d->session.view->board, SQ_EXCHANGE_NFO, d->now, false);
        tui_input(&d->tui, &down, d->now);
        tui_update(&d->tui, d->now);
        frame(d);
        took[i] = now_us() - from;
    }
    qsort(took, KEYS, sizeof *took, compare);
    printf("key to bytes, %u positions, median | %.0f us | tig 240 us (recorded) | %.2f | <= 1\n",
           positions, took[KEYS / 2], took[KEYS / 2] / 240);
    printf("key to bytes, %u positions, p99 | %.0f us | 1,000 us | %.2f | <= 1\n", positions,
           took[KEYS * 99 / 100], took[KEYS * 99 / 100] / 1000);
}

static double floor_frame(struct desk *d)
{
    double from = now_us();

    for (int i = 0; i < FRAMES; i++) {
        canvas_clear(&d->canvas);
        for (int row = 0; row < ROWS; row++)
            canvas_print(&d->canvas, row, 0, COLUMNS, ROLE_DEFAULT,
                         "C10421 NFO NIFTY 01DEC 24500C NRML -1,950 118.40 -62,400 ok");
        paint_frame(&d->paint, &d->canvas, &d->before, d->bytes);
        canvas_copy(&d->before, &d->canvas);
    }
    return (now_us() - from) / FRAMES;
}

/* Microseconds of a frame in which twenty rates are new. */
static double rated_frame(struct desk *d, uint32_t positions, size_t *bytes)
{
    double from = now_us();

    *bytes = 0;

    for (int i = 0; i < FRAMES; i++) {
        d->now += 33 * SQ_MS;
        sq_board_feed(d->session.view->board, SQ_EXCHANGE_NFO, d->now, false);
        for (uint32_t r = 0; r < 20; r++)
            rate(d, ((uint32_t)i * 20 + r) % positions, 10000 + ((uint32_t)i * 7 + r) % 500);
        tui_update(&d->tui, d->now);
        *bytes += frame(d);
    }
    *bytes /= FRAMES;
    return (now_us() - from) / FRAMES;
}

static void frames(struct desk *d, uint32_t positions)
{
    size_t bytes, live_bytes;
    double each = rated_frame(d, positions, &bytes), least = floor_frame(d), live;

    printf("frame with 20 new rates, %u positions | %.0f us, %zu B | %.0f us | %.2f | \n",
           positions, each, bytes, least, each / least);
    tui_show(&d->tui, PANEL_LIVE);
    tui_filter(&d->tui, "open>0"); /* a filter unfolds all */
    live = rated_frame(d, positions, &live_bytes);
    printf("the same on the live monitor | %.0f us, %zu B | Positions %.0f us | %.2f | <= 2\n",
           live, live_bytes, each, live / each);
}

int main(void)
{
    static const uint32_t sizes[] = {100, 1000, 4000};

    setlocale(LC_ALL, "C.UTF-8");
    printf("name | ours | floor or peer | ratio | goal\n");
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        static struct desk desk;

        open_desk(&desk, sizes[i]);
        keys(&desk, sizes[i]);
        frames(&desk, sizes[i]);
        close_desk(&desk);
    }
    return 0;
}
