/* Profit and loss of the day as a small graph: one sample each GRAPH_STEP_S, kept for the day. */
#ifndef TUI_GRAPH_H
#define TUI_GRAPH_H

#include "core/types.h"
#include "tui/canvas.h"

struct tui;

enum { GRAPH_SAMPLES = 480, GRAPH_STEP_S = 5 };

struct graph {
    sq_money samples[GRAPH_SAMPLES]; /* ring: the newest at (count - 1) % GRAPH_SAMPLES */
    uint32_t count;                  /* ever */
    sq_time next;                    /* when the next one is due */
};

/* Takes a sample when one is due and the total can be believed. */
void graph_update(struct tui *tui);

void graph_draw(const struct tui *tui, struct canvas *canvas, struct rect place);

#endif
