/* Tickets: labelled fields over the foot of a screen. */
#include "tui/form.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "tui/text.h"
#include "tui/tui.h"

enum { LABEL_COLUMNS = 12, FIELD_COLUMNS = 28, ABOUT_SIZE = 240 };

void form_field_init(struct form_field *field, const char *label, const char *hint,
                     enum form_kind kind)
{
    static const char *const allowed[] = {[FORM_TEXT] = NULL,
                                          [FORM_SECRET] = NULL,
                                          [FORM_NUMBER] = "0123456789.",
                                          [FORM_SHARE] = "0123456789.%"};

    field->label = label;
    field->hint = hint;
    field->kind = kind;
    prompt_init(&field->line, kind == FORM_SECRET ? PROMPT_SIZE - 1 : FORM_TEXT_SIZE - 1,
                allowed[kind], NULL, (struct prompt_words){0});
}

/* Keys that belong to the ticket and not to its field. */
static bool is_ticket_key(const struct form_field *field, uint32_t key)
{
    switch (key) {
    case DECODE_ENTER:
    case DECODE_ESCAPE:
    case DECODE_TAB:
    case DECODE_TAB | DECODE_SHIFT:
    case DECODE_UP:
    case DECODE_DOWN:
    case DECODE_PAGE_UP:
    case DECODE_PAGE_DOWN:
    case DECODE_CTRL | 'g':
    case DECODE_CTRL | 'c': return true;
    case DECODE_BACKSPACE: return field->line.length == 0;
    default: return false;
    }
}

bool form_type(struct form_field *field, const struct decode_event *event)
{
    if (event->kind == DECODED_PASTE_TEXT) {
        prompt_paste(&field->line, event->text, event->length);
        return true;
    }
    if (event->kind != DECODED_KEY || is_ticket_key(field, event->key))
        return false;
    return prompt_key(&field->line, event->key) == PROMPT_EDITED;
}

bool form_number(const struct form_field *field, unsigned decimals, int64_t *value)
{
    return sq_parse_decimal(field->line.text, field->line.length, decimals, value);
}

void form_open(struct tui *tui, const struct form_ops *ops, uint32_t position, uint32_t order)
{
    struct form *form = &tui->form;

    memset(form, 0, sizeof *form);
    form->ops = ops;
    form->position = position;
    form->order = order;
    for (size_t i = 0; i < ops->field_count; i++)
        form_field_init(&form->fields[i], ops->fields[i].label, ops->fields[i].hint,
                        ops->fields[i].kind);
    snprintf(form->keys, sizeof form->keys, "Enter %s  Tab next field  Esc keep", ops->enter);
    tui_open(tui, &strip_form);
}

/* ---- as a strip --------------------------------------------------------------------------------- */

/* What it is about takes a second line where one is too short. */
static int about_rows(const struct tui *tui, char *about, size_t size)
{
    about[0] = '\0';
    if (!tui->form.ops->about)
        return 0;
    tui->form.ops->about(tui, about, size);
    return text_piece(about, (size_t)tui->columns - 2) < strlen(about) ? 2 : 1;
}

static int rows(const struct tui *tui)
{
    char about[ABOUT_SIZE];

    return 2 + (int)tui->form.ops->field_count + about_rows(tui, about, sizeof about);
}

static void draw_field(struct canvas *canvas, int row, struct rect place,
                       const struct form_field *field, bool current)
{
    int column = place.column + 1;

    canvas_field(canvas, row, column, LABEL_COLUMNS, ALIGN_LEFT, ROLE_STRIP, field->label);
    column += LABEL_COLUMNS;
    if (field->kind == FORM_SECRET)
        canvas_repeat(canvas, row, column,
                      field->line.length < FIELD_COLUMNS ? (int)field->line.length : FIELD_COLUMNS,
                      ROLE_INPUT, '*');
    else if (current)
        prompt_draw(&field->line, canvas, row, column, FIELD_COLUMNS);
    else
        canvas_field(canvas, row, column, FIELD_COLUMNS, ALIGN_LEFT, ROLE_STRIP, field->line.text);
    column += FIELD_COLUMNS + 1;
    canvas_print(canvas, row, column, place.columns - column, ROLE_DIM, field->hint);
}

static int first_field_row(const struct tui *tui, struct rect place)
{
    char about[ABOUT_SIZE];

    return place.row + 1 + about_rows(tui, about, sizeof about);
}

static void draw_about(const struct tui *tui, struct canvas *canvas, struct rect place)
{
    char about[ABOUT_SIZE], piece[ABOUT_SIZE];
    int lines = about_rows(tui, about, sizeof about);
    size_t used = 0;

    for (int i = 0; i < lines; i++) {
        size_t taken = i + 1 < lines ? text_piece(about, (size_t)place.columns - 2) : strlen(about);

        snprintf(piece, sizeof piece, "%.*s", (int)(taken - used), about + used);
        canvas_print(canvas, place.row + 1 + i, place.column + 1, place.columns - 2, ROLE_STRIP,
                     piece);
        used = taken + strspn(about + taken, " ");
    }
}

static void draw(struct tui *tui, struct canvas *canvas, struct rect place)
{
    struct form *form = &tui->form;
    int row = first_field_row(tui, place);

    strip_title(canvas, place, ROLE_STRIP, form->ops->title, "Esc keeps");
    draw_about(tui, canvas, place);
    for (size_t i = 0; i < form->ops->field_count; i++, row++)
        draw_field(canvas, row, place, &form->fields[i], i == form->current);
    canvas_print(canvas, row, place.column + 1, place.columns - 2, ROLE_WARN, form->error);
}

static bool type(struct tui *tui, const struct decode_event *event)
{
    struct form *form = &tui->form;

    if (form->ops->field_count == 0 || !form_type(&form->fields[form->current], event))
        return false;
    form->error[0] = '\0';
    return true;
}

static void finish(struct tui *tui)
{
    struct form *form = &tui->form;

    if (form->ops->done(tui, form) && tui->strip == &strip_form)
        tui_close(tui);
}

static void action(struct tui *tui, enum action what)
{
    struct form *form = &tui->form;
    size_t count = form->ops->field_count;

    switch (what) {
    case ACTION_NEXT_FIELD:
    case ACTION_MOVE_DOWN: form->current = (form->current + 1) % count; break;
    case ACTION_PREVIOUS_FIELD:
    case ACTION_MOVE_UP: form->current = (form->current + count - 1) % count; break;
    case ACTION_STRIP_SEND: finish(tui); break;
    default: break;
    }
}

static bool cursor(const struct tui *tui, struct rect place, int *row, int *column)
{
    const struct form *form = &tui->form;
    const struct form_field *field = &form->fields[form->current];
    size_t columns = text_columns(field->line.text, field->line.cursor);

    *row = first_field_row(tui, place) + (int)form->current;
    *column = place.column + 1 + LABEL_COLUMNS +
              (int)(columns < FIELD_COLUMNS ? columns : FIELD_COLUMNS - 1);
    return true;
}

static const char *keys(const struct tui *tui)
{
    return tui->form.keys;
}

const struct strip_ops strip_form = {
    .name = "form",
    .mode = KEYS_TICKET,
    .rows = rows,
    .draw = draw,
    .type = type,
    .action = action,
    .cursor = cursor,
    .keys = keys,
};
