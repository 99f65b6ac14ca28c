/* A strip is what opens over the foot of a screen and takes the keys: a preview, a ticket. It is a
 * mode of the screen, not a loop of its own: the book goes on behind it, and the first two lines
 * and the rows above stay visible. */
#ifndef TUI_STRIP_H
#define TUI_STRIP_H

#include "tui/canvas.h"
#include "tui/decode.h"
#include "tui/keys.h"

struct tui;

struct strip_ops {
    const char *name;
    enum keys_mode mode; /* whose keys hold while it is open */
    /* Lines it wants, its title line included. */
    int (*rows)(const struct tui *tui);
    void (*draw)(struct tui *tui, struct canvas *canvas, struct rect place);
    /* A key that may be text for its field: true when it was. NULL: it has no field. */
    bool (*type)(struct tui *tui, const struct decode_event *event);
    void (*action)(struct tui *tui, enum action action);
    /* Each turn: new previews, closing by itself. NULL: nothing moves. */
    void (*update)(struct tui *tui);
    /* Where the terminal's cursor stands, within its place. NULL: hidden. */
    bool (*cursor)(const struct tui *tui, struct rect place, int *row, int *column);
    /* The key bar of a strip says this; NULL: what the key table says of its mode. */
    const char *(*keys)(const struct tui *tui);
};

extern const struct strip_ops strip_preview;    /* one close: tui/strip_preview.c */
extern const struct strip_ops strip_bulk;       /* X and K: tui/bulk.c */
extern const struct strip_ops strip_form;       /* tickets: tui/form.c */
extern const struct strip_ops strip_stand_down; /* :standdown, and all that is open */
extern const struct strip_ops strip_leave; /* leaving with orders in flight: tui/strip_leave.c */

/* The title line of a strip: "= title ====== right =". */
void strip_title(struct canvas *canvas, struct rect place, enum role role, const char *title,
                 const char *right);

#endif
