/* The coach of the first sixty seconds (console.md): four things to try in a drill, one line each.
 * It looks at what happens and never presses a key itself. */
#ifndef TUI_COACH_H
#define TUI_COACH_H

#include "core/types.h"
#include "tui/canvas.h"

struct tui;

enum coach_step { COACH_CLOSE, COACH_AGAIN, COACH_HEDGE, COACH_CUT, COACH_HEAL, COACH_DONE };

struct coach {
    bool on;
    enum coach_step step;
    uint32_t plain;    /* position of the first steps */
    uint32_t hedge;    /* position of the third */
    uint64_t order_no; /* our order of the first close */
    char footer[200];  /* what came of it */
};

/* Chooses its positions and puts the cursor on the first; off when the book has none. */
void coach_start(struct tui *tui);

/* Looks whether the step is done. */
void coach_update(struct tui *tui);

/* A one-key close on a position was refused by a guard, first of them `guard`. */
void coach_refused(struct tui *tui, uint32_t position, unsigned guard);

/* ":drill WORD" was given. */
void coach_drill(struct tui *tui, const char *word);

/* Lines it wants: 0 when it is off. */
int coach_rows(const struct tui *tui);
void coach_draw(const struct tui *tui, struct canvas *canvas, struct rect place);

#endif
