/* The rows of a screen as CSV, JSON, text, and as a call sheet to be read by phone. */
#include "tui/export.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/book.h"
#include "tui/print.h"
#include "tui/text.h"
#include "tui/tui.h"

enum { TEXT_MAX = 16 << 20 };

/* A text that grows to TEXT_MAX at most. */
struct text {
    char *bytes;
    size_t length, room;
    bool failed;
};

static void put(struct text *text, const char *bytes, size_t length)
{
    if (text->length + length > text->room) {
        size_t room = text->room ? text->room * 2 : 65536;
        char *grown;

        while (room < text->length + length)
            room *= 2;
        grown = room > TEXT_MAX ? NULL : realloc(text->bytes, room);
        if (!grown) {
            text->failed = true;
            return;
        }
        text->bytes = grown;
        text->room = room;
    }
    memcpy(text->bytes + text->length, bytes, length);
    text->length += length;
}

static void say(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(struct text *text, const char *format, ...)
{
    char line[512];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    put(text, line, (size_t)length < sizeof line ? (size_t)length : sizeof line - 1);
}

enum value { VALUE_TEXT, VALUE_NUMBER, VALUE_NONE };

/* Takes groups, plus and the mark of an old price off a figure. False: it is not one ("4m12"). */
static bool make_plain(char *text)
{
    char plain[CELL_SIZE];
    size_t length = 0;

    for (const char *c = text; *c != '\0'; c++) {
        bool mark = c == text && *c != '-' && strchr("0123456789.", *c) == NULL;

        if (*c == ',' || (mark && strpbrk(text, "0123456789") == text + 1))
            continue;
        if (strchr("-.0123456789", *c) == NULL)
            return false;
        plain[length++] = *c;
    }
    memcpy(text, plain, length);
    text[length] = '\0';
    return true;
}

/* Columns whose names on the screen are short for want of room, by their titles. */
static const struct {
    const char *title, *name;
} names[] = {{"E", "exchange"}, {"EX", "exchange"},  {"EXCHANGE NO", "exchange_no"},
             {"P", "product"},  {"PROD", "product"}, {"QTY", "quantity"},
             {"AVG", "average"}};

static const char *file_name(const struct panel_column *column)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].title, column->title) == 0)
            return names[i].name;
    return column->name;
}

/* The full names that filters know stand in a file already, under the shown columns. */
static bool is_written(const struct panel_column *column)
{
    return column->max > 0 ||
           (strcmp(column->name, "exch") != 0 && strcmp(column->name, "prod") != 0);
}

/* A cell as a file has it: a figure is what it is sorted by, not as a person reads it. */
static enum value value_of(const struct tui *tui, const struct panel_ops *ops,
                           const struct panel_column *column, uint32_t row, struct cell *cell)
{
    bool figure;

    panel_cell(tui, ops, column, row, cell);
    if (column->align != ALIGN_RIGHT)
        return VALUE_TEXT;
    if (strcmp(cell->text, "--") == 0)
        return VALUE_NONE;
    figure = strpbrk(cell->text, "0123456789") != NULL;
    if (column->number && (figure || cell->text[0] == '\0'))
        sq_print_decimal(column->number(tui, row), column->decimals, false, cell->text);
    else if (!figure || !make_plain(cell->text))
        return cell->text[0] != '\0' ? VALUE_TEXT : VALUE_NONE;
    return VALUE_NUMBER;
}

static void csv_row(const struct tui *tui, const struct panel_ops *ops, uint32_t row,
                    struct text *out)
{
    struct cell cell;
    char field[CELL_SIZE * 3];
    const char *comma = "";

    for (size_t i = 0; i < ops->column_count; i++) {
        enum value value = value_of(tui, ops, &ops->columns[i], row, &cell);

        if (!is_written(&ops->columns[i]))
            continue;
        say(out, "%s", comma);
        if (value == VALUE_NUMBER)
            put(out, cell.text, strlen(cell.text));
        else if (value == VALUE_TEXT)
            put(out, field, text_csv(cell.text, strlen(cell.text), field, sizeof field));
        comma = ",";
    }
    put(out, "\n", 1);
}

static void to_csv(const struct tui *tui, struct text *out)
{
    const struct panel_ops *ops = panels[tui->panel];
    const struct list *list = tui_list(tui);
    const char *comma = "";

    for (size_t i = 0; i < ops->column_count; i++) {
        if (!is_written(&ops->columns[i]))
            continue;
        say(out, "%s%s", comma, file_name(&ops->columns[i]));
        comma = ",";
    }
    put(out, "\n", 1);
    for (uint32_t i = 0; i < list->count; i++)
        csv_row(tui, ops, list->rows[i].row, out);
}

/* RFC 8259 section 7: quotes, backslashes and controls are escaped; the rest is safe UTF-8. */
static void json_string(const char *text, struct text *out)
{
    char safe[CELL_SIZE * 4];
    size_t length = text_safe(text, strlen(text), CELL_SIZE, safe, sizeof safe);

    put(out, "\"", 1);
    for (size_t i = 0; i < length; i++) {
        if (safe[i] == '"' || safe[i] == '\\')
            put(out, "\\", 1);
        put(out, &safe[i], 1);
    }
    put(out, "\"", 1);
}

static void to_json(const struct tui *tui, struct text *out)
{
    const struct panel_ops *ops = panels[tui->panel];
    const struct list *list = tui_list(tui);
    struct cell cell;

    say(out, "[");
    for (uint32_t i = 0; i < list->count; i++) {
        const char *comma = "";

        say(out, "%s\n {", i ? "," : "");
        for (size_t c = 0; c < ops->column_count; c++) {
            enum value value = value_of(tui, ops, &ops->columns[c], list->rows[i].row, &cell);

            if (!is_written(&ops->columns[c]))
                continue;
            say(out, "%s\"%s\":", comma, file_name(&ops->columns[c]));
            if (value == VALUE_TEXT)
                json_string(cell.text, out);
            else
                say(out, "%s", value == VALUE_NUMBER ? cell.text : "null");
            comma = ",";
        }
        say(out, "}");
    }
    say(out, "\n]\n");
}

static void text_field(const struct panel_column *column, const char *text, struct text *out)
{
    char safe[CELL_SIZE * 4];
    int width = column->max;

    text_safe(text, strlen(text), CELL_SIZE, safe, sizeof safe);
    if (width > 0)
        say(out, "%*s ", column->align == ALIGN_LEFT ? -width : width, safe);
}

/* What it is, of when and whose, then what the columns are. */
static void text_heading(const struct tui *tui, struct text *out)
{
    const struct panel_ops *ops = panels[tui->panel];
    const struct list *list = tui_list(tui);
    char clock[PRINT_SIZE];

    print_time(tui->now, clock);
    say(out, "%s%s  desk %s  %s  %s  %u of %u rows  filter %s\n",
        tui->source.drill ? "DRILL  " : "", ops->title, tui_tables(tui)->book.desk, clock,
        tui->session->person, list->count, list->candidates,
        list->filter.text[0] ? list->filter.text : "-");
    for (size_t c = 0; c < ops->column_count; c++)
        text_field(&ops->columns[c], ops->columns[c].title, out);
    say(out, "\n");
}

static void to_text(const struct tui *tui, struct text *out)
{
    const struct panel_ops *ops = panels[tui->panel];
    const struct list *list = tui_list(tui);
    struct cell cell;

    text_heading(tui, out);
    for (uint32_t i = 0; i < list->count; i++) {
        for (size_t c = 0; c < ops->column_count; c++) {
            panel_cell(tui, ops, &ops->columns[c], list->rows[i].row, &cell);
            text_field(&ops->columns[c], cell.text, out);
        }
        say(out, "\n");
    }
}

/* One position in words that can be read over the phone, in the order a NEAT ticket asks for them. */
static void sheet_line(const struct tui *tui, uint32_t position, struct text *out)
{
    const struct sq_tables *t = tui_tables(tui);
    const struct sq_position *p = &t->position[position];
    const struct sq_instrument *i = book_instrument(tui, position);
    char label[SQ_LABEL_SIZE], exit[PRINT_SIZE], no[SQ_LABEL_SIZE];

    if (p->net == 0)
        return;
    sq_label(i, label);
    print_price(book_exit(tui, position), i->price_decimals, exit);
    say(out, "[ ] %-4s %-24s %-4s  %lld  client %s (%s)  %s  last seen %s\n",
        p->net > 0 ? "SELL" : "BUY", label, sq_name(SQ_LIST_EXCHANGE, p->key.exchange),
        (long long)sq_abs(p->net), p->key.client, book_client_name(tui, p->key.client),
        sq_name(SQ_LIST_PRODUCT, p->key.product), exit);
    for (uint32_t o = t->position_order[position]; o != SQ_NO_ROW; o = t->order_next[o]) {
        const struct sq_order *order = &t->order[o];

        if (sq_order_state_is_terminal((enum sq_order_state)order->state))
            continue;
        sq_order_label(order, no);
        say(out, "      first ask about %s %s %lld %s, exchange number %s\n",
            sq_name(SQ_LIST_ORDER_STATE, order->state), sq_name(SQ_LIST_SIDE, order->side),
            (long long)order->leaves, no, order->exch_no[0] ? order->exch_no : "not known");
    }
}

/* What x put on it while nothing could be sent, whatever the filter shows now. */
static void to_sheet(const struct tui *tui, struct text *out)
{
    char clock[PRINT_SIZE];

    print_time(tui->now, clock);
    say(out, "%sCALL SHEET  desk %s  %s  %s\nNothing on it has been sent by this console.\n\n",
        tui->source.drill ? "DRILL  DRILL  DRILL\n" : "", tui_tables(tui)->book.desk, clock,
        tui->session->person);
    for (uint32_t p = 0; p < tui_tables(tui)->position_count; p++)
        if (list_is_tagged(&tui->sheet, p))
            sheet_line(tui, p, out);
}

static const struct {
    const char *ending;
    void (*make)(const struct tui *tui, struct text *out);
    bool table; /* needs a screen with a table */
} formats[] = {{".csv", to_csv, true},
               {".json", to_json, true},
               {".txt", to_text, true},
               {".sheet", to_sheet, false}};

static bool ends_with(const char *name, const char *ending)
{
    size_t length = strlen(name), tail = strlen(ending);

    return length > tail && strcmp(name + length - tail, ending) == 0;
}

int export_panel(struct tui *tui, const char *name, char *why, size_t why_room)
{
    struct text out = {.length = 0};
    int result = -1, columns = tui->columns;

    snprintf(why, why_room, "the name must end in .csv, .json, .txt or .sheet");
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (!ends_with(name, formats[i].ending))
            continue;
        if (formats[i].table && !panels[tui->panel]->columns) {
            snprintf(why, why_room, "this screen has no table");
            break;
        }
        if (formats[i].make == to_sheet && tui->sheet.tagged == 0) {
            snprintf(why, why_room, "the call sheet is empty: offline, x puts positions on it");
            break;
        }
        tui->columns = CANVAS_COLUMNS; /* names in full, whatever the terminal's width */
        formats[i].make(tui, &out);
        tui->columns = columns;
        if (out.failed)
            snprintf(why, why_room, "too much for one file");
        else
            result = tui->calls.write(tui->calls.owner, name, out.bytes ? out.bytes : "",
                                      out.length, why, why_room);
        break;
    }
    free(out.bytes);
    return result;
}
