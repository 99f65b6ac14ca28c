/* A ticket: a few labelled fields that are typed into, one line each, and one function that takes
 * them. A new ticket is a new const struct form_ops (tui/ticket_*.c). Inside a field keys are text
 * (console.md C1 rule 7). The prompts at the bottom line are one such field. */
#ifndef TUI_FORM_H
#define TUI_FORM_H

#include "core/types.h"
#include "tui/prompt.h"
#include "tui/strip.h"

enum { FORM_FIELDS = 5, FORM_TEXT_SIZE = 80 };

enum form_kind {
    FORM_TEXT,   /* any character */
    FORM_NUMBER, /* digits and a point; other keys keep their meaning */
    FORM_SHARE,  /* the same, and a % at the end */
    FORM_SECRET  /* any character, shown as * */
};

struct form_field {
    const char *label;
    const char *hint; /* behind the field, "" none */
    enum form_kind kind;
    struct prompt line; /* what is typed */
};

struct form;
struct form_ops {
    const char *title;
    size_t field_count;
    struct {
        const char *label;
        const char *hint;
        enum form_kind kind;
    } fields[FORM_FIELDS];
    const char *enter; /* what Enter does: "shows the preview" */
    /* What it is about, in a line above the fields; NULL: nothing. */
    void (*about)(const struct tui *tui, char *text, size_t size);
    /* Enter: takes the fields. False: form->error says what is wrong with them. True: it is done;
     * the strip closes unless `done` has opened another one. */
    bool (*done)(struct tui *tui, struct form *form);
};

struct form {
    const struct form_ops *ops;
    struct form_field fields[FORM_FIELDS];
    size_t current;
    uint32_t position; /* row it is about, SQ_NO_ROW: none; bound when it opens */
    uint32_t order;    /* row */
    uint64_t close_no;
    enum sq_side side; /* of a buy or sell ticket */
    char error[FORM_TEXT_SIZE + 40];
    char keys[80]; /* what the key bar says */
};

/* Opens a form over the screen, bound to a position and an order (SQ_NO_ROW: none). */
void form_open(struct tui *tui, const struct form_ops *ops, uint32_t position, uint32_t order);

/* An empty field. */
void form_field_init(struct form_field *field, const char *label, const char *hint,
                     enum form_kind kind);

/* One key or paste into a field: true when it was text or editing. */
bool form_type(struct form_field *field, const struct decode_event *event);

/* Number in a field with so many decimals; false: empty or not one. */
bool form_number(const struct form_field *field, unsigned decimals, int64_t *value);

/* ---- the tickets ------------------------------------------------------------------------------- */
extern const struct form_ops form_edit;   /* e, F1, F2: quantity, percent, limit */
extern const struct form_ops form_settle; /* u: an UNKNOWN order */
extern const struct form_ops form_fill;   /* m: a fill told by phone, by ticket_fill() */
extern const struct form_ops form_call;   /* v: the client on the phone */
extern const struct form_ops form_export; /* w */
extern const struct form_ops form_pin;    /* ! under `armed` */
extern const struct form_ops form_watch;  /* a: a contract for Rates */
extern const struct form_ops form_sort;   /* s */

/* Opens form_fill on a position, with the side that closes it. */
void ticket_fill(struct tui *tui, uint32_t position);

#endif
