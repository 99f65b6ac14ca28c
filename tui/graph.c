/* Profit and loss of the day as a small graph. */
#include "tui/graph.h"

#include "tui/book.h"
#include "tui/print.h"
#include "tui/theme.h"
#include "tui/tui.h"

enum { LABEL_COLUMNS = 12 };

void graph_update(struct tui *tui)
{
    struct graph *g = &tui->graph;

    if (tui->now < g->next || book_total_is_hidden(tui))
        return;
    g->samples[g->count++ % GRAPH_SAMPLES] = sq_board_total(tui->session->view->board);
    g->next = tui->now + GRAPH_STEP_S * SQ_SECOND;
}

/* i-th newest sample. */
static sq_money sample(const struct graph *g, uint32_t i)
{
    return g->samples[(g->count - 1 - i) % GRAPH_SAMPLES];
}

static void find_range(const struct graph *g, uint32_t shown, sq_money *low, sq_money *high)
{
    *low = *high = sample(g, 0);
    for (uint32_t i = 1; i < shown; i++) {
        if (sample(g, i) < *low)
            *low = sample(g, i);
        if (sample(g, i) > *high)
            *high = sample(g, i);
    }
    if (*high == *low)
        *high = *low + 1;
}

/* One column: a mark at the height of its sample, eight steps a cell where the theme has blocks. */
static void draw_sample(const struct tui *tui, struct canvas *canvas, struct rect place, int column,
                        sq_money value, sq_money low, sq_money high)
{
    int64_t steps = sq_mul_div(value - low, place.rows * 8 - 1, high - low);
    int row = place.row + place.rows - 1 - (int)(steps / 8);
    enum role role = value < 0 ? ROLE_MTM_LOSS : ROLE_MTM_GAIN;

    canvas_repeat(canvas, row, column, 1, role,
                  tui->theme->unicode_box ? 0x2581 + (uint32_t)(steps % 8) : '*');
}

static void draw_labels(struct canvas *canvas, struct rect place, sq_money low, sq_money high)
{
    char text[PRINT_SIZE];

    print_money(high, true, text);
    canvas_field(canvas, place.row, place.column, LABEL_COLUMNS - 1, ALIGN_RIGHT, ROLE_DIM, text);
    print_money(low, true, text);
    canvas_field(canvas, place.row + place.rows - 1, place.column, LABEL_COLUMNS - 1, ALIGN_RIGHT,
                 ROLE_DIM, text);
}

void graph_draw(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    const struct graph *g = &tui->graph;
    int room = place.columns - LABEL_COLUMNS - 1;
    uint32_t kept = g->count < GRAPH_SAMPLES ? g->count : GRAPH_SAMPLES;
    uint32_t shown = room > 0 && kept > (uint32_t)room ? (uint32_t)room : kept;
    sq_money low, high;

    if (shown == 0 || room <= 0 || place.rows < 2)
        return;
    find_range(g, shown, &low, &high);
    draw_labels(canvas, place, low, high);
    for (uint32_t i = 0; i < shown; i++)
        draw_sample(tui, canvas, place, place.column + LABEL_COLUMNS + (int)(shown - 1 - i),
                    sample(g, i), low, high);
}
